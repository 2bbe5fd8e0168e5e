"""No name that lies on a user's disk may change unnoticed: tests/stored/names_on_disk.json lists them all.

Classes, modules and folders of the program may be renamed at will; what they write may not. The records are walked
from the files they are written to, so the listing has no class by its name. Where a test fails, either the name has
to come back, or files with the old one have to be read as well. A name that is new, or was changed with care, is
listed with:

    python -m tests.test_names_on_disk
"""

from __future__ import annotations

import functools
import importlib
import json
import operator
import re
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import msgspec
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from msgspec import inspect
from PySide6.QtWidgets import QApplication
from safetensors import safe_open

from engine import stages
from engine.contract.cleaning_rules import LeaveOutDuplicates
from engine.contract.errors import EngineError, StopRequested
from engine.contract.events import Event, StepsTrained
from engine.contract.former_names import FORMER_KEYS, FORMER_TAGS, decode, with_current_names
from engine.contract.recovery_actions import CAPTIONS_OF_0_1_0, RecoveryAction
from engine.contract.row_edits import RowChange, input_hash
from engine.contract.sentences import Sentence
from engine.contract.settings import (
    EvaluateSettings,
    ExportSettings,
    FileRows,
    FineTuneSettings,
    FolderModel,
    PrepareSettings,
    Roles,
)
from engine.contract.states import PreparedDataset, Proof, TrainingRun
from engine.workspace import leftovers
from engine.workspace.atomic_files import as_json
from engine.workspace.checkpoint_relocation import keep_checkpoints_in
from engine.workspace.layout import Workspace
from engine.workspace.row_edit_file import write_changes
from engine.workspace.trash import RunBin
from gui.preferences import PreferenceStore
from gui.shell.single_instance import SingleInstance
from tests.stored import HERE, unpacked

LISTING = HERE / "names_on_disk.json"
HOW = "Files on users' disks hold it: give it back, or read both and list it anew (python -m tests.test_names_on_disk)."
RECORDS = {  # each file whose content is a record, and the record; what they hold is found from here
    "runs/<run>/run.json": "engine.workspace.runs:StoredRun",
    "runs/<run>/states/model-<hash>.json": "engine.contract.states:ModelHandle",
    "runs/<run>/states/dataset-<hash>.json": "engine.contract.states:PreparedDataset",  # its model as a hash
    "runs/<run>/states/run-<hash>.json": "engine.contract.states:TrainingRun",  # its dataset as a hash
    "runs/<run>/states/evaluation-<hash>.json": "engine.contract.states:EvaluationReport",  # its run as a hash
    "runs/<run>/states/exported-<hash>.json": "engine.contract.states:ExportedModel",  # its evaluation as a hash
    "runs/<run>/run-schema-1.json": "engine.workspace.runs:RunRecord",  # a copy of run.json as 0.1.0 wrote it
    "runs/<run>/events.jsonl": "engine.contract.events:Event",
    "runs/<run>/best.json": "engine.training.checkpoints.files:Best",
    "runs/<run>/checkpoints/step-<step>/state.json": "engine.training.step.progress:Progress",
    "runs/<run>/elsewhere.json": "engine.workspace.checkpoint_locations:Elsewhere",
    "<chosen>/tunewright-<run>/run-id.json": "engine.workspace.checkpoint_locations:Sign",
    "runs/<run>/calibration.json": "engine.contract.calibration:Calibration",
    "runs/<run>/calibration.json of any version": "engine.workspace.calibration:CalibrationFile",
    "runs/<run>/evaluation/report.json": "engine.contract.states:EvaluationReport",
    "runs/<run>/evaluation/diagnoses.json": "engine.contract.diagnoses:Diagnoses",
    "kept_sentences.json": "engine.workspace.kept_sentences:KeptSentences",
    "datasets/<hash>/dataset.json": "engine.contract.states:PreparedDataset",
    "datasets/<hash>/findings.json": "engine.contract.findings:Examples",  # a list of them
    "datasets/<hash>/lengths.json": "engine.contract.length_table:LengthTable",
    "changes/<hash>.json": "engine.workspace.row_edit_file:ChangesFile",
    "hub/<data set>/listings/<commit>.json": "engine.reading.sources.hub_rows:Listing",
    "settings.json": "gui.preferences:Preferences",
    "entries.json": "gui.entries:Entries",
    "<program>/workspace.json": "engine.workspace.layout:WorkspaceChoice",
    "recipe.toml": "engine.contract.settings:Recipe",
    "export/passport.json": "engine.contract.passport:Passport",
}
WRITTEN_BY_0_1_0 = {"runs/<run>/run.json": "engine.workspace.runs:RunRecord"}  # where the record was another one
NEVER_LOGGED = ("engine.contract.events:Answered",)  # crosses to the window only
WORDS = {  # values that are in those files as plain texts, and files that are named by a constant
    "entries of the window": "gui.entries:ENTRIES",
    "the choice of a workspace": "engine.workspace.layout:CHOICE",
    "name of a manifest": "engine.workspace.atomic_files:MANIFEST",
    "beginning of a staging name": "engine.workspace.atomic_files:STAGING",
    "ending of the lock of a staging name": "engine.workspace.atomic_files:STAGING_LOCK",
    "a run's tokenizer": "engine.loading.tokenizer:OF_A_RUN",
    "note of an export outside": "engine.workspace.leftovers:OUTSIDE",
    "note of checkpoints elsewhere": "engine.workspace.checkpoint_locations:ELSEWHERE",
    "sign of a folder elsewhere": "engine.workspace.checkpoint_locations:SIGN",
    "names of checkpoints": "engine.workspace.checkpoint_locations:CHECKPOINT",
    "a run's reserve": "engine.workspace.checkpoint_relocation:RESERVE",
    "a run's record": "engine.workspace.runs:RECORD",
    "a run's record of schema 1": "engine.workspace.runs:BEFORE_SCHEMA_2",
    "a run's states": "engine.workspace.state_files:STATES",
    "index of the runs": "engine.workspace.run_index:INDEX",  # a cache: what is in it is listed nowhere
    "a run's log": "engine.workspace.event_log:FILE_NAME",
    "examples of findings": "engine.contract.findings:EXAMPLES_FILE",
    "table of lengths": "engine.contract.length_table:LENGTHS_FILE",
    "groups of near-duplicates": "engine.workspace.near_duplicate_groups:FILE_NAME",
    "splits of a saved data set": "engine.workspace.data_folders:SAVED_SPLITS",
    "listings of the Hub": "engine.reading.sources.hub_rows:_LISTINGS",
    "Arrow's metadata key": "engine.reading.formats.arrow:PROBLEMS",
    "adapters in optimizer.safetensors": "engine.training.checkpoints.files:_ADAPTER",
    "schema of run.json": "engine.workspace.runs:SCHEMA",
    "schema of settings.json": "gui.preferences:SCHEMA",
    "scores": "engine.contract.metrics:METRICS",
    "simple methods": "engine.contract.metrics:BASELINES",
    "charts": "gui.fine_tune.monitor.chart_specs:KINDS",
    "last steps in a chart": "gui.chart_preferences:WINDOWS",
    "columns that are read": "engine.contract.column_roles:INPUTS",
    "columns with answers": "engine.contract.column_roles:LABELS",
    "findings that lead elsewhere": "gui.choose_data.summary.findings_list:ELSEWHERE",
    "actions as 0.1.0 wrote them": "engine.contract.recovery_actions:CAPTIONS_OF_0_1_0",
}
EXAMPLES = "engine.contract.examples:examples"
PROVE = "engine.exporting.export.prove"  # starts a process; what it writes is gone when it ends
STRUCTURES_OF_RECORDS = (  # of training_record.json: listed as records, or named by the user
    "settings",
    "versions",
    "data.files",
    "data.splits",
    "training.history",
    "training.choice",
    "evaluation.scores",
    "evaluation.intervals",
    "evaluation.baselines",
    "evaluation.differences",
    "evaluation.classes",
    "proof",
)
HAND_MADE = ("MANIFEST.json", "split.json", "dataset_dict.json", "training_record.json", "staging-outside.json")
NOT_STORED = (  # the stored workspace has none: 0.1.0 did not write them there, or not at all
    "<program>/workspace.json",
    "entries.json",
    "runs/<run>/elsewhere.json",
    "runs/<run>/calibration.json",
    "runs/<run>/calibration.json of any version",
    "<chosen>/tunewright-<run>/run-id.json",
    "hub/<data set>/listings/<commit>.json",
    "runs/<run>/evaluation/diagnoses.json",
    "kept_sentences.json",
    *(place for place in RECORDS if place.startswith(("runs/<run>/states/", "runs/<run>/run-schema-1"))),
    "export/passport.json",
    "recipe.toml",  # read in test_stored_workspace.py
)
NOT_ALWAYS = "runs/<run>/checkpoints/best-<step>/"  # only where a later look is the best


def named(place: str) -> Any:
    """What is in a module under a name: "engine.workspace.atomic_files:MANIFEST"."""
    module, _, name = place.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise LookupError(f"{place} is called differently now: name it in the tables of {__name__}.") from error


# ── Records ─────────────────────────────────────────────────────────────────────────────────────────────────────


def record_names() -> tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]:
    """Every record by the place where it is met first, its fields as they are written, and what these hold.

    Also, by the same places, what its keys and its tag were called before: these are read for ever.
    """
    waiting: deque[tuple[str, inspect.StructType]] = deque()
    labels: dict[type, str] = {}

    def text_of(kind: inspect.Type, place: str) -> str:
        match kind:
            case inspect.Metadata(type=inner):
                return text_of(inner, place)
            case inspect.StructType():
                if kind.cls not in labels:
                    labels[kind.cls] = place
                    waiting.append((place, kind))
                return f"record {labels[kind.cls]}"
            case inspect.UnionType(types=types):
                several = sum(isinstance(one, inspect.StructType) for one in types) > 1
                parts = [
                    text_of(one, f"{place}<{one.tag}>" if several and isinstance(one, inspect.StructType) else place)
                    for one in types
                ]
                return " or ".join(sorted(parts))
            case inspect.EnumType(cls=cls):
                return " | ".join(json.dumps(one.value) for one in cls)
            case inspect.CustomType(cls=cls) if cls is Sentence:
                return "sentence"
            case inspect.LiteralType(values=values):
                return " | ".join(json.dumps(value) for value in sorted(values))
            case inspect.VarTupleType(item_type=item) | inspect.ListType(item_type=item):
                return f"list of ({text_of(item, f'{place}[]')})"
            case inspect.TupleType(item_types=items):
                return f"list ({', '.join(text_of(item, f'{place}[]') for item in items)})"
            case inspect.DictType(key_type=key, value_type=value):
                return f"{text_of(key, place)} to ({text_of(value, f'{place}{{}}')})"
            case _:
                return type(kind).__name__.removesuffix("Type").lower()

    found: dict[str, dict[str, str]] = {}
    for place, record in RECORDS.items():
        kind = named(record)
        if not isinstance(kind, type):  # a choice between records
            excluded = {named(one) for one in NEVER_LOGGED}
            kind = functools.reduce(operator.or_, (one for one in get_args(kind) if one not in excluded))
        found[place] = {"content": text_of(inspect.type_info(kind), place)}
        while waiting:
            label, struct = waiting.popleft()
            assert not struct.array_like, f"{label} is written as a list, where its fields have no names."
            fields = found.setdefault(label, {})
            fields.pop("content", None)
            if struct.tag_field is not None:
                assert struct.tag != struct.cls.__name__, f"{label} has only the name of its class: give it a tag."
                fields[struct.tag_field] = json.dumps(struct.tag)
            for field in struct.fields:
                required = "" if not field.required else ", required"
                fields[field.encode_name] = text_of(field.type, f"{label}.{field.encode_name}") + required
    former = {labels[kind]: dict(names) for kind, names in FORMER_KEYS.items()}
    former |= {labels[kind]: {name: str(kind.__struct_config__.tag)} for kind, name in FORMER_TAGS.items()}
    return found, former


def error_kinds() -> list[str]:
    """What `kind` of a stored error can be."""
    waiting, found = [EngineError], set()
    while waiting:
        kind = waiting.pop()
        assert "kind" in vars(kind), f"{kind.__name__} must say its kind itself: it is stored and outlives the class."
        waiting += kind.__subclasses__()
        found.add(kind("C9", "A sentence.").report().kind)
    return sorted(found)


def words() -> dict[str, Any]:
    """Constants, tables by their keys, patterns as texts."""
    found: dict[str, Any] = {}
    for meaning, place in WORDS.items():
        value = named(place)
        match value:
            case re.Pattern():
                found[meaning] = value.pattern
            case bytes():
                found[meaning] = value.decode()
            case Mapping():
                found[meaning] = sorted(value)
            case tuple():
                found[meaning] = list(value)
            case _:
                found[meaning] = value
    found["examples"] = sorted(example.source.name for example in named(EXAMPLES)())
    return found


# ── Files ───────────────────────────────────────────────────────────────────────────────────────────────────────


PATTERNS = (  # what is different from run to run
    (r"^bin/[^/]+/([^/.][^/]*)/.*", "bin/<window>/<run>/"),
    (r"^bin/[^/]+/", "bin/<window>/"),
    (r"\d{8}-\d{6}(-\d+)?(?=/)", "<run>"),
    (r"bad-\d{8}-\d{6}", "bad-<time>"),
    (r"\b[0-9a-f]{32}\b", "<hash>"),
    (r"(?<=/)[0-9a-f]{16}(?=/)", "<key>"),
    (r"(step|best)-\d{6,}", r"\1-<step>"),
    (r"(source/\w+)/[^/]+$", r"\1/<file>"),
    (r"data-\d+-of-\d+\.arrow", "data-<part>.arrow"),
)


def file_names(root: Path) -> set[str]:
    """The files below this folder, with what is different from run to run replaced."""
    found = set()
    for path in root.rglob("*"):
        if path.is_file():
            name = path.relative_to(root).as_posix()
            for pattern, replacement in PATTERNS:
                name = re.sub(pattern, replacement, name)
            found.add(name)
    return found


def keys_of(value: Any, place: str = "") -> Iterator[str]:
    """The names in a hand-made document, those in lists behind []."""
    if place in STRUCTURES_OF_RECORDS:
        return
    if isinstance(value, dict):
        for key, part in value.items():
            inside = f"{place}.{key}" if place else key
            yield inside
            yield from keys_of(part, inside)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield from keys_of(value[0], f"{place}[]")


def document_names(root: Path) -> dict[str, list[str]]:
    """Names in files that are no records: of hand-made JSON, tables and tensors in this workspace."""
    found: dict[str, set[str]] = {}

    def add(place: str, names: Any) -> None:
        found.setdefault(place, set()).update(names)

    for path in root.rglob("*.json"):
        if path.name not in HAND_MADE:
            continue
        content = json.loads(path.read_bytes())
        match path.name, path.parent.name:
            case "MANIFEST.json", _:
                add("MANIFEST.json", content)
                add("MANIFEST.json files", next(iter(content["files"].values())))
            case "split.json", "export":
                add("export/split.json", content)
            case "split.json", _:
                add("datasets/<hash>/split.json", content)
            case "dataset_dict.json", _:
                add("dataset_dict.json", content)
            case "staging-outside.json", _:
                add("runs/<run>/staging-outside.json", content)
            case "training_record.json", _:
                add("export/training_record.json", keys_of(content))
    for path in root.rglob("data-*.arrow"):
        task = json.loads((path.parents[1] / "dataset.json").read_bytes())["task"]
        with pa.memory_map(str(path)) as source:
            add(f"datasets/<hash>/<split>/, {task}", pa.ipc.open_stream(source).schema.names)
    for name in ("predictions.parquet", "logits.parquet"):
        for path in root.rglob(name):
            schema = parquet.read_schema(path)
            keys = [f"metadata {key.decode()}" for key in schema.metadata or {}]
            add(f"evaluation/{name}", [*schema.names, *keys])
    for path in root.rglob("optimizer.safetensors"):
        with safe_open(path, "pt") as tensors:
            beginnings = (name.partition(".")[0] for name in tensors.keys() if not name.startswith("random."))  # noqa: SIM118
            add("optimizer.safetensors, beginnings", beginnings)
            add("optimizer.safetensors", (name for name in tensors.keys() if name.startswith("random.")))  # noqa: SIM118
    return {place: sorted(names) for place, names in sorted(found.items())}


def quietly(event: Event) -> None:
    """Ignores events."""


def stop_soon(event: Event) -> None:
    if isinstance(event, StepsTrained) and event.step > 1:
        raise StopRequested


def written_today(home: Path) -> tuple[set[str], dict[str, list[str]]]:
    """The files that the program writes into a workspace now, and the names in those that are no records."""
    workspace = Workspace(home / "today").create()
    model = stages.load_model(FolderModel(str(home / "model")), quietly, workspace=workspace)
    files: set[str] = set()
    settings = FineTuneSettings(
        epochs=2,
        batch_size=16,
        learning_rate=5e-3,
        threads=1,
        checkpoint_interval=86_400,
        device="cpu",
        precision="fp32",
    )

    def prepared(file: str, **chosen: Any) -> PreparedDataset:
        source, shares = FileRows(str(home / "data" / file)), {"validation_share": 0.15, "test_share": 0.2}
        return stages.prepare_dataset(model, source, PrepareSettings(**shares, **chosen), quietly, workspace=workspace)

    def trained(dataset: PreparedDataset, emit: Any = quietly, **changes: Any) -> TrainingRun:
        chosen = msgspec.structs.replace(settings, **changes)
        return stages.fine_tune(dataset, chosen, emit, workspace=workspace)

    excluded = RowChange(row=4, input_hash=input_hash({"text": "the plot is moving and cold bore"}), leave_out=True)
    edited = prepared(
        "reviews.csv",
        roles=Roles(text="review", label="verdict"),
        cleaning_rules=(LeaveOutDuplicates(),),
        changes=(excluded,),
    )
    prepared("names.conll", task="token_classification")
    prepared("marks.tsv", task="regression", roles=Roles(text="first", second_text="second", score="mark"))
    prepared("reviews.csv", task="multi_label_classification", roles=Roles(text="review", labels="verdict"))
    write_changes(workspace, edited.source, edited.settings.changes)

    stopped = trained(edited, stop_soon, layers_to_train="last_layers", last_layers=1, epochs=9)
    assert stopped.stopped_early  # so it keeps its reserve
    files |= file_names(workspace.root)
    keep_checkpoints_in(Path(stopped.folder), home / "model", needed=1)
    files |= {f"<chosen>/{name}" for name in file_names(home / "model") if name.startswith("tunewright-")}

    trained(edited, chosen_by="cross_validation", updates=4)
    run = trained(edited, layers_to_train="lora", lora_rank=2)
    evaluation = stages.evaluate(run, EvaluateSettings(device="cpu"), quietly, workspace=workspace)
    with leftovers.outside_noted(Path(run.folder), home / "model"):
        files |= file_names(workspace.root)
        documents = document_names(workspace.root)
    stages.export(evaluation, ExportSettings(proof_rows=1), quietly, workspace=workspace)

    settings_file = workspace.root / "settings.json"
    settings_file.write_text("{")
    PreferenceStore(settings_file).change(theme="dark")
    window = SingleInstance(workspace.root, lambda: True)
    window.begin()
    files |= file_names(workspace.root)
    window.end()
    documents |= document_names(workspace.root)
    RunBin(workspace).take(stopped.id)
    return files | file_names(workspace.root), documents


def names_in_code() -> dict[str, Any]:
    """What is listed of the program as it is."""
    records, former = record_names()
    return {
        "records": records,
        "former names": former,
        "kinds of errors": error_kinds(),
        "words": words(),
    }


def names_on_disk(home: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What is listed of the files that it writes; `home` is what 0.1.0 wrote."""
    passed = Proof(1, 1.0, 0.0, 1.0, ("negative", "positive"), True)
    monkeypatch.setattr("engine.workspace.run_index.SETTLED_SECONDS", 0.0)  # the index is written at once
    monkeypatch.setattr(PROVE, lambda *arguments, **options: passed)
    files, documents = written_today(home)
    best = {name for name in file_names(home / "workspace") if name.startswith(NOT_ALWAYS)}
    return {"documents": documents, "files": sorted(files | best)}


# ── Tests ───────────────────────────────────────────────────────────────────────────────────────────────────────


def flat(value: Any, place: str = "") -> dict[str, str]:
    """The listing with one entry a name."""
    if isinstance(value, dict):
        return {name: text for key, part in value.items() for name, text in flat(part, f"{place} › {key}").items()}
    if isinstance(value, list):
        return {f"{place} › {item}": "" for item in value}
    return {place: str(value)}


def differences(listed: Any, found: Any) -> list[str]:
    """A sentence on each name that is lost, changed or not listed."""
    before, now = flat(listed), flat(found)
    sentences = [f"{name[3:]} is gone. {HOW}" for name in before if name not in now]
    sentences += [
        f"{name[3:]} was: {text}; it is now: {now[name]}. {HOW}"
        for name, text in before.items()
        if name in now and now[name] != text
    ]
    sentences += [
        f"{name[3:]} is new and not listed: list it with python -m tests.test_names_on_disk, and it stays."
        for name in now
        if name not in before
    ]
    return sentences


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpacked(tmp_path_factory.mktemp("names"))


def listed_as(found: dict[str, Any]) -> None:
    """Fails with a sentence on each name that is not as it was listed."""
    listed = json.loads(LISTING.read_text("utf-8"))
    changed = differences({part: listed[part] for part in found}, found)
    assert not changed, "\n".join(["", *changed])


def test_every_name_in_a_record_is_as_it_was() -> None:
    listed_as(names_in_code())


def test_every_file_that_is_written_is_called_as_it_was(
    home: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch, warm_proof: None
) -> None:
    listed_as(names_on_disk(home, monkeypatch))


def test_what_0_1_0_wrote_is_listed(home: Path) -> None:
    listed = json.loads(LISTING.read_text("utf-8"))
    workspace = home / "workspace"
    assert file_names(workspace) <= set(listed["files"])
    for place, names in document_names(workspace).items():
        assert set(names) <= set(listed["documents"][place]), place


@pytest.mark.parametrize("place", [place for place in RECORDS if place not in NOT_STORED])
def test_no_value_that_0_1_0_wrote_is_lost_when_it_is_read(home: Path, place: str) -> None:
    """A field that is no longer known would be passed over without a word."""
    pattern = re.sub("<[^>]+>", "*", place)
    paths = list((home / "workspace").glob(pattern))
    assert paths, f"The stored workspace has no {place}."
    for path in paths:
        lines = path.read_bytes().splitlines() if path.suffix == ".jsonl" else [path.read_bytes()]
        record = named(WRITTEN_BY_0_1_0.get(place, RECORDS[place]))
        kind = tuple[record, ...] if path.name == "findings.json" else record
        for line in lines:
            try:
                read = decode(line, kind)
            except msgspec.DecodeError as error:
                pytest.fail(f"{path.relative_to(home)} cannot be read any more: {error}. {HOW}")
            lost = sorted(
                _lost(
                    with_current_names(json.loads(line), kind),
                    json.loads(as_json(list(read) if isinstance(read, tuple) else read)),
                )
            )
            assert not lost, f"{path.relative_to(home)} holds values that are no longer read: {', '.join(lost)}"


def test_a_name_that_changes_is_reported_in_a_sentence() -> None:
    before = {"records": {"run.json": {"id": "str", "name": "str"}}, "files": ["a", "b"]}
    after = {"records": {"run.json": {"id": "int", "title": "str"}}, "files": ["a", "c"]}
    assert [sentence.partition(". ")[0].partition(":")[0] for sentence in differences(before, after)] == [
        "records › run.json › name is gone",
        "files › b is gone",
        "records › run.json › id was",
        "records › run.json › title is new and not listed",
        "files › c is new and not listed",
    ]
    assert differences(before, before) == []


def _lost(written: Any, read: Any, place: str = "") -> Iterator[str]:
    """Where a value that was written is not what was read; fields that are new do not count."""
    if isinstance(written, dict) and isinstance(read, dict):
        for key, value in written.items():
            inside = f"{place}.{key}" if place else key
            if key not in read:
                yield inside
            else:
                yield from _lost(value, read[key], inside)
    elif isinstance(written, list) and isinstance(read, list) and len(written) == len(read):
        for number, (old, new) in enumerate(zip(written, read, strict=True)):
            yield from _lost(old, new, f"{place}[{number}]")
    elif written != read and not _is_the_same_action(written, read):
        yield place


def _is_the_same_action(written: Any, read: Any) -> bool:
    """Whether the caption of a button, as 0.1.0 wrote it, was read as the action that it stood for."""
    return isinstance(written, str) and written in CAPTIONS_OF_0_1_0 and RecoveryAction(written).value == read


if __name__ == "__main__":
    import tempfile

    application = QApplication(["names", "-platform", "offscreen"])
    with tempfile.TemporaryDirectory() as scratch, pytest.MonkeyPatch.context() as patch:
        names = names_in_code() | names_on_disk(unpacked(Path(scratch)), patch)
    LISTING.write_text(json.dumps(names, indent=1, ensure_ascii=False) + "\n", "utf-8")
