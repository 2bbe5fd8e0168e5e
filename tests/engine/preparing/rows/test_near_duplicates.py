"""Near-duplicates are found without comparing all with all, in bounded memory, and the search can be stopped."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.contract.errors import StopRequested
from engine.contract.events import Event
from engine.preparing.rows import near_duplicates
from engine.preparing.rows.collecting import Collected, spool_schema
from engine.preparing.rows.groups import first_of_each, group_numbers, in_common, kinds_in_each, with_first_partners
from engine.preparing.rows.near_duplicates import LEAST_SHARE, find_near_duplicates, words_of
from tests.builders_data import ignore

WORDS = [f"word{number}" for number in range(400)]


def collected(folder: Path, texts: list[str]) -> Collected:
    """Rows with these texts, all of them different inputs unless they are equal."""
    rows = Collected(folder / "rows.arrow", ("text",))
    schema = spool_schema(("text",))
    with pa.OSFile(str(rows.spool), "wb") as sink, pa.ipc.new_stream(sink, schema) as writer:
        for start in range(0, len(texts), 7):
            part = texts[start : start + 7]
            numbers = list(range(start, start + len(part)))
            batch = {"text": part, "row": numbers, "line": numbers, "file": [0] * len(part)}
            writer.write_batch(pa.RecordBatch.from_pydict(batch, schema=schema))
    rows.numbers = np.arange(len(texts))
    rows.identities = np.unique(texts, return_inverse=True)[1].reshape(-1).astype(np.int64)
    return rows


def share(one: str, other: str) -> float:
    """The same measure, the long way."""
    sets = []
    for text in (one, other):
        words = words_of({"text": text})
        sets.append({*itertools.pairwise(words)} or {*words})
    first, second = sets
    return len(first & second) / len(first | second)


def test_the_pairs_are_those_of_comparing_all_with_all(tmp_path: Path) -> None:
    draw = random.Random(1)
    texts = [" ".join(draw.choices(WORDS, k=draw.randint(3, 60))) for _ in range(60)]
    for text in texts[:40]:
        words = text.split()
        for _ in range(draw.randint(1, 3)):
            words[draw.randrange(len(words))] = draw.choice(WORDS)
        texts.append(" ".join(words))
    found = find_near_duplicates(collected(tmp_path, texts), np.ones(len(texts), dtype=bool), ignore, seed=1)
    expected = {
        (one, other)
        for one in range(len(texts))
        for other in range(one)
        if share(texts[one], texts[other]) >= LEAST_SHARE
    }
    assert {(max(pair), min(pair)) for pair in found.pairs.tolist()} == expected
    assert len(expected) > 15
    assert found.shares.tolist() == pytest.approx([share(texts[one], texts[other]) for one, other in found.pairs])
    assert (np.diff(found.shares) <= 0).all()
    assert all(found.groups[one] == found.groups[other] for one, other in expected)


def test_case_spacing_and_punctuation_are_no_difference_and_digits_are_one(tmp_path: Path) -> None:
    texts = ["Call me at 5, please", "call  me at 5 please!", "call me at 6 please", "😀", "😀 😀", "ok", "OK."]
    found = find_near_duplicates(collected(tmp_path, texts), np.ones(7, dtype=bool), ignore, seed=1)
    assert sorted(map(tuple, np.sort(found.pairs).tolist())) == [(0, 1), (5, 6)]


def test_words_without_spaces_between_are_compared_letter_by_letter() -> None:
    assert words_of({"text": "今日はgood, ok?"}) == ["今", "日", "は", "good", "ok"]
    assert words_of({"text": "a b", "second_text": "C"}) == ["a", "b", "|", "c"]
    assert words_of({"tokens": ["A", "b."]}) == ["a", "b"]


def test_only_wanted_rows_are_compared(tmp_path: Path) -> None:
    texts = ["one two three four five", "one two three four five!", "something else"]
    found = find_near_duplicates(collected(tmp_path, texts), np.asarray([True, False, True]), ignore, seed=1)
    assert not len(found.pairs)
    assert (found.compared, found.inputs) == (2, 2)


def test_of_too_many_inputs_a_sample_is_compared_the_same_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(near_duplicates, "MOST_ROWS", 20)
    texts = [f"one two three four five {number // 2}{'!' * (number % 2)}" for number in range(60)]
    rows = collected(tmp_path, texts)
    found, again, other = (find_near_duplicates(rows, np.ones(60, dtype=bool), ignore, seed=seed) for seed in (1, 1, 2))
    assert (found.compared, found.inputs) == (20, 60)
    assert found.pairs.tolist() == again.pairs.tolist()
    assert found.pairs.tolist() != other.pairs.tolist()


def test_the_search_stops_at_every_word_it_says(tmp_path: Path) -> None:
    rows = collected(tmp_path, [f"one two three four five six {number % 9}" for number in range(30)])
    received: list[Event] = []
    find_near_duplicates(rows, np.ones(30, dtype=bool), received.append, seed=1)
    assert len(received) > 10
    left = [5]

    def stop(event: Event) -> None:
        left[0] -= 1
        if not left[0]:
            raise StopRequested

    with pytest.raises(StopRequested):
        find_near_duplicates(rows, np.ones(30, dtype=bool), stop, seed=1)


@pytest.mark.parametrize("longest", [3, 40_000])
def test_the_signatures_of_blocks_are_those_of_rows_on_their_own(longest: int) -> None:
    chance = np.random.default_rng(1)
    sizes = chance.integers(1, longest, 9_000 if longest == 3 else 5)
    shingles = chance.integers(0, 2**32, int(sizes.sum()), dtype=np.uint32)
    starts = np.cumsum(sizes) - sizes
    whole = near_duplicates._signatures(shingles, starts, ignore)
    for row in (0, len(sizes) // 2, len(sizes) - 1):
        alone = shingles[starts[row] : starts[row] + sizes[row]]
        assert (
            whole[row].tolist() == near_duplicates._signatures(alone, np.zeros(1, dtype=np.int64), ignore)[0].tolist()
        )


KEYS = st.lists(st.tuples(st.integers(0, 4), st.integers(-2, 2), st.booleans()), min_size=1, max_size=30)


@given(KEYS)
def test_groups_are_what_a_dictionary_would_make(rows: list[tuple[int, int, bool]]) -> None:
    first, second = (np.asarray([row[key] for row in rows]) for key in (0, 1))
    among = np.asarray([row[2] for row in rows])
    groups = group_numbers(first, second)
    assert len(set(groups.tolist())) == len({row[:2] for row in rows})
    assert len(set(zip(groups.tolist(), rows, strict=True))) == len(set(rows))
    seen: set[int] = set()
    for index, group in enumerate(groups.tolist()):
        assert first_of_each(groups, among)[index] == (among[index] and group not in seen)
        seen |= {group} if among[index] else set()
    kinds = kinds_in_each(group_numbers(first), second, among)
    for number, key in enumerate(sorted(set(first.tolist()))):
        assert kinds[number] == len({row[1] for row in rows if row[0] == key and row[2]})
    common = in_common(first, among, ~among)
    assert common.tolist() == [row[2] and any(row[0] == o[0] and not o[2] for o in rows) for row in rows]
    if common.any():
        for mine, partner in with_first_partners(first, np.flatnonzero(common), np.flatnonzero(~among)):
            assert first[mine] == first[partner]
            assert not among[partner]


@given(st.text(st.characters(max_codepoint=127)))
def test_the_words_of_plain_letters_are_those_of_any_letters(text: str) -> None:
    """A letter that is not plain behind the text takes the other way to part it."""
    text = f"It's_1 {text}"
    assert words_of({"text": f"{text} é"}) == [*words_of({"text": text}), "é"]
