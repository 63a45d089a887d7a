"""What a driver needs of the world: a clock, a way to the manager, and a place to keep the state.

They are protocols, so that the same driver runs in production, on a scenario's clock, and in tests.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol
from uuid import UUID

from smartlic._gate import Now, StateFolder, read_clock

__all__ = ["Clock", "FolderStore", "MemoryStore", "NoAnswer", "Store", "SystemClock", "Transport", "VirtualClock"]

_MICROSECOND = timedelta(microseconds=1)
_SOME_BOOT = UUID(int=1)


class Clock(Protocol):
    """Looks at the machine's clocks (RULES T1) and waits."""

    def now(self) -> Now:
        """The wall clock, the boot clock and the boot's identity."""

    def wait(self, length: timedelta) -> None:
        """Comes back after ``length``, or earlier."""


class NoAnswer(Exception):
    """The exchange brought nothing that could be an answer (RULES E6): the table's code, and an unsigned hint."""

    def __init__(self, code: str, detail: str, retry_after: timedelta | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.retry_after = retry_after


class Transport(Protocol):
    """Carries one request to the manager and brings back what it said, unjudged."""

    def exchange(self, request: bytes, licensing_time: datetime) -> bytes:
        """The body of an HTTP 200. Raises ``NoAnswer`` for everything else."""


class Store(Protocol):
    """Keeps one state durable: after ``save`` returns, it is what ``load`` gives, whatever happens."""

    def load(self) -> bytes | None:
        """The last state saved; None if there never was one."""

    def save(self, state: bytes) -> None:
        """Replaces the state, whole or not at all. Raises ``StorageError``."""

    def close(self) -> None:
        """Lets others have it."""


class SystemClock:
    """This machine's clocks. Setting ``stop`` ends a wait early."""

    def __init__(self) -> None:
        self.stop = threading.Event()

    def now(self) -> Now:
        """Reads CLOCK_REALTIME, CLOCK_BOOTTIME and the boot's identity."""
        return read_clock()

    def wait(self, length: timedelta) -> None:
        """Sleeps, until the time is over or ``stop`` is set."""
        self.stop.wait(max(0.0, length.total_seconds()))


class VirtualClock:
    """A clock that shows what it is set to, and on which waiting takes no time; one boot, wall and boot clock agree."""

    def __init__(self, start: datetime, *, boot: int = 0, boot_id: UUID = _SOME_BOOT) -> None:
        self.time = start
        self._start, self._boot, self._boot_id = start, boot, boot_id

    def now(self) -> Now:
        """The time it is set to."""
        boot = self._boot + (self.time - self._start) // _MICROSECOND * 1000
        return Now(wall=self.time, boot=boot, boot_id=self._boot_id)

    def wait(self, length: timedelta) -> None:
        """Time passes at once."""
        self.time += length


class FolderStore:
    """A state folder on disk: locked for one process, atomic, checksummed, readable by its owner only."""

    def __init__(self, path: str | Path, *, create: bool = False) -> None:
        self._folder = StateFolder(path, create=create)

    def load(self) -> bytes | None:
        """See ``Store.load``. Raises ``StorageError`` for a damaged or foreign state."""
        return self._folder.load()

    def save(self, state: bytes) -> None:
        """See ``Store.save``."""
        self._folder.save(state)

    def close(self) -> None:
        """Releases the lock."""
        self._folder.close()


class MemoryStore:
    """Keeps the state in memory, for simulation and tests."""

    def __init__(self, state: bytes | None = None) -> None:
        self.state = state

    def load(self) -> bytes | None:
        """See ``Store.load``."""
        return self.state

    def save(self, state: bytes) -> None:
        """See ``Store.save``."""
        self.state = state

    def close(self) -> None:
        """Does nothing."""
