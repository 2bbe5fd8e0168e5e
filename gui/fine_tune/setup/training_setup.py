"""How to train: three presets over a short form, everything else behind "More settings", and what it amounts to.

A form over `FineTuneSettings`. Uses no session and no run.
"""

from __future__ import annotations

from collections import Counter
from functools import partial

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget

from engine.contract.defaults import is_preset, with_preset, without_choosing
from engine.contract.presets import (
    Preset,
    epochs_per_evaluation,
    evaluations_per_epoch,
    learning_rate,
    planned_steps,
    presets,
    with_rate_of_part,
)
from engine.contract.queries import DevicesFound
from engine.contract.sentences import Sentence
from engine.contract.setting_conflicts import Conflict, conflict
from engine.contract.settings import ClassWeights, FineTuneSettings
from engine.contract.states import PreparedDataset
from engine.contract.time_budget import MINUTES
from engine.tasks.registry import task_facts
from gui.components.card import Card, ChoiceCard
from gui.components.layouts import STRETCH, vertical
from gui.components.numbers import write_number
from gui.components.plain_label import PlainLabel, set_tooltip
from gui.components.settings_form import Captions, SettingsForm
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
    "calibration_rows",
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


class TrainingSetup(QWidget):
    """`value()`, `set_value()`, `changed`; `set_dataset` sets which rows are trained on."""

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
            captions=_short_captions(),
        )
        self.short_form.field("device").keep_narrow(20)
        self.layers_form = LayersForm()
        self.more_form = SettingsForm(
            FineTuneSettings(),
            MORE,
            columns=2,
            captions=_more_captions(),
        )
        self.more_form.hide()
        self.find_button = QPushButton(Sentence("gui.fine_tune.find"))
        set_tooltip(self.find_button, Sentence("gui.fine_tune.tries_rising_learning_rates_up"))
        self.find_button.setAccessibleName(Sentence("gui.fine_tune.find_learning_rate"))
        self.short_form.field("learning_rate").add_button(self.find_button)
        self._more_button = QPushButton(Sentence("gui.fine_tune.more_settings"))
        self._more_button.setProperty("kind", "quiet")
        self._more_button.setCheckable(True)
        self._plan = PlainLabel(role="quiet", wrap=True)
        self.forecast_line = ForecastLine()
        self.class_weights_line = ClassWeightsLine()
        self.own_head_line = OwnHeadLine()
        self.found_rate_button = QPushButton()
        self.found_rate_button.setProperty("kind", "quiet")
        self.found_rate_button.hide()
        form = Card(Sentence("gui.fine_tune.settings"))
        form.column.addWidget(self.short_form)
        form.column.addWidget(self.layers_form)
        more = QHBoxLayout()
        more.addWidget(self._more_button)
        self.search_button = QPushButton(Sentence("gui.fine_tune.search"))
        self.search_button.setProperty("kind", "quiet")
        set_tooltip(self.search_button, Sentence("gui.fine_tune.trains_several_runs_around_these"))
        self.search_button.setAccessibleName(Sentence("gui.fine_tune.search_better_settings"))
        more.addWidget(self.search_button)
        more.addWidget(self.found_rate_button)
        more.addStretch(1)
        form.column.addLayout(more)
        form.column.addWidget(self.more_form)
        self.watch_lines = WatchLines()
        watch_list = Card(Sentence("gui.fine_tune.watch_list"))
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
        """Shows these settings; emits no signal."""
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
        """Removes what was entered for other rows; what belongs to this computer stays."""
        kept = {name: getattr(self.value(), name) for name in ("device", "precision", "threads", "gpus", "seed")}
        self._found_rate = None
        self.set_value(msgspec.structs.replace(FineTuneSettings(), **kept))

    def offer_devices(self, found: DevicesFound) -> None:
        """Lets the user choose among the devices of this computer."""
        alike = Counter(device.title for device in found.devices)
        names = []
        for device in found.devices:
            name = f"{device.title}, {device.id}" if alike[device.title] > 1 else device.title
            names.append((device.id, Sentence("gui.fine_tune.device_free", name=name, free=device.memory_free)))
        best = found.devices[0].title if found.devices else "CPU"
        self.short_form.set_choices("device", [("auto", Sentence("gui.fine_tune.auto_device", name=best)), *names])

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
            self.found_rate_button.setText(Sentence("gui.fine_tune.use_found_rate", rate=write_number(rate)))

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
        """Shows beside a field why its value does not go with these rows or with another field, or removes that."""
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
        self._more_button.setText(
            Sentence("gui.fine_tune.fewer_settings") if unfolded else Sentence("gui.fine_tune.more_settings")
        )

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
    batch = settings.batch_size
    if settings.updates:
        epochs = max(1, round(updates / per_epoch))
        length = Sentence("gui.fine_tune.plan_updates", rows=rows, batch=batch, updates=updates, epochs=epochs)
    elif settings.epochs == 1:
        length = Sentence("gui.fine_tune.plan_once", rows=rows, batch=batch, updates=updates)
    else:
        length = Sentence("gui.fine_tune.plan_times", rows=rows, batch=batch, updates=updates, times=settings.epochs)
    if held_out:
        scored: tuple[Sentence, ...] = (_evaluated(settings, held_out, updates=updates, per_epoch=per_epoch),)
    else:
        scored = (Sentence("gui.fine_tune.plan_unscored"), Sentence("gui.fine_tune.evaluate_scores_cross_validation"))
    compared = ""
    if settings.chosen_by == "cross_validation":
        compared = (
            Sentence("gui.fine_tune.plan_compared_budget")
            if settings.time_budget != "none"
            else Sentence("gui.fine_tune.plan_compared")
        )
    return " ".join(filter(None, (length, *scored, compared)))


def _evaluated(settings: FineTuneSettings, held_out: int, *, updates: int, per_epoch: int) -> Sentence:
    """How often a run evaluates on so many validation rows, and which checkpoint it keeps."""
    if settings.kept_checkpoint == "best":
        kept = Sentence("gui.fine_tune.kept_best")
    else:
        kept = Sentence("gui.fine_tune.kept_last")
    epochs = epochs_per_evaluation(per_epoch, settings.evaluation_interval)
    if settings.method != "fine_tuning" or epochs > 1:  # has no epochs to end, or several between two evaluations
        evaluations = evaluations_per_epoch(updates, settings.evaluation_interval)
        if settings.method == "fine_tuning":
            evaluations = -(-updates // (epochs * per_epoch))
        if evaluations == 1:
            return Sentence("gui.fine_tune.evaluated_at_end", rows=held_out, kept=kept)
        return Sentence("gui.fine_tune.evaluated_times", times=evaluations, rows=held_out, kept=kept)
    evaluations = evaluations_per_epoch(per_epoch, settings.evaluation_interval)
    if evaluations == 1:
        return Sentence("gui.fine_tune.evaluated_each_epoch", rows=held_out, kept=kept)
    return Sentence("gui.fine_tune.evaluated_times_each_epoch", times=evaluations, rows=held_out, kept=kept)


def _short_captions() -> Captions:
    """What the choices of the short form are called."""
    return {
        "device": (("auto", Sentence("gui.fine_tune.auto")), ("cpu", "CPU")),
        "chosen_by": (
            ("settings", Sentence("gui.fine_tune.these_settings")),
            ("cross_validation", Sentence("gui.fine_tune.cross_validation")),
        ),
        "time_budget": (
            ("none", Sentence("gui.fine_tune.no_budget")),
            *(
                (name, Sentence("gui.fine_tune.about_minutes", minutes=MINUTES[name]))
                for name in MINUTES
                if MINUTES[name]
            ),
        ),
    }


def _more_captions() -> Captions:
    """What the choices behind "More settings" are called."""
    return {
        "precision": (
            ("auto", Sentence("gui.fine_tune.auto")),
            ("fp32", Sentence("gui.fine_tune.32_bit")),
            ("bf16", "bf16"),
            ("fp16", "fp16"),
        ),
        "schedule": (
            ("linear", Sentence("gui.fine_tune.schedule_linear")),
            ("cosine", Sentence("gui.fine_tune.schedule_cosine")),
            ("constant", Sentence("gui.fine_tune.schedule_constant")),
        ),
        "class_weights": (
            ("none", Sentence("gui.fine_tune.no_class_weights")),
            ("balanced", Sentence("gui.fine_tune.balanced")),
        ),
        "method": (
            ("fine_tuning", Sentence("gui.fine_tune.fine_tuning")),
            ("contrastive", Sentence("gui.fine_tune.contrastive_start")),
            ("linear", Sentence("gui.fine_tune.linear_model")),
            ("similarity", Sentence("gui.fine_tune.similarity_start")),
        ),
        "head_start": (
            ("random", Sentence("gui.fine_tune.start_random")),
            ("linear", Sentence("gui.fine_tune.linear_model")),
            ("kept", Sentence("gui.fine_tune.start_kept")),
        ),
        "kept_checkpoint": (("best", Sentence("gui.fine_tune.the_best")), ("last", Sentence("gui.fine_tune.the_last"))),
        "calibration_rows": (
            ("shared", Sentence("gui.fine_tune.calibration_rows_shared")),
            ("own", Sentence("gui.fine_tune.calibration_rows_own")),
        ),
    }


def _show_preset(card: ChoiceCard, preset: Preset, steps: int) -> None:
    epochs = preset.settings.epochs
    if preset.settings.method == "contrastive":
        length = Sentence("gui.fine_tune.preset_contrastive")
    elif preset.settings.method == "similarity":
        length = Sentence("gui.fine_tune.preset_similarity")
    elif preset.settings.updates:
        length = Sentence("gui.fine_tune.preset_few_rows")
    elif epochs == int(epochs):
        length = Sentence("gui.fine_tune.preset_epochs", epochs=int(epochs))
    else:
        length = Sentence("gui.fine_tune.preset_part_epochs", epochs=epochs)
    rate = write_number(preset.settings.learning_rate)
    extent = Sentence("gui.fine_tune.preset_extent", length=length, steps=steps, rate=rate)
    card.set_texts(preset.name, preset.sentence, extent)
