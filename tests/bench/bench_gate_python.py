"""The gate from Python beside the moving window of `limits` and the leaky bucket of `pyrate-limiter`, in memory.

All are asked about a call below their limit, in turn. The others keep one entry a call, so their windows are kept
short, as a long one would only make them slower. The gate is measured with the time given, and as a worker has it, with
its own clock and a file that others share. Prints JSON.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from limits import RateLimitItemPerSecond, storage, strategies
from pyrate_limiter import Duration, InMemoryBucket, Limiter, Rate
from smartlic._gate import Gate, GateFile, GateWorker, Mode, read_clock

TURNS = 5
CALLS = 2_000_000
CALLS_OF_PEERS = 5_000


def rate(ask: Callable[[int], object], calls: int) -> float:
    """Calls a second, the time given as an argument."""
    begun = time.perf_counter()
    for now_ns in range(0, calls * 1000, 1000):
        ask(now_ns)
    return calls / (time.perf_counter() - begun)


def shared(path: Path) -> GateWorker:
    """A worker at a gate that admits."""
    now = read_clock()
    GateFile.open(path, create=True).publish(Mode.InCompliance, 2_000_000, now=now, licensing_time=now.wall)
    return GateWorker.open(path)


def main() -> None:
    """Measure, and print."""
    gate = Gate(Mode.InCompliance, 2_000_000)
    limiter = strategies.MovingWindowRateLimiter(storage.MemoryStorage())
    window = RateLimitItemPerSecond(2_000_000)
    bucket = Limiter(InMemoryBucket([Rate(2_000_000, Duration.SECOND)]))
    with tempfile.TemporaryDirectory() as folder:
        worker = shared(Path(folder) / "gate")
        asked: dict[str, tuple[Callable[[int], object], int]] = {
            "gate_per_s": (gate.admit, CALLS),
            "worker_per_s": (lambda _: worker.decide(), CALLS // 10),
            "limits_per_s": (lambda _: limiter.hit(window), CALLS_OF_PEERS),
            "pyrate_limiter_per_s": (lambda _: bucket.try_acquire("calls", blocking=False), CALLS_OF_PEERS),
        }
        turns = [{name: rate(ask, calls) for name, (ask, calls) in asked.items()} for _ in range(TURNS)]
    bucket.close()
    print(json.dumps({name: round(max(turn[name] for turn in turns)) for name in asked}))


if __name__ == "__main__":
    main()
