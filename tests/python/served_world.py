"""A scenario's world with nothing simulated but time: a manager's service over HTTPS on SQLite, and a state folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

from loopback import closed_port
from manager_world import serving
from smartlic import _core
from smartlic.agent import FolderStore
from smartlic.agent.ports import Store
from smartlic.agent.transport import HttpTransport, Settings
from smartlic.manager import Manager, keeping
from smartlic.whatif import Scenario
from smartlic.whatif.world import ScenarioClock


class AtWill(Manager):
    """The real manager; while ``refusing`` is a code, it signs that refusal for whatever it is asked."""

    refusing: str | None = None

    def handle(self, requests: Sequence[bytes], *, channel: str = "online") -> list[tuple[int, bytes]]:
        if self.refusing is None:
            return super().handle(requests, channel=channel)
        refused = [
            self.core.refuse(each, self.refusing, now=self.clock())
            for each in self.core.examine(list(requests), channel=channel)
        ]
        return list(self.core.seal(refused))


class ServedWorld:
    """A ``World``: manager, ledger, service, TLS, HTTP client and state folder are the real ones."""

    def __init__(self, scenario: Scenario, clock: ScenarioClock, folder: Path, stack: ExitStack) -> None:
        self.away = False
        self._clock, self._folder = clock, folder
        made, authority = Manager.init(folder / "manager.db", clock=self._time)
        with made.ledger.writing() as connection:
            keeping.keep_policy(made.ledger, connection, scenario.policy.manager())
        self._root = self._newer_root = authority.root
        self._entropy = _core.Entropy(bytes(32))
        self._manager = AtWill(made.ledger, clock=self._time)
        stack.callback(made.close)
        self._service = stack.enter_context(serving(self._manager))
        root = authority.root.certificate.pem
        self._way = HttpTransport(Settings(url=self._service.url), root)
        self._no_way = HttpTransport(Settings(url=f"https://127.0.0.1:{closed_port()}"), root)
        self.exchanges = 0

    def _time(self) -> datetime:
        return self._clock.time

    @property
    def refusing(self) -> str | None:
        return self._manager.refusing

    @refusing.setter
    def refusing(self, code: str | None) -> None:
        self._manager.refusing = code

    @property
    def trust(self) -> bytes:
        return self._manager.trust_file

    def disk(self) -> Store:
        return FolderStore(self._folder / "agent", create=True)

    def exchange(self, request: bytes, licensing_time: datetime) -> bytes:
        self.exchanges += 1
        return (self._no_way if self.away else self._way).exchange(request, licensing_time)

    def purchase(self, tag: str, count: int, *, start: datetime | None, end: datetime | None) -> None:
        self._manager.purchase(tag, count, start=start, end=end)

    def create_token(self, *, expires: datetime | None, uses: int | None) -> str:
        return self._manager.create_token(expires=expires, max_uses=uses or 1000)

    def revoke_token(self, token: str) -> None:
        self._manager.revoke_token(token)

    def set_blocked(self, tag: str, blocked: bool) -> None:
        self._manager.set_blocked(tag, blocked)

    def administer(self, command: str) -> None:
        for each in self._manager.instances():
            if each["status"] == "active":
                self._manager.administer(each["instance"], command)

    def publish_root(self) -> None:
        self._newer_root = _core.new_root(self._entropy, now=self._clock.time)
        both = [self._root.certificate, self._newer_root.certificate]
        self._become(_core.swap_roots(self._root, self._manager.core.identity, both).identity)

    def use_root(self) -> None:
        self._become(_core.rotate_signing(self._newer_root, self._manager.core.identity, now=self._clock.time))

    def _become(self, identity: _core.ManagerIdentity) -> None:
        """Another process takes over the ledger, with what is kept there."""
        ledger = self._manager.ledger
        with ledger.writing() as connection:
            keeping.keep_identity(ledger, connection, identity)
        self._manager = self._service.endpoint.manager = AtWill(ledger, clock=self._time)


class Worlds:
    """Makes served worlds in a folder, one at a time. exchanges: with all of them."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self._made: list[ServedWorld] = []

    def make(self, scenario: Scenario, clock: ScenarioClock) -> ServedWorld:
        self._made.append(ServedWorld(scenario, clock, self._folder, self._stack))
        return self._made[-1]

    @property
    def exchanges(self) -> int:
        return sum(each.exchanges for each in self._made)


@contextmanager
def served(folder: Path) -> Iterator[Worlds]:
    """Worlds whose services end with the block."""
    with ExitStack() as stack:
        yield Worlds(folder, stack)
