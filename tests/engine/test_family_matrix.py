"""Family × task × {train, resume, evaluate, export, proof}: families in turn, BERT and RoBERTa all; nightly all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from engine.loading.configuration import ENCODERS
from tests.engine.family_matrix import NOT_RUN, PASSED, STEPS, TASKS, Cell, Matrix, keep, table

EVERY_TASK = ("bert", "roberta")  # word pieces, and bytes


def is_ordinary(family: str, task: str) -> bool:
    """Every family has one task in the ordinary run, in turn."""
    names = [name for name in sorted(ENCODERS) if name not in EVERY_TASK]
    return family in EVERY_TASK or list(TASKS)[names.index(family) % len(TASKS)] == task


CELLS = [
    pytest.param(family, task, id=f"{family}, {task}", marks=() if is_ordinary(family, task) else pytest.mark.nightly)
    for task in TASKS
    for family in sorted(ENCODERS)
]


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory, warm_proof: None) -> Iterator[Matrix]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield Matrix(tmp_path_factory.mktemp("families"))
    torch.set_num_threads(before)


@pytest.mark.parametrize(("family", "task"), CELLS)
def test_a_family_goes_all_the_way_in_a_task(family: str, task: str, matrix: Matrix) -> None:
    cell = matrix.cell(family, task)
    if results := os.environ.get("TUNEWRIGHT_FAMILY_RESULTS"):
        keep([cell], Path(results))
    assert cell.steps == dict.fromkeys(STEPS, PASSED)


def test_the_table_shows_what_failed_and_what_was_not_run(tmp_path: Path) -> None:
    results = tmp_path / "results.jsonl"
    broken = {**dict.fromkeys(STEPS, NOT_RUN), "train": PASSED, "resume": "ValueError: no"}
    keep([Cell("bert", "number", dict.fromkeys(STEPS, PASSED), 1.0), Cell("albert", "number", broken, 1.0)], results)
    lines = table(results, "1234567").splitlines()
    assert "at commit 1234567" in lines[2]
    assert "| bert | not run | not run | not run | passed | not run |" in lines
    assert "| albert | not run | not run | not run | **resume failed** | not run |" in lines
    assert lines[-1] == "- albert, number, resume: ValueError: no"
