"""The directions of import, read from the syntax trees; and what the window's process really imports.

`MAY_IMPORT` names every folder of the program with the folders it may import, so that a new folder without a line and a
new arrow without a decision are both red. Each rule is a function of a root folder: the program passes it, and a tiny
program with one planted wrong import does not.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_args

import pytest

from engine.contract.settings import TaskName
from tests.paths import ROOT
from tests.structure import folder_graph, import_graph, modules, parsed, tree_of, two_way

HEAVY = {"torch", "transformers", "datasets", "sklearn", "accelerate", "pandas", "scipy", "tokenizers", "safetensors"}

# ── The rules ───────────────────────────────────────────────────────────────────────────────────────────────────


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, with dots, wherever in the file; relative imports are named as such."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                yield "a relative import"
            else:
                yield node.module or ""
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def wrong_arrows(root: Path) -> list[str]:
    """Folders that import a folder which their line in `MAY_IMPORT` does not name, and folders without a line."""
    found = []
    for folder, targets in sorted(folder_graph(import_graph(root)).items()):
        if folder not in MAY_IMPORT:
            found.append(f"{folder} has no line in MAY_IMPORT")
            continue
        allowed = MAY_IMPORT[folder].split()
        found += [f"{folder} imports {target}" for target in sorted(targets) if target not in allowed]
    return found


def idle_lines(root: Path) -> list[str]:
    """Lines and words of `MAY_IMPORT` that nothing needs: what is allowed is what is there."""
    graph = folder_graph(import_graph(root))
    missing = [f"{folder} is no folder" for folder in MAY_IMPORT if folder not in graph]
    return missing + [
        f"{folder} never imports {target}"
        for folder, words in MAY_IMPORT.items()
        for target in words.split()
        if target not in graph.get(folder, {target})
    ]


def two_way_arrows(root: Path) -> list[str]:
    """Folders that import each other."""
    return [f"{a} and {b} import each other" for a, b in two_way(folder_graph(import_graph(root)))]


def relative_imports(root: Path) -> list[str]:
    """Files with a relative import, which the other rules would not see."""
    return [name for name, path in modules(root).items() if "a relative import" in imports(path)]


def qt_in_the_engine(root: Path) -> list[str]:
    """Modules of the engine that import Qt; the engine's thread may import QtCore, and nothing else may."""
    found = []
    for name, path in modules(root).items():
        if not name.startswith("engine."):
            continue
        qt = {imported for imported in imports(path) if imported.startswith(("PySide6", "pyqtgraph", "shiboken6"))}
        if name == "engine.runtime.thread":
            qt = {imported for imported in qt if not imported.startswith("PySide6.QtCore") and imported != "PySide6"}
        found += [f"{name} imports {imported}" for imported in sorted(qt)]
    return found


def heavy_packages_in_the_windows(root: Path) -> list[str]:
    """Modules of the window's process that import a heavy package."""
    return [
        f"{name} imports {imported}"
        for name, path in modules(root).items()
        if name.startswith("gui.")
        for imported in imports(path)
        if imported.split(".")[0] in HEAVY
    ]


def rooms_the_windows_must_not_reach(root: Path) -> list[str]:
    """What `gui` imports of `engine` beyond the lists below."""
    found = []
    for name, path in modules(root).items():
        if not name.startswith("gui."):
            continue
        for imported in imports(path):
            if imported.startswith("engine.") and imported in ENGINE_MODULES and not _may_be_reached(imported):
                found.append(f"{name} imports {imported}")
    return found


def _may_be_reached(module: str) -> bool:
    parts = module.split(".")
    if parts[1] == "tasks" and len(parts) == 4:
        return parts[-1] in TASK_PARTS_FOR_THE_WINDOWS
    return module.startswith(FOR_THE_WINDOWS)


def contract_imports(root: Path) -> list[str]:
    """Modules of the contract that import more than the standard library, msgspec and each other."""
    return [
        f"{name} imports {imported}"
        for name, path in modules(root).items()
        if name.startswith("engine.contract.")
        for imported in imports(path)
        if not imported.startswith("engine.contract")
        and imported.split(".")[0] not in {"msgspec", *sys.stdlib_module_names}
        and imported != "engine"
    ]


def stage_reaches_rooms_at_import(root: Path) -> list[str]:
    """Heavy rooms that `engine/stages.py` imports when it is imported itself, instead of inside a function."""
    path = root / "engine" / "stages.py"
    top = ast.Module([node for node in parsed(path).body if not _is_a_block(node)], [])
    names = [
        f"{node.module}.{alias.name}"
        for node in ast.walk(top)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    ]
    return [name for name in names if name.startswith(HEAVY_ROOMS)]


def _is_a_block(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef | ast.ClassDef) or (
        isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
    )


def names_of_tasks_elsewhere(root: Path) -> list[str]:
    """Modules outside `engine/tasks` that ask which task it is."""
    return [
        name
        for name, path in modules(root).items()
        if not name.startswith("engine.tasks.")
        and name not in NAME_TASKS
        and names_a_task(path.read_text(encoding="utf-8"))
    ]


def names_a_task(code: str) -> bool:
    """Whether a string in this code is the name of a task: to compare with, to look up, to match or to set."""
    names = set(get_args(TaskName))
    return any(isinstance(node, ast.Constant) and node.value in names for node in ast.walk(tree_of(code)))


def pickles(root: Path) -> list[str]:
    """Modules that read or write pickles, or let a model bring its own code."""
    found = []
    for name, path in modules(root).items():
        forbidden = {"pickle", "joblib", "dill", "cloudpickle", "shelve", "marshal"}
        found += [f"{name} imports {one}" for one in imports(path) if one.split(".")[0] in forbidden]
        text = path.read_text(encoding="utf-8")
        for call in ("torch.load(", "torch.save(", "allow_pickle=True", "trust_remote_code=True"):
            found += [f"{name}: {call}"] if call in text else []
    return found


def removals_without_patience(root: Path) -> list[str]:
    """Modules that rename or remove files past `file_operations.py`, which tries again where Windows refuses."""
    worker = "gui.session: self._engine.replace"  # no file
    found = []
    for name, path in modules(root).items():
        if name == "engine.workspace.file_operations":
            continue
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                given = len(node.args) + len(node.keywords)
                found += [f"{name}: {ast.unparse(node.func)}"] if _renames_or_removes(node.func, given) else []
    return [line for line in found if line != worker]


def _renames_or_removes(called: ast.Attribute, arguments: int) -> bool:
    """By name: `Path.replace` takes one argument; those of texts and records take more."""
    module = called.value.id if isinstance(called.value, ast.Name) else ""
    if module in ("os", "shutil"):
        return called.attr in ("remove", "unlink", "rename", "renames", "replace", "rmtree", "move", "removedirs")
    return called.attr in ("unlink", "rename") or (called.attr == "replace" and arguments == 1)


def children_that_flash(root: Path) -> list[str]:
    """Modules that start a process without `NO_WINDOW`: on Windows a console would flash up before the window.

    Set-up has a console already, whose Ctrl-C is for pip as well.
    """
    found = []
    for name, path in modules(root).items():
        for node in ast.walk(parsed(path)):
            if not isinstance(node, ast.Call) or name == "engine.bootstrap.environment":
                continue
            called = ast.unparse(node.func)
            flags = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
            if called.startswith("subprocess.") and flags.get("creationflags") != "NO_WINDOW":
                found.append(f"{name}: {called}")
    return found


def code_in_packages(root: Path) -> list[str]:
    """`__init__` files that hold more than their docstring; the engine's holds the version besides."""
    found = []
    for top in ("engine", "gui"):
        for path in sorted((root / top).rglob("__init__.py")):
            body = parsed(path).body
            rest = [node for node in body if not isinstance(node, ast.Expr)]
            if path == root / "engine" / "__init__.py":
                rest = [node for node in rest if "__version__" not in ast.unparse(node)]
            if rest or not body:
                found.append(path.relative_to(root).as_posix())
    return found


def threads_elsewhere(root: Path) -> list[str]:
    """Modules of `gui` that start a thread past `gui.components.background`, the one way for work in the background."""
    ways = {"Thread", "QThread", "QThreadPool", "QRunnable", "ThreadPoolExecutor", "Timer", "start_new_thread"}
    return [
        f"{name}: {node.attr if isinstance(node, ast.Attribute) else node.id}"
        for name, path in modules(root).items()
        if name.startswith("gui.") and name != "gui.components.background"
        for node in ast.walk(parsed(path))
        if (isinstance(node, ast.Attribute) and node.attr in ways) or (isinstance(node, ast.Name) and node.id in ways)
    ]


def files_without_a_purpose(root: Path) -> list[str]:
    """Modules that do not begin with what they are for."""
    return [name for name, path in modules(root).items() if not ast.get_docstring(parsed(path))]


def crowded_tops(root: Path) -> list[str]:
    """Whether more modules lie at the top of `engine` and `gui` than a newcomer can take in."""
    tops = {top: [name for name in modules(root) if name.rsplit(".", 1)[0] == top] for top in MOST_AT_THE_TOP}
    return [f"{top}: {names}" for top, names in tops.items() if len(names) > MOST_AT_THE_TOP[top]]


def widgets_of_one_page(root: Path) -> list[str]:
    """Modules of the shared folders of `gui` that fewer than two pages use: a widget lives with its page until then."""
    users: dict[str, set[str]] = {}
    for name, targets in import_graph(root).items():
        for target in targets:
            users.setdefault(target, set()).add(name)

    def rooms_that_use(name: str, seen: set[str]) -> set[str]:
        found = set()
        for user in users.get(name, set()) - seen:
            seen.add(user)
            shared = user.startswith(SHARED_WIDGETS)
            found |= rooms_that_use(user, seen) if shared else {".".join(user.split(".")[:2])}
        return found

    return [
        name
        for name, path in modules(root).items()
        if name.startswith(SHARED_WIDGETS) and path.stem != "__init__" and len(rooms_that_use(name, {name})) < 2
    ]


def unmirrored_tests(root: Path) -> list[str]:
    """Folders of `tests/engine` and `tests/gui` that the program does not have."""
    found = []
    for top in ("engine", "gui"):
        for path in sorted((root / "tests" / top).rglob("test_*.py")):
            folder = path.parent.relative_to(root / "tests")
            if not (root / folder).is_dir():
                found.append(folder.as_posix())
    return found


RULES: tuple[Callable[[Path], list[str]], ...] = (
    wrong_arrows,
    two_way_arrows,
    relative_imports,
    qt_in_the_engine,
    heavy_packages_in_the_windows,
    rooms_the_windows_must_not_reach,
    contract_imports,
    stage_reaches_rooms_at_import,
    names_of_tasks_elsewhere,
    pickles,
    removals_without_patience,
    children_that_flash,
    code_in_packages,
    threads_elsewhere,
    files_without_a_purpose,
    crowded_tops,
    widgets_of_one_page,
    unmirrored_tests,
)

# ── What is allowed ─────────────────────────────────────────────────────────────────────────────────────────────

MOST_AT_THE_TOP = {"engine": 8, "gui": 6}
SHARED_WIDGETS = ("gui.charts.", "gui.components.", "gui.rows.")
NAME_TASKS = {  # outside of engine/tasks/, with the reason
    "engine.contract.settings": "the names themselves, and the one that is meant where none is given",
    "engine.contract.examples": "what the example rows are for",
    "engine.exporting.standalone.predict": "problem types of transformers, as config.json names them",
}
ENGINE_MODULES = {name for name in modules(ROOT) if name.startswith("engine.")}
FOR_THE_WINDOWS = (
    "engine.contract.",
    "engine.runtime.thread",
    "engine.runtime.watchdog",  # after how long a worker that sends nothing is worth a question
    "engine.calibration.",  # numpy alone: the figures of a threshold change while its slider is moved
    "engine.workspace.",
    "engine.cli.recipe",  # recipes are opened and saved
    "engine.reporting.",  # a page that is saved: text made of states
    "engine.script.",  # the plain code of the side panel: text made of text
    "engine.tasks.registry",  # each task's facts, columns and script; torch comes with `task_named` only
    "engine.tasks.facts",
)
TASK_PARTS_FOR_THE_WINDOWS = {"facts", "columns", "script"}
HEAVY_ROOMS = (
    *("engine.loading", "engine.training", "engine.evaluating", "engine.exporting", "engine.preparing"),
    "engine.diagnosing",
    "engine.distilling",
    "engine.racing",
    "engine.verifying",
)

MAY_IMPORT: dict[str, str] = {
    "engine.__main__": "engine.bootstrap engine.cli engine.contract engine.runtime engine.workspace",
    "engine.bootstrap": "engine.contract engine.workspace",
    "engine.cli": (
        "engine.bootstrap engine.contract engine.reporting engine.runtime engine.stages engine.tasks.registry "
        "engine.workspace"
    ),
    "engine.calibration": "engine.contract",
    "engine.contract": "",
    "engine.devices": "engine.bootstrap engine.contract",
    "engine.diagnosing": (
        "engine.contract engine.devices engine.evaluating engine.loading engine.reading.formats "
        "engine.reading.formats.registry engine.reading.sources engine.tasks engine.tasks.registry "
        "engine.training.batching engine.training.cross_validation engine.workspace"
    ),
    "engine.distilling": (
        "engine.contract engine.evaluating engine.exporting engine.tasks.registry engine.training "
        "engine.training.methods engine.workspace"
    ),
    "engine.evaluating": (
        "engine.calibration engine.contract engine.devices engine.loading engine.preparing.rows engine.reading.formats "
        "engine.reading.sources engine.tasks engine.tasks.registry engine.training.batching "
        "engine.training.cross_validation engine.training.methods engine.training.monitoring engine.training.step "
        "engine.workspace"
    ),
    "engine.exporting": (
        "engine.bootstrap engine.calibration engine.cli engine.contract engine.evaluating "
        "engine.reporting engine.script engine.tasks engine.tasks.registry engine.training.batching engine.workspace"
    ),
    "engine.exporting.standalone": "",
    "engine.hub": "engine.contract engine.workspace",
    "engine.loading": "engine.bootstrap engine.contract engine.hub engine.tasks engine.workspace",
    "engine.preparing": (
        "engine.contract engine.loading engine.preparing.checks engine.preparing.rows engine.reading "
        "engine.reading.formats engine.reading.sources engine.tasks engine.tasks.registry engine.workspace"
    ),
    "engine.preparing.checks": "engine.contract engine.preparing.rows engine.tasks",
    "engine.preparing.rows": (
        "engine.contract engine.devices engine.reading engine.reading.formats engine.reading.sources engine.tasks"
    ),
    "engine.racing": (
        "engine.contract engine.devices engine.evaluating engine.loading engine.preparing engine.tasks "
        "engine.tasks.registry engine.training.batching engine.training.loop engine.training.memory "
        "engine.training.methods engine.training.step engine.workspace"
    ),
    "engine.reading": "engine.contract engine.reading.formats",
    "engine.reading.formats": "engine.contract",
    "engine.reading.formats.registry": "engine.contract engine.reading.formats",
    "engine.reading.sources": (
        "engine.contract engine.hub engine.reading engine.reading.formats engine.reading.formats.registry "
        "engine.workspace"
    ),
    "engine.reporting": "engine.contract engine.tasks.registry engine.workspace",
    "engine.runtime": "engine.bootstrap engine.contract engine.devices engine.stages engine.workspace",
    "engine.script": "engine.contract engine.tasks engine.tasks.registry",
    "engine.stages": (
        "engine.contract engine.devices engine.diagnosing engine.distilling engine.evaluating engine.exporting "
        "engine.exporting.standalone engine.hub engine.loading engine.preparing engine.racing engine.reading.sources "
        "engine.reporting engine.tasks.registry engine.training engine.training.choosing engine.training.loop "
        "engine.training.planning engine.verifying engine.workspace"
    ),
    "engine.tasks": "engine.contract engine.reading engine.workspace",
    "engine.tasks.multi_label_classification": "engine.contract engine.reading engine.tasks",
    "engine.tasks.registry": "engine.contract engine.tasks",
    "engine.tasks.regression": "engine.contract engine.reading engine.tasks",
    "engine.tasks.text_classification": "engine.calibration engine.contract engine.reading engine.tasks",
    "engine.tasks.token_classification": "engine.contract engine.reading engine.reading.formats engine.tasks",
    "engine.training": (
        "engine.contract engine.devices engine.loading engine.training.acceleration engine.training.batching "
        "engine.training.checkpoints engine.training.distributed engine.training.loop "
        "engine.training.memory engine.training.methods engine.training.monitoring engine.training.step "
        "engine.workspace"
    ),
    "engine.training.acceleration": (
        "engine.contract engine.devices engine.tasks engine.training.batching engine.training.step "
        "engine.training.trainable engine.workspace"
    ),
    "engine.training.batching": "engine.calibration engine.contract engine.tasks",
    "engine.training.checkpoints": "engine.contract engine.training.step engine.training.trainable engine.workspace",
    "engine.training.choosing": (
        "engine.contract engine.devices engine.evaluating engine.tasks engine.tasks.registry "
        "engine.training.acceleration engine.training.batching engine.training.cross_validation engine.training.loop "
        "engine.training.methods"
    ),
    "engine.training.cross_validation": (
        "engine.contract engine.devices engine.tasks engine.tasks.registry engine.training.acceleration "
        "engine.training.batching engine.training.loop engine.training.memory engine.training.methods "
        "engine.training.step engine.workspace"
    ),
    "engine.training.distributed": "engine.bootstrap engine.contract engine.devices",
    "engine.training.loop": (
        "engine.contract engine.devices engine.tasks engine.tasks.registry engine.training.acceleration "
        "engine.training.batching engine.training.checkpoints engine.training.distributed "
        "engine.training.memory engine.training.methods engine.training.step engine.training.trainable"
    ),
    "engine.training.memory": "engine.contract engine.devices engine.training.acceleration engine.training.step",
    "engine.training.methods": (
        "engine.contract engine.devices engine.loading engine.tasks engine.training.batching engine.training.memory "
        "engine.training.step engine.training.trainable"
    ),
    "engine.training.monitoring": (
        "engine.contract engine.devices engine.loading engine.tasks engine.tasks.registry "
        "engine.training.batching engine.training.memory engine.training.step"
    ),
    "engine.training.planning": (
        "engine.contract engine.devices engine.tasks engine.training engine.training.acceleration "
        "engine.training.batching engine.training.checkpoints engine.training.loop engine.training.memory "
        "engine.training.methods engine.training.step engine.training.trainable engine.workspace"
    ),
    "engine.training.step": (
        "engine.contract engine.devices engine.tasks engine.training.batching engine.training.distributed "
        "engine.training.trainable"
    ),
    "engine.training.trainable": "engine.contract",
    "engine.verifying": (
        "engine.cli engine.contract engine.evaluating engine.exporting engine.preparing engine.preparing.rows "
        "engine.reading.sources engine.reporting engine.tasks engine.tasks.registry engine.training.batching "
        "engine.workspace"
    ),
    "engine.workspace": "engine.contract",
    "gui.application": (
        "engine.contract engine.workspace gui.choose_data gui.components gui.design gui.evaluate "
        "gui.export gui.fine_tune gui.load_model gui.page gui.session gui.shell"
    ),
    "gui.chart_preferences": "",
    "gui.charts": "engine.contract gui.components gui.design",
    "gui.choose_data": (
        "engine.contract engine.script engine.tasks.registry engine.workspace gui.choose_data.rows "
        "gui.choose_data.source gui.choose_data.summary gui.components gui.design gui.entries gui.page gui.preferences"
    ),
    "gui.choose_data.rows": ("engine.contract engine.tasks engine.tasks.registry gui.components gui.design gui.rows"),
    "gui.choose_data.source": (
        "engine.contract engine.tasks engine.tasks.registry engine.workspace gui.choose_data.summary "
        "gui.components gui.design gui.preferences gui.session"
    ),
    "gui.choose_data.summary": "engine.contract engine.tasks.registry gui.choose_data.rows gui.components gui.design",
    "gui.components": "engine.contract engine.workspace gui.design gui.preferences gui.session",
    "gui.design": "",
    "gui.entries": "engine.contract engine.workspace",
    "gui.evaluate": (
        "engine.calibration engine.contract engine.script engine.tasks engine.tasks.registry engine.workspace "
        "gui.charts gui.components gui.design gui.page gui.rows gui.session"
    ),
    "gui.export": (
        "engine.contract engine.script engine.tasks.registry engine.workspace gui.charts gui.components "
        "gui.design gui.entries gui.page gui.session"
    ),
    "gui.fine_tune": (
        "engine.contract engine.script engine.tasks.registry engine.workspace gui.components gui.design "
        "gui.fine_tune.monitor gui.fine_tune.setup gui.entries gui.page gui.session"
    ),
    "gui.fine_tune.monitor": (
        "engine.contract engine.tasks.registry engine.workspace gui.chart_preferences gui.charts gui.components "
        "gui.design gui.preferences"
    ),
    "gui.fine_tune.setup": (
        "engine.contract engine.tasks.registry engine.workspace gui.charts gui.components gui.design gui.session"
    ),
    "gui.load_model": (
        "engine.contract engine.script engine.workspace gui.components gui.design gui.entries gui.page "
        "gui.preferences gui.session"
    ),
    "gui.page": "engine.contract gui.entries gui.preferences gui.session",
    "gui.preferences": "engine.contract engine.workspace gui.chart_preferences",
    "gui.rows": "engine.contract gui.components gui.design",
    "gui.runs": "engine.contract engine.reporting engine.workspace gui.charts gui.components gui.design",
    "gui.session": "engine.contract engine.runtime engine.workspace gui.preferences",
    "gui.shell": (
        "engine.cli engine.contract engine.runtime engine.tasks.registry engine.workspace gui.components gui.design "
        "gui.entries gui.page gui.preferences gui.runs gui.session"
    ),
}

# ── The program passes, a planted mistake does not ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_program_keeps_the_rule(rule: Callable[[Path], list[str]]) -> None:
    assert rule(ROOT) == []


PLANTED: dict[Callable[[Path], list[str]], tuple[str, str]] = {
    wrong_arrows: ("engine/nowhere/new.py", ""),  # a folder without a line
    two_way_arrows: ("engine/hub/card.py", "if TYPE_CHECKING:\n    from engine.workspace import layout"),
    relative_imports: ("gui/shell/window.py", "from . import footer"),
    qt_in_the_engine: ("engine/training/loop/loop.py", "def f():\n    from PySide6.QtCore import QTimer"),
    heavy_packages_in_the_windows: ("gui/charts/line_plot.py", "if TYPE_CHECKING:\n    import torch.nn"),
    rooms_the_windows_must_not_reach: ("gui/evaluate/page.py", "from engine.evaluating import evaluate"),
    contract_imports: ("engine/contract/events.py", "def f():\n    import numpy"),
    stage_reaches_rooms_at_import: ("engine/stages.py", "from engine.training import fine_tune"),
    names_of_tasks_elsewhere: ("gui/export/page.py", 'wide = task == "regression"'),
    pickles: ("engine/workspace/runs.py", "def f():\n    import pickle"),
    removals_without_patience: ("gui/preferences.py", "def f(path):\n    path.replace(path.parent)"),
    children_that_flash: ("engine/hub/card.py", "def f():\n    subprocess.run(['git'])"),
    code_in_packages: ("engine/training/__init__.py", "x = 1"),
    threads_elsewhere: ("gui/runs/run_list.py", "import threading\ndef f():\n    threading.Thread(target=f).start()"),
    files_without_a_purpose: ("engine/devices/detection.py", None),  # type: ignore[dict-item]  # no docstring
    crowded_tops: ("gui/extra.py", ""),
    widgets_of_one_page: ("gui/components/of_nobody.py", ""),
    unmirrored_tests: ("tests/engine/nowhere/test_nothing.py", ""),
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_planted_mistake_breaks_the_rule(rule: Callable[[Path], list[str]], tmp_path: Path) -> None:
    for folder, _ in [*MAY_IMPORT.items(), ("engine", ""), ("gui", "")]:
        (tmp_path / folder.replace(".", "/")).mkdir(parents=True, exist_ok=True)
    for name in ("engine/__init__.py", "gui/__init__.py", "engine/stages.py"):
        (tmp_path / name).write_text('"""Here for the test."""\n', "utf-8")
    assert rule(tmp_path) == []
    path, code = PLANTED[rule]
    target = tmp_path / path
    target.parent.mkdir(parents=True, exist_ok=True)
    if rule is two_way_arrows:
        other = tmp_path / "engine" / "workspace" / "layout.py"
        other.parent.mkdir(parents=True, exist_ok=True)
        other.write_text('"""Here for the test."""\nfrom engine.hub import card\n', "utf-8")
    if rule is crowded_tops:
        for number in range(MOST_AT_THE_TOP["gui"]):
            (tmp_path / "gui" / f"extra_{number}.py").write_text('"""Here for the test."""\n', "utf-8")
    target.write_text('"""Here for the test."""\n' + code if code is not None else "x = 1\n", "utf-8")
    assert rule(tmp_path) != []


@pytest.mark.parametrize(
    "code",
    [
        "from engine.workspace import layout",
        "def f():\n    from engine.workspace.layout import Workspace",
        "if TYPE_CHECKING:\n    import engine.workspace.layout",
    ],
)
def test_an_arrow_without_a_decision_is_seen_wherever_it_is_written(code: str, tmp_path: Path) -> None:
    for name, text in (("engine/workspace/layout.py", ""), ("engine/contract/events.py", code)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text('"""Here for the test."""\n' + text, "utf-8")
    assert wrong_arrows(tmp_path) == ["engine.contract imports engine.workspace"]


def test_nothing_is_allowed_that_is_not_there() -> None:
    assert idle_lines(ROOT) == []


def test_a_branch_on_a_task_is_seen_in_whatever_way_it_is_written() -> None:
    assert names_a_task('wide = dataset.task == "regression"')
    assert names_a_task('wide = dataset.task in ("regression", "other")')
    assert names_a_task('match task:\n    case "regression":\n        pass')
    assert names_a_task('TITLES = {"regression": "Score"}')
    assert not names_a_task('"""Also for regression."""')


@pytest.mark.skipif(sys.platform != "linux", reason="the offscreen platform is tested on Linux")
def test_opening_the_window_brings_no_heavy_module_along(tmp_path: Path) -> None:
    probe = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from PySide6.QtWidgets import QApplication\n"
        "app = QApplication([])\n"
        "from gui.session import open_session\n"
        "from gui.application import page_types\n"
        "from gui.shell.window import Window\n"
        "session = open_session(Path(sys.argv[2]))\n"
        "window = Window(session, page_types())\n"
        "window.show()\n"
        "app.processEvents()\n"
        "print('HEAVY', sorted({n.split('.')[0] for n in sys.modules} & set(sys.argv[3].split(','))))\n"
        "session.close()\n"
    )
    listed = ",".join(sorted(HEAVY | {"pyqtgraph", "pyarrow"}))
    done = subprocess.run(
        [sys.executable, "-I", "-c", probe, str(ROOT), str(tmp_path), listed],
        capture_output=True,
        text=True,
        timeout=120,
        env={"QT_QPA_PLATFORM": "offscreen", "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        check=False,
    )
    assert "HEAVY []" in done.stdout, done.stdout + done.stderr
