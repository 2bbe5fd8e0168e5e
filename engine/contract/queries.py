"""Short jobs beside the five stages: a typed question, a typed answer, no new state.

They go through the same queue and the same wire. While a stage runs they wait.
"""

from __future__ import annotations

import re

import msgspec

from engine.contract.artefacts import ArtefactName
from engine.contract.diagnoses import (
    AskColumnScores,
    AskExplanation,
    AskLabelErrors,
    AskLearningCurve,
    AskLinearPrediction,
    AskNearRows,
    AskWeakSlices,
    ColumnScores,
    Explanation,
    LabelErrors,
    LearningCurve,
    NearRows,
    RunReference,
    WeakSlices,
)
from engine.contract.languages import translated
from engine.contract.memory_estimate import EncoderShape
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.settings import (
    FineTuneSettings,
    HubRows,
    ModelSource,
    PrepareSettings,
    ReadingOptions,
    Roles,
    RowSource,
    SplitName,
    TaskName,
)
from engine.contract.states import ExcludedRows, Latency, PairedTest, RunForecast, ScoreDifference

# ── Questions ───────────────────────────────────────────────────────────────────────────────────────────────────


class DatasetReference(msgspec.Struct, frozen=True):
    """A prepared data set, by its folder and fingerprint, and where its model lies."""

    folder: str
    fingerprint: str
    model_folder: str


class AskDevices(msgspec.Struct, frozen=True, tag="ask_devices"):
    """Which devices can compute here?"""


class AskHubModel(msgspec.Struct, frozen=True, tag="ask_hub_model"):
    """What is this Hub model, and how large is it, before any download?"""

    id: str
    revision: str = "main"


class AskHubSearch(msgspec.Struct, frozen=True, tag="ask_hub_search"):
    """Which models of the Hub have these words in their names? The most downloaded first."""

    text: str


class AskTokens(msgspec.Struct, frozen=True, tag="ask_pieces"):
    """How does this model's tokenizer read a sentence? Cut after `max_length` tokens."""

    model_folder: str
    max_length: int
    text: str


class AskMaskedWords(msgspec.Struct, frozen=True, tag="ask_masked_words"):
    """Which words does the model, as it was pre-trained, write in place of the masks of this text?"""

    model_folder: str
    max_length: int
    text: str


class AskPreview(msgspec.Struct, frozen=True, tag="ask_preview"):
    """What is in this file: its first rows, how it was read, which roles the columns seem to play?

    `file` is the split that the file is for: "validation" and "test" mean the further files of `FileRows`, for which
    `own` is what the user chose about reading.
    """

    rows: RowSource
    reading: ReadingOptions = ReadingOptions()
    limit: int = 200
    file: str = "train"
    own: ReadingOptions = ReadingOptions()


class AskRowCounts(msgspec.Struct, frozen=True, tag="ask_row_counts"):
    """How many rows of each file can be used with these settings, and why others cannot?"""

    rows: RowSource
    settings: PrepareSettings


class AskRow(msgspec.Struct, frozen=True, tag="ask_row"):
    """How is this row of the prepared data set encoded? `index` counts from 0 within the split.

    With a `number`, the row of that number in its file is meant instead; `split` may then be empty (any), and `file`
    may be the split that the file is for.
    """

    dataset: DatasetReference
    split: str
    index: int
    number: int = 0
    file: str = ""


class AskPrediction(msgspec.Struct, frozen=True, tag="ask_prediction"):
    """What does the fine-tuned network predict for this text?"""

    run: RunReference
    text: str
    second_text: str = ""  # where the rows are pairs
    beside: bool = False  # the network that was asked last will be asked again: keep it, too


class AskFilePrediction(msgspec.Struct, frozen=True, tag="ask_file_prediction"):
    """What does the fine-tuned network predict for every row of a file? Written into `target`, which may be replaced.

    Columns are named where they are not clear. With `labels` the rows are scored; `other` holds the answers of another
    model, which is scored on the same rows. `Progressed` reports how far it has come; a stop leaves nothing behind.
    """

    run: RunReference
    source: str
    target: str
    text: str = ""
    second_text: str = ""
    labels: str = ""
    other: str = ""


class AskRunDifferences(msgspec.Struct, frozen=True, tag="ask_run_differences"):
    """How does this evaluated run differ from the others on the same rows? Runs are named by their ids."""

    reference: str
    others: tuple[str, ...]


class AskForecast(msgspec.Struct, frozen=True, tag="ask_forecast"):
    """How long will this run take, and how much memory and disk? Answered by a few real steps on this machine."""

    dataset: DatasetReference
    settings: FineTuneSettings


class AskLearningRates(msgspec.Struct, frozen=True, tag="ask_learning_rates"):
    """How does the loss behave while the learning rate rises? Each step is reported as `StepsTrained` meanwhile."""

    dataset: DatasetReference
    settings: FineTuneSettings


class AskEncoderRace(msgspec.Struct, frozen=True, tag="ask_encoder_race"):
    """Which of these encoders learns these rows best? Short runs of successive halving within so many seconds.

    `seconds` are those of all but downloads. `Progressed` reports how far it has come.
    """

    sources: tuple[ModelSource, ...]
    dataset: DatasetReference
    seconds: float
    device: str = "auto"
    seed: int = 42


class AskSmaller(msgspec.Struct, frozen=True, tag="ask_smaller"):
    """Which smaller models are there of this run, and how do they compare? Those with so many `layers` are made first.

    Made means: trained by distillation, or continued where that was stopped, scored and exported to measure them.
    `Progressed` reports how far it has come; a stop keeps what was learned.
    """

    run: RunReference
    layers: tuple[int, ...] = ()


class AskPush(msgspec.Struct, frozen=True, tag="ask_push"):
    """Send this exported folder to the Hub, as a new repository with this name.

    `Progressed` reports how far it has come; a stop leaves nothing there.
    """

    folder: str
    repository: str
    private: bool = True


class AskHubDataset(msgspec.Struct, frozen=True, tag="ask_hub_dataset"):
    """What is in this data set of the Hub, and how large is it, before any download?"""

    id: str
    revision: str = "main"
    offline: bool = False


class AskHubRows(msgspec.Struct, frozen=True, tag="ask_hub_rows"):
    """Download these rows, as far as they are not here; `Progressed` reports how far it has come."""

    rows: HubRows


Question = (
    AskDevices
    | AskHubModel
    | AskHubSearch
    | AskTokens
    | AskMaskedWords
    | AskPreview
    | AskRowCounts
    | AskRow
    | AskPrediction
    | AskFilePrediction
    | AskRunDifferences
    | AskForecast
    | AskLearningRates
    | AskEncoderRace
    | AskSmaller
    | AskPush
    | AskHubDataset
    | AskHubRows
    | AskLabelErrors
    | AskLearningCurve
    | AskWeakSlices
    | AskColumnScores
    | AskExplanation
    | AskNearRows
    | AskLinearPrediction
)

# ── Answers ─────────────────────────────────────────────────────────────────────────────────────────────────────


class Device(msgspec.Struct, frozen=True):
    """A device: `id` is cpu, cuda:0, mps; memory in bytes. The name of a processor ends with "(2 cores)"."""

    id: str
    name: str
    memory_total: int
    memory_free: int
    bf16: bool

    @property
    def title(self) -> str:
        """The name in the language of the program."""
        found = re.fullmatch(r"(.*) \((\d+) (cores?)\)", self.name)
        if found is None:
            return self.name
        return f"{found[1]} ({found[2]} {translated(f'contract.format.{found[3]}', found[3])})"


class DevicesFound(msgspec.Struct, frozen=True, tag="devices"):
    """All devices, the one that Auto takes first; `sentence`: whether this torch can use the GPU that is there."""

    devices: tuple[Device, ...]
    sentence: Sentence


class HubModelFound(msgspec.Struct, frozen=True, tag="hub_model"):
    """A model on the Hub: what would be downloaded."""

    id: str
    revision: str  # the commit hash
    model_type: str
    download_bytes: int
    cached_bytes: int  # of these already here
    license: str
    languages: tuple[str, ...]
    free_bytes: int  # on the disk that would hold it
    shape: EncoderShape | None = None  # what the memory for its training follows from


class RacedEncoder(msgspec.Struct, frozen=True):
    """How an encoder did in a race: its score in the last round that it was in, with its 95 % interval."""

    source: ModelSource
    name: str
    score: float | None = None
    interval: tuple[float, float] | None = None
    rounds: int = 0
    updates: int = 0  # of its longest short run
    run_seconds: float | None = None  # that a whole run by the preset Auto would take
    parameters: int = 0
    size_bytes: int = 0
    why_out: Sentence = NOTHING  # why it could not be compared
    loss: float | None = None  # the mean of the same rows; the lower the better, and what puts short runs in order


class EncodersRaced(msgspec.Struct, frozen=True, tag="encoders_raced"):
    """A race, the winner first; scores are those of `rows` validation rows."""

    metric: str
    encoders: tuple[RacedEncoder, ...]
    rows: int
    seconds: float  # in all


class SmallerModel(msgspec.Struct, frozen=True):
    """A model of a run, or of one of its students, in one format, with its figures.

    `difference` and `agreement` compare it with the run's own network on the `rows` held-out rows that both are scored
    on, those of the run's other formats on the rows of their proofs; of a student's other formats they are not known.
    `format_agreement` is that of the format with the network of its own size.
    """

    run: str  # the id of the student's run, or of the run itself
    layers: int
    format: ArtefactName
    headline: str  # the key of `score`
    score: float | None  # on the held-out rows, with what the format changes on the rows of its proof
    difference: ScoreDifference | None  # how much higher it is than the run's own; None of the run itself
    agreement: float | None  # share of these rows that are answered as by the run's own
    rows: int
    size_bytes: int
    latencies: tuple[Latency, ...]
    passed: bool
    refused: Sentence = NOTHING
    format_agreement: float = 1.0


class SmallerFound(msgspec.Struct, frozen=True, tag="smaller_found"):
    """The run's own model in its formats, then its smaller ones, the most layers first; empty before any was made."""

    models: tuple[SmallerModel, ...]


class Pushed(msgspec.Struct, frozen=True, tag="pushed"):
    """An exported folder that was sent to the Hub."""

    repository: str  # with its owner
    url: str
    commit: str
    files: int
    size_bytes: int
    private: bool


class HubListing(msgspec.Struct, frozen=True):
    """A model as a search of the Hub lists it; what is empty or 0 was not stated."""

    id: str
    model_type: str = ""
    parameters: int = 0
    downloads: int = 0
    license: str = ""
    languages: tuple[str, ...] = ()
    needs_permission: bool = False  # it is gated or private
    is_trainable: bool = True  # as far as its family and the format of its weights are stated


class HubModelsListed(msgspec.Struct, frozen=True, tag="hub_models"):
    """What a search of the Hub has found."""

    models: tuple[HubListing, ...]


class GuessedWord(msgspec.Struct, frozen=True):
    """A token for a mask, with its probability."""

    word: str
    probability: float


class MaskedWordsGuessed(msgspec.Struct, frozen=True, tag="masked_words"):
    """The likeliest tokens of each mask, in the order of the text; empty where the model cannot write words."""

    masks: tuple[tuple[GuessedWord, ...], ...]


class CutToken(msgspec.Struct, frozen=True):
    """A token beyond the maximum length, which the network never reads.

    It belongs before the kept token at position `before`; `label` is the tag that is lost with it.
    """

    token: str
    input_id: int
    word_id: int | None
    original: str
    before: int
    label: str = ""


class TokenizedText(msgspec.Struct, frozen=True, tag="pieces"):
    """A text as the network reads it. All tuples up to `labels` have the same length.

    `word_ids` holds the index of the word a token belongs to, None for special tokens. `labels` are label names per
    token, empty string where the loss ignores it (−100); an empty tuple where there is one label for the row.

    Of a row of a data set, also: `words` by their index, as they are written, those that are cut off included;
    `originals`, the characters of each piece; `label_ids` beside `labels`; `type_ids`, which distinguish the
    texts of a pair. The last two are empty where there are none.
    """

    text: str
    tokens: tuple[str, ...]
    input_ids: tuple[int, ...]
    attention_mask: tuple[int, ...]
    word_ids: tuple[int | None, ...]
    labels: tuple[str, ...] = ()
    label: str = ""  # of the whole row
    cut_tokens: int = 0  # tokens beyond the maximum length
    row: int = 0  # number in the file, from 1
    words: tuple[str, ...] = ()
    originals: tuple[str, ...] = ()
    type_ids: tuple[int, ...] = ()
    label_ids: tuple[int, ...] = ()
    label_numbers: tuple[int, ...] = ()  # what the labels of the whole row are to the network
    cut: tuple[CutToken, ...] = ()  # the first of `cut_tokens`
    lost_entities: tuple[str, ...] = ()  # the first entities that the maximum length does not leave whole, with type
    lost_entities_count: int = 0
    unread_characters: int = 0  # beyond what is taken apart at all
    unknown_id: int | None = None  # the token that represents everything the vocabulary does not have
    padding_id: int = 0
    padding_token: str = ""  # fills a row up to the longest of its batch
    max_length: int = 0
    split: str = ""
    index: int = 0  # within the split, from 0


class ColumnFound(msgspec.Struct, frozen=True):
    """A column of a previewed file.

    `kind` is a guess: text, second_text, label, labels, yes_no, score, tokens, tags, group, number, id,
    object, empty.
    """

    name: str
    kind: str
    distinct: int  # among the rows looked at
    mean_characters: float
    filled: int = 0  # cells that are not empty, among the rows looked at
    delimiter: str = ""  # the sign that seems to be between several labels in one cell
    is_list: bool = False  # the cells hold lists, which need no such sign; `distinct` counts what is in them
    items: int = 0  # that are in the lists together


class EncodingChoice(msgspec.Struct, frozen=True):
    """A text encoding that a file may be written in, and how some of its lines read then."""

    encoding: str
    lines: tuple[str, ...]


_UNUSABLE = ("preparing.data_note.one_row_unusable", "preparing.data_note.rows_unusable")


def is_question(note: str) -> bool:
    """Whether the note asks which of several columns is meant."""
    return isinstance(note, Sentence) and note.id.startswith("preparing.question.")


def is_group_note(note: str) -> bool:
    """Whether the note is about a column by which rows seem to belong together."""
    return isinstance(note, Sentence) and note.id == "preparing.data_note.possible_groups"


class Preview(msgspec.Struct, frozen=True, tag="preview"):
    """A file as it was understood. `cells` are strings as written; lists are joined by spaces."""

    name: str
    reading: ReadingOptions  # with everything filled in
    columns: tuple[ColumnFound, ...]
    cells: tuple[tuple[str, ...], ...]
    rows_total: int  # 0: not counted yet
    roles: Roles
    task: TaskName
    size_bytes: int
    notes: tuple[Sentence, ...] = ()
    label_counts: dict[str, int] = {}  # of the guessed label column, over the rows looked at
    parts: tuple[str, ...] = ()  # sheets of the workbook, or files of the archive, that can be chosen
    encodings: tuple[EncodingChoice, ...] = ()  # the likeliest first, where only the user can decide; else empty
    excluded: tuple[ExcludedRows, ...] = ()  # rows that cannot be read, among those looked at
    numbers: tuple[int, ...] = ()  # of the rows in `cells`, in the file, from 1

    @property
    def questions(self) -> tuple[Sentence, ...]:
        """The notes that ask which of several columns is meant."""
        return tuple(note for note in self.notes if is_question(note))

    @property
    def unusable(self) -> tuple[Sentence, ...]:
        """The notes on rows that cannot be used."""
        return tuple(note for note in self.notes if isinstance(note, Sentence) and note.id in _UNUSABLE)


class FileRowCount(msgspec.Struct, frozen=True):
    """How many rows a file has, and how many of them can be used; `split` is what it is for.

    Where it is not `is_whole`, only its first rows were counted.
    """

    split: SplitName
    name: str
    rows_in: int
    rows_used: int
    is_whole: bool = True

    @property
    def sentence(self) -> Sentence:
        """train.csv: 95 of 100 rows can be used."""
        if self.rows_used == self.rows_in:
            if self.is_whole:
                return Sentence("contract.row_count.all", file=self.name, rows=self.rows_in)
            return Sentence("contract.row_count.all_of_first", file=self.name, rows=self.rows_in)
        if self.is_whole:
            return Sentence("contract.row_count.some", file=self.name, used=self.rows_used, rows=self.rows_in)
        return Sentence("contract.row_count.some_of_first", file=self.name, used=self.rows_used, rows=self.rows_in)


class RowCounts(msgspec.Struct, frozen=True, tag="row_counts"):
    """The rows of all files, and those that cannot be used, by reason as a prepared data set lists them."""

    files: tuple[FileRowCount, ...]
    excluded: tuple[ExcludedRows, ...] = ()


class LabelProbability(msgspec.Struct, frozen=True):
    """One label with its probability, 0 to 1."""

    label: str
    probability: float
    threshold: float = 0.0  # its own, from which on it is given; 0: that of the prediction


class EntityFound(msgspec.Struct, frozen=True):
    """An entity in a text: character offsets [start, end)."""

    start: int
    end: int
    label: str
    probability: float


class Prediction(msgspec.Struct, frozen=True, tag="prediction"):
    """The network's answer: probabilities sorted from high to low, entities in order of the text, or a number.

    Where a text may have several labels, all whose probability reaches their own threshold, or else `threshold`, are
    the answer; a `threshold` of 0 means that the first one is.
    """

    text: str
    labels: tuple[LabelProbability, ...] = ()
    entities: tuple[EntityFound, ...] = ()
    cut_tokens: int = 0
    milliseconds: float = 0.0
    second_text: str = ""
    value: float | None = None  # in the unit of the training rows' scores
    threshold: float = 0.0
    answer: str = ""  # the label that a threshold of its own has made the answer; empty: the likeliest
    unsure: bool = False  # the answer is "don't know"
    possible: tuple[str, ...] = ()  # the labels of a set with a promised coverage, where there is such a rule

    @property
    def given(self) -> tuple[LabelProbability, ...]:
        """The labels that are the answer; those of a row that is unsure are what would be said."""
        if not self.threshold:
            return tuple(label for label in self.labels if label.label == self.answer) or self.labels[:1]
        return tuple(label for label in self.labels if label.probability >= (label.threshold or self.threshold))


class Disagreement(msgspec.Struct, frozen=True):
    """A row of a file to which two models give different answers; `row` counts from 1."""

    row: int
    text: str
    truth: str  # empty where the file has no labels
    predicted: str
    other: str


class FileScores(msgspec.Struct, frozen=True):
    """How good the answers to a file are; without labels in it there are no scores, only disagreements."""

    rows: int  # that are scored
    unknown_labels: int = 0  # rows whose label is none of the model's
    headline: str = ""
    scores: dict[str, float | None] = {}
    intervals: dict[str, tuple[float, float]] = {}  # 95 %
    other_scores: dict[str, float | None] = {}
    difference: ScoreDifference | None = None  # of the headline, of this model to the other
    test: PairedTest | None = None
    disagreements: tuple[Disagreement, ...] = ()  # the first of them
    disagreeing: int = 0
    note: Sentence = NOTHING  # which rows count as one


class FilePredicted(msgspec.Struct, frozen=True, tag="file_predicted"):
    """A file with answers was written: its rows, and how many had no text, were cut, or have "don't know"."""

    path: str
    rows: int
    empty: int
    cut: int
    unsure: int = 0
    scores: FileScores | None = None


class RunDifference(msgspec.Struct, frozen=True):
    """How much better the reference is than another run on the rows of both; `reason` is why that is not known."""

    run: str  # its id
    rows: int = 0
    left_out: int = 0  # rows that only one of both was evaluated on, or that have another label
    headline: str = ""
    score: float | None = None  # of the reference on these rows
    other_score: float | None = None
    difference: ScoreDifference | None = None
    test: PairedTest | None = None
    reason: Sentence = NOTHING


class RunDifferences(msgspec.Struct, frozen=True, tag="run_differences"):
    """The differences of a run to others, in the order in which they were asked for."""

    reference: str
    others: tuple[RunDifference, ...]


class ForecastWarning(msgspec.Struct, frozen=True):
    """What does not fit; `action` is the caption of the button that takes `settings` instead, where these would fit."""

    sentence: Sentence
    action: Sentence = NOTHING
    settings: FineTuneSettings | None = None


class Forecast(msgspec.Struct, frozen=True, tag="forecast"):
    """What a run with these settings needs, and what is there; all sizes in bytes."""

    settings: FineTuneSettings
    expected: RunForecast
    memory_free: int  # what the process holds already counts as free
    disk_free: int
    warnings: tuple[ForecastWarning, ...] = ()


class LearningRatesFound(msgspec.Struct, frozen=True, tag="learning_rates"):
    """Losses of training over rising learning rates; all tuples have the same length, None is no number.

    `suggestion` is None where the loss does not fall.
    """

    rates: tuple[float, ...]
    losses: tuple[float | None, ...]
    smoothed: tuple[float | None, ...]
    suggestion: float | None


class HubSplitFound(msgspec.Struct, frozen=True):
    """A split of a data set on the Hub; `read_as` is train, validation or test, empty where it is not read."""

    name: str
    read_as: str
    files: tuple[str, ...]
    bytes: int


class HubConfigurationFound(msgspec.Struct, frozen=True):
    """One of the tables that a data set on the Hub consists of; bytes are those of the splits that are read."""

    name: str
    splits: tuple[HubSplitFound, ...]
    download_bytes: int
    cached_bytes: int  # of these already here


class HubDatasetFound(msgspec.Struct, frozen=True, tag="hub_dataset"):
    """A data set on the Hub: what would be downloaded, the usual configuration first."""

    id: str
    revision: str  # the commit hash
    configurations: tuple[HubConfigurationFound, ...]
    license: str
    languages: tuple[str, ...]
    free_bytes: int  # on the disk that would hold it


class HubRowsFetched(msgspec.Struct, frozen=True, tag="hub_rows"):
    """The rows that are on this computer now, with configuration and version by their names."""

    rows: HubRows


Answer = (
    DevicesFound
    | HubModelFound
    | HubModelsListed
    | TokenizedText
    | MaskedWordsGuessed
    | Preview
    | RowCounts
    | Prediction
    | FilePredicted
    | RunDifferences
    | Forecast
    | LearningRatesFound
    | EncodersRaced
    | SmallerFound
    | Pushed
    | HubDatasetFound
    | HubRowsFetched
    | LabelErrors
    | LearningCurve
    | WeakSlices
    | ColumnScores
    | Explanation
    | NearRows
)
