"""Requests and their answers, and what an answer grants (S15, S16, E5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from smartlic.logs.licences import Licence, compliance, licence_of
from smartlic.logs.standing import AUTHORIZATION_PERIOD

if TYPE_CHECKING:
    from smartlic._core import LogEntry

__all__ = ["MODES", "Exchange", "Place", "exchanges_of"]

Place = tuple[int, int, int]
"""A source's number, and the first and last line in it."""

MODES: dict[bool | None, str] = {True: "InCompliance", False: "OutOfCompliance"}

_LONGEST_RETRY = timedelta(days=3660)  # what is longer is damage


@dataclass(frozen=True)
class Exchange:
    """A request and its answer; either may be missing."""

    request: LogEntry | None
    answer: LogEntry | None

    @property
    def first(self) -> LogEntry:
        """The request, or else the answer."""
        found = self.request or self.answer
        assert found is not None
        return found

    @property
    def licences(self) -> tuple[Licence, ...]:
        """What was requested."""
        return tuple(map(licence_of, self.request.entitlements)) if self.request else ()

    @property
    def at(self) -> datetime | None:
        """When it was answered, by the device's clock, else by the manager's (D3)."""
        return (self.answer.at or self.answer.answered) if self.answer else None

    @property
    def start(self) -> datetime | None:
        """When the authorization began (D2); where that cannot be read, what follows from what was left (D3), else when
        the answer came, which is not before it."""
        answer = self.answer
        if answer is None:
            return None
        if answer.start_date is not None or answer.at is None:
            return answer.start_date
        left = answer.expiry if answer.expiry is not None and answer.expiry <= AUTHORIZATION_PERIOD else None
        return answer.at if left is None else answer.at + left - AUTHORIZATION_PERIOD

    @property
    def end(self) -> datetime | None:
        """When the authorization's own period is over (E5)."""
        return self.start + AUTHORIZATION_PERIOD if self.start else None

    @property
    def grants(self) -> bool:
        """Whether the answer is taken in: one whose own period was over when it came changes nothing (E5)."""
        return self.end is not None and (self.at is None or self.at < self.end)

    @property
    def compliant(self) -> bool | None:
        """What the answer said; None of words that are not known."""
        return compliance(self.answer.compliance_status) if self.answer else None

    @property
    def retry(self) -> timedelta | None:
        """After how long the device was told to ask again (D7)."""
        told = self.answer.retry_interval if self.answer else None
        return told if told is not None and told <= _LONGEST_RETRY else None


def exchanges_of(entries: Iterable[LogEntry]) -> Iterator[Exchange]:
    """An answer belongs to the request before it, in the same run of the process."""
    open_: LogEntry | None = None
    for entry in entries:
        if entry.kind == "authorization_request":
            if open_:
                yield Exchange(open_, None)
            open_ = entry
        elif entry.kind == "authorization":
            if open_ and open_.run != entry.run:
                yield Exchange(open_, None)
                open_ = None
            yield Exchange(open_, entry)
            open_ = None
    if open_:
        yield Exchange(open_, None)
