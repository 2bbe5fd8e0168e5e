"""export --push: what is sent is shown and asked about, and nothing goes without a yes."""

from __future__ import annotations

import argparse
import io
from typing import Any

import pytest

from engine import stages
from engine.cli import commands
from engine.contract.queries import Pushed


class _Interrupts:
    def emit(self, _event: object) -> None:
        """Nobody listens."""

    def close(self) -> None:
        """The last progress line ends."""


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    def push_folder(folder: str, repository: str, _emit: object, *, private: bool) -> Pushed:
        found.append({"folder": folder, "repository": repository, "private": private})
        return Pushed("me/reviews", "https://hub/me/reviews", "c0ffee", 2, 1_500, private)

    files = [("config.json", 500), ("model.safetensors", 1_000)]
    monkeypatch.setattr(stages, "sent_to_hub", lambda folder, name: (name, files))
    monkeypatch.setattr(stages, "push_folder", push_folder)
    return found


def options(**changes: object) -> argparse.Namespace:
    return argparse.Namespace(**{"push": "me/reviews", "public": False, "yes": False, "json": False, **changes})


@pytest.mark.parametrize(
    ("answer", "sends"), [("y\n", True), ("yes\n", True), ("\n", False), ("n\n", False), ("", False)]
)
def test_it_is_asked_about(
    answer: str,
    sends: bool,
    sent: list[dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    commands._push(options(), "/exports/reviews", _Interrupts())  # type: ignore[arg-type]
    shown = capsys.readouterr()
    assert "2 files" in shown.err
    assert "private repository me/reviews" in shown.err
    assert "model.safetensors" in shown.err
    assert sent == ([{"folder": "/exports/reviews", "repository": "me/reviews", "private": True}] if sends else [])
    assert ("https://hub/me/reviews" in shown.out) == sends


def test_yes_asks_nothing_and_public_is_public(sent: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    commands._push(options(yes=True, public=True), "/exports/reviews", _Interrupts())  # type: ignore[arg-type]
    assert [one["private"] for one in sent] == [False]
