"""The HTTP(S) client against real servers on the loopback interface (RULES T3, M1, M14)."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import pathlib
import signal
import socket
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import loopback
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from loopback import Answer, Authority, connect_proxy, listening, serve
from smartlic._io import HttpAnswer, HttpClient
from smartlic.errors import InputError, SmartlicError

IN_TIME = dt.datetime(2020, 6, 1, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
SHORT = dt.timedelta(milliseconds=200)


@pytest.fixture(scope="module")
def root() -> Authority:
    return Authority("the manager's root")


@pytest.fixture(scope="module")
def stranger() -> Authority:
    return Authority("a stranger")


def post(client: HttpClient, url: str, now: dt.datetime = IN_TIME) -> HttpAnswer:
    return client.post(url, b"request", content_type="application/jose+json", now=now)


def failure(client: HttpClient, url: str, now: dt.datetime = IN_TIME) -> str:
    """The code of the error that a request ends with."""
    with pytest.raises(SmartlicError) as caught:
        post(client, url, now)
    return caught.value.code


# What goes over the wire


def test_the_request_arrives_as_given() -> None:
    with serve(lambda request: Answer(b"answer", 200, (("Content-Type", "application/jose+json"),))) as server:
        answer = HttpClient(user_agent="agent/1").post(
            server.url + "smartlic/v1", b"\0" * 5000, content_type="application/jose+json", now=IN_TIME
        )
    assert (answer.status, answer.content_type, answer.body) == (200, "application/jose+json", b"answer")
    assert (answer.retry_after, answer.clock_suspect) == (None, False)
    [request] = server.seen
    assert (request.method, request.path, request.body) == ("POST", "/smartlic/v1", b"\0" * 5000)
    assert request.headers["Content-Type"] == "application/jose+json"
    assert request.headers["User-Agent"] == "agent/1"
    assert not {"Expect", "Accept-Encoding"} & set(request.headers)


def test_get_and_an_empty_post() -> None:
    with serve() as server:
        assert HttpClient().get(server.url, now=IN_TIME).body == b""
        HttpClient().post(server.url, b"", content_type="text/plain", now=IN_TIME)
    assert [(request.method, request.body) for request in server.seen] == [("GET", b""), ("POST", b"")]
    assert server.seen[1].headers["Content-Length"] == "0"


@pytest.mark.parametrize("status", [201, 204, 400, 404, 500, 503])
def test_any_status_and_content_type_is_an_answer(status: int) -> None:
    with serve(lambda request: Answer(b"", status, (("Content-Type", "text/html"),))) as server:
        answer = post(HttpClient(), server.url)
    assert (answer.status, answer.content_type) == (status, "text/html")


def test_redirects_are_not_followed() -> None:
    with serve() as elsewhere, serve(lambda request: Answer(b"", 307, (("Location", elsewhere.url),))) as server:
        assert post(HttpClient(), server.url).status == 307
    assert elsewhere.seen == []


@pytest.mark.parametrize("announce_length", [True, False])
def test_m1_an_answer_is_at_most_64_kib(announce_length: bool) -> None:
    size = 64 * 1024
    with serve(lambda request: Answer(bytes(size), announce_length=announce_length)) as server:
        assert post(HttpClient(), server.url).body == bytes(size)
        size += 1
        assert failure(HttpClient(), server.url) == "message_too_large"
        assert len(post(HttpClient(answer_limit=size), server.url).body) == size


def test_an_endless_answer_is_given_up() -> None:
    def pour(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        with contextlib.suppress(OSError):  # how the client ends it
            while True:
                connection.sendall(bytes(65536))

    with listening(pour) as port:
        assert failure(HttpClient(), f"http://127.0.0.1:{port}/") == "message_too_large"


@pytest.mark.parametrize(
    ("value", "expected"),
    [("120", 120), ("Mon, 01 Jun 2020 00:01:30 GMT", 90), ("Sun, 31 May 2020 00:00:00 GMT", 0), ("soon", None)],
)
def test_retry_after_counts_from_now(value: str, expected: int | None) -> None:
    with serve(lambda request: Answer(b"", 503, (("rEtRy-AfTeR", value),))) as server:
        answer = post(HttpClient(), server.url)
    assert answer.retry_after == (None if expected is None else expected * SECOND)


def test_retry_after_of_an_interim_answer_does_not_count() -> None:
    def answer(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\nRetry-After: 5\r\n\r\n")
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    with listening(answer) as port:
        assert post(HttpClient(), f"http://127.0.0.1:{port}/").retry_after is None


# Who is believed


def test_a_pinned_or_an_extra_root_is_enough(root: Authority, stranger: Authority, tmp_path: pathlib.Path) -> None:
    with serve(identity=root.issue("localhost", "127.0.0.1"), folder=tmp_path) as server:
        for client in (
            HttpClient(pinned_pem=root.pem),
            HttpClient(extra_pem=root.pem),
            HttpClient(pinned_pem=stranger.pem + root.pem),
            HttpClient(pinned_pem=stranger.pem, extra_pem=root.pem),
        ):
            answer = post(client, server.url)
            assert (answer.status, answer.clock_suspect) == (200, False)
            assert post(client, server.url_by_address).status == 200
    assert len(server.seen) == 8


def test_a_strange_root_is_not(root: Authority, stranger: Authority, tmp_path: pathlib.Path) -> None:
    with serve(identity=root.issue("localhost"), folder=tmp_path) as server:
        for client in (
            HttpClient(),
            HttpClient(pinned_pem=stranger.pem),
            HttpClient(extra_pem=stranger.pem),
            HttpClient(system=True),
        ):
            assert failure(client, server.url) == "tls_failed"
    assert server.seen == []


@pytest.mark.parametrize("hosts", [("elsewhere.example",), ("*.localhost",), ("127.0.0.1",)])
def test_another_name_is_refused(root: Authority, tmp_path: pathlib.Path, hosts: tuple[str, ...]) -> None:
    with serve(identity=root.issue(*hosts), folder=tmp_path) as server:
        assert failure(HttpClient(pinned_pem=root.pem), server.url) == "tls_failed"
    assert server.seen == []


def test_an_address_is_not_a_name(root: Authority, tmp_path: pathlib.Path) -> None:
    with serve(identity=root.issue("localhost"), folder=tmp_path) as server:
        assert failure(HttpClient(pinned_pem=root.pem), server.url_by_address) == "tls_failed"
    assert server.seen == []


def test_a_client_certificate_is_no_server(root: Authority, tmp_path: pathlib.Path) -> None:
    identity = root.issue("localhost", usage=ExtendedKeyUsageOID.CLIENT_AUTH)
    with serve(identity=identity, folder=tmp_path) as server:
        assert failure(HttpClient(pinned_pem=root.pem), server.url) == "tls_failed"
    assert server.seen == []


def test_a_weak_key_is_refused(root: Authority, tmp_path: pathlib.Path) -> None:
    client = HttpClient(pinned_pem=root.pem)
    for bits, weak in ((1024, True), (2048, False)):
        identity = root.issue("localhost", key=rsa.generate_private_key(65537, bits))
        with serve(identity=identity, folder=tmp_path, newest_tls=ssl.TLSVersion.TLSv1_2) as server:
            if weak:
                assert failure(client, server.url) == "tls_failed"
            else:
                assert post(client, server.url).status == 200


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_tls_is_1_2_or_later(root: Authority, tmp_path: pathlib.Path) -> None:
    client = HttpClient(pinned_pem=root.pem)
    identity = root.issue("localhost")
    with serve(identity=identity, folder=tmp_path, newest_tls=ssl.TLSVersion.TLSv1_2) as server:
        assert post(client, server.url).status == 200
    with serve(identity=identity, folder=tmp_path, newest_tls=ssl.TLSVersion.TLSv1_1) as server:
        assert failure(client, server.url) == "tls_failed"
    assert server.seen == []


# Dates (RULES T3)

OUT_OF_TIME = [
    loopback.START - SECOND,
    loopback.END + SECOND,
    dt.datetime(1990, 1, 1, tzinfo=dt.UTC),
    dt.datetime(2100, 1, 1, tzinfo=dt.UTC),
]


@pytest.mark.parametrize("now", [loopback.START + SECOND, loopback.END - SECOND])
def test_t3_dates_are_checked_at_licensing_time(root: Authority, tmp_path: pathlib.Path, now: dt.datetime) -> None:
    """The certificate is over by the machine's clock and good by L: L counts."""
    with serve(identity=root.issue("localhost"), folder=tmp_path) as server:
        assert not post(HttpClient(pinned_pem=root.pem), server.url, now).clock_suspect


@pytest.mark.parametrize("now", OUT_OF_TIME)
def test_t3_dates_alone_do_not_stop_a_pinned_root(root: Authority, tmp_path: pathlib.Path, now: dt.datetime) -> None:
    with serve(identity=root.issue("localhost"), folder=tmp_path) as server:
        answer = post(HttpClient(pinned_pem=root.pem), server.url, now)
    assert (answer.status, answer.clock_suspect) == (200, True)


def test_t3_a_suspect_clock_is_judged_anew_for_each_request(root: Authority, tmp_path: pathlib.Path) -> None:
    client = HttpClient(pinned_pem=root.pem)
    with serve(identity=root.issue("localhost"), folder=tmp_path) as server:
        suspects = [post(client, server.url, now).clock_suspect for now in (OUT_OF_TIME[0], IN_TIME, OUT_OF_TIME[1])]
    assert suspects == [True, False, True]


@pytest.mark.parametrize("now", OUT_OF_TIME)
def test_t3_dates_stop_every_other_root(
    root: Authority,
    stranger: Authority,
    tmp_path: pathlib.Path,
    now: dt.datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    system = tmp_path / "system.pem"
    system.write_text(root.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(system))  # OpenSSL's name for the system's roots
    with serve(identity=root.issue("localhost"), folder=tmp_path) as server:
        clients = [
            HttpClient(extra_pem=root.pem),
            HttpClient(extra_pem=root.pem, pinned_pem=stranger.pem),
            HttpClient(system=True),
            HttpClient(system=True, pinned_pem=stranger.pem),
        ]
        assert {failure(client, server.url, now) for client in clients} == {"tls_dates"}
        assert server.seen == []
        assert {post(client, server.url).clock_suspect for client in clients} == {False}


@pytest.mark.parametrize("now", OUT_OF_TIME)
def test_t3_dates_and_anything_else_is_a_refusal(
    root: Authority, stranger: Authority, tmp_path: pathlib.Path, now: dt.datetime
) -> None:
    usage = ExtendedKeyUsageOID.CLIENT_AUTH
    for identity in (
        root.issue("elsewhere.example"),
        stranger.issue("localhost"),
        root.issue("localhost", usage=usage),
    ):
        with serve(identity=identity, folder=tmp_path) as server:
            assert failure(HttpClient(pinned_pem=root.pem), server.url, now) == "tls_failed"
            assert failure(HttpClient(extra_pem=root.pem), server.url, now) == "tls_failed"
        assert server.seen == []


def test_t3_the_roots_own_dates_count_too(tmp_path: pathlib.Path) -> None:
    old = Authority("an old root", end=loopback.START + SECOND)
    with serve(identity=old.issue("localhost"), folder=tmp_path) as server:
        assert post(HttpClient(pinned_pem=old.pem), server.url).clock_suspect
        assert failure(HttpClient(extra_pem=old.pem), server.url) == "tls_dates"


# The network


def test_a_closed_port_is_unreachable() -> None:
    assert failure(HttpClient(), f"http://127.0.0.1:{loopback.closed_port()}/") == "unreachable"


def test_a_connection_closed_without_an_answer_is_unreachable() -> None:
    with listening(lambda connection: None) as port:
        assert failure(HttpClient(), f"http://127.0.0.1:{port}/") == "unreachable"


@pytest.mark.parametrize(
    "beginning", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"]
)
def test_a_server_that_stalls_times_out(beginning: bytes) -> None:
    done = threading.Event()

    def stall(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(beginning)
        done.wait()

    with listening(stall) as port:
        try:
            assert failure(HttpClient(total_timeout=SHORT), f"http://127.0.0.1:{port}/") == "timed_out"
        finally:
            done.set()


def test_a_handshake_that_stalls_times_out_as_connecting(root: Authority) -> None:
    with listening() as port:
        client = HttpClient(pinned_pem=root.pem, connect_timeout=SHORT)
        assert failure(client, f"https://localhost:{port}/") == "timed_out"


def test_a_server_without_tls_is_no_https_server(root: Authority) -> None:
    with serve() as server:
        assert failure(HttpClient(pinned_pem=root.pem), server.url.replace("http:", "https:")) == "tls_failed"
    assert server.seen == []


def test_garbage_is_no_answer() -> None:
    def answer(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"SSH-2.0-OpenSSH\r\n")

    with listening(answer) as port:
        assert failure(HttpClient(), f"http://127.0.0.1:{port}/") == "unreachable"


def test_threads_share_a_client(root: Authority, tmp_path: pathlib.Path) -> None:
    client = HttpClient(pinned_pem=root.pem)
    with serve(lambda request: Answer(request.body), identity=root.issue("localhost"), folder=tmp_path) as server:

        def ask(number: int) -> bool:
            now = IN_TIME if number % 2 else OUT_OF_TIME[1]
            body = str(number).encode()
            answer = client.post(server.url, body, content_type="text/plain", now=now)
            return (answer.body, answer.clock_suspect) == (body, number % 2 == 0)

        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(ask, range(64)))


def test_ctrl_c_ends_a_request() -> None:
    done = threading.Event()

    def interrupt(connection: socket.socket) -> None:
        connection.recv(65536)
        os.kill(os.getpid(), signal.SIGINT)
        done.wait()

    with listening(interrupt) as port:
        try:
            with pytest.raises(KeyboardInterrupt):
                post(HttpClient(), f"http://127.0.0.1:{port}/")
        finally:
            done.set()


# Proxies


def test_https_goes_through_a_proxy_with_credentials(root: Authority, tmp_path: pathlib.Path) -> None:
    with (
        serve(identity=root.issue("localhost"), folder=tmp_path) as server,
        connect_proxy(user="user", password="pass:word") as proxy,
    ):
        client = HttpClient(pinned_pem=root.pem, proxy=proxy.url, proxy_user="user", proxy_password="pass:word")
        assert post(client, server.url).status == 200
        assert post(client, server.url, OUT_OF_TIME[1]).clock_suspect
    assert len(proxy.connected) == 2
    assert all("Proxy-Authorization" not in request.headers for request in server.seen)


def test_a_proxy_changes_nothing_about_trust(root: Authority, stranger: Authority, tmp_path: pathlib.Path) -> None:
    with connect_proxy() as proxy:
        for identity in (stranger.issue("localhost"), root.issue("elsewhere.example")):
            with serve(identity=identity, folder=tmp_path) as server:
                assert failure(HttpClient(pinned_pem=root.pem, proxy=proxy.url), server.url) == "tls_failed"
            assert server.seen == []
    assert len(proxy.connected) == 2


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(("name", "password"), [("", ""), ("user", "wrong")])
def test_wrong_proxy_credentials(scheme: str, name: str, password: str) -> None:
    with connect_proxy(user="user", password="right") as proxy:
        client = HttpClient(proxy=proxy.url, proxy_user=name, proxy_password=password)
        assert failure(client, f"{scheme}://localhost:{loopback.closed_port()}/") == "proxy_failed"
    assert proxy.connected == []


@pytest.mark.parametrize("status", [403, 502, 503])
def test_a_proxy_that_refuses(status: int) -> None:
    with connect_proxy(refuse=status) as proxy:
        assert failure(HttpClient(proxy=proxy.url), "https://manager.example/") == "proxy_failed"


def test_a_proxy_that_is_not_there() -> None:
    proxy = f"127.0.0.1:{loopback.closed_port()}"
    assert failure(HttpClient(proxy=proxy), "https://manager.example/") == "proxy_failed"


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_environment_proxies_count_only_if_asked_for(
    root: Authority, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    identity = root.issue("localhost") if scheme == "https" else None
    with serve(identity=identity, folder=tmp_path) as server, connect_proxy(refuse=403) as proxy:
        monkeypatch.setenv(f"{scheme}_proxy", proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        assert post(HttpClient(pinned_pem=root.pem), server.url).status == 200
        asking = HttpClient(pinned_pem=root.pem, environment_proxy=True)
        if scheme == "https":
            assert failure(asking, server.url) == "proxy_failed"
        else:
            assert post(asking, server.url).status == 403
        monkeypatch.setenv("no_proxy", "localhost")
        assert post(asking, server.url).status == 200
        explicit = HttpClient(pinned_pem=root.pem, proxy="127.0.0.1:1")
        assert failure(explicit, server.url) == "proxy_failed"  # heeds no no_proxy


# Arguments


@pytest.mark.parametrize(
    "make",
    [
        lambda: HttpClient(pinned_pem="not PEM"),
        lambda: HttpClient(extra_pem="not PEM"),
        lambda: HttpClient(pinned_pem=(pem := Authority("whole").pem) + pem[:200]),
        lambda: HttpClient(connect_timeout=dt.timedelta(0)),
        lambda: HttpClient(total_timeout=-SECOND),
        lambda: HttpClient(proxy="socks5://localhost"),
        lambda: HttpClient().get("ftp://localhost/", now=IN_TIME),
        lambda: HttpClient().get("localhost", now=IN_TIME),
    ],
)
def test_bad_arguments(make: Callable[[], object]) -> None:
    with pytest.raises(InputError) as caught:
        make()
    assert caught.value.code == "invalid_argument"
