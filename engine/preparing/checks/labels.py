"""Labels that few rows have, labels that mean the same, and answers that are not distinguished in training."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from engine.contract.cleaning_rules import (
    FEW_ROWS,
    KeepRareLabelsInTraining,
    LeaveOutRareLabels,
    MergeLabels,
    MergeRareLabels,
    named,
)
from engine.contract.errors import DatasetInvalid
from engine.contract.findings import Offer
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.settings import Roles
from engine.contract.text_parsing import are_identifiers
from engine.preparing.checks.context import CheckContext, Found
from engine.preparing.rows.collecting import Collected, rows_at

UNBALANCED = 0.1  # of the share that every label would have if all had the same (cleanlab)
_MOST_COMPARED = 2_000  # labels
_SHORTEST_FOR_SLIPS = 5  # letters
_RARE_SPELLING = 0.1  # a slip of the pen has at most this share of the rows of the right spelling
_QUOTES = " \t\n\"'“”‘’«»`.,;:!?…"
# Zero-width spaces, soft hyphens, direction marks, the word joiner, byte-order marks.
_UNSEEN = re.compile("[\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
# What represents "no label" in files as people have them; “none” and “unknown” are answers as often as not.
_NO_LABEL = frozenset(("", "-", "--", "?", "n/a", "na", "nan", "null", "nil", "#n/a", "unlabeled", "unlabelled"))
_GAPS = re.compile(r"[\s_\-\u2010-\u2015/]+")


def labels_with_invisible_characters(seen: CheckContext) -> Iterator[Found]:
    """Labels that are distinguished by characters that nobody sees, such as spaces without width."""
    counts = seen.label_counts()
    for number, (into, others) in enumerate(sorted(invisibly_different(counts).items())):
        rows = seen.rows_with(others)
        signs = list(dict.fromkeys(sign for label in others for sign in _invisible_signs(label)))
        yield Found(
            "invisible_characters" if not number else f"invisible_characters_{number + 1}",
            "caution",
            Sentence(
                "preparing.finding.invisible_characters",
                rows=len(rows),
                label=seen.task.facts.label_nouns[0],
                into=into[:60],
                signs=signs,
                others=len(others),
                labels=seen.task.facts.label_nouns[0 if len(others) == 1 else 1],
            ),
            len(rows),
            (Offer(Sentence("preparing.offer.merge_into", into=into[:40]), MergeLabels(tuple(others), into)),),
            rows,
        )


def signs_of_no_label(seen: CheckContext) -> Iterator[Found]:
    """A label that means that there is none: “-” or “NaN” beside others, −1 beside numbers from 0 on."""
    if not seen.task.facts.one_label_per_row:
        return
    counts = seen.label_counts()
    # Python writes "None" where there is nothing; "none" is a class of many data sets.
    found = [label for label in counts if label.strip().casefold() in _NO_LABEL or label.strip() == "None"]
    if all(label.isascii() and label.isdigit() for label in counts if label != "-1") and "-1" in counts:
        found.append("-1")
    if not found or len(found) == len(counts):
        return
    rows = seen.rows_with(found)
    yield Found(
        "no_label",
        "caution",
        Sentence("preparing.finding.no_label", rows=len(rows), labels=found),
        len(rows),
        (),
        rows,
    )


def invisibly_different(counts: Mapping[str, int]) -> dict[str, list[str]]:
    """What labels look like, with the spellings that hold characters that cannot be seen.

    Only where another label looks the same; all spaces look like one.
    """
    by_look: defaultdict[str, list[str]] = defaultdict(list)
    for label in counts:
        by_look[_look(label)].append(label)
    return {look: [one for one in labels if one != look] for look, labels in by_look.items() if look and labels[1:]}


def _look(label: str) -> str:
    """The label as it is seen. Joiners are kept: in Persian and Hindi they change the letters beside them."""
    return " ".join(_UNSEEN.sub("", label).split())


def _invisible_signs(label: str) -> list[str]:
    """The names of the characters that cannot be seen or look like a plain space."""
    unseen = [sign for sign in label if _UNSEEN.match(sign) or (sign.isspace() and sign != " ")]
    return [unicodedata.name(sign, f"U+{ord(sign):04X}").lower() for sign in unseen] or ["several spaces"]


def look_alike_labels(seen: CheckContext) -> Iterator[Found]:
    """Labels that differ in case, spacing, punctuation at the end, or by a slip of the pen."""
    counts = seen.label_counts()
    unseen = {label for labels in invisibly_different(counts).values() for label in labels}
    counts = {label: number for label, number in counts.items() if label not in unseen}
    for number, (into, others) in enumerate(sorted(look_alikes(counts).items())):
        rows = seen.rows_with(others)
        yield Found(
            "look_alike_labels" if not number else f"look_alike_labels_{number + 1}",
            "caution",
            Sentence(
                "preparing.finding.look_like_rows",
                label_nouns=seen.task.facts.label_nouns[1],
                named=named([into, *others]),
                counts=[counts[label] for label in [into, *others][:4]],
            ),
            len(rows),
            (Offer(Sentence("preparing.offer.merge_into", into=into[:40]), MergeLabels(tuple(others), into)),),
            rows,
        )


def look_alikes(counts: Mapping[str, int]) -> dict[str, list[str]]:
    """The most frequent spelling of each label with its other spellings."""
    labels = sorted(counts, key=lambda label: (-counts[label], label))[:_MOST_COMPARED]
    forms = {label: _form(label) for label in labels}  # once each: every pair of them is compared below
    by_form: defaultdict[str, list[str]] = defaultdict(list)
    for label in labels:
        by_form[forms[label]].append(label)
    spelled = {group[0]: group[1:] for group in by_form.values()}
    heads = list(spelled)
    lengths: defaultdict[int, list[str]] = defaultdict(list)
    for head in heads:
        form = forms[head]
        near = [other for size in (-1, 0, 1) for other in lengths[len(form) + size]]
        frequent = (other for other in near if counts[head] <= _RARE_SPELLING * counts[other])
        right = next((other for other in frequent if _is_slip(form, forms[other])), None)
        if right is None:
            lengths[len(form)].append(head)
        else:
            spelled[right] += [head, *spelled.pop(head)]
    return {head: others for head, others in spelled.items() if others}


def _form(label: str) -> str:
    """Equal for labels that differ in case, spacing and quotation only, and for equal numbers."""
    text = unicodedata.normalize("NFKC", label).casefold()
    text = _GAPS.sub(" ", text.strip(_QUOTES)) if any(letter.isalnum() for letter in text) else text
    if re.fullmatch(r"\s?\d+(\.\d+)?", text):
        return ("-" if label.lstrip().startswith(("-", "−")) else "") + repr(float(text))
    return text.strip() or label


def _is_slip(one: str, two: str) -> bool:
    """Whether two forms of labels differ by one letter missing, added, changed or two changed over.

    Only within words of letters: item1 and item2, class a and class b are meant as they are.
    """
    if min(len(one), len(two)) < _SHORTEST_FOR_SLIPS:
        return False
    start = next((at for at, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))
    rest, other_rest = one[start:], two[start:]
    changed = rest[:1] + other_rest[:1]
    if not changed.isalpha() or start == 0:
        return False
    swapped = rest[:2] == other_rest[1::-1] and len(rest) > 1 and rest[2:] == other_rest[2:]
    inner = rest[1:] == other_rest[1:] and len(rest) > 1 and rest[1].isalpha() and one[start - 1].isalpha()
    longer, shorter = (rest, other_rest) if len(rest) > len(other_rest) else (other_rest, rest)
    missing = longer[1:] == shorter and len(longer) > 1 and longer[1].isalpha()
    return swapped or inner or missing


def rare_labels(seen: CheckContext) -> Iterator[Found]:
    """Labels of few rows; of a single one, which can be in one split only."""
    counts = seen.label_counts()
    frequent = [label for label, number in counts.items() if number >= FEW_ROWS]
    rare = [label for label, number in counts.items() if number < FEW_ROWS]
    if not rare:
        return
    noun = seen.task.facts.label_nouns[0 if len(rare) == 1 else 1]
    rows = seen.rows_with(rare)
    single = [label for label in rare if counts[label] == 1]
    tail = Sentence("preparing.finding.in_one_row_only", labels=len(single), named=named(single)) if single else NOTHING
    offers = []
    if len(rare) > 1 and frequent:
        offers.append(Offer(Sentence("preparing.offer.merge_them_into_other"), MergeRareLabels(FEW_ROWS, "other")))
    kept = seen.collected.in_training is not None
    if frequent and not kept and len(seen.given) < len(seen.splits) - 1:
        offers.append(Offer(Sentence("preparing.offer.keep_them_training_only"), KeepRareLabelsInTraining(FEW_ROWS)))
    if len(frequent) > 1:
        offers.append(Offer(Sentence("preparing.offer.leave_out_rows", rows=len(rows)), LeaveOutRareLabels(FEW_ROWS)))
    yield Found(
        "rare_labels",
        "caution" if single or frequent else "note",
        Sentence(
            "preparing.finding.rare_labels_kept_in_training" if kept else "preparing.finding.rare_labels",
            labels=len(rare),
            noun=noun,
            fewest=FEW_ROWS,
            named=named(rare),
            tail=tail,
        ),
        len(rows),
        tuple(offers),
        rows,
    )


def imbalance(seen: CheckContext) -> Iterator[Found]:
    """A label far rarer than it would be if all had the same number of rows."""
    counts = seen.label_counts()
    total = sum(counts.values())
    if len(counts) < 2 or not seen.task.facts.one_label_per_row:
        return
    rarest, number = min(counts.items(), key=lambda item: (item[1], item[0]))
    commonest, most = next(iter(counts.items()))
    if number >= UNBALANCED * total / len(counts):
        return
    yield Found(
        "imbalance",
        "note",
        Sentence(
            "preparing.finding.rows_look_macro_f1_rather",
            rarest=rarest[:60],
            number=100 * number / total,
            commonest=commonest[:60],
            most=100 * most / total,
        ),
        number,
        (),
        seen.rows_with([rarest]),
    )


def one_label_in_training(seen: CheckContext) -> Iterator[Found]:
    """Training rows that all have the same label, while other splits have more."""
    train = _labels_in(seen, 0)
    if len(train) == 1 and len(seen.label_counts()) > 1 and seen.task.facts.one_label_per_row:
        yield Found(
            "one_label_in_training",
            "problem",
            Sentence(
                "preparing.finding.all_training_rows_same_no",
                label_nouns=seen.task.facts.label_nouns[0],
                named=named(train),
            ),
        )


def _labels_in(seen: CheckContext, split: int) -> Sequence[str]:
    return list(seen.collected.label_counts(seen.assignment == split))


# Whether the chosen text is something to read: numbers and identifiers are not.

_LOOKED_AT = 500


def check_texts(collected: Collected, roles: Roles) -> None:
    """Raises `DatasetInvalid` (D16) where nearly all texts are different numbers or identifiers."""
    if "text" not in collected.columns:
        return
    positions = np.unique(np.linspace(0, len(collected) - 1, _LOOKED_AT).astype(np.int64))
    texts = [str(row["text"]) for rows in rows_at(collected, positions) for row in rows]
    if are_identifiers(texts):
        raise DatasetInvalid(
            "D16",
            Sentence("preparing.d16.holds_numbers_identifiers_such_right", text=roles.text, texts=texts[0][:40]),
            hint=Sentence("preparing.d16.choose_column_holds_something_read"),
            actions=(RecoveryAction.CHOOSE_COLUMNS,),
            field="text",
        )
