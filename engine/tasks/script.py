"""What a task must be able to write down for the plain script; the script's frame asks this and never a task's name.

Pieces of code are texts that end in a line break; what they need is imported through the `Script` they are given.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from engine.contract.row_edits import RowChange
from engine.contract.script_builder import Script
from engine.contract.settings import FineTuneSettings, Roles
from engine.contract.states import PreparedDataset


class LossCode(NamedTuple):
    """The inside of the script's loss function: what stands before it, and its lines up to `total`."""

    before: str
    lines: list[str]


class TaskScript(Protocol):
    """One kind of question, as a script asks it of `transformers`."""

    head: str  # the class of `transformers` with the answer layer
    collator: str  # the class that makes batches
    problem: str  # `problem_type` where the class must be told, else an empty string
    usual_format: str  # of a file about which nothing else is known
    answer_column: str  # where answers put right by hand go; an empty string where the script leaves that out
    renaming: str  # a line that gives the labels of `row` the new names in `names`; empty where there are none

    def columns(self, roles: Roles) -> dict[str, str]:
        """The script's own names of the columns that are read, to those of the file."""

    def cells(self, roles: Roles) -> dict[str, str]:
        """The script's own names to the expressions that take them out of `row`."""

    def cell_functions(self, script: Script, dataset: PreparedDataset) -> str:
        """Functions that `cells` calls, where a file has tables."""

    def usable(self, roles: Roles) -> str:
        """The function `usable(row)`."""

    def renaming_functions(self) -> str:
        """Functions that `renaming` calls."""

    def by_hand(self, change: RowChange) -> str:
        """An answer put right by hand, as an expression."""

    def encoding(self, script: Script, dataset: PreparedDataset) -> str:
        """The function `encode(batch)`, which makes input ids and labels."""

    def best(self, dataset: PreparedDataset) -> str:
        """The key in `compute_metrics` by which the best checkpoint is chosen."""

    def metrics(self, script: Script, dataset: PreparedDataset) -> str:
        """The function `compute_metrics(outputs)`, without line breaks around it."""

    def loss(self, script: Script, dataset: PreparedDataset, settings: FineTuneSettings) -> LossCode:
        """A loss that is summed over a whole batch, with the weights and the smoothing of these settings."""

    def before_saving(self, script: Script) -> str:
        """What happens to the trained network before it is saved; most often nothing."""
