"""`smartlic whatif` with questions, sweeps, changes and agents' states, as a person and a program meet it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
import smartlic as sl
from brief_lives import brief
from pictures import assert_readable
from smartlic import latest_return, simulate
from smartlic.cli.app import app
from smartlic.cli.common import guarded

YAML = """\
enabled: 2026-01-01
registered: 2026-01-01
requested: {CUSP-5: 2}
purchased: {CUSP-5: 2}
outages: [[2026-01-05T12:00, 2026-01-12]]
until: 2026-01-20
policy: {authorization: 3d, retry_in_compliance: 1d, retry_base: 10m, retry_max: 2h}
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TZ", "UTC")
    Path("brief.yaml").write_text(YAML, encoding="utf-8")
    return Run(monkeypatch, capfd)


class Run:
    """Runs `smartlic whatif`; gives its exit code, output and errors."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capfd = monkeypatch, capfd

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        self._monkeypatch.setattr(sys, "argv", ["smartlic", "whatif", *arguments])
        code = guarded(lambda: app(["whatif", *arguments], standalone_mode=False))
        return code, *self._capfd.readouterr()


def first(text: str) -> str:
    return text.splitlines()[0]


def test_ask_return_answers_in_the_first_line(run: Run) -> None:
    code, out, errors = run("brief.yaml", "--ask", "return", "--picture", "it.svg")
    assert (code, errors) == (0, "")
    found = latest_return(brief())
    assert first(out) == found.answer
    assert out.endswith("Wrote it.svg.\n")
    assert found.late is not None
    assert Path("it.svg").read_text(encoding="utf-8") == found.late.to_svg()


def test_ask_licences_answers_in_the_first_line(run: Run) -> None:
    code, out, _ = run("brief.yaml", "--set", "requested.CUSP-5=9", "--ask", "licences")
    assert (code, out) == (0, "7 more CUSP-5 make the product compliant; one fewer does not.\n")


def test_questions_and_sweeps_speak_json(run: Run) -> None:
    asked = json.loads(run("brief.yaml", "--ask", "return", "--json")[1])
    assert asked["schema"] == "smartlic/whatif-return/1"
    assert datetime.fromisoformat(asked["at"]) == latest_return(brief()).at
    assert json.loads(run("brief.yaml", "--ask", "licences", "--json")[1])["more"] == {}
    swept = json.loads(run("brief.yaml", "--sweep", "until=2026-01-02,2026-01-10", "--json")[1])
    assert swept["schema"] == "smartlic/whatif-sweep/1"
    assert [cell["until"] for cell in swept["cells"]] == ["2026-01-02", "2026-01-10"]
    assert swept["complete"]


def test_a_sweep_prints_its_numbers_and_writes_a_heat_map(run: Run) -> None:
    arguments = ("--sweep", "policy.authorization=2d..4d:1d", "--sweep", "outages.0.1=2026-01-09,2026-01-12")
    code, out, _ = run("brief.yaml", *arguments, "--svg", "map.svg")
    assert code == 0
    assert first(out).startswith("Time without calls: ")
    for label in ("2 days", "3 days", "4 days", "2026-01-09", "2026-01-12"):
        assert label in out
    assert_readable(Path("map.svg").read_text(encoding="utf-8"))
    code, out, _ = run("brief.yaml", "--sweep", "outages.0.1=2026-01-06,2026-01-12", "--measure", "until_stop")
    assert "never" in out


def test_set_changes_the_scenario(run: Run) -> None:
    _, out, _ = run(
        "brief.yaml", "--set", "outages=[[2026-01-05T12:00, 2026-01-06]]", "--set", "seed=7", "--until", "2026-01-19"
    )
    assert (
        first(out) == simulate(brief(outages=[("2026-01-05T12:00", "2026-01-06")], seed=7, until="2026-01-19")).answer
    )


def test_it_begins_in_an_agents_state_with_the_manager_away(run: Run) -> None:
    with sl.Agent.open("agent") as agent:
        agent.enable()
        stop = agent.explain().calls_stop
    before = {path: path.read_bytes() for path in Path("agent").iterdir()}
    code, out, _ = run("--from-state", "agent")
    assert code == 0
    assert stop is not None
    assert first(out).startswith(f"Calls stop {stop:%Y-%m-%d %H:%M}")
    assert "EvalExpired, because the evaluation period ended." in first(out)
    assert {path: path.read_bytes() for path in Path("agent").iterdir()} == before
    code, out, _ = run("--from-state", "agent", "--ask", "return")
    assert first(out).startswith("No return of the manager prevents it: ")
    assert sorted(path.name for path in Path().iterdir()) == ["agent", "brief.yaml"]


def test_licences_are_asked_for_of_a_manager_that_answers(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    start = {"at": "2026-03-01", "certificate": "2026-01-01", "authorized": "2026-02-01", "out_of_compliance": True}
    scenario = sl.Scenario(start=start, requested={"CUSP-5": 5}, purchased={"CUSP-5": 1}, until="2026-04-01")
    monkeypatch.setattr(sl.Scenario, "from_state", lambda *_, **__: scenario)
    code, out, errors = run("--from-state", "agent", "--ask", "licences")
    assert (code, out, errors) == (0, "4 more CUSP-5 make the product compliant; one fewer does not.\n", "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--from-state", "none"], "there is no agent in none; make one with 'smartlic agent enable --state none'"),
        (["brief.yaml", "--from-state", "agent"], "expected one of these, not both: a scenario and --from-state"),
        (["--ask", "return", "--sweep", "seed=1"], "expected one of these, not both: --ask and --sweep"),
        (["--check", "--ask", "return"], "expected one of these, not both: --check and --ask or --sweep"),
        (["--picture", "it.png"], "pictures are SVG: expected a name such as it.svg"),
        (["--set", "seed"], "--set: expected KEY=VALUE, such as policy.authorization=180d"),
        (["--set", "outages=[[2026-03-01]]"], "outages.0: expected a pair [start, end]"),
        (["--set", "outages=["], "--set outages line 1: this is not YAML"),
        (["--sweep", "policy.authorization=soon"], "policy.authorization: expected a length of time such as 90d"),
        (
            ["--ask", "return", "--set", "outages=[]"],
            "the scenario has no outage; give it one, such as --set 'outages=",
        ),
        (["--sweep", "seed=1..5:1", "--sweep", "seed=1..3:1"], "--sweep: expected different parameters, not one of"),
        (["--sweep", "seed=1..3:1", "--measure", "rejected"], "measure: 'rejected' needs a scenario with traffic"),
    ],
)
def test_errors_say_what_was_expected_and_leave_nothing(run: Run, arguments: list[str], said: str) -> None:
    code, out, errors = run(*arguments)
    assert code in (1, 3)
    assert out == ""
    assert errors.startswith(f"error: {said}")
    assert [path.name for path in Path().iterdir()] == ["brief.yaml"]


@pytest.mark.parametrize(
    ("changes", "level"),
    [
        (["outages=[]"], 0),
        (["outages=[]", "purchased={}"], 1),
        (["outages=[]", "traffic=12", "until=2026-01-02"], 1),
        (["outages=[]", "traffic=3", "until=2026-01-02"], 0),
        (["purchased={}"], 2),
    ],
    ids=["ok", "out of compliance", "too many calls", "few calls", "calls stop"],
)
def test_check_tells_by_its_exit_code(run: Run, changes: list[str], level: int) -> None:
    arguments = [part for each in changes for part in ("--set", each)]
    assert run("brief.yaml", "--check", *arguments)[0] == level


def interrupted(folder: Path, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the command, which interrupts itself as its third life begins."""
    code = f"""
import os, signal, sys
from smartlic.cli import main
import smartlic.whatif.{module} as module
real, lives = module.simulate, []
def simulate(scenario):
    lives.append(scenario)
    if len(lives) == 3:
        os.kill(os.getpid(), signal.SIGINT)
    return real(scenario)
module.simulate = simulate
sys.argv = ["smartlic", "whatif", "brief.yaml", *{arguments!r}]
sys.exit(main())
"""
    (folder / "brief.yaml").write_text(YAML, encoding="utf-8")
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 128 + signal.SIGINT
    assert "Traceback" not in done.stderr
    return done


def test_ctrl_c_in_a_sweep_tells_what_was_lived(tmp_path: Path) -> None:
    done = interrupted(tmp_path, "sweeps", "--sweep", "seed=1..9:1", "--svg", "map.svg")
    assert first(done.stdout).endswith(" Interrupted: 2 of 9 were lived.")
    assert_readable((tmp_path / "map.svg").read_text(encoding="utf-8"))


def test_ctrl_c_in_a_question_leaves_nothing(tmp_path: Path) -> None:
    done = interrupted(tmp_path, "questions", "--ask", "return", "--svg", "it.svg")
    assert done.stdout == ""
    assert done.stderr.startswith("interrupted; ")
    assert [path.name for path in tmp_path.iterdir()] == ["brief.yaml"]


def test_help_has_examples_that_can_be_run(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == 0
    for example in (
        "smartlic whatif --ask return",
        "--sweep policy.authorization=30d..180d:30d",
        "--from-state agent/",
    ):
        assert example in " ".join(out.split())
