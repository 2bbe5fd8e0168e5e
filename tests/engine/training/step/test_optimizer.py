"""Which parameters have weight decay, and learning rates of very short runs."""

from __future__ import annotations

import pytest
import torch
from transformers.trainer_pt_utils import get_parameter_names

from engine.loading.configuration import ENCODERS
from engine.training.step.optimizer import decay_groups, learning_rate_at
from tests.engine.families import network_of

TRAINERS = [r"bias", r"layernorm", r"rmsnorm", r"(?:^|\.)norm(?:$|\.)", r"_norm(?:$|\.)"]  # Trainer.get_decay_...


@pytest.mark.parametrize("family", sorted(ENCODERS))
def test_weight_decay_is_on_the_parameters_that_trainer_decays(family: str) -> None:
    network = network_of(family)
    decayed, undecayed = decay_groups(network)
    trained = [name for name, parameter in network.named_parameters() if parameter.requires_grad]
    assert sorted([*decayed, *undecayed]) == sorted(trained)  # RoFormer's sine waves are not trained
    if family == "roberta-prelayernorm":  # Trainer finds "layernorm" in the name of the base model
        prefix = f"{network.base_model_prefix}."
        assert {name.removeprefix(prefix) for name in decayed} == {
            name.removeprefix("roberta.") for name in _trainers("roberta")
        }
    else:
        assert sorted(decayed) == sorted(set(_trainers(family)) & set(trained))


def _trainers(family: str) -> list[str]:
    network = network_of(family)
    return get_parameter_names(network, [torch.nn.LayerNorm], TRAINERS)


@pytest.mark.parametrize("schedule", ["linear", "cosine", "constant"])
@pytest.mark.parametrize("warmup_share", [0.0, 0.1, 0.9])
def test_a_run_of_one_step_learns(schedule: str, warmup_share: float) -> None:
    rate = learning_rate_at(0, peak=1.0, warmup_share=warmup_share, total_steps=1, schedule=schedule)  # type: ignore[arg-type]
    assert rate == 1.0


def test_a_longer_run_still_warms_up_from_zero() -> None:
    rates = [learning_rate_at(step, peak=1.0, warmup_share=0.1, total_steps=10) for step in range(3)]
    assert rates == pytest.approx([0.0, 1.0, 8 / 9])
