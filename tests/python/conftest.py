"""What all Python tests share: how hard Hypothesis tries, and the same examples in every CI run."""

from __future__ import annotations

import os
import signal

from hypothesis import HealthCheck, settings

settings.register_profile("default", deadline=None, print_blob=True)
settings.register_profile("ci", parent=settings.get_profile("default"), derandomize=True, database=None)
settings.register_profile(
    "soak", parent=settings.get_profile("default"), max_examples=20_000, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci" if os.environ.get("CI") else "default")

# A job in the background inherits an ignored SIGINT and hands it on; tests of Ctrl-C need the usual one.
signal.signal(signal.SIGINT, signal.default_int_handler)
