"""The Why tab of Choose data: what tokens, input ids and attention mask are, with the user's own row and numbers."""

from __future__ import annotations

from engine.contract.queries import Preview, TokenizedText
from engine.contract.sentences import Sentence
from engine.contract.settings import Roles, TaskName
from engine.contract.states import ModelHandle, PreparedDataset
from engine.tasks.registry import task_facts
from gui.choose_data.source.column_roles import columns_of
from gui.components.plain_text import on_one_line

_SHOWN = 8  # tokens of the user's row that are listed


def why_data(
    model: ModelHandle | None,
    preview: Preview | None,
    roles: Roles,
    task: TaskName,
    dataset: PreparedDataset | None,
    pieces: TokenizedText | None,
) -> str:
    """Why data comes after the model, and what preparing does to the user's rows; paragraphs of plain text."""
    paragraphs = [_after_the_model(model)]
    if dataset is not None and pieces is not None:
        paragraphs += _own_row(dataset, pieces)
    elif preview is not None:
        paragraphs += _first_row(preview, roles, task)
    if dataset is not None:
        paragraphs += [_lengths(dataset), *_splits(dataset)]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _after_the_model(model: ModelHandle | None) -> str:
    if model is None:
        return Sentence("gui.why.data.model_first")
    return Sentence("gui.why.data.after_model", name=model.name, vocabulary=model.vocabulary_size)


def _first_row(preview: Preview, roles: Roles, task: TaskName) -> list[str]:
    reading, answering = task_facts(task).parts
    reads, answers = ("".join(columns_of(roles, part)) for part in (reading, answering))
    names = [column.name for column in preview.columns]
    if not preview.cells or reads not in names:
        return []
    place = names.index(reads)
    full = (number for number, row in enumerate(preview.cells) if place < len(row) and row[place].strip())
    number = next(full, None)
    if number is None:
        return []
    row = preview.cells[number]
    which = Sentence("gui.why.data.row_first" if number == 0 else "gui.why.data.row_with_text")
    text = on_one_line(row[place], 160)
    if answers in names and names.index(answers) < len(row) and row[names.index(answers)].strip():
        own = on_one_line(row[names.index(answers)], 80)
        return [Sentence("gui.why.data.reads_with_label", which=which, text=text, what=answering, own=own)]
    return [Sentence("gui.why.data.reads", which=which, text=text)]


def _own_row(dataset: PreparedDataset, pieces: TokenizedText) -> list[str]:
    tokens, shown = len(pieces.tokens), pieces.tokens[:_SHOWN]
    more = ", …" if tokens > _SHOWN else "."
    ids = ", ".join(str(number) for number in pieces.input_ids[:_SHOWN]) + more
    mask = ", ".join(str(number) for number in pieces.attention_mask[:_SHOWN]) + more
    name = dataset.name
    place = (
        Sentence("gui.why.data.row_number", row=pieces.row, name=name)
        if pieces.row
        else Sentence("gui.why.data.row_any", name=name)
    )
    written = " ".join(shown) + (" …" if tokens > _SHOWN else "")
    paragraphs: list[str] = [
        Sentence("gui.why.data.becomes", place=place, tokens=tokens, shown=written),
        Sentence("gui.why.data.ids", ids=ids),
        f"{Sentence('gui.why.data.mask', mask=mask)} {_padding(dataset, tokens)}",
    ]
    target_note = task_facts(dataset.task).target_note
    if target_note:
        paragraphs.append(target_note)
    elif dataset.target_scale is not None:
        scale = dataset.target_scale
        paragraphs.append(Sentence("gui.why.data.score", score=pieces.label, mean=scale.mean, spread=scale.spread))
    elif pieces.label in dataset.label_names:
        number = dataset.label_names.index(pieces.label)
        paragraphs.append(Sentence("gui.why.data.label", label=on_one_line(pieces.label, 60), number=number))
    return paragraphs


def _padding(dataset: PreparedDataset, tokens: int) -> str:
    """What the mask is for, by this row beside the longest one that can be in a batch with it."""
    longest = min(dataset.longest_tokens, dataset.max_length)
    if longest <= tokens:
        return Sentence("gui.why.data.padding_none", tokens=tokens)
    return Sentence("gui.why.data.padding", longest=longest, tokens=tokens, filled=longest - tokens)


def _lengths(dataset: PreparedDataset) -> str:
    lengths = {"mean": dataset.mean_tokens, "longest": dataset.longest_tokens, "max_length": dataset.max_length}
    if dataset.cut_rows:
        return Sentence("gui.why.data.lengths_cut", rows=dataset.cut_rows, **lengths)
    return Sentence("gui.why.data.lengths", **lengths)


def _splits(dataset: PreparedDataset) -> list[str]:
    train, validation, test = (
        dataset.splits[name].rows if name in dataset.splits else 0 for name in ("train", "validation", "test")
    )
    if dataset.all_train:
        return [Sentence("gui.why.data.all_train", train=train)]
    if not validation or not test:
        return []
    return [
        Sentence("gui.why.data.splits", train=train, validation=validation, test=test),
        Sentence("gui.why.data.splits_without", train=train),
    ]
