"""A whole run as a TOML file: read with errors that name the line, written with one sentence per field.

A recipe holds what was chosen, nothing about what came out. A file in it that is not absolute is looked for beside
the recipe. Uses no torch and no Qt.
"""

from __future__ import annotations

import codecs
import difflib
import json
import re
import textwrap
import tomllib
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

import msgspec

from engine.bootstrap.commands import command
from engine.contract.choice_sentences import lines as choice_lines
from engine.contract.errors import InvalidSetting
from engine.contract.former_names import current_path, with_current_names
from engine.contract.presets import with_rate_of_part
from engine.contract.sentences import Sentence, written_in_english
from engine.contract.settings import (
    EvaluateSettings,
    ExampleRows,
    ExportSettings,
    FileRows,
    FineTuneSettings,
    FolderModel,
    PrepareSettings,
    Recipe,
    StarterModel,
)
from engine.contract.states import (
    EvaluationReport,
    ExportedModel,
    ModelHandle,
    PreparedDataset,
    State,
    TrainingRun,
    find,
)

LARGEST_FILE = 1024 * 1024  # a recipe has a few dozen lines; more is some other file
HEADINGS = {
    "model": "1 · Load model: starter, hub (id, revision) or folder (folder)",
    "data": "2 · Choose data: example (name), file (path, validation_path, test_path) or hub (id, config, revision)",
    "prepare": "   how the rows are read and split",
    "fine_tune": "3 · Fine-tune",
    "evaluate": "4 · Evaluate",
    "export": "5 · Export",
}


# ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────────


class RecipeText(NamedTuple):
    """A recipe as it is written: what it is called, and the folder that its files are looked for in."""

    text: str
    name: str
    folder: Path

    def parsed(self) -> Recipe:
        """The recipe; raises `InvalidSetting` (T16) naming the line, the field and the way out."""
        return parse_recipe(self.text, name=self.name, folder=self.folder)


def read_recipe(path: Path) -> Recipe:
    """The recipe in this file; raises `InvalidSetting` (T16) naming the line, the field and the way out."""
    return text_of_file(path).parsed()


def text_of_input(stream: BinaryIO) -> RecipeText:
    """The recipe that is sent to standard input; its files are looked for in the current folder."""
    name = str(Sentence("cli.t16.input"))
    content = stream.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise InvalidSetting(
            "T16", Sentence("cli.t16.too_large_recipe", path=name), hint=Sentence("cli.t16.choose_recipe_toml")
        )
    return RecipeText(_decoded(content, name), name, Path.cwd())


def text_of_file(path: Path, *, others: Sequence[str] = ()) -> RecipeText:
    """The text of this file; raises `InvalidSetting` (T16), where nothing is there with the `others` that are."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise InvalidSetting(
                "T16", Sentence("cli.t16.too_large_recipe", path=path.name), hint=Sentence("cli.t16.choose_recipe_toml")
            )
        content = path.read_bytes()
    except OSError as error:
        raise InvalidSetting(
            "T16",
            Sentence(
                "cli.t16.recipe_not_there" if isinstance(error, FileNotFoundError) else "cli.t16.recipe_unreadable",
                path=str(path.absolute()),
            ),
            hint=Sentence("cli.t16.recipes_that_come_along", names=list(others))
            if others
            else Sentence("cli.t16.check_name_folder"),
            details=str(error),
        ) from error
    return RecipeText(_decoded(content, path.name), path.name, path.parent)


def _decoded(content: bytes, name: str) -> str:
    try:  # PowerShell writes what is sent into a file with > in UTF-16
        return content.decode("utf-16" if content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidSetting(
            "T16",
            Sentence("cli.t16.not_text_file_utf_8", path=name),
            hint=Sentence("cli.t16.choose_recipe_toml"),
            details=str(error),
        ) from error


def parse_recipe(text: str, *, name: str = "The recipe", folder: Path | None = None) -> Recipe:
    """The recipe in this text; files that are not absolute are taken from `folder`."""
    try:
        values = tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        raise InvalidSetting(
            "T16",
            Sentence("cli.t16.cannot_read", name=name, lower=str(error)[:1].lower(), error=str(error)[1:]),
            hint=Sentence("cli.t16.line_reads_name_value_texts"),
            details=str(error),
        ) from error
    values = with_current_names(values, Recipe)
    _refuse_unknown_fields(values, Recipe, (), text, name)
    try:
        recipe = msgspec.convert(values, Recipe)
    except msgspec.ValidationError as error:
        raise _invalid(error, text, name, values) from error
    if "learning_rate" not in values.get("fine_tune", {}):
        recipe = _at_usual_rate(recipe, FineTuneSettings())
    return with_files_in(recipe, folder) if folder is not None else recipe


def named_in_recipe(text: str, changes: list[str]) -> frozenset[str]:
    """The fields of `FineTuneSettings` that this recipe, which can be read, or these changes of it name."""
    written = with_current_names(tomllib.loads(text.replace("\r\n", "\n")), Recipe).get("fine_tune", {})
    keys = [current_path(change.partition("=")[0].strip().split("."), Recipe) for change in changes]
    named = {*written, *(key[1] for key in keys if key[0] == "fine_tune" and len(key) > 1)}
    return frozenset(field.name for field in msgspec.structs.fields(FineTuneSettings) if field.encode_name in named)


def names_scored_rows(text: str, changes: list[str]) -> bool:
    """Whether this recipe, which can be read, or these changes of it name the rows that Evaluate scores."""
    written = with_current_names(tomllib.loads(text.replace("\r\n", "\n")), Recipe).get("evaluate", {})
    keys = [current_path(change.partition("=")[0].strip().split("."), Recipe) for change in changes]
    return "split" in written or ["evaluate", "split"] in [list(key) for key in keys]


def with_files_in(recipe: Recipe, folder: Path) -> Recipe:
    """The recipe with its relative files and folders taken from `folder`."""

    def absolute(place: str) -> str:
        return str((folder / Path(place).expanduser()).absolute()) if place else ""

    model, data = recipe.model, recipe.data
    if isinstance(model, FolderModel):
        model = FolderModel(absolute(model.folder))
    if isinstance(data, FileRows):
        data = FileRows(absolute(data.path), absolute(data.validation_path), absolute(data.test_path))
    export = msgspec.structs.replace(recipe.export, folder=absolute(recipe.export.folder))
    return msgspec.structs.replace(recipe, model=model, data=data, export=export)


def with_changes(recipe: Recipe, changes: list[str]) -> Recipe:
    """The recipe with changes such as "fine_tune.epochs=1" made; raises `InvalidSetting` (T16).

    Where another part is to learn and no learning rate is named, a usual rate becomes the usual one of that part.
    """
    values: dict[str, Any] = msgspec.to_builtins(recipe)
    for change in changes:
        name, equals, written = change.partition("=")
        keys = name.strip().split(".")
        if not equals or not all(keys):
            raise InvalidSetting(
                "T16",
                Sentence("cli.t16.no_change_setting", change=change),
                hint=Sentence("cli.t16.write_like_fine_tune_epochs"),
            )
        keys = current_path(keys, Recipe)
        place: Any = values
        for key in keys[:-1]:
            place = place.setdefault(key, {}) if isinstance(place, dict) else None
        if not isinstance(place, dict):
            raise InvalidSetting(
                "T16",
                Sentence("cli.t16.there_no_setting", strip=name.strip()),
                hint=Sentence("cli.t16.see_recipe", command=command()),
            )
        if keys[-1] == "type" and place.get("type") != _value(written):
            place.clear()  # another kind of model or data has other fields
        place[keys[-1]] = _value(written)
    values = with_current_names(values, Recipe)  # rules under their former names
    _refuse_unknown_fields(values, Recipe, (), "", "The recipe")
    try:
        changed = msgspec.convert(values, Recipe)
    except msgspec.ValidationError as error:
        raise _invalid(error, "", "The recipe", values) from error
    named = any(change.partition("=")[0].strip() == "fine_tune.learning_rate" for change in changes)
    return changed if named else _at_usual_rate(changed, recipe.fine_tune)


def _at_usual_rate(recipe: Recipe, before: FineTuneSettings) -> Recipe:
    usual = FineTuneSettings().learning_rate
    return msgspec.structs.replace(recipe, fine_tune=with_rate_of_part(before, recipe.fine_tune, rate=usual))


def _value(written: str) -> Any:
    """A value as TOML reads it; what is no TOML is a text."""
    try:
        return tomllib.loads(f"value = {written.strip()}")["value"]
    except (tomllib.TOMLDecodeError, KeyError):
        return written.strip()


def _refuse_unknown_fields(values: Any, kind: Any, path: tuple[str, ...], text: str, name: str) -> None:
    """A misspelt field must not silently keep its default."""
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if isinstance(values, list) and get_origin(kind) is tuple:
        for item in values:
            _refuse_unknown_fields(item, get_args(kind)[0], path, text, name)
    if not isinstance(values, dict):
        return
    struct = _struct_for(kind, values)
    if struct is None:
        return
    tag_field = struct.__struct_config__.tag_field
    known = {field.encode_name: field.type for field in msgspec.structs.fields(struct)}
    for key, value in values.items():
        if key == tag_field:
            continue
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            raise InvalidSetting(
                "T16",
                Sentence(
                    "cli.t16.there_no_field", where=_where(name, text, (*path, key)), field=".".join((*path, key))
                ),
                hint=Sentence("cli.t16.did_you_mean", near=near[0])
                if near
                else Sentence("cli.t16.fields_there_are", fields=list(known))
                if known
                else Sentence("cli.t16.no_fields"),
                field=key,
            )
        _refuse_unknown_fields(value, known[key], (*path, key), text, name)


def _struct_for(kind: Any, values: dict[str, Any]) -> type[msgspec.Struct] | None:
    """The record that these values describe, where `kind` is a record or a choice between records."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind
    if get_origin(kind) in (Union, types.UnionType):
        for choice in get_args(kind):
            if isinstance(choice, type) and issubclass(choice, msgspec.Struct):
                config = choice.__struct_config__
                if config.tag_field is not None and values.get(config.tag_field) == config.tag:
                    return choice
    return None


def _invalid(error: msgspec.ValidationError, text: str, name: str, values: dict[str, Any]) -> InvalidSetting:
    sentence, _, place = str(error).partition(" - at `$")
    path = tuple(re.sub(r"\[.*", "", part) for part in place.rstrip("`").split(".") if part)
    sentence = reason_of(sentence, path, values)
    return InvalidSetting(
        "T16",
        Sentence("cli.t16.field_invalid", where=_where(name, text, path), field=".".join(path), reason=sentence)
        if path
        else Sentence("cli.t16.file_invalid", where=_where(name, text, path), reason=sentence),
        hint=Sentence("cli.t16.change_value_start_again"),
        field=path[-1] if path else "",
        details=str(error),
    )


def kind_name(kind: str) -> str:
    """A kind of value as somebody who writes TOML calls it; one that is not known as it is."""
    match kind:
        case "float":
            return Sentence("cli.t16_kind.number")
        case "int":
            return Sentence("cli.t16_kind.whole_number")
        case "str":
            return Sentence("cli.t16_kind.text")
        case "bool":
            return Sentence("cli.t16_kind.true_or_false")
        case "array":
            return Sentence("cli.t16_kind.list")
        case "object":
            return Sentence("cli.t16_kind.table")
        case "null":
            return Sentence("cli.t16_kind.nothing")
        case _:
            return kind


def reason_of(sentence: str, path: tuple[str, ...], values: dict[str, Any]) -> Sentence:
    """What is wrong with a value, in words of TOML and with what can be written instead, from msgspec's sentence."""
    annotation = _annotation_at(path, values)
    if match := re.fullmatch(r"Expected `([^`]+)`, got `([^`]+)`", sentence):
        wanted, *others = (kind_name(one.strip()) for one in match[1].split("|"))
        for other in others:
            wanted = Sentence("cli.t16_kind.either", first=wanted, second=other)
        return Sentence("cli.t16_reason.kind", wanted=wanted, found=kind_name(match[2]))
    if re.match(r"Invalid (enum )?value '", sentence):
        found = sentence.partition("'")[2].removesuffix("'")
        choices = _choices_of(annotation) if path[-1:] != ("type",) else _kinds_at(path[:-1], values)
        if choices:
            return Sentence("cli.t16_reason.choices", found=found, choices=choices)
    if match := re.fullmatch(r"Expected `\w+` (>=|<=|>|<) (\S+)", sentence):
        return _bound(match[1], match[2])
    if match := re.fullmatch(r"Expected `\w+` of length (>=|<=) (\d+)", sentence):
        return _length(match[1], int(match[2]))
    if "matching regex" in sentence and (described := _sentence_of(annotation)):
        return Sentence("cli.t16_reason.form", described=described)
    if match := re.fullmatch(r"Object missing required field `(\w+)`", sentence):
        return Sentence("cli.t16_reason.missing", name=match[1])
    return Sentence.literal(sentence.replace("`", "").replace("Expected", "expected").replace("Invalid", "invalid"))


def _bound(sign: str, bound: str) -> Sentence:
    match sign:
        case ">=":
            return Sentence("cli.t16_reason.at_least", bound=bound)
        case "<=":
            return Sentence("cli.t16_reason.at_most", bound=bound)
        case ">":
            return Sentence("cli.t16_reason.above", bound=bound)
        case _:
            return Sentence("cli.t16_reason.below", bound=bound)


def _length(sign: str, length: int) -> Sentence:
    if sign == ">=":
        return Sentence("cli.t16_reason.longer", length=length)
    return Sentence("cli.t16_reason.shorter", length=length)


def _annotation_at(path: tuple[str, ...], values: Any, kind: Any = Recipe) -> Any:
    """How the field of this path is annotated; None where it cannot be found."""
    while get_origin(kind) is Annotated and path:
        kind = get_args(kind)[0]
    if not path:
        return kind
    if isinstance(values, list):
        return None
    struct = _struct_for(kind, values if isinstance(values, dict) else {})
    if struct is None:
        return None
    inside = values.get(path[0], {}) if isinstance(values, dict) else {}
    found = {field.encode_name: field.type for field in msgspec.structs.fields(struct)}
    return _annotation_at(path[1:], inside, found[path[0]]) if path[0] in found else None


def _choices_of(annotation: Any) -> list[str]:
    """The values of an enumeration; empty where it is none."""
    kind = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    return [str(one) for one in get_args(kind)] if get_origin(kind) is Literal else []


def _kinds_at(path: tuple[str, ...], values: dict[str, Any]) -> list[str]:
    """The tags of the records that may be at this path, where it is one of several."""
    annotation = _annotation_at(path, values)
    kind = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    if get_origin(kind) is tuple:
        kind = get_args(kind)[0]
    records = [one for one in get_args(kind) if isinstance(one, type) and issubclass(one, msgspec.Struct)]
    return [str(one.__struct_config__.tag) for one in records]


def _sentence_of(annotation: Any) -> str:
    """What a field means; empty where that is written nowhere."""
    for extra in getattr(annotation, "__metadata__", ()):
        if isinstance(extra, msgspec.Meta) and extra.description:
            return extra.description.rstrip(".")
    return ""


def _where(name: str, text: str, path: tuple[str, ...]) -> Sentence:
    """The recipe, with the line where the field is written in the text."""
    line = line_of(text, path)
    return Sentence("cli.t16.recipe_line", name=name, line=line) if line else Sentence.literal(name)


def line_of(text: str, path: tuple[str, ...]) -> int:
    """The line, from 1, in which a field or its table is; 0 where it is not found."""
    table: tuple[str, ...] = ()
    nearest = 0
    for number, line in enumerate(text.splitlines(), start=1):
        if match := re.match(r"\s*\[\s*([A-Za-z0-9_.\s-]+?)\s*\]", line):
            table = tuple(current_path([part.strip() for part in match[1].split(".")], Recipe))
            if table == path[: len(table)]:
                nearest = number
            if table == path:
                return number
        elif match := re.match(r"\s*([A-Za-z0-9_.-]+)\s*=", line):
            field = tuple(current_path([*table, *match[1].split(".")], Recipe))
            if field == path:
                return number
            if field == path[: len(field)]:
                nearest = number
    return nearest


# ── Writing ─────────────────────────────────────────────────────────────────────────────────────────────────────


@written_in_english
def write_recipe(recipe: Recipe, *, title: str = "", sentences: bool = True) -> str:
    """The recipe as TOML that `parse_recipe` reads back unchanged; each field is below its sentence."""
    lines = [f"# {_comment(line)}" for line in (title or "A run of Tunewright").split("\n")]
    for field in msgspec.structs.fields(Recipe):
        lines += ["", f"# ── {HEADINGS[field.name]} " + "─" * max(3, 90 - len(HEADINGS[field.name]))]
        lines += _table((field.name,), getattr(recipe, field.name), sentences)
    return "\n".join(lines) + "\n"


def in_ascii(text: str) -> str:
    """The same recipe in ASCII, which is the same in every code page; its comments lose other letters."""
    lines = []
    for line in text.replace("─", "-").split("\n"):
        if line.startswith("#"):
            lines.append(line.encode("ascii", "replace").decode("ascii"))
        else:
            lines.append("".join(_escaped(letter) for letter in line))
    return "\n".join(lines)


def _escaped(letter: str) -> str:
    if letter.isascii():
        return letter
    return f"\\u{ord(letter):04x}" if ord(letter) <= 0xFFFF else f"\\U{ord(letter):08x}"


def recipe_of(state: State) -> Recipe:
    """What was chosen on the way to this state; steps not taken yet have their defaults."""
    model = find(state, ModelHandle)
    dataset = find(state, PreparedDataset)
    run = find(state, TrainingRun)
    evaluation = find(state, EvaluationReport)
    exported = find(state, ExportedModel)
    return Recipe(
        model=model.source if model else StarterModel(),
        data=dataset.source if dataset else ExampleRows("short_reviews"),
        prepare=dataset.settings if dataset else PrepareSettings(),
        fine_tune=run.settings if run else FineTuneSettings(),
        evaluate=_with_answers(evaluation) if evaluation else EvaluateSettings(),
        export=exported.settings if exported else ExportSettings(),
    )


@written_in_english
def with_choice(title: str, state: State) -> str:
    """The title with what the settings are the outcome of, which makes a repeat choose nothing again."""
    run = find(state, TrainingRun)
    if run is None or run.choice is None:
        return title
    return "\n".join([title, "", "How to train was chosen, and is not chosen again:", *choice_lines(run.choice)])


def without_paths(recipe: Recipe) -> Recipe:
    """The recipe fit to be given away: names of files only, no export folder, no watched sentences."""
    model, data = recipe.model, recipe.data
    if isinstance(model, FolderModel):
        model = FolderModel(Path(model.folder).name)
    if isinstance(data, FileRows):
        data = FileRows(Path(data.path).name, Path(data.validation_path).name, Path(data.test_path).name)
    export = msgspec.structs.replace(recipe.export, folder="")
    fine_tune = msgspec.structs.replace(recipe.fine_tune, watch_list=())
    return msgspec.structs.replace(recipe, model=model, data=data, fine_tune=fine_tune, export=export)


def _comment(line: str) -> str:
    """A line that may be behind #: TOML allows no control characters there."""
    return "".join(letter if letter.isprintable() else " " for letter in line)


def _table(path: tuple[str, ...], record: msgspec.Struct, sentences: bool) -> list[str]:
    lines = [f"[{'.'.join(path)}]"]
    config = record.__struct_config__
    if config.tag_field is not None:
        lines.append(f"{config.tag_field} = {_written(config.tag)}")
    hints = get_type_hints(type(record), include_extras=True)
    tables = []
    for field in msgspec.structs.fields(record):
        value = getattr(record, field.name)
        if isinstance(value, msgspec.Struct):
            tables.append((field.encode_name, value))
            continue
        if sentences:
            lines += [f"# {line}" for line in _sentence(hints[field.name])]
        lines.append(f"{field.encode_name} = {_written(value)}")
    for name, value in tables:
        lines += ["", *_table((*path, name), value, sentences)]
    return lines


def _sentence(annotation: Any) -> list[str]:
    """What a field means, with the values it can have."""
    for extra in getattr(annotation, "__metadata__", ()):
        if isinstance(extra, msgspec.Meta) and extra.description:
            kind = get_args(annotation)[0]
            values = get_args(kind) if get_origin(kind) is Literal else ()
            choices = " One of: " + ", ".join(map(json.dumps, values)) if values else ""
            return textwrap.wrap(extra.description + choices, 110)
    return []


def _written(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return repr(value)  # 5e-05 and 0.1 are TOML as they are
        case str():
            # JSON's escapes are TOML's, save that TOML has no surrogate pairs and requires DEL escaped.
            clean = value.encode("utf-8", "replace").decode("utf-8")
            return json.dumps(clean, ensure_ascii=False).replace("\x7f", "\\u007f")
        case tuple() if value and isinstance(value[0], msgspec.Struct):
            return "[\n" + "".join(f"    {_written(item)},\n" for item in value) + "]"
        case tuple():
            return f"[{', '.join(_written(item) for item in value)}]"
        case msgspec.Struct():  # one of several, so on one line
            tag = value.__struct_config__
            pairs = [(str(tag.tag_field), tag.tag)] if tag.tag_field is not None else []
            pairs += [(field.encode_name, getattr(value, field.name)) for field in msgspec.structs.fields(value)]
            return "{ " + ", ".join(f"{name} = {_written(item)}" for name, item in pairs) + " }"
        case _:
            raise TypeError(f"{type(value).__name__} has no place in a recipe")


def _with_answers(evaluation: EvaluationReport) -> EvaluateSettings:
    """The settings of the evaluation, with what earlier ones have made of the run's answers."""
    run, settings = evaluation.run, evaluation.settings
    changes: dict[str, Any] = {"temperature": "fit" if run.temperature != 1 else "keep"}
    if run.unsure is not None:
        changes["unsure"] = run.unsure.kind
        if run.unsure.kind == "conformal":
            changes["coverage"] = run.unsure.coverage
        else:
            changes["least_confidence"] = run.unsure.least_confidence
    if len(run.thresholds) == 1 and not settings.threshold_label:
        ((changes["threshold_label"], changes["threshold"]),) = run.thresholds.items()
    return msgspec.structs.replace(settings, **changes)
