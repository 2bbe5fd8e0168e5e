"""Text files: which encoding they have, and their lines one by one with the place in the file.

The encoding is found from the bytes where they determine it: a byte-order mark, valid UTF-8, UTF-16 or UTF-32 without a
mark. Else it is a guess, there is a note, and `encoding_choices` has the letters for a person to judge.
"""

from __future__ import annotations

import codecs
import functools
import io
import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, cast

from engine.contract.errors import DatasetUnreadable
from engine.contract.queries import EncodingChoice
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import NOTHING, Sentence
from engine.reading.formats.encodings import MOST_BYTES, distinguishable, encoding_of_escapes, guesses

SAMPLE_BYTES = 1024 * 1024
_CHECKED_BYTES = 32 * 1024 * 1024  # from the beginning; of what follows …
_BLOCK = 1024 * 1024
_FURTHER_BLOCKS = 32  # … so many blocks, the last of them at the end
_PIECE = 64 * 1024  # bytes, after which a block with so many errors is given up:
_ENOUGH_ERRORS = 1_000
_MOST_LINES = 2_000  # of a block that detection of the encoding looks at
LONGEST_LINE = 2**24  # characters; a text of 10 MB is read
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MENDED = "tunewright.replace"  # as "replace", but what is replaced is not looked for
codecs.register_error(_MENDED, codecs.replace_errors)
UNDECODED = re.compile("[\udc80-\udcff]")


def encoding_of(path: Path, wanted: str) -> tuple[str, Sentence]:
    """The encoding and a note about it, empty where there is no doubt; `wanted` is the user's choice or empty.

    Raises `DatasetUnreadable` (D1) for an encoding that Python does not have.
    """
    if wanted:
        try:
            codecs.lookup(wanted)
            b"".decode(wanted)
        except (LookupError, ValueError) as error:
            raise DatasetUnreadable(
                "D1",
                Sentence("reading.d1.not_text_encoding", wanted=wanted),
                hint=Sentence("reading.d1.leave_encoding_empty_found_choose"),
            ) from error
        return wanted, NOTHING
    found = _find(path)
    return found.encoding, found.note


def encoding_choices(path: Path) -> tuple[EncodingChoice, ...]:
    """What the file may be written in where its bytes leave a doubt, the likeliest first; empty where they do not."""
    return _find(path).choices


class _Found(NamedTuple):
    encoding: str
    note: Sentence = NOTHING
    choices: tuple[EncodingChoice, ...] = ()


def _find(path: Path) -> _Found:
    status = path.stat()
    return _find_once(path, status.st_size, status.st_mtime_ns)


@functools.lru_cache(maxsize=8)
def _find_once(path: Path, size: int, changed: int) -> _Found:
    """Looks into the file; `size` in bytes and `changed` in nanoseconds distinguish one content from the next."""
    with path.open("rb") as file:
        sample = file.read(SAMPLE_BYTES)
        for mark, name in _MARKS:
            if sample.startswith(mark):
                return _Found(name)
        found = _wide_without_mark(sample) or encoding_of_escapes(sample)
        if found:
            return _Found(found, Sentence("reading.note.encoding_without_mark", encoding=found))
        errors = _utf8_errors(sample, file, size)
    if errors.bad == 0 or errors.multibyte > 20 * errors.bad:
        return _Found("utf-8")
    likely = guesses(errors.odd_lines, is_partly_utf8=errors.is_mixed)
    note = Sentence("reading.note.encoding_guessed", encoding=likely[0].encoding)
    lines = distinguishable(errors.odd_lines, [one.encoding for one in likely if one.is_near])
    choices = tuple(EncodingChoice(name, texts) for name, texts in lines.items())
    return _Found(likely[0].encoding, note, choices if len(choices) > 1 else ())


def open_text(path: Path, encoding: str, undecodable: str = "") -> io.TextIOWrapper:
    """The file as text; what cannot be decoded is marked, so that `Lines.is_unreadable` finds it.

    Where `undecodable` is "replace", it becomes U+FFFD instead and counts as read.
    """
    unmarked = encoding.lower().replace("_", "-") in ("utf-8", "utf8", "ascii", "utf-8-sig")
    return io.TextIOWrapper(
        path.open("rb"),
        encoding="utf-8-sig" if unmarked else encoding,
        errors=_MENDED if undecodable == "replace" else "surrogateescape" if unmarked else "replace",
        newline="",
    )


class Lines:
    """Physical lines of an open text file, with the possibility to give some back.

    `taken` holds the lines since it was last emptied. Longer records than `longest` lines raise `TooManyLines`, and a
    line that is no line, of more than `LONGEST_LINE` characters, `DatasetUnreadable` (D8).
    """

    def __init__(self, file: io.TextIOWrapper | io.StringIO, *, longest: int = 0) -> None:
        self._file = file
        self._waiting: deque[str] = deque()
        self._longest = longest
        self._replaced = "\ufffd" if isinstance(file, io.TextIOWrapper) and file.errors == "replace" else ""
        self.taken: list[str] = []
        self.number = 0
        self._characters = 0  # of the lines taken

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        line = self._waiting.popleft() if self._waiting else self._file.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) == LONGEST_LINE:
            raise line_too_long(Path(getattr(self._file, "name", "")), self.number)
        self._characters = self._characters + len(line) if self.taken else len(line)
        self.taken.append(line)
        if self._longest and (len(self.taken) > self._longest or self._characters > LONGEST_LINE):
            raise TooManyLines
        return line

    def filled(self) -> Iterator[tuple[str, bool]]:
        """The lines that are not blank, each with whether something in it could not be decoded."""
        for line in self:
            is_unreadable = not line.isascii() and self.is_unreadable()
            self.taken = []
            if line.strip():
                yield line, is_unreadable

    def take_together(self, most: int, without: str) -> list[str]:
        """The next lines, `most` of them, or none where one holds `without`, cannot be decoded or is very long.

        They do not count as `taken`; none are read where none are returned.
        """
        block: list[str] = []
        while len(block) < most:
            line = self._waiting.popleft() if self._waiting else self._file.readline(LONGEST_LINE)
            if not line:
                break
            block.append(line)
            if len(line) > _PIECE:
                break
        text = "".join(block)
        if not block or len(block[-1]) > _PIECE or (without and without in text) or self._holds_undecoded(text):
            self._waiting.extendleft(reversed(block))
            return []
        self.number += len(block)
        self.taken = []
        return block

    def is_at_end(self) -> bool:
        """Whether no line follows."""
        if not self._waiting and (line := self._file.readline(LONGEST_LINE)):
            self._waiting.append(line)
        return not self._waiting

    def pass_over(self, start: str) -> None:
        """Passes over the lines before the next that is empty or begins with `start`; none of them is looked at."""
        while line := self._waiting.popleft() if self._waiting else self._file.readline(LONGEST_LINE):
            if line.isspace() or line.startswith(start):
                self._waiting.appendleft(line)
                return
            self.number += 1
            if len(line) == LONGEST_LINE:
                raise line_too_long(Path(getattr(self._file, "name", "")), self.number)

    def give_back(self, lines: list[str]) -> None:
        """These lines come again."""
        self._waiting.extendleft(reversed(lines))
        self.number -= len(lines)

    def is_unreadable(self) -> bool:
        """Whether one of the taken lines has characters that could not be decoded."""
        return any(map(self._holds_undecoded, self.taken))

    def _holds_undecoded(self, text: str) -> bool:
        if text.isascii():
            return False
        return self._replaced in text if self._replaced else UNDECODED.search(text) is not None

    def bytes_done(self) -> int:
        """How far the file was read."""
        return bytes_done(self._file) if isinstance(self._file, io.TextIOWrapper) else 0


def bytes_done(file: io.TextIOWrapper) -> int:
    """How far an open text file was read."""
    return cast(io.BufferedReader, file.buffer).tell()


def lines_of(text: str) -> io.StringIO:
    """A text's lines as a file has them: they end with a line feed or a carriage return and with nothing else."""
    return io.StringIO(text, newline="")


def line_too_long(path: Path, number: int) -> DatasetUnreadable:
    """The error (D8) for a line of more characters than any row has."""
    return DatasetUnreadable(
        "D8",
        Sentence("reading.d8.line_too_long", number=number, path=path.name, longest=LONGEST_LINE),
        hint=Sentence("reading.d8.split_rows"),
        actions=(RecoveryAction.CHOOSE_OTHER_FILE,),
        rows=(number,),
    )


class TooManyLines(Exception):
    """A record continues for so many lines that an open quotation mark is to blame."""


def sample_text(path: Path, encoding: str) -> str:
    """The first part of the file, cut at a line end where there is more."""
    with open_text(path, encoding) as file:
        text = file.read(SAMPLE_BYTES)
        if file.read(1):
            end = max(text.rfind("\n"), text.rfind("\r"))
            text = text[: end + 1] if end > 0 else text
    return text.removeprefix("\ufeff")


class TextSample(NamedTuple):
    """The first part of a text file as it reads in its encoding, to see which format it is written in."""

    path: Path
    encoding: str
    text: str


def _wide_without_mark(sample: bytes) -> str:
    """UTF-16 or UTF-32 without a mark: zeros beside the signs that every text has, such as line ends and spaces.

    A text of one-byte characters holds no zeros, and one in UTF-8 with a few stray ones is valid all the same. chardet
    7.7 takes lines of Thai alone for the other order of the bytes; elsewhere it finds the same.
    """
    head = sample[: 40_000 // 4 * 4]
    if len(head) < 4 or b"\0" not in head:
        return ""
    half = len(head) / 2
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if len(head) >= 8 and even + odd > 0.4 * len(head):
        for name, places in (("utf-32-le", (2, 3)), ("utf-32-be", (0, 1))):
            if all(head[place::4].count(0) > 0.2 * len(head) / 4 for place in places) and _is_valid(head, name):
                return name
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.05 * half:
        return "utf-16-be"
    controls = sum(head.count(code) for code in range(1, 9))
    if controls < 0.05 * len(head) and _is_valid(head, "utf-8", cut=3):
        return ""
    head = head[: len(head) // 2 * 2]
    plain = {name: _plain_signs(head, name) for name in ("utf-16-le", "utf-16-be")}
    best = max(plain, key=lambda name: plain[name])
    return best if plain[best] > 0.01 and plain[best] > 3 * min(plain.values()) else ""


def _is_valid(head: bytes, encoding: str, *, cut: int = 0) -> bool:
    try:
        head[: len(head) - cut].decode(encoding)
    except UnicodeDecodeError as error:
        return cut > 0 and error.end > len(head) - cut - 4  # only the last character is cut
    return True


def _plain_signs(head: bytes, encoding: str) -> float:
    """The share of line ends, spaces and signs of punctuation among the characters."""
    text = head.decode(encoding, "replace")
    return sum(text.count(sign) for sign in "\n\t ,.;0123456789") / max(1, len(text))


class _Utf8Errors(NamedTuple):
    """How far a text is valid UTF-8."""

    bad: int  # bytes that are not
    multibyte: int  # characters of several bytes
    odd_lines: bytes  # some of those that are not valid, from all parts of the file
    is_mixed: bool  # whether many other lines are valid, with characters of several bytes


def _utf8_errors(sample: bytes, file: io.BufferedReader, size: int) -> _Utf8Errors:
    """Where the file is not UTF-8.

    Of a large file the first part is looked at, and blocks at equal distances up to the end. `sample` is what was read
    of the `file`, whose `size` is in bytes.
    """
    bad = multibyte = valid = invalid = 0
    odd: list[bytes] = []  # lines of each block
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    for block, continues in _blocks(sample, file, size):
        if not continues:
            decoder.reset()
        wrong = read = 0
        while read < len(block) and wrong < _ENOUGH_ERRORS:
            text = decoder.decode(block[read : read + _PIECE])
            read += _PIECE
            if not text.isascii():
                undecoded = len(UNDECODED.findall(text))
                wrong += undecoded
                multibyte += len(text) - len(text.encode("ascii", "ignore")) - undecoded
        bad += wrong
        if not wrong:
            valid += 0 if block.isascii() else 1 + block.count(b"\n")
            continue
        if read < len(block):
            decoder.reset()
            block = block[:read]
        lines = [line for line in block.splitlines() if not line.isascii()][:_MOST_LINES]
        found = [line for line in lines if not _is_valid(line, "utf-8")]
        valid, invalid = valid + len(lines) - len(found), invalid + len(found)
        odd.append(b"\n".join(found)[:MOST_BYTES])
    share = MOST_BYTES // max(1, len(odd))
    return _Utf8Errors(bad, multibyte, b"".join(lines[:share] + b"\n" for lines in odd), valid > 0.2 * invalid)


def _blocks(sample: bytes, file: io.BufferedReader, size: int) -> Iterator[tuple[bytes, bool]]:
    """Blocks of the file, and whether each continues the one before; one that does not begins with a whole line."""
    together = size if size <= _CHECKED_BYTES + _FURTHER_BLOCKS * _BLOCK else _CHECKED_BYTES
    read, block = 0, sample
    while block:
        yield block, True
        read += len(block)
        block = file.read(_BLOCK) if read < together else b""
    for number in range(1, _FURTHER_BLOCKS + 1 if together < size else 1):
        file.seek(read + number * (size - read) // _FURTHER_BLOCKS - _BLOCK)
        block = file.read(_BLOCK)
        start = block.find(b"\n") + 1  # a line longer than a block begins within a character at worst
        yield block[start:], False
