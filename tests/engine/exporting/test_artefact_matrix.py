"""Task × family × artefact: small random networks as ONNX in fp32 and int8, through predict.py, the service, the
offline page in Node.js and in Chromium, and transformers.js; each cell proven, or refused or skipped by name.

The ordinary run has one byte-level family beside the BERT of test_artefacts.py, without Chromium and transformers.js;
all families and tasks run nightly.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.contract.artefacts import ARTEFACTS, MODELS, ONNX, ONNX_INT8, PAGE, ArtefactName, with_needs
from engine.contract.queries import Prediction
from engine.contract.settings import FolderModel
from engine.contract.states import ArtefactProof, TargetScale
from engine.exporting.artefact_proof import HeldOut, Making, asked, proof_of
from engine.exporting.artefacts import make_artefacts
from engine.exporting.export import write_model
from engine.exporting.page_askers import Asker, found_browser
from engine.exporting.proof import predictions
from engine.loading.configuration import ENCODERS
from engine.loading.load import load
from engine.loading.tokenizer import load_tokenizer
from engine.tasks.registry import task_named
from engine.training.methods.head import output_layer
from engine.workspace.layout import Workspace
from tests.builders import a_dataset, a_run, an_evaluation
from tests.builders_data import ignore
from tests.engine.exporting import transformers_js
from tests.engine.exporting.artefact_matrix import COLUMNS, FAILED, PROVEN, REFUSED, SKIPPED, Cell, keep, table, word_of
from tests.engine.family_folders import SENTENCES, family_folder

LONG = "Anna Weber moved to Graz. " * 20  # far more than the network reads
TEXTS = (*SENTENCES, LONG, "Anna", "don't, U.S. 3.5 – http://a.b/c 上海", "a film is good")
PAIRS = [{"text": one, "text_pair": other} for one, other in zip(TEXTS, reversed(TEXTS), strict=True)]
KINDS: Mapping[str, tuple[str, tuple[str, ...], Any]] = {
    "one label": ("text_classification", ("no", "perhaps", "yes"), TEXTS),
    "pairs": ("text_classification", ("no", "yes"), PAIRS),
    "several labels": ("multi_label_classification", ("film", "people", "praise"), TEXTS),
    "number": ("regression", ("score",), TEXTS),
    "entities": ("token_classification", ("O", "B-LOC", "I-LOC", "B-PER", "I-PER"), TEXTS),
    "tags of words": ("token_classification", ("DET", "NOUN", "VERB"), TEXTS),
}
# Families that torch cannot write as ONNX, and why; such an export says so.
NOT_WRITTEN: Mapping[str, str] = {"longformer": "windows depend on the length"}
EVERY_KIND = ("bert", "roberta", "modernbert")
ORDINARY = ("roberta", "entities")
FAMILIES_AND_TASKS = [
    (family, kind)
    for family in sorted(ENCODERS)
    for kind in (KINDS if family in EVERY_KIND else ("one label", "entities"))
]
CELLS = [
    pytest.param(*cell, id=", ".join(cell), marks=() if cell == ORDINARY else pytest.mark.nightly)
    for cell in FAMILIES_AND_TASKS
]


def decide(network: Any, tokenizer: Any, second_texts: Sequence[str]) -> None:
    """Gives the head clear answers that differ from text to text, or from pair to pair."""
    layer = output_layer(network)
    with torch.no_grad():
        layer.weight.mul_(40)
        pairs = zip_longest(SENTENCES, second_texts)
        given = [tokenizer(text, second, return_tensors="pt").input_ids for text, second in pairs]
        logits = [network(input_ids=ids, attention_mask=torch.ones_like(ids)).logits for ids in given]
        usual = torch.cat([one.reshape(-1, one.shape[-1]) for one in logits]).mean(dim=0)
        if layer.bias is None:
            layer.bias = torch.nn.Parameter(-usual)
        else:
            layer.bias.sub_(usual)


def made(folder: Path, family: str, kind: str, *wanted: ArtefactName) -> Making:
    """The artefacts of a random network of this family, whose head decides clearly, with their proofs."""
    task_name, labels, rows = KINDS[kind]
    source = family_folder(folder / "model", family)
    model = load(FolderModel(str(source)), ignore, workspace=Workspace(folder / "workspace").create())
    scale = TargetScale(mean=3.0, spread=2.0) if task_name == "regression" else None
    dataset = a_dataset(model=model, task=task_name, label_names=labels, target_scale=scale)
    task = task_named(task_name, labels)  # type: ignore[arg-type]
    torch.manual_seed(3)
    network = task.build_network(Path(model.folder), labels)
    network.train(False)
    tokenizer = load_tokenizer(Path(model.folder))
    decide(network, tokenizer, SENTENCES[::-1] if kind == "pairs" else ())
    export = folder / "export"
    export.mkdir()
    write_model(export, network, tokenizer, dataset)

    def predict(text: str, second_text: str) -> Prediction:
        return task.predict(network, tokenizer, text, max_length=model.max_length, second_text=second_text)

    expected = predictions(rows, predict, ignore)
    answers = {(one.entities, one.value, tuple(label.label for label in one.given)) for one in expected}
    assert len(answers) > 1  # else nothing would be shown
    making = Making(
        folder=export,
        title="A <random> network",
        wanted=with_needs(wanted),
        evaluation=an_evaluation(run=a_run(dataset=dataset)),
        task=task,
        network=network,
        tokenizer=tokenizer,
        held_out=HeldOut(rows),
        expected=expected,
        batch_agreement=0.0,  # padding is a part of what some of these networks read
        scratch=folder,
        emit=ignore,
        made={},
    )
    make_artefacts(making)
    return making


def word_for(proof: ArtefactProof) -> str:
    """What the table holds of a proof."""
    if not proof.passed:
        # Texts are close together in a random network of 16 dimensions: 8 bits may be too few for it, also where they
        # are added up in another order, as in a browser.
        is_8_bits = proof.name in ("onnx_int8", "html") and "of the trained model" in str(proof.refused)
        is_known = is_8_bits or "needs was not" in str(proof.refused)
        return f"{REFUSED if is_known else FAILED}: {proof.refused}"
    return f"{SKIPPED}: {proof.unproven}" if proof.unproven else PROVEN


def in_chromium(making: Making) -> str:
    """The page of Node.js once more, in the browser."""
    browser = found_browser()
    if not making.made["html"].passed:
        return word_for(making.made["html"])
    if not browser:
        return f"{SKIPPED}: there is no browser made of Chromium"
    found = asked(making, {"kind": "page", "page": PAGE, **Asker("browser", browser).request()})
    return word_for(proof_of(making, "html", found, like=ARTEFACTS["onnx_int8"]))


def in_transformers_js(making: Making) -> str:
    """The files of both kinds give the logits that they give through predict.py, for the same token ids."""
    if reason := transformers_js.lacking():
        return f"{SKIPPED}: {reason}"
    files = {"fp32": ONNX, "q8": ONNX_INT8} if making.made["onnx_int8"].passed else {"fp32": ONNX}
    try:
        found = [
            f"{dtype}: {one}"
            for dtype, file in files.items()
            for one in transformers_js.differences(making.folder, making.held_out.inputs, dtype=dtype, file=file)
        ]
    except RuntimeError as error:
        return f"{REFUSED if str(error).startswith(transformers_js.UNKNOWN) else FAILED}: {error}"
    return f"{FAILED}: {', '.join(found)}" if found else PROVEN


@pytest.mark.parametrize(("family", "kind"), CELLS)
def test_each_artefact_answers_as_the_network_does(family: str, kind: str, tmp_path: Path, warm_proof: None) -> None:
    torch.set_num_threads(1)
    begun = time.monotonic()
    making = made(tmp_path, family, kind, "onnx", "onnx_int8", "predict", "service", "html")
    proofs = making.made
    if family in NOT_WRITTEN:
        found = dict.fromkeys(COLUMNS, f"{REFUSED}: {NOT_WRITTEN[family]}")
        models = [str(proof.refused) for proof in proofs.values() if proof.name in MODELS]
        assert all("could not be written" in reason and "depends on its length" in reason for reason in models)
    else:
        names: Sequence[ArtefactName] = ("onnx", "onnx_int8", "predict", "service", "html")
        found = dict(zip(COLUMNS, (word_for(proofs[name]) for name in names), strict=False))
        is_ordinary = (family, kind) == ORDINARY and "TUNEWRIGHT_ARTEFACT_RESULTS" not in os.environ
        for column, ask in (("page in Chromium", in_chromium), ("transformers.js", in_transformers_js)):
            found[column] = f"{SKIPPED}: nightly" if is_ordinary else ask(making)
    if results := os.environ.get("TUNEWRIGHT_ARTEFACT_RESULTS"):
        keep(Cell(family, kind, found, round(time.monotonic() - begun, 1)), Path(results))
    assert [f"{column}: {one}" for column, one in found.items() if word_of(one) == word_of(FAILED)] == []
    if family in NOT_WRITTEN:
        return
    for name in ("onnx", "predict", "service"):
        assert proofs[name].agreement == 1.0  # type: ignore[index]
    assert proofs["onnx_int8"].rows == len(TEXTS)
    if skipped := [one for one in found.values() if word_of(one) == SKIPPED and not one.endswith("nightly")]:
        pytest.skip(skipped[0].partition(": ")[2])  # all else has passed


def test_the_table_counts_what_was_refused_skipped_and_not_run(tmp_path: Path) -> None:
    results = tmp_path / "results.jsonl"
    first = {**dict.fromkeys(COLUMNS, PROVEN), "page in Chromium": f"{SKIPPED}: no browser"}
    second = {**dict.fromkeys(COLUMNS, PROVEN), "transformers.js": f"{REFUSED}: no such family"}
    keep(Cell("albert", "entities", {**first, "ONNX, int8": f"{FAILED}: 1 of 2"}, 1.0), results)
    keep(Cell("bert", "entities", second, 1.0), results)
    lines = table(results, "1234567", [("albert", "entities"), ("bert", "entities"), ("bert", "pairs")]).splitlines()
    assert "at commit 1234567" in lines[2]
    assert lines[5].endswith("Of 21 cells: 11 proven, 1 refused, 1 skipped, 1 failed, 7 not run.")
    assert "| albert | entities | proven | **failed** | proven | proven | proven | skipped | proven |" in lines
    assert f"| bert | pairs | {' | '.join(['not run'] * 7)} |" in lines
    assert "- transformers.js, refused: no such family: bert (entities)" in lines
