"""What JSON says of a standing, whatever it was read from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from smartlic.explain import Explanation
from smartlic.logs.judgement import mode_at
from smartlic.logs.standing import Standing
from smartlic.times import iso

__all__ = ["answer_of"]


def answer_of(known: Standing, told: Explanation, now: datetime) -> dict[str, Any]:
    """The answer, and the facts that it is made of."""
    left = known.evaluation_left
    return {
        "answer": told.answer,
        "lines": told.lines,
        "advice": told.advice,
        "level": told.level,
        "now": iso(now),
        "mode": mode_at(known, now),
        "since": iso(known.since or known.authorized),
        "calls_stop": iso(told.calls_stop),
        "authorization": {"start": iso(known.authorized), "end": iso(known.authorization_end)},
        "out_of_compliance": known.out_of_compliance,
        "requested": dict(known.requested),
        "cps": known.cps,
        "certificate": {
            "issued": iso(known.certificate),
            "renewal": iso(known.renewal),
            "end": iso(known.certificate_end),
        },
        "evaluation_left_s": None if left is None else left.total_seconds(),
        "next_request": iso(known.next_request),
        "trouble": known.trouble,
        "refused": known.refused,
        "concerns": known.concerns,
        "seen": iso(known.seen),
    }
