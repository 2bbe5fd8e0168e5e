"""One tag per word, as a script."""

from __future__ import annotations

from engine.contract.row_edits import RowChange
from engine.contract.script_builder import Script, literal
from engine.contract.settings import FineTuneSettings, Roles
from engine.contract.states import PreparedDataset
from engine.contract.tag_schemes import OUTSIDE
from engine.tasks.script import LossCode, TaskScript, class_loss, list_by_hand

_IOB2 = """
def iob2(tags):
    # B- begins an entity, I- continues it; other schemes (IOB1, BIOES, BILOU, plain types) are read as this one.
    read, before, ended = [], "", True
    for tag in tags:
        prefix, kind = (tag[0], tag[2:]) if tag[1:2] == "-" and tag[0] in "BIESLUM" else ("I", tag)
        if tag in ("O", "o"):
            read.append("O")
            before, ended = "", True
        else:
            read.append(("B-" if prefix in "BSU" or ended or kind != before else "I-") + kind)
            before, ended = kind, prefix in "ESLU"
    return read

"""

_ACCURACY = """
def compute_metrics(outputs):
    counted = outputs.label_ids != -100
    return {"accuracy": float((outputs.predictions.argmax(-1) == outputs.label_ids)[counted].mean())}
""".strip()


class TokenClassificationScript(TaskScript):
    """Rows have `tokens` (words) and `tags`."""

    collator: str = "DataCollatorForTokenClassification"
    usual_format: str = "conll"
    label_column: str = "tags"
    renaming: str = 'row["tags"] = [renamed(tag, names) for tag in row["tags"]]'

    def columns(self, roles: Roles) -> dict[str, str]:
        """Words and tags."""
        return {"tokens": roles.tokens or "tokens", "tags": roles.tags or "tags"}

    def cells(self, roles: Roles) -> dict[str, str]:
        """Words and tags as lists."""
        return {own: f"words(row[{literal(theirs)}])" for own, theirs in self.columns(roles).items()}

    def cell_functions(self, script: Script, dataset: PreparedDataset) -> str:
        """The function `words(cell)`, for files that write lists of words as text."""
        script.imports("ast")
        script.imports("re")
        return r"""
def words(cell):
    quoted = r"'[^']*'|\"[^\"]*\""
    if not isinstance(cell, str):
        return [str(word) for word in cell]
    text = cell.strip()
    if not text.startswith("["):
        return text.split()
    if "," not in re.sub(quoted, "", text):  # as NumPy prints lists
        return [word.strip("'\"") for word in re.findall(quoted + r"|[^\s\[\]]+", text)]
    if re.search(quoted, text):
        return [str(word) for word in ast.literal_eval(text)]
    return re.findall(r"[^\s\[\],]+", text)

"""

    def usable(self, roles: Roles) -> str:
        """There is a tag for each word."""
        return '\ndef usable(row):\n    return len(row["tokens"]) == len(row["tags"]) > 0\n\n'

    def renaming_functions(self) -> str:
        """How a type is renamed within its tag."""
        return """
def renamed(tag, names):
    kind = tag[2:] if tag[1:2] == "-" else tag
    return tag[: len(tag) - len(kind)] + names.get(kind, kind)

"""

    def by_hand(self, change: RowChange) -> str:
        """The tags."""
        return list_by_hand(change.new)

    def encoding(self, script: Script, dataset: PreparedDataset) -> str:
        """The id of a word's tag is the label of its first token."""
        joined = OUTSIDE in dataset.label_names  # else each word has a tag of its own
        return f"""
{_IOB2 if joined else ""}

def encode(batch):
    encoded = tokenizer(batch["tokens"], is_split_into_words=True, truncation=True, max_length={dataset.max_length})
    encoded["labels"] = []
    for index, tags in enumerate({'map(iob2, batch["tags"])' if joined else 'batch["tags"]'}):
        words = encoded.word_ids(index)
        # Only the first token of a word has a label; the loss ignores −100.
        encoded["labels"].append(
            [
                -100 if word is None or word == before else labels.index(tags[word])
                for before, word in zip([None, *words], words)
            ]
        )
    return encoded

"""

    def best(self, dataset: PreparedDataset) -> str:
        """What Tunewright's own runs are chosen by."""
        return "f1" if OUTSIDE in dataset.label_names else "accuracy"

    def metrics(self, script: Script, dataset: PreparedDataset) -> str:
        """F1 of whole entities; where each word has a tag of its own, the share of words with the right one."""
        if OUTSIDE not in dataset.label_names:
            return _ACCURACY
        script.imports("seqeval.metrics", "f1_score")
        return """
def compute_metrics(outputs):
    truth, predicted = [], []
    for logits, numbers in zip(outputs.predictions, outputs.label_ids):
        counted = numbers != -100
        truth.append([labels[number] for number in numbers[counted]])
        predicted.append([labels[number] for number in logits[counted].argmax(-1)])
    return {"f1": f1_score(truth, predicted)}  # of whole entities
""".strip()

    def loss(self, script: Script, dataset: PreparedDataset, settings: FineTuneSettings) -> LossCode:
        """Cross-entropy over the first tokens of words."""
        labels = 'number for numbers in splits["train"]["labels"] for number in numbers if number != -100'
        return class_loss(script, dataset, settings, labels, rooted=True)


SCRIPT = TokenClassificationScript()
