"""A log's report as one HTML page that needs nothing else: no script, no font, no picture from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING

from smartlic.times import stamp

if TYPE_CHECKING:
    from smartlic.logs.history import Happening
    from smartlic.logs.log import Log

__all__ = ["page"]

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_STYLE = """
body { font: 15px/1.45 "DejaVu Sans", Verdana, Helvetica, Arial, sans-serif; color: #1a1a1a; max-width: 900px;
       margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.35em; } h2 { font-size: 1.1em; margin-top: 2em; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; vertical-align: top; padding: 0.3em 0.8em 0.3em 0; border-bottom: 1px solid #ddd; }
td:first-child { white-space: nowrap; } .attention { font-weight: bold; } .small { color: #555; font-size: 0.9em; }
svg { max-width: 100%; height: auto; }
"""


def page(log: Log, now: datetime) -> str:
    """The page; everything from the log is escaped."""
    told = log.explain(now)
    names = ", ".join(log.sources)
    timeline = [
        (
            _when(log, each),
            each.text + (f" ({each.count} times)" if each.count > 1 else ""),
            log.where(each.place),
            each.attention,
        )
        for each in log.timeline
    ]
    oddities = [(each.code, each.text, log.where(each.place), each.attention) for each in log.oddities]
    counts = ", ".join(f"{number} {name}" for name, number in log.counts.items())
    parts = [
        f"<h1>{escape(told.answer)}</h1>",
        *(f"<p>{escape(line)}</p>" for line in told.lines),
        *(f"<p><b>To do:</b> {escape(line)}</p>" for line in told.advice),
        log.to_svg(),
        "<h2>What happened</h2>",
        _table(("when", "what", "where"), timeline),
        "<h2>Oddities</h2>" if oddities else "",
        _table(("which", "what", "where"), oddities) if oddities else "",
        f'<p class="small">Read: {escape(names)}. Lines: {escape(counts)}. Judged at {stamp(now)}.</p>',
    ]
    head = (
        f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(told.answer)}</title>'
        f"<style>{_STYLE}</style>"
    )
    body = "\n".join(filter(None, parts))
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head>\n<body>\n{body}\n</body></html>\n'


def _when(log: Log, each: Happening) -> str:
    return f"{log.when(each)} to {stamp(each.until)}" if each.until else log.when(each)


def _table(head: Sequence[str], rows: Iterable[tuple[str, str, str, bool]]) -> str:
    top = "".join(f"<th>{escape(each)}</th>" for each in head)
    lines = []
    for first, text, place, attention in rows:
        mark = ' class="attention"' if attention else ""
        lines.append(f"<tr><td>{escape(first)}</td><td{mark}>{escape(text)}</td><td>{escape(place)}</td></tr>")
    return f"<table><thead><tr>{top}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
