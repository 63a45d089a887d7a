"""Where a device should have asked, or renewed, and its log has nothing of it (E8, D1, D7)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from smartlic.logs.exchanges import Exchange, Place
from smartlic.times import about, stamp

if TYPE_CHECKING:
    from smartlic._core import LogEntry, LogRun

__all__ = ["Gap", "gaps_of"]

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_JITTER = 0.05  # of a regular ask (E8)
_RETRY = timedelta(hours=12)  # the longest that a device waits after no answer (E8)


@dataclass(frozen=True)
class Gap:
    """Something was due and is missing until then; open: up to the log's end. place: of what came at last, else of the
    entry before it."""

    due: datetime
    until: datetime
    text: str
    place: Place
    open: bool


def gaps_of(
    exchanges: Sequence[Exchange], entries: Sequence[LogEntry], runs: Sequence[LogRun], seen: datetime | None
) -> Iterator[Gap]:
    """Those of requests, then those of renewals."""
    around = _Around(entries, runs)
    for each, after in pairwise([*exchanges, None]):
        begun = each.at if each and each.answer else each.first.at if each else None
        interval = each.retry if each and each.answer else _RETRY
        if each is None or begun is None or interval is None:
            continue
        until = after.first.at if after else seen
        if until is not None and until - begun > interval * (1 + _JITTER) + _HOUR:
            yield around.gap("a request", begun + interval, until, each.first, after.first if after else None)
    certificates = [each for each in entries if each.kind in ("registration", "renewal")]
    for entry, later in pairwise([*certificates, None]):
        if entry is None or entry.at is None or entry.renew_interval is None or _replaced(entry, entries):
            continue
        until = later.at if later else seen
        if until is not None and until - entry.at > entry.renew_interval * (1 + _JITTER) + _DAY:
            due = entry.at + entry.renew_interval
            yield around.gap("the renewal of the ID certificate", due, until, entry, later)


def _replaced(issued: LogEntry, entries: Sequence[LogEntry]) -> bool:
    """Whether later requests carry another ID certificate: then it was renewed, and the log does not tell."""
    return any(
        each.id_certificate != issued.id_certificate
        for each in entries
        if each.kind == "authorization_request" and each.lines > issued.lines
        if each.id_certificate is not None and issued.id_certificate is not None
    )


class _Around:
    """What a log has of a stretch of time: how long the process ran, and how many failures there are."""

    def __init__(self, entries: Sequence[LogEntry], runs: Sequence[LogRun]) -> None:
        self._failures = sorted(each.at for each in entries if each.kind == "failure" and each.at)
        dated = sorted((run.first_at, run.last_at) for run in runs if run.first_at and run.last_at)
        self._runs, self._ends = dated, [end for _, end in dated]

    def gap(self, what: str, due: datetime, until: datetime, before: LogEntry, after: LogEntry | None) -> Gap:
        """The words of it."""
        ran, most = self._ran(due, until), until - due
        failed = bisect_right(self._failures, until) - bisect_left(self._failures, due)
        if ran < most * 0.02:
            why = "the process wrote nothing then"
        else:
            why = "the process ran" if ran > most * 0.98 else f"the process ran for {about(ran)} of it"
            why += f", {failed} failure{'s' if failed != 1 else ''} in it" if failed else ", and no failure is logged"
        end = f"it came {about(most)} late, {stamp(until)}" if after else "up to the log's end"
        text = f"{what} was due {stamp(due)} and is missing: {end}; {why}"
        return Gap(due, until, text, after.lines if after else before.lines, open=after is None)

    def _ran(self, start: datetime, end: datetime) -> timedelta:
        ran = timedelta(0)
        for first, last in self._runs[bisect_left(self._ends, start) :]:
            if first >= end:
                break
            ran += max(timedelta(0), min(end, last) - max(start, first))
        return ran
