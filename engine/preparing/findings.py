"""What can be said about the collected rows: errors that stop, and sentences worth knowing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.contract.errors import DatasetInvalid
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.settings import Roles, SplitName
from engine.contract.states import SplitCounts
from engine.preparing.rows.collecting import Collected
from engine.tasks.task import Task

_PARTS = {
    "text": "texts",
    "second_text": "second texts",
    "label": "labels",
    "labels": "labels",
    "score": "scores",
    "tokens": "words",
    "tags": "tags",
}
_FEWEST_FOR_DOUBT = 20
_SHOWN_NAMES = 3


def no_column(task: Task, roles: Roles, file: str, columns: Sequence[str]) -> DatasetInvalid | None:
    """The error (D16) for a part that no column plays or a column that is not there, or None."""
    reads, answers = task.facts.parts
    parts = (reads, "second_text", answers) if task.facts.reads_pairs and roles.second_text else (reads, answers)
    for part in parts:
        names = columns_of(roles, part)
        if not names:
            what = _PARTS[part]
            return DatasetInvalid(
                "D16",
                f"{file} has no column with {what}.",
                hint=f"Choose the column with {what}, or another file.",
                actions=(RecoveryAction.CHOOSE_COLUMNS,),
                field=part,
            )
        absent = [name for name in names if name not in columns]
        if absent:
            return DatasetInvalid(
                "D16",
                f"{file} has no column “{absent[0]}”.",
                hint=f"Its columns are: {', '.join(columns[:12])}.",
                actions=(RecoveryAction.CHOOSE_COLUMNS,),
                field=part,
            )
    named = [name for part in parts for name in columns_of(roles, part)]
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice is not None:
        return DatasetInvalid(
            "D16",
            f"The column “{twice}” is chosen twice.",
            hint="Choose different columns to read and to answer.",
            actions=(RecoveryAction.CHOOSE_COLUMNS,),
            field=parts[-1],
        )
    return None


def columns_of(roles: Roles, part: str) -> tuple[str, ...]:
    """The columns that play this part."""
    if part == "labels" and roles.label_columns:
        return roles.label_columns
    name: str = getattr(roles, part)
    return (name,) if name else ()


def check_labels(collected: Collected, label_names: tuple[str, ...], task: Task, roles: Roles) -> None:
    """Raises `DatasetInvalid` where nothing can be learned: D17 for one answer, D16 for as many labels as rows."""
    counts = collected.label_counts(np.ones(len(collected), dtype=bool))
    _, answers = task.facts.parts
    one, several = task.facts.label_nouns
    message = task.nothing_to_learn(label_names, counts, collected.targets)
    if message:
        raise DatasetInvalid(
            "D17",
            message,
            hint="At least two different answers are needed to learn a difference.",
            actions=(RecoveryAction.CHOOSE_COLUMNS,),
            field=one,
        )
    given = sum(counts.values())
    if (given >= _FEWEST_FOR_DOUBT and len(counts) * 2 > given) or (given >= 5 and len(counts) == given):
        raise DatasetInvalid(
            "D16",
            f"{len(counts):,} different {several} in {len(collected):,} rows: is this the right column?",
            hint=f"“{', '.join(columns_of(roles, answers))}” seems to hold something else. Choose the column with the "
            "answers.",
            actions=(RecoveryAction.CHOOSE_COLUMNS,),
            field=one,
        )


def check_enough(collected: Collected, file: str, splits: Sequence[SplitName], assignment: np.ndarray) -> None:
    """Raises `DatasetInvalid` (D10) where a split would be empty."""
    for index, name in enumerate(splits):
        if not (assignment == index).any():
            rows = f"{len(collected):,} usable {'row' if len(collected) == 1 else 'rows'}"
            raise DatasetInvalid(
                "D10",
                f"{file} has {rows}, which leaves none for {name}.",
                hint="At least three rows with different inputs are needed: to train, to validate and to test.",
                actions=(RecoveryAction.CHOOSE_OTHER_FILE,),
            )


def notes_on_labels(splits: dict[str, SplitCounts]) -> list[str]:
    """Labels that a split lacks."""
    notes = []
    train = splits["train"].labels
    for name in ("validation", "test"):
        unseen = [label for label in splits[name].labels if label not in train]
        if unseen:
            notes.append(f"{_named(unseen)} in {name} but never in train, where the model would learn from.")
    missing = [label for label in train if label not in splits["test"].labels]
    if missing:
        notes.append(f"{_named(missing)} in train but not in test, so no score can be measured there.")
    return notes


def notes_on_lengths(lengths: np.ndarray, max_length: int) -> list[str]:
    """How much is cut."""
    cut = int((lengths > max_length).sum())
    if not cut:
        return []
    share = 100 * cut / len(lengths)
    percent = f"{share:.0f} %" if share >= 1 else "Less than 1 %"
    return [f"{percent} of the rows are longer than {max_length:,} tokens; their end is cut."]


def _named(labels: Sequence[str]) -> str:
    shown = ", ".join(f"“{label[:60]}”" for label in labels[:_SHOWN_NAMES])
    if len(labels) > _SHOWN_NAMES:
        return f"{len(labels):,} labels ({shown}, …) stand"
    return f"The labels {shown} stand" if len(labels) > 1 else f"The label {shown} stands"
