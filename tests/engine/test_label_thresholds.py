"""Thresholds of labels from the end of training to the exported folder: each place gives the same labels."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow.parquet as parquet
import pytest

from engine import stages
from engine.cli.commands import evaluation_text, prediction_text
from engine.contract.errors import ModelDamaged
from engine.contract.queries import AskPrediction, Prediction
from engine.contract.settings import EvaluateSettings, ExportSettings, FineTuneSettings
from engine.contract.states import ExportedModel
from engine.evaluating.predict import predict_with_folder
from engine.script.assemble import code_so_far
from engine.tasks.multi_label_classification import task as multi_label
from engine.workspace.calibration import read_calibration
from engine.workspace.layout import Workspace
from engine.workspace.references import reference_to_run
from engine.workspace.runs import read_run
from tests.builders_data import ignore
from tests.engine.every_task import prepared_as_guessed

TEXT = "good good movie is fine"
CUTS = {"film": 0.999, "people": 0.0001, "praise": 0.3}  # film is never given, people always


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory, warm_proof: None) -> ExportedModel:
    """A run with planted thresholds, evaluated and exported."""
    root = tmp_path_factory.mktemp("thresholds")
    workspace = Workspace(root / "workspace").create()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(multi_label, "fitted_thresholds", lambda likely, truth: np.asarray(list(CUTS.values())))
        dataset = prepared_as_guessed("labels_list", root)
        settings = FineTuneSettings(epochs=4, learning_rate=3e-3, batch_size=8, device="cpu", precision="fp32")
        run = stages.fine_tune(dataset, settings, ignore, workspace=workspace)
    report = stages.evaluate(run, EvaluateSettings(), ignore, workspace=workspace)
    return stages.export(report, ExportSettings(proof_rows=5), ignore, workspace=workspace)


def test_without_validation_rows_cross_validated_answers_give_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace(tmp_path / "workspace").create()
    dataset = prepared_as_guessed("labels_list", tmp_path)
    settings = FineTuneSettings(updates=2, batch_size=8, device="cpu", precision="fp32")
    monkeypatch.setattr(multi_label, "fitted_thresholds", lambda likely, truth: None)
    run = stages.fine_tune(dataset, settings, ignore, workspace=workspace)
    assert not run.thresholds
    monkeypatch.setattr(multi_label, "fitted_thresholds", lambda likely, truth: np.asarray(list(CUTS.values())))
    by_folds = EvaluateSettings(split="cross_validation")
    report = stages.evaluate(run, by_folds, ignore, workspace=workspace)
    assert report.run.thresholds == CUTS
    assert read_run(workspace, run.id).run == report.run
    written = json.loads((Path(run.folder) / "calibration.json").read_text("utf-8"))
    assert written["thresholds"] == CUTS
    again = stages.evaluate(report.run, by_folds, ignore, workspace=workspace)  # whose folds are known
    assert (again.run.thresholds, again.scores) == (CUTS, report.scores)
    monkeypatch.setattr(multi_label, "fitted_thresholds", lambda likely, truth: np.full(3, 0.4))
    kept = stages.evaluate(report.run, by_folds, ignore, workspace=workspace)
    assert kept.run.thresholds == CUTS  # those that are there stay


def given(prediction: Prediction) -> set[str]:
    return {label.label for label in prediction.given}


def test_they_lie_beside_the_weights(exported: ExportedModel) -> None:
    run = exported.evaluation.run
    assert run.thresholds == CUTS
    for folder in (run.folder, exported.folder):
        assert json.loads((Path(folder) / "calibration.json").read_text("utf-8")) == {"version": 2, "thresholds": CUTS}
    assert "calibration.json" in {file.name for file in exported.files}
    assert exported.proof.passed


def test_evaluate_answers_with_them_and_reports_it(exported: ExportedModel) -> None:
    report = exported.evaluation
    predicted = parquet.read_table(Path(report.folder) / "predictions.parquet").column("predicted").to_pylist()
    assert all("people" in labels and "film" not in labels for labels in predicted)
    assert "its own threshold on, 0.00 to 1.00, fitted on rows that were not learned" in evaluation_text(report)


def test_try_it_the_terminal_and_the_exported_folder_answer_with_them(exported: ExportedModel) -> None:
    asked = AskPrediction(reference_to_run(exported.evaluation.run), TEXT)
    workspace = Workspace(Path(exported.evaluation.run.folder).parents[1])
    of_run = stages.answer(asked, ignore, workspace=workspace)
    assert isinstance(of_run, Prediction)
    of_folder = predict_with_folder(exported.folder, TEXT)
    assert given(of_run) == given(of_folder)
    assert "people" in given(of_folder)
    assert "film" not in given(of_folder)
    assert "people" in prediction_text(of_folder)


def test_what_the_card_shows_gives_the_same_labels(exported: ExportedModel) -> None:
    card = (Path(exported.folder) / "README.md").read_text("utf-8")
    code = card.split("```python\n")[1].split("```")[0].replace("path/to/this/folder", exported.folder)
    printed: list[Any] = []
    exec(compile(code, "card", "exec"), {"print": printed.append})
    assert "people" in printed[0]
    assert "film" not in printed[0]
    assert "threshold in calibration.json" in card


def test_the_script_scores_with_them(exported: ExportedModel) -> None:
    code = code_so_far(exported)
    ast.parse(code)
    assert "'people': 0.0001" in code or '"people": 0.0001' in code
    assert code.index("cut = log(") > code.index("trainer.train()")


def test_a_folder_with_a_damaged_calibration_is_refused(exported: ExportedModel, tmp_path: Path) -> None:
    (tmp_path / "calibration.json").write_text('{"thresholds": {"film": 3.0}}')
    with pytest.raises(ValueError, match="no probability"):
        read_calibration(tmp_path)
    for file in Path(exported.folder).iterdir():
        if file.is_file() and file.name != "calibration.json":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    with pytest.raises(ModelDamaged):
        predict_with_folder(str(tmp_path), TEXT)


def test_a_network_that_gives_every_row_the_same_reports_it(exported: ExportedModel, tmp_path: Path) -> None:
    for cuts, sentence in (
        (dict.fromkeys(CUTS, 0.9999), "The network gives no label to any row."),
        ({**dict.fromkeys(CUTS, 0.9999), "people": 0.0001}, "The network gives the same labels to every row: people."),
    ):
        run = msgspec.structs.replace(exported.evaluation.run, thresholds=cuts, folder=str(tmp_path))
        report = stages.evaluate(run, EvaluateSettings(), ignore, workspace=Workspace(tmp_path).create())
        assert sentence in report.notes
        assert sentence in evaluation_text(report)
