"""Label errors and integrated gradients beside the programs that are known for them: cleanlab and captum."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from engine.diagnosing.confident_learning import confident_joint, suspicion
from engine.diagnosing.integrated_gradients import integrated_gradients
from tests.peer_answers import PADDING, POINTS, SPECIAL, STORED, TOKENS, CurvedNetwork, labelled_rows

ANSWERS: dict[str, Any] = json.loads(STORED.read_text("utf-8"))


@pytest.mark.parametrize("answer", ANSWERS["cleanlab"], ids=lambda answer: f"{answer['classes']} classes")
def test_doubtful_rows_are_those_of_cleanlab_in_its_order(answer: dict[str, Any]) -> None:
    probabilities, labels = labelled_rows(answer["seed"], answer["classes"])
    found = suspicion(probabilities, labels)
    assert (found.margin + 1) / 2 == pytest.approx(answer["normalized_margin"], abs=1e-8)
    assert np.flatnonzero(found.is_confident).tolist() == answer["issues"]
    assert answer["issues"]
    assert confident_joint(probabilities, labels)[0].tolist() == answer["joint"]


def test_what_tokens_add_is_what_captum_finds() -> None:
    found = integrated_gradients(
        CurvedNetwork(),
        {"input_ids": TOKENS},
        SPECIAL,
        lambda logits: logits[:, 1],
        padding_id=PADDING,
        pause=lambda: None,
    )
    assert found.points == POINTS
    assert found.tokens == pytest.approx(ANSWERS["captum"], abs=1e-5)
    assert max(map(abs, ANSWERS["captum"])) > 0.1
