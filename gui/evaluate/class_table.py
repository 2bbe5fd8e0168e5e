"""Precision, recall, F1 and support of each class or entity type."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from engine.contract.formatting import number
from engine.contract.score_sentences import class_number_text
from engine.contract.sentences import Sentence
from engine.contract.states import ClassScores
from gui.components.layouts import STRETCH, vertical
from gui.components.plain_label import PlainLabel
from gui.components.sorted_table import SortedTable, TableRow
from gui.design.theme import SPACE

MOST_ROWS = 12  # shown without scrolling
UNKNOWN = "–"


class ClassTable(QWidget):
    """One row per class, sortable; a selected class is `chosen`."""

    chosen = Signal(str)  # the class, empty where none is selected any more

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = SortedTable(_titles(), range(1, 5))
        self.table.show_both_ends(0)
        self._note = PlainLabel(role="secondary", wrap=True)
        self._labels: tuple[str, ...] = ()
        vertical(self, self.table, self._note, STRETCH, gap=SPACE)
        self.table.selectionModel().selectionChanged.connect(self._choose)

    def show_classes(self, classes: Sequence[ClassScores], *, entities: bool) -> None:
        """Shows these scores; `entities` is whether they are of entity types."""
        self.table.name_column(0, Sentence("gui.evaluate.type") if entities else Sentence("gui.evaluate.class"))
        self.table.setAccessibleName(
            Sentence("gui.evaluate.scores_each_entity_type") if entities else Sentence("gui.evaluate.scores_each_class")
        )
        self._labels = tuple(scores.label for scores in classes)
        rows = [_row(scores) for scores in classes]
        self.table.show_rows(rows)
        self.table.measure(rows)
        self.table.show_height_for(min(MOST_ROWS, len(classes)))
        unknown = any(None in (scores.precision, scores.recall, scores.f1) for scores in classes)
        support = Sentence("gui.evaluate.support_of_types") if entities else Sentence("gui.evaluate.support_of_classes")
        self._note.setText(
            " ".join(filter(None, (support, Sentence("gui.evaluate.dash_not_measurable") if unknown else "")))
        )

    def _choose(self) -> None:
        position = self.table.selected_row()
        self.chosen.emit(self._labels[position] if position is not None else "")

    def note(self) -> str:
        """The sentences below the table."""
        return self._note.text()


def _titles() -> tuple[str, ...]:
    return (
        Sentence("gui.evaluate.class"),
        Sentence("gui.evaluate.precision"),
        Sentence("gui.evaluate.recall"),
        Sentence("gui.evaluate.f1"),
        Sentence("gui.evaluate.support"),
    )


def _row(scores: ClassScores) -> TableRow:
    values = (scores.precision, scores.recall, scores.f1)
    shown = tuple(UNKNOWN if value is None else class_number_text(value, scores.support) for value in values)
    return TableRow((scores.label, *shown, number(scores.support)), (scores.label, *values, scores.support))
