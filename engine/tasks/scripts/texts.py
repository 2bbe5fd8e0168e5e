"""What the scripts of all tasks share that read a text or a pair of texts."""

from __future__ import annotations

from engine.plain_code_text import Script, literal
from engine.settings import Roles
from engine.states import PreparedDataset

HEAD = "AutoModelForSequenceClassification"
COLLATOR = "DataCollatorWithPadding"


def text_columns(roles: Roles) -> dict[str, str]:
    """The columns that are read."""
    return {"text": roles.text or "text", **({"second_text": roles.second_text} if roles.second_text else {})}


def cells_as_they_are(columns: dict[str, str]) -> dict[str, str]:
    """Cells without any change."""
    return {own: f"row[{literal(theirs)}]" for own, theirs in columns.items()}


def usable_texts(roles: Roles, answer: str) -> str:
    """The function `usable(row)`; `answer` is the column that must not be empty, if one must not."""
    needed = [f'row["{name}"]' for name in text_columns(roles)]
    needed += [f'row["{answer}"] not in (None, "")'] if answer else []
    return f"\ndef usable(row):\n    return bool({' and '.join(needed)})\n\n"


def encode_texts(script: Script, dataset: PreparedDataset, answers: str) -> str:
    """The function `encode(batch)`; `answers` is the expression that makes the labels of a batch."""
    text = 'batch["text"]'
    if dataset.settings.strip_html_breaks:
        script.imports("re")
        text = r'[re.sub(r"(?i)<br\s*/?>", " ", text) for text in batch["text"]]'
    second = text.replace('batch["text"]', 'batch["second_text"]')
    is_pair = bool(dataset.settings.roles.second_text)
    inputs = "texts, second_texts" if is_pair else "texts"
    second_line = f"\n    second_texts = {second}" if is_pair else ""
    return f"""

def encode(batch):
    texts = {text}{second_line}
    encoded = tokenizer({inputs}, truncation=True, max_length={dataset.max_length})
    encoded["labels"] = {answers}
    return encoded

"""
