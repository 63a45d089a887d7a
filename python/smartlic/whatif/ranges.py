"""What a sweep goes over, as text: ``policy.authorization=30d,60d`` or ``outages.0.1=2026-05-01..2026-09-01:14d``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from smartlic.errors import InputError
from smartlic.times import duration, instant

__all__ = ["values_of"]

_RANGE = re.compile(r"(?P<first>.+?)\.\.(?P<last>.+?):(?P<step>[^:]+)")
_WHOLE = re.compile(r"-?\d+")
_MOST = 1000


def values_of(text: str) -> tuple[str, tuple[Any, ...]]:
    """The place and its values. ``FROM..TO:STEP`` goes up to ``TO``, and includes it if a step falls there.

    Whole numbers, lengths of time and times are taken as such, anything else is text. Raises ``InputError`` for what is
    not of this form, a step that is not above zero, and more than 1,000 values.
    """
    place, equals, rest = text.partition("=")
    if not (place and equals and rest):
        raise _misfit(f"expected KEY=VALUES, not '{text}'")
    found = _RANGE.fullmatch(rest)
    if not found:
        return place, tuple(_plain(each.strip()) for each in rest.split(","))
    values = tuple(_steps(place, *found.group("first", "last", "step")))
    if not values:
        raise _misfit(f"{place}: expected a range that does not end before it begins, not '{rest}'")
    return place, values


def _steps(place: str, first: str, last: str, step: str) -> Iterator[Any]:
    if _WHOLE.fullmatch(first):
        ends: tuple[Any, Any, Any] = _read(place, int, first), _read(place, int, last), _read(place, int, step)
    elif _is_length(first):
        ends = _read(place, duration, first), _read(place, duration, last), _read(place, duration, step)
    else:
        ends = _read(place, instant, first), _read(place, instant, last), _read(place, duration, step)
    at, over, by = ends
    if by <= by * 0:
        raise _misfit(f"{place}: expected a step above zero, not '{step}'")
    if (over - at) // by >= _MOST:
        raise _misfit(f"{place}: expected at most {_MOST:,} values")
    while at <= over:
        yield at
        at += by


def _read(place: str, reader: Any, text: str) -> Any:
    try:
        return reader(text.strip())
    except (InputError, ValueError) as error:
        kinds = {int: "a whole number", duration: "a length of time such as 14d", instant: "a time such as 2026-05-01"}
        raise _misfit(f"{place}: expected {kinds[reader]}, not '{text}'") from error


def _is_length(text: str) -> bool:
    try:
        duration(text)
    except InputError:
        return False
    return True


def _plain(text: str) -> int | bool | str:
    if _WHOLE.fullmatch(text):
        return int(text)
    return {"true": True, "false": False}.get(text, text)


def _misfit(what: str) -> InputError:
    examples = "policy.authorization=30d,60d,90d or outages.0.1=2026-05-01..2026-09-01:14d"
    return InputError(f"--sweep: {what}; write it as {examples}", "invalid_argument", "never")
