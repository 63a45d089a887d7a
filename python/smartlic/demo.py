"""The whole story on one machine: a manager, a product, calls, and what happens if the manager stays away.

Everything is real (keys and certificates, signed messages over HTTPS on loopback, a kept ledger, admission decisions)
but the last step, which runs the same agent on from its saved state on a virtual clock.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from smartlic import _core
from smartlic._gate import CpsWindow, entropy
from smartlic.agent import Agent, AgentDriver, MemoryStore, NoAnswer, SystemClock, VirtualClock
from smartlic.errors import StateError, TransportError
from smartlic.explain import ALLOWED
from smartlic.manager import Manager
from smartlic.manager.service import Service
from smartlic.times import show, stamp
from smartlic.whatif import Scenario, Timeline, bands_of

__all__ = ["Outcome", "run"]

Say = Callable[[str, str], None]
SECOND = 1_000_000_000


@dataclass(frozen=True)
class Outcome:
    """What the demo found: when calls stop, for a product that was authorized and for one that never registered."""

    authorized_stop: datetime
    unregistered_stop: datetime
    offered: int
    admitted: int
    picture: Path


def run(folder: Path, picture: Path, say: Say) -> Outcome:
    """Plays the story in ``folder`` and writes the timeline to ``picture``; ``say`` is told each step in a sentence."""
    manager, _ = Manager.init(folder / "manager.db")
    with manager:
        manager.purchase("CUSP-5", 2)
        token = manager.create_token()
        say("manager", f"{manager.core.identity.manager} has its root and signing certificates; 2 x CUSP-5 purchased")
        with _serving(manager) as url:
            say("serve", f"devices are answered at {url}, TLS by the manager's own root")
            events: list[_core.Event] = []
            with Agent.open(folder / "agent") as agent:
                agent.on_event(events.append)
                offered, admitted = _live(agent, manager, url, token, say)
                device = _Alone(agent.store.load())
        say("outage", "the manager is cut off now; the same agent goes on from its saved state on a virtual clock")
    stop = device.run_until_calls_stop()
    say("stop", f"calls stop {show(stop, device.start)}: {device.driver.mode} (S5), {len(device.events)} events later")
    never = _Alone(_never_registered())
    never_stop = never.run_until_calls_stop()
    say("stop", f"a device that never registered: {show(never_stop, never.start)}: {never.driver.mode} (S4)")
    end = stop + timedelta(days=30)
    scenario = Scenario(enabled=events[0].at, outages=[(device.start, end)], until=end)
    bands = tuple(bands_of([*events, *device.events], end))
    timeline = Timeline(scenario, bands[0].start, end, bands, (*events, *device.events), device.driver.limit)
    timeline.plot(picture)
    return Outcome(stop, never_stop, offered, admitted, picture)


def _live(agent: Agent, manager: Manager, url: str, token: str, say: Say) -> tuple[int, int]:
    """The product's life while the manager is there."""
    agent.enable()
    say("enable", f"{agent.mode}: calls are allowed for 90 days (S1)")
    agent.configure(url=url)
    agent.register(trust=manager.trust_file, token=token)
    status = agent.status()
    say("register", f"instance {status['instance']}, ID certificate until {stamp(status['certificate']['not_after'])}")
    agent.request({"CUSP-5": 2})
    say("authorize", f"2 x CUSP-5 requested: {agent.mode}, {agent.limit} calls per second (S2, D8)")
    offered, admitted = _calls(agent.limit or 0, say)
    agent.request({"CUSP-5": 3})
    say(
        "request",
        f"3 x CUSP-5 requested, 2 purchased: {agent.mode}, calls still allowed, {agent.limit} per second (S3)",
    )
    return offered, admitted


def _calls(limit: int, say: Say) -> tuple[int, int]:
    """Twenty minutes of traffic against the window: below the limit, twice the limit, below again (S10)."""
    rates = [(8, 300), (2 * limit, 420), (8, 480)]
    arrivals: list[int] = []
    at = 0
    for rate, seconds in rates:
        arrivals += [at * SECOND + call * SECOND // rate for call in range(rate * seconds)]
        at += seconds
    admitted = [bool(each) for each in CpsWindow(limit=limit).replay(arrivals)]
    closed = next(time for time, ok in zip(arrivals, admitted, strict=True) if not ok)
    opened = next(time for time, ok in zip(arrivals, admitted, strict=True) if ok and time > closed)
    say(
        "calls",
        f"offered 8, {2 * limit}, 8 calls per second against {limit}: {len(arrivals)} calls, {sum(admitted)} admitted",
    )
    say("calls", f"the gate closes at {_clock(closed)} and opens at {_clock(opened)}, on the 30 s snapshots (S10)")
    return len(arrivals), sum(admitted)


def _clock(ns: int) -> str:
    minutes, seconds = divmod(ns // SECOND, 60)
    return f"{minutes} min {seconds:02d} s"


@contextmanager
def _serving(manager: Manager) -> Iterator[str]:
    service = Service(manager, port=0)
    started = threading.Event()
    thread = threading.Thread(target=service.run, args=(started.set,), kwargs={"signals": False}, daemon=True)
    thread.start()
    if not started.wait(timeout=30):
        raise TransportError("the manager's service did not start", "timed_out", "later")
    try:
        yield service.url
    finally:
        service.stop()
        thread.join(timeout=30)


class _Alone:
    """An agent from a saved state, on a virtual clock that begins where its own stopped, with nobody to ask."""

    def __init__(self, saved: bytes | None) -> None:
        if saved is None:
            raise StateError("the agent saved nothing", "not_found", "never")
        real = SystemClock().now()
        clock = VirtualClock(real.wall, boot=real.boot, boot_id=real.boot_id)
        core = _core.Agent.load(saved, seed=entropy(32), now=clock.now())
        self.clock = clock
        self.start = core.time(now=clock.now())
        self.events: list[_core.Event] = []
        self.driver = AgentDriver(core, clock=clock, store=MemoryStore(saved), transport=self)
        self.driver.on_event(self.events.append)

    def exchange(self, request: bytes, licensing_time: datetime) -> bytes:
        raise NoAnswer("unreachable", "the demo cut the manager off")

    def run_until_calls_stop(self) -> datetime:
        """Runs from deadline to deadline, and gives the instant of the last mode change."""
        while self.driver.mode in ALLOWED:
            gap = self.driver.tick() - self.driver.core.time(now=self.clock.now())
            self.clock.wait(max(gap, timedelta(milliseconds=1)))
        return next(event.at for event in reversed(self.events) if event.kind == "mode_changed")


def _never_registered() -> bytes | None:
    """The state of a product on which smart licensing was only enabled."""
    with Agent.open(":memory:") as agent:
        agent.enable()
        return agent.store.load()
