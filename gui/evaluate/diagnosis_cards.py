"""What the scores leave open, each on request: which labels are wrong, and what else can be found out about a run."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from engine.contract.diagnoses import RunReference
from engine.contract.sentences import Sentence
from engine.contract.states import EvaluationReport
from gui.components.card import Card
from gui.components.layouts import vertical
from gui.design.theme import SPACE
from gui.evaluate.column_scores_view import ColumnScoresView
from gui.evaluate.label_errors_view import LabelErrorsView
from gui.evaluate.more_labels_view import MoreLabelsView
from gui.evaluate.weak_slices_view import WeakSlicesView
from gui.session import Session


class DiagnosisCards(QWidget):
    """The cards below the rows."""

    edited = Signal()  # an edit was made or undone here
    group_chosen = Signal(object, str)  # positions of its rows in the evaluated split, what they share; none: no group

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label_errors = LabelErrorsView(session)
        errors = Card(Sentence("gui.evaluate.label_errors"))
        errors.column.addWidget(self.label_errors)
        self.more_labels = MoreLabelsView(session)
        more = Card(Sentence("gui.evaluate.more_labels"))
        more.column.addWidget(self.more_labels)
        self.weak_slices = WeakSlicesView(session)
        weak = Card(Sentence("gui.evaluate.weak_groups_rows"))
        weak.column.addWidget(self.weak_slices)
        self.column_scores = ColumnScoresView(session)
        columns = Card(Sentence("gui.evaluate.scores_by_column"))
        columns.column.addWidget(self.column_scores)
        vertical(self, weak, columns, errors, more, gap=2 * SPACE)
        self.label_errors.edited.connect(self.edited)
        for view, other in ((self.weak_slices, self.column_scores), (self.column_scores, self.weak_slices)):
            view.chosen.connect(partial(self._choose_group, other))

    def show_report(self, report: EvaluationReport, reference: RunReference) -> None:
        """Offers all of it for the run of this report."""
        self.label_errors.show_report(report, reference)
        self.more_labels.show_report(report, reference)
        self.weak_slices.show_report(report, reference)
        self.column_scores.show_report(report, reference)

    def leave_groups(self) -> None:
        """Selects no group of rows any more."""
        self.weak_slices.leave()
        self.column_scores.leave()

    def reload_edits(self) -> None:
        """Takes edits that were made elsewhere."""
        self.label_errors.reload_edits()

    def _choose_group(self, other: WeakSlicesView | ColumnScoresView, positions: Sequence[int], sentence: str) -> None:
        if positions:
            other.leave()
        self.group_chosen.emit(positions, sentence)
