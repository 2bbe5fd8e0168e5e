"""The estimate of memory: each part is that of its formula. A benchmark measures how near the sum comes."""

from __future__ import annotations

import msgspec
import pytest

from engine.contract.memory_estimate import CUDA_CONTEXT, DISENTANGLED, LIBRARIES, EncoderShape, training_memory

BERT = EncoderShape("bert", 109_482_240, 12, 768)


def test_the_parts_of_bert_in_fp32_on_a_processor() -> None:
    needed = training_memory(BERT)
    assert needed.weights == 4 * BERT.parameters
    assert needed.gradients == 4 * BERT.parameters
    assert needed.optimizer == 8 * BERT.parameters
    assert needed.copies == 12 * BERT.parameters
    per_token = 34 * 768 + 8 * 3072 + 9 * 12 * 128
    assert needed.activations == pytest.approx(1.4 * 12 * 16 * 128 * per_token)
    assert needed.runtime == LIBRARIES
    assert needed.total == sum(needed)


def test_a_gpu_holds_no_copy_for_the_checkpoint_but_one_in_bf16_and_the_context_of_cuda() -> None:
    assert training_memory(BERT, on_gpu=True).copies == 0
    assert training_memory(BERT, on_gpu=True, bf16=True).copies == 4 * BERT.parameters
    assert training_memory(BERT, on_gpu=True).runtime == CUDA_CONTEXT
    assert training_memory(BERT, bf16=True).activations < 0.6 * training_memory(BERT).activations


def test_a_gpu_keeps_no_pairs_of_tokens_but_recorded_steps_beside_others() -> None:
    per_token = 34 * 768 + 8 * 3072
    assert training_memory(BERT, on_gpu=True).activations == pytest.approx(1.85 * 12 * 16 * 128 * per_token)
    deberta = training_memory(msgspec.structs.replace(BERT, model_type="deberta-v2"), on_gpu=True)
    pairs = DISENTANGLED * 9 * 12 * 128
    assert deberta.activations == pytest.approx(1.1 * 12 * 16 * 128 * (per_token + pairs))


def test_activations_grow_with_rows_and_faster_than_tokens() -> None:
    once = training_memory(BERT).activations
    assert training_memory(BERT, batch_size=32).activations == pytest.approx(2 * once)
    assert training_memory(BERT, tokens=512).activations > 4 * once
    modern = EncoderShape("modernbert", 149_000_000, 22, 768, 12, 1152)
    assert training_memory(modern, tokens=512).activations == pytest.approx(4 * training_memory(modern).activations)


def test_deberta_keeps_more_for_each_pair_of_tokens() -> None:
    deberta = msgspec.structs.replace(BERT, model_type="deberta-v2")
    more = training_memory(deberta).activations - training_memory(BERT).activations
    assert more == pytest.approx(1.4 * (DISENTANGLED - 1) * 9 * 12 * 128 * 12 * 16 * 128)


def test_entries_of_a_large_vocabulary_that_no_row_uses_are_not_trained() -> None:
    xlm = EncoderShape("xlm-roberta", 278_000_000, 12, 768)
    needed = training_memory(xlm)
    assert needed.weights == 4 * 278_000_000
    assert needed.gradients < 0.5 * needed.weights
    assert training_memory(xlm, used_tokens=250_000).gradients == 4 * 278_000_000
    assert training_memory(xlm, on_gpu=True).weights == needed.gradients
