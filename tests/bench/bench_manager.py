"""The manager under load: durable authorizations per second over HTTP on loopback, SQLite on disk.

The server runs in a process of its own (no TLS). Devices are real agents without I/O; each round, every one seals a
fresh authorization request, then all are sent over keep-alive connections (the only part that is timed), then every one
takes its answer in, so the next round's request acknowledges it. Beside it, bare commits to a copy of the ledger: the
same rows in batches of the same size. Prints JSON.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import sqlite3
import sys
import tempfile
import time
from contextlib import closing, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from smartlic import _core
from smartlic._gate import entropy, read_clock
from smartlic.manager.driver import Manager
from smartlic.manager.service import PATH, Service

DEVICES = 2000
ROUNDS = 4  # the first one is not counted
CONNECTIONS = 256
TAG = "CUSP-5"


def serve(database: str, pipe: Connection) -> None:
    """Serves until told to stop; then says how many batches and requests there were, and the CPU time taken."""
    manager = Manager.open(database)
    sizes: list[int] = []
    handle = manager.handle

    def counted(requests: Any, **options: Any) -> Any:
        sizes.append(len(requests))
        return handle(requests, **options)

    manager.handle = counted  # type: ignore[method-assign]
    service = Service(manager, port=0, tls=False)
    begun = time.process_time()
    with suppress(KeyboardInterrupt):
        service.run(lambda: _until_told(service, pipe), signals=False)
    cpu_s = time.process_time() - begun
    pipe.send({"batches": len(sizes), "requests": sum(sizes), "cpu_s": cpu_s})


def _until_told(service: Service, pipe: Connection) -> None:
    pipe.send(service.port)

    def told() -> None:
        pipe.recv()
        asyncio.get_running_loop().remove_reader(pipe.fileno())
        service.stop()

    asyncio.get_running_loop().add_reader(pipe.fileno(), told)


class Device:
    """An agent without I/O: what it sends is taken, what it would store is dropped."""

    def __init__(self, number: int, trust: _core.TrustFile, token: str) -> None:
        now = read_clock()
        self.core = _core.Agent.create(
            udi=_core.Udi("CUSP", f"BENCH{number:06d}"),
            software_tag="regid.2014-08.com.cisco.CUSP,1.0_6b0c2f4e-5f0a-4f0e-9c53-0d1f4d0f3c11",
            seed=entropy(32),
            now=now,
        )
        self.core.enable(now=now)
        self.core.register(trust=trust, token=_core.parse_token(token), now=now)

    def sent(self) -> bytes:
        """The request that it made."""
        (request,) = [output.bytes for output in iter(self.core.poll_output, None) if isinstance(output, _core.Send)]
        return request


def registered_devices(manager: Manager) -> list[Device]:
    """As many as are wanted, registered and with a request for one licence answered."""
    tag = manager.catalogue().resolve(TAG)
    manager.purchase(tag.tag, DEVICES)
    trust = _core.TrustFile.decode(manager.trust_file)
    token = manager.create_token(max_uses=DEVICES)
    devices = [Device(number, trust, token) for number in range(DEVICES)]
    wanted = [_core.EntitlementRequest(tag=tag.tag, count=1, version=tag.version, display_name=tag.display_name)]
    for start in range(0, DEVICES, 250):
        some = devices[start : start + 250]
        take(some, manager.handle([device.sent() for device in some]))
        for device in some:
            list(iter(device.core.poll_output, None))
            device.core.request(wanted, now=read_clock())
        take(some, manager.handle([device.sent() for device in some]))
    return devices


def take(devices: list[Device], answers: list[tuple[int, bytes]]) -> None:
    """Gives every device its answer; a refusal or an HTTP error ends the benchmark."""
    for device, (status, answer) in zip(devices, answers, strict=True):
        if status != 200:
            raise SystemExit(f"HTTP {status}: {answer!r}")
        device.core.handle_answer(answer, now=read_clock())
        if _core.parse_envelope(answer).type == "refused":
            raise SystemExit(f"refused: {_core.parse_envelope(answer).payload!r}")


async def post_all(port: int, bodies: list[bytes]) -> tuple[float, list[tuple[int, bytes]]]:
    """Sends every body once, each connection one after the other. Gives the seconds and the answers in order."""
    answers: list[tuple[int, bytes]] = [(0, b"")] * len(bodies)
    numbers = iter(range(len(bodies)))
    streams = [await asyncio.open_connection("127.0.0.1", port) for _ in range(CONNECTIONS)]

    async def drive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number in numbers:
            head = f"POST {PATH} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/jose+json\r\n"
            writer.write(f"{head}Content-Length: {len(bodies[number])}\r\n\r\n".encode() + bodies[number])
            answered = (await reader.readuntil(b"\r\n\r\n")).lower()
            size = int(answered.partition(b"content-length: ")[2].partition(b"\r\n")[0])
            answers[number] = (int(answered[9:12]), await reader.readexactly(size))

    begun = time.perf_counter()
    await asyncio.gather(*(drive(*stream) for stream in streams))
    seconds = time.perf_counter() - begun
    for _, writer in streams:
        writer.close()
    return seconds, answers


def bare_commits(ledger: Path, batch: int) -> float:
    """Commits all instances' rows and their usage, ``batch`` a transaction, to a copy of the ledger. Rows a second."""
    connection = sqlite3.connect(ledger.with_suffix(".copy"), isolation_level=None)
    with closing(sqlite3.connect(ledger)) as original:
        original.backup(connection)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    names = [row[1] for row in connection.execute("PRAGMA table_info(instances)") if row[1] != "instance"]
    update = f"UPDATE instances SET {', '.join(f'{name}=?' for name in names)} WHERE instance=?"
    rows = connection.execute(f"SELECT {', '.join(names)}, instance FROM instances").fetchall()
    usage = {row[0]: row for row in connection.execute("SELECT instance, tag, account, count, until_ms FROM usage")}
    begun = time.perf_counter()
    for start in range(0, len(rows), batch):
        some = rows[start : start + batch]
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(update, some)
        connection.executemany("DELETE FROM usage WHERE instance=?", [(row[-1],) for row in some])
        connection.executemany(
            "INSERT INTO usage(instance, tag, account, count, until_ms) VALUES (?, ?, ?, ?, ?)",
            [usage[row[-1]] for row in some],
        )
        connection.execute("COMMIT")
    seconds = time.perf_counter() - begun
    connection.close()
    return len(rows) / seconds


def measure(folder: Path) -> dict[str, Any]:
    """One run, in a folder of its own."""
    database = folder / "manager.db"
    manager, _ = Manager.init(database)
    devices = registered_devices(manager)
    manager.close()
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=serve, args=(str(database), theirs), daemon=True)
    server.start()
    port = ours.recv()
    rates = []
    for number in range(ROUNDS):
        for device in devices:
            list(iter(device.core.poll_output, None))
            device.core.authorize(now=read_clock())
        seconds, answers = asyncio.run(post_all(port, [device.sent() for device in devices]))
        take(devices, answers)
        if number > 0:
            rates.append(DEVICES / seconds)
    ours.send("stop")
    server_side = ours.recv()
    server.join(10)
    batch = round(server_side["requests"] / server_side["batches"])
    return {
        "authorizations_per_s": round(max(rates)),
        "rounds": [round(rate) for rate in rates],
        "server_cpu_us_per_request": round(1e6 * server_side["cpu_s"] / server_side["requests"]),
        "mean_batch": batch,
        "bare_commits_per_s": round(max(bare_commits(database, batch) for _ in range(3))),
        "devices": DEVICES,
        "connections": CONNECTIONS,
    }


def main() -> None:
    """Measure, and print."""
    with tempfile.TemporaryDirectory() as folder:
        json.dump(measure(Path(folder)), sys.stdout)


if __name__ == "__main__":
    main()
