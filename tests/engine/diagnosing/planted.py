"""Rows with features as an encoder would make them, and wrong labels put among them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from engine.contract.tag_schemes import Span, entities_in
from engine.diagnosing.row_features import PreparedRow, RowFeatures, Rows

WORDS_OF_A_CLASS = 12


def class_rows(rows: int, classes: int, *, seed: int, apart: float = 3.0, width: int = 24) -> RowFeatures:
    """Classes as clouds around random centres, with texts whose words lean to their class; a fifth are test rows.

    `apart` is how far the centres are from each other, in spreads of a cloud.
    """
    generator = np.random.default_rng(seed)
    labels = np.arange(rows) % classes
    centres = generator.normal(size=(classes, width))
    centres *= apart / np.sqrt(2 * width)
    features = centres[labels] + generator.normal(size=(rows, width)) * 0.5
    texts = []
    for label in labels.tolist():
        own = generator.random(6) < 0.35
        words = np.where(own, label * WORDS_OF_A_CLASS, generator.integers(0, classes, 6) * WORDS_OF_A_CLASS)
        texts.append(" ".join(f"word{word + generator.integers(WORDS_OF_A_CLASS)}" for word in words))
    places = [PreparedRow("test" if number % 5 == 4 else "train", number, number + 1) for number in range(rows)]
    columns = {"text": texts, "label": [f"c{label}" for label in labels]}
    return RowFeatures(Rows(places, columns, [[1, 2]] * rows, labels.tolist(), rows), features.astype(np.float32))


def flipped(
    labels: np.ndarray, share: float, classes: int, *, seed: int, nearest: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """The labels with this share of them wrong, and which; to the `nearest` other class (classes,) where given."""
    generator = np.random.default_rng(seed)
    wrong = np.zeros(len(labels), dtype=bool)
    wrong[generator.choice(len(labels), round(share * len(labels)), replace=False)] = True
    moved = labels.copy()
    moved[wrong] = (labels[wrong] + generator.integers(1, classes, wrong.sum())) % classes
    if nearest is not None:
        moved[wrong] = nearest[labels[wrong]]
    return moved, wrong


def nearest_classes(features: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """Of each class the other one whose mean is nearest by the cosine, (classes,) int64."""
    centred = features - features.mean(axis=0)
    means = np.stack([centred[labels == label].mean(axis=0) for label in range(classes)])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    similarity = means @ means.T
    np.fill_diagonal(similarity, -np.inf)
    return np.asarray(similarity.argmax(axis=1))


def with_wrong_entities(
    tags: Sequence[Sequence[str]], names: Sequence[str], kind: str, share: float, *, seed: int
) -> tuple[list[list[str]], np.ndarray]:
    """The tags with this share of their entities wrong in one way, and which rows are; IOB2."""
    generator = np.random.default_rng(seed)
    types = sorted({name[2:] for name in names if name[:2] == "B-"})
    places = [(row, span) for row, one in enumerate(tags) for span in entities_in(one, names)]
    made = [list(one) for one in tags]
    wrong = np.zeros(len(tags), dtype=bool)
    wanted = round(share * len(places))
    for place in generator.permutation(len(places)).tolist():
        row, span = places[place]
        if wrong.sum() >= wanted:
            break
        if wrong[row]:
            continue
        other = _moved(made[row], span, kind, types, generator)
        if other is not None:
            made[row], wrong[row] = other, True
    return made, wrong


def _moved(
    tags: Sequence[str], span: Span, kind: str, types: Sequence[str], generator: np.random.Generator
) -> list[str] | None:
    """The tags with this entity wrong; None where that cannot be."""
    found = list(tags)
    start, end, name = span
    if kind == "missing":
        found[start:end] = ["O"] * (end - start)
        return found
    if kind == "type":
        if len(types) < 2:
            return None
        name = str(generator.choice([one for one in types if one != name]))
    else:
        ways = []
        if end - start > 1:
            ways += [(start + 1, end), (start, end - 1)]
        if end < len(tags) and tags[end] == "O":
            ways.append((start, end + 1))
        if start and tags[start - 1] == "O":
            ways.append((start - 1, end))
        if not ways:
            return None
        found[start:end] = ["O"] * (end - start)
        start, end = ways[int(generator.integers(len(ways)))]
    found[start:end] = [f"B-{name}", *[f"I-{name}"] * (end - start - 1)]
    return found


class SlicedRows(NamedTuple):
    """Evaluated rows of which a planted group is wrong more often."""

    wrong: np.ndarray
    planted: np.ndarray  # (rows,) bool
    texts: list[str]
    lengths: np.ndarray
    labels: list[tuple[str]]
    features: np.ndarray


def sliced_rows(rows: int, kind: str, *, seed: int, share: float = 0.03) -> SlicedRows:
    """10 % of the rows are wrong, of a planted `kind` of group (a word, a length, a cluster) 40 %; none without one."""
    generator = np.random.default_rng(seed)
    topics = 30
    topic = generator.integers(0, topics, rows)
    features = (generator.normal(size=(topics, 32)) * 0.6)[topic] + generator.normal(size=(rows, 32)) * 0.5
    lengths = np.clip(generator.gamma(4.0, 4.0, rows), 3, 80).astype(np.int64)
    texts = [
        " ".join(f"t{own}w{word}" if word < 3 else f"common{word}" for word in generator.integers(0, 40, 8).tolist())
        for own in topic.tolist()
    ]
    planted = np.zeros(rows, dtype=bool)
    size = round(share * rows)
    if kind == "word":
        planted[generator.choice(rows, size, replace=False)] = True
        texts = [f"{text} zeppelin" if own else text for text, own in zip(texts, planted, strict=True)]
    elif kind == "length":
        planted[np.argsort(-lengths, kind="stable")[:size]] = True
    elif kind == "cluster":
        chosen = generator.choice(rows, size, replace=False)
        planted[chosen] = True
        features[chosen] = generator.normal(size=32) * 0.8 + generator.normal(size=(size, 32)) * 0.4
    wrong = generator.random(rows) < np.where(planted, 0.4, 0.1)
    labels = [(f"label{number % 6}",) for number in generator.integers(0, 6, rows).tolist()]
    return SlicedRows(wrong, planted, texts, lengths, labels, features.astype(np.float32))
