"""A replay as a picture: calls offered and admitted, the average that closes the gate, and the limit."""

from __future__ import annotations

import math
import textwrap
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from smartlic.pictures.charts import RATE_LOOKS, round_up, scaled
from smartlic.pictures.svg import Svg, number
from smartlic.pictures.window import AVERAGE_LOOKS, draw_legend
from smartlic.times import stamp

if TYPE_CHECKING:
    from smartlic.sip.replay import Replay

__all__ = ["draw"]

WIDTH, HEIGHT = 900, 400
LEFT, RIGHT, MARGIN = 70, 860, 20
TITLE_LINE, BOTTOM = 24, 310
_COLUMNS = 400  # what is within one is averaged
_UNITS = ((86400, "days"), (3600, "hours"), (60, "minutes"), (1, "seconds"))


def draw(replay: Replay) -> str:
    """The picture as SVG text, 900 units wide. Its title answers how many calls are rejected."""
    return str(_Drawing(replay).svg)


class _Drawing:
    """Columns of one or more intervals each; ``edges`` are the numbers of their first intervals, and the end."""

    def __init__(self, replay: Replay) -> None:
        self.replay = replay
        total = len(replay.offered_by_interval)
        width = math.ceil(total / _COLUMNS)
        self.edges = [*range(0, total, width), total]
        self.xs = [LEFT + (RIGHT - LEFT) * edge / total for edge in self.edges]
        title = textwrap.wrap(replay.answer, 78)
        self.top = 56 + TITLE_LINE * len(title)
        self.svg = Svg(WIDTH, HEIGHT, title=replay.answer, description=" ".join(replay.lines) or replay.answer)
        self.svg.rect(0, 0, WIDTH, HEIGHT, fill="#ffffff")
        for row, line in enumerate(title):
            self.svg.text(MARGIN, 30 + TITLE_LINE * row, line, size=17, font_weight="bold")
        self.svg.text(MARGIN, self.top - 16, "calls per second", size=12)
        self._rates()
        self._axis(total)

    def _rates(self) -> None:
        replay, svg, averaged = self.replay, self.svg, self.replay.policy == "average"
        closed = None
        if replay.closed.any():
            closed = svg.hatch("smartlic-closed", background="#f6e3e5", stroke="#c77d86", gap=9, width=0.8)
            for (a, b), (left, right) in zip(pairwise(self.edges), pairwise(self.xs), strict=True):
                if replay.closed[a:b].any():
                    svg.rect(left, self.top - 8, right - left, BOTTOM - self.top + 8, fill=closed)
        rates = {
            "offered": self._per_second(replay.offered_by_interval),
            "admitted": self._per_second(replay.admitted_by_interval),
        }
        averages = [int(calls) / replay.window.total_seconds() for calls in replay.calls_before[self.edges[:-1]]]
        most, parts = round_up(max(*rates["offered"], *averages, replay.limit, 1))
        y = scaled(svg, most, parts, (LEFT, RIGHT), (self.top, BOTTOM))
        for name, values in rates.items():
            stairs = " ".join(f"V {y(rate):.1f} H {x:.1f}" for rate, x in zip(values, self.xs[1:], strict=True))
            svg.path(f"M {LEFT} {BOTTOM} {stairs} V {BOTTOM} Z", **RATE_LOOKS[name])
        svg.line(LEFT, y(replay.limit), RIGHT, y(replay.limit), **RATE_LOOKS["licensed"])
        if averaged:
            points = " L ".join(f"{x:.1f} {y(value):.1f}" for x, value in zip(self.xs, averages, strict=False))
            svg.path(f"M {points}", **AVERAGE_LOOKS)
        window = f"average of the last {replay.window.total_seconds():g} s" if averaged else None
        draw_legend(svg, closed, HEIGHT - 32, window)

    def _per_second(self, counts: Any) -> list[float]:
        length = self.replay.interval.total_seconds()
        return [int(counts[a:b].sum()) / ((b - a) * length) for a, b in pairwise(self.edges)]

    def _axis(self, total: int) -> None:
        length = total * self.replay.interval.total_seconds()
        size, unit = next((each for each in _UNITS if length >= 3 * each[0]), _UNITS[-1])
        step = next(
            each
            for power in range(9)
            for each in (10**power, 2 * 10**power, 5 * 10**power)
            if length / size / each <= 12
        )
        self.svg.line(LEFT, BOTTOM, RIGHT, BOTTOM, stroke="#1a1a1a", stroke_width=1)
        for count in range(0, int(length / size) + 1, step):
            x = LEFT + (RIGHT - LEFT) * count * size / length
            self.svg.line(x, BOTTOM, x, BOTTOM + 6, stroke="#1a1a1a", stroke_width=1)
            self.svg.text(x, BOTTOM + 21, number(count), size=12, text_anchor="middle")
        since = f"{unit} since {stamp(self.replay.start)}"
        self.svg.text((LEFT + RIGHT) / 2, BOTTOM + 40, since, size=12, text_anchor="middle")
