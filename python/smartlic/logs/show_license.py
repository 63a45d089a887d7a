"""Reads what devices with classic Smart Licensing (IOS, IOS-XE) print for `show license all|status|summary|usage`.

It goes by the labels and not by the layout, as the text is mostly a paste: quoted, wrapped, without its indentation,
with other commands around it. Nothing is fatal but a text that holds no such answer; what cannot be read is a note.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from smartlic.errors import InputError
from smartlic.logs.show_reading import Product, read_lines
from smartlic.logs.show_standing import standing_of
from smartlic.logs.show_text import cleaned
from smartlic.logs.show_times import Times
from smartlic.logs.show_usage import Usage
from smartlic.logs.standing import Standing

__all__ = ["Product", "ShowLicense", "Usage", "looks_like_show_license", "parse_show_license"]


@dataclass(frozen=True)
class ShowLicense:
    """What a device printed of its licence. Times are aware UTC; None is "not printed", or printed as none.

    enabled: whether smart licensing is. registration, authorization: the status in the device's own words, without the
    date; ``authorization_at`` is that date. registered_at: when the initial registration succeeded;
    registration_succeeded: whether it did; registration_tried: when it failed; registration_failure: why.
    last_renewal: when renewal of the ID certificate was last tried; last_renewal_succeeded, renewal_failure: how it
    ended. registration_expires: the end of the ID certificate. evaluation_left: what was left of the evaluation when
    the text was taken, zero when it is used up; evaluation_in_use: whether it was running, where that is printed apart.
    last_attempt: when the manager was last asked; last_attempt_succeeded, failure_reason: how that ended. deadline: the
    communication deadline. usage: the licences in use. product: the UDI. taken: what the device's clock showed when the
    text was taken. notes: (line, sentence) for what could not be read or had to be guessed, in order of lines. lines:
    for each field that was found, its line in the text, from 1; a field that several answers tell has the last one's.
    """

    enabled: bool | None = None
    registration: str | None = None
    smart_account: str | None = None
    virtual_account: str | None = None
    registered_at: datetime | None = None
    registration_succeeded: bool | None = None
    registration_tried: datetime | None = None
    registration_failure: str | None = None
    next_registration: datetime | None = None
    last_renewal: datetime | None = None
    last_renewal_succeeded: bool | None = None
    renewal_failure: str | None = None
    next_renewal: datetime | None = None
    registration_expires: datetime | None = None
    authorization: str | None = None
    authorization_at: datetime | None = None
    evaluation_left: timedelta | None = None
    evaluation_in_use: bool | None = None
    last_attempt: datetime | None = None
    last_attempt_succeeded: bool | None = None
    failure_reason: str | None = None
    next_attempt: datetime | None = None
    deadline: datetime | None = None
    usage: tuple[Usage, ...] = ()
    product: Product | None = None
    taken: datetime | None = None
    notes: tuple[tuple[int, str], ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)

    def standing(self, at: datetime | None = None) -> Standing:
        """What it means for the licence (E1), as of ``at``, when the text was taken (naive is UTC).

        None stands for the latest past time that the text tells of, such as the last communication attempt. An
        authorization began 90 days before the communication deadline (D3), unless the ID certificate's end is what
        bounds it (E2). One that the device calls expired has ended by ``seen`` at the latest.
        """
        return standing_of(self, at)


# Each begins a line, as the words in a log entry or in prose do not.
_TELLING = re.compile(
    r"^[ \t>*-]{0,40}(?:smart licensing is (?:not )?(?:enabled|disabled)\b|license authorization(?: status)?:"
    r"|(?:last|next) (?:communication|renewal|registration) attempt:|communication deadline:|initial registration:"
    r"|registration expires:|evaluation period remaining:|license usage:?[ \t\r]*$|smart licensing status\b"
    r"|licen[sc]e[ \t]+entitlement tag[ \t]+count|registration:[ \t]*(?:status:|$)"
    r"|[\w.()/:@~-]{0,64}[>#]?[ \t]{0,4}sh(?:ow)? lic(?:ense)?\b)",
    re.IGNORECASE | re.MULTILINE,
)


def looks_like_show_license(text: str) -> bool:
    """Whether a text is worth giving to ``parse_show_license``; cheap, and false for an sml.log (S17, S18)."""
    return _TELLING.search(text) is not None


def parse_show_license(text: str, *, zone: str | None = None) -> ShowLicense:
    """Reads one or several answers of `show license`; of fields that several tell, the later one is taken.

    ``zone`` is the zone of all times, an offset (``+09:00``) or an IANA name (``Asia/Seoul``), whatever abbreviation is
    printed; without it each abbreviation is taken for what it most often is, with a note if that can be wrong. Raises
    ``InputError`` for a zone that is none, and for a text in which nothing of a `show license` is found.
    """
    reading = read_lines(cleaned(text), Times(zone))
    if not reading.values.keys() - {"taken"}:
        raise InputError(
            "nothing that `show license` prints is in this text, such as 'Registration:' with its status or"
            " 'Communication Deadline:'; give the output of `show license all` of a device with smart licensing,"
            " or of its `status`, `summary` and `usage`",
            "invalid_argument",
            "never",
        )
    notes = tuple(dict.fromkeys(sorted(reading.notes)))
    return ShowLicense(**reading.values, notes=notes, lines=reading.lines)
