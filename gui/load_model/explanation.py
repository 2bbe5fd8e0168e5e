"""The Why tab of Load model: what an encoder is, why it comes first, and what its tokenizer makes of a sentence."""

from __future__ import annotations

from engine.contract.queries import TokenizedText
from engine.contract.sentences import Sentence
from engine.contract.states import ModelHandle
from gui.components.numbers import count_text


def why_model(model: ModelHandle | None, pieces: TokenizedText | None) -> str:
    """Paragraphs of plain text; `pieces` is the sentence that was typed, as the loaded model reads it."""
    if model is None:
        return "\n\n".join(
            (
                Sentence("gui.why.model.first"),
                Sentence("gui.why.model.without"),
                Sentence("gui.why.model.encoder"),
                Sentence("gui.why.model.starter"),
            )
        )
    paragraphs = [
        Sentence(
            "gui.why.model.is",
            name=model.name,
            architecture=model.architecture,
            layers=model.layers,
            heads=model.attention_heads,
            hidden_size=model.hidden_size,
        ),
        Sentence(
            "gui.why.model.vocabulary",
            name=model.name,
            vocabulary=model.vocabulary_size,
            max_length=model.max_length,
        ),
    ]
    if pieces is not None and (word := _first_word(pieces)) is not None:
        paragraphs.append(Sentence("gui.why.model.number", token=pieces.tokens[word], id_=pieces.input_ids[word]))
    paragraphs.append(Sentence("gui.why.model.head", parameters=count_text(model.parameters)))
    return "\n\n".join(paragraphs)


def _first_word(pieces: TokenizedText) -> int | None:
    """The place of the first token that belongs to a word; special tokens have numbers in every vocabulary."""
    return next((place for place, word in enumerate(pieces.word_ids) if word is not None), None)
