"""Kept sentences survive a restart, each once; a damaged file costs them and nothing else."""

from __future__ import annotations

from pathlib import Path

from engine.workspace.kept_sentences import FILE, MOST, KeptSentence, read_sentences, write_sentences
from engine.workspace.layout import Workspace


def test_sentences_are_kept_each_once_and_not_too_many(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path).create()
    assert read_sentences(workspace) == ()
    pair = KeptSentence("first", "second")
    write_sentences(workspace, [pair, KeptSentence("only"), pair])
    assert read_sentences(workspace) == (pair, KeptSentence("only"))
    write_sentences(workspace, [KeptSentence(str(number)) for number in range(MOST + 5)])
    assert len(read_sentences(workspace)) == MOST


def test_a_damaged_file_holds_none(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path).create()
    (tmp_path / FILE).write_bytes(b"{")
    assert read_sentences(workspace) == ()
