"""The evaluate stage and the prediction on a tiny trained run."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import numpy as np
import pyarrow.parquet as parquet
import pytest
import torch
from datasets import DatasetDict, load_from_disk

from engine.contract.errors import DatasetInvalid, EngineError, InvalidSetting, NumbersDiverged, StopRequested
from engine.contract.events import Event, Noted, Progressed
from engine.contract.former_names import decode
from engine.contract.settings import EvaluateSettings
from engine.contract.states import EvaluationReport, TrainingRun
from engine.devices import detection as devices
from engine.evaluating import evaluate as stage
from engine.evaluating import observations
from engine.evaluating.evaluate import evaluate, network_outputs
from engine.evaluating.predict import predict
from engine.evaluating.trained_network import _warm, trained_network
from engine.tasks.registry import task_named
from engine.training.batching.rows import encoded_rows
from engine.workspace import atomic_files
from engine.workspace.atomic_files import as_json
from engine.workspace.layout import Workspace
from engine.workspace.runs import read_run
from tests.engine.trained_run import a_trained_run


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[TrainingRun, Workspace]:
    return a_trained_run(tmp_path_factory.mktemp("evaluating"))


@pytest.fixture(scope="module")
def entities(tmp_path_factory: pytest.TempPathFactory) -> tuple[TrainingRun, Workspace]:
    return a_trained_run(tmp_path_factory.mktemp("evaluating"), task="token_classification")


def quietly(event: Event) -> None:
    """Ignores events."""


def test_rows_with_the_same_text_count_as_one(
    trained: tuple[TrainingRun, Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    run, workspace = trained
    reports = []
    for texts in (20, 5):
        monkeypatch.setattr(observations, "texts_of_rows", lambda _, texts=texts: [(row % texts,) for row in range(20)])
        reports.append(evaluate(run, EvaluateSettings(), quietly, workspace=workspace))
    alone, together = reports
    assert together.intervals["accuracy"][0] == pytest.approx(0.025 ** (1 / 5))
    assert together.intervals["accuracy"][0] < alone.intervals["accuracy"][0]
    assert together.intervals["macro_precision"][0] < alone.intervals["macro_precision"][0]
    assert together.differences["majority"].low < alone.differences["majority"].low
    assert "The 20 rows hold 5 different texts." in str(together.notes[-1])
    assert not any("different texts" in str(note) for note in alone.notes)


def test_the_report_is_true_to_the_rows(trained: tuple[TrainingRun, Workspace]) -> None:
    run, workspace = trained
    received: list[Event] = []
    report = evaluate(run, EvaluateSettings(batch_size=7), received.append, workspace=workspace)

    assert report.rows == 20
    assert report.headline == "macro_f1"
    assert report.scores["accuracy"] == 1.0
    low, high = report.intervals["accuracy"]
    assert low <= 1.0 <= high
    assert set(report.baselines) == {"majority", "tfidf_svm", "frozen_encoder"}
    assert report.baselines["majority"]["accuracy"] == 0.5
    assert [item.support for item in report.classes] == [10, 10]
    assert report.confusion == ((10, 0), (0, 10))
    assert report.wrong_rows == ()
    assert "With 20 rows the interval of macro F1 is" in report.notes[0]
    progressed = [event for event in received if isinstance(event, Progressed)]
    of_network = [event for event in progressed if event.note == "Asking the network about the test rows"]
    assert (of_network[-1].done, of_network[-1].unit) == (20, "rows")

    saved = json.loads((Path(report.folder) / "report.json").read_text("utf-8"))
    assert saved["scores"] == report.scores
    assert read_run(workspace, run.id).evaluation == report


def test_scores_of_probabilities_and_of_entity_errors_have_their_intervals(
    trained: tuple[TrainingRun, Workspace], entities: tuple[TrainingRun, Workspace]
) -> None:
    run, workspace = trained
    report = evaluate(run, EvaluateSettings(), quietly, workspace=workspace)
    assert (report.scores["roc_auc"], report.scores["pr_auc"], report.scores["micro_f1"]) == (1.0, 1.0, 1.0)
    for key in ("roc_auc", "pr_auc", "log_loss", "macro_precision", "macro_recall", "micro_f1"):
        low, high = report.intervals[key]
        assert low <= (report.scores[key] or 0.0) <= high
        assert low < high
    table = parquet.read_table(Path(report.folder) / "predictions.parquet").to_pydict()
    assert report.scores["log_loss"] == pytest.approx(np.mean(table["loss"]), rel=1e-5)

    run, workspace = entities
    report = evaluate(run, EvaluateSettings(), quietly, workspace=workspace)
    kinds = [report.scores[key] or 0.0 for key in ("missed_entities", "boundary_errors", "type_errors")]
    assert sum(kinds) + (report.scores["entity_recall"] or 0.0) == pytest.approx(1.0)
    assert set(report.intervals) >= {"missed_entities", "boundary_errors", "type_errors"}


def test_predictions_keep_the_identity_of_their_rows(trained: tuple[TrainingRun, Workspace]) -> None:
    run, workspace = trained
    report = evaluate(run, EvaluateSettings(batch_size=3), quietly, workspace=workspace)
    table = parquet.read_table(Path(report.folder) / "predictions.parquet").to_pydict()
    test = load_from_disk(run.dataset.folder)["test"]
    assert table["row"] == test["row"][:] == list(range(51, 71))
    assert table["truth"] == test["label"][:]
    assert table["predicted"] == table["truth"]
    assert all(0.5 < chance <= 1 for chance in table["probability"])
    assert all(table["right"])


def test_answers_do_not_depend_on_the_batches(trained: tuple[TrainingRun, Workspace]) -> None:
    run, _ = trained
    rows = encoded_rows(load_from_disk(run.dataset.folder)["test"])
    task, network = task_named(run.dataset.task), trained_network(run).network
    by_size = [
        network_outputs(network, task, rows, quietly, batch_size=size, padding_id=0, note="") for size in (1, 6, 64)
    ]
    for outputs in by_size[1:]:
        np.testing.assert_allclose(np.stack(outputs.logits), np.stack(by_size[0].logits), atol=1e-5)
        assert outputs.rows == by_size[0].rows


def test_a_run_in_bf16_is_answered_in_it_and_reports_it(
    trained: tuple[TrainingRun, Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    run, workspace = trained
    monkeypatch.setattr(devices, "_processor_multiplies_bf16", lambda: True)
    received: list[torch.dtype] = []
    network = trained_network(run).network
    layer = next(module for module in network.modules() if isinstance(module, torch.nn.Linear))
    listening = layer.register_forward_hook(lambda _module, _given, made: received.append(made.dtype))
    quick = msgspec.structs.replace(run, precision="bf16")
    report = evaluate(quick, EvaluateSettings(device="cpu"), quietly, workspace=workspace)
    assert set(received) == {torch.bfloat16}
    assert any(note.startswith("Computed in bf16") for note in report.notes)
    assert report.scores["accuracy"] == 1.0
    received.clear()
    exact = evaluate(quick, EvaluateSettings(device="cpu", precision="fp32"), quietly, workspace=workspace)
    assert set(received) == {torch.float32}
    assert not any("bf16" in note for note in exact.notes)
    listening.remove()


@pytest.mark.parametrize(
    ("wanted", "trained_in", "numbers", "quick", "expected"),
    [
        ("auto", "bf16", False, True, "bf16"),
        ("auto", "bf16", False, False, "fp32"),
        ("auto", "bf16", True, True, "fp32"),  # a number keeps its digits
        ("auto", "fp32", False, True, "fp32"),
        ("bf16", "fp32", True, False, "bf16"),
    ],
)
def test_the_number_format_of_answers_follows_the_training(
    wanted: str, trained_in: str, numbers: bool, quick: bool, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "_processor_multiplies_bf16", lambda: quick)
    found = devices.precision_of_answers("cpu", wanted=wanted, trained=trained_in, numbers=numbers)
    assert found == expected


def test_rows_that_do_not_fit_together_are_computed_in_smaller_batches(
    trained: tuple[TrainingRun, Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    run, _ = trained
    rows = encoded_rows(load_from_disk(run.dataset.folder)["test"])
    task, network = task_named(run.dataset.task), trained_network(run).network
    honest = type(network).forward

    def small(self: torch.nn.Module, input_ids: torch.Tensor, **named: torch.Tensor) -> object:
        if len(input_ids) > 3:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return honest(self, input_ids, **named)

    expected = network_outputs(network, task, rows, quietly, batch_size=2, padding_id=0, note="")
    received: list[Event] = []
    monkeypatch.setattr(type(network), "forward", small)
    found = network_outputs(network, task, rows, received.append, batch_size=16, padding_id=0, note="")
    assert found.rows == expected.rows
    np.testing.assert_allclose(np.stack(found.logits), np.stack(expected.logits), atol=1e-5)
    assert any(isinstance(event, Noted) and "2 at a time" in event.text for event in received)


def test_answers_that_are_not_finite_are_an_error(trained: tuple[TrainingRun, Workspace]) -> None:
    run, workspace = trained
    network = trained_network(run).network
    with torch.no_grad():
        network.classifier.bias.fill_(float("nan"))  # type: ignore[operator, union-attr]
    with pytest.raises(NumbersDiverged) as raised:
        evaluate(run, EvaluateSettings(), quietly, workspace=workspace)
    _warm.clear()
    assert raised.value.id == "E1"
    assert "20 of 20 rows" in raised.value.message


def test_a_class_that_the_rows_do_not_hold_is_not_measurable(
    trained: tuple[TrainingRun, Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    run, workspace = trained
    splits = load_from_disk(run.dataset.folder)
    only = [index for index, label in enumerate(splits["test"]["label"]) if label == "positive"]
    fewer = DatasetDict({**splits, "test": splits["test"].select(only)})
    monkeypatch.setattr(stage, "read_splits", lambda dataset: fewer)
    report = evaluate(run, EvaluateSettings(), quietly, workspace=workspace)
    negative = report.classes[0]
    assert (negative.label, negative.support) == ("negative", 0)
    assert (negative.recall, negative.f1) == (None, None)
    assert any("negative" in note and "Not measurable" in note for note in report.notes)


@pytest.mark.parametrize("count", [0, 1])
def test_no_rows_are_refused_and_one_row_says_little(
    trained: tuple[TrainingRun, Workspace], monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    run, workspace = trained
    splits = load_from_disk(run.dataset.folder)
    fewer = DatasetDict({**splits, "test": splits["test"].select(range(count))})
    monkeypatch.setattr(stage, "read_splits", lambda dataset: fewer)
    if count:
        report = evaluate(run, EvaluateSettings(), quietly, workspace=workspace)
        assert report.intervals == {}
        assert "One row says little." in report.notes
    else:
        with pytest.raises(DatasetInvalid) as raised:
            evaluate(run, EvaluateSettings(), quietly, workspace=workspace)
        assert raised.value.id == "E1"


@pytest.mark.parametrize("note", ["Asking the network", "Computing how uncertain", "Training baselines", "Saving"])
def test_a_stop_leaves_the_earlier_report(trained: tuple[TrainingRun, Workspace], note: str) -> None:
    run, workspace = trained
    before = evaluate(run, EvaluateSettings(), quietly, workspace=workspace)

    def stop(event: Event) -> None:
        if isinstance(event, Progressed) and event.note.startswith(note):
            raise StopRequested()

    with pytest.raises(StopRequested):
        evaluate(run, EvaluateSettings(split="validation"), stop, workspace=workspace)
    assert atomic_files.is_whole(Path(before.folder))
    assert json.loads((Path(before.folder) / "report.json").read_bytes())["rows"] == before.rows
    assert read_run(workspace, run.id).evaluation == before
    assert not list(Path(run.folder).glob(atomic_files.STAGING + "*"))


def test_entities_are_scored_and_shown(entities: tuple[TrainingRun, Workspace]) -> None:
    run, workspace = entities
    report = evaluate(run, EvaluateSettings(), quietly, workspace=workspace)
    assert report.headline == "entity_f1"
    assert report.scores["entity_f1"] == 1.0
    assert [(item.label, item.support) for item in report.classes] == [("LOC", 20), ("PER", 20)]
    table = parquet.read_table(Path(report.folder) / "predictions.parquet").to_pydict()
    assert table["truth"][0] == ["B-PER", "O", "O", "B-LOC", "O", "O", "O"]
    answer = predict(run, "Ben lives in Rome and likes tea")
    assert [(answer.text[item.start : item.end], item.label) for item in answer.entities] == [
        ("Ben", "PER"),
        ("Rome", "LOC"),
    ]


def test_a_sentence_is_answered_by_the_trained_network(trained: tuple[TrainingRun, Workspace]) -> None:
    answer = predict(trained[0], "the film is bright and a joy")
    assert answer.labels[0].label == "positive"
    assert sum(item.probability for item in answer.labels) == pytest.approx(1)
    assert answer.cut_tokens == 0


def test_a_long_text_is_cut_and_reports_it(trained: tuple[TrainingRun, Workspace]) -> None:
    answer = predict(trained[0], "the film is bright <b>and</b> \n" * 200_000)
    assert answer.cut_tokens > 1000
    assert len(answer.labels) == 2


@pytest.mark.parametrize("text", ["", "  \n\t", "\u00a0"])
def test_an_empty_text_gets_a_sentence(trained: tuple[TrainingRun, Workspace], text: str) -> None:
    with pytest.raises(InvalidSetting) as raised:
        predict(trained[0], text)
    assert raised.value.id == "E4"
    assert raised.value.hint


def test_the_network_is_read_once_for_many_sentences(trained: tuple[TrainingRun, Workspace]) -> None:
    first = trained_network(trained[0])
    predict(trained[0], "good")
    assert trained_network(trained[0]).network is first.network


def test_a_checkpoint_that_is_gone_is_an_engine_error(trained: tuple[TrainingRun, Workspace], tmp_path: Path) -> None:
    gone = msgspec.structs.replace(trained[0], checkpoint=str(tmp_path / "step-000001"))
    with pytest.raises(EngineError) as raised:
        predict(gone, "good")
    assert raised.value.id == "C8"


def test_a_report_crosses_the_wire(trained: tuple[TrainingRun, Workspace]) -> None:
    report = evaluate(trained[0], EvaluateSettings(), quietly, workspace=trained[1])
    assert decode(as_json(report), EvaluationReport) == report
