"""The shelf: its data is whole, is found and filtered, and what suits rows and machine comes first."""

from __future__ import annotations

import re

import pytest

from engine.contract.queries import Device
from engine.contract.shelf import ShelfEntry, fit_of, found, recommended, shelf
from engine.loading.configuration import ENCODERS

LAPTOP = Device("cpu", "Two cores", 8_000_000_000, 6_000_000_000, bf16=True)
GPU = Device("cuda:0", "A GPU", 24_000_000_000, 23_000_000_000, bf16=True)


def test_the_shelf_holds_enough_encoders_each_once() -> None:
    names = [entry.id for entry in shelf()]
    assert len(names) >= 24
    assert len(set(names)) == len(names)
    assert len({entry.model_type for entry in shelf()}) >= 8


@pytest.mark.parametrize("entry", shelf(), ids=lambda entry: entry.id)
def test_an_entry_is_of_a_family_that_is_trained_here_and_its_numbers_agree(entry: ShelfEntry) -> None:
    assert entry.model_type in ENCODERS
    assert re.fullmatch(r"[\w.-]+/[\w.-]+", entry.id)
    assert not entry.revision or re.fullmatch(r"[0-9a-f]{40}", entry.revision)
    assert entry.languages
    assert all(re.fullmatch(r"[a-z]{2,4}", code) for code in entry.languages)
    assert entry.note.endswith(".")
    if entry.download_bytes:  # published in fp32
        assert entry.download_bytes == pytest.approx(4 * entry.parameters, rel=0.04)
    inner = entry.intermediate_size or 4 * entry.hidden_size
    layer = entry.hidden_size * (4 * entry.hidden_size + (3 if entry.model_type == "modernbert" else 2) * inner)
    layers = 1 if entry.model_type == "albert" else entry.layers
    assert layers * layer <= entry.parameters  # the rest are embeddings
    assert entry.hidden_size % (entry.attention_heads or entry.hidden_size // 64) == 0


def test_a_search_needs_every_word_and_filters_join() -> None:
    assert {entry.id for entry in found(shelf(), text="ROBERTA large")} == {
        "FacebookAI/roberta-large",
        "FacebookAI/xlm-roberta-large",
    }
    german = found(shelf(), language="de", most_parameters=100_000_000)
    assert [entry.id for entry in german] == ["distilbert/distilbert-base-german-cased"]
    assert all(entry.cased is False for entry in found(shelf(), text="uncased"))
    assert found(shelf(), text="nothing like this") == ()


def test_nothing_is_recommended_while_neither_rows_nor_machine_are_known() -> None:
    assert recommended(shelf()) == ()


def test_a_small_encoder_for_the_language_comes_first_on_a_processor_and_a_larger_one_on_a_gpu() -> None:
    assert recommended(shelf(), language="de", device=LAPTOP)[0].id == "distilbert/distilbert-base-german-cased"
    assert recommended(shelf(), language="de", device=GPU)[0].id == "google-bert/bert-base-german-cased"
    for language in ("de", "sw", "ja", "ru"):
        for device in (LAPTOP, GPU):
            best = recommended(shelf(), language=language, device=device)
            assert best
            assert all(language in entry.languages for entry in best)
            assert all(fit_of(entry.shape, device).verdict == "fits" for entry in best)


def test_long_rows_get_an_encoder_that_reads_them_whole_and_names_one_that_sees_capitals() -> None:
    assert recommended(shelf(), language="en", device=GPU, tokens=2_000)[0].max_length >= 2_000
    assert recommended(shelf(), language="en", device=LAPTOP, cased=True)[0].cased is True


def test_what_does_not_fit_is_not_recommended() -> None:
    small = Device("cpu", "Little memory", 1_000_000_000, 900_000_000, bf16=False)
    assert all(entry.parameters < 50_000_000 for entry in recommended(shelf(), language="en", device=small))
    large = next(entry for entry in shelf() if entry.id == "FacebookAI/xlm-roberta-large")
    assert fit_of(large.shape, small).verdict == "too_large"
    needed = fit_of(large.shape, GPU).memory.total
    tight = Device("cuda:0", "A GPU", 24_000_000_000, int(1.1 * needed), bf16=True)
    assert fit_of(large.shape, tight).verdict == "tight"
