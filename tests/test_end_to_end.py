"""The whole road in the real window (offscreen), with the real starter model and real reviews."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from engine.contract.queries import AskPrediction, Prediction
from engine.contract.settings import ExampleRows
from engine.contract.states import EvaluationReport, ExportedModel, ModelHandle, PreparedDataset, TrainingRun, find
from engine.workspace.references import reference_to_run
from engine.workspace.runs import read_run
from tests.walk import DATA, EVALUATE, EXPORT, LOAD, TUNE, Walk

pytestmark = [pytest.mark.timeout(900), pytest.mark.usefixtures("garbage_stays")]

PIPELINE = """
import json, sys
from transformers import pipeline
answers = pipeline(sys.argv[1], model=sys.argv[2], **json.loads(sys.argv[3]))(sys.argv[4])
print(json.dumps(answers, default=float))
"""


def answer_of_a_clean_process(
    python: str, task: str, folder: str, text: str, **options: str
) -> list[dict[str, object]]:
    """What `transformers.pipeline` answers in a process without this program."""
    done = subprocess.run(
        [python, "-I", "-W", "ignore", "-c", PIPELINE, task, folder, json.dumps(options), text],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"},
    )
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout.splitlines()[-1])
    assert isinstance(answers, list)
    return answers


def test_from_an_untouched_model_to_a_pipeline_that_answers_with_label_names(
    walk: Walk, qtbot: QtBot, warm_python: str
) -> None:
    window, session = walk.window, walk.session
    for step in (DATA, TUNE, EVALUATE, EXPORT):
        assert not window.is_open(step)
    walk.load_starter()
    model = find(session.state, ModelHandle)
    assert model is not None
    assert (model.architecture, model.layers, model.hidden_size) == ("BertModel", 6, 384)
    assert "BertModel.from_pretrained(" in window.page(LOAD).code()
    shown = [label.text() for label in window.findChildren(QLabel) if label.isVisible()]
    assert "Model loaded successfully!" in shown

    assert window.here == DATA  # nothing has to be decided about a model
    walk.prepare(ExampleRows("short_reviews"), row_limit=60, seed=1)
    dataset = find(session.state, PreparedDataset)
    assert dataset is not None
    assert dataset.label_names == ("negative", "positive")
    assert dataset.rows_in == dataset.rows_used + sum(left.count for left in dataset.excluded)

    if window.here == DATA:  # the checks may have found something to decide
        walk.press_next()
    walk.train(epochs=1, learning_rate=1e-4)
    run = find(session.state, TrainingRun)
    assert run is not None
    assert run.steps == run.steps_planned
    assert read_run(session.workspace, run.id).status == "finished"

    walk.press_next()
    page = walk.evaluate()
    evaluation = find(session.state, EvaluationReport)
    assert evaluation is not None
    assert evaluation.rows == dataset.splits["test"].rows
    assert "majority" in evaluation.baselines
    assert page.chosen()
    answers: list[object] = []
    session.ask(AskPrediction(reference_to_run(run), "a warm and funny film"), answers.append)
    walk.wait_until(lambda: bool(answers), "a prediction")
    assert isinstance(answers[0], Prediction)
    assert {label.label for label in answers[0].labels} == {"negative", "positive"}

    walk.press_next()
    walk.export()
    exported = find(session.state, ExportedModel)
    assert exported is not None
    assert exported.proof.passed
    assert exported.proof.agreement == 1.0

    text = "a warm and funny film"
    (answer,) = answer_of_a_clean_process(warm_python, "text-classification", exported.folder, text)
    assert answer["label"] == answers[0].labels[0].label
    assert answer["score"] == pytest.approx(answers[0].labels[0].probability, abs=1e-4)

    walk.prepare(ExampleRows("short_reviews"), row_limit=60, seed=2)  # going back closes what comes after
    assert isinstance(session.state, PreparedDataset)
    assert window.is_open(TUNE)
    assert not window.is_open(EVALUATE)
    walk.close_and_reopen()
    walk.window.show_runs()
    walk.wait_until(lambda: len(walk.window.runs.rows) == 1, "the list of runs")
    walk.window.run_list.export_pressed.emit(walk.window.runs.rows[0])
    walk.wait_until(lambda: walk.session.state is not None, "the run that was chosen")
    assert walk.session.state == exported


@pytest.mark.nightly
def test_named_entities_go_the_same_road(walk: Walk, warm_python: str) -> None:
    walk.load_starter()
    walk.prepare(ExampleRows("entities"), row_limit=150)
    dataset = find(walk.session.state, PreparedDataset)
    assert dataset is not None
    assert dataset.task == "token_classification"
    walk.train(epochs=3, learning_rate=3e-4)
    walk.evaluate()
    evaluation = find(walk.session.state, EvaluationReport)
    assert evaluation is not None
    assert evaluation.headline == "entity_f1"
    walk.export()
    exported = find(walk.session.state, ExportedModel)
    assert exported is not None
    assert exported.proof.passed
    answers = answer_of_a_clean_process(
        warm_python,
        "token-classification",
        exported.folder,
        "Mira Tellen moved from Porto to Oslo last week .",
        aggregation_strategy="first",
    )
    assert {answer["entity_group"] for answer in answers} <= {"PERSON", "PLACE", "ORGANISATION", "PRODUCT"}
