"""Why a request failed, from what the log says of it: the cause in words, and whether the manager itself refused.

A network fault is never shown as an invalid licence (DESIGN 2, E6).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["REACH", "Cause", "cause_of"]


@dataclass(frozen=True)
class Cause:
    """code: for programs; words: what happened; advice: what to do; refused: the manager said no (M9), and it is no
    matter of reaching it; silent: the manager was not heard of (E6)."""

    code: str
    words: str
    advice: str
    refused: bool = False

    @property
    def silent(self) -> bool:
        """Whether the manager was not heard of."""
        return not self.refused and self.code not in ("unknown", "storage")


REACH = "see that the device reaches the manager: name resolution, route, firewall, proxy"
_TOKEN = "make a new registration token at the manager and register with it"

# The first that fits decides, so what is special comes before what is general.
_CAUSES: tuple[tuple[str, Cause], ...] = (
    (
        r"unknown ?host|name or service not known|cannot resolve|could not resolve|no such host|dns|nodename",
        Cause(
            "name_unresolved",
            "the manager's name could not be resolved",
            "see the device's DNS servers and the manager's URL",
        ),
    ),
    (
        r"\b407\b|proxy (?:auth|refus|return|den|error|fail|connect)|(?:through|via|by) (?:a |the )?proxy",
        Cause(
            "proxy", "the proxy did not let it through", "see the proxy's address, port and credentials on the device"
        ),
    ),
    (
        r"not ?yet ?valid|certificate ?(?:has )?expired|certificateexpired|validity|clock",
        Cause(
            "dates",
            "a certificate was not valid at the device's time",
            "see the device's clock (NTP), then the manager's certificate",
        ),
    ),
    (
        r"\bssl|\btls|handshake|pkix|certification path|x509|untrusted|self.signed",
        Cause(
            "tls",
            "the TLS connection to the manager was not trusted",
            "see the device's trusted roots, and proxies that terminate TLS",
        ),
    ),
    (
        r"connection ?refused|connectexception",
        Cause(
            "connection_refused",
            "nothing answered at the manager's address",
            "see the manager's URL and port, and that it runs",
        ),
    ),
    (
        r"timed? ?-?out|sockettimeout|no (?:answer|response)",
        Cause("timed_out", "the manager did not answer in time", REACH),
    ),
    (
        (
            r"unreachable|no ?route|network is down|connection ?reset|broken ?pipe|comm(?:unication)? ?(?:fail|error)|"
            r"(?:cannot|could not|failed to) connect|connect(?:ion)? (?:failed|denied)|socket|firewall|http message"
        ),
        Cause("unreachable", "the manager could not be reached", REACH),
    ),
    (
        r"\bhttp\S*\D[45]\d\d\b|\bstatus\D{0,10}[45]\d\d\b|service unavailable|bad gateway|server error|busy",
        Cause(
            "http",
            "the manager, or something before it, answered with an HTTP error",
            "see the manager's URL and proxies; the device asks again by itself",
        ),
    ),
    (
        r"unexpected token|nonce|signature|malformed|parse|invalid response|unexpected response|json|xml",
        Cause(
            "invalid_answer",
            "an answer was no valid one",
            "see what is between device and manager: such an answer changes nothing (E6)",
        ),
    ),
    (
        r"no space left|\bdisk|read.only file|permission denied|file ?not ?found|i/?o ?exception",
        Cause("storage", "the device could not use its own files", "see the device's disk, and who owns its files"),
    ),
    (r"\btoken\b", Cause("token", "the registration token was not accepted", _TOKEN, refused=True)),
    (
        r"denied|not ?authori[sz]ed|not allowed|revoked|rejected|instance (?:was )?(?:removed|not found|blocked)",
        Cause(
            "refused",
            "the manager refused",
            "have the administrator of the virtual account look at the product instance",
            refused=True,
        ),
    ),
)
_COMPILED = tuple((re.compile(pattern, re.IGNORECASE), cause) for pattern, cause in _CAUSES)
_UNKNOWN = Cause("unknown", "the log does not say why", "read the line, and those around it")


def cause_of(text: str) -> Cause:
    """The cause that a failure's text names; what stands before the message (thread, file, logger) tells of none."""
    text = text.partition(" - ")[2] or text
    return next((cause for pattern, cause in _COMPILED if pattern.search(text)), _UNKNOWN)
