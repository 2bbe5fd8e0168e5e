"""Evaluate: how good the run is on rows it has not seen, where it is wrong, and what it predicts for any sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import msgspec
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QScrollArea, QTabBar

from engine.contract.defaults import CROSS_VALIDATION_FOLDS, FEW_HELD_OUT, first_scored_rows
from engine.contract.diagnoses import RunReference
from engine.contract.errors import ErrorReport
from engine.contract.events import Event, StageSucceeded, is_outcome
from engine.contract.messages import Evaluate, FineTune
from engine.contract.queries import Answer, AskPrediction, AskRow, Prediction, TokenizedText
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.score_sentences import headline_text, rows_text, score_on_split, shows_no_gain
from engine.contract.sentences import Sentence
from engine.contract.settings import EvaluateSettings, Recipe, ScoredRowsName, SplitName
from engine.contract.states import EvaluationReport, State, TrainingRun, find
from engine.script.assemble import code_so_far
from engine.tasks.registry import task_facts
from engine.workspace.references import reference_to_dataset, reference_to_run
from gui.components.card import Card
from gui.components.choices import Choice
from gui.components.latest_query import LatestQuery
from gui.components.layouts import STRETCH, SideBySide, horizontal, vertical
from gui.components.plain_label import PlainLabel
from gui.components.progress_line import ProgressLine
from gui.design.theme import INSIDE, SPACE
from gui.evaluate.beside_box import BesideBox
from gui.evaluate.cell_rows import no_entity
from gui.evaluate.class_table import ClassTable
from gui.evaluate.confusion_matrix import Cell
from gui.evaluate.confusion_view import ConfusionView
from gui.evaluate.explanation import why_evaluation
from gui.evaluate.explanation_view import ExplanationView
from gui.evaluate.file_card import FileCard
from gui.evaluate.scatter_plot import ScatterPlot
from gui.evaluate.score_summary import ScoreSummary, method_name
from gui.evaluate.try_it_box import TryItBox
from gui.page import NO_ERROR, DataAction, ExportAction, ModelAction, Page, TrainingAction, WindowAction

SPLITS: tuple[SplitName, ...] = ("test", "validation")  # held out, the default first
TOP_NEEDS = (280, 280)  # pixels of the score and of the try-it box
ROWS_IN_SIGHT = 4  # rows that are to be seen below a chosen cell of the matrix
MATRIX_SHARE = 0.36  # of the height in sight; the rest is for the rows of a cell
CARD_EDGES = 34  # pixels that a card takes from the width of its content


class EvaluatePage(Page):
    """Step 4."""

    title = "Evaluate"
    needs = TrainingRun
    makes = EvaluationReport

    @classmethod
    def import_parts(cls) -> None:
        import gui.evaluate.curves_view
        import gui.evaluate.diagnosis_cards
        import gui.evaluate.evaluated_rows_table
        import gui.evaluate.repair_bar  # noqa: F401

    def _build(self) -> Iterator[None]:
        session = self.session
        self._run: TrainingRun | None = None
        self._reference: RunReference | None = None  # to it, for predictions
        self._report: EvaluationReport | None = None
        self._wanted: EvaluateSettings | None = None  # of a recipe, for the first evaluation
        self._labels: tuple[str, ...] = ()  # of the matrix, as the wrong rows name them
        self.split_choice = Choice()
        self.split_choice.setAccessibleName(Sentence("gui.evaluate.rows_score"))
        self.split_choice.setToolTip(Sentence("gui.evaluate.held_out_rows_scored_training"))
        self._split_label = PlainLabel(Sentence("gui.evaluate.rows_score"))
        self._split_label.setBuddy(self.split_choice)
        self._device = PlainLabel(role="secondary", elide=True)
        self.progress = ProgressLine()
        self.progress.hide()

        # First what holds others: with every new parent all widgets inside are styled again.
        chooser = horizontal(None, self._split_label, self.split_choice, gap=INSIDE)
        chooser.addWidget(self._device, 1)
        column = vertical(self, chooser, self.progress, gap=2 * SPACE)

        self.plan = PlainLabel(role="quiet", wrap=True)
        self.summary = ScoreSummary()
        self.score_card = Card(Sentence("gui.evaluate.score"))
        self.score_card.column.addWidget(self.plan)
        self.score_card.column.addWidget(self.summary)
        self.score_card.column.addStretch(1)
        self.box = TryItBox()
        try_card = Card(Sentence("gui.evaluate.try"))
        try_card.heading.setBuddy(self.box.edit)
        try_card.column.addWidget(self.box)
        self.beside = BesideBox(session)
        try_card.column.addWidget(self.beside)
        self.why_typed = ExplanationView(session)
        try_card.column.addWidget(self.why_typed)
        try_card.column.addStretch(1)
        self._top = SideBySide(self.score_card, try_card, TOP_NEEDS)
        column.addWidget(self._top)
        column.addWidget(self.summary.notes)  # across the page: beside each other the cards would be long and empty
        self.summary.notes.hide()
        yield

        self.confusion = ConfusionView()
        self._confusion_card = Card(Sentence("gui.evaluate.confusion_matrix"))
        self._confusion_card.column.addWidget(self.confusion)
        self.classes = ClassTable()
        self._classes_card = Card(Sentence("gui.evaluate.classes"))
        self._classes_card.column.addWidget(self.classes)
        self._detail = SideBySide(self._confusion_card, self._classes_card, TOP_NEEDS)
        self.detail_tabs = QTabBar()  # where there is no room beside each other: either is next to the rows
        self.detail_tabs.setDrawBase(False)
        self.detail_tabs.setExpanding(False)
        self.detail_tabs.setAccessibleName(Sentence("gui.evaluate.confusion_matrix_classes"))
        self.detail_tabs.addTab(Sentence("gui.evaluate.confusion_matrix"))
        self.detail_tabs.addTab(Sentence("gui.evaluate.classes"))
        self.scatter = ScatterPlot()
        self._scatter_card = Card(Sentence("gui.evaluate.truth_prediction"))
        self._scatter_card.column.addWidget(self.scatter)
        for part in (self.detail_tabs, self._detail, self._scatter_card):
            column.addWidget(part)
        yield
        # With numpy: not before the window is on the screen.
        from gui.evaluate.curves_view import CurvesView
        from gui.evaluate.diagnosis_cards import DiagnosisCards
        from gui.evaluate.evaluated_rows_table import EvaluatedRowsTable
        from gui.evaluate.repair_bar import RepairBar

        self._rows_card = Card(Sentence("gui.evaluate.rows"))
        column.addWidget(self._rows_card)
        self.evaluated_rows = EvaluatedRowsTable()
        self._rows_card.column.addWidget(self.evaluated_rows)
        self.repair = RepairBar(session, self.evaluated_rows.table)
        self._rows_card.column.addWidget(self.repair)
        self.why_row = ExplanationView(session)
        self._rows_card.column.addWidget(self.why_row)
        yield
        self._curves_card = Card(Sentence("gui.evaluate.curves_answers"))
        column.addWidget(self._curves_card)
        self.curves = CurvesView()
        self._curves_card.column.addWidget(self.curves)
        yield
        self.diagnosis = DiagnosisCards(session)
        column.addWidget(self.diagnosis)
        yield
        self._file_card = Card(Sentence("gui.evaluate.whole_file"))
        column.addWidget(self._file_card)
        self.file = FileCard(session)
        self._file_card.column.addWidget(self.file)
        column.addStretch(STRETCH)
        yield

        self._answer = LatestQuery(session, self._take_answer, self)
        self._answer.waiting_changed.connect(self._waiting_changed)
        self._row = LatestQuery(session, self._take_row, self)
        self.split_choice.activated.connect(self._show_what_is)
        self._detail.arranged.connect(self._show_detail)
        self.detail_tabs.currentChanged.connect(self._show_detail)
        self.confusion.chosen.connect(self._cell_chosen)
        self.classes.chosen.connect(self._class_chosen)
        self.evaluated_rows.cell_left.connect(lambda: self.confusion.matrix.choose(None))
        self.evaluated_rows.cell_left.connect(self.classes.table.clearSelection)
        self.evaluated_rows.rows_selected.connect(self.repair.show_rows)
        self.evaluated_rows.opened.connect(self._show_edits)
        self.repair.changed.connect(self._show_edits)
        self.curves.chosen.connect(self._choose_answers)
        self.repair.changed.connect(self.diagnosis.reload_edits)
        self.diagnosis.edited.connect(self._reload_edits)
        self.diagnosis.group_chosen.connect(self._group_chosen)
        self.evaluated_rows.cell_left.connect(self.diagnosis.leave_groups)
        for bar in (self.repair, self.diagnosis.label_errors.repair):
            bar.train_requested.connect(self._train_again)
        self.evaluated_rows.try_requested.connect(self._try_row)
        self.evaluated_rows.tokens_requested.connect(self._ask_row)
        self.evaluated_rows.text_selected.connect(self._offer_row)
        self.box.requested.connect(self._predict)
        self.box.cleared.connect(self._offer_typed)
        self.beside.sentence_chosen.connect(self.box.try_text)
        self.box.cleared.connect(self._answer.withdraw)
        self.summary.action_taken.connect(lambda action: self.action_passed_on.emit(action, NO_ERROR))
        session.busy_changed.connect(self._show_what_is)
        self._show_what_is()

    # ── What the frame asks ───────────────────────────────────────────────────────────────────────────────────────────

    @classmethod
    def caption(cls) -> str:
        return Sentence("gui.page.evaluate")

    @classmethod
    def closed_reason(cls) -> str:
        return Sentence("gui.page.evaluate_closed")

    def sentence(self) -> str:
        if self._run is None:
            return Sentence("gui.evaluate.how_good_model_rows_has")
        model, dataset = self._run.dataset.model.name, self._run.dataset.name
        if self._report is None:
            return Sentence("gui.evaluate.run_not_evaluated", model=model, dataset=dataset)
        score, rows = headline_text(self._report), rows_text(self._report)
        return Sentence("gui.evaluate.run_evaluated", model=model, dataset=dataset, score=score, rows=rows)

    def chosen(self) -> str:
        if self._report is None:
            return ""
        key, split = self._report.headline, self._report.settings.split
        return score_on_split(key, self._report.scores.get(key), split, self._report.intervals.get(key))

    def is_doubtful(self) -> bool:
        return self._report is not None and shows_no_gain(self._report)

    def why(self) -> str:
        return why_evaluation(self._run, self._report)

    def code(self) -> str:
        return code_so_far(self._report or self._run)

    def primary_text(self) -> str:
        return self.caption() if self._report is None else Sentence("gui.evaluate.evaluate_again")

    def primary_enabled(self) -> bool:
        return not self.primary_reason()

    def primary_reason(self) -> str:
        if self._run is None:
            return self.closed_reason()
        if self.session.busy:
            return (
                Sentence("gui.evaluate.rows_being_scored")
                if self._evaluating()
                else Sentence("gui.evaluate.another_step_running")
            )
        if self.split_choice.count() == 0:
            return Sentence("gui.evaluate.no_rows_held_out_prepare")
        return ""

    # ── What the frame reports ────────────────────────────────────────────────────────────────────────────────────────

    def take_primary_action(self) -> None:
        if self._run is not None and not self.primary_reason():
            chosen = self._wanted or EvaluateSettings()
            self._evaluate(msgspec.structs.replace(chosen, split=self._split(), device=self._run.settings.device))

    def show_state(self, state: State | None) -> None:
        run, report = find(state, TrainingRun), find(state, EvaluationReport)
        if run != self._run:
            self._take_run(run)
        if report != self._report:
            self._report = report
            if report is not None:
                self._show_report(report)
        self._show_what_is()

    def show_recipe(self, recipe: Recipe) -> None:
        self._wanted = recipe.evaluate

    def show_event(self, event: Event) -> None:
        self.progress.show_event(event)
        if isinstance(event, StageSucceeded):
            self._wanted = None  # from here on answers are those that are chosen on the page
            self.done.emit()
        if is_outcome(event):
            self._show_what_is()

    def solve(self, action: RecoveryAction, error: ErrorReport) -> None:
        match action:
            case RecoveryAction.TRY_AGAIN:
                self.take_primary_action()
            case RecoveryAction.USE_CPU:
                self._evaluate(EvaluateSettings(split=self._split(), device="cpu"))
            case _:
                foreign: ModelAction | DataAction | TrainingAction | ExportAction | WindowAction = action
                self.action_passed_on.emit(foreign, error)

    def try_sentence(self, text: str) -> None:
        """Puts a text into the try-it box and asks."""
        self.box.try_text(text)

    # ── Evaluating ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _evaluate(self, settings: EvaluateSettings) -> None:
        if self._run is not None and self.session.run_stage(Evaluate(self._run, settings)):
            self.error_solved.emit()
            self.progress.reset(Sentence("gui.evaluate.evaluating"))
            self._show_what_is()

    def _choose_answers(self, chosen: EvaluateSettings) -> None:
        """Evaluates again with other answers; the network is not asked again."""
        if self._report is not None and self._run is not None:
            split, device = self._report.settings.split, self._run.settings.device
            self._evaluate(msgspec.structs.replace(chosen, split=split, device=device))

    def _evaluating(self) -> bool:
        return isinstance(self.session.stage_job, Evaluate)

    def _split(self) -> ScoredRowsName:
        chosen: ScoredRowsName | None = self.split_choice.currentData()
        return chosen or "test"

    def _take_run(self, run: TrainingRun | None) -> None:
        """Another run: its held-out rows can be scored, and its network answers."""
        before = self._run
        # Of another run that was not the first choice was the user's: it is kept.
        own = self._split() if before is not None and self._split() != first_scored_rows(before) else None
        self._run, self._reference = run, reference_to_run(run) if run is not None else None
        self.file.take_run(run)
        self._answer.withdraw()
        self.split_choice.clear()
        self.beside.take_run(run, self._reference)
        if run is None:
            return
        for name in SPLITS:
            split = run.dataset.splits.get(name)
            if split is not None and split.rows:
                self.split_choice.addItem(Sentence("gui.evaluate.split_rows", split=name, rows=split.rows), name)
        rows = run.dataset.splits["train"].rows
        if rows > 1:
            self.split_choice.addItem(Sentence("gui.evaluate.cross_validation_rows", rows=rows), "cross_validation")
        first = self._wanted.split if self._wanted is not None else own or first_scored_rows(run)
        self.split_choice.setCurrentIndex(max(0, self.split_choice.findData(first)))
        self._device.setText(Sentence("gui.evaluate.on_device", device=run.device))
        self.box.take_run(
            _entity_types(run), run.dataset.model.max_length, pairs=bool(run.dataset.settings.roles.second_text)
        )

    # ── Showing ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _show_what_is(self) -> None:
        evaluating = self._evaluating()
        self.progress.setVisible(evaluating)
        self.split_choice.setEnabled(not evaluating and self.split_choice.count() > 0)
        measured = self._report is not None
        self.plan.setText(self._plan_sentence())
        self.plan.setVisible(not measured)
        self.summary.setVisible(measured)
        self.summary.notes.setVisible(measured and bool(self.summary.notes.text()))
        self._show_detail()
        self._scatter_card.setVisible(self._report is not None and bool(self._report.scatter))
        self._rows_card.setVisible(measured)
        self._file_card.setVisible(self._run is not None)
        self._curves_card.setVisible(self._report is not None and has_curves(self._report))
        self.curves.set_busy(self.session.busy)
        self.diagnosis.setVisible(measured)
        self.footer_changed.emit()

    def _show_detail(self) -> None:
        """The matrix and the table of classes, beside each other or in tabs."""
        classes = self._report.classes if self._report is not None else ()
        in_tabs = self._detail.is_stacked() and bool(self._labels and classes)
        shown = self.detail_tabs.currentIndex() if in_tabs else None
        self.detail_tabs.setVisible(in_tabs)
        for card in (self._confusion_card, self._classes_card):
            card.heading.setVisible(not in_tabs)  # shown on the tab
        self._confusion_card.setVisible(bool(self._labels) and shown != 1)
        self._classes_card.setVisible(bool(classes) and shown != 0)
        self._detail.setVisible(self._report is not None and bool(self._labels or classes))

    def _show_report(self, report: EvaluationReport) -> None:
        facts = task_facts(report.run.dataset.task)
        outside = facts.uncounted
        entities = bool(outside) and outside in report.run.dataset.label_names
        self.summary.show_report(report)
        self._labels = tuple(
            no_entity() if entities and label == outside else label for label in report.confusion_labels
        )
        self.confusion.show_counts(self._labels, report.confusion, unit="word" if facts.one_label_per_word else "row")
        self.scatter.show_points(report.scatter)
        self.classes.show_classes(report.classes, entities=entities)
        self._classes_card.heading.setText(Sentence("gui.evaluate.entity_types") if entities else facts.class_title)
        self.detail_tabs.setTabText(1, self._classes_card.heading.text())
        self._detail.need(
            self.confusion.comfortable_width() + CARD_EDGES, self.classes.table.needed_width() + CARD_EDGES
        )
        if has_curves(report):
            self.curves.show_report(report)
        self.evaluated_rows.show_report(report)
        self.repair.show_report(report)
        self.diagnosis.show_report(report, reference_to_run(report.run))
        self._show_edits()
        self.split_choice.setCurrentIndex(max(0, self.split_choice.findData(report.settings.split)))

    def _plan_sentence(self) -> str:
        if self._run is None or self.split_choice.count() == 0:
            return self.primary_reason()
        dataset, split = self._run.dataset, self._split()
        rows = dataset.splits[EvaluateSettings(split=split).prepared_split].rows
        methods = _and([method_name(key, dataset) for key in task_facts(dataset.task).baselines])
        metric = self._run.metric
        if split == "cross_validation":
            seconds = CROSS_VALIDATION_FOLDS * self._run.seconds
            plan: tuple[Sentence, ...] = (
                Sentence("gui.evaluate.plan_folds", rows=rows, folds=CROSS_VALIDATION_FOLDS, seconds=seconds),
                Sentence("gui.evaluate.plan_folds_score", metric=metric, methods=methods),
                Sentence("gui.evaluate.plan_folds_network"),
                *self._plan_of_few_test_rows(),
            )
        else:
            scored = (
                Sentence("gui.evaluate.test_rows", rows=rows)
                if split == "test"
                else Sentence("gui.evaluate.validation_rows", rows=rows)
            )
            plan = (Sentence("gui.evaluate.plan_split", rows=scored, metric=metric, methods=methods),)
        return f"{' '.join(plan)}\n\n{Sentence('gui.evaluate.try_right_away')}"

    def _plan_of_few_test_rows(self) -> Iterator[Sentence]:
        """What the test rows would show instead, where they are few; a share of 80 % is shown as that score."""
        rows = self._run.dataset.splits["test"].rows if self._run is not None else 0
        if 0 < rows < FEW_HELD_OUT:
            half = 1.96 * (0.8 * 0.2 / rows) ** 0.5
            yield Sentence("gui.evaluate.plan_few_test_rows", rows=rows, half=half)

    def _cell_chosen(self, cell: Cell | None) -> None:
        if cell is None:
            self.evaluated_rows.leave_cell()
            return
        self.classes.table.clearSelection()
        self.diagnosis.leave_groups()
        truth, predicted = self._labels[cell[0]], self._labels[cell[1]]
        number = self._report.confusion[cell[0]][cell[1]] if self._report is not None else 0
        self.evaluated_rows.filter_cell(truth, predicted, self.confusion.cell_sentence(cell), number)
        QTimer.singleShot(0, self, partial(self._bring_rows_into_sight, cell))

    def _group_chosen(self, positions: tuple[int, ...], sentence: str) -> None:
        """Shows the rows of a weak group, which are above it on the page."""
        if not positions:
            self.evaluated_rows.leave_group()
            return
        self.confusion.matrix.choose(None)
        self.classes.table.clearSelection()
        self.evaluated_rows.filter_group(positions, sentence)
        above = self._scroll_area()
        if above is not None:
            above.ensureWidgetVisible(self.evaluated_rows.note)

    def _bring_rows_into_sight(self, cell: Cell) -> None:
        """Scrolls down to the cell's first rows, as far as the cell itself stays in sight."""
        above = self._scroll_area()
        content = above.widget() if above is not None else None
        if above is None or content is None:
            return
        matrix = self.confusion.matrix.viewport()
        cell_top = matrix.mapTo(content, self.confusion.matrix.cell_area(cell).topLeft()).y()
        rows = self.evaluated_rows.table.viewport()
        rows_top = rows.mapTo(content, rows.rect().topLeft()).y()
        rows_end = rows_top + min(ROWS_IN_SIGHT * self.evaluated_rows.table.row_height(), rows.height()) + SPACE
        bar = above.verticalScrollBar()
        bar.setValue(max(bar.value(), min(rows_end - above.viewport().height(), cell_top - SPACE)))

    def _scroll_area(self) -> QScrollArea | None:
        above = self.parentWidget()
        while above is not None and not isinstance(above, QScrollArea):
            above = above.parentWidget()
        return above

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._fit_matrix()
        return super().eventFilter(watched, event)

    def _fit_matrix(self) -> None:
        """A low window has a low matrix, so that a cell and its rows are seen together."""
        area = self._scroll_area()
        if area is not None:
            self.confusion.matrix.limit_height(round(MATRIX_SHARE * area.viewport().height()))

    def _class_chosen(self, label: str) -> None:
        """Shows the rows of a class, or without one those of every class again."""
        if label:
            self.confusion.matrix.choose(None)
            self.diagnosis.leave_groups()
            self.evaluated_rows.filter_label(label)
        else:
            self.evaluated_rows.leave_label()

    # ── From a row to its repair ──────────────────────────────────────────────────────────────────────────────────────

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        area = self._scroll_area()
        if area is not None:
            area.viewport().installEventFilter(self)  # the same one again counts once
        self._fit_matrix()
        self._reload_edits()  # Choose data may have edited rows meanwhile
        self.diagnosis.reload_edits()

    def _reload_edits(self) -> None:
        self.repair.load()
        self._show_edits()

    def _show_edits(self) -> None:
        def edit_text(position: int) -> str:
            cells = self.evaluated_rows.cells_at(position)
            return self.repair.edit_text(cells) if cells is not None else ""

        self.evaluated_rows.table.show_edits(edit_text, any_edit=bool(self.repair.edits.changes))

    def _train_again(self, job: FineTune) -> None:
        """Starts the child run, on the page that watches it."""
        if not self.session.busy:
            self.step_requested.emit("Fine-tune")
            self.session.run_stage(job)

    # ── One row ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _ask_row(self, number: int) -> None:
        if self._report is not None:
            self._row.ask(
                AskRow(reference_to_dataset(self._report.run.dataset), self._report.settings.prepared_split, 0, number)
            )
            if self._row.is_waiting:
                self.evaluated_rows.show_problem(Sentence("gui.evaluate.waiting_running_step"))

    def _take_row(self, answer: Answer | ErrorReport) -> None:
        if isinstance(answer, TokenizedText):
            self.evaluated_rows.show_tokens(answer)
        elif isinstance(answer, ErrorReport):
            self.evaluated_rows.show_problem(f"{answer.message} {answer.hint}".strip())

    # ── Try it ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _offer_row(self, text: str, second_text: str) -> None:
        """What is asked about the selected row; nothing where none is."""
        self.why_row.offer(self._run, self._reference, text, second_text)

    def _offer_typed(self) -> None:
        text, second_text = self.box.text(), self.box.second_text()
        self.why_typed.offer(self._run, self._reference, text, second_text)
        self.beside.ask(text, second_text)

    def _predict(self, text: str) -> None:
        if self._reference is None:
            return
        self._answer.ask(AskPrediction(self._reference, text, self.box.second_text()))
        if self._answer.is_waiting:
            self.box.show_waiting()
        self._offer_typed()  # after the run's own prediction, which is awaited

    def _waiting_changed(self) -> None:
        if not self._answer.is_waiting:
            self.box.expect_prediction()

    def _take_answer(self, answer: Answer | ErrorReport) -> None:
        if isinstance(answer, Prediction):
            entities = self._run is not None and task_facts(self._run.dataset.task).one_label_per_word
            self.box.show_prediction(answer, entities=entities)
        elif isinstance(answer, ErrorReport):
            self.box.show_problem(f"{answer.message} {answer.hint}".strip())

    def _try_row(self, text: str, second_text: str) -> None:
        self.box.try_text(text, second_text)
        self.box.edit.setFocus()
        above = self.parentWidget()
        while above is not None and not isinstance(above, QScrollArea):
            above = above.parentWidget()
        if above is not None:
            above.ensureWidgetVisible(self.box)


def _and(names: Sequence[str]) -> str:
    """The names as a sentence lists them."""
    listed, *others = names or ("",)
    for other in others:
        listed = Sentence("gui.evaluate.and", first=listed, second=other)
    return listed


def has_curves(report: EvaluationReport) -> bool:
    """Whether its labels have probabilities over whole rows."""
    facts = task_facts(report.run.dataset.task)
    return not facts.labels_are_numbers and not facts.one_label_per_word


def _entity_types(run: TrainingRun) -> tuple[str, ...]:
    """The types of the labels B-PERSON, I-PERSON, …, in their order."""
    return tuple(dict.fromkeys(name[2:] for name in run.dataset.label_names if name[:2] in ("B-", "I-")))
