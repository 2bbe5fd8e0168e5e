"""Recipes in the window: one is opened, its model loaded and its rows prepared, and the forms show what is in it.

Training itself waits for Start. What is open is saved as a recipe that the command line runs.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from engine.cli.recipe import RecipeText, named_in_recipe, recipe_of, text_of_file, with_choice, write_recipe
from engine.contract.defaults import completed
from engine.contract.errors import EngineError
from engine.contract.sentences import Sentence
from engine.contract.settings import FineTuneSettings, Recipe
from engine.contract.states import PreparedDataset, TrainingRun, find
from engine.tasks.registry import task_facts
from gui.components.saving import save_file
from gui.session import Session
from gui.shell.content_area import ContentArea
from gui.shell.first_steps import FirstSteps
from gui.shell.steps import Steps


class RecipeOpener(QObject):
    """Opens recipes, and saves what is open as one."""

    step_requested = Signal(int)
    opened = Signal(object)  # Recipe, with all that it left open filled in: for the forms

    def __init__(self, session: Session, steps: Steps, content_area: ContentArea, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._steps = steps
        self._content_area = content_area
        self._window = window
        self._first_steps = FirstSteps(session, steps, self)
        self._first_steps.step_requested.connect(self.step_requested)

    def ask(self) -> None:
        """Lets the user choose a recipe, and opens it."""
        start = self._session.preferences.now.last_folder
        chosen, _ = QFileDialog.getOpenFileName(self._window, str(Sentence("gui.recipe.open")), start, "*.toml")
        if chosen:
            self.open(Path(chosen))

    def open(self, path: Path) -> None:
        """Opens this recipe; what is wrong with it is shown, and nothing is changed."""
        if self._session.busy:
            self._content_area.show_note("caution", Sentence("gui.shell.another_step_running_wait_stop"))
            return
        try:
            written = text_of_file(path)
            recipe = written.parsed()
        except EngineError as error:
            self._content_area.show_error(error.report())
            return
        self._first_steps.go(recipe.model, (recipe.data, recipe.prepare), lambda: self._show(written, recipe))

    def save(self, settings: Callable[[], FineTuneSettings | None]) -> None:
        """Saves what is open; `settings` are those of the form, for where nothing is trained yet."""
        save_file(self._window, "recipe.toml", self.text(settings()))

    def text(self, settings: FineTuneSettings | None) -> str:
        """The recipe of what is open."""
        state = self._session.state
        recipe, title = recipe_of(state) if state is not None else Recipe(), str(Sentence("gui.recipe.title"))
        if find(state, TrainingRun) is None and settings is not None:
            recipe = msgspec.structs.replace(recipe, fine_tune=settings)
        return write_recipe(recipe, title=with_choice(title, state) if state is not None else title)

    def _show(self, written: RecipeText, recipe: Recipe) -> None:
        """Fills in what the recipe leaves open, as the command line does, and shows it in the forms."""
        dataset = find(self._session.state, PreparedDataset)
        if dataset is None:
            return
        named = named_in_recipe(written.text, [])
        settings, _ = completed(recipe.fine_tune, named, dataset, task_facts(dataset.task).refused_settings)
        self.step_requested.emit(self._steps.page_making(TrainingRun))
        self.opened.emit(msgspec.structs.replace(recipe, fine_tune=settings))
        self._content_area.show_note("good", Sentence("gui.recipe.opened", name=written.name))
