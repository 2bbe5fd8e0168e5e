"""A temperature, a threshold and "don't know" from Evaluate to the exported folder: the same answers everywhere."""

from __future__ import annotations

import ast
import json
import runpy
import sys
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow.parquet as parquet
import pytest
from transformers import pipeline

from engine import stages
from engine.calibration.stored_logits import SCORED, VALIDATION, read_logits
from engine.calibration.temperature import class_probabilities, fitted_temperature
from engine.cli.commands import prediction_text
from engine.contract.errors import InvalidSetting
from engine.contract.queries import AskPrediction, Prediction
from engine.contract.settings import EvaluateSettings, ExportSettings
from engine.contract.states import EvaluationReport, ExportedModel
from engine.evaluating import evaluate as stage
from engine.evaluating.predict import predict_with_folder
from engine.script.assemble import code_so_far
from engine.workspace.calibration import read_calibration
from engine.workspace.layout import Workspace
from engine.workspace.references import reference_to_run
from engine.workspace.runs import read_run
from tests.builders_data import ignore
from tests.engine.trained_run import a_trained_run

MARGIN = 0.05  # of the two likeliest labels, above which every runtime must give the same
CHOSEN = EvaluateSettings(temperature="fit", unsure="conformal", coverage=0.8)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory, warm_proof: None) -> ExportedModel:
    """A run on noisy labels, evaluated, then with answers chosen, then exported."""
    root = tmp_path_factory.mktemp("calibrated")
    run, workspace = a_trained_run(root, sizes=(40, 240, 120), noise=4)
    first = stages.evaluate(run, EvaluateSettings(), ignore, workspace=workspace)
    report = stages.evaluate(first.run, CHOSEN, ignore, workspace=workspace)
    return stages.export(report, ExportSettings(proof_rows=20), ignore, workspace=workspace)


def workspace_of(report: EvaluationReport) -> Workspace:
    return Workspace(Path(report.run.folder).parents[1])


def test_texts(report: EvaluationReport) -> list[str]:
    from datasets import load_from_disk

    return list(load_from_disk(report.run.dataset.folder)["test"]["text"])[:40]


test_texts.__test__ = False  # type: ignore[attr-defined]


def answer_of(prediction: Prediction) -> str:
    return "don't know" if prediction.unsure else prediction.given[0].label


def test_what_is_chosen_is_part_of_the_run_and_lies_beside_the_weights(exported: ExportedModel) -> None:
    run = exported.evaluation.run
    assert run.temperature != 1
    assert run.unsure is not None
    assert (run.unsure.kind, run.unsure.coverage, run.unsure.rows) == ("conformal", 0.8, 120)
    assert read_calibration(Path(run.folder)) == run.calibration
    record = read_run(workspace_of(exported.evaluation), run.id)
    assert record.run == run
    assert record.exported is not None
    written = json.loads((Path(exported.folder) / "calibration.json").read_text("utf-8"))
    assert written["version"] == 2
    assert "temperature" not in written
    assert written["folded_temperature"] == run.temperature


def test_the_temperature_is_that_of_half_of_the_validation_rows(exported: ExportedModel) -> None:
    folder = Path(exported.evaluation.folder)
    stored = read_logits(folder / VALIDATION)
    assert stored is not None
    order = np.random.Generator(np.random.PCG64(0)).permutation(len(stored.rows))
    first = np.sort(order[: len(order) // 2])
    assert exported.evaluation.run.temperature == fitted_temperature(stored.logits[first], stored.truth[first])
    scored = read_logits(folder / SCORED)
    assert scored is not None
    assert not set(stored.rows.tolist()) & set(scored.rows.tolist())


def test_the_scores_are_those_of_the_calibrated_probabilities(exported: ExportedModel) -> None:
    report = exported.evaluation
    scored = read_logits(Path(report.folder) / SCORED)
    assert scored is not None
    likely = class_probabilities(scored.logits, report.run.temperature)
    loss = -np.log(likely[np.arange(len(scored.truth)), scored.truth]).mean()
    assert report.scores["log_loss"] == pytest.approx(loss, rel=1e-6)
    before = -np.log(class_probabilities(scored.logits)[np.arange(len(scored.truth)), scored.truth]).mean()
    assert loss < before
    table = parquet.read_table(Path(report.folder) / "predictions.parquet").to_pydict()
    np.testing.assert_allclose(table["probability"], likely.max(axis=1), rtol=1e-5)


def test_the_network_is_not_asked_again_for_other_answers(
    exported: ExportedModel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(stage, "network_outputs", refuse)
    report = exported.evaluation
    settings = EvaluateSettings(unsure="confidence", least_confidence=0.7)
    again = stages.evaluate(report.run, settings, ignore, workspace=Workspace(tmp_path).create())
    assert again.run.unsure is not None
    assert again.run.unsure.kind == "confidence"
    assert again.run.temperature == report.run.temperature
    assert {**again.scores} == pytest.approx({**report.scores})
    stages.evaluate(report.run, CHOSEN, ignore, workspace=Workspace(tmp_path).create())


def test_every_place_gives_the_same_answers(exported: ExportedModel) -> None:
    report = exported.evaluation
    texts = test_texts(report)
    reference, workspace = reference_to_run(report.run), workspace_of(report)
    of_run = [stages.answer(AskPrediction(reference, text), ignore, workspace=workspace) for text in texts]
    of_folder = [predict_with_folder(exported.folder, text) for text in texts]
    plain = pipeline("text-classification", model=exported.folder)
    card = (Path(exported.folder) / "README.md").read_text("utf-8")
    code = card.split("```python\n")[1].split("```")[0].replace("path/to/this/folder", exported.folder)
    names = {"print": lambda *_: None}
    exec(compile(code, "card", "exec"), names)
    answer: Any = names["answer"]
    table = parquet.read_table(Path(report.folder) / "predictions.parquet").to_pydict()
    evaluated = iter(table["probability"])
    close = 0
    kinds = set()
    for text, ours, folder in zip(texts, of_run, of_folder, strict=True):
        assert isinstance(ours, Prediction)
        assert ours.labels[0].probability == pytest.approx(next(evaluated), abs=1e-5)  # the temperature is in all
        theirs = {item["label"]: item["score"] for item in plain(text, top_k=None)}
        for one in ours.labels:
            assert theirs[one.label] == pytest.approx(one.probability, abs=1e-5)
        if ours.labels[0].probability - ours.labels[1].probability <= MARGIN:
            close += 1
            continue
        assert answer_of(ours) == answer_of(folder) == answer(text)
        kinds.add(answer_of(ours))
        if ours.unsure:
            assert prediction_text(ours).startswith("don't know")
    assert close < len(texts) / 2
    assert len(kinds) >= 2


def test_the_script_of_the_export_answers_from_the_command_line(
    exported: ExportedModel, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = test_texts(exported.evaluation)[:6]
    monkeypatch.setattr(sys, "argv", ["predict.py", *texts])
    runpy.run_path(str(Path(exported.folder) / "predict.py"), run_name="__main__")
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert printed == [answer_of(predict_with_folder(exported.folder, text)) for text in texts]
    assert "predict.py" in {file.name for file in exported.files}


def test_the_whole_file_shows_where_it_does_not_know(exported: ExportedModel, tmp_path: Path) -> None:
    report = exported.evaluation
    texts = test_texts(report)
    source, target = tmp_path / "texts.jsonl", tmp_path / "answers.jsonl"
    source.write_text("".join(json.dumps({"review": text}) + "\n" for text in texts), "utf-8")
    stages.predict_file(report.run, str(source), str(target), ignore, workspace=workspace_of(report))
    lines = [json.loads(line) for line in target.read_text("utf-8").splitlines()]
    for text, line in zip(texts, lines, strict=True):
        ours = predict_with_folder(exported.folder, text)
        assert line["don't know"] == ("yes" if ours.unsure else "no")
        assert line["prediction"] == ("" if ours.unsure else ours.given[0].label)
        assert line["possible labels"] == " | ".join(ours.possible)


def test_the_report_counts_what_is_unsure_and_what_the_sets_hold(exported: ExportedModel) -> None:
    report = exported.evaluation
    (note,) = [note for note in report.notes if note.id == "evaluating.note.unsure_by_sets"]
    likely, truth = scored_probabilities(report)
    rule = report.run.unsure
    assert rule is not None
    cutoffs = np.asarray([rule.label_cutoffs.get(name, rule.cutoff) for name in report.run.dataset.label_names])
    sets = likely >= cutoffs
    unsure = (sets.sum(axis=1) != 1) | ~sets[np.arange(len(truth)), likely.argmax(axis=1)]
    # A cutoff is the value of a validation row: a test row with the same value is on either side by its last digit.
    ties = int((np.abs(likely - cutoffs) < 1e-6).any(axis=1).sum())
    assert ties <= len(truth) // 4
    held = sets[np.arange(len(truth)), truth].mean()
    assert note.values["held"] == pytest.approx(held, abs=ties / len(truth) + 1e-9)
    assert note.values["unsure"] == pytest.approx(unsure.sum(), abs=ties)
    assert note.values["unsure"] + note.values["answered"] == len(truth)
    assert note.values["right"] == pytest.approx((likely.argmax(axis=1) == truth)[~unsure].sum(), abs=ties)


def scored_probabilities(report: EvaluationReport) -> tuple[np.ndarray, np.ndarray]:
    scored = read_logits(Path(report.folder) / SCORED)
    assert scored is not None
    return class_probabilities(scored.logits, report.run.temperature), scored.truth


def test_a_threshold_of_one_class_changes_the_answers_and_no_probability(
    exported: ExportedModel, tmp_path: Path
) -> None:
    before = exported.evaluation
    label = before.run.dataset.label_names[1]
    settings = EvaluateSettings(threshold_label=label, threshold=0.9)
    after = stages.evaluate(before.run, settings, ignore, workspace=Workspace(tmp_path).create())
    assert after.run.thresholds == pytest.approx({label: 0.9})
    likely, truth = scored_probabilities(after)
    predicted = (likely[:, 1] >= 0.9).astype(int)
    counted = [[int(((truth == row) & (predicted == column)).sum()) for column in (0, 1)] for row in (0, 1)]
    assert [list(row) for row in after.confusion] == counted
    assert after.scores["log_loss"] == pytest.approx(before.scores["log_loss"], rel=1e-9)
    removed = EvaluateSettings(threshold_label=label, threshold=0.0)
    assert stages.evaluate(after.run, removed, ignore, workspace=Workspace(tmp_path).create()).run.thresholds == {}


def test_a_promise_that_the_rows_cannot_keep_is_refused(exported: ExportedModel, tmp_path: Path) -> None:
    settings = EvaluateSettings(unsure="conformal", coverage=0.995)
    with pytest.raises(InvalidSetting, match="too few to promise"):
        stages.evaluate(exported.evaluation.run, settings, ignore, workspace=Workspace(tmp_path).create())


def test_the_script_scores_with_the_same_answers(exported: ExportedModel) -> None:
    code = code_so_far(exported)
    ast.parse(code)
    assert f"temperature = {exported.evaluation.run.temperature!r}" in code
    assert "cutoffs = {" in code


def test_a_folder_of_a_newer_program_is_refused(exported: ExportedModel, tmp_path: Path) -> None:
    (tmp_path / "calibration.json").write_text('{"version": 3}')
    with pytest.raises(ValueError, match="newer"):
        read_calibration(tmp_path)
    (tmp_path / "calibration.json").write_text('{"thresholds": {"film": 0.3}}')
    assert read_calibration(tmp_path).thresholds == {"film": 0.3}


def test_training_on_rows_again_forgets_nothing_but_answers(exported: ExportedModel) -> None:
    run = exported.evaluation.run
    plain = run.calibrated(msgspec.structs.replace(run.calibration, temperature=1.0, unsure=None))
    assert msgspec.structs.replace(plain, temperature=run.temperature, unsure=run.unsure) == run
