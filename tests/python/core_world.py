"""One manager, its ledger and one agent in memory, on a clock that only a test moves."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest
from smartlic._core import (
    Agent,
    AuthorityOrder,
    Catalogue,
    EntitlementRequest,
    Entropy,
    Event,
    Manager,
    MemoryLedger,
    Persist,
    PrivateKey,
    Send,
    Udi,
    make_token,
    new_authority,
    parse_token,
)
from smartlic._gate import Now
from smartlic.errors import SmartlicError, TrustError

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
TICK = timedelta(milliseconds=1)
CUSP_5 = Catalogue().resolve("CUSP-5")
ACCOUNT = "default"
SOFTWARE_TAG = "regid.2014-08.com.example.CUSP,10.2_00000000-0000-4000-8000-000000000001"

Algorithm = Literal["ES256", "RS256"]


def seed(number: int) -> bytes:
    """32 bytes that differ with the number."""
    return number.to_bytes(32, "big")


def code_of(action: Callable[[], object], error: type[SmartlicError] = SmartlicError) -> str:
    """The error code that an action raises."""
    with pytest.raises(error) as caught:
        action()
    return caught.value.code


def new_agent(number: int, now: Now, *, algorithm: Algorithm = "ES256", key: PrivateKey | None = None) -> Agent:
    """A product that leaves the factory."""
    udi = Udi("CUSP", f"SN{number}")
    return Agent.create(
        udi=udi, software_tag=SOFTWARE_TAG, seed=seed(number), now=now, algorithm=algorithm, first_key=key
    )


class World:
    """Two licences of CUSP-5 are purchased. ``online``: whether requests reach the manager."""

    def __init__(self, *, algorithm: Algorithm = "ES256", key: PrivateKey | None = None, purchased: int = 2) -> None:
        self.wall = START
        self.entropy = Entropy(seed(1_000_001))
        order = AuthorityOrder(algorithm=algorithm)
        self.authority = new_authority(self.entropy, now=START - DAY, order=order)
        self.manager = Manager(self.authority.identity, seed=seed(1_000_002))
        self.ledger = MemoryLedger(ACCOUNT)
        self.ledger.add_tag(CUSP_5.tag, at=START)
        self.ledger.purchase(ACCOUNT, CUSP_5.tag, purchased, start=START, at=START)
        self.agent = new_agent(1, self.now(), algorithm=algorithm, key=key)
        self.online = True
        self.saved = b""
        self.sent: list[Send] = []
        self.answers: list[bytes] = []
        self.events: list[Event] = []
        self.failures: list[str] = []
        self.pump()

    def now(self) -> Now:
        """The reading of both clocks; there is one boot."""
        boot = (self.wall - START) // timedelta(microseconds=1) * 1000
        return Now(wall=self.wall, boot=boot, boot_id=uuid.UUID(int=1))

    def token(self, max_uses: int = 1) -> str:
        """A new registration token's text."""
        made = make_token(self.entropy, virtual_account=ACCOUNT, max_uses=max_uses)
        self.ledger.add_token(made.record, at=self.wall)
        return made.text

    def pump(self) -> None:
        """Does what the agent says, in its order, as a driver does."""
        while (output := self.agent.poll_output()) is not None:
            if isinstance(output, Persist):
                self.saved = output.state
            elif isinstance(output, Send):
                self.sent.append(output)
                if output.slot == "online":
                    self.exchange(output.bytes)
            else:
                self.events.append(output.event)

    def exchange(self, request: bytes) -> None:
        """One request and its answer, or none."""
        if not self.online:
            self.agent.handle_no_answer("unreachable", now=self.now())
            return
        status, body = self.ledger.serve(self.manager, request, now=self.wall)
        assert status == 200
        self.answers.append(body)
        try:
            self.agent.handle_answer(body, now=self.now())
        except TrustError as error:
            self.failures.append(error.code)
            self.agent.handle_no_answer(error.code, now=self.now())

    def enable(self) -> None:
        self.agent.enable(now=self.now())
        self.pump()

    def register(self, token: str | None = None) -> None:
        parts = parse_token(token or self.token())
        self.agent.register(trust=self.authority.trust, token=parts, now=self.now())
        self.pump()

    def request(self, count: int) -> None:
        """Requests so many CUSP-5; zero releases them."""
        wanted = EntitlementRequest(tag=CUSP_5.tag, count=count, version="1.0") if count else None
        self.agent.request([wanted] if wanted else [], now=self.now())
        self.pump()

    def wait(self, duration: timedelta) -> None:
        """Lets time pass at once: the agent wakes up late, and nothing is lost by it (E3)."""
        self.wall += duration
        self.agent.handle_timeout(now=self.now())
        self.pump()

    def load(self, state: bytes | None = None, *, passphrase: str = "") -> Agent:
        """The agent of a state, by default of the one saved last."""
        return Agent.load(
            self.saved if state is None else state, seed=seed(1_000_003), now=self.now(), passphrase=passphrase
        )

    def registered(self) -> World:
        """Enables and registers."""
        self.enable()
        self.register()
        return self
