"""How long, and with how much memory, a file of somebody else may be parsed.

    with limited(slow=DatasetUnreadable(…), large=DatasetUnreadable(…)):
        …  # parse; call `progressed()` wherever it gets on

A parser can be inside native code that never returns, so the process cannot end itself: a guard beside it does
(`engine/runtime/parsing_guard.py`) and reports one of the two errors. Where no guard is set, nothing is limited.
Sections belong to the thread that opened them: what another thread gets on with renews nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple, Protocol

from engine.contract.errors import EngineError

SECONDS = 20.0  # without progress
MEMORY = 2_000_000_000  # bytes of resident memory, beyond what the process had before


class Guard(Protocol):
    """Watches one section after the other."""

    def begin(self, slow: EngineError, large: EngineError) -> None:
        """Watches from now on; one of the errors is reported where a limit is passed."""

    def progressed(self) -> None:
        """The time begins anew."""

    def end(self) -> None:
        """Watches no longer."""


class _Section(NamedTuple):
    slow: EngineError
    large: EngineError
    thread: int


_guards: list[Guard] = []  # at most one
_open: list[_Section] = []  # the inner ones last


def guard_with(guard: Guard | None) -> None:
    """Limits every section of this process by this guard; None: by none."""
    _guards[:] = [] if guard is None else [guard]


@contextmanager
def limited(slow: EngineError, large: EngineError) -> Iterator[None]:
    """Limits what is inside; `slow` and `large` name the file. Sections may lie within each other."""
    _open.append(_Section(slow, large, threading.get_ident()))
    for guard in _guards:
        guard.begin(slow, large)
    try:
        yield
    finally:
        _open.pop()
        for guard in _guards:
            guard.end()
            if _open:
                guard.begin(_open[-1].slow, _open[-1].large)


def progressed() -> None:
    """The parser gets on."""
    if _open and _open[-1].thread == threading.get_ident():
        for guard in _guards:
            guard.progressed()
