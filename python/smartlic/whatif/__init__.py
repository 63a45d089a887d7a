"""What-if: a scenario in, a timeline out, by the real agent and the real manager on a virtual clock."""

from __future__ import annotations

from smartlic.whatif.comparison import Comparison, compare
from smartlic.whatif.deadlines import Deadline
from smartlic.whatif.fleet import FLEET_EXAMPLE, Fleet
from smartlic.whatif.fleet_outcome import FleetOutcome
from smartlic.whatif.questions import Return, Shortfall, latest_return, licences_until_compliant
from smartlic.whatif.scenario import EXAMPLE, Scenario
from smartlic.whatif.simulation import simulate
from smartlic.whatif.sweeps import MEASURES, Sweep, sweep
from smartlic.whatif.timeline import Band, Timeline, bands_of
from smartlic.whatif.vary import varied
from smartlic.whatif.window import explore_window, run_window

__all__ = [
    "EXAMPLE",
    "FLEET_EXAMPLE",
    "MEASURES",
    "Band",
    "Comparison",
    "Deadline",
    "Fleet",
    "FleetOutcome",
    "Return",
    "Scenario",
    "Shortfall",
    "Sweep",
    "Timeline",
    "bands_of",
    "compare",
    "explore_window",
    "latest_return",
    "licences_until_compliant",
    "run_window",
    "simulate",
    "sweep",
    "varied",
]
