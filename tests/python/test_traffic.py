"""Traffic of scenarios: how calls come, and what the compiled window makes of them (RULES C1-C4)."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cps_model import Model
from smartlic import Scenario, simulate
from smartlic.errors import InputError
from smartlic.whatif import calls as calls_module
from smartlic.whatif.calls import Calls, decided
from smartlic.whatif.traffic import Traffic, nanoseconds, read_traffic

START = datetime(2026, 1, 1, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
AT = nanoseconds(START)
NS = 10**9


def arrivals(traffic: Traffic, length: timedelta, at_most: int = 4_000_000) -> list[int]:
    """All calls of [START, START + length), in ns after it; checks that the pieces fit together."""
    found: list[int] = []
    reached = AT
    for begin, until, times in traffic.between(START, START + length, at_most):
        assert begin == reached < until
        assert all(begin <= at < until for at in times)
        assert len(times) <= at_most + 10_000
        found += [int(at) - AT for at in times]
        reached = until
    assert reached == nanoseconds(START + length)
    assert found == sorted(found)
    return found


def outcome(calls: Calls) -> tuple[int, int, int, int]:
    """Offered, admitted, rejected by mode, rejected by rate."""
    rows = (calls.offered, calls.admitted, calls.rejected_by_mode, calls.rejected_by_rate)
    assert all((rows[0] == rows[1] + rows[2] + rows[3]).tolist())
    offered, admitted, by_mode, by_rate = (int(row.sum()) for row in rows)
    return offered, admitted, by_mode, by_rate


# --- how calls come


def test_a_constant_rate_comes_evenly_from_the_start_on() -> None:
    assert arrivals(Traffic(cps=10), SECOND) == [n * NS // 10 for n in range(10)]
    assert arrivals(Traffic(cps=0.1), MINUTE) == [n * 10 * NS for n in range(6)]
    assert arrivals(Traffic(), MINUTE) == []


def test_a_daily_curve_is_by_hours_of_the_utc_day() -> None:
    traffic = Traffic(daily=[0, 1, *[0] * 20, 0.5, 0])
    hours = [at // NS // 3600 for at in arrivals(traffic, 30 * HOUR)]
    assert {hour: hours.count(hour) for hour in hours} == {1: 3600, 22: 1800, 25: 3600}


def test_bursts_add_to_the_rest() -> None:
    traffic = Traffic(cps=1, bursts=[{"at": "2026-01-01T00:01", "for": "30s", "cps": 9}])
    times = arrivals(traffic, 2 * MINUTE)
    assert sum(60 * NS <= at < 90 * NS for at in times) == 300
    assert len(times) == 60 + 300 + 30


def test_steps_hold_until_the_next() -> None:
    traffic = Traffic(steps=[("2026-01-01T00:01", 2), ("2026-01-01T00:02", 0), ("2026-01-01T00:03", 1)])
    times = arrivals(traffic, 4 * MINUTE)
    assert (times[0], len(times)) == (60 * NS, 120 + 60)


@pytest.mark.parametrize("number", range(8))
def test_any_rates_give_each_call_at_its_exact_nanosecond(number: int) -> None:
    """By fractions: a call comes each time that the sum of the rates over time has risen by one, the first at once."""
    pick = random.Random(number)
    steps = [(START + second * SECOND, pick.randrange(0, 9000) / 1000) for second in sorted(pick.sample(range(300), 6))]
    bursts: list[dict[str, Any]] = [
        {"at": START + pick.randrange(300) * SECOND, "for": 7 * SECOND, "cps": pick.randrange(20)} for _ in "12"
    ]
    traffic = Traffic(cps=pick.choice([0, 0.3, 7]), steps=steps, bursts=bursts)
    expected: list[int] = []
    risen = Fraction(0)
    for second in range(300):
        at = START + second * SECOND
        rate = Fraction(round(1000 * traffic.cps), 1000)
        rate += Fraction(round(1000 * next((cps for begin, cps in reversed(steps) if begin <= at), 0)), 1000)
        rate += sum(each["cps"] for each in bursts if each["at"] <= at < each["at"] + each["for"])
        while rate and len(expected) - risen < rate:
            expected.append(second * NS + int((len(expected) - risen) / rate * NS))
        risen += rate
    assert expected
    for at_most in (50, 4_000_000):
        assert arrivals(traffic, 300 * SECOND, at_most) == expected


def test_arrival_times_are_taken_as_they_are() -> None:
    times = np.array([AT - 1, AT, AT, AT + 5, AT + MINUTE // SECOND * NS], dtype="int64")
    assert arrivals(Traffic(arrivals=times), MINUTE) == [0, 0, 5]
    assert arrivals(Traffic(arrivals=times), MINUTE, 1) == [0, 0, 5]
    days = np.array(["2026-01-01T00:00:00", "2026-01-01T00:00:01.5"], dtype="datetime64[ms]")
    assert arrivals(Traffic(arrivals=days), MINUTE) == [0, 3 * NS // 2]
    assert arrivals(Traffic(arrivals=np.array([], dtype="int64")), MINUTE) == []


def test_csv_files_hold_arrivals_or_rates(tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text("time\n2026-01-01\n2026-01-01T00:00:00.25Z\n1767225601000000000\n")
    found = read_traffic(("traffic",), {"file": "calls.csv"}, tmp_path)
    assert found is not None
    assert arrivals(found, MINUTE) == [0, NS // 4, NS]
    (tmp_path / "rates.csv").write_text("\ufeff2026-01-01T00:00:10,1\n\n2026-01-01T00:00:20,0\n")  # with a mark
    (tmp_path / "mine.yaml").write_text(
        "traffic: {file: rates.csv, bursts: [{at: 2026-01-01, for: 1s, cps: 5}]}\nuntil: 2026-01-02\n"
    )
    scenario = Scenario.load(tmp_path / "mine.yaml")
    assert len(arrivals(scenario.traffic, MINUTE)) == 5 + 10
    assert scenario == Scenario.load(tmp_path / "mine.yaml")


def test_traffic_is_compared_by_what_it_offers() -> None:
    times = np.arange(3)
    assert Traffic(arrivals=times) == Traffic(arrivals=times.copy()) != Traffic(arrivals=times + 1)
    assert Traffic(cps=1) != Traffic(cps=2)
    assert Traffic(arrivals=times) != Traffic(cps=1)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("traffic: fast\n", "line 1: traffic: expected keys such as cps"),
        ("traffic: true\n", "line 1: traffic: expected keys such as cps"),
        ("traffic: -1\n", "line 1: traffic: expected a number from 0 to 10,000, not -1"),
        ("traffic: .nan\n", "line 1: traffic: expected a number from 0 to 10,000, not nan"),
        ("traffic: {csp: 1}\n", "line 1: traffic.csp: unknown key 'csp'; did you mean cps?"),
        ("traffic:\n  daily: [1, 2]\n", "line 2: traffic.daily: expected 24 rates, by hour of the UTC day, not 2"),
        ("traffic:\n  daily: 5\n", "line 2: traffic.daily: expected a list of 24 rates, by hour of the UTC day, not 5"),
        ("traffic:\n  bursts:\n    - {at: 2026-01-01, cps: 1}\n", "line 3: traffic.bursts.0: expected 'for' as well"),
        ("traffic:\n  bursts:\n    - at: 2026-01-01\n      for: 0s\n      cps: 1\n", "line 4: traffic.bursts.0.for: "),
        (
            "traffic:\n  steps: [[2026-01-02, 1], [2026-01-01, 1]]\n",
            "line 2: traffic.steps.1: expected a time after the",
        ),
        ("traffic:\n  steps: [3]\n", "line 2: traffic.steps.0: expected a pair [time, cps], not 3"),
        ("traffic: {file: none.csv}\n", "line 1: traffic.file: cannot read none.csv: No such file"),
        (
            "traffic: {file: typo.csv}\n",
            "line 1: traffic.file: typo.csv line 1: expected a time and a rate, not 2026-13-",
        ),
        ("traffic: {file: three.csv}\n", "line 1: traffic.file: expected three.csv to have one column"),
        ("traffic: {file: bad.csv}\n", "line 1: traffic.file: bad.csv line 3: expected a time and a rate, not soon,1"),
        ("traffic: {file: back.csv}\n", "line 1: traffic.arrivals: expected ascending times; number 1 is before"),
        ("traffic: {file: one.csv, cps: 1}\n", "line 1: traffic.arrivals: expected no rates beside it"),
        ("gate: averagd\n", "line 1: gate: expected averaged or immediate, not 'averagd'"),
    ],
)
def test_errors_name_the_place(given: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    files = {"three": "2026-01-01,1,2\n", "bad": "time,cps\n2026-01-01,1\nsoon,1\n", "back": "2\n1\n", "one": "1\n"}
    files["typo"] = "2026-13-01,50\n2026-01-02,5\n"
    for name, text in files.items():
        Path(f"{name}.csv").write_text(text)
    with pytest.raises(InputError) as refused:
        Scenario.from_yaml(given, "mine.yaml")
    assert str(refused.value).startswith(f"mine.yaml {said}")
    assert refused.value.code == ("not_found" if "none.csv" in given else "invalid_argument")


@pytest.mark.parametrize("wrong", [np.zeros((2, 2), "int64"), np.zeros(2), np.array([2, 1])])
def test_arrays_that_are_no_row_of_ascending_times_are_refused(wrong: Any) -> None:
    with pytest.raises(InputError, match=r"traffic\.arrivals: expected "):
        Scenario(traffic=wrong)


def test_too_many_calls_are_refused_before_any_is_made() -> None:
    scenario = Scenario(traffic=10_000, until="2027-01-01")
    with pytest.raises(InputError, match=r"at most 5,000,000,000 calls; .* these would be 315,360,000,000"):
        simulate(scenario)


# --- what becomes of them


@pytest.mark.parametrize("number", range(6))
def test_C2_C3_C4_every_call_is_decided_as_by_the_definition(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits change at random and the mode blocks for a while; the window goes on from piece to piece."""
    pick = random.Random(number)
    monkeypatch.setattr(calls_module, "_PIECE", 40)
    length, steps = 1200, 40
    gate = "immediate" if number % 3 == 2 else "averaged"
    times = sorted(int(pick.triangular(0, length, 600) * NS) for _ in range(1100))
    changes = {pick.randrange(length): pick.choice([None, 0, 1, 1, 2]) for _ in range(8)}
    limits = sorted({0: 1, **changes}.items())
    blocked = [(begin, begin + 60) for begin in (pick.randrange(300, 500), pick.randrange(600, 1000))]
    model = Model(immediate=gate == "immediate")
    expected = {"offered": [0] * steps, "admitted": [0] * steps, "rejected_by_mode": [0] * steps}
    for at in times:
        within = model.offer(next(limit for begin, limit in reversed(limits) if begin * NS <= at), at)
        closed = any(begin * NS <= at < end * NS for begin, end in blocked)
        for name, happened in zip(expected, (True, within and not closed, closed), strict=True):
            expected[name][at // (30 * NS)] += happened
    found = decided(
        Traffic(arrivals=np.array(times, "int64") + AT),
        gate,
        (START, START + length * SECOND),
        [(START + begin * SECOND, START + end * SECOND) for begin, end in blocked],
        [(START + at * SECOND, limit) for at, limit in limits],
        lambda fraction: None,
    )
    assert {name: getattr(found, name).tolist() for name in expected} == expected
    assert min(outcome(found)) > 0
    at_ends = [next(limit for at, limit in reversed(limits) if at < 30 * step) for step in range(1, steps + 1)]
    assert found.limit.tolist() == [-1 if limit is None else limit for limit in at_ends]


LICENSED: dict[str, Any] = {"registered": "2026-01-01T06:00", "requested": {"CUSP-5": 2}, "purchased": {"CUSP-5": 2}}


def test_C2_calls_at_the_limit_are_all_admitted_and_one_more_a_second_none() -> None:
    at_limit = simulate(Scenario(**LICENSED, traffic=10, until="2026-01-02"))
    assert at_limit.calls is not None
    assert outcome(at_limit.calls) == (864_000, 864_000, 0, 0)
    above = simulate(Scenario(**LICENSED, traffic=11, until="2026-01-02")).calls
    assert above is not None
    # No rate is checked before licences are requested (C1); a volume that stays high keeps the gate closed (S10).
    assert outcome(above) == (950_400, 6 * 3600 * 11, 0, 18 * 3600 * 11)
    assert [int(above.limit[0]), int(above.limit[-1])] == [-1, 10]


def test_S9_an_immediate_gate_admits_up_to_the_limit_in_each_second() -> None:
    calls = simulate(Scenario(**LICENSED, traffic=11, gate="immediate", until="2026-01-02")).calls
    assert calls is not None
    assert outcome(calls) == (950_400, 6 * 3600 * 11 + 18 * 3600 * 10, 0, 18 * 3600)


def test_S10_a_burst_closes_the_gate_until_the_average_has_come_down() -> None:
    burst = {"at": "2026-01-01T12:00", "for": "10m", "cps": 20}
    calls = simulate(Scenario(**LICENSED, traffic={"cps": 1, "bursts": [burst]}, until="2026-01-02")).calls
    assert calls is not None
    assert calls.step == 30 * SECOND
    noon = 12 * 120
    # 300 s of 1 CPS leave 2,700 of 3,000: closed after five intervals of 21 CPS (4 x 630 + 6 x 30 = 2,700 is within).
    closed = [index for index in range(len(calls.offered)) if calls.rejected_by_rate[index]]
    assert closed[0] == noon + 5
    # After the burst, it opens as soon as 21 a second have left the window but for four intervals.
    assert closed[-1] == noon + 20 + 5
    assert closed == list(range(closed[0], closed[-1] + 1))


def test_calls_are_rejected_by_the_mode_from_its_deadline_on() -> None:
    timeline = simulate(Scenario(traffic=2, until="2026-04-03"))
    assert timeline.calls is not None
    assert outcome(timeline.calls) == (2 * 92 * 86400, 2 * 90 * 86400, 2 * 2 * 86400, 0)


def test_E9_a_changed_request_moves_the_limit_when_it_is_answered() -> None:
    more = [{"CUSP-5": 2}, {"at": "2026-01-02", "CUSP-5": 3}, {"at": "2026-01-05"}]
    away = [("2026-01-02", "2026-01-03")]
    timeline = simulate(Scenario(**LICENSED | {"requested": more}, outages=away, traffic=1, until="2026-01-06"))
    assert timeline.calls is not None
    assert timeline.calls.step == MINUTE
    by_hour = timeline.calls.limit[59::60].tolist()
    assert by_hour[:6] == [-1] * 6
    assert by_hour[6:48] == [10] * 42
    assert set(by_hour[60:96]) == {15}
    assert by_hour[96:] == [0] * 24
    assert int(timeline.calls.rejected_by_rate.sum()) == 86400
    assert timeline.limit == 0


def test_progress_rises_to_one() -> None:
    told: list[float] = []
    simulate(Scenario(**LICENSED, traffic=50, until="2026-01-05"), progress=told.append)
    assert told == sorted(told)
    assert told[0] < 0.1
    assert told[-1] == 1.0
    assert len(told) > 4


def test_without_traffic_there_are_no_calls() -> None:
    assert simulate(Scenario()).calls is None
