"""Text files: which encoding they have, and their lines one by one with the place in the file.

The encoding is found from the bytes: a byte-order mark, valid UTF-8, UTF-16 without a mark, else the statistics of
charset-normalizer, in which case a note says so.
"""

from __future__ import annotations

import codecs
import io
import re
from collections import deque
from pathlib import Path
from typing import cast

import charset_normalizer

from engine.errors import DatasetUnreadable

SAMPLE_BYTES = 1024 * 1024
_CHECKED_BYTES = 64 * 1024 * 1024
_BLOCK = 1024 * 1024
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WESTERN = ("cp1250", "cp1252", "cp1254", "cp1257", "cp1258", "latin_1", "iso8859_2", "iso8859_4", "iso8859_9")
_UNDECODED = re.compile("[\udc80-\udcff]")


def encoding_of(path: Path, wanted: str) -> tuple[str, str]:
    """The encoding and a note about it, empty where there is no doubt; `wanted` is the user's choice or empty.

    Raises `DatasetUnreadable` (D1) for an encoding that Python does not know.
    """
    if wanted:
        try:
            codecs.lookup(wanted)
            b"".decode(wanted)
        except (LookupError, ValueError) as error:
            raise DatasetUnreadable(
                "D1",
                f"“{wanted}” is not a text encoding.",
                hint="Leave the encoding empty to have it found, or choose one such as utf-8 or cp1252.",
            ) from error
        return wanted, ""
    with path.open("rb") as file:
        sample = file.read(SAMPLE_BYTES)
        for mark, name in _MARKS:
            if sample.startswith(mark):
                return name, ""
        wide = _wide_without_mark(sample)
        if wide:
            return wide, f"The text encoding was taken to be {wide}. Check the letters in the preview."
        bad, multibyte = _utf8_errors(sample, file)
    if bad == 0 or multibyte > 20 * bad:
        return "utf-8", ""
    guess = _statistical(sample)
    return guess, f"The file is not UTF-8. It was read as {guess}: check the letters, or choose another encoding."


def open_text(path: Path, encoding: str) -> io.TextIOWrapper:
    """The file as text; what cannot be decoded is marked, so that `Lines.is_unreadable` finds it."""
    unmarked = encoding.lower().replace("_", "-") in ("utf-8", "utf8", "ascii", "utf-8-sig")
    return io.TextIOWrapper(
        path.open("rb"),
        encoding="utf-8-sig" if unmarked else encoding,
        errors="surrogateescape" if unmarked else "replace",
        newline="",
    )


class Lines:
    """Physical lines of an open text file, with the possibility to give some back.

    `taken` holds the lines since it was last emptied. Longer records than `longest` lines raise `TooManyLines`.
    """

    def __init__(self, file: io.TextIOWrapper | io.StringIO, *, longest: int = 0) -> None:
        self._file = file
        self._waiting: deque[str] = deque()
        self._longest = longest
        self._replaced = "\ufffd" if isinstance(file, io.TextIOWrapper) and file.errors == "replace" else ""
        self.taken: list[str] = []
        self.number = 0

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        line = self._waiting.popleft() if self._waiting else next(self._file)
        self.number += 1
        self.taken.append(line)
        if self._longest and len(self.taken) > self._longest:
            raise TooManyLines
        return line

    def give_back(self, lines: list[str]) -> None:
        """These lines come again."""
        self._waiting.extendleft(reversed(lines))
        self.number -= len(lines)

    def is_unreadable(self) -> bool:
        """Whether one of the taken lines has characters that could not be decoded."""
        for line in self.taken:
            if not line.isascii() and (
                self._replaced in line if self._replaced else _UNDECODED.search(line) is not None
            ):
                return True
        return False

    def bytes_done(self) -> int:
        """How far the file was read."""
        return bytes_done(self._file) if isinstance(self._file, io.TextIOWrapper) else 0


def bytes_done(file: io.TextIOWrapper) -> int:
    """How far an open text file was read."""
    return cast(io.BufferedReader, file.buffer).tell()


def lines_of(text: str) -> io.StringIO:
    """A text's lines as a file has them: they end with a line feed or a carriage return and with nothing else."""
    return io.StringIO(text, newline="")


class TooManyLines(Exception):
    """A record goes on for so many lines that an open quotation mark is to blame."""


def sample_text(path: Path, encoding: str) -> str:
    """The first part of the file, cut at a line end where there is more."""
    with open_text(path, encoding) as file:
        text = file.read(SAMPLE_BYTES)
        if file.read(1):
            end = max(text.rfind("\n"), text.rfind("\r"))
            text = text[: end + 1] if end > 0 else text
    return text.removeprefix("\ufeff")


def _wide_without_mark(sample: bytes) -> str:
    """UTF-16 without a mark shows as zeros in every second byte."""
    head = sample[:20_000]
    if len(head) < 4:
        return ""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) / 2
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.05 * half:
        return "utf-16-be"
    return ""


def _utf8_errors(sample: bytes, file: io.BufferedReader) -> tuple[int, int]:
    """Bytes that are not UTF-8 and characters of several bytes, in the first part of the file."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    bad = multibyte = read = 0
    block = sample
    while block:
        text = decoder.decode(block)
        if not text.isascii():
            wrong = len(_UNDECODED.findall(text))
            bad += wrong
            multibyte += len(text) - len(text.encode("ascii", "ignore")) - wrong
        read += len(block)
        block = file.read(_BLOCK) if read < _CHECKED_BYTES else b""
    return bad, multibyte


def _statistical(sample: bytes) -> str:
    lines = [line for line in sample.splitlines() if not line.isascii()]
    matches = charset_normalizer.from_bytes(b"\n".join(lines)[:100_000] or sample[:100_000])
    best = matches.best()
    if best is None:
        return "cp1252"
    if best.encoding in _WESTERN:
        plain = next((match for match in matches if match.encoding == "cp1252"), None)
        if plain is not None and plain.chaos <= best.chaos + 0.05 and plain.coherence + 0.1 >= best.coherence:
            return "cp1252"
    return str(best.encoding).replace("_", "-") if best.encoding.startswith("utf") else str(best.encoding)
