"""How often each label occurs in each split: bars and numbers per label, sorted by any column, searched by name.

Fit for two labels and for ten thousand.
"""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QLabel, QLineEdit, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from engine.contract.formatting import number, split_name
from engine.contract.sentences import Sentence
from engine.contract.states import PreparedDataset
from engine.tasks.registry import task_facts
from gui.components.card import Card
from gui.components.data_table import CellsModel
from gui.components.layouts import STRETCH, horizontal
from gui.components.plain_label import PlainLabel
from gui.components.sorted_table import SortedTable, TableRow
from gui.design.theme import SPACE, theme

MOST_ROWS = 10  # without scrolling
FEW = 8  # labels that need no search
BAR_COLUMN = 1
SPLITS = ("train", "validation", "test")


class LabelTable(Card):
    """One line per label; the bars are training, validation and test, each as a share of its split."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Sentence("gui.choose_data.labels_each_split"), parent)
        self.has_labels = False
        self._rows: list[TableRow] = []
        self._shares: dict[str, tuple[float, ...]] = {}
        self.search = QLineEdit()
        self.search.setPlaceholderText(Sentence("gui.choose_data.find_label"))
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(260)
        self.search.setAcceptDrops(False)
        self._search_label = QLabel(Sentence("gui.choose_data.find"))
        self._search_label.setBuddy(self.search)
        self.note = PlainLabel(role="secondary", wrap=True)
        columns = (
            Sentence("gui.choose_data.label"),
            Sentence("gui.choose_data.share"),
            *map(split_name, SPLITS),
            Sentence("gui.choose_data.all"),
        )
        self.table = SortedTable(columns, range(2, 6), wide_column=0)
        self.table.setAccessibleName(Sentence("gui.choose_data.rows_each_label_split"))
        self.table.show_both_ends(0)
        self._bars = _Bars(self)
        self.table.setItemDelegateForColumn(BAR_COLUMN, self._bars)
        row = horizontal(None, self._search_label, self.search, STRETCH, gap=SPACE)
        self.column.addLayout(row)
        self.column.addWidget(self.table)
        self.column.addWidget(self.note)
        self.search.textChanged.connect(self._filter)

    def show_dataset(self, dataset: PreparedDataset) -> None:
        """Shows the labels of this data set; scores are not counted by value."""
        names = {name for split in dataset.splits.values() for name in split.labels}
        ordered = [name for name in dataset.label_names if name in names]
        ordered += sorted(names - set(ordered))
        self.has_labels = dataset.target_scale is None and bool(ordered)
        counts = {name: [_count(dataset, split, name) for split in SPLITS] for name in ordered}
        totals = [sum(numbers[index] for numbers in counts.values()) or 1 for index in range(len(SPLITS))]
        self._shares = {
            name: tuple(number / total for number, total in zip(numbers, totals, strict=True))
            for name, numbers in counts.items()
        }
        self._bars.show_shares(self._shares)
        self._rows = [_row(name, numbers, self._shares[name][0]) for name, numbers in counts.items()]
        self.table.name_column(0, task_facts(dataset.task).counted_title)
        for widget in (self.search, self._search_label):
            widget.setVisible(len(self._rows) > FEW)
        self.search.clear()
        self._filter()
        self.table.measure(self._rows)
        self.table.show_height_for(min(MOST_ROWS, max(1, len(self._rows))))

    def shown_labels(self) -> list[str]:
        """The labels in the order of the lines."""
        return [self.table.cells.text(row, 0) for row in range(self.table.cells.rowCount())]

    def _filter(self) -> None:
        wanted = self.search.text().casefold()
        shown = [row for row in self._rows if wanted in row.cells[0].casefold()]
        self.table.show_rows(shown)
        total = len(self._rows)
        found = (
            Sentence("gui.choose_data.labels_found", shown=len(shown), labels=total)
            if wanted
            else Sentence("gui.choose_data.labels_all", labels=total)
        )
        self.note.setText(" ".join([found, Sentence("gui.choose_data.bars_show")]))


class _Bars(QStyledItemDelegate):
    """Three thin bars, one per split, on a common scale."""

    def __init__(self, parent: LabelTable) -> None:
        super().__init__(parent)
        self._shares: dict[str, tuple[float, ...]] = {}
        self._largest = 1.0

    def show_shares(self, shares: dict[str, tuple[float, ...]]) -> None:
        self._shares = shares
        self._largest = max((max(parts) for parts in shares.values()), default=1.0) or 1.0

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        cells = index.model()
        label = cells.text(index.row(), 0) if isinstance(cells, CellsModel) else ""
        area = QRectF(option.rect).adjusted(8, 5, -8, -5)
        painter.save()
        painter.setPen(Qt.PenStyle.NoPen)
        for place, share in enumerate(self._shares.get(label, ())):
            painter.setBrush(theme().series_color(place))
            wide = area.width() * share / self._largest
            painter.drawRect(QRectF(area.left(), area.top() + 6 * place, max(1.5 if share else 0.0, wide), 5))
        painter.restore()


def _count(dataset: PreparedDataset, split: str, label: str) -> int:
    return dataset.splits[split].labels.get(label, 0) if split in dataset.splits else 0


def _row(name: str, numbers: list[int], share: float) -> TableRow:
    total = sum(numbers)
    cells = (name, "", *map(number, numbers), number(total))
    return TableRow(cells, (name, share, *numbers, total))
