"""`smartlic agent` and `smartlic manager` as a person and as a program meets them (DESIGN 4)."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from manager_world import contents
from smartlic.agent import Agent
from smartlic.cli.app import app
from typer.main import get_command
from typer.testing import CliRunner

PROGRAM = [sys.executable, "-c", "from smartlic.cli import main; main()"]
QUIET_WORLD = {**os.environ, "NO_COLOR": "1", "COLUMNS": "200", "TERM": "dumb"}


def run(*arguments: object, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**QUIET_WORLD, **(env or {})},
    )


def invoke(*arguments: object) -> str:
    """In this process: what it prints, when it ends well."""
    result = CliRunner().invoke(app, list(map(str, arguments)), catch_exceptions=False, env=QUIET_WORLD)
    assert result.exit_code == 0, result.output
    return result.output


def in_json(*arguments: object) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(invoke(*arguments, "--json"))
    assert re.fullmatch(r"smartlic/[a-z-]+/1", document["schema"])
    return document


def commands(group: str) -> list[str]:
    whole: Any = get_command(app)
    return sorted(whole.commands[group].commands)


class Site:
    """A manager's folder, an agent's folder, and the options that name them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = ("--database", folder / "manager.db")
        self.state = ("--state", folder / "agent")
        self.trust = folder / "trust.json"
        in_json("manager", "init", *self.database, "--trust", self.trust, "--root-key", folder / "root.pem")

    def token(self) -> str:
        return invoke("manager", "token", *self.database).strip()

    def register_at_nobody(self) -> None:
        nobody = ("--url", "http://127.0.0.1:1")
        invoke("agent", "register", *self.state, "--trust", self.trust, "--token", self.token(), *nobody)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.fixture
def served(site: Site) -> Iterator[tuple[Site, str]]:
    """`smartlic manager serve` as a process of its own, ended by Ctrl-C."""
    process = subprocess.Popen(
        [*PROGRAM, "manager", "serve", *map(str, site.database), "--port", "0", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=QUIET_WORLD,
    )
    assert process.stdout is not None
    document = "".join(iter(process.stdout.readline, "}\n")) + "}"
    yield site, json.loads(document)["url"]
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert "Traceback" not in errors
    assert process.returncode in (0, 130)


# --- help


def test_without_arguments_it_says_what_it_can_do() -> None:
    done = run()
    assert (done.returncode, done.stderr) == (0, "")
    for command in ("smartlic demo", "smartlic whatif", "smartlic doctor"):
        assert command in done.stdout
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize("group", ["agent", "manager"])
def test_each_help_has_an_example(group: str) -> None:
    for command in commands(group):
        text = invoke(group, command, "--help")
        assert f"smartlic {group} {command}" in text.partition("Options")[0].partition("Usage")[2].partition("\n")[2], (
            command
        )


@pytest.mark.parametrize("group", ["agent", "manager"])
def test_each_command_speaks_json(group: str) -> None:
    for command in commands(group):
        assert "--json" in invoke(group, command, "--help"), command


# --- an import is light


@pytest.mark.parametrize(
    "code", ["import smartlic", "import smartlic; smartlic.CpsWindow(limit=10)", "import smartlic.cli"]
)
def test_an_import_loads_no_numpy_and_no_tls(code: str) -> None:
    probe = f"{code}\nimport sys, json; print(json.dumps(sorted(sys.modules)))"
    loaded = json.loads(
        subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout
    )
    assert not {"numpy", "ssl", "smartlic._core", "smartlic._io", "sqlalchemy"} & set(loaded)


# --- the life of a product


def test_the_life_of_a_product(served: tuple[Site, str]) -> None:
    site, url = served
    assert in_json("manager", "license", "CUSP-5", 2, *site.database)["inventory"][0]["purchased"] == 2
    token = in_json("manager", "token", "--expires", "7d", *site.database)["token"]
    assert in_json("agent", "enable", *site.state, "--serial", "8F2K77Q1Z0C")["mode"] == "Eval"
    registered = in_json("agent", "register", *site.state, "--trust", site.trust, "--token", token, "--url", url)
    assert (registered["done"], registered["failure"]) == ("Registered.", None)
    asked = in_json("agent", "request", "CUSP-5=2", *site.state)
    assert (asked["mode"], asked["limit_cps"]) == ("InCompliance", 10)
    assert in_json("agent", "request", "CUSP-5=3", *site.state)["mode"] == "OutOfCompliance"
    (row,) = in_json("manager", "inventory", *site.database)["inventory"]
    assert (row["purchased"], row["in_use"], row["balance"], row["alert"]) == (2, 3, -1, True)
    assert run("manager", "inventory", "--check", *site.database).returncode == 1
    assert in_json("agent", "authorize", *site.state)["failure"] is None
    assert in_json("agent", "renew", *site.state)["failure"] is None

    status = in_json("agent", "status", *site.state)
    assert status["udi"] == "PID:CUSP,SN:8F2K77Q1Z0C"
    assert invoke("agent", "status", *site.state) == invoke("agent", "status", *site.state)  # DESIGN 2
    (instance,) = in_json("manager", "instances", *site.database)["instances"]
    assert (instance["instance"], instance["status"]) == (status["instance"], "active")

    request, answer = site.folder / "request.jose", site.folder / "answer.jose"
    invoke("agent", "export-request", request, *site.state)
    assert in_json("manager", "answer", request, answer, *site.database)["file"] == str(answer)
    invoke("agent", "import-answer", answer, *site.state)

    assert in_json("agent", "deregister", *site.state)["done"] == "Deregistered."
    assert in_json("agent", "disable", *site.state)["mode"] == "Disabled"


def test_the_administrators_commands(site: Site) -> None:
    assert in_json("manager", "account", "emea", *site.database)["accounts"] == ["default", "emea"]
    in_json("manager", "license", "CUSP-5", 4, "--account", "emea", "--end", "2099-01-01", *site.database)
    in_json("manager", "license", "CUSP-5", "--block", *site.database)
    token = site.token()
    listed = in_json("manager", "token", "--list", *site.database)["tokens"]
    assert [each["id"] for each in listed] == [token.partition(".")[0]]
    assert token.partition(".")[2] not in json.dumps(listed)  # shown once (P3)
    in_json("manager", "token", "--revoke", token, *site.database)
    assert in_json("manager", "token", "--list", *site.database)["tokens"][0]["revoked"] is True
    checkpoint = site.folder / "checkpoint.jose"
    in_json("manager", "events", "--checkpoint", checkpoint, *site.database)
    assert in_json("manager", "events", "--verify", "--against", checkpoint, *site.database)["intact"] is True
    kinds = {event["kind"] for event in in_json("manager", "events", *site.database)["events"]}
    assert kinds == {"administration"}
    for command in ("account", "inventory", "instances", "events", "token --list"):
        assert invoke("manager", *command.split(), *site.database, "--quiet") == ""
        assert invoke("manager", *command.split(), *site.database).strip()


# --- errors


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("agent status", "not_found"),
        ("agent authorize", "not_found"),
        ("agent request CUSP-5", "invalid_argument"),
        ("agent register --trust missing --token x", "not_found"),
        ("agent enable --key missing", "not_found"),
        ("manager inventory", "not_found"),
        ("manager serve", "not_found"),
        ("manager license CUSP-5", "invalid_argument"),
        ("manager instances --remove", "invalid_argument"),
    ],
)
def test_an_error_says_what_happened_and_leaves_nothing(
    arguments: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    plain, as_json = run(*arguments.split()), run(*arguments.split(), "--json")
    assert (plain.returncode, plain.stdout) == (1, "")
    assert plain.stderr.startswith("error: ")
    assert plain.stderr.endswith(f" [{code}]\n")
    assert (as_json.returncode, as_json.stdout) == (1, "")
    document = json.loads(as_json.stderr)
    assert (document["schema"], document["code"]) == ("smartlic/error/1", code)
    assert document["message"]
    assert contents(tmp_path) == {}


def test_an_error_text_with_brackets_is_printed_as_it_is(tmp_path: Path) -> None:
    done = run("agent", "status", "--state", tmp_path / "[bold]x[/nothing]")
    assert "[bold]x[/nothing]" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_option_is_a_usage_error() -> None:
    done = run("agent", "status", "--colour")
    assert done.returncode == 2
    assert "--colour" in done.stderr


def test_nothing_is_overwritten_by_init(site: Site) -> None:
    before = contents(site.folder)
    again = run("manager", "init", *site.database, "--trust", site.trust, "--root-key", site.folder / "root.pem")
    assert again.returncode == 1
    assert "[already_exists]" in again.stderr
    assert contents(site.folder) == before


def test_check_exits_as_monitoring_expects(site: Site) -> None:
    def check() -> tuple[int, int]:
        done = run("agent", "status", "--check", *site.state)
        return done.returncode, (done.stdout + done.stderr).count("\n")

    assert check() == (3, 1)  # unknown: there is none
    invoke("agent", "enable", *site.state)
    assert check() == (0, 1)  # ok: 90 days to go
    invoke(
        "agent", "register", *site.state, "--trust", site.trust, "--token", site.token(), "--url", "http://127.0.0.1:1"
    )
    with Agent.open(site.folder / "agent") as agent:
        agent.import_answer(answered(site, agent))
        agent.request({"CUSP-5": 1})
        agent.import_answer(answered(site, agent))
        assert agent.mode == "OutOfCompliance"  # nothing was purchased
    assert check() == (1, 1)
    invoke("agent", "disable", *site.state)
    assert check() == (2, 1)


def answered(site: Site, agent: Agent) -> bytes:
    request, answer = site.folder / "request.jose", site.folder / "answer.jose"
    request.write_bytes(agent.export_request())
    invoke("manager", "answer", request, answer, *site.database)
    return answer.read_bytes()


# --- Ctrl-C


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_agent_run_ends_and_leaves_nothing_behind(site: Site, number: signal.Signals) -> None:
    invoke("agent", "enable", *site.state)
    invoke(
        "agent", "register", *site.state, "--trust", site.trust, "--token", site.token(), "--url", "http://127.0.0.1:1"
    )
    names = sorted(contents(site.folder))
    process = subprocess.Popen(
        [*PROGRAM, "agent", "run", *map(str, site.state)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=QUIET_WORLD,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("Running. Calls stop")
    assert "[locked]" in run("agent", "authorize", *site.state).stderr
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
    assert sorted(contents(site.folder)) == names
    assert in_json("agent", "status", *site.state)["enabled"]  # the lock is free, the state whole


def test_agent_run_tells_events(site: Site) -> None:
    from smartlic._core import Event
    from smartlic.cli.agent import _told

    told: list[Event] = []
    with Agent.open(":memory:") as agent:
        agent.on_event(told.append)
        agent.enable()
    (event,) = told
    assert _told(event) == "mode changed: before Disabled, after Eval, cause enabled"
