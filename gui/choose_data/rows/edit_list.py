"""All edits of single rows in a line and as a list, with undo, and the button that prepares the data with them."""

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
        self.show_list = QPushButton("Show edits")
        self.show_list.setProperty("kind", "quiet")
        self.show_list.setCheckable(True)
        self.again = QPushButton("Prepare again")
        self.list = QListWidget()
        self.list.setAccessibleName("Your edits")
        self.list.setFixedHeight(LIST_HEIGHT)
        self.list.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        self._more = PlainLabel(role="secondary", wrap=True)
        self.revert = QPushButton("Undo the selected edits")
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
        self._more.setText(f"{left:,} more are in the table: sort it by “Edit”." if left > 0 else "")
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
        number = count(len(self._changes), "edit")
        if not self._changes and self._is_applied:
            self.status.setText("No edits. Your file is never changed.")
        else:
            self.status.setText(
                f"{number} applied. Your file is not changed." if self._is_applied else self._pending_text()
            )
        self.show_list.setVisible(bool(self._changes))
        self.again.setVisible(not self._is_applied)
        self.again.setText(f"Prepare again with {number}" if self._changes else "Prepare again without edits")
        self.again.setEnabled(not self._reason)
        set_tooltip(self.again, self._reason or "Prepares the same rows with your edits; everything else stays.")
        self._allow()

    def _pending_text(self) -> str:
        if not self._pending:
            return "Undone edits are still in the prepared rows. Prepare again to remove them."
        them = "it" if self._pending == 1 else "them"
        return f"{count(self._pending, 'edit')} not applied yet. Prepare again to apply {them}."

    def _unfold(self, unfolded: bool) -> None:
        self.show_list.setText("Hide edits" if unfolded else "Show edits")
        self.list.setVisible(unfolded)
        self.revert.setVisible(unfolded)
        self._more.setVisible(unfolded and bool(self._more.text()))
