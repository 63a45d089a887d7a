"""A log as a picture: the modes that its answers tell of, exchanges and failures, when the process ran, where a request
is missing."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from smartlic.explain import ALLOWED
from smartlic.pictures.charts import Frame, draw_times, marks
from smartlic.pictures.looks import MODE_LOOKS, mode_fill
from smartlic.pictures.svg import Svg, text_width

if TYPE_CHECKING:
    from smartlic.logs.log import Log

__all__ = ["draw"]

WIDTH = 900
LEFT, RIGHT, MARGIN = 92, 850, 20
TITLE_LINE, LANE = 24, 26
INK, FAINT, ALARM, WELL, RUN = "#1a1a1a", "#8a8a8a", "#9c1f2e", "#1d6b34", "#c9d3e0"


def draw(log: Log) -> str:
    """The picture as SVG text, 900 units wide. Its title is the answer as of the log's end."""
    return str(_Drawing(log).svg)


class _Drawing:
    """Lanes from top to bottom: title, modes, manager (exchanges, failures, gaps), process, axis, legend."""

    def __init__(self, log: Log) -> None:
        self.log = log
        answer = log.explain(log.standing.seen or datetime.now(UTC)).answer
        title = textwrap.wrap(answer, 78)
        self.span = _span(log)
        top = 24 + TITLE_LINE * len(title)
        self.modes, self.manager = top + 10, top + 72
        self.process = self.manager + LANE + 10
        self.axis = self.process + LANE + 14
        height = self.axis + 86 if self.span else top + 40
        self.svg = Svg(WIDTH, height, title=answer, description=str(log.explain(log.standing.seen)))
        self.svg.rect(0, 0, WIDTH, height, fill="#ffffff")
        for row, line in enumerate(title):
            self.svg.text(MARGIN, 30 + TITLE_LINE * row, line, size=17, font_weight="bold")
        if self.span is None:
            self.svg.text(MARGIN, top + 20, "Nothing in this log can be dated, so there is nothing to draw.", size=13)
            return
        self._mode_lane()
        self._manager_lane()
        self._process_lane()
        draw_times(Frame(self.svg, self.axis, self.axis, LEFT, RIGHT, self.x), self.axis, *self.span)
        self._legend()

    def x(self, at: datetime) -> float:
        """Where an instant is."""
        assert self.span is not None
        start, end = self.span
        return LEFT + (RIGHT - LEFT) * min(max((at - start) / (end - start), 0.0), 1.0)

    def _mode_lane(self) -> None:
        svg, y = self.svg, self.modes
        assert self.span is not None
        svg.text(MARGIN, y + 28, "mode", size=13)
        svg.rect(LEFT, y, RIGHT - LEFT, 46, fill="#f4f4f4")
        self.fills = {mode: mode_fill(svg, mode) for mode in dict.fromkeys(b.mode for b in self.log.history.bands)}
        for band in self.log.history.bands:
            x, end = self.x(band.start), self.x(band.end or self.span[1])
            svg.rect(x, y, max(end - x, 0.5), 46, fill=self.fills[band.mode], stroke="#ffffff", stroke_width=0.5)
            verdict = "calls allowed" if band.mode in ALLOWED else "calls rejected"
            if max(text_width(band.mode, 13), text_width(verdict, 12)) < end - x - 4:
                looks = {"fill": MODE_LOOKS[band.mode].text, "text_anchor": "middle"}
                svg.text((x + end) / 2, y + 20, band.mode, size=13, font_weight="bold", **looks)
                svg.text((x + end) / 2, y + 37, verdict, size=12, **looks)
        seen = self.log.standing.seen
        if seen is not None:
            svg.line(self.x(seen), y - 6, self.x(seen), self.axis, stroke=INK, stroke_width=1, stroke_dasharray="2 3")

    def _manager_lane(self) -> None:
        y = self.manager
        self.svg.text(MARGIN, y + 18, "manager", size=13)
        for each in self.log.timeline:
            if each.kind == "gap" and each.at and each.until:
                x = self.x(each.at)
                looks = {"fill": "#fbeeee", "stroke": ALARM, "stroke_width": 1, "stroke_dasharray": "3 2"}
                self.svg.rect(x, y, max(self.x(each.until) - x, 1.0), LANE, **looks)
        self._marks(("authorization",), f"{y + 3} v 20", WELL, 2)
        self._marks(("failure",), f"{y + 8} l 7 10 m 0 -10 l -7 10", ALARM, 12)
        self._marks(("registration", "renewal"), f"{y + 24} v -20 h 8 l -8 8", INK, 8)

    def _marks(self, kinds: Sequence[str], shape: str, colour: str, gap: float) -> None:
        """Marks for the entries of these kinds."""
        xs = sorted(self.x(each.at) for each in self.log.entries if each.kind in kinds and each.at)
        if path := marks(xs, shape, gap):
            self.svg.path(path, stroke=colour, stroke_width=2)

    def _process_lane(self) -> None:
        y = self.process
        self.svg.text(MARGIN, y + 18, "process", size=13)
        for run in self.log.runs:
            begin = run.began or run.first_at
            if begin is None or run.last_at is None:
                continue
            x, end = self.x(begin), self.x(run.last_at)
            self.svg.rect(x, y + 6, max(end - x, 1.0), LANE - 12, fill=RUN, stroke=FAINT, stroke_width=0.5)
            if run.began:
                self.svg.line(x, y + 2, x, y + LANE - 2, stroke=INK, stroke_width=1.5)

    def _legend(self) -> None:
        y, x = self.axis + 46, float(MARGIN)
        for name, draw_mark in self._shown():
            width = 46 + text_width(name, 12)
            if x + width > WIDTH:
                x, y = float(MARGIN), y + 20
            draw_mark(x, y)
            self.svg.text(x + 26, y + 12, name, size=12)
            x += width

    def _shown(self) -> Iterator[tuple[str, Callable[[float, float], None]]]:
        svg = self.svg
        box = partial(svg.rect, width=20, height=14, stroke=FAINT, stroke_width=1)
        for mode, fill in self.fills.items():
            yield mode, partial(box, fill=fill)
        yield "answered", lambda x, y: svg.path(f"M {x + 10} {y - 2} v 18", stroke=WELL, stroke_width=2)
        cross = "l 7 10 m 0 -10 l -7 10"
        yield "failed", lambda x, y: svg.path(f"M {x + 6} {y + 2} {cross}", stroke=ALARM, stroke_width=2)
        yield "registered", lambda x, y: svg.path(f"M {x + 6} {y + 16} v -18 h 8 l -8 8", stroke=INK, stroke_width=2)
        yield "process ran", partial(box, fill=RUN)
        yield (
            "the log's end",
            lambda x, y: svg.line(x + 10, y - 2, x + 10, y + 16, stroke=INK, stroke_width=1, stroke_dasharray="2 3"),
        )


def _span(log: Log) -> tuple[datetime, datetime] | None:
    """From the first dated line to the end of the last authorization, or of the log, with some room behind it."""
    times = [each.at for each in log.entries] + [run.began or run.first_at for run in log.runs]
    dated = [each for each in times if each is not None]
    if not dated or log.standing.seen is None:
        return None
    first, last = min(dated), max(log.standing.seen, log.standing.authorization_end or log.standing.seen)
    room = max((last - first) * 0.06, timedelta(minutes=1))
    return first - room / 3, last + room
