"""Fine-tune: presets and a short form, then live curves, then what was reached."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import msgspec
from PySide6.QtCore import QTimer

from engine.contract.errors import ErrorReport
from engine.contract.events import (
    Advised,
    Continued,
    DiskFilled,
    Event,
    Paused,
    StageFailed,
    StageStopped,
    StageSucceeded,
    TrainingStarted,
)
from engine.contract.messages import FineTune, Search
from engine.contract.queries import AskDevices, AskForecast, DevicesFound, Forecast
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.run_changes import with_action, without_trial_name
from engine.contract.score_sentences import best_on_validation, evaluations_compared
from engine.contract.sentences import Sentence
from engine.contract.settings import FineTuneSettings, Recipe, SearchSettings
from engine.contract.states import PreparedDataset, State, TrainingRun, find
from engine.contract.time_budget import plan_sentence
from engine.script.assemble import code_so_far
from engine.workspace.references import reference_to_dataset
from engine.workspace.runs import can_continue
from gui.components.action_captions import caption_of
from gui.components.banner import Banner
from gui.components.layouts import OneAtATime, vertical
from gui.design.theme import INSIDE
from gui.entries import Entries
from gui.fine_tune.error_actions import StopQuestion, TrainingActions, what_is_lost
from gui.fine_tune.explanation import why_training
from gui.fine_tune.monitor.coach_line import CoachLine
from gui.fine_tune.monitor.training_monitor import TrainingMonitor
from gui.fine_tune.setup.forecast import ForecastUpdater
from gui.fine_tune.setup.search_dialog import Exploring
from gui.fine_tune.setup.training_setup import TrainingSetup
from gui.page import NO_ERROR, Page


class FineTunePage(Page):
    """Step 3."""

    title = "Fine-tune"
    needs = PreparedDataset
    makes = TrainingRun

    @classmethod
    def import_parts(cls) -> None:
        import gui.fine_tune.monitor.live_charts
        import gui.fine_tune.monitor.training_curves  # noqa: F401

    def _build(self) -> Iterator[None]:
        session = self.session
        self._dataset: PreparedDataset | None = None
        self._met: PreparedDataset | None = None  # the last one, also when it is closed
        self._run: TrainingRun | None = None
        self._stale = False
        self._can_continue = False  # the run that is shown
        self._before: State | None = None  # with the run that was open when this one began
        self.coach = CoachLine()
        self.kept = Banner()  # shows that an earlier, better run stays open
        self._views = OneAtATime()
        # First what holds the views: with every new parent all widgets inside are styled again.
        vertical(self, self.coach, self.kept, self._views, gap=INSIDE)
        yield
        self._setup = TrainingSetup()
        self._views.addWidget(self._setup)
        yield
        self._forecast_updater = ForecastUpdater(
            session, self._setup.forecast_line, self._question, self, plan=self._plan
        )
        self._exploring = Exploring(session, self)
        self._stopping = StopQuestion(self)
        self._actions = TrainingActions(session, self.settings, self)
        self._watch = TrainingMonitor(session.preferences, session.workspace)
        self._views.addWidget(self._watch)
        yield
        self._curves = self._watch.curves
        self._progress = self._watch.progress
        self._watch.result.again.clicked.connect(self._show_setup)
        self._watch.result.continue_button.clicked.connect(self._continue)
        self._watch.result.action_taken.connect(lambda action: self._actions.solve(action, NO_ERROR))

        session.busy_changed.connect(self._busy_changed)
        self._setup.changed.connect(self.footer_changed)
        self.coach.action_requested.connect(self._take_advice)
        self._setup.changed.connect(self._forecast_updater.refresh)
        self._setup.changed.connect(self._show_device)
        self._setup.forecast_line.offer_taken.connect(self.set_settings)
        self._setup.find_button.clicked.connect(lambda: self._explore(self._exploring.find_learning_rate))
        self._setup.search_button.clicked.connect(lambda: self._explore(self._ask_for_search))
        self._exploring.rate_chosen.connect(self._take_learning_rate)
        self._exploring.search_chosen.connect(self._search)
        self._actions.start_requested.connect(self._start)
        self._actions.begin_requested.connect(self.take_primary_action)
        self._actions.settings_requested.connect(self.set_settings)
        self._actions.field_requested.connect(self._show_field)
        self._actions.stop_requested.connect(lambda: self.stop(0))
        self._actions.passed_on.connect(self.action_passed_on)
        self._actions.error_found.connect(self.error_found)
        self._actions.answered.connect(self.footer_changed)

    # ── The form ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def settings(self) -> FineTuneSettings:
        """What is entered in the form."""
        return self._setup.value()

    def set_settings(self, settings: FineTuneSettings) -> None:
        """Shows these settings in the form."""
        self._setup.set_value(settings)
        self._forecast_updater.refresh()
        self._show_device()

    def training_settings(self) -> FineTuneSettings | None:
        return self.settings() if self._dataset is not None else None

    def add_entries(self, entries: Entries) -> Entries:
        return msgspec.structs.replace(entries, fine_tune=self.training_settings())

    def restore(self, entries: Entries) -> None:
        if entries.fine_tune is not None and entries.is_prepared:
            self.set_settings(entries.fine_tune)
            self.footer_changed.emit()

    def show_recipe(self, recipe: Recipe) -> None:
        self.set_settings(recipe.fine_tune)
        self.footer_changed.emit()

    def _show_device(self) -> None:
        if not self.session.busy:
            self.session.device_chosen.emit(self.settings().device)

    def _question(self) -> AskForecast | None:
        if self._dataset is None or self._setup.errors():
            return None
        return AskForecast(reference_to_dataset(self._dataset), self.settings())

    def _plan(self, forecast: Forecast) -> str:
        if self._dataset is None:
            return ""
        return plan_sentence(self._dataset, self.settings(), forecast.expected.seconds)

    def _devices_known(self, answer: object) -> None:
        if isinstance(answer, DevicesFound):
            self._setup.offer_devices(answer)

    # ── What the frame asks ───────────────────────────────────────────────────────────────────────────────────────────

    @classmethod
    def caption(cls) -> str:
        return Sentence("gui.page.fine_tune")

    @classmethod
    def closed_reason(cls) -> str:
        return Sentence("gui.page.fine_tune_closed")

    def sentence(self) -> str:
        if self._dataset is None:
            return Sentence("gui.fine_tune.encoder_learns")
        return Sentence(
            "gui.fine_tune.model_on_rows",
            model=self._dataset.model.name,
            dataset=self._dataset.name,
            rows=self._dataset.splits["train"].rows,
        )

    def chosen(self) -> str:
        if self._run is None:
            return ""
        if self._run.best_score is None:
            return Sentence("gui.fine_tune.steps_trained", steps=self._run.steps)
        return best_on_validation(self._run.metric, self._run.best_score, evaluations_compared(self._run))

    def is_doubtful(self) -> bool:
        return self._run is not None and self._watch.result.is_doubtful

    def why(self) -> str:
        return why_training(self._dataset, self.settings())

    def code(self) -> str:
        state: State | None = self._run or self._dataset
        return code_so_far(state, fine_tune=self.settings())

    def _training(self) -> bool:
        return isinstance(self.session.stage_job, FineTune | Search)

    def primary_text(self) -> str:
        return (
            Sentence("gui.fine_tune.start_again")
            if self._run is not None and self._views.currentWidget() is self._setup
            else Sentence("gui.fine_tune.start")
        )

    def primary_enabled(self) -> bool:
        return self._dataset is not None and not self.session.busy and not self.primary_reason()

    def primary_reason(self) -> str:
        if self._dataset is None:
            return self.closed_reason()
        if refused := self._setup.errors():
            return next(iter(refused.values()))
        if self.session.busy:
            return Sentence("gui.fine_tune.another_step_running_wait_stop")
        if self._run is not None and self._views.currentWidget() is self._watch:
            if self._can_continue:
                return Sentence("gui.fine_tune.run_stopped_continue_trains_further")
            return Sentence("gui.fine_tune.run_finished_change_settings_begins")
        return ""

    def pause_text(self) -> str:
        if not self._training() or self.session.stopping:
            return ""
        return Sentence("gui.fine_tune.continue") if self.session.paused else Sentence("gui.fine_tune.pause")

    def stop_texts(self) -> tuple[str, ...]:
        if self.session.stopping:
            return (Sentence("gui.fine_tune.end_once"),)
        return (stop_caption(), Sentence("gui.fine_tune.stop_discard"))

    # ── What the frame reports ────────────────────────────────────────────────────────────────────────────────────────

    def take_primary_action(self) -> None:
        if self._dataset is not None:
            asked = AskForecast(reference_to_dataset(self._dataset), self.settings())
            self._start(FineTune(self._dataset, asked.settings, forecast=self._forecast_updater.expected(asked)))

    def _continue(self) -> None:
        """Trains the run that is shown on from its last checkpoint."""
        if self._run is not None:
            self._start(FineTune(self._run.dataset, self._run.settings, continue_run=self._run.id))

    def _start(self, job: FineTune | Search) -> None:
        if not self.session.run_stage(job):
            return
        self.error_solved.emit()
        self._expect_events(job)

    def _expect_events(self, job: FineTune | Search) -> None:
        self._actions.begin(job)
        self.kept.clear()
        is_new = isinstance(job, Search) or not job.continue_run
        self._before = self.session.state if is_new and find(self.session.state, TrainingRun) is not None else None
        settings = with_action(job.settings, job.action) if isinstance(job, FineTune) else job.settings
        self.coach.begin(settings, job.dataset)
        self._watch.begin(
            job.dataset.fingerprint,
            continue_run=job.continue_run if isinstance(job, FineTune) else "",
            evaluation_interval=settings.evaluation_interval,
        )
        self._views.setCurrentWidget(self._watch)
        self.footer_changed.emit()

    def pause(self) -> None:
        super().pause()
        if self.session.paused:
            self._progress.show_pausing()
        self.footer_changed.emit()

    def stop(self, index: int) -> None:
        job = self.session.stage_job
        if index > 0 and not self.session.stopping and isinstance(job, FineTune | Search):
            self._stopping.ask_to_discard(what_is_lost(job, self._curves.step), lambda: self._stop(discard=True))
        else:
            self._stop(discard=index > 0)

    def _stop(self, *, discard: bool) -> None:
        if not self._training():  # it ended while the question was there
            return
        self.session.stop(discard=discard)
        self._progress.show_stopping(discard=discard)
        self.footer_changed.emit()

    def show_state(self, state: State | None) -> None:
        dataset = find(state, PreparedDataset)
        run = find(state, TrainingRun)
        if dataset is not None and dataset != self._dataset:
            self._set_dataset(dataset)
        self._stale = self._run is not None and run is None
        if run is not None and run != self._run:
            self._open(run)
        elif run is None:
            if self._run is not None:
                self.coach.clear()  # it was about that run
            self._run = None
            if dataset is None:
                self._dataset = None
            if not self._training():
                self._show_setup()

    def _set_dataset(self, dataset: PreparedDataset) -> None:
        met, self._dataset, self._met = self._met, dataset, dataset
        if met is not None and _is_other_work(met, dataset):
            self._setup.forget_entries()  # name, watch-list and settings were for other rows
        trained = self._run is not None or self._stale
        self._setup.set_dataset(dataset, keep_entries=trained and met is not None and not _is_other_work(met, dataset))
        self._forecast_updater.refresh()
        self.session.ask(AskDevices(), self._devices_known)

    def _open(self, run: TrainingRun) -> None:
        self._run = run
        self.kept.clear()
        advice = self._watch.open(run.id)
        self.set_settings(without_trial_name(run.settings))
        self._show_result(run)
        if advice is not None:
            self.coach.show_again(run.settings, run.dataset, advice)

    def _show_result(self, run: TrainingRun) -> None:
        self._can_continue = run.stopped_early and can_continue(self.session.workspace, run.id)
        self._watch.show_result(run, can_continue=self._can_continue)
        self._views.setCurrentWidget(self._watch)
        self._end_advice()
        self.footer_changed.emit()

    def _show_setup(self) -> None:
        self._views.setCurrentWidget(self._setup)
        self.footer_changed.emit()

    def _busy_changed(self) -> None:
        job = self.session.stage_job
        if job is None:
            self._stopping.close()
        if isinstance(job, FineTune | Search) and self._views.currentWidget() is not self._watch:
            # Another hand started it: the card that continues an interrupted run.
            self._expect_events(job)
        for button in (self._setup.find_button, self._setup.search_button):
            button.setEnabled(not self.session.busy)
        self.footer_changed.emit()

    def show_event(self, event: Event) -> None:
        self._watch.on_event(event)
        match event:
            case TrainingStarted():
                self._actions.training_started(event.run_id)
            case Paused():
                self.footer_changed.emit()
            case DiskFilled():
                self.error_found.emit(self._actions.disk_filled(event))
                self.footer_changed.emit()
            case Continued():
                self.error_solved.emit()
                self.footer_changed.emit()
            case Advised():
                self.coach.show_advice(event)
            case StageSucceeded(state=TrainingRun() as run):
                QTimer.singleShot(0, self, partial(self._keep_better, self._before, run))
                self.done.emit()
            case StageStopped():
                self._end_without_result()
            case StageFailed():
                self._fail(event.error)
            case _:
                pass

    def _keep_better(self, before: State | None, run: TrainingRun) -> None:
        """Opens the run from before again where it was better on the same rows; the new one is a click away."""
        earlier = find(before, TrainingRun)
        if earlier is None or self.session.busy or find(self.session.state, TrainingRun) != run:
            return
        if earlier.dataset.fingerprint != run.dataset.fingerprint or earlier.metric != run.metric:
            return
        if earlier.best_score is None or (run.best_score is not None and run.best_score >= earlier.best_score):
            return
        better = Sentence("gui.fine_tune.better_stays_open", metric=run.metric, score=earlier.best_score)
        if run.best_score is None:
            reached = Sentence("gui.fine_tune.new_run_unscored")
        else:
            reached = Sentence("gui.fine_tune.new_run_reached", score=run.best_score)
        self.session.go_to(before)
        self.kept.show_note(
            "news",
            f"{better} {reached}",
            Sentence("gui.fine_tune.both_list_runs"),
            ((Sentence("gui.fine_tune.open_new_run"), lambda: self.session.go_to(run)),),
        )

    def _end_without_result(self) -> None:
        self._watch.end()
        if self._run is not None:
            self._show_result(self._run)
        else:
            self._show_setup()
            self._end_advice()

    # ── Settings that are tried out ───────────────────────────────────────────────────────────────────────────────────

    def _explore(self, ask: Callable[[PreparedDataset, FineTuneSettings], None]) -> None:
        if self._dataset is not None and not self.session.busy and not self._setup.errors():
            ask(self._dataset, self.settings())

    def _ask_for_search(self, dataset: PreparedDataset, settings: FineTuneSettings) -> None:
        expected = self._forecast_updater.expected(AskForecast(reference_to_dataset(dataset), settings))
        self._exploring.ask_for_search(dataset, settings, None if expected is None else expected.seconds)

    def _take_learning_rate(self, rate: float) -> None:
        self._setup.take_found_rate(rate)
        self.set_settings(self.settings())
        self.footer_changed.emit()
        self._show_field("learning_rate")

    def _search(self, chosen: SearchSettings) -> None:
        if self._dataset is not None:
            self._start(Search(self._dataset, self.settings(), chosen))

    # ── The end of a run ──────────────────────────────────────────────────────────────────────────────────────────────

    def _take_advice(self, action: RecoveryAction) -> None:
        """Follows the coach; a run that would be stopped for it is stopped after a question only."""
        if not self._training() or action is RecoveryAction.STOP_KEEP_BEST:
            self._follow_advice(action)
        else:
            follows = (
                Sentence("gui.fine_tune.best_checkpoint_kept"),
                self.coach.what_follows(action),
                Sentence("gui.fine_tune.you_start_next"),
            )
            self._stopping.ask(
                Sentence("gui.fine_tune.stop_run"),
                " ".join(filter(None, follows)),
                stop_caption(),
                lambda: self._follow_advice(action),
            )

    def _follow_advice(self, action: RecoveryAction) -> None:
        self.coach.follow(action)
        if self._training():
            self.stop(0)
        else:
            self._end_advice()

    def _end_advice(self) -> None:
        """What the coach has prepared is shown; other advice is of no use any more."""
        prepared = self.coach.end()
        if prepared is not None:
            self.set_settings(prepared)
            self._show_setup()

    def _fail(self, error: ErrorReport) -> None:
        self._end_without_result()
        if error.field:
            self._setup.show_refusal(error.field, error.message)
        self._show_setup()
        self.error_found.emit(error)

    def _show_field(self, name: str) -> None:
        self._show_setup()
        self._setup.short_form.field(name).editor.setFocus()

    def solve(self, action: RecoveryAction, error: ErrorReport) -> None:
        self._actions.solve(action, error)


def stop_caption() -> str:
    """The caption of the button that ends a run and keeps its best checkpoint."""
    return caption_of(RecoveryAction.STOP_KEEP_BEST)


def _is_other_work(one: PreparedDataset, other: PreparedDataset) -> bool:
    """Whether another file, task or model was chosen, and not the same rows prepared once more."""
    return (one.source, one.task, one.model.sha256) != (other.source, other.task, other.model.sha256)
