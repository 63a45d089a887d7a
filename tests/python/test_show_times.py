"""Times, zones and lengths of time as network devices print them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from smartlic.errors import InputError
from smartlic.logs.show_license import parse_show_license
from smartlic.logs.show_times import Times, time_left, zone_named
from smartlic.times import iso


@pytest.mark.parametrize(
    ("printed", "utc"),
    [
        ("Mar 01 07:40:44 2016 UTC", "2016-03-01T07:40:44.000Z"),
        ("Mar  1 07:40:44 2016 GMT", "2016-03-01T07:40:44.000Z"),
        ("May 22 10:12:05 2017 PDT", "2017-05-22T17:12:05.000Z"),
        ("May 22 10:12:05 2017 MST", "2017-05-22T17:12:05.000Z"),
        ("May 22 10:12:05 2017 MDT", "2017-05-22T16:12:05.000Z"),
        ("May 22 10:12:05 2017 CDT", "2017-05-22T15:12:05.000Z"),
        ("May 22 10:12:05 2017 edt", "2017-05-22T14:12:05.000Z"),
        ("May 22 10:12:05 2017 CET", "2017-05-22T09:12:05.000Z"),
        ("May 22 10:12:05 2017 CEST", "2017-05-22T08:12:05.000Z"),
        ("May 22 10:12:05 2017 JST", "2017-05-22T01:12:05.000Z"),
        ("May 22 10:12:05 2017 KST", "2017-05-22T01:12:05.000Z"),
        ("May 22 10:12:05 2017 AEST", "2017-05-22T00:12:05.000Z"),
        ("May 22 10:12:05 2017 AEDT", "2017-05-21T23:12:05.000Z"),
        ("May 22 10:12:05 2017 SGT", "2017-05-22T02:12:05.000Z"),
        ("May 22 10:12:05 2017 HKT", "2017-05-22T02:12:05.000Z"),
        ("May 22 10:12:05 2017 NDT", "2017-05-22T12:42:05.000Z"),
        ("May 22 10:12:05 2017 +0530", "2017-05-22T04:42:05.000Z"),
        ("May 22 10:12:05 2017 UTC-3", "2017-05-22T13:12:05.000Z"),
        ("Mon May 22 10:12:05 2017 UTC", "2017-05-22T10:12:05.000Z"),
        ("Mon May 22 10:12:05 JST 2017", "2017-05-22T01:12:05.000Z"),
        ("May 22 2017 10:12:05 UTC", "2017-05-22T10:12:05.000Z"),
        ("22 May 2017 10:12 UTC", "2017-05-22T10:12:00.000Z"),
        ("2017-05-22T10:12:05Z", "2017-05-22T10:12:05.000Z"),
        ("*10:12:05.250 JST Mon May 22 2017", "2017-05-22T01:12:05.250Z"),
    ],
)
def test_times_as_devices_print_them(printed: str, utc: str) -> None:
    when, remark = Times().read(printed)
    assert (iso(when), remark) == (utc, None)


@pytest.mark.parametrize(
    ("zone", "hours"),
    [
        ("IST", 5.5),
        ("CST", -6),
        ("EST", -5),
        ("PST", -8),
        ("AST", -4),
        ("BST", 1),
        ("GST", 4),
        ("QQT", 0),
        ("UTC+25", 0),
        ("", 0),
    ],
)
def test_a_zone_that_had_to_be_guessed_is_remarked_on_once(zone: str, hours: float) -> None:
    times = Times()
    when, remark = times.read(f"Mar 01 12:00:00 2026 {zone}".strip())
    assert when == datetime(2026, 3, 1, 12, tzinfo=UTC) - timedelta(hours=hours)
    assert remark is not None
    assert zone in remark
    assert "give the zone if that is wrong" in remark
    assert times.read(f"Mar 02 12:00:00 2026 {zone}".strip())[1] is None


@pytest.mark.parametrize(
    "text",
    [
        "", "soon", "Mar 01", "Feb 29 07:40:44 2025 UTC", "Foo 01 07:40:44 2016 UTC", "Mar 01 24:00:00 2016 UTC",
        "Mar 01 07:40:60 2016 UTC", "Mar 01 07:40:44 0001 UTC", "Mar 01 07:40:44 9999 PST",
        "Mar \u0660\u0661 07:40:44 2016 UTC", "Mar 01 07:40:44 2016 UTC or so",
    ],
)  # fmt: skip
def test_what_is_no_time_is_none(text: str) -> None:
    assert Times().read(text) == (None, None)


@pytest.mark.parametrize(
    ("zone", "utc"),
    [
        ("+09:00", "2026-03-01T03:00:00.000Z"),
        ("+0900", "2026-03-01T03:00:00.000Z"),
        ("-5", "2026-03-01T17:00:00.000Z"),
        ("UTC+9", "2026-03-01T03:00:00.000Z"),
        ("Asia/Seoul", "2026-03-01T03:00:00.000Z"),
        (" America/New_York ", "2026-03-01T17:00:00.000Z"),
        ("JST", "2026-03-01T03:00:00.000Z"),
        ("UTC", "2026-03-01T12:00:00.000Z"),
    ],
)
def test_a_zone_that_is_given_wins(zone: str, utc: str) -> None:
    text = "License Authorization:\n  Status: AUTHORIZED on Mar 01 12:00:00 2026 IST\n"
    show = parse_show_license(text, zone=zone)
    assert iso(show.authorization_at) == utc
    assert show.notes == ()


@pytest.mark.parametrize(
    ("printed", "utc"),
    [("CEST", "2026-10-25T00:30:00.000Z"), ("CET", "2026-10-25T01:30:00.000Z"), ("UTC", "2026-10-25T00:30:00.000Z")],
)
def test_the_repeated_hour_of_autumn_is_told_by_what_is_printed(printed: str, utc: str) -> None:
    assert iso(Times("Europe/Berlin").read(f"Oct 25 02:30:00 2026 {printed}")[0]) == utc


@pytest.mark.parametrize(
    "zone", ["", "Mars/Olympus", "+15:00", "-14:01", "+09:60", "../etc/passwd", "America", "a\0b", "9"]
)
def test_what_is_no_zone_is_an_input_error(zone: str) -> None:
    with pytest.raises(InputError, match="is no time zone; write an offset such as") as refused:
        parse_show_license("Smart Licensing is ENABLED", zone=zone)
    assert (refused.value.code, refused.value.retry) == ("invalid_argument", "never")
    with pytest.raises(InputError):
        zone_named(zone)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("89 days, 2 hours, 43 minutes, 12 seconds", 89 * 86400 + 2 * 3600 + 43 * 60 + 12),
        ("87 days 1 hr 41 min 0 sec", 87 * 86400 + 3600 + 41 * 60),
        ("89 days, 4 hr, 54 min, 42 sec", 89 * 86400 + 4 * 3600 + 54 * 60 + 42),
        ("1 day, 1 hour and 1 second", 86400 + 3600 + 1),
        ("2 weeks, 1 day", 15 * 86400),
        ("5d 6h", 5 * 86400 + 6 * 3600),
        ("0 seconds", 0),
    ],
)
def test_lengths_of_time_as_devices_print_them(text: str, seconds: int) -> None:
    assert time_left(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["", "89", "days", "89 moons", "89 days left", "-5 days", "999999 weeks", "9" * 5000 + " days"]
)
def test_what_is_no_length_of_time_is_none(text: str) -> None:
    assert time_left(text) is None


@pytest.mark.parametrize("cut", ["\n", "\n\n", "\r\n  "])
def test_a_time_that_was_wrapped_is_read_whole(cut: str) -> None:
    show = parse_show_license(f"License Authorization:\nStatus: AUTHORIZED on Mar 01 12:00:00{cut}2026 JST\n")
    assert (iso(show.authorization_at), show.notes) == ("2026-03-01T03:00:00.000Z", ())
