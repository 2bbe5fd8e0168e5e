"""Columns that cannot play their part are reported before anything is prepared."""

from __future__ import annotations

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from engine.contract.queries import AskPreview, ColumnFound, Preview
from engine.contract.sentences import Sentence
from engine.contract.settings import ReadingOptions, Roles, TaskName
from gui.choose_data.page import ChooseDataPage
from gui.choose_data.source.column_roles import doubt, guess_roles, missing, role_of, task_of, with_role
from gui.choose_data.source.data_preview import DataPreview
from gui.session import Session
from tests.builders import a_model
from tests.gui.choose_data.test_page import a_preview, choose
from tests.gui.conftest import StandInEngine


def rows(texts: list[str], labels: list[str], **changes: object) -> Preview:
    """A preview of two columns."""
    columns = (
        ColumnFound("text", "text", len(set(texts)), 20.0, len(texts)),
        ColumnFound("label", "label", len(set(labels)), 3.0, len(labels)),
    )
    return a_preview(columns=columns, cells=tuple(zip(texts, labels, strict=True)), rows_total=len(texts), **changes)


SENTENCES = [f"film number {number} is fine" for number in range(40)]
LABELS = ["a", "b"] * 20


@pytest.mark.parametrize(
    ("texts", "labels", "task", "expected"),
    [
        (SENTENCES, [f"l {number}" for number in range(40)], "text_classification", "40 different labels in 40 rows"),
        (SENTENCES, ["a"] * 40, "text_classification", "All 40 rows have the same label in “label”"),
        ([f"A-{number}" for number in range(40)], LABELS, "text_classification", "“text” holds numbers or identifiers"),
        ([f"2024-01-{number:02}" for number in range(40)], LABELS, "text_classification", "such as “2024-01-00”"),
        (SENTENCES, LABELS, "regression", "“label” holds “a”, which is no number"),
        (SENTENCES, LABELS, "text_classification", ""),
        (SENTENCES, [f"{number / 7:.2f}" for number in range(40)], "regression", ""),
        (SENTENCES, [f"{number},5" for number in range(40)], "regression", ""),
        (["Anna", "John", "Mary", "Otto"] * 10, LABELS, "text_classification", ""),
        (["\U0001f600", "\U0001f622"] * 20, LABELS, "text_classification", ""),
        ([f"unit {number} failed" for number in range(40)], LABELS, "text_classification", ""),
        ([f"写真{number}" for number in range(40)], LABELS, "text_classification", "such as “写真0”"),
        (["今日はいい天気", "昨日は雨"] * 20, LABELS, "text_classification", ""),
        (["1", "0"] * 20, LABELS, "text_classification", ""),
    ],
)
def test_only_columns_that_cannot_play_their_part_are_doubted(
    texts: list[str], labels: list[str], task: TaskName, expected: str
) -> None:
    roles = Roles(text="text", score="label") if task == "regression" else Roles(text="text", label="label")
    sentence = doubt(rows(texts, labels), roles, task)
    assert expected in sentence
    assert bool(sentence) == bool(expected)


def columns(*found: ColumnFound, cells: list[tuple[str, ...]]) -> Preview:
    """A preview of these columns, of which every row was looked at."""
    return a_preview(columns=found, cells=tuple(cells), rows_total=len(cells))


WORDS = [("a fine film by Anna", "O O O O B-PER", "O O B-PER")] * 10


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (ColumnFound("tags", "tags", 9_000, 3.0, 10, is_list=True, items=90_000), "More than 5,000 different tags"),
        (ColumnFound("tags", "tags", 40, 3.0, 10, is_list=True, items=50), "40 different tags for 50 words"),
        (ColumnFound("tags", "tags", 3, 3.0, 10, is_list=True, items=50), ""),
        (
            ColumnFound("short", "tags", 3, 3.0, 10, is_list=True, items=30),
            "“short” has 3 tags where there are 5 words",
        ),
    ],
)
def test_tags_that_are_none_are_doubted(column: ColumnFound, expected: str) -> None:
    words = ColumnFound("words", "tokens", 5, 20.0, 10, is_list=True, items=50)
    other = ColumnFound("short" if column.name == "tags" else "tags", "tags", 3, 3.0, 10)
    found = (words, column, other) if column.name == "tags" else (words, other, column)
    sentence = doubt(columns(*found, cells=WORDS), Roles(tokens="words", tags=column.name), "token_classification")
    assert expected in sentence
    assert bool(sentence) == bool(expected)


@pytest.mark.parametrize(
    ("cells", "sign", "column", "expected"),
    [
        (["a|b", "b"] * 20, "|", ColumnFound("it", "labels", 2, 2.0, 40), ""),
        ([f"x {n}" for n in range(40)], "", ColumnFound("it", "text", 40, 4.0, 40), "40 different labels in 40 rows"),
        ([f"['x{n}']" for n in range(40)], "", ColumnFound("it", "text", 40, 4.0, 40), ""),
        (
            ["a b"] * 40,
            "",
            ColumnFound("it", "labels", 60, 2.0, 40, is_list=True, items=80),
            "60 different labels in 40 rows",
        ),
        (["a b"] * 40, "", ColumnFound("it", "labels", 2, 2.0, 40, is_list=True, items=80), ""),
    ],
)
def test_labels_that_are_none_are_doubted(cells: list[str], sign: str, column: ColumnFound, expected: str) -> None:
    text = ColumnFound("text", "text", 40, 30.0, 40)
    found = columns(text, column, cells=list(zip(SENTENCES, cells, strict=True)))
    sentence = doubt(found, Roles(text="text", labels="it"), "multi_label_classification", sign=sign)
    assert expected in sentence
    assert bool(sentence) == bool(expected)


def test_a_column_of_lists_is_no_single_label_and_one_of_words_no_mark() -> None:
    text = ColumnFound("text", "text", 40, 30.0, 40)
    lists = ColumnFound("it", "labels", 4, 2.0, 40, is_list=True, items=80)
    found = columns(text, lists, cells=[(sentence, "a b") for sentence in SENTENCES])
    assert "holds lists: choose “Several labels”" in doubt(found, Roles(text="text", label="it"), "text_classification")
    marks = ColumnFound("it", "label", 3, 2.0, 40)
    found = columns(text, marks, cells=[(sentence, "maybe") for sentence in SENTENCES])
    roles = Roles(text="text", label_columns=("it",))
    assert "“it” holds “maybe”, where 1 or 0 is expected" in doubt(found, roles, "multi_label_classification")
    found = columns(text, marks, cells=[(sentence, str(n % 2)) for n, sentence in enumerate(SENTENCES)])
    assert doubt(found, roles, "multi_label_classification") == ""


def test_numbers_that_count_the_rows_and_equal_ones_are_no_scores() -> None:
    text = ColumnFound("text", "text", 40, 30.0, 40)
    roles = Roles(text="text", score="it")
    counted = columns(
        text, ColumnFound("it", "id", 40, 2.0, 40), cells=[(line, str(7 + n)) for n, line in enumerate(SENTENCES)]
    )
    assert "“it” counts the rows, from 7 upwards" in doubt(counted, roles, "regression")
    equal = columns(text, ColumnFound("it", "number", 1, 2.0, 40), cells=[(line, "3.5") for line in SENTENCES])
    assert "All 40 rows have the same score in “it”" in doubt(equal, roles, "regression")
    empty = columns(text, ColumnFound("it", "empty", 0, 0.0, 0), cells=[(line, "") for line in SENTENCES])
    assert "“it” is empty" in doubt(empty, roles, "regression")


def test_a_doubted_column_blocks_prepare_and_the_reason_is_below_the_roles(
    engine: StandInEngine, session: Session, qtbot: QtBot
) -> None:
    found = rows(SENTENCES, LABELS, roles=Roles(text="label", label="text"))
    engine.answers = {AskPreview: lambda _question: found}
    session.go_to(a_model())
    page = ChooseDataPage(session)
    qtbot.addWidget(page)
    page.show()

    choose(page, qtbot)

    reason = "40 different labels in 40 rows: is “text” the right column?"
    assert page.primary_reason() == reason
    assert page.choice.preview.problem.isVisible()
    assert page.choice.preview.problem.text() == reason
    page.choice.preview.choose_role("text", "text")
    page.choice.preview.choose_role("label", "label")
    assert page.primary_enabled()


@pytest.mark.parametrize(("role", "column"), [("label", 1), ("text", 0), ("score", 0)])
def test_an_error_that_names_a_role_takes_the_keyboard_to_its_column(role: str, column: int, qtbot: QtBot) -> None:
    preview = DataPreview()
    qtbot.addWidget(preview)
    roles = Roles(text="text", label="label")
    preview.show_preview(rows(SENTENCES, LABELS), ReadingOptions(), is_example=False, keep=roles)
    preview.focus_column(role)
    assert preview.header.current_column() == column


def test_a_score_takes_the_place_of_a_label_and_a_second_text_stays() -> None:
    roles = with_role(Roles(text="a", second_text="b", label="c"), "points", "score")
    assert roles == Roles(text="a", second_text="b", score="points")
    assert task_of(roles, "text_classification") == "regression"
    assert task_of(with_role(roles, "points", ""), "regression") == "regression"


def test_columns_of_0_and_1_come_together() -> None:
    roles = with_role(with_role(Roles(text="a", label="c"), "toxic", "yes_no"), "rude", "yes_no")
    assert roles == Roles(text="a", label_columns=("toxic", "rude"))
    assert role_of(roles, "rude") == "yes_no"
    assert task_of(roles, "regression") == "multi_label_classification"
    assert missing(roles, "multi_label_classification") == ""
    assert with_role(roles, "toxic", "") == Roles(text="a", label_columns=("rude",))
    assert "the labels" in missing(with_role(Roles(), "a", "text"), "multi_label_classification")


SCORE_COLUMNS = [
    ColumnFound("a", "text", 90, 40),
    ColumnFound("b", "second_text", 90, 40),
    ColumnFound("points", "number", 30, 4),
    ColumnFound("toxic", "yes_no", 2, 1),
    ColumnFound("rude", "yes_no", 2, 1),
]


def test_each_task_finds_its_columns() -> None:
    assert guess_roles("regression", SCORE_COLUMNS) == Roles(text="a", second_text="b", score="points")
    several = guess_roles("multi_label_classification", SCORE_COLUMNS)
    assert several == Roles(text="a", second_text="b", label_columns=("toxic", "rude"))


OFFERED = Sentence("preparing.data_note.possible_groups", column="author", groups=8, rows=40)


def rows_of_authors() -> Preview:
    found = rows(SENTENCES, LABELS)
    cells = tuple((*row, f"A{number % 8}") for number, row in enumerate(found.cells))
    author = ColumnFound("author", "group", 8, 2.0, 40)
    return msgspec.structs.replace(found, columns=(*found.columns, author), cells=cells, notes=(OFFERED,))


def test_a_column_that_seems_to_name_groups_is_offered_and_one_click_takes_it(qtbot: QtBot) -> None:
    preview = DataPreview()
    qtbot.addWidget(preview)
    preview.show()
    preview.show_preview(rows_of_authors(), ReadingOptions(), is_example=False, keep=None)
    assert preview.group_offer.isVisible()
    assert preview.group_offer.sentence.text().startswith("“author” has 8 values in 40 rows")
    assert preview.group_offer.button.text() == "Keep rows of one “author” together"
    assert not preview.notes.isVisible()
    with qtbot.waitSignal(preview.roles_changed):
        preview.group_offer.button.click()
    assert preview.roles().group == "author"
    assert preview.chosen_roles() == preview.roles()
    assert not preview.group_offer.isVisible()
    preview.task_buttons["regression"].click()
    assert preview.roles().group == "author"  # whatever is learned
    preview.choose_role("author", "label")
    assert (preview.roles().group, preview.roles().label) == ("", "author")
    assert not preview.group_offer.isVisible()


def test_nothing_is_offered_where_a_column_has_the_role_or_none_seems_to(qtbot: QtBot) -> None:
    preview = DataPreview()
    qtbot.addWidget(preview)
    preview.show()
    kept = Roles(text="text", label="label", group="author")
    preview.show_preview(rows_of_authors(), ReadingOptions(), is_example=False, keep=kept)
    assert not preview.group_offer.isVisible()
    preview.show_preview(rows(SENTENCES, LABELS), ReadingOptions(), is_example=False, keep=None)
    assert not preview.group_offer.isVisible()


def test_a_group_goes_with_every_task_and_leaves_its_roles() -> None:
    for roles in (Roles(text="a", label="b"), Roles(tokens="a", tags="b"), Roles(text="a", label_columns=("b", "c"))):
        with_group = with_role(roles, "author", "group")
        assert with_group == msgspec.structs.replace(roles, group="author")
        assert task_of(with_group, "text_classification") == task_of(roles, "text_classification")


def test_choosing_a_group_answers_no_question_about_the_labels(qtbot: QtBot) -> None:
    preview = DataPreview()
    qtbot.addWidget(preview)
    asked = Sentence("preparing.question.label_column", columns=["label", "author"], label="label")
    found = msgspec.structs.replace(rows_of_authors(), notes=(asked, OFFERED))
    preview.show_preview(found, ReadingOptions(), is_example=False, keep=None)
    preview.group_offer.button.click()
    assert preview.question.is_open()
