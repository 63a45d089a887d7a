"""What is told of a fleet: fractions and their spread over pools, answers, frames, pictures, and questions."""

from __future__ import annotations

import json
import math
from datetime import datetime, timedelta
from typing import Any

import pytest
from fleet_world import DAY, START, in_small_parts, small
from pictures import SVG, assert_readable, labels, parsed
from smartlic import Fleet
from smartlic.errors import InputError
from smartlic.extras import need
from smartlic.times import instant
from smartlic.whatif import FleetOutcome, compare_jitter, policy, risk
from smartlic.whatif.fleet_outcome import BANDS, MEASURED
from smartlic.whatif.fleet_words import counted, percent

FLEET = small()


@pytest.fixture(scope="module")
def lived() -> FleetOutcome:
    return FLEET.run()


def quiet(**more: object) -> Fleet:
    """One day's rollout, licences for all, nothing in the way."""
    plain: dict[str, Any] = {"pools": 3, "devices": 4, "until": "2026-08-01", "enabled": 0, "registered": 0}
    return Fleet(**(plain | more))


# --- numbers


@pytest.mark.parametrize("measured", MEASURED)
def test_quantiles_are_those_of_the_pools_one_by_one(lived: FleetOutcome, measured: str) -> None:
    pools = [getattr(FLEET.run(pools=range(pool, pool + 1)).result, measured) for pool in range(12)]
    at = (0.0, 0.25, 0.5, 0.95, 1.0)
    found = lived.quantiles(measured, at)
    assert found.shape == (5, len(lived.times))
    for index in range(len(lived.times)):
        ordered = sorted(math.ceil(200 * int(pool[index]) / 5) / 200 for pool in pools)
        assert list(found[:, index]) == [ordered[max(math.ceil(q * 12), 1) - 1] for q in at]


@pytest.mark.parametrize("measured", MEASURED)
def test_the_worst_instant_is_that_with_the_most_devices(lived: FleetOutcome, measured: str) -> None:
    counts = list(getattr(lived.result, measured))
    worst = lived.worst(measured)
    assert worst.value == max(counts) / 60
    assert worst.at == START + 2 * DAY * counts.index(max(counts))


def test_pools_behind_have_any_device_out_of_compliance(lived: FleetOutcome) -> None:
    pools = [FLEET.run(pools=range(pool, pool + 1)).result.out_of_compliance for pool in range(12)]
    assert lived.pools_behind == max(sum(counts[i] > 0 for counts in pools) for i in range(len(lived.times))) / 12


def test_the_busiest_step_is_that_of_the_window(lived: FleetOutcome) -> None:
    load, window = list(lived.result.load), FLEET.window
    assert window is not None
    start, end, step = window
    back = datetime.fromisoformat("2026-08-20T00:00Z")
    assert (start, end, len(load)) == (back - DAY / 2, back + DAY, (end - start) // step)
    assert lived.busiest() == (start + step * load.index(max(load)), max(load))
    after = load[(back - start) // step :]
    assert lived.busiest(back) == (back + step * after.index(max(after)), max(after))
    assert lived.busiest(end) is None
    assert quiet().run().busiest() is None


def test_calls_are_counted_from_enabling_on() -> None:
    """Five calls per second are licensed (S10): what comes faster keeps the gate closed."""
    day = 12 * 86_400
    outcome = quiet(until="2026-01-11", enabled="1d", traffic={"busy": 10, "curve": [0.5] * 12 + [1] * 12}).run()
    assert outcome.totals["calls_offered"] == 9 * day * 7.5
    assert outcome.totals["calls_rejected_by_rate"] == 9 * day * 5
    assert "69,984,000 calls are offered; 0 % are rejected by the mode, 67 % by the licensed rate." in outcome.explain()


def test_nothing_is_rejected_by_rate_before_anything_is_requested() -> None:
    """C1: enabled for two days, then registered for three."""
    outcome = quiet(until="2026-01-06", registered="2d", traffic={"busy": 10, "curve": [1] * 24}).run()
    assert outcome.totals["calls_offered"] == 5 * 12 * 864_000
    assert outcome.totals["calls_rejected_by_rate"] == 3 * 12 * 864_000


@pytest.mark.parametrize("faults", ["manager_faults", "link_faults"])
def test_faults_leave_requests_without_an_answer(faults: str) -> None:
    assert not quiet().run().totals["unanswered"]
    assert quiet(**{faults: {"between": "20d", "length": "1d"}}).run().totals["unanswered"]


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0 %"),
        (0.0002, "below 0.1 %"),
        (0.042, "4.2 %"),
        (0.05, "5 %"),
        (0.42, "42 %"),
        (0.998, "over 99 %"),
        (1, "100 %"),
    ],
)
def test_percent_never_rounds_to_nothing_or_all(share: float, text: str) -> None:
    assert percent(share) == text


# --- sentences


def test_the_answer_is_the_worst_day(lived: FleetOutcome) -> None:
    worst = lived.worst()
    index = lived.times.index(worst.at)
    half, most = lived.quantiles("blocked", (0.5, 0.95))[:, index]
    assert half == 0
    said = f"On the worst instant ({worst.at:%Y-%m-%d} 00:00 UTC) {percent(worst.value)} of devices are blocked; "
    assert lived.answer == said + f"half the pools have none blocked, 95 % of them at most {percent(most)}."
    assert lived.explain().splitlines()[0] == lived.answer == parsed(lived.to_svg()).findtext(f"{SVG}title")


def test_the_answer_says_what_half_the_pools_have_at_most() -> None:
    outcome = small(outages=[("2026-06-01", "2027-01-01")]).run()
    half = outcome.quantiles("blocked", (0.5,))[0, outcome.times.index(outcome.worst().at)]
    assert f"; half the pools have at most {percent(half)} blocked, 95 % of them at most" in outcome.answer


def test_the_answer_says_that_none_is_blocked() -> None:
    assert quiet().run().answer == "No device is ever blocked, and none is out of compliance."
    short = quiet(purchased=0.5).run()
    out = short.worst("out_of_compliance")
    assert out.value == 1
    assert short.answer == f"No device is ever blocked; on {out.at:%Y-%m-%d} 100 % are out of compliance."


def test_what_is_blocked_between_two_looks_is_not_hidden() -> None:
    """The authorization ends in the outage, 90 days after 1 January, and the manager is back hours later."""
    outcome = quiet(step="200d", outages=[("2026-01-01T01:00", "2026-04-01T12:00")], policy={"jitter": False}).run()
    assert outcome.answer == "No device is blocked when looked at, every 200 days; 12 are in between."


@pytest.mark.parametrize(("pools", "devices", "said"), [(1, 1, "1 pool of 1 device"), (2, 3, "2 pools of 3 devices")])
def test_one_is_singular(pools: int, devices: int, said: str) -> None:
    assert f"Lived: {said}, " in quiet(pools=pools, devices=devices).run().explain()


def test_a_million_is_told_whole() -> None:
    assert counted(1_234_567, "pool") == "1,234,567 pools"


def test_who_is_ever_blocked_is_a_share_of_those_who_were_counted(lived: FleetOutcome) -> None:
    share = percent(lived.totals["devices_ever_blocked"] / lived.totals["product_instances"])
    second = lived.explain().splitlines()[1]
    assert second.startswith(f"{share} of product instances, replacements included, are blocked at some time;")
    none_replaced = quiet(outages=[("2026-01-02", "2026-06-01")]).run()
    assert none_replaced.explain().splitlines()[1].startswith("100 % of devices are blocked at some time;")


def test_a_single_pool_has_no_spread_to_tell() -> None:
    outcome = quiet(pools=1, outages=[("2026-01-02", "2026-06-01")]).run()
    assert outcome.answer == "On the worst day (2026-04-01) 100 % of devices are blocked."


# --- frames, JSON, pictures


def test_frames_have_a_row_for_each_instant(lived: FleetOutcome) -> None:
    frame = lived.to_frame()
    assert list(frame.index) == lived.times
    assert list(frame["blocked"]) == list(lived.result.blocked)
    assert list(frame["out_of_compliance 0.975"]) == list(lived.quantiles("out_of_compliance")[4])
    load = lived.load_frame()
    assert load["requests"].sum() == lived.result.load.sum()
    with pytest.raises(InputError, match="no load window"):
        quiet().run().load_frame()


def test_json_has_the_series(lived: FleetOutcome) -> None:
    found = json.loads(json.dumps(lived.to_dict(), default=str))
    assert found["series"]["blocked"] == [count / 60 for count in lived.result.blocked]
    assert list(found["series"]["blocked_quantiles"]) == [str(each) for each in BANDS]
    assert found["totals"]["pools"] == 12


def test_the_picture_is_readable(lived: FleetOutcome) -> None:
    shown = [label.text for label in labels(lived.to_svg())]
    assert {"blocked, % of devices", "out of compliance, % of devices", "UTC", "median pool", "all devices"} <= set(
        shown
    )
    for outcome in (lived, quiet().run(), quiet(pools=1, until="2026-01-03", step="1h").run()):
        assert_readable(outcome.to_svg())
    assert "no manager can be reached" not in [label.text for label in labels(quiet().run().to_svg())]


# --- questions


def test_jitter_spreads_the_return_of_devices_that_were_enabled_together() -> None:
    fleet = quiet(pools=20, devices=20, registered=["0m", "20m"], outages=[("2026-03-01", "2026-05-01")])
    found = compare_jitter(fleet)
    (_, few), (at, many) = found.peaks
    assert many > 5 * few
    assert at >= datetime.fromisoformat("2026-05-01T00:00Z")
    assert found.answer.startswith(f"Without jitter up to {many} requests in 5 min (2026-05-01 ")
    assert_readable(found.to_svg())
    with pytest.raises(InputError, match="expected outages"):
        compare_jitter(quiet())


def test_a_load_window_outside_the_life_has_no_requests_to_compare() -> None:
    found = compare_jitter(quiet(load_window={"from": "2030-01-01", "until": "2030-01-02"}))
    times = "2030-01-01 00:00 UTC to 2030-01-02 00:00 UTC"
    assert found.answer == f"There are no requests to compare: none from {times}, with jitter or without."
    assert_readable(found.to_svg())


def test_risk_says_which_share_is_enough() -> None:
    fleet = small(pools=30, outages=(), purchases=(), manager_faults=None, link_faults=None, replaced_after="300d")
    found = risk(fleet, purchased=[3, 1, 1.5])
    assert [point.value for point in found.points] == [1, 1.5, 3]
    for point in found.points:
        outcome = small(
            pools=30,
            outages=(),
            purchases=(),
            manager_faults=None,
            link_faults=None,
            replaced_after="300d",
            purchased=point.value,
        ).run()
        assert point.behind == outcome.pools_behind
        assert point.out_of_compliance == outcome.totals["out_of_compliance_ms"] / outcome.totals["enabled_ms"]
    assert found.points[0].behind > 0.5
    assert found.enough == found.points[-1]
    assert found.answer.startswith("With 3 licences for each requested, 0 % of pools")
    assert_readable(found.to_svg())


def test_five_of_a_hundred_pools_are_within_five_percent() -> None:
    """A pool of two has a device out of compliance if it ever has none left for a new one."""
    fleet = quiet(pools=100, devices=2, until="2026-06-01", replaced_after="3000d", seed=2)
    found = risk(fleet, purchased=[1])
    assert found.points[0].behind == 0.05
    assert found.enough == found.points[0]
    assert found.answer.endswith(" 5 % of pools have a device out of compliance at the worst time.")


def test_questions_of_one_are_singular() -> None:
    assert risk(quiet(), devices=[1]).answer.startswith("In pools of 1 device, ")
    assert risk(quiet(), purchased=[1]).answer.startswith("With 1 licence for each requested, ")


def test_risk_of_pool_sizes_needs_one_parameter() -> None:
    found = risk(quiet(pools=10, replaced_after="60d", purchased=1.2), devices=[2, 40])
    assert found.answer.startswith("In pools of ")
    assert_readable(found.to_svg())
    neither_nor: list[dict[str, Any]] = [{}, {"purchased": [1], "devices": [2]}]
    for wrong in neither_nor:
        with pytest.raises(InputError, match="either purchased or devices"):
            risk(quiet(), **wrong)


def test_an_interrupted_risk_keeps_what_was_lived(monkeypatch: pytest.MonkeyPatch) -> None:
    in_small_parts(monkeypatch)

    seen = set()

    def told(done: int, total: int) -> None:
        assert total == 9
        if done in seen:  # 3: the first fleet is done, the second begins
            raise KeyboardInterrupt
        seen.add(done)

    found = risk(quiet(), purchased=[1, 2, 3], progress=told)
    assert len(found.points) == 1
    assert found.answer.endswith("So far: 1 of 3 values.")


def test_an_interrupted_comparison_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    in_small_parts(monkeypatch)

    def told(done: int, total: int) -> None:
        if done > 12:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compare_jitter(small(), progress=told)


# --- fleets


def test_three_lines_are_a_fleet() -> None:
    fleet = Fleet.from_yaml("pools: 2\ndevices: 3\npurchased: 0.9\n")
    assert fleet == Fleet(pools=2, devices=3, purchased=0.9)
    assert fleet.end - START == 365 * DAY
    assert fleet.run().totals["pools"] == 2


def test_whole_numbers_of_numpy_are_whole_numbers() -> None:
    np = need("numpy", "frames")
    three = {"pools": 3, "devices": 3, "requested": 3, "purchased": 3, "seed": 3}
    fleet = quiet(**{name: np.int64(value) for name, value in three.items()})
    assert fleet == quiet(**three)
    assert type(fleet.pools) is int
    assert fleet.run() == quiet(**three).run()
    assert quiet(requested=[np.uint8(1), np.int32(4)]) == quiet(requested=[1, 4])
    wrong: list[Any] = [True, np.True_, 3.0, np.float64(3), "3"]
    for value in wrong:
        with pytest.raises(InputError, match=r"^pools: expected a whole number"):
            quiet(pools=value)


def test_outages_that_overlap_or_meet_are_one() -> None:
    spells = [("03-01", "04-01"), ("02-01", "02-02"), ("03-10", "03-11"), ("04-01", "04-05")]
    fleet = quiet(outages=[(f"2026-{start}", f"2026-{end}") for start, end in spells])
    assert [(instant(end) - instant(start)) / DAY for start, end in fleet.outages] == [1, 35]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("pools: 0", "pools: expected a whole number from 1 to 100,000,000, not 0"),
        ("pool: 3", "unknown key 'pool'; did you mean pools?"),
        ("enabled: [3d, 1d]", "enabled: expected the least before the most, not ['3d', '1d']"),
        ("enabled: soon", "enabled: expected a length of time such as 90d, 12h or 30m, not 'soon'"),
        ("purchased: [1, 2, 3]", "purchased: expected a value or a pair [least, most], not [1, 2, 3]"),
        ("link_faults: {between: 10ms, length: 5d}", "link_faults.between: expected at least 1 s, not '10ms'"),
        ("manager_faults: {between: 10ms, length: 5d}", "manager_faults.between: expected at least 1 s, not '10ms'"),
        ("replaced_after: 1h", "replaced_after: expected at least 1 day, not '1h'"),
        ("link_faults: {between: 3d}", "link_faults: expected 'length' as well"),
        (
            "purchases: [{at: 2026-03-01, share: much}]",
            "purchases.0.share: expected a number from 0 to 1,000",
        ),
        ("traffic: {busy: 3, curve: [1, 2]}", "traffic.curve.1: expected a number from 0 to 1, not 2"),
        ("traffic: {busy: 3, curve: [1]}", "traffic.curve: expected 24 numbers from 0 to 1"),
        ("until: 2025-01-01", "until: expected a time after the start, 2026-01-01 00:00 UTC"),
        ("step: 1s", "step: expected at least a 100,000th of the time, not"),
        ("load_window: {from: 2026-03-02, until: 2026-03-01}", "load_window.until: expected a time after 'from'"),
        ("policy: {authorization: 0d}", "policy.authorization: expected 1 min to"),
    ],
)
def test_an_error_names_line_key_and_what_was_expected(line: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        Fleet.from_yaml(f"devices: 3\n{line}\n", "mine.yaml")
    assert str(caught.value).startswith(f"mine.yaml line 2: {said}")


def test_the_least_of_each_is_what_the_compiled_core_takes() -> None:
    """What a fleet accepts, its plan does too."""
    faults = {"between": "1s", "length": "1ms"}
    least = {"until": "2026-01-01T00:00:00.001Z", "step": "1ms", "replaced_after": "1d", "purchased": 0}
    terms = {name: low for name, (low, _) in policy._RANGES.items()}
    assert quiet(**(least | {"policy": terms}), manager_faults=faults, link_faults=faults).run().complete


def test_a_trace_names_what_there_is() -> None:
    assert quiet().trace(2, 3)[0].at == START
    with pytest.raises(InputError, match="has 3 pools"):
        quiet().trace(3, 0)
    assert quiet(enabled=timedelta(days=1)).trace(0, 0)[0].at == START + DAY
