"""The manager and the ledger through the bindings: races, batches over rows, the event chain."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from core_world import ACCOUNT, CUSP_5, DAY, World, code_of, new_agent, seed
from smartlic._core import (
    Agent,
    AppendEvent,
    ChainHead,
    Checkpoint,
    EntitlementRequest,
    Examined,
    Facts,
    InstanceRecord,
    LedgerEvent,
    Manager,
    ManagerPolicy,
    PutInstance,
    Send,
    SpendToken,
    TokenRecord,
    append_event,
    make_token,
    parse_token,
    sign_checkpoint,
    verify_chain,
    verify_checkpoint,
)
from smartlic._gate import Mode
from smartlic.errors import InputError, StorageError, TrustError

# --- one token, many devices, and their threads


def test_a_single_use_token_raced_by_threads_is_redeemed_once() -> None:
    world = World()
    token = parse_token(world.token(max_uses=1))

    def race(number: int) -> bool:
        agent = new_agent(number, world.now())
        agent.enable(now=world.now())
        agent.register(trust=world.authority.trust, token=token, now=world.now())
        while (output := agent.poll_output()) is not None:
            if isinstance(output, Send):
                _, answer = world.ledger.serve(world.manager, output.bytes, now=world.wall)
                agent.handle_answer(answer, now=world.now())
        return agent.registered

    with ThreadPoolExecutor(8) as threads:
        won = list(threads.map(race, range(10, 42)))
    assert won.count(True) == 1
    assert [record.uses for record in world.ledger.tokens] == [1]
    assert len(world.ledger.instances) == 1


def test_one_agent_may_be_called_by_several_threads() -> None:
    world = World()
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: world.agent.enable(now=world.now()), range(100)))
    world.pump()
    assert [event.kind for event in world.events] == ["mode_changed"]


# --- the three steps, over rows as a database keeps them


class RowLedger:
    """The least that a store has to do: rows in dicts, filled by changes alone."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.records: dict[str, str] = {}
        self.revisions: dict[str, int] = {}
        self.keys: dict[str, str] = {}
        self.udis: dict[str, set[str]] = {}
        self.usage: dict[str, dict[str, int]] = {}
        self.until: dict[str, datetime] = {}
        self.tokens: dict[str, TokenRecord] = {}
        self.events: list[LedgerEvent] = []

    def facts(self, batch: list[Examined], now: datetime) -> Facts:
        head = self.events[-1].head if self.events else ChainHead()
        facts = Facts(default_account=ACCOUNT, head=head)
        queries = [each.query for each in batch]
        wanted = {query.instance for query in queries} | {self.keys.get(query.key_thumbprint) for query in queries}
        facts.add_instances([self.records[each] for each in wanted if each in self.records])
        for query in queries:
            if query.token_id in self.tokens:
                facts.add_token(self.tokens[query.token_id])
            for instance in self.udis.get(query.udi, ()):
                facts.add_udi(query.udi, instance)
        for tag in {tag for query in queries for tag in query.tags}:
            facts.add_known_tag(tag)
            used = sum(counts.get(tag, 0) for each, counts in self.usage.items() if now < self.until[each])
            facts.add_pool(virtual_account=ACCOUNT, tag=tag, purchased=2, in_use=used)
        return facts

    def commit(self, change: PutInstance | SpendToken | AppendEvent) -> None:
        if isinstance(change, PutInstance):
            assert self.revisions.get(change.instance, 0) == change.expected_revision
            self.records[change.instance] = change.record
            self.revisions[change.instance] = change.revision
            self.usage[change.instance], self.until[change.instance] = dict(change.usage), change.usage_until
            for key in change.key_thumbprints:
                self.keys[key] = change.instance
            self.udis.setdefault(change.udi, set()).add(change.instance)
        elif isinstance(change, SpendToken):
            old = self.tokens[change.id]
            assert old.uses == change.expected_uses
            self.tokens[change.id] = TokenRecord(
                id=old.id, secret_hash=old.secret_hash, virtual_account=old.virtual_account, uses=old.uses + 1,
                max_uses=old.max_uses,
            )  # fmt: skip
        else:
            assert change.event.previous == (self.events[-1].hash if self.events else bytes(32))
            self.events.append(change.event)

    def serve(self, requests: list[bytes], now: datetime) -> list[tuple[int, bytes]]:
        batch = self.world.manager.examine(requests)
        verdicts = self.world.manager.decide(batch, self.facts(batch, now), now=now)
        for verdict in verdicts:
            for change in verdict.changes:
                self.commit(change)
        return self.world.manager.seal(verdicts)


def test_a_batch_over_rows_sees_its_own_earlier_requests() -> None:
    world = World()
    rows = RowLedger(world)
    made = make_token(world.entropy, virtual_account=ACCOUNT, max_uses=2)
    rows.tokens[made.record.id] = made.record
    agents = [new_agent(number, world.now()) for number in range(3)]

    def batch(step: Callable[[Agent], object], among: list[Agent]) -> None:
        for agent in among:
            step(agent)
        sends = [[out for out in iter(agent.poll_output, None) if isinstance(out, Send)] for agent in among]
        replies = rows.serve([each[0].bytes for each in sends], world.wall)
        for agent, (status, body) in zip(agents, replies, strict=False):
            assert status == 200
            agent.handle_answer(body, now=world.now())

    for agent in agents:
        agent.enable(now=world.now())
    token = parse_token(made.text)
    batch(lambda agent: agent.register(trust=world.authority.trust, token=token, now=world.now()), agents)
    assert [agent.registered for agent in agents] == [True, True, False]  # two uses, three devices
    assert [event.kind for event in rows.events] == ["registered", "registered"]
    one = [EntitlementRequest(tag=CUSP_5.tag, count=1)]
    two = [EntitlementRequest(tag=CUSP_5.tag, count=2)]
    batch(lambda agent: agent.request(two if agent is agents[1] else one, now=world.now()), agents[:2])
    assert [agent.mode for agent in agents[:2]] == [Mode.InCompliance, Mode.OutOfCompliance]  # 1, then 1 + 2 of 2 (P2)
    assert sum(sum(counts.values()) for counts in rows.usage.values()) == 3
    assert verify_chain(rows.events).intact


def test_one_and_many_are_examined_alike() -> None:
    world = World().registered()
    world.request(1)
    requests = [each.bytes for each in world.sent]
    assert [each.query for each in world.manager.examine(requests)] == [
        world.manager.examine(each).query for each in requests
    ]
    assert [each.kind for each in world.manager.examine(requests)] == ["register", "authorize"]


def test_a_precondition_that_fails_is_a_conflict() -> None:
    world = World().registered()
    world.online = False
    world.request(1)
    batch = [world.manager.examine(world.sent[-1].bytes)]
    facts = world.ledger.load(batch, now=world.wall)
    changes = world.manager.decide(batch, facts, now=world.wall)[0].changes
    world.ledger.commit(changes)
    assert code_of(lambda: world.ledger.commit(changes), StorageError) == "conflict"


def test_a_record_reads_back_and_is_administered() -> None:
    world = World().registered()
    world.request(2)
    record = world.ledger.instances[0]
    again = InstanceRecord.decode(record.encode())
    assert again == record
    assert again.usage == [(CUSP_5.tag, 2)]
    assert again.udi == "PID:CUSP,SN:SN1"
    again.administer("remove")
    assert (again.status, again.revision) == ("removed", record.revision + 1)
    assert code_of(lambda: again.administer("promote"), InputError) == "invalid_argument"
    assert code_of(lambda: InstanceRecord.decode("{}"), StorageError) in {"state_damaged", "state_version"}
    assert world.agent.instance is not None
    world.ledger.administer(world.agent.instance, "remove", at=world.wall)
    world.request(1)
    assert (world.agent.mode, world.agent.registered) == (Mode.Eval, False)  # M9: drops the registration


def test_policy_is_the_managers() -> None:
    world = World()
    policy = ManagerPolicy(late_renewal=7 * DAY, refuse_forks=True)
    assert (policy.late_renewal, policy.certificate, policy.refuse_forks) == (7 * DAY, 360 * DAY, True)
    world.manager = Manager(world.authority.identity, policy=policy, seed=seed(5))
    assert world.manager.policy.late_renewal == 7 * DAY


# --- the event chain (P4)


def test_the_chain_tells_what_was_changed_and_where() -> None:
    world = World().registered()
    events = world.ledger.events
    report = verify_chain(events)
    assert (report.intact, report.first_bad, report.head) == (True, None, world.ledger.head)
    second = events[1]
    forged = LedgerEvent(
        sequence=second.sequence, at=second.at, kind=second.kind, subject=second.subject, text="nothing happened",
        previous=second.previous, hash=second.hash,
    )  # fmt: skip
    report = verify_chain([events[0], forged, *events[2:]])
    assert (report.intact, report.first_bad) == (False, 2)
    assert verify_chain(events[:-1]).intact  # cut off: only a head kept elsewhere shows it
    assert not verify_chain(events[:-1], [world.ledger.head]).intact
    more = append_event(world.ledger.head, at=world.wall, kind="administration", subject="x", text="y")
    assert verify_chain([*events, more]).head == more.head


def test_a_checkpoint_is_the_managers_own() -> None:
    world = World().registered()
    identity = world.authority.identity
    made = Checkpoint(manager=identity.manager, head=world.ledger.head, at=world.wall)
    signed = sign_checkpoint(made, identity.signing)
    assert verify_checkpoint(signed, manager=identity.manager, roots=identity.roots) == made
    stranger = World()
    stranger_id = stranger.authority.identity
    # The same seeds give the same UUID; only the keys differ.
    assert stranger_id.manager == identity.manager
    with pytest.raises(TrustError) as caught:
        verify_checkpoint(signed, manager=identity.manager, roots=stranger_id.roots)
    assert caught.value.code == "chain_untrusted"
