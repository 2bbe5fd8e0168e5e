"""Nothing is held out: all rows train, cross-validation scores the way of training, and the export claims no more."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import msgspec
import numpy as np
import pyarrow.parquet as parquet
import pytest
import torch
from datasets import Dataset, load_from_disk

from engine import stages
from engine.contract.errors import DatasetInvalid, StopRequested
from engine.contract.events import Evaluated, Event, Progressed
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.settings import EvaluateSettings, ExportSettings, FileRows, PrepareSettings, SearchSettings
from engine.contract.states import PreparedDataset, TrainingRun
from engine.devices.detection import Compute
from engine.exporting.export import _held_out_rows
from engine.preparing.prepare import prepare
from engine.tasks.registry import task_named
from engine.tasks.rows import Outputs
from engine.training.cross_validation import cross_validate as cross_validation
from engine.training.cross_validation.cross_validate import cross_validate, folds_of
from engine.training.cross_validation.fold_training import FoldRows
from engine.workspace.layout import Workspace
from tests.builders_data import ignore, prepared_tiny_dataset, review_rows, tiny_model
from tests.engine.every_task import Road, prepared_as_guessed
from tests.engine.script_process import output_of
from tests.engine.small_runs import Listener, small_settings

ALL = PrepareSettings(test_share=0)
ON_CPU = Compute(torch.device("cpu"), "fp32", 1, "cpu")


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory, warm_proof: None) -> Road:
    """A contrastive start, whose head is fitted in what is an evaluation elsewhere."""
    folder = tmp_path_factory.mktemp("all")
    dataset = prepared_tiny_dataset(folder, settings=ALL)
    workspace = Workspace(folder / "workspace").create()
    events: list[Event] = []
    settings = small_settings(method="contrastive", updates=12, batch_size=8)
    run = stages.fine_tune(dataset, settings, events.append, workspace=workspace)
    report = stages.evaluate(run, EvaluateSettings(device="cpu"), events.append, workspace=workspace)
    exported = stages.export(report, ExportSettings(proof_rows=8), events.append, workspace=workspace)
    return Road(workspace, dataset, run, report, exported, events)


def elsewhere(run: TrainingRun, folder: Path) -> TrainingRun:
    """The same network; what an evaluation writes comes into another folder."""
    shutil.copytree(run.folder, folder / "run", ignore=shutil.ignore_patterns("evaluation", "export"))
    return msgspec.structs.replace(run, folder=str(folder / "run"))


def test_all_rows_train(road: Road) -> None:
    assert {name: split.rows for name, split in road.dataset.splits.items()} == {
        "train": 96,
        "validation": 0,
        "test": 0,
    }
    assert road.dataset.all_train
    assert sum(reason.count for reason in road.dataset.excluded) == 0


def test_the_run_has_no_score_and_keeps_its_last_step(road: Road, tmp_path: Path) -> None:
    assert not any(isinstance(event, Evaluated) for event in road.events)
    assert (road.run.best_score, road.run.best_step, road.run.steps) == (None, 12, 12)
    settings = EvaluateSettings(split="train", device="cpu")
    answer = stages.evaluate(elsewhere(road.run, tmp_path), settings, ignore, workspace=Workspace(tmp_path))
    assert (answer.scores["accuracy"] or 0) > 0.9  # the head that was fitted on them, not the one it began with


def test_the_report_is_of_rows_out_of_the_fold(road: Road) -> None:
    report = road.evaluation
    assert (report.settings.split, report.folds, report.repeats, report.rows) == ("cross_validation", 5, 1, 96)
    low, high = report.intervals["macro_f1"]
    assert low < (report.scores["macro_f1"] or 0) <= high
    assert sum(map(sum, report.confusion)) == 96
    right = sum(report.confusion[place][place] for place in range(2))
    assert right == round(96 * (report.scores["accuracy"] or 0))
    assert {"majority", "tfidf_svm", "frozen_encoder"} == set(report.baselines)
    assert set(report.differences) == set(report.baselines)
    ids = [note.id for note in report.notes]
    assert ids[0] == "evaluating.note.cross_validated"
    assert "evaluating.note.interval_width" in ids


def test_every_row_has_its_own_answer_in_the_order_of_the_rows(road: Road) -> None:
    rows = load_from_disk(road.dataset.folder)["train"]
    table = parquet.read_table(Path(road.evaluation.folder) / "predictions.parquet").to_pydict()
    assert table["row"] == rows["row"][:]
    assert table["truth"] == rows["label"][:]
    wrong = [line for line, right in zip(rows["line"], table["right"], strict=True) if not right]  # as editors count
    assert sorted(row.row for row in road.evaluation.wrong_rows) == sorted(wrong)


def test_the_export_is_trained_on_all_rows_and_claims_no_score_of_its_weights(road: Road) -> None:
    folder = Path(road.exported.folder)
    card = (folder / "README.md").read_text("utf-8")
    assert road.exported.proof.passed
    assert "The weights in this folder were trained on all 96 rows" in card
    assert "no score of these weights themselves was measured" in card
    assert "model-index" not in card  # what the Hub would show as the model's own score
    assert "the texts of 8 training rows" in card
    assert "held-out" not in card.split("## Intended use")[0]
    record = json.loads((folder / "training_record.json").read_text("utf-8"))
    assert (record["evaluation"]["split"], record["evaluation"]["folds"]) == ("cross_validation", 5)
    assert 'split = "cross_validation"' in (folder / "recipe.toml").read_text("utf-8")
    assert "test_share = 0" in (folder / "recipe.toml").read_text("utf-8")


def test_no_artefact_is_scored_on_rows_that_its_weights_have_learned(road: Road, tmp_path: Path) -> None:
    learned = _held_out_rows(task_named(road.dataset.task), load_from_disk(road.dataset.folder), 8)
    assert (len(learned.inputs), len(learned.prepared)) == (8, 0)
    splits = load_from_disk(prepared_tiny_dataset(tmp_path).folder)
    assert len(_held_out_rows(task_named(road.dataset.task), splits, 8).prepared) == 8


@pytest.mark.nightly
def test_the_script_repeats_the_run_without_held_out_rows(road: Road, warm_python: str) -> None:
    folder = Path(road.exported.folder)
    (folder / "reviews.csv").write_bytes(Path(road.dataset.source.path).read_bytes())  # type: ignore[union-attr]
    assert "LABEL" not in output_of(
        warm_python, folder / "repeat_run.py", "reviews.csv", str(road.dataset.model.folder)
    )


def test_answers_are_chosen_by_what_is_out_of_the_fold(road: Road, tmp_path: Path) -> None:
    settings = EvaluateSettings(device="cpu", unsure="conformal", coverage=0.8)
    asked = Listener()
    report = stages.evaluate(elsewhere(road.run, tmp_path), settings, asked, workspace=Workspace(tmp_path))
    assert report.run.unsure is not None
    assert report.run.unsure.rows == 96
    assert "evaluating.note.sets_of_scored_rows" in [note.id for note in report.notes]
    notes = [event.note.id for event in asked.of(Progressed)]
    assert "training.progress.cross_validating" not in notes  # the folds are kept


# Folds


def told_labels(dataset: PreparedDataset, settings: object, compute: object, fold: FoldRows, *_: object) -> Outputs:
    """Logits that hold the row's number in its file, to be found again."""
    task = task_named(dataset.task, dataset.label_names)
    rows = fold.rows.select(fold.outside)
    outputs = 1 if task.facts.labels_are_numbers else len(dataset.label_names)
    shapes = [(len(row["labels"]), outputs) if task.facts.one_label_per_word else (outputs,) for row in rows]
    logits = [np.full(shape, row["row"], dtype=np.float32) for shape, row in zip(shapes, rows, strict=True)]
    return Outputs(logits, [np.asarray(row["labels"]) for row in rows], rows["row"][:])


@pytest.mark.parametrize("kind", ["pair", "pair_score", "labels_list", "names"])
def test_each_row_is_predicted_once_by_a_network_that_has_not_learned_its_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    if kind == "names":
        dataset = prepared_tiny_dataset(tmp_path, "token_classification")
    else:
        dataset = prepared_as_guessed(kind, tmp_path)
    train = load_from_disk(dataset.folder)["train"]
    train = Dataset.from_dict({name: [*train[name][:], *train[name][:3]] for name in train.column_names})
    seen: list[FoldRows] = []

    def predict(dataset: PreparedDataset, settings: object, compute: object, fold: FoldRows, *rest: object) -> Outputs:
        seen.append(fold)
        return told_labels(dataset, settings, compute, fold, *rest)

    monkeypatch.setattr(cross_validation, "predict_out_of_fold", predict)
    found = cross_validate(dataset, small_settings(), train, ON_CPU, ignore)
    assert len(seen) == found.fold_count
    assert [float(np.unique(row).item()) for row in found.outputs.logits] == [float(n) for n in train["row"][:]]
    if kind == "names":
        assert [len(row) for row in found.outputs.logits] == [len(ids) for ids in train["input_ids"][:]]
    outside = np.concatenate([fold.outside for fold in seen])
    assert sorted(outside.tolist()) == list(range(len(train)))
    for fold in seen:
        texts = [{row["input_ids"].__str__() for row in train.select(part)} for part in (fold.inside, fold.outside)]
        assert not texts[0] & texts[1]  # equal texts are in one fold
        assert len(fold.inside) > len(train) / 2


def test_a_stop_within_a_fold_keeps_the_folds_before_it(tmp_path: Path) -> None:
    dataset = prepared_tiny_dataset(tmp_path, settings=ALL)
    train = load_from_disk(dataset.folder)["train"]

    def in_second_fold(event: Event) -> BaseException | None:
        is_step = isinstance(event, Progressed) and event.unit == "steps" and event.note.values.get("number") == 2
        return StopRequested() if is_step else None

    stopped = Listener(in_second_fold)
    settings = small_settings(updates=2)
    with pytest.raises(StopRequested):
        cross_validate(dataset, settings, train, ON_CPU, stopped)
    again = Listener()
    found = cross_validate(dataset, settings, train, ON_CPU, again)
    assert {event.note.values["number"] for event in again.of(Progressed)} == {2, 3, 4, 5}
    assert not np.isnan(np.stack(found.outputs.logits)).any()


def test_a_rare_label_makes_no_fewer_folds_where_rows_have_several(tmp_path: Path) -> None:
    dataset = prepared_as_guessed("labels_list", tmp_path)
    train = load_from_disk(dataset.folder)["train"]
    columns = {name: train[name][:] for name in train.column_names}
    columns["label_set"][0] = ["rare"]
    folds = folds_of(Dataset.from_dict(columns), task_named(dataset.task, dataset.label_names), seed=1)
    assert folds.max() == 4


# Too few rows


def test_two_rows_are_refused_with_the_way_out_and_train_without_held_out_rows(tmp_path: Path) -> None:
    file = tmp_path / "two.csv"
    file.write_text("text,label\n" + "".join(f'"{text}",{label}\n' for text, label in review_rows()[:2]), "utf-8")
    workspace = Workspace(tmp_path / "workspace").create()
    with pytest.raises(DatasetInvalid) as refused:
        prepare(tiny_model(tmp_path), FileRows(str(file)), PrepareSettings(), ignore, workspace=workspace)
    assert refused.value.id == "D10"
    assert refused.value.actions[0] is RecoveryAction.TRAIN_ON_ALL_ROWS
    dataset = prepare(tiny_model(tmp_path), FileRows(str(file)), ALL, ignore, workspace=workspace)
    assert dataset.splits["train"].rows == 2


def test_rows_with_one_text_cannot_be_cross_validated(tmp_path: Path) -> None:
    file = tmp_path / "one.csv"
    file.write_text("text,label\nthe film is good,positive\nthe film is good,negative\n", "utf-8")
    workspace = Workspace(tmp_path / "workspace").create()
    with pytest.raises(DatasetInvalid) as refused:
        prepare(tiny_model(tmp_path), FileRows(str(file)), ALL, ignore, workspace=workspace)
    assert refused.value.message.id == "preparing.d10.too_few_to_cross_validate"  # type: ignore[union-attr]


def test_a_test_file_is_held_out_whatever_the_share(tmp_path: Path) -> None:
    def written(name: str, rows: list[tuple[str, str]]) -> str:
        (tmp_path / name).write_text("text,label\n" + "".join(f'"{a}",{b}\n' for a, b in rows), "utf-8")
        return str(tmp_path / name)

    rows = review_rows()
    source = FileRows(written("train.csv", rows[:60]), test_path=written("test.csv", rows[60:80]))
    workspace = Workspace(tmp_path / "workspace").create()
    dataset = prepare(tiny_model(tmp_path), source, ALL, ignore, workspace=workspace)
    assert dataset.splits["test"].rows == 20
    assert dataset.splits["validation"].rows > 0
    assert not dataset.all_train


def test_a_search_has_nothing_to_compare_by(road: Road) -> None:
    with pytest.raises(DatasetInvalid) as refused:
        stages.search(road.dataset, small_settings(), SearchSettings(), ignore, workspace=road.workspace)
    assert refused.value.message.id == "stages.t5.search_needs_validation_rows"  # type: ignore[union-attr]


def test_frozen_layers_and_several_labels_train_without_validation_rows(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "workspace").create()
    reviews = prepared_tiny_dataset(tmp_path, settings=ALL)
    last = small_settings(updates=2, layers_to_train="last_layers", last_layers=1, kept_checkpoint="best", patience=2)
    assert stages.fine_tune(reviews, last, ignore, workspace=workspace).best_step == 2
    expected = stages.measured_before(reviews, msgspec.structs.replace(last, updates=3), ignore, workspace=workspace)
    assert expected is not None
    assert expected.seconds > 0
