"""The written logs of tests/vectors/logs/ are read back exactly (S17, S18, D1-D9).

Each NAME.json says what its log is about, of which files it is made, the oldest first, and everything that is read in
them; what an entry does not have is left out there. Times are UTC, lengths are seconds. The values were checked by
hand against the logs; those of years.json are reckoned by years.py from the true times of the life that it wrote down.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from smartlic._core import LogReader
from smartlic._gate import each_piece

LOGS = Path(__file__).parents[1] / "vectors" / "logs"
NAMES = sorted(path.stem for path in LOGS.glob("*.json"))
ENTRY = [
    "kind",
    "lines",
    "run",
    "uptime",
    "time_of_day",
    "at",
    "earliest",
    "latest",
    "skew",
    "answered",
    "level",
    "id_certificate",
    "signing_certificate",
    "renew_interval",
    "product_instance",
    "hostname",
    "start_date",
    "compliance_status",
    "expiry",
    "retry_interval",
    "text",
    "damaged",
]
ENTITLEMENT = [
    "tag",
    "count",
    "version",
    "display_name",
    "enforce_mode",
    "days_left",
    "date_day",
    "requested_date",
]
RUN = [
    "first",
    "last",
    "began",
    "first_at",
    "last_at",
    "lasted",
    "zone",
    "began_time_of_day",
    "earliest",
    "latest",
]


def plain(value: Any) -> Any:
    """As JSON has it: tuples are lists, times are ISO 8601, lengths are seconds."""
    match value:
        case datetime():
            assert value.tzinfo is UTC
            return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case timedelta():
            seconds = value / timedelta(seconds=1)
            return int(seconds) if seconds.is_integer() else seconds
        case tuple() | list():
            return [plain(each) for each in value]
    return value


def facts(thing: Any, names: list[str]) -> dict[str, Any]:
    """What it has; what is None or empty is left out."""
    every = {name: plain(getattr(thing, name)) for name in names}
    return {name: value for name, value in every.items() if value is not None and value != "" and value != []}


def read(files: list[str]) -> dict[str, Any]:
    reader, wrong = LogReader(), {}
    for name in files:
        reader.begin_source()

        def take(piece: memoryview, _done: int, _size: int) -> bool:
            reader.feed(piece)
            return True

        if sentence := each_piece(LOGS / name, take):
            wrong[name] = sentence
    reader.finish()
    entries = []
    for entry in reader.entries:
        row = facts(entry, ENTRY)
        if entry.entitlements:
            row["entitlements"] = [facts(each, ENTITLEMENT) for each in entry.entitlements]
        entries.append(row)
    runs = []
    for run in reader.runs:
        row = facts(run, RUN)
        if run.clock_changes:
            row["clock_changes"] = plain([change[:3] for change in run.clock_changes])
        runs.append(row)
    return {
        "wrong": wrong,
        "counts": dict(reader.counts),
        "unread": plain(reader.unread),
        "runs": runs,
        "entries": entries,
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_written_log_is_read_back_exactly(name: str) -> None:
    expected = json.loads((LOGS / f"{name}.json").read_text(encoding="utf-8"))
    about, files = expected.pop("about"), expected.pop("files")
    assert about
    found = read(files)
    for part in ("wrong", "counts", "unread", "runs"):
        assert found[part] == expected[part], part
    assert len(found["entries"]) == len(expected["entries"])
    for entry, wanted in zip(found["entries"], expected["entries"], strict=True):
        assert entry == wanted


def test_the_corpus_is_whole() -> None:
    told = [file for name in NAMES for file in json.loads((LOGS / f"{name}.json").read_text(encoding="utf-8"))["files"]]
    assert len(NAMES) >= 12
    assert sorted(told) == sorted(path.name for path in LOGS.iterdir() if path.suffix not in {".json", ".py"})
    assert sum(path.stat().st_size for path in LOGS.iterdir() if path.is_file()) < 300_000
