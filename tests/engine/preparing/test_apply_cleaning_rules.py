"""Cleaning rules: every row is accounted for whatever is combined, and without them all is as it was."""

from __future__ import annotations

import contextlib
import csv
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import datasets
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.cli.recipe import Recipe, parse_recipe, write_recipe
from engine.contract.cleaning_rules import (
    CLEANING_RULES,
    CleaningRule,
    CorrectTagPrefixes,
    KeepMajorityLabel,
    KeepNearDuplicatesTogether,
    KeepRareLabelsInTraining,
    LeaveOutContradictions,
    LeaveOutDuplicates,
    LeaveOutLeaks,
    LeaveOutNearDuplicates,
    LeaveOutRareLabels,
    MergeLabels,
    MergeRareLabels,
    RepairMisreadText,
    in_order,
    rule_name,
)
from engine.contract.errors import DatasetInvalid
from engine.contract.findings import AppliedRule, renamed_labels
from engine.contract.script_builder import Places, Script
from engine.contract.settings import FileRows, PrepareSettings, Roles
from engine.contract.states import ModelHandle, PreparedDataset
from engine.preparing.prepare import prepare
from engine.script.data import read_code
from engine.workspace.layout import Workspace
from tests.builders_data import ignore, tiny_model

Rows = list[tuple[str, str]]
Prepare = Callable[..., PreparedDataset]
ALL: tuple[CleaningRule, ...] = (
    RepairMisreadText(),
    CorrectTagPrefixes("sign", "_"),
    MergeLabels(("Spam!", "SPAM"), "spam"),
    MergeLabels(("spam",), "advert"),
    LeaveOutDuplicates(),
    LeaveOutContradictions(),
    KeepMajorityLabel(),
    LeaveOutNearDuplicates(),
    LeaveOutLeaks("train"),
    LeaveOutLeaks("test", near=True),
    LeaveOutLeaks("validation"),
    KeepNearDuplicatesTogether(),
    MergeRareLabels(4, "other"),
    LeaveOutRareLabels(3),
    KeepRareLabelsInTraining(4),
)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ModelHandle:
    return tiny_model(tmp_path_factory.mktemp("model"))


@pytest.fixture
def prepared(model: ModelHandle, tmp_path: Path) -> Prepare:
    workspace = Workspace(tmp_path / "workspace").create()

    def run(train: Rows, test: Rows, *cleaning_rules: CleaningRule, **changes: object) -> PreparedDataset:
        for name, rows in (("train", train), ("test", test)):
            with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([("text", "label"), *rows])
        source = FileRows(str(tmp_path / "train.csv"), "", str(tmp_path / "test.csv") if test else "")
        chosen = PrepareSettings(roles=Roles(text="text", label="label"), cleaning_rules=cleaning_rules, **changes)  # type: ignore[arg-type]
        return prepare(model, source, chosen, ignore, workspace=workspace)

    return run


def rows_of(dataset: PreparedDataset, split: str = "train") -> Rows:
    rows = datasets.load_from_disk(dataset.folder)[split]
    return list(zip(rows["text"], rows["label"], strict=True))


def plain(count: int, label: str = "ham", text: str = "the movie number {} is good") -> Rows:
    return [(text.format(number), label) for number in range(count)]


BASE = [*plain(20), *plain(20, "spam", "the film {} was dull")]


# ── One by one ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_of_repeated_rows_the_first_is_used(prepared: Prepare) -> None:
    dataset = prepared([*BASE, BASE[3], BASE[3], (BASE[3][0], "spam")], [], LeaveOutDuplicates())
    assert [(entry.reason, entry.rows) for entry in dataset.excluded] == [
        ("repeats another row: “Exclude duplicates”", (42, 43))
    ]
    assert dataset.rows_used == 41
    assert not [finding for finding in dataset.findings if finding.id == "duplicates"]


def test_contradictory_rows_are_left_out_together(prepared: Prepare) -> None:
    dataset = prepared([*BASE, (BASE[3][0], "spam"), BASE[3]], [], LeaveOutContradictions())
    assert {entry.rows for entry in dataset.excluded} == {(5, 42, 43)}


def test_the_leading_answer_stays_and_of_a_tie_none(prepared: Prepare) -> None:
    more = [BASE[3], (BASE[3][0], "spam"), (BASE[5][0], "spam")]  # two to one, one to one
    dataset = prepared([*BASE, *more], [], KeepMajorityLabel())
    assert {entry.rows for entry in dataset.excluded} == {(7, 43, 44)}


def test_leaks_are_left_out_of_the_file_that_was_chosen(prepared: Prepare) -> None:
    test = [*plain(12, "ham", "a new story {}"), BASE[2], BASE[4]]
    of_train, of_test = (prepared(BASE, test, LeaveOutLeaks(split)) for split in ("train", "test"))
    assert [(entry.reason, entry.rows) for entry in of_train.excluded] == [
        ("is in another file too: “Exclude train rows that are in another file too” (train.csv)", (4, 6))
    ]
    assert [entry.rows for entry in of_test.excluded] == [(14, 15)]
    assert not [finding for finding in (*of_train.findings, *of_test.findings) if finding.id.startswith("leaks")]


def test_nearly_equal_rows_are_left_out_but_for_the_first(prepared: Prepare) -> None:
    dataset = prepared([*BASE, (BASE[7][0].upper() + "!", "ham"), (BASE[7][0].title(), "spam")], [],
                       LeaveOutNearDuplicates())  # fmt: skip
    assert [entry.rows for entry in dataset.excluded] == [(42,)]  # the other label is another matter


def test_merged_labels_are_one_and_the_file_keeps_its_own(prepared: Prepare, tmp_path: Path) -> None:
    rows = [*BASE, *plain(3, "Spam!", "the plot {} was slow"), *plain(2, "rare", "a scene {}")]
    dataset = prepared(rows, [], MergeLabels(("Spam!",), "spam"), MergeRareLabels(3, "other"))
    assert dataset.label_names == ("ham", "other", "spam")
    assert dataset.applied == (
        AppliedRule(MergeLabels(("Spam!",), "spam"), 3, ("Spam!",)),
        AppliedRule(MergeRareLabels(3, "other"), 2, ("rare",)),
    )
    assert Counter(label for split in dataset.splits for _, label in rows_of(dataset, split))["spam"] == 23
    assert "Spam!" in (Path(dataset.folder) / "source" / "train" / "train.csv").read_text()


def test_rare_labels_leave_no_trace_in_the_label_names(prepared: Prepare) -> None:
    dataset = prepared([*BASE, *plain(2, "rare", "a scene {}")], [], LeaveOutRareLabels(3))
    assert dataset.label_names == ("ham", "spam")
    assert dataset.excluded[0].rows == (42, 43)


def test_rare_labels_are_kept_out_of_what_is_measured(prepared: Prepare) -> None:
    rows = [*BASE, *plain(12, "rare", "a scene {}"), (BASE[3][0], "rare")]
    assert any(label == "rare" for split in ("validation", "test") for _, label in rows_of(prepared(rows, []), split))
    for seed in range(3):
        dataset = prepared(rows, [], KeepRareLabelsInTraining(20), seed=seed)
        held_out = [*rows_of(dataset, "validation"), *rows_of(dataset, "test")]
        assert held_out
        assert "rare" not in {label for _, label in held_out}
        assert BASE[3][0] not in {text for text, _ in held_out}  # also where it has another label
        assert (dataset.rows_used, dataset.applied[0].rows) == (53, 13)
        (found,) = [one for one in dataset.findings if one.id == "rare_labels"]
        assert "Such rows are only drawn for training." in found.sentence
        assert KeepRareLabelsInTraining(20) not in {offer.rule for offer in found.offers}
    offered = next(one for one in prepared(rows, []).findings if one.id == "rare_labels").offers
    assert KeepRareLabelsInTraining(20) in {offer.rule for offer in offered}


def test_nothing_left_to_measure_on_is_refused_in_words(prepared: Prepare) -> None:
    with pytest.raises(DatasetInvalid, match="leaves none for validation"):
        prepared(BASE, [], KeepRareLabelsInTraining(100))


def test_remedies_that_leave_nothing_to_learn_are_refused_in_words(prepared: Prepare) -> None:
    with pytest.raises(DatasetInvalid) as caught:
        prepared(BASE, [], MergeLabels(("spam",), "ham"))
    assert caught.value.id == "D17"
    with pytest.raises(DatasetInvalid) as caught:
        prepared(BASE, [], LeaveOutRareLabels(100))
    assert caught.value.id == "D10"


def test_tags_and_sets_of_labels_are_merged_too(model: ModelHandle, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "workspace").create()
    path = tmp_path / "names.conll"
    blocks = [f"John\tB-{'PER' if number % 9 else 'Per'}\nlikes\tO\n{number}\tO" for number in range(40)]
    path.write_text("\n\n".join(blocks) + "\n")
    names = PrepareSettings(task="token_classification", cleaning_rules=(MergeLabels(("Per",), "PER"),))
    dataset = prepare(model, FileRows(str(path)), names, ignore, workspace=workspace)
    assert dataset.label_names == ("O", "B-PER", "I-PER")
    assert dataset.applied[0].rows == 5

    path = tmp_path / "topics.csv"
    lines = [f"the film {number},{'a|b|B' if number % 4 else 'B'}" for number in range(40)]
    path.write_text("text,labels\n" + "\n".join(lines) + "\n")
    topics = PrepareSettings(
        task="multi_label_classification",
        roles=Roles(text="text", labels="labels"),
        label_delimiter="|",
        cleaning_rules=(MergeLabels(("B",), "b"),),
    )
    dataset = prepare(model, FileRows(str(path)), topics, ignore, workspace=workspace)
    assert dataset.label_names == ("a", "b")
    assert sum(split.labels["b"] for split in dataset.splits.values()) == 40


# ── All together ────────────────────────────────────────────────────────────────────────────────────────────────

TEXTS = st.sampled_from([row[0] for row in BASE[:6]] + [BASE[1][0].upper(), BASE[2][0] + "!", "", "a scene"])
LABELS = st.sampled_from(["ham", "spam", "Spam!", "SPAM", "rare", "other", ""])
MORE = st.lists(st.tuples(TEXTS, LABELS), max_size=25)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(train=MORE, test=MORE, cleaning_rules=st.lists(st.sampled_from(ALL), max_size=5), limit=st.sampled_from([0, 30]))
def test_every_row_is_used_or_left_out_for_one_reason(
    prepared: Prepare, train: Rows, test: Rows, cleaning_rules: list[CleaningRule], limit: int
) -> None:
    test = [*plain(6, "ham", "a new story {}"), *plain(6, "spam", "an old plot {}"), *test]
    with contextlib.suppress(DatasetInvalid):  # one label is left, or none of a split's rows
        assert_accounts_are_right(
            prepared([*BASE, *train], test, *cleaning_rules, row_limit=limit), train, test, cleaning_rules
        )


def assert_accounts_are_right(
    dataset: PreparedDataset, train: Rows, test: Rows, cleaning_rules: list[CleaningRule]
) -> None:
    assert dataset.rows_in == len(BASE) + len(train) + len(test)
    assert dataset.rows_in == dataset.rows_used + sum(entry.count for entry in dataset.excluded)
    numbers = Counter((name in ("test",), row) for name, rows in datasets.load_from_disk(dataset.folder).items()
                      for row in rows["line"])  # fmt: skip
    excluded = Counter((entry.reason.endswith("(test.csv)"), row) for entry in dataset.excluded for row in entry.rows)
    assert sum((numbers + excluded).values()) == dataset.rows_in
    assert max((numbers + excluded).values()) == 1
    assert dataset.settings.cleaning_rules == in_order(cleaning_rules)
    assert [applied.rule for applied in dataset.applied] == list(in_order(cleaning_rules))
    merged = renamed_labels(dataset.applied)
    assert not merged.keys() & set(dataset.label_names) - set(merged.values())


def test_remedies_in_any_order_make_the_same_data_set_and_none_the_one_before(prepared: Prepare) -> None:
    rows = [*BASE, BASE[0], (BASE[1][0], "spam"), ("a scene", "rare")]
    before = prepared(rows, [])
    one = prepared(rows, [], LeaveOutDuplicates(), LeaveOutRareLabels(3))
    other = prepared(rows, [], LeaveOutRareLabels(3), LeaveOutDuplicates(), LeaveOutDuplicates())
    assert one == other
    assert one.fingerprint != before.fingerprint
    assert prepared(rows, []) == before


def test_what_a_remedy_leaves_out_changes_nothing_for_the_others(prepared: Prepare) -> None:
    with_repeats = prepared([*BASE, *BASE[:10]], [], LeaveOutDuplicates())
    without = prepared(BASE, [])
    assert {split: rows_of(with_repeats, split) for split in with_repeats.splits} == {
        split: rows_of(without, split) for split in without.splits
    }


def test_labels_renamed_twice_are_called_by_their_last_name() -> None:
    first = AppliedRule(MergeLabels(("a",), "b"), 1, ("a",))
    second = AppliedRule(MergeRareLabels(20, "other"), 2, ("b", "c"))
    back = AppliedRule(MergeLabels(("other",), "a"), 2, ("other",))
    assert renamed_labels((first, second)) == {"a": "other", "b": "other", "c": "other"}
    assert renamed_labels((first, second, back)) == {"b": "a", "c": "a", "other": "a"}


# ── Elsewhere ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("given", [True, False])
def test_the_plain_script_takes_the_same_rows_with_the_same_labels(prepared: Prepare, given: bool) -> None:
    rows = [*BASE, BASE[0], *plain(3, "Spam!", "the plot {} was slow"), *plain(2, "rare", "a scene {}")]
    test = [*plain(12, "SPAM", "a new story {}"), *plain(12, "ham", "an old story {}")] if given else []
    dataset = prepared(
        rows, test, MergeLabels(("Spam!", "SPAM"), "spam"), MergeRareLabels(3, "other"), LeaveOutDuplicates()
    )
    script = Script()
    numbers = f"Path({str(Path(dataset.folder) / 'split.json')!r})"
    read_code(script, dataset, Places(rows=numbers))
    made: dict[str, Any] = {}
    exec(compile(script.text(), "script", "exec"), made)
    for split in dataset.splits:
        assert list(zip(made["splits"][split]["text"], made["splits"][split]["label"], strict=True)) == rows_of(
            dataset, split
        )


def test_the_plain_script_repairs_misread_text_as_the_rows_were_repaired(prepared: Prepare) -> None:
    rows = [(f"{text} – it’s “so” CAFÉ", label) for text, label in BASE]
    misread = [(text.encode().decode("latin-1"), label) for text, label in rows]
    polish = "A “śnieg” w górach leży do maja"
    others = [
        ("CAFÉ”", "ham"),
        (polish.encode().decode("cp1250"), "ham"),
        ("Ã¶l und “Öl”, lÃ¥t stÃ¥", "spam"),
        ("dâ€™une \ufffd", "spam"),
        ("voilÃ le", "ham"),
    ]
    dataset = prepared([*misread[:20], *rows[20:], *others], [], RepairMisreadText())
    assert dataset.applied == (AppliedRule(RepairMisreadText(), 23),)
    script = Script()
    read_code(script, dataset, Places(rows=f"Path({str(Path(dataset.folder) / 'split.json')!r})"))
    made: dict[str, Any] = {}
    exec(compile(script.text(), "script", "exec"), made)
    for split in dataset.splits:
        assert made["splits"][split]["text"][:] == [text for text, _ in rows_of(dataset, split)]
    texts = {text for split in dataset.splits for text, _ in rows_of(dataset, split)}
    right = {"CAFÉ”", polish, "öl und “Öl”, låt stå", "d’une \ufffd", "voilÃ le"}
    assert texts == {text for text, _ in rows} | right


def test_every_remedy_is_in_the_recipe_in_the_list_and_in_the_script(prepared: Prepare) -> None:
    assert {type(rule) for rule in ALL} == set(CLEANING_RULES)
    for rule in ALL:
        chosen = PrepareSettings(cleaning_rules=(rule,), near_duplicates="meaning")
        assert parse_recipe(write_recipe(Recipe(prepare=chosen))).prepare == chosen
        test = [*plain(12, "spam", "a new story {}"), *plain(12, "ham", "an old story {}")]
        rows = [*BASE, BASE[0], *plain(3, "Spam!", "the plot {} was slow"), *plain(9, "rare", "a scene {}")]
        dataset = prepared(rows, test, rule)
        assert [applied.rule for applied in dataset.applied] == [rule]
        script = Script()
        read_code(script, dataset, Places())
        if isinstance(rule, RepairMisreadText):
            assert "def repaired(rows):" in script.text()
        elif dataset.applied[0].labels:
            assert "names = {" in script.text()
        elif not isinstance(rule, CorrectTagPrefixes | MergeLabels | MergeRareLabels):
            assert f"# Not done here: {rule_name(rule)}" in script.text()


def test_a_script_that_splits_by_itself_shows_what_it_does_not_do(prepared: Prepare) -> None:
    dataset = prepared([*BASE, BASE[0]], [], LeaveOutDuplicates())
    script = Script()
    read_code(script, dataset, Places())
    assert "# Not done here: Exclude duplicates (1 row).\n" in script.text()
