"""The state that a scenario begins in: a life before its start that leads there, and how to read it from a folder.

Every state that a device can be in is the end of some life, so none is made up: a new product is enabled, registered
and authorized at the times that the state tells of, on the same clock and by the same compiled code.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartlic.times import instant

if TYPE_CHECKING:
    from smartlic.whatif.scenario import Scenario

__all__ = ["begins", "prologue", "silence", "stored"]

_TICK = timedelta(milliseconds=1)
_CERTIFICATE_EARLIER = timedelta(hours=1)  # a certificate is valid from an hour before its issuance (M6)

Step = tuple[datetime, str]


def begins(scenario: Scenario) -> datetime:
    """When the life begins: at the scenario's start, or as much earlier as its state has to tell of."""
    return min([instant(scenario.enabled), *(at for at, _ in prologue(scenario))])


def prologue(scenario: Scenario) -> Iterator[Step]:
    """What leads to the scenario's ``start``: ``enable``, ``disable``, ``register`` and ``request``, and when.

    Evaluation is used in mode Eval alone (E4): before the registration of a product that is authorized, up to the start
    of one that is not; in the time between that is too much it is disabled, which uses none.
    """
    start = scenario.start
    if start is None:
        yield instant(scenario.enabled), "enable"
        return
    at: datetime = start["at"]
    registered: datetime | None = start.get("certificate")
    authorized: datetime | None = start.get("authorized")
    used: timedelta = start.get("evaluation_used", timedelta(0))
    eval_from = (registered if authorized and registered else at) - used
    yield min(eval_from, registered or eval_from), "enable"
    if registered:
        yield registered, "register"
        on = authorized or eval_from
        if registered < on:
            yield registered, "disable"
            yield on, "enable"
    if authorized:
        yield authorized, "request"
    if start.get("disabled"):
        yield at, "disable"


def silence(scenario: Scenario) -> tuple[datetime, datetime] | None:
    """Since when the manager has not been heard of at the start, as far as the state tells."""
    start = scenario.start or {}
    last: datetime | None = start.get("authorized", start.get("certificate"))
    return (last + _TICK, start["at"]) if last else None


def stored(path: str | Path, passphrase: str = "") -> dict[str, Any]:
    """The fields of a scenario that begins as the agent of a state folder stands now; it is only read.

    Known are its evaluation, ID certificate, authorization and request; the instants at which this very device will ask
    are not, as its jitter is drawn anew (E8). What was purchased is known only as far as the last answer says: as much
    as is requested if that was in compliance, else nothing. Raises as ``Agent.peek``.
    """
    from smartlic.agent.driver import Agent

    agent = Agent.peek(path, passphrase=passphrase)
    status = agent.core.status()
    names = {entry.tag: entry.short_name for entry in agent.catalogue.entries}
    requested = {names.get(each["tag"], each["tag"]): each["count"] for each in status["requested"]}
    start: dict[str, Any] = {"at": status["licensing_time"], "evaluation_used": status["evaluation"]["used"]}
    policy: dict[str, Any] = {}
    if certificate := status["certificate"]:
        issued = certificate["not_before"] + _CERTIFICATE_EARLIER
        start["certificate"] = issued
        policy = {"certificate": certificate["not_after"] - issued, "renew": certificate["renew_at"] - issued}
    held = status["authorization"]
    if held and not (held["ended"] and held["ended_by"] == "certificate"):
        start |= {"authorized": held["start"], "out_of_compliance": held["out_of_compliance"]}
    if not status["enabled"]:
        start["disabled"] = True
    compliant = not (held and held["out_of_compliance"])
    return {
        "start": start,
        "requested": requested,
        "purchased": requested if compliant else {},
        "policy": policy,
    }
