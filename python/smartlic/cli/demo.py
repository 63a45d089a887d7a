"""`smartlic demo`: the whole story on this machine, in under a minute."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from smartlic.cli.common import JsonFlag, QuietFlag, Reporter

_NEXT = """
[bold]Next[/]
  smartlic whatif                     the same question for a scenario of yours (--help)
  smartlic manager init               a manager of your own; then: license, token, serve
  smartlic agent enable               a product of your own; then: register, request, status
  python -c "import smartlic as sl; help(sl)"
"""


def demo(
    picture: Annotated[Path, typer.Option(help="Where the timeline picture goes (SVG).")] = Path("smartlic-demo.svg"),
    as_json: JsonFlag = False,
    quiet: QuietFlag = False,
) -> None:
    """Take a product through its life, for real: keys, certificates, HTTPS on loopback, calls, and a what-if.

    Everything but the picture lives in a temporary folder and is gone afterwards.
    """
    from smartlic.demo import run

    reporter = Reporter(as_json, quiet)
    console = reporter.console

    def say(step: str, sentence: str) -> None:
        console.print(f"[bold cyan]{step:>10}[/]  {escape(sentence)}")

    with tempfile.TemporaryDirectory(prefix="smartlic-demo-") as folder:
        outcome = run(Path(folder), picture, say)
    data = {**vars(outcome), "picture": str(outcome.picture)}

    def text(out: Console) -> None:
        say("picture", f"the timeline is in {outcome.picture}")
        out.print(_NEXT)

    reporter.outcome("demo", data, text)
