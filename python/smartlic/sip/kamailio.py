"""The gate inside Kamailio's workers, by its module app_python3 (docs/SIP.md has the whole of it).

A script that Kamailio loads::

    from smartlic.sip.kamailio import Gate

    def mod_init():
        return Gate("/run/cusp/gate")

and in the configuration, for each initial INVITE::

    if (!python_exec("admit")) {
        if ($var(retry_after) > 0) append_to_reply("Retry-After: $var(retry_after)\\r\\n");
        sl_send_reply("$var(sip_status)", "Call Not Licensed");
        exit;
    }

Importing this loads neither OpenSSL nor libcurl and starts no thread; nothing stays open until a worker is forked.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from smartlic._gate import Decision, GateObserver, GateWorker

__all__ = ["Gate"]

_ADMITTED, _REJECTED = 1, -1
"""What python_exec may be given: 0, False and None end the script without an answer to the call."""


class Gate:
    """What ``mod_init`` returns. ``path``: the gate file; ``log``: as for ``GateWorker.open``.

    Raises ``SmartlicError`` if the file cannot be used, so that Kamailio does not start with calls going unlicensed.
    """

    def __init__(self, path: str | Path, *, log: str | Path | None = None) -> None:
        GateObserver.open(path)  # and closed again: before the fork
        self._path, self._log = path, log
        self._worker: GateWorker | None = None
        self._kamailio: Any = None

    def child_init(self, rank: int) -> int:
        """Called by Kamailio in each of its processes; opens the gate in those that take messages."""
        if rank > 0:
            self._worker = GateWorker.open(self._path, log=self._log)
            self._kamailio = importlib.import_module("KSR")
        return 0

    def admit(self, _message: object) -> int:
        """Counts an initial INVITE and decides on it: 1 lets it through, -1 rejects it.

        A rejected call finds its status in ``$var(sip_status)`` and the value of Retry-After, or 0 for none, in
        ``$var(retry_after)``. An error rejects the call with 503 and is written to Kamailio's log.
        """
        try:
            assert self._worker is not None, "no gate is open in this process"
            decision = self._worker.decide()
            if decision.admitted:
                return _ADMITTED
            self._reject(self._worker, decision)
        except Exception as error:
            self._fail(error)
        return _REJECTED

    def _reject(self, worker: GateWorker, decision: Decision) -> None:
        variables = self._kamailio.pv
        variables.seti("$var(sip_status)", decision.sip_status)
        variables.seti("$var(retry_after)", decision.retry_after or 0)
        if worker.logging:
            call = (variables.get(name) or "" for name in ("$ci", "$fu", "$tu"))
            worker.log(decision, *call)

    def _fail(self, error: Exception) -> None:
        if self._kamailio is None:
            self._kamailio = importlib.import_module("KSR")
        self._kamailio.pv.seti("$var(sip_status)", 503)
        self._kamailio.pv.seti("$var(retry_after)", 0)
        self._kamailio.err(f"smartlic: a call is rejected, as it cannot be decided: {type(error).__name__}: {error}\n")
