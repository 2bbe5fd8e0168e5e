"""Which steps are open, done, stale or closed: read off the furthest state, without any widget."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from engine.contract.messages import Evaluate, Export, FineTune, LoadModel, PrepareDataset, Search, StageJob
from engine.contract.states import (
    EvaluationReport,
    ExportedModel,
    ModelHandle,
    PreparedDataset,
    State,
    TrainingRun,
    before,
)
from gui.page import Page

Status = Literal["done", "open", "stale", "closed"]
MADE_BY: dict[type, type] = {
    LoadModel: ModelHandle,
    PrepareDataset: PreparedDataset,
    FineTune: TrainingRun,
    Search: TrainingRun,
    Evaluate: EvaluationReport,
    Export: ExportedModel,
}


class Steps:
    """The state of every step. A step whose result was closed by an earlier one is stale until it is made again."""

    def __init__(self, pages: Sequence[type[Page]]) -> None:
        self._pages = tuple(pages)
        self._reached: tuple[type, ...] = ()
        self._stale: set[int] = set()

    def show_state(self, state: State | None) -> None:
        """The furthest state is this one now."""
        chain: list[type] = []
        link = state
        while link is not None:
            chain.append(type(link))
            link = before(link)
        lost = set(self._reached) - set(chain)
        self._reached = tuple(chain)
        for index, page in enumerate(self._pages):
            if page.makes in lost:
                self._stale.add(index)
            elif page.makes in chain:
                self._stale.discard(index)

    def is_open(self, index: int) -> bool:
        """Whether what this step needs has been reached."""
        needed = self._pages[index].needs
        return needed is None or needed in self._reached

    def status(self, index: int) -> Status:
        """What is shown about this step."""
        if not self.is_open(index):
            return "closed"
        if self._pages[index].makes in self._reached:
            return "done"
        return "stale" if index in self._stale else "open"

    def furthest(self) -> int:
        """The last step whose result was reached, or the first."""
        done = [index for index in range(len(self._pages)) if self.status(index) == "done"]
        return max(done, default=0)

    def step_before(self, index: int) -> int:
        """The step to do first so that this closed one opens."""
        for earlier in range(index):
            if self.is_open(earlier) and self.status(earlier) != "done":
                return earlier
        return 0

    def page_of(self, job: StageJob) -> int:
        """The step that starts this kind of job."""
        return self.page_making(MADE_BY[type(job)])

    def page_making(self, made: type) -> int:
        """The step that makes this kind of state."""
        return next(index for index, page in enumerate(self._pages) if page.makes is made)
