"""One window to a workspace: a second start brings the first window to the front, opens its recipe there and ends.

The lock is the system's own, tied to an open file: it goes with the process however that ends, and what is in the
file means nothing. The window listens on a local socket that only this user may use; the one thing it can be asked is
to show itself, and to open a recipe as its menu does. Everything else that arrives there is dropped and logged. Uses
no window and no engine.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, Timeout
from PySide6.QtCore import QObject, QTimer
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from engine.contract.sentences import NOTHING, Sentence

log = logging.getLogger("tunewright.window")

VERSION = 1
LONGEST_MESSAGE = 32_000  # bytes; the longest path of Linux has 4,096, each of six letters at most in JSON
LONGEST_PATH = 80  # bytes; a socket's path has about 100, and Qt needs some while it makes one
ANSWER_SECONDS = 5.0  # until a window that does not answer is given up
PATIENCE = 20.0  # seconds for a window that is just opening or closing
SHOWN, LEAVING = b"shown\n", b"leaving\n"
IS_SHOWN = "gui.shell.already_open"  # the sentence of a start that has brought the window to the front

Show = Callable[[Path | None], bool]  # brings the window to the front, with a recipe; False where it is about to close


class ShowRequest(NamedTuple):
    """What a later start asks for."""

    recipe: Path | None


class SingleInstance(QObject):
    """The right to be the window of a workspace, and the ear for later starts."""

    def __init__(self, root: Path, show: Show, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._show = show
        self._root = root
        self._lock = FileLock(root / "window.lock", timeout=0, thread_local=False)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._take_connections)
        self._messages: dict[QLocalSocket, bytes] = {}

    def begin(self, patience: float = PATIENCE, recipe: Path | None = None) -> Sentence:
        """Takes the workspace, or has its window shown; returns the sentence to end with, empty where it is ours.

        The other window opens the recipe; where the workspace is ours, that is left to the caller.

        Where the folder cannot be written or the system has no such locks, it is ours: there is nothing to collide.
        """
        until = time.monotonic() + patience
        while True:
            try:
                self._root.mkdir(parents=True, exist_ok=True)
                self._lock.acquire()
            except Timeout:
                seconds = max(0.1, min(ANSWER_SECONDS, until - time.monotonic()))
                if ask_to_show(self._root, recipe, seconds=seconds):
                    return Sentence("gui.shell.already_open")
                if time.monotonic() >= until:
                    return Sentence("gui.shell.window_does_not_answer")
                time.sleep(0.1)  # there is no window yet, or it is about to go
            except (OSError, NotImplementedError) as error:
                log.info("%s cannot be locked: %s", self._root.name, error)
                return NOTHING
            else:
                self._listen()
                return NOTHING

    def end(self) -> None:
        """Leaves the workspace to the next start."""
        self._server.close()
        self._lock.release()

    def _listen(self) -> None:
        for name in socket_names(self._root):
            QLocalServer.removeServer(name)  # left by a process that was killed: the lock is ours
            if self._server.listen(name):
                return
        log.warning("Later starts cannot reach this window: %s", self._server.errorString())

    def _take_connections(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            self._messages[socket] = b""
            socket.readyRead.connect(partial(self._read, socket))
            socket.disconnected.connect(partial(self._forget, socket))
            QTimer.singleShot(round(1000 * ANSWER_SECONDS), socket, socket.abort)
            self._read(socket)

    def _read(self, socket: QLocalSocket) -> None:
        if socket not in self._messages:
            return
        self._messages[socket] += bytes(socket.read(LONGEST_MESSAGE + 1).data())
        message = self._messages[socket]
        if b"\n" in message or len(message) > LONGEST_MESSAGE:
            self._answer(socket, message)

    def _answer(self, socket: QLocalSocket, message: bytes) -> None:
        del self._messages[socket]
        if request := show_request(message):
            socket.write(SHOWN if self._show(request.recipe) else LEAVING)
            socket.disconnectFromServer()
        else:
            log.warning("%d bytes on the window's socket were not understood.", len(message))
            socket.abort()

    def _forget(self, socket: QLocalSocket) -> None:
        if self._messages.pop(socket, b""):
            log.warning("A message on the window's socket broke off.")
        socket.deleteLater()


def ask_to_show(root: Path, recipe: Path | None = None, *, seconds: float) -> bool:
    """Asks the window of this workspace to come to the front; returns whether it did."""
    request = {"version": VERSION, "request": "show", **({"recipe": str(recipe)} if recipe else {})}
    for name in socket_names(root):
        socket = QLocalSocket()
        socket.connectToServer(name)
        if socket.waitForConnected(round(1000 * seconds)):
            socket.write(json.dumps(request).encode() + b"\n")
            socket.waitForBytesWritten(round(1000 * seconds))
            if not socket.bytesAvailable():
                socket.waitForReadyRead(round(1000 * seconds))
            answer = bytes(socket.readAll().data())
            socket.abort()
            return answer == SHOWN
    return False


def show_request(message: bytes) -> ShowRequest | None:
    """What one line in our version asks for, where it asks for the window; nothing else is ever understood."""
    if len(message) > LONGEST_MESSAGE or not message.endswith(b"\n"):
        return None
    with contextlib.suppress(ValueError, RecursionError):
        match json.loads(message):
            case {"version": 1, "request": "show", "recipe": str(recipe), **more} if not more:
                return ShowRequest(Path(recipe)) if "\0" not in recipe and Path(recipe).is_absolute() else None
            case {"version": 1, "request": "show", **more} if not more:
                return ShowRequest(None)
    return None


def socket_names(root: Path) -> tuple[str, ...]:
    """Where the window of a workspace listens: in the folder itself or, where that cannot be, under a name of its own.

    A name without a folder lies in the system's folder for temporary files; on Windows it is a pipe.
    """
    real = root.resolve()
    digest = hashlib.sha256(os.fsencode(real)).hexdigest()[:20]
    inside = real / "window.socket"
    elsewhere = f"tunewright-{digest}"
    return (elsewhere,) if os.name == "nt" or len(os.fsencode(inside)) > LONGEST_PATH else (str(inside), elsewhere)
