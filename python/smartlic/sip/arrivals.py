"""When calls came, read from files."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartlic.errors import InputError
from smartlic.extras import need
from smartlic.times import instant

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["read_arrivals"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_arrivals(path: Path, column: str | None = None) -> NDArray[np.int64]:
    """Arrivals, ascending: int64 nanoseconds since 1970, shape (calls,).

    A ``.npy`` file holds int64 nanoseconds or datetime64. Any other is CSV, or text with a time in each line, which is
    CSV with one column: ISO 8601, seconds since 1970 with a decimal point, or whole nanoseconds since 1970. A first
    line without a time is a heading; ``column`` names the one that has the times, else it is the first.

    Raises ``InputError`` (not_found, invalid_argument; without NumPy, the command that installs it).
    """
    numpy = need("numpy", "frames")
    try:
        if path.suffix == ".npy":
            times = _array(path, numpy.load(path, allow_pickle=False), numpy)
        else:
            with path.open(encoding="utf-8", newline="") as file:
                times = numpy.fromiter(_times(path, csv.reader(file), column), dtype=numpy.int64)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}", "not_found", "after_change") from error
    except (ValueError, OverflowError, csv.Error) as error:
        raise _wrong(path, f"no list of times: {error}") from error
    ascending: NDArray[np.int64] = numpy.sort(times)  # captures of several interfaces are not quite in order
    return ascending


def _array(path: Path, given: Any, numpy: Any) -> Any:
    if given.ndim != 1 or given.dtype.kind not in "iuM":
        raise _wrong(path, "expected one row of datetime64, or of integers: nanoseconds since 1970")
    if given.dtype.kind == "M":
        if numpy.isnat(given).any():
            raise _wrong(path, "some of its times are NaT")
        given = given.astype("datetime64[ns]")
    return given.astype(numpy.int64)


def _times(path: Path, rows: Iterator[list[str]], column: str | None) -> Iterator[int]:
    which = 0
    for number, row in enumerate(rows, start=1):
        if not row or not "".join(row).strip():
            continue
        if column is not None and number == 1:
            if column not in row:
                raise _wrong(path, f"its first line has no column '{column}' but {', '.join(row)}")
            which = row.index(column)
            continue
        time = _time(row[which]) if which < len(row) else None
        if time is not None:
            yield time
        elif number > 1:
            raise _wrong(path, f"line {number}: expected a time, not '{','.join(row)}'")


def _time(text: str) -> int | None:
    """Nanoseconds since 1970; None if it is no time."""
    text = text.strip()
    try:
        return int(Decimal(text) * 10**9) if "." in text and "-" not in text[1:] else int(text)
    except (InvalidOperation, ValueError):
        try:
            return (instant(text) - _EPOCH) // timedelta(microseconds=1) * 1000
        except InputError:
            return None


def _wrong(path: Path, text: str) -> InputError:
    return InputError(f"{path}: {text}", "invalid_argument", "never")
