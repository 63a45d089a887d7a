"""`smartlic gate`: the gate file that an agent publishes to and a product's workers decide by (RULES C6)."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from smartlic.cli.common import (
    JsonFlag,
    PictureOption,
    QuietFlag,
    Reporter,
    local_stamp,
    say_written,
    write_picture,
)
from smartlic.errors import InputError

if TYPE_CHECKING:
    from smartlic._gate import GateFile, GateSnapshot

app = typer.Typer(help="Look at the gate that a product's workers share, set it, try it.", no_args_is_help=True)

LOG_SIZE = 10_000_000
"""Bytes of a log file of rejected calls, if nothing else is said; a worker has two."""

File = Annotated[Path, typer.Argument(help="The gate file, as given to `smartlic agent ... --gate FILE`.")]


class Policy(StrEnum):
    """How a limit is applied: S10, or S9."""

    average = "average"
    immediate = "immediate"


PolicyOption = Annotated[
    Policy | None, typer.Option(help="Over the intervals of a window (S10), or each second for itself (S9).")
]
Interval = Annotated[float | None, typer.Option(help="Seconds of an interval of the window; 30 if not given.")]
Intervals = Annotated[int | None, typer.Option(help="Intervals of the window; 10 if not given.")]


@app.callback()
def gate() -> None:
    """Look at the gate that a product's workers share, set it, try it."""


@app.command()
def status(file: File, as_json: JsonFlag = False, quiet: QuietFlag = False) -> None:
    """Show mode, limit, average, and the modes that come if no agent publishes again. Changes nothing.

    Example: smartlic gate status /run/cusp/gate
    """
    from smartlic._gate import GateObserver, read_clock

    _show(GateObserver.open(file).snapshot(read_clock()), Reporter(as_json, quiet))


@app.command("set")
def set_(
    file: File,
    limit: Annotated[str | None, typer.Option(help="Calls per second, or `none` for no rate check.")] = None,
    mode: Annotated[str | None, typer.Option(help="An enforcement mode, with no deadline, as InCompliance.")] = None,
    sip_status: Annotated[int | None, typer.Option(help="Status of rejected calls: 503 or 500.")] = None,
    failed_call_log: Annotated[
        str | None, typer.Option(help="Log of rejected calls: `on`, `off`, or the bytes that a file may have (S11).")
    ] = None,
    create: Annotated[bool, typer.Option("--create", help="Make the file if it is missing.")] = False,
    policy: PolicyOption = None,
    interval: Interval = None,
    intervals: Intervals = None,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Set the gate while calls come; every worker goes by it at its next decision.

    Limit and mode hold until the agent publishes again; the rest stays. Policy and window are what the file is made
    with, by --create.

    Examples: smartlic gate set /run/cusp/gate --failed-call-log on

    smartlic gate set /run/cusp/gate --limit 50 --sip-status 500

    smartlic gate set /run/cusp/gate --create --policy immediate
    """
    from smartlic._gate import GateFile, Mode, read_clock

    cps = None if limit is None else _whole("limit", limit, none="none")
    logged = None if failed_call_log is None else _log_size(failed_call_log)
    if mode is not None and mode not in Mode.__members__:
        raise _wrong(f"mode: one of {', '.join(Mode.__members__)}, not {mode}")
    window: dict[str, Any] = _window(policy, interval, intervals)
    opened = GateFile.open(file, create=create, **window)
    _check_window(opened, window)
    # What can be refused comes first, so that an error changes nothing.
    if sip_status is not None:
        opened.set_sip_status(sip_status)
    if logged is not None:
        opened.set_failed_call_log(logged)
    now = read_clock()
    if mode is not None:
        kept = opened.snapshot(now).limit if limit is None else cps
        opened.publish(Mode[mode], kept, now=now, licensing_time=now.wall)
    elif limit is not None:
        opened.set_limit(cps)
    _show(opened.snapshot(read_clock()), Reporter(as_json, quiet))


@app.command()
def replay(
    file: Annotated[
        Path, typer.Argument(help="Arrivals: .npy (int64 ns or datetime64), CSV, or text with a time a line.")
    ],
    limit: Annotated[int, typer.Option(help="Calls per second that are licensed.")],
    policy: PolicyOption = None,
    interval: Interval = None,
    intervals: Intervals = None,
    column: Annotated[str | None, typer.Option(help="The column of a CSV that has the times; else the first.")] = None,
    rejected: Annotated[Path | None, typer.Option(help="Write the rejected calls to this CSV: when, and why.")] = None,
    picture: PictureOption = None,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Say which of these calls the gate would have rejected, and why, had it begun with the first of them.

    Times in text are ISO 8601 or seconds since 1970, as `tshark -T fields -e frame.time_epoch` writes them.

    Examples: smartlic gate replay invites.csv --limit 10 --picture calls.svg

    tshark -r calls.pcap -Y 'sip.Method == INVITE' -T fields -e frame.time_epoch > invites.txt
    """
    from smartlic._gate import write_file_atomic
    from smartlic.sip.arrivals import read_arrivals
    from smartlic.sip.replay import replay as played

    outcome = played(read_arrivals(file, column), limit, **_window(policy, interval, intervals))
    write_picture(picture, outcome.to_svg)
    if rejected:
        write_file_atomic(rejected, outcome.rejected_csv().encode(), mode=0o644)

    def text(console: Console) -> None:
        console.print(f"[bold]{escape(outcome.answer)}[/]")
        for line in outcome.lines:
            console.print(escape(line))
        say_written(console, picture)
        say_written(console, rejected)

    Reporter(as_json, quiet).outcome("gate-replay", {**outcome.to_dict(), "picture": picture}, text)


def _show(seen: GateSnapshot, reporter: Reporter) -> None:
    from smartlic._gate import calls_allowed

    allowed = calls_allowed(seen.mode) and seen.limit != 0
    data = {
        "mode": seen.mode.name,
        "calls_allowed": allowed,
        "limit_cps": seen.limit,
        "average_cps": seen.average.per_second,
        "calls": seen.average.calls,
        "window_s": seen.average.window.total_seconds(),
        "policy": seen.policy,
        "sip_status": seen.sip_status,
        "failed_call_log": seen.failed_call_log,
        "failed_calls_lost": seen.failed_calls_lost,
        "coming": [{"at": at, "mode": mode.name} for at, mode in seen.coming],
        "published": seen.published,
        "counting_since": seen.begun,
    }

    def text(console: Console) -> None:
        limit = "no limit" if seen.limit is None else f"limit {seen.limit} calls/s"
        console.print(f"[bold]{seen.mode.name}[/]: calls are {'allowed' if allowed else 'rejected'}, {limit}.")
        window = f"{seen.average.calls} calls in {seen.average.window.total_seconds():g} s"
        console.print(f"Average {seen.average.per_second:g} calls/s ({window}).")
        for at, mode in seen.coming:
            console.print(f"If no agent publishes again: {mode.name} {escape(local_stamp(at))}.")
        log = f"logged, {seen.failed_call_log} bytes a file" if seen.failed_call_log else "not logged"
        console.print(f"Policy {seen.policy}; rejected calls get SIP {seen.sip_status} and are {log}.")
        if seen.failed_calls_lost:
            console.print(f"[yellow]{seen.failed_calls_lost} rejected calls could not be logged.[/]")
        when = f"Last published {local_stamp(seen.published)}" if seen.published else "Never published"
        console.print(f"{escape(when)}; counting since {escape(local_stamp(seen.begun))}.")

    reporter.outcome("gate-status", data, text)


def _window(policy: Policy | None, interval: float | None, intervals: int | None) -> dict[str, Any]:
    """What was said of the window, as `GateFile.open` and `CpsWindow` take it."""
    length = None if interval is None else timedelta(seconds=interval)
    given = {"policy": policy and policy.value, "interval": length, "intervals": intervals}
    return {name: value for name, value in given.items() if value is not None}


def _check_window(opened: GateFile, window: dict[str, Any]) -> None:
    """Raises ``InputError`` if the file that was there has another window."""
    from smartlic._gate import read_clock

    seen = opened.snapshot(read_clock())
    for name, value in window.items():
        if getattr(seen, name) != value:
            text = f"{name}: the file was made with {getattr(seen, name)}, for good; to change it, stop the workers and"
            raise _wrong(f"{text} remove the file first")


def _log_size(text: str) -> int:
    known = {"on": LOG_SIZE, "off": 0}
    return known[text] if text in known else _whole("failed-call-log", text) or 0


def _whole(name: str, text: str, none: str | None = None) -> int | None:
    if text == none:
        return None
    if not text.isdecimal():
        raise _wrong(f"{name}: a whole number{f' or {none}' if none else ''}, not '{text}'")
    return int(text)


def _wrong(text: str) -> InputError:
    return InputError(text, "invalid_argument", "never")
