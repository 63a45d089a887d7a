"""What became of a scenario's calls: the compiled window decides on every one of them (RULES C2-C4)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from smartlic._gate import CpsWindow
from smartlic.extras import need
from smartlic.whatif.traffic import Traffic, nanoseconds

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Calls", "decided"]

GATES = {"averaged": "average", "immediate": "immediate"}
"""What a scenario calls the policies of S10 and S9, and what the window does."""

_INTERVAL = 30 * 10**9  # ns; the window of C2 is ten of them
_MEMORY = 10 * _INTERVAL
_PIECE = 4_000_000  # calls held in memory at a time
_MOST_STEPS = 10_000
_STEPS = [timedelta(seconds=30), *(timedelta(minutes=each) for each in (1, 5, 15)), timedelta(hours=1)]
_STEPS += [timedelta(hours=6), timedelta(days=1)]


@dataclass(frozen=True, eq=False)
class Calls:
    """Calls in steps: step ``i`` is [start + i * step, start + (i + 1) * step), the last one may be cut off by the end.

    start: aware UTC. The arrays are int64, shape (steps,). offered, admitted, rejected_by_mode, rejected_by_rate: calls
    in each step; offered is the sum of the other three, exactly. limit: licensed calls per second in force at the
    step's end (C1); -1: no rate is checked.
    """

    start: datetime
    step: timedelta
    offered: NDArray[np.int64]
    admitted: NDArray[np.int64]
    rejected_by_mode: NDArray[np.int64]
    rejected_by_rate: NDArray[np.int64]
    limit: NDArray[np.int64]


def decided(
    traffic: Traffic,
    gate: str,
    span: tuple[datetime, datetime],
    blocked: Sequence[tuple[datetime, datetime]],
    limits: Sequence[tuple[datetime, int | None]],
    progress: Callable[[float], None],
) -> Calls:
    """Offers the traffic of ``span`` to one gate that was made at its start.

    gate: a key of ``GATES``. blocked: intervals in which the mode rejects calls; they count all the same (C3). limits:
    (from when on, calls per second or None), ascending, the first not after the start. progress: told the fraction that
    is done. Raises ``InputError`` for too many calls, and without NumPy.
    """
    numpy = need("numpy", "frames")
    start, end = map(nanoseconds, span)
    step = next((each for each in _STEPS if (span[1] - span[0]) / each <= _MOST_STEPS), _STEPS[-1])
    width = step // timedelta(microseconds=1) * 1000
    edges = numpy.arange(start, end + width, width, dtype=numpy.int64)[: -(-(end - start) // width) + 1]
    edges[-1] = end
    counts = {name: numpy.zeros(len(edges) - 1, numpy.int64) for name in ("offered", "admitted", "rejected_by_mode")}
    replay = _Replay(GATES[gate], start, [(nanoseconds(at), limit) for at, limit in limits])
    rejecting = [(nanoseconds(a), nanoseconds(b)) for a, b in blocked]
    for begin, until, arrivals in traffic.between(*span, _PIECE):
        admitted = replay.decide(begin, until, arrivals)
        by_mode = numpy.zeros(len(arrivals), numpy.bool_)
        for a, b in rejecting:
            first, last = arrivals.searchsorted([a, b])
            by_mode[first:last] = True
        admitted &= ~by_mode
        _count(edges, arrivals, {"admitted": admitted, "rejected_by_mode": by_mode}, counts)
        progress((until - start) / (end - start))
    by_rate = counts["offered"] - counts["admitted"] - counts["rejected_by_mode"]
    at_ends = [_limit_at(replay.limits, int(edge)) for edge in edges[1:] - 1]
    limit = numpy.array([-1 if each is None else each for each in at_ends], numpy.int64)
    return Calls(span[0], step, rejected_by_rate=by_rate, limit=limit, **counts)


class _Replay:
    """One gate over pieces of time. Its whole memory are the calls of ten intervals (C2), which it offers again."""

    def __init__(self, policy: str, start: int, limits: list[tuple[int, int | None]]) -> None:
        self.limits = limits
        self._policy, self._start = policy, start
        self._recent: Any = None

    def decide(self, begin: int, until: int, arrivals: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of the arrivals in [begin, until) are within the limit; pieces follow one another."""
        numpy = need("numpy", "frames")
        known = arrivals if self._recent is None else numpy.concatenate([self._recent, arrivals])
        since = max(self._start, self._interval(begin) - _MEMORY)
        window = CpsWindow(_limit_at(self.limits, since), policy=self._policy, start=since)
        first = bisect_right(self.limits, since, key=itemgetter(0))
        last = bisect_left(self.limits, until, key=itemgetter(0))
        admitted = window.replay(known, self.limits[first:last])
        self._recent = known[known.searchsorted(self._interval(until) - _MEMORY) :]
        return admitted[len(known) - len(arrivals) :]

    def _interval(self, at: int) -> int:
        """The start of the interval that ``at`` is in."""
        return at - (at - self._start) % _INTERVAL


def _limit_at(limits: list[tuple[int, int | None]], at: int) -> int | None:
    return limits[bisect_right(limits, at, key=itemgetter(0)) - 1][1]


def _count(edges: Any, arrivals: Any, outcomes: dict[str, Any], counts: dict[str, Any]) -> None:
    """Adds a piece's calls to the steps that they are in."""
    if not len(arrivals):
        return
    numpy = need("numpy", "frames")
    first = int(edges.searchsorted(arrivals[0], side="right")) - 1
    last = int(edges.searchsorted(arrivals[-1], side="right"))
    cuts = arrivals.searchsorted(edges[first : last + 1])
    counts["offered"][first:last] += numpy.diff(cuts)
    for name, which in outcomes.items():
        upto = numpy.concatenate([[0], numpy.cumsum(which, dtype=numpy.int64)])
        counts[name][first:last] += numpy.diff(upto[cuts])
