"""A timeline in sentences; the first of them answers when calls stop."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from smartlic.explain import CAUSES, sentence
from smartlic.times import about, duration, stamp
from smartlic.whatif.policy import Policy

if TYPE_CHECKING:
    from smartlic.whatif.timeline import Band, Timeline

__all__ = ["advice", "answer", "because", "calls", "explain", "share", "total"]

_NO_ANSWER = ("unreachable", "http_status")  # nothing came back that could be accepted


def answer(timeline: Timeline) -> str:
    """One to three sentences: when calls stop, why, when they come back; and how many were rejected for their rate."""
    return _stops(timeline) + _too_many(timeline)


def explain(timeline: Timeline) -> str:
    """Lines: the answer, each mode, what happened to calls, what lies ahead, what to do."""
    lines = [answer(timeline), *(_band(timeline, band) for band in timeline.bands), *_refusals(timeline)]
    lines += calls(timeline)
    ahead = [f"{each.words} {stamp(each.at)}" for each in timeline.deadlines()]
    if ahead:
        lines.append(f"Ahead at the end, {stamp(timeline.end)}: {'; '.join(ahead)}.")
    told = advice(timeline)
    return "\n".join([*lines, f"To do: {told}"] if told else lines)


def advice(timeline: Timeline) -> str | None:
    """What would have kept calls going; None if they never stop."""
    if not timeline.blocked:
        return None
    first = timeline.blocked[0]
    before = f"before {stamp(first.start)}"
    if first.mode == "Disabled":
        return "Enable smart licensing again: smartlic agent enable"
    if trouble := _trouble(timeline, first.start):
        return trouble
    if first.mode == "AuthorizationExpired":
        period = about(duration(cast(Policy, timeline.scenario.policy).authorization))
        return (
            f"One answer of the manager {before} keeps calls going for {period} more. Without a network it can be "
            "carried by hand: smartlic agent export-request"
        )
    if timeline.scenario.registered is None:
        return f"Register the product and request licences {before}; the evaluation period is not given back."
    if not any(counts and at < first.start for at, counts in timeline.scenario.requests):
        return f"Request licences {before}: smartlic agent request CUSP-5=2"
    return f"Keep the product registered and authorized {before}; the evaluation period is not given back."


def _trouble(timeline: Timeline, stop: datetime) -> str | None:
    """What an answer said that was no grant, if that still stood when calls stopped."""
    told = None
    for event in timeline.events:
        if event.at > stop:
            break
        if event.kind in ("registered", "authorized", "communication_restored"):
            told = None
        elif event.kind == "registration_failed":
            told = f"See why registration failed: {sentence(str(event.code))}"
        elif event.kind == "refused":
            told = f"Have the manager's administrator mend what it refused: {sentence(str(event.code))}"
        elif event.kind == "communication_lost" and event.code not in _NO_ANSWER:
            told = f"See why the manager's answers are not accepted: {sentence(str(event.code))}"
    return told


def _refusals(timeline: Timeline) -> Iterator[str]:
    """A line for each kind and code of answers that granted nothing: when the first came, and what it said."""
    titles = {
        "registration_failed": "Registration failed",
        "refused": "The manager refused",
        "communication_lost": "The manager's answers were not accepted",
    }
    told = set()
    for event in timeline.events:
        about_it = event.kind, event.code
        if event.kind in titles and event.code not in (None, *_NO_ANSWER) and about_it not in told:
            told.add(about_it)
            yield f"{titles[event.kind]} {stamp(event.at)}: {sentence(str(event.code))}"


def because(band: Band) -> str:
    """Why a band began."""
    return f"because {CAUSES[band.cause]}"


def total(bands: tuple[Band, ...]) -> timedelta:
    """How long bands last together."""
    return sum((band.end - band.start for band in bands), start=timedelta(0))


def share(part: int, whole: int) -> str:
    """``12 %``; with one decimal below ten, and never a 0 for what is some, or a 100 for what is not all."""
    if part in (0, whole):
        return f"{100 if part else 0} %"
    percent = 100 * part / whole
    if percent < 0.1 or percent > 99.9:
        return "less than 0.1 %" if percent < 0.1 else "more than 99.9 %"
    return f"{percent:.1f} %" if percent < 10 or percent > 90 else f"{percent:.0f} %"


def _stops(timeline: Timeline) -> str:
    if not timeline.blocked:
        return f"Calls never stop, up to {stamp(timeline.end)}, where the scenario ends."
    first, last = timeline.blocked[0], timeline.blocked[-1]
    begins = f"Calls stop {stamp(first.start)}{_into_outage(timeline)}"
    if first.start <= timeline.start:
        begins = f"Calls are rejected from the start, {stamp(first.start)}"
    text = f"{begins}: {first.mode}, {because(first)}."
    if last.end >= timeline.end and first is last:
        return f"{text} They have not come back by {stamp(timeline.end)}, where the scenario ends."
    back = f"They come back {stamp(first.end)}"
    if first is last:
        return f"{text} {back}, after {about(total(timeline.blocked))}."
    return f"{text} {back}; they stop {len(timeline.blocked)} times, for {about(total(timeline.blocked))} in all."


def _into_outage(timeline: Timeline) -> str:
    if timeline.scenario.requests_from is None:
        return ""  # nobody waits for the manager
    at = timeline.blocked[0].start
    begun = next((start for start, end in timeline.outages if start < at <= end), None)
    return f" ({about(at - begun)} into the outage)" if begun else ""


def _too_many(timeline: Timeline) -> str:
    found = timeline.calls
    if found is None or not (rejected := int(found.rejected_by_rate.sum())):
        return ""
    part = share(rejected, int(found.offered.sum()))
    return f" {part[0].upper()}{part[1:]} of all calls are rejected because they exceed the licensed rate."


def _band(timeline: Timeline, band: Band) -> str:
    verdict = "calls allowed" if band.calls_allowed else "calls rejected"
    line = f"{stamp(band.start)}  {band.mode} for {about(band.end - band.start)} ({verdict}), {because(band)}"
    if band.mode != "AuthorizationExpired":
        return line
    # What the end of an authorization is counted from (E5).
    last = max((at for at in timeline.answers if at < band.start), default=None)
    return f"{line}, {about(band.start - last)} after the last answer of {stamp(last)}" if last else line


def calls(timeline: Timeline) -> Iterator[str]:
    """What became of the calls; nothing if the scenario has none."""
    found = timeline.calls
    if found is None:
        return
    offered, admitted = int(found.offered.sum()), int(found.admitted.sum())
    by_mode, by_rate = int(found.rejected_by_mode.sum()), int(found.rejected_by_rate.sum())
    if not offered:
        yield "No call was offered."
        return
    text = f"Of {offered:,} calls offered {admitted:,} ({share(admitted, offered)}) were admitted"
    yield f"{text}; {by_mode:,} were rejected by the mode and {by_rate:,} because they exceeded the licensed rate."
