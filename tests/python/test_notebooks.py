"""What the notebooks keep, and how scripts/run_notebooks.py makes it the same after every run. nbmake executes them."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
import run_notebooks
from nbclient.exceptions import CellExecutionError

PATHS = sorted(run_notebooks.FOLDER.glob("*.ipynb"))
SVG = "<svg xmlns='http://www.w3.org/2000/svg'>\n</svg>"


def code(*outputs: dict[str, Any]) -> dict[str, Any]:
    cell = {"cell_type": "code", "source": ["(1 +\n", "1)"], "metadata": {"execution": {"at": "now"}}, "id": "4f2a"}
    return {**cell, "execution_count": 17, "outputs": [*outputs]}


def shown(data: dict[str, Any]) -> dict[str, Any]:
    return {"output_type": "execute_result", "data": data, "metadata": {"seen": 1}, "execution_count": 17}


def printed(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text.splitlines(keepends=True)}


def kept(*outputs: dict[str, Any]) -> list[Any]:
    found = run_notebooks.normalized({"cells": [code(*outputs)]})["cells"][0]["outputs"]
    assert isinstance(found, list)
    return found


# --- what is kept


@pytest.fixture(params=PATHS, ids=[path.stem for path in PATHS])
def kept_notebook(request: pytest.FixtureRequest) -> dict[str, Any]:
    notebook = json.loads(request.param.read_text(encoding="utf-8"))
    assert isinstance(notebook, dict)
    return notebook


def test_each_section_ends_in_a_checked_claim(kept_notebook: dict[str, Any]) -> None:
    sections: dict[str, list[str]] = {}
    for cell in kept_notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown" and source.startswith("## "):
            sections[source.partition("\n")[0]] = []
        elif cell["cell_type"] == "code" and sections:
            sections[[*sections][-1]].append(source)
    assert len(sections) >= 4
    assert [title for title, cells in sections.items() if not re.search(r"^\s*assert ", cells[-1], re.M)] == []


def test_all_cells_were_executed_in_order_and_none_failed_or_warned(kept_notebook: dict[str, Any]) -> None:
    cells = [cell for cell in kept_notebook["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell["outputs"]]
    assert outputs
    assert not [output for output in outputs if output["output_type"] == "error" or output.get("name") == "stderr"]


def test_what_is_kept_is_in_the_normal_form_and_names_no_machine(kept_notebook: dict[str, Any]) -> None:
    assert run_notebooks.normalized(copy.deepcopy(kept_notebook)) == kept_notebook
    text = json.dumps(kept_notebook)
    assert not re.findall(r"/(?:tmp|home|root|work|usr)/\w+| at 0x[0-9a-f]{6,}", text)


def test_each_names_the_next_step_and_the_file_is_there(kept_notebook: dict[str, Any]) -> None:
    last = "".join(kept_notebook["cells"][-1]["source"])
    assert last.startswith("**Next:**")
    linked = re.findall(r"\]\((\w+\.ipynb)\)", last)
    assert linked
    assert {*linked} <= {path.name for path in PATHS}


# --- the normal form


def test_what_tells_of_one_run_is_left_out() -> None:
    once = run_notebooks.normalized({"cells": [code(shown({"text/plain": ["2"]}))], "metadata": {"path": "here"}})
    assert once == {
        "cells": [
            {
                "cell_type": "code",
                "id": "cell-00",
                "metadata": {},
                "source": ["(1 +\n", "1)"],
                "execution_count": 1,
                "outputs": [
                    {
                        "output_type": "execute_result",
                        "data": {"text/plain": ["2"]},
                        "metadata": {},
                        "execution_count": 1,
                    }
                ],
            }
        ],
        "metadata": run_notebooks.METADATA,
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def test_where_a_stream_was_cut_does_not_matter() -> None:
    whole = [printed("one\ntwo\nthree\n")]
    assert kept(printed("one\nt"), printed("wo\n"), printed("three\n")) == kept(*whole) == whole
    assert len(kept(printed("out\n"), printed("err\n", "stderr"))) == 2


def test_pictures_are_kept_as_images_and_tables_as_tables() -> None:
    (picture,) = kept(shown({"text/html": SVG.splitlines(keepends=True), "text/plain": ["Timeline(...)"]}))
    assert picture["data"] == {"image/svg+xml": SVG.splitlines(keepends=True)}
    (table,) = kept(shown({"text/html": ["<table></table>"], "text/plain": ["Comparison(...)"]}))
    assert table["data"] == {"text/html": ["<table></table>"]}


def test_widgets_are_left_out() -> None:
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "4f2a"}, "text/plain": ["VBox(...)"]}
    assert kept(shown(view)) == []


def test_a_notebook_is_executed_and_one_that_fails_says_so(tmp_path: Path) -> None:
    path = tmp_path / "it.ipynb"
    path.write_text(run_notebooks.text(run_notebooks.normalized({"cells": [code()]})), encoding="utf-8")
    after = json.loads(run_notebooks.executed(path))
    assert after["cells"][0]["outputs"][0]["data"] == {"text/plain": ["2"]}
    path.write_text(path.read_text(encoding="utf-8").replace('"1)"', '"None)"'), encoding="utf-8")
    with pytest.raises(CellExecutionError, match="TypeError"):
        run_notebooks.executed(path)
