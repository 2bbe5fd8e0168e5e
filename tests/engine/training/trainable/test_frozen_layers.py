"""Runs in which only the upper end of the network learns: the rest is computed once per row, and changes nothing."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
import torch
from safetensors.torch import load_file
from transformers import AlbertConfig, AlbertModel
from transformers.models.bert.modeling_bert import BertLayer

from engine.contract.errors import InvalidSetting, StopRequested
from engine.contract.events import Event, Noted, Progressed, StepsTrained, Watched
from engine.contract.states import PreparedDataset, TrainingRun
from engine.devices import detection as devices
from engine.training.acceleration import feature_cache, split_network
from engine.training.batching.rows import read_splits
from engine.training.fine_tune import fine_tune
from engine.training.loop.assembly import assemble
from engine.training.loop.validation import validate
from engine.training.planning.step_profiler import measure_steps
from engine.workspace.layout import Workspace
from tests.engine.small_runs import Listener, small_settings, weights
from tests.engine.trained_run import a_prepared_dataset

PARTS = [{"layers_to_train": "head_only"}, {"layers_to_train": "last_layers", "last_layers": 1}]


pytestmark = pytest.mark.usefixtures("every_step_is_reported")


@pytest.fixture(params=["reviews", "entities"])
def rows(request: pytest.FixtureRequest) -> PreparedDataset:
    dataset: PreparedDataset = request.getfixturevalue(request.param)
    return dataset


class Trained(NamedTuple):
    run: TrainingRun
    events: list[Event]

    @property
    def losses(self) -> list[float]:
        return [event.loss for event in self.events if isinstance(event, StepsTrained)]

    @property
    def notes(self) -> str:
        return " ".join(event.text for event in self.events if isinstance(event, Noted))


def trained(dataset: PreparedDataset, workspace: Workspace, **changes: object) -> Trained:
    listener = Listener()
    run = fine_tune(dataset, small_settings(**changes), listener, workspace=workspace)
    return Trained(run, listener.events)


def kept(dataset: PreparedDataset) -> list[Path]:
    return sorted((Path(dataset.folder) / "frozen").glob("*/*.states"))


@pytest.mark.parametrize("part", PARTS)
def test_kept_states_give_the_losses_of_computing_everything_anew(
    rows: PreparedDataset, workspace: Workspace, part: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    from_disk = trained(rows, workspace, **part)
    assert "computed once per row" in from_disk.notes
    assert [path.name for path in kept(rows)] == ["train.states", "validation.states"]
    monkeypatch.setattr(feature_cache, "split_network", lambda *_: None)
    anew = trained(rows, workspace, **part)
    assert "in every epoch" in anew.notes
    assert from_disk.losses == pytest.approx(anew.losses, rel=1e-4)
    for found, expected in zip(from_disk.run.history, anew.run.history, strict=True):
        assert found.validation_loss == pytest.approx(expected.validation_loss, rel=1e-4)
    # The networks that are left are whole, and nearly the same.
    expected_weights = weights(anew.run)
    for name, tensor in weights(from_disk.run).items():
        torch.testing.assert_close(tensor, expected_weights[name], rtol=1e-2, atol=1e-3)


@pytest.mark.parametrize("part", PARTS)
def test_what_is_frozen_stays_as_it_was_to_the_bit(
    reviews: PreparedDataset, workspace: Workspace, part: dict[str, object]
) -> None:
    before = load_file(Path(reviews.model.folder) / "model.safetensors")
    after = weights(trained(reviews, workspace, **part).run)
    moved = {name for name, tensor in before.items() if not torch.equal(after[f"bert.{name}"], tensor)}
    expected = {"pooler"} if part["layers_to_train"] == "head_only" else {"pooler", "encoder.layer.1"}
    assert {next((start for start in expected if name.startswith(start)), name) for name in moved} == expected


@pytest.mark.parametrize("part", PARTS)
def test_each_frozen_layer_reads_each_row_once(
    reviews: PreparedDataset, workspace: Workspace, part: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    forward = BertLayer.forward

    def counted(layer: BertLayer, states: torch.Tensor, *given: Any, **named: Any) -> Any:
        if not layer.attention.self.query.weight.requires_grad:
            read.append(len(states))
        return forward(layer, states, *given, **named)

    monkeypatch.setattr(BertLayer, "forward", counted)
    trained(reviews, workspace, **part)
    frozen = 2 if part["layers_to_train"] == "head_only" else 1
    proof = min(72, feature_cache.PROOF_ROWS) * 3
    assert 88 * frozen <= sum(read) <= 88 * frozen + proof * frozen
    read.clear()
    trained(reviews, workspace, **part, epochs=3)
    assert sum(read) <= proof * frozen  # the second run finds them on the disk


def test_the_head_alone_reads_one_position_of_each_row(reviews: PreparedDataset, workspace: Workspace) -> None:
    trained(reviews, workspace, layers_to_train="head_only")
    assert [path.stat().st_size for path in kept(reviews)] == [72 * 16 * 4, 16 * 16 * 4]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("again", [False, True])
def test_a_continued_run_ends_like_an_uninterrupted_one(
    reviews: PreparedDataset, workspace: Workspace, part: dict[str, object], again: bool
) -> None:
    settings = small_settings(**part, gradient_accumulation=2)
    whole = fine_tune(reviews, settings, Listener(), workspace=workspace)
    listener = Listener(lambda event: StopRequested() if isinstance(event, StepsTrained) and event.step == 5 else None)
    stopped = fine_tune(reviews, settings, listener, workspace=workspace)
    if again:
        shutil.rmtree(Path(reviews.folder) / "frozen")
    resumed = fine_tune(reviews, settings, Listener(), continue_run=stopped.id, workspace=workspace)
    assert all(torch.equal(tensor, weights(resumed)[name]) for name, tensor in weights(whole).items())
    assert resumed.history == whole.history


def test_a_stop_while_the_frozen_layers_are_computed_leaves_nothing(
    reviews: PreparedDataset, workspace: Workspace
) -> None:
    def stop(event: Event) -> BaseException | None:
        return StopRequested() if isinstance(event, Progressed) and "frozen" in event.note else None

    with pytest.raises(StopRequested):
        fine_tune(reviews, small_settings(**PARTS[0]), Listener(stop), workspace=workspace)
    assert not list((Path(reviews.folder) / "frozen").iterdir())
    assert not list(workspace.runs.iterdir())


def test_damaged_states_are_computed_again(reviews: PreparedDataset, workspace: Workspace) -> None:
    first = trained(reviews, workspace, **PARTS[1])
    with kept(reviews)[0].open("r+b") as file:
        file.write(b"\xff" * 16)
    second = trained(reviews, workspace, **PARTS[1])
    assert second.losses == first.losses
    assert "computed once" in second.notes


def test_a_full_disk_is_no_obstacle(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = trained(reviews, workspace, **PARTS[0])
    shutil.rmtree(Path(reviews.folder) / "frozen")
    monkeypatch.setattr(feature_cache, "SPARE", 2**62)
    second = trained(reviews, workspace, **PARTS[0])
    assert "of the disk are free" in second.notes
    assert not kept(reviews)
    assert second.losses == pytest.approx(first.losses, rel=1e-4)


def test_memory_that_is_too_small_for_the_frozen_layers_takes_fewer_rows_at_once(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = trained(reviews, workspace, **PARTS[1])
    shutil.rmtree(Path(reviews.folder) / "frozen")
    states = split_network.lower_hidden_states

    def small_memory(network: Any, frozen: int, batch: Any) -> torch.Tensor:
        if len(batch["input_ids"]) > 20:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return states(network, frozen, batch)

    monkeypatch.setattr(feature_cache, "lower_hidden_states", small_memory)
    second = trained(reviews, workspace, **PARTS[1])
    assert second.losses == pytest.approx(first.losses, rel=1e-4)


def test_output_beyond_float16_is_computed_in_every_epoch(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feature_cache, "lower_hidden_states", lambda *_: torch.full((64, 32, 16), float("inf")))
    assert "beyond the range of float16" in trained(reviews, workspace, **PARTS[0], epochs=1).notes


def test_layers_that_cannot_be_distinguished(reviews: PreparedDataset, workspace: Workspace, tmp_path: Path) -> None:
    config = AlbertConfig(
        vocab_size=40,
        embedding_size=8,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
    )
    AlbertModel(config).save_pretrained(tmp_path / "albert")
    model = msgspec.structs.replace(reviews.model, folder=str(tmp_path / "albert"))
    dataset = msgspec.structs.replace(reviews, model=model)
    assert "are not known" in trained(dataset, workspace, layers_to_train="head_only", epochs=1).notes
    with pytest.raises(InvalidSetting) as caught:
        trained(dataset, workspace, layers_to_train="last_layers", last_layers=1)
    assert caught.value.field == "layers_to_train"


def test_the_network_that_is_left_answers_as_it_was_scored(reviews: PreparedDataset, workspace: Workspace) -> None:
    run = trained(reviews, workspace, **PARTS[1]).run
    compute, splits = devices.choose("cpu", threads=1), read_splits(reviews)
    training = assemble(reviews, small_settings(), compute, splits, network_folder=Path(run.checkpoint))
    assert validate(training, Listener()).scores[run.metric] == pytest.approx(run.best_score)


def test_a_forecast_measures_the_steps_above_the_frozen_layers(
    reviews: PreparedDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    forward = BertLayer.forward

    def counted(layer: BertLayer, states: torch.Tensor, *given: Any, **named: Any) -> Any:
        read.append(len(states))
        return forward(layer, states, *given, **named)

    monkeypatch.setattr(BertLayer, "forward", counted)
    measured = measure_steps(reviews, small_settings(**PARTS[0]), devices.choose("cpu", threads=1), Listener())
    assert measured.steps
    assert sum(read) <= 2 * 3 * feature_cache.PROOF_ROWS
    assert not kept(reviews)


def test_watched_sentences_are_answered_by_the_whole_network(workspace: Workspace, tmp_path: Path) -> None:
    dataset = a_prepared_dataset(tmp_path)
    listener = Listener()
    settings = small_settings(epochs=1, watch_list=("the film is good",), **PARTS[0])
    fine_tune(dataset, settings, listener, workspace=workspace)
    assert "computed once per row" in " ".join(event.text for event in listener.of(Noted))
    assert {label.label for label in listener.of(Watched)[-1].predictions[0].labels} == {"negative", "positive"}


def test_layers_above_kept_states_can_be_computed_twice_too(reviews: PreparedDataset, workspace: Workspace) -> None:
    plain = trained(reviews, workspace, **PARTS[1])
    saving = trained(reviews, workspace, **PARTS[1], gradient_checkpointing=True)
    assert saving.losses == plain.losses
    assert all(torch.equal(tensor, weights(saving.run)[name]) for name, tensor in weights(plain.run).items())


def test_the_states_of_one_choice_at_a_time_stay_on_the_disk(reviews: PreparedDataset, workspace: Workspace) -> None:
    trained(reviews, workspace, **PARTS[0], epochs=1)
    before = kept(reviews)
    trained(reviews, workspace, **PARTS[1], epochs=1)
    assert len(kept(reviews)) == len(before) == 2
    assert not {path.parent for path in before} & {path.parent for path in kept(reviews)}
