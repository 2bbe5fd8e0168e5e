"""The road of most newcomers: 96 rows of real questions, to an exported folder that answers questions never seen."""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from engine import stages
from engine.contract.defaults import auto_settings
from engine.contract.settings import EvaluateSettings, ExportSettings, FileRows, PrepareSettings, Roles, StarterModel
from engine.tasks.registry import task_facts
from engine.workspace.layout import Workspace
from tests.builders_data import ignore
from tests.paths import SHARED_DATA

TREC = SHARED_DATA / "trec"
ROWS_PER_CLASS = 16
pytestmark = [
    pytest.mark.real_data,
    pytest.mark.nightly,  # minutes on two cores
    pytest.mark.timeout(900),
    pytest.mark.skipif(not TREC.is_dir(), reason="the real rows are not there"),
]

CLEAN = """
import json, sys
from transformers import pipeline
answers = pipeline("text-classification", model=sys.argv[1])(json.load(sys.stdin), batch_size=32)
print(json.dumps([answer["label"] for answer in answers]))
"""


def questions(part: str) -> list[tuple[str, str]]:
    with (TREC / f"{part}.csv").open(encoding="utf-8", newline="") as file:
        return [(row["text"], row["coarse_label"]) for row in csv.DictReader(file)]


def sixteen_of_each_class() -> list[tuple[str, str]]:
    generator, rows = random.Random(0), questions("train")
    labels = sorted({label for _, label in rows})
    return [row for name in labels for row in generator.sample([r for r in rows if r[1] == name], ROWS_PER_CLASS)]


def written(path: Path, rows: list[tuple[str, str]]) -> str:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *rows])
    return str(path)


def test_96_rows_become_a_folder_that_a_clean_pipeline_answers_with(tmp_path: Path) -> None:
    held_out = questions("test")
    rows = FileRows(
        written(tmp_path / "questions.csv", sixteen_of_each_class()),
        test_path=written(tmp_path / "test.csv", held_out),
    )
    workspace = Workspace(tmp_path / "workspace").create()
    model = stages.load_model(StarterModel(), ignore, workspace=workspace)
    settings = PrepareSettings(roles=Roles(text="text", label="label"), validation_share=0.05)
    dataset = stages.prepare_dataset(model, rows, settings, ignore, workspace=workspace)
    assert dataset.splits["train"].rows + dataset.splits["validation"].rows == 96
    auto = auto_settings(dataset, task_facts(dataset.task).refused_settings)
    assert (auto.method, auto.kept_checkpoint) == ("contrastive", "last")
    own = msgspec.structs.replace(auto, device="cpu", precision="fp32", threads=1)  # the same on every processor
    run = stages.fine_tune(dataset, own, ignore, workspace=workspace)
    report = stages.evaluate(run, EvaluateSettings(), ignore, workspace=workspace)
    exported = stages.export(report, ExportSettings(folder=str(tmp_path / "export")), ignore, workspace=workspace)
    assert exported.proof.passed

    done = subprocess.run(
        [sys.executable, "-I", "-W", "ignore", "-c", CLEAN, exported.folder],
        input=json.dumps([text for text, _ in held_out]),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"},
    )
    assert done.returncode == 0, done.stderr
    answered = json.loads(done.stdout.splitlines()[-1])
    right = sum(given == label for given, (_, label) in zip(answered, held_out, strict=True))
    assert right / len(held_out) >= 0.85
    assert all(right / len(held_out) > scores["accuracy"] + 0.2 for scores in report.baselines.values())
