"""A scenario: one product's life, in a few lines (DESIGN 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from smartlic.errors import InputError
from smartlic.times import instant

__all__ = ["EXAMPLE", "Scenario"]

Moment = str | date | datetime

EXAMPLE = """\
# A product that is registered and authorized; then the manager cannot be reached for four months.
enabled: 2026-01-01
registered: 2026-01-02
requested: {CUSP-5: 2}
purchased: {CUSP-5: 2}
outages:
  - [2026-03-01, 2026-07-01]
until: 2027-01-01
"""


@dataclass(frozen=True)
class Scenario:
    """What happens to one product. Times are dates, datetimes or ISO 8601 text; naive means UTC.

    enabled: when smart licensing is enabled (the evaluation starts, S1). registered: when it registers; None for never.
    requested: short tag to count. purchased: short tag to count in the virtual account, perpetual. outages: (start, end)
    pairs in which the manager cannot be reached. deregistered: when the registration is given back. until: where the
    simulation ends; a year after ``enabled`` if not given. seed: jitter and nonces (RULES E8).

    Raises ``InputError`` for a time that cannot be read, an outage that ends before it starts, or a count below 1.
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
        start = instant(self.enabled)
        object.__setattr__(self, "enabled", start)
        for name in ("registered", "deregistered"):
            value = getattr(self, name)
            object.__setattr__(self, name, None if value is None else instant(value))
        object.__setattr__(self, "until", start + timedelta(days=365) if self.until is None else instant(self.until))
        object.__setattr__(self, "outages", tuple(_outage(pair) for pair in self.outages))
        for counts in (self.requested, self.purchased):
            for tag, count in counts.items():
                if not isinstance(count, int) or isinstance(count, bool) or count < 1:
                    raise InputError(f"the count of {tag} is {count!r}, not 1 or more", "invalid_argument", "never")

    @classmethod
    def from_yaml(cls, text: str, source: str = "scenario") -> Scenario:
        """Reads YAML whose keys are the fields above. Raises ``InputError`` with line, key and what was expected."""
        import yaml

        try:
            content = yaml.safe_load(text)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            where = f" line {mark.line + 1}" if mark else ""
            message = f"{source}{where}: this is not YAML: {getattr(error, 'problem', error)}"
            raise InputError(message, "invalid_argument", "never") from error
        if not isinstance(content, dict):
            raise InputError(f"{source}: expected keys such as enabled, registered, requested", "invalid_argument", "never")
        known = [each.name for each in fields(cls)]
        for key in content:
            if key not in known:
                message = f"{source} line {_line_of(text, str(key))}: unknown key '{key}'; known: {', '.join(known)}"
                raise InputError(message, "invalid_argument", "never")
        try:
            return cls(**_checked(content))
        except InputError as error:
            raise InputError(f"{source}: {error}", error.code, error.retry) from error

    @classmethod
    def load(cls, path: str | Path) -> Scenario:
        """Reads a YAML file. Raises ``InputError``."""
        path = Path(path)
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"cannot read {path}: {error}", "not_found", "after_change") from error
        return cls.from_yaml(text, str(path))


def _outage(pair: Any) -> tuple[datetime, datetime]:
    if not isinstance(pair, Sequence) or isinstance(pair, str) or len(pair) != 2:
        raise InputError(f"the outage {pair!r} is not a pair [start, end]", "invalid_argument", "never")
    start, end = instant(pair[0]), instant(pair[1])
    if end <= start:
        raise InputError(f"the outage {pair[0]} to {pair[1]} ends before it starts", "invalid_argument", "never")
    return start, end


def _checked(content: dict[str, Any]) -> dict[str, Any]:
    for name in ("requested", "purchased"):
        if name in content and not isinstance(content[name], dict):
            raise InputError(f"'{name}' is not a mapping such as {{CUSP-5: 2}}", "invalid_argument", "never")
    if "outages" in content and not isinstance(content["outages"], list):
        raise InputError("'outages' is not a list of pairs [start, end]", "invalid_argument", "never")
    if "seed" in content and not isinstance(content["seed"], int):
        raise InputError("'seed' is not a whole number", "invalid_argument", "never")
    return content


def _line_of(text: str, key: str) -> int:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith((f"{key}:", f"'{key}':", f'"{key}":')):
            return number
    return 1
