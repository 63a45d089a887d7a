"""How each field of a fleet is read: from what people write in Python or YAML to one normal form."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from smartlic.errors import InputError
from smartlic.times import about, duration
from smartlic.whatif.fields import READERS as OF_SCENARIOS
from smartlic.whatif.reading import Misfit, Place, Reader, intervals, items, length, moment, number, table, whole

__all__ = ["BUSINESS_DAY", "READERS"]

BUSINESS_DAY = (
    *(0.05, 0.05, 0.05, 0.05, 0.05, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0, 0.9),
    *(0.7, 0.8, 0.95, 0.9, 0.8, 0.6, 0.4, 0.3, 0.2, 0.15, 0.1, 0.05),
)
"""What each hour of the UTC day has of the busy hour's calls, if a fleet does not say."""

CPS_PER_LICENCE = 5
"""Of the tag CUSP-5 (S10, D8)."""

_MOST_SHARE = 1000
_MOST_CPS = 1_000_000
_MOST_SEED = 2**64 - 1
_MOST_DEVICES, _MOST_POOLS = 1_000_000, 100_000_000


def _range(reader: Reader) -> Reader:
    """One value; or a pair [least, most], each value between equally likely. Gives the pair."""

    def read(place: Place, value: Any) -> tuple[Any, Any]:
        if not isinstance(value, Sequence) or isinstance(value, str):
            one = reader(place, value)
            return one, one
        if len(value) != 2:
            raise Misfit(place, f"expected a value or a pair [least, most], not {value!r}")
        low, high = (reader((*place, str(index)), each) for index, each in enumerate(value))
        if high < low:
            raise Misfit(place, f"expected the least before the most, not {value!r}")
        return low, high

    return read


def _wait(place: Place, value: Any) -> timedelta:
    """A length of time, or none: 0 or 0d."""
    with contextlib.suppress(InputError):
        if duration(value) == timedelta(0):
            return timedelta(0)
    return length(place, value)


def _share(place: Place, value: Any) -> float:
    """Of what is requested: 1 is as much, to a thousandth."""
    return round(number(place, value, _MOST_SHARE), 3)


def _cps(place: Place, value: Any) -> float:
    return round(number(place, value, _MOST_CPS), 3)


def _outages(place: Place, value: Any) -> tuple[tuple[datetime, datetime], ...]:
    """In order, and those that overlap or meet as one."""
    merged: list[tuple[datetime, datetime]] = []
    for start, end in sorted(intervals(place, value)):
        if merged and start <= merged[-1][1]:
            start, end = merged[-1][0], max(end, merged.pop()[1])
        merged.append((start, end))
    return tuple(merged)


def _purchases(place: Place, value: Any) -> Any:
    reader = partial(table, readers={"at": moment, "share": _share}, need=("at", "share"))
    return items(place, value, "entries such as {at: 2026-07-01, share: 0.1}", reader)


def _load_window(place: Place, value: Any) -> dict[str, Any]:
    entry = table(place, value, {"from": moment, "until": moment, "step": length}, need=("from", "until"))
    if entry["until"] <= entry["from"]:
        raise Misfit((*place, "until"), "expected a time after 'from'")
    return {"step": timedelta(minutes=1), **entry}


def _curve(place: Place, value: Any) -> tuple[float, ...]:
    curve: tuple[float, ...] = items(place, value, "24 numbers from 0 to 1", partial(number, most=1))
    if len(curve) != 24:
        raise Misfit(place, f"expected 24 numbers from 0 to 1, one for each hour of the UTC day, not {len(curve)}")
    return tuple(round(each, 3) for each in curve)


def _traffic(place: Place, value: Any) -> dict[str, Any]:
    """The busy hour's rate or range alone; or with the curve, and what a licence is worth."""
    if not isinstance(value, Mapping):
        value = {"busy": value}
    readers: dict[str, Reader] = {
        "busy": _range(_cps),
        "curve": _curve,
        "cps_per_licence": partial(whole, least=0, most=_MOST_CPS),
    }
    return {
        "curve": BUSINESS_DAY,
        "cps_per_licence": CPS_PER_LICENCE,
        **table(place, value, readers, need=("busy",)),
    }


def _from(least: timedelta) -> Reader:
    """A length of time that is not below what the compiled core lives."""

    def read(place: Place, value: Any) -> timedelta:
        long = length(place, value)
        if long < least:
            raise Misfit(place, f"expected at least {about(least)}, not {value!r}")
        return long

    return read


_FAULTS: Reader = partial(
    table, readers={"between": _from(timedelta(seconds=1)), "length": length}, need=("between", "length")
)

READERS: dict[str, Reader] = {
    "pools": partial(whole, most=_MOST_POOLS),
    "devices": partial(whole, most=_MOST_DEVICES),
    "start": moment,
    "until": moment,
    "step": length,
    "enabled": _range(_wait),
    "registered": _range(_wait),
    "requested": _range(partial(whole, most=1_000_000)),
    "purchased": _range(_share),
    "purchases": _purchases,
    "outages": _outages,
    "manager_faults": _FAULTS,
    "link_faults": _FAULTS,
    "replaced_after": _from(timedelta(days=1)),
    "traffic": _traffic,
    "policy": OF_SCENARIOS["policy"],
    "load_window": _load_window,
    "seed": partial(whole, least=0, most=_MOST_SEED),
}
