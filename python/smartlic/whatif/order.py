"""What has to come before what in a scenario."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, cast

from smartlic.times import about, duration, instant, stamp
from smartlic.whatif.policy import Policy
from smartlic.whatif.reading import Misfit, Moment, Place

if TYPE_CHECKING:
    from smartlic.whatif.scenario import Scenario

__all__ = ["LONGEST", "check_order"]

LONGEST = timedelta(days=3653)
"""How long a simulation may be: ten years, half the life of the simulated manager's root."""

MOST_WRONG = timedelta(days=36525)


def check_order(scenario: Scenario) -> None:
    """Raises ``Misfit`` at the first time that cannot be, given the others."""
    start, end = instant(scenario.enabled), instant(scenario.until or scenario.enabled)
    if not start < end <= start + LONGEST:
        expected = f"expected a time after enabled ({stamp(start)}), and at most ten years after it"
        raise Misfit(("until",), f"{expected}, not {stamp(end)}")
    _check_state(scenario, start)
    _check_registrations(scenario, start)
    _check_requests(scenario)
    for name in ("restarts", "disabled"):
        _check_intervals((name,), [(instant(a), instant(b)) for a, b in getattr(scenario, name)], start)
    for place, command in _commands(scenario):
        _check_running(scenario, place, command)
    if scenario.start is None:
        _check_running(scenario, ("enabled",), start, disabled=True)
    for index, pair in enumerate(scenario.disabled):
        for number, edge in enumerate(pair):
            _check_running(scenario, ("disabled", str(index), str(number)), instant(edge), disabled=True)
    for index, each in enumerate(scenario.restored):
        _check_running(scenario, ("restored", str(index), "at"), each["at"], disabled=True)
        _not_before(("restored", str(index), "to"), each["to"], "enabled", start)
    for name in ("expires", "revoked"):
        if scenario.token.get(name, end) <= start:
            raise Misfit(("token", name), f"expected a time after enabled ({stamp(start)})")


def _check_state(scenario: Scenario, start: datetime) -> None:
    state = scenario.start or {}
    used, period = state.get("evaluation_used", timedelta(0)), scenario.policy.periods().evaluation
    if used > period:
        raise Misfit(("start", "evaluation_used"), f"expected at most the evaluation period, {about(period)}")
    for name in ("certificate", "authorized"):
        if name in state:
            _not_before(("start", name), state[name], "ten years before 'at'", start - LONGEST)
    if "authorized" in state:
        _check_certificate(scenario, state["certificate"], state["authorized"])
    wrong_by = timedelta(0)
    for index, jump in enumerate(scenario.clock_jumps):
        wrong_by += jump["by"]
        if abs(wrong_by) > MOST_WRONG:
            raise Misfit(("clock_jumps", str(index), "by"), f"expected a clock within {about(MOST_WRONG)} of the truth")


def _check_certificate(scenario: Scenario, issued: datetime, authorized: datetime) -> None:
    """A certificate that has ended takes no authorization, and is not renewed either, but for late renewal (E7)."""
    policy, place = cast(Policy, scenario.policy), ("start", "certificate")
    life, late = duration(policy.certificate), duration(policy.late_renewal)
    if issued + life <= authorized:
        lives = f"it lives {about(life)}"
        raise Misfit(place, f"expected a certificate that is valid when authorized ({stamp(authorized)}); {lives}")
    if authorized + life + late <= issued:
        ended = stamp(authorized + life + late)
        raise Misfit(place, f"expected a time before {ended}, as the one of when authorized can be renewed until then")


def _check_registrations(scenario: Scenario, start: datetime) -> None:
    state = bool(scenario.start and "certificate" in scenario.start)
    if scenario.registered is not None:
        _not_before(("registered",), scenario.registered, "enabled", start)
        if state:
            raise Misfit(("registered",), "expected none, as the product starts registered; see registered_again")
    later: list[tuple[Place, Moment]] = [
        (("registered_again", str(index)), at) for index, at in enumerate(scenario.registered_again)
    ]
    if scenario.deregistered is not None:
        later.insert(0, (("deregistered",), scenario.deregistered))
    first = instant(scenario.enabled if state else scenario.registered or start)
    for place, at in later:
        if scenario.registered is None and not state:
            given = ": what is to be given back?" if place == ("deregistered",) else ""
            raise Misfit(place, f"expected 'registered' as well{given}")
        if instant(at) <= first:
            raise Misfit(place, f"expected a time after registered ({stamp(first)})")


def _check_requests(scenario: Scenario) -> None:
    if isinstance(scenario.requested, Mapping):
        return
    first = scenario.requests_from
    for index, each in enumerate(scenario.requested):
        if "at" not in each and (index or first is None):
            why = "it is not the first" if index else "the product is never registered"
            raise Misfit(("requested", str(index)), f"expected 'at' as well, as {why}")
    if scenario.authorized_before and (not scenario.requests or scenario.requests[0][0] != first):
        raise Misfit(("requested",), "expected first what the authorization of 'start' is for, without 'at'")
    for index, (at, _) in enumerate(scenario.requests):
        _not_before(("requested", str(index), "at"), at, "enabled", instant(scenario.enabled))
    for index, (one, other) in enumerate(pairwise(scenario.requests), start=1):
        if other[0] <= one[0]:
            raise Misfit(("requested", str(index), "at"), f"expected a time after the one before ({stamp(one[0])})")


def _check_intervals(place: Place, pairs: list[tuple[datetime, datetime]], start: datetime) -> None:
    """Ascending and apart, from the start on."""
    for index, (begin, _) in enumerate(pairs):
        _not_before((*place, str(index)), begin, "enabled", start)
    for index, (one, other) in enumerate(pairwise(pairs), start=1):
        if other[0] <= one[1]:
            raise Misfit((*place, str(index)), f"expected a start after the end of the one before ({stamp(one[1])})")


def _commands(scenario: Scenario) -> Iterator[tuple[Place, datetime]]:
    """What an operator does at the product, and when."""
    for name in ("registered", "deregistered"):
        if (at := getattr(scenario, name)) is not None:
            yield (name,), instant(at)
    for index, at in enumerate(scenario.registered_again):
        yield ("registered_again", str(index)), instant(at)
    for index, (at, _) in enumerate(scenario.requests):
        if index or not scenario.authorized_before:
            yield ("requested",) if isinstance(scenario.requested, Mapping) else ("requested", str(index)), at


def _check_running(scenario: Scenario, place: Place, at: datetime, *, disabled: bool = False) -> None:
    """Commands need the machine, and all but enabling need smart licensing enabled (E9)."""
    for name in ("restarts",) if disabled else ("restarts", "disabled"):
        for begin, end in getattr(scenario, name):
            if instant(begin) <= at < instant(end):
                state = "the machine is off" if name == "restarts" else "smart licensing is disabled"
                until = f"{stamp(instant(begin))} to {stamp(instant(end))}"
                raise Misfit(place, f"expected another time than {stamp(at)}, as {state} from {until}")


def _not_before(place: Place, at: Moment, name: str, limit: datetime) -> None:
    if instant(at) < limit:
        raise Misfit(place, f"expected a time not before {name} ({stamp(limit)})")
