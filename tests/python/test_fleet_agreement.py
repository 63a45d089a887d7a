"""One device of a fleet lives as a scenario does, and as the brute-force model says, on random plans: event for event.

Jitter is off (E8), and no fault is drawn: what is left to chance is the plan. Lengths are whole minutes, as X.509 and
so a scenario's certificates know whole seconds (M6). What occurred is counted over the run, printed, and none of it may
be zero.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from dataclasses import fields
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from fleet_world import DAY, START
from hypothesis import settings
from model_life import live
from model_script import Command, Life, Purchase, Seen, Terms
from smartlic import Fleet, Scenario, simulate
from smartlic._core import Event
from smartlic.times import duration, instant
from smartlic.whatif.policy import Policy

MINUTE = timedelta(minutes=1)
EXPECTED = {
    "mode": {"Eval", "InCompliance", "OutOfCompliance", "EvalExpired", "AuthorizationExpired"},
    "cause": {"enabled", "granted", "authorization_ended", "certificate_ended", "evaluation_ended"},
    "event": {
        *("mode_changed", "registered", "authorized", "certificate_renewed", "certificate_ending", "certificate_ended"),
        *("evaluation_ending", "evaluation_ended", "communication_lost", "communication_restored", "refused"),
    },
    "from mode to mode": {
        *("Disabled to Eval", "Eval to InCompliance", "Eval to OutOfCompliance", "Eval to EvalExpired"),
        *("OutOfCompliance to InCompliance",),
        *("InCompliance to AuthorizationExpired", "OutOfCompliance to AuthorizationExpired"),
        *("AuthorizationExpired to InCompliance", "AuthorizationExpired to OutOfCompliance"),
        *("InCompliance to Eval", "InCompliance to EvalExpired", "OutOfCompliance to Eval"),
        *("EvalExpired to InCompliance", "EvalExpired to OutOfCompliance"),
    },
}


class Draw:
    """Random plans that bring what is rare together: short periods, and outages longer than they are."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        # All times are multiples of it: of days in some plans, so that much falls on one instant (E3).
        self.unit = self.random.choice([MINUTE, MINUTE, DAY])
        self.length = self.days(30, 600)

    def days(self, least: float, most: float) -> timedelta:
        """A length of time: as often of one magnitude as of another."""
        drawn = math.exp(self.random.uniform(math.log(least), math.log(most))) * DAY
        return max(round(drawn / self.unit), 1) * self.unit

    def moment(self) -> datetime:
        return START + self.random.random() * self.length // self.unit * self.unit

    def outage(self) -> tuple[datetime, datetime]:
        start = self.moment()
        return start, start + self.days(0.2, 200)

    def share(self) -> float:
        return round(self.random.uniform(0, 1.3), 3)

    def policy(self) -> Policy:
        often = self.length / DAY / 20
        return Policy(
            # The rules do not say whether the warning comes if its 14 days are exactly what is left when Eval begins.
            evaluation=self.days(1, 60 if self.unit == MINUTE else 13),
            authorization=self.days(2, 120),
            certificate=2 * self.days(4, 200),
            renew=self.days(max(often, 1), 200),
            retry_in_compliance=self.days(max(often, 1), 30),
            retry_out_of_compliance=self.days(max(often, 0.5), 30),
            retry_base=self.days(0.01, 1),
            retry_max=self.days(max(often, 1), 30),
            jitter=False,
            late_renewal=self.days(1, 200) if self.random.random() < 0.4 else timedelta(0),
        )

    def fleet(self, **more: Any) -> Fleet:
        facts: dict[str, Any] = {
            "pools": 1,
            "devices": 1,
            "start": START,
            "until": START + self.length,
            "enabled": self.days(0.1, 20),
            "registered": self.days(0.1, 40),
            "requested": self.random.randint(1, 5),
            "purchased": self.share(),
            "purchases": [{"at": self.moment(), "share": self.share()} for _ in range(self.random.randint(0, 2))],
            "outages": [self.outage() for _ in range(self.random.randint(0, 3))],
            "policy": self.policy(),
            "load_window": {"from": START, "until": START + DAY},
        }
        return Fleet(**{**facts, **more})


def purchases(fleet: Fleet) -> list[tuple[datetime, int]]:
    """When, and how many licences: whole ones."""
    entries = [(START, fleet.purchased[0]), *((each["at"], each["share"]) for each in fleet.purchases)]
    return [(at, fleet.requested[0] * round(1000 * share) // 1000) for at, share in entries]


def life_of(fleet: Fleet) -> Life:
    """The plan for the model."""
    policy = fleet.policy
    enabled = START + fleet.enabled[0]
    registered = enabled + fleet.registered[0]
    return Life(
        start=START,
        end=fleet.end,
        commands=[
            Command(enabled, "enable"),
            Command(registered, "register"),
            Command(registered, "request", {"CUSP-5": fleet.requested[0]}),
        ],
        purchases=[Purchase("CUSP-5", number, at) for at, number in purchases(fleet)],
        outages=[(instant(start), instant(end)) for start, end in fleet.outages],
        terms=Terms(
            **{each.name: duration(getattr(policy, each.name)) for each in fields(Policy) if each.name != "jitter"}
        ),
    )


def scenario_of(fleet: Fleet) -> Scenario:
    """The plan for one product."""
    enabled = START + fleet.enabled[0]
    return Scenario(
        enabled=enabled,
        registered=enabled + fleet.registered[0],
        requested={"CUSP-5": fleet.requested[0]},
        purchased=[{"from": at, "CUSP-5": number} for at, number in purchases(fleet) if number],
        outages=fleet.outages,
        policy=fleet.policy,
        until=fleet.until,
    )


def seen(event: Event) -> Seen:
    before, after = (mode and mode.name for mode in (event.before, event.after))
    return Seen(event.at, event.kind, before, after, event.cause, event.code, event.to)


def count(told: list[Seen], occurred: dict[str, Counter[str]]) -> None:
    for event in told:
        occurred["event"][event.kind] += 1
        if event.kind == "mode_changed":
            occurred["mode"][str(event.after)] += 1
            occurred["cause"][str(event.cause)] += 1
            occurred["from mode to mode"][f"{event.before} to {event.after}"] += 1


@pytest.mark.soak
def test_a_device_of_a_fleet_lives_as_the_model_says(capsys: pytest.CaptureFixture[str]) -> None:
    occurred: dict[str, Counter[str]] = defaultdict(Counter)
    wanted = 20_000 if settings.get_current_profile_name() == "soak" else 1000
    for seed in range(wanted):
        fleet = Draw(seed).fleet()
        told, real = live(life_of(fleet)), [seen(event) for event in fleet.trace(0, 0)]
        for index, (expected, found) in enumerate(itertools.zip_longest(told, real)):
            assert expected == found, f"seed {seed}, event {index}:\nmodel {expected}\nfleet {found}\n{fleet}"
        count(told, occurred)
    with capsys.disabled():
        print(f"\n{wanted} plans of a fleet")
        for what, counter in occurred.items():
            print(f"{what}: " + ", ".join(f"{name} {number}" for name, number in sorted(counter.items())))
    for what, names in EXPECTED.items():
        assert names <= set(occurred[what]), names - set(occurred[what])


@pytest.mark.parametrize("seed", range(8))
def test_a_device_of_a_fleet_lives_as_a_scenario_does(seed: int) -> None:
    fleet = Draw(seed).fleet()
    assert fleet.trace(0, 0) == list(simulate(scenario_of(fleet)).events)
