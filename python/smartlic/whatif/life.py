"""One product's life: what is done to it and around it, in its order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from smartlic import _core
from smartlic.errors import StateError
from smartlic.times import instant, stamp
from smartlic.whatif.beginning import begins, prologue, silences
from smartlic.whatif.fields import ADMINISTERED
from smartlic.whatif.machine import Machine
from smartlic.whatif.scenario import Scenario
from smartlic.whatif.world import ScenarioClock, WorldOf

__all__ = ["Life"]

# Of things at one instant the world's come first, then the machine's, then the operator's.
_WORLD, _MACHINE, _OPERATOR = range(3)

Action = tuple[datetime, int, Callable[[], object]]


class Life:
    """A scenario lived up to ``end``, once, by ``live``.

    machine: what the device told, and its limits. status: ``Agent.status()`` at the end.
    """

    def __init__(self, scenario: Scenario, end: datetime, world: WorldOf, progress: Callable[[float], None]) -> None:
        begin = begins(scenario)
        self.status: Mapping[str, Any] = {}
        self._scenario, self._end = scenario, end
        self._clock = clock = ScenarioClock(begin)
        self._world = world(scenario, clock)
        self._blocked = False
        self._token = self._world.create_token(expires=scenario.token.get("expires"), uses=scenario.token.get("uses"))
        self.machine = Machine(scenario, clock, self._world, lambda: progress((clock.time - begin) / (end - begin)))

    def live(self) -> None:
        """From the first action to the end."""
        self._stock()
        for at, _, act in sorted(self._actions(), key=lambda action: action[:2]):
            if at < self._end:
                self.machine.pass_to(at)
                act()
        self.machine.pass_to(self._end)
        self.status = self.machine.finish(self._end)

    # --- what happens, and when

    def _actions(self) -> Iterator[Action]:
        """What the scenario says of times before its start happens at the start; its prologue lies before."""
        start = instant(self._scenario.enabled)
        yield from self._of_the_state()
        for at, rank, act in (*self._of_the_world(), *self._of_the_machine(), *self._of_the_operator()):
            yield max(at, start), rank, act

    def _of_the_state(self) -> Iterator[Action]:
        scenario = self._scenario
        for begin, end in silences(scenario):
            yield begin, _WORLD, partial(self._set_away, True)
            yield end, _WORLD, partial(self._set_away, False)
        acts: dict[str, Callable[[], object]] = {
            "enable": self._enable,
            "disable": self._disable,
            "register": self._begin_registered,
            "request": lambda: self._request(scenario.requests[0][1]),
            "renew": lambda: self.machine.tell(lambda device: device.renew()),
        }
        for at, name in prologue(scenario):
            yield at, _OPERATOR, acts[name]

    def _of_the_world(self) -> Iterator[Action]:
        scenario = self._scenario
        for each in scenario.outages:
            for edge in each:
                yield instant(edge), _WORLD, self._set_outage
        for refusal in scenario.refusals:
            if refusal["code"] in ADMINISTERED:
                yield refusal["from"], _WORLD, partial(self._world.administer, ADMINISTERED[refusal["code"]])
            else:
                yield refusal["from"], _WORLD, self._set_refusing
                yield refusal["until"], _WORLD, self._set_refusing
        if "revoked" in scenario.token:
            yield scenario.token["revoked"], _WORLD, lambda: self._world.revoke_token(self._token)
        if isinstance(scenario.root_swap, Mapping):
            yield scenario.root_swap["published"], _WORLD, self._world.publish_root
            yield scenario.root_swap["used"], _WORLD, self._world.use_root

    def _of_the_machine(self) -> Iterator[Action]:
        scenario, machine = self._scenario, self.machine
        for jump in scenario.clock_jumps:
            yield jump["at"], _MACHINE, partial(machine.jump, jump["by"])
        for down, up in scenario.restarts:
            yield instant(down), _MACHINE, machine.go_down
            yield instant(up), _MACHINE, machine.come_up
        for each in scenario.restored:
            yield each["to"], _MACHINE, partial(machine.take_snapshot, each["to"])
            yield each["at"], _MACHINE, partial(machine.set_back, each["to"])

    def _of_the_operator(self) -> Iterator[Action]:
        scenario = self._scenario
        for begin, end in scenario.disabled:
            yield instant(begin), _OPERATOR, self._disable
            yield instant(end), _OPERATOR, self._enable
        if scenario.registered is not None:
            yield instant(scenario.registered), _OPERATOR, partial(self._register, "registered")
        for at, wanted in scenario.requests[scenario.authorized_before :]:
            yield at, _OPERATOR, partial(self._request, wanted)
        if scenario.deregistered is not None:
            yield instant(scenario.deregistered), _OPERATOR, self._deregister
        for moment in scenario.registered_again:
            yield instant(moment), _OPERATOR, partial(self._register, "registered_again")

    # --- the manager

    def _stock(self) -> None:
        """Fills the account. What is asked for before the start was in compliance unless the state says otherwise."""
        scenario, start = self._scenario, instant(self._scenario.enabled)
        if scenario.start and scenario.requests and not scenario.start.get("out_of_compliance"):
            for tag, count in scenario.requests[0][1].items():
                self._world.purchase(tag, count, start=None, end=start)
        for tag, count, begin, end in scenario.purchases:
            if end is None or end > start:
                self._world.purchase(tag, count, start=max(begin or start, start), end=end)

    def _set_away(self, away: bool) -> None:
        self._world.away = away

    def _set_outage(self) -> None:
        now = self._clock.time
        self._set_away(any(instant(start) <= now < instant(end) for start, end in self._scenario.outages))

    def _set_refusing(self) -> None:
        now = self._clock.time
        codes = [each["code"] for each in self._scenario.refusals if each["from"] <= now < each.get("until", now)]
        blocked = "entitlement_denied" in codes
        if blocked != self._blocked:
            self._blocked = blocked
            for entry in _core.Catalogue().entries:
                self._world.set_blocked(entry.short_name, blocked)
        self._world.refusing = next((code for code in codes if code != "entitlement_denied"), None)

    # --- the operator

    def _enable(self) -> None:
        self.machine.tell(lambda device: device.enable())

    def _disable(self) -> None:
        self.machine.tell(lambda device: device.disable())

    def _begin_registered(self) -> None:
        token = self._world.create_token(expires=None, uses=1)
        self.machine.tell(lambda device: device.register(trust=self._world.trust, token=token))

    def _register(self, name: str) -> None:
        self._tell(name, lambda device: device.register(trust=self._world.trust, token=self._token))

    def _request(self, wanted: Mapping[str, int]) -> None:
        self._tell("requested", lambda device: device.request(wanted))

    def _deregister(self) -> None:
        self._tell("deregistered", lambda device: device.deregister())

    def _tell(self, name: str, command: Callable[..., object]) -> None:
        try:
            self.machine.tell(command)
        except StateError as error:
            raise StateError(f"{name}, {stamp(self._clock.time)}: {error}", error.code, error.retry) from error
