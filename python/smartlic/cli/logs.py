"""`smartlic logs`: what a device's log, or its `show license`, says of its licence."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from smartlic.cli.common import (
    JsonFlag,
    PictureOption,
    QuietFlag,
    Reporter,
    local_stamp,
    print_json,
    progress_bar,
    say_written,
    tell,
    write_picture,
)
from smartlic.errors import InputError

if TYPE_CHECKING:
    from smartlic.explain import Explanation
    from smartlic.logs.history import Happening
    from smartlic.logs.log import Log
    from smartlic.logs.show import Show

app = typer.Typer(help="Read what devices leave behind: sml.log, `show license`.", no_args_is_help=True)

_POLL = 1.0  # s between two looks at a log that is followed
_FOLDED = 40  # of the timeline, if it is longer than that and not asked for whole


@app.callback()
def logs() -> None:
    """Read what devices leave behind: sml.log, `show license`."""


@app.command()
def explain(
    files: Annotated[
        list[str],
        typer.Argument(
            help="sml.log, plain or .gz, a rotated set or its folder; or `show license` text; - reads standard input."
        ),
    ],
    now: Annotated[
        str | None, typer.Option(help="Judge it at this time (UTC), as 2017-05-10; the machine's clock if not given.")
    ] = None,
    zone: Annotated[str | None, typer.Option(help="Zone of a `show license`'s times: +09:00 or Asia/Seoul.")] = None,
    taken: Annotated[str | None, typer.Option(help="When a `show license` was printed, if it does not say.")] = None,
    whole: Annotated[bool, typer.Option("--all", help="Print the whole timeline, however long it is.")] = False,
    html: Annotated[Path | None, typer.Option(help="Write a report to this file: answer, picture, timeline.")] = None,
    picture: PictureOption = None,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on reading as the log grows and rotates, until Ctrl-C.")
    ] = False,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Print the answer only; exit with 0 ok, 1 if it needs attention, 2 if calls are blocked, 3 unknown.",
        ),
    ] = False,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Say what state a device is in, since when, when calls stop, what to do; then what happened, and what is odd.

    Examples:

    smartlic logs explain sml.log

    smartlic logs explain /var/log/cusp --html report.html

    smartlic logs explain --follow sml.log

    smartlic logs explain show-license.txt --zone Asia/Seoul

    said=$(smartlic logs explain sml.log --check) || echo "$said" | mail -s 'CUSP licence' voice@example.com
    """
    from smartlic.logs.log import Log
    from smartlic.times import instant

    moment = instant(now) if now else None
    reporter = Reporter(as_json, quiet)
    if follow:
        if html or picture or now or "-" in files:
            raise _wrong("--follow takes files of a log, and none of --now, --html and --picture")
        if _is_show(files[-1]):
            raise _wrong(f"{files[-1]}: a `show license` does not grow; leave --follow out")
        if files[-1].endswith(".gz"):
            raise _wrong(f"{files[-1]}: a compressed file does not grow; give the log that does as the last one")
        _follow(files, reporter, check=check)
        return
    shown = [each for each in files if each != "-" and _is_show(each)]
    if shown and len(files) > 1:
        raise _wrong("one `show license` is read at a time, and no log beside it")
    read = _read(files, zone, taken, calm=as_json or quiet)
    if (zone or taken) and isinstance(read, Log):
        raise _wrong("--zone and --taken are of a `show license`; an sml.log tells its own times (D6)")
    _report(read, moment, reporter, check=check, whole=whole, html=html, picture=picture)


def _report(
    read: Log | Show,
    now: datetime | None,
    reporter: Reporter,
    *,
    check: bool,
    whole: bool,
    html: Path | None,
    picture: Path | None,
) -> None:
    from smartlic.logs.log import Log

    now = now or datetime.now(UTC)
    told = read.explain(now)
    is_log = isinstance(read, Log)
    if not is_log and (html or picture):
        raise InputError(
            "--html and --picture are of an sml.log; this is a `show license`", "invalid_argument", "never"
        )
    if isinstance(read, Log):
        write_picture(picture, read.to_svg)
        write_picture(html, lambda: read.to_html(now))

    def text(console: Console) -> None:
        tell(console, told, check=check)
        if check:
            return
        if isinstance(read, Log):
            _tell_log(console, read, whole=whole)
        else:
            _tell_show(console, read)
        say_written(console, html)
        say_written(console, picture)

    reporter.outcome("logs-explain" if is_log else "show-license", read.to_dict(now), text)
    if check:
        raise typer.Exit(told.level)


def _is_show(file: str) -> bool:
    """Whether a file is a `show license`, by how it begins."""
    from smartlic.logs.show_license import looks_like_show_license
    from smartlic.logs.sources import head_of

    return looks_like_show_license(head_of(Path(file)).decode("utf-8", "replace"))


def _read(files: list[str], zone: str | None, taken: str | None, *, calm: bool) -> Log | Show:
    from smartlic.logs.log import read_log
    from smartlic.logs.show import read_show
    from smartlic.logs.show_license import looks_like_show_license
    from smartlic.logs.sources import stream_pieces

    if "-" in files:
        if len(files) > 1:
            raise _wrong("standard input (-) is read alone, not beside files")
        content = b"".join(stream_pieces(sys.stdin.buffer))
        if looks_like_show_license(content[: 1 << 16].decode("utf-8", "replace")):
            return read_show(content, zone=zone, taken=taken)
        return read_log(content)
    if len(files) == 1 and _is_show(files[0]):
        return read_show(files[0], zone=zone, taken=taken)
    with progress_bar("Reading the log", calm) as told:
        return read_log(files, progress=lambda share: told(share, 1))


def _wrong(text: str) -> InputError:
    return InputError(text, "invalid_argument", "never")


def _tell_log(console: Console, log: Log, *, whole: bool) -> None:
    shown = log.timeline if whole else log.timeline[-_FOLDED:]
    if log.timeline:
        console.print("\n[bold]What happened[/]")
    if len(shown) < len(log.timeline):
        console.print(f"[dim]({len(log.timeline) - len(shown)} earlier lines are left out; --all prints them)[/]")
    for each in shown:
        console.print(_happening(log, each))
    if log.oddities:
        console.print("\n[bold]Oddities[/]")
    for odd in log.oddities:
        mark = "[yellow]![/]" if odd.attention else "-"
        console.print(f"{mark} {escape(odd.text)} [dim]({escape(log.where(odd.place))})[/]")
    counts = log.counts
    files = f" in {len(log.sources)} files" if len(log.sources) > 1 else ""
    console.print(
        f"\n[dim]{counts['total']} lines{files}: {counts['entries']} about licences, {counts['other']} about other "
        f"things, {counts['unread']} of no entry, {counts['blank']} empty.[/]"
    )


def _happening(log: Log, each: Happening) -> str:
    when = local_stamp(each.at) if each.at else log.when(each)
    if each.until:
        when += f" to {local_stamp(each.until)}"
    times = f" ({each.count} times)" if each.count > 1 else ""
    mark = "[yellow]![/]" if each.attention else " "
    return f"{mark} {escape(when)}  {escape(each.text)}{times} [dim]({escape(log.where(each.place))})[/]"


def _tell_show(console: Console, show: Show) -> None:
    for usage in show.fields.usage:
        console.print(
            f"In use: {usage.count} x {escape(usage.name)}, {escape(usage.status)} [dim](line {usage.line})[/]"
        )
    for line, note in show.fields.notes:
        console.print(f"[yellow]![/] {escape(note)} [dim](line {line})[/]")


def _follow(files: list[str], reporter: Reporter, *, check: bool) -> None:
    """Prints the whole, then what is new: lines of the timeline, and the answer when it is another one."""
    from smartlic.logs.follow import Follower

    with Follower(*files) as follower:
        follower.poll()
        follower.poll()  # what nothing follows is complete
        told: tuple[object, ...] = ()
        shown: tuple[Happening, ...] = ()
        try:
            while True:
                log, now = follower.log, datetime.now(UTC)
                answer = log.explain(now)
                level, state = (
                    answer.level,
                    (answer.level, answer.calls_stop, log.standing.trouble, log.standing.authorized),
                )
                if log.timeline != shown or state != told:
                    _tell_news(reporter, log, shown, answer if state != told else None, check=check, now=now)
                    told, shown = state, log.timeline
                # Time itself changes the answer: when calls stop, it is told without a new line.
                while not follower.poll() and not (answer.calls_stop and answer.calls_stop <= datetime.now(UTC)):
                    time.sleep(_POLL)
        except KeyboardInterrupt:
            level = follower.log.explain().level
            raise typer.Exit(level if check else 0) from None


def _tell_news(
    reporter: Reporter,
    log: Log,
    shown: tuple[Happening, ...],
    answer: Explanation | None,
    *,
    check: bool,
    now: datetime,
) -> None:
    if reporter.as_json:
        print_json("logs-explain", log.to_dict(now), indent=None)
        return
    console = reporter.console
    if not check:
        same = next((i for i, (a, b) in enumerate(zip(shown, log.timeline, strict=False)) if a != b), len(shown))
        for each in log.timeline[same:] if shown else log.timeline[-_FOLDED:]:
            console.print(_happening(log, each))
    if answer is not None:
        tell(console, answer, check=check)
    console.file.flush()
