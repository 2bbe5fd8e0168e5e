"""The offline page: one HTML file with the int8 model, its tokenizer and its calibration, which answers in a browser.

It loads and sends nothing: every file is in it, packed with gzip and written in base64, and its content security policy
allows its own two scripts, its own style and WebAssembly. The programs are those of resources/offline_page.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from engine import __version__
from engine.contract.artefacts import ARTEFACTS, ONNX_INT8
from engine.contract.formatting import number
from engine.contract.sentences import Sentence, written_in_english
from engine.contract.states import ArtefactProof, EvaluationReport
from engine.contract.tag_schemes import marks_entities, types_in
from engine.exporting.artefact_proof import Making, asked, last_line, proof_of, refused, size_of, without_answer
from engine.exporting.clean_process import ProcessFailed
from engine.exporting.page_askers import NO_BROWSER, Asker, found_asker
from engine.reporting.html import escaped
from engine.tasks.registry import task_facts

PARTS = Path(__file__).parents[2] / "resources" / "offline_page"
VENDORED = PARTS / "vendored"
RUNTIME = "ONNX Runtime Web 1.30.0"
PROGRAM = ("tokenizer.js", "answers.js", "program.js")
FILES = ("config.json", "tokenizer_config.json", "calibration.json", "tokenizer.json")  # of the folder, where there
LARGEST_MODEL = 400_000_000  # bytes: a browser holds it packed and unpacked at once
PART = 3 * 2**21  # bytes of a script element: browsers limit how long one text may be
# What resources/offline_page/tokenizer.js has; any other kind would be read differently there.
KNOWN: dict[str, frozenset[str]] = {
    "normalizer": frozenset(
        "BertNormalizer Lowercase NFC NFD NFKC NFKD Precompiled Prepend Replace Sequence Strip StripAccents".split()
    ),
    "pre_tokenizer": frozenset(
        "BertPreTokenizer ByteLevel Digits Metaspace Punctuation Sequence Split Whitespace WhitespaceSplit".split()
    ),
    "model": frozenset(("BPE", "Unigram", "WordPiece")),
    "post_processor": frozenset("BertProcessing ByteLevel RobertaProcessing Sequence TemplateProcessing".split()),
}
# The signs by which byte-level tokens are written, and the letters after a backslash that a pattern may have.
BYTE_SIGNS = frozenset(map(chr, (*range(33, 127), *range(161, 173), *range(174, 324))))
READ_LETTERS = "sSdDpPnrt"


def make_page(making: Making) -> None:
    """Writes the page and asks it in Node.js or a browser, where this computer has one."""
    making.made["html"] = _made(making)


def _made(making: Making) -> ArtefactProof:
    title = ARTEFACTS["html"].title
    if not all(making.made[need].passed for need in ARTEFACTS["html"].needs):
        return refused(making, "html", Sentence("exporting.refused.needs", title=title))
    model = making.folder / ONNX_INT8
    if model.stat().st_size > LARGEST_MODEL:
        size, most = model.stat().st_size, LARGEST_MODEL
        return refused(
            making, "html", Sentence("exporting.refused.too_large_for_page", title=title, size=size, most=most)
        )
    unknown = unknown_part(json.loads((making.folder / "tokenizer.json").read_bytes()))
    if unknown:
        return refused(making, "html", Sentence("exporting.refused.tokenizer_of_page", title=title, part=unknown))
    page = making.folder / ARTEFACTS["html"].file
    write_page(page, making.title, making.evaluation)
    asker = found_asker()
    reason = asker if isinstance(asker, Sentence) else None
    if isinstance(asker, Asker):
        try:
            found = asked(making, {"kind": "page", "page": page.name, **asker.request()})
        except ProcessFailed as error:
            if not last_line(str(error)).startswith(NO_BROWSER):
                return refused(making, "html", without_answer("html", error))
            reason = Sentence("exporting.unproven.not_started", program=asker.name)
        else:
            return proof_of(making, "html", found, like=ARTEFACTS["onnx_int8"])
    differing = differing_files(page)
    if differing:
        return refused(making, "html", Sentence("exporting.refused.page_differs", title=title, file=differing[0]))
    assert reason is not None
    return ArtefactProof("html", passed=True, size_bytes=size_of(making.folder, "html"), unproven=reason)


def unknown_part(tokenizer: dict[str, Any]) -> str:
    """The first kind of part of a tokenizer.json that the page does not have; empty where it has all."""
    for name, kinds in KNOWN.items():
        for part in _parts(tokenizer.get(name)):
            kind = str(part.get("type"))
            if kind not in kinds:
                return kind
            if part.get("byte_fallback") and kind == "Unigram":
                return "Unigram with byte_fallback"
            if kind == "BPE" and (part.get("continuing_subword_prefix") or part.get("end_of_word_suffix")):
                return "BPE with signs at the ends of words"
            if kind == "BPE" and part.get("dropout"):
                return "BPE with dropout"
            leaves_out = kind == "BPE" and not part.get("unk_token") and not part.get("byte_fallback")
            if leaves_out and not part["vocab"].keys() >= BYTE_SIGNS:
                return "BPE without a token for unknown signs"
            if sign := unread(str((part.get("pattern") or {}).get("Regex", ""))):
                return f"{kind} with {sign}"
    return ""


def unread(pattern: str) -> str:
    """The first construct of a regular expression that a browser does not read, or reads in another way."""
    place, in_class = 0, False
    while place < len(pattern):
        sign, rest = pattern[place], pattern[place:]
        if sign == "\\":
            if pattern[place + 1 :][:1].isalnum() and rest[1] not in READ_LETTERS:
                return rest[:2]
            place += 1
        elif in_class:
            if sign == "[" or rest.startswith("&&"):
                return rest[:2]
            in_class = sign != "]"
        elif sign == "[":
            in_class = True
            place += rest.startswith("[^")
        elif sign in "^$." or re.match(r"[*+?]\+", rest):
            return rest[:2]
        elif rest.startswith("(?") and not re.match(r"\(\?(?:[:=!]|i:['a-z|]*\))", rest):
            return rest[:3]
        place += 1
    return ""


def _parts(config: dict[str, Any] | None) -> Iterator[dict[str, Any]]:
    if config:
        yield config
        for several in ("normalizers", "pretokenizers", "processors"):
            for part in config.get(several) or ():
                yield from _parts(part)


# ── Writing ─────────────────────────────────────────────────────────────────────────────────────────────────────


@written_in_english
def write_page(page: Path, title: str, evaluation: EvaluationReport) -> None:
    """Writes the page beside the files of the folder that it holds."""
    folder, dataset = page.parent, evaluation.run.dataset
    texts = {path.name: path.read_text("utf-8") for path in PARTS.glob("page.*")}
    program = "\n".join((PARTS / name).read_text("utf-8") for name in PROGRAM)
    facts = {"pairs": bool(dataset.settings.roles.second_text), "about": _about(evaluation)}
    values = {
        "title": escaped(title),
        "task": escaped(_task(evaluation)),
        "policy": policy(texts["page.css"], program, texts["page.js"]),
        "style": texts["page.css"],
        "program": program,
        "page": texts["page.js"],
    }
    with page.open("wb") as file:
        for piece in re.split(r"(\{\{\w+\}\})", texts["page.html"]):
            if piece == "{{files}}":
                for name, content in _contents(folder, facts):
                    file.writelines(packed(name, content))
            else:
                file.write(values.get(piece.strip("{}"), piece).encode("utf-8", "replace"))


def policy(style: str, *scripts: str) -> str:
    """What the page may do: its own style and scripts by their digests, WebAssembly, and what it makes itself."""
    digests = [
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in (style, *scripts)
    ]
    return (
        f"default-src 'none'; script-src {' '.join(digests[1:])} 'wasm-unsafe-eval' blob:; style-src {digests[0]}; "
        "base-uri 'none'; form-action 'none'"
    )


def _contents(folder: Path, facts: dict[str, Any]) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Each file of the page by its name, as pieces of what gzip makes of it."""
    yield "page", _gzip([json.dumps(facts, ensure_ascii=False).encode("utf-8", "replace")])
    for name in FILES:
        if (folder / name).is_file():
            yield name, _gzip([(folder / name).read_bytes()])
    yield "model", _gzip(_read(folder / ONNX_INT8))
    yield "runtime", _read(VENDORED / "ort.wasm.bundle.min.mjs.gz")
    yield "wasm", _read(VENDORED / "ort-wasm-simd-threaded.wasm.gz")
    yield "licences", _gzip([_licences()])


def _licences() -> bytes:
    notices = gzip.decompress((VENDORED / "ThirdPartyNotices.txt.gz").read_bytes()).decode()
    return (
        f"{RUNTIME}, which answers in this page:\n\n{(VENDORED / 'LICENSE').read_text('utf-8')}\n\n"
        f"What it holds itself:\n\n{notices}"
    ).encode()


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(2**20):
            yield piece


def _gzip(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces as one gzip stream, which is the same at any time."""
    packing = zlib.compressobj(6, wbits=31)
    for piece in pieces:
        yield packing.compress(piece)
    yield packing.flush()


def packed(name: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Script elements that no browser runs, with these bytes in base64."""
    begin = f'<script type="application/octet-stream" data-file="{name}">'.encode()
    waiting = b""
    for piece in (*pieces, None):
        waiting += piece or b""
        while len(waiting) >= PART or (piece is None and waiting):
            yield b"%b%b</script>\n" % (begin, base64.b64encode(waiting[:PART]))
            waiting = waiting[PART:]


def _task(evaluation: EvaluationReport) -> str:
    dataset = evaluation.run.dataset
    facts = task_facts(dataset.task)
    labels = f"{number(len(dataset.label_names))} labels"
    given = "two texts" if dataset.settings.roles.second_text else "a text"
    if facts.one_label_per_word and marks_entities(dataset.label_names):
        return f"Marks entities in {given}: {', '.join(types_in(dataset.label_names))}."
    if facts.one_label_per_word:
        return f"Marks words of {given} with {labels}."
    if dataset.target_scale is not None:
        return f"Gives {given} a number."
    return f"Gives {given} those of {labels} that fit." if facts.several_labels else f"Gives {given} one of {labels}."


def _about(evaluation: EvaluationReport) -> list[tuple[str, str]]:
    dataset = evaluation.run.dataset
    facts = task_facts(dataset.task)
    rows = [
        ("Base model", dataset.model.name),
        ("Licence of the base model", dataset.model.license),
        ("Task", str(facts.title)),
        ("Labels", ", ".join(dataset.label_names)),
        ("Weights", "8 bits, in blocks"),
        ("Runs with", f"{RUNTIME}, WebAssembly, one thread"),
        ("Made by", f"Tunewright {__version__}"),
    ]
    return [(name, value) for name, value in rows if value]


# ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────────


def stored_in(page: bytes, name: str) -> bytes:
    """A file of the page, empty where it is not in it."""
    begin = f'<script type="application/octet-stream" data-file="{name}">'.encode()
    parts = [part.partition(b"</script>")[0] for part in page.split(begin)[1:]]
    return gzip.decompress(b"".join(base64.b64decode(part) for part in parts)) if parts else b""


def differing_files(page: Path) -> list[str]:
    """The files of the folder that the page does not hold byte for byte."""
    content = page.read_bytes()
    stored = {name: name for name in FILES if (page.parent / name).is_file()} | {ONNX_INT8: "model"}
    return [name for name, key in stored.items() if stored_in(content, key) != (page.parent / name).read_bytes()]
