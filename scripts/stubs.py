"""Writes the type stubs of the compiled modules, or compares them with the ones in the tree (`--check`).

They are generated from the smartlic installed in this environment by a pinned pybind11-stubgen, so they cannot drift
from the code: lint runs the comparison. Exits 1 if they differ, or if a signature names a type that Python cannot.
"""

from __future__ import annotations

import difflib
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

MODULES = ("smartlic._gate", "smartlic._core", "smartlic._io")
PACKAGE = Path(__file__).resolve().parent.parent / "python" / "smartlic"


def generate(folder: Path) -> dict[str, str]:
    """The stubs of all modules, {path within the package: text}; `folder` is written to. Raises CalledProcessError."""
    for module in MODULES:
        command = [sys.executable, "-m", "pybind11_stubgen", module, "--output-dir", str(folder), "--exit-code"]
        # Away from the checkout: the installed module is meant, not the sources beside this script.
        subprocess.run(command, check=True, cwd=folder)
    root = folder / "smartlic"
    return {
        path.relative_to(root).as_posix(): corrected(path.read_text(encoding="utf-8")) for path in root.rglob("*.pyi")
    }


def corrected(stub: str) -> str:
    """What the generator writes in a way that mypy does not take: enum members, bare generics, untyped varargs."""
    if re.search(r"^class \w+\(enum\.Enum\)", stub, re.MULTILINE):
        stub = re.sub(r"^    (\w+): typing\.ClassVar\[\w+\]$", r"    \1 = ...", stub, flags=re.MULTILINE)
        stub = re.sub(r"    @classmethod\n    def __new__\(cls, value\):\n        \.\.\.\n", "", stub)
    stub = re.sub(r"os\.PathLike\b(?!\[)", "os.PathLike[str]", stub)
    return re.sub(r"(\*{1,2}(?:args|kwargs))(?=[,)])", r"\1: typing.Any", stub)


def in_tree() -> dict[str, str]:
    """The stubs that are committed, as `generate` gives them."""
    return {path.relative_to(PACKAGE).as_posix(): path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.pyi")}


def write(stubs: dict[str, str]) -> None:
    """Puts these stubs, and no others, into the package."""
    for name in in_tree().keys() - stubs.keys():
        (PACKAGE / name).unlink()
    for name, text in stubs.items():
        (PACKAGE / name).parent.mkdir(exist_ok=True)
        (PACKAGE / name).write_text(text, encoding="utf-8")


def difference(old: dict[str, str], new: dict[str, str]) -> str:
    """A unified diff of two sets of stubs; empty if they are the same."""
    lines: list[str] = []
    for name in sorted(old.keys() | new.keys()):
        before, after = (side.get(name, "").splitlines(keepends=True) for side in (old, new))
        lines += difflib.unified_diff(before, after, f"committed/{name}", f"generated/{name}")
    return "".join(lines)


def main(arguments: list[str]) -> int:
    """Writes, or with `--check` compares."""
    folder = Path(tempfile.mkdtemp())
    try:
        stubs = generate(folder)
    finally:
        shutil.rmtree(folder)
    if arguments != ["--check"]:
        write(stubs)
        return 0
    drift = difference(in_tree(), stubs)
    if drift:
        print(drift, "The stubs are not those of the built modules: run `make stubs` and commit them.", sep="\n")
    return 1 if drift else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
