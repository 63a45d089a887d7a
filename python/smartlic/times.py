"""Times as people write and read them. Naive times are UTC; everything here gives aware UTC (DESIGN 4)."""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, date, datetime, timedelta

from smartlic.errors import InputError

__all__ = ["about", "duration", "instant", "iso", "show", "stamp"]

_DURATION = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>ms|s|min|m|h|d|w)")
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800}


def instant(value: str | date | datetime) -> datetime:
    """A point in time: a datetime, a date (its midnight), or ISO 8601 text. Naive means UTC.

    Raises ``InputError`` for anything else.
    """
    try:
        if isinstance(value, str):
            value = datetime.fromisoformat(value.strip())
        if isinstance(value, datetime):
            return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        message = f"'{value}' is no time; write it as 2026-03-01 or 2026-03-01T08:30Z"
        raise InputError(message, "invalid_argument", "never") from error
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    raise InputError(f"{value!r} is no time", "invalid_argument", "never")


def duration(value: str | int | float | timedelta) -> timedelta:
    """A length of time: a timedelta, seconds, or text such as ``90d``, ``12h``, ``1d 6h``. Raises ``InputError``."""
    if isinstance(value, timedelta):
        return value
    text = f"{value}s" if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value).strip()
    parts = list(_DURATION.finditer(text))
    if parts and not _DURATION.sub("", text).strip():
        with contextlib.suppress(OverflowError):
            return timedelta(seconds=sum(float(part["number"]) * _UNITS[part["unit"]] for part in parts))
    raise InputError(f"'{value}' is no length of time; write it as 90d, 12h or 30s", "invalid_argument", "never")


def stamp(value: datetime) -> str:
    """``2026-05-02 00:00 UTC``; with seconds, and milliseconds, only where they are not zero."""
    value = value.astimezone(UTC).replace(tzinfo=None)
    parts = "milliseconds" if value.microsecond >= 1000 else "seconds" if value.second else "minutes"
    return value.isoformat(" ", parts) + " UTC"


def iso(value: datetime | None) -> str | None:
    """The form of JSON: ``2026-05-02T00:00:00.000Z``."""
    if value is None:
        return None
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def about(length: timedelta) -> str:
    """A length of time in its two largest units at most: ``62 days``, ``3 h 20 min``, ``45 s``, ``1 ms``."""
    seconds = int(abs(length.total_seconds()))
    if not seconds and length:
        return f"{abs(length) / timedelta(milliseconds=1):g} ms"
    days, rest = divmod(seconds, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    if days >= 3:
        return f"{days} days"
    if days:
        return f"{days} day{'s' if days > 1 else ''}" + (f" {hours} h" if hours else "")
    if hours:
        return f"{hours} h" + (f" {minutes} min" if minutes else "")
    return f"{minutes} min" if minutes else f"{seconds} s"


def show(value: datetime, now: datetime) -> str:
    """A stamp and how far it is from ``now``: ``2026-05-02 00:00 UTC (in 62 days)``."""
    gap = value - now
    if abs(gap) < timedelta(seconds=1):
        return f"{stamp(value)} (now)"
    return f"{stamp(value)} (in {about(gap)})" if gap > timedelta(0) else f"{stamp(value)} ({about(gap)} ago)"
