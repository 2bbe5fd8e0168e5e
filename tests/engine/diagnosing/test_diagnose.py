"""The queries about a run, answered from a tiny one on disk: features once, answers kept, other rows none of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from engine import stages
from engine.contract.diagnoses import (
    AskExplanation,
    AskLabelErrors,
    AskLinearPrediction,
    AskNearRows,
    AskWeakSlices,
    Explanation,
    LabelErrors,
    NearRows,
    WeakSlices,
)
from engine.contract.errors import InvalidSetting, StopRequested
from engine.contract.events import Event, Progressed
from engine.contract.queries import Prediction
from engine.contract.settings import EvaluateSettings
from engine.contract.states import TrainingRun
from engine.diagnosing import diagnose, row_features
from engine.diagnosing.row_features import features_of_text
from engine.evaluating import trained_network as networks
from engine.workspace.layout import Workspace
from engine.workspace.references import reference_to_run
from tests.engine.trained_run import a_trained_run


def silent(_event: Event) -> None:
    pass


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> tuple[TrainingRun, Workspace]:
    run, workspace = a_trained_run(tmp_path_factory.mktemp("texts"), steps=20)
    stages.evaluate(run, EvaluateSettings(), silent, workspace=workspace)
    return run, workspace


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> tuple[TrainingRun, Workspace]:
    return a_trained_run(tmp_path_factory.mktemp("names"), task="token_classification", steps=20)


def test_label_errors_are_found_once_and_kept_in_the_evaluation_folder(
    evaluated: tuple[TrainingRun, Workspace],
) -> None:
    run, workspace = evaluated
    events: list[Event] = []
    question = AskLabelErrors(reference_to_run(run))
    answer = stages.answer(question, events.append, workspace=workspace)
    assert isinstance(answer, LabelErrors)
    assert (answer.rows, answer.total) == (70, 70)
    assert {row.split for row in answer.suspected} <= {"train", "validation", "test"}
    assert any(isinstance(event, Progressed) and event.unit == "rows" for event in events)
    events.clear()
    assert stages.answer(question, events.append, workspace=workspace) == answer
    assert not events  # it was kept
    kept = Path(run.folder) / "evaluation" / diagnose.FILE
    assert kept.is_file()
    other = msgspec.structs.replace(run, dataset=msgspec.structs.replace(run.dataset, fingerprint="of other rows"))
    assert diagnose.kept_diagnoses(other).label_errors is None
    assert diagnose.kept_diagnoses(run).label_errors == answer


def test_the_features_are_the_mean_states_and_are_computed_once(
    evaluated: tuple[TrainingRun, Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    run, _ = evaluated
    found = row_features.row_features(run.dataset, silent)
    assert found.features.shape == (70, 32)
    text = found.rows.columns["text"][5]
    assert found.features[5] == pytest.approx(features_of_text(run.dataset, (text,), silent), abs=2e-3)
    monkeypatch.setattr(row_features, "_computed", lambda *_: pytest.fail("computed again"))
    again = row_features.row_features(run.dataset, silent)
    assert np.array_equal(again.features, found.features)
    # Other rows in the same folder, such as those of an interrupted preparation, are not taken for these.
    assert (
        row_features._read(Path(run.dataset.folder) / row_features.FILE, replace(found.rows, total=71), False) is None
    )


def test_many_rows_are_drawn_from_all_splits(
    evaluated: tuple[TrainingRun, Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    run, _ = evaluated
    monkeypatch.setattr(row_features, "MOST_ROWS", 30)
    rows = row_features.read_rows(run.dataset)
    assert (len(rows), rows.total) == (30, 70)
    assert {place.split for place in rows.places} == {"train", "validation", "test"}
    assert all(rows.columns["text"][position].startswith("the ") for position in range(30))


def test_reading_all_rows_can_be_stopped(evaluated: tuple[TrainingRun, Workspace]) -> None:
    run, _ = evaluated
    (Path(run.dataset.folder) / row_features.FILE).unlink(missing_ok=True)

    def stop(_event: Event) -> None:
        raise StopRequested(discard=True)

    with pytest.raises(StopRequested):
        row_features.row_features(run.dataset, stop)
    assert not (Path(run.dataset.folder) / row_features.FILE).exists()


def test_weak_groups_need_an_evaluation_and_rows_enough(
    evaluated: tuple[TrainingRun, Workspace], names: tuple[TrainingRun, Workspace]
) -> None:
    run, workspace = evaluated
    answer = stages.answer(AskWeakSlices(reference_to_run(run)), silent, workspace=workspace)
    assert isinstance(answer, WeakSlices)
    assert (answer.rows, answer.split) == (20, "test")
    assert "20 rows are too few" in answer.refused
    run, workspace = names
    answer = stages.answer(AskWeakSlices(reference_to_run(run)), silent, workspace=workspace)
    assert isinstance(answer, WeakSlices)
    assert answer.refused == "Evaluate first: there are no predictions of this run."


def test_a_text_is_explained_for_the_predicted_and_for_another_label(evaluated: tuple[TrainingRun, Workspace]) -> None:
    run, workspace = evaluated
    reference = reference_to_run(run)
    found = stages.answer(AskExplanation(reference, "the film is good"), silent, workspace=workspace)
    assert isinstance(found, Explanation)
    assert found.tokens == ("[CLS]", "the", "film", "is", "good", "[SEP]")
    assert (found.attributions[0], found.attributions[-1]) == (0.0, 0.0)
    # This network learned so fast that its output jumps along the path: what is missed is stated, not hidden.
    missed = abs(sum(found.attributions) - (found.output - found.baseline))
    assert found.error == pytest.approx(missed / abs(found.output - found.baseline), rel=1e-3)
    other = next(name for name in run.dataset.label_names if name != found.label)
    against = stages.answer(AskExplanation(reference, "the film is good", label=other), silent, workspace=workspace)
    assert isinstance(against, Explanation)
    assert against.label == other
    assert against.output < found.output
    with pytest.raises(InvalidSetting):
        stages.answer(AskExplanation(reference, "  "), silent, workspace=workspace)


def test_the_tag_of_a_word_is_explained_at_its_token(names: tuple[TrainingRun, Workspace]) -> None:
    run, workspace = names
    question = AskExplanation(reference_to_run(run), "Anna lives in Paris", start=14)
    found = stages.answer(question, silent, workspace=workspace)
    assert isinstance(found, Explanation)
    assert found.tokens[found.place] == "paris"
    assert found.label in run.dataset.label_names
    assert found.label != "O"


def test_the_nearest_training_rows_of_a_text_have_their_labels(
    evaluated: tuple[TrainingRun, Workspace], names: tuple[TrainingRun, Workspace]
) -> None:
    run, workspace = evaluated
    text = "the end is bad and a the"
    answer = stages.answer(AskNearRows(reference_to_run(run), text), silent, workspace=workspace)
    assert isinstance(answer, NearRows)
    assert len(answer.rows) == 5
    assert answer.rows[0].text == text  # it is the first row itself
    assert answer.rows[0].label == ("negative",)
    assert answer.rows[0].number == 1
    run, workspace = names
    answer = stages.answer(AskNearRows(reference_to_run(run), "Anna lives in Paris"), silent, workspace=workspace)
    assert isinstance(answer, NearRows)
    assert len(answer.rows[0].label) == len(answer.rows[0].words)


def test_a_linear_model_on_the_untouched_encoder_predicts_beside_the_run(
    evaluated: tuple[TrainingRun, Workspace], names: tuple[TrainingRun, Workspace]
) -> None:
    run, workspace = evaluated
    question = AskLinearPrediction(reference_to_run(run), "the film is good and a joy")
    answer = stages.answer(question, silent, workspace=workspace)
    assert isinstance(answer, Prediction)
    assert {one.label for one in answer.labels} == set(run.dataset.label_names)
    assert sum(one.probability for one in answer.labels) == pytest.approx(1.0, abs=1e-5)
    events: list[Event] = []
    assert isinstance(stages.answer(question, events.append, workspace=workspace), Prediction)
    assert not any(isinstance(event, Progressed) and event.total > 1 for event in events)  # the rows are not read again
    run, workspace = names
    with pytest.raises(InvalidSetting, match="Tags of words have no linear model"):
        stages.answer(AskLinearPrediction(reference_to_run(run), "Anna"), silent, workspace=workspace)


def test_two_networks_stay_in_memory_only_while_they_are_compared(
    evaluated: tuple[TrainingRun, Workspace], names: tuple[TrainingRun, Workspace]
) -> None:
    first, second = evaluated[0], names[0]
    networks._warm.clear()
    one = networks.trained_network(first)
    other = networks.trained_network(second, beside=True)
    assert networks.trained_network(first) is one
    assert networks.trained_network(second, beside=True) is other
    networks._warm.clear()
    networks.trained_network(first)
    networks.trained_network(second)
    assert len(networks._warm) == 1
