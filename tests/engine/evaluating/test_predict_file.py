"""Predictions for a whole file: the answers of single texts, in every format, nothing that a spreadsheet computes."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
import pytest
from python_calamine import CalamineWorkbook

from engine import stages
from engine.contract.errors import InvalidSetting, StopRequested
from engine.contract.events import Event, Progressed
from engine.contract.score_sentences import file_score_lines
from engine.contract.states import TrainingRun
from engine.evaluating import predict_file as file_prediction
from engine.evaluating.predict import predict
from engine.evaluating.predict_file import without_formula
from engine.tasks.registry import task_named
from engine.workspace.layout import Workspace
from tests.engine.trained_run import a_trained_run

FORMULA = '=HYPERLINK("http://example.org";"good film")'
TEXTS = ("a good film", "", "so bad", FORMULA, "@good", 'bad, "bad"\nfilm', "long " * 200)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[TrainingRun, Workspace]:
    return a_trained_run(tmp_path_factory.mktemp("predicting"))


def quietly(_event: Event) -> None:
    """Ignores events."""


def source(folder: Path) -> Path:
    path = folder / "rows.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [("id", "text", "prediction"), *((f"-{n}", text, "mine") for n, text in enumerate(TEXTS))]
        )
    return path


def rows_of(path: Path) -> list[dict[str, Any]]:
    match path.suffix:
        case ".csv":
            with path.open(encoding="utf-8-sig", newline="") as file:
                return list(csv.DictReader(file))
        case ".jsonl":
            return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        case ".parquet":
            return parquet.read_table(path).to_pylist()
    names, *lines = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    return [dict(zip(names, line, strict=True)) for line in lines]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet", ".xlsx"])
def test_each_row_gets_the_answer_of_its_text(
    suffix: str, trained: tuple[TrainingRun, Workspace], tmp_path: Path
) -> None:
    run, workspace = trained
    target = tmp_path / f"answers{suffix}"
    told = stages.predict_file(run, str(source(tmp_path)), str(target), quietly, workspace=workspace)
    assert (told.rows, told.empty, told.cut, told.unsure) == (len(TEXTS), 1, 1, 0)
    rows = rows_of(target)
    assert len(rows) == len(TEXTS)
    for row, text in zip(rows, TEXTS, strict=True):
        assert row["prediction"] == "mine"  # the file's own column stays
        if not text:
            assert row["prediction (predicted)"] in ("", None)
            continue
        alone = predict(run, text)
        assert row["prediction (predicted)"] == alone.labels[0].label
        assert float(row["probability"]) == pytest.approx(alone.labels[0].probability, abs=1e-5)
        for label in alone.labels:
            assert float(row[f"probability of {label.label}"]) == pytest.approx(label.probability, abs=1e-5)
    assert list(tmp_path.glob("*.part")) == []


def test_texts_that_a_spreadsheet_would_compute_stay_texts(
    trained: tuple[TrainingRun, Workspace], tmp_path: Path
) -> None:
    run, workspace = trained
    path = source(tmp_path)
    for suffix in (".csv", ".xlsx", ".jsonl"):
        target = tmp_path / f"answers{suffix}"
        stages.predict_file(run, str(path), str(target), quietly, workspace=workspace)
        shown = [row["text"] for row in rows_of(target)]
        assert shown[3] == (f"'{FORMULA}" if suffix == ".csv" else FORMULA)
        assert shown[4] == ("'@good" if suffix == ".csv" else "@good")
    assert b"<f>" not in (tmp_path / "answers.xlsx").read_bytes()
    assert [row["id"] for row in rows_of(tmp_path / "answers.csv")][:3] == ["-0", "-1", "-2"]  # numbers are numbers
    assert without_formula("+49 30 1234") == "'+49 30 1234"
    assert without_formula("-1.5e3") == "-1.5e3"


@pytest.mark.parametrize("phase", ["counting", "predicting", "writing"])
def test_a_stop_leaves_nothing_behind(phase: str, trained: tuple[TrainingRun, Workspace], tmp_path: Path) -> None:
    run, workspace = trained
    path = source(tmp_path)

    def stop(event: Event) -> None:
        if not isinstance(event, Progressed):
            return
        now = "counting" if not event.total else "predicting" if event.done < event.total else "writing"
        if now == phase:
            raise StopRequested

    with pytest.raises(StopRequested):
        stages.predict_file(run, str(path), str(tmp_path / "answers.xlsx"), stop, workspace=workspace)
    assert [one.name for one in tmp_path.iterdir()] == ["rows.csv"]


def test_what_is_unclear_is_asked_and_nothing_is_overwritten(
    trained: tuple[TrainingRun, Workspace], tmp_path: Path
) -> None:
    run, workspace = trained
    path = source(tmp_path)
    before = path.read_bytes()
    for target, column, said in (
        (path, "", "is there already"),
        (tmp_path / "answers.doc", "", "none of the endings"),
        (tmp_path / "answers.csv", "body", "Which column"),
    ):
        with pytest.raises(InvalidSetting, match=said):
            stages.predict_file(run, str(path), str(target), quietly, text=column, workspace=workspace)
    assert path.read_bytes() == before


def test_entities_of_texts_in_one_batch_are_those_of_each_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, workspace = a_trained_run(tmp_path / "run", task="token_classification", steps=20)
    texts = ("Anna", "Ben lives in Rome and likes film", "Anna lives in Paris", "tea", "the story and Ben " * 20)
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), "utf-8")
    sizes = []
    alone = type(task_named("token_classification")).predict_texts

    def counted(self: Any, network: Any, tokenizer: Any, texts: Any, **options: Any) -> Any:
        sizes.append(len(texts))
        return alone(self, network, tokenizer, texts, **options)

    monkeypatch.setattr(type(task_named("token_classification")), "predict_texts", counted)
    monkeypatch.setattr(file_prediction, "BATCH", 2)
    events: list[Event] = []
    done = stages.predict_file(run, str(path), str(tmp_path / "answers.jsonl"), events.append, workspace=workspace)
    assert sorted(sizes) == [1, 2, 2]
    counts = [one.done for one in events if isinstance(one, Progressed) and one.total]
    assert counts == sorted(counts)
    assert {*counts} >= {0, 5}
    assert len({*counts}) == 4  # before each batch, and at the end
    assert (done.rows, done.cut) == (5, 0)  # the long one is read in windows
    found = 0
    for row, text in zip(rows_of(tmp_path / "answers.jsonl"), texts, strict=True):
        expected = predict(run, text).entities
        entities = json.loads(row["prediction"])
        assert [(one["start"], one["end"], one["label"]) for one in entities] == [
            (one.start, one.end, one.label) for one in expected
        ]
        if expected:
            assert row["probability"] == pytest.approx(min(one.probability for one in expected), abs=1e-5)
        found += len(expected)
    assert found >= 4


def test_progress_counts_up_to_all_rows_of_the_file(trained: tuple[TrainingRun, Workspace], tmp_path: Path) -> None:
    run, workspace = trained
    path = tmp_path / "rows.csv"
    path.write_text("text\n" + "".join(f"a good film {number}\n" for number in range(4_100)), "utf-8")
    events: list[Event] = []
    stages.predict_file(run, str(path), str(tmp_path / "answers.csv"), events.append, workspace=workspace)
    answered = [one for one in events if isinstance(one, Progressed) and one.total and one.unit == "rows"]
    done = [one.done for one in answered]
    assert {one.total for one in answered} == {4_100}
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0, 4_100)
    assert len(set(done)) > 100  # within a chunk as well


LABELLED = (
    ("the end is good and a joy", "positive", "positive"),
    ("the scene is dull and a bore", "negative", "positive"),
    ("the actor is bad and slow", "negative", "I am not sure"),
    ("the plot is bright and warm", "positive", "positive"),
    ("the story is cold", "unheard of", "negative"),
    ("", "positive", "positive"),
    ("the end is warm and good", "negative", "negative"),
)


def test_a_file_with_labels_is_scored_and_another_model_on_the_same_rows(
    trained: tuple[TrainingRun, Workspace], tmp_path: Path
) -> None:
    run, workspace = trained
    path = tmp_path / "rows.jsonl"
    keys = ("text", "gold", "llm")
    path.write_text("".join(json.dumps(dict(zip(keys, row, strict=True))) + "\n" for row in LABELLED), "utf-8")
    done = stages.predict_file(
        run, str(path), str(tmp_path / "answers.csv"), quietly, labels="gold", other="llm", workspace=workspace
    )
    found = done.scores
    assert found is not None
    assert (done.rows, done.empty, found.rows, found.unknown_labels) == (7, 1, 5, 1)
    known = [row for row in LABELLED if row[0] and row[1] != "unheard of"]
    ours = [predict(run, text).labels[0].label for text, _, _ in known]
    right = sum(predicted == truth for predicted, (_, truth, _) in zip(ours, known, strict=True))
    assert found.scores["accuracy"] == pytest.approx(right / 5)
    assert found.other_scores["accuracy"] == pytest.approx(3 / 5)
    assert found.test is not None
    assert found.test.better == sum(one == truth != other for one, (_, truth, other) in zip(ours, known, strict=True))
    listed = [(row.row, row.predicted, row.other) for row in found.disagreements]
    expected = [
        (LABELLED.index(row) + 1, one, "" if "sure" in row[2] else row[2])
        for one, row in zip(ours, known, strict=True)
        if one != row[2]
    ]
    assert listed == expected
    assert found.disagreeing == len(expected)
    lines = file_score_lines(found)
    assert lines[0] == "1 row not scored: the label is empty or none of the model's."
    assert any(line.startswith("Accuracy") and "other model 0.6" in line for line in lines)


def test_answers_of_another_model_without_labels_are_compared_and_not_scored(
    trained: tuple[TrainingRun, Workspace], tmp_path: Path
) -> None:
    run, workspace = trained
    path = tmp_path / "rows.csv"
    path.write_text("text,llm\nthe end is good,negative\nthe end is bad,negative\n", "utf-8")
    target = tmp_path / "answers.csv"
    found = stages.predict_file(run, str(path), str(target), quietly, other="llm", workspace=workspace).scores
    assert found is not None
    assert (found.scores, found.test) == ({}, None)
    assert [row.text for row in found.disagreements] == ["the end is good"]


def test_a_result_is_replaced_where_that_is_wanted_and_never_the_file_itself(
    trained: tuple[TrainingRun, Workspace], tmp_path: Path
) -> None:
    run, workspace = trained
    path = source(tmp_path)
    written = path.read_bytes()
    with pytest.raises(InvalidSetting, match="there already"):
        stages.predict_file(run, str(path), str(path), quietly, replaces=True, workspace=workspace)
    assert path.read_bytes() == written
    target = tmp_path / "answers.csv"
    target.write_text("old")
    stages.predict_file(run, str(path), str(target), quietly, replaces=True, workspace=workspace)
    assert len(rows_of(target)) == len(TEXTS)
