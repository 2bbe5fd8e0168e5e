"""Model folders of each family as they are published: random weights, and a tokenizer of the family's own kind.

Vocabularies are learned from a few sentences, so that some words are one token and others are several.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoConfig, AutoModel

from tests.engine.families import FAMILIES

SENTENCES = (
    "Anna Weber lives in Berlin, near the old station.",
    "Ben moved to Kopenhagen last year; he likes the harbour.",
    "The office of Nordwind GmbH in Graz was closed on Monday.",
    "the movie was wonderful and the actor was terrible",
    "a film is good or bad, the plot is dull and the scene is great",
    "John lives in Paris by the film, Mary in London by the story",
    "张 敏 去 年 搬 到 了 上 海 。 李 娜 在 北 京 工 作 。 上海 北京 张敏",
)


class Kind(NamedTuple):
    """How a family takes texts apart, and the class that its tokenizer_config.json names."""

    name: str
    tokenizer_class: str = "PreTrainedTokenizerFast"


WORD_PIECES, BYTES, BYTES_IN_TEMPLATE, METASPACE = "word pieces", "bytes", "bytes in a template", "metaspace"
KINDS: dict[str, Kind] = {
    "bert": Kind(WORD_PIECES, "BertTokenizer"),
    "roberta": Kind(BYTES, "RobertaTokenizer"),
    "eurobert": Kind(BYTES_IN_TEMPLATE),
    "modernbert": Kind(BYTES_IN_TEMPLATE),
    "ultrabert": Kind(BYTES_IN_TEMPLATE),
    "xlm-roberta": Kind(METASPACE, "XLMRobertaTokenizer"),
    "deberta-v2": Kind(METASPACE, "DebertaV2Tokenizer"),
}
_LIKE_ROBERTA = ("data2vec-text", "deberta", "ibert", "longformer", "luke", "roberta-prelayernorm")
_LIKE_XLM = (
    "albert",
    "big_bird",
    "camembert",
    "gte",
    "jina_embeddings_v3",
    "nystromformer",
    "rembert",
    "xlm-roberta-xl",
)


def kind_of(family: str) -> Kind:
    """The kind of tokenizer that models of this family are published with."""
    if family in KINDS:
        return KINDS[family]
    return Kind(
        BYTES if family in _LIKE_ROBERTA else METASPACE if family in (*_LIKE_XLM, "xlm-roberta-xl") else WORD_PIECES
    )


def family_folder(
    folder: Path, family: str, *, texts: Iterable[str] = SENTENCES, vocabulary: int = 500, **config: object
) -> Path:
    """Writes a model folder of this family with 64 positions for texts; `texts` teach the vocabulary."""
    kind = kind_of(family)
    backend, special = _BACKENDS[kind.name](list(texts), vocabulary)
    folder.mkdir(parents=True, exist_ok=True)
    backend.save(str(folder / "tokenizer.json"))
    limit = 64
    written = {"tokenizer_class": kind.tokenizer_class, "model_max_length": limit, **special}
    if kind.name == BYTES:
        written["add_prefix_space"] = False
    (folder / "tokenizer_config.json").write_text(json.dumps(written), "utf-8")
    pad = backend.token_to_id(special["pad_token"])
    values = {**FAMILIES[family], "vocab_size": backend.get_vocab_size(), "pad_token_id": pad, **config}
    if "max_position_embeddings" in FAMILIES[family]:
        values["max_position_embeddings"] = limit + pad + 1
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        network: Any = AutoModel.from_config(AutoConfig.for_model(family, **values))
    network.save_pretrained(folder)
    return folder


def _word_pieces(texts: list[str], vocabulary: int) -> tuple[Tokenizer, dict[str, str]]:
    backend = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    backend.normalizer = normalizers.BertNormalizer(lowercase=False)
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    backend.decoder = decoders.WordPiece()
    special = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    trainer = trainers.WordPieceTrainer(
        vocab_size=vocabulary, special_tokens=[*special.values(), "[MASK]"], show_progress=False
    )
    backend.train_from_iterator(texts, trainer)
    backend.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return backend, {**special, "mask_token": "[MASK]"}


def _bytes(texts: list[str], vocabulary: int) -> tuple[Tokenizer, dict[str, str]]:
    """As RoBERTa: no space before the first word, offsets without spaces."""
    backend = Tokenizer(models.BPE(unk_token=None))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    names = {"bos_token": "<s>", "pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
    _train_bytes(backend, texts, vocabulary, [*names.values(), "<mask>"])
    backend.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    return backend, {**names, "cls_token": "<s>", "sep_token": "</s>", "mask_token": "<mask>"}


def _bytes_in_template(texts: list[str], vocabulary: int) -> tuple[Tokenizer, dict[str, str]]:
    """As ModernBERT: offsets include the space before a word."""
    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    _train_bytes(backend, texts, vocabulary, [*names.values(), "[MASK]"])
    backend.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return backend, {**names, "mask_token": "[MASK]"}


def _train_bytes(backend: Tokenizer, texts: list[str], vocabulary: int, special: list[str]) -> None:
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    backend.train_from_iterator(texts, trainer)


def _metaspace(texts: list[str], vocabulary: int) -> tuple[Tokenizer, dict[str, str]]:
    """As XLM-RoBERTa and DeBERTa-v3: words with the space before them, offsets that include it."""
    names = {"cls_token": "<s>", "pad_token": "<pad>", "sep_token": "</s>", "unk_token": "<unk>"}
    pieces = dict.fromkeys((*names.values(), "<mask>"), 0.0)
    for number, word in enumerate(dict.fromkeys(" ".join(texts).split())):
        whole = "▁" + word
        middle = len(whole) // 2 + 1
        pieces |= dict.fromkeys([whole] if number % 2 else [whole[:middle], whole[middle:]], -3.0)
    pieces |= {sign: -10.0 for sign in sorted(set("▁".join(texts))) if sign not in pieces}
    backend = Tokenizer(models.Unigram([*pieces.items()][:vocabulary], unk_id=3, byte_fallback=False))
    backend.normalizer = normalizers.NFKC()
    backend.pre_tokenizer = pre_tokenizers.Metaspace()
    backend.decoder = decoders.Metaspace()
    backend.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return backend, {**names, "bos_token": "<s>", "eos_token": "</s>", "mask_token": "<mask>"}


_BACKENDS = {
    WORD_PIECES: _word_pieces,
    BYTES: _bytes,
    BYTES_IN_TEMPLATE: _bytes_in_template,
    METASPACE: _metaspace,
}
