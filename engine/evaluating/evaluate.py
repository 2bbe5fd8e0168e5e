"""The evaluate stage: the best checkpoint on held-out rows, beside baselines on the same rows.

evaluation/report.json            the report, as the state holds it
evaluation/predictions.parquet    every row with truth and answer
evaluation/logits.parquet, evaluation/validation_logits.parquet    see engine/calibration/stored_logits.py
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import torch
from datasets import Dataset, DatasetDict
from transformers import PreTrainedModel

from engine.calibration.answers import predicted_classes
from engine.calibration.conformal import calibration_halves
from engine.calibration.stored_logits import SCORED, VALIDATION, StoredLogits, read_logits, write_logits
from engine.calibration.temperature import class_probabilities
from engine.contract.column_roles import GROUP, INPUTS, LABELS
from engine.contract.defaults import FEW_HELD_OUT
from engine.contract.errors import DatasetInvalid, NumbersDiverged
from engine.contract.events import Emit, Noted, Progressed
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.score_sentences import (
    calibration_is_apart,
    evaluations_compared,
    score_with_interval,
    selection_sentence,
)
from engine.contract.sentences import Sentence
from engine.contract.settings import EvaluateSettings
from engine.contract.states import ClassScores, EvaluationReport, TrainingRun
from engine.devices import detection as devices
from engine.evaluating.against_parent import against_parent
from engine.evaluating.chosen_answers import chosen_calibration, notes_on_answers, refuse_unfitting
from engine.evaluating.frozen_encoder import (
    MOST_TRAINING_ROWS,
    FrozenEncoder,
    frozen_encoder,
    frozen_encoder_out_of_fold,
)
from engine.evaluating.intervals import Uncertainty, uncertainty
from engine.evaluating.observations import Observations, observations_of
from engine.evaluating.paired_tests import paired_tests
from engine.evaluating.thresholds_out_of_fold import thresholds_out_of_fold
from engine.evaluating.trained_network import trained_network
from engine.tasks.registry import task_named
from engine.tasks.rows import Outputs
from engine.tasks.scores import ScoredRows, joined, measurable
from engine.tasks.task import Task
from engine.training.batching.rows import Batches, EncodedRows, encoded_rows, read_splits, refuse_outdated
from engine.training.cross_validation.cross_validate import OutOfFold, cross_validate
from engine.training.step.predictions import predict_all
from engine.training.step.training import NUMBER_FORMATS
from engine.workspace import atomic_files
from engine.workspace.calibration import write_calibration
from engine.workspace.layout import Workspace
from engine.workspace.runs import read_run, run_folder, save_run

# What a network answers to every row of a split, in the order of the rows; refuses answers that are no numbers.


def network_outputs(
    network: PreTrainedModel,
    task: Task,
    rows: EncodedRows,
    emit: Emit,
    *,
    batch_size: int,
    padding_id: int,
    note: Sentence,
    precision: str = "fp32",
) -> Outputs:
    """Computes all rows where the network is, the longest first, and reports it after each batch.

    In another `precision` than fp32 the matrix products are computed in it, as while training.

    Rows that do not fit into memory together are computed in smaller batches. Raises `OutOfMemory` (T1) where one
    row alone does not fit, and `NumbersDiverged` (E1) where an answer is not finite.
    """
    batches = Batches(task, rows, padding_id=padding_id, device=network.device, multiple=1)
    autocast = partial(
        torch.autocast, network.device.type, dtype=NUMBER_FORMATS[precision], enabled=precision != "fp32"
    )
    outputs = predict_all(network, task, rows, batches, emit, batch_size=batch_size, note=note, autocast=autocast)
    _refuse_broken_numbers(outputs.logits)
    return outputs


def _refuse_broken_numbers(logits: Sequence[np.ndarray]) -> None:
    broken = sum(not np.isfinite(row).all() for row in logits)
    if broken:
        raise NumbersDiverged(
            "E1",
            Sentence("evaluating.e1.network_answers_rows_numbers_not", broken=broken, logits=len(logits)),
            hint=Sentence("evaluating.e1.fine_tune_again_smaller_learning"),
            actions=(RecoveryAction.CHANGE_LEARNING_RATE,),
        )


# Every held-out row with its truth and its answer, as a Parquet table.
#
# row          int64           number in the file, from 1
# truth        text; a list of texts where a row has several labels; a float64 where the answer is a number
# predicted    the same
# probability  float32         given to the predicted answer; over several their smallest; none for numbers
# loss         float32         cross-entropy in nats, over several labels their sum; the squared error of numbers
# right        bool            the whole row is answered rightly; none for numbers


def predictions_table(task: Task, outputs: Outputs, label_names: Sequence[str]) -> pa.Table:
    """The table, one entry per row of `outputs`, in their order."""
    columns = task.predictions(outputs, label_names)
    first = next(iter(columns["truth"]), "")
    kind = (
        pa.list_(pa.string()) if isinstance(first, list) else pa.float64() if isinstance(first, float) else pa.string()
    )
    return pa.table(
        {
            "row": pa.array(outputs.rows, pa.int64()),
            "truth": pa.array(columns["truth"], kind),
            "predicted": pa.array(columns["predicted"], kind),
            "probability": pa.array(columns["probability"], pa.float32()),
            "loss": pa.array(columns["loss"], pa.float32()),
            "right": pa.array(columns["right"], pa.bool_()),
        }
    )


def write_predictions(path: Path, task: Task, outputs: Outputs, label_names: Sequence[str]) -> None:
    """Writes the table with zstd; staging and sync are the caller's."""
    parquet.write_table(predictions_table(task, outputs, label_names), path, compression="zstd")


WRONG_ROWS = 100
BASELINE_COLUMNS = (*INPUTS, *LABELS, GROUP, "labels")  # the columns of rows and the encoded labels
FEW_ROWS = 100  # below this a score without an interval is said to be uncertain
MOST_VALIDATION_ROWS = 5_000  # that answers are calibrated on: more move no cutoff by a tenth of a percent
FEW_OF_A_CLASS = 5  # rows, entities or words, below which a score of their own jumps with each of them


def evaluate(run: TrainingRun, settings: EvaluateSettings, emit: Emit, *, workspace: Workspace) -> EvaluationReport:
    """Scores the run; raises `DatasetInvalid` (E1) where the split has no rows."""
    started = time.monotonic()
    dataset = run.dataset
    plain_task = task_named(dataset.task, dataset.label_names)
    refuse_unfitting(settings, plain_task, dataset.label_names)
    splits = read_splits(dataset)
    if settings.split == "test" and dataset.all_train:
        settings = msgspec.structs.replace(settings, split="cross_validation")
    by_folds = settings.split == "cross_validation"
    split = settings.prepared_split
    held_out = splits[split]
    if len(held_out) == 0:
        raise DatasetInvalid(
            "E1",
            Sentence("evaluating.e1.there_no_rows_evaluate", split=settings.split),
            hint=Sentence("evaluating.e1.prepare_data_again_larger_share"),
            actions=(RecoveryAction.CHANGE_SPLITS,),
            field=f"{settings.split}_share",
        )
    emit(Progressed(0, 0, Sentence("evaluating.progress.reading_trained_network")))
    task = plain_task
    precision: str = run.settings.precision
    if not by_folds:  # else the networks are trained as the run's own was
        precision = devices.precision_of_answers(
            settings.device, wanted=settings.precision, trained=run.precision, numbers=task.activation == "none"
        )
    compute = devices.choose(settings.device, precision=precision, threads=run.settings.threads)
    torch.set_num_threads(compute.threads)
    refuse_outdated(dataset, held_out, task, lambda: trained_network(run).tokenizer)
    asked = _Asked(run, settings, task, splits, compute.device, compute.precision, emit)
    rows = encoded_rows(held_out, partial(task.words_of_row, label_names=dataset.label_names))
    stored, before = {}, Path(run.folder) / "evaluation"
    out_of_fold = cross_validate(dataset, run.settings, held_out, compute, emit) if by_folds else None
    outputs = out_of_fold.outputs if out_of_fold is not None else asked.outputs(settings.split, rows, before / SCORED)
    if task.has_probabilities:
        stored[SCORED] = _stored(outputs)
    if task.has_probabilities and settings.split == "test" and len(splits["validation"]):
        stored[VALIDATION] = _stored(asked.validation_outputs(before / VALIDATION))
    validation = stored.get(SCORED if settings.split in ("validation", "cross_validation") else VALIDATION)
    if settings.split == "validation" and validation is not None and calibration_is_apart(run):
        _, apart = calibration_halves(len(validation.rows))
        validation = StoredLogits(validation.rows[apart], validation.truth[apart], validation.logits[apart])
    notes: list[Sentence] = []
    if settings.changes_answers:
        calibration, notes = chosen_calibration(run, settings, task, validation)
        run = run.calibrated(calibration)
    fitted: dict[str, float] = {}
    if out_of_fold is not None and plain_task.facts.several_labels and not settings.changes_answers:
        fitted, crossed = thresholds_out_of_fold(
            outputs, out_of_fold.folds, plain_task.fit_thresholds, dataset.label_names
        )
        if fitted and run.thresholds in ({}, fitted):  # those of validation rows, or chosen ones, stay
            run = run.calibrated(msgspec.structs.replace(run.calibration, thresholds=fitted))
            outputs = crossed
        else:
            fitted = {}
    task = plain_task.calibrated(run.calibration)
    if run.temperature != 1:
        outputs = Outputs([row / run.temperature for row in outputs.logits], outputs.labels, outputs.rows)
    train = encoded_rows(splits["train"])
    # A threshold of one class is that of this network's probabilities; the linear model gives the likeliest class.
    of_baseline = task if task.facts.several_labels else plain_task
    if out_of_fold is not None:
        folds = out_of_fold.folds
        beside = frozen_encoder_out_of_fold(dataset, of_baseline, splits, rows, folds, emit, device=compute.device)
        baselines = _baselines_out_of_fold(task, held_out, folds, dataset.label_names, emit)
    else:
        beside = frozen_encoder(dataset, of_baseline, splits, split, train, rows, emit, device=compute.device)
        baselines = _baselines(task, splits["train"], held_out, dataset.label_names, emit)
    observed = observations_of(dataset, split, held_out, emit)
    groups = observed.groups
    report = _report(run, settings, task, outputs, held_out, len(train), baselines, beside, observed, emit, started)
    if out_of_fold is not None:
        report = msgspec.structs.replace(
            report,
            folds=out_of_fold.fold_count,
            repeats=1,
            notes=(*_notes_on_folds(run, out_of_fold, len(train)), *report.notes),
        )
    report = msgspec.structs.replace(report, notes=(*report.notes, *notes))
    if beside_parent := against_parent(run, settings.split, task, outputs, emit, workspace=workspace, groups=groups):
        report = msgspec.structs.replace(report, notes=(beside_parent, *report.notes))
    if compute.precision != "fp32":
        sentence = Sentence("evaluating.note.computed_in", precision=compute.precision)
        report = msgspec.structs.replace(report, notes=(*report.notes, sentence))
    emit(Progressed(0, 0, Sentence("evaluating.progress.saving_report")))
    with atomic_files.replaced_folder(Path(report.folder)) as folder:
        write_predictions(folder / "predictions.parquet", task, outputs, dataset.label_names)
        for name, logits in stored.items():
            write_logits(folder / name, logits, asked.origin(settings.split if name == SCORED else "validation"))
        (folder / "report.json").write_bytes(atomic_files.as_json(report))
    if (run_folder(workspace, run.id) / "run.json").is_file():
        record = read_run(workspace, run.id)
        if settings.changes_answers or fitted:
            write_calibration(Path(run.folder), run.calibration)
            record = msgspec.structs.replace(record, run=run)
        save_run(workspace, msgspec.structs.replace(record, evaluation=report, exported=None))
    return report


class _Asked:
    """The network's logits of rows, without the run's temperature; those of before, where only answers are chosen."""

    def __init__(
        self,
        run: TrainingRun,
        settings: EvaluateSettings,
        task: Task,
        splits: DatasetDict,
        device: torch.device,
        precision: str,
        emit: Emit,
    ) -> None:
        self._run, self._settings, self._task, self._splits = run, settings, task, splits
        self._device, self._precision, self._emit = device, precision, emit

    def origin(self, split: str) -> dict[str, str]:
        """What the logits on disk must be of, to be taken again."""
        return {
            "checkpoint": self._run.checkpoint,
            "fingerprint": self._run.dataset.fingerprint,
            "split": split,
            "precision": self._precision,
        }

    def outputs(self, split: str, rows: EncodedRows, kept: Path) -> Outputs:
        """The logits of these rows of a split; `kept` is where they may be."""
        if (before := self._read(kept, split)) is not None and before.rows.tolist() == rows.numbers.tolist():
            return Outputs(list(before.logits), list(before.truth), before.rows.tolist())
        trained = trained_network(self._run)
        trained.network.to(self._device)  # type: ignore[arg-type]
        found = network_outputs(
            trained.network,
            self._task,
            rows,
            self._emit,
            batch_size=self._settings.batch_size,
            padding_id=trained.tokenizer.pad_token_id or 0,
            note=Sentence("evaluating.progress.asking_network_about_rows", split=split),
            precision=self._precision,
        )
        if self._run.temperature == 1:
            return found
        return Outputs([row * self._run.temperature for row in found.logits], found.labels, found.rows, found.words)

    def validation_outputs(self, kept: Path) -> Outputs:
        """The logits of at most 5,000 validation rows, spread evenly; of those kept apart, where there are any."""
        split = self._splits["validation"]
        if calibration_is_apart(self._run):
            split = split.select(calibration_halves(len(split))[1].tolist())
        if len(split) > MOST_VALIDATION_ROWS:
            split = split.select(np.linspace(0, len(split) - 1, MOST_VALIDATION_ROWS).astype(int).tolist())
        return self.outputs("validation", encoded_rows(split), kept)

    def _read(self, kept: Path, split: str) -> StoredLogits | None:
        if not self._settings.changes_answers:
            return None
        try:
            return read_logits(kept, self.origin(split))
        except (OSError, ValueError, pa.ArrowException):  # computed again
            return None


def _stored(outputs: Outputs) -> StoredLogits:
    return StoredLogits(
        np.asarray(outputs.rows, dtype=np.int64),
        np.asarray(outputs.labels, dtype=np.int64),
        np.stack(outputs.logits).astype(np.float32),
    )


def _report(
    run: TrainingRun,
    settings: EvaluateSettings,
    task: Task,
    outputs: Outputs,
    held_out: Dataset,
    learned_rows: int,
    of_texts: Mapping[str, ScoredRows],
    beside: FrozenEncoder,
    observed: Observations,
    emit: Emit,
    started: float,
) -> EvaluationReport:
    names, groups = run.dataset.label_names, observed.groups
    scores = task.score(outputs, names)
    baselines = {**of_texts, **beside.baselines}
    model = ScoredRows(scores, task.sample_scores(outputs, names))
    seed, different = run.settings.seed, observed.different
    uncertain = uncertainty(model, baselines, task.metric, emit, seed=seed, groups=groups, different=different)
    tests = paired_tests(model, baselines, uncertain.differences)
    further = task.further_scores(outputs, names)
    of_further = uncertainty(further, {}, "", emit, seed=seed, groups=groups, different=different)
    uncertain = uncertain._replace(
        intervals={**uncertain.intervals, **of_further.intervals},
        withheld={**uncertain.withheld, **of_further.withheld},
    )
    if settings.split == "train" or (settings.split == "validation" and evaluations_compared(run) > 1):
        # What was learned from or chosen by these rows has an error that no resample of them shows.
        uncertain = Uncertainty({}, {}, {} if settings.split == "train" else uncertain.differences)
    emit(Progressed(0, 0, Sentence("evaluating.progress.looking_wrong_rows")))
    labels, matrix = task.confusion(outputs, names)
    classes = tuple(measurable(item) for item in task.class_scores(outputs, names))
    return EvaluationReport(
        run=run,
        settings=settings,
        folder=str(Path(run.folder) / "evaluation"),
        rows=len(outputs.rows),
        scores={**scores, **further.scores},
        headline=task.metric,
        intervals=uncertain.intervals,
        baselines={name: measured.scores for name, measured in baselines.items()},
        classes=classes,
        confusion_labels=labels,
        confusion=tuple(tuple(row) for row in matrix.tolist()),
        wrong_rows=task.wrong_rows(outputs, held_out, names, limit=WRONG_ROWS),
        seconds=time.monotonic() - started,
        notes=(
            *_notes(run, settings, outputs, matrix, classes, held_out, uncertain.intervals.get(task.metric)),
            *((beside.left_out,) if beside.left_out else ()),
            *_note_on_rows(beside.baselines, learned_rows),
            *((observed.note,) if observed.note is not None else ()),
        ),
        scatter=task.scatter(outputs),
        differences=uncertain.differences,
        withheld=uncertain.withheld,
        tests={} if settings.split == "train" else tests,
    )


def _baselines(
    task: Task, train: Dataset, held_out: Dataset, names: Sequence[str], emit: Emit
) -> dict[str, ScoredRows]:
    progress = partial(emit, Progressed(0, 0, Sentence("evaluating.progress.training_baselines_same_rows")))
    progress()
    try:
        return task.baselines(_columns(train), _columns(held_out), names, pause=progress)
    except ValueError as error:  # scikit-learn: nothing in these texts to count
        emit(Noted(Sentence("evaluating.note.baselines_could_not_measured", error=error)))
        return {}


def _baselines_out_of_fold(
    task: Task, rows: Dataset, folds: np.ndarray, names: Sequence[str], emit: Emit
) -> dict[str, ScoredRows]:
    """The baselines as the model is scored: each row by one that has learned those of the other folds."""
    parts = []
    for fold in range(int(folds.max()) + 1):
        inside, outside = (rows.select(np.flatnonzero(which)) for which in (folds != fold, folds == fold))
        parts.append(_baselines(task, inside, outside, names, emit))
    order = np.argsort(np.argsort(folds, kind="stable"), kind="stable")
    in_all = [name for name in parts[0] if all(name in part for part in parts)]
    return {name: joined([part[name] for part in parts], order) for name in in_all}


def _notes_on_folds(run: TrainingRun, out_of_fold: OutOfFold, rows: int) -> Iterator[Sentence]:
    """What was scored where the answers are out of the fold, and that it was not the run's own network."""
    yield Sentence("evaluating.note.cross_validated", rows=rows, folds=out_of_fold.fold_count)
    choice = run.choice
    if choice is not None and choice.score is not None:
        score = score_with_interval(choice.score, choice.interval, score=choice.metric)
        yield Sentence("evaluating.note.corrected_for_choice", candidates=len(choice.candidates), score=score)


def _note_on_rows(beside: Mapping[str, ScoredRows], rows: int) -> Iterator[Sentence]:
    """From how many training rows the baseline on the encoder learned, where these are not all."""
    if beside and rows > MOST_TRAINING_ROWS:
        yield Sentence("evaluating.note.some_training_rows", learned=MOST_TRAINING_ROWS, rows=rows)


def _columns(split: Dataset) -> Mapping[str, Sequence[Any]]:
    return {name: split[name][:] for name in BASELINE_COLUMNS if name in split.column_names}


def _notes(
    run: TrainingRun,
    settings: EvaluateSettings,
    outputs: Outputs,
    matrix: np.ndarray,
    classes: Sequence[ClassScores],
    held_out: Dataset,
    interval: tuple[float, float] | None,
) -> list[Sentence]:
    """What a reader of the scores is shown; one sentence each."""
    notes = []
    if settings.split == "train":
        notes.append(Sentence("evaluating.note.rows_of_training"))
    if selection := selection_sentence(run):
        if settings.split == "validation":
            notes.append(selection)
        elif run.evaluations_compared:
            on_test = Sentence("evaluating.note.selection_on_other_rows", selection=selection)
            notes.append(on_test if settings.split == "test" else selection)
    rows = len(outputs.rows)
    if interval is not None and rows < FEW_HELD_OUT:
        width = interval[1] - interval[0]
        notes.append(
            Sentence("evaluating.note.interval_width", score=run.metric, width=width, half=width / 2, rows=rows)
        )
    elif rows < FEW_ROWS:
        notes.append(Sentence("evaluating.note.few_rows", rows=rows))
    if few := [item for item in classes if 0 < item.support < FEW_OF_A_CLASS]:
        word = task_named(run.dataset.task).facts.class_word(run.dataset.label_names).replace(" ", "_")
        noun = word if len(few) == 1 else f"{word}.many"
        notes.append(
            Sentence(
                "evaluating.note.rare_classes",
                number=len(few),
                noun=noun,
                classes=len(classes),
                fewest=FEW_OF_A_CLASS,
            )
        )
    missing = [item.label for item in classes if not item.support]
    if missing:
        notes.append(
            Sentence("evaluating.note.many_labels_in_training_only", shown=missing[:5], more=len(missing) - 5)
            if len(missing) > 5
            else Sentence("evaluating.note.labels_in_training_only", shown=missing, labels=len(missing))
        )
    answered = int((matrix.sum(axis=0) > 0).sum())
    if answered == 1 and len(matrix) > 1:
        notes.append(Sentence("evaluating.note.one_answer"))
    task = task_named(run.dataset.task).calibrated(run.calibration)
    if constant := task.constant_prediction(outputs, run.dataset.label_names):
        notes.append(constant)
    if run.temperature != 1:
        notes.append(Sentence("evaluating.note.temperature", temperature=run.temperature))
    if task.has_probabilities and not task.facts.several_labels and rows:
        stored = _stored(outputs)
        likely = class_probabilities(stored.logits)
        predicted = predicted_classes(likely, run.dataset.label_names, run.thresholds)
        notes += notes_on_answers(run, settings, stored.truth, likely, predicted)
    elif run.thresholds:
        low, high = min(run.thresholds.values()), max(run.thresholds.values())
        notes.append(
            Sentence("evaluating.note.one_threshold", threshold=low)
            if low == high
            else Sentence("evaluating.note.own_thresholds", low=low, high=high)
        )
    if "length" in held_out.column_names:
        cut = int((np.asarray(held_out["length"][:]) > run.dataset.max_length).sum())
        if cut:
            notes.append(Sentence("evaluating.note.cut_rows", rows=cut, max_length=run.dataset.max_length))
    return notes
