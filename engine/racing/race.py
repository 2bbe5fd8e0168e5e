"""The race: a few encoders learn the user's rows for a short time, and the better half goes on.

Each candidate is loaded, and gets the rows as its tokenizer reads them. The time of an update is taken of the first one
and follows for the others from their sizes, since timing each of six costs as much as a round; a round corrects it. A
round trains all that are left for the same number of updates, from the pre-trained weights and with a whole schedule,
and compares them on the same validation rows (halving.py). Nothing of it is a run, and nothing is written: no
checkpoint, no prepared rows.
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
from engine.preparing.encode_again import encoded_for
from engine.racing.halving import FEWEST_SCORED, MOST_SCORED, rounds_for, scored_rows, share_of, survivors, updates_for
from engine.tasks.registry import task_named
from engine.tasks.scores import ScoredRows
from engine.training.batching.rows import read_splits
from engine.training.loop.assembly import assemble
from engine.training.loop.updates import Updates
from engine.training.memory.out_of_memory import micro_batch
from engine.training.memory.peak_memory import malloc_trim, release_gpu_cache
from engine.training.methods.head_features import replace_output_layer
from engine.training.methods.linear_start import linear_start
from engine.training.step.predictions import predict_all
from engine.training.step.training import Training
from engine.workspace.layout import Workspace
from engine.workspace.references import find_dataset

TIMED_STEPS = 3  # after a first one, which is slower
FORWARD_SHARE = 1 / 3  # of the time of an update: that of its rows without the way back
LONG_RUN = 0.5  # of a whole run; from here on the score decides, for the loss rises with confidence
Clock = Callable[[], float]


@dataclass
class _Candidate:
    """An encoder while it is in the race; `why_out` is the reason why it is not any more."""

    source: ModelSource
    name: str
    model: ModelHandle | None = None
    dataset: PreparedDataset | None = None
    splits: DatasetDict | None = None
    settings: FineTuneSettings = field(default_factory=FineTuneSettings)
    whole_run: int = 0  # updates
    step_seconds: float = 0.0
    linear_start: tuple[np.ndarray, np.ndarray] | None = None
    further_seconds: float = 0.0  # of a short run besides its updates and its scores
    rounds: int = 0
    updates: int = 0
    place: int = 0  # in its last round, from 0
    losses: np.ndarray = field(default_factory=lambda: np.zeros(0))  # of the scored rows
    scored: ScoredRows | None = None
    why_out: Sentence = NOTHING

    def score(self, metric: str) -> float | None:
        """Of its last round."""
        return None if self.scored is None else self.scored.scores.get(metric)


def race(question: AskEncoderRace, emit: Emit, *, workspace: Workspace, clock: Clock = time.monotonic) -> EncodersRaced:
    """The candidates, the winner first; those that could not be compared come last, with the reason.

    `emit` may raise `StopRequested` at each of its calls. Raises the error of the last candidate where none could be
    loaded and trained.
    """
    torch_threads = torch.get_num_threads()
    try:
        return _Race(question, emit, workspace, clock).run()
    finally:
        torch.set_num_threads(torch_threads)


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
        self._loading = 0.0  # seconds

    def run(self) -> EncodersRaced:
        """Prepares all candidates, then halves them round by round."""
        begun = self._clock()
        torch.set_num_threads(self._compute.threads)
        splits = read_splits(self._rows)
        for number, candidate in enumerate(self._candidates, start=1):
            self._guarded(candidate, partial(self._prepare, candidate, number, splits))
        self._take_times()
        left = self._running()
        rounds = rounds_for(len(left)) if left else 0
        for round_ in range(rounds):
            spent = self._clock() - begun - self._loading
            self._round(left, round_, rounds, max(0.0, self._budget - spent))
            running = [candidate for candidate in left if not candidate.why_out]
            if round_ < rounds - 1 and len(running) > 1:
                left = [running[place] for place in survivors([candidate.losses for candidate in running])]
            if len(running) <= 1:
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
            encoders=tuple(self._result(candidate) for candidate in order),
            rows=len(order[0].losses),
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
            release_gpu_cache(self._compute.device)

    def _round(self, left: Sequence[_Candidate], round_: int, rounds: int, seconds: float) -> None:
        """Trains and scores those that are left, and puts them in order."""
        share = share_of(round_, rounds) * seconds
        most = max(candidate.whole_run for candidate in left)
        steps = [candidate.step_seconds for candidate in left]
        further = sum(candidate.further_seconds for candidate in left)
        batch = left[0].settings.batch_size
        # Scoring half as many rows as are read costs its share of each update.
        updates = updates_for([step * (1 + FORWARD_SHARE / 2) for step in steps], most, share, further)
        for candidate in left:
            note = Sentence(
                "racing.progress.round", number=round_ + 1, rounds=rounds, name=candidate.name, updates=updates
            )
            self._guarded(candidate, partial(self._train, candidate, updates, batch, note))
        running = [candidate for candidate in left if not candidate.why_out]
        for place, candidate in enumerate(sorted(running, key=partial(_quality, metric=self._metric))):
            candidate.place = place

    # ── A candidate ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _prepare(self, candidate: _Candidate, number: int, splits: DatasetDict) -> None:
        """Loads it and encodes the rows for it."""
        self._emit(
            Progressed(
                number - 1,
                len(self._candidates),
                Sentence("racing.progress.preparing", number=number, total=len(self._candidates), name=candidate.name),
            )
        )
        begun = self._clock()
        candidate.model = load(candidate.source, self._quietly, workspace=self._workspace)
        if isinstance(candidate.source, HubModel):  # perhaps downloaded
            self._loading += self._clock() - begun
        candidate.name = candidate.model.name
        candidate.dataset, candidate.splits = encoded_for(candidate.model, self._rows, splits, self._quietly)
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

    def _take_times(self) -> None:
        """Takes the time of an update of the first candidate that trains; the others' follow from their sizes."""
        timed: _Candidate | None = None
        for candidate in self._running():
            if timed is None:
                self._guarded(candidate, partial(self._time, candidate))
                timed = None if candidate.why_out else candidate
            else:
                candidate.step_seconds = timed.step_seconds * _work(candidate) / _work(timed)
                candidate.further_seconds = timed.further_seconds

    def _time(self, candidate: _Candidate) -> None:
        begun = self._now()
        steps = Updates(self._assembled(candidate, TIMED_STEPS + 1, FEWEST_SCORED), self._emit)
        candidate.further_seconds = self._now() - begun
        steps.take(0)
        begun = self._now()
        for step in range(1, TIMED_STEPS + 1):
            steps.take(step)
        candidate.step_seconds = (self._now() - begun) / TIMED_STEPS

    def _now(self) -> float:
        """Seconds by the clock, once the GPU has done all that it was given."""
        if self._compute.device.type == "cuda":
            torch.cuda.synchronize(self._compute.device)
        return self._clock()

    def _train(self, candidate: _Candidate, updates: int, batch: int, note: Sentence) -> None:
        """A short run from the pre-trained weights, and what it makes of the validation rows."""
        updates = min(updates, candidate.whole_run)
        begun = self._now()
        training = self._assembled(candidate, updates, scored_rows(updates, batch, MOST_SCORED))
        candidate.further_seconds = self._now() - begun
        steps = Updates(training, self._emit)
        warm = training.total_steps // 2  # a GPU records its steps in the first half, kernels are chosen there
        for number in range(training.total_steps):
            if number == warm:
                begun = self._now()
            steps.take(number)
            self._emit(Progressed(number + 1, training.total_steps, note, "steps"))
        steps.refuse_divergence()
        candidate.step_seconds = (self._now() - begun) / (training.total_steps - warm)
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
        candidate.scored = ScoredRows(ended.task.score(outputs, names), ended.task.sample_scores(outputs, names))
        candidate.losses = np.asarray(ended.task.predictions(outputs, names)["loss"], dtype=np.float64)
        candidate.rounds += 1
        candidate.updates = training.total_steps

    def _assembled(self, candidate: _Candidate, updates: int, scored: int) -> Training:
        """Network and batches for so many updates; of more validation rows the same `scored` ones for all."""
        assert candidate.dataset is not None
        assert candidate.splits is not None
        splits, held_out = candidate.splits, candidate.splits["validation"]
        if len(held_out) > scored:
            drawn = np.random.default_rng(self._seed).choice(len(held_out), scored, replace=False)
            splits = DatasetDict({**splits, "validation": held_out.select(np.sort(drawn))})
        counts = {name: SplitCounts(len(rows), {}) for name, rows in splits.items()}
        dataset = msgspec.structs.replace(candidate.dataset, splits={**candidate.dataset.splits, **counts})
        settings = msgspec.structs.replace(candidate.settings, updates=updates)
        training = assemble(dataset, settings, self._compute, splits)
        if settings.head_start == "linear":
            if candidate.linear_start is None:  # the same in each round
                candidate.linear_start = linear_start(training, self._quietly)
            replace_output_layer(training, *candidate.linear_start)
        torch.manual_seed(self._seed)
        return training

    def _quietly(self, event: Event) -> None:
        """What loading and preparing report is not this race's; its progress and a stop are."""
        if isinstance(event, Progressed):
            self._emit(event)

    def _result(self, candidate: _Candidate) -> RacedEncoder:
        model = candidate.model
        source = candidate.source if model is None else model.source
        compared = candidate.scored is not None and not candidate.why_out
        interval = None
        if candidate.scored is not None and compared:
            found = uncertainty(candidate.scored, {}, self._metric, self._quietly, seed=self._seed)
            interval = found.intervals.get(self._metric)
        return RacedEncoder(
            source=source,
            name=candidate.name,
            score=candidate.score(self._metric) if compared else None,
            interval=interval,
            loss=float(candidate.losses.mean()) if compared else None,
            rounds=candidate.rounds,
            updates=candidate.updates,
            run_seconds=candidate.step_seconds * candidate.whole_run or None,
            parameters=model.parameters if model is not None else 0,
            size_bytes=model.size_bytes if model is not None else 0,
            why_out=candidate.why_out,
        )


def _quality(candidate: _Candidate, metric: str) -> float:
    """The smaller the better: the mean loss, after long runs the score with its sign turned."""
    score = candidate.score(metric)
    if candidate.updates >= LONG_RUN * candidate.whole_run and score is not None:
        return -score
    return float(candidate.losses.mean())


def _work(candidate: _Candidate) -> float:
    """What an update takes, up to a factor: the products of its layers, for the tokens that it reads of the rows."""
    model, dataset = candidate.model, candidate.dataset
    assert model is not None
    assert dataset is not None
    return model.layers * model.hidden_size**2 * dataset.mean_tokens


def _best_first(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """By the rounds that they came through, then by their place in the last one; those that are out last."""

    def order(candidate: _Candidate) -> tuple[bool, int, int]:
        return bool(candidate.why_out), -candidate.rounds, candidate.place

    return sorted(candidates, key=order)


def _name(source: ModelSource) -> str:
    match source:
        case HubModel():
            return source.id
        case FolderModel():
            return Path(source.folder).name
        case _:
            return STARTER_NAME
