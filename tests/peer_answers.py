"""What cleanlab and captum answer to the same made-up questions as our own code; their answers are kept.

    python -m tests.peer_answers    asks them anew; needs cleanlab 2.9 and captum 0.9, which no test imports

`tests/engine/diagnosing/test_peers.py` compares with `tests/stored/peer_answers.json`.
"""

from __future__ import annotations

import json
from importlib import metadata
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from tests.paths import ROOT

STORED = ROOT / "tests" / "stored" / "peer_answers.json"
TOKENS = torch.tensor([[2, 5, 6, 7, 3]])
SPECIAL = np.array([True, False, False, False, True])
PADDING = 0
POINTS = 20


def labelled_rows(seed: int, classes: int, rows: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities (rows, classes) that lean to the labels (rows,), but for some."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, classes, rows)
    probabilities = generator.dirichlet(np.full(classes, 0.7), rows)
    probabilities[np.arange(rows), labels] += generator.gamma(2, 0.5, rows)
    return np.round(probabilities / probabilities.sum(axis=1, keepdims=True), 9), labels


class CurvedNetwork(torch.nn.Module):
    """Logits that are no sums of what the tokens add, and the same with every version of torch."""

    def __init__(self) -> None:
        super().__init__()
        generator = np.random.default_rng(0)

        def numbers(*shape: int) -> torch.Tensor:
            return torch.from_numpy(generator.normal(size=shape)).float()

        self.embeddings = torch.nn.Embedding.from_pretrained(numbers(10, 4))
        self.inner, self.outer = numbers(20, 8) / 4, numbers(8, 3)

    def get_input_embeddings(self) -> torch.nn.Module:
        return self.embeddings

    def forward(self, input_ids: torch.Tensor) -> SimpleNamespace:
        states = self.embeddings(input_ids).flatten(start_dim=1)
        return SimpleNamespace(logits=torch.tanh(states @ self.inner) @ self.outer)


def main() -> None:
    """Writes the answers."""
    from captum.attr import LayerIntegratedGradients  # type: ignore[import-not-found]
    from cleanlab.count import compute_confident_joint  # type: ignore[import-not-found]
    from cleanlab.filter import find_label_issues  # type: ignore[import-not-found]
    from cleanlab.rank import get_label_quality_scores  # type: ignore[import-not-found]

    questions = []
    for seed, classes in ((1, 2), (2, 3), (3, 6)):
        probabilities, labels = labelled_rows(seed, classes)
        issues = find_label_issues(labels, probabilities, filter_by="confident_learning")
        quality = get_label_quality_scores(labels, probabilities, method="normalized_margin")
        answer: dict[str, Any] = {
            "seed": seed,
            "classes": classes,
            "joint": compute_confident_joint(labels, probabilities, calibrate=False).tolist(),
            "issues": np.flatnonzero(issues).tolist(),
            "normalized_margin": [round(float(number), 9) for number in quality],
        }
        questions.append(answer)
    network = CurvedNetwork()
    baseline = torch.where(torch.from_numpy(SPECIAL)[None], TOKENS, torch.full_like(TOKENS, PADDING))
    method = LayerIntegratedGradients(lambda ids: network(ids).logits[:, 1], network.embeddings)
    found = method.attribute(TOKENS, baseline, n_steps=POINTS, method="gausslegendre").sum(dim=-1)[0]
    answers = {
        "versions": {name: metadata.version(name) for name in ("cleanlab", "captum")},
        "cleanlab": questions,
        "captum": [round(float(number), 7) for number in found],
    }
    STORED.write_text(json.dumps(answers) + "\n", "utf-8")


if __name__ == "__main__":
    main()
