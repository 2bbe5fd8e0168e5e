"""Settings that are valid each by itself and make no sense together, or not with these rows and this model.

`engine.contract.settings` checks one field at a time; here is what needs more than one. What a task refuses is passed
in (`TaskFacts.refused_settings`), since the contract does not know the tasks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from engine.contract.errors import InvalidSetting
from engine.contract.kept_head import matching_labels
from engine.contract.sentences import Sentence
from engine.contract.settings import FineTuneSettings
from engine.contract.states import PreparedDataset


class Conflict(NamedTuple):
    """Which field cannot stay as it is, and why, in one sentence."""

    field: str
    sentence: Sentence


def conflict(dataset: PreparedDataset, settings: FineTuneSettings, refused: Mapping[str, Sentence]) -> Conflict | None:
    """The first conflict, or None; `refused` holds the fields that must keep their defaults, and why."""
    part = settings.layers_to_train
    if part == "last_layers" and settings.last_layers > dataset.model.layers:
        return Conflict(
            "last_layers",
            Sentence("contract.conflict.has", model=dataset.model.name, layers=dataset.model.layers),
        )
    if part == "head_only":
        if settings.layer_decay != 1:
            return Conflict(
                "layer_decay",
                Sentence("contract.conflict.only_answer_layer_learns_there"),
            )
        if settings.head_rate_factor != 1:
            return Conflict(
                "head_rate_factor",
                Sentence("contract.conflict.only_answer_layer_learns_change"),
            )
        if settings.gradient_checkpointing:
            return Conflict(
                "gradient_checkpointing",
                Sentence("contract.conflict.only_answer_layer_learns_no"),
            )
    if settings.method == "contrastive":
        if dataset.settings.roles.second_text:
            return Conflict("method", Sentence("contract.conflict.contrastive_start_reads_text_per"))
        if part == "head_only":
            return Conflict("method", Sentence("contract.conflict.contrastive_start_trains_encoder_choose"))
        if settings.gpus != 1:
            return Conflict("method", Sentence("contract.conflict.contrastive_start_trains_gpu"))
    if settings.method == "similarity":
        roles = dataset.settings.roles
        if not roles.second_text or not (roles.label or roles.score):
            return Conflict("method", Sentence("contract.conflict.similarity_start_reads_pairs"))
        if part not in ("full", "lora"):
            return Conflict("method", Sentence("contract.conflict.similarity_start_trains_all_layers"))
        if settings.gpus != 1:
            return Conflict("method", Sentence("contract.conflict.similarity_start_trains_gpu"))
    if settings.method == "linear":
        if part != "head_only":
            return Conflict("method", Sentence("contract.conflict.linear_model_leaves_encoder"))
        if settings.gpus != 1:
            return Conflict("method", Sentence("contract.conflict.linear_model_on_one_gpu"))
    if settings.chosen_by == "cross_validation":
        if "method" in refused:
            return Conflict("chosen_by", Sentence("contract.conflict.compared_for_one_label"))
        if settings.gpus != 1:
            return Conflict("chosen_by", Sentence("contract.conflict.compared_on_one_gpu"))
        if part != "full":
            return Conflict("chosen_by", Sentence("contract.conflict.compares_layers_too"))
    if settings.head_start == "kept":
        if not matching_labels(dataset):
            return Conflict("head_start", Sentence("contract.conflict.no_head_to_keep", model=dataset.model.name))
        if settings.method != "fine_tuning":
            return Conflict("method", Sentence("contract.conflict.kept_head_is_fine_tuned"))
    usual = FineTuneSettings()
    for field, sentence in refused.items():
        if field == "head_start" and settings.head_start == "kept":
            continue  # what is refused is the linear start
        if field == "method" and settings.method == "similarity":
            continue  # the others need classes
        if getattr(settings, field) != getattr(usual, field):
            return Conflict(field, sentence)
    return None


def check_together(dataset: PreparedDataset, settings: FineTuneSettings, refused: Mapping[str, Sentence]) -> None:
    """Raises `InvalidSetting` (T16) where settings do not go together; `refused` as for `conflict`."""
    found = conflict(dataset, settings, refused)
    if found is not None:
        raise InvalidSetting(
            "T16", found.sentence, hint=Sentence("contract.t16.change_value_start_again"), field=found.field
        )
