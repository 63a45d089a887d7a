"""CPS replay of a NumPy array (goal: 300 million arrivals per second), beside a plain copy of the same array.

Prints JSON: arrivals per second, the best of some runs, for loads about the limit of 10 calls per second.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial

import numpy as np
from smartlic._gate import CpsWindow

SIZE = 50_000_000
RUNS = 5


def rate(run: Callable[[], object]) -> float:
    """Return arrivals per second, in the best run."""
    best = float("inf")
    for _ in range(RUNS):
        begun = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - begun)
    return SIZE / best


def main() -> None:
    """Measure, and print."""
    random = np.random.default_rng(1)
    rows = []
    for policy in ("average", "immediate"):
        for cps in (1, 10, 100, 1000):
            arrivals = np.cumsum(random.exponential(1e9 / cps, SIZE)).astype(np.int64)
            window = CpsWindow(10, policy=policy)
            ours, copy = rate(partial(window.replay, arrivals)), rate(arrivals.copy)
            rows.append(
                {
                    "name": f"replay {policy}, {cps} calls/s at a limit of 10",
                    "arrivals_per_s": round(ours),
                    "copy_per_s": round(copy),
                    "goal_per_s": 300_000_000,
                }
            )
    print(json.dumps(rows, indent=2))


if __name__ == "__main__":
    main()
