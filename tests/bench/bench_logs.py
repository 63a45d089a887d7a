"""Reading a log of a gigabyte, 2 % of it about licences: ours beside grep, Python's re and, where it is, lnav.

They take turns on a file in a temporary folder that has been read once before. Prints JSON: CPU seconds of each, the
best of some turns, because a busy machine does not slow these. Fails if ours counts other answers or requests.
"""

from __future__ import annotations

import json
import mmap
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from smartlic._core import LogReader
from smartlic._gate import each_piece

SIZE = int(os.environ.get("SMARTLIC_BENCH_LOG_BYTES", 1_000_000_000))
TURNS = 3
DAY = 86_400_000
START = 1_494_337_382_539  # the manager's time when the process began (D2)
TALK = """call session transport proxy module route trigger header via contact invite bye ack response request policy
lookup table cache timer socket thread queue worker state machine dialog server network interface current default"""
THREAD = "file:/opt/CUSP/dsnrs/lib/cisco/ruby-gems-1.0.jar!/smart_agent.rb"
TAG = "regid.2014-08.com.cisco.CUSP-5,1.0_8f106f12-4d11-44b7-8f36-f7aee3dfaa01"
REQUEST = (
    "sending authorization request message with sudi:#<Sudi:0x531d9e>, hostname:se-10-66-75-64, signing_cert_sn:3, "
    "id_cert_sn:969365, product_instance_id:c2d100c8-c268-44ae-8f8c-9519d2b823c2, entitlements:[#<LicenseEntitlement:"
    f'0x1de5cd2 @entitlement_tag="{TAG}", @requested_count=2, @vendor="8f106f12-4d11-44b7-8f36-f7aee3dfaa01", '
    '@requested_date=#<Date:49322-04-19 ((19735659j,0n),+0s,-Infj)>, @entitlement_version="9.0", @display_name="ICV '
    'CUSP-5 calls/sec", @enforce_mode=:out_of_compliance, @days_left=-17206>]'
)
REGISTRATION = "register received:id_cert_sn:970857, signing_cert:sub_ca_cert:2, renew_interval:15552000000"


def ordinary() -> list[str]:
    """What the other lines say, 150 to 350 bytes with their prefix."""
    draw, words = random.Random(1), TALK.split()
    said = []
    for _ in range(500):
        text = ""
        while len(text) < draw.randint(40, 230):
            text += f" {draw.choice(words)}"
        said.append(f"[RubyThread-{draw.randint(1, 2000)}:{THREAD}:{draw.randint(100, 900)}] DEBUG root -{text}\n")
    return said


def lines() -> Iterator[str]:
    """A process's run without an end, a line each 40 ms: every fiftieth is a registration, request or answer."""
    said, entry, uptime = ordinary(), 0, 0
    while True:
        for number in range(50):
            uptime += 40
            day = uptime % DAY
            clock = f"{day // 3_600_000:02d}:{day // 60_000 % 60:02d}:{day // 1000 % 60:02d},{day % 1000:03d} {uptime} "
            if number < 49:
                yield clock + said[(uptime // 40 * 7) % 500]
                continue
            answer = f"start_date:{START + uptime}, compliance_status:OOC,expiry:7775673, retry_interval:43200"
            text = (REGISTRATION, REQUEST, f"authorization response received. {answer}")[entry % 3]
            yield f"{clock}[RubyThread-6:{THREAD}:161] DEBUG root - {text}\n"
            entry += 1


def write(path: Path) -> None:
    """Some 4 million lines."""
    source, size = lines(), 0
    with path.open("w", encoding="ascii", buffering=1 << 20) as file:
        while size < SIZE:
            size += file.write("".join(next(source) for _ in range(5000)))


def cpu_of(run: Callable[[Path], dict[str, int]], path: Path) -> tuple[float, dict[str, int]]:
    """CPU seconds, of this process and of the programs that it runs, and what was counted."""
    before = os.times()
    counted = run(path)
    return sum(os.times()[:4]) - sum(before[:4]), counted


def ours(path: Path) -> dict[str, int]:
    """All entries read, dated, and counted."""
    reader = LogReader()

    def take(piece: memoryview, _done: int, _size: int) -> bool:
        reader.feed(piece)
        return True

    each_piece(path, take)
    reader.finish()
    kinds = [entry.kind for entry in reader.entries]
    return {"answers": kinds.count("authorization"), "requests": kinds.count("authorization_request")}


def grep(path: Path) -> dict[str, int]:
    """Answers alone."""
    command = ["grep", "-c", "start_date", str(path)]
    found = subprocess.run(command, env={"LC_ALL": "C"}, check=True, capture_output=True, text=True)
    return {"answers": int(found.stdout)}


def python_re(path: Path) -> dict[str, int]:
    """Answers and requests, by their keys."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        found = [each[0] for each in re.finditer(rb"start_date|product_instance_id", content)]
    return {"answers": found.count(b"start_date"), "requests": found.count(b"product_instance_id")}


def lnav(path: Path) -> dict[str, int]:
    """Answers, by a query on its index of the lines."""
    query = ";SELECT count(*) FROM all_logs WHERE log_body LIKE '%start_date%'"
    command = ["lnav", "-n", "-N", "-c", query, "-c", ":write-csv-to -", str(path)]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    return {"answers": int(found.stdout.split()[-1])}


def main() -> None:
    """Measure, compare, and print."""
    peers = {"ours": ours, "grep": grep, "re": python_re}
    if shutil.which("lnav") is None:
        print("no lnav here: its row is left out (apt-get install lnav)", file=sys.stderr)
    best: dict[str, float] = {}
    counted: dict[str, dict[str, int]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sml.log"
        write(path)
        size = path.stat().st_size
        for _ in range(TURNS):
            for name, run in peers.items():
                seconds, counted[name] = cpu_of(run, path)
                best[name] = min(seconds, best.get(name, seconds))
        if shutil.which("lnav") is not None:
            best["lnav"], counted["lnav"] = cpu_of(lnav, path)
    for name, counts in counted.items():
        for what, count in counts.items():
            if count != counted["ours"][what]:
                raise SystemExit(f"{name} counts {count} {what}, ours {counted['ours'][what]}")
    print(json.dumps({"bytes": size, "cpu_seconds": best, "counted": counted["ours"]}, indent=2))


if __name__ == "__main__":
    main()
