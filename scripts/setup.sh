#!/usr/bin/env bash
# Installs the system packages that smartlic is built and checked with: by itself when it may, else it prints the one
# command to run. It says nothing and takes a fraction of a second when nothing is missing.
set -euo pipefail

packages=(
  g++ clang-16 clang-tidy-16 clang-format-16 libclang-rt-16-dev cmake ninja-build ccache make pkg-config
  libssl-dev libcurl4-openssl-dev zlib1g-dev nlohmann-json3-dev libgtest-dev libgmock-dev libbenchmark-dev
  python3 python3-venv python3-dev openssl ca-certificates git
  kamailio kamailio-python3-modules sip-tester
)

if ! command -v dpkg-query >/dev/null; then
  missing=()
  for tool in g++ cmake ninja python3 openssl git; do
    command -v "$tool" >/dev/null || missing+=("$tool")
  done
  if [ ${#missing[@]} -gt 0 ]; then
    echo "smartlic needs ${missing[*]}; on Debian 12 these packages have all that it uses: ${packages[*]}" >&2
    exit 1
  fi
else
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null | sed -n 's/^installed //p' || true)
  missing=()
  for package in "${packages[@]}"; do
    grep -qxF "$package" <<<"$installed" || missing+=("$package")
  done
  if [ ${#missing[@]} -gt 0 ]; then
    if [ "$(id -u)" -eq 0 ]; then
      sudo=()
    elif sudo -n true 2>/dev/null; then
      sudo=(sudo -n)
    else
      echo "Some system packages are missing. Run this, then the same command again:" >&2
      echo "  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing[*]}" >&2
      exit 1
    fi
    echo "Installing system packages: ${missing[*]}"
    "${sudo[@]}" apt-get update -qq
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  fi
fi

python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "smartlic needs Python 3.11 or newer; $(command -v python3) is $(python3 --version)." >&2
  exit 1
}
