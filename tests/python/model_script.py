"""What happens to one product (the input of ``model_life``), and what it tells (its output). Times are aware UTC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

__all__ = ["DAY", "NEVER", "Command", "Life", "Purchase", "Refusal", "Seen", "Terms", "Token"]

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Terms:
    """Every length of time that a life depends on, with the rules' values."""

    evaluation: timedelta = 90 * DAY  # S1, E4
    authorization: timedelta = 90 * DAY  # D3, E5
    certificate: timedelta = 360 * DAY  # S14, E7
    renew: timedelta = 180 * DAY  # D1
    retry_in_compliance: timedelta = 30 * DAY  # D7, E8
    retry_out_of_compliance: timedelta = 12 * 60 * MINUTE  # D7, E8
    retry_base: timedelta = MINUTE  # E8
    retry_max: timedelta = 12 * 60 * MINUTE  # E8
    late_renewal: timedelta = timedelta(0)  # E7: off
    evaluation_warning: timedelta = 14 * DAY  # E10
    certificate_warning: timedelta = 30 * DAY  # E10


class Purchase(NamedTuple):
    """So many of a tag over [start, end) (P1)."""

    tag: str
    number: int
    start: datetime
    end: datetime = NEVER


class Command(NamedTuple):
    """What the operator does: enable, disable, register, request (``wanted``), deregister."""

    at: datetime
    word: str
    wanted: Mapping[str, int] = {}


class Refusal(NamedTuple):
    """The manager refuses over [start, end); what drops the registration is one act at ``start`` (M9)."""

    start: datetime
    end: datetime
    code: str


class Token(NamedTuple):
    """The one registration token (P3)."""

    expires: datetime = NEVER
    revoked: datetime = NEVER
    uses: int = 10**6


@dataclass(frozen=True)
class Life:
    """What happens to one product over [start, end). Commands are in their order.

    outages: [start, end) in which the manager cannot be reached; off: the same in which the machine is off (T1).
    """

    start: datetime
    end: datetime
    commands: Sequence[Command] = ()
    purchases: Sequence[Purchase] = ()
    outages: Sequence[tuple[datetime, datetime]] = ()
    refusals: Sequence[Refusal] = ()
    token: Token = field(default_factory=Token)
    off: Sequence[tuple[datetime, datetime]] = ()
    terms: Terms = field(default_factory=Terms)


class Seen(NamedTuple):
    """One event (E10) and its facts; a fact that this kind has not is None."""

    at: datetime
    kind: str
    before: str | None = None
    after: str | None = None
    cause: str | None = None
    code: str | None = None
    end: datetime | None = None
