"""What lies ahead of a device: the ends of its periods and its next request, from the agent's own status."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

__all__ = ["DEADLINES", "Deadline", "deadlines_of"]

DEADLINES = {
    "next_request": "next request to the manager",
    "certificate_renewal": "renewal of the ID certificate is due",
    "authorization_end": "authorization ends",
    "evaluation_end": "evaluation period ends",
    "certificate_end": "ID certificate ends",
}
"""What each kind of deadline is, as words."""


@dataclass(frozen=True)
class Deadline:
    """Something that comes by itself: ``at`` is aware UTC, ``kind`` a key of ``DEADLINES``."""

    at: datetime
    kind: str

    @property
    def words(self) -> str:
        """The kind as people say it."""
        return DEADLINES[self.kind]


def deadlines_of(status: Mapping[str, Any], now: datetime) -> tuple[Deadline, ...]:
    """The deadlines after ``now`` in their order, of an ``Agent.status()`` taken at the true time ``now``.

    The status is in licensing time; where the device's clock is wrong, both clocks go on at one pace, so what lies
    ahead is as far off on either (T1, T4). Ends that have passed stay passed (E2) and are not listed.
    """
    from smartlic.agent.status import next_request

    wrong: timedelta = status["licensing_time"] - now
    authorization, certificate = status["authorization"], status["certificate"]
    found = {
        "next_request": next_request(status),
        "certificate_renewal": certificate and certificate["renew_at"],
        "authorization_end": authorization and authorization["end"],
        "evaluation_end": status["evaluation"]["end"],
        "certificate_end": certificate and certificate["not_after"],
    }
    ahead = [Deadline(at - wrong, kind) for kind, at in found.items() if at is not None and at - wrong > now]
    return tuple(sorted(ahead, key=lambda deadline: deadline.at))
