"""Where a log comes from: rotated sets, gzip, pipes; and reading on in one that grows (S19)."""

from __future__ import annotations

import gzip
import io
import os
import threading
from pathlib import Path

import pytest
from log_world import Device, utc
from smartlic.errors import InputError
from smartlic.logs import Follower, read_log
from smartlic.logs.sources import in_order, stream_pieces


@pytest.mark.parametrize(
    "names",
    [
        ["sml.log.10.gz", "sml.log.9", "sml.log.2", "sml.log.1", "sml.log"],
        ["sml.log.2025-12-31", "sml.log.2026-01-01.gz", "sml.log.2026-01-02", "sml.log"],
        ["sml.log-20251231.gz", "sml.log-20260101", "sml.log"],
    ],
)
def test_a_rotated_set_is_read_from_the_oldest_on(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "notes.txt").write_bytes(b"")
    assert [path.name for path in in_order([tmp_path])] == names
    assert [path.name for path in in_order(tmp_path / name for name in sorted(names))] == names
    assert in_order([tmp_path / names[0], tmp_path / names[0]]) == [tmp_path / names[0]]


def test_what_is_not_there_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"missing\.log: there is no such file"):
        in_order([tmp_path / "missing.log"])
    with pytest.raises(InputError, match=r"no \*\.log"):
        in_order([tmp_path])


def two_days() -> Device:
    device = Device(zone=2)
    device.start("2026-01-01 00:00:00")
    device.exchange("2026-01-01 12:00:00")
    device.exchange("2026-01-02 12:00:00")
    return device


def test_a_set_of_files_is_one_log_and_names_its_lines(tmp_path: Path) -> None:
    device = two_days()
    whole = read_log(device.text)
    cut = device.text.index(b"\n") + 1
    (tmp_path / "sml.log.1.gz").write_bytes(gzip.compress(device.text[:cut]))
    (tmp_path / "sml.log").write_bytes(device.text[cut:])
    log = read_log(tmp_path)
    assert [each.at for each in log.entries] == [each.at for each in whole.entries]
    assert len(log.runs) == 1, "a run goes on in the next file"
    assert log.where(log.entries[0].lines) == "sml.log, line 1"
    assert log.counts == whole.counts


def test_of_a_damaged_gzip_file_what_can_be_read_is_read(tmp_path: Path) -> None:
    device = two_days()
    for number in range(2000):
        device.say("2026-01-02 13:00:00", f"DEBUG root - {number * 7919 % 10007}")
    whole = gzip.compress(device.text)
    (tmp_path / "sml.log.gz").write_bytes(whole[: len(whole) // 2])
    log = read_log(tmp_path / "sml.log.gz")
    assert len(log.entries) == 4
    assert log.damaged == ("sml.log.gz: it ends in the middle",)
    assert [odd.attention for odd in log.oddities if odd.code == "compressed_file_damaged"] == [True]


def test_a_pipe_is_read_too(tmp_path: Path) -> None:
    device, path = two_days(), tmp_path / "pipe.log"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(device.text,))
    writer.start()
    assert len(read_log(path).entries) == 4
    writer.join()


@pytest.mark.parametrize("packed", [False, True])
def test_a_stream_may_be_gzip(packed: bool) -> None:
    text = two_days().text
    content = gzip.compress(text[:50]) + gzip.compress(text[50:]) if packed else text
    assert b"".join(stream_pieces(io.BytesIO(content))) == text


# --- following


def test_a_followed_log_gives_what_has_come_and_completes_what_nothing_follows(tmp_path: Path) -> None:
    device, path = two_days(), tmp_path / "sml.log"
    lines = device.text.splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:3]))
    with Follower(path) as follower:
        assert follower.poll()
        assert [each.kind for each in follower.log.entries] == ["authorization_request"], "the last one may go on"
        assert follower.poll()
        assert [each.kind for each in follower.log.entries] == ["authorization_request", "authorization"]
        assert not follower.poll(), "nothing new"
        with path.open("ab") as log:
            log.write(lines[3][:40])
            log.flush()
            assert follower.poll()
            assert not follower.poll(), "half a line is not taken for a whole one"
            log.write(lines[3][40:] + lines[4])
        assert follower.poll()
        assert follower.poll()
        assert [each.at for each in follower.log.entries] == [each.at for each in read_log(device.text).entries]


def test_a_followed_log_is_rotated_and_loses_no_line(tmp_path: Path) -> None:
    device, path = two_days(), tmp_path / "sml.log"
    lines = device.text.splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2]))
    with Follower(path) as follower:
        follower.poll()
        with path.open("ab") as old:
            path.rename(tmp_path / "sml.log.1")
            follower.poll()
            assert follower.log.counts["total"] == 2, "a name that is gone ends nothing"
            old.write(lines[2])  # by a writer that still has the old file
        path.write_bytes(b"".join(lines[3:]))
        while follower.poll():
            pass
        log = follower.log
    assert log.counts == read_log(device.text).counts
    assert len(log.runs) == 1
    assert [each.lines[0] for each in log.entries] == [0, 0, 1, 1]
    assert log.standing.authorized == utc("2026-01-02 12:00:00")


def test_a_followed_log_that_is_cut_is_begun_anew(tmp_path: Path) -> None:
    device, path = two_days(), tmp_path / "sml.log"
    lines = device.text.splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:3]))
    with Follower(path) as follower:
        follower.poll()
        path.write_bytes(b"".join(lines[3:4]))
        while follower.poll():
            pass
        assert follower.log.counts["total"] == 4
        follower.close()
        follower.close()
