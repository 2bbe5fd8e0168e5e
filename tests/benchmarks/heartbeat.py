"""Gaps of a 10 ms heartbeat in the window's thread: idle, while the engine starts, prepares, trains and evaluates.

Aims: p99 25 ms at most, longest 100 ms at most. The idle window of the same process is the other side of the ratio.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import measuring
import numpy as np

SEED = 42
ROWS = 3000


def main() -> None:
    """Walks the wizard in a real window and measures all the while."""
    from PySide6.QtCore import Qt, QTimer
    from PySide6.QtWidgets import QApplication

    from engine.contract import messages as wire
    from engine.contract.events import is_outcome
    from engine.contract.settings import (
        EvaluateSettings,
        ExampleRows,
        FineTuneSettings,
        PrepareSettings,
        Roles,
        StarterModel,
    )
    from engine.contract.states import ModelHandle, PreparedDataset, TrainingRun, find
    from gui.application import page_types
    from gui.design import application_style
    from gui.session import open_session
    from gui.shell.window import Window

    app = QApplication([])
    application_style.set_up(app)
    workspace = tempfile.TemporaryDirectory()
    session = open_session(Path(workspace.name))
    window = Window(session, page_types())
    window.resize(1280, 800)
    window.show()

    beats: dict[str, list[float]] = {}
    phase = ["idle"]
    last = [time.perf_counter()]

    def beat() -> None:
        now = time.perf_counter()
        beats.setdefault(phase[0], []).append((now - last[0]) * 1000)
        last[0] = now

    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.setInterval(10)
    timer.timeout.connect(beat)
    timer.start()

    def spin(seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            app.processEvents()
            time.sleep(0.0005)

    def stage(name: str, job: wire.StageJob, page: int) -> None:
        over: list[object] = []
        phase[0] = name
        session.stage_event.connect(lambda event: over.append(event) if is_outcome(event) else None)
        window.go_to(page)
        assert session.run_stage(job)
        while not over:
            app.processEvents()
            time.sleep(0.0005)
        print(f"  {name}: {type(over[-1]).__name__}", flush=True)

    spin(6.0)  # imports in the background are over
    beats.clear()
    spin(5.0)
    stage("load the model", wire.LoadModel(StarterModel()), 0)
    model = find(session.state, ModelHandle)
    assert model is not None
    settings = PrepareSettings(roles=Roles(text="text", label="label"), row_limit=ROWS, seed=SEED)
    stage("prepare data", wire.PrepareDataset(model, ExampleRows("short_reviews"), settings), 1)
    dataset = find(session.state, PreparedDataset)
    assert dataset is not None
    stage("train", wire.FineTune(dataset, FineTuneSettings(epochs=1.0, batch_size=32, seed=SEED)), 2)
    run = find(session.state, TrainingRun)
    assert run is not None
    stage("evaluate", wire.Evaluate(run, EvaluateSettings()), 3)
    timer.stop()
    session.close()

    print(f"\n{'phase':<18}{'beats':>8}{'median':>9}{'p99':>9}{'longest':>9}   ms")
    figures = {}
    for name, gaps in beats.items():
        values = np.array(gaps[1:])
        figures[name] = {
            "beats": len(values),
            "median": float(np.median(values)),
            "p99": float(np.percentile(values, 99)),
            "longest": float(values.max()),
        }
        row = figures[name]
        print(f"{name:<18}{row['beats']:>8}{row['median']:>9.1f}{row['p99']:>9.1f}{row['longest']:>9.1f}")
    print(f"p99 while training / idle: {figures['train']['p99'] / figures['idle']['p99']:.2f}")
    measuring.save("heartbeat", figures=figures, seed=SEED, rows=ROWS)
    workspace.cleanup()


if __name__ == "__main__":
    sys.exit(main())
