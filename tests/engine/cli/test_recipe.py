"""Recipes: what is written is read back, and what is wrong is named with its line and a way out."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.cli.commands import RECIPES
from engine.cli.recipe import (
    in_ascii,
    line_of,
    named_in_recipe,
    names_scored_rows,
    parse_recipe,
    read_recipe,
    recipe_of,
    text_of_file,
    with_changes,
    without_paths,
    write_recipe,
)
from engine.contract.calibration import UnsureRule
from engine.contract.cleaning_rules import LeaveOutDuplicates, LeaveOutLeaks, MergeLabels
from engine.contract.errors import InvalidSetting
from engine.contract.settings import (
    EvaluateSettings,
    ExportSettings,
    FileRows,
    FineTuneSettings,
    FolderModel,
    HubModel,
    PrepareSettings,
    Recipe,
    Roles,
    StarterModel,
)
from tests.builders import a_dataset, a_model, a_run, an_evaluation, an_export

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@settings(deadline=None)  # a busy machine is no mistake of the recipe
@given(id=TEXTS, path=TEXTS, column=TEXTS, name=TEXTS, rate=st.floats(1e-9, 0.1), epochs=st.floats(0.001, 1000))
def test_what_is_written_is_read_back(id: str, path: str, column: str, name: str, rate: float, epochs: float) -> None:
    recipe = Recipe(
        model=HubModel(id, offline=True),
        data=FileRows(path),
        prepare=PrepareSettings(roles=Roles(text=column)),
        fine_tune=FineTuneSettings(learning_rate=rate, epochs=epochs, run_name=name),
    )
    assert parse_recipe(write_recipe(recipe, title=name)) == recipe
    assert parse_recipe(write_recipe(recipe, sentences=False)) == recipe


def test_remedies_are_written_one_a_line_and_read_back() -> None:
    cleaning_rules = (MergeLabels(('say "no"', "No!"), "no"), LeaveOutLeaks("test", near=True), LeaveOutDuplicates())
    recipe = Recipe(prepare=PrepareSettings(cleaning_rules=cleaning_rules))
    text = write_recipe(recipe)
    assert '    { type = "exclude_leaks", split = "test", near = true, other = "" },\n' in text
    assert parse_recipe(text) == recipe
    assert parse_recipe("") == parse_recipe("[prepare]\ncleaning_rules = []\n") == Recipe()
    changed = with_changes(Recipe(), ['prepare.cleaning_rules=[{type = "exclude_duplicates"}]'])
    assert changed.prepare.cleaning_rules == (LeaveOutDuplicates(),)


def test_a_recipe_with_the_keys_of_0_1_0_is_read_and_changed_under_them() -> None:
    text = (
        "[prepare]\nremedies = [{type = 'leave_out_duplicates'}]\nlikeness = 'meaning'\n"
        "[fine_tune]\ntrained_part = 'lora'\n"
    )
    recipe = parse_recipe(text)
    assert (recipe.prepare.cleaning_rules, recipe.prepare.near_duplicates) == ((LeaveOutDuplicates(),), "meaning")
    assert recipe.fine_tune.layers_to_train == "lora"
    changed = with_changes(recipe, ["fine_tune.trained_part=full", "prepare.remedies=[{type = 'leave_out_leaks'}]"])
    assert (changed.fine_tune.layers_to_train, changed.prepare.cleaning_rules) == ("full", (LeaveOutLeaks(),))
    written = write_recipe(recipe)
    assert "layers_to_train = " in written
    assert not [key for key in ("remedies", "likeness", "trained_part", "leave_out") if f"{key} =" in written]


def test_a_key_under_both_its_names_is_refused() -> None:
    with pytest.raises(InvalidSetting, match=r"no field fine_tune\.trained_part"):
        parse_recipe("[fine_tune]\ntrained_part = 'lora'\nlayers_to_train = 'full'\n")


def test_what_a_recipe_names_is_what_is_written_in_it_or_set(tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text(
        "[fine_tune]\nepochs = 2\ntrained_part = 'lora'  # a former name\n[evaluate]\nsplit = 'test'\n", "utf-8"
    )
    text = text_of_file(path).text
    assert named_in_recipe(text, []) == {"epochs", "layers_to_train"}
    assert named_in_recipe(text, ["fine_tune.seed=3", "prepare.seed=2"]) == {"epochs", "layers_to_train", "seed"}
    assert names_scored_rows(text, [])
    path.write_text("[model]\ntype = 'starter'\n[evaluate]\nbatch_size = 8\n", "utf-8-sig")
    assert not names_scored_rows(text_of_file(path).text, ["prepare.seed=2"])
    assert names_scored_rows(text_of_file(path).text, ["evaluate.split=test"])
    assert named_in_recipe(text_of_file(path).text, []) == set()


def test_a_recipe_with_adapters_that_names_no_learning_rate_gets_theirs() -> None:
    usual = FineTuneSettings().learning_rate
    assert parse_recipe("[fine_tune]\ntrained_part = 'lora'\n").fine_tune.learning_rate == pytest.approx(10 * usual)
    assert parse_recipe("[fine_tune]\ntrained_part = 'last_layers'\n").fine_tune.learning_rate == usual
    named = f"[fine_tune]\ntrained_part = 'lora'\nlearning_rate = {usual!r}\n"
    assert parse_recipe(named).fine_tune.learning_rate == usual
    changed = with_changes(Recipe(), ["fine_tune.trained_part=lora"])
    assert changed.fine_tune.learning_rate == pytest.approx(10 * usual)
    chosen = with_changes(Recipe(), [f"fine_tune.learning_rate={usual!r}", "fine_tune.trained_part=lora"])
    assert chosen.fine_tune.learning_rate == usual


def test_each_setting_is_below_its_sentence() -> None:
    text = write_recipe(Recipe())
    assert "# How often training goes through all rows.\nepochs = 3.0" in text
    assert tomllib.loads(text)["fine_tune"]["epochs"] == 3.0


@pytest.mark.parametrize(
    ("text", "line", "field", "hint"),
    [
        ("[fine_tune]\n\nepochs = -1\n", "line 3", "epochs", "Change the value"),
        ("[fine_tune]\nepochs = 'many'\n", "line 2", "epochs", "Change the value"),
        ("[fine_tune]\nlearning_rat = 1e-5\n", "line 2", "learning_rat", "Did you mean learning_rate?"),
        ("[prepare]\n[prepare.roles]\ntextt = 'a'\n", "line 3", "textt", "Did you mean text?"),
        ("\n[finetune]\nepochs = 1\n", "line 2", "finetune", "Did you mean fine_tune?"),
        ("[model]\ntype = 'pickle'\n", "line 2", "type", "Change the value"),
        ("[model]\ntype = 'hub'\n", "line 1", "model", "Change the value"),
        ("fine_tune.precision = 'fp64'\n", "line 1", "precision", "Change the value"),
        (
            "[prepare]\nremedies = [{type = 'leave_out_leaks', spilt = 'test'}]\n",
            "line 2",
            "spilt",
            "Did you mean split?",
        ),
        ("[prepare]\nremedies = [{type = 'leave_out'}]\n", "line 2", "type", "Change the value"),
        ("[model]\ntype = 'starter'\nid = 'x'\n", "line 3", "id", "There are: no fields."),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, line: str, field: str, hint: str) -> None:
    with pytest.raises(InvalidSetting) as raised:
        parse_recipe(text, name="my.toml")
    assert raised.value.id == "T16"
    assert f"my.toml, {line}:" in raised.value.message
    assert raised.value.field == field
    assert hint in raised.value.hint


@pytest.mark.parametrize("text", ["a b", "[fine_tune", "x = ", "a = 1\na = 2\n"])
def test_what_is_no_toml_is_named_with_its_line(text: str) -> None:
    with pytest.raises(InvalidSetting, match=r"line 1|line 2|end of document"):
        parse_recipe(text, name="my.toml")


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"x" * 2_000_000, None])
def test_what_is_no_recipe_gets_a_sentence(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "my.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InvalidSetting, match=r"my\.toml") as raised:
        read_recipe(path)
    assert raised.value.hint


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[fine_tune]\nepochs = 'many'\n", "fine_tune.epochs: it must be a number, not a text in quotation marks"),
        ("[fine_tune]\nepochs = true\n", "fine_tune.epochs: it must be a number, not true or false"),
        ("[fine_tune]\nbatch_size = 1.5\n", "fine_tune.batch_size: it must be a whole number, not a number"),
        ("[fine_tune]\nprecision = 'fp64'\n", "fine_tune.precision: “fp64” is none of auto, fp32, bf16, fp16"),
        ("[evaluate]\nsplit = 'all'\n", "evaluate.split: “all” is none of train, validation, test"),
        ("[model]\ntype = 'pickle'\n", "model.type: “pickle” is none of starter, hub, folder"),
        ("[fine_tune]\nepochs = -1\n", "fine_tune.epochs: it must be more than 0"),
        ("[evaluate]\nbatch_size = 0\n", "evaluate.batch_size: it must be at least 1"),
        ("[evaluate]\ndevice = 'tpu'\n", "one GPU such as cuda:0"),
        ("[model]\ntype = 'hub'\n", "model: id is missing"),
        ("[prepare.roles]\ntokens = ['a']\n", "prepare.roles.tokens: it must be a text in quotation marks, not a list"),
        ("[prepare]\nroles = 'text'\n", "prepare.roles: it must be a table, not a text"),
        ("[prepare]\ncleaning_rules = [{type = 'leave'}]\n", "“leave” is none of repair_misread_text, "),
    ],
)
def test_what_is_wrong_is_reported_in_words_of_toml_with_what_can_be_written(text: str, reason: str) -> None:
    with pytest.raises(InvalidSetting) as raised:
        parse_recipe(text)
    assert reason in raised.value.message
    for python in ("float", "str", "int", "bool", "array", "object", "`", "enum"):
        assert python not in raised.value.message.split()


def test_a_recipe_that_is_not_there_is_named_with_the_place_and_the_recipes_that_are(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting) as raised:
        text_of_file(tmp_path / "none.toml", others=("entities", "movie_reviews"))
    assert str(tmp_path / "none.toml") in raised.value.message
    assert "entities, movie_reviews" in raised.value.hint


def test_files_are_looked_for_beside_the_recipe(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_text("[data]\ntype = 'file'\npath = 'rows.csv'\n[model]\ntype = 'folder'\nfolder = '/models/bert'\n")
    recipe = read_recipe(path)
    assert recipe.data == FileRows(str(tmp_path / "rows.csv"))
    assert recipe.model == FolderModel("/models/bert")
    assert recipe.export.folder == ""


def test_a_recipe_from_windows_is_read(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_bytes(b"\xef\xbb\xbf[fine_tune]\r\nepochs = 2\r\n")
    assert read_recipe(path).fine_tune.epochs == 2


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("fine_tune.epochs=1", Recipe(fine_tune=FineTuneSettings(epochs=1))),
        ("fine_tune.device = cpu", Recipe(fine_tune=FineTuneSettings(device="cpu"))),
        ('export.name="a = b"', Recipe(export=ExportSettings(name="a = b"))),
        ("export.name=a = b", Recipe(export=ExportSettings(name="a = b"))),
        ("prepare.roles.text=review", Recipe(prepare=PrepareSettings(roles=Roles(text="review")))),
    ],
)
def test_a_setting_can_be_changed_from_the_command_line(change: str, expected: Recipe) -> None:
    assert with_changes(Recipe(), [change]) == expected


def test_another_kind_of_model_can_be_set_from_the_command_line() -> None:
    assert with_changes(Recipe(), ["model.type=hub", "model.id=bert-base-uncased"]).model == HubModel(
        "bert-base-uncased"
    )


@pytest.mark.parametrize("change", ["fine_tune.epoch=1", "epochs", "=1", "fine_tune=1", "fine_tune.epochs=0", "a..b=1"])
def test_a_change_that_cannot_be_made_gets_a_sentence(change: str) -> None:
    with pytest.raises(InvalidSetting) as raised:
        with_changes(Recipe(), [change])
    assert raised.value.id == "T16"


def test_the_recipe_of_a_run_holds_what_was_chosen() -> None:
    exported = an_export(settings=ExportSettings(folder="/home/anna/model", name="Reviews"))
    recipe = recipe_of(exported)
    assert recipe.model == StarterModel()
    assert recipe.prepare == exported.evaluation.run.dataset.settings
    assert recipe.export.name == "Reviews"
    assert recipe_of(a_model()) == Recipe()


def test_a_recipe_that_is_given_away_has_no_places() -> None:
    dataset = a_dataset(
        model=a_model(source=FolderModel("/home/anna/bert")), source=FileRows("/home/anna/rows.csv", "", "/x/test.csv")
    )
    recipe = without_paths(recipe_of(dataset))
    assert recipe.data == FileRows("rows.csv", "", "test.csv")
    assert "anna" not in write_recipe(recipe)


def test_the_line_of_a_missing_field_is_its_tables() -> None:
    text = "[model]\ntype = 'hub'\n[fine_tune]\nepochs = 1\n"
    assert line_of(text, ("model", "id")) == 1
    assert line_of(text, ("fine_tune", "epochs")) == 4
    assert line_of(text, ("export", "name")) == 0


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.toml")), ids=lambda path: path.stem)
def test_the_recipes_that_come_along_can_be_read(path: Path) -> None:
    recipe = read_recipe(path)
    assert recipe.model == StarterModel()


@pytest.mark.parametrize("code_page", ["cp437", "cp1252"])
def test_a_recipe_survives_powershell_which_reads_a_code_page_and_writes_utf16(code_page: str, tmp_path: Path) -> None:
    chosen = Recipe(model=FolderModel(str(tmp_path / "Größe – 日本 🙂")))
    sent = in_ascii(write_recipe(chosen, title="Größe")).encode("utf-8")
    (tmp_path / "r.toml").write_bytes(sent.decode(code_page).encode("utf-16"))
    assert read_recipe(tmp_path / "r.toml") == chosen


def test_the_recipe_holds_the_answers_that_were_chosen_before_the_last_evaluation() -> None:
    rule = UnsureRule("conformal", coverage=0.85, cutoff=0.2, rows=200)
    run = a_run(temperature=1.8, unsure=rule)
    recipe = recipe_of(an_evaluation(run=run, settings=EvaluateSettings()))
    assert (recipe.evaluate.temperature, recipe.evaluate.unsure, recipe.evaluate.coverage) == ("fit", "conformal", 0.85)
    assert recipe_of(an_evaluation()).evaluate == an_evaluation().settings
