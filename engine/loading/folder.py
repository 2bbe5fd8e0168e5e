"""A folder that is safe for every room: the user's own, or a clean copy of it beside the workspace's data.

Other rooms load networks from the folder of a `ModelHandle`. Where its config.json asks for code, for a kernel or for
answers in another shape, or where an adapter lies beside the weights, they get a folder in which config.json is
rewritten and everything else is a link to the original.
"""

from __future__ import annotations

import hashlib
import json

from engine.loading.configuration import Configuration
from engine.loading.files import CONFIG, INDEX, README, ModelFiles, is_regular, known_sha256
from engine.loading.links import link_file
from engine.storage import Workspace, write_file


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
