"""The diagram of S6: six modes, what each does to calls, and what leads from one to another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from smartlic.explain import CAUSES
from smartlic.pictures.looks import MODE_LOOKS, mode_fill
from smartlic.pictures.svg import Svg

if TYPE_CHECKING:
    from smartlic.states import Transition

__all__ = ["draw"]

WIDTH, HEIGHT = 940, 642
INK, FRAME = "#1a1a1a", "#6a6a6a"

Point = tuple[float, float]
Arrow = tuple[str, str, int]  # from mode, to mode, number of the family


@dataclass(frozen=True)
class _Family:
    """Causes that are drawn alike: by colour, dashes and the number on the line, so that any one of them is enough."""

    causes: tuple[str, ...]
    colour: str
    dashes: str | None


_FAMILIES = {
    1: _Family(("granted",), "#1d6b34", None),
    2: _Family(("authorization_ended",), "#b3202f", "9 4"),
    3: _Family(("certificate_ended",), "#a85a00", "2 3"),
    4: _Family(("evaluation_ended",), "#6a2a7c", "12 3 2 3"),
    5: _Family(("refused", "deregistered"), "#1f4e99", "5 3"),
    6: _Family(("enabled",), "#333333", None),
    7: _Family(("disabled",), "#333333", "1 3"),
}

_BOXES: dict[str, tuple[float, float, float, float]] = {
    "Disabled": (16, 236, 124, 60),
    "InCompliance": (254, 116, 200, 60),
    "OutOfCompliance": (664, 116, 200, 60),
    "Eval": (218, 330, 184, 60),
    "EvalExpired": (467, 330, 184, 60),
    "AuthorizationExpired": (716, 330, 184, 60),
}

# Frames stand for every mode in them. An arrow that ends at a frame holds for all of these.
_FRAMES: dict[str, tuple[tuple[str, ...], tuple[float, float, float, float], str]] = {
    "enabled": (
        ("Eval", "InCompliance", "OutOfCompliance", "EvalExpired", "AuthorizationExpired"),
        (200, 48, 722, 412),
        "smart licensing enabled",
    ),
    "authorized": (("InCompliance", "OutOfCompliance"), (218, 82, 682, 112), "authorization held and not over"),
}


@dataclass(frozen=True)
class _Route:
    """Where an arrow is drawn, if the table has it: between modes or frames, along ``points``, number at ``badge``."""

    before: str
    after: str
    family: int
    points: tuple[Point, ...]
    badge: Point


def _vertical(before: str, after: str, family: int, x: float, *, up: bool) -> _Route:
    """Between the frame of the authorized modes and the row below it."""
    points = ((x, 330.0), (x, 194.0)) if up else ((x, 194.0), (x, 330.0))
    return _Route(before, after, family, points, (x, 262.0))


_ROUTES = (
    _Route("Disabled", "enabled", 6, ((140, 254), (200, 254)), (166, 254)),
    _Route("enabled", "Disabled", 7, ((200, 280), (140, 280)), (174, 280)),
    _Route("InCompliance", "OutOfCompliance", 1, ((454, 136), (664, 136)), (559, 136)),
    _Route("OutOfCompliance", "InCompliance", 1, ((664, 158), (454, 158)), (559, 158)),
    _vertical("Eval", "authorized", 1, 258, up=True),
    _vertical("authorized", "Eval", 3, 310, up=False),
    _vertical("authorized", "Eval", 5, 362, up=False),
    _vertical("EvalExpired", "authorized", 1, 507, up=True),
    _vertical("authorized", "EvalExpired", 3, 559, up=False),
    _vertical("authorized", "EvalExpired", 5, 611, up=False),
    _vertical("AuthorizationExpired", "authorized", 1, 782, up=True),
    _vertical("authorized", "AuthorizationExpired", 2, 834, up=False),
    _Route("Eval", "EvalExpired", 4, ((402, 360), (467, 360)), (432, 360)),
    _Route("AuthorizationExpired", "EvalExpired", 5, ((716, 360), (651, 360)), (686, 360)),
    _Route("AuthorizationExpired", "Eval", 5, ((808, 390), (808, 430), (310, 430), (310, 390)), (559, 430)),
)


def draw(modes: Sequence[tuple[str, bool]], transitions: Iterable[Transition]) -> str:
    """The diagram as SVG text. ``modes``: name and whether calls are allowed.

    Only what is in ``transitions`` is drawn. Raises ``ValueError`` for a transition that the layout has no place for.
    """
    wanted = _arrows(transitions)
    svg = Svg(WIDTH, HEIGHT, title="Enforcement modes and what leads from one to another", description=_told(wanted))
    svg.rect(0, 0, WIDTH, HEIGHT, fill="#ffffff")
    svg.text(
        16, 30, "Enforcement modes: which allow calls, and what leads from one to another", size=17, font_weight="bold"
    )
    _draw_frames(svg)
    for mode, allowed in modes:
        _draw_mode(svg, mode, allowed=allowed)
    heads = {number: svg.arrow(f"smartlic-head-{number}", colour=each.colour) for number, each in _FAMILIES.items()}
    for route in _ROUTES:
        covered = _covered(route)
        if covered <= wanted:
            _draw_route(svg, route, heads[route.family])
    missing = wanted.difference(*(_covered(route) for route in _ROUTES if _covered(route) <= wanted))
    if missing:
        raise ValueError(f"the diagram has no place for {sorted(missing)}")
    _draw_legend(svg, heads, {family for _, _, family in wanted})
    return str(svg)


def _arrows(transitions: Iterable[Transition]) -> set[Arrow]:
    family_of = {cause: number for number, family in _FAMILIES.items() for cause in family.causes}
    return {(each.before, each.after, family_of[cause]) for each in transitions for cause in each.causes}


def _covered(route: _Route) -> set[Arrow]:
    """The transitions that a drawn route stands for."""
    befores = _FRAMES[route.before][0] if route.before in _FRAMES else (route.before,)
    afters = _FRAMES[route.after][0] if route.after in _FRAMES else (route.after,)
    return {(before, after, route.family) for before in befores for after in afters}


def _told(arrows: set[Arrow]) -> str:
    return ". ".join(f"{before} to {after}: {_words(family)}" for before, after, family in sorted(arrows)) + "."


def _words(family: int) -> str:
    return ", or ".join(CAUSES[cause] for cause in _FAMILIES[family].causes)


def _draw_frames(svg: Svg) -> None:
    for _, (x, y, width, height), label in _FRAMES.values():
        svg.rect(x, y, width, height, rx=10, fill="#fafafa", stroke=FRAME, stroke_width=1.5)
        svg.text(x + 14, y + 22, label, size=13, fill=FRAME)
    svg.circle(78, 172, 6, fill=INK)
    svg.text(78, 156, "from the factory", size=12, text_anchor="middle")
    svg.line(78, 178, 78, 234, stroke=INK, stroke_width=2, marker_end=svg.arrow("smartlic-head-start", colour=INK))


def _draw_mode(svg: Svg, mode: str, *, allowed: bool) -> None:
    x, y, width, height = _BOXES[mode]
    look, middle = MODE_LOOKS[mode], x + width / 2
    text = {"fill": look.text, "text_anchor": "middle"}
    svg.rect(x, y, width, height, rx=6, fill=mode_fill(svg, mode), stroke=INK, stroke_width=2)
    svg.text(middle, y + 26, mode, size=13.5, font_weight="bold", **text)
    svg.text(middle, y + 45, "calls allowed" if allowed else "calls rejected", size=12, **text)


def _draw_route(svg: Svg, route: _Route, head: str) -> None:
    line = "M " + " L ".join(f"{x} {y}" for x, y in route.points)
    _draw_line(svg, line, _FAMILIES[route.family], head)
    _draw_badge(svg, route.badge, route.family)


def _draw_line(svg: Svg, line: str, family: _Family, head: str) -> None:
    svg.path(line, stroke=family.colour, stroke_width=2, stroke_dasharray=family.dashes, marker_end=head)


def _draw_badge(svg: Svg, at: Point, number: int) -> None:
    x, y = at
    colour = _FAMILIES[number].colour
    svg.circle(x, y, 9, fill="#ffffff", stroke=colour, stroke_width=1.5)
    svg.text(x, y + 4, str(number), size=12, font_weight="bold", fill=colour, text_anchor="middle")


def _draw_legend(svg: Svg, heads: dict[int, str], families: set[int]) -> None:
    for row, number in enumerate(sorted(families)):
        y = 488 + 22 * row
        _draw_line(svg, f"M 24 {y} L 88 {y}", _FAMILIES[number], heads[number])
        _draw_badge(svg, (52, y), number)
        svg.text(100, y + 4, _words(number))
    notes = (
        "A frame stands for every mode in it.",
        "1 leads to In- or OutOfCompliance, as it says;",
        "3 and 5 to Eval while evaluation time is left,",
        "else to EvalExpired;",
        "6 to the mode that the stored facts give.",
    )
    for row, note in enumerate(notes):
        svg.text(548, 492 + 22 * row, note, size=12)
