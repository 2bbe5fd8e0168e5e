"""What `main.py inspect` reports: the same as Prepare, without a model, and in fields that stay as they are."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from engine.__main__ import main
from engine.contract.inspection import Inspection
from engine.contract.settings import FileRows, PrepareSettings
from engine.preparing.inspection import inspect
from engine.preparing.prepare import prepare
from engine.workspace.layout import Workspace
from tests.builders_data import ignore, tiny_model

REVIEWS = [
    (f"Review number {n} was {'fine' if n % 2 else 'dull'} to read", "good" if n % 2 else "bad") for n in range(40)
]
FIELDS = {
    *("format", "encoding", "delimiter", "header", "task", "roles", "rows_in", "rows_used", "rows_excluded", "files"),
    *("splits", "labels", "entities", "words", "scores", "examples", "findings", "error"),
}


def csv_file(path: Path, rows: list[tuple[str, str]], *, delimiter: str = ",", names: str = "text,label") -> Path:
    lines = [names.replace(",", delimiter), *(f"{text}{delimiter}{label}" for text, label in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def seen(folder: Path, *paths: Path) -> Inspection:
    (folder / "scratch").mkdir(exist_ok=True)
    return inspect(FileRows(*map(str, paths)), ignore, scratch=folder / "scratch")


def test_the_report_has_its_documented_fields_and_accounts_for_every_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = csv_file(tmp_path / "reviews.csv", [*REVIEWS, ("", "good"), ("A text without a label", "")])
    code = main(["--workspace", str(tmp_path / "workspace"), "inspect", "--json", str(path)])
    found = json.loads(capsys.readouterr().out)
    assert code == 0
    assert set(found) == FIELDS
    assert (found["format"], found["encoding"], found["delimiter"], found["header"]) == ("csv", "utf-8", ",", "yes")
    assert found["task"] == "text_classification"
    assert (found["roles"]["text"], found["roles"]["label"], found["roles"]["label_columns"]) == ("text", "label", [])
    assert (found["rows_in"], found["rows_used"], found["rows_excluded"]) == (
        42,
        40,
        {"has no text": 1, "has no label": 1},
    )
    assert found["labels"] == {"good": 20, "bad": 20}
    assert found["examples"][0] == {"row": 1, "line": 2, "text": REVIEWS[0][0], "label": "bad"}
    assert sum(found["splits"].values()) == 40
    assert {"empty_rows"} <= {finding["id"] for finding in found["findings"]}
    assert found["error"] is None


def test_rows_are_counted_for_each_file(tmp_path: Path) -> None:
    train = csv_file(tmp_path / "train.csv", REVIEWS)
    test = csv_file(tmp_path / "test.csv", [*REVIEWS[:5], ("", "bad")], delimiter=";")
    found = seen(tmp_path, train, train, test)
    assert [(file.split, file.rows_in, file.rows_used) for file in found.files] == [
        ("train", 40, 40),
        ("validation", 40, 40),
        ("test", 6, 5),
    ]
    assert found.files[2].delimiter == ";"
    assert found.files[2].rows_excluded == {"has no text": 1}


def test_an_error_is_part_of_the_report_with_what_was_found_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = csv_file(tmp_path / "one.csv", [(text, "good") for text, _ in REVIEWS])
    code = main(["--workspace", str(tmp_path / "workspace"), "inspect", "--json", str(path)])
    found = json.loads(capsys.readouterr().out)
    assert code == 1
    assert found["error"]["id"] == "D17"
    assert found["format"] == "csv"
    assert main(["--workspace", str(tmp_path / "workspace"), "inspect", "--json", str(tmp_path / "absent.csv")]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["id"] == "D20"


def test_the_report_is_a_text_without_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = csv_file(tmp_path / "reviews.csv", [*REVIEWS, ("", "good")])
    assert main(["--workspace", str(tmp_path / "workspace"), "inspect", str(path)]) == 0
    printed = capsys.readouterr().out
    assert "train: reviews.csv (csv, utf-8, header: yes)" in printed
    assert "task: text_classification; text = text; label = label" in printed
    assert "41 rows, 40 used" in printed
    assert "1 excluded: has no text" in printed


def test_more_than_three_files_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(csv_file(tmp_path / "reviews.csv", REVIEWS))
    assert main(["--workspace", str(tmp_path / "workspace"), "inspect", path, path, path, path]) == 1
    assert "4 files given" in capsys.readouterr().err


def test_an_encoding_that_only_the_user_can_decide_is_a_question(tmp_path: Path) -> None:
    path = tmp_path / "russian.csv"
    rows = [f"Отзыв номер {n} о новом чайнике,{'да' if n % 2 else 'нет'}" for n in range(40)]
    path.write_bytes("\n".join(["text,label", *rows]).encode("cp1251"))
    asked = [finding for finding in seen(tmp_path, path).findings if finding.severity == "question"]
    assert [finding.id for finding in asked] == ["preparing.question.encoding"]
    assert "windows-1251" in asked[0].sentence.lower() or "cp1251" in asked[0].sentence.lower()


def test_the_report_counts_as_prepare_does(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "reviews.csv", [*REVIEWS, *REVIEWS[:3], ("", "good")])
    model = tiny_model(tmp_path / "model")
    prepared = prepare(
        model, FileRows(str(path)), PrepareSettings(), ignore, workspace=Workspace(tmp_path / "workspace").create()
    )
    found = seen(tmp_path, path)
    assert found.rows_in == prepared.rows_in
    assert found.splits == {name: split.rows for name, split in prepared.splits.items()}
    assert found.rows_excluded == {str(entry.reason): entry.count for entry in prepared.excluded}
    ours = [(finding.id, finding.sentence) for finding in found.findings if finding.severity in ("problem", "caution")]
    theirs = [(finding.id, str(finding.sentence)) for finding in prepared.findings if finding.severity != "note"]
    about_a_model = {"language", "casing", "unknown_pieces", "pieces_per_word", "long_texts"}
    assert ours == [one for one in theirs if one[0] not in about_a_model]


def test_entities_and_words_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "names.conll"
    path.write_text("\n\n".join(f"Anna B-PER\nKern{n} I-PER\nsees O" for n in range(30)) + "\n", encoding="utf-8")
    found = seen(tmp_path, path)
    assert found.task == "token_classification"
    assert (found.entities, found.labels, found.words) == ({"PER": 30}, {}, 90)
    assert msgspec.to_builtins(found)["examples"][0]["tokens"] == ["Anna", "Kern0", "sees"]
