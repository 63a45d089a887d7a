"""`smartlic whatif`: what happens to calls in a scenario, answered in the first line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from smartlic.cli.common import JsonFlag, QuietFlag, Reporter, local_stamp

if TYPE_CHECKING:
    from smartlic.whatif import Scenario, Timeline

__all__ = ["whatif"]

EXAMPLE_PICTURE = Path("smartlic-whatif.svg")


def whatif(
    scenario: Annotated[Path | None, typer.Argument(help="A YAML file; without one the example is lived.")] = None,
    until: Annotated[str | None, typer.Option(help="End here instead: 2027-01-01 or 2027-01-01T08:30Z (UTC).")] = None,
    svg: Annotated[Path | None, typer.Option("--svg", help="Write the timeline as a picture to this file.")] = None,
    print_example: Annotated[
        bool, typer.Option("--print-example", help="Print the example scenario, to start one of your own.")
    ] = False,
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Print the answer only; exit with 0 if calls never stop, 2 if they do, 3 unknown."
        ),
    ] = False,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Say when calls would stop: the real agent and manager live the scenario on a virtual clock.

    Examples: smartlic whatif; smartlic whatif --print-example > mine.yaml; smartlic whatif mine.yaml --svg mine.svg
    """
    from smartlic.whatif import EXAMPLE, Scenario, simulate

    if print_example:
        print(EXAMPLE, end="")
        return
    lived = Scenario.load(scenario) if scenario else Scenario.from_yaml(EXAMPLE, "the example")
    with Console(stderr=True, quiet=quiet or as_json).status("Living the scenario ..."):
        timeline = simulate(lived, until)
    picture = svg or (EXAMPLE_PICTURE if scenario is None and not (as_json or quiet or check) else None)
    if picture:
        _write(picture, timeline)

    def text(console: Console) -> None:
        console.print(f"[bold]{escape(timeline.answer)}[/]")
        if not check:
            _tell(console, lived, timeline, picture, example=scenario is None)

    Reporter(as_json, quiet).outcome("whatif", {**timeline.to_dict(), "picture": picture}, text)
    if check:
        raise typer.Exit(2 if timeline.blocked else 0)


def _write(picture: Path, timeline: Timeline) -> None:
    from smartlic._gate import write_file_atomic

    write_file_atomic(picture, timeline.to_svg().encode(), mode=0o644)


def _tell(console: Console, lived: Scenario, timeline: Timeline, picture: Path | None, *, example: bool) -> None:
    from smartlic.explain import CAUSES
    from smartlic.times import about
    from smartlic.whatif import EXAMPLE

    if example:
        console.print(f"\nThe scenario is the built-in example:\n[dim]{escape(EXAMPLE)}[/]")
    stamps = [local_stamp(band.start) for band in timeline.bands]
    widest = max(map(len, stamps))
    for stamp, band in zip(stamps, timeline.bands, strict=True):
        calls = "[green]allowed[/] " if band.calls_allowed else "[red]rejected[/]"
        lasts = about(band.end - band.start)
        console.print(f"{stamp:{widest}}  calls {calls}  {band.mode} for {lasts}, because {CAUSES[band.cause]}")
    if timeline.limit is not None and lived.requested:
        console.print(f"Licensed: {timeline.limit} calls per second.")
    if timeline.advice:
        console.print(f"[cyan]To do:[/] {escape(timeline.advice)}")
    if picture:
        console.print(f"Wrote {picture}.")
    if example:
        console.print(
            "Next, change it: [bold]smartlic whatif --print-example > scenario.yaml[/], edit a date or a count, and "
            "[bold]smartlic whatif scenario.yaml[/]"
        )
