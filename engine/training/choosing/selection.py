"""Which candidate cross-validation takes, and its score corrected for the choice. Uses rows and scores only.

The best of several scores flatters: part of its lead is chance. BBC-CV (Tsamardinos, Greasidou and Borboudakis 2018,
"Bootstrapping the out-of-sample predictions for efficient and accurate cross-validation") repeats the choice on
resamples of the out-of-fold predictions and scores what it takes on the rows that the resample left out; no candidate
is trained again. Varma and Simon (2006) show how large the bias is without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from engine.tasks.scores import SampleScores

RESAMPLES = 1_000


class Selection(NamedTuple):
    """Scores by candidate, the place of the one that is taken, and those that cannot be distinguished from it.

    `tied` are the places whose lead over `taken`, or distance to it, is at most one standard error. `corrected` is the
    score of the taken one as BBC-CV expects it on new rows; None where no resample could be scored.
    """

    scores: tuple[float, ...]
    taken: int
    best: int
    tied: tuple[int, ...]
    corrected: float | None


def select(candidates: Sequence[Sequence[SampleScores]], metric: str, groups: np.ndarray, *, seed: int) -> Selection:
    """Takes the best; one that comes earlier wins where the best is better by at most one standard error.

    Each candidate holds its out-of-fold predictions once for each repeat, all for the same rows; rows of one of the
    `groups` (rows,) are resampled together. The standard error is that of the difference between two candidates on the
    same rows. A candidate whose score cannot be measured is never taken.
    """
    rows = len(groups)
    inside, outside = _resamples(groups, seed)
    whole = np.ones((rows, 1), dtype=np.float32)
    scores = np.asarray([_mean_score(one, metric, whole)[0] for one in candidates])
    drawn = np.stack([_mean_score(one, metric, inside) for one in candidates])
    left = np.stack([_mean_score(one, metric, outside) for one in candidates])
    measured = np.isfinite(drawn).all(axis=0)  # resamples in which all can be compared
    errors = np.zeros((len(scores), len(scores)))
    if measured.any():
        errors = (drawn[:, None, measured] - drawn[None, :, measured]).std(axis=2)
    taken = _taken(scores, errors)
    chosen = np.asarray([_taken(resample, errors) for resample in drawn.T])
    found = left[chosen, np.arange(left.shape[1])]
    found = found[np.isfinite(found)]
    best = int(np.nanargmax(scores))
    near = [abs(scores[taken] - score) <= errors[taken, place] for place, score in enumerate(scores)]
    return Selection(
        scores=tuple(scores.tolist()),
        taken=taken,
        best=best,
        tied=tuple(place for place, is_near in enumerate(near) if is_near and place != taken),
        corrected=float(found.mean()) if len(found) else None,
    )


def _taken(scores: np.ndarray, errors: np.ndarray) -> int:
    """The first place within one standard error of the best; 0 where nothing can be measured."""
    if np.isnan(scores).all():
        return 0
    best = int(np.nanargmax(scores))
    return next(place for place, score in enumerate(scores) if scores[best] - score <= errors[best, place])


def _mean_score(repeats: Sequence[SampleScores], metric: str, times: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.mean([one.scores(times)[metric] for one in repeats], axis=0)
    return found


def _resamples(groups: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """How often each row is drawn, and whether it is left out: (rows, resamples) float32 each; groups whole."""
    numbers = np.unique(groups, return_inverse=True)[1].reshape(-1)
    count = int(numbers.max()) + 1
    generator = np.random.Generator(np.random.PCG64(seed))
    of_group = generator.multinomial(count, np.full(count, 1 / count), size=RESAMPLES).T
    times = of_group[numbers].astype(np.float32)
    return times, (times == 0).astype(np.float32)
