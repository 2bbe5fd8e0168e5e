"""Actions cross the border as ids; what an older or a newer version wrote is understood, or means nothing."""

from __future__ import annotations

import msgspec

from engine.contract import messages
from engine.contract.errors import EngineError, ErrorReport
from engine.contract.events import Advised, StageFailed
from engine.contract.messages import Happened
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence, decode_hook

A = RecoveryAction


def advised(line: bytes) -> Advised:
    return msgspec.json.decode(line, type=Advised, dec_hook=decode_hook)


def test_the_wire_holds_ids() -> None:
    error = EngineError(
        "D16", Sentence.literal("No column."), actions=(A.CHOOSE_COLUMNS,), choices=("text", "label")
    ).report()
    line = messages.encode(Happened(1, StageFailed(error)))
    assert b'"actions":["choose_columns"]' in line
    assert messages.decode_happened(line) == Happened(1, StageFailed(error))


def test_captions_of_the_first_version_become_actions_and_others_go() -> None:
    stored = b'{"type":"error","kind":"DiskFull","id":"C6","message":"","actions":["Continue","Dance"]}'
    assert msgspec.json.decode(stored, type=ErrorReport, dec_hook=decode_hook).actions == (A.CONTINUE_RUN,)


def test_advice_of_another_version_keeps_its_finding() -> None:
    old = advised(b'{"type":"advised","finding":"F.","action":"Use half the learning rate"}')
    new = advised(b'{"type":"advised","finding":"F.","action":"use_a_quantum_computer"}')
    assert (old.action, new.action) == (A.HALVE_LEARNING_RATE, A.NONE)


def test_ids_are_words_in_lower_case_and_each_once() -> None:
    ids = [action.value for action in A]
    assert len(set(ids)) == len(ids)
    assert all(id.replace("_", "").isalnum() and id == id.lower() for id in ids if id)
