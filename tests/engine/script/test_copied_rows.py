"""Rows that were written anew before they were read: the script of a run reads the copy, and the same rows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasets import DatasetDict, load_from_disk

from engine.contract.script_builder import Places, Script
from engine.contract.settings import FileRows, PrepareSettings, Roles
from engine.contract.states import PreparedDataset
from engine.preparing.prepare import prepare
from engine.script.data import files_inside, read_code
from engine.workspace.layout import Workspace
from tests.builders_data import ignore, tiny_model
from tests.engine.reading.sources_on_disk import workbook_bytes

LABELS = ("fine", "bad")
ROWS = [(f"Lamp {n} came whole and late, Zoë said", LABELS[n % 2]) for n in range(40)]


def chats() -> str:
    rows = [
        {"messages": [{"role": "user", "content": text}, {"role": "assistant", "content": label}]}
        for text, label in ROWS
    ]
    return "\n".join(map(json.dumps, [*rows, {"messages": [{"role": "user", "content": "And this?"}]}]))


def by_label() -> str:
    return json.dumps({name: [text for text, label in ROWS if label == name] for name in LABELS}, ensure_ascii=False)


def with_row_names() -> str:
    return "\n".join(['"text","label"', *(f'"{n}","{text}","{label}"' for n, (text, label) in enumerate(ROWS)), ""])


def with_spaces() -> str:
    return "\n".join(['"text" "label"', *(f'"{n}" "{text}" "{label}"' for n, (text, label) in enumerate(ROWS)), ""])


def in_yaml() -> str:
    return "".join(f"- text: '{text}'\n  label: {label}\n" for text, label in ROWS)


FILES = {
    "chats.jsonl": (chats, "utf-8"),
    "texts.json": (by_label, "utf-16"),
    "of R.csv": (with_row_names, "cp1252"),
    "of R.txt": (with_spaces, "cp1252"),
    "rows.yaml": (in_yaml, "utf-8"),
}


def rows_that_the_script_reads_too(dataset: PreparedDataset) -> DatasetDict:
    """The prepared rows, compared with those that the code of the script reads."""
    script = Script()
    read_code(script, dataset, Places(rows="split_json"))
    made: dict[str, object] = {"split_json": Path(dataset.folder) / "split.json"}
    exec(script.text(), made)
    theirs, own = made["splits"], load_from_disk(dataset.folder)
    assert isinstance(theirs, DatasetDict)
    assert isinstance(own, DatasetDict)
    for split in own:
        assert list(own[split]["text"]) == list(theirs[split]["text"])
        assert list(own[split]["label"]) == list(theirs[split]["label"])
    return own


def test_the_script_reads_escaped_marks_and_structs_as_the_run_does(tmp_path: Path) -> None:
    lines = [f'"{text} \\"so\\" in C:\\new","{label}"' for text, label in ROWS]
    (tmp_path / "rows.csv").write_text("\n".join(['"text","label"', *lines]), "utf-8")
    rows = [{"text": text, "meta": {"label": label, "more": {"n": 1}}} for text, label in ROWS]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "rows.parquet")
    workspace = Workspace(tmp_path / "workspace").create()
    for name in ("rows.csv", "rows.parquet"):
        source = FileRows(str(tmp_path / name))
        dataset = prepare(tiny_model(tmp_path), source, PrepareSettings(), ignore, workspace=workspace)
        assert dataset.rows_used == 40
        own = rows_that_the_script_reads_too(dataset)
        assert all(('"so" in C:\\new' in text) == (name == "rows.csv") for text in own["train"]["text"])


ABOVE: dict[str, Callable[[], bytes]] = {
    "title.csv": lambda: _csv("All our texts,\n,\n", ","),
    "comments.csv": lambda: _csv("# made\n# by us\n", ","),
    "sep.csv": lambda: _csv("sep=;\n", ";"),
    "again.csv": lambda: _csv("", ",") + _csv("", ","),
    "title.xlsx": lambda: workbook_bytes({"S": [["All our texts"], ["text", "label"], *map(list, ROWS)]}),
    "groups.xlsx": lambda: workbook_bytes(
        {"S": [["", "Review", "", "Answer"], ["id", "title", "text", "label"], *([1, "x", *row] for row in ROWS)]}
    ),
}


def _csv(above: str, sign: str) -> bytes:
    return "\n".join([f"{above}text{sign}label", *(f'"{text}"{sign}{label}' for text, label in ROWS), ""]).encode()


@pytest.mark.parametrize("name", ABOVE)
def test_the_script_finds_the_header_below_other_lines(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(ABOVE[name]())
    workspace = Workspace(tmp_path / "workspace").create()
    dataset = prepare(
        tiny_model(tmp_path), FileRows(str(tmp_path / name)), PrepareSettings(), ignore, workspace=workspace
    )
    assert dataset.rows_used >= 40
    rows_that_the_script_reads_too(dataset)


def prepared(folder: Path, name: str) -> PreparedDataset:
    content, encoding = FILES[name]
    (folder / name).write_text(content(), encoding)
    workspace = Workspace(folder / "workspace").create()
    return prepare(tiny_model(folder), FileRows(str(folder / name)), PrepareSettings(), ignore, workspace=workspace)


@pytest.mark.parametrize("name", FILES)
def test_the_script_reads_the_copy(tmp_path: Path, name: str) -> None:
    dataset = prepared(tmp_path, name)
    assert dataset.rows_used == 40
    assert [path.name for path in files_inside(dataset).values()] == [f"{name}.jsonl"]
    rows_that_the_script_reads_too(dataset)


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_a_script_that_splits_by_itself_keeps_groups_together(tmp_path: Path, suffix: str) -> None:
    rows = [{"author": f"A{n % 12}" if n % 40 else "", "text": f"lamp {n}", "label": LABELS[n % 2]} for n in range(240)]
    source = tmp_path / f"rows.{suffix}"
    lines = map(json.dumps, rows)
    if suffix == "csv":
        lines = iter(["author,text,label", *(",".join(row.values()) for row in rows)])
    source.write_text("\n".join(lines), "utf-8")
    roles = Roles(text="text", label="label", group="author")
    workspace = Workspace(tmp_path / "workspace").create()
    dataset = prepare(
        tiny_model(tmp_path), FileRows(str(source)), PrepareSettings(roles=roles), ignore, workspace=workspace
    )
    script = Script()
    read_code(script, dataset, Places())
    made: dict[str, object] = {}
    exec(script.text(), made)
    theirs = made["splits"]
    assert isinstance(theirs, DatasetDict)
    authors = [set(theirs[split]["group"]) - {""} for split in ("train", "validation", "test")]
    assert sum(map(len, authors)) == 12 == len(set().union(*authors))
    assert sum(theirs.num_rows.values()) == 240
    assert all(authors)


def test_the_same_file_is_prepared_again_with_what_was_found_before(tmp_path: Path) -> None:
    dataset = prepared(tmp_path, "texts.json")
    again = prepare(
        dataset.model, dataset.source, dataset.settings, ignore, workspace=Workspace(tmp_path / "workspace")
    )
    assert again.rows_used == dataset.rows_used
    assert again.settings.reading == dataset.settings.reading
