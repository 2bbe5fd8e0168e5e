"""A number per text or pair of texts, as a script."""

from __future__ import annotations

from engine.contract.script_builder import Script
from engine.contract.settings import FineTuneSettings, Roles
from engine.contract.states import PreparedDataset
from engine.tasks.script import LossCode, TaskScript, encode_texts, text_columns, usable_texts


class RegressionScript(TaskScript):
    """Rows have `text`, `second_text` where they are pairs, and `score`."""

    problem: str = "regression"

    def columns(self, roles: Roles) -> dict[str, str]:
        """Texts and the score."""
        return {**text_columns(roles), "score": roles.score or "score"}

    def usable(self, roles: Roles) -> str:
        """Texts and score are there."""
        return usable_texts(roles, "score")

    def encoding(self, script: Script, dataset: PreparedDataset) -> str:
        """Labels are the standardised scores."""
        script.imports("statistics")
        standardising = """

def number(score):
    text = str(score).strip().removesuffix("%").rstrip()
    if "," in text and "." in text:  # the last of these signs is the decimal one
        text = text.replace("," if text.rfind(".") > text.rfind(",") else ".", "")
    return float(text.replace(",", "."))


# Scores are learned with mean 0 and spread 1.
scores = [number(score) for score in splits["train"]["score"]]
mean, spread = statistics.fmean(scores), statistics.pstdev(scores) or 1.0

"""
        encode = encode_texts(script, dataset, '[(number(score) - mean) / spread for score in batch["score"]]')
        return standardising + encode

    def best(self, dataset: PreparedDataset) -> str:
        """What Tunewright's own runs are chosen by."""
        return "spearman"

    def metrics(self, script: Script, dataset: PreparedDataset) -> str:
        """Spearman's correlation."""
        script.imports("scipy.stats", "spearmanr")
        return """
def compute_metrics(outputs):
    return {"spearman": spearmanr(outputs.label_ids, outputs.predictions[:, 0]).statistic}
""".strip()

    def loss(self, script: Script, dataset: PreparedDataset, settings: FineTuneSettings) -> LossCode:
        """The squared error; there is nothing to weigh or to smooth."""
        script.imports("torch.nn.functional", "mse_loss")
        return LossCode("", ['    total = mse_loss(logits[:, 0], targets, reduction="sum")'])

    def before_saving(self, script: Script) -> str:
        """Mean and spread are folded into the last layer."""
        script.imports("torch")
        return """
# The last layer has learned standardised scores; from here on it predicts in their own unit.
last = [part for part in model.modules() if isinstance(part, torch.nn.Linear) and part.out_features == 1][-1]
with torch.no_grad():
    last.weight.mul_(spread)
    last.bias.mul_(spread).add_(mean)
"""


SCRIPT = RegressionScript()
