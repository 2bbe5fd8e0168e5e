"""What keys and tags were called in the files of earlier versions: one table, applied before a file is decoded.

Run records, states, recipes and prepared data sets are read under both names and written under the one of today. A new
name is given to a record by `rename=` or `tag=`; its old one joins the table below, so that no file is orphaned.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from engine.contract.cleaning_rules import (
    LeaveOutContradictions,
    LeaveOutDuplicates,
    LeaveOutLeaks,
    LeaveOutNearDuplicates,
    LeaveOutRareLabels,
)
from engine.contract.findings import AppliedRule, Offer
from engine.contract.sentences import decode_hook
from engine.contract.settings import FineTuneSettings, PrepareSettings
from engine.contract.states import PreparedDataset

Record = TypeVar("Record")

FORMER_KEYS: Mapping[type, Mapping[str, str]] = {  # of each record: the old key and the one of today
    PreparedDataset: {"left_out": "excluded"},
    PrepareSettings: {"remedies": "cleaning_rules", "likeness": "near_duplicates"},
    FineTuneSettings: {"trained_part": "layers_to_train"},
    AppliedRule: {"remedy": "rule"},
    Offer: {"remedy": "rule"},
}
FORMER_TAGS: Mapping[type, str] = {
    LeaveOutDuplicates: "leave_out_duplicates",
    LeaveOutContradictions: "leave_out_contradictions",
    LeaveOutNearDuplicates: "leave_out_near_duplicates",
    LeaveOutLeaks: "leave_out_leaks",
    LeaveOutRareLabels: "leave_out_rare_labels",
}


def decode(content: bytes, kind: type[Record]) -> Record:
    """The record in this JSON, whatever version wrote it; raises `msgspec.DecodeError`."""
    return convert(with_current_names(msgspec.json.decode(content), kind), kind)


def convert(values: Any, kind: type[Record]) -> Record:
    """The record with these values, sentences included; raises `msgspec.ValidationError`."""
    return msgspec.convert(values, kind, dec_hook=decode_hook)


def with_current_names(values: Any, kind: Any) -> Any:
    """The decoded JSON or TOML of a record of this type, with the keys and tags of today.

    Where a record has a key under both names, the old one stays, for the reader to refuse or to pass over.
    """
    return _renamed(values, _type_of(kind))


def current_path(path: Sequence[str], kind: type[msgspec.Struct]) -> list[str]:
    """A place in a record such as ("fine_tune", "trained_part"), with the keys of today."""
    found, place = list(path), _type_of(kind)
    for number, key in enumerate(path):
        if not isinstance(place, inspect.StructType):
            break
        found[number] = key = FORMER_KEYS.get(place.cls, {}).get(key, key)
        place = next((field.type for field in place.fields if field.encode_name == key), inspect.AnyType())
    return found


@functools.cache
def _type_of(kind: Any) -> inspect.Type:
    return inspect.type_info(kind)


def _renamed(values: Any, kind: inspect.Type) -> Any:
    """The values below here; whatever holds no record of the table is handed back as it is."""
    if not _holds_former_names(kind):
        return values
    match kind:
        case inspect.Metadata(type=inner):
            return _renamed(values, inner)
        case inspect.UnionType(types=types):
            choice = _choice(values, types)
            return values if choice is None else _renamed(values, choice)
        case inspect.VarTupleType(item_type=item) | inspect.ListType(item_type=item) if isinstance(values, list):
            return [_renamed(value, item) for value in values]
        case inspect.StructType() if isinstance(values, dict):
            return _renamed_record(values, kind)
    return values


def _renamed_record(values: dict[str, Any], kind: inspect.StructType) -> dict[str, Any]:
    keys = FORMER_KEYS.get(kind.cls, {})
    found = {keys[key] if key in keys and keys[key] not in values else key: value for key, value in values.items()}
    if kind.tag_field is not None and found.get(kind.tag_field) == FORMER_TAGS.get(kind.cls, kind.tag):
        found[kind.tag_field] = kind.tag
    for field in kind.fields:
        if field.encode_name in found:
            found[field.encode_name] = _renamed(found[field.encode_name], field.type)
    return found


def _choice(values: Any, types: Sequence[inspect.Type]) -> inspect.Type | None:
    """Which of several types these values are of: the record with their tag, or the only one that fits their shape."""
    records = [one for one in types if isinstance(one, inspect.StructType)]
    if isinstance(values, dict):
        if len(records) == 1:
            return records[0]
        for one in records:
            if one.tag_field is not None and values.get(one.tag_field) in (one.tag, FORMER_TAGS.get(one.cls, one.tag)):
                return one
        return None
    return next((one for one in types if isinstance(values, list) and not isinstance(one, inspect.StructType)), None)


def _holds_former_names(kind: inspect.Type) -> bool:
    match kind:
        case inspect.Metadata(type=inner):
            return _holds_former_names(inner)
        case inspect.UnionType(types=types):
            return any(_holds_former_names(one) for one in types)
        case inspect.VarTupleType(item_type=item) | inspect.ListType(item_type=item):
            return _holds_former_names(item)
        case inspect.StructType(cls=cls):
            return _record_holds_former_names(cls)
    return False


@functools.cache
def _record_holds_former_names(cls: type) -> bool:
    if cls in FORMER_KEYS or cls in FORMER_TAGS:
        return True
    kind = _type_of(cls)
    assert isinstance(kind, inspect.StructType)
    return any(_holds_former_names(field.type) for field in kind.fields)
