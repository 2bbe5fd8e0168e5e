"""Files that went wrong, and data sets as they really are: what `inspect` reports of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.contract.settings import FileRows
from engine.preparing.inspection import inspect
from tests.builders_data import ignore
from tests.engine.preparing.inspected import Expected, differences
from tests.paths import SHARED_CASES, SHARED_DATA

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not SHARED_DATA.is_dir(), reason="the real data sets are not on this computer"),
]
TEXT_LABEL: dict[str, str | list[str]] = {"text": "text", "label": "label"}
LABELS = {"pos": 44, "neg": 46}
SPLITS = ("train", "validation", "test")

# Training, validation and test file of a case, "" for none; and what is to be seen in them.
CASES: dict[tuple[str, ...], Expected] = {
    ("08-multi-hot-lists/multihot_list.csv",): Expected(
        task="multi_label_classification",
        roles={"text": "text", "labels": "labels"},
        used=90,
        labels={"labels 1": 37, "labels 2": 23, "labels 3": 18},
    ),
    ("09-longest-column-is-text/alpaca.json",): Expected(roles={"text": "input", "label": "output"}, used=24),
    ("09-longest-column-is-text/long_url.csv",): Expected(roles=TEXT_LABEL, used=90, labels=LABELS),
    ("09-longest-column-is-text/prodigy_choice.jsonl",): Expected(
        roles=TEXT_LABEL, used=56, excluded={"was skipped by the annotator": 4}, labels={"POS": 31, "NEG": 25}
    ),
    ("10-kaggle-spam-header/v1v2.csv",): Expected(
        roles={"text": "v2", "label": "v1"}, used=90, labels={"ham": 37, "spam": 53}, header="yes"
    ),
    ("11-word-per-row-tables/kaggle_ner.csv",): Expected(
        task="token_classification",
        roles={"tokens": "Word", "tags": "Tag"},
        used=13,
        entities={"PER": 12, "ORG": 7, "LOC": 7},
        words=119,
        header="yes",
        format="csv",
        findings=("reading.note.words_in_rows",),
    ),
    ("24-title-rows-in-excel/title_row.xlsx",): Expected(
        roles={"text": "Comment", "label": "Category"},
        used=90,
        labels={"bad": 46, "good": 44},
        header="yes",
        findings=("reading.note.lines_above_header",),
    ),
    ("27-split-column-and-label-names/label_and_text.csv",): Expected(
        roles={"text": "text", "label": "label_text"}, used=90, labels=LABELS
    ),
    ("27-split-column-and-label-names/multihot_minus.csv",): Expected(
        task="multi_label_classification",
        roles={"text": "text", "label_columns": ["a", "b", "c"]},
        used=80,
        excluded={"has “-1” in b, where 1 or 0 is expected": 10},
    ),
    ("27-split-column-and-label-names/split_column.csv",): Expected(
        roles=TEXT_LABEL, used=90, labels=LABELS, findings=("reading.note.column_gives_splits",)
    ),
    ("28-unhelpful-sentences/one_each.csv",): Expected(
        roles=TEXT_LABEL, error="D16", sentence="Each of the 12 rows has a label of its own in “label”."
    ),
    ("28-unhelpful-sentences/train.csv", "28-unhelpful-sentences/val_empty.csv"): Expected(
        error="D10", sentence="val_empty.csv holds the names of columns (text, label) and no row."
    ),
    ("32-test-file-other-dialect/train.csv", "", "32-test-file-other-dialect/test_semi.csv"): Expected(
        roles=TEXT_LABEL, used=100, delimiters=(",", ";")
    ),
    ("32-test-file-other-dialect/tr_u8.csv", "", "32-test-file-other-dialect/te_tab.tsv"): Expected(
        roles=TEXT_LABEL, used=100, delimiters=(";", "\t")
    ),
}
SETS: dict[str, Expected] = {
    "trec": Expected(
        roles={"text": "text", "label": "coarse_label"},
        splits={"train": 4_907, "validation": 545, "test": 500},
        findings=("leaks_test_train", "preparing.data_note.other_labels"),
    ),
    "sms_spam": Expected(
        roles={"text": "column 2", "label": "column 1"},
        splits={"train": 3_902, "validation": 558, "test": 1_114},
        labels={"ham": 4_827, "spam": 747},
        header="no",
        findings=("leaks_test_train",),
    ),
    "uci_sentiment_sentences": Expected(
        roles=TEXT_LABEL,
        splits={"train": 2_400, "validation": 300, "test": 300},
        labels={"0": 1_500, "1": 1_500},
        absent=("preparing.question.label_column",),
    ),
    "clinc150": Expected(
        roles={"text": "text", "label": "intent"}, splits={"train": 15_100, "validation": 3_100, "test": 5_500}
    ),
    "snips": Expected(
        roles={"text": "text", "label": "intent"}, splits={"train": 13_084, "validation": 700, "test": 700}
    ),
    "nlupp_multilabel": Expected(
        task="multi_label_classification",
        roles={"text": "text", "labels": "intents"},
        splits={"train": 2_467, "validation": 311, "test": 302},
    ),
    "wnut17": Expected(
        task="token_classification",
        roles={"tokens": "tokens", "tags": "tags"},
        splits={"train": 3_394, "validation": 1_009, "test": 1_287},
        words=101_857,
    ),
    "mrpc": Expected(
        roles={"text": "sentence1", "second_text": "sentence2", "label": "label"},
        splits={"train": 3_669, "validation": 407, "test": 1_725},
        labels={"1": 3_900, "0": 1_901},
    ),
    "stsb": Expected(
        task="regression",
        roles={"text": "sentence1", "second_text": "sentence2", "score": "score"},
        splits={"train": 5_749, "validation": 1_500, "test": 1_379},
        scores={"least": 0.0, "most": 5.0},
    ),
}


@pytest.mark.parametrize("files", CASES, ids=lambda files: Path(files[-1]).name)
def test_a_file_that_went_wrong_is_read_as_it_is_meant(tmp_path: Path, files: tuple[str, ...]) -> None:
    paths = [str(SHARED_CASES / file) if file else "" for file in files]
    found = inspect(FileRows(*paths), ignore, scratch=tmp_path)
    assert differences(found, CASES[files]) == {}


@pytest.mark.parametrize("name", SETS)
def test_a_real_data_set_is_read_as_it_is(tmp_path: Path, name: str) -> None:
    paths = {path.stem: str(path) for path in (SHARED_DATA / name).iterdir()}
    found = inspect(FileRows(*(paths[split] for split in SPLITS)), ignore, scratch=tmp_path)
    assert differences(found, SETS[name]) == {}
    assert found.rows_excluded == {}
    assert found.rows_used == sum(SETS[name].splits.values())
