"""The excluded rows by reason, with their numbers in the file one click away."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from engine.contract.sentences import Sentence
from engine.contract.states import ExcludedRows
from gui.components.layouts import vertical
from gui.components.plain_label import PlainLabel, set_tooltip
from gui.components.plain_text import button_text, on_one_line
from gui.design.theme import HALF

LONGEST_CAPTION = 56  # characters of a reason; a button does not wrap


class ExcludedRowsList(QWidget):
    """One line per reason, the most frequent first; a line opens to the row numbers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reasons: list[_Reason] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(HALF)

    def show_reasons(self, reasons: Sequence[ExcludedRows]) -> None:
        """Shows these instead of the last."""
        for line in self._reasons:
            self._column.removeWidget(line)
            line.deleteLater()
        self._reasons = [_Reason(reason) for reason in sorted(reasons, key=lambda reason: -reason.count)]
        for line in self._reasons:
            self._column.addWidget(line)
        self.setVisible(bool(self._reasons))

    def lines(self) -> list[tuple[str, str]]:
        """The text of every line, and its row numbers."""
        return [(line.button.text(), line.numbers.text()) for line in self._reasons]

    def buttons(self) -> list[QToolButton]:
        """The lines' own buttons, which open and close them."""
        return [line.button for line in self._reasons]


class _Reason(QWidget):
    def __init__(self, excluded: ExcludedRows) -> None:
        super().__init__()
        reason = excluded.reason
        name = on_one_line(reason[:1].upper() + reason[1:], LONGEST_CAPTION)
        caption = Sentence("gui.choose_data.named_rows", name=name, rows=excluded.count)
        self.button = QToolButton()
        self.button.setText(button_text(caption))
        if len(reason) > LONGEST_CAPTION:
            set_tooltip(self.button, reason)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setArrowType(Qt.ArrowType.RightArrow)
        self.button.setCheckable(True)
        self.button.setEnabled(bool(excluded.rows))
        self.button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.numbers = PlainLabel(
            numbers_text(excluded.rows, excluded.count), role="secondary", wrap=True, selectable=True
        )
        self.numbers.setContentsMargins(28, 0, 0, HALF)
        self.numbers.hide()
        vertical(self, self.button, self.numbers, gap=0)
        self.button.toggled.connect(self._unfold)

    def _unfold(self, unfolded: bool) -> None:
        self.button.setArrowType(Qt.ArrowType.DownArrow if unfolded else Qt.ArrowType.RightArrow)
        self.numbers.setVisible(unfolded)


def numbers_text(rows: Sequence[int], count: int) -> str:
    """These numbers of rows in their file, and how many more of `count` there are; empty without numbers."""
    if not rows:
        return ""
    if count > len(rows):
        return Sentence("gui.choose_data.row_numbers_more", rows=rows, count=count, more=count - len(rows))
    return Sentence("gui.choose_data.row_numbers", rows=rows, count=count)
