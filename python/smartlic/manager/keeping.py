"""Who a manager is, as its ledger keeps it: any number of managers on one ledger are the same one (DESIGN 2)."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.engine import Connection

from smartlic import _core
from smartlic.errors import InputError
from smartlic.manager.sql_ledger import SqlLedger

__all__ = [
    "TlsPair",
    "keep_identity",
    "keep_policy",
    "keep_tls",
    "kept_identity",
    "kept_policy",
    "kept_tls",
    "new_tls",
    "read_root",
]

TLS_LIFETIME = timedelta(days=730)

_POLICY_DAYS = ("certificate", "authorization", "renew_interval", "export_validity", "late_renewal")
_POLICY_SECONDS = ("retry_in_compliance", "retry_out_of_compliance", "clock_tolerance")


@dataclass(frozen=True)
class TlsPair:
    """The server's TLS certificate and key, both PEM."""

    certificate: str
    key: str


def keep_identity(ledger: SqlLedger, connection: Connection, identity: _core.ManagerIdentity) -> None:
    """Writes an identity; the signing key with it, so the ledger is as secret as the key."""
    update = identity.roots_update
    values = {
        "trust": _core.TrustFile(manager=identity.manager, roots=identity.roots).encode().decode(),
        "signing_certificate": identity.signing.certificate.pem,
        "signing_key": identity.signing.key.to_pem(),
        "state_key": base64.b64encode(identity.state_key).decode(),
        "logical_account": identity.logical_account,
        "roots_update": "" if update is None else _pair(update.trust_file, update.signature),
    }
    for name, value in values.items():
        ledger.set_setting(connection, name, value)


def _pair(first: bytes, second: bytes) -> str:
    return json.dumps([base64.b64encode(first).decode(), base64.b64encode(second).decode()])


def kept_identity(ledger: SqlLedger, connection: Connection) -> _core.ManagerIdentity:
    """Reads the identity. Raises ``InputError`` (not_found) for a ledger that was never initialized."""
    trust_text = ledger.setting(connection, "trust")
    if trust_text is None:
        message = "there is no manager in this ledger; make one with 'smartlic manager init'"
        raise InputError(message, "not_found", "after_change")
    trust = _core.TrustFile.decode(trust_text.encode())
    update = None
    if text := ledger.setting(connection, "roots_update"):
        trust_file, signature = (base64.b64decode(part) for part in json.loads(text))
        update = _core.RootsUpdate(trust_file=trust_file, signature=signature)
    return _core.ManagerIdentity(
        manager=trust.manager,
        roots=trust.roots,
        signing=_core.Signer(
            certificate=_core.Certificate.from_pem(_kept(ledger, connection, "signing_certificate")),
            key=_core.PrivateKey.from_pem(_kept(ledger, connection, "signing_key")),
        ),
        roots_update=update,
        state_key=base64.b64decode(_kept(ledger, connection, "state_key")),
        logical_account=_kept(ledger, connection, "logical_account"),
    )


def _kept(ledger: SqlLedger, connection: Connection, name: str) -> str:
    value = ledger.setting(connection, name)
    if value is None:
        raise InputError(f"the ledger has no {name}; it was not initialized to the end", "not_found", "after_change")
    return value


def keep_policy(ledger: SqlLedger, connection: Connection, policy: _core.ManagerPolicy) -> None:
    """Writes a policy; all its lengths of time in seconds."""
    names = (*_POLICY_DAYS, *_POLICY_SECONDS)
    content: dict[str, float | bool] = {name: getattr(policy, name).total_seconds() for name in names}
    content["refuse_forks"] = policy.refuse_forks
    ledger.set_setting(connection, "policy", json.dumps(content))


def kept_policy(ledger: SqlLedger, connection: Connection) -> _core.ManagerPolicy:
    """Reads the policy; the rules' own if none was set."""
    content = json.loads(ledger.setting(connection, "policy") or "{}")
    lengths = {name: timedelta(seconds=value) for name, value in content.items() if name != "refuse_forks"}
    return _core.ManagerPolicy(refuse_forks=content.get("refuse_forks", False), **lengths)


def changed_policy(policy: _core.ManagerPolicy, **changes: Any) -> _core.ManagerPolicy:
    """The same policy but for ``changes``."""
    names = (*_POLICY_DAYS, *_POLICY_SECONDS, "refuse_forks")
    return _core.ManagerPolicy(**{name: changes.get(name, getattr(policy, name)) for name in names})


def new_tls(root: _core.Signer, names: list[str], now: datetime, entropy: bytes) -> TlsPair:
    """A TLS certificate for these host names and addresses, by the root, so agents trust it by their trust file."""
    addresses = [name for name in names if _is_address(name)]
    key = _core.PrivateKey.generate("ES256")
    certificate = _core.issue_tls_server(
        root,
        key=key.public_key,
        dns_names=[name for name in names if name not in addresses],
        ip_addresses=addresses,
        serial="7f" + entropy[:15].hex(),
        not_before=now - timedelta(hours=1),
        not_after=now + TLS_LIFETIME,
    )
    return TlsPair(certificate.pem, key.to_pem())


def read_root(pem: str) -> _core.Signer:
    """The root's certificate and key from the file that `manager init` wrote. Raises ``InputError``."""
    marker = "-----BEGIN PRIVATE KEY-----"
    certificate, found, key = pem.partition(marker)
    if not found:
        raise InputError(
            "this is not the root key file that 'smartlic manager init' wrote", "invalid_argument", "never"
        )
    return _core.Signer(certificate=_core.Certificate.from_pem(certificate), key=_core.PrivateKey.from_pem(found + key))


def keep_tls(ledger: SqlLedger, connection: Connection, pair: TlsPair) -> None:
    """Writes the TLS pair."""
    ledger.set_setting(connection, "tls_certificate", pair.certificate)
    ledger.set_setting(connection, "tls_key", pair.key)


def _is_address(name: str) -> bool:
    import ipaddress

    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def kept_tls(ledger: SqlLedger, connection: Connection) -> TlsPair:
    """Reads the TLS pair. Raises ``InputError`` (not_found)."""
    return TlsPair(_kept(ledger, connection, "tls_certificate"), _kept(ledger, connection, "tls_key"))
