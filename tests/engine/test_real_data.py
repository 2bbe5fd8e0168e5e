"""Real data sets go the road to a score: they are prepared, a few steps are trained, the test rows are scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as parquet
import pytest
import seqeval.metrics as seqeval
from scipy import stats
from sklearn import metrics

from engine import stages
from engine.contract.queries import AskPreview, Preview
from engine.contract.settings import EvaluateSettings, FileRows, FineTuneSettings, PrepareSettings
from engine.tasks.registry import task_named
from engine.workspace.layout import Workspace
from tests.builders_data import ignore, tiny_model
from tests.paths import SHARED_DATA as DATA

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real data sets are not on this computer"),
]


@pytest.mark.parametrize(
    ("name", "ending", "test_rows", "headline", "limit"),  # of all rows; 0: none
    [
        ("trec", "csv", 500, "macro_f1", 1_000),
        pytest.param("trec", "csv", 500, "macro_f1", 0, marks=pytest.mark.nightly),
        ("wnut17", "conll", 1_287, "entity_f1", 400),
        pytest.param("wnut17", "conll", 1_287, "entity_f1", 0, marks=pytest.mark.nightly),
        pytest.param("stsb", "tsv", 1_379, "spearman", 0, marks=pytest.mark.nightly),
        ("nlupp_multilabel", "jsonl", 302, "micro_f1", 300),
        pytest.param("nlupp_multilabel", "jsonl", 302, "micro_f1", 0, marks=pytest.mark.nightly),
        pytest.param("sms_spam", "tsv", 1_114, "macro_f1", 0, marks=pytest.mark.nightly),
        pytest.param("mrpc", "tsv", 1_725, "macro_f1", 0, marks=pytest.mark.nightly),
    ],
)
def test_a_few_steps_and_a_score(
    tmp_path: Path, name: str, ending: str, test_rows: int, headline: str, limit: int
) -> None:
    workspace = Workspace(tmp_path / "workspace").create()
    rows = FileRows(*(str(DATA / name / f"{split}.{ending}") for split in ("train", "validation", "test")))
    found = stages.answer(AskPreview(rows), ignore, workspace=workspace)
    assert isinstance(found, Preview)
    settings = PrepareSettings(task=found.task, roles=found.roles, row_limit=limit)
    dataset = stages.prepare_dataset(tiny_model(tmp_path / "model"), rows, settings, ignore, workspace=workspace)
    assert dataset.rows_used == limit or not limit
    run = stages.fine_tune(dataset, FineTuneSettings(epochs=0.05, device="cpu", threads=1), ignore, workspace=workspace)
    assert run.steps == run.steps_planned > (0 if limit else 5)
    evaluation = stages.evaluate(run, EvaluateSettings(device="cpu"), ignore, workspace=workspace)
    assert evaluation.rows == dataset.splits["test"].rows
    assert evaluation.rows == test_rows or limit
    assert evaluation.headline == headline
    assert evaluation.scores[headline] is not None
    assert ("mean" if found.task == "regression" else "majority") in evaluation.baselines
    table = parquet.read_table(Path(evaluation.folder) / "predictions.parquet").to_pydict()
    if found.task != "token_classification":  # what is beyond the maximum length counts there, and is not in the table
        assert_as_the_libraries(found.task, dataset.label_names, table["truth"], table["predicted"], evaluation.scores)
    # A network of a few steps answers alike everywhere: every third row gets the truth of the row before it.
    moved = [table["truth"][place - (place % 3 == 0)] for place in range(len(table["truth"]))]
    if found.task == "token_classification":
        moved = [(one + ["O"] * len(own))[: len(own)] for one, own in zip(moved, table["truth"], strict=True)]
    scores = task_named(found.task, dataset.label_names).scored_predictions(table["truth"], moved, dataset.label_names)
    assert_as_the_libraries(found.task, dataset.label_names, table["truth"], moved, scores.scores)
    assert 0.2 < (scores.scores[headline] or 0) < 0.95


def assert_as_the_libraries(
    task: str, names: Sequence[str], truth: list[Any], predicted: list[Any], scores: Mapping[str, float | None]
) -> None:
    """The scores of real answers are those of scikit-learn, seqeval and SciPy."""
    match task:
        case "text_classification":
            classes = sorted(set(truth))
            expected = {
                "accuracy": metrics.accuracy_score(truth, predicted),
                "macro_f1": metrics.f1_score(truth, predicted, labels=classes, average="macro", zero_division=0),
                "mcc": metrics.matthews_corrcoef(truth, predicted),
            }
        case "multi_label_classification":
            columns = {name: place for place, name in enumerate(names)}

            def marked(rows: list[list[str]]) -> np.ndarray:
                found = np.zeros((len(rows), len(names)), dtype=int)
                for place, labels in enumerate(rows):
                    found[place, [columns[label] for label in labels]] = 1
                return found

            expected = {
                "micro_f1": metrics.f1_score(marked(truth), marked(predicted), average="micro", zero_division=0),
                "subset_accuracy": metrics.accuracy_score(marked(truth), marked(predicted)),
            }
        case "token_classification":
            expected = {"entity_f1": seqeval.f1_score(truth, predicted, zero_division=0)}
        case _:
            expected = {
                "spearman": stats.spearmanr(truth, predicted).statistic,
                "pearson": stats.pearsonr(truth, predicted).statistic,
                "mae": metrics.mean_absolute_error(truth, predicted),
            }
    assert {name: scores[name] for name in expected if scores[name] is not None} == pytest.approx(
        {name: value for name, value in expected.items() if scores[name] is not None}, abs=1e-9
    )
