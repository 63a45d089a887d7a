"""The answer to "when do calls stop?" from what a device's papers tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from smartlic.explain import Change, Explanation, Situation, explain
from smartlic.logs.failures import REACH
from smartlic.logs.standing import AUTHORIZATION_PERIOD, EVALUATION_PERIOD, Standing
from smartlic.times import about, show, stamp

__all__ = ["end_of", "judge", "mode_at"]

_STALE = timedelta(days=1)
_UNKNOWN = 3  # what monitoring systems take for unknown (DESIGN 4)


def mode_at(known: Standing, at: datetime) -> str | None:
    """The enforcement mode at a time, if nothing came after what is known (E1); None where it is not told."""
    if known.enabled is False:
        return "Disabled"
    end, by_certificate = end_of(known)
    if end is not None and at < end:
        return "OutOfCompliance" if known.out_of_compliance else "InCompliance"
    if end is not None and not by_certificate:
        return "AuthorizationExpired"
    if end is None and known.out_of_compliance is not None:  # held, and not told until when
        return "OutOfCompliance" if known.out_of_compliance else "InCompliance"
    if known.evaluation_left is None:
        return None
    left = known.evaluation_left
    if known.seen is not None and (known.evaluating or end is not None):
        left -= max(timedelta(0), at - max(known.seen, end or known.seen))
    return "Eval" if left > timedelta(0) else "EvalExpired"


def judge(known: Standing, now: datetime, *, what: str = "log") -> Explanation:
    """The answer at ``now``, with what to do. ``what`` the facts are from, for the words: ``log``, ``text``."""
    mode = mode_at(known, now)
    if mode is None:
        return _untold(known, now, what)
    found = explain(_situation(known, now, mode), tuple(_advice(known, mode)))
    lines = [*found.lines, *_facts(known, now, what)]
    level = max(found.level, 1) if known.trouble or known.concerns else found.level
    answer = found.answer
    if known.refused:
        answer = answer.replace("the manager answers", "the manager grants what it refused")
    end, _ = end_of(known)
    if mode == "AuthorizationExpired" and known.seen is not None and end is not None and known.seen < end:
        then = mode_at(known, known.seen)
        answer = (
            f"Calls stopped {show(end, now)}: {mode}, unless the manager has answered since: "
            f"the {what} ends {stamp(known.seen)} with {then}."
        )
    elif end is None and mode in ("InCompliance", "OutOfCompliance"):
        answer = f"{answer} The {what} does not tell until when: it has no end of the authorization."
    elif mode == "Eval" and known.evaluating and known.seen is None and known.evaluation_left:
        left = about(known.evaluation_left)
        answer = f"Calls stop {left} after the {what} was written unless the product is registered and authorized."
        lines.append(f"When the {what} was written is not told; --taken TIME says it.")
    return replace(found, answer=answer, lines=tuple(lines), level=level)


def end_of(known: Standing) -> tuple[datetime | None, bool]:
    """When the authorization ends, and whether by its bound, the end of the ID certificate (E2); a tie is its own
    period's. A deadline that is told may be the bound already."""
    end = known.authorization_end
    if end is None or known.certificate_end is None:
        return end, False
    own = max(end, known.authorized + AUTHORIZATION_PERIOD) if known.authorized else end
    return (known.certificate_end, True) if known.certificate_end < own else (end, False)


def _situation(known: Standing, now: datetime, mode: str) -> Situation:
    end, by_certificate = end_of(known)
    coming: tuple[Change, ...] = ()
    since, cause = None, "none"
    if mode in ("InCompliance", "OutOfCompliance") and end is not None:
        after = mode_at(known, end) or "EvalExpired"
        coming = (Change(end, after, "certificate_ended" if by_certificate else "authorization_ended"),)
        since, cause = known.since or known.authorized, "granted"
    elif mode == "AuthorizationExpired":
        since, cause = end, "authorization_ended"
    elif mode == "Eval" and known.evaluating and known.seen is not None and known.evaluation_left is not None:
        coming = (Change(known.seen + known.evaluation_left, "EvalExpired", "evaluation_ended"),)
    return Situation(
        now=now,
        mode=mode,
        since=since,
        cause=cause,
        registered=known.registered is not False,
        requested=True,
        coming=coming,
        next_request=known.next_request if known.next_request and known.next_request > now else None,
        certificate_end=known.certificate_end,
        communication_lost=known.silent,
    )


def _untold(known: Standing, now: datetime, what: str) -> Explanation:
    end, _ = end_of(known)
    if end is not None:
        answer = (
            f"Whether calls stop is not told: the authorization ended with the ID certificate {show(end, now)}, and "
            f"what is left of the evaluation period the {what} does not tell."
        )
    elif known.registered is False:
        answer = (
            f"When calls stop is not told: by the {what} the product is not registered, calls run on what is left of "
            f"the evaluation period of {EVALUATION_PERIOD.days} days (S1), and how much that is it does not tell."
        )
    elif known.registered:
        answer = (
            f"When calls stop is not told: the {what} has no authorization. Until there is one, calls run on the "
            f"evaluation period of {EVALUATION_PERIOD.days} days (S1), and the {what} does not tell when it began."
        )
    else:
        answer = f"When calls stop is not told: the {what} says nothing of a registration or an authorization."
    advice = ["look at the product's own page or `show license`", *_advice(known, None)]
    return Explanation(answer, tuple(_facts(known, now, what)), tuple(advice), _UNKNOWN)


def _facts(known: Standing, now: datetime, what: str) -> Iterator[str]:
    if known.requested:
        wanted = ", ".join(f"{count} x {name}" for name, count in known.requested.items())
        rate = f", {known.cps} calls per second" if known.cps is not None else ""
        yield f"Requested: {wanted}{rate}."
    if known.renewal is not None:
        yield f"The ID certificate is due for renewal {show(known.renewal, now)}."
    if known.trouble:
        yield f"The last request failed: {known.trouble}."
    if known.refused and known.authorized is not None:
        yield "A refusal may have ended the authorization at once (M9); whether it did is not told."
    yield from known.concerns
    if known.seen is not None and now - known.seen > _STALE:
        yield f"The {what} ends {stamp(known.seen)}, {about(now - known.seen)} ago; what came after it is not known."


def _advice(known: Standing, mode: str | None) -> Iterator[str]:
    if known.advice:
        yield known.advice
    elif known.trouble:
        yield REACH
    if mode == "OutOfCompliance":
        yield "purchase more licences in the virtual account, or request fewer; calls are not affected"
    if mode == "AuthorizationExpired" and not known.trouble:
        yield "have the device ask again (on IOS and IOS XE: license smart renew auth)"
    if mode == "Disabled":
        yield "enable smart licensing on the device"
    if known.registered is False:
        yield "register the device with a token of the virtual account"
