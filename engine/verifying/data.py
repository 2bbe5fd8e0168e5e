"""What the data show of an export's claims: splits from the hashes of rows, then leaks, scores and calibration.

The rows are read as they were for the run, by the recipe in the folder: its columns, its fixes, its edits. Which split
a row belongs to is decided by its hash alone, so the order and the names of the files do not matter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from datasets import Dataset
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from engine.contract.calibration import Calibration
from engine.contract.errors import InvalidSetting
from engine.contract.events import Emit
from engine.contract.passport import Check, EvaluationClaim, Passport, SplitClaim
from engine.contract.sentences import Sentence
from engine.contract.settings import ExampleRows, FileRows, PrepareSettings, Recipe, RowSource
from engine.contract.split_columns import own_reading
from engine.evaluating.evaluate import network_outputs
from engine.exporting.passport import answers_claim, row_hash
from engine.preparing.apply_cleaning_rules import cleaned, need_near_duplicates
from engine.preparing.arranging import columns_in, with_columns
from engine.preparing.encoding import ANSWER_TOKENS, Encoder
from engine.preparing.preview import limited_reading
from engine.preparing.rows.collecting import ROW, Collected, collect, rows_at, spool_schema
from engine.preparing.rows.near_duplicates import find_near_duplicates
from engine.reading.sources.sources import all_files, name_of
from engine.reading.sources.unpacking import Unpacking
from engine.tasks.registry import task_named
from engine.tasks.rows import Outputs
from engine.tasks.task import Task
from engine.training.batching.rows import encoded_rows
from engine.workspace.atomic_files import sha256_of

BATCH = 1_000  # rows that are encoded together
EXACT = 1e-4  # between scores of the same answers, relative to those above 1
ROUNDED = 0.01  # between scores of answers in two number formats, beside one row


class Rows(NamedTuple):
    """The rows of the data that have a hash of the export, by split; `scored` are those whose scores are claimed."""

    found: dict[str, int]  # rows of each split
    labels: dict[str, dict[str, int]]
    inputs_in_training: dict[str, int]
    scored: list[dict[str, Any]]  # in the order of the split
    others: int  # rows of the data that are in no split
    files: dict[str, str]  # sha256 by name
    columns: tuple[str, ...]  # of a canonical row


def source_of(recipe: Recipe, data: Sequence[str]) -> RowSource:
    """The files as the source of rows: by their names in the recipe, else in the order training, validation, test.

    An example that comes with the program is given by its name. Raises `InvalidSetting` (T16) for more than three.
    """
    if isinstance(recipe.data, ExampleRows) and list(data) == [recipe.data.name] and not Path(data[0]).exists():
        return recipe.data
    if len(data) > 3:
        raise InvalidSetting(
            "T16",
            Sentence("cli.t16.at_most_three_files", files=len(data)),
            hint=Sentence("cli.t16.training_validation_test"),
        )
    paths = [str(Path(one).expanduser().absolute()) for one in data]
    if isinstance(recipe.data, FileRows):
        wanted = [recipe.data.path, recipe.data.validation_path, recipe.data.test_path]
        by_name = {Path(path).name: path for path in paths}
        if set(by_name) <= set(filter(None, wanted)) and len(by_name) == len(paths) and Path(wanted[0]).name in by_name:
            return FileRows(*(by_name.get(name, "") for name in wanted))
    return FileRows(*paths)


def rows_of_export(
    passport: Passport,
    hashes: Mapping[str, Sequence[str]],
    recipe: Recipe,
    source: RowSource,
    emit: Emit,
    *,
    scratch: Path,
) -> Rows:
    """Reads the data once; raises `DatasetUnreadable` and `DatasetInvalid` as preparing does."""
    settings = recipe.prepare
    task = task_named(settings.task)
    with Unpacking(scratch, emit) as unpacking:
        own = {split: own_reading(settings, split) for split in ("validation", "test")}
        with limited_reading(name_of(source)):
            files = all_files(source, settings.reading, unpacking, own=own)
        files = with_columns(files, task, settings)
        roles = tuple(columns_in(file, task, settings) for file in files)
        with limited_reading(name_of(source)):
            collected = collect(files, roles, task, settings, scratch, emit)
        collected = _fixed(collected, task, settings, [(file.split, file.name) for file in files], scratch, emit)
        sums = {file.name: sha256_of(file.place.path) for file in files}
        return _sorted_out(collected, task, passport, hashes, sums)


def _fixed(
    collected: Collected,
    task: Task,
    settings: PrepareSettings,
    files: Sequence[tuple[Any, str]],
    work: Path,
    emit: Emit,
) -> Collected:
    """The rows after the fixes of the run."""
    if not settings.cleaning_rules or not len(collected):
        return collected
    near = None
    if need_near_duplicates(settings.cleaning_rules):
        near = find_near_duplicates(collected, np.ones(len(collected), dtype=bool), emit, seed=settings.seed)
    return cleaned(collected, settings.cleaning_rules, near, task, files, work, emit)[0]


def _sorted_out(
    collected: Collected, task: Task, passport: Passport, hashes: Mapping[str, Sequence[str]], sums: dict[str, str]
) -> Rows:
    """Every row by its hash; rows with the same hash are equal, so one of them is enough."""
    wanted = {name: Counter(own) for name, own in hashes.items()}
    everything: Counter[str] = sum(wanted.values(), Counter())
    scored = set(hashes.get(passport.evaluation.split, ()))
    there: Counter[str] = Counter()
    rows: dict[str, dict[str, Any]] = {}
    inputs: dict[str, str] = {}
    labels: dict[str, tuple[str, ...]] = {}
    others = 0
    for chunk in rows_at(collected, np.arange(len(collected))):
        for row in chunk:
            key = row_hash(passport.row_salt, row)
            if there[key] >= everything[key]:
                others += 1
                continue
            there[key] += 1
            inputs[key], labels[key] = task.identity(row), tuple(task.count_labels(row))
            if key in scored:
                rows[key] = row
    training = {inputs[key] for key in wanted.get("train", ()) if key in inputs}
    counts: dict[str, dict[str, int]] = {}
    for name, own in wanted.items():
        counted: Counter[str] = Counter()
        for key, number in own.items():
            counted.update({label: number * times for label, times in Counter(labels.get(key, ())).items()})
        counts[name] = dict(sorted(counted.items()))
    return Rows(
        found={name: sum(min(number, there[key]) for key, number in own.items()) for name, own in wanted.items()},
        labels=counts,
        inputs_in_training={
            name: 0 if name == "train" else sum(n for key, n in own.items() if inputs.get(key) in training)
            for name, own in wanted.items()
        },
        scored=[rows[key] for key in hashes.get(passport.evaluation.split, ()) if key in rows],
        others=others,
        files=sums,
        columns=collected.columns,
    )


# ── Checks ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def check_rows(passport: Passport, rows: Rows) -> Iterator[Check]:
    """Files, splits, labels and leaks."""
    for name, found in rows.files.items():
        if passport.data.files.get(name):
            same = passport.data.files[name] == found
            sentence = Sentence("verifying.splits.same_file" if same else "verifying.splits.other_file", file=name)
            yield Check("splits", "holds" if same else "noted", sentence, name)
    for name, claim in passport.splits.items():
        yield from _split_checks(name, claim, rows)
    if rows.others:
        yield Check("splits", "noted", Sentence("verifying.splits.others", rows=rows.others))


def _split_checks(name: str, claim: SplitClaim, rows: Rows) -> Iterator[Check]:
    found = rows.found.get(name, 0)
    if found != claim.rows:
        sentence = Sentence("verifying.splits.missing", missing=claim.rows - found, rows=claim.rows, split=name)
        yield Check("splits", "differs", sentence, name)
        return
    yield Check("splits", "holds", Sentence("verifying.splits.rebuilt", rows=found, split=name), name)
    if rows.labels.get(name, {}) != claim.labels:
        yield Check("labels", "differs", Sentence("verifying.labels.other_counts", split=name), name)
    leaked = rows.inputs_in_training.get(name, 0)
    if name == "train":
        return
    if leaked != claim.inputs_in_training:
        sentence = Sentence("verifying.leaks.other", found=leaked, claimed=claim.inputs_in_training, split=name)
        yield Check("leaks", "differs", sentence, name)
    else:
        yield Check("leaks", "holds", Sentence("verifying.leaks.same", rows=leaked, split=name), name)


def check_scores(
    passport: Passport,
    network: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    task: Task,
    calibration: Calibration,
    rows: Rows,
    emit: Emit,
) -> Iterator[Check]:
    """The scores of the network on the scored rows, and what “don't know” makes of them."""
    names, scored = passport.label_names, passport.evaluation
    outputs = _outputs(passport, network, tokenizer, task, rows, emit)
    found = {**task.score(outputs, names), **task.further_scores(outputs, names).scores}
    for key, claim in scored.scores.items():
        value = found.get(key)
        if (value is None) != (claim.value is None) or key not in found:
            yield Check("scores", "differs", Sentence("verifying.scores.one_without", score=key), key)
        elif value is not None and claim.value is not None and abs(value - claim.value) > _room(claim.value, scored):
            sentence = Sentence("verifying.scores.other", score=key, found=value, claimed=claim.value)
            yield Check("scores", "differs", sentence, key)
        elif value is not None:
            yield Check("scores", "holds", Sentence("verifying.scores.same", score=key, found=value), key)
    if scored.answers is not None:
        truth = np.asarray(outputs.labels, dtype=np.int64)
        again = answers_claim(calibration, names, np.stack(outputs.logits), truth)
        close = again is not None and all(
            abs((a or 0) - (b or 0)) <= (0 if scored.precision == "fp32" else 1 + ROUNDED * scored.rows)
            for a, b in (
                (again.answered, scored.answers.answered),
                (again.right, scored.answers.right),
                (again.held, scored.answers.held),
            )
        )
        sentence = (
            Sentence("verifying.calibration.same_answers", answered=scored.answers.answered, rows=scored.answers.rows)
            if close
            else Sentence("verifying.calibration.other_answers")
        )
        yield Check("calibration", "holds" if close else "differs", sentence)


def _room(claimed: float, scored: EvaluationClaim) -> float:
    """How far a score may be from the claimed one: by the number format of the claim."""
    if scored.precision == "fp32":
        return EXACT * max(1.0, abs(claimed))
    return (ROUNDED + 1 / max(1, scored.rows)) * max(1.0, abs(claimed))


def _outputs(
    passport: Passport,
    network: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    task: Task,
    found: Rows,
    emit: Emit,
) -> Outputs:
    """The logits of canonical rows, encoded as they were for the claim."""
    columns, rows = found.columns, found.scored
    encoder = Encoder(task, tokenizer, passport.label_names)
    tables = []
    for start in range(0, len(rows), BATCH):
        batch = pa.RecordBatch.from_pylist(rows[start : start + BATCH], spool_schema(columns))
        encoded = encoder.encode(batch, columns, passport.model.max_length)
        encoded.pop(ANSWER_TOKENS)
        arrays = {**encoded, ROW: batch.column(ROW), **{name: batch.column(name) for name in columns}}
        tables.append(pa.Table.from_arrays(list(arrays.values()), names=list(arrays)))
    split = Dataset(pa.concat_tables(tables))
    return network_outputs(
        network,
        task,
        encoded_rows(split, partial(task.words_of_row, label_names=passport.label_names)),
        emit,
        batch_size=64,
        padding_id=tokenizer.pad_token_id or 0,
        note=Sentence("evaluating.progress.asking_network_about_rows", split=passport.evaluation.split),
    )
