"""From what a device printed to what it means by the rules."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from smartlic.logs.show_words import advice_for, authorization_kind, is_refusal, is_registered
from smartlic.logs.standing import AUTHORIZATION_PERIOD, Standing
from smartlic.times import instant

if TYPE_CHECKING:
    from smartlic.logs.show_license import ShowLicense, Usage

__all__ = ["standing_of"]

# A deadline this near to the ID certificate's end is that end (E2): devices print whole seconds and round.
_SAME = timedelta(minutes=1)
# The device's clock and the manager's differ (D3), and summer time may lie between two times of one device.
_SKEW = timedelta(days=1)

# The feature that a tag names (F5), whatever its version and UUID, as far as it is not cut short.
_FEATURE = re.compile(r"regid\.[0-9]{4}-[0-9]{2}\.(?:[\w-]+\.)*(?P<name>[\w-]+)(?:,|$)", re.ASCII)

_UNTOLD = "no reason is printed"


class _Period(NamedTuple):
    start: datetime | None
    end: datetime | None


def standing_of(show: ShowLicense, at: datetime | None) -> Standing:
    """The licence's facts as of ``at``, or of the latest past time that is told of."""
    seen = instant(at) if at is not None else _latest(show)
    kind = authorization_kind(show.authorization or "")
    held = kind in ("authorized", "out of compliance", "reserved")
    period = _held(show, seen) if held else _expired(show, seen) if kind == "expired" else _Period(None, None)
    requested, cps = _requested(show.usage)
    trouble = _trouble(show)
    registered = None if show.registration is None else is_registered(show.registration)
    return Standing(
        seen=seen,
        enabled=_enabled(show),
        registered=registered,
        authorized=period.start,
        authorization_end=period.end,
        out_of_compliance=kind == "out of compliance" if held else None,
        evaluation_left=timedelta(0) if kind == "evaluation expired" else show.evaluation_left,
        evaluating=show.evaluation_in_use if kind is None else kind == "evaluating",
        certificate=show.last_renewal if show.last_renewal_succeeded else show.registered_at,
        certificate_end=show.registration_expires,
        renewal=show.next_renewal,
        requested=requested,
        cps=cps,
        next_request=show.next_attempt or (None if registered else show.next_registration),
        trouble=trouble,
        advice=None if trouble is None else advice_for(trouble),
        refused=trouble is not None and is_refusal(trouble),
        silent=trouble is not None and not is_refusal(trouble),
    )


def _latest(show: ShowLicense) -> datetime | None:
    past = (
        show.taken,
        show.last_attempt,
        show.last_renewal,
        show.authorization_at,
        show.registered_at,
        show.registration_tried,
    )
    return max(filter(None, past), default=None)


def _enabled(show: ShowLicense) -> bool | None:
    """A device that tells of a registration or an authorization has smart licensing enabled, printed or not."""
    if show.enabled is None and (show.registration or show.authorization):
        return True
    return show.enabled


def _held(show: ShowLicense, seen: datetime | None) -> _Period:
    """An authorization that is held: 90 days that end with the deadline (D3)."""
    if authorization_kind(show.authorization or "") == "reserved":
        return _Period(None, None)  # installed from a file for good; no answer is due
    granted = show.last_attempt if show.last_attempt_succeeded else None
    granted = granted or show.authorization_at
    end = show.deadline
    if end is None:
        return _Period(granted, granted + AUTHORIZATION_PERIOD if granted else None)
    start = end - AUTHORIZATION_PERIOD
    bounded = show.registration_expires is not None and abs(end - show.registration_expires) <= _SAME
    if bounded or (seen is not None and start > seen + _SKEW):
        return _Period(granted, end)
    return _Period(start, end)


def _expired(show: ShowLicense, seen: datetime | None) -> _Period:
    """An authorization that has ended: at the deadline, or when the device says that it did."""
    passed = show.deadline if show.deadline and (seen is None or show.deadline <= seen) else None
    end = passed or show.authorization_at
    if end is None:
        return _Period(None, seen)
    return _Period(end - AUTHORIZATION_PERIOD, end)


def _trouble(show: ShowLicense) -> str | None:
    """Why the last authorization request failed; else the last renewal; else the registration."""
    for succeeded, reason in (
        (show.last_attempt_succeeded, show.failure_reason),
        (show.last_renewal_succeeded, show.renewal_failure),
        (show.registration_succeeded, show.registration_failure),
    ):
        if succeeded is False:
            return (reason or _UNTOLD).rstrip(". ")
    return None


def _requested(usage: tuple[Usage, ...]) -> tuple[dict[str, int], int | None]:
    """Counts by the catalogue's short name, else by the printed name; and the calls per second, if all are known."""
    from smartlic._core import Catalogue  # OpenSSL is loaded only here

    entries = {name.casefold(): one for one in Catalogue().entries for name in (one.short_name, one.tag)}
    requested: dict[str, int] = {}
    cps: int | None = 0
    for row in usage:
        if not row.count:
            continue
        feature = _FEATURE.match(row.tag or "")
        printed = (row.tag, feature and feature["name"], row.name)
        entry = next((entries[text.casefold()] for text in printed if text and text.casefold() in entries), None)
        name = entry.short_name if entry else row.name
        requested[name] = requested.get(name, 0) + row.count
        cps = cps + entry.cps * row.count if entry and cps is not None else None
    return requested, cps if requested else None
