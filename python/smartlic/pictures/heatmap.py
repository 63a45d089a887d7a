"""A sweep as a heat map: every cell has its colour and its number, dark is bad, and a legend says what is what."""

from __future__ import annotations

import textwrap
from datetime import datetime
from typing import TYPE_CHECKING

from smartlic.pictures.looks import ramp
from smartlic.pictures.svg import Svg, number, text_width

if TYPE_CHECKING:
    from smartlic.whatif.sweeps import Axis, Sweep

__all__ = ["draw"]

WIDTH, MARGIN = 900, 20
INK, FAINT = "#1a1a1a", "#8a8a8a"
TITLE_LINE, ROW, WIDEST_CELL = 24, 34, 150


def draw(sweep: Sweep) -> str:
    """The picture as SVG text, 900 units wide."""
    return str(_Drawing(sweep).svg)


class _Drawing:
    """From top to bottom: the answer, what the colours are, the second axis' name, cells, labels, the first's name."""

    def __init__(self, sweep: Sweep) -> None:
        self.sweep = sweep
        self.across = sweep.axes[0]
        self.up = sweep.axes[1] if len(sweep.axes) > 1 else None
        rows = len(self.up.values) if self.up else 1
        lines = textwrap.wrap(sweep.answer, 78)
        self.legend = 30 + TITLE_LINE * len(lines)
        self.top = self.legend + (74 if self.up else 58)
        self.row = ROW if rows <= 20 else max(4.0, 20 * ROW / rows)
        self.bottom = self.top + self.row * rows
        self.left = MARGIN + (12 + max(text_width(each, 12) for each in self.up.labels) if self.up else 0)
        self.cell = min(WIDEST_CELL, (WIDTH - MARGIN - self.left) / len(self.across.values))
        height = self.bottom + 56
        self.svg = Svg(WIDTH, height, title=sweep.answer, description=_described(sweep))
        self.svg.rect(0, 0, WIDTH, height, fill="#ffffff")
        for row, line in enumerate(lines):
            self.svg.text(MARGIN, 30 + TITLE_LINE * row, line, size=17, font_weight="bold")
        numbers = [value for value in sweep.cells.values() if value is not None]
        self.least, self.most = min(numbers, default=0.0), max(numbers, default=0.0)
        self.none = self.svg.hatch("smartlic-none", background="#ffffff", stroke="#b8b8b8", gap=7, width=0.7)
        self._legend()
        self._cells()
        self._axes()

    def look(self, value: float) -> tuple[str, str]:
        """A number's colour and that of text on it."""
        share = (value - self.least) / (self.most - self.least) if self.most > self.least else 0.0
        return ramp(share if self.sweep.measure.less_is_better else 1 - share)

    def _legend(self) -> None:
        """The ramp with the numbers at its ends, and what is hatched."""
        svg, measure, y = self.svg, self.sweep.measure, self.legend
        unit = f", {measure.unit}" if measure.unit else ""
        svg.text(MARGIN, y + 12, f"{measure.title}{unit}:", size=13, font_weight="bold")
        x = MARGIN + text_width(f"{measure.title}{unit}:", 13) + 16
        low, high = number(self.least), number(self.most)
        svg.text(x, y + 12, low, size=12)
        x += text_width(low, 12) + 6
        for step in range(24):
            value = self.least + (self.most - self.least) * step / 23
            svg.rect(x + 6 * step, y, 6.5, 16, fill=self.look(value)[0])
        svg.rect(x, y, 144, 16, fill="none", stroke=FAINT, stroke_width=1)
        svg.text(x + 150, y + 12, high, size=12)
        x += 150 + text_width(high, 12) + 24
        if None in self.sweep.cells.values():
            svg.rect(x, y, 22, 16, fill=self.none, stroke=FAINT, stroke_width=1)
            svg.text(x + 28, y + 12, "never, or none to tell", size=12)

    def _cells(self) -> None:
        texts = self._texts()
        for at, value in self.sweep.cells.items():
            x = self.left + self.cell * at[0]
            y = self.bottom - self.row * ((at[1] if self.up else 0) + 1)
            fill, ink = (self.none, INK) if value is None else self.look(value)
            self.svg.rect(x, y, self.cell, self.row, fill=fill, stroke="#ffffff", stroke_width=1)
            if at in texts:
                middle, width = x + self.cell / 2, text_width(texts[at], 12)
                if value is None:
                    self.svg.rect(middle - width / 2, y + self.row / 2 - 8, width, 16, fill="#ffffff", rx=3)
                self.svg.text(middle, y + self.row / 2 + 4, texts[at], size=12, fill=ink, text_anchor="middle")
        if self.sweep.cells:
            across, up = (*self.sweep.ranked[0], 0)[:2]
            x, y = self.left + self.cell * across, self.bottom - self.row * (up + 1)
            self.svg.rect(x + 1.5, y + 1.5, self.cell - 3, self.row - 3, fill="none", stroke=INK, stroke_width=2.5)

    def _texts(self) -> dict[tuple[int, ...], str]:
        """What is written in the cells: numbers, or whole ones where these have no room, or nothing; alike in all."""
        for written in (number, _short):
            texts = {at: "never" if value is None else written(value) for at, value in self.sweep.cells.items()}
            if self.row >= 16 and all(text_width(text, 12) < self.cell - 4 for text in texts.values()):
                return texts
        return {}

    def _axes(self) -> None:
        width = self.cell * len(self.across.values)
        self.svg.rect(self.left, self.top, width, self.bottom - self.top, fill="none", stroke=FAINT, stroke_width=1)
        for index, label in _spaced(self.across, self.cell):
            middle = self.left + self.cell * (index + 0.5)
            self.svg.text(middle, self.bottom + 18, label, size=12, text_anchor="middle")
        self.svg.text(self.left, self.bottom + 40, f"{_named(self.across)} →", size=13, font_weight="bold")
        if self.up is None:
            return
        self.svg.text(MARGIN, self.top - 12, f"↑ {_named(self.up)}", size=13, font_weight="bold")
        every = max(1, round(16 / self.row))
        for index, label in list(enumerate(self.up.labels))[::every]:
            y = self.bottom - self.row * (index + 0.5) + 4
            self.svg.text(self.left - 8, y, label, size=12, text_anchor="end")


def _short(value: float) -> str:
    """A whole number; what is not nothing does not become so."""
    return "<1" if 0 < value < 1 else f"{value:.0f}"


def _spaced(axis: Axis, cell: float) -> list[tuple[int, str]]:
    """As many labels as there is room for."""
    widest = max(text_width(each, 12) for each in axis.labels) + 8
    every = int(widest // cell) + 1
    return list(enumerate(axis.labels))[::every]


def _named(axis: Axis) -> str:
    times = any(
        isinstance(value, datetime) or (str(value)[:4].isdecimal() and "-" in str(value)) for value in axis.values
    )
    place = f" ({axis.place})" if axis.place != axis.title else ""
    return f"{axis.title}{place}{', UTC' if times else ''}"


def _described(sweep: Sweep) -> str:
    cells = (
        f"{', '.join(f'{place} = {value}' for place, value in sweep.values(at).items())}: {sweep.told(value)}"
        for at, value in sorted(sweep.cells.items())
    )
    return ". ".join(cells) + "."
