"""Many requests, few calls."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.components.throttle import Debounce, Throttle

LONG = 60_000  # milliseconds: never over within a test


@pytest.fixture
def parent(qapp: QApplication) -> QObject:
    return QObject()


@pytest.mark.parametrize("kind", [Debounce, Throttle])
def test_many_requests_at_once_are_one_call(kind: type[Debounce], parent: QObject, qtbot: QtBot) -> None:
    calls: list[int] = []
    timer = kind(parent, 0, lambda: calls.append(1))
    for _ in range(5):
        timer.request()
    assert calls == []
    qtbot.waitUntil(lambda: not timer.isActive())
    assert calls == [1]
    timer.request()
    qtbot.waitUntil(lambda: len(calls) == 2)


def test_a_debounce_waits_anew_after_each_request_and_a_throttle_does_not(parent: QObject, qtbot: QtBot) -> None:
    debounce, throttle = Debounce(parent, LONG, int), Throttle(parent, LONG, int)
    for timer in (debounce, throttle):
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.request()
    qtbot.waitUntil(lambda: max(debounce.remainingTime(), throttle.remainingTime()) < LONG - 5)
    waited = throttle.remainingTime()
    for timer in (debounce, throttle):
        timer.request()
    assert throttle.remainingTime() <= waited < debounce.remainingTime()


def test_a_stopped_request_is_dropped(parent: QObject, qtbot: QtBot) -> None:
    calls: list[str] = []
    dropped = Throttle(parent, 0, lambda: calls.append("dropped"))
    other = Throttle(parent, 0, lambda: calls.append("other"))
    dropped.request()
    other.request()
    dropped.stop()
    qtbot.waitUntil(lambda: bool(calls))
    assert calls == ["other"]


def test_a_pending_request_goes_with_its_parent(parent: QObject, qtbot: QtBot) -> None:
    calls: list[str] = []
    Throttle(parent, 0, lambda: calls.append("gone")).request()
    parent.deleteLater()
    QApplication.sendPostedEvents(parent, QEvent.Type.DeferredDelete)
    other = QObject()
    Throttle(other, 1, lambda: calls.append("other")).request()
    qtbot.waitUntil(lambda: bool(calls))
    assert calls == ["other"]
