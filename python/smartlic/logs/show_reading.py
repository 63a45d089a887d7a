"""One pass over the lines of a `show license`: which command and section a line is in, and what field it fills.

Several answers in one text are read apart and then laid over each other: the later one wins, and what it does not print
is taken from the others as long as they speak of the same state.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

from smartlic.logs.show_text import Line, is_command, is_rule, label_of
from smartlic.logs.show_times import CLOCK, Times, time_left
from smartlic.logs.show_usage import UsageReader
from smartlic.logs.show_words import authorization_kind, is_registered, outcome

__all__ = ["Product", "Reading", "read_lines"]


class Product(NamedTuple):
    """The device's UDI (F2): product ID, and serial number if it is printed."""

    pid: str
    sn: str | None


@dataclass
class Reading:
    """Fields by name, and the line where each was found; ``notes`` is what could not be read, or had to be guessed."""

    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    notes: list[tuple[int, str]] = field(default_factory=list)


_SECTIONS = {
    "registration": [
        "registration", "smart_account", "virtual_account", "registered_at", "registration_succeeded",
        "registration_tried", "registration_failure", "next_registration", "last_renewal", "last_renewal_succeeded",
        "renewal_failure", "next_renewal", "registration_expires",
    ],
    "authorization": [
        "authorization", "authorization_at", "evaluation_left", "evaluation_in_use", "last_attempt",
        "last_attempt_succeeded", "failure_reason", "next_attempt", "deadline",
    ],
}  # fmt: skip
_MEANINGS: dict[str, Callable[[str], object]] = {
    "registration": is_registered,
    "authorization": authorization_kind,
}
# What belongs to one attempt goes when a later answer tells of another outcome.
_ATTEMPTS = {
    "last_attempt_succeeded": ("last_attempt", "failure_reason"),
    "last_renewal_succeeded": ("last_renewal", "renewal_failure"),
    "registration_succeeded": ("registered_at", "registration_tried", "registration_failure"),
}

_HEADINGS = {
    "agent version", "license authorizations", "license usage", "product information", "reservation info",
    "smart licensing status", "usage report summary",
}  # fmt: skip
_DATES = {
    "next renewal attempt": "next_renewal",
    "registration expires": "registration_expires",
    "registration expires on": "registration_expires",
    "next registration attempt": "next_registration",
    "next communication attempt": "next_attempt",
    "communication deadline": "deadline",
}
_ACCOUNTS = {"smart account": "smart_account", "virtual account": "virtual_account"}
_LABELS = {
    *_DATES, *_ACCOUNTS, "status", "registration status", "license authorization status", "initial registration",
    "last renewal attempt", "last communication attempt", "failure reason", "evaluation period remaining",
    "evaluation mode", "udi", "export-controlled functionality", "smart licensing status",
}  # fmt: skip
_NOTHING = re.compile(r"|<?(?:none|empty)>?|n/?a|never|not (?:available|applicable|scheduled)|-+", re.IGNORECASE)
_EXCEEDED = re.compile(r"(?:deadline )?(?:exceeded|expired|passed)", re.IGNORECASE)
_ENABLED = re.compile(r"(?:.*\s)?smart licensing is (?P<word>(?:not )?enabled|disabled)\.?", re.IGNORECASE)
_EXPIRED = re.compile(r"evaluation period (?:has )?expired(?:\s+on\s.*)?", re.IGNORECASE)
_DATED = re.compile(r"(?P<word>.*?)\s+(?:on|as of)(?:\s+(?P<when>.*))?", re.IGNORECASE)
# S14's form without a comma is read too, and a HOSTID that was joined to the serial number.
_UDI = re.compile(
    r"PID:\s*(?P<pid>[^,\s]+?)(?:[,\s]\s*(?:VID:[^,]*,\s*)?|(?=SN:)|$)(?:SN:\s*(?P<sn>[^,\s]+?)(?:HOSTID:.*|[,\s].*)?)?$",
    re.IGNORECASE,
)


def read_lines(lines: Sequence[Line], times: Times) -> Reading:
    """Everything that the lines tell; an empty reading if they are no answer of a `show license` at all."""
    reader = _Reader(lines, times)
    for index in range(len(lines)):
        reader.line(index)
    return reader.finished()


class _Reader:
    def __init__(self, lines: Sequence[Line], times: Times) -> None:
        self._lines = lines
        self._times = times
        self._whole = Reading()
        self._part = Reading()  # the answer that is being read
        self._section: str | None = None
        self._attempt = ""  # the field of a reason that comes next
        self._usage = UsageReader(lines, self._note)

    def line(self, index: int) -> None:
        text = self._lines[index].bare
        if not text:
            self._usage.blank()
        elif (command := is_command(text)) is not None:
            self._usage.new_group()
            self._end_part()
            self._section = None if command else "another command"
        elif is_rule(text) or self._usage.take(index) or self._clock(index) or self._sentence(index):
            pass
        elif text.lower() in _HEADINGS:
            self._heading(text.lower())
        elif (labelled := label_of(text)) is not None:
            self._labelled(index, *labelled)

    def finished(self) -> Reading:
        usage = self._usage.usage()
        self._end_part()
        if usage is not None:
            self._whole.values["usage"] = usage
            if usage:
                self._whole.lines["usage"] = usage[0].line
        return self._whole

    def _note(self, line: int, text: str) -> None:
        self._whole.notes.append((line, text))

    def _set(self, name: str, value: Any, index: int) -> None:
        self._part.values[name] = value
        self._part.lines[name] = self._lines[index].number

    def _clock(self, index: int) -> bool:
        """The device's clock, printed by itself or above an answer: when that was taken."""
        text = self._lines[index].bare
        if not CLOCK.fullmatch(text):
            return False
        when, remark = self._times.read(text)
        self._remark(index, remark)
        if when:
            self._set("taken", when, index)
        return True

    def _sentence(self, index: int) -> bool:
        text = self._lines[index].bare
        if found := _ENABLED.fullmatch(text):
            self._set("enabled", found["word"].lower() == "enabled", index)
        elif _EXPIRED.fullmatch(text):
            self._set("evaluation_left", timedelta(0), index)
        else:
            return False
        return True

    def _heading(self, name: str) -> None:
        answered = {"registration": "registration", "license authorization": "authorization"}.get(name)
        if answered in self._part.values:  # the same section again: another answer
            self._end_part()
        if name in ("license usage", "license authorization"):
            self._usage.new_group()
        self._section = name

    def _labelled(self, index: int, label: str, value: str) -> None:
        if label in ("registration", "license authorization") and value:  # two lines that were joined
            self._heading(label)
            label, value = label_of(value) or ("status", value)
        if not value and (label not in _LABELS or label == "smart licensing status"):
            self._heading(label)
        elif label in _DATES:
            self._date(index, _DATES[label], value)
        elif label in _ACCOUNTS:
            account = value.split(" As of ")[0].strip()
            self._set(_ACCOUNTS[label], None if _NOTHING.fullmatch(account) else account, index)
        else:
            self._other(index, label, value)

    def _other(self, index: int, label: str, value: str) -> None:
        match label:
            case "status":
                self._status(index, value, self._section)
            case "registration status":
                self._status(index, value, "registration")
            case "license authorization status" | "smart licensing status":
                self._again(index, label, value)
            case "initial registration":
                self._registered(index, value)
            case "last renewal attempt":
                self._attempted(index, value, "last_renewal", "renewal_failure")
            case "last communication attempt":
                self._attempted(index, value, "last_attempt", "failure_reason")
            case "failure reason":
                self._reason(index, value)
            case "evaluation period remaining":
                self._left(index, value)
            case "evaluation mode":
                self._set("evaluation_in_use", value.lower() == "in use", index)
            case "udi":
                self._product(index, value)

    def _again(self, index: int, label: str, value: str) -> None:
        """Where a status is told a second time, in the usage or in `show version`: it counts if it was not told yet."""
        words = {"license authorization": value}
        if label == "smart licensing status":
            words = dict(zip(("registration", "license authorization"), value.split("/"), strict=False))
        for section, word in words.items():
            if section.removeprefix("license ") not in self._part.values:
                self._status(index, word.strip(), section)

    def _product(self, index: int, value: str) -> None:
        if found := _UDI.match(value):
            self._set("product", Product(found["pid"], found["sn"]), index)

    def _status(self, index: int, value: str, section: str | None) -> None:
        if section == "smart licensing using policy" and value.upper() == "ENABLED":
            self._note(
                self._lines[index].number,
                "this device uses Smart Licensing Using Policy, which knows no authorization that ends; only what it"
                " says of usage and accounts is read",
            )
        word, when = self._dated(index, value)
        if not word:
            return
        if section is None:  # the heading was lost
            section = "registration" if is_registered(word) is not None else "license authorization"
            if section == "license authorization" and authorization_kind(word) is None:
                return
        if section == "registration":
            self._set("registration", word, index)
            if is_registered(word) is None:
                self._note(self._lines[index].number, f"the registration status '{word}' is not known")
        elif section == "license authorization":
            self._set("authorization", word, index)
            if authorization_kind(word) is None:
                self._note(self._lines[index].number, f"the authorization status '{word}' is not known")
            if authorization_kind(word) == "reserved":
                self._note(
                    self._lines[index].number, "the licences are reserved; such an authorization has no deadline"
                )
            self._when(index, "authorization_at", when)

    def _registered(self, index: int, value: str) -> None:
        word, when = self._dated(index, value)
        succeeded = self._outcome(index, word)
        self._attempt = "registration_failure"
        if succeeded is not None:
            self._set("registration_succeeded", succeeded, index)
        names = {True: "registered_at", False: "registration_tried", None: "next_registration"}
        self._when(index, names[succeeded], when)

    def _attempted(self, index: int, value: str, name: str, reason: str) -> None:
        word, when = self._dated(index, value)
        self._attempt = reason
        succeeded = self._outcome(index, word)
        if succeeded is not None:
            self._set(f"{name}_succeeded", succeeded, index)
            self._when(index, name, when)

    def _outcome(self, index: int, word: str) -> bool | None:
        known, succeeded = outcome(word)
        if not known and not _NOTHING.fullmatch(word):
            self._note(self._lines[index].number, f"'{word}' is not known as the outcome of an attempt")
        return succeeded

    def _reason(self, index: int, value: str) -> None:
        """The reason, and the lines on which it goes on."""
        if not self._attempt:
            return
        words = [value]
        for line in self._lines[index + 1 : index + 4]:
            labelled = label_of(line.bare)
            ended = labelled and (labelled[0] in _LABELS or not labelled[1])
            if not line.bare or ended or is_rule(line.bare) or is_command(line.bare) is not None:
                break
            words.append(line.bare)
        text = " ".join(" ".join(words).split())
        if not _NOTHING.fullmatch(text):
            self._set(self._attempt, text, index)

    def _left(self, index: int, value: str) -> None:
        left = timedelta(0) if _EXCEEDED.fullmatch(value) else time_left(value)
        if left is not None:
            self._set("evaluation_left", left, index)
        elif not _NOTHING.fullmatch(value):
            self._note(self._lines[index].number, f"'{value}' cannot be read as a length of time")

    def _dated(self, index: int, value: str) -> tuple[str, str]:
        """``SUCCEEDED on DATE`` in two; a date that was wrapped is fetched from the next line."""
        found = _DATED.fullmatch(value)
        if found is None:
            return value, ""
        return found["word"], found["when"] or self._below(index)

    def _when(self, index: int, name: str, text: str) -> None:
        if text:
            self._date(index, name, text)

    def _date(self, index: int, name: str, text: str) -> None:
        for candidate in (f"{text} {self._below(index)}", text):  # a line that was wrapped goes on in the next
            when, remark = self._times.read(candidate)
            if when is not None:
                self._remark(index, remark)
                self._set(name, when, index)
                return
        if not _NOTHING.fullmatch(text) and not _EXCEEDED.fullmatch(text):
            self._note(self._lines[index].number, f"'{text}' cannot be read as a time")

    def _remark(self, index: int, remark: str | None) -> None:
        if remark:
            self._note(self._lines[index].number, remark)

    def _below(self, index: int) -> str:
        following = next((line.bare for line in self._lines[index + 1 : index + 3] if line.bare), "")
        labelled = label_of(following)
        return "" if labelled and labelled[0] in _LABELS else following

    def _end_part(self) -> None:
        """Lays what one answer told over what the ones before it told."""
        whole, part = self._whole, self._part
        self._part, self._attempt = Reading(), ""
        for status, meaning in _MEANINGS.items():
            old, new = whole.values.get(status), part.values.get(status)
            if old and new and meaning(old) != meaning(new):
                line, before = part.lines[status], whole.lines[status]
                self._note(line, f"the {status} is '{new}' here but '{old}' in line {before}; the later one is taken")
                _forget(whole, _SECTIONS[status])
        for told, names in _ATTEMPTS.items():
            if told in part.values and part.values[told] != whole.values.get(told, part.values[told]):
                _forget(whole, names)
        whole.values.update(part.values)
        whole.lines.update(part.lines)


def _forget(reading: Reading, names: Sequence[str]) -> None:
    for name in names:
        reading.values.pop(name, None)
        reading.lines.pop(name, None)
