"""How a network's probabilities become answers: what is chosen on Evaluate, and becomes part of the model.

calibration.json (workspace/calibration.py) holds a `Calibration` beside the weights, in a run and in an export.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from engine.contract.settings import FineTuneSettings

# Validation rows below which no half of them is kept apart: a temperature and cutoffs take half of that half each, and
# a temperature needs 100.
FEWEST_FOR_OWN_ROWS = 400

VERSION = 2  # of calibration.json; 1, of before 0.2.0, held nothing but `thresholds`
DO_NOT_KNOW = "don't know"  # the answer as the window, the terminal and a script show it
YES, NO = "yes", "no"  # in the column of a file that holds whether it is the answer

UnsureKind = Literal["confidence", "conformal"]


class UnsureRule(msgspec.Struct, frozen=True):
    """When the answer to a text is "don't know".

    `confidence`: where the answer's probability is below `least_confidence`. `conformal`: where the set of possible
    labels holds another label than the answer, or none. A label is possible where its probability reaches its entry
    in `label_cutoffs`, or else `cutoff`; the set of a new row like those it was calibrated on holds the true label with
    a probability of at least `coverage`.
    """

    kind: UnsureKind
    least_confidence: float = 0.0
    coverage: float = 0.0
    cutoff: float = 0.0
    label_cutoffs: dict[str, float] = {}
    rows: int = 0  # validation rows that the cutoffs come from

    def possible(self, probabilities: Mapping[str, float]) -> tuple[str, ...]:
        """The labels in the set, as they come; empty where there are no sets."""
        if self.kind != "conformal":
            return ()
        return tuple(
            label for label, likely in probabilities.items() if likely >= self.label_cutoffs.get(label, self.cutoff)
        )

    def is_unsure(self, answer: str, probabilities: Mapping[str, float]) -> bool:
        """Whether the answer is given up."""
        if self.kind == "confidence":
            return probabilities[answer] < self.least_confidence
        return self.possible(probabilities) != (answer,)


def has_own_rows(settings: FineTuneSettings, validation_rows: int) -> bool:
    """Whether a half of the validation rows chooses no checkpoint, so that it can calibrate answers."""
    return settings.calibration_rows == "own" and validation_rows >= FEWEST_FOR_OWN_ROWS


class Calibration(msgspec.Struct, frozen=True):
    """`thresholds`: from which probability on a label is given, by its name.

    With one label per text at most one label has a threshold: it is the answer from there on, else the likeliest other.
    Probabilities are those of logits divided by `temperature`; `folded_temperature` is one that the weights beside the
    file have taken in already.
    """

    thresholds: dict[str, float] = {}
    temperature: float = 1.0
    unsure: UnsureRule | None = None
    folded_temperature: float = 1.0

    @property
    def changes_answers(self) -> bool:
        """Whether there are answers that the weights alone do not give."""
        return bool(self.thresholds) or self.unsure is not None

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing to store."""
        return self == UNCALIBRATED


UNCALIBRATED = Calibration()
