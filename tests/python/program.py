"""Runs `smartlic` in this process, as a person or a program would: exit code, output and errors."""

from __future__ import annotations

import sys

import pytest
from smartlic.cli import main


class Program:
    """``smartlic ARGUMENTS``."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capfd = monkeypatch, capfd

    def __call__(self, *arguments: object) -> tuple[int, str, str]:
        """Exit code, standard output, standard error."""
        self._monkeypatch.setattr(sys, "argv", ["smartlic", *map(str, arguments)])
        self._monkeypatch.setenv("TZ", "UTC")
        self._capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        assert isinstance(ended.value.code, int)
        return ended.value.code, *self._capfd.readouterr()
