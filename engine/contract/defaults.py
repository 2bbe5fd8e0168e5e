"""The one source of what is chosen where the user has not: presets, and the settings of the run after this one.

Window, command line and script ask here, so that the same rows are trained in the same way wherever a run starts. In
all functions `refused` are the settings that the task refuses (`TaskFacts.refused_settings`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from engine.contract.presets import (
    MOST_ROWS_COMPARED,
    contrastive_possible,
    contrastive_settings,
    planned_steps,
    presets,
    similarity_possible,
    similarity_settings,
    usual_rate,
)
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.run_changes import with_action
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.settings import FineTuneSettings, ScoredRowsName, TrainedPart
from engine.contract.states import PreparedDataset, TrainingRun

# Which layers are trained, and where: no preset changes them.
LAYERS = ("layers_to_train", "last_layers", "lora_rank", "lora_alpha", "lora_layers", "lora_dropout")
# What a preset decides for a data set.
DECIDED = frozenset(
    {
        "batch_size",
        "chosen_by",
        "epochs",
        "evaluation_interval",
        "head_start",
        "kept_checkpoint",
        "learning_rate",
        "method",
        "patience",
        "updates",
        "warmup_share",
    }
)
OWN = ("device", "precision", "threads", "seed", "run_name", "watch_list", "time_budget", *LAYERS)

Refused = Mapping[str, str]
FEW_HELD_OUT = 300  # test rows, below which the first score is cross-validated and its width explained
CROSS_VALIDATION_FOLDS = 5
MOST_SECONDS_OF_FOLDS = 600.0  # of training again, above which a first score is that of the test rows after all
LONG_RUN = 1_000  # updates; above it twice as many seldom help


def auto_settings(
    dataset: PreparedDataset, refused: Refused, layers_to_train: TrainedPart = "full"
) -> FineTuneSettings:
    """What Auto takes for these rows."""
    return presets(dataset, layers_to_train, refused=refused)[1].settings


def with_preset(settings: FineTuneSettings, preset: FineTuneSettings) -> FineTuneSettings:
    """The preset's settings with what is the user's own in `settings`."""
    return msgspec.structs.replace(preset, **{name: getattr(settings, name) for name in OWN})


def without_choosing(settings: FineTuneSettings) -> FineTuneSettings:
    """The settings as they are trained where nothing is compared."""
    return msgspec.structs.replace(settings, chosen_by="settings")


def is_preset(settings: FineTuneSettings, preset: FineTuneSettings) -> bool:
    """Whether these settings train as the preset does, compared with other methods before or not."""
    return with_preset(settings, without_choosing(preset)) == without_choosing(settings)


def completed(
    settings: FineTuneSettings, named: Collection[str], dataset: PreparedDataset, refused: Refused
) -> tuple[FineTuneSettings, Sentence]:
    """Settings of which only the `named` fields were chosen, with what is missing, and a sentence about that.

    Where nothing was chosen that a preset decides, Auto decides it; where only the learning rate is missing, it is the
    one that suits the model and what is trained of it. The sentence is empty where nothing was missing.
    """
    if DECIDED.isdisjoint(named):
        auto = with_preset(settings, auto_settings(dataset, refused, settings.layers_to_train))
        found = msgspec.structs.replace(auto, **{name: getattr(settings, name) for name in named})
        updates, rate = planned_steps(dataset, found), found.learning_rate
        match found.method:
            case "contrastive":
                return found, Sentence("contract.defaults.auto_decides_contrastive", updates=updates, rate=rate)
            case "similarity":
                return found, Sentence("contract.defaults.auto_decides_similarity", updates=updates, rate=rate)
            case _:
                return found, Sentence("contract.defaults.auto_decides", updates=updates, rate=rate)
    if "learning_rate" in named:
        return settings, NOTHING
    rate = usual_rate(dataset.model, settings)
    return (
        msgspec.structs.replace(settings, learning_rate=rate),
        Sentence(
            "contract.defaults.rate_that_suits",
            rate=rate,
            millions=dataset.model.parameters / 1e6,
            model=dataset.model.name,
        ),
    )


def first_scored_rows(run: TrainingRun) -> ScoredRowsName:
    """Which rows the first evaluation of a run scores, where nothing is chosen.

    Few test rows leave a wide interval, all training rows a narrower one: they are cross-validated where training again
    for each fold takes minutes, and where the settings alone determine how the run was trained.
    """
    splits = run.dataset.splits
    test = splits["test"].rows if "test" in splits else 0
    if test >= FEW_HELD_OUT or splits["train"].rows >= MOST_ROWS_COMPARED:
        return "test"
    whole = run.steps == run.steps_planned and not run.settings.student_layers
    seconds = CROSS_VALIDATION_FOLDS * run.seconds
    in_time = seconds <= MOST_SECONDS_OF_FOLDS and splits["train"].rows > 1
    return "cross_validation" if run.dataset.all_train or (whole and in_time) else "test"


def better_run(run: TrainingRun, refused: Refused) -> RecoveryAction:
    """What to do with a run that is not better than its baselines; `NONE` where only other rows could help.

    Auto first, where the run was another; then the contrastive start, which reaches what a linear model on the frozen
    encoder does, as a plain network; then more updates.
    """
    settings, dataset = run.settings, run.dataset
    if run.choice is None and not is_preset(settings, auto_settings(dataset, refused)):
        return RecoveryAction.TRAIN_WITH_AUTO
    if settings.method not in ("contrastive", "similarity") and _few_rows_settings(dataset, refused) is not None:
        return RecoveryAction.KEEP_SIMPLE_MODEL
    return RecoveryAction.TRAIN_LONGER if run.steps_planned <= LONG_RUN else RecoveryAction.NONE


def next_settings(
    settings: FineTuneSettings, action: RecoveryAction, dataset: PreparedDataset, refused: Refused
) -> FineTuneSettings:
    """The settings of the run that follows where this action is taken; unchanged where it is about something else."""
    match action:
        case RecoveryAction.TRAIN_WITH_AUTO:
            return with_preset(_all_layers(settings), auto_settings(dataset, refused))
        case RecoveryAction.KEEP_SIMPLE_MODEL if (few := _few_rows_settings(dataset, refused)) is not None:
            return with_preset(_all_layers(settings), few)
        case _:
            return with_action(settings, action, dataset)


def _few_rows_settings(dataset: PreparedDataset, refused: Refused) -> FineTuneSettings | None:
    """The method that reaches what the simple one does, as a plain network; None where there is none for these rows."""
    if similarity_possible(dataset):
        return similarity_settings(dataset)
    return contrastive_settings(dataset) if contrastive_possible(dataset, "full", refused) else None


def _all_layers(settings: FineTuneSettings) -> FineTuneSettings:
    return msgspec.structs.replace(settings, **{name: getattr(FineTuneSettings(), name) for name in LAYERS})
