"""The command tree."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

import smartlic
from smartlic.cli import agent, demo, doctor, fleet, gate, logs, manager, states, whatif

app = typer.Typer(
    name="smartlic",
    help="Licensing by capacity: agent, manager, admission gate, what-if simulation, log analysis.",
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("demo")(demo.demo)
app.command("whatif")(whatif.whatif)
app.command("fleet")(fleet.fleet)
app.command("states")(states.states)
app.command("doctor")(doctor.doctor)
app.add_typer(agent.app, name="agent")
app.add_typer(gate.app, name="gate")
app.add_typer(logs.app, name="logs")
app.add_typer(manager.app, name="manager")

_INTRODUCTION = """\
[bold]smartlic[/] licenses products by capacity, and says when calls will stop before they do.

  [bold]smartlic demo[/]       the whole story on this machine, in under a minute
  [bold]smartlic whatif[/]     what happens if the manager stays away: an example scenario, answered
  [bold]smartlic logs[/]       what a device's sml.log or `show license` says: logs explain FILE
  [bold]smartlic fleet[/]      how many of a hundred thousand devices are blocked, and when
  [bold]smartlic doctor[/]     what is missing on this machine, and the command that mends it

All commands: [bold]smartlic --help[/]. In Python: [bold]import smartlic as sl; help(sl)[/]."""


def _version(wanted: bool) -> None:
    if wanted:
        print(f"smartlic {smartlic.__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def introduction(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Licensing by capacity: agent, manager, admission gate, what-if simulation, log analysis."""
    if context.invoked_subcommand is None:
        Console(highlight=False).print(_INTRODUCTION)
