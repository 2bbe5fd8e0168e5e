"""Evaluate in the real window with the real engine: a wrong label becomes a better run; a large file is predicted."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import datasets
import psutil
import pytest
from PySide6.QtTest import QTest

from engine.contract.settings import FileRows
from engine.contract.states import EvaluationReport, PreparedDataset, TrainingRun, find
from engine.workspace.runs import read_run
from gui.evaluate.page import EvaluatePage
from tests.builders_data import review_file, tiny_model
from tests.walk import TUNE, Walk

pytestmark = [pytest.mark.timeout(900), pytest.mark.usefixtures("garbage_stays"), pytest.mark.nightly]
ROWS = 100_000


def evaluated(walk: Walk, tmp_path: Path) -> EvaluatePage:
    """A tiny run on 96 reviews, evaluated."""
    walk.session.go_to(tiny_model(tmp_path))
    walk.prepare(FileRows(str(review_file(tmp_path / "reviews.csv"))), seed=1, test_share=0.3)
    walk.train(epochs=2, batch_size=8, learning_rate=5e-3, threads=1, device="cpu", precision="fp32")
    page = walk.evaluate()
    walk.wait_until(page.evaluated_rows.outcome.isEnabled, "the rows on disk")
    return page


def test_from_a_cell_to_the_evaluated_child_run_in_four_clicks(walk: Walk, tmp_path: Path) -> None:
    page = evaluated(walk, tmp_path)
    parent = find(walk.session.state, TrainingRun)
    assert parent is not None
    before = datasets.load_from_disk(parent.dataset.folder)
    matrix = page.confusion.matrix
    truth, predicted, count = next(
        (row, column, count)
        for row, counts in enumerate(page._report.confusion)  # type: ignore[union-attr]
        for column, count in enumerate(counts)
        if count and row != column
    )
    matrix.choose((truth, predicted))  # the first click
    table = page.evaluated_rows.table
    walk.wait_until(lambda: table.rows.rowCount() == count, "the cell's rows")

    def is_selected() -> bool:  # the second click, which is lost where the rows are listed only now
        table.selectRow(0)
        return page.repair.relabel.isEnabled()

    walk.wait_until(is_selected, "the selected row's repair")
    edited = page.evaluated_rows.cells_at(table.rows.position_at(0))
    assert edited is not None
    page.repair.relabel.click()  # the third: with what the model predicts
    seen = len(walk.events)
    page.repair.train.click()  # the fourth
    assert walk.window.here == TUNE
    walk.wait_for_outcome(seen)
    child = find(walk.session.state, TrainingRun)
    assert child is not None
    assert child.settings.parent == parent.id
    record = read_run(walk.session.workspace, child.id)
    assert "1 edit" in record.name

    after = datasets.load_from_disk(child.dataset.folder)
    for split in ("train", "validation", "test"):  # a label was edited: every row is where it was
        assert after[split]["row"][:] == before[split]["row"][:]
    changed = [
        (split, one["row"])
        for split in after
        for one, other in zip(after[split], before[split], strict=True)
        if one["label"] != other["label"]
    ]
    assert changed == [(edited.split, edited.row)]

    walk.evaluate()
    report = find(walk.session.state, EvaluationReport)
    assert report is not None
    assert report.run.id == child.id
    assert any("its parent" in note and "1 of them with an edited label" in note for note in report.notes)


def test_a_file_of_100_000_rows_is_predicted_in_bounded_memory_and_cancelled_at_once(
    walk: Walk, tmp_path: Path
) -> None:
    page = evaluated(walk, tmp_path)
    source, target = tmp_path / "many.csv", tmp_path / "answers.csv"
    with source.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "shop"])
        writer.writerows([f"the film number {number} is good", f"shop {number % 7}"] for number in range(ROWS))
    card = page.file
    card.take_file(str(source))
    walk.wait_until(card.predict_button.isEnabled, "the file's columns")
    workers = psutil.Process(os.getpid()).children(recursive=True)
    before = memory_of(workers)
    card.predict_into(str(target))
    walk.wait_until(lambda: card.progress._bar.value() > 20, "a part of the rows")
    card.cancel()
    assert card.predict_button.isVisible()
    walk.wait_until(lambda: not target.with_name("answers.csv.part").exists(), "nothing that is left of it")
    assert not target.exists()

    finished = []
    card.finished.connect(lambda: finished.append(True))
    card.predict_into(str(target))
    most, shown = before, set()
    while not finished:
        QTest.qWait(20)
        most = max(most, memory_of(workers))
        shown.add(card.progress._bar.value())
    assert "100,000 rows" in card.note.text()
    assert len(shown) > 50  # the bar grows all the time
    assert most - before < 200 * 2**20
    with target.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == ROWS
    dataset = find(walk.session.state, PreparedDataset)
    assert dataset is not None
    assert {row["prediction"] for row in rows} <= set(dataset.label_names)
    assert rows[-1]["shop"] == f"shop {(ROWS - 1) % 7}"


def memory_of(processes: list[psutil.Process]) -> int:
    """Bytes that these processes hold together."""
    return sum(process.memory_info().rss for process in processes if process.is_running())
