"""What-if: a scenario in, a timeline out, by the real agent and the real manager on a virtual clock."""

from __future__ import annotations

from smartlic.whatif.scenario import EXAMPLE, Scenario
from smartlic.whatif.simulate import simulate
from smartlic.whatif.timeline import Band, Timeline

__all__ = ["EXAMPLE", "Band", "Scenario", "Timeline", "simulate"]
