"""An agent's facts as plain values and as a situation to explain."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from smartlic import _core
from smartlic.explain import Change, Situation

__all__ = ["Status", "next_request", "situation_of", "stored_facts"]


class Status(dict[str, Any]):
    """All that is known of an agent, as plain types; a notebook shows it as a table."""

    def _repr_html_(self) -> str:
        from smartlic.pictures.html import table
        from smartlic.times import stamp

        def shown(value: Any) -> Any:
            if isinstance(value, datetime):
                return stamp(value)
            if isinstance(value, Mapping):
                return ", ".join(f"{name.replace('_', ' ')}: {shown(inner)}" for name, inner in value.items())
            return "; ".join(map(str, map(shown, value))) if isinstance(value, list) else value

        title = f"Mode {self['mode']}" + (f" since {stamp(self['mode_since'])}" if self["mode_since"] else "")
        rows = [(name.replace("_", " "), shown(value)) for name, value in self.items() if name != "recent"]
        return table(title, (), [(name, value) for name, value in rows if value not in (None, "")])


def stored_facts(core: _core.Agent) -> dict[str, Any]:
    """The status without what runs by itself between two looks: ends are shown instead of time used (DESIGN 2)."""
    status = dict(core.status())
    del status["licensing_time"]
    del status["next_deadline"]  # with the hourly save (T1) in it, which each look puts off
    evaluation = status["evaluation"]
    if evaluation["end"] is not None:
        status["evaluation"] = {"period": evaluation["period"], "end": evaluation["end"]}
    return status


def situation_of(core: _core.Agent) -> Situation:
    """What there is to explain about an agent at its last input."""
    status = core.status()
    now: datetime = status["licensing_time"]
    pending = {each["kind"]: each["due"] for each in status["pending"]}
    evaluation = status["evaluation"]
    certificate = status["certificate"]
    return Situation(
        now=now,
        mode=status["mode"],
        since=status["mode_since"],
        cause=status["mode_cause"],
        registered=status["registered"],
        registering="registration" in pending,
        deregistering="deregistration" in pending,
        requested=status["requesting"],
        coming=tuple(Change(each["at"], each["after"], each["cause"]) for each in status["coming"]),
        next_request=next_request(status),
        evaluation_left=max(timedelta(0), evaluation["period"] - evaluation["used"]),
        certificate_end=certificate["not_after"] if certificate else None,
        communication_lost=status["communication_lost"],
        registration_error=_last_code(status, "registration_failed", "registered"),
        refused=_last_code(status, "refused", "authorized"),
    )


def next_request(status: Mapping[str, Any]) -> datetime | None:
    """When the agent of this ``status()`` sends its next request; None if it has none to send."""
    pending: dict[str, datetime] = {each["kind"]: each["due"] for each in status["pending"]}
    kinds = ["registration", "renewal"]
    if status["registered"] and status["requesting"]:
        kinds.append("authorization")
    if "deregistration" in pending:
        kinds = ["deregistration"]  # nothing else is sent until the manager has confirmed it
    due = [pending[kind] for kind in kinds if kind in pending]
    return min(due) if due and status["enabled"] else None


def _last_code(status: Mapping[str, Any], bad: str, good: str) -> str | None:
    """The code of the last ``bad`` event, unless a ``good`` one came after it."""
    for event in reversed(status["recent"]):
        if event["kind"] == good:
            return None
        if event["kind"] == bad:
            return str(event["code"])
    return None
