"""The ways of training that are compared where the rows are few, in a fixed order.

Of two that are equally good the earlier one is taken: what trains more of the network has more to gain from rows that
come later. What each of them reached on real rows is in docs/measured.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

from engine.contract.defaults import with_preset, without_choosing
from engine.contract.presets import (
    contrastive_possible,
    contrastive_settings,
    linear_settings,
    presets,
    upper_half_settings,
)
from engine.contract.sentences import Sentence
from engine.contract.settings import FineTuneSettings
from engine.contract.states import PreparedDataset

INVERSE_PENALTIES = (0.1, 0.01, 1.0)  # the usual one first
FEWEST_LAYERS = 2  # of an encoder whose upper half is another candidate than all of it


class Way(NamedTuple):
    """A candidate: its settings for a run, and whether it is what the rules take for these rows."""

    name: Sentence
    settings: FineTuneSettings
    by_rule: bool = False

    @property
    def is_linear(self) -> bool:
        """Whether it needs what the head reads of the untouched encoder and nothing else."""
        return self.settings.method == "linear"

    @property
    def as_compared(self) -> FineTuneSettings:
        """The settings without what would need held-out rows of its own inside each fold."""
        return msgspec.structs.replace(self.settings, kept_checkpoint="last", patience=0)


def ways(dataset: PreparedDataset, settings: FineTuneSettings, refused: Mapping[str, str]) -> tuple[Way, ...]:
    """All candidates for these rows; `settings` are those of the rules, and what is the user's own in them stays."""
    return tuple(_ways(dataset, without_choosing(settings), refused))


def _ways(dataset: PreparedDataset, rule: FineTuneSettings, refused: Mapping[str, str]) -> Iterator[Way]:
    contrastive, fine_tuning = Sentence("training.choice.contrastive"), Sentence("training.choice.fine_tuning")
    is_possible = contrastive_possible(dataset, "full", refused)
    if rule.method == "contrastive":
        yield Way(contrastive, rule, by_rule=True)
    elif is_possible:
        yield Way(contrastive, _own(rule, contrastive_settings(dataset)))
    if rule.method == "fine_tuning":
        yield Way(fine_tuning, rule, by_rule=True)
    else:
        usual = presets(dataset, refused={**refused, "method": "asked for without it"})[1].settings
        yield Way(fine_tuning, _own(rule, without_choosing(usual)))
    if is_possible and dataset.model.layers >= FEWEST_LAYERS:
        upper = upper_half_settings(dataset)
        yield Way(
            Sentence("training.choice.upper_half", layers=upper.last_layers, updates=upper.updates), _own(rule, upper)
        )
    for penalty in INVERSE_PENALTIES:
        yield Way(
            Sentence("training.choice.linear", inverse_penalty=penalty), _own(rule, linear_settings(dataset, penalty))
        )


def _own(rule: FineTuneSettings, other: FineTuneSettings) -> FineTuneSettings:
    """The other way with the user's device, seed and the like, and with the layers that it trains itself."""
    layers = {name: getattr(other, name) for name in ("layers_to_train", "last_layers")}
    return msgspec.structs.replace(with_preset(rule, other), **layers)
