"""Living a fleet's pools, some at a time, on any executor; parts are added up as they come."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from datetime import timedelta
from typing import TYPE_CHECKING

from smartlic.errors import InputError
from smartlic.times import duration

if TYPE_CHECKING:
    from smartlic import _core
    from smartlic.whatif.fleet import Fleet
    from smartlic.whatif.fleet_outcome import FleetOutcome

__all__ = ["live_pools", "run"]

Progress = Callable[[int, int], None]

# A task is short enough for Ctrl-C and a progress bar, and long enough that handing it over and adding up what comes
# back costs little: the one by what is lived, the other by the instants at which it is looked at.
_PARTS = 64
_DEVICE_DAYS = 30_000_000
_DEVICE_DAYS_PER_INSTANT = 5_000

# So many tasks are handed to an executor at a time: more than it has workers, and few enough to hold.
_PENDING = 256


def live_pools(fleet: Fleet, pools: range) -> _core.FleetResult:
    """One task: lives some pools of a fleet, without holding the interpreter."""
    from smartlic import _core

    return _core.run_fleet(fleet.plan(), first=pools.start, count=len(pools))


def run(
    fleet: Fleet, executor: Executor | None, threads: int | None, progress: Progress | None, pools: range | None
) -> FleetOutcome:
    """As ``Fleet.run`` says."""
    wanted = range(fleet.pools) if pools is None else pools
    if not wanted or wanted.step != 1 or wanted.start < 0 or wanted.stop > fleet.pools:
        expected = f"expected a range of pools within range({fleet.pools})"
        raise InputError(f"pools: {expected}, not {wanted!r}", "invalid_argument", "never")
    told = progress or (lambda done, total: None)
    if executor is not None:
        return _gather(fleet, wanted, executor, _PENDING, told)
    workers = _cores() if threads is None else threads
    if workers < 1:
        raise InputError(f"threads: expected one or more, not {threads}", "invalid_argument", "never")
    with ThreadPoolExecutor(workers, "fleet") as own:
        return _gather(fleet, wanted, own, 2 * workers, told)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _gather(fleet: Fleet, wanted: range, executor: Executor, most: int, told: Progress) -> FleetOutcome:
    from smartlic.whatif.fleet_outcome import FleetOutcome

    # An outcome is replaced by a new one and never changed, so Ctrl-C finds a whole one whenever it comes.
    outcome = FleetOutcome.nothing(fleet)
    left = _tasks(fleet, wanted)
    pending: dict[Future[_core.FleetResult], range] = {}
    try:
        told(0, len(wanted))
        while True:
            while len(pending) < most and (pools := next(left, None)) is not None:
                pending[executor.submit(live_pools, fleet, pools)] = pools
            if not pending:
                return outcome
            finished, _ = wait(pending, return_when=FIRST_COMPLETED)
            outcome = outcome.with_parts([(pending.pop(each), each.result()) for each in finished])
            told(outcome.pools, len(wanted))
    except KeyboardInterrupt:
        if not outcome.pools:
            raise
        return outcome
    finally:
        for each in pending:
            each.cancel()


def _tasks(fleet: Fleet, wanted: range) -> Iterator[range]:
    """The pools in pieces, a function of the fleet alone."""
    days = fleet.devices * (fleet.length / timedelta(days=1))
    least = _DEVICE_DAYS_PER_INSTANT * fleet.length / duration(fleet.step) / days
    size = max(1, math.ceil(min(_DEVICE_DAYS / days, max(least, len(wanted) / _PARTS))))
    for first in range(wanted.start, wanted.stop, size):
        yield range(first, min(first + size, wanted.stop))
