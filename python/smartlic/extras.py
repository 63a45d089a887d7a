"""Optional dependencies: what is missing, and the command that installs it (DESIGN 4)."""

from __future__ import annotations

import importlib
from types import ModuleType

from smartlic.errors import InputError

__all__ = ["need"]


def need(module: str, extra: str) -> ModuleType:
    """Imports an optional dependency. Raises ``InputError`` naming the command that installs it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        message = f"this needs {module.partition('.')[0]}: pip install 'smartlic[{extra}]'"
        raise InputError(message, "not_found", "after_change") from error
