"""Answers texts with the ONNX model of this folder: onnxruntime, tokenizers and this file are all it needs.

    pip install onnxruntime tokenizers          (Python 3.10 or newer)
    python predict.py "a text" "another text"
    python predict.py < texts.txt
    python predict.py --model onnx/model_quantized.onnx --batch 32 < texts.txt

Each argument, or each line of standard input, is a text; with --pairs it is two, with a tab between. Each answer is a
line of JSON. `answer` is what the model was calibrated to answer, after calibration.json where there is one: a label or
"don't know", the labels that reach their thresholds, a number, or the entities with their characters [start, end).

    from predict import Model
    model = Model("path/to/this/folder")
    model.answer(["a text", ("a text", "its second text")])
"""

from __future__ import annotations

import argparse
import json
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnxruntime
from tokenizers import Regex, Tokenizer, pre_tokenizers

DO_NOT_KNOW = "don't know"
FILES = ("onnx/model.onnx", "onnx/model_quantized.onnx", "onnx/model_int8.onnx")
USUAL_THRESHOLD = 0.5  # of a label among several
MOST_TOKENS = 512  # where the tokenizer names no limit
OVERLAP = 32  # tokens that two windows of a long text share, at most a quarter of one
Text = str | Sequence[str]  # a text, or a pair


class Encoded(NamedTuple):
    """One text as the network reads it; `cut` tokens at its end are not read."""

    ids: list[int]
    types: list[int]
    offsets: list[tuple[int, int]]
    tokens: list[str]
    special: list[int]
    cut: int


class Model:
    """The network of an exported folder with its tokenizer, its labels and its calibration."""

    def __init__(self, folder: str | Path, file: str = "", *, threads: int = 0) -> None:
        """Reads the folder; `file` is one of its ONNX models, by default the first of `FILES` that is there.

        `threads` 0 leaves their number to onnxruntime. Raises `FileNotFoundError` where a file is missing.
        """
        place = Path(folder)
        config = _json(place / "config.json")
        names = config["id2label"]
        self.labels = [str(names[str(number)]) for number in range(len(names))]
        self.per_word = str((config.get("architectures") or [""])[0]).endswith("ForTokenClassification")
        # Else each word has a tag of its own.
        self.marks_entities = self.per_word and not all(tag and kind_of(tag) == tag for tag in self.labels)
        self.problem = str(config.get("problem_type") or "single_label_classification")
        calibration = place / "calibration.json"
        self.calibration: dict[str, Any] = _json(calibration) if calibration.is_file() else {}
        self.tokenizer: Any = Tokenizer.from_file(str(place / "tokenizer.json"))
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        settings = _json(place / "tokenizer_config.json")
        self.longest = min(int(settings.get("model_max_length") or MOST_TOKENS), 1_000_000)
        if self.longest == 1_000_000:
            self.longest = MOST_TOKENS
        self.padding = self._token_id(settings.get("pad_token")) or 0
        self.unknown = self._token_id(settings.get("unk_token"))
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        if threads:
            options.intra_op_num_threads = threads
        self.file = file or next((name for name in FILES if (place / name).is_file()), FILES[0])
        if not (place / self.file).is_file():
            raise FileNotFoundError(f"{self.file} is not in {place}")
        self.session = onnxruntime.InferenceSession(str(place / self.file), options, providers=["CPUExecutionProvider"])
        self.inputs = {one.name for one in self.session.get_inputs()}
        last = self.tokenizer.encode("a").special_tokens_mask
        self.trailing = next((count for count, mark in enumerate(reversed(last)) if not mark), 0)

    def answer(self, texts: Sequence[Text], batch: int = 32) -> list[dict[str, Any]]:
        """The answer to each text or pair, so many at a time."""
        answers: list[dict[str, Any]] = []
        for start in range(0, len(texts), batch):
            some = texts[start : start + batch]
            read = [self.windows(text) for text in some]
            rows = [row for windows in read for row in windows]
            logits = [one for first in range(0, len(rows), batch) for one in self.logits(rows[first : first + batch])]
            for text, windows in zip(some, read, strict=True):
                own, logits = logits[: len(windows)], logits[len(windows) :]
                found = self._of_words(str(text), windows, own) if self.per_word else self._of_text(own[0][0])
                cut = windows[0].cut
                answers.append({**found, "cut_tokens": cut} if cut else found)
        return answers

    def windows(self, text: Text) -> list[Encoded]:
        """A text in which entities are marked in overlapping windows, where it is longer than one; all else alone."""
        one = self.tokenizer.encode(text) if self.marks_entities and isinstance(text, str) else None
        if one is None or len(one.ids) <= self.longest:
            return [self.encoded(text)]
        head = next(place for place, mark in enumerate(one.special_tokens_mask) if not mark)
        tail = len(one.ids) - self.trailing
        room = self.longest - head - self.trailing
        found, start = [], head
        while True:
            end = min(start + room, tail)
            parts = [*range(head), *range(start, end), *range(tail, len(one.ids))]
            ids, types, offsets, tokens, special = (
                [column[place] for place in parts]
                for column in (one.ids, one.type_ids, one.offsets, one.tokens, one.special_tokens_mask)
            )
            found.append(Encoded(ids, types, offsets, tokens, special, 0))
            if end == tail:
                return found
            start += max(1, room - min(OVERLAP, self.longest // 4))

    def encoded(self, text: Text) -> Encoded:
        """A text or a pair as token ids, cut as the model was trained to read it."""
        if isinstance(text, str):
            one = self.tokenizer.encode(text)
            row = Encoded(one.ids, one.type_ids, one.offsets, one.tokens, one.special_tokens_mask, 0)
            if len(row.ids) <= self.longest:
                return row
            head, tail = self.longest - self.trailing, len(row.ids) - self.trailing
            ids, types, offsets, tokens, special = row[:-1]
            return Encoded(
                ids[:head] + ids[tail:],
                types[:head] + types[tail:],
                offsets[:head] + offsets[tail:],
                tokens[:head] + tokens[tail:],
                special[:head] + special[tail:],
                len(row.ids) - self.longest,
            )
        first, second = text
        one, cut = self.tokenizer.encode(first, second), 0
        if len(one.ids) > self.longest:
            cut = len(one.ids) - self.longest
            self.tokenizer.enable_truncation(self.longest)  # the longer of both texts loses its end
            one = self.tokenizer.encode(first, second)
            self.tokenizer.no_truncation()
        return Encoded(one.ids, one.type_ids, one.offsets, one.tokens, one.special_tokens_mask, cut)

    def logits(self, rows: Sequence[Encoded]) -> list[Any]:
        """The network's logits of each row: (1, labels), or (tokens, labels) where words have labels."""
        length = max(len(row.ids) for row in rows)
        ids = np.full((len(rows), length), self.padding, dtype=np.int64)
        mask, types = np.zeros_like(ids), np.zeros_like(ids)
        for place, row in enumerate(rows):
            ids[place, : len(row.ids)], mask[place, : len(row.ids)] = row.ids, 1
            types[place, : len(row.types)] = row.types
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
        (found,) = self.session.run(None, {name: given[name] for name in self.inputs})
        found = np.asarray(found, dtype=np.float64) / float(self.calibration.get("temperature", 1.0))
        if self.per_word:
            return [found[place, : len(row.ids)] for place, row in enumerate(rows)]
        return [found[place : place + 1] for place in range(len(rows))]

    # ── Answers ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _of_text(self, logits: Any) -> dict[str, Any]:
        if self.problem == "regression":
            return {"answer": float(logits[0])}
        thresholds: Mapping[str, float] = self.calibration.get("thresholds", {})
        if self.problem == "multi_label_classification":
            likely = dict(zip(self.labels, (1 / (1 + np.exp(-logits))).tolist(), strict=True))
            ordered = sorted(likely, key=lambda label: -likely[label])
            given = [label for label in ordered if likely[label] >= thresholds.get(label, USUAL_THRESHOLD)]
            return {"answer": given, "scores": {label: likely[label] for label in ordered}}
        likely = dict(zip(self.labels, softmax(logits).tolist(), strict=True))
        ordered = sorted(likely, key=lambda label: -likely[label])
        reached = [label for label in ordered if label in thresholds and likely[label] >= thresholds[label]]
        label = (reached or [label for label in ordered if label not in thresholds] or ordered)[0]
        found: dict[str, Any] = {"answer": label, "label": label, "score": likely[label]}
        found["scores"] = {label: likely[label] for label in ordered}
        rule = self.calibration.get("unsure")
        if rule and rule["kind"] == "confidence":
            unsure = likely[label] < rule.get("least_confidence", 0.0)
        elif rule:
            cuts, usual = rule.get("label_cutoffs", {}), rule.get("cutoff", 0.0)
            found["possible"] = [name for name in self.labels if likely[name] >= cuts.get(name, usual)]
            unsure = found["possible"] != [label]
        else:
            unsure = False
        return {**found, "answer": DO_NOT_KNOW} if unsure else found

    def _of_words(self, text: str, windows: Sequence[Encoded], logits: Sequence[Any]) -> dict[str, Any]:
        found: list[dict[str, Any]] = []
        for row, own in zip(windows, logits, strict=True):
            likely = softmax(own)
            tags = [self.labels[number] for number in likely.argmax(axis=-1).tolist()]
            if self.marks_entities:
                found += self._entities(text, row, likely, tags, untrimmed=len(windows) > 1)
            else:
                found += self._words(text, row, likely, tags)
        found = found if len(windows) == 1 else without_overlaps(found, text)
        return {"answer": [{**one, "text": text[one["start"] : one["end"]]} for one in found]}

    def _entities(
        self, text: str, row: Encoded, likely: Any, tags: Sequence[str], *, untrimmed: bool
    ) -> list[dict[str, Any]]:
        """Tokens joined to entities, as the pipeline of transformers does that the model was proven with."""
        offsets = [(start, end) if untrimmed else trimmed(text, start, end) for start, end in row.offsets]
        read = list(self._read(text, row))
        ends = [*read[1:], len(row.ids)]  # each prediction holds up to the next
        certainty = likely.max(axis=-1)
        found = []
        for start, end, kind in entities_in([tags[place] for place in read]):
            shown = [
                offsets[place]
                for place in range(read[start], ends[end - 1])
                if not row.special[place] and (place in read or is_seen(text, *offsets[place]))
            ]
            shown = [span for span in shown if span[0] < span[1]]
            if shown:
                score = float(certainty[read[start:end]].mean())
                found.append({"start": shown[0][0], "end": shown[-1][1], "label": kind, "score": score})
        return found

    def _read(self, text: str, row: Encoded) -> Iterator[int]:
        """The tokens whose predictions are taken: not those that continue a word, where the vocabulary marks them."""
        joins = bool(getattr(self.tokenizer.model, "continuing_subword_prefix", None))
        is_first = True
        for place, (token, number, (start, end)) in enumerate(zip(row.tokens, row.ids, row.offsets, strict=True)):
            is_longer = len(token) != len(text[start:end])
            continues = joins and not is_first and number != self.unknown and is_longer
            if not row.special[place] and not continues:
                yield place
            is_first = is_first and bool(row.special[place])

    def _words(self, text: str, row: Encoded, likely: Any, tags: Sequence[str]) -> list[dict[str, Any]]:
        """Each word with the tag of its first own token, else of one that it shares, or of the word before it."""
        words = words_in(text)
        own: list[list[int]] = [[] for _ in words]
        shared: list[list[int]] = [[] for _ in words]
        first = 0
        for place, (start, end) in enumerate(trimmed(text, *span) for span in row.offsets):
            if row.special[place] or start == end:
                continue
            while first < len(words) and words[first][1] <= start:
                first += 1
            covered = [number for number in range(first, len(words)) if words[number][0] < end]
            for number in covered:
                shared[number].append(place)
            if covered:
                own[covered[0]].append(place)
        found, before = [], -1
        for number, (start, end) in enumerate(words):
            before = (own[number] or shared[number] or [before])[0]
            if before >= 0:
                score = float(likely[before].max())
                found.append({"start": start, "end": end, "label": kind_of(tags[before]), "score": score})
        return found

    def _token_id(self, token: Any) -> int | None:
        content = token.get("content") if isinstance(token, dict) else token
        number: int | None = self.tokenizer.token_to_id(content) if content else None
        return number


def softmax(logits: Any) -> Any:
    """Probabilities along the last axis."""
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def kind_of(tag: str) -> str:
    """The type that a tag names, without its prefix; an empty string for O."""
    if tag in ("", "O", "o"):
        return ""
    return tag[2:] if tag[:2] in ("B-", "I-") and len(tag) > 2 else tag


def entities_in(tags: Sequence[str]) -> list[tuple[int, int, str]]:
    """Spans [start, end) of tags with their type; an I- without a beginning begins one."""
    spans: list[tuple[int, int, str]] = []
    start, kind = 0, ""
    for place, tag in enumerate([*tags, "O"]):
        if kind and tag == f"I-{kind}":
            continue
        if kind:
            spans.append((start, place, kind))
        start, kind = place, kind_of(tag)
    return spans


def without_overlaps(found: Sequence[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    """Of entities that share characters, as windows find them, the longest, then the surest, without spaces around."""
    kept: list[dict[str, Any]] = []
    for one in sorted(found, key=lambda entity: int(entity["start"])):
        if not kept or one["start"] >= kept[-1]["end"]:
            kept.append(one)
            continue
        lengths = [entity["end"] - entity["start"] for entity in (one, kept[-1])]
        if (lengths[0], one["score"]) > (lengths[1], kept[-1]["score"]):
            kept[-1] = one
    spans = [(one, *trimmed(text, one["start"], one["end"])) for one in kept]
    return [{**one, "start": start, "end": end} for one, start, end in spans if start < end]


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The characters of a token without the spaces around them."""
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


def is_seen(text: str, start: int, end: int) -> bool:
    """Whether one of these characters is more than an invisible sign."""
    return any(unicodedata.category(sign) not in ("Cc", "Cf") for sign in text[start:end])


# ── Words of a text ─────────────────────────────────────────────────────────────────────────────────────────────

# Letters and marks of scripts without spaces between words, each a word of its own: Thai and its relatives, Tibetan,
# Javanese, Balinese, Tangut, Chinese, Japanese. What lies between two ranges is not assigned, or no letter.
_ALONE = (
    "2c7 2c9-2cb 305 323 e01-e3a e40-e4e e81-ece edc-f00 f18-f19 f35 f37 f39 f3e-f84 f86-fbc fc6 1000-103f 1050-108f "
    "109a-109d 1780-17d3 17d7 17dc-17dd 1950-19c9 1a20-1a7c 1aa7 1b00-1b4c 1b6b-1b73 3005-3007 3021-302d 3031-3035 "
    "3038-303c 3041-309a 309d-309f 30a1-30fa 30fc-312f 31a0-31bf 31f0-31ff 3400-4dbf 4e00-9fff a980-a9c0 a9cf "
    "a9e0-a9ef a9fa-a9fe aa60-aa76 aa7a-aadd f900-fad9 ff66-ff9f 11700-1172b 11740-11746 16fe0 16fe3 16ff0-18aff "
    "18d00-18df2 1aff0-1b168 20000-33479"
)


def _pattern() -> str:
    """Links, @names and #topics whole; 3.5, U.S and well-known together; every other sign alone."""
    alone = "".join("-".join(chr(int(end, 16)) for end in part.split("-")) for part in _ALONE.split())
    invisible = r"\p{Default_Ignorable_Code_Point}"
    continuing = rf"[[\p{{M}}{invisible}]&&[^{chr(0x200B)}]]*"
    letters = rf"(?:[\w&&[^\p{{M}}{invisible}{alone}]]{continuing})+"
    nothing = rf"{invisible}\p{{Cc}}{chr(0xFFF9)}-{chr(0xFFFB)}"
    return (
        rf"https?://[^\s{alone}]+|[@#]?{letters}(?:[-.,&/_]{letters})*|['’]{letters}"
        rf"|(?=[^\s{nothing}])\X{continuing}"
    )


_words: list[Any] = []


def words_in(text: str) -> list[tuple[int, int]]:
    """The words of a text as characters [start, end); the pattern runs in the tokenizers package."""
    if not _words:
        _words.append(pre_tokenizers.Split(Regex(_pattern()), "removed", invert=True))
    return [span for _, span in _words[0].pre_tokenize_str(text)]


# ── The command line ────────────────────────────────────────────────────────────────────────────────────────────


def main() -> None:
    """Answers the arguments, or the lines of standard input."""
    sys.stdin.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    parser = argparse.ArgumentParser(description="Answers texts with the model of this folder.")
    parser.add_argument("text", nargs="*", help="without any: one text per line of standard input")
    parser.add_argument("--pairs", action="store_true", help="each text is two, with a tab between")
    parser.add_argument("--json", action="store_true", help="each line is a JSON string, or a list of two")
    parser.add_argument("--model", default="", help=f"one of {', '.join(FILES)}; default: the first that is there")
    parser.add_argument("--batch", type=int, default=1, help="texts at a time; default: 1")
    options = parser.parse_args()
    model = Model(Path(__file__).resolve().parent, options.model)
    given: Iterator[str] = iter(options.text) if options.text else (line.rstrip("\r\n") for line in sys.stdin)
    waiting: list[Text] = []
    for text in given:
        pair = options.pairs and "\t" in text
        waiting.append(json.loads(text) if options.json else text.split("\t", 1) if pair else text)
        if len(waiting) >= options.batch:
            _print(model, waiting)
            waiting = []
    if waiting:
        _print(model, waiting)


def _print(model: Model, texts: Sequence[Text]) -> None:
    for one in model.answer(texts, batch=len(texts)):
        print(json.dumps(one, ensure_ascii=False), flush=True)


def _json(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


if __name__ == "__main__":
    main()
