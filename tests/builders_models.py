"""Model folders as tests need them: a real encoder with a real tokenizer, small enough to be trained in a blink."""

from __future__ import annotations

import hashlib
import string
from pathlib import Path

import torch
from transformers import BertConfig, BertModel, BertTokenizer

from engine.contract.settings import FolderModel
from engine.contract.states import ModelHandle

SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
WORDS = """
the a an and or but not no is was were are be it this that these there he she they we you i of in on at to for from with
by as so very too more most film movie story actor scene plot good great bad awful fine nice dull fun funny boring best
worst love loved hate hated like liked cheap slow fast new old long short big small red blue green order money card bank
phone help please thanks hello john mary anna paris london berlin acme works lives visits city company week day year one
two three
"""
PIECES = ("##s", "##ed", "##ing", "##ly", "##er", "##est", "##ness")


def vocabulary() -> dict[str, int]:
    """About 220 tokens: special tokens, all ASCII letters, digits and marks alone and continued, some whole words."""
    characters = string.ascii_lowercase + string.digits
    tokens = [*SPECIAL_TOKENS, *characters, *(f"##{character}" for character in characters), *string.punctuation]
    return {token: index for index, token in enumerate(dict.fromkeys([*tokens, *PIECES, *WORDS.split()]))}


def tiny_tokenizer(*, max_length: int = 64) -> BertTokenizer:
    """A lower-casing WordPiece tokenizer, fast, of the class that BERT has."""
    return BertTokenizer(vocab=vocabulary(), do_lower_case=True, model_max_length=max_length)


def tiny_bert_config(**config: object) -> BertConfig:
    """Two layers, hidden size 32, two heads, 64 positions; `config` overrides."""
    values: dict[str, object] = {
        "vocab_size": len(vocabulary()),
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 64,
        "max_position_embeddings": 64,
        "pad_token_id": 0,
    }
    return BertConfig(**{**values, **config})  # type: ignore[arg-type]


def tiny_bert_folder(path: Path, **config: object) -> Path:
    """Writes a `BertModel` of `tiny_bert_config(**config)` with seeded weights and its tokenizer; returns `path`.

    The random state of the caller is left as it was.
    """
    settings = tiny_bert_config(**config)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        network = BertModel(settings)
    network.save_pretrained(path)
    tiny_tokenizer(max_length=settings.max_position_embeddings).save_pretrained(path)
    return path


def tiny_model_handle(path: Path) -> ModelHandle:
    """What `load_model` returns for a folder of `tiny_bert_folder`; writes it first where there is none."""
    if not (path / "config.json").is_file():
        tiny_bert_folder(path)
    settings = BertConfig.from_pretrained(str(path))
    weights = path / "model.safetensors"
    network = BertModel(settings)
    return ModelHandle(
        folder=str(path),
        name=path.name,
        source=FolderModel(str(path)),
        architecture="BertModel",
        model_type="bert",
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        layers=settings.num_hidden_layers,
        hidden_size=settings.hidden_size,
        attention_heads=settings.num_attention_heads,
        vocabulary_size=settings.vocab_size,
        max_length=settings.max_position_embeddings,
        size_bytes=weights.stat().st_size + (path / "tokenizer.json").stat().st_size,
        sha256=hashlib.sha256(weights.read_bytes()).hexdigest(),
        lower_case=True,
    )
