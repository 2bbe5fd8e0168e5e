"""From the start of the process to the painted window, beside an empty Qt window; then to a loaded starter model.

Aims: window 0.7 s at most; starter model 8 s at most after a click at once. Run it with or without a screen
(`QT_QPA_PLATFORM=offscreen`).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

from measuring import ROOT, interleaved, report

ROUNDS = 7

PAINTED = """
import sys, time
from PySide6.QtCore import QEvent, QObject, QTimer
class Painted(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, done)
        return False
def done():
    global said
    if not said:
        said = True
        print("SECONDS", time.time() - float(sys.argv[1]), flush=True)
        after()
said = False
"""
OURS = (
    PAINTED
    + """
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from gui import application
from gui.design import application_style
from PySide6.QtWidgets import QApplication
app = QApplication([])
application_style.set_up(app)
from gui.session import open_session
from gui.application import page_types
from gui.shell.window import Window
session = open_session(Path(sys.argv[3]))
window = Window(session, page_types())
watcher = Painted()
window.installEventFilter(watcher)
def after():
    if sys.argv[4] != "load":
        session.close(); app.quit(); return
    from engine.contract.settings import StarterModel
    from engine.contract.messages import LoadModel
    from engine.contract.events import is_outcome
    clicked = time.time()
    def loaded(event):
        if is_outcome(event):
            print("LOADED", time.time() - clicked, type(event).__name__, flush=True)
            session.close(); app.quit()
    session.stage_event.connect(loaded)
    session.run_stage(LoadModel(StarterModel()))
window.show()
app.exec()
"""
)
EMPTY = (
    PAINTED
    + """
from PySide6.QtWidgets import QApplication, QMainWindow
app = QApplication([])
window = QMainWindow()
window.resize(1280, 800)
watcher = Painted()
window.installEventFilter(watcher)
def after():
    app.quit()
window.show()
app.exec()
"""
)
PLAIN_LOAD = """
import sys, time
started = time.time()
sys.path.insert(0, sys.argv[2])
from engine.loading.load import starter_folder
from transformers import AutoModel, AutoTokenizer
folder = starter_folder()
AutoTokenizer.from_pretrained(folder)
AutoModel.from_pretrained(folder)
print("LOADED", time.time() - started, flush=True)
"""


def run(program: str, what: str, word: str = "SECONDS") -> float:
    """Runs a program in a new process and returns the number after `word`."""
    import time

    with tempfile.TemporaryDirectory() as workspace:
        done = subprocess.run(
            [sys.executable, "-I", "-c", program, str(time.time()), str(ROOT), workspace, what],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env={**os.environ, "HF_HUB_OFFLINE": "1"},
        )
    for line in done.stdout.splitlines():
        if line.startswith(word):
            return float(line.split()[1])
    raise RuntimeError(done.stdout + done.stderr)


def main() -> None:
    """Measures and reports."""
    window = interleaved(
        {"Tunewright": lambda: run(OURS, "show"), "an empty Qt window": lambda: run(EMPTY, "show")}, ROUNDS
    )
    report("start_up", "seconds to the painted window", window, "Tunewright", seed=0)
    loaded = interleaved(
        {
            "Tunewright, click at once": lambda: run(OURS, "load", "LOADED"),
            "plain transformers script": lambda: run(PLAIN_LOAD, "", "LOADED"),
        },
        3,
    )
    report("starter_model", "seconds to the loaded starter model", loaded, "Tunewright, click at once", seed=0)


if __name__ == "__main__":
    main()
