"""What an export claims of itself, and the row that represents the others."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from datasets import Dataset, DatasetDict

from engine.calibration.stored_logits import SCORED, StoredLogits, write_logits
from engine.cli.commands import export_text
from engine.contract.calibration import UnsureRule
from engine.contract.passport import Passport, latency_class, latency_place
from engine.contract.settings import ExportSettings
from engine.contract.states import EvaluationReport, ExportedModel, Proof
from engine.exporting.example import typical_example
from engine.exporting.export import export
from engine.exporting.passport import card_digest, row_hash, split_claims
from engine.workspace.atomic_files import sha256_of
from tests.builders import a_run, an_evaluation
from tests.engine.trained_run import a_trained_run, review_rows

PASSED = Proof(3, 1.0, 0.0, 12.0, ("negative", "positive"), True)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> ExportedModel:
    """An export whose proof is not run."""
    run, workspace = a_trained_run(tmp_path_factory.mktemp("run"))
    evaluation = an_evaluation(run=run, folder=str(Path(run.folder) / "evaluation"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.exporting.export.prove", lambda *args, **named: PASSED)
        return export(evaluation, ExportSettings(name="Reviews"), lambda event: None, workspace=workspace)


def passport_in(exported: ExportedModel) -> Passport:
    return msgspec.json.decode((Path(exported.folder) / "passport.json").read_bytes(), type=Passport)


def test_a_passport_states_scores_rows_files_and_versions(exported: ExportedModel) -> None:
    passport, evaluation = passport_in(exported), exported.evaluation
    assert {key: claim.value for key, claim in passport.evaluation.scores.items()} == evaluation.scores
    assert passport.evaluation.scores["macro_f1"].interval == evaluation.intervals["macro_f1"]
    assert {name: split.rows for name, split in passport.splits.items()} == {"train": 40, "validation": 10, "test": 20}
    assert passport.splits["test"].labels == {"negative": 10, "positive": 10}
    assert passport.proof.latency == "up to 30 ms"
    assert passport.model.parameters > 10_000
    assert passport.versions["torch"]
    assert list(passport.data.files) == ["reviews.csv"]


def test_a_passport_names_every_file_but_itself_and_the_manifest(exported: ExportedModel) -> None:
    folder, passport = Path(exported.folder), passport_in(exported)
    unnamed = {path.name for path in folder.iterdir()} - set(passport.files)
    assert unnamed == {"passport.json", "passport.json.sha256", "MANIFEST.json"}
    assert all(sha256_of(folder / name) == claim.sha256 for name, claim in passport.files.items())


def test_the_digest_is_the_sha256_of_the_file_and_is_printed(exported: ExportedModel) -> None:
    folder = Path(exported.folder)
    digest = hashlib.sha256((folder / "passport.json").read_bytes()).hexdigest()
    assert exported.passport_digest == digest
    assert (folder / "passport.json.sha256").read_text() == f"{digest}  passport.json\n"
    assert f"verify {exported.folder} --digest {digest}" in export_text(exported)


def test_the_hash_of_a_row_is_of_its_text_and_label_and_of_the_salt(exported: ExportedModel) -> None:
    salt = passport_in(exported).row_salt
    hashes = json.loads((Path(exported.folder) / "row_hashes.json").read_text())
    first = review_rows(70)[50]  # of the test split
    assert hashes["test"][0] == row_hash(salt, first)
    assert row_hash("other", first) != row_hash(salt, first)
    assert row_hash(salt, {**first, "label": "positive"}) != row_hash(salt, {**first, "label": "negative"})
    assert len(hashes["train"]) == 40


def test_inputs_that_are_in_training_too_are_counted() -> None:
    train = Dataset.from_dict({"text": ["a  b", "c"], "label": ["x", "y"]})
    test = Dataset.from_dict({"text": ["a b", "d"], "label": ["y", "y"]})
    claims = split_claims("text_classification", {"train": train, "test": test})
    assert claims["test"].inputs_in_training == 1
    assert claims["train"].inputs_in_training == 0


def test_a_card_that_people_filled_in_has_the_same_digest() -> None:
    card = "# M\n\n## Scores\n\n0.9\n\n## Intended use and limits\n\n<!-- Who? -->\n\n## End\n\nMade\n"
    assert card_digest(card.replace("<!-- Who? -->", "For reviews.")) == card_digest(card)
    assert card_digest(card.replace("0.9", "0.95")) != card_digest(card)
    assert card_digest(card.replace("<!-- Who? -->", "x\n\n## Scores\n\n1.0")) != card_digest(card)


def test_the_answers_of_a_rule_are_claimed(tmp_path: Path) -> None:
    from engine.exporting.passport import _answers

    rule = UnsureRule("confidence", least_confidence=0.8)
    run = msgspec.structs.replace(a_run(), unsure=rule)
    evaluation = an_evaluation(run=run, folder=str(tmp_path))
    logits = np.asarray([[3, 0], [0, 3], [0.1, 0], [0, 4]], dtype=np.float32)
    stored = StoredLogits(np.arange(4), np.asarray([0, 0, 1, 1]), logits)
    origin = {"checkpoint": run.checkpoint, "fingerprint": run.dataset.fingerprint, "split": "test"}
    write_logits(tmp_path / SCORED, stored, origin)
    claim = _answers(evaluation)
    assert claim is not None
    assert (claim.rows, claim.answered, claim.right, claim.held) == (4, 3, 2, None)


def test_a_time_has_a_class() -> None:
    names = [latency_class(milliseconds) for milliseconds in (0.4, 10, 10.1, 4_000)]
    assert names == ["up to 3 ms", "up to 10 ms", "up to 30 ms", "above 1,000 ms"]
    assert [latency_place(name) for name in (*names, "none")] == [0, 1, 2, 6, -1]


def test_the_example_is_a_right_row_of_usual_length_and_not_the_most_wrong(tmp_path: Path) -> None:
    texts = ["ok", "a text of usual length", "another one of usual length", "long " * 60]
    rows = Dataset.from_dict({"text": texts, "label": ["x"] * 4})
    table = pa.table({"right": [True, False, True, True], "probability": pa.array([0.9] * 4, pa.float32())})
    parquet.write_table(table, tmp_path / "predictions.parquet")
    evaluation: EvaluationReport = an_evaluation(folder=str(tmp_path))
    assert typical_example(evaluation, DatasetDict({"test": rows})) == (texts[2], "")
    assert typical_example(evaluation, None) == ("", "")
