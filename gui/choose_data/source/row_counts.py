"""How many rows of each file can be used with the roles as they are, and why others cannot, before Prepare."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from engine.contract.queries import RowCounts
from engine.contract.sentences import Sentence
from gui.choose_data.summary.excluded_rows import ExcludedRowsList
from gui.components.layouts import vertical
from gui.components.plain_label import PlainLabel
from gui.design.theme import HALF


class RowCountsView(QWidget):
    """A line for each file, and a line for each reason that opens to the numbers of its rows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.files = PlainLabel(role="secondary", wrap=True)
        self.reasons = ExcludedRowsList()
        vertical(self, self.files, self.reasons, gap=HALF)
        self.hide()

    def wait(self) -> None:
        """Shows that the rows are being counted."""
        self.files.setText(Sentence("gui.choose_data.counting_rows"))
        self.reasons.show_reasons(())
        self.show()

    def show_counts(self, counts: RowCounts | None) -> None:
        """Shows these; None hides all, as where the rows cannot be counted."""
        self.setVisible(counts is not None)
        if counts is not None:
            self.files.setText("\n".join(file.sentence for file in counts.files))
            self.reasons.show_reasons(counts.excluded)
