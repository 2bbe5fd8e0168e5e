"""The report of a run: one offline HTML page with its curves, scores, data and settings, of at most `LARGEST` bytes.

It shows the texts of some wrong rows, so it is for those who may see the data. Where a page would be too large, these
go first, then the confusion matrix.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from functools import partial

import msgspec

from engine import __version__
from engine.contract.choice_sentences import cells, heading, heads, outcome
from engine.contract.cleaning_rules import rule_name
from engine.contract.formatting import duration, size
from engine.contract.metrics import score_title
from engine.contract.score_sentences import (
    class_number_text,
    headline_text,
    interval_text,
    number_text,
    rows_text,
    selection_sentence,
    verdict,
)
from engine.contract.sentences import written_in_english
from engine.contract.settings import FineTuneSettings, field_title
from engine.contract.states import EvaluationReport, PreparedDataset, RunForecast, TrainingRun
from engine.reporting.html import Markup, element, page, paragraph, table
from engine.reporting.run_charts import confusion_chart, loss_chart, score_chart
from engine.tasks.registry import task_facts
from engine.workspace.runs import RunRecord

LARGEST = 3_000_000  # bytes
MOST_ROWS = 50  # wrong rows that are shown
MOST_LABELS = 300  # in a table
LONGEST = 300  # characters of a text of somebody else


@written_in_english
def run_report(record: RunRecord) -> str:
    """The page; what has not been reached yet is not in it."""
    for wrong_rows, confusion in ((True, True), (False, True), (False, False)):
        found = _page(record, wrong_rows=wrong_rows, confusion=confusion)
        if len(found.encode("utf-8", "replace")) <= LARGEST:
            break
    return found


def _page(record: RunRecord, *, wrong_rows: bool, confusion: bool) -> str:
    run, evaluation, dataset = record.run, record.evaluation, record.dataset
    made = time.strftime("%Y-%m-%d %H:%M", time.localtime(record.created))
    parts: list[object] = [
        element("h1", clipped(record.name)),
        paragraph(f"Run {record.id} of {made}: {record.status}.", class_="quiet"),
    ]
    if record.note:
        parts.append(paragraph(clipped(record.note)))
    if evaluation is not None:
        parts += _scores(evaluation)
    if run is not None:
        parts += [element("h2", "Training"), *_figures((loss_chart(run), "Loss"), (score_chart(run), _chosen_by(run)))]
        parts.append(_training(run))
    if evaluation is not None:
        parts += _details(evaluation, wrong_rows=wrong_rows, confusion=confusion)
    parts += _data(dataset)
    parts += _settings(record.settings)
    if run is not None and run.choice is not None:
        rows = [cells(run.choice, place) for place in range(len(run.choice.candidates))]
        parts += [element("h2", "How it was chosen"), paragraph(heading(run.choice)), table(heads(), rows)]
        parts.append(paragraph(outcome(run.choice)))
    if record.exported is not None:
        parts += [
            element("h2", "Export"),
            paragraph(
                f"{size(sum(one.size_bytes for one in record.exported.files))}; "
                f"{record.exported.proof.agreement:.1%} of {record.exported.proof.rows:,} answers agree with the run."
            ),
        ]
        if record.exported.passport_digest:
            digest = element("span", record.exported.passport_digest, class_="digest")
            parts.append(paragraph("Digest of its passport: ", digest))
    parts.append(paragraph(f"Made by Tunewright {__version__}. It holds texts and labels of the data.", class_="quiet"))
    return page(f"Run {clipped(record.name)}", *parts)


def clipped(text: object) -> str:
    """Text of somebody else, shortened."""
    shown = str(text)
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 1]}…"


# ── Sections ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _scores(evaluation: EvaluationReport) -> Iterator[Markup]:
    dataset = evaluation.run.dataset

    def title(key: str) -> str:
        return task_facts(dataset.task).baseline_title(key, dataset.label_names)

    names = list(evaluation.baselines)
    rows = []
    for key, score in evaluation.scores.items():
        interval = evaluation.intervals.get(key)
        number = partial(number_text, interval=interval, score=key)
        between = interval_text(score, interval, score=key) if interval and score is not None else "–"
        others = (evaluation.baselines[name] for name in names)
        cells_ = [number(scores[key]) if key in scores else "–" for scores in others]
        rows.append((score_title(key), number(score), between, *cells_))
    yield paragraph(element("strong", headline_text(evaluation)), f" on {rows_text(evaluation)}.")
    yield paragraph(verdict(evaluation, title).sentence)
    yield element("h2", "Scores")
    head = ("score", "this model", "95 % interval", *map(title, names))
    yield table(head, rows, numbers=(1, *range(3, 3 + len(names))))
    notes = [clipped(note) for note in (*evaluation.withheld.values(), *evaluation.notes) if note]
    if notes:
        yield element("ul", *(element("li", note) for note in notes))


def _details(evaluation: EvaluationReport, *, wrong_rows: bool, confusion: bool) -> Iterator[Markup]:
    facts = task_facts(evaluation.run.dataset.task)
    if evaluation.classes:
        yield element("h2", f"By {facts.class_word(evaluation.run.dataset.label_names)}")
        rows = []
        for item in evaluation.classes[:MOST_LABELS]:
            figures = (
                "–" if one is None else class_number_text(one, item.support)
                for one in (item.precision, item.recall, item.f1)
            )
            rows.append((clipped(item.label), *figures, f"{item.support:,}"))
        yield table(("label", "precision", "recall", "F1", "rows"), rows, numbers=(1, 2, 3, 4))
        yield from _more(len(evaluation.classes))
    if confusion:
        yield from _figures((confusion_chart(evaluation), "What is confused: truth down, predicted across"))
    if wrong_rows and evaluation.wrong_rows:
        yield element("h2", "Rows it is most wrong about")
        shown = [
            (f"{row.row:,}", clipped(row.text), clipped(row.truth), clipped(row.predicted), f"{row.loss:.2f}")
            for row in evaluation.wrong_rows[:MOST_ROWS]
        ]
        yield table(("row", "text", "true", "predicted", "loss"), shown, numbers=(0, 4))


def _chosen_by(run: TrainingRun) -> str:
    return f"{score_title(run.metric)} on the validation rows; the best is at step {run.best_step:,}"


def _training(run: TrainingRun) -> Markup:
    stopped = ", stopped early" if run.stopped_early else ""
    facts = [
        ("Steps", f"{run.steps:,} of {run.steps_planned:,}{stopped}"),
        ("Device", f"{run.device}, {run.precision}"),
        *_needed(run),
    ]
    if run.best_score is not None:
        best = number_text(run.best_score, score=run.metric)
        facts.append(
            ("Best on the validation rows", f"{best}, step {run.best_step:,}. {selection_sentence(run)}".rstrip())
        )
    facts += [("Note", clipped(note)) for note in run.notes]
    return table(("", ""), facts)


def _needed(run: TrainingRun) -> Iterator[tuple[str, str]]:
    """Time, memory and disk, each with what was forecast."""
    expected: RunForecast | None = run.forecast
    for name, fact, forecast in (
        ("Time", duration(run.seconds), duration(expected.seconds) if expected else ""),
        ("Memory at most", size(run.memory_bytes), size(expected.memory_bytes) if expected else ""),
        ("Disk at most", size(run.disk_bytes), size(expected.disk_bytes) if expected else ""),
    ):
        if name == "Time" or fact != size(0):
            yield name, f"{fact}{f' (forecast {forecast})' if forecast else ''}"


def _data(dataset: PreparedDataset) -> Iterator[Markup]:
    model = dataset.model
    yield element("h2", "Data and encoder")
    facts = [
        ("Data", f"{clipped(dataset.name)}: {dataset.rows_in:,} rows, {dataset.rows_used:,} used"),
        *((f"Excluded: {clipped(one.reason)}", f"{one.count:,} rows") for one in dataset.excluded),
        *((f"Before the split: {rule_name(one.rule)}", f"{one.rows:,} rows") for one in dataset.applied),
        ("Tokens of a row", f"{dataset.mean_tokens:,.0f} in the mean, {dataset.longest_tokens:,} at most"),
        ("Read up to", f"{dataset.max_length:,} tokens; {dataset.cut_rows:,} rows are longer"),
        ("Encoder", f"{clipped(model.name)}, {model.parameters:,} parameters, licence {model.license or 'not stated'}"),
        ("Fingerprint", dataset.fingerprint),
    ]
    yield table(("", ""), facts)
    labels = list(dict.fromkeys(label for part in dataset.splits.values() for label in part.labels))
    rows: Iterable[tuple[str, ...]] = [
        (clipped(label), *(f"{part.labels.get(label, 0):,}" for part in dataset.splits.values()))
        for label in labels[:MOST_LABELS]
    ]
    rows = [("rows", *(f"{part.rows:,}" for part in dataset.splits.values())), *rows]
    yield table(("", *dataset.splits), rows, numbers=range(1, 1 + len(dataset.splits)))
    yield from _more(len(labels))
    findings = [(one.severity, clipped(one.sentence)) for one in dataset.findings]
    if findings:
        yield element("h3", "Findings")
        yield table(("", ""), findings)


def _more(number: int) -> Iterator[Markup]:
    if number > MOST_LABELS:
        yield paragraph(f"And {number - MOST_LABELS:,} more labels.", class_="quiet")


def _settings(settings: FineTuneSettings) -> Iterator[Markup]:
    """Every setting; those that are not as usual are marked."""
    usual = FineTuneSettings()
    rows = []
    for field in msgspec.structs.fields(FineTuneSettings):
        value = getattr(settings, field.name)
        shown = f"{value:g}" if isinstance(value, float) else clipped(_plain(value))
        title = field_title(FineTuneSettings, field.name)
        rows.append((title, element("strong", shown) if value != getattr(usual, field.name) else shown))
    yield element("h2", "Settings")
    yield paragraph("Those that differ from a new form are bold.", class_="quiet")
    yield table(("", ""), rows)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "–"
    return str(value) if value != "" else "–"


def _figures(*drawn: tuple[Markup, str]) -> list[Markup]:
    return [element("figure", svg, element("figcaption", caption)) for svg, caption in drawn if svg]
