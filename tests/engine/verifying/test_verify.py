"""An exported folder against its passport: untouched it holds, and each of thirty tamperings is named."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from safetensors.torch import load_file, save_file

from engine.__main__ import main
from engine.contract.errors import ModelNotSupported
from engine.contract.passport import Verification
from engine.contract.settings import EvaluateSettings, ExportSettings
from engine.contract.states import Proof
from engine.evaluating.evaluate import evaluate
from engine.exporting.export import export
from engine.exporting.passport import card_digest, files_in
from engine.verifying.folder import check_config, check_consistency, read_passport, understood
from engine.verifying.page import verification_page
from engine.verifying.verify import verify
from tests.engine.trained_run import a_trained_run

PASSED = Proof(3, 1.0, 0.0, 900.0, ("negative", "positive"), True)


ANNEX_IV = (
    "General description",
    "Elements of the system and process of its development",
    "Monitoring, functioning and control",
    "Appropriateness of the performance metrics",
    "Risk management system (Article 9)",
    "Changes through the lifecycle",
    "Harmonised standards",
    "EU declaration of conformity (Article 47)",
    "Post-market monitoring (Article 72)",
)


class Export(NamedTuple):
    folder: Path
    data: Path
    digest: str


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Export:
    """A tiny trained run, evaluated and exported; the result of the proof is given."""
    root = tmp_path_factory.mktemp("run")
    run, workspace = a_trained_run(root, noise=9)
    evaluation = evaluate(run, EvaluateSettings(device="cpu", precision="fp32"), quietly, workspace=workspace)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.exporting.export.prove", lambda *args, **named: PASSED)
        settings = ExportSettings(folder=str(root / "model"), name="Reviews")
        found = export(evaluation, settings, quietly, workspace=workspace)
    shutil.copytree(found.folder, root / "elsewhere")
    data = shutil.copy(root / "data" / "reviews.csv", tmp_path_factory.mktemp("data"))
    shutil.rmtree(root / "workspace")  # nothing of it is needed
    return Export(root / "elsewhere", Path(data), found.passport_digest)


def quietly(event: object) -> None:
    """Ignores events."""


def found_in(folder: Path, *data: Path, digest: str = "") -> Verification:
    return verify(folder, [str(one) for one in data], quietly, digest=digest)


def sentences(found: Verification) -> str:
    return "\n".join(check.sentence for check in found.differing)


# ── Untouched ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_untouched_folder_holds_without_data_and_shows_what_was_not_recomputed(exported: Export) -> None:
    found = found_in(exported.folder, digest=exported.digest)
    assert sentences(found) == ""
    assert found.digest == exported.digest
    by_part = {check.part: check.status for check in found.checks}
    assert by_part["files"] == by_part["labels"] == by_part["config"] == by_part["sizes"] == "holds"
    assert by_part["latency"] == "holds"
    assert by_part["scores"] == "not recomputed"


def test_with_the_data_splits_leaks_labels_and_every_score_are_recomputed(exported: Export) -> None:
    found = found_in(exported.folder, exported.data, digest=exported.digest)
    assert sentences(found) == ""
    scores = {check.about for check in found.checks if check.part == "scores" and check.status == "holds"}
    assert found.passport is not None
    assert scores == {key for key, claim in found.passport.evaluation.scores.items() if claim.value is not None}
    assert found.passport.evaluation.scores["accuracy"].value != 1.0  # there is something to recompute
    assert [check.about for check in found.checks if check.part == "splits"] == [
        "reviews.csv",
        "train",
        "validation",
        "test",
    ]
    assert {check.status for check in found.checks if check.part == "leaks"} == {"holds"}


def test_rows_in_another_order_in_a_file_of_another_name_are_the_same_rows(exported: Export, tmp_path: Path) -> None:
    head, *rows = exported.data.read_text("utf-8").splitlines()
    (tmp_path / "mixed.csv").write_text("\n".join([head, *rows[::-1], '"a further film",positive']) + "\n", "utf-8")
    found = found_in(exported.folder, tmp_path / "mixed.csv")
    assert sentences(found) == ""
    assert "1 row of the data is in no split." in [check.sentence for check in found.checks]


def test_data_without_all_rows_are_named_and_nothing_is_scored(exported: Export, tmp_path: Path) -> None:
    head, *rows = exported.data.read_text("utf-8").splitlines()
    rows[-1] = rows[-1].replace("the ", "The ")
    (tmp_path / "reviews.csv").write_text("\n".join([head, *rows]) + "\n", "utf-8")
    found = found_in(exported.folder, tmp_path / "reviews.csv")
    assert sentences(found) == "1 of 20 rows of the test split are not in the data, or were changed."
    assert [check.status for check in found.checks if check.part == "scores"] == ["not recomputed"]


def test_what_people_write_into_the_card_and_what_the_hub_adds_is_no_tampering(
    exported: Export, tmp_path: Path
) -> None:
    folder = shutil.copytree(exported.folder, tmp_path / "model")
    edit(folder / "README.md", "<!-- For what should it not be used? -->", "Not for anything that matters.")
    (folder / ".gitattributes").write_text("*.safetensors filter=lfs\n")
    found = found_in(folder, digest=exported.digest)
    assert sentences(found) == ""
    assert "noted" in [check.status for check in found.checks if check.part == "card"]


def test_another_digest_and_another_folder_are_refused(exported: Export, tmp_path: Path) -> None:
    assert "not the one with the given digest" in sentences(found_in(exported.folder, digest="0" * 64))
    with pytest.raises(ModelNotSupported) as raised:
        found_in(tmp_path)
    assert raised.value.id == "M9"


# ── The page and the command ────────────────────────────────────────────────────────────────────────────────────────


def test_the_page_has_the_headings_of_annex_iv_prompts_for_people_and_what_differs(
    exported: Export, tmp_path: Path
) -> None:
    folder = shutil.copytree(exported.folder, tmp_path / "model")
    passport(folder, lambda value: value.update(name="<script>alert(1)</script>", made_by='"><img src=x>'))
    page = verification_page(found_in(folder, exported.data))
    for number, words in enumerate(ANNEX_IV, start=1):
        assert f"<h2>{number} {words}" in page
    assert page.count('class="prompt"') == 9
    assert "no conformity assessment" in page
    assert "<script" not in page
    assert "<img" not in page
    assert "<h1>Verification of &lt;script&gt;alert(1)&lt;/script&gt;</h1>" in page
    assert "passport.json does not have the digest" in page
    assert "http" not in page.replace("http-equiv", "")
    assert "default-src &#x27;none&#x27;" in page


def test_the_command_writes_a_page_and_its_exit_code_says_whether_something_differs(
    exported: Export, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    folder = shutil.copytree(exported.folder, tmp_path / "model")
    mine = tmp_path / "model verified.html"
    mine.write_text("mine")
    workspace = ["--workspace", str(tmp_path / "workspace")]
    assert main(["verify", str(folder), str(exported.data), "--digest", exported.digest, *workspace]) == 0
    assert "Nothing differs." in capsys.readouterr().out
    assert mine.read_text() == "mine"
    assert (tmp_path / "model verified 2.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    assert not (tmp_path / "workspace").exists()
    better_accuracy(folder)
    assert main(["verify", str(folder), "--json", "--to", str(tmp_path / "page.html"), *workspace]) == 3
    report = json.loads(capsys.readouterr().out)
    assert {one["about"] for one in report["checks"] if one["status"] == "differs"} >= {"passport.json", "accuracy"}
    assert main(["verify", str(tmp_path / "workspace"), *workspace]) == 1


def test_a_page_that_cannot_be_written_is_reported_after_what_was_found(
    exported: Export, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert main(["verify", str(exported.folder), "--to", str(tmp_path / "file" / "page.html")]) == 1
    told = capsys.readouterr()
    assert "Nothing differs." in told.out
    assert f"The page cannot be written to {tmp_path / 'file'}." in told.err


@pytest.mark.parametrize("name", ["config.json", "training_record.json", "row_hashes.json", "split.json", "README.md"])
def test_a_file_with_anything_in_it_is_named_and_breaks_nothing(exported: Export, tmp_path: Path, name: str) -> None:
    folder = shutil.copytree(exported.folder, tmp_path / "model")
    content, claims = read_passport(folder)
    assert claims is not None
    whole = (folder / name).read_bytes()
    contents = [b"", b"[]", b"5", b"null", b'"x"', b"\xff\xfe", b"[" * 100_000, whole[: len(whole) // 2]]
    if name.endswith(".json"):
        values = json.loads(whole)
        for key in values:
            contents += [json.dumps({**values, key: other}).encode() for other in (None, 5, "x", [], {}, [[1]])]
    else:
        contents += [
            b"---\n" + front + b"\n---\n" for front in (b"model-index: 5", b"model-index: [5]", b"- a", b"a: [")
        ]
    for content in contents:
        (folder / name).write_bytes(content)
        checks = [
            *understood("config.json", lambda: check_config(folder, claims)),
            *check_consistency(folder, claims),
        ]
        assert all(check.sentence for check in checks)


# ── Thirty tamperings ───────────────────────────────────────────────────────────────────────────────────────────────


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text("utf-8")
    assert before in text, f"{path.name} lacks {before}"
    path.write_text(text.replace(before, after), "utf-8")


def in_json(path: Path, change: Callable[[Any], Any]) -> None:
    values = json.loads(path.read_text("utf-8"))
    change(values)
    path.write_text(json.dumps(values, indent=1, ensure_ascii=False) + "\n", "utf-8")


def weights(folder: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    tensors = load_file(folder / "model.safetensors")
    change(tensors)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def passport(folder: Path, change: Callable[[Any], Any]) -> None:
    in_json(folder / "passport.json", change)


def renamed_labels(folder: Path) -> None:
    def change(config: Any) -> None:
        config["id2label"] = {"0": "positive", "1": "negative"}
        config["label2id"] = {"positive": 0, "negative": 1}

    in_json(folder / "config.json", change)


def better_accuracy(folder: Path) -> None:
    passport(folder, lambda value: value["evaluation"]["scores"]["accuracy"].update(value=0.999))


def a_changed_row(folder: Path) -> None:
    def change(rows: Any) -> None:
        rows["test"][0] = "0" * 20

    in_json(folder / "row_hashes.json", change)


def a_moved_row(folder: Path) -> None:
    in_json(folder / "row_hashes.json", lambda rows: rows["train"].append(rows["test"].pop()))


def a_card_with_a_better_score(folder: Path) -> None:
    card = folder / "README.md"
    line = next(one for one in card.read_text("utf-8").splitlines() if one.startswith("| Accuracy |"))
    edit(card, line, line.replace(line.split("|")[2].strip(), "0.999", 1))


def consistent(folder: Path) -> None:
    """The passport rewritten for the files as they are now, with its own digest: what a careful forger does."""

    def change(values: Any) -> None:
        values["files"] = msgspec.to_builtins(files_in(folder))
        values["card_sha256"] = card_digest((folder / "README.md").read_text("utf-8"))

    passport(folder, change)
    content = (folder / "passport.json").read_bytes()
    (folder / "passport.json.sha256").write_text(f"{hashlib.sha256(content).hexdigest()}  passport.json\n")


# What is done to the folder, and the result of the check.
TAMPERINGS: dict[str, tuple[Callable[[Path], Any], str]] = {
    "a weight": (
        lambda at: weights(at, lambda one: one["classifier.bias"][0].add_(0.3)),
        "model.safetensors has another content",
    ),
    "a tensor more": (
        lambda at: weights(at, lambda one: one.update(more=one["classifier.bias"].clone())),
        "model.safetensors has ",
    ),
    "weights cut off": (
        lambda at: (at / "model.safetensors").write_bytes((at / "model.safetensors").read_bytes()[:-8]),
        "model.safetensors has ",
    ),
    "weights gone": (lambda at: (at / "model.safetensors").unlink(), "model.safetensors is missing"),
    "label names exchanged": (renamed_labels, "config.json has other label names than the passport"),
    "the architecture": (
        lambda at: edit(at / "config.json", "BertForSequence", "ElectraForSequence"),
        "config.json names the architecture Electra",
    ),
    "two orders of labels": (
        lambda at: in_json(at / "config.json", lambda one: one.update(label2id={"negative": 1, "positive": 0})),
        "two different ways",
    ),
    "a token": (lambda at: edit(at / "tokenizer.json", '"film"', '"movie"'), "tokenizer.json has "),
    "the tokenizer's case": (
        lambda at: edit(at / "tokenizer.json", '"lowercase": true', '"lowercase":false'),
        "tokenizer.json has another content",
    ),
    "a link for a file": (
        lambda at: (
            (at / "recipe.toml").rename(at.parent / "recipe.toml"),
            (at / "recipe.toml").symlink_to(at.parent / "recipe.toml"),
        ),
        "recipe.toml is a link",
    ),
    "a file added": (
        lambda at: (at / "adapter_config.json").write_text("{}"),
        "adapter_config.json is not in the passport",
    ),
    "code added": (lambda at: (at / "modeling.py").write_text("print()"), "modeling.py is not in the passport"),
    "the card's score": (a_card_with_a_better_score, "README.md, the model card, was changed"),
    "the card's licence": (
        lambda at: edit(at / "README.md", "library_name: transformers", "library_name: transformers\nlicense: mit"),
        "README.md, the model card, was changed",
    ),
    "a split row": (a_changed_row, "row_hashes.json has "),
    "split.json": (
        lambda at: in_json(at / "split.json", lambda rows: rows["test"].pop()),
        "split.json has another number of rows in the test split",
    ),
    "a score in the record": (
        lambda at: in_json(at / "training_record.json", lambda one: one["evaluation"]["scores"].update(accuracy=0.999)),
        "training_record.json has another accuracy",
    ),
    "thresholds": (
        lambda at: (at / "calibration.json").write_text('{"version": 2, "thresholds": {"positive": 0.9}}'),
        "calibration.json is not what the passport claims",
    ),
    "a score": (better_accuracy, "does not have the digest"),
    "no passport that can be read": (
        lambda at: edit(at / "passport.json", '"schema": 1', '"schema": one'),
        "passport.json cannot be understood",
    ),
}
# The same with a passport that was rewritten, so that it agrees with the folder; the kept digest shows it.
REWRITTEN: dict[str, tuple[Callable[[Path], Any], str]] = {
    "a weight": (TAMPERINGS["a weight"][0], "with the data: The accuracy is|The log loss is"),
    "label names exchanged": (renamed_labels, "config.json has other label names"),
    "a score": (better_accuracy, "training_record.json has another accuracy"),
    "an interval": (
        lambda at: passport(at, lambda one: one["evaluation"]["scores"]["accuracy"].update(interval=[0.99, 1.0])),
        "training_record.json has another accuracy",
    ),
    "the card's score": (a_card_with_a_better_score, "The model card states a score of 0.999"),
    "a split row": (a_changed_row, "with the data: 1 of 20 rows of the test split"),
    "a row moved to training": (a_moved_row, "row_hashes.json has another number of rows"),
    "leaks": (
        lambda at: passport(at, lambda one: one["splits"]["test"].update(inputs_in_training=19)),
        "with the data: rows of the test split are also in training; claimed are 19",
    ),
    "the latency class": (
        lambda at: passport(at, lambda one: one["proof"].update(latency="up to 3 ms")),
        "not the class of its milliseconds",
    ),
    "thresholds": (TAMPERINGS["thresholds"][0], "calibration.json is not what the passport claims"),
}


def test_there_are_thirty_tamperings() -> None:
    assert (len(TAMPERINGS), len(REWRITTEN)) == (20, 10)


@pytest.mark.parametrize("name", TAMPERINGS)
def test_a_tampering_is_named(exported: Export, tmp_path: Path, name: str) -> None:
    tamper, named = TAMPERINGS[name]
    folder = shutil.copytree(exported.folder, tmp_path / "model")
    tamper(folder)
    assert named in sentences(found_in(folder))


@pytest.mark.parametrize("name", REWRITTEN)
def test_a_tampering_with_a_rewritten_passport_is_caught_by_the_kept_digest(
    exported: Export, tmp_path: Path, name: str
) -> None:
    tamper, named = REWRITTEN[name]
    folder = shutil.copytree(exported.folder, tmp_path / "model")
    tamper(folder)
    consistent(folder)
    found = found_in(folder, digest=exported.digest)
    assert "not the one with the given digest" in sentences(found)
    assert "digest that lies beside it" in " ".join(check.sentence for check in found.checks)  # it is consistent
    if not named.startswith("with the data: "):
        assert named in sentences(found)
        return
    assert sentences(found_in(folder)) == ""  # nothing but the digest or the data can show it
    written = sentences(found_in(folder, exported.data))
    assert any(one in written for one in named.removeprefix("with the data: ").split("|"))
