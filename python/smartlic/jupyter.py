"""How compiled types look in a notebook; their modules are dressed when the public face first loads them."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smartlic._core import Certificate
    from smartlic._gate import Decision

__all__ = ["dress"]


def dress(module: ModuleType) -> None:
    """Gives the types of ``smartlic._gate`` or ``smartlic._core`` their ``_repr_html_``; again changes nothing."""
    for name, show in (("Decision", _decision), ("Certificate", _certificate)):
        if (shown := getattr(module, name, None)) is not None:
            shown._repr_html_ = show


def _decision(decision: Decision) -> str:
    """What became of a call, and why (C5)."""
    from smartlic.pictures.html import table

    why = {"mode": "the mode allows none", "rate": "the licensed rate is exceeded", "limit_zero": "nothing is licensed"}
    rows: list[tuple[str, Any]] = [
        ("mode", decision.mode.name),
        ("limit", "no rate check" if decision.limit is None else f"{decision.limit} calls per second"),
        ("average", f"{decision.average.per_second:.2f} calls per second over {decision.average.window}"),
    ]
    if decision.admitted:
        return table("Admitted", (), rows)
    rows.append(("SIP status", decision.sip_status))
    if decision.retry_after is not None:
        rows.append(("Retry-After", f"{decision.retry_after} s"))
    return table(f"Rejected: {why[decision.reason or 'mode']}", (), rows)


def _certificate(certificate: Certificate) -> str:
    """Who it is, who signed it how, and when it holds."""
    from smartlic.pictures.html import table
    from smartlic.times import stamp

    kind = "Certificate authority" if certificate.is_ca else "Certificate"
    rows = (
        ("common name", certificate.common_name),
        ("product", certificate.subject_serial_number),
        ("UUID", certificate.uuid),
        ("serial number", certificate.serial),
        ("valid from", stamp(certificate.not_before)),
        ("until", stamp(certificate.not_after)),
        ("signed with", certificate.signature_algorithm),
        ("fingerprint (SHA-256)", certificate.fingerprint.hex(":")),
    )
    title = f"{kind} of {certificate.common_name}, until {stamp(certificate.not_after)}"
    return table(title, (), [(name, value) for name, value in rows if value])
