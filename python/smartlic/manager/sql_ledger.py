"""A ledger in a database: loads the facts that a batch needs, commits changes with their preconditions (DESIGN 3).

SQLite is embedded: WAL, synchronous FULL, one writer, many requests a commit. What is decided is the core's business.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from smartlic import _core
from smartlic.errors import SmartlicError, StorageError
from smartlic.manager import schema
from smartlic.manager.schema import FOREVER

__all__ = ["EPOCH", "Conflict", "SqlLedger", "sqlite_file", "to_ms", "to_time"]

Put = _core.PutInstance | _core.InstanceRecord

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Conflict(Exception):
    """A precondition did not hold: somebody else changed the record first. Load and decide again."""


def to_ms(time: datetime | None) -> int:
    """Milliseconds since 1970; None is for ever."""
    if time is None:
        return FOREVER
    gap = time - EPOCH
    return (gap.days * 86400 + gap.seconds) * 1000 + gap.microseconds // 1000


def to_time(ms: int) -> datetime | None:
    """The other way round."""
    if ms >= FOREVER:
        return None
    return EPOCH + timedelta(milliseconds=ms)


def sqlite_file(database: str) -> Path | None:
    """The file of an SQLite ledger; None for one in memory or in another database."""
    if "://" not in database:
        return None if database == ":memory:" else Path(database)
    url = sa.make_url(database)
    on_disk = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
    return Path(str(url.database)) if on_disk else None


class SqlLedger:
    """One ledger. Threads may share it; writers go one at a time."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @classmethod
    def open(cls, url: str) -> SqlLedger:
        """Opens a database: a file's path, ``:memory:``, or an SQLAlchemy URL. Raises ``StorageError``."""
        if "://" not in url:
            url = "sqlite://" if url == ":memory:" else f"sqlite:///{Path(url)}"
        options: dict[str, Any] = {}
        if url == "sqlite://":
            # One connection for all threads, or each would see a database of its own.
            options = {"poolclass": sa.StaticPool, "connect_args": {"check_same_thread": False}}
        engine = sa.create_engine(url, **options)
        if engine.dialect.name == "sqlite":
            _prepare_sqlite(engine)
        return cls(engine)

    def close(self) -> None:
        """Closes every connection."""
        self.engine.dispose()

    # --- schema

    def migrate(self) -> None:
        """Brings the schema to this version's (Alembic). Raises ``StorageError`` for one that is newer."""
        from alembic.util import CommandError

        from smartlic.manager.migrations import upgrade

        with self.writing() as connection:
            try:
                upgrade(connection)
            except CommandError as error:
                message = f"the ledger is of another version of smartlic: {error}"
                raise StorageError(message, "state_version", "after_change") from error

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads."""
        with _storage_errors(), self.engine.connect().execution_options(reading=True) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A durable transaction: all of it, or nothing after an exception."""
        with _storage_errors(), self.engine.begin() as connection:
            yield connection

    # --- facts for a batch

    def load(self, connection: Connection, batch: Sequence[_core.Examined], now: datetime) -> _core.Facts:
        """The records that the queries of a batch name, as they are at ``now``."""
        queries = [examined.query for examined in batch]
        facts = _core.Facts(default_account=self.default_account(connection), head=self.head(connection))
        accounts = {self.default_account(connection)}
        for token in self._tokens(connection, {query.token_id for query in queries if query.token_id}):
            facts.add_token(token)
            accounts.add(token.virtual_account)
        wanted = {query.instance for query in queries if query.instance}
        wanted |= self._instances_of_keys(
            connection, {query.key_thumbprint for query in queries if query.key_thumbprint}
        )
        rows = _in(
            connection,
            sa.select(schema.instances.c.account, schema.instances.c.record),
            schema.instances.c.instance,
            wanted,
        )
        signers = [examined.signer for examined in batch if examined.signer]
        facts.add_instances([row.record for row in rows], known=signers)
        accounts |= {row.account for row in rows}
        udis = {query.udi for query in queries if query.udi}
        found = sa.select(schema.instances.c.udi, schema.instances.c.instance).where(
            schema.instances.c.status == "active"
        )
        for row in _in(connection, found, schema.instances.c.udi, udis):
            facts.add_udi(row.udi, row.instance)
        tags = {tag for query in queries for tag in query.tags}
        known = [row.tag for row in _in(connection, sa.select(schema.tags.c.tag), schema.tags.c.tag, tags)]
        for tag in known:
            facts.add_known_tag(tag)
        self._add_pools(connection, facts, accounts, known, to_ms(now))
        return facts

    def _tokens(self, connection: Connection, ids: set[str]) -> Iterable[_core.TokenRecord]:
        for row in _in(connection, sa.select(schema.tokens), schema.tokens.c.id, ids):
            yield _token(row)

    def _instances_of_keys(self, connection: Connection, thumbprints: set[str]) -> set[str]:
        keys = schema.instance_keys
        return {row.instance for row in _in(connection, sa.select(keys.c.instance), keys.c.thumbprint, thumbprints)}

    def _add_pools(
        self, connection: Connection, facts: _core.Facts, accounts: set[str], tags: list[str], now: int
    ) -> None:
        if not tags:
            return
        purchased = _by_pool(
            connection,
            sa.select(schema.purchases.c.account, schema.purchases.c.tag, sa.func.sum(schema.purchases.c.count)).where(
                schema.purchases.c.start_ms <= now, schema.purchases.c.end_ms > now
            ),
            schema.purchases,
            accounts,
            tags,
        )
        in_use = _by_pool(
            connection,
            sa.select(schema.usage.c.account, schema.usage.c.tag, sa.func.sum(schema.usage.c.count)).where(
                schema.usage.c.until_ms > now
            ),
            schema.usage,
            accounts,
            tags,
        )
        denied = {(row.account, row.tag) for row in connection.execute(sa.select(schema.blocked))}
        for account in accounts:
            for tag in tags:
                facts.add_pool(
                    virtual_account=account,
                    tag=tag,
                    purchased=purchased.get((account, tag), 0),
                    in_use=in_use.get((account, tag), 0),
                    blocked=(account, tag) in denied,
                )

    # --- changes

    def commit(self, connection: Connection, verdicts: Iterable[_core.Verdict]) -> None:
        """Makes the changes of a batch, in their order, within the caller's transaction. Raises ``Conflict``."""
        puts: dict[str, tuple[int, _core.PutInstance]] = {}
        for verdict in verdicts:
            for change in verdict.changes:
                if isinstance(change, _core.PutInstance):
                    # Of several changes of one instance the last record stands; the first has the precondition.
                    first = puts[change.instance][0] if change.instance in puts else change.expected_revision
                    puts[change.instance] = (first, change)
                elif isinstance(change, _core.SpendToken):
                    self._spend(connection, change)
                else:
                    self.append(connection, change.event)
        if puts:
            self._put(connection, list(puts.values()))

    def _spend(self, connection: Connection, spend: _core.SpendToken) -> None:
        tokens = schema.tokens
        spent = connection.execute(
            tokens.update()
            .where(tokens.c.id == spend.id, tokens.c.uses == spend.expected_uses)
            .values(uses=spend.expected_uses + 1)
        )
        if spent.rowcount != 1:
            raise Conflict(f"token {spend.id}")

    def _put(self, connection: Connection, puts: list[tuple[int, Put]]) -> None:
        fresh = [_row(put) for expected, put in puts if expected == 0]
        if fresh:
            try:
                connection.execute(schema.instances.insert(), fresh)
            except sa.exc.IntegrityError as error:
                raise Conflict("instance") from error
        known = [{**_row(put), "key": put.instance, "expected": expected} for expected, put in puts if expected != 0]
        if known:
            changed = connection.execute(_UPDATE_INSTANCE, known)
            if changed.rowcount != len(known):
                raise Conflict("instance")
        self._replace_keys(connection, [put for _, put in puts])
        self._replace_usage(connection, [put for _, put in puts])

    def _replace_keys(self, connection: Connection, puts: list[Put]) -> None:
        keys = schema.instance_keys
        now_kept = {put.instance: set(put.key_thumbprints) if put.status == "active" else set() for put in puts}
        kept: dict[str, set[str]] = {instance: set() for instance in now_kept}
        for row in _in(connection, sa.select(keys), keys.c.instance, set(now_kept)):
            kept[row.instance].add(row.thumbprint)
        gone = [thumb for instance, before in kept.items() for thumb in before - now_kept[instance]]
        fresh = [
            {"thumbprint": thumb, "instance": instance}
            for instance, after in now_kept.items()
            for thumb in after - kept[instance]
        ]
        if gone:
            connection.execute(keys.delete().where(keys.c.thumbprint.in_(gone)))
        if fresh:
            try:
                connection.execute(keys.insert(), fresh)
            except sa.exc.IntegrityError as error:
                raise Conflict("key") from error

    def _replace_usage(self, connection: Connection, puts: list[Put]) -> None:
        usage = schema.usage
        connection.execute(
            usage.delete().where(usage.c.instance == sa.bindparam("key")), [{"key": put.instance} for put in puts]
        )
        rows = [
            {
                "instance": put.instance,
                "tag": tag,
                "account": put.virtual_account,
                "count": count,
                "until_ms": to_ms(put.usage_until),
            }
            for put in puts
            if put.status == "active"
            for tag, count in put.usage
        ]
        if rows:
            connection.execute(usage.insert(), rows)

    def put_record(self, connection: Connection, record: _core.InstanceRecord, expected_revision: int) -> None:
        """Replaces one record, as an administrator's command does. Raises ``Conflict``."""
        self._put(connection, [(expected_revision, record)])

    # --- the event chain (P4)

    def head(self, connection: Connection) -> _core.ChainHead:
        """The end of the chain."""
        events = schema.events
        row = connection.execute(
            sa.select(events.c.sequence, events.c.hash).order_by(events.c.sequence.desc()).limit(1)
        ).first()
        return _core.ChainHead() if row is None else _core.ChainHead(row.sequence, row.hash)

    def append(self, connection: Connection, event: _core.LedgerEvent) -> None:
        """Adds a link. Raises ``Conflict`` if another one has its place."""
        head = self.head(connection)
        if event.sequence != head.sequence + 1 or event.previous != head.hash:
            raise Conflict(f"event {event.sequence}")
        row = {
            "sequence": event.sequence,
            "at_ms": to_ms(event.at),
            "kind": event.kind,
            "subject": event.subject,
            "text": event.text,
            "previous": event.previous,
            "hash": event.hash,
        }
        try:
            connection.execute(schema.events.insert(), [row])
        except sa.exc.IntegrityError as error:
            raise Conflict(f"event {event.sequence}") from error

    def note(self, connection: Connection, subject: str, text: str, at: datetime) -> None:
        """Appends what an administrator did."""
        self.append(
            connection,
            _core.append_event(self.head(connection), at=at, kind="administration", subject=subject, text=text),
        )

    # --- settings

    def setting(self, connection: Connection, name: str) -> str | None:
        """One setting's text; None if there is none."""
        return connection.scalar(sa.select(schema.settings.c.value).where(schema.settings.c.name == name))

    def settings(self, connection: Connection, names: Sequence[str]) -> dict[str, str]:
        """The texts of those settings that there are."""
        rows = connection.execute(sa.select(schema.settings).where(schema.settings.c.name.in_(names)))
        return {row.name: row.value for row in rows}

    def set_setting(self, connection: Connection, name: str, value: str) -> None:
        """Writes one setting."""
        connection.execute(schema.settings.delete().where(schema.settings.c.name == name))
        connection.execute(schema.settings.insert(), [{"name": name, "value": value}])

    def default_account(self, connection: Connection) -> str:
        """Where adopted instances go (M9)."""
        return self.setting(connection, "default_account") or "default"


def _row(put: Put) -> dict[str, Any]:
    return {
        "instance": put.instance,
        "revision": put.revision,
        "status": put.status,
        "account": put.virtual_account,
        "udi": put.udi,
        "hostname": put.hostname,
        "registered_ms": to_ms(put.registered),
        "last_seen_ms": to_ms(put.last_seen),
        "out_of_compliance": put.out_of_compliance,
        "fork_suspected": put.fork_suspected,
        "record": put.encode() if isinstance(put, _core.InstanceRecord) else put.record,
    }


_COLUMNS = [column.name for column in schema.instances.columns]
_UPDATE_INSTANCE = (
    schema.instances.update()
    .where(schema.instances.c.instance == sa.bindparam("key"), schema.instances.c.revision == sa.bindparam("expected"))
    .values({name: sa.bindparam(name) for name in _COLUMNS if name != "instance"})
)


def _token(row: Any) -> _core.TokenRecord:
    return _core.TokenRecord(
        id=row.id,
        secret_hash=row.secret_hash,
        virtual_account=row.account,
        expires=to_time(row.expires_ms),
        max_uses=row.max_uses,
        uses=row.uses,
        revoked=row.revoked,
    )


def _in(connection: Connection, query: sa.Select[Any], column: sa.Column[Any], values: set[str]) -> list[Any]:
    """The rows whose column is one of ``values``, however many these are (databases limit a statement's parameters)."""
    ordered = sorted(values)
    rows: list[Any] = []
    for start in range(0, len(ordered), 500):
        rows.extend(connection.execute(query.where(column.in_(ordered[start : start + 500]))))
    return rows


def _by_pool(
    connection: Connection, query: sa.Select[Any], table: sa.Table, accounts: set[str], tags: list[str]
) -> dict[tuple[str, str], int]:
    found = query.where(table.c.account.in_(sorted(accounts)), table.c.tag.in_(tags)).group_by(
        table.c.account, table.c.tag
    )
    return {(account, tag): int(total) for account, tag, total in connection.execute(found)}


def _prepare_sqlite(engine: Engine) -> None:
    """WAL and synchronous FULL; writers lock at their beginning, so that none fails half-way."""

    @sa.event.listens_for(engine, "connect")
    def _connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


@contextmanager
def _storage_errors() -> Iterator[None]:
    try:
        yield
    except (SmartlicError, Conflict):
        raise
    except sa.exc.DatabaseError as error:
        text = str(error.orig or error)
        if "disk is full" in text:
            raise StorageError(f"the ledger's disk is full: {text}", "storage_full", "after_change") from error
        if "malformed" in text or "not a database" in text:
            raise StorageError(f"the ledger is damaged: {text}", "state_damaged", "after_change") from error
        if "locked" in text:
            raise StorageError(f"the ledger is in use: {text}", "locked", "later") from error
        raise StorageError(f"the ledger failed: {text}", "storage_failed", "after_change") from error


def retrying(step: Callable[[], Any], tries: int = 10) -> Any:
    """Loads and decides again after a ``Conflict``. Raises ``StorageError`` (conflict) if it never works."""
    for _ in range(tries):
        try:
            return step()
        except Conflict as conflict:
            last = conflict
    raise StorageError(f"others keep changing the same records: {last}", "conflict", "later")
