"""Checks an exported folder against its passport, alone or with the data it came from.

Neither the workspace nor the network is used. Nothing of the folder is run: weights are tensors, and a configuration
that names code of its own is not followed. The network is loaded only where every file is the one that is claimed.
"""

from __future__ import annotations

import hashlib
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch

from engine import __version__
from engine.cli.recipe import parse_recipe
from engine.contract.errors import InvalidSetting, ModelDamaged, ModelNotSupported
from engine.contract.events import Emit, Progressed
from engine.contract.passport import (
    ROW_HASHES,
    SCHEMA,
    Check,
    Passport,
    Verification,
    latency_class,
    latency_place,
)
from engine.contract.sentences import Sentence
from engine.evaluating.predict import model_of_folder
from engine.tasks.registry import task_named
from engine.verifying.data import check_rows, check_scores, rows_of_export, source_of
from engine.verifying.folder import (
    CONFIG,
    check_config,
    check_consistency,
    check_files,
    check_passport,
    check_sizes,
    json_of,
    read_passport,
    understood,
)
from engine.workspace.atomic_files import read_regular

TEXTS = ("A short one.", "A sentence of ordinary length, as somebody would write it.", "Two sentences. They are here.")
RECIPE = "recipe.toml"
TIMES = 5  # that each of them is answered
FOREIGN = {"labels", "config"}  # where these differ, rows cannot be encoded as they were


def verify(folder: Path, data: Sequence[str], emit: Emit, *, digest: str = "") -> Verification:
    """Every claim with what came of it; raises `ModelNotSupported` (M9) for a folder without a passport."""
    folder = folder.resolve()
    content, passport = read_passport(folder)
    checks = list(check_passport(folder, content, passport, digest))
    if passport is not None and passport.schema <= SCHEMA:
        checks += _of_folder(folder, passport, emit)
        checks += _with_network(folder, passport, checks, data, emit)
    return Verification(
        folder=folder.name,
        digest=hashlib.sha256(content).hexdigest(),
        checks=tuple(checks),
        passport=passport,
        made_by=f"Tunewright {__version__}",
        made_on=time.strftime("%Y-%m-%d", time.gmtime()),
        data=tuple(Path(one).name for one in data),
    )


def _of_folder(folder: Path, passport: Passport, emit: Emit) -> Iterator[Check]:
    yield from check_files(folder, passport, emit)
    yield from understood(CONFIG, lambda: check_config(folder, passport))
    yield from check_sizes(folder, passport)
    yield from check_consistency(folder, passport)


def _with_network(
    folder: Path, passport: Passport, before: Sequence[Check], data: Sequence[str], emit: Emit
) -> Iterator[Check]:
    """What needs the network, and what needs the data; a claim that cannot be checked is said to be so."""
    changed = [check.about for check in before if check.part in ("files", "sizes") and check.status == "differs"]
    if changed:
        yield Check("latency", "not recomputed", Sentence("verifying.latency.files_changed"))
        yield Check("scores", "not recomputed", Sentence("verifying.scores.files_changed"))
        return
    emit(Progressed(0, 0, Sentence("verifying.progress.loading")))
    try:
        network, tokenizer, task, longest = model_of_folder(str(folder))
        milliseconds = _milliseconds(network, tokenizer, task, longest)
    except (ModelDamaged, ModelNotSupported) as error:
        yield Check("config", "differs", Sentence("verifying.config.not_loaded", reason=error.message), "config.json")
        yield Check("scores", "not recomputed", Sentence("verifying.scores.not_loaded"))
        return
    yield _latency_check(passport, milliseconds)
    if not data:
        yield Check("scores", "not recomputed", Sentence("verifying.scores.no_data"))
        return
    if not passport.splits:
        yield Check("scores", "not recomputed", Sentence("verifying.scores.no_rows"))
        return
    hashes = {name: list(map(str, own)) for name, own in json_of(folder / ROW_HASHES).items() if isinstance(own, list)}
    try:
        recipe = parse_recipe(read_regular(folder / RECIPE, 1_000_000).decode("utf-8", "replace"), name=RECIPE)
    except (OSError, InvalidSetting) as error:
        yield Check("scores", "not recomputed", Sentence("verifying.scores.no_recipe", reason=str(error)), RECIPE)
        return
    with tempfile.TemporaryDirectory(prefix="tunewright-verify-", ignore_cleanup_errors=True) as scratch:
        rows = rows_of_export(passport, hashes, recipe, source_of(recipe, data), emit, scratch=Path(scratch))
    yield from check_rows(passport, rows)
    if passport.evaluation.split not in passport.splits:
        yield Check("scores", "not recomputed", Sentence("verifying.scores.other_networks"))
        return
    if len(rows.scored) != passport.evaluation.rows:
        yield Check("scores", "not recomputed", Sentence("verifying.scores.rows_missing"))
        return
    if any(check.status == "differs" and check.part in FOREIGN for check in before):
        yield Check("scores", "not recomputed", Sentence("verifying.scores.other_labels"))
        return
    answering = task_named(recipe.prepare.task, passport.label_names).calibrated(passport.calibration)
    yield from check_scores(passport, network, tokenizer, answering, passport.calibration, rows, emit)


def _milliseconds(network: torch.nn.Module, tokenizer: object, task: object, longest: int) -> float:
    """The median time for one short text here, on a CPU."""
    times = []
    for number in range(TIMES + 1):
        for text in TEXTS:
            started = time.perf_counter()
            task.predict(network, tokenizer, text, max_length=longest)  # type: ignore[attr-defined]
            if number:  # the first round warms up
                times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)


def _latency_check(passport: Passport, milliseconds: float) -> Check:
    """The class here beside the claimed one; another computer may be slower, which is no fault of the folder."""
    here, claimed = latency_class(milliseconds), passport.proof.latency
    values = {"here": here, "milliseconds": milliseconds, "claimed": claimed}
    if latency_place(here) <= latency_place(claimed):
        return Check("latency", "holds", Sentence("verifying.latency.same", **values))
    return Check("latency", "noted", Sentence("verifying.latency.slower", **values))
