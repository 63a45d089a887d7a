"""The gate inside Kamailio's workers, by its module app_python3 (docs/SIP.md has the whole of it).

A script that Kamailio loads::

    from smartlic.sip.kamailio import Gate

    def mod_init():
        return Gate("/run/cusp/gate")

and in the configuration, for each initial INVITE::

    if (!python_exec("admit")) {
        $var(rejected) = 0 - $rc;    # 1000 x Retry-After + status
        $var(retry_after) = $var(rejected) / 1000;
        $var(status) = $var(rejected) mod 1000;
        if ($var(retry_after) > 0) append_to_reply("Retry-After: $var(retry_after)\\r\\n");
        sl_send_reply("$var(status)", "Call Not Licensed");
        exit;
    }

Importing this loads neither OpenSSL nor libcurl and starts no thread; nothing stays open until a worker is forked.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from smartlic._gate import GateObserver, GateWorker

__all__ = ["Gate"]

_UNDECIDED = -503


class Gate:
    """What ``mod_init`` returns. ``path``: the gate file; ``log``: as for ``GateWorker.open``.

    Raises ``SmartlicError`` if the file cannot be used, so that Kamailio does not start with calls going unlicensed.
    """

    def __init__(self, path: str | Path, *, log: str | Path | None = None) -> None:
        GateObserver.open(path)  # and closed again: before the fork
        self._path, self._log = path, log
        self._decide: Callable[[object], int] = _undecided

    def child_init(self, rank: int) -> int:
        """Called by Kamailio in each of its processes; opens the gate in those that take messages."""
        if rank > 0:
            worker = GateWorker.open(self._path, log=self._log)
            self._decide = worker.handler(partial(_tell, worker))
            if type(self).admit is Gate.admit:
                vars(self)["admit"] = self._decide  # which Kamailio then calls: a frame less in each call
        return 0

    def admit(self, message: object) -> int:
        """Counts an initial INVITE and decides on it: 1 lets it through, a negative number rejects it.

        The number is that of ``GateWorker.ask``. An error rejects the call with 503 and is written to Kamailio's log.
        """
        # python_exec is never given 0, False or None: they end the script without an answer to the call.
        return self._decide(message)


def _tell(worker: GateWorker, error: str | None) -> None:
    """Logs the call that was rejected, or says why it could not be decided."""
    if error is None:
        worker.log(*(_kamailio().pv.get(name) or "" for name in ("$ci", "$fu", "$tu")))
    else:
        _kamailio().err(f"smartlic: a call is rejected, as it cannot be decided: {error}\n")


def _undecided(_message: object) -> int:
    _kamailio().err("smartlic: a call is rejected, as no gate is open in this process\n")
    return _UNDECIDED


def _kamailio() -> Any:
    """What app_python3 gives scripts; it is there only within Kamailio."""
    return importlib.import_module("KSR")
