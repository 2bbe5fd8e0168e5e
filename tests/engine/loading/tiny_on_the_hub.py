"""The tiny model of the stand-in Hub, and a load of it that must fail."""

from __future__ import annotations

import pytest

from engine.contract.errors import EngineError
from engine.contract.settings import HubModel
from engine.loading.load import load
from engine.workspace.layout import Workspace

TINY = HubModel("someone/tiny")
WEIGHTS = "model.safetensors"


def hub_refusal(workspace: Workspace, source: HubModel = TINY) -> EngineError:
    """The error of a load that must fail, checked to be fit for showing."""
    with pytest.raises(EngineError) as caught:
        load(source, lambda event: None, workspace=workspace)
    assert caught.value.message.endswith(".")
    assert caught.value.actions
    return caught.value
