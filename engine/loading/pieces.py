"""How a loaded model reads a sentence: pieces, ids, mask and the word each piece comes from."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from transformers import PreTrainedTokenizerBase

from engine.loading.tokenizer import load_tokenizer
from engine.questions import Pieces
from engine.states import ModelHandle
from engine.tasks.encoding import encode_texts

LONGEST_TEXT = 200_000  # characters; more is cut before it reaches the tokenizer


def pieces(model: ModelHandle, text: str) -> Pieces:
    """The text as the network would read it, cut to the model's limit."""
    tokenizer = _tokenizer(model.folder)
    shown = text[:LONGEST_TEXT].encode("utf-8", "replace").decode("utf-8")
    row = encode_texts(tokenizer, [shown], model.max_length)[0]
    return Pieces(
        text=shown,
        tokens=tuple(str(token) for token in tokenizer.convert_ids_to_tokens(row.input_ids)),
        input_ids=tuple(row.input_ids),
        attention_mask=(1,) * len(row.input_ids),
        word_ids=tuple(row.word_ids),
        cut_tokens=max(0, row.length - model.max_length),
    )


@lru_cache(maxsize=1)
def _tokenizer(folder: str) -> PreTrainedTokenizerBase:
    return load_tokenizer(Path(folder))
