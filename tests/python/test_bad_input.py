"""Bad input of every kind: the error is its table row's, and what is on disk stays byte for byte as it was."""

from __future__ import annotations

import json
import resource
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import loopback
import pytest
from manager_world import contents, post, serving
from smartlic._core import EntitlementRequest
from smartlic.agent import Agent, Settings
from smartlic.errors import SmartlicError
from smartlic.manager import Manager


def code_of(action: Callable[[], object]) -> str:
    with pytest.raises(SmartlicError) as caught:
        action()
    return caught.value.code


# --- messages, in both directions


def _envelope(message: bytes, **changes: object) -> bytes:
    return json.dumps({**json.loads(message), **changes}).encode()


def _doubled(message: bytes) -> bytes:
    return message[:-1] + b',"signature":' + json.dumps(json.loads(message)["signature"]).encode() + b"}"


BAD: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda message: b"", "message_malformed"),
    "cut off": (lambda message: message[: len(message) // 2], "message_malformed"),
    "too large": (lambda message: message + b" " * 65536, "message_too_large"),
    "not UTF-8": (lambda message: message[:2] + b"\xff" + message[2:], "message_malformed"),
    "deeply nested": (lambda message: b'{"payload":' + b"[" * 200 + b"]" * 200 + b"}", "message_malformed"),
    "a member twice": (_doubled, "message_malformed"),
    "an unknown member": (lambda message: _envelope(message, header={}), "header_refused"),
    "a wrong type": (lambda message: _envelope(message, signature=7), "message_malformed"),
    "loose base64url": (lambda message: _envelope(message, signature="AA=="), "message_malformed"),
    "a list": (lambda message: b"[" + message + b"]", "message_malformed"),
    "another header": (lambda message: _envelope(message, protected="e30"), "header_refused"),
    "another signature": (lambda message: _envelope(message, signature="A" * 86), "signature_invalid"),
}


class Kept:
    """A manager in a file, its service, and a registered agent in a folder with a request that was recorded."""

    def __init__(self, folder: Path) -> None:
        self.manager, _ = Manager.init(folder / "manager.db")
        self.manager.purchase("CUSP-5", 2)
        self.folder = folder / "agent"
        with serving(self.manager) as service, Agent.open(self.folder) as agent:
            agent.configure(url=service.url, timeout=20.0)
            agent.enable()
            agent.register(trust=self.manager.trust_file, token=self.manager.create_token())
            agent.request({"CUSP-5": 2})
            assert agent.mode == "InCompliance"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    made = Kept(tmp_path_factory.mktemp("kept"))
    with made.manager:
        yield made


@pytest.fixture
def folder(kept: Kept, tmp_path: Path) -> Path:
    """A copy of the agent's state, to be ill-treated."""
    return Path(shutil.copytree(kept.folder, tmp_path / "agent"))


@pytest.mark.parametrize("what", BAD)
def test_a_bad_request_over_http_gets_an_unsigned_error_and_leaves_the_ledger(kept: Kept, what: str) -> None:
    mangle, expected = BAD[what]
    with Agent.open(":memory:") as agent:
        agent.enable()
        agent.register(trust=kept.manager.trust_file, token=kept.manager.create_token())
        request = agent.export_request()
    before = (kept.manager.tokens(), kept.manager.instances(), len(kept.manager.events()))
    with serving(kept.manager, tls=False) as service:
        status, body, kind = post(service, mangle(request))
        assert (status, kind) == (413 if what == "too large" else 400, "application/json")
        if what != "too large":
            assert json.loads(body)["code"] == expected
        assert post(service, request)[0] == 200  # and the good one is answered
    after = (kept.manager.tokens(), kept.manager.instances(), len(kept.manager.events()))
    assert before != after
    assert len(after[1]) == len(before[1]) + 1


@pytest.mark.parametrize("what", BAD)
def test_a_bad_answer_from_a_file_changes_nothing_but_a_counter(kept: Kept, folder: Path, what: str) -> None:
    mangle, expected = BAD[what]
    with Agent.open(folder) as agent:
        answer = kept.manager.answer(agent.export_request())
        before = agent.status()
        assert code_of(lambda: agent.import_answer(mangle(answer))) == expected
        after = agent.status()
        assert after.pop("counters")["answers_invalid"] == before.pop("counters")["answers_invalid"] + 1
        assert after == before
        agent.import_answer(answer)


def test_an_unknown_version_is_refused_signed(kept: Kept, folder: Path) -> None:
    """The manager says which one it speaks; that is a refusal that keeps (M9, M14)."""
    with Agent.open(folder) as agent:
        request = agent.export_request()
    examined = kept.manager.core.examine(request, channel="exported")
    status, _ = kept.manager.core.seal(
        kept.manager.core.refuse(examined, "version_unsupported", now=kept.manager.clock())
    )
    assert status == 200


@pytest.mark.parametrize(
    ("entitlements", "expected"),
    [({"CUSP-6": 1}, "unknown_tag"), ({"CUSP-5": 0}, "invalid_argument"), ({"CUSP-5": 10**9 + 1}, "invalid_argument")],
)
def test_a_request_that_cannot_be_made(folder: Path, entitlements: dict[str, int], expected: str) -> None:
    with Agent.open(folder) as agent:
        before = contents(folder)
        assert code_of(lambda: agent.request(entitlements)) == expected
        assert contents(folder) == before
        with pytest.raises(TypeError):
            EntitlementRequest(tag="x", count=cast(Any, "two"))


@pytest.mark.parametrize("trust", [b"", b"{", b"\xff", b'{"v":2}', b"[" * 300])
def test_a_trust_file_that_is_none(folder: Path, trust: bytes) -> None:
    with Agent.open(folder) as agent:
        before = contents(folder)
        assert code_of(lambda: agent.register(trust=trust, token="a.b")) in (
            "message_malformed", "payload_invalid", "version_unsupported",
        )  # fmt: skip
        assert contents(folder) == before


# --- the manager on the way


def _failure(folder: Path, **settings: object) -> str | None:
    """The code with which an authorization over the network fails; the mode and the licence stay (E6)."""
    with Agent.open(folder) as agent:
        agent.configure(**settings)
        before = agent.status()
        agent.authorize()
        after = agent.status()
        assert after["mode"] == before["mode"] == "InCompliance"
        assert after["authorization"] == before["authorization"]
        return getattr(agent.last_failure, "code", None)


def test_a_manager_that_cannot_be_reached(folder: Path) -> None:
    assert _failure(folder, url=f"http://127.0.0.1:{loopback.closed_port()}") == "unreachable"
    assert _failure(folder, url="http://licences.invalid:1") == "unreachable"


def test_a_manager_that_is_slow(folder: Path) -> None:
    with loopback.listening() as port:
        assert _failure(folder, url=f"http://127.0.0.1:{port}", timeout=0.2) == "timed_out"


def test_a_manager_below_another_tls_root(kept: Kept, folder: Path) -> None:
    with Manager.open(":memory:") as stranger, serving(stranger) as service:
        assert _failure(folder, url=service.url) == "tls_failed"


def test_another_manager_with_the_right_tls(kept: Kept, folder: Path) -> None:
    with Manager.open(":memory:") as stranger, serving(stranger, tls=False) as service:
        assert _failure(folder, url=service.url) == "http_status"  # it cannot even tell who asks


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (loopback.Answer(b"<html>login</html>"), "message_malformed"),
        (loopback.Answer(b"\x00" * 70000), "message_too_large"),
        (loopback.Answer(b"", 302, (("Location", "http://127.0.0.1:1/"),)), "http_status"),
        (loopback.Answer(b'{"code":"certificate_revoked","message":"go away"}', 500), "http_status"),
        (loopback.Answer(b"[]", 404), "http_status"),
    ],
)
def test_a_manager_that_lies(folder: Path, answer: loopback.Answer, expected: str) -> None:
    with loopback.serve(lambda request: answer) as running:
        assert _failure(folder, url=running.url_by_address.rstrip("/")) == expected
    assert [request.path for request in running.seen] == ["/smartlic/v1"]  # a redirection is not followed


def test_tls_roots_that_are_none(folder: Path, tmp_path: Path) -> None:
    garbage = tmp_path / "roots.pem"
    garbage.write_bytes(b"\xff not a certificate")
    with Agent.open(folder) as agent:
        # One after the other: the agent is not stuck behind a request that never left.
        for file, expected in [(str(tmp_path / "missing.pem"), "not_found"), (str(garbage), "invalid_argument")]:
            agent.configure(ca_file=file, url="https://127.0.0.1:1")
            agent.authorize()
            assert getattr(agent.last_failure, "code", None) == expected
        agent.configure(ca_file="")
        agent.authorize()
        assert getattr(agent.last_failure, "code", None) == "unreachable"
        assert agent.mode == "InCompliance"


# --- the state folder


@pytest.mark.parametrize("change", ["flip", "cut", "empty", "version", "not text"])
def test_a_damaged_state_is_not_used_and_not_touched(folder: Path, change: str) -> None:
    (state,) = (path for path in folder.iterdir() if path.name not in (Settings.FILE, "lock") and path.stat().st_size)
    good = state.read_bytes()
    middle = len(good) // 2
    damaged = {
        "flip": good[:middle] + bytes([good[middle] ^ 1]) + good[middle + 1 :],
        "cut": good[:-10],
        "empty": b"",
        "version": good.replace(b"1", b"9", 1),
        "not text": b"\xff" * 100,
    }[change]
    state.write_bytes(damaged)
    before = contents(folder)
    expected = {"state_damaged", "state_version"} if change == "version" else {"state_damaged"}
    assert code_of(lambda: Agent.open(folder)) in expected
    assert code_of(lambda: Agent.peek(folder)) in expected
    assert contents(folder) == before


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"timeout": {}}', b'{"url": 7}'])
def test_damaged_settings_are_named(folder: Path, content: bytes) -> None:
    (folder / Settings.FILE).write_bytes(content)
    before = contents(folder)
    with pytest.raises(SmartlicError, match=Settings.FILE) as damaged:
        Agent.open(folder)
    assert damaged.value.code == "state_damaged"
    assert contents(folder) == before


def test_a_folder_that_another_process_uses(folder: Path) -> None:
    with Agent.open(folder):
        before = contents(folder)
        assert code_of(lambda: Agent.open(folder)) == "locked"
        assert code_of(lambda: Agent.open(folder, settings=Settings(url="http://127.0.0.1:1"))) == "locked"
        assert contents(folder) == before


def test_a_wrong_passphrase(tmp_path: Path) -> None:
    with Agent.open(tmp_path / "agent", passphrase="right") as agent:
        agent.enable()
        with Manager.open(":memory:") as manager:
            agent.register(trust=manager.trust_file, token=manager.create_token())  # makes a key
    before = contents(tmp_path)
    assert code_of(lambda: Agent.open(tmp_path / "agent", passphrase="wrong")) == "passphrase_wrong"
    assert contents(tmp_path) == before


# --- a full disk: no file of this process may grow beyond a few bytes


@pytest.fixture
def full_disk() -> Iterator[Callable[[int], None]]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    signal.signal(signal.SIGXFSZ, before)


def test_a_full_disk_under_the_agent(folder: Path, full_disk: Callable[[int], None]) -> None:
    with Agent.open(folder) as agent:
        before, status = contents(folder), agent.status()
        full_disk(100)
        assert code_of(agent.disable) in ("storage_full", "storage_failed")
        assert code_of(lambda: agent.configure(url="http://127.0.0.1:2/" + "x" * 100)) in (
            "storage_full",
            "storage_failed",
        )
        full_disk(resource.RLIM_INFINITY)
        assert contents(folder) == before
        agent.tick()
        assert agent.status()["mode"] == status["mode"]
        agent.disable()
        assert agent.mode == "Disabled"


def test_a_full_disk_under_the_manager(tmp_path: Path, full_disk: Callable[[int], None]) -> None:
    with Manager.init(tmp_path / "manager.db")[0] as manager:
        accounts, events = manager.accounts(), len(manager.events())
        full_disk(1000)
        assert code_of(lambda: manager.add_account("x" * 50_000)) in ("storage_full", "storage_failed")
        full_disk(resource.RLIM_INFINITY)
        assert (manager.accounts(), len(manager.events())) == (accounts, events)
        manager.add_account("emea")


# --- the ledger


def test_a_ledger_that_is_none(tmp_path: Path) -> None:
    file = tmp_path / "manager.db"
    assert code_of(lambda: Manager.open(file)) == "not_found"
    for content in (b"not a database" * 500, b"SQLite format 3\x00" + b"\xff" * 4096):
        file.write_bytes(content)
        assert code_of(lambda: Manager.open(file)) == "state_damaged"
        assert file.read_bytes() == content
    file.write_bytes(b"")
    assert code_of(lambda: Manager.open(file)) == "not_found"
    assert code_of(lambda: Manager.init(file)) == "already_exists"


def test_a_ledger_of_a_newer_version(tmp_path: Path) -> None:
    file = tmp_path / "manager.db"
    Manager.init(file)[0].close()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    before = file.read_bytes()
    assert code_of(lambda: Manager.open(file)) == "state_version"
    assert file.read_bytes() == before


def test_a_ledger_that_another_writer_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "manager.db"
    with Manager.init(file)[0] as manager, closing(sqlite3.connect(file, isolation_level=None)) as other:
        with manager.ledger.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout=1")
        other.execute("BEGIN IMMEDIATE")
        assert code_of(lambda: manager.add_account("emea")) == "locked"
        other.execute("ROLLBACK")
        manager.add_account("emea")
