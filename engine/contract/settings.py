"""What a user can choose, one frozen record per stage: defaults, ranges, one sentence per field.

The ranges are enforced by msgspec wherever a record is decoded or converted (wire, recipe, form); `check()` does
the same for a record that code has built. The sentence of a field is its tooltip, its help in the recipe and its
documentation. Uses no torch and no Qt.
"""

from __future__ import annotations

import functools
from typing import Annotated, Literal, TypeVar, get_args, get_origin

import msgspec

from engine.contract.artefacts import ArtefactName
from engine.contract.cleaning_rules import CleaningRule
from engine.contract.errors import InvalidSetting
from engine.contract.file_formats import FormatName
from engine.contract.row_edits import MOST_CHANGES, RowChange
from engine.contract.sentences import NOTHING, Sentence, named

TaskName = Literal["text_classification", "token_classification", "regression", "multi_label_classification"]
Precision = Literal["auto", "fp32", "bf16", "fp16"]
Schedule = Literal["linear", "cosine", "constant"]
TrainedPart = Literal["full", "last_layers", "head_only", "lora"]
AdaptedLayers = Literal["attention", "all"]
ClassWeights = Literal["none", "balanced"]
Method = Literal["fine_tuning", "contrastive", "linear", "similarity"]
ChosenBy = Literal["settings", "cross_validation"]
TimeBudget = Literal["none", "5 minutes", "20 minutes", "60 minutes"]
HeadStart = Literal["random", "linear", "kept"]
KeptCheckpoint = Literal["best", "last"]
CalibrationRows = Literal["shared", "own"]
SplitName = Literal["train", "validation", "test"]
ScoredRowsName = Literal["train", "validation", "test", "cross_validation"]  # the last: training rows, out of the fold
NearDuplicateMeasure = Literal["words", "meaning"]
DeviceName = Annotated[
    str,
    msgspec.Meta(
        title="Device",
        description="Where the network computes: auto, cpu, or one GPU such as cuda:0.",
        pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$",
    ),
]
WatchedText = Annotated[str, msgspec.Meta(max_length=1000)]


# ── Load model ──────────────────────────────────────────────────────────────────────────────────────────────────


class StarterModel(msgspec.Struct, frozen=True, tag="starter"):
    """The encoder that is installed with the program and needs no network."""


class HubModel(msgspec.Struct, frozen=True, tag="hub"):
    """An encoder on the Hugging Face Hub, downloaded once and kept in the cache."""

    id: str
    revision: str = "main"
    offline: bool = False


class FolderModel(msgspec.Struct, frozen=True, tag="folder"):
    """An encoder in a folder of this computer, in safetensors."""

    folder: str


ModelSource = StarterModel | HubModel | FolderModel


# ── Choose data ─────────────────────────────────────────────────────────────────────────────────────────────────


class ExampleRows(msgspec.Struct, frozen=True, tag="example"):
    """Rows that come with the program: short_reviews, long_reviews, support_tickets or entities."""

    name: str


class FileRows(msgspec.Struct, frozen=True, tag="file"):
    """The user's file, and optionally separate files for validation and test."""

    path: str
    validation_path: str = ""
    test_path: str = ""


class HubRows(msgspec.Struct, frozen=True, tag="hub"):
    """A data set on the Hugging Face Hub: its files of one configuration, downloaded once; its programs never run.

    An empty configuration means the usual one.
    """

    id: str
    config: str = ""
    revision: str = "main"
    offline: bool = False


RowSource = ExampleRows | FileRows | HubRows


Offsets = Literal["characters", "characters-inclusive", "utf-16", "utf-16-inclusive", "utf-8"]


class ReadingOptions(msgspec.Struct, frozen=True):
    """How to read a file where its content leaves a choice. An empty string means: find out."""

    format: Annotated[
        Literal["", FormatName],
        msgspec.Meta(title="Format", description="What the file is; found from its content when left empty."),
    ] = ""
    encoding: Annotated[
        str, msgspec.Meta(title="Encoding", description="The file's text encoding; found when left empty.")
    ] = ""
    delimiter: Annotated[
        str, msgspec.Meta(title="Delimiter", description="What separates the columns; found when left empty.")
    ] = ""
    quoting: Annotated[
        Literal["", "quoted", "escaped", "single", "plain"],
        msgspec.Meta(title="Quotes", description="Whether quotation marks enclose cells or are plain characters."),
    ] = ""
    header: Annotated[
        Literal["", "yes", "no"],
        msgspec.Meta(title="Header", description="Whether the first row holds the names of the columns."),
    ] = ""
    part: Annotated[
        str,
        msgspec.Meta(
            title="Sheet or file",
            description="Which sheet of a workbook or which file of an archive is read; found when left empty.",
        ),
    ] = ""
    offsets: Annotated[
        Literal["", Offsets],
        msgspec.Meta(
            title="Offsets",
            description="How the places of marks are counted, and whether the character at their end belongs to them; "
            "found from the words of the file when left empty.",
        ),
    ] = ""
    undecodable: Annotated[
        Literal["", "replace"],
        msgspec.Meta(
            title="Unreadable characters",
            description="Whether rows with characters that the encoding does not have are excluded, or read with � "
            "in their place.",
        ),
    ] = ""


class Roles(msgspec.Struct, frozen=True):
    """Which column plays which part. Empty names mean: not used.

    Text classification uses `text` and `label`, regression `text` and `score`, multi-label classification `text` and
    either `labels` (one column with a list or with labels joined by a sign) or `label_columns` (a column of 0 and 1
    for each label). Each of the three also reads a `second_text` where the rows are pairs. Token classification uses
    `tokens` and `tags`. With each of them, rows with the same `group` stay in one split and are one observation.
    """

    text: str = ""
    label: str = ""
    tokens: str = ""
    tags: str = ""
    second_text: str = ""
    score: str = ""
    labels: str = ""
    label_columns: tuple[str, ...] = ()
    group: str = ""


class PrepareSettings(msgspec.Struct, frozen=True):
    """How rows become a prepared data set."""

    task: Annotated[
        TaskName,
        msgspec.Meta(
            title="Task",
            description="What the model learns: one label per text, several labels, a number, or a tag per word.",
        ),
    ] = "text_classification"
    roles: Roles = Roles()
    reading: ReadingOptions = ReadingOptions()
    max_length: Annotated[
        int,
        msgspec.Meta(
            title="Maximum length",
            description="Tokens kept of each text, special tokens included. "
            "0 takes the 95th percentile and cuts no entity, at most the model's limit.",
            ge=0,
            le=8192,
        ),
    ] = 0
    validation_share: Annotated[
        float,
        msgspec.Meta(
            title="Validation share",
            description="Share of the rows held out to choose the best checkpoint.",
            ge=0.01,
            le=0.5,
        ),
    ] = 0.1
    test_share: Annotated[
        float,
        msgspec.Meta(
            title="Test share",
            description="Share of the rows held out for the final score. 0 holds out none, nor any for validation: all "
            "rows train, and cross-validation scores the way in which they are trained.",
            ge=0,
            le=0.5,
        ),
    ] = 0.1
    row_limit: Annotated[
        int,
        msgspec.Meta(
            title="Rows to use",
            description="At most this many rows, drawn at random with the seed. 0 uses all rows.",
            ge=0,
            le=100_000_000,
        ),
    ] = 0
    strip_html_breaks: Annotated[
        bool,
        msgspec.Meta(
            title="Replace HTML line breaks", description="Reads the marks <br> and <br /> in texts as spaces."
        ),
    ] = True
    seed: Annotated[
        int,
        msgspec.Meta(title="Seed", description="The same seed gives the same split.", ge=0, le=2**32 - 1),
    ] = 42
    label_delimiter: Annotated[
        str,
        msgspec.Meta(
            title="Label delimiter",
            description="What separates several labels in one cell; detected when left empty.",
            max_length=8,
        ),
    ] = ""
    label_positions: Annotated[
        bool,
        msgspec.Meta(
            title="Labels by position",
            description="Whether lists of 0 and 1 hold a 1 for each label a row has; detected where no label delimiter "
            "is chosen.",
        ),
    ] = False
    cleaning_rules: Annotated[
        tuple[CleaningRule, ...],
        msgspec.Meta(
            title="Fixes",
            description="What is done about duplicates, leaks, contradictions and labels before the rows are split.",
        ),
    ] = ()
    changes: Annotated[
        tuple[RowChange, ...],
        msgspec.Meta(
            title="Your changes",
            description="Single rows that are excluded or have other labels than in the file; the file stays as it is.",
            max_length=MOST_CHANGES,
        ),
    ] = ()
    kept_splits: Annotated[
        str,
        msgspec.Meta(
            title="Splits of",
            description="The fingerprint of a prepared data set of the same rows: each row stays in the split that it "
            "has there. Empty draws splits.",
            pattern="^([0-9a-f]{32})?$",
        ),
    ] = ""
    near_duplicates: Annotated[
        NearDuplicateMeasure,
        msgspec.Meta(
            title="Near-duplicates",
            description="How near-duplicates are found: by the words they share, or by the loaded model's embeddings, "
            "which also finds other words for the same and computes each row once.",
        ),
    ] = "words"
    validation_roles: Roles = Roles()  # where the validation file has other names for columns; empty: the same
    test_roles: Roles = Roles()
    validation_reading: ReadingOptions = ReadingOptions()  # how the validation file is read; empty: by its content
    test_reading: ReadingOptions = ReadingOptions()


# ── Fine-tune ───────────────────────────────────────────────────────────────────────────────────────────────────


class FineTuneSettings(msgspec.Struct, frozen=True):
    """How the network is trained."""

    epochs: Annotated[
        float,
        msgspec.Meta(title="Epochs", description="How often training goes through all rows.", gt=0, le=1000),
    ] = 3.0
    batch_size: Annotated[
        int,
        msgspec.Meta(
            title="Batch size",
            description="Rows whose gradients are averaged for one update of the weights.",
            ge=1,
            le=4096,
        ),
    ] = 16
    gradient_accumulation: Annotated[
        int,
        msgspec.Meta(
            title="Gradient accumulation",
            description="Splits a batch into this many parts that fit into memory one after the other.",
            ge=1,
            le=1024,
        ),
    ] = 1
    learning_rate: Annotated[
        float,
        msgspec.Meta(
            title="Learning rate",
            description="The size of the largest step; small models bear more than large ones, adapters (LoRA) or "
            "the head alone about ten times as much. Where a recipe names none, it suits the layers to train.",
            gt=0,
            le=0.1,
        ),
    ] = 5e-5
    warmup_share: Annotated[
        float,
        msgspec.Meta(
            title="Warm-up",
            description="Share of the steps over which the learning rate rises from zero.",
            ge=0,
            le=0.9,
        ),
    ] = 0.1
    weight_decay: Annotated[
        float,
        msgspec.Meta(
            title="Weight decay",
            description="Pulls weights towards zero; not biases and LayerNorm.",
            ge=0,
            le=1,
        ),
    ] = 0.01
    max_gradient_norm: Annotated[
        float,
        msgspec.Meta(
            title="Gradient clipping", description="Longer gradients are shortened to this norm.", gt=0, le=1000
        ),
    ] = 1.0
    evaluation_interval: Annotated[
        int,
        msgspec.Meta(
            title="Evaluate every (steps)",
            description="Steps between two evaluations, adjusted to the ends of epochs; 0: after each epoch.",
            ge=0,
            le=1_000_000,
        ),
    ] = 0
    checkpoint_interval: Annotated[
        float,
        msgspec.Meta(
            title="Checkpoint every (seconds)",
            description="Seconds between two checkpoints a run can continue from.",
            ge=1,
            le=86_400,
        ),
    ] = 60.0
    device: DeviceName = "auto"
    precision: Annotated[
        Precision,
        msgspec.Meta(
            title="Precision",
            description="Number format of the arithmetic; auto takes bf16 where the device multiplies it, else fp32.",
        ),
    ] = "auto"
    threads: Annotated[
        int,
        msgspec.Meta(
            title="CPU threads",
            description="Threads of the arithmetic on a CPU; 0 takes all cores. Part of the run's identity.",
            ge=0,
            le=1024,
        ),
    ] = 0
    length_buckets: Annotated[
        bool,
        msgspec.Meta(
            title="Group by length",
            description="Puts texts of similar length into one batch, so that little is spent on padding.",
        ),
    ] = True
    seed: Annotated[
        int,
        msgspec.Meta(
            title="Seed", description="The same seed on the same computer gives the same run.", ge=0, le=2**32 - 1
        ),
    ] = 42
    run_name: Annotated[
        str, msgspec.Meta(title="Name", description="A name for the run, for your own overview.", max_length=200)
    ] = ""
    parent: Annotated[
        str,
        msgspec.Meta(
            title="Parent",
            description="The run whose rows were edited and trained on again; empty for a run of its own.",
            max_length=100,
        ),
    ] = ""
    student_layers: Annotated[
        int,
        msgspec.Meta(
            title="Layers of a smaller model",
            description="How many of the parent's layers a smaller model keeps, which learns from the parent's answers "
            "to the training rows; 0: it is no smaller model.",
            ge=0,
            le=200,
        ),
    ] = 0
    schedule: Annotated[
        Schedule,
        msgspec.Meta(title="Schedule", description="How the learning rate changes after the warm-up."),
    ] = "linear"
    patience: Annotated[
        int,
        msgspec.Meta(
            title="Patience",
            description="Evaluations without a better score after which training ends; 0 never does. While the score "
            "is still where it began, only those count in which the validation loss does not fall either.",
            ge=0,
            le=1000,
        ),
    ] = 0
    watch_list: Annotated[
        tuple[WatchedText, ...],
        msgspec.Meta(
            title="Watch-list",
            description="Your own sentences, answered after each evaluation; of a pair write: first | second.",
            max_length=20,
        ),
    ] = ()
    class_weights: Annotated[
        ClassWeights,
        msgspec.Meta(
            title="Class weights",
            description="Balanced lets rare labels count as much as frequent ones while training; "
            "rare labels of words count more by the square root of how rare they are.",
        ),
    ] = "none"
    label_smoothing: Annotated[
        float,
        msgspec.Meta(
            title="Label smoothing",
            description="Share of the truth that is spread over all labels, against too certain answers.",
            ge=0,
            le=0.9,
        ),
    ] = 0.0
    layer_decay: Annotated[
        float,
        msgspec.Meta(
            title="Layer-wise decay",
            description="Each layer learns at this part of the rate of the layer above it; 1 treats all alike.",
            gt=0,
            le=1,
        ),
    ] = 1.0
    head_rate_factor: Annotated[
        float,
        msgspec.Meta(
            title="Rate of the head",
            description="The new classification head learns at the learning rate times this.",
            gt=0,
            le=1000,
        ),
    ] = 1.0
    gradient_checkpointing: Annotated[
        bool,
        msgspec.Meta(
            title="Gradient checkpointing",
            description="Computes each layer twice instead of keeping its numbers: less memory, about a third slower.",
        ),
    ] = False
    method: Annotated[
        Method,
        msgspec.Meta(
            title="Method",
            description="Fine-tuning trains encoder and classification head together. The contrastive start pulls "
            "texts of one label together, then fits the head: better with few rows, for one label per text only. A "
            "linear model leaves the encoder as it is and fits the head to what it reads of it: done in seconds. The "
            "similarity start, for pairs, first learns how alike texts are to the untouched encoder.",
        ),
    ] = "fine_tuning"
    inverse_penalty: Annotated[
        float,
        msgspec.Meta(
            title="Inverse penalty (C)",
            description="Of a linear model that is fitted as the head, in the contrastive start, the linear start and "
            "the linear model: smaller values keep its weights closer to zero.",
            gt=0,
            le=10_000,
        ),
    ] = 0.1
    chosen_by: Annotated[
        ChosenBy,
        msgspec.Meta(
            title="Choose by",
            description="How it is decided what is trained: by these settings as they are, or by cross-validation on "
            "the training rows, which compares them with other methods first. For one label per text only.",
        ),
    ] = "settings"
    time_budget: Annotated[
        TimeBudget,
        msgspec.Meta(
            title="Time budget",
            description="How long choosing and training may take together: where cross-validation chooses, a third of "
            "it compares. A schedule that is too long for the rest is shortened so that it ends in time. None: "
            "choosing takes at most half as long as training by these settings.",
        ),
    ] = "none"
    updates: Annotated[
        int,
        msgspec.Meta(
            title="Updates",
            description="How often the weights are updated in all; 0 follows from the epochs.",
            ge=0,
            le=10_000_000,
        ),
    ] = 0
    kept_checkpoint: Annotated[
        KeptCheckpoint,
        msgspec.Meta(
            title="Keep",
            description="Which evaluated checkpoint is the result: the one with the best score on the validation rows, "
            "or the last one, where these are too few to distinguish evaluations.",
        ),
    ] = "best"
    calibration_rows: Annotated[
        CalibrationRows,
        msgspec.Meta(
            title="Calibration rows",
            description="Which rows later fit a temperature and “don't know”: the validation rows that choose the "
            "checkpoint, or a half of them that chooses nothing, from 400 validation rows on.",
        ),
    ] = "shared"
    head_start: Annotated[
        HeadStart,
        msgspec.Meta(
            title="Head start",
            description="Where the classification head begins: at random, or at a linear model fitted on what it reads "
            "of the pre-trained encoder. For several labels per text, where a random head first learns to give none. "
            "Or at the head that the model brings, its labels matched by their names.",
        ),
    ] = "random"
    layers_to_train: Annotated[
        TrainedPart,
        msgspec.Meta(
            title="Layers to train",
            description="All layers, or the upper end only: the lower layers are then computed "
            "once per row without dropout, which makes later epochs fast. Or small adapters (LoRA), which need "
            "less memory and about ten times the learning rate.",
        ),
    ] = "full"
    last_layers: Annotated[
        int,
        msgspec.Meta(
            title="Last layers",
            description="How many of the encoder's layers learn, counted from the top, with the classification head.",
            ge=1,
            le=200,
        ),
    ] = 2
    lora_rank: Annotated[
        int,
        msgspec.Meta(
            title="Rank",
            description="Width of the adapters: a larger one can learn more and needs more memory.",
            ge=1,
            le=1024,
        ),
    ] = 8
    lora_alpha: Annotated[
        int,
        msgspec.Meta(
            title="Alpha",
            description="How much the adapters count: what they add is multiplied with alpha / rank.",
            ge=1,
            le=4096,
        ),
    ] = 16
    lora_layers: Annotated[
        AdaptedLayers,
        msgspec.Meta(
            title="Adapted layers",
            description="Adapters on the projections of attention, or on every linear layer of the encoder.",
        ),
    ] = "attention"
    lora_dropout: Annotated[
        float,
        msgspec.Meta(
            title="Adapter dropout",
            description="Share of an adapter's input that is dropped at random while training.",
            ge=0,
            le=0.9,
        ),
    ] = 0.0
    gpus: Annotated[
        int,
        msgspec.Meta(
            title="GPUs",
            description="How many GPUs share each batch; 0 takes all of this computer.",
            ge=0,
            le=1024,
        ),
    ] = 1


class SearchSettings(msgspec.Struct, frozen=True):
    """How widely to search around the fine-tuning settings."""

    trials: Annotated[
        int,
        msgspec.Meta(
            title="Trials",
            description="Runs that are made; the first has your own settings, and those that lag behind end early.",
            ge=2,
            le=200,
        ),
    ] = 8
    learning_rate_factor: Annotated[
        float,
        msgspec.Meta(
            title="Learning rates: factor",
            description="Learning rates from yours divided by this factor to yours times this factor.",
            gt=1,
            le=100,
        ),
    ] = 4.0
    batch_sizes: Annotated[
        bool,
        msgspec.Meta(
            title="Batch sizes too",
            description="Tries half and twice your batch size as well; epochs go from half to one and a half times "
            "yours either way.",
        ),
    ] = False


# ── Evaluate and export ─────────────────────────────────────────────────────────────────────────────────────────


class EvaluateSettings(msgspec.Struct, frozen=True):
    """Which rows are scored, and where."""

    split: Annotated[
        ScoredRowsName,
        msgspec.Meta(
            title="Rows",
            description="Which rows are scored. Cross-validation: all training rows, each by a network that was "
            "trained in the same way on others; also where there are no test rows.",
        ),
    ] = "test"
    batch_size: Annotated[
        int, msgspec.Meta(title="Batch size", description="Rows computed at once.", ge=1, le=4096)
    ] = 64
    device: DeviceName = "auto"
    precision: Annotated[
        Precision,
        msgspec.Meta(
            title="Precision",
            description="Number format of the arithmetic; auto takes that of the training where the device multiplies "
            "it, and fp32 where the answers are numbers.",
        ),
    ] = "auto"
    temperature: Annotated[
        Literal["keep", "fit", "none"],
        msgspec.Meta(
            title="Temperature",
            description="One number that all logits are divided by, so that of the answers with a probability of 80 % "
            "about 80 % are right. Fit: by the validation rows. Keep: as it is. Labels stay the same.",
        ),
    ] = "keep"
    unsure: Annotated[
        Literal["keep", "none", "confidence", "conformal"],
        msgspec.Meta(
            title="Don't know",
            description="When the answer is “don't know”. Confidence: below a probability. Conformal: where more than "
            "one label, or none, is possible at the promised coverage, by the validation rows. Keep: as it is.",
        ),
    ] = "keep"
    coverage: Annotated[
        float,
        msgspec.Meta(
            title="Promised coverage",
            description="How often the set of possible labels of a new text holds the true one, at least.",
            ge=0.5,
            le=0.999,
        ),
    ] = 0.9
    least_confidence: Annotated[
        float,
        msgspec.Meta(
            title="Least confidence", description="The probability below which the answer is “don't know”.", ge=0, le=1
        ),
    ] = 0.8
    threshold_label: Annotated[
        str,
        msgspec.Meta(title="Label with a threshold", description="Which label is given from the threshold on."),
    ] = ""
    threshold: Annotated[
        float,
        msgspec.Meta(
            title="Threshold",
            description="From which probability on that label is given; 0 removes its own threshold.",
            ge=0,
            lt=1,
        ),
    ] = 0.0

    @property
    def prepared_split(self) -> SplitName:
        """The split that the scored rows are of."""
        return "train" if self.split == "cross_validation" else self.split

    @property
    def changes_answers(self) -> bool:
        """Whether something is chosen that becomes part of the model."""
        return self.temperature != "keep" or self.unsure != "keep" or bool(self.threshold_label)


class ExportSettings(msgspec.Struct, frozen=True):
    """Where the model goes and what is beside it."""

    folder: Annotated[
        str,
        msgspec.Meta(
            title="Folder",
            description="Where the exported model is written; empty means the run's own export folder.",
        ),
    ] = ""
    name: Annotated[
        str,
        msgspec.Meta(title="Name", description="The model's name in its card.", max_length=200),
    ] = ""
    proof_rows: Annotated[
        int,
        msgspec.Meta(
            title="Rows to compare",
            description="Held-out rows that the exported model must answer like the trained one.",
            ge=1,
            le=100_000,
        ),
    ] = 200
    artefacts: Annotated[
        tuple[ArtefactName, ...],
        msgspec.Meta(
            title="Also export",
            description="What is written beside the folder for transformers; what one of them needs comes with it.",
        ),
    ] = ()


AnySettings = TypeVar("AnySettings", bound=msgspec.Struct)


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole run as a file: the five steps with everything that was chosen."""

    model: ModelSource = StarterModel()
    data: RowSource = ExampleRows("short_reviews")
    prepare: PrepareSettings = PrepareSettings()
    fine_tune: FineTuneSettings = FineTuneSettings()
    evaluate: EvaluateSettings = EvaluateSettings()
    export: ExportSettings = ExportSettings()


# ── Checking ────────────────────────────────────────────────────────────────────────────────────────────────────


def check(settings: AnySettings) -> AnySettings:
    """Returns the settings, or raises `InvalidSetting` (T16) naming the first field that is out of its range."""
    kind = type(settings)
    for field in fields_of(kind):
        value = msgspec.to_builtins(getattr(settings, field.name))
        try:
            msgspec.convert(value, field.type)
        except msgspec.ValidationError as error:
            raise InvalidSetting(
                "T16",
                Sentence(
                    "contract.t16.is",
                    field_title=field_title(kind, field.name),
                    shown=_shown(value),
                    range_sentence=_range_sentence(field.type),
                ),
                hint=Sentence("contract.t16.change_value_start_again"),
                field=field.name,
                details=str(error),
            ) from error
    return settings


@functools.cache
def fields_of(kind: type[msgspec.Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    """The fields of a record; msgspec evaluates all annotations anew each time, in 1.5 ms for a form of 30."""
    return msgspec.structs.fields(kind)


def field_title(kind: type[msgspec.Struct], name: str) -> Sentence:
    """The field's name as a form shows it."""
    meta = field_meta(kind, name)
    english = meta.title if meta is not None and meta.title else name.replace("_", " ").capitalize()
    return named(f"contract.setting.{kind.__name__}.{name}.title", english)


def field_sentence(kind: type[msgspec.Struct], name: str) -> Sentence:
    """What the field means, as in its tooltip; empty where it has none."""
    meta = field_meta(kind, name)
    english = (meta.description if meta is not None else None) or ""
    return named(f"contract.setting.{kind.__name__}.{name}.sentence", english) if english else NOTHING


def field_meta(kind: type[msgspec.Struct], name: str) -> msgspec.Meta | None:
    """The field's range, title and sentence, or None where it has none."""
    for field in fields_of(kind):
        if field.name == name:
            return _meta_of(field.type)
    raise KeyError(name)


def _meta_of(annotation: object) -> msgspec.Meta | None:
    for extra in getattr(annotation, "__metadata__", ()):
        if isinstance(extra, msgspec.Meta):
            return extra
    return None


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:40]}…"


def _range_sentence(annotation: object) -> Sentence:
    meta = _meta_of(annotation)
    if meta is None:
        return Sentence("contract.t16_range.no_value")
    low = meta.ge if meta.ge is not None else meta.gt
    high = meta.le if meta.le is not None else meta.lt
    if low is not None and high is not None:
        if meta.ge is not None:
            return Sentence("contract.t16_range.from_to", low=low, high=high)
        return Sentence("contract.t16_range.above_to", low=low, high=high)
    if get_origin(get_args(annotation)[0]) is tuple:
        return Sentence("contract.t16_range.lines", lines=meta.max_length, characters=1_000)
    if meta.max_length is not None:
        return Sentence("contract.t16_range.characters", characters=meta.max_length)
    return Sentence("contract.t16_range.no_value")
