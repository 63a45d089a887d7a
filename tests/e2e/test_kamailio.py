"""The gate on real SIP traffic: Kamailio with four workers between SIPp's caller and server (S9-S11, RULES C)."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from core_world import START, World, new_agent
from driver_world import Line
from sip_world import WORKERS, Note, Proxy, Result
from smartlic._gate import CpsWindow, GateFile, Mode, Now, read_clock
from smartlic.agent import AgentDriver, MemoryStore

SECOND = timedelta(seconds=1)
NS = 10**9
INTERVALS = 3  # of one second, instead of ten of thirty
LIMIT = 10
PERIOD = timedelta(days=90)


class Site:
    """A gate file, and the Kamailio that decides by it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "gate"
        self.now = read_clock()
        self.gate = GateFile.open(self.path, create=True, now=self.now, interval=SECOND, intervals=INTERVALS)
        self.proxy = Proxy(folder, self.path)

    def publish(self, mode: Mode, limit: int | None) -> None:
        now = read_clock()
        self.gate.publish(mode, limit, now=now, licensing_time=now.wall)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    with made.proxy.started():
        yield made
    assert "ERROR" not in made.proxy.log()
    assert "CRITICAL" not in made.proxy.log()


def model_agrees(start: int, notes: list[Note]) -> bool:
    """Whether a window of the same shape decides as the workers did.

    A call that was noted on both sides of a boundary may have been on either.
    """
    either = [
        {note.before, note.after} if (note.before - start) // NS != (note.after - start) // NS else {note.before}
        for note in notes
    ]
    window = CpsWindow(LIMIT, interval=SECOND, intervals=INTERVALS, start=start)
    seen = [note.admitted for note in notes]
    return any(window.replay(sorted(times)) == seen for times in itertools.product(*either))


def test_s10_sipps_counts_are_the_gates_to_the_call_and_calls_resume_when_the_model_says(site: Site) -> None:
    site.publish(Mode.InCompliance, LIMIT)
    site.gate.set_failed_call_log(1 << 20)
    proxy = site.proxy
    results = [proxy.call(cps, calls) for cps, calls in ((8, 32), (20, 80), (8, 48))]
    assert [each.failed for each in results] == [0, 0, 0]
    assert [each.offered for each in results] == [32, 80, 48]
    notes = proxy.notes()
    assert len(notes) == 160
    assert sum(note.admitted for note in notes) == sum(each.admitted for each in results)
    assert model_agrees(site.now.boot, notes)

    steady, rush, after = results
    assert (steady.admitted, steady.rejected) == (32, 0)
    assert rush.rejected > 0
    assert 0 < after.rejected < after.offered, "service resumes, but not at once"
    calls, rejected = answered(results, 200), answered(results, 503)
    assert len(rejected) == sum(each.rejected for each in results)
    assert {after for each in results for after in each.answers.get(503, {}).values()} <= {1, 2, 3}, "Retry-After"
    assert len([note for note in site.path.parent.glob("notes-*") if note.stat().st_size]) > 1, "several workers decide"

    logs = [json.loads(line) for log in site.path.parent.glob("gate.failed*") for line in log.read_text().splitlines()]
    assert sorted(each["call_id"] for each in logs) == rejected, "S11: each rejected call once, in its worker's log"
    assert {(each["reason"], each["mode"], each["limit"], each["sip_status"]) for each in logs} == {
        ("rate", "InCompliance", LIMIT, 503)
    }
    assert logs[0]["from"].startswith("sip:caller@")
    assert logs[0]["to"].startswith("sip:4711@")
    assert sorted(proxy.served()) == calls, "what was admitted, and nothing else, went on"


def answered(results: list[Result], status: int) -> list[str]:
    """The Call-IDs of all calls that were answered so, sorted."""
    return sorted(call for each in results for call in each.answers.get(status, {}))


def test_a_worker_has_one_thread_no_tls_and_opens_the_gate_after_the_fork(site: Site) -> None:
    workers = site.proxy.workers()
    mapped = {pid: Path(f"/proc/{pid}/maps").read_text() for pid in (site.proxy.process.pid, *workers)}
    assert all("_gate" in maps for maps in mapped.values()), "the module is loaded in all of them"
    assert not [maps for maps in mapped.values() if "libcrypto" in maps or "libcurl" in maps or "libssl" in maps]
    deciding = [pid for pid in workers if str(site.path) in mapped[pid]]
    assert len(deciding) == WORKERS, "mapped by those that take calls, and by no other"
    assert str(site.path) not in mapped[site.proxy.process.pid]
    assert [len(list(Path(f"/proc/{pid}/task").iterdir())) for pid in deciding] == [1] * WORKERS


class Ago(Line):
    """The clocks of a device whose authorization ends at a given time of this machine's boot clock (ns)."""

    def __init__(self, world: World, end: int) -> None:
        super().__init__(world)
        self.begun = end - PERIOD // timedelta(microseconds=1) * 1000

    def now(self) -> Now:
        passed = (self.world.wall - START) // timedelta(microseconds=1) * 1000
        return Now(wall=self.world.wall, boot=self.begun + passed, boot_id=read_clock().boot_id)


def test_c6_the_deadline_in_the_gate_stops_calls_by_itself_and_a_new_authorization_admits_the_next(site: Site) -> None:
    proxy, world = site.proxy, World()
    end = read_clock().boot + 3 * NS
    agent = AgentDriver(
        new_agent(2, Ago(world, end).now()),
        clock=Ago(world, end),
        store=MemoryStore(),
        transport=Line(world),
        gate=site.path,
    )
    agent.enable()
    agent.register(trust=world.authority.trust.encode(), token=world.token())
    agent.request({"CUSP-5": 2})
    assert site.gate.snapshot(read_clock()).mode == Mode.InCompliance

    # From here on nobody publishes: the agent is as good as dead.
    around = proxy.call(8, 40)
    notes = proxy.notes()
    assert (around.failed, around.offered) == (0, 40)
    assert 0 < around.admitted < around.offered
    assert around.admitted == sum(note.admitted for note in notes)
    assert [note.admitted for note in notes if note.after < end or note.before >= end] == [
        note.before < end for note in notes if note.after < end or note.before >= end
    ]
    assert set(around.answers[503].values()) == {None}, "no Retry-After: waiting does not help"

    world.wall = START + PERIOD
    agent.tick()  # it is back, and gets a new authorization
    assert agent.mode == "InCompliance"
    assert proxy.call(1, 1).admitted == 1
    agent.disable()
    assert proxy.call(1, 1).rejected == 1, "a mode the agent publishes is seen at the next decision"


def test_s9_immediate_rejection_with_500(tmp_path: Path) -> None:
    now = read_clock()
    gate = GateFile.open(tmp_path / "gate", create=True, now=now, policy="immediate", sip_status=500)
    gate.publish(Mode.InCompliance, 2, now=now, licensing_time=now.wall)
    with Proxy(tmp_path, tmp_path / "gate").started() as proxy:
        result = proxy.call(100, 60)
    seconds = {(at - now.boot) // NS for note in proxy.notes() for at in (note.before, note.after)}
    assert (result.offered, result.failed) == (60, 0)
    assert 0 < result.admitted <= 2 * len(seconds), "two in each second at the most"
    assert set(result.answers[500].values()) == {1}
    assert sorted(proxy.served()) == sorted(result.answers[200])


def test_a_gate_file_that_cannot_be_used_keeps_kamailio_from_starting(tmp_path: Path) -> None:
    (tmp_path / "gate").write_bytes(b"something else")
    proxy = Proxy(tmp_path, tmp_path / "gate")
    with pytest.raises(AssertionError, match="it is too short for a gate"), proxy.started():
        raise RuntimeError("it has started")
