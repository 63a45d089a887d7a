"""What is odd about a log: values that are not what they seem (D4, D5), damage, clocks, what could not be read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sized
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from smartlic.logs.licences import compliance, days_left, licence_of, requested_between
from smartlic.times import about, stamp

if TYPE_CHECKING:
    from smartlic._core import LogEntry
    from smartlic.logs.log import Log

__all__ = ["Oddity", "oddities_of"]

_LISTED = 5  # pieces of text without an entry; JSON lists more
_NOTABLE_STEP = timedelta(days=1)
_NOTABLE_SKEW = timedelta(minutes=2)


@dataclass(frozen=True)
class Oddity:
    """One finding: a code for programs, words, and where it stands first. attention: somebody has to act on it."""

    code: str
    text: str
    place: tuple[int, int, int]
    attention: bool = False


def oddities_of(log: Log) -> Iterator[Oddity]:
    """Every kind once, where it stands first, with how often it occurs."""
    for find in (_days_left, _requested_date, _tags, _damage, _status):
        yield from _often(find, log.entries)
    yield from _devices(log)
    yield from _clocks(log)
    yield from _undated(log)
    unknown = [each for each in log.entries if each.kind == "unknown"]
    if unknown:
        text = f"{_count(unknown, 'entry', 'entries')} with words of licensing, of no kind that is known"
        yield Oddity("unknown_entry", text, unknown[0].lines)
    if log.unread:
        lines = log.counts["unread"]
        first = ", ".join(log.where(each) for each in log.unread[:_LISTED])
        more = ", ..." if len(log.unread) > _LISTED else ""
        text = f"{lines} line{'s' if lines != 1 else ''} of text that belong to no entry: {first}{more}"
        yield Oddity("unread", text, log.unread[0])
    for wrong in log.damaged:
        yield Oddity(
            "compressed_file_damaged", f"{wrong}; what could be read of it was read", (0, 1, 1), attention=True
        )


Found = Iterator[tuple[str, str]]


def _often(find: Callable[[LogEntry], Found], entries: Iterable[LogEntry]) -> Iterator[Oddity]:
    first: dict[str, tuple[str, LogEntry]] = {}
    times: dict[str, int] = {}
    for entry in entries:
        for code, text in find(entry):
            first.setdefault(code, (text, entry))
            times[code] = times.get(code, 0) + 1
    for code, (text, entry) in first.items():
        more = f"; so in {times[code]} places" if times[code] > 1 else ""
        yield Oddity(code, text + more, entry.lines)


def _days_left(entry: LogEntry) -> Found:
    for each in entry.entitlements:
        true = days_left(each, entry.at)
        if true is not None:
            days = str(true[0]) if true[0] == true[1] else f"{true[0]} or {true[1]}"
            yield (
                "days_left",
                f"days left is logged as {each.days_left} and truly was {days}: seconds read as a date (D4)",
            )
        elif each.days_left is not None and each.days_left < 0:
            yield (
                "days_left",
                f"days left is logged as {each.days_left}: seconds read as a date (D4); no time tells the truth",
            )


def _requested_date(entry: LogEntry) -> Found:
    for each in entry.entitlements:
        true = requested_between(each)
        if true is not None:
            year = each.requested_date.partition("-")[0]
            truly = stamp(true[0].replace(microsecond=0))
            text = f"the requested date is logged in the year {year} and truly was {truly} or up to 86 s later"
            yield "requested_date", f"{text}: milliseconds read as seconds (D5)"


def _tags(entry: LogEntry) -> Found:
    for each in entry.entitlements:
        licence = licence_of(each)
        if licence.damaged:
            yield "tag_damaged", f"the entitlement tag '{each.tag}' is damaged; it is taken for {licence.name} (F5)"
        if not licence.known:
            yield "tag_unknown", f"the catalogue does not have {licence.name}: its calls per second are not known"


def _damage(entry: LogEntry) -> Found:
    for key in entry.damaged:
        yield f"damaged_{key}", f"the value of {key} cannot be read"


def _status(entry: LogEntry) -> Found:
    if entry.kind != "authorization":
        return
    if compliance(entry.compliance_status) is None:
        shown = entry.compliance_status or "missing"
        yield "compliance_status", f"the compliance status is {shown}, which is not known: taken for in compliance"
    if entry.start_date is not None and entry.expiry is not None and entry.answered is None:
        yield "expiry", f"an expiry of {about(entry.expiry)} is longer than the authorization period (D3)"


def _devices(log: Log) -> Iterator[Oddity]:
    """More than one device, or files in another order than they were written in: then the answer is of a mixture."""
    for what, names in (
        ("hostnames", {each.hostname: each for each in reversed(log.entries) if each.hostname}),
        ("product instances", {e.product_instance: e for e in reversed(log.entries) if e.product_instance}),
    ):
        if len(names) > 1:
            text = f"{len(names)} {what} are in it: {', '.join(sorted(names)[:_LISTED])}; read each device's log alone"
            place = max(each.lines for each in names.values())
            yield Oddity("several_devices", text, place, attention=True)
            return
    answers = [(each.start_date, each) for each in log.entries if each.start_date]
    back = next((later for (a, _), (b, later) in pairwise(answers) if b < a - _NOTABLE_STEP), None)
    if back is not None:
        text = "answers go back in time: lines of several devices, or files that are not in their order"
        yield Oddity("order", text, back.lines, attention=True)


def _clocks(log: Log) -> Iterator[Oddity]:
    """The skew at the last answer of each run that has one (D3); the zone that the log is written in."""
    last: dict[int, LogEntry] = {}
    for entry in log.entries:
        if entry.skew is not None and entry.run is not None:
            last[entry.run] = entry
    worst = max(last.values(), key=lambda each: abs(each.skew or timedelta(0)), default=None)
    if worst is not None and worst.skew is not None:
        seconds = worst.skew.total_seconds()
        size = "the same as" if abs(seconds) < 0.5 else f"about {about(timedelta(seconds=round(abs(seconds))))}"
        way = "" if abs(seconds) < 0.5 else (" ahead of" if seconds > 0 else " behind")
        text = f"the device's clock is {size}{way} the manager's, to the second (D3)"
        # They tell neither a whole day more nor another zone.
        text += ", as far as times of day tell"
        yield Oddity("clock_skew", text, worst.lines, attention=abs(worst.skew) > _NOTABLE_SKEW)
    for run in log.runs:
        if run.zone:
            hours = run.zone.total_seconds() / 3600
            yield Oddity("zone", f"the device's times of day are UTC{hours:+g} h", run.first)
            return


def _undated(log: Log) -> Iterator[Oddity]:
    runs = [each for each in log.runs if each.first_at is None]
    if runs:
        text = f"{_count(runs, 'run', 'runs')} of the process cannot be dated: no answer in it tells the time (D6)"
        yield Oddity("undated", text, (runs[0].first[0], runs[0].first[1], runs[0].last[2]))


def _count(found: Sized, one: str, more: str) -> str:
    return f"{len(found)} {one if len(found) == 1 else more}"
