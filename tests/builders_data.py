"""A small data set that went through the real `prepare`, for tests that train, evaluate or export."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path

from engine.contract.events import Event
from engine.contract.settings import FileRows, PrepareSettings, TaskName
from engine.contract.states import ModelHandle, PreparedDataset
from engine.preparing.prepare import prepare
from engine.workspace.layout import Workspace
from tests.builders_models import tiny_bert_folder, tiny_model_handle

GOOD = ("good", "great", "fine", "nice", "best", "funny", "fun", "loved")
BAD = ("bad", "awful", "dull", "boring", "worst", "slow", "cheap", "hated")
THINGS = ("movie", "film", "story", "actor", "scene", "plot")
PEOPLE = ("John", "Mary", "Anna")
PLACES = ("Paris", "London", "Berlin")


def ignore(event: Event) -> None:
    """Listens and never stops anything."""


def review_rows() -> list[tuple[str, str]]:
    """96 different short reviews with positive and negative in turn."""
    rows = []
    for number, (position, thing) in enumerate(itertools.product(range(8), THINGS)):
        rows.append((f"the {thing} is {GOOD[position]} and {GOOD[(position + number) % 8]}", "positive"))
        rows.append((f"the {thing} is {BAD[position]} and {BAD[(position + number) % 8]}", "negative"))
    return rows


def name_sentences() -> list[list[tuple[str, str]]]:
    """54 different sentences with a person and a place."""
    sentences = []
    for person, place, thing in itertools.product(PEOPLE, PLACES, THINGS):
        sentences.append(
            [(person, "B-PER"), ("lives", "O"), ("in", "O"), (place, "B-LOC"), ("by", "O"), ("the", "O"), (thing, "O")]
        )
    return sentences


def review_file(path: Path) -> Path:
    """Writes `review_rows` as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *review_rows()])
    return path


def name_file(path: Path) -> Path:
    """Writes `name_sentences` as CoNLL."""
    blocks = ["\n".join(f"{word}\t{tag}" for word, tag in sentence) for sentence in name_sentences()]
    path.write_text("\n\n".join(blocks) + "\n", "utf-8")
    return path


def tiny_model(tmp_path: Path) -> ModelHandle:
    """The two-layer BERT in `tmp_path / "tiny-bert"`."""
    folder = tmp_path / "tiny-bert"
    if not folder.exists():
        tiny_bert_folder(folder)
    return tiny_model_handle(folder)


def prepared_tiny_dataset(
    tmp_path: Path, task: TaskName = "text_classification", *, settings: PrepareSettings | None = None
) -> PreparedDataset:
    """Reviews (96 rows) or sentences with names (54 rows) in `tmp_path / "workspace"`, prepared for `tiny_model`."""
    tmp_path.mkdir(parents=True, exist_ok=True)
    if task == "text_classification":
        path = review_file(tmp_path / "reviews.csv")
    else:
        path = name_file(tmp_path / "names.conll")
    workspace = Workspace(tmp_path / "workspace").create()
    return prepare(
        tiny_model(tmp_path), FileRows(str(path)), settings or PrepareSettings(task=task), ignore, workspace=workspace
    )
