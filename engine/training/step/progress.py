"""How far a run has come: state.json of a checkpoint, and what a continued run starts from."""

from __future__ import annotations

import msgspec

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
    notes: list[str] = []  # what the user should know about this run

    def take_score(self, score: float | None) -> bool:
        """Records the score of the current step; returns whether it is the best so far."""
        known = self.best_score
        is_best = self.best_step == 0 or (score is not None and (known is None or score > known))
        if is_best:
            self.best_step, self.best_score = self.step, score
        # A continued run repeats evaluations that came before the best; these do not count.
        self.evaluations_without_gain = 0 if self.step <= self.best_step else self.evaluations_without_gain + 1
        return is_best
