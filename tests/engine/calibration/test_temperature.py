"""Temperature scaling against an optimizer of scipy, and its limits."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from sklearn.metrics import log_loss as reference_loss

from engine.calibration.temperature import (
    FEWEST_ROWS,
    class_probabilities,
    cut_at_temperature,
    fitted_temperature,
    label_probabilities,
    log_loss,
)


def overconfident(seed: int, *, rows: int = 2_000, factor: float = 3.0) -> tuple[np.ndarray, np.ndarray]:
    """Logits whose probabilities are right once they are divided by `factor`."""
    generator = np.random.default_rng(seed)
    true_logits = generator.normal(size=(rows, 4)) * 1.5
    likely = class_probabilities(true_logits)
    truth = np.asarray([generator.choice(4, p=row) for row in likely])
    return (true_logits * factor).astype(np.float32), truth


def test_the_temperature_of_overconfident_logits_is_found() -> None:
    logits, truth = overconfident(0)
    assert fitted_temperature(logits, truth) == pytest.approx(3.0, rel=0.08)


def test_no_other_temperature_has_a_lower_loss() -> None:
    logits, truth = overconfident(1)
    found = fitted_temperature(logits, truth)
    wide = logits.astype(np.float64)
    best = minimize_scalar(lambda place: log_loss(wide / np.exp(place), truth), bounds=(-3, 3), method="bounded")
    assert found == pytest.approx(float(np.exp(best.x)), rel=1e-3)
    assert log_loss(wide, truth) == pytest.approx(reference_loss(truth, class_probabilities(wide)), rel=1e-9)


def test_labels_that_are_decided_alone_have_one_temperature() -> None:
    generator = np.random.default_rng(2)
    true_logits = generator.normal(size=(1_000, 3)) * 2
    truth = (generator.random((1_000, 3)) < label_probabilities(true_logits)).astype(np.int64)
    assert fitted_temperature(true_logits * 0.4, truth) == pytest.approx(0.4, rel=0.1)


def test_few_rows_have_no_temperature() -> None:
    logits, truth = overconfident(3, rows=FEWEST_ROWS)
    assert fitted_temperature(logits, truth) is not None
    assert fitted_temperature(logits[1:], truth[1:]) is None


def test_rows_that_are_all_right_do_not_end_in_infinite_confidence() -> None:
    logits = np.eye(3)[np.arange(300) % 3] * 2.0
    assert fitted_temperature(logits, np.arange(300) % 3) == pytest.approx(0.05)


def test_a_threshold_represents_the_same_logit_at_another_temperature() -> None:
    for threshold, temperature in ((0.3, 2.0), (0.5, 0.7), (0.95, 5.0)):
        logit = np.asarray([[np.log(threshold / (1 - threshold))]])
        assert cut_at_temperature(threshold, temperature) == pytest.approx(
            float(label_probabilities(logit, temperature)[0, 0]), rel=1e-12
        )
