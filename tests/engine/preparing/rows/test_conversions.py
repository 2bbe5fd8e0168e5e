"""The loss report: every entity of the file is read as it was, or reported with what became of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.contract.events import Event, Noted
from engine.contract.script_builder import Places, Script
from engine.contract.settings import FileRows, PrepareSettings
from engine.contract.states import ConvertedEntity, PreparedDataset
from engine.contract.tag_schemes import slips, strict_spans, to_iob2
from engine.preparing.prepare import prepare
from engine.preparing.rows.conversions import ConversionBook
from engine.reading.formats.chunks import Conversion, Marked
from engine.script.data import read_code
from engine.workspace.layout import Workspace
from tests.builders_data import name_sentences, prepared_tiny_dataset, tiny_model

IOB2_TAGS = st.lists(st.sampled_from(["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]), max_size=12).map(to_iob2)


def in_bioes(tags: list[str], letters: str = "BIES") -> list[str]:
    """The same entities with their ends marked."""
    begin, inside, end, single = letters
    written = ["O"] * len(tags)
    for start, stop, kind in strict_spans(tags):
        names = [begin, *inside * (stop - start - 2), end] if stop - start > 1 else [single]
        written[start:stop] = [f"{name}-{kind}" for name in names]
    return written


def in_iob1(tags: list[str]) -> list[str]:
    """B- only where an entity follows another of its type."""
    return [
        "I-" + tag[2:] if tag[0] == "B" and (not place or tags[place - 1][2:] != tag[2:]) else tag
        for place, tag in enumerate(tags)
    ]


def book_of(*rows: list[str]) -> ConversionBook:
    book = ConversionBook()
    for number, tags in enumerate(rows, start=1):
        book.add("train", number, [f"w{place}" for place in range(len(tags))], tags, None)
    return book


@given(IOB2_TAGS)
def test_other_schemes_and_back_are_the_same_tags(tags: list[str]) -> None:
    for written in (in_bioes(tags), in_bioes(tags, "BILU"), in_iob1(tags)):
        assert to_iob2(written) == tags
    assert slips(tags) == slips(in_bioes(tags)) == slips(in_bioes(tags, "BILU")) == []


@pytest.mark.parametrize(
    ("scheme", "tags"),
    [
        ("IOB2", ["B-PER", "I-PER", "O", "B-LOC"]),
        ("IOB1", ["I-PER", "I-PER", "O", "I-LOC", "B-LOC"]),
        ("BIOES", ["B-PER", "E-PER", "O", "S-LOC"]),
        ("BIOES", ["B-PER", "L-PER", "O", "U-LOC"]),
        ("IO", ["PER", "PER", "O", "LOC"]),
        ("", ["O", "O"]),
    ],
)
def test_the_scheme_is_found_over_all_rows(scheme: str, tags: list[str]) -> None:
    book = book_of(["O", "O"], tags)
    assert book.scheme == scheme
    assert book.report().changed == 0
    assert bool(book.notes()) == (scheme not in ("IOB2", ""))


def test_tags_that_are_numbers_are_reported() -> None:
    book = ConversionBook()
    book.add("train", 1, ["Anna", "lives"], ["1", "0"], None)
    assert "does not name them" in book.notes()[0]
    assert book.report().entities == 0


def test_an_entity_without_a_beginning_is_reported_in_iob2_only() -> None:
    report = book_of(["O", "B-PER", "I-PER"], ["B-PER", "I-LOC", "I-LOC", "O"]).report()
    assert (report.entities, report.changed, report.rows) == (3, 1, 1)
    assert report.examples == (ConvertedEntity(2, "train", "w1/I-LOC w2/I-LOC", "LOC: w1 w2", "has no beginning"),)
    assert report.sentence == "1 of 3 entities changed, in 1 row."


def test_examples_are_bounded_and_the_counts_are_not() -> None:
    book = ConversionBook()
    change = Conversion("PER: x" * 100, "", "covers no word")
    for number in range(300):
        book.add("train", number, [], [], Marked(2, (change,)))
    report = book.report()
    assert (report.entities, report.changed, report.rows) == (600, 300, 300)
    assert len(report.examples) == 200
    assert len(report.examples[0].before) == 121


def prepared(folder: Path, told: list[Event]) -> PreparedDataset:
    """54 sentences with a person and a place; the third mark of the first row ends inside a word, one covers none.

    A mark of the second row ends before the accent of the letter e.
    """
    rows = []
    for sentence in name_sentences():
        text = " ".join(word for word, _ in sentence)
        places = [text.index(word) for word, tag in sentence if tag != "O"]
        words = [(word, tag[2:]) for word, tag in sentence if tag != "O"]
        marks = [[at, at + len(word), kind] for at, (word, kind) in zip(places, words, strict=True)]
        rows.append({"text": text, "label": marks})
    text = str(rows[0]["text"])
    rows[0]["label"] = [*rows[0]["label"], [text.index("lives"), text.index("lives") + 2, "LOC"], [4, 5, "PER"]]
    rows[1]["text"] = f"cafe\u0301 {rows[1]['text']}"
    moved = [[start + 6, end + 6, kind] for start, end, kind in rows[1]["label"]]
    rows[1]["label"] = [*moved, [0, 4, "LOC"]]
    path = folder / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    settings = PrepareSettings(task="token_classification")
    workspace = Workspace(folder / "workspace").create()
    return prepare(tiny_model(folder), FileRows(str(path)), settings, told.append, workspace=workspace)


def test_a_prepared_data_set_shows_which_entities_changed(tmp_path: Path) -> None:
    told: list[Event] = []
    dataset = prepared(tmp_path, told)
    report = dataset.conversion
    assert report is not None
    assert (report.entities, report.changed, report.rows) == (111, 2, 2)
    assert set(report.examples) == {
        ConvertedEntity(2, "train", "LOC: cafe", "LOC: cafe\u0301", "widened to whole characters"),
        ConvertedEntity(1, "train", "PER: nothing", "", "covers no word"),
    }
    assert Noted("2 of 111 entities changed, in 2 rows.") in told
    assert "1 of 111 marks begins or ends inside a word, which is parted there." in dataset.notes
    counted = sum(sum(split.labels.values()) for split in dataset.splits.values())
    assert counted == report.entities - 1  # one was lost, one widened, one kept inside its word
    assert dataset.rows_in == dataset.rows_used == 54


def test_the_plain_script_reads_marked_rows_as_they_were_read(tmp_path: Path) -> None:
    dataset = prepared(tmp_path, [])
    script = Script()
    read_code(script, dataset, Places())
    made: dict[str, object] = {}
    exec(script.text(), made)
    splits = made["splits"]
    rows = [row for part in splits.values() for row in part]  # type: ignore[attr-defined]
    assert sum(len(strict_spans(row["tags"])) for row in rows) == 110
    (first,) = [row for row in rows if "B-LOC" in row["tags"][1]]
    assert first["tokens"][1] == "li"


def test_rows_without_tags_have_no_report(tmp_path: Path) -> None:
    assert prepared_tiny_dataset(tmp_path).conversion is None


def test_two_stray_tags_do_not_flip_the_scheme() -> None:
    usual = ["I-PER", "I-PER", "O", "I-LOC", "O", "I-ORG", "B-ORG"]
    book = book_of(*[usual] * 40, ["B-PER", "I-PER", "O"], ["O", "E-LOC"])
    assert book.scheme == "IOB1"
    assert book.report().changed == 0
    usual = ["B-PER", "I-PER", "O", "B-LOC", "O"]
    book = book_of(*[usual] * 40, ["I-PER", "O", "S-LOC", "PER"])
    assert book.scheme == "IOB2"
    assert book.report().changed == 1
    assert book_of(*[["PER", "O", "LOC"]] * 40, ["B-PER", "O"]).scheme == "IO"
