#!/usr/bin/env bash
# `make fresh`: whether a stranger's machine is enough. In a bare Debian 12 (debootstrap's minbase plus sudo, git, make), as
# an ordinary user with passwordless sudo, a clone of this checkout's HEAD runs `make demo` and `make test`; or the targets
# that are given as arguments.
#
# This machine's package-client settings (apt, pip, certificates) are copied into the root while it exists; nothing of
# them is committed. The root, its mounts and its processes are gone when this ends, however it ends. The log with its
# summary is .cache/fresh.log; the untouched minbase is kept as .cache/bookworm.tar.
set -euo pipefail

readonly user=engineer
# What `make demo` and `make test` print and the summary repeats: the closing lines of the runners, and the demo's promise.
readonly closing='tests passed|tests failed| passed| failed|Calls stop'

main() {
  [ "$(id -u)" -eq 0 ] || exec sudo --preserve-env "$0" "$@"
  cd "$(dirname "$0")/.."
  for tool in debootstrap unshare git tar; do
    command -v "$tool" >/dev/null || { echo "make fresh needs $tool: sudo apt-get install $tool" >&2; exit 1; }
  done
  mkdir -p .cache
  root=$(mktemp -d)
  trap 'rm -rf --one-file-system "$root"' EXIT
  trap 'exit 130' INT TERM

  bare_debian
  chmod 755 "$root"  # mktemp made it for root alone
  package_client_settings
  ordinary_user
  git clone --quiet "file://$PWD" "$root/home/$user/smartlic"
  git -C "$root/home/$user/smartlic" checkout --quiet --detach "$(git rev-parse HEAD)"
  chroot "$root" chown -R "$user:" "/home/$user"

  # Mounts and processes live in namespaces of their own, so that they end with the last of them.
  unshare --mount --pid --fork --kill-child --propagation private "$0" --inside "$root" "${@:-demo test}" 2>&1 | tee .cache/fresh.log
}

bare_debian() {
  local tarball=.cache/bookworm.tar mirror
  if [ ! -f "$tarball" ]; then
    mirror=$(apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 2>/dev/null | sed -n '/^bookworm /{s///p;q}' || true)
    debootstrap --variant=minbase --include=sudo,git,make,ca-certificates bookworm "$root" ${mirror:+"$mirror"}
    tar -C "$root" --one-file-system -cf "$tarball.part" . && mv "$tarball.part" "$tarball"
  else
    tar -C "$root" -xf "$tarball"
  fi
}

package_client_settings() {
  shopt -s nullglob
  rm -f "$root"/etc/apt/sources.list
  for path in /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources} /etc/apt/auth.conf /etc/apt/auth.conf.d/* \
    /etc/apt/keyrings/* /etc/apt/trusted.gpg.d/* /etc/pip.conf /usr/local/share/ca-certificates/*; do
    [ ! -e "$path" ] || install -D -m 644 "$path" "$root$path"
  done
  apt-config dump Acquire >"$root/etc/apt/apt.conf.d/99client"
  chroot "$root" update-ca-certificates >/dev/null 2>&1
  cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
  { env | grep -E '^(PIP_|[a-zA-Z]+_(proxy|PROXY)=)' || true; } >"$root/etc/client-environment"
}

ordinary_user() {
  chroot "$root" useradd --create-home --shell /bin/bash "$user"
  echo "$user ALL=(ALL) NOPASSWD: ALL" >"$root/etc/sudoers.d/$user"
  local config=$HOME/.config/pip/pip.conf
  [ ! -f "$config" ] || install -D -m 644 "$config" "$root/home/$user/.config/pip/pip.conf"
}

# In the namespaces: inside ROOT TARGET...
inside() {
  local root=$1 summary=() status=0 started log target
  shift
  mount --bind "$root" "$root"
  mount -t proc proc "$root/proc"
  mount -t sysfs -o ro sysfs "$root/sys"
  mount --rbind /dev "$root/dev"
  mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"

  for target in $*; do
    started=$SECONDS log=$root/make.log
    as_user "$root" "make $target" | tee "$log" || status=1
    summary+=("make $target: $([ $status -eq 0 ] && echo passed || echo FAILED), $((SECONDS - started)) s")
    while IFS= read -r line; do summary+=("  $line"); done < <(grep -E "$closing" "$log" | tail -n 4)
    [ $status -eq 0 ] || break
  done

  printf '\n===== make fresh: %s, commit %s, user %s (uid %s)\n' "$(as_user "$root" '. /etc/os-release; echo $PRETTY_NAME')" \
    "$(as_user "$root" 'git rev-parse --short HEAD')" "$user" "$(as_user "$root" 'id -u')"
  printf '%s\n' "${summary[@]}"
  return $status
}

# Runs a command in the clone, with an environment that has nothing of this machine but its package clients' settings.
as_user() {
  local settings
  mapfile -t settings <"$1/etc/client-environment"
  chroot --userspec="$user:$user" "$1" env -i HOME="/home/$user" USER="$user" LANG=C.UTF-8 \
    PATH=/usr/local/bin:/usr/bin:/bin "${settings[@]}" bash -c "cd ~/smartlic && $2" </dev/null 2>&1
}

if [ "${1-}" = --inside ]; then
  inside "${@:2}"
else
  main "$@"
fi
