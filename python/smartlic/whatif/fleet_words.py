"""A fleet's outcome in sentences; the first answers."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from smartlic.times import about, duration, instant, stamp

if TYPE_CHECKING:
    from smartlic.whatif.fleet_outcome import FleetOutcome, Peak

__all__ = ["answer", "counted", "explain", "percent"]

_DAY = timedelta(days=1)


def percent(share: float) -> str:
    """``0 %``, ``below 0.1 %``, ``4.2 %``, ``42 %``; never 0 or 100 for what is not quite."""
    if 0 < share < 0.001:
        return "below 0.1 %"
    if 0.995 <= share < 1:
        return "over 99 %"
    value = round(100 * share, 1)
    return f"{value:.1f} %" if value < 10 and value != round(value) else f"{value:.0f} %"


def counted(number: float, what: str) -> str:
    """``1 pool``, ``1,000 pools``, ``1.5 pools``."""
    return f"{number:,.12g} {what}{'' if number == 1 else 's'}"


def answer(outcome: FleetOutcome) -> str:
    """How many devices are blocked at the worst instant; or that none is."""
    said = _said(outcome)
    if not outcome.complete:
        said += f" So far: {outcome.pools:,} of {outcome.fleet.pools:,} pools."
    return said


def explain(outcome: FleetOutcome) -> str:
    """The answer, then what stands behind it."""
    totals = outcome.totals
    lines = [answer(outcome)]
    if totals["devices_ever_blocked"]:
        share = percent(totals["devices_ever_blocked"] / totals["product_instances"])
        # Who took the place of another counts by itself, in both numbers: other devices than those of the answer.
        replaced = totals["product_instances"] > outcome.devices
        of_whom = "product instances, replacements included," if replaced else "devices"
        lost = percent(totals["blocked_ms"] / totals["enabled_ms"])
        lines.append(f"{share} of {of_whom} are blocked at some time; in all, {lost} of device time.")
    if totals["out_of_compliance_ms"]:
        worst = outcome.worst("out_of_compliance")
        lasted = percent(totals["out_of_compliance_ms"] / totals["enabled_ms"])
        lines.append(
            f"Most are out of compliance {_on(outcome, worst)}: {percent(worst.value)} of devices, in "
            f"{percent(outcome.pools_behind)} of pools; in all, {lasted} of device time."
        )
    lines += _load(outcome)
    lines += _calls(outcome)
    lines.append(_size(outcome))
    return "\n".join(lines)


def _said(outcome: FleetOutcome) -> str:
    totals, worst = outcome.totals, outcome.worst()
    if not totals["devices_ever_blocked"]:
        out = outcome.worst("out_of_compliance")
        if not totals["out_of_compliance_ms"]:
            return "No device is ever blocked, and none is out of compliance."
        when = f"{_on(outcome, out)} {percent(out.value)} are out of compliance"
        return f"No device is ever blocked; {when}."
    if not worst.value:
        count = totals["devices_ever_blocked"]
        step = about(duration(outcome.fleet.step))
        return f"No device is blocked when looked at, every {step}; {count:,} are in between."
    said = f"On the worst {_day(outcome)} ({_when(outcome, worst)}) {percent(worst.value)} of devices are blocked"
    if outcome.pools == 1:
        return f"{said}."
    index = outcome.times.index(worst.at)
    half, most = (_at_most(float(each)) for each in outcome.quantiles("blocked", (0.5, 0.95))[:, index])
    return f"{said}; half the pools have {half} blocked, 95 % of them {most}."


def _at_most(share: float) -> str:
    return f"at most {percent(share)}" if share else "none"


def _load(outcome: FleetOutcome) -> list[str]:
    totals = outcome.totals
    lines = []
    if totals["requests"]:
        lost = percent(totals["unanswered"] / totals["requests"])
        index = int(outcome.result.requests.argmax())
        most, at = int(outcome.result.requests[index]), outcome.times[index]
        step = about(duration(outcome.fleet.step))
        lines.append(
            f"{totals['requests']:,} requests to the manager, of which {lost} get no answer; at most {most:,} in "
            f"{step}, from {stamp(at)} on."
        )
    peak, window = outcome.busiest(), outcome.fleet.window
    if peak and window and peak.value:
        step, times = about(window[2]), f"{stamp(window[0])} to {stamp(window[1])}"
        lines.append(f"In the load window, {times}: at most {peak.value:,} in {step}, from {stamp(peak.at)} on.")
    return lines


def _calls(outcome: FleetOutcome) -> list[str]:
    totals = outcome.totals
    offered = totals["calls_offered"]
    if not offered:
        return []
    by_mode, by_rate = (percent(totals[f"calls_rejected_by_{why}"] / offered) for why in ("mode", "rate"))
    return [f"{offered:,} calls are offered; {by_mode} are rejected by the mode, {by_rate} by the licensed rate."]


def _size(outcome: FleetOutcome) -> str:
    fleet, totals = outcome.fleet, outcome.totals
    new = totals["product_instances"] - outcome.devices
    replaced = f" {new:,} more took the place of others." if new else ""
    size = f"{counted(outcome.pools, 'pool')} of {counted(fleet.devices, 'device')}"
    return f"Lived: {size}, {stamp(instant(fleet.start))} to {stamp(fleet.end)}, seed {fleet.seed}.{replaced}"


def _day(outcome: FleetOutcome) -> str:
    return "day" if duration(outcome.fleet.step) == _DAY else "instant"


def _when(outcome: FleetOutcome, peak: Peak) -> str:
    return f"{peak.at:%Y-%m-%d}" if _day(outcome) == "day" else stamp(peak.at)


def _on(outcome: FleetOutcome, peak: Peak) -> str:
    return f"{'on' if _day(outcome) == 'day' else 'at'} {_when(outcome, peak)}"
