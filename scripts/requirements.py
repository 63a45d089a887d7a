"""Prints what smartlic's development environment needs from PyPI, one requirement a line, read from pyproject.toml.

That is everything but smartlic itself: the build requirements (so that builds need no isolated environment and stay
incremental), the dependencies, and all the extras.
"""

from __future__ import annotations

import tomllib
from pathlib import Path


def requirements(pyproject: str) -> list[str]:
    """Build requirements, dependencies and extras of the given pyproject.toml text, without references to itself."""
    table = tomllib.loads(pyproject)
    project = table["project"]
    found = [*table["build-system"]["requires"], *project["dependencies"]]
    for extra in project["optional-dependencies"].values():
        found += extra
    return sorted({line for line in found if not line.startswith(f"{project['name']}[")})


if __name__ == "__main__":
    print(*requirements((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8")), sep="\n")
