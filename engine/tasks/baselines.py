"""Simple methods without a network, measured on the same rows: what fine-tuning has to beat."""

from __future__ import annotations

import warnings
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from engine.tasks.tag_schemes import OUTSIDE, to_iob2


def majority_class(train_classes: np.ndarray, rows: int) -> np.ndarray:
    """The most frequent class of training, answered for every row; (rows,) int64."""
    return np.full(rows, np.bincount(train_classes).argmax(), dtype=np.int64)


def word_counts_regression(
    train_texts: Sequence[str], train_classes: np.ndarray, held_out_texts: Sequence[str]
) -> np.ndarray | None:
    """Answers of a logistic regression on TF-IDF of words, (rows,) int64; None where training has one class only.

    Texts without words in the sense of scikit-learn (languages without spaces, single signs) are read as groups of
    one to three characters.
    """
    if len(np.unique(train_classes)) < 2:
        return None
    vectorizer = TfidfVectorizer(sublinear_tf=True)
    try:
        train_features = vectorizer.fit_transform(train_texts)
    except ValueError:  # "empty vocabulary"
        vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
        train_features = vectorizer.fit_transform(train_texts)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        regression = LogisticRegression(max_iter=300).fit(train_features, train_classes)
    answers: np.ndarray = regression.predict(vectorizer.transform(held_out_texts))
    return answers.astype(np.int64)


def tags_by_word(
    train_words: Sequence[Sequence[str]],
    train_tags: Sequence[Sequence[str]],
    held_out_words: Sequence[Sequence[str]],
) -> list[list[str]]:
    """Each word with the tag it had most often in training, unknown words with O; read as IOB2."""
    seen: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for words, tags in zip(train_words, train_tags, strict=True):
        for word, tag in zip(words, tags, strict=True):
            seen[word][tag] += 1
    usual = {word: counts.most_common(1)[0][0] for word, counts in seen.items()}
    return [to_iob2([usual.get(word, OUTSIDE) for word in words]) for words in held_out_words]
