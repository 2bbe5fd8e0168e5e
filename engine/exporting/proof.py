"""The proof of an export: a plain pipeline of `transformers` must answer held-out rows as the trained network does.

The pipeline runs in a clean process (`python -I`), offline and on the CPU, on the plain texts of the rows;
proof_script.py, which it runs, imports nothing of ours. Here, the trained network answers the same texts one by one,
as “Try it” does, on the CPU in float32 with as many threads. What is compared is what a user gets: labels, numbers,
entities with their characters.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

import torch

from engine.bootstrap.console import NO_WINDOW
from engine.contract.errors import ExportFailed
from engine.contract.events import Emit, Progressed
from engine.contract.queries import Prediction
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.contract.states import Proof
from engine.tasks.task import TOLERANCE, Compared
from engine.workspace.atomic_files import staging_folder

PATIENCE_SECONDS = 600.0  # without a word from the process
HEARTBEAT_SECONDS = 0.2  # so that Stop is noticed while the process imports torch
SCRIPT = Path(__file__).with_name("proof_script.py")


class Request(NamedTuple):
    """What the clean process does: which pipeline, made with which options, called with which arguments on each row."""

    rows: Sequence[str | Mapping[str, str]]  # texts, or pairs with the keys `text` and `text_pair`
    pipeline: str
    options: Mapping[str, str]
    call: Mapping[str, bool | None]


def prove(
    folder: Path,
    request: Request,
    predict: Callable[[str, str], Prediction],
    compared: Callable[[Prediction, Any], Compared],
    label_names: Sequence[str],
    emit: Emit,
    *,
    scratch: Path,
) -> Proof:
    """Asks a plain pipeline and the trained network about the same texts, and compares what they answer in the end.

    `predict` is the trained network's answer to a text and a second one, which is empty where there is none. Raises
    `ExportFailed` (X7) where they do not agree. Both files for the process lie in `scratch` only as long as it runs.
    """
    expected = _predictions(request.rows, predict, emit)
    with staging_folder(scratch) as place:
        (place / "request.json").write_text(
            json.dumps({**request._asdict(), "threads": torch.get_num_threads()}), "utf-8"
        )
        _run_clean_process(folder, place, len(request.rows), emit)
        found: dict[str, Any] = json.loads((place / "answers.json").read_text("utf-8"))
    pairs = [compared(ours, theirs) for ours, theirs in zip(expected, found["answers"], strict=True)]
    agreement = sum(pair.is_same for pair in pairs) / len(pairs)
    difference = max(pair.difference for pair in pairs)
    largest = max((abs(prediction.value or 0.0) for prediction in expected), default=0.0)
    names = tuple(found["label_names"])
    proof = Proof(
        rows=len(pairs),
        agreement=agreement,
        largest_difference=difference,
        milliseconds_per_row=float(found["milliseconds_per_row"]),
        label_names=names,
        passed=names == tuple(label_names) and agreement == 1.0 and difference <= TOLERANCE * max(1.0, largest),
        pipeline_options=dict(request.options),
    )
    if not proof.passed:
        raise ExportFailed(
            "X7",
            Sentence("exporting.x7.exported_model_does_not_answer", agreement=agreement, rows=len(pairs)),
            hint=Sentence("exporting.x7.trained_run_untouched_try_again"),
            actions=(RecoveryAction.TRY_AGAIN,),
            details=f"largest difference {difference:.3g}; names {names} against {tuple(label_names)}\n"
            + _first_different(request.rows, expected, found["answers"], pairs),
        )
    return proof


def _first_different(
    rows: Sequence[str | Mapping[str, str]], expected: Sequence[Prediction], found: Sequence[Any], pairs: list[Compared]
) -> str:
    for row, ours, theirs, pair in zip(rows, expected, found, pairs, strict=True):
        if not pair.is_same:
            return f"{row!r:.500}\n{(ours.labels[:3], ours.entities, ours.value)!r:.800}\n{theirs!r:.800}"
    return ""


def _predictions(
    rows: Sequence[str | Mapping[str, str]], predict: Callable[[str, str], Prediction], emit: Emit
) -> list[Prediction]:
    found = []
    reported = 0.0
    for number, row in enumerate(rows):
        if time.monotonic() - reported > HEARTBEAT_SECONDS:
            reported = time.monotonic()
            emit(Progressed(number, len(rows), Sentence("exporting.progress.asking_trained_network"), "rows"))
        found.append(predict(row, "") if isinstance(row, str) else predict(row["text"], row["text_pair"]))
    return found


def _run_clean_process(folder: Path, place: Path, rows: int, emit: Emit) -> None:
    command = [
        sys.executable,
        *("-I", "-X", "utf8", str(SCRIPT), str(folder)),
        *(str(place / name) for name in ("request.json", "answers.json")),
    ]
    with (place / "stderr").open("w+b") as complaints:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaints,
            env=offline_environment(dict(os.environ)),
            cwd=place,
            text=True,
            encoding="utf-8",
            errors="replace",
            creationflags=NO_WINDOW,
        )
        words: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        reader = threading.Thread(target=_read_into, args=(process.stdout, words), name="proof", daemon=True)
        reader.start()
        try:
            _follow(words, rows, emit)
        finally:
            if reader.is_alive():  # stopped, or silent for too long
                process.kill()
            process.wait()
            reader.join()
            if process.stdout is not None:
                process.stdout.close()
        if process.returncode != 0:
            complaints.seek(0)
            text = complaints.read().decode("utf-8", "replace")
            raise ExportFailed(
                "X7",
                Sentence("exporting.x7.exported_model_cannot_loaded_clean"),
                hint=Sentence("exporting.x7.trained_run_untouched_try_again_2"),
                actions=(RecoveryAction.TRY_AGAIN,),
                details=text[-4000:] or f"exit code {process.returncode}",
            )


def _follow(words: queue.SimpleQueue[str | None], rows: int, emit: Emit) -> None:
    """Passes the process's progress on until its output ends; every emit is a place to stop."""
    done, heard = 0, time.monotonic()
    note = Sentence("exporting.progress.loading_exported_model_clean_process")
    while True:
        try:
            line = words.get(timeout=HEARTBEAT_SECONDS)
        except queue.Empty:
            line = ""
        if line is None:
            return
        if line.startswith("proof: "):
            heard = time.monotonic()
        if line.startswith("proof: row "):
            done = int(line.rsplit(" ", 1)[1])
            note = Sentence("exporting.progress.asking_exported_model")
            if done % 10 and done != rows:
                continue
        emit(Progressed(done, rows, note, "rows"))
        if time.monotonic() - heard > PATIENCE_SECONDS:
            raise ExportFailed(
                "X7",
                Sentence("exporting.x7.exported_model_gave_no_answer"),
                hint=Sentence("exporting.x7.close_other_programs_try_again"),
                actions=(RecoveryAction.TRY_AGAIN,),
            )


def _read_into(stream: IO[str] | None, words: queue.SimpleQueue[str | None]) -> None:
    if stream is not None:
        for line in stream:
            words.put(line.strip())
    words.put(None)


def offline_environment(variables: dict[str, str]) -> dict[str, str]:
    """The environment of a clean process: no network, no GPU, no token, nothing of Python's."""
    kept = {
        name: value
        for name, value in variables.items()
        if not name.startswith(("PYTHON", "HF_", "HUGGING", "TRANSFORMERS_", "TORCH_", "CUDA_", "LD_PRELOAD"))
        and "TOKEN" not in name
    }
    return {
        **kept,
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "CUDA_VISIBLE_DEVICES": "",
        "TOKENIZERS_PARALLELISM": "false",
    }
