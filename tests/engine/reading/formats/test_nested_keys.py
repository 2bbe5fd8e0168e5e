"""Keys inside nested objects are columns, and every value is found again under its column's name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.contract.settings import FileRows, ReadingOptions
from engine.preparing.preview import preview
from engine.reading.formats.json_rows import column_names, value_at

LEAVES = st.one_of(st.text(max_size=3), st.integers(0, 9).map(str))
KEYS = st.text(st.sampled_from("abc"), min_size=1, max_size=2)
ROWS = st.dictionaries(KEYS, st.one_of(LEAVES, st.dictionaries(KEYS, LEAVES, min_size=1, max_size=3)), max_size=4)


def test_nested_keys_get_dots() -> None:
    rows = [{"data": {"text": "a", "meta": {"id": "1"}}, "label": "x"}, {"data": {"text": "b", "lang": "en"}}]
    assert column_names(rows) == ("data.text", "data.meta.id", "data.lang", "label")
    assert value_at(rows[0], "data.meta.id") == "1"
    assert value_at(rows[1], "data.meta.id") is None


def test_a_key_that_holds_texts_too_is_a_column_of_its_own() -> None:
    assert column_names([{"a": {"b": "1"}}, {"a": "plain"}]) == ("a", "a.b")


def test_an_object_with_very_many_keys_stays_one_column() -> None:
    rows = [{"votes": {f"user {number}": "1"}, "label": "x"} for number in range(80)]
    assert column_names(rows) == ("votes", "label")


def test_a_key_with_a_dot_of_its_own_is_found() -> None:
    assert value_at({"a.b": "1", "a": {"b": "2"}}, "a.b") == "1"
    assert value_at({"a.b": {"c": "3"}}, "a.b.c") == "3"


@given(ROWS)
def test_every_value_has_a_column(row: dict[str, object]) -> None:
    names = column_names([row])
    for key, value in row.items():
        leaves = (
            {f"{key}.{name}": inside for name, inside in value.items()} if isinstance(value, dict) else {key: value}
        )
        for name, inside in leaves.items():
            assert name in names
            assert value_at(row, name) == inside


@pytest.mark.parametrize("as_list", [True, False])
def test_a_file_with_nested_texts_offers_them(tmp_path: Path, as_list: bool) -> None:
    rows = [{"data": {"text": f"the film number {number} is here"}, "label": "ab"[number % 2]} for number in range(40)]
    path = tmp_path / "rows.json"
    path.write_text(json.dumps(rows) if as_list else "\n".join(map(json.dumps, rows)), "utf-8")
    found = preview(FileRows(str(path)), ReadingOptions(), 5, lambda event: None)
    assert (found.roles.text, found.roles.label) == ("data.text", "label")
    assert found.cells[0] == ("the film number 0 is here", "a")
