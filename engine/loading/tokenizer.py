"""The fast tokenizer of a model folder, as every room uses it.

Reads the folder's own files and nothing else: no network, no code that came with the model. What the file has baked
in about cutting and padding is switched off, because each room decides that itself and says so.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from transformers import AutoTokenizer, PreTrainedTokenizerBase

from engine.errors import ModelDamaged, ModelNotSupported


def load_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """The tokenizer of `folder`; raises `ModelDamaged` (M4) or `ModelNotSupported` (M9)."""
    try:
        tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
            str(folder), use_fast=True, local_files_only=True, trust_remote_code=False
        )
    except Exception as error:  # tokenizers raises plain `Exception`, transformers many kinds
        raise tokenizer_damaged(str(error)) from error
    if not tokenizer.is_fast:
        raise ModelNotSupported(
            "M9",
            "This model has no fast tokenizer.",
            hint="Choose a model with a tokenizer.json file.",
            actions=("Choose another model",),
        )
    backend: Any = tokenizer.backend_tokenizer  # type: ignore[attr-defined]
    backend.no_truncation()
    backend.no_padding()
    return tokenizer


def tokenizer_damaged(details: str) -> ModelDamaged:
    """The error (M4) for a tokenizer that cannot be loaded."""
    return ModelDamaged(
        "M4",
        "The tokenizer of this model can't be loaded.",
        hint="Download the model again, or choose another one.",
        actions=("Choose another model",),
        details=details,
    )
