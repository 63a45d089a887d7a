"""RULES C2, C4 and C5 by their definition: a list of all calls, counted anew for each question."""

from __future__ import annotations

from dataclasses import dataclass, field

SECOND = 1_000_000_000  # ns


@dataclass
class Model:
    """Calls per second, slowly. Times are integers, ns."""

    interval: int = 30 * SECOND
    intervals: int = 10
    immediate: bool = False
    start: int = 0
    calls: list[int] = field(default_factory=list)

    def seen(self, now: int) -> int:
        """Return the time that counts: never before the start, nor before the latest call."""
        return max(now, self.start, *self.calls[-1:])

    def compared(self, now: int) -> int:
        """Return the calls that the limit is compared with."""
        length = SECOND if self.immediate else self.interval
        opened = self.start + (self.seen(now) - self.start) // length * length
        if self.immediate:
            return sum(opened <= call < opened + length for call in self.calls)
        return sum(opened - self.intervals * length <= call < opened for call in self.calls)

    def closed(self, limit: int | None, now: int) -> bool:
        """Return whether a call at `now` is rejected."""
        if limit is None or limit == 0:
            return limit == 0
        if self.immediate:
            return self.compared(now) >= limit
        return self.compared(now) * SECOND > limit * self.interval * self.intervals

    def offer(self, limit: int | None, now: int) -> bool:
        """Count a call, and return whether it is admitted."""
        admitted = not self.closed(limit, now)
        self.calls.append(self.seen(now))
        return admitted

    def retry_after(self, limit: int | None, now: int) -> int:
        """Return the whole seconds until the gate opens if nobody calls (C5)."""
        if self.immediate:
            return 1
        boundary = self.start + ((self.seen(now) - self.start) // self.interval + 1) * self.interval
        while self.closed(limit, boundary):
            boundary += self.interval
        return max(1, -((now - boundary) // SECOND))
