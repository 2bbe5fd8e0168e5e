"""Checks and measures where there is a GPU: the five functions, speed and quality beside `Trainer`, two GPUs.

    python3 tests/gpu/check.py --model FOLDER [--only PARTS] [--data FOLDER] [--output FOLDER]

PARTS are five, speed, forecast, quality, host, ways, assert, several, lost, with commas between.
Needs no Qt and no network. FOLDER holds the starter model; half precision is enough to travel. Quality needs the real
rows, the last three two GPUs. Ends with the line "all checks passed" and exit code 0, or names what failed. Absolute
times are worth telling on a GPU.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.gpu import host, lost_device, quality, several, speed, step_time  # noqa: E402
from tests.gpu.material import SEED, Checks, prepared, silent  # noqa: E402


def main() -> int:
    """Runs all checks; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--model", required=True, help="folder of the starter model")
    parser.add_argument(
        "--only", default="five,speed", help="five, speed, forecast, quality, host, ways, assert, several, lost"
    )
    parser.add_argument("--data", default="", help="folder of the real rows")
    parser.add_argument("--output", default="", help="folder for the JSON of what was measured")
    options = parser.parse_args()

    import torch
    import transformers

    from engine.devices import detection as devices

    warnings.simplefilter("ignore")
    transformers.logging.set_verbosity_error()
    checks = Checks()
    checks.note("versions", f"Python {sys.version.split()[0]}, torch {torch.__version__}, {transformers.__version__}")
    checks.note("GPU", torch.cuda.get_device_name(0) if torch.cuda.is_available() else "none")
    checks.expect(torch.cuda.is_available(), "torch finds a GPU")
    checks.note("sentence", devices.gpu_sentence())
    checks.expect(devices.found().devices[0].id == "cuda:0", "Auto takes the GPU")
    checks.expect("PySide6" not in sys.modules, "the engine works without Qt")
    wanted, starter = options.only.split(","), Path(options.model).resolve()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if "five" in wanted:
            for name, least in (("support_tickets", 0.5), ("entities", 0.4)):
                checks.section(walk, options.model, name, least, folder)
            checks.section(compare_devices, options.model, folder)
            checks.section(parts, options.model, folder)
            checks.section(not_recorded, options.model, folder)
        if "speed" in wanted:
            checks.section(speed.recorded_beside_eager, starter, folder)
            checks.section(speed.beside_trainer, starter, folder)
            checks.section(speed.share_of_the_limit, starter, folder)
        if "forecast" in wanted:
            checks.section(speed.forecast_beside_fact, starter, folder)
        if "quality" in wanted:
            checks.section(quality.beside_trainer, starter, Path(options.data), folder)
        if "host" in wanted:
            checks.section(host.where_a_step_waits, starter, folder)
        if "ways" in wanted:
            checks.section(step_time.several_ways, starter, folder)
        if "assert" in wanted:
            checks.section(lost_device.a_device_side_assert, starter, folder)
        if "several" in wanted:
            checks.section(several.two_beside_one, starter, folder)
        if "lost" in wanted:
            checks.section(several.a_lost_rank, starter, folder)
    if options.output:
        Path(options.output, "gpu_check.json").write_text(json.dumps(checks.facts, indent=1, default=str))
    print("all checks passed" if not checks.failed else f"FAILED: {checks.failed}")
    return 1 if checks.failed else 0


def example(model_folder: str, name: str, workspace: Any) -> Any:
    """An example for the starter model."""
    from engine.contract.settings import ExampleRows, Roles

    entities = name == "entities"
    roles = Roles(tokens="tokens", tags="tags") if entities else Roles(text="text", label="intent")
    task = "token_classification" if entities else "text_classification"
    return prepared(Path(model_folder), ExampleRows(name), workspace, task=task, roles=roles)


def walk(checks: Checks, model_folder: str, name: str, least: float, folder: Path) -> None:
    """The five functions on the GPU with the precision that Auto chooses."""
    from engine import stages
    from engine.contract.settings import EvaluateSettings, ExportSettings, FineTuneSettings
    from engine.workspace.layout import Workspace

    print(f"\nfive functions on {name}")
    workspace = Workspace(folder / name).create()
    dataset = example(model_folder, name, workspace)
    started = time.perf_counter()
    run = stages.fine_tune(
        dataset, FineTuneSettings(epochs=8, learning_rate=1e-4, seed=SEED), silent, workspace=workspace
    )
    checks.note(f"{name}: training", f"{run.seconds:.1f} s, {run.steps} steps, {run.device}, {run.precision}")
    checks.expect(run.device.startswith("cuda"), "it trained on the GPU")
    checks.expect(run.precision == "bf16", "Auto chose bf16")
    evaluation = stages.evaluate(run, EvaluateSettings(), silent, workspace=workspace)
    score = evaluation.scores[evaluation.headline] or 0.0
    checks.note(f"{name}: {evaluation.headline}", round(score, 3))
    checks.expect(score > least, f"{evaluation.headline} is above {least}")
    exported = stages.export(evaluation, ExportSettings(), silent, workspace=workspace)
    checks.expect(exported.proof.passed, f"the export agrees on {exported.proof.rows} rows")
    checks.note(f"{name}: all", f"{time.perf_counter() - started:.1f} s")


def parts(checks: Checks, model_folder: str, folder: Path) -> None:
    """The last layers, the answer layer alone, adapters, and layers computed twice: each learns and becomes plain."""
    from importlib.util import find_spec

    from engine import stages
    from engine.contract.events import Noted, StepsTrained
    from engine.contract.settings import EvaluateSettings, FineTuneSettings
    from engine.workspace.layout import Workspace

    print("\nparts of the network that learn")
    workspace = Workspace(folder / "parts").create()
    dataset = example(model_folder, "support_tickets", workspace)
    choices: dict[str, dict[str, Any]] = {
        "last layers": {"layers_to_train": "last_layers", "last_layers": 2, "learning_rate": 2e-4},
        "head only": {"layers_to_train": "head_only", "learning_rate": 1e-2},
        "layers twice": {"gradient_checkpointing": True, "learning_rate": 1e-4},
    }
    if find_spec("peft") is not None:
        choices["adapters"] = {"layers_to_train": "lora", "learning_rate": 1e-3}
    for name, choice in choices.items():
        losses: list[float] = []
        notes: list[str] = []

        def listen(event: object, losses: list[float] = losses, notes: list[str] = notes) -> None:
            if isinstance(event, StepsTrained) and event.loss is not None:
                losses.append(event.loss)
            elif isinstance(event, Noted):
                notes.append(event.text)

        run = stages.fine_tune(dataset, FineTuneSettings(epochs=8, seed=SEED, **choice), listen, workspace=workspace)
        checks.note(name, f"{run.seconds:.1f} s, {run.steps} steps, loss {losses[0]:.2f} to {losses[-1]:.2f}")
        checks.expect(losses[-1] < losses[0] - 0.2, f"{name}: it learns")
        checks.expect(not any("cannot be" in note for note in notes), f"{name}: nothing had to be given up")
        kept = any("computed once" in note for note in notes)
        checks.expect(kept is (name in ("last layers", "head only")), f"{name}: what is frozen is computed once")
        report = stages.evaluate(run, EvaluateSettings(split="validation"), silent, workspace=workspace)
        score = report.scores[run.metric] or 0.0
        checks.expect(abs(score - (run.best_score or 0.0)) < 0.1, f"{name}: the plain network scores as in training")


def not_recorded(checks: Checks, model_folder: str, folder: Path) -> None:
    """A network that asks the GPU for a number on its way is reported to be slower, and trained all the same."""
    import torch

    from engine.contract.events import Noted
    from engine.contract.settings import FineTuneSettings
    from engine.devices import detection as devices
    from engine.training.acceleration.cuda_graph_step import NOT_CAPTURED, CudaGraphStep
    from engine.training.batching.rows import read_splits
    from engine.training.loop.assembly import assemble
    from engine.workspace.layout import Workspace

    print("\na network that cannot be recorded")
    dataset = example(model_folder, "support_tickets", Workspace(folder / "stubborn").create())
    settings = FineTuneSettings(learning_rate=1e-4, device="cuda:0", seed=SEED)
    training = assemble(dataset, settings, devices.choose("cuda:0", precision="bf16"), read_splits(dataset))
    training.to_training_mode()
    network = training.computing_network

    def wait_for_the_numbers(_module: object, _given: object, made: Any) -> None:  # which no capture allows
        float(made[0].sum())

    network.get_submodule(network.base_model_prefix).register_forward_hook(wait_for_the_numbers)
    received: list[object] = []
    step = CudaGraphStep(training, torch.zeros((), dtype=torch.bool, device="cuda"), received.append)
    losses = [float(step(rows, 1e-4).loss) for epoch in range(6) for rows in training.plan.epoch(epoch)]
    checks.expect([event.text for event in received if isinstance(event, Noted)] == [NOT_CAPTURED], "it is noted once")
    checks.expect(losses[-1] < losses[0] - 0.2, f"it learns: {losses[0]:.2f} to {losses[-1]:.2f}")


def compare_devices(checks: Checks, model_folder: str, folder: Path) -> None:
    """In float32, with the same batches and no dropout in between, GPU and CPU begin with the same losses."""
    from engine import stages
    from engine.contract.events import StepsTrained
    from engine.contract.settings import FineTuneSettings
    from engine.workspace.layout import Workspace

    print("\nfloat32 on the GPU beside the CPU")
    workspace = Workspace(folder / "devices").create()
    dataset = example(model_folder, "support_tickets", workspace)
    losses: dict[str, list[float]] = {}
    for device in ("cpu", "cuda:0"):
        received: list[float] = []

        def listen(event: object, received: list[float] = received) -> None:
            if isinstance(event, StepsTrained) and event.loss is not None:
                received.append(event.loss)

        settings = FineTuneSettings(epochs=4, learning_rate=1e-4, device=device, precision="fp32", seed=SEED)
        run = stages.fine_tune(dataset, settings, listen, workspace=workspace)
        losses[device] = received
        checks.note(f"{device}: last loss", f"{received[-1]:.3f} after {run.steps} steps, {run.seconds:.1f} s")
    checks.expect(abs(losses["cpu"][-1] - losses["cuda:0"][-1]) < 0.35, "the last losses are close")


if __name__ == "__main__":
    sys.exit(main())
