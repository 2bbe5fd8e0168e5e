"""Equal inputs are never in two drawn splits, whatever the task, the labels and the files that are given."""

from __future__ import annotations

import contextlib
import csv
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.contract.cleaning_rules import CleaningRule, KeepNearDuplicatesTogether, KeepRareLabelsInTraining
from engine.contract.errors import DatasetInvalid
from engine.contract.settings import FileRows, PrepareSettings, Roles, TaskName
from engine.contract.states import ModelHandle
from engine.preparing.prepare import prepare
from engine.workspace.layout import Workspace
from tests.builders_data import ignore, tiny_model

TASKS: dict[TaskName, tuple[Roles, Callable[[int], str]]] = {
    "text_classification": (Roles(text="text", second_text="other", label="answer"), lambda answer: f"l{answer}"),
    "multi_label_classification": (
        Roles(text="text", second_text="other", labels="answer"),
        lambda answer: "|".join(f"l{bit}" for bit in range(3) if answer >> bit & 1),
    ),
    "regression": (Roles(text="text", second_text="other", score="answer"), lambda answer: str(answer / 2)),
    "token_classification": (
        Roles(tokens="text", tags="answer"),
        lambda answer: f"O {['B-X', 'B-Y', 'O'][answer % 3]}",
    ),
}
ROWS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 7)), min_size=1, max_size=60)
CLEANING_RULES = st.sampled_from([(), (KeepNearDuplicatesTogether(),), (KeepRareLabelsInTraining(3),)])


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ModelHandle:
    return tiny_model(tmp_path_factory.mktemp("model"))


@pytest.mark.parametrize("task", TASKS)
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(train=ROWS, test=st.one_of(st.just([]), ROWS), cleaning_rules=CLEANING_RULES, seed=st.integers(0, 99))
def test_no_input_is_in_two_drawn_splits(
    model: ModelHandle,
    tmp_path: Path,
    task: TaskName,
    train: list[tuple[int, int]],
    test: list[tuple[int, int]],
    cleaning_rules: tuple[CleaningRule, ...],
    seed: int,
) -> None:
    roles, write = TASKS[task]
    paths = []
    for name, rows in (("train", train), ("test", test)):
        path = tmp_path / f"{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            lines = [(f"word{text % 6} w{text}", f"o{text % 2}", write(answer)) for text, answer in rows]
            csv.writer(file).writerows([("text", "other", "answer"), *lines])
        paths.append(str(path) if rows else "")
    chosen = PrepareSettings(task=task, roles=roles, seed=seed, cleaning_rules=cleaning_rules, label_delimiter="|")
    workspace = Workspace(tmp_path / "workspace").create()
    with contextlib.suppress(DatasetInvalid):  # too few rows, or nothing to learn: said in words
        dataset = prepare(model, FileRows(paths[0], "", paths[1]), chosen, ignore, workspace=workspace)
        assert dataset.rows_in == dataset.rows_used + sum(entry.count for entry in dataset.excluded)
        assert all(split.rows for split in dataset.splits.values())
        splits_of: defaultdict[Any, set[str]] = defaultdict(set)
        for split, part in datasets.load_from_disk(dataset.folder).items():
            if split == "test" and test:
                assert part["row"] == sorted(part["row"])
                assert len(part) == len(test) - sum(entry.count for entry in dataset.excluded
                                                    if entry.reason.endswith("(test.csv)"))  # fmt: skip
                continue
            for row in part.select_columns(["text", "second_text"] if task != "token_classification" else ["tokens"]):
                splits_of[str(row)].add(split)
        assert all(len(splits) == 1 for splits in splits_of.values())
