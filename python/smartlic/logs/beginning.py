"""The scenario that begins where a device's papers end, and what had to be assumed for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from smartlic.errors import InputError
from smartlic.logs.judgement import end_of, mode_at
from smartlic.logs.standing import EVALUATION_PERIOD, Standing
from smartlic.times import stamp

__all__ = ["beginning", "scenario_fields"]

_TICK = timedelta(milliseconds=1)


def scenario_fields(known: Standing) -> dict[str, Any]:
    """The fields of a ``Scenario`` that begins where the papers end. What they do not tell is taken so that it changes
    nothing: no evaluation used, an ID certificate as old as the authorization. A licence that the catalogue does not
    have is counted as ``CUSP-5``: when calls stop does not depend on it. Raises ``InputError`` (not_found) if they do
    not tell when they were written.
    """
    at = _begins(known)
    start: dict[str, Any] = {}
    if known.evaluation_left is not None:
        start["evaluation_used"] = max(timedelta(0), EVALUATION_PERIOD - known.evaluation_left)
    policy: dict[str, Any] = {}
    end, by_certificate = end_of(known)
    authorized = known.authorized
    if authorized or (known.registered and known.certificate):
        start["certificate"] = min(filter(None, (known.certificate, authorized, at)))
    if known.certificate and start.get("certificate") == known.certificate:
        if known.renewal and known.renewal > known.certificate:
            policy["renew"] = known.renewal - known.certificate
        if known.certificate_end and known.certificate_end > known.certificate:
            policy["certificate"] = known.certificate_end - known.certificate
    if authorized and not (by_certificate and end is not None and end <= at):
        start |= {"authorized": authorized, "out_of_compliance": bool(known.out_of_compliance)}
        at = max(at, authorized + _TICK)
    requested = _requested(known)
    fields: dict[str, Any] = {"start": {"at": at, **start}, "policy": policy, "requested": requested}
    fields["purchased"] = {} if known.out_of_compliance else requested
    if known.enabled is False:
        fields["disabled"] = [(at, at + timedelta(days=36500))]
    return fields


def _begins(known: Standing) -> datetime:
    """When; raises if what is known is not enough to begin with."""
    why = None
    if known.seen is None:
        raise InputError(
            "it does not tell when it was written, so no simulation can begin", "not_found", "after_change"
        )
    if known.out_of_compliance is not None and known.authorized is None and known.authorization_end is None:
        why = "it does not tell when the authorization began or ends"
    elif mode_at(known, known.seen) is None and not known.registered:
        why = "it does not tell the mode"
    if why:
        raise InputError(f"{why}, so no simulation can begin there", "not_found", "after_change")
    return known.seen


def _requested(known: Standing) -> dict[str, int]:
    """By names that the catalogue has. An authorization is for something, told or not."""
    found: dict[str, int] = {}
    for name, count in known.requested.items():
        licence = _stand_in() if name in _strangers(known) else name
        found[licence] = found.get(licence, 0) + count
    return {_stand_in(): 1} if known.authorized and not found else found


def beginning(known: Standing) -> Iterator[str]:
    """How the scenario of ``scenario_fields`` begins, in words: the state, and what was assumed."""
    if known.seen is None:
        return
    mode = mode_at(known, known.seen) or "in a mode that is not told"
    yield f"Begins {stamp(known.seen)}, {mode}, as the device's papers leave it."
    if known.evaluation_left is None:
        yield "Assumed: nothing of the evaluation period is used, as they do not tell."
    if known.registered and known.certificate is None and known.authorized is not None:
        yield "Assumed: the ID certificate is as old as the authorization, as they do not tell."
    if known.authorized is not None and not known.requested:
        yield f"Assumed: 1 x {_stand_in()} is requested, as they do not tell; calls per second mean nothing here."
    bought = "nothing" if known.out_of_compliance else "as much as is requested"
    yield f"Assumed: {bought} is purchased, as they do not tell."
    if strangers := _strangers(known):
        yield f"Not in the catalogue: {', '.join(strangers)}; {_stand_in()} stands for it."
        yield "When calls stop does not depend on that; calls per second do, and mean nothing here."


def _strangers(known: Standing) -> list[str]:
    from smartlic._core import Catalogue

    short = {entry.short_name for entry in Catalogue().entries}
    return [name for name in known.requested if name not in short]


def _stand_in() -> str:
    from smartlic._core import Catalogue

    return Catalogue().entries[0].short_name
