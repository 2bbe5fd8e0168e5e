"""Every button that an error can bring to a page: which dialog it opens, which field it leads to, which job it starts.

All pages and all actions, with the real pages in a real window; what opens or starts is written down. Which actions can
reach a page is read from the modules that its jobs and questions import.
"""

from __future__ import annotations

import ast
from functools import cache
from typing import get_args

import msgspec
import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from engine.contract.errors import ErrorReport
from engine.contract.events import DiskFilled, TrainingStarted
from engine.contract.messages import Evaluate, Export, FineTune, Job, LoadModel, PrepareDataset
from engine.contract.queries import AskPreview, ColumnFound, Preview
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.settings import FileRows, FineTuneSettings, PrepareSettings, ReadingOptions, Roles, StarterModel
from engine.workspace.runs import create_run, list_runs, run_folder, save_run
from gui.application import page_types
from gui.components.action_captions import caption_of
from gui.page import WindowAction
from gui.session import Session
from gui.shell.preferences_dialog import PreferencesDialog
from gui.shell.window import Window
from tests.builders import a_dataset, a_model, a_run, an_evaluation, an_export
from tests.gui.conftest import StandInEngine
from tests.paths import ROOT
from tests.structure import import_graph, parsed

A = RecoveryAction
PAGES = ("Load model", "Choose data", "Fine-tune", "Evaluate", "Export")
RUN = "20261123-130000"

# What each action does, by the page that it leads to: a dialog, the field with the keyboard, or the job that starts.
FOCUS, DIALOG, JOB = "the keyboard is in", "a dialog opens:", "a job starts:"
OWN: dict[RecoveryAction, tuple[str, str]] = {
    A.CHOOSE_OTHER_MODEL: ("Load model", f"{FOCUS} all-MiniLM-L6-v2"),
    A.DOWNLOAD_AGAIN: ("Load model", f"{JOB} LoadModel"),
    A.USE_HUB: ("Load model", f"{FOCUS} Name of a model on the Hub"),
    A.USE_FOLDER: ("Load model", f"{DIALOG} Folder with a model"),
    A.OPEN_HUB_PAGE: ("Load model", "a web page opens: https://huggingface.co/"),
    A.WORK_ONLINE: ("Load model", f"{JOB} LoadModel"),
    A.CHOOSE_OTHER_FILE: ("Choose data", f"{DIALOG} Choose a file with rows"),
    A.CHOOSE_OTHER_SHEET: ("Choose data", f"{FOCUS} Sheet or file"),
    A.CHOOSE_OTHER_DATA: ("Choose data", f"{FOCUS} Name of a data set on the Hub"),
    A.CHOOSE_COLUMNS: ("Choose data", f"{FOCUS} Roles of the columns: label, Label"),
    A.CHANGE_SPLITS: ("Choose data", f"{FOCUS} Validation share"),
    A.TRAIN_ON_ALL_ROWS: ("Choose data", f"{JOB} PrepareDataset"),
    A.PREPARE_AGAIN: ("Choose data", f"{JOB} PrepareDataset"),
    A.CONTINUE_RUN: ("Fine-tune", f"{JOB} FineTune that continues"),
    A.START_AGAIN: ("Fine-tune", f"{JOB} FineTune"),
    A.START_NEW_RUN: ("Fine-tune", f"{JOB} FineTune"),
    A.CHANGE_LEARNING_RATE: ("Fine-tune", f"{FOCUS} Learning rate"),
    A.LOWER_LEARNING_RATE: ("Fine-tune", f"{JOB} FineTune with lower_learning_rate"),
    A.HALVE_LEARNING_RATE: ("Fine-tune", f"{JOB} FineTune with halve_learning_rate"),
    A.TRIPLE_LEARNING_RATE: ("Fine-tune", f"{JOB} FineTune with triple_learning_rate"),
    A.USE_PRESET_RATE: ("Fine-tune", f"{JOB} FineTune"),
    A.TRAIN_LONGER: ("Fine-tune", f"{JOB} FineTune"),
    A.TRAIN_WITH_AUTO: ("Fine-tune", f"{JOB} FineTune"),
    A.KEEP_SIMPLE_MODEL: ("Fine-tune", f"{JOB} FineTune"),
    A.USE_FP32: ("Fine-tune", f"{JOB} FineTune with use_fp32"),
    A.USE_LESS_MEMORY: ("Fine-tune", f"{JOB} FineTune with use_less_memory"),
    A.CHOOSE_EXPORT_FOLDER: ("Export", f"{DIALOG} Folder for the export"),
}
ON_PAGE: dict[tuple[str, RecoveryAction], str] = {
    ("Load model", A.TRY_AGAIN): f"{JOB} LoadModel",
    ("Load model", A.USE_CPU): f"{JOB} LoadModel",
    ("Choose data", A.TRY_AGAIN): f"{JOB} PrepareDataset",
    ("Choose data", A.USE_CPU): f"{JOB} PrepareDataset on cpu",
    ("Choose data", A.USE_FOLDER): f"{DIALOG} Choose a folder with rows",
    ("Choose data", A.OPEN_HUB_PAGE): "a web page opens: https://huggingface.co/datasets/",
    ("Choose data", A.WORK_ONLINE): f"{JOB} PrepareDataset on cpu",  # once chosen it stays so
    ("Choose data", A.TRAIN_ON_ALL_ROWS): f"{JOB} PrepareDataset on cpu",
    ("Choose data", A.PREPARE_AGAIN): f"{JOB} PrepareDataset on cpu",
    ("Fine-tune", A.TRY_AGAIN): f"{JOB} FineTune",
    ("Fine-tune", A.USE_CPU): f"{JOB} FineTune on cpu",
    ("Evaluate", A.TRY_AGAIN): f"{JOB} Evaluate",
    ("Evaluate", A.USE_CPU): f"{JOB} Evaluate on cpu",
    ("Export", A.TRY_AGAIN): f"{JOB} Export",
    ("Export", A.USE_CPU): f"{JOB} Export",
}
OF_WINDOW = {
    A.CHOOSE_WORKSPACE: "another workspace is asked for",
    A.COPY_DETAILS: "the details are on the clipboard",
    A.WORK_OFFLINE: "the program works offline",
    A.OPEN_PREFERENCES: "Preferences open",
}
WHILE_TRAINING = {A.SAVE_IN_OTHER_FOLDER, A.STOP_RUN, A.STOP_KEEP_BEST, A.RESTART_ENGINE, A.WAIT}


def expected(page: str, action: RecoveryAction) -> tuple[str, str]:
    """The page that is shown afterwards, and what has happened."""
    if action in OF_WINDOW:
        return page, OF_WINDOW[action]
    if (page, action) in ON_PAGE:
        return page, ON_PAGE[page, action]
    return OWN[action]


class Observer:
    """What a press of a button has led to."""

    def __init__(self, window: Window, engine: StandInEngine, session: Session, patch: pytest.MonkeyPatch) -> None:
        self._window, self._engine, self._session = window, engine, session
        self.seen: list[str] = []
        self._run = list_runs(session.workspace)[0].id  # that has failed
        self._shows_failure = False
        patch.setattr(QFileDialog, "open", lambda dialog: self.seen.append(f"{DIALOG} {dialog.windowTitle()}"))
        patch.setattr(QFileDialog, "getExistingDirectory", self._directory)
        patch.setattr(QDesktopServices, "openUrl", self._page)
        window.workspace_requested.connect(lambda: self.seen.append("another workspace is asked for"))

    def fail(self, page: str, error: ErrorReport, button: int) -> tuple[str, str]:
        """A run has failed with this error; presses one of its buttons on the page, which the run may not be of.

        After a button that starts nothing, the run that has failed is still the last one.
        """
        if not self._shows_failure:
            self._window.page(2).take_primary_action()
            self._engine.send(TrainingStarted(self._run, "/r", 300, 100.0, 0, "cpu", "fp32", "macro_f1"))
            self._engine.fail(error)
        result = self.press(page, error, button)
        self._shows_failure = not self._session.busy
        if self._session.busy:
            self._engine.stopped()
        return result

    def press(self, page: str, error: ErrorReport, button: int = 0) -> tuple[str, str]:
        """Shows the error on this page and presses one of its buttons."""
        window, engine = self._window, self._engine
        self.seen.clear()
        self._session.preferences.change(offline=False)
        window.page(0).chooser.choose_source(StarterModel())  # type: ignore[attr-defined]
        window.go_to(PAGES.index(page))
        window.content_area.keep_error(window.here, error)
        before = window.focusWidget()
        if before is not None:
            before.clearFocus()
        QGuiApplication.clipboard().clear()
        before, jobs = window.focusWidget(), len(engine.jobs)
        window.content_area.banner.buttons()[button].click()
        started = [job for job in engine.jobs[jobs:] if isinstance(job, StageJobs)]
        self.seen += [f"{JOB} {named(job)}" for job in started]
        if QGuiApplication.clipboard().text() == "the details":
            self.seen.append("the details are on the clipboard")
        if self._session.preferences.now.offline:
            self.seen.append("the program works offline")
        for dialog in window.findChildren(PreferencesDialog):
            if dialog.isVisible():
                self.seen.append("Preferences open")
                dialog.reject()
        focused = window.focusWidget()
        if not self.seen and focused is not None and focused is not before:
            self.seen.append(f"{FOCUS} {spoken(focused)}")
        return PAGES[window.here], "; ".join(self.seen)

    def _directory(self, _parent: QWidget, title: str, *_start: str) -> str:
        self.seen.append(f"{DIALOG} {title}")
        return ""

    def _page(self, url: QUrl) -> bool:
        self.seen.append(f"a web page opens: {url.toString()}")
        return True


StageJobs = LoadModel | PrepareDataset | FineTune | Evaluate | Export


def named(job: Job) -> str:
    """The job with what an action has changed in it."""
    text = type(job).__name__
    device = job.device if isinstance(job, PrepareDataset) else ""
    if isinstance(job, FineTune | Evaluate):
        device = job.settings.device
    if isinstance(job, FineTune):
        if job.action is not A.NONE:
            text += f" with {job.action.value}"
        elif job.settings.gradient_accumulation > 1:
            text += " with use_less_memory"
        elif job.continue_run and device != "cpu":
            text += " that continues"
    return f"{text} on cpu" if device == "cpu" else text


def spoken(widget: QWidget) -> str:
    """What a screen reader reads about the widget."""
    text = widget.accessibleName() or getattr(widget, "text", str)()
    return f"{text}, {widget.accessibleDescription()}" if text == "Roles of the columns" else text


ROLES = Roles(text="text", label="label")


def a_preview(_question: object) -> Preview:
    """A sheet with a text and a label."""
    return Preview(
        name="reviews.xlsx",
        reading=ReadingOptions(format="workbook", part="One"),
        columns=(ColumnFound("text", "text", 2, 9.0), ColumnFound("label", "label", 2, 8.0)),
        cells=(("a fine film", "positive"), ("dull", "negative")),
        rows_total=2_000,
        roles=ROLES,
        task="text_classification",
        size_bytes=120_000,
    )


@pytest.fixture
def window(session: Session, engine: StandInEngine, qtbot: QtBot) -> Window:
    """All five pages are open, and a run of the workspace can be continued."""
    engine.answers[AskPreview] = a_preview
    window = Window(session, page_types())
    qtbot.addWidget(window, before_close_func=Window.save_and_close)
    window.resize(1280, 800)
    window.show()
    dataset = a_dataset(
        model=a_model(),
        source=FileRows("/data/reviews.xlsx"),
        settings=PrepareSettings(roles=ROLES),
    )
    session.go_to(an_export(evaluation=an_evaluation(run=a_run(dataset=dataset))))
    page = window.page(1)
    qtbot.waitUntil(lambda: page.choice.found is not None)  # type: ignore[attr-defined]
    record = create_run(session.workspace, dataset, FineTuneSettings())
    save_run(session.workspace, msgspec.structs.replace(record, status="failed"))
    (run_folder(session.workspace, record.id) / "checkpoints" / "step-000100").mkdir(parents=True)
    return window


@pytest.fixture
def observer(window: Window, engine: StandInEngine, session: Session, monkeypatch: pytest.MonkeyPatch) -> Observer:
    return Observer(window, engine, session, monkeypatch)


@pytest.mark.parametrize("page", PAGES)
def test_every_action_does_what_its_button_says(observer: Observer, page: str) -> None:
    actions = [one for one in A if one not in WHILE_TRAINING and one is not A.NONE]
    error = ErrorReport(
        "EngineError",
        "T0",
        "It did not work.",
        actions=tuple(actions),
        field="label",
        details="the details",
        choices=("One", "Two"),
    )
    seen = {action.name: observer.fail(page, error, number) for number, action in enumerate(actions)}
    assert seen == {action.name: expected(page, action) for action in actions}


def test_while_a_run_is_trained_its_questions_stop_restart_or_wait(
    observer: Observer, window: Window, engine: StandInEngine, session: Session
) -> None:
    folder = run_folder(session.workspace, list_runs(session.workspace)[0].id)

    def ask(action: RecoveryAction, id: str) -> ErrorReport:
        window.page(2).take_primary_action()
        engine.send(TrainingStarted(RUN, str(folder), 300, 100.0, 0, "cpu", "fp32", "macro_f1"))
        engine.send(DiskFilled(str(folder), 1_000, 80, True, 120, 100))
        return ErrorReport("DiskFull", id, "The disk is full.", actions=(action,))

    assert (
        observer.press("Fine-tune", ask(A.SAVE_IN_OTHER_FOLDER, "C4"))[1] == f"{DIALOG} Folder for the next checkpoints"
    )
    for action, id in ((A.STOP_RUN, "C4"), (A.STOP_RUN, "T0"), (A.STOP_KEEP_BEST, "T0")):
        observer.press("Fine-tune", ask(action, id))
        assert engine.stopped_jobs.pop() == (engine.stage_number(), False)
    observer.press("Fine-tune", ask(A.TRY_AGAIN, "C4"))
    assert engine.paused_jobs.pop() == (engine.stage_number(), False)
    observer.press("Fine-tune", ask(A.RESTART_ENGINE, "T8"))
    assert engine.replaced_jobs.pop() == engine.stage_number()
    observer.press("Fine-tune", ask(A.WAIT, "T8"))
    assert session.busy
    assert window.content_area.banner.message() == ""
    assert not engine.stopped_jobs


# ── Which actions can reach a page ──────────────────────────────────────────────────────────────────────────────

ENTRIES = {  # the modules where the jobs and questions of a page begin
    "Load model": ("engine.loading.load", "engine.loading.hub"),
    "Choose data": ("engine.preparing.prepare", "engine.preparing.preview", "gui.choose_data.source.drop_zone"),
    "Fine-tune": ("engine.training.fine_tune", "engine.training.planning.search"),
    "Evaluate": ("engine.evaluating.evaluate", "engine.evaluating.predict"),
    "Export": ("engine.exporting.export",),
}
EVERYWHERE = ("engine.runtime.worker", "engine.runtime.thread")
NAMES_ONLY = ("engine.contract.", "engine.cli.", "engine.stages")  # which mention actions and raise none


@cache
def actions_of(module: str) -> frozenset[RecoveryAction]:
    """The actions that a module names."""
    path = ROOT.joinpath(*module.split(".")).with_suffix(".py")
    if "RecoveryAction" not in path.read_text(encoding="utf-8"):
        return frozenset()
    return frozenset(
        RecoveryAction[node.attr]
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "RecoveryAction"
    )


def reachable(page: str) -> set[RecoveryAction]:
    """Every action in what the jobs of this page import, in turn."""
    graph = import_graph(ROOT)
    waiting = [*ENTRIES[page], *EVERYWHERE]
    seen: set[str] = set()
    while waiting:
        module = waiting.pop()
        if module in seen or module.startswith(NAMES_ONLY):
            continue
        seen.add(module)
        waiting += graph.get(module, ())
    return set().union(
        *(actions_of(module) for module in seen if not module.startswith("gui.") or module in ENTRIES[page])
    )


def test_the_walk_over_the_modules_finds_what_is_known() -> None:
    assert {A.DOWNLOAD_AGAIN, A.USE_FOLDER, A.USE_HUB} <= reachable("Load model")
    assert {A.CHOOSE_COLUMNS, A.CHOOSE_OTHER_SHEET, A.USE_CPU, A.CHOOSE_OTHER_FILE} <= reachable("Choose data")
    assert {A.CONTINUE_RUN, A.USE_FP32, A.USE_LESS_MEMORY, A.PREPARE_AGAIN} <= reachable("Fine-tune")
    assert {A.CHANGE_LEARNING_RATE, A.CHANGE_SPLITS, A.USE_CPU} <= reachable("Evaluate")
    assert A.CHOOSE_EXPORT_FOLDER in reachable("Export")


@pytest.mark.parametrize("page", PAGES)
def test_what_can_reach_a_page_is_walked_above(page: str) -> None:
    walked = {*OWN, *OF_WINDOW, *WHILE_TRAINING, *(action for where, action in ON_PAGE if where == page)}
    assert reachable(page) - {A.NONE} <= walked


def test_every_action_has_a_caption_of_its_own_kind() -> None:
    captions = {action: caption_of(action) for action in A}
    assert captions.pop(A.NONE) == ""
    assert all(captions.values())


def test_what_the_window_takes_is_no_pages() -> None:
    assert set(get_args(WindowAction)) == {A.NONE, A.RESTART_ENGINE, A.WAIT, *OF_WINDOW}
