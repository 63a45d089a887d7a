"""Small pieces of HTML for notebooks; what is written is escaped, and the page's own style applies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

__all__ = ["paragraphs", "table"]


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; the first column names the rows. An empty ``head`` leaves the heading out."""
    top = f"<thead><tr>{''.join(f'<th>{escape(each)}</th>' for each in head)}</tr></thead>" if head else ""
    body = "".join(
        f"<tr><th>{escape(str(name))}</th>{''.join(f'<td>{escape(str(each))}</td>' for each in cells)}</tr>"
        for name, *cells in rows
    )
    return f"{paragraphs([caption])}<table>{top}<tbody>{body}</tbody></table>"


def paragraphs(lines: Iterable[str]) -> str:
    """Lines of text; the first, which answers, is bold."""
    first, *others = lines
    return f"<p><b>{escape(first)}</b></p>" + "".join(f"<p>{escape(line)}</p>" for line in others)
