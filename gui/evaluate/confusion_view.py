"""The confusion matrix with its controls: counts or shares, the pointed cell in words, the most frequent confusions."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from engine.contract.sentences import Sentence
from gui.components.layouts import STRETCH, FlowRow, vertical
from gui.components.plain_label import PlainLabel
from gui.components.plain_text import button_text, on_one_line
from gui.components.tab_buttons import tab_buttons
from gui.design.theme import HALF, INSIDE, SPACE
from gui.evaluate.cell_rows import no_entity
from gui.evaluate.confusion_matrix import Cell, ConfusionMatrix

FEW = 7  # classes whose matrix is read at a glance; with more, the most frequent confusions are listed
MOST_CONFUSIONS = 5
NARROWEST = 254  # pixels for the buttons above


class ConfusionView(QWidget):
    """Shows counts over pairs of labels; `chosen` is the cell whose rows are to be shown."""

    chosen = Signal(object)  # Cell | None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._labels: tuple[str, ...] = ()
        self._counts: tuple[tuple[int, ...], ...] = ()
        self._unit = "row"
        self.matrix = ConfusionMatrix()
        self.counts_button, self.shares_button = tab_buttons(
            self, Sentence("gui.evaluate.counts"), Sentence("gui.evaluate.shares")
        )
        self.shares_button.setToolTip(Sentence("gui.evaluate.share_each_row_rows_whose"))
        self.sentence = PlainLabel(Sentence("gui.evaluate.point_at_cell"), role="quiet", wrap=True)
        self._confusions_title = PlainLabel(Sentence("gui.evaluate.most_frequent_confusions"), role="strong")
        self._confusions = QVBoxLayout()
        self._confusions.setSpacing(0)
        self.confusion_buttons: list[QPushButton] = []

        top = FlowRow(gap=INSIDE, line_gap=HALF, last_at_right=True)
        for part in (
            self.counts_button,
            self.shares_button,
            PlainLabel(Sentence("gui.evaluate.truth_down"), role="secondary"),
        ):
            top.addWidget(part)
        # The list is above, so that a cell has nothing but its sentence between it and its rows.
        vertical(self, self._confusions_title, self._confusions, top, self.matrix, self.sentence, STRETCH, gap=SPACE)

        self.shares_button.toggled.connect(self.matrix.show_shares)
        self.matrix.pointed.connect(self._point_at)
        self.matrix.chosen.connect(self._choose)

    def show_counts(self, labels: Sequence[str], counts: Sequence[Sequence[int]], *, unit: str) -> None:
        """Shows these counts of `unit` (row or word), truth down, predicted across."""
        self._labels = tuple(labels)
        self._counts = tuple(tuple(row) for row in counts)
        self._unit = unit
        self.matrix.show_counts(labels, counts)
        self._point_at(None)
        self._list_confusions()

    def comfortable_width(self) -> int:
        """The width at which nothing here is cut."""
        return max(NARROWEST, self.matrix.comfortable_width())

    def cell_sentence(self, cell: Cell) -> str:
        """12 positive rows were predicted as negative."""
        truth, predicted = cell
        number = self._counts[truth][predicted]
        named = _named(self._labels[truth])
        if not number:
            return self._no_cell_sentence(cell, named)
        share = number / sum(self._counts[truth])
        other = _named(self._labels[predicted])
        if self._unit == "row":
            if truth == predicted:
                return Sentence("gui.evaluate.cell_rows_right", rows=number, truth=named, percent=100 * share)
            return Sentence("gui.evaluate.cell_rows", rows=number, truth=named, predicted=other, percent=100 * share)
        if self._labels[truth] == no_entity():
            if truth == predicted:
                return Sentence("gui.evaluate.cell_outside_right", words=number, percent=100 * share)
            return Sentence("gui.evaluate.cell_outside", words=number, predicted=other, percent=100 * share)
        if truth == predicted:
            return Sentence("gui.evaluate.cell_words_right", words=number, truth=named, percent=100 * share)
        return Sentence("gui.evaluate.cell_words", words=number, truth=named, predicted=other, percent=100 * share)

    def _no_cell_sentence(self, cell: Cell, named: str) -> str:
        """The sentence of an empty cell."""
        truth, predicted = cell
        other = _named(self._labels[predicted])
        if self._unit == "row":
            if truth == predicted:
                return Sentence("gui.evaluate.no_cell_rows_right", truth=named)
            return Sentence("gui.evaluate.no_cell_rows", truth=named, predicted=other)
        if self._labels[truth] == no_entity():
            if truth == predicted:
                return Sentence("gui.evaluate.no_cell_outside_right")
            return Sentence("gui.evaluate.no_cell_outside", predicted=other)
        if truth == predicted:
            return Sentence("gui.evaluate.no_cell_words_right", truth=named)
        return Sentence("gui.evaluate.no_cell_words", truth=named, predicted=other)

    def _point_at(self, cell: Cell | None) -> None:
        shown = cell if cell is not None else self.matrix.chosen_cell()
        self.sentence.setText(
            self.cell_sentence(shown) if shown is not None else Sentence("gui.evaluate.point_at_cell")
        )
        self.matrix.setAccessibleDescription(self.sentence.text())

    def _choose(self, cell: Cell | None) -> None:
        self._point_at(cell)
        self.chosen.emit(cell)

    def _list_confusions(self) -> None:
        for button in self.confusion_buttons:
            self._confusions.removeWidget(button)
            button.deleteLater()
        self.confusion_buttons = []
        cells = most_frequent_confusions(self._counts) if len(self._labels) > FEW else []
        self._confusions_title.setVisible(bool(cells))
        for cell in cells:
            truth, predicted = (_named(self._labels[position]) for position in cell)
            number = self._counts[cell[0]][cell[1]]
            caption = Sentence("gui.evaluate.confusion", number=number, truth=truth, predicted=predicted)
            button = QPushButton(button_text(caption))
            button.setProperty("kind", "side")
            button.setToolTip(Sentence("gui.evaluate.shows_cell_rows"))
            button.clicked.connect(lambda _checked=False, cell=cell: self.matrix.choose(cell))
            self._confusions.addWidget(button)
            self.confusion_buttons.append(button)


def most_frequent_confusions(counts: Sequence[Sequence[int]]) -> list[Cell]:
    """The cells beside the diagonal with the largest counts."""
    best: list[tuple[int, int, int]] = []  # minus the count, truth, predicted
    for truth, row in enumerate(counts):
        least = -best[-1][0] if len(best) == MOST_CONFUSIONS else 0
        wrong = (*row[:truth], 0, *row[truth + 1 :])
        if max(wrong) > least:  # a thousand rows are looked at closely only where it pays
            found = [(-number, truth, predicted) for predicted, number in enumerate(wrong) if number > least]
            best = sorted(best + found)[:MOST_CONFUSIONS]
    return [(truth, predicted) for _, truth, predicted in best]


def _named(label: str) -> str:
    return on_one_line(label, 60) or Sentence("gui.evaluate.empty")
