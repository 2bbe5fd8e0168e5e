"""The scores and baselines there are: what they are called, what they mean, and what the Hub calls them.

Their keys are stored with every evaluation. How a score is computed is a task's matter (engine/tasks/scores.py).
"""

from __future__ import annotations

import math

import msgspec

from engine.contract.languages import translated


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """One score; `hub` is the name of the metric on the Hub, empty where it has none. Texts are in English."""

    name: str
    hub: str = ""
    meaning: str = ""  # the rest of a sentence that begins with the name, for those that choose the best checkpoint
    with_scores: tuple[str, ...] = ()  # keys of scores that are named with the meaning
    over_classes: bool = False  # a mean over classes, which the weakest of them explains
    support: str = "rows"  # what is counted for each class beside it
    lowest: float = 0.0
    highest: float = 1.0  # infinite for errors in the user's unit
    lower_is_better: bool = False
    share_of_rows: bool = False

    @property
    def is_correlation(self) -> bool:
        """Whether 0 is chance and not the lowest value."""
        return self.lowest == -1

    @property
    def is_error(self) -> bool:
        """Whether it is in the unit of the user's numbers."""
        return math.isinf(self.highest)


METRICS: dict[str, Metric] = {
    "accuracy": Metric(name="accuracy", hub="accuracy", share_of_rows=True),
    "macro_f1": Metric(
        name="macro F1",
        hub="f1",
        meaning="averages the F1 of every class with equal weight, so that rare classes count as much as frequent "
        "ones. Accuracy is the share of right predictions; where one class is frequent, always predicting that one "
        "looks good.",
        over_classes=True,
    ),
    "micro_f1": Metric(
        name="micro F1",
        hub="f1",
        meaning="counts all decisions of all labels together: how many of the predicted labels are right, and how "
        "many of the true ones are predicted. Frequent labels count most; macro F1 weights all labels equally.",
    ),
    "weighted_f1": Metric(name="weighted F1", hub="f1"),
    "mcc": Metric(name="Matthews correlation", hub="matthews_correlation", lowest=-1.0),
    "subset_accuracy": Metric(name="rows with exactly the right labels", hub="accuracy", share_of_rows=True),
    "spearman": Metric(
        name="Spearman correlation",
        lowest=-1.0,
        hub="spearmanr",
        meaning="compares orders: it is 1 where the network puts the rows in the same order as their true scores, and "
        "0 where its order carries no information. The mean absolute error is, in your own unit, how far a prediction "
        "is off.",
    ),
    "pearson": Metric(name="Pearson correlation", hub="pearsonr", lowest=-1.0),
    "mae": Metric(name="mean absolute error", hub="mae", highest=math.inf, lower_is_better=True),
    "rmse": Metric(name="root mean squared error", hub="rmse", highest=math.inf, lower_is_better=True),
    "entity_f1": Metric(
        name="entity F1",
        hub="f1",
        meaning="counts whole entities: one is right only when its first word, its last word and its type are all "
        "right. Precision asks how many of the found entities are right, recall how many of the true ones are found; "
        "F1 is high only when both are.",
        with_scores=("entity_precision", "entity_recall"),
        support="entities",
    ),
    "entity_precision": Metric(name="entity precision", hub="precision"),
    "entity_recall": Metric(name="entity recall", hub="recall"),
    "word_accuracy": Metric(
        name="word accuracy",
        hub="accuracy",
        meaning="is the share of words whose tag is predicted correctly. Macro F1 averages the F1 of every tag with "
        "equal weight, so that rare tags count as much as frequent ones.",
        support="words",
    ),
    "roc_auc": Metric(name="ROC-AUC", hub="roc_auc"),
    "pr_auc": Metric(name="PR-AUC (average precision)"),
    "log_loss": Metric(name="log loss", highest=math.inf, lower_is_better=True),
    "calibration_error": Metric(name="expected calibration error", lower_is_better=True),
    "macro_precision": Metric(name="macro precision", hub="precision"),
    "macro_recall": Metric(name="macro recall", hub="recall"),
    "micro_precision": Metric(name="micro precision", hub="precision"),
    "micro_recall": Metric(name="micro recall", hub="recall"),
    "top_3_accuracy": Metric(name="top-3 accuracy", share_of_rows=True),
    "top_5_accuracy": Metric(name="top-5 accuracy", share_of_rows=True),
    "r2": Metric(name="R²", lowest=-math.inf),
    "mean_residual": Metric(name="mean residual", lowest=-math.inf, highest=math.inf),
    "residual_spread": Metric(name="standard deviation of residuals", highest=math.inf, lower_is_better=True),
    "missed_entities": Metric(name="true entities missed", lower_is_better=True),
    "boundary_errors": Metric(name="true entities with other limits", lower_is_better=True),
    "type_errors": Metric(name="true entities of another type", lower_is_better=True),
    "invented_entities": Metric(name="found entities that are none", lower_is_better=True),
    "token_accuracy": Metric(name="token accuracy"),  # former name of word_accuracy
}
BASELINES: dict[str, str] = {
    "majority": "majority class",
    "tfidf_svm": "TF-IDF + linear SVM",
    "tfidf_logistic_regression": "TF-IDF + logistic regression",  # on words alone, in runs of 0.1.0
    "mean": "mean of training",
    "tfidf_ridge": "TF-IDF + ridge regression",
    "most_frequent_tag": "most frequent tag per word",
    "word_dictionary": "most frequent tag per word",  # former name of most_frequent_tag
    "frozen_encoder": "frozen encoder + linear model",  # while training, the linear probe
    "cosine": "cosine of the frozen encoder's means",  # of pairs
}


def metric(key: str) -> Metric:
    """The metric of this key; an unknown one has a range from 0 to 1 and its key as a name."""
    return METRICS.get(key) or Metric(name=key.replace("_", " "))


def score_name(key: str) -> str:
    """The name of a score; an unknown one as it is."""
    return translated(f"contract.metric.{key}", metric(key).name)


def score_title(key: str) -> str:
    """The name of a score with a capital letter, for a table."""
    name = score_name(key)
    return name[:1].upper() + name[1:]


def score_meaning(key: str) -> str:
    """What the score means, in a sentence or more; empty for those that choose no checkpoint."""
    meaning = metric(key).meaning
    return translated(f"contract.metric.{key}.meaning", f"{score_title(key)} {meaning}") if meaning else ""


def baseline_name(key: str) -> str:
    """The name of a baseline; an unknown one as it is."""
    return translated(f"contract.baseline.{key}", BASELINES.get(key, key.replace("_", " ")))
