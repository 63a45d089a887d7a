"""Values of a scenario, from Python or YAML, to one normal form; what does not fit is said with its place.

A place is a path of keys and numbers: ``("refusals", "0", "until")``, written ``refusals.0.until``.
"""

from __future__ import annotations

import difflib
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from smartlic.errors import InputError
from smartlic.times import duration, instant, stamp

__all__ = [
    "Misfit",
    "Moment",
    "Place",
    "Reader",
    "intervals",
    "items",
    "length",
    "moment",
    "number",
    "shift",
    "table",
    "tag",
    "tags",
    "unknown_key",
    "whole",
]

Moment = str | date | datetime
Place = tuple[str, ...]
Reader = Callable[[Place, Any], Any]

MOST_LICENCES = 10**9
_MILLISECOND = timedelta(milliseconds=1)
_CENTURY = timedelta(days=36525)
_YEARS = range(1970, 2200)  # with room around for all periods, and for clocks that are wrong


class Misfit(InputError):
    """A value that does not fit, and its place in the scenario."""

    def __init__(self, place: Place, expected: str) -> None:
        super().__init__(f"{'.'.join(place)}: {expected}", "invalid_argument", "never")
        self.place = place


def moment(place: Place, value: Any) -> datetime:
    """A time, to the millisecond, which is the unit of licensing time (T1)."""
    try:
        at = instant(value)
    except InputError as error:
        raise Misfit(place, f"expected a time such as 2026-03-01 or 2026-03-01T08:30Z, not {value!r}") from error
    if at.year not in _YEARS:
        raise Misfit(place, f"expected a time in the years {_YEARS[0]} to {_YEARS[-1]}, not {value!r}")
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def length(place: Place, value: Any, least: timedelta = _MILLISECOND) -> timedelta:
    """A length of time from ``least`` to a hundred years, to the millisecond."""
    try:
        long = duration(value)
    except InputError as error:
        raise Misfit(place, f"expected a length of time such as 90d, 12h or 30m, not {value!r}") from error
    if not least <= long <= _CENTURY:
        above = "above zero" if least else "from zero"
        raise Misfit(place, f"expected a length of time {above}, up to a hundred years, not {value!r}")
    return long // _MILLISECOND * _MILLISECOND


def shift(place: Place, value: Any) -> timedelta:
    """How far something moves: as ``length``, with a sign: ``2d``, ``-90m``."""
    if isinstance(value, str):
        back = value.strip().startswith("-")
        return length(place, value.strip().lstrip("+-")) * (-1 if back else 1)
    if isinstance(value, timedelta) and value < timedelta(0):
        return -length(place, -value)
    return length(place, value)


def whole(place: Place, value: Any, least: int = 1, most: int = MOST_LICENCES) -> int:
    """A whole number from ``least`` to ``most``; NumPy's are as good as Python's."""
    found = _integer(value)
    if found is None or not least <= found <= most:
        upper = "10^9" if most == MOST_LICENCES else f"{most:,}"
        raise Misfit(place, f"expected a whole number from {least} to {upper}, not {value!r}")
    return found


def _integer(value: Any) -> int | None:
    """As an int; None for what is no whole number, as True and 3.0 are not."""
    try:
        return None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        return None


def number(place: Place, value: Any, most: float) -> float:
    """A number from 0 to ``most``."""
    found = value if isinstance(value, float) else _integer(value)
    if found is None or not 0 <= found <= most:
        raise Misfit(place, f"expected a number from 0 to {most:,.0f}, not {value!r}")
    return found


def items(place: Place, value: Any, expected: str, reader: Reader) -> tuple[Any, ...]:
    """A list, each item by ``reader``."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise Misfit(place, f"expected a list of {expected}, not {value!r}")
    return tuple(reader((*place, str(index)), item) for index, item in enumerate(value))


def intervals(place: Place, value: Any) -> tuple[tuple[datetime, datetime], ...]:
    """A list of pairs [start, end], the end not included."""
    return items(place, value, "pairs [start, end]", _interval)


def _interval(place: Place, pair: Any) -> tuple[datetime, datetime]:
    if not isinstance(pair, Sequence) or isinstance(pair, str) or len(pair) != 2:
        raise Misfit(place, f"expected a pair [start, end], not {pair!r}")
    start, end = moment((*place, "0"), pair[0]), moment((*place, "1"), pair[1])
    if end <= start:
        raise Misfit(place, f"expected an end after the start, not {stamp(start)} to {stamp(end)}")
    return start, end


def table(
    place: Place, value: Any, readers: Mapping[str, Reader], need: Iterable[str] = (), others: Reader | None = None
) -> dict[str, Any]:
    """A mapping whose values are read by key; ``others`` reads those of all other keys, if there may be any."""
    if not isinstance(value, Mapping):
        raise Misfit(place, f"expected keys such as {', '.join(readers)}, each with a value, not {value!r}")
    for name in need:
        if name not in value:
            raise Misfit(place, f"expected '{name}' as well")
    known = {str(name): given for name, given in value.items()}
    for name in known:
        if name not in readers and others is None:
            raise Misfit((*place, name), unknown_key(name, list(readers)))
    return {
        name: readers[name]((*place, name), given) if name in readers else others and others((*place, name), given)
        for name, given in known.items()
    }


def tags(place: Place, counts: Any) -> dict[str, int]:
    """Tags known to the catalogue, and counts as a request may have them (S15)."""
    if not isinstance(counts, Mapping):
        raise Misfit(place, f"expected tags and counts such as {{CUSP-5: 2}}, not {counts!r}")
    return {str(name): tag((*place, str(name)), count) for name, count in counts.items()}


def tag(place: Place, count: Any) -> int:
    """The count of the tag that the place names."""
    from smartlic._core import Catalogue

    checked = whole(place, count)
    try:
        Catalogue().resolve(place[-1])
    except InputError as error:
        raise Misfit(place, str(error)) from error
    return checked


def unknown_key(name: str, known: Sequence[str]) -> str:
    """What to say of a key that is none of those known."""
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"expected one of {', '.join(known)}"
    return f"unknown key '{name}'; {hint}"
