"""What the page shows before anything is prepared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.contract.errors import DatasetUnreadable, StopRequested
from engine.contract.events import Event
from engine.contract.examples import Example, examples
from engine.contract.queries import Preview, is_group_note
from engine.contract.settings import ExampleRows, FileRows, ReadingOptions, Roles
from engine.preparing.preview import preview
from tests.builders_data import ignore, name_file, review_file


def look(path: Path, limit: int = 5, reading: ReadingOptions | None = None) -> Preview:
    return preview(FileRows(str(path)), reading or ReadingOptions(), limit, ignore)


def test_texts_with_labels_are_a_text_classification(tmp_path: Path) -> None:
    found = look(review_file(tmp_path / "reviews.csv"))
    assert found.name == "reviews.csv"
    assert found.task == "text_classification"
    assert found.roles == Roles(text="text", label="label")
    assert [column.kind for column in found.columns] == ["text", "label"]
    assert found.label_counts == {"positive": 48, "negative": 48}
    assert found.rows_total == 96
    assert len(found.cells) == 5
    assert found.cells[0] == ("the movie is good and good", "positive")
    assert found.reading == ReadingOptions("csv", "utf-8", ",", "quoted", "yes")


def test_words_with_tags_are_a_token_classification(tmp_path: Path) -> None:
    found = look(name_file(tmp_path / "names.conll"))
    assert found.task == "token_classification"
    assert found.roles == Roles(tokens="tokens", tags="tags")
    assert found.cells[0] == ("John lives in Paris by the movie", "B-PER O O B-LOC O O O")
    assert found.label_counts["B-PER"] == 54


def test_rows_that_serve_both_tasks_are_first_a_text_classification(tmp_path: Path) -> None:
    path = tmp_path / "both.jsonl"
    with path.open("w") as file:
        for number in range(30):
            row = {
                "text": f"play song {number}",
                "intent": "play" if number % 2 else "stop",
                "tokens": ["play", "song", str(number)],
                "slots": ["O", "O", "B-song"],
            }
            file.write(json.dumps(row) + "\n")
    found = look(path)
    assert found.task == "text_classification"
    assert found.roles == Roles(text="text", label="intent")
    assert [column.kind for column in found.columns] == ["text", "label", "tokens", "tags"]


def test_kinds_of_columns_are_distinguished(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    lines = ["id,price,stars,nothing,comment,class"]
    lines += [f"a{n},{n * 1.5},{n % 5},,this is comment number {n},{'xyz'[n % 3]}" for n in range(60)]
    path.write_text("\n".join(lines))
    found = look(path)
    kinds = {column.name: column.kind for column in found.columns}
    assert kinds == {
        "id": "id",
        "price": "number",
        "stars": "label",
        "nothing": "empty",
        "comment": "text",
        "class": "label",
    }
    assert found.roles == Roles(text="comment", label="class")


def test_rows_that_cannot_be_used_are_mentioned(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("text,label\n" + "a text,x\n" * 10 + "one,two,three\n")
    found = look(path)
    assert found.notes == ("1 row cannot be used: row 12 has 3 columns instead of 2.",)
    assert found.rows_total == 11


def test_shown_rows_keep_their_numbers_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("text,label\n" + "a text,x\none,two,three\n" + "another text,y\n" * 3)
    assert look(path).numbers == (2, 4, 5, 6)


def test_a_long_cell_is_shortened(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("text,label\n" + "a" * 100_000 + ",x\nb,y\n")
    assert len(look(path).cells[0][0]) == 2_001


def test_a_header_alone_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("text,label\n")
    with pytest.raises(DatasetUnreadable) as caught:
        look(path)
    assert caught.value.id == "D10"


def test_looking_can_be_stopped(tmp_path: Path) -> None:
    def stop(event: Event) -> None:
        raise StopRequested

    with pytest.raises(StopRequested):
        preview(FileRows(str(review_file(tmp_path / "reviews.csv"))), ReadingOptions(), 5, stop)


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
def test_an_example_is_what_its_card_promises(example: Example) -> None:
    found = preview(example.source, ReadingOptions(), 3, ignore)
    assert found.rows_total == example.rows
    assert found.task == example.task
    assert found.roles == example.settings.roles
    assert found.reading == example.settings.reading
    assert len(found.cells) == 3
    if example.task == "text_classification":
        assert sum(found.label_counts.values()) == example.rows


def test_reviews_are_positive_or_negative_and_not_numbers() -> None:
    found = preview(ExampleRows("short_reviews"), ReadingOptions(), 1, ignore)
    assert found.label_counts == {"positive": 4_265, "negative": 4_265}
    assert found.name == "Movie reviews, short"


def test_an_unknown_example_is_refused() -> None:
    with pytest.raises(DatasetUnreadable) as caught:
        preview(ExampleRows("nothing"), ReadingOptions(), 1, ignore)
    assert caught.value.id == "D20"


def test_a_column_of_nothing_but_delimiters_holds_no_labels(tmp_path: Path) -> None:
    """Case 15,082 of the mutated files."""
    path = tmp_path / "signs.csv"
    path.write_text("text;labels\n" + '"a fine film";","\n"a dull one";","\n' * 4)
    found = look(path)
    assert found.rows_total == 8
    assert found.roles.labels == ""


def of_writers(path: Path, name: str, writers: int, rows: int = 60) -> Preview:
    lines = [f"w{row % writers},a text with the number {row} of many,{'ab'[row % 2]}" for row in range(rows)]
    path.write_text("\n".join([f"{name},text,label", *lines]))
    return look(path)


@pytest.mark.parametrize(
    "name",
    [
        *("author", "Author", "user_id", "userId", "patient", "PatientID", "doc_id", "docid", "conversation id"),
        *("customer no", "review_author", "Autor", "dokument_id", "speaker", "session_key"),
    ],
)
def test_a_column_that_is_called_like_whom_rows_are_of_is_offered_as_groups(tmp_path: Path, name: str) -> None:
    found = of_writers(tmp_path / "mine.csv", name, writers=12)
    assert found.columns[0].kind == "group"
    assert found.roles == Roles(text="text", label="label")
    notes = [note for note in found.notes if is_group_note(note)]
    assert [note.split(":")[0] for note in notes] == [f"“{name}” has 12 values in 60 rows"]


@pytest.mark.parametrize(
    ("name", "writers"),
    [
        ("author", 60),  # each row another one
        ("author", 58),  # nearly
        ("author", 3),  # nothing could be held out
        *((name, 12) for name in ("city", "id", "document", "article", "subject", "source", "page", "date")),
    ],
)
def test_other_columns_are_not_offered_as_groups(tmp_path: Path, name: str, writers: int) -> None:
    found = of_writers(tmp_path / "mine.csv", name, writers)
    assert not any(map(is_group_note, found.notes))
    assert found.columns[0].kind != "group"


@pytest.mark.parametrize(("yes", "no"), [("x", ""), ("Ja", ""), ("✓", ""), ("TRUE", "FALSE")])
def test_a_mark_counts_as_in_the_prepared_rows(tmp_path: Path, yes: str, no: str) -> None:
    rows = "".join(f"Lamp {n} is late,{(no, yes)[n % 2]},{(no, yes)[n % 3 == 0]}\n" for n in range(60))
    (tmp_path / "rows.csv").write_text(f"text,Late,Broken\n{rows}", "utf-8")
    found = look(tmp_path / "rows.csv")
    assert found.roles == Roles(text="text", label_columns=("Late", "Broken"))
    assert found.label_counts == {"Late": 30, "Broken": 20}
