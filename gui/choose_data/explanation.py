"""The Why tab of Choose data: what tokens, input ids and attention mask are, with the user's own row and numbers."""

from __future__ import annotations

from engine.contract.column_roles import role_named
from engine.contract.formatting import count
from engine.contract.queries import Preview, TokenizedText
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
        paragraphs += [_lengths(dataset), _splits(dataset)]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _after_the_model(model: ModelHandle | None) -> str:
    if model is None:
        return "A model reads numbers, not letters, and each model has its own. So the model comes first."
    return (
        f"A model reads numbers, not letters. {model.name} brings its own tokenizer with a vocabulary of "
        f"{model.vocabulary_size:,} tokens, and each token has a number. Another model would split and number the same "
        f"text differently. So the model comes first, then the data."
    )


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
    which = "The first row" if number == 0 else "The first row with a text"
    sentence = f"{which} reads: “{on_one_line(row[place], 160)}”"
    if answers in names and names.index(answers) < len(row) and row[names.index(answers)].strip():
        what = role_named(answering).title.lower()
        sentence += f", with the {what} “{on_one_line(row[names.index(answers)], 80)}”"
    return [f"{sentence}. Preparing splits every row into tokens and stores their numbers once, before training."]


def _own_row(dataset: PreparedDataset, pieces: TokenizedText) -> list[str]:
    shown = pieces.tokens[:_SHOWN]
    more = ", …" if len(pieces.tokens) > _SHOWN else ""
    ids = ", ".join(str(number) for number in pieces.input_ids[:_SHOWN])
    mask = ", ".join(str(number) for number in pieces.attention_mask[:_SHOWN])
    place = f"Row {pieces.row:,} of {dataset.name}" if pieces.row else f"A row of {dataset.name}"
    paragraphs = [
        f"{place} becomes {count(len(pieces.tokens), 'token')}: {' '.join(shown)}{' …' if more else ''}",
        f"The input ids are their numbers in the vocabulary: {ids}{more or '.'} The attention mask says which of them "
        f"are text (1) and which are padding (0): {mask}{more or '.'}",
    ]
    target_note = task_facts(dataset.task).target_note
    if target_note:
        paragraphs.append(target_note)
    elif dataset.target_scale is not None:
        scale = dataset.target_scale
        paragraphs.append(
            f"Its score is {pieces.label}. Training uses its distance from the mean, {scale.mean:.4g}, in units "
            f"of the standard deviation, {scale.spread:.4g}; the saved model predicts in your unit."
        )
    elif pieces.label in dataset.label_names:
        number = dataset.label_names.index(pieces.label)
        paragraphs.append(
            f"Its label “{on_one_line(pieces.label, 60)}” becomes the number {number}, the target of training."
        )
    return paragraphs


def _lengths(dataset: PreparedDataset) -> str:
    sentence = (
        f"Your texts have {dataset.mean_tokens:,.1f} tokens on average, the longest {dataset.longest_tokens:,}. "
        f"The maximum length is {dataset.max_length:,}"
    )
    if dataset.cut_rows:
        rows = "1 row is" if dataset.cut_rows == 1 else f"{dataset.cut_rows:,} rows are"
        return f"{sentence}, so {rows} cut off at the end: longer rows cost time and memory."
    return f"{sentence}, so nothing is cut off."


def _splits(dataset: PreparedDataset) -> str:
    validation, test = (dataset.splits[name].rows if name in dataset.splits else 0 for name in ("validation", "test"))
    if not validation or not test:
        return ""
    return (
        f"{count(validation, 'row')} are held out to choose the best step of training, and {test:,} more for the final "
        f"score. Only rows that the model has not seen show how good it is."
    )
