"""The network as ONNX: fp32, weights in 8 bits, and the fastest kind; all are written by one process.

The layout is that of ONNX Runtime and transformers.js: onnx/… beside config.json and tokenizer.json.
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import torch

from engine.contract.artefacts import ARTEFACTS, MODELS, ONNX, ArtefactName
from engine.contract.events import Progressed
from engine.contract.sentences import Sentence
from engine.contract.states import ArtefactProof
from engine.exporting.artefact_proof import Making, asked, last_line, proof_of, refused, without_answer
from engine.exporting.clean_process import ProcessFailed, run_clean
from engine.tasks.registry import task_facts
from engine.workspace.atomic_files import staging_folder
from engine.workspace.file_operations import remove_file, remove_folder

SCRIPT = Path(__file__).with_name("onnx_script.py")
STANDALONE = Path(__file__).with_name("standalone")
KEYS: dict[ArtefactName, str] = {"onnx": "fp32", "onnx_int8": "int8", "onnx_fastest": "fastest"}  # of the request
# Families whose attention cuts a text into windows: how many there are is a number of Python while the network is
# recorded, so that the file would hold for texts of one length alone.
WINDOWS_BY_LENGTH = frozenset({"longformer"})
NOTES = {
    "fp32": Sentence("exporting.progress.writing_onnx"),
    "int8": Sentence("exporting.progress.quantizing"),
    "fastest": Sentence("exporting.progress.quantizing"),
}


def make_models(making: Making) -> None:
    """Writes and proves the wanted models; what does not pass is left out, with the reason."""
    wanted = [name for name in MODELS if name in making.wanted]
    if not wanted:
        return
    if making.network.config.model_type in WINDOWS_BY_LENGTH:
        for name in wanted:
            windows = Sentence("exporting.refused.windows_by_length", title=ARTEFACTS[name].title)
            making.made[name] = refused(making, name, windows)
        return
    try:
        failed = _write(making, wanted)
    except ProcessFailed as error:
        remove_folder(making.folder / "onnx", ignore_errors=True)
        for name in wanted:
            making.made[name] = _unwritten(making, name, last_line(str(error)))
        return
    for name in wanted:
        reason = failed.get(KEYS[name])
        making.made[name] = _proven(making, name) if reason is None else _unwritten(making, name, reason)
    if "onnx" not in wanted:
        remove_file(making.folder / ONNX, missing_ok=True)
    folder = making.folder / "onnx"
    if not any(folder.iterdir()):
        folder.rmdir()


def _unwritten(making: Making, name: ArtefactName, reason: str) -> ArtefactProof:
    sentence = Sentence("exporting.refused.not_written", title=ARTEFACTS[name].title, reason=reason)
    return refused(making, name, sentence)


def _write(making: Making, wanted: list[ArtefactName]) -> dict[str, str]:
    """Runs the script; returns why files failed, by their key of the request."""
    files = {KEYS[name]: str(making.folder / ARTEFACTS[name].file) for name in {*wanted, "onnx"}}
    request = {
        "auto_class": task_facts(making.evaluation.run.dataset.task).auto_class,
        "token_types": reads_token_types(making),
        "threads": torch.get_num_threads(),
        **files,
    }
    notes, failed = [NOTES["fp32"]], {}

    def progress(line: str) -> Progressed:
        word, _, rest = line.removeprefix("onnx: ").partition(" ")
        if word == "failed":
            key, _, reason = rest.partition(" ")
            failed[key] = last_line(reason)
        elif word in NOTES:
            notes.append(NOTES[word])
        return Progressed(0, 0, notes[-1])

    (making.folder / "onnx").mkdir(exist_ok=True)
    with staging_folder(making.scratch) as place:
        (place / "request.json").write_text(json.dumps(request), "utf-8")
        run_clean(SCRIPT, [str(making.folder), str(place / "request.json")], place, progress, making.emit)
    return failed


def reads_token_types(making: Making) -> bool:
    """Whether token types are an input: the tokenizer gives them and the network takes them."""
    names: Any = making.tokenizer.model_input_names
    return "token_type_ids" in names and "token_type_ids" in inspect.signature(making.network.forward).parameters


def _proven(making: Making, name: ArtefactName) -> ArtefactProof:
    request = {"kind": "onnx", "model": ARTEFACTS[name].file, "predict": str(STANDALONE / "predict.py")}
    try:
        found = asked(making, request)
    except ProcessFailed as error:
        return refused(making, name, without_answer(name, error))
    return proof_of(making, name, found)
