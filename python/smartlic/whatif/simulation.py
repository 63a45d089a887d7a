"""The what-if answer: the real agent, its real driver and the real manager, on a virtual clock (DESIGN 3).

Nothing here knows a rule of licensing. Time goes from one request of the agent to the next, so a year takes as long as
what happens in it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime

from smartlic.errors import InputError
from smartlic.times import instant
from smartlic.whatif.life import Life
from smartlic.whatif.order import LONGEST
from smartlic.whatif.reading import Moment
from smartlic.whatif.scenario import Scenario
from smartlic.whatif.timeline import Band, Timeline, bands_of
from smartlic.whatif.world import MemoryWorld, WorldOf

__all__ = ["simulate"]

_LIFE = 0.1  # the part of the work that is not traffic, if there is traffic


def simulate(
    scenario: Scenario,
    until: Moment | None = None,
    *,
    progress: Callable[[float], None] | None = None,
    world: WorldOf = MemoryWorld,
) -> Timeline:
    """Lives a scenario and tells what came of it. ``until`` replaces the scenario's own end.

    All entropy comes from the scenario's seed: two runs give the same timeline, though their keys differ. Latency is
    zero. Where the device's clock is wrong, bands and events are at their true times. progress: told now and then which
    fraction is done, up to 1. world: makes the manager; in this process, unless a test has another.

    Raises ``InputError`` for an ``until`` that is not within ten years after ``enabled``, and for traffic without NumPy
    or of too many calls; ``StateError`` for a deregistration or a registration that the state does not allow.
    """
    start = instant(scenario.enabled)
    end = instant(until if until is not None else scenario.until or start)
    if not start < end <= start + LONGEST:
        raise InputError("until: expected a time within ten years after 'enabled'", "invalid_argument", "never")
    told = progress or (lambda fraction: None)
    share = _LIFE if scenario.traffic is not None else 1.0
    life = Life(scenario, end, world, lambda fraction: told(share * fraction))
    life.live()
    bands = tuple(_from(start, band) for band in bands_of(life.machine.changes, end) if band.end > start)
    timeline = Timeline(
        scenario,
        start,
        end,
        bands,
        tuple(event for event in life.machine.events if event.at >= start),
        life.machine.limits[-1][1],
        status=life.status,
    )
    if scenario.traffic is not None:
        from smartlic.whatif.calls import decided

        blocked = [(band.start, band.end) for band in timeline.blocked]
        calls = decided(
            scenario.traffic,
            scenario.gate,
            (start, end),
            blocked,
            life.machine.limits,
            lambda fraction: told(share + (1 - share) * fraction),
        )
        timeline = dataclasses.replace(timeline, calls=calls)
    told(1.0)
    return timeline


def _from(start: datetime, band: Band) -> Band:
    return dataclasses.replace(band, start=max(band.start, start))
