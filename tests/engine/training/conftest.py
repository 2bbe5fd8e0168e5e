"""A two-layer network and prepared rows on disk."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch

from engine.contract.states import PreparedDataset
from engine.tasks.multi_label_classification import task as multi_label
from engine.tasks.regression import task as regression
from engine.tasks.rows import Rows
from engine.tasks.text_classification import task as text_classification
from engine.training import fine_tune
from engine.training.loop import reports
from tests.engine import small_runs

# What each task fits to the words of a text, a fifth of the time of a small run; tests/engine/tasks has their tests.
WORD_BASELINES = (
    (text_classification, "tfidf_classes"),
    (multi_label, "tfidf_label_sets"),
    (regression, "tfidf_numbers"),
)


@pytest.fixture(scope="session", autouse=True)
def _word_baselines_are_fitted_once() -> Iterator[None]:
    """Hundreds of runs train on the same few rows: what was fitted to them before is not fitted again."""
    kept: dict[bytes, np.ndarray | None] = {}

    def once(
        fit: Callable[..., np.ndarray | None], train: Rows, answers: np.ndarray, held_out: Rows, **given: object
    ) -> np.ndarray | None:
        texts = [[*rows[name]] for rows in (train, held_out) for name in ("text", "second_text") if name in rows]
        key = pickle.dumps((fit.__name__, texts, answers))
        if key not in kept:
            kept[key] = fit(train, answers, held_out, **given)
        return kept[key]

    with pytest.MonkeyPatch.context() as patch:
        for module, name in WORD_BASELINES:
            patch.setattr(module, name, partial(once, getattr(module, name)))
        yield


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def tiny_bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_runs.tiny_bert(tmp_path_factory.mktemp("tiny-bert"))


@pytest.fixture(scope="session")
def reviews_of_all(tiny_bert: Path, tmp_path_factory: pytest.TempPathFactory) -> PreparedDataset:
    """Never changed, only copied."""
    return small_runs.prepared_reviews(tiny_bert, tmp_path_factory.mktemp("reviews") / "reviews")


@pytest.fixture(scope="session")
def entities_of_all(tiny_bert: Path, tmp_path_factory: pytest.TempPathFactory) -> PreparedDataset:
    """Never changed, only copied."""
    return small_runs.prepared_entities(tiny_bert, tmp_path_factory.mktemp("entities") / "entities")


@pytest.fixture
def reviews(reviews_of_all: PreparedDataset, tmp_path: Path) -> PreparedDataset:
    return small_runs.copied(reviews_of_all, tmp_path / "reviews")


@pytest.fixture
def entities(entities_of_all: PreparedDataset, tmp_path: Path) -> PreparedDataset:
    return small_runs.copied(entities_of_all, tmp_path / "entities")


@pytest.fixture
def without_dropout(reviews: PreparedDataset, tmp_path: Path) -> PreparedDataset:
    folder = Path(shutil.copytree(reviews.model.folder, tmp_path / "still"))
    config = json.loads((folder / "config.json").read_text())
    config |= {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    (folder / "config.json").write_text(json.dumps(config))
    return msgspec.structs.replace(reviews, model=msgspec.structs.replace(reviews.model, folder=str(folder)))


@pytest.fixture
def every_step_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """No baselines either."""
    monkeypatch.setattr(reports, "REPORT_INTERVAL", 0.0)
    monkeypatch.setattr(fine_tune, "measure_baselines", lambda *_: None)
