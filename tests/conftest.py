"""What every test needs: no screen, no network."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import hypothesis
import pytest
from pytestqt.qtbot import QtBot

from engine.workspace.layout import Workspace
from tests import warm_python as warm

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from tests.walk import Walk

# How long an example takes depends on what else the machine does. `--hypothesis-profile thorough` draws more of them.
hypothesis.settings.register_profile("ordinary", deadline=None, max_examples=50)
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=500)
hypothesis.settings.load_profile("ordinary")

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_OFFLINE", "1")
# The keyring of whoever runs the tests is neither read nor written; keyring's own backend that keeps nothing.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
# Two files are tested at a time: threads that wait for each other in a loop would take the cores from the other file.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")


# Five seconds may be too few for what a test waits for, where the machine does other work.
for wait in (QtBot.waitUntil, QtBot.waitSignal):
    wait.__kwdefaults__["timeout"] = 60_000

# More than ten seconds of one core each. They begin, so that none of them runs alone at the end.
LONGEST = (
    "tests/test_end_to_end.py",
    "tests/gui/test_page.py",
    "tests/engine/training/choosing/test_choose.py",
    "tests/gui/test_application.py",
    "tests/test_emulated_windows.py",
    "tests/engine/preparing/test_shared_tables.py",
    "tests/engine/training/checkpoints/test_resume.py",
    "tests/engine/preparing/test_real_data.py",
    "tests/gui/test_real_data.py",
    "tests/gui/test_no_clipped_text.py",
    "tests/engine/training/methods/test_head.py",
    "tests/engine/test_real_data.py",
    "tests/engine/training/test_random_presses.py",
    "tests/engine/training/trainable/test_lora.py",
    "tests/engine/training/distributed/test_ranks.py",
    "tests/gui/choose_data/test_page.py",
    "tests/test_architecture.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files begin."""
    place = {path: number for number, path in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.nodeid.partition("::")[0], len(place)))


@pytest.fixture(scope="session", autouse=True)
def _nothing_waits_for_the_disk() -> Iterator[None]:
    """What a test writes need not outlive a power failure: `os.fsync` only asks whether there is such a file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: os.fstat(handle) and None)
        yield


@pytest.hookimpl(tryfirst=True)
def pytest_collection() -> None:
    """What is imported stays: no collection looks for garbage in it meanwhile."""
    gc.disable()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What was imported stays to the end: no collection walks over it again.

    It is a gigabyte of modules and tests; each training run ends with a collection, and each file of window tests.
    """
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="module", autouse=True)
def _what_is_left_is_not_walked_over_again() -> Iterator[None]:
    """What a file has imported, cached and reported stays, and no collection of a later file walks over it.

    Each training run ends with a collection: late in a worker a run of a tiny network took five times as long.
    """
    yield
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module")
def garbage_stays() -> Iterator[None]:
    """For windows: as in the program, nothing is collected while Qt works; what is left goes after the file.

    Deleted later are the widgets of a closed window, and a cycle of them must not fall to a collection that happens
    on another thread or while Qt walks over its widgets (see `gui/shell/gc_between_events.py`).
    """
    from PySide6.QtCore import QCoreApplication, QEvent

    gc.disable()
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    gc.freeze()  # what a test has imported stays, too
    gc.enable()


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """An empty workspace of the test's own."""
    return Workspace(tmp_path / "workspace").create()


@pytest.fixture(scope="session")
def warm_python(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The path of a Python whose processes have torch and transformers imported when they start; offline."""
    from engine.exporting.clean_process import offline_environment

    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    with warm.warm_python(shared, offline_environment(dict(os.environ))) as executable:
        yield executable


@pytest.fixture(scope="module")
def warm_proof(warm_python: str) -> Iterator[None]:
    """The clean process that proves an export is one of `warm_python`, where its start is not what is tested."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.exporting.clean_process.sys", SimpleNamespace(executable=warm_python))
        yield


@pytest.fixture
def walk(qapp: QApplication, tmp_path: Path) -> Iterator[Walk]:
    """The real window with the real engine in an empty workspace."""
    from gui.design import application_style
    from tests.walk import Walk

    application_style.set_up(qapp, "light")
    walk = Walk(tmp_path / "workspace")
    walk.open()
    yield walk
    walk.close()
