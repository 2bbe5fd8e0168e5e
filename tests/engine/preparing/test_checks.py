"""What the checks find, and what they must not find."""

from __future__ import annotations

import csv
import json
import random
import sys
from collections.abc import Callable
from pathlib import Path

import datasets
import msgspec
import pytest

from engine.contract.cleaning_rules import (
    KeepNearDuplicatesTogether,
    LeaveOutLeaks,
    LeaveOutRareLabels,
    MergeLabels,
    RepairMisreadText,
)
from engine.contract.errors import DatasetInvalid
from engine.contract.findings import Finding, read_examples
from engine.contract.settings import FileRows, PrepareSettings, Roles
from engine.contract.states import ModelHandle, PreparedDataset
from engine.preparing.checks.labels import invisibly_different, look_alikes
from engine.preparing.checks.languages import language_of, scripts_for, scripts_of
from engine.preparing.prepare import prepare
from engine.workspace.layout import Workspace
from engine.workspace.near_duplicate_groups import read_groups
from tests.builders_data import ignore, tiny_model

Rows = list[tuple[str, str]]
Check = Callable[..., PreparedDataset]
WORDS = "the movie film story actor scene plot is was good bad great awful fine dull nice boring best worst and".split()


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ModelHandle:
    return tiny_model(tmp_path_factory.mktemp("model"))


@pytest.fixture
def check(model: ModelHandle, tmp_path: Path) -> Check:
    workspace = Workspace(tmp_path / "workspace").create()

    def run(train: Rows, test: Rows = (), *, of: dict[str, object] | None = None, **changes: object) -> PreparedDataset:
        paths = []
        for name, rows in (("train", train), ("test", test)):
            path = tmp_path / f"{name}.csv"
            with path.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([("text", "label"), *rows])
            paths.append(str(path) if rows else "")
        handle = msgspec.structs.replace(model, **(of or {}))
        settings = PrepareSettings(**{"roles": Roles(text="text", label="label"), **changes})  # type: ignore[arg-type]
        return prepare(handle, FileRows(paths[0], "", paths[1]), settings, ignore, workspace=workspace)

    return run


def sentences(count: int, seed: int = 0) -> Rows:
    """Different texts of twelve words, with two labels in turn."""
    draw = random.Random(seed)
    texts = dict.fromkeys(" ".join(draw.choices(WORDS, k=12)) for _ in range(2 * count))
    return [(text, "ab"[number % 2]) for number, text in enumerate(list(texts)[:count])]


def finding(dataset: PreparedDataset, id: str) -> Finding | None:
    return next((one for one in dataset.findings if one.id == id), None)


def test_clean_rows_raise_nothing_but_what_the_tiny_vocabulary_deserves(check: Check) -> None:
    dataset = check(sentences(120), sentences(40, seed=1))
    assert [one.id for one in dataset.findings if one.id != "pieces_per_word"] == []


def test_equal_rows_of_both_files_are_found_with_their_partners(check: Check) -> None:
    rows = sentences(80)
    dataset = check(rows, [(f" {rows[6][0]}  ", "a"), *sentences(20, seed=1)])
    found = finding(dataset, "leaks_test_train") or finding(dataset, "leaks_test_validation")
    assert found is not None
    assert [offer.rule for offer in found.offers] == [
        LeaveOutLeaks("train", other="test"),
        LeaveOutLeaks("test", other="train"),
    ]
    pair = read_examples(dataset.folder, found.id).pairs[0]
    assert (pair.first.split, pair.first.row, pair.second.row, pair.similarity) == ("test", 2, 8, 1.0)
    assert pair.second.text == rows[6][0]


def test_texts_that_differ_in_case_and_punctuation_only_are_nearly_the_same(check: Check) -> None:
    rows = sentences(80)
    changed = rows[10][0].upper().replace(" ", ", ", 1) + "!"
    dataset = check(rows, [(changed, "a"), *sentences(20, seed=1)])
    (found,) = [one for one in dataset.findings if one.id.startswith("near_leaks_test")]
    assert found.count == 1
    assert found.offers[0].rule == LeaveOutLeaks("train", near=True, other="test")
    pair = read_examples(dataset.folder, found.id).pairs[0]
    assert (pair.first.text, pair.second.text, pair.similarity) == (changed, rows[10][0], 1.0)


def test_one_word_added_to_a_long_text_is_nearly_the_same_and_one_changed_in_a_short_one_is_not(check: Check) -> None:
    draw = random.Random(3)
    long = " ".join(draw.choices(WORDS, k=40))
    rows = [*sentences(80), (long, "a"), (f"{long} indeed", "a"), ("book a table for two", "a")]
    rows += [("book a table for three", "b"), ("play the song", "a"), ("play the movie", "b")]
    dataset = check(rows)
    found = [one for one in dataset.findings if one.id.startswith("near")]
    assert [one.count for one in found] in ([2], [1])
    texts = {row.text for pair in read_examples(dataset.folder, found[0].id).pairs for row in (pair.first, pair.second)}
    assert texts == {long, f"{long} indeed"}


def test_nearly_equal_rows_of_drawn_splits_can_be_kept_together(check: Check) -> None:
    rows = [(variant, label) for text, label in sentences(60) for variant in (text, f"{text}!", text.title())]
    before = check(rows)
    assert any(one.id.startswith("near_leaks") for one in before.findings)
    offers = {offer.rule for one in before.findings for offer in one.offers if one.id.startswith("near_leaks")}
    assert offers == {KeepNearDuplicatesTogether()}
    after = check(rows, cleaning_rules=(KeepNearDuplicatesTogether(),))
    assert not [one for one in after.findings if one.id.startswith("near_leaks")]
    assert after.rows_used == 180
    assert after.applied[0].rows == 180
    # Evaluate reads them, so that three spellings of a sentence count as one.
    for name, counts in after.splits.items():
        groups = read_groups(Path(after.folder), name, counts.rows)
        assert sorted(place for group in groups for place in group) == list(range(counts.rows))
        assert {len(group) for group in groups} == {3}


def test_the_same_text_with_two_labels_is_a_contradiction_and_a_repeated_row_is_not(check: Check) -> None:
    rows = sentences(80)
    dataset = check([*rows, (rows[0][0], "b"), rows[1]])
    contradictions, duplicates = finding(dataset, "contradictions"), finding(dataset, "duplicates")
    assert contradictions is not None
    assert contradictions.sentence == "1 text appears with different labels in different rows (2 rows)."
    assert {row.answer for row in read_examples(dataset.folder, "contradictions").rows} == {"a", "b"}
    assert duplicates is not None
    assert duplicates.count == 1


def test_rare_labels_are_reported_and_twenty_rows_are_enough(check: Check) -> None:
    rows = [(text, "ab"[number % 2] if number > 21 else "c" if number > 1 else "d") for number, (text, _) in
            enumerate(sentences(120))]  # fmt: skip
    found = finding(check(rows), "rare_labels")
    assert found is not None
    assert (found.count, found.offers[-1].rule) == (2, LeaveOutRareLabels(20))
    assert "1 label has fewer than 20 rows" in found.sentence
    assert "“d”" in found.sentence
    assert "“c”" not in found.sentence


@pytest.mark.parametrize(
    ("labels", "named"),
    [
        (("yes", "no", "-"), "“-”"),
        (("yes", "no", "NaN"), "“NaN”"),
        (("yes", "no", "None"), "“None”"),  # as Python writes that there is nothing
        (("0", "1", "-1"), "“-1”"),
        (("yes", "no", "none"), ""),  # an answer as often as not
        (("1", "0", "-2"), ""),
        (("-1", "0.5", "1"), ""),  # a scale
    ],
)
def test_a_sign_that_means_no_label_is_no_class_without_a_word(
    check: Check, labels: tuple[str, ...], named: str
) -> None:
    rows = [(text, labels[number % 3]) for number, (text, _) in enumerate(sentences(90))]
    found = finding(check(rows), "no_label")
    assert bool(found) == bool(named)
    if found is not None:
        assert found.count == 30
        assert f"30 rows have {named} where the label belongs" in found.sentence


def test_imbalance_is_reported_below_a_tenth_of_the_equal_share(check: Check) -> None:
    texts = [text for text, _ in sentences(600)]
    just_enough = [(text, "b" if number < 30 else "a") for number, text in enumerate(texts)]
    too_few = [(text, "b" if number < 29 else "a") for number, text in enumerate(texts)]
    assert finding(check(just_enough), "imbalance") is None
    found = finding(check(too_few), "imbalance")
    assert found is not None
    assert "“b” has 4.8 % of the rows" in found.sentence


def test_training_rows_of_one_label_are_a_problem(check: Check) -> None:
    found = finding(check([(text, "a") for text, _ in sentences(60)], sentences(20, seed=1)), "one_label_in_training")
    assert found is not None
    assert found.severity == "problem"


def test_empty_rows_are_reported_with_their_numbers(check: Check) -> None:
    rows = sentences(80)
    rows[3], rows[8] = ("", "a"), (rows[8][0], "")
    found = finding(check(rows), "empty_rows")
    assert found is not None
    assert found.rows == (5, 10)
    assert found.sentence == "2 rows lack something to read or to answer and are excluded: 2 % of all."


@pytest.mark.parametrize("texts", [[f"{number:05}" for number in range(40)], [f"T-{number}" for number in range(40)]])
def test_a_column_of_identifiers_is_no_text(check: Check, texts: list[str]) -> None:
    with pytest.raises(DatasetInvalid, match="holds numbers or identifiers") as caught:
        check([(text, "ab"[number % 2]) for number, text in enumerate(texts)])
    assert caught.value.id == "D16"


# ── Labels ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("labels", "alike"),
    [
        ({"spam": 90, "Spam": 5, "spam!": 3, "ham": 80}, {"spam": ["Spam", "spam!"]}),
        ({"very good": 50, "very_good": 9, "Very  Good": 4}, {"very good": ["very_good", "Very  Good"]}),
        ({"café": 50, "cafe\u0301": 9}, {"café": ["cafe\u0301"]}),
        ({"accessibility": 300, "accesibility": 12}, {"accessibility": ["accesibility"]}),
        ({"postive": 3, "positive": 300, "negative": 300}, {"positive": ["postive"]}),
        ({"recieve": 2, "receive": 200}, {"receive": ["recieve"]}),
        ({"1": 80, "1.0": 20, "2": 50}, {"1": ["1.0"]}),
        ({"postive": 200, "positive": 300}, {}),  # both are frequent
        ({"positive": 300, "negative": 3}, {}),
        ({"C": 50, "C++": 50, "C#": 50}, {}),
        ({"+1": 50, "-1": 50}, {}),
        ({"item1": 500, "item2": 3, "class a": 500, "class b": 3}, {}),
        ({"male": 500, "female": 5}, {}),
        ({"cat": 500, "cut": 5, "1": 90, "11": 3}, {}),
        ({"😀": 50, "😢": 50, "!": 9, "?": 9}, {}),
    ],
)
def test_labels_look_alike_only_where_they_mean_the_same(labels: dict[str, int], alike: dict[str, list[str]]) -> None:
    assert look_alikes(labels) == alike


def test_look_alike_labels_are_merged_by_one_remedy(check: Check) -> None:
    rows = [(text, {"a": "Spam!", "b": "ham"}[label] if number < 10 else {"a": "spam", "b": "ham"}[label])
            for number, (text, label) in enumerate(sentences(80))]  # fmt: skip
    found = finding(check(rows), "look_alike_labels")
    assert found is not None
    rule = found.offers[0].rule
    assert rule == MergeLabels(("Spam!",), "spam")
    merged = check(rows, cleaning_rules=(rule,))
    assert merged.label_names == ("ham", "spam")
    assert merged.applied[0].rows == 5
    assert merged.applied[0].labels == ("Spam!",)


@pytest.mark.parametrize(
    ("labels", "looks"),
    [
        ({"pos": 5, "pos\u200b": 2}, {"pos": ["pos\u200b"]}),
        ({"not good": 5, "not\u00a0good": 2, "not  good": 1}, {"not good": ["not\u00a0good", "not  good"]}),
        ({"so\u00adlo": 1, "solo": 1, "\u200esolo": 1, "\ufeffsolo": 1},
         {"solo": ["so\u00adlo", "\u200esolo", "\ufeffsolo"]}),
        ({"a\u200b": 1, "\u2060a": 1}, {"a": ["a\u200b", "\u2060a"]}),
        ({"pos": 1, "neg": 2, "neg\u200c": 1, "\u200b": 1, "\u2060": 1}, {}),
    ],
)  # fmt: skip
def test_labels_that_look_the_same_are_those_that_differ_by_what_cannot_be_seen(
    labels: dict[str, int], looks: dict[str, list[str]]
) -> None:
    assert invisibly_different(labels) == looks


def test_labels_with_characters_that_cannot_be_seen_are_merged_by_one_fix(check: Check) -> None:
    rows = [(text, f"{label}\u200b" if number < 10 else label) for number, (text, label) in enumerate(sentences(80))]
    prepared = check(rows)
    assert finding(prepared, "look_alike_labels") is None
    first = finding(prepared, "invisible_characters")
    second = finding(prepared, "invisible_characters_2")
    assert first is not None
    assert second is not None
    assert "5 rows have the label “a” with characters that cannot be seen (zero width space)" in first.sentence
    assert first.offers[0].rule == MergeLabels(("a\u200b",), "a")
    merged = check(rows, cleaning_rules=(first.offers[0].rule, second.offers[0].rule))
    assert merged.label_names == ("a", "b")
    assert finding(merged, "invisible_characters") is None


def test_misread_utf8_is_found_and_repaired_by_one_fix_in_texts_and_labels(check: Check) -> None:
    def misread(text: str) -> str:
        return text.encode().decode("latin-1")

    # The quotation mark that closes holds a byte that Windows-1252 has no character for.
    rows = [(f"{text} it’s “so” dull", "schön" if label == "a" else "öde") for text, label in sentences(80)]
    written = [(misread(text), misread(label)) if number % 4 == 0 else (text, label)
               for number, (text, label) in enumerate(rows)]  # fmt: skip
    prepared = check(written)
    found = finding(prepared, "misread_text")
    assert found is not None
    assert found.count == 20
    assert found.sentence == "20 rows hold UTF-8 text that was once read in another encoding: “itâ€™s” is “it’s”."
    assert found.offers[0].rule == RepairMisreadText()
    assert prepared.label_names == ("schÃ¶n", "schön", "öde")

    mended = check(written, cleaning_rules=(RepairMisreadText(),))
    assert mended.applied[0].rows == 20
    assert mended.label_names == ("schön", "öde")
    assert finding(mended, "misread_text") is None
    assert {split: texts_of(mended, split) for split in mended.splits} == {
        split: texts_of(check(rows), split) for split in mended.splits
    }


def texts_of(dataset: PreparedDataset, split: str) -> list[str]:
    return list(datasets.load_from_disk(dataset.folder)[split]["text"])


def test_misread_text_that_has_lost_bytes_is_noted_without_a_fix(check: Check) -> None:
    rows = sentences(80)
    found = finding(check([(f"{rows[0][0]} â€ dull â€™", rows[0][1]), *rows[1:]]), "damaged_text")
    assert found is not None
    assert (found.severity, found.count, found.offers) == ("note", 1, ())


# ── Reading matter ──────────────────────────────────────────────────────────────────────────────────────────────

GERMAN = "der Film ist sehr gut und die Schauspieler sind nicht schlecht, aber es ist für mich ein wenig zu lang"
RUSSIAN = "этот фильм очень хороший и актёры играют прекрасно"


def with_texts(text: str) -> Rows:
    return [(f"{text} {word} {other}", "ab"[len(word) % 2]) for word in WORDS[:12] for other in WORDS[:6]]


@pytest.mark.parametrize(
    ("text", "languages", "expected"),
    [
        (RUSSIAN, ("en",), "letters are Cyrillic"),
        (GERMAN, ("English",), "The texts look German"),
        (GERMAN, ("en", "de"), ""),
        (RUSSIAN, ("multilingual",), ""),
        (RUSSIAN, (), ""),
        ("the movie was good and it is not as bad as they say that it was", ("en",), ""),
    ],
)
def test_texts_in_a_language_that_the_model_was_not_made_for_are_reported(
    check: Check, text: str, languages: tuple[str, ...], expected: str
) -> None:
    found = finding(check(with_texts(text), of={"languages": languages}), "language")
    assert bool(found) == bool(expected)
    assert expected in (found.sentence if found else "")


def test_pieces_that_the_tokenizer_does_not_know_are_reported(check: Check) -> None:
    found = finding(check(with_texts("映画 とても 良い 俳優 最高 でした")), "unknown_pieces")
    assert found is not None
    assert found.severity == "problem"
    assert "are unknown to this model" in found.sentence


def test_capitals_that_distinguish_labels_are_reported_for_an_uncased_model_only(check: Check) -> None:
    shouting = [(text.upper() if label == "a" else text, label) for text, label in sentences(120)]
    everywhere = [(text.title(), label) for text, label in sentences(120)]
    assert finding(check(shouting), "casing") is not None
    assert finding(check(everywhere), "casing") is None
    assert finding(check(shouting, of={"lower_case": False}), "casing") is None


def test_texts_that_can_never_be_read_whole_are_reported(check: Check) -> None:
    rows = [*sentences(60), ("good " * 400, "a")]
    found = finding(check(rows), "long_texts")
    assert found is not None
    assert found.sentence.startswith("1 very long text of more than 1,280 characters")
    assert found.rows == (62,)
    assert finding(check([*sentences(60), ("good " * 200, "a")]), "long_texts") is None


def test_second_texts_that_can_never_be_read_whole_are_reported(model: ModelHandle, tmp_path: Path) -> None:
    rows = [
        (text, "dull " * 300 if number in (3, 7) else text[::-1], label)
        for number, (text, label) in enumerate(sentences(60))
    ]
    path = tmp_path / "pairs.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("one", "two", "label"), *rows])
    settings = PrepareSettings(roles=Roles(text="one", second_text="two", label="label"))
    workspace = Workspace(tmp_path / "workspace").create()
    found = finding(prepare(model, FileRows(str(path)), settings, ignore, workspace=workspace), "long_texts")
    assert found is not None
    assert found.sentence.startswith("2 very long texts of more than 1,280 characters")
    assert (found.rows, found.examples) == ((5, 9), 2)


def test_word_lists_that_can_never_be_read_whole_are_reported(model: ModelHandle, tmp_path: Path) -> None:
    lengths = [3, 400, 3, 256, 257, *[5] * 30]  # of five characters each, a space included; 1,280 are read
    lines = [
        json.dumps({"tokens": [f"{WORDS[row % 5]:x<4}"[:4]] * length, "tags": ["O"] * (length - 1) + ["B-A"]})
        for row, length in enumerate(lengths)
    ]
    path = tmp_path / "words.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    settings = PrepareSettings(task="token_classification", roles=Roles(tokens="tokens", tags="tags"))
    workspace = Workspace(tmp_path / "workspace").create()
    found = finding(prepare(model, FileRows(str(path)), settings, ignore, workspace=workspace), "long_texts")
    assert found is not None
    assert found.sentence.startswith("2 very long texts of more than 1,280 characters")
    assert found.rows == (2, 5)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The film was good and the actors are not bad for that kind of story, as you have to say it is fine ", "en"),
        (GERMAN + " ", "de"),
        (
            "le film est très bon et les acteurs ne sont pas mauvais dans cette histoire qui est pour vous avec une ",
            "fr",
        ),
        ("la película es muy buena y los actores no son malos en una historia que es para todos con su final ", "es"),
        ("qwrt zxcv plok mnbv hjkl asdf uiop ", ""),
    ],
)
def test_languages_in_latin_letters_are_recognized_by_their_little_words(text: str, code: str) -> None:
    assert language_of([text * 12])[0] == code


def test_a_machine_without_chardet_knows_languages_by_their_little_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "chardet", None)
    assert language_of([(GERMAN + " ") * 12])[0] == "de"
    assert language_of(["qwrt zxcv plok mnbv hjkl asdf uiop " * 12])[0] == ""


def test_writing_systems_are_recognized_by_their_letters() -> None:
    assert scripts_of(["abc δ привет 今日は 1!"]) == {
        "Latin": 3,
        "Greek": 1,
        "Cyrillic": 6,
        "Chinese": 2,
        "Japanese": 1,
    }
    assert scripts_for(["ja", "en-US"]) == {"Japanese", "Chinese", "Latin"}
    assert scripts_for(["en", "multilingual"]) == set()


def test_the_button_of_a_leak_excludes_the_rows_that_its_sentence_counts(check: Check) -> None:
    """A chain of near-duplicates connects many rows of train with two of test, of which it is near to few."""
    draw = random.Random(5)
    long = draw.choices(WORDS, k=60)
    chain = []
    for step in range(30):  # each is near the one before it, and far from those further back
        chain.append((" ".join(long[step * 2 :] + [f"next{n}" for n in range(step * 2)]), "ab"[step % 2]))
    rows = [*sentences(80), *chain[2:]]
    test = [*chain[:1], *sentences(20, seed=1)]
    dataset = check(rows, test)
    (found,) = [one for one in dataset.findings if one.id == "near_leaks_test_train"]
    assert found.count == 1
    of_train, of_test = found.offers
    for offer in (of_train, of_test):
        applied = check(rows, test, cleaning_rules=(offer.rule,)).applied
        assert f"Exclude {applied[0].rows} row" in offer.caption
    assert "of test" in of_test.caption
    assert of_test.caption.startswith("Exclude 1 row ")


def test_a_leak_is_reported_once_for_each_two_files(check: Check) -> None:
    rows = sentences(80)
    dataset = check(rows, [*rows[:12], *sentences(20, seed=1)])
    found = [one for one in dataset.findings if one.id.startswith("leaks_")]
    assert [(one.id, one.count) for one in found] == [("leaks_test_train", 12)]
