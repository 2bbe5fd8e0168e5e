"""Cells are cleaned the same way whatever file they came from."""

from __future__ import annotations

import pytest

from engine.preparing.rows.cleaning import Cleaner, list_in


def text(cell: str) -> str | list[str]:
    return Cleaner(strip_html_breaks=True).value("text", cell)[0]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a\0b", "ab"),
        ("a\x0bb", "a b"),
        ("\ufeffab", "ab"),
        ("a\ud800b", "ab"),
        ("it\x92s \x96 fine\x85", "it’s – fine…"),
        ("one<br />two<BR>three<br/>", "one two three "),
        ("a < b <brown>", "a < b <brown>"),
        ("line\nbreak\tand tab", "line\nbreak\tand tab"),
        ("👩‍👩‍👧 ö \u2028", "👩‍👩‍👧 ö \u2028"),
        ("\u200b\u200d \u2060", ""),
        ("NA", "NA"),
        ("None", "None"),
    ],
)
def test_what_a_text_becomes(written: str, read: str) -> None:
    assert text(written) == read


def test_marks_for_line_breaks_stay_where_the_user_chooses_them() -> None:
    assert Cleaner(strip_html_breaks=False).value("text", "a<br>b")[0] == "a<br>b"


def test_what_was_changed_is_counted() -> None:
    cleaner = Cleaner(strip_html_breaks=True)
    for cell in ("a<br>b<br>c", "d<br />", "e", "f\0"):
        cleaner.value("text", cell)
    assert cleaner.notes() == [
        "2 texts held <br> marks, which are read as spaces.",
        "1 cell held control characters or old Windows codes, which were put right.",
    ]


def test_a_label_is_kept_but_for_the_space_around_it() -> None:
    cleaner = Cleaner(strip_html_breaks=True)
    assert [cleaner.value("label", cell)[0] for cell in ("007", " TRUE ", "None", None)] == ["007", "TRUE", "None", ""]


def test_several_labels_are_no_label() -> None:
    assert Cleaner(strip_html_breaks=True).value("label", ["a", "b"]) == ("", "has 2 labels where one is expected")
    assert Cleaner(strip_html_breaks=True).value("label", ["a"]) == ("a", "")


@pytest.mark.parametrize(
    "cell", ["['O' 'B-PER']", "[O, B-PER]", "['O', 'B-PER']", '["O", "B-PER"]', "O B-PER", " O  B-PER "]
)
def test_lists_written_as_text_are_lists(cell: str) -> None:
    assert list_in(cell) == ["O", "B-PER"]
    assert Cleaner(strip_html_breaks=True).value("tags", cell)[0] == ["O", "B-PER"]
