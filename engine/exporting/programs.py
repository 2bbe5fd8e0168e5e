"""predict.py and serve.py: the files of engine/exporting/standalone, beside a model, and asked as a user asks them."""

from __future__ import annotations

import shutil

from engine.contract.artefacts import ARTEFACTS, MODELS, ArtefactName
from engine.contract.sentences import Sentence
from engine.exporting.artefact_proof import Making, asked, proof_of, refused, without_answer
from engine.exporting.clean_process import ProcessFailed
from engine.exporting.onnx_models import STANDALONE

KINDS: dict[ArtefactName, str] = {"predict": "command", "service": "service"}  # of the proof script


def make_program(making: Making, name: ArtefactName) -> None:
    """Copies the file and asks it with the first model that has passed; without one, or predict.py, it is refused."""
    facts, model = ARTEFACTS[name], making.model_file
    if not model or not all(making.made[need].passed for need in facts.needs):
        making.made[name] = refused(making, name, Sentence("exporting.refused.needs", title=facts.title))
        return
    shutil.copyfile(STANDALONE / facts.file, making.folder / facts.file)
    try:
        found = asked(making, {"kind": KINDS[name], "model": model})
    except ProcessFailed as error:
        making.made[name] = refused(making, name, without_answer(name, error))
        return
    like = next(ARTEFACTS[one] for one in MODELS if ARTEFACTS[one].file == model)
    making.made[name] = proof_of(making, name, found, like=like)
