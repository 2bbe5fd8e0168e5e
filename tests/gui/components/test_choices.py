"""Choices, numbers and sliders leave the wheel to the page until they have the focus."""

from __future__ import annotations

import ast
from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gui.components.choices import Choice, NumberBox, Slider
from tests.paths import ROOT
from tests.structure import parsed


def a_choice() -> Choice:
    choice = Choice()
    choice.addItems(["one", "two", "three"])
    choice.setCurrentIndex(1)
    return choice


def a_number() -> NumberBox:
    number = NumberBox()
    number.setValue(40)
    return number


def a_slider() -> Slider:
    slider = Slider(Qt.Orientation.Horizontal)
    slider.setValue(40)
    return slider


def value(widget: QWidget) -> int:
    return widget.currentIndex() if isinstance(widget, Choice) else widget.value()  # type: ignore[attr-defined, no-any-return]


def turn_wheel(widget: QWidget) -> None:
    """As the window system does, so that what the widget ignores goes to those above it."""
    window = widget.window()
    place = QPointF(widget.mapTo(window, widget.rect().center()))
    QTest.wheelEvent(window.windowHandle(), place, QPoint(0, -120))


@pytest.mark.parametrize("make", [a_choice, a_number, a_slider])
def test_the_wheel_scrolls_the_page_and_changes_the_value_only_with_the_focus(
    qtbot: QtBot, make: Callable[[], QWidget]
) -> None:
    area, content, widget = QScrollArea(), QWidget(), make()
    column = QVBoxLayout(content)
    column.addWidget(widget)
    column.addSpacing(3000)
    area.setWidgetResizable(True)
    area.setWidget(content)
    qtbot.addWidget(area)
    area.resize(300, 200)
    with qtbot.waitActive(area):
        area.show()
        area.activateWindow()
    area.setFocus()
    before = value(widget)
    assert not widget.focusPolicy() & ~Qt.FocusPolicy.StrongFocus & Qt.FocusPolicy.WheelFocus
    turn_wheel(widget)
    assert value(widget) == before
    assert area.verticalScrollBar().value() > 0
    area.verticalScrollBar().setValue(0)
    widget.setFocus()
    assert widget.hasFocus()
    turn_wheel(widget)
    assert value(widget) != before
    assert area.verticalScrollBar().value() == 0


def test_no_page_makes_one_that_takes_the_wheel_unasked() -> None:
    bare = {"QComboBox", "QSpinBox", "QDoubleSpinBox", "QSlider"}
    made = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted((ROOT / "gui").rglob("*.py"))
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in bare
    ]
    assert made == []


def test_a_choice_that_is_too_long_ends_in_an_ellipsis(qtbot: QtBot) -> None:
    choice = a_choice()
    choice.addItem("A graphics card with a very long name")
    choice.setCurrentIndex(3)
    qtbot.addWidget(choice)
    choice.resize(120, 32)
    assert choice.shown_text().endswith("…")
    wide = choice.grab()
    choice.resize(480, 32)
    assert choice.shown_text() == choice.currentText()
    assert choice.grab().toImage() != wide.toImage()


def test_the_handle_of_a_slider_has_room(qtbot: QtBot) -> None:
    slider = a_slider()
    qtbot.addWidget(slider)
    assert slider.sizeHint().height() >= 16  # pixels of the handle
