"""The ledger in SQL beside the one in memory: the same requests, the same answers (DESIGN 3)."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from core_world import ACCOUNT, CUSP_5, DAY, START, new_agent, seed
from smartlic import _core
from smartlic._core import Agent, EntitlementRequest, MemoryLedger, Send, TrustFile, make_token, parse_token
from smartlic._gate import Now
from smartlic.errors import InputError, StateError, StorageError, TrustError
from smartlic.manager import Manager, SqlLedger, schema
from smartlic.manager.sql_ledger import Conflict, retrying, to_ms
from stateful_world import SOME_BOOT, Message


class Both:
    """One manager's identity over two ledgers that are given the same facts, and asked the same."""

    def __init__(self) -> None:
        self.time = START
        self.sql = Manager.init(":memory:", clock=lambda: self.time)[0]
        self.core = _core.Manager(self.sql.core.identity, seed=seed(1))
        self.memory = MemoryLedger(ACCOUNT)
        self.memory.add_tag(CUSP_5.tag, at=START)
        self.entropy = _core.Entropy(seed(2))

    def now(self) -> Now:
        gap = self.time - START
        return Now(wall=self.time, boot=gap // timedelta(microseconds=1) * 1000, boot_id=SOME_BOOT)

    def purchase(self, count: int, end: datetime | None) -> None:
        self.sql.purchase(CUSP_5.tag, count, start=self.time, end=end)
        self.memory.purchase(ACCOUNT, CUSP_5.tag, count, start=self.time, end=end, at=self.time)

    def token(self, max_uses: int, expires: datetime | None) -> str:
        made = make_token(self.entropy, virtual_account=ACCOUNT, expires=expires, max_uses=max_uses)
        self.memory.add_token(made.record, at=self.time)
        record = made.record
        row = {
            "id": record.id,
            "secret_hash": record.secret_hash,
            "account": ACCOUNT,
            "expires_ms": to_ms(expires),
            "max_uses": max_uses,
            "uses": 0,
            "revoked": False,
        }
        with self.sql.ledger.writing() as connection:
            connection.execute(schema.tokens.insert(), [row])
        return str(made.text)

    def block(self, blocked: bool) -> None:
        self.sql.set_blocked(CUSP_5.tag, blocked)
        self.memory.set_blocked(ACCOUNT, CUSP_5.tag, blocked, at=self.time)

    def inventory(self) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        sql = [(row.purchased, row.in_use) for row in self.sql.inventory()]
        memory = [(row.purchased, row.in_use) for row in self.memory.inventory(ACCOUNT, now=self.time)]
        return sql, memory


class Pair:
    """Two agents of one product, each with its ledger: identifiers differ, since entropy does; the content does not."""

    def __init__(self, both: Both, number: int) -> None:
        self.both = both
        self.agents = [new_agent(number, both.now()), new_agent(number, both.now())]
        self.do(lambda agent: agent.enable(now=both.now()))

    def do(self, command: Callable[[Agent], object]) -> None:
        outcomes = []
        for which, agent in enumerate(self.agents):
            answers: list[object] = []
            try:
                command(agent)
            except (StateError, TrustError) as error:
                answers.append(error.code)
            while (output := agent.poll_output()) is not None:
                if isinstance(output, Send):
                    answers.append(self.exchange(which, agent, output))
            outcomes.append((answers, agent.mode, agent.registered, agent.limit(_core.Catalogue())))
        assert outcomes[0] == outcomes[1]

    def exchange(self, which: int, agent: Agent, sent: Send) -> object:
        both = self.both
        if which == 0:
            ((status, body),) = both.sql.handle([sent.bytes], channel=sent.slot)
        else:
            status, body = both.memory.serve(both.core, sent.bytes, channel=sent.slot, now=both.time)
        if status != 200:
            agent.handle_no_answer("http_status", now=both.now())
            return status
        agent.handle_answer(body, now=both.now())
        message = Message.read(body)
        shown = ("code", "compliance_status", "entitlements", "start_date", "expiry", "retry_interval", "time")
        return message.type, {name: message.payload.get(name) for name in shown}

    def administer(self, command: str) -> None:
        instances = [agent.instance for agent in self.agents]
        if instances[0] is not None and instances[1] is not None:
            self.both.sql.administer(str(instances[0]), command)
            self.both.memory.administer(instances[1], command, at=self.both.time)


def live(act: str, dice: random.Random, both: Both, pairs: list[Pair], tokens: list[str]) -> None:
    """One thing that happens to a product, chosen by the dice."""
    pair = dice.choice(pairs)
    if act == "register":
        token = parse_token(dice.choice(tokens))
        trust = TrustFile.decode(both.sql.trust_file)
        pair.do(lambda agent: agent.register(trust=trust, token=token, now=both.now()))
    elif act == "request":
        count = dice.randrange(4)
        wanted = [EntitlementRequest(tag=CUSP_5.tag, count=count)] if count else []
        pair.do(lambda agent: agent.request(wanted, now=both.now()))
    elif act == "wait":
        both.time += dice.choice([1, 20, 95, 200]) * DAY
        for each in pairs:
            each.do(lambda agent: agent.handle_timeout(now=both.now()))
    elif act == "admin":
        what = dice.choice(["buy", "lease", "block", "unblock", "remove", "revoke-certificate", "refuse-copies"])
        if what in ("buy", "lease"):
            both.purchase(dice.randrange(1, 3), both.time + 30 * DAY if what == "lease" else None)
        elif what in ("block", "unblock"):
            both.block(what == "block")
        else:
            pair.administer(what)
    else:
        pair.do(lambda agent: getattr(agent, act)(now=both.now()))


@pytest.mark.parametrize("number", range(6))
def test_the_same_requests_get_the_same_answers(number: int) -> None:
    dice = random.Random(number)
    both = Both()
    both.purchase(2, None)
    tokens = [both.token(2, None), both.token(1, START + 40 * DAY), both.token(3, None)]
    pairs = [Pair(both, each) for each in range(3)]
    kinds: set[str] = set()
    for _ in range(60):
        act = dice.choice(["register", "request", "request", "authorize", "renew", "deregister", "wait", "admin"])
        kinds.add(act)
        live(act, dice, both, pairs, tokens)
        sql, memory = both.inventory()
        assert sql == memory
    assert len(kinds) == 7
    assert both.sql.verify_events().intact
    security = [event.kind for event in both.sql.events() if event.kind != "administration"]
    assert security == [event.kind for event in both.memory.events if event.kind != "administration"]


def test_the_migrations_make_the_schema_of_today() -> None:
    ledger = SqlLedger.open(":memory:")
    ledger.migrate()
    ledger.migrate()  # twice is once
    with ledger.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, schema.metadata) == []


# --- conflicts


def _registered(path: Path) -> tuple[Manager, Manager, list[Any]]:
    first = Manager.init(path)[0]
    second = Manager.open(path)
    from smartlic.agent import Agent as Driver

    agents = []
    for number in range(4):
        agent = Driver.open(":memory:", hostname=f"proxy-{number}", transport=_By(second if number % 2 else first))
        agent.enable()
        agent.register(trust=first.trust_file, token=first.create_token())
        agents.append(agent)
    return first, second, agents


class _By:
    """Straight to a manager."""

    def __init__(self, manager: Manager) -> None:
        self.manager = manager

    def exchange(self, request: bytes, licensing_time: datetime) -> bytes:
        ((status, body),) = self.manager.handle([request])
        assert status == 200
        return body


def test_several_managers_on_one_file_keep_counts_exact(tmp_path: Path) -> None:
    first, second, agents = _registered(tmp_path / "manager.db")
    with first, second:
        first.purchase("CUSP-5", 10)
        with ThreadPoolExecutor(4) as pool:
            for count in (1, 2, 3):
                list(pool.map(lambda agent, count=count: agent.request({"CUSP-5": count}), agents))
                assert [row.in_use for row in second.inventory()] == [4 * count]
        assert {agent.last_failure for agent in agents} == {None}
        assert first.inventory() == second.inventory()
        assert second.verify_events().intact
        assert (first.failures, second.failures) == (0, 0)


def test_a_conflict_is_decided_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, agents = _registered(tmp_path / "manager.db")
    with first, second:
        real = first.ledger.commit
        raised = iter([Conflict("another manager was first")] * 3)

        def commit(*arguments: Any) -> None:
            for conflict in raised:
                raise conflict
            real(*arguments)

        monkeypatch.setattr(first.ledger, "commit", commit)
        agents[0].request({"CUSP-5": 1})
        assert agents[0].mode == "OutOfCompliance"
        assert first.failures == 0


def test_what_keeps_conflicting_is_an_error_and_a_signed_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise Conflict("always")

    with pytest.raises(StorageError) as gave_up:
        retrying(never)
    assert (gave_up.value.code, gave_up.value.retry) == ("conflict", "later")
    first, second, agents = _registered(tmp_path / "manager.db")
    with first, second:
        monkeypatch.setattr(first.ledger, "commit", never)
        agents[0].request({"CUSP-5": 1})
        assert agents[0].status()["recent"][-1]["code"] == "internal"
        assert agents[0].mode == "Eval"


@pytest.mark.parametrize("what", ["record", "event"])
def test_preconditions_are_constraints(tmp_path: Path, what: str) -> None:
    """Each change that was decided on a record that is no longer so is refused whole (DESIGN 3)."""
    first, second, agents = _registered(tmp_path / "manager.db")
    with first, second:
        ledger = first.ledger
        with ledger.reading() as connection:
            head = ledger.head(connection)
            text = connection.scalar(sa.select(schema.instances.c.record))
        before = (first.instances(), first.tokens(), len(first.events()))

        def write() -> None:
            with ledger.writing() as connection:
                ledger.set_setting(connection, "half", "done")
                if what == "record":
                    ledger.put_record(connection, _core.InstanceRecord.decode(str(text)), 99)
                else:
                    event = _core.append_event(head, at=START, kind="administration", subject="x", text="y")
                    ledger.append(connection, event)
                    ledger.append(connection, event)

        with pytest.raises(Conflict):
            write()
        assert (first.instances(), first.tokens(), len(first.events())) == before
        with ledger.reading() as connection:
            assert ledger.setting(connection, "half") is None
        assert agents[0].status()["registered"]


# --- the administrator


def test_what_does_not_exist_is_named() -> None:
    manager = Manager.open(":memory:")
    cases: list[tuple[Callable[[], object], str]] = [
        (lambda: manager.purchase("CUSP-5", 0), "invalid_argument"),
        (lambda: manager.purchase("CUSP-6", 1), "unknown_tag"),
        (lambda: manager.purchase("CUSP-5", 1, account="emea"), "not_found"),
        (lambda: manager.create_token(account="emea"), "not_found"),
        (lambda: manager.revoke_token("nobody"), "not_found"),
        (lambda: manager.inventory("emea"), "not_found"),
        (lambda: manager.administer("nobody", "remove"), "not_found"),
        (lambda: manager.add_account("default"), "already_exists"),
        (lambda: manager.add_account(" "), "invalid_argument"),
        (lambda: manager.add_tag(CUSP_5), "already_exists"),
    ]
    for action, code in cases:
        before = len(manager.events())
        with pytest.raises(InputError) as refused:
            action()
        assert refused.value.code == code
        assert len(manager.events()) == before


def test_accounts_are_pools_of_their_own() -> None:
    manager = Manager.open(":memory:")
    manager.add_account("emea")
    manager.purchase("CUSP-5", 3, account="emea")
    assert manager.accounts() == ["default", "emea"]
    assert [(row.account, row.purchased) for row in manager.inventory()] == [("emea", 3)]
    assert manager.inventory("default") == []
    checkpoint = manager.checkpoint()
    assert manager.verify_events([checkpoint]).intact
    with manager.ledger.writing() as connection:
        connection.execute(schema.events.update().where(schema.events.c.sequence == 2).values(text="nothing"))
    assert (manager.verify_events().intact, manager.verify_events().first_bad) == (False, 2)
