"""Texts that the user keeps to try them on every run: kept_sentences.json in the workspace."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from engine.contract.errors import EngineError
from engine.contract.sentences import Sentence
from engine.workspace.atomic_files import read_regular, set_aside, write_record
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
    """The kept sentences, the newest first; none where nothing was ever kept.

    Raises `EngineError` (C9) where the file is damaged; it is set aside, and the next reading finds none.
    """
    path = _path(workspace)
    try:
        return _files.decode(read_regular(path, LARGEST)).sentences[:MOST]
    except FileNotFoundError:
        return ()
    except (OSError, msgspec.DecodeError) as error:
        raise EngineError(
            "C9",
            Sentence("workspace.c9.kept_sentences_cannot_be_read"),
            hint=Sentence("workspace.c9.kept_sentences_file_kept", aside=set_aside(path).name),
            details=str(error),
        ) from error


def write_sentences(workspace: Workspace, sentences: Sequence[KeptSentence]) -> None:
    """Keeps these instead, at most `MOST`, each once; raises `DiskFull` (C4)."""
    write_record(_path(workspace), KeptSentences(tuple(dict.fromkeys(sentences))[:MOST]))


def _path(workspace: Workspace) -> Path:
    return workspace.root / FILE
