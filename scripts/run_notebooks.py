"""Executes the notebooks and keeps their outputs; with --check says which are not what they would be.

    scripts/run_notebooks.py [--check] [NOTEBOOK ...]

What is kept reads on the web as in Jupyter, and is the same after every run: pictures are kept as SVG images, as web
pages drop them from HTML; widgets, which are nothing without a kernel, and what tells of one run are left out.
"""

from __future__ import annotations

import argparse
import difflib
import importlib
import json
import sys
from pathlib import Path
from typing import Any

from nbclient import NotebookClient

FOLDER = Path(__file__).parent.parent / "notebooks"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}
TIMEOUT = 300  # seconds for one cell: one that hangs says where

_nbformat: Any = importlib.import_module("nbformat")  # has types, but not for these functions

_WIDGET = "application/vnd.jupyter.widget-view+json"
_SVG, _HTML, _PLAIN = "image/svg+xml", "text/html", "text/plain"


def executed(path: Path) -> str:
    """The text of the notebook after a run of all its cells. Raises what nbclient does where a cell fails."""
    notebook = _nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=TIMEOUT, resources={"metadata": {"path": str(path.parent)}}).execute()
    return text(normalized(json.loads(_nbformat.writes(notebook))))


def normalized(notebook: dict[str, Any]) -> dict[str, Any]:
    """The notebook without what differs from run to run."""
    cells = []
    code = 0
    for number, cell in enumerate(notebook["cells"]):
        kept = {
            "cell_type": cell["cell_type"],
            "id": f"cell-{number:02}",
            "metadata": {},
            "source": _lines("".join(cell["source"])),
        }
        if cell["cell_type"] == "code":
            code += 1
            outputs = [each for output in _joined(cell["outputs"]) if (each := _kept(output, code)) is not None]
            kept |= {"execution_count": code, "outputs": outputs}
        cells.append(kept)
    return {"cells": cells, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5}


def text(notebook: dict[str, Any]) -> str:
    """As Jupyter writes it."""
    return json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _joined(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Pieces of one stream together: where it was cut is chance."""
    found: list[dict[str, Any]] = []
    for output in outputs:
        if output["output_type"] == "stream" and found and found[-1].get("name") == output["name"]:
            found[-1] = {**output, "text": "".join([*found[-1]["text"], *output["text"]])}
        else:
            found.append(output)
    return found


def _kept(output: dict[str, Any], count: int) -> dict[str, Any] | None:
    """One output in its normal form, or None if nothing of it is kept."""
    if "data" not in output:
        return {**output, "text": _lines("".join(output["text"]))} if output["output_type"] == "stream" else output
    data = {kind: "".join(content) for kind, content in output["data"].items() if kind != _WIDGET}
    if len(data) < len(output["data"]):
        return None
    if data.get(_HTML, "").startswith("<svg "):
        data = {_SVG: data[_HTML]}
    if len(data) > 1:
        data.pop(_PLAIN, None)  # the representation of an object, beside what it shows
    kept: dict[str, Any] = {"data": {kind: _lines(content) for kind, content in data.items()}, "metadata": {}}
    if output["output_type"] == "execute_result":
        kept["execution_count"] = count
    return {**kept, "output_type": output["output_type"]}


def _lines(content: str) -> list[str]:
    return content.splitlines(keepends=True)


def main() -> int:
    """Executes them one after the other, writing or comparing each."""
    parser = argparse.ArgumentParser(description="Executes the notebooks and keeps their outputs.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where the kept outputs are others")
    parser.add_argument("notebooks", nargs="*", type=Path, help="these only")
    arguments = parser.parse_args()
    stale = 0
    for path in arguments.notebooks or sorted(FOLDER.glob("*.ipynb")):
        after = executed(path)
        before = path.read_text(encoding="utf-8")
        if not arguments.check:
            path.write_text(after, encoding="utf-8")
        elif before != after:
            stale += 1
            difference = difflib.unified_diff(before.splitlines(), after.splitlines(), "kept", "now", n=1, lineterm="")
            print(f"{path.name} keeps other outputs; run scripts/run_notebooks.py", *difference, sep="\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
