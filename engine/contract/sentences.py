"""Sentences that cross a border: the id of a template and the values in it, beside the text that they make.

A `Sentence` is a text and is used as one. On the wire and on disk it is its id, its values and its English text; who
reads it makes the text anew from the catalogue of its own process, so that another language is one more catalogue. A
template that is not known, such as that of a later version, keeps the text that was written.

Templates are those of `str.format`, with three kinds of format:

    {rows:,} {rate:g}          Python's own
    {bytes:size}               a function of `formatting` by its name in `FORMATS`
    {rows:# row|# rows}        plural forms, the catalogue's rule chooses; # is the number

A library for messages (Fluent, ICU) has none of the formats that this program writes numbers in, and would have to be
on the machine with the GPU.
"""

from __future__ import annotations

import json
import string
from collections.abc import Callable, Mapping, Sequence
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar

import msgspec

from engine.contract import formatting, metrics
from engine.contract.languages import ENGLISH, catalogue, template, translated, using

Parameters = ParamSpec("Parameters")
Written = TypeVar("Written")
Value = Any  # text, number, True or False, None, a Sentence, or a list of these; anything else becomes its text


FORMATS: Mapping[str, Callable[[Any], str]] = {
    "size": formatting.size,
    "duration": formatting.duration,
    "about": formatting.about,
    "percent": formatting.percent,
    "rounded": lambda pair: pair if isinstance(pair, str) else formatting.rounded(*pair),  # a number and its decimals
    "plus": lambda pair: formatting.rounded(*pair, plus=True),
    "figures": formatting.figures,
    "score": metrics.score_name,
    "title": metrics.score_title,
    "score_value": formatting.score_text,
    "baseline": metrics.baseline_name,
    "split": formatting.split_name,
    "device": formatting.device_text,
    "language": formatting.language_text,
    "noun": lambda key: rendered(f"contract.noun.{key}", {}),
    "numbers": lambda numbers: ", ".join(map(formatting.number, numbers)),
    "list": lambda items: ", ".join(map(str, items)),
    "either": formatting.either,
    "sentences": " ".join,
    "quotes": formatting.quoted,
    "quoted": lambda items: ", ".join(map(formatting.quoted, items)),
}
# What making the text raises for values that another version or another hand has written.
_UNREADABLE = (LookupError, ValueError, TypeError, ArithmeticError, AttributeError)


class Sentence(str):
    """The text of the template with this id; a text without an id is its own."""

    __slots__ = ("id", "values")
    id: str
    values: dict[str, Value]

    def __new__(cls, id: str, /, **values: Value) -> Sentence:
        held = {name: _held(value) for name, value in values.items()}
        made = super().__new__(cls, rendered(id, held))
        made.id, made.values = id, held
        return made

    @classmethod
    def literal(cls, text: str, id: str = "", values: dict[str, Value] | None = None) -> Sentence:
        """This text as it is: of a version before there were templates, or with a template that is not known here."""
        made = super().__new__(cls, text)
        made.id, made.values = id, values or {}
        return made

    def anew(self) -> Sentence:
        """The same in the language that is used now, of a sentence that was made when a module was imported."""
        return _anew(self)  # type: ignore[no-any-return]

    def holds(self, id: str) -> bool:
        """Whether it is made from this template, or one of its values is."""
        return self.id == id or any(isinstance(value, Sentence) and value.holds(id) for value in self.values.values())

    def __reduce__(self) -> tuple[Any, ...]:
        """What `copy` and the passing on between processes make it from; a text's own way would take it for an id."""
        return Sentence.literal, (str(self), self.id, self.values)


NOTHING = Sentence.literal("")


def named(id: str, english: str) -> Sentence:
    """A text of a registry (`translated`) that crosses with its id."""
    return Sentence.literal(translated(id, english), id if english else "")


def in_english(sentence: Sentence) -> str:
    """The sentence as it is written where another program, or another version, reads it."""
    if not sentence.id or catalogue() is ENGLISH:
        return str(sentence)
    with using(ENGLISH):
        return str(_anew(sentence))


def _anew(value: Value) -> Value:
    """The value with every sentence in it made anew."""
    if isinstance(value, list):
        return [_anew(one) for one in value]
    if not isinstance(value, Sentence) or not value.id:
        return value
    try:
        return Sentence(value.id, **{name: _anew(one) for name, one in value.values.items()})
    except _UNREADABLE:
        return value


def rendered(id: str, values: Mapping[str, Value]) -> str:
    """The text of a template; raises `KeyError` where the template or one of its values is not known."""
    parts = _parts(template(id))
    return "".join(text if name is None else text + _shown(values[name], spec or "") for text, name, spec in parts)


@cache
def _parts(template: str) -> tuple[tuple[str, str | None, str | None], ...]:
    """Text, the name of the value behind it and its format; taken apart once, since a file may have many bad rows."""
    return tuple((text, name, spec) for text, name, spec, _ in string.Formatter().parse(template))


def _shown(value: Value, spec: str) -> str:
    if "|" in spec:
        forms = spec.split("|")
        form = forms[min(catalogue().plural_form(int(value)), len(forms) - 1)]  # fewer where it is said in English
        return form.replace("#", formatting.number(value))
    if spec in FORMATS:
        return FORMATS[spec](value)
    return formatting.number(value, spec) if spec or isinstance(value, float) else str(value)


def _held(value: Value) -> Value:
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, Sequence):
        return [_held(item) for item in value]
    item = getattr(value, "item", None)  # a scalar of numpy or torch
    return item() if item is not None else str(value)


# ── The wire and the disk ───────────────────────────────────────────────────────────────────────────────────────


def encode_hook(value: Any) -> Any:
    """How a sentence is written: for `enc_hook`."""
    if isinstance(value, Sentence):
        text = in_english(value)
        return {"id": value.id, "values": value.values, "text": text} if value.id else text
    raise TypeError(f"{type(value).__name__} is not written")


def encode_without_text(value: Any) -> Any:
    """As `encode_hook`, without the text: equal in processes with different catalogues."""
    written = encode_hook(value)
    return {"id": value.id, "values": value.values} if isinstance(written, dict) else written


def decode_hook(kind: type, value: Any) -> Any:
    """A sentence from what was written: for `dec_hook`. Texts of version 0.1.0 stay as they are."""
    if kind is not Sentence:
        raise NotImplementedError(f"{kind.__name__} is not read")
    return _read(value)


def written_in_english(function: Callable[Parameters, Written]) -> Callable[Parameters, Written]:
    """Of a function that writes for other programs and other people: all that it is given, it is given in English."""

    @wraps(function)
    def in_english(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Written:
        if catalogue() is ENGLISH:
            return function(*args, **kwargs)
        with using(ENGLISH):
            values: Any = {name: _read_anew(value) for name, value in kwargs.items()}
            return function(*map(_read_anew, args), **values)

    return in_english


def _read_anew(value: Any) -> Any:
    """The record with all its sentences as they are read in the language that is used now."""
    if isinstance(value, msgspec.Struct):
        return msgspec.convert(msgspec.to_builtins(value, enc_hook=encode_hook), type(value), dec_hook=decode_hook)
    return [_read_anew(one) for one in value] if isinstance(value, list | tuple) else value


def as_text(sentence: Sentence) -> str:
    """The sentence as one line of JSON, for a column of texts."""
    written = json.dumps(msgspec.to_builtins(sentence, enc_hook=encode_hook), ensure_ascii=False)
    return written.encode("utf-8", "replace").decode()


def from_text(text: str) -> Sentence:
    """The sentence in what `as_text` made; any other text as it is."""
    try:
        return msgspec.json.decode(text, type=Sentence, dec_hook=decode_hook)
    except msgspec.DecodeError:
        return Sentence.literal(text)


def _read(value: Any) -> Any:
    if isinstance(value, str):
        return Sentence.literal(value)
    if not (isinstance(value, dict) and isinstance(value.get("text"), str)):
        raise ValueError("a sentence is a text, or an id with values and a text")
    id, written = value.get("id"), value.get("values")
    if not isinstance(id, str) or not isinstance(written, dict):
        raise ValueError("a sentence has an id and values")
    values = {name: _read_value(one) for name, one in written.items()}
    try:
        return Sentence(id, **values)
    except _UNREADABLE:
        return Sentence.literal(value["text"], id, values)


def _read_value(value: Any) -> Any:
    if isinstance(value, dict):
        return _read(value)
    return [_read_value(item) for item in value] if isinstance(value, list) else value
