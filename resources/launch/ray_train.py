"""Trains one recipe with the workers of Ray Train, one for each GPU.

python resources/launch/ray_train.py WORKERS RECIPE.toml WORKSPACE

Every host needs this program, the recipe and the workspace under the same paths.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def train(settings: dict[str, list[str]]) -> None:
    """In each worker, whose variables say where it belongs: the command, as a process of its own."""
    # Ray's own group of processes listens at MASTER_PORT; this one meets at the next port.
    environment = {**os.environ, "MASTER_PORT": str(int(os.environ["MASTER_PORT"]) + 1)}
    subprocess.run([sys.executable, "-m", "engine", *settings["arguments"]], env=environment, check=True)


def main() -> None:
    """Starts the workers and waits for them; an error of one ends all."""
    from ray.train import ScalingConfig
    from ray.train.torch import TorchConfig, TorchTrainer

    workers, recipe, workspace = sys.argv[1:]
    arguments = ["run", str(Path(recipe).resolve()), "--workspace", str(Path(workspace).resolve())]
    TorchTrainer(
        train,
        train_loop_config={"arguments": arguments},
        torch_config=TorchConfig(backend="gloo", init_method="env"),
        scaling_config=ScalingConfig(num_workers=int(workers), use_gpu=True),
    ).fit()


if __name__ == "__main__":
    main()
