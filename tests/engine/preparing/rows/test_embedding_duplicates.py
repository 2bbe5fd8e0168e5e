"""Nearly equal rows by meaning: found where the model places them, once per input, and the search can be stopped."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.contract.cleaning_rules import KeepNearDuplicatesTogether, LeaveOutNearDuplicates
from engine.contract.errors import StopRequested
from engine.contract.events import Event, Progressed
from engine.contract.findings import read_examples
from engine.contract.settings import FileRows, PrepareSettings, Roles
from engine.contract.states import ModelHandle, PreparedDataset
from engine.loading.tokenizer import load_tokenizer
from engine.preparing.prepare import prepare
from engine.preparing.rows import embedding_duplicates
from engine.preparing.rows.embedding_duplicates import NEAR, TextEmbeddings, near_pairs
from engine.workspace.layout import Workspace
from tests.builders_data import ignore, tiny_model
from tests.engine.preparing.rows.test_near_duplicates import collected

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ModelHandle:
    torch.set_num_threads(1)
    return tiny_model(tmp_path_factory.mktemp("model"))


def scattered(count: int, hidden: int = 16) -> np.ndarray:
    vectors = np.random.default_rng(3).normal(size=(count, hidden)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_pairs_are_those_below_the_share_of_the_median_distance() -> None:
    vectors = scattered(40)
    vectors = np.concatenate([vectors, vectors[:6] + 0.01 * scattered(6)])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    distances = 1 - vectors.astype(np.float64) @ vectors.T.astype(np.float64)
    np.fill_diagonal(distances, 2)
    bound = NEAR * np.median(distances.min(axis=1))
    expected = {(one, two) for one, two in itertools.combinations(range(46), 2) if distances[one, two] < bound}

    pairs, shares = near_pairs(vectors[:, None], CPU, ignore)

    assert {(one, two) for one, two in pairs.tolist()} == expected == {(at, at + 40) for at in range(6)}
    assert (np.diff(shares) <= 0).all()
    assert shares == pytest.approx([1 - distances[one, two] for one, two in pairs], abs=1e-5)


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_a_handful_of_rows_is_no_trouble(count: int) -> None:
    pairs, shares = near_pairs(scattered(count)[:, None], CPU, ignore)
    assert pairs.shape == (0, 2)
    assert shares.shape == (0,)


def test_rows_that_are_all_in_one_place_end_in_no_error() -> None:
    pairs, _ = near_pairs(np.repeat(scattered(1), 30, axis=0)[:, None], CPU, ignore)
    assert pairs.shape[1] == 2


def test_of_two_texts_each_has_to_be_near_its_counterpart() -> None:
    first, second = scattered(40), scattered(80)[40:]
    both_near = np.stack([first[:3] + 0.01 * scattered(3), second[:3] + 0.01 * scattered(3)], axis=1)
    one_equal = np.stack([first[3:9], scattered(90)[84:]], axis=1)
    vectors = np.concatenate([np.stack([first, second], axis=1), both_near, one_equal]).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=2, keepdims=True)
    pairs, shares = near_pairs(vectors, CPU, ignore)
    assert {(one, two) for one, two in pairs.tolist()} == {(at, at + 40) for at in range(3)}
    least = [min((vectors[one] * vectors[two]).sum(axis=1)) for one, two in pairs.tolist()]
    assert shares == pytest.approx(least, abs=1e-5)


def texts_of(count: int) -> list[str]:
    words = "movie film story actor scene plot good bad great awful fine dull nice boring".split()
    return [" ".join(one) for one in itertools.islice(itertools.permutations(words, 5), 0, 7 * count, 7)]


def test_each_input_goes_through_the_network_once(
    model: ModelHandle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = collected(tmp_path, texts_of(40))
    embeddings = TextEmbeddings(model, load_tokenizer(Path(model.folder)))
    read: list[int] = []
    mean_states = embedding_duplicates.mean_states
    monkeypatch.setattr(
        embedding_duplicates,
        "mean_states",
        lambda network, batch: read.append(len(batch["input_ids"])) or mean_states(network, batch),
    )
    half = np.arange(40) < 20
    embeddings.find_near_duplicates(rows, half, ignore, seed=1)
    found = embeddings.find_near_duplicates(rows, np.ones(40, dtype=bool), ignore, seed=1)
    assert sum(read) == 40
    assert (found.compared, found.inputs, len(found.groups)) == (40, 40, 40)
    alone = TextEmbeddings(model, load_tokenizer(Path(model.folder))).find_near_duplicates(
        rows, np.ones(40, dtype=bool), ignore, seed=1
    )
    assert (alone.pairs == found.pairs).all()


def test_the_search_shows_how_far_it_is_and_can_be_stopped(model: ModelHandle, tmp_path: Path) -> None:
    rows = collected(tmp_path, texts_of(40))
    received: list[Progressed] = []

    def stop(event: Event) -> None:
        assert isinstance(event, Progressed)
        received.append(event)
        if event.note == "Comparing texts":
            raise StopRequested

    with pytest.raises(StopRequested):
        TextEmbeddings(model, load_tokenizer(Path(model.folder))).find_near_duplicates(
            rows, np.ones(40, dtype=bool), stop, seed=1
        )
    assert (received[0].done, received[0].total) == (0, 40)


Prepare = Callable[..., PreparedDataset]


@pytest.fixture
def prepared(model: ModelHandle, tmp_path: Path) -> Prepare:
    """Reviews, of which the first ten come again with the letters of one word in capitals, which this model reads alike
    and which is another text all the same."""
    workspace = Workspace(tmp_path / "workspace").create()
    texts = texts_of(60)
    path = tmp_path / "rows.csv"
    again = [text.split()[0].upper() + text[len(text.split()[0]) :] for text in texts[:10]]
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = [(text, "ab"[number % 2]) for number, text in enumerate([*texts, *again])]
        csv.writer(file).writerows([("text", "label"), *rows])

    def run(**changes: object) -> PreparedDataset:
        chosen = PrepareSettings(roles=Roles(text="text", label="label"), near_duplicates="meaning", **changes)  # type: ignore[arg-type]
        return prepare(model, FileRows(str(path)), chosen, ignore, workspace=workspace)

    return run


def test_pairs_are_shown_and_remedies_follow_the_model(prepared: Prepare) -> None:
    dataset = prepared()
    near = [one for one in dataset.findings if one.id.startswith("near_")]
    assert near
    assert all(one.pairs and one.examples for one in near)
    assert "to this model" in near[0].sentence
    similarities = [pair.similarity for one in near for pair in read_examples(dataset.folder, one.id).pairs]
    assert min(similarities) > 0.9

    without = prepared(cleaning_rules=(LeaveOutNearDuplicates(),))
    assert without.applied[0].rows >= 10
    assert without.rows_in == without.rows_used + sum(entry.count for entry in without.excluded) == 70
    together = prepared(cleaning_rules=(KeepNearDuplicatesTogether(),))
    assert not [one for one in together.findings if one.id.startswith("near_leaks")]
    assert len({dataset.fingerprint, without.fingerprint, together.fingerprint}) == 3
