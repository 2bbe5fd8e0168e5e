"""Pairs, scores and several labels in the window: roles of columns, the scatter, the second field of the box."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from engine.contract.queries import ColumnFound, LabelProbability, Prediction
from engine.contract.settings import PrepareSettings, Roles
from engine.contract.states import ClassScores, TargetScale, WrongRow
from gui.choose_data.source.column_roles import guess_roles, missing, role_of, task_of, with_role
from gui.evaluate.page import EvaluatePage
from gui.evaluate.scatter_plot import ScatterPlot
from gui.evaluate.try_it_box import TryItBox
from gui.evaluate.wrong_rows_table import WrongRowsTable
from gui.session import Session
from tests.builders import a_dataset, a_run, an_evaluation

COLUMNS = [
    ColumnFound("a", "text", 90, 40),
    ColumnFound("b", "second_text", 90, 40),
    ColumnFound("points", "number", 30, 4),
    ColumnFound("toxic", "yes_no", 2, 1),
    ColumnFound("rude", "yes_no", 2, 1),
]


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


def test_each_task_finds_its_columns() -> None:
    assert guess_roles("regression", COLUMNS) == Roles(text="a", second_text="b", score="points")
    several = guess_roles("multi_label_classification", COLUMNS)
    assert several == Roles(text="a", second_text="b", label_columns=("toxic", "rude"))


def test_right_answers_lie_on_the_diagonal(qtbot: QtBot) -> None:
    plot = ScatterPlot()
    qtbot.addWidget(plot)
    plot.resize(400, 340)
    plot.show_points([(0.0, 0.5), (5.0, 5.0), (float("nan"), 1.0)])
    assert plot.points() == ((0.0, 0.5), (5.0, 5.0))
    low, high = plot.place_of(0.0, 0.0), plot.place_of(5.0, 5.0)
    assert high.x() - low.x() == pytest.approx(low.y() - high.y())
    assert plot.nearest(plot.place_of(0.0, 0.5) + QPointF(3, 0)) == (0.0, 0.5)
    assert plot.nearest(QPointF(0, 0)) is None
    assert plot.accessibleDescription() == "2 rows, values from 0 to 5"
    for points in ([], [(1.0, 1.0)]):
        plot.show_points(points)
        plot.grab()


def test_a_pair_is_asked_when_both_texts_are_there(qtbot: QtBot) -> None:
    box = TryItBox()
    qtbot.addWidget(box)
    box.take_run((), 64, pairs=True)
    asked: list[tuple[str, str]] = []
    box.requested.connect(lambda text: asked.append((text, box.second_text())))
    assert box.note.text() == "The prediction appears when both texts are filled in."
    box.edit.setPlainText("a plane takes off")
    box.request_now()
    assert asked == []
    box.try_text("a plane takes off\nan air plane takes off")
    assert asked == [("a plane takes off", "an air plane takes off")]
    box.show_prediction(Prediction("a", value=4.81234), entities=False)
    assert (box.value.text(), box.bars.isHidden()) == ("4.812", True)
    labels = (LabelProbability("card", 0.9), LabelProbability("new", 0.6), LabelProbability("loan", 0.2))
    box.show_prediction(Prediction("a", labels=labels, threshold=0.5), entities=False)
    assert [bar.emphasized for bar in box.bars.bars()] == [True, True, False]
    assert box.value.isHidden()
    box.take_run((), 64)
    assert box.second_text() == ""


def test_a_page_without_a_matrix_shows_what_there_is(session: Session, qtbot: QtBot) -> None:
    page = EvaluatePage(session)
    qtbot.addWidget(page)
    session.state_changed.connect(lambda: page.show_state(session.state))
    page.resize(760, 1400)
    page.show()
    settings = PrepareSettings(task="regression", roles=Roles(text="a", second_text="b", score="points"))
    dataset = a_dataset(
        task="regression", settings=settings, label_names=("score",), target_scale=TargetScale(2.7, 1.5)
    )
    empty = {"confusion_labels": (), "confusion": ()}
    scored = an_evaluation(
        run=a_run(dataset=dataset, metric="spearman"),
        scores={"spearman": 0.83, "pearson": 0.82, "mae": 0.6, "rmse": 0.8},
        headline="spearman",
        intervals={"spearman": (0.81, 0.85)},
        baselines={"mean": {"spearman": None}, "tfidf_ridge": {"spearman": 0.6}},
        classes=(),
        scatter=((2.0, 2.5), (4.0, 3.5)),
        wrong_rows=(WrongRow(7, "one\ntwo", "5", "1.2", 0.0, 14.4),),
        **empty,
    )
    session.go_to(scored)
    assert page.scatter.isVisible()
    assert not page.confusion.isVisible()
    assert not page.classes.isVisible()
    assert page.wrong_rows.table.cells.text(0, 4) == "–"
    assert page.box.second_edit.isVisible()
    assert "same order" in page.why()
    several = an_evaluation(
        run=a_run(dataset=a_dataset(task="multi_label_classification"), metric="micro_f1"),
        scores={"micro_f1": 0.7},
        headline="micro_f1",
        intervals={},
        baselines={},
        classes=(ClassScores("negative", 0.8, 0.7, 0.75, 9),),
        **empty,
    )
    session.go_to(several)
    assert page.classes.isVisible()
    assert not page.confusion.isVisible()
    assert not page.scatter.isVisible()
    assert not page.box.second_edit.isVisible()


def test_a_wrong_pair_with_line_breaks_comes_into_its_two_fields(qtbot: QtBot) -> None:
    box, table = TryItBox(), WrongRowsTable()
    qtbot.addWidget(box)
    qtbot.addWidget(table)
    box.take_run((), 64, pairs=True)
    table.try_requested.connect(box.try_text)
    pair = WrongRow(3, "a plane\ntakes off\none lands\nnow", "yes", "no", 0.9, 2.0, "one lands\nnow")
    table.show_rows((pair,), wrong_in_all=1, entities=False)
    table.table.selectRow(0)
    table.try_button.click()
    assert (box.text(), box.second_text()) == ("a plane\ntakes off", "one lands\nnow")
