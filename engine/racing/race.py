"""The race: a few encoders learn the user's rows for a short time, and the better half goes on.

Each candidate is loaded, and the same rows are prepared for its tokenizer with the same splits. A round trains all that
are left for the same number of updates, from the pre-trained weights and with a whole schedule, and scores them on the
same validation rows (halving.py). Nothing of it is a run: no checkpoint is written, and what was prepared is removed.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import msgspec
import numpy as np
import torch
from datasets import DatasetDict

from engine.contract.defaults import without_choosing
from engine.contract.errors import EngineError, ModelNotFound
from engine.contract.events import Emit, Event, Progressed
from engine.contract.presets import planned_steps, presets
from engine.contract.queries import AskEncoderRace, EncodersRaced, RacedEncoder
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.settings import FineTuneSettings, FolderModel, HubModel, ModelSource
from engine.contract.states import ModelHandle, PreparedDataset, SplitCounts
from engine.devices import detection as devices
from engine.evaluating.intervals import uncertainty
from engine.loading.load import STARTER_NAME, load
from engine.preparing.prepare import prepare
from engine.racing.halving import rounds_for, survivors_of, updates_for
from engine.tasks.registry import task_named
from engine.tasks.scores import ScoredRows
from engine.training.batching.rows import read_splits
from engine.training.loop.assembly import assemble
from engine.training.loop.updates import Updates
from engine.training.memory.out_of_memory import micro_batch
from engine.training.memory.peak_memory import malloc_trim
from engine.training.step.predictions import predict_all
from engine.training.step.training import Training
from engine.workspace import file_operations
from engine.workspace.layout import Workspace
from engine.workspace.references import find_dataset

MOST_SCORED = 1_000  # validation rows; more would cost the time of training
TIMED_STEPS = 3  # after a first one, which is slower
Clock = Callable[[], float]


@dataclass
class _Candidate:
    """An encoder while it is in the race; `why_out` says why it is not any more."""

    source: ModelSource
    name: str
    model: ModelHandle | None = None
    dataset: PreparedDataset | None = None
    settings: FineTuneSettings = field(default_factory=FineTuneSettings)
    whole_run: int = 0  # updates
    step_seconds: float = 0.0
    rounds: int = 0
    updates: int = 0
    score: float | None = None
    interval: tuple[float, float] | None = None
    why_out: Sentence = NOTHING


def race(question: AskEncoderRace, emit: Emit, *, workspace: Workspace, clock: Clock = time.monotonic) -> EncodersRaced:
    """The candidates, the winner first; those that could not be compared come last, with the reason.

    `emit` may raise `StopRequested` at each of its calls. Raises the error of the last candidate where none could be
    loaded and trained.
    """
    before = set(workspace.datasets.iterdir())
    torch_threads = torch.get_num_threads()
    try:
        return _Race(question, emit, workspace, clock).run()
    finally:
        torch.set_num_threads(torch_threads)
        for folder in set(workspace.datasets.iterdir()) - before:
            file_operations.remove_folder(folder, ignore_errors=True)


class _Race:
    """One race while it runs."""

    def __init__(self, question: AskEncoderRace, emit: Emit, workspace: Workspace, clock: Clock) -> None:
        self._rows = find_dataset(question.dataset)
        self._budget, self._seed = question.seconds, question.seed
        self._emit, self._clock, self._workspace = emit, clock, workspace
        self._compute = devices.choose(question.device, precision="auto")
        self._candidates = [_Candidate(source, _name(source)) for source in question.sources]
        self._failure: EngineError | None = None
        self._metric = ""
        self._scored_rows = 0

    def run(self) -> EncodersRaced:
        """Prepares all candidates, then halves them round by round."""
        begun = self._clock()
        torch.set_num_threads(self._compute.threads)
        for number, candidate in enumerate(self._candidates, start=1):
            self._guarded(candidate, partial(self._prepare, candidate, number))
        left = self._running()
        rounds = rounds_for(len(left)) if left else 0
        trained = self._clock()
        for round_ in range(rounds):
            budget = max(0.0, self._budget - (self._clock() - trained))
            updates = updates_for(
                round_,
                rounds,
                [candidate.step_seconds for candidate in left],
                max(candidate.whole_run for candidate in left),
                budget,
            )
            for candidate in left:
                note = Sentence(
                    "racing.progress.round", number=round_ + 1, rounds=rounds, name=candidate.name, updates=updates
                )
                self._guarded(candidate, partial(self._train, candidate, updates, note))
            left = _best_first([candidate for candidate in left if not candidate.why_out])
            left = left[: survivors_of(len(left))]
            if len(left) <= 1:
                break
        order = _best_first(self._candidates)
        if order[0].why_out:
            raise self._failure or ModelNotFound(
                "M14",
                Sentence("racing.m14.nothing_could_be_compared"),
                hint=Sentence("racing.m14.choose_others"),
                actions=(RecoveryAction.CHOOSE_OTHER_MODEL,),
            )
        return EncodersRaced(
            metric=self._metric,
            encoders=tuple(_result(candidate) for candidate in order),
            rows=self._scored_rows,
            seconds=self._clock() - begun,
        )

    def _running(self) -> list[_Candidate]:
        return [candidate for candidate in self._candidates if not candidate.why_out]

    def _guarded(self, candidate: _Candidate, work: Callable[[], None]) -> None:
        """Does this; an error that concerns this encoder alone takes it out of the race."""
        try:
            work()
        except EngineError as error:
            self._failure = error
            candidate.why_out = Sentence("racing.out.refused", message=error.message)
        finally:
            gc.collect()
            malloc_trim()
            if self._compute.device.type == "cuda":
                torch.cuda.empty_cache()

    # ── A candidate ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _prepare(self, candidate: _Candidate, number: int) -> None:
        """Loads it, prepares the rows for it, and takes the time of an update."""
        self._emit(
            Progressed(
                number - 1,
                len(self._candidates),
                Sentence("racing.progress.preparing", number=number, total=len(self._candidates), name=candidate.name),
            )
        )
        candidate.model = model = load(candidate.source, self._quietly, workspace=self._workspace)
        candidate.name = model.name
        # The rows of one tokenizer say nothing about how many tokens those of another have.
        settings = msgspec.structs.replace(self._rows.settings, max_length=0)
        if model.sha256 == self._rows.model.sha256:
            candidate.dataset = self._rows
        else:
            candidate.dataset = prepare(model, self._rows.source, settings, self._quietly, workspace=self._workspace)
        if candidate.dataset.label_names != self._rows.label_names:
            candidate.why_out = Sentence("racing.out.other_labels", names=list(candidate.dataset.label_names))
            return
        task = task_named(candidate.dataset.task, candidate.dataset.label_names)
        self._metric = task.metric
        usual = presets(candidate.dataset, refused=task.facts.refused_settings)[1].settings
        candidate.settings = msgspec.structs.replace(
            without_choosing(usual),
            kept_checkpoint="last",
            patience=0,
            seed=self._seed,
            device=str(self._compute.device),
        )
        candidate.whole_run = planned_steps(candidate.dataset, candidate.settings)
        steps = Updates(self._assembled(candidate, TIMED_STEPS + 1), self._emit)
        steps.take(0)
        begun = self._clock()
        for step in range(1, TIMED_STEPS + 1):
            steps.take(step)
        candidate.step_seconds = (self._clock() - begun) / TIMED_STEPS

    def _train(self, candidate: _Candidate, updates: int, note: Sentence) -> None:
        """A short run from the pre-trained weights, and its score on the validation rows."""
        training = self._assembled(candidate, min(updates, candidate.whole_run))
        steps = Updates(training, self._emit)
        for number in range(training.total_steps):
            steps.take(number)
            self._emit(Progressed(number + 1, training.total_steps, note, "steps"))
        steps.refuse_divergence()
        ended = steps.training
        if ended.method is not None:
            ended.method.prepare_evaluation(ended, self._quietly)
        outputs = predict_all(
            ended.computing_network,
            ended.task,
            ended.validation_rows,
            ended.validation_batches,
            self._quietly,
            batch_size=2 * micro_batch(ended.settings),
            note=note,
            autocast=ended.autocast,
        )
        names = ended.label_names
        scored = ScoredRows(ended.task.score(outputs, names), ended.task.sample_scores(outputs, names))
        found = uncertainty(scored, {}, self._metric, self._quietly, seed=self._seed)
        candidate.score = scored.scores.get(self._metric)
        candidate.interval = found.intervals.get(self._metric)
        candidate.rounds += 1
        candidate.updates = training.total_steps
        self._scored_rows = len(scored.rows)

    def _assembled(self, candidate: _Candidate, updates: int) -> Training:
        """Network and batches for so many updates; of many validation rows the same are scored by all."""
        assert candidate.dataset is not None
        splits = read_splits(candidate.dataset)
        held_out = splits["validation"]
        if len(held_out) > MOST_SCORED:
            drawn = np.random.default_rng(self._seed).choice(len(held_out), MOST_SCORED, replace=False)
            splits = DatasetDict({**splits, "validation": held_out.select(np.sort(drawn))})
        counts = {name: SplitCounts(len(rows), {}) for name, rows in splits.items()}
        dataset = msgspec.structs.replace(candidate.dataset, splits={**candidate.dataset.splits, **counts})
        torch.manual_seed(self._seed)
        settings = msgspec.structs.replace(candidate.settings, updates=updates)
        training = assemble(dataset, settings, self._compute, splits)
        torch.manual_seed(self._seed)
        return training

    def _quietly(self, event: Event) -> None:
        """What loading and preparing report is not this race's; its progress and a stop are."""
        if isinstance(event, Progressed):
            self._emit(event)


def _best_first(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """By the rounds that they came through, then by score; those that are out, and those without a score, last."""

    def order(candidate: _Candidate) -> tuple[bool, int, float]:
        unscored = -np.inf if candidate.score is None else candidate.score
        return bool(candidate.why_out), -candidate.rounds, -unscored

    return sorted(candidates, key=order)


def _result(candidate: _Candidate) -> RacedEncoder:
    model = candidate.model
    source = candidate.source if model is None else model.source
    return RacedEncoder(
        source=source,
        name=candidate.name,
        score=None if candidate.why_out else candidate.score,
        interval=None if candidate.why_out else candidate.interval,
        rounds=candidate.rounds,
        updates=candidate.updates,
        run_seconds=candidate.step_seconds * candidate.whole_run or None,
        parameters=model.parameters if model is not None else 0,
        size_bytes=model.size_bytes if model is not None else 0,
        why_out=candidate.why_out,
    )


def _name(source: ModelSource) -> str:
    match source:
        case HubModel():
            return source.id
        case FolderModel():
            return Path(source.folder).name
        case _:
            return STARTER_NAME
