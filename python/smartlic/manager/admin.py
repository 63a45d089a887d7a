"""What an administrator does and sees: accounts, licences, tokens, instances, inventory, events (RULES P; S7, F6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from smartlic import _core
from smartlic._gate import entropy
from smartlic.errors import InputError
from smartlic.manager import schema
from smartlic.manager.sql_ledger import EPOCH, SqlLedger, retrying, to_ms, to_time
from smartlic.times import instant

__all__ = ["Administration", "InventoryRow"]

MOST_LICENCES = 1_000_000_000


@dataclass(frozen=True)
class InventoryRow:
    """A line of the inventory (F6): a balance below zero is an alert."""

    account: str
    tag: str
    short_name: str
    purchased: int
    in_use: int

    @property
    def balance(self) -> int:
        """Purchased minus in use."""
        return self.purchased - self.in_use

    def to_dict(self) -> dict[str, Any]:
        """Plain types, for JSON."""
        return {**asdict(self), "balance": self.balance, "alert": self.balance < 0}


class Administration:
    """The administrator's commands; each is one transaction with its event (P4)."""

    def __init__(self, ledger: SqlLedger, clock: Callable[[], datetime]) -> None:
        self.ledger = ledger
        self.clock = clock
        self.failures = 0

    # --- accounts and licences

    def add_account(self, name: str) -> None:
        """Makes a virtual account. Raises ``InputError`` (already_exists, invalid_argument)."""
        if not name.strip():
            raise InputError("a virtual account needs a name", "invalid_argument", "never")

        def step(connection: Connection, now: datetime) -> None:
            if self._has_account(connection, name):
                raise InputError(f"the virtual account '{name}' exists already", "already_exists", "after_change")
            connection.execute(schema.accounts.insert(), [{"name": name}])
            self.ledger.note(connection, name, "create virtual account", now)

        self._do(step)

    def accounts(self) -> list[str]:
        """The names of all virtual accounts."""
        with self.ledger.reading() as connection:
            return list(connection.scalars(sa.select(schema.accounts.c.name).order_by(schema.accounts.c.name)))

    def add_tag(self, entry: _core.CatalogueEntry) -> None:
        """Puts a licence into the catalogue; others are denied (M9). Raises ``InputError`` (already_exists)."""

        def step(connection: Connection, now: datetime) -> None:
            try:
                self.catalogue(connection).resolve(entry.tag)
            except InputError:
                row = {name: getattr(entry, name) for name in ("tag", "short_name", "cps", "version", "display_name")}
                connection.execute(schema.tags.insert(), [row])
                self.ledger.note(connection, entry.tag, "add tag to the catalogue", now)
                return
            raise InputError(f"{entry.short_name} is in the catalogue already", "already_exists", "after_change")

        self._do(step)

    def catalogue(self, connection: Connection | None = None) -> _core.Catalogue:
        """The licences that are known."""
        if connection is None:
            with self.ledger.reading() as fresh:
                return self.catalogue(fresh)
        rows = connection.execute(sa.select(schema.tags).order_by(schema.tags.c.short_name))
        return _core.Catalogue(
            [
                _core.CatalogueEntry(
                    short_name=row.short_name,
                    tag=row.tag,
                    cps=row.cps,
                    version=row.version,
                    display_name=row.display_name,
                )
                for row in rows
            ]
        )

    def purchase(
        self,
        tag: str,
        count: int,
        *,
        account: str = "default",
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> None:
        """Adds licences to a virtual account, valid in [start, end); perpetual without an end (P1).

        ``start`` is now if not given. Raises ``InputError`` (unknown_tag, not_found, invalid_argument).
        """
        if not 1 <= count <= MOST_LICENCES:
            raise InputError(f"the count {count} is not between 1 and 1,000,000,000", "invalid_argument", "never")
        start, end = (None if time is None else instant(time) for time in (start, end))
        if end is not None and end <= (start or self.clock()):
            raise InputError("the licences would end before they begin", "invalid_argument", "never")

        def step(connection: Connection, now: datetime) -> None:
            entry = self.catalogue(connection).resolve(tag)
            self._need_account(connection, account)
            row = {
                "account": account,
                "tag": entry.tag,
                "count": count,
                "start_ms": to_ms(start or now),
                "end_ms": to_ms(end),
            }
            connection.execute(schema.purchases.insert(), [row])
            self.ledger.note(connection, account, f"purchase {count} x {entry.tag}", now)

        self._do(step)

    def set_blocked(self, tag: str, blocked: bool, *, account: str = "default") -> None:
        """Denies a tag in one account, or no longer: who asks loses the authorization (M9). Raises ``InputError``."""

        def step(connection: Connection, now: datetime) -> None:
            entry = self.catalogue(connection).resolve(tag)
            self._need_account(connection, account)
            table = schema.blocked
            connection.execute(table.delete().where(table.c.account == account, table.c.tag == entry.tag))
            if blocked:
                connection.execute(table.insert(), [{"account": account, "tag": entry.tag}])
            self.ledger.note(connection, account, f"{'block' if blocked else 'unblock'} {entry.tag}", now)

        self._do(step)

    def inventory(self, account: str | None = None) -> list[InventoryRow]:
        """Per account and tag: purchased, in use, balance (F6). Raises ``InputError`` (not_found)."""
        with self.ledger.reading() as connection:
            now = to_ms(self.clock())
            if account is not None:
                self._need_account(connection, account)
            names = {entry.tag: entry.short_name for entry in self.catalogue(connection).entries}
            purchases, usage = schema.purchases, schema.usage
            bought = _sums(connection, purchases, sa.and_(purchases.c.start_ms <= now, purchases.c.end_ms > now))
            used = _sums(connection, usage, usage.c.until_ms > now)
        return [
            InventoryRow(where, tag, names.get(tag, tag), bought.get((where, tag), 0), used.get((where, tag), 0))
            for where, tag in sorted(bought.keys() | used.keys())
            if account is None or where == account
        ]

    # --- tokens

    def create_token(self, *, account: str = "default", expires: datetime | None = None, max_uses: int = 1) -> str:
        """A registration token's text, which is shown here and never again (P3). Raises ``InputError``."""
        expires = None if expires is None else instant(expires)
        if expires is not None and expires <= self.clock():
            raise InputError("the token would have expired already", "invalid_argument", "never")
        made = _core.make_token(_core.Entropy(entropy(32)), virtual_account=account, expires=expires, max_uses=max_uses)
        record = made.record

        def step(connection: Connection, now: datetime) -> None:
            self._need_account(connection, account)
            row = {
                "id": record.id,
                "secret_hash": record.secret_hash,
                "account": account,
                "expires_ms": to_ms(record.expires),
                "max_uses": record.max_uses,
                "uses": 0,
                "revoked": False,
            }
            connection.execute(schema.tokens.insert(), [row])
            self.ledger.note(connection, record.id, f"create token for {account}", now)

        self._do(step)
        return str(made.text)

    def revoke_token(self, token_id: str) -> None:
        """Ends a token. Raises ``InputError`` (not_found)."""
        token_id = token_id.partition(".")[0]

        def step(connection: Connection, now: datetime) -> None:
            table = schema.tokens
            changed = connection.execute(table.update().where(table.c.id == token_id).values(revoked=True))
            if changed.rowcount != 1:
                raise InputError(f"there is no token {token_id}", "not_found", "after_change")
            self.ledger.note(connection, token_id, "revoke token", now)

        self._do(step)

    def tokens(self) -> list[dict[str, Any]]:
        """All tokens, without secrets: id, account, expires, max_uses, uses, revoked."""
        with self.ledger.reading() as connection:
            return [
                {
                    "id": row.id,
                    "account": row.account,
                    "expires": to_time(row.expires_ms),
                    "max_uses": row.max_uses,
                    "uses": row.uses,
                    "revoked": bool(row.revoked),
                }
                for row in connection.execute(sa.select(schema.tokens).order_by(schema.tokens.c.id))
            ]

    # --- instances

    def instances(self, account: str | None = None) -> list[dict[str, Any]]:
        """All product instances: who they are, what they use, when they were last seen."""
        table = schema.instances
        query = sa.select(table.c.record, table.c.account).order_by(table.c.registered_ms, table.c.instance)
        with self.ledger.reading() as connection:
            rows = connection.execute(query if account is None else query.where(table.c.account == account)).all()
        return [_instance(_core.InstanceRecord.decode(row.record)) for row in rows]

    def administer(self, instance: str, command: str) -> None:
        """Acts on one instance: remove, revoke-certificate, refuse-copies, serve-copies, clear-suspicion (M9, M11).

        Raises ``InputError`` (not_found, invalid_argument).
        """

        def step(connection: Connection, now: datetime) -> None:
            table = schema.instances
            text = connection.scalar(sa.select(table.c.record).where(table.c.instance == instance))
            if text is None:
                raise InputError(f"there is no product instance {instance}", "not_found", "after_change")
            record = _core.InstanceRecord.decode(text)
            before = record.revision
            record.administer(command)
            self.ledger.put_record(connection, record, before)
            self.ledger.note(connection, instance, command, now)

        self._do(step)

    # --- events

    def events(self, *, after: int = 0) -> list[_core.LedgerEvent]:
        """The links of the event chain after a sequence number."""
        table = schema.events
        with self.ledger.reading() as connection:
            rows = connection.execute(sa.select(table).where(table.c.sequence > after).order_by(table.c.sequence)).all()
        return [
            _core.LedgerEvent(
                sequence=row.sequence,
                at=EPOCH + timedelta(milliseconds=row.at_ms),
                kind=row.kind,
                subject=row.subject,
                text=row.text,
                previous=row.previous,
                hash=row.hash,
            )
            for row in rows
        ]

    def verify_events(self, checkpoints: list[bytes] | None = None) -> _core.ChainReport:
        """Checks the chain, against checkpoints kept elsewhere if given; the report says what that proves (P4)."""
        identity = self._identity()
        known = [
            _core.verify_checkpoint(each, manager=identity.manager, roots=identity.roots).head
            for each in checkpoints or []
        ]
        return _core.verify_chain(self.events(), known)

    def checkpoint(self) -> bytes:
        """A signed statement of the chain's end, to be kept where this manager's administrator cannot write."""
        identity = self._identity()
        with self.ledger.reading() as connection:
            head = self.ledger.head(connection)
        made = _core.Checkpoint(manager=identity.manager, head=head, at=self.clock())
        return bytes(_core.sign_checkpoint(made, identity.signing))

    # --- inside

    def _identity(self) -> _core.ManagerIdentity:
        from smartlic.manager.keeping import kept_identity

        with self.ledger.reading() as connection:
            return kept_identity(self.ledger, connection)

    def _do(self, step: Callable[[Connection, datetime], None]) -> None:
        def attempt() -> None:
            with self.ledger.writing() as connection:
                step(connection, self.clock())

        retrying(attempt)

    def _has_account(self, connection: Connection, name: str) -> bool:
        return connection.scalar(sa.select(schema.accounts.c.name).where(schema.accounts.c.name == name)) is not None

    def _need_account(self, connection: Connection, name: str) -> None:
        if not self._has_account(connection, name):
            known = ", ".join(connection.scalars(sa.select(schema.accounts.c.name)))
            raise InputError(f"there is no virtual account '{name}'; known: {known}", "not_found", "after_change")


def _sums(connection: Connection, table: sa.Table, condition: sa.ColumnElement[bool]) -> dict[tuple[str, str], int]:
    query = sa.select(table.c.account, table.c.tag, sa.func.sum(table.c.count)).where(condition)
    return {
        (account, tag): int(total)
        for account, tag, total in connection.execute(query.group_by(table.c.account, table.c.tag))
    }


def _instance(record: _core.InstanceRecord) -> dict[str, Any]:
    return {
        "instance": record.instance,
        "status": record.status,
        "account": record.virtual_account,
        "udi": record.udi,
        "hostname": record.hostname,
        "registered": record.registered,
        "last_seen": record.last_seen,
        "usage": dict(record.usage),
        "usage_until": record.usage_until,
        "compliance_status": "OutOfCompliance" if record.out_of_compliance else "InCompliance",
        "fork_suspected": record.fork_suspected,
        "revoked": record.revoked,
    }
