"""What Preferences of the window hold about the network, for the command line: mirror, proxy, folder, offline.

    take_network_of(Path("workspace"))   sets the variables that the environment leaves open

The access token is in no file: without a window it is that of HF_TOKEN.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from engine.contract.network import PROXY_NAMES, NetworkSettings, environment_of
from engine.workspace.layout import SETTINGS


def take_network_of(root: Path) -> None:
    """Sets what was chosen in this workspace's Preferences, where the environment has nothing else.

    Call it before anything of the Hub is imported, which reads the environment then. A file that cannot be read is
    left to the window, which sets it aside.
    """
    try:
        chosen = msgspec.json.decode((root / SETTINGS).read_bytes(), type=NetworkSettings)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return
    has_proxy = any(os.environ.get(name) for name in PROXY_NAMES)
    for name, value in environment_of(chosen, token="").items():
        if not os.environ.get(name) and not (has_proxy and name in PROXY_NAMES):
            os.environ[name] = value
