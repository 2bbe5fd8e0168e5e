"""Files of annotation tools: known by their content, read as words with tags, every row accounted for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.contract.settings import FileRows, ReadingOptions, Roles
from engine.preparing.preview import preview
from engine.reading.formats.marked_text import Mark, annotated
from engine.reading.formats.registry import layout_of, read
from tests.builders_data import ignore

TEXT = "Anna lives in Paris"
MARKS = [(0, 4, "PER"), (14, 19, "LOC")]


def label_studio_row(text: str, marks: list[tuple[int, int, str]], **more: Any) -> dict[str, Any]:
    result = [{"type": "labels", "value": {"start": a, "end": b, "labels": [name]}} for a, b, name in marks]
    return {"id": 1, "data": {"text": text}, "annotations": [{"result": result, **more}]}


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
    "label studio": label_studio_row,
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


def test_rows_that_were_rejected_or_cancelled_are_left_out_by_reason(tmp_path: Path) -> None:
    prodigy = FORMS["prodigy"](TEXT, MARKS)
    rows = [
        prodigy,
        {**prodigy, "answer": "reject"},
        {**prodigy, "answer": "ignore"},
        {"text": None, "spans": []},
        label_studio_row(TEXT, MARKS, was_cancelled=True),
    ]
    path = written(tmp_path, rows)
    (chunk,) = read(path, layout_of(path, ReadingOptions()), ("tokens", "tags"))
    assert chunk.numbers == [1]
    assert chunk.excluded == [
        (2, "was rejected by the annotator"),
        (3, "was skipped by the annotator"),
        (4, "has no text with marks"),
        (5, "has no annotation that was not cancelled"),
    ]


def test_places_that_were_counted_as_browsers_do_are_found() -> None:
    row = label_studio_row("😀😀 Anna", [(5, 9, "PER")])
    row["annotations"][0]["result"][0]["value"]["text"] = "Anna"
    found = annotated(row)
    assert found is not None
    assert found.marks == (Mark(3, 7, "PER"),)


@settings(max_examples=60, deadline=None)
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
