#!/usr/bin/env bash
# fuzz.sh BUILD SECONDS: runs each libFuzzer target of BUILD from the committed vectors as seeds: those of its own name,
# as tests/vectors/logs for fuzz_logs, else the messages. New inputs go to BUILD, never into the tree; an input that
# breaks a target is left in BUILD/crashes, and the run fails.
set -euo pipefail

build=$1 seconds=$2
shopt -s nullglob
targets=("$build"/tests/fuzz/fuzz_*)
[ ${#targets[@]} -gt 0 ] || { echo "no fuzz target in $build" >&2; exit 1; }

mkdir -p "$build/crashes"
for target in "${targets[@]}"; do
  [ -x "$target" ] && [ -f "$target" ] || continue
  name=$(basename "$target")
  found=$build/found/$name
  seeds=tests/vectors/${name#fuzz_}
  [ -d "$seeds" ] || seeds=tests/vectors/v1/messages
  mkdir -p "$found"
  echo "== $name, $seconds s"
  "$target" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 \
    -artifact_prefix="$build/crashes/$name-" "$found" "$seeds"
done
