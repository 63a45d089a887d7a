"""What became of a scenario's calls, in steps of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Calls"]


@dataclass(frozen=True, eq=False)
class Calls:
    """Calls in steps: step ``i`` is [start + i * step, start + (i + 1) * step), the last one may be cut off by the end.

    start: aware UTC. The arrays are int64, shape (steps,). offered, admitted, rejected_by_mode, rejected_by_rate: calls
    in each step; offered is the sum of the other three, exactly. limit: licensed calls per second in force at the
    step's end (C1); -1: no rate is checked.
    """

    start: datetime
    step: timedelta
    offered: NDArray[np.int64]
    admitted: NDArray[np.int64]
    rejected_by_mode: NDArray[np.int64]
    rejected_by_rate: NDArray[np.int64]
    limit: NDArray[np.int64]
