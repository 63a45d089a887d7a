"""Kamailio with the gate between SIPp's caller and SIPp's server, on ports of its own, ended with the test."""

from __future__ import annotations

import csv
import os
import shutil
import signal
import site
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import smartlic.sip

SCENARIOS = Path(__file__).parents[1] / "e2e" / "sipp"
CONFIGURATION = Path(smartlic.sip.__file__).with_name("kamailio.cfg")
HOST = "127.0.0.1"
WORKERS = 4

# Kamailio's own Python is the system's: a virtual environment's programs must not be in front of it.
_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TERM": "dumb", "LC_ALL": "C"}

PLAIN = """\
import site
site.addsitedir({packages!r})
from smartlic.sip.kamailio import Gate

def mod_init():
    return Gate({gate!r})
"""
"""What a user writes (docs/SIP.md)."""

NOTED = """\
import os, site, time
site.addsitedir({packages!r})
from smartlic.sip.kamailio import Gate

class Noted(Gate):
    def child_init(self, rank):
        if rank > 0:
            self.notes = open({folder!r} + f"/notes-{{rank}}", "w", buffering=1)
        return super().child_init(rank)

    def admit(self, message):
        before = time.clock_gettime_ns(time.CLOCK_BOOTTIME)
        answer = super().admit(message)
        print(before, time.clock_gettime_ns(time.CLOCK_BOOTTIME), answer, file=self.notes)
        return answer

def mod_init():
    return Noted({gate!r})
"""
"""The same, with a note of each decision: the boot clock before and after it, and the answer."""


@dataclass(frozen=True, order=True)
class Note:
    """One decision of a worker: ns on the boot clock."""

    before: int
    after: int
    admitted: bool


@dataclass(frozen=True)
class Result:
    """What SIPp's caller counted, and of each call what it was answered: (Call-ID, Retry-After or None) by status."""

    offered: int
    admitted: int
    rejected: int
    failed: int
    answers: dict[int, dict[str, int | None]]


def program(name: str) -> str:
    found = shutil.which(name, path=_ENVIRONMENT["PATH"])
    assert found is not None, f"{name} is missing: make setup installs it"
    return found


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(log: Path, *command: str | Path) -> Iterator[subprocess.Popen[bytes]]:
    """A program that writes to ``log``; it and all that it started end with the block."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            [str(part) for part in command], stdout=out, stderr=out, env=_ENVIRONMENT, start_new_session=True
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


class Proxy:
    """A running Kamailio, its server, and what they noted. ``gate``: the gate file; it has to be there."""

    def __init__(self, folder: Path, gate: Path, *, configuration: Path = CONFIGURATION, script: str = NOTED) -> None:
        self.folder, self.gate, self._configuration, self._script = folder, gate, configuration, script
        self.port, self.server_port, self.caller_port = free_port(), free_port(), free_port()
        self._calls = 0

    @contextmanager
    def started(self) -> Iterator[Proxy]:
        """Kamailio and the server, answering."""
        script = self.folder / "gate_script.py"
        packages = site.getsitepackages()[0]
        script.write_text(self._script.format(packages=packages, folder=str(self.folder), gate=str(self.gate)))
        defined = {
            "LISTEN": f"udp:{HOST}:{self.port}",
            "NEXT_HOP": f'"sip:{HOST}:{self.server_port}"',
            "GATE_SCRIPT": f'"{script}"',
            "WORKERS": WORKERS,
        }
        memory = ["-x", "fm", "-X", "fm", "-m", "512", "-M", "8"]  # MB; a relayed call keeps 26 KB for seconds
        where = ["-f", str(self._configuration), "-Y", str(self.folder), "-P", str(self.folder / "kamailio.pid")]
        defines = [part for name, value in defined.items() for part in ("-A", f"{name}={value}")]
        kamailio = [program("kamailio"), "-DD", "-E", *memory, *where, *defines]
        served = ["-trace_logs", "-log_file", str(self.folder / "server.lines")]
        with (
            running(self.folder / "kamailio.log", *kamailio) as self.process,
            running(self.folder / "server.log", *self._sipp("uas", self.server_port), *served),
        ):
            self._await_answer()
            yield self

    def call(self, cps: int, calls: int) -> Result:
        """Offers calls at a rate; returns when all are over."""
        self._calls += 1
        name = f"caller-{self._calls}"
        statistics, lines = self.folder / f"{name}.csv", self.folder / f"{name}.lines"
        command = self._sipp("uac", self.caller_port, f"{HOST}:{self.port}")
        command += ["-s", "4711", "-r", str(cps), "-m", str(calls), "-d", "50", "-trace_logs", "-log_file", str(lines)]
        command += ["-trace_stat", "-stf", str(statistics), "-fd", "1"]
        with running(self.folder / f"{name}.log", *command) as process:
            code = process.wait(calls / cps + 60)
        assert code in (0, 1), (self.folder / f"{name}.log").read_text(errors="replace")
        answers: dict[int, dict[str, int | None]] = {}
        for line in lines.read_text().splitlines():
            status, call, *after = line.split()
            answers.setdefault(int(status), {})[call] = int(after[0]) if after else None
        (*_, last) = csv.DictReader(statistics.read_text().splitlines(), delimiter=";")
        counters = ("TotalCallCreated", "admitted(C)", "rejected(C)", "FailedCall(C)")
        offered, admitted, rejected, failed = (int(last[_column(last, name)]) for name in counters)
        return Result(offered, admitted, rejected, failed, answers)

    def notes(self) -> list[Note]:
        """Every decision of all workers, in the order of time."""
        lines = [line.split() for path in self.folder.glob("notes-*") for line in path.read_text().splitlines()]
        return sorted(Note(int(before), int(after), answer == "1") for before, after, answer in lines)

    def served(self) -> list[str]:
        """The Call-ID of each call that reached the server, in their order."""
        return (self.folder / "server.lines").read_text().split()

    def workers(self) -> list[int]:
        """The processes of Kamailio but its first."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    def log(self) -> str:
        """What Kamailio said."""
        return (self.folder / "kamailio.log").read_text(errors="replace")

    def _sipp(self, scenario: str, port: int, *remote: str) -> list[str]:
        where = ["-i", HOST, "-p", str(port), "-mi", HOST, "-nostdin"]
        return [program("sipp"), *remote, "-sf", str(SCENARIOS / f"{scenario}.xml"), *where]

    def _await_answer(self) -> None:
        """Returns when Kamailio answers an OPTIONS (with 405, by its configuration)."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as caller:
            caller.bind((HOST, 0))
            caller.settimeout(0.1)
            own = f"{HOST}:{caller.getsockname()[1]}"
            lines = [
                f"OPTIONS sip:{HOST}:{self.port} SIP/2.0",
                f"Via: SIP/2.0/UDP {own};branch=z9hG4bK-ready",
                f"From: <sip:test@{own}>;tag=1",
                f"To: <sip:test@{HOST}:{self.port}>",
                f"Call-ID: ready@{own}",
                "CSeq: 1 OPTIONS",
                "Content-Length: 0",
            ]
            question = "\r\n".join([*lines, "", ""]).encode()
            for _ in range(100):
                assert self.process.poll() is None, self.log()
                caller.sendto(question, (HOST, self.port))
                try:
                    answer = caller.recv(4096)
                except TimeoutError:
                    continue
                assert answer.startswith(b"SIP/2.0 405"), answer
                return
        raise AssertionError(f"Kamailio does not answer: {self.log()}")


def _column(row: dict[str, str], name: str) -> str:
    return next(column for column in row if name in (column or ""))
