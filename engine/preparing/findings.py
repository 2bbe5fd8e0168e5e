"""What can be said about the collected rows: errors that stop, and sentences worth knowing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.contract.errors import DatasetInvalid
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.contract.settings import Roles, SplitName
from engine.contract.states import SplitCounts
from engine.preparing.rows.collecting import Collected
from engine.tasks.task import Task

_PARTS = {
    "text": Sentence("preparing.noun.texts"),
    "second_text": Sentence("preparing.noun.second_texts"),
    "label": Sentence("preparing.noun.labels"),
    "labels": Sentence("preparing.noun.labels"),
    "score": Sentence("preparing.noun.scores"),
    "tokens": Sentence("preparing.noun.words"),
    "tags": Sentence("preparing.noun.tags"),
    "group": Sentence("preparing.noun.groups"),
}
_FEWEST_FOR_DOUBT = 20
_SHOWN_NAMES = 3
FEWEST_FOLDED = 2  # different inputs that can be learned and scored in turn


def no_column(
    task: Task, roles: Roles, file: str, columns: Sequence[str], *, with_group: bool = False
) -> DatasetInvalid | None:
    """The error (D16) for a part that no column plays or a column that is not there, or None.

    A column of groups has to be there `with_group` alone.
    """
    reads, answers = task.facts.parts
    parts: tuple[str, ...] = (reads, answers)
    if task.facts.reads_pairs and roles.second_text:
        parts = (reads, "second_text", answers)
    if with_group and roles.group:
        parts = (*parts[:-1], "group", answers)
    for part in parts:
        names = columns_of(roles, part)
        if not names:
            what = _PARTS[part]
            return DatasetInvalid(
                "D16",
                Sentence("preparing.d16.no_column", file=file, what=what),
                hint=Sentence("preparing.d16.choose_column_another_file", what=what),
                actions=(RecoveryAction.CHOOSE_COLUMNS,),
                field=part,
            )
        absent = [name for name in names if name not in columns]
        if absent:
            return DatasetInvalid(
                "D16",
                Sentence("preparing.d16.no_column_2", file=file, absent=absent[0]),
                hint=Sentence("preparing.d16.columns", columns=columns[:12]),
                actions=(RecoveryAction.CHOOSE_COLUMNS,),
                field=part,
            )
    named = [name for part in parts for name in columns_of(roles, part)]
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice is not None:
        return DatasetInvalid(
            "D16",
            Sentence("preparing.d16.column_chosen_twice", twice=twice),
            hint=Sentence("preparing.d16.choose_different_columns_read_answer"),
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
            hint=Sentence("preparing.d17.least_two_different_answers_needed"),
            actions=(RecoveryAction.CHOOSE_COLUMNS,),
            field=one,
        )
    given = sum(counts.values())
    names = columns_of(roles, answers)
    if given >= 5 and len(counts) == given == len(collected):
        raise DatasetInvalid(
            "D16",
            Sentence("preparing.d16.one_label_per_row", rows=given, label=one, columns=names),
            hint=Sentence("preparing.d16.give_equal_rows_equal_labels", labels=several),
            actions=(RecoveryAction.CHOOSE_COLUMNS,),
            field=one,
        )
    if (given >= _FEWEST_FOR_DOUBT and len(counts) * 2 > given) or (given >= 5 and len(counts) == given):
        raise DatasetInvalid(
            "D16",
            Sentence(
                "preparing.d16.different_rows_right_column",
                counts=len(counts),
                several=several,
                collected=len(collected),
            ),
            hint=Sentence("preparing.d16.seems_hold_something_else_choose", columns_of=", ".join(names)),
            actions=(RecoveryAction.CHOOSE_COLUMNS,),
            field=one,
        )


def check_enough(
    collected: Collected, file: str, splits: Sequence[SplitName], assignment: np.ndarray, *, all_train: bool
) -> None:
    """Raises `DatasetInvalid` (D10) where a split that is drawn from the training `file` would be empty.

    Where all rows of it train, none is drawn, and cross-validation needs two different inputs.
    """
    mine = collected.files == 0
    rows, inputs = int(mine.sum()), len(np.unique(collected.identities[mine]))
    if all_train:
        if inputs < FEWEST_FOLDED:
            raise DatasetInvalid(
                "D10",
                Sentence("preparing.d10.too_few_to_cross_validate", file=file, rows=rows, inputs=inputs),
                hint=Sentence("preparing.d10.two_different_inputs"),
                actions=(RecoveryAction.CHOOSE_OTHER_FILE,),
            )
        return
    for index, name in enumerate(splits):
        if not (assignment == index).any():
            raise DatasetInvalid(
                "D10",
                Sentence("preparing.d10.same_inputs_leave_none", file=file, rows=rows, inputs=inputs, name=name)
                if inputs < len(splits) <= rows
                else Sentence("preparing.d10.which_leaves_none", file=file, rows=rows, name=name),
                hint=Sentence("preparing.d10.least_three_rows_different_inputs"),
                actions=(
                    *((RecoveryAction.TRAIN_ON_ALL_ROWS,) if inputs >= FEWEST_FOLDED else ()),
                    RecoveryAction.CHOOSE_OTHER_FILE,
                ),
            )


def notes_on_labels(splits: dict[str, SplitCounts], label_columns: Sequence[str] = ()) -> list[Sentence]:
    """Labels that a split lacks, and columns of 0 and 1 without a 1 in any row."""
    notes: list[Sentence] = []
    absent = [name for name in label_columns if not any(name in split.labels for split in splits.values())]
    if absent:
        notes.append(Sentence("preparing.data_note.labels_without_rows", labels=len(absent), names=absent[:20]))
    train = splits["train"].labels
    for name in ("validation", "test"):
        unseen = [label for label in splits[name].labels if label not in train]
        if unseen:
            notes.append(Sentence("preparing.data_note.but_never_train_where_model", named=_named(unseen), name=name))
    missing = [label for label in train if label not in splits["test"].labels] if splits["test"].rows else []
    if missing:
        notes.append(Sentence("preparing.data_note.train_but_not_test_so", named=_named(missing)))
    return notes


def notes_on_groups(collected: Collected, assignment: np.ndarray, column: str) -> list[Sentence]:
    """How many groups each split has, and what that means where rows have none or are nearly all of one."""
    if collected.groups is None:
        return []
    used = assignment >= 0
    alone = used & (collected.groups == collected.identities)
    named = used & ~alone
    counts = [len(np.unique(collected.groups[named & (assignment == index)])) for index in range(3)]
    notes = [
        Sentence(
            "preparing.data_note.groups",
            column=column,
            groups=len(np.unique(collected.groups[named])),
            train=counts[0],
            validation=counts[1],
            test=counts[2],
        )
    ]
    if alone.any():
        notes.append(Sentence("preparing.data_note.rows_without_group", rows=int(alone.sum()), column=column))
    return notes


def notes_on_lengths(lengths: np.ndarray, answer_tokens: np.ndarray, max_length: int) -> list[Sentence]:
    """How much is cut, and how many answers with a place in the text are lost with it."""
    notes: list[Sentence] = []
    share = 100 * int((lengths > max_length).sum()) / max(1, len(lengths))
    if share >= 1:
        notes.append(Sentence("preparing.data_note.longer_rows_cut", percent=share, max_length=max_length))
    elif share:
        notes.append(Sentence("preparing.data_note.few_longer_rows_cut", max_length=max_length))
    lost = int((answer_tokens > max_length).sum())
    if lost:
        notes.append(Sentence("preparing.data_note.answers_cut", answers=lost, of=len(answer_tokens)))
    return notes


def _named(labels: Sequence[str]) -> Sentence:
    shown = [label[:60] for label in labels[:_SHOWN_NAMES]]
    if len(labels) > _SHOWN_NAMES:
        return Sentence("preparing.data_note.many_labels_stand", labels=len(labels), shown=shown)
    return Sentence("preparing.data_note.labels_stand", labels=len(labels), shown=shown)
