"""The driver around the agent, on a clock that a test moves and a way to the manager that a test writes."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from core_world import DAY, START
from smartlic._core import Event
from smartlic.agent import Agent, AgentDriver, MemoryStore, NoAnswer, Settings, VirtualClock
from smartlic.errors import InputError, StateError, StorageError, TrustError
from smartlic.manager import Manager

Step = NoAnswer | Callable[[bytes], bytes] | None
MINUTE = timedelta(minutes=1)
LATEST = timedelta(hours=12)  # E8


class Scripted:
    """A transport that follows a script, one step a request, and then the manager. Remembers when it was asked."""

    def __init__(self, clock: VirtualClock, manager: Manager) -> None:
        self.clock, self.manager = clock, manager
        self.script: list[Step] = []
        self.asked: list[datetime] = []
        self.down: NoAnswer | None = None

    def exchange(self, request: bytes, licensing_time: datetime) -> bytes:
        self.asked.append(self.clock.time)
        step = self.script.pop(0) if self.script else self.down
        if isinstance(step, NoAnswer):
            raise step
        ((status, body),) = self.manager.handle([request])
        assert status == 200
        return step(body) if step else body


class FullStore(MemoryStore):
    """Fails as a full disk does, as long as it is told to."""

    full = False

    def save(self, state: bytes) -> None:
        if self.full:
            raise StorageError("no space left", "storage_full", "after_change")
        super().save(state)


class Rig:
    """An agent in memory opposite a manager in memory, on one virtual clock."""

    def __init__(self) -> None:
        self.clock = VirtualClock(START)
        self.manager = Manager.init(":memory:", clock=lambda: self.clock.time)[0]
        self.manager.purchase("CUSP-5", 2)
        self.way = Scripted(self.clock, self.manager)
        self.agent = Agent.open(":memory:", clock=self.clock, transport=self.way, serial="SN1", hostname="proxy-1")
        self.store = FullStore(self.agent.store.load())
        self.agent.store = self.store
        self.events: list[Event] = []
        self.agent.on_event(self.events.append)

    def register(self) -> None:
        self.agent.enable()
        self.agent.register(trust=self.manager.trust_file, token=self.manager.create_token())
        self.agent.request({"CUSP-5": 2})

    def run_for(self, length: timedelta) -> None:
        end = self.clock.time + length
        self.agent.run(until=lambda: self.clock.time >= end)


@pytest.fixture
def rig() -> Rig:
    return Rig()


@pytest.fixture
def registered(rig: Rig) -> Rig:
    rig.register()
    return rig


def code(failure: object) -> str | None:
    return getattr(failure, "code", None)


# --- commands


def test_a_command_runs_to_the_end_of_what_it_started(registered: Rig) -> None:
    agent = registered.agent
    assert (agent.mode, agent.limit, agent.last_failure) == ("InCompliance", 10, None)
    assert len(registered.way.asked) == 2
    agent.request({"CUSP-5": 3})
    assert (agent.mode, agent.limit) == ("OutOfCompliance", 15)
    agent.renew()
    agent.authorize()
    assert agent.deregister() is False  # the manager has to answer; it has, at once
    assert not agent.status()["registered"]
    kinds = [event.kind for event in registered.events if event.kind != "mode_changed"]
    assert kinds == [
        "registered", "authorized", "authorized", "certificate_renewed", "authorized", "deregistered",
    ]  # fmt: skip


def test_a_manager_out_of_reach_is_no_error_of_the_command(registered: Rig) -> None:
    registered.way.down = NoAnswer("unreachable", "connection refused")
    registered.agent.request({"CUSP-5": 1})
    assert code(registered.agent.last_failure) == "unreachable"
    assert registered.agent.mode == "InCompliance"  # E6
    registered.way.down = None
    registered.agent.authorize()
    assert registered.agent.last_failure is None


def test_commands_that_are_refused_send_nothing_and_save_no_change(rig: Rig) -> None:
    before = rig.agent.status()
    for command in (rig.agent.authorize, rig.agent.renew, rig.agent.deregister, rig.agent.export_request):
        with pytest.raises(StateError) as refused:
            command()
        assert refused.value.code == "command_refused"
    assert rig.agent.status() == before
    assert rig.way.asked == []


def test_unknown_tags_list_the_known(registered: Rig) -> None:
    with pytest.raises(InputError, match="CUSP-5") as refused:
        registered.agent.request({"CUSP-6": 2})
    assert refused.value.code == "unknown_tag"


@pytest.mark.parametrize(
    ("mangle", "expected"),
    [
        (lambda body: b"", "message_malformed"),
        (lambda body: b"\xff\xfe", "message_malformed"),
        (lambda body: body[:-1], "message_malformed"),
        (lambda body: b"x" * 65537, "message_too_large"),
        (lambda body: body.replace(b'"signature":"', b'"signature":"AAAA'), "signature_invalid"),
    ],
)
def test_a_lying_manager_changes_no_mode(registered: Rig, mangle: Callable[[bytes], bytes], expected: str) -> None:
    registered.way.script = [mangle]
    registered.agent.authorize()
    assert code(registered.agent.last_failure) == expected
    assert registered.agent.mode == "InCompliance"
    assert registered.agent.status()["counters"] == {"answers_invalid": 1, "answers_unmatched": 0}


# --- time


def test_retries_back_off_and_the_manager_is_asked_again_when_it_is_back(registered: Rig) -> None:
    """E8: 60 s x 2 with full jitter, up to 12 h; no wait is longer than the back-off's ceiling."""
    registered.way.asked.clear()
    registered.way.down = NoAnswer("unreachable", "cut off")
    registered.agent.authorize()
    registered.run_for(10 * DAY)
    asked = registered.way.asked
    gaps = [after - before for before, after in itertools.pairwise(asked)]
    ceilings = [min(MINUTE * 2 ** min(failures, 20), LATEST) for failures in range(len(gaps))]
    assert all(gap <= ceiling + MINUTE for gap, ceiling in zip(gaps, ceilings, strict=True))
    assert max(gaps) > timedelta(hours=1)
    assert len(set(gaps)) > 10  # jitter
    assert "communication_lost" in {event.kind for event in registered.events}
    registered.way.down = None
    registered.run_for(DAY)
    assert registered.agent.last_failure is None
    assert registered.events[-1].kind in ("communication_restored", "authorized")
    assert registered.agent.status()["communication_lost"] is False


@pytest.mark.parametrize(("hint", "longest"), [(5, MINUTE), (20, timedelta(minutes=21)), (10**6, LATEST + MINUTE)])
def test_an_unsigned_retry_after_counts_within_the_ceiling_only(registered: Rig, hint: int, longest: timedelta) -> None:
    registered.way.asked.clear()
    registered.way.script = [NoAnswer("http_status", "HTTP 503", timedelta(minutes=hint))]
    registered.agent.authorize()
    registered.run_for(13 * timedelta(hours=1))
    first, second = registered.way.asked[:2]
    assert second - first <= max(longest, LATEST) + MINUTE


def test_run_asks_regularly_and_renews_by_itself(registered: Rig) -> None:
    registered.way.asked.clear()
    registered.run_for(200 * DAY)
    assert registered.agent.mode == "InCompliance"
    assert 6 <= len(registered.way.asked) <= 9  # every 30 days, and one renewal
    assert [event.kind for event in registered.events].count("certificate_renewed") == 1
    assert registered.agent.explain().level == 0


def test_calls_stop_at_the_instant_that_was_told(registered: Rig) -> None:
    stop = registered.agent.explain().calls_stop
    assert stop == START + 90 * DAY
    registered.way.down = NoAnswer("unreachable", "cut off")
    registered.run_for(91 * DAY)
    change = [event for event in registered.events if event.kind == "mode_changed"][-1]
    assert (change.at, registered.agent.mode) == (stop, "AuthorizationExpired")
    assert registered.agent.explain().level == 2


def test_status_twice_prints_the_same(registered: Rig) -> None:
    """DESIGN 2: stored absolute times, in every mode with or without an evaluation that runs."""
    for agent in (registered.agent, Rig().agent):
        first = agent.status()
        registered.clock.time += timedelta(minutes=17)
        agent.tick()
        assert agent.status() == first


# --- without a network


def test_a_request_goes_out_and_its_answer_comes_back_by_hand(registered: Rig) -> None:
    registered.way.down = NoAnswer("unreachable", "no network here")
    registered.agent.request({"CUSP-5": 1})
    request = registered.agent.export_request()
    registered.clock.time += 20 * DAY
    answer = registered.manager.answer(request)
    registered.agent.import_answer(answer)
    assert registered.agent.limit == 5
    with pytest.raises(TrustError) as again:
        registered.agent.import_answer(answer)
    assert again.value.code in ("binding_wrong", "answer_unmatched")
    with pytest.raises(InputError) as none:
        registered.manager.answer(b"a shopping list")
    assert none.value.code == "message_malformed"


# --- storage


@pytest.mark.parametrize("command", ["enable", "request", "authorize", "renew", "deregister"])
def test_after_a_storage_error_the_driver_goes_on_from_what_is_durable(command: str) -> None:
    rig = Rig()
    if command != "enable":
        rig.register()
    durable, before, asked = rig.store.load(), rig.agent.status(), len(rig.way.asked)
    arguments = [{"CUSP-5": 9}] if command == "request" else []
    rig.store.full = True
    with pytest.raises(StorageError) as full:
        getattr(rig.agent, command)(*arguments)
    assert full.value.code == "storage_full"
    assert rig.store.load() == durable
    assert len(rig.way.asked) == asked  # durable first, then sent
    rig.store.full = False
    rig.agent.tick()
    after = rig.agent.status()
    assert after["mode"] == before["mode"]
    assert after["requested"] == before["requested"]
    getattr(rig.agent, command)(*arguments)
    assert rig.store.load() != durable


def test_a_driver_without_a_way_to_reload_sends_nothing_that_is_not_durable(registered: Rig) -> None:
    driver = AgentDriver(
        registered.agent.core, clock=registered.clock, store=registered.store, transport=registered.way
    )
    registered.way.asked.clear()
    registered.store.full = True
    with pytest.raises(StorageError):
        driver.request({"CUSP-5": 9})
    registered.store.full = False
    driver.tick()
    assert registered.way.asked == []
    assert driver.limit == 10


def test_a_crash_between_request_and_answer_is_asked_again(registered: Rig, tmp_path: Path) -> None:
    def dies(body: bytes) -> bytes:
        raise KeyboardInterrupt

    with Agent.open(tmp_path / "agent", clock=registered.clock, transport=registered.way) as agent:
        agent.enable()
        registered.way.script = [dies]
        with pytest.raises(KeyboardInterrupt):
            agent.register(trust=registered.manager.trust_file, token=registered.manager.create_token())
    instances = {each["instance"] for each in registered.manager.instances()}
    assert len(instances) == 2  # it was decided
    with Agent.open(tmp_path / "agent", clock=registered.clock, transport=registered.way) as agent:
        end = registered.clock.time + timedelta(hours=1)
        agent.run(until=lambda: registered.clock.time >= end)
        assert agent.status()["instance"] in instances  # M13: the same instance, and nothing spent
    assert {each["instance"] for each in registered.manager.instances()} == instances


# --- settings and looks


def test_settings_are_kept_beside_the_state(tmp_path: Path) -> None:
    folder = tmp_path / "agent"
    with Agent.open(folder) as agent:
        agent.configure(url="https://licences.example:8443", timeout=None)
    with Agent.open(folder) as agent:
        assert agent.settings == Settings(url="https://licences.example:8443")
    assert (folder / Settings.FILE).stat().st_mode & 0o077 == 0


def test_a_look_takes_no_lock_and_leaves_no_trace(tmp_path: Path) -> None:
    folder = tmp_path / "agent"
    with Agent.open(folder) as agent:
        agent.enable()
        before = {path.name: path.read_bytes() for path in folder.iterdir()}
        with Agent.peek(folder) as look:
            assert look.mode == agent.mode == "Eval"
            look.disable()
            look.tick()
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    with pytest.raises(InputError) as none:
        Agent.peek(tmp_path / "nothing")
    assert none.value.code == "not_found"
    with pytest.raises(InputError, match="smartlic agent enable") as missing:
        Agent.open(tmp_path / "nothing", create=False)
    assert missing.value.code == "not_found"


def test_without_a_url_the_command_says_what_to_give(rig: Rig) -> None:
    with Agent.open(":memory:") as agent:
        agent.enable()
        agent.register(trust=rig.manager.trust_file, token=rig.manager.create_token())
        assert code(agent.last_failure) == "unreachable"
        assert "--url" in str(agent.last_failure)
