"""Which version of a package is installed here."""

from __future__ import annotations

import importlib.metadata


def installed(package: str) -> str:
    """The installed version of a package, or an empty string; imports nothing of it."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""
