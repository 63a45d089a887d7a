"""What tests of pictures share: their texts with the room that each takes."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from xml.etree import ElementTree

from smartlic.pictures.svg import text_width

SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True)
class Label:
    """A text and its box."""

    text: str
    left: float
    right: float
    top: float
    bottom: float

    def meets(self, other: Label) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


def parsed(svg: str) -> ElementTree.Element:
    """The picture's root; raises if it is not well-formed XML."""
    return ElementTree.fromstring(svg)


def labels(svg: str) -> list[Label]:
    """Every text that is drawn."""
    found = []
    for element in parsed(svg).iter(f"{SVG}text"):
        size, x, y = (float(element.attrib[name]) for name in ("font-size", "x", "y"))
        width = text_width(element.text or "", size)
        left = x - {"start": 0.0, "middle": 0.5, "end": 1.0}[element.get("text-anchor", "start")] * width
        found.append(Label(element.text or "", left, left + width, y - 0.75 * size, y + 0.2 * size))
    return found


def assert_readable(svg: str) -> None:
    """No text leaves the picture, none lies on another."""
    root = parsed(svg)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    texts = labels(svg)
    for each in texts:
        assert each.left >= 0
        assert each.right <= width, each
        assert 0 <= each.top < each.bottom <= height, each
    for one, other in itertools.combinations(texts, 2):
        assert not one.meets(other), (one, other)
