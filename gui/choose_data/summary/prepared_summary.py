"""What became of the rows: used and excluded, splits, labels, lengths, and one row as the network reads it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from engine.contract.formatting import number, percent, split_name
from engine.contract.sentences import Sentence
from engine.contract.settings import ExampleRows, FileRows, PrepareSettings
from engine.contract.states import PreparedDataset
from engine.tasks.registry import task_facts
from gui.choose_data.summary.conversion_list import ConversionList
from gui.choose_data.summary.excluded_rows import ExcludedRowsList
from gui.choose_data.summary.findings_list import FindingsList
from gui.choose_data.summary.label_table import LabelTable
from gui.choose_data.summary.length_chart import LengthChart
from gui.choose_data.summary.row_inspector import RowInspector
from gui.components.card import Card
from gui.components.data_table import DataTable
from gui.components.fact_grid import FactGrid
from gui.components.layouts import horizontal, vertical
from gui.components.plain_label import PlainLabel
from gui.design.theme import SPACE, TABLE_ROW

if TYPE_CHECKING:  # with numpy: not before the window is on the screen
    from gui.choose_data.rows.all_rows import AllRows

FEW_HELD_OUT = 300  # test rows, below which the interval of a score is wide
MOST_LABEL_COLUMNS = 6  # more are in the table of labels only


class PreparedSummary(QWidget):
    """Shows a `PreparedDataset`: rows, findings and splits here, the rest in tabs of their own.

    The page makes and places `rows`, `labels` and `lengths`, and places `row_card`; single rows are asked for through
    `row_requested`.
    """

    row_requested = Signal(object)  # RowPlace
    test_share_requested = Signal(float)
    row_chosen = Signal(int, str, str)  # number in its file, split or empty, the split that the file is for or empty

    def __init__(self, rows: AllRows, labels: LabelTable, lengths: LengthChart, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows, self.labels, self.lengths = rows, labels, lengths
        self._dataset: PreparedDataset | None = None
        self.balance = PlainLabel(role="group", wrap=True, selectable=True)
        self.excluded = ExcludedRowsList()
        self.conversion = ConversionList()
        self.facts = FactGrid(most_columns=3)
        self.notes = PlainLabel(role="quiet", wrap=True)
        rows_card = Card()
        for widget in (self.balance, self.excluded, self.conversion, self.facts, self.notes):
            rows_card.column.addWidget(widget)

        self.splits_table = DataTable(spread=True)
        self.splits_table.setAccessibleName(Sentence("gui.choose_data.rows_labels_split"))
        self.splits_table.verticalHeader().hide()
        self.splits_table.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideMiddle)  # labels often begin alike
        splits_card = Card(Sentence("gui.choose_data.splits"))
        splits_card.column.addWidget(self.splits_table)
        self.held_out = PlainLabel(role="secondary", wrap=True)
        self.held_out_button = QPushButton()
        self.held_out_button.clicked.connect(self._request_test_share)
        held_out = horizontal(None, gap=SPACE)
        held_out.addWidget(self.held_out, 1)
        held_out.addWidget(self.held_out_button)
        splits_card.column.addLayout(held_out)
        self.findings = FindingsList()
        self.inspector = RowInspector()
        self.row_card = Card(Sentence("gui.choose_data.one_row"))
        self.row_card.column.addWidget(self.inspector)

        vertical(self, rows_card, self.findings, splits_card, gap=SPACE * 2)
        self.inspector.row_requested.connect(self.row_requested)
        self.findings.row_chosen.connect(lambda split, number: self.row_chosen.emit(number, split, ""))
        self.conversion.row_chosen.connect(lambda file, number: self.row_chosen.emit(number, "", file))
        self.rows.row_requested.connect(self.inspector.go_to)

    def show_dataset(self, dataset: PreparedDataset) -> None:
        """Shows this data set and asks for its first row."""
        self._dataset = dataset
        self.balance.setText(balance_of(dataset))
        self.excluded.show_reasons(dataset.excluded)
        self.conversion.show_report(dataset.conversion)
        self.facts.show_facts(facts_of(dataset))
        self.notes.setText("\n".join(f"• {note}" for note in dataset.notes))
        self.notes.setVisible(bool(dataset.notes))
        self.findings.show_dataset(dataset)
        self._show_splits(dataset)
        self._show_held_out(dataset)
        self.labels.show_dataset(dataset)
        self.lengths.show_dataset(dataset)
        self.rows.show_dataset(dataset)
        self.inspector.show_dataset(dataset)

    def _show_held_out(self, dataset: PreparedDataset) -> None:
        """Offers to hold out nothing where the test rows are few and were drawn, and to take that back."""
        test, source = dataset.splits["test"].rows, dataset.source
        drawn = isinstance(source, ExampleRows) or (isinstance(source, FileRows) and not source.test_path)
        is_few = 0 < test < FEW_HELD_OUT and drawn and dataset.settings.test_share > 0
        if dataset.all_train:
            sentence = Sentence("gui.choose_data.all_trained")
        else:
            sentence = Sentence("gui.choose_data.few_test_rows", rows=test)
        self.held_out.setText(sentence)
        self.held_out_button.setText(
            Sentence("gui.choose_data.hold_out" if dataset.all_train else "gui.choose_data.train_all")
        )
        self.held_out_button.setToolTip(Sentence("gui.choose_data.other_splits_about"))
        for widget in (self.held_out, self.held_out_button):
            widget.setVisible(is_few or dataset.all_train)

    def _request_test_share(self) -> None:
        if self._dataset is not None:
            self.test_share_requested.emit(PrepareSettings().test_share if self._dataset.all_train else 0.0)

    def _show_splits(self, dataset: PreparedDataset) -> None:
        names = counted_names(dataset)
        names = names if len(names) <= MOST_LABEL_COLUMNS else []
        columns, rows = splits_cells(dataset, names)
        self.splits_table.cells.set_cells(columns, rows, numbers=range(1, len(columns)))
        self.splits_table.fit_columns()
        self.splits_table.setFixedHeight((len(rows) + 1) * TABLE_ROW + 16)


def balance_of(dataset: PreparedDataset) -> str:
    """8,530 rows in = 8,530 used + 0 excluded."""
    excluded = sum(reason.count for reason in dataset.excluded)
    return Sentence("gui.choose_data.balance", rows=dataset.rows_in, used=dataset.rows_used, excluded=excluded)


def facts_of(dataset: PreparedDataset) -> list[tuple[str, str]]:
    """Task, labels and lengths as pairs of name and value."""
    share = dataset.cut_rows / dataset.rows_used if dataset.rows_used else 0.0
    cut = number(dataset.cut_rows) + (f" ({percent(share)})" if dataset.cut_rows else "")
    return [
        (Sentence("gui.choose_data.task"), task_facts(dataset.task).title),
        answer_fact(dataset),
        (
            Sentence("gui.choose_data.mean_length"),
            Sentence("gui.choose_data.mean_tokens", tokens=dataset.mean_tokens),
        ),
        (
            Sentence("gui.choose_data.longest"),
            Sentence("gui.choose_data.tokens_number", tokens=dataset.longest_tokens),
        ),
        (
            Sentence("gui.choose_data.maximum_length"),
            Sentence("gui.choose_data.tokens_number", tokens=dataset.max_length),
        ),
        (Sentence("gui.choose_data.rows_cut"), cut),
    ]


def answer_fact(dataset: PreparedDataset) -> tuple[str, str]:
    """How many labels there are; of scores their mean and spread over the training rows."""
    scale = dataset.target_scale
    if scale is not None:
        return Sentence("gui.choose_data.scores"), f"{number(scale.mean, '.4g')} ± {number(scale.spread, '.3g')}"
    is_tags = task_facts(dataset.task).one_label_per_word
    name = Sentence("gui.choose_data.tags" if is_tags else "gui.choose_data.labels")
    return name, number(len(dataset.label_names))


def counted_names(dataset: PreparedDataset) -> list[str]:
    """What the splits count: labels in the order of their numbers, or the types of entities."""
    counted = {name for split in dataset.splits.values() for name in split.labels}
    in_order = [name for name in dataset.label_names if name in counted]
    return in_order + sorted(counted - set(in_order))


def splits_cells(dataset: PreparedDataset, label_names: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    """Columns and rows of the table of splits: rows, share, then one column per label."""
    used = dataset.rows_used or 1
    rows = []
    for name, split in dataset.splits.items():
        counts = [number(split.labels.get(label, 0)) for label in label_names]
        share = f"{number(100 * split.rows / used, '.0f')} %"
        rows.append([split_name(name), number(split.rows), share, *counts])
    columns = (
        Sentence("gui.choose_data.split"),
        Sentence("gui.choose_data.rows"),
        Sentence("gui.choose_data.share"),
    )
    return [*columns, *label_names], rows
