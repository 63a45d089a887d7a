"""The agent, the manager and the ledger through the bindings: one life, what is refused, what is kept."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import timedelta

import pytest
from core_world import ACCOUNT, CUSP_5, DAY, START, TICK, World, code_of, seed
from hypothesis import given, settings
from hypothesis import strategies as st
from smartlic._core import (
    Agent,
    Catalogue,
    CatalogueEntry,
    ChainHead,
    EntitlementRequest,
    EntitlementTag,
    Entropy,
    Facts,
    Manager,
    MemoryLedger,
    Persist,
    PrivateKey,
    Send,
    TrustFile,
    Udi,
    make_token,
    new_root,
    parse_envelope,
    parse_token,
    rotate_signing,
    signing_due_for_rotation,
    swap_roots,
)
from smartlic._gate import Mode
from smartlic.errors import InputError, StateError, StorageError, TrustError

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
    assert world.agent.mode.name == "InCompliance"
    world.wait(TICK)
    assert world.agent.mode.name == "AuthorizationExpired"
    assert world.agent.status()["authorization"]["ended_by"] == "authorization"
    assert world.agent.status()["communication_lost"]
    world.online = True
    world.wait(DAY)  # more than the longest back-off (E8)
    assert world.agent.mode.name == "InCompliance"


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
    assert world.agent.mode.name == "InCompliance"
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
    assert world.agent.mode.name == "InCompliance"
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
    assert world.agent.mode.name == "InCompliance"
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
        assert timedelta(0) <= pending["authorization"] - world.wall - due <= timedelta(minutes=2)  # E8: jittered
        assert pending["authorization"] <= world.wall + timedelta(hours=12)


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
    assert world.agent.mode.name == "InCompliance"


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
