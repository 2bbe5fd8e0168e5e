"""What an artefact is made from, and how its answers in a clean process become a proof.

`Making` holds the export that is being written; `proof_of` compares what a clean process answered with the trained
network, one text at a time and 32 at a time, and scores both on the same rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from engine.contract.artefacts import ARTEFACTS, ArtefactFacts, ArtefactName
from engine.contract.calibration import DO_NOT_KNOW
from engine.contract.events import Emit
from engine.contract.queries import EntityFound, LabelProbability, Prediction
from engine.contract.sentences import Sentence
from engine.contract.states import ArtefactProof, EvaluationReport, ScoreDifference
from engine.evaluating.differences import score_differences
from engine.evaluating.resampling import equal_rows
from engine.exporting.clean_process import ProcessFailed
from engine.exporting.proof import Asked, Row, asked_in_clean_process
from engine.tasks.task import TOLERANCE, Task
from engine.workspace.file_operations import remove_file

SEED = 0
NUMBER_SHARE = 0.05  # of the answers' standard deviation, within which numbers of a quantised model are the same
_TRAINED = "trained"
_MOST_REASON = 200  # characters


class HeldOut(NamedTuple):
    """Rows that the artefacts answer: as a pipeline takes them, and as they were prepared, where they still are."""

    inputs: Sequence[Row]
    prepared: Sequence[Mapping[str, Any]] = ()


class Making(NamedTuple):
    """An export that is being written into `folder`, and what is compared."""

    folder: Path
    title: str  # the model's name
    wanted: tuple[ArtefactName, ...]
    evaluation: EvaluationReport
    task: Task
    network: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    held_out: HeldOut
    expected: Sequence[Prediction]  # the trained network's answers to these rows
    batch_agreement: float  # of the folder for transformers: padding is a part of what some networks read
    scratch: Path
    emit: Emit
    made: dict[ArtefactName, ArtefactProof]  # so far

    @property
    def model_file(self) -> str:
        """The first ONNX model that has passed, empty where none has."""
        passed = (ARTEFACTS[name].file for name, proof in self.made.items() if proof.passed)
        return next((file for file in passed if file.endswith(".onnx")), "")


def refused(making: Making, name: ArtefactName, reason: Sentence, **figures: Any) -> ArtefactProof:
    """The proof of an artefact that is not exported; what is there of it is removed."""
    file = ARTEFACTS[name].file
    if file:
        remove_file(making.folder / file, missing_ok=True)
    return ArtefactProof(name, passed=False, refused=reason, **figures)


def without_answer(name: ArtefactName, error: ProcessFailed) -> Sentence:
    """Why an artefact that a clean process could not ask is not exported."""
    return Sentence("exporting.refused.no_answer", title=ARTEFACTS[name].title, reason=last_line(str(error)))


def last_line(details: str) -> str:
    """The end of what a process wrote about its error."""
    lines = [line.strip() for line in details.splitlines() if line.strip()]
    return lines[-1][:_MOST_REASON] if lines else "no reply for ten minutes"


def asked(making: Making, request: Mapping[str, Any]) -> Asked:
    """The answers of a clean process to the held-out rows; raises `ProcessFailed`."""
    return asked_in_clean_process(making.folder, request, making.held_out.inputs, making.emit, scratch=making.scratch)


def proof_of(making: Making, name: ArtefactName, found: Asked, *, like: ArtefactFacts | None = None) -> ArtefactProof:
    """The comparison; `like` are the facts with the least agreement, where they are those of another artefact."""
    facts = like or ARTEFACTS[name]
    alone = [_prediction(answer, ours) for answer, ours in zip(found.alone, making.expected, strict=True)]
    together = [_prediction(answer, ours) for answer, ours in zip(found.together, making.expected, strict=True)]
    spread = _spread(making.expected)
    is_exact = facts.least_agreement == 1.0
    # Numbers have no labels to be the same: with fewer bits they are as good within a share of their spread.
    apart = TOLERANCE * max(1.0, spread) if is_exact else NUMBER_SHARE * spread
    pairs = [_compared(one, other, apart) for one, other in zip(making.expected, alone, strict=True)]
    batches = [_compared(one, other, apart) for one, other in zip(alone, together, strict=True)]
    agreement = sum(same for same, _ in pairs) / len(pairs)
    batch_agreement = sum(same for same, _ in batches) / len(batches)
    score, difference = _score_change(making, alone)
    figures: dict[str, Any] = {
        "size_bytes": size_of(making.folder, name),
        "rows": len(pairs),
        "agreement": agreement,
        "largest_difference": max(difference for _, difference in pairs),
        "batch_agreement": batch_agreement,
        "batch_difference": max(difference for _, difference in batches),
        "score": score,
        "difference": difference,
        "latencies": found.latencies,
    }
    if agreement < facts.least_agreement:
        reason = Sentence(
            "exporting.refused.agreement",
            title=ARTEFACTS[name].title,
            agreement=agreement,
            rows=len(pairs),
            least=facts.least_agreement,
        )
        return refused(making, name, reason, **figures)
    least = min(facts.least_batch_agreement, making.batch_agreement)
    if batch_agreement < least:
        reason = Sentence(
            "exporting.refused.batch",
            title=ARTEFACTS[name].title,
            agreement=batch_agreement,
            rows=len(batches),
            least=least,
        )
        return refused(making, name, reason, **figures)
    return ArtefactProof(name, passed=True, **figures)


def size_of(folder: Path, name: ArtefactName) -> int:
    """The bytes of the artefact's file, 0 where it has none of its own."""
    file = folder / ARTEFACTS[name].file if ARTEFACTS[name].file else None
    return file.stat().st_size if file is not None and file.is_file() else 0


def _prediction(answer: Mapping[str, Any], ours: Prediction) -> Prediction:
    """What predict.py answers, as the record that the trained network's answer to the same text is.

    Thresholds are those of the trained network's answer; the labels that predict.py gives are checked against them.
    """
    given = answer["answer"]
    if ours.value is not None:
        return msgspec.structs.replace(ours, value=float(given))
    if not ours.labels:
        entities = tuple(EntityFound(one["start"], one["end"], one["label"], one["score"]) for one in given)
        return msgspec.structs.replace(ours, entities=entities)
    cuts = {label.label: label.threshold for label in ours.labels}
    labels = tuple(LabelProbability(label, score, cuts[label]) for label, score in answer["scores"].items())
    if ours.threshold:
        found = msgspec.structs.replace(ours, labels=labels)
        is_own = [label.label for label in found.given] == list(given)
        return found if is_own else msgspec.structs.replace(found, labels=())  # no such answer: it agrees with none
    return msgspec.structs.replace(
        ours,
        labels=labels,
        answer=answer["label"] if answer["label"] != labels[0].label else "",
        unsure=given == DO_NOT_KNOW,
        possible=tuple(answer.get("possible", ())),
    )


def _compared(one: Prediction, other: Prediction, apart: float) -> tuple[bool, float]:
    """Whether two final answers are the same, and the largest difference between their numbers.

    They are the same as well where all numbers are, up to rounding: then a threshold is between them.
    """
    if one.value is not None and other.value is not None:
        difference = abs(one.value - other.value)
        return difference <= apart, difference
    if one.labels or other.labels:
        ours, theirs = ({label.label: label.probability for label in side.labels} for side in (one, other))
        if ours.keys() != theirs.keys():
            return False, 1.0
        difference = max(abs(ours[label] - theirs[label]) for label in ours)
        answers = [({label.label for label in side.given}, side.unsure, side.possible) for side in (one, other)]
        return answers[0] == answers[1] or difference <= TOLERANCE, difference
    spans = [[(found.start, found.end, found.label) for found in side.entities] for side in (one, other)]
    if spans[0] != spans[1]:
        return False, 0.0
    both = zip(one.entities, other.entities, strict=True)
    return True, max((abs(ours.probability - theirs.probability) for ours, theirs in both), default=0.0)


def _spread(expected: Sequence[Prediction]) -> float:
    """The standard deviation of numbers; 1 where there are none, or one."""
    numbers = [prediction.value for prediction in expected if prediction.value is not None]
    return float(np.std(numbers)) or 1.0 if numbers else 1.0


def _score_change(making: Making, found: Sequence[Prediction]) -> tuple[str, ScoreDifference | None]:
    """How much higher the artefact scores than the trained network on the same rows, with its interval."""
    rows = making.held_out.prepared
    if len(rows) < 2:
        return "", None
    task, names = making.task, making.evaluation.run.dataset.label_names
    truth = [task.truth_of(row, names) for row in rows]
    sides = [
        task.scored_predictions(truth, [task.answer_of(one, row) for one, row in zip(side, rows, strict=True)], names)
        for side in (found, making.expected)
    ]
    groups = equal_rows(task.identity(row) for row in rows)
    differences = score_differences(sides[0], {_TRAINED: sides[1]}, task.metric, making.emit, seed=SEED, groups=groups)
    return task.metric, differences.get(_TRAINED)
