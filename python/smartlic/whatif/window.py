"""The CPS window to play with: steady calls, a burst, a limit, and what the gate does (RULES C2, C3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from smartlic._gate import CpsWindow
from smartlic.errors import InputError
from smartlic.pictures.drawn import Drawn
from smartlic.whatif.words import share

__all__ = ["WindowRun", "explore_window", "run_window"]

INTERVAL = timedelta(seconds=30)
INTERVALS = 10
MINUTES = 30
BURST = range(10, 15)
"""The minutes in which a burst comes."""

_SECOND = 10**9  # ns
_MOST_CPS = 1000


@dataclass(frozen=True)
class WindowRun(Drawn):
    """Half an hour at a gate. limit, rate, burst: calls per second: licensed, offered, and offered in the burst.

    offered, admitted: calls in each interval of 30 s. averages: calls per second over the last five minutes, at each
    interval's start, which is what is compared with the limit. closed: the numbers of the intervals in which the gate
    is closed.
    """

    limit: int
    rate: int
    burst: int
    offered: tuple[int, ...]
    admitted: tuple[int, ...]
    averages: tuple[float, ...]
    closed: tuple[int, ...]

    @property
    def answer(self) -> str:
        """One or two sentences: when the gate closes, for how long, and how many calls that costs."""
        if not self.closed:
            return "The gate stays open: no five minutes have more calls than the limit allows."
        if self.limit == 0:
            return "Nothing is licensed, so every call is rejected."
        first, rejected = self.closed[0], sum(self.offered) - sum(self.admitted)
        after, long = (f"{each * INTERVAL / timedelta(minutes=1):g}" for each in (first, len(self.closed)))
        text = f"The gate closes after {after} min and is closed for {long} min"
        again = " in all" if len(self.closed) != self.closed[-1] - first + 1 else ""
        return f"{text}{again}; {share(rejected, sum(self.offered))} of the calls are rejected."

    def to_svg(self) -> str:
        """Calls offered and admitted, the five-minute average and the limit, as a picture."""
        from smartlic.pictures.window import draw

        return draw(self)

    def __str__(self) -> str:
        return self.answer


def run_window(limit: int = 10, rate: int = 8, burst: int = 20) -> WindowRun:
    """Half an hour of ``rate`` calls per second, ``burst`` instead in the minutes 10 to 15, against ``limit``.

    Calls are evenly spaced and every one is decided by the compiled window. Raises ``InputError`` for numbers that are
    not whole or not between 0 and 1000.
    """
    for name, value in (("limit", limit), ("rate", rate), ("burst", burst)):
        if type(value) is not int or not 0 <= value <= _MOST_CPS:
            text = f"{name}: expected a whole number from 0 to {_MOST_CPS}, not {value!r}"
            raise InputError(text, "invalid_argument", "never")
    window = CpsWindow(limit, interval=INTERVAL, intervals=INTERVALS)
    seconds = INTERVAL // timedelta(seconds=1)
    offered, admitted, averages, closed = [], [], [], []
    for start in range(0, MINUTES * 60, seconds):
        averages.append(window.average(start * _SECOND).per_second)
        if window.closed(start * _SECOND):
            closed.append(start // seconds)
        cps = burst if start // 60 in BURST else rate
        times = [
            second * _SECOND + call * _SECOND // cps for second in range(start, start + seconds) for call in range(cps)
        ]
        offered.append(len(times))
        admitted.append(sum(map(window.offer, times)))
    return WindowRun(limit, rate, burst, tuple(offered), tuple(admitted), tuple(averages), tuple(closed))


def explore_window(limit: int = 10, rate: int = 8, burst: int = 20) -> Any:
    """Three sliders and the picture of ``run_window`` for them, as a Jupyter widget. Needs ``smartlic[notebooks]``."""
    from smartlic.extras import need

    widgets = need("ipywidgets", "notebooks")
    titles = {"limit": "licensed", "rate": "offered", "burst": "minutes 10-15"}
    sliders = {
        name: widgets.IntSlider(
            value=value, min=0, max=100, description=f"{titles[name]} (CPS)", continuous_update=False
        )
        for name, value in (("limit", limit), ("rate", rate), ("burst", burst))
    }
    for slider in sliders.values():
        slider.style.description_width = "11em"
    picture = widgets.HTML()

    def show(_: object = None) -> None:
        picture.value = run_window(**{name: slider.value for name, slider in sliders.items()}).to_svg()

    for slider in sliders.values():
        slider.observe(show, names="value")
    show()
    return widgets.VBox([*sliders.values(), picture])
