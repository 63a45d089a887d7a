"""The `smartlic` program. Each command group lives in a module of its own and is loaded when it is used."""

from __future__ import annotations

import sys


def main() -> None:
    """The console script's entry point."""
    from smartlic.cli.app import app
    from smartlic.cli.common import guarded

    sys.exit(guarded(lambda: app(standalone_mode=False)))
