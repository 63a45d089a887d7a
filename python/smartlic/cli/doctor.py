"""`smartlic doctor`: what is missing on this machine, and the command that mends it."""

from __future__ import annotations

import importlib
import importlib.util
import platform
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import typer
from rich.console import Console
from rich.markup import escape

from smartlic.cli.common import JsonFlag, QuietFlag, Reporter

EXTRAS = {
    "frames": ("numpy", "pandas", "matplotlib"),
    "manager": ("sqlalchemy", "alembic", "uvicorn"),
    "notebooks": ("ipykernel", "ipywidgets", "nbmake"),
}


@dataclass(frozen=True)
class Finding:
    """One thing looked at. ``needed``: smartlic does not run without it."""

    name: str
    ok: bool
    detail: str
    mend: str = ""
    needed: bool = False


def doctor(as_json: JsonFlag = False, quiet: QuietFlag = False) -> None:
    """Look at this machine: compiled modules, extras, clocks. Exit code 1 if something needed is missing."""
    findings = list(_look())
    data = {"findings": [vars(finding) for finding in findings]}

    def text(console: Console) -> None:
        for finding in findings:
            mark = "[green]ok[/]     " if finding.ok else "[red]missing[/]" if finding.needed else "[yellow]without[/]"
            console.print(f"{mark}  {finding.name}: {escape(finding.detail)}")
            if finding.mend and not finding.ok:
                console.print(f"         {escape(finding.mend)}")

    Reporter(as_json, quiet).outcome("doctor", data, text)
    if any(finding.needed and not finding.ok for finding in findings):
        raise typer.Exit(1)


def _look() -> Iterator[Finding]:
    python = platform.python_version_tuple()
    yield Finding("Python", (int(python[0]), int(python[1])) >= (3, 11), platform.python_version(), needed=True)
    for name in ("_gate", "_core", "_io"):
        yield _module(name)
    yield _clocks()
    for extra, modules in EXTRAS.items():
        missing = [module for module in modules if importlib.util.find_spec(module) is None]
        detail = f"missing: {', '.join(missing)}" if missing else "installed"
        yield Finding(f"extra {extra}", not missing, detail, f"pip install 'smartlic[{extra}]'")
    openssl = shutil.which("openssl")
    yield Finding(
        "openssl program",
        openssl is not None,
        openssl or "not found; only its users miss it",
        "sudo apt-get install openssl",
    )


def _module(name: str) -> Finding:
    try:
        importlib.import_module(f"smartlic.{name}")
    except ImportError as error:
        return Finding(f"smartlic.{name}", False, str(error), "pip install --force-reinstall smartlic", needed=True)
    return Finding(f"smartlic.{name}", True, "loads", needed=True)


def _clocks() -> Finding:
    try:
        from smartlic._gate import read_clock

        now = read_clock()
    except Exception as error:
        return Finding("clocks", False, str(error), "mount /proc; run on Linux 2.6.39 or later", needed=True)
    return Finding("clocks", True, f"wall {now.wall:%Y-%m-%d %H:%M:%S} UTC, boot {now.boot_id}", needed=True)
