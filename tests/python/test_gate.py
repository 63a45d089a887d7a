"""The gate from Python: RULES C1-C5 by their definition, and the value that a decision is."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
from cps_model import SECOND, Model
from hypothesis import given
from hypothesis import strategies as st
from smartlic import errors
from smartlic._gate import Gate, Mode, calls_allowed, error_table
from smartlic.errors import InputError

ALLOWED = {Mode.Eval, Mode.InCompliance, Mode.OutOfCompliance}


@given(
    immediate=st.booleans(),
    trace=st.lists(
        st.tuples(
            st.integers(-SECOND, SECOND) | st.integers(-1, 1).map(lambda d: d + SECOND) | st.just(4 * SECOND),
            st.integers(1, 9),
            st.none() | st.integers(0, 4),
            st.sampled_from(list(Mode)),
        ),
        max_size=40,
    ),
)
def test_decides_as_the_definition(immediate: bool, trace: list[tuple[int, int, int | None, Mode]]) -> None:
    model = Model(interval=SECOND, intervals=3, immediate=immediate, start=5)
    gate = (
        Gate(Mode.Eval, policy="immediate", start=5)
        if immediate
        else Gate(Mode.Eval, interval=timedelta(seconds=1), intervals=3, start=5)
    )
    now = 5
    for step, burst, limit, mode in trace:
        now += step
        gate.limit, gate.mode = limit, mode
        for _ in range(burst):
            assert gate.average(now).calls == model.compared(now)
            compared = model.compared(now)
            expected = model.offer(limit, now)
            decision = gate.decide(now)
            reason = "mode" if mode not in ALLOWED else "limit_zero" if limit == 0 else None if expected else "rate"
            assert decision.reason == reason
            assert decision.admitted == bool(decision) == (reason is None)
            assert (decision.mode, decision.limit, decision.average.calls) == (mode, limit, compared)
            assert decision.sip_status == (503 if reason else None)
            assert decision.retry_after == (model.retry_after(limit, now) if reason == "rate" else None)


def test_c5_a_decision_is_a_readable_value() -> None:
    gate = Gate(Mode.InCompliance, 1)
    assert repr(gate.decide(0)) == ("<Decision admitted; InCompliance, 0 calls/s (0 calls in 300 s), limit 1>")
    for _ in range(300):
        assert gate.admit(0)
    decision = gate.decide(30 * SECOND + 1)
    assert repr(decision) == (
        "<Decision rejected: rate, SIP 503, retry after 300 s; "
        "InCompliance, 1.00333 calls/s (301 calls in 300 s), limit 1>"
    )
    assert json.loads(json.dumps(decision.to_dict())) == {
        "admitted": False,
        "reason": "rate",
        "mode": "InCompliance",
        "calls": 301,
        "window_ms": 300_000,
        "average": 301 / 300,
        "limit": 1,
        "sip_status": 503,
        "retry_after": 300,
    }
    again = gate.decide(30 * SECOND + 1)
    assert (decision, hash(decision)) == (again, hash(again))
    assert decision != gate.decide(330 * SECOND)
    assert decision != "rejected"


def test_c5_the_sip_status_is_selectable() -> None:
    assert Gate(Mode.Disabled, sip_status=500).decide(0).sip_status == 500
    with pytest.raises(InputError, match="503 or 500"):
        Gate(Mode.Disabled, sip_status=486)


def test_c3_counts_are_exact_with_threads() -> None:
    gate = Gate(Mode.EvalExpired, interval=timedelta(seconds=1), intervals=5)

    def call() -> None:
        for tick in range(3000):
            gate.admit(tick * SECOND // 1000)

    team = [threading.Thread(target=call) for _ in range(4)]
    for thread in team:
        thread.start()
    for thread in team:
        thread.join()
    assert gate.average(4 * SECOND).calls == 12_000


def test_modes_are_spelled_as_the_field_does() -> None:
    assert [mode.name for mode in Mode] == [
        "Disabled",
        "Eval",
        "InCompliance",
        "OutOfCompliance",
        "EvalExpired",
        "AuthorizationExpired",
    ]
    assert {mode for mode in Mode if calls_allowed(mode)} == ALLOWED


def test_every_row_of_the_error_table_has_its_exception() -> None:
    rows = error_table()
    assert len({row["code"] for row in rows}) == len(rows)
    for row in rows:
        assert issubclass(getattr(errors, str(row["exception"])), errors.SmartlicError)
        assert str(row["sentence"]).endswith(".")
