"""The fast tokenizer of a model folder, as every room uses it.

Reads the folder's own files and nothing else: no network, no code that came with the model. What the file has baked
in about cutting and padding is switched off, because each room decides and states that itself.
"""

from __future__ import annotations

import importlib.util
import shutil
from functools import lru_cache
from pathlib import Path
from typing import Any

from transformers import AutoTokenizer, PreTrainedTokenizerBase

from engine.contract.errors import ModelDamaged, ModelNotSupported
from engine.contract.parsing_limits import MEMORY, SECONDS, limited
from engine.contract.queries import TokenizedText
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.hub.model_files import CONFIG, LARGEST_TOKENIZER, TOKENIZER_FILES, is_regular
from engine.loading.configuration import read_configuration
from engine.tasks.alignment import tokenized
from engine.tasks.encoding import encode_texts
from engine.workspace.atomic_files import is_whole, new_folder

# What a vocabulary can be read from. Without any, `transformers` would make up a tokenizer of special tokens alone.
VOCABULARIES = (
    {"tokenizer.json"},
    {"vocab.txt"},
    {"vocab.json", "merges.txt"},
    {"sentencepiece.bpe.model"},
    {"sentencepiece.model"},
    {"spiece.model"},
    {"spm.model"},
)
SENTENCEPIECE = {"sentencepiece.bpe.model", "sentencepiece.model", "spiece.model", "spm.model"}
CONVERTERS = {"sentencepiece": "sentencepiece", "protobuf": "google.protobuf"}  # packages and their modules
OF_A_RUN = "tokenizer"  # in its folder
PADDING_TOKENS = ("[PAD]", "<pad>", "<PAD>", "[pad]")  # taken where the files do not name which one it is


def load_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """The tokenizer of `folder`; raises `ModelDamaged` (M4) or `ModelNotSupported` (M9).

    Where the network has one token type or none (RoBERTa, DistilBERT), pairs get no token type ids, whatever class the
    tokenizer is of: their texts are kept apart by the separator tokens.
    """
    names = {name for name in TOKENIZER_FILES if is_regular(folder / name)}
    if not any(vocabulary <= names for vocabulary in VOCABULARIES):
        raise tokenizer_damaged("there is no tokenizer.json, vocab.txt or other vocabulary")
    for name in sorted(names):
        if (folder / name).stat().st_size > LARGEST_TOKENIZER:
            raise tokenizer_damaged(f"{name} is too large")
    _refuse_without_converter(names)
    file = "tokenizer.json" if "tokenizer.json" in names else sorted(names)[0]
    slow = Sentence("loading.m4.tokenizer_slow", file=file, seconds=round(SECONDS))
    large = Sentence("loading.m4.tokenizer_large", file=file, memory=MEMORY)
    try:
        with limited(tokenizer_damaged("", slow), tokenizer_damaged("", large)):
            tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
                str(folder), local_files_only=True, trust_remote_code=False
            )
            tokenizer("a b", truncation=False, padding=False)  # some damage shows only at the first text
    except Exception as error:  # `tokenizers` raises plain `Exception`, `transformers` many kinds
        raise tokenizer_damaged(f"{type(error).__name__}: {error}") from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # a panic inside `tokenizers`, not ours to let through
            raise
        raise tokenizer_damaged(str(error)) from error
    if not tokenizer.is_fast:
        raise _unusable(Sentence("loading.m9.model_no_fast_tokenizer_so"))
    backend: Any = tokenizer.backend_tokenizer
    backend.no_truncation()
    backend.no_padding()
    if tokenizer.pad_token_id is None:
        _give_padding(tokenizer)
    if is_regular(folder / CONFIG) and not read_configuration(folder).distinguishes_texts():
        # Elsewhere the same folder fails at the first pair: an id beyond the embeddings, or an unknown argument.
        loose: Any = tokenizer  # both are typed as something else
        loose.model_input_names = [name for name in tokenizer.model_input_names if name != "token_type_ids"]
        loose.init_kwargs["model_input_names"] = loose.model_input_names  # what `save_pretrained` writes
    return tokenizer


def keep_tokenizer(model_folder: Path, run_folder: Path) -> None:
    """Copies a model's tokenizer into the folder of a run, whose network can then be used wherever that folder lies."""
    if not (run_folder / OF_A_RUN).exists():
        with new_folder(run_folder / OF_A_RUN) as folder:
            for name in (CONFIG, *TOKENIZER_FILES):
                if is_regular(model_folder / name):
                    shutil.copyfile(model_folder / name, folder / name)


def tokenizer_of_run(model_folder: Path, run_folder: Path) -> PreTrainedTokenizerBase:
    """The tokenizer that a run was trained with; runs of 0.1.0 have none of their own. Raises as `load_tokenizer`."""
    own = run_folder / OF_A_RUN
    return load_tokenizer(own if is_whole(own) else model_folder)


def lowers_case(tokenizer: PreTrainedTokenizerBase) -> bool | None:
    """Whether capitals are read as small letters; None where that is not stored."""
    backend: Any = tokenizer.backend_tokenizer
    if backend.normalizer is None:
        return False
    try:
        return bool(backend.normalizer.normalize_str("ABC") == backend.normalizer.normalize_str("abc"))
    except Exception:  # `tokenizers` raises plain `Exception`
        return None


def tokenizer_damaged(details: str, why: Sentence | None = None) -> ModelDamaged:
    """The error (M4) for a tokenizer that cannot be loaded."""
    return ModelDamaged(
        "M4",
        why or Sentence("loading.m4.tokenizer_model_cant_loaded"),
        hint=Sentence("loading.m4.download_model_again_choose_another"),
        actions=(RecoveryAction.CHOOSE_OTHER_MODEL,),
        details=details[:2000],
    )


def _give_padding(tokenizer: PreTrainedTokenizerBase) -> None:
    vocabulary = tokenizer.get_vocab()
    for token in PADDING_TOKENS:
        if token in vocabulary:
            tokenizer.pad_token = token
            return
    raise _unusable(Sentence("loading.m9.tokenizer_model_no_padding_token"))


def _refuse_without_converter(names: set[str]) -> None:
    """Names what is missing where a vocabulary is there for sentencepiece alone, which transformers would convert.

    Without these packages it takes the file for one of another library, and reports that.
    """
    if any(vocabulary <= names for vocabulary in VOCABULARIES if not vocabulary <= SENTENCEPIECE):
        return
    missing = [package for package, module in CONVERTERS.items() if not _is_installed(module)]
    if missing:
        file = sorted(names & SENTENCEPIECE)[0]
        raise ModelNotSupported(
            "M9",
            Sentence("loading.m9.tokenizer_json_missing", file=file),
            hint=Sentence("loading.m9.choose_with_tokenizer_json", packages=" ".join(missing)),
            actions=(RecoveryAction.CHOOSE_OTHER_MODEL,),
        )


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # of the package that it would be in
        return False


def _unusable(sentence: Sentence) -> ModelNotSupported:
    return ModelNotSupported(
        "M9",
        sentence,
        hint=Sentence("loading.m9.choose_model_bert_family"),
        actions=(RecoveryAction.CHOOSE_OTHER_MODEL,),
    )


# How a loaded model reads a sentence: tokens, ids, mask and the word each token comes from.

LONGEST_TEXT = 200_000  # characters; more is cut before it reaches the tokenizer


def tokenized_sentence(model_folder: str, text: str, max_length: int) -> TokenizedText:
    """The text as the network would read it, cut to the model's limit."""
    tokenizer = _tokenizer(model_folder)
    shown = text[:LONGEST_TEXT].encode("utf-8", "replace").decode("utf-8")
    row = encode_texts(tokenizer, [shown], max_length)[0]
    return tokenized(tokenizer, shown, row, cut_tokens=max(0, row.length - max_length))


@lru_cache(maxsize=1)
def _tokenizer(folder: str) -> PreTrainedTokenizerBase:
    return load_tokenizer(Path(folder))
