"""All artefacts beside the folder for transformers, in the order in which they are made; see contract/artefacts.py."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from engine.contract.artefacts import ArtefactName
from engine.exporting.artefact_proof import Making
from engine.exporting.notebook import make_notebook
from engine.exporting.offline_page import make_page
from engine.exporting.onnx_models import make_models
from engine.exporting.programs import make_program

# What makes artefacts and puts their proofs into `Making.made`. The zip is made when all else is there: archive.py.
MAKERS: tuple[tuple[tuple[ArtefactName, ...], Callable[[Making], None]], ...] = (
    (("onnx", "onnx_int8", "onnx_fastest"), make_models),
    (("predict",), partial(make_program, name="predict")),
    (("service",), partial(make_program, name="service")),
    (("html",), make_page),
    (("notebook",), make_notebook),
)


def make_artefacts(making: Making) -> None:
    """Makes what is wanted."""
    for names, make in MAKERS:
        if set(names) & set(making.wanted):
            make(making)
