"""Reading on in a log that grows and is rotated, as `tail -F` does."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from smartlic.logs.log import Log, log_of
from smartlic.logs.sources import in_order, pieces_of

__all__ = ["Follower"]

_PIECE = 1 << 20


class Follower:
    """A log that is read as far as it goes, and on from there with each ``poll``; the last of its files is the one that
    grows. It waits for nothing: the caller says when to look again. Close it, or use it in a ``with`` block.

    A file that is renamed is read to its end before the new one of its name is begun; one that is cut is begun anew.
    Raises as ``read_log``.
    """

    def __init__(self, *paths: str | Path) -> None:
        from smartlic._core import LogReader

        *before, self._path = in_order(paths)
        self._reader, self._damaged = LogReader(), list[str]()
        self._names = [str(path) for path in before]
        for path in before:
            self._reader.begin_source()
            if wrong := pieces_of(path, lambda piece, _share: self._reader.feed(piece)):
                self._damaged.append(f"{path.name}: {wrong}")
        self._file: BinaryIO | None = None
        self._whole_lines = True
        self._open()

    def poll(self) -> bool:
        """Reads what has come; returns whether it was anything. An entry that nothing follows is complete by then."""
        grown = self._read()
        while self._rotated():
            grown = self._read() or grown  # what came between the two looks
            self._reader.finish()
            self._names[-1] += " (before)"
            self._open()
            grown = self._read() or grown
        if not grown and self._whole_lines:
            before = self._reader.counts
            self._reader.finish()
            return bool(self._reader.counts != before)
        return grown

    @property
    def log(self) -> Log:
        """What has been read so far."""
        return log_of(self._reader, self._names, self._damaged)

    def close(self) -> None:
        """Lets go of the file; doing so again does nothing."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> Follower:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self) -> None:
        """Begins the file of the name, if there is one: between the two steps of a rotation there is none."""
        self.close()
        try:
            self._file = self._path.open("rb")
        except FileNotFoundError:
            return
        self._reader.begin_source()
        self._names.append(str(self._path))
        self._whole_lines = True

    def _read(self) -> bool:
        grown = False
        while self._file is not None and (piece := self._file.read(_PIECE)):
            self._reader.feed(piece)
            self._whole_lines = piece.endswith(b"\n")
            grown = True
        return grown

    def _rotated(self) -> bool:
        """Whether another file has the name now, or this one was cut."""
        try:
            there = self._path.stat()
        except FileNotFoundError:
            return False
        if self._file is None:
            return True
        held = os.fstat(self._file.fileno())
        return (held.st_dev, held.st_ino) != (there.st_dev, there.st_ino) or there.st_size < self._file.tell()
