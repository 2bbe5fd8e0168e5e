"""A recipe is opened and saved in the window: the same stages with the same settings as from the command line."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from engine.cli.recipe import named_in_recipe, parse_recipe, recipe_of, write_recipe
from engine.contract.defaults import completed
from engine.contract.errors import ErrorReport
from engine.contract.messages import Evaluate, LoadModel, PrepareDataset, StageJob
from engine.contract.settings import (
    EvaluateSettings,
    ExampleRows,
    ExportSettings,
    FineTuneSettings,
    FolderModel,
    PrepareSettings,
    Recipe,
    Roles,
    StarterModel,
)
from engine.tasks.registry import task_facts
from gui.evaluate.page import EvaluatePage
from gui.export.page import ExportPage
from gui.fine_tune.page import FineTunePage
from gui.session import Session
from gui.shell.window import Window
from tests.builders import a_dataset, a_model, a_run, an_evaluation
from tests.gui.conftest import StandInEngine
from tests.gui.stand_in_pages import PAGES

CHOSEN = Recipe(
    model=FolderModel("/models/bert"),
    data=ExampleRows("support_tickets"),
    prepare=PrepareSettings(roles=Roles(text="text", label="intent"), seed=7),
    fine_tune=FineTuneSettings(epochs=2.5, batch_size=8, learning_rate=3e-5, seed=11, device="cpu", precision="fp32"),
    evaluate=EvaluateSettings(split="validation", temperature="fit"),
    export=ExportSettings(folder="/exports/mine", name="Mine", proof_rows=50, artefacts=("onnx", "zip")),
)


@pytest.fixture
def window(session: Session, qtbot: QtBot) -> Window:
    window = Window(session, PAGES)
    qtbot.addWidget(window, before_close_func=Window.save_and_close)
    window.show()
    return window


def stages(engine: StandInEngine) -> list[StageJob]:
    return [job for job in engine.jobs if isinstance(job, StageJob)]


def written(folder: Path, recipe: Recipe) -> Path:
    path = folder / "mine.toml"
    path.write_text(write_recipe(recipe), "utf-8")
    return path


def test_a_recipe_loads_its_model_prepares_its_rows_and_fills_the_forms(
    window: Window, engine: StandInEngine, tmp_path: Path, qtbot: QtBot
) -> None:
    opened: list[Recipe] = []
    window.recipes.opened.connect(opened.append)
    window.recipes.open(written(tmp_path, CHOSEN))
    assert stages(engine) == [LoadModel(CHOSEN.model)]
    model = a_model(source=CHOSEN.model)
    engine.succeed(model)
    qtbot.waitUntil(lambda: len(stages(engine)) == 2)
    assert stages(engine)[1] == PrepareDataset(model, CHOSEN.data, CHOSEN.prepare)
    engine.succeed(a_dataset(model=model))
    qtbot.waitUntil(lambda: bool(opened))
    assert opened == [CHOSEN]
    assert window.here == 2  # Fine-tune; nothing is trained before Start
    assert len(stages(engine)) == 2


def test_what_a_recipe_leaves_open_is_filled_in_as_on_the_command_line(
    window: Window, engine: StandInEngine, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "short.toml"
    path.write_text("[fine_tune]\nseed = 3\n")
    opened: list[Recipe] = []
    window.recipes.opened.connect(opened.append)
    window.recipes.open(path)
    engine.succeed(a_model())
    qtbot.waitUntil(lambda: len(stages(engine)) == 2)
    dataset = a_dataset()
    engine.succeed(dataset)
    qtbot.waitUntil(lambda: bool(opened))
    recipe = parse_recipe(path.read_text())
    named = named_in_recipe(path.read_text(), [])
    by_command, _ = completed(recipe.fine_tune, named, dataset, task_facts(dataset.task).refused_settings)
    assert opened[0].fine_tune == by_command
    assert by_command != recipe.fine_tune  # something was open


def test_a_model_that_is_loaded_already_is_not_loaded_again(
    window: Window, engine: StandInEngine, session: Session, tmp_path: Path
) -> None:
    session.go_to(a_dataset(model=a_model(source=StarterModel())))
    window.recipes.open(written(tmp_path, Recipe()))
    assert [type(job) for job in stages(engine)] == [PrepareDataset]


def test_a_recipe_with_a_mistake_changes_nothing_and_names_its_line(
    window: Window, engine: StandInEngine, session: Session, tmp_path: Path
) -> None:
    session.go_to(a_dataset())
    (tmp_path / "wrong.toml").write_text("[fine_tune]\nepochs = 'many'\n")
    window.recipes.open(tmp_path / "wrong.toml")
    assert "wrong.toml, line 2: fine_tune.epochs: it must be a number" in window.content_area.banner.message()
    assert session.state == a_dataset()
    assert stages(engine) == []


def test_a_stage_that_fails_ends_the_recipe(
    window: Window, engine: StandInEngine, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    window.recipes.open(written(tmp_path, CHOSEN))
    engine.fail(ErrorReport("ModelNotFound", "M1", "No model.", ""))
    session.run_stage(LoadModel(StarterModel()))  # by hand, afterwards
    engine.succeed(a_model())
    QCoreApplication.processEvents()
    assert [type(job) for job in stages(engine)] == [LoadModel, LoadModel]


def test_what_is_open_is_saved_as_a_recipe_that_is_read_back(window: Window, session: Session) -> None:
    evaluation = an_evaluation(run=a_run(settings=CHOSEN.fine_tune))
    session.go_to(evaluation)
    assert parse_recipe(window.recipes.text(None)) == recipe_of(evaluation)
    session.go_to(a_dataset())
    form = msgspec.structs.replace(CHOSEN.fine_tune, seed=5)
    saved = parse_recipe(window.recipes.text(form))
    assert saved == msgspec.structs.replace(recipe_of(a_dataset()), fine_tune=form)


def test_the_menu_opens_and_saves(
    window: Window, engine: StandInEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, target = written(tmp_path, CHOSEN), tmp_path / "saved.toml"
    monkeypatch.setattr("gui.shell.recipe_opener.QFileDialog.getOpenFileName", lambda *args: (str(path), ""))
    monkeypatch.setattr("gui.components.saving.QFileDialog.getSaveFileName", lambda *args: (str(target), ""))
    actions = {action.text(): action for action in window.sidebar._menu.actions()}
    actions["Save as recipe…"].trigger()
    assert parse_recipe(target.read_text("utf-8")) == Recipe()
    actions["Open recipe…"].trigger()
    assert stages(engine) == [LoadModel(CHOSEN.model)]


def test_the_forms_of_the_pages_take_the_settings_of_a_recipe(
    session: Session, engine: StandInEngine, qtbot: QtBot
) -> None:
    training, evaluating, exporting = (kind(session) for kind in (FineTunePage, EvaluatePage, ExportPage))
    for page in (training, evaluating, exporting):
        qtbot.addWidget(page)
    training.show_state(a_dataset())
    for page in (training, evaluating, exporting):
        page.show_recipe(CHOSEN)
    assert training.training_settings() == CHOSEN.fine_tune
    assert exporting.form.value() == CHOSEN.export
    assert exporting.artefacts.value() == CHOSEN.export.artefacts
    evaluating.show_state(a_run())
    evaluating.take_primary_action()
    wanted = msgspec.structs.replace(CHOSEN.evaluate, device=a_run().settings.device)
    assert stages(engine) == [Evaluate(a_run(), wanted)]
