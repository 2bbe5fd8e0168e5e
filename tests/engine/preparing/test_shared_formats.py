"""Files with words, offsets and formats that people have and that went wrong: each with what is expected of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.contract.inspection import Inspection
from engine.contract.settings import FileRows, Roles
from engine.preparing.inspection import inspect
from tests.builders_data import ignore
from tests.paths import SHARED_CASES

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not SHARED_CASES.is_dir(), reason="the files are not on this computer"),
]
WORDS = Roles(tokens="tokens", tags="tags")
THREE = {"PER": 45, "LOC": 49, "ORG": 26}
SIXTEEN = {"PER": 20, "LOC": 17, "ORG": 11}

# file: format, rows used, entities, words
TAGGED: dict[str, tuple[str, int, dict[str, int], int]] = {
    "01-cjk-spans/chinese.jsonl": ("spans", 24, {"PER": 24, "LOC": 24}, 384),
    "01-cjk-spans/thai.jsonl": ("spans", 24, {"PER": 24, "LOC": 24}, 432),
    "02-combining-marks/hindi.jsonl": ("spans", 24, {"PER": 24, "LOC": 24}, 168),
    "03-invisible-characters/persian_zwnj.jsonl": ("spans", 24, {"PER": 24, "LOC": 24}, 168),
    "03-invisible-characters/soft_hyphen.jsonl": ("spans", 24, {"PER": 24, "LOC": 24}, 240),
    "05-chinese-char-conll-predict/zh_char.conll": ("conll", 160, {"PER": 113, "LOC": 160}, 1378),
    "12-joined-tags/joined_ner.csv": ("csv", 60, THREE, 584),
    "12-joined-tags/slash_tags.txt": ("lines", 40, {"PER": 40, "LOC": 40}, 320),
    "13-label-studio-other-exports/ls_ner.csv": ("spans", 60, {"PER": 44, "LOC": 46, "ORG": 30}, 0),
    "13-label-studio-other-exports/ls_ner_two_fields.json": ("spans", 24, SIXTEEN, 0),
    "17-dataturks-brat-webanno/brat": ("spans", 40, {"PER": 27, "LOC": 30, "ORG": 23}, 0),
    "17-dataturks-brat-webanno/webanno.tsv": ("spans", 39, {"PER": 39, "LOC": 39}, 195),
    "18-spacy-json/spacy_v2_cli.json": ("jsonl", 24, SIXTEEN, 0),
    "18-spacy-json/spans_struct.parquet": ("spans", 60, {"PER": 48, "LOC": 42, "ORG": 30}, 0),
    "23-conll-separators/mixed_sep.conll": ("conll", 60, THREE, 584),
    "23-conll-separators/nbsp_word.conll": ("conll", 60, THREE, 0),
    "30-utf16-offsets-without-copy/utf16_offsets.jsonl": ("spans", 40, {"PER": 27, "LOC": 30, "ORG": 23}, 486),
    "33-second-label-of-a-region/ls_ner_multilabel.json": ("spans", 24, {"PER": 17, "LOC": 18, "ORG": 13}, 0),
}
# file: format, roles, rows used, labels
LABELLED: dict[str, tuple[str, Roles, int, dict[str, int]]] = {
    "13-label-studio-other-exports/ls_choices.json": (
        "jsonl",
        Roles(text="text", label="sentiment"),
        24,
        {"Positive": 15, "Negative": 9},
    ),
    "14-label-studio-mixed-choices-min/ls_multichoice_min.json": (
        "jsonl",
        Roles(text="text", labels="topics"),
        24,
        {"billing": 20, "broken": 13},
    ),
    "15-doccano-csv-hash/doccano_classification.csv": (
        "csv",
        Roles(text="data", labels="label"),
        60,
        {"billing": 43, "broken": 37},
    ),
    "16-prodigy-binary-two-labels/prodigy_binary_two.jsonl": (
        "jsonl",
        Roles(text="text", label="label"),
        27,
        {"SPORT": 17, "MONEY": 10},
    ),
    "19-fasttext/fasttext.txt": ("lines", Roles(text="text", label="label"), 60, {"pos": 32, "neg": 28}),
    "20-pandas-json/pandas_columns.json": ("jsonl", Roles(text="text", label="label"), 90, {"neg": 53, "pos": 37}),
    "21-json-other-shapes/chat.jsonl": ("jsonl", Roles(text="text", label="label"), 90, {"bad": 46, "good": 44}),
    "21-json-other-shapes/clinc_style.json": (
        "jsonl",
        Roles(text="column 1", label="column 2"),
        90,
        {"neg": 46, "pos": 44},
    ),
    "21-json-other-shapes/intents.json": (
        "jsonl",
        Roles(text="text", label="label"),
        12,
        {"greeting": 4, "bye": 4, "thanks": 4},
    ),
    "21-json-other-shapes/list_of_lists.json": (
        "jsonl",
        Roles(text="column 1", label="column 2"),
        90,
        {"neg": 46, "pos": 44},
    ),
    "21-json-other-shapes/nan.json": ("jsonl", Roles(text="text", label="label"), 81, {"neg": 48, "pos": 33}),
    "22-backslash-quotes/backslash.csv": ("csv", Roles(text="text", label="label"), 11, {"neg": 8, "pos": 3}),
    "25-struct-in-parquet/struct_label.parquet": (
        "parquet",
        Roles(text="text", label="meta.label"),
        90,
        {"neg": 53, "pos": 37},
    ),
}


def seen(folder: Path, file: str) -> Inspection:
    return inspect(FileRows(str(SHARED_CASES / file)), ignore, scratch=folder)


@pytest.mark.parametrize("file", TAGGED)
def test_words_and_entities_are_those_of_the_file(tmp_path: Path, file: str) -> None:
    format, used, entities, words = TAGGED[file]
    found = seen(tmp_path, file)
    assert found.error is None
    assert (found.format, found.task, found.rows_used, found.entities) == (
        format,
        "token_classification",
        used,
        entities,
    )
    assert found.words == words or not words
    assert found.roles in (WORDS, Roles(tokens="text", tags="labels"))


@pytest.mark.parametrize("file", LABELLED)
def test_labels_are_those_of_the_file(tmp_path: Path, file: str) -> None:
    format, roles, used, labels = LABELLED[file]
    found = seen(tmp_path, file)
    assert found.error is None
    assert (found.format, found.roles, found.rows_used, found.labels) == (format, roles, used, labels)


def test_what_changed_or_was_left_out_is_reported(tmp_path: Path) -> None:
    ids = {finding.id for finding in seen(tmp_path, "30-utf16-offsets-without-copy/utf16_offsets.jsonl").findings}
    assert "reading.note.offsets_utf_16" in ids
    second = seen(tmp_path, "33-second-label-of-a-region/ls_ner_multilabel.json").findings[0]
    assert second.id == "changed_entities"
    rejected = seen(tmp_path, "16-prodigy-binary-two-labels/prodigy_binary_two.jsonl")
    assert rejected.rows_excluded == {"was rejected by the annotator": 33}
    alike = {finding.id for finding in seen(tmp_path, "26-labels-that-look-alike/bad_bio.conll").findings}
    assert "look_alike_labels" in alike
    unseen = {finding.id for finding in seen(tmp_path, "26-labels-that-look-alike/nbsp_labels.csv").findings}
    assert "invisible_characters" in unseen
