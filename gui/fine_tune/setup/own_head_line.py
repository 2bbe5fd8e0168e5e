"""Asks, where the model has a head with labels of the rows, whether it is kept or replaced by a new one."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from engine.contract.kept_head import matching_labels
from engine.contract.sentences import Sentence
from engine.contract.settings import HeadStart
from engine.contract.states import PreparedDataset
from gui.components.layouts import horizontal
from gui.components.plain_label import PlainLabel, set_tooltip
from gui.components.plain_text import on_one_line
from gui.design.theme import SPACE

MOST_NAMED = 3
LONGEST_NAME = 40


class OwnHeadLine(QWidget):
    """Hidden where there is nothing to keep; `chosen` emits whether the head is kept."""

    chosen = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._known = ""
        self._is_kept = False
        self.sentence = PlainLabel(role="quiet", wrap=True)
        self.button = QPushButton()
        set_tooltip(self.button, Sentence("gui.fine_tune.own_head_tooltip"))
        horizontal(self, self.sentence, self.button, gap=SPACE).setStretchFactor(self.sentence, 1)
        self.button.clicked.connect(lambda: self.chosen.emit(not self._is_kept))
        self.hide()

    def set_dataset(self, dataset: PreparedDataset) -> None:
        """Other rows: the question is there where the model's head has one of their labels."""
        matches = matching_labels(dataset)
        names = [on_one_line(dataset.label_names[number], LONGEST_NAME) for number in matches]
        model, known, labels = dataset.model.name, len(names), len(dataset.label_names)
        if known > MOST_NAMED:
            some = names[:MOST_NAMED]
            self._known = Sentence(
                "gui.fine_tune.own_head_knows_more", model=model, known=known, labels=labels, names=some
            )
        else:
            self._known = Sentence("gui.fine_tune.own_head_knows", model=model, known=known, labels=labels, names=names)
        self.setVisible(bool(matches))
        self._show()

    def show_start(self, start: HeadStart) -> None:
        """Shows what is chosen now."""
        self._is_kept = start == "kept"
        self._show()

    def _show(self) -> None:
        if self._is_kept:
            follows = Sentence("gui.fine_tune.own_head_kept")
            self.button.setText(Sentence("gui.fine_tune.replace"))
        else:
            follows = Sentence("gui.fine_tune.own_head_replaced")
            self.button.setText(Sentence("gui.fine_tune.keep_head"))
        self.sentence.setText(f"{self._known} {follows}")
        self.button.setAccessibleDescription(self.sentence.text())
