"""How each field of a scenario is read: from what people write in Python or YAML to one normal form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from smartlic.errors import InputError
from smartlic.times import stamp
from smartlic.whatif.policy import Policy
from smartlic.whatif.reading import (
    Misfit,
    Place,
    Reader,
    intervals,
    items,
    length,
    moment,
    shift,
    table,
    tag,
    tags,
    whole,
)
from smartlic.whatif.traffic import read_traffic

__all__ = ["ADMINISTERED", "READERS"]

ADMINISTERED = {"instance_removed": "remove", "certificate_revoked": "revoke-certificate"}
"""Refusals that follow from one act of the manager's administrator, and that act (M9)."""

_COUNTS = "tags and counts such as {CUSP-5: 2}, or a list of entries such as"

# A manager refuses so by what it knows of a single request: clock_jumps, restored and token bring these about.
_BY_REQUEST = {"binding_wrong", "certificate_expired", "clock_off", "stale"}


def _seed(place: Place, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Misfit(place, f"expected a whole number, not {value!r}")
    return value


def _requested(place: Place, value: Any) -> Any:
    if isinstance(value, Mapping):
        return tags(place, value)
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise Misfit(place, f"expected {_COUNTS} {{at: 2026-03-01, CUSP-5: 2}}, not {value!r}")
    return items(place, value, "entries", partial(table, readers={"at": moment}, others=tag))


def _purchased(place: Place, value: Any) -> Any:
    if isinstance(value, Mapping):
        return tags(place, value)
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise Misfit(place, f"expected {_COUNTS} {{from: 2026-03-01, CUSP-5: 2}}, not {value!r}")
    return items(place, value, "entries", _purchase)


def _purchase(place: Place, value: Any) -> dict[str, Any]:
    entry = table(place, value, {"from": moment, "until": moment}, others=tag)
    _check_ascending((*place, "until"), entry.get("from"), entry.get("until"))
    return entry


def _refusal(place: Place, value: Any) -> dict[str, Any]:
    entry = table(place, value, {"from": moment, "until": moment, "code": _refusal_code}, need=("from", "code"))
    if entry["code"] in ADMINISTERED:
        if "until" in entry:
            raise Misfit((*place, "until"), f"expected no end: {entry['code']} is one act; see registered_again")
    elif "until" not in entry:
        raise Misfit(place, "expected 'until' as well")
    _check_ascending((*place, "until"), entry["from"], entry.get("until"))
    return entry


def _refusal_code(place: Place, value: Any) -> str:
    from smartlic._gate import error_table

    known = [row["code"] for row in error_table() if row["effect"] and row["code"] not in _BY_REQUEST]
    if value not in known:
        raise Misfit(place, f"expected one of {', '.join(known)}, not {value!r}")
    return str(value)


def _restored(place: Place, value: Any) -> dict[str, Any]:
    entry = table(place, value, {"at": moment, "to": moment}, need=("at", "to"))
    _check_ascending((*place, "at"), entry["to"], entry["at"])
    return entry


def _token(place: Place, value: Any) -> dict[str, Any]:
    return table(place, value, {"expires": moment, "uses": whole, "revoked": moment})


def _root_swap(place: Place, value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        value = {"published": value}
    entry = table(place, value, {"published": moment, "used": moment}, need=("published",))
    entry.setdefault("used", entry["published"] + timedelta(days=90))
    _check_ascending((*place, "used"), entry["published"], entry["used"])
    return entry


def _gate(place: Place, value: Any) -> str:
    from smartlic.whatif.calls import GATES

    if value not in list(GATES):
        raise Misfit(place, f"expected {' or '.join(GATES)}, not {value!r}")
    return str(value)


def _policy(place: Place, value: Any) -> Policy:
    if isinstance(value, Policy):
        return value
    names = [each.name for each in fields(Policy)]
    given = table(place, value, {name: lambda _, given: given for name in names})
    try:
        return Policy(**given)
    except InputError as error:
        name, _, expected = str(error).partition(": ")
        raise Misfit((*place, name), expected) from error


def _flag(place: Place, value: Any) -> bool:
    if not isinstance(value, bool):
        raise Misfit(place, f"expected true or false, not {value!r}")
    return value


def _start(place: Place, value: Any) -> dict[str, Any]:
    readers: dict[str, Reader] = {
        "at": moment,
        "evaluation_used": partial(length, least=timedelta(0)),
        "certificate": moment,
        "authorized": moment,
        "out_of_compliance": _flag,
    }
    entry = table(place, value, readers, need=("at",))
    _check_ascending((*place, "at"), entry.get("certificate"), entry["at"])
    if "authorized" in entry:
        if "certificate" not in entry:
            raise Misfit(place, "expected 'certificate' as well: only a registered product is authorized")
        _check_ascending((*place, "at"), entry["authorized"], entry["at"])
    elif entry.get("out_of_compliance"):
        raise Misfit((*place, "out_of_compliance"), "expected 'authorized' as well: an answer says what is too much")
    return entry


def _entries(reader: Reader, example: str) -> Reader:
    return lambda place, value: items(place, value, f"entries such as {example}", reader)


READERS: dict[str, Reader] = {
    "enabled": moment,
    "registered": moment,
    "requested": _requested,
    "purchased": _purchased,
    "outages": intervals,
    "refusals": _entries(_refusal, "{from: 2026-03-01, until: 2026-04-01, code: busy}"),
    "clock_jumps": _entries(
        partial(table, readers={"at": moment, "by": shift}, need=("at", "by")), "{at: 2026-03-01, by: 2d}"
    ),
    "restarts": intervals,
    "restored": _entries(_restored, "{at: 2026-03-01, to: 2026-02-01}"),
    "token": _token,
    "root_swap": _root_swap,
    "disabled": intervals,
    "deregistered": moment,
    "registered_again": _entries(moment, "2026-03-01"),
    "traffic": read_traffic,
    "gate": _gate,
    "policy": _policy,
    "start": _start,
    "until": moment,
    "seed": _seed,
}


def _check_ascending(place: Place, one: datetime | None, other: datetime | None) -> None:
    if one is not None and other is not None and other <= one:
        raise Misfit(place, f"expected a time after {stamp(one)}, not {stamp(other)}")
