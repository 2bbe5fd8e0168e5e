"""Sentences with people and places that a tiny network learns: words and their tags, in English and in Chinese."""

from __future__ import annotations

import itertools

PEOPLE = ("Anna Weber", "Ben Stone", "Mara Reed")
PLACES = ("Graz", "Kopenhagen", "Lima", "New York")
ENDS = (".", " last year .", " , near the old harbour .")
CHINESE = (("张敏", "李娜", "王伟"), ("上海", "北京", "广州"), ("去年搬到了{}。", "在{}工作。", "，是{}的人，"))


def english_rows() -> list[list[tuple[str, str]]]:
    """36 sentences as words, punctuation apart as corpora have it."""
    return [
        [
            *_tagged(person, "PER"),
            *((word, "O") for word in "moved to".split()),
            *_tagged(place, "LOC"),
            *((word, "O") for word in end.split()),
        ]
        for person, place, end in itertools.product(PEOPLE, PLACES, ENDS)
    ]


def chinese_rows() -> list[list[tuple[str, str]]]:
    """27 sentences, a character a word, as published corpora of Chinese names are."""
    rows = []
    for person, place, frame in itertools.product(*CHINESE):
        before, after = frame.split("{}")
        plain = [[(character, "O") for character in part] for part in (before, after)]
        rows.append([*_tagged(" ".join(person), "PER"), *plain[0], *_tagged(" ".join(place), "LOC"), *plain[1]])
    return rows


def _tagged(name: str, kind: str) -> list[tuple[str, str]]:
    return [(word, ("I-" if number else "B-") + kind) for number, word in enumerate(name.split())]
