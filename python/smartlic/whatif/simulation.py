"""The what-if answer: the real agent, its real driver and the real manager, on a virtual clock (DESIGN 3).

Nothing here knows a rule of licensing. Time goes from one deadline of the agent to the next, so a year takes as long as
what happens in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from smartlic import _core
from smartlic.agent.driver import PRODUCT_ID, SOFTWARE_TAG, AgentDriver
from smartlic.agent.ports import MemoryStore, NoAnswer, VirtualClock
from smartlic.errors import InputError
from smartlic.times import instant
from smartlic.whatif.scenario import LONGEST, Moment, Scenario
from smartlic.whatif.timeline import Timeline, bands_of

__all__ = ["simulate"]

_ACCOUNT = "default"
_TICK = timedelta(milliseconds=1)


def simulate(scenario: Scenario, until: Moment | None = None) -> Timeline:
    """Lives a scenario and tells what came of it. ``until`` replaces the scenario's own end.

    All entropy comes from the scenario's seed: two runs give the same timeline, though their keys differ. Latency is
    zero and the device's clock is right. Raises ``InputError`` for an ``until`` that is not within ten years after
    ``enabled``, and ``StateError`` for a deregistration while no registration is held.
    """
    start = instant(scenario.enabled)
    end = instant(until if until is not None else scenario.until or start)
    if not start < end <= start + LONGEST:
        raise InputError("until: expected a time within ten years after 'enabled'", "invalid_argument", "never")
    clock = VirtualClock(start)
    manager = _Manager(scenario, clock)
    device = AgentDriver(_product(scenario, clock), clock=clock, store=MemoryStore(), transport=manager)
    events: list[_core.Event] = []
    device.on_event(events.append)
    for at, act in _actions(scenario, device, manager):
        if at < end:
            _live(device, clock, at)
            act()
    _live(device, clock, end)
    found = tuple(bands_of(events, end)), tuple(events), device.limit
    return Timeline(scenario, start, end, *found, status=device.core.status())


class _Manager:
    """The ``Transport`` of the driver, and the manager behind it, which the scenario's outages put out of reach."""

    def __init__(self, scenario: Scenario, clock: VirtualClock) -> None:
        self._clock = clock
        self._outages = [(instant(start), instant(end)) for start, end in scenario.outages]
        self._seed = scenario.seed
        authority = _core.new_authority(_core.Entropy(_entropy(scenario, "authority")), now=clock.time)
        self.trust = authority.trust.encode()
        self._root = authority.root
        self._core = _core.Manager(authority.identity, seed=_entropy(scenario, "manager"))
        self._ledger = _core.MemoryLedger(_ACCOUNT)
        self._stock(scenario)
        token = _core.make_token(_core.Entropy(_entropy(scenario, "token")), virtual_account=_ACCOUNT)
        self._ledger.add_token(token.record, at=clock.time)
        self.token = token.text

    def exchange(self, request: bytes, licensing_time: datetime) -> bytes:
        """One request and its answer, without delay. Raises ``NoAnswer`` in an outage."""
        now = self._clock.time
        if any(start <= now < end for start, end in self._outages):
            raise NoAnswer("unreachable", "an outage of the scenario")
        self._keep_signing(now)
        status, body = self._ledger.serve(self._core, request, now=now)
        if status != 200:
            raise NoAnswer("http_status", f"HTTP status {status}")
        return bytes(body)

    def _stock(self, scenario: Scenario) -> None:
        """Fills catalogue and account: a known tag with nothing purchased is OutOfCompliance, not denied (M9)."""
        catalogue, now = _core.Catalogue(), self._clock.time
        for name in {*scenario.requested, *scenario.purchased}:
            self._ledger.add_tag(catalogue.resolve(name).tag, at=now)
        for name, count in scenario.purchased.items():
            self._ledger.purchase(_ACCOUNT, catalogue.resolve(name).tag, count, start=now, at=now)

    def _keep_signing(self, now: datetime) -> None:
        """Its operator rotates the signing certificate in time (M6)."""
        identity = self._core.identity
        if _core.signing_due_for_rotation(identity.signing.certificate, now=now):
            identity = _core.rotate_signing(self._root, identity, now=now)
            self._core = _core.Manager(identity, seed=_digest(f"{self._seed} manager {now}"))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _entropy(scenario: Scenario, purpose: str) -> bytes:
    return _digest(f"{scenario.seed} {purpose}")


def _product(scenario: Scenario, clock: VirtualClock) -> _core.Agent:
    serial = _core.random_serial(_core.Entropy(_entropy(scenario, "serial")))
    return _core.Agent.create(
        udi=_core.Udi(PRODUCT_ID, serial),
        software_tag=SOFTWARE_TAG,
        seed=_entropy(scenario, "agent"),
        now=clock.now(),
    )


def _actions(
    scenario: Scenario, device: AgentDriver, manager: _Manager
) -> Iterable[tuple[datetime, Callable[[], object]]]:
    """What the operator does, in its order."""
    yield instant(scenario.enabled), device.enable
    if scenario.registered is not None:
        at = instant(scenario.registered)
        yield at, lambda: device.register(trust=manager.trust, token=manager.token)
        if scenario.requested:
            yield at, lambda: device.request(scenario.requested)
    if scenario.deregistered is not None:
        yield instant(scenario.deregistered), device.deregister


def _live(device: AgentDriver, clock: VirtualClock, until: datetime) -> None:
    """Does what falls due before ``until``, and stops there."""
    while (due := _next_step(device.core, clock.time)) is not None and due < until:
        clock.time = due
        device.tick()
    clock.time = max(clock.time, until - _TICK)
    device.tick()
    clock.time = until


def _next_step(agent: _core.Agent, now: datetime) -> datetime | None:
    """When there may be something to send: a request falls due, or the certificate's end lets one go (E7).

    ``agent.next_deadline`` has the hourly save (T1) too, which nothing here needs: rule deadlines run at their own
    instants, however late they are looked at (E3).
    """
    status = agent.status()
    steps = [each["due"] for each in status["pending"]]
    if status["certificate"]:
        steps.append(status["certificate"]["not_after"])
    return min((step for step in steps if step > now), default=None)
