"""One product's whole life, from RULES.md alone and by brute force: the model that simulate() and the fleet must equal.

It shares no code with the product. It goes to every instant at which anything could happen, in order, and does there
what the rules say. Nothing travels: a request is answered at the instant at which it is made, or not at all. Intervals
are exact, as jitter is off (E8). All times are aware UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from model_script import DAY, NEVER, Command, Life, Seen

__all__ = ["CommandRefused", "live"]

# What has been due longest is sent first; of what is due since one instant, in this order.
KINDS = ("register", "deregister", "renew", "ask")

# M9: what a signed refusal does. Codes that are not here are kept.
DROPS_AUTHORIZATION = {"entitlement_denied", "clone_refused"}
DROPS_REGISTRATION = ("instance_removed", "certificate_revoked")  # of both, the tombstone is told
# The table's column "retry": soon; with all others that are kept somebody has to act first.
RETRIED = {"busy", "internal"}


class CommandRefused(Exception):
    """A command that the state does not allow (E9)."""


class _Authorization(NamedTuple):
    own_end: datetime  # E5
    bound: datetime  # E2: the end of the certificate
    out: bool  # P2


def live(life: Life) -> list[Seen]:
    """Everything that happens in a life, in its order, up to but not including its end. Raises ``CommandRefused``."""
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
        self.certificate: datetime | None = None  # its end
        self.over: str | None = None  # E2: what ended the authorization, once it has
        self.certificate_over = False
        self.wanted: Mapping[str, int] | None = None
        self.due = dict.fromkeys(KINDS, NEVER)  # E8: when each kind of request is made next
        self.failures = dict.fromkeys(KINDS, 0)  # and how often it was tried without success
        self.registered_at = life.start
        self.spent = 0  # P3: uses of the token
        self.lost = False
        # E10: still to come. What is no longer than its warning has none.
        self.warn_certificate, self.warn_evaluation = False, self.terms.evaluation > self.terms.evaluation_warning

    # --- time

    def run(self) -> list[Seen]:
        while self.now < self.life.end:
            self._deadlines()
            if any(up == self.now for _, up in self.life.off):
                self._talk()  # a machine that comes up sends before anybody can tell it anything
            while self.commands and self.commands[0].at <= self.now:
                self._command(self.commands.pop(0))
                self._talk()
            self._talk()
            self._move_on()
        return self.seen

    def _move_on(self) -> None:
        """To the next instant at which anything could happen. One too many does no harm."""
        candidates = [self.life.end, *self.due.values(), *(command.at for command in self.commands)]
        candidates += [up for _, up in self.life.off]
        if self.authorization:
            candidates += [self.authorization.own_end, self.authorization.bound]
        if self.certificate:
            candidates += [self.certificate, self.certificate - self.terms.certificate_warning]
        if self.mode == "Eval":
            left = self.terms.evaluation - self.used
            candidates += [self.now + left, self.now + left - self.terms.evaluation_warning]
        then = min(at for at in candidates if at > self.now)
        if self.mode == "Eval":
            self.used += then - self.now
        self.now = then

    def _deadlines(self) -> None:
        """E3: authorization, certificate, evaluation; the mode follows after each. The warnings come after them."""
        held = self.authorization
        if held and not self.over and self.now >= min(held.own_end, held.bound):
            self.over = "authorization_ended" if held.own_end <= held.bound else "certificate_ended"
            self._follow(self.over)
        end = self.certificate
        if end and not self.certificate_over and self.now >= end:
            self.certificate_over = True
            self._tell("certificate_ended", end=end)
            if self.due["deregister"] != NEVER:
                self._drop_registration("deregistered")
        left = self.terms.evaluation - self.used
        if self.mode == "Eval" and not left:
            self._tell("evaluation_ended", end=self.now)
            self._follow("evaluation_ended")
        if self.certificate and self.warn_certificate and self.now >= self.certificate - self.terms.certificate_warning:
            self.warn_certificate = False
            self._tell("certificate_ending", end=self.certificate)
        if self.mode == "Eval" and self.warn_evaluation and left <= self.terms.evaluation_warning:
            self.warn_evaluation = False
            self._tell("evaluation_ending", end=self.now + left)

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
        """E9."""
        word = command.word
        if not self._allowed(word):
            raise CommandRefused(f"{word} at {command.at}")
        if word in ("enable", "disable"):
            self.enabled = word == "enable"
            self._follow(word + "d")
        elif word == "deregister" and self.certificate_over:
            self._drop_registration("deregistered")
        else:
            self.wanted = command.wanted if word == "request" else self.wanted
            self._schedule("ask" if word == "request" else word)

    def _allowed(self, word: str) -> bool:
        if word in ("enable", "disable"):
            return True
        leaving = self.due["deregister"] != NEVER  # what would be lost with it is not taken
        if word == "deregister":
            return self.enabled and self.certificate is not None
        return self.enabled and not leaving and not (word == "register" and self._registered())

    # --- requests and what comes of them

    def _schedule(self, kind: str, wait: timedelta = timedelta(0)) -> None:
        self.due[kind], self.failures[kind] = self.now + wait, 0

    def _talk(self) -> None:
        while (kind := self._next_request()) is not None:
            self._send(kind)

    def _next_request(self) -> str | None:
        """The request that is made now; one at a time (M8), none while Disabled (E9) or switched off."""
        if not self.enabled or self._within(self.life.off):
            return None
        if self.due["deregister"] != NEVER:  # nothing else is worth asking
            return "deregister" if self.due["deregister"] <= self.now else None
        due = [kind for kind in KINDS if self.due[kind] <= self.now]
        if "ask" in due and not (self._registered() and self.wanted is not None):
            due.remove("ask")
        return min(due, key=lambda kind: self.due[kind], default=None)

    def _within(self, intervals: Sequence[tuple[datetime, datetime]]) -> bool:
        return any(start <= self.now < end for start, end in intervals)

    def _send(self, kind: str) -> None:
        if self._within(self.life.outages):
            self._back_off(kind)
            if not self.lost:
                self.lost = True
                self._tell("communication_lost", code="unreachable")
            return
        code = self._refusal(kind)
        if code in ("clone_refused", "certificate_superseded"):  # M11: a device that hears of a copy of itself says so
            self._tell("fork_suspected", code=code)
        if self.lost:
            self.lost = False
            self._tell("communication_restored")
        if code:
            self._refuse(kind, code)
        elif kind == "ask":
            self._grant()
        elif kind == "deregister":
            self._drop_registration("deregistered")
        else:
            self._issue(kind)

    def _back_off(self, kind: str) -> None:
        """E8: 60 s x 2^n up to 12 h; a success ends it."""
        wait = min(self.terms.retry_base * 2 ** min(self.failures[kind], 20), self.terms.retry_max)
        self.due[kind] = self.now + wait
        self.failures[kind] += 1

    def _issue(self, kind: str) -> None:
        """M6, E7: a certificate, for a registration or a renewal. X.509 writes whole seconds."""
        terms, in_time = self.terms, self._registered()
        issued, end = (at.replace(microsecond=0) for at in (self.now, self.now + terms.certificate))
        self.certificate, self.certificate_over = end, False
        self._schedule("renew", issued + min(max(terms.renew, DAY), (end - issued) / 2) - self.now)
        self.warn_certificate = self.now < end - terms.certificate_warning
        self.due["register"] = NEVER  # a late renewal makes do, too: who is registered does not register (E9)
        if kind == "register":
            self.registered_at, self.spent = self.now, self.spent + 1
            self._schedule("ask")
            self._tell("registered", end=end)
            return
        if not in_time:
            self._schedule("ask")  # the authorization ended with the old certificate, and stays so (E2)
        elif self.authorization:
            self.authorization = self.authorization._replace(bound=end)
        self._tell("certificate_renewed", end=end)

    def _grant(self) -> None:
        """P1, P2, E5."""
        assert self.certificate
        assert self.wanted is not None
        out = any(count > self._purchased(tag) for tag, count in self.wanted.items())
        own_end = self.now + self.terms.authorization
        self.authorization, self.over = _Authorization(own_end, self.certificate, out), None
        retry = self.terms.retry_out_of_compliance if out else self.terms.retry_in_compliance
        self._schedule("ask", retry)
        end = min(own_end, self.certificate)
        self._tell("authorized", after="OutOfCompliance" if out else "InCompliance", end=end)
        self._follow("granted")

    def _purchased(self, tag: str) -> int:
        return sum(each.number for each in self.life.purchases if each.tag == tag and each.start <= self.now < each.end)

    def _refusal(self, kind: str) -> str | None:
        """The first that applies: what refuses everybody, the rung freshness (M8, E7), and what is decided (M9, P3)."""
        now, refusals = self.now, self.life.refusals
        acts = [each for code in DROPS_REGISTRATION for each in refusals if each.code == code]
        codes = [each.code for each in refusals if each not in acts and each.start <= now < each.end]
        everybody = [code for code in codes if code != "entitlement_denied"]
        if everybody or kind == "register":
            return everybody[0] if everybody else self._token()
        if kind == "renew" and self.certificate and now >= self.certificate + self.terms.late_renewal:
            return "certificate_expired"
        for each in acts:
            if self.registered_at < each.start <= now:
                return each.code
        return "entitlement_denied" if codes and kind == "ask" and self.wanted else None

    def _token(self) -> str | None:
        token = self.life.token
        if self.now >= token.revoked:
            return "token_revoked"
        if self.now >= token.expires:
            return "token_expired"
        return "token_used_up" if self.spent >= token.uses else None

    def _refuse(self, kind: str, code: str) -> None:
        """M9."""
        self._tell("registration_failed" if kind == "register" else "refused", code=code)
        if code in DROPS_REGISTRATION:
            self._drop_registration("refused")
            return
        if code in RETRIED:
            self._back_off(kind)
        elif code in DROPS_AUTHORIZATION:
            self.due[kind] = self.now + self.terms.retry_out_of_compliance  # its retry_after
        else:  # another token is needed, and another `register`; the rest is asked again
            self.due[kind] = NEVER if kind == "register" else self.now + self.terms.retry_max
        if code in DROPS_AUTHORIZATION:
            self.authorization = self.over = None
            self._follow("refused")

    def _drop_registration(self, cause: str) -> None:
        """E9, M9: the authorization goes with it; what is wanted stays wanted."""
        self.authorization = self.certificate = self.over = None
        self.certificate_over = False
        self.due = dict.fromkeys(KINDS, NEVER)
        if cause == "deregistered":
            self._tell("deregistered")
        self._follow(cause)

    def _tell(self, kind: str, **facts: Any) -> None:
        self.seen.append(Seen(self.now, kind, **facts))
