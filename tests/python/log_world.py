"""A device that writes an sml.log (S17, S18): its times are known here, whatever its clock and zone show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

TAG = "regid.2014-08.com.cisco.CUSP-5,1.0_8f106f12-4d11-44b7-8f36-f7aee3dfaa01"
PERIOD = timedelta(days=90)
MS = timedelta(milliseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class Device:
    """Lines of one process after another. zone: hours ahead of UTC; skew: its clock ahead of the manager's."""

    def __init__(self, *, zone: float = 0, skew: timedelta = timedelta(0)) -> None:
        self.zone, self.skew = timedelta(hours=zone), skew
        self.began = utc("2026-01-01")
        self.lines: list[str] = []

    @property
    def text(self) -> bytes:
        return "".join(line + "\n" for line in self.lines).encode()

    def start(self, at: str) -> None:
        """The process begins anew; the line it writes says so."""
        self.began = utc(at) + self.skew
        self.say(at, "INFO root - smart agent starting")

    def say(self, at: str | datetime, message: str) -> int:
        """A line with log4j's prefix (D6); gives its number."""
        true = utc(at) if isinstance(at, str) else at
        shown = true + self.skew
        local = shown + self.zone
        uptime = (shown - self.began) // MS
        clock = f"{local:%H:%M:%S},{local.microsecond // 1000:03}"
        self.lines.append(f"{clock} {uptime} [RubyThread-6:smart_agent.rb:161] {message}")
        return len(self.lines)

    def register(
        self, at: str, serial: int = 970857, renew: timedelta = timedelta(days=180), word: str = "register"
    ) -> int:
        fields = f"id_cert_sn:{serial}, signing_cert:sub_ca_cert:2, renew_interval:{renew // MS}"
        return self.say(at, f"DEBUG root - {word} received:{fields}")

    def request(self, at: str, count: int = 2, tag: str = TAG, extra: str = "") -> int:
        licence = f'#<LicenseEntitlement:0x1 @entitlement_tag="{tag}", @requested_count={count}{extra}>'
        who = "hostname:se-1, signing_cert_sn:3, id_cert_sn:970857, product_instance_id:1f0e2d3c"
        return self.say(at, f"DEBUG root - sending authorization request message with {who}, entitlements:[{licence}]")

    def answer(
        self, at: str, status: str = "IC", retry: timedelta = timedelta(days=30), start: str | None = None
    ) -> int:
        """The manager decided at ``start``, or when it answered."""
        began = utc(start or at)
        left = (began + PERIOD - utc(at)) // timedelta(seconds=1)
        fields = f"start_date:{(began - EPOCH) // MS}, compliance_status:{status}, expiry:{left}"
        retry_interval = int(retry.total_seconds())
        return self.say(at, f"DEBUG root - authorization received. {fields}, retry_interval:{retry_interval}")

    def exchange(self, at: str, count: int = 2, status: str = "IC", retry: timedelta = timedelta(days=30)) -> None:
        self.request(at, count)
        self.answer(at, status, retry)

    def fail(self, at: str, text: str) -> int:
        return self.say(at, f"ERROR root - {text}")
