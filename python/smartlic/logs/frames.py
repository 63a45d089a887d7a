"""A log as a pandas frame; times are aware UTC. Needs ``smartlic[frames]``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smartlic.extras import need
from smartlic.logs.failures import cause_of
from smartlic.logs.licences import compliance, licence_of

if TYPE_CHECKING:
    from smartlic._core import LogEntry
    from smartlic.logs.log import Log

__all__ = ["entries"]


def entries(log: Log) -> Any:
    """One row for each entry, in the log's order."""
    pandas = need("pandas", "frames")
    rows = [_row(log, each) for each in log.entries]
    frame = pandas.DataFrame(rows, columns=list(_row(log, None)))
    for name in ("at", "earliest", "latest", "start_date"):
        frame[name] = pandas.to_datetime(frame[name], utc=True)
    return frame


def _row(log: Log, each: LogEntry | None) -> dict[str, Any]:
    """The columns, of an entry; of none, their names."""
    licences = [licence_of(one) for one in each.entitlements] if each else []
    return {
        "at": each and each.at,
        "earliest": each and each.earliest,
        "latest": each and each.latest,
        "kind": each and each.kind,
        "source": each and log.sources[each.lines[0]],
        "line": each and each.lines[1],
        "run": each and each.run,
        "id_certificate": each and each.id_certificate,
        "requested": sum(one.count or 0 for one in licences) if licences else None,
        "cps": sum(one.cps or 0 for one in licences) if licences else None,
        "in_compliance": compliance(each.compliance_status) if each and each.compliance_status else None,
        "start_date": each and each.start_date,
        "expiry": each and each.expiry,
        "retry_interval": each and each.retry_interval,
        "skew": each and each.skew,
        "cause": cause_of(each.text).code if each and each.kind == "failure" else None,
        "text": each and each.text,
    }
