"""One product's whole life, from RULES.md alone and by brute force: the model that simulate() and the fleet must equal.

It shares no code with the product. It looks at every instant at which anything could happen, in order, and at each does
what the rules say. Nothing travels: a request is answered at the instant at which it is made, or not at all. E8's jitter
is off, so intervals are exact. All times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
NEVER = datetime.max.replace(tzinfo=UTC)

# M9: what a signed refusal does. Codes that are not here are kept.
DROPS_AUTHORIZATION = {"entitlement_denied", "clone_refused"}
DROPS_REGISTRATION = {"instance_removed", "certificate_revoked"}
# M9: an entitlement is denied to who asks for it; the other refusals meet whoever speaks as the instance.
REFUSED_TO = {
    "entitlement_denied": {"ask"},
    "busy": {"register", "ask", "renew", "deregister"},
    "token_revoked": {"register"},
}


@dataclass(frozen=True)
class Terms:
    """Every length of time that a life depends on, with the rules' values."""

    evaluation: timedelta = 90 * DAY  # S1, E4
    authorization: timedelta = 90 * DAY  # D3, E5
    certificate: timedelta = 360 * DAY  # S14, E7
    renew: timedelta = 180 * DAY  # D1
    retry_in_compliance: timedelta = 30 * DAY  # D7, E8
    retry_out_of_compliance: timedelta = 12 * 60 * MINUTE  # D7, E8
    retry_base: timedelta = MINUTE  # E8
    retry_max: timedelta = 12 * 60 * MINUTE  # E8
    late_renewal: timedelta = timedelta(0)  # E7: off
    denied: timedelta = 12 * 60 * MINUTE  # until the next ask after a refusal, as out of compliance
    evaluation_warning: timedelta = 14 * DAY  # E10
    certificate_warning: timedelta = 30 * DAY  # E10


class Purchase(NamedTuple):
    """So many of a tag over [start, end) (P1)."""

    tag: str
    count: int
    start: datetime
    end: datetime = NEVER


class Command(NamedTuple):
    """What the operator does: enable, disable, register, request (``wanted``), deregister."""

    at: datetime
    word: str
    wanted: Mapping[str, int] = {}


class Refusal(NamedTuple):
    """The manager refuses over [start, end)."""

    start: datetime
    end: datetime
    code: str


@dataclass(frozen=True)
class Life:
    """What happens to one product over [start, end). Outages are [start, end) (M14). Commands are in their order."""

    start: datetime
    end: datetime
    commands: Sequence[Command] = ()
    purchases: Sequence[Purchase] = ()
    outages: Sequence[tuple[datetime, datetime]] = ()
    refusals: Sequence[Refusal] = ()
    terms: Terms = field(default_factory=Terms)


class Seen(NamedTuple):
    """One event (E10) and its facts; a fact that this kind has not is None."""

    at: datetime
    kind: str
    before: str | None = None
    after: str | None = None
    cause: str | None = None
    code: str | None = None
    end: datetime | None = None


class _Authorization(NamedTuple):
    own_end: datetime  # E5
    bound: datetime  # E2: the end of the certificate
    out: bool  # P2


class _Certificate(NamedTuple):
    end: datetime
    renew_at: datetime


def live(life: Life) -> list[Seen]:
    """Everything that happens in a life, in its order, up to but not including its end."""
    return _Device(life).run()


class _Device:
    """The facts that are stored, and what the rules do to them."""

    def __init__(self, life: Life) -> None:
        self.life, self.terms, self.now = life, life.terms, life.start
        self.commands = list(life.commands)
        self.seen: list[Seen] = []
        self.mode = "Disabled"
        self.enabled = False
        self.used = timedelta(0)  # E4
        self.authorization: _Authorization | None = None
        self.certificate: _Certificate | None = None
        self.over: str | None = None  # E2: what ended the authorization, once it has
        self.certificate_over = False
        self.wanted: Mapping[str, int] | None = None
        self.registering = self.deregistering = False
        self.ask_at = self.renew_at = NEVER
        self.quiet_until = life.start  # E8: the back-off
        self.failures = 0
        self.lost = False
        self.refused: str | None = None
        self.told: set[str] = set()  # the warnings given

    # --- time

    def run(self) -> list[Seen]:
        while self.now < self.life.end:
            self._deadlines()
            while self.commands and self.commands[0].at <= self.now:
                self._command(self.commands.pop(0))
            while (kind := self._due()) is not None:
                self._send(kind)
            self._move_on()
        return self.seen

    def _move_on(self) -> None:
        """To the next instant at which anything could happen. One too many does no harm."""
        candidates = [self.ask_at, self.renew_at, self.quiet_until, self.life.end]
        candidates += [command.at for command in self.commands]
        if self.authorization:
            candidates += [self.authorization.own_end, self.authorization.bound]
        if self.certificate:
            candidates += [self.certificate.end, self.certificate.end - self.terms.certificate_warning]
        if self.mode == "Eval":
            left = self.terms.evaluation - self.used
            candidates += [self.now + left, self.now + left - self.terms.evaluation_warning]
        then = min(at for at in candidates if at > self.now)
        if self.mode == "Eval":
            self.used += then - self.now
        self.now = then

    def _deadlines(self) -> None:
        """E3: authorization, certificate, evaluation; the mode follows after each."""
        held = self.authorization
        if held and not self.over and self.now >= min(held.own_end, held.bound):
            self.over = "authorization_ended" if held.own_end <= held.bound else "certificate_ended"
            self._follow(self.over)
        if self.certificate and not self.certificate_over:
            end = self.certificate.end
            if self.now >= end - self.terms.certificate_warning:
                self._warn("certificate_ending", end)
            if self.now >= end:
                self.certificate_over = True
                self._tell("certificate_ended", end=end)
                if self.deregistering:
                    self._drop_registration("deregistered")
        if self.mode == "Eval":
            left = self.terms.evaluation - self.used
            if left <= self.terms.evaluation_warning:
                self._warn("evaluation_ending", self.now + left)
            if not left:
                self._tell("evaluation_ended")
                self._follow("evaluation_ended")

    # --- what follows from the facts

    def _follow(self, cause: str) -> None:
        """E1, E3: records the mode if it differs now."""
        mode, before = self._mode(), self.mode
        if mode != before:
            self.mode = mode
            self._tell("mode_changed", before=before, after=mode, cause=cause)

    def _mode(self) -> str:
        """E1, row by row."""
        if not self.enabled:
            return "Disabled"
        if self.authorization and not self.over:
            return "OutOfCompliance" if self.authorization.out else "InCompliance"
        if self.authorization and self.over == "authorization_ended":
            return "AuthorizationExpired"
        return "Eval" if self.used < self.terms.evaluation else "EvalExpired"

    def _registered(self) -> bool:
        return self.certificate is not None and not self.certificate_over

    # --- the operator

    def _command(self, command: Command) -> None:
        """E9. What the state does not allow changes nothing."""
        word = command.word
        if word == "enable":
            self.enabled = True
            self._follow("enabled")
        elif not self.enabled:
            return
        elif word == "disable":
            self.enabled = False
            self._follow("disabled")
        elif word == "register" and not self._registered():
            self.registering, self.quiet_until = True, self.now
        elif word == "request":
            self.wanted = command.wanted
            self.ask_at = self.quiet_until = self.now
        elif word == "deregister" and self._registered():
            self.deregistering, self.quiet_until = True, self.now
        elif word == "deregister" and self.certificate:
            self._drop_registration("deregistered")

    # --- requests and what comes of them

    def _due(self) -> str | None:
        """The request that is made now; one at a time (M8)."""
        if not self.enabled or self.now < self.quiet_until:
            return None
        if self.registering:
            return "register"
        if self.deregistering:
            return "deregister"
        if self.certificate and self.now >= self.renew_at:
            return "renew"
        return "ask" if self._registered() and self.wanted is not None and self.now >= self.ask_at else None

    def _send(self, kind: str) -> None:
        if any(start <= self.now < end for start, end in self.life.outages):
            self._no_answer()
            return
        self.failures, self.quiet_until = 0, self.now
        if self.lost:
            self.lost = False
            self._tell("communication_restored")
        code = self._refusal(kind)
        if code:
            self._refuse(kind, code)
        else:
            {"register": self._issue, "renew": self._issue, "ask": self._grant, "deregister": self._give_back}[kind]()

    def _no_answer(self) -> None:
        """E6, E8: no mode changes; 60 s x 2^n up to 12 h."""
        wait = min(self.terms.retry_base * 2**self.failures, self.terms.retry_max)
        self.failures, self.quiet_until = self.failures + 1, self.now + wait
        if not self.lost:
            self.lost = True
            self._tell("communication_lost")

    def _issue(self) -> None:
        """M6, E7: a certificate, for a registration or a renewal. X.509 writes whole seconds."""
        terms, in_time = self.terms, self._registered()
        end = (self.now + terms.certificate).replace(microsecond=0)
        renew = min(max(terms.renew, DAY), terms.certificate / 2)
        self.certificate, self.certificate_over = _Certificate(end, self.now + renew), False
        self.renew_at = self.certificate.renew_at
        self.told.discard("certificate_ending")
        if self.registering:
            self.registering, self.ask_at = False, self.now
            self._tell("registered", end=end)
            return
        if in_time and self.authorization:  # E2: the bound moves only with a renewal made in time
            self.authorization = self.authorization._replace(bound=end)
        if not in_time:
            self.ask_at = self.now
        self._tell("certificate_renewed", end=end)

    def _grant(self) -> None:
        """P1, P2, E5."""
        assert self.certificate
        assert self.wanted is not None
        out = any(count > self._purchased(tag) for tag, count in self.wanted.items())
        self.authorization = _Authorization(self.now + self.terms.authorization, self.certificate.end, out)
        self.over, self.refused = None, None
        retry = self.terms.retry_out_of_compliance if out else self.terms.retry_in_compliance
        self.ask_at = self.now + min(max(retry, MINUTE), 30 * DAY)
        self._tell("authorized", after="OutOfCompliance" if out else "InCompliance", end=self.authorization.own_end)
        self._follow("granted")

    def _purchased(self, tag: str) -> int:
        return sum(each.count for each in self.life.purchases if each.tag == tag and each.start <= self.now < each.end)

    def _give_back(self) -> None:
        self._drop_registration("deregistered")

    def _refusal(self, kind: str) -> str | None:
        for each in self.life.refusals:
            if each.start <= self.now < each.end and kind in REFUSED_TO.get(each.code, {"ask", "renew", "deregister"}):
                return each.code
        return None

    def _refuse(self, kind: str, code: str) -> None:
        """M9."""
        if kind == "register":
            self._tell("registration_failed", code=code)
        elif self.refused != code:
            self._tell("refused", code=code)
        self.refused, self.quiet_until = code, self.now + self.terms.denied
        if code in DROPS_REGISTRATION:
            self._drop_registration("refused")
        elif code in DROPS_AUTHORIZATION:
            self.authorization, self.over = None, None
            self._follow("refused")

    def _drop_registration(self, cause: str) -> None:
        """E9, M9: the authorization goes with it; what is wanted stays wanted."""
        self.authorization = self.certificate = self.over = None
        self.registering = self.deregistering = self.certificate_over = False
        self.ask_at = self.renew_at = NEVER
        if cause == "deregistered":
            self._tell("deregistered")
        self._follow(cause)

    # --- what is told

    def _tell(self, kind: str, **facts: object) -> None:
        self.seen.append(Seen(self.now, kind, **facts))  # type: ignore[arg-type]

    def _warn(self, kind: str, end: datetime) -> None:
        if kind not in self.told:
            self.told.add(kind)
            self._tell(kind, end=end)
