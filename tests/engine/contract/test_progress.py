"""Progress is reported at once, then seldom, and every report is a place to stop."""

from __future__ import annotations

import pytest

from engine.contract import progress
from engine.contract.errors import StopRequested
from engine.contract.events import Event, Progressed
from engine.contract.progress import ProgressReporter


def test_the_first_report_is_emitted_and_then_one_in_a_tenth_of_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(progress.time, "monotonic", lambda: now)
    emitted: list[Event] = []
    reporter = ProgressReporter(emitted.append)
    for done in range(25):  # a turn takes 25 ms
        reporter.report(done, 25, "Reading", "rows")
        now += 0.025
    assert [event.done for event in emitted if isinstance(event, Progressed)] == [0, 4, 8, 12, 16, 20, 24]
    assert emitted[1] == Progressed(4, 25, "Reading", "rows")


def test_a_report_raises_what_the_listener_raises() -> None:
    def stop(event: Event) -> None:
        raise StopRequested

    with pytest.raises(StopRequested):
        ProgressReporter(stop).report(0, 1, "Reading")
