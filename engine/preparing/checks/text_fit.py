"""Whether the model can read these texts: their writing system and language, unknown tokens, capitals, length."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as compute

from engine.contract.cleaning_rules import RepairMisreadText
from engine.contract.findings import Offer
from engine.contract.sentences import Sentence
from engine.contract.tag_schemes import type_of
from engine.preparing.checks.context import CheckContext, Found, read_text
from engine.preparing.checks.languages import NAMES, code_of, language_of, scripts_for, scripts_of
from engine.preparing.rows.collecting import rows_at
from engine.preparing.rows.misread_text import DAMAGED, REPAIRABLE, as_shown, repaired
from engine.preparing.rows.truncation import CHARACTERS_PER_TOKEN

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_TEXTS = 1_000  # looked at for script and language
_TOKENIZED = 300
_CASED = 5_000
_CHARACTERS = 500  # of each text
_FOREIGN = 0.5  # share of letters in a writing system that the model does not read
_UNKNOWN = 0.05  # share of tokens
_PIECES_PER_WORD = 2.5  # English in an English model has 1.2 to 1.5
_CAPITALS = 0.25  # difference between two labels in the share of capital letters
_CAPITAL_WORDS = 0.5  # difference between words with and without a tag in the share that begin with a capital
_FEWEST = 20
_SHOWN = 30  # characters of a word


def misread_text(seen: CheckContext) -> Iterator[Found]:
    """UTF-8 that was once read in another encoding, and what is left of such text where it cannot be repaired."""
    rows = np.flatnonzero(seen.used & (seen.collected.misread & REPAIRABLE > 0))
    if len(rows):
        written, meant = _misread_word(seen, rows[:1])
        yield Found(
            "misread_text",
            "caution",
            Sentence("preparing.finding.misread_text", rows=len(rows), written=written, meant=meant),
            len(rows),
            (Offer(Sentence("preparing.offer.repair_rows", rows=len(rows)), RepairMisreadText()),),
            rows,
        )
    damaged = np.flatnonzero(seen.used & (seen.collected.misread & DAMAGED > 0))
    if len(damaged):
        yield Found(
            "damaged_text",
            "note",
            Sentence("preparing.finding.damaged_text", rows=len(damaged)),
            len(damaged),
            (),
            damaged,
        )


def _misread_word(seen: CheckContext, position: np.ndarray) -> tuple[str, str]:
    """The first word of this row that was misread, as it is and as it was meant."""
    row = next(row for rows in rows_at(seen.collected, position) for row in rows)
    for name in seen.collected.columns:
        for cell in row[name] if isinstance(row[name], list) else (row[name],):
            if repaired(cell) != cell:
                word = next((word for word in cell.split() if repaired(word) != word), cell)
                return as_shown(word)[:_SHOWN], repaired(word)[:_SHOWN]
    raise AssertionError("a row that was noted as misread holds a cell that is")


def language(seen: CheckContext) -> Iterator[Found]:
    """Texts in a writing system or a language that the model was not made for."""
    if seen.loaded is None:
        return
    model = seen.loaded.model
    texts = [read_text(row)[:_CHARACTERS] for row in seen.sample(_TEXTS)]
    letters = scripts_of(texts)
    expected = scripts_for(model.languages)
    total = sum(letters.values())
    names = ", ".join(NAMES.get(code_of(name), name) for name in model.languages[:4])
    foreign = {script: number for script, number in letters.items() if script not in expected}
    if expected and total >= 100 and sum(foreign.values()) > _FOREIGN * total:
        script = max(foreign, key=lambda name: foreign[name])
        yield Found(
            "language",
            "problem",
            Sentence(
                "preparing.finding.letters_model_made_choose_model",
                foreign=100 * foreign[script] / total,
                script=script,
                names=names,
            ),
        )
        return
    own = {code_of(name) for name in model.languages}
    likeliest, shares = language_of(texts)
    known = [shares[code] for code in own if code in shares]
    if expected and likeliest and likeliest not in own and known and max(known) < shares[likeliest]:
        yield Found(
            "language",
            "caution",
            Sentence("preparing.finding.texts_look_model_made_model", names=NAMES[likeliest], names_2=names),
        )
        return
    yield from _pieces(seen, seen.loaded.tokenizer)


def _pieces(seen: CheckContext, tokenizer: PreTrainedTokenizerBase) -> Iterator[Found]:
    """Texts that the tokenizer has no vocabulary for: unknown tokens, or words cut to crumbs."""
    rows = seen.sample(_TOKENIZED)
    texts = [read_text(row)[:_CHARACTERS] for row in rows]
    encoded = tokenizer(texts, add_special_tokens=False, truncation=False, padding=False, verbose=False)
    ids_of_texts: list[list[int]] = [list(ids) for ids in encoded["input_ids"]]
    total = sum(map(len, ids_of_texts))
    words = sum(len(text.split()) for text in texts)
    unknown = tokenizer.unk_token_id
    positions = seen.spread(_TOKENIZED)
    if unknown is not None and total >= 100:
        unread = sum(ids.count(unknown) for ids in ids_of_texts)
        if unread > _UNKNOWN * total:
            affected = np.asarray([unknown in ids for ids in ids_of_texts], dtype=bool)
            yield Found(
                "unknown_pieces",
                "problem" if unread > 4 * _UNKNOWN * total else "caution",
                Sentence("preparing.finding.pieces_unknown_model_which_cannot", unread=100 * unread / total),
                int(affected.sum()),
                (),
                positions[affected],
            )
            return
    latin = scripts_of(texts)
    if words >= 100 and latin["Latin"] > 0.9 * sum(latin.values()) and total > _PIECES_PER_WORD * words:
        yield Found(
            "pieces_per_word",
            "note",
            Sentence("preparing.finding.model_cuts_word_these_texts", total=total / words),
        )


def casing(seen: CheckContext) -> Iterator[Found]:
    """Capitals by which answers differ, and a model that does not read them."""
    if seen.loaded is None or not seen.loaded.model.lower_case:
        return
    rows = seen.sample(_CASED)
    if "tags" in seen.collected.columns:
        yield from _capital_names(seen, rows)
    elif "label" in seen.collected.columns:
        yield from _capital_texts(seen, rows)


def _capital_names(seen: CheckContext, rows: list[dict[str, Any]]) -> Iterator[Found]:
    capital, words = [0, 0], [0, 0]
    for row in rows:
        for word, tag in list(zip(row["tokens"], row["tags"], strict=True))[1:]:  # sentences begin with a capital
            if word[:1].isalpha():
                marked = bool(type_of(tag))
                words[marked] += 1
                capital[marked] += word[:1].isupper()
    if min(words) < _FEWEST:
        return
    other, tagged = (capital[index] / words[index] for index in (0, 1))
    if tagged - other > _CAPITAL_WORDS:
        yield Found(
            "casing",
            "caution",
            Sentence("preparing.finding.tagged_words_begin_capital_letter", tagged=100 * tagged, other=100 * other),
        )


def _capital_texts(seen: CheckContext, rows: list[dict[str, Any]]) -> Iterator[Found]:
    shares: dict[str, list[float]] = {}
    for row in rows:
        text = row["text"][:_CHARACTERS]
        letters = sum(map(str.isalpha, text))
        if letters:
            shares.setdefault(row["label"], []).append(sum(map(str.isupper, text)) / letters)
    means = {label: float(np.mean(values)) for label, values in shares.items() if len(values) >= _FEWEST}
    if len(means) < 2:
        return
    high, low = max(means, key=lambda label: means[label]), min(means, key=lambda label: means[label])
    if means[high] - means[low] > _CAPITALS:
        yield Found(
            "casing",
            "caution",
            Sentence(
                "preparing.finding.letters_capitals_rows_rows_but",
                means=100 * means[high],
                high=high[:40],
                means_2=100 * means[low],
                low=low[:40],
            ),
        )


def long_texts(seen: CheckContext) -> Iterator[Found]:
    """Texts so long that most of them can never be read."""
    if seen.loaded is None:
        return
    limit = CHARACTERS_PER_TOKEN * seen.loaded.model.max_length
    columns = [name for name in ("text", "second_text", "tokens") if name in seen.collected.columns]
    positions, start = [], 0
    with pa.memory_map(str(seen.collected.spool)) as source:
        for batch in pa.ipc.open_stream(source):
            longest = np.max([_characters(batch.column(name)) for name in columns], axis=0)
            positions.append(np.flatnonzero(longest > limit) + start)
            start += batch.num_rows
    found = np.concatenate(positions) if positions else np.zeros(0, dtype=np.int64)
    found = found[seen.used[found]]
    if len(found):
        yield Found(
            "long_texts",
            "note",
            Sentence(
                "preparing.finding.more_than_characters_model_reads",
                found=len(found),
                limit=limit,
                max_length=seen.loaded.model.max_length,
            ),
            len(found),
            (),
            found,
        )


def _characters(column: pa.Array) -> np.ndarray:
    """Of each text, or of each row's words with spaces between them; (rows,) int64."""
    if not pa.types.is_list(column.type):
        return np.asarray(compute.utf8_length(column), dtype=np.int64)
    words = np.asarray(compute.list_value_length(column), dtype=np.int64)
    ends = np.concatenate([[0], np.cumsum(words)])
    total = np.concatenate([[0], np.cumsum(np.asarray(compute.utf8_length(column.flatten()), dtype=np.int64) + 1)])
    return np.asarray(total[ends[1:]] - total[ends[:-1]] - 1, dtype=np.int64)
