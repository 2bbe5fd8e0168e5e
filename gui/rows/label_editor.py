"""Edits an answer in a cell of the table: a list of the known labels to choose from or type over, or a number."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractItemModel, QLocale, QObject, QRect, Qt
from PySide6.QtGui import QDoubleValidator
from PySide6.QtWidgets import QComboBox, QLineEdit, QStyleOptionViewItem, QWidget

from gui.components.choices import Choice
from gui.components.data_table import AnyIndex, BothEnds
from gui.design.theme import CONTROL

MOST_OFFERED = 1_000  # labels in a list of labels


class LabelEditor(BothEnds):
    """Hands what was typed to the model's `setData`; Enter takes it, Escape leaves the cell as it was."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._labels: tuple[str, ...] = ()
        self._numbers = False

    def offer(self, labels: Sequence[str], *, numbers: bool) -> None:
        """Offers these labels, or takes numbers only."""
        self._labels, self._numbers = tuple(labels[:MOST_OFFERED]), numbers

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: AnyIndex) -> QWidget:
        if not self._labels:
            line = QLineEdit(parent)
            if self._numbers:
                line.setValidator(number_validator(line))
            return line
        return label_box(parent, self._labels)

    def setEditorData(self, editor: QWidget, index: AnyIndex) -> None:
        text = str(index.data(Qt.ItemDataRole.EditRole))
        if isinstance(editor, QComboBox):
            editor.setEditText(text)
            line_of(editor).selectAll()
        elif isinstance(editor, QLineEdit):
            editor.setText(text)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: AnyIndex) -> None:
        text = editor.currentText() if isinstance(editor, QComboBox) else ""
        text = editor.text() if isinstance(editor, QLineEdit) else text
        model.setData(index, text, Qt.ItemDataRole.EditRole)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        cell: QRect = option.rect
        spare = (CONTROL - cell.height()) // 2
        editor.setGeometry(cell.adjusted(0, -spare, 0, spare))


def label_box(parent: QWidget | None, labels: Sequence[str]) -> QComboBox:
    """A list of labels that can be typed over."""
    box = Choice(parent)
    box.setEditable(True)
    box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)  # names may be long
    box.addItems(list(labels[:MOST_OFFERED]))
    box.setCurrentIndex(-1)
    box.setEditText("")
    return box


def line_of(box: QComboBox) -> QLineEdit:
    """The line that is typed into."""
    line = box.lineEdit()
    assert line is not None
    return line


def number_validator(parent: QObject) -> QDoubleValidator:
    """Takes numbers as files write them."""
    validator = QDoubleValidator(parent)
    validator.setLocale(QLocale.c())
    return validator
