"""kill -9 at random points of agent and manager: nothing that was acknowledged is lost (DESIGN 6)."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings
from manager_world import serving
from smartlic.agent import Agent
from smartlic.manager import Manager

pytestmark = pytest.mark.soak


def rounds() -> int:
    return 200 if settings.get_current_profile_name() == "soak" else 5


# Says what each command has acknowledged, one line each, in a loop that only a kill ends.
AGENT = """
import itertools, json, sys
from smartlic.agent import Agent
with Agent.open(sys.argv[1]) as agent:
    for number in itertools.count(int(sys.argv[2])):
        agent.request({"CUSP-5": 1 + number % 3})
        if number % 5 == 0:
            agent.renew()
        status = agent.status()
        said = {"requested": 1 + number % 3, "request_no": status["request_no"], "instance": status["instance"],
                "serial": status["certificate"]["serial"], "failure": agent.last_failure and agent.last_failure.code}
        print(json.dumps(said), flush=True)
"""


def test_an_agent_that_is_killed_loses_nothing_acknowledged(tmp_path: Path) -> None:
    dice = random.Random(9)
    folder = tmp_path / "agent"
    manager, _ = Manager.init(tmp_path / "manager.db")
    with manager, serving(manager) as service:
        manager.purchase("CUSP-5", 3)
        with Agent.open(folder) as agent:
            agent.configure(url=service.url)
            agent.enable()
            agent.register(trust=manager.trust_file, token=manager.create_token())
        for number in range(rounds()):
            command = [sys.executable, "-c", AGENT, str(folder), str(number)]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
                assert process.stdout is not None
                lines = [process.stdout.readline() for _ in range(dice.randrange(1, 12))]
                process.send_signal(signal.SIGKILL)
                lines += process.stdout.readlines()
            told = [json.loads(line) for line in lines if line.endswith("}\n")]
            assert {each["failure"] for each in told} == {None}
            last = told[-1]
            with Agent.open(folder) as agent:
                status = agent.status()
                assert status["instance"] == last["instance"]
                assert status["request_no"] >= last["request_no"]
                assert status["mode"] == "InCompliance"
                agent.authorize()
                assert agent.last_failure is None
                assert [each["count"] for each in agent.status()["answered"]] == [
                    row.in_use for row in manager.inventory()
                ]
        (instance,) = manager.instances()
        assert (instance["instance"], instance["fork_suspected"]) == (last["instance"], False)
        assert manager.verify_events().intact


@contextmanager
def _process(database: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    code = "from smartlic.cli import main; main()"
    arguments = ["manager", "serve", "--database", str(database), "--port", "0", "--json"]
    process = subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    document = "".join(iter(process.stdout.readline, "}\n")) + "}"
    try:
        yield process, json.loads(document)["url"]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


class Load:
    """Agents that ask for ever other counts, as fast as they are answered."""

    def __init__(self, manager: Manager, count: int) -> None:
        self.agents = [Agent.open(":memory:", hostname=f"proxy-{number}") for number in range(count)]
        self.acknowledged = threading.Semaphore(0)
        with serving(manager) as service:
            for agent in self.agents:
                agent.configure(url=service.url)
                agent.enable()
                agent.register(trust=manager.trust_file, token=manager.create_token())
                assert agent.last_failure is None

    def ask(self, agent: Agent, url: str) -> None:
        """Asks until nobody answers any more."""
        agent.configure(url=url)
        count = agent.limit or 0
        while True:
            count += 1
            agent.request({"CUSP-5": 1 + count % 3})
            if agent.last_failure is not None:
                return
            self.acknowledged.release()


def test_a_manager_that_is_killed_under_load_loses_nothing_acknowledged(tmp_path: Path) -> None:
    dice = random.Random(10)
    database = tmp_path / "manager.db"
    with Manager.init(database)[0] as manager:
        manager.purchase("CUSP-5", 8)
        load = Load(manager, 8)
        for _ in range(rounds()):
            with _process(database) as (process, url), ThreadPoolExecutor(len(load.agents)) as pool:
                asking = [pool.submit(load.ask, agent, url) for agent in load.agents]
                for _ in range(dice.randrange(20, 80)):
                    assert load.acknowledged.acquire(timeout=60)
                process.send_signal(signal.SIGKILL)
                for each in asking:
                    each.result()
            kept = {each["instance"]: each for each in manager.instances()}
            assert len(kept) == len(load.agents)
            for agent in load.agents:
                status = agent.status()
                (used,) = dict(kept[status["instance"]]["usage"]).values()
                # What was acknowledged last, or what was decided after it while its answer got lost.
                assert used in {status["answered"][0]["count"], status["requested"][0]["count"]}
            assert manager.verify_events().intact
        with serving(manager) as service:
            for agent in load.agents:
                agent.configure(url=service.url)
                agent.request({"CUSP-5": 1})
                assert agent.last_failure is None
        assert [row.in_use for row in manager.inventory()] == [len(load.agents)]
        assert not any(each["fork_suspected"] for each in manager.instances())  # nobody was taken for a copy
        assert [each["uses"] for each in manager.tokens()] == [1] * len(load.agents)
