"""The manager on the wire: one endpoint, bytes in and bytes out, many requests a durable commit (RULES M14).

HTTP runs in the event loop; deciding runs in one thread beside it, which takes all requests that have come in while the
last batch was being committed. So the commit's cost is shared, and nobody waits longer than two commits.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import ssl
import tempfile
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from smartlic.errors import StorageError
from smartlic.extras import need
from smartlic.manager.driver import Manager

__all__ = ["DeviceEndpoint", "Service"]

_log = logging.getLogger(__name__)

PATH = "/smartlic/v1"
CONTENT_TYPE = b"application/jose+json"
MAX_MESSAGE = 64 * 1024
MAX_BATCH = 256
MAX_WAITING = 8192
SLOWEST_BODY = 30  # seconds

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class DeviceEndpoint:
    """An ASGI application: POST /smartlic/v1 for devices, GET /healthz for whoever watches."""

    def __init__(self, manager: Manager) -> None:
        self.manager = manager
        self.answered = 0
        self._waiting: deque[tuple[bytes, asyncio.Future[tuple[int, bytes]]]] = deque()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="smartlic-decide")
        self._deciding: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["path"] == PATH and scope["method"] == "POST":
            await self._device(receive, send)
        elif scope["path"] == "/healthz":
            await _reply(
                send,
                200,
                json.dumps({"status": "ok", "answered": self.answered, "failures": self.manager.failures}).encode(),
                b"application/json",
            )
        elif scope["path"] == PATH:
            await _problem(send, 405, "use POST")
        else:
            await _problem(send, 404, f"devices speak to {PATH}")

    async def _device(self, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(SLOWEST_BODY):
                body = await _read(receive)
        except TimeoutError:
            await _problem(send, 408, f"the message did not come within {SLOWEST_BODY} s")
            return
        if body is None:
            await _problem(send, 413, "a message is at most 64 KiB")
            return
        if len(self._waiting) >= MAX_WAITING:
            await _problem(send, 503, "too many requests are waiting", retry_after=60)
            return
        outcome: asyncio.Future[tuple[int, bytes]] = asyncio.get_running_loop().create_future()
        self._waiting.append((body, outcome))
        if self._deciding is None:
            self._deciding = asyncio.create_task(self._decide())
        status, answer = await outcome
        self.answered += 1
        await _reply(send, status, answer, CONTENT_TYPE if status == 200 else b"application/json")

    async def _decide(self) -> None:
        """Takes batches until nobody waits."""
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(MAX_BATCH, len(self._waiting)))]
                try:
                    answers = await loop.run_in_executor(self._worker, self.manager.handle, [body for body, _ in batch])
                except Exception:
                    _log.exception("a batch of %d requests failed", len(batch))
                    problem = _problem_body("the manager failed inside; its log says why")
                    answers = [(500, problem)] * len(batch)
                for (_, outcome), answer in zip(batch, answers, strict=True):
                    if not outcome.done():
                        outcome.set_result(answer)
        finally:
            self._deciding = None

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                self._worker.shutdown()
                return


async def _read(receive: Receive) -> bytes | None:
    body: bytes = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > MAX_MESSAGE:
            return None
        if not message.get("more_body", False):
            return body


def _problem_body(message: str) -> bytes:
    return json.dumps({"code": "http_status", "message": message}).encode()


async def _problem(send: Send, status: int, message: str, *, retry_after: int | None = None) -> None:
    await _reply(send, status, _problem_body(message), b"application/json", retry_after)


async def _reply(send: Send, status: int, body: bytes, content_type: bytes, retry_after: int | None = None) -> None:
    headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]
    if retry_after is not None:
        headers.append((b"retry-after", str(retry_after).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class Service:
    """Runs the endpoint on one address, with TLS by the manager's own root unless ``tls`` is false.

    ``port`` 0 takes a free one; ``url`` says which, once ``started`` is called back. Ends by ``stop()`` or a signal.
    """

    def __init__(self, manager: Manager, *, host: str = "127.0.0.1", port: int = 8443, tls: bool = True) -> None:
        self.endpoint = DeviceEndpoint(manager)
        self.host, self.port, self.tls = host, port, tls
        self._manager = manager
        self._server: Any = None

    @property
    def url(self) -> str:
        """Where devices reach it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"

    def run(self, started: Callable[[], None] = lambda: None, *, signals: bool = True) -> None:
        """Serves until it is stopped. Raises ``StorageError`` (locked) if the address is taken."""
        uvicorn = need("uvicorn", "manager")
        with contextlib.ExitStack() as stack:
            listener = self._listen(stack)
            config = uvicorn.Config(
                self.endpoint,
                log_level="warning",
                access_log=False,
                lifespan="on",
                server_header=False,
                date_header=False,
            )
            if self.tls:
                config.load()
                config.ssl = self._tls_context()
            server = uvicorn.Server(config)
            self._server = server
            if not signals:
                server.capture_signals = contextlib.nullcontext
            startup = server.startup

            async def announced(sockets: Any = None) -> None:
                await startup(sockets=sockets)
                started()

            server.startup = announced
            server.run(sockets=[listener])

    def stop(self) -> None:
        """Ends ``run`` soon, after what is under way is answered. From any thread."""
        if self._server is not None:
            self._server.should_exit = True

    def _listen(self, stack: contextlib.ExitStack) -> Any:
        import socket

        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        listener = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((self.host, self.port))
        except OSError as error:
            message = f"cannot listen on {self.host}:{self.port}: {error.strerror}; choose another with --port"
            raise StorageError(message, "locked", "after_change") from error
        self.port = listener.getsockname()[1]
        return listener

    def _tls_context(self) -> ssl.SSLContext:
        pair = self._manager.tls
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        # Python's ssl loads keys from files only: one of our own, gone at once.
        descriptor, path = tempfile.mkstemp(suffix=".pem")
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(pair.certificate + pair.key)
            context.load_cert_chain(path)
        finally:
            Path(path).unlink()
        return context
