"""A parser that passes its limits is ended from beside; the window gets the sentence, and a new worker."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.contract import parsing_limits
from engine.contract.errors import DatasetUnreadable
from engine.contract.events import StageFailed, StageSucceeded
from engine.contract.parsing_limits import guard_with, limited, progressed
from engine.contract.sentences import Sentence
from engine.runtime.parsing_guard import ParsingGuard
from tests.engine.runtime.test_thread import Engine
from tests.paths import ROOT

PATIENCE = float(os.environ.get("TUNEWRIGHT_TEST_PATIENCE", "5"))


@pytest.fixture
def engine(qtbot: QtBot, tmp_path: Path) -> Iterator[Engine]:
    engine = Engine(qtbot, tmp_path)
    yield engine
    engine.thread.close()
    assert engine.thread.wait(int(5_000 * PATIENCE))


@pytest.mark.parametrize(("how", "sentence"), [("parse slowly", "was slow."), ("parse a lot", "was large.")])
def test_what_passes_a_limit_fails_by_its_name_and_the_next_job_runs(engine: Engine, how: str, sentence: str) -> None:
    first = engine.worker_pid()
    number, following = engine.load(how), engine.load("count")
    outcome = engine.outcome(number)
    assert isinstance(outcome, StageFailed)
    assert (outcome.error.id, outcome.error.message) == ("D21", f"rows.csv {sentence}")
    assert isinstance(engine.outcome(following), StageSucceeded)
    assert engine.worker_pid() != first
    assert not Path(f"/proc/{first}").exists() or not sys.platform.startswith("linux")


@pytest.mark.parametrize("how", ["parse in steps", "parse a little"])
def test_what_gets_on_or_waits_for_the_disk_is_left_alone(engine: Engine, how: str) -> None:
    assert isinstance(engine.outcome(engine.load(how)), StageSucceeded)
    assert isinstance(engine.outcome(engine.load("count")), StageSucceeded)


class Listed:
    """A guard that writes down what it is asked."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def begin(self, slow: Exception, large: Exception) -> None:
        self.calls.append(f"begin {slow}")

    def progressed(self) -> None:
        self.calls.append("progressed")

    def end(self) -> None:
        self.calls.append("end")


def error(name: str) -> DatasetUnreadable:
    return DatasetUnreadable("D21", Sentence("preparing.d21.reading_slow", file=name, seconds=20))


@pytest.fixture
def listed() -> Iterator[Listed]:
    guard = Listed()
    guard_with(guard)
    yield guard
    guard_with(None)


def test_a_section_within_another_gives_back_to_it_also_after_an_error(listed: Listed) -> None:
    outer, inner = error("outer"), error("inner")
    with limited(outer, outer):
        with pytest.raises(ValueError, match="odd"), limited(inner, inner):
            raise ValueError("odd")
        progressed()
    progressed()
    assert listed.calls == [f"begin {outer}", f"begin {inner}", "end", f"begin {outer}", "progressed", "end"]
    assert not parsing_limits._open


def test_what_another_thread_gets_on_with_renews_no_section(listed: Listed) -> None:
    with limited(error("a"), error("a")):
        other = threading.Thread(target=progressed)
        other.start()
        other.join()
    assert listed.calls == [f"begin {error('a')}", "end"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for the processes as Linux has them")
def test_the_guard_leaves_with_the_process_that_it_watches(tmp_path: Path) -> None:
    code = (
        "import os, sys; sys.path.insert(0, sys.argv[1])\n"
        "from tests.engine.runtime.test_parsing_guard import error\n"
        "from engine.runtime.parsing_guard import ParsingGuard\n"
        "guard = ParsingGuard(lambda error: b'', sys.stdout.buffer)\n"
        "guard.begin(error('a'), error('a'))\n"
        "print(guard._process.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code, str(ROOT)], capture_output=True, text=True)
    process = Path(f"/proc/{int(done.stdout)}")
    until = time.monotonic() + 5 * PATIENCE
    while process.exists() and time.monotonic() < until:
        time.sleep(0.02)
    assert not process.exists()


def test_without_a_guard_that_can_be_started_files_are_parsed_all_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nowhere"))
    with (tmp_path / "output").open("wb") as output:
        guard = ParsingGuard(lambda error: b"", output)
        guard_with(guard)
        try:
            with limited(error("a"), error("a")):
                progressed()
        finally:
            guard_with(None)
            guard.close()


SLOW = """
import re, sys
sys.path.insert(0, sys.argv[1])
from engine.runtime import parsing_guard
parsing_guard.SECONDS = 0.5
from engine.preparing import preview
preview.survey_rows = lambda *a, **k: re.fullmatch("(a|a)*b", "a" * 60)
from engine.preparing import inspection
inspection.survey_rows = preview.survey_rows
from engine.__main__ import main
sys.exit(main(["inspect", sys.argv[2]]))
"""


@pytest.mark.skipif(os.name == "nt", reason="a process that is ended has another exit code there")
def test_a_command_is_ended_with_the_sentence_on_standard_error(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("text,label\ngood,1\nbad,0\n")
    done = subprocess.run(
        [sys.executable, "-I", "-c", SLOW, str(ROOT), str(tmp_path / "rows.csv")],
        capture_output=True,
        text=True,
        timeout=60 * PATIENCE,
        env={**os.environ, "HOME": str(tmp_path)},
    )
    assert done.returncode == -9
    assert "Reading rows.csv was ended: it made no progress for 20 seconds. (D21)" in done.stderr
    assert "Traceback" not in done.stderr
