"""Rows for each task that reads texts, as files of a few words that a tiny network learns in seconds."""

from __future__ import annotations

import csv
import itertools
import json
from pathlib import Path
from typing import NamedTuple

from engine import stages
from engine.contract.events import Event
from engine.contract.queries import AskPrediction, Prediction
from engine.contract.settings import FileRows, PrepareSettings, ReadingOptions
from engine.contract.states import EvaluationReport, ExportedModel, PreparedDataset, TrainingRun
from engine.preparing.prepare import prepare
from engine.preparing.preview import preview
from engine.workspace.layout import Workspace
from engine.workspace.references import reference_to_run
from tests.builders_data import BAD, GOOD, THINGS, ignore, tiny_model


class Road(NamedTuple):
    """The states of one way through all stages, and what happened while training."""

    workspace: Workspace
    dataset: PreparedDataset
    run: TrainingRun
    evaluation: EvaluationReport
    exported: ExportedModel
    events: list[Event]

    def ask(self, text: str, second_text: str = "") -> Prediction:
        answer = stages.answer(
            AskPrediction(reference_to_run(self.run), text, second_text), ignore, workspace=self.workspace
        )
        assert isinstance(answer, Prediction)
        return answer


KINDS = ("pair", "score", "pair_score", "labels_list", "labels_joined", "labels_columns")


def rows_of(kind: str) -> list[dict[str, object]]:
    """96 rows; what is asked follows from one word of the text, or from one word of each."""
    rows: list[dict[str, object]] = []
    for (position, good), thing in itertools.product(enumerate(GOOD), THINGS):
        for mood, word in (("good", good), ("bad", BAD[position])):
            text = f"{mood} {mood} {thing} is {word}"
            other = f"this {thing} was {good if (position + len(thing)) % 2 else BAD[position]}"
            alike = (mood == "good") == bool((position + len(thing)) % 2)
            number = (20.0 if mood == "good" else 10.0) + 0.25 * position
            topic = "film" if thing in ("movie", "film") else "people" if thing == "actor" else ""
            labels = [label for label in ("praise" if mood == "good" else "", topic) if label]
            match kind:
                case "pair":
                    rows.append({"sentence1": text, "sentence2": other, "label": "alike" if alike else "different"})
                case "score":
                    rows.append({"text": text, "score": f"{number:.2f}"})
                case "pair_score":
                    rows.append({"sentence1": text, "sentence2": other, "score": f"{number:.2f}"})
                case "labels_list":
                    rows.append({"text": text, "intents": labels})
                case "labels_joined":
                    rows.append({"text": text, "labels": "; ".join(labels)})
                case "labels_columns":
                    marks = {name: int(name in labels) for name in ("praise", "film", "people")}
                    rows.append({"text": text, **marks})
    return rows


def file_of(kind: str, folder: Path) -> Path:
    """The rows as JSONL where they hold lists, else as CSV."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = rows_of(kind)
    if kind == "labels_list":
        path = folder / f"{kind}.jsonl"
        path.write_text("\n".join(json.dumps(row) for row in rows) + "\n", "utf-8")
        return path
    path = folder / f"{kind}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def prepared_as_guessed(kind: str, folder: Path, settings: PrepareSettings | None = None) -> PreparedDataset:
    """The rows prepared with the task that the preview guesses, and the roles that preparing guesses."""
    source = FileRows(str(file_of(kind, folder)))
    task = preview(source, ReadingOptions(), 5, ignore).task
    workspace = Workspace(folder / "workspace").create()
    return prepare(tiny_model(folder), source, settings or PrepareSettings(task=task), ignore, workspace=workspace)
