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
from smartlic.whatif.order import LONGEST

if TYPE_CHECKING:
    from smartlic.agent.ports import Clock
    from smartlic.whatif.scenario import Scenario

__all__ = ["begins", "prologue", "silences", "stored"]

_TICK = timedelta(milliseconds=1)
_CERTIFICATE_EARLIER = timedelta(hours=1)  # a certificate is valid from an hour before its issuance (M6)

Step = tuple[datetime, str]


def begins(scenario: Scenario) -> datetime:
    """When the life begins: at the scenario's start, or as much earlier as its state has to tell of."""
    return min([instant(scenario.enabled), *(at for at, _ in prologue(scenario))])


def prologue(scenario: Scenario) -> Iterator[Step]:
    """What leads to the scenario's ``start``, and when: enable, disable, register, request, renew.

    Evaluation is used in mode Eval alone (E4): before the registration of a product that is authorized, up to the start
    of one that is not; in the time between that is too much it is disabled, which uses none.
    """
    start = scenario.start
    if start is None:
        yield instant(scenario.enabled), "enable"
        return
    authorized: datetime | None = start.get("authorized")
    contacts = _contacts(scenario)
    registered = contacts[0] if contacts else None
    eval_from = (registered if authorized and registered else start["at"]) - start.get("evaluation_used", timedelta(0))
    yield min(eval_from, registered or eval_from), "enable"
    if registered:
        yield registered, "register"
        on = authorized or eval_from
        if registered < on:
            yield registered, "disable"
            yield on, "enable"
    if authorized:
        yield authorized, "request"
        if start["certificate"] > authorized:
            yield start["certificate"], "renew"


def silences(scenario: Scenario) -> list[tuple[datetime, datetime]]:
    """Between the answers that the state tells of, and from the last one to the start, the manager was not heard of."""
    contacts = _contacts(scenario)
    ends = [*contacts[1:], instant(scenario.enabled)]
    return [(last + _TICK, end) for last, end in zip(contacts, ends, strict=False) if last + _TICK < end]


def _contacts(scenario: Scenario) -> list[datetime]:
    """When the manager answered, as far as the state tells."""
    start = scenario.start or {}
    return sorted({start[name] for name in ("certificate", "authorized") if name in start})


def stored(path: str | Path, passphrase: str = "", clock: Clock | None = None) -> dict[str, Any]:
    """The fields of a scenario that begins as the agent of a state folder stands now; see ``Scenario.from_state``."""
    from smartlic.agent.driver import Agent

    agent = Agent.peek(path, passphrase=passphrase, clock=clock)
    status = agent.core.status()
    names = {entry.tag: entry.short_name for entry in agent.catalogue.entries}
    requested: dict[str, int] = {names.get(each["tag"], each["tag"]): each["count"] for each in status["requested"]}
    start: dict[str, Any] = {"at": status["licensing_time"], "evaluation_used": status["evaluation"]["used"]}
    policy: dict[str, Any] = {}
    if certificate := status["certificate"]:
        issued = certificate["not_before"] + _CERTIFICATE_EARLIER
        start["certificate"] = issued
        policy = {"certificate": certificate["not_after"] - issued, "renew": certificate["renew_at"] - issued}
    held = status["authorization"]
    if held and not (held["ended"] and held["ended_by"] == "certificate"):
        start |= {"authorized": held["start"], "out_of_compliance": held["out_of_compliance"]}
        start["at"] = max(start["at"], held["start"] + _TICK)
    found: dict[str, Any] = {"start": start, "policy": policy, "requested": requested}
    found["purchased"] = {} if held and held["out_of_compliance"] else requested
    if not status["enabled"]:
        found["disabled"] = [(start["at"], start["at"] + LONGEST)]
        if "authorized" not in start:
            found["requested"] = {}  # it asks for nothing before it is enabled
    elif any(each["kind"] == "registration" for each in status["pending"]):
        found["registered"] = start["at"]
    elif any(each["kind"] == "deregistration" for each in status["pending"]):
        found["deregistered"] = start["at"] + _TICK
    return found
