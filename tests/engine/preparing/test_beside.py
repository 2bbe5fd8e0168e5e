"""What runs in a thread beside the one that reports."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from engine.contract.errors import StopRequested
from engine.contract.events import Emit, Event, Progressed
from engine.contract.sentences import Sentence
from engine.preparing.beside import Beside
from tests.builders_data import ignore

LONGEST = 30  # seconds until a test that would wait for ever fails
NOTE = Sentence("preparing.progress.looking_near_duplicates")


def test_events_are_emitted_by_the_thread_that_asks_for_the_result() -> None:
    emitted: list[tuple[Event, int]] = []

    def compute(emit: Emit) -> int:
        emit(Progressed(1, 2, NOTE))
        emit(Progressed(2, 2, NOTE))
        return threading.get_ident()

    with Beside(compute) as beside:
        thread = beside.result(lambda event: emitted.append((event, threading.get_ident())))
    assert thread != threading.get_ident()
    assert emitted[-1] == (Progressed(2, 2, NOTE), threading.get_ident())


def test_an_error_comes_where_the_result_is_asked_for() -> None:
    def compute(emit: Emit) -> None:
        raise MemoryError("no room")

    with Beside(compute) as beside, pytest.raises(MemoryError, match="no room"):
        beside.result(ignore)


def endless(begun: threading.Event, stopped: list[str]) -> Callable[[Emit], None]:
    """A computation that reports until it is stopped."""

    def compute(emit: Emit) -> None:
        try:
            for _ in range(2_000_000):
                emit(Progressed(0, 0, NOTE))
                begun.set()
        except StopRequested:
            stopped.append("stopped")

    return compute


def test_leaving_early_stops_the_computation_and_waits_for_its_end() -> None:
    begun, stopped = threading.Event(), list[str]()
    with Beside(endless(begun, stopped)):
        assert begun.wait(LONGEST)
    assert stopped == ["stopped"]


def test_a_stop_while_the_result_is_waited_for_ends_both() -> None:
    begun, stopped = threading.Event(), list[str]()

    def stop(event: Event) -> None:
        raise StopRequested

    with pytest.raises(StopRequested), Beside(endless(begun, stopped)) as beside:
        beside.result(stop)
    assert stopped == ["stopped"]
