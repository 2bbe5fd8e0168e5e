"""A made-up language: every letter marked, every text 40 % longer. What is unmarked is not in the catalogue.

The letters of a template are replaced by letters with accents; what is in braces, the values, stays. So a text on the
screen with a plain letter holds either a value (a name, a number with its unit, the user's own text) or words that
were written down beside the catalogue.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping

from engine.contract.languages import ENGLISH, Catalogue
from tests.translations import english

LONGER = 0.4
WORD = 6  # letters
PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
MARKED = "áƀćďéƒǵĥíĵķĺḿńóṕɋŕśťúṽẃẋýźÁƁĆĎÉƑǴĤÍĴĶĹḾŃÓṔɊŔŚŤÚṼẂẊÝŹ"
FIELD = re.compile(r"\{\{|\}\}|\{[^{}]*\}")
_LETTERS = str.maketrans(PLAIN, MARKED)


def marked(text: str) -> str:
    """Letters with marks, and 40 % more of them at the end; without letters it stays as it is."""
    if not any(character in PLAIN for character in text):
        return text
    return f"{text.translate(_LETTERS)} {_more(text)}"


def marked_template(template: str) -> str:
    """The template with its own letters marked; fields stay, and the plural forms in them are marked."""
    made, end = [], 0
    for field in FIELD.finditer(template):
        made.append(template[end : field.start()].translate(_LETTERS))
        made.append(_marked_field(field[0]))
        end = field.end()
    made.append(template[end:].translate(_LETTERS))
    text = "".join(made)
    own = FIELD.sub("", template)
    return f"{text} {_more(own)}" if any(letter in PLAIN for letter in own) else text


def _more(text: str) -> str:
    """What makes a text so much longer, in words that a line can break between."""
    letters = "ẋ" * max(1, round(len(text) * LONGER))
    return " ".join(letters[place : place + WORD] for place in range(0, len(letters), WORD))


def _marked_field(field: str) -> str:
    name, colon, spec = field.partition(":")
    return f"{name}:{spec.translate(_LETTERS)}" if colon and "|" in spec else field


def pseudo_locale(templates: Mapping[str, str] | None = None) -> Catalogue:
    """The catalogue of this language: templates, and the texts of registries."""
    marked_ones = {id: marked_template(text) for id, text in (templates or english()).items()}
    return Catalogue(marked_ones, ENGLISH.plural_form)


def unmarked(text: str, values: Iterable[str]) -> list[str]:
    """The words of plain letters in a text that are none of these values, nor in one of them."""
    rest = html.unescape(re.sub(r"<[^>]*>", " ", text))  # of a tooltip that wraps
    for value in sorted(set(values), key=len, reverse=True):
        rest = rest.replace(value, " ")
    return re.findall(rf"(?<![{MARKED}])[A-Za-z]{{2,}}(?![{MARKED}])", rest)
