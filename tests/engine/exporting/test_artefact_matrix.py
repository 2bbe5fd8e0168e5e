"""Task × family × artefact: small random networks as ONNX in fp32 and int8, through predict.py and the offline
page, each cell proven.

The ordinary run has one byte-level family beside the BERT of test_artefacts.py; all families and tasks run nightly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.contract.artefacts import MODELS, ArtefactName, with_needs
from engine.contract.queries import Prediction
from engine.contract.settings import FolderModel
from engine.contract.states import ArtefactProof, TargetScale
from engine.exporting.artefact_proof import HeldOut, Making
from engine.exporting.artefacts import make_artefacts
from engine.exporting.export import write_model
from engine.exporting.proof import predictions
from engine.loading.configuration import ENCODERS
from engine.loading.load import load
from engine.loading.tokenizer import load_tokenizer
from engine.tasks.registry import task_named
from engine.training.methods.head import output_layer
from engine.workspace.layout import Workspace
from tests.builders import a_dataset, a_run, an_evaluation
from tests.builders_data import ignore
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
CELLS = [
    pytest.param("roberta", "entities", id="roberta, entities"),
    *(
        pytest.param(family, kind, id=f"{family}, {kind}", marks=pytest.mark.nightly)
        for family in sorted(ENCODERS)
        for kind in (KINDS if family in ("bert", "roberta", "modernbert") else ("one label", "entities"))
        if (family, kind) != ("roberta", "entities")
    ),
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


def made(folder: Path, family: str, kind: str, *wanted: ArtefactName) -> dict[ArtefactName, ArtefactProof]:
    """The artefacts of a random network of this family, whose head decides clearly."""
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
    found: dict[ArtefactName, ArtefactProof] = {}
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
        made=found,
    )
    make_artefacts(making)
    return found


@pytest.mark.parametrize(("family", "kind"), CELLS)
def test_each_artefact_answers_as_the_network_does(family: str, kind: str, tmp_path: Path, warm_proof: None) -> None:
    torch.set_num_threads(1)
    found = made(tmp_path, family, kind, "onnx", "onnx_int8", "predict", "html")
    if family in NOT_WRITTEN:
        models = [str(proof.refused) for proof in found.values() if proof.name in MODELS]
        assert all("could not be written" in reason and "depends on its length" in reason for reason in models)
        return
    for name in ("onnx", "predict"):
        assert (str(found[name].refused), found[name].agreement) == ("", 1.0)  # type: ignore[index]
    int8 = found["onnx_int8"]
    assert int8.rows == len(TEXTS)
    # Texts are close together in a random network of 16 dimensions: where 8 bits are too few, it is refused by name.
    assert int8.passed or "of the trained model" in str(int8.refused)
    page = found["html"]
    assert page.passed == int8.passed, str(page.refused)
    assert page.rows == len(TEXTS) or page.unproven or not int8.passed
