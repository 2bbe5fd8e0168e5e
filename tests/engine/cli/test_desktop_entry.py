"""Launcher, icon and file association: written below XDG_DATA_HOME, read as a desktop reads them, and removed alone."""

from __future__ import annotations

import configparser
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from engine.__main__ import main
from engine.cli import desktop_entry
from engine.contract.errors import EngineError
from tests.paths import ROOT

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux desktops")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "a folder of data"
    monkeypatch.setenv("XDG_DATA_HOME", str(folder))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return folder


def entry(home: Path, name: str) -> dict[str, str]:
    parser = configparser.RawConfigParser(delimiters=("=",), comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(home / "applications" / name, encoding="utf-8")
    return dict(parser["Desktop Entry"])


def words_of(exec_line: str) -> list[str]:
    """The words of an Exec value as a desktop reads it; raises `ValueError` where a quote stays open."""
    words: list[str] = []
    text, started, quoted, escaped = "", False, False, False
    for character in exec_line:
        if escaped:
            text, escaped = text + character, False
        elif quoted and character == "\\":
            escaped = True
        elif character == '"':
            quoted, started = not quoted, True
        elif character == " " and not quoted:
            if started:
                words.append(text)
            text, started = "", False
        else:
            text, started = text + character, True
    if quoted or escaped:
        raise ValueError("a quote stays open")
    return [*words, text] if started else words


def command_of(home: Path, name: str) -> list[str]:
    """The words that the desktop starts, its own escapes of a value undone first."""
    return words_of(entry(home, name)["Exec"].replace("\\\\", "\\").replace("%%", "%"))


def test_the_command_writes_the_entries_and_removes_them_again(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["desktop", "install"]) == 0
    written = [Path(line) for line in capsys.readouterr().out.splitlines()[1:]]
    assert written == [home / place for place in desktop_entry.PLACES.values()]
    assert all(path.is_file() for path in written)
    foreign = home / "applications" / "other.desktop"
    foreign.write_text("[Desktop Entry]\n")
    assert main(["desktop", "remove"]) == 0
    assert not any(path.exists() for path in written)
    assert foreign.exists()
    assert main(["desktop", "remove"]) == 0
    assert "nothing to remove" in capsys.readouterr().out


def test_the_launcher_starts_this_program_with_this_python(home: Path) -> None:
    desktop_entry.install()
    assert command_of(home, "tunewright.desktop") == [sys.executable, str(ROOT / "main.py"), "%f"]
    launcher = entry(home, "tunewright.desktop")
    assert (home / "icons/hicolor/scalable/apps" / f"{launcher['Icon']}.svg").is_file()
    assert launcher["StartupWMClass"] == "tunewright"


def test_the_window_has_the_name_of_the_launcher() -> None:
    """Wayland takes the icon of the entry whose file is called like this."""
    said = 'QApplication.setDesktopFileName("tunewright")'
    assert said in (ROOT / "gui" / "application.py").read_text("utf-8")
    assert "applications/tunewright.desktop" in desktop_entry.PLACES.values()


def test_a_place_with_signs_of_the_shell_is_started_as_it_is(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a stand-in for Python that prints its words, started as a desktop starts it."""
    python = tmp_path / 'a "python" of 100 % $HOME'
    python.write_text('#!/bin/sh\nprintf "%s|" "$@"\n')
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    desktop_entry.install()
    words = command_of(home, "tunewright.desktop")
    assert words[-1] == "%f"
    said = subprocess.run([*words[:-1], "/data/my recipe.toml"], capture_output=True, text=True, check=True).stdout
    assert said == f"{ROOT / 'main.py'}|/data/my recipe.toml|"


def test_the_entry_of_recipes_and_the_types_of_files_name_the_same_type(home: Path) -> None:
    desktop_entry.install()
    types = ElementTree.parse(home / "mime/packages/tunewright.xml").getroot()
    space = {"m": "http://www.freedesktop.org/standards/shared-mime-info"}
    (kind,) = types.findall("m:mime-type", space)
    assert entry(home, "tunewright.desktop")["MimeType"] == f"{kind.get('type')};"
    assert [glob.get("pattern") for glob in kind.findall("m:glob", space)] == ["recipe.toml", "*.recipe.toml"]
    if shutil.which("update-mime-database"):
        assert f"{kind.get('type')}:recipe.toml" in (home / "mime" / "globs2").read_text("utf-8")


def test_a_folder_that_cannot_be_written_gets_a_sentence(home: Path) -> None:
    home.parent.mkdir(exist_ok=True)
    home.write_text("a file where the folder should be")
    with pytest.raises(EngineError) as refused:
        desktop_entry.install()
    assert "cannot be changed" in str(refused.value.report().message)


def test_a_relative_folder_of_the_environment_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "data")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert desktop_entry.install()[0] == tmp_path / ".local/share/applications/tunewright.desktop"


def test_another_system_gets_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(EngineError):
        desktop_entry.install(tmp_path)
    assert list(tmp_path.iterdir()) == []
