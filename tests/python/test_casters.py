"""How times and UUIDs pass between Python and the core: exact to the millisecond, UTC, and aware on the way out."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from smartlic._gate import CpsWindow, Now

BOOT_ID = uuid.UUID("12345678-9abc-4def-8123-456789abcdef")
zones = st.none() | st.timedeltas(dt.timedelta(hours=-23), dt.timedelta(hours=23)).map(dt.timezone)


def through(wall: Any) -> dt.datetime:
    return Now(wall=wall, boot=0, boot_id=BOOT_ID).wall


@given(st.datetimes(timezones=zones).filter(lambda wall: 1 < wall.year < 9999))
def test_a_datetime_comes_back_in_utc_floored_to_the_millisecond(wall: dt.datetime) -> None:
    utc = wall.replace(tzinfo=dt.UTC) if wall.tzinfo is None else wall.astimezone(dt.UTC)
    out = through(wall)
    assert out == utc.replace(microsecond=utc.microsecond // 1000 * 1000)
    assert out.tzinfo is dt.UTC


@pytest.mark.parametrize("wrong", [dt.date(2026, 1, 1), "2026-01-01", 5, None])
def test_only_a_datetime_is_a_time(wrong: Any) -> None:
    with pytest.raises(TypeError):
        through(wrong)


@given(st.uuids(), st.integers(-(2**63), 2**63 - 1))
def test_uuids_and_boot_times_come_back_as_they_are(boot_id: uuid.UUID, boot: int) -> None:
    now = Now(wall=dt.datetime(2026, 1, 1, tzinfo=dt.UTC), boot=boot, boot_id=boot_id)
    assert (now.boot_id, now.boot) == (boot_id, boot)


@given(st.timedeltas(dt.timedelta(seconds=1), dt.timedelta(hours=1)))
def test_a_timedelta_comes_back_floored_to_the_millisecond(length: dt.timedelta) -> None:
    window = CpsWindow(1, interval=length, intervals=1).average(0).window
    assert window == length - dt.timedelta(microseconds=length.microseconds % 1000)


@pytest.mark.parametrize("extreme", [dt.timedelta.min, dt.timedelta.max])
def test_the_extreme_timedeltas_do_not_overflow(extreme: dt.timedelta) -> None:
    with pytest.raises(ValueError, match="one second to one hour"):
        CpsWindow(1, interval=extreme)
