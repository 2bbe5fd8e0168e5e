"""The lengths of the prepared rows with the maximum as a slider: what another one would cut, lose and save.

`maximum_requested` is for preparing the rows again with another maximum.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from engine.contract.length_table import LengthTable, read_lengths
from engine.contract.sentences import Sentence
from engine.contract.states import PreparedDataset
from gui.choose_data.summary.length_histogram import LengthHistogram
from gui.components.card import Card
from gui.components.choices import Choice, NumberBox
from gui.components.layouts import STRETCH, FlowRow, horizontal
from gui.components.plain_label import PlainLabel, set_tooltip
from gui.components.plain_text import both_ends, on_one_line
from gui.design.theme import HALF, SPACE, appearance, theme

SHORTEST = 8  # tokens
MOST_COLORS = 6


class LengthChart(Card):
    """Histogram, spin box, sentences, and the button that prepares again."""

    maximum_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Sentence("gui.choose_data.lengths"), parent)
        self.has_lengths = False
        self._dataset: PreparedDataset | None = None
        self._table = LengthTable()
        self._reason = ""
        self.label_choice = Choice()
        self.label_choice.setAccessibleName(Sentence("gui.choose_data.rows_shown_length"))
        self.label_choice.setMaximumWidth(280)
        self._label_label = QLabel(Sentence("gui.choose_data.show_field"))
        self._label_label.setBuddy(self.label_choice)
        self.histogram = LengthHistogram()
        self.legend = _Legend()
        self.maximum = NumberBox()
        self.maximum.setGroupSeparatorShown(True)
        self.maximum.setSingleStep(8)
        self.maximum.setMinimumWidth(96)
        self.maximum.setAcceptDrops(False)
        self.maximum.lineEdit().setTextMargins(6, 0, 0, 0)
        self.maximum.setAccessibleName(Sentence("gui.choose_data.maximum_length_tokens"))
        maximum_label = QLabel(Sentence("gui.choose_data.maximum_field"))
        maximum_label.setBuddy(self.maximum)
        self.sentences = PlainLabel(role="quiet", wrap=True, selectable=True)
        self.again = QPushButton()
        top = horizontal(None, self._label_label, self.label_choice, STRETCH, gap=SPACE)
        bottom = horizontal(None, maximum_label, self.maximum, gap=SPACE)
        bottom.addWidget(QLabel(Sentence("gui.choose_data.tokens_unit")))
        bottom.addStretch(1)
        bottom.addWidget(self.again)
        self.column.addLayout(top)
        self.column.addWidget(self.histogram)
        self.column.addWidget(self.legend)
        self.column.addLayout(bottom)
        self.column.addWidget(self.sentences)
        self.label_choice.activated.connect(self._show_rows)
        self.histogram.maximum_moved.connect(self.maximum.setValue)
        self.maximum.valueChanged.connect(self._moved)
        self.again.clicked.connect(lambda: self.maximum_requested.emit(self.maximum.value()))

    def show_dataset(self, dataset: PreparedDataset) -> None:
        """Shows the lengths of this data set, where they are known."""
        table = read_lengths(dataset.folder)
        self.has_lengths = table is not None
        if table is None:
            return
        self._dataset, self._table = dataset, table
        self.label_choice.clear()
        self.label_choice.addItem(Sentence("gui.choose_data.all_rows"), None)
        for label in table.labels:
            self.label_choice.addItem(on_one_line(label, 80) or Sentence("gui.choose_data.empty"), label)
        few = dataset.target_scale is not None or len(table.labels) < 2
        self.label_choice.setVisible(not few)
        self._label_label.setVisible(not few)
        highest = min(dataset.model.max_length, max(SHORTEST, -(-table.longest() // 8) * 8, dataset.max_length))
        self.maximum.blockSignals(True)
        self.maximum.setRange(SHORTEST, highest)
        self.maximum.setValue(dataset.max_length)
        self.maximum.blockSignals(False)
        self._show_rows()

    def allow(self, reason: str) -> None:
        """Lets the rows be prepared again where there is no reason against it."""
        self._reason = reason
        self._show_sentences()

    def _show_rows(self) -> None:
        dataset, table = self._dataset, self._table
        if dataset is None:
            return
        label = self.label_choice.currentData()
        if label is not None:
            kinds = {label: table.labels[label]}
        elif 1 < len(table.labels) <= MOST_COLORS and _is_one_label_a_row(table):
            kinds = table.labels
        else:
            kinds = {Sentence("gui.choose_data.all_rows"): table.everything}
        end = max(self.maximum.maximum(), min(table.longest(), round(1.25 * self.maximum.maximum())))
        self.histogram.show_counts(
            kinds, end=end, maximum=self.maximum.value(), lowest=SHORTEST, highest=self.maximum.maximum()
        )
        self.legend.show_names(list(kinds) if len(kinds) > 1 else [])
        self._show_sentences()

    def _moved(self, maximum: int) -> None:
        self.histogram.set_maximum(maximum)
        self._show_sentences()

    def _show_sentences(self) -> None:
        dataset = self._dataset
        if dataset is None:
            return
        maximum = self.maximum.value()
        self.sentences.setText(" ".join(sentences_about(dataset, self._table, maximum)))
        other = maximum != dataset.max_length
        self.again.setText(
            Sentence("gui.choose_data.prepare_with_tokens", tokens=maximum)
            if other
            else Sentence("gui.choose_data.in_use")
        )
        self.again.setEnabled(other and not self._reason)
        set_tooltip(self.again, self._reason or Sentence("gui.choose_data.prepare_maximum_about"))


class _Legend(QWidget):
    """The colour of each label, with its name."""

    def __init__(self) -> None:
        super().__init__()
        self._names: list[tuple[QLabel, QWidget]] = []
        self._row = FlowRow(self, gap=2 * SPACE, line_gap=HALF)
        appearance().changed.connect(self._paint)

    def show_names(self, names: list[str]) -> None:
        for _, part in self._names:
            self._row.removeWidget(part)
            part.deleteLater()
        self._names = [_named(name) for name in names]
        for _, part in self._names:
            self._row.addWidget(part)
        self.setVisible(bool(names))
        self._paint()

    def _paint(self) -> None:
        for number, (mark, _) in enumerate(self._names):
            mark.setStyleSheet(f"background: {theme().series_color(number).name()}; border-radius: 2px;")


def _named(name: str) -> tuple[QLabel, QWidget]:
    """The coloured mark, and what holds it beside the name."""
    mark, part = QLabel(), QWidget()
    mark.setFixedSize(10, 10)
    shown = PlainLabel(both_ends(name, 30), role="secondary")
    if len(name) > 30:
        set_tooltip(shown, name)
    horizontal(part, mark, shown, gap=SPACE)
    return mark, part


def sentences_about(dataset: PreparedDataset, table: LengthTable, maximum: int) -> list[str]:
    """What this maximum does: rows cut, tokens and entities lost, and the time of training beside the present one."""
    rows, tokens = table.rows_cut(maximum), table.tokens_lost(maximum)
    total = table.everything.total() or 1
    sentences: list[str] = []
    if rows:
        shares = {"row_share": rows / total, "token_share": tokens / (table.tokens() or 1)}
        sentences.append(Sentence("gui.choose_data.rows_are_cut", rows=rows, tokens=tokens, **shares))
    else:
        sentences.append(Sentence("gui.choose_data.no_row_cut"))
    entities = table.answers.total()
    if entities:
        beyond = table.answers_lost(maximum)
        sentences.append(Sentence("gui.choose_data.entities_cut", beyond=beyond, entities=entities))
    before = table.cost(dataset.max_length, dataset.model.hidden_size)
    if maximum != dataset.max_length and before:
        change = table.cost(maximum, dataset.model.hidden_size) / before - 1
        present, share = dataset.max_length, 100 * abs(change)
        if abs(change) < 0.005:
            sentences.append(Sentence("gui.choose_data.as_long", present=present))
        elif change > 0:
            sentences.append(Sentence("gui.choose_data.more_time", share=share, present=present))
        else:
            sentences.append(Sentence("gui.choose_data.less_time", share=share, present=present))
    return sentences


def _is_one_label_a_row(table: LengthTable) -> bool:
    """Whether the labels' rows add up to all rows, so that their bars can be stacked."""
    return sum(counts.total() for counts in table.labels.values()) == table.everything.total()
