"""Times as people write and read them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from smartlic.errors import InputError
from smartlic.times import about, duration, instant, iso, show, stamp

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-01T12:00Z",
        " 2026-03-01 12:00 ",
        "2026-03-01T13:00+01:00",
        datetime(2026, 3, 1, 12),  # noqa: DTZ001
        datetime(2026, 3, 1, 7, tzinfo=timezone(timedelta(hours=-5))),
    ],
)
def test_naive_times_are_utc_and_others_become_it(value: str | datetime) -> None:
    assert instant(value) == NOON
    assert instant(value).utcoffset() == timedelta(0)


def test_a_date_is_its_midnight() -> None:
    assert instant(date(2026, 3, 1)) == instant("2026-03-01") == NOON - timedelta(hours=12)


@pytest.mark.parametrize("value", ["", "soon", "2026-02-30", "0001-01-01T00:00+05:00", 20260301, None, True])
def test_what_is_no_time_is_an_input_error(value: Any) -> None:
    with pytest.raises(InputError, match="is no time") as refused:
        instant(value)
    assert refused.value.code == "invalid_argument"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("90d", 90 * 86400),
        ("12h", 12 * 3600),
        ("1d 6h", 30 * 3600),
        ("1d6h", 30 * 3600),
        ("5 min", 300),
        ("5m", 300),
        ("250ms", 0.25),
        ("2w", 14 * 86400),
        ("1.5h", 5400),
        (30, 30),
        (0.5, 0.5),
        (timedelta(hours=1), 3600),
    ],
)
def test_lengths_of_time(value: str | float | timedelta, seconds: float) -> None:
    assert duration(value) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "value", ["", "90", "d", "5 minutes", "-5d", -5, True, float("nan"), float("inf"), "9" * 20 + "d"]
)
def test_what_is_no_length_of_time_is_an_input_error(value: str | float) -> None:
    with pytest.raises(InputError, match="is no length of time"):
        duration(value)


@pytest.mark.parametrize(
    ("more", "text"),
    [
        (timedelta(0), "2026-03-01 12:00 UTC"),
        (timedelta(seconds=5), "2026-03-01 12:00:05 UTC"),
        (timedelta(milliseconds=7), "2026-03-01 12:00:00.007 UTC"),
        (timedelta(microseconds=999), "2026-03-01 12:00 UTC"),
    ],
)
def test_stamps_show_what_is_not_zero(more: timedelta, text: str) -> None:
    assert stamp((NOON + more).astimezone(timezone(timedelta(hours=9)))) == text


def test_stamps_order_as_text_in_every_year() -> None:
    assert stamp(datetime(203, 3, 1, tzinfo=UTC)) == "0203-03-01 00:00 UTC"


def test_iso_is_jsons_form() -> None:
    assert iso(NOON) == "2026-03-01T12:00:00.000Z"
    assert iso(None) is None


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(0), "0 s"),
        (timedelta(milliseconds=1), "1 ms"),
        (timedelta(seconds=59.9), "59 s"),
        (timedelta(seconds=60), "1 min"),
        (timedelta(minutes=200), "3 h 20 min"),
        (timedelta(hours=24), "1 day"),
        (timedelta(hours=71, minutes=59), "2 days 23 h"),
        (timedelta(hours=72), "3 days"),
        (timedelta(days=62, hours=23), "62 days"),
        (timedelta(days=-62), "62 days"),
    ],
)
def test_lengths_in_words(length: timedelta, text: str) -> None:
    assert about(length) == text


def test_how_far_it_is() -> None:
    assert show(NOON + timedelta(days=62), NOON) == "2026-05-02 12:00 UTC (in 62 days)"
    assert show(NOON - timedelta(hours=2), NOON) == "2026-03-01 10:00 UTC (2 h ago)"
    assert show(NOON + timedelta(milliseconds=999), NOON).endswith("(now)")
