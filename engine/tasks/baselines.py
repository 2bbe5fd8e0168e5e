"""Baselines: methods without a network, measured on the same rows; what fine-tuning has to beat.

The strongest of them is a linear model on TF-IDF of words, pairs of words, and character n-grams within words: a linear
SVM for labels (Fan et al. 2008), a ridge regression for numbers. tests/benchmarks/baselines.py compares it with the
logistic regression on words that 0.1.0 had. scikit-learn takes a second or more to import and is not needed before.
"""

from __future__ import annotations

import contextlib
import math
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_limits

from engine.contract.column_roles import GROUP
from engine.tasks.row_groups import joined_groups
from engine.tasks.rows import Rows
from engine.tasks.scores import confusion_matrix, confusion_scores, label_set_scores, number_scores

FOLDS = 3
MOST_FOLDED = 1_000  # training rows for the choice of C, which depends little on how many there are
SVM_COSTS = (0.1, 0.5, 2.5)  # the C of balanced classes
SET_COSTS = (0.5, 2.5, 10.0)  # without weights rare labels need a larger one
RIDGE_PENALTIES = (1.0, 3.0, 10.0)
TOLERANCE = 0.1  # of the SVM; 1e-4, scikit-learn's default, gave the same scores in up to three times the time
MANY_CLASSES = 12  # from which on their SVMs are compared by one call for all classes
MOST_CHARACTERS = 4_000_000  # of the training texts, up to which n-grams are counted: some 10 million numbers
LONGEST_WORD = 15  # characters; above, the mean of what is between spaces is no word
NO_WORD = "\x00"  # in place of a text of spaces, for which scikit-learn has no count


def carry_on() -> None:
    """No pause between fits."""


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


def tfidf_classes(
    train: Rows, train_classes: np.ndarray, held_out: Rows, *, pause: Callable[[], object] = carry_on
) -> np.ndarray | None:
    """Predictions of a linear SVM on TF-IDF, (rows,) int64; None for a single class in training.

    Each class has one SVM (of two classes the second), in which its rows weigh as much as those of an average class.
    C is the value with the best macro F1 in cross-validation on training rows. `pause` is called between two fits, and
    may raise to end them.
    """
    classes = np.unique(train_classes)
    if len(classes) < 2:
        return None
    known = train_classes[:, None] == (classes if len(classes) > 2 else classes[1:])
    shares = np.bincount(np.searchsorted(classes, train_classes)) / len(train_classes)
    weights = 1 / (len(classes) * shares)
    of_yes, of_no = (weights, np.ones(len(classes))) if len(classes) > 2 else (weights[1:], weights[:1])

    def chosen(decisions: np.ndarray) -> np.ndarray:
        return decisions.argmax(axis=1) if len(classes) > 2 else (decisions[:, 0] > 0).astype(np.int64)

    def score(rows: np.ndarray, decisions: np.ndarray) -> float | None:
        truth = np.searchsorted(classes, train_classes[rows])
        return confusion_scores(confusion_matrix(truth, chosen(decisions), len(classes)))["macro_f1"]

    decide = partial(_decisions, weights=(of_yes, of_no), pause=pause)
    compare = partial(_decisions_together, weights=weights, pause=pause) if len(classes) >= MANY_CLASSES else decide
    decisions = _best_of(SVM_COSTS, train, known, held_out, decide, score, by=train_classes, compare=compare)
    predicted: np.ndarray = classes[chosen(decisions)].astype(np.int64)
    return predicted


def tfidf_label_sets(
    train: Rows, train_labels: np.ndarray, held_out: Rows, *, pause: Callable[[], object] = carry_on
) -> np.ndarray:
    """Predictions of one linear SVM per label on TF-IDF, (rows, labels) bool.

    The metric is micro F1, to which frequent labels count most, so labels are not weighted; C as in `tfidf_classes`.
    """
    even = np.ones(train_labels.shape[1])

    def score(rows: np.ndarray, decisions: np.ndarray) -> float | None:
        return label_set_scores(train_labels[rows], decisions > 0)["micro_f1"]

    decide = partial(_decisions, weights=(even, even), pause=pause)
    decisions = _best_of(SET_COSTS, train, train_labels, held_out, decide, score, by=train_labels.sum(axis=1))
    return np.asarray(decisions > 0)


def tfidf_numbers(
    train: Rows, train_scores: np.ndarray, held_out: Rows, *, pause: Callable[[], object] = carry_on
) -> np.ndarray:
    """Predictions of a ridge regression on TF-IDF, (rows,) float64; its penalty chosen by Spearman's correlation."""

    def predict(features: Any, scores: np.ndarray, others: Any, penalty: float) -> np.ndarray:
        pause()
        from sklearn.linear_model import Ridge

        predicted: np.ndarray = Ridge(alpha=penalty, solver="lsqr").fit(features, scores[:, 0]).predict(others)
        return predicted[:, None]

    def score(rows: np.ndarray, predicted: np.ndarray) -> float | None:
        return number_scores(train_scores[rows], predicted[:, 0])["spearman"]

    found = _best_of(RIDGE_PENALTIES, train, train_scores[:, None], held_out, predict, score, by=train_scores)
    return found[:, 0].astype(np.float64)


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


# A linear model on TF-IDF

_Predict = Callable[[Any, np.ndarray, Any, float], np.ndarray]
_Score = Callable[[np.ndarray, np.ndarray], float | None]


def _best_of(
    values: Sequence[float],
    train: Rows,
    answers: np.ndarray,
    held_out: Rows,
    predict: _Predict,
    score: _Score,
    *,
    by: np.ndarray,
    compare: _Predict | None = None,
) -> np.ndarray:
    """Predictions for the held-out rows with the best of some values of a setting; of equal ones the first.

    `answers` (rows, columns) are those of the training rows; `predict` fits to them and predicts for other rows,
    `score` compares with the answers of some training rows. The values are compared on the predictions for at most
    1,000 training rows by models that have not learned from their texts; folds hold like rows of each answer in `by`
    (rows,). `compare` predicts the same as `predict` there, in less time.
    """
    from sklearn import config_context
    from sklearn.exceptions import ConvergenceWarning

    features, others = _features(train, held_out)
    folds = _folds([train[name] for name in _columns(train)], by, train.get(GROUP))
    # Of hundreds of fits to a few hundred rows, checking the same features and settings again takes half of the time.
    unchecked = config_context(assume_finite=True, skip_parameter_validation=True)
    with one_blas_thread(), unchecked, warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        best, best_score = values[0], -math.inf
        sides = [_learned_and_asked(features, folds, index) for index in range(len(folds))] if len(folds) > 1 else []
        for value in values if sides else ():
            parts = [(compare or predict)(learned, answers[rest], asked, value) for rest, learned, asked in sides]
            found = score(np.concatenate(folds), np.concatenate(parts))
            if found is not None and found > best_score:
                best, best_score = value, found
        return predict(features, answers, others, best)


def _learned_and_asked(features: Any, folds: Sequence[np.ndarray], fold: int) -> tuple[np.ndarray, Any, Any]:
    """The rows of the other folds, their features and those of the fold.

    Columns that the other folds do not use are left out: their weights would be 0, but each fit goes over all columns.
    """
    rest = np.concatenate([*folds[:fold], *folds[fold + 1 :]])
    learned = features[rest]
    used = np.unique(learned.indices)
    return rest, learned[:, used], features[folds[fold]][:, used]


def _folds(texts: Sequence[Sequence[str]], by: np.ndarray, of_groups: Sequence[int] | None = None) -> list[np.ndarray]:
    """Training rows (rows,) int64 in three parts; equal texts, and rows of one of the groups, are in one.

    Of each answer each part has about as many.
    """
    generator = np.random.default_rng(0)
    rows = np.sort(generator.permutation(len(by))[:MOST_FOLDED])
    group_of: dict[tuple[str, ...], int] = {}
    groups = np.asarray(
        [group_of.setdefault(tuple(text[row] for text in texts), len(group_of)) for row in rows.tolist()]
    )
    if of_groups is not None:
        groups = joined_groups(np.asarray(of_groups, dtype=np.int64)[rows], groups)
    if len(np.unique(groups)) < FOLDS:
        return []
    _, first = np.unique(groups, return_index=True)
    order = np.lexsort((generator.permutation(len(first)), by[rows[first]]))
    fold_of_group = np.empty(len(first), dtype=np.int64)
    fold_of_group[order] = np.arange(len(first)) % FOLDS
    return [rows[fold_of_group[groups] == fold] for fold in range(FOLDS)]


def _decisions(
    features: Any,
    marked: np.ndarray,
    others: Any,
    cost: float,
    *,
    weights: tuple[np.ndarray, np.ndarray],
    pause: Callable[[], object],
) -> np.ndarray:
    """Decisions (rows, labels) float64 of one SVM per label, above 0 where it is predicted.

    `marked` (rows, labels) bool; `weights` (labels,) are those of the rows with and without each label.
    """
    from sklearn.svm import LinearSVC

    decisions = np.empty((others.shape[0], marked.shape[1]))
    for label in range(marked.shape[1]):
        own = marked[:, label]
        pause()
        if own.all() or not own.any():
            decisions[:, label] = math.inf if own.any() else -math.inf
            continue
        of_each = {True: float(weights[0][label]), False: float(weights[1][label])}
        model = LinearSVC(C=cost, class_weight=of_each, tol=TOLERANCE, random_state=0)
        decisions[:, label] = model.fit(features, own).decision_function(others)
    return decisions


def _decisions_together(
    features: Any,
    marked: np.ndarray,
    others: Any,
    cost: float,
    *,
    weights: np.ndarray,
    pause: Callable[[], object],
) -> np.ndarray:
    """As `_decisions` of rows with one class each, by one call for all classes, which no stop can end.

    `marked` (rows, classes) bool; `weights` (classes,) are those of the rows of each class, the others weigh 1.
    """
    from sklearn.svm import LinearSVC

    own = marked.argmax(axis=1)
    present = np.unique(own)
    if len(present) < 3:
        return _decisions(features, marked, others, cost, weights=(weights, np.ones(len(weights))), pause=pause)
    pause()
    decisions = np.full((others.shape[0], marked.shape[1]), -math.inf)
    of_each = {int(one): float(weights[one]) for one in present}
    model = LinearSVC(C=cost, class_weight=of_each, tol=TOLERANCE, random_state=0)
    decisions[:, present] = model.fit(features, own).decision_function(others)
    return decisions


def _columns(train: Rows) -> tuple[str, ...]:
    return ("text", "second_text") if "second_text" in train else ("text",)


def _features(train: Rows, held_out: Rows) -> tuple[Any, Any]:
    """TF-IDF of the texts; of pairs, how both texts differ, what they share, and their cosine similarity."""
    columns = _columns(train)
    vectorizer = _Vectorizer([text for name in columns for text in train[name]])
    learned = vectorizer.learned
    if len(columns) == 1:
        return learned, vectorizer.transform(held_out["text"])
    rows = len(train["text"])
    others = (vectorizer.transform(held_out[name]) for name in columns)
    return _of_pairs(learned[:rows], learned[rows:]), _of_pairs(*others)


class _Vectorizer:
    """TF-IDF of words and pairs of words, and of character n-grams within words, each with a norm of 1.

    The n-grams have 3 to 5 characters; 1 to 3 where what is between spaces is no word, as in Chinese and Japanese.
    Long texts have words only.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

        self._words = CountVectorizer(ngram_range=(1, 2), dtype=np.float64)
        self._word_weights = TfidfTransformer(sublinear_tf=True)
        self._gram_weights = TfidfTransformer(sublinear_tf=True)
        characters, words = sum(map(len, texts)), sum(len(text.split()) for text in texts)
        lengths = (1, 3) if characters > LONGEST_WORD * words else (3, 5)
        self._grams = CountVectorizer(analyzer="char_wb", ngram_range=lengths, dtype=np.float64)
        parts = []
        with contextlib.suppress(ValueError):  # "empty vocabulary": single characters are no words to scikit-learn
            parts.append(self._word_weights.fit_transform(self._words.fit_transform(texts)))
        self._has_words = bool(parts)
        self._has_grams = characters <= MOST_CHARACTERS or not parts
        if self._has_grams:
            parts.append(self._gram_weights.fit_transform(_gram_counts(self._grams.fit_transform, texts)))
        self.learned = sparse.hstack(parts).tocsr()  # (texts, features) float64

    def transform(self, texts: Sequence[str]) -> Any:
        """(texts, features) float64."""
        parts = []
        if self._has_words:
            parts.append(self._word_weights.transform(self._words.transform(texts)))
        if self._has_grams:
            parts.append(self._gram_weights.transform(_gram_counts(self._grams.transform, texts)))
        return sparse.hstack(parts).tocsr()


def _gram_counts(count: Callable[[list[str]], Any], texts: Sequence[str]) -> Any:
    """Character n-grams of each text: those of each different word, times how often the text has it.

    The same as counting them in the texts, in less time, since most words occur many times.
    """
    from sklearn.feature_extraction.text import CountVectorizer

    words = CountVectorizer(token_pattern=r"\S+", dtype=np.float64)
    occurring = words.fit_transform([text if text.strip() else NO_WORD for text in texts])
    return (occurring @ count(list(words.get_feature_names_out()))).tocsr()


def _of_pairs(first: Any, second: Any) -> Any:
    shared = first.multiply(second)
    return sparse.hstack([abs(first - second), shared, sparse.csr_matrix(shared.sum(axis=1))]).tocsr()
