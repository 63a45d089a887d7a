"""The gate from Python beside the moving window of the `limits` package, in memory. Prints JSON.

Both are asked about a call below their limit, in turn. `limits` keeps one entry a call, so its window is kept short: a
long one would only make it slower.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from limits import RateLimitItemPerSecond, storage, strategies
from smartlic._gate import Gate, Mode

TURNS = 5
CALLS = 2_000_000
CALLS_OF_LIMITS = 5_000


def rate(ask: Callable[[int], object], calls: int) -> float:
    """Calls a second, the time given as an argument."""
    begun = time.perf_counter()
    for now_ns in range(0, calls * 1000, 1000):
        ask(now_ns)
    return calls / (time.perf_counter() - begun)


def main() -> None:
    """Measure, and print."""
    gate = Gate(Mode.InCompliance, 2_000_000)
    limiter = strategies.MovingWindowRateLimiter(storage.MemoryStorage())
    window = RateLimitItemPerSecond(2_000_000)
    ours, theirs = 0.0, 0.0
    for _ in range(TURNS):
        ours = max(ours, rate(gate.admit, CALLS))
        theirs = max(theirs, rate(lambda _: limiter.hit(window), CALLS_OF_LIMITS))
    print(json.dumps({"gate_per_s": round(ours), "limits_per_s": round(theirs)}))


if __name__ == "__main__":
    main()
