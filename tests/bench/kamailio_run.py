"""The documented run of docs/SIP.md: 8, 20 and 8 calls per second against a licence of 10, with the window of S10.

`kamailio_run.py [--interval SECONDS] [--seconds A B C] [--pipelimit]` prints what SIPp counted in each phase, and when
the gate closed and opened beside what the replay of the same calls says; with --pipelimit then the same phases under
Kamailio's own limiter at the same rate. It takes 20 minutes as it stands, and hardly any processor time.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "python"))

import numpy as np
from bench_kamailio import PIPELIMIT, configuration
from sip_world import Proxy
from smartlic._gate import GateFile, Mode, read_clock
from smartlic.sip.replay import replay

RATES = (8, 20, 8)
LIMIT = 10
INTERVALS = 10


def phases(proxy: Proxy, seconds: list[int]) -> None:
    """Offers the calls of each phase, and prints what became of them."""
    print("offered CPS  seconds  offered  admitted  rejected  failed  Retry-After")
    with proxy.started():
        for cps, length in zip(RATES, seconds, strict=True):
            result = proxy.call(cps, cps * length)
            waits = sorted({each or 0 for each in result.answers.get(503, {}).values()})
            told = f"{waits[0]} to {waits[-1]} s" if waits else "-"
            counts = f"{result.offered:7}  {result.admitted:8}  {result.rejected:8}  {result.failed:6}"
            print(f"{cps:11}  {length:7}  {counts}  {told}", flush=True)


def main() -> None:
    """Runs the three phases, and prints what came of them."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--interval", type=float, default=30)
    options.add_argument("--seconds", type=int, nargs=3, default=[330, 330, 480])
    options.add_argument("--pipelimit", action="store_true")
    given = options.parse_args()
    interval = timedelta(seconds=given.interval)
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "gate"
        begun = read_clock()
        gate = GateFile.open(path, create=True, now=begun, interval=interval, intervals=INTERVALS)
        gate.publish(Mode.InCompliance, LIMIT, now=begun, licensing_time=begun.wall)
        proxy = Proxy(Path(name), path)
        phases(proxy, given.seconds)
        notes = proxy.notes()
    seen = np.array([note.before for note in notes])
    admitted = np.array([note.admitted for note in notes])
    changes = np.flatnonzero(admitted[1:] != admitted[:-1]) + 1
    print("changed at (s since the gate began):", [round((int(seen[at]) - begun.boot) / 1e9, 1) for at in changes])
    # The replay begins with its first call; one before all others, at the gate's beginning, shifts nothing else.
    model = replay(np.concatenate([[begun.boot], seen]), LIMIT, interval=interval, intervals=INTERVALS)
    ends = [
        [round((each - model.start) / timedelta(seconds=1), 1) for each in (c.start, c.end) if each]
        for c in model.closures
    ]
    print("the model closes and opens at:", ends)
    print("decided as the model decides:", int((model.admitted[1:] == admitted).sum()), "of", len(admitted))
    if given.pipelimit:
        print("the same under Kamailio's own pipelimit, TAILDROP, 10 calls in each second:")
        with tempfile.TemporaryDirectory() as name:
            own = Path(name) / "pipelimit.cfg"
            own.write_text(configuration(f'!pl_check("licence", "TAILDROP", "{LIMIT}")', PIPELIMIT))
            phases(Proxy(Path(name), Path(name) / "none", configuration=own), given.seconds)


if __name__ == "__main__":
    main()
