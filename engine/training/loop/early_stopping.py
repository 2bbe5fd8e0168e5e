"""When a run evaluates, and how long it has gone without improving."""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.contract.presets import epochs_per_evaluation, evaluations_per_epoch
from engine.contract.states import HistoryPoint

LEFT_FLOOR = 0.05  # above the first score: before learning starts, the F1 of a rare label goes up and down by less


def is_evaluation_step(step: int, *, steps_per_epoch: int, total_steps: int, interval: int) -> bool:
    """Whether a run evaluates after `step` updates: evenly within each epoch, the last time at its end, and at the end.

    `interval` is the number of steps that is asked for between two evaluations, 0 for the ends of epochs only. Counted
    from the start of the run it would drift against the epochs, with evaluations one step apart.
    """
    if step == 0 or step == total_steps:
        return step > 0
    times = evaluations_per_epoch(steps_per_epoch, interval)
    epochs = epochs_per_evaluation(steps_per_epoch, interval)
    if epochs > 1:
        return step % (epochs * steps_per_epoch) == 0
    inside = (step - 1) % steps_per_epoch
    return (inside + 1) * times // steps_per_epoch > inside * times // steps_per_epoch


def count_evaluations(*, steps_per_epoch: int, total_steps: int, interval: int) -> int:
    """How often a run evaluates."""
    between = epochs_per_evaluation(steps_per_epoch, interval)
    if between > 1:
        return -(-total_steps // (between * steps_per_epoch))
    epochs, rest = divmod(total_steps, steps_per_epoch)
    times = evaluations_per_epoch(steps_per_epoch, interval)
    ends_between = rest > 0 and rest * times // steps_per_epoch == (rest - 1) * times // steps_per_epoch
    return epochs * times + rest * times // steps_per_epoch + ends_between


def evaluations_without_gain(history: Sequence[HistoryPoint], metric: str) -> int:
    """How many evaluations in a row, the last one included, count against the patience.

    One without a better score counts once the score has left its floor; before that the score of a network that starts
    to learn often stays at that of always the same prediction, and only a validation loss that does not fall counts.
    """
    count, first, best, lowest = 0, None, None, math.inf
    for point in history:
        score, loss = point.scores.get(metric), point.validation_loss
        has_left_floor = first is not None and best is not None and best > first + LEFT_FLOOR
        falls = loss is not None and loss < lowest
        is_better = score is not None and (best is None or score > best)
        count = 0 if is_better or (falls and not has_left_floor) else count + 1
        first = score if first is None else first
        best = score if is_better else best
        lowest = loss if falls and loss is not None else lowest
    return count
