"""A what-if timeline as a picture: which mode when, when the manager was away, when it answered, when calls stop."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from smartlic.pictures.looks import MODE_LOOKS, mode_fill
from smartlic.pictures.svg import Svg, text_width
from smartlic.times import stamp

if TYPE_CHECKING:
    from smartlic.whatif.timeline import Timeline

__all__ = ["draw"]

WIDTH = 900
LEFT, RIGHT = 92, 850
TITLE_LINE = 24
INK, FAINT, ALARM = "#1a1a1a", "#8a8a8a", "#9c1f2e"


def draw(timeline: Timeline) -> str:
    """The picture as SVG text, 900 units wide. Its title answers the question."""
    return str(_Drawing(timeline).svg)


class _Drawing:
    """Lanes from top to bottom: title, labels of the instants that matter, modes, manager, axis, legend."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        lines = textwrap.wrap(timeline.answer, 78)
        self.labels = 20 + TITLE_LINE * len(lines)
        self.modes = self.labels + (50 if timeline.blocked else 14)
        self.manager = self.modes + 66
        self.axis = self.manager + 44
        height = self.axis + 84
        self.svg = Svg(WIDTH, height, title=timeline.answer, description=timeline.explain())
        self.svg.rect(0, 0, WIDTH, height, fill="#ffffff")
        for number, line in enumerate(lines):
            self.svg.text(LEFT - 72, 30 + TITLE_LINE * number, line, size=17, font_weight="bold")
        self.fills = {mode: mode_fill(self.svg, mode) for mode in dict.fromkeys(b.mode for b in timeline.bands)}
        self.away = self.svg.hatch("smartlic-away", background="#f2f2f2", stroke="#9a9a9a", gap=9, width=0.8)
        self._manager_lane()
        self._mode_lane()
        self._axis()
        self._instants()
        self._legend()

    def x(self, at: datetime) -> float:
        """Where an instant is."""
        timeline = self.timeline
        return LEFT + (RIGHT - LEFT) * ((at - timeline.start) / (timeline.end - timeline.start))

    def _mode_lane(self) -> None:
        self.svg.text(LEFT - 72, self.modes + 28, "mode", size=13)
        for band in self.timeline.bands:
            x, width = self.x(band.start), self.x(band.end) - self.x(band.start)
            self.svg.rect(x, self.modes, width, 46, fill=self.fills[band.mode], stroke="#ffffff", stroke_width=0.5)
            verdict = "calls allowed" if band.calls_allowed else "calls rejected"
            if max(text_width(band.mode, 13), text_width(verdict, 12)) < width - 4:
                middle = x + width / 2
                text = {"fill": MODE_LOOKS[band.mode].text, "text_anchor": "middle"}
                self.svg.text(middle, self.modes + 20, band.mode, size=13, font_weight="bold", **text)
                self.svg.text(middle, self.modes + 37, verdict, size=12, **text)

    def _manager_lane(self) -> None:
        """Outages run behind both lanes, so that one sees what they do to the modes."""
        self.svg.text(LEFT - 72, self.manager + 18, "manager", size=13)
        for start, end in self.timeline.outages:
            x, width = self.x(start), self.x(end) - self.x(start)
            top, height = self.modes - 6, self.manager + 26 - self.modes + 6
            self.svg.rect(x, top, width, height, fill=self.away, stroke=FAINT, stroke_width=1, stroke_dasharray="3 2")
            if text_width("cannot be reached", 12) < width - 8:
                middle, words = x + width / 2, text_width("cannot be reached", 12)
                self.svg.rect(middle - words / 2, self.manager + 4, words, 18, fill="#ffffff", rx=3)
                self.svg.text(middle, self.manager + 17, "cannot be reached", size=12, text_anchor="middle")
        ticks = dict.fromkeys(round(self.x(at), 1) for at in self.timeline.answers)
        if ticks:
            marks = " ".join(f"M {x} {self.manager + 3} v 20" for x in ticks)
            self.svg.path(marks, stroke="#1d6b34", stroke_width=2)

    def _axis(self) -> None:
        self.svg.line(LEFT, self.axis, RIGHT, self.axis, stroke=INK, stroke_width=1)
        for at, label in _ticks(self.timeline.start, self.timeline.end):
            x = self.x(at)
            self.svg.line(x, self.axis, x, self.axis + 6, stroke=INK, stroke_width=1)
            self.svg.text(x, self.axis + 21, label, size=12, text_anchor="middle")
        self.svg.text(LEFT - 72, self.axis + 21, "UTC", size=12)

    def _instants(self) -> None:
        """Calls stop on the upper line and come back on the lower one: the labels never meet."""
        blocked = self.timeline.blocked
        if not blocked:
            return
        self._instant(blocked[0].start, f"calls stop {stamp(blocked[0].start)}", self.labels + 12, ALARM)
        if blocked[0].end < self.timeline.end:
            self._instant(blocked[0].end, f"calls come back {stamp(blocked[0].end)}", self.labels + 32, "#1d6b34")

    def _instant(self, at: datetime, label: str, y: float, colour: str) -> None:
        x = self.x(at)
        self.svg.line(x, y - 10, x, self.modes + 52, stroke=colour, stroke_width=2)
        self.svg.line(x, self.axis - 8, x, self.axis + 6, stroke=colour, stroke_width=2)
        room = x + 6 + text_width(label, 13) < WIDTH
        anchor = {"text_anchor": "start" if room else "end", "fill": colour, "font_weight": "bold"}
        self.svg.text(x + 6 if room else x - 6, y, label, size=13, **anchor)

    def _legend(self) -> None:
        x, y = float(LEFT - 72), self.axis + 48
        entries = [(mode, fill) for mode, fill in self.fills.items()]
        entries += [("manager away", self.away)] if self.timeline.outages else []
        for label, fill in entries:
            self.svg.rect(x, y, 20, 14, fill=fill, stroke=FAINT, stroke_width=1)
            self.svg.text(x + 26, y + 12, label, size=12)
            x += 46 + text_width(label, 12)
        if self.timeline.answers:
            self.svg.line(x + 4, y - 2, x + 4, y + 16, stroke="#1d6b34", stroke_width=2)
            self.svg.text(x + 12, y + 12, "manager answered", size=12)


def _ticks(start: datetime, end: datetime) -> Iterator[tuple[datetime, str]]:
    """Ten to twenty round instants, and what to write there: years, months, days or hours."""
    length = end - start
    if length > timedelta(days=75):
        months = next(m for m in (1, 2, 3, 6, 12) if length / (m * timedelta(days=30.4)) <= 13)
        for number in range(start.year * 12 + start.month - 1, end.year * 12 + end.month):
            at = datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)
            if number % months == 0 and start <= at <= end:
                yield at, at.strftime("%Y-%m")
        return
    hours = next(h for h in (1, 3, 6, 12, 24, 48, 96, 168) if length / timedelta(hours=h) <= 11)
    at = start.replace(hour=0, minute=0, second=0, microsecond=0)
    while at <= end:
        if at >= start:
            yield at, at.strftime("%m-%d" if hours >= 24 else "%m-%d %H:%M")
        at += timedelta(hours=hours)
