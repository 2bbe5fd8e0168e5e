"""Each artefact of a fine-tuned starter: size, agreement, score change, and milliseconds beside torch and `pipeline`.

    python tests/benchmarks/artefacts.py TRAIN.csv TEST.csv --epochs 2 --rows 500

The figures of the artefacts are those of their proofs, each from a clean process of its own; the folder's are those of
a plain pipeline. torch is the network itself, tokenizing included, asked here in the same way.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

from measuring import save

SEED = 42


def main() -> None:
    """Trains, exports and reports."""
    parser = argparse.ArgumentParser()
    parser.add_argument("train")
    parser.add_argument("test")
    parser.add_argument("--label", default="label", help="the column")
    parser.add_argument("--epochs", type=float, default=2.0)
    parser.add_argument("--rows", type=int, default=500, help="held-out rows that are asked")
    options = parser.parse_args()
    from engine.runtime.worker import calm_libraries

    calm_libraries()
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        _measure(Path(folder), options)


def _measure(folder: Path, options: argparse.Namespace) -> None:
    import torch

    from engine import stages
    from engine.contract.artefact_sentences import figures_text, title_of
    from engine.contract.artefacts import ARTEFACTS
    from engine.contract.formatting import size
    from engine.contract.settings import (
        EvaluateSettings,
        ExportSettings,
        FileRows,
        FineTuneSettings,
        PrepareSettings,
        Roles,
        StarterModel,
    )
    from engine.devices import detection as devices
    from engine.evaluating.trained_network import trained_network
    from engine.tasks.registry import task_named
    from engine.workspace.layout import Workspace

    workspace = Workspace(folder / "workspace").create()
    model = stages.load_model(StarterModel(), _silent, workspace=workspace)
    source = FileRows(str(Path(options.train).absolute()), test_path=str(Path(options.test).absolute()))
    settings = PrepareSettings(task="text_classification", roles=Roles(text="text", label=options.label), seed=SEED)
    dataset = stages.prepare_dataset(model, source, settings, _silent, workspace=workspace)
    learning = FineTuneSettings(epochs=options.epochs, device="cpu", seed=SEED)
    run = stages.fine_tune(dataset, learning, _silent, workspace=workspace)
    evaluation = stages.evaluate(run, EvaluateSettings(device="cpu"), _silent, workspace=workspace)
    wanted = tuple(name for name in ARTEFACTS if name != "transformers")
    exporting = ExportSettings(str(folder / "model"), "Starter", options.rows, wanted)
    started = time.perf_counter()
    exported = stages.export(evaluation, exporting, _silent, workspace=workspace)
    seconds = time.perf_counter() - started

    torch.set_num_threads(devices.cores())
    trained, task = trained_network(run), task_named(run.dataset.task, run.dataset.label_names)
    texts = [row.text for row in evaluation.wrong_rows][:50] or ["What is the capital of Austria?"]
    milliseconds = []
    for text in texts * 4:
        began = time.perf_counter()
        task.predict(trained.network, trained.tokenizer, text, max_length=model.max_length)
        milliseconds.append(1000 * (time.perf_counter() - began))
    print(
        f"load {os.getloadavg()[0]:.1f}; exported and proven in {seconds:.0f} s; {evaluation.headline} "
        f"{evaluation.scores[evaluation.headline]:.3f}"
    )
    print(f"torch, one text: {statistics.median(milliseconds):.1f} ms")
    for proof in exported.artefacts:
        print(f"{title_of(proof)}: {figures_text(proof)} Largest difference {proof.largest_difference:.2g}.")
    for file in exported.files:
        if file.name.startswith("onnx/") or file.name.endswith((".zip", ".safetensors")):
            print(f"  {file.name}: {size(file.size_bytes)}")
    save(
        "artefacts",
        seed=SEED,
        load=os.getloadavg()[0],
        seconds=seconds,
        torch_milliseconds=statistics.median(milliseconds),
        artefacts=[{"name": one.name, **_figures(one)} for one in exported.artefacts],
    )


def _figures(proof: Any) -> dict[str, Any]:
    return {
        "passed": proof.passed,
        "size": proof.size_bytes,
        "agreement": proof.agreement,
        "batch_agreement": proof.batch_agreement,
        "largest_difference": proof.largest_difference,
        "change": None if proof.difference is None else proof.difference.value,
        "milliseconds": {one.batch: [one.p50, one.p95] for one in proof.latencies},
    }


def _silent(_event: object) -> None:
    """Ignores events."""


if __name__ == "__main__":
    main()
