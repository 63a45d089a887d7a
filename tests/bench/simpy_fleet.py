"""The peer: the bench's fleet as one would write it in SimPy, a process for each device.

It has the rules as far as the bench's fleet meets them: evaluation, regular asks, renewals, authorizations that end, a
pool that may be short. It is as lean as SimPy allows: a device waits for the next of its deadlines alone, and the
manager, which answers at once, is no process.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass, field
from random import Random
from typing import Any

import simpy

DAY = 1.0
HALF_DAY = 0.5


@dataclass
class Pool:
    """Licences, who uses how many until when, and devices by mode."""

    env: simpy.Environment
    purchased: int
    usage: dict[int, float] = field(default_factory=dict)
    modes: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    out_by_day: list[int] = field(default_factory=list)

    def use(self, device: int, end: float) -> bool:
        """Takes one licence until ``end``. Whether all are covered (P2)."""
        self.usage[device] = end
        return len(self.usage) <= self.purchased

    def move(self, before: str, after: str) -> None:
        """One device changes its mode."""
        if before != after:
            self.modes[before] -= 1
            self.modes[after] += 1
            self.events["mode_changed"] += 1


def device(
    pool: Pool, number: int, enabled: float, registered: float, jitter: float, random: Random
) -> Generator[Any, Any, None]:
    """A device's whole life."""
    env = pool.env
    yield env.timeout(enabled)
    mode = "Eval"
    pool.move("Disabled", mode)
    evaluation_ends = env.now + 90 * DAY
    if registered:
        yield env.timeout(registered)
    certificate_ends, renews, asks, authorized_until = env.now + 360 * DAY, env.now + 180 * DAY, env.now, 0.0
    while True:
        now = env.now
        after = mode
        if now >= authorized_until > 0:
            after = "AuthorizationExpired"
        elif not authorized_until and now >= evaluation_ends:
            after = "EvalExpired"
        pool.move(mode, after)
        mode = after
        if now >= asks:
            authorized_until = min(now + 90 * DAY, certificate_ends)
            covered = pool.use(number, authorized_until)
            after = "InCompliance" if covered else "OutOfCompliance"
            pool.move(mode, after)
            mode = after
            pool.events["authorized"] += 1
            asks = now + (30 * DAY if covered else HALF_DAY) * (1 - jitter * random.random())
        if now >= renews:
            certificate_ends, renews = now + 360 * DAY, now + 180 * DAY * (1 - jitter * random.random())
            pool.events["certificate_renewed"] += 1
        yield env.timeout(min(asks, renews, authorized_until, certificate_ends) - now)


def census(pool: Pool) -> Generator[Any, Any, None]:
    """Writes down every day how many are out of compliance, after what happens at that instant."""
    yield pool.env.timeout(1e-6 * DAY)
    while True:
        pool.out_by_day.append(pool.modes["OutOfCompliance"])
        yield pool.env.timeout(DAY)


def run(devices: int, days: int, share: float, spread: tuple[float, float], jitter: float = 0.05) -> Pool:
    """One pool's life. spread: devices are enabled, and then registered, within so many days."""
    random = Random(1)
    env = simpy.Environment()
    pool = Pool(env, int(devices * share))
    env.process(census(pool))
    for number in range(devices):
        enabled, registered = (random.random() * each for each in spread)
        env.process(device(pool, number, enabled, registered, jitter, random))
    env.run(until=days)
    return pool
