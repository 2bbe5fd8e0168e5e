"""What an export can hold: each kind of artefact with its files and what it needs.

The window lists them, the command line has an option for each, engine/exporting/artefacts.py writes and proves
them. Uses no torch.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from engine.contract.sentences import Sentence

ArtefactName = Literal[
    "transformers", "onnx", "onnx_int8", "onnx_fastest", "predict", "service", "html", "notebook", "zip"
]

ONNX = "onnx/model.onnx"
# The names by which transformers.js finds them: dtype "q8" and dtype "int8".
ONNX_INT8 = "onnx/model_quantized.onnx"
ONNX_FASTEST = "onnx/model_int8.onnx"
PREDICT, SERVICE, PAGE, NOTEBOOK = "predict.py", "serve.py", "offline.html", "repeat_run.ipynb"
_VARIES = "Fastest, but its answers vary with the texts in the same batch."


class ArtefactFacts(NamedTuple):
    """One kind of artefact."""

    name: ArtefactName
    title_en: str
    sentence_en: str
    option: str = ""  # of the command line; empty: always there
    file: str = ""  # where it is in the folder; empty: several files, or a name of its own
    needs_model: bool = False  # one of the ONNX models must be there
    needs: tuple[ArtefactName, ...] = ()
    least_agreement: float = 1.0  # with the trained network, below which it is refused
    least_batch_agreement: float = 1.0  # of one text alone with 32 at a time

    @property
    def title(self) -> Sentence:
        """What it is called."""
        return _named(f"{self.name}.title", self.title_en)

    @property
    def sentence(self) -> Sentence:
        """What it is for."""
        return _named(f"{self.name}.sentence", self.sentence_en)


ARTEFACTS: dict[ArtefactName, ArtefactFacts] = {
    facts.name: facts
    for facts in (
        ArtefactFacts(
            name="transformers",
            title_en="Folder for transformers",
            sentence_en="Weights, tokenizer and configuration, for everything that is built on transformers.",
        ),
        ArtefactFacts(
            name="onnx",
            title_en="ONNX, fp32",
            sentence_en="The same network for ONNX Runtime and transformers.js, without torch.",
            option="--onnx",
            file=ONNX,
        ),
        ArtefactFacts(
            name="onnx_int8",
            title_en="ONNX, int8",
            sentence_en="Weights in 8 bits: about a quarter of the size, at about the speed of fp32.",
            option="--int8",
            file=ONNX_INT8,
            least_agreement=0.99,
            least_batch_agreement=0.99,
        ),
        ArtefactFacts(
            name="onnx_fastest",
            title_en="ONNX, int8, fastest",
            sentence_en=f"Weights and computation in 8 bits. {_VARIES}",
            option="--fastest",
            file=ONNX_FASTEST,
            least_agreement=0.95,
            least_batch_agreement=0.95,
        ),
        ArtefactFacts(
            name="predict",
            title_en="predict.py",
            sentence_en="Answers texts with an ONNX model, thresholds and “don't know”; needs onnxruntime and "
            "tokenizers alone.",
            option="--predict",
            file=PREDICT,
            needs_model=True,
        ),
        ArtefactFacts(
            name="service",
            title_en="HTTP service",
            sentence_en="serve.py answers requests on this computer, with limits on size and time; needs predict.py.",
            option="--service",
            file=SERVICE,
            needs=("predict",),
            needs_model=True,
        ),
        ArtefactFacts(
            name="html",
            title_en="Offline page",
            sentence_en="offline.html holds the int8 model and answers in a browser: opened from disk, without a "
            "network and without Python.",
            option="--html",
            file=PAGE,
            needs=("onnx_int8",),
        ),
        ArtefactFacts(
            name="notebook",
            title_en="Notebook of the run",
            sentence_en="repeat_run.ipynb repeats the run with plain transformers, as repeat_run.py does.",
            option="--notebook",
            file=NOTEBOOK,
        ),
        ArtefactFacts(
            name="zip",
            title_en="Zip",
            sentence_en="All of these files in one, to send away.",
            option="--zip",
        ),
    )
}
MODELS: tuple[ArtefactName, ...] = ("onnx", "onnx_int8", "onnx_fastest")


def varies() -> Sentence:
    """What is to be known of the fastest model."""
    return _named("varies", _VARIES)


def _named(id: str, english: str) -> Sentence:
    from engine.contract.sentences import named  # not above: the help of the command line needs no msgspec

    return named(f"contract.artefact.{id}", english)


def with_needs(chosen: Iterable[ArtefactName]) -> tuple[ArtefactName, ...]:
    """The chosen artefacts and what they need, in the order in which they are made; the folder is always there."""
    wanted = {"transformers", *chosen}
    for name in tuple(wanted):
        wanted |= set(ARTEFACTS[name].needs)
    if any(ARTEFACTS[name].needs_model for name in wanted) and not wanted & set(MODELS):
        wanted.add("onnx")
    return tuple(name for name in ARTEFACTS if name in wanted)


def repository_name(name: str) -> str:
    """The name of a repository that is like this name of a model; it may be empty."""
    ascii_text = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_.]+", "-", ascii_text).strip("-.")[:90].strip("-.").replace("..", ".")
