"""Questions about a fleet: what jitter spares the manager, and how many licences or how large pools are enough."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from smartlic.errors import InputError
from smartlic.extras import need
from smartlic.pictures.drawn import Drawn
from smartlic.times import about, instant, stamp
from smartlic.whatif.fleet import Fleet
from smartlic.whatif.fleet_outcome import FleetOutcome, Peak
from smartlic.whatif.fleet_words import counted, percent
from smartlic.whatif.policy import Policy

__all__ = ["ENOUGH", "JitterComparison", "Risk", "RiskPoint", "compare_jitter", "risk"]

ENOUGH = 0.05
"""A value is enough if at most this fraction of pools have a device out of compliance at the worst instant."""

_UNITS = {"devices": ("In pools of", "device", ""), "purchased": ("With", "licence", " for each requested")}

Told = Callable[[int, int], None]


@dataclass(frozen=True)
class JitterComparison(Drawn):
    """One fleet twice: with the jitter of RULES E8, and without."""

    jittered: FleetOutcome
    exact: FleetOutcome

    @property
    def peaks(self) -> tuple[Peak, Peak]:
        """The busiest step of the load window with jitter, and without, since the last outage if that ends within."""
        with_, without = self.jittered.busiest(self._since), self.exact.busiest(self._since)
        assert with_ is not None
        assert without is not None
        return with_, without

    @property
    def answer(self) -> str:
        """One sentence: the most requests in one step when the manager is back, without jitter and with it."""
        (_, few), (at, many) = self.peaks
        step = about(self._window[2])
        if not few and not many:
            times = f"{stamp(self._since)} to {stamp(self._window[1])}"
            return f"There are no requests to compare: none from {times}, with jitter or without."
        if few * 0.9 <= many <= few * 1.1:
            return f"Jitter changes little here: up to {few:,} requests in {step} with it, {many:,} without."
        fewer = f", {many / few:,.1f} times fewer" if 0 < few < many else ""
        return f"Without jitter up to {many:,} requests in {step} ({stamp(at)}); with it up to {few:,}{fewer}."

    @property
    def _window(self) -> tuple[datetime, datetime, timedelta]:
        window = self.exact.fleet.window
        assert window is not None
        return window

    @property
    def _since(self) -> datetime:
        start, end, _ = self._window
        back = [over for _, over in self.exact.fleet.outages if start <= instant(over) < end]
        return instant(back[-1]) if back else start

    def to_dict(self) -> dict[str, Any]:
        """Plain types, for JSON."""
        return {
            "answer": self.answer,
            "jittered": self.jittered.result.load.tolist(),
            "exact": self.exact.result.load.tolist(),
        }

    def to_svg(self) -> str:
        """Both loads on one scale, one above the other."""
        from smartlic.pictures.fleet_questions import draw_jitter

        return draw_jitter(self)

    def __str__(self) -> str:
        return self.answer


def compare_jitter(
    fleet: Fleet, executor: Executor | None = None, threads: int | None = None, progress: Told | None = None
) -> JitterComparison:
    """Lives a fleet with jitter and without, and compares what the manager gets in the load window, such as the return
    after an outage (E8). Arguments as ``Fleet.run``; progress counts the pools of both.

    Raises ``InputError`` for a fleet without outages and without a load window; ``KeyboardInterrupt`` if interrupted.
    """
    if fleet.window is None:
        text = "expected outages, to see the return after the last, or a load_window"
        raise InputError(f"outages: {text}", "invalid_argument", "never")
    found = []
    for number, jitter in enumerate((True, False)):
        assert isinstance(fleet.policy, Policy)
        changed = replace(fleet, policy=replace(fleet.policy, jitter=jitter))
        found.append(changed.run(executor, threads, _part(progress, number, 2)))
        if not found[-1].complete:
            raise KeyboardInterrupt
    return JitterComparison(*found)


class RiskPoint(NamedTuple):
    """What became of a fleet with one value of a parameter.

    behind: fraction of pools with a device out of compliance, at the instant at which these pools are most.
    out_of_compliance, blocked: fractions of device time.
    """

    value: float
    behind: float
    out_of_compliance: float
    blocked: float


@dataclass(frozen=True)
class Risk(Drawn):
    """How a fleet fares with each value of ``parameter``: ``purchased`` or ``devices``.

    values: all that were asked for. points: those that were lived, in their order; fewer if it was interrupted.
    """

    fleet: Fleet = field(repr=False)
    parameter: str
    values: tuple[float, ...]
    points: tuple[RiskPoint, ...]

    @property
    def complete(self) -> bool:
        """Whether every value was lived."""
        return len(self.points) == len(self.values)

    @property
    def enough(self) -> RiskPoint | None:
        """The least value with which the risk is at most ``ENOUGH``; None if there is none."""
        return next((point for point in self.points if point.behind <= ENOUGH), None)

    @property
    def answer(self) -> str:
        """One sentence: the value that is enough, or the best of all; and the worst."""
        best = self.enough or min(self.points, key=lambda point: point.behind)
        worst = max(self.points, key=lambda point: point.behind)
        unit, what, more = _UNITS[self.parameter]
        late = "of pools have a device out of compliance at the worst time"
        said = f"{unit} {counted(best.value, what)}{more}, {percent(best.behind)} {late}"
        if worst.behind > best.behind:
            said += f"; {unit.lower()} {worst.value:g}, {percent(worst.behind)}"
        said = f"{said}." if self.enough else f"{said}. No value asked for keeps it within {percent(ENOUGH)}."
        return said if self.complete else f"{said} So far: {len(self.points)} of {len(self.values)} values."

    def to_dict(self) -> dict[str, Any]:
        """Plain types, for JSON."""
        points = [point._asdict() for point in self.points]
        return {"answer": self.answer, "parameter": self.parameter, "complete": self.complete, "points": points}

    def to_frame(self) -> Any:
        """A pandas DataFrame indexed by the parameter: behind, out_of_compliance, blocked."""
        frame = need("pandas", "frames").DataFrame(self.points)
        return frame.rename(columns={"value": self.parameter}).set_index(self.parameter)

    def to_svg(self) -> str:
        """The risk over the parameter."""
        from smartlic.pictures.fleet_questions import draw_risk

        return draw_risk(self)

    def __str__(self) -> str:
        return self.answer


def risk(
    fleet: Fleet,
    *,
    purchased: Sequence[float] = (),
    devices: Sequence[int] = (),
    executor: Executor | None = None,
    threads: int | None = None,
    progress: Told | None = None,
) -> Risk:
    """Lives a fleet for each share that is purchased, or for each size of its pools, and says what is enough.

    purchased: licences as a share of what a pool's devices request. devices: devices in each pool; the number of pools
    stays. The rest as ``Fleet.run``; progress counts the pools of all. Ctrl-C ends it with what was lived so far, if
    that is anything.

    Raises ``InputError`` if not exactly one of both is given, and for values that do not fit.
    """
    if bool(purchased) == bool(devices):
        raise InputError("expected either purchased or devices, with values", "invalid_argument", "never")
    parameter, given = ("purchased", purchased) if purchased else ("devices", devices)
    values = tuple(sorted(set(given)))
    fleets = [replace(fleet, **dict[str, Any]({parameter: value})) for value in values]
    points: list[RiskPoint] = []
    try:
        for number, each in enumerate(fleets):
            outcome = each.run(executor, threads, _part(progress, number, len(fleets)))
            if not outcome.complete:
                raise KeyboardInterrupt
            points.append(_point(values[number], outcome))
    except KeyboardInterrupt:
        if not points:
            raise
    return Risk(fleet, parameter, values, tuple(points))


def _point(value: float, outcome: FleetOutcome) -> RiskPoint:
    totals = outcome.totals
    times = (totals[name] / (totals["enabled_ms"] or 1) for name in ("out_of_compliance_ms", "blocked_ms"))
    return RiskPoint(value, outcome.pools_behind, *times)


def _part(progress: Told | None, number: int, parts: int) -> Told | None:
    """Progress of one of several runs, told as that of all."""
    if progress is None:
        return None
    return lambda done, total: progress(number * total + done, parts * total)
