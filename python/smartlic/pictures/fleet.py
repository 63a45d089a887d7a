"""A fleet as a picture: how many devices are blocked and out of compliance, with the spread over pools; and requests to
the manager, over all the time and in the load window."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from smartlic.pictures.charts import Frame, draw_times, round_up
from smartlic.pictures.svg import Svg, text_width
from smartlic.times import about, duration, instant

if TYPE_CHECKING:
    from smartlic.whatif.fleet_outcome import FleetOutcome
    from smartlic.whatif.reading import Moment

__all__ = ["LOAD_LOOKS", "across", "columns", "draw", "draw_load", "draw_outages"]

WIDTH = 900
LEFT, RIGHT, MARGIN = 92, 850, 20
TITLE_LINE, CHART, GAP, AXIS = 24, 110, 40, 44
INK, FAINT = "#1a1a1a", "#8a8a8a"

Looks = dict[str, object]

# From the widest to the line: each darker than the one before.
_SPREAD: dict[str, tuple[Looks, Looks]] = {
    "blocked": (
        {"fill": "#f3d3d3", "stroke": "#dba9ab", "stroke_width": 0.5},
        {"fill": "#d98a8f"},
    ),
    "out_of_compliance": (
        {"fill": "#f7e6c8", "stroke": "#e2c48d", "stroke_width": 0.5},
        {"fill": "#e3b565"},
    ),
}
_MEDIAN: Looks = {"stroke": "#1a1a1a", "stroke_width": 2}
_ALL: Looks = {"stroke": "#1f4f86", "stroke_width": 2, "stroke_dasharray": "6 3"}

LOAD_LOOKS: dict[str, Looks] = {"requests": {"fill": "#3c6ea5"}, "of these, without an answer": {"fill": "#c9ced6"}}
"""The whole column is what was made."""

_TITLES = {"blocked": "blocked, % of devices", "out_of_compliance": "out of compliance, % of devices"}


def draw(outcome: FleetOutcome) -> str:
    """The picture as SVG text, 900 units wide. Its title answers the question."""
    return str(_Drawing(outcome).svg)


class _Drawing:
    """From top to bottom: the answer, both fractions, requests, the axis, the load window with its own, the legend."""

    def __init__(self, outcome: FleetOutcome) -> None:
        self.outcome = outcome
        fleet = outcome.fleet
        self.start, self.end = instant(fleet.start), fleet.end
        title = textwrap.wrap(outcome.answer, 78)
        self.top = 20 + TITLE_LINE * len(title) + GAP
        self.axis = self.top + 3 * (CHART + GAP) - GAP + 8
        self.window = fleet.window
        self.fine = self.axis + AXIS + GAP
        legend = self.fine + CHART + 8 + AXIS if self.window else self.axis + AXIS
        height = legend + 62
        self.svg = Svg(WIDTH, height, title=outcome.answer, description=outcome.explain())
        self.svg.rect(0, 0, WIDTH, height, fill="#ffffff")
        for row, line in enumerate(title):
            self.svg.text(MARGIN, 30 + TITLE_LINE * row, line, size=17, font_weight="bold")
        self.away = self.svg.hatch("smartlic-away", background="#f2f2f2", stroke="#b0b0b0", gap=9, width=0.8)
        everything = Frame(self.svg, self.top, self.axis - 8, LEFT, RIGHT, across((self.start, self.end)))
        draw_outages(everything, fleet.outages, self.away)
        for row, measured in enumerate(_SPREAD):
            self._fraction(measured, self._frame(row, (self.start, self.end)))
        self._requests(self._frame(2, (self.start, self.end)))
        draw_times(self._frame(2, (self.start, self.end)), self.axis, self.start, self.end)
        self._load_window()
        self._legend(legend)

    def _frame(self, row: int, span: tuple[datetime, datetime]) -> Frame:
        top = self.top + row * (CHART + GAP)
        return Frame(self.svg, top, top + CHART, LEFT, RIGHT, across(span))

    def _fraction(self, measured: str, frame: Frame) -> None:
        np = _numpy()
        rows = columns(100 * self.outcome.quantiles(measured))
        whole = columns(100 * self.outcome.fraction(measured)[None])[0]
        most = float(max(rows.max(), whole.max()))
        frame.svg.text(frame.left - 72, frame.top - 12, _TITLES[measured], size=12)
        y = frame.scale(*round_up(max(most, 1.0)))
        xs = frame.left + (frame.right - frame.left) * (np.arange(rows.shape[1]) + 0.5) / rows.shape[1]
        low, lower, median, upper, high = rows
        for (under, over), looks in zip(((low, high), (lower, upper)), _SPREAD[measured], strict=True):
            points = [*zip(xs, over, strict=True), *reversed(list(zip(xs, under, strict=True)))]
            frame.svg.path(f"M {_points(points, y)} Z", **looks)
        frame.svg.path(f"M {_points(list(zip(xs, median, strict=True)), y)}", **_MEDIAN)
        frame.svg.path(f"M {_points(list(zip(xs, whole, strict=True)), y)}", **_ALL)

    def _requests(self, frame: Frame) -> None:
        result = self.outcome.result
        step = about(duration(self.outcome.fleet.step))
        draw_load(frame, f"requests to the manager, most in {step}", result.requests, result.unanswered)

    def _load_window(self) -> None:
        if self.window is None:
            return
        start, end, step = self.window
        frame = Frame(self.svg, self.fine, self.fine + CHART, LEFT, RIGHT, across((start, end)))
        draw_outages(frame, self.outcome.fleet.outages, self.away)
        draw_load(frame, f"requests to the manager in {about(step)}, in the load window", self.outcome.result.load)
        draw_times(frame, self.fine + CHART + 8, start, end)

    def _legend(self, y: float) -> None:
        light, dark = ({"fill": _SPREAD["out_of_compliance"][index]["fill"]} for index in (0, 1))
        pink, red = ({"fill": _SPREAD["blocked"][index]["fill"]} for index in (0, 1))
        x = float(MARGIN)
        for name, looks in (("95 % of pools", (pink, light)), ("middle half of pools", (red, dark))):
            for index, look in enumerate(looks):
                self.svg.rect(x + 20 * index, y, 20, 14, stroke=FAINT, stroke_width=0.5, **look)
            self.svg.text(x + 46, y + 12, name, size=12)
            x += 66 + text_width(name, 12)
        for name, look in (("median pool", _MEDIAN), ("all devices", _ALL)):
            self.svg.path(f"M {x} {y + 7} h 22", **look)
            self.svg.text(x + 28, y + 12, name, size=12)
            x += 50 + text_width(name, 12)
        x, y = float(MARGIN), y + 24
        away: list[tuple[str, Looks]] = [("no manager can be reached", {"fill": self.away})]
        for name, look in [*LOAD_LOOKS.items(), *away * bool(self.outcome.fleet.outages)]:
            self.svg.rect(x, y, 20, 14, stroke=FAINT, stroke_width=0.5, **look)
            self.svg.text(x + 26, y + 12, name, size=12)
            x += 46 + text_width(name, 12)


def draw_outages(frame: Frame, outages: Sequence[tuple[Moment, Moment]], fill: str) -> None:
    """Behind everything, so that one sees what they do."""
    for start, end in outages:
        left, right = frame.x(instant(start)), frame.x(instant(end))
        if right > left:
            frame.svg.rect(left, frame.top, right - left, frame.bottom - frame.top, fill=fill)


def draw_load(frame: Frame, title: str, made: Any, unanswered: Any = None, most: float | None = None) -> None:
    """Requests as columns, in them those without an answer; ``most``: one scale for two charts. Shape (steps,)."""
    np = _numpy()
    heights = columns(made[None])[0]
    frame.svg.text(frame.left - 72, frame.top - 12, title, size=12)
    y = frame.scale(*round_up(max(float(most or heights.max()), 1.0)))
    xs = frame.left + (frame.right - frame.left) * np.arange(len(heights) + 1) / len(heights)
    frame.svg.path(_stairs(xs, heights, y, frame.bottom), **LOAD_LOOKS["requests"])
    if unanswered is not None and unanswered.any():
        frame.svg.path(
            _stairs(xs, columns(unanswered[None])[0], y, frame.bottom), **LOAD_LOOKS["of these, without an answer"]
        )


def columns(rows: Any) -> Any:
    """Series of shape (n, steps), each as at most one column a unit: of several steps the largest counts."""
    np = _numpy()
    wide = min(rows.shape[1], RIGHT - LEFT)
    return np.maximum.reduceat(rows, rows.shape[1] * np.arange(wide) // wide, axis=1)


def across(span: tuple[datetime, datetime]) -> Callable[[datetime], float]:
    """Where an instant is; what is outside is at the edge."""
    start, end = span
    length: timedelta = end - start
    return lambda at: LEFT + (RIGHT - LEFT) * min(max((at - start) / length, 0.0), 1.0)


def _points(points: Sequence[tuple[float, float]], y: Callable[[float], float]) -> str:
    return " L ".join(f"{x:.1f} {y(value):.1f}" for x, value in points)


def _stairs(xs: Any, heights: Any, y: Callable[[float], float], bottom: float) -> str:
    path = " ".join(f"V {y(float(height)):.1f} H {x:.1f}" for height, x in zip(heights, xs[1:], strict=True))
    return f"M {xs[0]:.1f} {bottom} {path} V {bottom} Z"


def _numpy() -> Any:
    from smartlic.extras import need

    return need("numpy", "frames")
