"""`smartlic whatif`: what happens to calls in a scenario, answered in the first line."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from smartlic.cli.common import (
    INTERRUPTED,
    JsonFlag,
    PassphraseFile,
    PictureOption,
    QuietFlag,
    Reporter,
    local_stamp,
    passphrase,
    progress_bar,
    say_written,
    write_picture,
)
from smartlic.errors import InputError

if TYPE_CHECKING:
    from smartlic.whatif import Scenario, Sweep, Timeline

__all__ = ["whatif"]

EXAMPLE_PICTURE = Path("smartlic-whatif.svg")


class Question(StrEnum):
    """What ``--ask`` takes."""

    back = "return"
    licences = "licences"


def whatif(
    scenario: Annotated[Path | None, typer.Argument(help="A YAML file; without one the example is lived.")] = None,
    from_state: Annotated[
        Path | None,
        typer.Option(help="Begin in the state of this agent's folder, now, with the manager away from then on."),
    ] = None,
    from_log: Annotated[
        list[Path] | None,
        typer.Option(
            help="Begin where this sml.log ends, the manager away from then on. May be repeated: a rotated set."
        ),
    ] = None,
    from_show: Annotated[
        Path | None, typer.Option(help="Begin in the state that this `show license` output tells, likewise.")
    ] = None,
    passphrase_file: PassphraseFile = None,
    until: Annotated[str | None, typer.Option(help="End here instead: 2027-01-01 or 2027-01-01T08:30Z (UTC).")] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change a value: policy.authorization=180d. May be repeated."),
    ] = None,
    ask: Annotated[
        Question | None,
        typer.Option(help="When the manager has to be back at the latest; how many licences more until compliant."),
    ] = None,
    parameters: Annotated[
        list[str] | None,
        typer.Option(
            "--sweep",
            metavar="KEY=VALUES",
            help="Live it for each value: a,b,c or FROM..TO:STEP. Twice: for each pair.",
        ),
    ] = None,
    measure: Annotated[
        str, typer.Option(help="What a sweep looks at: blocked, until_stop, out_of_compliance, rejected.")
    ] = "blocked",
    picture: PictureOption = None,
    print_example: Annotated[
        bool, typer.Option("--print-example", help="Print the example scenario, to start one of your own.")
    ] = False,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Print the answer only; exit with 0 if calls never stop, 1 if some exceed the licensed rate or "
            "it ends OutOfCompliance, 2 if calls stop, 3 unknown.",
        ),
    ] = False,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Say when calls would stop: the real agent and manager live the scenario on a virtual clock.

    Examples:

    smartlic whatif

    smartlic whatif --ask return

    smartlic whatif --print-example > mine.yaml; smartlic whatif mine.yaml --picture mine.svg

    smartlic whatif mine.yaml --sweep policy.authorization=30d..180d:30d --sweep outages.0.1=2026-05-01..2026-09-01:14d

    smartlic whatif --from-state agent/ --ask return

    smartlic whatif --from-log sml.log
    """
    if print_example:
        from smartlic.whatif import EXAMPLE

        print(EXAMPLE, end="")
        return
    found = {"--from-state": from_state, "--from-log": from_log, "--from-show": from_show}
    begun = {name: value for name, value in found.items() if value}
    _check_options(scenario, begun, ask, parameters, check)
    changed = [*(changes or ()), *([f"until={until}"] if until else ())]
    # Licences are asked for of a manager that answers.
    calm = quiet or as_json
    if ask is Question.licences and begun and not from_state and not any(c.startswith("purchased") for c in changed):
        untold = "what was purchased is not told by the device; say it: --set 'purchased={CUSP-5: 2}'"
        raise InputError(untold, "not_found", "after_change")
    begins: list[str] = []
    lived = _scenario(
        scenario, begun, passphrase_file, changed, away=ask is not Question.licences, calm=calm, begins=begins
    )
    example = scenario is None and not begun
    if picture is None and example and ask is None and not (as_json or quiet or check):
        picture = EXAMPLE_PICTURE
    reporter = Reporter(as_json, quiet)
    if parameters:
        _sweep(lived, parameters, measure, picture, reporter, calm)
    elif ask:
        _ask(lived, ask, picture, reporter, calm)
    else:
        _live(lived, picture, reporter, calm, example=example, check=check, begins=begins)


def _check_options(
    scenario: Path | None, begun: Mapping[str, Any], ask: Question | None, parameters: list[str] | None, check: bool
) -> None:
    for one, other, names in (
        (scenario, begun, f"a scenario and {', '.join(begun)}; put changes to its with --set"),
        (len(begun) > 1, begun, " and ".join(begun)),
        (ask, parameters, "--ask and --sweep"),
        (check, ask or parameters, "--check and --ask or --sweep"),
    ):
        if one and other:
            raise InputError(f"expected one of these, not both: {names}", "invalid_argument", "never")


def _scenario(
    path: Path | None,
    begun: Mapping[str, Any],
    passphrase_file: Path | None,
    changes: Sequence[str],
    *,
    away: bool,
    calm: bool,
    begins: list[str],
) -> Scenario:
    from dataclasses import replace

    from smartlic.whatif import EXAMPLE, Scenario, varied

    if "--from-state" in begun:
        lived = Scenario.from_state(begun["--from-state"], passphrase=passphrase(passphrase_file))
    elif begun:
        lived = _from_papers(begun, begins, calm)
    else:
        lived = Scenario.load(path) if path else Scenario.from_yaml(EXAMPLE, "the example")
    lived = varied(lived, dict(map(_setting, changes)))
    if begun and away and not any(each.startswith("outages") for each in changes):
        assert lived.until is not None
        lived = replace(lived, outages=[(lived.enabled, lived.until)])
    return lived


def _from_papers(begun: Mapping[str, Any], begins: list[str], calm: bool) -> Scenario:
    """From an sml.log or a `show license`; how it begins, and what had to be assumed, is said on standard error too."""
    from smartlic.logs import read_log, read_show
    from smartlic.logs.beginning import beginning, scenario_fields
    from smartlic.whatif import Scenario

    read = read_log(begun["--from-log"]) if "--from-log" in begun else read_show(begun["--from-show"])
    known = read.standing
    lived = Scenario(**scenario_fields(known))
    begins += beginning(known)
    if not calm:
        print(*begins, sep="\n", file=sys.stderr)
    return lived


def _setting(text: str) -> tuple[str, Any]:
    """``KEY=VALUE``; the value as in YAML."""
    from smartlic.whatif.document import read

    place, equals, value = text.partition("=")
    if not equals or not place:
        expected = "expected KEY=VALUE, such as policy.authorization=180d or until=2027-01-01"
        raise InputError(f"--set: {expected}, not '{text}'", "invalid_argument", "never")
    return place, read(f"value: {value}", f"--set {place}", ["value"])[0]["value"]


def _live(
    lived: Scenario,
    picture: Path | None,
    reporter: Reporter,
    calm: bool,
    *,
    example: bool,
    check: bool,
    begins: Sequence[str],
) -> None:
    from smartlic.whatif import simulate

    with progress_bar("Living the scenario", calm) as told:
        timeline = simulate(lived, progress=lambda fraction: told(fraction, 1))
    write_picture(picture, timeline.to_svg)

    def text(console: Console) -> None:
        console.print(f"[bold]{escape(timeline.answer)}[/]")
        if not check:
            _tell(console, timeline, picture, example=example)

    said = {"begins": begins} if begins else {}
    reporter.outcome("whatif", {**timeline.to_dict(), **said, "picture": picture}, text)
    if check:
        raise typer.Exit(_level(timeline))


def _level(timeline: Timeline) -> int:
    """The exit code of ``--check`` (DESIGN 4): 0 ok, 1 warning, 2 calls stop."""
    if timeline.blocked:
        return 2
    too_many = timeline.calls is not None and timeline.calls.rejected_by_rate.any()
    return 1 if too_many or timeline.mode_at(timeline.end) == "OutOfCompliance" else 0


def _ask(lived: Scenario, ask: Question, picture: Path | None, reporter: Reporter, calm: bool) -> None:
    from smartlic.whatif import Return, Shortfall, latest_return, licences_until_compliant

    if ask is Question.back and not lived.outages:
        missing = "the scenario has no outage; give it one, such as --set 'outages=[[2026-03-01, 2026-07-01]]'"
        raise InputError(missing, "not_found", "after_change")
    with progress_bar("Living the scenario again and again", calm) as told:
        found: Return | Shortfall
        if ask is Question.back:
            found = latest_return(lived, progress=lambda lives: told(lives, None))
            shown = found.late or found.stays_away
        else:
            found = licences_until_compliant(lived, progress=lambda lives: told(lives, None))
            shown = found.compliant
    write_picture(picture, shown.to_svg)

    def text(console: Console) -> None:
        answer, *lines = str(found).splitlines()
        console.print(f"[bold]{escape(answer)}[/]")
        for line in lines:
            console.print(escape(line))
        say_written(console, picture)

    reporter.outcome(f"whatif-{ask.value}", {**found.to_dict(), "picture": picture}, text)


def _sweep(
    lived: Scenario, parameters: Sequence[str], measure: str, picture: Path | None, reporter: Reporter, calm: bool
) -> None:
    from smartlic.whatif import sweep
    from smartlic.whatif.ranges import values_of

    swept = [values_of(each) for each in parameters]
    axes = dict(swept)
    if len(axes) < len(swept):
        raise InputError("--sweep: expected different parameters, not one of them twice", "invalid_argument", "never")
    with progress_bar("Living the scenario for each value", calm) as told:
        found = sweep(lived, axes, measure, progress=told)
    if not found.cells:
        raise KeyboardInterrupt
    write_picture(picture, found.to_svg)

    def text(console: Console) -> None:
        console.print(f"[bold]{escape(found.answer)}[/]")
        console.print(_table(found))
        say_written(console, picture)

    reporter.outcome("whatif-sweep", {**found.to_dict(), "picture": picture}, text)
    if not found.complete:
        raise typer.Exit(INTERRUPTED)


def _tell(console: Console, timeline: Timeline, picture: Path | None, *, example: bool) -> None:
    from smartlic.explain import CAUSES
    from smartlic.times import about
    from smartlic.whatif import EXAMPLE, words

    if example:
        console.print(f"\nThe scenario is the built-in example:\n[dim]{escape(EXAMPLE)}[/]")
    stamps = [local_stamp(band.start) for band in timeline.bands]
    widest = max(map(len, stamps), default=0)
    for stamp, band in zip(stamps, timeline.bands, strict=True):
        calls = "[green]allowed[/] " if band.calls_allowed else "[red]rejected[/]"
        lasts = about(band.end - band.start)
        console.print(f"{stamp:{widest}}  calls {calls}  {band.mode} for {lasts}, because {CAUSES[band.cause]}")
    if timeline.limit is not None and timeline.scenario.requested:
        console.print(f"Licensed: {timeline.limit} calls per second.")
    for line in words.calls(timeline):
        console.print(line)
    for deadline in timeline.deadlines():
        console.print(f"Ahead: {deadline.words} {local_stamp(deadline.at)}")
    if timeline.advice:
        console.print(f"[cyan]To do:[/] {escape(timeline.advice)}")
    say_written(console, picture)
    if example:
        console.print(
            "Next: [bold]smartlic whatif --ask return[/] says when the manager has to be back at the latest.\n"
            "      [bold]smartlic whatif --set policy.authorization=180d[/] says what a longer period buys.\n"
            "      [bold]smartlic whatif --print-example > scenario.yaml[/], edit a date or a count, and "
            "[bold]smartlic whatif scenario.yaml[/]"
        )


def _table(found: Sweep) -> Table:
    """The numbers: a line for each value of the one parameter; or as the heat map has them, the second downwards."""
    from smartlic.pictures.svg import number

    def cell(*at: int) -> str:
        if at not in found.cells:
            return ""
        value = found.cells[at]
        return "never" if value is None else number(value)

    first, *others = found.axes
    what = f"{found.measure.title}, {found.measure.unit}".removesuffix(", ")
    if not others:
        table = Table(first.title, what)
        for row, label in enumerate(first.labels):
            table.add_row(label, cell(row))
        return table
    table = Table(f"{others[0].title} ↓  {first.title} →", *first.labels, title=what)
    for row, label in enumerate(others[0].labels):
        table.add_row(label, *(cell(column, row) for column in range(len(first.values))))
    return table
