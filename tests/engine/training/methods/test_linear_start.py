"""The linear start: what it fits, what a run starts from, and that it changes nothing else."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from datasets import DatasetDict, load_from_disk
from safetensors.torch import load_file
from sklearn.linear_model import LogisticRegression

from engine.contract.errors import EngineError, InvalidSetting
from engine.contract.events import Evaluated, Event, StepsTrained, TrainingStarted
from engine.contract.setting_conflicts import check_together
from engine.contract.settings import FineTuneSettings
from engine.contract.states import PreparedDataset
from engine.tasks.facts import TaskFacts
from engine.tasks.registry import TASKS
from engine.training.batching.rows import read_splits
from engine.training.checkpoints.saver import CheckpointSaver
from engine.training.fine_tune import fine_tune
from engine.training.loop import reports
from engine.training.methods.contrastive import INVERSE_PENALTY
from engine.training.methods.head import head_input_of
from engine.training.methods.linear_start import label_heads, start_from_linear_model
from engine.workspace.layout import Workspace
from tests.engine.small_runs import Listener, saved, small_settings
from tests.engine.training.methods.test_contrastive import PowerCutError, assembled

SLOW = 1e-9  # a rate at which training changes nothing that a score shows


def linear(**changes: object) -> FineTuneSettings:
    return small_settings(**{"head_start": "linear", "updates": 8, **changes})


@pytest.fixture
def topics(reviews: PreparedDataset, tmp_path: Path) -> PreparedDataset:
    """The reviews with any number of labels: one of two by their words, and two that no row and every row has."""
    splits = load_from_disk(reviews.folder)
    folder = tmp_path / "topics"
    DatasetDict(
        {
            name: split.map(lambda row: {"labels": [row["labels"], 1 - row["labels"], 0, 1]})
            for name, split in splits.items()
        }
    ).save_to_disk(str(folder))
    return saved(
        msgspec.structs.replace(
            reviews,
            task="multi_label_classification",
            label_names=("high", "low", "never", "always"),
            folder=str(folder),
            fingerprint="topics",
        )
    )


def test_each_label_has_the_logits_of_its_own_regression_and_the_others_their_log_odds() -> None:
    generator = np.random.Generator(np.random.PCG64(1))
    features = (generator.normal(size=(50, 6)) * 3 + 1).astype(np.float32)
    labels = np.stack([features[:, 0] > 1, features[:, 1] > 2, np.zeros(50), np.ones(50)], axis=1).astype(np.float32)
    weight, bias = label_heads(features, labels)
    logits = features.astype(np.float64) @ weight.T + bias
    wide = features.astype(np.float64)
    scaled = (wide - wide.mean(axis=0)) / (wide.std(axis=0) + 1e-6)
    for column in (0, 1):
        fitted = LogisticRegression(C=INVERSE_PENALTY, max_iter=1_000, tol=1e-10).fit(scaled, labels[:, column])
        assert np.allclose(logits[:, column], fitted.decision_function(scaled), atol=1e-5)
    assert np.allclose(logits[:, 2], np.log(0.5 / 50.5))
    assert np.allclose(logits[:, 3], np.log(50.5 / 0.5))


def test_the_network_predicts_as_the_regressions_on_what_its_head_reads(topics: PreparedDataset) -> None:
    training = assembled(topics, linear())
    before = torch.get_rng_state()
    start_from_linear_model(training, Listener())
    assert torch.equal(torch.get_rng_state(), before)
    assert training.network.training
    network = training.network.eval()
    features, labels, logits = [], [], []
    for row in read_splits(topics)["train"]:
        ids = torch.tensor([row["input_ids"]])
        batch = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
        with torch.no_grad():
            features.append(head_input_of(network)(batch)[0].numpy())
            logits.append(network(**batch).logits[0].numpy())
        labels.append(row["labels"])
    weight, bias = label_heads(np.stack(features), np.asarray(labels, dtype=np.float32))
    assert np.allclose(np.stack(logits), np.stack(features) @ weight.T + bias, atol=1e-3)
    assert (np.stack(logits)[:, 2] < -3).all()


@pytest.mark.parametrize("part", ["full", "last_layers", "head_only", "lora"])
def test_a_run_starts_from_it_whatever_is_trained(topics: PreparedDataset, workspace: Workspace, part: str) -> None:
    scores = {}
    for start in ("random", "linear"):
        listener = Listener()
        settings = linear(head_start=start, layers_to_train=part, last_layers=1, learning_rate=SLOW)
        fine_tune(topics, settings, listener, workspace=workspace)
        scores[start] = listener.of(Evaluated)[0].scores["micro_f1"]
    assert scores["linear"] > 0.9
    assert scores["random"] < 0.9


def test_an_interrupted_run_ends_like_an_uninterrupted_one(
    topics: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "REPORT_INTERVAL", 0.0)
    monkeypatch.setattr(CheckpointSaver, "is_due", lambda self: True)
    whole = fine_tune(topics, linear(), Listener(), workspace=workspace)

    def cut(event: Event) -> BaseException | None:
        return PowerCutError() if isinstance(event, StepsTrained) and event.step == 5 else None

    listener = Listener(cut)
    with pytest.raises(EngineError):
        fine_tune(topics, linear(), listener, workspace=workspace)
    identity = listener.of(TrainingStarted)[0].run_id
    continued = fine_tune(topics, linear(), Listener(), continue_run=identity, workspace=workspace)
    expected, found = (load_file(Path(run.checkpoint) / "model.safetensors") for run in (whole, continued))
    assert all(torch.equal(tensor, found[name]) for name, tensor in expected.items())


@pytest.mark.parametrize("facts", TASKS, ids=lambda facts: facts.name)
def test_only_rows_with_any_number_of_labels_have_a_linear_start(facts: TaskFacts, topics: PreparedDataset) -> None:
    if facts.several_labels:
        check_together(topics, linear(), facts.refused_settings)
        return
    with pytest.raises(InvalidSetting, match="any number of labels"):
        check_together(topics, linear(), facts.refused_settings)
