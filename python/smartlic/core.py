"""The sans-I/O types: time, bytes and entropy are always arguments (DESIGN 3).

The same compiled agent and manager run in production, in the simulator and in the tests. This module only gathers the
names of the compiled modules; their docstrings are the reference.
"""

from __future__ import annotations

from smartlic import _core, _gate
from smartlic._core import *  # noqa: F403
from smartlic._gate import *  # noqa: F403
from smartlic.jupyter import dress

dress(_core)
dress(_gate)
