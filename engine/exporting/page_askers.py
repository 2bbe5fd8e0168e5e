"""What can ask an offline page on this computer: Node.js, or a browser made of Chromium without a window."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal, NamedTuple

from engine.bootstrap.console import NO_WINDOW
from engine.contract.sentences import Sentence

IN_NODE = Path(__file__).parents[2] / "resources" / "offline_page" / "ask_in_node.mjs"
IN_BROWSER = Path(__file__).with_name("browser_client.py")
OLDEST_NODE = 20  # which has all that a page needs
NO_BROWSER = "no browser:"  # begins what the client reports where the browser does not start
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
    "microsoft-edge",
)
_FOLDERS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
_WINDOWS = ("Google/Chrome/Application/chrome.exe", "Microsoft/Edge/Application/msedge.exe")
_MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)


class Asker(NamedTuple):
    """A program that can open the page."""

    kind: Literal["node", "browser"]
    path: str

    @property
    def name(self) -> str:
        """What it is called in a sentence."""
        return "Node.js" if self.kind == "node" else Path(self.path).stem

    def request(self) -> dict[str, Any]:
        """Its part of a request to the proof script."""
        return {self.kind: self.path, "client": str(IN_NODE if self.kind == "node" else IN_BROWSER)}


def found_asker() -> Asker | Sentence:
    """Node.js where it is new enough, else a browser; without both, why the page cannot be asked here."""
    node = shutil.which("node")
    version = node_version(node) if node else 0
    if node and version >= OLDEST_NODE:
        return Asker("node", node)
    browser = found_browser()
    if browser:
        return Asker("browser", browser)
    if node:
        return Sentence("exporting.unproven.old_node", version=version, oldest=OLDEST_NODE)
    return Sentence("exporting.unproven.no_browser", oldest=OLDEST_NODE)


def node_version(node: str) -> int:
    """The first number of its version, 0 where it does not start."""
    try:
        done = subprocess.run(
            [node, "--version"], capture_output=True, text=True, timeout=20, check=False, creationflags=NO_WINDOW
        )
        return int(done.stdout.strip().removeprefix("v").partition(".")[0])
    except (OSError, ValueError, subprocess.SubprocessError):
        return 0


def found_browser() -> str:
    """The path of Chromium, Chrome or Edge; empty without any."""
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    if sys.platform == "win32":
        folders = [Path(os.environ[name]) for name in _FOLDERS if os.environ.get(name)]
        places = [folder / path for path in _WINDOWS for folder in folders]
    else:
        places = [Path(path) for path in _MAC] if sys.platform == "darwin" else []
    return next((str(path) for path in places if path.is_file()), "")
