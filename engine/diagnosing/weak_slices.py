"""Groups of evaluated rows that are wrong more often than the others, with the share of false ones held down.

Candidates are lengths, words, true labels, values of other columns of the file and clusters of what the untouched
encoder makes of the rows. Each half of the rows chooses the candidates that look worse, and the other half tests them
by Fisher's exact test, one-sided. The Benjamini–Hochberg procedure (1995) over all that one half tests keeps the
expected share of false ones at 2.5 %, and so that of both together at 5 %: a group that is clear in one half and less
so in the other is found, which one choice of halves would leave to chance. What is shown of a slice is the half that
tested it. Of slices with mostly the same rows the clearest is kept.
"""

from __future__ import annotations

import re
import warnings
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from engine.contract.diagnoses import SliceKind, WeakSlice, WeakSlices
from engine.contract.events import Emit, Progressed
from engine.contract.sentences import Sentence
from engine.diagnosing.column_scores import values_of
from engine.diagnosing.other_columns import OtherColumn
from engine.tasks.baselines import one_blas_thread

FALSE_SHARE = 0.05  # of what is reported
FEWEST_ROWS = 200  # of both halves together: below, no half shows anything
FEWEST_IN_HALF = 12  # rows of a slice in each half
MOST_TESTED = 6  # candidates by each half, the clearest of the other: the more are tested, the clearer each has to be
LIKELIEST_BY_CHANCE = 0.05  # in the half that chooses, from which on a candidate is not tested
MOST_SHARE = 0.4  # of all rows; a slice that is most of them is no slice
LENGTH_PARTS = (4, 12, 33)  # bins of equally many rows
CLUSTERS = (6, 12, 24, 48)
SAME_ROWS = 0.5  # of both together no second one is tested; of the smaller one no second one is reported
MOST_WORDS_OF_NAME = 3
NOTE = Sentence("diagnosing.progress.weak_slices")
_WORD = re.compile(r"\w+", re.UNICODE)


class Group(NamedTuple):
    """A group of rows: `mask` (rows,) bool."""

    kind: SliceKind
    name: str  # a word, a label, the words of a cluster, a value
    low: float  # of lengths, in tokens, or of numbers of a column
    high: float
    mask: np.ndarray
    column: str = ""


class Judged(NamedTuple):
    """A candidate with what the half that tested it shows of it."""

    candidate: Group
    rows: int
    wrong: int
    rest_rows: int
    rest_wrong: int
    probability: float


def weak_slices(
    wrong: np.ndarray,
    texts: Sequence[str],
    lengths: np.ndarray,
    labels: Sequence[Sequence[str]],
    features: np.ndarray,
    emit: Emit,
    *,
    seed: int,
    columns: Sequence[OtherColumn] = (),
) -> WeakSlices:
    """The slices, the clearest first; `wrong` (rows,) bool and `features` (rows, width) of the evaluated rows.

    `labels` are the true ones of each row, `columns` others of the file. `emit` may raise `StopRequested`.
    """
    if len(wrong) < FEWEST_ROWS:
        return WeakSlices(len(wrong), 0, refused=Sentence("diagnosing.refused.slices_rows", rows=len(wrong)))
    if not wrong.any() or wrong.all():
        return WeakSlices(len(wrong), 0, refused=Sentence("diagnosing.refused.slices_alike"))
    found = [*candidates(texts, lengths, labels, features, emit, seed=seed), *_values(columns)]
    kept, tested = judged(found, wrong, halves(wrong, seed))
    return WeakSlices(len(wrong), tested, tuple(map(_as_slice, kept)))


def judged(found: Sequence[Group], wrong: np.ndarray, first: np.ndarray) -> tuple[list[Judged], int]:
    """The weak ones of the candidates, the clearest first, and how many were tested; `first` (rows,) bool is a half."""
    chosen = {half: chosen_candidates(found, wrong, rows) for half, rows in ((0, first), (1, ~first))}
    clear = []
    for half, rows in ((0, ~first), (1, first)):
        tested = [tested_on(one, wrong, rows) for one in chosen[half] if one.mask[rows].any()]
        clear += significant(tested, FALSE_SHARE / 2)
    clear.sort(key=lambda one: one.probability)
    return without_repeats(clear), len({id(one) for half in chosen.values() for one in half})


def halves(wrong: np.ndarray, seed: int) -> np.ndarray:
    """The first half (rows,) bool, with as many wrong and right rows as the other."""
    generator = np.random.default_rng(seed)
    first = np.zeros(len(wrong), dtype=bool)
    for of in (wrong, ~wrong):
        places = generator.permutation(np.flatnonzero(of))
        first[places[: len(places) // 2]] = True
    return first


def chosen_candidates(found: Sequence[Group], wrong: np.ndarray, half: np.ndarray) -> list[Group]:
    """Those that look worse than the rest in this half, the clearest `MOST_TESTED` of those that differ in rows."""
    scored = []
    for place, one in enumerate(found):
        size = int((one.mask & half).sum())
        if size < FEWEST_IN_HALF or half.sum() - size < FEWEST_IN_HALF or one.mask.mean() > MOST_SHARE:
            continue
        probability = tested_on(one, wrong, half).probability
        if probability <= LIKELIEST_BY_CHANCE:
            scored.append((probability, place))
    kept: list[Group] = []
    for _, place in sorted(scored):
        if len(kept) == MOST_TESTED:
            break
        # A clearer one with nearly the same rows is tested already, and each test makes the others harder.
        if not any(_alike(found[place].mask, other.mask) > SAME_ROWS for other in kept):
            kept.append(found[place])
    return kept


def tested_on(candidate: Group, wrong: np.ndarray, half: np.ndarray) -> Judged:
    """How likely so many wrong rows are in this half if the slice were like the rest."""
    own = candidate.mask & half
    rows, bad = int(own.sum()), int((own & wrong).sum())
    all_rows, all_bad = int(half.sum()), int((wrong & half).sum())
    probability = float(stats.hypergeom.sf(bad - 1, all_rows, all_bad, rows))
    return Judged(candidate, rows, bad, all_rows - rows, all_bad - bad, probability)


def significant(tested: Sequence[Judged], false_share: float) -> list[Judged]:
    """Benjamini and Hochberg's procedure: the clearest ones, of which at most this share is expected to be false."""
    order = sorted(tested, key=lambda one: one.probability)
    last = 0
    for place, one in enumerate(order, start=1):
        if one.probability <= false_share * place / len(order):
            last = place
    return order[:last]


def without_repeats(found: Sequence[Judged]) -> list[Judged]:
    """Those that are not mostly the rows of a clearer one."""
    kept: list[Judged] = []
    for one in found:
        if not any(_overlap(one.candidate.mask, other.candidate.mask) > SAME_ROWS for other in kept):
            kept.append(one)
    return kept


def _alike(one: np.ndarray, other: np.ndarray) -> float:
    return float((one & other).sum() / max(1, (one | other).sum()))


def _overlap(one: np.ndarray, other: np.ndarray) -> float:
    return float((one & other).sum() / max(1, min(one.sum(), other.sum())))


# Candidates


def candidates(
    texts: Sequence[str],
    lengths: np.ndarray,
    labels: Sequence[Sequence[str]],
    features: np.ndarray,
    emit: Emit,
    *,
    seed: int,
) -> Iterator[Group]:
    """All groups that have rows enough, made without knowing which rows are wrong."""
    emit(Progressed(0, 2 + len(CLUSTERS), NOTE))
    yield from _lengths(lengths)
    yield from _labels(labels)
    words = _words(texts)
    fewest = 2 * FEWEST_IN_HALF
    for word, places in words.items():
        if fewest <= len(places) <= MOST_SHARE * len(texts):
            yield Group("word", word, 0, 0, _mask(places, len(texts)))
    emit(Progressed(2, 2 + len(CLUSTERS), NOTE))
    yield from _clusters(features, words, emit, seed)


def _lengths(lengths: np.ndarray) -> Iterator[Group]:
    seen = set()
    for parts in LENGTH_PARTS:
        edges = np.unique(np.quantile(lengths, np.linspace(0, 1, parts + 1)).astype(np.int64))
        for low, high in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            last = high if high == edges[-1] else high - 1
            if (low, last) not in seen:
                seen.add((low, last))
                yield Group("length", "", low, last, (lengths >= low) & (lengths <= last))


def _labels(labels: Sequence[Sequence[str]]) -> Iterator[Group]:
    places = defaultdict(list)
    for position, own in enumerate(labels):
        for label in dict.fromkeys(own):
            places[label].append(position)
    for label, own_places in places.items():
        yield Group("label", label, 0, 0, _mask(own_places, len(labels)))


def _words(texts: Sequence[str]) -> Mapping[str, list[int]]:
    """The rows that have each word, ignoring case."""
    places: dict[str, list[int]] = defaultdict(list)
    for position, text in enumerate(texts):
        for word in set(_WORD.findall(text.casefold())):
            places[word].append(position)
    return places


def _values(columns: Sequence[OtherColumn]) -> Iterator[Group]:
    for column in columns:
        for one in values_of(column):
            if one.mask.sum() < 2 * FEWEST_IN_HALF:
                continue
            if one.lowest is None or one.highest is None:
                yield Group("column", one.value, np.nan, np.nan, one.mask, column.name)
            else:
                yield Group("column", "", one.lowest, one.highest, one.mask, column.name)


def _clusters(features: np.ndarray, words: Mapping[str, Sequence[int]], emit: Emit, seed: int) -> Iterator[Group]:
    from sklearn.cluster import MiniBatchKMeans

    centred = features - features.mean(axis=0)
    directions = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)
    for done, clusters in enumerate(CLUSTERS):
        if clusters * 2 * FEWEST_IN_HALF > len(features):
            break
        with one_blas_thread(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # rows that are all alike have fewer clusters
            model: Any = MiniBatchKMeans(n_clusters=clusters, n_init=3, random_state=seed, batch_size=1024)
            assigned = model.fit_predict(directions)
        emit(Progressed(3 + done, 2 + len(CLUSTERS), NOTE))
        for cluster in np.unique(assigned).tolist():
            mask = assigned == cluster
            yield Group("cluster", _name_of(mask, words), 0, 0, mask)


def _name_of(mask: np.ndarray, words: Mapping[str, Sequence[int]]) -> str:
    """The words that set a cluster apart: those most of whose rows, and many, are in it."""
    size, share = int(mask.sum()), float(mask.mean())
    scored = []
    for word, places in words.items():
        inside = int(mask[places].sum())
        if inside >= 3 and len(word) > 2:
            scored.append((inside / size - share * len(places) / max(1, size), word))
    return ", ".join(word for _, word in sorted(scored, reverse=True)[:MOST_WORDS_OF_NAME])


def _mask(places: Sequence[int], rows: int) -> np.ndarray:
    mask = np.zeros(rows, dtype=bool)
    mask[list(places)] = True
    return mask


def _as_slice(tested: Judged) -> WeakSlice:
    one = tested.candidate
    of_column = one.kind == "column"
    in_range = of_column and np.isfinite(one.low)
    return WeakSlice(
        kind=one.kind,
        name=one.name,
        shortest=0 if of_column else int(one.low),
        longest=0 if of_column else int(one.high),
        rows=tested.rows,
        wrong=tested.wrong,
        rest_rows=tested.rest_rows,
        rest_wrong=tested.rest_wrong,
        probability=tested.probability,
        positions=tuple(np.flatnonzero(one.mask).tolist()),
        column=one.column,
        lowest=float(one.low) if in_range else None,
        highest=float(one.high) if in_range else None,
    )
