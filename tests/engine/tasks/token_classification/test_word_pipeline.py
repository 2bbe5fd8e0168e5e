"""A plain pipeline, called as on the card and the page, answers for words as the program itself does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import pipeline

from engine.loading.tokenizer import load_tokenizer
from engine.tasks.token_classification.facts import FACTS
from engine.tasks.token_classification.task import TokenClassification
from tests.builders_data import tiny_model

TEXTS = (
    "the movie was wonderful and the actor was terrible",
    "unbelievable moviemaking wonderfulness terribleness",
    "a film a book a story an actor",
)
ENTITIES = ("O", "B-person", "I-person", "B-place", "I-place")
TAGS = ("DET", "NOUN", "VERB")


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("names", [ENTITIES, TAGS], ids=["entities", "single words"])
def test_the_pipeline_finds_what_the_program_finds(names: tuple[str, ...], seed: int, tmp_path: Path) -> None:
    torch.manual_seed(seed)
    model, task = tiny_model(tmp_path), TokenClassification(names)
    network, tokenizer = task.build_network(Path(model.folder), names), load_tokenizer(Path(model.folder))
    with torch.no_grad():
        network.classifier.weight.mul_(50)  # so that words are answered differently
    network.train(False)
    options: dict[str, Any] = FACTS.pipeline_options(names, True)
    answer = pipeline("token-classification", model=network, tokenizer=tokenizer, **options)
    several = 0
    for text in TEXTS:
        own = [
            (found.start, found.end, found.label)
            for found in task.predict(network, tokenizer, text, max_length=64).entities
        ]
        if names == TAGS:
            starts = {position for position in range(len(text)) if position == 0 or text[position - 1] == " "}
            firsts = [(piece["start"], piece["entity"]) for piece in answer(text) if piece["start"] in starts]
            assert firsts == [(start, label) for start, _, label in own]
        else:
            assert [(group["start"], group["end"], group["entity_group"]) for group in answer(text)] == own
        several += len({label for *_, label in own}) > 1
    assert several or seed
