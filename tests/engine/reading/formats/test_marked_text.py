"""Files of annotation tools: known by their content, read as words with tags, every row accounted for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.contract.settings import FileRows, ReadingOptions, Roles
from engine.preparing.preview import preview
from engine.reading.formats.marked_text import Mark, annotated, words_and_tags
from engine.reading.formats.registry import layout_of, read
from tests.builders_data import ignore

TEXT = "Anna lives in Paris"
MARKS = [(0, 4, "PER"), (14, 19, "LOC")]


FORMS: dict[str, Any] = {
    "doccano, label": lambda text, marks: {"id": 1, "text": text, "label": marks},
    "doccano, labels": lambda text, marks: {"text": text, "labels": marks, "Comments": []},
    "doccano, entities": lambda text, marks: {
        "text": text,
        "entities": [{"id": 7, "label": name, "start_offset": a, "end_offset": b} for a, b, name in marks],
        "relations": [],
    },
    "prodigy": lambda text, marks: {
        "text": text,
        "spans": [{"start": a, "end": b, "label": name, "token_start": 0} for a, b, name in marks],
        "answer": "accept",
        "_task_hash": 5,
    },
    "label studio, short": lambda text, marks: {
        "text": text,
        "label": [{"start": a, "end": b, "text": text[a:b], "labels": [name]} for a, b, name in marks],
    },
}


def written(folder: Path, rows: list[Any], *, as_list: bool = False) -> Path:
    path = folder / "rows.json"
    path.write_text(json.dumps(rows, indent=2) if as_list else "\n".join(map(json.dumps, rows)), "utf-8")
    return path


@pytest.mark.parametrize("as_list", [False, True])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_known_by_its_content(tmp_path: Path, form: str, as_list: bool) -> None:
    rows = [FORMS[form](text, marks) for text, marks in ((TEXT, MARKS), ("Nobody is here", []), (TEXT, MARKS[:1]))]
    found = preview(FileRows(str(written(tmp_path, rows, as_list=as_list))), ReadingOptions(), 5, ignore)
    assert found.reading.format == "spans"
    assert found.task == "token_classification"
    assert found.roles == Roles(tokens="tokens", tags="tags")
    path = tmp_path / "rows.json"
    (chunk,) = read(path, layout_of(path, ReadingOptions()), ("tokens", "tags"))
    assert chunk.columns["tags"] == [["B-PER", "O", "O", "B-LOC"], ["O", "O", "O"], ["B-PER", "O", "O", "O"]]
    assert [marked.entities for marked in chunk.marked.values()] == [2, 0, 1]


@pytest.mark.parametrize(
    "row",
    [
        {"text": TEXT, "label": "PER"},
        {"text": TEXT, "label": ["PER", "LOC"]},
        {"text": TEXT, "label": ["PER", "LOC", "ORG"]},
        {"text": TEXT, "labels": [["news", "sports", "art"]]},
        {"text": TEXT, "spans": []},
        {"tokens": TEXT.split(), "ner_tags": ["B-PER", "O", "O", "B-LOC"]},
    ],
)
def test_other_rows_stay_what_they_are(tmp_path: Path, row: dict[str, Any]) -> None:
    assert layout_of(written(tmp_path, [row] * 5), ReadingOptions()).options.format == "jsonl"


def test_a_label_that_is_called_so_still_decides_the_task(tmp_path: Path) -> None:
    rows = [{"text": f"{TEXT} {n}", "intent": ("ask", "tell")[n % 2], "entities": MARKS} for n in range(8)]
    found = preview(FileRows(str(written(tmp_path, rows))), ReadingOptions(), 5, ignore)
    assert found.task == "text_classification"
    assert found.roles.label == "intent"
    assert {column.name: column.kind for column in found.columns}["tags"] == "tags"


def test_rows_that_were_rejected_are_left_out_by_reason(tmp_path: Path) -> None:
    prodigy = FORMS["prodigy"](TEXT, MARKS)
    rows = [
        prodigy,
        {**prodigy, "answer": "reject"},
        {**prodigy, "answer": "ignore"},
        {"text": None, "spans": []},
    ]
    path = written(tmp_path, rows)
    (chunk,) = read(path, layout_of(path, ReadingOptions()), ("tokens", "tags"))
    assert chunk.numbers == [1]
    assert chunk.excluded == [
        (2, "was rejected by the annotator"),
        (3, "was skipped by the annotator"),
        (4, "has no text with marks"),
    ]


def test_places_that_were_counted_as_browsers_do_are_found() -> None:
    row = {"text": "😀😀 Anna", "spans": [{"start": 5, "end": 9, "label": "PER", "text": "Anna"}]}
    found = annotated(row)
    assert found is not None
    assert found.marks == (Mark(3, 7, "PER", is_certain=True),)


@given(
    st.lists(
        st.recursive(
            st.none() | st.booleans() | st.integers(-3, 30) | st.text(max_size=6),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["text", "label", "spans", "data", "annotations", "start", "end", "result"]), inner
                )
            ),
            max_leaves=12,
        ),
        max_size=6,
    )
)
def test_rows_in_are_rows_used_and_rows_left_out(tmp_path_factory: pytest.TempPathFactory, values: list[Any]) -> None:
    rows = [*[FORMS["prodigy"](TEXT, MARKS)] * 2, *({"text": TEXT, "spans": value} for value in values)]
    rows += [value for value in values if isinstance(value, dict)]
    path = written(tmp_path_factory.mktemp("rows"), rows)
    layout = layout_of(path, ReadingOptions(format="spans"))
    chunks = list(read(path, layout, ("tokens", "tags")))
    assert sum(len(chunk.numbers) + len(chunk.excluded) for chunk in chunks) == len(rows)
    for chunk in chunks:
        assert sorted(chunk.marked) == chunk.numbers


# ── How places are counted ──────────────────────────────────────────────────────────────────────────────────────

NAMES = [("Anna", "PER"), ("Graz", "LOC"), ("Ben Weber", "PER"), ("Łódź", "LOC")]


def counted(text: str, name: str, offsets: str) -> list[int]:
    start = text.index(name)
    before, inside = text[:start], name
    match offsets.removesuffix("-inclusive"):
        case "utf-16":
            start, length = len(before.encode("utf-16-le")) // 2, len(inside.encode("utf-16-le")) // 2
        case "utf-8":
            start, length = len(before.encode()), len(inside.encode())
        case _:
            length = len(inside)
    return [start, start + length - offsets.endswith("inclusive")]


def rows_counted(offsets: str, *, before: str = "😀é ", plain: int = 0) -> list[dict[str, Any]]:
    rows = []
    for number in range(12):
        name, label = NAMES[number % len(NAMES)]
        text = f"{'' if number < plain else before}Day {number} brought {name} home."
        rows.append({"text": text, "label": [[*counted(text, name, offsets), label]]})
    return rows


@pytest.mark.parametrize("offsets", ["characters", "characters-inclusive", "utf-16", "utf-16-inclusive", "utf-8"])
def test_the_way_in_which_places_are_counted_is_found_and_reported(tmp_path: Path, offsets: str) -> None:
    path = written(tmp_path, rows_counted(offsets))
    layout = layout_of(path, ReadingOptions())
    assert layout.options.offsets == offsets
    assert any("Offsets" in note or "end of each mark" in note for note in layout.notes) == (offsets != "characters")
    (chunk,) = read(path, layout, ("tokens", "tags"))
    for number, (words, tags) in enumerate(zip(chunk.columns["tokens"], chunk.columns["tags"], strict=True)):
        assert words is not None
        assert tags is not None
        name, label = NAMES[number % len(NAMES)]
        assert [word for word, tag in zip(words, tags, strict=True) if tag != "O"] == name.split()
        assert f"B-{label}" in tags
    assert all(not marked.conversions and not marked.begin_inside for marked in chunk.marked.values())


def test_a_few_rows_behind_emoji_show_how_all_are_counted(tmp_path: Path) -> None:
    path = written(tmp_path, rows_counted("utf-16", plain=11))
    assert layout_of(path, ReadingOptions()).options.offsets == "utf-16"


def test_marks_that_fit_no_way_of_counting_are_left_as_they_are(tmp_path: Path) -> None:
    rows = rows_counted("characters")
    for row in rows:
        row["label"] = [[start + 3, end + 3, label] for start, end, label in row["label"]]
    layout = layout_of(written(tmp_path, rows), ReadingOptions())
    assert layout.options.offsets == "characters"
    assert len(layout.notes) == 1


def test_what_was_chosen_about_offsets_is_taken(tmp_path: Path) -> None:
    path = written(tmp_path, rows_counted("characters"))
    layout = layout_of(path, ReadingOptions(offsets="utf-16"))
    assert layout.options.offsets == "utf-16"
    (chunk,) = read(path, layout, ("tokens", "tags"))
    assert all(marked.end_inside for marked in chunk.marked.values())


def test_inclusive_ends_are_found_where_every_character_is_a_word(tmp_path: Path) -> None:
    rows = [{"text": f"王在北京第{n}天。", "label": [[0, 0, "PER"], [2, 3, "LOC"]]} for n in range(6)]
    path = written(tmp_path, rows)
    layout = layout_of(path, ReadingOptions())
    assert layout.options.offsets == "characters-inclusive"
    (chunk,) = read(path, layout, ("tags",))
    assert chunk.columns["tags"][0] == ["B-PER", "O", "B-LOC", "I-LOC", "O", "O", "O", "O"]


def test_a_copy_of_the_marked_text_that_is_another_is_reported() -> None:
    mark = {"start": 0, "end": 4, "label": "PER", "text": "Bert"}
    found = annotated({"text": TEXT, "spans": [mark, {**mark, "start": 14, "end": 18, "text": "Paris"}]})
    assert found is not None
    assert found.marks == (Mark(0, 4, "PER", differs=True), Mark(14, 19, "PER", is_certain=True))
    tagged = words_and_tags(TEXT, found.marks)
    assert [(change.after, change.reason) for change in tagged.conversions] == [
        ("PER: Anna", "is another text than the copy beside the mark")
    ]
