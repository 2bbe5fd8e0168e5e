"""The shelf: encoders to choose from, as data in resources/encoders.json, and which of them suit rows and machine.

    for entry in shelf(): ...
    suitable = recommended(shelf(), language="de", device=device)

A value that is not known for certain is missing there; the Hub is asked for it before a download.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from engine.contract.memory_estimate import EncoderShape, MemoryNeeded, training_memory
from engine.contract.queries import Device
from engine.contract.sentences import NOTHING, Sentence, named
from engine.contract.settings import HubModel

FILE = Path(__file__).parents[2] / "resources" / "encoders.json"
BYTES_PER_PARAMETER = 4  # at most: published in fp32
SPARE_SHARE = 1.1  # of the download, that must be free on the disk
TIGHT = 0.8  # of the free memory: what is above may not fit once other programs need more
MOST_RECOMMENDED = 3
# Computed parameters up to which an encoder is trained in minutes rather than hours, for some thousand short rows: on a
# processor MiniLM, which has 10.6 million, takes a minute for 6,800 (docs/measured.md), and time grows with them.
QUICK_ON_CPU = 45_000_000
QUICK_ON_GPU = 330_000_000
# The languages of each writing system but the Latin one; the first one is named where nothing else is known.
LANGUAGES_OF_SCRIPTS = {
    "Cyrillic": ("ru", "uk", "be", "bg", "mk", "sr", "kk", "ky", "mn", "tg", "tt", "ba", "cv", "os", "ce"),
    "Greek": ("el",),
    "Armenian": ("hy",),
    "Hebrew": ("he", "yi"),
    "Arabic": ("ar", "fa", "ur", "ps", "sd", "ug", "ckb", "arz"),
    "Devanagari": ("hi", "mr", "ne", "sa"),
    "Bengali": ("bn", "as"),
    "Gurmukhi": ("pa",),
    "Gujarati": ("gu",),
    "Tamil": ("ta",),
    "Telugu": ("te",),
    "Kannada": ("kn",),
    "Malayalam": ("ml",),
    "Thai": ("th",),
    "Georgian": ("ka",),
    "Korean": ("ko",),
    "Ethiopic": ("am", "ti"),
    "Japanese": ("ja",),
    "Chinese": ("zh",),
}

Verdict = Literal["fits", "tight", "too_large"]


class ShelfEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An encoder of the Hub; what is empty, 0 or None is not known for certain."""

    id: str
    model_type: str
    parameters: int
    layers: int
    hidden_size: int
    languages: tuple[str, ...]  # codes; in the file a name of `language_sets` means all of a set
    revision: str = ""  # a commit
    attention_heads: int = 0
    intermediate_size: int = 0
    cased: bool | None = None
    max_length: int = 0  # tokens
    license: str = ""
    download_bytes: int = 0
    note: str = ""  # in English

    @property
    def about(self) -> Sentence:
        """The note in the language of the program."""
        return (
            named(f"contract.shelf.{re.sub('[^a-z0-9]+', '_', self.id.lower())}", self.note) if self.note else NOTHING
        )

    @property
    def shape(self) -> EncoderShape:
        """What its memory follows from."""
        return EncoderShape(
            self.model_type,
            self.parameters,
            self.layers,
            self.hidden_size,
            self.attention_heads,
            self.intermediate_size,
        )

    @property
    def source(self) -> HubModel:
        """What is loaded: the commit that is known, else the newest."""
        return HubModel(self.id, revision=self.revision or "main")


class Fit(NamedTuple):
    """Whether an encoder can be trained here, in bytes."""

    verdict: Verdict
    memory: MemoryNeeded
    memory_free: int


class _Stored(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    language_sets: dict[str, str]
    encoders: tuple[dict[str, object], ...]


@functools.cache
def shelf() -> tuple[ShelfEntry, ...]:
    """All entries, in the order of the file."""
    stored = msgspec.json.decode(FILE.read_bytes(), type=_Stored)
    return tuple(msgspec.convert(_with_languages(entry, stored.language_sets), ShelfEntry) for entry in stored.encoders)


def _with_languages(entry: dict[str, object], sets: dict[str, str]) -> dict[str, object]:
    languages = entry["languages"]
    return {**entry, "languages": sets[languages].split() if isinstance(languages, str) else languages}


def fit_of(shape: EncoderShape, device: Device, *, batch_size: int = 16, tokens: int = 128) -> Fit:
    """Whether training all layers fits into the free memory of a device, at this batch size and length."""
    needed = training_memory(
        shape, batch_size=batch_size, tokens=tokens, on_gpu=device.id.startswith("cuda"), bf16=device.bf16
    )
    free = device.memory_free
    verdict: Verdict = "fits" if needed.total <= TIGHT * free else "tight" if needed.total <= free else "too_large"
    return Fit(verdict, needed, free)


def found(
    entries: Iterable[ShelfEntry], *, text: str = "", language: str = "", most_parameters: int = 0
) -> tuple[ShelfEntry, ...]:
    """Those that read the language and are not larger, with every word of `text` in name, note, family or licence."""
    words = text.casefold().split()
    return tuple(
        entry
        for entry in entries
        if all(word in _searched(entry) for word in words)
        and (not language or language in entry.languages)
        and (not most_parameters or entry.parameters <= most_parameters)
    )


def _searched(entry: ShelfEntry) -> str:
    case = {True: "cased", False: "uncased", None: ""}[entry.cased]
    return f"{entry.id} {entry.model_type} {entry.note} {entry.license} {case}".casefold()


def recommended(
    entries: Sequence[ShelfEntry],
    *,
    language: str = "",
    device: Device | None = None,
    tokens: int = 0,
    cased: bool | None = None,
) -> tuple[ShelfEntry, ...]:
    """The few that suit rows and machine best, the best first; empty while nothing is known of either.

    `tokens` is how long the rows are; `cased` whether their capitals matter, as names do. The rules: reads the
    language, fits into memory, is trained in minutes there, reads the whole text where possible; then one that reads
    capitals where they matter, one for a single language before one for many, and the largest of what is left.
    """
    if not language and device is None:
        return ()
    quick = QUICK_ON_GPU if device is not None and device.id != "cpu" else QUICK_ON_CPU
    suitable = [
        entry
        for entry in entries
        if (not language or language in entry.languages)
        and (device is None or fit_of(entry.shape, device).verdict == "fits")
    ]

    def order(entry: ShelfEntry) -> tuple[bool, bool, bool, bool, int]:
        is_quick = computed_parameters(entry) <= quick
        size = computed_parameters(entry)
        return (
            not is_quick,
            bool(entry.max_length) and entry.max_length < tokens,
            cased is True and entry.cased is False,
            bool(language) and len(entry.languages) > 1,
            -size if is_quick else size,
        )

    return tuple(sorted(suitable, key=order)[:MOST_RECOMMENDED])


def computed_parameters(entry: ShelfEntry) -> int:
    """Parameters that every token passes: those of the layers. An embedding is looked up, not multiplied."""
    return entry.layers * entry.shape.layer_parameters
