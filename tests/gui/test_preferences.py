"""What the window stores survives damage and places that cannot be written."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.contract.errors import ErrorReport
from gui.preferences import Preferences, PreferenceStore


def test_a_change_is_there_at_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    PreferenceStore(path).change(theme="dark", geometry=(10, 20, 900, 600), last_folder="/data/Ünï 空白 😀")
    assert PreferenceStore(path).now == Preferences(
        theme="dark", geometry=(10, 20, 900, 600), last_folder="/data/Ünï 空白 😀"
    )


def test_a_file_cut_at_any_byte_gives_defaults_and_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    PreferenceStore(path).change(theme="dark", offline=True)
    whole = path.read_bytes()
    for length in range(len(whole)):
        folder = tmp_path / str(length)
        folder.mkdir()
        (folder / "settings.json").write_bytes(whole[:length])
        store = PreferenceStore(folder / "settings.json")
        assert store.now == Preferences(), length
        assert store.set_aside is not None
        assert store.set_aside.read_bytes() == whole[:length]


@pytest.mark.parametrize(
    "content", [b"", b"\x00" * 40, b"\xff\xfe\xfa", b"[]", b'{"theme": 3}', b'{"theme": "pink"}', b'{"schema": 999}']
)
def test_a_damaged_file_is_set_aside_never_deleted(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(content)
    store = PreferenceStore(path)
    assert store.now == Preferences()
    assert [file.read_bytes() for file in tmp_path.glob("settings.bad-*.json")] == [content]
    store.change(theme="light")
    assert PreferenceStore(path).now.theme == "light"


def test_a_place_that_cannot_be_written_is_reported_once_and_the_choice_still_counts(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("here")
    store = PreferenceStore(blocked / "settings.json")
    errors: list[ErrorReport] = []
    store.trouble.connect(errors.append)
    store.change(theme="dark")
    store.change(theme="light")
    assert store.now.theme == "light"
    assert [report.id for report in errors] == ["A3"]
    assert errors[0].actions
