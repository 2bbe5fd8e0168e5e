"""The proof of an export: in a clean process each artefact must answer held-out rows as the trained network does.

The process (proof_script.py, which imports nothing of ours) is given the plain texts of the rows, one at a time and
then 32 at a time. Here, the trained network answers the same texts one by one, as “Try it” does, on the CPU in float32
with as many threads. What is compared is what a user gets in the end: labels, "don't know", numbers, entities with
their characters. What does not answer alike is not exported.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from engine.contract.errors import ExportFailed
from engine.contract.events import Emit, Progressed
from engine.contract.queries import Prediction
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.contract.states import Latency, Proof
from engine.exporting.clean_process import HEARTBEAT_SECONDS, ProcessFailed, run_clean
from engine.tasks.task import TOLERANCE, Compared
from engine.workspace.atomic_files import staging_folder

SCRIPT = Path(__file__).with_name("proof_script.py")
ALONE, TOGETHER = 1, 32  # rows at a time

Row = str | Mapping[str, str]  # a text, or a pair with the keys `text` and `text_pair`


class Request(NamedTuple):
    """Which pipeline the clean process makes, with which options, called with which arguments on each row."""

    rows: Sequence[Row]
    pipeline: str
    options: Mapping[str, str | int]
    call: Mapping[str, bool | None]


class Asked(NamedTuple):
    """What a clean process answered to each row alone, and to 32 rows at a time."""

    alone: list[Any]
    together: list[Any]
    latencies: tuple[Latency, ...]
    label_names: tuple[str, ...]


def asked_in_clean_process(
    folder: Path, request: Mapping[str, Any], rows: Sequence[Row], emit: Emit, *, scratch: Path
) -> Asked:
    """Runs the proof script on a request of its kinds; raises `ProcessFailed`.

    Both files for the process are in `scratch` only as long as it runs.
    """
    progress = _Progress(len(rows))
    with staging_folder(scratch) as place:
        content = {"rows": rows, "threads": torch.get_num_threads(), "batches": (ALONE, TOGETHER), **request}
        (place / "request.json").write_text(json.dumps(content, default=dict), "utf-8")
        arguments = [str(folder), *(str(place / name) for name in ("request.json", "answers.json"))]
        run_clean(SCRIPT, arguments, place, progress.of, emit)
        found: dict[str, Any] = json.loads((place / "answers.json").read_text("utf-8"))
    sides = {batch: found[str(batch)] for batch in (ALONE, TOGETHER)}
    return Asked(
        alone=sides[ALONE]["answers"],
        together=sides[TOGETHER]["answers"],
        latencies=tuple(latency(batch, side["milliseconds"]) for batch, side in sides.items() if side["milliseconds"]),
        label_names=tuple(found["label_names"]),
    )


def latency(batch: int, milliseconds: Sequence[float]) -> Latency:
    """The median and the 95th percentile of calls."""
    p50, p95 = np.percentile(milliseconds, [50, 95])
    return Latency(batch, float(p50), float(p95))


def prove(
    folder: Path,
    request: Request,
    expected: Sequence[Prediction],
    compared: Callable[[Prediction, Any], Compared],
    label_names: Sequence[str],
    emit: Emit,
    *,
    scratch: Path,
) -> Proof:
    """Asks a plain pipeline about texts and compares what it answers with what the trained network does (`expected`).

    Raises `ExportFailed` (X7) where they do not agree. Whether 32 rows at a time are answered alike is measured only:
    of a few families padding is a part of what the network reads.
    """
    asked_for = {"kind": "pipeline", **request._asdict()}
    try:
        found = asked_in_clean_process(folder, asked_for, request.rows, emit, scratch=scratch)
    except ProcessFailed as error:
        raise _not_loaded(error) from error
    pairs = [compared(ours, theirs) for ours, theirs in zip(expected, found.alone, strict=True)]
    others = [compared(ours, theirs) for ours, theirs in zip(expected, found.together, strict=True)]
    agreement = sum(pair.is_same for pair in pairs) / len(pairs)
    difference = max(pair.difference for pair in pairs)
    together = sum(pair.is_same for pair in others) / len(others)
    furthest = max(pair.difference for pair in others)
    largest = max((abs(prediction.value or 0.0) for prediction in expected), default=0.0)
    is_alike = agreement == 1.0 and difference <= TOLERANCE * max(1.0, largest)
    proof = Proof(
        rows=len(pairs),
        agreement=agreement,
        largest_difference=difference,
        milliseconds_per_row=next((one.p50 for one in found.latencies if one.batch == ALONE), 0.0),
        label_names=found.label_names,
        passed=found.label_names == tuple(label_names) and is_alike,
        pipeline_options=dict(request.options),
        batch_agreement=together,
        batch_difference=furthest,
        latencies=found.latencies,
    )
    if not proof.passed:
        raise ExportFailed(
            "X7",
            Sentence("exporting.x7.exported_model_does_not_answer", agreement=agreement, rows=len(pairs)),
            hint=Sentence("exporting.x7.trained_run_untouched_try_again"),
            actions=(RecoveryAction.TRY_AGAIN,),
            details=f"largest difference {difference:.3g}; names {found.label_names} against {tuple(label_names)}\n"
            + _first_different(request.rows, expected, found.alone, pairs),
        )
    return proof


def predictions(rows: Sequence[Row], predict: Callable[[str, str], Prediction], emit: Emit) -> list[Prediction]:
    """The trained network's answers to rows; `predict` is given a text and a second one, empty where there is none."""
    found = []
    reported = 0.0
    for number, row in enumerate(rows):
        if time.monotonic() - reported > HEARTBEAT_SECONDS:
            reported = time.monotonic()
            emit(Progressed(number, len(rows), Sentence("exporting.progress.asking_trained_network"), "rows"))
        found.append(predict(row, "") if isinstance(row, str) else predict(row["text"], row["text_pair"]))
    return found


class _Progress:
    """How far the proof script is, from its lines."""

    def __init__(self, rows: int) -> None:
        self._rows, self._done = rows, 0
        self._note = Sentence("exporting.progress.loading_exported_model_clean_process")

    def of(self, line: str) -> Progressed | None:
        """The event of a line; of the rows one by one, every tenth has one."""
        if line.startswith("proof: row "):
            self._done = int(line.rsplit(" ", 1)[1])
            self._note = Sentence("exporting.progress.asking_exported_model")
            if self._done % 10 and self._done != self._rows:
                return None
        return Progressed(self._done, self._rows, self._note, "rows")


def _not_loaded(error: ProcessFailed) -> ExportFailed:
    if not str(error):
        return ExportFailed(
            "X7",
            Sentence("exporting.x7.exported_model_gave_no_answer"),
            hint=Sentence("exporting.x7.close_other_programs_try_again"),
            actions=(RecoveryAction.TRY_AGAIN,),
        )
    return ExportFailed(
        "X7",
        Sentence("exporting.x7.exported_model_cannot_loaded_clean"),
        hint=Sentence("exporting.x7.trained_run_untouched_try_again_2"),
        actions=(RecoveryAction.TRY_AGAIN,),
        details=str(error),
    )


def _first_different(
    rows: Sequence[Row], expected: Sequence[Prediction], found: Sequence[Any], pairs: list[Compared]
) -> str:
    for row, ours, theirs, pair in zip(rows, expected, found, pairs, strict=True):
        if not pair.is_same:
            return f"{row!r:.500}\n{(ours.labels[:3], ours.entities, ours.value)!r:.800}\n{theirs!r:.800}"
    return ""
