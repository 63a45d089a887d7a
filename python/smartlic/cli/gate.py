"""`smartlic gate`: the gate file that an agent publishes to and a product's workers decide by (RULES C6)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from smartlic.cli.common import JsonFlag, QuietFlag, Reporter, local_stamp

app = typer.Typer(help="Look at the gate that a product's workers share.", no_args_is_help=True)


@app.callback()
def gate() -> None:
    """Look at the gate that a product's workers share."""


@app.command()
def status(
    file: Annotated[Path, typer.Argument(help="The gate file, as given to `smartlic agent ... --gate FILE`.")],
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Show mode, limit, average, and the modes that come if no agent publishes again. Changes nothing.

    Example: smartlic gate status /run/cusp/gate
    """
    from smartlic._gate import GateObserver, calls_allowed, read_clock

    seen = GateObserver.open(file).snapshot(read_clock())
    allowed = calls_allowed(seen.mode) and seen.limit != 0
    data = {
        "mode": seen.mode.name,
        "calls_allowed": allowed,
        "limit_cps": seen.limit,
        "average_cps": seen.average.per_second,
        "calls": seen.average.calls,
        "window_s": seen.average.window.total_seconds(),
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
        when = f"Last published {local_stamp(seen.published)}" if seen.published else "Never published"
        console.print(f"{escape(when)}; counting since {escape(local_stamp(seen.begun))}.")

    Reporter(as_json, quiet).outcome("gate-status", data, text)
