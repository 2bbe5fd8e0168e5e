"""A stand-in engine that answers about rows, prepares them, races and loads with the engine's own functions."""

from __future__ import annotations

from engine import stages
from engine.contract import messages as wire
from engine.contract.errors import EngineError
from engine.contract.events import Answered, Event, StageFailed, StageSucceeded
from engine.contract.messages import LoadModel, PrepareDataset
from engine.contract.queries import AskEncoderRace, AskPreview, AskRow, AskRowCounts, AskTokens
from engine.workspace.layout import Workspace
from tests.builders_data import ignore
from tests.gui.conftest import StandInEngine

Answerable = AskTokens | AskPreview | AskRow | AskRowCounts | AskEncoderRace


class EngineHere(StandInEngine):
    """Does its jobs with the engine's own functions, in this process and before `submit` returns."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace

    def submit(self, job: wire.Job) -> int:
        number = super().submit(job)
        if isinstance(job, Answerable | PrepareDataset | LoadModel) and type(job) not in self.answers:
            self._later(number, self._outcome(job))
        return number

    def _outcome(self, job: Answerable | PrepareDataset | LoadModel) -> Event:
        """The event as it arrives: sentences are made anew on their way, constants of the engine too."""
        return wire.decode_happened(wire.encode(wire.Happened(0, self._made(job)))).event

    def _made(self, job: Answerable | PrepareDataset | LoadModel) -> Event:
        try:
            if isinstance(job, LoadModel):
                return StageSucceeded(stages.load_model(job.source, ignore, workspace=self._workspace))
            if not isinstance(job, PrepareDataset):
                return Answered(stages.answer(job, ignore, workspace=self._workspace))
            return StageSucceeded(
                stages.prepare_dataset(job.model, job.rows, job.settings, ignore, workspace=self._workspace)
            )
        except EngineError as error:
            return StageFailed(error.report())
