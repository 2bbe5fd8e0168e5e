"""The one list of tasks: every folder is in it, every part is of its kind, and the light parts bring no torch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import get_args

import pytest

from engine.contract.settings import TaskName
from engine.tasks.columns import TaskColumns
from engine.tasks.facts import TaskFacts
from engine.tasks.registry import TASKS, task_columns, task_facts, task_name_of, task_named, task_script
from engine.tasks.script import TaskScript
from engine.tasks.task import Task
from tests.paths import ROOT
from tests.structure import import_graph

NAMES: tuple[TaskName, ...] = get_args(TaskName)


def test_every_folder_of_a_task_is_in_the_list_and_every_name_has_a_folder() -> None:
    folders = {path.parent.name for path in (ROOT / "engine" / "tasks").glob("*/task.py")}
    assert folders == set(NAMES)
    assert [facts.name for facts in TASKS] == list(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_part_of_a_task_is_of_its_kind_and_its_own(name: TaskName) -> None:
    kinds = (TaskFacts, TaskColumns, TaskScript, Task)
    parts = (task_facts(name), task_columns(name), task_script(name), task_named(name))
    assert all(isinstance(part, kind) for part, kind in zip(parts, kinds, strict=True))
    assert task_named(name).facts is task_facts(name)
    assert all(f".{name}." in f".{type(part).__module__}." for part in parts[1:])


def test_facts_columns_and_scripts_of_all_tasks_come_without_a_heavy_package() -> None:
    probe = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from engine.tasks.registry import TASKS, task_columns, task_script\n"
        "for facts in TASKS: task_columns(facts.name), task_script(facts.name)\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & set(sys.argv[2].split(','))))\n"
    )
    heavy = "torch,transformers,datasets,sklearn,scipy,numpy,pyarrow,tokenizers,safetensors,PySide6"
    done = subprocess.run(
        [sys.executable, "-I", "-c", probe, str(ROOT), heavy], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.strip() == "[]"


def test_no_task_knows_another_and_what_they_share_knows_none() -> None:
    assert arrows_between_tasks(ROOT) == []


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("regression/task.py", "from engine.tasks.text_classification.facts import FACTS"),
        ("scores.py", "def f():\n    from engine.tasks.regression.facts import FACTS"),
        ("texts.py", "if TYPE_CHECKING:\n    from engine.tasks import registry"),
    ],
)
def test_a_planted_arrow_between_tasks_is_seen(path: str, code: str, tmp_path: Path) -> None:
    for name in ("text_classification/facts.py", "regression/facts.py", "registry.py", path):
        target = tmp_path / "engine" / "tasks" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text('"""Here for the test."""\n', "utf-8")
    assert arrows_between_tasks(tmp_path) == []
    (tmp_path / "engine" / "tasks" / path).write_text('"""Here for the test."""\n' + code, "utf-8")
    assert len(arrows_between_tasks(tmp_path)) == 1


def arrows_between_tasks(root: Path) -> list[str]:
    """Modules in `engine/tasks` that import the registry, or a folder of a task that is not their own."""
    found = []
    for name, targets in import_graph(root).items():
        parts = name.split(".")
        if parts[:2] != ["engine", "tasks"] or name == "engine.tasks.registry":
            continue
        for target in sorted(targets):
            other = target.split(".")
            foreign = len(other) == 4 and other[:2] == ["engine", "tasks"] and other[2] != parts[2]
            found += [f"{name} imports {target}"] if foreign or target == "engine.tasks.registry" else []
    return found


@pytest.mark.parametrize(
    ("architecture", "problem_type", "labels", "name"),
    [
        ("BertForTokenClassification", None, 9, "token_classification"),
        ("BertForSequenceClassification", None, 2, "text_classification"),
        ("BertForSequenceClassification", None, 1, "regression"),
        ("BertForSequenceClassification", "regression", 1, "regression"),
        ("BertForSequenceClassification", "single_label_classification", 1, "text_classification"),
        ("BertForSequenceClassification", "multi_label_classification", 1, "multi_label_classification"),
        ("BertModel", None, 2, None),
        ("BertForQuestionAnswering", None, 2, None),
        ("", None, 2, None),
    ],
)
def test_a_network_names_its_task(
    architecture: str, problem_type: str | None, labels: int, name: TaskName | None
) -> None:
    architectures = [architecture] if architecture else None
    config = SimpleNamespace(architectures=architectures, problem_type=problem_type, num_labels=labels)
    assert task_name_of(config) == name


def test_no_two_tasks_have_the_same_head() -> None:
    heads = [(facts.auto_class, facts.problem_type) for facts in TASKS]
    assert len(set(heads)) == len(heads)
