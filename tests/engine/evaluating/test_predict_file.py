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
from engine.contract.states import TrainingRun
from engine.evaluating.predict import predict
from engine.evaluating.predict_file import without_formula
from engine.workspace.layout import Workspace
from tests.engine.trained_run import a_trained_run

FORMULA = '=HYPERLINK("http://example.org";"good film")'
TEXTS = ("a good film", "", "so bad", FORMULA, "@good", 'bad, "bad"\nfilm', "long " * 200)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[TrainingRun, Workspace]:
    return a_trained_run(tmp_path_factory.mktemp("predicting"))


def quietly(_event: Event) -> None:
    """Hears nothing."""


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
    assert told == (len(TEXTS), 1, 1)
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


def test_a_stop_leaves_nothing_behind(trained: tuple[TrainingRun, Workspace], tmp_path: Path) -> None:
    run, workspace = trained
    path = source(tmp_path)

    def stop(event: Event) -> None:
        if isinstance(event, Progressed):
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


def test_entities_are_listed_with_their_places(tmp_path: Path) -> None:
    run, workspace = a_trained_run(tmp_path / "run", task="token_classification")
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({"text": "word1 word2"}) + "\n", "utf-8")
    stages.predict_file(run, str(path), str(tmp_path / "answers.jsonl"), quietly, workspace=workspace)
    (row,) = rows_of(tmp_path / "answers.jsonl")
    expected = [(one.start, one.end, one.label) for one in predict(run, "word1 word2").entities]
    assert [(one["start"], one["end"], one["label"]) for one in json.loads(row["prediction"])] == expected
