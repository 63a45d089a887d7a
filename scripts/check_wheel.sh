#!/usr/bin/env bash
# Builds the wheel with an isolated `pip wheel`, as a stranger would, and uses it away from the checkout, in an empty
# virtual environment, with no compiler on PATH.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m pip wheel -q --no-deps --wheel-dir "$folder/wheel" .
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install -q "$folder"/wheel/smartlic-*.whl
cd "$folder"
for command in "python -c 'import smartlic'" "smartlic whatif" "smartlic states --svg states.svg"; do
  echo "$ $command"
  env -i HOME="$folder" PATH="$folder/venv/bin" "$BASH" -c "$command"
done
