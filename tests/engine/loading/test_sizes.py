"""No number in a config.json makes the load slow or large: what it would build is bounded by what the weights hold."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from transformers import CONFIG_MAPPING

from engine.contract.errors import EngineError
from engine.loading.configuration import (
    COMMON_KEYS,
    ENCODERS,
    FURTHER_KEYS,
    LARGEST,
    LARGEST_SIZE,
    WINDOWS,
    parse_configuration,
)
from engine.workspace.layout import Workspace
from tests.engine.family_folders import family_folder
from tests.engine.loading.folders import change_config, loaded, refusal

SECONDS = 5 * float(os.environ.get("TUNEWRIGHT_TEST_PATIENCE", "5"))
ROOM = 1_000_000_000  # bytes that a load of a model of some kilobytes may ask the system for
# Loops of their own, tables that are computed, or lists with an entry for each layer.
BUILT_OTHERWISE = ("albert", "bert", "distilbert", "longformer", "mobilebert", "modernbert", "roformer")


@contextmanager
def limited() -> Iterator[None]:
    """Ends what takes longer than `SECONDS` or more than `ROOM`."""
    import resource

    def too_late(number: int, frame: object) -> None:
        raise TimeoutError("took too long")

    before = resource.getrlimit(resource.RLIMIT_AS)
    handler = signal.signal(signal.SIGALRM, too_late)
    resource.setrlimit(resource.RLIMIT_AS, (psutil.Process().memory_info().vms + ROOM, before[1]))
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        resource.setrlimit(resource.RLIMIT_AS, before)


def whole_number_keys(family: str) -> set[str]:
    """Every key of the family whose usual value is a whole number, a list of them or not said."""
    usual = {**CONFIG_MAPPING[family]().to_dict(), **dict.fromkeys(FURTHER_KEYS.get(family, ()))}
    keys = {key for key, value in usual.items() if value is None or type(value) in (int, list)}
    aliases = set(CONFIG_MAPPING[family].attribute_map)
    return (keys | aliases | {"num_labels"}) - (COMMON_KEYS - {"num_labels"})


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits are set as Linux has them")
@pytest.mark.parametrize(
    "family",
    [pytest.param(one, marks=() if one in BUILT_OTHERWISE else pytest.mark.nightly) for one in sorted(ENCODERS)],
)
@pytest.mark.parametrize("is_allowed", [True, pytest.param(False, marks=pytest.mark.nightly)])
def test_no_size_of_any_family_makes_the_load_slow_or_large(
    family: str, is_allowed: bool, tmp_path: Path, workspace: Workspace
) -> None:
    """What is larger than any size that is allowed is refused by each key's name, below in short."""
    folder = family_folder(tmp_path / "model", family)
    usual = (folder / "config.json").read_bytes()
    for key in sorted(whole_number_keys(family)):
        allowed: tuple[object, ...] = (LARGEST.get(key, LARGEST_SIZE), [LARGEST_SIZE] * 3)
        for value in allowed if is_allowed else (10**9, 10**12, [10**9] * 3):
            (folder / "config.json").write_bytes(usual)
            change_config(folder, **{key: value})
            with limited():
                refused = refusal_or_none(folder, workspace)
            if refused is not None:
                assert refused.id in ("M3", "M7", "M9"), (key, value, refused)
                assert "emory" not in refused.details, (key, value, refused.details)


def refusal_or_none(folder: Path, workspace: Workspace) -> EngineError | None:
    try:
        loaded(folder, workspace)
    except EngineError as error:
        return error
    return None


@pytest.mark.parametrize(
    "key", ["num_labels", "vocab_size", "max_position_embeddings", "type_vocab_size", "hidden_size"]
)
def test_an_enormous_size_is_refused_by_its_name(folder: Path, workspace: Workspace, key: str) -> None:
    change_config(folder, **{key: 10**9})
    error = refusal(folder, workspace)
    assert (error.id, f"{key} = {10**9}" in error.message) == ("M3", True)


def test_a_size_of_thousands_of_digits_is_refused(folder: Path, workspace: Workspace) -> None:
    usual = (folder / "config.json").read_text("utf-8")
    for key in ('"vocab_size": ', '"surprise": 1, "vocab_size": '):
        for digits in (400, 4_000, 6_000):
            large = key.replace(": ", ": 1" + "0" * digits, 1) + ("1" if "surprise" in key else "")
            (folder / "config.json").write_text(usual.replace('"vocab_size": ', large), "utf-8")
            assert refusal(folder, workspace).id == "M3"


@pytest.mark.parametrize(
    ("family", "changes", "key"),
    [
        ("albert", {"num_hidden_groups": 200, "inner_group_num": 200}, "num_hidden_groups"),
        ("mobilebert", {"num_hidden_layers": 200, "num_feedforward_networks": 200}, "num_hidden_layers"),
        ("bert", {"num_hidden_layers": 200}, "num_hidden_layers"),
        ("distilbert", {"sinusoidal_pos_embds": True, "max_position_embeddings": 900_000}, "max_position_embeddings"),
        ("roformer", {"max_position_embeddings": 900_000}, "max_position_embeddings"),
        ("bert", {"vocab_size": 4_000_000}, "vocab_size"),
    ],
)
def test_what_the_weights_cannot_hold_is_named_with_its_key(
    tmp_path: Path, workspace: Workspace, family: str, changes: dict[str, Any], key: str
) -> None:
    folder = family_folder(tmp_path / "model", family)
    change_config(folder, **changes)
    error = refusal(folder, workspace)
    assert (error.id, f"{key} = {changes[key]}" in error.message) == ("M7", True)


@pytest.mark.parametrize("key", sorted(WINDOWS))
def test_a_window_longer_than_any_text_is_refused(key: str) -> None:
    families = [family for family in sorted(ENCODERS) if key in CONFIG_MAPPING[family]().to_dict()]
    assert families
    both = {"num_landmarks": 5_000, "segment_means_seq_len": 5_000}  # which must be equal
    for family in families:
        values = {"model_type": family, **(both if key in both else {key: 5_000})}
        with pytest.raises(EngineError, match=" = 5000, which no model has"):
            parse_configuration(json.dumps({**values, "max_position_embeddings": 512}).encode())
        parse_configuration(json.dumps({**values, "max_position_embeddings": 8_192}).encode())
