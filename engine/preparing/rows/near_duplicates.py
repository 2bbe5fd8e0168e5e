"""Which inputs are nearly the same: pairs of words in common, found without comparing every row with every other.

Texts become sets of neighbouring words, in lower case and without punctuation; two are nearly the same where the sets
share at least 80 % of their members (Jaccard). Candidates come from MinHash signatures in bands (Broder 1997; Leskovec,
Rajaraman and Ullman, Mining of Massive Datasets, chapter 3) and are then compared exactly. A pair of short sentences
that differ in one word is not nearly the same by this measure: there one word may be all that matters.

Memory: at most `MOST_ROWS` inputs of at most `_HEAD + _TAIL` characters are looked at, 4 bytes a word and 280 a row.
"""

from __future__ import annotations

import itertools
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from engine.contract.events import Emit, Progressed
from engine.contract.progress import ProgressReporter
from engine.contract.sentences import Sentence
from engine.contract.settings import NearDuplicateMeasure
from engine.preparing.rows.collecting import Collected, rows_at
from engine.preparing.rows.groups import connected_groups, numbered

MOST_ROWS = 100_000
LEAST_SHARE = 0.8  # share of neighbouring words in common
_BANDS, _ROWS_PER_BAND = 14, 5  # a pair at 0.8 is missed once in 250 times, one at 0.9 never
_ESTIMATE = 0.65  # below this share of equal signature entries a pair is not compared exactly
MOST_PAIRS = 200_000  # that are compared exactly
_MOST_CODES = 500_000  # words that are kept with their numbers, some 60 MB
_HEAD, _TAIL = 1_200, 800  # characters of a text that are read
_NO_SPACES = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"  # scripts, letter by letter
)
_WORD = re.compile(f"[{_NO_SPACES}]|[^\\W{_NO_SPACES}]+")
_BETWEEN_WORDS = {code: " " for code in range(128) if not _WORD.match(chr(code))}
_SHINGLES_AT_ONCE = 16_384  # as many as stay in a core's cache, with their hashes
_NOTE = Sentence("preparing.progress.looking_near_duplicates")
_TURN = np.uint64(0x9E3779B97F4A7C15)
# The rows at ascending positions, a stretch at a time.
ReadRows = Callable[[np.ndarray], Iterator[Sequence[Mapping[str, Any]]]]


class NearDuplicates(NamedTuple):
    """`groups` (rows,) int64 is equal for rows with nearly the same input; `pairs` (pairs, 2) int64 are positions of
    rows whose inputs differ and are nearly the same, the most alike first, and `shares` (pairs,) float64 what they have
    in common. `compared` of `inputs` different inputs were compared."""

    groups: np.ndarray
    pairs: np.ndarray
    shares: np.ndarray
    compared: int
    inputs: int
    by: NearDuplicateMeasure = "words"


def find_near_duplicates(collected: Collected, wanted: np.ndarray, emit: Emit, *, seed: int) -> NearDuplicates:
    """Compares the inputs of the rows in the mask `wanted` (rows,) bool."""
    emit(Progressed(0, 0, _NOTE))
    positions, inverse, inputs = chosen_inputs(collected, wanted, most=MOST_ROWS, seed=seed)
    pairs, shares = _alike(partial(rows_at, collected), positions, emit, "second_text" in collected.columns)
    groups = connected_groups(int(inverse.max(initial=-1)) + 1, inverse[positions[pairs]], emit)[inverse]
    order = np.argsort(-shares, kind="stable")
    return NearDuplicates(groups, positions[pairs[order]], shares[order], len(positions), inputs)


def near_duplicate_groups(rows: Sequence[Mapping[str, Any]], inputs: np.ndarray, emit: Emit) -> np.ndarray:
    """Equal for rows with the same or nearly the same input, (rows,) int64; `inputs` (rows,) is equal for the same.

    Of more than 100,000 different inputs the first are compared.
    """
    numbers, first = numbered(inputs)
    positions = np.sort(first)[:MOST_ROWS]
    are_pairs = bool(rows) and rows[0].get("second_text") is not None
    pairs, _ = _alike(lambda wanted: iter([[rows[place] for place in wanted.tolist()]]), positions, emit, are_pairs)
    joined: np.ndarray = connected_groups(len(first), numbers[positions[pairs]], emit)[numbers]
    return joined


def _alike(read: ReadRows, positions: np.ndarray, emit: Emit, are_pairs: bool) -> tuple[np.ndarray, np.ndarray]:
    """Pairs (pairs, 2) of indices into `positions` (rows,) int64 whose rows are nearly the same; and their shares."""
    shingles, starts = _shingles(read, positions, emit)
    pairs, shares = _similar_pairs(shingles, starts, emit)
    if are_pairs:
        alike = _alike_on_their_own(read, positions[pairs], emit)
        pairs, shares = pairs[alike >= LEAST_SHARE], np.minimum(shares, alike)[alike >= LEAST_SHARE]
    return pairs, shares


class NearlyIn(NamedTuple):
    """Rows whose inputs are nearly those of other rows: `mine` and `theirs` (rows,) bool, `pairs` (pairs, 2) int64 with
    one row of each, the most alike first, and `shares` (pairs,) float64."""

    mine: np.ndarray
    theirs: np.ndarray
    pairs: np.ndarray
    shares: np.ndarray


def rows_nearly_in(near: NearDuplicates, identities: np.ndarray, mine: np.ndarray, theirs: np.ndarray) -> NearlyIn:
    """The rows of both masks (rows,) bool that have a near-duplicate in the other; equal inputs are none.

    Direct neighbours only: two texts that a third one connects may have little in common.
    """
    inputs, _ = numbered(identities)
    count = int(inputs.max(initial=-1)) + 1
    first = []
    for mask in (mine, theirs):
        positions = np.flatnonzero(mask)
        at = np.full(count, -1, dtype=np.int64)
        at[inputs[positions[::-1]]] = positions[::-1]  # of equal inputs the first row stays
        first.append(at)
    of_mine, of_theirs = first
    one, other = inputs[near.pairs[:, 0]], inputs[near.pairs[:, 1]]
    forward, back = (of_mine[one] >= 0) & (of_theirs[other] >= 0), (of_mine[other] >= 0) & (of_theirs[one] >= 0)
    held = np.concatenate([one[forward], other[back]])
    partners = np.concatenate([other[forward], one[back]])
    shares = np.concatenate([near.shares[forward], near.shares[back]])
    order = np.argsort(-shares, kind="stable")
    pairs = np.stack([of_mine[held], of_theirs[partners]], axis=1)[order]
    return NearlyIn(mine & np.isin(inputs, held), theirs & np.isin(inputs, partners), pairs, shares[order])


def chosen_inputs(
    collected: Collected, wanted: np.ndarray, *, most: int, seed: int
) -> tuple[np.ndarray, np.ndarray, int]:
    """Which rows are compared, at most so many: (chosen,) ascending positions, one for each input; the number of each
    row's input, (rows,) int64; and how many different inputs there are in `wanted` (rows,) bool."""
    inverse, first = numbered(collected.identities)
    candidates = np.flatnonzero(np.bincount(inverse[wanted], minlength=len(first)))
    chosen = candidates
    if len(candidates) > most:
        chosen = np.sort(np.random.default_rng(seed).choice(candidates, most, replace=False))
    return np.sort(first[chosen]), inverse, len(candidates)


def words_of(row: Mapping[str, Any]) -> list[str]:
    """The words that are compared; of a text without any, its signs; of a pair, both texts' with a bar between."""
    if "tokens" in row:
        return _words(" ".join(row["tokens"]))
    words = _words(str(row["text"]))
    return words if row.get("second_text") is None else [*words, "|", *_words(str(row["second_text"]))]


def compared_part(text: str) -> str:
    """What is read of a text to compare it: beginning and end of a long one."""
    return f"{text[:_HEAD]} {text[-_TAIL:]}" if len(text) > _HEAD + _TAIL else text


def _words(text: str) -> list[str]:
    text = compared_part(text)
    folded = text.casefold()
    # Of plain letters the same words, in a third of the time.
    words = folded.translate(_BETWEEN_WORDS).split() if folded.isascii() else _WORD.findall(folded)
    return words or text.split() or [""]


class _Codes(dict[str, int]):
    """Words as numbers; the same words come again and again, so that looking them up is cheaper than computing."""

    def __missing__(self, word: str) -> int:
        code = self[word] = zlib.crc32(word.encode("utf-8", "surrogatepass"))
        return code


def _shingles(read: ReadRows, positions: np.ndarray, emit: Emit) -> tuple[np.ndarray, np.ndarray]:
    """The neighbouring words of all rows behind each other as numbers, (n,) uint32, and where each row begins."""
    parts, counts, codes = [], [], _Codes()
    done, progress = 0, ProgressReporter(emit)
    for rows in read(positions):
        if len(codes) > _MOST_CODES:
            codes.clear()
        progress.report(done, len(positions), _NOTE, "rows")
        numbers: list[int] = []
        lengths = []
        for row in rows:
            words = words_of(row)
            numbers.extend(map(codes.__getitem__, words))
            if len(words) == 1:
                numbers.append(0)
            lengths.append(max(2, len(words)))
        flat = np.asarray(numbers, dtype=np.uint64)
        ends = np.cumsum(lengths)
        paired = ((flat[:-1] * _TURN) ^ (flat[1:] * np.uint64(0xC2B2AE3D27D4EB4F))) * _TURN >> np.uint64(32)
        inside = np.ones(len(paired), dtype=bool)
        inside[ends[:-1] - 1] = False  # the last word of a row and the first of the next are no neighbours
        parts.append(paired[inside].astype(np.uint32))
        counts.append(np.asarray(lengths, dtype=np.int64) - 1)
        done += len(lengths)
    if not parts:
        return np.zeros(0, dtype=np.uint32), np.zeros(0, dtype=np.int64)
    sizes = np.concatenate(counts)
    return np.concatenate(parts), np.cumsum(sizes) - sizes


def _similar_pairs(shingles: np.ndarray, starts: np.ndarray, emit: Emit) -> tuple[np.ndarray, np.ndarray]:
    """Pairs (pairs, 2) of rows that are nearly the same, as indices, the first the smaller; and their shares."""
    signatures = _signatures(shingles, starts, emit)
    codes: list[np.ndarray] = []
    rows = np.uint64(max(1, len(starts)))
    for band in range(_BANDS):
        emit(Progressed(band, _BANDS, Sentence("preparing.progress.comparing_texts")))
        codes.append(_matches(signatures[:, band * _ROWS_PER_BAND : (band + 1) * _ROWS_PER_BAND], rows))
    code = np.unique(np.concatenate(codes)) if codes else np.zeros(0, dtype=np.uint64)
    first, second = (code // rows).astype(np.int64), (code % rows).astype(np.int64)
    likely = np.zeros(len(code), dtype=bool)
    for begin in range(0, len(code), 20_000):
        emit(Progressed(begin, len(code), Sentence("preparing.progress.comparing_texts")))
        part = slice(begin, begin + 20_000)
        likely[part] = (signatures[first[part]] == signatures[second[part]]).mean(axis=1) >= _ESTIMATE
    pairs = np.stack([first[likely], second[likely]], axis=1)[:MOST_PAIRS]
    ends = np.append(starts[1:], len(shingles))
    shares = np.zeros(len(pairs))
    for index, (one, other) in enumerate(pairs):
        if index % 2_000 == 0:
            emit(Progressed(index, len(pairs), Sentence("preparing.progress.comparing_texts")))
        a, b = (np.unique(shingles[starts[row] : ends[row]]) for row in (one, other))
        common = len(np.intersect1d(a, b, assume_unique=True))
        shares[index] = common / (len(a) + len(b) - common)
    return pairs[shares >= LEAST_SHARE], shares[shares >= LEAST_SHARE]


def _alike_on_their_own(read: ReadRows, pairs: np.ndarray, emit: Emit) -> np.ndarray:
    """What the less alike of both texts have in common, of rows that are pairs of texts; (pairs,) float64.

    Two such rows are other questions where one text is the same and the other is not.
    """
    wanted = np.unique(pairs)
    texts: list[tuple[frozenset[tuple[str, ...]], ...]] = []
    for rows in read(wanted):
        emit(Progressed(len(texts), len(wanted), Sentence("preparing.progress.comparing_texts"), "rows"))
        texts += [(_neighbours(str(row["text"])), _neighbours(str(row["second_text"]))) for row in rows]
    shares = np.ones(len(pairs))
    for index, (one, other) in enumerate(np.searchsorted(wanted, pairs).tolist()):
        both = zip(texts[one], texts[other], strict=True)
        shares[index] = min(len(mine & theirs) / max(1, len(mine | theirs)) for mine, theirs in both)
    return shares


def _neighbours(text: str) -> frozenset[tuple[str, ...]]:
    words = _words(text)
    return frozenset(itertools.pairwise(words)) or frozenset([tuple(words)])


def _signatures(shingles: np.ndarray, starts: np.ndarray, emit: Emit) -> np.ndarray:
    """The least of each of many hashes of a row's members, (rows, bands × rows per band) uint32."""
    generator = np.random.default_rng(0)
    size = _BANDS * _ROWS_PER_BAND
    factors = generator.integers(0, 2**63, size, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    shifts = generator.integers(0, 2**63, size, dtype=np.uint64)
    least = np.zeros((size, len(starts)), dtype=np.uint64)
    ends = np.append(starts[1:], len(shingles))
    begin, progress = 0, ProgressReporter(emit)
    while begin < len(starts):
        progress.report(begin, len(starts), Sentence("preparing.progress.comparing_texts"), "rows")
        end = max(begin + 1, int(np.searchsorted(ends, starts[begin] + _SHINGLES_AT_ONCE, side="right")))
        part = shingles[starts[begin] : ends[end - 1]].astype(np.uint64)
        hashed = np.empty_like(part)
        for column in range(size):
            np.multiply(part, factors[column], out=hashed)
            np.add(hashed, shifts[column], out=hashed)
            np.minimum.reduceat(hashed, starts[begin:end] - starts[begin], out=least[column, begin:end])
        begin = end
    # The upper half of the least product is the least of all upper halves.
    return np.ascontiguousarray((least >> np.uint64(32)).astype(np.uint32).T)


def _matches(band: np.ndarray, rows: np.uint64) -> np.ndarray:
    """Rows with equal entries in this band, as codes first × rows + second: each with the first of its kind and with
    the one before it, so that their number stays that of the rows."""
    keys = np.zeros(len(band), dtype=np.uint64)
    for column in band.T:
        keys = (keys ^ column.astype(np.uint64)) * _TURN
    order = np.argsort(keys, kind="stable").astype(np.uint64)
    same = np.flatnonzero(keys[order[1:]] == keys[order[:-1]]) + 1
    begins = np.ones(len(order), dtype=bool)
    begins[same] = False
    head = np.maximum.accumulate(np.where(begins, np.arange(len(order)), 0))
    return np.concatenate([order[head[same]] * rows + order[same], order[same - 1] * rows + order[same]])
