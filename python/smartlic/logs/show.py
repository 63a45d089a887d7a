"""A device's `show license` that has been read: its fields, the answer, and the state that a scenario begins in."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartlic.errors import InputError
from smartlic.logs.judgement import judge
from smartlic.logs.show_license import ShowLicense, parse_show_license
from smartlic.times import instant

if TYPE_CHECKING:
    from smartlic.explain import Explanation
    from smartlic.logs.standing import Standing

__all__ = ["Show", "read_show"]


@dataclass(frozen=True)
class Show:
    """What a device printed of its licence. source: the file's name. fields: each as printed, times aware UTC; taken:
    when the text was taken, if that was said."""

    source: str
    fields: ShowLicense = field(repr=False)
    taken: datetime | None = None

    @cached_property
    def standing(self) -> Standing:
        """What it means for the licence."""
        return self.fields.standing(self.taken)

    def explain(self, now: str | date | datetime | None = None) -> Explanation:
        """The answer, judged at ``now`` (this machine's clock if not given)."""
        return judge(self.standing, datetime.now(UTC) if now is None else instant(now), what="text")

    def to_dict(self, now: str | date | datetime | None = None) -> dict[str, Any]:
        """For JSON: the answer, and every field with its line number."""
        from smartlic.logs.words import answer_of

        moment = datetime.now(UTC) if now is None else instant(now)
        return {
            **answer_of(self.standing, self.explain(moment), moment),
            "fields": {name: value for name, value in asdict(self.fields).items() if name not in ("lines", "notes")},
            "line_numbers": dict(self.fields.lines),
            "oddities": [{"code": "note", "text": text, "lines": [line, line]} for line, text in self.fields.notes],
        }

    def _repr_html_(self) -> str:
        return self.explain()._repr_html_()


def read_show(
    source: str | Path | bytes, *, zone: str | None = None, taken: str | date | datetime | None = None
) -> Show:
    """Reads what `show license all`, `status`, `summary` or `usage` printed: a file, or its content as bytes.

    zone: the zone of its times (``+09:00``, ``Asia/Seoul``), where the printed one is wrong or none. taken: when it was
    printed, where the text does not tell. Raises ``InputError`` (not_found, invalid_argument).
    """
    name = "bytes" if isinstance(source, bytes) else str(source)
    if not isinstance(source, bytes):
        try:
            source = Path(source).read_bytes()
        except OSError as error:
            raise InputError(f"cannot read {name}: {error.strerror}", "not_found", "after_change") from error
    fields = parse_show_license(source.decode("utf-8", "replace"), zone=zone)
    return Show(name, fields, None if taken is None else instant(taken))
