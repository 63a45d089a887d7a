"""How much is left of each period over a timeline: deadlines that come nearer, and move away with an answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from smartlic._gate import error_table
from smartlic.times import duration

if TYPE_CHECKING:
    from smartlic.whatif.timeline import Timeline

__all__ = ["Piece", "periods_left"]

Piece = tuple[datetime, timedelta, datetime, timedelta]
"""From one time to another, and what is left then; between them it falls evenly, or stays."""

_DROPS_REGISTRATION = {row["code"] for row in error_table() if row["effect"] == "drop_registration"}


def periods_left(timeline: Timeline) -> dict[str, list[Piece]]:
    """``authorization``, ``evaluation``, ``ID certificate``: their pieces in order; what never ran is left out.

    None of a machine that was set back (M11): no event tells what its snapshot had left.
    """
    if timeline.restored:
        return {}
    found = {
        "authorization": list(_pieces(_authorizations(timeline), timeline.end)),
        "evaluation": list(_evaluation(timeline)),
        "ID certificate": list(_pieces(_certificates(timeline), timeline.end)),
    }
    return {name: pieces for name, pieces in found.items() if pieces}


def _pieces(ends: Iterable[tuple[datetime, datetime | None]], over: datetime) -> Iterator[Piece]:
    """From when on which end holds, None for no more; as pieces that fall to that end or to the next change."""
    for (at, end), (until, _) in pairwise([*ends, (over, None)]):
        if end is not None and end > at:
            to = min(until, end)
            yield at, end - at, to, end - to


def _authorizations(timeline: Timeline) -> Iterator[tuple[datetime, datetime | None]]:
    """The end of the authorization that is held: a renewal in time moves an end that was the certificate's (E2)."""
    own = certificate = end = None
    period, begun = _policy(timeline, "authorization"), timeline.scenario.start or {}
    if "authorized" in begun:
        own = begun["authorized"] + period
        certificate = begun["certificate"] + _policy(timeline, "certificate")
        end = min(own, certificate)
        yield timeline.start, end
    for event in timeline.events:
        if event.kind == "authorized" and event.to and event.from_:
            own, end = event.from_ + period, event.to
            yield event.at, end
        elif event.kind == "certificate_renewed" and event.to:
            if end is not None and end == certificate and own is not None and event.at < end:
                end = min(own, event.to)
                yield event.at, end
        elif event.kind == "mode_changed" and event.cause in ("refused", "deregistered"):
            end = None
            yield event.at, None
        if event.kind in ("registered", "certificate_renewed"):
            certificate = event.to


def _policy(timeline: Timeline, name: str) -> timedelta:
    return duration(getattr(timeline.scenario.policy, name))


def _certificates(timeline: Timeline) -> Iterator[tuple[datetime, datetime | None]]:
    begun = timeline.scenario.start or {}
    if "certificate" in begun:
        yield timeline.start, begun["certificate"] + _policy(timeline, "certificate")
    for event in timeline.events:
        if event.kind in ("registered", "certificate_renewed"):
            yield event.at, event.to
        elif event.kind == "deregistered" or (event.kind == "refused" and event.code in _DROPS_REGISTRATION):
            yield event.at, None


def _evaluation(timeline: Timeline) -> Iterator[Piece]:
    """It runs in Eval alone (E4); reckoned back from what the agent says is used at the end."""
    if not timeline.status:
        return
    evaluation = timeline.status["evaluation"]
    bands = [band for band in timeline.bands if band.mode == "Eval"]
    looked = timeline.end - timedelta(milliseconds=1)  # the status is of the last instant before the end (E3)
    used = sum((min(band.end, looked) - band.start for band in bands), timedelta(0))
    left = evaluation["period"] - evaluation["used"] + used
    for band in bands:
        yield band.start, left, band.end, left - (band.end - band.start)
        left -= band.end - band.start
