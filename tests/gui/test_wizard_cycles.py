"""The five steps again and again in one window: memory, widgets, threads and handles do not grow."""

from __future__ import annotations

import gc
import os
import statistics
import sys
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.contract.messages import FineTune
from gui.choose_data.page import ChooseDataPage
from gui.shell.window import Window
from tests.builders_data import tiny_model
from tests.gui.scenes import DATA, EVALUATE, EXPORT, LOAD, TUNE, open_window, rows_of, training_events

CYCLES = int(os.environ.get("TUNEWRIGHT_WIZARD_CYCLES", "200"))
MOST_GROWTH = 50_000  # bytes a cycle


@pytest.mark.nightly
@pytest.mark.timeout(3_600)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts handles as Linux has them")
def test_two_hundred_walks_through_the_wizard_leave_nothing_behind(tmp_path: Path, qtbot: QtBot) -> None:
    rows = rows_of("long label names", tiny_model(tmp_path), tmp_path / "rows")
    window, session, engine = open_window(rows)
    qtbot.addWidget(window, before_close_func=Window.save_and_close)
    window.show()
    window.begin()
    window.build_pages()
    page = window.page(DATA)
    assert isinstance(page, ChooseDataPage)
    process, seen = psutil.Process(), []
    for cycle in range(CYCLES):
        window.go_to(LOAD)
        session.go_to(rows.model)
        window.go_to(DATA)
        page.take_source(rows.source)
        qtbot.waitUntil(lambda: page.choice.found is not None)
        session.go_to(rows.dataset)
        qtbot.waitUntil(lambda: page.summary.inspector.facts.text() != "")
        window.go_to(TUNE)
        assert session.run_stage(FineTune(rows.dataset, rows.run.settings))
        engine.send_all(training_events(rows.dataset.label_names))
        engine.succeed(rows.run)
        qtbot.waitUntil(lambda: not session.busy)
        window.go_to(EVALUATE)
        session.go_to(rows.report)
        window.go_to(EXPORT)
        session.go_to(rows.exported)
        QApplication.processEvents()
        if (cycle + 1) % 10 == 0:
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            gc.collect()
            memory, widgets = process.memory_info().rss, len(QApplication.allWidgets())
            seen.append((cycle, memory, widgets, process.num_threads(), process.num_fds()))
    print(*seen, sep="\n")
    cycles, memory, widgets, threads, handles = zip(*seen[len(seen) // 5 :], strict=True)
    assert statistics.linear_regression(cycles, memory).slope <= MOST_GROWTH
    for counted in (widgets, threads, handles):
        assert counted[-1] <= max(counted[: len(counted) // 2])
