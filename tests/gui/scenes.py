"""Every page of the window in every state it has, over real prepared rows: for the tests that measure it, and pictures.

scenes(window, session, engine, rows, settle)   yields a name each time another one is on the screen
"""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from engine import stages
from engine.contract.errors import ErrorReport
from engine.contract.events import (
    Advised,
    BaselineMeasured,
    CheckpointSaved,
    DeviceSampled,
    Evaluated,
    Event,
    StepsTrained,
    TrainingStarted,
    Watched,
)
from engine.contract.messages import FineTune
from engine.contract.queries import (
    AskDevices,
    AskForecast,
    AskPrediction,
    Device,
    DevicesFound,
    LabelProbability,
    Prediction,
)
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.settings import FileRows, FineTuneSettings, PrepareSettings, Roles, RowSource
from engine.contract.states import (
    ClassScores,
    EvaluationReport,
    ExportedModel,
    ModelHandle,
    PreparedDataset,
    TrainingRun,
    WrongRow,
)
from engine.workspace.layout import Workspace
from engine.workspace.runs import create_run, save_run
from gui.application import page_types
from gui.choose_data.data_tabs import TABS
from gui.choose_data.page import ChooseDataPage
from gui.components import background
from gui.fine_tune.page import FineTunePage
from gui.preferences import RecentFile, RecentModel
from gui.session import Session
from gui.shell.application_menu import show_about
from gui.shell.preferences_dialog import PreferencesDialog
from gui.shell.window import Window
from tests.builders import a_forecast, a_run, an_evaluation, an_export
from tests.builders_data import ignore
from tests.gui.conftest import StandInEngine
from tests.gui.engine_here import EngineHere

LOAD, DATA, TUNE, EVALUATE, EXPORT = range(5)
KINDS = ("long label names", "40 columns", "2,000 classes")
LONG_LABEL = "Complaint about a delivery that came late to the wrong address, number {}"
GIGABYTE = 1_000_000_000
MOST_CONFUSED = 50  # labels of the matrix


class Rows(NamedTuple):
    """One kind of rows, prepared by the engine, with what was made of them."""

    kind: str
    source: RowSource
    dataset: PreparedDataset
    run: TrainingRun
    report: EvaluationReport
    exported: ExportedModel
    workspace: Workspace

    @property
    def model(self) -> ModelHandle:
        """The model that the rows were prepared for."""
        return self.dataset.model


def rows_of(kind: str, model: ModelHandle, folder: Path) -> Rows:
    """Writes a file of this kind and prepares it; run, report and export are built around its labels."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{kind.replace(',', '').replace(' ', '_')}_of_customers_2026.csv"
    path.write_text(_file_of(kind), encoding="utf-8")
    workspace = Workspace(folder / "workspace").create()
    source = FileRows(str(path))
    asked = PrepareSettings(task="text_classification", roles=Roles(text="text", label="label"))
    dataset = stages.prepare_dataset(model, source, asked, ignore, workspace=workspace)
    settings = FineTuneSettings(
        run_name=f"A run of {kind} with a name about what was tried in it", watch_list=("Where is my parcel?",)
    )
    record = create_run(workspace, dataset, settings)
    run = a_run(dataset=dataset, id=record.id, folder=str(workspace.runs / record.id), settings=settings)
    labels = dataset.label_names
    report = an_evaluation(
        run=run,
        classes=tuple(ClassScores(label, 0.84, 0.81, 0.825, 1_098) for label in labels),
        confusion_labels=labels[:MOST_CONFUSED],
        confusion=tuple(
            tuple(1_240 if one == other else (one + other) % 23 for other in range(len(labels[:MOST_CONFUSED])))
            for one in range(len(labels[:MOST_CONFUSED]))
        ),
        wrong_rows=tuple(
            WrongRow(row, f"Text number {row} that was read " + "as another " * 12, labels[0], labels[1], 0.9, 3.1)
            for row in range(1, 20)
        ),
    )
    exported = an_export(evaluation=report, folder=str(folder / "a folder that was chosen" / "export of this model"))
    save_run(workspace, msgspec.structs.replace(record, status="finished", run=run, evaluation=report))
    for number in range(3):
        other = create_run(workspace, dataset, msgspec.structs.replace(settings, run_name=f"Attempt {number}"))
        save_run(workspace, msgspec.structs.replace(other, status="finished", run=run, step=300))
    return Rows(kind, source, dataset, run, report, exported, workspace)


def _file_of(kind: str) -> str:
    match kind:
        case "long label names":
            labels = [LONG_LABEL.format(number) for number in range(6)]
            text = "The {}th parcel that I ordered two weeks ago has not arrived at my house, and nobody answers"
            lines = ["text,label"]
            lines += [f'"{text.format(place)}","{labels[place % 6]}"' for place in range(180)]
        case "40 columns":
            names = [f"answer to question {number} of the survey" for number in range(38)]
            cells = [f"value {number}" for number in range(38)]
            lines = [",".join(["text", *names, "label"])]
            lines += [",".join([f"good row {place}", *cells, "yes" if place % 2 else "no"]) for place in range(120)]
        case _:
            chance = random.Random(0)
            lines = ["text,label"]
            for place in range(4_000):
                text = " ".join("".join(chance.choices("abcdefgh", k=5)) for _ in range(8))
                lines.append(f"{text},intent_{place % 2_000:04d}")
    return "\n".join(lines) + "\n"


def answers_for(rows: Rows) -> dict[type, Callable[[object], object]]:
    """What the stand-in engine answers besides what concerns rows."""
    labels = rows.dataset.label_names
    answered = Prediction(
        "Where is my parcel?",
        tuple(LabelProbability(label, 0.9 / 2**place) for place, label in enumerate(labels[:3])),
        milliseconds=4.1,
    )
    devices = (
        Device("cpu", "Intel Xeon Platinum 8480C with 2 of 112 cores", 16 * GIGABYTE, 9 * GIGABYTE, True),
        Device("cuda:0", "NVIDIA H200 NVL", 141 * GIGABYTE, 120 * GIGABYTE, True),
    )
    return {
        AskForecast: lambda _question: a_forecast(),
        AskDevices: lambda _question: DevicesFound(devices, NOTHING),
        AskPrediction: lambda _question: answered,
    }


def training_events(labels: Sequence[str] = ("negative", "positive"), *, watched: int = 3) -> list[Event]:
    """A run of 300 steps that is at step 240, with baselines, classes and a watch-list."""
    predictions = tuple(
        Prediction(
            f"Sentence {number} of my own that is watched while the network learns from the rows",
            tuple(LabelProbability(label, 0.6 / 2**place) for place, label in enumerate(labels[:3])),
        )
        for number in range(watched)
    )
    events: list[Event] = [
        TrainingStarted("20261130-101500", "/runs/x", 300, 100.0, 0, "cpu (2 cores)", "bf16", "macro_f1"),
        BaselineMeasured("majority", "macro_f1", 0.33),
        BaselineMeasured("tfidf_svm", "macro_f1", 0.76),
    ]
    for step in range(1, 241):
        events.append(StepsTrained(step, 300, step / 100, 2.0 / (1 + step / 30), 1e-5, 1.2, 5_200.0, 0.2))
        if step % 40 == 0:
            scores: dict[str, float | None] = {"macro_f1": 0.5 + step / 800, "accuracy": 0.5 + step / 800}
            classes: dict[str, float | None] = {label: 0.5 + place / 90 for place, label in enumerate(labels[:30])}
            events.append(Evaluated(step, step / 100, 1.1 - step / 500, scores, "macro_f1", True, classes))
            if predictions:
                events.append(Watched(step, predictions))
    events.append(CheckpointSaved(240, "/runs/x/checkpoints/step-000240", 20.0))
    events.append(DeviceSampled(5 * GIGABYTE, 16 * GIGABYTE, 0.9))
    return events


def open_window(rows: Rows) -> tuple[Window, Session, EngineHere]:
    """A window over these rows' workspace, with nothing reached yet."""
    engine = EngineHere(rows.workspace)
    engine.answers = answers_for(rows)  # type: ignore[assignment]
    session = Session(rows.workspace, engine)  # type: ignore[arg-type]
    return Window(session, page_types()), session, engine


def scenes(
    window: Window, session: Session, engine: StandInEngine, rows: Rows, settle: Callable[[Callable[[], bool]], None]
) -> Iterator[tuple[str, QWidget]]:
    """The name and the window or dialog of each scene; `settle` lets the window live until something holds."""
    here = functools.partial(settle, lambda: True)
    window.begin()
    window.build_pages()
    here()
    for step, name in enumerate(("load model", "choose data", "fine-tune", "evaluate", "export")):
        window.go_to(step)
        here()
        yield f"{name}, nothing reached", window
    yield from _dialogs_of_the_window(window, session, rows, settle)
    session.go_to(rows.model)
    for step, name in ((LOAD, "load model, loaded"), (DATA, "choose data, empty")):
        window.go_to(step)
        here()
        yield name, window
    yield from choosing(window, session, rows, settle)
    yield from _training(window, session, engine, rows, settle)
    yield from _after(window, session, rows, settle)


def _dialogs_of_the_window(
    window: Window, session: Session, rows: Rows, settle: Callable[[Callable[[], bool]], None]
) -> Iterator[tuple[str, QWidget]]:
    """Preferences and About; what was used before is offered on the pages from here on."""
    for number in range(3):
        place = f"/home/someone/a folder/{rows.kind} of customers, attempt {number} of this year.csv"
        session.preferences.remember_file(RecentFile(place))
        session.preferences.remember_model(RecentModel(hub_id=f"an-organisation/a-model-with-a-long-name-{number}"))
    window.preferences.open(network=True)
    background.wait_for_all(10)  # this system's keyring has answered: its note would come while texts are measured
    settle(lambda: True)
    for dialog in window.findChildren(PreferencesDialog):
        dialog.proxy.setText("proxy of the company")
        dialog.offer_keyring(True)
    yield from _dialog(window, "preferences", settle)
    show_about(window)
    yield from _dialog(window, "about", settle)


def choosing(
    window: Window, session: Session, rows: Rows, settle: Callable[[Callable[[], bool]], None]
) -> Iterator[tuple[str, QWidget]]:
    """Choose data with these rows: its first rows, an error, and every tab once they are prepared."""
    page = window.page(DATA)
    assert isinstance(page, ChooseDataPage)
    page.take_source(rows.source)
    settle(lambda: page.choice.found is not None)
    yield "choose data, preview", window
    window.content_area.keep_error(DATA, _an_error())
    settle(lambda: True)
    yield "choose data, error", window
    window.content_area.forget_error(DATA)
    session.go_to(rows.dataset)
    settle(lambda: page.choice.found is not None and page.summary.inspector.facts.text() != "")
    yield "choose data, prepared", window
    for tab in TABS[1:]:
        page.tabs.go_to(tab)
        settle(lambda: page.summary.rows.amount.text() != Sentence("gui.choose_data.opening_rows"))
        yield f"choose data, {tab}", window


def _training(
    window: Window,
    session: Session,
    engine: StandInEngine,
    rows: Rows,
    settle: Callable[[Callable[[], bool]], None],
) -> Iterator[tuple[str, QWidget]]:
    window.go_to(TUNE)
    page = window.page(TUNE)
    assert isinstance(page, FineTunePage)
    settle(lambda: True)
    yield "fine-tune, settings", window
    page._ask_for_search(rows.dataset, page.settings())
    yield from _dialog(window, "search", settle)
    page._exploring.find_learning_rate(rows.dataset, page.settings())
    yield from _dialog(window, "learning rate", settle)
    assert session.run_stage(FineTune(rows.dataset, rows.run.settings))
    settle(lambda: True)
    yield "fine-tune, starting", window
    engine.send_all(training_events(rows.dataset.label_names))
    settle(lambda: True)
    yield "fine-tune, training", window
    engine.send(Advised(Sentence.literal("The validation loss has risen for three evaluations."), _HALVE))
    settle(lambda: True)
    yield "fine-tune, advice", window
    page._watch.tabs.setCurrentIndex(1)
    settle(lambda: True)
    yield "fine-tune, watch-list", window
    page._watch.tabs.setCurrentIndex(0)
    engine.succeed(rows.run)
    settle(lambda: not session.busy)
    yield "fine-tune, done", window


def _after(
    window: Window, session: Session, rows: Rows, settle: Callable[[Callable[[], bool]], None]
) -> Iterator[tuple[str, QWidget]]:
    window.go_to(EVALUATE)
    settle(lambda: True)
    yield "evaluate, before", window
    session.go_to(rows.report)
    settle(lambda: True)
    yield "evaluate, done", window
    window.go_to(EXPORT)
    settle(lambda: True)
    yield "export, before", window
    session.go_to(rows.exported)
    settle(lambda: True)
    yield "export, done", window
    window.show_runs()
    settle(lambda: len(window.runs.rows) == 4)
    yield "runs", window
    window.run_list.table.selectAll()
    window.run_list.compare_button.click()
    settle(lambda: True)
    yield "runs compared", window
    window.side_panel.choose_tab("code")
    window.go_to(EXPORT)
    settle(lambda: True)
    yield "code", window


def _dialog(window: Window, name: str, settle: Callable[[Callable[[], bool]], None]) -> Iterator[tuple[str, QWidget]]:
    settle(lambda: any(dialog.isVisible() for dialog in window.findChildren(QDialog)))
    for dialog in window.findChildren(QDialog):
        if dialog.isVisible():
            yield name, dialog
            dialog.reject()
    QApplication.processEvents()


_HALVE = RecoveryAction.HALVE_LEARNING_RATE


def _an_error() -> ErrorReport:
    return ErrorReport(
        "DataError",
        "D3",
        Sentence.literal("Row 3 of a file with a long name has no label."),
        Sentence.literal("Fill the column “label” or leave the row out."),
        (RecoveryAction.CHOOSE_COLUMNS, RecoveryAction.CHOOSE_OTHER_FILE),
        details="details",
    )
