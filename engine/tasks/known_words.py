"""Token ids of many texts, each word tokenized once: the same few thousand words make up most of any text.

The tokenizers of BERT (its normalizer, its words, WordPiece) look at one word after the other and never beyond a space,
so the tokens of a text are those of its words in a row. Looking up a word is several times as fast as tokenizing it
again. Tokenizers of other kinds read the whole text.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_MOST_WORDS = 200_000  # that are known at once, some 60 MB
_MOST_CHARACTERS = 10_000_000  # of all of them: some texts have no spaces
_FREE = 20_000  # words that are tokenized on their own without a look at what that brings
_COST = 5  # a word in a text costs a fifth of one that is tokenized on its own


def fast_encodings(tokenizer: PreTrainedTokenizerBase, inputs: Sequence[str] | Sequence[tuple[str, str]]) -> list[Any]:
    """Ids without words and offsets, which `encode_batch_fast` does not work out."""
    backend: Any = tokenizer.backend_tokenizer
    backend.no_truncation()
    backend.no_padding()
    return list(backend.encode_batch_fast(list(inputs), add_special_tokens=True))


def ids_of_texts(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str]) -> list[list[int]]:
    """The ids of whole texts with their special tokens, uncut."""
    if tokenizer not in _known:
        _known[tokenizer] = _KnownWords(tokenizer) if _reads_words(tokenizer) else None
    known = _known[tokenizer]
    if known is None:
        return [one.ids for one in fast_encodings(tokenizer, texts)]
    return known.ids_of(tokenizer, texts)


class _KnownWords:
    """What one tokenizer makes of words, with the special tokens around a text."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        self._ids: dict[str, list[int]] = {}
        self._characters = 0
        self._read = self._learned = 0  # words
        (letter,) = fast_encodings(tokenizer, ["a"])
        at = letter.special_tokens_mask.index(0)
        self._before, self._behind = letter.ids[:at], letter.ids[at + 1 :]

    def ids_of(self, tokenizer: PreTrainedTokenizerBase, texts: Sequence[str]) -> list[list[int]]:
        """As `ids_of_texts`."""
        words = [text.split(" ") for text in texts]
        if not self._learn(tokenizer, words):
            return [one.ids for one in fast_encodings(tokenizer, texts)]
        get = self._ids.__getitem__
        return [[*self._before, *chain.from_iterable(map(get, row)), *self._behind] for row in words]

    def _learn(self, tokenizer: PreTrainedTokenizerBase, words: list[list[str]]) -> bool:
        """Whether all these words are known now; texts of ever new words are tokenized faster as they are."""
        if len(self._ids) > _MOST_WORDS or self._characters > _MOST_CHARACTERS:
            self._ids.clear()
            self._characters = 0
        new = list(set[str]().union(*words).difference(self._ids))
        self._read += sum(map(len, words))
        if self._learned + len(new) > _FREE + self._read // _COST:
            return False
        self._learned += len(new)
        self._characters += sum(map(len, new))
        backend: Any = tokenizer.backend_tokenizer
        backend.no_truncation()
        backend.no_padding()
        for word, one in zip(new, backend.encode_batch_fast(new, add_special_tokens=False), strict=True):
            self._ids[word] = one.ids
        return True


_known: WeakKeyDictionary[PreTrainedTokenizerBase, _KnownWords | None] = WeakKeyDictionary()


def _reads_words(tokenizer: PreTrainedTokenizerBase) -> bool:
    """Whether the tokens of a text are those of its words: BERT's own parts, and one token of the letter a."""
    from tokenizers.models import WordPiece
    from tokenizers.normalizers import BertNormalizer
    from tokenizers.pre_tokenizers import BertPreTokenizer

    backend: Any = tokenizer.backend_tokenizer
    if not (
        isinstance(backend.model, WordPiece)
        and isinstance(backend.normalizer, BertNormalizer)
        and isinstance(backend.pre_tokenizer, BertPreTokenizer)
    ):
        return False
    # Such as hold a space, or are looked for in what the normalizer has made of the text, may reach over a space.
    if any(token.normalized or " " in token.content for token in backend.get_added_tokens_decoder().values()):
        return False
    (letter,) = fast_encodings(tokenizer, ["a"])
    return list(letter.special_tokens_mask).count(0) == 1
