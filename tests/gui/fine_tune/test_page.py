"""The Fine-tune page: presets, settings, what it shows while training, what stays afterwards."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QComboBox, QLineEdit, QMessageBox
from pytestqt.qtbot import QtBot

from engine.contract.errors import ErrorReport
from engine.contract.events import (
    CheckpointSaved,
    Evaluated,
    Event,
    Noted,
    StageStarted,
    StepsTrained,
    StopAccepted,
    TrainingStarted,
)
from engine.contract.messages import FineTune
from engine.contract.queries import AskDevices, Device, DevicesFound
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.run_changes import trial_name
from engine.contract.settings import FileRows, FineTuneSettings
from engine.contract.states import SplitCounts
from engine.workspace.runs import RunStatus, create_run, run_folder, save_run
from gui.fine_tune.page import FineTunePage
from gui.session import Session
from tests.builders import a_dataset, a_run, an_evaluation
from tests.gui.conftest import StandInEngine

TRAINING: list[Event] = [
    StageStarted("Fine-tuning"),
    TrainingStarted("20261123-120000", "/r", 300, 100.0, 0, "cpu", "fp32", "macro_f1"),
    StepsTrained(10, 300, 0.1, 0.68, 1e-5, 1.0, 900.0, 3.0),
    StepsTrained(20, 300, 0.2, 0.61, 2e-5, 1.0, 900.0, 6.0),
    Evaluated(100, 1.0, 0.5, {"macro_f1": 0.8}, "macro_f1", True),
    CheckpointSaved(100, 0.2),
]


@pytest.fixture
def found_devices(engine: StandInEngine) -> None:
    gpus = (Device(f"cuda:{number}", "NVIDIA H200", 1, 1_500_000_000, True) for number in range(2))
    devices = DevicesFound((*gpus, Device("cpu", "CPU, 2 cores", 1, 16_000_000_000, False)), "")
    engine.answers[AskDevices] = lambda _question: devices


@pytest.fixture
def page(found_devices: None, empty_page: FineTunePage, session: Session) -> FineTunePage:
    session.go_to(a_dataset())
    return empty_page


def job_of(engine: StandInEngine) -> FineTune:
    job = engine.jobs[engine.stage_number() - 1]
    assert isinstance(job, FineTune)
    return job


def test_the_balanced_preset_is_chosen_for_new_rows(page: FineTunePage) -> None:
    assert page.settings().epochs == 5
    assert [card.isChecked() for card in page._setup.cards] == [False, True, False]
    assert "1,600 training rows" in page.sentence()


def test_the_plan_of_few_rows_counts_updates_and_keeps_the_last(page: FineTunePage, session: Session) -> None:
    dataset = a_dataset()
    few = {name: SplitCounts(rows, {}) for name, rows in (("train", 96), ("validation", 10), ("test", 10))}
    session.go_to(msgspec.structs.replace(dataset, splits=few, fingerprint="few"))
    text = page._setup._plan.text()
    assert "96 training rows in batches of 32, 300 updates of the weights, about 100 epochs. 2 times in all" in text
    assert "the last checkpoint is kept" in text


def test_the_plan_shows_how_often_the_run_evaluates(page: FineTunePage) -> None:
    assert "After each epoch the model is evaluated on 200 validation rows" in page._setup._plan.text()
    page._setup.cards[2].click()
    assert "2 times in each epoch the model is evaluated on 200 validation rows" in page._setup._plan.text()


def test_a_preset_fills_the_form_and_keeps_device_and_seed(page: FineTunePage) -> None:
    page.set_settings(msgspec.structs.replace(page.settings(), device="cpu", seed=7))
    page._setup.cards[0].click()
    assert (page.settings().epochs, page.settings().device, page.settings().seed) == (1, "cpu", 7)


def test_a_changed_field_is_no_preset_any_more_and_reaches_the_job(page: FineTunePage, engine: StandInEngine) -> None:
    editor = page._setup.short_form.field("learning_rate").editor
    editor.setText("2e−5")  # type: ignore[union-attr]
    editor.textEdited.emit("2e−5")  # type: ignore[union-attr]
    assert not any(card.isChecked() for card in page._setup.cards)
    page.take_primary_action()
    assert job_of(engine).settings.learning_rate == 2e-5
    assert job_of(engine).dataset == a_dataset()


def test_an_impossible_value_cannot_be_started_and_the_reason_is_beside_it(page: FineTunePage) -> None:
    editor = page._setup.short_form.field("batch_size").editor
    editor.setText("0")  # type: ignore[union-attr]
    editor.textEdited.emit("0")  # type: ignore[union-attr]
    assert not page.primary_enabled()
    assert "Batch size" in page.primary_reason()
    assert "Batch size" in page._setup.short_form.field("batch_size").refusal


def test_less_memory_is_one_click_away(page: FineTunePage, engine: StandInEngine) -> None:
    error = ErrorReport("OutOfMemory", "T1", "The memory is full.", actions=(RecoveryAction.USE_LESS_MEMORY,))
    page.solve(RecoveryAction.USE_LESS_MEMORY, error)
    assert job_of(engine).settings.gradient_accumulation == 2


def test_the_devices_of_this_computer_can_be_chosen(page: FineTunePage, qtbot: QtBot) -> None:
    editor = page._setup.short_form.field("device").editor
    qtbot.waitUntil(lambda: editor.count() == 4)  # type: ignore[union-attr]
    assert [editor.itemData(i) for i in range(4)] == ["auto", "cuda:0", "cuda:1", "cpu"]  # type: ignore[union-attr]
    assert [editor.itemText(i) for i in range(4)] == [  # type: ignore[union-attr]
        "Auto: NVIDIA H200",
        "NVIDIA H200, cuda:0: 1.5 GB free",
        "NVIDIA H200, cuda:1: 1.5 GB free",
        "CPU, 2 cores: 16 GB free",
    ]


def test_several_gpus_can_be_chosen_and_a_refusal_is_shown_beside_the_field(
    page: FineTunePage, engine: StandInEngine
) -> None:
    field = page._setup.more_form.field("gpus")
    assert not field.isVisible()
    field.editor.setText("2")  # type: ignore[union-attr]
    field.editor.textEdited.emit("2")  # type: ignore[union-attr]
    page.take_primary_action()
    assert job_of(engine).settings.gpus == 2
    refused = ErrorReport("InvalidSetting", "T12", "2 GPUs are requested, and there is 1.", field="gpus")
    engine.fail(refused)
    assert field.isVisible()
    assert field.refusal == "2 GPUs are requested, and there is 1."


def test_while_training_the_curves_grow_and_the_numbers_are_below(page: FineTunePage, engine: StandInEngine) -> None:
    page.take_primary_action()
    engine.send_all(TRAINING)
    assert list(page._curves.training_loss.x) == [10, 20]
    assert list(page._curves.scores.y) == [0.8]
    assert page._progress.phase() == "Training"
    assert "step 20 of 300" in page._progress.numbers()
    assert page.stop_texts() == ("Stop, keep the best", "Stop and discard")
    assert not page.primary_enabled()


def test_start_pressed_ten_times_starts_one_run(page: FineTunePage, engine: StandInEngine) -> None:
    for _ in range(10):
        page.take_primary_action()
    assert sum(isinstance(job, FineTune) for job in engine.jobs) == 1


def test_stop_keeps_the_best_and_stop_and_discard_does_not(page: FineTunePage, engine: StandInEngine) -> None:
    page.take_primary_action()
    engine.send_all(TRAINING)
    page.stop(0)
    assert engine.stopped_stages()[-1] == (engine.stage_number(), False)
    assert page._progress.phase() == "Finishing this step, then saving"
    assert page.stop_texts() == ("End at once",)
    engine.send(StopAccepted())
    assert page._progress.phase() == "Saving"
    page.stop(1)
    assert engine.stopped_stages()[-1] == (engine.stage_number(), True)


def question(page: FineTunePage) -> QMessageBox | None:
    found = page.window().findChildren(QMessageBox)
    return found[0] if found else None


def press(box: QMessageBox | None, caption: str) -> None:
    assert box is not None
    next(button for button in box.buttons() if button.text() == caption).click()


def test_what_was_learned_is_discarded_only_after_a_question(
    page: FineTunePage, engine: StandInEngine, qtbot: QtBot
) -> None:
    page.take_primary_action()
    engine.send_all(TRAINING)
    page.stop(1)
    box = question(page)
    assert box is not None
    assert "20 steps" in box.informativeText()
    assert box.defaultButton().text() == "Keep training"
    press(box, "Keep training")
    assert engine.stopped_stages() == []
    qtbot.waitUntil(lambda: question(page) is None)
    page.stop(1)
    press(question(page), "Stop and discard")
    assert engine.stopped_stages() == [(engine.stage_number(), True)]
    assert page._progress.phase() == "Finishing this step, then discarding"


def test_before_the_first_step_there_is_nothing_to_ask(page: FineTunePage, engine: StandInEngine) -> None:
    page.take_primary_action()
    page.stop(1)
    assert question(page) is None
    assert engine.stopped_stages() == [(engine.stage_number(), True)]


def test_the_question_goes_when_training_ends_meanwhile(
    page: FineTunePage, engine: StandInEngine, qtbot: QtBot
) -> None:
    page.take_primary_action()
    engine.send_all(TRAINING)
    page.stop(1)
    engine.succeed(a_run())
    qtbot.waitUntil(lambda: question(page) is None)
    assert engine.stopped_stages() == []


def test_what_was_reached_is_first_when_training_is_over(page: FineTunePage, engine: StandInEngine) -> None:
    page.take_primary_action()
    engine.send_all(TRAINING)
    engine.succeed(a_run())
    assert "0.830" in page._watch.result._sentence.text()
    assert page._watch.result.isVisible()
    assert not page._progress.isVisible()
    assert page.chosen() == "validation 0.830, best of 3 · macro F1"
    assert not page.primary_enabled()
    page._watch.result.again.click()
    assert page.primary_text() == "Start again"
    assert page.primary_enabled()


def test_a_discarded_run_leads_back_to_the_settings(page: FineTunePage, engine: StandInEngine) -> None:
    page.take_primary_action()
    engine.send_all(TRAINING)
    engine.stopped()
    assert page._setup.isVisible()
    assert page.primary_enabled()


def test_a_failure_is_reported_and_the_settings_stay(page: FineTunePage, engine: StandInEngine, qtbot: QtBot) -> None:
    page._setup.cards[2].click()
    wanted = page.settings()
    page.take_primary_action()
    with qtbot.waitSignal(page.error_found) as found:
        engine.fail(ErrorReport("OutOfMemory", "T1", "The memory of the GPU is full.", field="batch_size"))
    assert found.args[0].id == "T1"
    assert page.settings() == wanted
    assert page._setup.short_form.field("batch_size").refusal == "The memory of the GPU is full."


def test_continue_after_a_crash_goes_on_with_that_run(
    page: FineTunePage, engine: StandInEngine, session: Session
) -> None:
    record = create_run(session.workspace, a_dataset(), FineTuneSettings(epochs=2))
    save_run(session.workspace, msgspec.structs.replace(record, status="training"))
    (run_folder(session.workspace, record.id) / "checkpoints" / "step-000100").mkdir(parents=True)
    page.take_primary_action()
    error = ErrorReport("WorkerDied", "T3", "Training stopped.", actions=(RecoveryAction.CONTINUE_RUN,))
    engine.fail(error)
    page.solve(RecoveryAction.CONTINUE_RUN, error)
    assert job_of(engine).continue_run == record.id
    assert job_of(engine).settings.epochs == 2


def test_a_run_that_another_hand_continues_is_watched_too(
    page: FineTunePage, engine: StandInEngine, session: Session
) -> None:
    assert page._setup.isVisible()
    session.run_stage(FineTune(a_dataset(), FineTuneSettings(), continue_run="20261123-120000"))
    assert page._watch.isVisible()


def test_other_data_closes_the_result_and_keeps_the_entries(page: FineTunePage, session: Session) -> None:
    session.go_to(a_run(settings=FineTuneSettings(epochs=7)))
    assert page._watch.isVisible()
    session.go_to(a_dataset(name="other.csv"))
    assert page._setup.isVisible()
    assert page.settings().epochs == 7
    assert page.chosen() == ""


def test_other_rows_or_another_task_start_afresh_after_a_search(page: FineTunePage, session: Session) -> None:
    named = trial_name(2, 8, "MiniLM-L6 on films")
    trial = msgspec.structs.replace(
        page.settings(), run_name=named, learning_rate=3e-3, epochs=17.0, watch_list=("a fine film",), device="cpu"
    )
    session.go_to(a_run(settings=trial))
    assert (page.settings().learning_rate, page.settings().epochs) == (3e-3, 17.0)
    assert page.settings().run_name == ""  # the next run is no trial of that search
    assert page.settings().watch_list == ("a fine film",)
    session.go_to(a_dataset(source=FileRows("questions.csv"), fingerprint="other"))
    fresh = page.settings()
    assert (fresh.learning_rate, fresh.epochs, fresh.watch_list, fresh.run_name) == (1e-4, 5, (), "")
    assert fresh.device == "cpu"  # of this computer, not of those rows
    assert [card.isChecked() for card in page._setup.cards] == [False, True, False]


def test_a_rate_from_find_comes_back_with_one_click_after_a_preset(page: FineTunePage) -> None:
    button = page._setup.found_rate_button
    assert not button.isVisible()
    page._exploring.rate_chosen.emit(3.2e-5)
    assert (page.settings().learning_rate, button.isVisible()) == (3.2e-5, False)
    page._setup.cards[0].click()
    assert page.settings().learning_rate != 3.2e-5
    assert button.isVisible()
    assert "3.2e-5" in button.text().replace("−", "-")
    button.click()
    assert (page.settings().learning_rate, button.isVisible()) == (3.2e-5, False)


def test_a_worse_run_does_not_take_the_place_of_a_better_one(
    page: FineTunePage, session: Session, engine: StandInEngine, qtbot: QtBot
) -> None:
    better = an_evaluation()
    session.go_to(better)
    page.take_primary_action()
    worse = msgspec.structs.replace(better.run, id="20261201-090000", best_score=0.2)
    engine.succeed(worse)
    qtbot.waitUntil(page.kept.isVisible)
    assert session.state == better  # with its evaluation
    assert "0.200" in page.kept.message()
    (button,) = page.kept.buttons()
    button.click()
    assert session.state == worse
    assert not page.kept.isVisible()


@pytest.mark.parametrize("score", [0.99, None])
def test_a_better_run_or_one_on_other_rows_is_opened(
    page: FineTunePage, session: Session, engine: StandInEngine, qtbot: QtBot, score: float | None
) -> None:
    session.go_to(a_run())
    page.take_primary_action()
    other = {} if score is not None else {"dataset": a_dataset(fingerprint="other")}
    run = msgspec.structs.replace(a_run(), id="20261201-090000", best_score=score, **other)
    engine.succeed(run)
    settled: list[bool] = []
    QTimer.singleShot(0, page, lambda: settled.append(True))  # after the page's own
    qtbot.waitUntil(lambda: bool(settled))
    assert session.state == run
    assert not page.kept.isVisible()


def test_a_note_of_the_engine_is_shown_as_it_is_written(page: FineTunePage, engine: StandInEngine) -> None:
    page.take_primary_action()
    engine.send(Noted("<b>bold</b> & more"))
    assert page._watch.notes.text() == "<b>bold</b> & more"
    assert page._watch.notes.textFormat().name == "PlainText"


def test_the_reasons_name_the_users_own_numbers(page: FineTunePage) -> None:
    assert "22,713,216" in page.why()
    assert "16 rows" in page.why()
    assert "learning_rate" in page.code()


def test_what_does_not_go_with_the_rows_is_refused_beside_its_field(page: FineTunePage, session: Session) -> None:
    session.go_to(a_dataset(task="regression", fingerprint="numbers"))
    page.set_settings(msgspec.structs.replace(page.settings(), class_weights="balanced"))
    assert list(page._setup.errors()) == ["class_weights"]
    assert page._setup.more_form.isVisible()
    assert "no classes" in page.primary_reason()
    weights = page._setup.more_form.field("class_weights").editor
    assert isinstance(weights, QComboBox)
    weights.setCurrentIndex(0)
    weights.activated.emit(0)
    assert page._setup.errors() == {}
    assert page.primary_enabled()


def test_the_count_of_layers_is_asked_only_where_it_matters(page: FineTunePage, qtbot: QtBot) -> None:
    part = page._setup.layers_form.form
    choice, layers = part.field("layers_to_train").editor, part.field("last_layers")
    assert isinstance(choice, QComboBox)
    assert not layers.isVisible()
    qtbot.keyClick(choice, Qt.Key.Key_Down)
    assert page.settings().layers_to_train == "last_layers"
    assert layers.isVisible()
    editor = layers.editor
    assert isinstance(editor, QLineEdit)
    editor.clear()
    qtbot.keyClicks(editor, "7")
    assert page._setup.errors() == {"last_layers": "all-MiniLM-L6-v2 has 6 layers."}
    assert not page.primary_enabled()
    editor.clear()
    qtbot.keyClicks(editor, "6")
    assert page.primary_enabled()
    assert page.settings().last_layers == 6
    assert "last layers" in page.why()


def test_the_answer_layer_alone_has_no_layers_to_distinguish(page: FineTunePage) -> None:
    page.set_settings(msgspec.structs.replace(page.settings(), layers_to_train="head_only", layer_decay=0.8))
    assert list(page._setup.errors()) == ["layer_decay"]
    page.set_settings(msgspec.structs.replace(page.settings(), layer_decay=1.0))
    assert page._setup.errors() == {}


def test_adapters_are_set_up_where_they_are_chosen(page: FineTunePage, qtbot: QtBot) -> None:
    part = page._setup.layers_form
    assert not part.adapter_form.isVisible()
    page.set_settings(msgspec.structs.replace(page.settings(), layers_to_train="lora"))
    assert part.adapter_form.isVisible()
    rank = part.adapter_form.field("lora_rank").editor
    assert isinstance(rank, QLineEdit)
    rank.clear()
    qtbot.keyClicks(rank, "32")
    assert (page.settings().lora_rank, page.settings().layers_to_train) == (32, "lora")
    qtbot.keyClicks(rank, "000")
    assert list(page._setup.errors()) == ["lora_rank"]
    assert "adapters" in page.why()


def choose_part(page: FineTunePage, part: str) -> None:
    choice = page._setup.layers_form.form.field("layers_to_train").editor
    assert isinstance(choice, QComboBox)
    choice.setCurrentIndex(choice.findData(part))
    choice.activated.emit(choice.currentIndex())


def test_adapters_bring_their_learning_rate_and_presets_keep_them(page: FineTunePage) -> None:
    usual = page.settings().learning_rate
    choose_part(page, "lora")
    assert page.settings().learning_rate == pytest.approx(10 * usual)
    shown = page._setup.short_form.field("learning_rate").editor
    assert isinstance(shown, QLineEdit)
    assert float(shown.text()) == pytest.approx(10 * usual)
    assert [card.isChecked() for card in page._setup.cards] == [False, True, False]
    assert shown.text() in page._setup.cards[0].facts.text()
    page._setup.cards[2].click()
    assert (page.settings().layers_to_train, page.settings().patience) == ("lora", 4)
    assert page.settings().learning_rate == pytest.approx(10 * usual)
    choose_part(page, "full")
    assert page.settings().learning_rate == usual


def test_a_learning_rate_of_ones_own_stays_with_adapters(page: FineTunePage, qtbot: QtBot) -> None:
    editor = page._setup.short_form.field("learning_rate").editor
    assert isinstance(editor, QLineEdit)
    editor.clear()
    qtbot.keyClicks(editor, "3e-5")
    choose_part(page, "lora")
    assert page.settings().learning_rate == 3e-5
    assert editor.text() == "3e-5"


@pytest.mark.parametrize(("status", "offered"), [("stopped", True), ("finished", False)])
def test_a_run_that_was_stopped_can_be_continued_from_its_result(
    page: FineTunePage, engine: StandInEngine, session: Session, status: RunStatus, offered: bool
) -> None:
    settings = FineTuneSettings(epochs=2)
    record = create_run(session.workspace, a_dataset(), settings)
    (run_folder(session.workspace, record.id) / "checkpoints" / "step-000100").mkdir(parents=True)
    page.take_primary_action()
    save_run(session.workspace, msgspec.structs.replace(record, status=status))
    engine.succeed(a_run(id=record.id, settings=settings, steps=100, stopped_early=True))
    result = page._watch.result
    assert result.continue_button.isVisible() == offered
    assert result._sentence.text().startswith("Stopped early." if offered else "Ended early.")
    assert ("Continue" in page.primary_reason()) == offered
    if offered:
        result.continue_button.click()
        assert job_of(engine).continue_run == record.id
        assert job_of(engine).settings == settings
        assert not result.isVisible()
        assert page._progress.isVisible()
