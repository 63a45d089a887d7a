"""`smartlic gate status`, `set`, and agent commands that publish (RULES C, S11)."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from smartlic._gate import GateFile, GateObserver, GateSnapshot, GateWorker, Mode, read_clock
from smartlic.cli import main

DAY = timedelta(days=1)
LICENSING = datetime(2020, 5, 5, tzinfo=UTC)  # far from the wall clock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gate"


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Runs the program; gives its exit code."""
    monkeypatch.setattr(sys, "argv", ["smartlic", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_gate_status(path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    now = read_clock()
    end = now.wall + DAY
    gate = GateFile.open(path, create=True, now=now)
    gate.publish(Mode.InCompliance, 10, coming=[(LICENSING + DAY, Mode.EvalExpired)], now=now, licensing_time=LICENSING)
    assert run(monkeypatch, "gate", "status", str(path), "--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "schema": "smartlic/gate-status/1",
        "mode": "InCompliance",
        "calls_allowed": True,
        "limit_cps": 10,
        "average_cps": 0.0,
        "calls": 0,
        "window_s": 300.0,
        "policy": "average",
        "sip_status": 503,
        "failed_call_log": 0,
        "failed_calls_lost": 0,
        "coming": [{"at": end.isoformat(timespec="milliseconds").replace("+00:00", "Z"), "mode": "EvalExpired"}],
        "published": now.wall.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "counting_since": now.wall.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    assert run(monkeypatch, "gate", "status", str(path)) == 0
    text = capsys.readouterr().out
    assert text.startswith(
        "InCompliance: calls are allowed, limit 10 calls/s.\nAverage 0 calls/s (0 calls in 300 s).\n"
    )
    assert f"If no agent publishes again: EvalExpired {end:%Y-%m-%d %H:%M:%S}" in text
    assert run(monkeypatch, "gate", "status", str(path.parent / "none")) == 1
    assert "not_found" in capsys.readouterr().err


def test_agent_gate_publishes_from_the_command_line(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    state = str(tmp_path / "agent")
    assert run(monkeypatch, "agent", "enable", "--state", state, "--gate", str(path)) == 0
    assert GateObserver.open(path).snapshot(read_clock()).mode == Mode.Eval
    assert run(monkeypatch, "agent", "disable", "--state", state) == 0
    assert GateObserver.open(path).snapshot(read_clock()).mode == Mode.Disabled
    capsys.readouterr()


def look(path: Path) -> GateSnapshot:
    return GateObserver.open(path).snapshot(read_clock())


def test_gate_set_changes_what_is_named_and_keeps_the_rest(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = read_clock()
    gate = GateFile.open(path, create=True, now=now)
    gate.publish(Mode.InCompliance, 10, coming=[(LICENSING + DAY, Mode.EvalExpired)], now=now, licensing_time=LICENSING)
    worker = GateWorker.open(path)
    assert run(monkeypatch, "gate", "set", str(path), "--limit", "0", "--sip-status", "500", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["mode"], told["limit_cps"], told["calls_allowed"], told["sip_status"]) == (
        "InCompliance",
        0,
        False,
        500,
    )
    assert (look(path).coming, look(path).published) == ([(now.wall + DAY, Mode.EvalExpired)], now.wall)
    decision = worker.decide()
    assert (decision.reason, decision.sip_status) == ("limit_zero", 500), "at the next decision of an open worker"
    assert run(monkeypatch, "gate", "set", str(path), "--mode", "OutOfCompliance") == 0
    assert (look(path).mode, look(path).limit, look(path).coming) == (Mode.OutOfCompliance, 0, []), "no deadline"
    assert run(monkeypatch, "gate", "set", str(path), "--mode", "Eval", "--limit", "none") == 0
    assert (look(path).mode, look(path).limit, look(path).sip_status) == (Mode.Eval, None, 500)
    assert worker.decide().admitted


def test_s11_gate_set_switches_the_failed_call_log(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    GateFile.open(path, create=True)
    worker = GateWorker.open(path)
    switched = []
    for value in ("on", "off", "5000"):
        assert run(monkeypatch, "gate", "set", str(path), "--failed-call-log", value) == 0
        switched.append((worker.logging, look(path).failed_call_log))
    assert switched == [(True, 10_000_000), (False, 0), (True, 5000)]
    worker.decide()
    worker.log("call", "sip:a@x", "sip:b@y")
    (log,) = path.parent.glob("gate.failed-calls.*.jsonl")
    assert json.loads(log.read_text())["reason"] == "mode"
    assert "rejected calls get SIP 503 and are logged, 5000 bytes a file." in capsys.readouterr().out
    lost = GateWorker.open(path, log=path / "no folder")
    lost.decide()
    lost.log("call", "sip:a@x", "sip:b@y")
    assert run(monkeypatch, "gate", "status", str(path)) == 0
    assert "1 rejected calls could not be logged." in capsys.readouterr().out


def test_gate_set_create_makes_a_file_with_its_window(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "gate", "set", str(path), "--limit", "3") == 1
    assert "not_found" in capsys.readouterr().err
    window = ("--interval", "1.5", "--intervals", "4")
    assert run(monkeypatch, "gate", "set", str(path), "--create", *window) == 0
    assert (look(path).interval, look(path).intervals) == (timedelta(seconds=1.5), 4)
    assert run(monkeypatch, "gate", "set", str(path), *window) == 0, "what it has may be said again"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (["--policy", "immediate"], "policy: the file was made with average, for good"),
        (["--intervals", "11"], "intervals: the file was made with 10, for good"),
        (["--limit", "many"], "limit: a whole number or none, not 'many'"),
        (["--mode", "Open"], "mode: one of Disabled, Eval, "),
        (["--sip-status", "404"], "503 or 500, not 404"),
        (["--failed-call-log", "yes"], "failed-call-log: a whole number, not 'yes'"),
    ],
)
def test_what_gate_set_refuses_changes_nothing(
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    wrong: list[str],
    sentence: str,
) -> None:
    GateFile.open(path, create=True)
    before = path.read_bytes()
    good: dict[str, Any] = {"--limit": "5", "--failed-call-log": "on"}
    good.pop(wrong[0], None)
    assert run(monkeypatch, "gate", "set", str(path), *[part for pair in good.items() for part in pair], *wrong) == 1
    assert sentence in capsys.readouterr().err
    assert path.read_bytes() == before
