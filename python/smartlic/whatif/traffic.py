"""Calls that a scenario offers: rates over the day, bursts, or arrival times; and how they come, exactly."""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartlic.errors import InputError
from smartlic.extras import need
from smartlic.times import instant
from smartlic.whatif.reading import Misfit, Place, items, length, moment, number, table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["MOST_CALLS", "Traffic", "nanoseconds", "read_traffic"]

MOST_CALLS = 5_000_000_000
"""So many calls at most are simulated; a year at 50 a second has 1.6 thousand million."""

MOST_CPS = 10_000

_EPOCH = instant("1970-01-01")
_HOUR = timedelta(hours=1)
_MICROSECOND = timedelta(microseconds=1)
# Rates are whole thousandths of a call a second, so that arrivals are exact: one call is 10^12 of these nanoseconds.
_CALL = 10**12


@dataclass(frozen=True, eq=False)
class Traffic:
    """Offered calls. Rates are calls per second (CPS), to a thousandth, up to 10,000; times are aware UTC.

    cps: a constant rate. daily: 24 rates, by hour of the UTC day. steps: (time, rate) pairs, ascending: the rate from
    then on, zero before the first. bursts: ``{"at": time, "for": length, "cps": rate}``. All of these add up, and calls
    come evenly: one at the start, then one each time that the sum of the rates over time has risen by one.

    arrivals, instead of rates: calls one by one: a NumPy array, ascending, shape (n,), int64 nanoseconds since 1970 or
    datetime64.

    Raises ``InputError`` for what does not fit, naming the field.
    """

    cps: float = 0
    daily: Sequence[float] | None = None
    steps: Sequence[tuple[Any, float]] = ()
    bursts: Sequence[Any] = ()
    arrivals: NDArray[Any] | None = None

    def __post_init__(self) -> None:
        for name, reader in _READERS.items():
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, reader(("traffic", name), value))
        if self.arrivals is not None and (self.cps or self.daily or self.steps or self.bursts):
            raise Misfit(("traffic", "arrivals"), "expected no rates beside it")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Traffic):
            return NotImplemented
        mine, others = ((it.cps, it.daily, it.steps, it.bursts) for it in (self, other))
        return mine == others and (
            self.arrivals is other.arrivals
            or (self.arrivals is not None and other.arrivals is not None and _same(self.arrivals, other.arrivals))
        )

    def between(self, start: datetime, end: datetime, at_most: int) -> Iterator[tuple[int, int, NDArray[np.int64]]]:
        """Pieces of [start, end) in order: their bounds and the arrivals in them, all ns since 1970.

        A piece has about ``at_most`` calls at the most and ends a whole number of seconds after ``start``. Raises
        ``InputError`` if there are more than ``MOST_CALLS`` in all.
        """
        if self.arrivals is not None:
            return _cut(self.arrivals, nanoseconds(start), nanoseconds(end), at_most)
        segments = self._segments(start, end)
        calls = sum((b - a) * rate for a, b, rate in segments) // _CALL
        if calls > MOST_CALLS:
            most = f"at most {MOST_CALLS:,} calls; shorten the scenario or lower the rates"
            raise InputError(f"traffic: expected {most}; these would be {calls:,}", "invalid_argument", "never")
        return _evenly(segments, at_most)

    def _segments(self, start: datetime, end: datetime) -> list[tuple[int, int, int]]:
        """Where the rate is constant: begin and end in ns, and the rate in thousandths."""
        edges = {start, end, *(at for at, _ in self.steps)}
        for burst in self.bursts:
            edges |= {burst["at"], burst["at"] + burst["for"]}
        if self.daily is not None:
            hour = start.replace(minute=0, second=0, microsecond=0)
            edges |= {hour + count * _HOUR for count in range((end - hour) // _HOUR + 1)}
        inside = sorted(edge for edge in edges if start <= edge <= end)
        return [(nanoseconds(a), nanoseconds(b), self._rate(a)) for a, b in pairwise(inside)]

    def _rate(self, at: datetime) -> int:
        rates = [self.cps]
        if self.daily is not None:
            rates.append(self.daily[at.hour])
        if passed := bisect_right(self.steps, at, key=itemgetter(0)):
            rates.append(self.steps[passed - 1][1])
        rates += [burst["cps"] for burst in self.bursts if burst["at"] <= at < burst["at"] + burst["for"]]
        return sum(round(1000 * rate) for rate in rates)


def read_traffic(place: Place, value: Any, folder: Path | None = None) -> Traffic | None:
    """Traffic as a scenario gives it: a number (CPS), a mapping of ``Traffic``'s fields or ``file``, or an array.

    ``file`` is CSV, relative to ``folder``: a column of arrival times, or two, time and CPS from then on.
    """
    if value is None or isinstance(value, Traffic):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Traffic(cps=_rate_of(place, value))
    if hasattr(value, "dtype"):
        return Traffic(arrivals=value)
    names: dict[str, Any] = dict.fromkeys(_READERS, _as_given)
    fields = table(place, value, {**names, "file": partial(_from_file, folder=folder)})
    return Traffic(**(fields | fields.pop("file", {})))


def nanoseconds(at: datetime) -> int:
    """Nanoseconds since 1970."""
    return (at - _EPOCH) // _MICROSECOND * 1000


def _as_given(_: Place, value: Any) -> Any:
    return value


def _rate_of(place: Place, value: Any) -> float:
    return number(place, value, MOST_CPS)


def _daily(place: Place, value: Any) -> tuple[float, ...]:
    rates = items(place, value, "24 rates, by hour of the UTC day", _rate_of)
    if len(rates) != 24:
        raise Misfit(place, f"expected 24 rates, by hour of the UTC day, not {len(rates)}")
    return rates


def _step(place: Place, pair: Any) -> tuple[datetime, float]:
    if not isinstance(pair, Sequence) or isinstance(pair, str) or len(pair) != 2:
        raise Misfit(place, f"expected a pair [time, cps], not {pair!r}")
    return moment((*place, "0"), pair[0]), _rate_of((*place, "1"), pair[1])


def _steps(place: Place, value: Any) -> tuple[tuple[datetime, float], ...]:
    steps = items(place, value, "pairs [time, cps]", _step)
    for index, (one, other) in enumerate(pairwise(steps), start=1):
        if other[0] <= one[0]:
            raise Misfit((*place, str(index)), "expected a time after the one before")
    return steps


def _burst(place: Place, value: Any) -> dict[str, Any]:
    return table(place, value, {"at": moment, "for": length, "cps": _rate_of}, need=("at", "for", "cps"))


def _bursts(place: Place, value: Any) -> tuple[dict[str, Any], ...]:
    return items(place, value, "bursts such as {at: 2026-03-01T08:30, for: 10m, cps: 40}", _burst)


def _arrivals(place: Place, value: Any) -> NDArray[np.int64]:
    """Ascending int64 nanoseconds since 1970."""
    numpy = need("numpy", "frames")
    given = numpy.asarray(value)
    if given.ndim != 1 or given.dtype.kind not in "iuM":
        raise Misfit(place, "expected one row of datetime64, or of integers: nanoseconds since 1970")
    times: NDArray[np.int64] = (given.astype("datetime64[ns]") if given.dtype.kind == "M" else given).astype("int64")
    if times.size > MOST_CALLS:
        raise Misfit(place, f"expected at most {MOST_CALLS:,} calls, not {times.size:,}")
    falls = numpy.flatnonzero(times[1:] < times[:-1])
    if falls.size:
        raise Misfit(place, f"expected ascending times; number {falls[0] + 1} is before the one in front of it")
    return times


_READERS = {"cps": _rate_of, "daily": _daily, "steps": _steps, "bursts": _bursts, "arrivals": _arrivals}


def _from_file(place: Place, value: Any, folder: Path | None) -> dict[str, Any]:
    """The fields that a CSV file stands for; a first line that begins with no digit is a heading."""
    path = (folder or Path()) / str(value)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:  # a spreadsheet writes a mark before the first line
            rows = [(number, row) for number, row in enumerate(csv.reader(file), start=1) if row]
    except OSError as error:
        missing = Misfit(place, f"cannot read {path}: {error.strerror}")
        missing.code, missing.retry = "not_found", "after_change"
        raise missing from error
    except UnicodeDecodeError as error:
        raise Misfit(place, f"{path} is not UTF-8 text") from error
    except csv.Error as error:
        raise Misfit(place, f"{path} is not CSV: {error}") from error
    if rows and not rows[0][1][0].lstrip(" +-")[:1].isdecimal():
        del rows[0]
    width = len(rows[0][1]) if rows else 0
    if width not in (1, 2):
        raise Misfit(place, f"expected {path} to have one column (arrival times) or two (time, cps)")
    for line, row in rows:
        if len(row) != width or not _is_time(row[0]) or (width == 2 and not _is_rate(row[1])):
            expected = "a time" if width == 1 else "a time and a rate"
            raise Misfit(place, f"{path} line {line}: expected {expected}, not {','.join(row)}")
    if width == 2:
        return {"steps": [(row[0], float(row[1])) for _, row in rows]}
    times = [_time(row[0]) for _, row in rows]
    return {"arrivals": need("numpy", "frames").array(times, dtype="int64")}


def _time(text: str) -> int:
    """ISO 8601, or whole nanoseconds since 1970."""
    return int(text) if text.strip().lstrip("-").isdecimal() else nanoseconds(instant(text))


def _is_time(text: str) -> bool:
    try:
        return -(2**63) <= _time(text) < 2**63
    except InputError:
        return False


def _is_rate(text: str) -> bool:
    try:
        return 0 <= float(text) <= MOST_CPS
    except ValueError:
        return False


def _same(one: NDArray[Any], other: NDArray[Any]) -> bool:
    return bool(need("numpy", "frames").array_equal(one, other))


def _cut(arrivals: NDArray[np.int64], start: int, end: int, at_most: int) -> Iterator[tuple[int, int, Any]]:
    first, last = (int(index) for index in arrivals.searchsorted([start, end]))
    begin = start
    while begin < end:
        reached = first + at_most
        until = end if reached >= last else _whole_second(start, int(arrivals[reached]), end)
        after = int(arrivals.searchsorted(until))
        yield begin, until, arrivals[first:after]
        begin, first = until, after


def _evenly(segments: list[tuple[int, int, int]], at_most: int) -> Iterator[tuple[int, int, Any]]:
    """Arrivals of constant rates, exact in integers: ``left`` is the part of a call still to come before the next."""
    numpy = need("numpy", "frames")
    start, left = segments[0][0], 0
    for begin, end, rate in segments:
        while begin < end:
            until = end
            if rate * (end - begin) > at_most * _CALL:
                until = _whole_second(start, begin + at_most * _CALL // rate, end)
            come = rate * (until - begin)
            count = max(0, -((left - come) // _CALL))
            if count and _CALL % rate == 0 and left % rate == 0:
                first, period = begin + left // rate, _CALL // rate
                yield begin, until, numpy.arange(first, first + count * period, period, dtype=numpy.int64)
            elif count:
                yield begin, until, begin + (left + numpy.arange(count, dtype=numpy.int64) * _CALL) // rate
            else:
                yield begin, until, numpy.empty(0, numpy.int64)
            begin, left = until, left + count * _CALL - come


def _whole_second(start: int, near: int, end: int) -> int:
    """The first whole second after ``start`` that is later than ``near``, or the end."""
    return min(end, start + ((near - start) // 10**9 + 1) * 10**9)
