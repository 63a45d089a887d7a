"""The gate from C: smartlic_gate.h and the library that comes with the wheel."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import smartlic._gate
from smartlic._gate import GateFile, GateObserver, Mode, read_clock

INSTALLED = Path(smartlic._gate.__file__).parent
SOURCE = Path(__file__).parents[1] / "c" / "gate_client.c"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, compiled as C."""
    program = tmp_path_factory.mktemp("c") / "client"
    library = INSTALLED / "lib"
    strict = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
    where = [f"-I{INSTALLED / 'include'}", f"-L{library}", f"-Wl,-rpath,{library}", "-lsmartlic_gate"]
    subprocess.run(["cc", *strict, str(SOURCE), "-o", str(program), *where], check=True)
    return program


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gate"


def ask(client: Path, path: Path, calls: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(client), str(path), str(calls)], capture_output=True, text=True, check=False, timeout=60)


def test_a_program_in_c_decides_by_the_same_file(client: Path, path: Path) -> None:
    now = read_clock()
    gate = GateFile.open(path, create=True, policy="immediate")
    assert ask(client, path, 1).stdout.split()[:3] == ["0", "mode", "Disabled"]
    gate.publish(Mode.InCompliance, None, now=now, licensing_time=now.wall)
    assert ask(client, path, 1).stdout.split()[:3] == ["1", "-", "InCompliance"]
    gate.set_limit(0)
    gate.set_sip_status(500)
    assert ask(client, path, 1).stdout.startswith("0 limit_zero InCompliance ")
    assert ask(client, path, 1).stdout.endswith(" 0 500 0\n")


def test_calls_of_c_and_python_are_counted_together(client: Path, path: Path) -> None:
    gate = GateFile.open(path, create=True)
    now = read_clock()
    gate.publish(Mode.InCompliance, 1, now=now, licensing_time=now.wall)
    assert ask(client, path, 299).returncode == 0, "and one more"
    assert gate.admit(read_clock())
    later = type(now)(wall=now.wall, boot=now.boot + 30 * 10**9, boot_id=now.boot_id)
    assert GateObserver.open(path).snapshot(later).average.calls == 301
    assert gate.decide(later).reason == "rate"


def test_rejected_calls_of_c_are_logged(client: Path, path: Path) -> None:
    GateFile.open(path, create=True).set_failed_call_log(1 << 20)
    assert ask(client, path, 2).returncode == 0
    (log,) = path.parent.glob("gate.failed-calls.*.jsonl")
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [each["call_id"] for each in lines] == ["call-of-C", "call-of-C", ""]
    assert (lines[0]["from"], lines[0]["to"], lines[0]["sip_status"]) == ("sip:alice@atlanta.example", "", 503)


def test_a_gate_that_cannot_be_opened_says_why(client: Path, path: Path) -> None:
    assert ask(client, path, 1).returncode == 1
    path.write_bytes(b"something else")
    done = ask(client, path, 1)
    assert done.returncode == 1
    assert done.stderr.startswith(f"{path}: it is too short for a gate")


def test_the_library_exports_its_three_functions_and_needs_no_tls() -> None:
    library = INSTALLED / "lib" / "libsmartlic_gate.so"
    out = subprocess.run(["nm", "-D", "--defined-only", library], capture_output=True, text=True, check=True).stdout
    assert {line.split()[-1] for line in out.splitlines()} == {
        f"smartlic_gate_{name}" for name in ("open", "admit", "close")
    }
    needed = subprocess.run(["ldd", library], capture_output=True, text=True, check=True).stdout
    assert not [name for name in ("libssl", "libcrypto", "libcurl") if name in needed]
