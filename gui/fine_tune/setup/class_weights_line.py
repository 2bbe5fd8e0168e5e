"""Class weights at one click, where the checks of the rows found a label far rarer than the others."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from engine.contract.settings import ClassWeights
from engine.contract.states import PreparedDataset
from gui.components.plain_label import PlainLabel, set_tooltip
from gui.design.theme import SPACE

LONGEST_NAME = 60
WHAT = "Each label counts as much as the others while training, however few rows it has. Undone by a second click."


class ClassWeightsLine(QWidget):
    """Hidden where labels are not unbalanced; `chosen` says which weights the user wants."""

    chosen = Signal(str)  # ClassWeights

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rarest = ""
        self._weights: ClassWeights = "none"
        self.sentence = PlainLabel(role="caution", wrap=True)
        self.button = QPushButton()
        set_tooltip(self.button, WHAT)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE)
        row.addWidget(self.sentence, 1)
        row.addWidget(self.button)
        self.button.clicked.connect(self._choose)
        self.hide()

    def set_dataset(self, dataset: PreparedDataset) -> None:
        """Other rows: the line is there where they are unbalanced."""
        counts = dataset.splits["train"].labels
        is_unbalanced = any(finding.id == "imbalance" for finding in dataset.findings) and len(counts) > 1
        self._rarest = ""
        if is_unbalanced:
            label = min(counts, key=lambda name: (counts[name], name))
            share = 100 * counts[label] / max(1, sum(counts.values()))
            name = label if len(label) <= LONGEST_NAME else label[:LONGEST_NAME] + "…"
            self._rarest = f"“{name}” has {share:.1f} % of the training rows"
        self.setVisible(is_unbalanced)
        self._show()

    def show_weights(self, weights: ClassWeights) -> None:
        """Says whether class weights are chosen now."""
        self._weights = weights
        self._show()

    def _choose(self) -> None:
        self.chosen.emit("none" if self._weights == "balanced" else "balanced")

    def _show(self) -> None:
        if self._weights == "balanced":
            self.sentence.setText(f"{self._rarest}; class weights let it count as much as the others.")
            self.button.setText("Without class weights")
        else:
            self.sentence.setText(f"{self._rarest}, so it is easily passed over.")
            self.button.setText("Use class weights")
        self.button.setAccessibleDescription(self.sentence.text())
