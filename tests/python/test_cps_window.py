"""The window against RULES C1-C4 by their definition, on random arrivals, gaps, sizes and limits that change."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from cps_model import SECOND, Model
from hypothesis import given
from hypothesis import strategies as st
from smartlic._gate import CpsWindow
from smartlic.errors import InputError, SmartlicError

limits = st.none() | st.integers(0, 6)


@st.composite
def models(draw: st.DrawFn) -> Model:
    return Model(
        interval=draw(st.sampled_from([1000, 1001, 1500, 30_000])) * 1_000_000,
        intervals=draw(st.integers(1, 12)),
        immediate=draw(st.booleans()),
        start=draw(st.sampled_from([0, 1, 7 * SECOND + 3, 1_494_337_382 * SECOND])),
    )


@st.composite
def steps(draw: st.DrawFn, model: Model) -> int:
    """Return how far the next burst is: within an interval, about a boundary, or beyond the window."""
    length = SECOND if model.immediate else model.interval
    near = st.sampled_from([-1, 0, 1])
    return draw(
        st.integers(0, length) | st.builds(lambda k, d: k * length + d, st.integers(0, model.intervals + 2), near)
    )


@st.composite
def traces(draw: st.DrawFn) -> tuple[Model, list[tuple[int, int | None]]]:
    """Return a window and its calls in time order, each with the limit of its time."""
    model = draw(models())
    now, limit, trace = model.start, draw(limits), []
    for _ in range(draw(st.integers(0, 12))):
        step = draw(steps(model))
        if draw(st.booleans()) and step > 0:
            limit = draw(limits)
        now += max(0, step)
        trace += [(now, limit)] * draw(st.integers(1, 30))
    return model, trace


def window_of(model: Model, limit: int | None) -> CpsWindow:
    if model.immediate:
        return CpsWindow(limit, policy="immediate", start=model.start)
    interval = timedelta(microseconds=model.interval // 1000)
    return CpsWindow(limit, interval=interval, intervals=model.intervals, start=model.start)


def changes_of(trace: list[tuple[int, int | None]]) -> list[tuple[int | np.datetime64, int | None]]:
    return [(now, limit) for (_, before), (now, limit) in pairwise(trace) if limit != before]


@given(traces())
def test_c2_c4_offer_and_replay_equal_the_definition(case: tuple[Model, list[tuple[int, int | None]]]) -> None:
    model, trace = case
    limit = trace[0][1] if trace else 1
    window = window_of(model, limit)
    fresh = window_of(model, limit)
    expected = []
    for now, at_the_time in trace:
        window.limit = at_the_time
        assert window.closed(now) == model.closed(at_the_time, now)
        assert window.average(now).calls == model.compared(now)
        expected.append(model.offer(at_the_time, now))
        assert window.offer(now) == expected[-1]
    arrivals = [now for now, _ in trace]
    changes = changes_of(trace)
    assert fresh.replay(arrivals, changes) == expected
    assert fresh.replay(np.array(arrivals, dtype=np.int64), changes).tolist() == expected
    as_dates = [(np.datetime64(now, "ns"), limit) for now, limit in changes if isinstance(now, int)]
    assert fresh.replay(np.array(arrivals, dtype="datetime64[ns]"), as_dates).tolist() == expected


@given(models(), limits, st.lists(st.integers(-3 * SECOND, 3 * SECOND), max_size=60))
def test_time_that_goes_back_counts_as_the_latest_seen(model: Model, limit: int | None, moves: list[int]) -> None:
    window = window_of(model, limit)
    now = model.start
    for move in moves:
        now += move
        assert window.offer(now) == model.offer(limit, now)


@pytest.mark.parametrize(("now", "closed"), [(30 * SECOND, True), (330 * SECOND - 1, True), (330 * SECOND, False)])
def test_c2_boundaries_to_the_tick(now: int, closed: bool) -> None:
    window = CpsWindow(limit=10)
    for _ in range(3001):
        assert window.offer(30 * SECOND - 1)
    assert window.closed(now) is closed


def test_c2_the_average_is_exact() -> None:
    window = CpsWindow(limit=10)
    for _ in range(3000):
        window.offer(0)
    average = window.average(30 * SECOND)
    assert (average.calls, average.window, average.per_second) == (3000, timedelta(minutes=5), 10.0)
    assert repr(average) == "<Average 10 calls/s (3000 calls in 300 s)>"
    assert window.offer(30 * SECOND)


@pytest.mark.parametrize("unit", ["D", "h", "s", "ms", "us", "ns"])
def test_datetimes_of_every_unit_equal_nanoseconds(unit: str) -> None:
    days = np.repeat(np.arange("2026-01-01", "2026-03-01", dtype="datetime64[D]"), 3)
    dates = days.astype(f"datetime64[{unit}]")
    window = CpsWindow(2, policy="immediate")
    assert window.replay(dates).tolist() == [True, True, False] * 59
    assert window.replay(days.astype("datetime64[ns]").astype(np.int64)).tolist() == [True, True, False] * 59


def test_arrays_of_any_layout_and_width() -> None:
    window = CpsWindow(1, policy="immediate")
    assert window.replay(np.array([0, 9, 0, 9], dtype=np.int32)[::2]).tolist() == [True, False]
    assert window.replay(np.array([], dtype=np.int64)).dtype == np.bool_


@pytest.mark.parametrize("kind", [list, np.array])
def test_unsorted_arrivals_are_refused_with_their_index(kind: Any) -> None:
    with pytest.raises(InputError, match=r"arrivals\[2\]") as caught:
        CpsWindow(1).replay(kind([1, 5, 4, 9]))
    assert caught.value.code == "invalid_argument"
    assert caught.value.retry == "never"
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, SmartlicError)


@pytest.mark.parametrize(
    "arrivals",
    [
        np.array([1.0]),
        np.array([1], dtype=np.uint64),
        np.zeros((2, 2), dtype=np.int64),
        np.array(["NaT"], dtype="datetime64[ns]"),
        np.array(["2026-01-01", "NaT"], dtype="datetime64[s]"),
        np.array(["3000-01-01"], dtype="datetime64[D]"),  # beyond datetime64[ns]
        np.array(["x"]),
    ],
)
def test_arrays_that_hold_no_times_are_refused(arrivals: Any) -> None:
    with pytest.raises(InputError, match="arrivals"):
        CpsWindow(1).replay(arrivals)


def test_changes_must_ascend() -> None:
    with pytest.raises(InputError, match=r"changes\[1\]"):
        CpsWindow(1).replay([0], changes=[(5, 1), (4, 1)])


def test_a_datetime64_is_never_taken_for_nanoseconds() -> None:
    one_second: Any = np.datetime64(1, "s")
    with pytest.raises(TypeError):
        CpsWindow(1).offer(one_second)
    with pytest.raises(TypeError):
        CpsWindow(1).replay([one_second])


def test_parameters_are_checked() -> None:
    for wrong in (timedelta(seconds=0.999), timedelta(hours=1, milliseconds=1)):
        with pytest.raises(InputError, match="one second to one hour"):
            CpsWindow(1, interval=wrong)
    for count in (0, 61):
        with pytest.raises(InputError, match="1 to 60"):
            CpsWindow(1, intervals=count)
    with pytest.raises(InputError, match="'average' or 'immediate'"):
        CpsWindow(1, policy="mean")
    with pytest.raises(InputError, match="whole seconds"):
        CpsWindow(1, policy="immediate", intervals=3)


def test_lists_need_no_numpy_and_importing_loads_none() -> None:
    script = (
        "import sys; from smartlic._gate import CpsWindow\n"
        "assert CpsWindow(1, policy='immediate').replay([0, 1]) == [True, False]\n"
        "assert 'numpy' not in sys.modules, 'NumPy was loaded'"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
