"""Loading from a folder that a test has changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from engine.contract.errors import EngineError
from engine.contract.events import Event, Noted
from engine.contract.settings import FolderModel
from engine.contract.states import ModelHandle
from engine.loading.load import load
from engine.workspace.layout import Workspace

WEIGHTS = "model.safetensors"


def loaded(folder: Path, workspace: Workspace) -> ModelHandle:
    return load(FolderModel(str(folder)), lambda event: None, workspace=workspace)


def refusal(folder: Path, workspace: Workspace) -> EngineError:
    """The error of a load that must fail, checked to be fit for showing."""
    received: list[Event] = []
    with pytest.raises(EngineError) as caught:
        load(FolderModel(str(folder)), received.append, workspace=workspace)
    assert caught.value.message.endswith(".")
    assert caught.value.actions
    assert not [event for event in received if isinstance(event, Noted)]
    return caught.value


def change_config(folder: Path, **values: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **values}))


def change_weights(folder: Path, change: dict[str, torch.Tensor | None]) -> None:
    """Replaces tensors; None removes one."""
    tensors = load_file(folder / WEIGHTS)
    for name, value in change.items():
        assert name in tensors, name
        if value is None:
            del tensors[name]
        else:
            tensors[name] = value
    save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})
