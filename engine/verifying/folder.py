"""What a folder and its passport show together, without any data: files, labels, sizes, and claims that must agree.

A passport that was rewritten with its own digest is consistent with itself; what was forgotten elsewhere, in the card,
the record or the configuration, still gives it away.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec
import yaml  # type: ignore[import-untyped]
from safetensors import SafetensorError

from engine.contract.calibration import Calibration
from engine.contract.errors import ModelNotSupported
from engine.contract.events import Emit, Progressed
from engine.contract.metrics import METRICS
from engine.contract.passport import (
    DIGEST,
    PASSPORT,
    ROW_HASHES,
    SCHEMA,
    Check,
    FileClaim,
    Passport,
    latency_class,
)
from engine.contract.sentences import Sentence
from engine.exporting.archive import holds_alone
from engine.exporting.passport import card_digest, parameters_in
from engine.workspace import atomic_files
from engine.workspace.calibration import read_calibration

CARD, RECORD, CONFIG = "README.md", "training_record.json", "config.json"
LARGEST = 64_000_000  # bytes of a passport, and of any other file of text that is read here
TOLERATED = {".gitattributes", ".gitignore", ".DS_Store", "Thumbs.db", "desktop.ini"}  # of systems and of the Hub
TOLERATED_FOLDERS = (".git/", ".cache/huggingface/")
CLOSE = 1e-9  # between the same number in two files
ROUNDED = 0.00005 + CLOSE  # between a score and the four digits of it in a card


def read_passport(folder: Path) -> tuple[bytes, Passport | None]:
    """The bytes of the passport and its content, None where that cannot be read; raises `ModelNotSupported` (M9)."""
    try:
        content = atomic_files.read_regular(folder / PASSPORT, LARGEST)
    except OSError as error:
        raise ModelNotSupported(
            "M9",
            Sentence("verifying.m9.no_passport", folder=folder.name or str(folder)),
            hint=Sentence("verifying.m9.give_exported_folder"),
            details=str(error),
        ) from error
    try:
        return content, msgspec.json.decode(content, type=Passport)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return content, None


def check_passport(folder: Path, content: bytes, passport: Passport | None, wanted: str) -> Iterator[Check]:
    """Whether the passport is whole, and the one whose digest was kept elsewhere (`wanted`, may be empty)."""
    digest = hashlib.sha256(content).hexdigest()
    if passport is None:
        yield Check("passport", "differs", Sentence("verifying.passport.unreadable"), PASSPORT)
    elif passport.schema > SCHEMA:
        yield Check("passport", "differs", Sentence("verifying.passport.newer"), PASSPORT)
    try:
        stated = atomic_files.read_regular(folder / DIGEST, 1_000).decode("utf-8", "replace").split()
    except OSError:
        stated = []
    if stated[:1] == [digest]:
        yield Check("passport", "holds", Sentence("verifying.passport.own_digest"), PASSPORT)
    else:
        yield Check("passport", "differs", Sentence("verifying.passport.other_digest"), PASSPORT)
    if wanted and wanted.lower().removeprefix("sha256:").strip() == digest:
        yield Check("passport", "holds", Sentence("verifying.passport.wanted_digest"), PASSPORT)
    elif wanted:
        yield Check("passport", "differs", Sentence("verifying.passport.not_wanted_digest"), PASSPORT)
    else:
        yield Check("passport", "noted", Sentence("verifying.passport.no_digest_given"), PASSPORT)


def check_files(folder: Path, passport: Passport, emit: Emit) -> Iterator[Check]:
    """Every file by size and sha256, those that are missing, and those that nobody claims."""
    same = 0
    for number, (name, claim) in enumerate(sorted(passport.files.items())):
        emit(Progressed(number, len(passport.files), Sentence("verifying.progress.hashing", file=name), "files"))
        found = _file_check(folder, name, claim, passport)
        same += found is None
        if found is not None:
            yield found
    for name in unclaimed(folder, passport):
        yield _zip_check(folder, name, passport)
    if same:
        yield Check("files", "holds", Sentence("verifying.files.same", files=same))


def _zip_check(folder: Path, name: str, passport: Passport) -> Check:
    """A file that nobody claims: an export can hold a zip of itself, which is written after the passport."""
    claims = {one: claim.sha256 for one, claim in passport.files.items()}
    for one in (PASSPORT, DIGEST):
        claims[one] = atomic_files.sha256_of(folder / one) if (folder / one).is_file() else ""
    if "/" not in name and name.endswith(".zip") and not (folder / name).is_symlink():
        with contextlib.suppress(OSError, ValueError, KeyError, RuntimeError, zipfile.BadZipFile, zlib.error):
            if holds_alone(folder / name, claims):
                return Check("files", "holds", Sentence("verifying.files.zip_same", file=name), name)
        return Check("files", "differs", Sentence("verifying.files.zip_differs", file=name), name)
    return Check("files", "differs", Sentence("verifying.files.unclaimed", file=name), name)


def _file_check(folder: Path, name: str, claim: FileClaim, passport: Passport) -> Check | None:
    """What is wrong with one file; None where nothing is."""
    path = folder / name
    pure = PurePosixPath(name)
    if pure.is_absolute() or ".." in pure.parts or "\\" in name:
        return Check("files", "differs", Sentence("verifying.files.outside", file=name), name)
    if any(one.is_symlink() for one in (path, *path.parents) if folder in one.parents):
        return Check("files", "differs", Sentence("verifying.files.link", file=name), name)
    if not path.is_file():
        return Check("files", "differs", Sentence("verifying.files.missing", file=name), name)
    if path.stat().st_size == claim.size_bytes and atomic_files.sha256_of(path) == claim.sha256:
        return None
    if name == CARD:
        return _card_check(path, passport)
    if path.stat().st_size != claim.size_bytes:
        sentence = Sentence(
            "verifying.files.other_size", file=name, found=path.stat().st_size, claimed=claim.size_bytes
        )
        return Check("files", "differs", sentence, name)
    return Check("files", "differs", Sentence("verifying.files.other_content", file=name), name)


def _card_check(path: Path, passport: Passport) -> Check:
    text = atomic_files.read_regular(path, LARGEST).decode("utf-8", "replace")
    if card_digest(text) == passport.card_sha256:
        return Check("card", "noted", Sentence("verifying.card.filled_in"), CARD)
    return Check("card", "differs", Sentence("verifying.card.changed"), CARD)


def unclaimed(folder: Path, passport: Passport) -> list[str]:
    """Files that the passport does not name, and that neither a system nor the Hub puts there."""
    known = {*passport.files, PASSPORT, DIGEST, atomic_files.MANIFEST, *TOLERATED}
    names = (path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if not path.is_dir())
    return [name for name in names if name not in known and not name.startswith(TOLERATED_FOLDERS)]


# ── What the claims show of each other and of the files ──────────────────────────────────────────────────────────────


def check_config(folder: Path, passport: Passport) -> Iterator[Check]:
    """Architecture and label names of config.json."""
    config = json_of(folder / "config.json")
    architecture = (config.get("architectures") or [""])[0]
    if architecture == passport.model.architecture:
        yield Check("config", "holds", Sentence("verifying.config.architecture", architecture=architecture))
    else:
        sentence = Sentence(
            "verifying.config.other_architecture", found=str(architecture), claimed=passport.model.architecture
        )
        yield Check("config", "differs", sentence, "config.json")
    names = labels_of(config)
    numbers = {str(name): number for number, name in enumerate(names)}
    if names != passport.label_names:
        changed = [a for a, b in zip(names, passport.label_names, strict=False) if a != b] or [f"{len(names)} labels"]
        yield Check("labels", "differs", Sentence("verifying.labels.other", names=changed[:5]), "config.json")
    elif config.get("label2id") is not None and config["label2id"] != numbers:
        yield Check("labels", "differs", Sentence("verifying.labels.two_orders"), "config.json")
    else:
        yield Check("labels", "holds", Sentence("verifying.labels.same", labels=len(names)))


def understood(name: str, looked_at: Callable[[], Iterator[Check]]) -> list[Check]:
    """The checks of a file of somebody else, which may hold anything; one with that result where it makes no sense."""
    try:
        return list(looked_at())
    except (TypeError, ValueError, AttributeError, LookupError, RecursionError):
        return [Check("files", "differs", Sentence("verifying.files.senseless", file=name), name)]


def labels_of(config: Mapping[str, Any]) -> tuple[str, ...]:
    """The label names of a configuration in their order; empty where it has none that can be read."""
    try:
        return tuple(name for _, name in sorted((int(key), str(name)) for key, name in config["id2label"].items()))
    except (KeyError, TypeError, ValueError, AttributeError):
        return ()


def check_sizes(folder: Path, passport: Passport) -> Iterator[Check]:
    """Numbers in the weights."""
    try:
        found = parameters_in(folder / "model.safetensors")
    except (OSError, SafetensorError) as error:
        yield Check("sizes", "differs", Sentence("verifying.sizes.unreadable", reason=str(error)), "model.safetensors")
        return
    claimed = passport.model.parameters
    if found != claimed:
        sentence = Sentence("verifying.sizes.other", found=found, claimed=claimed)
        yield Check("sizes", "differs", sentence, "model.safetensors")
        return
    total = sum(claim.size_bytes for claim in passport.files.values())
    yield Check("sizes", "holds", Sentence("verifying.sizes.same", parameters=found, total=total))


def check_consistency(folder: Path, passport: Passport) -> Iterator[Check]:
    """Claims beside each other, and beside the record, the card and the files of rows."""
    problems = [
        *_own_numbers(passport),
        *_beside_calibration(folder, passport),
        *understood(RECORD, lambda: _beside_record(folder, passport)),
        *understood(ROW_HASHES, lambda: _beside_rows(folder, passport)),
        *understood(CARD, lambda: _beside_card(folder, passport)),
    ]
    yield from problems
    if all(check.status == "holds" for check in problems):
        yield Check("passport", "holds", Sentence("verifying.passport.consistent"), PASSPORT)


def _own_numbers(passport: Passport) -> Iterator[Check]:
    data, scored = passport.data, passport.evaluation
    if data.rows_in != data.rows_used + sum(data.excluded.values()):
        yield Check("splits", "differs", Sentence("verifying.splits.sum_of_rows"), PASSPORT)
    if passport.splits and data.rows_used != sum(split.rows for split in passport.splits.values()):
        yield Check("splits", "differs", Sentence("verifying.splits.sum_of_splits"), PASSPORT)
    if passport.splits and scored.split in passport.splits and passport.splits[scored.split].rows != scored.rows:
        yield Check("scores", "differs", Sentence("verifying.scores.other_rows", split=scored.split), PASSPORT)
    for key, claim in scored.scores.items():
        low, high = claim.interval or (0.0, 0.0)
        if low > high or (claim.value is not None and key in METRICS and claim.value > METRICS[key].highest + CLOSE):
            yield Check("scores", "differs", Sentence("verifying.scores.impossible", score=key), key)
    proof = passport.proof
    if proof.latency != latency_class(proof.milliseconds_per_row):
        yield Check("latency", "differs", Sentence("verifying.latency.other_class", name=proof.latency), PASSPORT)


def _beside_calibration(folder: Path, passport: Passport) -> Iterator[Check]:
    try:
        found = read_calibration(folder)
    except (OSError, ValueError, msgspec.DecodeError):
        yield Check("calibration", "differs", Sentence("verifying.calibration.unreadable"), "calibration.json")
        return
    if found != msgspec.structs.replace(passport.calibration, temperature=found.temperature) or found.temperature != 1:
        yield Check("calibration", "differs", Sentence("verifying.calibration.other"), "calibration.json")
    elif passport.calibration != Calibration():
        yield Check("calibration", "holds", Sentence("verifying.calibration.same"))


def _beside_record(folder: Path, passport: Passport) -> Iterator[Check]:
    """training_record.json has the same scores, proof, labels, base model and rows."""
    record = json_of(folder / RECORD)
    name = RECORD

    def at(*path: str) -> Any:
        value: Any = record
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        return value

    scores = at("evaluation", "scores") or {}
    for key, claim in passport.evaluation.scores.items():
        interval = (at("evaluation", "intervals") or {}).get(key)
        same_interval = (
            _same(interval[0], claim.interval[0]) if interval and claim.interval else not (interval or claim.interval)
        )
        if not _same(scores.get(key), claim.value) or not same_interval:
            yield Check("scores", "differs", Sentence("verifying.scores.not_in_record", score=key), key)
    pairs = (
        ("labels", at("data", "label_names"), list(passport.label_names)),
        ("config", at("data", "task"), passport.task),
        ("config", at("model", "sha256"), passport.model.base_sha256),
        ("latency", at("proof", "milliseconds_per_row"), passport.proof.milliseconds_per_row),
        ("scores", at("proof", "agreement"), passport.proof.agreement),
        ("scores", at("evaluation", "rows"), passport.evaluation.rows),
        ("scores", at("evaluation", "split"), passport.evaluation.split),
        ("splits", at("data", "rows_in"), passport.data.rows_in),
        ("splits", at("data", "files"), passport.data.files),
    )
    for part, found, claimed in pairs:
        if found != claimed:
            yield Check(part, "differs", Sentence("verifying.passport.not_in_record", part=part), name)  # type: ignore[arg-type]


def _beside_rows(folder: Path, passport: Passport) -> Iterator[Check]:
    """split.json and row_hashes.json have as many rows as the passport claims."""
    for name in (ROW_HASHES, "split.json") if passport.splits else ():
        rows = json_of(folder / name)
        for split, claim in passport.splits.items():
            own = rows.get(split)
            if not isinstance(own, list) or len(own) != claim.rows:
                yield Check(
                    "splits", "differs", Sentence("verifying.splits.other_number", file=name, split=split), name
                )


def _beside_card(folder: Path, passport: Passport) -> Iterator[Check]:
    """Scores in the front matter of the card, and its table, are those of the passport."""
    try:
        card = atomic_files.read_regular(folder / CARD, LARGEST).decode("utf-8", "replace")
        front = yaml.safe_load(card.split("\n---\n", 1)[0].removeprefix("---\n"))
    except (OSError, yaml.YAMLError, RecursionError):
        yield Check("card", "differs", Sentence("verifying.card.unreadable"), CARD)
        return
    values = [claim.value for claim in passport.evaluation.scores.values() if claim.value is not None]
    stated = [metric for metric in _stated_scores(front) if not any(abs(metric - value) <= ROUNDED for value in values)]
    if stated:
        yield Check("card", "differs", Sentence("verifying.card.other_score", score=stated[0]), CARD)
    titles = {key: (METRICS[key].name if key in METRICS else key) for key in passport.evaluation.scores}
    for key, claim in passport.evaluation.scores.items():
        found = re.search(rf"^\| {re.escape(titles[key])} \| ([-\d.]+) ", card, re.MULTILINE | re.IGNORECASE)
        if found and claim.value is not None and abs(float(found[1]) - claim.value) > _step(found[1]):
            yield Check("card", "differs", Sentence("verifying.card.other_score", score=float(found[1])), CARD)


def _step(number: str) -> float:
    """How far a number may be from one of which it has the first digits."""
    return 10.0 ** -len(number.partition(".")[2]) * 0.5 + CLOSE


def _stated_scores(front: Any) -> Iterator[float]:
    if not isinstance(front, dict):
        return
    for model in front.get("model-index") or ():
        for result in model.get("results") or ():
            for metric in result.get("metrics") or ():
                if isinstance(metric.get("value"), int | float):
                    yield float(metric["value"])


def _same(found: Any, claimed: float | None) -> bool:
    if found is None or claimed is None:
        return found is None and claimed is None
    return isinstance(found, int | float) and abs(found - claimed) <= CLOSE * max(1.0, abs(claimed))


def json_of(path: Path) -> dict[str, Any]:
    """The object in a file of JSON; empty where there is none."""
    try:
        found = json.loads(atomic_files.read_regular(path, LARGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
