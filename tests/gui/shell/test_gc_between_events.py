"""Cyclic garbage is collected between two events on the window's thread, and never elsewhere."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import weakref

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from gui.shell.gc_between_events import GarbageCollector
from tests.paths import ROOT

# Dead widgets in a cycle, Qt walking over all widgets, and a handler that allocates: Python would collect there.
CHILD = """
import gc, sys
sys.path.insert(0, sys.argv[1])
from PySide6.QtWidgets import QApplication, QLabel
from gui.shell.gc_between_events import GarbageCollector

application = QApplication([])
received = []

class Listener(QLabel):
    def event(self, event):
        received.append([])
        return super().event(event)

gc.disable()
kept = [Listener("here") for number in range(200)]
for number in range(1000):
    dead = Listener("gone")
    dead.cycle = dead
for widget in application.allWidgets():
    widget.ensurePolished()  # or Qt sends it nothing
del dead, widget
gc.set_threshold(gc.get_count()[0] + 500, 1, 1)  # reached while the style changes
gc.enable()
collector = GarbageCollector(application)
application.setStyleSheet("QLabel { font-size: 20px }")
print("alive", flush=True)
gc.set_threshold(100, 1, 1)
collector.collect()
names = [widget.text() for widget in application.allWidgets()]
print("left", names.count("gone"))
"""


class Cycle:
    def __init__(self) -> None:
        self.thread: str | None = None
        self.me = self


def test_a_cycle_lives_until_the_collector_comes_and_dies_on_the_windows_thread(qtbot: QtBot) -> None:
    died: list[str] = []
    parent = QObject()
    GarbageCollector(parent)
    assert not gc.isenabled()
    watched = weakref.finalize(Cycle(), lambda: died.append(threading.current_thread().name))

    other = threading.Thread(target=lambda: [[number] for number in range(10_000)])
    other.start()
    other.join()
    kept = [[number] for number in range(10_000)]
    assert watched.alive

    qtbot.waitUntil(lambda: bool(died))
    assert died == [threading.main_thread().name]
    assert len(kept) == 10_000
    parent.deleteLater()


def test_changing_the_look_of_the_program_survives_dead_widgets() -> None:
    child = subprocess.run(
        [sys.executable, "-c", CHILD, str(ROOT)],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    assert child.returncode == 0, child.stderr
    assert child.stdout.split("\n")[:2] == ["alive", "left 0"]
