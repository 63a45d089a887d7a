"""Optional dependencies: what is missing, and the command that installs it (DESIGN 4)."""

from __future__ import annotations

import importlib
from types import ModuleType

from smartlic.errors import InputError

__all__ = ["missing", "need"]


def missing(error: ImportError, extra: str) -> InputError:
    """The error that names the command which installs what an import did not find."""
    name = (error.name or "a package").partition(".")[0]
    return InputError(f"this needs {name}: pip install 'smartlic[{extra}]'", "not_found", "after_change")


def need(module: str, extra: str) -> ModuleType:
    """Imports an optional dependency. Raises ``InputError`` naming the command that installs it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise missing(error, extra) from error
