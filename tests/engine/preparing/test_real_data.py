"""Data sets as they really are, with the counts their description gives."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from engine.contract.cleaning_rules import LeaveOutLeaks
from engine.contract.errors import DatasetInvalid
from engine.contract.settings import FileRows, PrepareSettings, ReadingOptions, Roles, TaskName
from engine.contract.states import ModelHandle, PreparedDataset
from engine.preparing.prepare import prepare
from engine.preparing.preview import preview
from engine.workspace.layout import Workspace
from tests.builders_data import ignore, tiny_model
from tests.paths import SHARED_DATA as DATA

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real data sets are not on this computer"),
]
SETS = {
    "trec": ("csv", Roles(text="text", label="coarse_label"), (4_907, 545, 500), 6),
    "sms_spam": ("tsv", Roles(text="column 2", label="column 1"), (3_902, 558, 1_114), 2),
    "uci_sentiment_sentences": ("csv", Roles(text="text", label="label"), (2_400, 300, 300), 2),
    "clinc150": ("csv", Roles(text="text", label="intent"), (15_100, 3_100, 5_500), 151),
    "snips": ("jsonl", Roles(text="text", label="intent"), (13_084, 700, 700), 7),
    "mrpc": ("tsv", Roles(text="sentence1", second_text="sentence2", label="label"), (3_669, 407, 1_725), 2),
    "stsb": ("tsv", Roles(text="sentence1", second_text="sentence2", score="score"), (5_749, 1_500, 1_379), 1),
    "nlupp_multilabel": ("jsonl", Roles(text="text", labels="intents"), (2_467, 311, 302), 62),
    "wnut17": ("conll", Roles(tokens="tokens", tags="tags"), (3_394, 1_009, 1_287), 13),
}
LARGE = ("clinc150", "snips", "mrpc", "stsb", "wnut17")  # seconds each; inspected in full by test_shared_tables.py
IN_THE_WINDOW = ("nlupp_multilabel",)  # prepared by tests/gui/test_real_data.py, with the same claims


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ModelHandle:
    return tiny_model(tmp_path_factory.mktemp("model"))


def files_of(name: str, ending: str) -> FileRows:
    return FileRows(*(str(DATA / name / f"{split}.{ending}") for split in ("train", "validation", "test")))


def prepared(model: ModelHandle, folder: Path, rows: FileRows, settings: PrepareSettings) -> PreparedDataset:
    return prepare(model, rows, settings, ignore, workspace=Workspace(folder / "workspace").create())


@pytest.fixture(scope="module")
def as_guessed(model: ModelHandle, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], PreparedDataset]:
    """Each set with the task that is guessed, prepared once."""

    @cache
    def prepare_once(name: str) -> PreparedDataset:
        rows = files_of(name, SETS[name][0])
        task = preview(rows, ReadingOptions(), 10, ignore).task
        return prepared(model, tmp_path_factory.mktemp(name), rows, PrepareSettings(task=task))

    return prepare_once


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.nightly) if name in (*LARGE, *IN_THE_WINDOW) else name for name in SETS],
)
def test_roles_and_task_are_guessed_and_every_row_is_used(
    as_guessed: Callable[[str], PreparedDataset], name: str
) -> None:
    ending, roles, counts, labels = SETS[name]
    found = preview(files_of(name, ending), ReadingOptions(), 10, ignore)
    assert found.roles == roles
    assert found.rows_total == counts[0]
    dataset = as_guessed(name)
    assert dataset.task == found.task
    assert tuple(split.rows for split in dataset.splits.values()) == counts
    assert dataset.excluded == ()
    assert dataset.rows_in == sum(counts)
    assert len(dataset.label_names) == labels


@pytest.mark.parametrize(
    ("name", "task"),
    [
        ("mrpc", "text_classification"),
        pytest.param("wnut17", "token_classification", marks=pytest.mark.nightly),  # tests/engine/test_real_data.py
    ],
)
def test_of_a_large_set_as_many_rows_as_are_asked_for_are_used(
    tmp_path: Path, model: ModelHandle, name: str, task: TaskName
) -> None:
    ending, roles, counts, _ = SETS[name]
    settings = PrepareSettings(task=task, roles=roles, row_limit=300)
    dataset = prepared(model, tmp_path, files_of(name, ending), settings)
    assert dataset.rows_used == 300
    assert dataset.rows_in == sum(counts)
    assert all(left.reason.startswith("is beyond the limit of 300 rows") for left in dataset.excluded)


def test_one_file_serves_two_tasks(tmp_path: Path, model: ModelHandle) -> None:
    settings = PrepareSettings(task="token_classification", roles=Roles(tokens="tokens", tags="slots"), row_limit=600)
    dataset = prepared(model, tmp_path, files_of("snips", "jsonl"), settings)
    assert dataset.rows_used == 600
    assert dataset.rows_in == 14_484
    assert {"B-artist", "I-playlist"} <= set(dataset.label_names)


def test_messages_that_are_in_train_and_test_are_reported(as_guessed: Callable[[str], PreparedDataset]) -> None:
    # 110 are equal to the letter, two more but for their spaces.
    assert as_guessed("sms_spam").findings[0].sentence == (
        "112 test rows are also in train, so the test score looks better than it is."
    )


def test_leaks_are_left_out_by_a_remedy_and_every_row_is_accounted_for(tmp_path: Path, model: ModelHandle) -> None:
    settings = PrepareSettings(cleaning_rules=(LeaveOutLeaks("train"), LeaveOutLeaks("validation")))
    dataset = prepared(model, tmp_path, files_of("sms_spam", "tsv"), settings)
    assert not [finding for finding in dataset.findings if finding.id.startswith("leaks")]
    assert dataset.splits["test"].rows == 1_114
    assert dataset.rows_in == dataset.rows_used + sum(entry.count for entry in dataset.excluded) == 5_574


def test_questions_that_repeat_are_found(tmp_path: Path, model: ModelHandle) -> None:
    rows = FileRows(str(DATA / "trec" / "train.csv"))
    dataset = prepared(model, tmp_path, rows, PrepareSettings(roles=Roles(text="text", label="coarse_label")))
    (found,) = [finding for finding in dataset.findings if finding.id == "duplicates"]
    assert found.count == 57


def test_a_column_of_questions_is_no_label(tmp_path: Path, model: ModelHandle) -> None:
    rows = FileRows(str(DATA / "trec" / "train.csv"))
    with pytest.raises(DatasetInvalid, match="4,850 different labels in 4,907 rows"):
        prepared(model, tmp_path, rows, PrepareSettings(roles=Roles(text="coarse_label", label="text")))
