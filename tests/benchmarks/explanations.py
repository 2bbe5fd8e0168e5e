"""How long integrated gradients take for a row of 8 to 128 tokens, and how complete they are.

    python tests/benchmarks/explanations.py MODEL_FOLDER [--threads 2]

Aims with the starter on two cores: 1 s a row up to 32 tokens, 4 s at 128.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.diagnosing.integrated_gradients import integrated_gradients

LENGTHS = (8, 16, 32, 64, 128)
ROWS = 5


def main() -> None:
    """Prints a line for each length."""
    from transformers import AutoModelForSequenceClassification

    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    network = AutoModelForSequenceClassification.from_pretrained(options.model, num_labels=6).train(False)
    generator = np.random.default_rng(0)
    for length in LENGTHS:
        seconds, errors, points = [], [], []
        for _ in range(ROWS):
            ids = torch.from_numpy(generator.integers(2_000, 20_000, (1, length)))
            ids[0, 0], ids[0, -1] = 101, 102
            special = np.zeros(length, dtype=bool)
            special[[0, -1]] = True
            began = time.perf_counter()
            found = integrated_gradients(
                network,
                {"input_ids": ids, "attention_mask": torch.ones_like(ids)},
                special,
                lambda logits: logits[:, 0],
                padding_id=0,
                pause=lambda: None,
            )
            seconds.append(time.perf_counter() - began)
            errors.append(found.error)
            points.append(found.points)
        print(
            f"{length} tokens: median {statistics.median(seconds):.2f} s, longest {max(seconds):.2f} s; completeness "
            f"error median {statistics.median(errors):.4f}, largest {max(errors):.4f}; points {points}",
            flush=True,
        )


if __name__ == "__main__":
    main()
