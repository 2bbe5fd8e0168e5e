"""The queue of doubtful labels over all splits, from models that did not learn the rows that they judge.

In each of five folds two linear models learn the other rows, one from what the untouched encoder makes of them and one
from their words (TF-IDF; of words with tags their form and their neighbours). They err on different rows, so the mean
of both finds more wrong labels than either (tests/benchmarks/label_errors.py). The fine-tuned network has learned the
labels of its training rows, wrong ones too, and is not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from engine.contract.column_roles import GROUP
from engine.contract.diagnoses import LabelErrorKind, LabelErrors, SuspectedRow
from engine.contract.events import Emit, Progressed
from engine.contract.sentences import Sentence
from engine.contract.states import PreparedDataset
from engine.contract.tag_schemes import Span, entities_in, marks_entities, type_of, types_in
from engine.diagnosing.confident_learning import suspicion, thresholds
from engine.diagnosing.linear_model import Activation, fitted, standardised
from engine.diagnosing.nearest_rows import NearestRows
from engine.diagnosing.row_features import RowFeatures, Rows, shown_labels, word_labels
from engine.tasks.baselines import LONGEST_WORD, one_blas_thread
from engine.tasks.registry import task_named
from engine.tasks.row_groups import joined_groups
from engine.tasks.task import Task
from engine.training.cross_validation.folds import draw_folds

FOLDS = 5
FEWEST_ROWS = 20  # below, no fold has enough to learn from
INVERSE_PENALTIES = (0.01, 10.0)  # of the model on the encoder and of that on words
MOST_LISTED = 1_000
MOST_OF_FREQUENT = 4  # times as many words outside of entities as within are learned from
NEAR = 3  # training rows beside each doubtful one
RIDGE = 100.0
CLEARLY_OFF = 3.0  # spreads of all residuals, from which a number counts as wrong
NOTE = Sentence("diagnosing.progress.looking_for_label_errors")


class Doubts(NamedTuple):
    """One entry per row of `Rows`: how doubtful its labels are, and what would be likelier."""

    margin: np.ndarray  # (rows,) float64, low where the label is doubtful
    probability: np.ndarray  # (rows,) float64, of what is suggested
    is_confident: np.ndarray  # (rows,) bool
    suggested: Callable[[int], tuple[str, ...]]  # of a row by its position
    kind: Callable[[int], LabelErrorKind]
    expected: float  # rows that are probably wrong
    by_kind: Mapping[str, np.ndarray] = MappingProxyType({})  # (rows,) of entities, high where such an error is likely


def label_errors(dataset: PreparedDataset, found: RowFeatures, emit: Emit, *, seed: int) -> LabelErrors:
    """The most doubtful rows with suggestions and the nearest training rows; `emit` may raise `StopRequested`."""
    rows = found.rows
    task = task_named(dataset.task, dataset.label_names)
    if len(rows) < FEWEST_ROWS:
        return LabelErrors(len(rows), rows.total, 0, 0, refused=Sentence("diagnosing.refused.few_rows", rows=len(rows)))
    if len(dataset.label_names) < 2 and not (task.facts.several_labels or task.facts.labels_are_numbers):
        return LabelErrors(len(rows), rows.total, 0, 0, refused=Sentence("diagnosing.refused.one_label"))
    doubts = doubts_of(task, dataset.label_names, found, emit, seed=seed)
    order = np.argsort(doubts.margin, kind="stable")
    confident = int(doubts.is_confident.sum())
    most = min(MOST_LISTED, max(confident, round(doubts.expected), len(rows) // 10))
    queues = {"": order[:most]} if doubts.by_kind else {}
    for name, doubt in doubts.by_kind.items():
        queue = np.argsort(-doubt, kind="stable")[: min(most, len(rows) // 10)]
        queues[name] = queue[np.isfinite(doubt[queue])]
    listed = np.asarray(list(dict.fromkeys(np.concatenate([order[:most], *queues.values()]).tolist())), dtype=np.int64)
    place_of = {position: place for place, position in enumerate(listed.tolist())}
    nearest = NearestRows(found)
    suspected = []
    for position in listed.tolist():
        place = rows.places[position]
        suspected.append(
            SuspectedRow(
                split=place.split,
                index=place.index,
                number=place.number,
                label=shown_labels(rows.row(position)),
                suggested=doubts.suggested(position),
                kind=doubts.kind(position),
                probability=float(doubts.probability[position]),
                margin=float(doubts.margin[position]),
                is_confident=bool(doubts.is_confident[position]),
                near=nearest.of(position, NEAR),
            )
        )
        if len(suspected) % 50 == 0:
            emit(Progressed(len(suspected), len(listed), NOTE))
    return LabelErrors(
        rows=len(rows),
        total=rows.total,
        folds=FOLDS,
        expected=round(doubts.expected),
        suspected=tuple(suspected),
        agreeing=int((doubts.margin > 0).sum()),
        orders={name: tuple(place_of[position] for position in queue.tolist()) for name, queue in queues.items()},
    )


def doubts_of(task: Task, names: Sequence[str], found: RowFeatures, emit: Emit, *, seed: int) -> Doubts:
    """How doubtful the labels of each row are."""
    folds = _folds(task, found.rows, seed)
    progress = _Progress(emit)
    with one_blas_thread():
        if task.facts.labels_are_numbers:
            return _numbers(found, folds, progress)
        if task.facts.one_label_per_word:
            return _words(task, names, found, folds, progress)
        if task.facts.several_labels:
            return _label_sets(names, found, folds, progress)
        return _classes(names, found, folds, progress)


# Folds


def _folds(task: Task, rows: Rows, seed: int) -> np.ndarray:
    """The fold of each row, (rows,) int64: rows that depend on each other never apart, classes spread evenly."""
    identities = [task.identity(rows.row(position)) for position in range(len(rows))]
    groups = np.unique(identities, return_inverse=True)[1].reshape(-1)
    if GROUP in rows.columns:
        groups = joined_groups(np.asarray(rows.columns[GROUP], dtype=np.int64), groups)
    labels = rows.labels[0]
    is_class = isinstance(labels, int)
    classes = np.asarray(rows.labels, dtype=np.int64) if is_class else np.zeros(len(rows), dtype=np.int64)
    counts = np.bincount(classes)
    classes = np.where(counts[classes] < 2 * FOLDS, -1, classes)  # rare ones together: they may not lessen the folds
    found: np.ndarray = draw_folds(classes, groups, folds=FOLDS, repeats=1, seed=seed)[0]
    return found


class _Progress:
    """Counts fits; each of their steps can be stopped."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._done, self._total = 0, 0

    def begin(self, fits: int) -> None:
        self._done, self._total = 0, fits

    def __call__(self) -> None:
        self._emit(Progressed(self._done, self._total, NOTE, "models"))

    def next(self) -> None:
        self._done += 1


def out_of_fold(
    views: Sequence[tuple[Any, float]],
    targets: np.ndarray,
    folds: np.ndarray,
    progress: _Progress,
    *,
    activation: Activation = "softmax",
    thinned: bool = False,
) -> np.ndarray:
    """The mean probability (rows, outputs) of one model for each view, which learned the other folds only.

    `views` are features (rows, width) with the inverse of their penalty. `thinned` learns from some rows of the most
    frequent class only, and gives it back what that takes from it: a softmax then differs in that bias alone.
    """
    numbers = np.unique(folds).tolist()
    progress.begin(len(views) * len(numbers))
    total = np.zeros(targets.shape)
    for features, inverse_penalty in views:
        for fold in numbers:
            rest, own = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
            kept, missing = _thinned(targets[rest]) if thinned else (slice(None), 0.0)
            rest = rest[kept]
            model = fitted(
                features[rest],
                targets[rest],
                inverse_penalty=inverse_penalty,
                activation=activation,
                pause=progress,
            )
            model.bias[int(targets.sum(axis=0).argmax())] += missing
            total[own] += model.probabilities(features[own])
            progress.next()
    return np.asarray(total / len(views))


def _thinned(targets: np.ndarray) -> tuple[np.ndarray, float]:
    """Which rows (rows,) bool to learn from, and the log of how much rarer the most frequent class is in them."""
    counts = targets.sum(axis=0)
    most = int(counts.argmax())
    others = int(counts.sum() - counts[most])
    share = min(1.0, MOST_OF_FREQUENT * max(1, others) / float(counts[most]))
    drawn = np.random.default_rng(0).random(len(targets)) < share
    return (targets[:, most] == 0) | drawn, -float(np.log(share))


# One label, several labels, numbers


def _classes(names: Sequence[str], found: RowFeatures, folds: np.ndarray, progress: _Progress) -> Doubts:
    labels = np.asarray(found.rows.labels, dtype=np.int64)
    probabilities = out_of_fold(_views(found), np.eye(len(names))[labels], folds, progress)
    doubt = suspicion(probabilities, labels)
    likely = probabilities[np.arange(len(labels)), doubt.other]

    def suggested(position: int) -> tuple[str, ...]:
        return (names[int(doubt.other[position])],)

    return Doubts(doubt.margin, likely, doubt.is_confident, suggested, lambda _: "label", doubt.expected)


def _label_sets(names: Sequence[str], found: RowFeatures, folds: np.ndarray, progress: _Progress) -> Doubts:
    marked = np.asarray(found.rows.labels, dtype=np.int64)
    probabilities = out_of_fold(_views(found), marked.astype(np.float64), folds, progress, activation="sigmoid")
    margins = np.where(marked == 1, 2 * probabilities - 1, 1 - 2 * probabilities)
    confident = np.zeros(marked.shape, dtype=bool)
    expected = np.zeros(len(names))
    for label in range(len(names)):
        one = probabilities[:, label]
        doubt = suspicion(np.stack([1 - one, one], axis=1), marked[:, label])
        confident[:, label] = doubt.is_confident & (doubt.margin < 0)
        expected[label] = doubt.expected
    worst = margins.argmin(axis=1)

    def suggested(position: int) -> tuple[str, ...]:
        turned = marked[position].astype(bool) ^ (margins[position] < 0)
        turned[worst[position]] = not marked[position, worst[position]]
        return tuple(name for name, there in zip(names, turned, strict=True) if there)

    lowest = margins.min(axis=1)
    is_confident = np.asarray(confident.any(axis=1))
    return Doubts(
        lowest, (1 - lowest) / 2, is_confident, suggested, lambda _: "label", float(min(len(marked), expected.sum()))
    )


def _numbers(found: RowFeatures, folds: np.ndarray, progress: _Progress) -> Doubts:
    from sklearn.linear_model import Ridge

    truth = np.asarray(found.rows.labels, dtype=np.float64)
    features = standardised(found.features)
    predicted = np.zeros(len(truth))
    numbers = np.unique(folds).tolist()
    progress.begin(len(numbers))
    for fold in numbers:
        progress()
        rest, own = folds != fold, folds == fold
        predicted[own] = (
            Ridge(alpha=RIDGE * features.shape[1] ** 0.5).fit(features[rest], truth[rest]).predict(features[own])
        )
        progress.next()
    off = np.abs(truth - predicted)
    spread = 1.4826 * float(np.median(off)) + 1e-12
    low, high = float(truth.min()), float(truth.max())

    def suggested(position: int) -> tuple[str, ...]:
        return (f"{min(high, max(low, float(predicted[position]))):.3g}",)

    clearly = np.asarray(off > CLEARLY_OFF * spread)
    return Doubts(-off / spread, np.zeros(len(truth)), clearly, suggested, lambda _: "number", 0.0)


def _views(found: RowFeatures) -> list[tuple[Any, float]]:
    of_encoder, of_words = INVERSE_PENALTIES
    views: list[tuple[Any, float]] = [(standardised(found.features), of_encoder)]
    counted = word_counts(found.rows)
    return [*views, (counted, of_words)] if counted is not None else views


def word_counts(rows: Rows) -> Any:
    """TF-IDF (rows, features) of words and pairs of words; None where there is nothing to count.

    Of pairs of texts what they share and how they differ. Where there are no spaces between words, of up to three
    characters.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    first = [str(text) for text in rows.columns["text"]]
    second = [str(text) for text in rows.columns.get("second_text", ())]
    characters, words = sum(map(len, first)), sum(len(text.split()) for text in first)
    by_character = characters > LONGEST_WORD * max(1, words)
    options = {"analyzer": "char", "ngram_range": (1, 3)} if by_character else {"ngram_range": (1, 2)}
    vectorizer = TfidfVectorizer(**options, sublinear_tf=True, min_df=2 if len(first) > 1_000 else 1)
    try:
        counted = vectorizer.fit_transform([*first, *second]).tocsr()
    except ValueError:  # scikit-learn: nothing in these texts to count
        return None
    if not second:
        return counted
    one, other = counted[: len(first)], counted[len(first) :]
    shared = one.multiply(other)
    return sparse.hstack([abs(one - other), shared, sparse.csr_matrix(shared.sum(axis=1))]).tocsr()


# Words with tags


def _words(task: Task, names: Sequence[str], found: RowFeatures, folds: np.ndarray, progress: _Progress) -> Doubts:
    rows = found.rows
    assert found.words is not None
    assert found.owner is not None
    labels = word_labels(task, names, rows)
    views: list[tuple[Any, float]] = [
        (standardised(found.words), INVERSE_PENALTIES[0]),
        (word_forms(rows.columns["tokens"]), INVERSE_PENALTIES[1]),
    ]
    probabilities = out_of_fold(views, np.eye(len(names))[labels], folds[found.owner], progress, thinned=True)
    doubt = suspicion(probabilities, labels)
    # The least sure word decides (Wang and Mueller 2022, "Detecting Label Errors in Token Classification Data"). How
    # sure is compared with words of the same tag, or all doubts would be about the rare ones: of 1,000 sentences with
    # missing entities the average precision is 0.52 so, 0.29 without, and 0.40 by the margin.
    own = probabilities[np.arange(len(labels)), labels]
    own = np.minimum(1.0, own / np.maximum(thresholds(probabilities, labels)[labels], 1e-9))
    ends = np.cumsum([0, *np.bincount(found.owner, minlength=len(rows)).tolist()])
    margin, likely = np.ones(len(rows)), np.zeros(len(rows))
    confident = np.zeros(len(rows), dtype=bool)
    for position in range(len(rows)):
        start, end = int(ends[position]), int(ends[position + 1])
        if start < end:
            worst = start + int(own[start:end].argmin())
            margin[position], likely[position] = 2 * own[worst] - 1, probabilities[worst, doubt.other[worst]]
            confident[position] = bool((doubt.is_confident & (doubt.margin < 0))[start:end].any())

    def tags_of(position: int) -> tuple[list[str], list[str]]:
        words = slice(int(ends[position]), int(ends[position + 1]))
        turned = np.where(doubt.margin[words] < 0, doubt.other[words], labels[words])
        if len(turned) and (turned == labels[words]).all():
            worst = int(own[words].argmin())
            turned[worst] = doubt.other[words][worst]
        return [names[tag] for tag in labels[words]], [names[tag] for tag in turned]

    def suggested(position: int) -> tuple[str, ...]:
        return tuple(tags_of(position)[1])

    def kind(position: int) -> LabelErrorKind:
        if not marks_entities(names):
            return "tag"
        given, other = tags_of(position)
        return entity_difference(entities_in(given, names), entities_in(other, names))

    by_kind = entity_doubts(probabilities, labels, names, found.owner, len(rows)) if marks_entities(names) else {}
    return Doubts(margin, likely, confident, suggested, kind, float(confident.sum()), by_kind)


def entity_doubts(
    probabilities: np.ndarray, labels: np.ndarray, names: Sequence[str], owner: np.ndarray, rows: int
) -> dict[str, np.ndarray]:
    """How likely a row has an error of each kind, (rows,), by the word for which that is likeliest.

    A wrong type is seen by the probability of the type among the types, a missing entity by that of any entity where
    none is marked, limits by the margin of the tag. No one order of these is good at each of them: of wnut17 with 5 %
    of one kind the average precision is 0.51, 0.35 and 0.56 so, and 0.25, 0.09 and 0.48 by the common order.
    """
    types = types_in(names)
    marked = np.asarray([type_of(name) in types for name in names])
    of_type = np.stack(
        [probabilities[:, [type_of(name) == one for name in names]].sum(axis=1) for one in types], axis=1
    )
    any_entity = of_type.sum(axis=1)
    is_marked = marked[labels]
    place = {one: number for number, one in enumerate(types)}
    own_type = np.asarray([place.get(type_of(name), 0) for name in names])[labels]
    places = np.arange(len(labels))
    own_share = of_type[places, own_type] / np.maximum(any_entity, 1e-9)
    others = probabilities.copy()
    others[places, labels] = -1.0
    doubts = {
        "type": np.where(is_marked, 1 - own_share, -np.inf),
        "missing": np.where(is_marked, -np.inf, any_entity),
        "boundary": others.max(axis=1) - probabilities[places, labels],
    }
    found = {}
    for name, doubt in doubts.items():
        worst = np.full(rows, -np.inf)
        np.maximum.at(worst, owner, doubt)
        found[name] = worst
    if len(types) < 2:
        del found["type"]
    return found


def entity_difference(given: Sequence[Span], suggested: Sequence[Span]) -> LabelErrorKind:
    """What is wrong with the given entities if the suggested ones are right, by the first that differs."""
    right = set(given) & set(suggested)
    for entity in suggested:
        meeting = [one for one in given if one.start < entity.end and entity.start < one.end]
        if entity in right:
            continue
        if not meeting:
            return "missing"
        if any((one.start, one.end) == (entity.start, entity.end) for one in meeting):
            return "type"
        return "boundary"
    return "invented"


def word_forms(sentences: Sequence[Sequence[Any]]) -> Any:
    """The form of each word and its neighbours, as hashed counts (words, features), sparse."""
    from sklearn.feature_extraction import FeatureHasher

    hasher = FeatureHasher(n_features=2**15, input_type="string", alternate_sign=False)
    counted = hasher.transform(
        features for sentence in sentences for features in _forms([str(word) for word in sentence])
    ).tocsr()
    return counted[:, np.flatnonzero(counted.getnnz(axis=0) > 1)]  # what occurs once cannot be learned from


def _forms(words: Sequence[str]) -> list[list[str]]:
    lower = [word.casefold() for word in words]
    shapes = [_shape(word) for word in words]
    found = []
    for place, word in enumerate(lower):
        before = lower[place - 1] if place else "<"
        after = lower[place + 1] if place + 1 < len(words) else ">"
        found.append(
            [
                f"w={word}",
                f"p={word[:3]}",
                f"s={word[-3:]}",
                f"shape={shapes[place]}",
                f"before={before}",
                f"after={after}",
                f"pair={before} {word}",
                f"pair={word} {after}",
                f"before2={lower[place - 2] if place > 1 else '<'}",
                f"after2={lower[place + 2] if place + 2 < len(words) else '>'}",
                f"shapes={shapes[place - 1] if place else '<'} {shapes[place]}",
            ]
        )
    return found


def _shape(word: str) -> str:
    """Upper case, lower case, digits and signs, each run once: Aa, A0, a."""
    shape = ""
    for letter in word:
        kind = "A" if letter.isupper() else "a" if letter.isalpha() else "0" if letter.isdigit() else letter
        if not shape.endswith(kind):
            shape += kind
    return shape[:6]
