"""The program as a process: what it imports before the window is there, and how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from filelock import FileLock

from tests.paths import ROOT

PATIENCE = 20 * float(os.environ.get("TUNEWRIGHT_TEST_PATIENCE", "5"))

# The real program with a stand-in engine; `act` is called once the window has been painted.
CHILD = """
import signal
import sys
sys.path.insert(0, {root!r})
import gui.application
import gui.session
from PySide6.QtCore import QCoreApplication, QTimer

signal.SIGBREAK = signal.SIGUSR2  # Ctrl-Break, which Windows alone has
heavy = ("torch", "transformers", "datasets", "sklearn", "pyarrow", "pyqtgraph", "numpy")
first = {{}}

def act(program):
    window = program.window
{act}

go_on = gui.application.Program._window_is_there

def window_is_there(program):
    print("heavy:", *[name for name in heavy if name in sys.modules])
    go_on(program)
    QTimer.singleShot(0, lambda: act(program))

gui.application.Program._window_is_there = window_is_there
if {stand_in}:
    from tests.gui.conftest import StandInEngine
    gui.session.EngineThread = lambda root: StandInEngine()
code = gui.application.main(["--workspace", {workspace!r}, *{words!r}])
print("code:", code, flush=True)
sys.exit(code)
"""


def run_child(workspace: Path, act: str, *words: str, stand_in: bool = True) -> subprocess.CompletedProcess[str]:
    script = CHILD.format(
        root=str(ROOT),
        act=textwrap.indent(textwrap.dedent(act), "    "),
        workspace=str(workspace),
        words=words,
        stand_in=stand_in,
    )
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=PATIENCE, env=environment, check=False
    )


def test_nothing_heavy_is_imported_before_the_window_is_there(tmp_path: Path) -> None:
    child = run_child(tmp_path / "workspace", "window.close()")
    assert child.returncode == 0, child.stderr
    assert "heavy:\n" in child.stdout
    assert "Traceback" not in child.stderr


def test_a_recipe_on_the_command_line_is_opened_once_the_window_is_there(tmp_path: Path) -> None:
    child = run_child(
        tmp_path / "workspace",
        "print('job:', window.session.stage_job); window.close()",
        str(ROOT / "resources" / "recipes" / "support_tickets.toml"),
    )
    assert child.returncode == 0, child.stderr
    assert "job: LoadModel(source=StarterModel()" in child.stdout


def test_where_nothing_can_be_saved_the_window_opens_and_reports_it(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("here")
    child = run_child(blocked, "print('says:', window.content_area.banner.message()); window.close()")
    assert child.returncode == 0, child.stderr
    assert f"says: Nothing can be saved in {blocked}." in child.stdout
    assert blocked.read_text() == "here"


def test_a_bug_in_a_slot_or_thread_is_a_banner_and_not_the_end(tmp_path: Path) -> None:
    child = run_child(
        tmp_path / "workspace",
        """
        import threading
        def broken():
            raise RuntimeError("a bug of ours")
        def look():
            print("says:", window.content_area.banner.message())
            print("details:", "a bug of ours" in window.content_area.banner.report.details)
            window.content_area.banner.clear()
            thread = threading.Thread(target=broken)
            thread.start()
            thread.join()
            QTimer.singleShot(0, lambda: (print("thread:", window.content_area.banner.message()), window.close()))
        QTimer.singleShot(0, broken)
        QTimer.singleShot(0, look)
        """,
    )
    assert child.returncode == 0, child.stderr
    assert "says: Something went wrong (A6). Your work is saved." in child.stdout
    assert "details: True" in child.stdout
    assert "thread: Something went wrong (A6). Your work is saved." in child.stdout
    assert "a bug of ours" in (tmp_path / "workspace" / "logs" / "window.log").read_text("utf-8")


def test_damaged_settings_are_reported(tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (workspace / "settings.json").write_bytes(b"{")
    child = run_child(workspace, "print('says:', window.content_area.banner.message()); window.close()")
    assert "says: The settings file was damaged, so the defaults are used." in child.stdout
    assert len(list(workspace.glob("settings.bad-*.json"))) == 1


def test_a_second_start_brings_the_first_window_to_the_front_and_ends(tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    child = run_child(
        workspace,
        f"""
        from PySide6.QtCore import QProcess
        window.showMinimized()
        def ended(code, _status):
            print("second:", code, bytes(second.readAllStandardError().data()).decode())
            print("minimized:", window.isMinimized())
            window.close()
        second = QProcess(window)
        second.finished.connect(ended)
        order = "import sys; sys.path.insert(0, {str(ROOT)!r}); import gui.application as program; "
        order += "sys.exit(program.main(['--workspace', {str(workspace)!r}]))"
        second.start(sys.executable, ["-c", order])
        """,
    )
    assert child.returncode == 0, child.stderr
    assert "second: 0 Tunewright is already open with this folder. Its window is brought to the front." in child.stdout
    assert "minimized: False" in child.stdout


def test_a_recipe_of_a_second_start_is_opened_in_the_window_that_is_there(tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    (tmp_path / "ü.recipe.toml").write_bytes((ROOT / "resources" / "recipes" / "support_tickets.toml").read_bytes())
    child = run_child(
        workspace,
        f"""
        from PySide6.QtCore import QProcess
        second = QProcess(window)
        def look():
            if window.session.stage_job is None or second.state() != QProcess.ProcessState.NotRunning:
                QTimer.singleShot(10, look)
                return
            print("second:", second.exitCode(), "job:", window.session.stage_job)
            window.close()
        order = "import sys; sys.path.insert(0, {str(ROOT)!r}); import gui.application as program; "
        order += "sys.exit(program.main(['--workspace', {str(workspace)!r}, 'ü.recipe.toml']))"
        second.setWorkingDirectory({str(tmp_path)!r})
        second.start(sys.executable, ["-c", order])
        look()
        """,
    )
    assert child.returncode == 0, child.stderr
    assert "second: 0 job: LoadModel(source=StarterModel()" in child.stdout


def test_the_command_line_works_beside_an_open_window(tmp_path: Path) -> None:
    (tmp_path / "workspace").mkdir()
    with FileLock(tmp_path / "workspace" / "window.lock"):
        command = [sys.executable, "-m", "engine", "--workspace", str(tmp_path / "workspace"), "runs"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    assert "already open" not in done.stdout + done.stderr


@pytest.mark.skipif(os.name == "nt", reason="signals of this kind exist on Linux and macOS")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGUSR2])  # the last as Ctrl-Break
def test_the_systems_signal_saves_and_ends_with_its_code(tmp_path: Path, number: signal.Signals) -> None:
    child = run_child(tmp_path / "workspace", f"import os; os.kill(os.getpid(), {int(number)})")
    assert child.returncode == 128 + number, child.stderr
    assert (tmp_path / "workspace" / "settings.json").exists()


def test_the_real_engine_leaves_with_the_window(tmp_path: Path) -> None:
    child = run_child(
        tmp_path / "workspace",
        """
        import psutil
        from engine.contract.queries import AskDevices
        def answered(answer):
            print("children:", *[process.pid for process in psutil.Process().children()], flush=True)
            window.close()
        window.session.ask(AskDevices(), answered)
        """,
        stand_in=False,
    )
    assert child.returncode == 0, child.stderr
    pids = [int(pid) for pid in child.stdout.split("children:")[1].split("\n")[0].split()]
    assert pids
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_another_language_is_chosen_in_preferences_and_spoken_after_restart_now(tmp_path: Path) -> None:
    child = run_child(
        tmp_path / "workspace",
        """
        from PySide6.QtCore import QCoreApplication, QLocale
        from gui.shell.preferences_dialog import PreferencesDialog
        from engine.contract.sentences import Sentence
        cancel = QCoreApplication.translate("QPlatformTheme", "Cancel")
        print("speaks:", Sentence("gui.shell.cancel"), cancel, QLocale().toString(0.5), "children", QLocale().name())
        if not first:
            first["window"] = window
            window.preferences.open()
            (dialog,) = window.findChildren(PreferencesDialog)
            dialog.language.setCurrentIndex(dialog.language.findText("Deutsch"))
            dialog.save_button.click()
            print("says:", window.content_area.banner.message())
            window.content_area.banner.buttons()[0].click()
        else:
            print("another window:", window is not first["window"])
            window.close()
        """,
    )
    assert child.returncode == 0, child.stderr
    assert "speaks: Cancel Cancel 0.5" in child.stdout
    assert "says: The language changes with the next start: Deutsch." in child.stdout
    assert "speaks: Abbrechen Abbrechen 0,5" in child.stdout
    assert "another window: True" in child.stdout
    assert "code: 0" in child.stdout


def test_the_command_line_s_language_counts_before_the_one_of_preferences(tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (workspace / "settings.json").write_bytes(b'{"language": "en"}')
    act = "from engine.contract.languages import catalogue; print('speaks:', catalogue().code); window.close()"
    assert "speaks: de" in run_child(workspace, act, "--language", "de").stdout
    assert "speaks: en" in run_child(workspace, act).stdout
