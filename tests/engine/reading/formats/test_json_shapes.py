"""JSON that holds rows in another way than one object each: every row is read, or the shape is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas
import pytest

from engine.contract.errors import DatasetUnreadable
from engine.contract.inspection import Inspection
from engine.contract.settings import FileRows, ReadingOptions
from engine.preparing.inspection import inspect
from engine.reading.formats.json_shapes import rows_of
from tests.builders_data import ignore

TEXTS = [f"Lamp {n} came {('whole', 'broken')[n % 2]} and late, Zoë said" for n in range(40)]
LABELS = [("fine", "bad")[n % 2] for n in range(40)]
ROWS = [{"text": text, "label": label} for text, label in zip(TEXTS, LABELS, strict=True)]
FRAME = pandas.DataFrame(ROWS)


def seen(folder: Path, content: str) -> Inspection:
    (folder / "scratch").mkdir(exist_ok=True)
    (folder / "rows.json").write_text(content, "utf-8")
    return inspect(FileRows(str(folder / "rows.json")), ignore, scratch=folder / "scratch")


def chat(text: str, label: str, **more: Any) -> dict[str, Any]:
    turns = [("system", "Is it fine or bad?"), ("user", text), ("assistant", label)]
    return {"messages": [{"role": role, "content": content} for role, content in turns], **more}


def server() -> dict[str, Any]:
    kinds = [{"name": "text", "type": {"dtype": "string", "_type": "Value"}}]
    kinds.append({"name": "label", "type": {"names": ["fine", "bad"], "_type": "ClassLabel"}})
    rows = [{"row_idx": n, "row": {**row, "label": n % 2}, "truncated_cells": []} for n, row in enumerate(ROWS)]
    return {"features": kinds, "rows": rows, "num_rows_total": 900, "partial": False}


SHAPES: dict[str, Callable[[], str]] = {
    "pandas columns": lambda: FRAME.to_json(),
    "pandas columns, other index": lambda: FRAME.set_index(FRAME.index.map("row-{}".format)).to_json(),
    "pandas index": lambda: FRAME.to_json(orient="index"),
    "pandas index, other names": lambda: FRAME.set_index(FRAME.index.map("row-{}".format)).to_json(orient="index"),
    "pandas split": lambda: FRAME.to_json(orient="split"),
    "pandas table": lambda: FRAME.to_json(orient="table"),
    "pandas records": lambda: FRAME.to_json(orient="records"),
    "pandas values": lambda: FRAME.to_json(orient="values"),
    "columns as lists": lambda: json.dumps({"text": TEXTS, "label": LABELS}),
    "arrays in a list, with names": lambda: json.dumps(
        [["text", "label"], *map(list, zip(TEXTS, LABELS, strict=True))]
    ),
    "arrays on lines": lambda: "\n".join(json.dumps([text, label]) for text, label in zip(TEXTS, LABELS, strict=True)),
    "rows under a key": lambda: json.dumps({"count": 40, "items": ROWS}, indent=1),
    "arrays under a key": lambda: json.dumps({"data": list(map(list, zip(TEXTS, LABELS, strict=True)))}),
    "objects one after the other": lambda: "\n".join(json.dumps(row, indent=2) for row in ROWS),
    "objects on one line": lambda: "".join(map(json.dumps, ROWS)),
    "objects with commas": lambda: ",\n".join(json.dumps(row, indent=1) for row in ROWS),
    "datasets server": lambda: json.dumps(server()),
    "datasets server, lines": lambda: "\n".join(
        json.dumps(one) for one in ({"row_idx": n, "row": row} for n, row in enumerate(ROWS))
    ),
    "texts by label": lambda: json.dumps(
        {name: [row["text"] for row in ROWS if row["label"] == name] for name in ("fine", "bad")}
    ),
    "label by text": lambda: json.dumps(dict(zip(TEXTS, LABELS, strict=True))),
    "intents": lambda: json.dumps(
        {
            "intents": [
                {
                    "tag": name,
                    "patterns": [row["text"] for row in ROWS if row["label"] == name],
                    "responses": ["Hello!"],
                }
                for name in ("fine", "bad")
            ]
        }
    ),
    "chats": lambda: "\n".join(json.dumps(chat(**row)) for row in ROWS),
    "chats in a list": lambda: json.dumps([chat(**row, id=n) for n, row in enumerate(ROWS)], indent=1),
    "chats with answers in JSON": lambda: "\n".join(
        json.dumps(chat(row["text"], json.dumps({"verdict": row["label"]}))) for row in ROWS
    ),
    "chats from human to gpt": lambda: "\n".join(
        json.dumps({"conversations": [{"from": "human", "value": row["text"]}, {"from": "gpt", "value": row["label"]}]})
        for row in ROWS
    ),
    "chats in parts": lambda: "\n".join(
        json.dumps(
            {
                "contents": [
                    {"role": "user", "parts": [{"text": row["text"]}]},
                    {"role": "model", "parts": [{"text": row["label"]}]},
                ]
            }
        )
        for row in ROWS
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_gives_the_same_rows(tmp_path: Path, shape: str) -> None:
    found = seen(tmp_path, SHAPES[shape]())
    assert found.error is None
    assert (found.format, found.task) == ("jsonl", "text_classification")
    assert (found.rows_in, found.rows_used, found.labels) == (40, 40, {"fine": 20, "bad": 20})
    text = found.roles.text
    assert sorted(example[("text")] for example in found.examples) == sorted(
        TEXTS[example["row"] - 1] if not shape.startswith(("texts by", "intents")) else example["text"]
        for example in found.examples
    )
    assert text in ("text", "column 1", "row.text")
    assert {example["text"] for example in found.examples} <= set(TEXTS)


@pytest.mark.parametrize(
    "inner",
    [
        lambda rows: rows,
        lambda rows: [list(row.values()) for row in rows],
        lambda rows: {"text": [row["text"] for row in rows], "label": [row["label"] for row in rows]},
    ],
)
def test_splits_in_one_object_are_the_splits(tmp_path: Path, inner: Callable[[Any], Any]) -> None:
    parts = {
        "train": inner(ROWS[:24]),
        "val": inner(ROWS[24:32]),
        "test": inner(ROWS[32:]),
        "oos_train": [["no idea", "oos"]],
    }
    found = seen(tmp_path, json.dumps(parts))
    assert found.splits == {"train": 24, "validation": 8, "test": 8}
    assert found.labels == {"fine": 20, "bad": 20}
    assert {"reading.note.parts_give_splits", "reading.note.other_keys_not_read"} <= {one.id for one in found.findings}


def test_a_missing_number_is_no_class(tmp_path: Path) -> None:
    content = json.dumps([*ROWS, {"text": "Nothing is known of it", "label": float("nan")}])
    assert "NaN" in content
    found = seen(tmp_path, content)
    assert (found.rows_used, found.labels) == (40, {"fine": 20, "bad": 20})
    assert found.rows_excluded == {"has no label": 1}


def test_null_between_rows_is_counted(tmp_path: Path) -> None:
    found = seen(tmp_path, json.dumps([*ROWS, None], indent=1))
    assert (found.rows_in, found.rows_used, found.rows_excluded) == (41, 40, {"is empty (null)": 1})


def test_a_chat_without_an_answer_is_excluded_by_name(tmp_path: Path) -> None:
    asked = {"messages": [{"role": "user", "content": "And this?"}]}
    found = seen(tmp_path, "\n".join(json.dumps(one) for one in [*(chat(**row) for row in ROWS), asked]))
    assert (found.rows_used, found.rows_excluded) == (40, {"has no answer of the assistant": 1})


def test_what_the_server_holds_back_is_reported(tmp_path: Path) -> None:
    found = seen(tmp_path, json.dumps(server()))
    assert "The file holds 40 of the 900 rows" in next(
        one.sentence for one in found.findings if one.id == "reading.note.part_of_the_rows"
    )


@pytest.mark.parametrize(
    ("value", "id"),
    [
        ({"name": "x", "options": {"rate": 3, "deep": {"er": 1}}}, "reading.d12.unknown_shape"),
        ({"a": [{"x": 1}] * 4, "b": [{"other": 1}] * 3}, "reading.d12.several_lists"),
        ({"data": [{"title": "x", "paragraphs": [{"context": "a", "qas": []}]}]}, "reading.d12.question_answering"),
    ],
)
def test_an_unknown_shape_is_named(tmp_path: Path, value: Any, id: str) -> None:
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(value, indent=1))
    with pytest.raises(DatasetUnreadable) as raised:
        rows_of(path, ReadingOptions())
    assert (raised.value.id, raised.value.message.id) == ("D12", id)
    assert all(key in raised.value.message for key in list(value)[:1]) or "SQuAD" in raised.value.message


def test_rows_in_objects_are_read_as_they_are(tmp_path: Path) -> None:
    for name, content in {
        "lines": "\n".join(map(json.dumps, ROWS)),
        "list": json.dumps(ROWS, indent=2),
        "one": json.dumps(ROWS[0]),
        "tokens": "\n".join(json.dumps({"tokens": ["a", "b"], "tags": ["O", "O"]}) for _ in range(3)),
    }.items():
        (tmp_path / name).write_text(content)
        assert rows_of(tmp_path / name, ReadingOptions()) is None
