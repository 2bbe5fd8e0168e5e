"""Numbers, times and sizes as a person reads them: in the window, on the terminal, in the card."""

from __future__ import annotations

import re

from engine.contract.languages import catalogue

_NUMBER = re.compile(r"\s*[+-]?(\d[\d.,]*|[.,]\d+)([eE][+-]?\d+)?\s*%?\s*")
_FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20")  # the last four are the wide forms, which some spreadsheets read too


def spreadsheet_cell(text: str) -> str:
    """The text with an apostrophe in front where a spreadsheet would take it for a formula; numbers as they are.

    https://owasp.org/www-community/attacks/CSV_Injection: whoever pastes or opens it would run what a row says.
    """
    is_formula = text.lstrip().startswith(_FORMULA) or text.startswith(("\t", "\r", "\n"))
    return f"'{text}" if is_formula and _NUMBER.fullmatch(text) is None else text


SPLITS = {
    "train": "Training",
    "validation": "Validation",
    "test": "Test",
    "cross_validation": "Cross-validated",
}


def split_name(key: str) -> str:
    """The name of a split; an unknown one as it is."""
    return SPLITS.get(key, key)


def number(value: float, spec: str = ",") -> str:
    """ "12,345" or, with a format of Python's such as ".1f", "0.5": the one place where a number gets its signs."""
    return in_signs(format(value, spec))


def in_signs(written: str) -> str:
    """A number that Python has written, with the signs of the language."""
    language = catalogue().language
    return written.translate({ord("."): language.decimal, ord(","): language.grouping})


def quoted(text: object) -> str:
    """The text in the quotation marks of the language."""
    marks = catalogue().language.quotes
    return f"{marks[0]}{text}{marks[1]}"


def score_text(value: float | None) -> str:
    """A score with three decimals, or that it cannot be measured."""
    return "not measurable" if value is None else f"{value:.3f}"


def percent(value: float | None) -> str:
    """ "83.1 %", or that it cannot be measured."""
    return "not measurable" if value is None else f"{100 * value:.1f} %"


def count(number: int, one: str, many: str = "") -> str:
    """ "1 row", "2,000 rows"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def duration(seconds: float) -> str:
    """ "42 s", "3:05 min", "2:10 h"."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d} min"
    return f"{whole // 3600}:{whole % 3600 // 60:02d} h"


def about(seconds: float) -> str:
    """A time that is not known exactly, as a person says it: "15 s", "2.5 min", "40 min", "2 h 10 min", "15 h"."""
    if seconds < 57.5:
        return f"{max(5, 5 * round(seconds / 5))} s"
    minutes = seconds / 60
    if minutes < 9.75:
        return f"{round(2 * minutes) / 2:g} min"
    if minutes < 59.5:
        return f"{round(minutes)} min"
    tens = round(minutes / 10)
    if tens >= 60:
        return f"{round(minutes / 60):,} h"
    return f"{tens // 6} h" + (f" {tens % 6}0 min" if tens % 6 else "")


def device_text(name: str) -> str:
    """A device as a sentence names it: "cpu (2 threads)" is "CPU, 2 threads", "cuda:0 (NVIDIA H200)" the GPU's name."""
    short, _, rest = name.removesuffix(")").partition(" (")
    if not rest:
        return "CPU" if short == "cpu" else name
    if short == "cpu":
        return f"CPU, {rest}"
    return rest if short.startswith("cuda") else name


def needs(seconds: float, memory_bytes: int, disk_bytes: int, *, forecast: bool = False) -> str:
    """ "2:10 min · 1.4 GB memory · 280 MB disk"; what is not known is excluded. A forecast gives time roughly."""
    parts = [about(seconds) if forecast else duration(seconds)]
    parts += [f"{size(memory_bytes)} memory"] if memory_bytes else []
    parts += [f"{size(disk_bytes)} disk"] if disk_bytes else []
    return " · ".join(parts)


def size(number_of_bytes: int) -> str:
    """ "87 MB", "1.3 GB"; decimal units, as file managers show them."""
    value = float(number_of_bytes)
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if value < 999.5 or unit == "TB":
            break
        value /= 1000
    if unit == "bytes":
        return count(number_of_bytes, "byte")
    return f"{value:.1f} {unit}" if value < 9.95 else f"{value:.0f} {unit}"
