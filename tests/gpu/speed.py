"""Training on one GPU: the recorded step beside the eager one and beside `Trainer`, and how near the limit it is."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from tests.gpu.material import SEED, Checks, our_run, prepared, random_bert_base, rows_of_words, silent, trainer_network

SHORT_ROWS, LONG_ROWS, EPOCHS, ROUNDS = 12_288, 16_384, 3, 2


def recorded_beside_eager(checks: Checks, starter: Path, folder: Path) -> None:
    """The same losses and gradient norms, to the last bit, without dropout."""
    import torch

    from engine.contract.settings import FileRows, FineTuneSettings
    from engine.devices import detection as devices
    from engine.training.acceleration.cuda_graph_step import CudaGraphStep
    from engine.training.batching.rows import read_splits
    from engine.training.loop.assembly import assemble
    from engine.training.step.optimizer import prepare_states
    from engine.training.step.update import EagerStep
    from engine.workspace.layout import Workspace

    print("\nthe recorded step beside the eager one")
    workspace = Workspace(folder / "exact").create()
    model = random_bert_base(starter, folder / "still", dropout=0.0)
    dataset = prepared(model, FileRows(str(rows_of_words(starter, folder / "exact.jsonl", rows=640))), workspace)
    settings = FineTuneSettings(batch_size=32, learning_rate=1e-5, device="cuda:0")
    received: dict[str, list[tuple[float, float]]] = {}
    for precision in ("bf16", "fp32"):
        for name in ("eager", "recorded"):
            torch.manual_seed(1)
            training = assemble(dataset, settings, devices.choose("cuda:0", precision=precision), read_splits(dataset))
            prepare_states(training.optimizer)
            training.to_training_mode()
            diverged = torch.zeros((), dtype=torch.bool, device="cuda")
            step: Any = EagerStep(training, diverged)
            if name == "recorded":
                step = CudaGraphStep(training, diverged, silent)
            batches = [rows for epoch in range(5) for rows in training.plan.epoch(epoch)]
            updates = (step(rows, 1e-5) for rows in batches)
            received[name] = [(float(loss), float(norm)) for loss, norm in updates]
        checks.expect(received["eager"] == received["recorded"], f"{precision}: equal in {len(batches)} steps")


def beside_trainer(checks: Checks, starter: Path, folder: Path) -> None:
    """Rows a second, bf16, batch 32, sentences as long as SST-2's."""
    from engine.contract.settings import FileRows
    from engine.workspace.layout import Workspace

    rows = rows_of_words(starter, folder / "short.jsonl", rows=round(SHORT_ROWS / 0.98))
    base = random_bert_base(starter, folder / "base")
    for name, model in (("MiniLM", starter), ("BERT-base", base)):
        print(f"\n{name}, batch 32, sentences: rows a second")
        workspace = Workspace(folder / name).create()
        dataset = prepared(model, FileRows(str(rows)), workspace, validation_share=0.01, test_share=0.01)
        count = dataset.splits["train"].rows
        ours, later, theirs = [], [], []
        for _ in range(ROUNDS):
            _, whole, steady = our_run(dataset, workspace, epochs=EPOCHS, batch_size=32, precision="bf16")
            ours.append(whole)
            later.append(steady)
            _, seconds = trainer_network(dataset, epochs=EPOCHS, batch_size=32, learning_rate=5e-5)
            theirs.append(EPOCHS * count / seconds)
            print(f"       {whole:,.0f} ({steady:,.0f} once recorded) beside {theirs[-1]:,.0f}", flush=True)
        checks.note(f"{name}: rows a second", round(sum(ours) / ROUNDS))
        checks.note(f"{name}: rows a second, once recorded", round(sum(later) / ROUNDS))
        checks.note(f"{name}: Trainer bf16, dynamic padding", round(sum(theirs) / ROUNDS))
        checks.note(f"{name}: ratio", round(sum(ours) / sum(theirs), 2))
        checks.note(f"{name}: ratio, once recorded", round(sum(later) / sum(theirs), 2))


def share_of_the_limit(checks: Checks, starter: Path, folder: Path) -> None:
    """BERT-base on rows of 128 tokens, batch 128, beside a plain bf16 matrix product."""
    from engine.contract.settings import FileRows
    from engine.workspace.layout import Workspace

    print("\nBERT-base, batch 128, rows of 128 tokens")
    workspace = Workspace(folder / "long").create()
    rows = rows_of_words(starter, folder / "long.jsonl", rows=LONG_ROWS, tokens=128)
    base = folder / "base"
    dataset = prepared(base, FileRows(str(rows)), workspace, max_length=128, validation_share=0.01, test_share=0.01)
    _, _, steady = our_run(dataset, workspace, epochs=2, batch_size=128, precision="bf16")
    limit = matrix_product()
    # Kaplan et al. 2020: six operations per weight and token, without the table of embeddings, and attention's own.
    per_token = 6 * 85.05e6 + 12 * 12 * 768 * 128
    checks.note("rows a second", round(steady))
    checks.note("bf16 matrix product, TFLOP/s", round(limit / 1e12))
    checks.note("share of it", round(steady * 128 * per_token / limit, 3))


def forecast_beside_fact(checks: Checks, starter: Path, folder: Path) -> None:
    """Time and memory forecast, and what a run has taken; then a length is compiled that is forecast to pay."""
    from engine import stages
    from engine.contract.settings import FileRows, FineTuneSettings
    from engine.training.acceleration import compiling
    from engine.training.planning.forecast import forecast
    from engine.workspace.layout import Workspace

    workspace = Workspace(folder / "forecast").create()
    shares = {"validation_share": 0.05, "test_share": 0.01}
    rows = FileRows(str(rows_of_words(starter, folder / "forecast.jsonl", rows=LONG_ROWS)))
    short = prepared(starter, rows, workspace, **shares)
    rows = FileRows(str(rows_of_words(starter, folder / "forecast-long.jsonl", rows=LONG_ROWS, tokens=128)))
    base = random_bert_base(starter, folder / "forecast-base")
    long = prepared(base, rows, workspace, max_length=128, **shares)
    for name, dataset, batch in (("MiniLM, sentences", short, 32), ("BERT-base, 128 tokens", long, 128)):
        print(f"\nforecast: {name}")
        settings = FineTuneSettings(epochs=6, batch_size=batch, seed=SEED)
        told = forecast(dataset, settings, silent, workspace=workspace).expected
        run = stages.fine_tune(dataset, settings, silent, workspace=workspace, forecast=told)
        checks.note("seconds, forecast and taken", [round(told.seconds, 1), round(run.seconds, 1)])
        checks.note("memory, forecast to taken", round(told.memory_bytes / run.memory_bytes, 2))
    print("\ncompiled layers")
    compiling.LIKELY_SECONDS = 0.0
    settings = FineTuneSettings(epochs=60, batch_size=128, seed=SEED)
    told = forecast(long, settings, silent, workspace=workspace).expected
    checks.note("60 epochs of 128 tokens: compiled for", told.compiled_tokens)
    checks.expect(told.compiled_tokens == (128 * 128,), "compiling the one length of a long run pays")
    for name, chosen in (("as it is", None), ("compiled", told)):
        received: list[Any] = []
        few = FineTuneSettings(epochs=3, batch_size=128, seed=SEED)
        run = stages.fine_tune(long, few, received.append, workspace=workspace, forecast=chosen)
        steps = [event for event in received if type(event).__name__ == "StepsTrained"]
        later = [event for event in steps if event.step > steps[-1].step * 2 / 3]
        pace = 128 * (later[-1].step - later[0].step) / (later[-1].seconds - later[0].seconds)
        checks.note(f"{name}: rows a second, last loss", [round(pace), round(steps[-1].loss, 3), round(run.seconds, 1)])
        told_so = [event.text for event in received if type(event).__name__ == "Noted"]
        checks.expect(not told_so, f"{name}: nothing had to be given up {told_so}")


def matrix_product() -> float:
    """Operations a second of an 8,192 × 8,192 product in bf16."""
    import torch

    left, right = (torch.randn(8192, 8192, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    for _ in range(5):
        left @ right
    torch.cuda.synchronize()
    started = time.perf_counter()
    for _ in range(50):
        left @ right
    torch.cuda.synchronize()
    return 50 * 2 * 8192**3 / (time.perf_counter() - started)
