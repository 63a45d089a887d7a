"""Calls of the past, offered to the gate once more: which it would have rejected, and why (RULES C2-C4)."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any

from smartlic._gate import CpsWindow
from smartlic.errors import InputError
from smartlic.extras import need
from smartlic.pictures.drawn import Drawn
from smartlic.times import iso, stamp

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Closure", "Replay", "replay"]

_NS = 10**9
_MOST_INTERVALS = 50_000_000


@dataclass(frozen=True)
class Closure:
    """The gate was closed from ``start`` to ``end`` (aware UTC; None: to the end of the calls).

    average: calls per second of the window before, which closed it. rejected: calls that came meanwhile.
    """

    start: datetime
    end: datetime | None
    average: float
    rejected: int


@dataclass(frozen=True, eq=False)
class Replay(Drawn):
    """What a gate that began with the first call makes of calls.

    arrivals: int64 nanoseconds since 1970, ascending, shape (calls,). admitted: bool, of that shape. limit: calls per
    second. policy: "average" or "immediate". interval: the length of an interval; intervals: how many a window has.
    """

    arrivals: NDArray[np.int64]
    admitted: NDArray[np.bool_]
    limit: int
    policy: str = "average"
    interval: timedelta = timedelta(seconds=30)
    intervals: int = 10
    _numpy: Any = field(default_factory=lambda: need("numpy", "frames"), repr=False)

    @property
    def rejected(self) -> int:
        """How many calls are rejected."""
        return len(self.arrivals) - int(self.admitted.sum())

    @property
    def start(self) -> datetime:
        """When the gate begins: the first call (aware UTC)."""
        return self._at(0)

    @property
    def window(self) -> timedelta:
        """The time over which the average is taken."""
        return self.interval * self.intervals

    @cached_property
    def offered_by_interval(self) -> NDArray[np.int64]:
        """Calls offered in each interval, shape (intervals up to the last call,)."""
        counts: NDArray[np.int64] = self._numpy.bincount(self._index)
        return counts

    @cached_property
    def admitted_by_interval(self) -> NDArray[np.int64]:
        """Calls admitted in each interval, of the same shape."""
        counts: NDArray[np.int64] = self._numpy.bincount(
            self._index[self.admitted], minlength=len(self.offered_by_interval)
        )
        return counts

    @cached_property
    def calls_before(self) -> NDArray[np.int64]:
        """Calls of the window before each interval: what closes the gate is that they are more than limit x window."""
        sums = self._numpy.concatenate([[0], self._numpy.cumsum(self.offered_by_interval)])
        last = self._numpy.arange(len(sums) - 1)
        before: NDArray[np.int64] = sums[last] - sums[self._numpy.maximum(0, last - self.intervals)]
        return before

    @cached_property
    def closed(self) -> NDArray[np.bool_]:
        """Whether the gate is closed in each interval; under the immediate policy it never is for a whole one."""
        most = math.inf if self.policy == "immediate" else self.limit * (self.window // timedelta(milliseconds=1))
        shut: NDArray[np.bool_] = (self.calls_before * 1000 > most) | (self.limit == 0)
        return shut

    @cached_property
    def closures(self) -> tuple[Closure, ...]:
        """When the gate was closed, in the order of time."""
        out, number, total = [], 0, len(self.closed)
        offered = self.offered_by_interval
        for shut, run in groupby(self.closed.tolist()):
            length = len(list(run))
            if shut:
                after = number + length
                average = int(self.calls_before[number]) / self.window.total_seconds()
                end = self._at(after) if after < total else None
                out.append(Closure(self._at(number), end, average, int(offered[number:after].sum())))
            number += length
        return tuple(out)

    @property
    def answer(self) -> str:
        """The result in a sentence."""
        calls, rejected = len(self.arrivals), self.rejected
        if not rejected:
            return f"None of {calls:,} calls would have been rejected at {self.limit} calls per second."
        share = f"{100 * rejected / calls:.1f} %"
        return f"{rejected:,} of {calls:,} calls ({share}) would have been rejected at {self.limit} calls per second."

    @property
    def lines(self) -> list[str]:
        """Why, a line for each time that the gate closed (up to ten of them)."""
        if self.limit == 0:
            return ["Nothing is licensed, so every call is rejected."]
        if self.policy == "immediate":
            return [f"Of each second the first {self.limit} calls are admitted (S9)."] if self.rejected else []
        window = f"{self.window.total_seconds():g} s"
        told = [
            f"{stamp(each.start)} to {stamp(each.end) if each.end else 'the end'}: {each.rejected:,} calls rejected, "
            f"as {each.average:g} calls per second over the last {window} are more than {self.limit}."
            for each in self.closures[:10]
        ]
        more = len(self.closures) - len(told)
        return [*told, f"And {more} more such times."] if more else told

    def rejected_csv(self) -> str:
        """One line for each rejected call: time, reason, average (calls per second compared with the limit), limit."""
        reason = "rate" if self.limit else "limit_zero"
        seconds = 1.0 if self.policy == "immediate" else self.window.total_seconds()
        which = self._numpy.flatnonzero(~self.admitted)
        compared = self._compared(which)
        times = self.arrivals[which].astype("datetime64[ns]")
        rows = (
            f"{time}Z,{reason},{calls / seconds:g},{self.limit}"
            for time, calls in zip(self._numpy.datetime_as_string(times), compared.tolist(), strict=True)
        )
        return "\n".join(["time,reason,average,limit", *rows, ""])

    def to_dict(self) -> dict[str, Any]:
        """Everything but the single calls, in plain types."""
        return {
            "answer": self.answer,
            "offered": len(self.arrivals),
            "admitted": len(self.arrivals) - self.rejected,
            "rejected": self.rejected,
            "reason": None if not self.rejected else "rate" if self.limit else "limit_zero",
            "limit_cps": self.limit,
            "policy": self.policy,
            "window_s": self.window.total_seconds(),
            "start": iso(self.start),
            "closed": [
                {"from": iso(each.start), "to": iso(each.end), "average": each.average, "rejected": each.rejected}
                for each in self.closures
            ],
        }

    def to_svg(self) -> str:
        """Calls offered and admitted, their average and the limit, as a picture."""
        from smartlic.pictures.replay import draw

        return draw(self)

    def __str__(self) -> str:
        return "\n".join([self.answer, *self.lines])

    @cached_property
    def _index(self) -> NDArray[np.int64]:
        """The interval of each call (C2: a call on a boundary belongs to the later one)."""
        index: NDArray[np.int64] = (self.arrivals - self.arrivals[0]) // self._width
        return index

    @property
    def _width(self) -> int:
        return self.interval // timedelta(microseconds=1) * 1000

    def _at(self, number: int) -> datetime:
        ns = int(self.arrivals[0]) + number * self._width
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=ns // 1000)

    def _compared(self, which: NDArray[np.int64]) -> NDArray[np.int64]:
        """The calls that were compared with the limit for each of these calls."""
        if self.policy != "immediate":
            return self.calls_before[self._index[which]]
        earlier: NDArray[np.int64] = which - self._numpy.searchsorted(self._index, self._index[which])
        return earlier


def replay(
    arrivals: NDArray[np.int64],
    limit: int,
    *,
    policy: str = "average",
    interval: timedelta | None = None,
    intervals: int | None = None,
) -> Replay:
    """Offers each of ``arrivals`` once to a new gate. The arguments are those of ``CpsWindow`` and its replay.

    Raises ``InputError`` if there are no calls, for a parameter out of its range, and without NumPy.
    """
    if not len(arrivals):
        raise InputError("there are no calls to replay", "invalid_argument", "never")
    first = int(arrivals[0])
    window = CpsWindow(limit, policy=policy, start=first, interval=interval, intervals=intervals)
    shape = (interval or Replay.interval, intervals or Replay.intervals)
    if policy == "immediate":
        shape = (timedelta(seconds=1), 1)
    if (int(arrivals[-1]) - first) / _NS / shape[0].total_seconds() > _MOST_INTERVALS:
        raise InputError("from the first call to the last there are too many intervals", "invalid_argument", "never")
    return Replay(arrivals, window.replay(arrivals), limit, policy, *shape)
