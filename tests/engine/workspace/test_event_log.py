"""events.jsonl survives what happens to files of processes that die."""

from __future__ import annotations

from pathlib import Path

from engine.contract.events import Evaluated, Event, Noted, StepsTrained, TrainingStarted
from engine.workspace.event_log import FILE_NAME, RunLog, read_events


def step(number: int) -> StepsTrained:
    return StepsTrained(number, 10, number / 5, 0.5, 1e-5, 1.0, 100.0, float(number))


def started(first_step: int) -> TrainingStarted:
    return TrainingStarted("run", "folder", 10, 5.0, first_step, "cpu", "fp32", "macro_f1")


def written(folder: Path, *events: Event) -> None:
    log = RunLog(folder)
    for event in events:
        log.append(event)
    log.close()


def test_what_was_appended_is_read_in_order(tmp_path: Path) -> None:
    written(tmp_path, started(0), step(1))
    written(tmp_path, Noted("café \ud800"))
    assert read_events(tmp_path) == [started(0), step(1), Noted("café ?")]


def test_a_torn_last_line_costs_that_line_only(tmp_path: Path) -> None:
    written(tmp_path, step(1), step(2))
    path = tmp_path / FILE_NAME
    content = path.read_bytes()
    whole = content.index(b"\n") + 1
    for cut in range(whole, len(content)):
        path.write_bytes(content[:cut])
        assert read_events(tmp_path) == ([step(1), step(2)] if cut == len(content) - 1 else [step(1)])
        written(tmp_path, step(3))
        assert read_events(tmp_path)[-1] == step(3)
        assert len(read_events(tmp_path)) == (3 if cut == len(content) - 1 else 2)


def test_steps_that_were_trained_again_are_reported_once(tmp_path: Path) -> None:
    looked = Evaluated(3, 0.6, 0.4, {"macro_f1": 0.5}, "macro_f1", True)
    written(tmp_path, started(0), step(1), step(2), step(3), looked, started(2), step(3), looked)
    assert read_events(tmp_path) == [started(0), step(1), step(2), started(2), step(3), looked]


def test_a_run_without_a_log_has_no_events(tmp_path: Path) -> None:
    assert read_events(tmp_path) == []
