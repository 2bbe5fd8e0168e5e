"""States as tests need them: plain, small, and without any file behind them."""

from __future__ import annotations

from engine.contract.queries import ColumnFound, Forecast, ForecastWarning, Preview
from engine.contract.sentences import Sentence
from engine.contract.settings import (
    EvaluateSettings,
    ExampleRows,
    ExportSettings,
    FineTuneSettings,
    PrepareSettings,
    ReadingOptions,
    Roles,
    StarterModel,
)
from engine.contract.states import (
    ClassScores,
    EvaluationReport,
    ExcludedRows,
    ExportedFile,
    ExportedModel,
    HistoryPoint,
    ModelHandle,
    PreparedDataset,
    Proof,
    RunForecast,
    ScoreDifference,
    SplitCounts,
    TrainingRun,
    WrongRow,
)


def a_model(**changes: object) -> ModelHandle:
    """The starter model, as `load_model` describes it."""
    values: dict[str, object] = {
        "folder": "/models/starter",
        "name": "all-MiniLM-L6-v2",
        "source": StarterModel(),
        "architecture": "BertModel",
        "model_type": "bert",
        "parameters": 22_713_216,
        "layers": 6,
        "hidden_size": 384,
        "attention_heads": 12,
        "vocabulary_size": 30_522,
        "max_length": 512,
        "size_bytes": 91_334_623,
        "sha256": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        "lower_case": True,
        "languages": ("en",),
        "license": "apache-2.0",
    }
    return ModelHandle(**{**values, **changes})  # type: ignore[arg-type]


def a_dataset(**changes: object) -> PreparedDataset:
    """Two classes of short reviews."""
    counts = {"negative": 2, "positive": 2}
    values: dict[str, object] = {
        "model": a_model(),
        "folder": "/workspace/datasets/0123abcd",
        "name": "Movie reviews, short",
        "source": ExampleRows("short_reviews"),
        "settings": PrepareSettings(roles=Roles(text="text", label="label")),
        "task": "text_classification",
        "label_names": ("negative", "positive"),
        "splits": {
            "train": SplitCounts(1_600, {"negative": 810, "positive": 790}),
            "validation": SplitCounts(200, {"negative": 98, "positive": 102}),
            "test": SplitCounts(200, counts),
        },
        "rows_in": 2_012,
        "excluded": (ExcludedRows(Sentence("tasks.excluded.no_text"), 12, (3, 17)),),
        "max_length": 64,
        "cut_rows": 4,
        "mean_tokens": 27.3,
        "longest_tokens": 81,
        "fingerprint": "0123abcd",
    }
    return PreparedDataset(**{**values, **changes})  # type: ignore[arg-type]


def a_run(**changes: object) -> TrainingRun:
    """Three epochs that improved."""
    values: dict[str, object] = {
        "dataset": a_dataset(),
        "id": "20261123-120000",
        "folder": "/workspace/runs/20261123-120000",
        "checkpoint": "/workspace/runs/20261123-120000/checkpoints/step-000200",
        "settings": FineTuneSettings(),
        "metric": "macro_f1",
        "best_step": 200,
        "best_score": 0.83,
        "steps": 300,
        "steps_planned": 300,
        "seconds": 132.0,
        "device": "cpu (2 cores)",
        "precision": "fp32",
        "history": (
            HistoryPoint(100, 1.0, 0.61, 0.52, {"macro_f1": 0.78, "accuracy": 0.78}),
            HistoryPoint(200, 2.0, 0.41, 0.44, {"macro_f1": 0.83, "accuracy": 0.83}),
            HistoryPoint(300, 3.0, 0.29, 0.47, {"macro_f1": 0.82, "accuracy": 0.82}),
        ),
    }
    return TrainingRun(**{**values, **changes})  # type: ignore[arg-type]


def an_evaluation(**changes: object) -> EvaluationReport:
    """A report with one wrong row."""
    values: dict[str, object] = {
        "run": a_run(),
        "settings": EvaluateSettings(),
        "folder": "/workspace/runs/20261123-120000/evaluation",
        "rows": 200,
        "scores": {"accuracy": 0.83, "macro_f1": 0.829, "weighted_f1": 0.83, "mcc": 0.66},
        "headline": "macro_f1",
        "intervals": {"accuracy": (0.78, 0.88), "macro_f1": (0.775, 0.88)},
        "baselines": {
            "majority": {"accuracy": 0.51, "macro_f1": 0.338},
            "tfidf_svm": {"accuracy": 0.76, "macro_f1": 0.76},
        },
        "differences": {
            "majority": ScoreDifference(0.491, 0.42, 0.55),
            "tfidf_svm": ScoreDifference(0.069, 0.021, 0.117),
        },
        "classes": (ClassScores("negative", 0.84, 0.81, 0.825, 98), ClassScores("positive", 0.82, 0.85, 0.835, 102)),
        "confusion_labels": ("negative", "positive"),
        "confusion": ((79, 19), (15, 87)),
        "wrong_rows": (WrongRow(31, "not half as bad as it could be", "positive", "negative", 0.97, 3.4),),
        "seconds": 2.1,
    }
    return EvaluationReport(**{**values, **changes})  # type: ignore[arg-type]


def an_export(**changes: object) -> ExportedModel:
    """An export that was proven."""
    values: dict[str, object] = {
        "evaluation": an_evaluation(),
        "settings": ExportSettings(),
        "folder": "/workspace/runs/20261123-120000/export",
        "files": (ExportedFile("config.json", 800), ExportedFile("model.safetensors", 90_000_000)),
        "proof": Proof(200, 1.0, 1e-7, 6.5, ("negative", "positive"), True),
    }
    return ExportedModel(**{**values, **changes})  # type: ignore[arg-type]


def a_forecast(*warnings: ForecastWarning) -> Forecast:
    """Two minutes, 1.4 GB, 280 MB."""
    expected = RunForecast(130.0, 1_400_000_000, 280_000_000, "cpu (2 threads)")
    return Forecast(FineTuneSettings(), expected, 8_000_000_000, 90_000_000_000, warnings)


def two_rows_found(*, label: str = "label") -> Preview:
    """rows.csv with a text and a label, as a preview finds it; `label` is the column with that role."""
    return Preview(
        name="rows.csv",
        reading=ReadingOptions(format="csv"),
        columns=(ColumnFound("text", "text", 2, 9.0), ColumnFound("label", "label", 2, 8.0)),
        cells=(("a fine film", "positive"), ("dull", "negative")),
        rows_total=2,
        roles=Roles(text="text", label=label),
        task="text_classification",
        size_bytes=40,
    )
