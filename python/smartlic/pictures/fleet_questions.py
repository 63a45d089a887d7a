"""What jitter spares a manager, and risk over a parameter, as pictures."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from smartlic.pictures.charts import Frame, draw_times, round_up, scaled
from smartlic.pictures.fleet import LOAD_LOOKS, across, draw_load, draw_outages
from smartlic.pictures.svg import Svg, text_width
from smartlic.times import about

if TYPE_CHECKING:
    from smartlic.whatif.fleet_questions import JitterComparison, Risk

__all__ = ["draw_jitter", "draw_risk"]

WIDTH = 900
LEFT, RIGHT, MARGIN = 92, 850, 20
TITLE_LINE, CHART, GAP = 24, 130, 40
INK, FAINT = "#1a1a1a", "#8a8a8a"

_RISK_LOOKS: dict[str, tuple[str, dict[str, object]]] = {
    "behind": ("pools with a device out of compliance, at the worst time", {"stroke": "#9c1f2e", "stroke_width": 2.5}),
    "out_of_compliance": (
        "device time out of compliance",
        {"stroke": "#b07617", "stroke_width": 2.5, "stroke_dasharray": "8 3"},
    ),
    "blocked": ("device time blocked", {"stroke": "#1a1a1a", "stroke_width": 2.5, "stroke_dasharray": "2 3"}),
}


def draw_jitter(comparison: JitterComparison) -> str:
    """The picture as SVG text, 900 units wide: the load without jitter above that with it, on one scale."""
    exact = comparison.exact
    window = exact.fleet.window
    assert window is not None
    start, end, step = window
    lines = textwrap.wrap(comparison.answer, 78)
    top = 20 + TITLE_LINE * len(lines) + GAP
    axis = top + 2 * CHART + GAP + 8
    svg = _titled(lines, axis + 80, comparison.answer)
    most = max(int(each.result.load.max()) for each in (exact, comparison.jittered))
    away = svg.hatch("smartlic-away", background="#f2f2f2", stroke="#b0b0b0", gap=9, width=0.8)
    for row, (name, outcome) in enumerate((("without jitter", exact), ("with jitter", comparison.jittered))):
        upper = top + row * (CHART + GAP)
        frame = Frame(svg, upper, upper + CHART, LEFT, RIGHT, across((start, end)))
        draw_outages(frame, exact.fleet.outages, away)
        draw_load(frame, f"{name}: requests to the manager in {about(step)}", outcome.result.load, most=most)
    draw_times(frame, axis, start, end)
    x = float(MARGIN)
    for label, look in (("requests", LOAD_LOOKS["requests"]), ("no manager can be reached", {"fill": away})):
        svg.rect(x, axis + 50, 20, 14, stroke=FAINT, stroke_width=0.5, **look)
        svg.text(x + 26, axis + 62, label, size=12)
        x += 46 + text_width(label, 12)
    return str(svg)


def draw_risk(risk: Risk) -> str:
    """The picture as SVG text, 900 units wide: three lines over the parameter's values, evenly apart."""
    lines = textwrap.wrap(risk.answer, 78)
    top = 20 + TITLE_LINE * len(lines) + GAP
    bottom = top + 2 * CHART
    described = "; ".join(f"{point.value:g}: {100 * point.behind:.1f} % of pools behind" for point in risk.points)
    svg = _titled(lines, bottom + 130, f"{risk.answer} {described}.")
    svg.text(MARGIN, top - 14, "%", size=12)
    most, parts = round_up(max(100 * max(point[1:]) for point in risk.points) or 1.0)
    y = scaled(svg, most, parts, (LEFT, RIGHT), (top, bottom))
    gap = (RIGHT - LEFT) / len(risk.points)
    xs = [LEFT + gap * (index + 0.5) for index in range(len(risk.points))]
    every = int((max(text_width(_label(point.value), 12) for point in risk.points) + 8) // gap) + 1
    for index in range(0, len(xs), every):
        svg.line(xs[index], bottom, xs[index], bottom + 6, stroke=INK, stroke_width=1)
        svg.text(xs[index], bottom + 21, _label(risk.points[index].value), size=12, text_anchor="middle")
    svg.line(LEFT, bottom, RIGHT, bottom, stroke=INK, stroke_width=1)
    axis = "devices in a pool" if risk.parameter == "devices" else "licences purchased for each that is requested"
    svg.text((LEFT + RIGHT) / 2, bottom + 42, axis, size=12, text_anchor="middle")
    for row, (name, (label, look)) in enumerate(_RISK_LOOKS.items()):
        heights = [y(100 * getattr(point, name)) for point in risk.points]
        svg.path("M " + " L ".join(f"{x:.1f} {height:.1f}" for x, height in zip(xs, heights, strict=True)), **look)
        for x, height in zip(xs, heights, strict=True):
            svg.circle(x, height, 3.5, fill=look["stroke"])
        svg.path(f"M {MARGIN} {bottom + 67 + 20 * row} h 34", **look)
        svg.text(MARGIN + 42, bottom + 71 + 20 * row, label, size=12)
    return str(svg)


def _titled(lines: list[str], height: float, description: str) -> Svg:
    svg = Svg(WIDTH, height, title=" ".join(lines), description=description)
    svg.rect(0, 0, WIDTH, height, fill="#ffffff")
    for row, line in enumerate(lines):
        svg.text(MARGIN, 30 + TITLE_LINE * row, line, size=17, font_weight="bold")
    return svg


def _label(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:g}"
