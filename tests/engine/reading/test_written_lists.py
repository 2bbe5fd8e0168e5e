"""Lists in cells of text are data: every way of writing them is read, and nothing of it is run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.contract.settings import FileRows, ReadingOptions
from engine.preparing.preview import preview
from engine.reading.columns import written_list

WORDS = st.lists(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=9))


@given(WORDS)
def test_what_python_and_json_print_is_read_again(words: list[str]) -> None:
    assert written_list(repr(words)) == words
    assert written_list(json.dumps(words)) == words
    assert written_list(json.dumps(words, ensure_ascii=False)) == words


@pytest.mark.parametrize(
    ("cell", "items"),
    [
        ("['a' 'b']", ["a", "b"]),
        ("['a'\n \"it's\"]", ["a", "it's"]),
        ("['one']", ["one"]),
        ("[1 0 0]", ["1", "0", "0"]),
        ("[007, 1]", ["007", "1"]),
        ("[1.0, 2]", ["1.0", "2"]),
        ("[B-PER, O]", ["B-PER", "O"]),
        (" [] ", []),
        ("['a', None]", ["a", ""]),
    ],
)
def test_lists_of_other_hands_are_read(cell: str, items: list[str]) -> None:
    assert written_list(cell) == items


@pytest.mark.parametrize(
    "cell",
    ["", "a", "[laughs]", "[Music] and [song]", "[['a'], ['b']]", "[{'a': 1}]", "[f() g()]", "['a', open('x')]", "[1"],
)
def test_everything_else_is_no_list(cell: str) -> None:
    assert written_list(cell) is None


@pytest.mark.parametrize("cell", ["[" * 50_000 + "]" * 50_000, f"[{'9' * 200_000}]", "[" + "'a' + " * 9_000 + "'a']"])
def test_a_hostile_cell_ends(cell: str) -> None:
    assert written_list(cell) is None


@pytest.mark.parametrize("write", [repr, json.dumps, lambda words: "[" + " ".join(map(repr, words)) + "]"])
def test_a_table_of_written_lists_is_one_of_words_and_tags(tmp_path: Path, write: object) -> None:
    assert callable(write)
    rows = [(["Anna", "lives", "here", str(number)], ["B-PER", "O", "O", "O"]) for number in range(30)]
    lines = ["\t".join(("tokens", "ner_tags")), *("\t".join((write(words), write(tags))) for words, tags in rows)]
    path = tmp_path / "rows.tsv"
    path.write_text("\n".join(lines), "utf-8")
    found = preview(FileRows(str(path)), ReadingOptions(quoting="plain"), 5, lambda event: None)
    assert (found.task, found.roles.tokens, found.roles.tags) == ("token_classification", "tokens", "ner_tags")
    assert found.label_counts == {"O": 90, "B-PER": 30}


SPACY = [[f"Anna lives in Rome {number}", {"entities": [[0, 4, "PER"], [14, 18, "LOC"]]}] for number in range(30)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("list.json", json.dumps(SPACY)),
        ("lines.jsonl", "\n".join(map(json.dumps, SPACY))),
        ("classes.json", json.dumps({"classes": ["PER", "LOC"], "annotations": SPACY})),
    ],
)
def test_spacys_pairs_of_text_and_entities_are_read(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content, "utf-8")
    found = preview(FileRows(str(path)), ReadingOptions(), 5, lambda event: None)
    assert (found.reading.format, found.task, found.rows_total) == ("spans", "token_classification", 30)
    assert found.label_counts == {"O": 90, "B-PER": 30, "B-LOC": 30}
