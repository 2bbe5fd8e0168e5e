"""A small search over learning rate, epochs and batch size. Each trial is an ordinary run of the workspace.

Optuna's tree-structured Parzen estimator (Bergstra et al. 2011) proposes, its median pruner ends trials early. The
first trial has the user's own settings, so the result is never worse than theirs. Equal seeds give equal searches on
the same machine, since each run does.
"""

from __future__ import annotations

import math

import msgspec
import optuna

from engine.contract.errors import EngineError, NumbersDiverged, OutOfMemory, StopRequested
from engine.contract.events import (
    Advised,
    Emit,
    Evaluated,
    Event,
    TrainingStarted,
    TrialEnded,
    TrialOutcome,
    TrialStarted,
)
from engine.contract.run_changes import trial_name
from engine.contract.score_sentences import selection_sentence
from engine.contract.sentences import Sentence
from engine.contract.settings import FineTuneSettings, SearchSettings
from engine.contract.states import PreparedDataset, TrainingRun
from engine.training.fine_tune import fine_tune
from engine.workspace.layout import Workspace
from engine.workspace.runs import delete_run, read_run, run_folder, save_run

FULL_TRIALS = 3  # before any is pruned, and before the estimator proposes


def search(
    dataset: PreparedDataset,
    settings: FineTuneSettings,
    chosen: SearchSettings,
    emit: Emit,
    *,
    workspace: Workspace,
) -> TrainingRun:
    """Trains so many runs, and returns the one with the best score on the validation rows.

    Stopped, it returns the best so far. Raises `StopRequested` where there is none yet, or where the user discards the
    search, whose runs are then gone; raises the error of the last trial where none came to an end.
    """
    return _Search(dataset, settings, chosen, emit, workspace).run()


class _Search:
    """One search while it runs: its study, its runs and the best of them."""

    def __init__(
        self,
        dataset: PreparedDataset,
        settings: FineTuneSettings,
        chosen: SearchSettings,
        emit: Emit,
        workspace: Workspace,
    ) -> None:
        self._dataset = dataset
        self._settings = settings
        self._chosen = chosen
        self._emit = emit
        self._workspace = workspace
        self._best: TrainingRun | None = None
        self._runs: list[str] = []  # ids of runs
        self._ended = 0
        self._evaluations = 0  # of all trials
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._study = optuna.create_study(
            direction="maximize",
            sampler=optuna.samplers.TPESampler(seed=settings.seed, n_startup_trials=FULL_TRIALS),
            pruner=optuna.pruners.MedianPruner(n_startup_trials=FULL_TRIALS, n_warmup_steps=0),
        )
        self._study.enqueue_trial(own_values(settings, chosen))

    def run(self) -> TrainingRun:
        """All trials, one after the other."""
        failure: EngineError | None = None
        try:
            for number in range(1, self._chosen.trials + 1):
                failure = self._try(number) or failure
        except StopRequested as stop:
            if stop.discard:
                for identity in self._runs:
                    if (run_folder(self._workspace, identity) / "run.json").is_file():
                        delete_run(self._workspace, identity)
            if stop.discard or stop.leaving or self._best is None:
                raise
        if self._best is None:
            if failure is not None:
                raise failure
            raise EngineError(
                "T5",
                Sentence("training.t5.no_trial_could_scored_validation"),
                hint=Sentence("training.t5.check_runs_change_data"),
            )
        return self._with_note(self._best)

    def _try(self, number: int) -> EngineError | None:
        """One trial; returns the error where the next one may succeed."""
        trial = self._study.ask()
        settings = proposed(trial, self._settings, self._chosen)
        settings = msgspec.structs.replace(settings, run_name=self._name(number))
        total = self._chosen.trials
        self._emit(TrialStarted(number, total, settings.learning_rate, settings.epochs, settings.batch_size))
        listener = _Listener(trial, self._emit)
        run: TrainingRun | None = None
        failure: EngineError | None = None
        try:
            run = fine_tune(self._dataset, settings, listener, workspace=self._workspace)
        except (NumbersDiverged, OutOfMemory) as error:
            failure = error
            self._set_aside(listener.run_id)
        finally:
            self._runs += [listener.run_id] if listener.run_id else []
            self._evaluations += listener.evaluations
        score = run.best_score if run is not None else None
        is_best = run is not None and score is not None and self._is_better(score)
        if is_best:
            self._best = run
        self._record_in_study(trial, listener, score)
        self._ended += 1
        outcome: TrialOutcome = "finished"
        if listener.stop is not None:
            outcome = "stopped"
        elif failure is not None or score is None:
            outcome = "failed"
        elif listener.pruned:
            outcome = "ended early"
        ended = TrialEnded(number, total, listener.run_id, score, outcome, is_best)
        self._emit(ended)
        if listener.stop is not None:
            raise listener.stop
        return failure

    def _set_aside(self, identity: str) -> None:
        """A failed trial stays in the list, but the next start does not offer to continue it."""
        if identity:
            record = read_run(self._workspace, identity)
            save_run(self._workspace, msgspec.structs.replace(record, status="stopped"))

    def _is_better(self, score: float) -> bool:
        return self._best is None or self._best.best_score is None or score > self._best.best_score

    def _record_in_study(self, trial: optuna.Trial, listener: _Listener, score: float | None) -> None:
        if score is None or not math.isfinite(score):
            self._study.tell(trial, state=optuna.trial.TrialState.FAIL)
        elif listener.pruned or listener.stop is not None:
            self._study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        else:
            self._study.tell(trial, score)

    def _name(self, number: int) -> str:
        own = self._settings.run_name or f"{self._dataset.model.name} on {self._dataset.name}"
        return trial_name(number, self._chosen.trials, own)

    def _with_note(self, run: TrainingRun) -> TrainingRun:
        """The run with a note on how it was found; also on the disk."""
        noted = msgspec.structs.replace(run, evaluations_compared=max(self._evaluations, len(run.history)))
        selection = selection_sentence(noted)
        note = (
            Sentence("training.note.best_of_search_selection", trials=self._ended, selection=selection)
            if selection
            else Sentence("training.note.best_of_search", trials=self._ended)
        )
        noted = msgspec.structs.replace(noted, notes=(*run.notes, note))
        record = read_run(self._workspace, run.id)
        save_run(self._workspace, msgspec.structs.replace(record, run=noted))
        return noted


class _Listener:
    """Passes the events of a trial on, and ends it where the pruner ends it."""

    def __init__(self, trial: optuna.Trial, emit: Emit) -> None:
        self._trial = trial
        self._emit = emit
        self.run_id = ""
        self.pruned = False
        self.stop: StopRequested | None = None  # requested by the user
        self.evaluations = 0  # with a score

    def __call__(self, event: Event) -> None:
        if isinstance(event, TrainingStarted):
            self.run_id = event.run_id
        if isinstance(event, Evaluated) and event.scores.get(event.metric) is not None:
            self.evaluations += 1
        if not isinstance(event, Advised):  # bad trials are expected
            try:
                self._emit(event)
            except StopRequested as stop:
                self.stop = stop
                raise
        if isinstance(event, Evaluated) and not self.pruned and self.stop is None:
            self._compare(event)

    def _compare(self, event: Evaluated) -> None:
        """Whole epochs are compared, since trials may differ in their other evaluations."""
        score, epoch = event.scores.get(event.metric), round(event.epoch)
        if score is None or epoch < 1 or abs(event.epoch - epoch) > 1e-6:
            return
        self._trial.report(score, epoch)
        if self._trial.should_prune():
            self.pruned = True
            raise StopRequested()


def ranges(settings: FineTuneSettings, chosen: SearchSettings) -> tuple[tuple[float, float], tuple[float, float]]:
    """Lowest and highest learning rate, lowest and highest number of epochs."""
    rate, epochs = settings.learning_rate, settings.epochs
    rates = (rate / chosen.learning_rate_factor, min(0.1, rate * chosen.learning_rate_factor))
    if epochs < 1:
        return rates, (epochs / 2, 1.5 * epochs)
    return rates, (float(max(1, round(epochs / 2))), float(max(2, round(1.5 * epochs))))


def batch_sizes(settings: FineTuneSettings) -> list[int]:
    """Half, once and twice the user's."""
    size = settings.batch_size
    return sorted({max(1, size // 2), size, min(4096, 2 * size)})


def own_values(settings: FineTuneSettings, chosen: SearchSettings) -> dict[str, float]:
    """The user's own settings as a trial."""
    values = {"learning_rate": settings.learning_rate, "epochs": settings.epochs}
    if settings.epochs >= 1:
        low, high = ranges(settings, chosen)[1]
        values["epochs"] = min(max(round(settings.epochs), int(low)), int(high))
    if chosen.batch_sizes:
        values["batch_size"] = settings.batch_size
    return values


def proposed(trial: optuna.Trial, settings: FineTuneSettings, chosen: SearchSettings) -> FineTuneSettings:
    """The settings of a trial; a drawn rate has two significant digits."""
    (low_rate, high_rate), (low, high) = ranges(settings, chosen)
    rate = trial.suggest_float("learning_rate", low_rate, high_rate, log=True)
    if settings.epochs < 1:
        epochs = trial.suggest_float("epochs", low, high)
    else:
        epochs = float(trial.suggest_int("epochs", int(low), int(high)))
    size = settings.batch_size
    if chosen.batch_sizes:
        size = trial.suggest_categorical("batch_size", batch_sizes(settings))
    if rate != settings.learning_rate:
        rate = float(f"{rate:.1e}")
    return msgspec.structs.replace(settings, learning_rate=rate, epochs=epochs, batch_size=size)
