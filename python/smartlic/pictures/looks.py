"""How modes look in every picture. Luminance falls from what is well to what is blocked, so they differ in grey too."""

from __future__ import annotations

from dataclasses import dataclass

from smartlic.pictures.svg import Svg

__all__ = ["MODE_LOOKS", "RAMP", "ModeLook", "mode_fill", "ramp"]


@dataclass(frozen=True)
class ModeLook:
    """A mode's colours; ``hatched`` modes get diagonal stripes in ``stripe``."""

    fill: str
    text: str
    stripe: str | None = None


MODE_LOOKS = {
    "InCompliance": ModeLook("#d5efdb", "#123d1f"),
    "Eval": ModeLook("#a9cdf0", "#0d2a4a"),
    "OutOfCompliance": ModeLook("#d9962b", "#2b1b00"),
    "AuthorizationExpired": ModeLook("#c0303f", "#ffffff", "#a8202f"),
    "EvalExpired": ModeLook("#5b1f6d", "#ffffff", "#6f3383"),
    "Disabled": ModeLook("#222222", "#ffffff", "#333333"),
}


def mode_fill(svg: Svg, mode: str) -> str:
    """What to use as ``fill`` for a mode; defines its pattern if it has one."""
    look = MODE_LOOKS[mode]
    if look.stripe is None:
        return look.fill
    return svg.hatch(f"smartlic-{mode}", background=look.fill, stroke=look.stripe, width=2)


# From best to worst; luminance falls all the way.
RAMP = ((253, 246, 227), (224, 138, 46), (74, 16, 48))


def ramp(share: float) -> tuple[str, str]:
    """The colour at ``share`` (0 to 1) of ``RAMP``, and one for text on it."""
    place = min(max(share, 0.0), 1.0) * (len(RAMP) - 1)
    index = min(int(place), len(RAMP) - 2)
    mixed = [round(a + (b - a) * (place - index)) for a, b in zip(RAMP[index], RAMP[index + 1], strict=True)]
    luminance = 0.299 * mixed[0] + 0.587 * mixed[1] + 0.114 * mixed[2]
    return "#" + "".join(f"{each:02x}" for each in mixed), "#1a1a1a" if luminance > 125 else "#ffffff"
