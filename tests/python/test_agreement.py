"""The simulator and the real thing agree: one scripted life, through the manager in this process and through its
service over HTTPS, both on the scenario's clock, gives one timeline, event for event (issue: What if)."""

from __future__ import annotations

import functools
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from model_licence import EVENTS
from scenario_world import TWO, USUAL
from served_world import served
from smartlic import Scenario, Timeline, simulate
from smartlic._gate import Mode
from smartlic.explain import CAUSES

SHORT = {"certificate": "40d", "authorization": "30d", "retry_in_compliance": "7d", "renew": "20d"}

LIVES = {
    "the manager is away for long": Scenario(
        **USUAL | {"outages": [("2026-02-01", "2026-06-10")], "until": "2026-07-01"}
    ),
    "never registered": Scenario(until="2026-05-01"),
    "more than was purchased, then purchased for a while": Scenario(
        **USUAL
        | {
            "requested": [{"CUSP-5": 3}, {"at": "2026-03-10", "CUSP-5": 1}, {"at": "2026-03-20"}],
            "purchased": [{"CUSP-5": 1, "until": "2026-02-01"}, {"from": "2026-01-10T07:00", "CUSP-5": 2}],
        }
    ),
    "short certificates, renewed": Scenario(**USUAL, policy=SHORT),
    "away until the certificate has ended": Scenario(
        **USUAL
        | {
            "policy": SHORT | {"authorization": "90d"},
            "outages": [("2026-01-15", "2026-03-10")],
            "until": "2026-05-01",
        },
        registered_again=["2026-04-01"],
    ),
    "a late renewal": Scenario(**USUAL, policy=SHORT | {"late_renewal": "30d"}, outages=[("2026-01-10", "2026-02-20")]),
    "denied for a week": Scenario(
        **USUAL, refusals=[{"from": "2026-01-20", "until": "2026-02-10", "code": "entitlement_denied"}]
    ),
    "busy, then failing inside": Scenario(
        **USUAL,
        refusals=[
            {"from": "2026-01-01", "until": "2026-01-03", "code": "busy"},
            {"from": "2026-01-25", "until": "2026-02-20", "code": "internal"},
        ],
    ),
    "removed, and registered again": Scenario(
        **USUAL, refusals=[{"from": "2026-01-20", "code": "instance_removed"}], registered_again=["2026-03-01"]
    ),
    "revoked": Scenario(**USUAL, refusals=[{"from": "2026-01-20", "code": "certificate_revoked"}]),
    "a token for one": Scenario(
        **USUAL | {"token": {"uses": 1}}, deregistered="2026-02-01", registered_again=["2026-02-02"]
    ),
    "an expired token": Scenario(**USUAL | {"registered": "2026-01-20"}, token={"expires": "2026-01-10"}),
    "the clock is set ahead, on and off": Scenario(
        **USUAL,
        clock_jumps=[{"at": "2026-01-10", "by": "120d"}, {"at": "2026-01-21", "by": "100d"}],
        restarts=[("2026-01-20", "2026-01-21T03:00")],
        outages=[("2026-01-20", "2026-01-25")],
    ),
    "the clock is set back while the machine is off": Scenario(
        **USUAL,
        clock_jumps=[{"at": "2026-01-12", "by": "-9d"}],
        restarts=[("2026-01-11", "2026-01-16"), ("2026-03-31", "2026-04-02")],
    ),
    "set back to a snapshot": Scenario(**USUAL, restored=[{"at": "2026-03-20", "to": "2026-01-15"}]),
    "set back to before the registration": Scenario(**USUAL, restored=[{"at": "2026-03-20", "to": "2026-01-01T12:00"}]),
    "a new root": Scenario(
        **USUAL, policy={"retry_in_compliance": "8d"}, root_swap={"published": "2026-01-20", "used": "2026-02-20"}
    ),
    "a new root too early": Scenario(
        **USUAL | {"until": "2026-02-10"}, root_swap={"published": "2026-01-20", "used": "2026-01-21"}
    ),
    "disabled for a while, then deregistered": Scenario(
        **USUAL, disabled=[("2026-01-20", "2026-02-15")], deregistered="2026-03-10"
    ),
    "from a state": Scenario(
        start={"at": "2026-05-01", "evaluation_used": "80d", "certificate": "2026-01-02", "authorized": "2026-02-20"},
        requested=TWO,
        purchased=[TWO | {"until": "2026-05-20"}],
        deregistered="2026-06-20",
        until="2026-07-02",
    ),
}


def story(timeline: Timeline) -> dict[str, Any]:
    """Everything that is told of a life."""
    return {**timeline.to_dict(), "status": without_names(timeline.status or {})}


def without_names(status: Any) -> dict[str, Any]:
    """The status without what is drawn at random: identities, not facts."""
    drawn = {"instance", "certificate", "signing_serial", "manager"}
    return {name: value for name, value in status.items() if name not in drawn}


@functools.cache
def simulated(name: str) -> Timeline:
    """A life with the manager in this process."""
    return simulate(LIVES[name])


@pytest.mark.parametrize("name", LIVES)
def test_the_simulator_and_the_service_over_https_tell_one_story(name: str, tmp_path: Path) -> None:
    with served(tmp_path) as worlds:
        real = simulate(LIVES[name], world=worlds.make)
        assert (worlds.exchanges > 0) == (LIVES[name].requests_from is not None)
    assert story(real) == story(simulated(name))


def test_every_mode_every_event_and_every_cause_is_met() -> None:
    seen: Counter[str] = Counter()
    for timeline in map(simulated, LIVES):
        seen.update(band.mode for band in timeline.bands)
        seen.update(event.kind for event in timeline.events)
        seen.update(f"because {event.cause}" for event in timeline.events if event.kind == "mode_changed")
        seen.update(f"because {band.cause}" for band in timeline.bands if band.cause == "set_back")  # none tells it
    wanted = {mode.name for mode in Mode} | EVENTS | {f"because {cause}" for cause in CAUSES}
    print("\n".join(f"{seen[name]:4}  {name}" for name in sorted(wanted)))
    assert {name for name in wanted if not seen[name]} == set()
