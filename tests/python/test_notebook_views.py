"""What a notebook shows: decisions, certificates, agents, tables, and the CPS window with sliders."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
import smartlic as sl
from pictures import assert_readable, labels
from smartlic import _core
from smartlic.agent import VirtualClock
from smartlic.errors import InputError
from smartlic.pictures.html import table
from smartlic.whatif import explore_window, run_window

SECOND = 10**9  # ns


def cells(html: str) -> dict[str, str]:
    """The rows of a table of two columns; raises if it is not well-formed."""
    rows = ElementTree.fromstring(f"<div>{html}</div>").iter("tr")
    return {(row.findtext("th") or ""): (row.findtext("td") or "") for row in rows}


def shown(value: Any) -> str:
    html = value._repr_html_()
    assert isinstance(html, str)
    return html


# --- decisions and certificates


def test_C5_a_decision_says_why() -> None:
    gate = sl.Gate(sl.Mode.InCompliance, 1)
    assert shown(gate.decide(0)).startswith("<p><b>Admitted</b></p>")
    for _ in range(400):
        gate.admit(0)
    decision = gate.decide(31 * SECOND)
    assert shown(decision).startswith("<p><b>Rejected: the licensed rate is exceeded</b></p>")
    assert cells(shown(decision)) == {
        "mode": "InCompliance",
        "limit": "1 calls per second",
        "average": "1.34 calls per second over 0:05:00",
        "SIP status": "503",
        "Retry-After": f"{decision.retry_after} s",
    }


@pytest.mark.parametrize(
    ("mode", "limit", "why"),
    [(sl.Mode.EvalExpired, 5, "the mode allows none"), (sl.Mode.InCompliance, 0, "nothing is licensed")],
)
def test_C5_a_rejection_that_no_waiting_helps_has_no_retry_after(mode: sl.Mode, limit: int, why: str) -> None:
    html = shown(sl.Gate(mode, limit).decide(0))
    assert html.startswith(f"<p><b>Rejected: {why}</b></p>")
    assert "Retry-After" not in html


def test_a_gate_without_a_limit_says_so() -> None:
    assert cells(shown(sl.Gate(sl.Mode.Eval).decide(0)))["limit"] == "no rate check"


def test_a_certificate_shows_whose_it_is_and_until_when() -> None:
    now = datetime.fromisoformat("2026-01-01T00:00+00:00")
    certificate = _core.new_authority(_core.Entropy(bytes(32)), now=now).identity.signing.certificate
    rows = cells(shown(certificate))
    assert rows["serial number"] == certificate.serial
    assert rows["until"] == f"{certificate.not_after:%Y-%m-%d %H:%M} UTC"
    assert rows["fingerprint (SHA-256)"] == certificate.fingerprint.hex(":")
    assert "product" not in rows
    assert shown(certificate).startswith("<p><b>Certificate authority of ")


def test_tables_escape_what_they_are_told() -> None:
    html = table("<script>", ("a & b",), [("<i>", '"')])
    assert "<script>" not in html
    assert ElementTree.fromstring(f"<div>{html}</div>").findtext("p/b") == "<script>"


# --- agents


@pytest.fixture
def agent() -> sl.Agent:
    made = sl.Agent.open(
        ":memory:", serial="FGL1234567A", clock=VirtualClock(datetime.fromisoformat("2026-01-01T00:00Z"))
    )
    made.enable()
    return made


def test_an_agent_shows_its_explanation(agent: sl.Agent) -> None:
    assert shown(agent) == shown(agent.explain())
    assert shown(agent).startswith(
        "<p><b>Calls stop 2026-04-01 00:00 UTC (in 90 days) unless the product is registered"
    )
    assert "To do: register" in shown(agent)


def test_a_status_is_a_dict_that_shows_itself_as_a_table(agent: sl.Agent) -> None:
    status = agent.status()
    assert status == {**status}
    rows = cells(shown(status))
    assert rows["udi"] == "PID:CUSP,SN:FGL1234567A"
    assert "end: 2026-04-01 00:00 UTC" in rows["evaluation"]
    assert "instance" not in rows
    assert shown(status).startswith("<p><b>Mode Eval since 2026-01-01 00:00 UTC</b></p>")


@pytest.mark.parametrize("name", ["Gate", "GateFile", "Decision"])
def test_the_types_are_dressed_whichever_name_is_used_first(name: str) -> None:
    code = f"import smartlic as sl; sl.{name}; from smartlic._gate import Decision; Decision._repr_html_"
    subprocess.run([sys.executable, "-c", code], check=True)


# --- the window


def test_C2_the_window_closes_when_five_minutes_have_more_than_the_limit() -> None:
    """Eight a second, twenty from minute 10 on: after two intervals of 600 the last ten have 3120 calls, above 3000."""
    run = run_window(limit=10, rate=8, burst=20)
    assert run.closed[0] * timedelta(seconds=30) == timedelta(minutes=11)
    assert run.averages[22] == 3120 / 300
    # Closed until the last ten intervals have 3000 calls at most: 1 of 600 and 9 of 240 are 2760, 2 and 8 are 3120.
    assert run.closed == tuple(range(22, 39))
    assert [n for n, (a, b) in enumerate(zip(run.offered, run.admitted, strict=True)) if a != b] == list(run.closed)
    assert run.answer == "The gate closes after 11 min and is closed for 8.5 min; 39 % of the calls are rejected."


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ((10, 10, 10), "The gate stays open: "),
        ((10, 11, 11), "The gate closes after 5 min and is closed for 25 min; "),
        ((0, 5, 5), "Nothing is licensed, so every call is rejected."),
        ((10, 30, 0), "The gate closes after 2 min and is closed for 24.5 min in all; "),
        ((5, 0, 0), "The gate stays open: "),
    ],
)
def test_the_window_answers_first_and_its_picture_can_be_read(numbers: tuple[int, int, int], said: str) -> None:
    run = run_window(*numbers)
    assert str(run).startswith(said)
    assert_readable(run.to_svg())
    texts = [label.text for label in labels(run._repr_html_())]
    assert {"calls per second", "minutes since the gate began", "gate closed", "licensed"} <= set(texts)


@pytest.mark.parametrize("value", [-1, 1001, 2.5, True, "2"])
def test_the_window_takes_whole_numbers(value: Any) -> None:
    with pytest.raises(InputError, match="rate: expected a whole number from 0 to 1000"):
        run_window(rate=value)


def test_sliders_move_the_picture() -> None:
    box = explore_window(limit=10, rate=8, burst=20)
    *sliders, picture = box.children
    assert picture.value == run_window(10, 8, 20).to_svg()
    sliders[0].value = 20
    assert picture.value == run_window(20, 8, 20).to_svg()
    sliders[1].value, sliders[2].value = 3, 50
    assert picture.value == run_window(20, 3, 50).to_svg()
    assert [slider.description for slider in sliders] == ["licensed (CPS)", "offered (CPS)", "minutes 10-15 (CPS)"]
