"""Layers are compiled for the lengths for which it pays, and for nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
import torch
from transformers import BertConfig, BertForSequenceClassification

from engine.contract.states import PreparedDataset
from engine.devices import detection as devices
from engine.training.acceleration.compiling import Compiled, compile_layers, compiled, length_to_try, lengths_that_pay
from engine.training.planning import forecast as forecasts
from engine.training.planning.forecast import forecast
from engine.training.planning.step_profiler import measure_compiled, measure_steps
from engine.training.trainable.layers import encoder_layers
from engine.workspace.layout import Workspace
from tests.engine.small_runs import Listener, small_settings

EPOCH = [512] * 90 + [1024] * 10  # padded tokens of each batch


def later(tokens: int) -> float:
    """Seconds of a step that is not compiled."""
    return tokens / 10_000


def test_the_length_that_takes_most_of_a_long_run_is_tried() -> None:
    # 512 takes 4.6 s of an epoch and 1,024 takes 1 s; a tenth of it must be more than what compiling takes.
    assert length_to_try(EPOCH, later, passes=100) == 512
    assert length_to_try(EPOCH, later, passes=10) is None


def test_only_lengths_that_save_more_than_they_cost_are_compiled() -> None:
    found = Compiled(512, once=30.0, later=0.8 * later(512))
    assert lengths_that_pay(found, EPOCH, later, passes=100) == {512: pytest.approx(0.2 * 100 * 90 * 0.0512 - 30)}
    assert list(lengths_that_pay(found, EPOCH, later, passes=1_000)) == [512, 1024]
    assert lengths_that_pay(found._replace(later=later(512)), EPOCH, later, passes=1_000) == {}
    assert lengths_that_pay(found._replace(later=2.0), EPOCH, later, passes=1_000) == {}


@pytest.fixture
def stance() -> Iterator[None]:
    yield
    torch.compiler.set_stance("default")
    torch._dynamo.reset()


@pytest.mark.usefixtures("stance")
@pytest.mark.filterwarnings("ignore")  # of the compiler's own
def test_layers_are_compiled_only_where_that_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    network = BertForSequenceClassification(
        BertConfig(hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=8, vocab_size=9)
    )
    network.train(False)
    seen: list[object] = []
    honest = torch.compile

    def listening(model: object, **options: object) -> object:
        def backend(graph: torch.fx.GraphModule, _inputs: object) -> object:
            seen.append(graph)
            return graph.forward

        return honest(model, backend=backend, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(torch, "compile", listening)
    ids = torch.ones(2, 4, dtype=torch.int64)
    plain = network(input_ids=ids).logits
    assert compile_layers(network)
    assert torch.equal(network(input_ids=ids).logits, plain)
    assert not seen
    with compiled():
        torch.testing.assert_close(network(input_ids=ids).logits, plain)
    assert len(seen) >= 1
    count = len(seen)
    assert torch.equal(network(input_ids=torch.ones(3, 5, dtype=torch.int64)).logits[:0], plain[:0])
    assert len(seen) == count


def test_a_network_without_known_layers_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    network = BertForSequenceClassification(
        BertConfig(hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8, vocab_size=9)
    )
    network.config.num_hidden_layers = 7
    assert encoder_layers(network) is None
    assert not compile_layers(network)


def test_a_cpu_measures_no_compiled_steps(reviews: PreparedDataset) -> None:
    compute = devices.choose("cpu", threads=1)
    assert measure_compiled(reviews, small_settings(), compute, Listener(), tokens=64) is None


def test_a_long_run_on_a_gpu_is_reported_with_what_compiling_saves(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    forecasts._cached.clear()
    settings = small_settings(epochs=1000)
    compute = devices.choose("cpu", threads=1)
    real = measure_steps(reviews, settings, compute, Listener())
    slow = real._replace(
        is_captured=True, steps=tuple(cost._replace(first=9.0, second=9.0, later=9.0) for cost in real.steps)
    )
    asked: list[int] = []

    def quick(_dataset: object, _settings: object, _compute: object, _emit: object, *, tokens: int) -> Compiled:
        asked.append(tokens)
        return Compiled(tokens, once=30.0, later=4.5)

    monkeypatch.setattr(forecasts, "measure_steps", lambda *_: slow)
    monkeypatch.setattr(forecasts, "measure_compiled", quick)
    found = forecast(reviews, settings, Listener(), workspace=workspace).expected
    plain = forecasts._expected(slow, reviews, settings, on_cpu=True)
    assert set(found.compiled_tokens) == set(slow.step_tokens)
    steps = 1000 * len(slow.step_tokens)
    assert found.seconds == pytest.approx(plain.seconds - 4.5 * steps + 30 * len(found.compiled_tokens), rel=1e-6)
    forecast(reviews, msgspec.structs.replace(settings, learning_rate=1e-5), Listener(), workspace=workspace)
    assert len(asked) == 1  # what has been measured is remembered
    forecasts._cached.clear()
    forecasts._cached_compiled.clear()
