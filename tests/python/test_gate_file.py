"""The gate file from Python, and the agent that publishes to it (RULES C6). The command is in test_gate_command.py.

What the file guarantees between processes is tested in tests/cpp/io_local and tests/cpp/admission.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from core_world import START, World, new_agent
from driver_world import Line
from smartlic._gate import GateFile, GateObserver, Mode, Now, read_clock
from smartlic.agent import Agent, AgentDriver, MemoryStore, Settings
from smartlic.errors import InputError, SmartlicError, StateError, StorageError

SECOND = timedelta(seconds=1)
TICK = timedelta(milliseconds=1)
DAY = timedelta(days=1)
PERIOD = 90 * DAY
LICENSING = datetime(2020, 5, 5, tzinfo=UTC)  # far from the wall clock
WINDOW: dict[str, Any] = {"interval": SECOND, "intervals": 10}


def moment(passed: timedelta = timedelta(0), *, boot_id: int = 1, boot: timedelta | None = None) -> Now:
    """The clocks when `passed` has gone by since START; `boot` if the boot clock shows something else."""
    on_boot = (passed if boot is None else boot) // timedelta(microseconds=1) * 1000
    return Now(wall=START + passed, boot=on_boot, boot_id=uuid.UUID(int=boot_id))


def code_of(error: type[SmartlicError], call: Callable[[], object]) -> str:
    """The code of the error that a call raises."""
    with pytest.raises(error) as caught:
        call()
    return caught.value.code


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gate"


def test_a_new_file_is_disabled_until_the_first_plan(path: Path) -> None:
    assert code_of(InputError, lambda: GateFile.open(path)) == "not_found"
    gate = GateFile.open(path, create=True, now=moment(), permissions=0o644, sip_status=500)
    assert path.stat().st_mode & 0o777 == 0o644
    seen = gate.snapshot(moment())
    assert (seen.mode, seen.limit, seen.coming, seen.published, seen.begun) == (Mode.Disabled, None, [], None, START)
    decision = gate.decide(moment())
    assert (decision.admitted, decision.reason, decision.sip_status) == (False, "mode", 500)
    assert list(path.parent.iterdir()) == [path]


def test_creating_takes_what_is_there(path: Path) -> None:
    GateFile.open(path, create=True, now=moment()).publish(Mode.Eval, now=moment(), licensing_time=LICENSING)
    again = GateFile.open(path, create=True, now=moment(), sip_status=500)
    assert again.snapshot(moment()).mode == Mode.Eval


def test_many_that_create_it_at_once_get_one_file(path: Path) -> None:
    start = threading.Barrier(8)

    def worker() -> None:
        start.wait()
        assert not GateFile.open(path, create=True, now=moment(), **WINDOW).admit(moment())

    team = [threading.Thread(target=worker) for _ in range(8)]
    for thread in team:
        thread.start()
    for thread in team:
        thread.join()
    assert GateObserver.open(path).snapshot(moment(SECOND)).average.calls == 8


def test_c6_a_deadline_acts_by_itself_on_the_boot_clock_and_after_another_boot_by_wall_time(path: Path) -> None:
    GateFile.open(path, create=True, now=moment()).publish(
        Mode.InCompliance,
        10,
        coming=[(LICENSING + DAY, Mode.AuthorizationExpired)],
        now=moment(),
        licensing_time=LICENSING,
    )
    gate = GateFile.open(path, now=moment())
    assert gate.admit(moment(DAY - TICK))
    assert gate.snapshot(moment(DAY - TICK)).coming == [(START + DAY, Mode.AuthorizationExpired)]
    assert gate.decide(moment(DAY)).mode == Mode.AuthorizationExpired
    assert gate.snapshot(moment(DAY)).coming == []
    assert gate.admit(moment(DAY, boot=SECOND)), "the wall clock jumped"
    assert gate.admit(moment(DAY - TICK, boot_id=2))
    assert not gate.admit(moment(DAY, boot_id=2, boot=SECOND))


def test_bad_plans_change_nothing(path: Path) -> None:
    gate = GateFile.open(path, create=True, now=moment())
    gate.publish(Mode.Eval, 3, now=moment(), licensing_time=LICENSING)
    before = path.read_bytes()
    five = [(LICENSING, Mode.Disabled)] * 5
    descending = [(LICENSING + TICK, Mode.Disabled), (LICENSING, Mode.Disabled)]
    for coming in (five, descending):
        call = partial(gate.publish, Mode.Disabled, coming=coming, now=moment(), licensing_time=LICENSING)
        assert code_of(InputError, call) == "invalid_argument"
    assert path.read_bytes() == before


def test_the_window_is_that_of_gate(path: Path) -> None:
    gate = GateFile.open(path, create=True, now=moment(), policy="immediate")
    gate.publish(Mode.InCompliance, 2, now=moment(), licensing_time=LICENSING)
    assert [gate.admit(moment()) for _ in range(3)] == [True, True, False]
    assert code_of(InputError, lambda: GateFile.open(path, create=True, policy="no")) == "invalid_argument"
    assert code_of(InputError, lambda: GateFile.open(path, create=True, interval=TICK)) == "invalid_argument"
    assert code_of(InputError, lambda: GateFile.open(path, create=True, sip_status=404)) == "invalid_argument"


@pytest.mark.parametrize("opening", [GateFile.open, GateObserver.open])
def test_other_versions_and_damage_are_refused(path: Path, opening: Callable[[Path], object]) -> None:
    GateFile.open(path, create=True, now=moment())
    whole = path.read_bytes()
    path.write_bytes(whole[:16] + b"\xff" + whole[17:])
    with pytest.raises(StorageError, match="layout is version 255, and this program's is ") as caught:
        opening(path)
    assert caught.value.code == "state_version"
    for content in (b"", whole[:-1], b"x" + whole[1:]):
        path.write_bytes(content)
        with pytest.raises(StorageError, match="remove it, and the agent's next command makes a new one") as caught:
            opening(path)
        assert caught.value.code == "state_damaged"


# --- the agent


class Shop:
    """A world, one driver that publishes, and a worker that has the gate open all the time."""

    def __init__(self, path: Path) -> None:
        self.world = World()
        self.line = Line(self.world)
        self.driver = AgentDriver(
            new_agent(2, self.world.now()), clock=self.line, store=MemoryStore(), transport=self.line, gate=path
        )
        self.driver.enable()
        self.worker = GateFile.open(path, now=self.world.now())

    @property
    def mode(self) -> Mode:
        """What the next call is decided by."""
        return self.worker.decide(self.world.now()).mode

    def authorize(self, count: int = 2) -> None:
        self.driver.register(trust=self.world.authority.trust.encode(), token=self.world.token())
        self.driver.request({"CUSP-5": count})


def test_every_agent_command_publishes(path: Path) -> None:
    shop = Shop(path)
    assert shop.mode.name == "Eval"
    assert shop.worker.snapshot(shop.world.now()).coming == [(START + PERIOD, Mode.EvalExpired)]
    shop.authorize()
    seen = shop.worker.snapshot(shop.world.now())
    assert (shop.mode, seen.limit, seen.published) == (Mode.InCompliance, 10, START)
    assert seen.coming == [(START + PERIOD, Mode.AuthorizationExpired)]
    shop.driver.request({"CUSP-5": 3})
    assert (shop.mode, shop.worker.snapshot(shop.world.now()).limit) == (Mode.OutOfCompliance, 15)
    shop.driver.deregister()
    assert shop.mode.name == "Eval"
    shop.driver.disable()
    assert shop.mode.name == "Disabled"
    with pytest.raises(StateError):
        shop.driver.authorize()
    assert shop.mode.name == "Disabled"


def test_c6_a_dead_agent_neither_stops_calls_early_nor_lets_them_run_late(path: Path) -> None:
    shop = Shop(path)
    shop.authorize()
    shop.world.wall = START + PERIOD - TICK
    assert shop.mode.name == "InCompliance"
    shop.world.wall += TICK
    assert shop.mode.name == "AuthorizationExpired"
    shop.driver.tick()  # it is back, and gets a new authorization
    assert (shop.driver.mode, shop.mode) == ("InCompliance", Mode.InCompliance)


def test_ticks_publish_and_agree_with_the_deadlines_in_the_gate(path: Path) -> None:
    shop = Shop(path)
    shop.authorize()
    shop.world.online = False
    end = START + PERIOD
    shop.world.wall = end - TICK
    shop.driver.tick()
    assert shop.worker.snapshot(shop.world.now()).published == end - TICK
    assert (shop.driver.mode, shop.mode) == ("InCompliance", Mode.InCompliance)
    shop.world.wall = end
    assert shop.mode.name == "AuthorizationExpired"
    shop.driver.tick()
    assert (shop.driver.mode, shop.mode) == ("AuthorizationExpired", Mode.AuthorizationExpired)


def test_a_gate_that_cannot_be_published_to_is_an_error_of_the_command(path: Path) -> None:
    shop = Shop(path)
    path.write_bytes(b"something else")
    assert code_of(StorageError, shop.driver.disable) == "state_damaged"
    assert shop.driver.mode == "Disabled", "the command itself was done and is durable"
    path.unlink()
    shop.driver.enable()
    assert GateObserver.open(path).snapshot(shop.world.now()).mode == Mode.Eval


class FullStore(MemoryStore):
    def save(self, state: bytes) -> None:
        raise StorageError("no space is left", "storage_full", "after_change")


def test_what_is_not_durable_is_not_published(path: Path) -> None:
    shop = Shop(path)
    shop.driver.store = FullStore()
    assert code_of(StorageError, shop.driver.disable) == "storage_full"
    assert shop.mode.name == "Eval"


def test_the_gate_is_a_setting_that_stays(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Agent.open(tmp_path / "agent") as agent:
        agent.enable()
        assert not path.exists(), "none was given"
        agent.configure(gate="gate")
    assert Settings.load(tmp_path / "agent").gate == str(path), "good from any folder"
    with Agent.open(tmp_path / "agent") as agent:
        agent.disable()
    assert GateObserver.open(path).snapshot(read_clock()).mode == Mode.Disabled
    with Agent.open(tmp_path / "agent") as agent:
        agent.enable()
    before = path.read_bytes()
    with Agent.peek(tmp_path / "agent") as look:
        look.tick()
    assert path.read_bytes() == before, "a look leaves no trace"
