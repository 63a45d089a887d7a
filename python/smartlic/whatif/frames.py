"""A timeline as pandas frames; times are aware UTC. Needs ``smartlic[frames]``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smartlic.errors import InputError
from smartlic.extras import need

if TYPE_CHECKING:
    from smartlic.whatif.timeline import Timeline

__all__ = ["bands", "calls", "events"]

_COUNTS = ("offered", "admitted", "rejected_by_mode", "rejected_by_rate")


def bands(timeline: Timeline) -> Any:
    """One row for each band."""
    rows = [(band.start, band.end, band.mode, band.cause, band.calls_allowed) for band in timeline.bands]
    return need("pandas", "frames").DataFrame(rows, columns=["start", "end", "mode", "cause", "calls_allowed"])


def events(timeline: Timeline) -> Any:
    """One row for each event, indexed by its time."""
    rows = [
        {
            "at": event.at,
            "kind": event.kind,
            "before": event.before and event.before.name,
            "after": event.after and event.after.name,
            "cause": event.cause,
            "code": event.code,
            "from": event.from_,
            "to": event.to,
        }
        for event in timeline.events
    ]
    columns = ["at", "kind", "before", "after", "cause", "code", "from", "to"]
    return need("pandas", "frames").DataFrame(rows, columns=columns).set_index("at")


def calls(timeline: Timeline) -> Any:
    """One row for each step, indexed by its start. Raises ``InputError`` if there is no traffic."""
    pandas = need("pandas", "frames")
    found = timeline.calls
    if found is None:
        raise InputError("this scenario has no traffic: give it one, such as traffic=10", "not_found", "after_change")
    steps = pandas.date_range(found.start, periods=len(found.offered), freq=found.step, name="at")
    frame = pandas.DataFrame({name: getattr(found, name) for name in _COUNTS}, index=steps)
    frame["limit"] = pandas.Series(found.limit, index=steps, dtype="Int64").where(found.limit >= 0)
    return frame
