"""Numbers, times and sizes as a person reads them: in the window, on the terminal, in the card."""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.contract.languages import catalogue, translated

_NUMBER = re.compile(r"\s*[+-]?(\d[\d.,]*|[.,]\d+)([eE][+-]?\d+)?\s*%?\s*")
_FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20")  # the last four are the wide forms, which some spreadsheets read too


def spreadsheet_cell(text: str) -> str:
    """The text with an apostrophe in front where a spreadsheet would take it for a formula; numbers as they are.

    https://owasp.org/www-community/attacks/CSV_Injection: whoever pastes or opens it would run what is in a row.
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
    return translated(f"contract.split.{key}", SPLITS.get(key, key))


def number(value: float, spec: str = ",") -> str:
    """ "12,345" or, with a format of Python's such as ".1f", "0.5": the one place where a number gets its signs."""
    return in_signs(format(value, spec))


def rounded(value: float, digits: int, *, plus: bool = False) -> str:
    """So many decimals, with the sign of mathematics and no minus before zero; `plus` is put before more."""
    text = format(value, f",.{digits}f")
    is_less = text.startswith("-") and float(text.replace(",", "")) != 0
    return ("−" if is_less else "+" if plus and value > 0 else "") + in_signs(text.lstrip("-"))


def figures(value: float) -> str:
    """Four figures, with the sign of mathematics."""
    return number(value, ".4g").replace("-", "−")


def in_signs(written: str) -> str:
    """A number that Python has written, with the signs of the language."""
    language = catalogue().language
    signs: dict[str, int | str | None] = {".": language.decimal, ",": language.grouping, "%": language.percent}
    return written.translate(str.maketrans(signs))


UNITS = ("rows", "steps", "files", "models", "resamples")  # of progress


def unit_text(unit: str) -> str:
    """What progress is counted in, behind a number."""
    return translated(f"contract.unit.{unit}", unit) if unit in UNITS else unit


def either(items: Sequence[str] | str) -> str:
    """ "CSV, JSON or Excel"; a text that is joined already, of version 0.2.0.dev, as it is."""
    if isinstance(items, str):
        return items
    *others, last = items
    return f"{', '.join(others)} {translated('contract.format.or', 'or')} {last}" if others else last


def quoted(text: object) -> str:
    """The text in the quotation marks of the language."""
    marks = catalogue().language.quotes
    return f"{marks[0]}{text}{marks[1]}"


def score_text(value: float | None) -> str:
    """A score with three decimals, or that it cannot be measured."""
    return _not_measurable() if value is None else number(value, ".3f")


def percent(value: float | None) -> str:
    """ "83.1 %", or that it cannot be measured."""
    return _not_measurable() if value is None else f"{number(100 * value, '.1f')} %"


def _not_measurable() -> str:
    return catalogue().templates["contract.scores.not_measurable"]


def count(amount: int, one: str, many: str = "") -> str:
    """ "1 row", "2,000 rows"."""
    return f"{amount:,} {one if amount == 1 else many or one + 's'}"


def duration(seconds: float) -> str:
    """ "42 s", "3:05 min", "2:10 h"."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d} min"
    return f"{whole // 3600}:{whole % 3600 // 60:02d} h"


def about(seconds: float) -> str:
    """A time that is not known exactly, as people write it: "15 s", "2.5 min", "40 min", "2 h 10 min", "15 h"."""
    if seconds < 57.5:
        return f"{max(5, 5 * round(seconds / 5))} s"
    minutes = seconds / 60
    if minutes < 9.75:
        return f"{number(round(2 * minutes) / 2, 'g')} min"
    if minutes < 59.5:
        return f"{round(minutes)} min"
    tens = round(minutes / 10)
    if tens >= 60:
        return f"{number(round(minutes / 60))} h"
    return f"{tens // 6} h" + (f" {tens % 6}0 min" if tens % 6 else "")


def device_text(name: str) -> str:
    """A device as a sentence names it: "cpu (2 threads)" is "CPU, 2 threads", "cuda:0 (NVIDIA H200)" the GPU's name."""
    short, _, rest = name.removesuffix(")").partition(" (")
    if not rest:
        return "CPU" if short == "cpu" else name
    if short == "cpu":
        threads, _, unit = rest.partition(" ")
        return f"CPU, {threads} {translated(f'contract.format.{unit}', unit)}" if unit else f"CPU, {rest}"
    return rest if short.startswith("cuda") else name


def needs(seconds: float, memory_bytes: int, disk_bytes: int, *, forecast: bool = False) -> str:
    """ "2:10 min · 1.4 GB memory · 280 MB disk"; what is not known is excluded. A forecast gives time roughly."""
    parts = [about(seconds) if forecast else duration(seconds)]
    parts += [f"{size(memory_bytes)} {translated('contract.format.memory', 'memory')}"] if memory_bytes else []
    parts += [f"{size(disk_bytes)} {translated('contract.format.disk', 'disk')}"] if disk_bytes else []
    return " · ".join(parts)


def language_text(names: str) -> str:
    """Languages or writing systems, given by their English names with commas between, in the program's language."""
    ids = {name: "_".join(re.findall(r"\w+", name.casefold())) for name in names.split(", ")}
    return ", ".join(translated(f"contract.language.{id}", name) for name, id in ids.items())


def size(number_of_bytes: int) -> str:
    """ "87 MB", "1.3 GB"; decimal units, as file managers show them."""
    value = float(number_of_bytes)
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if value < 999.5 or unit == "TB":
            break
        value /= 1000
    if unit == "bytes":
        unit = "byte" if number_of_bytes == 1 else "bytes"
        return f"{number(number_of_bytes)} {translated(f'contract.format.{unit}', unit)}"
    return f"{number(value, '.1f' if value < 9.95 else '.0f')} {unit}"
