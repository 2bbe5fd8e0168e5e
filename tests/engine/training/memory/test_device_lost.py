"""A run whose GPU answers no more says so and continues from its last checkpoint."""

from __future__ import annotations

import pytest

from engine.contract.errors import WorkerDied
from engine.contract.events import Evaluated, Event
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.states import PreparedDataset
from engine.training.fine_tune import fine_tune
from engine.workspace.layout import Workspace
from engine.workspace.runs import interrupted_runs
from tests.engine.small_runs import Listener, small_settings


class Losing(Listener):
    """Raises what CUDA says after a sleep, when the rows are looked at for the second time."""

    def __call__(self, event: Event) -> None:
        super().__call__(event)
        if isinstance(event, Evaluated) and event.step > 9:
            raise RuntimeError("CUDA error: unknown error")


def test_a_run_whose_device_is_lost_goes_on_from_its_checkpoint(reviews: PreparedDataset, workspace: Workspace) -> None:
    settings = small_settings(epochs=3)
    alone = fine_tune(reviews, settings, Listener(), workspace=workspace)
    with pytest.raises(WorkerDied) as caught:
        fine_tune(reviews, settings, Losing(), workspace=workspace)
    assert (caught.value.id, caught.value.actions) == ("T11", (RecoveryAction.CONTINUE_RUN, RecoveryAction.USE_CPU))
    (record,) = interrupted_runs(workspace)
    run = fine_tune(reviews, record.settings, Listener(), continue_run=record.id, workspace=workspace)
    assert run.history == alone.history
