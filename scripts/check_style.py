"""Checks what no other tool counts: lines per file, suppressed warnings, and unfinished work, in the files git tracks.

Prints one line for each violation and exits 1 if there is one.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

MAX_LINES = 500
MAX_SUPPRESSIONS = 10

CODE = {".cpp", ".hpp", ".py", ".sh", ".cmake"}
# These speak of what they look for.
EXEMPT = {"scripts/check_style.py", "tests/python/test_checks.py"}

_SUPPRESSION = re.compile(r"NOLINT\w*(\(.+?\))?|#\s*noqa(: *[A-Z])?|#\s*type: *ignore(\[.+?\])?")
_UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|GTEST_SKIP|DISABLED_\w+)\b|pytest\.mark\.(skip|xfail)")


def violations(texts: dict[str, str]) -> Iterator[str]:
    """One sentence, beginning with file and line, for each violation in these files, {path: text}."""
    suppressions: list[str] = []
    for path, text in texts.items():
        lines = text.splitlines()
        if len(lines) > MAX_LINES:
            yield f"{path}:{MAX_LINES + 1}: {len(lines)} lines; a file has at most {MAX_LINES}"
        for number, line in enumerate(lines, 1):
            if found := _SUPPRESSION.search(line):
                suppressions.append(f"{path}:{number}: {line.strip()}")
                if not any(found.groups()):
                    yield f"{path}:{number}: a suppression names the check that it silences"
            if _UNFINISHED.search(line):
                yield f"{path}:{number}: unfinished or skipped: {line.strip()}"
    if len(suppressions) > MAX_SUPPRESSIONS:
        yield from suppressions
        yield f"{len(suppressions)} suppressed warnings; the whole tree has at most {MAX_SUPPRESSIONS}"


def tracked(root: Path) -> dict[str, str]:
    """The code that git tracks below `root`, {path: text}."""
    command = ["git", "-C", str(root), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
    paths = {name for name in names if Path(name).suffix in CODE or Path(name).name in {"Makefile", "CMakeLists.txt"}}
    return {
        name: (root / name).read_text(encoding="utf-8") for name in sorted(paths - EXEMPT) if (root / name).is_file()
    }


def main() -> int:
    """Checks this repository."""
    found = list(violations(tracked(Path(__file__).resolve().parent.parent)))
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
