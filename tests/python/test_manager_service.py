"""The manager's endpoint over HTTP (RULES M14): bytes in, bytes out, and every status but 200 is no answer."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from manager_world import post, serving
from smartlic.agent import Agent
from smartlic.errors import StorageError
from smartlic.manager import Manager
from smartlic.manager.service import MAX_WAITING, PATH, DeviceEndpoint, Service


@pytest.fixture
def manager() -> Manager:
    return Manager.open(":memory:")


def test_what_is_not_the_endpoint(manager: Manager) -> None:
    with serving(manager, tls=False) as service:
        assert service.url.startswith("http://127.0.0.1:")
        for path, method, expected in [
            ("/", "GET", 404),
            ("/smartlic/v2", "POST", 404),
            (PATH, "GET", 405),
            (PATH, "PUT", 405),
        ]:
            status, body, kind = post(service, b"", path=path, method=method)
            assert (status, kind, json.loads(body)["code"]) == (expected, "application/json", "http_status")
        status, body, _ = post(service, b"", path="/healthz", method="GET")
        assert (status, json.loads(body)) == (200, {"status": "ok", "answered": 0, "failures": 0})


def test_a_size_above_64_KiB_is_refused_unread(manager: Manager) -> None:
    with serving(manager, tls=False) as service:
        assert post(service, b" " * 65537)[0] == 413
        assert post(service, b" " * 65536)[0] == 400


def test_requests_that_wait_together_are_decided_together(manager: Manager, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    first = threading.Event()
    real = manager.handle

    def handle(requests: list[bytes], **options: Any) -> list[tuple[int, bytes]]:
        sizes.append(len(requests))
        if len(sizes) == 1:
            assert first.wait(timeout=60)
        return real(requests, **options)

    monkeypatch.setattr(manager, "handle", handle)
    with serving(manager, tls=False) as service, ThreadPoolExecutor(21) as pool:
        answers = [pool.submit(post, service, b"{}")]
        while not sizes:
            assert not answers[0].done()
            os.sched_yield()
        answers += [pool.submit(post, service, b"{}") for _ in range(20)]
        while len(service.endpoint._waiting) < 20:
            assert not answers[0].done()
            os.sched_yield()
        first.set()
        assert {answer.result()[0] for answer in answers} == {400}
    assert sizes == [1, 20]


def test_a_failure_inside_answers_500_and_the_service_goes_on(
    manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = manager.handle
    calls = iter([RuntimeError("a bug")])

    def handle(requests: list[bytes], **options: Any) -> list[tuple[int, bytes]]:
        for error in calls:
            raise error
        return real(requests, **options)

    monkeypatch.setattr(manager, "handle", handle)
    with serving(manager, tls=False) as service:
        status, body, _ = post(service, b"{}")
        assert status == 500
        assert b"a bug" not in body
        assert post(service, b"{}")[0] == 400


def test_a_ledger_that_fails_gives_signed_refusals(manager: Manager, monkeypatch: pytest.MonkeyPatch) -> None:
    """Internal is keep: the device's licence stays, and it asks again (M9)."""
    manager.purchase("CUSP-5", 2)
    with serving(manager) as service, Agent.open(":memory:") as agent:
        agent.configure(url=service.url)
        agent.enable()
        agent.register(trust=manager.trust_file, token=manager.create_token())
        agent.request({"CUSP-5": 2})

        def fails(*_: object) -> None:
            raise StorageError("disk", "storage_failed", "after_change")

        monkeypatch.setattr(manager.ledger, "commit", fails)
        before = manager.failures
        agent.authorize()
        refusals = [event["code"] for event in agent.status()["recent"] if event["kind"] == "refused"]
        assert (refusals, agent.mode, agent.last_failure) == (["internal"], "InCompliance", None)
        assert manager.failures == before + 1


def test_too_many_waiting_are_told_to_come_later(manager: Manager) -> None:
    endpoint = DeviceEndpoint(manager)
    sent: list[dict[str, Any]] = []

    async def ask() -> None:
        never: asyncio.Future[tuple[int, bytes]] = asyncio.get_running_loop().create_future()
        endpoint._waiting.extend((b"", never) for _ in range(MAX_WAITING))

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"{}"}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await endpoint({"type": "http", "path": PATH, "method": "POST"}, receive, send)

    asyncio.run(ask())
    assert sent[0]["status"] == 503
    assert (b"retry-after", b"60") in sent[0]["headers"]


def test_a_taken_port_is_named(manager: Manager) -> None:
    with serving(manager, tls=False) as service:
        with pytest.raises(StorageError, match=r"choose another with --port") as taken:
            Service(manager, port=service.port).run(signals=False)
        assert taken.value.code == "locked"


def test_ipv6_addresses_are_written_in_brackets(manager: Manager) -> None:
    assert Service(manager, host="::1", port=8443).url == "https://[::1]:8443"


def test_a_body_that_does_not_come_ends_with_408(manager: Manager, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smartlic.manager.service.SLOWEST_BODY", 0)
    sent: list[dict[str, Any]] = []

    async def never() -> dict[str, Any]:
        nothing: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        return await nothing

    async def keep(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "path": PATH, "method": "POST"}
    asyncio.run(DeviceEndpoint(manager)(scope, never, keep))
    assert sent[0]["status"] == 408
