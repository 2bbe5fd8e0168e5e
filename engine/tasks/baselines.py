"""Baselines: simple methods without a network, measured on the same rows; what fine-tuning has to beat."""

from __future__ import annotations

import warnings
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from threadpoolctl import threadpool_limits

from engine.tasks.rows import Rows


def majority_class(train_classes: np.ndarray, rows: int) -> np.ndarray:
    """The most frequent class of training, predicted for every row; (rows,) int64."""
    return np.full(rows, np.bincount(train_classes).argmax(), dtype=np.int64)


def mean_score(train_scores: np.ndarray, rows: int) -> np.ndarray:
    """The mean of training, predicted for every row; (rows,) float64."""
    return np.full(rows, train_scores.mean(), dtype=np.float64)


def usual_labels(train_labels: np.ndarray, rows: int) -> np.ndarray:
    """The set of labels that most rows of training have, predicted for every row; (rows, labels) bool."""
    sets, counts = np.unique(train_labels, axis=0, return_counts=True)
    predicted: np.ndarray = np.repeat(sets[counts.argmax()][None, :], rows, axis=0)
    return predicted


def word_counts_regression(train: Rows, train_classes: np.ndarray, held_out: Rows) -> np.ndarray | None:
    """Predictions of a logistic regression on TF-IDF of words, (rows,) int64; None for a single class in training."""
    if len(np.unique(train_classes)) < 2:
        return None
    train_features, held_out_features = _features(train, held_out)
    with one_blas_thread():
        predicted: np.ndarray = _fitted(train_features, train_classes).predict(held_out_features)
    return predicted.astype(np.int64)


def word_counts_ridge(train: Rows, train_scores: np.ndarray, held_out: Rows) -> np.ndarray:
    """Predictions of a ridge regression on TF-IDF of words, (rows,) float64."""
    train_features, held_out_features = _features(train, held_out)
    with one_blas_thread():
        predicted: np.ndarray = Ridge(solver="lsqr").fit(train_features, train_scores).predict(held_out_features)
    return predicted.astype(np.float64)


def word_counts_label_sets(train: Rows, train_labels: np.ndarray, held_out: Rows) -> np.ndarray:
    """Predictions of one logistic regression per label on TF-IDF of words, (rows, labels) bool."""
    train_features, held_out_features = _features(train, held_out)
    predicted = np.zeros((len(held_out["text"]), train_labels.shape[1]), dtype=bool)
    with one_blas_thread():
        for index in range(train_labels.shape[1]):
            marked = train_labels[:, index]
            if marked.all() or not marked.any():
                predicted[:, index] = marked[0]
            else:
                predicted[:, index] = _fitted(train_features, marked).predict(held_out_features)
    return predicted


def tags_by_word(
    train_words: Sequence[Sequence[str]],
    train_tags: Sequence[Sequence[str]],
    held_out_words: Sequence[Sequence[str]],
    *,
    otherwise: str,
) -> list[list[str]]:
    """Each word with the tag it had most often in training, unknown words with `otherwise`; an I- may be alone."""
    counted: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for words, tags in zip(train_words, train_tags, strict=True):
        for word, tag in zip(words, tags, strict=True):
            counted[word][tag] += 1
    usual = {word: counts.most_common(1)[0][0] for word, counts in counted.items()}
    return [[usual.get(word, otherwise) for word in words] for words in held_out_words]


def one_blas_thread() -> AbstractContextManager[object]:
    """A context in which matrix products run on one thread.

    Fitting is thousands of products of short vectors, of which every thread would wait for the slowest: on a computer
    with other work that takes ten times as long.
    """
    limits: AbstractContextManager[object] = threadpool_limits(limits=1, user_api="blas")
    return limits


def _fitted(features: Any, classes: np.ndarray) -> LogisticRegression:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return LogisticRegression(max_iter=300).fit(features, classes)


def _features(train: Rows, held_out: Rows) -> tuple[Any, Any]:
    """TF-IDF of the words of `text`; of pairs, how both texts differ, what they share, and their cosine similarity.

    Texts without words in the sense of scikit-learn (languages without spaces, single characters) are read as groups
    of one to three characters.
    """
    columns = ("text", "second_text") if "second_text" in train else ("text",)
    texts = [text for name in columns for text in train[name]]
    vectorizer = TfidfVectorizer(sublinear_tf=True)
    try:
        learned = vectorizer.fit_transform(texts)
    except ValueError:  # "empty vocabulary"
        vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
        learned = vectorizer.fit_transform(texts)
    if len(columns) == 1:
        return learned, vectorizer.transform(held_out["text"])
    rows = len(train["text"])
    others = (vectorizer.transform(list(held_out[name])) for name in columns)
    return _of_pairs(learned[:rows], learned[rows:]), _of_pairs(*others)


def _of_pairs(first: Any, second: Any) -> Any:
    shared = first.multiply(second)
    return sparse.hstack([abs(first - second), shared, sparse.csr_matrix(shared.sum(axis=1))]).tocsr()
