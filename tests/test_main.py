"""The door: which environment is used, made or repaired, and what is said when something is in the way."""

import ast
import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from packaging.requirements import Requirement

import engine
import main as door
from engine.bootstrap import console, environment
from engine.bootstrap.pip_progress import Progress
from engine.contract.catalogue_en import TEMPLATES
from engine.contract.languages import translations

REPOSITORY = Path(door.__file__).parent
PYPROJECT = """
[project]
name = "tunewright"
dynamic = ["version"]
dependencies = ["pytest>=7", "absent-on-old<1; python_version < '3.0'"]
[project.optional-dependencies]
test = ["no-such-package>=1"]
"""


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a project in it and no environment, which the module takes for its own."""
    folder = tmp_path / ".venv"
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / "constraints.txt").write_text("pytest==9.0\n")
    monkeypatch.setattr(environment, "ROOT", str(tmp_path))
    monkeypatch.setattr(environment, "ENVIRONMENT", str(folder))
    monkeypatch.setattr(environment, "PYTHON", str(folder / "bin" / "python"))
    monkeypatch.setattr(environment, "print_what_torch_makes_of_the_gpu", lambda: None)
    monkeypatch.setattr(environment.os, "sync", lambda: None)
    return tmp_path


class Pip:
    """Stands in for child processes: writes what venv writes, and notes what pip is asked for."""

    def __init__(self, checkout: Path) -> None:
        self.folder = checkout / ".venv"
        self.commands: list[list[str]] = []
        self.answers: list[tuple[int, str] | BaseException] = []

    def __call__(self, command: list[str], progress: object, lock: int | None = None) -> tuple[int, str]:
        self.commands.append(command)
        if "venv" in command:
            (self.folder / "bin").mkdir()
            (self.folder / "bin" / "python").touch()
            (self.folder / "pyvenv.cfg").write_text("version = 3.11\n")
            return 0, ""
        answer = self.answers.pop(0) if self.answers else (0, "")
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def installs(self) -> int:
        return sum("pip" in command for command in self.commands)


@pytest.fixture
def pip(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Pip:
    pip = Pip(checkout)
    monkeypatch.setattr(environment, "call", pip)
    # The Python of an environment works where there is one; it never has all packages.
    monkeypatch.setattr(environment, "runs", lambda code: code == "import pip" and Path(environment.PYTHON).exists())
    return pip


def source(*names: str) -> str:
    return "".join((REPOSITORY / name).read_text(encoding="utf-8") for name in names)


# The command line


def test_the_door_parses_on_python_3_6() -> None:
    ast.parse(source("main.py"), feature_version=(3, 6))
    imports = [node for node in ast.walk(ast.parse(source("main.py"))) if isinstance(node, ast.ImportFrom)]
    assert all(node.module != "__future__" for node in imports)  # annotations came with 3.7


def test_an_old_python_gets_a_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(door.sys, "version_info", (3, 6, 15))
    assert door.main(["--help"]) == 1
    assert "needs Python 3.11 or newer and this is Python 3.6" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["test", "--help"]])
def test_help_names_every_command_and_sets_nothing_up(
    arguments: list[str], pip: Pip, checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert door.main(arguments) == 0
    text = capsys.readouterr().out
    for word in (*door.COMMANDS, "--workspace", "--version"):
        assert word in text
    assert not (checkout / ".venv").exists()


def test_version_is_that_of_the_engine(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert door.main(["--version"]) == 0
    assert capsys.readouterr().out == f"tunewright {engine.__version__}\n"


@pytest.mark.parametrize(
    ("word", "opens"), [("my.toml", True), ("My.TOML", True), ("run", False), ("recipe", False), ("toml", False)]
)
def test_a_recipe_alone_opens_in_the_window(word: str, opens: bool) -> None:
    assert door.is_recipe(word) is opens


def test_the_door_knows_just_the_commands_of_the_engine_and_test() -> None:
    from engine.cli.commands import COMMANDS

    assert set(door.COMMANDS) == {*COMMANDS, "test"}


@pytest.mark.parametrize("package", ["engine", "gui"])
@pytest.mark.parametrize("shape", ["folder", "file"])
def test_a_package_of_the_same_name_is_named_with_the_way_out(
    package: str, shape: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / package if shape == "folder" else tmp_path / f"{package}.py"
    code = place / "__init__.py" if shape == "folder" else place
    code.parent.mkdir(exist_ok=True)
    code.write_text("raise RuntimeError('must not be run')")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert door.main(["--version"]) == 1
    said = capsys.readouterr().err
    assert f"{package} hides Tunewright's own: {place}. Install Tunewright into" in said
    assert said.count("\n") == 1
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert door.main(["--version"]) == 1
    assert "Take that folder out of PYTHONPATH" in capsys.readouterr().err


def test_modules_in_pythonpath_are_not_run(tmp_path: Path) -> None:
    """With PYTHONPATH the door hands over to a Python without it before it imports more than os and sys."""
    canary = tmp_path / "touched"
    for name in ("json", "subprocess", "hashlib", "argparse", "tomllib", "msgspec", "torch"):
        (tmp_path / f"{name}.py").write_text(f"open({str(canary)!r}, 'a').write({name!r})\nraise ImportError({name!r})")
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import main\n"
        "main.start = lambda argv: __import__('json') and 99\n"  # what every command comes to
        "main.go_on_with = lambda python, argv: print(python == sys.executable, argv) or 0\n"
        "sys.exit(main.main(['runs']))"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code, str(REPOSITORY)], capture_output=True, text=True, cwd=tmp_path, env=environment
    )
    assert not canary.exists(), canary.read_text()
    assert (done.returncode, done.stdout) == (0, "True ['runs']\n"), done.stderr


def test_a_folder_of_the_same_name_without_code_hides_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "engine").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert door.other_package("engine") == ""


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        ([], ""),
        (["--workspace", "run"], ""),
        (["--workspace=run"], ""),
        (["--workspace", "here", "run", "x.toml"], "run"),
        (["--json", "doctor"], "doctor"),
        (["--language", "de", "runs"], "runs"),
        (["--language=de"], ""),
    ],
)
def test_the_command_is_found_behind_options(arguments: list[str], command: str) -> None:
    assert door.command_of(arguments) == command


@pytest.mark.parametrize("arguments", [["tset"], ["--worksapce", "here"]])
def test_an_unknown_command_is_a_usage_error_before_any_set_up(arguments: list[str], pip: Pip, checkout: Path) -> None:
    assert door.main(arguments) == 2
    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, False),
        ({"DISPLAY": ":0"}, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True),
        ({"QT_QPA_PLATFORM": "offscreen"}, True),
        ({"QT_QPA_PLATFORM": "vnc:port=5901"}, True),
        ({"QT_QPA_PLATFORM": "xcb"}, False),
        ({"QT_QPA_PLATFORM": "wayland;xcb", "DISPLAY": ":0"}, False),
    ],
)
def test_a_display_is_looked_for_where_qt_would(variables: dict[str, str], expected: bool) -> None:
    assert door.has_display("linux", variables) is expected
    assert door.has_display("darwin", {})


def test_without_a_display_the_window_points_at_run_before_any_set_up(
    pip: Pip, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(door, "has_display", lambda platform, variables: False)
    assert door.main([]) == 1
    assert "python3 main.py run" in capsys.readouterr().err
    assert pip.commands == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux leaves these libraries to the system")
def test_missing_qt_libraries_are_named_with_their_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    import ctypes

    def load(name: str) -> None:
        if "xcb-cursor" in name or "EGL" in name or name.endswith("libqxcb.so"):
            raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", load)
    with pytest.raises(environment.Problem, match=r"libEGL\.so\.1, libxcb-cursor\.so\.0.* apt install libegl1 libxcb"):
        door.check_qt({"DISPLAY": ":0"})
    assert list(door.missing_libraries("offscreen")) == ["libEGL.so.1"]  # X11 is not needed there


@pytest.mark.parametrize(
    ("platform", "argv", "code", "by_the_door", "held"),
    [
        ("win32", [], 1, False, 1),
        ("win32", [], 1, True, 0),  # the door holds it, also where this one crashes
        ("win32", [], 0, False, 0),
        ("win32", ["doctor"], 1, False, 0),  # typed in a console that stays
        ("linux", [], 1, False, 0),
    ],
)
def test_a_double_clicked_door_keeps_its_console_until_the_sentence_is_read(
    platform: str, argv: list[str], code: int, by_the_door: bool, held: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[int] = []
    monkeypatch.setattr(door, "answer", lambda argv: code)
    monkeypatch.setattr(console, "hold_own_console", lambda: waited.append(1))
    monkeypatch.setattr(door.sys, "platform", platform)
    monkeypatch.setattr(door.sys, "flags", SimpleNamespace(isolated=int(by_the_door)))
    assert door.main(argv) == code
    assert len(waited) == held


@pytest.mark.parametrize("failing", ["", "ruff", "mypy", "pytest"])
def test_mypy_runs_beside_pytest_and_the_checks_fail_when_any_failed(
    failing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []
    pytest_has_begun = threading.Event()

    def call(command: list[str], cwd: str) -> int:
        asked.append(command[3])
        if command[3] == "pytest":
            pytest_has_begun.set()
        return int(command[3] == failing)

    class Started:
        returncode = int(failing == "mypy")

        def __init__(self, command: list[str], **options: object) -> None:
            asked.append(command[3])

        def communicate(self) -> tuple[str, None]:
            assert pytest_has_begun.wait(60)
            return "what mypy found", None

    monkeypatch.setattr(subprocess, "call", call)
    monkeypatch.setattr(subprocess, "Popen", Started)
    monkeypatch.setattr(door, "check_qt", lambda variables: None)
    assert door.run_checks(["-q"]) == int(bool(failing))
    assert asked == ["ruff", "mypy", "pytest"]
    said = capsys.readouterr().err
    assert "what mypy found" in said
    assert said.endswith(f"FAILED: {failing}\n") == (failing in ("ruff", "mypy"))


# Which environment


def test_requirements_are_read_as_pip_reads_them() -> None:
    for text in environment.requirements(["test"]):
        requirement = Requirement(text)
        name, clauses, applies = environment.read_requirement(text)
        assert name == requirement.name
        assert {sign + bound for sign, bound in clauses} == {str(clause) for clause in requirement.specifier}
        assert applies is (requirement.marker is None or requirement.marker.evaluate())


@pytest.mark.parametrize(
    ("version", "clauses", "expected"),
    [
        ("2.13.0+cpu", [(">=", "2.13"), ("<", "2.14")], True),
        ("2.14.0.dev1", [(">=", "2.13"), ("<", "2.14")], False),
        ("2.9", [(">=", "2.13")], False),
        ("1.0", [("==", "1.0.0")], True),
        ("1.0.5", [(">", "1"), ("!=", "1.0")], True),
        ("10.0", [(">=", "9")], True),
    ],
)
def test_versions_compare_by_their_numbers(version: str, clauses: list[tuple[str, str]], expected: bool) -> None:
    assert environment.fits(version, clauses) is expected


def test_an_environment_with_all_that_is_needed_is_used_as_it_is(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "dispatch", lambda argv: 42)
    assert door.main(["doctor"]) == 42  # pytest, the one requirement, is here
    assert not (checkout / ".venv").exists()
    assert not environment.is_right(["test"])  # no-such-package is not


def test_an_installed_package_trusts_pip(checkout: Path) -> None:
    (checkout / "pyproject.toml").unlink()
    assert environment.is_right(["test"])


def test_a_later_start_imports_nothing_heavy(checkout: Path, pip: Pip) -> None:
    environment.set_up([])
    code = (
        "import os, sys; os.execv = lambda *_: sys.exit(0)\n"
        f"sys.prefix = sys.base_prefix; sys.path.insert(0, {str(REPOSITORY)!r})\n"
        "from engine.bootstrap import environment as e; import main; before = set(sys.modules)\n"
        f"e.ROOT, e.ENVIRONMENT, e.PYTHON = {environment.ROOT!r}, {environment.ENVIRONMENT!r}, {environment.PYTHON!r}\n"
        "try: main.main(['doctor'])\n"
        "finally: print(*sorted(set(sys.modules) - before))"
    )
    found = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []
    heavy = "re, pathlib, subprocess, tomllib, hashlib, typing, importlib.metadata"
    code = (
        f"import sys; sys.path.insert(0, {str(REPOSITORY)!r}); import main; from engine.bootstrap import environment\n"
    )
    code += "print(*sys.modules)"
    found = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    assert not set(heavy.split(", ")) & set(found.stdout.split())


# Setting up


def test_a_first_start_makes_the_environment_and_stamps_it_last(checkout: Path, pip: Pip) -> None:
    assert not environment.is_stamped([])
    assert environment.made_right([]) == environment.PYTHON
    assert pip.installs() == 1
    assert environment.is_stamped([])
    environment.made_right([])
    assert pip.installs() == 1


def test_a_newer_program_looks_at_the_packages_again(checkout: Path, pip: Pip, monkeypatch: pytest.MonkeyPatch) -> None:
    environment.made_right([])
    assert engine.__version__ in (checkout / ".venv" / environment.STAMP).read_text()
    monkeypatch.setattr(environment, "__version__", "99.0")
    assert not environment.is_stamped([])


@pytest.mark.parametrize("changed", ["pyproject.toml", "constraints.txt", ".venv/pyvenv.cfg"])
def test_a_changed_file_makes_the_next_start_install_again(changed: str, checkout: Path, pip: Pip) -> None:
    environment.made_right([])
    with (checkout / changed).open("a") as file:
        file.write("\n# changed")
    assert not environment.is_stamped([])
    environment.made_right([])
    assert pip.installs() == 2
    assert environment.is_stamped([])


def test_the_test_extra_is_added_once_and_kept(checkout: Path, pip: Pip) -> None:
    environment.made_right([])
    assert not environment.is_stamped(["test"])
    environment.made_right(["test"])
    assert pip.commands[-1][-1] == "no-such-package>=1"
    assert environment.is_stamped([])
    (checkout / "constraints.txt").write_text("")
    environment.made_right([])
    assert environment.is_stamped(["test"])


@pytest.mark.parametrize("trouble", [KeyboardInterrupt(), (1, "pip crashed"), OSError("pip is gone")])
def test_a_set_up_that_broke_off_is_taken_up_by_the_next_start(
    trouble: tuple[int, str] | BaseException, checkout: Path, pip: Pip
) -> None:
    pip.answers = [trouble]
    with pytest.raises((KeyboardInterrupt, environment.Problem)):
        environment.made_right([])
    assert not environment.is_stamped([])
    environment.made_right([])
    assert environment.is_stamped([])
    assert sum("venv" in command for command in pip.commands) == 1  # the environment itself was good


def test_an_environment_half_made_is_made_anew(checkout: Path, pip: Pip) -> None:
    environment.made_right([])
    environment.write(str(checkout / ".venv" / environment.MADE), "begun")
    (checkout / ".venv" / environment.STAMP).unlink()
    (checkout / ".venv" / "bin" / "left-over").touch()
    environment.made_right([])
    assert not (checkout / ".venv" / "bin" / "left-over").exists()
    assert environment.is_stamped([])


def test_an_environment_whose_python_is_gone_is_made_anew(checkout: Path, pip: Pip) -> None:
    environment.made_right([])
    Path(environment.PYTHON).unlink()
    assert not environment.is_stamped([])
    environment.made_right([])
    assert environment.is_stamped([])


def test_a_folder_that_somebody_else_made_is_never_emptied(checkout: Path, pip: Pip) -> None:
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / "thesis.txt").write_text("years of work")
    with pytest.raises(environment.Problem, match=r"\.venv has no working Python .* Rename it"):
        environment.made_right([])
    assert (checkout / ".venv" / "thesis.txt").exists()


def test_an_environment_without_pip_that_has_everything_is_used(
    checkout: Path, pip: Pip, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_by_uv(checkout, monkeypatch, lacking=[])
    assert environment.made_right([]) == environment.PYTHON
    assert pip.commands == []
    assert environment.is_stamped([])


def test_an_environment_without_pip_that_lacks_something_is_named_and_not_touched(
    checkout: Path, pip: Pip, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_by_uv(checkout, monkeypatch, lacking=["torch>=2.13,<2.14", "datasets>=5.0", "a", "b"])
    before = sorted(checkout.rglob("*"))
    with pytest.raises(environment.Problem, match="lacks torch, datasets, a and 1 more, and has no pip") as caught:
        environment.made_right(["test"])
    command = f"uv pip install --python {environment.PYTHON} -c {checkout}/constraints.txt -r {checkout}/pyproject.toml"
    assert str(caught.value).endswith(f"{command} --extra test")
    assert sorted(checkout.rglob("*")) == before
    assert pip.commands == []


def made_by_uv(checkout: Path, monkeypatch: pytest.MonkeyPatch, *, lacking: list[str]) -> None:
    """An environment with a Python and no pip."""
    (checkout / ".venv" / "bin").mkdir(parents=True)
    Path(environment.PYTHON).touch()
    monkeypatch.setattr(environment, "runs", lambda code: False)
    monkeypatch.setattr(environment, "lacking_there", lambda extras: lacking)


def test_what_an_environment_lacks_is_asked_of_its_own_python(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "PYTHON", sys.executable)
    monkeypatch.setattr(environment, "ROOT", str(REPOSITORY))
    assert environment.lacking_there([]) == []
    monkeypatch.setattr(environment, "PYTHON", str(checkout / "python"))
    assert environment.lacking_there([]) is None


def test_a_package_without_its_record_is_forgotten_so_that_pip_installs_it_again(checkout: Path, pip: Pip) -> None:
    environment.made_right([])
    packages = checkout / ".venv" / "lib" / "python3.11" / "site-packages"
    for name, record in (("whole-1.dist-info", "files"), ("half-1.dist-info", None), ("empty-1.dist-info", "")):
        (packages / name).mkdir(parents=True)
        if record is not None:
            (packages / name / "RECORD").write_text(record)
    (checkout / ".venv" / environment.STAMP).unlink()
    environment.made_right([])
    assert [folder.name for folder in packages.iterdir()] == ["whole-1.dist-info"]
    (packages / "half-1.dist-info").mkdir()
    (checkout / ".venv" / environment.MADE).unlink()
    environment.forget_half_written()
    assert (packages / "half-1.dist-info").exists()  # not ours to touch


def test_two_starts_at_once_install_once(checkout: Path, pip: Pip, monkeypatch: pytest.MonkeyPatch) -> None:
    environment.made_right([])
    stamp = checkout / ".venv" / environment.STAMP
    held_back = stamp.rename(checkout / "held-back")
    code = (  # another start, which completes the environment while it holds the lock
        f"import sys, os; sys.path.insert(0, {str(REPOSITORY)!r}); from engine.bootstrap import environment as e\n"
        f"lock = open({str(checkout / '.venv' / environment.LOCK)!r}, 'a'); e.acquire(lock.fileno())\n"
        f"print('held', flush=True); sys.stdin.readline(); os.rename({str(held_back)!r}, {str(stamp)!r})"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    said = []
    with subprocess.Popen([sys.executable, "-I", "-c", code], **pipes) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"held"

        def let_the_other_go_on(sentence: str, **options: object) -> None:
            said.append(sentence)
            other.communicate(b"go on\n")

        monkeypatch.setattr(environment, "print", let_the_other_go_on, raising=False)
        environment.made_right([])
    assert "waits for it" in said[0]
    assert pip.installs() == 1


# What is in the way


def test_versions_that_do_not_fit_give_way_to_the_newest_that_do(checkout: Path, pip: Pip) -> None:
    pip.answers = [(1, "ERROR: No matching distribution found for numpy==2.4.6")]
    environment.made_right([])
    first, second = (command for command in pip.commands if "pip" in command)
    assert "-c" in first
    assert "-c" not in second


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("Retrying after 'NewConnectionError'\nERROR: No matching distribution found for torch", "network"),
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: Could not install: [Errno 13] Permission denied: 'there'", "cannot be written"),
        ("ERROR: No matching distribution found for torch", "no version for Python 3"),
        (
            "HINT: might have occurred since this system does not have Windows Long Path support",
            "short path",
        ),
        ("OSError: [WinError 5] Access is denied: 'x'", "cannot be written"),
        ("[WinError 32] The process cannot access the file because it is being used by another process", "has a file"),
        ("Traceback", "ended with code 7"),
    ],
)
def test_what_made_pip_fail_is_reported_in_a_sentence_with_the_way_out(output: str, sentence: str) -> None:
    text = environment.explain(output, 7)
    assert sentence in text
    assert "Start" in text or "start" in text
    assert "\n" not in text


@pytest.mark.parametrize(
    ("system", "machine", "translated", "sentence"),
    [
        ("darwin", "x86_64", False, "no longer has builds for Macs with an Intel processor"),
        ("darwin", "x86_64", True, "runs under Rosetta"),
        ("darwin", "arm64", False, ""),
        ("win32", "ARM64", False, "Install Python 3.13 for x64"),
        ("win32", "AMD64", False, ""),
        ("linux", "x86_64", False, ""),
    ],
)
def test_a_machine_without_torch_is_reported_before_anything_is_downloaded(
    system: str, machine: str, translated: bool, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import platform

    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(environment, "runs_translated", lambda: translated)
    found = environment.what_has_no_torch(system, (3, 13))
    assert (sentence in found) if sentence else not found


def test_a_python_too_new_for_torch_is_reported_before_any_set_up(
    checkout: Path, pip: Pip, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert environment.what_has_no_torch("linux", (3, 14)) == ""
    monkeypatch.setattr(environment, "NEWEST_PYTHON", (3, 10))
    with pytest.raises(environment.Problem, match=r"no build for Python 3\.\d+ yet\. Start with 3\.10"):
        environment.made_right([])
    assert pip.commands == []
    assert not (checkout / ".venv").exists()


def test_a_folder_too_deep_for_windows_is_reported_with_the_length_that_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment.sys, "platform", "win32")
    monkeypatch.setattr(environment, "takes_long_paths", lambda: False)
    for length, is_too_long in ((63, False), (64, True)):
        root = "C:\\" + "x" * (length - 3)
        monkeypatch.setattr(environment, "ROOT", root)
        monkeypatch.setattr(environment, "ENVIRONMENT", root + "\\.venv")
        assert bool(environment.too_long_for_windows()) is is_too_long
    assert "at most 63 characters" in environment.too_long_for_windows()
    monkeypatch.setattr(environment, "takes_long_paths", lambda: True)
    assert not environment.too_long_for_windows()


def test_a_folder_too_deep_is_reported_before_anything_is_downloaded(
    checkout: Path, pip: Pip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "too_long_for_windows", lambda: "The folder is too deep.")
    with pytest.raises(environment.Problem, match="too deep"):
        environment.made_right([])
    assert pip.commands == []
    assert not (checkout / ".venv").exists()


def test_a_set_up_leaves_a_torch_that_fits_as_it_is(checkout: Path, pip: Pip) -> None:
    environment.made_right([])
    (command,) = (command for command in pip.commands if "pip" in command)
    assert not {"--upgrade", "-U", "--force-reinstall"} & set(command)  # so a build for a GPU stays
    assert "torch>=2.13,<2.14\n" in source("constraints.txt")


def test_no_network_does_not_try_other_versions(checkout: Path, pip: Pip) -> None:
    pip.answers = [(1, "NewConnectionError\nERROR: No matching distribution found for torch")]
    with pytest.raises(environment.Problem, match="Connect to the network"):
        environment.made_right([])
    assert pip.installs() == 1


def test_a_python_without_ensurepip_names_the_package(
    checkout: Path, pip: Pip, monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else object())
    with pytest.raises(environment.Problem, match="apt install python3-venv"):
        environment.made_right([])


def test_a_disk_without_room_is_noticed_before_anything_is_fetched(
    checkout: Path, pip: Pip, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil
    from types import SimpleNamespace

    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=4e8))
    with pytest.raises(environment.Problem, match=r"0\.4 GB free and the set-up needs 3 GB"):
        environment.made_right([])
    assert pip.commands == []


def test_a_folder_that_cannot_be_written_is_named(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (checkout / ".venv").write_text("a file in the way")
    with pytest.raises(environment.Problem, match="cannot be written"):
        environment.made_right([])


def test_a_real_child_is_followed_logged_and_kept_from_other_folders(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_TARGET", "elsewhere")
    monkeypatch.setenv("PIP_FIND_LINKS", "wheels")
    (checkout / ".venv").mkdir()
    progress = Progress(environment.ENVIRONMENT)
    code = "import os; print('Collecting torch', os.environ.get('PIP_TARGET'), os.environ['PIP_FIND_LINKS']); exit(3)"
    assert environment.call([sys.executable, "-c", code], progress) == (3, "Collecting torch None wheels\n")
    assert progress.detail == "torch"
    assert "Collecting torch" in (checkout / ".venv" / environment.LOG).read_text()


def test_progress_counts_what_pip_installs(checkout: Path) -> None:
    progress = Progress(environment.ENVIRONMENT)
    progress.follow("  Downloading torch-2.13.0-cp311-manylinux.whl (180.2 MB)\n")
    assert progress.detail == "torch (180.2 MB)"
    progress.follow("Installing collected packages: numpy, torch\n")
    assert (progress.phase, progress.detail) == ("Installing packages", "numpy (1 of 2)")
    (checkout / ".venv" / "lib" / "site-packages" / "numpy-2.dist-info").mkdir(parents=True)
    progress.follow("")
    assert progress.detail == "torch (2 of 2)"


def test_the_files_of_the_door_name_no_place_on_the_network() -> None:
    assert "://" not in source("main.py", "engine/bootstrap/environment.py", "constraints.txt", ".ci/run")


# ── Other languages ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("by", ["option", "environment", "system"])
def test_help_and_set_up_speak_the_language_of_the_start(by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["main.py", *(["--language=de"] if by == "option" else [])])
    monkeypatch.setenv("LC_ALL", "de_AT.UTF-8" if by == "system" else "C")
    monkeypatch.setenv("TUNEWRIGHT_LANGUAGE", "de" if by == "environment" else "")
    assert "das Fenster öffnen" in door.help_text()
    assert "einen unterbrochenen Lauf fortsetzen" in door.help_text()
    assert environment.explain("ConnectTimeoutError", 1).startswith("Der Paketindex ist nicht erreichbar.")
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("TUNEWRIGHT_LANGUAGE", "fr")
    monkeypatch.setattr(sys, "argv", ["main.py", "--language", "xx"])
    assert environment.explain("ConnectTimeoutError", 1).startswith("The package index cannot be reached.")


def test_every_sentence_of_the_set_up_has_values_that_python_alone_can_format() -> None:
    for id, template in {**TEMPLATES, **translations("de")}.items():
        if id.startswith("bootstrap."):
            assert "|" not in template, id
            numbers = dict.fromkeys(re.findall(r"{(\w+):", template), 1.5)
            assert template.format(**dict.fromkeys(re.findall(r"{(\w+)[!}]", template), "x"), **numbers)
