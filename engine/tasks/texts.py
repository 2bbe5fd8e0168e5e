"""What tasks share that read a text or a pair of texts: from canonical rows to encoded inputs and logits.

Rows hold `text` and, where they are pairs, `second_text`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np
import torch

from engine.contract.queries import TokenizedText
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.settings import Roles
from engine.tasks.alignment import aligned
from engine.tasks.encoding import Encoded, encode_pairs, encode_texts, pair_inputs, text_inputs
from engine.tasks.network import logits_of
from engine.tasks.padding import as_float32
from engine.tasks.rows import Rows, line_of

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def text_columns(roles: Roles) -> dict[str, str]:
    """The canonical names of the columns that are read, to the user's."""
    return {"text": roles.text, **({"second_text": roles.second_text} if roles.second_text else {})}


NO_TEXT = Sentence("tasks.excluded.no_text")
NO_SECOND_TEXT = Sentence("tasks.excluded.no_second_text")


def text_complaint(row: Mapping[str, Any]) -> Sentence:
    """Why this row cannot be read, or an empty sentence."""
    if row.get("text") is None or not str(row["text"]).strip():
        return NO_TEXT
    if "second_text" in row and (row["second_text"] is None or not str(row["second_text"]).strip()):
        return NO_SECOND_TEXT
    return NOTHING


def text_identity(row: Mapping[str, Any]) -> str:
    """The texts without their spacing; a pair is another input than its texts the other way round."""
    texts = [row["text"], row["second_text"]] if row.get("second_text") is not None else [row["text"]]
    return "\n".join(" ".join(str(text).split()) for text in texts)


def shown_text(row: Mapping[str, Any]) -> str:
    """The text for a person to read; of a pair, the second one on a line of its own."""
    second = row.get("second_text")
    return str(row["text"]) if second is None else f"{row['text']}\n{second}"


def encoded_inputs(tokenizer: PreTrainedTokenizerBase, rows: Rows, max_length: int) -> dict[str, list[Any]]:
    """`input_ids` (list) and `length` per row, and `token_type_ids` where the tokenizer marks the texts of a pair."""
    texts = [str(text) for text in rows["text"]]
    if "second_text" in rows:
        made = pair_inputs(tokenizer, texts, [str(text) for text in rows["second_text"]], max_length)
    else:
        made = text_inputs(tokenizer, texts, max_length)
    columns: dict[str, list[Any]] = {"input_ids": made.input_ids}
    if made.type_ids is not None:
        columns["token_type_ids"] = made.type_ids
    columns["length"] = made.lengths
    return columns


class TextLogits(NamedTuple):
    """The network's logits (classes,) float32 for one input, and how many of its tokens were cut off."""

    logits: np.ndarray
    cut_tokens: int


def logits_of_text(
    network: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, text: str, second_text: str, max_length: int
) -> TextLogits:
    """The network's logits for one text, or for a pair where there is a second one."""
    rows = {"text": [text], "second_text": [second_text]} if second_text else {"text": [text]}
    (row,) = _encoded(tokenizer, rows, max_length)
    input_ids = torch.tensor([row.input_ids], device=network.device)
    batch = {"input_ids": input_ids, "attention_mask": torch.ones_like(input_ids)}
    if row.type_ids is not None:
        batch["token_type_ids"] = torch.tensor([row.type_ids], device=network.device)
    with torch.inference_mode():
        logits = logits_of(network, batch)
    return TextLogits(as_float32(logits)[0], row.length - len(row.input_ids))


def tokenized_text(
    tokenizer: PreTrainedTokenizerBase,
    row: Mapping[str, Any],
    *,
    label: str,
    max_length: int,
    label_numbers: Sequence[int] = (),
) -> TokenizedText:
    """The text, or the pair, as the network reads it, with the label of the row and its ids."""
    columns = ("text", "second_text") if row.get("second_text") is not None else ("text",)
    rows = {name: [str(row[name])] for name in columns}
    (kept,) = _encoded(tokenizer, rows, max_length)
    (whole,) = _encoded(tokenizer, rows, kept.length) if kept.length > len(kept.input_ids) else (kept,)
    found = aligned(tokenizer, kept, whole, text=shown_text(row), texts=[rows[name][0] for name in columns])
    return msgspec.structs.replace(
        found,
        label=label,
        label_numbers=tuple(label_numbers),
        row=line_of(row, row.get("row", 0)),
        max_length=max_length,
    )


def _encoded(tokenizer: PreTrainedTokenizerBase, rows: Rows, max_length: int) -> list[Encoded]:
    texts: Sequence[str] = [str(text) for text in rows["text"]]
    if "second_text" not in rows:
        return encode_texts(tokenizer, texts, max_length)
    return encode_pairs(tokenizer, texts, [str(text) for text in rows["second_text"]], max_length)
