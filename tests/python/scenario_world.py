"""What tests of scenarios share: one usual life with changes, and looks at its timeline."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from smartlic import Scenario, Timeline, simulate

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
TICK = timedelta(milliseconds=1)
TWO = {"CUSP-5": 2}
USUAL: dict[str, Any] = {"registered": "2026-01-02", "requested": TWO, "purchased": TWO, "until": "2026-04-01"}


def lived(**more: Any) -> Timeline:
    """The usual life with these fields in place of its own."""
    return simulate(Scenario(**{**USUAL, **more}))


def modes(timeline: Timeline) -> list[str]:
    """The modes in their order."""
    return [band.mode for band in timeline.bands]


def at(text: str) -> datetime:
    """A time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def of(timeline: Timeline, kind: str) -> list[Any]:
    """The events of one kind."""
    return [event for event in timeline.events if event.kind == kind]
