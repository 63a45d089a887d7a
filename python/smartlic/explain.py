"""From facts to sentences: what state is this, why, since when, what happens next, and what to do (DESIGN 2).

The first line answers the question that everybody has: when do calls stop?
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from smartlic import _gate
from smartlic.times import about, show, stamp

__all__ = ["ALLOWED", "CAUSES", "Change", "Explanation", "Situation", "explain"]

ALLOWED = {mode.name for mode in _gate.Mode if _gate.calls_allowed(mode)}

# A stop nearer than this is a warning: time for people to act, while the agent asks every 30 days at least (E8).
_SOON = timedelta(days=14)

# S1-S5, F1
_WHY = {
    "Disabled": "Smart licensing is not enabled; the product rejects all calls.",
    "Eval": "No authorization is held; calls run on the evaluation period.",
    "InCompliance": "The requested licences are within what was purchased.",
    "OutOfCompliance": "More licences are requested than were purchased; the request is honoured all the same.",
    "EvalExpired": "No authorization is held and the evaluation period is used up.",
    "AuthorizationExpired": "The last authorization's own period ended without a new answer from the manager.",
}

CAUSES = {
    "enabled": "smart licensing was enabled",
    "disabled": "smart licensing was disabled",
    "granted": "the manager granted an authorization",
    "refused": "the manager refused",
    "deregistered": "the product was deregistered",
    "authorization_ended": "the authorization period ended",
    "certificate_ended": "the ID certificate ended, and the authorization with it",
    "evaluation_ended": "the evaluation period ended",
    "clock_corrected": "the clock was corrected by the manager's signed time",
    "set_back": "the machine was set back to a snapshot",
}

_COMING = {
    "authorization_ended": "the authorization period ends",
    "certificate_ended": "the ID certificate ends, and the authorization with it",
    "evaluation_ended": "the evaluation period ends",
    "deregistered": "the ID certificate ends and the pending deregistration is done",
}


@dataclass(frozen=True)
class Change:
    """A mode change: when, to which mode, and the rules' word for its cause."""

    at: datetime
    mode: str
    cause: str


@dataclass(frozen=True)
class Situation:
    """The facts that an explanation is made of; times are aware UTC, in licensing time.

    registering, requested: a registration is under way; licences were requested. coming: the mode changes that happen
    if nothing more is heard (``Licence.coming()``). registration_error, refused: error codes of signed refusals that
    still stand. A manager that is silent is ``communication_lost`` and nothing else (E6).
    """

    now: datetime
    mode: str
    since: datetime | None = None
    cause: str = "none"
    registered: bool = False
    deregistering: bool = False
    registering: bool = False
    requested: bool = False
    coming: tuple[Change, ...] = ()
    next_request: datetime | None = None
    evaluation_left: timedelta = timedelta(0)
    certificate_end: datetime | None = None
    communication_lost: bool = False
    registration_error: str | None = None
    refused: str | None = None

    @property
    def calls_stop(self) -> datetime | None:
        """When calls stop if nothing more is heard; None if they have stopped or never will."""
        if self.mode not in ALLOWED:
            return None
        return next((change.at for change in self.coming if change.mode not in ALLOWED), None)


@dataclass(frozen=True)
class Explanation:
    """Sentences, the answer first. ``level`` is the exit code of ``--check``: 0 ok, 1 warning, 2 calls blocked."""

    answer: str
    lines: tuple[str, ...]
    advice: tuple[str, ...]
    level: int
    calls_stop: datetime | None = field(default=None)

    def _repr_html_(self) -> str:
        from smartlic.pictures.html import paragraphs

        return paragraphs((self.answer, *self.lines, *(f"To do: {line}" for line in self.advice)))

    def __str__(self) -> str:
        return "\n".join((self.answer, *self.lines, *(f"To do: {line}" for line in self.advice)))


def explain(facts: Situation, advice: Sequence[str] | None = None) -> Explanation:
    """Puts a situation into words. advice: what to do, where that is not for the programs of smartlic."""
    stop = facts.calls_stop
    lines = [_mode_line(facts), *_coming_lines(facts)]
    if facts.certificate_end is not None:
        verb = "ends" if facts.certificate_end > facts.now else "ended"
        lines.append(f"The ID certificate {verb} {show(facts.certificate_end, facts.now)}.")
    if facts.deregistering:
        lines.append("A deregistration is pending; the manager has not confirmed it yet.")
    if facts.communication_lost:
        lines.append("The manager has not answered lately. That by itself changes no licence; only the periods decide.")
    if facts.refused:
        lines.append(f"The manager's last word was a refusal: {sentence(facts.refused)}")
    if facts.next_request is not None:
        lines.append(f"The next request to the manager is due {show(facts.next_request, facts.now)}.")
    advice = _advice(facts) if advice is None else advice
    return Explanation(_answer(facts, stop), tuple(lines), tuple(advice), _level(facts, stop), stop)


def _answer(facts: Situation, stop: datetime | None) -> str:
    if facts.mode not in ALLOWED:
        since = f" since {stamp(facts.since)}" if facts.since else ""
        return f"Calls are rejected{since}: {facts.mode}. They come back once {_way_out(facts)}."
    if stop is None:
        return f"Calls are allowed: {facts.mode}."
    return f"Calls stop {show(stop, facts.now)} unless {_way_out(facts)}."


def _way_out(facts: Situation) -> str:
    """What has to happen so that calls go on, or come back."""
    if facts.mode == "Disabled":
        return "smart licensing is enabled"
    if not facts.registered:
        return "the product is registered and authorized"
    if not facts.requested:
        return "licences are requested and granted"
    return "the manager grants what it refused" if facts.refused else "the manager answers"


def sentence(code: str) -> str:
    """The error table's sentence for a code, and the code to look for in the documents."""
    return next(f"{row['sentence']} [{code}]" for row in _gate.error_table() if row["code"] == code)


def _mode_line(facts: Situation) -> str:
    line = f"Mode {facts.mode}"
    if facts.since:
        line += f" since {stamp(facts.since)}"
        if facts.cause in CAUSES:
            line += f", because {CAUSES[facts.cause]}"
    line += f". {_WHY[facts.mode]}"
    return line


def _coming_lines(facts: Situation) -> list[str]:
    lines = [
        f"If nothing more is heard: {change.mode} from {show(change.at, facts.now)} on, when {_COMING[change.cause]}."
        for change in facts.coming
    ]
    if facts.mode != "Eval" and facts.evaluation_left > timedelta(0):
        lines.append(f"Left of the evaluation period: {about(facts.evaluation_left)}; it is not running now.")
    return lines


def _advice(facts: Situation) -> list[str]:
    if facts.mode == "Disabled":
        return ["enable smart licensing: smartlic agent enable"]
    advice = []
    if facts.registration_error:
        advice.append(f"see why registration failed: {sentence(facts.registration_error)}")
    if not facts.registered and not facts.registering:
        again = " again, as the ID certificate has ended" if facts.certificate_end else ""
        advice.append(f"register{again}: smartlic agent register --trust FILE --token TOKEN --url URL")
    elif facts.registered and not facts.requested:
        advice.append("request licences: smartlic agent request CUSP-5=2")
    if facts.refused and facts.registered:
        advice.append("have the manager's administrator mend what it refused, then: smartlic agent authorize")
    if facts.mode == "OutOfCompliance":
        advice.append("purchase more licences in the virtual account, or request fewer; calls are not affected")
    if facts.communication_lost:
        again = "authorize" if facts.registered else "run"
        advice.append(f"see that the manager can be reached: smartlic agent {again}; without a network: export-request")
    elif facts.mode == "AuthorizationExpired" and facts.registered and not facts.refused:
        advice.append("ask for a new authorization now: smartlic agent authorize")
    return advice


def _level(facts: Situation, stop: datetime | None) -> int:
    if facts.mode not in ALLOWED:
        return 2
    soon = stop is not None and stop - facts.now < _SOON
    trouble = facts.communication_lost or facts.registration_error or facts.refused
    return 1 if soon or trouble or facts.mode == "OutOfCompliance" else 0
