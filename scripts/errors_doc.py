"""Writes docs/ERRORS.md from the one error table, or with --check says whether it is up to date."""

from __future__ import annotations

import sys
from pathlib import Path

from smartlic._gate import error_table

FILE = Path(__file__).parent.parent / "docs" / "ERRORS.md"

HEAD = """\
# Errors

Written by `scripts/errors_doc.py` from the table in `cpp/foundation/errors.cpp`; do not edit. In Python each is an
exception of the class below with this `.code`. *Effect* is what a refusal with this code, signed by the manager, does
to a device (RULES M9); codes without one are never refusals.

| code | class | what happened, and what to do | retry | effect | stops |
|---|---|---|---|---|---|
"""


def document() -> str:
    """The whole page."""
    rows = []
    for row in error_table():
        cells = (f"`{row['code']}`", row["exception"], row["sentence"], row["retry"], row["effect"] or "", row["stops"])
        rows.append("| " + " | ".join(str(cell) for cell in cells) + " |\n")
    return HEAD + "".join(rows)


def main() -> int:
    """Writes or checks."""
    if sys.argv[1:] == ["--check"]:
        if FILE.exists() and FILE.read_text(encoding="utf-8") == document():
            return 0
        print(f"{FILE.name} is not what the table says; run scripts/errors_doc.py", file=sys.stderr)
        return 1
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(document(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
