"""What a log tells, in its order: what happened when, and in which modes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from smartlic.logs.exchanges import MODES, Exchange, Place, exchanges_of
from smartlic.logs.failures import cause_of
from smartlic.logs.gaps import Gap, gaps_of
from smartlic.logs.licences import rate_of
from smartlic.logs.standing import Standing
from smartlic.times import about, stamp

if TYPE_CHECKING:
    from smartlic._core import LogEntry, LogRun

__all__ = ["Band", "Happening", "History", "tell"]

T = TypeVar("T")

_QUOTED = 120  # characters of a failure's own words


@dataclass(frozen=True)
class Happening:
    """Something that the log tells. kind: run, registration, exchange, unanswered, failure, clock, gap. key: what makes
    two of them the same, for telling them together. at: when, by the device's clock; else bounds as far as known; until
    and count: of several that were put together. attention: it is what somebody has to look at."""

    kind: str
    text: str
    place: Place
    at: datetime | None = None
    earliest: datetime | None = None
    latest: datetime | None = None
    key: tuple[object, ...] = ()
    until: datetime | None = None
    count: int = 1
    attention: bool = False


@dataclass(frozen=True)
class Band:
    """A mode, and from when to when by the authorizations of the log; end is None for the last: it goes on."""

    start: datetime
    end: datetime | None
    mode: str


@dataclass(frozen=True)
class History:
    """happenings in the log's order; bands of modes; the licence as the log leaves it."""

    happenings: tuple[Happening, ...]
    bands: tuple[Band, ...]
    standing: Standing


def tell(entries: Sequence[LogEntry], runs: Sequence[LogRun]) -> History:
    """Reads the entries of a log, in their order."""
    from smartlic.logs.leaving import standing_of_log

    exchanges = list(exchanges_of(entries))
    times = [run.last_at for run in runs] + [entry.at for entry in entries]
    seen = max((each for each in times if each is not None), default=None)
    gaps = list(gaps_of(exchanges, entries, runs, seen))
    found = [
        *map(_run, runs),
        *(_clock(change, run) for run in runs for change in run.clock_changes),
        *_registrations(entries),
        *map(_exchange, exchanges),
        *(_failure(each) for each in entries if each.kind == "failure"),
        *(_gap(each) for each in gaps if not each.open),
    ]
    found.sort(key=lambda each: each.place)
    found += (_gap(each) for each in gaps if each.open)
    bands = tuple(_merged(_pieces(exchanges), _goes_on))
    standing = standing_of_log(entries, exchanges, gaps, bands, seen)
    return History(tuple(_merged(found, _together)), bands, standing)


def _run(run: LogRun) -> Happening:
    clock = f"{_time_of_day(run.began_time_of_day)} by its clock" if run.began_time_of_day is not None else ""
    if run.began:
        text = "the process began"
    elif clock:
        text = f"the process began at {clock}"
        text += "" if run.first_at else ", on a day that the log does not tell"
    else:
        text = "the log begins" if run.first[1] == 1 else "the log goes on with lines of another layout"
    dated = run.began or run.first_at
    return Happening("run", text, (run.first[0], run.first[1], run.first[1]), dated, run.earliest, run.latest)


def _clock(change: tuple[Place, timedelta, bool, datetime | None], run: LogRun) -> Happening:
    place, by, zone, at = change
    way = f"{about(by)} {'forward' if by > timedelta(0) else 'back'}"
    text = f"the device's times of day went {way}: its zone changed" if zone else f"the device's clock was set {way}"
    return Happening("clock", text, place, at, run.first_at, run.last_at, attention=not zone)


def _registrations(entries: Iterable[LogEntry]) -> Iterator[Happening]:
    before = False
    for entry in entries:
        if entry.kind not in ("registration", "renewal"):
            continue
        what = "renewed" if entry.kind == "renewal" else "registered"
        if before and entry.kind == "registration":
            what = "registered again, or renewed"
        parts = [f"ID certificate {entry.id_certificate}" if entry.id_certificate is not None else ""]
        parts.append(f"signing certificate {entry.signing_certificate}" if entry.signing_certificate else "")
        if entry.renew_interval is not None:
            parts.append(f"to be renewed after {about(entry.renew_interval)}")
        text = ", ".join(filter(None, (what, *parts)))
        yield Happening("registration", text, entry.lines, entry.at, entry.earliest, entry.latest)
        before = True


def _exchange(each: Exchange) -> Happening:
    first, answer = each.first, each.answer
    wanted = ", ".join(f"{each.count if each.count is not None else '?'} x {each.name}" for each in each.licences)
    cps = rate_of(each.licences)
    asked = f"requested {wanted or 'licences'}" + (f" ({cps} calls per second)" if cps is not None else "")
    if answer is None:
        text, kind = f"{asked}: no answer in the log", "unanswered"
        return Happening(kind, text, first.lines, first.at, first.earliest, first.latest, (wanted,), attention=True)
    said = MODES.get(each.compliant) or answer.compliance_status or "an answer without a status"
    parts = [asked if each.request else "", said]
    if each.start is not None and each.end is not None:
        taken = "authorized" if each.grants else "not taken in, as its own period was over: authorized"
        parts.append(f"{taken} from {stamp(each.start)} to {stamp(each.end)}")
    if each.retry is not None:
        parts.append(f"next request after {about(each.retry)}")
    end = answer.lines[2] if answer.lines[0] == first.lines[0] else first.lines[2]
    place = (first.lines[0], first.lines[1], end)
    attention = each.compliant is not True or not each.grants
    text, key = "; ".join(filter(None, parts)), (wanted, said, each.grants)
    at = answer.at or first.at
    return Happening("exchange", text, place, at, answer.earliest, answer.latest, key, attention=attention)


def _gap(each: Gap) -> Happening:
    return Happening("gap", each.text, each.place, each.due, until=each.until, attention=True)


def _failure(entry: LogEntry) -> Happening:
    cause = cause_of(entry.text)
    said = entry.text.partition(" - ")[2] or entry.text
    said = said if len(said) <= _QUOTED else said[: _QUOTED - 1] + "…"
    text = f"failed: {cause.words}: “{said}”"
    key = (cause.code,)
    return Happening("failure", text, entry.lines, entry.at, entry.earliest, entry.latest, key, attention=True)


def _together(held: Happening, each: Happening) -> Happening | None:
    """What happened again and again, with nothing else between, is one. The last one's words hold: its dates do."""
    if not each.key or (held.kind, held.key) != (each.kind, each.key):
        return None
    end = each.place[2] if each.place[0] == held.place[0] else held.place[2]
    place = (held.place[0], held.place[1], end)
    return replace(held, text=each.text, place=place, until=each.at or held.until, count=held.count + 1)


def _goes_on(held: Band, each: Band) -> Band | None:
    """An answer that says what the one before it did goes on with its mode."""
    return replace(held, end=each.end) if (held.mode, held.end) == (each.mode, each.start) else None


def _merged(found: Iterable[T], join: Callable[[T, T], T | None]) -> Iterator[T]:
    """Each with what follows it, as long as ``join`` makes one of the two."""
    held: T | None = None
    for each in found:
        joined = None if held is None else join(held, each)
        if held is not None and joined is None:
            yield held
        held = each if joined is None else joined
    if held is not None:
        yield held


def _pieces(exchanges: Iterable[Exchange]) -> Iterator[Band]:
    """The modes that the answers tell of: each authorization holds until the next answer or its own end (E2)."""
    held: tuple[datetime, datetime, str] | None = None
    for each in exchanges:
        at, end = each.at, each.end
        if not each.grants or at is None or end is None:
            continue
        if held:
            yield from _until(*held, at)
        held = at, end, MODES.get(each.compliant) or "InCompliance"
    if held:
        start, end, mode = held
        yield Band(start, max(start, end), mode)
        yield Band(max(start, end), None, "AuthorizationExpired")


def _until(start: datetime, end: datetime, mode: str, next_: datetime) -> Iterator[Band]:
    if next_ <= start:  # the clock was set back: what came later holds
        return
    if end < next_:
        yield Band(start, max(start, end), mode)
        yield Band(max(start, end), next_, "AuthorizationExpired")
    else:
        yield Band(start, next_, mode)


def _time_of_day(value: timedelta | None) -> str:
    seconds = (value or timedelta(0)).total_seconds()
    return f"{int(seconds // 3600):02}:{int(seconds // 60) % 60:02}:{seconds % 60:06.3f}".removesuffix(".000")
