"""What can be wrong with a recipe before anything heavy is loaded: values, files, folders, devices.

`run` and `search` begin with it, since a missing file would else be reported after the encoder is loaded. `--check`
goes on to what needs torch: the rows are counted by the recipe's columns, and the GPU is looked for.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

from engine import stages
from engine.contract.errors import EngineError, InvalidSetting
from engine.contract.events import Emit
from engine.contract.examples import example_named, examples
from engine.contract.queries import AskDevices, AskRowCounts, DevicesFound
from engine.contract.sentences import Sentence
from engine.contract.settings import ExampleRows, FileRows, FolderModel, HubRows, Recipe, check
from engine.workspace.layout import Workspace


def light_problems(recipe: Recipe, workspace: Workspace) -> Iterator[EngineError]:
    """Everything that can be seen at once; nothing is loaded for it."""
    for settings in (recipe.prepare, recipe.fine_tune, recipe.evaluate, recipe.export):
        try:
            check(settings)
        except InvalidSetting as problem:
            yield problem
    if isinstance(recipe.model, FolderModel):
        yield from _missing("model.folder", recipe.model.folder, folder=True)
    match recipe.data:
        case FileRows():
            for name in ("path", "validation_path", "test_path"):
                place = getattr(recipe.data, name)
                if place or name == "path":
                    yield from _missing(f"data.{name}", place, folder=False)
        case ExampleRows(name) if example_named(name) is None:
            yield _problem(
                "data.name", Sentence("cli.t16.no_example", name=name), [example.name for example in examples()]
            )
    yield from _device_problem(recipe.fine_tune.device, "fine_tune.device")
    yield from _device_problem(recipe.evaluate.device, "evaluate.device")
    try:
        stages.check_export_folder(recipe.export, workspace=workspace)
    except EngineError as problem:
        yield problem


def heavy_problems(recipe: Recipe, emit: Emit, workspace: Workspace) -> Iterator[EngineError]:
    """What takes torch and the files themselves: columns, rows, GPUs. Data of the Hub are not downloaded for it."""
    if not isinstance(recipe.data, HubRows):
        try:
            stages.answer(AskRowCounts(recipe.data, recipe.prepare), emit, workspace=workspace)
        except EngineError as problem:
            yield problem
    wanted = {recipe.fine_tune.device, recipe.evaluate.device} - {"auto", "cpu"}
    if wanted:
        found = stages.answer(AskDevices(), emit, workspace=workspace)
        assert isinstance(found, DevicesFound)
        there = [device.id for device in found.devices]
        for name in sorted(wanted):
            if (f"{name}:0" if name == "cuda" else name) not in there:
                yield _problem("fine_tune.device", Sentence("cli.t16.no_device", name=name), there)


def _missing(field: str, place: str, *, folder: bool) -> Iterator[EngineError]:
    """Whether a file or a folder is not there, or must not be read."""
    path = Path(place).expanduser()
    if not place:
        yield _problem(field, Sentence("cli.t16.nothing_named", field=field))
    elif not path.exists():
        yield _problem(field, Sentence("cli.t16.not_there", field=field, path=str(path.absolute())))
    elif folder and not path.is_dir():
        yield _problem(field, Sentence("cli.t16.no_folder", field=field, path=str(path.absolute())))
    elif not os.access(path, os.R_OK):
        yield _problem(field, Sentence("cli.t16.not_readable", field=field, path=str(path.absolute())))


def _device_problem(device: str, field: str) -> Iterator[EngineError]:
    """A device that no computer of this system has."""
    if device == "mps" and (sys.platform != "darwin" or platform.machine() != "arm64"):
        yield _problem(field, Sentence("cli.t16.no_device", name=device), ["auto", "cpu"])
    if device.startswith("cuda") and sys.platform == "darwin":
        yield _problem(field, Sentence("cli.t16.no_device", name=device), ["auto", "cpu", "mps"])


def _problem(field: str, sentence: Sentence, choices: list[str] | None = None) -> InvalidSetting:
    hint = Sentence("cli.t16.change_value_start_again")
    if choices:
        hint = Sentence("cli.t16.fields_there_are", fields=choices)
    return InvalidSetting("T16", sentence, hint=hint, field=field.rpartition(".")[2])
