"""Certificates, servers and proxies on the loopback interface, for tests of the client side.

Nothing here shares code with smartlic: certificates are made by `cryptography`, TLS is Python's.
"""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import ipaddress
import pathlib
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

START = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
"""When certificates begin unless told otherwise: the machine's own clock must not matter."""
END = dt.datetime(2021, 1, 1, tzinfo=dt.UTC)
"""When they end."""


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Identity(NamedTuple):
    """A server's certificate and key, PEM."""

    certificate: bytes
    key: bytes


class Authority:
    """A root that issues TLS certificates."""

    def __init__(self, name: str, *, start: dt.datetime = START, end: dt.datetime = END) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name(name)
        self._certificate = (
            x509.CertificateBuilder()
            .subject_name(self._name)
            .issuer_name(self._name)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(end)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(self._key, hashes.SHA256())
        )

    @property
    def pem(self) -> str:
        """The root's certificate."""
        return self._certificate.public_bytes(serialization.Encoding.PEM).decode()

    def issue(
        self,
        *hosts: str,
        start: dt.datetime = START,
        end: dt.datetime = END,
        usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH,
        key: rsa.RSAPrivateKey | None = None,
    ) -> Identity:
        """Issues a certificate for DNS names and IP addresses, for `key` or a P-256 key of its own."""
        key_pair = key or ec.generate_private_key(ec.SECP256R1())
        names: list[x509.GeneralName] = []
        for host in hosts:
            try:
                names.append(x509.IPAddress(ipaddress.ip_address(host)))
            except ValueError:
                names.append(x509.DNSName(host))
        certificate = (
            x509.CertificateBuilder()
            .subject_name(_name(hosts[0]))
            .issuer_name(self._name)
            .public_key(key_pair.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(end)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return Identity(
            certificate.public_bytes(serialization.Encoding.PEM),
            key_pair.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ),
        )


class Request(NamedTuple):
    """What a server was asked."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Answer(NamedTuple):
    """What a server shall answer. Without an announced length the body ends with the connection."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    announce_length: bool = True


Respond = Callable[[Request], Answer]


def _handler(respond: Respond, seen: list[Request]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            request = Request(self.command, self.path, dict(self.headers.items()), body)
            seen.append(request)
            answer = respond(request)
            self.send_response(answer.status)
            for name, value in answer.headers:
                self.send_header(name, value)
            if answer.announce_length:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST = _answer

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # clients that refuse us are what is being tested


class Running(NamedTuple):
    """A server under way: its URLs, by name and by address, and the requests so far."""

    url: str
    url_by_address: str
    seen: list[Request]


@contextlib.contextmanager
def serve(
    respond: Respond = lambda request: Answer(),
    *,
    identity: Identity | None = None,
    folder: pathlib.Path | None = None,
    newest_tls: ssl.TLSVersion | None = None,
) -> Iterator[Running]:
    """Serves until the block ends: HTTPS with an identity (its files go into `folder`), else HTTP."""
    seen: list[Request] = []
    with _Server(("127.0.0.1", 0), _handler(respond, seen)) as server:
        if identity:
            assert folder is not None
            pem = folder / f"server-{server.server_port}.pem"
            pem.write_bytes(identity.certificate + identity.key)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            if newest_tls:
                context.set_ciphers("ALL:@SECLEVEL=0")  # old versions and weak keys too
                context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
                context.maximum_version = newest_tls
            context.load_cert_chain(pem)
            # The handshake is left to the request's own thread: a client that stalls holds up nobody.
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        scheme = "https" if identity else "http"
        try:
            yield Running(
                f"{scheme}://localhost:{server.server_port}/", f"{scheme}://127.0.0.1:{server.server_port}/", seen
            )
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def listening(on_connect: Callable[[socket.socket], None] | None = None) -> Iterator[int]:
    """A port whose connections are held without a word, or handed to `on_connect`, one by one, then closed."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    on_connect(connection)  # type: ignore[misc]  # only started when there is one

        thread = threading.Thread(target=accept, daemon=True)
        if on_connect:
            thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            if on_connect:
                listener.shutdown(socket.SHUT_RDWR)
                thread.join()


def closed_port() -> int:
    """A port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def _relay(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while chunk := source.recv(65536):
            sink.sendall(chunk)
        sink.shutdown(socket.SHUT_WR)


class Proxying(NamedTuple):
    """A proxy under way: its URL and the targets it connected to."""

    url: str
    connected: list[str]


@contextlib.contextmanager
def connect_proxy(*, user: str = "", password: str = "", refuse: int | None = None) -> Iterator[Proxying]:
    """An HTTP proxy that knows CONNECT only; with `refuse` it answers that status to everybody."""
    connected: list[str] = []
    wanted = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode() if user else ""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _refuse(self, status: int) -> None:
            self.send_response(status)
            if status == 407:
                self.send_header("Proxy-Authenticate", 'Basic realm="proxy"')
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_CONNECT(self) -> None:
            refusal = refuse or (407 if self.headers.get("Proxy-Authorization", "") != wanted else None)
            if refusal:
                self._refuse(refusal)
                return
            host, _, port = self.path.rpartition(":")
            with socket.create_connection((host, int(port))) as upstream:
                connected.append(self.path)
                self.send_response(200)
                self.end_headers()
                back = threading.Thread(target=_relay, args=(upstream, self.connection), daemon=True)
                back.start()
                _relay(self.connection, upstream)
                back.join()
            self.close_connection = True

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            self._refuse(407 if refuse is None else refuse)

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            pass

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield Proxying(f"http://127.0.0.1:{server.server_address[1]}", connected)
        finally:
            server.shutdown()
            thread.join()
