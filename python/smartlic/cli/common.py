"""What all commands share: plain or JSON output, errors that say what to do next, times beside the user's own zone."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.exceptions
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from smartlic.errors import InputError, SmartlicError
from smartlic.times import stamp

if TYPE_CHECKING:
    from smartlic.explain import Explanation

__all__ = [
    "INTERRUPTED",
    "JsonFlag",
    "PassphraseFile",
    "PictureOption",
    "QuietFlag",
    "Reporter",
    "guarded",
    "interrupted_once",
    "local_stamp",
    "passphrase",
    "print_json",
    "progress_bar",
    "read_bytes",
    "read_text",
    "say_written",
    "show_error",
    "tell",
    "write_picture",
]

INTERRUPTED = 130
"""How a command exits that Ctrl-C ended, also if it had something to say."""

Told = Callable[[float, float | None], None]
"""Takes how much is done, and of how much: None while that is unknown."""


def _svg(picture: Path | None) -> Path | None:
    if picture and picture.suffix.lower() != ".svg":
        raise InputError(f"pictures are SVG: expected a name such as {picture.stem}.svg", "invalid_argument", "never")
    return picture


JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON document with a `schema` member.")]
PassphraseFile = Annotated[
    Path | None, typer.Option(help="A file with the passphrase of the keys (or SMARTLIC_PASSPHRASE).")
]
PictureOption = Annotated[
    Path | None,
    typer.Option("--picture", "--svg", callback=_svg, help="Write the answer as a picture (SVG) to this file."),
]
QuietFlag = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]


@dataclass(frozen=True)
class Reporter:
    """Prints a command's outcome once: as text for people, or as JSON for programs."""

    as_json: bool = False
    quiet: bool = False

    @property
    def console(self) -> Console:
        """Standard output for people; Rich honours NO_COLOR and leaves colour out where no terminal is."""
        # What goes to a file or another program is not cut to a width: identifiers are there to be copied.
        width = None if sys.stdout.isatty() else 500
        return Console(quiet=self.quiet or self.as_json, highlight=False, soft_wrap=True, width=width)

    def outcome(self, schema: str, data: Mapping[str, Any], text: Callable[[Console], None]) -> None:
        """``data`` as JSON under ``smartlic/<schema>/1``, or whatever ``text`` prints."""
        if self.as_json:
            print_json(schema, data)
        else:
            text(self.console)


def print_json(schema: str, data: Mapping[str, Any], *, indent: int | None = 2) -> None:
    """``data`` under ``smartlic/<schema>/1``, at once: whoever reads a pipe need not wait."""
    print(json.dumps({"schema": f"smartlic/{schema}/1", **data}, indent=indent, default=_plain), flush=True)


def read_bytes(path: Path) -> bytes:
    """A file that the user named. Raises ``InputError`` (not_found)."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}", "not_found", "after_change") from error


def read_text(path: Path) -> str:
    """The same for text, in UTF-8. Raises ``InputError``."""
    try:
        return read_bytes(path).decode()
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is no text: {error}", "invalid_argument", "never") from error


def passphrase(file: Path | None) -> str:
    """What a ``PassphraseFile`` option means. Raises ``InputError`` as ``read_text``."""
    if file is None:
        return os.environ.get("SMARTLIC_PASSPHRASE", "")
    return read_text(file).rstrip("\n")


@contextmanager
def interrupted_once(said: str) -> Iterator[None]:
    """The first Ctrl-C says this on standard error and is a ``KeyboardInterrupt``; more of them are ignored until the
    block ends, so that nobody who is in a hurry cuts off what is being finished."""

    def first(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        os.write(2, f"{said}\n".encode())  # not print(): a signal may come in the middle of one
        raise KeyboardInterrupt

    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:  # not in background jobs, which no Ctrl-C reaches
        signal.signal(signal.SIGINT, first)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def progress_bar(title: str, calm: bool) -> Iterator[Told]:
    """A bar on a terminal while the work lasts; nothing of it stays."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=calm or not console.is_terminal) as bar:
        task = bar.add_task(title, total=None)

        def told(done: float, total: float | None) -> None:
            scale = 100 if total == 1 else 1
            bar.update(task, completed=int(done * scale), total=total and int(total * scale))

        yield told


def write_picture(picture: Path | None, drawn: Callable[[], str]) -> None:
    """Writes what ``drawn`` gives, whole or not at all, if there is a file to write to."""
    from smartlic._gate import write_file_atomic

    if picture:
        write_file_atomic(picture, drawn().encode(), mode=0o644)


def tell(console: Console, told: Explanation, *, check: bool) -> None:
    """An explanation: the answer, and unless that is all that is wanted, the rest."""
    console.print(f"[bold]{escape(told.answer)}[/]")
    if check:
        return
    for line in told.lines:
        console.print(escape(line))
    for line in told.advice:
        console.print(f"[cyan]To do:[/] {escape(line)}")


def say_written(console: Console, picture: Path | None) -> None:
    """Names the picture, if one was written."""
    if picture:
        console.print(f"Wrote {picture}.")


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return value.total_seconds()
    return str(value)


def local_stamp(value: datetime) -> str:
    """The UTC stamp, and the user's own zone beside it where that is another (only the CLI does so, DESIGN 4)."""
    local = value.astimezone()
    if local.utcoffset() == UTC.utcoffset(value):
        return stamp(value)
    return f"{stamp(value)} ({local.strftime('%Y-%m-%d %H:%M %Z')})"


def show_error(error: SmartlicError, *, as_json: bool) -> None:
    """Prints an error to standard error, in the form asked for."""
    if as_json:
        document = {"schema": "smartlic/error/1", "code": error.code, "message": str(error), "retry": error.retry}
        print(json.dumps(document, indent=2), file=sys.stderr)
    else:
        console = Console(stderr=True, highlight=False, soft_wrap=True)
        console.print(f"[bold red]error[/]: {escape(str(error))} \\[{error.code}]")


def guarded(run: Callable[[], Any]) -> int:
    """Runs the program; every way of ending is an exit code, and none is a traceback unless SMARTLIC_DEBUG is set."""
    failed = 3 if "--check" in sys.argv else 0  # what monitoring systems take for unknown
    try:
        code = int(run() or 0)
        if code == INTERRUPTED:  # Typer makes this of a Ctrl-C, and commands of one that left them something to tell
            raise KeyboardInterrupt
        return code
    except KeyboardInterrupt:
        print("interrupted; what was saved stays, and nothing is half done", file=sys.stderr)
        return INTERRUPTED
    except typer.Abort:
        print("aborted; what was saved stays, and nothing is half done", file=sys.stderr)
        return INTERRUPTED
    except typer.exceptions.TyperException as error:
        shown: Any = error  # what Typer raises for wrong usage knows how to show itself
        shown.show()
        return failed or error.exit_code
    except typer.Exit as exit_:
        return exit_.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SmartlicError as error:
        if os.environ.get("SMARTLIC_DEBUG"):
            raise
        show_error(error, as_json="--json" in sys.argv)
        return failed or 1
    except Exception as error:
        if os.environ.get("SMARTLIC_DEBUG"):
            raise
        text = f"smartlic failed: {type(error).__name__}: {error}; SMARTLIC_DEBUG=1 shows where"
        show_error(SmartlicError(text, "internal", "after_change"), as_json="--json" in sys.argv)
        return failed or 1
