"""What a log tells, in its order: what happened when, in which modes, and where a request is missing."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from smartlic.logs.failures import Cause, cause_of
from smartlic.logs.licences import Licence, compliance, licence_of
from smartlic.logs.standing import AUTHORIZATION_PERIOD, CERTIFICATE_LIFE, Standing
from smartlic.times import about, stamp

if TYPE_CHECKING:
    from smartlic._core import LogEntry, LogRun

__all__ = ["Band", "Happening", "History", "Place", "tell"]

Place = tuple[int, int, int]
"""A source's number, and the first and last line in it."""

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_JITTER = 0.05  # of a regular ask (E8)
_QUOTED = 120  # characters of a failure's own words
_MODES: dict[bool | None, str] = {True: "InCompliance", False: "OutOfCompliance"}


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


@dataclass(frozen=True)
class _Exchange:
    """A request and its answer; either may be missing."""

    request: LogEntry | None
    answer: LogEntry | None

    @property
    def first(self) -> LogEntry:
        found = self.request or self.answer
        assert found is not None
        return found

    @property
    def licences(self) -> tuple[Licence, ...]:
        return tuple(map(licence_of, self.request.entitlements)) if self.request else ()


def tell(entries: Sequence[LogEntry], runs: Sequence[LogRun]) -> History:
    """Reads the entries of a log, in their order."""
    exchanges = list(_exchanges(entries))
    found = [
        *map(_run, runs),
        *(_clock(change, run) for run in runs for change in run.clock_changes),
        *_registrations(entries),
        *(_exchange(each) for each in exchanges),
        *(_failure(each) for each in entries if each.kind == "failure"),
        *_missed(exchanges, entries, runs),
    ]
    found.sort(key=lambda each: each.place)
    happenings = tuple(_together(found))
    return History(happenings, tuple(_bands(exchanges)), _standing(entries, runs, exchanges))


def _exchanges(entries: Iterable[LogEntry]) -> Iterator[_Exchange]:
    """An answer belongs to the request before it, in the same run of the process."""
    open_: LogEntry | None = None
    for entry in entries:
        if entry.kind == "authorization_request":
            if open_:
                yield _Exchange(open_, None)
            open_ = entry
        elif entry.kind == "authorization":
            if open_ and open_.run != entry.run:
                yield _Exchange(open_, None)
                open_ = None
            yield _Exchange(open_, entry)
            open_ = None
    if open_:
        yield _Exchange(open_, None)


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


def _clock(change: tuple[Place, timedelta, bool], run: LogRun) -> Happening:
    place, by, zone = change
    way = f"{about(by)} {'forward' if by > timedelta(0) else 'back'}"
    text = f"the device's times of day went {way}: its zone changed" if zone else f"the device's clock was set {way}"
    return Happening("clock", text, place, None, run.first_at, run.last_at, attention=not zone)


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


def _exchange(each: _Exchange) -> Happening:
    first, answer = each.first, each.answer
    wanted = ", ".join(f"{each.count if each.count is not None else '?'} x {each.name}" for each in each.licences)
    cps = _cps(each.licences)
    asked = f"requested {wanted or 'licences'}" + (f" ({cps} calls per second)" if cps is not None else "")
    if answer is None:
        text, kind = f"{asked}: no answer in the log", "unanswered"
        return Happening(kind, text, first.lines, first.at, first.earliest, first.latest, (wanted,), attention=True)
    said = _MODES.get(compliance(answer.compliance_status), answer.compliance_status or "an answer without a status")
    parts = [asked if each.request else "", said]
    if answer.start_date is not None:
        parts.append(f"authorized from {stamp(answer.start_date)} to {stamp(answer.start_date + AUTHORIZATION_PERIOD)}")
    if answer.retry_interval is not None:
        parts.append(f"next request after {about(answer.retry_interval)}")
    at = answer.at or first.at
    place = (first.lines[0], first.lines[1], answer.lines[2] if answer.lines[0] == first.lines[0] else first.lines[2])
    attention = compliance(answer.compliance_status) is not True
    text, key = "; ".join(filter(None, parts)), (wanted, said)
    return Happening("exchange", text, place, at, answer.earliest, answer.latest, key, attention=attention)


def _failure(entry: LogEntry) -> Happening:
    cause = cause_of(entry.text)
    said = entry.text.partition(" - ")[2] or entry.text
    said = said if len(said) <= _QUOTED else said[: _QUOTED - 1] + "…"
    text = f"failed: {cause.words}: “{said}”"
    key = (cause.code,)
    return Happening("failure", text, entry.lines, entry.at, entry.earliest, entry.latest, key, attention=True)


def _missed(exchanges: Sequence[_Exchange], entries: Sequence[LogEntry], runs: Sequence[LogRun]) -> Iterator[Happening]:
    """Where the device should have asked, or renewed, and the log has nothing of it (E8, D1, D7)."""
    seen = _seen(entries, runs)
    failures = sorted(each.at for each in entries if each.kind == "failure" and each.at)
    asks = [(each.first, each.answer, each.answer.retry_interval if each.answer else None) for each in exchanges]
    for (first, answer, interval), after in pairwise([*asks, (None, None, None)]):
        begun = answer.at if answer else None
        if first is None or answer is None or interval is None or begun is None:
            continue
        until = after[0].at if after[0] else seen
        allowed = interval * (1 + _JITTER) + _HOUR
        if until is not None and until - begun > allowed:
            yield _gap("a request", begun + interval, until, answer, runs, failures, over=after[0] is None)
    certificates = [each for each in entries if each.kind in ("registration", "renewal")]
    for entry, later in pairwise([*certificates, None]):
        if entry is None or entry.at is None or entry.renew_interval is None:
            continue
        until = later.at if later else seen
        if until is not None and until - entry.at > entry.renew_interval * (1 + _JITTER) + _DAY:
            due = entry.at + entry.renew_interval
            yield _gap("the renewal of the ID certificate", due, until, entry, runs, failures, over=later is None)


def _gap(
    what: str,
    due: datetime,
    until: datetime,
    before: LogEntry,
    runs: Sequence[LogRun],
    failures: Sequence[datetime],
    *,
    over: bool,
) -> Happening:
    ran = sum((_overlap(run, due, until) for run in runs), timedelta(0))
    failed = bisect_right(failures, until) - bisect_left(failures, due)
    most = until - due
    if ran < most * 0.02:
        why = "the process wrote nothing then"
    else:
        why = "the process ran" if ran > most * 0.98 else f"the process ran for {about(ran)} of it"
        why += f", {failed} failure{'s' if failed != 1 else ''} in it" if failed else ", and no failure is logged"
    end = "up to the log's end" if over else f"it came {about(most)} late, {stamp(until)}"
    text = f"{what} was due {stamp(due)} and is missing: {end}; {why}"
    return Happening("gap", text, before.lines, due, until=until, attention=True)


def _overlap(run: LogRun, start: datetime, end: datetime) -> timedelta:
    if run.first_at is None or run.last_at is None:
        return timedelta(0)
    overlap: timedelta = min(end, run.last_at) - max(start, run.first_at)
    return max(timedelta(0), overlap)


def _together(found: Sequence[Happening]) -> Iterator[Happening]:
    """Puts what happened again and again, with nothing else between, into one."""
    held: Happening | None = None
    for each in found:
        if held and each.key and (held.kind, held.key) == (each.kind, each.key):
            end = each.place[2] if each.place[0] == held.place[0] else held.place[2]
            place = (held.place[0], held.place[1], end)
            # The last one's words: its dates are those that hold.
            held = replace(held, text=each.text, place=place, until=each.at or held.until, count=held.count + 1)
            continue
        if held:
            yield held
        held = each
    if held:
        yield held


def _bands(exchanges: Iterable[_Exchange]) -> Iterator[Band]:
    """The modes that the answers tell of: each authorization holds until the next answer or its own end (E2)."""
    held: tuple[datetime, datetime, str] | None = None
    for each in exchanges:
        answer = each.answer
        if answer is None or answer.start_date is None:
            continue
        at = answer.at or answer.answered
        if at is None:
            continue
        if held:
            yield from _until(*held, at)
        mode = _MODES.get(compliance(answer.compliance_status), "InCompliance")
        held = at, answer.start_date + AUTHORIZATION_PERIOD, mode
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


def _seen(entries: Iterable[LogEntry], runs: Iterable[LogRun]) -> datetime | None:
    times = [run.last_at for run in runs] + [entry.at for entry in entries]
    return max((each for each in times if each is not None), default=None)


def _standing(entries: Sequence[LogEntry], runs: Sequence[LogRun], exchanges: Sequence[_Exchange]) -> Standing:
    answer = next((each.answer for each in reversed(exchanges) if each.answer and each.answer.start_date), None)
    licences = next((each.licences for each in reversed(exchanges) if each.request), ())
    issued = next((each for each in reversed(entries) if each.kind in ("registration", "renewal")), None)
    known = bool(issued or answer or licences)
    certificate = _certificate(
        issued, answer, next((each.request for each in reversed(exchanges) if each.request), None)
    )
    cause = _last_failure(entries, answer)
    said = compliance(answer.compliance_status) if answer else None
    ask = answer.at + answer.retry_interval if answer and answer.at and answer.retry_interval is not None else None
    return Standing(
        seen=_seen(entries, runs),
        enabled=True if known else None,
        registered=True if known else None,
        authorized=answer.start_date if answer else None,
        authorization_end=answer.start_date + AUTHORIZATION_PERIOD if answer and answer.start_date else None,
        out_of_compliance=None if said is None else not said,
        certificate=certificate,
        certificate_end=certificate + CERTIFICATE_LIFE if certificate else None,
        renewal=certificate + issued.renew_interval if issued and certificate and issued.renew_interval else None,
        requested={each.name: each.count for each in licences if each.count is not None},
        cps=_cps(licences),
        next_request=ask,
        trouble=cause.words if cause else None,
        advice=cause.advice if cause else None,
        refused=bool(cause and cause.refused),
    )


def _certificate(issued: LogEntry | None, answer: LogEntry | None, request: LogEntry | None) -> datetime | None:
    """When the ID certificate that is in use was issued. None if it is another than the log tells of: its number is not
    the one in the requests, or a grant came after its end, which only a renewed one gets (E7)."""
    if issued is None or issued.at is None:
        return None
    told = request.id_certificate if request and request.lines > issued.lines else None
    if None not in (told, issued.id_certificate) and told != issued.id_certificate:
        return None
    over = answer is not None and answer.start_date is not None and answer.start_date >= issued.at + CERTIFICATE_LIFE
    return None if over else issued.at


def _last_failure(entries: Sequence[LogEntry], answer: LogEntry | None) -> Cause | None:
    """Why it fails now: the last failure, if no answer came after it."""
    failure = next((each for each in reversed(entries) if each.kind == "failure"), None)
    if failure is None or (answer is not None and answer.lines > failure.lines):
        return None
    return cause_of(failure.text)


def _cps(licences: Sequence[Licence]) -> int | None:
    rates = [each.cps for each in licences]
    return sum(filter(None, rates)) if rates and None not in rates else None


def _time_of_day(value: timedelta | None) -> str:
    seconds = (value or timedelta(0)).total_seconds()
    return f"{int(seconds // 3600):02}:{int(seconds // 60) % 60:02}:{seconds % 60:06.3f}".removesuffix(".000")
