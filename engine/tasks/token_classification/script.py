"""One tag per word, as a script."""

from __future__ import annotations

from engine.contract.row_edits import RowChange
from engine.contract.script_builder import Script, literal
from engine.contract.settings import FineTuneSettings, Roles
from engine.contract.states import PreparedDataset
from engine.contract.tag_schemes import OUTSIDE
from engine.contract.text_parsing import CONLLU, UNSPACED
from engine.tasks.script import LossCode, TaskScript, class_loss, list_by_hand

_IOB2 = """
def iob2(tags):
    # B- begins an entity, I- continues it; other schemes (IOB1, BIOES, BILOU, plain types) are read as this one.
    read, before, ended = [], "", True
    for tag in tags:
        is_prefixed = len(tag) > 2 and tag[0] in "BIESLUMbi" and tag[1] in ("-" if tag[0] == "M" else "-_ ")
        prefix, kind = (tag[0].upper(), tag[2:]) if is_prefixed else ("I", tag)
        if tag in ("B", "I"):  # in files with a single type
            prefix, kind = tag, "entity"
        if tag in ("O", "o"):
            read.append("O")
            before, ended = "", True
        else:
            read.append(("B-" if prefix in "BSU" or ended or kind != before else "I-") + kind)
            before, ended = kind, prefix in "ESLU"
    return read

"""

TEXT_OF_WORDS = f"""
UNSPACED = re.compile(  # scripts without spaces between words
    "[{UNSPACED}]"
)


def text_of(words):
    text = ""
    for word in words:
        together = UNSPACED.match(text[-1:]) and UNSPACED.match(word[:1])
        text += word if together or not text else " " + word
    return text

"""

_CONTINUES = """

joins = getattr(tokenizer.backend_tokenizer.model, "continuing_subword_prefix", None)  # ## of BERT


def continues(number, start, end):
    # Pipelines do not read tokens that continue a word, whose names are longer than their characters (##ing).
    return number != tokenizer.unk_token_id and len(tokenizer.convert_ids_to_tokens(number)) != end - start

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
    kind = tag[2:] if tag[:1] in "BIESLUMbi" and tag[1:2] in ("-", "_", " ") else tag
    return tag[: len(tag) - len(kind)] + names.get(kind, kind)

"""

    def by_hand(self, change: RowChange) -> str:
        """The tags."""
        return list_by_hand(change.new)

    def encoding(self, script: Script, dataset: PreparedDataset) -> str:
        """The tokens of a row are those of its text; what is learned of them comes from the tags of words."""
        joined = OUTSIDE in dataset.label_names  # else each word has a tag of its own
        has_text = rows_have_text(dataset)
        tag = 'tags[word] if word != before else tags[word].replace("B-", "I-", 1)' if joined else "tags[word]"
        indent = "\n" + 16 * " "
        between = (
            'within = word < len(places) and (places[word][0] < start or tags[word][0] == "I")'
            f'{indent}tag = tags[word].replace("B-", "I-", 1) if within else "O"'
            if joined
            else "tag = None"
        )
        own = (
            f"""if word == before and joins and (tags[word] == "O" or continues(number, start, end)):
                    tag = None  # of a word outside of entities the first token is learned, in one those that are read
                else:
                    tag = {tag}"""
            if joined
            else f"tag = {tag}"
        )
        reading = _CONTINUES if joined else ""
        numbers = 'encoded["input_ids"][index], ' if joined else ""
        if not has_text:
            script.imports("re")
        return f"""
{_IOB2 if joined else ""}{"" if has_text else TEXT_OF_WORDS}

def places_of(words, text):
    places, end = [], 0
    for word in words:
        start = text.index(word, end)
        end = start + len(word)
        places.append((start, end))
    return places
{reading}

def encode(batch):
    # The model will be given texts, so it is trained on the tokens of texts, not on those of single words.
    texts = {'batch["text"]' if has_text else '[text_of(words) for words in batch["tokens"]]'}
    options = {{"return_offsets_mapping": True, "return_special_tokens_mask": True}}
    encoded = tokenizer(texts, truncation=True, max_length={dataset.max_length}, **options)
    offsets, special = encoded.pop("offset_mapping"), encoded.pop("special_tokens_mask")
    encoded["labels"] = []
    for index, tags in enumerate({'map(iob2, batch["tags"])' if joined else 'batch["tags"]'}):
        text, places = texts[index], places_of(batch["tokens"][index], texts[index])
        numbers, before = [], None
        for {"number, " if joined else ""}(start, end), is_special in zip({numbers}offsets[index], special[index]):
            while start < end and text[start].isspace():  # some vocabularies hold words with their space
                start += 1
            while start < end and text[end - 1].isspace():
                end -= 1
            word = next((number for number, place in enumerate(places) if start < place[1]), len(places))
            if is_special:
                tag = None
            elif start < end and word < len(places) and places[word][0] < end:
                {own}
                before = word
            else:  # a space or a sign between two words, or in one
                {between}
            numbers.append(-100 if tag is None else labels.index(tag))  # the loss ignores −100
        encoded["labels"].append(numbers)
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
    truth, predicted = [], []  # of tokens, from which pipelines read entities
    for logits, numbers in zip(outputs.predictions, outputs.label_ids):
        counted = numbers != -100
        truth.append([labels[number] for number in numbers[counted]])
        predicted.append([labels[number] for number in logits[counted].argmax(-1)])
    return {"f1": f1_score(truth, predicted)}  # of whole entities
""".strip()

    def loss(self, script: Script, dataset: PreparedDataset, settings: FineTuneSettings) -> LossCode:
        """Cross-entropy over the tokens that have a label."""
        labels = 'number for numbers in splits["train"]["labels"] for number in numbers if number != -100'
        return class_loss(script, dataset, settings, labels, rooted=True)

    def more_cells(self, dataset: PreparedDataset) -> dict[str, str]:
        """The text that holds the words, where the file has one."""
        return {"text": 'row["text"]'} if dataset.settings.reading.format == "spans" else {}


def rows_have_text(dataset: PreparedDataset) -> bool:
    """Whether the script's rows have a text beside their words: files of marked texts, and CoNLL-U."""
    roles, reading = dataset.settings.roles, dataset.settings.reading
    return reading.format == "spans" or (
        reading.format == "conll" and not {roles.tokens, roles.tags}.isdisjoint(CONLLU)
    )


SCRIPT = TokenClassificationScript()
