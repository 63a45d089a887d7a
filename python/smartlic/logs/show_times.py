"""Times and lengths of time as network devices print them: zone abbreviations instead of offsets, words for units.

An abbreviation is whatever the operator typed when the clock was set, so what one stands for is a guess; each guess
that could be wrong is remarked on once, and a zone given by the caller ends all guessing.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from smartlic.errors import InputError

__all__ = ["CLOCK", "Times", "time_left", "zone_named"]

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

_DAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+)?"
_DATE = r"(?P<month>[a-z]{3})[a-z]*\s+(?P<day>[0-9]{1,2})"
_TIME = r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]{1,6}))?)?"
_YEAR = r"(?P<year>[0-9]{4})"
_ZONE = r"(?P<zone>[a-z]{1,6}(?:[+-][0-9]{1,2}(?::?[0-9]{2})?)?|[+-][0-9]{1,2}(?::?[0-9]{2})?)"

# What the device's clock shows, as `show clock` and the line above each answer print it: this is when it was taken.
CLOCK = re.compile(
    rf"(?:(?:no time source|time source is [a-z0-9 ]+),\s*)?[*.]?{_TIME}\s+{_ZONE}\s+{_DAY}{_DATE}\s+{_YEAR}",
    re.IGNORECASE,
)

_LAYOUTS = [
    re.compile(layout, re.IGNORECASE)
    for layout in (
        rf"{_DAY}{_DATE}\s+{_TIME}\s+{_YEAR}(?:\s+{_ZONE})?",  # Mar 01 07:40:44 2016 UTC
        rf"{_DAY}{_DATE},?\s+{_YEAR}\s+{_TIME}(?:\s+{_ZONE})?",  # Mar 01 2016 07:40:44 UTC
        rf"{_DAY}{_DATE}\s+{_TIME}\s+{_ZONE}\s+{_YEAR}",  # Tue Mar  1 07:40:44 UTC 2016
        rf"{_DAY}(?P<day>[0-9]{{1,2}})\s+(?P<month>[a-z]{{3}})[a-z]*\s+{_YEAR}\s+{_TIME}(?:\s+{_ZONE})?",
        rf"{_YEAR}-(?P<month>[0-9]{{2}})-(?P<day>[0-9]{{2}})[t ]{_TIME}\s*{_ZONE}?",
    )
] + [CLOCK]

_OFFSET = re.compile(r"(?:utc|gmt)?(?P<sign>[+-])(?P<hours>[0-9]{1,2})(?::?(?P<minutes>[0-9]{2}))?", re.IGNORECASE)
_FARTHEST = timedelta(hours=14)

# Hours east of Greenwich, and the abbreviations that devices commonly print for them.
_ZONES = {
    0: "UTC GMT Z UCT WET",
    1: "CET MET BST WEST WAT",
    2: "CEST MEST EET SAST CAT",
    3: "EEST MSK TRT EAT",
    4: "GST",
    5: "PKT",
    5.5: "IST",
    5.75: "NPT",
    7: "ICT WIB",
    8: "SGT HKT MYT PHT AWST WITA",
    9: "JST KST WIT",
    9.5: "ACST",
    10: "AEST",
    10.5: "ACDT",
    11: "AEDT",
    12: "NZST",
    13: "NZDT",
    -2: "BRST",
    -2.5: "NDT",
    -3: "BRT ART CLST ADT",
    -3.5: "NST",
    -4: "AST EDT CLT VET",
    -5: "EST CDT COT PET",
    -6: "CST MDT",
    -7: "MST PDT",
    -8: "PST AKDT",
    -9: "AKST",
    -10: "HST",
}
_HOURS = {name: hours for hours, names in _ZONES.items() for name in names.split()}

# Those that stand for several zones: the one taken above, and the others.
_AMBIGUOUS = {
    "IST": ("India", "Israel (+02:00) and Ireland (+01:00)"),
    "CST": ("North America", "China (+08:00)"),
    "EST": ("North America", "Australia (+10:00)"),
    "PST": ("North America", "the Philippines (+08:00)"),
    "AST": ("the Atlantic coast of America", "Arabia (+03:00)"),
    "BST": ("Britain in summer", "Bangladesh (+06:00)"),
    "GST": ("the Gulf", "South Georgia (-02:00)"),
}


class Times:
    """Reads printed times, in the zone that the caller gives or else in the one that is printed with each."""

    def __init__(self, zone: str | None = None) -> None:
        self._zone = zone_named(zone) if zone is not None else None
        self._remarked: set[str] = set()

    def read(self, text: str) -> tuple[datetime | None, str | None]:
        """The time as aware UTC, None if the text is no time; and a remark if its zone had to be guessed."""
        found = next(filter(None, (layout.fullmatch(text.strip(" .;,*")) for layout in _LAYOUTS)), None)
        if found is None:
            return None, None
        printed = (found["zone"] or "").upper()
        zone, remark = (self._zone, None) if self._zone else self._guess(printed)
        try:
            local = _local(found)
            if not 1971 <= local.year <= 9990:  # so that adding and taking off periods never overflows
                return None, None
            return _placed(local, zone, printed).astimezone(UTC), self._once(printed, remark)
        except ValueError:
            return None, None

    def _once(self, printed: str, remark: str | None) -> str | None:
        if printed in self._remarked:
            return None
        self._remarked.add(printed)
        return remark

    @staticmethod
    def _guess(printed: str) -> tuple[tzinfo, str | None]:
        if not printed:
            return UTC, "no time zone is printed with this time; it is taken as UTC, give the zone if that is wrong"
        offset = _offset(printed)
        if offset is not None:
            return offset, None
        if printed not in _HOURS:
            return UTC, f"the time zone {printed} is not known; it is taken as UTC, give the zone if that is wrong"
        zone = timezone(timedelta(hours=_HOURS[printed]))
        if printed not in _AMBIGUOUS:
            return zone, None
        taken, others = _AMBIGUOUS[printed]
        shown = datetime(2000, 1, 1, tzinfo=zone).isoformat()[-6:]
        return zone, (
            f"the time zone {printed} is taken as that of {taken} ({shown}), but it can also be that of {others}; "
            "give the zone if that is wrong"
        )


def zone_named(name: str) -> tzinfo:
    """The zone that a caller names: an offset (``+09:00``), an IANA name (``Asia/Seoul``) or an abbreviation (``JST``).

    Raises ``InputError`` for anything else.
    """
    name = name.strip()
    offset = _offset(name)
    if offset is not None:
        return offset
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # What zoneinfo raises depends on whether the key is unknown, malformed, or a directory of its database.
        if name.upper() in _HOURS:
            return timezone(timedelta(hours=_HOURS[name.upper()]))
    message = f"'{name}' is no time zone; write an offset such as +09:00, or a name such as Asia/Seoul"
    raise InputError(message, "invalid_argument", "never")


def time_left(text: str) -> timedelta | None:
    """``89 days, 2 hours, 43 minutes, 12 seconds``, also with short units; None if the text is no length of time."""
    parts = list(_PART.finditer(text))
    if not parts or _PART.sub("", text).replace("and", "").strip(" ,."):
        return None
    left = sum((int(part["number"]) * _UNITS[part["unit"][0].lower()] for part in parts), timedelta(0))
    return left if left <= _LONGEST else None


_PART = re.compile(
    r"\b(?P<number>[0-9]{1,6})\s*(?P<unit>weeks?|days?|hours?|hrs?|minutes?|mins?|seconds?|secs?|[wdhms])\b",
    re.IGNORECASE | re.ASCII,
)
_UNITS = {
    "w": timedelta(weeks=1),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}
# No evaluation is near this long (S1: 90 days); what says so is damaged.
_LONGEST = timedelta(days=3660)


def _offset(text: str) -> tzinfo | None:
    found = _OFFSET.fullmatch(text)
    if found is None:
        return None
    length = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"] or 0))
    if length > _FARTHEST or int(found["minutes"] or 0) > 59:
        return None
    return timezone(-length if found["sign"] == "-" else length)


def _local(found: re.Match[str]) -> datetime:
    """The time without its zone. Raises ValueError for an unknown month, an impossible day or hour."""
    month = found["month"]
    fraction = found.groupdict().get("fraction") or ""
    return datetime(  # noqa: DTZ001
        int(found["year"]),
        int(month) if month.isdigit() else _MONTHS.index(month.lower()) + 1,
        int(found["day"]),
        int(found["hour"]),
        int(found["minute"]),
        int(found["second"] or 0),
        int(fraction.ljust(6, "0") or 0),
    )


def _placed(local: datetime, zone: tzinfo | None, printed: str) -> datetime:
    """In the hour that clocks repeat in autumn, the printed abbreviation says which of the two is meant."""
    first = local.replace(tzinfo=zone)
    second = first.replace(fold=1)
    return second if printed and second.tzname() == printed != first.tzname() else first
