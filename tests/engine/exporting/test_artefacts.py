"""All artefacts of a tiny run, made and proven once: what is in the folder, what was proven, and what is refused."""

from __future__ import annotations

import itertools
import json
import shutil
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, get_args

import msgspec
import onnx
import pytest
import torch

from engine.contract.artefact_sentences import figures_text
from engine.contract.artefacts import ARTEFACTS, MODELS, NOTEBOOK, ONNX, ArtefactName, with_needs
from engine.contract.calibration import UnsureRule
from engine.contract.errors import DiskFull
from engine.contract.events import Event, Progressed
from engine.contract.settings import ExportSettings
from engine.contract.states import EvaluationReport, ExportedModel
from engine.evaluating.predict import predict_with_folder
from engine.exporting import artefact_proof as comparing
from engine.exporting import offline_page, programs
from engine.exporting import onnx_models as models
from engine.exporting.artefacts import MAKERS
from engine.exporting.clean_process import ProcessFailed
from engine.exporting.export import export
from engine.exporting.notebook import runnable_code
from engine.exporting.page_askers import Asker, found_asker
from engine.exporting.proof import Asked
from engine.workspace import atomic_files
from engine.workspace.layout import Workspace
from engine.workspace.leftovers import remove_leftovers
from tests.builders import an_evaluation
from tests.engine.trained_run import a_trained_run
from tests.engine.training.failing_disk import in_child, killing_at, needs_fork, operations

ALL: tuple[ArtefactName, ...] = tuple(name for name in ARTEFACTS if name != "transformers")


class Exported(NamedTuple):
    evaluation: EvaluationReport
    workspace: Workspace
    state: ExportedModel
    events: list[Event]

    @property
    def folder(self) -> Path:
        return Path(self.state.folder)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory, warm_proof: None) -> Exported:
    before = torch.get_num_threads()
    root = tmp_path_factory.mktemp("CANARY-artefacts")
    run, workspace = a_trained_run(root)
    evaluation = an_evaluation(run=run, folder=str(Path(run.folder) / "evaluation"))
    events: list[Event] = []
    settings = ExportSettings(str(root / "model"), "Reviews", 20, ALL)
    state = export(evaluation, settings, events.append, workspace=workspace)
    torch.set_num_threads(before)
    return Exported(evaluation, workspace, state, events)


def test_every_artefact_passes_and_states_its_figures(exported: Exported) -> None:
    proofs = {proof.name: proof for proof in exported.state.artefacts}
    assert [proof.refused for proof in proofs.values() if not proof.passed] == []
    assert tuple(proofs) == tuple(ARTEFACTS)
    for name in ("transformers", *MODELS, "predict", "service"):
        proof = proofs[name]  # type: ignore[index]
        assert (proof.rows, proof.agreement, proof.batch_agreement) == (20, 1.0, 1.0)
    page = proofs["html"]
    if isinstance(found_asker(), Asker):
        assert (page.rows, page.agreement, page.batch_agreement) == (20, 1.0, 1.0)
        assert [one.batch for one in page.latencies] == [1, 32]
    else:
        assert page.unproven
    for name in ("transformers", *MODELS, "service"):
        assert [one.batch for one in proofs[name].latencies] == [1, 32]  # type: ignore[index]
        assert all(0 < one.p50 <= one.p95 for one in proofs[name].latencies)  # type: ignore[index]
    assert proofs["onnx"].largest_difference < 1e-6
    assert 0 < proofs["onnx_int8"].largest_difference < 0.01
    assert proofs["onnx"].score == "macro_f1"
    difference = proofs["onnx"].difference
    assert difference is not None
    assert (difference.value, difference.low <= 0 <= difference.high) == (0, True)


def test_the_files_are_where_onnx_runtime_and_transformers_js_look(exported: Exported) -> None:
    names = {file.name for file in exported.state.files}
    expected = {facts.file for facts in ARTEFACTS.values() if facts.file}
    assert names >= expected | {"config.json", "tokenizer.json", "Reviews.zip"}
    assert not any("__pycache__" in name for name in names)
    assert atomic_files.is_whole(exported.folder)
    sizes = {file.name: file.size_bytes for file in exported.state.files}
    assert sizes == {name: (exported.folder / name).stat().st_size for name in names}
    modes = {path.stat().st_mode for path in exported.folder.rglob("*") if path.is_file()}
    assert len(modes) == 1


def test_any_number_of_rows_of_any_length_is_read(exported: Exported) -> None:
    model = onnx.load(str(exported.folder / ONNX))
    axes = {one.name: [axis.dim_param for axis in one.type.tensor_type.shape.dim] for one in model.graph.input}
    assert axes == {name: ["batch", "sequence"] for name in ("input_ids", "attention_mask")}
    assert [one.name for one in model.graph.output] == ["logits"]


def test_nothing_private_is_in_an_artefact(exported: Exported) -> None:
    places = ("CANARY", str(exported.workspace.root), "site-packages", str(Path.home()) + "/", "the end is")
    for path in exported.folder.rglob("*"):
        content = path.read_bytes() if path.is_file() and path.suffix != ".zip" else b""
        assert [place for place in places if place.encode() in content] == [], path.name


def test_card_record_and_state_have_the_same_figures(exported: Exported) -> None:
    record = json.loads((exported.folder / "training_record.json").read_text("utf-8"))
    proofs = [proof for proof in exported.state.artefacts if proof.name != "zip"]  # which holds the record
    assert record["artefacts"] == [json.loads(msgspec.json.encode(proof, enc_hook=str)) for proof in proofs]
    card = (exported.folder / "README.md").read_text("utf-8")
    for proof in proofs:
        assert figures_text(proof).partition("(")[0] in card


def test_the_zip_holds_all_other_files_whole(exported: Exported, tmp_path: Path) -> None:
    with zipfile.ZipFile(exported.folder / "Reviews.zip") as archive:
        archive.extractall(tmp_path)
    assert atomic_files.is_whole(tmp_path / "Reviews")
    names = {path.relative_to(tmp_path / "Reviews").as_posix() for path in (tmp_path / "Reviews").rglob("*.*")}
    assert names == {file.name for file in exported.state.files} - {"Reviews.zip"}


def test_the_notebook_is_the_script_of_the_run(exported: Exported) -> None:
    code = runnable_code(exported.folder / NOTEBOOK)
    assert len(code.splitlines()) <= 120
    assert len((exported.folder / "repeat_run.py").read_text("utf-8").splitlines()) <= 140
    assert "sys.argv" not in code
    assert 'Path("split.json")' in code
    assert "trainer.train()" in code
    notebook = json.loads((exported.folder / NOTEBOOK).read_text("utf-8"))
    assert notebook["nbformat"] == 4
    assert len({cell["id"] for cell in notebook["cells"]}) == len(notebook["cells"]) > 6


def test_progress_names_what_is_made(exported: Exported) -> None:
    notes = {str(event.note) for event in exported.events if isinstance(event, Progressed)}
    assert {"Writing the network as ONNX", "Writing the network with 8 bits", "Writing the zip"} <= notes


def test_a_folder_without_torch_weights_answers_in_the_same_way(exported: Exported, tmp_path: Path) -> None:
    text = "the film is bright and a joy"
    ours = predict_with_folder(str(exported.folder), text)
    shutil.copytree(exported.folder, tmp_path / "light", ignore=shutil.ignore_patterns("*.safetensors", "*.zip"))
    theirs = predict_with_folder(str(tmp_path / "light"), text)
    int8 = predict_with_folder(str(tmp_path / "light" / ARTEFACTS["onnx_int8"].file), text)
    for found in (theirs, int8):
        assert [label.label for label in found.labels] == [label.label for label in ours.labels]
        assert found.labels[0].probability == pytest.approx(ours.labels[0].probability, abs=0.01)
    assert theirs.labels[0].probability != int8.labels[0].probability


# ── What is refused ─────────────────────────────────────────────────────────────────────────────────────────────


def exported_again(
    exported: Exported, folder: Path, patch: pytest.MonkeyPatch, answers: Any, *wanted: ArtefactName
) -> ExportedModel:
    """The export once more, with the models of before, and `answers` in place of those of a clean process."""

    def copy(making: comparing.Making, names: list[ArtefactName]) -> dict[str, str]:
        (making.folder / "onnx").mkdir()
        for name in {*names, "onnx"}:  # int8 is made of fp32
            shutil.copy(exported.folder / ARTEFACTS[name].file, making.folder / ARTEFACTS[name].file)
        return {}

    patch.setattr(models, "_write", copy)
    patch.setattr(models, "asked", answers)
    patch.setattr(programs, "asked", answers)
    patch.setattr(offline_page, "asked", answers)
    patch.setattr(offline_page, "found_asker", lambda: Asker("node", "node"))
    patch.setattr("engine.exporting.export.prove", lambda *args, **named: exported.state.proof)
    settings = ExportSettings(str(folder), "Reviews", 20, wanted)
    return export(exported.evaluation, settings, lambda event: None, workspace=exported.workspace)


def answers_with(wrong: int, wrong_together: int = 0) -> Any:
    """The answers of a clean process, some of them wrong."""

    def asked(making: comparing.Making, request: Mapping[str, Any]) -> Asked:
        answers = []
        for ours in making.expected:
            scores = {label.label: label.probability for label in ours.labels}
            answers.append({"answer": ours.labels[0].label, "label": ours.labels[0].label, "scores": scores})
        swapped = [swapped_answer(answer) for answer in answers]
        alone = swapped[:wrong] + answers[wrong:]
        together = [swapped_answer(one) for one in alone[:wrong_together]] + alone[wrong_together:]
        return Asked(alone, together, (), ("negative", "positive"))

    return asked


def swapped_answer(answer: dict[str, Any]) -> dict[str, Any]:
    first, second = answer["scores"]
    scores = {second: answer["scores"][first], first: answer["scores"][second]}
    return {"answer": second, "label": second, "scores": scores}


@pytest.mark.parametrize(("wrong", "together", "share"), [(1, 0, "95.0%"), (0, 1, "95.0%")])
def test_int8_that_answers_differently_is_refused_by_name_and_the_rest_is_exported(
    exported: Exported, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: int, together: int, share: str
) -> None:
    answers = answers_with(wrong, together)
    state = exported_again(exported, tmp_path / "model", monkeypatch, answers, "onnx_int8", "predict", "zip")
    proofs = {proof.name: proof for proof in state.artefacts}
    assert not proofs["onnx_int8"].passed
    assert str(proofs["onnx_int8"].refused).startswith(f"ONNX, int8 was not exported: {share} of 20 answers")
    assert proofs["onnx_int8"].rows == 20
    if wrong:
        assert proofs["onnx_int8"].difference is not None
        assert proofs["onnx_int8"].difference.value < 0
    assert str(proofs["predict"].refused) == "predict.py was not exported: what it needs was not."
    assert not (tmp_path / "model" / "onnx").exists()
    assert not (tmp_path / "model" / "predict.py").exists()
    assert proofs["zip"].passed
    assert "was not exported" in (tmp_path / "model" / "README.md").read_text("utf-8")


def test_the_fastest_kind_may_vary_with_the_batch_and_reports_it(
    exported: Exported, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = exported_again(exported, tmp_path / "model", monkeypatch, answers_with(1, 1), "onnx_fastest")
    (proof,) = (proof for proof in state.artefacts if proof.name == "onnx_fastest")
    assert proof.passed
    assert "its answers vary with the texts in the same batch" in figures_text(proof)
    assert [path.name for path in (tmp_path / "model" / "onnx").iterdir()] == ["model_int8.onnx"]


def test_predict_py_without_torch_is_not_replaced_by_the_one_for_transformers(
    exported: Exported, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = UnsureRule("confidence", least_confidence=0.01)
    run = msgspec.structs.replace(exported.evaluation.run, unsure=rule)
    unsure = exported._replace(evaluation=msgspec.structs.replace(exported.evaluation, run=run))
    texts = []
    for wanted in (("onnx", "predict"), ("onnx",)):
        folder = tmp_path / "-".join(wanted)
        exported_again(unsure, folder, monkeypatch, answers_with(0), *wanted)  # type: ignore[arg-type]
        texts.append((folder / "predict.py").read_text("utf-8"))
        assert (folder / "calibration.json").is_file()
    assert ["import onnxruntime" in text for text in texts] == [True, False]


def test_an_artefact_that_does_not_answer_is_refused_with_the_last_line_of_its_error(
    exported: Exported, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(making: comparing.Making, request: Mapping[str, Any]) -> Asked:
        raise ProcessFailed("Traceback\n  File x\nRuntimeError: no such operator")

    state = exported_again(exported, tmp_path / "model", monkeypatch, broken, "onnx")
    (proof,) = (proof for proof in state.artefacts if proof.name == "onnx")
    assert "(RuntimeError: no such operator)" in str(proof.refused)
    assert not (tmp_path / "model" / ONNX).exists()


def test_a_network_that_cannot_be_written_refuses_all_models_and_no_more(
    exported: Exported, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*args: object, **named: object) -> None:
        raise ProcessFailed("torch.onnx.errors.UnsupportedOperatorError: no")

    monkeypatch.setattr(models, "run_clean", failing)
    monkeypatch.setattr("engine.exporting.export.prove", lambda *args, **named: exported.state.proof)
    settings = ExportSettings(str(tmp_path / "model"), "Reviews", 20, ("onnx", "onnx_int8", "notebook"))
    state = export(exported.evaluation, settings, lambda event: None, workspace=exported.workspace)
    passed = {proof.name: proof.passed for proof in state.artefacts}
    assert passed == {"transformers": True, "onnx": False, "onnx_int8": False, "notebook": True}
    assert not (tmp_path / "model" / "onnx").exists()


# ── A kill, a full disk ─────────────────────────────────────────────────────────────────────────────────────────


def kill_everywhere(exported: Exported, patch: pytest.MonkeyPatch, *, every: int) -> int:
    """A kill at each `every`-th file operation of an export; returns how many operations there are."""
    torch.set_num_threads(1)
    root = exported.workspace.root.parent
    target = root / "kills" / "model"
    found = set()
    for number in itertools.count(1, every):
        with operations(root, killing_at(number)):
            ended = in_child(lambda: exported_again(exported, target, patch, answers_with(0), *ALL) and None)
        assert target.is_dir() == atomic_files.is_whole(target), number  # absent, or complete
        remove_leftovers(exported.workspace)
        left = sorted(path.relative_to(target.parent).as_posix() for path in target.parent.rglob("*"))
        assert list(target.parent.glob("*")) == ([target] if target.is_dir() else []), (number, left)
        found.add(target.is_dir())
        shutil.rmtree(target.parent, ignore_errors=True)
        if ended == 0:
            break
    assert found == {True, False}
    return number


@needs_fork
def test_a_kill_at_a_file_operation_leaves_the_export_absent_or_complete(
    exported: Exported, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kill_everywhere(exported, monkeypatch, every=97) > 100


@needs_fork
@pytest.mark.nightly
def test_a_kill_at_every_file_operation(exported: Exported, monkeypatch: pytest.MonkeyPatch) -> None:
    print(kill_everywhere(exported, monkeypatch, every=1), "file operations")


@pytest.mark.parametrize("file", ["model.onnx", "model_quantized.onnx", "serve.py", "offline.html", "Reviews.zip"])
def test_a_full_disk_at_an_artefact_leaves_nothing(
    exported: Exported, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fill_disk_at: Callable[[str], None], file: str
) -> None:
    fill_disk_at(file)
    with pytest.raises(DiskFull):
        exported_again(exported, tmp_path / "model", monkeypatch, answers_with(0), *ALL)
    assert list(tmp_path.iterdir()) == []


# ── The registry ────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_artefact_has_facts_and_a_maker() -> None:
    made = [name for names, _ in MAKERS for name in names]
    assert [*made, "zip"] == list(ALL)
    assert set(ARTEFACTS) == set(get_args(ArtefactName))
    options = [facts.option for facts in ARTEFACTS.values() if facts.option]
    assert len(set(options)) == len(options) == len(ALL)


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ((), ("transformers",)),
        (("service",), ("transformers", "onnx", "predict", "service")),
        (("service", "onnx_int8"), ("transformers", "onnx_int8", "predict", "service")),
        (("zip", "onnx"), ("transformers", "onnx", "zip")),
    ],
)
def test_what_an_artefact_needs_comes_with_it(chosen: tuple[ArtefactName, ...], expected: tuple[str, ...]) -> None:
    assert with_needs(chosen) == expected
