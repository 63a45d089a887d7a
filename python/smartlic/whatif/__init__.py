"""What-if: a scenario in, a timeline out, by the real agent and the real manager on a virtual clock."""

from __future__ import annotations

from smartlic.whatif.scenario import EXAMPLE, Scenario
from smartlic.whatif.simulation import simulate
from smartlic.whatif.timeline import Band, Timeline, bands_of

__all__ = ["EXAMPLE", "Band", "Scenario", "Timeline", "bands_of", "simulate"]
