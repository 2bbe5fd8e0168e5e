"""The table of runs: its rows and columns. The name can be edited in place."""

from __future__ import annotations

import time
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from engine.contract.formatting import duration, number
from engine.contract.languages import catalogue
from engine.contract.sentences import Sentence
from engine.workspace.runs import RunRow, status_name
from gui.components.plain_text import tooltip
from gui.design.theme import HALF, SPACE, theme
from gui.runs.run_differences import (
    evaluation_text,
    settings_text,
    test_figure,
    validation_figure,
    validation_text,
)
from gui.runs.run_index import ListedRuns

# A curve as small as a table's cell. Uses no runs; needs nothing but Qt.

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


NAME, STATUS, VALIDATION, TEST, TIME, DATE, CURVE, NOTE, SETTINGS = range(9)
COLUMNS = SETTINGS + 1
PINNED = "★ "
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
AnyIndex = QModelIndex | QPersistentModelIndex


def _titles() -> tuple[str, ...]:
    return (
        Sentence("gui.runs.name"),
        Sentence("gui.runs.status"),
        Sentence("gui.runs.validation"),
        Sentence("gui.runs.test"),
        Sentence("gui.runs.time"),
        Sentence("gui.runs.date"),
        Sentence("gui.runs.curve"),
        Sentence("gui.runs.note"),
        Sentence("gui.runs.settings"),
    )


def _title_tooltip(column: int) -> str:
    """The whole title, which a narrow window cuts, with what it means."""
    title = _titles()[column]
    match column:
        case 2:
            return f"{title}\n{Sentence('gui.runs.validation_tooltip')}"
        case 3:
            return f"{title}\n{Sentence('gui.runs.test_tooltip')}"
    return title


class RunTable(QAbstractTableModel):
    """Runs as rows; `renamed` asks for another name."""

    renamed = Signal(object, str)  # RunRow, the new name
    noted = Signal(object, str)  # RunRow, the new note

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._listed = ListedRuns((), (), frozenset(), ())
        self._interrupted: frozenset[str] = frozenset()
        self._rows: tuple[RunRow, ...] = ()  # of those listed, the ones that are shown, from the top
        self._wanted = ""
        self._sorted: tuple[int, bool] | None = None  # a column, descending

    def show_runs(self, listed: ListedRuns) -> None:
        """Shows these runs; where they are those that are shown, a name that is being edited stays open."""
        if listed == self._listed:
            return
        self.beginResetModel()
        self._listed = listed
        self._interrupted = frozenset(row.id for row in listed.interrupted)
        self._arrange()
        self.endResetModel()

    @property
    def rows(self) -> tuple[RunRow, ...]:
        """The runs that are shown, from the top."""
        return self._rows

    def filter(self, wanted: str) -> None:
        """Shows only runs whose name, data, model, status, note or settings hold this, ignoring case."""
        self.beginResetModel()
        self._wanted = wanted.strip().casefold()
        self._arrange()
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sorts by a column; −1: the newest first. Pinned runs come first in each order."""
        self.beginResetModel()
        self._sorted = (column, order == Qt.SortOrder.DescendingOrder) if 0 <= column < COLUMNS else None
        self._arrange()
        self.endResetModel()

    def _arrange(self) -> None:
        rows = [row for row in self._listed.rows if not self._wanted or self._wanted in self._searched(row)]
        if self._sorted is not None:
            column, descending = self._sorted
            known = [row for row in rows if self._key(row, column) is not None]
            known.sort(key=lambda row: self._key(row, column) or 0, reverse=descending)
            rows = known + [row for row in rows if self._key(row, column) is None]
        self._rows = tuple(sorted(rows, key=lambda row: not row.pinned))

    def _searched(self, row: RunRow) -> str:
        parts = [row.name, row.summary.dataset, row.summary.model, self.text(row, STATUS), row.note]
        return "\n".join([*parts, self.text(row, SETTINGS)]).casefold()

    def _key(self, row: RunRow, column: int) -> Any:
        """What a column is sorted by; None comes last. Scores of other metrics are not between each other."""
        summary = row.summary
        match column:
            case 2:
                return None if summary.best_score is None else (summary.metric, summary.best_score)
            case 3:
                has_test = summary.scored_split in ("test", "cross_validation") and summary.test_score is not None
                return (summary.headline, summary.test_score) if has_test else None
            case 4:
                return summary.seconds
            case 5:
                return row.created
            case 6:
                return summary.curve[-1][1] if summary.curve else None
            case _:
                return self.text(row, column).casefold() or None

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else COLUMNS

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return _titles()[section]
            if role == Qt.ItemDataRole.ToolTipRole:
                return _title_tooltip(section)
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return RIGHT if section == TIME else Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        editable = Qt.ItemFlag.ItemIsEditable if index.column() in (NAME, NOTE) else Qt.ItemFlag.NoItemFlags
        return super().flags(index) | editable

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, column = self.rows[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return f"{PINNED if row.pinned and column == NAME else ''}{self.text(row, column)}"
            case Qt.ItemDataRole.EditRole if column in (NAME, NOTE):
                return self.text(row, column)
            case Qt.ItemDataRole.ToolTipRole:
                return tooltip(self._tooltip(row, column))
            case Qt.ItemDataRole.TextAlignmentRole if column == TIME:
                return RIGHT
            case Qt.ItemDataRole.AccessibleTextRole if column == CURVE:
                return ", ".join(number(score, ".3f") for _, score in row.summary.curve)
        return row.summary.curve if role == POINTS and column == CURVE else None

    def setData(self, index: AnyIndex, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        name = " ".join(str(value).split())
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.EditRole and index.column() == NOTE:
            if name != row.note:
                self.noted.emit(row, name)
            return name != row.note
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
                return Sentence("gui.runs.interrupted") if row.id in self._interrupted else status_text(row)
            case 2:
                return validation_figure(row)
            case 3:
                return test_figure(row)
            case 4:
                return duration(row.summary.seconds) if row.summary.seconds is not None else ""
            case 5:
                made = time.localtime(row.created)
                language = catalogue().language
                this_year = made.tm_year == time.localtime().tm_year
                return time.strftime(language.date_this_year if this_year else language.date, made)
            case 6:
                return ""
            case 7:
                return row.note
            case _:
                return settings_text(row, self._listed.differing)

    def _tooltip(self, row: RunRow, column: int) -> str:
        """The whole cell, which a narrow window cuts, with what is to be known of it."""
        more = ""
        match column:
            case 1:
                more = Sentence("gui.runs.never_evaluated") if is_never_evaluated(row) else ""
            case 2:
                more = validation_text(row)
            case 3:
                more = evaluation_text(row)
        return "\n".join(dict.fromkeys(filter(None, (self.text(row, column), more))))


def is_never_evaluated(row: RunRow) -> bool:
    """Whether training was stopped before any evaluation on the validation rows."""
    summary = row.summary
    return summary.reached == "run" and row.status == "stopped" and not summary.evaluations


def status_text(row: RunRow) -> str:
    """How far a run came, in one word or two."""
    if is_never_evaluated(row):
        return Sentence("gui.runs.stopped")
    match row.summary.reached:
        case "exported":
            return Sentence("gui.runs.exported")
        case "evaluation":
            return Sentence("gui.runs.evaluated")
        case "run":
            return Sentence("gui.runs.trained")
        case _:
            return status_name(row.status)
