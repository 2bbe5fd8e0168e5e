"""How to train: three presets over a short form, everything else behind "More settings", and what it amounts to.

A form over `FineTuneSettings`. Knows no session and no run.
"""

from __future__ import annotations

from collections import Counter
from functools import partial

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget

from engine.contract.defaults import is_preset, with_preset, without_choosing
from engine.contract.formatting import count, size
from engine.contract.presets import (
    Preset,
    evaluations_per_epoch,
    learning_rate,
    planned_steps,
    presets,
    with_rate_of_part,
)
from engine.contract.queries import DevicesFound
from engine.contract.setting_conflicts import Conflict, conflict
from engine.contract.settings import ClassWeights, FineTuneSettings
from engine.contract.states import PreparedDataset
from engine.tasks.registry import task_facts
from gui.components.card import Card, ChoiceCard
from gui.components.layouts import STRETCH, vertical
from gui.components.numbers import write_number
from gui.components.plain_label import PlainLabel, set_tooltip
from gui.components.settings_form import SettingsForm
from gui.design.theme import INSIDE, MARGIN
from gui.fine_tune.setup.class_weights_line import ClassWeightsLine
from gui.fine_tune.setup.forecast import ForecastLine
from gui.fine_tune.setup.layers_form import LayersForm
from gui.fine_tune.setup.own_head_line import OwnHeadLine
from gui.fine_tune.setup.watch_lines import WatchLines

SHORT = ("epochs", "batch_size", "learning_rate", "device", "chosen_by", "time_budget")
MORE = (
    "method",
    "inverse_penalty",
    "updates",
    "head_start",
    "kept_checkpoint",
    "schedule",
    "warmup_share",
    "patience",
    "weight_decay",
    "max_gradient_norm",
    "gradient_accumulation",
    "evaluation_interval",
    "checkpoint_interval",
    "class_weights",
    "label_smoothing",
    "layer_decay",
    "head_rate_factor",
    "precision",
    "threads",
    "gpus",
    "length_buckets",
    "gradient_checkpointing",
    "seed",
    "run_name",
)
SCHEDULES = (("linear", "Linear, down to zero"), ("cosine", "Cosine, down to zero"), ("constant", "Constant"))
PRECISIONS = (("auto", "Auto"), ("fp32", "32-bit"), ("bf16", "bf16"), ("fp16", "fp16"))
WEIGHTS = (("none", "None"), ("balanced", "Balanced"))
KEPT = (("best", "The best"), ("last", "The last"))
STARTS = (("random", "At random"), ("linear", "Linear model"), ("kept", "The model's own head"))
METHODS = (
    ("fine_tuning", "Fine-tuning"),
    ("contrastive", "Contrastive start"),
    ("linear", "Linear model"),
)
CHOOSING = (("settings", "These settings"), ("cross_validation", "Cross-validation"))
BUDGETS = (
    ("none", "None"),
    ("5 minutes", "About 5 minutes"),
    ("20 minutes", "About 20 minutes"),
    ("60 minutes", "About 60 minutes"),
)


class TrainingSetup(QWidget):
    """`value()`, `set_value()`, `changed`; `meet` tells it which rows are trained on."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dataset: PreparedDataset | None = None
        self._conflict: Conflict | None = None
        self._found_rate: float | None = None  # by “Find…”
        self._group = QButtonGroup(self)
        self.cards: list[ChoiceCard] = []
        cards = QHBoxLayout()
        cards.setSpacing(INSIDE)
        for number in range(3):
            card = ChoiceCard("", "", "")
            self._group.addButton(card, number)
            self.cards.append(card)
            cards.addWidget(card, 1)
        self.short_form = SettingsForm(
            FineTuneSettings(),
            SHORT,
            columns=2,
            captions={"device": (("auto", "Auto"), ("cpu", "CPU")), "chosen_by": CHOOSING, "time_budget": BUDGETS},
        )
        self.layers_form = LayersForm()
        self.more_form = SettingsForm(
            FineTuneSettings(),
            MORE,
            columns=2,
            captions={
                "precision": PRECISIONS,
                "schedule": SCHEDULES,
                "class_weights": WEIGHTS,
                "method": METHODS,
                "head_start": STARTS,
                "kept_checkpoint": KEPT,
            },
        )
        self.more_form.hide()
        self.find_button = QPushButton("Find…")
        set_tooltip(self.find_button, "Tries rising learning rates for up to 100 steps and suggests one.")
        self.find_button.setAccessibleName("Find a learning rate")
        self.short_form.field("learning_rate").add_button(self.find_button)
        self._more_button = QPushButton("More settings")
        self._more_button.setProperty("kind", "quiet")
        self._more_button.setCheckable(True)
        self._plan = PlainLabel(role="quiet", wrap=True)
        self.forecast_line = ForecastLine()
        self.class_weights_line = ClassWeightsLine()
        self.own_head_line = OwnHeadLine()
        self.found_rate_button = QPushButton()
        self.found_rate_button.setProperty("kind", "quiet")
        self.found_rate_button.hide()
        form = Card("Settings")
        form.column.addWidget(self.short_form)
        form.column.addWidget(self.layers_form)
        more = QHBoxLayout()
        more.addWidget(self._more_button)
        self.search_button = QPushButton("Search…")
        self.search_button.setProperty("kind", "quiet")
        set_tooltip(self.search_button, "Trains several runs around these settings and keeps the best.")
        self.search_button.setAccessibleName("Search for better settings")
        more.addWidget(self.search_button)
        more.addWidget(self.found_rate_button)
        more.addStretch(1)
        form.column.addLayout(more)
        form.column.addWidget(self.more_form)
        self.watch_lines = WatchLines()
        watch_list = Card("Watch-list")
        watch_list.column.addWidget(self.watch_lines)
        lines = (self.forecast_line, self.own_head_line, self.class_weights_line)
        vertical(self, cards, *lines, form, watch_list, self._plan, STRETCH, gap=MARGIN)

        self._group.idClicked.connect(self._take_preset)
        self.found_rate_button.clicked.connect(self._take_found_rate)
        self._more_button.toggled.connect(self._unfold)
        for one in self._forms():
            one.changed.connect(partial(self._form_changed, one))
        self.watch_lines.changed.connect(self.changed)
        self.class_weights_line.chosen.connect(self._take_weights)
        self.own_head_line.chosen.connect(self._keep_head)

    def value(self) -> FineTuneSettings:
        """The settings as entered."""
        return msgspec.structs.replace(self.short_form.value(), watch_list=self.watch_lines.value())

    def set_value(self, settings: FineTuneSettings) -> None:
        """Shows these settings; silent."""
        for form in self._forms():
            form.set_value(settings)
        self.watch_lines.set_value(settings.watch_list)
        self._show_conflict()
        self._show_plan()

    def take_found_rate(self, rate: float) -> None:
        """Takes the learning rate that “Find…” has found, and offers it again once another one replaces it."""
        self._found_rate = rate
        self.set_value(msgspec.structs.replace(self.value(), learning_rate=rate))

    def errors(self) -> dict[str, str]:
        """The sentence of every refused field."""
        refused = self.watch_lines.refusal()
        own = {"watch_list": refused} if refused else {}
        return {**{name: found for form in self._forms() for name, found in form.errors().items()}, **own}

    def show_refusal(self, field: str, sentence: str) -> None:
        """Puts a sentence of the engine beside its field, and that field into sight."""
        shown = next((form for form in self._forms() if form.show_refusal(field, sentence)), None)
        if shown is self.more_form:
            self._more_button.setChecked(True)

    def set_dataset(self, dataset: PreparedDataset, *, keep_entries: bool) -> None:
        """Other rows: the presets are those for them, and Balanced is chosen unless entries are kept."""
        self._dataset = dataset
        self.class_weights_line.set_dataset(dataset)
        self.own_head_line.set_dataset(dataset)
        self.watch_lines.expect_pairs(bool(dataset.settings.roles.second_text))
        if not keep_entries:
            self._take_settings(self._presets(dataset)[1].settings)
        self._show_conflict()
        self._show_plan()

    def forget_entries(self) -> None:
        """Takes back what was entered for other rows; what belongs to this computer stays."""
        kept = {name: getattr(self.value(), name) for name in ("device", "precision", "threads", "gpus", "seed")}
        self._found_rate = None
        self.set_value(msgspec.structs.replace(FineTuneSettings(), **kept))

    def offer_devices(self, found: DevicesFound) -> None:
        """Lets the user choose among the devices of this computer."""
        alike = Counter(device.name for device in found.devices)
        names = []
        for device in found.devices:
            name = f"{device.name}, {device.id}" if alike[device.name] > 1 else device.name
            names.append((device.id, f"{name}: {size(device.memory_free)} free"))
        best = found.devices[0].name if found.devices else "CPU"
        self.short_form.set_choices("device", [("auto", f"Auto: {best}"), *names])

    def _take_preset(self, number: int) -> None:
        if self._dataset is not None:
            self._take_settings(self._presets(self._dataset)[number].settings)
            self.changed.emit()

    def _take_found_rate(self) -> None:
        if self._found_rate is not None:
            self.take_found_rate(self._found_rate)
            self.changed.emit()

    def _show_found_rate(self) -> None:
        rate = self._found_rate
        self.found_rate_button.setVisible(rate is not None and self.value().learning_rate != rate)
        if rate is not None:
            self.found_rate_button.setText(f"Use {write_number(rate)} from “Find…” again")

    def _presets(self, dataset: PreparedDataset) -> tuple[Preset, ...]:
        refused = task_facts(dataset.task).refused_settings
        return presets(dataset, self.value().layers_to_train, refused=refused)

    def _take_weights(self, weights: ClassWeights) -> None:
        self.set_value(msgspec.structs.replace(self.value(), class_weights=weights))
        self.changed.emit()

    def _keep_head(self, kept: bool) -> None:
        """Begins at the model's own head, which is fine-tuned; or at what the preset Auto has."""
        now = self.value()
        if not kept:
            usual = self._presets(self._dataset)[0].settings.head_start if self._dataset is not None else "random"
            self.set_value(msgspec.structs.replace(now, head_start=usual))
        else:
            plain = (
                now if now.method == "fine_tuning" else msgspec.structs.replace(now, method="fine_tuning", updates=0)
            )
            self.set_value(msgspec.structs.replace(without_choosing(plain), head_start="kept"))
        self.changed.emit()

    def _take_settings(self, settings: FineTuneSettings) -> None:
        self.set_value(with_preset(self.value(), settings))

    def _forms(self) -> tuple[SettingsForm[FineTuneSettings] | LayersForm, ...]:
        return (self.short_form, self.layers_form, self.more_form)

    def _form_changed(self, changed: SettingsForm[FineTuneSettings] | LayersForm) -> None:
        now = changed.value()
        if changed is self.layers_form and self._dataset is not None:
            now = with_rate_of_part(self.short_form.value(), now, rate=learning_rate(self._dataset.model))
            if now.layers_to_train != "full":  # which layers are trained is then no longer to be found out
                now = without_choosing(now)
        for form in self._forms():
            if form is not changed:
                form.set_value(now)
        if now != changed.value():
            changed.set_value(now)
        self._show_conflict()
        self._show_plan()
        self.changed.emit()

    def _show_conflict(self) -> None:
        """Says beside a field why its value does not go with these rows or with another field, or takes that back."""
        before, self._conflict = self._conflict, None
        if self._dataset is not None:
            refused = task_facts(self._dataset.task).refused_settings
            self._conflict = conflict(self._dataset, self.value(), refused)
        if before is not None and self.errors().get(before.field) == before.sentence:
            for form in self._forms():
                form.show_refusal(before.field, "")
        if self._conflict is not None and self._conflict.field not in self.errors():
            self.show_refusal(*self._conflict)

    def _unfold(self, unfolded: bool) -> None:
        self.more_form.setVisible(unfolded)
        self._more_button.setText("Fewer settings" if unfolded else "More settings")

    def _show_plan(self) -> None:
        self.class_weights_line.show_weights(self.value().class_weights)
        self.own_head_line.show_start(self.value().head_start)
        self._show_found_rate()
        if self._dataset is None:
            return
        settings = self.value()
        self._plan.setText(_plan_text(self._dataset, settings))
        offered = self._presets(self._dataset)
        for card, preset in zip(self.cards, offered, strict=True):
            _show_preset(card, preset, planned_steps(self._dataset, preset.settings))
        chosen = next((number for number, preset in enumerate(offered) if is_preset(settings, preset.settings)), None)
        self._group.setExclusive(chosen is not None)
        for number, card in enumerate(self.cards):
            card.setAutoExclusive(chosen is not None)
            card.setChecked(number == chosen)


def _plan_text(dataset: PreparedDataset, settings: FineTuneSettings) -> str:
    """How long the run is, how often it evaluates, and what of it is kept."""
    rows, held_out = (dataset.splits[name].rows for name in ("train", "validation"))
    updates, per_epoch = planned_steps(dataset, settings), -(-rows // settings.batch_size)
    if settings.updates:
        length = (
            f"{count(updates, 'update')} of the weights, about {count(max(1, round(updates / per_epoch)), 'epoch')}"
        )
    else:
        times = "once" if settings.epochs == 1 else f"{settings.epochs:g} times"
        length = f"{times}: {count(updates, 'update')} of the weights"
    if settings.method == "contrastive":  # has no epochs to end
        evaluations = evaluations_per_epoch(updates, settings.evaluation_interval)
        evaluated = "At the end" if evaluations == 1 else f"{evaluations:,} times in all"
    else:
        evaluations = evaluations_per_epoch(per_epoch, settings.evaluation_interval)
        evaluated = "After each epoch" if evaluations == 1 else f"{evaluations:,} times in each epoch"
    kept = f"the {settings.kept_checkpoint} checkpoint is kept"
    if settings.kept_checkpoint == "last":
        kept += ", since the best of several scores on so few rows is best by chance"
    compared = ""
    if settings.chosen_by == "cross_validation":
        limit = "in a third of the time budget" if settings.time_budget != "none" else "in at most half of that time"
        compared = f" Before that, {limit}, it is compared with other methods on the training rows."
    if not held_out:
        return (
            f"{count(rows, 'training row')} in batches of {settings.batch_size:,}, {length}. No rows are held out, so "
            f"there is no score while training, and the last checkpoint is kept. Evaluate scores by "
            f"cross-validation.{compared}"
        )
    return (
        f"{count(rows, 'training row')} in batches of {settings.batch_size:,}, {length}. "
        f"{evaluated} the model is evaluated on {count(held_out, 'validation row')}; {kept}.{compared}"
    )


def _show_preset(card: ChoiceCard, preset: Preset, steps: int) -> None:
    epochs = "1 epoch" if preset.settings.epochs == 1 else f"{preset.settings.epochs:g} epochs"
    if preset.settings.method == "contrastive":
        epochs = "contrastive start"
    elif preset.settings.updates:
        epochs = "few rows"
    rate = write_number(preset.settings.learning_rate)
    card.set_texts(preset.name, preset.sentence, f"{epochs} · {count(steps, 'step')}\nrate {rate}")
