"""Where a log comes from: files, plain or gzip, rotated sets in their order, pipes, bytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from smartlic import _gate
from smartlic.errors import InputError

__all__ = ["Feed", "head_of", "in_order", "pieces_of", "stream_pieces", "where"]

Feed = Callable[[bytes | memoryview, float], None]
"""Takes the next bytes, and which share of the whole has been read then (0 to 1)."""

_PIECE = 1 << 20
_GZIP = b"\x1f\x8b"

# `sml.log.3`, `sml.log.2017-05-09`, `sml.log.20170509`, each also with `.gz`: how log4j and logrotate name what they
# put away. A number grows with age, a date does not.
_ROTATED = re.compile(r"(?P<base>.+?)(?:[.-](?:(?P<date>\d{4}-?\d{2}-?\d{2}[\d-]*)|(?P<number>\d{1,5})))?(?:\.gz)?")


def in_order(paths: Iterable[str | Path]) -> list[Path]:
    """The files of a log, the oldest first; a folder stands for the ``*.log*`` in it.

    Raises ``InputError`` (not_found) for what is not there, and for a folder without a log.
    """
    found: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            inside = [each for each in path.iterdir() if each.is_file() and ".log" in each.name]
            if not inside:
                raise InputError(f"{path}: there is no *.log* in this folder", "not_found", "after_change")
            found += inside
        elif path.exists():
            found.append(path)
        else:
            raise InputError(f"cannot read {path}: there is no such file", "not_found", "after_change")
    bases = list(dict.fromkeys(_parts(path)[0] for path in found))
    return sorted(dict.fromkeys(found), key=lambda path: (bases.index(_parts(path)[0]), *_parts(path)[1:]))


def _parts(path: Path) -> tuple[str, int, str, int]:
    """The log that a file is of; and what sorts the files of one log: those with a number, a date, neither."""
    match = _ROTATED.fullmatch(path.name)
    assert match is not None
    base, date, number = str(path.with_name(match["base"])), match["date"], match["number"]
    if number:
        return base, 0, "", -int(number)
    return (base, 1, date.replace("-", ""), 0) if date else (base, 2, "", 0)


def head_of(path: Path, size: int = 1 << 16) -> bytes:
    """How a plain file begins; of what is no plain file nothing, as it can be read only once.

    Raises ``InputError`` (not_found) if it cannot be read.
    """
    if not path.is_file():
        return b""
    try:
        with path.open("rb") as opened:
            return opened.read(size)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}", "not_found", "after_change") from error


def pieces_of(path: Path, feed: Feed) -> str | None:
    """Feeds a file's bytes, inflated if it is gzip. Gives what is wrong with a damaged gzip file, after what could be
    read of it. Raises ``InputError`` (not_found), ``StorageError`` (storage_failed)."""
    if path.is_file():

        def take(piece: memoryview, done: int, size: int) -> bool:
            feed(piece, done / size if size else 1.0)
            return True

        return _gate.each_piece(path, take)
    try:
        with path.open("rb") as opened:  # a pipe
            for piece in stream_pieces(opened):
                feed(piece, 0.0)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}", "not_found", "after_change") from error
    return None


def stream_pieces(stream: BinaryIO) -> Iterator[bytes]:
    """The bytes of a stream to its end, inflated if they are gzip; what follows damage in it is left out."""
    import zlib

    first = stream.read(_PIECE)
    inflater = zlib.decompressobj(wbits=31) if first.startswith(_GZIP) else None
    piece = first
    while piece:
        if inflater is None:
            yield piece
        else:
            while piece:
                try:
                    yield inflater.decompress(piece)
                except zlib.error:
                    return
                piece = inflater.unused_data
                if piece:
                    inflater = zlib.decompressobj(wbits=31)
        piece = stream.read(_PIECE)


def where(names: Sequence[str], place: tuple[int, int, int]) -> str:
    """``line 144``, ``lines 144-146``; with the file's name if there are several."""
    source, first, last = place
    lines = f"line {first}" if first == last else f"lines {first}-{last}"
    return f"{Path(names[source]).name}, {lines}" if len(names) > 1 else lines
