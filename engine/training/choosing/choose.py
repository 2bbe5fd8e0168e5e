"""Chooses what is trained where the rows are few: candidates compared by repeated stratified cross-validation.

Each fold repeats a whole candidate, its contrastive stage included: features of an encoder that has seen the label of
a row look perfect for that row. What a comparison may cost follows from the time of the run, so most of it is on
features that the untouched encoder computes once; training from the first layer on is compared only where a time budget
leaves room for it, and else taken by the rules that were measured (contract/presets.py).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import msgspec
import numpy as np
import torch

from engine.contract.errors import NumbersDiverged, OutOfMemory
from engine.contract.events import ComparisonProgressed, Emit, Progressed
from engine.contract.metrics import metric
from engine.contract.presets import planned_steps
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.settings import FineTuneSettings
from engine.contract.states import Candidate, Choice, PreparedDataset, RunForecast
from engine.contract.time_budget import CHOOSING_SHARE, MINUTES, most_training_seconds, within_budget
from engine.devices import detection as devices
from engine.evaluating.intervals import Interval, uncertainty
from engine.evaluating.resampling import equal_rows
from engine.tasks.registry import task_named
from engine.tasks.rows import Outputs
from engine.tasks.scores import ScoredRows
from engine.training.acceleration.feature_cache import with_blank_features
from engine.training.batching.rows import read_splits
from engine.training.choosing.candidates import Way, ways
from engine.training.choosing.selection import Selection, select
from engine.training.cross_validation.cross_validate import REPEATS, dependent_rows, folds_of
from engine.training.cross_validation.fold_training import FoldRows, predict_out_of_fold
from engine.training.cross_validation.out_of_fold import KeptLogits
from engine.training.loop.assembly import assemble
from engine.training.loop.reports import WorkingClock
from engine.training.loop.updates import Updates
from engine.training.methods.contrastive import linear_head
from engine.training.methods.head_features import head_features

TIMED_STEPS = 3  # after a first one, which is slower; the time of a candidate follows from them

Clock = Callable[[], float]


def choose(
    dataset: PreparedDataset,
    settings: FineTuneSettings,
    emit: Emit,
    *,
    forecast: RunForecast | None = None,
    clock: Clock | None = None,
) -> tuple[FineTuneSettings, Choice]:
    """The settings that are taken, which do not choose again, and what they were compared with.

    `settings` are those of the rules, `forecast` what a run by them takes. `emit` may raise `StopRequested` within each
    step; the folds that were computed are kept beside the rows, and a second call goes on with them.
    """
    working = WorkingClock()
    listener = working.without_time_of(emit)
    compute = devices.choose(settings.device, precision=settings.precision, threads=settings.threads)
    before = torch.get_num_threads()
    torch.set_num_threads(compute.threads)
    try:
        return _Comparison(dataset, settings, compute, listener, clock or working, forecast).choice()
    finally:
        torch.set_num_threads(before)


class _Comparison:
    """One choice while it is made."""

    def __init__(
        self,
        dataset: PreparedDataset,
        settings: FineTuneSettings,
        compute: devices.Compute,
        emit: Emit,
        clock: Clock,
        forecast: RunForecast | None,
    ) -> None:
        self._dataset, self._settings, self._compute = dataset, settings, compute
        self._emit, self._clock = emit, clock
        self._begun = clock()
        self._splits = read_splits(dataset)
        self._train = self._splits["train"]
        self._task = task_named(dataset.task, dataset.label_names)
        self._labels = np.asarray(self._train["labels"][:], dtype=np.int64)
        self._groups = dependent_rows(self._train, self._task)
        self._folds = folds_of(self._train, self._task, seed=settings.seed)
        self._fold_count = int(self._folds.max()) + 1
        self._ways = list(ways(dataset, settings, self._task.facts.refused_settings))
        self._seconds: dict[int, float] = {}  # of training, by the place of a candidate
        self._not_compared: dict[int, Sentence] = {}
        self._scored: dict[int, list[ScoredRows]] = {}  # by the place of a candidate, one for each repeat
        self._rule = next(place for place, way in enumerate(self._ways) if way.by_rule)
        self._shown: dict[tuple[int, int], Candidate] = {}  # by place and repeats
        seconds = forecast.seconds if forecast is not None else self._timed(self._rule)
        self._most_training = most_training_seconds(settings)
        self._seconds[self._rule] = self._shortened(self._rule, seconds)
        minutes = MINUTES[settings.time_budget]
        self._allowed = 60 * minutes * CHOOSING_SHARE if minutes else seconds * CHOOSING_SHARE / (1 - CHOOSING_SHARE)

    def _shortened(self, place: int, seconds: float) -> float:
        """Gives a candidate as many updates as the time budget holds; the seconds that its training takes then."""
        way = self._ways[place]
        settings = within_budget(self._dataset, way.settings, seconds, most=self._most_training)
        share = planned_steps(self._dataset, settings) / planned_steps(self._dataset, way.settings)
        self._ways[place] = way._replace(settings=settings)
        return seconds * share

    def _report(self, running: int | None = None) -> None:
        """What is known of the candidates, to whoever watches; `running` is compared next."""
        waiting = Sentence("training.choice.waiting")
        found = []
        for place, way in enumerate(self._ways):
            if place in self._scored:
                found.append(self._candidate(place))
                continue
            state = Sentence("training.choice.running") if place == running else self._not_compared.get(place, waiting)
            found.append(Candidate(way.name, seconds=self._seconds.get(place), not_compared=state))
        self._emit(
            ComparisonProgressed(
                Choice(
                    metric=self._task.metric,
                    candidates=tuple(found),
                    taken=-1,
                    reason=NOTHING,
                    rows=len(self._train),
                    folds=self._fold_count,
                    repeats=max((len(one) for one in self._scored.values()), default=0),
                    seconds=self._clock() - self._begun,
                )
            )
        )

    def choice(self) -> tuple[FineTuneSettings, Choice]:
        """Compares as many candidates as the time allows, the quick ones first, and takes one.

        Where the time does not hold the folds of what the rules take, no other that has to be trained is compared
        either: it could not be taken, and would cost its time for nothing.
        """
        self._compare_linear_models()
        self._compare_trained(self._rule, repeats=1)
        others = [place for place, way in enumerate(self._ways) if not (way.is_linear or way.by_rule)]
        if self._is_open():
            others.sort(key=lambda place: self._ways[place].settings.layers_to_train == "full")
            for place in others:
                self._compare_trained(place, repeats=1)
            for place in (self._rule, *others):
                if place in self._scored:
                    self._compare_trained(place, repeats=REPEATS)
        else:
            name = self._ways[self._rule].name
            self._not_compared.update(dict.fromkeys(others, Sentence("training.choice.could_not_be_taken", name=name)))
        places = sorted(self._scored)
        selection = None
        if places:
            rows = [[one.rows for one in self._scored[place]] for place in places]
            selection = select(rows, self._task.metric, self._groups, seed=self._settings.seed)
        return self._taken(places, selection)

    # ── Comparing ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _compare_linear_models(self) -> None:
        """Fits on what the head reads of the untouched encoder, which is computed once for all of them."""
        self._report()
        linear = [place for place, way in enumerate(self._ways) if way.is_linear]
        begun = self._clock()
        torch.manual_seed(self._settings.seed)
        training = assemble(self._dataset, self._ways[linear[0]].settings, self._compute, self._splits)
        features, labels = head_features(training, self._emit)
        self._seconds.update(dict.fromkeys(linear, self._clock() - begun))
        for repeats in range(1, REPEATS + 1):
            for place in linear:
                self._cross_validate(place, partial(self._fitted, place, features, labels), repeats=repeats)
                self._report()

    def _fitted(
        self,
        place: int,
        features: np.ndarray,
        labels: np.ndarray,
        inside: np.ndarray,
        outside: np.ndarray,
        _note: Sentence,
    ) -> np.ndarray:
        """The logits of the rows `outside` by a linear model that has learned those `inside`."""
        classes = len(self._dataset.label_names)
        weight, bias = linear_head(
            features[inside],
            labels[inside],
            classes=classes,
            balanced=self._task.metric.startswith("macro"),
            inverse_penalty=self._ways[place].settings.inverse_penalty,
        )
        if weight is None or bias is None:  # one class only inside
            only: np.ndarray = np.eye(classes, dtype=np.float32)[np.full(len(outside), labels[inside][0])]
            return only
        logits: np.ndarray = features[outside] @ weight.T + bias
        return logits

    def _compare_trained(self, place: int, *, repeats: int) -> None:
        """A candidate that is trained in each fold, where the time allows it."""
        self._report(running=place)
        try:
            self._compare_in_time(place, repeats=repeats)
        finally:
            self._report()

    def _compare_in_time(self, place: int, *, repeats: int) -> None:
        try:
            if place not in self._seconds:
                is_full = self._ways[place].settings.layers_to_train == "full"
                seconds = self._scaled(place) if is_full else self._timed(place)
                self._seconds[place] = self._shortened(place, seconds) if is_full else seconds
            way = self._ways[place]
            if self._seconds[place] > self._most_training:
                self._not_compared[place] = Sentence(
                    "training.choice.too_long", seconds=self._seconds[place], most=self._most_training
                )
                return
            self._cross_validate(place, partial(self._trained, way), repeats=repeats, seconds=self._seconds[place])
        except (NumbersDiverged, OutOfMemory) as error:
            self._not_compared[place] = error.message

    def _cross_validate(
        self,
        place: int,
        predict: Callable[[np.ndarray, np.ndarray, Sentence], np.ndarray],
        *,
        repeats: int,
        seconds: float | None = None,
    ) -> None:
        """Computes the folds of so many repeats that are missing, where they fit into the time; else it stays as it is.

        `seconds` is the time of one fold; without it the first one is timed. `predict` returns the logits of the rows
        outside the fold.
        """
        way = self._ways[place]
        classes = len(self._dataset.label_names)
        kept = KeptLogits(self._dataset, way.as_compared, self._compute, self._folds, (classes,))
        missing = [(repeat, fold) for repeat in range(repeats) for fold in kept.missing(repeat)]
        if seconds is None and missing:
            begun = self._clock()
            self._compute_fold(way, kept, *missing.pop(0), predict)
            seconds = self._clock() - begun
        needed = len(missing) * (seconds or 0.0)
        left = max(0.0, self._allowed - (self._clock() - self._begun))
        if needed > left:
            if place not in self._scored:
                self._not_compared[place] = Sentence("training.choice.no_time", needed=needed, allowed=left)
            return
        for repeat, fold in missing:
            self._compute_fold(way, kept, repeat, fold, predict)
        self._scored[place] = [self._scores(logits) for logits in kept.logits[:repeats]]

    def _compute_fold(
        self,
        way: Way,
        kept: KeptLogits,
        repeat: int,
        fold: int,
        predict: Callable[[np.ndarray, np.ndarray, Sentence], np.ndarray],
    ) -> None:
        number = repeat * self._fold_count + fold + 1
        note = Sentence("training.progress.comparing", name=way.name, number=number, folds=REPEATS * self._fold_count)
        self._emit(Progressed(0, 0, note))
        own = self._folds[repeat] == fold
        kept.take(repeat, fold, predict(np.flatnonzero(~own), np.flatnonzero(own), note))

    def _scores(self, logits: np.ndarray) -> ScoredRows:
        outputs = Outputs(list(logits), list(map(np.asarray, self._labels)), list(range(1, len(logits) + 1)))
        names = self._dataset.label_names
        return ScoredRows(self._task.score(outputs, names), self._task.sample_scores(outputs, names))

    # ── Training ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _scaled(self, place: int) -> float:
        """The seconds of training all layers in another way, from those of the rules: by the rows that are computed."""

        def rows(one: int) -> int:
            settings = self._ways[one].settings
            return planned_steps(self._dataset, settings) * settings.batch_size

        return self._seconds[self._rule] * rows(place) / rows(self._rule)

    def _timed(self, place: int) -> float:
        """The seconds of training this candidate on all rows, from a few real steps."""
        self._emit(Progressed(0, 0, Sentence("stages.progress.measuring_few_steps_first")))
        settings = self._ways[place].as_compared
        training = with_blank_features(assemble(self._dataset, settings, self._compute, self._splits))
        step = Updates(training, self._emit)
        step.take(0)
        begun = self._clock()
        for number in range(1, 1 + TIMED_STEPS):
            self._emit(Progressed(0, 0, Sentence("stages.progress.measuring_few_steps_first")))
            step.take(number)
        return (self._clock() - begun) / TIMED_STEPS * training.total_steps

    def _trained(self, way: Way, inside: np.ndarray, outside: np.ndarray, note: Sentence) -> np.ndarray:
        """The logits of the rows `outside` by a network that has learned those `inside`."""
        rows = FoldRows(self._train, inside, outside)
        return np.stack(
            predict_out_of_fold(self._dataset, way.as_compared, self._compute, rows, note, self._emit).logits
        )

    # ── The outcome ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _taken(self, places: list[int], selection: Selection | None) -> tuple[FineTuneSettings, Choice]:
        candidates = [self._candidate(place) for place in range(len(self._ways))]
        decided = selection is not None and self._is_open()
        if selection is not None and decided:
            taken, reason = places[selection.taken], self._reason(places, selection)
            settings = self._ways[taken].as_compared
        elif self._is_too_long(self._rule):
            quickest = min(self._seconds, key=lambda place: self._seconds[place])
            taken, reason = quickest, Sentence("training.choice.quickest", name=self._ways[quickest].name)
            settings = self._ways[taken].as_compared
        else:
            taken, settings = self._rule, self._ways[self._rule].settings
            reason = Sentence(
                "training.choice.by_rule", name=self._ways[taken].name, reason=self._not_compared[self._rule]
            )
        score, interval = None, None
        found = candidates[taken]
        if selection is not None and decided and selection.corrected is not None and found.score is not None:
            score = selection.corrected
            interval = _shifted(found.interval, score - found.score, self._task.metric)
        return settings, Choice(
            metric=self._task.metric,
            candidates=tuple(candidates),
            taken=taken,
            reason=reason,
            rows=len(self._train),
            folds=self._fold_count,
            repeats=max((len(found) for found in self._scored.values()), default=0),
            seconds=self._clock() - self._begun,
            score=score,
            interval=interval,
        )

    def _is_open(self) -> bool:
        """Whether the scores decide: what the rules take has one, or takes longer than the budget leaves."""
        return self._rule in self._scored or self._is_too_long(self._rule)

    def _is_too_long(self, place: int) -> bool:
        return self._seconds[place] > self._most_training

    def _candidate(self, place: int) -> Candidate:
        name, seconds = self._ways[place].name, self._seconds.get(place)
        if place not in self._scored:
            return Candidate(name, seconds=seconds, not_compared=self._not_compared[place])
        repeats = self._scored[place]
        if (known := self._shown.get((place, len(repeats)))) is not None:
            return msgspec.structs.replace(known, seconds=seconds)
        measured = [score for one in repeats if (score := one.scores.get(self._task.metric)) is not None]
        if len(measured) < len(repeats):
            return Candidate(name, seconds=seconds, not_compared=Sentence("training.choice.not_measurable"))
        score = float(np.mean(measured))
        together = equal_rows(self._groups.tolist())
        first = uncertainty(repeats[0], {}, self._task.metric, self._emit, seed=self._settings.seed, groups=together)
        interval = first.intervals.get(self._task.metric)
        found = Candidate(name, score, _shifted(interval, score - measured[0], self._task.metric), seconds)
        self._shown[place, len(repeats)] = found
        return found

    def _reason(self, places: list[int], selection: Selection) -> Sentence:
        name = self._ways[places[selection.taken]].name
        if selection.taken != selection.best:
            return Sentence("training.choice.tie", name=name, best=self._ways[places[selection.best]].name)
        if selection.tied:
            tied = [self._ways[places[place]].name for place in selection.tied]
            return Sentence("training.choice.best_with_ties", name=name, tied=tied)
        return Sentence("training.choice.best", name=name)


def _shifted(interval: Interval | None, by: float, key: str) -> Interval | None:
    if interval is None:
        return None
    low, high = (min(metric(key).highest, max(metric(key).lowest, end + by)) for end in interval)
    return low, high
