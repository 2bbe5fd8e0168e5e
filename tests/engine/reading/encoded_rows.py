"""300 rows in many languages, in every encoding that holds them, and what becomes of them: D1 of the fault catalogue.

`python -m tests.engine.reading.encoded_rows` prints the table of the README.
"""

from __future__ import annotations

import codecs
import tempfile
from collections.abc import Iterator
from pathlib import Path

from engine.contract.errors import DatasetUnreadable
from engine.contract.settings import ReadingOptions
from engine.reading.formats.registry import layout_of, read
from engine.reading.formats.text_files import encoding_choices

LANGUAGES = {
    "Turkish": "Bu film gerçekten çok güzeldi ışık ve gölge oyunları harika,Oyunculuk zayıf ama müzik iyiydi,"
    "Şehirde geçen hüzünlü bir öykü,İstanbul’un sokaklarında ağır bir yürüyüş,Görüntüler büyüleyici değildi",
    "Russian": "Этот фильм мне очень понравился,Скучная история без начала и конца,Актёры играют хорошо а музыка "
    "слабая,Лучшее что я видел в этом году,Жаль потраченного времени и денег",
    "Japanese": "この映画はとても面白かったです,俳優の演技が素晴らしい,物語は少し退屈でした,音楽と映像がきれいだった,"
    "もう一度見たいと思います",
    "Chinese": "这部电影非常好看我很喜欢,故事情节有点无聊不推荐,演员的表演令人印象深刻,音乐和画面都很美,"
    "时间太长让人想睡觉",
    "French": "Le film était très réussi et la fin m’a ému,Une histoire déjà vue où l’ennui règne,Les acteurs jouent "
    "à merveille,Ça commence bien mais le rythme s’essouffle,Un chef-d’œuvre à voir dès sa sortie",
    "emoji": "so much fun 😀🎉,not my thing 😴,the best 🏆 of the year,I cried 😭 at the end,meh 🤷",
}
ENCODINGS = (
    "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "cp1252", "cp1254",
    "koi8-r", "cp1251", "shift-jis", "euc-jp", "gb18030", "mac-roman",
)  # fmt: skip
ROWS = 300
_FOR = {
    "cp1252": ("French",),
    "cp1254": ("Turkish", "French"),
    "koi8-r": ("Russian",),
    "cp1251": ("Russian",),
    "shift-jis": ("Japanese",),
    "euc-jp": ("Japanese",),
    "gb18030": ("Chinese", "Japanese", "Russian", "French", "Turkish", "emoji"),
    "mac-roman": ("French",),
}


def rows_of(language: str) -> list[tuple[str, str]]:
    """The language's sentences, each with a number, until there are enough."""
    sentences = LANGUAGES[language].split(",")
    return [(f"{sentences[number % len(sentences)]} {number}", f"label{number % 3}") for number in range(ROWS)]


def cases() -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    """Encoding, language and rows; the Unicode encodings also with all languages in one file."""
    mixed = [row for place in range(ROWS // 6) for language in LANGUAGES for row in [rows_of(language)[place]]]
    for encoding in ENCODINGS:
        for language in _FOR.get(encoding, tuple(LANGUAGES)):
            yield encoding, language, rows_of(language)
        if encoding not in _FOR:
            yield encoding, "all", mixed


def write(path: Path, encoding: str, rows: list[tuple[str, str]]) -> None:
    text = "text;label\n" + "".join(f"{text};{label}\n" for text, label in rows)
    path.write_bytes(text.encode(encoding))


def outcome(path: Path, encoding: str, rows: list[tuple[str, str]]) -> str:
    """right, asked (the right letters are among those offered), or wrong in one of three ways."""
    offered = encoding_choices(path)
    if offered:
        right = [place for place, one in enumerate(offered) if _reads(path, one.encoding, rows)]
        if not right:
            return "asked, right letters not offered"
        return "asked, right letters first" if right[0] == 0 else "asked, right letters offered"
    try:
        return "right" if _reads(path, "", rows) else "silently wrong"
    except DatasetUnreadable as error:
        return f"refused {error.id}"


def _reads(path: Path, encoding: str, rows: list[tuple[str, str]]) -> bool:
    layout = layout_of(path, ReadingOptions(encoding=encoding))
    found: list[tuple[object, ...]] = []
    for chunk in read(path, layout, layout.columns):
        found.extend(zip(*(chunk.columns[name] for name in layout.columns), strict=True))
        if chunk.excluded:
            return False
    return found == rows


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        print("| encoding | languages | outcome |\n|---|---|---|")
        lines: dict[tuple[str, str], list[str]] = {}
        for encoding, language, rows in cases():
            write(path, encoding, rows)
            lines.setdefault((codecs.lookup(encoding).name, outcome(path, encoding, rows)), []).append(language)
        for (encoding, found), languages in lines.items():
            print(f"| {encoding} | {', '.join(languages)} | {found} |")


if __name__ == "__main__":
    main()
