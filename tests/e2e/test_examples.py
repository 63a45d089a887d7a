"""The scripts of python/examples, run as a reader would."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import smartlic as sl

EXAMPLES = Path(__file__).parents[2] / "python" / "examples"


def run(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(EXAMPLES / name), *arguments], capture_output=True, text=True, timeout=120, check=False
    )


def test_orchestration_goes_out_of_compliance_and_back() -> None:
    done = run("orchestrate.py")
    assert (done.returncode, done.stderr) == (0, "")
    first, second, third = (part.splitlines() for part in done.stdout.strip().split("\n\n")[:3])
    assert first[1] == "  CUSP-5: 10 purchased, 10 in use, balance 0"
    assert [line.split(": ")[1] for line in first[2:]] == ["InCompliance, 10 calls per second"] * 5
    assert second[1] == "  CUSP-5: 10 purchased, 12 in use, balance -2  ALERT: too few"
    assert [line.split(": ")[1].split(",")[0] for line in second[2:]] == ["OutOfCompliance"] * 5  # P2
    assert third[1] == "  CUSP-5: 12 purchased, 12 in use, balance 0"
    assert [line.split(": ")[1].split(",")[0] for line in third[2:]] == ["InCompliance"] * 5
    assert "Calls stop " in done.stdout.splitlines()[-1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with sl.Agent.open(tmp_path / "agent") as agent:
        agent.enable()
    return tmp_path / "agent"


def test_cron_says_ok_and_leaves_no_trace(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    done = run("cron_check.py", str(folder))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("LICENCE OK: Calls stop ")
    assert done.stdout.count("\n") == 1
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_cron_says_critical_when_calls_are_blocked(folder: Path) -> None:
    with sl.Agent.open(folder) as agent:
        agent.disable()
    done = run("cron_check.py", str(folder))
    assert done.returncode == 2
    assert done.stdout.startswith("LICENCE CRITICAL: Calls are rejected since ")


def test_cron_says_unknown_when_there_is_nothing(tmp_path: Path) -> None:
    done = run("cron_check.py", str(tmp_path / "nothing"))
    assert done.returncode == 3
    assert done.stdout.endswith("[not_found]\n")
