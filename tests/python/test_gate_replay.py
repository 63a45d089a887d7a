"""Calls of the past offered to the gate once more, and `smartlic gate replay` (RULES C2-C4)."""

from __future__ import annotations

import csv
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from cps_model import SECOND, Model
from pictures import assert_readable, labels
from smartlic.cli import main
from smartlic.errors import InputError
from smartlic.sip.arrivals import read_arrivals
from smartlic.sip.replay import Replay, replay

START = datetime(2026, 3, 1, tzinfo=UTC)
START_NS = int(START.timestamp()) * SECOND


def steady(*rates: tuple[int, int]) -> list[int]:
    """Arrivals, evenly spaced: so many seconds of so many calls per second, one after the other."""
    out, second = [], 0
    for seconds, cps in rates:
        out += [
            START_NS + at * SECOND + call * SECOND // cps
            for at in range(second, second + seconds)
            for call in range(cps)
        ]
        second += seconds
    return out


RUSH = np.array(steady((600, 8), (600, 20), (900, 8)))
"""Eight, twenty, eight calls per second."""


@pytest.mark.parametrize("policy", ["average", "immediate"])
def test_c2_c4_every_call_is_decided_and_explained_as_the_definition_says(policy: str) -> None:
    arrivals = np.array(steady((5, 3), (4, 9), (12, 3), (1, 1)))
    model = Model(interval=2 * SECOND, intervals=3, immediate=policy == "immediate", start=START_NS)
    played = replay(arrivals, 5, interval=timedelta(seconds=2), intervals=3)
    if policy == "immediate":
        played = replay(arrivals, 5, policy=policy)
    compared, admitted = [], []
    for at in arrivals.tolist():
        calls = model.compared(at)
        admitted.append(model.offer(5, at))
        if not admitted[-1]:
            compared.append(calls)
    assert played.admitted.tolist() == admitted
    assert 0 < played.rejected == admitted.count(False)
    seconds = 1 if policy == "immediate" else 6
    rows = list(csv.DictReader(played.rejected_csv().splitlines()))
    assert [float(row["average"]) for row in rows] == pytest.approx([calls / seconds for calls in compared], rel=1e-5)
    assert {(row["reason"], row["limit"]) for row in rows} == {("rate", "5")}
    times = np.array([row["time"].removesuffix("Z") for row in rows], "datetime64[ns]").astype(np.int64)
    assert times.tolist() == [at for at, good in zip(arrivals.tolist(), admitted, strict=True) if not good]


def test_s10_the_gate_closes_at_a_snapshot_above_the_limit_and_opens_at_one_that_is_not() -> None:
    played = replay(RUSH, 10)
    # 8 x (300 - t) + 20 t > 3000 once t > 50 s: snapshot at 60 s. 20 x (300 - t) + 8 t <= 3000 at 250 s: 270 s.
    (closure,) = played.closures
    assert closure.start == START + timedelta(seconds=660)
    assert closure.end == START + timedelta(seconds=1470)
    assert closure.average == (8 * 240 + 20 * 60) / 300
    assert closure.rejected == played.rejected == 540 * 20 + 270 * 8
    assert played.answer == "12,960 of 24,000 calls (54.0 %) would have been rejected at 10 calls per second."
    (line,) = played.lines
    assert line.startswith("2026-03-01 00:11 UTC to 2026-03-01 00:24:30 UTC: 12,960 calls rejected, ")
    assert line.endswith("as 10.4 calls per second over the last 300 s are more than 10.")


def test_a_gate_that_is_still_closed_has_no_end_and_a_limit_of_nothing_closes_it_for_good() -> None:
    assert replay(RUSH[:15_000], 10).closures[-1].end is None
    nothing = replay(RUSH, 0)
    assert nothing.rejected == len(RUSH)
    assert nothing.lines == ["Nothing is licensed, so every call is rejected."]
    assert nothing.to_dict()["reason"] == "limit_zero"
    assert replay(RUSH, 20).answer == "None of 24,000 calls would have been rejected at 20 calls per second."


def test_what_cannot_be_replayed_is_refused() -> None:
    with pytest.raises(InputError, match="no calls"):
        replay(np.array([], np.int64), 10)
    with pytest.raises(InputError, match="too many intervals"):
        replay(np.array([0, START_NS]), 10, policy="immediate")
    with pytest.raises(InputError, match="1 to 60 intervals"):
        replay(RUSH, 10, intervals=61)


# --- files


def text_file(folder: Path, content: str, name: str = "calls.txt") -> Path:
    path = folder / name
    path.write_text(content)
    return path


def test_text_has_iso_times_decimal_seconds_or_whole_nanoseconds(tmp_path: Path) -> None:
    content = "2026-03-01T00:00:02Z\n1772323201.000000001\n\n1772323200000000000\n2026-03-01T01:00:03+01:00\n"
    assert (read_arrivals(text_file(tmp_path, content)) - START_NS).tolist() == [0, SECOND + 1, 2 * SECOND, 3 * SECOND]


def test_csv_has_its_times_in_the_first_column_or_the_one_that_is_named(tmp_path: Path) -> None:
    path = text_file(tmp_path, "when,to,end\n2026-03-01,bob,2026-03-02\n2026-03-03,eve,2026-03-04\n")
    day = 86400 * SECOND
    assert ((read_arrivals(path) - START_NS) // day).tolist() == [0, 2]
    assert ((read_arrivals(path, "end") - START_NS) // day).tolist() == [1, 3]
    with pytest.raises(InputError, match="has no column 'begin' but when, to, end"):
        read_arrivals(path, "begin")


@pytest.mark.parametrize("kind", ["int64", "datetime64[ns]", "datetime64[us]"])
def test_numpy_files(tmp_path: Path, kind: str) -> None:
    times = RUSH[:10] // 1000 * 1000
    np.save(tmp_path / "calls.npy", times.astype("datetime64[ns]").astype(kind))
    assert read_arrivals(tmp_path / "calls.npy").tolist() == times.tolist()


def test_files_that_hold_no_times_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="line 2: expected a time, not 'soon'"):
        read_arrivals(text_file(tmp_path, "2026-03-01\nsoon\n"))
    with pytest.raises(InputError, match="line 2: expected a time, not '1e50'"):
        read_arrivals(text_file(tmp_path, "2026-03-01\n1e50\n"))
    with pytest.raises(InputError, match="cannot read"):
        read_arrivals(tmp_path / "none.csv")
    np.save(tmp_path / "floats.npy", np.array([1.5]))
    with pytest.raises(InputError, match="expected one row of datetime64, or of integers"):
        read_arrivals(tmp_path / "floats.npy")
    np.save(tmp_path / "nat.npy", np.array(["2026-03-01", "NaT"], "datetime64[ns]"))
    with pytest.raises(InputError, match="NaT"):
        read_arrivals(tmp_path / "nat.npy")
    with pytest.raises(InputError, match="no list of times"):
        read_arrivals(text_file(tmp_path, "junk", "junk.npy"))


# --- the picture and the command


@pytest.mark.parametrize(
    "played",
    [
        replay(RUSH, 10),
        replay(RUSH, 10, policy="immediate"),
        replay(RUSH, 30),
        replay(RUSH[:1], 0),
        replay(np.sort(np.concatenate([RUSH, RUSH + 86400 * SECOND * 90])), 10),
    ],
)
def test_pictures_can_be_read_and_answer_in_their_title(played: Replay) -> None:
    svg = played.to_svg()
    assert_readable(svg)
    texts = [each.text for each in labels(svg)]
    assert " ".join(texts[:2]).startswith(played.answer[:60])
    assert ("gate closed" in texts) == bool(played.closures)
    assert ("offered" in texts, "licensed" in texts) == (True, True)


def command(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["smartlic", "gate", "replay", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    calls, picture, rejected = tmp_path / "calls.npy", tmp_path / "calls.svg", tmp_path / "rejected.csv"
    np.save(calls, RUSH)
    assert command(monkeypatch, calls, "--limit", "10", "--picture", picture, "--rejected", rejected) == 0
    out = capsys.readouterr().out
    assert out.startswith(
        "12,960 of 24,000 calls (54.0 %) would have been rejected at 10 calls per second.\n2026-03-01"
    )
    assert out.endswith(f"Wrote {picture}.\nWrote {rejected}.\n")
    assert "54.0 %" in picture.read_text()
    assert len(rejected.read_text().splitlines()) == 1 + 12_960
    assert command(monkeypatch, calls, "--limit", "10", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["schema"], document["offered"], document["rejected"]) == ("smartlic/gate-replay/1", 24_000, 12_960)
    assert document["closed"][0]["to"] == "2026-03-01T00:24:30.000Z"
    assert command(monkeypatch, calls, "--limit", "10", "--policy", "immediate", "--json") == 0
    assert json.loads(capsys.readouterr().out)["rejected"] == 600 * 10
    assert command(monkeypatch, tmp_path / "none", "--limit", "10") == 1
    assert "not_found" in capsys.readouterr().err
