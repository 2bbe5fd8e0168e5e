"""The access token for the Hub in the system's keyring, where there is one; nothing here writes it anywhere else.

A keyring may be missing, locked, or wait for a password in a window of its own: to be called in a thread. Every failure
means that there is none.
"""

from __future__ import annotations

import importlib
from typing import Any

SERVICE, USER = "tunewright", "Hugging Face Hub"


def has_keyring() -> bool:
    """Whether the system has a keyring that can be used."""
    keyring = _keyring()
    try:
        return keyring is not None and bool(keyring.get_keyring().priority >= 1)
    except Exception:  # each backend has errors of its own, such as those of D-Bus
        return False


def stored_token() -> str:
    """The token in the keyring, or an empty string."""
    keyring = _keyring()
    try:
        return str(keyring.get_password(SERVICE, USER) or "") if keyring is not None else ""
    except Exception:  # as above
        return ""


def store_token(token: str) -> bool:
    """Puts the token into the keyring, an empty one removes it; whether that has worked."""
    keyring = _keyring()
    if keyring is None:
        return False
    try:
        if token:
            keyring.set_password(SERVICE, USER, token)
        else:
            keyring.delete_password(SERVICE, USER)
    except Exception:  # as above
        return False
    return True


def _keyring() -> Any:
    """The package, which is not among those that the program installs."""
    try:
        return importlib.import_module("keyring")
    except ImportError:
        return None
