"""The linear model as a run: it changes nothing but the output layer, and that is the regression."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from sklearn.linear_model import LogisticRegression

from engine.contract.errors import InvalidSetting
from engine.contract.presets import linear_settings
from engine.contract.setting_conflicts import check_together
from engine.contract.settings import FineTuneSettings
from engine.contract.states import PreparedDataset
from engine.tasks.registry import TASKS
from engine.training.batching.rows import read_splits
from engine.training.fine_tune import fine_tune
from engine.training.methods.head import head_input_of
from engine.workspace.layout import Workspace
from tests.engine.small_runs import Listener, small_settings
from tests.engine.training.methods.test_contrastive import assembled


def linear(dataset: PreparedDataset, **changes: object) -> FineTuneSettings:
    own = {"device": "cpu", "precision": "fp32", "threads": 1, "weight_decay": 0.5, **changes}
    return msgspec.structs.replace(linear_settings(dataset, 0.1), **own)


@pytest.mark.parametrize("penalty", [0.01, 1.0])
def test_only_the_output_layer_changes_and_it_is_the_regression(
    reviews: PreparedDataset, workspace: Workspace, penalty: float
) -> None:
    settings = linear(reviews, inverse_penalty=penalty)
    run = fine_tune(reviews, settings, Listener(), workspace=workspace)
    assert (run.steps, run.steps_planned) == (1, 1)
    before = assembled(reviews, settings).network.eval()
    after = load_file(Path(run.checkpoint) / "model.safetensors")
    changed = {name for name, tensor in before.state_dict().items() if not torch.equal(tensor, after[name])}
    assert changed == {"classifier.weight", "classifier.bias"}
    features, labels = [], []
    for row in read_splits(reviews)["train"]:
        ids = torch.tensor([row["input_ids"]])
        with torch.no_grad():
            found = head_input_of(before)({"input_ids": ids, "attention_mask": torch.ones_like(ids)})
        features.append(found[0].numpy().astype(np.float64))
        labels.append(row["labels"])
    wide = np.stack(features)
    mean, spread = wide.mean(axis=0), wide.std(axis=0) + 1e-6
    fitted = LogisticRegression(C=penalty, max_iter=1_000, tol=1e-9, class_weight="balanced")
    fitted.fit((wide - mean) / spread, labels)
    logits = wide @ after["classifier.weight"].double().numpy().T + after["classifier.bias"].double().numpy()
    assert np.allclose(logits[:, 1] - logits[:, 0], fitted.decision_function((wide - mean) / spread), atol=1e-3)


@pytest.mark.parametrize("facts", TASKS, ids=lambda facts: facts.name)
def test_it_is_for_one_label_per_text_and_the_head_alone(facts: object, reviews: PreparedDataset) -> None:
    refused = facts.refused_settings  # type: ignore[attr-defined]
    if "method" in refused:
        with pytest.raises(InvalidSetting):
            check_together(reviews, linear(reviews), refused)
        return
    check_together(reviews, linear(reviews), refused)
    with pytest.raises(InvalidSetting, match="head only"):
        check_together(reviews, linear(reviews, layers_to_train="full"), refused)
    with pytest.raises(InvalidSetting, match="one GPU"):
        check_together(reviews, linear(reviews, gpus=2), refused)


def test_cross_validation_is_for_one_label_per_text_and_one_gpu(reviews: PreparedDataset) -> None:
    chosen = small_settings(chosen_by="cross_validation")
    for facts in TASKS:
        if "method" in facts.refused_settings:
            with pytest.raises(InvalidSetting, match="one label per text"):
                check_together(reviews, chosen, facts.refused_settings)
    check_together(reviews, chosen, {})
    with pytest.raises(InvalidSetting, match="all layers"):
        check_together(reviews, small_settings(chosen_by="cross_validation", layers_to_train="lora"), {})
    with pytest.raises(InvalidSetting, match="one GPU"):
        check_together(reviews, small_settings(chosen_by="cross_validation", gpus=2), {})
