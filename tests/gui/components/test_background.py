"""Work beside the window: its result, its failure, its end before time, and the end of the program."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from functools import partial

import pytest
from PySide6.QtCore import QEvent, QObject, QThread
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.components import background
from gui.components.background import Job, run_in_thread


@pytest.fixture
def owner(qapp: QApplication) -> QObject:
    return QObject()


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Work that waits for it runs until the test opens it."""
    gate = threading.Event()
    yield gate
    gate.set()


def test_a_result_arrives_on_the_windows_thread(owner: QObject, qtbot: QtBot, qapp: QApplication) -> None:
    threads: list[object] = []
    found: list[tuple[str, bool]] = []

    def work(_job: Job) -> str:
        threads.append(threading.current_thread())
        return "rows"

    run_in_thread(
        owner, work, name="test", on_result=lambda rows: found.append((rows, QThread.currentThread() is qapp.thread()))
    )
    assert found == []  # never before this function has returned
    qtbot.waitUntil(lambda: bool(found))
    assert found == [("rows", True)]
    assert threads != [threading.main_thread()]


def test_an_expected_failure_is_delivered_and_another_one_is_a_bug(owner: QObject, qtbot: QtBot) -> None:
    failures: list[str] = []
    bugs: list[str] = []

    def missing(_job: Job) -> None:
        raise FileNotFoundError("no such file")

    def broken(_job: Job) -> None:
        raise ZeroDivisionError("a bug")

    before = threading.excepthook
    threading.excepthook = lambda broke: bugs.append(str(broke.exc_value))
    try:
        for work in (missing, broken):
            run_in_thread(owner, work, name="test", on_failure=lambda error: failures.append(str(error)))
        run_in_thread(owner, missing, name="test")
        qtbot.waitUntil(lambda: bool(failures) and len(bugs) == 2)
    finally:
        threading.excepthook = before
    assert failures == ["no such file"]
    assert sorted(bugs) == ["a bug", "no such file"]


def test_progress_arrives_in_order_and_before_the_result(owner: QObject, qtbot: QtBot) -> None:
    received: list[object] = []

    def work(job: Job) -> str:
        for number in range(3):
            job.report(number)
        return "done"

    run_in_thread(owner, work, name="test", on_progress=received.append, on_result=received.append)
    qtbot.waitUntil(lambda: "done" in received)
    assert received == [0, 1, 2, "done"]


def test_a_cancelled_task_delivers_nothing_and_its_work_ends_at_the_next_check(
    owner: QObject, qtbot: QtBot, gate: threading.Event
) -> None:
    received: list[object] = []
    ended: list[str] = []

    def checking(job: Job) -> str:
        gate.wait(60)
        job.check()
        ended.append("checking")
        return "never"

    def deaf(_job: Job) -> str:
        gate.wait(60)
        return "too late"

    tasks = [run_in_thread(owner, work, name="test", on_result=received.append) for work in (checking, deaf)]
    for task in tasks:
        task.cancel()
        assert not task.is_running
    gate.set()
    qtbot.waitUntil(lambda: not owner.children())  # both are over and have gone
    assert received == []
    assert ended == []


def test_with_its_owner_a_task_ends_and_is_silent(qapp: QApplication, qtbot: QtBot, gate: threading.Event) -> None:
    received: list[object] = []
    ended: list[bool] = []

    def work(job: Job) -> str:
        gate.wait(60)
        ended.append(job.is_cancelled)
        return "too late"

    owner, other = QObject(), QObject()
    run_in_thread(owner, work, name="test", on_result=received.append)
    owner.deleteLater()
    QApplication.sendPostedEvents(owner, QEvent.Type.DeferredDelete)
    gate.set()
    qtbot.waitUntil(lambda: bool(ended))
    run_in_thread(other, lambda _job: "other", name="test", on_result=received.append)
    qtbot.waitUntil(lambda: bool(received))
    assert ended == [True]
    assert received == ["other"]


def test_a_task_that_is_over_does_not_go_twice_where_it_holds_the_last_reference_to_its_owner(qtbot: QtBot) -> None:
    owner = QObject()
    gone = weakref.ref(owner)
    job = background.Job(lambda _signal, _value: None)
    task = background.BackgroundTask(owner, job)
    task.succeeded.connect(partial(lambda _owner, _result: None, owner))
    task.deliver("succeeded", "done")
    assert owner.children() == []  # an owner that goes deletes its children, and this one is deleted already
    del owner
    QApplication.sendPostedEvents(task, QEvent.Type.DeferredDelete)
    assert gone() is None


def test_the_program_waits_at_its_end_for_what_runs(owner: QObject, gate: threading.Event) -> None:
    cancelled: list[bool] = []

    def work(job: Job) -> None:
        gate.wait(60)
        cancelled.append(job.is_cancelled)

    run_in_thread(owner, work, name="test")
    assert not background.wait_for_all(0.0)
    background.cancel_all()
    threading.Timer(0.05, gate.set).start()
    assert background.wait_for_all(60.0)
    assert cancelled == [True]
