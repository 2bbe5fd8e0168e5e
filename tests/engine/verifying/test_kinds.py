"""Entities, and a model that may give no answer, against their passports and their data."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from engine.contract.passport import Verification
from engine.contract.settings import EvaluateSettings, ExportSettings
from engine.contract.states import ExportedModel, Proof
from engine.evaluating.evaluate import evaluate
from engine.exporting.export import export
from engine.verifying.page import verification_page
from engine.verifying.verify import verify
from tests.engine.trained_run import a_trained_run


def quietly(event: object) -> None:
    """Ignores events."""


def exported(
    root: Path, settings: EvaluateSettings, monkeypatch: pytest.MonkeyPatch, **chosen: object
) -> ExportedModel:
    run, workspace = a_trained_run(root, **chosen)  # type: ignore[arg-type]
    evaluation = evaluate(run, settings, quietly, workspace=workspace)
    proof = Proof(3, 1.0, 0.0, 900.0, run.dataset.label_names, True)
    monkeypatch.setattr("engine.exporting.export.prove", lambda *args, **named: proof)
    return export(evaluation, ExportSettings(), quietly, workspace=workspace)


def checked(found: ExportedModel, root: Path) -> Verification:
    (data,) = (root / "data").iterdir()
    return verify(Path(found.folder), [str(data)], quietly, digest=found.passport_digest)


def test_entities_are_verified_by_words_and_tags(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = EvaluateSettings(device="cpu", precision="fp32")
    made = exported(tmp_path, settings, monkeypatch, task="token_classification", steps=25)
    found = checked(made, tmp_path)
    assert [str(check.sentence) for check in found.differing] == []
    recomputed = {check.about for check in found.checks if check.part == "scores" and check.status == "holds"}
    assert "entity_f1" in recomputed
    assert found.passport is not None
    assert found.passport.splits["test"].labels == {"LOC": 20, "PER": 20}


def test_a_model_that_may_not_know_is_verified_by_its_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = EvaluateSettings(
        device="cpu",
        precision="fp32",
        unsure="confidence",
        least_confidence=0.9,
        threshold_label="positive",
        threshold=0.7,
    )
    made = exported(tmp_path, settings, monkeypatch, noise=4)
    found = checked(made, tmp_path)
    assert [str(check.sentence) for check in found.differing] == []
    (answers,) = [
        check.sentence for check in found.checks if check.part == "calibration" and "answered" in check.sentence
    ]
    assert answers.endswith("of 20 rows are answered, as claimed.")
    page = verification_page(found)
    assert "thresholds for positive 0.7; “don&#x27;t know” by confidence" in page


def test_scores_of_other_networks_than_the_exported_one_are_not_recomputed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.exporting import passport as claims

    honest = claims._evaluation_claim
    monkeypatch.setattr(
        claims, "_evaluation_claim", lambda one: msgspec.structs.replace(honest(one), split="cross_validation")
    )
    made = exported(tmp_path, EvaluateSettings(device="cpu", precision="fp32"), monkeypatch, steps=5)
    found = checked(made, tmp_path)
    scores = [check for check in found.checks if check.part == "scores" and check.status != "differs"]
    assert [check.status for check in scores] == ["not recomputed"]
    assert "not of this one" in scores[0].sentence
