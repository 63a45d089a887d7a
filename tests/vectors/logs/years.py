"""Writes years.log and years.json: two years of a device's life, and what its log tells of it.

The life is made first, as true times; the log is what the device writes down of it by a clock that is two seconds
ahead, in Denver's time, and the expected values are reckoned from the same true times. The reader has no part in it.
Run it here after a change: `python tests/vectors/logs/years.py`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

HERE = Path(__file__).parent
ZONE = ZoneInfo("America/Denver")
AHEAD = timedelta(seconds=2)  # the device's clock
PERIOD = 90 * 86400
THREAD = "[RubyThread-6:smart_agent.rb:161]"
TAG = "regid.2014-08.com.cisco.CUSP-5,1.0_8f106f12-4d11-44b7-8f36-f7aee3dfaa01"
INSTANCE = "c2d100c8-c268-44ae-8f8c-9519d2b823c2"
# When the process began, and when it was stopped; the second ran for so short a time that no answer came.
RUNS = [
    (datetime(2018, 1, 10, 16, 20, 3, tzinfo=UTC), datetime(2018, 9, 2, 4, 0, tzinfo=UTC)),
    (datetime(2018, 9, 2, 4, 11, 30, tzinfo=UTC), datetime(2018, 9, 2, 9, 0, tzinfo=UTC)),
    (datetime(2018, 9, 3, 1, 0, 0, 250_000, tzinfo=UTC), datetime(2019, 6, 30, 22, 0, tzinfo=UTC)),
    (datetime(2019, 7, 1, 5, 45, 12, tzinfo=UTC), datetime(2020, 1, 10, tzinfo=UTC)),
]
UNDATED = 1
SHORT = (datetime(2019, 2, 1, tzinfo=UTC), datetime(2019, 2, 9, tzinfo=UTC))  # out of compliance


def iso(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seconds(length: timedelta) -> int | float:
    found = length / timedelta(seconds=1)
    return int(found) if found.is_integer() else found


@dataclass
class Life:
    """The log's lines and the expected facts, both from the true times that `event` is given."""

    lines: list[str] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)
    other: int = 0

    def event(self, run: int, true: datetime, message: str, **facts: Any) -> None:
        device = true + AHEAD
        local = device.astimezone(ZONE)
        uptime = device - RUNS[run][0] - AHEAD
        clock = f"{local:%H:%M:%S},{local.microsecond // 1000:03d}"
        self.lines.append(f"{clock} {uptime // timedelta(milliseconds=1)} {THREAD} {message}")
        if not facts:
            self.other += 1
            return
        of_day = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        lines, times = [0, len(self.lines), len(self.lines)], {"at": iso(device)}
        if run == UNDATED:  # between the last line before its run, and the beginning of the process behind it
            first = next(each for each in self.of_run(run))
            times = {
                "earliest": iso(self.last_before(run) + (true - first)),
                "latest": iso(RUNS[run + 1][0] + AHEAD - (LAST[run] - true)),
            }
        self.entries.append(
            {"lines": lines, "run": run, "uptime": seconds(uptime), "time_of_day": seconds(of_day), **times, **facts}
        )

    def of_run(self, run: int) -> list[datetime]:
        return [time for time, of, _, _ in EVENTS if of == run]

    def last_before(self, run: int) -> datetime:
        return max(time for time, of, _, _ in EVENTS if of < run) + AHEAD


def request(true: datetime, id_certificate: int) -> tuple[str, dict[str, Any]]:
    day = f"{true:%Y-%m-%d}"
    text = (
        f"DEBUG root - sending authorization request message with signing_cert_sn:3, id_cert_sn:{id_certificate}, "
        f'product_instance_id:{INSTANCE}, entitlements:[#<LicenseEntitlement @entitlement_tag="{TAG}", '
        f"@requested_count=2, @requested_date=#<Date: {day} ((0j,0n),+0s,-Infj)>>]"
    )
    days = (true.date() - datetime(1970, 1, 1, tzinfo=UTC).date()).days
    entitlement = {"tag": TAG, "count": 2, "date_day": days, "requested_date": day}
    return text, {
        "kind": "authorization_request",
        "level": "DEBUG",
        "id_certificate": id_certificate,
        "signing_certificate": "3",
        "product_instance": INSTANCE,
        "entitlements": [entitlement],
    }


def answer(start: datetime, true: datetime, status: str) -> tuple[str, dict[str, Any]]:
    left = PERIOD - int((true - start).total_seconds())
    retry = 43200 if status == "OOC" else 2592000
    text = (
        f"DEBUG root - authorization response received. start_date:{int(start.timestamp() * 1000)}, "
        f"compliance_status:{status}, expiry:{left}, retry_interval:{retry}"
    )
    answered = start + timedelta(seconds=PERIOD - left)
    return text, {
        "kind": "authorization",
        "level": "DEBUG",
        "start_date": iso(start),
        "compliance_status": status,
        "expiry": left,
        "retry_interval": retry,
        "answered": iso(answered),
        "skew": seconds(true + AHEAD - answered),
    }


def registration(word: str, id_certificate: int) -> tuple[str, dict[str, Any]]:
    text = f"DEBUG root - {word} received:id_cert_sn:{id_certificate}, signing_cert_sn:3, renew_interval:15552000000"
    kind = "registration" if word == "register" else "renewal"
    return text, {
        "kind": kind,
        "level": "DEBUG",
        "id_certificate": id_certificate,
        "signing_certificate": "3",
        "renew_interval": 15552000,
    }


def failure() -> tuple[str, dict[str, Any]]:
    text = "ERROR root - no answer from the manager"
    return text, {"kind": "failure", "level": "ERROR", "text": f"{THREAD} {text}"}


def running(time: datetime) -> int | None:
    return next((run for run, (begun, ended) in enumerate(RUNS) if begun <= time < ended), None)


def life() -> list[tuple[datetime, int, str, dict[str, Any]]]:
    """All that happens, in its order."""
    happens: list[tuple[datetime, int, str, dict[str, Any]]] = []

    def at(time: datetime, said: tuple[str, dict[str, Any]]) -> None:
        run = running(time)
        if run is not None:
            happens.append((time, run, *said))

    begun, ended = RUNS[0][0], RUNS[-1][1]
    certificate = 970857
    at(begun + timedelta(minutes=2), registration("register", certificate))
    for run, (start, stop) in enumerate(RUNS):
        happens.append((start + timedelta(seconds=4, milliseconds=20), run, "INFO root - smart agent started", {}))
        happens.append((stop - timedelta(seconds=1), run, "INFO root - smart agent stops", {}))
    at(RUNS[UNDATED][0] + timedelta(hours=1), failure())
    at(RUNS[UNDATED][0] + timedelta(hours=2), failure())
    time = begun + timedelta(hours=41)
    while time < ended:
        at(time, ("DEBUG root - proxy is idle", {}))
        time += timedelta(hours=41)
    time, renewal = begun + timedelta(minutes=3), begun + timedelta(days=180)
    while time < ended:
        if time >= renewal:
            certificate, renewal = certificate + 1, renewal + timedelta(days=180)
            at(time - timedelta(minutes=5), registration("renew", certificate))
        status = "OOC" if SHORT[0] <= time < SHORT[1] else "IC"
        if running(time) not in (None, UNDATED):
            at(time, request(time, certificate))
            at(
                time + timedelta(milliseconds=2902),
                answer(time + timedelta(milliseconds=400), time + timedelta(milliseconds=2902), status),
            )
        soon = SHORT[0] - timedelta(days=30) < time < SHORT[1]
        time += (
            timedelta(hours=12)
            if status == "OOC"
            else min(timedelta(days=30), max(SHORT[0] - time, timedelta(hours=12)))
            if soon
            else timedelta(days=30)
        )
    return sorted(happens, key=lambda each: each[0])


EVENTS = life()
LAST = {run: max(time for time, of, _, _ in EVENTS if of == run) for run in range(len(RUNS))}


def run_facts(log: Life, run: int, numbers: list[int]) -> dict[str, Any]:
    first, last = log.of_run(run)[0] + AHEAD, LAST[run] + AHEAD
    local = (RUNS[run][0] + AHEAD).astimezone(ZONE)
    of_day = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    facts: dict[str, Any] = {
        "first": [0, numbers[0], numbers[0]],
        "last": [0, numbers[-1], numbers[-1]],
        "lasted": seconds(last - first),
        "began_time_of_day": seconds(of_day),
    }
    if run == UNDATED:
        latest = RUNS[run + 1][0] + AHEAD - (last - first)
        return {**facts, "earliest": iso(log.last_before(run)), "latest": iso(latest)}
    facts |= {"began": iso(RUNS[run][0] + AHEAD), "first_at": iso(first), "last_at": iso(last)}
    facts["zone"] = seconds(local.utcoffset() or timedelta())
    changes, offset = [], local.utcoffset()
    for number, (time, *_) in zip(numbers, [each for each in EVENTS if each[1] == run], strict=True):
        now = (time + AHEAD).astimezone(ZONE).utcoffset()
        if now is not None and offset is not None and now != offset:
            changes.append([[0, number, number], seconds(now - offset), True])
        offset = now
    return {**facts, "clock_changes": changes} if changes else facts


def main() -> None:
    log = Life()
    numbers: dict[int, list[int]] = {run: [] for run in range(len(RUNS))}
    for time, run, message, facts in EVENTS:
        log.event(run, time, message, **facts)
        numbers[run].append(len(log.lines))
    (HERE / "years.log").write_text("\n".join(log.lines) + "\n", encoding="utf-8")
    expected = {
        "about": "two years: four runs, one undated; midnights, daylight saving, renewals, a time out of compliance",
        "files": ["years.log"],
        "wrong": {},
        "counts": {
            "total": len(log.lines),
            "blank": 0,
            "entries": len(log.entries),
            "other": log.other,
            "unread": 0,
        },
        "unread": [],
        "runs": [run_facts(log, run, each) for run, each in numbers.items()],
    }
    rows = ",\n".join(json.dumps(each) for each in log.entries)
    text = json.dumps({**expected, "entries": []}, indent=1).replace('"entries": []', f'"entries": [\n{rows}\n]')
    (HERE / "years.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
