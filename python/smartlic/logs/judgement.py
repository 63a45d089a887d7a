"""The answer to "when do calls stop?" from what a device's papers tell, and the scenario that begins there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from smartlic.errors import InputError
from smartlic.explain import Change, Explanation, Situation, explain
from smartlic.logs.standing import EVALUATION_PERIOD, Standing
from smartlic.times import about, show, stamp

__all__ = ["beginning", "judge", "mode_at", "scenario_fields"]

_TICK = timedelta(milliseconds=1)
_STALE = timedelta(days=1)
_UNKNOWN = 3  # what monitoring systems take for unknown (DESIGN 4)


def mode_at(known: Standing, at: datetime) -> str | None:
    """The enforcement mode at a time, if nothing came after what is known (E1); None where it is not told."""
    if known.enabled is False:
        return "Disabled"
    end, by_certificate = _end(known)
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
    level = max(found.level, 1) if known.trouble and found.level < 2 else found.level
    answer = found.answer
    end, _ = _end(known)
    if known.seen is not None and end is not None and known.seen < end <= now:
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


def scenario_fields(known: Standing) -> dict[str, Any]:
    """The fields of a ``Scenario`` that begins where the papers end. What they do not tell is taken so that it changes
    nothing: no evaluation used, an ID certificate as old as the authorization. A licence that the catalogue does not
    have is counted as ``CUSP-5``: when calls stop does not depend on it. Raises ``InputError`` (not_found) if they do
    not tell when they were written.
    """
    at = known.seen
    if at is None:
        raise InputError("no time can be told from it, so no simulation can begin there", "not_found", "after_change")
    start: dict[str, Any] = {}
    if known.evaluation_left is not None:
        start["evaluation_used"] = max(timedelta(0), EVALUATION_PERIOD - known.evaluation_left)
    policy: dict[str, Any] = {}
    end, by_certificate = _end(known)
    authorized = known.authorized
    if known.registered and (known.certificate or authorized):
        start["certificate"] = min(filter(None, (known.certificate, authorized, at)))
    if known.certificate and start.get("certificate") == known.certificate:
        if known.renewal and known.renewal > known.certificate:
            policy["renew"] = known.renewal - known.certificate
        if known.certificate_end and known.certificate_end > known.certificate:
            policy["certificate"] = known.certificate_end - known.certificate
    if authorized and not (by_certificate and end is not None and end <= at):
        start |= {"authorized": authorized, "out_of_compliance": bool(known.out_of_compliance)}
        at = max(at, authorized + _TICK)
    requested: dict[str, int] = {}
    for name, count in known.requested.items():
        licence = _stand_in() if name in _strangers(known) else name
        requested[licence] = requested.get(licence, 0) + count
    fields: dict[str, Any] = {"start": {"at": at, **start}, "policy": policy, "requested": requested}
    fields["purchased"] = {} if known.out_of_compliance else requested
    if known.enabled is False:
        fields["disabled"] = [(at, at + timedelta(days=36500))]
    return fields


def beginning(known: Standing) -> Iterator[str]:
    """How the scenario of ``scenario_fields`` begins, in words: the state, and what was assumed."""
    if known.seen is None:
        return
    mode = mode_at(known, known.seen) or "in a mode that is not told"
    yield f"Begins {stamp(known.seen)}, {mode}, as the device's papers leave it."
    if known.evaluation_left is None:
        yield "Assumed: nothing of the evaluation period is used, as they do not tell."
    if known.registered and known.certificate is None and known.authorized is not None:
        yield "Assumed: the ID certificate is as old as the authorization, as they do not tell."
    if strangers := _strangers(known):
        yield f"Not in the catalogue: {', '.join(strangers)}; {_stand_in()} stands for it."
        yield "When calls stop does not depend on that; calls per second do, and mean nothing here."


def _strangers(known: Standing) -> list[str]:
    from smartlic._core import Catalogue

    short = {entry.short_name for entry in Catalogue().entries}
    return [name for name in known.requested if name not in short]


def _stand_in() -> str:
    from smartlic._core import Catalogue

    return Catalogue().entries[0].short_name


def _end(known: Standing) -> tuple[datetime | None, bool]:
    """When the authorization ends, and whether by its bound, the end of the ID certificate (E2)."""
    end = known.authorization_end
    if end is not None and known.certificate_end is not None and known.certificate_end < end:
        return known.certificate_end, True
    return end, False


def _situation(known: Standing, now: datetime, mode: str) -> Situation:
    end, by_certificate = _end(known)
    coming: tuple[Change, ...] = ()
    since, cause = None, "none"
    if mode in ("InCompliance", "OutOfCompliance") and end is not None:
        after = mode_at(known, end) or "EvalExpired"
        coming = (Change(end, after, "certificate_ended" if by_certificate else "authorization_ended"),)
        since, cause = known.authorized, "granted"
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
        communication_lost=bool(known.trouble) and not known.refused,
    )


def _untold(known: Standing, now: datetime, what: str) -> Explanation:
    if known.registered:
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
    if known.seen is not None and now - known.seen > _STALE:
        yield f"The {what} ends {stamp(known.seen)}, {about(now - known.seen)} ago; what came after it is not known."


def _advice(known: Standing, mode: str | None) -> Iterator[str]:
    if known.advice:
        yield known.advice
    elif known.trouble:
        yield "see that the device reaches the manager: name resolution, route, firewall, proxy"
    if mode == "OutOfCompliance":
        yield "purchase more licences in the virtual account, or request fewer; calls are not affected"
    if mode == "AuthorizationExpired" and not known.trouble:
        yield "have the device ask again (on IOS and IOS XE: license smart renew auth)"
    if mode == "Disabled":
        yield "enable smart licensing on the device"
    if known.registered is False:
        yield "register the device with a token of the virtual account"
