"""What is counted before Prepare is what Prepare then reports: rows, used rows and reasons, file by file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.contract.errors import DatasetInvalid, DatasetUnreadable
from engine.contract.queries import RowCounts
from engine.contract.settings import FileRows, PrepareSettings, ReadingOptions, Roles, TaskName
from engine.contract.states import PreparedDataset
from engine.preparing import row_counts
from engine.preparing.prepare import prepare
from engine.preparing.row_counts import count_rows
from engine.workspace.layout import Workspace
from tests.builders_data import ignore, tiny_model

WORDS = "the movie film story actor scene plot is was good bad great awful fine dull nice boring best worst and".split()


def texts(number: int, start: int = 0) -> list[str]:
    return [f"the {WORDS[n % 20]} of day {n} was {WORDS[n // 20 % 20]}" for n in range(start, start + number)]


def scored_pairs(number: int, start: int = 0, *, bad: int = 0) -> str:
    """As STS-B is downloaded, without a header; some rows have two columns more, some a score that is none."""
    rows = []
    for n, text in enumerate(texts(number, start)):
        score = "n/a" if n < bad else f"{n % 50 / 10:.3f}"
        rows.append("\t".join([f"{n:04}", score, text, text.replace("was", "is")]) + ("\tx\ty" if n % 5 == 4 else ""))
    return "\n".join(rows) + "\n"


def conll(number: int, start: int = 0) -> str:
    blocks = [f"Anna\tB-PER\nsaw\tO\n{text.split()[1]}\tO\n{n}\tO" for n, text in enumerate(texts(number, start))]
    return "\n\n".join([*blocks, "Tom\tB-PER\nalone"]) + "\n"


def table(rows: list[tuple[str, str]], sign: str = ",") -> str:
    return "\n".join([sign.join(("text", "label")), *(sign.join(row) for row in rows)]) + "\n"


def several(number: int, start: int) -> str:
    rows = [{"text": text, "tags": ["a", "b"][: n % 3]} for n, text in enumerate(texts(number, start))]
    return "\n".join(json.dumps(row if n % 7 else {"text": "", "tags": ["a"]}) for n, row in enumerate(rows))


CASES: dict[str, tuple[TaskName, Roles, str, dict[str, str]]] = {
    "scored pairs": (
        "regression",
        Roles(text="column 3", second_text="column 4", score="column 2"),
        ".tsv",
        {"train": scored_pairs(60), "validation": scored_pairs(20, 60), "test": scored_pairs(30, 80, bad=12)},
    ),
    "labels": (
        "text_classification",
        Roles(text="text", label="label"),
        ".csv",
        {
            "train": table([(text, "ab"[n % 2] if n % 9 else "") for n, text in enumerate(texts(60))]),
            "test": table([("" if n < 4 else text, "ab"[n % 2]) for n, text in enumerate(texts(20, 60))], ";"),
        },
    ),
    "tags": ("token_classification", Roles(), ".conll", {"train": conll(40), "validation": conll(10, 40)}),
    "several labels": (
        "multi_label_classification",
        Roles(text="text", labels="tags"),
        ".jsonl",
        {"train": several(40, 0), "test": several(20, 40)},
    ),
}


def source_of(folder: Path, ending: str, files: dict[str, str]) -> FileRows:
    for split, content in files.items():
        (folder / f"{split}{ending}").write_text(content, "utf-8")
    paths = {split: str(folder / f"{split}{ending}") if split in files else "" for split in ("validation", "test")}
    return FileRows(str(folder / f"train{ending}"), paths["validation"], paths["test"])


def counted(folder: Path, rows: FileRows, settings: PrepareSettings) -> RowCounts:
    return count_rows(rows, settings, ignore, scratch=folder, hub=folder)


@pytest.mark.parametrize("name", CASES)
def test_rows_and_reasons_are_those_of_prepare(tmp_path: Path, name: str) -> None:
    task, roles, ending, files = CASES[name]
    rows = source_of(tmp_path, ending, files)
    settings = PrepareSettings(task=task, roles=roles)
    before = counted(tmp_path, rows, settings)
    workspace = Workspace(tmp_path / "workspace").create()
    after: PreparedDataset = prepare(tiny_model(tmp_path), rows, settings, ignore, workspace=workspace)
    assert before.excluded == after.excluded != ()
    assert sum(file.rows_in for file in before.files) == after.rows_in
    assert sum(file.rows_used for file in before.files) == after.rows_used
    given = {file.split: file.rows_used for file in before.files if file.split != "train"}
    assert given == {split: after.splits[split].rows for split in given}
    assert [file.split for file in before.files] == list(files)


def test_a_large_file_is_counted_in_part_and_reports_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_counts, "COUNTED_CELLS", 3_000)
    rows = source_of(tmp_path, ".csv", {"train": table([(text, "ab"[n % 2]) for n, text in enumerate(texts(9_000))])})
    (file,) = counted(tmp_path, rows, PrepareSettings(roles=Roles(text="text", label="label"))).files
    assert not file.is_whole
    assert 1_500 < file.rows_in < 9_000
    assert file.sentence == f"train.csv: all of the first {file.rows_in:,} rows can be used."


# ── Open questions ──────────────────────────────────────────────────────────────────────────────────────────────


def test_two_columns_that_may_hold_the_labels_are_asked_about_without_a_window_too(tmp_path: Path) -> None:
    lines = [f"{text},{'xyz'[n % 3]},{'pqr'[n % 3]}" for n, text in enumerate(texts(60))]
    rows = source_of(tmp_path, ".csv", {"train": "\n".join(["text,channel,shop", *lines])})
    model, workspace = tiny_model(tmp_path), Workspace(tmp_path / "workspace").create()
    with pytest.raises(DatasetInvalid) as caught:
        prepare(model, rows, PrepareSettings(), ignore, workspace=workspace)
    assert caught.value.id == "D16"
    assert caught.value.message.startswith("More than one column may hold the labels: “channel”, “shop”.")
    answered = PrepareSettings(roles=Roles(label="channel"))
    dataset = prepare(model, rows, answered, ignore, workspace=workspace)
    assert dataset.label_names == ("x", "y", "z")


def test_an_encoding_that_is_in_doubt_is_asked_for_without_a_window_too(tmp_path: Path) -> None:
    lines = [f"Отзыв номер {n} о новом чайнике,{'да' if n % 2 else 'нет'}" for n in range(60)]
    path = tmp_path / "train.csv"
    path.write_bytes("\n".join(["text,label", *lines]).encode("cp1251"))
    rows, model = FileRows(str(path)), tiny_model(tmp_path)
    workspace = Workspace(tmp_path / "workspace").create()
    with pytest.raises(DatasetUnreadable) as caught:
        prepare(model, rows, PrepareSettings(), ignore, workspace=workspace)
    assert caught.value.id == "D1"
    assert caught.value.message.startswith("The encoding of train.csv could not be detected.")
    chosen = PrepareSettings(reading=ReadingOptions(encoding="cp1251"))
    assert prepare(model, rows, chosen, ignore, workspace=workspace).rows_used == 60
