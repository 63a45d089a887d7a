"""What an administrator sets for all managers on one ledger (RULES E7, M11)."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from core_world import code_of
from smartlic import Manager
from smartlic.cli.app import app
from smartlic.errors import InputError
from typer.testing import CliRunner


def test_every_manager_on_the_ledger_follows_from_its_next_batch_on() -> None:
    first, _ = Manager.init(":memory:")
    second = Manager(first.ledger)
    first.set_policy(late_renewal=timedelta(days=5))
    assert second.policy.late_renewal == timedelta(0)
    second.handle([b"{}"])
    assert second.policy.late_renewal == timedelta(days=5)
    assert second.policy.refuse_forks is False
    assert second.policy.certificate == timedelta(days=360), "what was not given stays"
    assert any("set policy: late_renewal 5 days" in event.text for event in first.events())


def test_nothing_given_changes_nothing_and_a_negative_length_is_refused() -> None:
    manager, _ = Manager.init(":memory:")
    before = len(manager.events())
    manager.set_policy()
    assert len(manager.events()) == before
    assert code_of(lambda: manager.set_policy(late_renewal=-timedelta(1)), InputError) == "invalid_argument"


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run = CliRunner()
    assert run.invoke(app, ["manager", "init"]).exit_code == 0
    changed = run.invoke(app, ["manager", "policy", "--late-renewal", "5d", "--forks", "refuse", "--json"])
    assert json.loads(changed.output)["forks"] == "refuse"
    shown = json.loads(run.invoke(app, ["manager", "policy", "--json"]).output)
    assert (shown["late_renewal"], shown["forks"]) == (timedelta(days=5).total_seconds(), "refuse")
    assert "late renewal" in run.invoke(app, ["manager", "policy"]).output
    wrong = run.invoke(app, ["manager", "policy", "--forks", "maybe"])
    assert wrong.exit_code != 0
