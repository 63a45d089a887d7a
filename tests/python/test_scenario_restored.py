"""M11: machines set back to snapshots, and that the timeline says the mode which the device has."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from scenario_world import DAY, HOUR, TICK, TWO, at, lived, modes
from smartlic import Scenario, simulate
from smartlic.whatif.left import periods_left

_DAYS = st.integers(1, 240)


def day(number: int) -> datetime:
    return at("2026-01-01") + number * DAY


@st.composite
def restored_lives(draw: st.DrawFn) -> Scenario:
    """A life with snapshots, an outage and time off, at days apart from each other."""
    off, back = sorted(draw(st.lists(_DAYS, min_size=2, max_size=2, unique=True)))
    outage = sorted(draw(st.lists(_DAYS, min_size=2, max_size=2, unique=True)))
    moves = draw(st.lists(st.tuples(_DAYS, _DAYS), min_size=1, max_size=3))
    restored = [
        {"at": day(max(pair)) + 7 * HOUR, "to": day(min(pair)) + 5 * HOUR}
        for pair in moves
        if not off <= max(pair) < back
    ]
    registered = draw(st.integers(1, 140).filter(lambda number: not off <= number < back))
    return Scenario(
        registered=day(registered) + 9 * HOUR,
        requested=TWO,
        purchased=TWO,
        restarts=[(day(off), day(back))],
        outages=[(day(outage[0]), day(outage[1]))],
        restored=restored,
        until=day(250),
        seed=draw(st.integers(0, 9)),
    )


@settings(max_examples=15, deadline=None, derandomize=True)
@given(restored_lives(), st.lists(_DAYS, min_size=1, max_size=2))
def test_M11_the_timeline_says_the_mode_that_the_device_has(scenario: Scenario, looks: list[int]) -> None:
    timeline = simulate(scenario)
    assert [a.end for a in timeline.bands[:-1]] == [b.start for b in timeline.bands[1:]]
    for end in [*(day(look) + 12 * HOUR for look in looks), timeline.end]:
        status = simulate(scenario, until=end).status
        assert status is not None
        assert status["mode"] == timeline.mode_at(end - TICK)


def test_M11_a_snapshot_of_before_the_registration_takes_the_authorization_away() -> None:
    timeline = simulate(
        Scenario(
            registered="2026-05-01",
            requested=TWO,
            purchased=TWO,
            restarts=[("2026-04-10", "2026-04-11")],
            restored=[{"at": "2026-06-01", "to": "2026-04-15"}],
        )
    )
    assert modes(timeline) == ["Eval", "EvalExpired", "InCompliance", "EvalExpired"]
    assert (timeline.bands[3].start, timeline.bands[3].cause) == (at("2026-06-01"), "set_back")
    assert "EvalExpired" in timeline.explain()
    assert "because the machine was set back to a snapshot" in timeline.explain()
    assert periods_left(timeline) == {}  # which no event tells
    assert "left: " not in timeline.to_svg()


def test_M11_what_passed_since_the_snapshot_is_told_when_it_is_put_back() -> None:
    moment = at("2026-04-20")
    timeline = lived(until="2026-06-01", registered="2026-03-25", restored=[{"at": moment, "to": "2026-03-01"}])
    told = [event for event in timeline.events if at("2026-03-26") < event.at <= moment]
    assert {event.kind for event in told} >= {"evaluation_ended", "mode_changed"}
    assert {event.at for event in told if event.kind != "authorized"} == {moment}
    assert timeline.bands[-1].mode == "EvalExpired"
    assert (timeline.bands[-1].start, timeline.bands[-1].cause) == (moment, "set_back")


def test_M11_a_snapshot_is_of_its_time() -> None:
    """What falls due between the last look and the snapshot is in it: the evaluation period's end is told once."""
    to, moment = at("2026-04-15"), at("2026-04-20")
    timeline = simulate(Scenario(restored=[{"at": moment, "to": to}], until="2026-05-01"))
    ended = [event.at for event in timeline.events if event.kind == "evaluation_ended"]
    assert ended == [at("2026-01-01") + timedelta(days=90)]
    assert modes(timeline) == ["Eval", "EvalExpired"]
