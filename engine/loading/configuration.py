"""The model's config.json, rebuilt from keys and model types that are known; decides what can be fine-tuned here.

Decided before weights are loaded or downloaded. Nothing a config asks for is executed: keys that name code, kernels
or other number formats are dropped or refused, and the sizes must be possible.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from transformers import CONFIG_MAPPING, PreTrainedConfig
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
    MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING_NAMES,
    MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES,
    MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES,
    MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING_NAMES,
)

from engine.contract.errors import ModelDamaged, ModelNotSupported
from engine.contract.sentences import Sentence
from engine.contract.states import ModelHead
from engine.hub.model_files import ANOTHER, CONFIG, LARGEST_TEXT, is_regular

# Encoders of the BERT family for which transformers has both heads, and which need no more than ids and mask.
ENCODERS = frozenset(
    {
        "albert",
        "bert",
        "big_bird",
        "camembert",
        "convbert",
        "data2vec-text",
        "deberta",
        "deberta-v2",
        "distilbert",
        "electra",
        "ernie",
        "eurobert",
        "gte",
        "ibert",
        "jina_embeddings_v3",
        "longformer",
        "luke",
        "megatron-bert",
        "mobilebert",
        "modernbert",
        "mpnet",
        "nomic_bert",
        "nystromformer",
        "rembert",
        "roberta",
        "roberta-prelayernorm",
        "roformer",
        "squeezebert",
        "ultrabert",
        "xlm-roberta",
        "xlm-roberta-xl",
    }
)
# Position ids start behind the padding id, so two of the positions are never used.
OFFSET_POSITIONS = frozenset(
    {
        "camembert",
        "data2vec-text",
        "ibert",
        "longformer",
        "luke",
        "mpnet",
        "roberta",
        "roberta-prelayernorm",
        "xlm-roberta",
        "xlm-roberta-xl",
    }
)
COMMON_KEYS = frozenset(
    {
        "architectures",
        "dtype",
        "finetuning_task",
        "id2label",
        "label2id",
        "model_type",
        "num_labels",
        "problem_type",
        "torch_dtype",
        "transformers_version",
    }
)
_SUMMARY = frozenset(f"summary_{key}" for key in ("activation", "first_dropout", "last_dropout", "proj_to_labels"))
_SUMMARY |= {"summary_type", "summary_use_proj"}
_ROTATION = frozenset({"rope_scaling", "rope_theta", "partial_rotary_factor"})
# Keys that a family's network reads, or its class converts, although they are not among the defaults of its class. A
# test looks for them in the code of transformers (tests/engine/loading/test_configuration_keys.py).
FURTHER_KEYS: dict[str, frozenset[str]] = {
    "convbert": _SUMMARY,
    "deberta": frozenset({"cls_dropout", "embedding_size", "pooler_hidden_size", "talking_head"}),
    "deberta-v2": frozenset(
        {
            "attention_head_size",
            "cls_dropout",
            "conv_act",
            "conv_groups",
            "conv_kernel_size",
            "embedding_size",
            "norm_rel_ebd",
            "pooler_hidden_size",
            "position_buckets",
            "share_att_key",
        }
    ),
    "electra": _SUMMARY,
    "eurobert": _ROTATION,
    "gte": _ROTATION | {"head_dim"},
    "jina_embeddings_v3": _ROTATION | {"head_dim"},
    "modernbert": frozenset(
        {"global_attn_every_n_layers", "global_rope_theta", "head_dim", "local_rope_theta", "rope_scaling"}
    ),
    "nomic_bert": _ROTATION,
    "roformer": _SUMMARY,
    "ultrabert": _ROTATION | {"attention_windows"},
}
DROPPED_KEYS = frozenset({"auto_map", "custom_pipelines", "trust_remote_code", "name_or_path", "_name_or_path"})
UNWANTED_VALUES: dict[str, object] = {"return_dict": False, "output_attentions": True, "output_hidden_states": True}
CHUNK = "chunk_size_feed_forward"  # a batch whose length it does not divide fails; the program needs no chunks
LARGEST: dict[str, int] = {
    CHUNK: 0,
    "num_hidden_layers": 200,
    "n_layers": 200,
    "num_attention_heads": 512,
    "n_heads": 512,
    "hidden_size": 20_000,
    "dim": 20_000,
    "embedding_size": 20_000,
    "intermediate_size": 200_000,
    "hidden_dim": 200_000,
    "vocab_size": 5_000_000,
    "max_position_embeddings": 1_000_000,
    "type_vocab_size": 1_000,
    "num_labels": 100_000,  # for each of which the class makes up a name
}
LARGEST_SIZE = 5_000_000  # of the whole numbers that a family has, where nothing else is given
LONGEST_WINDOW = 4_096  # tokens, or as many as there are positions
WINDOWS = frozenset({"attention_window", "block_size", "local_attention", "num_landmarks", "segment_means_seq_len"})
ABOVE_ZERO = ("_eps", "_epsilon", "_theta")  # ends of keys
INITIALIZER = "initializer_range"  # the deviation of what is drawn
_NO_SIZES = ("_token_id", "theta")  # ends of keys whose numbers build nothing
DEEPEST = 4  # levels of nesting
LONGEST_LIST = 100_000
LARGEST_NUMBER = 2**40


class Configuration(NamedTuple):
    """A config that is safe to build from. `must_rewrite`: the file on disk is not; other rooms need a clean copy."""

    config: PreTrainedConfig
    values: dict[str, Any]
    must_rewrite: bool

    @property
    def model_type(self) -> str:
        """bert, roberta, …"""
        return str(self.config.model_type)

    def positions(self) -> int | None:
        """Tokens that the network has positions for, special tokens included; None: it sets no limit."""
        positions = getattr(self.config, "max_position_embeddings", None)
        if not isinstance(positions, int) or positions < 1:
            return None
        if self.model_type in OFFSET_POSITIONS:
            padding = getattr(self.config, "pad_token_id", 1)
            if self.model_type == "mpnet":  # transformers reads it nowhere, and takes the published one
                padding = 1
            return positions - (padding if isinstance(padding, int) else 1) - 1
        return positions

    def distinguishes_texts(self) -> bool:
        """Whether the network has an embedding for the second text of a pair (token type 1)."""
        types = getattr(self.config, "type_vocab_size", None)
        return isinstance(types, int) and types > 1

    def answer_layer(self) -> int | None:
        """How many labels a head has that is already there; None where there is none."""
        head = self.head()
        return None if head is None else len(head.labels)

    def guesses_words(self) -> bool:
        """Whether the architecture names the head of pre-training, which writes words for masks."""
        return self._architecture().endswith(("ForMaskedLM", "ForPreTraining"))

    def head(self) -> ModelHead | None:
        """The classification head that the architecture names, with its labels in order."""
        architecture = self._architecture()
        of_words = architecture.endswith("ForTokenClassification")
        if not of_words and not architecture.endswith("ForSequenceClassification"):
            return None
        names = {int(number): str(name) for number, name in (self.config.id2label or {}).items()}
        return ModelHead(tuple(names[number] for number in sorted(names)), of_words)

    def _architecture(self) -> str:
        """The class that the file names first, empty where it names none."""
        named = self.values.get("architectures")
        return str(named[0]) if isinstance(named, list) and named else ""


def read_configuration(folder: Path) -> Configuration:
    """The configuration of a model folder."""
    path = folder / CONFIG
    if not is_regular(path) or path.stat().st_size > LARGEST_TEXT:
        raise _damaged(Sentence("loading.m3.config_json_model_cannot_read"))
    return parse_configuration(path.read_bytes())


def parse_configuration(content: bytes) -> Configuration:
    """Rebuilds a config.json; raises `ModelNotSupported` (M9) or `ModelDamaged` (M3) with the key's name."""
    try:
        raw = json.loads(content, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise _damaged(Sentence("loading.m3.config_json_model_cannot_read"), details=str(error)) from error
    if not isinstance(raw, dict):
        raise _damaged(Sentence("loading.m3.config_json_model_cannot_read"))
    _refuse_other_models(raw)
    config_class = CONFIG_MAPPING[raw["model_type"]]
    known = set(config_class().to_dict()) | set(config_class.attribute_map) | COMMON_KEYS
    known |= FURTHER_KEYS.get(raw["model_type"], frozenset())
    for key, value in raw.items():
        _check_value(key, value, key, known=key in known)
    _check_windows(raw)
    kept = {key: value for key, value in raw.items() if key in known and key not in DROPPED_KEYS}
    kept = {key: value for key, value in kept.items() if not (key in UNWANTED_VALUES and value is UNWANTED_VALUES[key])}
    try:
        config: PreTrainedConfig = config_class(**kept)
    except Exception as error:  # each config class checks its own values, with errors of many kinds
        details = f"{type(error).__name__}: {error}"
        raise _damaged(Sentence("loading.m3.config_json_model_cannot_used"), details) from error
    return Configuration(config, kept, must_rewrite=any(_is_unsafe(key, value) for key, value in raw.items()))


def _is_unsafe(key: str, value: object) -> bool:
    if value is None:
        return False
    names_code = key in DROPPED_KEYS and not key.endswith("name_or_path")
    names_kernel = "implementation" in key and not key.endswith("_autoset")
    return names_code or names_kernel or (key in UNWANTED_VALUES and value is UNWANTED_VALUES[key])


def _refuse_other_models(raw: dict[str, Any]) -> None:
    model_type = raw.get("model_type")
    if not isinstance(model_type, str) or not model_type:
        raise _unsupported(Sentence("loading.unsupported.config_json_model_does_not"))
    name = model_type[:60]
    if raw.get("is_encoder_decoder") is True and model_type in ENCODERS:
        raise _unsupported(Sentence("loading.unsupported.encoder_with_decoder", name=name))
    if raw.get("is_encoder_decoder") is True or model_type in MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES:
        raise _unsupported(Sentence("loading.unsupported.model_translates_rewrites_text_not", name=name))
    others = _other_encoders(name)
    if model_type in others:
        raise _unsupported(others[model_type])
    if model_type not in ENCODERS:
        if model_type in MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING_NAMES:
            raise _unsupported(Sentence("loading.unsupported.model_images_not_text", name=name))
        if model_type in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES:
            raise _unsupported(Sentence("loading.unsupported.model_writes_text_not_encoder", name=name))
        raise _unsupported(Sentence("loading.unsupported.models_kind_not_known_here", name=name))
    if raw.get("is_decoder") is True or raw.get("add_cross_attention") is True:
        raise _unsupported(Sentence("loading.unsupported.bert_made_write_text_decoder"))
    if (
        model_type not in MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES
        or model_type not in MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING_NAMES
    ):
        raise _unsupported(Sentence("loading.unsupported.installed_transformers_no_answer_layers", name=name))
    if model_type == "nystromformer" and raw.get("num_landmarks", 64) != raw.get("segment_means_seq_len", 64):
        raise _unsupported(Sentence("loading.unsupported.nystromformer_landmarks"))
    if raw.get("quantization_config"):
        raise _unsupported(Sentence("loading.unsupported.model_stored_compressed_number_format"))
    if str(raw.get("position_embedding_type") or "absolute").startswith("relative"):
        raise _unsupported(Sentence("loading.unsupported.model_counts_positions_way_not"))


def _other_encoders(name: str) -> dict[str, Sentence]:
    """Why encoders for which transformers has both heads as well cannot be fine-tuned here, by model type."""
    reasons = {
        ("mra", "yoso"): Sentence("loading.unsupported.encoder_builds_kernels", name=name),
        ("canine", "funnel"): Sentence("loading.unsupported.encoder_joins_tokens", name=name),
        ("xmod",): Sentence("loading.unsupported.encoder_of_languages", name=name),
        ("layoutlm", "layoutlmv2", "layoutlmv3", "lilt", "markuplm", "modernvbert", "ultravbert"): Sentence(
            "loading.unsupported.encoder_of_pages", name=name
        ),
        ("esm", "esmc"): Sentence("loading.unsupported.encoder_of_proteins", name=name),
        ("roc_bert",): Sentence("loading.unsupported.encoder_of_shapes", name=name),
        ("xlnet",): Sentence("loading.unsupported.encoder_reads_backwards", name=name),
        ("fnet",): Sentence("loading.unsupported.encoder_without_mask", name=name),
        ("flaubert", "xlm"): Sentence("loading.unsupported.encoder_without_offsets", name=name),
    }
    return {model_type: reason for types, reason in reasons.items() for model_type in types}


def sizes_in(values: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """The whole numbers of a config that something may be built by, with their keys; those in lists one by one."""
    for key, value in values.items():
        if key in ("id2label", "label2id"):
            continue
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, int) and not isinstance(item, bool) and not key.endswith(_NO_SIZES):
                yield key, item


def _check_value(key: str, value: object, top: str, depth: int = 0, *, known: bool) -> None:
    """Refuses sizes that no model has; `top` is the key that the user will find in the file.

    `known`: the family reads this key, so that something may be built by its numbers.
    """
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return
    if isinstance(value, int | float):
        if "dropout" in key and not 0 <= value <= 1:  # torch refuses it only when the head is built
            raise _impossible(key, value)
        if (key.endswith(ABOVE_ZERO) and not value > 0) or (key == INITIALIZER and not 0 <= value <= 1):
            raise _impossible(key, value)  # torch takes it, and every answer is NaN
        if key in LARGEST:
            smallest = 0 if key in ("type_vocab_size", "num_labels", CHUNK) else 1
            if not isinstance(value, int) or not smallest <= value <= LARGEST[key]:
                raise _impossible(key, value)
            return
        is_size = known and isinstance(value, int) and not key.endswith(_NO_SIZES)
        if not abs(value) <= (LARGEST_SIZE if is_size else LARGEST_NUMBER):  # NaN is below nothing
            raise _impossible(top, value)
    elif isinstance(value, dict | list):
        if depth >= DEEPEST or len(value) > LONGEST_LIST:
            raise _damaged(Sentence("loading.m3.config_json_model_holds_too", top=top[:60]))
        for name, item in value.items() if isinstance(value, dict) else ((key, item) for item in value):
            _check_value(str(name), item, top, depth + 1, known=known)


def _check_windows(raw: dict[str, Any]) -> None:
    """Refuses windows over the tokens that are longer than any text: a text is padded to a multiple of them."""
    positions = raw.get("max_position_embeddings")
    longest = max(LONGEST_WINDOW, positions if isinstance(positions, int) else 0)
    for key, value in sizes_in({key: raw[key] for key in WINDOWS & set(raw)}):
        if value > longest:
            raise _impossible(key, value)


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number")


def _impossible(key: str, value: object) -> ModelDamaged:
    return _damaged(Sentence("loading.m3.config_json_model_says_which", key=key[:60], value=str(value)[:20]))


def _damaged(sentence: Sentence, details: str = "") -> ModelDamaged:
    return ModelDamaged(
        "M3",
        sentence,
        hint=Sentence("loading.m3.download_model_again_choose_another"),
        actions=ANOTHER,
        details=details,
    )


def _unsupported(sentence: Sentence) -> ModelNotSupported:
    return ModelNotSupported(
        "M9",
        sentence,
        hint=Sentence("loading.m9.choose_encoder_bert_family_bert"),
        actions=ANOTHER,
    )
