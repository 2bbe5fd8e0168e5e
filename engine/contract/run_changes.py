"""What a recovery action or a search changes in the settings of a run."""

from __future__ import annotations

import re

import msgspec

from engine.contract.formatting import count
from engine.contract.presets import FEWEST_UPDATES, planned_steps, usual_rate
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.contract.settings import FineTuneSettings
from engine.contract.states import PreparedDataset

_EDITS = re.compile(r" \+ [\d,]+ edits?$")
_TRIAL = re.compile(r"search \d+ of \d+ · ")


def with_action(
    settings: FineTuneSettings, action: RecoveryAction, dataset: PreparedDataset | None = None
) -> FineTuneSettings:
    """The settings as this action changes them; unchanged where it is about something else.

    The preset's rate and a longer run follow from the data set; without one they change nothing.
    """
    rate = settings.learning_rate
    match action:
        case RecoveryAction.USE_PRESET_RATE if dataset is not None:
            return msgspec.structs.replace(settings, learning_rate=usual_rate(dataset.model, settings))
        case RecoveryAction.TRAIN_LONGER if dataset is not None:
            updates = max(2 * planned_steps(dataset, settings), FEWEST_UPDATES)
            return msgspec.structs.replace(settings, updates=updates)
        case RecoveryAction.HALVE_LEARNING_RATE | RecoveryAction.LOWER_LEARNING_RATE:
            return msgspec.structs.replace(settings, learning_rate=_short(rate / 2))
        case RecoveryAction.TRIPLE_LEARNING_RATE:
            return msgspec.structs.replace(settings, learning_rate=min(0.1, _short(rate * 3)))
        case RecoveryAction.USE_FP32:
            return msgspec.structs.replace(settings, precision="fp32")
        case RecoveryAction.USE_LESS_MEMORY:
            return msgspec.structs.replace(settings, gradient_accumulation=2 * settings.gradient_accumulation)
        case _:
            return settings


def change_sentence(before: FineTuneSettings, after: FineTuneSettings, step: int) -> Sentence:
    """What is different from this step on, for the run's record."""
    changes = []
    if before.learning_rate != after.learning_rate:
        changes.append(
            Sentence("contract.note.rate_instead_of", after=after.learning_rate, before=before.learning_rate)
        )
    if before.precision != after.precision:
        changes.append(Sentence("contract.note.precision_instead_of", after=after.precision, before=before.precision))
    return Sentence("contract.note.changed_from_step", step=step, changes=changes)


def trial_name(number: int, trials: int, name: str) -> str:
    """What a trial of a search is called; `name` is that of the run the search was asked for."""
    return f"search {number} of {trials} · {name[:160]}"


def without_trial_name(settings: FineTuneSettings) -> FineTuneSettings:
    """The settings as another run takes them up: what a trial or a child of a run is belongs to that alone."""
    own = _TRIAL.match(settings.run_name) or settings.parent
    return msgspec.structs.replace(settings, run_name="", parent="", student_layers=0) if own else settings


def edits_name(name: str, edits: int) -> str:
    """What a run is called that was trained again after so many edits of rows; `name` is that of its parent."""
    of_parent = _EDITS.sub("", name)[:160].rstrip()
    return f"{of_parent} + {count(edits, 'edit')}"


def _short(rate: float) -> float:
    """Three significant digits, as a person would write it."""
    return float(f"{rate:.3g}")
