"""Rotation of the signing certificate (RULES M3, M6) with several managers on one ledger."""

from __future__ import annotations

import pytest
from core_world import code_of
from smartlic import Agent, Manager
from smartlic.agent import MemoryStore
from smartlic.errors import InputError


class Loopback:
    """A transport that hands requests to a manager in this process."""

    def __init__(self, manager: Manager) -> None:
        self.manager = manager

    def exchange(self, request: bytes, licensing_time: object) -> bytes:
        ((status, body),) = self.manager.handle([request])
        assert status == 200
        return body


def test_m3_all_managers_sign_with_the_newest_and_agents_follow() -> None:
    first, authority = Manager.init(":memory:")
    second = Manager(first.ledger)
    first.purchase("CUSP-5", 2)
    agent = Agent.open(":memory:", transport=Loopback(second))
    agent.enable()
    agent.register(trust=first.trust_file, token=first.create_token())
    agent.request({"CUSP-5": 2})
    assert agent.mode == "InCompliance"
    before = agent.status()["signing_serial"]

    first.rotate(authority.root.certificate.pem + authority.root.key.to_pem(), tls_names=["localhost"])
    agent.renew()

    assert agent.last_failure is None
    assert int(agent.status()["signing_serial"], 16) == int(before, 16) + 1
    assert isinstance(agent.store, MemoryStore)
    assert any("rotate" in event.text for event in first.events())


@pytest.mark.parametrize("pem", ["", "-----BEGIN PRIVATE KEY-----\n"])
def test_what_is_no_root_key_file_is_refused(pem: str) -> None:
    manager, _ = Manager.init(":memory:")
    assert code_of(lambda: manager.rotate(pem, tls_names=["localhost"]), InputError) == "invalid_argument"


def test_a_strangers_root_is_refused() -> None:
    manager, _ = Manager.init(":memory:")
    _, other = Manager.init(":memory:")
    pem = other.root.certificate.pem + other.root.key.to_pem()
    assert code_of(lambda: manager.rotate(pem, tls_names=["localhost"]), InputError) == "invalid_argument"
    assert manager.core.identity.signing.certificate.serial == "01"
