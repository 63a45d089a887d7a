"""What a terminal, a mail or a web page does to a device's answer, undone: the lines as the device printed them."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Line", "cleaned", "is_command", "is_rule", "label_of"]

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[@-Z\\-_]")
_MORE = re.compile(r"<?-{1,4}\s?more\s?-{1,4}>?", re.IGNORECASE)
# Backspaces and other control characters, byte order marks, spaces of no width.
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f\ufeff\u200b-\u200f\u2060]")
_SPACES = re.compile("[\u00a0\u2000-\u200a\u202f\u3000]")
_QUOTED = re.compile(r"(?:[ ]{0,3}>)+ ?")
_BULLET = re.compile(r"[ ]*[*\u2022-][ ]+(?=\S)")
_LABEL = re.compile(r"(?P<label>[A-Za-z][\w /()'-]{0,60}?)\s*:(?:\s+(?P<value>.*)|(?P<glued>\S.*)|)$", re.ASCII)
_COMMAND = re.compile(r"(?:[\w.()/:@~-]+[>#]\s*)?(?:do\s+)?sho?w?\s+lic\w*(?:\s.*)?", re.IGNORECASE | re.ASCII)
# No device prints lines near this long; what follows in one is not read, so that no pattern takes long over it.
_LONGEST = 500
_PROMPT = re.compile(r"[\w.()/:@~-]+[>#](?:\s*[a-z].*)?", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class Line:
    """A line of the device's: ``number`` in the text as it was given (from 1), ``text`` with its indentation."""

    number: int
    text: str

    @property
    def bare(self) -> str:
        """The text without the space around it."""
        return self.text.strip()


def cleaned(text: str) -> list[Line]:
    """The lines, blank ones too, without page breaks of a terminal, colours, quote marks, bullets and tabs."""
    lines = []
    for number, raw in enumerate(text.split("\n") if "\n" in text else text.split("\r"), start=1):
        line = _SPACES.sub(" ", _ESCAPES.sub("", raw)).replace("\uff1a", ": ")
        # A terminal wipes --More-- with a return and spaces: what stands between returns are lines of their own.
        pieces = [_piece(piece) for piece in _MORE.sub("\r", line).split("\r")]
        lines += [Line(number, piece) for piece in pieces if piece.strip()] or [Line(number, "")]
    return lines


def _piece(text: str) -> str:
    text = _INVISIBLE.sub("", text[:_LONGEST]).expandtabs(8).rstrip()
    quoted = _QUOTED.match(text)
    if quoted:
        text = text[quoted.end() :]
    bullet = _BULLET.match(text)
    return text[bullet.end() :] if bullet and not is_rule(text) else text


def is_rule(text: str) -> bool:
    """Whether it is a line of dashes or equals signs."""
    return set(text) <= set("=-_+| ") and any(three in text for three in ("===", "---", "___"))


def is_command(text: str) -> bool | None:
    """True for a ``show license`` command, with or without prompt; False for any other prompt; None for neither."""
    if _COMMAND.fullmatch(text):
        return True
    return False if _PROMPT.fullmatch(text) else None


def label_of(text: str) -> tuple[str, str] | None:
    """``Next Renewal Attempt: None`` as ("next renewal attempt", "None"); None for a line that has no label."""
    found = _LABEL.match(text)
    if found is None:
        return None
    return " ".join(found["label"].lower().split()), (found["value"] or found["glued"] or "").strip()
