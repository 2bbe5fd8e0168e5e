"""What the program scores, a plain pipeline reaches on plain text, for every family (nightly)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from engine.loading.configuration import ENCODERS
from tests.engine.family_scores import TASKS, Scores, keep, scores_of, spans_of, table, trimmed

CELLS = [
    pytest.param(family, task, id=f"{family}, {task}", marks=pytest.mark.nightly)
    for task in TASKS
    for family in sorted(ENCODERS)
]


@pytest.fixture
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(("family", "task"), CELLS)
@pytest.mark.usefixtures("_one_thread", "warm_proof")
def test_a_pipeline_reaches_the_score_of_the_program(family: str, task: str, tmp_path: Path) -> None:
    scores = scores_of(family, task, tmp_path)
    if results := os.environ.get("TUNEWRIGHT_FAMILY_SCORES"):
        keep(scores, Path(results))
    assert scores.rows >= 10
    assert scores.pipeline == pytest.approx(scores.program, abs=1e-6)


def test_spans_are_those_of_the_text() -> None:
    words, tags = ["Anna", "Weber", "moved", "to", "Graz"], ["B-PER", "I-PER", "O", "O", "B-LOC"]
    assert spans_of(words, tags) == [(0, 10, "PER"), (20, 24, "LOC")]
    assert trimmed("in Graz", 2, 7, "LOC") == (3, 7, "LOC")


def test_the_table_counts_what_differs_and_says_what_was_not_run(tmp_path: Path) -> None:
    results = tmp_path / "results.jsonl"
    keep(Scores("bert", "entities", 1.0, 1.0, 11), results)
    keep(Scores("roberta", "entities", 1.0, 0.0, 11), results)
    lines = table(results, "1234567").splitlines()
    assert "2 of 62 were run; 1 of them differ." in lines
    assert "| roberta | 1.000 | 0.000 | not run | not run |" in lines
