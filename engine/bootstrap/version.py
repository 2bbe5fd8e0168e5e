"""The program's own version, as --version, the model card and the training record name it."""

from __future__ import annotations

import importlib.metadata
import tomllib
from pathlib import Path


def program_version() -> str:
    """The version of the source folder this runs from, or of the installed package."""
    project = Path(__file__).parents[2] / "pyproject.toml"
    try:
        return str(tomllib.loads(project.read_text("utf-8"))["project"]["version"])
    except (OSError, tomllib.TOMLDecodeError, KeyError):
        return installed("tunewright") or "unknown"


def installed(package: str) -> str:
    """The installed version of a package, or an empty string; imports nothing."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""
