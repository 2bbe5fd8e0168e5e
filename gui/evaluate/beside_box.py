"""What another run, or a linear model on the untouched encoder, predicts for the text that is tried; kept sentences."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from engine.contract.diagnoses import AskLinearPrediction, RunReference
from engine.contract.errors import EngineError, ErrorReport
from engine.contract.formatting import number, percent
from engine.contract.queries import Answer, AskPrediction, Prediction, Question
from engine.contract.sentences import Sentence
from engine.contract.states import TrainingRun
from engine.tasks.registry import task_facts
from engine.workspace.kept_sentences import KeptSentence, read_sentences, write_sentences
from engine.workspace.references import reference_to_run
from engine.workspace.run_index import list_rows
from engine.workspace.runs import read_run
from gui.components.background import BackgroundTask, Job, run_in_thread
from gui.components.choices import Choice
from gui.components.latest_query import LatestQuery
from gui.components.layouts import FlowRow, vertical
from gui.components.plain_label import PlainLabel, set_tooltip
from gui.components.plain_text import on_one_line
from gui.design.theme import HALF, SPACE
from gui.session import Session

NOTHING, LINEAR = "", "linear"  # besides these, the id of a run
MOST_RUNS = 30
MOST_SHOWN = 3  # labels


class BesideBox(QWidget):
    """A choice of what to compare with, its answer on one line, and the kept sentences."""

    sentence_chosen = Signal(str, str)  # a kept text, and the second one of a pair

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._run: TrainingRun | None = None
        self._own: RunReference | None = None
        self._other: RunReference | None = None  # to the run that is compared with
        self._text = KeptSentence("")
        self._kept: tuple[KeptSentence, ...] = ()
        self._reading: BackgroundTask | None = None
        self.choice = Choice()
        self.choice.setAccessibleName(Sentence("gui.evaluate.compare_2"))
        self.choice.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToContents)  # it is filled later
        self.choice.setMaximumWidth(260)
        self._show_tooltip()
        self.answer = PlainLabel(role="body", wrap=True, selectable=True)
        self.sentences = Choice()
        self.sentences.setAccessibleName(Sentence("gui.evaluate.kept_sentences_2"))
        self.sentences.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToContents)
        self.sentences.setMaximumWidth(220)
        self.keep = QPushButton(Sentence("gui.evaluate.keep"))
        set_tooltip(self.keep, Sentence("gui.evaluate.keeps_text_try_every_run"))
        self.drop = QPushButton(Sentence("gui.evaluate.drop"))
        set_tooltip(self.drop, Sentence("gui.evaluate.removes_text_kept_ones"))
        row = QWidget()
        line = FlowRow(row, gap=SPACE, line_gap=HALF)
        for part in (self.choice, self.sentences, self.keep, self.drop):
            line.addWidget(part)
        vertical(self, row, self.answer, gap=HALF)
        self._query = LatestQuery(session, self._take, self)
        self.choice.activated.connect(self._chosen)
        self.sentences.activated.connect(self._sentence_chosen)
        self.keep.clicked.connect(self._keep)
        self.drop.clicked.connect(self._drop)
        session.runs_changed.connect(self._list_runs)
        self.answer.hide()

    def take_run(self, run: TrainingRun | None, reference: RunReference | None) -> None:
        """Compares with this run from now on, and offers what can be compared."""
        self._run, self._own, self._other = run, reference, None
        self._query.withdraw()
        self.answer.hide()
        self._read()
        self._list_runs()

    def ask(self, text: str, second_text: str = "") -> None:
        """The text that is tried now."""
        self._text = KeptSentence(text, second_text)
        self._allow()
        question = self._question()
        if question is None or not text.strip():
            self._query.withdraw()
            self.answer.hide()
            return
        self._query.ask(question)

    # ── What is compared with ─────────────────────────────────────────────────────────────────────────────────────────

    def _question(self) -> Question | None:
        text = self._text
        if self._own is None or self.choice.currentData() in (NOTHING, None):
            return None
        if self.choice.currentData() == LINEAR:
            return AskLinearPrediction(self._own, text.text, text.second_text)
        if self._other is None:
            return None
        return AskPrediction(self._other, text.text, text.second_text, beside=True)

    def _list_runs(self) -> None:
        """Offers the other trained runs of this task, read in the background."""
        run, workspace = self._run, self._session.workspace
        chosen = self.choice.currentData()
        if run is None:
            self.choice.clear()
            return

        def read(_job: Job) -> list[tuple[str, str]]:
            rows = list_rows(workspace).rows
            return [(row.id, row.name) for row in rows if row.id != run.id and row.summary.reached][:MOST_RUNS]

        self._reading = run_in_thread(self, read, name="list runs to compare", on_result=partial(self._offer, chosen))

    def _offer(self, chosen: str | None, runs: list[tuple[str, str]]) -> None:
        if self._run is None:
            return
        self.choice.clear()
        self.choice.addItem(Sentence("gui.evaluate.compare"), NOTHING)
        if not task_facts(self._run.dataset.task).one_label_per_word:
            self.choice.addItem(Sentence("gui.evaluate.linear_model_untouched_encoder"), LINEAR)
        for identity, name in runs:
            self.choice.addItem(on_one_line(name, 60), identity)
        self.choice.setCurrentIndex(max(0, self.choice.findData(chosen)))
        self._show_tooltip()

    def _show_tooltip(self) -> None:
        """A long name is cut in the choice, and whole here."""
        what = Sentence("gui.evaluate.shows_what_another_model_says")
        set_tooltip(self.choice, f"{self.choice.currentText()}\n{what}".strip())

    def _chosen(self) -> None:
        self._other = None
        self._show_tooltip()
        chosen = self.choice.currentData()
        if chosen in (NOTHING, LINEAR, None):
            self.ask(self._text.text, self._text.second_text)
            if chosen == LINEAR and self._text.text.strip():
                self._show_sentence(Sentence("gui.evaluate.first_answer_reads_all"))
            return
        workspace = self._session.workspace

        def read(_job: Job) -> tuple[str, RunReference] | None:
            run = read_run(workspace, chosen).run
            return (run.dataset.task, reference_to_run(run)) if run is not None else None

        self._reading = run_in_thread(
            self,
            read,
            name="read run to compare",
            on_result=self._take_other,
            on_failure=lambda error: self._show_sentence(str(error)),
            expected=(EngineError,),
        )

    def _take_other(self, other: tuple[str, RunReference] | None) -> None:
        if self._run is None or other is None:
            return
        task, self._other = other
        if task != self._run.dataset.task:
            self._other = None
            self._show_sentence(Sentence("gui.evaluate.run_trained_another_task"))
            return
        self.ask(self._text.text, self._text.second_text)

    def _take(self, answer: Answer | ErrorReport) -> None:
        if isinstance(answer, Prediction):
            self._show_sentence(f"{self._name()}: {prediction_text(answer)}")
        elif isinstance(answer, ErrorReport):
            self._show_sentence(f"{answer.message} {answer.hint}".strip())

    def _name(self) -> str:
        return on_one_line(self.choice.currentText(), 60)

    def _show_sentence(self, sentence: str) -> None:
        self.answer.setText(sentence)
        self.answer.show()

    # ── Kept sentences ────────────────────────────────────────────────────────────────────────────────────────────────

    def _show_sentences(self) -> None:
        self.sentences.clear()
        self.sentences.addItem(Sentence("gui.evaluate.kept_sentences"), None)
        for one in self._kept:
            self.sentences.addItem(on_one_line(" / ".join(filter(None, (one.text, one.second_text))), 80), one)
        self.sentences.setVisible(bool(self._kept))
        self._allow()

    def _sentence_chosen(self) -> None:
        chosen = self.sentences.currentData()
        if isinstance(chosen, KeptSentence):
            self.sentence_chosen.emit(chosen.text, chosen.second_text)

    def _keep(self) -> None:
        self._write((self._text, *(one for one in self._kept if one != self._text)))

    def _drop(self) -> None:
        self._write(tuple(one for one in self._kept if one != self._text))

    def _write(self, sentences: tuple[KeptSentence, ...]) -> None:
        try:
            write_sentences(self._session.workspace, sentences)
        except EngineError as error:
            self._show_sentence(f"{error.message} {error.hint}".strip())
            return
        self._read()

    def _read(self) -> None:
        try:
            self._kept = read_sentences(self._session.workspace)
        except EngineError as error:
            self._kept = ()
            self._show_sentence(f"{error.message} {error.hint}".strip())
        self._show_sentences()

    def _allow(self) -> None:
        is_kept = self._text in self._kept
        self.keep.setEnabled(bool(self._text.text.strip()) and not is_kept)
        self.drop.setVisible(is_kept)


def prediction_text(prediction: Prediction) -> str:
    """A prediction on one line."""
    if prediction.value is not None:
        return number(prediction.value, ".4g")
    if prediction.labels:
        best = prediction.labels[:MOST_SHOWN]
        return " · ".join(f"{on_one_line(one.label, 60)} {percent(one.probability)}" for one in best)
    found = (f"{one.label}: {on_one_line(prediction.text[one.start : one.end], 40)}" for one in prediction.entities)
    return "; ".join(found) or Sentence("gui.evaluate.no_entity")
