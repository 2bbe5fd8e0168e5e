"""Which charts of a run are seen and how, as it is kept from one start to the next. Uses no widgets."""

from __future__ import annotations

import msgspec

LOSS, SCORE, CLASS_F1, RATE, NORM, SPEED, MEMORY, LOAD = (
    "loss",
    "score",
    "class_f1",
    "learning_rate",
    "gradient_norm",
    "speed",
    "memory",
    "load",
)
WINDOWS = (0, 50, 200, 1_000, 5_000, 20_000, 100_000)  # steps, the last ones; 0: the whole run


class ChartChoices(msgspec.Struct, frozen=True):
    """The controls above the charts."""

    shown: tuple[str, ...] = (LOSS, SCORE)
    smoothing: int = 60  # percent, 0 to 90
    logarithmic: bool = False
    without_outliers: bool = False
    window: int = 0  # steps, one of WINDOWS
