"""The directions of import, read from the syntax trees; and what the window's process really imports."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from engine.contract.settings import TaskName

ROOT = Path(__file__).resolve().parent.parent
ENGINE = sorted((ROOT / "engine").rglob("*.py"))
GUI = sorted((ROOT / "gui").rglob("*.py"))
CONTRACT = {
    "states",
    "settings",
    "events",
    "questions",
    "errors",
    "wire",
    "data_remedies",
    "findings",
    "lengths",
    "row_changes",
}
HEAVY = {"torch", "transformers", "datasets", "sklearn", "accelerate", "pandas", "scipy", "tokenizers", "safetensors"}
NAME_TASKS = {  # outside of engine/tasks/, with the reason
    "engine/contract/settings.py": "the names themselves, and the one that is meant where none is given",
    "engine/contract/examples.py": "what the example rows are for",
}
ROOMS = {"tasks", "loading", "reading", "preparing", "training", "evaluating", "exporting"}
LIGHT = ("engine.tasks.facts", "engine.tasks.scripts")  # words, plain facts and scripts of the tasks, for everybody
LIGHT_MAY_IMPORT = CONTRACT | {"identifiers", "plain_code_text", "tag_schemes", "tagged_words", "words"}


def imports(path: Path, *, top_level_only: bool = False) -> Iterator[str]:
    """Every module that a file imports, with dots."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if top_level_only else list(ast.walk(tree))
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            assert node.module is not None
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_in_a_room(module: str) -> bool:
    """Whether this module belongs to the rooms that only the stages may reach."""
    return module.startswith("engine.") and module.split(".")[1] in ROOMS and not module.startswith(LIGHT)


def names_a_task(code: str) -> bool:
    """Whether a string in this code is the name of a task: to compare with, to look up, to match or to set."""
    names = set(get_args(TaskName))
    return any(isinstance(node, ast.Constant) and node.value in names for node in ast.walk(ast.parse(code)))


def name_of(path: Path) -> str:
    """A file's name from the root, for messages."""
    return path.relative_to(ROOT).as_posix()


def test_the_engine_never_imports_the_windows() -> None:
    for path in ENGINE:
        assert not [name for name in imports(path) if name.split(".")[0] == "gui"], name_of(path)


def test_only_the_engine_thread_imports_qt_and_only_its_core() -> None:
    for path in ENGINE:
        qt = {name for name in imports(path) if name.startswith(("PySide6", "pyqtgraph", "shiboken6"))}
        if path == ROOT / "engine" / "thread.py":
            assert {name.split(".")[1] for name in qt} == {"QtCore"}
        else:
            assert not qt, name_of(path)


def test_the_windows_never_import_the_heavy_packages() -> None:
    for path in GUI:
        assert not [name for name in imports(path) if name.split(".")[0] in HEAVY], name_of(path)


def test_the_windows_reach_no_room_of_the_engine() -> None:
    for path in GUI:
        assert not list(filter(is_in_a_room, imports(path))), name_of(path)


def test_what_everybody_may_know_of_the_tasks_is_light() -> None:
    allowed = {"msgspec"} | set(sys.stdlib_module_names)
    for path in ENGINE:
        if not ".".join(path.relative_to(ROOT).with_suffix("").parts).startswith(LIGHT):
            continue
        for module in imports(path):
            parts = module.split(".")
            light = module.startswith(LIGHT) or (parts[0] == "engine" and parts[1] in LIGHT_MAY_IMPORT)
            assert light or parts[0] in allowed, f"{name_of(path)} imports {module}"


def test_the_contract_imports_nothing_but_the_standard_library_msgspec_and_itself() -> None:
    allowed = {"msgspec"} | set(sys.stdlib_module_names)
    for name in CONTRACT:
        for module in imports(ROOT / "engine" / f"{name}.py"):
            parts = module.split(".")
            if parts[0] == "engine":
                assert len(parts) == 1 or parts[1] in CONTRACT, f"{name}.py imports {module}"
            else:
                assert parts[0] in allowed, f"{name}.py imports {module}"


def test_only_the_tasks_themselves_ask_which_task_it_is() -> None:
    named = {
        name_of(path)
        for path in [*ENGINE, *GUI, ROOT / "main.py"]
        if ROOT / "engine" / "tasks" not in path.parents and names_a_task(path.read_text(encoding="utf-8"))
    }
    assert named == set(NAME_TASKS), "ask task_facts(task) what it means instead"


def test_a_branch_on_a_task_is_seen_in_whatever_way_it_is_written() -> None:
    assert names_a_task('wide = dataset.task == "regression"')
    assert names_a_task('wide = dataset.task in ("regression", "other")')
    assert names_a_task('match task:\n    case "regression":\n        pass')
    assert names_a_task('TITLES = {"regression": "Score"}')
    assert not names_a_task('"""Also for regression."""')


def test_only_the_stages_reach_the_rooms_and_only_inside_their_functions() -> None:
    outside = [path for path in ENGINE if path.parent == ROOT / "engine"]
    for path in outside:
        reached = set(filter(is_in_a_room, imports(path, top_level_only=True)))
        assert not reached, name_of(path)
        if path.name not in ("stages.py", "__main__.py"):
            assert not list(filter(is_in_a_room, imports(path))), name_of(path)


def test_packages_hold_no_code_in_their_init() -> None:
    for folder in ("engine", "gui"):
        for path in (ROOT / folder).rglob("__init__.py"):
            body = ast.parse(path.read_text(encoding="utf-8")).body
            assert len(body) == 1, name_of(path)
            assert isinstance(body[0], ast.Expr), name_of(path)


def test_nothing_reads_or_writes_pickles() -> None:
    forbidden = {"pickle", "joblib", "dill", "cloudpickle", "shelve", "marshal"}
    for path in ENGINE + GUI:
        assert not [name for name in imports(path) if name.split(".")[0] in forbidden], name_of(path)
        text = path.read_text(encoding="utf-8")
        for call in ("torch.load(", "torch.save(", "allow_pickle=True", "trust_remote_code=True"):
            assert call not in text, f"{name_of(path)}: {call}"


def test_every_file_begins_with_what_it_is_for() -> None:
    for path in ENGINE + GUI + [ROOT / "main.py"]:
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), name_of(path)


@pytest.mark.skipif(sys.platform != "linux", reason="the offscreen platform is tested on Linux")
def test_opening_the_window_brings_no_heavy_module_along(tmp_path: Path) -> None:
    probe = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from PySide6.QtWidgets import QApplication\n"
        "app = QApplication([])\n"
        "from gui.session import open_session\n"
        "from gui.shell.window import Window, page_types\n"
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
