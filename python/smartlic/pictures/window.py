"""The CPS window at work as a picture: calls in each interval, their average over five minutes, and the limit."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from smartlic.pictures.charts import RATE_LOOKS, round_up, scaled
from smartlic.pictures.svg import Svg, text_width

if TYPE_CHECKING:
    from smartlic.whatif.window import WindowRun

__all__ = ["AVERAGE_LOOKS", "draw", "draw_legend"]

WIDTH, HEIGHT = 900, 380
LEFT, RIGHT, MARGIN = 70, 860, 20
TITLE_LINE, BOTTOM = 24, 290
INK, FAINT = "#1a1a1a", "#8a8a8a"
AVERAGE_LOOKS: dict[str, object] = {"stroke": "#1a1a1a", "stroke_width": 2}


def draw(run: WindowRun) -> str:
    """The picture as SVG text, 900 units wide. Its title answers when the gate closes."""
    lines = textwrap.wrap(run.answer, 78)
    svg = Svg(WIDTH, HEIGHT, title=run.answer, description=_described(run))
    svg.rect(0, 0, WIDTH, HEIGHT, fill="#ffffff")
    for row, line in enumerate(lines):
        svg.text(MARGIN, 30 + TITLE_LINE * row, line, size=17, font_weight="bold")
    top = 56 + TITLE_LINE * len(lines)
    closed = svg.hatch("smartlic-closed", background="#f6e3e5", stroke="#c77d86", gap=9, width=0.8)
    width = (RIGHT - LEFT) / len(run.offered)
    for number in run.closed:
        svg.rect(LEFT + width * number, top - 8, width, BOTTOM - top + 8, fill=closed)
    svg.text(MARGIN, top - 16, "calls per second", size=12)
    rates = [[count / 30 for count in counts] for counts in (run.offered, run.admitted)]
    most, parts = round_up(max(*rates[0], *run.averages, run.limit, 1))
    y = scaled(svg, most, parts, (LEFT, RIGHT), (top, BOTTOM))
    for name, values in zip(("offered", "admitted"), rates, strict=True):
        for number, value in enumerate(values):
            svg.rect(LEFT + width * number + 2, y(value), width - 4, BOTTOM - y(value), **RATE_LOOKS[name])
    svg.line(LEFT, y(run.limit), RIGHT, y(run.limit), **RATE_LOOKS["licensed"])
    points = " L ".join(f"{LEFT + width * number:.1f} {y(value):.1f}" for number, value in enumerate(run.averages))
    svg.path(f"M {points}", **AVERAGE_LOOKS)
    _axis(svg)
    draw_legend(svg, closed, BOTTOM + 60, "average of the last five minutes")
    return str(svg)


def _axis(svg: Svg) -> None:
    from smartlic.whatif.window import MINUTES

    svg.line(LEFT, BOTTOM, RIGHT, BOTTOM, stroke=INK, stroke_width=1)
    for minute in range(0, MINUTES + 1, 5):
        x = LEFT + (RIGHT - LEFT) * minute / MINUTES
        svg.line(x, BOTTOM, x, BOTTOM + 6, stroke=INK, stroke_width=1)
        svg.text(x, BOTTOM + 21, str(minute), size=12, text_anchor="middle")
    svg.text((LEFT + RIGHT) / 2, BOTTOM + 42, "minutes since the gate began", size=12, text_anchor="middle")


def draw_legend(svg: Svg, closed: str | None, y: float, average: str | None) -> None:
    """What the looks mean; ``closed`` is the fill of closed intervals, ``average`` says over what it is taken."""
    x = float(MARGIN)
    for name in ("offered", "admitted", "licensed", average, closed and "gate closed"):
        if name is None:
            continue
        if name == "gate closed":
            svg.rect(x, y, 20, 14, fill=closed, stroke=FAINT, stroke_width=1)
        elif name in ("offered", "admitted"):
            svg.rect(x, y, 20, 14, **RATE_LOOKS[name])
        else:
            svg.path(f"M {x} {y + 7} h 22", **(RATE_LOOKS[name] if name == "licensed" else AVERAGE_LOOKS))
        svg.text(x + 28, y + 12, name, size=12)
        x += 50 + text_width(name, 12)


def _described(run: WindowRun) -> str:
    bursts = f"{run.rate} calls per second are offered, {run.burst} in the minutes 10 to 15"
    return f"{bursts}; {run.limit} are licensed. {sum(run.admitted)} of {sum(run.offered)} calls are admitted."
