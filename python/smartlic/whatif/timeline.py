"""What a simulation found: every mode change with its cause, when calls are blocked and why, what became of calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from smartlic.errors import InputError
from smartlic.explain import ALLOWED
from smartlic.pictures.drawn import Drawn
from smartlic.times import instant, stamp
from smartlic.whatif import frames, words
from smartlic.whatif.deadlines import Deadline, deadlines_of

if TYPE_CHECKING:
    from smartlic import _core
    from smartlic.whatif.calls import Calls
    from smartlic.whatif.machine import SetBack
    from smartlic.whatif.scenario import Scenario

__all__ = ["TICK", "Band", "Timeline", "bands_of"]

TICK = timedelta(milliseconds=1)
"""The unit of licensing time: what happens a tick later happens at another instant (E3)."""


@dataclass(frozen=True)
class Band:
    """One interval [start, end) in one mode, and what led to it (the rules' word, a key of ``explain.CAUSES``)."""

    start: datetime
    end: datetime
    mode: str
    cause: str

    @property
    def calls_allowed(self) -> bool:
        """Whether the mode lets calls through."""
        return self.mode in ALLOWED


@dataclass(frozen=True)
class Timeline(Drawn):
    """A scenario's outcome over [start, end); times are aware UTC.

    bands: the modes, without gaps, from ``start`` on. events: all events (RULES E10), in their order. limit: licensed
    calls per second at the end (C1); None if nothing was ever requested. calls: what became of the scenario's traffic;
    None if it has none. status: ``Agent.status()`` at the end.
    """

    scenario: Scenario
    start: datetime
    end: datetime
    bands: tuple[Band, ...]
    events: tuple[_core.Event, ...] = field(repr=False)
    limit: int | None = None
    calls: Calls | None = field(default=None, repr=False)
    status: Mapping[str, Any] | None = field(default=None, repr=False)

    @property
    def blocked(self) -> tuple[Band, ...]:
        """The intervals in which calls are not allowed, and why."""
        return tuple(band for band in self.bands if not band.calls_allowed)

    @property
    def calls_stop(self) -> datetime | None:
        """The first instant at which calls stop; None if they never do."""
        return self.blocked[0].start if self.blocked else None

    @property
    def answers(self) -> tuple[datetime, ...]:
        """When the manager granted an authorization: the ``start_date`` of each answer (D2)."""
        return tuple(event.from_ for event in self.events if event.kind == "authorized" and event.from_ is not None)

    @property
    def refused(self) -> tuple[datetime, ...]:
        """When the manager refused something (M9)."""
        return tuple(event.at for event in self.events if event.kind in ("refused", "registration_failed"))

    @property
    def outages(self) -> tuple[tuple[datetime, datetime], ...]:
        """The scenario's outages, as far as they lie in the timeline."""
        return self._within(self.scenario.outages)

    @property
    def restarts(self) -> tuple[tuple[datetime, datetime], ...]:
        """When the machine is off, as far as that lies in the timeline."""
        return self._within(self.scenario.restarts)

    @property
    def refusals(self) -> tuple[tuple[datetime, datetime, str], ...]:
        """When the manager refuses, as far as that lies in the timeline, and the code; one act lasts to the end."""
        found = []
        for entry in self.scenario.refusals:
            for start, end in self._within([(entry["from"], entry.get("until", self.end))]):
                found.append((start, end, str(entry["code"])))
        return tuple(found)

    @property
    def clock_jumps(self) -> tuple[tuple[datetime, timedelta], ...]:
        """When the machine's wall clock was moved, and by how much."""
        jumps = ((entry["at"], entry["by"]) for entry in self.scenario.clock_jumps)
        return tuple((at, by) for at, by in jumps if self.start <= at < self.end)

    @property
    def restored(self) -> tuple[datetime, ...]:
        """When the machine was set back to a snapshot (M11)."""
        return tuple(entry["at"] for entry in self.scenario.restored if self.start <= entry["at"] < self.end)

    def _within(self, pairs: Iterable[tuple[Any, Any]]) -> tuple[tuple[datetime, datetime], ...]:
        times = ((instant(start), instant(end)) for start, end in pairs)
        return tuple((max(a, self.start), min(b, self.end)) for a, b in times if a < self.end and b > self.start)

    def mode_at(self, at: datetime) -> str:
        """The mode at an instant of the timeline; ``Disabled`` before it begins."""
        return next((band.mode for band in reversed(self.bands) if band.start <= at), "Disabled")

    def deadlines(self, at: str | date | datetime | None = None) -> tuple[Deadline, ...]:
        """What lies ahead, in its order, if nothing more is heard: at the end, or at another instant of the timeline.

        The scenario is lived up to ``at`` for it, so an answer is the agent's own. Raises ``InputError`` for an instant
        that is not within (start, end].
        """
        moment = self.end if at is None else instant(at)
        if not self.start < moment <= self.end:
            expected = f"expected a time after {stamp(self.start)}, and not after {stamp(self.end)}"
            raise InputError(f"at: {expected}, not {stamp(moment)}", "invalid_argument", "never")
        if moment != self.end:
            from smartlic.whatif.simulation import simulate

            return simulate(self.scenario, until=moment).deadlines()
        return deadlines_of(self.status, moment - TICK) if self.status else ()

    @property
    def answer(self) -> str:
        """One to three sentences: when calls stop, why, and when they come back."""
        return words.answer(self)

    @property
    def advice(self) -> str | None:
        """What would have kept calls going; None if they never stop."""
        return words.advice(self)

    def explain(self) -> str:
        """Sentences; the first answers when calls stop."""
        return words.explain(self)

    def to_dict(self) -> dict[str, Any]:
        """Plain types, for JSON."""
        return {
            "answer": self.answer,
            "advice": self.advice,
            "calls_stop": self.calls_stop,
            "start": self.start,
            "end": self.end,
            "limit_cps": self.limit,
            "bands": [
                {"start": b.start, "end": b.end, "mode": b.mode, "cause": b.cause, "calls_allowed": b.calls_allowed}
                for b in self.bands
            ],
            "calls": self.calls
            and {
                name: int(getattr(self.calls, name).sum())
                for name in ("offered", "admitted", "rejected_by_mode", "rejected_by_rate")
            },
            "deadlines": [{"at": each.at, "kind": each.kind} for each in self.deadlines()],
            "events": [event.to_dict() for event in self.events],
        }

    def to_frame(self) -> Any:
        """The bands as a pandas DataFrame (start, end, mode, cause, calls_allowed). Needs ``smartlic[frames]``."""
        return frames.bands(self)

    def events_frame(self) -> Any:
        """The events (E10) as a DataFrame indexed by time: kind, before, after, cause, code, from, to (or missing)."""
        return frames.events(self)

    def calls_frame(self) -> Any:
        """Calls in steps as a DataFrame indexed by the start of each: offered, admitted, rejected_by_mode,
        rejected_by_rate (calls), limit (calls per second at the step's end; missing while no rate is checked).

        Raises ``InputError`` if the scenario has no traffic.
        """
        return frames.calls(self)

    def to_svg(self) -> str:
        """The timeline as a picture: modes as bands, outages, answers, and the instant at which calls stop."""
        from smartlic.pictures.timeline import draw

        return draw(self)

    def __str__(self) -> str:
        return self.explain()


def bands_of(events: Iterable[_core.Event | SetBack], end: datetime) -> list[Band]:
    """The mode changes as intervals. Of several at one instant only the last one lasts."""
    changes: list[_core.Event | SetBack] = []
    for event in events:
        if event.kind != "mode_changed":
            continue
        while changes and changes[-1].at >= event.at:
            changes.pop()
        if not changes or changes[-1].after is not event.after:
            changes.append(event)
    ends = [change.at for change in changes[1:]] + [end]
    return [
        Band(change.at, over, change.after.name, change.cause or "none")
        for change, over in zip(changes, ends, strict=True)
        if change.after is not None
    ]
