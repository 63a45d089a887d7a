"""Small fleets to which everything happens that can, for the tests of fleets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from smartlic import Fleet
from smartlic.whatif import fleet_run

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def in_small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pool is a part, as if it were large."""
    monkeypatch.setattr(fleet_run, "_DEVICE_DAYS", 1)


def small(**more: Any) -> Fleet:
    """Twelve pools of five; a year and a half with replacements, faults, purchases, traffic and an outage."""
    facts: dict[str, Any] = {
        "pools": 12,
        "devices": 5,
        "start": START,
        "until": "2027-07-01",
        "step": "2d",
        "requested": [1, 4],
        "purchased": [0.8, 1.2],
        "purchases": [{"at": "2026-10-01", "share": 0.2}],
        "outages": [("2026-06-01", "2026-08-20")],
        "manager_faults": {"between": "90d", "length": "2d"},
        "link_faults": {"between": "60d", "length": "6h"},
        "replaced_after": "400d",
        "traffic": [1, 30],
    }
    return Fleet(**{**facts, **more})
