"""Rows a second of answering held-out reviews: this program's way beside `transformers.pipeline(batch_size=32)`.

The same untrained head on the starter model, the same texts in the same order, tokenizing counted on both sides; the
pipeline as shipped (float32), this program in what Auto takes here after a training in Auto, and in float32. Two sets:
sentences (a mean of about 27 tokens), and whole reviews (cut at 256). Aim: twice the pipeline's.
"""

from __future__ import annotations

import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

from measuring import interleaved, report

SEED = 42
BATCH = 32
ROUNDS = 3
SETS = (("short_reviews", 640, 128), ("long_reviews", 128, 256))  # example, rows, maximum length


def main() -> None:
    """Measures and reports."""
    from engine.runtime.worker import calm_libraries

    calm_libraries()  # both sides, as the worker does before torch is loaded
    import torch
    from transformers import logging

    from engine.devices import detection as devices

    logging.set_verbosity_error()
    warnings.simplefilter("ignore")
    torch.set_num_threads(devices.cores())
    for example, rows, max_length in SETS:
        with tempfile.TemporaryDirectory() as folder:
            _one_set(Path(folder), example, rows, max_length)


def _one_set(folder: Path, example: str, rows: int, max_length: int) -> None:
    import torch
    from datasets import load_from_disk

    from engine import stages
    from engine.contract.settings import ExampleRows, PrepareSettings, Roles, StarterModel
    from engine.devices import detection as devices
    from engine.loading.tokenizer import load_tokenizer
    from engine.tasks.registry import task_named
    from engine.workspace.layout import Workspace

    workspace = Workspace(folder / "workspace").create()
    model = stages.load_model(StarterModel(), _silent, workspace=workspace)
    settings = PrepareSettings(
        roles=Roles(text="text", label="label"), row_limit=round(rows / 0.8), max_length=max_length, seed=SEED
    )
    dataset = stages.prepare_dataset(model, ExampleRows(example), settings, _silent, workspace=workspace)
    texts = [str(text) for text in load_from_disk(dataset.folder)["train"]["text"]]
    torch.manual_seed(SEED)
    network = task_named(dataset.task).build_network(Path(model.folder), dataset.label_names)
    network.train(False)
    tokenizer = load_tokenizer(Path(model.folder))
    network.save_pretrained(folder / "model")
    tokenizer.save_pretrained(folder / "model")
    auto = devices.choose("cpu", precision="auto").precision
    print(f"\n{example}: {len(texts):,} texts")
    measured = interleaved(
        {
            f"Tunewright, {auto}": lambda: _ours(network, tokenizer, texts, max_length, auto),
            "Tunewright, fp32": lambda: _ours(network, tokenizer, texts, max_length, "fp32"),
            "pipeline(batch_size=32)": lambda: _pipeline(folder / "model", texts, max_length),
        },
        ROUNDS,
    )
    report(
        f"evaluation_{example}",
        "rows a second",
        measured,
        f"Tunewright, {auto}",
        seed=SEED,
        rows=len(texts),
        batch_size=BATCH,
        threads=torch.get_num_threads(),
    )


def _silent(_event: object) -> None:
    pass


def _ours(network: Any, tokenizer: Any, texts: list[str], max_length: int, precision: str) -> float:
    from datasets import Dataset

    from engine.evaluating.evaluate import network_outputs
    from engine.tasks.registry import task_named
    from engine.training.batching.rows import encoded_rows

    task = task_named("text_classification")
    started = time.perf_counter()
    rows = {"text": texts, "label": ["0"] * len(texts)}
    columns = task.encode(tokenizer, rows, label_names=("0", "1"), max_length=max_length)
    encoded = Dataset.from_dict(dict(columns))
    outputs = network_outputs(
        network,
        task,
        encoded_rows(encoded),
        _silent,
        batch_size=BATCH,
        padding_id=0,
        note="Answering",
        precision=precision,
    )
    assert len(outputs.logits) == len(texts)
    return len(texts) / (time.perf_counter() - started)


def _pipeline(folder: Path, texts: list[str], max_length: int) -> float:
    from transformers import pipeline

    answer = pipeline("text-classification", model=str(folder), device="cpu")
    started = time.perf_counter()
    answers = answer(texts, batch_size=BATCH, truncation=True, max_length=max_length)
    assert len(answers) == len(texts)
    return len(texts) / (time.perf_counter() - started)


if __name__ == "__main__":
    main()
