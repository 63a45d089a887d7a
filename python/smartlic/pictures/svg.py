"""A small SVG writer: shapes in, text out. Numbers are user units; what is written is escaped.

Looks are presentation attributes, never ``style``, so pictures keep within a strict content security policy.
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

__all__ = ["FONT", "Svg", "number", "text_width"]

FONT = "DejaVu Sans, Verdana, Helvetica, Arial, sans-serif"

# The widest of these fonts, so that what fits by this estimate fits everywhere.
_WIDTH = 0.62


def text_width(text: str, size: float) -> float:
    """An upper estimate of how wide a text is."""
    return len(text) * size * _WIDTH


def number(value: float) -> str:
    """As short as it may be: a whole number, or one decimal below ten."""
    return f"{value:.1f}" if abs(value) < 10 and value != round(value) else f"{value:,.0f}"


class Svg:
    """One picture. ``title`` and ``description`` are for people who do not see it.

    Further attributes are keyword arguments, with ``_`` for ``-``: ``stroke_width=2``; None leaves one out.
    """

    def __init__(self, width: float, height: float, *, title: str, description: str) -> None:
        self._size = (width, height)
        self._about = (title, description)
        self._defs: list[str] = []
        self._body: list[str] = []

    def rect(self, x: float, y: float, width: float, height: float, **looks: object) -> None:
        """A rectangle from its upper left corner."""
        self._body.append(_element("rect", {"x": x, "y": y, "width": width, "height": height, **looks}))

    def line(self, x1: float, y1: float, x2: float, y2: float, **looks: object) -> None:
        """A straight line; ``stroke`` has to be given to see it."""
        self._body.append(_element("line", {"x1": x1, "y1": y1, "x2": x2, "y2": y2, **looks}))

    def circle(self, x: float, y: float, radius: float, **looks: object) -> None:
        """A circle around its centre."""
        self._body.append(_element("circle", {"cx": x, "cy": y, "r": radius, **looks}))

    def path(self, d: str, **looks: object) -> None:
        """A path in SVG's own words, not filled unless ``fill`` is given."""
        self._body.append(_element("path", {"d": d, "fill": "none", **looks}))

    def text(self, x: float, y: float, content: str, *, size: float = 13, **looks: object) -> None:
        """One line of text with its baseline at ``y``."""
        self._body.append(_element("text", {"x": x, "y": y, "font_size": size, "fill": "#1a1a1a", **looks}, content))

    def hatch(self, name: str, *, background: str, stroke: str, gap: float = 8, width: float = 2) -> str:
        """Defines a diagonal pattern; gives what to use as ``fill``."""
        attributes = {"id": name, "width": gap, "height": gap, "patternUnits": "userSpaceOnUse"}
        inner = _element("rect", {"width": gap, "height": gap, "fill": background})
        inner += _element("line", {"x1": 0, "y1": 0, "x2": 0, "y2": gap, "stroke": stroke, "stroke_width": 2 * width})
        self._defs.append(_wrap("pattern", {**attributes, "patternTransform": "rotate(45)"}, inner))
        return f"url(#{name})"

    def dots(self, name: str, *, background: str, fill: str, gap: float = 6, radius: float = 1.2) -> str:
        """Defines a pattern of dots; gives what to use as ``fill``."""
        inner = _element("rect", {"width": gap, "height": gap, "fill": background})
        inner += _element("circle", {"cx": gap / 2, "cy": gap / 2, "r": radius, "fill": fill})
        attributes = {"id": name, "width": gap, "height": gap, "patternUnits": "userSpaceOnUse"}
        self._defs.append(_wrap("pattern", attributes, inner))
        return f"url(#{name})"

    def arrow(self, name: str, *, colour: str) -> str:
        """Defines an arrow head; gives what to use as ``marker_end``."""
        box = {"id": name, "viewBox": "0 0 10 10", "refX": 9, "refY": 5, "orient": "auto-start-reverse"}
        head = _element("path", {"d": "M 0 1 L 10 5 L 0 9 z", "fill": colour})
        units = {"markerUnits": "userSpaceOnUse", "markerWidth": 11, "markerHeight": 11}
        self._defs.append(_wrap("marker", {**box, **units}, head))
        return f"url(#{name})"

    def __str__(self) -> str:
        width, height = (_plain(each) for each in self._size)
        title, description = (escape(each) for each in self._about)
        root = {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {width} {height}",
            "width": width,
            "height": height,
            "role": "img",
            "font_family": FONT,
        }
        inner = f"<title>{title}</title>\n<desc>{description}</desc>\n"
        inner += f"<defs>{''.join(self._defs)}</defs>\n" if self._defs else ""
        return _wrap("svg", root, "\n" + inner + "\n".join(self._body) + "\n") + "\n"


def _element(name: str, attributes: Mapping[str, object], content: str | None = None) -> str:
    if content is None:
        return f"<{name}{_attributes(attributes)}/>"
    return _wrap(name, attributes, escape(content))


def _wrap(name: str, attributes: Mapping[str, object], inner: str) -> str:
    return f"<{name}{_attributes(attributes)}>{inner}</{name}>"


def _attributes(attributes: Mapping[str, object]) -> str:
    return "".join(
        f" {name.replace('_', '-')}={quoteattr(_plain(value))}"
        for name, value in attributes.items()
        if value is not None
    )


def _plain(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
