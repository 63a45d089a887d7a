"""The world of the stateful test: a manager on one of two ledgers, a device with lying clocks, and a forger.

What the device shall believe is said by ``Believed``: the few lines of RULES T beside ``ModelLicence``'s of RULES E. It
reads messages as anybody could, as JSON, and shares no code with the core.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from core_world import ACCOUNT, CUSP_5, DAY, START, seed
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate
from model_licence import AUTHORIZATION, ModelLicence
from smartlic._core import (
    Entropy,
    Manager,
    ManagerPolicy,
    MemoryLedger,
    NewAuthority,
    Signer,
    TrustFile,
    make_token,
    new_authority,
)
from smartlic._gate import Now
from smartlic.manager import Manager as SqlManager

AUTHORITY = new_authority(Entropy(seed(1)), now=START - DAY)
STRANGER = new_authority(Entropy(seed(2)), now=START - DAY)

SOME_BOOT = UUID(int=1)

DROP_AUTHORIZATION = {"entitlement_denied", "clone_refused"}  # M9
DROP_REGISTRATION = {"instance_removed", "certificate_revoked"}


class Backend(Protocol):
    """A manager and its ledger, with the administrator's hand on it. ``time`` is the true one."""

    time: datetime
    trust: Any

    def answer(self, request: bytes, channel: str, inject: str | None = None) -> tuple[int, bytes]:
        """Answers as the endpoint does, or refuses with the code ``inject`` whatever was decided before."""

    def token(self, *, expires: datetime | None = None, max_uses: int = 1) -> str:
        """A token's text."""

    def revoke(self, token: str) -> None:
        """Revokes it."""

    def block(self, blocked: bool) -> None:
        """Denies CUSP-5, or no longer."""

    def administer(self, instance: str, command: str) -> None:
        """Acts on an instance."""


class InMemory:
    """The core's manager over the core's ledger; it allows renewals five days late (E7)."""

    def __init__(self, authority: NewAuthority = AUTHORITY) -> None:
        self.time = START
        self.trust = authority.trust
        self.manager = Manager(authority.identity, seed=seed(3), policy=ManagerPolicy(late_renewal=5 * DAY))
        self.ledger = MemoryLedger(ACCOUNT)
        self.ledger.add_tag(CUSP_5.tag, at=START)
        self.ledger.purchase(ACCOUNT, CUSP_5.tag, 2, start=START, at=START)
        self._entropy = Entropy(seed(4))

    def answer(self, request: bytes, channel: str, inject: str | None = None) -> tuple[int, bytes]:
        if inject:
            return _refused(self.manager, request, channel, inject, self.time)
        return self.ledger.serve(self.manager, request, channel=channel, now=self.time)

    def token(self, *, expires: datetime | None = None, max_uses: int = 1) -> str:
        made = make_token(self._entropy, virtual_account=ACCOUNT, expires=expires, max_uses=max_uses)
        self.ledger.add_token(made.record, at=self.time)
        return made.text

    def revoke(self, token: str) -> None:
        self.ledger.revoke_token(token.partition(".")[0], at=self.time)

    def block(self, blocked: bool) -> None:
        self.ledger.set_blocked(ACCOUNT, CUSP_5.tag, blocked, at=self.time)

    def administer(self, instance: str, command: str) -> None:
        self.ledger.administer(UUID(instance), command, at=self.time)


class InSql:
    """The driver's manager over SQLite in memory."""

    def __init__(self) -> None:
        self.time = START
        self.manager, _ = SqlManager.init(":memory:", clock=lambda: self.time)
        self.manager.purchase(CUSP_5.tag, 2)
        self.trust = TrustFile.decode(self.manager.trust_file)

    def answer(self, request: bytes, channel: str, inject: str | None = None) -> tuple[int, bytes]:
        if inject:
            return _refused(self.manager.core, request, channel, inject, self.time)
        return self.manager.handle([request], channel=channel)[0]

    def token(self, *, expires: datetime | None = None, max_uses: int = 1) -> str:
        return self.manager.create_token(expires=expires, max_uses=max_uses)

    def revoke(self, token: str) -> None:
        self.manager.revoke_token(token)

    def block(self, blocked: bool) -> None:
        self.manager.set_blocked(CUSP_5.tag, blocked)

    def administer(self, instance: str, command: str) -> None:
        self.manager.administer(instance, command)


def _refused(manager: Manager, request: bytes, channel: str, code: str, now: datetime) -> tuple[int, bytes]:
    return manager.seal(manager.refuse(manager.examine(request, channel=channel), code, now=now))


# --- messages, read and forged


def unpack(part: str) -> dict[str, Any]:
    """A base64url part of a message."""
    content: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return content


def pack(content: bytes) -> str:
    """The other way round."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@dataclass(frozen=True)
class Message:
    """An answer as anybody can read it."""

    type: str
    payload: dict[str, Any]

    @classmethod
    def read(cls, answer: bytes) -> Message:
        envelope = json.loads(answer)
        kind = unpack(envelope["protected"])["typ"].removeprefix("smartlic-").removesuffix("+jws")
        return cls(kind, unpack(envelope["payload"]))

    @property
    def time(self) -> datetime:
        return datetime.fromtimestamp(self.payload["time"] / 1000, UTC)

    @property
    def certificate_end(self) -> datetime:
        return load_pem_x509_certificate(self.payload["id_certificate"].encode()).not_valid_after_utc


def resigned(answer: bytes, signer: Signer, changes: dict[str, Any] | None = None) -> bytes:
    """The same answer, signed by somebody else who would have himself believed; with other content, if given."""
    envelope = json.loads(answer)
    header, payload = unpack(envelope["protected"]), unpack(envelope["payload"])
    der = base64.b64encode(b"".join(base64.b64decode(line) for line in signer.certificate.pem.splitlines()[1:-1]))
    protected = pack(json.dumps({**header, "x5c": [der.decode()]}).encode())
    content = pack(json.dumps({**payload, **(changes or {})}).encode())
    key = load_pem_private_key(signer.key.to_pem().encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    numbers = utils.decode_dss_signature(key.sign(f"{protected}.{content}".encode(), ec.ECDSA(SHA256())))
    signature = pack(b"".join(number.to_bytes(32, "big") for number in numbers))
    return json.dumps({"protected": protected, "payload": content, "signature": signature}).encode()


def _with(answer: bytes, member: str, change: Callable[[str], str]) -> bytes:
    envelope = json.loads(answer)
    return json.dumps({**envelope, member: change(envelope[member])}).encode()


def _other_first(text: str) -> str:
    return ("B" if text[0] == "A" else "A") + text[1:]


def _granting(text: str) -> str:
    return pack(json.dumps({**unpack(text), "compliance_status": "InCompliance", "time": 1}).encode())


FORGERIES: dict[str, Callable[[bytes], bytes]] = {
    "another signature": lambda answer: _with(answer, "signature", _other_first),
    "another payload": lambda answer: _with(answer, "payload", _granting),
    "signed by a stranger": lambda answer: resigned(answer, STRANGER.identity.signing),
    "cut off": lambda answer: answer[:-20],
    "an error page": lambda answer: b"<html>502 Bad Gateway</html>",
    "unsigned": lambda answer: b'{"code": "certificate_revoked", "message": "trust me"}',
}


# --- the device


class Clocks:
    """The true time, and what the device's clocks make of it."""

    def __init__(self) -> None:
        self.truth = START
        self.offset = timedelta(0)
        self.booted = START
        self.boots = 1

    def now(self) -> Now:
        boot = (self.truth - self.booted) // timedelta(microseconds=1) * 1000
        return Now(wall=self.truth + self.offset, boot=boot, boot_id=UUID(int=self.boots))

    def reboot(self) -> None:
        self.booted = self.truth
        self.boots += 1


@dataclass
class Sent:
    """A request that left the device: its slot, its bytes, and the clocks and licensing time at that moment."""

    slot: str
    kind: str
    bytes: bytes
    at: Now
    licensing_time: datetime


@dataclass
class Believed:
    """Mode and licensing time as they should be."""

    licence: ModelLicence
    seen: Now
    passed: list[str] = field(default_factory=list)

    def copy(self) -> Believed:
        return Believed(copy(self.licence), self.seen, list(self.passed))

    def look(self, now: Now) -> None:
        """T1: within a boot L goes with the boot clock, across boots with the wall clock, never back."""
        if now.boot_id == self.seen.boot_id:
            gap = timedelta(microseconds=(now.boot - self.seen.boot) // 1000)
        else:
            gap = max(timedelta(0), now.wall - self.seen.wall)
        self.passed += self.licence.run_to(self.licence.now + gap)
        self.seen = now

    def truth_of(self, message: Message, sent: Sent, now: Now) -> datetime:
        """T2: not before the answer's time, and not after it by more than what has passed since the request."""
        truth = max(self.licence.now, message.time)
        if sent.at.boot_id == now.boot_id:
            truth = min(truth, message.time + timedelta(microseconds=(now.boot - sent.at.boot) // 1000))
        return truth

    def expected(self, message: Message, truth: datetime) -> str | None:
        """The error with which an answer to an open request is not taken in; None if it is."""
        if message.type == "authorized":
            if truth >= datetime.fromtimestamp(message.payload["start_date"] / 1000, UTC) + AUTHORIZATION:
                return "authorization_over"
        elif message.type in ("registered", "renewed"):
            if message.time >= message.certificate_end:  # a repeated answer (M13) to a device that was away for a year
                return "payload_invalid"  # M8: its own last rung
            if truth >= message.certificate_end:
                return "certificate_expired"
        return None

    def take(self, message: Message, sent: Sent, truth: datetime) -> bool:
        """An accepted answer: first the time, then its content; False if the time alone has closed its request (E7)."""
        licence, payload = self.licence, message.payload
        registered = licence.registered
        if truth != licence.now:
            licence.correct(truth)
        if registered and not licence.registered and (licence.certificate_end is None or sent.kind != "renewal"):
            return False
        if message.type == "registered":
            licence.has_registered(message.certificate_end)
        elif message.type == "renewed":
            licence.renewed(message.certificate_end)
        elif message.type == "authorized":
            start = datetime.fromtimestamp(payload["start_date"] / 1000, UTC)
            licence.granted(start, out=payload["compliance_status"] == "OutOfCompliance")
        elif message.type == "deregistered" or payload.get("code") in DROP_REGISTRATION:
            licence.deregistered()
        elif payload["code"] in DROP_AUTHORIZATION:
            licence.dropped()
        return True
