"""The baseline on TF-IDF: its score and its time, before and now.

    python tests/benchmarks/baselines.py DATA

DATA is the folder of real rows. Before: a logistic regression (of numbers a ridge regression) on words, with C = 1.
Now: `engine.tasks.baselines`. Times are those of the processor, on one thread.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.tasks.baselines import one_blas_thread, tfidf_classes, tfidf_label_sets, tfidf_numbers
from engine.tasks.rows import Rows
from engine.tasks.scores import confusion_matrix, confusion_scores, label_set_scores, number_scores


class Rival(NamedTuple):
    """Rows to learn from and to be scored on, with their answers, and how those are predicted and scored."""

    title: str
    train: Rows
    answers: np.ndarray
    test: Rows
    truth: np.ndarray
    predict: Callable[[Rows, np.ndarray, Rows], np.ndarray | None]
    score: Callable[[np.ndarray, np.ndarray], float | None]
    metric: str


def rivals(data: Path) -> Iterator[Rival]:
    """Real rows of each task; some are a random part of a larger set."""
    for column, name in (("coarse_label", "6 question types"), ("fine_label", "50 question types")):
        train, test = (_table(data / "trec" / f"{part}.csv") for part in ("train", "test"))
        for rows in (1_000, len(train)):
            yield _classes(f"trec, {name}, {rows:,} rows", _some(train, rows), test, column)
    train, test = (_table(data / "clinc150" / f"{part}.csv") for part in ("train", "test"))
    label = next(name for name in train[0] if name != "text")
    intents = sorted({row[label] for row in train})[:77]
    some, others = ([row for row in rows if row[label] in intents] for rows in (train, test))
    yield _classes("clinc150, 77 intents, 1,000 rows", _some(some, 1_000), others, label)
    yield _classes(f"clinc150, 151 intents, {len(train):,} rows", train, test, label)
    train, test = (_table(data / "uci_sentiment_sentences" / f"{part}.csv") for part in ("train", "test"))
    yield _classes(f"uci sentiment, {len(train):,} rows", train, test, "label")
    names = ("label", "text")
    train, test = (_table(data / "sms_spam" / f"{part}.tsv", "\t", names) for part in ("train", "test"))
    yield _classes(f"sms spam, {len(train):,} rows", train, test, "label")
    train, test = (_table(data / "mrpc" / f"{part}.tsv", "\t") for part in ("train", "test"))
    yield _classes(f"mrpc, pairs, {len(train):,} rows", train, test, "label", ("sentence1", "sentence2"))
    train, test = (_lines(data / "nlupp_multilabel" / f"{part}.jsonl") for part in ("train", "test"))
    yield _label_sets(f"nlu++, 62 labels, {len(train):,} rows", train, test)
    train, test = (_table(data / "stsb" / f"{part}.tsv", "\t") for part in ("train", "test"))
    yield _numbers(f"stsb, pairs, {len(train):,} rows", train, test)


def _table(path: Path, delimiter: str = ",", names: tuple[str, ...] | None = None) -> list[dict[str, str]]:
    quoting = csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, fieldnames=names, delimiter=delimiter, quoting=quoting))


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _some(rows: list[dict[str, str]], number: int) -> list[dict[str, str]]:
    return [rows[place] for place in np.random.default_rng(0).permutation(len(rows))[:number].tolist()]


def _texts(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> Rows:
    names = ("text", "second_text")
    return {name: [row[column] for row in rows] for name, column in zip(names, columns, strict=False)}


def _classes(
    title: str,
    train: list[dict[str, str]],
    test: list[dict[str, str]],
    label: str,
    columns: tuple[str, ...] = ("text",),
) -> Rival:
    ids = {name: index for index, name in enumerate(sorted({row[label] for row in [*train, *test]}))}

    def score(truth: np.ndarray, predicted: np.ndarray) -> float | None:
        return confusion_scores(confusion_matrix(truth, predicted, len(ids)))["macro_f1"]

    answers, truth = (np.asarray([ids[row[label]] for row in rows]) for rows in (train, test))
    return Rival(title, _texts(train, columns), answers, _texts(test, columns), truth, tfidf_classes, score, "macro F1")


def _label_sets(title: str, train: list[dict[str, Any]], test: list[dict[str, Any]]) -> Rival:
    names = sorted({name for row in train for name in row["intents"]})
    answers, truth = (
        np.asarray([[name in row["intents"] for name in names] for row in rows]) for rows in (train, test)
    )

    def score(truth: np.ndarray, predicted: np.ndarray) -> float | None:
        return label_set_scores(truth, predicted)["micro_f1"]

    texts = _texts(train, ("text",)), _texts(test, ("text",))
    return Rival(title, texts[0], answers, texts[1], truth, tfidf_label_sets, score, "micro F1")


def _numbers(title: str, train: list[dict[str, str]], test: list[dict[str, str]]) -> Rival:
    def score(truth: np.ndarray, predicted: np.ndarray) -> float | None:
        return number_scores(truth, predicted)["spearman"]

    answers, truth = (np.asarray([float(row["score"]) for row in rows]) for rows in (train, test))
    texts = [_texts(rows, ("sentence1", "sentence2")) for rows in (train, test)]
    return Rival(title, texts[0], answers, texts[1], truth, tfidf_numbers, score, "Spearman")


def before(rival: Rival) -> np.ndarray:
    """The predictions of 0.1.0."""
    vectorizer = TfidfVectorizer(sublinear_tf=True)
    columns = list(rival.train)
    vectorizer.fit([text for column in columns for text in rival.train[column]])
    learned, held_out = (
        _joined([vectorizer.transform(rows[column]) for column in columns]) for rows in (rival.train, rival.test)
    )
    if rival.metric == "Spearman":
        return np.asarray(Ridge(solver="lsqr").fit(learned, rival.answers).predict(held_out))
    if rival.answers.ndim == 1:
        return np.asarray(LogisticRegression(max_iter=300).fit(learned, rival.answers).predict(held_out))
    columns_of_labels = [
        LogisticRegression(max_iter=300).fit(learned, marked).predict(held_out) for marked in rival.answers.T
    ]
    return np.stack(columns_of_labels, axis=1)


def _joined(sides: list[Any]) -> Any:
    if len(sides) == 1:
        return sides[0]
    shared = sides[0].multiply(sides[1])
    return sparse.hstack([abs(sides[0] - sides[1]), shared, sparse.csr_matrix(shared.sum(axis=1))]).tocsr()


def table(data: Path) -> None:
    """One line per set of rows."""
    print("| rows | metric | before | now | seconds before | seconds now |")
    print("|---|---|---|---|---|---|")
    for rival in rivals(data):
        lines = []
        for predict in (before, lambda one: one.predict(one.train, one.answers, one.test)):
            started = time.process_time()
            with one_blas_thread(), warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                predicted = predict(rival)
            lines.append((rival.score(rival.truth, predicted), time.process_time() - started))
        (old, old_seconds), (new, new_seconds) = lines
        print(
            f"| {rival.title} | {rival.metric} | {old:.3f} | {new:.3f} | {old_seconds:.1f} | {new_seconds:.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    table(parser.parse_args().data)
