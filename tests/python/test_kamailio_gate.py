"""smartlic.sip.kamailio without Kamailio: what it loads, and what becomes of a call that cannot be decided.

The rest is in tests/e2e/test_kamailio.py.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from smartlic._gate import GateFile, Mode, read_clock
from smartlic.errors import InputError, StorageError
from smartlic.sip.kamailio import Gate


class FakeKamailio(ModuleType):
    """What app_python3 gives scripts as KSR: pseudo-variables, and a log."""

    def __init__(self) -> None:
        super().__init__("KSR")
        self.lines: list[str] = []
        self.err = self.lines.append
        self.pv = SimpleNamespace(get={"$ci": "call-1", "$fu": "sip:a@x", "$tu": None}.get)


@pytest.fixture
def kamailio(monkeypatch: pytest.MonkeyPatch) -> FakeKamailio:
    fake = FakeKamailio()
    monkeypatch.setitem(sys.modules, "KSR", fake)
    return fake


@pytest.fixture
def path(tmp_path: Path) -> Path:
    GateFile.open(tmp_path / "gate", create=True)
    return tmp_path / "gate"


def test_the_import_maps_no_tls_starts_no_thread_and_loads_no_numpy() -> None:
    code = "import smartlic.sip.kamailio, os, sys; print(open('/proc/self/maps').read(), *sys.modules, sep='\\n')"
    code += "; assert len(os.listdir('/proc/self/task')) == 1"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "smartlic._gate" in out
    for unwanted in ("libcrypto", "libssl", "libcurl", "numpy", "smartlic._core", "smartlic._io"):
        assert unwanted not in out


def test_c5_the_answer_says_whether_with_which_status_and_when_to_come_again(
    path: Path, kamailio: FakeKamailio
) -> None:
    gate = Gate(path)
    assert gate.child_init(1) == 0
    assert gate.admit(object()) == -503, "by its mode: no Retry-After"
    now = read_clock()
    file = GateFile.open(path)
    file.publish(Mode.InCompliance, None, now=now, licensing_time=now.wall)
    assert gate.admit(object()) == 1
    file.set_limit(0)
    file.set_sip_status(500)
    assert gate.admit(object()) == -500
    busy = path.with_name("busy")
    GateFile.open(busy, create=True, policy="immediate").publish(Mode.Eval, 1, now=now, licensing_time=now.wall)
    gate = Gate(busy)
    gate.child_init(2)
    assert -1503 in {gate.admit(object()) for _ in range(10)}
    assert kamailio.lines == []


def test_the_call_is_told_to_the_log_while_that_is_on(path: Path, kamailio: FakeKamailio) -> None:
    gate = Gate(path, log=path.with_name("failed"))
    gate.child_init(1)
    gate.admit(object())
    assert not list(path.parent.glob("failed*"))
    GateFile.open(path).set_failed_call_log(1 << 20)
    gate.admit(object())
    (log,) = path.parent.glob("failed.*.jsonl")
    assert '"call_id":"call-1","from":"sip:a@x","to":"",' in log.read_text()


def test_a_call_that_cannot_be_decided_is_rejected_with_503_and_says_why(path: Path, kamailio: FakeKamailio) -> None:
    gate = Gate(path)
    gate.child_init(0)  # the first process takes no calls
    assert gate.admit(object()) == -503
    (line,) = kamailio.lines
    assert "no gate is open in this process" in line


def test_what_fails_in_telling_is_told_and_the_call_keeps_its_answer(path: Path, kamailio: FakeKamailio) -> None:
    gate = Gate(path)
    gate.child_init(1)
    GateFile.open(path).set_failed_call_log(1 << 20)
    kamailio.pv = SimpleNamespace(get=None)
    assert gate.admit(object()) == -503
    (line,) = kamailio.lines
    assert "TypeError" in line
    vars(kamailio)["err"] = None
    assert gate.admit(object()) == -503, "nothing is left to tell it to, and no error stays behind"
    assert gate.admit(object()) == -503


class Counted(Gate):
    calls = 0

    def admit(self, message: object) -> int:
        self.calls += 1
        return super().admit(message)


def test_a_subclass_may_have_its_own_admit(path: Path, kamailio: FakeKamailio) -> None:
    gate = Counted(path)
    gate.child_init(1)
    assert gate.admit(object()) == -503
    assert gate.calls == 1


def test_a_handler_does_not_outlive_its_gate(path: Path, kamailio: FakeKamailio) -> None:
    gate = Gate(path)
    gate.child_init(1)
    gate.admit(object())
    before = Path("/proc/self/maps").read_text().count(str(path))
    del gate
    assert Path("/proc/self/maps").read_text().count(str(path)) == before - 1


def test_a_gate_file_that_cannot_be_used_is_an_error_before_the_fork(path: Path) -> None:
    with pytest.raises(InputError):
        Gate(path.with_name("none"))
    path.write_bytes(b"something else")
    with pytest.raises(StorageError):
        Gate(path)
