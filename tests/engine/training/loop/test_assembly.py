"""What a run starts from: a pre-trained encoder, and a head that has learned nothing."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import torch
from transformers import BertForSequenceClassification, PreTrainedModel

from engine.contract.states import PreparedDataset, TargetScale
from engine.devices import detection as devices
from engine.training.batching.rows import read_splits
from engine.training.loop.assembly import assemble
from engine.training.trainable.layers import is_new_head
from tests.engine.small_runs import small_settings


def head_of(network: PreTrainedModel) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in network.state_dict().items() if is_new_head(network, name)}


def assembled(
    dataset: PreparedDataset, *, folder: Path | None = None, checkpoint: Path | None = None, **changes: object
) -> PreTrainedModel:
    if folder is not None:
        dataset = msgspec.structs.replace(dataset, model=msgspec.structs.replace(dataset.model, folder=str(folder)))
    compute = devices.choose("cpu", threads=1)
    training = assemble(dataset, small_settings(**changes), compute, read_splits(dataset), network_folder=checkpoint)
    return training.network


@pytest.fixture
def with_a_head(reviews: PreparedDataset, tmp_path: Path) -> Path:
    """The same encoder with a head of two labels, in the other order."""
    network = BertForSequenceClassification.from_pretrained(
        reviews.model.folder, num_labels=2, id2label=dict(enumerate(reversed(reviews.label_names)))
    )
    with torch.no_grad():
        network.classifier.weight.fill_(3.0)
        network.classifier.bias.fill_(1_000.0)
    network.save_pretrained(tmp_path / "fine-tuned before")
    return tmp_path / "fine-tuned before"


def test_a_model_that_was_fine_tuned_before_starts_with_a_new_head(reviews: PreparedDataset, with_a_head: Path) -> None:
    plain, again = assembled(reviews), assembled(reviews, folder=with_a_head)
    assert plain.config.id2label == again.config.id2label
    for name, tensor in head_of(plain).items():
        assert torch.equal(tensor, head_of(again)[name])
    assert torch.equal(plain.get_parameter("bert.pooler.dense.weight"), again.get_parameter("bert.pooler.dense.weight"))


def test_the_head_follows_the_seed(reviews: PreparedDataset) -> None:
    one, other, same = (head_of(assembled(reviews, seed=seed))["classifier.weight"] for seed in (1, 2, 1))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_a_checkpoint_keeps_its_head(reviews: PreparedDataset, with_a_head: Path) -> None:
    network = assembled(reviews, checkpoint=with_a_head)
    assert bool((head_of(network)["classifier.weight"] == 3.0).all())


def test_a_regression_from_its_own_export_starts_near_the_mean(reviews: PreparedDataset, tmp_path: Path) -> None:
    scores = msgspec.structs.replace(
        reviews, task="regression", label_names=("score",), target_scale=TargetScale(mean=5_000.0, spread=1_000.0)
    )
    exported = BertForSequenceClassification.from_pretrained(reviews.model.folder, num_labels=1)
    with torch.no_grad():  # as `finish` leaves it: in the user's unit
        exported.classifier.weight.mul_(1_000.0)
        exported.classifier.bias.fill_(5_000.0)
    exported.save_pretrained(tmp_path / "exported")
    network = assembled(scores, folder=tmp_path / "exported")
    logits = network(input_ids=torch.tensor([[2, 11, 12, 3]])).logits
    assert float(logits.detach().abs().max()) < 1.0  # in standard deviations
