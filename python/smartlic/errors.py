"""The exceptions of smartlic: five classes, by whose fault it is, and one ``code`` a row of the error table.

Outcomes that are normal (a rejected call, a refused request) are values and raise nothing. The table's rows are in
``smartlic._gate.error_table()``: each code with its sentence, class, whether to retry, and the attack or accident that
it stops.
"""

from __future__ import annotations

__all__ = ["InputError", "SmartlicError", "StateError", "StorageError", "TransportError", "TrustError"]


class SmartlicError(Exception):
    """What all errors of smartlic have in common; its text says what happened, why, and what to do next.

    ``code`` is the row of the error table (``"invalid_argument"``); branch on it, never on the text. ``retry`` says
    whether the same call may be made again: ``"never"``, ``"after_change"``, ``"later"`` or ``"at_once"``.
    """

    code: str
    retry: str

    def __init__(self, message: str, code: str = "internal", retry: str = "later") -> None:
        super().__init__(message)
        self.code = code
        self.retry = retry


class InputError(SmartlicError, ValueError):
    """What the caller gave is outside what the call accepts."""


class TrustError(SmartlicError):
    """A message, certificate or signature does not hold; nothing was changed by it."""


class StateError(SmartlicError):
    """The present state of agent or manager does not allow it."""


class TransportError(SmartlicError):
    """The manager could not be reached or did not answer; a licence is never lost by that alone."""


class StorageError(SmartlicError):
    """A file or database could not be read or written, or is damaged; what was there is unchanged."""
