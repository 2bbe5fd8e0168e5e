"""The alignment view: what is above and beneath each token, how it is described, and how one moves in it."""

from __future__ import annotations

import dataclasses
import itertools

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.contract.queries import CutToken, TokenizedText
from gui.components.alignment_columns import Alignment, alignment_of, notes_of
from gui.components.alignment_panel import AlignmentPanel
from gui.components.alignment_view import MOST_HEIGHT, AlignmentView
from gui.components.plain_text import runs_right_to_left, visible


def words_with_tags(**changes: object) -> TokenizedText:
    """“Playing 🦊 Paris now”, of which the last two words are cut off."""
    values: dict[str, object] = {
        "text": "Playing 🦊 in Paris",
        "tokens": ("[CLS]", "play", "##ing", "[UNK]", "[SEP]"),
        "input_ids": (101, 2377, 2075, 100, 102),
        "attention_mask": (1, 1, 1, 1, 1),
        "word_ids": (None, 0, 0, 1, None),
        "labels": ("", "O", "", "B-PER", ""),
        "label_ids": (-100, 0, -100, 3, -100),
        "words": ("Playing", "🦊", "in", "Paris"),
        "originals": ("", "Play", "ing", "🦊", ""),
        "cut": (CutToken("in", 1999, 2, "in", 4, "O"), CutToken("paris", 3000, 3, "Paris", 4, "B-LOC")),
        "cut_tokens": 2,
        "lost_entities": ("LOC: Paris",),
        "lost_entities_count": 1,
        "unknown_id": 100,
        "padding_token": "[PAD]",
        "max_length": 5,
        "row": 7,
    }
    return TokenizedText(**{**values, **changes})  # type: ignore[arg-type]


def a_short_row(**changes: object) -> TokenizedText:
    return words_with_tags(cut=(), cut_tokens=0, lost_entities=(), lost_entities_count=0, max_length=8, **changes)


def a_long_row(pieces: int) -> TokenizedText:
    return TokenizedText(
        text="good " * pieces,
        tokens=("good",) * pieces,
        input_ids=tuple(range(pieces)),
        attention_mask=(1,) * pieces,
        word_ids=tuple(range(pieces)),
        words=("good",) * pieces,
    )


@pytest.fixture
def view(qtbot: QtBot) -> AlignmentView:
    view = AlignmentView()
    qtbot.addWidget(view)
    view.setFixedWidth(600)
    view.show()
    return view


@pytest.fixture
def panel(qtbot: QtBot) -> AlignmentPanel:
    panel = AlignmentPanel()
    qtbot.addWidget(panel)
    panel.resize(600, 500)
    panel.show()
    return panel


# ── Columns ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_words_tokens_ids_mask_and_labels_are_aligned_in_columns() -> None:
    alignment = alignment_of(a_short_row())
    assert alignment.names == ("Input id", "Attention mask", "Label", "Label id")
    assert [column.kind for column in alignment.columns] == ["special", "token", "token", "token", "special"]
    assert [column.word_text for column in alignment.columns] == ["", "Playing", "Playing", "🦊", ""]
    assert [column.is_first for column in alignment.columns] == [False, True, False, True, False]
    assert alignment.columns[3].values == ("100", "1", "B-PER", "3")
    assert alignment.columns[2].values == ("2075", "1", "", "−100")


def test_what_is_cut_is_shown_where_it_was_and_has_no_mask() -> None:
    columns = alignment_of(words_with_tags()).columns
    assert [column.kind for column in columns[3:]] == ["token", "cut", "cut", "special"]
    assert columns[5].word_text == "Paris"
    assert columns[5].values == ("3000", "−", "B-LOC", "")


def test_a_pair_shows_which_text_a_token_is_from() -> None:
    alignment = alignment_of(a_short_row(labels=(), label_ids=(), type_ids=(0, 0, 0, 1, 1)))
    assert alignment.names == ("Input id", "Attention mask", "Token type id")
    assert [column.values[2] for column in alignment.columns] == ["0", "0", "0", "1", "1"]


def test_padding_is_hidden_by_the_mask_and_fills_up_to_the_maximum() -> None:
    columns = alignment_of(a_short_row(), padding=True).columns
    assert [column.kind for column in columns[5:]] == ["padding"] * 3
    assert columns[-1].values == ("0", "0", "", "−100")


def test_a_column_is_described_in_plain_words() -> None:
    alignment = alignment_of(words_with_tags())
    assert alignment.description(1) == (
        "2 of 7: play · of the word “Playing” · input id 2377 · attention mask 1 · label O · label id 0"
    )
    assert "label id −100, ignored: the first token of the word carries its label" in alignment.description(2)
    assert "label id −100, ignored: a special token has no label" in alignment.description(0)
    assert "not in the vocabulary, replaces “🦊”" in alignment.description(3)
    assert "cut off" in alignment.description(5)


def test_a_token_in_bytes_is_described_with_its_text() -> None:
    row = a_short_row(tokens=("<s>", "ĠPlay", "ing", "ĠðŁ¦Ĭ", "</s>"), unknown_id=3)
    assert "from “" not in alignment_of(row).description(1)
    assert "2075" in alignment_of(row).description(2)
    assert " · from “🦊” · of the word “🦊”" in alignment_of(row).description(3)


def test_the_notes_count_and_name_what_is_lost() -> None:
    notes = notes_of(words_with_tags())
    assert notes[0].startswith("2 tokens beyond the maximum length of 5 are cut off")
    assert notes[1] == "1 entity lost with the cut: “LOC: Paris”."
    assert notes[2].startswith("Not in the vocabulary: “🦊”. The network reads [UNK] instead")
    assert notes[3].startswith("−100 means ignored")
    assert notes_of(words_with_tags(unread_characters=1_234))[2] == (
        "1,234 more characters of this row are not read at all."
    )


def test_the_copied_text_has_a_line_for_each_token(panel: AlignmentPanel) -> None:
    panel.show_tokens(words_with_tags())
    panel.copy_button.click()
    lines = QGuiApplication.clipboard().text().split("\n")
    assert lines[0] == "Word\tToken\tKind\tInput id\tAttention mask\tLabel\tLabel id"
    assert lines[3] == "Playing\t##ing\ttoken\t2075\t1\t\t−100"
    assert len(lines) == 8


def test_a_token_like_a_formula_is_copied_as_text(panel: AlignmentPanel) -> None:
    alignment = alignment_of(words_with_tags())
    columns = tuple(dataclasses.replace(column, token="=1+1") for column in alignment.columns)
    assert "\t'=1+1\t" in Alignment(alignment.names, columns).as_text()


# ── Foreign characters ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("a\tb\nc", "a⇥b⏎c"),
        ("bell\x07\x00", "bell␇␀"),
        ("\x7f\x85", "␡⏎"),
        ("\u202eevil", "⟨U+202E⟩evil"),
        ("\u200b", "⟨U+200B⟩"),
        (" ", "␣"),
        ("##\u0301", "##◌\u0301"),
        ("\u0301", "◌\u0301"),
        ("e\u0301", "e\u0301"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("שלום", "שלום"),
        ("\ud800x", "⟨U+D800⟩x"),
    ],
)
def test_foreign_characters_are_visible_and_reorder_nothing(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_a_very_long_word_is_cut() -> None:
    assert visible("x" * 1_000, 10) == "x" * 10 + "…"
    assert visible("é" * 1_000, 10) == "é" * 10 + "…"


def test_text_from_right_to_left_is_noticed() -> None:
    assert runs_right_to_left("see שלום")
    assert not runs_right_to_left("see 世界 🦊")


def test_markup_and_odd_characters_are_drawn_without_leaving_their_cells(view: AlignmentView) -> None:
    words = ("<img src=x>", "Z" + "\u0301" * 300, "\u202eevil", "שלום", "👨\u200d👩\u200d👧", "\x07", "&amp;")
    view.show_alignment(
        alignment_of(
            TokenizedText(
                text=" ".join(words),
                tokens=words,
                input_ids=tuple(range(7)),
                attention_mask=(1,) * 7,
                word_ids=tuple(range(7)),
                words=words,
                originals=words,
            )
        )
    )
    picture = view.grab().toImage()
    first = view.column_area(1)  # the word with 300 marks
    above = [picture.pixel(int(x), 0) for x in range(int(first.left()), int(first.right()))]
    assert len(set(above)) == 1, "marks were drawn beyond their cell"
    areas = [view.column_area(position) for position in range(7)]
    in_line = [(one, other) for one, other in itertools.pairwise(areas) if one.top() == other.top()]
    assert in_line
    assert all(one.right() < other.left() for one, other in in_line)


# ── Moving ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_arrows_move_from_token_to_token_and_describe_them(panel: AlignmentPanel) -> None:
    panel.show_tokens(words_with_tags())
    view = panel.view
    assert view.focusPolicy() & Qt.FocusPolicy.TabFocus
    for _ in range(2):
        QTest.keyClick(view, Qt.Key.Key_Right)
    assert view.current() == 2
    assert panel.values.text().startswith("3 of 7: ##ing")
    assert view.accessibleDescription() == panel.values.text()
    QTest.keyClick(view, Qt.Key.Key_End)
    assert view.current() == 6
    QTest.keyClick(view, Qt.Key.Key_Home)
    assert view.current() == 0


def test_down_goes_to_the_next_line_and_the_view_follows(view: AlignmentView) -> None:
    view.show_alignment(alignment_of(a_long_row(400)))
    assert view.height() == MOST_HEIGHT
    assert view.lines() > 10
    QTest.keyClick(view, Qt.Key.Key_Down)
    below = view.column_area(view.current())
    assert abs(below.left() - view.column_area(0).left()) < 2
    QTest.keyClick(view, Qt.Key.Key_End)
    last = view.column_area(399)
    assert 0 <= last.top() < last.bottom() <= view.viewport().height()


def test_pointing_at_a_token_describes_it(panel: AlignmentPanel, qtbot: QtBot) -> None:
    panel.show_tokens(words_with_tags())
    where = panel.view.column_area(3).center().toPoint()
    QTest.mouseMove(panel.view.viewport(), QPoint(1, 1))
    QTest.mouseMove(panel.view.viewport(), where)
    qtbot.waitUntil(lambda: panel.values.text().startswith("4 of 7: [UNK]"))


def test_ctrl_c_copies_the_row(view: AlignmentView) -> None:
    view.show_alignment(alignment_of(a_short_row()))
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == alignment_of(a_short_row()).as_text()


def test_a_word_goes_to_the_next_line_as_a_whole(view: AlignmentView) -> None:
    row = TokenizedText(
        text="",
        tokens=("##piece",) * 60,
        input_ids=(1,) * 60,
        attention_mask=(1,) * 60,
        word_ids=tuple(place // 3 for place in range(60)),
        words=("piecepiecepiece",) * 20,
    )
    view.show_alignment(alignment_of(row))
    tops = [view.column_area(place).top() for place in range(60)]
    assert len(set(tops)) > 1
    assert all(len(set(tops[first : first + 3])) == 1 for first in range(0, 60, 3))


def test_a_cut_inside_a_word_has_room_for_its_line(view: AlignmentView) -> None:
    view.show_alignment(
        alignment_of(
            TokenizedText(
                text="Playing",
                tokens=("play",),
                input_ids=(1,),
                attention_mask=(1,),
                word_ids=(0,),
                words=("Playing",),
                cut=(CutToken("##ing", 2, 0, "ing", 1), CutToken("##s", 3, 0, "s", 1)),
            )
        )
    )
    kept, cut, next_cut = (view.column_area(place) for place in range(3))
    assert cut.left() - kept.right() == pytest.approx(8)
    assert next_cut.left() - cut.right() == pytest.approx(1)


def test_only_what_is_in_sight_is_drawn(view: AlignmentView, monkeypatch: pytest.MonkeyPatch) -> None:
    view.show_alignment(alignment_of(a_long_row(4_000)))
    drawn: list[int] = []
    original = AlignmentView._draw_column
    monkeypatch.setattr(
        AlignmentView, "_draw_column", lambda self, *rest: (drawn.append(rest[1]), original(self, *rest))[1]
    )
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
    view.grab()
    assert 3_999 in drawn
    assert len(drawn) < 200


def test_padding_is_shown_only_when_it_is_chosen_and_there_is_room(panel: AlignmentPanel) -> None:
    panel.show_tokens(a_short_row())
    assert len(panel.view.alignment().columns) == 5
    panel.padding.setChecked(True)
    assert len(panel.view.alignment().columns) == 8
    assert "Padding fills" in panel.notes.text()
    panel.show_tokens(words_with_tags())
    assert not panel.padding.isEnabled()
    assert len(panel.view.alignment().columns) == 7
