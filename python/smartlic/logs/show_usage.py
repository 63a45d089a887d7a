"""The licences in use, from both forms that devices print: the table of `summary`, the blocks of `usage` and `all`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from smartlic.logs.show_text import Line, is_command, is_rule, label_of

__all__ = ["Usage", "UsageReader"]


@dataclass(frozen=True)
class Usage:
    """One licence in use. ``name`` as printed (the tag where none is), ``tag`` as printed, even if cut short with dots.

    count: what is requested of it; status: in the device's words; line: where it begins in the text, from 1.
    """

    name: str
    tag: str | None
    count: int
    status: str
    version: str | None
    description: str | None
    line: int


_HEADER = re.compile(r"(?:licen[sc]e|entitlement)\b.*\bcount\s+status", re.IGNORECASE)
_TAGGED = re.compile(r"(?P<name>.*?)\s*\((?P<tag>[^()]*)\)\s*(?P<count>\S+)\s+(?P<status>[A-Za-z].*)")
# Some products print the tag without parentheses and right behind the name.
_REGID = re.compile(r"(?P<name>.*?)\s*(?P<tag>regid\.\S+)\s+(?P<count>\S+)\s+(?P<status>[A-Za-z].*)")
_UNTAGGED = re.compile(r"(?P<name>\S.*?)\s{2,}(?P<tag>)(?P<count>[0-9]{1,9})\s+(?P<status>[A-Za-z].*)")
_BLOCK = re.compile(r"(?P<name>.*?)\s*\((?P<tag>[^()]+)\)\s*(?P<colon>:?)")
_COUNT = re.compile(r"[0-9]{1,9}|[0-9]{1,3}(?:,[0-9]{3}){1,2}")
_NONE = re.compile(r"no licenses in use\.?", re.IGNORECASE)
# Cells are cut short with dots or go on in a line or two; more is text that follows the table.
_MOST = 3
_EMPTY = {"", "null", "none", "<none>", "<empty>", "n/a", "-"}


@dataclass
class _Group:
    """What one command printed: rows, or that there are none."""

    rows: list[Usage] = field(default_factory=list)
    none: bool = False
    table: bool = False


@dataclass
class _Block:
    name: str
    tag: str
    line: int
    fields: dict[str, str] = field(default_factory=dict)
    count_line: int = 0


@dataclass
class _Table:
    """A table that is being read. ``gap``: a blank line was met; ``waiting``: the start of a row that was wrapped;
    ``more``: the lines since the last row that are none."""

    columns: tuple[int, int, int]
    gap: bool = False
    more: int = 0
    waiting: Line | None = None


class UsageReader:
    """Is offered each line in turn and takes those that are its own; ``note`` is told what cannot be read."""

    def __init__(self, lines: Sequence[Line], note: Callable[[int, str], None]) -> None:
        self._lines = lines
        self._note = note
        self._groups = [_Group()]
        self._table: _Table | None = None
        self._block: _Block | None = None

    def take(self, index: int) -> bool:
        """Whether the line at ``index`` belongs to the usage and was read."""
        text = self._lines[index].bare
        if _HEADER.match(text):
            self._begin(table=True)
            self._table = _Table(_columns(self._lines[index].text))
            return True
        if _NONE.fullmatch(text):
            self.close()
            self._groups[-1].none = True
            return True
        if self._opens_block(index):
            return True
        return self._row(self._table, index) if self._table else self._field(index)

    def blank(self) -> None:
        """A blank line was met. A paste may have one after every line, so it ends a row but no table and no block."""
        if self._table:
            self._table.gap = True

    def new_group(self) -> None:
        """Another command's answer begins."""
        self.close()
        if self._groups[-1].rows or self._groups[-1].none:
            self._groups.append(_Group())

    def close(self) -> None:
        """What was being read is finished, as something else begins."""
        if self._table and self._table.waiting:
            self._unreadable(self._table.waiting.number)
        if self._block:
            self._finish(self._block)
        self._table = self._block = None

    def usage(self) -> tuple[Usage, ...] | None:
        """The last command's rows, with what it left out or cut short taken from the others; None if none was told."""
        self.close()
        told = [group for group in self._groups if group.rows or group.none]
        rows: list[Usage] = []
        for group in told:
            rows = [_filled(row, rows) for row in group.rows]
        return tuple(rows) if told else None

    def _begin(self, *, table: bool) -> None:
        """Rows of a table never belong to the answer that a block is in, nor the other way round."""
        self.close()
        group = self._groups[-1]
        if group.none or (group.rows and (table or group.table)):
            self.new_group()
        self._groups[-1].table = table

    def _opens_block(self, index: int) -> bool:
        text = self._lines[index].bare
        found = _BLOCK.fullmatch(text) if "(" in text else None
        if found is None or _next_label(self._lines, index) not in _HEADS:
            return False
        name, line = found["name"], self._lines[index].number
        before = self._lines[index - 1] if index else None
        if not name and before and _is_name(before.bare):
            name, line = before.bare, before.number
        self._begin(table=False)
        self._block = _Block(name, " ".join(found["tag"].split()), line)
        return True

    def _field(self, index: int) -> bool:
        labelled = label_of(self._lines[index].bare)
        if self._block is None or labelled is None:
            return False
        label, value = labelled
        if label not in _FIELDS or label in self._block.fields:
            if not value:  # a heading
                self.close()
            return False
        self._block.fields[label] = value
        if label == "count":
            self._block.count_line = self._lines[index].number
        return True

    def _finish(self, block: _Block) -> None:
        fields = block.fields
        if "total reserved count" in fields:  # a reservation, not a use
            return
        count = _count(fields.get("count", ""))
        if count is None:
            self._note(block.count_line or block.line, f"the count of {block.tag} cannot be read; it is left out")
            return
        description = _told(fields.get("description"))
        row = Usage(
            _told(block.name) or block.tag,
            block.tag,
            count,
            fields.get("status", ""),
            _told(fields.get("version")),
            description,
            block.line,
        )
        self._groups[-1].rows.append(row)

    def _row(self, table: _Table, index: int) -> bool:
        line, text = self._lines[index], self._lines[index].bare
        found = _row_in(f"{table.waiting.bare} {text}" if table.waiting else text, surely=table.gap)
        if found:
            self._add(found, (table.waiting or line).number)
            table.waiting, table.gap, table.more = None, False, 0
            return True
        table.more += 1
        begins = self._begins_row(index, surely=table.gap)
        follows = table.gap or begins or bool(self._groups[-1].rows)
        if label_of(text) or is_command(text) is not None or table.more > _MOST or not follows:
            self.close()
            return False
        if begins:
            if table.waiting:
                self._unreadable(table.waiting.number)
            table.waiting = line
        elif not table.gap:  # else it is text that follows the table, or was a cell; rows may still come
            self._continue(line, table)
        return begins or not table.gap

    def _begins_row(self, index: int, *, surely: bool) -> bool:
        """Whether it is the first half of a row: it has some of the tag already, or the next line has all but the name.

        surely: no text after the table may be taken for it.
        """
        text = self._lines[index].bare
        if text.count("(") > text.count(")") or (not surely and ("(" in text or "regid." in text)):
            return True
        following = self._lines[index + 1].bare if index + 1 < len(self._lines) else ""
        found = _TAGGED.fullmatch(following)
        return found is not None and not found["name"]

    def _add(self, found: re.Match[str], line: int) -> None:
        tag = " ".join(found["tag"].split()) or None
        name = _told(" ".join(found["name"].split())) or tag or ""
        count = _count(found["count"])
        if count is None:
            self._note(line, f"the count of {tag or name} cannot be read; it is left out")
            return
        self._groups[-1].rows.append(Usage(name, tag, count, " ".join(found["status"].split()), None, None, line))

    def _continue(self, line: Line, table: _Table) -> None:
        """A cell that was too narrow goes on below; what is where tells which cell it was."""
        rows = self._groups[-1].rows
        for piece in re.finditer(r"\S+(?: \S+)*", line.text):
            row, text = rows[-1], piece.group()
            if piece.start() >= table.columns[2]:
                rows[-1] = replace(row, status=f"{row.status} {text}")
            elif piece.start() < table.columns[0]:
                rows[-1] = replace(row, name=f"{row.name} {text}")
            else:
                self._unreadable(line.number)

    def _unreadable(self, line: int) -> None:
        self._note(line, "this line of the usage table cannot be read; it is left out")


_HEADS = {"description", "count"}
_FIELDS = {"description", "count", "version", "status", "total reserved count"}


def _row_in(text: str, *, surely: bool) -> re.Match[str] | None:
    """The row that a text is; one without a tag is told from prose by its column, or ``surely`` by its capitals too."""
    found = ("(" in text and _TAGGED.fullmatch(text)) or ("regid." in text and _REGID.fullmatch(text))
    if found:
        return found
    found = _UNTAGGED.fullmatch(text)
    return found if found and (found["status"].isupper() or not surely) else None


def _columns(header: str) -> tuple[int, int, int]:
    """Where the columns of tag, count and status begin; without a column of tags the first two are one."""
    lowered = header.lower()
    count = lowered.rindex("count")
    tag = lowered.find("entitlement")
    return (tag if 0 < tag < count else count), count, lowered.rindex("status")


def _next_label(lines: Sequence[Line], index: int) -> str | None:
    following = next((line.bare for line in lines[index + 1 : index + 4] if line.bare), "")
    labelled = label_of(following)
    return labelled[0] if labelled else None


def _is_name(text: str) -> bool:
    """Whether a line can be the first half of a heading that was wrapped before its tag."""
    return bool(text) and label_of(text) is None and not is_rule(text) and is_command(text) is None


def _count(text: str) -> int | None:
    return int(text.replace(",", "")) if _COUNT.fullmatch(text.strip()) else None


def _told(text: str | None) -> str | None:
    return None if text is None or text.lower() in _EMPTY else text


def _filled(row: Usage, known: Sequence[Usage]) -> Usage:
    """The row with what it leaves out, or cuts short, as another answer has it."""
    other = next((one for one in known if one.tag and row.tag and _same(row.tag, one.tag)), None)
    if other is None:
        return row
    return replace(
        row,
        name=_longer(row.name, other.name) if row.name != row.tag else other.name,
        tag=_longer(row.tag or "", other.tag or ""),
        version=row.version or other.version,
        description=row.description or other.description,
    )


def _same(one: str, other: str) -> bool:
    """Equal, or one is the other cut short with dots."""
    return one == other or any(
        short.endswith("..") and len(short.rstrip(".")) > 3 and full.startswith(short.rstrip("."))
        for short, full in ((one, other), (other, one))
    )


def _longer(one: str, other: str) -> str:
    return other if one.endswith("..") and _same(one, other) and not other.endswith("..") else one
