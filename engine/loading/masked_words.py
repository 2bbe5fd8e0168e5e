"""What a model writes in place of its mask token, where it brings the head that it was pre-trained with."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import AutoModelForMaskedLM

from engine.contract.queries import GuessedWord, MaskedWordsGuessed
from engine.loading.tokenizer import load_tokenizer
from engine.tasks.network import calm_transformers

LONGEST_TEXT = 5_000  # characters
MOST_GUESSES = 5
MOST_MASKS = 10


def guess(model_folder: str, text: str, max_length: int) -> MaskedWordsGuessed:
    """The likeliest tokens for each mask of the text, in its order; none where the weights lack a part of the head.

    The network is read for this question and let go: training needs its memory.
    """
    tokenizer = load_tokenizer(Path(model_folder))
    shown = text[:LONGEST_TEXT].encode("utf-8", "replace").decode("utf-8")
    encoded = tokenizer(shown, truncation=True, max_length=max_length, return_tensors="pt")
    places = (encoded["input_ids"][0] == tokenizer.mask_token_id).nonzero().reshape(-1)[:MOST_MASKS]
    if not len(places):
        return MaskedWordsGuessed(())
    with calm_transformers():
        network, report = AutoModelForMaskedLM.from_pretrained(
            model_folder,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            output_loading_info=True,
            dtype=torch.float32,
        )
    if report["missing_keys"]:  # would be drawn at random
        return MaskedWordsGuessed(())
    accepted = {name: encoded[name] for name in ("input_ids", "attention_mask", "token_type_ids") if name in encoded}
    with torch.inference_mode():
        logits = network.eval()(**accepted).logits[0, places]
    found = logits.softmax(-1).topk(MOST_GUESSES)
    return MaskedWordsGuessed(
        tuple(
            tuple(
                GuessedWord(str(tokenizer.decode([token])).strip(), float(probability))
                for token, probability in zip(tokens, probabilities, strict=True)
            )
            for tokens, probabilities in zip(found.indices.tolist(), found.values.tolist(), strict=True)
        )
    )
