"""What has been reached, as frozen records of what lies on disk.

Each state holds the one it was made from, so no stage can be skipped: `export` takes an `EvaluationReport`, and there
is no other way to an `EvaluationReport` than through a `TrainingRun`, a `PreparedDataset` and a `ModelHandle`.
A state never holds a live module, only folders and plain numbers; it crosses the process border as a line of JSON.

States are made by the stages and by `tests/builders.py`, and decoded by `contract/messages.py` and `workspace/runs.py`;
nowhere else.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from engine.contract.artefacts import ArtefactName
from engine.contract.calibration import Calibration, UnsureRule
from engine.contract.findings import AppliedRule, Finding
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.settings import (
    EvaluateSettings,
    ExportSettings,
    FineTuneSettings,
    ModelSource,
    PrepareSettings,
    RowSource,
    TaskName,
)


class ModelHead(msgspec.Struct, frozen=True):
    """A classification head that a model brings: its labels in order, and whether it answers for each word."""

    labels: tuple[str, ...]
    of_words: bool = False


class ModelHandle(msgspec.Struct, frozen=True, tag="model"):
    """An encoder that was loaded once and found sound."""

    folder: str  # local folder with config.json, tokenizer files and safetensors
    name: str  # as shown: "all-MiniLM-L6-v2", "bert-base-uncased", the folder's name
    source: ModelSource
    architecture: str  # "BertModel"
    model_type: str  # "bert"
    parameters: int
    layers: int
    hidden_size: int
    attention_heads: int
    vocabulary_size: int
    max_length: int  # tokens, special tokens included
    size_bytes: int  # weights and tokenizer on disk
    sha256: str  # of the weights
    lower_case: bool | None = None  # None: not stored with the tokenizer
    languages: tuple[str, ...] = ()
    license: str = ""
    notes: tuple[Sentence, ...] = ()  # sentences for the user, e.g. about a classification head that is there already
    head: ModelHead | None = None  # its own, where it was fine-tuned before
    mask_token: str = ""  # what it can write a word for, where it brings the head for that


class ExcludedRows(msgspec.Struct, frozen=True):
    """Rows that are not used, for one reason; `rows` are their numbers in the file, from 1, at most 1,000 of them."""

    reason: Sentence
    count: int
    rows: tuple[int, ...] = ()


class SplitCounts(msgspec.Struct, frozen=True):
    """How many rows and how many labels of each kind one split has."""

    rows: int
    labels: dict[str, int]


class TargetScale(msgspec.Struct, frozen=True):
    """Mean and spread (standard deviation) of the training rows' scores: what a regression is standardised with."""

    mean: float
    spread: float


class ConvertedEntity(msgspec.Struct, frozen=True):
    """An entity that was not read as it was marked; `file` is the split that its file is for, `after` may be empty."""

    row: int
    file: str
    before: str
    after: str
    reason: Sentence


class ConversionReport(msgspec.Struct, frozen=True):
    """What became of the entities on the way from the file to tags, and the first of those that changed."""

    entities: int  # in the file, of used rows
    changed: int  # or excluded
    rows: int  # with such entities
    examples: tuple[ConvertedEntity, ...] = ()

    @property
    def sentence(self) -> Sentence:
        """12 of 9,841 entities changed, in 10 rows."""
        if not self.changed:
            return Sentence("contract.note.no_entity_changed", entities=self.entities)
        return Sentence("contract.note.entities_changed", changed=self.changed, entities=self.entities, rows=self.rows)


class PreparedDataset(msgspec.Struct, frozen=True, tag="dataset"):
    """Rows that have been read, cleaned, split and encoded for one model.

    `folder` holds what `datasets.save_to_disk` wrote: the splits train, validation and test, each with the columns
    of the task's encoding, `row` (number in the file, from 1) and the readable columns. Under `folder` also lie
    `split.json` and the snapshot of the user's file. For every split: rows_in = used + excluded.
    """

    model: ModelHandle
    folder: str
    name: str  # "Movie reviews, short", "train.csv"
    source: RowSource
    settings: PrepareSettings  # with everything that was guessed filled in
    task: TaskName
    label_names: tuple[str, ...]
    splits: dict[str, SplitCounts]  # train, validation, test
    rows_in: int
    excluded: tuple[ExcludedRows, ...]
    max_length: int
    cut_rows: int  # rows longer than max_length
    mean_tokens: float
    longest_tokens: int
    fingerprint: str
    notes: tuple[Sentence, ...] = ()
    target_scale: TargetScale | None = None  # of scores in the user's unit; None where rows have labels
    findings: tuple[Finding, ...] = ()  # what the checks found, the worst first
    applied: tuple[AppliedRule, ...] = ()  # in the order of `settings.cleaning_rules`
    conversion: ConversionReport | None = None  # of rows with tags

    @property
    def all_train(self) -> bool:
        """Whether no rows are held out: what is trained on all of them is scored by cross-validation."""
        test = self.splits.get("test")
        return self.settings.test_share == 0 and (test is None or not test.rows)

    @property
    def rows_used(self) -> int:
        """Rows in the three splits together."""
        return sum(split.rows for split in self.splits.values())


class HistoryPoint(msgspec.Struct, frozen=True):
    """One look at the validation rows."""

    step: int
    epoch: float
    training_loss: float | None
    validation_loss: float | None
    scores: dict[str, float | None]


class RunForecast(msgspec.Struct, frozen=True):
    """What a run is expected to need, from a few real steps; in the same measures as the facts of `TrainingRun`."""

    seconds: float  # of training with its looks at the validation rows
    memory_bytes: int  # at the peak: of the engine's process, or what torch holds on the GPU
    disk_bytes: int  # all checkpoints at their most
    device: str
    compiled_tokens: tuple[int, ...] = ()  # padded tokens of the batches for which compiling the layers pays


class Candidate(msgspec.Struct, frozen=True):
    """A way of training that was compared by cross-validation; without a score where it was not, for this reason."""

    name: Sentence
    score: float | None = None  # of the rows out of the fold, mean of the repeats
    interval: tuple[float, float] | None = None  # 95 %
    seconds: float | None = None  # expected for training on all training rows
    not_compared: Sentence = NOTHING


class Choice(msgspec.Struct, frozen=True):
    """What was compared before a run, which was taken and why.

    `score` is that of the taken one, corrected for the choice among all of them, and None where it was not scored.
    """

    metric: str
    candidates: tuple[Candidate, ...]
    taken: int  # its place in `candidates`; −1 while they are compared
    reason: Sentence
    rows: int
    folds: int
    repeats: int
    seconds: float  # that choosing took
    score: float | None = None
    interval: tuple[float, float] | None = None  # 95 %


class TrainingRun(msgspec.Struct, frozen=True, tag="run"):
    """A fine-tuned network on disk, with how it came to be."""

    dataset: PreparedDataset
    id: str
    folder: str  # runs/<id>
    checkpoint: str  # the folder of the best checkpoint, or of the last where none was evaluated
    settings: FineTuneSettings
    metric: str  # what "best" means: macro_f1, entity_f1
    best_step: int
    best_score: float | None
    steps: int  # taken
    steps_planned: int
    seconds: float  # of training, pauses excluded
    device: str  # "cpu", "cuda:0 (NVIDIA H200)"
    precision: str
    history: tuple[HistoryPoint, ...] = ()
    stopped_early: bool = False
    notes: tuple[Sentence, ...] = ()
    forecast: RunForecast | None = None  # as it was before the start
    memory_bytes: int = 0  # at the peak, measured; 0: not known
    disk_bytes: int = 0  # all checkpoints at their most, measured
    thresholds: dict[str, float] = {}  # from which probability on each label is given; without one 0.5
    evaluations_compared: int = (
        0  # that `best_score` is the best of, over all trials of a search; 0: those in `history`
    )
    choice: Choice | None = None  # that the settings are the outcome of
    temperature: float = 1.0  # that logits are divided by
    unsure: UnsureRule | None = None  # when the answer is "don't know"

    @property
    def calibration(self) -> Calibration:
        """How its probabilities become answers."""
        return Calibration(self.thresholds, self.temperature, self.unsure)

    def calibrated(self, calibration: Calibration) -> TrainingRun:
        """The same run with other answers."""
        return msgspec.structs.replace(
            self,
            thresholds=calibration.thresholds,
            temperature=calibration.temperature,
            unsure=calibration.unsure,
        )


class ClassScores(msgspec.Struct, frozen=True):
    """Scores of one class or one entity type; None: not measurable on these rows."""

    label: str
    precision: float | None
    recall: float | None
    f1: float | None
    support: int


class WrongRow(msgspec.Struct, frozen=True):
    """One of the rows the model is most wrong about. `row` is the number in the file, from 1."""

    row: int
    text: str
    truth: str
    predicted: str
    probability: float  # given to the predicted answer; 0 where the answer is a number
    loss: float
    second_text: str = ""  # of a pair; `text` holds both then, this one at its end


FEWEST_DIFFERING = 4  # rows in which two methods differ: four of four is the least that is unlikely enough by chance


class ScoreDifference(msgspec.Struct, frozen=True):
    """How much higher the model's score is than a baseline's on the same rows, with its 95 % interval."""

    value: float
    low: float
    high: float
    p: float | None = None  # two-sided, of equally good methods: below 0.05 exactly where the interval excludes zero
    differing: int | None = None  # observations in which they differ; None in reports of an earlier version


class PairedTest(msgspec.Struct, frozen=True):
    """Whether the model differs from another method on the same rows; see engine/evaluating/paired_tests.py."""

    better: int  # rows that the model alone has right
    worse: int  # rows that the other method alone has right
    mcnemar_p: float | None  # exact, of these two; None where rows are more or less right
    p: float  # of the headline, by exchanging answers at random
    adjusted_p: float  # the same, corrected by Holm for all that the model is compared with


class EvaluationReport(msgspec.Struct, frozen=True, tag="evaluation"):
    """How good the run is on held-out rows, beside baselines that see the same rows."""

    run: TrainingRun
    settings: EvaluateSettings
    folder: str  # evaluation/ of the run: report.json, predictions.arrow
    rows: int
    scores: dict[str, float | None]  # accuracy, macro_f1, …, or entity_f1, entity_precision, …
    headline: str  # the key of `scores` that is on top
    intervals: dict[str, tuple[float, float]]  # 95 %
    baselines: dict[str, dict[str, float | None]]  # majority, tfidf_svm
    classes: tuple[ClassScores, ...]
    confusion_labels: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]  # rows: truth, columns: predicted
    wrong_rows: tuple[WrongRow, ...]
    seconds: float
    notes: tuple[Sentence, ...] = ()
    scatter: tuple[tuple[float, float], ...] = ()  # truth and answer of at most 2,000 rows, where both are numbers
    differences: dict[str, ScoreDifference] = {}  # of the headline, by baseline
    withheld: dict[str, Sentence] = {}  # by score: why it has no interval
    tests: dict[str, PairedTest] = {}  # of the headline, by baseline
    folds: int = 0  # of the cross-validation whose answers these are; 0: those of the run's own network
    repeats: int = 0  # of these folds


class ExportedFile(msgspec.Struct, frozen=True):
    """One file of the export, its name relative to the folder."""

    name: str
    size_bytes: int


class Latency(msgspec.Struct, frozen=True):
    """How long a call with so many texts takes on this computer's processor, in milliseconds."""

    batch: int
    p50: float
    p95: float


class Proof(msgspec.Struct, frozen=True):
    """The exported folder, loaded in a clean process and compared on held-out rows."""

    rows: int
    agreement: float  # share of equal answers
    largest_difference: float  # between probabilities
    milliseconds_per_row: float
    label_names: tuple[str, ...]
    passed: bool
    pipeline_options: dict[str, str | int] = {}  # with which the pipeline was made
    batch_agreement: float = 1.0  # of answers to 32 rows at a time
    batch_difference: float = 0.0
    latencies: tuple[Latency, ...] = ()


class ArtefactProof(msgspec.Struct, frozen=True):
    """One artefact in a clean process on held-out rows: plain texts in, final answers out.

    `agreement` is the share of answers that are those of the trained network, asked one text at a time; the
    `batch_` figures compare one text at a time with 32. `difference` is how much higher it scores than the trained
    network on the same rows; None where rows have no labels any more. What has no answers of its own has no rows.
    """

    name: ArtefactName
    passed: bool
    size_bytes: int = 0
    rows: int = 0
    agreement: float = 0.0
    largest_difference: float = 0.0  # between probabilities, or numbers
    batch_agreement: float = 0.0
    batch_difference: float = 0.0
    score: str = ""  # the key of what `difference` is of
    difference: ScoreDifference | None = None
    latencies: tuple[Latency, ...] = ()
    refused: Sentence = NOTHING  # why it is not in the folder
    unproven: Sentence = NOTHING  # why it could not be asked on this computer, although it is in the folder


class ExportedModel(msgspec.Struct, frozen=True, tag="exported"):
    """A folder that works everywhere `transformers` does, with the artefacts beside it that passed."""

    evaluation: EvaluationReport
    settings: ExportSettings
    folder: str
    files: tuple[ExportedFile, ...]
    proof: Proof
    example: tuple[str, str] = ("", "")  # text and second text of a typical held-out row
    passport_digest: str = ""  # sha256 of passport.json; empty of a version that wrote none
    artefacts: tuple[ArtefactProof, ...] = ()


State = ModelHandle | PreparedDataset | TrainingRun | EvaluationReport | ExportedModel

AnyState = TypeVar("AnyState", ModelHandle, PreparedDataset, TrainingRun, EvaluationReport, ExportedModel)


def before(state: State) -> State | None:
    """The state this one was made from, or None for a model."""
    match state:
        case ModelHandle():
            return None
        case PreparedDataset():
            return state.model
        case TrainingRun():
            return state.dataset
        case EvaluationReport():
            return state.run
        case ExportedModel():
            return state.evaluation


def find(state: State | None, kind: type[AnyState]) -> AnyState | None:
    """The state of this kind in the chain that ends in `state`, or None."""
    while state is not None:
        if isinstance(state, kind):
            return state
        state = before(state)
    return None
