"""Curves of 200,000 test rows: how long they take, and how long the window waits meanwhile.

    python tests/benchmarks/evaluated_curves.py [--rows 200000] [--classes 6]

Makes up logits, opens them in the real view and watches its window with a timer of 10 ms, as `evaluated_rows.py` does.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from gui.design import application_style
from gui.evaluate.curves_view import CurvesView, kinds
from gui.shell.gc_between_events import GarbageCollector
from tests.benchmarks.measuring import save
from tests.gui.evaluate.made_up_logits import report_with_logits


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--classes", type=int, default=6)
    options = parser.parse_args()
    application = QApplication([])
    application_style.set_up(application, "light")
    GarbageCollector(application)
    with tempfile.TemporaryDirectory() as folder:
        report = report_with_logits(Path(folder), classes=options.classes, rows=options.rows, validation=5_000)
        view = CurvesView()
        view.resize(960, 600)
        view.show()
        gap = {"last": time.perf_counter(), "longest": 0.0}

        def tick() -> None:
            now = time.perf_counter()
            gap["longest"] = max(gap["longest"], now - gap["last"])
            gap["last"] = now

        beat = QTimer(view)
        beat.setInterval(10)
        beat.timeout.connect(tick)
        beat.start()
        facts: dict[str, float] = {}

        def timed(name: str, act: Callable[[], object]) -> None:
            for _ in range(20):
                application.processEvents()
            gap["longest"], gap["last"] = 0.0, time.perf_counter()
            began = time.perf_counter()
            act()
            while view._curves is None or view._drawing is not None or view._task is not None:
                application.processEvents()
                time.sleep(0.001)
            facts[name] = 1000 * (time.perf_counter() - began)
            for _ in range(5):
                application.processEvents()
                time.sleep(0.011)
            facts[f"{name}, longest gap"] = 1000 * gap["longest"]
            print(f"  {name:<28} {facts[name]:9.1f} ms   longest gap {1000 * gap['longest']:6.1f} ms", flush=True)

        def kind(key: str) -> None:
            view.kind.setCurrentIndex(view.kind.findData(key))
            view.kind.activated.emit(view.kind.currentIndex())

        def label(number: int) -> None:
            view.label.setCurrentIndex(number)
            view.label.activated.emit(number)

        def slide() -> None:
            for place in range(0, 1_000, 10):
                view.threshold.setValue(place)
                application.processEvents()

        def sets() -> None:
            view.rule.setCurrentIndex(view.rule.findData("conformal"))
            view.rule.activated.emit(view.rule.currentIndex())

        timed("open", lambda: view.show_report(report))
        for title, key in kinds():
            timed(title, lambda key=key: kind(key))  # type: ignore[misc]
        timed("sets of labels", sets)
        timed("one label's curve", lambda: (kind("roc"), label(1)))
        timed("100 moves of the slider", slide)
        view.close()
    save("evaluated_curves", rows=options.rows, seed=1, measured=facts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
