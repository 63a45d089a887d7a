"""A fleet is lived in parts: by any number of threads, on any executor, interrupted, merged; the outcome is one."""

from __future__ import annotations

import multiprocessing
import pickle
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from typing import Any

import pytest
from fleet_world import in_small_parts, small
from smartlic import Fleet
from smartlic.errors import InputError
from smartlic.whatif import FleetOutcome, fleet_run

FLEET = small()


@pytest.fixture(autouse=True)
def _parts(monkeypatch: pytest.MonkeyPatch) -> None:
    in_small_parts(monkeypatch)


@pytest.fixture(scope="module")
def whole() -> FleetOutcome:
    return FLEET.run(threads=1)


class AtOnce(Executor):
    """Lives a part when it is handed over, and counts how many parts there are that nobody took up yet."""

    def __init__(self) -> None:
        self.handed_over, self.taken, self.most = 0, 0, 0

    def submit(self, function: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
        self.handed_over += 1
        self.most = max(self.most, self.handed_over - self.taken)
        future: Future[Any] = Future()
        future.set_result(function(*arguments))
        return future

    def told(self, done: int, total: int) -> None:
        self.taken = done


def test_the_small_fleet_meets_everything(whole: FleetOutcome) -> None:
    totals = whole.totals
    assert whole.complete
    assert totals["devices_ever_blocked"]
    assert totals["out_of_compliance_ms"]
    assert totals["unanswered"]
    assert totals["product_instances"] > whole.devices
    assert totals["calls_rejected_by_mode"]
    assert totals["calls_rejected_by_rate"]
    assert whole.result.load.sum()


@pytest.mark.parametrize("threads", [2, 3])
def test_any_number_of_threads_gives_one_result(whole: FleetOutcome, threads: int) -> None:
    assert FLEET.run(threads=threads) == whole


def test_processes_give_the_same(whole: FleetOutcome) -> None:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as processes:
        assert FLEET.run(processes) == whole


def test_parts_merge_into_the_whole_in_any_order(whole: FleetOutcome) -> None:
    one, two, three = (FLEET.run(pools=pools) for pools in (range(5), range(5, 6), range(6, 12)))
    assert one.merge(two).merge(three) == three.merge(one).merge(two) == whole
    assert one.merge(three).done == (range(5), range(6, 12))
    assert not one.merge(three).complete
    assert one == FLEET.run(pools=range(5)), "merging leaves its parts as they are"


def test_a_pool_counts_once_and_of_one_fleet() -> None:
    part = FLEET.run(pools=range(3, 7))
    with pytest.raises(InputError, match="both have pool 6"):
        part.merge(FLEET.run(pools=range(6, 8)))
    with pytest.raises(InputError, match="one fleet"):
        part.merge(small(seed=2).run(pools=range(7, 9)))


@pytest.mark.parametrize("pools", [range(0), range(13), range(0, 12, 2), range(-1, 3)])
def test_pools_are_of_the_fleet(pools: range) -> None:
    with pytest.raises(InputError, match="range of pools within range\\(12\\)"):
        FLEET.run(pools=pools)


def test_a_pool_lives_by_seed_and_number_alone(whole: FleetOutcome) -> None:
    assert small(seed=2).run() != whole
    assert small(pools=13).run(pools=range(4)).result == FLEET.run(pools=range(4)).result


def test_an_outcome_is_pickled_whole(whole: FleetOutcome) -> None:
    assert pickle.loads(pickle.dumps(whole)) == whole


def test_progress_is_told_in_pools() -> None:
    seen: list[tuple[int, int]] = []
    FLEET.run(threads=2, progress=lambda done, total: seen.append((done, total)))
    assert seen[0] == (0, 12)
    assert seen[-1] == (12, 12)
    assert seen == sorted(seen)


def test_what_is_handed_over_at_a_time_is_bounded() -> None:
    """However many parts there are; and so are the results that wait to be added up."""
    counting = AtOnce()
    assert small(pools=600, devices=1, until="2026-01-02").run(counting, progress=counting.told).complete
    assert counting.handed_over == 600
    assert 1 < counting.most <= 256


def test_parts_are_many_and_none_is_trifling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    for fleet, parts in (
        (Fleet(pools=1024, devices=1000), 64),  # as far as progress and Ctrl-C need it
        (Fleet(pools=10, devices=1000), 2),  # what is added up costs as much however little was lived
        (Fleet(pools=3, devices=1_000_000), 3),
        (small(), 1),
    ):
        assert len(list(fleet_run._tasks(fleet, range(fleet.pools)))) == parts


# --- Ctrl-C


def _interrupted_at(done: int) -> Any:
    def told(now: int, total: int) -> None:
        if now >= done:
            raise KeyboardInterrupt

    return told


@pytest.mark.parametrize("threads", [1, 2])
def test_ctrl_c_leaves_whole_pools(whole: FleetOutcome, threads: int) -> None:
    partial = FLEET.run(threads=threads, progress=_interrupted_at(4))
    assert 4 <= partial.pools < 12
    assert not partial.complete
    assert f"So far: {partial.pools} of 12 pools." in partial.answer
    merged = partial
    for pool in range(12):
        if not any(pool in pools for pools in partial.done):
            merged = merged.merge(FLEET.run(pools=range(pool, pool + 1)))
    assert merged == whole


def test_ctrl_c_before_the_first_pool_leaves_none() -> None:
    with pytest.raises(KeyboardInterrupt):
        FLEET.run(progress=_interrupted_at(0))


def test_an_error_in_a_part_is_the_callers() -> None:
    class Broken(Executor):
        def submit(self, function: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
            future: Future[Any] = Future()
            future.set_exception(OSError("no space"))
            return future

    with pytest.raises(OSError, match="no space"):
        FLEET.run(Broken())


def test_threads_are_at_least_one() -> None:
    with pytest.raises(InputError, match="threads: expected one or more, not 0"):
        FLEET.run(threads=0)
