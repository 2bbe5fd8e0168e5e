"""The door of Tunewright: it checks that the environment is right, then opens the window or calls the engine.

It needs Python's own library only, and of that little, since every start passes here. It parses on Python 3.6, so
that an old Python gets a sentence. It uses neither Qt nor torch; the environment is made by
engine/bootstrap/environment.py.
"""

import os
import sys

ROOT = os.path.dirname(os.path.realpath(__file__))
if ROOT not in sys.path:
    sys.path.insert(0, ROOT)  # python -I leaves it out

COMMANDS = {
    "run": ("RECIPE.toml", "do all five steps of a recipe without a window"),
    "continue": ("RUN", "continue an interrupted run"),
    "search": ("RECIPE.toml", "fine-tune several times with other settings, keep the best"),
    "evaluate": ("RUN", "score a run on held-out rows"),
    "export": ("RUN [FOLDER]", "write a run as a folder that transformers loads"),
    "predict": ("FOLDER TEXT...", "ask an exported model or a run about texts"),
    "serve": ("FOLDER", "answer texts over HTTP with an exported model"),
    "verify": ("FOLDER [DATA]", "check what an exported folder claims, and write a page about it"),
    "report": ("RUN", "write one offline HTML page about a run"),
    "inspect": ("FILE...", "print what is found in files of rows: format, roles, rows, labels, findings"),
    "runs": ("", "list the runs of the workspace"),
    "recipe": ("[RUN]", "print the recipe of a run, or one with every default"),
    "doctor": ("", "print what this machine can do, and what it lacks"),
    "completion": ("SHELL", "print what lets a shell complete commands and options"),
    "desktop": ("install", "put the program into the menu of a Linux desktop; remove takes it out"),
    "test": ("[PYTEST OPTIONS]", "run every check: ruff, mypy and pytest"),
}

# What Qt loads on Linux, and the Debian package that holds it.
QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
}
X11_LIBRARIES = {
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libX11-xcb.so.1": "libx11-xcb1",
}


def console() -> None:
    """Be the command `tunewright` of an installed package, and `tunewright-window`, which has no console on Windows."""
    sys.exit(main(sys.argv[1:]))


def main(argv: "list[str]") -> int:
    """Return the exit code: 0 fine, 1 a problem, 2 a command line that is not understood, 130 stopped by Ctrl-C."""
    code = answer(argv)
    # Double-clicked: the console would take the sentence with it. Whoever started us with -I (go_on_with) waits for us.
    if code and not argv and sys.platform == "win32" and not sys.flags.isolated:
        try:
            from engine.bootstrap.console import hold_own_console
        except ImportError:  # an old Python
            if sys.stdin is not None and sys.stdin.isatty():
                input("Press Enter to close this window. ")
        else:
            hold_own_console()
    return code


def answer(argv: "list[str]") -> int:
    """Do what is asked, or print what prevents it."""
    if sys.version_info < (3, 11):
        say(old_python_sentence(sys.version_info))
        return 1
    for package in ("engine", "gui"):
        if other_package(package):
            say(other_package_sentence(package))
            return 1
    if os.environ.get("PYTHONPATH") and not sys.flags.isolated:
        return go_on_with(sys.executable, argv)  # modules from there would be imported before those of Python itself
    from engine.bootstrap.environment import Problem

    try:
        return start(argv)
    except Problem as problem:
        say(str(problem))
        return 1
    except KeyboardInterrupt:
        from engine.bootstrap.sentences import setup_sentence

        say(setup_sentence("bootstrap.start.stopped"))
        return 130


def start(argv: "list[str]") -> int:
    """Answer what needs no environment, see to the environment, then do in it what is asked."""
    from engine import __version__
    from engine.bootstrap import environment
    from engine.bootstrap.commands import command as this_program
    from engine.bootstrap.sentences import setup_sentence

    if argv and argv[0] in ("-h", "--help"):
        print(help_text())
        return 0
    if argv and argv[0] == "--version":
        print("tunewright " + __version__)
        return 0
    command = command_of(argv)
    if command and command not in COMMANDS and not is_recipe(command):
        say(setup_sentence("bootstrap.start.unknown_command", word=command, program=this_program()))
        return 2
    if (not command or is_recipe(command)) and not has_display(sys.platform, dict(os.environ)):
        raise environment.Problem(setup_sentence("bootstrap.start.no_display", program=this_program()))
    extras = ["test"] if command == "test" else []
    if environment.is_right(extras):
        return dispatch(argv)
    if {"-h", "--help"} & set(argv) and not environment.is_stamped(extras):
        print(help_text())  # the command's own help would need the set-up
        return 0
    return go_on_with(environment.made_right(extras), argv)


def help_text() -> str:
    """Return the commands, each as it is typed here."""
    from engine.bootstrap.commands import command, is_source_folder
    from engine.bootstrap.sentences import command_sentence, setup_sentence

    rows = [
        (command(), setup_sentence("bootstrap.help.opens_window")),
        (command() + " RECIPE.toml", setup_sentence("bootstrap.help.opens_recipe")),
    ]
    for name, (arguments, sentence) in COMMANDS.items():
        if name != "test" or is_source_folder():
            rows.append((" ".join([command(), name, arguments]).strip(), command_sentence(name, sentence)))
    options = [
        ("--workspace FOLDER", setup_sentence("bootstrap.help.workspace")),
        ("--language CODE", setup_sentence("bootstrap.help.language")),
        ("--version", setup_sentence("bootstrap.help.version")),
        ("--help", setup_sentence("bootstrap.help.help")),
    ]
    parts = [setup_sentence("bootstrap.help.about"), table(rows), table(options, 18)]
    if is_source_folder():
        parts.append(setup_sentence("bootstrap.help.first_start"))
    return "\n\n".join(parts)


def table(rows: "list[tuple[str, str]]", least_width: int = 0) -> str:
    """Return the rows as lines of two columns."""
    width = max(least_width, max(len(typed) for typed, _ in rows))
    return "\n".join("{}  {}".format(typed.ljust(width), sentence) for typed, sentence in rows)


def other_package(name: str) -> str:
    """Return where Python finds a package of this name before ours, or an empty string."""
    for folder in sys.path:
        place = os.path.join(folder, name)
        if os.path.exists(os.path.join(place, "__init__.py")):
            return "" if os.path.realpath(place) == os.path.join(ROOT, name) else place
        if os.path.exists(place + ".py"):
            return place + ".py"
    return ""


def other_package_sentence(name: str) -> str:
    place = other_package(name)
    advice = "Install Tunewright into an environment of its own"
    if os.path.dirname(place) in os.environ.get("PYTHONPATH", "").split(os.pathsep):
        advice = "Take that folder out of PYTHONPATH"
    return "Another package called {} hides Tunewright's own: {}. {}, and start again.".format(name, place, advice)


def command_of(argv: "list[str]") -> str:
    """Return the first word that is no option and no option's value; it opens the window where there is none."""
    words = iter(argv)
    for word in words:
        if word in ("--workspace", "--language"):
            next(words, None)
        elif word not in ("--json", "--quiet") and not word.startswith(("--workspace=", "--language=")):
            return word
    return ""


def is_recipe(word: str) -> bool:
    """Return whether this word is a recipe, which opens in the window, and no command."""
    return word not in COMMANDS and word.lower().endswith(".toml")


def go_on_with(python: str, argv: "list[str]") -> int:
    """Let another Python carry on; -I keeps the user's PYTHONPATH and own packages out of it."""
    command = [python, "-I", os.path.join(ROOT, "main.py")] + argv
    if os.name != "nt":
        os.execv(python, command)
    import subprocess

    process = subprocess.Popen(command)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            pass  # the child has it too, and decides


def dispatch(argv: "list[str]") -> int:
    """Open the window, run the checks, or let the engine's own command line answer."""
    command = command_of(argv)
    if command == "test":
        return run_checks(argv[argv.index("test") + 1 :])
    if command and not is_recipe(command):
        from engine.__main__ import main as run_command

        return run_command(argv)
    check_qt(dict(os.environ))
    from gui.application import main as open_window

    return open_window(argv)


def run_checks(pytest_options: "list[str]") -> int:
    """Run ruff, then mypy and pytest side by side; of checks without findings pytest's summary is the last line."""
    import subprocess
    import threading

    from engine.bootstrap.environment import Problem

    if not os.path.isdir(os.path.join(ROOT, "tests")):
        raise Problem("The checks come with the source folder. Start main.py test there.")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if sys.platform.startswith("linux"):
        os.environ["LC_ALL"] = "C.UTF-8"
    try:
        check_qt(dict(os.environ))
    except Problem:
        if os.environ.get("CI") != "true" or not install_libraries():
            raise
        check_qt(dict(os.environ))
        say("Qt's libraries were missing. They are installed now, since this is CI and root.")
    python = [sys.executable, "-I", "-m"]
    failed = []
    say("ruff check .")
    if subprocess.call(python + ["ruff", "check", "."], cwd=ROOT):
        failed.append("ruff")
    # mypy takes a minute of one core, which would leave the others idle before pytest.
    mypy = subprocess.Popen(
        python + ["mypy", "--strict"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8"
    )

    def wait_for_mypy() -> None:
        found = mypy.communicate()[0]
        say("\nmypy --strict\n{}".format(found))
        if mypy.returncode:
            failed.append("mypy")

    waiting = threading.Thread(target=wait_for_mypy)
    waiting.start()
    if not pytest_options:  # two files at a time; anything else can be set
        pytest_options = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
    code = subprocess.call(python + ["pytest"] + pytest_options, cwd=ROOT)
    waiting.join()
    if failed:
        say("\nFAILED: {}".format(" and ".join(failed)))
    return 1 if failed or code else 0


def has_display(platform: str, variables: "dict[str, str]") -> bool:
    if not platform.startswith("linux"):
        return True
    needed = {"xcb": ["DISPLAY"], "wayland": ["WAYLAND_DISPLAY"], "": ["DISPLAY", "WAYLAND_DISPLAY"]}
    names = needed.get(qt_platform(variables, ""))  # other platforms draw without a display server
    return names is None or any(variables.get(name) for name in names)


def qt_platform(variables: "dict[str, str]", otherwise: str) -> str:
    """Return the platform that QT_QPA_PLATFORM asks for first: `wayland;xcb` and `xcb:options` are legal."""
    return variables.get("QT_QPA_PLATFORM", "").replace(";", ":").split(":")[0] or otherwise


def check_qt(variables: "dict[str, str]") -> None:
    """Raise Problem where Qt, or its plugin for this display, lacks a library of the system.

    Loading the very files is the exact test; Qt itself would abort with a page of text.
    """
    if not sys.platform.startswith("linux"):
        return
    from engine.bootstrap.commands import command as this_program
    from engine.bootstrap.environment import Problem
    from engine.bootstrap.sentences import setup_sentence

    name = qt_platform(variables, "wayland" if variables.get("WAYLAND_DISPLAY") else "xcb")
    try:
        import PySide6.QtWidgets

        folder = os.path.join(os.path.dirname(PySide6.QtWidgets.__file__), "Qt", "plugins", "platforms")
        plugin = os.path.join(folder, "libq{}.so".format(name))
        if name != "wayland" and os.path.exists(plugin):  # without wayland's libraries Qt goes on to X11
            import ctypes

            ctypes.CDLL(plugin)
    except (ImportError, OSError) as error:
        raise Problem(libraries_sentence(missing_libraries(name), str(error))) from error
    if name == "xcb" and not answers_on_x11():
        display, program = variables.get("DISPLAY"), this_program()
        raise Problem(setup_sentence("bootstrap.start.display_does_not_answer", display=display, program=program))


def answers_on_x11() -> bool:
    """Return whether the X server of DISPLAY takes a connection."""
    import ctypes

    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    refused = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not refused


def missing_libraries(platform_name: str) -> "dict[str, str]":
    """Return the libraries that the system lacks for this Qt platform, with their packages."""
    import ctypes

    missing = {}
    for library, package in dict(QT_LIBRARIES, **X11_LIBRARIES if platform_name == "xcb" else {}).items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing[library] = package
    return missing


def install_libraries() -> bool:
    """Install Qt's libraries where this process may: as root on a system with apt-get. Return whether it went well."""
    import shutil
    import subprocess

    apt = shutil.which("apt-get")
    if not apt or sys.platform == "win32" or os.geteuid() != 0:
        return False
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    packages = list(QT_LIBRARIES.values())
    for arguments in (["update"], ["install", "-y", "--no-install-recommends"] + packages):
        say("apt-get " + " ".join(arguments))
        if subprocess.call([apt, "-qq"] + arguments, env=environment, stdout=subprocess.DEVNULL):
            return False
    return True


def libraries_sentence(missing: "dict[str, str]", cause: str) -> str:
    from engine.bootstrap.commands import command as this_program
    from engine.bootstrap.sentences import setup_sentence

    if not missing:
        return setup_sentence("bootstrap.start.qt_not_loaded", cause=cause, program=this_program())
    names, packages = ", ".join(missing), " ".join(missing.values())
    return setup_sentence("bootstrap.start.qt_lacks_libraries", libraries=names, packages=packages)


def old_python_sentence(version: "tuple[int, ...]") -> str:
    return (
        "Tunewright needs Python 3.11 or newer and this is Python {}.{}. Install a newer Python and start "
        "main.py with it, for example: {} main.py".format(
            version[0], version[1], "py -3.13" if sys.platform == "win32" else "python3.13"
        )
    )


def say(sentence: str) -> None:
    if sys.stderr is not None:
        print(sentence, file=sys.stderr, flush=True)
        return
    from engine.bootstrap.console import show_without_console

    show_without_console(sentence)


if __name__ == "__main__":
    console()
