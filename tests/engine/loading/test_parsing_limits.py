"""A tokenizer that grows without end is ended by the guard of parsing, and named."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import ROOT

PATIENCE = float(os.environ.get("TUNEWRIGHT_TEST_PATIENCE", "5"))
LOAD = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
import transformers.models.auto.tokenization_auto
from engine.cli.terminal import error_lines
from engine.loading.tokenizer import load_tokenizer
from engine.runtime.parsing_guard import guarding
with guarding(error_lines, sys.__stderr__.buffer):
    load_tokenizer(Path(sys.argv[2]))
print("loaded")
"""


def loaded(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", "-c", LOAD, str(ROOT), str(folder)],
        capture_output=True,
        text=True,
        timeout=120 * PATIENCE,
        env={**os.environ, "HOME": str(folder.parent)},
    )


@pytest.mark.nightly
@pytest.mark.skipif(os.name == "nt", reason="a process that is ended has another exit code there")
def test_a_normalizer_that_doubles_the_text_again_and_again_is_ended_and_named(folder: Path) -> None:
    path = folder / "tokenizer.json"
    values = json.loads(path.read_text("utf-8"))
    values["normalizer"] = {
        "type": "Sequence",
        "normalizers": [{"type": "Replace", "pattern": {"String": "a"}, "content": "aa"}] * 40,
    }
    path.write_text(json.dumps(values), "utf-8")
    settings = folder / "tokenizer_config.json"
    plain = {**json.loads(settings.read_text("utf-8")), "tokenizer_class": "PreTrainedTokenizerFast"}
    settings.write_text(json.dumps(plain), "utf-8")  # BERT's own class makes the normalizer anew
    done = loaded(folder)
    assert done.returncode == -9
    assert "Reading tokenizer.json of this model was ended" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.nightly
def test_a_sound_tokenizer_is_loaded_within_the_limits(folder: Path) -> None:
    assert loaded(folder).stdout == "loaded\n"
