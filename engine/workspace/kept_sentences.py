"""Texts that the user keeps to try them on every run: kept_sentences.json in the workspace."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from engine.workspace.atomic_files import read_regular, write_record
from engine.workspace.layout import Workspace

FILE = "kept_sentences.json"
MOST = 200
LARGEST = 16 * 2**20  # bytes


class KeptSentence(msgspec.Struct, frozen=True):
    """A text, or the two of a pair."""

    text: str
    second_text: str = ""


class KeptSentences(msgspec.Struct, frozen=True):
    """The file; the newest first."""

    sentences: tuple[KeptSentence, ...] = ()


_files = msgspec.json.Decoder(KeptSentences)


def read_sentences(workspace: Workspace) -> tuple[KeptSentence, ...]:
    """The kept sentences, the newest first; none where the file is missing or damaged."""
    try:
        return _files.decode(read_regular(_path(workspace), LARGEST)).sentences[:MOST]
    except (OSError, msgspec.DecodeError):
        return ()


def write_sentences(workspace: Workspace, sentences: Sequence[KeptSentence]) -> None:
    """Keeps these instead, at most `MOST`, each once; raises `DiskFull` (C4)."""
    write_record(_path(workspace), KeptSentences(tuple(dict.fromkeys(sentences))[:MOST]))


def _path(workspace: Workspace) -> Path:
    return workspace.root / FILE
