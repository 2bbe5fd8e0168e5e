"""Masks in a recorded step are such as the fused kernels of attention accept."""

from __future__ import annotations

import torch
from transformers import BertConfig, BertModel
from transformers.masking_utils import ALL_MASK_ATTENTION_FUNCTIONS

from engine.training.acceleration.cuda_graph_step import fused_attention_masks, with_fused_masks


def as_built_while_recording(*_: object, batch_size: int, kv_length: int, **__: object) -> torch.Tensor:
    """A mask as transformers 5.17 builds it while a stream is captured: its last stride is 0."""
    return torch.ones(batch_size, 1, kv_length, 1, dtype=torch.bool).expand(-1, -1, -1, kv_length)


def test_where_nothing_is_masked_there_is_no_mask() -> None:
    mask = with_fused_masks(as_built_while_recording)
    options = {"batch_size": 2, "kv_length": 8, "allow_is_bidirectional_skip": True}
    assert mask(attention_mask=None, **options) is None
    assert mask(attention_mask=None, local_size=16, **options) is None


def test_a_mask_that_is_needed_is_kept_in_a_form_that_fused_kernels_take() -> None:
    mask = with_fused_masks(as_built_while_recording)
    options = {"batch_size": 2, "kv_length": 8, "allow_is_bidirectional_skip": True}
    for needed in (
        mask(attention_mask=torch.ones(2, 8, dtype=torch.bool), **options),
        mask(attention_mask=None, local_size=4, **options),
        mask(attention_mask=None, batch_size=2, kv_length=8),
    ):
        assert needed is not None
        assert needed.stride(-1) == 1
        assert torch.equal(needed, as_built_while_recording(batch_size=2, kv_length=8))


def test_a_network_answers_the_same_inside_and_the_masks_are_put_back() -> None:
    torch.manual_seed(0)
    config = BertConfig(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, vocab_size=50)
    network = BertModel(config).eval()
    ids = torch.randint(5, 50, (3, 7))
    masked = torch.ones(3, 7, dtype=torch.long)
    masked[1, 4:] = 0
    before = ALL_MASK_ATTENTION_FUNCTIONS["sdpa"]
    for attention_mask in (None, masked):
        expected = network(input_ids=ids, attention_mask=attention_mask).last_hidden_state
        with fused_attention_masks():
            found = network(input_ids=ids, attention_mask=attention_mask).last_hidden_state
        assert torch.equal(found, expected)
    assert ALL_MASK_ATTENTION_FUNCTIONS["sdpa"] is before
