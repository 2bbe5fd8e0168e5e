"""Prepared rows for another encoder: what preparing them for it makes, and the same tokens where they stay."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from transformers import BertTokenizer

from engine.contract.settings import PrepareSettings, TaskName
from engine.contract.states import ModelHandle
from engine.preparing.encode_again import encoded_for
from engine.preparing.prepare import prepare
from engine.training.batching.rows import read_splits
from engine.workspace.layout import Workspace
from tests.builders_data import ignore, prepared_tiny_dataset
from tests.builders_models import WORDS, tiny_bert_folder, tiny_model_handle, vocabulary


def other_model(folder: Path) -> ModelHandle:
    """Its tokenizer has no whole words, so that each row has more tokens."""
    tiny_bert_folder(folder)
    letters = [token for token in vocabulary() if token not in WORDS.split()]
    tokens = {token: number for number, token in enumerate(letters)}
    BertTokenizer(vocab=tokens, do_lower_case=True, model_max_length=48).save_pretrained(folder)
    return msgspec.structs.replace(tiny_model_handle(folder), max_length=48)


@pytest.mark.parametrize("task", ["text_classification", "token_classification"])
def test_the_rows_are_those_that_preparing_for_the_other_encoder_makes(tmp_path: Path, task: TaskName) -> None:
    dataset = prepared_tiny_dataset(tmp_path, task, settings=PrepareSettings(task=task, seed=7))
    splits = read_splits(dataset)
    model = other_model(tmp_path / "other")
    found, again = encoded_for(model, dataset, splits, ignore)
    wanted = prepare(model, dataset.source, dataset.settings, ignore, workspace=Workspace(tmp_path / "second").create())
    assert found.max_length == wanted.max_length > dataset.max_length
    assert found.model == model
    for name, rows in read_splits(wanted).items():
        assert again[name].to_list() == rows.select_columns(again[name].column_names).to_list()
        assert max(map(len, rows["input_ids"][:])) > max(map(len, splits[name]["input_ids"][:]))


def test_rows_longer_than_most_are_cut(tmp_path: Path) -> None:
    dataset = prepared_tiny_dataset(tmp_path)
    model = msgspec.structs.replace(other_model(tmp_path / "other"), max_length=12)
    found, again = encoded_for(model, dataset, read_splits(dataset), ignore)
    assert found.max_length == 12
    assert {len(ids) for ids in again["train"]["input_ids"][:]} == {12}
    assert min(again["train"]["length"][:]) > 12


def test_the_few_rows_beyond_the_length_that_is_found_are_cut_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = prepared_tiny_dataset(tmp_path, "token_classification")
    monkeypatch.setattr("engine.preparing.encode_again.default_length", lambda *_: 16)
    found, again = encoded_for(other_model(tmp_path / "other"), dataset, read_splits(dataset), ignore)
    assert found.max_length == 16
    rows = again["train"]
    assert {len(ids) for ids in rows["input_ids"][:]} == {16}
    assert [len(labels) for labels in rows["labels"][:]] == [16] * len(rows)
    assert min(rows["length"][:]) > 16


def test_the_tokens_stay_where_both_encoders_have_the_same_tokenizer(tmp_path: Path) -> None:
    dataset = prepared_tiny_dataset(tmp_path)
    splits = read_splits(dataset)
    model = tiny_model_handle(tiny_bert_folder(tmp_path / "deeper", num_hidden_layers=3))
    found, again = encoded_for(model, dataset, splits, ignore)
    assert again is splits
    assert found == msgspec.structs.replace(dataset, model=model)
    shorter = msgspec.structs.replace(model, max_length=8)
    assert encoded_for(shorter, dataset, splits, ignore)[0].max_length == 8
