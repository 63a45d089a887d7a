"""Prints the line coverage of the rooms that the rules live in, and exits 1 if one is below the limit.

`coverage.py BUILD` reads, with gcovr, what the tests of a build with the `coverage` preset have left in BUILD.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOMS = ("rules", "message", "identity", "admission")
LIMIT = 90.0  # per cent
ROOT = Path(__file__).resolve().parent.parent


def coverage(build: str, room: str) -> tuple[int, int]:
    """(lines reached, lines) of a room. Raises CalledProcessError if there is nothing to read."""
    command = [sys.executable, "-m", "gcovr", "--root", str(ROOT), "--object-directory", build]
    options = ["--filter", f"cpp/{room}/", "--json-summary", "-", "--gcov-ignore-parse-errors", "suspicious_hits.warn"]
    # Not the whole build folder: CMake's own trial programs were compiled with the same flags, and have no source.
    folders = [f"{build}/cpp", f"{build}/tests"]
    found = subprocess.run([*command, *options, *folders], check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    summary = json.loads(found.stdout)
    return summary["line_covered"], summary["line_total"]


def main(arguments: list[str]) -> int:
    """Checks the build folder given."""
    low = []
    for room in ROOMS:
        reached, lines = coverage(arguments[0], room)
        per_cent = 100 * reached / lines if lines else 0.0
        print(f"{room:10} {per_cent:5.1f} %  {reached} of {lines} lines")
        if per_cent < LIMIT:
            low.append(room)
    if low:
        print(f"Line coverage below {LIMIT:.0f} %: {', '.join(low)}.")
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
