"""Each task that reads texts on its whole road: guessed, prepared, trained, scored, tried, exported, asked again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec
import pyarrow.parquet as parquet
import pytest
import torch
import transformers
from sentence_transformers import CrossEncoder

from engine import stages
from engine.contract.catalogue_en import TEMPLATES
from engine.contract.errors import InvalidSetting
from engine.contract.events import Event
from engine.contract.former_names import decode
from engine.contract.queries import AskRow, TokenizedText
from engine.contract.sentences import Sentence
from engine.contract.settings import EvaluateSettings, ExportSettings, FileRows
from engine.contract.states import EvaluationReport
from engine.evaluating.predict import predict_with_folder
from engine.workspace.atomic_files import as_json
from engine.workspace.layout import Workspace
from engine.workspace.references import reference_to_dataset
from tests.builders_data import ignore
from tests.engine.every_task import KINDS, Road, prepared_as_guessed
from tests.engine.small_runs import small_settings


@pytest.fixture(
    scope="module",
    params=[pytest.param(kind, marks=pytest.mark.nightly) if kind == "labels_columns" else kind for kind in KINDS],
)
def road(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, warm_proof: None) -> Road:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp(request.param)
    dataset = prepared_as_guessed(request.param, folder)
    workspace = Workspace(folder / "workspace").create()
    events: list[Event] = []
    run = stages.fine_tune(dataset, small_settings(epochs=12, seed=1), events.append, workspace=workspace)
    evaluation = stages.evaluate(run, EvaluateSettings(device="cpu"), events.append, workspace=workspace)
    exported = stages.export(evaluation, ExportSettings(proof_rows=8), events.append, workspace=workspace)
    torch.set_num_threads(before)
    return Road(workspace, dataset, run, evaluation, exported, events)


def sentences_in(value: Any, kind: Any) -> Iterator[Any]:
    """The fields for sentences of a record and of all that it holds; no name may be one.

    A sentence in a field for names would be written with its id, and the record could not be read any more.
    """
    if kind is Sentence:
        yield value
    elif isinstance(value, str):
        assert type(value) is str, value
    elif isinstance(value, msgspec.Struct):
        for field in msgspec.structs.fields(value):
            yield from sentences_in(getattr(value, field.name), field.type)
    elif isinstance(value, tuple | list | dict):
        of_each = Sentence if Sentence in get_args(kind) else None
        for item in value.values() if isinstance(value, dict) else value:
            yield from sentences_in(item, of_each)


def test_every_sentence_on_the_road_has_a_template(road: Road) -> None:
    found = list(sentences_in([*road.events, road.exported], None))
    assert len(found) > 20
    assert [text for text in found if text and not (isinstance(text, Sentence) and text.id in TEMPLATES)] == []


def test_task_and_roles_are_guessed(road: Road) -> None:
    roles, task = road.dataset.settings.roles, road.dataset.task
    kind = Path(road.dataset.name).stem
    assert bool(roles.second_text) == kind.startswith("pair")
    expected = {"pair": "text_classification", "score": "regression", "pair_score": "regression"}
    assert task == expected.get(kind, "multi_label_classification")
    assert road.dataset.rows_used == 96
    if task == "multi_label_classification":
        assert road.dataset.label_names == ("film", "people", "praise")
        assert road.dataset.splits["train"].labels["praise"] > 20


def test_training_learns_and_the_report_reports_it(road: Road) -> None:
    report, run = road.evaluation, road.run
    assert report.headline == run.metric
    score = report.scores[report.headline]
    assert score is not None
    assert score > (0.3 if road.dataset.name == "pair.csv" else 0.6)
    assert report.headline in report.intervals or report.rows < 2
    # TF-IDF and the most frequent answer have no probabilities, and no scores of any.
    assert all(report.headline in scores and set(scores) <= set(report.scores) for scores in report.baselines.values())
    assert len(report.baselines) == 3  # majority or mean, TF-IDF, a linear model on the untouched encoder
    assert decode(as_json(report), EvaluationReport) == report
    table = parquet.read_table(Path(report.folder) / "predictions.parquet").to_pydict()
    assert len(table["row"]) == report.rows
    pairs = bool(road.dataset.settings.roles.second_text)
    assert all(bool(row.second_text) == pairs for row in report.wrong_rows)
    assert all(row.text.endswith(row.second_text) for row in report.wrong_rows)
    if road.dataset.task == "regression":
        assert (report.confusion, report.classes) == ((), ())
        assert all(isinstance(value, float) for value in table["truth"] + table["predicted"])
        assert sorted(zip(table["truth"], table["predicted"], strict=True)) == sorted(report.scatter)
        assert all(9 < value < 23 for value in table["predicted"])
        assert (report.scores["mae"] or 0) < 6  # the numbers span 14; two epochs of a tiny network
    elif road.dataset.task == "multi_label_classification":
        assert report.confusion == ()
        assert [item.label for item in report.classes] == ["film", "people", "praise"]
        assert all(isinstance(value, list) for value in table["truth"])


def test_a_row_shows_what_is_learned(road: Road) -> None:
    pieces = stages.answer(AskRow(reference_to_dataset(road.dataset), "test", 0), ignore, workspace=road.workspace)
    assert isinstance(pieces, TokenizedText)
    assert pieces.label
    assert pieces.tokens.count("[SEP]") == (2 if road.dataset.settings.roles.second_text else 1)
    if road.dataset.task == "regression":
        assert 10 <= float(pieces.label) <= 22


def test_a_sentence_is_answered(road: Road) -> None:
    if road.dataset.settings.roles.second_text:
        with pytest.raises(InvalidSetting, match="no second text"):
            road.ask("good good movie is fine")
        answer = road.ask("good good movie is fine", "this movie was awful")
    else:
        answer = road.ask("good good movie is fine")
        assert road.ask("good good movie is fine", "this movie was awful") == msgspec.structs.replace(
            answer, milliseconds=pytest.approx(answer.milliseconds, abs=1e9)
        )
    match road.dataset.task:
        case "regression":
            assert 15 < (answer.value or 0) < 24
        case "multi_label_classification":
            chosen = {item.label for item in answer.given}
            assert answer.threshold == 0.5
            assert "praise" in chosen
            assert "praise" not in {
                item.label for item in road.ask("bad bad movie is dull").labels if item.probability >= 0.5
            }
        case _:
            assert sum(item.probability for item in answer.labels) == pytest.approx(1)


def test_the_export_answers_through_a_plain_pipeline(road: Road) -> None:
    problem = {"regression": "regression", "multi_label_classification": "multi_label_classification"}
    config = transformers.AutoConfig.from_pretrained(road.exported.folder)
    assert config.problem_type == problem.get(road.dataset.task, "single_label_classification")
    assert road.exported.proof.passed
    assert road.exported.proof.label_names == road.dataset.label_names
    text, second = "good good movie is fine", "this movie was awful"
    is_pair = bool(road.dataset.settings.roles.second_text)
    ours = road.ask(text, second if is_pair else "")
    pipeline: Any = transformers.pipeline("text-classification", model=road.exported.folder)
    theirs = pipeline({"text": text, "text_pair": second} if is_pair else text, top_k=None)
    if ours.value is not None:
        assert [item["label"] for item in theirs] == ["score"]
        assert theirs[0]["score"] == pytest.approx(ours.value, rel=1e-4)
    else:
        assert {item["label"]: item["score"] for item in theirs} == pytest.approx(
            {item.label: item.probability for item in ours.labels}, abs=1e-4
        )
    again = predict_with_folder(road.exported.folder, text, second if is_pair else "")
    assert (again.labels, again.value) == (
        tuple(msgspec.structs.replace(item, probability=pytest.approx(item.probability)) for item in ours.labels),
        ours.value if ours.value is None else pytest.approx(ours.value),
    )


def test_a_cross_encoder_gives_numbers_in_the_users_unit(road: Road) -> None:
    config = json.loads((Path(road.exported.folder) / "config.json").read_text("utf-8"))
    assert ("sentence_transformers" in config) == (road.dataset.task == "regression")
    if road.dataset.task == "regression" and road.dataset.settings.roles.second_text:  # it reads pairs only
        text, second = "good good movie is fine", "this movie was awful"
        ours = road.ask(text, second).value
        (theirs,) = CrossEncoder(road.exported.folder, device="cpu").predict([(text, second)])
        assert float(theirs) == pytest.approx(ours, rel=1e-4)
        assert 15 < float(theirs) < 24


def test_the_export_is_verified_with_the_file_it_came_from(road: Road) -> None:
    """Every task's rows are found by their hashes again, and every score is computed again."""
    source = road.dataset.source
    assert isinstance(source, FileRows)
    digest = road.exported.passport_digest
    found = stages.verify(road.exported.folder, [source.path], ignore, digest=digest)
    assert [str(check.sentence) for check in found.differing] == []
    recomputed = {check.about for check in found.checks if check.part == "scores" and check.status == "holds"}
    assert recomputed == {key for key, score in road.evaluation.scores.items() if score is not None}
