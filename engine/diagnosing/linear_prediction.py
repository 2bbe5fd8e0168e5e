"""What a linear model on the untouched encoder predicts for a text: the answer without fine-tuning, to compare with."""

from __future__ import annotations

import time

import msgspec
import numpy as np

from engine.contract.diagnoses import AskLinearPrediction
from engine.contract.errors import InvalidSetting
from engine.contract.events import Emit, Progressed
from engine.contract.queries import Prediction
from engine.contract.sentences import Sentence
from engine.contract.states import TrainingRun
from engine.diagnosing.learning_curve import LinearFit, linear_fit
from engine.diagnosing.row_features import asked_texts, features_of_text, row_features
from engine.tasks.baselines import one_blas_thread
from engine.tasks.registry import task_named

NOTE = Sentence("diagnosing.progress.fitting_linear_model")
_warm: dict[str, LinearFit] = {}  # of the data set that was asked last, by its folder


def linear_prediction(run: TrainingRun, question: AskLinearPrediction, emit: Emit) -> Prediction:
    """Its prediction; reads all training rows the first time. `emit` may raise `StopRequested`.

    Raises `InvalidSetting` (E4) where words have tags, and without a text.
    """
    started = time.perf_counter()
    dataset = run.dataset
    task = task_named(dataset.task, dataset.label_names)
    if task.facts.one_label_per_word:
        raise InvalidSetting(
            "E4",
            Sentence("diagnosing.e4.no_linear_model_of_words"),
            hint=Sentence("diagnosing.e4.compare_with_run"),
            field="beside",
        )
    texts = asked_texts(run, question.text, question.second_text)
    fit = _warm.get(dataset.folder)
    if fit is None:
        features = row_features(dataset, emit, device=run.settings.device, threads=run.settings.threads)
        train = np.flatnonzero([place.split == "train" for place in features.rows.places])
        with one_blas_thread():
            found = linear_fit(task, len(dataset.label_names), features, train, lambda: emit(Progressed(0, 0, NOTE)))
        if found is None:
            raise InvalidSetting(
                "E4",
                Sentence("diagnosing.refused.one_label"),
                hint=Sentence("diagnosing.e4.compare_with_run"),
                field="beside",
            )
        _warm.clear()
        fit = _warm[dataset.folder] = found
    logits = fit.logits(features_of_text(dataset, texts, emit)[None])[0]
    answer = task.prediction_of(
        logits, dataset.label_names, question.text, second_text=question.second_text if len(texts) > 1 else ""
    )
    return msgspec.structs.replace(answer, milliseconds=(time.perf_counter() - started) * 1000)
