"""The list of scores and baselines: complete for what the tasks compute and choose by."""

from __future__ import annotations

import numpy as np
import pytest

from engine.contract.metrics import BASELINES, METRICS, baseline_name, score_name, score_title
from engine.tasks.registry import TASKS, task_named
from engine.tasks.scores import confusion_scores, count_entities, label_set_scores, number_scores, scores_of

CHOSEN_BY = {task_named(facts.name).metric for facts in TASKS} | {
    task_named("token_classification", ("DET", "NOUN")).metric
}


def test_what_chooses_the_best_checkpoint_has_a_meaning() -> None:
    assert {"macro_f1", "micro_f1", "spearman", "entity_f1", "word_accuracy"} == CHOSEN_BY
    assert all(METRICS[key].meaning.endswith(".") for key in CHOSEN_BY)
    assert all(set(metric.with_scores) <= set(METRICS) for metric in METRICS.values())


@pytest.mark.parametrize(
    "scores",
    [
        confusion_scores(np.eye(2)),
        label_set_scores(np.ones((1, 2), dtype=bool), np.ones((1, 2), dtype=bool)),
        number_scores(np.arange(3.0), np.arange(3.0)),
        scores_of(count_entities([["B-X"]], [["O"]], ("X",))),
        scores_of(count_entities([["DET"]], [["DET"]], ("DET",), one_per_word=True)),
    ],
)
def test_every_score_that_is_computed_has_a_name_and_one_on_the_hub(scores: dict[str, float | None]) -> None:
    assert all(key in METRICS and METRICS[key].hub for key in scores)


def test_every_baseline_of_a_task_has_a_name() -> None:
    assert all(set(facts.baselines) <= set(BASELINES) for facts in TASKS)


def test_a_key_from_another_version_is_shown_as_it_is() -> None:
    assert (score_name("macro_f1"), baseline_name("majority")) == ("macro F1", "majority class")
    assert (score_name("top_3"), score_title("top_3"), baseline_name("a_rule")) == ("top 3", "Top 3", "a rule")
