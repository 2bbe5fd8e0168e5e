"""A whole file: predict each of its rows into another file, score them where it has labels, compare another model's.

The engine predicts; the card shows how far it has come, and a cancelled file leaves nothing behind.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QPushButton, QWidget

from engine.contract.diagnoses import RunReference
from engine.contract.errors import ErrorReport
from engine.contract.formatting import number
from engine.contract.queries import (
    Answer,
    AskFilePrediction,
    AskPreview,
    FilePredicted,
    FileScores,
    Preview,
)
from engine.contract.score_sentences import file_score_lines, file_sentence
from engine.contract.sentences import Sentence
from engine.contract.settings import FileRows
from engine.contract.states import TrainingRun
from engine.tasks.registry import task_facts
from engine.workspace.references import reference_to_run
from gui.components.choices import Choice, bounded
from gui.components.latest_query import LatestQuery
from gui.components.layouts import FlowRow, vertical
from gui.components.plain_label import PlainLabel
from gui.components.plain_text import on_one_line
from gui.components.progress_line import ProgressLine
from gui.components.sorted_table import SortedTable, TableRow
from gui.design.theme import HALF, INSIDE, SPACE
from gui.session import Session

MOST_ROWS = 8  # of the table of disagreements, without scrolling
NONE = ""  # no column


class FileCard(QWidget):
    """Chooses a file and its columns, and predicts it with the run that is taken."""

    finished = Signal()  # a file was written, or refused, or cancelled

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._run: TrainingRun | None = None
        self._reference: RunReference | None = None
        self._source: Path | None = None
        self._preview: Preview | None = None
        self._number: int | None = None  # of the running question
        self.choose_button = QPushButton(Sentence("gui.evaluate.choose_file"))
        self.file_name = PlainLabel(Sentence("gui.evaluate.choose_file_with_texts"), role="secondary")
        self.text, self._text_row = _column(Sentence("gui.evaluate.text"))
        self.second_text, self._second_row = _column(Sentence("gui.evaluate.second_text"))
        self.labels, self._labels_row = _column(Sentence("gui.evaluate.labels_score"))
        self.other, self._other_row = _column(Sentence("gui.evaluate.answers_another_model"))
        self._columns = QWidget()
        line = FlowRow(self._columns, gap=INSIDE, line_gap=HALF)
        for part in (self._text_row, self._second_row, self._labels_row, self._other_row):
            line.addWidget(part)
        self.predict_button = QPushButton(Sentence("gui.evaluate.predict_into_2"))
        self.predict_button.setToolTip(Sentence("gui.evaluate.predicts_every_row_writes_labels"))
        self.cancel_button = QPushButton(Sentence("gui.evaluate.cancel"))
        self.progress = ProgressLine()
        self.note = PlainLabel(role="body", wrap=True, selectable=True)
        self.table = SortedTable(_titles(), (0,), wide_column=1)
        self.table.setAccessibleName(Sentence("gui.evaluate.rows_models_disagree"))
        top = QWidget()
        top_line = FlowRow(top, gap=INSIDE, line_gap=HALF)
        for part in (self.choose_button, self.file_name):
            top_line.addWidget(part)
        buttons = QWidget()
        buttons_line = FlowRow(buttons, gap=INSIDE, line_gap=HALF)
        for part in (self.predict_button, self.cancel_button):
            buttons_line.addWidget(part)
        vertical(self, top, self._columns, buttons, self.progress, self.note, self.table, gap=SPACE)
        self._looking = LatestQuery(session, self._take_preview, self)
        self.choose_button.clicked.connect(self.choose_file)
        self.predict_button.clicked.connect(self.choose_target)
        self.cancel_button.clicked.connect(self.cancel)
        session.busy_changed.connect(self._show_what_is)
        self._show_what_is()

    # ── What the page calls ───────────────────────────────────────────────────────────────────────────────────────────

    def take_run(self, run: TrainingRun | None) -> None:
        """Another network predicts from now on."""
        self.cancel()
        same_columns = self._run is not None and run is not None and self._run.dataset == run.dataset
        self._run = run
        self._reference = reference_to_run(run) if run is not None else None
        if not same_columns:
            self._offer_columns()
        self._show_nothing()
        self._show_what_is()

    def take_file(self, path: str) -> None:
        """Looks into this file: its columns are offered."""
        self._source, self._preview = Path(path), None
        self.file_name.setText(on_one_line(self._source.name))
        self.file_name.setToolTip(path)
        self._show_nothing()
        self.note.setText(Sentence("gui.evaluate.reading_file"))
        self._looking.ask(AskPreview(FileRows(path)))
        self._show_what_is()

    def predict_into(self, path: str) -> None:
        """Predicts all rows into this file."""
        if self._source is None or self._reference is None or self._number is not None or self._session.busy:
            return
        self._show_nothing()
        self.progress.reset(Sentence("gui.evaluate.predicting"))
        question = AskFilePrediction(
            self._reference,
            str(self._source),
            path,
            text=self.text.currentData() or NONE,
            second_text=(self.second_text.currentData() or NONE) if self._reads_pairs() else NONE,
            labels=self.labels.currentData() or NONE,
            other=self.other.currentData() or NONE,
        )
        self._number = self._session.ask(question, self._take_result, self.progress.show_event)
        self._show_what_is()

    def cancel(self) -> None:
        """Stops the file that is predicted; nothing of it is left."""
        if self._number is not None:
            self._session.forget(self._number)
            self._number = None
            self.note.setText(Sentence("gui.evaluate.cancelled_no_file_written"))
            self._show_what_is()
            self.finished.emit()

    # ── Files ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def choose_file(self) -> None:
        """Opens the dialog for the file with texts."""
        folder = self._session.preferences.now.last_folder
        chosen, _ = QFileDialog.getOpenFileName(self, Sentence("gui.evaluate.choose_file_texts"), folder)
        if chosen:
            self.take_file(chosen)

    def choose_target(self) -> None:
        """Opens the dialog for the result; its ending is the format."""
        if self._source is None:
            return
        proposed = self._source.with_name(Sentence("gui.evaluate.file_predicted", stem=self._source.stem))
        filters = _result_filters()
        chosen, kind = QFileDialog.getSaveFileName(
            self, Sentence("gui.evaluate.predict_into"), str(proposed), ";;".join(filters), next(iter(filters))
        )
        if chosen:
            has_ending = Path(chosen).suffix.lower() in filters.values()
            self.predict_into(chosen if has_ending else chosen + filters.get(kind, ".csv"))

    # ── What came of it ───────────────────────────────────────────────────────────────────────────────────────────────

    def _take_preview(self, answer: Answer | ErrorReport) -> None:
        if isinstance(answer, Preview):
            self._preview = answer
            self.note.setText("")
        elif isinstance(answer, ErrorReport):
            self.note.setText(f"{answer.message} {answer.hint}".strip())
        self._offer_columns()
        self._show_what_is()

    def _take_result(self, answer: Answer | ErrorReport) -> None:
        self._number = None
        if isinstance(answer, FilePredicted):
            written = Sentence("gui.evaluate.written_into", rows=file_sentence(answer), file=Path(answer.path).name)
            lines: list[str] = [written]
            if answer.scores is not None:
                lines += file_score_lines(answer.scores)
                self._list(answer.scores)
            self.note.setText("\n".join(lines))
        elif isinstance(answer, ErrorReport):
            self.note.setText(f"{answer.message} {answer.hint}".strip())
        self._show_what_is()
        self.finished.emit()

    def _list(self, scores: FileScores) -> None:
        rows = [
            TableRow(
                (
                    number(one.row),
                    one.text,
                    one.truth or "–",
                    one.predicted,
                    one.other or Sentence("gui.evaluate.no_label_of_task"),
                ),
                (one.row, one.text, one.truth, one.predicted, one.other),
            )
            for one in scores.disagreements
        ]
        self.table.show_rows(rows)
        self.table.measure(rows)
        self.table.show_height_for(min(MOST_ROWS, len(rows)))
        self.table.setVisible(bool(rows))

    def _show_nothing(self) -> None:
        self.note.setText("")
        self.table.hide()

    def _offer_columns(self) -> None:
        names = [column.name for column in self._preview.columns] if self._preview is not None else []
        roles = self._run.dataset.settings.roles if self._run is not None else None
        usual = self._preview.roles if self._preview is not None else None
        for choice, wanted in (
            (self.text, (roles.text if roles else "", "text", usual.text if usual else "")),
            (self.second_text, (roles.second_text if roles else "", "second_text", usual.second_text if usual else "")),
            (self.labels, (roles.label or roles.labels or roles.score if roles else "",)),
            (self.other, ()),
        ):
            optional = choice in (self.labels, self.other)
            choice.clear()
            if optional:
                choice.addItem(Sentence("gui.evaluate.no_column"), NONE)
            for name in names:
                choice.addItem(on_one_line(name, 40), name)
            found = next((name for name in wanted if name in names), None)
            choice.setCurrentIndex(choice.findData(found) if found else 0)

    def _reads_pairs(self) -> bool:
        return self._run is not None and bool(self._run.dataset.settings.roles.second_text)

    def _show_what_is(self) -> None:
        running = self._number is not None
        known = self._preview is not None
        of_words = self._run is not None and task_facts(self._run.dataset.task).one_label_per_word
        self._columns.setVisible(known)
        self._second_row.setVisible(self._reads_pairs())
        self._labels_row.setVisible(not of_words)
        self._other_row.setVisible(not of_words)
        self.progress.setVisible(running)
        self.cancel_button.setVisible(running)
        self.predict_button.setVisible(known)
        self.predict_button.setEnabled(known and not running and not self._session.busy and self._run is not None)
        self.predict_button.setToolTip(
            Sentence("gui.evaluate.another_step_running")
            if self._session.busy
            else Sentence("gui.evaluate.predicts_every_row_writes_labels")
        )
        self.choose_button.setEnabled(not running and self._run is not None)
        for choice in (self.text, self.second_text, self.labels, self.other):
            choice.setEnabled(not running)


def _column(title: str) -> tuple[Choice, QWidget]:
    choice = Choice()
    choice.setAccessibleName(title)
    bounded(choice, 14)
    label = PlainLabel(title, role="secondary")
    label.setBuddy(choice)
    row = QWidget()
    vertical(row, label, choice, gap=HALF)
    return choice, row


def _titles() -> tuple[str, ...]:
    return (
        Sentence("gui.evaluate.row"),
        Sentence("gui.evaluate.text"),
        Sentence("gui.evaluate.label"),
        Sentence("gui.evaluate.this_model"),
        Sentence("gui.evaluate.other_model"),
    )


def _result_filters() -> dict[str, str]:
    """What the dialog offers to write, with the ending of each."""
    return {
        Sentence("gui.evaluate.result_csv"): ".csv",
        Sentence("gui.evaluate.result_excel"): ".xlsx",
        Sentence("gui.evaluate.result_json_lines"): ".jsonl",
        Sentence("gui.evaluate.result_parquet"): ".parquet",
    }
