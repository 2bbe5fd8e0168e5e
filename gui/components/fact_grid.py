"""Facts as pairs: a quiet name above its value, in as many columns as fit."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from gui.components.layouts import STRETCH, vertical
from gui.components.plain_label import PlainLabel
from gui.design.theme import INSIDE, MARGIN


class FactGrid(QWidget):
    """Shows pairs of name and value; narrow windows get fewer columns."""

    def __init__(
        self, parent: QWidget | None = None, *, column_width: int = 130, most_columns: int = 4, wrap: bool = False
    ) -> None:
        """With `wrap` long names and values go over several lines; else they are cut with an ellipsis."""
        super().__init__(parent)
        self._column_width = column_width
        self._most_columns = most_columns
        self._wrap = wrap
        self._columns = 0
        self._cells: list[QWidget] = []
        self._facts: tuple[tuple[str, str], ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(MARGIN)
        self._grid.setVerticalSpacing(INSIDE)

    def show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Shows these pairs instead of the last."""
        self._facts = tuple(facts)
        for cell in self._cells:
            self._grid.removeWidget(cell)
            cell.hide()
            cell.deleteLater()
        self._cells = [_Fact(name, value, wrap=self._wrap) for name, value in facts]
        self._columns = 0
        self._arrange()

    def facts(self) -> tuple[tuple[str, str], ...]:
        """What is shown."""
        return self._facts

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        columns = max(1, min(self._most_columns, (self.width() + MARGIN) // (self._column_width + MARGIN)))
        if columns == self._columns:
            return
        self._columns = columns
        for number, cell in enumerate(self._cells):
            self._grid.addWidget(cell, number // columns, number % columns)
        for column in range(self._most_columns):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)


class _Fact(QWidget):
    def __init__(self, name: str, value: str, *, wrap: bool) -> None:
        super().__init__()
        title = PlainLabel(name, role="secondary", wrap=wrap, elide=not wrap)
        vertical(self, title, PlainLabel(value, wrap=wrap, elide=not wrap, selectable=True), STRETCH, gap=2)
        self.setAccessibleName(f"{name}: {value}")
