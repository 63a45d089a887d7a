"""The agent of one product instance: the driver over the sans-I/O core, and what it needs of the world."""

from __future__ import annotations

from smartlic import _core
from smartlic.agent.driver import Agent, AgentDriver
from smartlic.agent.ports import Clock, FolderStore, MemoryStore, NoAnswer, Store, SystemClock, Transport, VirtualClock
from smartlic.agent.transport import HttpTransport, Settings
from smartlic.jupyter import dress

__all__ = [
    "Agent",
    "AgentDriver",
    "Clock",
    "FolderStore",
    "HttpTransport",
    "MemoryStore",
    "NoAnswer",
    "Settings",
    "Store",
    "SystemClock",
    "Transport",
    "VirtualClock",
]

dress(_core)
