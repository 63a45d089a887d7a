"""The driver around the sans-I/O agent: it looks at the clock, keeps the state, asks the manager, and waits."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from smartlic import _core
from smartlic._gate import GateFile, StateFolder, entropy
from smartlic.agent.ports import Clock, FolderStore, MemoryStore, NoAnswer, Store, SystemClock, Transport
from smartlic.agent.status import Status, situation_of, stored_facts
from smartlic.agent.transport import HttpTransport, Settings
from smartlic.errors import InputError, SmartlicError, StateError, StorageError, TrustError
from smartlic.explain import Explanation, explain

__all__ = ["Agent", "AgentDriver"]

SOFTWARE_TAG = "regid.2014-08.com.cisco.CUSP,1.0_6b0c2f4e-5f0a-4f0e-9c53-0d1f4d0f3c11"
PRODUCT_ID = "CUSP"
MOST_LICENCES = 1_000_000_000

Listener = Callable[[_core.Event], None]


class AgentDriver:
    """One product instance at work.

    Every command runs to the end of what it started: it changes the state durably, sends what falls due, takes the
    answer in, tells the listeners, and publishes to the gate file if one is given. A manager out of reach is no
    error of a command; ``last_failure`` says what happened, and the agent goes on by its own schedule in ``run``.
    """

    def __init__(
        self,
        core: _core.Agent,
        *,
        clock: Clock,
        store: Store,
        transport: Transport | None = None,
        catalogue: _core.Catalogue | None = None,
        reload: Callable[[bytes], _core.Agent] | None = None,
        gate: str | Path | None = None,
        listener: Listener | None = None,
    ) -> None:
        self.core = core
        self.gate = gate
        self.clock = clock
        self.store = store
        self.catalogue = catalogue or _core.Catalogue()
        self.last_failure: SmartlicError | NoAnswer | None = None
        self.last_refusal: _core.Event | None = None
        self._transport = transport
        self._listeners: list[Listener] = [listener] if listener else []  # told of what passed while it was off, too
        self._reload = reload or self._load
        self._saved: bytes | None = store.load()
        self._broken = False
        self._exported: bytes | None = None
        self._pump()

    # --- what holds

    @property
    def mode(self) -> str:
        """The enforcement mode at the last look, as a word."""
        return str(self.core.mode.name)

    @property
    def limit(self) -> int | None:
        """Licensed calls per second (C1); None if nothing was ever requested."""
        return self.core.limit(self.catalogue)

    def status(self) -> Status:
        """All that is known, as plain types; times are stored ones, so two looks in a row are equal."""
        return Status({**stored_facts(self.core), "limit": self.limit})

    def explain(self) -> Explanation:
        """Why this mode, since when, what comes next, and what to do; the first sentence says when calls stop."""
        return explain(situation_of(self.core))

    def _repr_html_(self) -> str:
        return self.explain()._repr_html_()

    def on_event(self, listener: Listener) -> None:
        """Calls ``listener`` with every event (E10) from now on, after it is durable."""
        self._listeners.append(listener)

    # --- commands

    def enable(self) -> None:
        """Enables smart licensing; the evaluation period starts to run (S1)."""
        self._do(lambda now: self.core.enable(now=now))

    def disable(self) -> None:
        """Disables it: calls are rejected, nothing is sent (E9)."""
        self._do(lambda now: self.core.disable(now=now))

    def register(self, *, trust: bytes, token: str) -> None:
        """Registers with the manager of a trust file (its bytes), by a registration token. Raises ``StateError``."""
        pinned = _core.TrustFile.decode(trust)
        parsed = _core.parse_token(token)
        self._do(lambda now: self.core.register(trust=pinned, token=parsed, now=now))

    def request(self, entitlements: Mapping[str, int]) -> None:
        """Requests these counts by short name or whole tag from now on; none releases all. Raises ``InputError``."""
        wanted = [self._entitlement(name, count) for name, count in entitlements.items()]
        self._do(lambda now: self.core.request(entitlements=wanted, now=now))

    def authorize(self) -> None:
        """Asks for an authorization now."""
        self._do(lambda now: self.core.authorize(now=now))

    def renew(self) -> None:
        """Renews the ID certificate now."""
        self._do(lambda now: self.core.renew(now=now))

    def deregister(self) -> bool:
        """Gives the registration back; False if the manager has not confirmed it yet."""
        return bool(self._do(lambda now: self.core.deregister(now=now)))

    def export_request(self) -> bytes:
        """The request that is most needed, to be carried to the manager by hand (M12); good for 30 days."""
        self._do(lambda now: self.core.export_request(now=now))
        if self._exported is None:
            raise StateError("nothing was exported", "command_refused", "after_change")
        exported, self._exported = self._exported, None
        return exported

    def import_answer(self, answer: bytes) -> None:
        """Takes in the answer to an exported request. Raises ``TrustError``; nothing is changed then."""
        self._do(lambda now: self.core.handle_answer(answer=answer, now=now))

    # --- time

    def tick(self) -> datetime:
        """Does what is due now, and says when to come back, in licensing time."""
        self._do(lambda now: self.core.handle_timeout(now=now))
        return self.core.next_deadline

    def run(self, *, until: Callable[[], bool] | None = None) -> None:
        """Works until ``until()`` is true, waiting in between; the wall clock is looked at once a minute at least."""
        while not (until and until()):
            deadline = self.tick()
            gap = deadline - self.core.time(now=self.clock.now())
            self.clock.wait(min(max(gap, timedelta(0)), timedelta(minutes=1)))

    def close(self) -> None:
        """Lets go of the state."""
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- inside

    def _entitlement(self, name: str, count: int) -> _core.EntitlementRequest:
        if type(count) is not int or not 1 <= count <= MOST_LICENCES:
            message = f"the count of {name} is {count!r}, not between 1 and 1,000,000,000"
            raise InputError(message, "invalid_argument", "never")
        entry = self.catalogue.resolve(name)
        return _core.EntitlementRequest(
            tag=entry.tag, count=count, version=entry.version, display_name=entry.display_name
        )

    def _do(self, command: Callable[[Any], Any]) -> Any:
        self._recover()
        self.last_failure = None
        self.last_refusal = None
        try:
            return command(self.clock.now())
        finally:
            self._pump()
            self._publish()

    def _publish(self) -> None:
        """Tells the workers what holds and what comes by itself (C6), once it is durable; makes a missing file."""
        if self.gate is None:
            return
        now = self.clock.now()
        GateFile.open(self.gate, create=True, now=now).publish(
            self.core.mode,
            self.limit,
            coming=[(change.at, change.after) for change in self.core.coming if change.after is not None],
            now=now,
            licensing_time=self.core.time(now=now),
        )

    def _load(self, saved: bytes) -> _core.Agent:
        return _core.Agent.load(saved, seed=entropy(32), now=self.clock.now())

    def _recover(self) -> None:
        """After a failed save the agent in memory is ahead of the disk: go on from what is durable."""
        if self._broken and self._saved is not None:
            self.core = self._reload(self._saved)
        self._broken = False

    def _pump(self) -> None:
        while (output := self.core.poll_output()) is not None:
            if isinstance(output, _core.Persist):
                try:
                    self.store.save(output.state)
                except StorageError:
                    self._broken = True
                    raise
                self._saved = output.state
            elif isinstance(output, _core.Send):
                if output.slot == "exported":
                    self._exported = output.bytes
                else:
                    self._exchange(output.bytes)
            else:
                if output.event.kind in ("refused", "registration_failed"):
                    self.last_refusal = output.event
                for listener in self._listeners:
                    listener(output.event)

    def _exchange(self, request: bytes) -> None:
        """One request and what came of it; the agent's own schedule decides when it is repeated (E8)."""
        try:
            answer = self._way().exchange(request, self.core.time(now=self.clock.now()))
        except NoAnswer as failure:
            self.last_failure = failure
            now = self.clock.now()
            self.core.handle_no_answer(failure.code, retry_after=failure.retry_after, now=now)
            return
        except BaseException as error:
            # No way at all (settings that do not hold), or interrupted: nobody waits for an answer any more.
            self.core.handle_no_answer("unreachable", now=self.clock.now())
            if not isinstance(error, SmartlicError):
                raise
            self.last_failure = error
            return
        try:
            self.core.handle_answer(answer=answer, now=self.clock.now())
        except (TrustError, StateError) as error:
            self.last_failure = error
            self.core.handle_no_answer(error.code, now=self.clock.now())

    def _way(self) -> Transport:
        if self._transport is None:
            raise NoAnswer("unreachable", "no manager URL is set")
        return self._transport


class Agent(AgentDriver):
    """The driver with the real clock, network and files; ``open`` one, or ``peek`` at one that runs elsewhere."""

    def __init__(
        self, core: _core.Agent, *, settings: Settings | None = None, folder: Path | None = None, **options: Any
    ) -> None:
        self.settings = settings or Settings()
        self.folder = folder
        super().__init__(core, gate=self.settings.gate, **options)

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        create: bool = True,
        product_id: str = PRODUCT_ID,
        serial: str | None = None,
        software_tag: str = SOFTWARE_TAG,
        hostname: str | None = None,
        algorithm: str = "ES256",
        rsa_bits: int = 2048,
        key_pem: str | None = None,
        passphrase: str = "",
        settings: Settings | None = None,
        clock: Clock | None = None,
        transport: Transport | None = None,
        catalogue: _core.Catalogue | None = None,
    ) -> Agent:
        """Opens the agent of a state folder, or makes a new product there; ``":memory:"`` keeps nothing.

        Identity needs no hardware: ``serial``, ``hostname`` and the first key (``key_pem``) may be injected; without a
        serial number one of 11 characters is made up (S12). ``passphrase`` encrypts keys at rest. ``settings`` replace
        the saved ones. Raises ``StorageError`` (locked, state_damaged, state_version) and ``InputError``
        (passphrase_wrong; not_found if there is none and ``create`` is false).
        """
        clock = clock or SystemClock()
        folder = None if str(path) == ":memory:" else Path(path)
        if folder and not create and not folder.is_dir():
            raise _no_agent(path)
        store: Store = FolderStore(folder, create=create) if folder else MemoryStore()

        def load(saved: bytes) -> _core.Agent:
            return _core.Agent.load(saved, seed=entropy(32), now=clock.now(), passphrase=passphrase)

        try:
            given = settings
            settings = given or (Settings.load(folder) if folder else Settings())
            state = store.load()
            if state is not None:
                core = load(state)
            elif not create:
                raise _no_agent(path)
            else:
                udi = _core.Udi(product_id, serial or _core.random_serial(_core.Entropy(entropy(32))))
                core = _core.Agent.create(
                    udi=udi,
                    software_tag=software_tag,
                    hostname=hostname or socket.gethostname(),
                    algorithm=algorithm,
                    rsa_bits=rsa_bits,
                    seed=entropy(32),
                    now=clock.now(),
                    passphrase=passphrase,
                    first_key=_core.PrivateKey.from_pem(key_pem, passphrase) if key_pem else None,
                )
            if given and folder:
                given.save(folder)
            return cls(
                core,
                settings=settings,
                folder=folder,
                clock=clock,
                store=store,
                transport=transport,
                catalogue=catalogue,
                reload=load,
            )
        except BaseException:
            store.close()
            raise

    @classmethod
    def peek(cls, path: str | Path, *, passphrase: str = "", clock: Clock | None = None) -> Agent:
        """The agent of a folder as it stands now, without its lock and without a trace: what is done to it stays here.

        Raises as ``open``.
        """
        clock = clock or SystemClock()
        state = StateFolder.peek(path) if Path(path).is_dir() else None
        if state is None:
            raise _no_agent(path)
        core = _core.Agent.load(state, seed=entropy(32), now=clock.now(), passphrase=passphrase)
        return _Look(core, clock=clock, store=MemoryStore(state))

    def configure(self, **changes: Any) -> None:
        """Changes and saves settings (see ``Settings``); None values change nothing."""
        if changes.get("gate") is not None:
            changes["gate"] = str(Path(changes["gate"]).absolute())  # good for commands from anywhere
        settings = replace(self.settings, **{name: value for name, value in changes.items() if value is not None})
        if self.folder:
            settings.save(self.folder)
        self.settings = settings
        self._transport = None
        self.gate = self.settings.gate

    def _way(self) -> Transport:
        if self._transport is None:
            if not self.settings.url:
                raise NoAnswer("unreachable", "no manager URL is set; give it with --url https://host:port")
            self._transport = HttpTransport(self.settings, self.core.pinned_pem)
        return self._transport


def _no_agent(path: str | Path) -> InputError:
    message = f"there is no agent in {path}; make one with 'smartlic agent enable --state {path}'"
    return InputError(message, "not_found", "after_change")


class _Look(Agent):
    """An agent that is only looked at: nothing that it would do is done."""

    def _pump(self) -> None:
        pass
