"""The rows that are not used, by reason, with their numbers in the file one click away."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from engine.contract.formatting import count
from engine.contract.states import ConversionReport, ConvertedEntity, LeftOut
from gui.components.data_table import DataTable, on_one_line
from gui.components.layouts import STRETCH, horizontal, vertical
from gui.components.plain_label import PlainLabel, button_text, set_tooltip
from gui.design.theme import HALF, SPACE, TABLE_ROW

LONGEST_CAPTION = 56  # characters of a reason; a button does not wrap


class LeftOutList(QWidget):
    """One line a reason, the most frequent first; a line opens to the row numbers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reasons: list[_Reason] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(HALF)

    def show_reasons(self, reasons: Sequence[LeftOut]) -> None:
        """Shows these instead of the last."""
        for line in self._reasons:
            self._column.removeWidget(line)
            line.deleteLater()
        self._reasons = [_Reason(reason) for reason in sorted(reasons, key=lambda reason: -reason.count)]
        for line in self._reasons:
            self._column.addWidget(line)
        self.setVisible(bool(self._reasons))

    def lines(self) -> list[tuple[str, str]]:
        """What every line says, and the row numbers behind it."""
        return [(line.button.text(), line.numbers.text()) for line in self._reasons]

    def buttons(self) -> list[QToolButton]:
        """The lines' own buttons, which open and close them."""
        return [line.button for line in self._reasons]


class _Reason(QWidget):
    def __init__(self, left_out: LeftOut) -> None:
        super().__init__()
        reason = left_out.reason
        caption = f"{on_one_line(reason[:1].upper() + reason[1:], LONGEST_CAPTION)}: {count(left_out.count, 'row')}"
        self.button = QToolButton()
        self.button.setText(button_text(caption))
        if len(reason) > LONGEST_CAPTION:
            set_tooltip(self.button, reason)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setArrowType(Qt.ArrowType.RightArrow)
        self.button.setCheckable(True)
        self.button.setEnabled(bool(left_out.rows))
        self.button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.numbers = PlainLabel(numbers_text(left_out), role="secondary", wrap=True, selectable=True)
        self.numbers.setContentsMargins(28, 0, 0, HALF)
        self.numbers.hide()
        vertical(self, self.button, self.numbers, gap=0)
        self.button.toggled.connect(self._unfold)

    def _unfold(self, unfolded: bool) -> None:
        self.button.setArrowType(Qt.ArrowType.DownArrow if unfolded else Qt.ArrowType.RightArrow)
        self.numbers.setVisible(unfolded)


def numbers_text(left_out: LeftOut) -> str:
    """The numbers of these rows in the file, and how many more there are."""
    shown = ", ".join(f"{row:,}" for row in left_out.rows)
    more = left_out.count - len(left_out.rows)
    name = "Row" if left_out.count == 1 else "Rows"
    return f"{name} {shown}" + (f" and {more:,} more" if more > 0 else "") if shown else ""


# Entities that are not as they were marked in the file: how many, and one click away which, before and after.

COLUMNS = ("Row", "File for", "Marked", "Read as", "Why")
MOST_ROWS_HIGH = 8
LEFT_OUT = "left out"
HINT = "Enter or a double click shows the row as the network reads it."


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
        self.table.setAccessibleName("Entities that changed")
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
                f"{one.row:,}",
                one.file,
                on_one_line(one.before, 160),
                on_one_line(one.after, 160) or LEFT_OUT,
                one.reason,
            ]
            for one in report.examples
        ]
        self.table.cells.set_cells(list(COLUMNS), rows, numbers=(0,))
        self.table.fit_columns()
        self.table.setFixedHeight((min(len(rows), MOST_ROWS_HIGH) + 1) * TABLE_ROW + 16)
        shown = f"The first {len(rows):,} of {report.changed:,} are shown. " if len(rows) < report.changed else ""
        self.more.setText(shown + HINT)

    def _choose(self, cell: QModelIndex) -> None:
        example = self._examples[cell.row()]
        self.row_chosen.emit(example.file, example.row)

    def _unfold(self, unfolded: bool) -> None:
        self.button.setArrowType(Qt.ArrowType.DownArrow if unfolded else Qt.ArrowType.RightArrow)
        self.table.setVisible(unfolded)
        self.more.setVisible(unfolded)


# Rows of a file that cannot be read: shown with their numbers, and left out only when the user says so.

MISSING = "Decide about the rows that cannot be read: leave them out, or change how the file is read."
_LETTERS = "characters that cannot be read"


class UnusableRows(QWidget):
    """The reasons with their rows, and the ways on; hidden where every row can be read or once it is decided."""

    accepted = Signal()  # leave them out
    replacing = Signal()  # read them with replacement characters

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[LeftOut, ...] = ()
        self._accepted: tuple[LeftOut, ...] = ()
        self._sentence = PlainLabel(role="caution", wrap=True)
        self.reasons = LeftOutList()
        self.leave_out_button = QPushButton()
        self.replace_button = QPushButton("Replace the characters")
        set_tooltip(self.replace_button, "Reads these rows with � in the place of what is not valid in the encoding.")
        buttons = horizontal(None, self.leave_out_button, self.replace_button, STRETCH, gap=SPACE)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, HALF, 0, HALF)
        column.setSpacing(HALF)
        column.addWidget(self._sentence)
        column.addWidget(self.reasons)
        column.addLayout(buttons)
        self.leave_out_button.clicked.connect(self._accept)
        self.replace_button.clicked.connect(self.replacing)
        self.hide()

    def is_open(self) -> bool:
        """Whether the user has still to decide."""
        return bool(self._rows) and self._rows != self._accepted

    def ask(self, rows: Sequence[LeftOut], *, decided: bool = False) -> None:
        """Shows these; what was decided about the very same rows, or elsewhere, is not asked again."""
        self._rows = tuple(rows)
        if decided:
            self._accepted = self._rows
        total = sum(one.count for one in self._rows)
        self._sentence.setText(f"{count(total, 'row')} cannot be read.")
        self.leave_out_button.setText(f"Leave out {count(total, 'row')}")
        self.replace_button.setVisible(any(_LETTERS in one.reason for one in self._rows))
        self.reasons.show_reasons(self._rows)
        self.setVisible(self.is_open())

    def _accept(self) -> None:
        self._accepted = self._rows
        self.hide()
        self.accepted.emit()
