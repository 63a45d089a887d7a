"""What every answer with a picture has in common."""

from __future__ import annotations

from pathlib import Path

__all__ = ["Drawn"]


class Drawn:
    """An answer that draws itself as SVG, in a file or in a notebook."""

    def to_svg(self) -> str:
        """The picture, as SVG text."""
        raise NotImplementedError

    def plot(self, path: str | Path | None = None) -> str | Path:
        """Writes the picture to ``path`` and gives the path back; without one gives the SVG text."""
        if path is None:
            return self.to_svg()
        Path(path).write_text(self.to_svg(), encoding="utf-8")
        return path

    def _repr_html_(self) -> str:
        return self.to_svg()
