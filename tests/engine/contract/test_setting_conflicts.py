"""What does not go together is refused with the field and a reason, before anything is computed."""

from __future__ import annotations

import pytest

from engine.contract.errors import InvalidSetting
from engine.contract.setting_conflicts import check_together, conflict
from engine.contract.settings import FineTuneSettings
from engine.tasks.registry import TASKS, task_facts
from tests.builders import a_dataset


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"class_weights": "balanced"}, "class_weights"), ({"label_smoothing": 0.1}, "label_smoothing")],
)
def test_numbers_have_no_classes(changes: dict[str, object], field: str) -> None:
    settings = FineTuneSettings(**changes)  # type: ignore[arg-type]
    refused = task_facts("regression").refused_settings
    found = conflict(a_dataset(task="regression"), settings, refused)
    assert found is not None
    assert found.field == field
    assert conflict(a_dataset(), settings, task_facts("text_classification").refused_settings) is None
    with pytest.raises(InvalidSetting, match="a number each") as caught:
        check_together(a_dataset(task="regression"), settings, refused)
    assert (caught.value.id, caught.value.field) == ("T16", field)


def test_the_defaults_go_with_every_task() -> None:
    for facts in TASKS:
        assert conflict(a_dataset(task=facts.name), FineTuneSettings(), facts.refused_settings) is None


@pytest.mark.parametrize("changes", [{"layer_decay": 0.9}, {"head_rate_factor": 2.0}, {"gradient_checkpointing": True}])
def test_a_head_alone_needs_nothing_that_is_about_layers(changes: dict[str, object]) -> None:
    found = conflict(a_dataset(), FineTuneSettings(layers_to_train="head_only", **changes), {})  # type: ignore[arg-type]
    assert found is not None
    assert (found.field,) == tuple(changes)
    assert conflict(a_dataset(), FineTuneSettings(layers_to_train="last_layers", **changes), {}) is None  # type: ignore[arg-type]


def test_no_more_layers_learn_than_there_are() -> None:
    assert conflict(a_dataset(), FineTuneSettings(layers_to_train="last_layers", last_layers=6), {}) is None
    found = conflict(a_dataset(), FineTuneSettings(layers_to_train="last_layers", last_layers=7), {})
    assert found == ("last_layers", "all-MiniLM-L6-v2 has 6 layers.")
    assert conflict(a_dataset(), FineTuneSettings(last_layers=7), {}) is None
