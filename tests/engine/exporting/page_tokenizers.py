"""Small tokenizers with every kind of part that the offline page may hold, each with its settings."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

SPECIAL = ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"]
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
BEHAVIORS = ("removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous")
ENDS = (("[SEP]", 2), ("[CLS]", 1))
TEMPLATE = processors.TemplateProcessing(
    single="[CLS] $A [SEP]",
    pair="[CLS] $A [SEP] $B:1 [SEP]:1",
    special_tokens=[("[CLS]", 1), ("[SEP]", 2)],
)
ADDED = (
    AddedToken("film", single_word=True),
    AddedToken("Great", normalized=True),
    AddedToken("日本", lstrip=True),
    AddedToken("#tag", rstrip=True, normalized=False),
    AddedToken("e\u0301", normalized=True),
)

_NORMALIZERS: Mapping[str, Any] = {
    "BERT": normalizers.BertNormalizer(),
    "BERT, cased": normalizers.BertNormalizer(lowercase=False),
    "BERT, cased without accents": normalizers.BertNormalizer(lowercase=False, strip_accents=True),
    "BERT, signs as they are": normalizers.BertNormalizer(
        clean_text=False, handle_chinese_chars=False, strip_accents=False
    ),
    "lower": normalizers.Lowercase(),
    "NFC": normalizers.NFC(),
    "NFD": normalizers.NFD(),
    "NFKC": normalizers.NFKC(),
    "NFKD, lower, without accents": normalizers.Sequence(
        [normalizers.NFKD(), normalizers.Lowercase(), normalizers.StripAccents()]
    ),
    "without spaces": normalizers.Strip(),
    "without spaces before": normalizers.Strip(right=False),
    "a sign before": normalizers.Prepend("▁"),
    "a text replaced": normalizers.Replace(" ", "▁"),
    "patterns replaced": normalizers.Sequence(
        [normalizers.Replace(Regex(r"\s{2,}"), " "), normalizers.Replace(Regex(r"\d"), "00")]
    ),
    "a sign left out": normalizers.Replace("e", ""),
}
_PRE_TOKENIZERS: Mapping[str, Any] = {
    "words and numbers": pre_tokenizers.Sequence([pre_tokenizers.Whitespace(), pre_tokenizers.Digits()]),
    "digits": pre_tokenizers.Sequence(
        [pre_tokenizers.BertPreTokenizer(), pre_tokenizers.Digits(individual_digits=True)]
    ),
    **{
        f"metaspace {scheme}, {'split' if split else 'whole'}": pre_tokenizers.Metaspace(
            prepend_scheme=scheme, split=split
        )
        for scheme in ("always", "first", "never")
        for split in (True, False)
    },
    **{f"punctuation {behavior}": pre_tokenizers.Punctuation(behavior) for behavior in BEHAVIORS},
    **{
        f"pattern {behavior}, {'the rest' if invert else 'itself'}": pre_tokenizers.Split(
            Regex(r"\s+|[.,]|\d{1,3}"), behavior, invert=invert
        )
        for behavior in BEHAVIORS
        for invert in (False, True)
    },
    "a text": pre_tokenizers.Split(" ", "merged_with_previous"),
}
_PROCESSORS: Mapping[str, Any] = {
    "BERT": processors.BertProcessing(*ENDS),
    **{
        f"RoBERTa{', trims' if trims else ''}{', a space before' if before else ''}": processors.RobertaProcessing(
            *ENDS, trim_offsets=trims, add_prefix_space=before
        )
        for trims in (True, False)
        for before in (True, False)
    },
    "bytes": processors.ByteLevel(trim_offsets=False),
    "bytes and a template": processors.Sequence([processors.ByteLevel(trim_offsets=True), TEMPLATE]),
}
_MODELS = ("WordPiece", "WordPiece, its own prefix", "BPE", "BPE, joined", "BPE, bytes", "BPE, whole words", "Unigram")
# Model, normalizer, pre-tokenizer, post-processor, added tokens.
_Parts = tuple[str, Any, Any, Any, Sequence[AddedToken]]
PARTS: Mapping[str, _Parts] = {
    **{
        f"normalizer: {name}": ("WordPiece", one, pre_tokenizers.WhitespaceSplit(), TEMPLATE, ())
        for name, one in _NORMALIZERS.items()
    },
    **{f"pre-tokenizer: {name}": ("BPE, joined", None, one, TEMPLATE, ()) for name, one in _PRE_TOKENIZERS.items()},
    **{
        f"post-processor: {name}, {'a' if before else 'no'} space before": (
            "BPE, all bytes",
            None,
            pre_tokenizers.ByteLevel(add_prefix_space=before),
            one,
            (),
        )
        for name, one in _PROCESSORS.items()
        for before in (False, True)
    },
    **{f"model: {name}": (name, normalizers.NFC(), pre_tokenizers.Metaspace(), TEMPLATE, ()) for name in _MODELS},
    **{
        f"added tokens, {name}": ("WordPiece", one, pre_tokenizers.BertPreTokenizer(), TEMPLATE, ADDED)
        for name, one in (("none", None), ("BERT", _NORMALIZERS["BERT"]), ("NFKC", _NORMALIZERS["NFKC"]))
    },
}


def tokenizer_with(parts: str, texts: Sequence[str]) -> Tokenizer:
    """The tokenizer of `PARTS`, whose vocabulary these texts teach."""
    model, normalizer, pre_tokenizer, processor, added = PARTS[parts]
    network, trainer = _untrained(model)
    backend = Tokenizer(network)
    if normalizer is not None:
        backend.normalizer = normalizer
    backend.pre_tokenizer = pre_tokenizer
    backend.train_from_iterator(texts, trainer)
    if model == "BPE, bytes":  # they are plain tokens, which a text does not name
        written = json.loads(backend.to_str())
        written["added_tokens"] = [one for one in written["added_tokens"] if one["content"] not in BYTES]
        backend = Tokenizer.from_str(json.dumps(written))
    backend.post_processor = processor
    backend.add_tokens(list(added))
    return backend


def _untrained(model: str) -> tuple[Any, Any]:
    usual: dict[str, Any] = {"vocab_size": 700, "special_tokens": SPECIAL, "show_progress": False}
    if model.startswith("WordPiece"):
        prefix, most = ("@@", 12) if "own" in model else ("##", 100)
        network = models.WordPiece(unk_token="[UNK]", continuing_subword_prefix=prefix, max_input_chars_per_word=most)
        return network, trainers.WordPieceTrainer(**usual, continuing_subword_prefix=prefix)
    if model == "Unigram":
        return models.Unigram(), trainers.UnigramTrainer(**{**usual, "vocab_size": 300}, unk_token="[UNK]")
    if model == "BPE, all bytes":
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        return models.BPE(), trainers.BpeTrainer(**usual, initial_alphabet=alphabet)
    as_bytes = model == "BPE, bytes"
    network = models.BPE(
        unk_token="[UNK]",
        fuse_unk=model == "BPE, joined",
        byte_fallback=as_bytes,
        ignore_merges=model == "BPE, whole words",
    )
    special = SPECIAL + BYTES if as_bytes else SPECIAL
    return network, trainers.BpeTrainer(**{**usual, "special_tokens": special, "limit_alphabet": 90})
