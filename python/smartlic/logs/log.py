"""An sml.log that has been read: entries with their times, the answer, the timeline, the oddities."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartlic.logs.history import Happening, History, tell
from smartlic.logs.judgement import judge, mode_at
from smartlic.logs.oddities import Oddity, oddities_of
from smartlic.logs.sources import Feed, in_order, pieces_of, where
from smartlic.pictures.drawn import Drawn
from smartlic.times import instant, iso, stamp

if TYPE_CHECKING:
    from smartlic._core import LogEntry, LogReader, LogRun
    from smartlic.explain import Explanation
    from smartlic.logs.standing import Standing

__all__ = ["Log", "log_of", "read_log"]

Source = str | Path | bytes


@dataclass(frozen=True)
class Log(Drawn):
    """What an sml.log says, with the times of its lines (S17, S18, D1-D9).

    sources: names of its files, the oldest first. entries: those about licences, in their order. runs: the process's
    runs (D6). counts: of lines: total, blank, entries, other, unread. unread: where text stands that belongs to no
    entry, as (source, first line, last line). damaged: what could not be inflated, in words.

    Times are aware UTC, by the device's clock; an entry that no answer dates has bounds or nothing, never a guess.
    """

    sources: tuple[str, ...]
    entries: tuple[LogEntry, ...] = field(repr=False)
    runs: tuple[LogRun, ...] = field(repr=False)
    counts: Mapping[str, int]
    unread: tuple[tuple[int, int, int], ...] = field(repr=False, default=())
    damaged: tuple[str, ...] = ()

    @cached_property
    def history(self) -> History:
        """What happened, and the modes that followed from it."""
        return tell(self.entries, self.runs)

    @property
    def standing(self) -> Standing:
        """The licence as the log leaves it."""
        return self.history.standing

    @property
    def timeline(self) -> tuple[Happening, ...]:
        """What happened, in the log's order; what happened again and again is one."""
        return self.history.happenings

    @cached_property
    def oddities(self) -> tuple[Oddity, ...]:
        """What is not as it seems or should be: artefacts with their true values, damage, clocks."""
        return tuple(oddities_of(self))

    def explain(self, now: str | date | datetime | None = None) -> Explanation:
        """The answer, judged at ``now`` (this machine's clock if not given): mode, since when, when calls stop if
        nothing changes, what to do."""
        if not self.entries:
            return self._nothing()
        return judge(self._regarded, datetime.now(UTC) if now is None else instant(now))

    @cached_property
    def _regarded(self) -> Standing:
        """The standing, with the oddities that somebody has to act on among its concerns."""
        known = self.standing
        odd = tuple(f"{each.text[:1].upper()}{each.text[1:]}." for each in self.oddities if each.attention)
        return replace(known, concerns=(*known.concerns, *odd))

    def _nothing(self) -> Explanation:
        from smartlic.explain import Explanation

        lines = self.counts["total"]
        answer = f"When calls stop is not told: none of the {lines} lines is about licences."
        advice = "give the device's CUSP/log/sml.log (S19), a rotated set of it, or what `show license all` printed"
        return Explanation(answer, (), (advice,), 3)

    def where(self, place: tuple[int, int, int]) -> str:
        """``lines 144-146``, with the file's name if there are several."""
        return where(self.sources, place)

    def when(self, each: Happening | LogEntry) -> str:
        """A time, or bounds of it, in words."""
        if each.at is not None:
            return stamp(each.at)
        if each.earliest is not None and each.latest is not None:
            return f"between {stamp(each.earliest)} and {stamp(each.latest)}"
        if each.latest is not None:
            return f"before {stamp(each.latest)}"
        return f"after {stamp(each.earliest)}" if each.earliest is not None else "at an unknown time"

    def to_frame(self) -> Any:
        """A pandas frame, a row for each entry; needs ``smartlic[frames]``."""
        from smartlic.logs.frames import entries

        return entries(self)

    def to_svg(self) -> str:
        """The modes, exchanges, failures and runs over time, as SVG text."""
        from smartlic.pictures.log import draw

        return draw(self)

    def to_html(self, now: str | date | datetime | None = None) -> str:
        """A page that stands by itself: answer, picture, timeline, oddities."""
        from smartlic.logs.report import page

        return page(self, datetime.now(UTC) if now is None else instant(now))

    def to_dict(self, now: str | date | datetime | None = None) -> dict[str, Any]:
        """For JSON: all that ``explain``, ``timeline`` and ``oddities`` say, times in ISO 8601."""
        from smartlic.logs.words import answer_of

        moment = datetime.now(UTC) if now is None else instant(now)
        known = self.standing
        return {
            **answer_of(known, self.explain(moment), moment),
            "mode_at_end": known.seen and mode_at(known, known.seen),
            "timeline": [self._told(each) for each in self.timeline],
            "oddities": [
                {"code": o.code, "text": o.text, "attention": o.attention, **self._place(o.place)}
                for o in self.oddities
            ],
            "bands": [{"start": iso(b.start), "end": iso(b.end), "mode": b.mode} for b in self.history.bands],
            "runs": [
                {
                    "from": self._place(each.first),
                    "to": self._place(each.last),
                    "began": iso(each.began),
                    "first": iso(each.first_at),
                    "last": iso(each.last_at),
                    "earliest": iso(each.earliest),
                    "latest": iso(each.latest),
                }
                for each in self.runs
            ],
            "sources": self.sources,
            "line_counts": dict(self.counts),
            "unread": [self._place(each) for each in self.unread],
            "damaged": self.damaged,
        }

    def _told(self, each: Happening) -> dict[str, Any]:
        times = {name: iso(getattr(each, name)) for name in ("at", "earliest", "latest", "until")}
        facts = {"kind": each.kind, "text": each.text, "count": each.count, "attention": each.attention}
        cause = {"cause": each.key[0]} if each.kind == "failure" else {}
        return {**times, **facts, **cause, **self._place(each.place)}

    def _place(self, place: tuple[int, int, int]) -> dict[str, Any]:
        return {"source": self.sources[place[0]], "lines": [place[1], place[2]]}

    def _repr_html_(self) -> str:
        return self.explain()._repr_html_() + self.to_svg()


def read_log(*sources: Source | Iterable[Source], progress: Callable[[float], object] | None = None) -> Log:
    """Reads an sml.log: files, plain or ``.gz``, of a rotated set in any order; a folder; or bytes.

    progress: told the share that is done (0 to 1). Raises ``InputError`` (not_found), ``StorageError``
    (storage_failed); nothing in a log is an error.
    """
    from smartlic._core import LogReader

    given = [each for source in sources for each in _each(source)]
    paths = in_order(each for each in given if not isinstance(each, bytes))
    contents = [each for each in given if isinstance(each, bytes)]
    reader, damaged = LogReader(), []
    for number, path in enumerate(paths):
        reader.begin_source()
        wrong = pieces_of(path, _feeding(reader, number, len(paths), progress))
        if wrong:
            damaged.append(f"{path.name}: {wrong}")
    for content in contents:
        reader.begin_source()
        reader.feed(content)
    reader.finish()
    return log_of(reader, [*map(str, paths), *("bytes" for _ in contents)], damaged)


def log_of(reader: LogReader, sources: Iterable[str], damaged: Iterable[str] = ()) -> Log:
    """What a reader has read so far, as a ``Log``."""
    return Log(
        sources=tuple(sources),
        entries=tuple(reader.entries),
        runs=tuple(reader.runs),
        counts=reader.counts,
        unread=tuple(reader.unread),
        damaged=tuple(damaged),
    )


def _each(source: Source | Iterable[Source]) -> Iterable[Source]:
    return [source] if isinstance(source, (str, Path, bytes)) else source


def _feeding(reader: LogReader, number: int, of: int, progress: Callable[[float], object] | None) -> Feed:
    def feed(piece: bytes | memoryview, share: float) -> None:
        reader.feed(piece)
        if progress:
            progress((number + share) / of)

    return feed
