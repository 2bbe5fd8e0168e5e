"""Small pages in the place of the three in the middle, for tests of the frame."""

from __future__ import annotations

from typing import ClassVar, get_args

from engine.contract.errors import ErrorReport
from engine.contract.events import Event
from engine.contract.messages import Evaluate, FineTune, PrepareDataset
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.settings import EvaluateSettings, FineTuneSettings
from engine.contract.states import EvaluationReport, ModelHandle, PreparedDataset, State, TrainingRun, find
from gui.export.page import ExportPage
from gui.load_model.page import LoadModelPage
from gui.page import Page, WindowAction, owner_of
from gui.session import Session
from tests.builders import a_dataset


class _Plain(Page):
    def __init__(self, session: Session, *, in_turns: bool = False) -> None:
        super().__init__(session, in_turns=in_turns)
        self.states: list[State | None] = []
        self.events: list[Event] = []
        self.solved: list[RecoveryAction] = []
        self.outdated = False
        self.not_next = ""

    def primary_text(self) -> str:
        return "Go"

    def primary_enabled(self) -> bool:
        return True

    def is_outdated(self) -> bool:
        return self.outdated

    def next_reason(self) -> str:
        return self.not_next

    def show_state(self, state: State | None) -> None:
        self.states.append(state)

    def show_event(self, event: Event) -> None:
        self.events.append(event)

    def solve(self, action: RecoveryAction, error: ErrorReport) -> None:
        self.solved.append(action)
        own = action in (RecoveryAction.TRY_AGAIN, RecoveryAction.USE_CPU)
        if not own and (action in get_args(WindowAction) or owner_of(action) != self.title):  # type: ignore[arg-type]
            self.action_passed_on.emit(action, error)


class Data(_Plain):
    """Choose data."""

    title: ClassVar[str] = "Choose data"
    needs: ClassVar[type | None] = ModelHandle
    makes: ClassVar[type | None] = PreparedDataset

    @classmethod
    def closed_reason(cls) -> str:
        return "Load a model first."

    def take_primary_action(self) -> None:
        model = find(self.session.state, ModelHandle)
        assert model is not None
        dataset = a_dataset()
        self.session.run_stage(PrepareDataset(model, dataset.source, dataset.settings))


class Training(_Plain):
    """Fine-tune."""

    title: ClassVar[str] = "Fine-tune"
    needs: ClassVar[type | None] = PreparedDataset
    makes: ClassVar[type | None] = TrainingRun

    @classmethod
    def closed_reason(cls) -> str:
        return "Prepare data first."

    def stop_texts(self) -> tuple[str, ...]:
        return ("Stop, keep the best", "Stop and discard")

    def take_primary_action(self) -> None:
        dataset = find(self.session.state, PreparedDataset)
        assert dataset is not None
        self.session.run_stage(FineTune(dataset, FineTuneSettings()))


class Scores(_Plain):
    """Evaluate."""

    title: ClassVar[str] = "Evaluate"
    needs: ClassVar[type | None] = TrainingRun
    makes: ClassVar[type | None] = EvaluationReport

    @classmethod
    def closed_reason(cls) -> str:
        return "Fine-tune first."

    def take_primary_action(self) -> None:
        run = find(self.session.state, TrainingRun)
        assert run is not None
        self.session.run_stage(Evaluate(run, EvaluateSettings()))


PAGES: tuple[type[Page], ...] = (LoadModelPage, Data, Training, Scores, ExportPage)
