"""Checks the include graph of cpp/: which room may include which, and which file may include which library (DESIGN 3).

`check_includes.py [CPP_FOLDER]` prints one line for each include that is not allowed, and exits 1 if there is one.
The tables below are the rule; cpp/CMakeLists.txt has the same arrows, for the linker.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

_RULES = {"foundation", "rules"}
_MESSAGE = {"foundation", "identity", "message"}
_LICENSING = _RULES | _MESSAGE | {"licensing"}
_IO_LOCAL = {"foundation", "admission", "io/local"}

# What each room may include: itself and the rooms below it. No room of the core may include io/.
ARROWS: dict[str, set[str]] = {
    "foundation": {"foundation"},
    "rules": _RULES,
    "admission": {"foundation", "admission"},
    "identity": {"foundation", "identity"},
    "message": _MESSAGE,
    "licensing": _LICENSING,
    "simulation": _LICENSING | {"admission", "simulation"},
    "logs": {"foundation", "logs"},
    "io/local": _IO_LOCAL,
    "io/net": {"foundation", "io/net"},
    "capi": _IO_LOCAL | {"capi"},
}
# Programs over the library, not rooms of it.
UNCHECKED_ROOMS = {"examples"}

# Which files may include which library headers; a header that matches no pattern is free. The first match decides.
LIBRARIES: list[tuple[str, list[str]]] = [
    ("nlohmann/json_fwd.hpp", ["message/*", "licensing/*"]),
    ("nlohmann/*", ["message/json.cpp"]),
    ("openssl/*", ["identity/*", "io/net/*"]),
    ("curl/*", ["io/net/*"]),
    ("zlib.h", ["io/local/*"]),
    ("pybind11/*", []),
    ("Python.h", []),
]

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.MULTILINE)


def room_of(path: str) -> str:
    """The room of a path below cpp/: its first folder, or the first two within io/."""
    parts = path.split("/")
    return "/".join(parts[: 2 if parts[0] == "io" else 1])


def violations(cpp: Path) -> Iterator[str]:
    """One sentence, beginning with file and line, for each include below `cpp` that the tables do not allow."""
    for file in sorted(p for p in cpp.rglob("*") if p.suffix in {".cpp", ".hpp"}):
        path = file.relative_to(cpp).as_posix()
        room = room_of(path)
        if room in UNCHECKED_ROOMS:
            continue
        if room not in ARROWS:
            yield f"{path}:1: the room {room} has no arrows; add it to scripts/check_includes.py"
            continue
        text = file.read_text(encoding="utf-8")
        for match in _INCLUDE.finditer(text):
            reason = _refusal(cpp, path, quoted=match[1] == '"', header=match[2])
            if reason:
                yield f"{path}:{text.count(chr(10), 0, match.start()) + 1}: {reason}"


def _refusal(cpp: Path, path: str, *, quoted: bool, header: str) -> str | None:
    for pattern, allowed in LIBRARIES:
        if fnmatch(header, pattern):
            if any(fnmatch(path, where) for where in allowed):
                return None
            return f"<{header}> may be included only in {' and '.join(allowed) or 'bindings/'}"
    if not quoted:
        return f'"{header}" is ours and is included with quotes' if (cpp / header).exists() else None
    if not (cpp / header).exists():
        return f'"{header}" is not a path from cpp/'
    room, target = room_of(path), room_of(header)
    return None if target in ARROWS[room] else f"{room} may not include {target} ({header})"


def main(arguments: list[str]) -> int:
    """Checks the folder given, or this repository's cpp/."""
    cpp = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent / "cpp"
    found = list(violations(cpp))
    for line in found:
        print(f"cpp/{line}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
