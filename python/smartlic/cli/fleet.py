"""`smartlic fleet`: how many of many devices are blocked, and when, answered in the first line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from smartlic.cli.common import (
    INTERRUPTED,
    JsonFlag,
    PictureOption,
    QuietFlag,
    Reporter,
    interrupted_once,
    progress_bar,
    say_written,
    write_picture,
)

if TYPE_CHECKING:
    from smartlic.whatif import FleetOutcome

__all__ = ["fleet"]

FINISHING = "finishing the pools under way; it ends then, and pressing Ctrl-C again changes nothing"
EXAMPLE_PICTURE = Path("smartlic-fleet.svg")


def fleet(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FLEET]", help="A YAML file; without one the example is lived.")
    ] = None,
    pools: Annotated[int | None, typer.Option(help="So many pools instead.")] = None,
    devices: Annotated[int | None, typer.Option(help="So many devices in each pool instead.")] = None,
    seed: Annotated[int | None, typer.Option(help="Another seed: other luck.")] = None,
    threads: Annotated[
        int | None, typer.Option(help="So many threads; as many as there are cores if not given.")
    ] = None,
    picture: PictureOption = None,
    print_example: Annotated[
        bool, typer.Option("--print-example", help="Print the example fleet, to start one of your own.")
    ] = False,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Say how many devices would be blocked, and when: many devices in many pools, each with its own luck.

    Ctrl-C ends it with what is known so far, if there is anything; the exit code is 130 then.

    Examples:

    smartlic fleet

    smartlic fleet --seed 2 --devices 20

    smartlic fleet --print-example > mine.yaml; smartlic fleet mine.yaml --picture mine.svg
    """
    from smartlic.whatif import FLEET_EXAMPLE, Fleet

    if print_example:
        print(FLEET_EXAMPLE, end="")
        return
    lived = Fleet.load(file) if file else Fleet.from_yaml(FLEET_EXAMPLE, "the example")
    changes: dict[str, Any] = {"pools": pools, "devices": devices, "seed": seed}
    lived = replace(lived, **{name: value for name, value in changes.items() if value is not None})
    example = file is None
    if picture is None and example and not (as_json or quiet):
        picture = EXAMPLE_PICTURE

    def text(console: Console) -> None:
        _tell(console, outcome, picture, example=example)

    with interrupted_once(FINISHING):
        with progress_bar("Living the pools", quiet or as_json) as told:
            outcome = lived.run(threads=threads, progress=told)
        write_picture(picture, outcome.to_svg)
        Reporter(as_json, quiet).outcome("fleet", {**outcome.to_dict(), "picture": picture}, text)
    if not outcome.complete:
        raise typer.Exit(INTERRUPTED)


def _tell(console: Console, outcome: FleetOutcome, picture: Path | None, *, example: bool) -> None:
    from smartlic.whatif import FLEET_EXAMPLE

    answer, *lines = outcome.explain().splitlines()
    console.print(f"[bold]{escape(answer)}[/]")
    for line in lines:
        console.print(escape(line))
    if not outcome.complete:
        console.print("Interrupted: all numbers are of the pools that were lived.")
    say_written(console, picture)
    if example:
        console.print(
            f"\nThe fleet is the built-in example:\n[dim]{escape(FLEET_EXAMPLE)}[/]\n"
            "Next: [bold]smartlic fleet --seed 2[/] says how much of it is luck.\n"
            "      [bold]smartlic fleet --print-example > fleet.yaml[/], edit a date or a share, and "
            "[bold]smartlic fleet fleet.yaml[/]"
        )
