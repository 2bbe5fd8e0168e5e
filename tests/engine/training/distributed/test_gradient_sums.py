"""Gradients of all ranks are summed in buckets while the backward pass runs: here with a second rank that is equal."""

from __future__ import annotations

import copy

import pytest
import torch
from torch.nn import Linear, Module, ReLU, Sequential

from engine.training.distributed import gradient_sums
from engine.training.distributed.gradient_sums import GradientSums, Pair

FEATURES = torch.linspace(-1, 1, 12).reshape(3, 4)


class Equal:
    """Sums over two ranks with the same numbers; records the sizes of what was summed."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def all_reduce(self, tensor: torch.Tensor, *, async_op: bool) -> Equal:
        assert async_op
        tensor.mul_(2)
        self.sizes.append(tensor.numel())
        return self

    def wait(self) -> None:
        """Done at once."""


@pytest.fixture
def ranks(monkeypatch: pytest.MonkeyPatch) -> Equal:
    equal = Equal()
    monkeypatch.setattr(gradient_sums, "dist", equal)
    monkeypatch.setattr(gradient_sums, "BUCKET_BYTES", 100)
    return equal


@pytest.fixture
def network() -> Sequential:
    torch.manual_seed(1)
    return Sequential(Linear(4, 5), ReLU(), Linear(5, 4), ReLU(), Linear(4, 2))


def loss_of(network: Module) -> torch.Tensor:
    return network(FEATURES.to(next(network.parameters()).dtype)).float().square().sum()


def sums_of(weights: Module, computing: Module, wire: torch.dtype = torch.float32) -> GradientSums:
    return GradientSums(list(map(Pair, weights.parameters(), computing.parameters())), wire=wire)


def one_step(sums: GradientSums, computing: Module) -> float:
    sums.prepare()
    loss = loss_of(computing)
    sums.start(loss)
    loss.backward()
    return float(sums.finish())


def gradients(network: Module) -> list[torch.Tensor | None]:
    return [None if weight.grad is None else weight.grad.clone() for weight in network.parameters()]


def cleared(network: Module) -> None:
    for weight in network.parameters():
        weight.grad = None


def doubled(network: Module) -> list[torch.Tensor]:
    own = copy.deepcopy(network)
    loss_of(own).backward()
    return [2 * weight.grad for weight in own.parameters() if weight.grad is not None]


def assert_equal(found: list[torch.Tensor | None], expected: list[torch.Tensor], tolerance: float = 1e-6) -> None:
    for one, other in zip(found, expected, strict=True):
        assert one is not None
        torch.testing.assert_close(one, other, rtol=tolerance, atol=tolerance)


def test_the_first_step_sums_at_once_and_later_ones_in_buckets(ranks: Equal, network: Sequential) -> None:
    expected, loss = doubled(network), 2 * float(loss_of(network).detach())
    sums = sums_of(network, network)
    assert one_step(sums, network) == pytest.approx(loss)
    assert_equal(gradients(network), expected)
    assert ranks.sizes == [1, 59]
    cleared(network)
    ranks.sizes.clear()
    assert one_step(sums, network) == pytest.approx(loss)
    assert_equal(gradients(network), expected)
    assert ranks.sizes == [1, 14, 25, 20]  # from the top, in buckets of at most 25 numbers


def test_a_bucket_is_summed_before_the_layers_below_are_computed(ranks: Equal, network: Sequential) -> None:
    sums = sums_of(network, network)
    one_step(sums, network)
    cleared(network)
    summed: list[int] = []
    network[2].register_full_backward_hook(lambda *_: summed.append(len(ranks.sizes)))
    ranks.sizes.clear()
    one_step(sums, network)
    assert summed == [2]  # the loss, and what is above


def test_what_was_summed_before_memory_ran_out_is_not_summed_again(ranks: Equal, network: Sequential) -> None:
    expected = doubled(network)
    sums = sums_of(network, network)
    one_step(sums, network)
    cleared(network)
    ranks.sizes.clear()

    def runs_out(*_: object) -> None:
        raise torch.OutOfMemoryError

    full = network[2].register_full_backward_hook(runs_out)
    with pytest.raises(torch.OutOfMemoryError):
        one_step(sums, network)
    assert ranks.sizes == [1, 14]
    full.remove()
    cleared(network)
    one_step(sums, network)
    assert ranks.sizes == [1, 14, 25, 20]
    assert_equal(gradients(network), expected)


def test_earlier_parts_of_a_batch_are_in_the_sum(ranks: Equal, network: Sequential) -> None:
    expected = [3 * gradient for gradient in doubled(network)]
    copied = copy.deepcopy(network)
    sums = sums_of(network, copied)
    for _ in range(2):  # at once, and in buckets
        cleared(network)
        for weight, gradient in zip(network.parameters(), doubled(network), strict=True):
            weight.grad = gradient  # as two parts have left it
        one_step(sums, copied)
        assert_equal(gradients(network), expected)
        assert gradients(copied) == [None] * 6


def test_the_gradients_of_a_bf16_copy_are_sent_in_bf16(ranks: Equal, network: Sequential) -> None:
    sent: list[torch.dtype] = []
    summed = ranks.all_reduce

    def remembered(tensor: torch.Tensor, *, async_op: bool) -> Equal:
        sent.append(tensor.dtype)
        return summed(tensor, async_op=async_op)

    ranks.all_reduce = remembered  # type: ignore[method-assign]
    expected = doubled(network)
    copied = copy.deepcopy(network).to(torch.bfloat16)
    sums = sums_of(network, copied, torch.bfloat16)
    one_step(sums, copied)
    cleared(network)
    one_step(sums, copied)
    assert sent[2:] == [torch.float32, *[torch.bfloat16] * 3]  # the loss stays whole
    assert all(gradient is not None and gradient.dtype == torch.float32 for gradient in gradients(network))
    largest = max(float(gradient.abs().max()) for gradient in expected)
    assert_equal([g / largest for g in gradients(network) if g is not None], [g / largest for g in expected], 0.02)


def test_a_weight_without_a_gradient_keeps_none_and_one_that_has_it_later_is_summed(
    ranks: Equal, network: Sequential
) -> None:
    unused = torch.nn.Parameter(torch.ones(3))
    sums = GradientSums([Pair(weight, weight) for weight in (*network.parameters(), unused)])
    one_step(sums, network)
    one_step(sums, network)
    assert unused.grad is None
    loss = loss_of(network) + unused.sum()
    sums.start(loss)
    loss.backward()
    sums.finish()
    assert unused.grad is not None
    assert unused.grad.tolist() == [2.0, 2.0, 2.0]


def test_an_error_of_a_sum_is_a_lost_rank(ranks: Equal, network: Sequential) -> None:
    def fails(tensor: torch.Tensor, *, async_op: bool) -> Equal:
        raise RuntimeError("Connection closed by peer")

    ranks.all_reduce = fails  # type: ignore[method-assign]
    sums = GradientSums([Pair(weight, weight) for weight in network.parameters()], lost=lambda error: KeyError(error))
    with pytest.raises(KeyError, match="closed by peer"):
        one_step(sums, network)
