"""Fixes applied to the collected rows, before they are split: which rows stay, and what their labels are called.

All decisions are made on the arrays in memory. Where something changes, the spool is written once more and what is
remembered of its rows is taken from the rows anew, so that the result is that of a file without them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, assert_never

import numpy as np
import pyarrow as pa

from engine.contract.cleaning_rules import (
    CleaningRule,
    CorrectTagPrefixes,
    KeepMajorityLabel,
    KeepNearDuplicatesTogether,
    KeepRareLabelsInTraining,
    LeaveOutContradictions,
    LeaveOutDuplicates,
    LeaveOutLeaks,
    LeaveOutNearDuplicates,
    LeaveOutRareLabels,
    MergeLabels,
    MergeRareLabels,
    RepairMisreadText,
    rule_name,
)
from engine.contract.events import Emit
from engine.contract.findings import AppliedRule
from engine.contract.progress import ProgressReporter
from engine.contract.sentences import Sentence
from engine.contract.settings import SplitName
from engine.contract.tag_schemes import type_of
from engine.preparing.rows.collecting import FILE, LINE, ROW, Collected, Notebook, answer_numbers, spool_schema
from engine.preparing.rows.groups import (
    connected_groups,
    group_numbers,
    in_common,
    kinds_in_each,
    numbered,
    outvoted,
    repeated,
)
from engine.preparing.rows.near_duplicates import NearDuplicates, rows_nearly_in
from engine.tasks.task import Task

_OTHER_ANSWER = Sentence("preparing.excluded.other_answer")


def need_near_duplicates(cleaning_rules: Sequence[CleaningRule]) -> bool:
    """Whether any of these asks for near-duplicates."""
    return any(
        isinstance(rule, LeaveOutNearDuplicates | KeepNearDuplicatesTogether)
        or (isinstance(rule, LeaveOutLeaks) and rule.near)
        for rule in cleaning_rules
    )


def cleaned(
    collected: Collected,
    cleaning_rules: Sequence[CleaningRule],
    near: NearDuplicates | None,
    task: Task,
    files: Sequence[tuple[SplitName, str]],
    work: Path,
    emit: Emit,
) -> tuple[Collected, tuple[AppliedRule, ...]]:
    """The rows after all fixes, and what each did.

    `files` holds the split and the name of each file; `near` may be None where no fix needs it.
    """
    decisions = _Decisions(collected, near, files, emit)
    applied = tuple(decisions.apply(rule) for rule in cleaning_rules)
    changed = collected
    if decisions.names or not decisions.kept.all():
        changed = _rewritten(collected, decisions.kept, decisions.names, task, work / "remedied.arrow", emit)
    if decisions.together is not None:
        changed.together = decisions.together[decisions.kept]
    if decisions.in_training is not None:
        changed.in_training = decisions.in_training[decisions.kept]
    return changed, applied


class _Decisions:
    """Which rows are kept and what labels are called, fix by fix."""

    def __init__(
        self, collected: Collected, near: NearDuplicates | None, files: Sequence[tuple[SplitName, str]], emit: Emit
    ) -> None:
        self._emit = emit
        self._collected = collected
        self._near = near
        self._files = files
        self.kept = np.ones(len(collected), dtype=bool)
        self.names: dict[str, str] = {}  # labels of the file to those they are called now
        self.together: np.ndarray | None = None
        self.in_training: np.ndarray | None = None

    def apply(self, rule: CleaningRule) -> AppliedRule:
        """Takes the fix into account."""
        match rule:
            case RepairMisreadText():  # done when the rows were collected, so that all others see the repaired ones
                return AppliedRule(rule, self._collected.repaired)
            case CorrectTagPrefixes():  # likewise
                return AppliedRule(rule, self._collected.tag_corrections[rule])
            case MergeLabels(labels, into):
                return self._rename(rule, labels, into)
            case LeaveOutDuplicates():
                leave = self._repeated(self._collected.identities)
                return self._leave_out(rule, leave, Sentence("preparing.excluded.repeats"))
            case LeaveOutContradictions():
                return self._leave_out(rule, self._contradictory(), _OTHER_ANSWER)
            case KeepMajorityLabel():
                leave = outvoted(group_numbers(self._collected.identities), self._answers(), self.kept)
                return self._leave_out(rule, leave, _OTHER_ANSWER)
            case LeaveOutNearDuplicates():
                return self._leave_out(
                    rule, self._repeated(self._groups()), Sentence("preparing.excluded.nearly_equal")
                )
            case LeaveOutLeaks(split, near, other):
                leave = self._leaked(split, near, other)
                return self._leave_out(
                    rule,
                    leave,
                    Sentence("preparing.excluded.nearly_in_other_file" if near else "preparing.excluded.in_other_file"),
                )
            case KeepNearDuplicatesTogether():
                self.together = self._groups()
                pairs = self._near.pairs if self._near is not None else np.zeros((0, 2), dtype=np.int64)
                return AppliedRule(rule, len(np.unique(pairs[self.kept[pairs].all(axis=1)])))
            case MergeRareLabels(fewer_than, into):
                rare = [label for label in self._rare(fewer_than) if label != into]
                return self._rename(rule, rare, into)
            case LeaveOutRareLabels(fewer_than):
                return self._leave_out(
                    rule, self._with_rare_labels(fewer_than), Sentence("preparing.excluded.rare_label")
                )
            case KeepRareLabelsInTraining(fewer_than):
                self.in_training = self._with_rare_labels(fewer_than)
                return AppliedRule(rule, int((self.in_training & (self._collected.files == 0)).sum()))
        assert_never(rule)

    def _leave_out(self, rule: CleaningRule, leave: np.ndarray, reason: Sentence) -> AppliedRule:
        by = Sentence("preparing.excluded.by_fix", reason=reason, fix=rule_name(rule))
        for index, (_, name) in enumerate(self._files):
            lines = self._collected.lines[leave & (self._collected.files == index)]
            self._collected.excluded.add_many(by, lines, file=name if len(self._files) > 1 else "")
        self.kept &= ~leave
        return AppliedRule(rule, int(leave.sum()))

    def _rename(self, rule: CleaningRule, labels: Sequence[str], into: str) -> AppliedRule:
        changing = set(labels) - {into}
        present = {label for row in self._collected.answer_labels for label in self._named(row)} & changing
        touched = [not present.isdisjoint(self._named(row)) for row in self._collected.answer_labels]
        rows = int((np.asarray(touched, dtype=bool)[self._collected.answers] & self.kept).sum()) if present else 0
        self.names = {old: into if new in present else new for old, new in self.names.items()}
        self.names.update({label: into for label in present if label not in self.names})
        return AppliedRule(rule, rows, tuple(sorted(present)))

    def _named(self, labels: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self.names.get(label, label) for label in labels)

    def _groups(self) -> np.ndarray:
        """Equal for rows with nearly the same input; through rows that are excluded already nothing is connected."""
        if self._near is None:
            return self._collected.identities
        inputs, _ = numbered(self._collected.identities)
        of_kept = np.zeros(int(inputs.max(initial=-1)) + 1, dtype=bool)
        of_kept[inputs[self.kept]] = True
        pairs = inputs[self._near.pairs]
        groups: np.ndarray = connected_groups(len(of_kept), pairs[of_kept[pairs].all(axis=1)], self._emit)[inputs]
        return groups

    def _answers(self) -> np.ndarray:
        """Equal for rows with the same answer, as labels are called now; (rows,) int64."""
        return answer_numbers(self._collected, self.names)

    def _repeated(self, inputs: np.ndarray) -> np.ndarray:
        return repeated(group_numbers(self._collected.files, inputs, self._answers()), self.kept)

    def _contradictory(self) -> np.ndarray:
        inputs = group_numbers(self._collected.identities)
        found: np.ndarray = self.kept & (kinds_in_each(inputs, self._answers(), self.kept) > 1)[inputs]
        return found

    def _leaked(self, split: SplitName, near: bool, other: SplitName | Literal[""]) -> np.ndarray:
        splits = [name for name, _ in self._files]
        if split not in splits or (other and other not in splits):
            return np.zeros_like(self.kept)
        of_split = self._collected.files == splits.index(split)
        of_other = self._collected.files == splits.index(other) if other else ~of_split
        mine, theirs = of_split & self.kept, of_other & self.kept
        if near and other and self._near is not None:
            return rows_nearly_in(self._near, self._collected.identities, mine, theirs).mine
        return in_common(self._groups() if near else self._collected.identities, mine, theirs)

    def _with_rare_labels(self, fewer_than: int) -> np.ndarray:
        """The rows that are kept and have a label of fewer rows; (rows,) bool."""
        rare = set(self._rare(fewer_than))
        answers = [not rare.isdisjoint(self._named(labels)) for labels in self._collected.answer_labels]
        found: np.ndarray = np.asarray(answers, dtype=bool)[self._collected.answers] & self.kept
        return found

    def _rare(self, fewer_than: int) -> list[str]:
        counts: dict[str, int] = {}
        rows = np.bincount(self._collected.answers[self.kept], minlength=len(self._collected.answer_labels))
        for labels, number in zip(self._collected.answer_labels, rows.tolist(), strict=True):
            for label in set(self._named(labels)) if number else ():
                counts[label] = counts.get(label, 0) + number
        return sorted(label for label, number in counts.items() if number < fewer_than)


def _rewritten(
    collected: Collected, kept: np.ndarray, names: Mapping[str, str], task: Task, spool: Path, emit: Emit
) -> Collected:
    """The kept rows with their labels renamed, in a spool of their own."""
    changed = Collected(spool, collected.columns)
    changed.rows_in, changed.excluded, changed.cleaner = collected.rows_in, collected.excluded, collected.cleaner
    changed.changes = collected.changes
    notebook = Notebook(task, changed)
    schema = spool_schema(collected.columns)
    start, progress = 0, ProgressReporter(emit)
    with (
        pa.memory_map(str(collected.spool)) as source,
        pa.OSFile(str(spool), "wb") as sink,
        pa.ipc.new_stream(sink, schema) as writer,
    ):
        for batch in pa.ipc.open_stream(source):
            progress.report(start, len(kept), Sentence("preparing.progress.applying_fixes"), "rows")
            part = batch.filter(pa.array(kept[start : start + batch.num_rows]))
            start += batch.num_rows
            rows = part.to_pylist()
            for row in rows:
                _rename_in(row, names)
                notebook.add(row[FILE], row[ROW], row[LINE], row)
            if rows:
                writer.write_batch(pa.RecordBatch.from_pylist(rows, schema=schema) if names else part)
    notebook.close()
    changed.groups = None if collected.groups is None else collected.groups[kept]
    return changed


def _rename_in(row: dict[str, Any], names: Mapping[str, str]) -> None:
    if not names:
        return
    if "label" in row:
        row["label"] = names.get(row["label"], row["label"])
    if "label_set" in row:
        row["label_set"] = list(dict.fromkeys(names.get(label, label) for label in row["label_set"]))
    if "tags" in row:
        row["tags"] = [_renamed_tag(tag, names) for tag in row["tags"]]


def _renamed_tag(tag: str, names: Mapping[str, str]) -> str:
    kind = type_of(tag)
    if not kind:
        return tag
    new = names.get(kind, kind)
    return tag[: len(tag) - len(kind)] + new if tag.endswith(kind) else f"{tag}-{new}"  # B without a type
