"""A small network with random weights for each supported family."""

from __future__ import annotations

from typing import Any

import torch
from transformers import AutoConfig, AutoModelForSequenceClassification, PreTrainedModel

SIZES: dict[str, object] = {
    "vocab_size": 40,
    "hidden_size": 16,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 40,
    "pad_token_id": 0,
}
FAMILIES: dict[str, dict[str, object]] = {
    "albert": {**SIZES, "embedding_size": 8},
    "bert": SIZES,
    "big_bird": {**SIZES, "attention_type": "original_full"},
    "camembert": SIZES,
    "convbert": {**SIZES, "embedding_size": 16, "conv_kernel_size": 3},
    "data2vec-text": SIZES,
    "deberta": {**SIZES, "relative_attention": True, "pos_att_type": ["c2p", "p2c"]},
    "deberta-v2": {**SIZES, "relative_attention": True, "pos_att_type": ["c2p", "p2c"]},
    "distilbert": {
        **{name: SIZES[name] for name in ("vocab_size", "max_position_embeddings", "pad_token_id")},
        **{"dim": 16, "n_layers": 3, "n_heads": 2, "hidden_dim": 32},
    },
    "electra": {**SIZES, "embedding_size": 8},
    "ernie": SIZES,
    "eurobert": {**SIZES, "head_dim": 8},
    "gte": SIZES,
    "ibert": SIZES,
    "jina_embeddings_v3": SIZES,
    "longformer": {**SIZES, "attention_window": 4},
    "luke": {**SIZES, "entity_vocab_size": 4, "entity_emb_size": 8},
    "megatron-bert": SIZES,
    "mobilebert": {**SIZES, "embedding_size": 16, "true_hidden_size": 16, "intra_bottleneck_size": 16},
    "modernbert": {**SIZES, "classifier_pooling": "mean", "global_attn_every_n_layers": 2, "local_attention": 4},
    "mpnet": SIZES,
    "nomic_bert": SIZES,
    "nystromformer": {**SIZES, "num_landmarks": 4, "segment_means_seq_len": 4, "conv_kernel_size": 3},
    "rembert": {**SIZES, "input_embedding_size": 8, "output_embedding_size": 8},
    "roberta": SIZES,
    "roberta-prelayernorm": SIZES,
    "roformer": {**SIZES, "embedding_size": 16},
    "squeezebert": {
        **SIZES,
        "embedding_size": 16,
        **{f"{part}_groups": 1 for part in ("q", "k", "v", "post_attention", "intermediate", "output")},
    },
    "ultrabert": {**SIZES, "head_dim": 8, "sliding_window": 4},
    "xlm-roberta": SIZES,
    "xlm-roberta-xl": SIZES,
}


def network_of(
    family: str, auto_class: Any = AutoModelForSequenceClassification, *, labels: int = 3, **changes: object
) -> PreTrainedModel:
    """The network in evaluation mode; the same for equal arguments."""
    torch.manual_seed(5)
    config = AutoConfig.for_model(family, num_labels=labels, **{**FAMILIES[family], **changes})
    network: PreTrainedModel = auto_class.from_config(config)
    return network.eval()
