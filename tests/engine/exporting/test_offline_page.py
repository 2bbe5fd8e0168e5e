"""The offline page: what it may do, that texts are read in it as in Python, and that its proof is right."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import random
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from engine.contract.artefact_sentences import figures_text
from engine.contract.sentences import NOTHING, Sentence
from engine.contract.states import ArtefactProof
from engine.exporting import offline_page as pages
from engine.exporting import page_askers as askers
from engine.exporting.browser_client import Browser, NoBrowser
from engine.exporting.standalone.predict import words_in
from engine.loading.load import starter_folder
from engine.loading.tokenizer import load_tokenizer
from tests.builders import a_dataset, a_run, an_evaluation
from tests.engine.exporting.page_tokenizers import PARTS, tokenizer_with
from tests.engine.family_folders import family_folder

NODE = askers.found_asker()
needs_node = pytest.mark.skipif(
    not (isinstance(NODE, askers.Asker) and NODE.kind == "node"), reason="there is no Node.js 20 or newer"
)
HOSTILE = "</script><script>alert(1)</script>\u2028 & \"a\" 'b'"
WORDS = (
    "the film Great don't U.S. 3.5 1,000 naïve cafe\u0301 Ångström STRASSE straße ΟΔΟΣ "
    "ὈΔΥΣΣΕΎΣ İstanbul ıI Москва ёлка и\u0306 ש\u05b8\u05c1לו\u05b9ם "
    "م\u064fح\u064eم\u064e\u0651د हिन\u094dदी क\u094dषत\u094dरिय ภาษาไทย 上海 北京 東京 日本語 カタカナ "
    "ｶﾞ 한국어 한 𠮷野家 𠀀 𝒜𝒷 ﬁne ½ ² № ㎏ Ａｂｃ — “quoted” … «» ¿qué? $5 € © ™ #tag @user "
    "http://a.b/c?d=e a_b x-y C++ 😀 👍🏽 👨\u200d👩\u200d👧 🇩🇪 ❤️ ☺ [SEP] [MASK] <s> </s> "
    "e\u0301\u0327 o\u0328\u0304 \u0301 ẞ ǅ ŉ ﷺ \u0345 Ⅷ ⑦ ٣ १२ i\u0307 ΣΑΣ 's 'S we'll "
    "WE'LL \\ №\u0301 `~!@#$%^&*()_+"
).split(" ")
SIGNS = "\u200b|\u00a0|\u3000|\u2028|\t|\n|\r\n|\u00ad|\ufeff|\u0000|\ufffd|\x07|\ue000|  ".split("|")
LONG = ("a" * 30, "ab" * 60, "x" * 101)


HEAD = """import {readFileSync} from "node:fs";
const given = (at) => JSON.parse(readFileSync(process.argv[at], "utf8"));
"""
SPLIT_OF_LLAMA = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+"
)


def some_texts(count: int) -> list[str]:
    """Words of many scripts, emoji, combining marks and odd spaces, each time the same."""
    drawn = random.Random(7)
    parts = (*WORDS, *SIGNS, *LONG)
    return [
        "".join(drawn.choice(parts) + drawn.choice(("", " ", " ")) for _ in range(drawn.randrange(1, 14)))
        for _ in range(count)
    ]


def in_node(folder: Path, code: str, *arguments: str) -> Any:
    """The result of a program that follows those of the page."""
    program = "\n".join((pages.PARTS / name).read_text("utf-8") for name in ("tokenizer.js", "answers.js"))
    (folder / "program.mjs").write_text(f"{HEAD}{program}\n{code}", "utf-8")
    done = subprocess.run(
        ["node", "program.mjs", *arguments], cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert not done.returncode, done.stderr[-2000:]
    return json.loads(done.stdout)


# ── Reading texts ───────────────────────────────────────────────────────────────────────────────────────────────


def a_large_model(kind: str) -> Tokenizer:
    """Tokenizers as they are published, where those of the families in the tests are simpler."""
    if kind == "albert":
        pieces = [
            ("<unk>", 0.0),
            ("▁", -2.0),
            *((sign, -3.0 - number / 100) for number, sign in enumerate("aeiounstr")),
        ]
        backend = Tokenizer(models.Unigram([*pieces, ("▁the", -4.0), ("in", -4.5)], unk_id=0))
        backend.normalizer = normalizers.Sequence(
            [
                normalizers.Replace("``", '"'),
                normalizers.NFKD(),
                normalizers.StripAccents(),
                normalizers.Lowercase(),
            ]
        )
        backend.pre_tokenizer = pre_tokenizers.Metaspace()
        return backend
    backend = Tokenizer(models.BPE({chr(number): number - 33 for number in range(33, 900)}, [], ignore_merges=True))
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(SPLIT_OF_LLAMA), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    backend.post_processor = processors.ByteLevel(trim_offsets=True)
    return backend


def backend_of(folder: Path, kind: str) -> Tokenizer:
    if kind == "starter":
        return Tokenizer.from_file(str(starter_folder() / "tokenizer.json"))
    if kind in ("albert as published", "split of llama"):
        return a_large_model("albert" if kind.startswith("albert") else "llama")
    backend: Tokenizer = load_tokenizer(family_folder(folder / "model", kind)).backend_tokenizer  # type: ignore[attr-defined]
    return backend


READ = """
const texts = given(2);
console.log(JSON.stringify(process.argv.slice(3).map((file) => {
  const tokenizer = new Tokenizer(JSON.parse(readFileSync(file, "utf8")));
  return texts.map((text, place) => {
    const second = texts[(place + 1) % texts.length];
    return [tokenizer.encode(text), tokenizer.encode(text, second, 32)].map((row) => [row.ids, row.types, row.offsets]);
  });
})));
"""
TOKENIZERS = ("starter", "bert", "roberta", "xlm-roberta", "deberta-v2", "albert", "modernbert")
PUBLISHED = ("albert as published", "split of llama")


def differing_texts(folder: Path, backends: Mapping[str, Tokenizer], texts: Sequence[str]) -> dict[str, list[str]]:
    """The texts whose ids, types or characters are others in the page than in Python, alone or with the next one."""
    files = [f"{number}.json" for number in range(len(backends))]
    for file, (kind, backend) in zip(files, backends.items(), strict=True):
        backend.no_truncation()
        backend.no_padding()
        backend.save(str(folder / file))
        assert pages.unknown_part(json.loads((folder / file).read_bytes())) == "", kind
    (folder / "texts.json").write_text(json.dumps(texts), "utf-8")
    differing = {}
    for (kind, backend), read in zip(backends.items(), in_node(folder, READ, "texts.json", *files), strict=True):
        own = (in_python(backend, text, texts[(place + 1) % len(texts)]) for place, text in enumerate(texts))
        found = [text for text, ours, theirs in zip(texts, own, read, strict=True) if ours != theirs]
        differing |= {kind: found} if found else {}
    return differing


def in_python(backend: Tokenizer, text: str, second: str) -> list[Any]:
    """The columns of a text alone, and with a second one cut to 32 tokens."""
    alone = backend.encode(text)
    backend.enable_truncation(32)
    pair = backend.encode(text, second)
    backend.no_truncation()
    return [[one.ids, one.type_ids, [list(span) for span in one.offsets]] for one in (alone, pair)]


@needs_node
@pytest.mark.parametrize("kind", [*TOKENIZERS, *PUBLISHED])
def test_texts_are_read_as_in_python(kind: str, tmp_path: Path) -> None:
    assert differing_texts(tmp_path, {kind: backend_of(tmp_path, kind)}, some_texts(150)) == {}


@needs_node
def test_texts_are_read_as_in_python_with_every_kind_of_part(tmp_path: Path) -> None:
    texts = some_texts(200)
    backends = {parts: tokenizer_with(parts, texts) for parts in PARTS}
    used = {(name, part["type"]) for backend in backends.values() for name, part in parts_of(backend)}
    expected = {(name, kind) for name, kinds in pages.KNOWN.items() for kind in kinds}
    # Of a table of SentencePiece there is none here; the page's reading of it was compared by hand.
    assert expected - used == {("normalizer", "Precompiled")}
    assert differing_texts(tmp_path, backends, [*texts[:30], "  two spaces", "   ", " a"]) == {}


def parts_of(backend: Tokenizer) -> list[tuple[str, dict[str, Any]]]:
    config = json.loads(backend.to_str())
    return [(name, part) for name in pages.KNOWN for part in pages._parts(config.get(name))]


@needs_node
@pytest.mark.nightly
@pytest.mark.parametrize("kind", [*TOKENIZERS, *PUBLISHED])
def test_10000_texts_are_read_as_in_python(kind: str, tmp_path: Path) -> None:
    assert differing_texts(tmp_path, {kind: backend_of(tmp_path, kind)}, some_texts(10_000)) == {}


@needs_node
@pytest.mark.nightly
@pytest.mark.parametrize("parts", PARTS)
def test_10000_texts_are_read_as_in_python_with_these_parts(parts: str, tmp_path: Path) -> None:
    assert differing_texts(tmp_path, {parts: tokenizer_with(parts, some_texts(300))}, some_texts(10_000)) == {}


@pytest.mark.parametrize(
    ("pattern", "unread"),
    [
        (SPLIT_OF_LLAMA, ""),
        (r"[^\]\d]+|[$.]\.", ""),
        (r"\w+", r"\w"),
        (r"a.b", ".b"),
        (r"^a", "^a"),
        (r"a++", "++"),
        (r"[a[b]]", "[b"),
        (r"[a&&b]", "&&"),
        (r"(?i:[a-z])", "(?i"),
        (r"(?<word>a)", "(?<"),
    ],
)
def test_patterns_that_a_browser_reads_otherwise_are_known(pattern: str, unread: str) -> None:
    assert pages.unread(pattern) == unread
    part = {"type": "Split", "pattern": {"Regex": pattern}}
    assert pages.unknown_part({"pre_tokenizer": part}) == (f"Split with {unread}" if unread else "")


def test_bpe_that_leaves_signs_out_is_known() -> None:
    model: dict[str, Any] = {"type": "BPE", "vocab": {"a": 0}, "unk_token": "a"}
    assert pages.unknown_part({"model": model}) == ""
    assert "unknown signs" in pages.unknown_part({"model": {**model, "unk_token": None}})


@needs_node
def test_words_are_those_of_predict_py(tmp_path: Path) -> None:
    texts = some_texts(1000)
    (tmp_path / "texts.json").write_text(json.dumps(texts), "utf-8")
    code = "console.log(JSON.stringify(given(2).map((text) => wordsIn(Array.from(text)))));"
    found = in_node(tmp_path, code, "texts.json")
    assert [[tuple(span) for span in one] for one in found] == [words_in(text) for text in texts]
    assert len({len(one) for one in found}) > 5


@needs_node
@pytest.mark.parametrize("part", ["normalizer", "pre_tokenizer", "model", "post_processor"])
def test_an_unknown_part_of_a_tokenizer_is_refused_here_and_there(part: str, tmp_path: Path) -> None:
    config: dict[str, Any] = json.loads((starter_folder() / "tokenizer.json").read_bytes())
    config["model"]["vocab"] = {"[UNK]": 0}
    assert pages.unknown_part(config) == ""
    config[part]["type"] = "Nmt"
    assert pages.unknown_part(config) == "Nmt"
    (tmp_path / "tokenizer.json").write_text(json.dumps(config), "utf-8")
    code = (
        "try { new Tokenizer(given(2)); console.log(0); } catch (error) { console.log(JSON.stringify(error.message)); }"
    )
    assert "Nmt" in in_node(tmp_path, code, "tokenizer.json")


# ── The file ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with an empty model, whose names are hostile."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "onnx").mkdir()
    (folder / "onnx" / "model_quantized.onnx").write_bytes(b"model" * 2_000_000)
    for name in pages.FILES:
        (folder / name).write_text(json.dumps({"id2label": {"0": HOSTILE}}), "utf-8")
    dataset = a_dataset(task="text_classification", label_names=(HOSTILE, "no"))
    pages.write_page(folder / "offline.html", HOSTILE, an_evaluation(run=a_run(dataset=dataset)))
    return folder / "offline.html"


def test_the_page_holds_the_files_of_the_folder(page: Path) -> None:
    assert pages.differing_files(page) == []
    content = page.read_bytes()
    assert json.loads(pages.stored_in(content, "page"))["about"][-1][1].startswith("Tunewright")
    assert b"MIT License" in pages.stored_in(content, "licences")
    assert b"protobuf" in pages.stored_in(content, "licences").lower()
    assert pages.stored_in(content, "nothing") == b""
    before = (page.parent / "config.json").read_bytes()
    (page.parent / "config.json").write_bytes(before + b" ")
    assert pages.differing_files(page) == ["config.json"]
    (page.parent / "config.json").write_bytes(before)


def test_the_page_names_the_kinds_of_entities_that_it_marks() -> None:
    tags = ("O", "B-LOC", "I-LOC", "B-PER", "I-PER")
    dataset = a_dataset(task="token_classification", label_names=tags)
    assert pages._task(an_evaluation(run=a_run(dataset=dataset))) == "Marks entities in a text: LOC, PER."
    tags_of_words = msgspec.structs.replace(dataset, label_names=("DET", "NOUN"))
    assert "2 labels" in pages._task(an_evaluation(run=a_run(dataset=tags_of_words)))


def test_the_page_may_run_its_own_scripts_and_nothing_else(page: Path) -> None:
    text = page.read_text("utf-8")
    (allowed,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    assert allowed.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe-inline" not in allowed
    assert "unsafe-eval'" in allowed.replace("wasm-unsafe-eval", "wasm unsafe-eval")
    scripts = re.findall(r'<script type="module">(.*?)</script>', text, re.S)
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.S)
    digests = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in (*scripts, style)]
    assert len(scripts) == 2
    assert [one in allowed for one in digests] == [True, True, True]
    kinds = set(re.findall(r"<script[^>]*type=\"([^\"]+)\"", text))
    assert kinds == {"module", "application/octet-stream"}
    shown = re.sub(r"(?s)<script.*?</script>|<style>.*?</style>", "", text)
    assert not re.search(r"(?i)https?:|src=|href=|\son\w+=|<link|<img|<iframe", shown)


def test_names_are_texts_in_the_page(page: Path) -> None:
    text = page.read_text("utf-8")
    assert "alert(1)</script>" not in text
    assert "<title>&lt;/script&gt;&lt;script&gt;alert(1)" in text
    assert text.count("\u2028") == text.count("alert(1)") == 2  # the title and the heading
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", text)


def test_what_is_vendored_is_what_its_readme_names() -> None:
    readme = (pages.VENDORED / "README.md").read_text("utf-8")
    for file in ("ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm"):
        content = gzip.decompress((pages.VENDORED / f"{file}.gz").read_bytes())
        assert hashlib.sha256(content).hexdigest() in readme
        assert f"{len(content):,} bytes" in readme
    assert pages.RUNTIME.rpartition(" ")[2] in readme
    assert sum(path.stat().st_size for path in pages.PARTS.rglob("*")) < 4_000_000


# ── The proof ───────────────────────────────────────────────────────────────────────────────────────────────────


def with_programs(patch: pytest.MonkeyPatch, *names: str, version: int = 22) -> Any:
    patch.setattr(shutil, "which", lambda name: f"/bin/{name}" if name in names else None)
    patch.setattr(askers, "node_version", lambda node: version)
    patch.setattr(askers, "_MAC", ())
    patch.setattr(askers, "_FOLDERS", ())
    return askers.found_asker()


def test_node_is_asked_before_a_browser_and_one_that_is_too_old_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert with_programs(monkeypatch, "node", "chromium") == ("node", "/bin/node")
    assert with_programs(monkeypatch, "node", "chromium", version=18) == ("browser", "/bin/chromium")
    assert "Node.js 18 is older than 20" in str(with_programs(monkeypatch, "node", version=18))
    assert "neither Node.js 20 or newer nor a browser" in str(with_programs(monkeypatch))


def test_a_proof_that_was_not_run_is_reported_to_be_none() -> None:
    proof = ArtefactProof(
        "html", passed=True, size_bytes=36_000_000, unproven=Sentence("exporting.unproven.no_browser", oldest=20)
    )
    assert figures_text(proof).startswith("36 MB; not proven on this machine: there is neither Node.js 20")
    assert figures_text(msgspec.structs.replace(proof, unproven=NOTHING)) == "36 MB."


def test_a_browser_that_does_not_start_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoBrowser):
        Browser(str(tmp_path / "no-browser"), "about:blank")
