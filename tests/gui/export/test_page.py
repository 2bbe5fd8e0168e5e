"""The last page: where it goes, what is written, and what was proven."""

from __future__ import annotations

import ast

import msgspec
import pytest
from PySide6.QtGui import QDesktopServices, QGuiApplication
from pytestqt.qtbot import QtBot

from engine.contract.errors import ErrorReport
from engine.contract.events import Progressed
from engine.contract.messages import Export
from engine.contract.sentences import Sentence
from engine.contract.settings import ExportSettings
from engine.contract.states import ArtefactProof, Latency, Proof
from gui.export.export_result import usage_code
from gui.export.page import ExportPage
from gui.session import Session
from tests.builders import a_dataset, a_run, an_evaluation, an_export
from tests.gui.conftest import StandInEngine

NAME = "all-MiniLM-L6-v2 on Movie reviews, short"
UNWRITABLE = ErrorReport("ExportFailed", "X2", "Nothing can be written to out.", "", ("Choose folder",), field="folder")


def proof_texts(page: ExportPage) -> str:
    return " ".join(label.text() for label in page.result.proof_lines)


def test_export_begins_with_a_name_and_the_runs_own_folder(page: ExportPage, engine: StandInEngine) -> None:
    assert page.primary_enabled()
    page.take_primary_action()
    assert engine.jobs == [Export(an_evaluation(), ExportSettings(name=NAME))]
    engine.send(Progressed(90, 200, "Comparing rows", "rows"))
    assert page.progress.isVisible()
    assert page.progress.amount() == "90 of 200 rows"


def test_another_folder_can_be_chosen_and_taken_back(page: ExportPage, engine: StandInEngine) -> None:
    page.choose_folder("/data/Ünï 空白 <b>")
    assert page.folder_edit.text() == "/data/Ünï 空白 <b>"
    page.own_folder_button.click()
    assert page.form.value().folder == ""
    page.choose_folder("/data/out")
    page.take_primary_action()
    job = engine.jobs[-1]
    assert isinstance(job, Export)
    assert job.settings.folder == "/data/out"


def test_a_folder_can_be_typed(page: ExportPage, engine: StandInEngine, qtbot: QtBot) -> None:
    qtbot.keyClicks(page.folder_edit, "/data/typed ")
    assert page.own_folder_button.isVisible()
    page.take_primary_action()
    job = engine.jobs[-1]
    assert isinstance(job, Export)
    assert job.settings.folder == "/data/typed"


def test_an_artefact_brings_what_it_needs_and_the_folder_is_always_there(
    page: ExportPage, engine: StandInEngine
) -> None:
    boxes = page.artefacts.boxes
    assert boxes["transformers"].isChecked()
    assert not boxes["transformers"].isEnabled()
    boxes["service"].click()
    assert [name for name, box in boxes.items() if box.isChecked()] == ["transformers", "onnx", "predict", "service"]
    assert not boxes["predict"].isEnabled()
    boxes["onnx_int8"].click()  # a model of one's own choice: fp32 is not needed any more
    assert not boxes["onnx"].isChecked()
    page.take_primary_action()
    job = engine.jobs[-1]
    assert isinstance(job, Export)
    assert job.settings.artefacts == ("onnx_int8", "predict", "service")
    assert not page.artefacts.isEnabled()
    engine.succeed(an_export())
    assert page.artefacts.isEnabled()


def test_each_artefact_shows_its_figures_and_why_it_is_not_there(page: ExportPage, engine: StandInEngine) -> None:
    page.take_primary_action()
    why = Sentence("exporting.refused.agreement", title="ONNX, int8", agreement=0.985, rows=200, least=0.99)
    latencies = (Latency(1, 3.14, 4.2), Latency(32, 40.0, 55.0))
    proofs = (
        ArtefactProof("onnx", True, 90_000_000, 200, 1.0, 1e-6, 1.0, 0.0, latencies=latencies),
        ArtefactProof("onnx_int8", False, refused=why),
    )
    engine.succeed(an_export(artefacts=proofs))
    figures = page.artefacts.figures
    assert "90 MB; 100 % of 200 answers are those of the trained model" in figures["onnx"].text()
    assert "3.1 ms for 1 text (95 % below 4.2 ms)" in figures["onnx"].text()
    assert figures["onnx_int8"].text().startswith("ONNX, int8 was not exported: 98.5% of 200 answers")
    assert figures["onnx"].isVisible()
    assert not figures["zip"].isVisible()


def test_an_impossible_value_cannot_be_exported(page: ExportPage) -> None:
    page.form.field("proof_rows").editor.setText("0")  # type: ignore[union-attr]
    page.form.field("proof_rows").editor.textEdited.emit("0")  # type: ignore[union-attr]
    assert not page.primary_enabled()
    assert page.primary_reason()


def test_the_proof_is_above_the_files(page: ExportPage, engine: StandInEngine) -> None:
    page.take_primary_action()
    engine.succeed(an_export())
    assert page.result.isVisible()
    text = proof_texts(page)
    assert "loads in a clean process" in text
    assert "100 % of 200 held-out rows" in text
    assert "6.5 ms per row" in text
    assert "negative, positive" in text
    assert page.chosen() == "90 MB"
    assert page.primary_text() == "Export again"


def test_a_proof_that_fails_is_not_dressed_up(page: ExportPage, engine: StandInEngine) -> None:
    page.take_primary_action()
    engine.succeed(an_export(proof=Proof(200, 0.985, 0.2, 6.5, ("negative", "positive"), False)))
    assert "98.5 % of 200" in proof_texts(page)
    assert "does not answer like the trained model" in page.result._headline.text()


def test_a_refused_folder_is_reported_beside_it(page: ExportPage, engine: StandInEngine) -> None:
    page.choose_folder("/data/out")
    page.take_primary_action()
    engine.fail(UNWRITABLE)
    assert page.refusal() == "Nothing can be written to out."
    assert not page.progress.isVisible()
    page.choose_folder("/data/other")
    assert page.refusal() == ""


def test_the_code_to_use_it_runs_for_any_text(page: ExportPage, engine: StandInEngine) -> None:
    wrong = an_evaluation().wrong_rows[0]
    nasty = msgspec.structs.replace(wrong, text='say "hi"\nand \\ </b> \ud800')
    exported = an_export(
        evaluation=an_evaluation(wrong_rows=(nasty,)), example=(nasty.text, ""), folder='/data/a "b"\\c'
    )
    ast.parse(usage_code(exported))
    session_run = a_run(dataset=a_dataset(task="token_classification", label_names=("O", "B-person", "I-person")))
    tokens = usage_code(an_export(evaluation=an_evaluation(run=session_run)))
    assert '"token-classification"' in tokens
    assert 'aggregation_strategy="first"' in tokens
    page.take_primary_action()
    engine.succeed(an_export())
    page.result.copy_button.click()
    assert QGuiApplication.clipboard().text() == usage_code(an_export())


def test_the_code_shows_a_typical_row_and_not_the_most_wrong_one(page: ExportPage) -> None:
    code = usage_code(an_export(example=("a row like most", "")))
    assert "a row like most" in code
    assert an_evaluation().wrong_rows[0].text not in code
    assert "Type your text here." in usage_code(an_export())


def test_the_page_shows_the_digest_and_ends_with_new_model_and_finish(
    page: ExportPage, engine: StandInEngine, qtbot: QtBot
) -> None:
    assert not page.finish_button.isVisible()  # before there is anything to finish
    page.take_primary_action()
    engine.succeed(an_export(passport_digest="ab" * 32))
    assert page.result.digest.text().endswith("ab" * 32)
    assert page.result.digest.width() > 400  # it is seen
    page.result.copy_digest_button.click()
    assert QGuiApplication.clipboard().text() == "ab" * 32
    with qtbot.waitSignal(page.step_requested) as asked:
        page.new_model_button.click()
    assert asked.args == ["Load model"]
    page.finish_button.click()
    assert not page.isVisible()


def test_an_export_without_a_passport_shows_no_digest(page: ExportPage, engine: StandInEngine) -> None:
    page.take_primary_action()
    engine.succeed(an_export())
    assert not page.result.digest.isVisible()


def test_open_folder_says_when_nothing_can_open_it(
    page: ExportPage, engine: StandInEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.take_primary_action()
    engine.succeed(an_export())
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()) or False)
    page.result.open_button.click()
    assert opened == ["/workspace/runs/20261123-120000/export"]
    assert "Copy path" in page.result.folder.text()


def test_a_step_done_again_takes_the_result_away(page: ExportPage, session: Session) -> None:
    session.go_to(an_export())
    assert page.result.isVisible()
    session.go_to(an_evaluation(rows=10))
    assert not page.result.isVisible()
    assert page.primary_text() == "Export"
    assert page.form.value().name == NAME


def test_about_how_large_each_model_will_be_is_reported_before(page: ExportPage) -> None:
    assert page.artefacts.about("onnx").endswith("About 91 MB.")
    assert page.artefacts.about("onnx_int8").endswith("About 25 MB.")
    assert "About" not in page.artefacts.about("notebook")
