"""What can be done about rows before they are split: one frozen record a remedy, part of `PrepareSettings`.

A remedy changes which rows are used or what their labels are called, never the user's file, and every row it leaves
out is accounted for under its name. Remedies are applied in the order of `REMEDIES`, whatever the order in which they
were chosen; without them the same rows come out as before. Knows no torch and no Qt.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec

FEW_ROWS = 20  # "few examples" of a label, as in Label Sleuth


class RepairMisreadText(msgspec.Struct, frozen=True, tag="repair_misread_text"):
    """UTF-8 that was once read as Windows-1252, such as â€™ for ’, is read as UTF-8: texts, words and labels."""


class MergeLabels(msgspec.Struct, frozen=True, tag="merge_labels"):
    """Rows with one of these labels get the label `into`."""

    labels: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    into: Annotated[str, msgspec.Meta(min_length=1)]


class LeaveOutDuplicates(msgspec.Struct, frozen=True, tag="exclude_duplicates"):
    """Of rows of one file with the same input and the same answer only the first is used."""


class LeaveOutContradictions(msgspec.Struct, frozen=True, tag="exclude_contradictions"):
    """Rows whose input stands with different answers in different rows are left out, all of them."""


class KeepMajorityLabel(msgspec.Struct, frozen=True, tag="keep_majority_label"):
    """Of rows with the same input those with its most frequent answer are used; where no answer leads, none is."""


class LeaveOutNearDuplicates(msgspec.Struct, frozen=True, tag="exclude_near_duplicates"):
    """Of rows of one file with nearly the same input and the same answer only the first is used."""


class LeaveOutLeaks(msgspec.Struct, frozen=True, tag="exclude_leaks"):
    """Rows of the file for this split whose input also stands in another file are left out.

    The file for train holds all rows that have no file of their own. `near` counts nearly equal inputs as well.
    """

    split: Literal["train", "validation", "test"] = "train"
    near: bool = False


class KeepNearDuplicatesTogether(msgspec.Struct, frozen=True, tag="keep_near_duplicates_together"):
    """Rows with nearly the same input are drawn into the same split, as equal rows always are."""


class MergeRareLabels(msgspec.Struct, frozen=True, tag="merge_rare_labels"):
    """Labels of fewer rows than this become one label."""

    fewer_than: Annotated[int, msgspec.Meta(ge=2)] = FEW_ROWS
    into: Annotated[str, msgspec.Meta(min_length=1)] = "other"


class LeaveOutRareLabels(msgspec.Struct, frozen=True, tag="exclude_rare_labels"):
    """Rows with a label of fewer rows than this are left out."""

    fewer_than: Annotated[int, msgspec.Meta(ge=2)] = FEW_ROWS


class KeepRareLabelsInTraining(msgspec.Struct, frozen=True, tag="keep_rare_labels_in_training"):
    """Rows with a label of fewer rows than this are never drawn to validate or to test."""

    fewer_than: Annotated[int, msgspec.Meta(ge=2)] = FEW_ROWS


Remedy = (
    RepairMisreadText
    | MergeLabels
    | LeaveOutDuplicates
    | LeaveOutContradictions
    | KeepMajorityLabel
    | LeaveOutNearDuplicates
    | LeaveOutLeaks
    | KeepNearDuplicatesTogether
    | MergeRareLabels
    | LeaveOutRareLabels
    | KeepRareLabelsInTraining
)
REMEDIES: tuple[type[Remedy], ...] = (
    RepairMisreadText,
    MergeLabels,
    LeaveOutDuplicates,
    LeaveOutContradictions,
    KeepMajorityLabel,
    LeaveOutNearDuplicates,
    LeaveOutLeaks,
    KeepNearDuplicatesTogether,
    MergeRareLabels,
    LeaveOutRareLabels,
    KeepRareLabelsInTraining,
)
_SHOWN_LABELS = 3


def in_order(remedies: Iterable[Remedy]) -> tuple[Remedy, ...]:
    """The remedies as they are applied, each once; merged labels keep their order among themselves."""
    return tuple(sorted(dict.fromkeys(remedies), key=_place))


def _place(remedy: Remedy) -> tuple[int, str]:
    detail = f"{remedy.near} {remedy.split}" if isinstance(remedy, LeaveOutLeaks) else ""
    return REMEDIES.index(type(remedy)), detail


def remedy_name(remedy: Remedy) -> str:
    """What the remedy does, as the list of applied remedies and the reasons for left-out rows call it."""
    match remedy:
        case RepairMisreadText():
            return "Repair text that was read in the wrong encoding"
        case MergeLabels(labels, into):
            return f"Merge {named(labels)} into “{into[:60]}”"
        case LeaveOutDuplicates():
            return "Leave out duplicates"
        case LeaveOutContradictions():
            return "Leave out contradictions"
        case KeepMajorityLabel():
            return "Keep the most frequent answer"
        case LeaveOutNearDuplicates():
            return "Leave out nearly equal rows"
        case LeaveOutLeaks(split, near):
            return f"Leave out {split} rows that {'nearly ' if near else ''}stand in another file"
        case KeepNearDuplicatesTogether():
            return "Keep nearly equal rows in one split"
        case MergeRareLabels(fewer_than, into):
            return f"Merge labels of fewer than {fewer_than:,} rows into “{into[:60]}”"
        case LeaveOutRareLabels(fewer_than):
            return f"Leave out labels of fewer than {fewer_than:,} rows"
        case KeepRareLabelsInTraining(fewer_than):
            return f"Keep labels of fewer than {fewer_than:,} rows in training only"


def named(labels: Iterable[str]) -> str:
    """“a”, “b” and 3 more."""
    listed = list(labels)
    shown = [f"“{label[:60]}”" for label in listed[:_SHOWN_LABELS]]
    if len(listed) > _SHOWN_LABELS:
        return f"{', '.join(shown)} and {len(listed) - _SHOWN_LABELS:,} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)
