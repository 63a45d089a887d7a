"""What is around a simulated product: time, its machine's clocks, and the manager.

The manager's side is a protocol, so that the same life is lived with the compiled manager in this process and, in a
test, with a manager's service over HTTPS.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from smartlic import _core
from smartlic._gate import Now
from smartlic.agent.ports import MemoryStore, NoAnswer, Store, VirtualClock
from smartlic.whatif.scenario import Scenario

__all__ = ["MemoryWorld", "ScenarioClock", "World", "WorldOf", "seed_of"]

_ACCOUNT = "default"


class ScenarioClock(VirtualClock):
    """``time`` is true time, which the manager has; the clocks of the product's machine may be wrong (RULES T1, T4).

    wrong_by: the machine's wall clock minus true time.
    """

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self.wrong_by = timedelta(0)

    def now(self) -> Now:
        """What the machine's clocks show."""
        true = super().now()
        return Now(wall=true.wall + self.wrong_by, boot=true.boot, boot_id=true.boot_id)

    def reboot(self) -> None:
        """Another boot: its clock counts from zero."""
        super().__init__(self.time, boot_id=UUID(int=self.now().boot_id.int + 1))


class World(Protocol):
    """The manager, the way to it (a ``Transport``), and the product's disk. Everything happens at the clock's time."""

    away: bool
    """The manager cannot be reached."""
    refusing: str | None
    """The code with which it refuses everything; None: it decides."""

    @property
    def trust(self) -> bytes:
        """The trust file of now (M14)."""

    def disk(self) -> Store:
        """Opens the product's store; the one of before was closed."""

    def exchange(self, request: bytes, licensing_time: datetime) -> bytes:
        """One request and its answer. Raises ``NoAnswer``."""

    def purchase(self, tag: str, count: int, *, start: datetime | None, end: datetime | None) -> None:
        """Adds licences (P1), valid in [start, end); None: from now, without end."""

    def create_token(self, *, expires: datetime | None, uses: int | None) -> str:
        """A registration token's text (P3)."""

    def revoke_token(self, token: str) -> None:
        """Ends a token."""

    def set_blocked(self, tag: str, blocked: bool) -> None:
        """Denies a tag, or no longer (M9)."""

    def administer(self, command: str) -> None:
        """Acts on every active instance (M9)."""

    def publish_root(self) -> None:
        """Makes a new root and has answers spread it beside the old one (M2)."""

    def use_root(self) -> None:
        """Signs under the new root from now on (M2)."""


WorldOf = Callable[[Scenario, ScenarioClock], World]


class MemoryWorld:
    """The compiled manager over a ledger in memory; latency is zero."""

    def __init__(self, scenario: Scenario, clock: ScenarioClock) -> None:
        self.away = False
        self.refusing: str | None = None
        self._clock = clock
        self._policy = scenario.policy.manager()
        self._entropy = _core.Entropy(seed_of(scenario, "manager"))
        self._store = MemoryStore()
        authority = _core.new_authority(self._entropy, now=clock.time)
        self._root = self._newer_root = authority.root
        self._ledger = _core.MemoryLedger(_ACCOUNT)
        self._become(authority.identity)
        # A known tag with nothing purchased is OutOfCompliance, not denied (M9).
        for entry in _core.Catalogue().entries:
            self._ledger.add_tag(entry.tag, at=clock.time)

    @property
    def trust(self) -> bytes:
        """See ``World.trust``."""
        return _core.TrustFile(manager=self._identity.manager, roots=self._identity.roots).encode()

    def disk(self) -> Store:
        """See ``World.disk``."""
        return self._store

    def exchange(self, request: bytes, licensing_time: datetime) -> bytes:
        """See ``World.exchange``."""
        if self.away:
            raise NoAnswer("unreachable", "an outage of the scenario")
        now = self._clock.time
        self._keep_signing(now)
        if self.refusing:
            status, body = self._core.seal(
                self._core.refuse(self._core.examine(request), self.refusing, now=now),
            )
        else:
            status, body = self._ledger.serve(self._core, request, now=now)
        if status != 200:
            raise NoAnswer("http_status", f"HTTP status {status}")
        return bytes(body)

    def purchase(self, tag: str, count: int, *, start: datetime | None, end: datetime | None) -> None:
        """See ``World.purchase``."""
        now = self._clock.time
        self._ledger.purchase(_ACCOUNT, _whole_tag(tag), count, start=start or now, end=end, at=now)

    def create_token(self, *, expires: datetime | None, uses: int | None) -> str:
        """See ``World.create_token``."""
        made = _core.make_token(self._entropy, virtual_account=_ACCOUNT, expires=expires, max_uses=uses or 1_000_000)
        self._ledger.add_token(made.record, at=self._clock.time)
        return made.text

    def revoke_token(self, token: str) -> None:
        """See ``World.revoke_token``."""
        self._ledger.revoke_token(token.partition(".")[0], at=self._clock.time)

    def set_blocked(self, tag: str, blocked: bool) -> None:
        """See ``World.set_blocked``."""
        self._ledger.set_blocked(_ACCOUNT, _whole_tag(tag), blocked, at=self._clock.time)

    def administer(self, command: str) -> None:
        """See ``World.administer``."""
        for record in self._ledger.instances:
            if record.status == "active":
                self._ledger.administer(UUID(record.instance), command, at=self._clock.time)

    def publish_root(self) -> None:
        """See ``World.publish_root``."""
        self._newer_root = _core.new_root(self._entropy, now=self._clock.time)
        both = [self._root.certificate, self._newer_root.certificate]
        self._become(_core.swap_roots(self._root, self._identity, both).identity)

    def use_root(self) -> None:
        """See ``World.use_root``."""
        self._root = self._newer_root
        self._become(_core.rotate_signing(self._root, self._identity, now=self._clock.time))

    def _become(self, identity: _core.ManagerIdentity) -> None:
        self._identity = identity
        self._core = _core.Manager(identity, policy=self._policy, seed=self._entropy.seed())

    def _keep_signing(self, now: datetime) -> None:
        """Its operator rotates the signing certificate in time (M6)."""
        signing = self._identity.signing.certificate
        if _core.signing_due_for_rotation(signing, now=now, id_lifetime=self._policy.certificate):
            self._become(_core.rotate_signing(self._root, self._identity, now=now))


def seed_of(scenario: Scenario, purpose: str) -> bytes:
    """32 bytes that differ with the scenario's seed and the purpose."""
    return hashlib.sha256(f"{scenario.seed} {purpose}".encode()).digest()


def _whole_tag(name: str) -> str:
    return _core.Catalogue().resolve(name).tag
