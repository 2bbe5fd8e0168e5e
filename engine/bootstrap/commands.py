"""Commands as sentences and help name them: each must work where it is read, as it is there.

Every start imports this: at the top, nothing but what Python has loaded already.
"""

import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
TORCH = "torch>=2.13,<2.14"  # as pyproject.toml has it, which a wheel does not bring along; a test compares them
SCRIPTS = ("tunewright", "tunewright-window")  # of an installed package


def command() -> str:
    """Return what starts this program: `tunewright` of an installed package, or the call of a checkout's main.py."""
    started = os.path.basename(sys.argv[0]) if sys.argv else ""
    if os.path.splitext(started)[0] in SCRIPTS or not is_source_folder():
        return "tunewright"
    return f"{python()} main.py"


def python() -> str:
    """Return how this system calls Python 3: on Windows the launcher, which needs no PATH."""
    return "py" if sys.platform == "win32" else "python3"


def end_of_input() -> str:
    """Return what ends typed lines in this system's terminal."""
    return "Ctrl-Z and Enter" if sys.platform == "win32" else "Ctrl-D"


def is_source_folder() -> bool:
    """Return whether this is a checkout or an unpacked sdist; a wheel brings no pyproject.toml along."""
    return os.path.exists(os.path.join(ROOT, "pyproject.toml"))


def install_command(*requirements: str, options: tuple[str, ...] = (), reinstall: bool = False) -> str:
    """Return what installs these packages into the environment that runs this, be it made by pip, pipx or uv."""
    import importlib.util
    import re

    names = [re.split(r"[^\w.-]", requirement)[0] for requirement in requirements]
    if importlib.util.find_spec("pip"):
        words = [sys.executable, "-m", "pip", "install", *(["--force-reinstall"] if reinstall else [])]
    elif os.path.join("pipx", "venvs", "tunewright") in sys.prefix:
        words = ["pipx", "runpip", "tunewright", "install", *(["--force-reinstall"] if reinstall else [])]
    else:
        words = ["uv", "pip", "install", "--python", sys.executable]
        words += [word for name in names if reinstall for word in ("--reinstall-package", name)]
    return quoted([*words, *requirements, *options])


def quoted(words: list[str]) -> str:
    """Return the words as one line for this system's shell; on Windows for PowerShell, which its Terminal opens."""
    if sys.platform == "win32":
        safe = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./\\:=+~")
        line = " ".join(word if word and safe.issuperset(word) else f'"{word}"' for word in words)
        return "& " + line if line.startswith('"') else line
    import shlex

    return shlex.join(words)
