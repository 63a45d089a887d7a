"""Scenarios: what happens to product, manager and machine over time, and the policy of both sides."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from scenario_world import DAY, HOUR, TICK, TWO, USUAL, at, lived, modes, of
from smartlic import Scenario, simulate
from smartlic.errors import InputError
from smartlic.whatif.policy import Policy

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


# --- simulation


def test_progress_is_told_while_it_is_lived() -> None:
    told: list[float] = []
    simulate(Scenario(**USUAL), progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(set(told)) > 4
