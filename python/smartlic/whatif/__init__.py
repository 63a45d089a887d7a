"""What-if: a scenario in, a timeline out, by the real agent and the real manager on a virtual clock."""

from __future__ import annotations

from smartlic.whatif.calls import Calls
from smartlic.whatif.comparison import Comparison, compare
from smartlic.whatif.deadlines import Deadline
from smartlic.whatif.fleet import FLEET_EXAMPLE, Fleet
from smartlic.whatif.fleet_outcome import FleetOutcome
from smartlic.whatif.fleet_questions import JitterComparison, Risk, compare_jitter, risk
from smartlic.whatif.policy import Policy
from smartlic.whatif.questions import Return, Shortfall, latest_return, licences_until_compliant
from smartlic.whatif.scenario import EXAMPLE, Scenario
from smartlic.whatif.simulation import simulate
from smartlic.whatif.sweeps import MEASURES, Sweep, sweep
from smartlic.whatif.timeline import Band, Timeline, bands_of
from smartlic.whatif.traffic import Traffic
from smartlic.whatif.vary import varied
from smartlic.whatif.window import explore_window, run_window

__all__ = [
    "EXAMPLE",
    "FLEET_EXAMPLE",
    "MEASURES",
    "Band",
    "Calls",
    "Comparison",
    "Deadline",
    "Fleet",
    "FleetOutcome",
    "JitterComparison",
    "Policy",
    "Return",
    "Risk",
    "Scenario",
    "Shortfall",
    "Sweep",
    "Timeline",
    "Traffic",
    "bands_of",
    "compare",
    "compare_jitter",
    "explore_window",
    "latest_return",
    "licences_until_compliant",
    "risk",
    "run_window",
    "simulate",
    "sweep",
    "varied",
]
