"""The table of all rows at 1,000,000 rows: how long it opens, scrolls, searches, sorts, and how long the window waits.

    python tests/benchmarks/big_table.py [--rows 1000000] [--pages 200]

Makes up rows of 8 to 40 words with three labels, opens them in the real table and watches its window with a timer of
10 ms: what is called the longest gap is how long the window could not have answered a key.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import msgspec
import numpy as np
import pyarrow as pa
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from engine.contract.settings import SplitName
from engine.contract.states import PreparedDataset, SplitCounts
from gui.choose_data.rows.all_rows import AllRows
from gui.design import application_style
from gui.shell.gc_between_events import GarbageCollector
from tests.benchmarks.measuring import save
from tests.builders import a_dataset

WORDS = "the film was good bad long short story actor scene very quite never always ending music saw a".split()
LABELS = ("positive", "negative", "neutral")
PER_BATCH = 1_000
SEED = 7


SHARES: dict[SplitName, float] = {"train": 0.8, "validation": 0.1, "test": 0.1}


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--pages", type=int, default=200)
    options = parser.parse_args()
    application = QApplication([])
    application_style.set_up(application, "light")
    GarbageCollector(application)
    with tempfile.TemporaryDirectory() as folder:
        dataset = made_up(Path(folder), options.rows)
        watched = Watched(application, dataset)
        facts = watched.measure(options.pages)
        watched.card.close_rows()
    save("big_table", rows=options.rows, seed=SEED, measured=facts)
    return 0


def made_up(folder: Path, rows: int, shares: Mapping[SplitName, float] = MappingProxyType(SHARES)) -> PreparedDataset:
    """A prepared data set on disk, as `datasets` saves it, with these shares of the rows in its splits."""
    generator = np.random.default_rng(SEED)
    words = np.asarray(WORDS, dtype=object)
    dataset = a_dataset(folder=str(folder))
    first, counts = 1, {}
    for split, share in shares.items():
        number = int(rows * share)
        (folder / split).mkdir()
        schema = pa.schema(
            [
                ("row", pa.int64()),
                ("file", pa.int8()),
                ("text", pa.string()),
                ("label", pa.string()),
                ("length", pa.int64()),
            ]
        )
        with pa.ipc.new_stream(pa.OSFile(str(folder / split / "data.arrow"), "wb"), schema) as writer:
            for start in range(0, number, PER_BATCH):
                size = min(PER_BATCH, number - start)
                lengths = generator.integers(8, 41, size)
                drawn = words[generator.integers(0, len(words), int(lengths.sum()))]
                ends = np.cumsum(lengths)
                texts = [" ".join(drawn[end - length : end]) for end, length in zip(ends, lengths, strict=True)]
                numbers = np.arange(first + start, first + start + size)
                texts = [f"{text} {place}" for text, place in zip(texts, numbers, strict=True)]
                labels = [LABELS[pick] for pick in generator.integers(0, 3, size)]
                columns = [numbers, np.zeros(size, dtype=np.int8), texts, labels, lengths + 2]
                writer.write_batch(pa.record_batch([pa.array(column) for column in columns], schema=schema))
        (folder / split / "state.json").write_text(json.dumps({"_data_files": [{"filename": "data.arrow"}]}))
        counts[split] = SplitCounts(number, dict.fromkeys(LABELS, number // 3))
        first += number
    return msgspec.structs.replace(dataset, folder=str(folder), splits=counts, label_names=LABELS, rows_in=rows)


class Watched(QObject):
    """The table with a timer beside it."""

    def __init__(self, application: QApplication, dataset: PreparedDataset) -> None:
        super().__init__()
        self.application = application
        self.card = AllRows()
        self.card.resize(960, 760)
        self.card.show_dataset(dataset)
        self.card.show()
        self.rows = dataset.rows_used
        self._last = time.perf_counter()
        self._longest = 0.0
        self._beat = QTimer(self)
        self._beat.setInterval(10)
        self._beat.timeout.connect(self._tick)
        self._beat.start()

    def measure(self, pages: int) -> dict[str, float]:
        """All figures, in milliseconds."""
        card, table = self.card, self.card.table
        facts = {}
        whole = f"{self.rows:,} rows"
        facts |= self._timed("open", card.show_button.click, lambda: card.amount.text() == whole)
        paints = []
        bar = table.verticalScrollBar()
        self._wait(lambda: bar.maximum() > 0)
        for number in np.random.default_rng(SEED).integers(0, bar.maximum(), pages):
            began = time.perf_counter()
            bar.setValue(int(number))
            table.viewport().repaint()
            paints.append(1000 * (time.perf_counter() - began))
        facts["page jump, median"] = statistics.median(paints)
        facts["page jump, 95th percentile"] = float(np.percentile(paints, 95))
        self._told(facts, "page jump, median")
        self._told(facts, "page jump, 95th percentile")
        common = "never always"
        facts |= self._timed("search, first hits", lambda: card.filters.search.setText(common), self._some_hits)
        facts |= self._timed("search, the other hits after them", lambda: None, self._is_found)
        facts |= self._timed(
            "search for a word of one row", lambda: card.filters.search.setText(f" {self.rows}"), self._is_found
        )
        facts |= self._timed("all rows again", card.filters.search.clear, lambda: card.amount.text() == whole)
        for key in ("text", "answer", "length", "row"):
            facts |= self._timed(f"sort by {key}", lambda key=key: table.sort_by(key), self._is_sorted)  # type: ignore[misc]
        table.sort_by("", descending=False)
        self._wait(self._is_sorted)
        table.selectAll()
        facts |= self._timed("leave out a row", self._leave_out, lambda: True)
        return facts

    def _leave_out(self) -> None:
        self.card.table.clearSelection()
        self.card.table.selectRow(3)
        self.card.edit_form.toggle_excluded()

    def _some_hits(self) -> bool:
        text = self.card.amount.text()
        return " of " in text

    def _is_found(self) -> bool:
        return self._is_sorted() and bool(self.card.filters.place.text())

    def _is_sorted(self) -> bool:
        card = self.card
        return not card._pause.isActive() and not card._slow.isActive() and card.cancel.isHidden()

    def _timed(self, name: str, act: Callable[[], object], holds: Callable[[], bool]) -> dict[str, float]:
        self._wait(lambda: True)
        self._longest, self._last = 0.0, time.perf_counter()
        began = time.perf_counter()
        act()
        self._wait(holds)
        took = 1000 * (time.perf_counter() - began)
        facts = {name: took, f"{name}, longest gap": 1000 * self._longest}
        print(f"  {name:<34} {took:9.1f} ms   longest gap {1000 * self._longest:6.1f} ms", flush=True)
        return facts

    def _wait(self, holds: Callable[[], bool]) -> None:
        self.application.processEvents()
        while not holds():
            self.application.processEvents()
            time.sleep(0.001)

    def _told(self, facts: dict[str, float], name: str) -> None:
        print(f"  {name:<34} {facts[name]:9.1f} ms", flush=True)

    def _tick(self) -> None:
        now = time.perf_counter()
        self._longest = max(self._longest, now - self._last)
        self._last = now


if __name__ == "__main__":
    sys.exit(main())
