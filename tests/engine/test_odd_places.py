"""All five steps, headless, in places where programs break: other locales, nothing writable but the workspace.

Each runs in a process of its own, as a user starts it without a window.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.cli.recipe import write_recipe
from engine.contract.settings import FileRows, FineTuneSettings, FolderModel, Recipe
from tests.builders_data import review_file
from tests.builders_models import tiny_bert_folder
from tests.paths import ROOT

PATIENCE = float(os.environ.get("TUNEWRIGHT_TEST_PATIENCE", "5"))
CANARY = "hf_canaryThatIsNoToken"
SETTINGS = FineTuneSettings(epochs=1, batch_size=8, threads=1, device="cpu", precision="fp32")
FIVE_STEPS = """
import sys
sys.path.insert(0, sys.argv[1])
{before}
from engine.__main__ import main
sys.exit(main(["run", sys.argv[2], "--workspace", sys.argv[3]]))
"""
# Refuses and notes what would change a file of the program, as a read-only disk refuses it.
READ_ONLY = """
import errno, os
below, notes = (sys.argv[1] + os.sep, sys.prefix + os.sep), sys.argv[4]
changing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
two = ("os.rename", "os.link", "os.symlink")
one = ("os.mkdir", "os.remove", "os.rmdir", "os.truncate", "os.chmod", "os.utime", *two)
def watch(event, arguments):
    if event == "open":
        path, mode, flags = arguments
        changes = bool((flags or 0) & changing) or any(letter in (mode or "") for letter in "wax+")
    elif event in one:
        path, changes = arguments[0], True
    else:
        return
    # What is relative to an open folder is of a tree that is being removed, whose top is seen as well.
    named = arguments[: 2 if event in two else 1] if event == "open" or -1 in arguments[1:] else ()
    for path in [os.path.abspath(os.fsdecode(one)) for one in named if isinstance(one, str | bytes | os.PathLike)]:
        if changes and path.startswith(below):
            if "__pycache__" not in path:
                handle = os.open(notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
                os.write(handle, f"{event} {path}\\n".encode())
                os.close(handle)
            raise OSError(errno.EROFS, "Read-only file system", path)
sys.addaudithook(watch)
"""
# Notes what each process that is started is called with.
STARTED = """
import os
def watch(event, arguments):
    if event in ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system"):
        with open(sys.argv[4], "a", encoding="utf-8") as file:
            file.write(f"{event} {arguments[:2]}\\n")
sys.addaudithook(watch)
"""


class Place:
    """A folder with a recipe of a tiny model and some rows, and all five steps of it as a process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.notes = folder / "notes"
        model = tiny_bert_folder(folder / "tiny-bert")
        rows = review_file(folder / "reviews.csv")
        chosen = Recipe(model=FolderModel(str(model)), data=FileRows(str(rows)), fine_tune=SETTINGS)
        (folder / "recipe.toml").write_text(write_recipe(chosen), "utf-8")

    def run(self, before: str = "", *options: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
        """The five steps, with `before` run first; it must end well and leave an export."""
        (self.folder / "home").mkdir(exist_ok=True)
        workspace = self.folder / "workspace"
        code = FIVE_STEPS.format(before=before)
        places = (str(ROOT), str(self.folder / "recipe.toml"), str(workspace), str(self.notes))
        done = subprocess.run(
            [sys.executable, "-I", *options, "-c", code, *places],
            capture_output=True,
            cwd=self.folder,
            timeout=200 * PATIENCE,
            env={
                "PATH": os.environ.get("PATH", ""),
                "HOME": str(self.folder / "home"),
                "TMPDIR": str(self.folder),
                "OMP_NUM_THREADS": "1",
                **environment,
            },
        )
        assert done.returncode == 0, done.stderr[-2_000:]
        assert b"Traceback" not in done.stdout + done.stderr
        assert list(workspace.glob("runs/*/run.json"))
        assert list(self.folder.rglob("model.safetensors"))
        return done


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.mark.nightly
@pytest.mark.skipif(sys.platform != "linux", reason="locales are made as the GNU C library has them")
@pytest.mark.parametrize(
    ("language", "characters"), [("tr_TR", "ISO-8859-9"), ("ja_JP", "EUC-JP"), ("de_DE", "ISO-8859-1"), ("C", "")]
)
def test_five_steps_in_a_language_whose_files_are_not_utf8(place: Place, language: str, characters: str) -> None:
    """Turkish has two letters i, Japanese characters of several bytes, German a comma in its numbers; C is ASCII."""
    name = f"{language}.{characters}" if characters else language
    locales = place.folder / "locales"
    locales.mkdir()
    if characters:
        made = subprocess.run(["localedef", "-i", language, "-f", characters, str(locales / name)], capture_output=True)
        if made.returncode > 1:  # 1: with warnings
            pytest.skip(f"this system cannot make the locale: {made.stderr[-200:]!r}")
    asked = "import locale; locale.setlocale(locale.LC_ALL, ''); "
    asked += f"assert locale.setlocale(locale.LC_ALL).endswith({name!r})"
    place.run(asked, "-X", "utf8=0", LC_ALL=name, LOCPATH=str(locales), PYTHONCOERCECLOCALE="0")


@pytest.mark.nightly
def test_five_steps_with_a_program_that_cannot_be_written(place: Place) -> None:
    place.run(READ_ONLY)
    assert not place.notes.exists(), place.notes.read_text()


@pytest.mark.nightly
def test_a_token_is_in_no_argument_no_file_and_nothing_printed(place: Place) -> None:
    done = place.run(STARTED, HF_TOKEN=CANARY)
    assert "subprocess.Popen" in place.notes.read_text()
    assert CANARY.encode() not in done.stdout + done.stderr
    holders = [path for path in place.folder.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]
    assert holders == []
