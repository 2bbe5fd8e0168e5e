"""A tiny trained run on disk, as training leaves it: model folder, prepared rows, checkpoint, run.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import torch
from datasets import Dataset, DatasetDict
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from engine.contract.settings import FileRows, FolderModel, PrepareSettings, ReadingOptions, Roles
from engine.contract.states import PreparedDataset, SplitCounts, TrainingRun
from engine.tasks.registry import task_named
from engine.workspace import atomic_files
from engine.workspace.layout import Workspace
from engine.workspace.runs import create_run, run_folder, save_run
from tests.builders import a_dataset, a_model, a_run

SENTENCE = (
    "the film is good bad dull bright a joy bore not very Anna Ben lives in Paris Rome and likes tea cold "
    "moving slow warm story plot actor scene end"
)
WORDS = SENTENCE.split()
GOOD, BAD = ("good", "bright", "joy", "moving", "warm"), ("bad", "dull", "bore", "slow", "cold")


def a_model_folder(folder: Path) -> Path:
    """A two-layer BERT with a vocabulary of a few words."""
    folder.mkdir(parents=True)
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *dict.fromkeys(word.lower() for word in WORDS)]
    vocabulary = {piece: number for number, piece in enumerate([*pieces, *"abcdefghijklmnopqrstuvwxyz"])}
    vocabulary.update(
        {f"##{letter}": len(vocabulary) + number for number, letter in enumerate("abcdefghijklmnopqrstuvwxyz")}
    )
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.enable_truncation(8)  # baked in, as the starter model has it
    tokenizer.enable_padding(length=8)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_max_length=64,
    )
    fast.save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(folder)
    return folder


def review_rows(count: int) -> list[dict[str, Any]]:
    """Sentences that a word gives away."""
    return [
        {
            "text": f"the {WORDS[-1 - number % 5]} is {words[number % 5]} and a {WORDS[number % 9]}",
            "label": "positive" if words is GOOD else "negative",
        }
        for number in range(count)
        for words in [GOOD if number % 2 else BAD]
    ]


def name_rows(count: int) -> list[dict[str, Any]]:
    """Sentences with a person and a place."""
    people, places = ("Anna", "Ben"), ("Paris", "Rome")
    return [
        {
            "tokens": [people[number % 2], "lives", "in", places[number // 2 % 2], "and", "likes", WORDS[number % 9]],
            "tags": ["B-PER", "O", "O", "B-LOC", "O", "O", "O"],
        }
        for number in range(count)
    ]


def a_prepared_dataset(
    root: Path,
    *,
    task: str = "text_classification",
    max_length: int = 24,
    sizes: tuple[int, int, int] = (40, 10, 20),
    noise: int = 0,
) -> PreparedDataset:
    """Rows in a file and, encoded, in three splits; with `noise` every row of a number it divides has another label."""
    from engine.loading.tokenizer import load_tokenizer

    model = a_model(
        folder=str(a_model_folder(root / "tiny-bert")),
        name="tiny-bert",
        source=FolderModel(str(root / "tiny-bert")),
        parameters=30_000,
        max_length=64,
        license="",
        languages=(),
    )
    is_text = task == "text_classification"
    total = sum(sizes)
    rows = review_rows(total) if is_text else name_rows(total)
    for row in rows[::noise] if noise else ():
        row["label"] = "negative" if row["label"] == "positive" else "positive"
    data = root / "data" / ("reviews.csv" if is_text else "names.conll")
    data.parent.mkdir()
    if is_text:
        lines = ["review,verdict", *(f'"{row["text"]}",{row["label"]}' for row in rows)]
        reading = ReadingOptions(format="csv", encoding="utf-8", delimiter=",", quoting="quoted", header="yes")
        roles = Roles(text="review", label="verdict")
    else:
        lines = [
            "\n".join(f"{token}\t{tag}" for token, tag in zip(row["tokens"], row["tags"], strict=True)) + "\n"
            for row in rows
        ]
        reading = ReadingOptions(format="conll", encoding="utf-8", delimiter="\t", quoting="plain", header="no")
        roles = Roles(tokens="tokens", tags="tags")
    data.write_text("\n".join(lines) + "\n", "utf-8")

    kind = task_named(task)  # type: ignore[arg-type]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    names = kind.label_names(columns)
    tokenizer = load_tokenizer(Path(model.folder))
    encoded = kind.encode(tokenizer, columns, label_names=names, max_length=max_length)
    everything = Dataset.from_dict({**columns, **encoded, "row": list(range(1, len(rows) + 1))})
    ends = (sizes[0], sizes[0] + sizes[1], total)
    bounds = {"train": range(0, ends[0]), "validation": range(ends[0], ends[1]), "test": range(ends[1], ends[2])}
    folder = root / "workspace" / "datasets" / "0123abcd"
    DatasetDict({name: everything.select(part) for name, part in bounds.items()}).save_to_disk(folder)
    (folder / "split.json").write_text(json.dumps({name: [n + 1 for n in part] for name, part in bounds.items()}))
    return a_dataset(
        model=model,
        folder=str(folder),
        name=data.name,
        source=FileRows(str(data)),
        settings=PrepareSettings(task=task, roles=roles, reading=reading),  # type: ignore[arg-type]
        task=task,
        label_names=names,
        splits={name: SplitCounts(len(part), {}) for name, part in bounds.items()},
        rows_in=total,
        excluded=(),
        max_length=max_length,
        cut_rows=0,
    )


def a_trained_run(
    root: Path,
    *,
    task: str = "text_classification",
    steps: int = 60,
    sizes: tuple[int, int, int] = (40, 10, 20),
    noise: int = 0,
) -> tuple[TrainingRun, Workspace]:
    """A run that has learned its rows, with its record in the workspace."""
    torch.set_num_threads(1)
    dataset = a_prepared_dataset(root, task=task, sizes=sizes, noise=noise)
    workspace = Workspace(root / "workspace").create()
    kind = task_named(dataset.task)
    torch.manual_seed(1)
    network = kind.build_network(Path(dataset.model.folder), dataset.label_names)
    rows = Dataset.load_from_disk(str(Path(dataset.folder) / "train"))
    features = [rows[number] for number in range(len(rows))]
    batch = kind.collate(features, padding_id=0)
    optimizer = torch.optim.AdamW(network.parameters(), lr=5e-3)
    network.train()
    for _ in range(steps):
        optimizer.zero_grad()
        loss = network(**batch).loss
        loss.backward()
        optimizer.step()

    settings = msgspec.structs.replace(a_run().settings, epochs=3.0, device="cpu", threads=1)
    record = create_run(workspace, dataset, settings)
    folder = run_folder(workspace, record.id)
    checkpoint = folder / "checkpoints" / "step-000060"
    with atomic_files.new_folder(checkpoint) as staging:
        save_file(network.state_dict(), staging / "model.safetensors", metadata={"format": "pt"})
        (staging / "config.json").write_text(network.config.to_json_string(), "utf-8")
    run = a_run(
        dataset=dataset,
        id=record.id,
        folder=str(folder),
        checkpoint=str(checkpoint),
        settings=settings,
        metric=kind.metric,
        best_step=60,
    )
    save_run(workspace, msgspec.structs.replace(record, status="finished", run=run, step=60, total_steps=60))
    return run, workspace
