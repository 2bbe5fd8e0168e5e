"""How far a run has come: state.json of a checkpoint, and what a continued run starts from."""

from __future__ import annotations

import msgspec

from engine.contract.sentences import Sentence
from engine.contract.states import HistoryPoint


class Progress(msgspec.Struct):
    """Changed by the loop after each update and each evaluation.

    `loss_sum` and `loss_steps` accumulate the training loss since the last evaluation. `best_step` 0: none yet. `parts`
    0: a batch is split as the settings ask; otherwise into so many parts, because memory was short.
    """

    step: int = 0
    seconds: float = 0.0
    loss_sum: float = 0.0
    loss_steps: int = 0
    evaluated_step: int = 0
    best_step: int = 0
    best_score: float | None = None
    history: list[HistoryPoint] = []
    scaler: dict[str, float] = {}  # of the fp16 loss scale
    parts: int = 0
    memory_tries: int = 0
    evaluations_without_gain: int = 0
    shortened_to: int = 0  # updates, where the time budget has ended the schedule earlier; 0: as planned
    notes: list[Sentence] = []  # what the user is shown about this run

    def take_score(self, score: float | None, loss: float | None, *, keep_last: bool = False) -> bool:
        """Records score and validation loss of the current step; returns whether it is the one to keep so far.

        That is the best one, where the last is not kept whatever its score. Of equal scores the one with the lower loss
        is better; a score of None is lower than any other.
        """
        if self.best_step and not keep_last and not self._is_better(score, loss):
            return False
        self.best_step, self.best_score = self.step, score
        return True

    def _is_better(self, score: float | None, loss: float | None) -> bool:
        if score != self.best_score:
            return score is not None and (self.best_score is None or score > self.best_score)
        best = next((point for point in self.history if point.step == self.best_step), None)
        if best is None or loss is None:  # a continued run repeats evaluations that came before the best
            return False
        return best.validation_loss is None or loss < best.validation_loss
