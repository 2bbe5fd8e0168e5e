"""A browser made of Chromium without a window, spoken to over its DevTools protocol; imports nothing of ours.

The protocol is JSON over two pipes, with a zero after each message. A browser whose pipes close ends, so that none
remains where the process that asks it is ended.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from types import TracebackType
from typing import Any

PATIENCE = 60.0  # seconds until the first reply
SLOWEST = 300.0  # seconds for every other
NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows would open a console for it
FLAGS = (
    "--headless",
    "--remote-debugging-pipe",
    "--disable-gpu",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-quic",
    "--disable-dev-shm-usage",
)
# Takes the place of Python with the pipes at 3 and 4, where the browser reads and writes.
_AT_3_AND_4 = (
    "import os, sys; low, high = map(int, sys.argv[1:3]); os.dup2(low, 3); os.dup2(high, 4); "
    "os.execvp(sys.argv[3], sys.argv[3:])"
)


class NoBrowser(Exception):
    """It did not start; the text has the reason."""


class Browser:
    """A browser with one page, in a profile of its own that ends with it."""

    def __init__(self, program: str, address: str, *flags: str) -> None:
        """Starts it and opens `address`; raises `NoBrowser`."""
        self.events: list[dict[str, Any]] = []
        self._number, self._session, self._read = 0, "", b""
        self._profile = tempfile.TemporaryDirectory(prefix="page-", ignore_cleanup_errors=True)
        try:
            self._start(program, flags)
            target = self.ask("Target.createTarget", url="about:blank")["targetId"]
            self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        except (OSError, ValueError) as error:
            self.close()
            raise NoBrowser(f"{type(error).__name__}: {error}") from error
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.ask(f"{domain}.enable")
        self.ask("Page.navigate", url=address)
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.events.append(self._message(SLOWEST))

    def __enter__(self) -> Browser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def ask(self, method: str, **arguments: Any) -> dict[str, Any]:
        """The result of a command; events that come before it are kept."""
        self._number += 1
        command = {"id": self._number, "method": method, "params": arguments}
        if self._session:
            command["sessionId"] = self._session
        self._to.write(json.dumps(command).encode() + b"\0")
        self._to.flush()
        while True:
            message = self._message(SLOWEST if self._session else PATIENCE)
            if message.get("id") != self._number:
                self.events.append(message)
                continue
            if "error" in message:
                raise ValueError(f"{method}: {message['error'].get('message')}")
            result: dict[str, Any] = message["result"]
            return result

    def value(self, expression: str) -> Any:
        """What an expression of JavaScript has as its value, awaited; raises `ValueError` where it fails."""
        found = self.ask("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in found:
            raise ValueError(str(found["exceptionDetails"].get("exception", {}).get("description", found)))
        return found["result"].get("value")

    def close(self) -> None:
        """Ends it and removes its profile."""
        if hasattr(self, "_process"):
            self._process.kill()
            self._process.wait()
            self._to.close()
            self._from.close()
        self._profile.cleanup()

    def _start(self, program: str, flags: tuple[str, ...]) -> None:
        commands, to = os.pipe()
        back, replies = os.pipe()
        # The user root has no sandbox.
        own = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
        command = [program, *FLAGS, *own, *flags, f"--user-data-dir={self._profile.name}"]
        kept: dict[str, Any] = {}
        high: list[int] = []
        if sys.platform == "win32":
            import msvcrt

            handles = [msvcrt.get_osfhandle(end) for end in (commands, replies)]
            for handle in handles:
                os.set_handle_inheritable(handle, True)
            command.append("--remote-debugging-io-pipes={},{}".format(*handles))
            kept = {"close_fds": False}
        else:
            import fcntl

            high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (commands, replies)]
            command = [sys.executable, "-I", "-c", _AT_3_AND_4, *map(str, high), *command]
            kept = {"pass_fds": high}
        nothing = subprocess.DEVNULL
        try:
            self._process = subprocess.Popen(
                command, stdin=nothing, stdout=nothing, stderr=nothing, creationflags=NO_WINDOW, **kept
            )
        finally:
            for end in (commands, replies, *high):
                os.close(end)
        self._to, self._from = os.fdopen(to, "wb"), os.fdopen(back, "rb", buffering=0)

    def _message(self, patience: float) -> dict[str, Any]:
        late = threading.Timer(patience, self._process.kill)  # its pipe then ends
        late.start()
        try:
            while b"\0" not in self._read:
                piece = self._from.read(2**20)
                if not piece:
                    raise ValueError("the browser ended")
                self._read += piece
        finally:
            late.cancel()
        content, _, self._read = self._read.partition(b"\0")
        found: dict[str, Any] = json.loads(content)
        return found
