"""The table of evaluated rows at 200,000 test rows: how long queries take, and how long the window waits meanwhile.

    python tests/benchmarks/evaluated_rows.py [--rows 200000]

Makes up rows of 8 to 40 words with three labels and predictions for them, opens the report in the real table and
watches its window with a timer of 10 ms, as `big_table.py` does.
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

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from engine.contract.states import EvaluationReport
from gui.design import application_style
from gui.evaluate.evaluated_rows_table import EvaluatedRowsTable
from gui.shell.gc_between_events import GarbageCollector
from tests.benchmarks.big_table import LABELS, SEED, made_up
from tests.benchmarks.measuring import save
from tests.builders import a_run, an_evaluation


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=200_000)
    options = parser.parse_args()
    application = QApplication([])
    application_style.set_up(application, "light")
    GarbageCollector(application)
    with tempfile.TemporaryDirectory() as folder:
        facts = measured(application, report_of(Path(folder), options.rows))
    save("evaluated_rows", rows=options.rows, seed=SEED, measured=facts)
    return 0


def report_of(folder: Path, rows: int) -> EvaluationReport:
    """A report on so many test rows, a fifth of them wrong."""
    dataset = made_up(folder, rows, {"train": 0.01, "validation": 0.01, "test": 1.0})
    first, generator = 1 + sum(dataset.splits[name].rows for name in ("train", "validation")), np.random.default_rng(1)
    truth = generator.integers(0, 3, rows)
    predicted = np.where(generator.random(rows) < 0.2, (truth + 1) % 3, truth)
    names = np.asarray(LABELS, dtype=object)
    columns = {
        "row": pa.array(np.arange(first, first + rows)),
        "truth": pa.array(names[truth].tolist()),
        "predicted": pa.array(names[predicted].tolist()),
        "probability": pa.array(generator.random(rows).astype(np.float32)),
        "loss": pa.array(generator.exponential(1.0, rows).astype(np.float32)),
        "right": pa.array(truth == predicted),
    }
    (folder / "evaluation").mkdir()
    parquet.write_table(pa.table(columns), folder / "evaluation" / "predictions.parquet", compression="zstd")
    return an_evaluation(run=a_run(dataset=dataset), folder=str(folder / "evaluation"), rows=rows)


def measured(application: QApplication, report: EvaluationReport) -> dict[str, float]:
    """All figures, in milliseconds."""
    table = EvaluatedRowsTable()
    table.resize(960, 760)
    table.show()
    gap = {"last": time.perf_counter(), "longest": 0.0}

    def tick() -> None:
        now = time.perf_counter()
        gap["longest"] = max(gap["longest"], now - gap["last"])
        gap["last"] = now

    beat = QTimer(table)
    beat.setInterval(10)
    beat.timeout.connect(tick)
    beat.start()
    facts: dict[str, float] = {}

    def timed(name: str, act: Callable[[], object], holds: Callable[[], bool]) -> None:
        for _ in range(20):
            application.processEvents()
        gap["longest"], gap["last"] = 0.0, time.perf_counter()
        began = time.perf_counter()
        act()
        while not holds():
            application.processEvents()
            time.sleep(0.001)
        for _ in range(5):
            application.processEvents()
            time.sleep(0.011)
        facts[name] = 1000 * (time.perf_counter() - began)
        facts[f"{name}, longest gap"] = 1000 * gap["longest"]
        print(f"  {name:<28} {facts[name]:9.1f} ms   longest gap {1000 * gap['longest']:6.1f} ms", flush=True)

    def done() -> bool:
        return table._opening is None and table._finding is None and not table._pause.isActive()

    timed("open, wrong rows", lambda: table.show_report(report), done)
    timed("a cell", lambda: table.filter_cell("positive", "negative", "", 1), done)
    timed("a class", lambda: table.filter_label("neutral"), done)
    timed("all rows again", table.leave_label, done)
    timed("search", lambda: table.filter.setText("never always"), done)
    timed("all rows again", table.filter.clear, done)
    for key in ("text", "truth", "probability", "row"):
        timed(f"sort by {key}", lambda key=key: table._sort_by(key, False), done)  # type: ignore[misc]
    table.close()
    return facts


if __name__ == "__main__":
    sys.exit(main())
