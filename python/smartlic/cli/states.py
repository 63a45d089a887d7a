"""`smartlic states`: the diagram of S6, drawn from the table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from smartlic.cli.common import JsonFlag, QuietFlag, Reporter


def states(
    svg: Annotated[Path | None, typer.Option("--svg", help="Write the diagram to this file.")] = None,
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Show the enforcement modes, what each does to calls, and what leads from one to another (S1-S6, RULES E1).

    Example: smartlic states --svg states.svg
    """
    from smartlic._gate import write_file_atomic
    from smartlic.states import diagram, modes, transitions

    found = transitions()
    if svg is not None:
        write_file_atomic(svg, diagram(found).encode(), mode=0o644)
    data = {
        "modes": [{"mode": mode, "calls_allowed": allowed} for mode, allowed in modes()],
        "transitions": [{"from": t.before, "to": t.after, "causes": t.causes} for t in found],
    }

    def text(console: Console) -> None:
        table = Table("mode", "calls", "leads to", box=None, pad_edge=False)
        for mode, allowed in modes():
            leads = "\n".join(f"{t.after}: {', '.join(t.causes)}" for t in found if t.before == mode)
            table.add_row(mode, "[green]allowed[/]" if allowed else "[red]rejected[/]", leads)
        console.print(table)
        if svg is not None:
            console.print(f"Wrote {svg}.")

    Reporter(as_json, quiet).outcome("states", data, text)
