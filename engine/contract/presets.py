"""Three ways to fine-tune that need no knowledge of any field.

The learning rate follows the size of the encoder and what of it learns, the epochs follow the number of rows. Uses no
torch.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from engine.contract.sentences import Sentence
from engine.contract.settings import FineTuneSettings, KeptCheckpoint, TrainedPart
from engine.contract.states import ModelHandle, PreparedDataset

# Parameters below which a learning rate is sound. The first was measured with MiniLM (22.7 million parameters): the
# best epoch's score on validation rows, mean of three seeds (tests/benchmarks/defaults.py; docs/measured.md).
#
#     rate    uci_sentiment_sentences   trec   mrpc   wnut17
#     5e-5    93.0                      92.7   76.2   57.5
#     1e-4    93.6                      93.1   78.1   59.0
#     2e-4    91.5                      92.9   65.5
#
# The others are usual: BERT's paper (Devlin et al. 2019, appendix A.3) and habit since.
RATES = ((40_000_000, 1e-4), (90_000_000, 5e-5), (200_000_000, 2e-5))
LARGE_MODELS_RATE = 1e-5
# Hu et al. 2021 train LoRA at 2e-4 to 5e-4 where whole encoders are trained at 2e-5 to 5e-5. What little learns bears
# more; measured as above on uci and trec: adapters 93.0 at either 5e-4 or 1e-3 (uci), a head alone 80.5 and
# 43.4 at 1e-4, 84.6 and 66.6 at 1e-3, 82.8 and 67.6 at 5e-3.
FACTORS: dict[TrainedPart, float] = {"lora": 10.0, "head_only": 10.0}
# Rows below which five epochs pay, and rows for each label; measured as above at 1e-4, on a GPU:
#
#     epochs   uci    trec   mrpc   wnut17   snips intents   clinc150
#     rows     2,400  4,907  3,668  3,394    13,083          15,100
#     2        91.7   90.7   75.7   52.8     98.9            91.8
#     3        91.9   92.7   78.3   56.8     98.9            94.6
#     5        93.5   92.6   78.1   58.3     99.0            95.3
#     8        93.2   93.2   75.8   58.3     98.9            95.3
#
# snips has 1,869 rows for each of its labels, clinc150 has 100.
FEW_ROWS = 5_000
FEW_PER_LABEL = 200
# Mosbach et al. 2021 ("On the stability of fine-tuning BERT") and Zhang et al. 2021: with few rows what is missing is
# updates, not epochs. 90 sentences with entities reach an F1 of 0 in 18 updates and 61 in 150.
FEWEST_UPDATES = 200
FEWEST_BETWEEN = 10  # updates between two evaluations
FEWEST_TO_STOP_BY = 100  # validation rows
# Test accuracy in percent, mean of three draws, on a GPU (tests/benchmarks/few_rows.py):
#
#                            contrastive   fine-tuning (5 and 10 epochs)   counted words
#     trec, 16 a class       82.5          41.7, 39.5                      56.3
#     uci, 64 a class        90.1          89.2, 75.9                      64.9
#     clinc150, 8 a class    77.1          49.9, 59.8                      61.1
CONTRASTIVE_ROWS_PER_CLASS = 64
CONTRASTIVE_UPDATES = 300
CONTRASTIVE_BATCH = 32  # 8 classes with 4 rows each
# Of trec with 16 rows a class, one draw, MiniLM in fp32 on a CPU: all layers 79.0 % in 300 updates, the upper half 70.8
# in 150 and 69.2 in these 60, the last two layers 67.4 in 150, the last one 44.0.
QUICK_UPDATES = 60
QUICK_RATE = 3.0  # times that of the whole network
# Spearman on stsb with 32 rows: 20 by fine-tuning and 77 by these; accuracy on mrpc with 32 and 128 rows a class: 58,
# 63 and 68, 74 (MiniLM, on a GPU; docs/measured.md). Three times as many of twice as many rows: 32, 64 and 128 rows of
# stsb 78.6, 79.9 and 81.1 where these reach 75.7, 78.2 and 80.0, at six times the time.
SIMILARITY_UPDATES = 400
# Words have many labels in a row: wnut17 with 512 sentences has an entity F1 of 26 after 200 updates and of 36 after
# these, with 128 sentences 24 and 27 (one draw, as above).
FEWEST_UPDATES_OF_WORDS = 600
# Training rows below which Auto compares methods by cross-validation; above, the rules were measured.
MOST_ROWS_COMPARED = 1_500


class Preset(msgspec.Struct, frozen=True):
    """A named set of fine-tuning settings with one sentence about when to take it."""

    name: Sentence
    sentence: Sentence
    settings: FineTuneSettings


def presets(
    dataset: PreparedDataset,
    layers_to_train: TrainedPart = "full",
    *,
    refused: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Preset, ...]:
    """Quick look, Auto and Best for this model, these rows, and the layers that are trained.

    `refused` are the settings that the task refuses (`TaskFacts.refused_settings`).
    """
    rate = learning_rate(dataset.model, layers_to_train)
    rows = dataset.splits["train"].rows
    epochs = 5.0 if rows < max(FEW_ROWS, FEW_PER_LABEL * len(dataset.label_names)) else 3.0
    batch = 16 if rows < 20_000 else 32
    steps_per_epoch = max(1, -(-rows // batch))
    roles = dataset.settings.roles
    plain = FineTuneSettings(
        learning_rate=rate,
        batch_size=batch,
        layers_to_train=layers_to_train,
        head_start="linear" if roles.labels or roles.label_columns else "random",  # any number of labels
        kept_checkpoint=_kept(dataset),
    )
    quick = Preset(
        Sentence("contract.preset.quick_look"),
        Sentence("contract.preset.quick_look_about"),
        msgspec.structs.replace(plain, epochs=1.0),
    )

    def chosen(settings: FineTuneSettings) -> FineTuneSettings:
        compared = compares(dataset, layers_to_train, refused)
        return msgspec.structs.replace(settings, chosen_by="cross_validation") if compared else settings

    if similarity_pays(dataset, layers_to_train):
        few = similarity_settings(dataset)
        longer = msgspec.structs.replace(few, updates=3 * SIMILARITY_UPDATES, batch_size=2 * few.batch_size)
        return (
            quick,
            Preset(Sentence("contract.preset.auto"), Sentence("contract.preset.auto_few_pairs"), few),
            Preset(Sentence("contract.preset.best"), Sentence("contract.preset.best_few_pairs"), longer),
        )
    if contrastive_pays(dataset, layers_to_train, refused):
        few = contrastive_settings(dataset, layers_to_train)
        longer = msgspec.structs.replace(
            few, updates=2 * CONTRASTIVE_UPDATES, evaluation_interval=CONTRASTIVE_UPDATES // 2
        )
        return (
            quick,
            Preset(Sentence("contract.preset.auto"), Sentence("contract.preset.auto_few_rows"), chosen(few)),
            Preset(Sentence("contract.preset.best"), Sentence("contract.preset.best_few_rows"), longer),
        )
    auto = msgspec.structs.replace(plain, epochs=epochs, patience=_patience(dataset, 2))
    best = msgspec.structs.replace(
        plain,
        epochs=2 * epochs,
        evaluation_interval=max(FEWEST_BETWEEN, -(-steps_per_epoch // 2)),
        warmup_share=0.06,
        patience=_patience(dataset, 4),
    )
    return (
        quick,
        Preset(
            Sentence("contract.preset.auto"), Sentence("contract.preset.auto_about"), chosen(_enough(dataset, auto))
        ),
        Preset(
            Sentence("contract.preset.best"),
            Sentence("contract.preset.best_about"),
            _enough(dataset, best, factor=2),
        ),
    )


def contrastive_settings(dataset: PreparedDataset, layers_to_train: TrainedPart = "full") -> FineTuneSettings:
    """The contrastive start as Auto takes it."""
    return FineTuneSettings(
        layers_to_train=layers_to_train,
        method="contrastive",
        batch_size=CONTRASTIVE_BATCH,
        learning_rate=learning_rate(dataset.model, layers_to_train) / 2,
        updates=CONTRASTIVE_UPDATES,
        evaluation_interval=CONTRASTIVE_UPDATES // 2,
        kept_checkpoint=_kept(dataset),
    )


def similarity_settings(dataset: PreparedDataset) -> FineTuneSettings:
    """The similarity start of pairs as Auto takes it."""
    return FineTuneSettings(
        method="similarity",
        batch_size=16,
        learning_rate=learning_rate(dataset.model),
        updates=SIMILARITY_UPDATES,
        evaluation_interval=SIMILARITY_UPDATES // 4,
        kept_checkpoint=_kept(dataset),
    )


def upper_half_settings(dataset: PreparedDataset) -> FineTuneSettings:
    """A contrastive start in the upper half of the layers, over features of the lower half that are computed once."""
    return msgspec.structs.replace(
        contrastive_settings(dataset),
        layers_to_train="last_layers",
        last_layers=max(1, dataset.model.layers // 2),
        learning_rate=QUICK_RATE * learning_rate(dataset.model),
        updates=QUICK_UPDATES,
        evaluation_interval=0,
    )


def linear_settings(dataset: PreparedDataset, inverse_penalty: float) -> FineTuneSettings:
    """The linear model on the untouched encoder; there is nothing to update, so its one step changes no weight."""
    return FineTuneSettings(
        method="linear",
        layers_to_train="head_only",
        inverse_penalty=inverse_penalty,
        batch_size=CONTRASTIVE_BATCH,
        learning_rate=learning_rate(dataset.model, "head_only"),
        updates=1,
        kept_checkpoint="last",
    )


def compares(dataset: PreparedDataset, layers_to_train: TrainedPart, refused: Mapping[str, str]) -> bool:
    """Whether Auto compares methods by cross-validation on these rows."""
    few = dataset.splits["train"].rows < MOST_ROWS_COMPARED
    several = "method" not in refused and not dataset.settings.roles.second_text and len(dataset.label_names) > 1
    return few and layers_to_train == "full" and several


def similarity_pays(dataset: PreparedDataset, layers_to_train: TrainedPart) -> bool:
    """Whether the rows are pairs, and so few that the encoder's own similarity helps."""
    few = dataset.splits["train"].rows < MOST_ROWS_COMPARED
    return few and layers_to_train == "full" and similarity_possible(dataset)


def similarity_possible(dataset: PreparedDataset) -> bool:
    """Whether the rows are pairs of texts with one label or one number each."""
    roles = dataset.settings.roles
    return bool(roles.second_text) and bool(roles.score or (roles.label and len(dataset.label_names) > 1))


def contrastive_pays(dataset: PreparedDataset, layers_to_train: TrainedPart, refused: Mapping[str, str]) -> bool:
    """Whether the rows are so few for each label that the contrastive start is the better method."""
    few = dataset.splits["train"].rows < CONTRASTIVE_ROWS_PER_CLASS * len(dataset.label_names)
    return few and contrastive_possible(dataset, layers_to_train, refused)


def contrastive_possible(dataset: PreparedDataset, layers_to_train: TrainedPart, refused: Mapping[str, str]) -> bool:
    """Whether the contrastive start can train on these rows and these layers."""
    several = "method" not in refused and not dataset.settings.roles.second_text and len(dataset.label_names) > 1
    return several and layers_to_train in ("full", "last_layers")


def _enough(dataset: PreparedDataset, settings: FineTuneSettings, *, factor: int = 1) -> FineTuneSettings:
    """The settings with as many updates as a network needs to learn at all, however few the rows are."""
    fewest = factor * (FEWEST_UPDATES_OF_WORDS if dataset.settings.roles.tags else FEWEST_UPDATES)
    if planned_steps(dataset, settings) >= fewest:
        return settings
    per_epoch = -(-dataset.splits["train"].rows // settings.batch_size)
    interval = settings.evaluation_interval if per_epoch >= FEWEST_BETWEEN else max(FEWEST_BETWEEN, fewest // 20)
    return msgspec.structs.replace(settings, updates=fewest, evaluation_interval=interval)


def _kept(dataset: PreparedDataset) -> KeptCheckpoint:
    """The last checkpoint where the validation rows are so few that the best one is best by chance.

    wnut17, 250 rows, 25 of them for validation: the best of 14 evaluations has an entity F1 of 24 on the test rows, the
    last one of 30.
    """
    return "best" if dataset.splits["validation"].rows >= FEWEST_TO_STOP_BY else "last"


def _patience(dataset: PreparedDataset, evaluations: int) -> int:
    """Early stopping where validation rows are enough to distinguish evaluations; with fewer the score is chance."""
    return evaluations if dataset.splits["validation"].rows >= FEWEST_TO_STOP_BY else 0


def learning_rate(model: ModelHandle, layers_to_train: TrainedPart = "full") -> float:
    """The learning rate an encoder of this size bears, and this part of it."""
    rate = next((rate for below, rate in RATES if model.parameters < below), LARGE_MODELS_RATE)
    return rate_of_part(rate, layers_to_train)


def usual_rate(model: ModelHandle, settings: FineTuneSettings) -> float:
    """The learning rate that the presets give to this method and these layers, whatever rate the settings have."""
    rate = learning_rate(model, settings.layers_to_train)
    return rate / 2 if settings.method == "contrastive" else rate


def rate_of_part(rate: float, layers_to_train: TrainedPart) -> float:
    """The learning rate of this part where the whole network bears `rate`."""
    return rate * FACTORS.get(layers_to_train, 1.0)


def with_rate_of_part(before: FineTuneSettings, now: FineTuneSettings, *, rate: float) -> FineTuneSettings:
    """The settings `now`, after another part was chosen to learn: a usual learning rate becomes that part's usual one.

    `rate` is what the whole network bears. A learning rate of the user's own stays as it is.
    """
    if now.learning_rate != before.learning_rate or now.learning_rate != rate_of_part(rate, before.layers_to_train):
        return now
    return msgspec.structs.replace(now, learning_rate=rate_of_part(rate, now.layers_to_train))


def evaluations_per_epoch(steps_per_epoch: int, interval: int) -> int:
    """How often a run evaluates in each epoch where `interval` steps between two evaluations are asked for.

    They are spread evenly over the epoch, the last one at its end; 0 asks for that one only.
    """
    return max(1, math.floor(steps_per_epoch / interval + 0.5)) if interval else 1


def epochs_per_evaluation(steps_per_epoch: int, interval: int) -> int:
    """How many epochs lie between two evaluations where so many steps are asked for; 1 where an epoch is longer."""
    return max(1, math.floor(interval / steps_per_epoch + 0.5))


def planned_steps(dataset: PreparedDataset, settings: FineTuneSettings) -> int:
    """How many updates of the weights these settings take on these rows; at least one."""
    if settings.updates:
        return settings.updates
    per_epoch = -(-dataset.splits["train"].rows // settings.batch_size)
    return max(1, round(per_epoch * settings.epochs))
