"""A million devices over five years in pools of 1,000, beside the same model in SimPy; prints JSON.

Every run is a process of its own, so that its memory is its own. Before anything is timed, both models have to agree:
without jitter, and with all devices enabled together, on the very number of events and on every day's count.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from typing import Any

import simpy_fleet
from smartlic.whatif import Fleet

YEARS = 5
DAYS = 1826
SHORT = [0.9, 1.9]  # a tenth of pools has less than its devices request
RUNS = 2  # the better one counts, as noise only ever slows

SIZES = {10**3: (1, 1000), 10**4: (10, 1000), 10**5: (100, 1000), 10**6: (1000, 1000)}


def fleet(pools: int, devices: int, purchased: Any, **more: Any) -> Fleet:
    """All enabled within a month, over five years."""
    return Fleet(pools=pools, devices=devices, until="2031-01-01", purchased=purchased, **more)


def check() -> None:
    """Both models count the same."""
    together = {"enabled": 0, "registered": 0, "policy": {"jitter": False}}
    for share in (1, 0.9):
        ours = fleet(1, 50, share, **together).run()
        theirs = simpy_fleet.run(50, DAYS, share, (0, 0), jitter=0)
        for event in ("mode_changed", "authorized", "certificate_renewed"):
            counted, expected = ours.totals["events"][event], theirs.events[event]
            assert counted == expected, (event, counted, expected)
        assert ours.result.out_of_compliance.tolist() == theirs.out_by_day


def measured(pools: int, devices: int, purchased: Any, threads: int) -> dict[str, float]:
    """Seconds on the clock and of all cores, and peak memory in MB, of a fresh process."""
    command = [sys.executable, __file__, json.dumps([pools, devices, purchased, threads])]
    found = [json.loads(subprocess.run(command, check=True, capture_output=True).stdout) for _ in range(RUNS)]
    return min(found, key=lambda each: float(each["seconds"]))


def one(pools: int, devices: int, purchased: Any, threads: int) -> dict[str, float]:
    """The same, here."""
    lived = fleet(pools, devices, purchased)
    lived.plan()  # imports
    begun, cpu = time.perf_counter(), time.process_time()
    outcome = lived.run(threads=threads)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    assert outcome.complete
    return {
        "seconds": seconds,
        "cpu_seconds": cpu,
        "device_years_per_s": pools * devices * YEARS / seconds,
        "device_years_per_cpu_s": pools * devices * YEARS / cpu,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "out_of_compliance": outcome.totals["out_of_compliance_ms"] / outcome.totals["enabled_ms"],
    }


def simpy_rate(share: float) -> float:
    """Device-years per second of one core, of a thousand devices in one pool."""
    begun = time.process_time()
    simpy_fleet.run(1000, DAYS, share, (30, 14))
    return 1000 * YEARS / (time.process_time() - begun)


def main() -> None:
    """Measure, and print."""
    check()
    print(
        json.dumps(
            {
                "tenth_short": {threads: measured(1000, 1000, SHORT, threads) for threads in (1, 2)},
                "in_compliance": {threads: measured(1000, 1000, 1, threads) for threads in (1, 2)},
                "by_size": {size: measured(*shape, 1, 1) for size, shape in SIZES.items()},
                "simpy_in_compliance": max(simpy_rate(1) for _ in range(RUNS)),
                "pool_short": measured(10, 1000, 0.9, 1),
                "simpy_pool_short": simpy_rate(0.9),
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(one(*json.loads(sys.argv[1]))))
    else:
        main()
