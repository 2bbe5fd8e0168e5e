"""What the window and the engine know of a task without a network: the columns it needs, what it predicts, its words.

Light: no torch, no numpy, no Qt, since the window imports it at start-up. Callers ask what a prediction is like
(`answers_are_numbers`), never for the task's name; where tasks behave differently, the record holds the function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import msgspec

from engine.contract.formatting import baseline_name
from engine.contract.queries import Preview
from engine.contract.settings import Roles, TaskName

Role = Literal["text", "second_text", "label", "labels", "yes_no", "score", "tokens", "tags", ""]  # "" is ignored
BETWEEN_LABELS = " | "  # several labels of one row as they are shown and typed


def first_answer(answer: Sequence[str], words: Sequence[str], names: Sequence[str]) -> str:
    """The only answer of a row, an empty string where it has none."""
    return answer[0] if answer else ""


def usual_class_word(names: Sequence[str]) -> str:
    """What most scores are told by."""
    return "class"


def no_options(names: Sequence[str]) -> str:
    """Nothing has to be said."""
    return ""


def labels_methods_told(names: Sequence[str]) -> str:
    """What always the same label and counted words are, where rows have labels."""
    return "Always predicting the most frequent class, or counting words (TF-IDF with a logistic regression),"


def usual_method_title(key: str, names: Sequence[str]) -> str:
    """What a simple method is called everywhere."""
    return baseline_name(key)


class TaskFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be known of a task without a network."""

    name: TaskName
    title: str
    sentence: str  # what the model answers, to what

    # Columns of a file
    reads: Role
    answers: tuple[Role, ...]  # the ways in which a file can hold the answers, the usual one first
    reads_pairs: bool = True  # a second text can stand beside the first
    doubt: Callable[[Preview, Roles, str], str]
    """Why a chosen column cannot be right, from the first rows, or an empty string.

    The last argument is the sign that stands between several labels in one cell. All columns exist.
    """

    # Answers
    answer_words: tuple[str, str]  # one and several: "label", "labels"
    answers_are_numbers: bool = False  # they are measured, not counted by value
    one_answer_per_word: bool = False  # else one per row
    several_answers: bool = False  # any number of labels per row
    uncounted: str = ""  # the answer that says nothing in particular and would dwarf all others
    column_title: str = "Label"  # above the answers of rows
    counted_title: str = "Label"  # above what is counted in them
    answer_text: Callable[[Sequence[str], Sequence[str], Sequence[str]], str] = first_answer
    """A row's answer as a table shows it; from the answer, the row's words and the data set's label names."""
    aimed_at: str = ""  # how answers become what training aims at, where a row alone does not show it
    refused_settings: Mapping[str, str] = {}  # fields of `FineTuneSettings` that must stay as they are, and why

    # Scores
    simple_methods: tuple[str, str]  # keys of what fine-tuning has to beat
    method_title: Callable[[str, Sequence[str]], str] = usual_method_title
    """What a simple method is called; from its key and the label names."""
    methods_told: Callable[[Sequence[str]], str]
    """The beginning of a sentence about the simple methods; from the label names."""
    single_answer: Callable[[Mapping[str, float | None], Mapping[str, int]], str]
    """What the network says to every row, as a sentence, where it says one thing only; else an empty string.

    From the scores and how many rows have each label.
    """
    class_word: Callable[[Sequence[str]], str] = usual_class_word
    """What scores are told by, beside those of all rows; from the label names."""
    class_title: str = "Classes"

    # The network
    auto_class: str = "AutoModelForSequenceClassification"  # of `transformers`: the encoder with its head
    problem_type: str = ""  # what `transformers` calls the task where one class has several, else an empty string

    # The finished model
    pipeline: str = "text-classification"  # the name `transformers.pipeline` knows it by
    pipeline_options: Callable[[Sequence[str]], str] = no_options
    """Arguments that give whole answers; from the label names."""
    pipeline_note: Callable[[Sequence[str]], str] = no_options
    """A sentence about what the pipeline answers, where that is not what is meant; from the label names."""
    call_options: str = ""  # arguments beside the text
    does: Callable[[Sequence[str]], str]
    """What the model does, for a sentence of its card; {text} is what it reads. From the label names."""
    labels_note: str = ""  # a sentence after the labels in the card
    shown_labels: Callable[[Sequence[str]], tuple[str, ...]] = tuple
    """What the model finds, as a card lists it; from the label names."""

    @property
    def parts(self) -> tuple[Role, Role]:
        """The roles that columns must play: what is read, what is answered."""
        return self.reads, self.answers[0]

    @property
    def roles(self) -> frozenset[Role]:
        """All roles that columns can play."""
        second: tuple[Role, ...] = ("second_text",) if self.reads_pairs else ()
        return frozenset((self.reads, *second, *self.answers))

    @property
    def one_label_per_row(self) -> bool:
        """Whether each row belongs to one class."""
        return not (self.answers_are_numbers or self.one_answer_per_word or self.several_answers)
