"""What Fine-tune and Evaluate show besides `scenes`: entries, a search, a stop, and the answer to every query.

    of_training(window, session, engine, rows, settle)      before and while a run trains, and after a stop
    of_evaluation(window, session, engine, rows, settle)    every task, curve, query, and a whole file

Both yield a name and what is on the screen, as `scenes` does, in a window that has been opened.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
from PySide6.QtWidgets import QDialog, QMessageBox, QWidget

from engine.calibration.stored_logits import SCORED, VALIDATION, write_logits
from engine.contract.diagnoses import (
    AskColumnScores,
    AskExplanation,
    AskLabelErrors,
    AskLearningCurve,
    AskLinearPrediction,
    AskNearRows,
    AskWeakSlices,
    ColumnScores,
    CurvePoint,
    Explanation,
    LabelErrors,
    LearningCurve,
    NearRow,
    NearRows,
    SuspectedRow,
    ValueScore,
    WeakSlice,
    WeakSlices,
)
from engine.contract.events import (
    Answered,
    CandidatesCompared,
    DiskFilled,
    Evaluated,
    StepsTrained,
    TrialEnded,
    TrialStarted,
)
from engine.contract.findings import Finding
from engine.contract.lr_range import rate_at
from engine.contract.messages import FineTune, Search
from engine.contract.queries import (
    AskFilePrediction,
    AskLearningRates,
    AskPrediction,
    Disagreement,
    EntityFound,
    FilePredicted,
    FileScores,
    LabelProbability,
    LearningRatesFound,
    Prediction,
)
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.settings import FineTuneSettings, SearchSettings, TaskName
from engine.contract.states import (
    Candidate,
    Choice,
    ClassScores,
    EvaluationReport,
    ModelHead,
    PairedTest,
    PreparedDataset,
    ScoreDifference,
)
from gui.evaluate.page import EvaluatePage
from gui.fine_tune.page import FineTunePage
from gui.session import Session
from gui.shell.window import Window
from tests.gui.conftest import StandInEngine
from tests.gui.evaluate.made_up_logits import drawn
from tests.gui.evaluate.made_up_report import Names, made_up, on_disk
from tests.gui.scenes import EVALUATE, TUNE, Rows, training_events

Settle = Callable[[Callable[[], bool]], None]
Scenes = Iterator[tuple[str, QWidget]]
TASKS: tuple[TaskName, ...] = (
    "text_classification",
    "multi_label_classification",
    "regression",
    "token_classification",
)
LOGITS = 300  # rows
# Without words, so that none of them is taken for a text of the program.
TEXT = "17 + 4?"
NAMES = Names(("1", "22", "333", "4,444"), ("“1”", "“2”", "“3”"), ("O", "B-1", "I-1", "B-2", "I-2"))


# ── Fine-tune ───────────────────────────────────────────────────────────────────────────────────────────────────


def of_training(window: Window, session: Session, engine: StandInEngine, rows: Rows, settle: Settle) -> Scenes:
    """What is entered, asked and watched; `rows.dataset` is trained on."""
    here = functools.partial(settle, lambda: True)
    window.begin()
    window.build_pages()
    session.go_to(_with_lines(rows.dataset))
    window.go_to(TUNE)
    page = window.page(TUNE)
    assert isinstance(page, FineTunePage)
    setup = page._setup
    setup._more_button.setChecked(True)
    setup.set_value(
        FineTuneSettings(layers_to_train="lora", chosen_by="cross_validation", time_budget="5 minutes", epochs=1.5)
    )
    setup.take_found_rate(2e-5)
    setup.set_value(msgspec.structs.replace(setup.value(), learning_rate=1e-5))
    here()
    yield "fine-tune, all settings", window
    setup._more_button.setChecked(False)
    setup.watch_lines.edit.setPlainText("\n".join(f"sentence {number}" for number in range(21)))
    here()
    yield "fine-tune, too many sentences", window
    setup.watch_lines.edit.setPlainText("")
    session.go_to(rows.dataset)
    yield from _rate_finder(window, page, engine, rows, settle)
    yield from _search(window, page, session, engine, rows, settle)
    yield from _compared(window, page, session, engine, rows, settle)
    yield from _stopped(window, page, session, engine, rows, settle)


def _with_lines(dataset: PreparedDataset) -> PreparedDataset:
    """Rows of unbalanced labels, and a model whose head has four of them."""
    found = Finding("imbalance", "note", Sentence.literal(""), 20)
    model = msgspec.structs.replace(dataset.model, head=ModelHead(dataset.label_names[:4]))
    return msgspec.structs.replace(dataset, findings=(found,), model=model)


def _rate_finder(window: Window, page: FineTunePage, engine: StandInEngine, rows: Rows, settle: Settle) -> Scenes:
    page._exploring.find_learning_rate(rows.dataset, page.settings())
    number = _number_of(engine, AskLearningRates)
    rates = tuple(rate_at(step) for step in range(100))
    losses: tuple[float | None, ...] = tuple(1.0 - place / 200 for place in range(100))
    engine.send(StepsTrained(7, 100, 0.1, losses[7], rates[7], 1.0, 900.0, 1.0), number)
    settle(lambda: True)
    for name, suggestion in (("suggested", 2e-5), ("nothing suggested", None)):
        dialog = next(found for found in window.findChildren(QDialog) if found.isVisible())
        if suggestion is not None:
            yield "learning rate, running", dialog
            engine.send(Answered(LearningRatesFound(rates, losses, losses, suggestion)), number)
        else:
            dialog._finish(None)  # type: ignore[attr-defined]
        settle(lambda: True)
        yield f"learning rate, {name}", dialog
    dialog.reject()


def _search(
    window: Window, page: FineTunePage, session: Session, engine: StandInEngine, rows: Rows, settle: Settle
) -> Scenes:
    page._exploring.ask_for_search(rows.dataset, page.settings(), 130.0)
    settle(lambda: any(dialog.isVisible() for dialog in window.findChildren(QDialog)))
    dialog = next(found for found in window.findChildren(QDialog) if found.isVisible())
    yield "search, with a forecast", dialog
    dialog.reject()
    assert session.run_stage(Search(rows.dataset, rows.run.settings, SearchSettings()))
    engine.send(TrialStarted(1, 8, 2e-5, 3.0, 16))
    engine.send(Evaluated(40, 0.4, 0.9, {"macro_f1": 0.7}, "macro_f1", True))
    engine.send(TrialEnded(1, 8, rows.run.id, 0.7, "ended early", True))
    engine.send(TrialStarted(2, 8, 4e-5, 2.0, 32))
    page._watch.tabs.setCurrentIndex(2)
    settle(lambda: True)
    yield "fine-tune, trials", window
    engine.stopped()
    settle(lambda: not session.busy)


def _compared(
    window: Window, page: FineTunePage, session: Session, engine: StandInEngine, rows: Rows, settle: Settle
) -> Scenes:
    assert session.run_stage(FineTune(rows.dataset, rows.run.settings))
    compared = (
        Candidate(Sentence.literal("“Auto”"), 0.81, (0.78, 0.84), 60.0),
        Candidate(Sentence.literal("“Best”"), None, None, 120.0),
    )
    engine.send(CandidatesCompared(Choice("macro_f1", compared, 0, NOTHING, 144, 5, 2, 30.0, 0.8, (0.77, 0.83))))
    page._watch.tabs.setCurrentIndex(3)
    settle(lambda: True)
    yield "fine-tune, candidates", window
    page._watch.tabs.setCurrentIndex(0)


def _stopped(
    window: Window, page: FineTunePage, session: Session, engine: StandInEngine, rows: Rows, settle: Settle
) -> Scenes:
    engine.send_all(training_events(rows.dataset.label_names, watched=0))
    page._watch._charts.controls.charts.set_chosen(  # type: ignore[union-attr]
        ("loss", "score", "class_f1", "learning_rate", "gradient_norm", "speed", "memory", "load")
    )
    page._watch._charts.controls.charts.changed.emit()  # type: ignore[union-attr]
    settle(lambda: True)
    yield "fine-tune, eight charts", window
    page._watch._charts.controls.charts.open()  # type: ignore[union-attr]
    settle(lambda: True)
    yield "list of charts", page._watch._charts.controls.charts._popup  # type: ignore[union-attr]
    page._watch._charts.controls.charts._popup.close()  # type: ignore[union-attr]
    engine.send(DiskFilled("/runs/x", 90_000_000, 1_000, True, 240, 200))
    settle(lambda: True)
    yield "fine-tune, disk full", window
    page.stop(1)
    settle(lambda: any(box.isVisible() for box in window.findChildren(QMessageBox)))
    for box in window.findChildren(QMessageBox):
        if box.isVisible():
            yield "stop and discard", box
            box.reject()
    page._take_advice(RecoveryAction.HALVE_LEARNING_RATE)
    settle(lambda: any(box.isVisible() for box in window.findChildren(QMessageBox)))
    for box in window.findChildren(QMessageBox):
        if box.isVisible():
            yield "stop for advice", box
            box.reject()
    page.coach.follow(RecoveryAction.HALVE_LEARNING_RATE)
    page.stop(0)
    settle(lambda: True)
    yield "fine-tune, stopping", window
    stopped = msgspec.structs.replace(rows.run, stopped_early=True, steps=240)
    engine.succeed(stopped)
    settle(lambda: not session.busy)
    yield "fine-tune, advice is prepared", window
    page._watch.show_result(stopped, can_continue=True)
    page._views.setCurrentWidget(page._watch)
    settle(lambda: True)
    yield "fine-tune, stopped", window
    page._watch._charts.controls.charts.set_chosen(("loss", "score"))  # type: ignore[union-attr]
    page._watch._charts.controls.charts.changed.emit()  # type: ignore[union-attr]


def _number_of(engine: StandInEngine, kind: type) -> int:
    return max(place for place, job in enumerate(engine.jobs, start=1) if isinstance(job, kind))


# ── Evaluate ────────────────────────────────────────────────────────────────────────────────────────────────────


def of_evaluation(window: Window, session: Session, engine: StandInEngine, rows: Rows, settle: Settle) -> Scenes:
    """Every task, and for one label per text everything that can be asked."""
    window.begin()
    window.build_pages()
    window.go_to(EVALUATE)
    page = window.page(EVALUATE)
    assert isinstance(page, EvaluatePage)
    for task in reversed(TASKS):
        folder = rows.workspace.root / "made up" / task
        folder.mkdir(parents=True)
        report = on_disk(folder, task, made_up(task, LOGITS, names=NAMES), before=5, validation=9, names=NAMES)
        report = _with_plain_names(report)
        if task in ("text_classification", "multi_label_classification"):
            several = task == "multi_label_classification"
            for name, seed in ((SCORED, 1), (VALIDATION, 2)):
                write_logits(Path(report.folder) / name, drawn(seed, LOGITS, 3, several=several), {})
        engine.answers[AskPrediction] = lambda _question, task=task: _prediction(task)  # type: ignore[misc]
        session.go_to(report)
        settle(page.evaluated_rows.outcome.isEnabled)
        page.box.try_text(TEXT)
        settle(lambda: "ms" in page.box.note.text() or page.box.note.text().endswith("ẋ"))
        page.evaluated_rows.table.selectRow(0)
        settle(lambda: True)
        yield f"evaluate, {task}", window
    yield from _curves(window, page, settle)
    yield from _asked(window, page, engine, settle)
    yield from _file(window, page, engine, rows, settle)


def _with_plain_names(report: EvaluationReport) -> EvaluationReport:
    """The report with a data set and classes whose names are no words."""
    run = msgspec.structs.replace(report.run, dataset=msgspec.structs.replace(report.run.dataset, name="“D”"))
    labels = tuple(NAMES.classes[:2])
    classes = tuple(ClassScores(label, 0.84, None, 0.825, 98) for label in labels)
    return msgspec.structs.replace(report, run=run, classes=classes, confusion_labels=labels)


def _prediction(task: TaskName) -> Prediction:
    labels = tuple(LabelProbability(f"“{number}”", 0.6 / 2**number) for number in range(9))
    match task:
        case "regression":
            return Prediction(TEXT, value=3.25, cut_tokens=3, milliseconds=4.0)
        case "token_classification":
            return Prediction(TEXT, entities=(EntityFound(0, 2, "“1”", 0.8),), milliseconds=4.0)
        case "multi_label_classification":
            return Prediction(TEXT, labels[:3], threshold=0.5, milliseconds=4.0)
        case _:
            return Prediction(TEXT, labels, unsure=True, possible=("“0”", "“1”"), milliseconds=4.0)


def _curves(window: Window, page: EvaluatePage, settle: Settle) -> Scenes:
    view = page.curves
    for place in range(view.kind.count()):
        view.kind.setCurrentIndex(place)
        view.kind.activated.emit(place)
        view.label.setCurrentIndex(1)
        view.label.activated.emit(1)
        settle(lambda: view._drawing is None and view._task is None)
        yield f"evaluate, curve {place}", window
    for rule in range(view.rule.count()):
        view.rule.setCurrentIndex(rule)
        view.rule.activated.emit(rule)
        settle(lambda: view._drawing is None and view._task is None and view.figures.text() != "")
        yield f"evaluate, rule {rule}", window


def _asked(window: Window, page: EvaluatePage, engine: StandInEngine, settle: Settle) -> Scenes:
    near = NearRow(3, TEXT, ("“1”",), 0.91)
    suspected = tuple(
        SuspectedRow("test", place, 2 * place + 1, ("“2”",), ("“1”",), "label", 0.9, -0.8, True, (near,))
        for place in range(3)
    )
    slices = (
        WeakSlice("length", "", 2, 9, 40, 20, 110, 10, 0.0002, (1, 2, 3)),
        WeakSlice("word", "22", 0, 0, 40, 20, 110, 10, 0.01, (1, 2, 3)),
    )
    shops = (
        ValueScore("“3”", None, None, 0.75, (0.61, 0.86), (1, 2, 3)),
        ValueScore("", 0.5, 1_250.0, None, None, (4,)),
    )
    points = (CurvePoint(10, (0.5, 0.6)), CurvePoint(100, (0.7, 0.72)))
    tokens, added = ("[CLS]", "17", "[SEP]"), (0.0, 1.5, -0.2)
    answers: dict[type, object] = {
        AskLabelErrors: LabelErrors(305, 305, 5, 12, suspected, agreeing=200),
        AskLearningCurve: LearningCurve("macro_f1", points, 50, 200, 0.78, (0.75, 0.8)),
        AskWeakSlices: WeakSlices(300, 5, slices, "test"),
        AskColumnScores: ColumnScores(("11", "22"), "11", "macro_f1", "test", 300, shops, 4),
        AskExplanation: Explanation(tokens, added, "“1”", -1, 2.5, 1.25, 0.1, 20, 3, 180.0),
        AskNearRows: NearRows((near, near)),
        AskLinearPrediction: _prediction("text_classification"),
    }
    for kind, answer in answers.items():
        engine.answers[kind] = lambda _question, answer=answer: answer  # type: ignore[misc]
    diagnosis = page.diagnosis
    for view in (diagnosis.label_errors, diagnosis.more_labels, diagnosis.weak_slices, diagnosis.column_scores):
        view.query.start_button.click()
    page.why_typed.why.start_button.click()
    page.why_typed.nearest.start_button.click()
    settle(lambda: diagnosis.label_errors.table.cells.rowCount() == 3 and page.why_typed.near.isVisible())
    page.beside.choice.setCurrentIndex(1)
    page.beside.choice.activated.emit(1)
    diagnosis.label_errors.table.selectRow(0)
    settle(lambda: page.beside.answer.isVisible() and diagnosis.weak_slices.table.isVisible())
    settle(diagnosis.column_scores.table.isVisible)
    yield "evaluate, everything asked", window
    diagnosis.weak_slices.table.selectRow(0)
    page.evaluated_rows.table.selectRow(0)
    page.repair.exclude.click()
    settle(lambda: True)
    yield "evaluate, a group and an edit", window
    page.confusion.matrix.choose((0, 1))
    page.detail_tabs.setCurrentIndex(1)
    settle(lambda: True)
    yield "evaluate, a cell", window


def _file(window: Window, page: EvaluatePage, engine: StandInEngine, rows: Rows, settle: Settle) -> Scenes:
    card = page.file
    path = rows.workspace.root / "17.csv"
    path.write_text("“text”,“label”\n1,“1”\n2,“2”\n", encoding="utf-8")
    card.take_file(str(path))
    settle(lambda: card.predict_button.isVisible())
    scores = FileScores(
        rows=180,
        unknown_labels=3,
        headline="accuracy",
        scores={"accuracy": 0.9},
        intervals={"accuracy": (0.85, 0.94)},
        other_scores={"accuracy": 0.8},
        difference=ScoreDifference(0.1, 0.04, 0.16),
        test=PairedTest(30, 12, 0.008, 0.002, 0.002),
        disagreements=(Disagreement(7, TEXT, "“1”", "“1”", ""),),
        disagreeing=1,
    )
    done = FilePredicted(str(rows.workspace.root / "answers.csv"), 200, 3, 4, 12, scores)
    engine.answers[AskFilePrediction] = lambda _question: done
    yield "evaluate, a file", window
    card.predict_into(done.path)
    settle(lambda: card.table.isVisible())
    yield "evaluate, a file with scores", window
