"""One single-use token and many that want it, over HTTPS (RULES P3, M13)."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from manager_world import post, serving
from smartlic._core import parse_token
from smartlic.agent import Agent, HttpTransport
from smartlic.manager import Manager

AGENTS = 50


class Recording:
    """The real transport, and what went over it."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.sent: list[bytes] = []

    def exchange(self, request: bytes, licensing_time: datetime) -> bytes:
        self.sent.append(request)
        return HttpTransport(self.agent.settings, self.agent.core.pinned_pem).exchange(request, licensing_time)


def test_one_of_fifty_wins_and_the_others_are_told_why(tmp_path: Path) -> None:
    manager, _ = Manager.init(tmp_path / "manager.db")
    with manager, serving(manager) as service:
        token = manager.create_token()
        agents = [Agent.open(":memory:", hostname=f"proxy-{number}") for number in range(AGENTS)]
        ways = []
        for agent in agents:
            agent.configure(url=service.url)
            ways.append(Recording(agent))
            agent._transport = ways[-1]
            agent.enable()
        trust = manager.trust_file

        with ThreadPoolExecutor(AGENTS) as pool:
            list(pool.map(lambda agent: agent.register(trust=trust, token=token), agents))

        winners = [number for number, agent in enumerate(agents) if agent.status()["registered"]]
        assert len(winners) == 1
        codes = Counter(
            event["code"]
            for agent in agents
            for event in agent.status()["recent"]
            if event["kind"] == "registration_failed"
        )
        assert codes == {"token_used_up": AGENTS - 1}
        assert all("no uses left" in str(agent.explain()) for agent in agents if not agent.status()["registered"])
        assert [each["uses"] for each in manager.tokens()] == [1]

        # M13: repeating the winner's request, byte for byte, gives the same instance and spends nothing.
        (request,) = ways[winners[0]].sent
        before = (manager.tokens(), [each["instance"] for each in manager.instances()], manager.events())
        for _ in range(3):
            status, body, _ = post(service, request)
            assert status == 200
            assert body
        assert (manager.tokens(), [each["instance"] for each in manager.instances()], manager.events()) == before
        assert parse_token(token).id == before[0][0]["id"]
        assert manager.verify_events().intact
