"""Questions as one call each. Every answer is found by living scenarios, and proved by living its two neighbours."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from smartlic.errors import InputError
from smartlic.times import about, duration, instant, stamp
from smartlic.whatif.policy import Policy
from smartlic.whatif.scenario import Scenario
from smartlic.whatif.simulation import simulate
from smartlic.whatif.timeline import TICK, Timeline

if TYPE_CHECKING:
    from smartlic._core import Event

__all__ = ["Return", "Shortfall", "latest_return", "licences_until_compliant"]

_HEARD = ("authorized", "registered", "communication_restored", "certificate_renewed", "refused")


@dataclass(frozen=True)
class Return:
    """When the manager has to be back; times are aware UTC.

    since: when it goes away. stop: when calls stop if it stays away; None if they do not, up to ``until``. at: the
    latest moment to be back so that calls never stop, to the millisecond, for this scenario's seed: the device's last
    retry before ``stop``; None if there is none, or none is needed. answered: the last answer before ``since``. safe: a
    moment that is early enough however the device's requests after that answer fall (E8): any two are at most
    ``retry_max`` apart, and the first comes long enough before; None if that is not certain, as where the machine is
    off or anything but the end of the authorization stops calls.
    stays_away, in_time, late: the lives with the manager back never, at ``at``, and one millisecond later.
    """

    since: datetime
    until: datetime
    stop: datetime | None
    at: datetime | None
    answered: datetime | None
    safe: datetime | None
    stays_away: Timeline = field(repr=False)
    in_time: Timeline | None = field(default=None, repr=False)
    late: Timeline | None = field(default=None, repr=False)

    @property
    def answer(self) -> str:
        """One sentence."""
        away = f"goes away {stamp(self.since)}"
        if self.stop is None:
            return f"The manager need not be back: it {away}, and calls still run at {stamp(self.until)}."
        if self.at is None:
            return f"No return of the manager prevents it: it {away}, and calls stop {stamp(self.stop)} all the same."
        return f"The manager has to be back by {stamp(self.at)}, {about(self.at - self.since)} after it {away}."

    def explain(self) -> str:
        """The answer, what it rests on, and what to do."""
        lines = [self.answer]
        if self.at is not None and self.stop is not None:
            lines.append(
                f"That is the device's last request before calls stop {stamp(self.stop)}; with the manager back one "
                "millisecond later they do stop. Both were lived."
            )
            lines.append("It depends on when this device's retries fall (E8); another seed has other ones.")
        if self.safe is not None and self.answered is not None:
            lines.append(
                f"To do: have it back by {stamp(self.safe)}, which is early enough however the requests after the last "
                f"answer, {stamp(self.answered)}, fall."
            )
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Plain types, for JSON."""
        names = ("answer", "since", "until", "stop", "at", "answered", "safe")
        return {name: getattr(self, name) for name in names}

    def __str__(self) -> str:
        return self.explain()


def latest_return(
    scenario: Scenario,
    outage: int | None = None,
    *,
    away: str | date | datetime | None = None,
    progress: Callable[[int], None] | None = None,
) -> Return:
    """The latest moment the manager has to be back so that calls never stop.

    outage: the number of the outage that is asked about; by default the one in which calls stop, else the last. Later
    ones are left out, and stops before it are not counted. away: asks about an outage that begins then instead.
    progress: told how many lives were lived.

    Raises ``InputError`` if there is no such outage, and if calls are stopped when it begins.
    """
    scenario = replace(scenario, traffic=None)  # no call changes a licence
    before, since = _asked(scenario, outage, away)
    lives = _Lives(scenario, before, since, progress)
    end = instant(scenario.until or since)
    stays_away = lives(max(end, since + TICK))
    if any(band.start <= since < band.end for band in stays_away.blocked):
        gone = f"calls are stopped already when the manager goes away {stamp(since)}"
        raise InputError(gone, "invalid_argument", "after_change")
    stop = lives.stop(stays_away)
    before_start = (scenario.start or {}).get("authorized")
    answered = max((at for at in stays_away.answers if at < since), default=before_start)
    if stop is None:
        return Return(since, end, None, None, answered, None, stays_away)
    first = since.replace(microsecond=since.microsecond // 1000 * 1000) + TICK
    if lives.stop(lives(first)):
        return Return(since, end, stop, None, answered, None, stays_away)
    guess = stop - duration(cast(Policy, scenario.policy).retry_max)
    at, in_time, late = _boundary(lives, first, stop + TICK, max(guess, first))
    safe = guess if first <= guess <= at and answered and _asks_by(guess, answered, stays_away) else None
    return Return(since, end, stop, at, answered, safe, stays_away, in_time, late)


def _asks_by(latest: datetime, answered: datetime, stays_away: Timeline) -> bool:
    """Whether the first request after ``answered`` comes by ``latest`` for certain, and only silence stops calls."""
    scenario, policy = stays_away.scenario, cast(Policy, stays_away.scenario.policy)
    stop = next(band for band in stays_away.blocked if band.start > answered)
    asks = max(duration(policy.retry_in_compliance), duration(policy.retry_out_of_compliance))
    more_happens = (
        scenario.restarts,
        scenario.clock_jumps,
        scenario.restored,
        scenario.refusals,
        scenario.disabled,
        scenario.deregistered,
        scenario.registered_again,
        scenario.root_swap,
    )
    return stop.cause == "authorization_ended" and answered + asks <= latest and not any(more_happens)


class _Lives:
    """Lives of a scenario in which the manager goes away at ``since`` and is back at a time that is called with."""

    def __init__(
        self,
        scenario: Scenario,
        before: Sequence[tuple[datetime, datetime]],
        since: datetime,
        progress: Callable[[int], None] | None,
    ) -> None:
        self._scenario, self._before, self._since = scenario, before, since
        self._progress = progress
        self._count = 0

    def __call__(self, back: datetime) -> Timeline:
        timeline = simulate(replace(self._scenario, outages=[*self._before, (self._since, back)]))
        self._count += 1
        if self._progress:
            self._progress(self._count)
        return timeline

    def stop(self, timeline: Timeline) -> datetime | None:
        """When calls stop after the manager went away."""
        return next((band.start for band in timeline.blocked if band.start > self._since), None)


def _asked(
    scenario: Scenario, outage: int | None, away: str | date | datetime | None
) -> tuple[list[tuple[datetime, datetime]], datetime]:
    """The outages before the one that is asked about, and when that begins."""
    outages = sorted((instant(start), instant(end)) for start, end in scenario.outages)
    if away is None:
        if not outages:
            raise InputError(
                "the scenario has no outage; say since when: away='2026-03-01'", "not_found", "after_change"
            )
        if outage is None:
            stop = simulate(scenario).calls_stop or instant(scenario.until or outages[-1][1])
            outage = max((n for n, (start, _) in enumerate(outages) if start < stop), default=0)
        if not 0 <= outage < len(outages):
            raise InputError(f"outage: expected 0 to {len(outages) - 1}, not {outage}", "invalid_argument", "never")
        return outages[:outage], outages[outage][0]
    since = instant(away)
    return [each for each in outages if each[0] < since], since


def _boundary(lives: _Lives, good: datetime, bad: datetime, guess: datetime) -> tuple[datetime, Timeline, Timeline]:
    """The last moment that is in time, between one that is and one that is not; and the lives at it and a tick later.

    By halving; and as a life in time also says when the device was heard first, nearly all of it is leapt over.
    """
    in_time = late = None
    trial = guess
    while bad - good > TICK:
        trial = min(max(trial, good + TICK), bad - TICK)
        timeline = lives(trial)
        if lives.stop(timeline):
            bad, late = trial, timeline
            trial = good + (bad - good) // TICK // 2 * TICK
        else:
            good, in_time = trial, timeline
            heard = (event.at for event in timeline.events if event.kind in _HEARD and event.at >= trial)
            trial = max(min(heard, default=trial), trial + TICK)
    return good, in_time or lives(good), late or lives(bad)


@dataclass(frozen=True)
class Shortfall:
    """How many licences are missing. more: short tag to the least number that has to be purchased besides, for the
    whole scenario, so that no answer of the manager is OutOfCompliance; a tag of which none is missing is left out.
    None: no number does it, or the manager grants nothing, so nobody can tell. compliant: the life with them; with
    plenty if there is no such number.
    """

    more: Mapping[str, int] | None
    compliant: Timeline = field(repr=False)

    @property
    def answer(self) -> str:
        """One sentence."""
        end = stamp(self.compliant.end)
        if self.more is None:
            if not _grants(self.compliant):
                return f"Nobody can tell whether licences are missing: the manager grants nothing, up to {end}."
            return f"No number of licences more keeps the product from being OutOfCompliance, up to {end}."
        if not self.more:
            if not _all_answered(self.compliant):
                return f"No answer of the manager is OutOfCompliance, up to {end}; but not every request has one."
            return f"No licence is missing: no answer of the manager is OutOfCompliance, up to {end}."
        needed = " and ".join(f"{count:,} more {tag}" for tag, count in self.more.items())
        return (
            f"{needed} {'makes' if [*self.more.values()] == [1] else 'make'} the product compliant; one fewer does not."
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain types, for JSON."""
        return {"answer": self.answer, "more": self.more if self.more is None else dict(self.more)}

    def __str__(self) -> str:
        return self.answer


def licences_until_compliant(scenario: Scenario, *, progress: Callable[[int], None] | None = None) -> Shortfall:
    """How many licences more until no answer is OutOfCompliance (P2). progress: told how many lives were lived.

    Tags do not stand in for each other, so each is asked about with enough of all others. What was granted before the
    scenario's start is not counted, as nothing that is purchased later changes it.
    """
    scenario = replace(scenario, traffic=None)  # no call changes a licence
    peak = _peak(scenario)
    # Instances that are given up without a word keep what they were granted, so each registration may need its own.
    registrations = 1 + len(scenario.registered_again) + (scenario.start is not None)
    most = {tag: count * registrations for tag, count in peak.items()}
    lives = 0

    def lived(more: Mapping[str, int]) -> Timeline:
        nonlocal lives
        timeline = simulate(_purchased_besides(scenario, more))
        lives += 1
        if progress:
            progress(lives)
        return timeline

    def enough(tag: str, count: int) -> bool:
        return _complies(lived({**most, tag: count}))

    plenty = lived(most)
    if not _complies(plenty) or (most and not _grants(plenty)):
        return Shortfall(None, plenty)
    needed = {tag: _least(partial(enough, tag), _missing(scenario, tag, peak[tag]), most[tag]) for tag in most}
    more = {tag: count for tag, count in needed.items() if count}
    return Shortfall(more, lived(more))


def _grants(timeline: Timeline) -> list[Event]:
    """What the manager granted since the scenario's start."""
    before = (timeline.scenario.start or {}).get("authorized")
    return [
        event
        for event in timeline.events
        if event.kind == "authorized" and (before is None or (event.from_ is not None and event.from_ > before))
    ]


def _complies(timeline: Timeline) -> bool:
    return all(event.after is None or event.after.name != "OutOfCompliance" for event in _grants(timeline))


def _all_answered(timeline: Timeline) -> bool:
    """Whether something was granted while each of the requests stood."""
    requests = [(max(at, timeline.start), counts) for at, counts in timeline.scenario.requests]
    ends = [at for at, _ in requests[1:]] + [timeline.end]
    granted = [event.at for event in _grants(timeline)]
    return all(
        not counts or any(at <= grant < end for grant in granted)
        for (at, counts), end in zip(requests, ends, strict=True)
    )


def _least(enough: Callable[[int], bool], guess: int, most: int) -> int:
    """The least count that is enough, up to ``most``, which is: by a guess, its neighbour, and halving."""
    too_few = -1
    trials = [guess - 1, guess]
    while most - too_few > 1:
        trial = trials.pop() if trials else (too_few + most) // 2
        if not too_few < trial < most:
            continue
        if enough(trial):
            most = trial
        else:
            too_few = trial
    return most


def _peak(scenario: Scenario) -> dict[str, int]:
    """Of each requested tag the largest count: with so many licences more it is in compliance for certain."""
    found: dict[str, int] = {}
    for _, counts in scenario.requests:
        for tag, count in counts.items():
            found[tag] = max(count, found.get(tag, 0))
    return found


def _missing(scenario: Scenario, tag: str, peak: int) -> int:
    """What a look at the scenario suggests."""
    held = sum(count for name, count, start, end in scenario.purchases if name == tag and start is end is None)
    return max(0, peak - held)


def _purchased_besides(scenario: Scenario, more: Mapping[str, int]) -> Scenario:
    purchased = scenario.purchased
    entries = [purchased] if isinstance(purchased, Mapping) else [*purchased]
    bought = {tag: count for tag, count in more.items() if count}
    return replace(scenario, purchased=[entry for entry in (*entries, bought) if entry])
