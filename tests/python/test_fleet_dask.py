"""A fleet on a Dask cluster is the fleet of one machine, bit for bit."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import pytest
from fleet_world import in_small_parts, small

# It has types for some of what it does; missing, it fails the test, which is not to be skipped.
distributed: Any = importlib.import_module("distributed")


def test_a_cluster_of_two_workers_gives_what_one_machine_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    in_small_parts(monkeypatch)
    fleet = small(pools=40)
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        seen: list[int] = []
        clustered = fleet.run(client.get_executor(), progress=lambda done, total: seen.append(done))
        lived_by = client.run(lambda: "smartlic._core" in sys.modules)
    assert clustered == fleet.run(threads=1)
    assert seen[-1] == 40
    assert list(lived_by.values()) == [True, True], "both workers have lived some of it"
