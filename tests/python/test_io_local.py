"""Clocks, entropy, files and the state folder as Python sees them.

What they guarantee is tested in tests/cpp/io_local.
"""

from __future__ import annotations

import datetime as dt
import pathlib
import subprocess
import sys
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from smartlic import _gate
from smartlic.errors import InputError, SmartlicError, StorageError


def code_of(error: type[SmartlicError], call: Callable[[], object]) -> str:
    """The code of the error that a call raises."""
    with pytest.raises(error) as caught:
        call()
    return caught.value.code


def test_t1_now_is_one_look_at_the_clocks() -> None:
    first, second = _gate.read_clock(), _gate.read_clock()
    assert (first.wall.tzinfo, first.wall.microsecond % 1000) == (dt.UTC, 0)
    assert 0 < first.boot <= second.boot
    assert (
        first.boot_id
        == second.boot_id
        == uuid.UUID(pathlib.Path("/proc/sys/kernel/random/boot_id").read_text().strip())
    )


def test_now_is_a_value() -> None:
    facts: dict[str, Any] = {"wall": dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "boot": 5, "boot_id": uuid.UUID(int=7)}
    now = _gate.Now(**facts)
    assert (now.wall, now.boot, now.boot_id) == tuple(facts.values())
    assert now == _gate.Now(**facts)
    assert now != _gate.Now(**{**facts, "boot": 6})
    assert repr(now) == f"Now(wall={facts['wall']!r}, boot=5, boot_id={facts['boot_id']!r})"


def test_entropy_has_the_length_asked_for() -> None:
    assert [len(_gate.entropy(count)) for count in (0, 1, 32, 1000)] == [0, 1, 32, 1000]
    assert _gate.entropy(32) != _gate.entropy(32)


def test_files(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "file"
    assert code_of(InputError, lambda: _gate.read_file(path, limit=10)) == "not_found"
    _gate.create_file_atomic(path, b"one\0", mode=0o644)
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"one\0", 0o644)
    assert code_of(InputError, lambda: _gate.create_file_atomic(path, b"two")) == "already_exists"
    _gate.write_file_atomic(str(path), b"three")
    assert (_gate.read_file(path, limit=5), path.stat().st_mode & 0o777) == (b"three", 0o600)
    assert code_of(StorageError, lambda: _gate.read_file(path, limit=4)) == "storage_failed"
    assert code_of(InputError, lambda: _gate.write_file_atomic(tmp_path / "no" / "file", b"")) == "not_found"
    assert list(tmp_path.iterdir()) == [path]


def test_state_folder(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "agent"
    assert code_of(InputError, lambda: _gate.StateFolder(path, create=False)) == "not_found"
    assert code_of(InputError, lambda: _gate.StateFolder.peek(path)) == "not_found"
    with _gate.StateFolder(path, create=True) as folder:
        assert (folder.path, folder.load()) == (path, None)
        folder.save(b"state")
        assert folder.load() == _gate.StateFolder.peek(path) == b"state"
        assert code_of(StorageError, lambda: _gate.StateFolder(path, create=False)) == "locked"
    assert code_of(InputError, folder.load) == "invalid_argument"
    folder.close()
    (path / "state.bin").write_bytes(b"damaged")
    with _gate.StateFolder(path, create=False) as folder:
        assert code_of(StorageError, folder.load) == "state_damaged"


def test_a_state_folder_is_free_when_its_process_ends_without_closing(tmp_path: pathlib.Path) -> None:
    program = (
        "import os, sys; from smartlic import _gate;"
        "folder = _gate.StateFolder(sys.argv[1], create=True); folder.save(b'kept'); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "agent")], check=True)
    with _gate.StateFolder(tmp_path / "agent", create=False) as folder:
        assert folder.load() == b"kept"
