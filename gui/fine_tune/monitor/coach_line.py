"""The coach's line above the charts: a finding, and one button that does something about it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from engine.contract.defaults import next_settings
from engine.contract.events import Advised
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.contract.settings import FineTuneSettings
from engine.contract.states import PreparedDataset
from engine.tasks.registry import task_facts
from gui.components.action_captions import caption_of
from gui.components.banner import Banner, Button
from gui.components.numbers import write_number


class CoachLine(Banner):
    """Hidden while there is no advice; `action_requested` is a press of its button, which `follow` carries out."""

    action_requested = Signal(object)  # RecoveryAction

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = FineTuneSettings()
        self._dataset: PreparedDataset | None = None
        self._prepared: FineTuneSettings | None = None  # of the run that follows the one that is stopping

    def begin(self, settings: FineTuneSettings, dataset: PreparedDataset) -> None:
        """A run with these settings begins."""
        self._settings, self._dataset = settings, dataset
        self._prepared = None
        self.clear()

    def show_advice(self, advice: Advised) -> None:
        """Shows a finding in place of the one before."""
        self.show_note("caution", advice.finding, buttons=self._button_of(advice.action))

    def show_again(self, settings: FineTuneSettings, dataset: PreparedDataset, advice: Advised) -> None:
        """Shows what was found in a run with these settings that has ended, with what can still be done about it."""
        self._settings, self._dataset = settings, dataset
        self._prepared = None
        helps = self._changed(advice.action) != settings
        self.show_note("caution", advice.finding, buttons=self._button_of(advice.action) if helps else ())

    def end(self) -> FineTuneSettings | None:
        """The run has ended: returns the settings that were prepared for the next one, and shows that there are any."""
        self.clear()
        prepared, self._prepared = self._prepared, None
        if prepared is not None:
            self.show_note("news", self._change_text(prepared), Sentence("gui.fine_tune.start_begins_new_run"))
        return prepared

    def what_follows(self, action: RecoveryAction) -> str:
        """What the next run is prepared with, in a sentence; empty where nothing changes."""
        changed = self._changed(action)
        return self._change_text(changed) if changed != self._settings else ""

    def follow(self, action: RecoveryAction) -> None:
        """Prepares the next run; `end` returns its settings."""
        changed = self._changed(action)
        self._prepared = changed if changed != self._settings else None
        self.clear()

    def _change_text(self, prepared: FineTuneSettings) -> str:
        if prepared.learning_rate == self._settings.learning_rate:
            return Sentence("gui.fine_tune.updates_now", updates=prepared.updates)
        return Sentence("gui.fine_tune.rate_now", rate=write_number(prepared.learning_rate))

    def _button_of(self, action: RecoveryAction) -> tuple[Button, ...]:
        return (
            ((caption_of(action), lambda: self.action_requested.emit(action)),)
            if action is not RecoveryAction.NONE
            else ()
        )

    def _changed(self, action: RecoveryAction) -> FineTuneSettings:
        dataset = self._dataset
        if dataset is None:
            return self._settings
        return next_settings(self._settings, action, dataset, task_facts(dataset.task).refused_settings)
