"""What an evaluation on the validation set reports of each class."""

from __future__ import annotations

from engine.contract.states import ClassScores
from engine.training.loop.validation import MOST_CLASSES, _f1_by_class


def test_a_class_without_true_rows_has_no_f1_in_the_chart_as_in_the_table() -> None:
    classes = [ClassScores("often", 0.9, 0.9, 0.9, 8), ClassScores("absent", 0.0, None, 0.0, 0)]
    assert _f1_by_class(classes) == {"often": 0.9, "absent": None}


def test_of_very_many_classes_those_with_the_most_rows_are_reported() -> None:
    classes = [ClassScores(str(number), 0.5, 0.5, 0.5, 1 + number % 2) for number in range(MOST_CLASSES + 3)]
    reported = _f1_by_class(classes)
    assert len(reported) == MOST_CLASSES
    assert set(reported) >= {str(number) for number in range(1, MOST_CLASSES + 3, 2)}
