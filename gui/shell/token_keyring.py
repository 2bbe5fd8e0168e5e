"""The access token for the Hub in the system's keyring, where there is one; nothing here writes it anywhere else.

A keyring may be missing (no desktop), locked, or wait for a password in a window of its own: to be called in a thread.
Every failure means that there is none. A backend that keeps passwords in a plain file (`keyrings.alt`, which rates
itself below 1) counts as none.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

SERVICE, USER = "tunewright", "Hugging Face Hub"
LEAST_PRIORITY = 1  # keyring's own bound for a backend that is recommended


class _NoKeyring(Exception):
    """Nothing keeps the token."""


def has_keyring() -> bool:
    """Whether the system has a keyring that can be used."""
    with contextlib.suppress(_NoKeyring), _asked():
        import keyring

        return bool(keyring.get_keyring().priority >= LEAST_PRIORITY)
    return False


def stored_token() -> str:
    """The token in the keyring, or an empty string."""
    with contextlib.suppress(_NoKeyring), _asked():
        import keyring

        return keyring.get_password(SERVICE, USER) or ""
    return ""


def store_token(token: str) -> bool:
    """Puts the token into the keyring, an empty one removes it; whether it is so now."""
    with contextlib.suppress(_NoKeyring), _asked():
        import keyring

        if token:
            keyring.set_password(SERVICE, USER, token)
        elif keyring.get_password(SERVICE, USER) is not None:
            keyring.delete_password(SERVICE, USER)
        return True
    return False


@contextlib.contextmanager
def _asked() -> Iterator[None]:
    """Turns whatever goes wrong into `_NoKeyring`: each backend has errors of its own, such as those of D-Bus."""
    try:
        yield
    except Exception as error:
        raise _NoKeyring from error
