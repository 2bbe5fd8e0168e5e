"""One tag per word: named entities, marked in IOB2, or tags that each word has for itself, such as parts of speech.

Labels belong to the tokens of the row's text (words_in_text.py). Entities are scored as decoded from tokens, as
a pipeline finds them; words by their first token.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import torch

from engine.contract.queries import EntityFound, Prediction, TokenizedText
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
from engine.contract.text_parsing import full_text, places_in
from engine.reading.formats.words import places_of_words
from engine.tasks.alignment import aligned
from engine.tasks.baselines import carry_on, tags_by_word
from engine.tasks.encoding import (
    Encoded,
    cut_list,
    cut_rows,
    encode_words,
    joins_subwords,
    overlap_of,
    trailing_special_tokens,
    windows_of,
)
from engine.tasks.facts import TaskFacts
from engine.tasks.further_scores import EntityErrorRows, entity_errors, scored
from engine.tasks.labels import ids_of, in_natural_order, label_text
from engine.tasks.losses import IGNORED, rooted_weights
from engine.tasks.network import label_names_of
from engine.tasks.padding import as_float32, padded, padded_inputs, probabilities, row_losses
from engine.tasks.rows import Features, Outputs, Rows, WordsOfRow, line_of
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
from engine.tasks.task import Compared, Task
from engine.tasks.token_classification.facts import FACTS
from engine.tasks.token_classification.words_in_text import (
    CUT_INSIDE,
    NO_TOKEN,
    MarkedTokens,
    PlacedRow,
    entities_of,
    found_entities,
    found_words,
    marked_tokens,
    placed_rows,
    positions_read,
    token_of_word,
    without_overlaps,
)

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

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
        """`input_ids` (list), `labels` (list of equal length), `length`, and what belongs to words of each row."""
        placed = placed_rows(tokenizer, _texts(rows), [[str(word) for word in row] for row in rows["tokens"]])
        encoded = cut_rows(tokenizer, [row.encoded for row in placed], max_length)
        trailing = trailing_special_tokens(tokenizer)
        ids, joins = ids_of(label_names), joins_subwords(tokenizer)
        marked = [
            marked_tokens(row, _tags(tags, label_names), ids, joins=joins)
            for row, tags in zip(placed, rows["tags"], strict=True)
        ]
        return {
            "input_ids": [row.input_ids for row in encoded],
            "labels": [
                cut_list(marks.labels, len(row.input_ids), trailing) for row, marks in zip(encoded, marked, strict=True)
            ],
            "length": [row.length for row in encoded],
            "answer_tokens": [[tokens + trailing for tokens in marks.needed] for marks in marked],
            "word_tokens": [
                _without_cut(marks, row, trailing, _tags(tags, label_names))
                for row, marks, tags in zip(encoded, marked, rows["tags"], strict=True)
            ],
            "read_tokens": [positions_read(row) for row in encoded],
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
        """Words by type, without B- and I-; O comes first. Words that were not read are O, or excluded without it."""
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
        for index in range(len(outputs.rows)):
            true_tags, predicted_tags = _row_tags(outputs, index, label_names)
            if true_tags == predicted_tags:
                continue
            word_logits, truth = _words(outputs, index)
            predicted = word_logits.argmax(axis=-1)
            losses = row_losses(word_logits, truth)
            wrong = np.flatnonzero(predicted != truth)
            worst = int(wrong[losses[wrong].argmax()]) if len(wrong) else -1
            row = rows[index]
            found.append(
                WrongRow(
                    row=line_of(row, outputs.rows[index]),
                    text=full_text(row),
                    truth=_entities_in_words(row, true_tags, label_names),
                    predicted=_entities_in_words(row, predicted_tags, label_names),
                    probability=float(probabilities(word_logits[worst])[predicted[worst]]) if worst >= 0 else 0.0,
                    loss=float(losses.sum()) if len(losses) else 0.0,
                )
            )
        return tuple(sorted(found, key=lambda row: -row.loss)[:limit])

    def predictions(self, outputs: Outputs, label_names: Sequence[str]) -> dict[str, list[Any]]:
        """Truth and prediction as lists of tags; the smallest probability of a predicted tag, and the summed loss."""
        columns: dict[str, list[Any]] = {"truth": [], "predicted": [], "probability": [], "loss": [], "right": []}
        for index in range(len(outputs.rows)):
            word_logits, truth = _words(outputs, index)
            true_tags, predicted_tags = _row_tags(outputs, index, label_names)
            columns["truth"].append(true_tags)
            columns["predicted"].append(predicted_tags)
            columns["probability"].append(float(probabilities(word_logits).max(axis=-1).min()) if len(truth) else 1.0)
            columns["loss"].append(float(row_losses(word_logits, truth).sum()) if len(truth) else 0.0)
            columns["right"].append(true_tags == predicted_tags)
        return columns

    def words_of_row(self, row: Mapping[str, Any], label_names: Sequence[str]) -> WordsOfRow | None:
        """The words' labels and tokens; rows prepared by 0.1.0 have labels at the first tokens of words only."""
        ids = ids_of(label_names)
        labels = np.asarray([ids[tag] for tag in _tags(row["tags"], label_names)], dtype=np.int64)
        firsts = np.flatnonzero(np.asarray(row["labels"]) != IGNORED)
        read = row.get("read_tokens", firsts)
        tokens = np.full(len(labels), NO_TOKEN, dtype=np.int64)
        known = row.get("word_tokens", firsts)[: len(labels)]
        tokens[: len(known)] = known
        cut_inside = bool((tokens == CUT_INSIDE).any())
        tokens[tokens == CUT_INSIDE] = NO_TOKEN
        return WordsOfRow(labels, tokens, np.asarray(read, dtype=np.int64), cut_inside)

    def sample_scores(self, outputs: Outputs, label_names: Sequence[str]) -> SampleScores:
        """Entity counts per row and type."""
        return entity_rows(_counts(outputs, label_names))

    def further_scores(self, outputs: Outputs, label_names: Sequence[str]) -> ScoredRows:
        """Entity errors by kind; nothing where each word has a tag of its own."""
        rows = range(len(outputs.rows))
        if are_one_per_word(label_names):
            return ScoredRows({}, self.sample_scores(outputs, label_names))
        tags = [_token_tags(outputs, row, label_names) for row in rows]
        spans = [tuple(entities_in(side, label_names) for side in pair) for pair in tags]
        return scored(EntityErrorRows([entity_errors(*pair) for pair in spans]))

    def scored_predictions(
        self, truth: Sequence[Any], predicted: Sequence[Any], label_names: Sequence[str]
    ) -> ScoredRows:
        """Scores of the tags of words: of entities as these mark them."""
        alone = are_one_per_word(label_names)
        counts = count_entities(truth, predicted, types_in(label_names), one_per_word=alone)
        return ScoredRows(scores_of(counts), entity_rows(counts))

    def answer_of(self, prediction: Prediction, row: Mapping[str, Any] | None = None) -> Any:
        """The tags of the row's words: of each entity, or tagged word, the words that share characters with it."""
        words = [str(word) for word in (row or {})["tokens"]]
        alone = self.metric == "word_accuracy"
        tags = ["" if alone else OUTSIDE] * len(words)
        places = places_in(prediction.text, words) or []
        for found in prediction.entities:
            inside = [place for place, (start, end) in enumerate(places) if start < found.end and found.start < end]
            for number, place in enumerate(inside):
                if alone:
                    tags[place] = tags[place] or found.label
                else:
                    tags[place] = f"{'I' if number else 'B'}-{found.label}"
        return tags

    def truth_of(self, row: Mapping[str, Any], label_names: Sequence[str]) -> Any:
        """The tags of the row's words."""
        return _tags(row["tags"], label_names)

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

    def plain_input(self, row: Mapping[str, Any]) -> str | dict[str, str]:
        """The text."""
        return full_text(row)

    def pipeline_options(
        self, tokenizer: PreTrainedTokenizerBase, label_names: Sequence[str], max_length: int
    ) -> dict[str, str | int]:
        """How the pipeline joins tokens, where they are joined, and by how many tokens its windows overlap then."""
        joined = self.facts.pipeline_options(label_names, joins_subwords(tokenizer))
        return {**joined, "stride": overlap_of(max_length)} if joined else {}

    def compared(self, prediction: Prediction, answer: Sequence[Mapping[str, Any]]) -> Compared:
        """The same entities at the same characters; where each word has a tag of its own, the same one at its token."""
        found = entities_of(answer, prediction.text)
        if any("entity" in one for one in answer):  # not joined: one for each token
            found = [token_of_word(word, found) for word in prediction.entities]
        ours = [(one.start, one.end, one.label) for one in prediction.entities]
        if ours != [(one.start, one.end, one.label) for one in found]:
            return Compared(False, 1.0)
        both = zip(prediction.entities, found, strict=True)
        return Compared(True, max((abs(one.probability - other.probability) for one, other in both), default=0.0))

    def predict(
        self,
        network: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        text: str,
        *,
        max_length: int,
        second_text: str = "",
    ) -> Prediction:
        """The entities in the text with character offsets; the probability is the mean over an entity's words.

        A text that is longer than `max_length` tokens is read in windows; where each word has a tag of its own, which
        no pipeline reads so, it is cut.
        """
        started = time.perf_counter()
        (found,) = self.predict_texts(network, tokenizer, [text], max_length=max_length)
        return msgspec.structs.replace(found, milliseconds=(time.perf_counter() - started) * 1000)

    def predict_texts(
        self, network: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], *, max_length: int
    ) -> list[Prediction]:
        """As `predict`, several texts at a time: as many rows of the network in a batch, eight at least."""
        places, names = [places_of_words(text) for text in texts], label_names_of(network)
        alone = are_one_per_word(names)
        read = [
            windows_of(tokenizer, row, max_length)
            if row.length > max_length and not alone
            else cut_rows(tokenizer, [row], max_length)
            for row in encode_words(tokenizer, list(texts), places)
        ]
        outputs = iter(_outputs(network, tokenizer, [row for rows in read for row in rows], max(8, len(texts))))
        answers = []
        for text, words, rows in zip(texts, places, read, strict=True):
            found: list[EntityFound] = []
            for row in rows:
                likely = probabilities(next(outputs))
                if alone:
                    found += found_words(PlacedRow(text, words, row), likely, names)
                else:
                    found += found_entities(row, likely, names)
            entities = tuple(found if len(rows) == 1 else without_overlaps(found, text))
            answers.append(Prediction(text=text, entities=entities, cut_tokens=rows[0].length - len(rows[0].input_ids)))
        return answers

    def tokenized(
        self, tokenizer: PreTrainedTokenizerBase, row: Mapping[str, Any], *, label_names: Sequence[str], max_length: int
    ) -> TokenizedText:
        """The words as the network reads them, with the label of each token that has one."""
        words = [str(word) for word in row["tokens"]]
        (placed,) = placed_rows(tokenizer, [full_text(row)], [words])
        (kept,) = cut_rows(tokenizer, [placed.encoded], max_length)
        tags, ids = _tags(row["tags"], label_names), ids_of(label_names)
        marks = marked_tokens(placed, tags, ids, joins=joins_subwords(tokenizer))
        trailing = trailing_special_tokens(tokenizer)
        shown = cut_list(marks.labels, len(kept.input_ids), trailing)
        spans = [] if are_one_per_word(label_names) else strict_spans(tags)
        lost = [span for span, tokens in zip(spans, marks.needed, strict=False) if tokens + trailing > max_length]
        names = [label_names[label] if label != IGNORED else "" for label in marks.labels]
        found = aligned(tokenizer, kept, placed.encoded, text=placed.text, texts=[placed.text], words=words, tags=names)
        return msgspec.structs.replace(
            found,
            labels=tuple(label_names[label] if label != IGNORED else "" for label in shown),
            label_ids=tuple(shown),
            lost_entities=tuple(
                f"{span.type}: {_slice(placed, span.start, span.end)[:_LONGEST_ENTITY]}" for span in lost[:_MOST_LOST]
            ),
            lost_entities_count=len(lost),
            row=line_of(row, row.get("row", 0)),
            max_length=max_length,
        )


TASK = TokenClassification()


def _outputs(
    network: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, rows: Sequence[Encoded], batch_size: int
) -> list[np.ndarray]:
    """(tokens, labels) float32 for each row, so many at a time."""
    found: list[np.ndarray] = []
    for start in range(0, len(rows), batch_size):
        some = rows[start : start + batch_size]
        inputs = [{"input_ids": row.input_ids} for row in some]
        batch = padded_inputs(inputs, padding_id=tokenizer.pad_token_id or 0, multiple=1)
        with torch.inference_mode():
            logits = network(**{name: part.to(network.device) for name, part in batch.items()}).logits
        found += [of_row[: len(row.input_ids)] for of_row, row in zip(as_float32(logits), some, strict=True)]
    return found


def _tags(tags: Sequence[Any], label_names: Sequence[str]) -> list[str]:
    return as_learned([label_text(tag) for tag in tags], label_names)


def _texts(rows: Rows) -> list[str]:
    """The text of each row."""
    return [full_text({name: values[index] for name, values in rows.items()}) for index in range(len(rows["tokens"]))]


def _without_cut(marks: MarkedTokens, row: Encoded, trailing: int, tags: Sequence[str]) -> list[int]:
    """The tokens of words, those beyond the cut −1; of an entity that ends within its last word that one −2."""
    kept = len(row.input_ids) - trailing if row.length > len(row.input_ids) else row.length
    tokens = [token if token < kept else NO_TOKEN for token in marks.words]
    # Of words with a tag of their own the first token decides, as in the pipeline.
    for span, needed in zip(strict_spans(tags), marks.needed, strict=True):
        if needed > kept and tokens[span.end - 1] != NO_TOKEN and tags[span.start].startswith("B-"):
            tokens[span.end - 1] = CUT_INSIDE
    return tokens


def _words(outputs: Outputs, row: int) -> tuple[np.ndarray, np.ndarray]:
    """Logits (words, classes) and labels (words,) of the words that tokens represent."""
    logits, labels, words = outputs.logits[row], outputs.labels[row], outputs.words.get(row)
    if words is None:
        return logits[labels != IGNORED], labels[labels != IGNORED]
    known = words.tokens != NO_TOKEN
    return logits[words.tokens[known]], words.labels[known]


def _row_tags(outputs: Outputs, row: int, label_names: Sequence[str]) -> tuple[list[str], list[str]]:
    """True and predicted tag of each word of the row at this position; of words that were not read O, or nothing."""
    words = outputs.words.get(row)
    word_logits, labels = _words(outputs, row)
    predicted = [label_names[label] for label in word_logits.argmax(axis=-1).tolist()]
    if words is None:
        return [label_names[label] for label in labels.tolist()], as_learned(predicted, label_names)
    unread = OUTSIDE if OUTSIDE in label_names else ""
    tags, place, before = [], iter(predicted), NO_TOKEN
    for token in words.tokens.tolist():
        tag = unread if token == NO_TOKEN else next(place)
        if token == before != NO_TOKEN and tag.startswith("B-"):
            tag = f"I-{tag[2:]}"  # one token represents both words
        tags.append(tag)
        before = token
    return [label_names[label] for label in words.labels.tolist()], as_learned(tags, label_names)


def _token_tags(outputs: Outputs, row: int, label_names: Sequence[str]) -> tuple[list[str], list[str]]:
    """True and predicted tags of the tokens that entities are decoded from, and of the words that none represents."""
    words, labels = outputs.words.get(row), outputs.labels[row]
    read = np.flatnonzero(labels != IGNORED) if words is None else words.read
    truth = [label_names[label] if label != IGNORED else OUTSIDE for label in labels[read].tolist()]
    predicted = [label_names[label] for label in outputs.logits[row][read].argmax(axis=-1).tolist()]
    if words is None:
        return truth, as_learned(predicted, label_names)
    known = np.flatnonzero(words.tokens != NO_TOKEN)
    cut = int(known[-1]) + 1 if len(known) else 0
    lost = [place for place in np.flatnonzero(words.tokens == NO_TOKEN).tolist() if place < cut]
    missing = [label_names[words.labels[place]] for place in (*range(cut, len(words.labels)), *lost)]
    if words.cut_inside:  # the entity of the last tokens is longer than they are
        missing[0] = f"I-{type_of(missing[0])}"
    return truth + missing, as_learned(predicted, label_names) + [OUTSIDE] * len(missing)


def _counts(outputs: Outputs, label_names: Sequence[str]) -> EntityCounts:
    types, alone = types_in(label_names), are_one_per_word(label_names)
    by_word = _counted([_row_tags(outputs, row, label_names) for row in range(len(outputs.rows))], types, alone)
    if alone:
        return by_word
    found = _counted([_token_tags(outputs, row, label_names) for row in range(len(outputs.rows))], types, alone)
    return found._replace(correct_words=by_word.correct_words, words=by_word.words)


def _counted(rows: Sequence[tuple[list[str], list[str]]], types: Sequence[str], alone: bool) -> EntityCounts:
    return count_entities([true for true, _ in rows], [given for _, given in rows], types, one_per_word=alone)


def _entities_in_words(row: Mapping[str, Any], tags: Sequence[str], label_names: Sequence[str]) -> str:
    text = full_text(row)
    places = places_in(text, row["tokens"]) or []
    spans = entities_in(tags, label_names)
    shown = (f"{span.type}: {text[places[span.start][0] : places[span.end - 1][1]]}" for span in spans)
    return "; ".join(shown) or "no entity"


def _slice(row: PlacedRow, start: int, end: int) -> str:
    return row.text[row.places[start][0] : row.places[end - 1][1]]
