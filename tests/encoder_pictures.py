"""Pictures of Load model's further parts: the shelf with what fits, the race with its table, the access token.

The race is run by the real engine, over the starter and two copies with fewer of its layers.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from transformers import AutoModel, AutoTokenizer

from engine.contract.settings import ExampleRows
from engine.loading.load import starter_folder
from gui.load_model.page import LoadModelPage
from gui.load_model.race_dialog import RaceDialog
from gui.preferences import RecentModel
from gui.shell.preferences_dialog import PreferencesDialog
from tests.data_pictures import bring_to_top
from tests.picture_files import save_small
from tests.walk import LOAD, Walk

SECONDS_TO_SETTLE = 1.5
RACE_SECONDS = 40.0
FEWER_LAYERS = (4, 2)


def take_encoder_pictures(walk: Walk, folder: Path, to: Path) -> None:
    """The starter is loaded; takes `load_model_shelf`, `load_model_race` and `preferences_network` into `to`."""
    walk.prepare(ExampleRows("support_tickets"))
    walk.window.go_to(LOAD)
    page = walk.window.page(LOAD)
    assert isinstance(page, LoadModelPage)
    page.again_button.click()
    page.chooser.choose_hub()
    Walk.settle(SECONDS_TO_SETTLE)
    bring_to_top(page, page.chooser.shelf)
    Walk.settle(SECONDS_TO_SETTLE)
    save_small(walk.window, to / "load_model_shelf.png")

    for layers in FEWER_LAYERS:
        walk.session.preferences.remember_model(RecentModel(folder=str(with_layers(layers, folder))))
    page.chooser.shelf.race_button.click()
    (dialog,) = page.findChildren(RaceDialog)
    names = [dialog.choices.item(line).text() for line in range(dialog.choices.count())]
    for layers in FEWER_LAYERS:
        dialog.choose(next(line for line, name in enumerate(names) if name.startswith(f"{layers}-layers")))
    dialog.budget.addItem(f"{RACE_SECONDS:.0f} s", RACE_SECONDS)
    dialog.budget.setCurrentIndex(dialog.budget.count() - 1)
    dialog.query.start_button.click()
    walk.wait_until(dialog.table.isVisible, "the table of the race")
    Walk.settle(SECONDS_TO_SETTLE)
    save_small(dialog, to / "load_model_race.png")
    dialog.reject()

    preferences = PreferencesDialog(walk.session, walk.window)
    preferences.open()
    preferences.token.setFocus()
    Walk.settle(SECONDS_TO_SETTLE)
    save_small(preferences, to / "preferences_network.png")
    preferences.reject()


def with_layers(layers: int, folder: Path) -> Path:
    """A copy of the starter with its first layers alone."""
    target = folder / f"{layers}-layers"
    if target.exists():
        shutil.rmtree(target)
    network = AutoModel.from_pretrained(starter_folder())
    network.encoder.layer = network.encoder.layer[:layers]
    network.config.num_hidden_layers = layers
    network.save_pretrained(target)
    AutoTokenizer.from_pretrained(starter_folder()).save_pretrained(target)
    return target
