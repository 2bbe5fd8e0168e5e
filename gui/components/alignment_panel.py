"""The alignment of a row with notes, the values of the token pointed at, padding, and a copy."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QPushButton, QWidget

from engine.contract.queries import TokenizedText
from engine.contract.sentences import Sentence
from gui.components.alignment_columns import alignment_of, notes_of, padding_of
from gui.components.alignment_view import AlignmentView
from gui.components.layouts import FlowRow, vertical
from gui.components.plain_label import PlainLabel, set_tooltip
from gui.design.theme import HALF, SPACE


class AlignmentPanel(QWidget):
    """Shows the `TokenizedText` of one row."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tokens: TokenizedText | None = None
        self.view = AlignmentView()
        self.values = PlainLabel(role="secondary", wrap=True)
        self.values.setMinimumHeight(2 * self.values.fontMetrics().height())  # so that nothing jumps while pointing
        self.values.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.padding = QCheckBox(Sentence("gui.components.show_pa_dding"))
        self.copy_button = QPushButton(Sentence("gui.components.copy_text"))
        set_tooltip(self.copy_button, Sentence("gui.components.copies_row_table_one_line"))
        self.notes = PlainLabel(role="quiet", wrap=True, selectable=True)
        controls = QWidget()
        row = FlowRow(controls, gap=2 * SPACE, line_gap=HALF)
        row.addWidget(self.padding)
        row.addWidget(self.copy_button)
        vertical(self, self.view, self.values, self.notes, controls, gap=SPACE)
        self.view.described.connect(self.values.setText)
        self.padding.toggled.connect(self._show)
        self.copy_button.clicked.connect(self.view.copy)

    def show_tokens(self, tokens: TokenizedText) -> None:
        """Shows this row instead of the last."""
        self._tokens = tokens
        room = padding_of(tokens)
        self.padding.setEnabled(room > 0)
        set_tooltip(
            self.padding,
            Sentence("gui.components.fills_row_up_batch_whose")
            if room
            else Sentence("gui.components.row_has_maximum_length_there"),
        )
        self._show()

    def _show(self) -> None:
        if self._tokens is None:
            return
        padding = self.padding.isChecked()
        self.view.show_alignment(alignment_of(self._tokens, padding=padding))
        self.values.setText(self.view.current_text())
        self.notes.setText("\n".join(f"• {note}" for note in notes_of(self._tokens, padding=padding)))
        self.notes.setVisible(bool(self.notes.text()))
