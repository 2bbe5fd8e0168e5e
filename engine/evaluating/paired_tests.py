"""Whether two methods differ on the same rows, or chance explains it.

* Right and wrong rows: McNemar's exact test (McNemar 1947), which is a sign test of the rows that one method alone has
  right, whatever their number.
* The headline: p is the one of exchanged answers (engine/evaluating/differences.py), below 0.05 exactly where the
  interval of the difference is on one side of zero.
* Several comparisons: Holm's step-down correction (Holm 1979).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy import stats

from engine.contract.states import PairedTest, ScoreDifference
from engine.evaluating.resampling import QUANTILE
from engine.tasks.scores import CountedRows, SampleScores, ScoredRows


def paired_tests(
    model: ScoredRows, others: Mapping[str, ScoredRows], differences: Mapping[str, ScoreDifference]
) -> dict[str, PairedTest]:
    """The test of each other method whose difference in the headline is known."""
    compared = {name: others[name] for name in differences}
    probabilities = [probability_of(difference) for difference in differences.values()]
    found = {}
    for name, p, adjusted in zip(compared, probabilities, holm(probabilities), strict=True):
        sides = right_rows(model.rows), right_rows(compared[name].rows)
        better = worse = 0
        exact = None
        if sides[0] is not None and sides[1] is not None:
            better, worse = int((sides[0] & ~sides[1]).sum()), int((sides[1] & ~sides[0]).sum())
            exact = mcnemar(better, worse)
        found[name] = PairedTest(better=better, worse=worse, mcnemar_p=exact, p=p, adjusted_p=adjusted)
    return found


def probability_of(difference: ScoreDifference) -> float:
    """The two-sided p of the difference; of one that an earlier version stored, the p that agrees with its interval."""
    if difference.p is not None:
        return difference.p
    value = abs(difference.value)
    reach = difference.value - difference.low if difference.value > 0 else difference.high - difference.value
    return float(min(1.0, 2 * stats.norm.sf(QUANTILE * value / reach))) if reach > 0 else 1.0


def mcnemar(better: int, worse: int) -> float:
    """The two-sided p of McNemar's exact test; 1 where both methods have the same rows right."""
    return float(stats.binomtest(better, better + worse, 0.5).pvalue) if better + worse else 1.0


def holm(probabilities: Sequence[float]) -> list[float]:
    """The probabilities corrected for how many they are, in the same order."""
    order = np.argsort(probabilities, kind="stable")
    corrected = np.empty(len(probabilities))
    highest = 0.0
    for place, index in enumerate(order.tolist()):
        highest = max(highest, min(1.0, (len(probabilities) - place) * probabilities[index]))
        corrected[index] = highest
    return [float(one) for one in corrected]


def right_rows(rows: SampleScores) -> np.ndarray | None:
    """Which rows are right as a whole (rows,) bool; None where rows are more or less right."""
    if not isinstance(rows, CountedRows):
        return None
    exact, total = (rows.columns[:, [place]].toarray().reshape(-1) for place in (-2, -1))
    return exact == 1 if (total == 1).all() else None
