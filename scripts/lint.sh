#!/usr/bin/env bash
# All static checks. Each runs even if one before it failed; the last line says which did.
set -uo pipefail
cd "$(dirname "$0")/.."

failed=()
check() {
  local name=$1 started=$SECONDS output
  shift
  if output=$("$@" 2>&1); then
    printf 'ok      %-22s %3d s\n' "$name" $((SECONDS - started))
  else
    printf 'FAILED  %-22s %3d s\n%s\n' "$name" $((SECONDS - started)) "$output"
    failed+=("$name")
  fi
}

cpp_format() { git ls-files -z '*.cpp' '*.hpp' | xargs -0 clang-format-16 --dry-run --Werror; }

clang_tidy() {
  cmake --preset tidy >/dev/null || return 1
  # Only findings are printed, not the command line of each file.
  run-clang-tidy-16 -quiet -j "${JOBS:-2}" -p build/tidy "$PWD/(cpp|bindings)/" 2>/dev/null >build/tidy/findings.txt && return 0
  grep -vE '^clang-tidy-16 |^$' build/tidy/findings.txt
  return 1
}

check "shell syntax" bash -n scripts/*.sh .ci/run
check "C++ format" cpp_format
check "Python format" ruff format --check
check "ruff" ruff check
check "mypy --strict" mypy
check "stubs" python scripts/stubs.py --check
check "docs/ERRORS.md" python scripts/errors_doc.py --check
check "include graph" python scripts/check_includes.py
check "purity" python scripts/check_purity.py build/python
check "sizes, suppressions" python scripts/check_style.py
check "clang-tidy" clang_tidy

if [ ${#failed[@]} -gt 0 ]; then
  echo "lint failed: ${failed[*]}"
  exit 1
fi
echo "lint passed"
