"""What a log's entitlements mean: which licence, how many calls per second, the true values behind two artefacts."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from smartlic.errors import InputError
from smartlic.logs.standing import AUTHORIZATION_PERIOD

if TYPE_CHECKING:
    from smartlic._core import LogEntitlement

__all__ = ["Licence", "compliance", "days_left", "licence_of", "rate_of", "requested_between"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)

# F5, as far as damage and translation leave it.
_TAG = re.compile(
    r"regid\.(?P<date>\d{4}-\d{2})\.(?P<name>[\w.-]+),(?P<version>[\w.-]+?)_(?P<uuid>.*)", re.ASCII | re.DOTALL
)

_COMPLIANCE = {
    "OOC": False,
    "OUTOFCOMPLIANCE": False,
    "NOTINCOMPLIANCE": False,
    "IC": True,
    "INC": True,
    "INCOMPLIANCE": True,
    "COMPLIANT": True,
    "AUTHORIZED": True,
}


@dataclass(frozen=True)
class Licence:
    """A licence that was requested. name: the catalogue's short name, else the tag's feature, else the tag; count: None
    where it cannot be read; cps: calls per second of all of them, None if the catalogue does not know (D8); known:
    whether the catalogue has it; damaged: whether the tag is not as F5 has it."""

    name: str
    count: int | None
    cps: int | None
    known: bool
    damaged: bool


def licence_of(entitlement: LogEntitlement) -> Licence:
    """Takes a tag apart (F5); one whose UUID is damaged is still known by its feature."""
    name, per_count, damaged = _resolved(entitlement.tag)
    count = entitlement.count
    cps = per_count * count if per_count is not None and count is not None else None
    return Licence(name, count, cps, per_count is not None, damaged)


@lru_cache(maxsize=256)
def _resolved(tag: str) -> tuple[str, int | None, bool]:
    from smartlic._core import Catalogue, EntitlementTag

    try:
        EntitlementTag.parse(tag)
        damaged = False
    except InputError:
        damaged = True
    match = _TAG.fullmatch(tag)
    feature = match["name"].rpartition(".")[2] if match else ""
    for entry in Catalogue().entries:
        if tag in (entry.tag, entry.short_name) or feature == entry.short_name:
            return entry.short_name, entry.cps, damaged
    return feature or tag, None, damaged


def rate_of(licences: Iterable[Licence]) -> int | None:
    """Calls per second of all of them (C1); None of none, and where the catalogue does not know one."""
    rates = [each.cps for each in licences]
    return sum(filter(None, rates)) if rates and None not in rates else None


def compliance(status: str) -> bool | None:
    """Whether an answer's status says in compliance (S2), out of it (S3), or something else."""
    return _COMPLIANCE.get(re.sub(r"[^A-Z]", "", status.upper()))


def requested_between(entitlement: LogEntitlement) -> tuple[datetime, datetime] | None:
    """When a licence was really requested, if what is written is the artefact of D5: milliseconds read as seconds, so
    a logged day is 86.4 s. None of a date that can be true, or of none."""
    day = entitlement.date_day
    if day is None or day < 200_000:  # the year 2517
        return None
    try:
        first = _EPOCH + timedelta(milliseconds=day * 86_400)
    except OverflowError:
        return None
    return first, first + timedelta(seconds=86.4)


def days_left(entitlement: LogEntitlement, at: datetime | None) -> tuple[int, int] | None:
    """The whole days that were really left, the least and the most, if what is written is the artefact of D4: seconds
    left read as a time since 1970. None of a number that can be true, or where the entry has no date."""
    written = entitlement.days_left
    if written is None or written >= 0 or at is None:
        return None
    least = written + (at - _EPOCH) / _DAY
    most = min(least + 1, AUTHORIZATION_PERIOD / _DAY)
    if least < 0 or most <= least:
        return None
    return math.floor(least), max(math.floor(least), math.ceil(most) - 1)
