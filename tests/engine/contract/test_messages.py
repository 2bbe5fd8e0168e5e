"""Everything that crosses the process border arrives as it left."""

from __future__ import annotations

import math
from typing import Any, Literal, get_args, get_origin

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.contract import messages as wire
from engine.contract.errors import EngineError
from engine.contract.events import Answered, Event, Progressed, StageFailed, StageSucceeded, StepsTrained
from engine.contract.queries import Prediction
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.contract.settings import FileRows, FineTuneSettings, HubModel
from engine.contract.states import (
    Candidate,
    Choice,
    EvaluationReport,
    ExportedModel,
    ModelHandle,
    PreparedDataset,
    TrainingRun,
    find,
)
from tests.builders import a_dataset, a_model, a_run, an_evaluation, an_export

PLAIN_EVENTS = [kind for kind in get_args(Event) if kind not in (StageSucceeded, StageFailed, Answered)]
numbers = st.floats(allow_nan=True) | st.builds(np.float32, st.floats(width=32))
texts = st.text(st.characters(exclude_categories=()), max_size=20)  # lone surrogates included


def value_for(annotation: Any) -> st.SearchStrategy[Any]:
    """Any value that code might put into a field of this type, numpy scalars and NaN included."""
    if annotation is int:
        return st.integers(0, 2**40) | st.builds(np.int64, st.integers(0, 2**40))
    if annotation is float:
        return st.floats(allow_nan=False, allow_infinity=False) | st.builds(np.float64, st.integers(0, 99))
    if annotation is bool:
        return st.booleans()
    if annotation is str:
        return texts
    if annotation == float | None:
        return st.none() | numbers
    if annotation is Sentence:
        return texts.map(Sentence.literal)
    if annotation is RecoveryAction:
        return st.sampled_from(RecoveryAction)
    if get_origin(annotation) is Literal:
        return st.sampled_from(get_args(annotation))
    if annotation == tuple[Prediction, ...]:
        return st.lists(st.builds(Prediction, texts), max_size=2).map(tuple)
    if annotation is Choice:
        return st.builds(
            Choice,
            metric=texts,
            candidates=st.lists(
                st.builds(Candidate, texts.map(Sentence.literal), score=st.none() | numbers), max_size=2
            ).map(tuple),
            taken=value_for(int),
            reason=texts.map(Sentence.literal),
            rows=value_for(int),
            folds=value_for(int),
            repeats=value_for(int),
            seconds=value_for(float),
            score=st.none() | numbers,
        )
    assert annotation == dict[str, float | None], annotation
    return st.dictionaries(texts, st.none() | numbers, max_size=3)


@given(data=st.data())
@pytest.mark.parametrize("kind", PLAIN_EVENTS, ids=lambda kind: kind.__name__)
def test_every_event_crosses_with_any_number_and_any_text(kind: type[msgspec.Struct], data: st.DataObject) -> None:
    fields = msgspec.structs.fields(kind)
    event = kind(**{field.name: data.draw(value_for(field.type), field.name) for field in fields})
    line = wire.encode(wire.Happened(7, event))  # type: ignore[arg-type]
    assert line.count(b"\n") == 1
    arrived = wire.decode_happened(line)
    assert arrived.number == 7
    assert type(arrived.event) is kind
    for field in fields:
        sent, got = getattr(event, field.name), getattr(arrived.event, field.name)
        if field.type == float | None:
            assert got is None if sent is None or not math.isfinite(sent) else got == pytest.approx(float(sent))
        elif field.type is int:
            assert got == int(sent)


@pytest.mark.parametrize("state", [a_model(), a_dataset(), a_run(), an_evaluation(), an_export()])
def test_every_state_crosses_unchanged(state: Any) -> None:
    arrived = wire.decode_happened(wire.encode(wire.Happened(1, StageSucceeded(state)))).event
    assert isinstance(arrived, StageSucceeded)
    assert arrived.state == state


def test_a_state_holds_the_whole_chain_before_it() -> None:
    exported = an_export()
    chain = [ModelHandle, PreparedDataset, TrainingRun, EvaluationReport, ExportedModel]
    assert [type(find(exported, kind)) for kind in chain] == chain
    assert find(a_model(), type(exported)) is None


def test_jobs_and_stops_cross_unchanged() -> None:
    for command in (
        wire.StartJob(3, wire.LoadModel(HubModel("bert-base-uncased"))),
        wire.StartJob(4, wire.FineTune(a_dataset(source=FileRows("/tmp/ä 😀.csv")), FineTuneSettings(epochs=0.5))),
        wire.StopJob(4, discard=True),
        wire.PauseJob(4, True),
    ):
        assert wire.decode_command(wire.encode(command)) == command


def test_an_error_keeps_its_id_and_its_way_out() -> None:
    error = EngineError(
        "D10", "The file is empty.", hint="Choose another file.", actions=(RecoveryAction.CHOOSE_OTHER_FILE,)
    )
    arrived = wire.decode_happened(wire.encode(wire.Happened(1, StageFailed(error.report())))).event
    assert isinstance(arrived, StageFailed)
    assert arrived.error == error.report()


def test_an_answer_crosses_unchanged() -> None:
    answer = Answered(Prediction(text="fine", milliseconds=1.5))
    assert wire.decode_happened(wire.encode(wire.Happened(2, answer))).event == answer


def test_a_numpy_number_becomes_a_plain_one() -> None:
    event = StepsTrained(
        step=np.int64(3),  # type: ignore[arg-type]
        total=9,
        epoch=0.1,
        loss=np.float32("nan"),  # type: ignore[arg-type]
        learning_rate=1e-5,
        gradient_norm=None,
        tokens_per_second=10.0,
        seconds=1.0,
    )
    arrived = wire.decode_happened(wire.encode(wire.Happened(1, event))).event
    assert isinstance(arrived, StepsTrained)
    assert arrived.step == 3
    assert arrived.loss is None


@pytest.mark.parametrize(
    "line", [b"", b"{}", b"[1]", b'{"type":"start"}', b"\xff\xfe", b'{"type":"happened","number":"x"}']
)
def test_a_line_that_is_no_message_is_refused(line: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        wire.decode_command(line)
    with pytest.raises(msgspec.DecodeError):
        wire.decode_happened(line)


def test_something_that_is_no_data_does_not_cross() -> None:
    with pytest.raises(TypeError):
        wire.encode(wire.Happened(1, Progressed(done=object(), total=1, note="")))  # type: ignore[arg-type]
