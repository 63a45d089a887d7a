"""Scenarios that begin in a state: any that can be reached, or that of a state folder."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from core_world import START
from scenario_world import DAY, HOUR, TICK, TWO, at, modes, of
from smartlic import Agent, Manager, Scenario, simulate
from smartlic.agent.ports import NoAnswer, VirtualClock
from smartlic.times import duration, instant

STATES: dict[str, tuple[dict[str, Any], str]] = {
    "new": ({}, "Eval"),
    "evaluating": ({"evaluation_used": "30d"}, "Eval"),
    "evaluation used up": ({"evaluation_used": "90d"}, "EvalExpired"),
    "registered": ({"evaluation_used": "10d", "certificate": "2026-03-01"}, "Eval"),
    "registered since long": ({"evaluation_used": "80d", "certificate": "2026-03-01"}, "Eval"),
    "in compliance": (
        {"evaluation_used": "5d", "certificate": "2026-01-01", "authorized": "2026-04-01"},
        "InCompliance",
    ),
    "renewed since": (
        {"evaluation_used": "5d", "certificate": "2026-04-01", "authorized": "2026-03-25"},
        "InCompliance",
    ),
    "renewed at the last instant": (
        {"certificate": at("2026-04-05") - timedelta(seconds=1), "authorized": "2025-04-10"},
        "AuthorizationExpired",
    ),
    "at one instant": ({"certificate": "2026-04-01", "authorized": "2026-04-01"}, "InCompliance"),
    "out of compliance": (
        {"certificate": "2026-01-01", "authorized": "2026-04-20", "out_of_compliance": True},
        "OutOfCompliance",
    ),
    "not heard of for long": ({"certificate": "2026-01-01", "authorized": "2026-01-05"}, "AuthorizationExpired"),
    "certificate ended": ({"evaluation_used": "90d", "certificate": "2025-05-01"}, "EvalExpired"),
    "disabled": ({"evaluation_used": "3d"}, "Disabled"),
    "disabled with a licence": ({"certificate": "2026-01-01", "authorized": "2026-04-01"}, "Disabled"),
}


@pytest.mark.parametrize("name", STATES)
def test_a_scenario_may_begin_in_any_state(name: str) -> None:
    facts, mode = STATES[name]
    begin = at("2026-05-01")
    off = [(begin, begin + DAY)] if mode == "Disabled" else []
    scenario = Scenario(start={"at": begin, **facts}, requested=TWO, purchased=TWO, disabled=off)
    timeline = simulate(dataclasses.replace(scenario, outages=[(begin, begin + DAY)]), until=begin + TICK)
    (band,) = timeline.bands
    assert (band.start, band.end, band.mode) == (begin, begin + TICK, mode)
    assert all(event.at >= begin for event in timeline.events)
    assert timeline.status is not None
    status = timeline.status
    assert status["evaluation"]["used"] == duration(facts.get("evaluation_used", "0s"))
    certificate, held = status["certificate"], status["authorization"]
    assert (certificate and certificate["not_after"]) == (
        instant(facts["certificate"]) + 360 * DAY if "certificate" in facts else None
    )
    assert (held and held["start"]) == (at(facts["authorized"]) if "authorized" in facts else None)
    assert (held or {}).get("out_of_compliance", False) == facts.get("out_of_compliance", False)
    assert status["enabled"] == (mode != "Disabled")


def test_what_follows_a_state_is_lived_on() -> None:
    begin = {"at": "2026-05-01", "evaluation_used": "80d", "certificate": "2026-01-01", "authorized": "2026-04-01"}
    timeline = simulate(Scenario(start=begin, requested=TWO, outages=[("2026-05-01", "2026-08-01")]))
    assert modes(timeline)[:3] == ["InCompliance", "AuthorizationExpired", "OutOfCompliance"]
    assert timeline.bands[1].start == at("2026-04-01") + 90 * DAY
    denied = [{"from": "2026-05-01", "until": "2027-05-01", "code": "entitlement_denied"}]
    timeline = simulate(Scenario(start=begin, requested=TWO, refusals=denied))
    assert modes(timeline) == ["InCompliance", "Eval", "EvalExpired"]
    assert timeline.blocked[0].start - timeline.bands[1].start == 10 * DAY


class Loopback:
    """A transport to a manager in this process, which may be away."""

    def __init__(self, clock: VirtualClock) -> None:
        self.manager, _ = Manager.init(":memory:", clock=lambda: clock.time)
        self.away = False

    def exchange(self, request: bytes, licensing_time: object) -> bytes:
        if self.away:
            raise NoAnswer("unreachable", "away")
        ((status, body),) = self.manager.handle([request])
        assert status == 200
        return body


def real_agent(folder: Path, clock: VirtualClock, way: Loopback, *, count: int, days: int) -> Agent:
    """A device that was registered and authorized on the 11th day, with two licences, and lived on for some days."""
    way.manager.purchase("CUSP-5", 2)
    agent = Agent.open(folder, clock=clock, transport=way)
    agent.enable()
    clock.time += 10 * DAY
    agent.register(trust=way.manager.trust_file, token=way.manager.create_token())
    agent.request({"CUSP-5": count})
    for _ in range(days):
        clock.time += DAY
        agent.tick()
    return agent


@pytest.mark.parametrize(
    ("count", "days", "away", "then"),
    [(2, 20, 0, 10), (2, 200, 0, 20), (2, 60, 60, 40), (2, 40, 100, 5), (3, 5, 0, 0), (2, 0, 400, 10)],
    ids=["fresh", "renewed", "not heard of", "expired", "out of compliance", "certificate ended"],
)
def test_a_scenario_begins_as_a_state_folder_stands(
    tmp_path: Path, count: int, days: int, away: int, then: int
) -> None:
    """If the manager stays away, the scenario tells exactly what the agent of the folder tells by itself."""
    clock = VirtualClock(START + timedelta(milliseconds=123))
    way = Loopback(clock)
    with real_agent(tmp_path / "agent", clock, way, count=count, days=days) as agent:
        way.away = True
        for _ in range(away // 20):
            clock.time += 20 * DAY
            agent.tick()
        clock.time += then * HOUR
        coming = [(event.at, event.after.name) for event in agent.core.coming if event.after]
        mode = agent.mode
    before = {path: path.read_bytes() for path in (tmp_path / "agent").iterdir()}

    gone = [(clock.time, clock.time + 1000 * DAY)]
    until = max([clock.time, *(change for change, _ in coming)]) + DAY
    scenario = Scenario.from_state(tmp_path / "agent", clock=clock, outages=gone, until=until)
    timeline = simulate(scenario)

    assert {path: path.read_bytes() for path in (tmp_path / "agent").iterdir()} == before
    assert (timeline.start - clock.time, timeline.bands[0].mode) == (TICK if then == 0 else 0 * TICK, mode)
    assert [(band.start, band.mode) for band in timeline.bands[1:]] == coming
    assert scenario.requested == {"CUSP-5": count}
    back = simulate(dataclasses.replace(scenario, outages=(), until=clock.time + 20 * DAY))
    assert back.bands[-1].mode == (
        "AuthorizationExpired" if away == 400 else "InCompliance" if count == 2 else "OutOfCompliance"
    )


def test_a_state_that_is_disabled_asks_for_nothing_until_it_is_enabled(tmp_path: Path) -> None:
    clock = VirtualClock(START)
    way = Loopback(clock)
    with real_agent(tmp_path / "agent", clock, way, count=2, days=0) as agent:
        agent.disable()
    clock.time += HOUR
    scenario = Scenario.from_state(tmp_path / "agent", clock=clock, until=clock.time + 100 * DAY)
    assert modes(simulate(scenario)) == ["Disabled"]
    enabled = simulate(dataclasses.replace(scenario, disabled=[(clock.time, clock.time + DAY)]))
    assert modes(enabled) == ["Disabled", "InCompliance"]


@pytest.mark.parametrize("waits_for", ["registration", "deregistration"])
def test_a_state_that_waits_for_the_manager_goes_on_waiting(tmp_path: Path, waits_for: str) -> None:
    clock = VirtualClock(START)
    way = Loopback(clock)
    with real_agent(tmp_path / "agent", clock, way, count=2, days=0) as agent:
        way.away = waits_for == "deregistration"
        agent.deregister()
        way.away = True
        if waits_for == "registration":
            agent.register(trust=way.manager.trust_file, token=way.manager.create_token())
    clock.time += HOUR
    back = clock.time + DAY
    scenario = Scenario.from_state(tmp_path / "agent", clock=clock, outages=[(clock.time, back)], until=back + DAY)
    timeline = simulate(scenario)
    assert modes(timeline) == (["Eval", "InCompliance"] if waits_for == "registration" else ["InCompliance", "Eval"])
    assert back <= timeline.bands[1].start < back + 12 * HOUR
    assert len(of(timeline, "registered" if waits_for == "registration" else "deregistered")) == 1
