"""Charts over time: what is left of each period, calls per second against the limit; scales and the axis of time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from smartlic.pictures.svg import Svg, number

if TYPE_CHECKING:
    from smartlic.whatif.calls import Calls
    from smartlic.whatif.left import Piece

__all__ = [
    "LEFT_LOOKS",
    "RATE_LOOKS",
    "Frame",
    "draw_left",
    "draw_rate",
    "draw_times",
    "left_shown",
    "marks",
    "round_up",
    "scaled",
]

Looks = dict[str, object]

LEFT_LOOKS: dict[str, Looks] = {
    "authorization": {"stroke": "#1d6b34", "stroke_width": 2.5},
    "evaluation": {"stroke": "#1f4f86", "stroke_width": 2.5, "stroke_dasharray": "8 3"},
    "ID certificate": {"stroke": "#7a3d00", "stroke_width": 2.5, "stroke_dasharray": "2 3"},
}
"""What is left of each period: the lines differ by their dashes too."""

RATE_LOOKS: dict[str, Looks] = {
    "offered": {"fill": "#d3d8df", "stroke": "#7d8590", "stroke_width": 1},
    "admitted": {"fill": "#3c6ea5"},
    "licensed": {"stroke": "#9c1f2e", "stroke_width": 2.5, "stroke_dasharray": "9 3"},
}
"""Calls per second: areas from light to dark, and a dashed line."""

_COLUMN = 2.0  # units; what happens within one is averaged
_GRID, _INK = "#dddddd", "#1a1a1a"


@dataclass(frozen=True)
class Frame:
    """Where a chart is: its edges, and ``x``, which says where an instant is."""

    svg: Svg
    top: float
    bottom: float
    left: float
    right: float
    x: Callable[[datetime], float]

    def scale(self, most: float, parts: int) -> Callable[[float], float]:
        """As ``scaled``, in the frame."""
        return scaled(self.svg, most, parts, (self.left, self.right), (self.top, self.bottom))


def scaled(
    svg: Svg, most: float, parts: int, xs: tuple[float, float], ys: tuple[float, float]
) -> Callable[[float], float]:
    """Draws zero and ``parts`` grid lines above it, up to ``most``, with their numbers; gives where a value is."""
    (left, right), (top, bottom) = xs, ys

    def y(value: float) -> float:
        return bottom - (bottom - top) * value / most

    for part in range(parts + 1):
        tick = most * part / parts
        svg.line(left, y(tick), right, y(tick), stroke=_GRID, stroke_width=1)
        svg.text(left - 6, y(tick) + 4, number(tick), size=11, text_anchor="end")
    return y


def marks(xs: Iterable[float], shape: str, gap: float) -> str:
    """A path of marks of this shape, which are at least ``gap`` apart, however many there are; empty without one."""
    path, free = "", 0.0
    for x in xs:
        if x >= free:
            path, free = f"{path}M {x:.1f} {shape} ", x + gap
    return path.strip()


def draw_times(frame: Frame, y: float, start: datetime, end: datetime) -> None:
    """The axis of time at ``y``: 10 to 20 round instants in UTC, and the year where they do not say it."""
    svg, year = frame.svg, None
    svg.line(frame.left, y, frame.right, y, stroke=_INK, stroke_width=1)
    for at, label in _ticks(start, end):
        x = frame.x(at)
        if at.year != year and not label.startswith(str(at.year)):
            year = at.year
            svg.text(x, y + 35, str(year), size=11, text_anchor="middle")
        svg.line(x, y, x, y + 6, stroke=_INK, stroke_width=1)
        svg.text(x, y + 21, label, size=12, text_anchor="middle")
    svg.text(frame.left - 72, y + 21, "UTC", size=12)


def draw_left(frame: Frame, left: Mapping[str, Sequence[Piece]]) -> None:
    """What is left of each period. The scale is that of authorization and evaluation; what is above it is far off."""
    unit, name, top, parts = _left_scale(left)
    frame.svg.text(frame.left - 72, frame.top - 12, name, size=12)
    y = frame.scale(top, parts)
    for period, pieces in left.items():
        path, free, low = "", 0.0, 0.0
        for start, before, end, after in pieces:
            a, b, over = before / unit, after / unit, frame.x(end)
            if b >= top or (over < free and b >= low):
                continue  # far off, or hidden by the one before
            x = frame.x(start) + (over - frame.x(start)) * max(0.0, (a - top) / (a - b))
            path += f"M {x:.1f} {y(min(a, top)):.1f} L {over:.1f} {y(b):.1f} "
            free, low = over + 1, b
        if path:
            frame.svg.path(path.strip(), **LEFT_LOOKS[period])


def left_shown(left: Mapping[str, Sequence[Piece]]) -> list[str]:
    """The periods of which something is on the scale."""
    unit, _, top, _ = _left_scale(left)
    return [name for name, pieces in left.items() if any(after / unit < top for *_, after in pieces)]


def _left_scale(left: Mapping[str, Sequence[Piece]]) -> tuple[timedelta, str, float, int]:
    """The unit and its name, the top and the number of parts."""
    day = timedelta(days=1)
    tall = [piece[1] for name, pieces in left.items() if name != "ID certificate" for piece in pieces]
    most = max(tall, default=90 * day)
    units = ((day, "days left"), (timedelta(hours=1), "hours left"), (timedelta(minutes=1), "minutes left"))
    unit, name = next((each for each in units if most >= 3 * each[0]), units[-1])
    return unit, name, *round_up(most / unit)


def draw_rate(frame: Frame, calls: Calls, end: datetime) -> None:
    """Calls offered and admitted, averaged over columns two units wide, against the licensed rate."""
    steps = len(calls.offered)
    width = max(1, math.ceil(steps * _COLUMN / (frame.right - frame.left)))
    times = [calls.start + calls.step * index for index in range(0, steps, width)] + [end]
    offered, admitted = (_rates(counts, times, width) for counts in (calls.offered, calls.admitted))
    limits = [int(calls.limit[min(index + width, steps) - 1]) for index in range(0, steps, width)]
    frame.svg.text(frame.left - 72, frame.top - 12, "calls per second", size=12)
    y = frame.scale(*round_up(max(*offered, *limits, 1)))
    xs = [frame.x(at) for at in times]
    for name, rates in (("offered", offered), ("admitted", admitted)):
        path = f"M {xs[0]:.1f} {frame.bottom} "
        path += " ".join(f"V {y(rate):.1f} H {x:.1f}" for rate, x in zip(rates, xs[1:], strict=True))
        frame.svg.path(f"{path} V {frame.bottom} Z", **RATE_LOOKS[name])
    frame.svg.path(_stairs(xs, [y(limit) if limit >= 0 else None for limit in limits]), **RATE_LOOKS["licensed"])


def _rates(counts: Any, times: Sequence[datetime], width: int) -> list[float]:
    seconds = [(b - a).total_seconds() for a, b in pairwise(times)]
    sums = [int(counts[index * width : (index + 1) * width].sum()) for index in range(len(seconds))]
    return [count / length for count, length in zip(sums, seconds, strict=True)]


def _stairs(xs: Sequence[float], ys: Sequence[float | None]) -> str:
    """A level line over each column that has one; joined where it changes."""
    path, before = "", None
    for x, after, level in zip(xs, xs[1:], ys, strict=False):
        if level is not None and level != before:
            path += f"{'M' if before is None else 'L'} {x:.1f} {level:.1f} "
        if level is not None:
            path += f"H {after:.1f} "
        before = level
    return path.strip()


def round_up(value: float) -> tuple[float, int]:
    """A round number that is not below, and into how many round parts it is divided."""
    power = 10.0 ** math.floor(math.log10(value))
    for factor, parts in ((1, 2), (1.5, 3), (2, 2), (3, 3), (4, 2), (6, 3), (9, 3), (10, 2)):
        if value <= factor * power * (1 + 1e-9):
            return factor * power, parts
    raise AssertionError("a number is below ten times its power of ten")


def _ticks(start: datetime, end: datetime) -> Iterator[tuple[datetime, str]]:
    """Ten to twenty round instants, and what to write there: years, months, days or hours."""
    length = end - start
    if length > timedelta(days=75):
        months = next((m for m in (1, 2, 3, 6, 12, 24, 60, 120) if length / (m * timedelta(days=30.4)) <= 13), 240)
        for number in range(start.year * 12 + start.month - 1, end.year * 12 + end.month):
            at = datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)
            if number % months == 0 and start <= at <= end:
                yield at, at.strftime("%Y-%m")
        return
    hours = next(h for h in (1, 3, 6, 12, 24, 48, 96, 168) if length / timedelta(hours=h) <= (11 if h >= 24 else 9))
    at = start.replace(hour=0, minute=0, second=0, microsecond=0)
    while at <= end:
        if at >= start:
            yield at, at.strftime("%m-%d" if hours >= 24 else "%m-%d %H:%M")
        at += timedelta(hours=hours)
