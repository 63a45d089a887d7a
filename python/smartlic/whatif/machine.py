"""A product's machine: its clocks, its disk and the agent that runs on it, which tells what happens, at true times."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from smartlic import _core, _gate
from smartlic.agent.driver import PRODUCT_ID, SOFTWARE_TAG, AgentDriver
from smartlic.times import iso
from smartlic.whatif.scenario import Scenario
from smartlic.whatif.world import ScenarioClock, World, seed_of

__all__ = ["Machine", "SetBack", "TrueEvent"]

_TICK = timedelta(milliseconds=1)


@dataclass(frozen=True)
class TrueEvent:
    """An event of a device whose clock was wrong: ``at`` is true time, ``event`` the event as the device has it.

    All else is as in ``Event``.
    """

    event: _core.Event
    at: datetime

    def __getattr__(self, name: str) -> Any:
        if name == "event" or name.startswith("__"):  # not made yet, as while it is copied
            raise AttributeError(name)
        return getattr(self.event, name)

    def to_dict(self) -> dict[str, Any]:
        """As ``Event.to_dict``."""
        return {**self.event.to_dict(), "at": iso(self.at)}


@dataclass(frozen=True)
class SetBack:
    """The mode that a snapshot brought (M11), read as a change of mode; the device, which does not know, tells none."""

    at: datetime
    after: _gate.Mode
    kind: str = "mode_changed"
    cause: str = "set_back"


class Machine:
    """The machine of one product, switched on; ``device`` is None while it is off.

    events: all that the device told (E10), at true times. changes: of its mode, told or by a snapshot. limits: pairs of
    a time and the licensed calls per second from then on (C1).
    """

    def __init__(self, scenario: Scenario, clock: ScenarioClock, world: World, looked: Callable[[], None]) -> None:
        self.events: list[_core.Event] = []
        self.changes: list[_core.Event | SetBack] = []
        self.limits: list[tuple[datetime, int | None]] = []
        self._scenario, self._clock, self._world, self._after_look = scenario, clock, world, looked
        self._periods = scenario.policy.periods()
        self._disk = b""  # its state while it is off
        self._snapshots: dict[datetime, bytes] = {}
        self._ahead = timedelta(0)  # true time minus licensing time
        self._looked = clock.time  # when the device last looked at its clocks
        self._set_back_at: datetime | None = None
        self.device: AgentDriver | None = self._start(self._new())
        self._look()

    def tick(self) -> None:
        """The device does what is due; nothing while it is off."""
        if self.device:
            self.device.tick()
            self._look()

    def tell(self, command: Callable[[AgentDriver], object]) -> None:
        """The operator does something to the device."""
        assert self.device is not None, "a scenario says no command to a machine that is off"
        try:
            command(self.device)
        finally:
            self._look()

    def pass_to(self, until: datetime) -> None:
        """Time goes on: what falls due before ``until`` is done."""
        while (due := self._next_step()) is not None and due < until:
            self._clock.time = due
            self.tick()
        self._clock.time = until

    def go_down(self) -> None:
        """Switches it off; what was saved stays."""
        assert self.device is not None
        now = self._clock.time
        self._clock.time = max(self._looked, now - _TICK)  # what falls due now is not done any more
        self.tick()  # the state is an hour old at most (T1)
        self._clock.time = now
        self._disk = self._state()
        self.device.close()
        self.device = None

    def come_up(self) -> None:
        """Switches it on: another boot, from what is on its disk."""
        self._boot()

    def take_snapshot(self, at: datetime) -> None:
        """Keeps a copy of the disk, named by its time; what a running machine has there is an hour old at most (T1)."""
        self.tick()
        self._snapshots[at] = self._state()

    def set_back(self, to: datetime) -> None:
        """Puts the snapshot of ``to`` in place of what is on the disk, and starts anew (M11)."""
        self.go_down()
        self._disk = self._snapshots[to]
        self._looked = self._clock.time  # what passed since the snapshot is told now
        self._boot(set_back=True)

    def jump(self, by: timedelta) -> None:
        """Moves the wall clock. The driver looks at it once a minute at least; here at once (T4)."""
        self._clock.wrong_by += by
        self.tick()

    def finish(self, end: datetime) -> Mapping[str, Any]:
        """Runs the last deadlines before the end, as one at the end is after it (E3); the status then."""
        self._clock.time = end - _TICK
        if self.device is None:  # a look at the disk; nothing is sent
            self._core = self._load()
            while (output := self._core.poll_output()) is not None:
                if isinstance(output, _core.Notify):
                    self._hear(output.event)
            return self._core.status()
        self.tick()
        self.device.close()
        return self.device.core.status()

    # --- inside

    def _new(self) -> _core.Agent:
        serial = _core.random_serial(_core.Entropy(seed_of(self._scenario, "serial")))
        return _core.Agent.create(
            udi=_core.Udi(PRODUCT_ID, serial),
            software_tag=SOFTWARE_TAG,
            seed=seed_of(self._scenario, "agent"),
            now=self._clock.now(),
            periods=self._periods,
        )

    def _load(self) -> _core.Agent:
        seed = seed_of(self._scenario, f"agent {self._clock.now().boot_id}")
        return _core.Agent.load(self._disk, seed=seed, now=self._clock.now(), periods=self._periods)

    def _boot(self, *, set_back: bool = False) -> None:
        self._clock.reboot()
        core = self._load()
        if set_back:
            self._set_back_at = self._clock.time
            self.changes.append(SetBack(self._set_back_at, core.mode))
        self.device = self._start(core)
        self.tick()

    def _start(self, core: _core.Agent) -> AgentDriver:
        self._core = core  # which has something to tell at once, if it was off
        store = self._world.disk()
        return AgentDriver(core, clock=self._clock, store=store, transport=self._world, listener=self._hear)

    def _state(self) -> bytes:
        return self._disk if self.device is None else self.device.store.load() or b""

    def _next_step(self) -> datetime | None:
        """When there may be something to send, in true time.

        Not the agent's ``next_deadline``: it has the hourly save (T1) too, which nothing here needs, and the deadlines
        of modes, which run at their own instants, however late they are looked at (E3).
        """
        step = self.device.core.next_request if self.device else None
        return None if step is None else step + self._ahead

    def _look(self) -> None:
        """Notes what holds after the device was told something."""
        if self.device is None:
            return
        now = self._clock.time
        self._looked, self._ahead = now, now - self.device.core.time(self._clock.now())
        if not self.limits or self.limits[-1][1] != self.device.limit:
            if self.limits and self.limits[-1][0] == now:
                self.limits.pop()
            self.limits.append((now, self.device.limit))
        self._after_look()

    def _hear(self, event: _core.Event) -> None:
        """Puts an event to its true time: now, or where its deadline lay since the last look."""
        now = self._clock.time
        is_now = event.at == self._core.time(self._clock.now())
        at = now if is_now else min(max(event.at + self._ahead, self._looked), now)
        told = event if at == event.at else cast(_core.Event, TrueEvent(event, at))
        self.events.append(told)
        if event.kind == "mode_changed" and (is_now or now != self._set_back_at):
            self.changes.append(told)  # and not one since the snapshot, which is all in the mode that this brought
