"""The try-it box: when it asks, what it shows, and what it makes of a text that is hostile or huge."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from engine.contract.queries import EntityFound, LabelProbability, Prediction
from engine.contract.states import WrongRow
from gui.evaluate.entity_text import EntityText
from gui.evaluate.evaluated_rows_table import EvaluatedRowsTable
from gui.evaluate.try_it_box import LONGEST_TEXT, TryItBox
from tests.builders import an_evaluation

TYPES = ("PERSON", "PLACE")
TEXT = "Mira Tellen moved to Oslo."
ENTITIES = (EntityFound(0, 11, "PERSON", 0.982), EntityFound(21, 25, "PLACE", 0.7))


@pytest.fixture
def box(qtbot: QtBot) -> TryItBox:
    box = TryItBox()
    qtbot.addWidget(box)
    box.take_run(TYPES, 64)
    box.resize(340, 400)
    box.show()
    return box


@pytest.fixture
def asked(box: TryItBox) -> list[str]:
    texts: list[str] = []
    box.requested.connect(texts.append)
    return texts


def test_typing_asks_once_after_a_pause(box: TryItBox, asked: list[str], qtbot: QtBot) -> None:
    qtbot.keyClicks(box.edit, "good film")
    assert asked == []
    qtbot.waitUntil(lambda: asked == ["good film"])
    with qtbot.assertNotEmitted(box.requested, wait=400):
        pass


def test_enter_asks_at_once_and_adds_no_line(box: TryItBox, asked: list[str], qtbot: QtBot) -> None:
    qtbot.keyClicks(box.edit, "good")
    qtbot.keyClick(box.edit, Qt.Key.Key_Return)
    assert asked == ["good"]
    assert box.text() == "good"
    qtbot.keyClick(box.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert box.text() == "good\n"
    assert asked == ["good"]  # a new line asks after a pause, as any key does


def test_an_empty_box_asks_nothing_and_shows_the_hint(box: TryItBox, asked: list[str], qtbot: QtBot) -> None:
    box.show_prediction(Prediction("x", labels=(LabelProbability("a", 1.0),)), entities=False)
    box.edit.setPlainText("x")
    with qtbot.waitSignal(box.cleared):
        box.edit.setPlainText("  \n ")
    box.request_now()
    assert asked == []
    assert not box.bars.isVisible()
    assert box.note.text() == "The prediction appears while you type."


def test_the_likeliest_labels_are_bars_and_the_rest_is_reported(box: TryItBox) -> None:
    labels = tuple(LabelProbability(f"<b>label {i}</b>", 0.3 if i == 0 else 0.1) for i in range(8))
    box.show_prediction(Prediction("x", labels=labels, cut_tokens=12), entities=False)
    bars = box.bars.bars()
    assert len(bars) == 6
    assert (bars[0].name, bars[0].shown, bars[0].emphasized) == ("<b>label 0</b>", "30.0 %", True)
    assert not bars[1].emphasized
    assert "2 less likely labels together: 20.0 %." in box.note.text()
    assert "12 tokens beyond the maximum length of 64 were not read" in box.note.text()


def test_entities_are_marked_by_their_type_in_words(box: TryItBox) -> None:
    box.show_prediction(Prediction(TEXT, entities=ENTITIES), entities=True)
    assert box.entities.isVisible()
    assert not box.bars.isVisible()
    assert box.entities.chips() == ["PERSON 98 %", "PLACE 70 %"]
    assert box.entities.accessibleDescription() == "PERSON: Mira Tellen, 98.2 %; PLACE: Oslo, 70.0 %"


def test_no_entity_is_reported(box: TryItBox) -> None:
    box.show_prediction(Prediction("nothing here"), entities=True)
    assert "No entity was found." in box.note.text()


def test_a_slow_answer_is_announced_and_the_announcement_ends(box: TryItBox, qtbot: QtBot) -> None:
    box.try_text("good")
    assert not box.progress.isVisible()
    qtbot.waitUntil(box.progress.isVisible)
    box.show_prediction(Prediction("good", labels=(LabelProbability("a", 1.0),)), entities=False)
    assert not box.progress.isVisible()


def test_five_megabytes_are_cut_with_a_notice(box: TryItBox, asked: list[str]) -> None:
    started = time.process_time()  # whatever else the machine does
    QGuiApplication.clipboard().setText("a line of words\n" * 330_000)
    box.edit.paste()
    assert time.process_time() - started < 5
    assert len(box.text()) == LONGEST_TEXT
    assert box.cut.isVisible()
    box.request_now()
    assert len(asked[-1]) == LONGEST_TEXT
    box.edit.setPlainText("short")
    assert not box.cut.isVisible()


def test_a_long_text_from_elsewhere_is_cut_too(box: TryItBox, asked: list[str]) -> None:
    box.try_text("x" * (LONGEST_TEXT + 5))
    assert len(asked[-1]) == LONGEST_TEXT
    assert box.cut.isVisible()
    box.edit.insertPlainText("more")  # as an input method does
    assert len(box.text()) == LONGEST_TEXT
    assert box.cut.isVisible()


def test_markup_that_is_pasted_or_answered_stays_text(box: TryItBox) -> None:
    hostile = "<img src='file:///canary.png'><table width=9e9>"
    pasted = QMimeData()
    pasted.setHtml(f"<b>{hostile}</b>")
    pasted.setText(hostile)
    box.edit.insertFromMimeData(pasted)
    assert box.text() == hostile
    box.show_prediction(Prediction(hostile, entities=(EntityFound(0, 4, "<b>X</b>", 0.5),)), entities=True)
    assert box.entities.chips() == ["<b>X</b> 50 %"]
    box.entities.grab()


def test_every_word_finds_its_place_at_any_width(qtbot: QtBot) -> None:
    drawn = EntityText()
    qtbot.addWidget(drawn)
    long_word = "x" * 3_000
    text = f"{TEXT}\n\n{long_word} end"
    drawn.show_entities(text, ENTITIES, TYPES)
    for width in (20, 130, 340, 900):
        height = drawn.heightForWidth(width)
        segments = drawn._segments
        assert "".join(segment.text for segment in segments if segment.text.startswith("x")) == long_word
        assert all(segment.area.bottom() <= height for segment in segments)
        if width > 130:
            assert all(segment.area.right() <= width + 0.5 for segment in segments)
    drawn.resize(200, 400)
    drawn.grab()


def test_ten_thousand_lines_are_not_all_drawn(qtbot: QtBot) -> None:
    drawn = EntityText()
    qtbot.addWidget(drawn)
    drawn.show_entities("a b\n" * 10_000, (), TYPES)
    drawn.heightForWidth(300)
    assert not drawn.is_whole()
    assert len(drawn._segments) < 4_000


def test_a_pair_is_predicted_when_both_texts_are_there(qtbot: QtBot) -> None:
    box = TryItBox()
    qtbot.addWidget(box)
    box.take_run((), 64, pairs=True)
    requested: list[tuple[str, str]] = []
    box.requested.connect(lambda text: requested.append((text, box.second_text())))
    assert box.note.text() == "The prediction appears when both texts are filled in."
    box.edit.setPlainText("a plane takes off")
    box.request_now()
    assert requested == []
    box.try_text("a plane takes off\nan air plane takes off")
    assert requested == [("a plane takes off", "an air plane takes off")]
    box.show_prediction(Prediction("a", value=4.81234), entities=False)
    assert (box.value.text(), box.bars.isHidden()) == ("4.812", True)
    labels = (LabelProbability("card", 0.9), LabelProbability("new", 0.6), LabelProbability("loan", 0.2))
    box.show_prediction(Prediction("a", labels=labels, threshold=0.5), entities=False)
    assert [bar.emphasized for bar in box.bars.bars()] == [True, True, False]
    assert box.value.isHidden()
    box.take_run((), 64)
    assert box.second_text() == ""


def test_a_wrong_pair_with_line_breaks_comes_into_its_two_fields(qtbot: QtBot) -> None:
    box, table = TryItBox(), EvaluatedRowsTable()
    qtbot.addWidget(box)
    qtbot.addWidget(table)
    box.take_run((), 64, pairs=True)
    table.try_requested.connect(box.try_text)
    pair = WrongRow(3, "a plane\ntakes off\none lands\nnow", "yes", "no", 0.9, 2.0, "one lands\nnow")
    table.show_report(an_evaluation(wrong_rows=(pair,)))
    table.table.selectRow(0)
    table.try_button.click()
    assert (box.text(), box.second_text()) == ("a plane\ntakes off", "one lands\nnow")
