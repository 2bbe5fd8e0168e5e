"""Class weights at one click, where the checks of the rows found a label far rarer than the others."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from engine.contract.sentences import Sentence
from engine.contract.settings import ClassWeights
from engine.contract.states import PreparedDataset
from gui.components.layouts import horizontal
from gui.components.plain_label import PlainLabel, set_tooltip
from gui.design.theme import SPACE

LONGEST_NAME = 60


class ClassWeightsLine(QWidget):
    """Hidden where labels are not unbalanced; `chosen` emits the weights that the user chose."""

    chosen = Signal(str)  # ClassWeights

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rarest: tuple[str, float] | None = None  # the label and its share of the training rows
        self._weights: ClassWeights = "none"
        self.sentence = PlainLabel(role="caution", wrap=True)
        self.button = QPushButton()
        set_tooltip(self.button, Sentence("gui.fine_tune.class_weights_tooltip"))
        horizontal(self, self.sentence, self.button, gap=SPACE).setStretchFactor(self.sentence, 1)
        self.button.clicked.connect(self._choose)
        self.hide()

    def set_dataset(self, dataset: PreparedDataset) -> None:
        """Other rows: the line is there where they are unbalanced."""
        counts = dataset.splits["train"].labels
        is_unbalanced = any(finding.id == "imbalance" for finding in dataset.findings) and len(counts) > 1
        self._rarest = None
        if is_unbalanced:
            label = min(counts, key=lambda name: (counts[name], name))
            share = counts[label] / max(1, sum(counts.values()))
            self._rarest = (label if len(label) <= LONGEST_NAME else label[:LONGEST_NAME] + "…", share)
        self.setVisible(is_unbalanced)
        self._show()

    def show_weights(self, weights: ClassWeights) -> None:
        """Shows whether class weights are chosen now."""
        self._weights = weights
        self._show()

    def _choose(self) -> None:
        self.chosen.emit("none" if self._weights == "balanced" else "balanced")

    def _show(self) -> None:
        if self._rarest is None:
            return
        label, share = self._rarest
        if self._weights == "balanced":
            self.sentence.setText(Sentence("gui.fine_tune.rarest_weighted", label=label, share=share))
            self.button.setText(Sentence("gui.fine_tune.without_class_weights"))
        else:
            self.sentence.setText(Sentence("gui.fine_tune.rarest_unweighted", label=label, share=share))
            self.button.setText(Sentence("gui.fine_tune.use_class_weights"))
        self.button.setAccessibleDescription(self.sentence.text())
