"""The learning-rate range test on a tiny network."""

from __future__ import annotations

import pytest
import torch

from engine import stages
from engine.contract.errors import StopRequested
from engine.contract.events import StepsTrained
from engine.contract.queries import AskLearningRates, LearningRatesFound
from engine.contract.states import PreparedDataset
from engine.training.planning import lr_finder as rate_finder
from engine.training.planning.lr_finder import find_learning_rates
from engine.training.step.update import EagerStep
from engine.workspace.layout import Workspace
from engine.workspace.references import reference_to_dataset
from engine.workspace.runs import list_runs
from tests.engine.small_runs import Listener, small_settings


def test_a_hundred_rates_are_tried_and_nothing_is_left_behind(reviews: PreparedDataset, workspace: Workspace) -> None:
    listener = Listener()
    found = stages.answer(
        AskLearningRates(reference_to_dataset(reviews), small_settings()), listener, workspace=workspace
    )
    assert isinstance(found, LearningRatesFound)
    steps = listener.of(StepsTrained)
    assert len(found.rates) == len(found.losses) == len(found.smoothed) == len(steps) > 60
    assert [step.loss for step in steps] == list(found.losses)
    assert found.suggestion is not None
    assert 1e-4 < found.suggestion < 1e-1
    assert list_runs(workspace) == ()


def test_the_same_settings_give_the_same_losses(reviews: PreparedDataset) -> None:
    one, other = (find_learning_rates(reviews, small_settings(), Listener()) for _ in range(2))
    assert one == other


def test_a_loss_that_is_no_number_ends_it(reviews: PreparedDataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_finder, "rate_at", lambda step: 1e-6 if step < 4 else 1e30)
    listener = Listener()
    found = find_learning_rates(reviews, small_settings(), listener)
    assert len(found.losses) < 30
    assert found.suggestion is None


def test_it_can_be_stopped(reviews: PreparedDataset) -> None:
    stop = Listener(at=lambda event: StopRequested() if isinstance(event, StepsTrained) else None)
    before = torch.get_num_threads()
    with pytest.raises(StopRequested):
        find_learning_rates(reviews, small_settings(threads=2), stop)
    assert len(stop.of(StepsTrained)) == 1
    assert torch.get_num_threads() == before


def test_a_memory_that_is_short_is_met_with_smaller_parts(
    reviews: PreparedDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    step, asked = EagerStep.__call__, []

    def short(self: EagerStep, rows: object, rate: float) -> object:
        asked.append(self._training.settings.gradient_accumulation)
        if asked[-1] == 1:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")
        return step(self, rows, rate)  # type: ignore[arg-type]

    monkeypatch.setattr(EagerStep, "__call__", short)
    listener = Listener(at=lambda event: StopRequested() if isinstance(event, StepsTrained) else None)
    with pytest.raises(StopRequested):
        find_learning_rates(reviews, small_settings(), listener)
    assert asked == [1, 2]
