"""One tag per word, for entities and for tags of single words: what it asks for, predicts and is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.contract.metrics import baseline_name
from engine.contract.queries import Preview
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.settings import Roles
from engine.contract.tag_schemes import OUTSIDE, are_one_per_word, entities_text, types_in
from engine.tasks.column_checks import FEWEST, cells_of, column_named, quoted
from engine.tasks.facts import TaskFacts

_MOST_TAGS = 5_000


def _doubt(preview: Preview, roles: Roles, sign: str) -> Sentence:
    return _tags_doubt(preview, roles.tags, roles.tokens) if roles.tokens and roles.tags else NOTHING


def _tags_doubt(preview: Preview, tags_name: str, words_name: str) -> Sentence:
    column, name = column_named(preview, tags_name), quoted(tags_name)
    if column.distinct > _MOST_TAGS:
        return Sentence("tasks.doubt.most_tags", tags=_MOST_TAGS, column=name)
    if column.is_list and column.items >= FEWEST and column.distinct * 2 > column.items:
        return Sentence("tasks.doubt.many_tags", tags=column.distinct, words=column.items, column=name)
    both = [
        (len(words.split()), len(tags.split()))
        for words, tags in zip(cells_of(preview, words_name), cells_of(preview, tags_name), strict=True)
        if words.strip() and not words.startswith("[") and not words.endswith("…")
    ]
    wrong = [(words, tags) for words, tags in both if words != tags]
    if len(both) >= 5 and len(wrong) > 0.5 * len(both):
        words, tags = wrong[0]
        return Sentence("tasks.doubt.tags_and_words", column=name, tags=tags, words=words)
    return NOTHING


def _label_text(labels: Sequence[str], words: Sequence[str], names: Sequence[str]) -> str:
    return entities_text(words, labels, names)


def _baseline_title(key: str, names: Sequence[str]) -> str:
    if key != "majority":
        return baseline_name(key)
    if OUTSIDE in names:
        return Sentence("tasks.baseline.no_entity_at_all")
    return Sentence("tasks.baseline.most_frequent_tag")


def _baselines_clause(names: Sequence[str]) -> Sentence:
    if OUTSIDE not in names:
        return Sentence("tasks.baselines.most_frequent_tag")
    return Sentence("tasks.baselines.no_entity")


def _constant_prediction(scores: Mapping[str, float | None], counts: Mapping[str, int]) -> Sentence:
    none = scores.get("entity_precision", 0.0) is None and scores.get("entity_f1") == 0
    return Sentence("tasks.prediction.no_entity") if none else NOTHING


def _class_word(names: Sequence[str]) -> str:
    return "tag" if are_one_per_word(names) else "entity type"


def _does(names: Sequence[str]) -> str:
    return "gives each word of a text a tag" if are_one_per_word(names) else "marks entities in texts"


def _pipeline_options(names: Sequence[str], joins: bool) -> dict[str, str]:
    """Whole words by their first token where the vocabulary marks the others; tags of single words are not joined.

    Without such marks a pipeline takes everything between two spaces for a word, "Paris." and a Chinese sentence alike.
    """
    return {} if are_one_per_word(names) else {"aggregation_strategy": "first" if joins else "simple"}


def _pipeline_note(names: Sequence[str]) -> str:
    return (
        "The pipeline returns a tag for each token; the tag of a word is that of its first token."
        if are_one_per_word(names)
        else ""
    )


FACTS = TaskFacts(
    name="token_classification",
    title_en="Token classification",
    sentence_en="One tag for each word, such as names of people and places.",
    reads="tokens",
    label_roles=("tags",),
    reads_pairs=False,
    doubt=_doubt,
    label_nouns=("tag", "tags"),
    one_label_per_word=True,
    uncounted=OUTSIDE,
    column_title_en="Entities",
    counted_title_en="Type",
    label_text=_label_text,
    target_note_en="Each word has one tag, which is the label of all its tokens; after the first token an entity "
    "continues (I-). The special tokens have −100, which the loss ignores.",
    refusals={
        "method": Sentence("tasks.conflict.these_rows_label_per_word"),
        "head_start": Sentence("tasks.conflict.linear_start_any_number_labels"),
    },
    baselines=("majority", "most_frequent_tag"),
    baseline_title=_baseline_title,
    baselines_clause=_baselines_clause,
    constant_prediction=_constant_prediction,
    class_word=_class_word,
    class_title_en="Tags",
    auto_class="AutoModelForTokenClassification",
    pipeline="token-classification",
    pipeline_options=_pipeline_options,
    pipeline_note=_pipeline_note,
    call_options={},  # this pipeline cuts by itself
    does=_does,
    shown_labels=types_in,
)
