"""passport.json: what an export claims of itself, so that anyone can check it without the workspace it was made in.

Its digest is the sha256 of its bytes and lies beside it in the format of `sha256sum`. Whoever can rewrite the folder
can rewrite both: only a digest that was kept elsewhere shows that (`verify --digest`).

row_hashes.json beside it holds a hash of each row of each split, in their order, salted anew for each export.
A hash shows that somebody has the row, not what it is; whoever can guess a row can check whether it is among them.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Literal

import msgspec

from engine.contract.calibration import UNCALIBRATED, Calibration
from engine.contract.sentences import Sentence

PASSPORT, DIGEST, ROW_HASHES = "passport.json", "passport.json.sha256", "row_hashes.json"
SCHEMA = 1  # of passport.json
HASH_DIGITS = 20  # hexadecimal, of a row: two of a million rows are the same once in a trillion exports
LATENCY_CLASSES = (3, 10, 30, 100, 300, 1_000)  # milliseconds for a text on a CPU, at most; beyond: slower


class FileClaim(msgspec.Struct, frozen=True):
    """A file of the folder."""

    size_bytes: int
    sha256: str


class ScoreClaim(msgspec.Struct, frozen=True):
    """A score with its 95 % interval; None where there is none."""

    value: float | None
    interval: tuple[float, float] | None = None


class SplitClaim(msgspec.Struct, frozen=True):
    """A split; `inputs_in_training` rows have an input that a training row has too, 0 of the training rows."""

    rows: int
    labels: dict[str, int]
    inputs_in_training: int = 0


class AnswersClaim(msgspec.Struct, frozen=True):
    """What the calibration makes of the scored rows; `held` are those whose set of possible labels has the true one."""

    rows: int
    answered: int
    right: int  # of those that are answered
    held: int | None = None


class DataClaim(msgspec.Struct, frozen=True):
    """Where the rows come from; `files` holds the sha256 of each file, empty where it could not be read."""

    name: str
    files: dict[str, str]
    rows_in: int
    rows_used: int
    excluded: dict[str, int]  # rows by reason
    findings: tuple[str, ...] = ()


class ModelClaim(msgspec.Struct, frozen=True):
    """What the weights are."""

    architecture: str  # of the network with its head: "BertForSequenceClassification"
    parameters: int  # of all tensors in model.safetensors
    max_length: int  # tokens that rows were cut to when they were scored
    base_model: str
    base_sha256: str
    base_license: str = ""


class EvaluationClaim(msgspec.Struct, frozen=True):
    """Scores on the rows of one split; `precision` is the number format they were computed in."""

    split: str
    rows: int
    headline: str
    scores: dict[str, ScoreClaim]
    precision: str = "fp32"
    answers: AnswersClaim | None = None


class ProofClaim(msgspec.Struct, frozen=True):
    """How the folder answered in a clean process, compared with the trained network; `latency` of one text on a CPU."""

    rows: int
    agreement: float
    largest_difference: float
    milliseconds_per_row: float
    latency: str


class Passport(msgspec.Struct, frozen=True):
    """The claims of an export."""

    schema: int
    made_by: str
    made_on: str
    name: str
    task: str
    label_names: tuple[str, ...]
    model: ModelClaim
    versions: dict[str, str]  # of the packages that made it
    files: dict[str, FileClaim]  # all but the passport, its digest and the manifest
    card_sha256: str  # of README.md without what people write
    data: DataClaim
    splits: dict[str, SplitClaim]  # empty where the prepared rows were gone
    row_salt: str
    evaluation: EvaluationClaim
    proof: ProofClaim
    calibration: Calibration = UNCALIBRATED


Status = Literal["holds", "differs", "not recomputed", "noted"]
Part = Literal[
    "passport", "files", "config", "labels", "sizes", "card", "latency", "splits", "scores", "leaks", "calibration"
]


class Check(msgspec.Struct, frozen=True):
    """One claim that was looked at: `about` is the file or the score, where it is about one."""

    part: Part
    status: Status
    sentence: Sentence
    about: str = ""


class Verification(msgspec.Struct, frozen=True):
    """What came of the check of a folder; `passport` is None where it cannot be read."""

    folder: str  # its name, without the place
    digest: str  # of passport.json as it is
    checks: tuple[Check, ...]
    passport: Passport | None = None
    made_by: str = ""  # this program
    made_on: str = ""
    data: tuple[str, ...] = ()  # names of the files that were read

    @property
    def differing(self) -> tuple[Check, ...]:
        """The claims that do not hold."""
        return tuple(check for check in self.checks if check.status == "differs")


def latency_class(milliseconds: float) -> str:
    """The class of a time for one text: “up to 10 ms”."""
    place = bisect_left(LATENCY_CLASSES, milliseconds)
    return f"up to {LATENCY_CLASSES[place]:,} ms" if place < len(LATENCY_CLASSES) else "above 1,000 ms"


def latency_place(name: str) -> int:
    """The place of a class in their order; −1 for none of them."""
    names = [*(f"up to {most:,} ms" for most in LATENCY_CLASSES), "above 1,000 ms"]
    return names.index(name) if name in names else -1
