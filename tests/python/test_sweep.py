"""Sweeps: every cell is a life of its own; places in scenarios; ranges as text; heat maps."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from brief_lives import DAY, HOUR, TICK, at, brief
from pictures import SVG, assert_readable, labels, parsed
from smartlic import Scenario, Timeline, simulate, sweep
from smartlic.errors import InputError
from smartlic.pictures.looks import ramp
from smartlic.whatif import Sweep, varied
from smartlic.whatif.ranges import values_of

ENDS = ["2026-01-06", "2026-01-09", "2026-01-12"]
PERIODS = ["2d", "4d"]


@pytest.fixture(scope="module")
def found() -> Sweep:
    return sweep(brief(), {"outages.0.1": ENDS, "policy.authorization": PERIODS})


def blocked(timeline: Timeline) -> float:
    return sum((band.end - band.start for band in timeline.blocked), timedelta(0)) / DAY


# --- what is found


def test_every_cell_is_the_life_with_its_two_values(found: Sweep) -> None:
    assert len(found.cells) == 6
    for across, end in enumerate(ENDS):
        for up, period in enumerate(PERIODS):
            scenario = brief({"authorization": period}, outages=[("2026-01-05T12:00", end)])
            assert found.cells[across, up] == blocked(simulate(scenario))


def test_a_cell_changes_at_the_very_tick_at_which_calls_stop() -> None:
    stop = simulate(brief()).calls_stop
    assert stop is not None
    tight = sweep(brief(), {"until": [stop - TICK, stop, stop + TICK, stop + 2 * TICK]}, "blocked")
    assert [value and round(value * DAY / TICK) for _, value in sorted(tight.cells.items())] == [0, 0, 1, 2]


def test_arrays_and_frames_have_the_shape_of_the_parameters(found: Sweep) -> None:
    assert found.array.shape == (3, 2)
    frame = found.to_frame()
    assert list(frame.columns) == ["outages.0.1", "policy.authorization", "blocked"]
    assert list(frame["blocked"]) == list(found.array.ravel())
    assert [each["blocked"] for each in found.to_dict()["cells"]] == list(frame["blocked"])


def test_the_answer_says_where_it_is_best_and_where_worst(found: Sweep) -> None:
    assert found.ranked[0] == (0, 0)
    assert found.ranked[-1] == (2, 0)
    assert str(found).startswith(
        "Time without calls: 0 days with end of outage 1 2026-01-06 and authorization 2d (and 1 more)"
    )
    assert "; at worst " in str(found)
    assert str(found).endswith(" days with end of outage 1 2026-01-12 and authorization 2d.")


def test_where_calls_never_stop_is_best_and_has_no_number() -> None:
    until_stop = sweep(brief(), {"outages.0.1": ENDS}, "until_stop")
    assert until_stop.cells[0,] is None
    assert until_stop.array.shape == (3,)
    assert str(until_stop.array[0]) == "nan"
    assert str(until_stop).startswith("Time until calls stop: never with end of outage 1 2026-01-06; at worst ")


def test_a_measure_may_be_any_function_of_the_timeline() -> None:
    def answers(timeline: Timeline) -> float:
        return len(timeline.answers)

    counted = sweep(brief(outages=[]), {"until": ["2026-01-02", "2026-01-10"]}, answers)
    assert counted.measure.name == "answers"
    assert (counted.cells[0,] or 0) < (counted.cells[1,] or 0)


def test_C3_calls_rejected_are_looked_at_where_the_measure_is_about_calls() -> None:
    quiet = brief(outages=[], until="2026-01-01T02:00")
    busy = replace(quiet, traffic=20)
    swept = sweep(busy, {"traffic.cps": [5, 20]}, "rejected")
    assert swept.cells[0,] == 0
    calls = simulate(busy).calls
    assert calls is not None
    assert swept.cells[1,] == pytest.approx(100 * calls.rejected_by_rate.sum() / calls.offered.sum())
    with pytest.raises(InputError, match="measure: 'rejected' needs a scenario with traffic"):
        sweep(quiet, {"seed": [1]}, "rejected")


def test_ctrl_c_gives_what_is_done_so_far() -> None:
    def interrupt(done: int, of: int) -> None:
        assert of == 6
        if done == 4:
            raise KeyboardInterrupt

    partial = sweep(brief(), {"outages.0.1": ENDS, "policy.authorization": PERIODS}, progress=interrupt)
    assert set(partial.cells) == {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert not partial.complete
    assert partial.answer.endswith(" Interrupted: 4 of 6 were lived.")
    assert_readable(partial.to_svg())


@pytest.mark.parametrize(
    ("parameters", "measure", "said"),
    [
        ({}, "blocked", "expected one or two parameters to sweep, not 0"),
        ({"seed": [1], "until": ["2026-02-01"], "registered": [1]}, "blocked", "expected one or two parameters"),
        ({"seed": []}, "blocked", "seed: expected values to sweep over"),
        ({"seed": range(10_001)}, "blocked", "expected at most 10,000 lives in a sweep, not 10,001"),
        (
            {"seed": [1]},
            "pain",
            "measure: expected one of blocked, until_stop, out_of_compliance, rejected, not 'pain'",
        ),
        ({"sed": [1]}, "blocked", "sed: 'sed' is not known; did you mean seed?"),
        ({"until": ["2026-01-20", "never"]}, "blocked", "until: expected a time such as"),
    ],
)
def test_what_cannot_be_swept_is_said_before_anything_is_lived(parameters: Any, measure: str, said: str) -> None:
    def lived(done: int, of: int) -> None:
        raise AssertionError("something was lived")

    with pytest.raises(InputError) as refused:
        sweep(brief(), parameters, measure, progress=lived)
    assert str(refused.value).startswith(said)


# --- places


def test_a_place_names_a_value_however_deep() -> None:
    scenario = brief(purchased=[{"CUSP-5": 2, "until": "2026-01-15"}])
    changed = varied(
        scenario,
        {
            "outages.0.0": "2026-01-20T00:00",  # beyond the old end: both are set in one step
            "outages.0.1": "2026-01-21",
            "policy.authorization": "5d",
            "policy.jitter": False,
            "requested.CUSP-5": 7,
            "purchased.0.CUSP-5": 9,
            "until": "2026-01-25",
        },
    )
    assert changed.outages == ((at("20T00:00"), at("21T00:00")),)
    assert changed.policy == brief({"authorization": "5d", "jitter": False}).policy
    assert changed.requested == {"CUSP-5": 7}
    assert next(count for _, count, _, _ in changed.purchases) == 9
    assert changed.until == at("25T00:00")
    assert varied(scenario, {}) == scenario


def test_a_tag_with_dots_is_one_part_of_a_place() -> None:
    from smartlic._core import Catalogue

    tag = Catalogue().resolve("CUSP-5").tag
    assert "." in tag
    assert varied(brief(requested={tag: 1}), {f"requested.{tag}": 3}).requested == {tag: 3}
    assert varied(brief(requested={}), {f"requested.{tag}": 3}).requested == {tag: 3}


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        ("outages.1.0", "2026-01-01", "outages.1.0: expected one of 0, not '1'"),
        ("outages.0.end", "2026-01-01", "outages.0.end: expected one of 0, 1, not 'end'"),
        ("seed.x", 1, "seed.x: there is nothing inside 1"),
        (
            "policy.authorisation",
            "1d",
            "policy.authorisation: 'authorisation' is not known; did you mean authorization?",
        ),
        ("policy.authorization", "soon", "policy.authorization: expected a length of time such as 90d"),
        ("refusals.0.code", "busy", "refusals.0.code: there is none in the scenario"),
        ("outages.0.1", "2025-01-01", "outages.0: expected an end after the start"),
    ],
)
def test_a_place_that_is_not_there_and_a_value_that_does_not_fit_are_said(place: str, value: Any, said: str) -> None:
    with pytest.raises(InputError) as refused:
        varied(brief(), {place: value})
    assert str(refused.value).startswith(said)


# --- ranges as text


@pytest.mark.parametrize(
    ("text", "place", "values"),
    [
        ("policy.authorization=30d,60d", "policy.authorization", ("30d", "60d")),
        ("policy.jitter=true, false", "policy.jitter", (True, False)),
        ("seed=1,-2", "seed", (1, -2)),
        ("seed=1..7:3", "seed", (1, 4, 7)),
        ("seed=1..6:3", "seed", (1, 4)),
        ("seed=5..5:1", "seed", (5,)),
        ("policy.renew=1d..2d:12h", "policy.renew", (DAY, 36 * HOUR, 2 * DAY)),
        ("until=2026-01-05..2026-01-06T12:00:1d", "until", (at("05T00:00"), at("06T00:00"))),
        ("until=2026-01-05..2026-01-05T00:00:00.001:1ms", "until", (at("05T00:00"), at("05T00:00") + TICK)),
    ],
)
def test_ranges_include_their_end_if_a_step_falls_there(text: str, place: str, values: tuple[Any, ...]) -> None:
    assert values_of(text) == (place, values)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("seed", "--sweep: expected KEY=VALUES, not 'seed'; write it as "),
        ("seed=", "--sweep: expected KEY=VALUES, not 'seed='"),
        ("seed=7..1:1", "--sweep: seed: expected a range that does not end before it begins, not '7..1:1'"),
        ("seed=1..7:0", "--sweep: seed: expected a step above zero, not '0'"),
        ("seed=1..9999:1", "--sweep: seed: expected at most 1,000 values"),
        ("seed=1..x:1", "--sweep: seed: expected a whole number, not 'x'"),
        ("until=2026-01-05..soon:1d", "--sweep: until: expected a time such as 2026-05-01, not 'soon'"),
        ("until=2026-01-05..2026-01-06:x", "--sweep: until: expected a length of time such as 14d, not 'x'"),
    ],
)
def test_what_is_no_range_is_said_with_what_was_expected(text: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        values_of(text)
    assert str(refused.value).startswith(said)


# --- heat maps


def test_the_heat_map_says_what_was_found(found: Sweep) -> None:
    svg = found.to_svg()
    assert_readable(svg)
    root = parsed(svg)
    assert root.findtext(f"{SVG}title") == found.answer
    texts = [label.text for label in labels(svg)]
    assert " ".join(texts).startswith(found.answer)
    assert "time without calls, days:" in texts
    assert "end of outage 1 (outages.0.1), UTC →" in texts
    assert "↑ authorization (policy.authorization)" in texts
    assert {*ENDS, *PERIODS, "0"} <= set(texts)
    assert found._repr_html_() == svg


@pytest.mark.parametrize("size", [(1, 1), (12, 3), (100, 40)])
def test_heat_maps_of_any_size_can_be_read(size: tuple[int, int]) -> None:
    scenario = replace(brief(), until="2026-01-02", outages=())
    axes = sweep(scenario, {"seed": [1], "until": ["2026-01-02"]})
    first, second = (
        replace(axis, values=tuple(values))
        for axis, values in zip(
            axes.axes, (range(1000, 1000 + size[0]), [at("02T00:00") + DAY * n for n in range(size[1])]), strict=True
        )
    )
    cells: dict[tuple[int, ...], float | None] = {
        (a, b): (None if a == b else float(a * b)) for a in range(size[0]) for b in range(size[1])
    }
    svg = replace(axes, axes=(first, second), cells=cells).to_svg()
    assert_readable(svg)
    assert len(list(parsed(svg).iter(f"{SVG}rect"))) > size[0] * size[1]


@pytest.mark.parametrize(("columns", "written"), [(10, "0.5"), (40, "<1"), (60, "")])
def test_numbers_are_written_alike_in_all_cells_or_in_none(columns: int, written: str) -> None:
    swept = sweep(replace(brief(), outages=()), {"seed": [1]})
    cells: dict[tuple[int, ...], float | None] = {(n,): (0.5, 12.0)[n % 2] for n in range(columns)}
    svg = replace(swept, axes=(replace(swept.axes[0], values=(1,) * columns),), cells=cells).to_svg()
    texts = [label.text for label in labels(svg)]
    assert texts.count(written) - (written == "0.5") == (columns // 2 if written else 0)  # one is the legend's
    assert texts.count("12") == 1 + (columns // 2 if written else 0)


def test_the_ramp_falls_in_grey_and_text_on_it_can_be_read() -> None:
    def luminance(colour: str) -> float:
        red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
        return 0.299 * red + 0.587 * green + 0.114 * blue

    looks = [ramp(share / 50) for share in range(51)]
    levels = [luminance(fill) for fill, _ in looks]
    assert all(one > other for one, other in pairwise(levels))
    assert all(abs(luminance(fill) - luminance(text)) > 90 for fill, text in looks)


def test_a_scenario_is_never_changed_by_a_sweep() -> None:
    scenario: Scenario = brief()
    before = replace(scenario)
    sweep(scenario, {"policy.authorization": PERIODS})
    assert scenario == before
