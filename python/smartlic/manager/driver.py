"""The manager over a ledger: requests in, answers out, and what an administrator does."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection

from smartlic import _core
from smartlic._gate import create_file_atomic, entropy
from smartlic.errors import InputError, SmartlicError
from smartlic.manager import keeping
from smartlic.manager.admin import Administration
from smartlic.manager.sql_ledger import SqlLedger, retrying, sqlite_file

__all__ = ["Manager"]

_log = logging.getLogger(__name__)

Clock = Callable[[], datetime]


def _system_time() -> datetime:
    return datetime.now(UTC)


class Manager(Administration):
    """A manager at work. Threads may share one.

    ``handle`` answers devices; the methods of ``Administration`` are the administrator's. All state is in the ledger,
    so any number of managers may share one. Raises ``StorageError`` wherever the ledger fails; nothing is half done.
    """

    def __init__(self, ledger: SqlLedger, *, clock: Clock = _system_time) -> None:
        super().__init__(ledger, clock)
        with ledger.reading() as connection:
            self._load(connection)

    def _load(self, connection: Connection) -> None:
        identity = keeping.kept_identity(self.ledger, connection)
        policy = keeping.kept_policy(self.ledger, connection)
        self.core = _core.Manager(identity, policy=policy, seed=entropy(32))
        self._shared = self._shared_settings(connection)

    def _shared_settings(self, connection: Connection) -> dict[str, str]:
        """What all managers on one ledger have to agree on, and any of them may change (M3)."""
        return self.ledger.settings(connection, ("signing_certificate", "policy"))

    @classmethod
    def open(cls, database: str | Path, *, clock: Clock = _system_time) -> Manager:
        """Opens a ledger: a file, an SQLAlchemy URL, or ``":memory:"`` for a new manager that keeps nothing.

        Raises ``InputError`` (not_found), ``StorageError`` (state_version, state_damaged, storage_failed).
        """
        if str(database) == ":memory:":
            manager, _ = cls.init(":memory:", clock=clock)
            return manager
        if "://" not in str(database) and not Path(database).exists():
            message = f"there is no ledger at {database}; make one with 'smartlic manager init --database {database}'"
            raise InputError(message, "not_found", "after_change")
        ledger = SqlLedger.open(str(database))
        ledger.migrate()
        return cls(ledger, clock=clock)

    @classmethod
    def init(
        cls,
        database: str | Path,
        *,
        logical_account: str = "default",
        algorithm: str = "ES256",
        rsa_bits: int = 2048,
        tls_names: Sequence[str] = ("localhost", "127.0.0.1"),
        catalogue: _core.Catalogue | None = None,
        clock: Clock = _system_time,
    ) -> tuple[Manager, _core.NewAuthority]:
        """Makes a manager: root, signing certificate, TLS certificate, ledger with the account ``default``.

        Gives the manager, and the authority with the root's key, which serving does not need: keep it elsewhere. Raises
        ``InputError`` (already_exists).
        """
        database = str(database)
        now = clock()
        order = _core.AuthorityOrder(logical_account=logical_account, algorithm=algorithm, rsa_bits=rsa_bits)
        authority = _core.new_authority(_core.Entropy(entropy(32)), now=now, order=order)
        tls = keeping.new_tls(authority.root, list(tls_names), now, entropy(16))
        if file := sqlite_file(database):
            create_file_atomic(file, b"")  # nobody else may read the signing key in it
        ledger = SqlLedger.open(database)
        ledger.migrate()
        with ledger.writing() as connection:
            if ledger.setting(connection, "trust") is not None:
                raise InputError(f"{database} has a manager already", "already_exists", "after_change")
            keeping.keep_identity(ledger, connection, authority.identity)
            keeping.keep_policy(ledger, connection, _core.ManagerPolicy())
            keeping.keep_tls(ledger, connection, tls)
            ledger.set_setting(connection, "default_account", "default")
        manager = cls(ledger, clock=clock)
        manager.add_account("default")
        for entry in (catalogue or _core.Catalogue()).entries:
            manager.add_tag(entry)
        return manager, authority

    @property
    def trust_file(self) -> bytes:
        """What agents pin (M14)."""
        identity = self.core.identity
        return _core.TrustFile(manager=identity.manager, roots=identity.roots).encode()

    @property
    def tls(self) -> keeping.TlsPair:
        """The server's TLS certificate and key."""
        with self.ledger.reading() as connection:
            return keeping.kept_tls(self.ledger, connection)

    def rotation_due(self) -> bool:
        """Whether the signing certificate has two lives of an ID certificate left, or less (M6)."""
        return bool(_core.signing_due_for_rotation(self.core.identity.signing.certificate, now=self.clock()))

    def rotate(self, root_pem: str, *, tls_names: Sequence[str]) -> None:
        """Issues a new signing and a new TLS certificate by the root, whose certificate and key are ``root_pem``.

        Managers that serve on this ledger sign with the new one from their next batch on (M3); for the TLS certificate
        they have to be started again. Raises ``InputError`` for a root that is not this manager's.
        """
        root = keeping.read_root(root_pem)

        def step(connection: Connection, now: datetime) -> None:
            identity = _core.rotate_signing(root, keeping.kept_identity(self.ledger, connection), now=now)
            keeping.keep_identity(self.ledger, connection, identity)
            keeping.keep_tls(self.ledger, connection, keeping.new_tls(root, list(tls_names), now, entropy(16)))
            serial = identity.signing.certificate.serial
            self.ledger.note(connection, str(identity.manager), f"rotate signing certificate to serial {serial}", now)
            self._load(connection)

        self._do(step)

    @property
    def policy(self) -> _core.ManagerPolicy:
        """What the administrator has set, or the rules' defaults."""
        return self.core.policy

    def set_policy(self, *, late_renewal: timedelta | None = None, refuse_forks: bool | None = None) -> None:
        """Changes what is given: how late a certificate may still be renewed (E7), whether copies are refused (M11).

        Managers that serve on this ledger follow from their next batch on. Raises ``InputError`` for a negative length.
        """
        if late_renewal is not None and late_renewal < timedelta(0):
            raise InputError("late_renewal is a length of time, or 0 for none", "invalid_argument", "never")
        given = {"late_renewal": late_renewal, "refuse_forks": refuse_forks}
        changes = {name: value for name, value in given.items() if value is not None}

        def step(connection: Connection, now: datetime) -> None:
            policy = keeping.changed_policy(keeping.kept_policy(self.ledger, connection), **changes)
            keeping.keep_policy(self.ledger, connection, policy)
            text = ", ".join(f"{name} {value}" for name, value in changes.items())
            self.ledger.note(connection, str(self.core.identity.manager), f"set policy: {text}", now)
            self._load(connection)

        if changes:
            self._do(step)

    def handle(self, requests: Sequence[bytes], *, channel: str = "online") -> list[tuple[int, bytes]]:
        """Answers a batch in one durable commit: HTTP status and body of each, in their order.

        What one request does wrong harms no other. A ledger that fails makes signed refusals ``internal``, which change
        nothing at the devices (E6).
        """
        examined = self.core.examine(list(requests), channel=channel)
        try:
            verdicts = retrying(lambda: self._decide(examined))
        except SmartlicError:
            _log.exception("a batch of %d requests was refused as internal", len(examined))
            self.failures += 1
            now = self.clock()
            verdicts = [self.core.refuse(each, "internal", now=now) for each in examined]
        return list(self.core.seal(verdicts))

    def _decide(self, examined: list[_core.Examined]) -> list[_core.Verdict]:
        with self.ledger.writing() as connection:
            now = self.clock()
            if self._shared_settings(connection) != self._shared:
                self._load(connection)  # another manager rotated the certificate or set the policy
            facts = self.ledger.load(connection, examined, now)
            verdicts: list[_core.Verdict] = self.core.decide(examined, facts, now=now)
            self.ledger.commit(connection, verdicts)
        return verdicts

    def answer(self, request: bytes) -> bytes:
        """Answers an exported request (M12). Raises ``InputError`` if it is none of this manager's."""
        ((status, body),) = self.handle([request], channel="exported")
        if status != 200:
            message = f"this is no request to this manager: {body.decode(errors='replace')}"
            raise InputError(message, "message_malformed", "never")
        return body

    def close(self) -> None:
        """Closes the ledger."""
        self.ledger.close()

    def __enter__(self) -> Manager:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()
