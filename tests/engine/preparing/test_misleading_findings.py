"""Findings that would mislead: a button that does more than its sentence counts, a language or a scheme that is not."""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from engine.contract.cleaning_rules import CleaningRule, KeepNearDuplicatesTogether, LeaveOutContradictions
from engine.contract.findings import AppliedRule, Finding
from engine.contract.settings import FileRows, PrepareSettings, Roles
from engine.contract.states import SplitCounts
from engine.preparing.arranging import arrange, columns_in
from engine.preparing.checks.context import CheckContext
from engine.preparing.checks.languages import language_of
from engine.preparing.checks.run_checks import run_checks
from engine.preparing.encoding import SPLITS
from engine.preparing.inspection import inspect
from engine.preparing.rows.near_duplicates import find_near_duplicates
from engine.reading.sources.sources import all_files
from engine.reading.sources.unpacking import Unpacking
from engine.tasks.registry import task_named
from tests.builders_data import ignore

Rows = list[tuple[str, str]]
WORDS = "the movie film story actor scene plot is was good bad great awful fine dull nice boring best worst and".split()


class Seen(NamedTuple):
    """What became of rows, and what is found in them."""

    used: int
    findings: tuple[Finding, ...]
    applied: tuple[AppliedRule, ...]
    splits: dict[str, SplitCounts]

    def finding(self, id: str) -> Finding | None:
        return next((one for one in self.findings if one.id == id), None)


Look = Callable[..., Seen]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Arranges and checks rows as Prepare does, without a model."""
    runs = iter(range(1_000))

    def seen(train: Rows, test: Rows = (), *rules: CleaningRule) -> Seen:  # type: ignore[assignment]
        place = tmp_path / str(next(runs))
        place.mkdir()
        for name, rows in (("train", train), ("test", test)):
            with (place / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([("text", "label"), *rows])
        source = FileRows(str(place / "train.csv"), "", str(place / "test.csv") if test else "")
        settings = PrepareSettings(roles=Roles(text="text", label="label"), cleaning_rules=rules)
        task = task_named(settings.task)
        with Unpacking(place, ignore) as unpacking:
            files = all_files(source, settings.reading, unpacking)
            roles = tuple(columns_in(file, task, settings) for file in files)
            made = arrange(files, roles, settings, place, ignore, compare=find_near_duplicates)
        near = find_near_duplicates(made.collected, made.assignment >= 0, ignore, seed=settings.seed)
        of_files = [file.split for file in files]
        context = CheckContext(made.collected, made.assignment, SPLITS, made.given, of_files, near, task, None)
        return Seen(int((made.assignment >= 0).sum()), run_checks(context, ignore)[0], made.applied, made.splits)

    return seen


def untidy(seed: int, number: int) -> Rows:
    """Rows with copies, near copies and chains of them, whose labels contradict now and then; some labels are rare."""
    draw = random.Random(seed)
    rows: Rows = []
    while len(rows) < number:
        text, label = " ".join(draw.choices(WORDS, k=20)), draw.choice("aaaabbbc")
        rows.append((text, label))
        for step in range(draw.choice((0, 0, 0, 1, 3))):
            if draw.random() < 0.6:
                text = f"{text} more{step}" if draw.random() < 0.8 else text.upper() + "!"
            rows.append((text, label if draw.random() < 0.8 else draw.choice("abcd")))
    draw.shuffle(rows)
    return rows[:number]


# ── Buttons ─────────────────────────────────────────────────────────────────────────────────────────────────────


def counted_offers(seen: Seen) -> Iterator[tuple[int, CleaningRule]]:
    for finding in seen.findings:
        for offer in finding.offers:
            found = re.search(r"xclude ([\d,]+)", offer.caption)
            if found:
                yield int(found[1].replace(",", "")), offer.rule


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("given", [False, True])
def test_every_button_excludes_as_many_rows_as_it_says(look: Look, seed: int, given: bool) -> None:
    rows = untidy(seed, 220)
    train, test = (rows[:160], rows[160:]) if given else (rows, [])
    before = look(train, test)
    offers = list(counted_offers(before))
    kinds = {type(rule).__name__ for _, rule in offers}
    assert {"LeaveOutDuplicates", "LeaveOutContradictions", "KeepMajorityLabel", "LeaveOutNearDuplicates"} <= kinds
    assert ("LeaveOutLeaks" in kinds) == given
    for number, rule in offers:
        after = look(train, test, rule)
        assert (after.applied[0].rows, before.used - after.used) == (number, number), rule


def test_what_another_fix_has_excluded_connects_no_near_duplicates_any_more(look: Look) -> None:
    draw = random.Random(0)
    texts = [" ".join(draw.choices(WORDS, k=20)) for _ in range(40)]
    rows = [(text, "ab"[number % 2]) for number, text in enumerate(texts)]
    middle = f"{texts[0]} one two"
    end = f"{middle} three four five"
    rows += [(middle, "a"), (middle, "b"), (end, "a"), (f"{texts[2]} indeed", "a")]
    first = LeaveOutContradictions()
    before = look(rows, [], first)
    found = before.finding("near_duplicates")
    assert found is not None
    assert found.count == 1
    after = look(rows, [], first, found.offers[0].rule)
    assert (after.applied[-1].rows, before.used - after.used) == (1, 1)
    assert after.finding("near_duplicates") is None


def test_near_duplicates_with_other_labels_are_pointed_out_without_a_button(look: Look) -> None:
    draw = random.Random(0)
    rows = [(" ".join(draw.choices(WORDS, k=20)), "ab"[number % 2]) for number in range(60)]
    rows += [(f"{text} indeed", "a") for text, _ in rows[:10]]
    seen = look(rows)
    alike, different = seen.finding("near_duplicates"), seen.finding("near_contradictions")
    assert alike is not None
    assert different is not None
    assert (alike.count, different.count, different.offers) == (5, 10, ())
    assert different.sentence.startswith("10 rows are nearly the same as another row of the file with other labels")


def test_what_keeps_near_duplicates_together_keeps_the_shares_and_every_label_in_every_split(look: Look) -> None:
    draw = random.Random(2)
    rows: Rows = []
    for number in range(150):
        text, label = " ".join(draw.choices(WORDS, k=25)), ("often", "often", "seldom")[number % 3]
        rows += [(f"{text} {extra}", label) for extra in range((1, 1, 2, 12)[number % 4])]
    draw.shuffle(rows)
    before = look(rows)
    rules = {offer.rule for one in before.findings if one.id.startswith("near_leaks") for offer in one.offers}
    assert rules == {KeepNearDuplicatesTogether()}
    after = look(rows, [], *rules)
    assert not [one for one in after.findings if one.id.startswith("near_leaks")]
    assert after.used == before.used == len(rows)
    for split in ("validation", "test"):
        assert abs(after.splits[split].rows - len(rows) / 10) <= 6
        assert set(after.splits[split].labels) == {"often", "seldom"}


def test_rows_that_repeat_a_few_inputs_leave_the_shares_as_they_are(look: Look) -> None:
    draw = random.Random(2)
    rows = [(" ".join(draw.choices(WORDS, k=9)), "ab"[number % 2]) for number in range(200)]
    seen = look([*rows, *[("Out of office", "a")] * 100, *[("Thank you", "b")] * 100])
    assert [seen.splits[split].rows for split in ("train", "validation", "test")] == [320, 40, 40]


# ── Prefixes ────────────────────────────────────────────────────────────────────────────────────────────────────


def tagged(tags: str, words: str = "Anna Weber lives in Rome now") -> str:
    """Forty sentences with these tags."""
    each = tags.split()
    lines = [list(zip([*words.split()[:-1], f"{words.split()[-1]}{n}"], each, strict=True)) for n in range(40)]
    return "\n\n".join("\n".join(f"{word}\t{tag}" for word, tag in one) for one in lines) + "\n"


@pytest.mark.parametrize(
    ("tags", "finding", "part"),
    [
        ("B-PER B-PER O O B-LOC O", "all_begin", "also 40 that follow a word with the same tag"),
        ("B-PER I-PER B-O B-O B-LOC B-O", "outside_with_prefix", "120 words have “B-O”, which makes “O” a type"),
        ("B-PER I-PER I-none I-none B-LOC I-none", "outside_with_prefix", "“I-none”, which makes “none” a type"),
        ("B-PRON B-NOUN B-VERB B-ADP B-NOUN B-ADV", "no_word_outside", "None of 240 words is outside"),
        ("PER-B PER-I O O LOC-B O", "other_prefix", "“PER-B”, “PER-I” are learned as types of their own"),
        ("B-PER I-PER O O B-LOC O", "", ""),
        ("I-PER I-PER O O I-LOC O", "", ""),  # IOB1
        ("B_PER I_PER O O B_LOC O", "", ""),
        ("B-PER E-PER O O S-LOC O", "", ""),
        ("PER PER O O LOC O", "", ""),
        ("NOUN NOUN VERB ADP NOUN ADV", "", ""),
        ("B_cell protein O O T_cell O", "", ""),
    ],
)
def test_a_wrong_prefix_on_every_word_is_a_finding(tmp_path: Path, tags: str, finding: str, part: str) -> None:
    (tmp_path / "train.conll").write_text(tagged(tags), "utf-8")
    seen = inspect(FileRows(str(tmp_path / "train.conll")), ignore, scratch=tmp_path)
    assert seen.error is None
    ours = {"all_begin", "outside_with_prefix", "no_word_outside", "other_prefix", "words_of_a_tokenizer"}
    assert [one.id for one in seen.findings if one.id in ours] == ([finding] if finding else [])
    assert not part or any(part in one.sentence for one in seen.findings)


@pytest.mark.parametrize(
    "words", ["▁Anna ▁Weber ▁lives ▁in ▁Rome ▁now", "Anna Weber li ##ves in ##x", "Anna ĠWeber Ġis in Ġa Ġb"]
)
def test_words_that_are_tokens_of_a_tokenizer_are_a_finding(tmp_path: Path, words: str) -> None:
    (tmp_path / "train.conll").write_text(tagged("B-PER I-PER O O B-LOC O", words), "utf-8")
    seen = inspect(FileRows(str(tmp_path / "train.conll")), ignore, scratch=tmp_path)
    assert "words_of_a_tokenizer" in [one.id for one in seen.findings]


@pytest.mark.parametrize(
    ("beginning", "found"), [("de: ", "“de:”"), ("[en] ", "“[en]”"), ("Review: ", "“Review:”"), ("The ", ""), ("", "")]
)
def test_what_every_text_begins_with_is_pointed_out(look: Look, beginning: str, found: str) -> None:
    draw = random.Random(0)
    rows = [(beginning + " ".join(draw.choices(WORDS, k=9)), "ab"[number % 2]) for number in range(60)]
    seen = look(rows).finding("same_beginning")
    assert bool(seen) == bool(found)
    assert seen is None or f"100 % of the texts begin with {found}" in seen.sentence


# ── Languages of short rows ─────────────────────────────────────────────────────────────────────────────────────

SHORT = {
    "de": "Licht im Bad an|Wo ist mein Paket|Ich will kündigen|Karte gesperrt|Das war nicht gut|Der Preis ist zu hoch",
    "da": "Tænd lyset på badet|Hvor er min pakke|Jeg vil opsige|Kortet er spærret|Det var ikke godt|Prisen er for høj",
    "en": "Turn on the light|Where is my parcel|I want to cancel|My card is blocked|That was not good|The price is up",
    "nl": "Doe het licht aan|Waar is mijn pakket|Ik wil opzeggen|Mijn kaart is op|Dat was niet goed|De prijs is hoog",
    "es": "Enciende la luz|Dónde está mi paquete|Quiero cancelar la cuenta|No me gusta el servicio|El precio es alto",
}


@pytest.mark.parametrize("code", SHORT)
@pytest.mark.parametrize("beginning", ["", "de: ", "[de] ", "Kunde: "])
def test_short_rows_are_of_their_own_language_whatever_is_before_them(code: str, beginning: str) -> None:
    assert language_of([beginning + text for text in SHORT[code].split("|")] * 8)[0] == code


@pytest.mark.parametrize(
    "texts", [["qwrt zxcv plok mnbv hjkl"] * 40, ["Anna Weber", "Tom Reed", "Lima Graz Oslo"] * 40]
)
def test_names_and_nonsense_are_of_no_language(texts: list[str]) -> None:
    assert language_of(texts)[0] == ""
