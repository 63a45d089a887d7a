"""Reading what devices leave behind: sml.log and `show license`, to an answer (S17, S18, D1-D9)."""

from __future__ import annotations

from smartlic.logs.follow import Follower
from smartlic.logs.history import Band, Happening
from smartlic.logs.log import Log, read_log
from smartlic.logs.oddities import Oddity
from smartlic.logs.show import Show, read_show
from smartlic.logs.show_license import ShowLicense, Usage
from smartlic.logs.standing import AUTHORIZATION_PERIOD, Standing

__all__ = [
    "AUTHORIZATION_PERIOD",
    "Band",
    "Follower",
    "Happening",
    "Log",
    "Oddity",
    "Show",
    "ShowLicense",
    "Standing",
    "Usage",
    "read_log",
    "read_show",
]
