"""The enforcement modes and what leads from one to another (S1-S6), computed from the compiled table of RULES E1.

No list of transitions is kept: every combination of stored facts meets every input, and ``mode_at`` says which mode it
is before and after. A corrected clock (T2) is not among the inputs: it changes the time, not the facts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from smartlic import _core, _gate

__all__ = ["Transition", "diagram", "modes", "transitions"]

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_PERIODS = _core.Periods()
_LONG = timedelta(days=360)


@dataclass(frozen=True)
class Transition:
    """From mode ``before`` to mode ``after``, and the rules' words for what may cause it (``explain.CAUSES``)."""

    before: str
    after: str
    causes: tuple[str, ...]


@dataclass(frozen=True)
class _Facts:
    """What E1 looks at, at one instant."""

    enabled: bool
    authorization: _core.Authorization | None
    evaluation_left: bool

    @property
    def mode(self) -> _gate.Mode:
        used = timedelta(0) if self.evaluation_left else _PERIODS.evaluation
        return _core.mode_at(enabled=self.enabled, authorization=self.authorization, evaluation_used=used, at=_NOW)

    @property
    def held(self) -> bool:
        return self.authorization is not None and self.authorization.end() > _NOW


def _grant(*, out_of_compliance: bool = False, age: timedelta, bound: timedelta) -> _core.Authorization:
    return _core.Authorization(start=_NOW - age, bound=_NOW + bound, out_of_compliance=out_of_compliance)


_DAY = timedelta(days=1)
_IN = _grant(age=_DAY, bound=_LONG)
_OUT = _grant(age=_DAY, bound=_LONG, out_of_compliance=True)
_OVER = _grant(age=_PERIODS.authorization, bound=_LONG)
_OVER_BY_BOUND = _grant(age=_DAY, bound=timedelta(0))

_Input = Callable[[_Facts], _Facts]

# What each cause does to the facts; the facts come back unchanged where it cannot happen or does nothing.
_INPUTS: Mapping[str, tuple[_Input, ...]] = {
    "enabled": (lambda facts: replace(facts, enabled=True),),
    "disabled": (lambda facts: replace(facts, enabled=False),),
    "granted": (
        lambda facts: replace(facts, authorization=_IN),
        lambda facts: replace(facts, authorization=_OUT),
    ),
    "authorization_ended": (lambda facts: replace(facts, authorization=_OVER) if facts.held else facts,),
    "certificate_ended": (lambda facts: replace(facts, authorization=_OVER_BY_BOUND) if facts.held else facts,),
    "evaluation_ended": (lambda facts: replace(facts, evaluation_left=False),),
    "refused": (lambda facts: replace(facts, authorization=None),),
    "deregistered": (lambda facts: replace(facts, authorization=None),),
}


def modes() -> list[tuple[str, bool]]:
    """The six modes and whether each allows calls."""
    return [(mode.name, _gate.calls_allowed(mode)) for mode in _gate.Mode]


def transitions() -> list[Transition]:
    """Every change of mode that the table makes possible, in the order of the modes."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for facts in _all_facts():
        for cause, inputs in _INPUTS.items():
            for change in inputs:
                before, after = facts.mode, change(facts).mode
                if before is not after:
                    found.setdefault((before.name, after.name), {})[cause] = None
    order = {name: number for number, (name, _) in enumerate(modes())}
    causes = list(_INPUTS)
    return [
        Transition(before, after, tuple(sorted(found[before, after], key=causes.index)))
        for before, after in sorted(found, key=lambda pair: (order[pair[0]], order[pair[1]]))
    ]


def diagram(found: list[Transition] | None = None) -> str:
    """The diagram of S6 as SVG text, of ``transitions()`` unless others are given."""
    from smartlic.pictures.states import draw

    return draw(modes(), transitions() if found is None else found)


def _all_facts() -> Iterator[_Facts]:
    for enabled in (False, True):
        for authorization in (None, _IN, _OUT, _OVER, _OVER_BY_BOUND):
            for evaluation_left in (False, True):
                yield _Facts(enabled, authorization, evaluation_left)
