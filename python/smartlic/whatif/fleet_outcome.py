"""What became of a fleet: fractions over time and over pools, load on the manager, calls."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from smartlic import _core
from smartlic.errors import InputError
from smartlic.extras import need
from smartlic.pictures.drawn import Drawn
from smartlic.times import duration, instant
from smartlic.whatif import fleet_words
from smartlic.whatif.fleet import Fleet

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["BANDS", "MEASURED", "FleetOutcome", "Peak"]

MEASURED = ("blocked", "out_of_compliance")
"""What fractions are told of: devices whose mode rejects calls; devices in OutOfCompliance."""

BANDS = (0.025, 0.25, 0.5, 0.75, 0.975)
"""The quantiles over pools that bound 95 % and the middle half of them, and the median."""


class Peak(NamedTuple):
    """The largest of a series, and when it was first."""

    at: datetime
    value: float


@dataclass(frozen=True)
class FleetOutcome(Drawn):
    """The life of a fleet, or of some of its pools. Times are aware UTC; arrays are NumPy's.

    done: the pools that were lived, as ranges in order. result: the counts, whole numbers only; its ``totals`` hold
    over all the time, its arrays at the instants ``times``.
    """

    fleet: Fleet = field(repr=False)
    done: tuple[range, ...]
    result: _core.FleetResult = field(repr=False)

    @classmethod
    def nothing(cls, fleet: Fleet) -> FleetOutcome:
        """Of a fleet of which no pool was lived yet."""
        return cls(fleet, (), _core.run_fleet(fleet.plan(), first=0, count=0))

    def merge(self, other: FleetOutcome) -> FleetOutcome:
        """Both parts of one fleet together; exact, in any order.

        Raises ``InputError`` for another fleet's, and if both have a pool.
        """
        if self.fleet != other.fleet:
            raise InputError("only parts of one fleet can be merged", "invalid_argument", "never")
        merged = self.with_parts([(other.done[0], other.result)] if other.done else [])
        return FleetOutcome(self.fleet, _joined([*self.done, *other.done]), merged.result)

    def with_parts(self, parts: Sequence[tuple[range, _core.FleetResult]]) -> FleetOutcome:
        """A new outcome, with these pools as well. Raises ``InputError`` if it has one of them."""
        done = _joined([*self.done, *(pools for pools, _ in parts)])
        result = copy.copy(self.result)
        for _, part in parts:
            result.merge(part)
        return FleetOutcome(self.fleet, done, result)

    @property
    def pools(self) -> int:
        """How many were lived."""
        return sum(len(each) for each in self.done)

    @property
    def devices(self) -> int:
        """In these pools."""
        return self.pools * self.fleet.devices

    @property
    def complete(self) -> bool:
        """Whether all of the fleet's pools were lived."""
        return self.pools == self.fleet.pools

    @property
    def totals(self) -> dict[str, Any]:
        """Sums over pools and time: times in device-milliseconds, calls in calls, events by kind (E10)."""
        return self.result.totals

    @property
    def times(self) -> list[datetime]:
        """The instants at which the fleet was looked at: ``start``, ``start + step``, ..., before ``until``."""
        start, step = instant(self.fleet.start), duration(self.fleet.step)
        return [start + step * index for index in range(len(self.result.enabled))]

    def fraction(self, measured: str = "blocked") -> NDArray[np.float64]:
        """The fraction of all devices that are ``blocked`` or ``out_of_compliance``, at each instant."""
        devices: NDArray[np.uint64] = getattr(self.result, _known(measured))
        return devices / self.devices

    def quantiles(self, measured: str = "blocked", at: Sequence[float] = BANDS) -> NDArray[np.float64]:
        """Over pools: the fraction of a pool's devices that at most so many pools exceed. Shape (len(at), instants).

        Fractions are known in half percents, rounded up. ``at`` is from 0 to 1: 0.5 is the median. Raises
        ``InputError`` for others.
        """
        if not all(0 <= each <= 1 for each in at):
            raise InputError(f"at: expected numbers from 0 to 1, not {list(at)}", "invalid_argument", "never")
        np = need("numpy", "frames")
        counts = getattr(self.result, f"{_known(measured)}_pools").cumsum(axis=1, dtype=np.uint64)
        # The first level at which so many pools are passed; at least one.
        ranks = np.maximum(np.ceil(np.asarray(at) * self.pools - 1e-9), 1)
        levels: NDArray[Any] = (counts[None] < ranks[:, None, None]).sum(axis=2) / (counts.shape[1] - 1)
        return levels

    def worst(self, measured: str = "blocked") -> Peak:
        """When the most devices are blocked or out of compliance, and which fraction."""
        fraction = self.fraction(measured)
        index = int(fraction.argmax())
        return Peak(self.times[index], float(fraction[index]))

    @property
    def pools_behind(self) -> float:
        """The fraction of pools that have a device out of compliance, at the instant at which these pools are most."""
        counts = self.result.out_of_compliance_pools
        # Subtracted as whole numbers: 5 of 100 is the nearest to 0.05 then, and not more.
        return (self.pools - int(counts[:, 0].min())) / self.pools

    def busiest(self, since: datetime | None = None) -> Peak | None:
        """The step of the load window with the most requests, of those that begin at ``since`` or later; None if there
        is none, as in a fleet without a window."""
        window = self.fleet.window
        if window is None:
            return None
        start, _, step = window
        first = -((start - max(since or start, start)) // step)
        load = self.result.load[first:]
        if not len(load):
            return None
        index = first + int(load.argmax())
        return Peak(start + index * step, int(self.result.load[index]))

    @property
    def answer(self) -> str:
        """One or two sentences: how many devices are blocked on the worst day."""
        return fleet_words.answer(self)

    def explain(self) -> str:
        """Sentences; the first answers how many devices are blocked on the worst day."""
        return fleet_words.explain(self)

    def to_dict(self) -> dict[str, Any]:
        """Plain types, for JSON: fractions at each instant, over all devices and as quantiles over pools."""
        series: dict[str, Any] = {"at": self.times}
        for measured in MEASURED:
            series[measured] = self.fraction(measured).tolist()
            found = self.quantiles(measured).tolist()
            series[f"{measured}_quantiles"] = {str(at): row for at, row in zip(BANDS, found, strict=True)}
        for name in ("enabled", "requests", "unanswered"):
            series[name] = getattr(self.result, name).tolist()
        worst = {measured: self.worst(measured)._asdict() for measured in MEASURED}
        window = self.fleet.window
        load = window and {"from": window[0], "step": window[2], "requests": self.result.load.tolist()}
        return {
            "answer": self.answer,
            "complete": self.complete,
            "pools": self.pools,
            "devices": self.devices,
            "seed": self.fleet.seed,
            "worst": worst,
            "totals": self.totals,
            "series": series,
            "load": load,
        }

    def to_frame(self) -> Any:
        """A pandas DataFrame indexed by instant: enabled, blocked, out_of_compliance (devices), requests, unanswered
        (from this instant to the next); and quantiles over pools, such as ``blocked 0.5``. Needs ``smartlic[frames]``.
        """
        pandas = need("pandas", "frames")
        columns = {name: getattr(self.result, name) for name in ("enabled", *MEASURED, "requests", "unanswered")}
        for measured in MEASURED:
            rows = self.quantiles(measured)
            columns |= {f"{measured} {at}": row for at, row in zip(BANDS, rows, strict=True)}
        return pandas.DataFrame(columns, index=pandas.DatetimeIndex(self.times, name="at"))

    def load_frame(self) -> Any:
        """The load window as a DataFrame: requests, indexed by the start of each step. Raises ``InputError`` if the
        fleet has none."""
        pandas = need("pandas", "frames")
        if self.fleet.window is None:
            text = "this fleet has no load window: give it outages or a load_window"
            raise InputError(text, "not_found", "after_change")
        start, _, step = self.fleet.window
        times = [start + step * index for index in range(len(self.result.load))]
        return pandas.DataFrame({"requests": self.result.load}, index=pandas.DatetimeIndex(times, name="at"))

    def to_svg(self) -> str:
        """The fleet as a picture: fractions over time with their spread over pools, and requests to the manager."""
        from smartlic.pictures.fleet import draw

        return draw(self)

    def __str__(self) -> str:
        return self.explain()

    @property
    def device_time(self) -> timedelta:
        """Of all product instances, since each was enabled."""
        return timedelta(milliseconds=self.totals["enabled_ms"])


def _known(measured: str) -> str:
    if measured not in MEASURED:
        expected = f"expected one of {', '.join(MEASURED)}, not {measured!r}"
        raise InputError(f"measured: {expected}", "invalid_argument", "never")
    return measured


def _joined(parts: Sequence[range]) -> tuple[range, ...]:
    """Ranges in order, those that meet as one. Raises ``InputError`` if two have a number in common."""
    joined: list[range] = []
    ordered = sorted(parts, key=lambda each: each.start)
    for one, other in pairwise(ordered):
        if other.start < one.stop:
            raise InputError(f"both have pool {other.start}", "invalid_argument", "never")
    for each in ordered:
        if joined and joined[-1].stop == each.start:
            joined[-1] = range(joined[-1].start, each.stop)
        else:
            joined.append(each)
    return tuple(joined)
