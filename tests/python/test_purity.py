"""The runtime half of the purity checks (DESIGN 3): no operation of the core asks a clock or draws a random number.

One process per operation, with a preloaded shim before the functions that do (tests/cpp/purity). They are allowed only
inside OpenSSL's key generation and signing, which identity/keys.cpp calls.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

BUILD = Path(__file__).parents[2] / os.environ.get("SMARTLIC_BUILD", "build/default")
PROGRAM = BUILD / "tests/cpp/purity/purity_operations"
SHIM = BUILD / "tests/cpp/purity/libpurity_shim.so"
ALGORITHMS = ["ES256", "RS256"]
# What the operation `control` calls, each as often as it does; system_clock::now is a clock_gettime.
CONTROL = {
    ("core", "time"): 1,
    ("core", "clock_gettime"): 2,
    ("core", "gettimeofday"): 1,
    ("core", "getentropy"): 1,
    ("core", "getrandom"): 2,
    ("core", "/dev/urandom"): 2,
}


def program(*arguments: str, **environment: str) -> str:
    """Runs the program of operations.cpp, which fails unless its operation did what it should."""
    return subprocess.run(
        [str(PROGRAM), *arguments], env=environment, check=True, stdout=subprocess.PIPE, text=True, timeout=60
    ).stdout


def watched(operation: str, folder: Path) -> dict[tuple[str, str], int]:
    """How often an operation reached for the world: {(where, function): calls}."""
    lines = program("run", operation, str(folder), LD_PRELOAD=str(SHIM)).splitlines()
    return {(where, function): int(calls) for where, function, calls in map(str.split, lines)}


@pytest.fixture(scope="module", params=ALGORITHMS)
def inputs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp(request.param)
    program("make", str(folder), request.param)
    return folder


def operations(may_draw: str) -> list[str]:
    rows = [line.split() for line in program("list").splitlines()]
    return [name for name, where in rows if where == may_draw]


def test_pure_operations_touch_nothing(inputs: Path) -> None:
    touched = {name: watched(name, inputs) for name in operations("core")}
    assert len(touched) >= 7
    assert {name: calls for name, calls in touched.items() if calls} == {}


def test_keys_draw_randomness_and_nothing_else_does(inputs: Path) -> None:
    touched = {name: watched(name, inputs) for name in operations("key")}
    assert touched.keys() >= {"generate_key", "sign"}
    outside = {name: calls for name, calls in touched.items() if any(where != "key" for where, _ in calls)}
    assert outside == {}
    # The shim sees OpenSSL draw, RSA's blinding included, or the first test would prove nothing.
    entropy = {("key", "getentropy"), ("key", "getrandom")}
    assert [name for name, calls in touched.items() if not entropy & calls.keys()] == []


def test_the_shim_sees_each_function_that_it_watches(tmp_path: Path) -> None:
    (control,) = operations("control")
    assert watched(control, tmp_path) == CONTROL


def test_an_unwatched_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        program("run", "hash", str(tmp_path))
