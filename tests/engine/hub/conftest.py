"""The Hub of the tests is that of the loading room."""

from __future__ import annotations

from tests.engine.loading.conftest import (  # noqa: F401
    folder,
    hub,
    one_thread,
    received,
    tiny_files,
    tiny_folder,
)
