"""`smartlic fleet` as a person and a program meet it."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pictures import assert_readable
from smartlic import Fleet
from smartlic.cli.app import app
from smartlic.cli.common import guarded
from smartlic.whatif import FLEET_EXAMPLE

YAML = """\
pools: 6
devices: 5
outages: [[2026-03-01, 2026-06-20]]
"""


class Run:
    """Runs `smartlic fleet`; gives its exit code, output and errors."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capfd = monkeypatch, capfd

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        self._monkeypatch.setattr(sys, "argv", ["smartlic", "fleet", *arguments])
        code = guarded(lambda: app(["fleet", *arguments], standalone_mode=False))
        return code, *self._capfd.readouterr()


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)
    Path("mine.yaml").write_text(YAML, encoding="utf-8")
    return Run(monkeypatch, capfd)


def test_without_an_argument_the_example_is_lived_and_drawn(run: Run) -> None:
    code, out, errors = run("--pools", "50")
    assert (code, errors) == (0, "")
    example = Fleet.from_yaml(FLEET_EXAMPLE.replace("pools: 1000", "pools: 50"))
    assert out.splitlines()[0] == example.run().answer
    assert "Wrote smartlic-fleet.svg." in out
    assert "Next: smartlic fleet --seed 2" in out
    assert_readable(Path("smartlic-fleet.svg").read_text(encoding="utf-8"))


def test_the_printed_example_is_the_example(run: Run) -> None:
    code, out, _ = run("--print-example")
    assert (code, out) == (0, FLEET_EXAMPLE)


def test_a_file_and_what_is_changed_in_it(run: Run) -> None:
    code, out, errors = run("mine.yaml", "--devices", "7", "--seed", "3", "--threads", "1", "--picture", "it.svg")
    assert (code, errors) == (0, "")
    assert out.splitlines()[0] == Fleet(**_facts(), devices=7, seed=3).run().answer
    assert "Wrote it.svg." in out
    assert_readable(Path("it.svg").read_text(encoding="utf-8"))


def test_json_is_one_document_and_writes_nothing(run: Run) -> None:
    code, out, errors = run("mine.yaml", "--json")
    assert (code, errors) == (0, "")
    found = json.loads(out)
    assert found["schema"] == "smartlic/fleet/1"
    assert found["answer"] == Fleet(**_facts(), devices=5).run().answer
    assert found["complete"] is True
    assert [path.name for path in Path().iterdir()] == ["mine.yaml"]


def test_quiet_prints_nothing(run: Run) -> None:
    assert run("mine.yaml", "--quiet") == (0, "", "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["other.yaml"], "cannot read other.yaml: No such file or directory"),
        (["mine.yaml", "--pools", "0"], "pools: expected a whole number from 1"),
        (["mine.yaml", "--threads", "0"], "threads: expected one or more, not 0"),
        (["mine.yaml", "--picture", "it.png"], "pictures are SVG: expected a name such as it.svg"),
    ],
)
def test_errors_say_what_was_expected_and_leave_nothing(run: Run, arguments: list[str], said: str) -> None:
    code, out, errors = run(*arguments)
    assert (code, out) == (1, "")
    assert errors.startswith(f"error: {said}")
    assert [path.name for path in Path().iterdir()] == ["mine.yaml"]


@pytest.mark.parametrize("after", [0, 3])
def test_ctrl_c_leaves_what_is_known_or_nothing_and_no_traceback(tmp_path: Path, after: int) -> None:
    """It interrupts itself when so many pools are done."""
    code = f"""
import contextlib, os, signal, sys
from smartlic.cli import main
import smartlic.cli.fleet as command
import smartlic.whatif.fleet_run as fleet_run
fleet_run._DEVICE_DAYS = 1  # a pool is a part
@contextlib.contextmanager
def progress_bar(title, calm):
    yield lambda done, total: done >= {after} and os.kill(os.getpid(), signal.SIGINT)
command.progress_bar = progress_bar
sys.argv = ["smartlic", "fleet", "mine.yaml", "--pools", "60", "--svg", "it.svg"]
sys.exit(main())
"""
    (tmp_path / "mine.yaml").write_text(YAML, encoding="utf-8")
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 128 + signal.SIGINT
    assert "Traceback" not in done.stderr
    if after == 0:
        assert done.stdout == ""
        assert not (tmp_path / "it.svg").exists()
    else:
        answer, *_, written = done.stdout.splitlines()
        assert re.search(r"So far: \d+ of 60 pools\.$", answer)
        assert written == "Wrote it.svg."
        assert_readable((tmp_path / "it.svg").read_text(encoding="utf-8"))


def test_only_the_first_ctrl_c_counts_and_says_what_it_does(tmp_path: Path) -> None:
    """While threads finish their pools, and while the outcome is drawn, it is pressed again."""
    code = """
import os, signal, sys
from smartlic.cli import main
import smartlic.cli.fleet as command
import smartlic.whatif.fleet_run as fleet_run
signal.signal(signal.SIGINT, signal.default_int_handler)
fleet_run._DEVICE_DAYS = 1  # a pool is a part
press = lambda: os.kill(os.getpid(), signal.SIGINT)
class Impatient(fleet_run.ThreadPoolExecutor):
    def __exit__(self, *raised):
        press()
        return super().__exit__(*raised)
fleet_run.ThreadPoolExecutor = Impatient
write = command.write_picture
command.write_picture = lambda *arguments: (press(), write(*arguments))
from smartlic.whatif.fleet_outcome import FleetOutcome
merge = FleetOutcome.with_parts
pressed = []
def with_parts(self, parts):
    if self.pools >= 3 and not pressed:
        pressed.append(True)
        press()
    return merge(self, parts)
FleetOutcome.with_parts = with_parts
sys.argv = ["smartlic", "fleet", "mine.yaml", "--pools", "60", "--svg", "it.svg"]
try:
    main()
finally:
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
"""
    (tmp_path / "mine.yaml").write_text(YAML, encoding="utf-8")
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 128 + signal.SIGINT
    assert done.stderr.count("finishing the pools under way;") == 1
    assert "Exception ignored" not in done.stderr
    assert "Traceback" not in done.stderr
    assert re.search(r"So far: \d+ of 60 pools\.$", done.stdout.splitlines()[0])
    assert done.stdout.splitlines()[-1] == "Wrote it.svg."


def _facts() -> dict[str, Any]:
    return {"pools": 6, "outages": [("2026-03-01", "2026-06-20")]}
