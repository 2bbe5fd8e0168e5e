"""Smaller models of a run: students with fewer layers, each a run of its own, measured beside the run's own model.

A student is trained by distillation (training/methods/distillation.py) from the run's best checkpoint on the same
training rows, scored on the same held-out rows and exported into its own run's folder, as a folder for transformers and
in 8 bits: so it is proven, calibrated, compared and exported again like every run. What was stopped is continued, what
is finished is not trained again while it is of the parent's best checkpoint.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet

from engine.contract.artefacts import MODELS, ArtefactName
from engine.contract.defaults import without_choosing
from engine.contract.errors import DatasetInvalid, DiskFull, InvalidSetting, StopRequested
from engine.contract.events import DiskFilled, Emit, Event, Progressed, StepsTrained, disk_sentence
from engine.contract.formatting import count
from engine.contract.presets import planned_steps, presets
from engine.contract.queries import SmallerFound, SmallerModel
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.contract.settings import EvaluateSettings, ExportSettings, FineTuneSettings
from engine.contract.states import ArtefactProof, EvaluationReport, ExportedModel, ScoreDifference, TrainingRun
from engine.evaluating.evaluate import evaluate
from engine.evaluating.run_differences import run_differences
from engine.exporting.artefact_proof import NUMBER_SHARE
from engine.exporting.export import export
from engine.tasks.registry import task_facts
from engine.training.fine_tune import fine_tune
from engine.training.methods.distillation import distilled_from
from engine.workspace.layout import Workspace
from engine.workspace.run_index import list_rows
from engine.workspace.runs import RunRecord, can_continue, read_run

MEASURED: tuple[ArtefactName, ...] = ("onnx_int8",)  # beside the folder for transformers
SHOWN: tuple[ArtefactName, ...] = ("transformers", *MODELS)
EPOCHS = 2.0  # times those of Auto: a student has more to learn from an answer than from a label
EPOCHS_OF_WORDS = 4.0  # times those of Auto, where words are labelled


def layers_of(run: TrainingRun) -> int:
    """How many layers the network of a run has."""
    return run.settings.student_layers or run.dataset.model.layers


def smaller_models(
    run: TrainingRun, layers: Sequence[int], emit: Emit, *, workspace: Workspace, disk_waits: bool = False
) -> SmallerFound:
    """Makes and measures the models with so many layers, and lists all that there are, the run's own first.

    Raises `StopRequested` where one was stopped; what it has learned is kept, and continued by the next call. With
    `disk_waits` the listener can answer that the disk is full; else that is an error (C4).
    """
    if layers:
        report = read_run(workspace, run.id).evaluation
        evaluation = report or evaluate(run, EvaluateSettings(), emit, workspace=workspace)
        for kept in layers:
            refuse_layers(evaluation, kept)
        _measured(evaluation, emit, workspace=workspace)
        for kept in sorted(set(layers), reverse=True):
            found = student(evaluation, kept, emit, workspace=workspace, disk_waits=disk_waits)
            _measured(found, emit, workspace=workspace)
    own = read_run(workspace, run.id)
    records = [own, *_students(workspace, own.run or run)]
    return SmallerFound(tuple(model for record in records for model in _models(record, own, emit, workspace=workspace)))


def student(
    evaluation: EvaluationReport, layers: int, emit: Emit, *, workspace: Workspace, disk_waits: bool = True
) -> EvaluationReport:
    """The run's smaller model with so many layers, trained or continued where needed, and scored on the same rows.

    Raises `InvalidSetting` (T16), `DatasetInvalid` (E1) and `StopRequested` as `smaller_models` does.
    """
    refuse_layers(evaluation, layers)
    parent = evaluation.run
    record = next((one for one in _students(workspace, parent) if one.settings.student_layers == layers), None)
    if record is not None and record.status == "finished" and record.evaluation is not None:
        return record.evaluation
    run = record.run if record is not None and record.status == "finished" else None
    if run is None:
        run = _trained(evaluation, layers, record, emit, workspace=workspace, disk_waits=disk_waits)
    report = evaluation
    for settings in _answered_like(evaluation):
        report = evaluate(run, settings, emit, workspace=workspace)
        run = report.run
    return report


def refuse_layers(evaluation: EvaluationReport, layers: int) -> None:
    """Raises `InvalidSetting` (T16) for a number of layers that makes no smaller model of this run.

    And `DatasetInvalid` (E1) where nothing would show what it loses.
    """
    most = layers_of(evaluation.run) - 1
    if not 1 <= layers <= most:
        sentence = (
            Sentence("exporting.t16.layers_of_smaller_model", most=most)
            if most
            else Sentence("exporting.t16.no_smaller_model")
        )
        raise InvalidSetting("T16", sentence, hint=Sentence("exporting.t16.change_layers"), field="student_layers")
    if evaluation.settings.split == "cross_validation":
        raise DatasetInvalid(
            "E1",
            Sentence("exporting.e1.smaller_needs_held_out_rows"),
            hint=Sentence("exporting.e1.prepare_data_with_test_rows"),
            actions=(RecoveryAction.CHANGE_SPLITS,),
            field="test_share",
        )


def student_settings(run: TrainingRun, layers: int) -> FineTuneSettings:
    """How a student of this run is trained: as Auto trains these rows, but for longer, scored after each epoch."""
    dataset = run.dataset
    longer = EPOCHS_OF_WORDS if task_facts(dataset.task).one_label_per_word else EPOCHS
    auto = without_choosing(presets(dataset, refused={"method": ""})[1].settings)
    per_epoch = max(1, -(-dataset.splits["train"].rows // auto.batch_size))
    steps = round(longer * planned_steps(dataset, auto))
    name = run.settings.run_name or f"{dataset.model.name} on {dataset.name}"
    return msgspec.structs.replace(
        auto,
        epochs=longer * auto.epochs,
        updates=steps if auto.updates else 0,
        evaluation_interval=per_epoch,
        head_start="random",  # the head is the parent's
        patience=0,
        run_name=f"{name[:160]}, {count(layers, 'layer')}",
        parent=run.id,
        student_layers=layers,
        seed=run.settings.seed,
        device=run.settings.device,
        precision=run.settings.precision,
        threads=run.settings.threads,
        checkpoint_interval=run.settings.checkpoint_interval,
    )


def _trained(
    evaluation: EvaluationReport,
    layers: int,
    record: RunRecord | None,
    emit: Emit,
    *,
    workspace: Workspace,
    disk_waits: bool,
) -> TrainingRun:
    """Trains the student, from its last checkpoint where there is one."""
    parent = evaluation.run
    continued = record.id if record is not None and can_continue(workspace, record.id) else ""
    settings = record.settings if record is not None and continued else student_settings(parent, layers)
    listener = _Listener(emit, layers, disk_waits=disk_waits)
    try:
        run = fine_tune(parent.dataset, settings, listener, continue_run=continued, workspace=workspace)
    except StopRequested:
        listener.raise_if_full()
        raise
    listener.raise_if_full()
    if run.stopped_early:
        raise StopRequested
    return run


class _Listener:
    """Passes events on; the steps of training also as progress, for a listener that shows no curves."""

    def __init__(self, emit: Emit, layers: int, *, disk_waits: bool) -> None:
        self._emit, self._layers, self._disk_waits = emit, layers, disk_waits
        self._filled: DiskFilled | None = None

    def __call__(self, event: Event) -> None:
        if isinstance(event, DiskFilled) and not self._disk_waits:
            self._filled = event
            raise StopRequested
        self._emit(event)
        if isinstance(event, StepsTrained):
            note = Sentence("exporting.progress.training_smaller", layers=self._layers)
            self._emit(Progressed(event.step, event.total, note, "steps"))

    def raise_if_full(self) -> None:
        """Raises `DiskFull` (C4) where that is why training has ended."""
        if self._filled is not None:
            hint = Sentence("exporting.c4.free_space_then_make_again")
            raise DiskFull("C4", disk_sentence(self._filled), hint=hint)


def _answered_like(evaluation: EvaluationReport) -> Iterator[EvaluateSettings]:
    """How the student is scored: its answers are calibrated in the same way, on its own probabilities."""
    run, settings = evaluation.run, evaluation.settings
    rule = run.unsure
    yield EvaluateSettings(
        split=settings.split,
        batch_size=settings.batch_size,
        device=settings.device,
        precision=settings.precision,
        temperature="fit" if run.temperature != 1 else "keep",
        unsure="keep" if rule is None else rule.kind,
        coverage=rule.coverage if rule is not None and rule.coverage else EvaluateSettings().coverage,
        least_confidence=rule.least_confidence if rule is not None else EvaluateSettings().least_confidence,
    )
    if not task_facts(run.dataset.task).several_labels:  # set by hand; those of several labels are fitted anew
        for label, threshold in run.thresholds.items():
            yield EvaluateSettings(
                split=settings.split,
                device=settings.device,
                precision=settings.precision,
                threshold_label=label,
                threshold=threshold,
            )


def _measured(evaluation: EvaluationReport, emit: Emit, *, workspace: Workspace) -> ExportedModel:
    """An export of this run with figures of all that is shown; made in the run's own folder where it is missing."""
    exported = read_run(workspace, evaluation.run.id).exported
    before: tuple[ArtefactName, ...] = ()
    if exported is not None and exported.evaluation.run == evaluation.run:
        if {"transformers", *MEASURED} <= {proof.name for proof in exported.artefacts}:
            return exported
        before = exported.settings.artefacts
    settings = ExportSettings(artefacts=(*before, *(name for name in MEASURED if name not in before)))
    return export(evaluation, settings, emit, workspace=workspace)


def _students(workspace: Workspace, parent: TrainingRun) -> list[RunRecord]:
    """The records of the run's smaller models, the most layers first, the newest of each number of layers.

    Those that learned from another checkpoint of the run do not count: it was trained further since.
    """
    found: dict[int, RunRecord] = {}
    for row in list_rows(workspace).rows:  # the newest first
        layers = row.settings.student_layers
        if row.settings.parent != parent.id or not layers or layers in found:
            continue
        record = read_run(workspace, row.id)
        if record.run is None or distilled_from(parent, layers) in record.run.notes:
            found[layers] = record
    return [found[layers] for layers in sorted(found, reverse=True)]


def _models(record: RunRecord, own: RunRecord, emit: Emit, *, workspace: Workspace) -> Iterator[SmallerModel]:
    """What was measured of a run's formats; nothing of one that is not finished."""
    exported, report = record.exported, record.evaluation
    if exported is None or report is None or own.evaluation is None:
        return
    beside = _Beside(report, own, emit, workspace)
    for proof in exported.artefacts:
        if proof.name in SHOWN:
            yield _model(exported, report, proof, beside)


def _model(exported: ExportedModel, report: EvaluationReport, proof: ArtefactProof, beside: _Beside) -> SmallerModel:
    score = report.scores.get(report.headline)
    change = proof.difference.value if proof.difference is not None else 0.0
    if proof.name == "transformers":
        difference, agreement = beside.difference, beside.agreement
    elif beside.is_own:
        difference, agreement = proof.difference, proof.agreement
    else:  # its proof compares it with the student's network, and nothing with the run's own
        difference, agreement = None, None
    return SmallerModel(
        run=report.run.id,
        layers=layers_of(report.run),
        format=proof.name,
        headline=report.headline,
        score=score + change if score is not None else None,
        difference=difference,
        agreement=agreement,
        rows=report.rows,
        size_bytes=proof.size_bytes,
        latencies=proof.latencies,
        passed=proof.passed,
        refused=proof.refused,
        format_agreement=proof.agreement,
    )


class _Beside:
    """A student's network beside the run's own on the same held-out rows."""

    def __init__(self, report: EvaluationReport, own: RunRecord, emit: Emit, workspace: Workspace) -> None:
        self._report, self._own = report, own
        self.is_own = report.run.id == own.id
        self._compare: Callable[[], Any] = functools.partial(
            run_differences, report.run.id, (own.id,), emit, workspace=workspace
        )

    @functools.cached_property
    def difference(self) -> ScoreDifference | None:
        """How much higher the student scores, with its interval; None of the run itself."""
        if self.is_own:
            return None
        difference: ScoreDifference | None = self._compare().others[0].difference
        return difference

    @functools.cached_property
    def agreement(self) -> float | None:
        """The share of held-out rows that both answer alike; None where it is not known."""
        if self.is_own:
            return 1.0
        return _agreement(self._report, self._own.evaluation)


def _agreement(report: EvaluationReport, own: EvaluationReport | None) -> float | None:
    """Numbers agree within 5 % of the spread of the run's own."""
    if own is None:
        return None
    try:
        sides = [
            parquet.read_table(Path(one.folder) / "predictions.parquet", columns=["row", "predicted"]).to_pydict()
            for one in (report, own)
        ]
    except (OSError, pa.ArrowException):
        return None
    theirs = dict(zip(sides[1]["row"], sides[1]["predicted"], strict=True))
    pairs = [
        (one, theirs[row]) for row, one in zip(sides[0]["row"], sides[0]["predicted"], strict=True) if row in theirs
    ]
    if not pairs:
        return None
    if isinstance(pairs[0][0], float):
        numbers = np.asarray(pairs, dtype=np.float64)
        apart = np.abs(numbers[:, 0] - numbers[:, 1])
        return float((apart <= NUMBER_SHARE * max(float(numbers[:, 1].std()), 1e-12)).mean())
    return float(np.mean([one == other for one, other in pairs]))
