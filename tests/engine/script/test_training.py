"""The Code panel shows the finer choices of a run as plain code that does the same."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, mse_loss
from transformers import AutoModelForSequenceClassification, EvalPrediction, set_seed

from engine.contract.script_builder import Script
from engine.contract.settings import FileRows, FineTuneSettings, PrepareSettings, ReadingOptions, Roles
from engine.contract.states import ModelHead, PreparedDataset, TargetScale
from engine.script.assemble import code_so_far
from engine.script.training import drawn_head
from engine.tasks.losses import LossOptions
from engine.tasks.registry import task_named
from engine.tasks.scores import confusion_matrix, confusion_scores
from engine.training.trainable.layers import draw_head
from tests.builders import a_dataset, a_run, an_evaluation, an_export
from tests.builders_models import tiny_bert_folder
from tests.engine.every_task import prepared_as_guessed
from tests.engine.script_process import output_of
from tests.engine.trained_run import a_prepared_dataset

TASKS = ("text_classification", "token_classification", "regression", "multi_label_classification")
CHOICES: tuple[dict[str, object], ...] = (
    {"layers_to_train": "head_only", "schedule": "constant"},
    {"layers_to_train": "last_layers", "last_layers": 1, "layer_decay": 0.8, "head_rate_factor": 5.0},
    {"layers_to_train": "lora", "class_weights": "balanced", "gradient_accumulation": 2, "layer_decay": 0.9},
    {"gradient_checkpointing": True, "label_smoothing": 0.1, "class_weights": "balanced", "patience": 2},
)


def rows_of(task: Any, **changes: object) -> PreparedDataset:
    roles = {
        "token_classification": Roles(tokens="words", tags="tags"),
        "regression": Roles(text="text", score="score"),
        "multi_label_classification": Roles(text="text", labels="labels"),
    }.get(task, Roles(text="text", label="label"))
    source = FileRows("rows.jsonl")
    reading = ReadingOptions(format="jsonl")
    settings = PrepareSettings(task=task, roles=roles, reading=reading)
    scale = TargetScale(1.0, 2.0) if task == "regression" else None
    return a_dataset(task=task, source=source, settings=settings, target_scale=scale, **changes)


def test_the_contrastive_start_has_a_script_that_parses() -> None:
    settings = FineTuneSettings(method="contrastive", updates=300, batch_size=32)
    run = a_run(dataset=rows_of("text_classification"), settings=settings)
    code = code_so_far(an_export(evaluation=an_evaluation(run=run)))
    names = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
    assert {"LogisticRegression", "get_scheduler"} <= names
    assert "trainer.train()" not in code
    assert max(len(line) for line in code.splitlines() if "pipeline" not in line) <= 120


@pytest.mark.parametrize("task", ["text_classification", "regression"])
def test_the_similarity_start_has_a_script_that_parses(task: str) -> None:
    rows = rows_of(task)
    roles = msgspec.structs.replace(rows.settings.roles, second_text="other")
    pairs = msgspec.structs.replace(rows, settings=msgspec.structs.replace(rows.settings, roles=roles))
    settings = FineTuneSettings(method="similarity", updates=400)
    code = code_so_far(a_run(dataset=pairs, settings=settings))
    names = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
    assert {"AutoModel", "get_scheduler", "teacher"} <= names
    assert "trainer.train()" not in code
    assert max(len(line) for line in code.splitlines()) <= 120


def test_an_old_head_of_the_same_size_is_drawn_anew_as_a_run_does(tmp_path: Path) -> None:
    folder = tiny_bert_folder(tmp_path / "bert")
    old = AutoModelForSequenceClassification.from_pretrained(folder, num_labels=3)
    torch.nn.init.constant_(old.classifier.weight, 7.0)
    old.save_pretrained(folder)
    rows = rows_of("text_classification")
    model = msgspec.structs.replace(rows.model, head=ModelHead(rows.label_names))
    script = drawn_head(Script(), msgspec.structs.replace(rows, model=model), FineTuneSettings(seed=5))
    loaded = AutoModelForSequenceClassification.from_pretrained(folder, num_labels=3)
    before = {name: value.clone() for name, value in loaded.state_dict().items()}
    exec(compile(script, "script", "exec"), {"model": loaded, "set_seed": set_seed})
    changed = {name for name, value in loaded.state_dict().items() if not torch.equal(value, before[name])}
    assert changed == {"classifier.weight"}  # a bias of zero stays zero
    torch.manual_seed(5)
    run = AutoModelForSequenceClassification.from_pretrained(folder, num_labels=3)
    torch.manual_seed(5)
    draw_head(run)
    assert torch.equal(loaded.classifier.weight, run.classifier.weight)
    assert not drawn_head(Script(), rows, FineTuneSettings())


def test_the_linear_start_has_a_script_that_parses() -> None:
    settings = FineTuneSettings(head_start="linear")
    code = code_so_far(a_run(dataset=rows_of("multi_label_classification"), settings=settings))
    names = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
    assert "LogisticRegression" in names
    assert code.index("LogisticRegression(") < code.index("trainer.train()")
    assert max(len(line) for line in code.splitlines()) <= 120


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("choice", CHOICES)
def test_every_choice_gives_a_script_that_parses(task: Any, choice: dict[str, Any]) -> None:
    settings = FineTuneSettings(**choice)
    evaluation = an_evaluation(run=a_run(dataset=rows_of(task), settings=settings))
    code = code_so_far(an_export(evaluation=evaluation))
    tree = ast.parse(code)
    assert max(len(line) for line in code.splitlines() if "pipeline" not in line) <= 120
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert ("get_peft_model" in names) is (settings.layers_to_train == "lora")
    assert ("requires_grad_(False)" in code) is (settings.layers_to_train in ("head_only", "last_layers"))
    assert ("optimizers=(optimizer, None)" in code) is (settings.layer_decay != 1)
    own = settings.gradient_accumulation > 1 or settings.class_weights != "none"
    assert ("compute_loss_func=loss" in code) is own
    assert "gradient_checkpointing=True" in code or not settings.gradient_checkpointing


def test_the_defaults_need_none_of_it() -> None:
    code = code_so_far(a_run())
    assert not any(word in code for word in ("peft", "compute_loss_func", "optimizers=", "requires_grad"))


def test_the_schedule_is_the_one_that_was_chosen() -> None:
    for schedule, name in (("linear", "linear"), ("cosine", "cosine"), ("constant", "constant_with_warmup")):
        settings = FineTuneSettings(schedule=schedule)  # type: ignore[arg-type]
        assert f'lr_scheduler_type="{name}"' in code_so_far(a_dataset(), fine_tune=settings)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_the_loss_is_the_one_that_is_trained_with(task: Any, smoothing: float) -> None:
    torch.manual_seed(1)
    names = ("negative", "positive", "other")
    labels: torch.Tensor
    match task:
        case "token_classification":
            logits, labels = torch.randn(6, 5, 3), torch.randint(0, 3, (6, 5))
            labels[:, 0] = -100
        case "multi_label_classification":
            logits, labels = torch.randn(6, 3), (torch.rand(6, 3) > 0.6).float()
        case "regression":
            names, smoothing = ("score",), 0.0
            logits, labels = torch.randn(6, 1), torch.randn(6)
        case _:
            logits, labels = torch.randn(6, 3), torch.tensor([0, 0, 0, 1, 2, 1])
    weights = "none" if task == "regression" else "balanced"
    settings = FineTuneSettings(class_weights=weights, label_smoothing=smoothing, gradient_accumulation=2)
    code = code_so_far(rows_of(task, label_names=names), fine_tune=settings)
    tree = ast.parse(code)
    place = next(i for i, node in enumerate(tree.body) if isinstance(node, ast.FunctionDef) and node.name == "loss")
    begin = next(i for i, node in enumerate(tree.body) if getattr(node, "name", "") == "compute_metrics") + 1
    values: dict[str, Any] = {
        **{"torch": torch, "Counter": Counter, "cross_entropy": cross_entropy, "mse_loss": mse_loss},
        "binary_cross_entropy_with_logits": binary_cross_entropy_with_logits,
        "splits": {"train": _Rows(labels.tolist())},
    }
    exec(compile(ast.Module(tree.body[begin : place + 1], []), "script", "exec"), values)
    counted = int((labels != -100).sum())
    found = values["loss"]({"logits": logits}, labels, num_items_in_batch=counted)
    kind = task_named(task)
    flat = labels.numpy().ravel()
    ours = LossOptions(None if task == "regression" else kind.balanced_weights(flat, names), smoothing)
    expected = kind.loss(logits, {"labels": labels}, ours) / counted
    assert float(found) == pytest.approx(float(expected), rel=1e-5)


def test_macro_f1_of_the_script_is_that_of_the_page() -> None:
    tree = ast.parse(code_so_far(rows_of("text_classification"), fine_tune=FineTuneSettings()))
    needed = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "sklearn.metrics"]
    needed += [node for node in tree.body if getattr(node, "name", "") == "compute_metrics"]
    values: dict[str, Any] = {}
    exec(compile(ast.Module(needed, []), "script", "exec"), values)
    truth, predicted = np.asarray([0, 0, 0, 1, 1]), np.asarray([0, 0, 2, 1, 0])  # 2 is never true
    found = values["compute_metrics"](EvalPrediction(np.eye(3)[predicted], truth))
    scores = confusion_scores(confusion_matrix(truth, predicted, 3))
    assert found == {"accuracy": pytest.approx(scores["accuracy"]), "f1": pytest.approx(scores["macro_f1"])}


class _Rows:
    """Stands in for a split of `datasets`."""

    def __init__(self, labels: list[Any]) -> None:
        self._labels = labels

    def __len__(self) -> int:
        return len(self._labels)

    def __getitem__(self, name: str) -> list[Any]:
        assert name == "labels"
        return self._labels


# Each starts a process of its own that trains.
@pytest.mark.nightly
@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize("kind", ["reviews", "labels_list", "pair_score", "entities"])
def test_the_script_of_every_choice_runs(tmp_path: Path, choice: dict[str, Any], kind: str, warm_python: str) -> None:
    settings = msgspec.structs.replace(FineTuneSettings(epochs=1, batch_size=16), **choice)
    if kind in ("reviews", "entities"):
        dataset = a_prepared_dataset(
            tmp_path, task="token_classification" if kind == "entities" else "text_classification"
        )
    else:
        dataset = prepared_as_guessed(kind, tmp_path)
    if kind == "pair_score":
        settings = msgspec.structs.replace(settings, class_weights="none", label_smoothing=0.0)
    run = a_run(dataset=dataset, settings=settings, device="cpu (1 thread)")
    exported = an_export(evaluation=an_evaluation(run=run), folder=str(tmp_path / "exported"))
    script = tmp_path / "script.py"
    script.write_text(code_so_far(exported), "utf-8")
    output_of(warm_python, script)
    assert (tmp_path / "exported" / "model.safetensors").is_file()
    assert not (tmp_path / "exported" / "adapter_config.json").exists()


# Starts a process of its own that trains.
@pytest.mark.nightly
@pytest.mark.parametrize("kind", ["pair", "pair_score"])
def test_the_script_of_the_similarity_start_runs(tmp_path: Path, kind: str, warm_python: str) -> None:
    settings = FineTuneSettings(method="similarity", updates=6, batch_size=8)
    run = a_run(dataset=prepared_as_guessed(kind, tmp_path), settings=settings, device="cpu (1 thread)")
    exported = an_export(evaluation=an_evaluation(run=run), folder=str(tmp_path / "exported"))
    code = code_so_far(exported)
    script = tmp_path / "script.py"
    script.write_text(code.replace("range(4000)", "range(40)"), "utf-8")
    assert "range(4000)" in code
    output_of(warm_python, script)
    assert (tmp_path / "exported" / "model.safetensors").is_file()
