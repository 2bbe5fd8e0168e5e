"""The untouched encoder as a baseline: what it reaches, what it leaves alone, and when it is excluded."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.contract.errors import StopRequested
from engine.contract.events import BaselineMeasured, Progressed
from engine.contract.states import PreparedDataset
from engine.devices import detection as devices
from engine.training.batching.rows import read_splits
from engine.training.fine_tune import fine_tune
from engine.training.loop.assembly import assemble
from engine.training.monitoring import linear_probe
from engine.training.monitoring.linear_probe import States, fitted, measure_linear_probe
from engine.training.step.training import Training
from engine.workspace.layout import Workspace
from tests.engine.small_runs import Listener, small_settings


def a_long_training(dataset: PreparedDataset) -> Training:
    settings = small_settings()
    torch.manual_seed(0)
    training = assemble(dataset, settings, devices.choose("cpu", threads=1), read_splits(dataset))
    return dataclasses.replace(training, total_steps=100_000)


@pytest.fixture
def few_rows_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear_probe, "FEWEST_ROWS", 20)


@pytest.mark.usefixtures("few_rows_will_do")
def test_texts_are_distinguished_by_the_mean_of_the_states(reviews: PreparedDataset) -> None:
    listener = Listener()
    measure_linear_probe(a_long_training(reviews), listener)
    (found,) = listener.of(BaselineMeasured)
    assert (found.name, found.metric) == ("frozen_encoder", "macro_f1")
    assert found.score > 0.8
    assert listener.of(Progressed)[-1].done == listener.of(Progressed)[-1].total == 72 + 16


@pytest.mark.usefixtures("few_rows_will_do")
def test_words_are_distinguished_by_their_own_states(entities: PreparedDataset) -> None:
    listener = Listener()
    measure_linear_probe(a_long_training(entities), listener)
    (found,) = listener.of(BaselineMeasured)
    assert found.metric == "entity_f1"
    assert found.score > 0.5


@pytest.mark.usefixtures("few_rows_will_do")
def test_generators_weights_and_mode_stay_as_they_are(reviews: PreparedDataset) -> None:
    training = a_long_training(reviews)
    training.network.train()
    before = {name: tensor.clone() for name, tensor in training.network.state_dict().items()}
    drawn = torch.get_rng_state(), np.random.get_state()[1].tolist()
    measure_linear_probe(training, Listener())
    assert torch.equal(torch.get_rng_state(), drawn[0])
    assert np.random.get_state()[1].tolist() == drawn[1]
    assert training.network.training
    assert all(torch.equal(tensor, before[name]) for name, tensor in training.network.state_dict().items())
    assert all(parameter.grad is None for parameter in training.network.parameters())


def test_the_rows_take_a_small_share_of_the_run(reviews: PreparedDataset) -> None:
    training = dataclasses.replace(a_long_training(reviews), total_steps=9 * 10)  # ten passes over 72 rows
    learned, held_out = linear_probe._chosen_rows(training)
    assert len(learned) == int(0.03 * 3 * 10 * 72) == 64
    assert held_out.tolist() == list(range(len(training.validation_rows)))  # those of the other baselines


@pytest.mark.usefixtures("few_rows_will_do")
def test_a_baseline_names_its_training_rows_where_it_did_not_learn_from_all(reviews: PreparedDataset) -> None:
    for passes, rows in ((10, 64), (20, 0)):
        listener = Listener()
        measure_linear_probe(dataclasses.replace(a_long_training(reviews), total_steps=9 * passes), listener)
        (found,) = listener.of(BaselineMeasured)
        assert found.learned_rows == rows


def test_all_baselines_are_scored_on_the_same_rows_of_a_large_split(
    reviews: PreparedDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(linear_probe, "MOST_BASELINE_ROWS", 30)
    training, listener = a_long_training(reviews), Listener()
    splits = read_splits(reviews)
    rows = linear_probe._some(splits["train"])
    assert len(rows["text"]) == 30
    monkeypatch.setattr(linear_probe, "MOST_BASELINE_ROWS", 10)
    scored = linear_probe._some(splits["validation"])["text"]
    _, held_out = linear_probe._chosen_rows(training)
    assert scored == [splits["validation"][row]["text"] for row in held_out.tolist()]
    linear_probe.measure_baselines(training.task, splits["train"], splits["validation"], training.label_names, listener)
    assert {event.learned_rows for event in listener.of(BaselineMeasured)} == {10}


def test_a_short_run_goes_without_and_without_a_word(reviews: PreparedDataset, workspace: Workspace) -> None:
    listener = Listener()
    fine_tune(reviews, small_settings(epochs=1), listener, workspace=workspace)
    assert "frozen_encoder" not in {event.name for event in listener.of(BaselineMeasured)}
    assert not any(event.note == linear_probe.NOTE for event in listener.of(Progressed))


def test_a_run_with_the_baseline_is_bit_equal_to_one_without(
    reviews: PreparedDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    histories = []
    for share, fewest in ((0.03, 10**9), (10.0, 20)):
        monkeypatch.setattr(linear_probe, "SHARE", share)
        monkeypatch.setattr(linear_probe, "FEWEST_ROWS", fewest)
        listener = Listener()
        workspace = Workspace(tmp_path / f"{fewest}").create()
        run = fine_tune(reviews, small_settings(epochs=1), listener, workspace=workspace)
        names = {event.name for event in listener.of(BaselineMeasured)}
        assert ("frozen_encoder" in names) == (fewest == 20)
        histories.append(run.history)
    assert histories[0] == histories[1]


@pytest.mark.usefixtures("few_rows_will_do")
def test_a_stop_counts_between_two_batches(reviews: PreparedDataset) -> None:
    training = a_long_training(reviews)
    listener = Listener(lambda event: StopRequested() if isinstance(event, Progressed) else None)
    with pytest.raises(StopRequested):
        measure_linear_probe(training, listener)
    assert not listener.of(BaselineMeasured)


def test_numbers_and_sets_of_labels_are_fitted_too() -> None:
    generator = np.random.Generator(np.random.PCG64(1))
    features = [row.astype(np.float32) for row in generator.standard_normal((200, 4))]
    numbers = [np.asarray(3 * row[0] + 1, dtype=np.float32) for row in features]
    sets = [np.asarray([row[0] > 0, row[1] > 0, False], dtype=np.int64) for row in features]
    rows = list(range(200))
    predict = fitted(States(features, numbers, rows), classes=0)
    assert predict is not None
    answers = predict(np.stack(features))
    assert np.corrcoef([float(answer[0]) for answer in answers], numbers)[0, 1] > 0.99
    predict = fitted(States(features, sets, rows), classes=3)
    assert predict is not None
    answers = predict(np.stack(features))
    right = np.mean([(answer > 0) == (truth > 0) for answer, truth in zip(answers, sets, strict=True)])
    assert right > 0.95


def test_where_all_rows_have_one_class_there_is_nothing_to_fit() -> None:
    features = [np.ones(2, dtype=np.float32)] * 10
    states = States(features, [np.asarray(0)] * 10, list(range(10)))
    assert fitted(states, classes=2) is None
