"""`export` with artefacts, `serve`, and `predict` with an ONNX model: options, exit codes, what is answered."""

from __future__ import annotations

import http.client
import json
import threading
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from engine import stages
from engine.__main__ import main
from engine.contract.artefacts import ARTEFACTS
from engine.contract.errors import InvalidSetting
from engine.contract.sentences import Sentence
from engine.contract.settings import ExportSettings
from engine.contract.states import ArtefactProof
from engine.evaluating import predict as predicting
from engine.evaluating.predict import predict_with_folder
from engine.exporting.export import write_model
from engine.exporting.standalone import predict, serve
from engine.tasks.registry import task_named
from engine.workspace.layout import Workspace
from engine.workspace.runs import create_run, save_run
from tests.builders import a_dataset, a_model, a_run, an_evaluation, an_export
from tests.engine.trained_run import a_model_folder

OPTIONS = [facts.option for facts in ARTEFACTS.values() if facts.option]


@pytest.fixture
def a_scored_run(tmp_path: Path) -> tuple[Workspace, str]:
    workspace = Workspace(tmp_path / "workspace").create()
    record = create_run(workspace, a_dataset(), a_run().settings)
    save_run(workspace, msgspec.structs.replace(record, status="finished", run=a_run(), evaluation=an_evaluation()))
    return workspace, record.id


def exported_with(
    a_scored_run: tuple[Workspace, str], patch: pytest.MonkeyPatch, proofs: tuple[ArtefactProof, ...], *options: str
) -> tuple[int, ExportSettings]:
    workspace, run = a_scored_run
    asked: list[ExportSettings] = []

    def export(evaluation: object, settings: ExportSettings, *args: object, **named: object) -> Any:
        asked.append(settings)
        return an_export(artefacts=proofs, settings=settings)

    patch.setattr(stages, "export", export)
    code = main(["export", run, "--workspace", str(workspace.root), *options])
    return code, asked[0]


def test_each_artefact_has_an_option(
    a_scored_run: tuple[Workspace, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    proofs = (ArtefactProof("onnx", True, 90_000_000, 200, 1.0, 1e-6, 1.0),)
    code, settings = exported_with(a_scored_run, monkeypatch, proofs, "--onnx", "--zip")
    assert (code, settings.artefacts) == (0, ("onnx", "zip"))
    assert "ONNX, fp32: 90 MB; 100 % of 200 answers are those of the trained model" in capsys.readouterr().out
    code, settings = exported_with(a_scored_run, monkeypatch, (), *OPTIONS)
    assert settings.artefacts == tuple(name for name in ARTEFACTS if name != "transformers")


def test_a_refused_artefact_is_named_and_changes_the_exit_code(
    a_scored_run: tuple[Workspace, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    why = Sentence("exporting.refused.agreement", title="ONNX, int8", agreement=0.98, rows=200, least=0.99)
    code, _ = exported_with(a_scored_run, monkeypatch, (ArtefactProof("onnx_int8", False, refused=why),), "--int8")
    assert code == 1
    assert "ONNX, int8 was not exported: 98.0% of 200 answers" in capsys.readouterr().out


# ── predict and serve with a folder ─────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def light(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An exported folder without torch weights, whose ONNX model gives each text the logits 2 and −1."""
    from onnx import TensorProto, helper, numpy_helper, save

    from engine.loading.tokenizer import load_tokenizer

    folder = tmp_path_factory.mktemp("light")
    source = a_model_folder(folder / "encoder")
    labels = ("negative", "positive")
    network = task_named("text_classification").build_network(source, labels)
    dataset = a_dataset(model=a_model(folder=str(source), max_length=64), label_names=labels)
    export = folder / "export"
    export.mkdir()
    write_model(export, network, load_tokenizer(source), dataset)
    (export / "model.safetensors").unlink()
    ids, mask = (
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "sequence"])
        for name in ("input_ids", "attention_mask")
    )
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 2])
    nodes = [
        helper.make_node("ReduceMax", ["attention_mask", "axes"], ["ones"], keepdims=1),
        helper.make_node("Cast", ["ones"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["floats", "values"], ["logits"]),
    ]
    constants = [
        numpy_helper.from_array(np.asarray([1], dtype=np.int64), "axes"),
        numpy_helper.from_array(np.asarray([[2.0, -1.0]], dtype=np.float32), "values"),
    ]
    graph = helper.make_graph(nodes, "constant", [ids, mask], [logits], constants)
    (export / "onnx").mkdir()
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    save(model, str(export / "onnx" / "model_quantized.onnx"))
    return export


def test_predict_asks_the_onnx_model_where_there_are_no_torch_weights(
    light: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert predict_with_folder(str(light), "the film is good").labels[0].label == "negative"
    for place in (light, light / "onnx" / "model_quantized.onnx"):
        assert main(["predict", str(place), "the film is good"]) == 0
        assert capsys.readouterr().out.startswith("negative 0.953")


def test_predict_answers_a_whole_file_with_an_onnx_model(light: Path, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("text\nthe film is good\nthe end\n")
    target = tmp_path / "answers.csv"
    workspace = ["--workspace", str(tmp_path / "workspace")]
    assert main(["predict", str(light), "--file", str(tmp_path / "rows.csv"), "--to", str(target), *workspace]) == 0
    assert target.read_text("utf-8-sig").splitlines()[1].startswith("the film is good,negative,0.95")


def test_a_file_that_is_no_model_is_named(light: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    predicting._warm_folder.clear()
    damaged = light / "onnx" / "damaged.onnx"
    damaged.write_bytes(b"no model")
    assert main(["predict", str(damaged), "a text"]) == 1
    assert "cannot be loaded" in capsys.readouterr().err
    damaged.unlink()


def test_the_service_answers_as_predict_py_does(light: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[serve.Service] = []
    monkeypatch.setattr(serve, "serve", made.append)
    assert main(["serve", str(light), "--port", "0"]) == 0
    (service,) = made
    assert service.server_address[0] == "127.0.0.1"
    thread = threading.Thread(target=service.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        asking = http.client.HTTPConnection("127.0.0.1", service.server_address[1], timeout=60)
        asking.request("POST", "/predict", json.dumps({"texts": ["the film", "the end"]}))
        answers = json.loads(asking.getresponse().read())["answers"]
        asking.close()
    finally:
        service.shutdown()
        thread.join()
        service.server_close()
    assert answers == predict.Model(light).answer(["the film", "the end"])


def test_an_address_where_nothing_can_listen_is_named(light: Path) -> None:
    with pytest.raises(InvalidSetting, match=r"cannot listen at 127\.0\.0\.1, port 70000"):
        stages.serve_folder(str(light), "127.0.0.1", 70_000)
