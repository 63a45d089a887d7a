"""A scenario with some of its values changed, each named by its place: ``policy.authorization``, ``outages.0.1``."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from smartlic.errors import InputError
from smartlic.whatif.scenario import Scenario

__all__ = ["varied"]


def varied(scenario: Scenario, changes: Mapping[str, Any]) -> Scenario:
    """The scenario with each place of ``changes`` set to its value.

    A place is a key of the scenario and what is meant inside its value, with dots: ``until``, ``requested.CUSP-5``,
    ``outages.0.1`` (the end of the first outage), ``policy.authorization``. Raises ``InputError`` for a place that is
    not there and for a value that does not fit, naming the place.
    """
    known = [each.name for each in dataclasses.fields(scenario)]
    found: dict[str, Any] = {}
    for place, value in changes.items():
        name, _, rest = place.partition(".")
        try:
            _expect(name, known)
            found[name] = _put(found.get(name, getattr(scenario, name, None)), rest, value)
        except _NoPlace as error:
            raise InputError(f"{place}: {error}", "invalid_argument", "never") from error
        except InputError as error:  # of a policy, which names its field alone
            raise InputError(f"{place}: {str(error).partition(': ')[2]}", error.code, error.retry) from error
    # In one step: a new start and a new end of an outage may fit each other, and neither the old ones.
    return dataclasses.replace(scenario, **found)


class _NoPlace(Exception):
    """What was expected instead of a part of a place."""


def _put(whole: Any, place: str, value: Any) -> Any:
    """``whole`` with ``value`` at ``place`` inside."""
    if not place:
        return value
    if isinstance(whole, Mapping):
        # A tag may have dots itself, and may be new: {} is a request too.
        key = next((key for key in whole if place.startswith(f"{key}.")), place)
        return {**whole, key: _put(whole.get(key), place.removeprefix(key).removeprefix("."), value)}
    part, _, rest = place.partition(".")
    if dataclasses.is_dataclass(whole) and not isinstance(whole, type):
        _expect(part, [field.name for field in dataclasses.fields(whole)])
        return dataclasses.replace(whole, **{part: _put(getattr(whole, part), rest, value)})
    if isinstance(whole, Sequence) and not isinstance(whole, str):
        _expect(part, map(str, range(len(whole))))
        inside = list(whole)
        inside[int(part)] = _put(inside[int(part)], rest, value)
        return inside
    raise _NoPlace(f"there is nothing inside {whole!r}")


def _expect(part: str, known: Iterable[str]) -> None:
    known = list(known)
    if part in known:
        return
    near = difflib.get_close_matches(part, known, n=1)
    if near:
        raise _NoPlace(f"'{part}' is not known; did you mean {near[0]}?")
    raise _NoPlace(f"expected one of {', '.join(known)}, not '{part}'" if known else "there is none in the scenario")
