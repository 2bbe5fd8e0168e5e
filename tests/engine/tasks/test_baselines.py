"""The baseline on TF-IDF: what it reads, how it is fitted, and what it learns from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_info, threadpool_limits

from engine.tasks import baselines
from engine.tasks.baselines import tfidf_classes, tfidf_label_sets, tfidf_numbers

ROWS = {"text": ["good film", "bad film", "good book", "bad book"]}


def blas_threads() -> set[int]:
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


def many_reviews(rows: int, seed: int = 0) -> tuple[list[str], np.ndarray]:
    """Texts of random words, of which one in five has a word of its class (rows,) int64; the last is rare."""
    generator = np.random.default_rng(seed)
    classes = generator.choice(3, rows, p=[0.6, 0.3, 0.1])
    filler = generator.integers(0, 30, size=(rows, 6))
    texts = [
        " ".join([f"word{number}" for number in words] + [f"sign{kind}" if generator.random() < 0.7 else "sign"])
        for words, kind in zip(filler.tolist(), classes.tolist(), strict=True)
    ]
    return texts, classes


def test_a_fit_takes_one_thread_and_gives_the_others_back(monkeypatch: pytest.MonkeyPatch) -> None:
    meanwhile: list[set[int]] = []
    fit = LinearSVC.fit

    def watched(self: LinearSVC, *data: Any) -> LinearSVC:
        meanwhile.append(blas_threads())
        fitted: LinearSVC = fit(self, *data)
        return fitted

    monkeypatch.setattr(LinearSVC, "fit", watched)
    with threadpool_limits(limits=2, user_api="blas"):
        before = blas_threads()
        answers = tfidf_classes(ROWS, np.array([1, 0, 1, 0]), ROWS)
        sets = tfidf_label_sets(ROWS, np.array([[1, 0], [0, 0], [1, 0], [0, 0]], dtype=bool), ROWS)
        assert blas_threads() == before == {2}
    assert len(meanwhile) > 2
    assert set(map(tuple, meanwhile)) == {(1,)}
    assert answers is not None
    assert answers.tolist() == [1, 0, 1, 0]
    assert sets[:, 0].tolist() == [True, False, True, False]


@pytest.mark.parametrize("rare", [1, 2])
def test_rare_classes_weigh_as_much_as_frequent_ones(rare: int) -> None:
    # Each rare class has 20 rows of 400 and mostly has "alpha1" or "alpha2", the frequent one seldom does.
    texts, classes = [], []
    for kind in range(1, rare + 1):
        texts += [f"alpha{kind}"] * 18 + ["beta"] * 2
        classes += [kind] * 20
        texts += [f"alpha{kind}"] * 40
        classes += [0] * 40
    texts += ["beta"] * (400 - len(texts))
    classes += [0] * (400 - len(classes))
    asked = ["beta", *[f"alpha{kind}" for kind in range(1, rare + 1)]]
    predicted = tfidf_classes({"text": texts}, np.asarray(classes), {"text": asked})
    assert predicted is not None
    assert predicted.tolist() == list(range(rare + 1))  # without weights "alpha" is class 0, at 40 rows to 18


def test_n_grams_are_those_that_scikit_learn_counts_within_words() -> None:
    texts = ["A naïve  reader's   re-reader", "reader\tA \u00a0b", "   ", "good; good, GOOD 漢字 again again"]
    ours, theirs = (CountVectorizer(analyzer="char_wb", ngram_range=(3, 5)) for _ in range(2))
    counted = baselines._gram_counts(ours.fit_transform, texts).toarray()
    expected = theirs.fit_transform(texts).toarray()
    places = [ours.vocabulary_[gram] for gram in theirs.get_feature_names_out()]
    assert (counted[:, places] == expected).all()
    assert counted.sum() - expected.sum() == 1  # the text of spaces


def test_endings_and_pairs_of_words_are_seen() -> None:
    verbs, nouns = [f"{stem}ing" for stem in "abcdefgh"], [f"{stem}ness" for stem in "abcdefgh"]
    answers = np.repeat([0, 1], 8)
    predicted = tfidf_classes({"text": verbs + nouns}, answers, {"text": ["xying", "xyness"]})
    assert predicted is not None
    assert predicted.tolist() == [0, 1]
    orders = ["not good so bad", "not bad so good"]
    predicted = tfidf_classes({"text": orders * 8}, np.tile([0, 1], 8), {"text": orders})
    assert predicted is not None
    assert predicted.tolist() == [0, 1]


def test_languages_without_spaces_are_read_by_their_characters() -> None:
    texts = ["这部电影非常好看我很喜欢它的故事和演员", "这部电影非常难看我很讨厌它的故事和演员"]
    predicted = tfidf_classes({"text": texts * 6}, np.tile([0, 1], 6), {"text": ["好看", "难看"]})
    assert predicted is not None
    assert predicted.tolist() == [0, 1]


def test_long_texts_are_read_by_words_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    few = baselines._Vectorizer(ROWS["text"]).learned.shape[1]
    monkeypatch.setattr(baselines, "MOST_CHARACTERS", 10)
    vectorizer = baselines._Vectorizer(ROWS["text"])
    assert vectorizer.learned.shape[1] == 8 < few  # four words and four pairs
    assert vectorizer.transform(["good book"]).shape == (1, 8)


def test_many_classes_are_compared_by_one_call_that_decides_as_one_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    fits: list[int] = []
    fit = LinearSVC.fit

    def watched(self: LinearSVC, features: Any, *others: Any) -> LinearSVC:
        fits.append(features.shape[0])
        result: LinearSVC = fit(self, features, *others)
        return result

    generator = np.random.default_rng(2)
    classes = np.arange(240) % 15
    texts = [
        f"sign{kind} word{number}"
        for kind, number in zip(classes.tolist(), generator.integers(0, 9, 240).tolist(), strict=True)
    ]
    features = baselines._Vectorizer(texts).learned
    marked = classes[:, None] == np.arange(15)
    marked[:, 14] = False  # one that these rows do not have
    weights = generator.uniform(0.5, 2, 15)
    rows = classes < 14
    sides = [
        decide(features[rows], marked[rows], features, 0.5, weights=of_each, pause=baselines.carry_on)
        for decide, of_each in (
            (baselines._decisions_together, weights), (baselines._decisions, (weights, np.ones(15)))
        )
    ]  # fmt: skip
    assert np.isneginf(sides[0][:, 14]).all()
    assert sides[0][:, :14] == pytest.approx(sides[1][:, :14], abs=0.1)  # both end at a tolerance of 0.1
    assert (sides[0].argmax(axis=1) == sides[1].argmax(axis=1))[rows].all()
    monkeypatch.setattr(LinearSVC, "fit", watched)
    tfidf_classes({"text": texts}, classes, {"text": texts[:5]})
    assert len(fits) == baselines.FOLDS * len(baselines.SVM_COSTS) + 15


def test_equal_texts_are_in_one_fold_and_each_answer_in_each() -> None:
    generator = np.random.default_rng(0)
    numbers, answers = generator.integers(0, 200, 600), generator.choice(3, 600)
    texts = [f"text {number}" for number in numbers.tolist()]
    folds = baselines._folds([texts], answers)
    assert sorted(np.concatenate(folds).tolist()) == list(range(600))
    places = [{texts[row] for row in fold.tolist()} for fold in folds]
    assert sum(map(len, places)) == len(set().union(*places))
    assert min(len(fold) for fold in folds) > 150
    rare = np.r_[np.zeros(48), np.ones(12)]
    folds = baselines._folds([[f"text {number}" for number in range(60)]], rare)
    assert [rare[fold].sum() for fold in folds] == [4, 4, 4]


def test_rows_of_one_group_are_in_one_fold() -> None:
    of_groups = [number // 5 for number in range(60)]
    folds = baselines._folds([[f"text {number}" for number in range(60)]], np.arange(60) % 2, of_groups)
    assert [len({of_groups[row] for row in fold}) for fold in folds] == [4, 4, 4]
    assert sorted(np.concatenate(folds).tolist()) == list(range(60))
    assert baselines._folds([["a", "b", "c"]], np.arange(3), [0, 0, 1]) == []


def test_the_cost_is_chosen_on_training_rows_whatever_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    fitted: list[tuple[float, int]] = []
    fit = LinearSVC.fit

    def watched(self: LinearSVC, features: Any, *others: Any) -> LinearSVC:
        fitted.append((self.C, features.shape[0]))
        result: LinearSVC = fit(self, features, *others)
        return result

    monkeypatch.setattr(LinearSVC, "fit", watched)
    texts, classes = many_reviews(1_500)
    chosen = set()
    for asked in (["sign0"], ["sign2"] * 50):
        fitted.clear()
        tfidf_classes({"text": texts}, classes, {"text": asked})
        assert {cost for cost, _ in fitted} == set(baselines.SVM_COSTS)
        *tried, (cost, rows), _, _ = fitted
        assert rows == 1_500
        assert max(rows for _, rows in tried) < 800  # two thirds of 1,000
        chosen.add(cost)
    assert len(chosen) == 1


def test_of_the_costs_the_one_with_the_best_score_is_taken() -> None:
    def predict(features: Any, answers: np.ndarray, others: Any, value: float) -> np.ndarray:
        return np.full((others.shape[0], 1), value)

    def score(rows: np.ndarray, predicted: np.ndarray) -> float | None:
        return {1.0: 0.3, 2.0: 0.5, 3.0: 0.5, 4.0: None}[float(predicted[0, 0])]

    train = {"text": [f"text {number}" for number in range(30)]}
    by = np.zeros(30)
    found = baselines._best_of((1.0, 2.0, 3.0, 4.0), train, by[:, None], ROWS, predict, score, by=by)
    assert found[:, 0].tolist() == [2.0] * 4


def test_sets_of_labels_and_numbers_are_learned_from_the_same_features() -> None:
    texts, classes = many_reviews(300)
    marked = np.stack([classes == 0, classes == 2, np.ones(300), np.zeros(300)], axis=1).astype(bool)
    sets = tfidf_label_sets({"text": texts}, marked, {"text": ["sign0", "sign2"]})
    assert sets.tolist() == [[True, False, True, False], [False, True, True, False]]
    numbers = tfidf_numbers({"text": texts}, classes.astype(float), {"text": ["sign0", "sign2"]})
    assert numbers[0] + 0.5 < numbers[1]


def test_a_pause_can_end_the_fits() -> None:
    class Stopped(Exception):
        pass

    calls: list[int] = []

    def pause() -> None:
        calls.append(1)
        if len(calls) == 5:
            raise Stopped

    texts, classes = many_reviews(100)
    with pytest.raises(Stopped):
        tfidf_classes({"text": texts}, classes, {"text": texts}, pause=pause)
    assert len(calls) == 5


def test_a_handful_of_rows_is_enough() -> None:
    for rows in (2, 3, 4):
        predicted = tfidf_classes({"text": ROWS["text"][:rows]}, np.arange(rows) % 2, ROWS)
        assert predicted is not None
        assert predicted.tolist() == [0, 1, 0, 1]
