"""The environment of Tunewright: the folder .venv with what pyproject.toml asks for, made, repaired or left alone.

A stamp, written last, marks it as complete. What an earlier start left half done is repaired; a folder that
somebody else made is filled where it lacks something, but never emptied. Only Python's own library is used, and
imported late, since every start asks `is_right`. This file is independent of what the program does.
"""

import os
import sys

from engine import __version__
from engine.bootstrap.commands import ROOT, quoted
from engine.bootstrap.sentences import setup_sentence

TYPE_CHECKING = False  # as typing's, without its import
if TYPE_CHECKING:
    from typing import TextIO

    from engine.bootstrap.pip_progress import Progress

ENVIRONMENT = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(ENVIRONMENT, *(("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")))
# Our files in the environment. MADE ("begun", then "complete") marks it as made by us, so that we may empty it.
MADE, STAMP, LOCK, LOG = "tunewright-made", "tunewright-stamp", "setup.lock", "setup.log"
DISK_NEEDED = 3e9  # bytes; with a build of torch for the processor alone everything takes 2.3 GB
LONGEST_PATH = 171  # characters of the longest file in the packages, from site-packages on; a test compares it
NEWEST_PYTHON = (3, 14)  # that torch has a build for
# A user's pip settings are respected, except those that would install elsewhere, or nothing.
REDIRECTIONS = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_DRY_RUN")

UNREACHABLE = (
    "NewConnectionError",
    "NameResolutionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "Failed to establish a new connection",
    "Connection broken",
    "ProxyError",
    "SSLError",
    "CERTIFICATE_VERIFY_FAILED",
)
HELD = ("[WinError 32]", "being used by another process")
DENIED = ("Permission denied", "[WinError 5]", "Access is denied")
TOO_LONG = ("Windows Long Path", "[WinError 206]", "File name too long")
MISFITS = ("No matching distribution found", "ResolutionImpossible", "Failed building wheel", "Failed to build")


class Problem(Exception):
    """What is in the way, as a sentence for the user, and the way out."""


def is_right(extras: list[str]) -> bool:
    """Return whether the Python that runs this has what is needed; the cheap questions come first."""
    if not os.path.exists(os.path.join(ROOT, "pyproject.toml")):
        return True  # installed as a package: pip has seen to it
    if is_inside():
        return is_stamped(extras) or (not is_ours() and has_what_is_needed(extras))
    chosen = sys.prefix != sys.base_prefix or os.environ.get("CONDA_PREFIX") == sys.prefix
    return (chosen or not is_stamped(extras)) and has_what_is_needed(extras)


def made_right(extras: list[str]) -> str:
    """Return the Python to continue with, once its environment is complete."""
    if is_inside():
        return str(getattr(sys, "_base_executable", sys.executable))  # none is set up from within
    if not is_stamped(extras):
        set_up(extras)
    return PYTHON


def is_stamped(extras: list[str]) -> bool:
    """Return whether the environment was completed for just these files, its present Python and these extras."""
    installed, _, rest = read(os.path.join(ENVIRONMENT, STAMP)).partition("\n")
    return rest == stamp_text() and set(extras) <= set(installed.split()) and os.path.exists(PYTHON)


def stamp_text() -> str:
    """Return what decides about the packages, word for word: a hash function takes ten times longer to import."""
    # The version first: what a newer program needs beside the packages is looked at anew with its first start.
    files = [os.path.join(ROOT, "pyproject.toml"), os.path.join(ROOT, "constraints.txt")]
    files.append(os.path.join(ENVIRONMENT, "pyvenv.cfg"))
    return "\n".join([__version__, *map(read, files), os.path.realpath(PYTHON)])


def is_inside() -> bool:
    return os.path.realpath(sys.prefix) == os.path.realpath(ENVIRONMENT)


def is_ours() -> bool:
    return os.path.exists(os.path.join(ENVIRONMENT, MADE))


def has_what_is_needed(extras: list[str]) -> bool:
    """Return whether every requirement is installed here in a version that fits, without importing any."""
    return not missing(extras)


def missing(extras: list[str]) -> list[str]:
    """Return the requirements that this Python lacks, or has in a version that does not fit."""
    from importlib import metadata

    lacking = []
    for requirement in requirements(extras):
        name, clauses, applies = read_requirement(requirement)
        try:
            if applies and not fits(metadata.version(name) or "", clauses):
                lacking.append(requirement)
        except metadata.PackageNotFoundError:
            lacking.append(requirement)
    return lacking


def requirements(extras: list[str]) -> list[str]:
    import tomllib

    with open(os.path.join(ROOT, "pyproject.toml"), "rb") as file:
        project = tomllib.load(file)["project"]
    return sum((project["optional-dependencies"][extra] for extra in extras), list(project["dependencies"]))


def read_requirement(requirement: str) -> tuple[str, list[tuple[str, str]], bool]:
    """Take a requirement apart: name, version clauses, and whether its marker (python_version alone) applies."""
    import re

    wanted, _, marker = requirement.partition(";")
    clause = r"(>=|<=|==|!=|<|>)\s*['\"]?([\d.]+)"
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    return re.split(r"[^\w.-]", wanted)[0], re.findall(clause, wanted), fits(here, re.findall(clause, marker))


def fits(version: str, clauses: list[tuple[str, str]]) -> bool:
    import operator

    signs = {">=": "ge", "<=": "le", "==": "eq", "!=": "ne", "<": "lt", ">": "gt"}
    return all(getattr(operator, signs[sign])(release(version), release(bound)) for sign, bound in clauses)


def release(version: str) -> tuple[int, ...]:
    """Return a version's numbers without local part and trailing zeros: 2.13.0+cpu is (2, 13)."""
    import re

    found = re.match(r"\d+(\.[1-9]\d*|\.0+(?=[\d.]*[1-9]))*", version)
    return tuple(int(part) for part in found.group().split(".")) if found else ()


def set_up(extras: list[str]) -> None:
    """Make the environment, or repair what is there, while no other start does. Raises Problem."""
    refuse_what_cannot_be_filled(extras)
    if problem := what_has_no_torch(sys.platform, sys.version_info[:2]) or too_long_for_windows():
        raise Problem(problem)
    with open_lock() as lock:
        acquire(lock.fileno())
        if is_stamped(extras):
            return  # the start that this one waited for did the work
        extras = sorted({*extras, *read(os.path.join(ENVIRONMENT, STAMP)).partition("\n")[0].split()})
        from engine.bootstrap.pip_progress import Progress

        progress = Progress(ENVIRONMENT)
        try:
            make_environment(extras, progress)
            if is_ours() or lacking_there(extras) != []:
                install(extras, progress, lock.fileno())
                progress.end(setup_sentence("bootstrap.setup.ready", elapsed=progress.elapsed()))
                print_what_torch_makes_of_the_gpu()
            write_stamp(extras)
        except KeyboardInterrupt:
            progress.end(setup_sentence("bootstrap.setup.interrupted"))
            raise
        except OSError as error:
            raise Problem(explain(str(error), 1)) from error


def what_has_no_torch(system: str, version: tuple[int, ...]) -> str:
    """Return a sentence for a Python or machine that has no build of torch, with the way out; empty where there is one.

    Asked before anything is downloaded: pip would fail after minutes, without the reason.
    """
    import platform

    machine = platform.machine().lower()
    if system == "darwin" and machine == "x86_64":
        if runs_translated():
            return setup_sentence("bootstrap.python.runs_translated", call=this_call())
        return setup_sentence("bootstrap.python.intel_mac")
    if system == "win32" and machine == "arm64":
        return setup_sentence("bootstrap.python.windows_arm")
    if sys.maxsize < 2**32:
        return setup_sentence("bootstrap.python.has_32_bits", call=this_call())
    if version > NEWEST_PYTHON:
        here, newest = f"{version[0]}.{version[1]}", "{}.{}".format(*NEWEST_PYTHON)
        return setup_sentence("bootstrap.python.too_new", here=here, newest=newest, call=this_call())
    return ""


def this_call() -> str:
    """Return how main.py is started with a Python that was tested."""
    return "py -3.13 main.py" if sys.platform == "win32" else "python3.13 main.py"


def runs_translated() -> bool:
    """Return whether macOS translates this Intel program for Apple silicon."""
    import subprocess

    try:
        asked = subprocess.run(["/usr/sbin/sysctl", "-n", "sysctl.proc_translated"], capture_output=True, text=True)
    except OSError:
        return False
    return asked.stdout.strip() == "1"


def too_long_for_windows() -> str:
    """Return a sentence where the packages' longest file would have a longer path than Windows takes; else nothing."""
    path = os.path.join(ENVIRONMENT, "Lib", "site-packages", "")
    if sys.platform != "win32" or len(path) + LONGEST_PATH <= 259 or takes_long_paths():
        return ""
    most = len(ROOT) - (len(path) + LONGEST_PATH - 259)
    return setup_sentence("bootstrap.setup.too_deep_for_windows", folder=ROOT, most=most)


def takes_long_paths() -> bool:
    """Return whether somebody has switched on long paths in this Windows."""
    if sys.platform == "win32":
        import winreg

        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SYSTEM\CurrentControlSet\Control\FileSystem") as key:
                return bool(winreg.QueryValueEx(key, "LongPathsEnabled")[0])
        except OSError:
            return False
    return True


def refuse_what_cannot_be_filled(extras: list[str]) -> None:
    """Raise Problem where the environment lacks something and has no pip (uv makes them so); write nothing there."""
    if is_ours() or not os.path.exists(PYTHON) or runs("import pip"):
        return
    if lacking := lacking_there(extras):
        names = ", ".join(read_requirement(requirement)[0] for requirement in lacking[:3])
        if len(lacking) > 3:
            names = setup_sentence("bootstrap.setup.names_and_more", names=names, more=len(lacking) - 3)
        files = ["-c", os.path.join(ROOT, "constraints.txt"), "-r", os.path.join(ROOT, "pyproject.toml")]
        words = [word for extra in extras for word in ("--extra", extra)]
        command = quoted(["uv", "pip", "install", "--python", PYTHON, *files, *words])
        raise Problem(
            setup_sentence("bootstrap.setup.lacks_and_no_pip", folder=ENVIRONMENT, names=names, command=command)
        )


def lacking_there(extras: list[str]) -> "list[str] | None":
    """Return what the Python of the environment lacks; None where it cannot be asked."""
    import subprocess

    code = f"import sys; sys.path.insert(0, {ROOT!r}); from engine.bootstrap import environment\n"
    code += f"print(*environment.missing({extras}), sep='\\n')"
    try:
        asked = subprocess.run(
            [PYTHON, "-I", "-X", "utf8", "-c", code],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )
    except OSError:
        return None
    return None if asked.returncode else list(filter(None, asked.stdout.splitlines()))


def open_lock() -> "TextIO":
    try:
        os.makedirs(ENVIRONMENT, exist_ok=True)
        return open(os.path.join(ENVIRONMENT, LOCK), "a")
    except OSError as error:
        reason = error.strerror
        raise Problem(
            setup_sentence("bootstrap.setup.folder_not_written_because", folder=ROOT, reason=reason)
        ) from error


def acquire(descriptor: int) -> None:
    """Wait until no other start sets up."""
    waiting = setup_sentence("bootstrap.setup.another_start_sets_up")
    if sys.platform == "win32":
        import msvcrt

        while True:
            try:
                return msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
            except OSError:  # after ten seconds
                print(waiting, file=sys.stderr, flush=True)
    else:
        import fcntl

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(waiting, file=sys.stderr, flush=True)
            fcntl.flock(descriptor, fcntl.LOCK_EX)


def make_environment(extras: list[str], progress: "Progress") -> None:
    """Leave a Python in the folder that has pip, or all that is needed; empty only a folder that we made."""
    import importlib.util
    import shutil
    from pathlib import Path

    from engine.workspace.file_operations import remove_file, remove_folder

    made = os.path.join(ENVIRONMENT, MADE)
    left = set(os.listdir(ENVIRONMENT)) - {LOCK, LOG}
    if left and read(made) != "begun" and (runs("import pip") or lacking_there(extras) == []):
        return
    if left and not is_ours():
        raise Problem(setup_sentence("bootstrap.setup.not_made_here", folder=ENVIRONMENT))
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        raise Problem(setup_sentence("bootstrap.python.lacks_venv"))
    free = shutil.disk_usage(ROOT).free
    if free < DISK_NEEDED:
        needed = DISK_NEEDED / 1e9
        raise Problem(setup_sentence("bootstrap.setup.too_little_disk", folder=ROOT, free=free / 1e9, needed=needed))
    progress.show(setup_sentence("bootstrap.setup.making_environment"))
    write(made, "begun")
    for name in left - {MADE}:
        path = os.path.join(ENVIRONMENT, name)
        if os.path.isdir(path) and not os.path.islink(path):
            remove_folder(Path(path))
        else:
            remove_file(Path(path))
    code, output = call([sys.executable, "-I", "-m", "venv", ENVIRONMENT], progress)
    if code:
        raise Problem(explain(output, code))
    write(made, "complete")


def install(extras: list[str], progress: "Progress", lock: int) -> None:
    """Let pip install the tested versions, or the newest that fit where those do not."""
    forget_half_written()
    progress.show(setup_sentence("bootstrap.setup.fetching_packages"))
    pip = [PYTHON, "-I", "-m", "pip", "install", "--no-input", "--no-user", "--progress-bar", "off"]
    tested = ["-c", os.path.join(ROOT, "constraints.txt")]
    code, output = call([*pip, *tested, *requirements(extras)], progress, lock)
    if code and is_misfit(output):
        progress.end(setup_sentence("bootstrap.setup.tested_versions_misfit"))
        code, output = call([*pip, *requirements(extras)], progress, lock)
    if code:
        progress.end("")
        raise Problem(explain(output, code))


def forget_half_written() -> None:
    """Drop the records of packages that an interrupted pip had begun.

    It writes RECORD last, and takes a package without one for installed.
    """
    import glob
    from pathlib import Path

    from engine.workspace.file_operations import remove_folder

    pattern = os.path.join(glob.escape(ENVIRONMENT), "[Ll]ib", "**", "site-packages", "*.dist-info")
    for folder in glob.glob(pattern, recursive=True) if is_ours() else ():
        record = os.path.join(folder, "RECORD")
        if not os.path.exists(record) or os.path.getsize(record) == 0:
            remove_folder(Path(folder))


def call(command: list[str], progress: "Progress", lock: int | None = None) -> tuple[int, str]:
    """Run a command with its output in the log; return its exit code and its output.

    It inherits the lock, so that a pip which outlives a killed start still keeps the next one waiting.
    """
    import subprocess

    log = os.path.join(ENVIRONMENT, LOG)
    variables = {name: value for name, value in os.environ.items() if name not in REDIRECTIONS}
    kept = (lock,) if lock is not None and os.name != "nt" else ()
    output = b""
    with open(log, "ab") as writer, open(log, "rb") as reader:
        writer.write(f"\n$ {' '.join(command)}\n".encode())
        writer.flush()
        reader.seek(0, os.SEEK_END)
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=writer, stderr=writer, env=variables, pass_fds=kept
        )
        try:
            while True:
                code = process.poll()
                news = reader.read()
                output += news
                progress.follow(news.decode(errors="replace"))
                if code is not None:
                    return code, output.decode(errors="replace")
                try:
                    process.wait(0.25)
                except subprocess.TimeoutExpired:
                    continue
        finally:
            try:
                process.wait(5)  # the terminal has interrupted it too, and it tidies up
            except subprocess.TimeoutExpired:
                process.terminate()
                process.wait()


def runs(statement: str) -> bool:
    """Return whether the environment's Python exists and carries out the statement."""
    import subprocess

    code = f"import sys; sys.path.insert(0, {ROOT!r}); {statement}"
    try:
        return subprocess.call([PYTHON, "-I", "-c", code], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def print_what_torch_makes_of_the_gpu() -> None:
    """Print the engine's sentence on the GPU; what goes wrong on the way is in the log, for `doctor` to repeat."""
    import subprocess

    code = (
        f"import sys; sys.path.insert(0, {ROOT!r})\n"
        "from engine.devices.detection import gpu_sentence\n"
        "print(gpu_sentence())"
    )
    with open(os.path.join(ENVIRONMENT, LOG), "ab") as log:
        try:
            found = subprocess.run(
                [PYTHON, "-I", "-c", code], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, timeout=120
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            log.write(f"{error}\n".encode())
        else:
            if found.returncode == 0:
                print(found.stdout.decode(errors="replace").strip(), file=sys.stderr, flush=True)


def write_stamp(extras: list[str]) -> None:
    if hasattr(os, "sync"):
        os.sync()  # a stamp that survives a power cut must not vouch for packages that did not
    path = os.path.join(ENVIRONMENT, STAMP)
    write(path + "-new", " ".join(extras) + "\n" + stamp_text())
    from pathlib import Path

    from engine.workspace.file_operations import replace

    replace(Path(path + "-new"), Path(path))


def is_misfit(output: str) -> bool:
    """Return whether pip failed because no such versions exist for this Python or machine."""
    return any(sign in output for sign in MISFITS) and not any(sign in output for sign in UNREACHABLE)


def explain(output: str, code: int) -> str:
    """Return a sentence for what made venv or pip fail; the most certain causes come first."""
    log = os.path.join(ENVIRONMENT, LOG)
    if "No space left on device" in output or "Disk quota exceeded" in output or "not enough space" in output:
        return setup_sentence("bootstrap.setup.disk_full")
    if any(sign in output for sign in UNREACHABLE):
        return setup_sentence("bootstrap.setup.index_not_reached", log=log)
    if any(sign in output for sign in TOO_LONG):
        return setup_sentence("bootstrap.setup.path_too_long", folder=ROOT)
    if any(sign in output for sign in HELD):
        return setup_sentence("bootstrap.setup.file_held", folder=ENVIRONMENT, log=log)
    if any(sign in output for sign in DENIED):
        return setup_sentence("bootstrap.setup.folder_not_written", folder=ROOT)
    if is_misfit(output):
        here = f"{sys.version_info.major}.{sys.version_info.minor}"
        return setup_sentence("bootstrap.setup.no_version_for_machine", here=here, log=log)
    return setup_sentence("bootstrap.setup.ended_with_code", code=code, log=log)


def read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
