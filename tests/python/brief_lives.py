"""Scenarios of a few weeks with short periods, so that tests can live them by the dozen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from smartlic import Scenario

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
TICK = timedelta(milliseconds=1)
START = datetime(2026, 1, 1, tzinfo=UTC)

POLICY = {"authorization": "3d", "retry_in_compliance": "1d", "retry_base": "10m", "retry_max": "2h"}


def brief(policy: dict[str, Any] | None = None, **more: Any) -> Scenario:
    """Registered from the start, authorized for three days at a time; the manager is away from 5 to 12 January."""
    facts: dict[str, Any] = {
        "enabled": START,
        "registered": START,
        "requested": {"CUSP-5": 2},
        "purchased": {"CUSP-5": 2},
        "outages": [("2026-01-05T12:00", "2026-01-12")],
        "until": "2026-01-20",
    }
    return Scenario(policy=POLICY | (policy or {}), **{**facts, **more})


def at(text: str) -> datetime:
    """``05T12:30``: a time in January."""
    return datetime.fromisoformat(f"2026-01-{text}").replace(tzinfo=UTC)
