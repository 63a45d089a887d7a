"""What a change buys: the scenario as it is, and beside it with other values, lived side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from smartlic.errors import InputError
from smartlic.times import about, stamp
from smartlic.whatif.questions import Return, latest_return
from smartlic.whatif.scenario import Scenario
from smartlic.whatif.simulation import simulate
from smartlic.whatif.timeline import Timeline
from smartlic.whatif.vary import varied
from smartlic.whatif.words import total

__all__ = ["Comparison", "Row", "compare"]


@dataclass(frozen=True)
class Row:
    """One life.

    changes: what differs from the scenario, by place; empty for the scenario itself. back: when the manager has to be
    back (``latest_return``); None if the scenario has no outage that calls could stop in.
    """

    changes: Mapping[str, Any]
    timeline: Timeline = field(repr=False)
    back: Return | None

    @property
    def name(self) -> str:
        """The changes as text."""
        return ", ".join(f"{place} = {value}" for place, value in self.changes.items()) or "as it is"

    @property
    def blocked(self) -> timedelta:
        """How long calls are blocked, in all."""
        return total(self.timeline.blocked)


@dataclass(frozen=True)
class Comparison:
    """Lives side by side; the first row is the scenario as it is."""

    rows: tuple[Row, ...]

    @property
    def answer(self) -> str:
        """What the best change buys, the one with the least time blocked of those that buy anything; and its price."""
        base, *others = self.rows
        buying = [row for row in others if any(gain for gain, _ in _differences(base, row))]
        if not buying and len(others) > 1:
            return "None of the changes buys anything."
        best = min(buying or others, key=lambda row: row.blocked)
        gains, losses = (
            [text for gain, text in _differences(base, best) if gain is wanted] for wanted in (True, False)
        )
        if losses and not gains:
            return f"{best.name} buys nothing, and costs: {'; '.join(losses)}."
        price = f"; but it costs: {'; '.join(losses)}" if losses else ""
        return f"{best.name} buys{' most' if len(others) > 1 else ''}: {'; '.join(gains) or 'nothing'}{price}."

    def explain(self) -> str:
        """The answer, and a line for each life."""
        base, *others = self.rows
        lines = [self.answer, f"{base.name}: {base.timeline.answer}"]
        lines += [
            f"{row.name}: {'; '.join(text for _, text in _differences(base, row)) or 'buys nothing'}. "
            f"{row.timeline.answer}"
            for row in others
        ]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Plain types, for JSON."""
        return {"answer": self.answer, "rows": self._table()}

    def to_frame(self) -> Any:
        """A pandas DataFrame (change, calls_stop, blocked, latest_return), a row for each life. Needs
        ``smartlic[frames]``.
        """
        from smartlic.extras import need

        return need("pandas", "frames").DataFrame(self._table())

    def _table(self) -> list[dict[str, Any]]:
        return [
            {
                "change": row.name,
                "calls_stop": row.timeline.calls_stop,
                "blocked": row.blocked,
                "latest_return": row.back and row.back.at,
            }
            for row in self.rows
        ]

    def _repr_html_(self) -> str:
        from smartlic.pictures.html import table

        head = ("", "calls stop", "blocked in all", "latest return of the manager")
        rows = [
            (
                row.name,
                _told(row.timeline.calls_stop),
                about(row.blocked) if row.blocked else "not at all",
                _return(row.back),
            )
            for row in self.rows
        ]
        return table(self.answer, head, rows)

    def __str__(self) -> str:
        return self.explain()


def compare(
    scenario: Scenario, *changes: Mapping[str, Any], progress: Callable[[int, int], None] | None = None
) -> Comparison:
    """Lives the scenario as it is and once for each of ``changes``: places and values, as ``varied`` takes them.

    ``compare(s, {"policy.authorization": "180d"}, {"policy.renew": "90d"})`` says what a longer period and an earlier
    renewal buy. ``progress`` is told how many of how many rows are done. Raises ``InputError`` if nothing is changed,
    and as ``varied`` does.
    """
    if not changes:
        text = 'compare: expected changes such as {"policy.authorization": "180d"}'
        raise InputError(text, "invalid_argument", "never")
    variants = [({}, scenario), *((each, varied(scenario, each)) for each in changes)]
    rows = []
    for done, (change, variant) in enumerate(variants):
        rows.append(Row(change, simulate(variant), _latest(variant)))
        if progress:
            progress(done + 1, len(variants))
    return Comparison(tuple(rows))


def _latest(scenario: Scenario) -> Return | None:
    try:
        return latest_return(scenario)
    except InputError:  # no outage, or calls are stopped before it begins
        return None


def _differences(base: Row, row: Row) -> Iterator[tuple[bool, str]]:
    """How a life differs from the first: whether that is a gain, and what it is."""
    if base.blocked != row.blocked:
        less = row.blocked < base.blocked
        yield less, f"{about(base.blocked - row.blocked)} {'less' if less else 'more'} without calls"
    stops = base.timeline.calls_stop, row.timeline.calls_stop
    if stops[0] and not stops[1]:
        yield True, "calls no longer stop"
    elif stops[1] and not stops[0]:
        yield False, "calls stop, which they did not"
    elif stops[0] and stops[1] and stops[0] != stops[1]:
        later = stops[1] > stops[0]
        yield later, f"calls stop {about(stops[1] - stops[0])} {'later' if later else 'earlier'}"
    yield from _away(base, row)


def _away(base: Row, row: Row) -> Iterator[tuple[bool, str]]:
    """For how much longer the manager may be away, if both lives tell and it goes away at one time in both."""
    one, other = base.back, row.back
    same = base.timeline.scenario.outages == row.timeline.scenario.outages
    if not same or one is None or other is None or one.since != other.since:
        return
    if one.stop and not other.stop:
        yield True, f"the manager need not be back by {stamp(other.until)}, the end"
    elif other.stop and not one.stop:
        yield False, "the manager has to be back, which it had not"
    elif one.at and other.at and one.at != other.at:
        longer = other.at > one.at
        yield longer, f"the manager may be away {about(other.at - one.at)} {'longer' if longer else 'less long'}"


def _told(at: datetime | None) -> str:
    return stamp(at) if at else "never"


def _return(back: Return | None) -> str:
    if back is None:
        return "no outage"
    if back.stop is None:
        return "need not be back"
    return stamp(back.at) if back.at else "no return prevents it"
