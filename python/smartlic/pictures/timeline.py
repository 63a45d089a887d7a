"""A what-if timeline as a picture: which mode when, what manager and device went through, what is left of each period,
and calls against the limit."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from smartlic.pictures.charts import LEFT_LOOKS, RATE_LOOKS, Frame, draw_left, draw_rate, draw_times, left_shown, marks
from smartlic.pictures.looks import MODE_LOOKS, mode_fill
from smartlic.pictures.svg import Svg, text_width
from smartlic.times import about, stamp
from smartlic.whatif.left import periods_left

if TYPE_CHECKING:
    from smartlic.whatif.timeline import Timeline

__all__ = ["draw"]

WIDTH = 900
LEFT, RIGHT, MARGIN = 92, 850, 20
TITLE_LINE, LANE, CHART = 24, 26, 84
INK, FAINT, ALARM, WELL = "#1a1a1a", "#8a8a8a", "#9c1f2e", "#1d6b34"

_FLAGS = {
    "registered": "registered",
    "deregistered": "deregistered",
    "certificate_ended": "certificate ended",
    "clock_corrected": "clock corrected",
    "fork_suspected": "copy suspected",
}
"""Events that the device's lane shows, as words."""


def draw(timeline: Timeline) -> str:
    """The picture as SVG text, 900 units wide. Its title answers the question."""
    return str(_Drawing(timeline).svg)


class _Drawing:
    """Lanes from top to bottom: title, labels of the instants that matter, modes, manager, device, what is left of each
    period, calls, axis, legend, what lies ahead."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.left = periods_left(timeline)
        title = textwrap.wrap(timeline.answer, 78)
        ahead = textwrap.wrap(_ahead(timeline), 112)
        self.labels = 20 + TITLE_LINE * len(title)
        self.modes = self.labels + (50 if timeline.blocked else 14)
        self.manager = self.modes + 62
        self.device = self.manager + LANE + 10
        self.periods = self.device + LANE + 26
        self.calls = self.periods + (CHART + 30 if self.left else -10)
        self.axis = self.calls + (CHART if timeline.calls is not None else -20) + 10
        legend, rows = self._legend_places()
        foot = self.axis + 52 + 22 * rows
        height = foot + 16 * len(ahead) + 10
        self.svg = Svg(WIDTH, height, title=timeline.answer, description=timeline.explain())
        self.svg.rect(0, 0, WIDTH, height, fill="#ffffff")
        for row, line in enumerate(title):
            self.svg.text(MARGIN, 30 + TITLE_LINE * row, line, size=17, font_weight="bold")
        self._fills()
        self._manager_lane()
        self._mode_lane()
        self._device_lane()
        self._charts()
        self._axis()
        self._instants()
        self._legend(legend)
        for row, line in enumerate(ahead):
            self.svg.text(MARGIN, foot + 12 + 16 * row, line, size=12)

    def x(self, at: datetime) -> float:
        """Where an instant is."""
        timeline = self.timeline
        share = (at - timeline.start) / (timeline.end - timeline.start)
        return LEFT + (RIGHT - LEFT) * min(max(share, 0.0), 1.0)

    def _fills(self) -> None:
        svg = self.svg
        self.fills = {mode: mode_fill(svg, mode) for mode in dict.fromkeys(b.mode for b in self.timeline.bands)}
        away = svg.hatch("smartlic-away", background="#f2f2f2", stroke="#9a9a9a", gap=9, width=0.8)
        self.fills["manager away"] = away
        self.fills["manager refuses"] = svg.dots("smartlic-refuses", background="#fbeeee", fill=ALARM)
        self.fills["machine off"] = svg.hatch("smartlic-off", background="#8f8f8f", stroke="#5c5c5c", gap=6, width=1)

    def _mode_lane(self) -> None:
        self.svg.text(MARGIN, self.modes + 28, "mode", size=13)
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
        timeline, y = self.timeline, self.manager
        self.svg.text(MARGIN, y + 18, "manager", size=13)
        intervals = [(a, b, "manager away", "cannot be reached", self.modes - 6) for a, b in timeline.outages]
        intervals += [(a, b, "manager refuses", f"refuses: {code}", y) for a, b, code in timeline.refusals]
        for start, end, fill, _, top in intervals:
            looks = {"fill": self.fills[fill], "stroke": FAINT, "stroke_width": 1, "stroke_dasharray": "3 2"}
            self.svg.rect(self.x(start), top, self.x(end) - self.x(start), y + LANE - top, **looks)
        self._marks(timeline.answers, f"{y + 3} v 20", WELL, 2)
        self._marks(timeline.refused, f"{y + 8} l 7 10 m 0 -10 l -7 10", ALARM, 12)
        for start, end, _, label, _ in intervals:
            middle, words = (self.x(start) + self.x(end)) / 2, text_width(label, 12)
            if words < self.x(end) - self.x(start) - 8:
                self.svg.rect(middle - words / 2 - 2, y + 4, words + 4, 18, fill="#ffffff", rx=3)
                self.svg.text(middle, y + 17, label, size=12, text_anchor="middle")

    def _marks(self, times: Iterable[datetime], shape: str, colour: str, gap: float) -> None:
        if path := marks(map(self.x, times), shape, gap):
            self.svg.path(path, stroke=colour, stroke_width=2)

    def _device_lane(self) -> None:
        """When the machine is off, and flags; a flag that has no room has no label."""
        y = self.device
        self.svg.text(MARGIN, y + 18, "device", size=13)
        for start, end in self.timeline.restarts:
            width = max(2.0, self.x(end) - self.x(start))
            self.svg.rect(self.x(start), y + 2, width, LANE - 4, fill=self.fills["machine off"])
        flags = sorted(_flags(self.timeline))
        xs = [self.x(at) for at, _ in flags] + [float(WIDTH)]
        free = float(LEFT)
        for (_, label), x, after in zip(flags, xs, xs[1:], strict=False):
            self.svg.path(f"M {x:.1f} {y + 24} v -20 h 8 l -8 8", stroke=INK, stroke_width=1.5)
            width = text_width(label, 11)
            right = x + 12 + width < after
            begin = x + 11 if right else x - 6 - width
            if begin <= free:
                continue
            self.svg.rect(begin, y + 5, width, 16, fill="#ffffff")
            anchor = "start" if right else "end"
            self.svg.text(x + 11 if right else x - 6, y + 17, label, size=11, text_anchor=anchor)
            free = begin + width if right else x + 8

    def _charts(self) -> None:
        if self.left:
            draw_left(self._frame(self.periods), self.left)
        if self.timeline.calls is not None:
            draw_rate(self._frame(self.calls), self.timeline.calls, self.timeline.end)

    def _frame(self, top: float) -> Frame:
        return Frame(self.svg, top, top + CHART, LEFT, RIGHT, self.x)

    def _axis(self) -> None:
        draw_times(self._frame(self.axis), self.axis, self.timeline.start, self.timeline.end)

    def _instants(self) -> None:
        """Calls stop on the upper line and come back on the lower one: the labels never meet."""
        blocked = self.timeline.blocked
        if not blocked:
            return
        self._instant(blocked[0].start, f"calls stop {stamp(blocked[0].start)}", self.labels + 12, ALARM)
        if blocked[0].end < self.timeline.end:
            self._instant(blocked[0].end, f"calls come back {stamp(blocked[0].end)}", self.labels + 32, WELL)

    def _instant(self, at: datetime, label: str, y: float, colour: str) -> None:
        x = self.x(at)
        self.svg.line(x, y - 10, x, self.modes + 52, stroke=colour, stroke_width=2)
        self.svg.line(x, self.axis - 8, x, self.axis + 6, stroke=colour, stroke_width=2)
        room = x + 6 + text_width(label, 13) < WIDTH
        # The other instant's line may cross the label.
        self.svg.rect(
            x + 5 if room else x - 5 - text_width(label, 13), y - 11, text_width(label, 13), 15, fill="#ffffff"
        )
        anchor = {"text_anchor": "start" if room else "end", "fill": colour, "font_weight": "bold"}
        self.svg.text(x + 6 if room else x - 6, y, label, size=13, **anchor)

    def _legend_places(self) -> tuple[list[tuple[str, float, int]], int]:
        """What the legend names: label, x and row; and how many rows there are."""
        timeline = self.timeline
        names = list(dict.fromkeys(band.mode for band in timeline.bands))
        names += ["manager away"] * bool(timeline.outages) + ["manager refuses"] * bool(timeline.refusals)
        names += ["machine off"] * bool(timeline.restarts) + ["manager answered"] * bool(timeline.answers)
        names += ["manager refused"] * bool(timeline.refused)
        names += [f"left: {name}" for name in left_shown(self.left)]
        names += [f"calls {name}" for name in RATE_LOOKS] if timeline.calls is not None else []
        places, x, row = [], float(MARGIN), 0
        for name in names:
            width = 46 + text_width(name, 12)
            if x + width > WIDTH:
                x, row = float(MARGIN), row + 1
            places.append((name, x, row))
            x += width
        return places, row + 1

    def _legend(self, places: list[tuple[str, float, int]]) -> None:
        for name, x, row in places:
            y = self.axis + 46 + 22 * row
            kind, _, rest = name.partition(" ")
            if name in self.fills:
                self.svg.rect(x, y, 20, 14, fill=self.fills[name], stroke=FAINT, stroke_width=1)
            elif name == "manager answered":
                self.svg.path(f"M {x + 10} {y - 2} v 18", stroke=WELL, stroke_width=2)
            elif name == "manager refused":
                self.svg.path(f"M {x + 6} {y + 2} l 7 10 m 0 -10 l -7 10", stroke=ALARM, stroke_width=2)
            elif kind == "left:":
                self.svg.path(f"M {x} {y + 7} h 22", **LEFT_LOOKS[rest])
            elif rest == "licensed":
                self.svg.path(f"M {x} {y + 7} h 22", **RATE_LOOKS[rest])
            else:
                self.svg.rect(x, y, 20, 14, **RATE_LOOKS[rest])
            self.svg.text(x + 26, y + 12, name, size=12)


def _flags(timeline: Timeline) -> Iterator[tuple[datetime, str]]:
    """What happened to the device, and what was done to it."""
    for event in timeline.events:
        if event.kind in _FLAGS:
            yield event.at, _FLAGS[event.kind]
    for at, by in timeline.clock_jumps:
        yield at, f"clock {'+' if by > timedelta(0) else '-'}{about(by)}"
    for at in timeline.restored:
        yield at, "restored"


def _ahead(timeline: Timeline) -> str:
    ahead = [f"{each.words} {each.at:%Y-%m-%d}" for each in timeline.deadlines()]
    return f"Ahead at the end: {'; '.join(ahead)} (UTC)." if ahead else ""
