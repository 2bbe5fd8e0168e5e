"""Only the words that the data uses learn; nobody else notices."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch.nn import Embedding
from transformers import BertConfig, BertForSequenceClassification

from engine.contract.states import PreparedDataset
from engine.devices import detection as devices
from engine.training.acceleration.used_embeddings import UsedEmbeddings, train_used_embeddings
from engine.training.batching.rows import encoded_rows, read_splits
from engine.training.fine_tune import fine_tune
from engine.training.loop.assembly import assemble
from engine.workspace.layout import Workspace
from tests.engine.small_runs import Listener, small_settings


@pytest.fixture
def table() -> Embedding:
    torch.manual_seed(3)
    return Embedding(10, 4, padding_idx=0)


@pytest.fixture
def words(table: Embedding) -> UsedEmbeddings:
    return UsedEmbeddings(table, np.array([0, 2, 3, 7]))


def test_used_words_are_answered_as_before(table: Embedding, words: UsedEmbeddings) -> None:
    ids = torch.tensor([[2, 7, 0], [3, 3, 2]])
    assert torch.equal(words(ids), table(ids))
    words(ids).square().sum().backward()
    table(ids).square().sum().backward()
    assert words.weight.grad is not None
    assert table.weight.grad is not None
    assert torch.equal(words.weight.grad, table.weight.grad[[0, 2, 3, 7]])
    assert not words.weight.grad[0].any()  # padding does not learn


def test_other_words_are_answered_outside_training(table: Embedding, words: UsedEmbeddings) -> None:
    words.train(False)
    ids = torch.tensor([[2, 9, 0], [5, 3, 1]])
    assert torch.equal(words(ids), table(ids))


def test_the_state_is_that_of_the_whole_table(table: Embedding, words: UsedEmbeddings) -> None:
    with torch.no_grad():
        words.weight[1] = 5.0
    state = words.state_dict()
    assert list(state) == ["weight"]
    assert torch.equal(state["weight"][2], torch.full((4,), 5.0))
    others = [row for row in range(10) if row != 2]
    assert torch.equal(state["weight"][others], table.weight[others])
    fresh = UsedEmbeddings(Embedding(10, 4), np.array([2, 3]))
    fresh.load_state_dict(state)
    assert torch.equal(fresh.state_dict()["weight"], state["weight"])
    with pytest.raises(RuntimeError, match="weight"):
        fresh.load_state_dict({"weight": torch.zeros(9, 4)})
    with pytest.raises(RuntimeError, match="Missing"):
        fresh.load_state_dict({})


def test_a_copy_in_another_number_format_keeps_its_places(words: UsedEmbeddings) -> None:
    other = copy.deepcopy(words).to(torch.bfloat16)
    ids = torch.tensor([[2, 7, 0]])
    assert other(ids).dtype == torch.bfloat16
    torch.testing.assert_close(other(ids).float(), words(ids), rtol=1e-2, atol=1e-2)
    with torch.no_grad():
        other.weight.zero_()
    assert words.weight.any()


def a_network(vocabulary: int) -> BertForSequenceClassification:
    return BertForSequenceClassification(
        BertConfig(
            hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8, vocab_size=vocabulary
        )
    )


def test_a_table_of_which_most_is_used_or_that_does_not_learn_stays(reviews: PreparedDataset) -> None:
    rows = encoded_rows(read_splits(reviews)["train"])
    used = len({*rows.token_ids.tolist(), 0})
    large, small = a_network(2 * int(rows.token_ids.max())), a_network(int(rows.token_ids.max()) + 1)
    assert train_used_embeddings(large, (rows,))
    assert len(large.get_input_embeddings().weight) == used  # type: ignore[arg-type]
    assert train_used_embeddings(small, (rows,)) is (used <= 0.75 * small.config.vocab_size)
    frozen = a_network(10_000)
    frozen.get_input_embeddings().requires_grad_(False)
    assert not train_used_embeddings(frozen, (rows,))
    assert type(frozen.get_input_embeddings()) is Embedding


def test_a_run_is_the_same_and_leaves_other_words_as_they_were(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = small_settings(epochs=2)
    monkeypatch.setattr("engine.training.acceleration.used_embeddings.MOST_USED", 0.0)
    plain = fine_tune(reviews, settings, Listener(), workspace=workspace)
    monkeypatch.setattr("engine.training.acceleration.used_embeddings.MOST_USED", 1.0)
    training = assemble(reviews, settings, devices.choose("cpu", threads=1), read_splits(reviews))
    assert isinstance(training.network.get_input_embeddings(), UsedEmbeddings)
    run = fine_tune(reviews, settings, Listener(), workspace=workspace)
    for ours, theirs in zip(run.history, plain.history, strict=True):
        assert ours.training_loss == pytest.approx(theirs.training_loss, rel=1e-5)
        assert ours.validation_loss == pytest.approx(theirs.validation_loss, rel=1e-5)
    before = load_file(Path(reviews.model.folder) / "model.safetensors")
    after = load_file(Path(run.checkpoint) / "model.safetensors")
    (name,) = (name for name in after if name.endswith("word_embeddings.weight"))
    own = next(tensor for key, tensor in before.items() if key.endswith("word_embeddings.weight"))
    splits = read_splits(reviews)
    used = np.zeros(len(own), dtype=bool)
    for split in ("train", "validation"):
        used[encoded_rows(splits[split]).token_ids] = True
    used[0] = True
    assert 0 < used.sum() < len(used)
    assert torch.equal(after[name][~torch.from_numpy(used)], own[~torch.from_numpy(used)])
    assert not torch.equal(after[name], own)
    moments = load_file(max(Path(run.folder, "checkpoints").glob("step-*")) / "optimizer.safetensors")
    (kept,) = (tensor for key, tensor in moments.items() if key.startswith("exp_avg.") and "word_embeddings" in key)
    assert len(kept) == used.sum()
