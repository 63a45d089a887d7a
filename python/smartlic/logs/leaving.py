"""How a log leaves the licence, and what somebody should look at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from smartlic.logs.exchanges import Exchange
from smartlic.logs.failures import Cause, cause_of
from smartlic.logs.gaps import Gap
from smartlic.logs.licences import Licence, rate_of
from smartlic.logs.standing import CERTIFICATE_LIFE, Standing

if TYPE_CHECKING:
    from smartlic._core import LogEntry
    from smartlic.logs.history import Band

__all__ = ["standing_of_log"]

_DAY = timedelta(days=1)
_NOTABLE_SKEW = timedelta(minutes=2)
_DEREGISTERED = re.compile(r"de-?regist\w*\b.{0,40}\b(?:succe|done|complete|accepted)", re.IGNORECASE)


def standing_of_log(
    entries: Sequence[LogEntry],
    exchanges: Sequence[Exchange],
    gaps: Iterable[Gap],
    bands: Sequence[Band],
    seen: datetime | None,
) -> Standing:
    """The licence's facts at the log's end."""
    held = next((each for each in reversed(exchanges) if each.grants), None)
    answered = next((each for each in reversed(exchanges) if each.request and each.answer), None)
    asked = answered or next((each for each in reversed(exchanges) if each.request), None)
    issued = next((each for each in reversed(entries) if each.kind in ("registration", "renewal")), None)
    left = _deregistered(entries)
    if left:
        held = issued = None
    certificate = _certificate(issued, held, exchanges)
    cause = _last_failure(entries)
    known = bool(issued or exchanges or left)
    return Standing(
        seen=seen,
        enabled=True if known else None,
        registered=False if left else True if known else None,
        authorized=held.start if held else None,
        authorization_end=held.end if held else None,
        out_of_compliance=None if held is None or held.compliant is None else not held.compliant,
        certificate=certificate,
        certificate_end=certificate + CERTIFICATE_LIFE if certificate else None,
        renewal=certificate + issued.renew_interval if issued and certificate and issued.renew_interval else None,
        requested=_counts(asked.licences) if asked else {},
        cps=rate_of(asked.licences) if asked else None,
        next_request=held.at + held.retry if held and held.at and held.retry is not None else None,
        trouble=cause.words if cause else None,
        advice=cause.advice if cause else None,
        refused=bool(cause and cause.refused),
        silent=bool(cause and cause.silent),
        since=_since(bands, seen) if held else None,
        concerns=tuple(_concerns(entries, exchanges, gaps, held)),
    )


def _counts(licences: Iterable[Licence]) -> dict[str, int]:
    """Counts by name; of one that is listed twice the sum."""
    found: dict[str, int] = {}
    for each in licences:
        if each.count is not None:
            found[each.name] = found.get(each.name, 0) + each.count
    return found


def _since(bands: Iterable[Band], seen: datetime | None) -> datetime | None:
    return next((b.start for b in bands if seen and b.start <= seen and (b.end is None or seen < b.end)), None)


def _deregistered(entries: Sequence[LogEntry]) -> bool:
    """Whether an entry tells of a deregistration, and nothing after it is of a registered product (E2, E9)."""
    for each in reversed(entries):
        if each.kind in ("registration", "renewal", "authorization", "authorization_request"):
            return False
        if each.kind == "unknown" and _DEREGISTERED.search(each.text):
            return True
    return False


def _certificate(issued: LogEntry | None, held: Exchange | None, exchanges: Sequence[Exchange]) -> datetime | None:
    """When the ID certificate that is in use was issued. None if it is another than the log tells of: its number is not
    the one in the requests, or an answer came after its renewal was due, and a device that is answered renews too (E7).
    """
    if issued is None or issued.at is None:
        return None
    requests = (each.request for each in reversed(exchanges) if each.request)
    told = next((each.id_certificate for each in requests if each.lines > issued.lines), None)
    if None not in (told, issued.id_certificate) and told != issued.id_certificate:
        return None
    renewal = issued.renew_interval if issued.renew_interval is not None else CERTIFICATE_LIFE
    over = held is not None and held.start is not None and held.start >= issued.at + renewal + _DAY
    return None if over else issued.at


def _last_failure(entries: Sequence[LogEntry]) -> Cause | None:
    """Why it fails now: the last failure, if the manager did not answer after it, whatever it was asked."""
    for each in reversed(entries):
        if each.kind == "failure":
            return cause_of(each.text)
        if each.kind in ("authorization", "registration", "renewal"):
            return None
    return None


def _concerns(
    entries: Sequence[LogEntry], exchanges: Sequence[Exchange], gaps: Iterable[Gap], held: Exchange | None
) -> Iterator[str]:
    yield from (f"{each.text[0].upper()}{each.text[1:]}." for each in gaps if each.open)
    last = exchanges[-1] if exchanges else None
    if last and last.answer is None:
        yield "The last request has no answer in the log."
    elif last and not last.grants:
        yield "The last answer grants nothing: its own period was over when it came (E5)."
    if held and held.answer and held.compliant is None:
        said = held.answer.compliance_status or "none"
        yield f"The last answer's compliance status is {said}, which is not known: it is taken for in compliance."
    if held and held.answer and held.answer.start_date is None:
        yield "The last answer's start_date cannot be read: the authorization's begin follows from what else it says."
    if held and held.answer and held.answer.skew is not None and abs(held.answer.skew) > _NOTABLE_SKEW:
        yield "The device's clock differs from the manager's; set it (NTP)."
    after = [
        each for each in entries if each.kind == "unknown" and held and held.answer and each.lines > held.answer.lines
    ]
    if after:
        says = after[0].text.partition(" - ")[2][:100] or after[0].text[:100]
        yield f"After the last answer come {len(after)} entries of no kind that is known; the first: “{says}”."
