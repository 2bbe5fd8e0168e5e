"""Entities that a file lists as words with types: each is found in its text, or named."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from engine.contract.settings import FileRows
from engine.preparing.inspection import inspect
from engine.reading.formats.listed_words import spans_of, words_beside_a_text
from tests.builders_data import ignore
from tests.engine.preparing.inspected import Expected, differences

NAMES = ("Anna", "Tom Reed", "Zoë", "Omar")
TEXTS = [f"{NAMES[n % 4]} has lived in Graz since {1900 + n}" for n in range(40)]
PAIRS = [[(NAMES[n % 4], "PER"), ("Graz", "LOC")] for n in range(40)]


@pytest.mark.parametrize(
    ("text", "pairs", "places"),
    [
        ("Anna met Anna", [("Anna", "A"), ("Anna", "B")], [(0, 4), (9, 13)]),
        ("Annabel met Anna", [("Anna", "A")], [(12, 16)]),  # the word alone comes first
        ("Annabel came", [("Anna", "A")], [(0, 4)]),
        ("Tom met Anna", [("Anna", "A"), ("Tom", "B")], [(8, 12), (0, 3)]),  # in another order than the text's
        ("Tom met Tom and Anna and Tom", [("Anna", "A"), ("Tom", "B")], [(16, 20), (25, 28)]),
        ("Tom  Reed came", [("Tom Reed", "A")], [(0, 9)]),
        ("they met ANNA", [("Anna", "A")], [(9, 13)]),
        ("安娜住在格拉茨", [("格拉茨", "LOC")], [(4, 7)]),
        ("Anna came", [("Anna", "A"), ("Anna", "A")], [(0, 4), (-1, -1)]),
        ("Anna came", [("(Tom", "A"), (" ", "A")], [(-1, -1), (-1, -1)]),
    ],
)
def test_words_are_found_in_the_order_of_the_list(
    text: str, pairs: list[tuple[str, str]], places: list[tuple[int, int]]
) -> None:
    assert [(mark["start"], mark["end"]) for mark in spans_of(text, pairs)] == places


FORMS: dict[str, Any] = {
    "objects": lambda pairs: [{"word": word, "type": label} for word, label in pairs],
    "objects by other names": lambda pairs: [{"mention": word, "id": "7", "ner": label} for word, label in pairs],
    "objects of two unknown names": lambda pairs: [{"w": word, "art": label} for word, label in pairs],
    "pairs": lambda pairs: [[word, label] for word, label in pairs],
    "pairs with the type first": lambda pairs: [[label, word] for word, label in pairs],
    "types by word": dict,
    "words by type": lambda pairs: {"PER": [pairs[0][0]], "LOC": [pairs[1][0]], "ORG": []},
    "a word by type": lambda pairs: {"PER": pairs[0][0], "LOC": pairs[1][0], "ORG": None},
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_is_known(name: str) -> None:
    rows = [{"id": n, "sentence": text, "entities": FORMS[name](PAIRS[n])} for n, text in enumerate(TEXTS)]
    for written in (rows, [{**row, "entities": str(row["entities"])} for row in rows]):
        found = words_beside_a_text(written)
        assert found is not None
        assert (found.holder, found.text) == ("entities", "sentence")
        assert [found.pairs_of(row["entities"]) for row in written] == PAIRS


@pytest.mark.parametrize("form", [FORMS["objects"], FORMS["types by word"]])
@pytest.mark.parametrize("as_table", [False, True])
def test_rows_with_words_become_rows_with_tags(tmp_path: Path, form: Any, as_table: bool) -> None:
    rows = [(text, form(pairs)) for text, pairs in zip(TEXTS, PAIRS, strict=True)]
    path = tmp_path / ("rows.csv" if as_table else "rows.jsonl")
    with path.open("w", encoding="utf-8", newline="") as file:
        if as_table:
            csv.writer(file).writerows([("sentence", "entities"), *((text, str(given)) for text, given in rows)])
        else:
            file.writelines(json.dumps({"sentence": text, "entities": given}) + "\n" for text, given in rows)
    found = inspect(FileRows(str(path)), ignore, scratch=tmp_path)
    expected = Expected(
        task="token_classification",
        used=40,
        entities={"PER": 40, "LOC": 40},
        findings=("reading.note.words_found",),
        absent=("words_not_found",),
    )
    assert differences(found, expected) == {}


def test_words_that_are_not_in_their_text_are_named(tmp_path: Path) -> None:
    rows = [{"text": text, "entities": FORMS["objects"](pairs)} for text, pairs in zip(TEXTS, PAIRS, strict=True)]
    rows[3]["entities"].append({"word": "Atlantis", "type": "LOC"})
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    found = inspect(FileRows(str(tmp_path / "rows.jsonl")), ignore, scratch=tmp_path)
    expected = Expected(
        task="token_classification",
        used=40,
        entities={"PER": 40, "LOC": 40},
        findings=("words_not_found",),
        finding_sentence="1 entity is not in its text and not learned: LOC: Atlantis.",
    )
    assert differences(found, expected) == {}


@pytest.mark.parametrize(
    "cell",
    [
        lambda n, name: [{"head": name, "tail": "Graz", "type": "lives in"}],  # a relation
        lambda n, name: {"source": "web", "lang": "en"},
        lambda n, name: [{"word": f"w{n}", "type": "X"}],  # in no text
        lambda n, name: [{"word": name, "type": f"T{n}"}],  # types that never come again
        lambda n, name: [["Graz", name]],  # both in the text
        lambda n, name: [name, "Graz"],
    ],
)
def test_other_lists_and_objects_hold_no_entities(cell: Any) -> None:
    rows = [{"text": text, "further": cell(n, NAMES[n % 4])} for n, text in enumerate(TEXTS)]
    assert words_beside_a_text(rows) is None


def test_of_several_columns_the_one_with_a_usual_name_is_read() -> None:
    rows = [
        {"text": text, "people": [pairs[:1][0]], "entities": dict(pairs)}
        for text, pairs in zip(TEXTS, PAIRS, strict=True)
    ]
    found = words_beside_a_text(rows)
    assert found is not None
    assert (found.holder, found.text, found.pairs_of(rows[1]["entities"])) == ("entities", "text", PAIRS[1])
    unusual = [{"text": row["text"], "people": row["people"], "places": row["entities"]} for row in rows]
    assert words_beside_a_text(unusual) is None
