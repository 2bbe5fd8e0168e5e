"""A button that opens a list with check boxes, where several things can be chosen; long lists can be filtered."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from engine.contract.sentences import Sentence
from gui.components.plain_label import PlainLabel
from gui.design.theme import HALF, SPACE, TABLE_ROW

FILTER_FROM = 12  # entries
MOST_ROWS = 10  # of the list before it scrolls


class CheckListButton(QPushButton):
    """`chosen` in the order of the entries; `changed` follows each tick of the user."""

    changed = Signal()

    def __init__(self, text: str, *, empty: str = "", parent: QWidget | None = None) -> None:
        super().__init__(f"{text} ▾", parent)
        self._empty = empty or Sentence("gui.fine_tune.nothing_to_choose")
        self._entries: list[tuple[str, str]] = []
        self._popup = QFrame(self, Qt.WindowType.Popup)
        self._popup.setProperty("kind", "card")
        self._filter = QLineEdit()
        self._filter.setPlaceholderText(Sentence("gui.fine_tune.filter"))
        self._filter.setAccessibleName(Sentence("gui.fine_tune.filter_of", what=text))
        self.list = QListWidget()
        self.list.setAccessibleName(text)
        self.list.setUniformItemSizes(True)
        self._nothing = PlainLabel(role="quiet", wrap=True)
        column = QVBoxLayout(self._popup)
        column.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        column.setSpacing(HALF)
        column.addWidget(self._filter)
        column.addWidget(self.list)
        column.addWidget(self._nothing)
        self.clicked.connect(self.open)
        self._filter.textChanged.connect(self._show_matches)
        self.list.itemChanged.connect(lambda _item: self.changed.emit())
        self.list.itemActivated.connect(self._turn)

    def offer(self, entries: Sequence[tuple[str, str]]) -> None:
        """Offers these, key and text; what was chosen and is still there stays chosen."""
        if list(entries) == self._entries:
            return
        before = set(self.chosen())
        self._entries = list(entries)
        self.list.blockSignals(True)
        self.list.clear()
        for key, text in entries:
            item = QListWidgetItem(text)
            item.setData(Qt.ItemDataRole.UserRole, key)
            item.setSizeHint(QSize(self.list.fontMetrics().horizontalAdvance(text) + 48, TABLE_ROW))
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if key in before else Qt.CheckState.Unchecked)
            self.list.addItem(item)
        self.list.blockSignals(False)

    def chosen(self) -> tuple[str, ...]:
        """The keys that are ticked."""
        items = (self.list.item(row) for row in range(self.list.count()))
        ticked = (item for item in items if item.checkState() == Qt.CheckState.Checked)
        return tuple(str(item.data(Qt.ItemDataRole.UserRole)) for item in ticked)

    def set_chosen(self, keys: Sequence[str]) -> None:
        """Ticks exactly these, without a word."""
        self.list.blockSignals(True)
        for row in range(self.list.count()):
            item = self.list.item(row)
            ticked = item.data(Qt.ItemDataRole.UserRole) in keys
            item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
        self.list.blockSignals(False)

    def open(self) -> None:
        """Shows the list below the button."""
        count = self.list.count()
        self._nothing.setText("" if count else self._empty)
        self._nothing.setVisible(not count)
        self.list.setVisible(count > 0)
        self._filter.clear()
        self._filter.setVisible(count > FILTER_FROM)
        widest = max((self.list.sizeHintForColumn(0), 160)) if count else 220
        self.list.setFixedSize(min(360, widest + 24), min(count, MOST_ROWS) * TABLE_ROW + 2 * SPACE)
        self._popup.adjustSize()
        place = self.mapToGlobal(QPoint(0, self.height() + 2))
        screen = self.screen().availableGeometry()
        if place.y() + self._popup.height() > screen.bottom():
            place = self.mapToGlobal(QPoint(0, -self._popup.height() - 2))
        place.setX(max(screen.left(), min(place.x(), screen.right() - self._popup.width())))
        self._popup.move(place)
        self._popup.show()
        (self._filter if self._filter.isVisible() else self.list).setFocus()
        if count and self.list.currentRow() < 0:
            self.list.setCurrentRow(0)

    def _show_matches(self, wanted: str) -> None:
        for row in range(self.list.count()):
            item = self.list.item(row)
            item.setHidden(wanted.casefold() not in item.text().casefold())

    def _turn(self, item: QListWidgetItem) -> None:
        """The return key ticks as the space bar does."""
        ticked = item.checkState() == Qt.CheckState.Checked
        item.setCheckState(Qt.CheckState.Unchecked if ticked else Qt.CheckState.Checked)
