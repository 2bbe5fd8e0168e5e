"""Entities that differ from how they were marked in the file: how many and, one click away, which, before and after."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from engine.contract.formatting import number, split_name
from engine.contract.sentences import Sentence
from engine.contract.states import ConversionReport, ConvertedEntity
from gui.components.data_table import DataTable
from gui.components.layouts import vertical
from gui.components.plain_label import PlainLabel
from gui.components.plain_text import button_text, on_one_line
from gui.design.theme import TABLE_ROW

MOST_ROWS_HIGH = 8


class ConversionList(QWidget):
    """A line with the count that opens to a table of the changed entities; hidden where there are no tags."""

    row_chosen = Signal(str, int)  # the split that the file is for, number in it: to be shown as the network reads it

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._examples: tuple[ConvertedEntity, ...] = ()
        self.button = QToolButton()
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setCheckable(True)
        self.button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.table = DataTable(spread=True)
        self.table.setAccessibleName(Sentence("gui.choose_data.converted_entities"))
        self.table.verticalHeader().hide()
        self.more = PlainLabel(role="secondary", wrap=True)
        vertical(self, self.button, self.table, self.more)
        self.button.toggled.connect(self._unfold)
        self.table.opened.connect(self._choose)
        self.show_report(None)

    def show_report(self, report: ConversionReport | None) -> None:
        """Shows this report instead of the last, folded."""
        self._examples = report.examples if report is not None else ()
        self.button.setChecked(False)
        self._unfold(False)
        self.setVisible(report is not None)
        if report is None:
            return
        self.button.setText(button_text(report.sentence.removesuffix(".")))
        self.button.setEnabled(bool(report.examples))
        rows = [
            [
                number(one.row),
                split_name(one.file),
                on_one_line(one.before, 160),
                on_one_line(one.after, 160) or Sentence("gui.choose_data.excluded"),
                one.reason,
            ]
            for one in report.examples
        ]
        self.table.cells.set_cells(_columns(), rows, numbers=(0,))
        self.table.fit_columns()
        self.table.setFixedHeight((min(len(rows), MOST_ROWS_HIGH) + 1) * TABLE_ROW + 16)
        sentences = [Sentence("gui.choose_data.enter_shows_row")]
        if len(rows) < report.changed:
            sentences.insert(0, Sentence("gui.choose_data.first_of_shown", shown=len(rows), all=report.changed))
        self.more.setText(" ".join(sentences))

    def _choose(self, cell: QModelIndex) -> None:
        example = self._examples[cell.row()]
        self.row_chosen.emit(example.file, example.row)

    def _unfold(self, unfolded: bool) -> None:
        self.button.setArrowType(Qt.ArrowType.DownArrow if unfolded else Qt.ArrowType.RightArrow)
        self.table.setVisible(unfolded)
        self.more.setVisible(unfolded)


def _columns() -> list[str]:
    return [
        Sentence("gui.choose_data.row"),
        Sentence("gui.choose_data.file_for"),
        Sentence("gui.choose_data.marked"),
        Sentence("gui.choose_data.read_as"),
        Sentence("gui.choose_data.why"),
    ]
