"""Scenarios: what happens to product, manager and machine over time, states to begin in, and how they are read."""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from core_world import START
from hypothesis import given
from hypothesis import strategies as st
from smartlic import Agent, Manager, Scenario, Timeline, simulate
from smartlic.agent.ports import NoAnswer, VirtualClock
from smartlic.errors import InputError, StateError
from smartlic.times import duration
from smartlic.whatif import EXAMPLE
from smartlic.whatif.policy import Policy

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
TICK = timedelta(milliseconds=1)
TWO = {"CUSP-5": 2}
USUAL: dict[str, Any] = {"registered": "2026-01-02", "requested": TWO, "purchased": TWO, "until": "2026-04-01"}


def lived(**more: Any) -> Timeline:
    return simulate(Scenario(**{**USUAL, **more}))


def modes(timeline: Timeline) -> list[str]:
    return [band.mode for band in timeline.bands]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def of(timeline: Timeline, kind: str) -> list[Any]:
    return [event for event in timeline.events if event.kind == kind]


# --- the manager over time


def test_P1_purchases_begin_and_end() -> None:
    timeline = lived(
        purchased=[{"CUSP-5": 1}, {"from": "2026-01-10", "until": "2026-01-20", "CUSP-5": 1}],
        policy={"retry_in_compliance": "1d", "jitter": False},
    )
    assert modes(timeline) == ["Eval", "OutOfCompliance", "InCompliance", "OutOfCompliance"]
    assert [band.start for band in timeline.bands[2:]] == [at("2026-01-10"), at("2026-01-20")]


def test_E9_requests_change_and_end() -> None:
    timeline = lived(requested=[TWO, {"at": "2026-01-10", "CUSP-5": 3}, {"at": "2026-01-20"}])
    assert modes(timeline) == ["Eval", "InCompliance", "OutOfCompliance", "InCompliance"]
    assert timeline.limit == 0


def test_M9_a_denied_tag_drops_the_authorization_until_it_is_allowed_again() -> None:
    refusals = [{"from": "2026-01-10", "until": "2026-02-10", "code": "entitlement_denied"}]
    timeline = lived(refusals=refusals, policy={"retry_in_compliance": "5d", "jitter": False})
    assert modes(timeline) == ["Eval", "InCompliance", "Eval", "InCompliance"]
    assert [band.start for band in timeline.bands[2:]] == [at("2026-01-12"), at("2026-02-10")]
    assert {event.code for event in of(timeline, "refused")} == {"entitlement_denied"}


def test_M9_a_refusal_that_keeps_changes_no_mode() -> None:
    timeline = lived(refusals=[{"from": "2026-01-10", "until": "2026-03-10", "code": "busy"}])
    assert modes(timeline) == ["Eval", "InCompliance"]
    assert {event.code for event in of(timeline, "refused")} == {"busy"}


@pytest.mark.parametrize("code", ["instance_removed", "certificate_revoked"])
def test_M9_an_administrators_act_ends_the_registration_until_the_next_one(code: str) -> None:
    timeline = lived(refusals=[{"from": "2026-01-10", "code": code}], registered_again=["2026-03-01"])
    assert modes(timeline) == ["Eval", "InCompliance", "Eval", "InCompliance"]
    assert timeline.bands[2].cause == "refused"
    assert [event.at for event in of(timeline, "registered")] == [at("2026-01-02"), at("2026-03-01")]


@pytest.mark.parametrize(
    ("token", "code"),
    [({"expires": "2026-01-02"}, "token_expired"), ({"revoked": "2026-01-02"}, "token_revoked")],
)
def test_P3_a_token_that_is_over_registers_nothing(token: dict[str, Any], code: str) -> None:
    timeline = lived(token=token)
    assert modes(timeline) == ["Eval"]
    assert {event.code for event in of(timeline, "registration_failed")} == {code}
    assert modes(lived(token=dict.fromkeys(token, "2026-01-02T00:00:00.001"))) == ["Eval", "InCompliance"]


def test_P3_a_token_is_good_for_so_many_registrations() -> None:
    twice: dict[str, Any] = {"deregistered": "2026-02-01", "registered_again": ["2026-02-02"]}
    assert modes(lived(**twice)) == ["Eval", "InCompliance", "Eval", "InCompliance"]
    assert modes(lived(**twice, token={"uses": 2})) == ["Eval", "InCompliance", "Eval", "InCompliance"]
    assert modes(lived(**twice, token={"uses": 1})) == ["Eval", "InCompliance", "Eval"]


def test_M2_a_root_swap_is_noticed_only_by_who_missed_it() -> None:
    swap = {"published": "2026-02-01", "used": "2026-03-15"}
    assert of(lived(root_swap=swap), "communication_lost") == []
    missed = lived(root_swap=swap, outages=[("2026-02-01", "2026-03-16")], until="2026-08-01")
    assert modes(missed) == ["Eval", "InCompliance", "AuthorizationExpired"]
    assert missed.status is not None
    assert missed.status["counters"]["answers_invalid"] > 0
    assert Scenario(root_swap="2026-02-01").root_swap == {"published": at("2026-02-01"), "used": at("2026-05-02")}


# --- the machine


def test_T4_a_jump_within_a_boot_moves_no_deadline() -> None:
    plain = lived(until="2026-07-01", outages=[("2026-02-01", "2026-07-01")])
    jumped = lived(
        until="2026-07-01",
        outages=[("2026-02-01", "2026-07-01")],
        clock_jumps=[{"at": "2026-02-10", "by": "400d"}, {"at": "2026-03-10", "by": "-500d"}],
    )
    assert jumped.calls_stop == plain.calls_stop
    assert [event.at for event in of(jumped, "clock_jumped")] == [at("2026-02-10"), at("2026-03-10")]


def test_T1_the_time_that_a_machine_is_off_counts() -> None:
    plain = lived(until="2026-07-01", outages=[("2026-02-01", "2026-07-01")])
    off = lived(until="2026-07-01", outages=[("2026-02-01", "2026-07-01")], restarts=[("2026-02-10", "2026-06-10")])
    assert off.calls_stop == plain.calls_stop
    assert [band.start for band in off.bands] == [band.start for band in plain.bands]


def test_an_outage_may_have_begun_before() -> None:
    timeline = simulate(Scenario(**USUAL | {"outages": [("2025-06-01", "2026-02-01")]}))
    assert at("2026-02-01") <= timeline.bands[1].start < at("2026-02-01T12:00")


def test_a_deadline_is_told_of_a_machine_that_stays_off_to_the_end() -> None:
    timeline = lived(restarts=[("2026-01-10", "2026-12-01")], until="2026-05-01")
    assert modes(timeline) == ["Eval", "InCompliance", "AuthorizationExpired"]
    assert timeline.calls_stop == at("2026-01-02") + 90 * DAY


def test_T1_T2_a_clock_set_while_off_is_believed_until_an_answer_corrects_it() -> None:
    timeline = lived(
        restarts=[("2026-01-10", "2026-01-12")],
        clock_jumps=[{"at": "2026-01-11", "by": "200d"}],
        outages=[("2026-01-05", "2026-01-20")],
    )
    assert modes(timeline) == ["Eval", "InCompliance", "AuthorizationExpired", "InCompliance"]
    (blocked,) = timeline.blocked
    (corrected,) = of(timeline, "clock_corrected")
    assert blocked.start == at("2026-01-12")
    assert blocked.end == corrected.at
    assert at("2026-01-20") <= corrected.at < at("2026-01-20T12:00")
    assert corrected.from_ - corrected.to == 200 * DAY


def test_T1_a_clock_set_back_while_off_delays_deadlines_in_true_time() -> None:
    timeline = simulate(
        Scenario(
            restarts=[("2026-01-10", "2026-01-20")], clock_jumps=[{"at": "2026-01-15", "by": "-4d"}], until="2026-05-01"
        )
    )
    assert timeline.calls_stop == at("2026-01-01") + 94 * DAY
    (ended,) = of(timeline, "evaluation_ended")
    assert (ended.at, ended.event.at) == (at("2026-01-01") + 94 * DAY, at("2026-01-01") + 90 * DAY)
    assert datetime.fromisoformat(ended.to_dict()["at"]) == ended.at
    assert of(timeline, "clock_jumped") == []  # it went ahead by six days: nothing to see


def test_T1_licensing_time_does_not_run_back_while_off() -> None:
    timeline = simulate(
        Scenario(
            restarts=[("2026-01-10", "2026-01-20")],
            clock_jumps=[{"at": "2026-01-15", "by": "-60d"}],
            until="2026-05-01",
        )
    )
    saved = at("2026-01-10") - TICK  # by the last look before it went off
    assert timeline.calls_stop == at("2026-01-20") + (at("2026-01-01") + 90 * DAY - saved)
    (jumped,) = of(timeline, "clock_jumped")
    assert (jumped.at, jumped.event.at) == (at("2026-01-20"), saved)


def test_M11_a_machine_set_back_to_a_snapshot_suspects_a_fork() -> None:
    timeline = lived(restored=[{"at": "2026-03-15", "to": "2026-01-15"}])
    (suspected,) = of(timeline, "fork_suspected")
    assert suspected.at >= at("2026-03-15")
    assert modes(timeline) == ["Eval", "InCompliance"]


def test_E9_disabled_calls_are_rejected_and_the_evaluation_pauses() -> None:
    timeline = simulate(Scenario(disabled=[("2026-01-11", "2026-01-31")], until="2026-06-01"))
    assert modes(timeline) == ["Eval", "Disabled", "Eval", "EvalExpired"]
    assert timeline.bands[3].start == at("2026-01-01") + 110 * DAY


# --- policy


def test_a_policy_is_both_sides() -> None:
    away = [("2026-02-05", "2027-01-01")]
    policy = {"authorization": "40d", "retry_in_compliance": "10d", "jitter": False}
    timeline = lived(policy=policy, outages=away, until="2026-06-01")
    assert timeline.calls_stop == at("2026-02-01") + 40 * DAY
    assert [event.from_ for event in of(timeline, "authorized")] == [at("2026-01-02") + 10 * n * DAY for n in range(4)]
    assert simulate(Scenario(policy={"evaluation": "10d"})).calls_stop == at("2026-01-11")


def test_E7_certificates_end_and_may_be_renewed_late() -> None:
    short: dict[str, Any] = {"certificate": "40d", "renew": "20d", "authorization": "200d"}
    away = [("2026-01-10", "2026-02-20")]
    ended = lived(policy=short, outages=away)
    assert modes(ended) == ["Eval", "InCompliance", "Eval"]
    assert [event.at for event in of(ended, "certificate_ended")] == [at("2026-01-02") + 40 * DAY]
    late = lived(policy={**short, "late_renewal": "30d"}, outages=away)
    assert modes(late) == ["Eval", "InCompliance", "Eval", "InCompliance"]


def test_E8_without_jitter_retries_wait_their_whole_window() -> None:
    away = [("2026-01-01", "2026-01-03")]
    timeline = lived(policy={"jitter": False, "retry_base": "1h", "retry_max": "4h"}, outages=away)
    assert timeline.bands[1].start == at("2026-01-02") + (1 + 2 + 6 * 4) * HOUR


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"evaluation": "soon"}, "evaluation: expected a length of time such as 90d, 12h or 30m, not 'soon'"),
        ({"retry_in_compliance": "45d"}, "retry_in_compliance: expected 1 min to 30 days, not 45d"),
        ({"certificate": "2000d"}, "certificate: expected 1 h to 1000 days, not 2000d"),
        ({"authorization": timedelta(0)}, "authorization: expected 1 min to "),
        ({"jitter": 1}, "jitter: expected true or false, not 1"),
    ],
)
def test_a_policy_names_the_field_that_does_not_fit(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as refused:
        Policy(**wrong)
    assert str(refused.value).startswith(said)
    with pytest.raises(InputError) as again:
        Scenario(policy=wrong)
    assert str(again.value).startswith(f"policy.{said}")


# --- states to begin in


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
        at(facts["certificate"]) + 360 * DAY if "certificate" in facts else None
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


# --- scenarios as people write them


EVERYTHING = """\
enabled: 2026-01-01
registered: 2026-01-02
requested: [{CUSP-5: 2}, {at: 2026-03-01, CUSP-5: 3}]
purchased:
  - {until: 2026-06-01, CUSP-5: 3}
  - {from: 2026-06-01, CUSP-5: 2}
outages: [[2026-03-01, 2026-03-10]]
refusals: [{from: 2026-04-01, until: 2026-04-10, code: busy}, {from: 2026-07-01, code: instance_removed}]
clock_jumps: [{at: 2026-02-01, by: -2d}]
restarts: [[2026-02-02, 2026-02-03T12:00]]
restored: [{at: 2026-05-01, to: 2026-04-20}]
token: {expires: 2027-01-01, uses: 2, revoked: 2026-12-30}
root_swap: {published: 2026-05-10, used: 2026-08-10}
disabled: [[2026-04-11, 2026-04-12]]
registered_again: [2026-09-01]
deregistered: 2026-10-01
traffic: {cps: 2, daily: [0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 5, 5, 5, 5, 5, 5, 4, 3, 2, 1, 0, 0, 0]}
gate: immediate
policy: {certificate: 200d, retry_in_compliance: 10d, jitter: no}
until: 2026-11-01
seed: 7
"""


def test_everything_at_once_in_yaml_and_in_python() -> None:
    scenario = Scenario.from_yaml(EVERYTHING)
    again = Scenario(**{each.name: getattr(scenario, each.name) for each in dataclasses.fields(scenario)})
    assert again == scenario
    assert scenario.clock_jumps == ({"at": at("2026-02-01"), "by": -2 * DAY},)
    assert scenario.policy == Policy(certificate=200 * DAY, retry_in_compliance="10d", jitter=False)
    timeline = simulate(scenario, until="2026-10-10")
    assert timeline.to_dict() == simulate(scenario, until="2026-10-10").to_dict()
    assert {"InCompliance", "OutOfCompliance", "Disabled", "Eval"} <= set(modes(timeline))


def test_three_lines_are_a_scenario() -> None:
    scenario = Scenario.from_yaml("registered: 2026-01-02\nrequested: {CUSP-5: 2}\npurchased: {CUSP-5: 2}\n")
    assert modes(simulate(scenario)) == ["Eval", "InCompliance"]


@pytest.mark.parametrize("line", [line for line in EXAMPLE.splitlines() if re.match("# [a-z_]+: ", line)])
def test_each_line_of_the_example_may_be_taken_up(line: str) -> None:
    changed = EXAMPLE.replace(line, line.removeprefix("# "))
    if "registered_again" in line:
        changed = changed.replace("# deregistered", "deregistered")
    assert Scenario.from_yaml(changed) != Scenario.from_yaml(EXAMPLE)
    simulate(dataclasses.replace(Scenario.from_yaml(changed), traffic=None))


HEAD = "registered: 2026-01-02\n"
STATE = "start: {at: 2026-02-01, certificate: 2026-01-01}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("refusals:\n- from: 2026-03-01\n  until: 2026-04-01\n", "line 2: refusals.0: expected 'code' as well"),
        (
            "refusals:\n- from: 2026-03-01\n  until: 2026-04-01\n  code: bussy\n",
            "line 4: refusals.0.code: expected one of payload_invalid, version_unsupported, busy, ",
        ),
        ("refusals:\n- {from: 2026-03-01, code: busy}\n", "line 2: refusals.0: expected 'until' as well"),
        ("refusals:\n- {from: 2026-03-01, code: clock_off}\n", "line 2: refusals.0.code: expected one of"),
        (
            "refusals:\n- {from: 2026-03-01, until: 2026-04-01, code: instance_removed}\n",
            "line 2: refusals.0.until: expected no end: instance_removed is one act; see registered_again",
        ),
        ("refusals:\n- {form: 2026-03-01, code: busy}\n", "line 2: refusals.0: expected 'from' as well"),
        ("clock_jumps: [{at: 2026-03-01, by: far}]\n", "line 1: clock_jumps.0.by: expected a length of time such as"),
        (
            "clock_jumps: [{at: 2026-03-01, by: 1d, to: 2}]\n",
            "line 1: clock_jumps.0.to: unknown key 'to'; expected one",
        ),
        ("clock_jumps: 1d\n", "line 1: clock_jumps: expected a list of entries such as {at: 2026-03-01, by: 2d}, not"),
        ("requested: [{at: 2026-02-01, CUSP-9: 1}]\n", "line 1: requested.0.CUSP-9: "),
        (
            "requested: [{CUSP-5: 1}]\n",
            "line 1: requested.0: expected 'at' as well, as the product is never registered",
        ),
        (
            HEAD + "requested: [{CUSP-5: 1}, {CUSP-5: 2}]\n",
            "line 2: requested.1: expected 'at' as well, as it is not the",
        ),
        (
            HEAD + "requested: [{CUSP-5: 1}, {at: 2026-01-02}]\n",
            "line 2: requested.1.at: expected a time after the one before (2026-01-02 00:00 UTC)",
        ),
        (
            "purchased: [{from: 2026-02-01, until: 2026-01-01}]\n",
            "line 1: purchased.0.until: expected a time after 2026",
        ),
        (
            "purchased: 5\n",
            "line 1: purchased: expected tags and counts such as {CUSP-5: 2}, or a list of entries such",
        ),
        ("restarts: [[2025-01-01, 2026-01-05]]\n", "line 1: restarts.0: expected a time not before enabled"),
        (
            "restarts: [[2026-02-01, 2026-02-05], [2026-02-05, 2026-02-06]]\n",
            "line 1: restarts.1: expected a start after the end of the one before (2026-02-05 00:00 UTC)",
        ),
        (
            HEAD + "restarts: [[2026-01-01, 2026-01-05]]\n",
            "line 1: registered: expected another time than 2026-01-02 00:00 UTC, as the machine is off from 2026",
        ),
        (
            HEAD + "disabled: [[2026-01-01, 2026-01-05]]\n",
            "line 1: registered: expected another time than 2026-01-02 00:00 UTC, as smart licensing is disabled from",
        ),
        (
            "restarts: [[2026-01-02, 2026-01-05]]\ndisabled: [[2026-01-01, 2026-01-04]]\n",
            "line 2: disabled.0.1: expected another time than 2026-01-04 00:00 UTC, as the machine is off",
        ),
        ("restored: [{at: 2026-02-01, to: 2026-03-01}]\n", "line 1: restored.0.at: expected a time after 2026-03-01"),
        ("restored: [{at: 2026-02-01, to: 2025-03-01}]\n", "line 1: restored.0.to: expected a time not before enabled"),
        ("token: {uses: 0}\n", "line 1: token.uses: expected a whole number from 1 to 10^9, not 0"),
        ("token:\n  expires: 2026-01-01\n", "line 2: token.expires: expected a time after enabled (2026-01-01 00:00"),
        (
            "root_swap: {published: 2026-02-01, used: 2026-01-01}\n",
            "line 1: root_swap.used: expected a time after 2026",
        ),
        ("policy:\n  evaluation: 90d\n  renewal: 5d\n", "line 3: policy.renewal: unknown key 'renewal'; did you mean"),
        ("policy:\n  evaluation: 90x\n", "line 2: policy.evaluation: expected a length of time such as 90d, 12h or"),
        ("registered_again: [2026-02-01]\n", "line 1: registered_again.0: expected 'registered' as well"),
        (HEAD + "registered_again: [2026-01-01]\n", "line 2: registered_again.0: expected a time after registered ("),
        ("start: {evaluation_used: 3d}\n", "line 1: start: expected 'at' as well"),
        (
            "start: {at: 2026-02-01, authorized: 2026-01-01}\n",
            "line 1: start: expected 'certificate' as well: only a registered product is authorized",
        ),
        ("start: {at: 2026-02-01, out_of_compliance: 1}\n", "line 1: start.out_of_compliance: expected true or false"),
        (
            "start: {at: 2026-02-01, evaluation_used: 91d}\n",
            "line 1: start.evaluation_used: expected at most the evalu",
        ),
        (
            "start: {at: 2026-02-01, certificate: 2015-01-01}\n",
            "line 1: start.certificate: expected a time not before ten",
        ),
        (
            "clock_jumps: [{at: 2026-02-01, by: 99999d}]\n",
            "line 1: clock_jumps.0.by: expected a length of time above z",
        ),
        ("enabled: 9999-12-31\n", "line 1: enabled: expected a time in the years 1970 to 2199, not '9999-12-31'"),
        (
            "requested:\n",
            "line 1: requested: expected tags and counts such as {CUSP-5: 2}, or a list of entries such as",
        ),
        (
            STATE + "requested: {CUSP-5: 2}\ndisabled: [[2026-02-01, 2027-01-01]]\n",
            "line 2: requested: expected another time than 2026-02-01 00:00 UTC, as smart licensing is disabled",
        ),
        (
            "start:\n  at: 2026-02-01\n  certificate: 2026-01-01\nregistered: 2026-03-01\n",
            "line 4: registered: expected none, as the product starts registered; see registered_again",
        ),
        (
            "start: {at: 2026-02-01, certificate: 2026-01-01, authorized: 2026-01-01}\nrequested: [{at: 2026-03-01}]\n",
            "line 2: requested: expected first what the authorization of 'start' is for, without 'at'",
        ),
        ("outages: &a [*a]\n", "line 1: outages.0: expected a pair"),
    ],
)
def test_errors_name_line_place_and_what_was_expected(text: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        Scenario.from_yaml(text, "mine.yaml")
    assert str(refused.value).startswith(f"mine.yaml {said}")
    assert refused.value.code == "invalid_argument"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            {"registered_again": ["2026-02-01"]},
            "registered_again, 2026-02-01 00:00 UTC: .*cannot register while registered",
        ),
        (
            {"deregistered": "2026-02-01", "refusals": [{"from": "2026-01-10", "code": "instance_removed"}]},
            "deregistered, 2026-02-01 00:00 UTC: .*cannot deregister while unidentified",
        ),
    ],
)
def test_a_command_that_the_state_does_not_allow_names_key_and_time(more: dict[str, Any], said: str) -> None:
    with pytest.raises(StateError, match=f"^{said}") as refused:
        lived(**more, policy={"retry_in_compliance": "5d"})
    assert refused.value.code == "command_refused"


# --- whatever is written

KEYS = st.sampled_from(["at", "from", "until", "to", "by", "for", "code", "cps", "file", "CUSP-5", "published", "uses"])
TIMES = st.sampled_from(["2026-01-01", "2026-03-01T08:30Z", "2026-06-01", "0001-01-01", "9999-12-31", "90d", "-2d"])
WORDS = KEYS | TIMES | st.sampled_from(["busy", "instance_removed", "averaged"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from([each.name for each in dataclasses.fields(Scenario)])


@given(st.dictionaries(FIELDS, ANYTHING, max_size=4))
def test_anything_is_a_scenario_or_an_input_error(content: dict[str, Any]) -> None:
    try:
        scenario = Scenario(**content)
    except InputError:
        return
    assert dataclasses.replace(scenario) == scenario


# --- simulation


def test_progress_is_told_while_it_is_lived() -> None:
    told: list[float] = []
    simulate(Scenario(**USUAL), progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(set(told)) > 4
