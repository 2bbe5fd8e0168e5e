"""Copying and saving what is shown: a picture as PNG or SVG, values as CSV, from the menu of a right click.

A file is written at once where it is small; a long table is written a few hundred rows at a time between two events, so
that the window stays fluid.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QAction, QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QTableView, QToolTip, QWidget

from engine.contract.errors import EngineError
from engine.contract.formatting import spreadsheet_cell
from engine.contract.sentences import Sentence
from engine.workspace.atomic_files import write_file
from gui.components.image_export import SCALE, write_png, write_svg
from gui.design.theme import theme

Line = Sequence[str | float | int]
ROWS_AT_ONCE = 400
MOST_COPIED = 10_000  # rows of a table; all of them are saved


def offer_picture(widget: QWidget, name: str, values: Callable[[], Sequence[Line]] | None = None) -> None:
    """Adds a menu to a widget that paints itself; `name` of the file, `values` its lines with the titles first."""
    _add(widget, Sentence("gui.components.copy_picture"), lambda: copy_picture(widget))
    _add(
        widget,
        Sentence("gui.components.save_picture_png"),
        lambda: _ask(widget, f"{name}.png", lambda path: write_png(widget, path)),
    )
    _add(
        widget,
        Sentence("gui.components.save_picture_svg"),
        lambda: _ask(widget, f"{name}.svg", lambda path: write_svg(widget, path, title=name)),
    )
    if values is not None:
        _add(widget, Sentence("gui.components.copy_values"), lambda: copy_values(values()))
        _add(
            widget,
            Sentence("gui.components.save_values_csv"),
            lambda: _ask(widget, f"{name}.csv", lambda path: save_csv(path, values())),
        )
    widget.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)


def offer_table(view: QTableView, cell: Callable[[int, int], str] | None = None) -> None:
    """Adds a menu to a table that copies and saves all of it, in the columns and the order that are shown.

    `cell` gives the whole text of a cell by row and column; without it a cell is what is displayed.
    """
    _add(view, Sentence("gui.components.copy_whole_table"), lambda: copy_values(_table_lines(view, cell, MOST_COPIED)))

    def save() -> None:
        columns = _shown_columns(view)
        name = f"{(view.accessibleName() or 'table').lower()}.csv"
        rows = view.model().rowCount()
        save_table(view, name, _titles(view, columns), rows, partial(_cells_of, view, cell, columns))

    _add(view, Sentence("gui.components.save_table_csv"), save)
    view.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)


def save_file(widget: QWidget, name: str, text: str) -> None:
    """Asks where to save a text under this name, and writes it."""
    _ask(widget, name, lambda path: write_file(path, text.encode("utf-8", "replace")))


def _table_lines(view: QTableView, cell: Callable[[int, int], str] | None, most: int) -> list[Line]:
    columns = _shown_columns(view)
    rows = min(most, view.model().rowCount())
    return [_titles(view, columns), *(_cells_of(view, cell, columns, row) for row in range(rows))]


def _shown_columns(view: QTableView) -> list[int]:
    header = view.horizontalHeader()
    places = (header.logicalIndex(place) for place in range(header.count()))
    return [column for column in places if not view.isColumnHidden(column)]


def _titles(view: QTableView, columns: Sequence[int]) -> Line:
    model, across = view.model(), Qt.Orientation.Horizontal
    return [str(model.headerData(column, across, Qt.ItemDataRole.DisplayRole) or "") for column in columns]


def _cells_of(view: QTableView, cell: Callable[[int, int], str] | None, columns: Sequence[int], row: int) -> Line:
    if cell is not None:
        return [cell(row, column) for column in columns]
    model = view.model()
    return [str(model.data(model.index(row, column), Qt.ItemDataRole.DisplayRole) or "") for column in columns]


def copy_picture(widget: QWidget) -> None:
    """Puts the widget onto the clipboard, in double resolution."""
    image = QImage(widget.size() * SCALE, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(SCALE)
    image.fill(theme().color("window"))
    widget.render(image)
    QGuiApplication.clipboard().setImage(image)


def copy_values(lines: Sequence[Line]) -> None:
    """Puts a table onto the clipboard, as spreadsheets take it."""
    text = io.StringIO()
    csv.writer(text, delimiter="\t", lineterminator="\n").writerows([_safe(line) for line in lines])
    QGuiApplication.clipboard().setText(text.getvalue())


def as_csv(lines: Sequence[Line] | Iterator[Line]) -> bytes:
    """The lines as CSV in UTF-8 with its mark; a cell that a spreadsheet would take for a formula is quoted."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(_safe(line) for line in lines)
    return text.getvalue().encode("utf-8-sig", "replace")


def save_csv(path: Path, lines: Sequence[Line]) -> None:
    """Raises `OSError` or `EngineError` where the file cannot be written."""
    write_file(path, as_csv(lines))


class TableSaver(QObject):
    """Writes a long table without holding up the window; owned by the table."""

    def __init__(self, owner: QWidget, path: Path, titles: Line, rows: int, row: Callable[[int], Line]) -> None:
        """`row` gives the cells of a row by its number."""
        super().__init__(owner)
        self._owner, self._path, self._count, self._row = owner, path, rows, row
        self._lines: list[Line] = [titles]
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._more)
        self._timer.start(0)

    def _more(self) -> None:
        done = len(self._lines) - 1
        self._lines += [self._row(number) for number in range(done, min(self._count, done + ROWS_AT_ONCE))]
        if len(self._lines) > self._count:
            self._timer.stop()
            _written(self._owner, self._path, lambda path: save_csv(path, self._lines))
            self.deleteLater()


def save_table(owner: QWidget, name: str, titles: Line, rows: int, row: Callable[[int], Line]) -> None:
    """Asks for a file and writes the table into it."""
    chosen, _ = QFileDialog.getSaveFileName(owner, Sentence("gui.components.save"), name, "*.csv")
    if chosen:
        TableSaver(owner, Path(chosen), titles, rows, row)


def _add(widget: QWidget, title: str, act: Callable[[], object]) -> None:
    action = QAction(title, widget)
    action.triggered.connect(lambda _checked=False: act())
    widget.addAction(action)


def _ask(widget: QWidget, name: str, write: Callable[[Path], None]) -> None:
    chosen, _ = QFileDialog.getSaveFileName(widget, Sentence("gui.components.save"), name, f"*{Path(name).suffix}")
    if chosen:
        _written(widget, Path(chosen), write)


def _written(widget: QWidget, path: Path, write: Callable[[Path], None]) -> None:
    """Writes, and shows the outcome beside the widget."""
    try:
        write(path)
        sentence: str = Sentence("gui.components.saved", name=path.name)
    except (OSError, EngineError) as error:
        sentence = Sentence("gui.components.could_not_saved", name=path.name, error=error).strip()
    QToolTip.showText(widget.mapToGlobal(widget.rect().bottomLeft()), sentence, widget)


def _safe(line: Line) -> list[str | float | int]:
    return [spreadsheet_cell(cell) if isinstance(cell, str) else cell for cell in line]
