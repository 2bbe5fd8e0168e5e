"""One tag per word: named entities, marked in IOB2, or tags that each word has for itself, such as parts of speech.

A word's tag is learned and predicted at its first token; all other tokens have the label −100, which the loss ignores.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from engine.contract.queries import EntityFound, Pieces, Prediction
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.settings import Roles
from engine.contract.states import ClassScores, WrongRow
from engine.contract.tag_schemes import (
    OUTSIDE,
    are_one_per_word,
    as_learned,
    entities_in,
    label_names_for,
    strict_spans,
    type_of,
    types_in,
)
from engine.contract.text_parsing import places_of_words
from engine.tasks.alignment import aligned, first_tokens
from engine.tasks.baselines import carry_on, tags_by_word
from engine.tasks.encoding import (
    Encoded,
    cut_rows,
    encode_whole_words,
    encode_words,
    trailing_special_tokens,
)
from engine.tasks.facts import TaskFacts
from engine.tasks.labels import ids_of, in_natural_order, label_text
from engine.tasks.losses import IGNORED, rooted_weights
from engine.tasks.network import label_names_of
from engine.tasks.padding import as_float32, padded, padded_inputs, probabilities, row_losses
from engine.tasks.rows import Features, Outputs, Rows
from engine.tasks.scores import (
    EntityCounts,
    SampleScores,
    ScoredRows,
    confusion_matrix,
    count_entities,
    entity_rows,
    scores_of,
    scores_per_type,
)
from engine.tasks.task import Task
from engine.tasks.token_classification.facts import FACTS

_MOST_LOST = 100  # entities that are named
_LONGEST_ENTITY = 80  # characters

_NO_WORDS = Sentence("tasks.excluded.no_words")
_NO_TAGS = Sentence("tasks.excluded.no_tags")
_EMPTY_WORD = Sentence("tasks.excluded.empty_word")
_WORD_WITHOUT_TAG = Sentence("tasks.excluded.word_without_tag")


class TokenClassification(Task):
    """Rows are `tokens` (words) and `tags`; `label_names` show whether these mark entities or single words."""

    facts: TaskFacts = FACTS

    def __init__(self, label_names: Sequence[str] = ()) -> None:
        one_per_word = bool(label_names) and are_one_per_word(label_names)
        self.metric: str = "word_accuracy" if one_per_word else "entity_f1"

    def for_labels(self, label_names: Sequence[str]) -> TokenClassification:
        """The task for entities, or for tags of single words."""
        return TokenClassification(label_names)

    def readable_columns(self, roles: Roles) -> dict[str, str | tuple[str, ...]]:
        """Canonical names to the user's."""
        return {"tokens": roles.tokens, "tags": roles.tags}

    def label_names(self, rows: Rows) -> tuple[str, ...]:
        """O, then B- and I- of each type in natural order; just the tags where each word has its own."""
        written = {label_text(tag) for tags in rows["tags"] for tag in tags or ()}
        if are_one_per_word(written):
            return in_natural_order(written)
        return label_names_for(in_natural_order({type_of(tag) for tag in written} - {""}))

    def complaint(self, row: Mapping[str, Any]) -> Sentence:
        """A row needs as many tags as words, none of them empty."""
        words, tags = row.get("tokens"), row.get("tags")
        if words is None or len(words) == 0:
            return _NO_WORDS
        if tags is None or len(tags) == 0:
            return _NO_TAGS
        if len(words) != len(tags):
            return Sentence("tasks.excluded.words_and_tags", words=len(words), tags=len(tags))
        if any(word is None or not str(word).strip() for word in words):
            return _EMPTY_WORD
        if not all(label_text(tag) for tag in tags):
            return _WORD_WITHOUT_TAG
        return NOTHING

    def identity(self, row: Mapping[str, Any]) -> str:
        """The words, separated by spaces."""
        return " ".join(str(word) for word in row["tokens"])

    def count_labels(self, row: Mapping[str, Any]) -> Sequence[str]:
        """The types of the row's entities; of a row without O or prefixes, its tags."""
        tags = [label_text(tag) for tag in row["tags"]]
        return tuple(span.type for span in strict_spans(as_learned(tags, tags)))

    def sample_keys(self, row: Mapping[str, Any]) -> Collection[str]:
        """The tags as they are written: together they show whether they mark entities."""
        return {label_text(tag) for tag in row["tags"]}

    def nothing_to_learn(self, label_names: Sequence[str], counts: Mapping[str, int], targets: np.ndarray) -> Sentence:
        """A sentence where nothing is marked."""
        return NOTHING if len(label_names) > 1 else Sentence("tasks.d17.no_word_tag_other_than")

    def encode(
        self, tokenizer: PreTrainedTokenizerBase, rows: Rows, *, label_names: Sequence[str], max_length: int
    ) -> dict[str, list[Any]]:
        """`input_ids` (list), `labels` (list of equal length), `length` and `answer_tokens` of each row."""
        words = [[str(word) for word in row] for row in rows["tokens"]]
        whole = encode_whole_words(tokenizer, words)
        encoded = cut_rows(tokenizer, whole, max_length)
        trailing = trailing_special_tokens(tokenizer)
        ids = ids_of(label_names)
        return {
            "input_ids": [row.input_ids for row in encoded],
            "labels": [
                _token_labels(row, [ids[tag] for tag in _tags(tags, label_names)])
                for row, tags in zip(encoded, rows["tags"], strict=True)
            ],
            "length": [row.length for row in encoded],
            "answer_tokens": [
                _entity_tokens(row, _tags(tags, label_names), trailing)
                for row, tags in zip(whole, rows["tags"], strict=True)
            ],
        }

    def collate(self, features: Features, *, padding_id: int, multiple: int = 1) -> dict[str, torch.Tensor]:
        """A padded batch; `labels` (batch, length), −100 where the loss ignores them."""
        batch = padded_inputs(features, padding_id=padding_id, multiple=multiple)
        batch["labels"] = padded([row["labels"] for row in features], filler=IGNORED, multiple=multiple)
        return batch

    def balanced_weights(self, labels: np.ndarray, label_names: Sequence[str]) -> torch.Tensor | None:
        """Weights by the root of how rare a tag is; (tags,) float32."""
        return rooted_weights(labels, len(label_names))

    def split_outputs(
        self, logits: torch.Tensor, batch: Mapping[str, torch.Tensor]
    ) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """(length, classes) float32 and (length,) int64 per row, padding removed."""
        lengths = batch["attention_mask"].sum(dim=1).tolist()
        labels = batch["labels"].cpu().numpy()
        rows = as_float32(logits)
        return (
            [rows[index, :length].copy() for index, length in enumerate(lengths)],
            [labels[index, :length].copy() for index, length in enumerate(lengths)],
        )

    def score(self, outputs: Outputs, label_names: Sequence[str]) -> dict[str, float | None]:
        """entity_f1, entity_precision and entity_recall of whole entities, and word_accuracy.

        Where each word has a tag of its own: word_accuracy, and macro_f1 over the tags. What is true of words beyond
        the maximum length counts, and nothing is found there.
        """
        return scores_of(_counts(outputs, label_names))

    def class_scores(self, outputs: Outputs, label_names: Sequence[str]) -> tuple[ClassScores, ...]:
        """One entry per entity type."""
        return scores_per_type(_counts(outputs, label_names), types_in(label_names))

    def confusion(self, outputs: Outputs, label_names: Sequence[str]) -> tuple[tuple[str, ...], np.ndarray]:
        """Words by type, without B- and I-; O comes first. Words that were not read are O, or left out without it."""
        outside = (OUTSIDE,) if OUTSIDE in label_names else ()
        shown = (*outside, *types_in(label_names))
        column = {kind: index for index, kind in enumerate(shown)}
        pairs = [
            (column[type_of(true) or OUTSIDE], column[type_of(predicted) or OUTSIDE])
            for row in range(len(outputs.rows))
            for true, predicted in zip(*_row_tags(outputs, row, label_names), strict=True)
            if predicted
        ]
        truth, predicted = np.asarray(pairs, dtype=np.int64).reshape(-1, 2).T
        return shown, confusion_matrix(truth, predicted, len(shown))

    def wrong_rows(
        self, outputs: Outputs, rows: Sequence[Mapping[str, Any]], label_names: Sequence[str], *, limit: int
    ) -> tuple[WrongRow, ...]:
        """Rows with a wrong tag, the largest summed loss first.

        The probability is that of the tag predicted for the wrong word with the largest loss; 0 where only words beyond
        the maximum length are wrong.
        """
        found = []
        for index, (logits, labels) in enumerate(zip(outputs.logits, outputs.labels, strict=True)):
            true_tags, predicted_tags = _row_tags(outputs, index, label_names)
            if true_tags == predicted_tags:
                continue
            word_logits, truth = _words(logits, labels)
            predicted = word_logits.argmax(axis=-1)
            losses = row_losses(word_logits, truth)
            wrong = np.flatnonzero(predicted != truth)
            worst = int(wrong[losses[wrong].argmax()]) if len(wrong) else -1
            words = [str(word) for word in rows[index]["tokens"]]
            found.append(
                WrongRow(
                    row=outputs.rows[index],
                    text=" ".join(words),
                    truth=_entities_in_words(words, true_tags, label_names),
                    predicted=_entities_in_words(words, predicted_tags, label_names),
                    probability=float(probabilities(word_logits[worst])[predicted[worst]]) if worst >= 0 else 0.0,
                    loss=float(losses.sum()) if len(losses) else 0.0,
                )
            )
        return tuple(sorted(found, key=lambda row: -row.loss)[:limit])

    def predictions(self, outputs: Outputs, label_names: Sequence[str]) -> dict[str, list[Any]]:
        """Truth and prediction as lists of tags; the smallest probability of a predicted tag, and the summed loss."""
        columns: dict[str, list[Any]] = {"truth": [], "predicted": [], "probability": [], "loss": [], "right": []}
        for index, (logits, labels) in enumerate(zip(outputs.logits, outputs.labels, strict=True)):
            word_logits, truth = _words(logits, labels)
            true_tags, predicted_tags = _row_tags(outputs, index, label_names)
            columns["truth"].append(true_tags)
            columns["predicted"].append(predicted_tags)
            columns["probability"].append(float(probabilities(word_logits).max(axis=-1).min()) if len(truth) else 1.0)
            columns["loss"].append(float(row_losses(word_logits, truth).sum()) if len(truth) else 0.0)
            columns["right"].append(true_tags == predicted_tags)
        return columns

    def unread_labels(self, row: Mapping[str, Any], label_names: Sequence[str]) -> np.ndarray:
        """Tags of the words whose first token lies beyond the maximum length."""
        ids = ids_of(label_names)
        read = sum(label != IGNORED for label in row["labels"])
        return np.asarray([ids[tag] for tag in _tags(row["tags"], label_names)[read:]], dtype=np.int64)

    def sample_scores(self, outputs: Outputs, label_names: Sequence[str]) -> SampleScores:
        """Entity counts per row and type."""
        return entity_rows(_counts(outputs, label_names))

    def baselines(
        self, train: Rows, held_out: Rows, label_names: Sequence[str], *, pause: Callable[[], object] = carry_on
    ) -> dict[str, ScoredRows]:
        """The most frequent tag (where entities are marked: O), and each word's usual one."""
        truth = [_tags(tags, label_names) for tags in held_out["tags"]]
        train_tags = [_tags(tags, label_names) for tags in train["tags"]]
        counts = Counter(tag for tags in train_tags for tag in tags)
        majority = OUTSIDE if OUTSIDE in label_names else counts.most_common(1)[0][0]
        usual = tags_by_word(list(train["tokens"]), train_tags, list(held_out["tokens"]), otherwise=majority)
        predicted = {
            "majority": [[majority] * len(tags) for tags in truth],
            "most_frequent_tag": usual,
        }
        types, alone = types_in(label_names), are_one_per_word(label_names)
        measured = {name: count_entities(truth, given, types, one_per_word=alone) for name, given in predicted.items()}
        return {name: ScoredRows(scores_of(given), entity_rows(given)) for name, given in measured.items()}

    def plain_input(self, row: Mapping[str, Any]) -> str | list[str] | dict[str, str]:
        """The words."""
        return [str(word) for word in row["tokens"]]

    def predict(
        self,
        network: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        text: str,
        *,
        max_length: int,
        second_text: str = "",
    ) -> Prediction:
        """The entities in the text with character offsets; the probability is the mean over an entity's words."""
        started = time.perf_counter()
        places = places_of_words(text)
        if not places:
            return Prediction(text=text)
        (row,) = encode_words(tokenizer, [[text[start:end] for start, end in places]], max_length)
        input_ids = torch.tensor([row.input_ids], device=network.device)
        with torch.inference_mode():
            logits = network(input_ids=input_ids, attention_mask=torch.ones_like(input_ids)).logits
        firsts = list(first_tokens(row))
        likely = probabilities(as_float32(logits)[0][firsts])
        names = label_names_of(network)
        tags = [names[index] for index in likely.argmax(axis=-1).tolist()]
        certainty = likely.max(axis=-1)
        return Prediction(
            text=text,
            entities=tuple(
                EntityFound(
                    start=places[span.start][0],
                    end=places[span.end - 1][1],
                    label=span.type,
                    probability=float(certainty[span.start : span.end].mean()),
                )
                for span in entities_in(tags, names)
            ),
            cut_tokens=row.length - len(row.input_ids),
            milliseconds=(time.perf_counter() - started) * 1000,
        )

    def tokenized(
        self, tokenizer: PreTrainedTokenizerBase, row: Mapping[str, Any], *, label_names: Sequence[str], max_length: int
    ) -> Pieces:
        """The words as the network reads them, with the tag at each word's first token."""
        words = [str(word) for word in row["tokens"]]
        (whole,) = encode_whole_words(tokenizer, [words])
        (kept,) = cut_rows(tokenizer, [whole], max_length)
        tags, ids = _tags(row["tags"], label_names), ids_of(label_names)
        at = {position: tags[word] for position, word in first_tokens(kept).items()}
        labels = tuple(at.get(position, "") for position in range(len(kept.input_ids)))
        needed = _entity_tokens(whole, tags, trailing_special_tokens(tokenizer))
        lost = [span for span, tokens in zip(strict_spans(tags), needed, strict=True) if tokens > max_length]
        found = aligned(tokenizer, kept, whole, text=" ".join(words), words=words, tags=dict(enumerate(tags)))
        return msgspec.structs.replace(
            found,
            labels=labels,
            label_ids=tuple(ids.get(label, IGNORED) for label in labels),
            lost_entities=tuple(
                f"{span.type}: {' '.join(words[span.start : span.end])[:_LONGEST_ENTITY]}" for span in lost[:_MOST_LOST]
            ),
            lost_entities_count=len(lost),
            row=int(row.get("row", 0)),
            max_length=max_length,
        )


TASK = TokenClassification()


def _tags(tags: Sequence[Any], label_names: Sequence[str]) -> list[str]:
    return as_learned([label_text(tag) for tag in tags], label_names)


def _token_labels(row: Encoded, word_labels: Sequence[int]) -> list[int]:
    labels = [IGNORED] * len(row.input_ids)
    for position, word in first_tokens(row).items():
        labels[position] = word_labels[word]
    return labels


def _entity_tokens(row: Encoded, tags: Sequence[str], trailing: int) -> list[int]:
    """How many tokens of an uncut row must be kept so that each of its entities is learned whole."""
    at = {word: position for position, word in first_tokens(row).items()}
    return [at[span.end - 1] + 1 + trailing for span in strict_spans(tags)]


def _words(logits: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Logits (words, classes) and labels (words,) at the first token of each word."""
    first = labels != IGNORED
    return logits[first], labels[first]


def _row_tags(outputs: Outputs, row: int, label_names: Sequence[str]) -> tuple[list[str], list[str]]:
    """True and predicted tag of each word of the row at this position; of words that were not read O, or nothing."""
    word_logits, read = _words(outputs.logits[row], outputs.labels[row])
    unread = outputs.unread.get(row, np.zeros(0, dtype=np.int64))
    truth = [label_names[label] for label in (*read.tolist(), *unread.tolist())]
    predicted = as_learned([label_names[label] for label in word_logits.argmax(axis=-1).tolist()], label_names)
    return truth, predicted + [OUTSIDE if OUTSIDE in label_names else ""] * len(unread)


def _counts(outputs: Outputs, label_names: Sequence[str]) -> EntityCounts:
    tags = [_row_tags(outputs, row, label_names) for row in range(len(outputs.rows))]
    truth, predicted = [true for true, _ in tags], [given for _, given in tags]
    return count_entities(truth, predicted, types_in(label_names), one_per_word=are_one_per_word(label_names))


def _entities_in_words(words: Sequence[str], tags: Sequence[str], label_names: Sequence[str]) -> str:
    spans = entities_in(tags, label_names)
    return "; ".join(f"{span.type}: {' '.join(words[span.start : span.end])}" for span in spans) or "no entity"
