"""Integrated gradients: exact for a linear network, complete for others, and taken back to nothing but the hook."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertForSequenceClassification

from engine.contract.errors import StopRequested
from engine.diagnosing.integrated_gradients import MORE_POINTS, POINTS, integrated_gradients

IDS = torch.tensor([[2, 5, 6, 7, 3]])
SPECIAL = np.array([True, False, False, False, True])


class LinearNetwork(torch.nn.Module):
    """Logits that are a weighted sum of all embeddings."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embeddings = torch.nn.Embedding(10, 4)
        self.weights = torch.nn.Parameter(torch.randn(5, 4, 2))

    def get_input_embeddings(self) -> torch.nn.Module:
        return self.embeddings

    def forward(self, input_ids: torch.Tensor) -> SimpleNamespace:
        return SimpleNamespace(logits=torch.einsum("btw,twc->bc", self.embeddings(input_ids), self.weights))


def nothing() -> None:
    pass


def small_bert(seed: int = 0) -> BertForSequenceClassification:
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=40, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64, num_labels=3,
        max_position_embeddings=32, initializer_range=0.3,
    )  # fmt: skip
    return BertForSequenceClassification(config).train(False)


def test_of_a_linear_network_they_are_its_weights_times_the_way_from_the_baseline() -> None:
    network = LinearNetwork()
    found = integrated_gradients(
        network, {"input_ids": IDS}, SPECIAL, lambda logits: logits[:, 1], padding_id=0, pause=nothing
    )
    with torch.no_grad():
        way = network.embeddings(IDS)[0] - network.embeddings(torch.tensor([0]))
        way[[0, 4]] = 0.0  # special tokens stay
        expected = (way * network.weights[:, :, 1]).sum(dim=1).numpy()
    assert found.tokens == pytest.approx(expected, abs=1e-5)
    assert found.error < 1e-5
    assert found.points == POINTS


@pytest.mark.parametrize("seed", range(3))
def test_of_a_transformer_the_tokens_together_make_the_difference_to_the_baseline(seed: int) -> None:
    network = small_bert(seed)
    batch = {"input_ids": IDS, "attention_mask": torch.ones_like(IDS)}
    found = integrated_gradients(network, batch, SPECIAL, lambda logits: logits[:, 2], padding_id=0, pause=nothing)
    with torch.no_grad():
        output = network(**batch).logits[0, 2]
        baseline = network(input_ids=torch.tensor([[2, 0, 0, 0, 3]]), attention_mask=torch.ones_like(IDS)).logits[0, 2]
    assert found.output == pytest.approx(float(output), abs=1e-5)
    assert found.baseline == pytest.approx(float(baseline), abs=1e-5)
    assert found.error < 0.05
    assert found.tokens[[0, 4]].tolist() == [0.0, 0.0]
    assert found.tokens.sum() == pytest.approx(found.output - found.baseline, rel=0.05)


def test_a_token_that_the_output_does_not_read_adds_nothing() -> None:
    network = LinearNetwork()
    with torch.no_grad():
        network.weights[2] = 0.0
    found = integrated_gradients(
        network, {"input_ids": IDS}, SPECIAL, lambda logits: logits[:, 0], padding_id=0, pause=nothing
    )
    assert found.tokens[2] == 0.0


def test_where_few_points_miss_the_difference_more_are_taken() -> None:
    ends = integrated_gradients(
        LinearNetwork(), {"input_ids": IDS}, SPECIAL, lambda logits: logits[:, 0], padding_id=0, pause=nothing
    )
    middle, way = (ends.output + ends.baseline) / 2, ends.output - ends.baseline

    def step(logits: torch.Tensor) -> torch.Tensor:
        """All of the difference within a thousandth of the path."""
        return torch.tanh(4_000 * (logits[:, 0] - middle - 0.013 * way) / way)

    found = integrated_gradients(LinearNetwork(), {"input_ids": IDS}, SPECIAL, step, padding_id=0, pause=nothing)
    assert found.points == MORE_POINTS
    assert found.error > 0.05  # and it says so


def test_neither_hook_nor_gradient_nor_mode_is_left_behind() -> None:
    network = small_bert()
    batch = {"input_ids": IDS, "attention_mask": torch.ones_like(IDS)}
    with torch.no_grad():
        before = network(**batch).logits
    integrated_gradients(network, batch, SPECIAL, lambda logits: logits[:, 0], padding_id=0, pause=nothing)
    assert all(parameter.grad is None for parameter in network.parameters())
    with torch.no_grad():
        assert torch.equal(network(**batch).logits, before)


def test_it_can_be_stopped_and_leaves_no_hook() -> None:
    network = small_bert()

    def stop() -> None:
        raise StopRequested(discard=True)

    with pytest.raises(StopRequested):
        integrated_gradients(
            network, {"input_ids": IDS}, SPECIAL, lambda logits: logits[:, 0], padding_id=0, pause=stop
        )
    assert not network.get_input_embeddings()._forward_hooks
