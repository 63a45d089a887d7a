"""What a simulation found: every mode change with its cause, when calls are blocked and why, and sentences about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartlic.explain import ALLOWED, CAUSES
from smartlic.times import about, instant, stamp

if TYPE_CHECKING:
    from smartlic import _core
    from smartlic.whatif.scenario import Scenario

__all__ = ["Band", "Timeline", "bands_of"]


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
class Timeline:
    """A scenario's outcome over [start, end); times are aware UTC.

    bands: the modes, without gaps, from ``start`` on. events: all events (RULES E10), in their order. limit: licensed
    calls per second at the end (C1); None if nothing was ever requested.
    """

    scenario: Scenario
    start: datetime
    end: datetime
    bands: tuple[Band, ...]
    events: tuple[_core.Event, ...] = field(repr=False)
    limit: int | None = None

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
    def outages(self) -> tuple[tuple[datetime, datetime], ...]:
        """The scenario's outages, as far as they lie in the timeline."""
        pairs = ((instant(start), instant(end)) for start, end in self.scenario.outages)
        return tuple((max(a, self.start), min(b, self.end)) for a, b in pairs if a < self.end and b > self.start)

    def mode_at(self, at: datetime) -> str:
        """The mode at an instant of the timeline; ``Disabled`` before it begins."""
        return next((band.mode for band in reversed(self.bands) if band.start <= at), "Disabled")

    @property
    def answer(self) -> str:
        """One sentence or two: when calls stop, why, and when they come back."""
        if not self.blocked:
            return f"Calls never stop, up to {stamp(self.end)}, where the scenario ends."
        first, last = self.blocked[0], self.blocked[-1]
        text = f"Calls stop {stamp(first.start)}{self._into_outage(first.start)}: {first.mode}, {_because(first)}."
        total = sum((band.end - band.start for band in self.blocked), start=timedelta(0))
        if last.end >= self.end and first is last:
            return f"{text} They have not come back by {stamp(self.end)}, where the scenario ends."
        back = f"They come back {stamp(first.end)}"
        if first is last:
            return f"{text} {back}, after {about(total)}."
        return f"{text} {back}; they stop {len(self.blocked)} times, for {about(total)} in all."

    def _into_outage(self, at: datetime) -> str:
        begun = next((start for start, end in self.outages if start < at <= end), None)
        return f" ({about(at - begun)} into the outage)" if begun else ""

    def _last_answer(self, band: Band) -> str:
        """What the end of an authorization is counted from (E5)."""
        if band.mode != "AuthorizationExpired":
            return ""
        last = max((at for at in self.answers if at < band.start), default=None)
        return f", {about(band.start - last)} after the last answer of {stamp(last)}" if last else ""

    @property
    def advice(self) -> str | None:
        """What would have kept calls going; None if they never stop."""
        if not self.blocked:
            return None
        first = self.blocked[0]
        before = f"before {stamp(first.start)}"
        if first.mode == "AuthorizationExpired":
            return (
                f"One answer of the manager {before} keeps calls going for 90 days more. Without a network it can be "
                "carried by hand: smartlic agent export-request"
            )
        if self.scenario.registered is None:
            return f"Register the product and request licences {before}; the evaluation period is not given back."
        return f"Keep the product registered and authorized {before}; the evaluation period is not given back."

    def explain(self) -> str:
        """Sentences; the first answers when calls stop."""
        lines = [self.answer]
        for band in self.bands:
            verdict = "calls allowed" if band.calls_allowed else "calls rejected"
            length = about(band.end - band.start)
            line = f"{stamp(band.start)}  {band.mode} for {length} ({verdict}), {_because(band)}"
            lines.append(line + self._last_answer(band))
        if self.advice:
            lines.append(f"To do: {self.advice}")
        return "\n".join(lines)

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
            "events": [event.to_dict() for event in self.events],
        }

    def to_frame(self) -> Any:
        """The bands as a pandas DataFrame (start, end, mode, cause, calls_allowed). Needs ``smartlic[frames]``."""
        from smartlic.extras import need

        pandas = need("pandas", "frames")
        return pandas.DataFrame(self.to_dict()["bands"])

    def to_svg(self) -> str:
        """The timeline as a picture: modes as bands, outages, answers, and the instant at which calls stop."""
        from smartlic.pictures.timeline import draw

        return draw(self)

    def plot(self, path: str | Path | None = None) -> str | Path:
        """Writes the picture to ``path`` and gives the path back; without one gives the SVG text."""
        if path is None:
            return self.to_svg()
        Path(path).write_text(self.to_svg(), encoding="utf-8")
        return path

    def _repr_html_(self) -> str:
        return self.to_svg()

    def __str__(self) -> str:
        return self.explain()


def bands_of(events: Iterable[_core.Event], end: datetime) -> list[Band]:
    """The mode changes as intervals. Of several at one instant only the last one lasts."""
    changes: list[_core.Event] = []
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


def _because(band: Band) -> str:
    return f"because {CAUSES[band.cause]}"
