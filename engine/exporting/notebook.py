"""repeat_run.ipynb: the script that repeats the run, a cell for each of its parts."""

from __future__ import annotations

import ast
import json
from pathlib import Path

from engine.contract.artefacts import ARTEFACTS, NOTEBOOK
from engine.contract.sentences import Sentence
from engine.contract.states import ArtefactProof
from engine.exporting.artefact_proof import Making, refused
from engine.exporting.script import repeating_notebook
from engine.workspace.atomic_files import as_json


def make_notebook(making: Making) -> None:
    """Writes it where the rows of the run are still known, and the run needs no other."""
    if not making.held_out.prepared:
        reason = Sentence("exporting.refused.no_rows", title=ARTEFACTS["notebook"].title)
        making.made["notebook"] = refused(making, "notebook", reason)
        return
    if making.evaluation.run.settings.student_layers:
        reason = Sentence("exporting.refused.learns_from_parent", title=ARTEFACTS["notebook"].title)
        making.made["notebook"] = refused(making, "notebook", reason)
        return
    path = making.folder / NOTEBOOK
    path.write_bytes(as_json(notebook_of(repeating_notebook(making.evaluation))))
    runnable_code(path)
    making.made["notebook"] = ArtefactProof("notebook", passed=True, size_bytes=path.stat().st_size)


def notebook_of(parts: list[tuple[str, str]]) -> dict[str, object]:
    """The notebook (nbformat 4.5) of parts, each a text in Markdown and its code."""
    cells: list[dict[str, object]] = []
    for text, code in parts:
        for kind, content in (("markdown", text), ("code", code)):
            if content.strip():
                extra: dict[str, object] = {"execution_count": None, "outputs": []} if kind == "code" else {}
                lines = content.strip("\n").splitlines(keepends=True)
                cells.append({"id": f"cell-{len(cells)}", "cell_type": kind, "metadata": {}, "source": lines, **extra})
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "cells": cells,
    }


def runnable_code(path: Path) -> str:
    """The code of all cells of a notebook; raises `SyntaxError` where it is none."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    code = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    ast.parse(code)
    return code
