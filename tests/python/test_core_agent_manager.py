"""The agent, the manager and the ledger through the bindings: one life, what is refused, what is kept."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from core_world import ACCOUNT, CUSP_5, DAY, START, TICK, World, new_agent, seed
from hypothesis import given, settings
from hypothesis import strategies as st
from smartlic._core import (
    Agent,
    AppendEvent,
    Catalogue,
    CatalogueEntry,
    ChainHead,
    Checkpoint,
    EntitlementRequest,
    EntitlementTag,
    Entropy,
    Examined,
    Facts,
    InstanceRecord,
    LedgerEvent,
    Manager,
    ManagerPolicy,
    MemoryLedger,
    Persist,
    PrivateKey,
    PutInstance,
    Send,
    SpendToken,
    TokenRecord,
    TrustFile,
    Udi,
    append_event,
    make_token,
    new_root,
    parse_envelope,
    parse_token,
    rotate_signing,
    sign_checkpoint,
    signing_due_for_rotation,
    swap_roots,
    verify_chain,
    verify_checkpoint,
)
from smartlic._gate import Mode
from smartlic.errors import InputError, SmartlicError, StateError, StorageError, TrustError


def code_of(action: Callable[[], object], error: type[SmartlicError] = SmartlicError) -> str:
    with pytest.raises(error) as caught:
        action()
    return caught.value.code


# --- one life


@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
def test_a_life_from_the_factory_to_deregistration(algorithm: str) -> None:
    world = World(algorithm="RS256" if algorithm == "RS256" else "ES256")
    agent = world.agent
    assert (agent.mode, agent.limit(Catalogue())) == (Mode.Disabled, None)
    world.enable()
    assert agent.mode is Mode.Eval
    world.register()
    assert agent.registered
    assert agent.mode is Mode.Eval  # registered, and nothing requested yet
    world.request(2)
    assert (agent.mode, agent.limit(Catalogue())) == (Mode.InCompliance, 10)  # D8
    world.request(3)
    assert (agent.mode, agent.limit(Catalogue())) == (Mode.OutOfCompliance, 15)  # S3
    row = world.ledger.inventory(ACCOUNT, now=world.wall)[0]
    assert (row.purchased, row.in_use, row.balance) == (2, 3, -1)
    before = agent.id_certificate
    agent.renew(now=world.now())
    world.pump()
    assert before is not None
    assert agent.id_certificate is not None
    assert agent.id_certificate.public_key != before.public_key  # M13: a fresh key
    assert agent.deregister(now=world.now()) is False  # the manager has to answer first
    world.pump()
    assert (agent.registered, agent.mode, agent.instance) == (False, Mode.Eval, None)
    assert [record.status for record in world.ledger.instances] == ["deregistered"]
    kinds = [event.kind for event in world.events]
    assert [kind for kind in kinds if kind != "mode_changed"] == [
        "registered", "authorized", "authorized", "certificate_renewed", "deregistered",
    ]  # fmt: skip


def test_calls_stop_when_coming_says_so() -> None:
    world = World().registered()
    world.request(2)
    world.online = False
    stop = world.agent.coming[0]
    assert (stop.at, stop.after) == (START + 90 * DAY, Mode.AuthorizationExpired)  # E5
    world.wait(90 * DAY - TICK)
    assert world.agent.mode is Mode.InCompliance
    world.wait(TICK)
    assert world.agent.mode is Mode.AuthorizationExpired
    assert world.agent.status()["authorization"]["ended_by"] == "authorization"
    assert world.agent.status()["communication_lost"]
    world.online = True
    world.wait(DAY)  # more than the longest back-off (E8)
    assert world.agent.mode is Mode.InCompliance


def test_a_request_travels_as_a_file() -> None:
    world = World().registered()
    world.online = False
    world.request(2)
    world.agent.export_request(now=world.now())
    world.pump()
    exported = world.sent[-1]
    assert (exported.slot, exported.kind) == ("exported", "authorization")
    world.wall += 29 * DAY  # M12: 30 days
    status, answer = world.ledger.serve(world.manager, exported.bytes, channel="exported", now=world.wall)
    assert status == 200
    world.agent.handle_answer(answer, now=world.now())
    assert world.agent.mode is Mode.InCompliance
    assert code_of(lambda: world.agent.handle_answer(answer, now=world.now())) == "binding_wrong"  # once


def test_roots_are_swapped_without_a_visit() -> None:
    world = World().registered()
    identity = world.authority.identity
    newer = new_root(world.entropy, now=world.wall)
    both = [world.authority.root.certificate, newer.certificate]
    swapped = swap_roots(world.authority.root, identity, both)
    rotated = rotate_signing(newer, swapped.identity, now=world.wall)
    world.manager = Manager(rotated, seed=seed(9))
    world.request(2)
    assert world.failures == ["chain_untrusted"]  # too early: nobody has the new root
    world.manager = Manager(swapped.identity, seed=seed(10))
    world.wait(DAY)
    assert world.agent.trust == swapped.trust
    world.manager = Manager(rotated, seed=seed(11))
    world.request(1)
    assert world.agent.status()["signing_serial"] == identity.signing.certificate.serial
    assert world.agent.mode is Mode.InCompliance
    assert code_of(lambda: swap_roots(newer, identity, both)) == "invalid_argument"
    assert not signing_due_for_rotation(rotated.signing.certificate, now=world.wall)
    assert signing_due_for_rotation(rotated.signing.certificate, now=world.wall + 5 * 365 * DAY)


# --- what is refused


def test_commands_that_the_state_does_not_allow() -> None:
    world = World()
    assert code_of(lambda: world.request(1), StateError) == "command_refused"
    assert code_of(world.register, StateError) == "command_refused"
    world.registered()
    assert code_of(world.register, StateError) == "command_refused"  # deregister first
    twice = [EntitlementRequest(tag=CUSP_5.tag, count=1)] * 2
    assert code_of(lambda: world.agent.request(twice, now=world.now()), InputError) == "invalid_argument"
    assert code_of(lambda: world.agent.handle_no_answer("sunspots", now=world.now())) == "invalid_argument"


def test_arguments_that_are_none() -> None:
    other = CatalogueEntry(short_name="X", tag=CUSP_5.tag, cps=1)
    assert code_of(lambda: Catalogue([CUSP_5, other]), InputError) == "invalid_argument"
    assert code_of(lambda: Catalogue().resolve("CUSP-6"), InputError) == "unknown_tag"
    assert code_of(lambda: parse_token("no token")) == "token_invalid"
    assert code_of(lambda: Udi("CUSP,", "1"), InputError) == "invalid_argument"
    assert code_of(lambda: PrivateKey.generate("none"), InputError) == "invalid_argument"
    assert code_of(lambda: PrivateKey.generate("RS256", rsa_bits=1024), TrustError) == "algorithm_refused"
    assert code_of(lambda: World().manager.examine(b"{}", channel="pigeon")) == "invalid_argument"
    assert code_of(lambda: TrustFile.decode(b"{"), TrustError) == "message_malformed"
    with pytest.raises(TypeError):
        Entropy(b"short")


def test_a_forged_answer_changes_nothing() -> None:
    world = World().registered()
    world.online = False
    world.request(2)
    world.wait(DAY)
    status, answer = world.ledger.serve(world.manager, world.sent[-1].bytes, now=world.wall)
    assert status == 200
    envelope = json.loads(answer)
    envelope["signature"] = ("A" if envelope["signature"][0] != "A" else "B") + envelope["signature"][1:]
    before = world.agent.status()
    forged = json.dumps(envelope).encode()
    assert code_of(lambda: world.agent.handle_answer(forged, now=world.now()), TrustError) == "signature_invalid"
    after = world.agent.status()
    assert after.pop("counters")["answers_invalid"] == before.pop("counters")["answers_invalid"] + 1
    assert after == before


def test_a_signed_refusal_is_a_value() -> None:
    world = World()
    world.enable()
    world.ledger.revoke_token(parse_token(text := world.token()).id, at=world.wall)
    world.register(text)
    assert not world.agent.registered
    assert [event.code for event in world.events if event.kind == "registration_failed"] == ["token_revoked"]


def test_an_administrator_denies_a_tag() -> None:
    world = World().registered()
    world.request(2)
    world.ledger.set_blocked(ACCOUNT, CUSP_5.tag, True, at=world.wall)
    world.request(1)
    assert (world.agent.mode, world.agent.registered) == (Mode.Eval, True)  # M9: the authorization alone
    assert world.agent.status()["authorization"] is None
    world.ledger.set_blocked(ACCOUNT, CUSP_5.tag, False, at=world.wall)
    world.request(1)
    assert world.agent.mode is Mode.InCompliance
    assert code_of(lambda: world.ledger.set_blocked(ACCOUNT, "no tag", True, at=world.wall)) == "unknown_tag"


def test_an_unsigned_hint_counts_within_the_ceiling() -> None:
    world = World().registered()
    world.online = False
    world.request(2)
    for hint, due in [(timedelta(hours=1), timedelta(hours=1)), (5 * DAY, timedelta(hours=12))]:
        world.agent.authorize(now=world.now())
        assert [type(each) for each in iter(world.agent.poll_output, None)] == [Persist, Send]  # durable, then sent
        world.agent.handle_no_answer("http_status", retry_after=hint, now=world.now())
        world.pump()
        pending = {each["kind"]: each["due"] for each in world.agent.status()["pending"]}
        assert pending["authorization"] == world.wall + due  # E8


def test_what_the_product_is_reaches_the_ledger() -> None:
    world = World()
    world.agent = Agent.create(
        udi=Udi("CUSP", "SN9"), software_tag="regid.x", hostname="proxy-1", seed=seed(9), now=world.now()
    )
    world.registered()
    record = world.ledger.instances[0]
    assert (record.udi, record.software_tag, record.hostname) == ("PID:CUSP,SN:SN9", "regid.x", "proxy-1")
    assert (record.registered, record.status, record.virtual_account) == (START, "active", ACCOUNT)
    assert record.instance == str(world.agent.instance)
    assert world.agent.status()["hostname"] == "proxy-1"


def test_what_is_not_for_us_gets_an_unsigned_error() -> None:
    world = World()
    examined = world.manager.examine(b"not a message")
    assert (examined.failed, examined.kind) == ("message_malformed", None)
    verdict = world.manager.decide([examined], Facts(default_account=ACCOUNT, head=ChainHead()), now=world.wall)[0]
    assert (verdict.kind, verdict.refused, verdict.changes) == (None, "message_malformed", [])
    status, body = world.manager.seal(verdict)
    assert (status, json.loads(body)["code"]) == (400, "message_malformed")


def test_busy_is_signed_and_keeps_what_is_held() -> None:
    world = World().registered()
    world.request(2)
    world.online = False
    world.request(1)
    examined = world.manager.examine(world.sent[-1].bytes)
    verdict = world.manager.refuse(examined, "busy", now=world.wall)
    assert (verdict.kind, verdict.refused) == ("refused", "busy")
    status, body = world.manager.seal(verdict)
    assert status == 200
    assert parse_envelope(body).type == "refused"
    assert world.agent.mode is Mode.InCompliance


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
    policy = ManagerPolicy(authorization=7 * DAY, refuse_forks=True)
    assert (policy.authorization, policy.certificate, policy.refuse_forks) == (7 * DAY, 360 * DAY, True)
    world.manager = Manager(world.authority.identity, policy=policy, seed=seed(5))
    assert world.manager.policy.authorization == 7 * DAY


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


# --- what is kept

STEPS = ("enable", "disable", "register", "request 1", "request 3", "request 0", "authorize", "renew", "deregister",
         "export", "day", "months", "offline", "online")  # fmt: skip


def take(world: World, step: str) -> None:
    now = world.now()
    simple: dict[str, Callable[[], object]] = {
        "enable": lambda: world.agent.enable(now=now),
        "disable": lambda: world.agent.disable(now=now),
        "register": world.register,
        "authorize": lambda: world.agent.authorize(now=now),
        "renew": lambda: world.agent.renew(now=now),
        "deregister": lambda: world.agent.deregister(now=now),
        "export": lambda: world.agent.export_request(now=now),
        "day": lambda: world.wait(DAY),
        "months": lambda: world.wait(100 * DAY),
        "offline": lambda: setattr(world, "online", False),
        "online": lambda: setattr(world, "online", True),
    }
    try:
        world.request(int(step.split()[1])) if step.startswith("request") else simple[step]()
    except StateError as error:
        assert error.code == "command_refused"
    world.pump()


@settings(max_examples=25)
@given(steps=st.lists(st.sampled_from(STEPS), max_size=12))
def test_the_state_that_was_saved_is_the_agent(steps: list[str]) -> None:
    world = World()
    for step in ("enable", "register", *steps):
        take(world, step)
        kept, live = world.load().status(), world.agent.status()
        for status in (kept, live):
            # A load asks again for what waited, and saves: both come after what was kept.
            for later in ("pending", "open", "request_no", "next_deadline", "counters"):
                status.pop(later)
        assert kept == live


def test_the_status_is_plain_and_stands_still() -> None:
    world = World().registered()
    world.request(2)
    status = world.agent.status()
    assert status == world.agent.status()
    assert status["mode"] == "InCompliance"
    assert status["mode_since"] == START
    assert status["mode_cause"] == "granted"
    assert status["udi"] == "PID:CUSP,SN:SN1"
    assert status["virtual_account"] == ACCOUNT
    assert status["instance"] == str(world.agent.instance)
    assert status["manager"] == str(world.authority.identity.manager)
    assert status["authorization"]["end"] == START + 90 * DAY
    assert status["certificate"]["not_after"] == START + 360 * DAY
    assert (
        status["requested"]
        == status["answered"]
        == [{"tag": CUSP_5.tag, "count": 2, "version": "1.0", "display_name": ""}]
    )
    assert {each["kind"] for each in status["pending"]} == {"authorization", "renewal"}
    assert status["open"] == {"online": None, "exported": None}
    assert status["recent"][-1]["kind"] == "mode_changed"
    assert status["recent"][-1]["at"] == START


@pytest.mark.parametrize("proof", ["identity_proof", "authorization_proof"])
def test_a_state_that_claims_what_no_answer_proves_is_refused(proof: str) -> None:
    world = World().registered()
    world.request(2)
    state = json.loads(world.saved)
    assert world.load(json.dumps(state).encode()).mode is Mode.InCompliance
    envelope = json.loads(state[proof]["answer"])
    payload = parse_envelope(state[proof]["answer"].encode()).payload.replace(b"InCompliance", b"OutOfCompliance")
    envelope["payload"] = urlsafe_b64encode(payload + b" ").rstrip(b"=").decode()
    state[proof]["answer"] = json.dumps(envelope)
    forged = json.dumps(state).encode()
    assert code_of(lambda: world.load(forged), StorageError) == "state_damaged"


def test_a_state_that_was_cut_off_or_is_newer_is_refused() -> None:
    world = World().registered()
    cut = world.saved[: len(world.saved) // 2]
    assert code_of(lambda: world.load(cut), StorageError) == "state_damaged"
    newer = json.dumps({**json.loads(world.saved), "v": 2}).encode()
    assert code_of(lambda: world.load(newer), StorageError) == "state_version"


def test_keys_are_encrypted_at_rest() -> None:
    world = World()
    world.agent = Agent.create(
        udi=Udi("CUSP", "SN7"), software_tag="t", seed=seed(7), now=world.now(), passphrase="correct horse"
    )
    world.registered()
    assert b"BEGIN PRIVATE KEY" not in world.saved
    assert code_of(lambda: world.load(passphrase="wrong"), InputError) == "passphrase_wrong"
    assert world.load(passphrase="correct horse").status()["instance"] == str(world.agent.instance)


# --- values


def test_values_read_back() -> None:
    key = PrivateKey.generate()
    assert PrivateKey.from_pem(key.to_pem()).public_key == key.public_key
    locked = key.to_pem(passphrase="x", entropy=seed(1))
    assert PrivateKey.from_pem(locked, passphrase="x").public_key == key.public_key
    assert code_of(lambda: PrivateKey.from_pem(locked, passphrase="y"), InputError) == "passphrase_wrong"
    assert code_of(lambda: key.to_pem(passphrase="x"), InputError) == "invalid_argument"
    assert key.public_key.verify(data=b"d", signature=key.sign(b"d"))
    assert not key.public_key.verify(data=b"e", signature=key.sign(b"d"))
    tag = EntitlementTag.parse(CUSP_5.tag)
    assert (str(tag), tag.domain, tag.feature, tag.version) == (CUSP_5.tag, "com.cisco", "CUSP-5", "1.0")
    assert Udi.parse("PID:ASN:1") == Udi("A", "1")  # S14's form without a comma
    trust = World().authority.trust
    assert TrustFile.decode(trust.encode()) == trust
    assert Entropy(seed(1)).draw(40) == Entropy(seed(1)).draw(40)
    record = make_token(Entropy(seed(2)), virtual_account="a", expires=START).record
    assert (record.expires, record.uses, record.max_uses) == (START, 0, 1)
    assert MemoryLedger().head == ChainHead()
