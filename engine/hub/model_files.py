"""Which files of a model are ever opened, and what replaces them where they are missing.

Everything outside the allow-list (scripts, pickles, optimizer states) is never opened and never downloaded. Uses
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
from engine.contract.sentences import Sentence
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


def is_weights(name: str) -> bool:
    """Whether a file of this name holds weights."""
    return name == WEIGHTS or SHARD.fullmatch(name) is not None


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
            raise ModelDamaged(
                "M3",
                Sentence("hub.m3.too_large_real", name=name),
                hint=Sentence("hub.m3.choose_another_model"),
                actions=ANOTHER,
            )
    weights = (WEIGHTS,) if WEIGHTS in names else shards((folder / INDEX).read_bytes())
    gone = [name for name in weights if name not in names]
    if gone:
        raise ModelDamaged(
            "M7",
            Sentence("hub.m7.weight_files_model_missing", gone=len(gone), weights=len(weights), gone_2=gone[0]),
            hint=Sentence("hub.m7.copy_download_model_again"),
            actions=(RecoveryAction.DOWNLOAD_AGAIN, *ANOTHER),
        )
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
        Sentence("hub.m7.does_not_list_weight_files", index=INDEX),
        hint=Sentence("hub.m7.download_model_again_choose_another"),
        actions=(RecoveryAction.DOWNLOAD_AGAIN, *ANOTHER),
        details=str(names[:5]),
    )


def refuse_without_config(names: Collection[str]) -> None:
    """Raises what a folder or repository without config.json really is."""
    if CONFIG in names:
        return
    if "adapter_config.json" in names:
        raise _unsupported(
            Sentence("hub.unsupported.adapter_not_whole_model"), Sentence("hub.unsupported.choose_model_made")
        )
    if any(name.endswith(".gguf") for name in names):
        raise _unsupported(Sentence("hub.unsupported.gguf_file_chat_programs_cannot"))
    if "modules.json" in names and any(name.startswith("0_") for name in names):
        raise _unsupported(
            Sentence("hub.unsupported.older_sentence_transformers_folder"),
            Sentence("hub.unsupported.choose_folder_0_inside"),
        )
    if any(name.endswith(".onnx") for name in names):
        raise _unsupported(Sentence("hub.unsupported.onnx_model_can_only_run"))
    raise ModelNotFound(
        "M9",
        Sentence("hub.m9.there_no_model_here_config"),
        hint=Sentence("hub.m9.choose_folder_config_json_model"),
        actions=ANOTHER,
    )


def refuse_without_weights(names: Collection[str]) -> None:
    """Raises why nothing can be trained from here, unless there are safetensors."""
    if WEIGHTS in names or INDEX in names:
        return
    if "adapter_config.json" in names:
        raise _unsupported(
            Sentence("hub.unsupported.adapter_not_whole_model"), Sentence("hub.unsupported.choose_model_made")
        )
    if any(name.endswith((".bin", ".pt", ".pth", ".ckpt", ".pkl")) for name in names):
        raise old_format()
    if any(name.endswith(".gguf") for name in names):
        raise _unsupported(Sentence("hub.unsupported.model_stored_gguf_chat_programs"))
    if any(name.endswith(".onnx") or name.startswith("onnx/") for name in names):
        raise _unsupported(Sentence("hub.unsupported.model_stored_onnx_can_only"))
    if any(name.endswith((".h5", ".msgpack")) for name in names):
        raise _unsupported(Sentence("hub.unsupported.model_stored_tensorflow_flax_only"))
    raise ModelNotFound(
        "M9",
        Sentence("hub.m9.there_no_weights_here_model"),
        hint=Sentence("hub.m9.choose_another_model"),
        actions=ANOTHER,
    )


def old_format() -> ModelNotSupported:
    """The refusal (M1) of weights that a pickle machine would have to read."""
    return ModelNotSupported(
        "M1",
        Sentence("hub.m1.model_stored_old_format_can"),
        hint=Sentence("hub.m1.choose_model_safetensors_file"),
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


def _no_folder(folder: Path, error: OSError) -> ModelNotFound:
    sentence = Sentence("hub.m14.folder_cannot_opened", folder=folder.name or folder)
    if isinstance(error, FileNotFoundError):
        sentence = Sentence("hub.m14.there_no_folder", folder=folder.name or folder)
    elif isinstance(error, NotADirectoryError):
        sentence = Sentence("hub.m14.file_model_folder", folder=folder.name)
    return ModelNotFound(
        "M14",
        sentence,
        hint=Sentence("hub.m14.choose_folder_holds_config_json"),
        actions=(RecoveryAction.USE_FOLDER,),
        details=str(error),
    )


def _not_a_file(name: str) -> ModelDamaged:
    return ModelDamaged(
        "M14",
        Sentence("hub.m14.folder_not_file_can_read", name=name),
        hint=Sentence("hub.m14.copy_model_again_plain_files"),
        actions=ANOTHER,
    )


_SAFETENSORS = Sentence("hub.m9.choose_model_with_safetensors")


def _unsupported(sentence: Sentence, hint: Sentence = _SAFETENSORS) -> ModelNotSupported:
    return ModelNotSupported("M9", sentence, hint=hint, actions=ANOTHER)
