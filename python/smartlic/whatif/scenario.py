"""A scenario: one product's life, in a few lines (DESIGN 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartlic.times import instant
from smartlic.whatif.fields import READERS
from smartlic.whatif.order import LONGEST, check_order
from smartlic.whatif.policy import Policy
from smartlic.whatif.reading import Misfit, Moment
from smartlic.whatif.traffic import Traffic, read_traffic

if TYPE_CHECKING:
    from smartlic.agent.ports import Clock

__all__ = ["EXAMPLE", "LONGEST", "Scenario"]

EXAMPLE = """\
# A product that is registered and authorized; then the manager cannot be reached for four months.
# Times are UTC: 2026-03-01 or 2026-03-01T08:30Z.
enabled: 2026-01-01
registered: 2026-01-02
requested: {CUSP-5: 2}
purchased: {CUSP-5: 2}
outages:
  - [2026-03-01, 2026-07-01]
until: 2027-01-01
# More that may happen; take the '#' of a line away to try it:
# traffic: {cps: 8, bursts: [{at: 2026-02-01T09:00, for: 20m, cps: 30}]}
# refusals: [{from: 2026-08-01, until: 2026-09-01, code: entitlement_denied}]
# restarts: [[2026-02-02, 2026-02-03T12:00]]
# clock_jumps: [{at: 2026-02-02T06:00, by: 200d}]
# disabled: [[2026-08-01, 2026-08-02]]
# deregistered: 2026-10-01
# registered_again: [2026-10-02]
# token: {uses: 1}
# root_swap: {published: 2026-02-01, used: 2026-05-01}
# policy: {authorization: 120d, retry_in_compliance: 10d}
# seed: 2
"""

Counts = Mapping[str, int]
Entries = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Scenario:
    """What happens to one product. Times are dates, datetimes or ISO 8601 text; naive means UTC. The keys of YAML are
    these fields; entries of lists are mappings in Python too.

    The product: enabled: when smart licensing is enabled (the evaluation starts, S1). registered: when it registers
    and requests; None for never; registered_again: later times. requested: short tag to count; or entries ``{at, tag:
    count, ...}``, each in place of the one before, the first at ``registered`` unless it says otherwise. disabled:
    (start, end) pairs in which smart licensing is disabled (E9). deregistered: when the registration is given back.

    The manager: purchased: short tag to count, perpetual; or entries ``{from, until, tag: count, ...}`` that add up,
    each time optional (P1). outages: (start, end) pairs in which it cannot be reached, the end not included. refusals:
    ``{from, until, code}``, a code of the error table that has an effect (M9); for ``instance_removed`` and
    ``certificate_revoked``, which are one act, without ``until``. token: ``{expires, uses, revoked}`` of the one
    registration token: when it expires, how many registrations it is good for (without limit if not given), when it is
    revoked. root_swap: ``{published, used}``: when a new root is published, and when the manager begins to sign under
    it (M2); or the first, the second being 90 days later.

    The machine: clock_jumps: ``{at, by}``: the wall clock is moved by a length such as ``2d`` or ``-90m`` (T4).
    restarts: (down, up) pairs in which the machine is off (T1); calls are decided by the last plan of the gate (C6).
    restored: ``{at, to}``: at ``at`` it is set back to the snapshot of ``to`` and starts anew (M11).

    The rest: traffic: CPS, or a mapping of ``Traffic``'s fields, or ``{file: CSV}``, or an array of arrival times.
    gate: ``averaged`` (S10) or ``immediate`` (S9). policy: a ``Policy``, or a mapping of its fields. start: the state
    that it begins in, instead of a new product: ``{at, evaluation_used, certificate, authorized, out_of_compliance}``:
    the time of that state, which takes the place of ``enabled``; the evaluation used; when the ID certificate was
    issued and the authorization granted, if they are held; and what the grant said. until: where the simulation ends;
    a year after ``enabled`` if not given. seed: jitter and nonces (RULES E8).

    Raises ``InputError``, naming the place, for what cannot be read and for times that are not in that order.
    """

    enabled: Moment = "2026-01-01"
    registered: Moment | None = None
    requested: Counts | Entries = field(default_factory=dict)
    purchased: Counts | Entries = field(default_factory=dict)
    outages: Sequence[tuple[Moment, Moment]] = ()
    refusals: Entries = ()
    clock_jumps: Entries = ()
    restarts: Sequence[tuple[Moment, Moment]] = ()
    restored: Entries = ()
    token: Mapping[str, Any] = field(default_factory=dict)
    root_swap: Mapping[str, Any] | Moment | None = None
    disabled: Sequence[tuple[Moment, Moment]] = ()
    deregistered: Moment | None = None
    registered_again: Sequence[Moment] = ()
    traffic: Traffic | Any = None
    gate: str = "averaged"
    policy: Policy | Any = field(default_factory=Policy)
    start: Mapping[str, Any] | None = None
    until: Moment | None = None
    seed: int = 1

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if value is not None or each.default is not None:
                object.__setattr__(self, each.name, READERS[each.name]((each.name,), value))
        if self.start is not None:
            object.__setattr__(self, "enabled", self.start["at"])
        if self.until is None:
            object.__setattr__(self, "until", instant(self.enabled) + timedelta(days=365))
        check_order(self)

    @property
    def requests_from(self) -> datetime | None:
        """When the product is registered first: at ``registered``, or from the start; None if never."""
        first = self.registered or (self.enabled if self.start and "certificate" in self.start else None)
        return None if first is None else instant(first)

    @property
    def authorized_before(self) -> bool:
        """Whether it starts with an authorization; then the first of its requests was made before."""
        return self.start is not None and "authorized" in self.start

    @property
    def requests(self) -> tuple[tuple[datetime, Counts], ...]:
        """What is requested, and from when on."""
        first = self.requests_from
        if isinstance(self.requested, Mapping):
            return ((first, self.requested),) if first and (self.requested or self.authorized_before) else ()
        return tuple(
            (entry.get("at", first), {name: count for name, count in entry.items() if name != "at"})
            for entry in self.requested
        )

    @property
    def purchases(self) -> tuple[tuple[str, int, datetime | None, datetime | None], ...]:
        """Tag, count, and the times from and until when they are valid; None: from the beginning, without end."""
        entries: Entries = [self.purchased] if isinstance(self.purchased, Mapping) else self.purchased
        return tuple(
            (name, count, entry.get("from"), entry.get("until"))
            for entry in entries
            for name, count in entry.items()
            if name not in ("from", "until")
        )

    @classmethod
    def from_yaml(cls, text: str, source: str = "scenario", folder: Path | None = None) -> Scenario:
        """Reads YAML whose keys are the fields above; ``folder`` is where files that it names are looked for.

        Raises ``InputError`` with line, place and what was expected.
        """
        from smartlic.whatif.document import located, read

        known = [each.name for each in fields(cls)]
        content, lines = read(text, source, known)
        try:
            if "traffic" in content:
                content["traffic"] = read_traffic(("traffic",), content["traffic"], folder)
            return cls(**content)
        except Misfit as error:
            raise located(error, source, lines) from error

    @classmethod
    def load(cls, path: str | Path) -> Scenario:
        """Reads a YAML file; files that it names are relative to it. Raises ``InputError``."""
        from smartlic.whatif.document import text_of

        path = Path(path)
        return cls.from_yaml(text_of(path), str(path), path.parent)

    @classmethod
    def from_state(
        cls, path: str | Path, *, passphrase: str = "", clock: Clock | None = None, **changes: Any
    ) -> Scenario:
        """A scenario that begins now, in the state of an agent's folder, which is only read.

        Known are the device's evaluation, ID certificate, authorization and request; the instants at which it will ask
        are drawn anew (E8). What was purchased is known as far as the last answer tells: as much as is requested, if
        that was in compliance, else nothing; say it with ``purchased``. changes: fields of the scenario. clock: tells
        what now is. Raises as ``Agent.peek`` and the constructor.
        """
        from smartlic.whatif.beginning import stored

        return cls(**{**stored(path, passphrase, clock), **changes})

    @classmethod
    def from_log(cls, *sources: str | Path | bytes, **changes: Any) -> Scenario:
        """A scenario that begins where an sml.log ends, in the state that it leaves; sources as for ``read_log``.

        What the log does not tell is taken so that it changes nothing: no evaluation used, an ID certificate as old as
        the authorization. changes: fields of the scenario. Raises as ``read_log`` and the constructor, and
        ``InputError`` (not_found) if nothing in the log can be dated.
        """
        from smartlic.logs import read_log
        from smartlic.logs.beginning import scenario_fields

        return cls(**{**scenario_fields(read_log(*sources).standing), **changes})

    @classmethod
    def from_show(
        cls, source: str | Path | bytes, *, zone: str | None = None, taken: Moment | None = None, **changes: Any
    ) -> Scenario:
        """The same for what `show license` printed; zone and taken as for ``read_show``, which tells what it raises."""
        from smartlic.logs import read_show
        from smartlic.logs.beginning import scenario_fields

        return cls(**{**scenario_fields(read_show(source, zone=zone, taken=taken).standing), **changes})
