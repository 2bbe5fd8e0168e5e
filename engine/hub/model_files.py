"""Which files of a model are ever opened, and what stands in for them where they are missing.

Everything outside the allow-list (scripts, pickles, optimizer states) is never opened and never downloaded. Knows
names, sizes and kinds of files, nothing of their content except the list of shards.
"""

from __future__ import annotations

import hashlib
import json
import re
import stat
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from engine.contract.errors import ModelDamaged, ModelNotFound, ModelNotSupported
from engine.contract.recovery_actions import RecoveryAction
from engine.workspace.atomic_files import sha256_of

CONFIG = "config.json"
README = "README.md"
WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"
TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "special_tokens_map.json",
    "added_tokens.json",
    "sentencepiece.bpe.model",
    "sentencepiece.model",
    "spiece.model",
    "spm.model",
)
LARGEST_TEXT = 4 * 1024 * 1024  # bytes of a config.json, index or README
LARGEST_TOKENIZER = 128 * 1024 * 1024  # bytes of one tokenizer file
SHARD = re.compile(r"model-\d{5}-of-\d{5}\.safetensors")
ANOTHER = (RecoveryAction.CHOOSE_OTHER_MODEL,)


class ModelFiles(NamedTuple):
    """The files of a model folder that are used; names without folders."""

    folder: Path
    weights: tuple[str, ...]
    tokenizer: tuple[str, ...]

    def size_bytes(self) -> int:
        """Weights and tokenizer on disk; where tokenizer.json is there, it is the whole tokenizer."""
        tokenizer = ("tokenizer.json",) if "tokenizer.json" in self.tokenizer else self.tokenizer
        return sum((self.folder / name).stat().st_size for name in (*self.weights, *tokenizer))


def is_wanted(name: str) -> bool:
    """Whether a file of this name may be downloaded or linked: a plain name on the allow-list."""
    return name in (CONFIG, README, WEIGHTS, INDEX, *TOKENIZER_FILES) or SHARD.fullmatch(name) is not None


def is_regular(path: Path) -> bool:
    """Whether this is a regular file, or a link to one; never waits on a pipe."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:  # missing, a loop of links, no permission
        return False


def find_files(folder: Path) -> ModelFiles:
    """The files of a model folder; raises `ModelNotFound`, `ModelNotSupported` or `ModelDamaged` with the reason."""
    try:
        names = {path.name for path in folder.iterdir()}
    except OSError as error:
        raise _no_folder(folder, error) from error
    refuse_without_config(names)
    refuse_without_weights(names)
    for name in names:
        if is_wanted(name) and not is_regular(folder / name):
            raise _not_a_file(name)
        if name in (CONFIG, INDEX) and (folder / name).stat().st_size > LARGEST_TEXT:
            raise ModelDamaged("M3", f"{name} is too large to be real.", hint="Choose another model.", actions=ANOTHER)
    weights = (WEIGHTS,) if WEIGHTS in names else shards((folder / INDEX).read_bytes())
    gone = [name for name in weights if name not in names]
    if gone:
        raise ModelDamaged(
            "M7",
            f"{len(gone):,} of {len(weights):,} weight files of this model are missing, {gone[0]} for one.",
            hint="Copy or download the model again.",
            actions=(RecoveryAction.DOWNLOAD_AGAIN, *ANOTHER),
        )
    for name in weights:
        if not is_regular(folder / name):
            raise _not_a_file(name)
    return ModelFiles(folder, weights, tuple(name for name in TOKENIZER_FILES if name in names))


def shards(index: bytes) -> tuple[str, ...]:
    """The weight files named in an index, each a plain name; raises `ModelDamaged` (M7)."""
    try:
        names = sorted(set(json.loads(index)["weight_map"].values()))
        if names and all(SHARD.fullmatch(name) for name in names):
            return tuple(names)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        names = []
    raise ModelDamaged(
        "M7",
        f"{INDEX} does not list the weight files of this model.",
        hint="Download the model again, or choose another one.",
        actions=(RecoveryAction.DOWNLOAD_AGAIN, *ANOTHER),
        details=str(names[:5]),
    )


def refuse_without_config(names: Collection[str]) -> None:
    """Raises what a folder or repository without config.json really is."""
    if CONFIG in names:
        return
    if "adapter_config.json" in names:
        raise _unsupported("This is an adapter, not a whole model.", "Choose the model that it was made for.")
    if any(name.endswith(".gguf") for name in names):
        raise _unsupported("This is a GGUF file for chat programs; it cannot be fine-tuned.")
    if "modules.json" in names and any(name.startswith("0_") for name in names):
        raise _unsupported("This is an older sentence-transformers folder.", "Choose the folder 0_… inside it.")
    if any(name.endswith(".onnx") for name in names):
        raise _unsupported("This is an ONNX model; it can only be run, not fine-tuned.")
    raise ModelNotFound(
        "M9",
        "There is no model here: config.json is missing.",
        hint="Choose a folder with config.json, model.safetensors and the tokenizer's files.",
        actions=ANOTHER,
    )


def refuse_without_weights(names: Collection[str]) -> None:
    """Raises why nothing can be trained from here, unless there are safetensors."""
    if WEIGHTS in names or INDEX in names:
        return
    if "adapter_config.json" in names:
        raise _unsupported("This is an adapter, not a whole model.", "Choose the model that it was made for.")
    if any(name.endswith((".bin", ".pt", ".pth", ".ckpt", ".pkl")) for name in names):
        raise old_format()
    if any(name.endswith(".gguf") for name in names):
        raise _unsupported("This model is stored as GGUF for chat programs; it cannot be fine-tuned.")
    if any(name.endswith(".onnx") or name.startswith("onnx/") for name in names):
        raise _unsupported("This model is stored as ONNX; it can only be run, not fine-tuned.")
    if any(name.endswith((".h5", ".msgpack")) for name in names):
        raise _unsupported("This model is stored for TensorFlow or Flax only.")
    raise ModelNotFound(
        "M9", "There are no weights here: model.safetensors is missing.", hint="Choose another model.", actions=ANOTHER
    )


def old_format() -> ModelNotSupported:
    """The refusal (M1) of weights that a pickle machine would have to read."""
    return ModelNotSupported(
        "M1",
        "This model is stored in an old format that can run programs.",
        hint="Choose one with a model.safetensors file.",
        actions=ANOTHER,
    )


_known: dict[tuple[str, int, int], str] = {}


def known_sha256(path: Path) -> str:
    """The sha256 of a file, remembered for as long as its size and time stay the same."""
    found = path.stat()
    key = (str(path.resolve()), found.st_size, found.st_mtime_ns)
    if key not in _known:
        _known[key] = sha256_of(path)
    return _known[key]


def sha256_of_weights(files: ModelFiles) -> str:
    """The sha256 of the one weight file, or of the shards' own sums, one a line in the order of their names."""
    sums = [known_sha256(files.folder / name) for name in files.weights]
    return sums[0] if len(sums) == 1 else hashlib.sha256("\n".join(sums).encode()).hexdigest()


def size_in_words(size: int) -> str:
    """Bytes as people say them: 438 MB, 12 kB."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1_000)):,} kB" if size else "0 bytes"
    return f"{size / 1_000_000:,.0f} MB"


def _no_folder(folder: Path, error: OSError) -> ModelNotFound:
    sentence = f"The folder {folder.name or folder} cannot be opened."
    if isinstance(error, FileNotFoundError):
        sentence = f"There is no folder {folder.name or folder}."
    elif isinstance(error, NotADirectoryError):
        sentence = f"{folder.name} is a file; a model is a folder."
    return ModelNotFound(
        "M14",
        sentence,
        hint="Choose the folder that holds config.json and model.safetensors.",
        actions=(RecoveryAction.USE_FOLDER,),
        details=str(error),
    )


def _not_a_file(name: str) -> ModelDamaged:
    return ModelDamaged(
        "M14",
        f"{name} in this folder is not a file that can be read.",
        hint="Copy the model again as plain files.",
        actions=ANOTHER,
    )


def _unsupported(sentence: str, hint: str = "Choose a model with a model.safetensors file.") -> ModelNotSupported:
    return ModelNotSupported("M9", sentence, hint=hint, actions=ANOTHER)
