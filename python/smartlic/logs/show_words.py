"""What the words of a `show license` mean in the rules' terms: states, outcomes, and who said no."""

from __future__ import annotations

import re
from typing import Literal

__all__ = ["Kind", "advice_for", "authorization_kind", "is_refusal", "is_registered", "outcome"]

Kind = Literal["authorized", "out of compliance", "reserved", "expired", "evaluating", "evaluation expired", "none"]

# In this order: the first that matches.
_KINDS: dict[Kind, str] = {
    "none": "NO LICENSES? IN USE|NOT APPLICABLE|NOT AUTHORI[SZ]ED.*|UNAUTHORI[SZ]ED|PENDING.*|WAITING.*|NONE",
    "evaluation expired": "EVAL(UATION)?( PERIOD| MODE)?( HAS)? EXPIRED",
    "evaluating": "EVAL(UATION)?( MODE| PERIOD)?",
    "expired": "AUTH(ORI[SZ]ATION)?( PERIOD)?( HAS)? EXPIRED",
    "out of compliance": "OUT ?OF ?COMPLIANCE.*|OOC",
    "reserved": "AUTHORI[SZ]ED RESERVED.*",
    "authorized": "AUTHORI[SZ]ED.*|IN ?COMPLIANCE",
}

_UNREGISTERED = re.compile(
    "UN ?REGISTERED.*|NOT REGISTERED.*|UNIDENTIFIED.*|UNCONFIGURED.*|REGISTERING.*|REGISTRATION (PENDING|IN PROGRESS).*"
    "|PENDING.*|RESERVATION IN PROGRESS.*|REGISTERED.*(EXPIRED|PENDING|IN PROGRESS).*|REGISTRATION (FAILED|EXPIRED).*"
)

# The network's failures, and answers that did not hold (E6): whatever else such a reason says, the manager said nothing
# that counts. A proxy's denial, a refused connection and a server's certificate are among them.
_UNHEARD = re.compile(
    r"http|prox(?:y|ies)|\bssl\b|\btls\b|\bdns\b|resolv|connect|time[d -]*out|unreachable|socket|network|\broute\b"
    r"|call[ -]?home|communication|\bsend\b|\breceiv|server (?:error|certificate)|unknown host|transport"
    r"|certificate date|do(?:es)? not match|signature"
    r"|trust|invalid response|parse|gateway|internal error|busy|unavailable|wait(?:ing)? for",
    re.IGNORECASE,
)
_UNSOUND = re.compile(r"signature|certificate date|certificate (?:is )?(?:not yet valid|expired)", re.IGNORECASE)
_REFUSED = re.compile(
    r"token\b.*\b(?:invalid|expired|not valid|revoked|unknown|not found|used|exceeded|exhausted|deleted)"
    r"|(?:invalid|expired|revoked|unknown|used)\b.*\btoken\b"
    r"|\bun-?authori[sz]ed|\bnot (?:been )?(?:authori[sz]ed|entitled|allowed|permitted)|\bdenied|\brefused|\brejected"
    r"|\bremoved|\brevoked|\bdeleted|\bblocked|\bdisabled by|\balready (?:been )?registered|\bno longer registered",
    re.IGNORECASE,
)


def authorization_kind(status: str) -> Kind | None:
    """What a printed authorization status means; None for words that are not known."""
    words = _plain(status)
    return next((kind for kind, pattern in _KINDS.items() if re.fullmatch(pattern, words)), None)


def is_registered(status: str) -> bool | None:
    """Whether a product with this status holds an ID certificate that is in force (E7); None for unknown words."""
    words = _plain(status)
    if _UNREGISTERED.fullmatch(words):
        return False
    return True if words.startswith("REGISTERED") else None


def outcome(word: str) -> tuple[bool, bool | None]:
    """Whether the word is known, and whether it says that an attempt succeeded; None if it is still to be made."""
    words = _plain(word)
    if re.fullmatch("SUCC(ESS|EEDED|ESSFUL)", words):
        return True, True
    if re.fullmatch("FAIL(ED|URE)?", words):
        return True, False
    return re.fullmatch(
        "(FIRST ATTEMPT )?PENDING|IN PROGRESS|NOT (YET )?(ATTEMPTED|STARTED)|NONE", words
    ) is not None, None


def is_refusal(reason: str) -> bool:
    """Whether a reason says that the manager itself said no. In doubt it did not: a network refuses nothing (E6)."""
    return _UNHEARD.search(reason) is None and _REFUSED.search(reason) is not None


def advice_for(reason: str) -> str | None:
    """What to do about a failed attempt; None where the network is what to look at."""
    if is_refusal(reason):
        if "token" in reason.lower():
            return "register again with a new token of the virtual account (license smart register idtoken TOKEN)"
        return "have the manager's administrator mend what it refused, then ask again (license smart renew auth)"
    if _UNSOUND.search(reason):
        return "see that the device's clock is right and its root certificates are up to date: the answer did not hold"
    return None


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^A-Z]+", " ", text.upper()).split())
