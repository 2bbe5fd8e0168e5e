"""Real data sets go the road to a score: they are prepared, a few steps are trained, the test rows are scored."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import stages
from engine.contract.queries import AskPreview, Preview
from engine.contract.settings import EvaluateSettings, FileRows, FineTuneSettings, PrepareSettings
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
