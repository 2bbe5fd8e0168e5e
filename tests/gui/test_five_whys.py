"""Whoever reads the five Why texts alone can answer six questions, by the numbers of this model and these rows."""

from __future__ import annotations

import re

import msgspec
import pytest

from engine.contract.queries import TokenizedText
from engine.contract.settings import FineTuneSettings, Roles
from engine.contract.states import SplitCounts
from gui.choose_data.explanation import why_data
from gui.evaluate.explanation import why_evaluation
from gui.export.explanation import why_export
from gui.fine_tune.explanation import why_training
from gui.load_model.explanation import why_model
from tests.builders import a_dataset, a_model, a_run, an_evaluation, an_export

MODEL = a_model()
ROW = TokenizedText(
    text="a fine film",
    tokens=("[CLS]", "a", "fine", "film", "[SEP]"),
    input_ids=(101, 1037, 2986, 2143, 102),
    attention_mask=(1, 1, 1, 1, 1),
    word_ids=(None, 0, 1, 2, None),
    label="positive",
    row=7,
)
DATASET = a_dataset()
RUN = a_run(dataset=DATASET)
REPORT = an_evaluation(run=RUN)


def panels(settings: FineTuneSettings | None = None) -> list[str]:
    """The five texts after everything was done."""
    return [
        why_model(MODEL, ROW),
        why_data(MODEL, None, Roles(text="text", label="label"), "text_classification", DATASET, ROW),
        why_training(DATASET, settings or RUN.settings),
        why_evaluation(RUN, REPORT),
        why_export(REPORT, an_export(evaluation=REPORT)),
    ]


def said(question: str, texts: list[str], *parts: str) -> None:
    """The parts are in one paragraph of one text, in this order."""
    pattern = ".*".join(map(re.escape, parts))
    assert any(re.search(pattern, paragraph) for text in texts for paragraph in text.split("\n\n")), question


def test_what_is_loaded_first_and_why() -> None:
    said("first", panels(), f"vocabulary of {MODEL.vocabulary_size:,} tokens", "the model is loaded first", MODEL.name)
    said("what would go wrong", panels(), "“a” has the number 1,037", "string of wrong words")
    said("before it is loaded", [why_model(None, None)], "A model has to be loaded first", "tokenizer")


def test_what_an_attention_mask_is() -> None:
    longest = min(DATASET.longest_tokens, DATASET.max_length)
    assert longest > len(ROW.tokens)
    said(
        "mask",
        panels(),
        "attention mask says which of them are text (1) and which are padding (0): 1, 1, 1, 1, 1",
        f"longest row of {longest:,} tokens this one of 5 is filled with {longest - 5:,} places",
        "without the mask the network would read them as text",
    )


def test_why_validation_and_test_rows_are_kept_apart() -> None:
    rows = {name: DATASET.splits[name].rows for name in ("train", "validation", "test")}
    assert len(set(rows.values())) > 1
    said(
        "held out",
        panels(),
        f"{rows['validation']:,} rows are held out to compare",
        f"{rows['test']:,} more for the final",
    )
    said(
        "what would go wrong",
        panels(),
        f"has memorized its {rows['train']:,} training rows would look perfect and fail",
    )
    said("apart from each other", panels(), "chosen a step looks too good on the rows it was chosen by")
    said("at the score", panels()[3:4], f"{rows['validation']:,} validation rows are in between")


@pytest.mark.parametrize(
    ("kept", "sentence"), [("best", "best checkpoint by that"), ("last", "last checkpoint is kept")]
)
def test_why_the_loss_may_fall_while_the_score_does_not_rise(kept: str, sentence: str) -> None:
    settings = msgspec.structs.replace(RUN.settings, kept_checkpoint=kept)
    said(
        "memorizing",
        panels(settings),
        "training loss can fall while the model gets no better",
        f"{MODEL.parameters:,} weights have room to memorize {DATASET.splits['train'].rows:,} training rows",
        f"{DATASET.splits['validation'].rows:,} validation rows are never trained on",
        sentence,
    )


def test_what_a_label_name_in_the_export_is_for() -> None:
    names = ", ".join(f"{number} = {name}" for number, name in enumerate(DATASET.label_names))
    said("names", panels(), "answers with a number", names, f"reads “{DATASET.label_names[-1]}”", "LABEL_0")


@pytest.mark.parametrize("batch", [16, 32])
def test_why_a_hundred_rows_need_another_method_than_ten_thousand(batch: int) -> None:
    settings = msgspec.structs.replace(RUN.settings, batch_size=batch)
    few, many = {16: ("7", "625"), 32: ("4", "313")}[batch]
    rows = DATASET.splits["train"].rows
    said(
        "rows",
        panels(settings),
        f"In batches of {batch}, one pass over your {rows:,} training rows makes {-(-rows // batch):,} updates",
        f"Ten thousand rows would make {many}, a hundred only {few}.",
        "a hundred rows are memorized",
        "a hundred rows make 4,950 pairs",
        f"train on the {rows:,} rows directly",
    )


def test_few_rows_are_reported_how_many_pairs_they_make() -> None:
    few = msgspec.structs.replace(DATASET, splits={**DATASET.splits, "train": SplitCounts(80, {"negative": 40})})
    settings = FineTuneSettings(method="contrastive", chosen_by="cross_validation")
    said(
        "pairs", [why_training(few, settings)], "these settings do: 80 rows make 3,160 pairs", "cross-validation first"
    )
    said("linear", [why_training(few, FineTuneSettings(method="linear"))], "only a linear head to the 80 rows")


def test_every_page_shows_why_it_comes_now_and_what_would_go_wrong_without_it() -> None:
    order = ["loaded first", "So the model comes first, then the data", "is pre-trained", "why evaluation comes after"]
    without = ["wrong words", "row of wrong words", "answer by chance", "would say little", "cannot be judged"]
    for text, now, wrong in zip(panels(), [*order, "It comes last because"], without, strict=True):
        assert now in text
        assert wrong in text


def test_other_rows_give_other_texts() -> None:
    other = msgspec.structs.replace(DATASET, splits={name: SplitCounts(33, {}) for name in DATASET.splits})
    for text, before in zip(
        (why_training(other, RUN.settings), why_evaluation(a_run(dataset=other), None)),
        (why_training(DATASET, RUN.settings), why_evaluation(RUN, None)),
        strict=True,
    ):
        assert "33 training rows" in text
        assert text != before
