"""A manager's service on a thread, and what a test says to it over HTTP without smartlic's own client."""

from __future__ import annotations

import http.client
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from smartlic.manager import Manager
from smartlic.manager.service import PATH, Service


@contextmanager
def serving(manager: Manager, *, tls: bool = True) -> Iterator[Service]:
    """The service of a manager on a free port, until the block ends."""
    service = Service(manager, port=0, tls=tls)
    started = threading.Event()
    thread = threading.Thread(target=service.run, args=(started.set,), kwargs={"signals": False}, daemon=True)
    thread.start()
    assert started.wait(timeout=60)
    try:
        yield service
    finally:
        service.stop()
        thread.join(timeout=60)
        assert not thread.is_alive()


def post(service: Service, body: bytes, *, path: str = PATH, method: str = "POST") -> tuple[int, bytes, str]:
    """One request in a connection of its own: status, body, content type."""
    if service.tls:
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            service.host, service.port, timeout=60, context=ssl._create_unverified_context()
        )
    else:
        connection = http.client.HTTPConnection(service.host, service.port, timeout=60)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers.get("Content-Type", "")
    finally:
        connection.close()


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, byte for byte."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
