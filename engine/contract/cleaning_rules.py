"""What can be done about rows before they are split: one frozen record a fix, part of `PrepareSettings`.

A fix changes which rows are used or what their labels are called, never the user's file, and every row it excludes
is accounted for under its name. Fixes are applied in the order of `CLEANING_RULES`, whatever the order in which they
were chosen; without them the same rows come out as before. Needs no torch and no Qt.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec

from engine.contract.sentences import NOTHING, Sentence

FEW_ROWS = 20  # "few examples" of a label, as in Label Sleuth


class RepairMisreadText(msgspec.Struct, frozen=True, tag="repair_misread_text"):
    """UTF-8 that was once read in another encoding, such as â€™ for ’, is read as UTF-8: texts, words and labels."""


class CorrectTagPrefixes(msgspec.Struct, frozen=True, tag="correct_tag_prefixes"):
    """Tags of words get the prefixes that they mean.

    `fault` is what is wrong: another `sign` between prefix and type than a hyphen (behind the type where the prefix
    `is_behind` it), a prefix on words outside of entities, or B- on every word of an entity.
    """

    fault: Literal["sign", "outside", "begin"]
    sign: str = ""
    is_behind: bool = False


class MergeLabels(msgspec.Struct, frozen=True, tag="merge_labels"):
    """Rows with one of these labels get the label `into`."""

    labels: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    into: Annotated[str, msgspec.Meta(min_length=1)]


class LeaveOutDuplicates(msgspec.Struct, frozen=True, tag="exclude_duplicates"):
    """Of rows of one file with the same input and the same answer only the first is used."""


class LeaveOutContradictions(msgspec.Struct, frozen=True, tag="exclude_contradictions"):
    """Rows whose input has different answers in different rows are excluded, all of them."""


class KeepMajorityLabel(msgspec.Struct, frozen=True, tag="keep_majority_label"):
    """Of rows with the same input those with its most frequent answer are used; where no answer leads, none is."""


class LeaveOutNearDuplicates(msgspec.Struct, frozen=True, tag="exclude_near_duplicates"):
    """Of rows of one file with nearly the same input and the same answer only the first is used."""


class LeaveOutLeaks(msgspec.Struct, frozen=True, tag="exclude_leaks"):
    """Rows of the file for this split whose input is also in another file are excluded.

    The file for train holds all rows that have no file of their own. `near` counts near-duplicates as well.
    Where `other` names the split of another file, that one alone counts, and `near` means near-duplicates
    and not equal.
    """

    split: Literal["train", "validation", "test"] = "train"
    near: bool = False
    other: Literal["", "train", "validation", "test"] = ""


class KeepNearDuplicatesTogether(msgspec.Struct, frozen=True, tag="keep_near_duplicates_together"):
    """Rows with nearly the same input are drawn into the same split, as equal rows always are."""


class MergeRareLabels(msgspec.Struct, frozen=True, tag="merge_rare_labels"):
    """Labels of fewer rows than this become one label."""

    fewer_than: Annotated[int, msgspec.Meta(ge=2)] = FEW_ROWS
    into: Annotated[str, msgspec.Meta(min_length=1)] = "other"


class LeaveOutRareLabels(msgspec.Struct, frozen=True, tag="exclude_rare_labels"):
    """Rows with a label of fewer rows than this are excluded."""

    fewer_than: Annotated[int, msgspec.Meta(ge=2)] = FEW_ROWS


class KeepRareLabelsInTraining(msgspec.Struct, frozen=True, tag="keep_rare_labels_in_training"):
    """Rows with a label of fewer rows than this are never drawn to validate or to test."""

    fewer_than: Annotated[int, msgspec.Meta(ge=2)] = FEW_ROWS


CleaningRule = (
    RepairMisreadText
    | CorrectTagPrefixes
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
CLEANING_RULES: tuple[type[CleaningRule], ...] = (
    RepairMisreadText,
    CorrectTagPrefixes,
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


def in_order(cleaning_rules: Iterable[CleaningRule]) -> tuple[CleaningRule, ...]:
    """The fixes as they are applied, each once; merged labels keep their order among themselves."""
    return tuple(sorted(dict.fromkeys(cleaning_rules), key=_place))


def _place(rule: CleaningRule) -> tuple[int, str]:
    detail = f"{rule.near} {rule.split} {rule.other}" if isinstance(rule, LeaveOutLeaks) else ""
    if isinstance(rule, CorrectTagPrefixes):
        detail = str(("sign", "outside", "begin").index(rule.fault))  # a prefix is read once its sign is right
    return CLEANING_RULES.index(type(rule)), detail


def rule_name(rule: CleaningRule) -> Sentence:
    """What the fix does, as the list of applied fixes and the reasons for left-out rows call it."""
    match rule:
        case RepairMisreadText():
            return Sentence("contract.fix.repair_misread_text")
        case CorrectTagPrefixes("sign"):
            return Sentence("contract.fix.tags_sign")
        case CorrectTagPrefixes("outside"):
            return Sentence("contract.fix.tags_outside")
        case CorrectTagPrefixes():
            return Sentence("contract.fix.tags_begin")
        case MergeLabels(labels, into):
            return Sentence("contract.fix.merge", labels=named(labels), into=into[:60])
        case LeaveOutDuplicates():
            return Sentence("contract.fix.leave_out_duplicates")
        case LeaveOutContradictions():
            return Sentence("contract.fix.leave_out_contradictions")
        case KeepMajorityLabel():
            return Sentence("contract.fix.keep_most_frequent_answer")
        case LeaveOutNearDuplicates():
            return Sentence("contract.fix.leave_out_nearly_equal_rows")
        case LeaveOutLeaks(split, near, other) if other:
            return Sentence(
                "contract.fix.leave_out_near_leaks_of" if near else "contract.fix.leave_out_leaks_of",
                split=split,
                other=other,
            )
        case LeaveOutLeaks(split, near):
            return Sentence(
                "contract.fix.leave_out_near_leaks" if near else "contract.fix.leave_out_leaks", split=split
            )
        case KeepNearDuplicatesTogether():
            return Sentence("contract.fix.keep_nearly_equal_rows_together")
        case MergeRareLabels(fewer_than, into):
            return Sentence("contract.fix.merge_rare_labels", fewer_than=fewer_than, into=into[:60])
        case LeaveOutRareLabels(fewer_than):
            return Sentence("contract.fix.leave_out_rare_labels", fewer_than=fewer_than)
        case KeepRareLabelsInTraining(fewer_than):
            return Sentence("contract.fix.keep_rare_labels_in_training", fewer_than=fewer_than)


def named(labels: Iterable[str]) -> Sentence:
    """“a”, “b” and 3 more."""
    listed = list(labels)
    shown = [label[:60] for label in listed[:_SHOWN_LABELS]]
    if len(listed) > _SHOWN_LABELS:
        return Sentence("contract.names.many", shown=shown, more=len(listed) - _SHOWN_LABELS)
    if len(shown) > 1:
        return Sentence("contract.names.several", shown=shown[:-1], last=shown[-1])
    return Sentence("contract.names.one", name=shown[0]) if shown else NOTHING
