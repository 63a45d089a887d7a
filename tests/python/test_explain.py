"""Explanations: the first line says when calls stop, the level is what monitoring systems expect."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from smartlic import _core, _gate
from smartlic.explain import ALLOWED, CAUSES, Change, Explanation, Situation, explain

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)

FINE = Situation(
    now=NOW,
    mode="InCompliance",
    since=NOW - 58 * DAY,
    cause="granted",
    registered=True,
    requested=True,
    coming=(Change(NOW + 62 * DAY, "AuthorizationExpired", "authorization_ended"),),
    next_request=NOW + 2 * DAY,
    evaluation_left=89 * DAY,
    certificate_end=NOW + 300 * DAY,
)
NEW = Situation(
    now=NOW,
    mode="Eval",
    since=NOW - 30 * DAY,
    cause="enabled",
    coming=(Change(NOW + 60 * DAY, "EvalExpired", "evaluation_ended"),),
    evaluation_left=60 * DAY,
)
OVER = replace(FINE, mode="AuthorizationExpired", since=NOW - DAY, cause="authorization_ended", coming=())
USED_UP = replace(
    NEW, mode="EvalExpired", since=NOW - DAY, cause="evaluation_ended", coming=(), evaluation_left=0 * DAY
)
OFF = Situation(now=NOW, mode="Disabled")

STOPS = "Calls stop 2026-05-02 00:00 UTC (in 62 days) unless "
STOPS_EVAL = "Calls stop 2026-04-30 00:00 UTC (in 60 days) unless "
REJECTED = "Calls are rejected since 2026-02-28 00:00 UTC: "

CASES: dict[str, tuple[Situation, str, int]] = {
    "in compliance": (FINE, STOPS + "the manager answers.", 0),
    "out of compliance": (replace(FINE, mode="OutOfCompliance"), STOPS + "the manager answers.", 1),
    "no network": (replace(FINE, communication_lost=True), STOPS + "the manager answers.", 1),
    "eval, new": (NEW, STOPS_EVAL + "the product is registered and authorized.", 0),
    "eval, registered": (replace(NEW, registered=True), STOPS_EVAL + "licences are requested and granted.", 0),
    "eval, refused": (
        replace(NEW, registered=True, requested=True, refused="entitlement_denied"),
        STOPS_EVAL + "the manager grants what it refused.",
        1,
    ),
    "eval, token refused": (
        replace(NEW, registration_error="token_expired"),
        STOPS_EVAL + "the product is registered and authorized.",
        1,
    ),
    "disabled": (OFF, "Calls are rejected: Disabled. They come back once smart licensing is enabled.", 2),
    "authorization over": (
        OVER,
        REJECTED + "AuthorizationExpired. They come back once the manager answers.",
        2,
    ),
    "authorization over, unidentified": (
        replace(OVER, registered=False, certificate_end=NOW - DAY),
        REJECTED + "AuthorizationExpired. They come back once the product is registered and authorized.",
        2,
    ),
    "evaluation over": (
        USED_UP,
        REJECTED + "EvalExpired. They come back once the product is registered and authorized.",
        2,
    ),
}


@pytest.mark.parametrize(("facts", "answer", "level"), CASES.values(), ids=CASES)
def test_the_first_line_and_the_level(facts: Situation, answer: str, level: int) -> None:
    explanation = explain(facts)
    assert str(explanation).splitlines()[0] == explanation.answer == answer
    assert explanation.level == level


def test_every_mode_is_explained() -> None:
    assert {facts.mode for facts, _, _ in CASES.values()} == {mode.name for mode in _gate.Mode}
    assert {row["mode"].name for row in _core.enforcement_table() if row["calls_allowed"]} <= ALLOWED


def test_every_cause_has_words() -> None:
    words = {"enabled", "disabled", "granted", "refused", "deregistered", "clock_corrected", "set_back"}
    assert set(CAUSES) == words | {"authorization_ended", "certificate_ended", "evaluation_ended"}


@pytest.mark.parametrize(
    ("left", "level"), [(14 * DAY, 0), (14 * DAY - timedelta(milliseconds=1), 1)], ids=["14 days", "a tick less"]
)
def test_a_stop_within_14_days_is_a_warning(left: timedelta, level: int) -> None:
    near = replace(NEW, coming=(Change(NOW + left, "EvalExpired", "evaluation_ended"),))
    assert explain(near).level == level


def test_calls_stop_at_the_first_mode_that_rejects_them() -> None:
    """An authorization that its certificate ends leads to Eval first (E2): calls go on until that is used up."""
    chain = (
        Change(NOW + 10 * DAY, "Eval", "certificate_ended"),
        Change(NOW + 99 * DAY, "EvalExpired", "evaluation_ended"),
    )
    explanation = explain(replace(FINE, coming=chain))
    assert explanation.calls_stop == NOW + 99 * DAY
    assert explanation.answer.startswith("Calls stop 2026-06-08 00:00 UTC (in 99 days)")
    assert explanation.level == 0


def test_E6_a_network_fault_is_never_shown_as_an_invalid_licence() -> None:
    well, silent = explain(FINE), explain(replace(FINE, communication_lost=True))
    assert silent.answer == well.answer
    assert silent.lines[0] == well.lines[0]
    (said,) = set(silent.lines) - set(well.lines)
    assert said == "The manager has not answered lately. That by itself changes no licence; only the periods decide."
    for word in ("invalid", "refus", "fail"):
        assert word not in str(silent)
    assert any("can be reached" in line for line in silent.advice)


def test_a_refusal_is_told_by_its_sentence_and_code() -> None:
    text = str(explain(replace(NEW, registered=True, requested=True, refused="entitlement_denied")))
    assert "administrator does not allow this entitlement" in text
    assert "[entitlement_denied]" in text
    assert "smartlic agent authorize" in text


def test_what_why_since_when_and_what_next() -> None:
    lines = explain(FINE).lines
    assert lines == (
        (
            "Mode InCompliance since 2026-01-02 00:00 UTC, because the manager granted an authorization. "
            "The requested licences are within what was purchased."
        ),
        (
            "If nothing more is heard: AuthorizationExpired from 2026-05-02 00:00 UTC (in 62 days) on, "
            "when the authorization period ends."
        ),
        "Left of the evaluation period: 89 days; it is not running now.",
        "The ID certificate ends 2026-12-26 00:00 UTC (in 300 days).",
        "The next request to the manager is due 2026-03-03 00:00 UTC (in 2 days).",
    )
    assert explain(FINE).advice == ()


@pytest.mark.parametrize(
    ("facts", "advised"),
    [
        (OFF, ["smartlic agent enable"]),
        (NEW, ["smartlic agent register"]),
        (replace(NEW, registering=True), []),
        (replace(NEW, registered=True), ["smartlic agent request"]),
        (replace(FINE, mode="OutOfCompliance"), ["purchase more"]),
        (OVER, ["smartlic agent authorize"]),
        (replace(OVER, communication_lost=True), ["can be reached"]),
        (replace(OVER, registered=False, certificate_end=NOW), ["register again"]),
        (replace(NEW, registration_error="token_expired"), ["create a new one. [token_expired]", "agent register"]),
    ],
)
def test_what_to_do(facts: Situation, advised: list[str]) -> None:
    advice = explain(facts).advice
    assert len(advice) == len(advised)
    for line, words in zip(advice, advised, strict=True):
        assert words in line


def test_two_looks_print_the_same() -> None:
    assert str(explain(FINE)) == str(explain(FINE))
    assert isinstance(explain(FINE), Explanation)


def test_every_cause_that_may_come_has_a_sentence() -> None:
    """A pending deregistration is done locally at the certificate's end, so that cause may come too."""
    for cause in ("authorization_ended", "certificate_ended", "evaluation_ended", "deregistered"):
        coming = (Change(NOW + timedelta(days=1), "EvalExpired", cause),)
        assert str(explain(Situation(now=NOW, mode="InCompliance", registered=True, coming=coming)))
