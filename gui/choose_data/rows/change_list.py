"""All changes to single rows in a line and as a list, with the way back, and the button that prepares with them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QPushButton, QWidget

from engine.contract.formatting import count
from engine.contract.row_edits import RowChange, change_name
from gui.components.layouts import vertical
from gui.components.plain_label import PlainLabel, set_tooltip
from gui.components.plain_text import on_one_line
from gui.design.theme import SPACE

MOST_LISTED = 500
LIST_HEIGHT = 132


class ChangeList(QWidget):
    """Shows what it is given; `take_back_wanted` names the selected changes."""

    take_back_wanted = Signal(object)  # tuple[RowChange, ...]
    prepare_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._changes: tuple[RowChange, ...] = ()
        self._is_applied = True
        self._reason = ""
        self.said = PlainLabel(role="quiet", wrap=True)
        self.show_list = QPushButton("Show changes")
        self.show_list.setProperty("kind", "quiet")
        self.show_list.setCheckable(True)
        self.again = QPushButton("Prepare again")
        self.list = QListWidget()
        self.list.setAccessibleName("Your changes")
        self.list.setFixedHeight(LIST_HEIGHT)
        self.list.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        self._more = PlainLabel(role="secondary", wrap=True)
        self.take_back = QPushButton("Take the selected changes back")
        top = QHBoxLayout()
        top.setSpacing(SPACE)
        top.addWidget(self.said, 1)
        top.addWidget(self.show_list)
        top.addWidget(self.again)
        column = vertical(self, top, self.list, self._more, gap=SPACE)
        column.addWidget(self.take_back, 0, Qt.AlignmentFlag.AlignLeft)
        self.again.clicked.connect(self.prepare_wanted)
        self.show_list.toggled.connect(self._unfold)
        self.take_back.clicked.connect(self._take_back)
        self.list.itemSelectionChanged.connect(self._allow)
        self._unfold(False)

    def show_changes(self, changes: tuple[RowChange, ...], applied: tuple[RowChange, ...]) -> None:
        """These are all changes; the prepared rows know the applied ones."""
        self._changes, self._is_applied = changes, changes == applied
        self.list.clear()
        self.list.addItems([on_one_line(change_name(change), 160) for change in changes[:MOST_LISTED]])
        left = len(changes) - MOST_LISTED
        self._more.setText(f"{left:,} more stand in the table: sort it by “Change”." if left > 0 else "")
        if not changes:
            self.show_list.setChecked(False)
        self._unfold(self.show_list.isChecked())
        self._show()

    def allow(self, reason: str) -> None:
        """Lets the rows be prepared again where there is no reason against it."""
        self._reason = reason
        self._show()

    def _take_back(self) -> None:
        lines = {self.list.row(item) for item in self.list.selectedItems()}
        self.take_back_wanted.emit(tuple(self._changes[line] for line in sorted(lines)))

    def _allow(self) -> None:
        self.take_back.setEnabled(bool(self.list.selectedItems()))

    def _show(self) -> None:
        number = count(len(self._changes), "change")
        if not self._changes and self._is_applied:
            self.said.setText("Nothing is changed. Your file always stays as it is.")
        else:
            tail = "all in the prepared rows" if self._is_applied else "not all in the prepared rows yet"
            self.said.setText(f"{number}, {tail}. Your file stays as it is.")
        self.show_list.setVisible(bool(self._changes))
        self.again.setVisible(not self._is_applied)
        self.again.setText(f"Prepare again with {number}" if self._changes else "Prepare again without changes")
        self.again.setEnabled(not self._reason)
        set_tooltip(self.again, self._reason or "Prepares the same rows with your changes; everything else stays.")
        self._allow()

    def _unfold(self, unfolded: bool) -> None:
        self.show_list.setText("Hide changes" if unfolded else "Show changes")
        self.list.setVisible(unfolded)
        self.take_back.setVisible(unfolded)
        self._more.setVisible(unfolded and bool(self._more.text()))
