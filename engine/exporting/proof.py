"""The proof of an export: a clean process loads the folder and must answer held-out rows as the trained network does.

That process is isolated (`python -I`), offline and on the CPU; it runs proof_script.py, which imports nothing of
ours. Here, the trained network answers the same rows one by one, on the CPU in float32 with as many threads.
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
from types import MappingProxyType
from typing import IO, Any

import numpy as np
import torch
from safetensors.numpy import load_file
from transformers import PreTrainedModel

from engine.bootstrap.console import NO_WINDOW
from engine.contract.errors import ExportFailed
from engine.contract.events import Emit, Progressed
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.contract.states import Proof
from engine.tasks.network import logits_of
from engine.tasks.task import Activation
from engine.workspace.atomic_files import staging_folder

TOLERANCE = 1e-4  # between probabilities
PATIENCE_SECONDS = 600.0  # without a word from the process
HEARTBEAT_SECONDS = 0.2  # so that Stop is heard while the process imports torch
_ACTIVATIONS: Mapping[Activation, Callable[[torch.Tensor], torch.Tensor]] = {
    "softmax": lambda logits: logits.softmax(-1),
    "sigmoid": torch.sigmoid,
    "none": lambda logits: logits,
}
SCRIPT = Path(__file__).with_name("proof_script.py")


def prove(
    folder: Path,
    network: PreTrainedModel,
    rows: Sequence[str | Sequence[str] | Mapping[str, str]],
    features: Sequence[Mapping[str, Sequence[int]]],
    pipeline: str,
    emit: Emit,
    *,
    scratch: Path,
    activation: Activation = "softmax",
    thresholds: Mapping[str, float] = MappingProxyType({}),
) -> Proof:
    """Compares both on the rows; raises `ExportFailed` (X7) where they do not agree.

    `rows` are texts, lists of words, or pairs with the keys `text` and `text_pair`; `features` the same rows as the
    network was trained on, with `input_ids` and, of pairs, `token_type_ids`. `activation` makes probabilities of
    logits, or leaves them where they are the answer; `thresholds` by label are those from which on one of several is
    given, 0.5 without one. Both files for the process lie in `scratch` only as long as it
    runs.
    """
    expected = _trained_answers(network, features, activation, emit)
    with staging_folder(scratch) as place:
        request = {"rows": rows, "threads": torch.get_num_threads(), "pipeline": pipeline, "activation": activation}
        (place / "request.json").write_text(json.dumps(request), "utf-8")
        _run_clean_process(folder, place, len(rows), emit)
        answers = load_file(place / "answers.safetensors")
        facts: dict[str, Any] = json.loads((place / "facts.json").read_text("utf-8"))
    own_names = tuple(str(network.config.id2label[index]) for index in range(network.config.num_labels or 0))  # type: ignore[index]
    cuts = np.asarray([thresholds.get(name, 0.5) for name in own_names])
    agreement, difference = compare(expected, answers["probabilities"], answers["lengths"], activation, cuts)
    largest = max((float(np.abs(answer).max(initial=0.0)) for answer in expected), default=0.0)
    names = tuple(facts["label_names"])
    named = names == own_names and set(facts["pipeline_names"]) <= set(names)
    proof = Proof(
        rows=len(rows),
        agreement=agreement,
        largest_difference=difference,
        milliseconds_per_row=float(facts["milliseconds_per_row"]),
        label_names=names,
        passed=named and agreement == 1.0 and difference <= TOLERANCE * max(1.0, largest),
    )
    if not proof.passed:
        raise ExportFailed(
            "X7",
            Sentence("exporting.x7.exported_model_does_not_answer", agreement=agreement, rows=len(rows)),
            hint=Sentence("exporting.x7.trained_run_untouched_try_again"),
            actions=(RecoveryAction.TRY_AGAIN,),
            details=f"largest difference {difference:.3g}; names {names} against {own_names}, "
            f"pipeline {facts['pipeline_names']}",
        )
    return proof


def compare(
    expected: Sequence[np.ndarray],
    found: np.ndarray,
    lengths: np.ndarray,
    activation: Activation = "softmax",
    cuts: np.ndarray | float = 0.5,
) -> tuple[float, float]:
    """The share of rows with the same answers at all positions, and the largest difference of a probability.

    Where the answers are numbers, two are the same within rounding, and the difference is in their unit. A row that
    was cut into other tokens does not agree, and differs by 1.
    """
    if len(lengths) != len(expected):
        return 0.0, 1.0
    same, difference, start = 0, 0.0, 0
    for trained, length in zip(expected, lengths.tolist(), strict=True):
        exported = found[start : start + length]
        start += length
        if exported.shape != trained.shape or not np.isfinite(exported).all():
            difference = 1.0
            continue
        difference = max(difference, float(np.abs(exported - trained).max(initial=0.0)))
        same += _agree(exported, trained, activation, cuts)
    return same / len(expected), difference


def _agree(exported: np.ndarray, trained: np.ndarray, activation: Activation, cuts: np.ndarray | float) -> bool:
    match activation:
        case "softmax":
            return bool(np.array_equal(exported.argmax(-1), trained.argmax(-1)))
        case "sigmoid":
            undecided = np.abs(trained - cuts) <= TOLERANCE  # on the edge, rounding decides
            return bool((((exported >= cuts) == (trained >= cuts)) | undecided).all())
        case "none":
            return bool(np.allclose(exported, trained, rtol=TOLERANCE, atol=TOLERANCE))


def _trained_answers(
    network: PreTrainedModel, rows: Sequence[Mapping[str, Sequence[int]]], activation: Activation, emit: Emit
) -> list[np.ndarray]:
    """Probabilities, or numbers, (positions, answers) float32 per row."""
    answers = []
    told = 0.0
    with torch.inference_mode():
        for number, row in enumerate(rows):
            if time.monotonic() - told > HEARTBEAT_SECONDS:
                told = time.monotonic()
                emit(Progressed(number, len(rows), Sentence("exporting.progress.asking_trained_network"), "rows"))
            batch = {name: torch.tensor([list(values)]) for name, values in row.items()}
            batch["attention_mask"] = torch.ones_like(batch["input_ids"])
            logits = logits_of(network, batch)[0]
            likely = _ACTIVATIONS[activation](logits)
            answers.append(likely.reshape(-1, likely.shape[-1]).numpy())
    return answers


def _run_clean_process(folder: Path, place: Path, rows: int, emit: Emit) -> None:
    command = [
        sys.executable,
        *("-I", "-X", "utf8", str(SCRIPT), str(folder)),
        *(str(place / name) for name in ("request.json", "answers.safetensors", "facts.json")),
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
