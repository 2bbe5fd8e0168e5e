"""Python processes that need not import torch: each is forked from one process that has imported it already.

A clean process imports torch and transformers for five seconds before it does what a test waits for. `warm_python`
makes an executable that takes the place of `sys.executable` in a command such as `python -I script.py argument` or
`python -I -c code`. What is started stays a process of its own: its folder, environment, streams, exit code and
`kill()` are those of any other, and it holds nothing of this program. It differs from a fresh one in three ways: the
packages of `PACKAGES` are imported; variables that they read while they are imported (`OMP_NUM_THREADS`, `HF_HUB_…`)
are those of the first process; and everything runs in one thread.

Where a process cannot be forked (Windows), the executable is Python's own.
"""

from __future__ import annotations

import importlib
import json
import os
import runpy
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
import types
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from filelock import FileLock

PACKAGES = (
    "accelerate",
    "datasets",
    "peft",
    "seqeval.metrics",
    "sklearn.linear_model",
    "sklearn.metrics",
    "torch",
    "transformers",
)
# The names of transformers are imported when they are asked for.
TRANSFORMERS = "AutoModel AutoModelForSequenceClassification AutoModelForTokenClassification AutoTokenizer BertModel"
TRANSFORMERS += " BertForSequenceClassification BertForTokenClassification Trainer TrainingArguments pipeline"
OPTIONS_WITH_A_VALUE = ("-W", "-X")
COMMANDS, LEASES = "commands", "leases"  # the sockets

# Is between the test and the forked process: passes its streams, its folder and its variables, and ends with it.
CLIENT = """
import json, os, socket, sys
line = socket.socket(socket.AF_UNIX)
line.connect({address!r})
message = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode("utf-8", "surrogateescape")
socket.send_fds(line, [len(message).to_bytes(8, "big")], [0, 1, 2])
line.sendall(message)
code = int.from_bytes(line.recv(8, socket.MSG_WAITALL), "big", signed=True)
if code < 0:
    os.kill(os.getpid(), -code)
os._exit(code)
"""


@contextmanager
def warm_python(shared: Path, variables: dict[str, str]) -> Iterator[str]:
    """The path of the executable. The first process imports the packages with these variables.

    Those who name the same `shared` folder have one first process, which ends when the last of them has left.
    """
    if not hasattr(os, "fork"):
        yield sys.executable
        return
    note = shared / "warm-python"  # where the sockets are: their paths have room for a hundred characters only
    with socket.socket(socket.AF_UNIX) as lease:
        with FileLock(shared / "warm-python.lock"):
            if not note.is_file() or lease.connect_ex(str(Path(note.read_text("utf-8")) / LEASES)):
                folder = Path(tempfile.mkdtemp(prefix="warm-"))
                _start(folder, variables)
                note.write_text(str(folder), "utf-8")
                lease.connect(str(folder / LEASES))
            folder = Path(note.read_text("utf-8"))
        yield str(folder / "python")


def _start(folder: Path, variables: dict[str, str]) -> None:
    """Writes the executable; returns once the first process has imported everything and takes commands."""
    client, executable = folder / "client.py", folder / "python"
    client.write_text(CLIENT.format(address=str(folder / COMMANDS)), "utf-8")
    executable.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "{client}" "$@"\n', "utf-8")
    executable.chmod(0o700)
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    subprocess.run(
        [sys.executable, "-I", "-W", "ignore", __file__, str(folder)],
        env=variables | one_thread,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=True,
    )


def serve(folder: Path) -> None:
    """Imports the packages and goes on alone: forks once for each command until nobody has a lease any more."""
    for name in PACKAGES:
        importlib.import_module(name)
    for name in TRANSFORMERS.split():
        getattr(sys.modules["transformers"], name)
    with socket.socket(socket.AF_UNIX) as commands, socket.socket(socket.AF_UNIX) as leases:
        for listener, name in ((commands, COMMANDS), (leases, LEASES)):
            listener.bind(str(folder / name))
            listener.listen()
        if os.fork():
            os._exit(0)  # which shows the one who waits that commands are taken
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that attend to a command
        held = [leases.accept()[0]]
        while held:
            waiting, _, _ = select.select([commands, leases, *held], [], [])
            for lease in waiting:
                if lease in held:  # a lease sends nothing until its end
                    held.remove(lease)
                    lease.close()
            if leases in waiting:
                held.append(leases.accept()[0])
            if commands in waiting:
                line, _ = commands.accept()
                with line:
                    if os.fork() == 0:
                        for other in (commands, leases, *held):
                            other.close()
                        attend(line)
    shutil.rmtree(folder)


def attend(line: socket.socket) -> NoReturn:
    """Runs one command in a process of its own; ends that one too when the client has gone, as after `kill()`."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    size, streams, _, _ = socket.recv_fds(line, 8, 3)
    arguments, folder, variables = json.loads(line.recv(int.from_bytes(size, "big"), socket.MSG_WAITALL))
    child = os.fork()
    if child == 0:
        line.close()
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(variables)
        os._exit(run(arguments))
    for stream in streams:
        os.close(stream)
    while (ended := os.waitpid(child, os.WNOHANG)) == (0, 0):
        if select.select([line], [], [], 0.01)[0]:
            os.kill(child, signal.SIGKILL)
            os._exit(0)
    line.sendall(os.waitstatus_to_exitcode(ended[1]).to_bytes(8, "big", signed=True))
    os._exit(0)


def run(arguments: list[str]) -> int:
    """Does what `python` does with these arguments: options, then `-c` and code or a script; returns the exit code."""
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(number, mode) for number, mode in enumerate("rww"))
    warnings.resetwarnings()
    sys.warnoptions.clear()
    while arguments and arguments[0].startswith("-") and arguments[0] != "-c":
        option = arguments.pop(0)
        value = arguments.pop(0) if option in OPTIONS_WITH_A_VALUE else ""
        if option == "-W":
            warnings.simplefilter(value)  # type: ignore[arg-type]
    try:
        if arguments[0] == "-c":
            sys.argv = ["-c", *arguments[2:]]
            main = sys.modules["__main__"] = types.ModuleType("__main__")
            exec(compile(arguments[1], "<string>", "exec"), vars(main))
        else:
            sys.argv = arguments
            runpy.run_path(arguments[0], run_name="__main__")
        code: object = 0
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
        code = 1
    if isinstance(code, str):
        print(code, file=sys.stderr)
    sys.stdout.flush()
    sys.stderr.flush()
    return code if isinstance(code, int) else int(code is not None)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
