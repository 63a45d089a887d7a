"""A fleet: many devices in many pools, each with its own luck (DESIGN 3). It runs production's own Licence and Pool."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartlic.times import duration, instant, stamp
from smartlic.whatif.fleet_fields import READERS
from smartlic.whatif.policy import Length, Policy
from smartlic.whatif.reading import Misfit, Moment

if TYPE_CHECKING:
    from smartlic import _core
    from smartlic.whatif.fleet_outcome import FleetOutcome

__all__ = ["FLEET_EXAMPLE", "Fleet"]

FLEET_EXAMPLE = """\
# A hundred thousand devices in pools of a hundred; then no device reaches its manager for eleven weeks.
# A range is a value or [least, most]. Times are UTC.
pools: 1000
devices: 100
start: 2026-01-01
until: 2028-01-01
enabled: [0d, 60d]            # after the start
registered: [0d, 20d]         # after enabling
requested: [1, 4]             # licences a device asks for
purchased: [1.0, 1.3]         # licences of a pool, as a share of what its devices request
replaced_after: 2000d         # a device's mean life; a new one takes its place
link_faults: {between: 200d, length: 5d}
outages:
  - [2027-02-01, 2027-04-20]
"""

_DAY = timedelta(days=1)
_LONGEST = 36525 * _DAY
_MOST_INSTANTS = 100_000

_Length = Length | int
_Range = Any  # a value, or (least, most)


@dataclass(frozen=True)
class Fleet:
    """Pools of devices, and what happens to them. The keys of YAML are these fields; three lines are a fleet.

    A range is a value or a pair (least, most), each value between equally likely. Times are dates, datetimes or ISO
    8601 text, naive means UTC; lengths are timedeltas or text such as ``90d``.

    pools, devices: how many pools, and how many devices in each. start, until: the time that is lived; a year if not
    given. step: how far apart the instants are at which the fleet is looked at. seed: all that is random follows from
    it, by pool and device, so a result depends neither on threads nor on machines.

    A device: enabled: range of lengths after ``start`` (S1). registered: range of lengths after enabling; it requests
    then, too. requested: range of licences. replaced_after: mean life of a device, after which a new product takes its
    place and registers as a new instance (its licences stay in use until its authorization ends, P1); None: never.
    link_faults: ``{between, length}``, mean lengths of time between its own faults on the way to the manager, and of
    one; exponential.

    A pool: purchased: range of its licences as a share of what its devices request, at the start, perpetual (P1).
    purchases: ``{at, share}``, later ones, which add up. outages: (start, end) pairs in which no manager can be
    reached. manager_faults: as link_faults, drawn for each pool.

    The rest: traffic: range of the busy hour's calls per second, or ``{busy, curve, cps_per_licence}`` with 24 numbers
    from 0 to 1, by hour of the UTC day; an hour above the limit is rejected whole, without the five minutes in which
    the window follows its change (C2). policy: a ``Policy``, or a mapping of its fields. load_window: ``{from, until,
    step}``: where requests are counted in finer steps (1m if not given); without it from 12 hours before to
    24 hours after the end of the last outage, in steps of five minutes.

    Raises ``InputError``, naming the place, for what cannot be read and for an end that is not after the start.
    """

    pools: int = 100
    devices: int = 100
    start: Moment = "2026-01-01"
    until: Moment | None = None
    step: _Length = _DAY
    enabled: _Range = (timedelta(0), 30 * _DAY)
    registered: _Range = (timedelta(0), 14 * _DAY)
    requested: _Range = 1
    purchased: _Range = 1
    purchases: Sequence[Mapping[str, Any]] = ()
    outages: Sequence[tuple[Moment, Moment]] = ()
    manager_faults: Mapping[str, Any] | None = None
    link_faults: Mapping[str, Any] | None = None
    replaced_after: _Length | None = None
    traffic: Any = None
    policy: Policy | Any = field(default_factory=Policy)
    load_window: Mapping[str, Any] | None = None
    seed: int = 1

    def __post_init__(self) -> None:
        optional = {each.name for each in fields(self) if each.default is None}
        for name, reader in READERS.items():
            value = getattr(self, name)
            if value is not None or name not in optional:
                object.__setattr__(self, name, reader((name,), value))
        start = instant(self.start)
        if self.until is None:
            object.__setattr__(self, "until", start + 365 * _DAY)
        if not start < self.end <= start + _LONGEST:
            within = f"expected a time after the start, {stamp(start)}, and at most 100 years after it"
            raise Misfit(("until",), f"{within}, not {stamp(self.end)}")
        if self.length / duration(self.step) > _MOST_INSTANTS:
            raise Misfit(("step",), f"expected at least a 100,000th of the time, not {self.step}")
        window = self.window
        if window and (window[1] - window[0]) / window[2] > _MOST_INSTANTS:
            raise Misfit(("load_window", "step"), "expected at least a 100,000th of the time from 'from' until 'until'")

    @property
    def end(self) -> datetime:
        """Where it ends: ``until``."""
        return instant(self.until if self.until is not None else self.start)

    @property
    def length(self) -> timedelta:
        """From ``start`` to ``until``."""
        return self.end - instant(self.start)

    @property
    def window(self) -> tuple[datetime, datetime, timedelta] | None:
        """From when until when requests are counted finely, and in which steps; None: nowhere."""
        if self.load_window is not None:
            return self.load_window["from"], self.load_window["until"], self.load_window["step"]
        if not self.outages:
            return None
        back = instant(self.outages[-1][1])
        return back - timedelta(hours=12), back + timedelta(hours=24), timedelta(minutes=5)

    def plan(self) -> _core.FleetPlan:
        """The same for the compiled core, which checks it once more. Raises ``InputError``."""
        from smartlic import _core
        from smartlic.extras import need

        need("numpy", "frames")  # its results are arrays
        assert isinstance(self.policy, Policy)
        traffic = self.traffic or {"busy": (0, 0), "curve": (0,) * 24, "cps_per_licence": 0}
        return _core.FleetPlan(
            seed=self.seed,
            pools=self.pools,
            devices=self.devices,
            start=instant(self.start),
            end=self.end,
            step=duration(self.step),
            periods=self.policy.periods(),
            certificate=duration(self.policy.certificate),
            renew_interval=duration(self.policy.renew),
            retry_in_compliance=duration(self.policy.retry_in_compliance),
            retry_out_of_compliance=duration(self.policy.retry_out_of_compliance),
            late_renewal=duration(self.policy.late_renewal),
            enabled_after=self.enabled,
            registered_after=self.registered,
            requested=self.requested,
            purchased=_thousandths(*self.purchased),
            purchases=[(each["at"], *_thousandths(each["share"])) for each in self.purchases],
            outages=list(self.outages),
            manager_faults=_faults(self.manager_faults),
            link_faults=_faults(self.link_faults),
            replaced_after=duration(self.replaced_after or timedelta(0)),
            busy_millicps=_thousandths(*traffic["busy"]),
            curve=list(_thousandths(*traffic["curve"])),
            cps_per_licence=traffic["cps_per_licence"],
            load=self._load_bins(),
        )

    def run(
        self,
        executor: Executor | None = None,
        threads: int | None = None,
        progress: Callable[[int, int], None] | None = None,
        pools: range | None = None,
    ) -> FleetOutcome:
        """Lives the fleet and says what became of it.

        executor: any of ``concurrent.futures``, such as a process pool or Dask's ``client.get_executor()``; without one
        ``threads`` threads of this process, as many as there are cores if not given. The outcome is the same, bit for
        bit. progress: told how many pools of how many are done. pools: only these, to be merged with others
        (``FleetOutcome.merge``). Memory stays bounded: parts are added up as they come.

        Ctrl-C gives the outcome of the pools done so far, whose ``complete`` is False; if none is done, it is a
        ``KeyboardInterrupt`` as ever. Raises ``InputError`` for pools that the fleet has not.
        """
        from smartlic.whatif.fleet_run import run

        return run(self, executor, threads, progress, pools)

    def trace(self, pool: int, device: int) -> list[_core.Event]:
        """The events (E10) of one device, replacements included; its whole pool is lived for it."""
        from smartlic import _core

        return _core.trace_device(self.plan(), pool=pool, device=device)

    @classmethod
    def from_yaml(cls, text: str, source: str = "fleet") -> Fleet:
        """Reads YAML whose keys are the fields above. Raises ``InputError`` with line, place and what was expected."""
        from smartlic.whatif.document import located, read

        content, lines = read(text, source, [each.name for each in fields(cls)])
        try:
            return cls(**content)
        except Misfit as error:
            raise located(error, source, lines) from error

    @classmethod
    def load(cls, path: str | Path) -> Fleet:
        """Reads a YAML file. Raises ``InputError``."""
        from smartlic.whatif.document import text_of

        return cls.from_yaml(text_of(Path(path)), str(path))

    def _load_bins(self) -> tuple[datetime, timedelta, int] | None:
        window = self.window
        if window is None:
            return None
        start, end, step = window
        return start, step, -((start - end) // step)


def _thousandths(*shares: float) -> tuple[int, ...]:
    return tuple(round(1000 * share) for share in shares)


def _faults(faults: Mapping[str, Any] | None) -> tuple[timedelta, timedelta] | None:
    return (faults["between"], faults["length"]) if faults else None
