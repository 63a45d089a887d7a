"""Modes and transitions are computed from the compiled table of RULES E1; S6 is drawn from them."""

from __future__ import annotations

from typing import Any

import pytest
from pictures import SVG, assert_readable, labels, parsed
from smartlic import _core
from smartlic._gate import Mode
from smartlic.pictures.states import draw
from smartlic.states import Transition, diagram, modes, transitions

# By hand from E1, E2, E5 and E9. In and Out are the same but for what the answer said.
HELD = ("InCompliance", "OutOfCompliance")
ENABLED = ("Eval", "InCompliance", "OutOfCompliance", "EvalExpired", "AuthorizationExpired")
LOST = {"certificate_ended", "refused", "deregistered"}
BY_HAND: dict[tuple[str, str], set[str]] = {
    **{("Disabled", mode): {"enabled"} for mode in ENABLED},
    **{(mode, "Disabled"): {"disabled"} for mode in ENABLED},
    **{
        (before, after): {"granted"}
        for before in ("Eval", "EvalExpired", "AuthorizationExpired", *HELD)
        for after in HELD
        if before != after
    },
    **{(before, after): LOST for before in HELD for after in ("Eval", "EvalExpired")},
    **{(before, "AuthorizationExpired"): {"authorization_ended"} for before in HELD},
    ("Eval", "EvalExpired"): {"evaluation_ended"},
    ("AuthorizationExpired", "Eval"): {"refused", "deregistered"},
    ("AuthorizationExpired", "EvalExpired"): {"refused", "deregistered"},
}


def test_E1_modes_and_what_they_do_to_calls() -> None:
    assert dict(modes()) == {
        "Disabled": False,
        "Eval": True,
        "InCompliance": True,
        "OutOfCompliance": True,
        "EvalExpired": False,
        "AuthorizationExpired": False,
    }


def test_E1_the_transitions_are_those_of_the_rules() -> None:
    assert {(each.before, each.after): set(each.causes) for each in transitions()} == BY_HAND


def test_transitions_follow_the_table_and_no_list_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    real = _core.mode_at

    def lenient(**facts: Any) -> Mode:
        """A table without row 3."""
        mode = real(**facts)
        return Mode.Eval if mode is Mode.AuthorizationExpired else mode

    monkeypatch.setattr(_core, "mode_at", lenient)
    found = {(each.before, each.after): set(each.causes) for each in transitions()}
    assert ("InCompliance", "Eval") in found
    assert "authorization_ended" in found["InCompliance", "Eval"]
    assert not any("AuthorizationExpired" in pair for pair in found)


def test_S6_the_diagram_shows_every_mode_and_cause() -> None:
    svg = diagram()
    texts = [label.text for label in labels(svg)]
    for mode, _ in modes():
        assert texts.count(mode) == 1
    assert texts.count("calls allowed") == 3
    assert texts.count("calls rejected") == 3
    described = parsed(svg).findtext(f"{SVG}desc") or ""
    for each in transitions():
        assert f"{each.before} to {each.after}: " in described
    assert_readable(svg)


def test_the_diagram_draws_only_what_the_table_has() -> None:
    with_all = len(parsed(diagram()).findall(f"{SVG}path"))
    without = [each for each in transitions() if (each.before, each.after) != ("Eval", "EvalExpired")]
    # the arrow and its line in the legend are gone
    assert len(parsed(diagram(without)).findall(f"{SVG}path")) == with_all - 2


@pytest.mark.parametrize(
    "change",
    [
        lambda found: [*found, Transition("EvalExpired", "Eval", ("enabled",))],
        lambda found: [each for each in found if (each.before, each.after) != ("Eval", "InCompliance")],
    ],
    ids=["a new arrow", "half of an arrow to a frame"],
)
def test_the_diagram_says_so_when_it_cannot_show_a_transition(change: Any) -> None:
    with pytest.raises(ValueError, match="no place for"):
        draw(modes(), change(transitions()))


def test_arrows_differ_without_colour() -> None:
    """Each family has its own number on the line, and no two kinds of line that end in a mode look alike."""
    from smartlic.pictures.states import _FAMILIES

    inside = [family.dashes for number, family in _FAMILIES.items() if number <= 5]
    assert len(set(inside)) == len(inside)
    numbers = {label.text for label in labels(diagram()) if label.text.isdigit()}
    assert numbers == {str(number) for number in _FAMILIES}
