"""The way to the manager: one POST a request (RULES M14), with TLS trust apart from message roots."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from smartlic._gate import read_file, write_file_atomic
from smartlic.agent.ports import NoAnswer
from smartlic.errors import InputError, StorageError, TransportError, TrustError

__all__ = ["HttpTransport", "Settings"]

ENDPOINT = "/smartlic/v1"
CONTENT_TYPE = "application/jose+json"


@dataclass
class Settings:
    """How an agent reaches its manager; kept beside its state, readable by its owner only.

    ``ca_file``: further TLS roots (PEM), for instance of a proxy that terminates TLS. ``system_roots``: trust the
    operating system's too. The manager's own roots are trusted always; they come from the trust file. ``timeout`` is in
    seconds. ``proxy`` is ``http://host:port``. ``gate`` is the gate file that every command publishes to.
    """

    url: str | None = None
    ca_file: str | None = None
    system_roots: bool = False
    proxy: str | None = None
    proxy_user: str = ""
    proxy_password: str = ""
    timeout: float = 30.0
    gate: str | None = None

    FILE = "settings.json"

    @classmethod
    def load(cls, folder: Path) -> Settings:
        """Reads the folder's settings; the defaults if there are none. Raises ``StorageError`` for damaged ones."""
        try:
            content = json.loads(read_file(folder / cls.FILE, limit=65536))
            known = {field.name: field.default for field in fields(cls)}
            return cls(**{name: _like(known[name], name, value) for name, value in content.items() if name in known})
        except InputError as error:
            if error.code == "not_found":
                return cls()
            raise
        except (ValueError, TypeError, AttributeError) as error:
            message = f"{folder / cls.FILE} is damaged: {error}; correct or remove it"
            raise StorageError(message, "state_damaged", "after_change") from error

    def save(self, folder: Path) -> None:
        """Writes them, whole or not at all."""
        content = {name: value for name, value in asdict(self).items() if value not in (None, "")}
        write_file_atomic(folder / self.FILE, json.dumps(content, indent=2).encode() + b"\n")


def _like(default: Any, name: str, value: Any) -> Any:
    """A setting's value, if it has the type of its default; those without one are text."""
    wanted = str if default is None else type(default)
    if wanted is float and type(value) is int:
        value = float(value)
    if type(value) is not wanted:
        raise TypeError(f"{name} is {value!r}")
    return value


class HttpTransport:
    """HTTPS by libcurl; HTTP is possible too, since every message is signed."""

    def __init__(self, settings: Settings, pinned_pem: str = "") -> None:
        from smartlic._io import HttpClient

        if not settings.url:
            message = "no manager URL is set; give it with --url https://host:port"
            raise InputError(message, "invalid_argument", "after_change")
        self.url = settings.url.rstrip("/")
        if not self.url.endswith(ENDPOINT):
            self.url += ENDPOINT
        extra = read_file(settings.ca_file, limit=1 << 20).decode("ascii", "replace") if settings.ca_file else ""
        self._client = HttpClient(
            pinned_pem=pinned_pem,
            extra_pem=extra,
            system=settings.system_roots,
            proxy=settings.proxy,
            proxy_user=settings.proxy_user,
            proxy_password=settings.proxy_password,
            total_timeout=timedelta(seconds=settings.timeout),
            connect_timeout=timedelta(seconds=min(10.0, settings.timeout)),
        )

    def exchange(self, request: bytes, licensing_time: datetime) -> bytes:
        """Posts a request; certificates' dates are judged at ``licensing_time`` (T3). Raises ``NoAnswer`` (E6)."""
        try:
            answer = self._client.post(self.url, request, content_type=CONTENT_TYPE, now=licensing_time)
        except (TransportError, TrustError) as error:
            raise NoAnswer(error.code, str(error)) from error
        if answer.status != 200:
            detail = f"HTTP {answer.status}{_reason(answer.body)}"
            raise NoAnswer("http_status", detail, answer.retry_after)
        return answer.body


def _reason(body: bytes) -> str:
    try:
        problem = json.loads(body)
        return f": {problem['message']}"
    except (ValueError, KeyError, TypeError):
        return ""
