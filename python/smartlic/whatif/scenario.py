"""A scenario: one product's life, in a few lines (DESIGN 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from smartlic.errors import InputError
from smartlic.times import instant, stamp

__all__ = ["EXAMPLE", "LONGEST", "Scenario"]

Moment = str | date | datetime
# A key of the scenario, or a key and what is meant inside its value: ("outages", "0") is the first outage.
Place = tuple[str, ...]

LONGEST = timedelta(days=3653)
"""How long a simulation may be: ten years, half the life of the simulated manager's root."""

MOST_LICENCES = 10**9

EXAMPLE = """\
# A product that is registered and authorized; then the manager cannot be reached for four months.
# Times are UTC: 2026-03-01 or 2026-03-01T08:30Z. More keys: deregistered (a time), seed (a whole number).
enabled: 2026-01-01
registered: 2026-01-02
requested: {CUSP-5: 2}
purchased: {CUSP-5: 2}
outages:
  - [2026-03-01, 2026-07-01]
until: 2027-01-01
"""


class _Misfit(InputError):
    """A value that does not fit, and its place in the scenario."""

    def __init__(self, place: Place, expected: str) -> None:
        super().__init__(f"{place[0]}: {expected}", "invalid_argument", "never")
        self.place = place


@dataclass(frozen=True)
class Scenario:
    """What happens to one product. Times are dates, datetimes or ISO 8601 text; naive means UTC.

    enabled: when smart licensing is enabled (the evaluation starts, S1). registered: when it registers and requests;
    None for never. requested: short tag to count. purchased: short tag to count in the virtual account, perpetual.
    outages: (start, end) pairs in which the manager cannot be reached, the end not included. deregistered: when the
    registration is given back. until: where the simulation ends; a year after ``enabled`` if not given. seed: jitter
    and nonces (RULES E8).

    Raises ``InputError``, naming the key, for what cannot be read and for times that are not in that order.
    """

    enabled: Moment = "2026-01-01"
    registered: Moment | None = None
    requested: Mapping[str, int] = field(default_factory=dict)
    purchased: Mapping[str, int] = field(default_factory=dict)
    outages: Sequence[tuple[Moment, Moment]] = ()
    deregistered: Moment | None = None
    until: Moment | None = None
    seed: int = 1

    def __post_init__(self) -> None:
        for name in ("enabled", "registered", "deregistered", "until"):
            value = getattr(self, name)
            if value is not None or name == "enabled":
                object.__setattr__(self, name, _moment((name,), value))
        if self.until is None:
            object.__setattr__(self, "until", instant(self.enabled) + timedelta(days=365))
        object.__setattr__(self, "outages", _outages(self.outages))
        for name in ("requested", "purchased"):
            _check_counts(name, getattr(self, name))
        if isinstance(self.seed, bool) or not isinstance(self.seed, int):
            raise _Misfit(("seed",), f"expected a whole number, not {self.seed!r}")
        self._check_order()

    def _check_order(self) -> None:
        start, end = instant(self.enabled), instant(self.until or self.enabled)
        if not start < end <= start + LONGEST:
            expected = f"expected a time after enabled ({stamp(start)}), and at most ten years after it"
            raise _Misfit(("until",), f"{expected}, not {stamp(end)}")
        if self.registered is not None and instant(self.registered) < start:
            raise _Misfit(("registered",), f"expected a time not before enabled ({stamp(start)})")
        if self.deregistered is None:
            return
        if self.registered is None:
            raise _Misfit(("deregistered",), "expected 'registered' as well: what is to be given back?")
        if instant(self.deregistered) <= instant(self.registered):
            raise _Misfit(("deregistered",), f"expected a time after registered ({stamp(instant(self.registered))})")

    @classmethod
    def from_yaml(cls, text: str, source: str = "scenario") -> Scenario:
        """Reads YAML whose keys are the fields above. Raises ``InputError`` with line, key and what was expected."""
        from smartlic.whatif.document import read

        known = [each.name for each in fields(cls)]
        content, lines = read(text, source, known)
        try:
            return cls(**content)
        except _Misfit as error:
            line = lines.get(error.place, lines.get(error.place[:1], 1))
            raise InputError(f"{source} line {line}: {error}", error.code, error.retry) from error

    @classmethod
    def load(cls, path: str | Path) -> Scenario:
        """Reads a YAML file. Raises ``InputError``."""
        path = Path(path)
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise InputError(f"cannot read {path}: {error.strerror}", "not_found", "after_change") from error
        except UnicodeDecodeError as error:
            raise InputError(f"{path} is not UTF-8 text", "invalid_argument", "never") from error
        return cls.from_yaml(text, str(path))


def _moment(place: Place, value: Any) -> datetime:
    try:
        return instant(value)
    except InputError as error:
        raise _Misfit(place, f"expected a time such as 2026-03-01 or 2026-03-01T08:30Z, not {value!r}") from error


def _outages(pairs: Any) -> tuple[tuple[datetime, datetime], ...]:
    if not isinstance(pairs, Sequence) or isinstance(pairs, str):
        raise _Misfit(("outages",), f"expected a list of pairs [start, end], not {pairs!r}")
    return tuple(_outage(("outages", str(index)), pair) for index, pair in enumerate(pairs))


def _outage(place: Place, pair: Any) -> tuple[datetime, datetime]:
    if not isinstance(pair, Sequence) or isinstance(pair, str) or len(pair) != 2:
        raise _Misfit(place, f"expected a pair [start, end], not {pair!r}")
    start, end = _moment(place, pair[0]), _moment(place, pair[1])
    if end <= start:
        raise _Misfit(place, f"expected an end after the start, not {stamp(start)} to {stamp(end)}")
    return start, end


def _check_counts(name: str, counts: Any) -> None:
    """Tags are known to the catalogue, counts are what a request may have (S15)."""
    if not isinstance(counts, Mapping):
        raise _Misfit((name,), f"expected tags and counts such as {{CUSP-5: 2}}, not {counts!r}")
    if not counts:
        return
    from smartlic._core import Catalogue

    for tag, count in counts.items():
        if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MOST_LICENCES:
            raise _Misfit((name, str(tag)), f"expected a count from 1 to 10^9 for {tag}, not {count!r}")
        try:
            Catalogue().resolve(str(tag))
        except InputError as error:
            raise _Misfit((name, str(tag)), str(error)) from error
