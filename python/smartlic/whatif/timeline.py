"""What a simulation found: every mode change with its cause, when calls are blocked and why, and sentences about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartlic.explain import ALLOWED, CAUSES
from smartlic.times import about, show, stamp

if TYPE_CHECKING:
    from smartlic import _core
    from smartlic.whatif.scenario import Scenario

__all__ = ["Band", "Timeline"]


@dataclass(frozen=True)
class Band:
    """One interval [start, end) in one mode, and what led to it."""

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
    """A scenario's outcome; times are aware UTC."""

    scenario: Scenario
    start: datetime
    end: datetime
    bands: tuple[Band, ...]
    events: tuple[_core.Event, ...] = field(repr=False)
    limit: int | None = None

    @property
    def blocked(self) -> tuple[Band, ...]:
        """The intervals in which calls are not allowed, and why; before smart licensing is enabled not counted."""
        return tuple(band for band in self.bands if not band.calls_allowed)

    @property
    def calls_stop(self) -> datetime | None:
        """The first instant at which calls stop; None if they never do."""
        return self.blocked[0].start if self.blocked else None

    def mode_at(self, at: datetime) -> str:
        """The mode at an instant of the timeline."""
        return next((band.mode for band in self.bands if band.start <= at < band.end), self.bands[-1].mode)

    def explain(self) -> str:
        """Sentences; the first answers when calls stop."""
        lines = [self._answer()]
        for band in self.bands:
            verdict = "calls allowed" if band.calls_allowed else "calls rejected"
            why = f", because {CAUSES[band.cause]}" if band.cause in CAUSES else ""
            lines.append(f"{stamp(band.start)}  {band.mode} for {about(band.end - band.start)} ({verdict}){why}")
        return "\n".join(lines)

    def _answer(self) -> str:
        if not self.blocked:
            return f"Calls never stop until {stamp(self.end)}."
        first = self.blocked[0]
        blocked = sum((band.end - band.start for band in self.blocked), start=first.end - first.end)
        text = f"Calls stop {show(first.start, self.start)}: {first.mode}, because {CAUSES.get(first.cause, first.cause)}."
        if first.end < self.end:
            return f"{text} They come back {stamp(first.end)}; {about(blocked)} are lost in all."
        return f"{text} They do not come back until {stamp(self.end)}."

    def to_dict(self) -> dict[str, Any]:
        """Plain types, for JSON."""
        return {
            "answer": self._answer(),
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
        """The timeline as a picture: modes as bands, outages, and the instant at which calls stop."""
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
