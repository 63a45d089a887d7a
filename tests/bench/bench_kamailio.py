"""What the gate costs Kamailio: processor time per INVITE with and without it, on the reject and the relayed path.

`bench_kamailio.py [--pairs N] [--calls N] [--pipelimit]` runs the same calls in turn through two Kamailios that differ
in the question alone, and prints JSON: the mean difference over the pairs with its 95 % interval, and whether the bound
is met. It is only if the upper end of the interval is below it; else it is undecided. With --pipelimit, Kamailio's own
limiter takes the place of no limiter, and the reject path alone is run.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "python"))

from sip_world import CONFIGURATION, PLAIN, Proxy
from smartlic._gate import GateFile, Mode, read_clock

REJECT_BOUND = 5.0  # us of processor time a call
RELAY_BOUND = 5.0  # per cent
RATES = {"reject": 5000, "relay": 1000}  # calls per second
# The 97.5 % point of Student's distribution, by degrees of freedom.
_STUDENT = {4: 2.776, 9: 2.262, 14: 2.145, 19: 2.093, 24: 2.064, 29: 2.045, 39: 2.023}

_ASKED = 'if (!python_exec("admit")) {'
_TOLD = 'if ($var(retry_after) > 0) append_to_reply("Retry-After: $var(retry_after)\\r\\n");'
_CODE = """            $var(rejected) = 0 - $rc;    # 1000 x Retry-After + status
            $var(retry_after) = $var(rejected) / 1000;
            $var(status) = $var(rejected) mod 1000;
"""
_STATUS = 'sl_send_reply("$var(status)", '
_MODULE = 'loadmodule "app_python3.so"\nmodparam("app_python3", "load", GATE_SCRIPT)\n'
PIPELIMIT = """loadmodule "pipelimit.so"
modparam("pipelimit", "timer_interval", 1)
modparam("pipelimit", "load_fetch", 0)
"""


@dataclass(frozen=True)
class Difference:
    """Of two variants, over pairs: the mean and half of its 95 % interval."""

    mean: float
    half: float

    @classmethod
    def of(cls, pairs: list[float]) -> Difference:
        """Needs as many pairs as ``_STUDENT`` has degrees of freedom, and one more."""
        spread = statistics.stdev(pairs) / math.sqrt(len(pairs))
        return cls(statistics.fmean(pairs), _STUDENT[len(pairs) - 1] * spread)

    def against(self, bound: float) -> str:
        """The verdict."""
        if self.mean + self.half < bound:
            return "met"
        return "missed" if self.mean - self.half > bound else "undecided"


def configuration(question: str, module: str) -> str:
    """The shipped configuration with another question, and a fixed answer to rejected calls."""
    text = CONFIGURATION.read_text()
    answer = 'append_to_reply("Retry-After: 1\\r\\n");'
    for old, new in (
        (_ASKED, f"if ({question}) {{"),
        (_CODE, ""),
        (_TOLD, answer),
        (_STATUS, 'sl_send_reply("503", '),
        (_MODULE, module),
    ):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def processor_time(proxy: Proxy) -> int:
    """Nanoseconds that all of Kamailio's processes have run."""
    processes = [proxy.process.pid, *proxy.workers()]
    return sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in processes)


def cost(proxy: Proxy, path: str, calls: int) -> float:
    """Microseconds of processor time for each INVITE."""
    before = processor_time(proxy)
    result = proxy.call(RATES[path], calls)
    expected = 503 if path == "reject" else 200
    counts = {status: len(calls) for status, calls in result.answers.items()}
    # Kamailio's own limiter lets a call through each second.
    enough = result.failed == 0 and counts.get(expected, 0) >= 0.99 * calls
    assert enough, (path, result.failed, counts, proxy.log()[:1000])
    return (processor_time(proxy) - before) / 1000 / calls


def variants(path: str, folder: Path, *, pipelimit: bool) -> tuple[Proxy, Proxy]:
    """Two proxies for a path: without the gate, and with it."""
    question, module = ("1 == 1" if path == "reject" else "1 == 0"), ""
    if pipelimit:
        question, module = '!pl_check("licence", "TAILDROP", "1")', PIPELIMIT
    bare = folder / "bare.cfg"
    bare.write_text(configuration(question, module))
    gate = folder / "gate"
    now = read_clock()
    opened = GateFile.open(gate, create=True, now=now, interval=timedelta(seconds=1), intervals=60)
    opened.publish(Mode.InCompliance, 1 if path == "reject" else 1_000_000, now=now, licensing_time=now.wall)
    places = [folder / name for name in ("without", "with")]
    for place in places:
        place.mkdir()
    return Proxy(places[0], gate, configuration=bare), Proxy(places[1], gate, script=PLAIN)


def measure(path: str, pairs: int, calls: int, *, pipelimit: bool) -> dict[str, object]:
    """One path: pairs in turn, the order changing from pair to pair."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        proxies = [stack.enter_context(each.started()) for each in variants(path, Path(name), pipelimit=pipelimit)]
        for proxy in proxies:
            proxy.call(RATES[path], calls)  # warm, and the gate of the reject path closed
        times: list[list[float]] = [[], []]
        for number in range(pairs):
            for which in (0, 1) if number % 2 == 0 else (1, 0):
                times[which].append(cost(proxies[which], path, calls))
    without, with_gate = (statistics.fmean(each) for each in times)
    unit, bound = ("us", REJECT_BOUND) if path == "reject" else ("%", RELAY_BOUND)
    scale = 1 if path == "reject" else 100 / without
    difference = Difference.of([(b - a) * scale for a, b in zip(*times, strict=True)])
    return {
        "path": path,
        "beside": "pipelimit" if pipelimit else "no limiter",
        "pairs": pairs,
        "calls_a_run": calls,
        "without_us": round(without, 2),
        "with_us": round(with_gate, 2),
        "difference": f"{difference.mean:.2f} +- {difference.half:.2f} {unit} (95 %)",
        "bound": f"{bound:g} {unit}",
        "verdict": difference.against(bound),
    }


def main() -> None:
    """Measures both paths, and prints."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--pairs", type=int, default=20, choices=sorted(each + 1 for each in _STUDENT))
    options.add_argument("--calls", type=int, default=8000)
    options.add_argument("--pipelimit", action="store_true")
    given = options.parse_args()
    # The limiter is beside ours where calls are rejected; what it lets through costs it the same.
    paths = ["reject"] if given.pipelimit else list(RATES)
    rows = [measure(path, given.pairs, given.calls, pipelimit=given.pipelimit) for path in paths]
    print(json.dumps(rows, indent=2))


if __name__ == "__main__":
    main()
