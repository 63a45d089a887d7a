"""Timelines: deadlines ahead at any instant, what is left of each period, calls, frames, sentences, the picture."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from brief_lives import DAY, HOUR, START, TICK, at, brief
from pictures import SVG, assert_readable, labels, parsed
from smartlic import Scenario, Timeline, simulate
from smartlic.errors import InputError
from smartlic.whatif import words
from smartlic.whatif.left import periods_left


def ahead(timeline: Timeline, moment: datetime | None = None) -> dict[str, datetime]:
    return {deadline.kind: deadline.at for deadline in timeline.deadlines(moment)}


# --- deadlines


def test_deadlines_are_those_of_the_rules() -> None:
    """D1-D3: 90 days of authorization, a certificate of 360 days that is renewed at 180, an ask every 30 days (E8)."""
    timeline = simulate(Scenario(registered="2026-01-02", requested={"CUSP-5": 1}, purchased={"CUSP-5": 1}))
    found = ahead(timeline, START + 9 * DAY)
    issued = START + DAY
    assert found["authorization_end"] == issued + 90 * DAY
    assert found["certificate_renewal"] == issued + 180 * DAY
    assert found["certificate_end"] == issued + 360 * DAY
    assert issued + 28.5 * DAY <= found["next_request"] <= issued + 30 * DAY
    assert found["next_request"] == timeline.answers[1]
    assert "evaluation_end" not in found
    assert list(found.values()) == sorted(found.values())


def test_E3_a_deadline_at_the_very_instant_is_ahead_and_a_tick_later_it_has_passed() -> None:
    timeline = simulate(Scenario(until="2026-06-01"))
    over = START + 90 * DAY
    assert ahead(timeline, over) == {"evaluation_end": over}
    assert ahead(timeline, over + TICK) == {}
    assert [each.words for each in timeline.deadlines(START + DAY)] == ["evaluation period ends"]


def test_deadlines_at_the_end_are_those_of_a_longer_life() -> None:
    scenario = brief()
    short, long = simulate(scenario), simulate(scenario, until="2026-03-01")
    assert short.deadlines() == short.deadlines(short.end) == long.deadlines(short.end)
    assert short.to_dict()["deadlines"][0] == {"at": short.deadlines()[0].at, "kind": short.deadlines()[0].kind}


def test_T4_where_the_wall_clock_jumped_deadlines_are_at_their_true_times() -> None:
    """Within a boot a jump moves no deadline."""
    right = simulate(brief(outages=[], until="2026-01-05"))
    wrong = simulate(brief(outages=[], until="2026-01-05", clock_jumps=[{"at": "2026-01-04T12:00", "by": "7d"}]))
    assert ahead(right)["authorization_end"] == ahead(wrong)["authorization_end"]


def test_T1_where_the_clock_is_wrong_after_a_restart_deadlines_are_at_their_true_times() -> None:
    """The wall clock is set a day ahead while the machine is off: that counts until the manager corrects it (T2)."""
    off = [("2026-01-06T12:00", "2026-01-06T14:00")]
    wrong = simulate(brief(restarts=off, clock_jumps=[{"at": "2026-01-06T13:00", "by": "1d"}]))
    right = simulate(brief(restarts=off))
    assert right.calls_stop is not None
    assert wrong.calls_stop == right.calls_stop - DAY
    assert ahead(wrong, at("06T15:00"))["authorization_end"] == wrong.calls_stop


@pytest.mark.parametrize("moment", [START, START - TICK, at("20T00:00") + TICK])
def test_deadlines_outside_the_timeline_are_refused(moment: datetime) -> None:
    with pytest.raises(InputError, match="at: expected a time after 2026-01-01 00:00 UTC, and not after 2026-01-20"):
        simulate(brief()).deadlines(moment)


# --- what is left of each period

LIVES: dict[str, Scenario] = {
    "an outage": brief(),
    "a certificate that ends it": brief({"authorization": "90d", "certificate": "4d", "renew": "1d"}),
    "renewals in time": brief({"authorization": "90d", "certificate": "8d", "renew": "2d"}, until="2026-01-12"),
    "deregistered": brief(deregistered="2026-01-03T05:00"),
    "denied": brief(outages=[], refusals=[{"from": "2026-01-03", "until": "2026-01-06", "code": "entitlement_denied"}]),
    "removed": brief(outages=[], refusals=[{"from": "2026-01-03", "code": "instance_removed"}]),
    "begun elsewhere": brief(
        registered=None, start={"at": at("04T00:00"), "certificate": at("01T00:00"), "authorized": at("03T00:00")}
    ),
}


@pytest.mark.parametrize("scenario", LIVES.values(), ids=LIVES)
def test_what_is_left_is_what_the_agent_itself_says(scenario: Scenario) -> None:
    timeline = simulate(scenario)
    left = periods_left(timeline)
    kinds = {"authorization": "authorization_end", "evaluation": "evaluation_end", "ID certificate": "certificate_end"}
    for moment in (timeline.start + (timeline.end - timeline.start) * n / 12 for n in range(1, 12)):
        moment = moment.replace(microsecond=0)
        shown = {}
        for name, pieces in left.items():
            for start, before, end, _ in pieces:
                if start < moment < end:
                    shown[kinds[name]] = start + before
        told = {kind: end for kind, end in ahead(timeline, moment).items() if kind in kinds.values()}
        if timeline.mode_at(moment) != "Eval":
            told.pop("evaluation_end", None)
        assert shown == told, moment


def test_what_is_left_falls_to_nothing_where_calls_stop() -> None:
    timeline = simulate(brief())
    pieces = periods_left(timeline)["authorization"]
    assert (timeline.calls_stop, timedelta(0)) in {(end, after) for *_, end, after in pieces}
    assert all(before - after == end - start for start, before, end, after in pieces)
    assert all(one[2] <= other[0] for one, other in pairwise(pieces))


# --- calls


@pytest.fixture(scope="module")
def called() -> Timeline:
    return simulate(brief(traffic=12, until="2026-01-13", requested={"CUSP-5": 2}))


def test_calls_add_up_in_frames_dicts_and_sentences(called: Timeline) -> None:
    assert called.calls is not None
    frame = called.calls_frame()
    assert list(frame.columns) == ["offered", "admitted", "rejected_by_mode", "rejected_by_rate", "limit"]
    assert frame.index[0] == called.start
    total = called.to_dict()["calls"]
    assert total == {name: int(frame[name].sum()) for name in total}
    assert total["offered"] == total["admitted"] + total["rejected_by_mode"] + total["rejected_by_rate"]
    assert min(total.values()) > 0
    assert f"Of {total['offered']:,} calls offered {total['admitted']:,} (" in str(called)
    assert f"{total['rejected_by_mode']:,} were rejected by the mode and {total['rejected_by_rate']:,} " in str(called)


def test_the_first_sentence_tells_of_calls_rejected_for_their_rate(called: Timeline) -> None:
    total = called.to_dict()["calls"]
    part = words.share(total["rejected_by_rate"], total["offered"])
    assert called.answer.endswith(f" {part} of all calls are rejected because they exceed the licensed rate.")
    few = simulate(brief(traffic=3, until="2026-01-02"))
    assert "licensed rate." not in few.answer


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (0, 7, "0 %"),
        (7, 7, "100 %"),
        (1, 10_000, "less than 0.1 %"),
        (9_999, 10_000, "more than 99.9 %"),
        (1, 1000, "0.1 %"),
        (999, 1000, "99.9 %"),
        (1, 3, "33 %"),
    ],
)
def test_shares_are_never_rounded_to_nothing_or_all(part: int, whole: int, said: str) -> None:
    assert words.share(part, whole) == said


def test_a_scenario_without_traffic_has_no_calls() -> None:
    timeline = simulate(brief())
    assert timeline.calls is None
    assert timeline.to_dict()["calls"] is None
    with pytest.raises(InputError, match="no traffic"):
        timeline.calls_frame()


def test_events_are_a_frame_with_a_row_for_each() -> None:
    timeline = simulate(brief())
    frame = timeline.events_frame()
    assert list(frame["kind"]) == [event.kind for event in timeline.events]
    assert list(frame.index) == [event.at for event in timeline.events]
    changes = frame[frame["kind"] == "mode_changed"]
    assert list(changes["after"]) == [event.after.name for event in timeline.events if event.after and event.cause]


# --- sentences


def test_explain_ends_with_what_lies_ahead_and_what_to_do() -> None:
    *_, coming, advice = simulate(brief()).explain().splitlines()
    assert coming.startswith("Ahead at the end, 2026-01-20 00:00 UTC: next request to the manager 2026-01-2")
    assert coming.endswith("; ID certificate ends 2026-12-27 00:00 UTC.")
    assert advice.startswith("To do: One answer of the manager before ")
    assert "keeps calls going for 3 days more" in advice


ADVISED: dict[str, tuple[Scenario, str]] = {
    "disabled": (brief(outages=[], disabled=[("2026-01-03", "2026-01-04")]), "Enable smart licensing again: "),
    "nothing requested": (
        brief({"evaluation": "5d"}, requested={}, outages=[]),
        "Request licences before 2026-01-06 00:00 UTC: smartlic agent request ",
    ),
    "a token that had expired": (
        brief({"evaluation": "5d"}, registered="2026-01-02", token={"expires": "2026-01-01T12:00"}, outages=[]),
        "See why registration failed: ",
    ),
    "denied": (
        brief(
            {"evaluation": "2d"},
            outages=[],
            refusals=[{"from": "2026-01-03", "until": "2026-01-19", "code": "entitlement_denied"}],
        ),
        "Have the manager's administrator mend what it refused: ",
    ),
    "a root that is not known": (
        brief(outages=[], root_swap={"published": "2026-01-03T12:00", "used": "2026-01-03T12:01"}),
        "See why the manager's answers are not accepted: ",
    ),
}


@pytest.mark.parametrize(("scenario", "advised"), ADVISED.values(), ids=ADVISED)
def test_the_advice_is_about_what_stopped_calls(scenario: Scenario, advised: str) -> None:
    timeline = simulate(scenario)
    assert timeline.advice is not None
    assert timeline.advice.startswith(advised)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("a token that had expired", "Registration failed 2026-01-02 00:00 UTC: "),
        ("denied", "The manager refused 2026-01-03 "),
        ("a root that is not known", "The manager's answers were not accepted 2026-01-0"),
    ],
)
def test_explain_tells_once_what_was_refused_and_why(name: str, line: str) -> None:
    timeline = simulate(ADVISED[name][0])
    found = [each for each in timeline.explain().splitlines() if each.startswith(line)]
    assert len(found) == 1
    assert found[0].endswith("]")  # the code, to look for in the documents


def test_a_sentence_begins_with_a_capital_letter(monkeypatch: pytest.MonkeyPatch, called: Timeline) -> None:
    monkeypatch.setattr(words, "share", lambda *_: "less than 0.1 %")
    assert called.answer.endswith(". Less than 0.1 % of all calls are rejected because they exceed the licensed rate.")


def test_calls_that_are_rejected_from_the_start_do_not_stop() -> None:
    timeline = simulate(Scenario(start={"at": "2026-06-01", "evaluation_used": "90d"}, until="2026-06-10"))
    assert timeline.answer.startswith("Calls are rejected from the start, 2026-06-01 00:00 UTC: EvalExpired, because")


# --- the picture

FULL = brief(
    until="2026-02-10",
    outages=[("2026-01-05T12:00", "2026-01-12")],
    refusals=[{"from": "2026-01-20", "until": "2026-01-28", "code": "busy"}],
    restarts=[("2026-01-30", "2026-02-02")],
    clock_jumps=[{"at": "2026-01-15", "by": "2d"}],
)


@pytest.fixture(scope="module")
def full() -> Timeline:
    return simulate(FULL)


def test_the_picture_shows_what_manager_and_machine_went_through(full: Timeline) -> None:
    svg = full.to_svg()
    assert_readable(svg)
    texts = {label.text for label in labels(svg)}
    assert {"manager away", "manager refuses", "machine off", "manager answered", "manager refused"} <= texts
    assert {"mode", "manager", "device", "days left", "UTC", "registered", "clock +2 days", "refuses: busy"} <= texts
    assert any(text.startswith("Ahead at the end: next request to the manager 2026-02-") for text in texts)
    fills = [rect.attrib["fill"] for rect in parsed(svg).iter(f"{SVG}rect")]
    for pattern in ("away", "refuses", "off"):
        assert fills.count(f"url(#smartlic-{pattern})") == 2  # once in its lane, once in the legend


def test_marks_show_what_the_manager_granted_and_refused(full: Timeline) -> None:
    paths = [path.attrib["d"] for path in parsed(full.to_svg()).iter(f"{SVG}path")]
    crosses, ticks = ([d for d in paths if part in d] for part in ("l 7 10 m 0 -10 l -7 10", "v 20"))
    assert (len(crosses), len(ticks)) == (2, 1)  # the crosses' lane and legend; the ticks of the legend are shorter
    assert ticks[0].count("M ") == len(full.answers)
    assert 1 <= crosses[0].count("M ") <= len(full.refused)


def test_a_legend_names_only_what_is_shown() -> None:
    texts = {label.text for label in labels(simulate(brief(outages=[])).to_svg())}
    assert not texts & {"manager away", "manager refuses", "machine off", "manager refused", "calls offered"}


def test_calls_are_drawn_against_the_limit(called: Timeline) -> None:
    svg = called.to_svg()
    assert_readable(svg)
    texts = {label.text for label in labels(svg)}
    assert {"calls per second", "calls offered", "calls admitted", "calls licensed"} <= texts
    strokes = [path.get("stroke-dasharray") for path in parsed(svg).iter(f"{SVG}path")]
    assert strokes.count("9 3") == 2  # the limit, and its legend


def test_many_answers_and_flags_do_not_make_a_picture_larger_or_unreadable() -> None:
    often = brief({"retry_in_compliance": "1h"}, until="2026-04-01", outages=[])
    jumps = [{"at": START + DAY + HOUR * n, "by": "1m"} for n in range(40)]
    timeline = simulate(replace(often, clock_jumps=jumps))
    svg = timeline.to_svg()
    assert_readable(svg)
    assert len(timeline.answers) > 2000
    assert len(svg) < 60_000


def test_a_timeline_in_a_notebook_is_its_picture(full: Timeline) -> None:
    assert full._repr_html_() == full.to_svg()


PICTURED: dict[str, Any] = {
    "minutes": Scenario(until="2026-01-01T00:10"),
    "an hour of calls": brief(until="2026-01-01T01:00", outages=[], traffic=3),
    "ten years": Scenario(
        registered="2026-01-02", requested={"CUSP-5": 1}, purchased={"CUSP-5": 1}, until="2035-12-31"
    ),
    "from an expired state": Scenario(start={"at": "2026-06-01", "evaluation_used": "90d"}, until="2026-06-10"),
}


@pytest.mark.parametrize("scenario", PICTURED.values(), ids=PICTURED)
def test_pictures_of_any_length_can_be_read(scenario: Scenario) -> None:
    assert_readable(simulate(scenario).to_svg())
