"""What the window and the engine need of a task without a network: the columns it needs, what it predicts, its words.

Light: no torch, no numpy, no Qt, since the window imports it at start-up. Callers ask what a label is like
(`labels_are_numbers`), never for the task's name; where tasks behave differently, the record holds a function. In the
functions' arguments `names` are the data set's label names, in the order of their ids.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import msgspec

from engine.contract.column_roles import Role
from engine.contract.metrics import baseline_name
from engine.contract.queries import Preview
from engine.contract.script_builder import literal
from engine.contract.sentences import NOTHING, Sentence, named
from engine.contract.settings import Roles, TaskName

EXAMPLE, SECOND_EXAMPLE = "One sentence to try it with.", "And another one."
BETWEEN_LABELS = " | "  # several labels of one row as they are shown and typed


def first_label(labels: Sequence[str], words: Sequence[str], names: Sequence[str]) -> str:
    """The only label of a row, an empty string where it has none."""
    return labels[0] if labels else ""


def shared_class_word(names: Sequence[str]) -> str:
    """Scores are per class."""
    return "class"


def nothing(names: Sequence[str]) -> str:
    """An empty string: nothing has to be added."""
    return ""


def no_options(names: Sequence[str], joins: bool) -> dict[str, str]:
    """The pipeline is made without any."""
    return {}


def code_of(arguments: Mapping[str, object]) -> str:
    """Arguments of a call as code, behind those that are there: , truncation=True."""
    return "".join(
        f", {name}={literal(value) if isinstance(value, str) else value}" for name, value in arguments.items()
    )


def shared_baseline_title(key: str, names: Sequence[str]) -> str:
    """The name that a baseline has for every task."""
    return baseline_name(key)


def label_baselines_clause(names: Sequence[str]) -> Sentence:
    """The clause of tasks with labels for whole texts."""
    return Sentence("tasks.baselines.most_frequent_class")


def text_code(text: str, second_text: str) -> str:
    """A text, or a pair as the pipelines of `transformers` take it."""
    return f'{{"text": {literal(text)}, "text_pair": {literal(second_text)}}}' if second_text else literal(text)


class TaskFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What can be known of a task without a network; the defaults are those of one label per text."""

    name: TaskName
    title_en: str
    sentence_en: str  # what the model predicts, for what

    # Columns of a file
    reads: Role
    label_roles: tuple[Role, ...]  # the ways in which a file can hold the labels, the usual one first
    reads_pairs: bool = True  # a second text can be read with the first
    doubt: Callable[[Preview, Roles, str], str]
    """Why a chosen column cannot be right, from the first rows, or an empty string.

    The last argument is the separator of several labels in one cell. All columns exist.
    """

    # Labels
    label_nouns: tuple[str, str]  # one and several: "label", "labels"
    labels_are_numbers: bool = False  # they are measured, not counted by value
    one_label_per_word: bool = False  # else one per row
    several_labels: bool = False  # any number of labels per row
    uncounted: str = ""  # the label that marks nothing and would dwarf all others in a chart
    column_title_en: str = "Label"  # above the labels of rows
    counted_title_en: str = "Label"  # above what is counted in them
    label_text: Callable[[Sequence[str], Sequence[str], Sequence[str]], str] = first_label
    """A row's labels as a table shows them; from the labels, the row's words, and `names`."""
    target_note_en: str = ""  # how labels become the targets of training, where a row alone does not show it
    refusals: Mapping[str, Sentence] = {}  # `refused_settings` as they were when the task was imported

    # Scores
    baselines: tuple[str, str]  # keys of what fine-tuning has to beat
    baseline_title: Callable[[str, Sequence[str]], str] = shared_baseline_title
    """What a baseline is called; from its key and `names`."""
    baselines_clause: Callable[[Sequence[str]], Sentence]
    """The subject of a sentence about the baselines; from `names`."""
    constant_prediction: Callable[[Mapping[str, float | None], Mapping[str, int]], Sentence]
    """A sentence where the network predicts the same for every row; else an empty string.

    From the scores and the number of rows with each label.
    """
    class_word: Callable[[Sequence[str]], str] = shared_class_word
    """What there are scores of, beside those of all rows: "class", "entity type"; from `names`."""
    class_title_en: str = "Classes"

    # The network
    auto_class: str = "AutoModelForSequenceClassification"  # of `transformers`: the encoder with its head
    problem_type: str = ""  # what `transformers` calls the task where one class has several, else an empty string

    # The finished model
    pipeline: str = "text-classification"  # the name by which `transformers.pipeline` finds it
    pipeline_options: Callable[[Sequence[str], bool], dict[str, str]] = no_options
    """Arguments with which the pipeline returns whole predictions.

    From `names`, and whether the vocabulary marks the tokens that continue a word.
    """
    pipeline_note: Callable[[Sequence[str]], str] = nothing
    """A sentence where the pipeline returns something else than Tunewright shows; from `names`."""
    input_code: Callable[[str, str], str] = text_code
    """What the pipeline is called with, as code; from the text and the second text, empty where there is none."""
    call_options: Mapping[str, bool | None] = MappingProxyType({"truncation": True})
    """Arguments after that: a text longer than the encoder reads is cut, where it would end in an error."""
    does: Callable[[Sequence[str]], str]
    """What the model does, for a sentence of its card; {text} is what it reads. From `names`."""
    labels_note: str = ""  # a sentence after the labels in the card
    shown_labels: Callable[[Sequence[str]], tuple[str, ...]] = tuple
    """What the model predicts, as a card lists it; from `names`."""

    @property
    def title(self) -> Sentence:
        """What it is called."""
        return self._named("title", self.title_en)

    @property
    def sentence(self) -> Sentence:
        """What the model predicts, for what."""
        return self._named("sentence", self.sentence_en)

    @property
    def column_title(self) -> Sentence:
        """What is above the labels of rows."""
        return self._named("column_title", self.column_title_en)

    @property
    def counted_title(self) -> Sentence:
        """What is above that which is counted in them."""
        return self._named("counted_title", self.counted_title_en)

    @property
    def target_note(self) -> Sentence:
        """How labels become the targets of training; empty where a row alone shows it."""
        return self._named("target_note", self.target_note_en) if self.target_note_en else NOTHING

    @property
    def class_title(self) -> Sentence:
        """What is above the scores of classes."""
        return self._named("class_title", self.class_title_en)

    @property
    def refused_settings(self) -> dict[str, Sentence]:
        """Fields of `FineTuneSettings` that must keep their defaults, and why."""
        return {name: reason.anew() for name, reason in self.refusals.items()}

    def _named(self, what: str, english: str) -> Sentence:
        return named(f"tasks.{self.name}.{what}", english)

    def call_code(self, text: str = EXAMPLE, second_text: str = "", *, pairs: bool = False) -> str:
        """The arguments of a call of the pipeline, as code; `pairs` fills in a second text where none is given."""
        return self.input_code(text, second_text or (SECOND_EXAMPLE if pairs else "")) + code_of(self.call_options)

    def options_code(self, names: Sequence[str], proven: Mapping[str, str | int]) -> str:
        """The options of the pipeline as code: those that an export was `proven` with, where it has them."""
        return code_of(proven or self.pipeline_options(names, True))

    @property
    def parts(self) -> tuple[Role, Role]:
        """The roles that columns must have: what is read, and the labels."""
        return self.reads, self.label_roles[0]

    @property
    def roles(self) -> frozenset[Role]:
        """All roles that columns can have."""
        second: tuple[Role, ...] = ("second_text",) if self.reads_pairs else ()
        return frozenset((self.reads, *second, *self.label_roles, "group"))

    @property
    def one_label_per_row(self) -> bool:
        """Whether each row belongs to one class."""
        return not (self.labels_are_numbers or self.one_label_per_word or self.several_labels)
