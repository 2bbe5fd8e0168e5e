"""Why a run answers a text as it does: which tokens support the answer, and which training rows are similar."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from engine.contract.diagnoses import AskExplanation, AskNearRows, Explanation, NearRows
from engine.contract.events import Emit, Progressed
from engine.contract.sentences import Sentence
from engine.contract.states import TrainingRun
from engine.contract.tag_schemes import OUTSIDE
from engine.diagnosing.integrated_gradients import Target, integrated_gradients
from engine.diagnosing.nearest_rows import NearestRows
from engine.diagnosing.row_features import asked_texts, features_of_text, row_features
from engine.evaluating.trained_network import trained_network
from engine.tasks.network import label_names_of, logits_of
from engine.tasks.registry import task_named
from engine.tasks.texts import encoded_inputs

NOTE = Sentence("diagnosing.progress.explaining")
NEAR = 5


def explain(run: TrainingRun, question: AskExplanation, emit: Emit) -> Explanation:
    """What each token adds to the score of a label; `emit` may raise `StopRequested`.

    Raises `InvalidSetting` (E4) without a text.
    """
    started = time.perf_counter()
    texts = asked_texts(run, question.text, question.second_text)
    trained = trained_network(run)
    network, tokenizer = trained.network, trained.tokenizer
    was_training = network.training
    network.train(False)
    columns = dict(zip(("text", "second_text"), ([text] for text in texts), strict=False))
    inputs = encoded_inputs(tokenizer, columns, run.dataset.max_length)
    device = network.device
    batch: dict[str, torch.Tensor] = {
        name: torch.tensor(inputs[name], device=device) for name in ("input_ids", "token_type_ids") if name in inputs
    }
    batch["attention_mask"] = torch.ones_like(batch["input_ids"])
    ids = inputs["input_ids"][0]
    names = label_names_of(network)
    task = task_named(run.dataset.task, run.dataset.label_names)
    with torch.inference_mode():
        logits = logits_of(network, batch).float().cpu().numpy()[0]
    place = -1
    if task.facts.one_label_per_word:
        place, label = _tag(tokenizer, texts[0], ids, logits, names, question)
        target = _logit_of_token(place, label)
    elif task.facts.labels_are_numbers:
        label, target = 0, _logit(0)
    else:
        label = names.index(question.label) if question.label in names else int(logits.argmax())
        target = _logit(label)

    def pause() -> None:
        emit(Progressed(0, 0, NOTE))

    try:
        found = integrated_gradients(
            network,
            batch,
            _special(tokenizer, ids),
            target,
            padding_id=tokenizer.pad_token_id or 0,
            pause=pause,
        )
    finally:
        network.train(was_training)
    return Explanation(
        tokens=tuple(map(str, tokenizer.convert_ids_to_tokens(ids))),
        attributions=tuple(float(one) for one in found.tokens),
        label="" if task.facts.labels_are_numbers else names[label],
        place=place,
        output=found.output,
        baseline=found.baseline,
        error=found.error,
        points=found.points,
        cut_tokens=int(inputs["length"][0]) - len(ids),
        milliseconds=(time.perf_counter() - started) * 1000,
    )


def near_rows(run: TrainingRun, question: AskNearRows, emit: Emit) -> NearRows:
    """The training rows that read most like a text; reads all rows the first time. `emit` may raise `StopRequested`."""
    texts = asked_texts(run, question.text, question.second_text)
    features = row_features(run.dataset, emit, device=run.settings.device, threads=run.settings.threads)
    return NearRows(NearestRows(features).of_features(features_of_text(run.dataset, texts, emit), NEAR))


def _logit(label: int) -> Target:
    return lambda logits: logits[:, label]


def _logit_of_token(place: int, label: int) -> Target:
    return lambda logits: logits[:, place, label]


def _special(tokenizer: Any, ids: Sequence[int]) -> np.ndarray:
    """Which tokens the tokenizer adds: they stay as they are. An unknown word is none of them."""
    special = set(tokenizer.all_special_ids) - {tokenizer.unk_token_id}
    return np.asarray([token in special for token in ids], dtype=bool)


def _tag(
    tokenizer: Any, text: str, ids: Sequence[int], logits: np.ndarray, names: Sequence[str], question: AskExplanation
) -> tuple[int, int]:
    """The token whose tag is explained, and the tag: at a character of the text, else where an entity is likeliest."""
    offsets = tokenizer(text, return_offsets_mapping=True, truncation=True, max_length=len(ids))["offset_mapping"]
    words = [place for place, special in enumerate(_special(tokenizer, ids).tolist()) if not special] or [0]
    outside = names.index(OUTSIDE) if OUTSIDE in names else -1
    inside = np.delete(np.arange(len(names)), outside) if outside >= 0 else np.arange(len(names))
    place = next(
        (one for one in words if one < len(offsets) and offsets[one][0] <= question.start < offsets[one][1]),
        max(words, key=lambda one: float((logits[one, inside] - logits[one].max()).max())),
    )
    label = names.index(question.label) if question.label in names else int(logits[place].argmax())
    if label == outside and not question.label:
        label = int(inside[logits[place, inside].argmax()])  # why it is no entity: what supports the likeliest one
    return place, label
