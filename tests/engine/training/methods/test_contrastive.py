"""The contrastive start: its loss, its batches, the folded head, and a run that ends as a plain network."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from sklearn.linear_model import LogisticRegression

from engine.contract.errors import EngineError, InvalidSetting
from engine.contract.events import Evaluated, Event, StepsTrained, TrainingStarted
from engine.contract.setting_conflicts import check_together
from engine.contract.settings import FineTuneSettings, PrepareSettings, Roles
from engine.contract.states import PreparedDataset
from engine.devices.detection import Compute
from engine.tasks.registry import TASKS
from engine.training.batching.rows import read_splits
from engine.training.checkpoints.saver import CheckpointSaver
from engine.training.fine_tune import fine_tune
from engine.training.loop import reports
from engine.training.loop.assembly import assemble
from engine.training.memory.out_of_memory import with_parts
from engine.training.methods.contrastive import (
    INVERSE_PENALTY,
    TEMPERATURE,
    TOLERANCE,
    ContrastivePlan,
    ContrastiveStart,
    contrastive_loss,
    linear_head,
)
from engine.training.step.training import Training
from engine.workspace.layout import Workspace
from tests.builders import a_dataset
from tests.engine.small_runs import Listener, small_settings


def contrastive(**changes: object) -> FineTuneSettings:
    return small_settings(
        **{"method": "contrastive", "updates": 12, "batch_size": 8, "evaluation_interval": 6, **changes}
    )


def assembled(dataset: PreparedDataset, settings: FineTuneSettings) -> Training:
    torch.manual_seed(1)
    training = assemble(dataset, settings, Compute(torch.device("cpu"), "fp32", 1, "cpu"), read_splits(dataset))
    training.to_training_mode()
    return training


def test_the_loss_is_the_published_one() -> None:
    torch.manual_seed(0)
    features, labels = torch.randn(7, 5, dtype=torch.float64), torch.tensor([0, 0, 1, 1, 1, 2, 0])
    unit = (features / features.norm(dim=1, keepdim=True)).float().double()
    total, anchors = 0.0, 0
    for i in range(7):
        others = [a for a in range(7) if a != i]
        partners = [p for p in others if labels[p] == labels[i]]
        if not partners:
            continue
        anchors += 1
        below = sum(float(torch.exp(unit[i] @ unit[a] / TEMPERATURE)) for a in others)
        shares = [float(unit[i] @ unit[p] / TEMPERATURE) - np.log(below) for p in partners]
        total -= sum(shares) / len(partners)
    assert float(contrastive_loss(features, labels)) == pytest.approx(total / anchors, rel=1e-5)


def test_rows_without_a_partner_add_nothing() -> None:
    features = torch.randn(3, 4, requires_grad=True)
    loss = contrastive_loss(features, torch.tensor([0, 1, 2]))
    loss.backward()
    assert float(loss.detach()) == 0
    assert features.grad is not None
    assert torch.isfinite(features.grad).all()


def test_every_batch_holds_rows_that_belong_together() -> None:
    labels = np.repeat(np.arange(20), 6)
    plan = ContrastivePlan(labels, batch_size=32, seed=3)
    assert plan.batches_per_epoch == 4
    for batch in plan.epoch(0):
        assert sorted(Counter(labels[batch]).values()) == [4] * 8
        assert len(set(batch.tolist())) == 32
    again = ContrastivePlan(labels, batch_size=32, seed=3)
    assert all(np.array_equal(one, other) for one, other in zip(plan.epoch(5), again.epoch(5), strict=True))
    assert not np.array_equal(plan.epoch(5)[0], plan.epoch(6)[0])


def test_a_class_with_one_row_repeats_it() -> None:
    plan = ContrastivePlan(np.array([0, 1, 1, 1, 1, 1]), batch_size=32, seed=0)
    for batch in plan.epoch(0):
        assert Counter(batch.tolist())[0] == 4
        assert len(batch) == 8


def test_a_batch_in_parts_has_the_gradients_of_the_whole_with_the_same_dropout(reviews: PreparedDataset) -> None:
    gradients = []
    for parts in (1, 2):
        training = with_parts(assembled(reviews, contrastive()), parts)
        rows = training.plan.epoch(0)[0]
        for module in training.network.modules():  # dropout draws other numbers for other shapes
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
        batches = [training.train_batches.of(part) for part in np.array_split(rows, parts)]
        loss = ContrastiveStart().backward(training, batches, 1)
        found = {name: p.grad for name, p in training.network.named_parameters() if p.grad is not None}
        gradients.append((loss, found))
    (whole_loss, whole), (parts_loss, in_parts) = gradients
    assert torch.allclose(whole_loss, parts_loss, atol=1e-6)
    assert whole.keys() == in_parts.keys()
    assert not any(name.startswith("classifier") for name in whole)
    assert all(torch.allclose(gradient, in_parts[name], atol=1e-6) for name, gradient in whole.items())


@pytest.mark.parametrize("occurring", [(0, 1), (0, 2, 3)])
def test_the_folded_head_predicts_as_the_logistic_regression_does(occurring: tuple[int, ...]) -> None:
    generator = np.random.Generator(np.random.PCG64(2))
    labels = generator.choice(occurring, 60)
    features = (generator.normal(size=(60, 6)) * 3 + labels[:, None]).astype(np.float32)
    weight, bias = linear_head(features, labels, classes=4, balanced=True)
    assert weight is not None
    assert bias is not None
    logits = torch.from_numpy(features @ weight.T + bias)
    wide = features.astype(np.float64)
    scaled = (wide - wide.mean(axis=0)) / (wide.std(axis=0) + 1e-6)
    fitted = LogisticRegression(C=INVERSE_PENALTY, max_iter=1_000, tol=TOLERANCE, class_weight="balanced")
    likely = fitted.fit(scaled, labels).predict_proba(scaled)
    assert np.allclose(logits.softmax(1).numpy()[:, list(occurring)], likely, atol=1e-6)
    assert set(logits.argmax(1).tolist()) <= set(occurring)


def test_one_class_alone_changes_no_head() -> None:
    assert linear_head(np.ones((4, 3), dtype=np.float32), np.zeros(4), classes=2, balanced=True) == (None, None)


def test_a_run_learns_and_ends_as_a_plain_network(reviews: PreparedDataset, workspace: Workspace) -> None:
    listener = Listener()
    run = fine_tune(reviews, contrastive(updates=30, evaluation_interval=15), listener, workspace=workspace)
    assert [event.step for event in listener.of(Evaluated)] == [15, 30]
    assert (run.best_score or 0) > 0.9
    weights = load_file(Path(run.checkpoint) / "model.safetensors")
    plain = assembled(reviews, small_settings()).network.state_dict()
    assert weights.keys() == {name for name in plain if "position_ids" not in name}


class PowerCutError(BaseException):
    """The process ends here, as far as the run notices."""


@pytest.mark.parametrize("after", [3, 6, 9])
def test_an_interrupted_run_ends_like_an_uninterrupted_one(
    reviews: PreparedDataset, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    monkeypatch.setattr(reports, "REPORT_INTERVAL", 0.0)
    monkeypatch.setattr(CheckpointSaver, "is_due", lambda self: True)
    whole = fine_tune(reviews, contrastive(), Listener(), workspace=workspace)

    def cut(event: Event) -> BaseException | None:
        return PowerCutError() if isinstance(event, StepsTrained) and event.step == after else None

    listener = Listener(cut)
    with pytest.raises(EngineError):
        fine_tune(reviews, contrastive(), listener, workspace=workspace)
    identity = listener.of(TrainingStarted)[0].run_id
    continued = fine_tune(reviews, contrastive(), Listener(), continue_run=identity, workspace=workspace)
    expected, found = (load_file(Path(run.checkpoint) / "model.safetensors") for run in (whole, continued))
    assert all(torch.equal(tensor, found[name]) for name, tensor in expected.items())


@pytest.mark.parametrize("facts", TASKS, ids=lambda facts: facts.name)
def test_tasks_without_one_label_per_row_refuse_the_method(facts: object) -> None:
    is_refused = "method" in facts.refused_settings  # type: ignore[attr-defined]
    assert is_refused is not facts.one_label_per_row  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [({"gpus": 2}, "on one GPU"), ({"layers_to_train": "head_only"}, "trains the encoder")],
)
def test_what_does_not_go_together_is_refused(changes: dict[str, object], sentence: str) -> None:
    with pytest.raises(InvalidSetting, match=sentence):
        check_together(a_dataset(), contrastive(**changes), {})


def test_pairs_are_refused() -> None:
    pairs = a_dataset(settings=PrepareSettings(roles=Roles(text="a", second_text="b", label="label")))
    with pytest.raises(InvalidSetting, match="pairs"):
        check_together(pairs, contrastive(), {})
