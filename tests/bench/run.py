"""`make bench`: ours and the peer in turn in one run, a table with the ratio to the goal, and JSON in bench-results/.

It exits 0 if everything ran, whatever was missed: DESIGN 6 has the goals, and a busy machine misses them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BINARIES = Path(os.environ.get("SMARTLIC_BENCH_BUILD", ROOT / "build" / "bench")) / "tests" / "bench"
RESULTS = ROOT / "bench-results"
TURNS = 3  # of ours and the peer; the best of each counts, as noise only ever slows


@dataclass(frozen=True)
class Row:
    """One line: what was measured, in which unit, beside what, and how far it is from the goal."""

    what: str
    ours: float
    peer: str
    theirs: float
    unit: str
    goal: float
    lower_is_better: bool = False

    @property
    def ratio(self) -> float:
        """1 or more: the goal is met."""
        return self.goal / self.ours if self.lower_is_better else self.ours / self.goal


def run(*command: str | Path) -> str:
    """A program's output. Raises if it fails."""
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout


def google(binary: str, only: str) -> dict[str, float]:
    """CPU nanoseconds per iteration of the benchmarks of a binary whose names match ``only``."""
    out = run(BINARIES / binary, f"--benchmark_filter={only}", "--benchmark_format=json", "--benchmark_min_time=0.3")
    return {each["name"]: each["cpu_time"] for each in json.loads(out)["benchmarks"]}


def best(*measured: dict[str, float]) -> dict[str, float]:
    """The least of every name."""
    return {name: min(each[name] for each in measured) for name in measured[0]}


def python(script: str) -> Any:
    """What a benchmark in Python printed."""
    return json.loads(run(sys.executable, HERE / script))


# --- the groups


def gate() -> list[Row]:
    """In process, one and two threads: beside an atomic increment, a mutex, and governor with both clocks."""
    limiter = governor()
    turns, peers = [], []
    for _ in range(TURNS):
        turns.append(google("bench_gate", "bare_atomic|mutex|gate_admit"))
        if limiter is not None:
            peers.append(json.loads(run(limiter)))
    ours = best(*turns)
    theirs = best(*peers) if peers else None
    return [row for threads in (1, 2) for row in gate_rows(threads, ours, theirs)]


def gate_rows(threads: int, ours: dict[str, float], governor_ns: dict[str, float] | None) -> Iterator[Row]:
    """The rows of so many threads, which are the same for one and for two."""
    who = "one thread" if threads == 1 else "two threads"
    admit, timed, once, atomic, mutex = (
        ours[f"{name}/real_time/threads:{threads}"]
        for name in (
            "gate_admit",
            "gate_admit_own_clock",
            "gate_admit_immediate",
            "bare_atomic_increment",
            "mutex_counter",
        )
    )
    what = f"gate, {who}, time given"
    yield Row(what, admit, "atomic increment", atomic, "ns", 1.5 * atomic, True)
    yield Row(what, admit, "mutex and counter", mutex, "ns", mutex, True)
    # Where the order of calls decides there is one counter.
    yield Row(f"gate, {who}, immediate policy", once, "atomic increment", atomic, "ns", 1.5 * atomic, True)
    if governor_ns is not None:
        own, fake = governor_ns[f"own_clock_{threads}_ns"], governor_ns[f"fake_clock_{threads}_ns"]
        yield Row(what, admit, "governor, fake clock", fake, "ns", fake, True)
        yield Row(what, admit, "governor, own clock", own, "ns", own, True)
        yield Row(f"gate, {who}, boot clock read", timed, "governor, own clock", own, "ns", own, True)


def governor() -> Path | None:
    """Builds the Rust peer; None without cargo or crates.io."""
    target = ROOT / "build" / "governor"
    command = ["cargo", "build", "--release", "--quiet", "--locked", "--target-dir", str(target)]
    if shutil.which("cargo") is None:
        print("no cargo here: the rows beside governor are left out", file=sys.stderr)
    elif subprocess.run(command, cwd=HERE / "governor", check=False).returncode != 0:
        print("governor could not be built: its rows are left out", file=sys.stderr)
    else:
        return target / "release" / "bench-governor"
    return None


def gate_from_python() -> list[Row]:
    """Beside the limits package's moving window and pyrate-limiter's bucket, in memory."""
    rates = python("bench_gate_python.py")
    limits, pyrate = rates["limits_per_s"], rates["pyrate_limiter_per_s"]
    rows = []
    for what, ours in (("time given", rates["gate_per_s"]), ("shared, own clock", rates["worker_per_s"])):
        rows.append(Row(f"gate from Python, {what}", ours, "limits, moving window", limits, "calls/s", 40 * limits))
        rows.append(Row(f"gate from Python, {what}", ours, "pyrate-limiter", pyrate, "calls/s", pyrate))
    return rows


def gate_shared() -> list[Row]:
    """The gate in a file, one and two processes at it, beside as many threads at one in process."""
    measured = best(*(json.loads(run(BINARIES / "bench_shared_gate")) for _ in range(TURNS)))
    rows = []
    for count, who in ((1, "one process"), (2, "two processes")):
        ours, inside, atomic = (measured[f"{name}_{count}"] for name in ("shared", "in_process", "atomic"))
        rows.append(Row(f"gate shared, {who}", ours, "in process", inside, "ns", 1.5 * inside, True))
        rows.append(Row(f"gate shared, {who}", ours, "atomic increment", atomic, "ns", 1.5 * atomic, True))
        timed, same = (measured[f"{name}_with_clock_{count}"] for name in ("shared", "in_process"))
        what = f"gate shared, {who}, clocks read"
        rows.append(Row(what, timed, "in process, clocks read", same, "ns", 1.5 * same, True))
    return rows


def openssl(algorithm: str) -> dict[str, float]:
    """Seconds of one `sign` and one `verify` by `openssl speed`."""
    out = run("openssl", "speed", "-seconds", "1", algorithm)
    sign, verify = re.split(r"\s+", out.strip().splitlines()[-1])[-2:]
    return {"sign": 1 / float(sign), "verify": 1 / float(verify)}


def messages() -> list[Row]:
    """The MMI round trip beside its four bare operations."""
    rows = []
    for name, algorithm in (("ES256", "ecdsap256"), ("RS256", "rsa2048")):
        ours, peers = [], []
        for _ in range(TURNS):
            peers.append(openssl(algorithm))
            ours.append(google("bench_message", f"round_trip/{name}"))
        bare = best(*peers)
        limit = 1 / (2 * (bare["sign"] + bare["verify"]))
        rate = 1e9 / best(*ours)[f"round_trip/{name}"]
        rows.append(Row(f"MMI round trip, {name}", rate, "openssl speed", limit, "1/s", 0.85 * limit))
    return rows


def manager() -> list[Row]:
    """Durable authorizations over HTTP, beside bare commits and one core's crypto, and the least that is asked for."""
    crypto = best(*(openssl("ecdsap256") for _ in range(TURNS)))
    measured = python("bench_manager.py")
    what, ours = "manager, authorizations over HTTP", measured["authorizations_per_s"]
    bare, core = measured["bare_commits_per_s"], 1 / (crypto["sign"] + crypto["verify"])
    peer, least = ("bare SQLite commits", bare) if bare < core else ("sign + verify, one core", core)
    return [
        Row(what, ours, peer, least, "1/s", 0.6 * least),
        Row(what, ours, "(a fixed floor)", 3000, "1/s", 3000),
    ]


def replay() -> list[Row]:
    """A NumPy array through the window, beside a copy of the array."""
    return [
        Row(each["name"], each["arrivals_per_s"], "a copy of it", each["copy_per_s"], "1/s", each["goal_per_s"])
        for each in python("bench_replay.py")
    ]


def start() -> list[Row]:
    """`import smartlic` in a fresh interpreter, beside an interpreter that imports nothing."""
    measured = python("bench_import.py")
    return [Row("import smartlic", measured["smartlic_ms"], "python alone", measured["bare_ms"], "ms", 80, True)]


def fleet() -> list[Row]:
    """A million devices over five years, its cost by size, and the same model in SimPy, thread for thread."""
    measured = python("bench_fleet.py")
    rows = []
    for name, what, goal in (("in_compliance", "all in compliance", 3), ("tenth_short", "10 % out of compliance", 15)):
        one, two = (measured[name][threads]["seconds"] for threads in ("1", "2"))
        rows.append(Row(f"fleet, 10^6 x 5 years, {what}", two, "two threads beside one", one, "s", goal, True))
    largest = measured["by_size"]["1000000"]
    for size, each in measured["by_size"].items():
        what, cost = f"fleet, {int(size):,} devices, one core", each["device_years_per_cpu_s"]
        # A device costs the same in a fleet of any size, but for the series, which a small one pays for as well.
        theirs = largest["device_years_per_cpu_s"]
        rows.append(Row(what, cost, "10^6 devices", theirs, "dev-y/s", theirs / 10))
    least = measured["by_size"]["1000"]["peak_mb"]
    rows.append(Row("fleet, 10^6 devices, memory", largest["peak_mb"], "10^3 devices", least, "MB", 2 * least, True))
    for name, what in (("in_compliance", "in compliance"), ("pool_short", "a pool that is short")):
        ours = largest if name == "in_compliance" else measured[name]
        rate, theirs = ours["device_years_per_cpu_s"], measured[f"simpy_{name}"]
        rows.append(Row(f"fleet, one core, {what}", rate, "SimPy", theirs, "dev-y/s", 100 * theirs))
    return rows


def logs() -> list[Row]:
    """A log of a gigabyte, read, dated and counted, beside grep, Python's re, and lnav where it is."""
    measured = python("bench_logs.py")
    speeds = {name: measured["bytes"] / seconds / 1e6 for name, seconds in measured["cpu_seconds"].items()}
    ours, what = speeds.pop("ours"), "sml.log, 1 GB, 2 % entries"
    goals = {"grep": 0.5, "re": 1, "lnav": 1}
    named = {"grep": "LC_ALL=C grep -c", "re": "Python re, mapped", "lnav": "lnav"}
    return [Row(what, ours, named[name], each, "MB/s", goals[name] * each) for name, each in speeds.items()]


GROUPS: dict[str, Callable[[], list[Row]]] = {
    "gate": gate,
    "gate-shared": gate_shared,
    "gate-python": gate_from_python,
    "messages": messages,
    "manager": manager,
    "replay": replay,
    "fleet": fleet,
    "logs": logs,
    "import": start,
}


# --- what is told


def provenance() -> dict[str, Any]:
    """Commit, compiler, machine, and how busy it was before anything ran."""
    cache = (BINARIES.parents[1] / "CMakeCache.txt").read_text(encoding="utf-8")
    compiler = re.search(r"^CMAKE_CXX_COMPILER:\w+=(.*)$", cache, re.M)
    processor = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.M)
    return {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": run("git", "-C", ROOT, "describe", "--always", "--dirty", "--abbrev=12").strip(),
        "compiler": run(compiler[1] if compiler else "c++", "--version").splitlines()[0],
        "python": platform.python_version(),
        "openssl": run("openssl", "version").strip(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "processor": processor[1] if processor else platform.processor(),
        "cores": os.cpu_count(),
        "load": [round(each, 2) for each in os.getloadavg()],
    }


def number(value: float) -> str:
    """Three digits or more, with thousands apart."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def line(*cells: str) -> str:
    """One row of the table."""
    return "{:<44} {:>13} {:<8} {:<24} {:>13} {:>13} {:>6}  {}".format(*cells).rstrip()


def show(row: Row) -> str:
    """One measured row."""
    met = "" if row.ratio >= 1 else "missed"
    values = (number(row.theirs), number(row.goal), f"{row.ratio:.2f}", met)
    return line(row.what, number(row.ours), row.unit, row.peer, *values)


def main() -> None:
    """Run, print, and keep."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--only", default="", metavar="WORD", help="groups whose name has it: " + ", ".join(GROUPS))
    only = arguments.parse_args().only
    about = provenance()
    print(f"{about['commit']}, {about['compiler']}, {about['processor']} x {about['cores']}, load {about['load'][0]}")
    print(line("what", "ours", "", "peer", "peer's", "goal", "ratio", ""))
    rows: list[Row] = []
    for name, group in GROUPS.items():
        if only in name:
            for row in group():
                rows.append(row)
                print(show(row), flush=True)
    RESULTS.mkdir(exist_ok=True)
    kept = RESULTS / f"{about['time'].replace(':', '')}.json"
    content = {**about, "rows": [{**asdict(row), "ratio": round(row.ratio, 3)} for row in rows]}
    kept.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    print(f"kept in {kept.relative_to(ROOT)}; a ratio of 1 or more meets the goal")


if __name__ == "__main__":
    main()
