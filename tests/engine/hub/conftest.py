"""The Hub of the tests is that of the loading room."""

from __future__ import annotations

from tests.engine.loading.conftest import (  # noqa: F401
    folder,
    heard,
    hub,
    one_thread,
    tiny_files,
    tiny_folder,
    workspace,
)
