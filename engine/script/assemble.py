"""The plain `transformers` code of what was done so far: a script that grows with each step and runs at each.

The Code panel shows it; the export writes it as repeat_run.py. Uses the states and nothing else: no torch, no Qt.
"""

from __future__ import annotations

import textwrap

from engine.contract.calibration import has_own_rows
from engine.contract.languages import ENGLISH, using
from engine.contract.script_builder import Places, Script, literal
from engine.contract.settings import (
    EvaluateSettings,
    FineTuneSettings,
    FolderModel,
    HubModel,
    ModelSource,
    StarterModel,
)
from engine.contract.states import (
    EvaluationReport,
    ExportedModel,
    ModelHandle,
    PreparedDataset,
    State,
    TrainingRun,
    find,
)
from engine.script.answers import folded_temperature, scored_answers
from engine.script.data import encode_code, read_code
from engine.script.similarity import similarity_training
from engine.script.training import (
    SCHEDULES,
    drawn_head,
    kept_head,
    learning_part,
    linear_head_training,
    linear_start,
    merging,
    needs_own_loss,
    needs_own_optimizer,
    own_loss,
    own_optimizer,
)
from engine.tasks.registry import task_facts, task_script
from engine.tasks.script import TaskScript

STARTER_ON_THE_HUB = "sentence-transformers/all-MiniLM-L6-v2"
SHARE = "  # below 1: a share of all steps"
# Its code would be all of the above once more for each fold.
CROSS_VALIDATED = """
# The score of this run is that of the way in which it was trained: all of the above was done once more for each fold of
# the training rows, without the rows of that fold, which were then predicted. The model above, which learned all rows,
# has no score of its own, since there are no rows that it has not seen.
"""
# Byte-level tokenizers that need a setting for words that come one by one.
NEEDS_PREFIX_SPACE = ("roberta", "longformer", "bart", "deberta", "modernbert")


@using(ENGLISH)  # what it reads of a state holds no sentences, and a state may be large
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
    script = Script()
    model = find(state, ModelHandle)
    _load(script, model, source or (model.source if model else StarterModel()), places)
    dataset = find(state, PreparedDataset)
    if dataset is None:
        return script.text()
    read_code(script, dataset, places)
    encode_code(script, dataset)
    run = find(state, TrainingRun)
    if run is not None and run.settings.student_layers:
        learned = (
            f"# A smaller model: {run.settings.student_layers} layers, which learned from the answers of another\n"
        )
        script.add("", f"{learned}# run ({run.settings.parent}). Its exported folder is loaded as any other.")
        return script.text()
    settings = run.settings if run else fine_tune
    if settings is not None:
        _train(script, dataset, settings, run, places)
    evaluation = find(state, EvaluationReport)
    if evaluation is not None:
        _evaluate(script, evaluation.run, evaluation.settings)
    if evaluation is not None and (places.output or find(state, ExportedModel) is not None):
        _export(script, find(state, ExportedModel), evaluation.run, places)
    return script.text()


# ── 1 · Load the model ──────────────────────────────────────────────────────────────────────────────────────────


def _load(script: Script, model: ModelHandle | None, source: ModelSource, places: Places) -> None:
    architecture = model.architecture if model else _guessed_architecture(source)
    place = _model_place(source, places)
    options = _tokenizer_options(model)
    script.imports("transformers", "AutoTokenizer", architecture)
    code = f"""
model = {architecture}.from_pretrained({place})
tokenizer = AutoTokenizer.from_pretrained({place}{options})
print("Model loaded successfully!")
"""
    script.add("", code)


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


# ── 3 · Fine-tune ───────────────────────────────────────────────────────────────────────────────────────────────


def _train(
    script: Script, dataset: PreparedDataset, settings: FineTuneSettings, run: TrainingRun | None, places: Places
) -> None:
    task = task_script(dataset.task)
    auto_class = task_facts(dataset.task).auto_class
    head = drawn_head(script, dataset, settings) + kept_head(script, dataset, settings)
    script.imports("transformers", auto_class, task.collator, "Trainer", "TrainingArguments", "set_seed")
    learning = linear_head_training(script, dataset, settings)
    if settings.method == "similarity":
        learning = similarity_training(script, dataset, settings, _model_place(dataset.model.source, places))
    code = f"""
set_seed({settings.seed})
model = {auto_class}.from_pretrained(
    {_model_place(dataset.model.source, places)},
    id2label=dict(enumerate(labels)),
    label2id={{label: number for number, label in enumerate(labels)}},{_problem(task)}{_replaced_head(dataset.model)}
)
{learning_part(script, settings)}

{task.metrics(script, dataset)}

{own_loss(script, dataset, settings)}{own_optimizer(script, settings)}
trainer = Trainer(
    model=model,
    args=TrainingArguments(
{textwrap.indent(_arguments(settings, run, dataset), " " * 8)}
    ),
    train_dataset=splits["train"],{_validation(script, dataset, settings)}
    data_collator={task.collator}(tokenizer),
    compute_metrics=compute_metrics,{_own_parts(script, dataset, settings)}
)
{head}{linear_start(script, settings)}{learning or "trainer.train()"}
"""
    script.add("3 · Fine-tune: the same encoder with a new classification head", code)


def _validation(script: Script, dataset: PreparedDataset, settings: FineTuneSettings) -> str:
    rows = dataset.splits["validation"].rows
    if not rows:
        return ""
    if not has_own_rows(settings, rows):
        return '\n    eval_dataset=splits["validation"],'
    script.imports("numpy.random", "PCG64", "Generator")
    half = f"sorted(Generator(PCG64(0)).permutation({rows})[:{rows // 2}])"
    return f'\n    eval_dataset=splits["validation"].select({half}),  # the other half calibrates answers'


def _own_parts(script: Script, dataset: PreparedDataset, settings: FineTuneSettings) -> str:
    parts = []
    if needs_own_loss(settings):
        parts.append("compute_loss_func=loss,")
    if needs_own_optimizer(settings):
        parts.append("optimizers=(optimizer, None),")
    if settings.patience and dataset.splits["validation"].rows:
        script.imports("transformers", "EarlyStoppingCallback")
        parts.append(f"callbacks=[EarlyStoppingCallback({settings.patience})],")
    return "".join(f"\n    {part}" for part in parts)


def _replaced_head(model: ModelHandle) -> str:
    return "\n    ignore_mismatched_sizes=True,  # its old head is replaced" if model.notes else ""


def _problem(task: TaskScript) -> str:
    return f'\n    problem_type="{task.problem}",' if task.problem else ""


def _arguments(settings: FineTuneSettings, run: TrainingRun | None, dataset: PreparedDataset) -> str:
    parts = settings.gradient_accumulation
    values: list[tuple[str, object]] = [
        ("output_dir", "training"),
        *([("max_steps", settings.updates)] if settings.updates else [("num_train_epochs", settings.epochs)]),
        ("per_device_train_batch_size", max(1, settings.batch_size // parts)),
        ("gradient_accumulation_steps", parts),
        ("per_device_eval_batch_size", max(64, settings.batch_size)),
        ("learning_rate", settings.learning_rate),
        ("warmup_steps", settings.warmup_share),
        ("weight_decay", settings.weight_decay),
        ("max_grad_norm", settings.max_gradient_norm),
        ("lr_scheduler_type", SCHEDULES[settings.schedule]),
        ("train_sampling_strategy", "group_by_length" if settings.length_buckets else "random"),
    ]
    if dataset.splits["validation"].rows:
        strategy = "steps" if settings.evaluation_interval else "epoch"
        values += [("eval_strategy", strategy), ("save_strategy", strategy)]
        if settings.evaluation_interval:
            values += [("eval_steps", settings.evaluation_interval), ("save_steps", settings.evaluation_interval)]
        values += [
            ("save_total_limit", 1),
            ("save_only_model", True),
            ("load_best_model_at_end", settings.kept_checkpoint == "best"),
            ("metric_for_best_model", task_script(dataset.task).best(dataset)),
        ]
    else:
        values += [("eval_strategy", "no"), ("save_strategy", "no")]
    values += [("seed", settings.seed), ("report_to", "none")]
    if settings.gradient_checkpointing:
        values += [("gradient_checkpointing", True), ("gradient_checkpointing_kwargs", {"use_reentrant": False})]
    if settings.layers_to_train == "lora":
        values.append(("label_names", ["labels"]))
    precision = run.precision if run else settings.precision
    if precision in ("bf16", "fp16"):
        values.append((precision, True))
    if (run.device if run else settings.device).startswith("cpu"):
        values.append(("use_cpu", True))
    lines = [f"{name}={literal(value) if isinstance(value, str) else repr(value)}," for name, value in values]
    return "\n".join(line + SHARE if line.startswith("warmup_steps=") else line for line in lines)


# ── 4 · Evaluate, 5 · Export ────────────────────────────────────────────────────────────────────────────────────


def _evaluate(script: Script, run: TrainingRun, settings: EvaluateSettings) -> None:
    if settings.split == "cross_validation":
        script.add("4 · Evaluate by cross-validation", CROSS_VALIDATED)
        return
    code = scored_answers(
        script, run.calibration, settings.split, several_labels=task_facts(run.dataset.task).several_labels
    )
    code += f'print(trainer.evaluate(splits["{settings.split}"], metric_key_prefix="{settings.split}"))'
    script.add("4 · Evaluate on rows that training has not seen", code)


def _export(
    script: Script,
    exported: ExportedModel | None,
    run: TrainingRun,
    places: Places,
) -> None:
    dataset = run.dataset
    output = places.output or literal(exported.folder if exported else "model")
    facts = task_facts(dataset.task)
    call = facts.call_code(pairs=bool(dataset.settings.roles.second_text))
    script.imports("transformers", "pipeline")
    code = merging(run.settings)
    code += folded_temperature(script, run.temperature)
    code += task_script(dataset.task).before_saving(script)
    code += f"""
tokenizer.model_max_length = {dataset.max_length}
model.save_pretrained({output})
tokenizer.save_pretrained({output})
print(pipeline("{facts.pipeline}", model={output})({call}))
"""
    script.add("5 · Export, and ask the exported model", code)
