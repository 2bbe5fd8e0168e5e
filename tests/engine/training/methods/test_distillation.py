"""What a student is made of, and what it learns by."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch.nn.functional import softmax
from transformers import AutoConfig, AutoModelForSequenceClassification

from engine.contract.errors import EngineError, InvalidSetting
from engine.contract.settings import FineTuneSettings, TaskName
from engine.tasks.registry import task_named
from engine.training.fine_tune import teacher_of
from engine.training.methods import distillation
from engine.training.methods.distillation import (
    TEMPERATURE,
    Distillation,
    distillation_loss,
    even_layers,
    replaced_tokens,
    states_loss,
    student_of,
)
from engine.training.trainable.layers import encoder_layers
from engine.workspace.layout import Workspace
from tests.engine.families import FAMILIES, network_of

SHARES_ITS_LAYERS = ("albert",)
IDS = torch.tensor([[1, 5, 6, 7, 2]])


def with_layers(family: str, layers: int) -> dict[str, object]:
    """How a configuration of this family is given so many layers."""
    attributes = AutoConfig.for_model(family).attribute_map
    return {attributes.get("num_hidden_layers", "num_hidden_layers"): layers}


@pytest.mark.parametrize(
    ("count", "kept", "expected"), [(6, 3, (0, 2, 5)), (6, 2, (0, 5)), (12, 1, (0,)), (4, 3, (0, 2, 3))]
)
def test_the_kept_layers_are_evenly_apart(count: int, kept: int, expected: tuple[int, ...]) -> None:
    assert even_layers(count, kept) == expected
    assert len({*even_layers(count, kept)}) == kept


@pytest.mark.parametrize("family", sorted(set(FAMILIES) - set(SHARES_ITS_LAYERS)))
def test_a_student_of_every_family_has_the_layers_of_its_parent_and_is_loaded_as_any_folder(
    family: str, tmp_path: Path
) -> None:
    teacher = network_of(family, **with_layers(family, 3))
    layers = encoder_layers(teacher)
    assert layers is not None
    assert len(layers.modules) == 3
    student = student_of(teacher, 2).eval()
    own = encoder_layers(student)
    assert own is not None
    for layer, before in zip(own.modules, (layers.modules[0], layers.modules[2]), strict=True):
        theirs = before.state_dict()
        assert layer.state_dict().keys() == theirs.keys()
        assert all(torch.equal(tensor, theirs[name]) for name, tensor in layer.state_dict().items())
    student.save_pretrained(tmp_path)
    again = AutoModelForSequenceClassification.from_pretrained(tmp_path).eval()
    with torch.no_grad():
        logits = [network(input_ids=IDS, attention_mask=torch.ones_like(IDS)).logits for network in (student, again)]
    assert all(torch.equal(tensor, again.state_dict()[name]) for name, tensor in student.state_dict().items())
    assert torch.allclose(*logits, rtol=0, atol=1e-5)  # weights at other addresses are added in another order


@pytest.mark.parametrize("layers", [0, 3, 4])
def test_a_number_of_layers_that_makes_no_smaller_model_is_refused(layers: int) -> None:
    with pytest.raises(InvalidSetting) as refused:
        student_of(network_of("bert", num_hidden_layers=3), layers)
    assert refused.value.field == "student_layers"


@pytest.mark.parametrize("family", SHARES_ITS_LAYERS)
def test_layers_that_are_shared_are_refused(family: str) -> None:
    with pytest.raises(InvalidSetting):
        student_of(network_of(family), 1)


def test_the_loss_of_classes_is_the_divergence_at_a_temperature() -> None:
    own, theirs = torch.tensor([[1.0, 0.0, -1.0]]), torch.tensor([[3.0, 1.0, 0.0]])
    p, q = softmax(theirs / TEMPERATURE, -1), softmax(own / TEMPERATURE, -1)
    expected = TEMPERATURE**2 * (p * (p / q).log()).sum()
    assert torch.allclose(distillation_loss(own, theirs, torch.tensor([1]), "softmax"), expected)


@pytest.mark.parametrize("activation", ["softmax", "sigmoid", "none"])
def test_no_loss_is_left_where_the_student_answers_as_its_teacher(activation: str) -> None:
    logits = torch.tensor([[2.0, -1.0, 0.5]])
    other = logits + torch.tensor([[0.0, 1.0, 0.0]])
    labels = torch.tensor([0])
    assert distillation_loss(logits, logits, labels, activation).abs() < 1e-5  # type: ignore[arg-type]
    assert distillation_loss(other, logits, labels, activation) > 0.01  # type: ignore[arg-type]


def test_words_without_a_label_teach_nothing() -> None:
    own, theirs = torch.zeros(1, 2, 3), torch.tensor([[[5.0, 0.0, 0.0], [0.0, 9.0, 0.0]]])
    both, first = (distillation_loss(own, theirs, torch.tensor([[1, last]]), "softmax") for last in (2, -100))
    assert 0 < first < both
    assert distillation_loss(own, theirs, torch.tensor([[-100, -100]]), "softmax") == 0


def test_states_that_differ_in_padding_alone_are_equal() -> None:
    own, theirs = torch.tensor([[[1.0, 0.0], [1.0, 0.0]]]), torch.tensor([[[2.0, 0.0], [0.0, 1.0]]])
    assert states_loss(own, theirs, torch.tensor([[1, 0]])) == 0
    assert states_loss(own, theirs, torch.tensor([[1, 1]])) == 1


def test_half_of_the_rows_get_other_tokens_of_the_batch_and_keep_those_that_begin_and_end_them() -> None:
    torch.manual_seed(0)
    own = torch.arange(10, 6010).reshape(200, 30)
    own[:, 0], own[:, 14], own[:, 24], own[:, 25:] = 1, 2, 2, 0  # two texts and padding
    mask = (own != 0).long()
    given = replaced_tokens({"input_ids": own, "attention_mask": mask})
    special = (own == 0) | (own == 1) | (own == 2)
    assert torch.equal(given[special], own[special])
    assert set(given[~special].tolist()) <= set(own[~special].tolist())
    changed = (given != own).sum(1)
    assert 60 <= (changed > 0).sum() <= 140
    assert 0.25 <= changed[changed > 0].sum() / ((changed > 0).sum() * 22) <= 0.35


def test_rows_without_tokens_of_their_own_stay_as_they_are_also_with_padding_before_them() -> None:
    ids = torch.tensor([[0, 1, 2], [0, 1, 2]])
    assert torch.equal(replaced_tokens({"input_ids": ids, "attention_mask": (ids != 0).long()}), ids)


@pytest.mark.parametrize(("name", "replaced"), [("token_classification", 2), ("text_classification", 0)])
def test_tokens_are_replaced_only_where_words_are_labelled(
    name: TaskName, replaced: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[torch.Tensor] = []
    monkeypatch.setattr(distillation, "replaced_tokens", lambda part: given.append(part["input_ids"]) or IDS + 1)
    teacher, student = network_of("bert"), network_of("bert")
    read: list[torch.Tensor] = []
    for network in (teacher, student):
        network.register_forward_pre_hook(lambda *call: read.append(call[2]["input_ids"]), with_kwargs=True)
    training: Any = SimpleNamespace(
        task=task_named(name),
        computing_network=student,
        compute=SimpleNamespace(device=torch.device("cpu")),
        autocast=nullcontext,
        scaler=torch.amp.GradScaler("cpu", enabled=False),
        collect_gradients=lambda: None,
    )
    part = {"input_ids": IDS, "attention_mask": torch.ones_like(IDS), "labels": torch.tensor([1])}
    Distillation(teacher).backward(training, [part, part], 1.0)
    assert len(given) == replaced
    assert all(torch.equal(ids, IDS + bool(replaced)) for ids in read)
    assert len(read) == 4


def test_a_student_whose_parent_is_gone_reports_it(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path).create()
    assert teacher_of(FineTuneSettings(), workspace) is None
    for parent in ("", "20260101-000000-gone"):
        with pytest.raises(EngineError) as refused:
            teacher_of(FineTuneSettings(parent=parent, student_layers=1), workspace)
        assert refused.value.report().id == "C9"
