"""Which part of the network learns, and what that choice needs: a form over `FineTuneSettings`."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.contract.sentences import Sentence
from engine.contract.settings import FineTuneSettings
from gui.components.settings_form import SettingsForm
from gui.design.theme import HALF, INSIDE


class LayersForm(QWidget):
    """`value()`, `set_value()`, `changed`, `errors()`, `show_refusal()`; shows the fields that fit the choice."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.form = SettingsForm(
            FineTuneSettings(), ("layers_to_train", "last_layers"), columns=2, captions={"layers_to_train": _parts()}
        )
        # Both columns stay as wide as those of the form above, whatever is chosen.
        layers = self.form.field("last_layers")
        self.form.field("layers_to_train").keep_narrow(8)
        policy = layers.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        layers.setSizePolicy(policy)
        self.adapter_form = SettingsForm(
            FineTuneSettings(),
            ("lora_rank", "lora_alpha", "lora_layers", "lora_dropout"),
            columns=2,
            captions={
                "lora_layers": (
                    ("attention", Sentence("gui.fine_tune.lora_attention")),
                    ("all", Sentence("gui.fine_tune.lora_all")),
                )
            },
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, HALF, 0, 0)
        column.setSpacing(INSIDE)
        column.addWidget(self.form)
        column.addWidget(self.adapter_form)
        self.form.changed.connect(self._part_edited)
        self.adapter_form.changed.connect(self._adapters_edited)
        self._show_what_fits()

    def value(self) -> FineTuneSettings:
        """The settings as entered."""
        return self.form.value()

    def set_value(self, settings: FineTuneSettings) -> None:
        """Shows these settings; emits no signal."""
        self.form.set_value(settings)
        self.adapter_form.set_value(settings)
        self._show_what_fits()

    def errors(self) -> dict[str, str]:
        """The sentence of every refused field."""
        return {**self.form.errors(), **self.adapter_form.errors()}

    def show_refusal(self, name: str, sentence: str) -> bool:
        """Puts a sentence beside its field; returns False where the field is not here."""
        return self.form.show_refusal(name, sentence) or self.adapter_form.show_refusal(name, sentence)

    def _part_edited(self) -> None:
        self.adapter_form.set_value(self.form.value())
        self._show_what_fits()
        self.changed.emit()

    def _adapters_edited(self) -> None:
        self.form.set_value(self.adapter_form.value())
        self.changed.emit()

    def _show_what_fits(self) -> None:
        part = self.value().layers_to_train
        self.form.field("last_layers").setVisible(part == "last_layers")
        self.adapter_form.setVisible(part == "lora")


def _parts() -> tuple[tuple[str, str], ...]:
    return (
        ("full", Sentence("gui.fine_tune.all_layers")),
        ("last_layers", Sentence("gui.fine_tune.last_layers_head")),
        ("head_only", Sentence("gui.fine_tune.head_only")),
        ("lora", Sentence("gui.fine_tune.adapters_head")),
    )
