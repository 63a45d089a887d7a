"""Questions as one call each: exact to the tick and to the licence, whoever computes them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from brief_lives import DAY, HOUR, START, TICK, at, brief
from smartlic import Scenario, Timeline, compare, latest_return, licences_until_compliant, simulate
from smartlic.errors import InputError
from smartlic.times import about, stamp

# --- when the manager has to be back


def back(scenario: Scenario, moment: datetime) -> Timeline:
    return simulate(replace(scenario, outages=[(at("05T12:00"), moment)]))


@pytest.mark.parametrize("seed", range(1, 7))
def test_the_latest_return_is_in_time_and_a_tick_later_is_not(seed: int) -> None:
    scenario = brief(seed=seed)
    found = latest_return(scenario)
    assert found.since == at("05T12:00")
    assert found.at is not None
    assert found.stop is not None
    assert back(scenario, found.at).blocked == ()
    assert back(scenario, found.at + TICK).calls_stop == found.stop
    assert found.in_time is not None
    assert found.late is not None
    assert (found.in_time.blocked, found.late.calls_stop) == ((), found.stop)


def test_without_jitter_it_is_the_last_retry_that_one_can_count() -> None:
    """Asks fall every midnight, so the last answer is that of the 5th and calls stop at midnight of the 8th (E5).

    The ask of the 6th is repeated every 50 minutes: 57 times before that (E8).
    """
    found = latest_return(brief({"jitter": False, "retry_base": "50m", "retry_max": "50m"}))
    assert found.stop == at("08T00:00")
    assert found.at == at("06T00:00") + 57 * 50 * HOUR / 60 == at("07T23:30")
    assert found.safe == at("07T23:10")


def test_E3_a_retry_at_the_very_deadline_leaves_no_time_without_calls() -> None:
    found = latest_return(brief({"jitter": False, "retry_base": "1h", "retry_max": "1h"}))
    assert found.at == found.stop == at("08T00:00")


@pytest.mark.parametrize("seed", range(1, 5))
def test_the_safe_return_is_a_back_off_before_calls_stop_whatever_the_seed(seed: int) -> None:
    found = latest_return(brief(seed=seed))
    assert found.stop is not None
    assert found.at is not None
    assert found.safe == found.stop - 2 * HOUR <= found.at


def test_no_return_is_called_safe_if_the_regular_ask_may_come_too_late() -> None:
    """It asks every 30 days and is authorized for 29 (E5, E8), so with other seeds calls stop whatever the retries."""
    facts: dict[str, Any] = {"registered": "2026-01-02", "requested": {"CUSP-5": 2}, "purchased": {"CUSP-5": 2}}
    scenario = Scenario(
        outages=[("2026-01-03", "2026-12-01")], policy={"authorization": "29d"}, until="2026-02-20", **facts
    )
    found = latest_return(scenario)
    assert found.at is not None
    assert found.safe is None
    assert "To do" not in str(found)


@pytest.mark.parametrize("seed", range(1, 9))
def test_a_safe_return_is_safe_with_any_seed_if_the_last_answer_is_the_same(seed: int) -> None:
    """The outage begins before the first regular ask, so the last answer is that of the registration."""
    safe = latest_return(brief(outages=[("2026-01-01T12:00", "2026-01-12")])).safe
    assert safe == at("04T00:00") - 2 * HOUR
    assert simulate(brief(outages=[("2026-01-01T12:00", safe)], until="2026-01-06", seed=seed)).blocked == ()


@pytest.mark.parametrize(
    "more",
    [
        {"restarts": [("2026-01-07", "2026-01-07T12:00")]},
        {"policy": {"certificate": "4d", "renew": "2d", "authorization": "5d"}},
    ],
    ids=["the machine is off", "the certificate ends"],
)
def test_no_return_is_called_safe_where_more_than_retries_decide(more: dict[str, Any]) -> None:
    assert latest_return(brief(**more)).safe is None


def test_it_asks_about_the_outage_in_which_calls_stop_and_leaves_later_ones_out() -> None:
    early, late = ("2026-01-02T06:00", "2026-01-03"), ("2026-01-14", "2026-01-19")
    scenario = brief(outages=[late, ("2026-01-05T12:00", "2026-01-12"), early])
    assert simulate(scenario).calls_stop == latest_return(scenario).stop
    assert latest_return(scenario).since == at("05T12:00")
    assert latest_return(scenario, 0).to_dict() == latest_return(brief(outages=[early])).to_dict()
    assert latest_return(scenario, 0).at is not None
    assert latest_return(scenario, 2).since == at("14T00:00")


def test_when_calls_never_stop_it_asks_about_the_last_outage() -> None:
    scenario = brief(outages=[("2026-01-02T06:00", "2026-01-03"), ("2026-01-09T06:00", "2026-01-10")])
    assert latest_return(scenario).since == at("09T06:00")


def test_an_outage_that_is_not_in_the_scenario_may_be_asked_about() -> None:
    scenario = brief(outages=[])
    assert latest_return(scenario, away="2026-01-05T12:00").to_dict() == latest_return(brief()).to_dict()
    with pytest.raises(InputError, match="no outage; say since when: away="):
        latest_return(scenario)


def test_a_manager_that_is_not_missed_need_not_be_back() -> None:
    found = latest_return(brief(), away="2026-01-18T12:00")
    assert (found.stop, found.at, found.safe) == (None, None, None)
    assert str(found) == (
        "The manager need not be back: it goes away 2026-01-18 12:00 UTC, and calls still run at 2026-01-20 00:00 UTC."
    )


def test_when_no_return_helps_it_says_so() -> None:
    found = latest_return(Scenario(until="2026-06-01"), away="2026-02-01")
    assert (found.stop, found.at) == (START + 90 * DAY, None)
    assert found.answer.startswith("No return of the manager prevents it: ")


def test_an_outage_into_which_calls_come_stopped_is_refused() -> None:
    with pytest.raises(InputError, match="calls are stopped already when the manager goes away 2026-05-01 00:00 UTC"):
        latest_return(Scenario(until="2026-06-01"), away="2026-05-01")
    with pytest.raises(InputError, match="outage: expected 0 to 0, not 1"):
        latest_return(brief(), 1)


def test_the_answer_comes_first_and_says_what_to_do() -> None:
    counted: list[int] = []
    found = latest_return(brief(), progress=counted.append)
    first, *_, last = str(found).splitlines()
    assert found.at is not None
    assert found.safe is not None
    away = about(found.at - found.since)
    assert first == f"The manager has to be back by {stamp(found.at)}, {away} after it goes away 2026-01-05 12:00 UTC."
    assert last.startswith(f"To do: have it back by {stamp(found.safe)}, ")
    assert counted == list(range(1, len(counted) + 1))


# --- how many licences until compliant


def compliant(scenario: Scenario) -> bool:
    return "OutOfCompliance" not in {band.mode for band in simulate(scenario).bands}


@pytest.mark.parametrize(
    ("requested", "purchased", "more"),
    [
        ({"CUSP-5": 20}, {"CUSP-5": 7}, 13),
        ({"CUSP-5": 1}, {}, 1),
        ([{"CUSP-5": 2}, {"at": "2026-01-10", "CUSP-5": 9}, {"at": "2026-01-15", "CUSP-5": 1}], {"CUSP-5": 4}, 5),
        ({"CUSP-5": 9}, [{"from": "2026-01-01", "CUSP-5": 5}], 4),
        ({"CUSP-5": 9}, [{"CUSP-5": 5}, {"until": "2026-01-10", "CUSP-5": 4}], 4),
        ({"CUSP-5": 9}, [{"CUSP-5": 5}, {"from": "2026-01-10", "CUSP-5": 4}], 4),
    ],
    ids=["some", "all", "the most that is ever requested", "from the start", "some end", "some come too late"],
)
def test_so_many_licences_make_it_compliant_and_one_fewer_does_not(requested: Any, purchased: Any, more: int) -> None:
    scenario = brief(requested=requested, purchased=purchased, outages=[])
    found = licences_until_compliant(scenario)
    assert found.more == {"CUSP-5": more}
    entries = [purchased] if isinstance(purchased, dict) else purchased
    for count, enough in ((more, True), (more - 1, False)):
        bought = [entry for entry in (*entries, {"CUSP-5": count} if count else {}) if entry]
        assert compliant(replace(scenario, purchased=bought)) is enough
    assert "OutOfCompliance" not in {band.mode for band in found.compliant.bands}
    assert str(found).startswith(f"{more} more CUSP-5 make")


@pytest.mark.parametrize(
    ("purchased", "most_lives"),
    [({"CUSP-5": 345_678}, 4), ([{"from": "2026-01-01", "CUSP-5": 345_678}], 25)],
    ids=["the first guess is right", "it is made good by halving"],
)
def test_large_numbers_take_few_lives(purchased: Any, most_lives: int) -> None:
    lives: list[int] = []
    scenario = brief(requested={"CUSP-5": 1_000_000}, purchased=purchased, until="2026-01-02")
    assert licences_until_compliant(scenario, progress=lives.append).more == {"CUSP-5": 654_322}
    assert len(lives) <= most_lives


def test_no_licence_is_missing_when_enough_are_there() -> None:
    found = licences_until_compliant(brief())
    assert found.to_dict()["more"] == {}
    assert str(found).startswith("No licence is missing: no answer of the manager is OutOfCompliance, up to 2026-01-20")


@pytest.mark.parametrize(("purchased", "more"), [(1, {"CUSP-5": 4}), (5, {}), (0, {"CUSP-5": 5})])
def test_what_was_granted_before_the_start_is_not_counted(purchased: int, more: dict[str, int]) -> None:
    start = {"at": "2026-03-01", "certificate": "2026-01-01", "authorized": "2026-02-01", "out_of_compliance": True}
    scenario = Scenario(start=start, requested={"CUSP-5": 5}, purchased={"CUSP-5": purchased} if purchased else {})
    assert simulate(scenario).bands[0].mode == "OutOfCompliance"
    assert licences_until_compliant(scenario).more == more


@pytest.mark.parametrize(
    "silent",
    [
        {"outages": [("2026-01-01", "2026-01-20")]},
        {"outages": [], "refusals": [{"from": "2026-01-01", "until": "2026-01-20", "code": "entitlement_denied"}]},
    ],
    ids=["away", "denies"],
)
def test_a_manager_that_grants_nothing_does_not_say_that_none_is_missing(silent: dict[str, Any]) -> None:
    found = licences_until_compliant(brief(requested={"CUSP-5": 9}, **silent))
    assert found.more is None
    assert found.to_dict()["more"] is None
    assert str(found).startswith("Nobody can tell whether licences are missing: the manager grants nothing, up to ")


def test_a_request_that_is_never_answered_is_not_called_enough() -> None:
    requested = [{"CUSP-5": 2}, {"at": "2026-01-10", "CUSP-5": 9}]
    found = licences_until_compliant(brief(requested=requested, outages=[("2026-01-09", "2026-01-20")]))
    assert str(found).endswith("; but not every request has one.")


def test_what_is_not_enough_by_far_is_found_by_living_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is taken for enough unlived: here nothing that is purchased ever arrives."""
    monkeypatch.setattr("smartlic.whatif.questions._purchased_besides", lambda scenario, more: scenario)
    found = licences_until_compliant(brief(requested={"CUSP-5": 9}))
    assert found.more is None
    assert str(found).startswith("No number of licences more keeps the product from being OutOfCompliance, up to ")


# --- what a change buys


def test_E5_a_day_more_of_authorization_buys_a_day() -> None:
    scenario = brief()
    found = compare(scenario, {"policy.authorization": "4d"}, {"outages.0.1": "2026-01-06"})
    base, longer, sooner = found.rows
    assert base.changes == {}
    assert base.timeline.to_dict() == simulate(scenario).to_dict()
    assert base.timeline.calls_stop is not None
    assert longer.timeline.calls_stop == base.timeline.calls_stop + DAY
    assert base.blocked - longer.blocked == DAY
    assert sooner.timeline.blocked == ()
    assert found.answer == "outages.0.1 = 2026-01-06 buys most: 4 days less without calls; calls no longer stop."
    assert "policy.authorization = 4d: 1 day less without calls; calls stop 1 day later; " in str(found)


def test_without_the_outage_nothing_is_said_of_how_long_the_manager_may_be_away() -> None:
    found = compare(brief(), {"outages": []})
    assert found.answer == "outages = [] buys: 4 days less without calls; calls no longer stop."
    assert "away" not in str(found).split(". ")[0]


def test_a_manager_that_need_not_be_back_is_not_given_a_length() -> None:
    found = compare(brief(), {"policy.authorization": "90d"})
    assert found.answer.endswith(
        "; calls no longer stop; the manager need not be back by 2026-01-20 00:00 UTC, the end."
    )


def test_losses_are_not_bought() -> None:
    found = compare(brief(), {"policy.authorization": "2d"})
    assert found.answer == (
        "policy.authorization = 2d buys nothing, and costs: 1 day more without calls; calls stop 1 day earlier; "
        "the manager may be away 22 h 25 min less long."
    )
    both = compare(brief(), {"policy.authorization": "2d"}, {"outages.0.1": "2026-01-13"})
    assert both.answer == "None of the changes buys anything."
    sooner = compare(brief(outages=[]), {"outages": [["2026-01-05T12:00", "2026-01-12"]]})
    assert "buys nothing, and costs: " in sooner.answer
    assert sooner.answer.endswith("; calls stop, which they did not.")


def test_what_changes_nothing_buys_nothing() -> None:
    found = compare(brief(), {"policy.authorization": "3d"})
    assert found.answer == "policy.authorization = 3d buys: nothing."
    assert "<table>" in found._repr_html_()
    with pytest.raises(InputError, match="compare: expected changes such as"):
        compare(brief())


def test_a_comparison_is_a_frame_with_a_row_for_each_life() -> None:
    done: list[tuple[int, int]] = []
    found = compare(brief(), {"seed": 2}, progress=lambda count, of: done.append((count, of)))
    frame = found.to_frame()
    assert list(frame.columns) == ["change", "calls_stop", "blocked", "latest_return"]
    assert list(frame["change"]) == ["as it is", "seed = 2"]
    assert frame["latest_return"][0] == latest_return(brief()).at
    assert done == [(1, 2), (2, 2)]
