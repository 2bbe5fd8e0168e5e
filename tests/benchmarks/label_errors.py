"""How early wrong labels come in the queue: 5 % of real labels flipped, at random and to the nearest class.

    python tests/benchmarks/label_errors.py MODEL_FOLDER DATA_FOLDER [--sets trec,snips,clinc150] [--features FOLDER]

Of entities (--sets snips_slots,wnut17) 5 % are given another type, taken away, or given other limits, each in a trial
of its own. Reported are average precision and the share of the wrong rows in the first tenth of the queue. What the
encoder makes of the rows is kept in the folder of --features and read from there the next time.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sklearn.metrics import average_precision_score

from engine.contract.tag_schemes import as_learned, label_names_for, types_in
from engine.diagnosing.label_errors import doubts_of
from engine.diagnosing.row_features import PreparedRow, RowFeatures, Rows, _Reader
from engine.tasks.registry import task_named
from tests.engine.diagnosing.planted import flipped, nearest_classes, with_wrong_entities

SHARE = 0.05
COLUMNS = {"trec": "coarse_label", "clinc150": "intent"}


def main() -> None:
    """Prints a line for each set and way of being wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", default="trec,snips,clinc150,snips_slots,wnut17")
    parser.add_argument("--features", type=Path)
    parser.add_argument("--rows", type=int, default=0, help="the first rows only; 0: all")
    options = parser.parse_args()
    for name in options.sets.split(","):
        if name in ("snips_slots", "wnut17"):
            entities(name, options)
        else:
            classes(name, options)


def classes(name: str, options: argparse.Namespace) -> None:
    texts, written = texts_of(options.data, name, options.rows)
    names, labels = np.unique(written, return_inverse=True)
    features = kept(options, name, len(texts), lambda: means(options.model, texts))
    nearest = nearest_classes(features, labels, len(names))
    for way, other in (("random", None), ("nearest class", nearest)):
        began = time.monotonic()
        moved, wrong = flipped(labels, SHARE, len(names), seed=1, nearest=other)
        places = [PreparedRow("train", number, number + 1) for number in range(len(texts))]
        rows = Rows(places, {"text": texts}, [[0]] * len(texts), moved.tolist(), len(texts))
        found = doubts_of(task_named("text_classification"), list(names), RowFeatures(rows, features), _silent, seed=1)
        report(f"{name}, {way}", -found.margin, wrong, began)


def entities(name: str, options: argparse.Namespace) -> None:
    words, tags = words_of(options.data, name, options.rows)
    names = label_names_for(types_in(sorted({tag for row in tags for tag in row})))
    tags = [as_learned(row, names) for row in tags]
    states = kept(options, name, sum(map(len, words)), lambda: word_states(options.model, words))
    owner = np.repeat(np.arange(len(words)), [len(row) for row in words])
    for kind in ("type", "missing", "boundary"):
        began = time.monotonic()
        moved, wrong = with_wrong_entities(tags, names, kind, SHARE, seed=1)
        places = [PreparedRow("train", number, number + 1) for number in range(len(words))]
        ids = {tag: number for number, tag in enumerate(names)}
        columns: dict[str, list[Any]] = {"tokens": words, "tags": moved}
        columns["word_tokens"] = [list(range(1, len(row) + 1)) for row in words]
        encoded = [[-100, *(ids[tag] for tag in row), -100] for row in moved]
        rows = Rows(places, columns, [[0]] * len(words), encoded, len(words))
        features = RowFeatures(rows, np.zeros((len(words), 1), dtype=np.float32), states, owner)
        found = doubts_of(task_named("token_classification", names), names, features, _silent, seed=1)
        report(f"{name}, {kind}", -found.margin, wrong, began)
        report(f"{name}, {kind}, by its own order", np.nan_to_num(found.by_kind[kind]), wrong, began)


def report(title: str, suspicious: np.ndarray, wrong: np.ndarray, began: float) -> None:
    first = np.argsort(-suspicious, kind="stable")[: len(wrong) // 10]
    precision = average_precision_score(wrong, suspicious)
    early = wrong[first].sum() / wrong.sum()
    print(
        f"{title}: {len(wrong):,} rows, {wrong.sum():,} wrong: average precision {precision:.3f}, "
        f"in the first tenth {early:.3f}; {time.monotonic() - began:.0f} s",
        flush=True,
    )


# Rows and features


def texts_of(data: Path, name: str, most: int) -> tuple[list[str], list[str]]:
    if name == "snips":
        lines = [json.loads(line) for line in (data / name / "train.jsonl").open(encoding="utf-8")]
        found = [(line["text"], line["intent"]) for line in lines]
    else:
        with (data / name / "train.csv").open(encoding="utf-8", newline="") as file:
            found = [(row["text"], row[COLUMNS[name]]) for row in csv.DictReader(file)]
    found = found[: most or None]
    return [text for text, _ in found], [label for _, label in found]


def words_of(data: Path, name: str, most: int) -> tuple[list[list[str]], list[list[str]]]:
    if name == "snips_slots":
        lines = [json.loads(line) for line in (data / "snips" / "train.jsonl").open(encoding="utf-8")]
        found = [(line["tokens"], line["slots"]) for line in lines]
    else:
        found = []
        # Some sentences end with a line of a tab alone.
        for block in re.split(r"\n[ \t]*\n", (data / name / "train.conll").read_text("utf-8")):
            pairs = [line.split("\t") for line in block.splitlines() if line.strip()]
            if pairs:
                found.append(([pair[0] for pair in pairs], [pair[1] for pair in pairs]))
    found = found[: most or None]
    return [words for words, _ in found], [tags for _, tags in found]


def kept(options: argparse.Namespace, name: str, rows: int, compute: Any) -> np.ndarray:
    path = options.features / f"{name}.npz" if options.features is not None else None
    if path is not None and path.is_file():
        found = np.load(path)["F"][:rows]
        if len(found) == rows:
            return np.asarray(found, dtype=np.float32)
    features = np.asarray(compute(), dtype=np.float32)
    if path is not None:
        np.savez(path, F=features)
    return features


def means(model: Path, texts: list[str]) -> np.ndarray:
    reader, tokenizer = _encoder(model)
    inputs = tokenizer(texts, truncation=True, max_length=128)["input_ids"]
    return np.asarray(reader.means(inputs, total=len(texts)))


def word_states(model: Path, words: list[list[str]]) -> np.ndarray:
    reader, tokenizer = _encoder(model)
    encoded = tokenizer(words, is_split_into_words=True, truncation=True, max_length=128)
    firsts = []
    for row, own in enumerate(words):
        place = {word: token for token, word in reversed(list(enumerate(encoded.word_ids(row)))) if word is not None}
        firsts.append([place.get(word, -1) for word in range(len(own))])
    return np.asarray(reader.words(encoded["input_ids"], firsts)[1])


def _encoder(model: Path) -> tuple[_Reader, Any]:
    from transformers import AutoModel, AutoTokenizer

    network = AutoModel.from_pretrained(model).train(False)
    return _Reader(network, 0, _silent), AutoTokenizer.from_pretrained(model)


def _silent(_event: object) -> None:
    pass


if __name__ == "__main__":
    main()
