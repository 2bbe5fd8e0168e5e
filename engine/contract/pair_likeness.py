"""What is compared of pairs of texts before the similarity start, for the run and for its script alike."""

from __future__ import annotations

import re

# A script without spaces between words (Thai, kana, Chinese characters) is compared by its characters.
_ALONE = r"\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff"
WORD = re.compile(rf"[{_ALONE}]|[^\W{_ALONE}]+")
NUMBER = re.compile(r"\d+")
# Of the cosine, then of the values of `word_likeness`, all standardised. Words count half as much as the cosine to the
# penalties, since few rows teach little about them.
WEIGHTS = (1.0, 0.5, 0.5, 0.5)
INVERSE_PENALTY = 1.0  # of the logistic regression
PENALTY = 10.0  # of the ridge regression
# Twice the gain in log-likelihood over no comparison, below which it is no evidence (its mean there: about 4).
# Of fewer than 40 rows a tenth of them: the penalty keeps it small, and there is nothing else to learn from. mrpc with
# 8 rows a class had 3.7 in two of five draws: 51 and 55 % were right from the labels alone, 62 to 68 % in the others.
LEAST_EVIDENCE = 4.0
ROWS_OF_EVIDENCE = 10
MADE_PAIRS = 4_000  # at least
TIMES_SEEN = 3  # of a made pair while training, at most: longer training has more pairs


def word_likeness(first: str, second: str) -> tuple[float, float, float]:
    """Dice's overlap of the words, the shorter length over the longer, and 1 where the numbers differ, else 0."""
    own, other = (WORD.findall(text.lower()) for text in (first, second))
    shared = len(set(own) & set(other))
    overlap = 2 * shared / max(1, len(set(own)) + len(set(other)))
    lengths = min(len(own), len(other)) / max(1, len(own), len(other))
    return overlap, lengths, float(set(NUMBER.findall(first)) != set(NUMBER.findall(second)))


def is_no_evidence(evidence: float, rows: int) -> bool:
    """Whether this evidence from so many rows is too little to learn from."""
    return evidence < min(LEAST_EVIDENCE, rows / ROWS_OF_EVIDENCE)


def pairs_to_make(updates: int, batch_size: int) -> int:
    """How many pairs a training of so many updates is given."""
    return max(MADE_PAIRS, updates * batch_size // TIMES_SEEN)
