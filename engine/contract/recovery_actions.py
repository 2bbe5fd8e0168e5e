"""What can be done about a run in trouble, each with the caption of its button and what it changes in the settings.

The coach and the errors of training name these captions, and the window and the engine do what they say.
"""

from __future__ import annotations

import msgspec

from engine.contract.settings import FineTuneSettings

STOP = "Stop, keep the best"
HALF_RATE = "Use half the learning rate"
THREEFOLD_RATE = "Use three times the learning rate"
LOWER_RATE = "Lower the learning rate"  # of a run that has diverged: half, from its last checkpoint on
FP32 = "Use fp32"
LESS_MEMORY = "Use less memory"


def remedied(settings: FineTuneSettings, remedy: str) -> FineTuneSettings:
    """The settings as this remedy changes them; unchanged where it is about something else."""
    rate = settings.learning_rate
    if remedy in (HALF_RATE, LOWER_RATE):
        return msgspec.structs.replace(settings, learning_rate=_short(rate / 2))
    if remedy == THREEFOLD_RATE:
        return msgspec.structs.replace(settings, learning_rate=min(0.1, _short(rate * 3)))
    if remedy == FP32:
        return msgspec.structs.replace(settings, precision="fp32")
    if remedy == LESS_MEMORY:
        return msgspec.structs.replace(settings, gradient_accumulation=2 * settings.gradient_accumulation)
    return settings


def change_sentence(before: FineTuneSettings, after: FineTuneSettings, step: int) -> str:
    """What is different from this step on, for the run's record."""
    changes = []
    if before.learning_rate != after.learning_rate:
        changes.append(f"learning rate {after.learning_rate:g} instead of {before.learning_rate:g}")
    if before.precision != after.precision:
        changes.append(f"precision {after.precision} instead of {before.precision}")
    return f"From step {step:,} on: {', '.join(changes)}"


def _short(rate: float) -> float:
    """Three significant digits, as a person would write it."""
    return float(f"{rate:.3g}")
