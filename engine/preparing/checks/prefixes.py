"""The same beginning on every tag, word or text: what another program put there, and is learned as if it were meant."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from engine.contract.cleaning_rules import CorrectTagPrefixes
from engine.contract.findings import Offer
from engine.contract.sentences import Sentence
from engine.contract.tag_schemes import LETTERS, OUTSIDE_TYPES, type_of
from engine.preparing.checks.context import CheckContext, Found

_LOOKED_AT = 5_000  # rows
_TEXTS = 1_000
_FEWEST = 10  # rows, or pairs of words, that allow a judgement
_NEARLY_ALL = 0.95
# Signs between a prefix and a type, or a type and a suffix, that no tag scheme here has.
_PREFIXED = re.compile(rf"([{LETTERS}])([_:./|]|-{{2}})(\w.*)")
_SUFFIXED = re.compile(rf"(.*\w)([-_:./|])([{LETTERS}])")
_OF_TOKENS = ("\u2581", "\u0120", "##")  # SentencePiece, byte-level BPE, WordPiece
_BEGINNING = re.compile(r"\s*(?:[\[<(][^\])>\s]{1,20}[\])>]|[^\W_][^\s:|]{0,20}\s?[:|])(?=\s)")


def prefixes_of_tags(seen: CheckContext) -> Iterator[Found]:
    """Prefixes that do not mark where entities begin: on words that belong to none, B- on all, or with another sign."""
    if "tags" not in seen.collected.columns:
        return
    rows = [row["tags"] for row in seen.sample(_LOOKED_AT)]
    counts = Counter(tag for tags in rows for tag in tags)
    with_prefix = {tag: number for tag, number in counts.items() if type_of(tag) not in ("", tag)}
    yield from _outside(rows, counts, with_prefix)
    yield from _all_begin(rows, with_prefix)
    yield from _other_signs(counts)


def _outside(rows: Sequence[list[str]], counts: Counter[str], with_prefix: dict[str, int]) -> Iterator[Found]:
    marked = next((tag for tag in with_prefix if type_of(tag).casefold() in OUTSIDE_TYPES), "")
    if marked:
        number = sum(with_prefix[tag] for tag in with_prefix if type_of(tag) == type_of(marked))
        sentence = Sentence("preparing.finding.outside_with_prefix", tag=marked, type=type_of(marked), words=number)
        offer = Offer(Sentence("contract.fix.tags_outside"), CorrectTagPrefixes("outside"))
        yield Found("outside_with_prefix", "problem", sentence, number, (offer,))
    elif with_prefix and len(rows) >= _FEWEST and all(map(type_of, counts)):
        yield Found("no_word_outside", "caution", Sentence("preparing.finding.no_word_outside", words=counts.total()))


def _all_begin(rows: Sequence[list[str]], with_prefix: dict[str, int]) -> Iterator[Found]:
    if not with_prefix or any(tag[0] not in "Bb" for tag in with_prefix):
        return
    pairs = sum(one == other and one in with_prefix for tags in rows for one, other in itertools.pairwise(tags))
    if pairs >= _FEWEST:
        offer = Offer(Sentence("contract.fix.tags_begin"), CorrectTagPrefixes("begin"))
        yield Found("all_begin", "caution", Sentence("preparing.finding.all_begin", words=pairs), pairs, (offer,))


def _other_signs(counts: Counter[str]) -> Iterator[Found]:
    """Tags of one type that differ in a prefix, or a suffix, which is not read as one."""
    letters: dict[tuple[str, str, bool], dict[str, str]] = {}  # by type, sign, and whether the letter is behind
    for tag in counts:
        if type_of(tag) == tag:
            if match := _PREFIXED.fullmatch(tag):
                letters.setdefault((match[3], match[2], False), {})[match[1]] = tag
            elif match := _SUFFIXED.fullmatch(tag):
                letters.setdefault((match[1], match[2], True), {})[match[3]] = tag
    several = {place: tags for place, tags in letters.items() if "B" in tags and len(tags) > 1}
    if several:
        (_, sign, is_behind), first = next(iter(several.items()))
        number = sum(counts[tag] for tags in several.values() for tag in tags.values())
        offer = Offer(Sentence("contract.fix.tags_sign"), CorrectTagPrefixes("sign", sign, is_behind))
        sentence = Sentence("preparing.finding.other_prefix", tags=sorted(first.values()))
        yield Found("other_prefix", "problem", sentence, number, (offer,))


def words_of_a_tokenizer(seen: CheckContext) -> Iterator[Found]:
    """Words that are tokens of some tokenizer, with its signs for where a word begins or goes on."""
    if "tokens" not in seen.collected.columns:
        return
    words = [word for row in seen.sample(_LOOKED_AT) for word in row["tokens"]]
    counts = {sign: sum(word.startswith(sign) and word != sign for word in words) for sign in _OF_TOKENS}
    sign = max(counts, key=lambda one: counts[one])
    if counts[sign] >= _FEWEST and counts[sign] > 0.02 * len(words):
        share = 100 * counts[sign] / len(words)
        sentence = Sentence("preparing.finding.words_of_a_tokenizer", sign=sign, percent=share)
        yield Found("words_of_a_tokenizer", "problem", sentence, counts[sign])


def same_beginning(seen: CheckContext) -> Iterator[Found]:
    """The same mark or name with a colon before nearly every text."""
    if "text" not in seen.collected.columns:
        return
    rows = seen.sample(_TEXTS)
    matches = [_BEGINNING.match(row["text"]) for row in rows]
    counts = Counter(match[0].strip() for match in matches if match)
    if len(rows) < _FEWEST or not counts:
        return
    beginning, number = counts.most_common(1)[0]
    if number >= _NEARLY_ALL * len(rows):
        sentence = Sentence("preparing.finding.same_beginning", beginning=beginning, percent=100 * number / len(rows))
        yield Found("same_beginning", "note", sentence)
