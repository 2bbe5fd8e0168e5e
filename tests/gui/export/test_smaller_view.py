"""Smaller models on Export: made by a click, drawn, and the chosen one is what is exported."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.contract.errors import ErrorReport
from engine.contract.messages import Export
from engine.contract.queries import AskSmaller, SmallerFound, SmallerModel
from engine.contract.sentences import Sentence
from engine.contract.states import EvaluationReport, Latency, ScoreDifference
from engine.workspace.runs import RunRecord, save_run
from gui.export.page import ExportPage
from gui.export.smaller_view import offered_layers
from gui.session import Session
from tests.builders import a_run, an_evaluation, an_export
from tests.gui.conftest import StandInEngine

RUN = an_evaluation().run.id
STUDENT = "20260102-000000-small"


def model(layers: int, format: str, milliseconds: float, **changes: object) -> SmallerModel:
    own = SmallerModel(
        run=RUN if layers == 6 else STUDENT,
        layers=layers,
        format=format,  # type: ignore[arg-type]
        headline="macro_f1",
        score=0.9 if layers == 6 else 0.88,
        difference=None if layers == 6 else ScoreDifference(-0.02, -0.04, 0.001),
        agreement=1.0 if layers == 6 else 0.953,
        rows=400,
        size_bytes=90_000_000 if format == "transformers" else 25_000_000,
        latencies=(Latency(1, milliseconds, 2 * milliseconds), Latency(32, 20 * milliseconds, 30 * milliseconds)),
        passed=True,
    )
    return msgspec.structs.replace(own, **changes)


FOUND = SmallerFound(
    (
        model(6, "transformers", 12.0),
        model(6, "onnx_int8", 8.0),
        model(3, "transformers", 6.5),
        model(3, "onnx_int8", 4.0, passed=False, refused=Sentence("gui.export.smaller")),
    )
)


def student() -> EvaluationReport:
    own = an_evaluation().run
    settings = msgspec.structs.replace(own.settings, parent=own.id, student_layers=3, run_name="Reviews, 3 layers")
    return an_evaluation(run=a_run(id=STUDENT, settings=settings))


@pytest.fixture
def page(page: ExportPage) -> ExportPage:
    page.resize(900, 1200)
    return page


def save_student(session: Session) -> None:
    report = student()
    (session.workspace.runs / STUDENT).mkdir(parents=True)
    record = RunRecord(
        id=STUDENT,
        name="Reviews, 3 layers",
        created=2.0,
        status="finished",
        dataset=report.run.dataset,
        settings=report.run.settings,
        run=report.run,
        evaluation=report,
    )
    save_run(session.workspace, record)


@pytest.mark.parametrize(("layers", "offered"), [(6, (3, 2)), (12, (6, 4)), (2, (1,)), (1, ())])
def test_a_half_and_a_third_of_the_layers_are_offered(layers: int, offered: tuple[int, ...]) -> None:
    assert offered_layers(layers) == offered


def test_nothing_is_asked_before_the_button_and_what_is_checked_is_made(
    page: ExportPage, engine: StandInEngine, qtbot: QtBot
) -> None:
    assert engine.jobs == []
    assert not page.smaller.plot.isVisible()
    assert [box.text() for box in page.smaller.boxes] == ["3 of 6 layers", "2 of 6 layers"]
    page.smaller.boxes[1].click()
    page.smaller.query.start_button.click()
    (job,) = engine.jobs
    assert isinstance(job, AskSmaller)
    assert job.layers == (3,)
    assert (job.run.id, page.smaller.query.cancel_button.isVisible()) == (RUN, True)
    page.smaller.query.cancel_button.click()
    assert engine.stopped_jobs == [(1, False)]
    page.smaller.boxes[0].click()
    assert not page.smaller.query.start_button.isEnabled()


def test_what_passed_is_drawn_with_its_figures(page: ExportPage, engine: StandInEngine, qtbot: QtBot) -> None:
    engine.answers[AskSmaller] = lambda _: FOUND
    page.smaller.query.start_button.click()
    qtbot.waitUntil(page.smaller.plot.isVisible)
    assert [point.name for point in page.smaller.plot.points()] == [
        "6 layers",
        "6 layers, int8",
        "3 layers",
    ]
    assert [point.group for point in page.smaller.plot.points()] == [0, 0, 1]
    cells = page.smaller.table.cells
    row = [cells.index(2, column).data(Qt.ItemDataRole.DisplayRole) for column in range(6)]
    assert row[1:5] == ["0.880", "-0.020 (-0.040 to +0.001)", "95.3 %", "6.5 / 130.0"]


def test_the_chosen_point_is_what_is_exported(
    page: ExportPage, engine: StandInEngine, session: Session, qtbot: QtBot
) -> None:
    save_student(session)
    engine.answers[AskSmaller] = lambda _: FOUND
    page.smaller.query.start_button.click()
    qtbot.waitUntil(page.smaller.plot.isVisible)
    page.smaller.plot.chosen.emit(2)
    assert page.smaller.chosen_model() == FOUND.models[2]
    assert "3 layers" in page.smaller.result.text()
    assert page.form.value().name == "Reviews, 3 layers"
    page.take_primary_action()
    job = engine.jobs[-1]
    assert isinstance(job, Export)
    assert job.evaluation.run.id == STUDENT
    assert not job.settings.artefacts


def test_a_point_in_eight_bits_checks_its_artefact(
    page: ExportPage, engine: StandInEngine, session: Session, qtbot: QtBot
) -> None:
    save_student(session)
    eight_bits = model(3, "onnx_int8", 4.0)
    engine.answers[AskSmaller] = lambda _: SmallerFound((*FOUND.models[:3], eight_bits))
    page.smaller.query.start_button.click()
    qtbot.waitUntil(page.smaller.plot.isVisible)
    page.smaller.table.selectRow(3)
    assert page.artefacts.boxes["onnx_int8"].isChecked()
    page.smaller.leave()
    assert page.smaller.chosen_model() is None


def test_those_that_there_are_already_are_shown_at_once(session: Session, engine: StandInEngine, qtbot: QtBot) -> None:
    save_student(session)
    engine.answers[AskSmaller] = lambda _: FOUND
    page = ExportPage(session)
    qtbot.addWidget(page)
    page.show()
    page.show_state(an_evaluation())
    qtbot.waitUntil(page.smaller.plot.isVisible)
    (job,) = engine.jobs
    assert isinstance(job, AskSmaller)
    assert job.layers == ()


def test_the_models_stay_when_one_of_them_was_exported(
    page: ExportPage, engine: StandInEngine, session: Session, qtbot: QtBot
) -> None:
    own = an_evaluation().run
    (session.workspace.runs / own.id).mkdir(parents=True)
    record = RunRecord(own.id, "Reviews", 1.0, "finished", own.dataset, own.settings, run=own)
    save_run(session.workspace, record)
    engine.answers[AskSmaller] = lambda _: FOUND
    page.smaller.query.start_button.click()
    qtbot.waitUntil(page.smaller.plot.isVisible)
    page.show_state(an_export(evaluation=student()))
    assert page.smaller.plot.isVisible()
    assert len(page.smaller.plot.points()) == 3


def test_an_error_is_shown_where_it_was_asked(page: ExportPage, engine: StandInEngine, qtbot: QtBot) -> None:
    engine.answers[AskSmaller] = lambda _: ErrorReport(
        "DatasetInvalid", "E1", Sentence("exporting.e1.smaller_needs_held_out_rows")
    )
    page.smaller.query.start_button.click()
    qtbot.waitUntil(page.smaller.query.problem.isVisible)
    assert "held-out rows" in page.smaller.query.problem.text()
