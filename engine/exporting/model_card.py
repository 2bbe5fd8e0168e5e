"""The model card: README.md with the front matter the Hub reads, the scores, and how they came to be.

What nobody has measured is not claimed: intended use and limits are prompts in comments for the user to fill in.
The format: huggingface.co/docs/hub/model-cards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial

from huggingface_hub import EvalResult, ModelCardData

from engine import __version__
from engine.bootstrap.version import installed
from engine.contract.artefact_sentences import figures_text, title_of
from engine.contract.artefacts import ARTEFACTS
from engine.contract.calibration import DO_NOT_KNOW, Calibration, UnsureRule
from engine.contract.choice_sentences import cells, heading, heads, outcome
from engine.contract.cleaning_rules import rule_name
from engine.contract.file_formats import file_format
from engine.contract.formatting import count
from engine.contract.metrics import METRICS, score_title
from engine.contract.score_sentences import class_number_text, interval_text, number_text, selection_sentence, verdict
from engine.contract.sentences import written_in_english
from engine.contract.settings import (
    ExampleRows,
    FileRows,
    FineTuneSettings,
    HubModel,
    HubRows,
    StarterModel,
    field_title,
)
from engine.contract.states import (
    ArtefactProof,
    Choice,
    EvaluationReport,
    ModelHandle,
    PreparedDataset,
    Proof,
    TrainingRun,
)
from engine.reporting.run_charts import confusion_chart, loss_chart, score_chart
from engine.script.answers import answer_function
from engine.script.assemble import STARTER_ON_THE_HUB
from engine.tasks.facts import EXAMPLE, SECOND_EXAMPLE
from engine.tasks.registry import task_facts

LOSS, SCORE, CONFUSION = "curve_loss.svg", "curve_score.svg", "confusion.svg"  # files beside the card
_ALTERNATIVES = {  # what is read in place of a picture
    LOSS: "Training and validation loss over the steps",
    SCORE: "Score on the validation rows over the steps",
    CONFUSION: "Confusion matrix of the scored rows, truth down, predicted across",
}
MOST_LABELS = 200  # in the table
_OFTEN = 20  # times that a label occurs, so that its share of a split is more than rounding


@written_in_english
def model_card(
    evaluation: EvaluationReport,
    proof: Proof,
    *,
    name: str,
    pipeline: str,
    files: dict[str, str],
    repeatable: bool = True,
    example: tuple[str, str] = ("", ""),
    artefacts: Sequence[ArtefactProof] = (),
) -> str:
    """README.md; `files` holds the sha256 of each data file by its name.

    `repeatable` is whether repeat_run.py and split.json lie beside it, `example` is a row to try the model with. The
    pictures that it shows are those of `pictures`.
    """
    dataset = evaluation.run.dataset
    front = _front_matter(evaluation, name, pipeline, example)
    sections = [
        f"---\n{front}\n---\n",
        f"# {plain(name)}\n",
        _summary(evaluation.run, pipeline),
        _usage(pipeline, dataset, proof, evaluation.run.calibration),
        f"## Scores\n\n{_scores(evaluation)}",
        *_by_class(evaluation),
        *_pictures(evaluation, CONFUSION),
        f"## Training data\n\n{_data(dataset, files, repeatable=repeatable)}",
        *_labels(dataset, evaluation.run.calibration),
        f"## Licences\n\n{_licences(dataset)}",
        f"## Training\n\n{_training(evaluation)}",
        *_pictures(evaluation, LOSS, SCORE),
        f"## Proof\n\n{_proof(proof, dataset, kind=_proven_rows(dataset, repeatable=repeatable))}",
        *_artefacts(artefacts),
        _prompts(),
        f"Made with Tunewright {__version__}. The exact settings are in training_record.json and recipe.toml"
        + (
            "; repeat_run.py repeats the run with plain transformers.\n"
            if repeatable and not evaluation.run.settings.student_layers
            else ".\n"
        ),
    ]
    return "\n".join(sections)


@written_in_english
def pictures(evaluation: EvaluationReport) -> dict[str, str]:
    """The pictures of the card by the names of their files; those that there is something to show of."""
    drawn = {
        LOSS: loss_chart(evaluation.run),
        SCORE: score_chart(evaluation.run),
        CONFUSION: confusion_chart(evaluation),
    }
    return {name: str(svg) for name, svg in drawn.items() if svg}


def base_model_id(model: ModelHandle) -> str:
    """The encoder's id on the Hub, or an empty string for a folder."""
    match model.source:
        case StarterModel():
            return STARTER_ON_THE_HUB
        case HubModel(id):
            return id
        case _:
            return ""


def one_line(text: str) -> str:
    """The text without line breaks, so that no line of it can end the front matter."""
    return " ".join(text.split())


def plain(text: str) -> str:
    """Foreign text for a line of Markdown: no markup, no line breaks, no table columns."""
    clean = one_line(text)
    for character in "\\`*_{}[]<>#|~&":
        clean = clean.replace(character, "\\" + character)
    return clean


# ── Front matter ────────────────────────────────────────────────────────────────────────────────────────────────


def _front_matter(evaluation: EvaluationReport, name: str, pipeline: str, example: tuple[str, str]) -> str:
    dataset = evaluation.run.dataset
    model = dataset.model
    measured = [
        key for key, score in evaluation.scores.items() if score is not None and key in METRICS and METRICS[key].hub
    ]
    results = _eval_results(evaluation, measured, pipeline)
    data = ModelCardData(
        library_name="transformers",
        pipeline_tag=pipeline,
        language=list(model.languages) or None,
        license=model.license or None,
        base_model=base_model_id(model) or None,
        base_model_relation="finetune" if base_model_id(model) else None,
        widget=_widget(dataset, example),
        datasets=[source.id] if isinstance(source := dataset.source, HubRows) else None,
        tags=["tunewright", model.model_type],
        metrics=list(dict.fromkeys(METRICS[key].hub for key in measured)) or None,
        model_name=one_line(name) if results else None,
        eval_results=results or None,
    )
    return data.to_yaml()


def _widget(dataset: PreparedDataset, example: tuple[str, str]) -> list[dict[str, str]] | None:
    """What the Hub's page offers to try: a row of public data, else a sentence that is nobody's; none for pairs."""
    if dataset.settings.roles.second_text:
        return None
    is_public = isinstance(dataset.source, ExampleRows | HubRows)
    return [{"text": example[0] if is_public and example[0] else EXAMPLE}]


def _eval_results(evaluation: EvaluationReport, measured: list[str], pipeline: str) -> list[EvalResult]:
    """Complete entries of the model index; none where the data have no type of the Hub's."""
    dataset = evaluation.run.dataset
    form = dataset.settings.reading.format
    kind = (file_format(form).hub_loader or form) if form != "" else ""
    if isinstance(dataset.source, HubRows):
        kind = dataset.source.id
    if not kind or evaluation.headline not in measured or evaluation.folds:  # these weights have no score of their own
        return []
    return [
        EvalResult(
            task_type=pipeline,
            task_name=pipeline.replace("-", " ").title(),
            dataset_type=kind,
            dataset_name=one_line(dataset.name),
            dataset_split=evaluation.settings.split,
            metric_type=METRICS[key].hub,
            metric_name=score_title(key),
            metric_value=round(float(evaluation.scores[key] or 0.0), 4),
        )
        for key in measured
    ]


# ── Sections ────────────────────────────────────────────────────────────────────────────────────────────────────


def _summary(run: TrainingRun, pipeline: str) -> str:
    dataset, model = run.dataset, run.dataset.model
    base = base_model_id(model) or model.name
    text = "a pair of texts" if dataset.settings.roles.second_text else "a text"
    what = task_facts(dataset.task).does(dataset.label_names).format(text=text)
    labels = _answers(dataset, run.calibration)
    smaller = ""
    if layers := run.settings.student_layers:
        smaller = (
            f" It has {layers:,} of the {model.layers:,} layers and learned them from the fine-tuned model's answers."
        )
    return (
        f"This model {what}. It is {plain(base)} ({model.parameters / 1e6:,.1f} million parameters), fine-tuned on "
        f"{dataset.splits['train'].rows:,} rows of {plain(dataset.name)}.{smaller}\n\n{labels}\n"
    )


def _answers(dataset: PreparedDataset, calibration: Calibration) -> str:
    """What the model can answer, in a sentence."""
    scale = dataset.target_scale
    if scale is not None:
        return (
            f"Its answers are in the unit of the column {plain(dataset.settings.roles.score)}, whose mean over the "
            f"training rows is {scale.mean:.4g} with a standard deviation of {scale.spread:.4g}."
        )
    labels = ", ".join(plain(label) for label in _shown_labels(dataset))
    notes = [task_facts(dataset.task).labels_note]
    if calibration.thresholds and task_facts(dataset.task).several_labels:
        fitted = "fitted on rows that were not learned"
        notes = [f" A label is predicted from its threshold in calibration.json upwards, {fitted}."]
    elif calibration.thresholds:
        (name,) = calibration.thresholds
        notes.append(
            f" {plain(name)} is predicted from its threshold in calibration.json on, else the likeliest other."
        )
    if calibration.temperature != 1:
        notes.append(
            f" A temperature of {calibration.temperature:g}, fitted on validation rows, is folded into the output "
            "layer: its probabilities are calibrated as they come."
        )
    return f"Labels: {labels}.{''.join(notes)}{_unsure(calibration.unsure)}"


def _unsure(rule: UnsureRule | None) -> str:
    """When the model gives no answer, in a sentence."""
    if rule is None:
        return ""
    if rule.kind == "confidence":
        return f" Below a probability of {rule.least_confidence:g} the answer is “{DO_NOT_KNOW}”."
    return (
        f" The answer is “{DO_NOT_KNOW}” where other labels than the predicted one are possible, or none. The set of "
        f"possible labels holds the true one of texts like the {rule.rows:,} validation rows with a probability of at "
        f"least {rule.coverage:.1%}."
    )


def _shown_labels(dataset: PreparedDataset) -> list[str]:
    names = task_facts(dataset.task).shown_labels(dataset.label_names)
    shown = list(names[:30])
    return shown if len(names) <= 30 else [*shown, f"and {len(names) - 30:,} more"]


def _usage(pipeline: str, dataset: PreparedDataset, proof: Proof, calibration: Calibration) -> str:
    facts = task_facts(dataset.task)
    note = facts.pipeline_note(dataset.label_names)
    options = facts.options_code(dataset.label_names, proof.pipeline_options)
    if calibration.changes_answers:
        return _usage_with_calibration(pipeline, dataset)
    return f"""## Use

```python
from transformers import pipeline

classify = pipeline("{pipeline}", model="path/to/this/folder"{options})
print(classify({facts.call_code(pairs=bool(dataset.settings.roles.second_text))}))
```

{note}{" " if note else ""}{_lengths(dataset)}
"""


def _usage_with_calibration(pipeline: str, dataset: PreparedDataset) -> str:
    facts = task_facts(dataset.task)
    text = facts.input_code(EXAMPLE, SECOND_EXAMPLE if dataset.settings.roles.second_text else "")
    return f"""## Use

```python
import json
from transformers import pipeline

folder = "path/to/this/folder"
classify = pipeline("{pipeline}", model=folder)
with open(f"{{folder}}/calibration.json", encoding="utf-8") as file:
    calibration = json.load(file)

{answer_function(several_labels=facts.several_labels)}

print(answer({text}))
```

predict.py does the same from the command line. A plain pipeline alone gives the same probabilities, without thresholds
and without “{DO_NOT_KNOW}”. {_lengths(dataset)}
"""


def _lengths(dataset: PreparedDataset) -> str:
    marks_entities = bool(task_facts(dataset.task).pipeline_options(dataset.label_names, True))
    longer = "longer ones in windows that overlap" if marks_entities else "what follows is cut"
    return (
        f"Texts are read up to {dataset.model.max_length:,} tokens, all that the encoder has positions for; {longer}. "
        f"It was trained on texts of up to {dataset.max_length:,} tokens."
    )


def _scores(evaluation: EvaluationReport) -> str:
    names = list(evaluation.baselines)
    split, dataset = evaluation.settings.split, evaluation.run.dataset

    def title(key: str) -> str:
        return task_facts(dataset.task).baseline_title(key, dataset.label_names)

    where = (
        f"On {evaluation.rows:,} rows of the {split} split{', which training did not see' if split == 'test' else ''}. "
        "The intervals are 95 % intervals over rows like these. The baselines learned from the same training rows."
    )
    if evaluation.folds:
        where = (
            f"Cross-validation on the {evaluation.rows:,} training rows in {evaluation.folds:,} folds: the scores are "
            f"those of {evaluation.folds:,} networks, each trained in the same way on the rows of the other folds, and "
            f"so are those of the baselines. The weights in this folder were trained on all {evaluation.rows:,} rows; "
            "no score of these weights themselves was measured. The intervals are 95 % intervals over rows like these."
        )
    lines = [
        f"{where}\n",
        _row(["Score", "this model", "95 % interval", *(plain(title(name)) for name in names)]),
        _row(["---"] * (3 + len(names))),
    ]
    for key, score in evaluation.scores.items():
        interval = evaluation.intervals.get(key)
        number = partial(number_text, interval=interval, score=key)
        between = interval_text(score, interval, score=key) if interval and score is not None else "–"
        baselines = [evaluation.baselines[name] for name in names]
        others = [number(scores[key]) if key in scores else "–" for scores in baselines]
        lines.append(_row([score_title(key), number(score), between, *others]))
    notes = [verdict(evaluation, title).sentence, *evaluation.withheld.values(), *evaluation.notes]
    return "\n".join([*lines, *(f"\n{plain(note)}" for note in notes if note)]) + "\n"


def _classes(evaluation: EvaluationReport) -> str:
    metric = METRICS.get(evaluation.headline)
    counted = metric.support if metric else "rows"
    lines = [_row(["Label", "precision", "recall", "F1", counted])]
    lines.append(_row(["---"] * 5))
    for item in evaluation.classes:
        measured = (item.precision, item.recall, item.f1)
        figures = (_NOTHING if one is None else class_number_text(one, item.support) for one in measured)
        lines.append(_row([plain(item.label), *figures, f"{item.support:,}"]))
    return "\n".join(lines) + "\n"


def _by_class(evaluation: EvaluationReport) -> list[str]:
    """The table of classes under its heading; nothing where there are none."""
    if not evaluation.classes:
        return []
    dataset = evaluation.run.dataset
    what = task_facts(dataset.task).class_word(dataset.label_names)
    return [f"### By {what}\n\n{_classes(evaluation)}"]


def _data(dataset: PreparedDataset, files: dict[str, str], *, repeatable: bool) -> str:
    settings = dataset.settings
    lines = [f"{plain(dataset.name)}: {dataset.rows_in:,} rows, of which {dataset.rows_used:,} are used."]
    if isinstance(dataset.source, ExampleRows):
        lines.append(f"It is the example “{plain(dataset.source.name)}” that comes with Tunewright.")
    if isinstance(dataset.source, HubRows):
        source = dataset.source
        part = f", configuration {plain(source.config)}" if source.config else ""
        lines.append(f"It is the data set {plain(source.id)} of the Hub{part}, version `{source.revision}`.")
    lines += [f"File {plain(name)}, sha256 `{digest or 'unknown'}`." for name, digest in files.items()]
    counts = ", ".join(f"{split} {count.rows:,}" for split, count in dataset.splits.items())
    match dataset.source:
        case FileRows(_, validation_path, test_path):
            has_own = bool(validation_path or test_path)
        case other:
            has_own = isinstance(other, HubRows)
    numbers = " The row numbers of each split are in split.json." if repeatable else ""
    if dataset.all_train:
        lines.append(f"Rows per split: {counts}. None was held out: all were trained on.{numbers}")
    else:
        drawn = "Splits without a file of their own" if has_own else "They"
        lines.append(
            f"Rows per split: {counts}. {drawn} were drawn with seed {settings.seed}; equal inputs are never in "
            f"two splits.{numbers}"
        )
        if settings.roles.group:
            lines.append(
                f"Rows with the same “{plain(settings.roles.group)}” are in one split, unless a file of its own "
                "gives the split, and are one observation where scores are compared."
            )
        lines += _labels_in_splits(dataset)
    for applied in dataset.applied:
        lines.append(f"Before the split: {plain(rule_name(applied.rule))} ({applied.rows:,} rows).")
    for reason in dataset.excluded:
        lines.append(f"Excluded: {reason.count:,} rows ({plain(reason.reason)}).")
    lines.append(f"Tokens of a row: {dataset.mean_tokens:,.0f} in the mean, {dataset.longest_tokens:,} at most.")
    lines.append(f"Longer than {dataset.max_length:,} tokens and cut: {dataset.cut_rows:,} rows.")
    lines += [plain(finding.sentence) for finding in dataset.findings if finding.severity != "note"]
    return "\n".join(f"- {line}" for line in lines) + "\n"


def _labels_in_splits(dataset: PreparedDataset) -> list[str]:
    """How evenly the held-out splits hold the labels, and how many labels they lack; nothing where there are none."""
    in_all: Counter[str] = Counter()
    for part in dataset.splits.values():
        in_all.update(part.labels)
    frequent = [label for label, number in in_all.items() if number >= _OFTEN]
    lines = []
    for name in ("validation", "test"):
        held = dataset.splits[name].labels
        if not held:
            continue
        if frequent:
            shares = [held.get(label, 0) / in_all[label] for label in frequent]
            low, high = (f"{100 * share:.1f} %" for share in (min(shares), max(shares)))
            share = low if low == high else f"{low} to {high}"
            lines.append(f"Of each label that occurs {_OFTEN} times or more, {name} holds {share}.")
        if missing := sum(label not in held for label in in_all):
            lines.append(f"Labels that do not occur in {name}: {missing:,} of {len(in_all):,}.")
    return lines


def _labels(dataset: PreparedDataset, calibration: Calibration) -> list[str]:
    """How often each label occurs in each split, with its threshold where it has one; nothing for numbers."""
    names = list(dict.fromkeys(label for part in dataset.splits.values() for label in part.labels))
    if not names:
        return []
    splits = list(dataset.splits)
    has_thresholds = bool(calibration.thresholds)
    head = ["Label", *splits, *(["threshold"] if has_thresholds else [])]
    lines = [_row(head), _row(["---"] * len(head))]
    for name in names[:MOST_LABELS]:
        counts = [f"{dataset.splits[split].labels.get(name, 0):,}" for split in splits]
        cut = [f"{calibration.thresholds[name]:g}" if name in calibration.thresholds else "–"] if has_thresholds else []
        lines.append(_row([plain(name), *counts, *cut]))
    if len(names) > MOST_LABELS:
        lines.append(f"\n{len(names) - MOST_LABELS:,} rarer labels are in passport.json.")
    return ["### Labels in the splits\n\n" + "\n".join(lines) + "\n"]


def _licences(dataset: PreparedDataset) -> str:
    """The licence of the weights it began with, and that of the data apart from it."""
    model = dataset.model
    base = plain(base_model_id(model) or model.name)
    lines = [f"- Base model {base}: {plain(model.license) or 'not stated'}."]
    match dataset.source:
        case HubRows(id):
            lines.append(f"- Data: as the data set {plain(id)} states on the Hub; not that of the model.")
        case ExampleRows():
            lines.append("- Data: those of the example, which come with Tunewright; not that of the model.")
        case _:
            lines.append("- Data: not stated here, and not that of the model.")
    return "\n".join(lines) + "\n"


def _pictures(evaluation: EvaluationReport, *names: str) -> list[str]:
    """Lines that show these pictures, as far as there are any."""
    there = pictures(evaluation)
    shown = [f"![{_ALTERNATIVES[name]}]({name})" for name in names if name in there]
    return ["\n\n".join(shown) + "\n"] if shown else []


def _training(evaluation: EvaluationReport) -> str:
    run = evaluation.run
    settings = run.settings
    stopped = " It was stopped early." if run.stopped_early else ""
    table = [
        ("Steps", f"{run.steps:,} of {run.steps_planned:,}"),
        ("Epochs", f"{settings.epochs:g}"),
        ("Batch size", f"{settings.batch_size:,}"),
        ("Learning rate", f"{settings.learning_rate:g}, warm-up {settings.warmup_share:.0%}, then {settings.schedule}"),
        *_choices(settings),
        ("Weight decay", f"{settings.weight_decay:g}"),
        ("Gradient clipping", f"{settings.max_gradient_norm:g}"),
        ("Seed", str(settings.seed)),
        ("Precision", run.precision),
        ("Device", plain(run.device)),
        ("Time", f"{run.seconds:,.0f} s"),
        ("PyTorch, transformers", f"{installed('torch')}, {installed('transformers')}"),
    ]
    if not run.dataset.splits["validation"].rows:
        best = f"All rows were trained on, and the last step was kept, {run.best_step:,}.{stopped}\n"
        return _training_lines(run, best, table)
    best = f"The best checkpoint by {score_title(run.metric)} on the validation rows is step "
    selection = f" {selection_sentence(run)}".rstrip()
    best += f"{run.best_step:,} ({_number(run.best_score)}).{selection}{stopped}\n"
    return _training_lines(run, best, table)


def _training_lines(run: TrainingRun, kept: str, table: list[tuple[str, str]]) -> str:
    lines = [kept, _row(["", ""]), _row(["---"] * 2)]
    lines += [_row(list(pair)) for pair in table]
    if run.history:
        lines += ["", _row(["Step", "epoch", "training loss", "validation loss", _title(run.metric)])]
        lines.append(_row(["---"] * 5))
        for point in run.history:
            losses = (_number(point.training_loss), _number(point.validation_loss))
            score = _number(point.scores.get(run.metric))
            lines.append(_row([f"{point.step:,}", f"{point.epoch:.2f}", *losses, score]))
    if run.choice is not None:
        lines += ["", *_choice(run.choice)]
    return "\n".join(lines) + "\n"


def _choice(choice: Choice) -> list[str]:
    """What was compared before the run, and what was taken."""
    rows = [_row([plain(cell) for cell in cells(choice, place)]) for place in range(len(choice.candidates))]
    table = [_row(list(heads())), _row(["---"] * len(heads())), *rows]
    return [f"How to train was chosen. {heading(choice)}.", "", *table, "", plain(outcome(choice))]


def _choices(settings: FineTuneSettings) -> list[tuple[str, str]]:
    """What is not as in most runs, each with its name in the form."""
    parts = {
        "last_layers": f"the head and the last {count(settings.last_layers, 'layer')}",
        "head_only": "the head only",
        "lora": f"the head and adapters of rank {settings.lora_rank:,} with alpha {settings.lora_alpha:,}",
    }
    methods = {
        "contrastive": "contrastive start",
        "linear": f"linear model, C {settings.inverse_penalty:g}",
        "similarity": "similarity start (from the untouched encoder's cosine and shared words, late from the labels)",
    }
    usual = FineTuneSettings()
    found = [(field_title(FineTuneSettings, "method"), methods.get(settings.method, ""))]
    found += [(field_title(FineTuneSettings, "layers_to_train"), parts.get(settings.layers_to_train, ""))]
    for name in ("class_weights", "label_smoothing", "layer_decay", "head_rate_factor"):
        value = getattr(settings, name)
        shown = f"{value:g}" if isinstance(value, float) else str(value)
        found.append((field_title(FineTuneSettings, name), shown if value != getattr(usual, name) else ""))
    return [(title, shown) for title, shown in found if shown]


def _proven_rows(dataset: PreparedDataset, *, repeatable: bool) -> str:
    if not repeatable:
        return "texts"
    return "training rows" if dataset.all_train else "held-out rows"


def _proof(proof: Proof, dataset: PreparedDataset, *, kind: str) -> str:
    unit = "numbers" if dataset.target_scale is not None else "probabilities"
    return (
        f"This folder was loaded in a clean process by a plain pipeline of transformers, offline, and answered the "
        f"texts of {proof.rows:,} {kind}: {proof.agreement:.0%} of the answers agree with the trained network, the "
        "largest difference "
        f"between {unit} is {proof.largest_difference:.1g}, at {proof.milliseconds_per_row:.1f} ms per row on "
        "a CPU.\n"
    )


def _artefacts(proofs: Sequence[ArtefactProof]) -> list[str]:
    """What else is in the folder, each with its figures; nothing where that is all."""
    if len(proofs) < 2:
        return []
    lines = [_row(["Artefact", "file", "proof"]), _row(["---"] * 3)]
    for proof in proofs:
        file = ARTEFACTS[proof.name].file if proof.passed else ""
        lines.append(_row([plain(title_of(proof)), f"`{file}`" if file else "", plain(figures_text(proof))]))
    return ["### Artefacts\n\n" + "\n".join(lines) + "\n"]


def _prompts() -> str:
    return """## Intended use and limits

<!-- Who should use this model, for what, and on which texts? -->
<!-- For what should it not be used? -->
<!-- What do the training rows leave out: languages, groups of people, times, topics? -->
<!-- Under which licence are the training data, and does it permit this use? -->
<!-- What happens to people when it is wrong, and who looks at its answers? -->
"""


def _title(key: str) -> str:
    return plain(score_title(key))


_NOTHING = "not measurable"


def _number(score: float | None) -> str:
    return _NOTHING if score is None else f"{score:.3f}"


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"
