"""What each family's own head reads, and a linear model that is folded into it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from sklearn.linear_model import LogisticRegression
from transformers import PreTrainedModel
from transformers.activations import ACT2FN

from engine.contract.states import PreparedDataset
from engine.loading.configuration import ENCODERS
from engine.training.fine_tune import fine_tune
from engine.training.memory.out_of_memory import micro_batch
from engine.training.methods.contrastive import INVERSE_PENALTY, fold_linear_head, without_head_dropout
from engine.training.methods.head import HEAD_READINGS, head_dropouts, head_input_of, output_layer, pools_by_mean
from engine.training.step.predictions import predict_all
from engine.workspace.layout import Workspace
from tests.builders import a_model
from tests.engine.families import FAMILIES, network_of
from tests.engine.small_runs import Listener
from tests.engine.training.methods.test_contrastive import assembled, contrastive

WIDE = {"initializer_range": 0.4}  # states that differ between texts as those of a trained encoder do
CASES = [
    *((family, {}) for family in sorted(ENCODERS)),
    ("modernbert", {"classifier_pooling": "cls"}),
    ("ultrabert", {"classifier_pooling": "mean"}),
    *(("eurobert", {"classifier_pooling": pooling}) for pooling in ("bos", "mean")),
]


def as_the_table_says(network: PreTrainedModel, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    """What the output layer reads, (rows, hidden), from the base model and the modules that the table names."""
    reading = HEAD_READINGS[network.config.model_type]
    options = {}
    if network.config.model_type == "longformer":  # for a text, its first token attends to all others
        options["global_attention_mask"] = (torch.arange(batch["input_ids"].shape[1])[None, :] == 0).long()
        options["global_attention_mask"] = options["global_attention_mask"].expand_as(batch["input_ids"])
    found = network.base_model(**batch, **options)
    states, mask = found.last_hidden_state, batch["attention_mask"][:, :, None].float()
    match reading.pooling:
        case "pooler_output":
            pooled = found.pooler_output
        case "classifier_pooling" if network.config.classifier_pooling == "mean":
            pooled = (states * mask).sum(dim=1) / mask.sum(dim=1)
        case "classifier_pooling" if network.config.classifier_pooling == "late":
            pooled = states
        case _:
            pooled = states[:, 0]
    for name in reading.layers:
        pooled = network.get_submodule(name)(pooled)
    activation = getattr(network.config, reading.activation or " ", reading.activation)
    pooled = ACT2FN[activation](pooled) if activation else pooled
    return (pooled * mask).sum(dim=1) / mask.sum(dim=1) if pooled.dim() == 3 else pooled


def a_batch() -> dict[str, torch.Tensor]:
    torch.manual_seed(3)
    lengths = torch.tensor([9, 4, 6, 7])
    mask = (torch.arange(9)[None, :] < lengths[:, None]).long()
    return {"input_ids": torch.randint(3, 40, (4, 9)) * mask, "attention_mask": mask}


def test_every_supported_family_has_a_reading() -> None:
    assert set(HEAD_READINGS) == ENCODERS


@pytest.mark.parametrize("labels", [3, 16])  # 16: as many as the hidden size, so that dense layers look like outputs
@pytest.mark.parametrize(("family", "changes"), CASES)
def test_the_output_layer_reads_what_the_table_says(family: str, changes: dict[str, object], labels: int) -> None:
    network = network_of(family, labels=labels, **WIDE, **changes)
    batch = a_batch()
    with torch.no_grad():
        read = head_input_of(network)(batch)
        logits = network(**batch).logits
        expected = as_the_table_says(network, batch)
    assert torch.allclose(read, expected, atol=1e-6)
    assert torch.allclose(output_layer(network)(read), logits, atol=1e-6)
    assert not torch.allclose(read[0], read[1], atol=1e-3)


def test_only_a_head_that_reports_it_pools_by_mean() -> None:
    assert [family for family in sorted(ENCODERS) if pools_by_mean(network_of(family))] == ["modernbert"]
    assert not pools_by_mean(network_of("modernbert", classifier_pooling="cls"))


@pytest.mark.parametrize("family", sorted(ENCODERS))
def test_without_head_dropout_only_the_encoder_draws(family: str) -> None:
    network = network_of(family).train()
    network.base_model.train(False)
    batch = a_batch()
    with torch.no_grad():
        if any(module.p for module in head_dropouts(network)):  # type: ignore[misc]
            assert not torch.equal(network(**batch).logits, network(**batch).logits)
        without_head_dropout(network)
        assert torch.equal(network(**batch).logits, network(**batch).logits)


def with_family(dataset: PreparedDataset, family: str, folder: Path, **changes: object) -> PreparedDataset:
    network_of(family, **WIDE, **changes).base_model.save_pretrained(folder)
    layers, hidden = FAMILIES[family].get("num_hidden_layers", 3), 16
    model = a_model(folder=str(folder), max_length=32, model_type=family, layers=layers, hidden_size=hidden)
    return msgspec.structs.replace(dataset, model=model)


def reading_of(family: str, changes: dict[str, object]) -> tuple[object, ...]:
    """What decides how a head is read; the first family of each kind goes through a whole run."""
    return HEAD_READINGS[family], changes.get("classifier_pooling", FAMILIES[family].get("classifier_pooling"))


@pytest.mark.parametrize(("family", "changes"), CASES)
def test_a_folded_head_has_the_logits_of_the_regression_on_what_the_head_reads(
    family: str, changes: dict[str, object], reviews: PreparedDataset, workspace: Workspace, tmp_path: Path
) -> None:
    dataset = with_family(reviews, family, tmp_path / "model", **changes)
    training = assembled(dataset, contrastive())
    network = training.network
    alike = [case for case in CASES if reading_of(*case) == reading_of(family, changes)]
    if alike[0] == (family, changes):
        run = fine_tune(dataset, contrastive(updates=2, evaluation_interval=2), Listener(), workspace=workspace)
        network.load_state_dict(load_file(Path(run.checkpoint) / "model.safetensors"), strict=False)
    else:
        fold_linear_head(training, Listener())
    network.eval()
    features, labels, logits = [], [], []

    def keep(found: torch.Tensor, on_device: dict[str, torch.Tensor], batch: dict[str, torch.Tensor]) -> None:
        inputs = {name: on_device[name] for name in ("input_ids", "attention_mask")}
        features.extend(as_the_table_says(network, inputs).double().numpy())
        logits.extend(found.double().numpy())
        labels.extend(batch["labels"].tolist())

    predict_all(  # in the batches of the fit, since what ConvBERT makes of a row depends on its padding
        network,
        training.task,
        training.train_rows,
        training.train_batches,
        Listener(),
        batch_size=2 * micro_batch(training.settings),
        note="",
        on_batch=keep,
    )
    wide = np.stack(features)
    scaled = (wide - wide.mean(axis=0)) / (wide.std(axis=0) + 1e-6)
    fitted = LogisticRegression(C=INVERSE_PENALTY, max_iter=1_000, tol=1e-10, class_weight="balanced").fit(
        scaled, labels
    )
    found = np.stack(logits)
    decided = fitted.decision_function(scaled)
    assert np.abs(decided).max() > 1
    rounding = 1e-4 if family == "longformer" else 1e-5  # its windows are summed in another order in other batches
    assert np.allclose(found[:, 1] - found[:, 0], decided, rtol=1e-5, atol=rounding)
