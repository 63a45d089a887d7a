"""LogReader takes any bytes in any pieces: nothing fails, lines add up, entries ascend, times are Python's (D6, D9)."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from smartlic._core import LogReader
from smartlic._gate import each_piece

DAY = 86_400_000
STARTS = st.one_of(st.integers(-5, 10**14), st.integers(978_307_200_000, 3_162_240_000_000))
NUMBERS = st.one_of(st.integers(-(10**20), 10**20), st.sampled_from([0, 7_775_673, 7_776_000, 7_776_001, 43_200]))
ZONES = st.sampled_from(["", "Z", " +14:00", "-14:00", " UTC", "+05:30"])


@st.composite
def stamps(draw: st.DrawFn) -> str:
    """Prefixes that read_prefix takes, at the ends of what it takes."""
    time = draw(st.integers(0, DAY - 1))
    clock = f"{time // 3_600_000:02d}:{time // 60_000 % 60:02d}:{time // 1000 % 60:02d},{time % 1000:03d}"
    year = draw(st.sampled_from([1970, 1971, 2017, 2018, 2198, 2199]))
    day = f"{year}-{draw(st.integers(1, 12)):02d}-{draw(st.integers(1, 28)):02d} "
    uptime = draw(st.one_of(st.integers(0, 10**12 - 1), st.sampled_from([0, 60_000, 10**12 - 1])))
    epoch = draw(st.integers(978_307_200_000, 4_102_444_799_999))
    dated = f"{day}{clock}{draw(ZONES)} "
    undated = [f"{clock} {uptime} [", f"{clock} ", f"{uptime} [", f"{epoch} ", ""]
    return draw(st.sampled_from([*undated, dated, f"{dated}{uptime} ["]))


@st.composite
def lines(draw: st.DrawFn) -> bytes:
    said = draw(
        st.sampled_from(
            [
                "DEBUG root - tick",
                "ERROR root - it failed",
                f"start_date:{draw(STARTS)}, compliance_status:OOC,expiry:{draw(NUMBERS)}, retry_interval:60",
                f"id_cert_sn:{draw(NUMBERS)}, renew_interval:{draw(NUMBERS)}",
                f'@entitlement_tag="t", @requested_count={draw(NUMBERS)}, @requested_date=#<{draw(NUMBERS)}-04-19>',
                "",
            ]
        )
    )
    end = draw(st.sampled_from(["\n", "\r\n", "\n\n", ""]))
    return (draw(stamps()) + said + end).encode()


LOGS = st.one_of(
    st.binary(max_size=400), st.lists(st.one_of(lines(), st.binary(max_size=30)), max_size=40).map(b"".join)
)


def read(pieces: list[bytes]) -> LogReader:
    reader = LogReader()
    for piece in pieces:
        reader.feed(piece)
    reader.finish()
    return reader


def everything(reader: LogReader) -> Any:
    """All that it tells, which makes a Python value of every time and text."""

    def facts(thing: object) -> list[Any]:
        names = [name for name in dir(thing) if not name.startswith("_")]
        return [
            [facts(each) for each in value] if name == "entitlements" else value
            for name in names
            for value in [getattr(thing, name)]
        ]

    return [dict(reader.counts), reader.unread, [facts(run) for run in reader.runs], [facts(e) for e in reader.entries]]


def cut(data: bytes, cuts: list[int]) -> list[bytes]:
    borders = [0, *sorted(each % (len(data) + 1) for each in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(borders)]


@given(data=LOGS, cuts=st.lists(st.integers(0, 10_000), max_size=8))
@example(data=b"2017-05-09 13:48:28,516 277058 [x", cuts=[5])
def test_any_bytes_in_any_pieces_are_read_alike_and_add_up(data: bytes, cuts: list[int]) -> None:
    whole = read([data])
    found = everything(whole)
    assert everything(read(cut(data, cuts))) == found
    counts = whole.counts
    assert counts["total"] == counts["blank"] + counts["entries"] + counts["other"] + counts["unread"]
    assert counts["total"] == data.count(b"\n") + (not data.endswith(b"\n") and bool(data))
    last = 0
    for entry in whole.entries:
        source, first, end = entry.lines
        assert source == 0
        assert last < first <= end <= counts["total"]
        last = end
    assert counts["entries"] == sum(entry.lines[2] - entry.lines[1] + 1 for entry in whole.entries)


@given(data=st.lists(lines(), min_size=1, max_size=60).map(b"".join))
def test_every_time_lies_in_the_years_of_logs(data: bytes) -> None:
    reader = read([data])
    for thing in [*reader.entries, *reader.runs]:
        for name in ("at", "earliest", "latest", "began", "first_at", "last_at", "answered", "start_date"):
            time = getattr(thing, name, None)
            assert time is None or datetime(1969, 12, 31, tzinfo=UTC) <= time < datetime(2200, 1, 2, tzinfo=UTC)
    for entry in reader.entries:
        assert not (entry.at and (entry.earliest or entry.latest))
        assert entry.time_of_day is None or timedelta() <= entry.time_of_day < timedelta(days=1)


def test_bounds_that_go_back_and_back_leave_pythons_years() -> None:
    """Runs of 31 years each: without an end to it, the bounds of the first would lie before the year 1."""
    text = "".join(f"00:{i % 60:02d}:{i // 60:02d},000 999999999999 [t] ERROR x\n" for i in range(200))
    reader = read([f"{text}5000 [t] start_date:1494337382539, expiry:7776000\n".encode()])
    assert len(reader.runs) == 201
    everything(reader)
    for run in reader.runs[:200]:
        assert run.latest is not None
        assert run.latest >= datetime(1969, 12, 31, tzinfo=UTC)


def test_a_million_midnights_leave_pythons_years() -> None:
    line = b"start_date:1494337382539, expiry:7776000"
    text = b"23:00:00 x\n01:00:00 x\n" * 3_000_000
    reader = read([b"00:00:00 " + line + b"\n" + text])
    (run,) = reader.runs
    assert run.last_at is None
    assert run.lasted > timedelta(days=2_900_000)


def test_feed_takes_every_kind_of_bytes_and_nothing_else() -> None:
    data = b"1 [t] ERROR x\n"
    for kind in (bytes, bytearray, memoryview):
        reader = LogReader()
        reader.feed(kind(data))
        reader.finish()
        assert len(reader.entries) == 1
    for wrong in (memoryview(data)[::2], memoryview(data * 2).cast("I")):
        with pytest.raises(ValueError, match="bytes"):
            LogReader().feed(wrong)
    with pytest.raises(TypeError):
        LogReader().feed("text")  # type: ignore[arg-type]


@pytest.mark.parametrize("content", [b"plain", gzip.compress(b"plain")], ids=["plain", "gzip"])
def test_a_piece_ends_with_the_call_that_is_given_it(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "log"
    path.write_bytes(content)
    kept: list[memoryview] = []

    def take(piece: memoryview, done: int, size: int) -> bool:
        assert bytes(piece) == b"plain"
        assert done == size
        kept.append(piece)
        return True

    def fail(piece: memoryview, _done: int, _size: int) -> bool:
        kept.append(piece)
        raise RuntimeError("enough")

    assert each_piece(path, take) is None
    with pytest.raises(RuntimeError, match="enough"):
        each_piece(path, fail)
    assert len(kept) == 2
    for piece in kept:
        with pytest.raises(ValueError, match="released"):
            bytes(piece)


def test_false_ends_a_file_and_nothing_else_does(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(bytes((16 << 20) + 1))
    sizes: list[int] = []

    def take(piece: memoryview, _done: int, _size: int) -> None:
        sizes.append(len(piece))

    def take_one(piece: memoryview, _done: int, _size: int) -> bool:
        sizes.append(len(piece))
        return False

    each_piece(path, take)  # type: ignore[arg-type]
    assert sizes == [16 << 20, 1]
    each_piece(path, take_one)
    assert sizes == [16 << 20, 1, 16 << 20]
