"""Every family, with random weights and its own kind of tokenizer, is trained a step and answers as its pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import transformers

from engine.contract.settings import FolderModel
from engine.loading.configuration import ENCODERS
from engine.loading.load import load
from engine.loading.tokenizer import load_tokenizer
from engine.tasks.registry import task_named
from engine.workspace.layout import Workspace
from tests.builders_data import ignore
from tests.engine.family_folders import SENTENCES, family_folder

TASKS: dict[str, tuple[tuple[str, ...], dict[str, list[Any]]]] = {
    "text_classification": (("no", "yes"), {"text": ["a good film", "Anna lives in Graz"], "label": ["yes", "no"]}),
    "token_classification": (
        ("O", "B-PER", "I-PER"),
        {"tokens": [["Anna", "Weber", "lives"], ["a", "film"]], "tags": [["B-PER", "I-PER", "O"], ["O", "O"]]},
    ),
}


@pytest.mark.parametrize("family", sorted(ENCODERS))
def test_a_family_is_loaded_trained_and_answers_as_its_pipeline(family: str, tmp_path: Path) -> None:
    folder = family_folder(tmp_path / "model", family)
    model = load(FolderModel(str(folder)), ignore, workspace=Workspace(tmp_path / "workspace").create())
    assert model.model_type == family
    tokenizer = load_tokenizer(Path(model.folder))
    for name, (labels, rows) in TASKS.items():
        task = task_named(name)  # type: ignore[arg-type]
        torch.manual_seed(2)
        network = task.build_network(Path(model.folder), labels).train()
        encoded = task.encode(tokenizer, rows, label_names=labels, max_length=model.max_length)
        features = [{key: values[place] for key, values in encoded.items()} for place in range(2)]
        batch = task.collate(features, padding_id=tokenizer.pad_token_id or 0)
        given = {key: value for key, value in batch.items() if key != "labels"}
        task.loss(network(**given).logits, batch).backward()
        assert all(
            torch.isfinite(parameter.grad).all() for parameter in network.parameters() if parameter.grad is not None
        )
        network.train(False)
        options: dict[str, Any] = task.pipeline_options(tokenizer, labels, model.max_length)
        tokenizer.model_max_length = model.max_length
        ask: Any = transformers.pipeline(task.facts.pipeline, model=network, tokenizer=tokenizer, **options)
        call = {} if task.facts.one_label_per_word else {"top_k": None, "truncation": True}
        for text in (*SENTENCES, "Anna " * 100):
            ours = task.predict(network, tokenizer, text, max_length=model.max_length)
            assert task.compared(ours, ask(text, **call)).is_same, text
