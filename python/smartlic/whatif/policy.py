"""The parameters of both sides that a scenario may change: periods of the device, policy of the manager."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta
from typing import TYPE_CHECKING

from smartlic.errors import InputError
from smartlic.times import about, duration

if TYPE_CHECKING:
    from smartlic import _core

__all__ = ["Length", "Policy"]

Length = timedelta | str
"""A length of time: a timedelta, or text such as ``90d``, ``12h``, ``30m``."""

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_CENTURY = 36500 * _DAY

# What makes sense, field by field: the rules' clamps (E8), and what certificates can carry (M6: a signing certificate
# lives eight years and is rotated at two lives of an ID certificate left).
_RANGES = {
    "evaluation": (timedelta(seconds=1), _CENTURY),
    "authorization": (_MINUTE, _CENTURY),
    "certificate": (timedelta(hours=1), 1000 * _DAY),
    "renew": (_MINUTE, 1000 * _DAY),
    "retry_in_compliance": (_MINUTE, 30 * _DAY),
    "retry_out_of_compliance": (_MINUTE, 30 * _DAY),
    "retry_base": (timedelta(seconds=1), 30 * _DAY),
    "retry_max": (timedelta(seconds=1), 365 * _DAY),
    "late_renewal": (timedelta(0), _CENTURY),
}


@dataclass(frozen=True)
class Policy:
    """Lengths of time, as timedeltas or text such as ``90d``, and whether requests are jittered.

    evaluation: the evaluation period (E4). authorization: from an answer's ``start_date`` to its end (E5); device and
    manager agree on it. certificate: an ID certificate's life (E7). renew: its renewal is due this long after issuance,
    at half its life at the latest (E8). retry_in_compliance, retry_out_of_compliance: the next regular ask (E8, D7).
    retry_base, retry_max: the first and the largest window of the back-off (E8). jitter: regular asks come up to 5 %
    earlier and retries fall anywhere in their window (E8); without it both wait the whole time. late_renewal: how long
    after its end a certificate may still be renewed (E7); 0: never.

    Raises ``InputError``, naming the field, for what is no length of time or outside what the rules allow.
    """

    evaluation: Length = 90 * _DAY
    authorization: Length = 90 * _DAY
    certificate: Length = 360 * _DAY
    renew: Length = 180 * _DAY
    retry_in_compliance: Length = 30 * _DAY
    retry_out_of_compliance: Length = timedelta(hours=12)
    retry_base: Length = _MINUTE
    retry_max: Length = timedelta(hours=12)
    jitter: bool = True
    late_renewal: Length = timedelta(0)

    def __post_init__(self) -> None:
        if not isinstance(self.jitter, bool):
            raise _misfit("jitter", f"expected true or false, not {self.jitter!r}")
        for each in fields(self):
            if each.name != "jitter":
                object.__setattr__(self, each.name, _length(each.name, getattr(self, each.name)))

    def periods(self) -> _core.Periods:
        """The device's side (RULES E)."""
        from smartlic import _core

        return _core.Periods(
            evaluation=self.evaluation,
            authorization=self.authorization,
            retry_base=self.retry_base,
            retry_max=self.retry_max,
            full_jitter=self.jitter,
            **({} if self.jitter else {"jitter_percent": 0}),
        )

    def manager(self) -> _core.ManagerPolicy:
        """The manager's side: what an administrator sets."""
        from smartlic import _core

        return _core.ManagerPolicy(
            certificate=duration(self.certificate),
            authorization=duration(self.authorization),
            renew_interval=duration(self.renew),
            retry_in_compliance=duration(self.retry_in_compliance),
            retry_out_of_compliance=duration(self.retry_out_of_compliance),
            late_renewal=duration(self.late_renewal),
        )


def _length(name: str, value: Length) -> timedelta:
    try:
        length = duration(value)
    except InputError as error:
        raise _misfit(name, f"expected a length of time such as 90d, 12h or 30m, not {value!r}") from error
    least, most = _RANGES[name]
    if not least <= length <= most:
        given = about(value) if isinstance(value, timedelta) else value
        raise _misfit(name, f"expected {about(least)} to {about(most)}, not {given}")
    return timedelta(milliseconds=length // timedelta(milliseconds=1))


def _misfit(name: str, expected: str) -> InputError:
    return InputError(f"{name}: {expected}", "invalid_argument", "never")
