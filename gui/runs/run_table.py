"""The table of runs: its rows and columns. The name can be edited in place."""

from __future__ import annotations

import time

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from engine.contract.formatting import duration
from engine.workspace.runs import RunRow
from gui.components.plain_text import tooltip
from gui.design.theme import HALF, SPACE, theme
from gui.runs.run_differences import score_text, settings_text
from gui.runs.run_index import ListedRuns

# A curve as small as a table's cell. Knows no runs; needs nothing but Qt.

POINTS = Qt.ItemDataRole.UserRole  # tuple of (x, y), x ascending


class Sparkline(QStyledItemDelegate):
    """Draws the cell's `POINTS`, the last one as a dot; one point alone is a dot, none is nothing."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        area = QRectF(option.rect).adjusted(SPACE, HALF + 2, -SPACE, -HALF - 2)
        line = polyline(index.data(POINTS) or (), area)
        if line.isEmpty():
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().series_color(2), 1.5))
        painter.drawPolyline(line)
        painter.setBrush(theme().series_color(2))
        painter.drawEllipse(line.last(), 2.0, 2.0)
        painter.restore()


def polyline(points: tuple[tuple[float, float], ...], area: QRectF) -> QPolygonF:
    """The points, stretched over the area; a level curve lies in its middle."""
    if not points:
        return QPolygonF()
    steps, values = zip(*points, strict=True)
    wide, high = steps[-1] - steps[0], max(values) - min(values)
    return QPolygonF(
        [
            QPointF(
                area.left() + area.width() * ((step - steps[0]) / wide if wide else 0.5),
                area.bottom() - area.height() * ((value - min(values)) / high if high else 0.5),
            )
            for step, value in points
        ]
    )


COLUMNS = ("Name", "Status", "Score", "Time", "Date", "Curve", "Settings that differ")
NAME, STATUS, SCORE, TIME, DATE, CURVE, SETTINGS = range(7)
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
AnyIndex = QModelIndex | QPersistentModelIndex


class RunTable(QAbstractTableModel):
    """Runs as rows; `renamed` asks for another name."""

    renamed = Signal(object, str)  # RunRow, the new name

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._listed = ListedRuns((), (), frozenset(), ())
        self._interrupted: frozenset[str] = frozenset()

    def show_runs(self, listed: ListedRuns) -> None:
        """Shows these runs; where they are those that are shown, a name that is being edited stays open."""
        if listed == self._listed:
            return
        self.beginResetModel()
        self._listed = listed
        self._interrupted = frozenset(row.id for row in listed.interrupted)
        self.endResetModel()

    @property
    def rows(self) -> tuple[RunRow, ...]:
        """The runs, from the top."""
        return self._listed.rows

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return COLUMNS[section]
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return RIGHT if section == TIME else Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        editable = Qt.ItemFlag.ItemIsEditable if index.column() == NAME else Qt.ItemFlag.NoItemFlags
        return super().flags(index) | editable

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, column = self.rows[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.text(row, column)
            case Qt.ItemDataRole.EditRole if column == NAME:
                return row.name
            case Qt.ItemDataRole.ToolTipRole if column in (NAME, SCORE, SETTINGS):
                return tooltip(self.text(row, column))
            case Qt.ItemDataRole.TextAlignmentRole if column == TIME:
                return RIGHT
            case Qt.ItemDataRole.AccessibleTextRole if column == CURVE:
                return ", ".join(f"{score:.3f}" for _, score in row.summary.curve)
        return row.summary.curve if role == POINTS and column == CURVE else None

    def setData(self, index: AnyIndex, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        name = " ".join(str(value).split())
        row = self.rows[index.row()]
        if role != Qt.ItemDataRole.EditRole or index.column() != NAME or not name or name == row.name:
            return False
        self.renamed.emit(row, name)
        return True

    def text(self, row: RunRow, column: int) -> str:
        """What is in this column."""
        match column:
            case 0:
                return row.name
            case 1:
                return "interrupted" if row.id in self._interrupted else status_text(row)
            case 2:
                return score_text(row)
            case 3:
                return duration(row.summary.seconds) if row.summary.seconds is not None else ""
            case 4:
                made = time.localtime(row.created)
                this_year = made.tm_year == time.localtime().tm_year
                return time.strftime("%d %b %H:%M" if this_year else "%d %b %Y", made)
            case 5:
                return ""
            case _:
                return settings_text(row, self._listed.differing)


def status_text(row: RunRow) -> str:
    """How far a run came, in one word or two."""
    reached = {"exported": "exported", "evaluation": "evaluated", "run": "trained", "": row.status}
    return reached[row.summary.reached]
