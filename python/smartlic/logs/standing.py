"""What a device's own papers (a log, a `show license`) tell of its licence, and what follows from it by the rules.

A reader fills a ``Standing``; the answer in words and the scenario that begins there are the same whatever was read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

__all__ = ["AUTHORIZATION_PERIOD", "CERTIFICATE_LIFE", "EVALUATION_PERIOD", "Standing"]

AUTHORIZATION_PERIOD = timedelta(days=90)  # D3
EVALUATION_PERIOD = timedelta(days=90)  # S1
CERTIFICATE_LIFE = timedelta(days=360)  # S14


@dataclass(frozen=True)
class Standing:
    """A device's licence as far as it is known; None is always "not told". Times are aware UTC.

    seen: the latest time that the papers tell of. enabled, registered: whether smart licensing is enabled, and the
    product registered. authorized: the ``start_date`` of the last authorization; authorization_end: the end of its
    period; out_of_compliance: what it said. evaluation_left: what was left of the evaluation at ``seen``; evaluating:
    whether it was running. certificate, certificate_end: issuance and end of the ID certificate; renewal: when it is
    due for renewal. requested: what the last answered request was for (C1), by short name, or by the name it has where
    the catalogue has none; cps: the calls per second of that. next_request: when the device asks next. trouble: why the
    last request failed, in words; advice: what to do about that; refused: whether it was a refusal of the manager;
    silent: whether the manager was not heard of (E6). since: from when on the mode at ``seen`` has been, where that is
    told. concerns: what somebody should look at, in sentences.
    """

    seen: datetime | None = None
    enabled: bool | None = None
    registered: bool | None = None
    authorized: datetime | None = None
    authorization_end: datetime | None = None
    out_of_compliance: bool | None = None
    evaluation_left: timedelta | None = None
    evaluating: bool | None = None
    certificate: datetime | None = None
    certificate_end: datetime | None = None
    renewal: datetime | None = None
    requested: Mapping[str, int] = field(default_factory=dict)
    cps: int | None = None
    next_request: datetime | None = None
    trouble: str | None = None
    advice: str | None = None
    refused: bool = False
    silent: bool = False
    since: datetime | None = None
    concerns: tuple[str, ...] = ()
