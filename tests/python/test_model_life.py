"""simulate() beside the brute-force model of a life: random scenarios, event for event.

Jitter is off (E8) and the clock is right: what a lying one brings about (clock_corrected, clock_jumped) is shown
elsewhere. What occurred is counted over the run, printed, and
none of it may be zero.
"""

from __future__ import annotations

import contextlib
import itertools
import math
from collections import Counter, defaultdict
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import settings
from model_life import CommandRefused, live
from model_script import DAY, NEVER, Command, Life, Purchase, Refusal, Seen, Terms, Token
from smartlic import Scenario, simulate
from smartlic._core import Event
from smartlic.errors import InputError, StateError
from smartlic.times import duration, instant
from smartlic.whatif.policy import Policy

START = datetime(2026, 1, 1, tzinfo=UTC)
TICK = timedelta(milliseconds=1)
ONE_ACT = {"instance_removed", "certificate_revoked"}
REFUSALS = ["busy", "internal", "entitlement_denied", "clone_refused", "certificate_superseded", *sorted(ONE_ACT)]
DEADLINES = {
    "mode_changed authorization_ended": "authorization, by its own period",
    "mode_changed certificate_ended": "authorization, by its bound",
    "certificate_ended": "certificate",
    "evaluation_ended": "evaluation",
    "certificate_ending": "certificate, warning",
    "evaluation_ending": "evaluation, warning",
}
EXPECTED = {
    "mode": {"Disabled", "Eval", "InCompliance", "OutOfCompliance", "EvalExpired", "AuthorizationExpired"},
    "cause": {
        *("enabled", "disabled", "granted", "refused", "deregistered"),
        *("authorization_ended", "certificate_ended", "evaluation_ended"),
    },
    "event": {
        *("mode_changed", "registered", "registration_failed", "authorized", "refused", "certificate_renewed"),
        *("certificate_ending", "certificate_ended", "evaluation_ending", "evaluation_ended"),
        *("communication_lost", "communication_restored", "deregistered", "fork_suspected"),
    },
    "deadline": {
        *DEADLINES.values(),
        "authorization and certificate at one instant (E2)",
        "deregistration, done with the certificate (E9)",
    },
    "refusal": {*REFUSALS, "certificate_expired", "token_expired", "token_revoked", "token_used_up"},
}


class Draw:
    """Random scenarios that bring what is rare together: short periods, ties, and all that a manager can do."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        # All times are multiples of it: of days in some lives, so that much falls on one instant (E3).
        self.unit = self.random.choice([TICK, TICK, DAY, 3 * DAY])
        self.length = self.days(15, 240)

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def days(self, least: float, most: float, unit: timedelta = TICK) -> timedelta:
        """A length of time: as often of one magnitude as of another."""
        drawn, unit = math.exp(self.random.uniform(math.log(least), math.log(most))) * DAY, max(unit, self.unit)
        return max(round(drawn / unit), 1) * unit

    def moment(self) -> datetime:
        return START + self.random.random() * self.length // self.unit * self.unit

    def spell(self, least: float, most: float) -> tuple[datetime, datetime]:
        start = self.moment()
        return start, start + self.days(least, most)

    def some(self, *numbers: int) -> range:
        return range(self.random.choice(numbers))

    def policy(self) -> Policy:
        """Periods that end within the life, and a dozen or two regular requests of a kind, as each costs signatures."""
        if self.chance(0.03):
            return Policy(jitter=False)
        often = self.length / DAY / 12
        second = timedelta(seconds=1)
        certificate = self.days(4, 400)
        return Policy(
            # The rules do not say whether the warning comes if its 14 days are exactly what is left when Eval begins.
            evaluation=self.days(1, 60 if self.unit == TICK else 13),
            authorization=certificate if self.chance(0.2) else self.days(2, 120),
            certificate=certificate,
            renew=self.days(0.5, 1) if self.chance(0.02) else self.days(max(often, 1), 200),
            retry_in_compliance=self.days(max(often, 2), 30, second),
            retry_out_of_compliance=self.days(max(often, 1), 30, second),
            retry_base=self.days(0.01, 1),
            retry_max=self.days(max(often, 1), 30),
            jitter=False,
            late_renewal=self.days(1, 200) if self.chance(0.4) else timedelta(0),
        )

    def counts(self) -> dict[str, int]:
        return {"CUSP-5": self.random.randint(1, 4)} if self.chance(0.9) else {}

    def scenario(self) -> Scenario:
        """The first drawn whose commands go together: none at a machine that is off, for instance."""
        while True:
            with contextlib.suppress(InputError):
                return self.attempt()

    def attempt(self) -> Scenario:
        registered = START if self.chance(0.2) else self.moment() if self.chance(0.1) else START + self.days(0.1, 20)
        later = sorted({self.moment() for _ in self.some(0, 0, 1, 2)})
        refusals = [self.refusal() for _ in self.some(0, 0, 0, 1, 2)]
        outages = [self.spell(0.1, 200) for _ in self.some(0, 0, 1, 1, 2)]
        given_back = [self.moment(), *(start + self.days(0.1, 5) for start, _ in outages)]
        deregistered = self.random.choice(given_back) if self.chance(0.2) else None
        lost = [deregistered, *(each["from"] for each in refusals if each["code"] in ONE_ACT)]
        return Scenario(
            enabled=START,
            registered=registered,
            requested=[self.counts(), *({"at": at, **self.counts()} for at in later if at > registered)],
            purchased=[self.purchase() for _ in self.some(0, 1, 2, 3)],
            outages=outages,
            refusals=refusals,
            restarts=apart(self.spell(0.1, 30) for _ in self.some(0, 0, 0, 1, 2)),
            disabled=apart(self.spell(0.1, 60) for _ in self.some(0, 0, 0, 1, 2)),
            token=self.token() if self.chance(0.2) else {},
            deregistered=deregistered,
            registered_again=[at + self.days(1, 60) for at in lost if at and self.chance(0.6)]
            + [self.moment() for _ in range(self.chance(0.07))],
            policy=self.policy(),
            until=START + self.length,
        )

    def purchase(self) -> dict[str, Any]:
        start, end = self.spell(3, 200)
        bounds = {"from": start, "until": end}
        return {"CUSP-5": self.random.randint(1, 3), **{name: at for name, at in bounds.items() if self.chance(0.5)}}

    def refusal(self) -> dict[str, Any]:
        code = self.random.choice(REFUSALS)
        start, end = self.spell(0.1, 60)
        return {"from": start, "code": code} if code in ONE_ACT else {"from": start, "until": end, "code": code}

    def token(self) -> dict[str, Any]:
        made = {"expires": self.moment() + DAY, "revoked": self.moment() + DAY, "uses": 1}
        return {name: value for name, value in made.items() if self.chance(0.4)}


def apart(spells: Any) -> list[tuple[datetime, datetime]]:
    """Those that lie after the ones before."""
    kept: list[tuple[datetime, datetime]] = []
    for start, end in sorted(spells):
        if not kept or start > kept[-1][1]:
            kept.append((start, end))
    return kept


def life_of(scenario: Scenario) -> Life:
    """The same for the model."""
    policy = scenario.policy
    assert isinstance(policy, Policy)
    commands = [Command(START, "enable")]
    for start, end in scenario.disabled:
        commands += [Command(instant(start), "disable"), Command(instant(end), "enable")]
    commands.append(Command(instant(scenario.registered or START), "register"))
    commands += [Command(at, "request", wanted) for at, wanted in scenario.requests]
    if scenario.deregistered:
        commands.append(Command(instant(scenario.deregistered), "deregister"))
    commands += [Command(instant(again), "register") for again in scenario.registered_again]
    return Life(
        start=START,
        end=instant(scenario.until or START),
        commands=sorted(commands, key=lambda command: command.at),
        purchases=[Purchase(tag, n, start or START, end or NEVER) for tag, n, start, end in scenario.purchases],
        outages=[(instant(start), instant(end)) for start, end in scenario.outages],
        refusals=[Refusal(each["from"], each.get("until", NEVER), each["code"]) for each in scenario.refusals],
        token=Token(**scenario.token),
        off=[(instant(start), instant(end)) for start, end in scenario.restarts],
        terms=Terms(
            **{each.name: duration(getattr(policy, each.name)) for each in fields(Policy) if each.name != "jitter"}
        ),
    )


def seen(event: Event) -> Seen:
    before, after = (mode and mode.name for mode in (event.before, event.after))
    return Seen(event.at, event.kind, before, after, event.cause, event.code, event.to)


def expected(life: Life) -> list[Seen] | None:
    """What the model tells of a life; None if it refuses a command (E9)."""
    try:
        return live(life)
    except CommandRefused:
        return None


def compare(seed: int, occurred: dict[str, Counter[str]]) -> bool:
    """One scenario, lived by both. Whether it was lived to its end; not if both agree that a command is refused."""
    scenario = Draw(seed).scenario()
    told = expected(life_of(scenario))
    if told is None:
        with pytest.raises(StateError):
            simulate(scenario)
        occurred["scenario"]["a command is refused"] += 1
        return False
    real = [seen(event) for event in simulate(scenario).events]
    index, pair = next(
        ((at, pair) for at, pair in enumerate(itertools.zip_longest(told, real)) if pair[0] != pair[1]), (0, ())
    )
    assert not pair, f"seed {seed}, event {index}:\nmodel {pair[0]}\nreal  {pair[1]}\n{scenario}"
    count(told, occurred)
    return True


def count(told: list[Seen], occurred: dict[str, Counter[str]]) -> None:
    for event in told:
        occurred["event"][event.kind] += 1
        if event.kind == "mode_changed":
            occurred["mode"].update([str(event.after)])
            occurred["cause"].update([str(event.cause)])
        if event.kind in ("refused", "registration_failed"):
            occurred["refusal"].update([str(event.code)])
        for name in (event.kind, f"{event.kind} {event.cause}"):
            if name in DEADLINES:
                occurred["deadline"][DEADLINES[name]] += 1
    ended = {event.at for event in told if event.kind == "certificate_ended"}
    for event in told:
        if event.at in ended and event.cause == "authorization_ended":
            occurred["deadline"]["authorization and certificate at one instant (E2)"] += 1
        if event.at in ended and event.kind == "deregistered":
            occurred["deadline"]["deregistration, done with the certificate (E9)"] += 1


@pytest.mark.soak
def test_a_simulation_tells_what_the_model_of_a_life_tells(capsys: pytest.CaptureFixture[str]) -> None:
    occurred: dict[str, Counter[str]] = defaultdict(Counter)
    soak = settings.get_current_profile_name() == "soak"
    first, wanted, lived = (Random().randrange(10**9), 10_000, 0) if soak else (0, 1000, 0)
    for seed in itertools.count(first):
        lived += compare(seed, occurred)
        if lived == wanted:
            break
    occurred["scenario"]["lived to its end"] = lived
    with capsys.disabled():
        print()
        for what, counter in occurred.items():
            print(f"{what}: " + ", ".join(f"{name} {number}" for name, number in sorted(counter.items())))
    for what, names in EXPECTED.items():
        assert {name for name, number in occurred[what].items() if number} == names
