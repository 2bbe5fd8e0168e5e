"""All edits of single rows in a line and as a list, with undo, and the button that prepares the data with them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QPushButton, QWidget

from engine.contract.row_edits import RowChange, change_name
from engine.contract.sentences import Sentence
from gui.components.layouts import vertical
from gui.components.plain_label import PlainLabel, set_tooltip
from gui.components.plain_text import on_one_line
from gui.design.theme import SPACE

MOST_LISTED = 500
LIST_HEIGHT = 132


class EditList(QWidget):
    """`revert_requested` names the selected edits."""

    revert_requested = Signal(object)  # tuple[RowChange, ...]
    prepare_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._changes: tuple[RowChange, ...] = ()
        self._is_applied = True
        self._pending = 0  # edits that the prepared rows do not include yet
        self._reason = ""
        self.status = PlainLabel(role="quiet", wrap=True)
        self.show_list = QPushButton(Sentence("gui.choose_data.show_edits"))
        self.show_list.setProperty("kind", "quiet")
        self.show_list.setCheckable(True)
        self.again = QPushButton(Sentence("gui.choose_data.prepare_again"))
        self.list = QListWidget()
        self.list.setAccessibleName(Sentence("gui.choose_data.your_edits"))
        self.list.setFixedHeight(LIST_HEIGHT)
        self.list.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        self._more = PlainLabel(role="secondary", wrap=True)
        self.revert = QPushButton(Sentence("gui.choose_data.undo_selected"))
        top = QHBoxLayout()
        top.setSpacing(SPACE)
        top.addWidget(self.status, 1)
        top.addWidget(self.show_list)
        top.addWidget(self.again)
        column = vertical(self, top, self.list, self._more, gap=SPACE)
        column.addWidget(self.revert, 0, Qt.AlignmentFlag.AlignLeft)
        self.again.clicked.connect(self.prepare_requested)
        self.show_list.toggled.connect(self._unfold)
        self.revert.clicked.connect(self._take_back)
        self.list.itemSelectionChanged.connect(self._allow)
        self._unfold(False)

    def show_edits(self, changes: tuple[RowChange, ...], applied: tuple[RowChange, ...]) -> None:
        """These are all edits; the prepared rows include the applied ones."""
        self._changes, self._is_applied = changes, changes == applied
        self._pending = sum(change not in applied for change in changes)
        self.list.clear()
        self.list.addItems([on_one_line(change_name(change), 160) for change in changes[:MOST_LISTED]])
        left = len(changes) - MOST_LISTED
        self._more.setText(Sentence("gui.choose_data.more_edits", more=left) if left > 0 else "")
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
        self.revert_requested.emit(tuple(self._changes[line] for line in sorted(lines)))

    def _allow(self) -> None:
        self.revert.setEnabled(bool(self.list.selectedItems()))

    def _show(self) -> None:
        edits = len(self._changes)
        if not self._changes and self._is_applied:
            self.status.setText(Sentence("gui.choose_data.no_edits"))
        elif self._is_applied:
            self.status.setText(Sentence("gui.choose_data.edits_applied", edits=edits))
        else:
            self.status.setText(self._pending_text())
        self.show_list.setVisible(bool(self._changes))
        self.again.setVisible(not self._is_applied)
        self.again.setText(
            Sentence("gui.choose_data.prepare_with_edits", edits=edits)
            if self._changes
            else Sentence("gui.choose_data.prepare_without_edits")
        )
        self.again.setEnabled(not self._reason)
        set_tooltip(self.again, self._reason or Sentence("gui.choose_data.prepare_edits_about"))
        self._allow()

    def _pending_text(self) -> str:
        if not self._pending:
            return Sentence("gui.choose_data.undone_edits")
        return Sentence("gui.choose_data.edits_pending", edits=self._pending)

    def _unfold(self, unfolded: bool) -> None:
        self.show_list.setText(Sentence("gui.choose_data.hide_edits" if unfolded else "gui.choose_data.show_edits"))
        self.list.setVisible(unfolded)
        self.revert.setVisible(unfolded)
        self._more.setVisible(unfolded and bool(self._more.text()))
