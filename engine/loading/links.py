"""A second name for a file, without a second copy of it where the system allows that."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

from engine.storage import full_disk_named


def link_file(original: Path, place: Path) -> None:
    """Makes `place` lead to `original`: a link, where the system allows none a second name, else a copy."""
    staging = place.with_name(f".staging-{os.getpid()}-{place.name}")
    staging.unlink(missing_ok=True)
    try:
        original = original.resolve()
        for make in (os.symlink, os.link):
            with contextlib.suppress(OSError, NotImplementedError):
                make(original, staging)
                break
        else:
            with full_disk_named(place.name):
                shutil.copyfile(original, staging)
        staging.replace(place)
    finally:
        staging.unlink(missing_ok=True)
