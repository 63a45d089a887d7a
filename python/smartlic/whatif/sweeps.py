"""Sweeps: one number of a scenario's outcome for every value of one parameter, or of two."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from smartlic.errors import InputError
from smartlic.pictures.drawn import Drawn
from smartlic.pictures.svg import number
from smartlic.times import about, stamp
from smartlic.whatif.scenario import Scenario
from smartlic.whatif.simulation import simulate
from smartlic.whatif.timeline import Timeline
from smartlic.whatif.vary import varied
from smartlic.whatif.words import total

__all__ = ["MEASURES", "Axis", "Measure", "Sweep", "sweep"]

_DAY = timedelta(days=1)
MOST_CELLS = 10_000
_PAIRS = {"outages": "outage", "restarts": "restart", "refusals": "refusal"}


@dataclass(frozen=True)
class Measure:
    """What a sweep looks at: a name, what it is called, its unit, and how it is taken. None: there is none to tell.

    calls: whether it looks at calls; else the scenario's traffic is left out, which changes no licence.
    """

    name: str
    title: str
    unit: str
    take: Callable[[Timeline], float | None]
    less_is_better: bool = True
    calls: bool = False


def _days_in(mode: str, timeline: Timeline) -> float:
    return total(tuple(band for band in timeline.bands if band.mode == mode)) / _DAY


def _until_stop(timeline: Timeline) -> float | None:
    return (timeline.calls_stop - timeline.start) / _DAY if timeline.calls_stop else None


def _rejected(timeline: Timeline) -> float | None:
    calls = timeline.calls
    if calls is None or not (offered := int(calls.offered.sum())):
        return None
    return 100 * (1 - int(calls.admitted.sum()) / offered)


MEASURES = {
    measure.name: measure
    for measure in (
        Measure("blocked", "time without calls", "days", lambda timeline: total(timeline.blocked) / _DAY),
        Measure("until_stop", "time until calls stop", "days", _until_stop, less_is_better=False),
        Measure(
            "out_of_compliance",
            "time out of compliance",
            "days",
            lambda timeline: _days_in("OutOfCompliance", timeline),
        ),
        Measure("rejected", "calls rejected", "% of those offered", _rejected, calls=True),
    )
}
"""By name, as ``sweep`` takes them. ``until_stop`` is None where calls never stop, ``rejected`` where none came."""


@dataclass(frozen=True)
class Axis:
    """One parameter: its place in the scenario (see ``varied``) and its values."""

    place: str
    values: tuple[Any, ...]

    @property
    def title(self) -> str:
        """The place as people say it: ``end of outage 1``, ``authorization``."""
        first, *inside = self.place.split(".")
        if first in _PAIRS and len(inside) == 2:
            return f"{('start', 'end')[inside[1] == '1']} of {_PAIRS[first]} {int(inside[0]) + 1}"
        return " ".join(inside if first == "policy" else (first, *inside)).replace("_", " ")

    @property
    def labels(self) -> tuple[str, ...]:
        """The values as short text."""
        return tuple(_label(value) for value in self.values)


@dataclass(frozen=True)
class Sweep(Drawn):
    """What was found.

    cells: the number for each pair of values, by their indices: (first axis, second axis), or (index,) for one axis;
    those that were not lived, as it was interrupted, are not in it.
    """

    scenario: Scenario = field(repr=False)
    axes: tuple[Axis, ...]
    measure: Measure
    cells: Mapping[tuple[int, ...], float | None]

    @property
    def complete(self) -> bool:
        """Whether every cell was lived."""
        return len(self.cells) == _size(self.axes)

    @property
    def ranked(self) -> tuple[tuple[int, ...], ...]:
        """The indices of all cells that were lived, from the best to the worst.

        None, as where calls never stop, is better than any number if more is better, else worse.
        """
        less = self.measure.less_is_better

        def rank(at: tuple[int, ...]) -> tuple[float, tuple[int, ...]]:
            value = self.cells[at]
            return (math.inf if value is None else value) * (1 if less else -1), at

        return tuple(sorted(self.cells, key=rank))

    @property
    def answer(self) -> str:
        """One sentence: the measure's best and its worst, and where they are."""
        if not self.cells:
            return "Interrupted before anything was lived."
        best, worst = self.ranked[0], self.ranked[-1]
        text = f"{self.measure.title.capitalize()}: {self._at(best)}"
        if self.cells[worst] != self.cells[best]:
            text += f"; at worst {self._at(worst)}"
        return text + ("." if self.complete else f". Interrupted: {len(self.cells)} of {_size(self.axes)} were lived.")

    def _at(self, at: tuple[int, ...]) -> str:
        """The number of a cell, where that is, and how many others have it."""
        where = " and ".join(f"{axis.title} {axis.labels[i]}" for axis, i in zip(self.axes, at, strict=True))
        others = sum(value == self.cells[at] for value in self.cells.values()) - 1
        return f"{self.told(self.cells[at])} with {where}" + (f" (and {others} more)" if others else "")

    def told(self, value: float | None) -> str:
        """A number of the measure with its unit."""
        return "never" if value is None else f"{number(value)} {self.measure.unit}"

    def values(self, at: tuple[int, ...]) -> dict[str, Any]:
        """The parameters of a cell: place to value."""
        return {axis.place: axis.values[index] for axis, index in zip(self.axes, at, strict=True)}

    @property
    def array(self) -> Any:
        """A NumPy array of shape (first axis,) or (first, second); NaN where there is no number. Needs NumPy."""
        from smartlic.extras import need

        numpy = need("numpy", "frames")
        found = numpy.full([len(axis.values) for axis in self.axes], numpy.nan)
        for at, value in self.cells.items():
            if value is not None:
                found[at] = value
        return found

    def to_frame(self) -> Any:
        """A pandas DataFrame with a row for each cell that was lived: the places and the measure's name as columns."""
        from smartlic.extras import need

        return need("pandas", "frames").DataFrame(
            self._rows(), columns=[*(axis.place for axis in self.axes), self.measure.name]
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain types, for JSON."""
        return {
            "answer": self.answer,
            "measure": self.measure.name,
            "unit": self.measure.unit,
            "complete": self.complete,
            "parameters": {axis.place: list(axis.values) for axis in self.axes},
            "cells": self._rows(),
        }

    def _rows(self) -> list[dict[str, Any]]:
        return [{**self.values(at), self.measure.name: value} for at, value in sorted(self.cells.items())]

    def to_svg(self) -> str:
        """A heat map: the first parameter across, the second upwards; every cell has its number."""
        from smartlic.pictures.heatmap import draw

        return draw(self)

    def __str__(self) -> str:
        return self.answer


def sweep(
    scenario: Scenario,
    parameters: Mapping[str, Sequence[Any]],
    measure: str | Callable[[Timeline], float | None] = "blocked",
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Sweep:
    """Lives the scenario for every value of one parameter, or every pair of values of two.

    parameters: place (see ``varied``) to values: ``{"policy.authorization": ["30d", "90d"], "outages.0.1":
    ["2026-06-01", "2026-07-01"]}``. measure: a key of ``MEASURES``, or a function of the timeline that gives a number
    or None; the function's name is then the measure's. progress: told how many lives of how many are done. Ctrl-C ends
    it with what was lived so far.

    Raises ``InputError``, before anything is lived, for places and values that do not fit, an unknown measure,
    ``rejected`` without traffic, other than one or two parameters, one without values, and more than 10,000 lives.
    """
    axes = tuple(Axis(place, tuple(values)) for place, values in parameters.items())
    _check(axes)
    found: dict[tuple[int, ...], float | None] = {}
    result = Sweep(scenario, axes, _measure(measure), found)
    variants = {
        at: varied(scenario, result.values(at)) for at in itertools.product(*(range(len(a.values)) for a in axes))
    }
    if measure == "rejected" and any(variant.traffic is None for variant in variants.values()):
        raise InputError("measure: 'rejected' needs a scenario with traffic", "invalid_argument", "after_change")
    with contextlib.suppress(KeyboardInterrupt):
        for at, variant in variants.items():
            lived = variant if result.measure.calls else dataclasses.replace(variant, traffic=None)
            found[at] = result.measure.take(simulate(lived))
            if progress:
                progress(len(found), len(variants))
    return result


def _label(value: Any) -> str:
    if isinstance(value, datetime):
        return stamp(value).removesuffix(" UTC").removesuffix(" 00:00")
    return about(value) if isinstance(value, timedelta) else str(value)


def _size(axes: Sequence[Axis]) -> int:
    count = 1
    for axis in axes:
        count *= len(axis.values)
    return count


def _measure(measure: str | Callable[[Timeline], float | None]) -> Measure:
    if not isinstance(measure, str):
        return Measure(measure.__name__, measure.__name__.replace("_", " ").strip("<>"), "", measure, calls=True)
    if measure not in MEASURES:
        known = ", ".join(MEASURES)
        raise InputError(f"measure: expected one of {known}, not {measure!r}", "invalid_argument", "never")
    return MEASURES[measure]


def _check(axes: Sequence[Axis]) -> None:
    if len(axes) not in (1, 2):
        text = f"expected one or two parameters to sweep, not {len(axes)}"
        raise InputError(text, "invalid_argument", "never")
    for axis in axes:
        if not axis.values:
            raise InputError(f"{axis.place}: expected values to sweep over", "invalid_argument", "never")
    if _size(axes) > MOST_CELLS:
        text = f"expected at most {MOST_CELLS:,} lives in a sweep, not {_size(axes):,}"
        raise InputError(text, "invalid_argument", "never")
