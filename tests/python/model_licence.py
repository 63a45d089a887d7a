"""The mode of one device, said again in a few lines from RULES E and T, independently of the C++.

A device is what it remembers; ``run_to`` lives through time deadline by deadline, and ``mode`` is row by row E1. The
stateful tests of Licence, and of Agent and Manager, compare their mode with this one after every step.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

EVENTS = {
    "mode_changed",
    "registered",
    "registration_failed",
    "authorized",
    "refused",
    "certificate_renewed",
    "certificate_ending",
    "certificate_ended",
    "evaluation_ending",
    "evaluation_ended",
    "communication_lost",
    "communication_restored",
    "clock_corrected",
    "clock_jumped",
    "fork_suspected",
    "deregistered",
}  # RULES E10
EVALUATION = AUTHORIZATION = timedelta(days=90)  # S1, D3


@dataclass
class ModelLicence:
    """What E1 depends on. All times are licensing time L; ``bound`` belongs to the authorization (E2)."""

    now: datetime
    enabled: bool = False
    start: datetime | None = None
    bound: datetime | None = None
    out: bool = False
    used: timedelta = timedelta(0)
    certificate_end: datetime | None = None
    leaving: bool = False

    @property
    def registered(self) -> bool:
        """An ID certificate is held and has not ended (E7)."""
        return self.certificate_end is not None and self.now < self.certificate_end

    @property
    def mode(self) -> str:
        """E1, first match wins."""
        if not self.enabled:
            return "Disabled"
        if self.start is not None and self.bound is not None:
            own_end = self.start + AUTHORIZATION
            if self.now < min(own_end, self.bound):
                return "OutOfCompliance" if self.out else "InCompliance"
            if own_end <= self.bound:  # a tie counts as its own period
                return "AuthorizationExpired"
        return "Eval" if self.used < EVALUATION else "EvalExpired"

    def run_to(self, time: datetime, *, counting: bool = True) -> list[str]:
        """Live until ``time``: mode and counter, deadline by deadline (E3, E4). Gives the deadlines passed."""
        passed = []
        while self.now < time:
            stops: dict[str, datetime] = {}
            if self.start is not None and self.bound is not None:
                stops["authorization"] = min(self.start + AUTHORIZATION, self.bound)
            if self.certificate_end is not None:
                stops["certificate"] = self.certificate_end
            if self.mode == "Eval" and counting:
                stops["evaluation"] = self.now + (EVALUATION - self.used)
            until = min([time, *(at for at in stops.values() if at > self.now)])
            if self.mode == "Eval" and counting:
                self.used += until - self.now
            self.now = until
            reached = [name for name, at in stops.items() if at == until]
            if "certificate" in reached and self.leaving:
                self.deregistered()  # asked for in time; now it is local (E9)
            passed += reached
        return passed

    def granted(self, start: datetime, *, out: bool) -> None:
        """A valid granting answer to an open request; to an unidentified device it is late (E7), and over is over."""
        if self.registered and self.now < start + AUTHORIZATION:
            self.start, self.bound, self.out = start, self.certificate_end, out

    def has_registered(self, certificate_end: datetime) -> None:
        """A new ID certificate; by itself it lifts nothing (E2)."""
        self.certificate_end, self.leaving = certificate_end, False

    def renewed(self, certificate_end: datetime) -> None:
        """A renewal moves the bound if it came in time and the authorization has not ended (E2)."""
        held = (
            self.start is not None and self.bound is not None and self.now < min(self.start + AUTHORIZATION, self.bound)
        )
        if self.registered and held:
            self.bound = certificate_end
        self.certificate_end = certificate_end

    def dropped(self) -> None:
        """A refusal that drops the authorization (M9)."""
        self.start = self.bound = None

    def deregistered(self) -> None:
        """A deregistration, or a refusal that drops the registration (M9)."""
        self.dropped()
        self.certificate_end, self.leaving = None, False

    def deregister(self) -> None:
        """The command: at once when the certificate has ended, else when the manager has answered (E9)."""
        if self.registered:
            self.leaving = True
        else:
            self.deregistered()

    def correct(self, truth: datetime) -> None:
        """L was wrong (T2): deadlines up to a later truth have passed, an earlier one undoes them; neither counts."""
        if truth > self.now:
            self.run_to(truth, counting=False)
        self.now = truth
