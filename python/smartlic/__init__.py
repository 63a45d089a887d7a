"""Licensing by capacity: agent, manager, admission gate, what-if simulation, log analysis.

::

    import smartlic as sl

    s = sl.Scenario(enabled="2026-01-01", registered="2026-01-02", requested={"CUSP-5": 2}, purchased={"CUSP-5": 2},
                    outages=[("2026-03-01", "2026-07-01")])
    t = sl.simulate(s, until="2027-01-01")
    print(t.explain())
    print(sl.latest_return(s))               # also licences_until_compliant, compare, sweep

    print(sl.Fleet(pools=100, devices=100, outages=[("2026-06-01", "2026-08-20")]).run().explain())

    agent = sl.Agent.open("agent/")          # the real clock, network and files
    manager = sl.Manager.open("manager.db")  # or ":memory:"
    sl.CpsWindow(limit=10).replay(arrivals)  # which calls would have been admitted
    print(sl.read_log("sml.log").explain())  # also read_show, for what `show license` prints
    sl.core                                  # the sans-I/O types: time is always an argument

Names are loaded when they are first used, so the import is quick: no NumPy, no TLS until needed.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from smartlic.errors import InputError, SmartlicError, StateError, StorageError, TransportError, TrustError

if TYPE_CHECKING:
    from smartlic import core as core
    from smartlic._gate import CpsWindow as CpsWindow
    from smartlic._gate import Decision as Decision
    from smartlic._gate import Gate as Gate
    from smartlic._gate import GateFile as GateFile
    from smartlic._gate import GateObserver as GateObserver
    from smartlic._gate import Mode as Mode
    from smartlic.agent import Agent as Agent
    from smartlic.logs import Log as Log
    from smartlic.logs import Show as Show
    from smartlic.logs import read_log as read_log
    from smartlic.logs import read_show as read_show
    from smartlic.manager import Manager as Manager
    from smartlic.whatif import Fleet as Fleet
    from smartlic.whatif import Scenario as Scenario
    from smartlic.whatif import Timeline as Timeline
    from smartlic.whatif import compare as compare
    from smartlic.whatif import explore_window as explore_window
    from smartlic.whatif import latest_return as latest_return
    from smartlic.whatif import licences_until_compliant as licences_until_compliant
    from smartlic.whatif import simulate as simulate
    from smartlic.whatif import sweep as sweep

__version__ = "0.1.0"

_HOMES = {
    "Agent": "smartlic.agent",
    "CpsWindow": "smartlic._gate",
    "Decision": "smartlic._gate",
    "Fleet": "smartlic.whatif",
    "Gate": "smartlic._gate",
    "GateFile": "smartlic._gate",
    "GateObserver": "smartlic._gate",
    "Log": "smartlic.logs",
    "Manager": "smartlic.manager",
    "Mode": "smartlic._gate",
    "Scenario": "smartlic.whatif",
    "Show": "smartlic.logs",
    "Timeline": "smartlic.whatif",
    "compare": "smartlic.whatif",
    "explore_window": "smartlic.whatif",
    "latest_return": "smartlic.whatif",
    "licences_until_compliant": "smartlic.whatif",
    "read_log": "smartlic.logs",
    "read_show": "smartlic.logs",
    "simulate": "smartlic.whatif",
    "sweep": "smartlic.whatif",
}

__all__ = [
    "Agent",
    "CpsWindow",
    "Decision",
    "Fleet",
    "Gate",
    "GateFile",
    "GateObserver",
    "InputError",
    "Log",
    "Manager",
    "Mode",
    "Scenario",
    "Show",
    "SmartlicError",
    "StateError",
    "StorageError",
    "Timeline",
    "TransportError",
    "TrustError",
    "compare",
    "core",
    "explore_window",
    "latest_return",
    "licences_until_compliant",
    "read_log",
    "read_show",
    "simulate",
    "sweep",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its home on first use (PEP 562)."""
    if name == "core":
        return importlib.import_module("smartlic.core")
    if name not in _HOMES:
        raise AttributeError(f"module 'smartlic' has no attribute {name!r}")
    home = importlib.import_module(_HOMES[name])
    if _HOMES[name] == "smartlic._gate":
        importlib.import_module("smartlic.jupyter").dress(home)
    value = getattr(home, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
