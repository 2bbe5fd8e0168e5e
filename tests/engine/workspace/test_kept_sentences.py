"""Kept sentences survive a restart, each once; a damaged file is set aside, never written over."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.contract.errors import EngineError
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


def test_a_damaged_file_is_reported_and_set_aside(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path).create()
    (tmp_path / FILE).write_bytes(b"{")
    with pytest.raises(EngineError) as raised:
        read_sentences(workspace)
    assert raised.value.id == "C9"
    write_sentences(workspace, [KeptSentence("new")])
    assert read_sentences(workspace) == (KeptSentence("new"),)
    assert (tmp_path / FILE).with_suffix(".damaged").read_bytes() == b"{"
