"""The score that the program states beside the one that a plain pipeline reaches on plain text, for every family.

A small network with random weights learns rows that it can learn. Its held-out rows are scored by the program; then the
exported folder is loaded by `transformers.pipeline` alone, asked each text as a person would write it, and scored here
by the spans or labels of its final answers.

    python -m tests.engine.family_scores RESULTS docs/family_scores.md [COMMIT]    the table of what a nightly run left

A nightly run of test_family_scores.py leaves its results in the file that TUNEWRIGHT_FAMILY_SCORES names.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import transformers
from sklearn.metrics import f1_score

from engine import stages
from engine.contract.settings import EvaluateSettings, ExportSettings, FileRows, FolderModel, PrepareSettings, TaskName
from engine.contract.states import EvaluationReport
from engine.loading.configuration import ENCODERS
from engine.training.batching.rows import read_splits
from engine.workspace.layout import Workspace
from tests.builders_data import ignore, review_rows
from tests.engine.family_folders import family_folder
from tests.engine.family_matrix import NOT_RUN, without_baselines
from tests.engine.small_runs import small_settings
from tests.engine.tagged_rows import english_rows
from tests.paths import commit_now

TASKS: dict[str, TaskName] = {"entities": "token_classification", "one label": "text_classification"}
EPOCHS = {"entities": 30, "one label": 10}
Span = tuple[int, int, str]


class Scores(NamedTuple):
    """Of the same held-out rows: entity F1, or macro F1 of one label a text."""

    family: str
    task: str
    program: float
    pipeline: float
    rows: int


def scores_of(family: str, task: str, folder: Path) -> Scores:
    """Trains, evaluates and exports one network in `folder`, and asks its pipeline."""
    path = folder / "rows.conll" if task == "entities" else folder / "rows.csv"
    texts = _write(path, task)
    workspace = Workspace(folder / "workspace").create()
    source = family_folder(folder / "model", family, texts=texts)
    model = stages.load_model(FolderModel(str(source)), ignore, workspace=workspace)
    settings = PrepareSettings(task=TASKS[task], validation_share=0.2, test_share=0.3, seed=1)
    dataset = stages.prepare_dataset(model, FileRows(str(path)), settings, ignore, workspace=workspace)
    with without_baselines():
        trained = small_settings(epochs=EPOCHS[task], seed=1, batch_size=4)
        run = stages.fine_tune(dataset, trained, ignore, workspace=workspace)
        report = stages.evaluate(run, EvaluateSettings(device="cpu"), ignore, workspace=workspace)
    exported = stages.export(report, ExportSettings(proof_rows=4), ignore, workspace=workspace)
    options: dict[str, Any] = dict(exported.proof.pipeline_options)
    rows = read_splits(dataset)["test"].to_list()
    found = (
        _entity_f1(exported.folder, options, rows) if task == "entities" else _macro_f1(exported.folder, rows, report)
    )
    key = "entity_f1" if task == "entities" else "macro_f1"
    return Scores(family, task, report.scores[key], found, len(rows))


def _write(path: Path, task: str) -> list[str]:
    """The rows as a file, and their texts."""
    if task == "entities":
        tagged = english_rows()
        blocks = ("\n".join(f"{word}\t{tag}" for word, tag in row) for row in tagged)
        path.write_text("\n\n".join(blocks) + "\n", "utf-8")
        return [" ".join(word for word, _ in row) for row in tagged]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *review_rows()])
    return [text for text, _ in review_rows()]


def _entity_f1(folder: str, options: dict[str, Any], rows: Iterable[dict[str, Any]]) -> float:
    ask = transformers.pipeline("token-classification", model=folder, **options)
    right = found = expected = 0
    for row in rows:
        text = " ".join(row["tokens"])
        answers = {trimmed(text, one["start"], one["end"], one["entity_group"]) for one in ask(text)}
        truth = set(spans_of(row["tokens"], row["tags"]))
        right, found, expected = right + len(answers & truth), found + len(answers), expected + len(truth)
    return 2 * right / max(1, found + expected)


def trimmed(text: str, start: int, end: int, label: str) -> Span:
    """Without the spaces before it, which tokens of bytes hold."""
    return start + len(text[start:end]) - len(text[start:end].lstrip()), end, label


def spans_of(words: Iterable[str], tags: Iterable[str]) -> list[Span]:
    """Entities (first character, character behind the last, type) of IOB2 tags in the words with spaces between."""
    spans: list[Span] = []
    place = 0
    for word, tag in zip(words, tags, strict=True):
        end = place + len(word)
        if tag.startswith("B-"):
            spans.append((place, end, tag[2:]))
        elif tag.startswith("I-"):
            start, _, label = spans.pop()
            spans.append((start, end, label))
        place = end + 1
    return spans


def _macro_f1(folder: str, rows: Iterable[dict[str, Any]], report: EvaluationReport) -> float:
    ask = transformers.pipeline("text-classification", model=folder)
    asked = list(rows)
    answers = [ask(row["text"], truncation=True)[0]["label"] for row in asked]
    names = report.run.dataset.label_names
    return float(f1_score([row["label"] for row in asked], answers, labels=list(names), average="macro"))


def keep(scores: Scores, path: Path) -> None:
    """Adds them to the results of before."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(scores._asdict()) + "\n")


def table(results: Path, commit: str) -> str:
    """A line for each family; what has no result reads “not run”."""
    lines = results.read_text("utf-8").splitlines() if results.is_file() else []
    found = {(one.family, one.task): one for one in (Scores(**json.loads(line)) for line in lines)}
    differ = sum(round(one.program, 6) != round(one.pipeline, 6) for one in found.values())
    out = [
        "# Scores of the program and of a pipeline",
        "",
        f"Written by `tests/engine/family_scores.py` on {datetime.now(UTC):%Y-%m-%d} at commit {commit}: small",
        "networks with random weights learned short rows; held-out rows are scored by the program, and as plain text",
        "through `transformers.pipeline` with the exported folder. Entity F1, and macro F1 of one label a text.",
        f"{len(found)} of {len(ENCODERS) * len(TASKS)} were run; {differ} of them differ.",
        "",
        "| family | " + " | ".join(f"{task}: program | pipeline" for task in TASKS) + " |",
        "|---" * (1 + 2 * len(TASKS)) + "|",
    ]
    for family in sorted(ENCODERS):
        shown = []
        for task in TASKS:
            one = found.get((family, task))
            shown += [NOT_RUN, NOT_RUN] if one is None else [f"{one.program:.3f}", f"{one.pipeline:.3f}"]
        out.append(f"| {family} | " + " | ".join(shown) + " |")
    return "\n".join(out) + "\n"


if __name__ == "__main__":
    results, target, *at = sys.argv[1:]
    Path(target).write_text(table(Path(results), at[0] if at else commit_now()), "utf-8")
