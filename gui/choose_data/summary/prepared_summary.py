"""What became of the rows: used and excluded, splits, labels, lengths, and one row as the network reads it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from engine.contract.formatting import count, split_name
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

FEW_HELD_OUT = 300  # test rows, below which the interval of a score is wide
MOST_LABEL_COLUMNS = 6  # more are in the table of labels only


class PreparedSummary(QWidget):
    """Shows a `PreparedDataset`: rows, findings and splits here, the rest in tabs of their own.

    `labels`, `lengths` and `rows_view` are placed by the page; single rows are asked for through `row_requested`.
    """

    row_requested = Signal(object)  # RowPlace
    test_share_requested = Signal(float)
    row_chosen = Signal(int, str, str)  # number in its file, split or empty, the split that the file is for or empty

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
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
        self.splits_table.setAccessibleName("Rows and labels of each split")
        self.splits_table.verticalHeader().hide()
        self.splits_table.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideMiddle)  # labels often begin alike
        splits_card = Card("Splits")
        splits_card.column.addWidget(self.splits_table)
        self.held_out = PlainLabel(role="secondary", wrap=True)
        self.held_out_button = QPushButton()
        self.held_out_button.clicked.connect(self._request_test_share)
        held_out = horizontal(None, gap=SPACE)
        held_out.addWidget(self.held_out, 1)
        held_out.addWidget(self.held_out_button)
        splits_card.column.addLayout(held_out)
        self.labels = LabelTable()
        self.lengths = LengthChart()
        from gui.choose_data.rows.all_rows import AllRows  # with numpy: not before the window is on the screen

        self.rows = AllRows()

        self.findings = FindingsList()
        self.inspector = RowInspector()
        self.row_card = Card("One row as the network reads it")
        self.row_card.column.addWidget(self.inspector)

        self.rows_view = QWidget()
        vertical(self.rows_view, self.rows, self.row_card, gap=SPACE * 2)
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
            sentence = "All rows are trained on. Evaluate scores by cross-validation."
        else:
            sentence = (
                f"A score on {count(test, 'test row')} is uncertain. With none held out all rows are trained on, and "
                "cross-validation scores the way of training on all of them."
            )
        self.held_out.setText(sentence)
        self.held_out_button.setText("Hold out test rows" if dataset.all_train else "Train on all rows")
        self.held_out_button.setToolTip("Prepares the rows again with other splits.")
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
    return f"{count(dataset.rows_in, 'row')} in = {dataset.rows_used:,} used + {excluded:,} excluded"


def facts_of(dataset: PreparedDataset) -> list[tuple[str, str]]:
    """Task, labels and lengths as pairs of name and value."""
    share = 100 * dataset.cut_rows / dataset.rows_used if dataset.rows_used else 0.0
    cut = f"{dataset.cut_rows:,}" + (f" ({share:.1f} %)" if dataset.cut_rows else "")
    return [
        ("Task", task_facts(dataset.task).title),
        answer_fact(dataset),
        ("Mean length", f"{dataset.mean_tokens:,.1f} tokens"),
        ("Longest", count(dataset.longest_tokens, "token")),
        ("Maximum length", count(dataset.max_length, "token")),
        ("Rows cut", cut),
    ]


def answer_fact(dataset: PreparedDataset) -> tuple[str, str]:
    """How many labels there are; of scores their mean and spread over the training rows."""
    scale = dataset.target_scale
    if scale is not None:
        return "Scores", f"{scale.mean:.4g} ± {scale.spread:.3g}"
    return task_facts(dataset.task).label_nouns[1].capitalize(), f"{len(dataset.label_names):,}"


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
        counts = [f"{split.labels.get(label, 0):,}" for label in label_names]
        rows.append([split_name(name), f"{split.rows:,}", f"{100 * split.rows / used:.0f} %", *counts])
    return ["Split", "Rows", "Share", *label_names], rows
