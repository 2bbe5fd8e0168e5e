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
from engine.contract.formatting import device_text, duration, number, size, split_name
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
from engine.contract.sentences import Sentence
from engine.contract.settings import FineTuneSettings, field_title
from engine.contract.states import EvaluationReport, PreparedDataset, RunForecast, TrainingRun
from engine.reporting.html import Markup, element, page, paragraph, table
from engine.reporting.run_charts import confusion_chart, loss_chart, score_chart
from engine.tasks.registry import task_facts
from engine.workspace.runs import RunRecord, status_name

LARGEST = 3_000_000  # bytes
MOST_ROWS = 50  # wrong rows that are shown
MOST_LABELS = 300  # in a table
LONGEST = 300  # characters of a text of somebody else


def run_report(record: RunRecord) -> str:
    """The page, in the language of the program; what has not been reached yet is not in it."""
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
        paragraph(
            Sentence("reporting.report.run_of", id_=record.id, made=made, status=status_name(record.status)),
            class_="quiet",
        ),
    ]
    if record.note:
        parts.append(paragraph(clipped(record.note)))
    if evaluation is not None:
        parts += _scores(evaluation)
    if run is not None:
        parts += [
            element("h2", Sentence("reporting.report.training")),
            *_figures((loss_chart(run), Sentence("reporting.report.loss")), (score_chart(run), _chosen_by(run))),
        ]
        parts.append(_training(run))
    if evaluation is not None:
        parts += _details(evaluation, wrong_rows=wrong_rows, confusion=confusion)
    parts += _data(dataset)
    parts += _settings(record.settings)
    if run is not None and run.choice is not None:
        rows = [cells(run.choice, place) for place in range(len(run.choice.candidates))]
        parts += [
            element("h2", Sentence("reporting.report.how_chosen")),
            paragraph(heading(run.choice)),
            table(heads(), rows),
        ]
        parts.append(paragraph(outcome(run.choice)))
    if record.exported is not None:
        parts += [
            element("h2", Sentence("reporting.report.export")),
            paragraph(
                Sentence(
                    "reporting.report.exported",
                    bytes=sum(one.size_bytes for one in record.exported.files),
                    share=record.exported.proof.agreement,
                    rows=record.exported.proof.rows,
                )
            ),
        ]
        if record.exported.passport_digest:
            digest = element("span", record.exported.passport_digest, class_="digest")
            parts.append(paragraph(Sentence("reporting.report.digest"), " ", digest))
    parts.append(paragraph(Sentence("reporting.report.made_by", version=__version__), class_="quiet"))
    return page(Sentence("reporting.report.title", name=clipped(record.name)), *parts)


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
        of_score = partial(number_text, interval=interval, score=key)
        between = interval_text(score, interval, score=key) if interval and score is not None else "–"
        others = (evaluation.baselines[name] for name in names)
        cells_ = [of_score(scores[key]) if key in scores else "–" for scores in others]
        rows.append((score_title(key), of_score(score), between, *cells_))
    yield paragraph(
        element("strong", headline_text(evaluation)),
        " ",
        Sentence("reporting.report.on_rows", rows=rows_text(evaluation)),
    )
    yield paragraph(verdict(evaluation, title).sentence)
    yield element("h2", Sentence("reporting.report.scores"))
    own = (
        Sentence("reporting.report.score"),
        Sentence("reporting.report.this_model"),
        Sentence("reporting.report.interval"),
    )
    head = (*own, *map(title, names))
    yield table(head, rows, numbers=(1, *range(3, 3 + len(names))))
    notes = [clipped(note) for note in (*evaluation.withheld.values(), *evaluation.notes) if note]
    if notes:
        yield element("ul", *(element("li", note) for note in notes))


def _details(evaluation: EvaluationReport, *, wrong_rows: bool, confusion: bool) -> Iterator[Markup]:
    facts = task_facts(evaluation.run.dataset.task)
    if evaluation.classes:
        word = facts.class_word(evaluation.run.dataset.label_names).replace(" ", "_")
        yield element("h2", Sentence("reporting.report.by_class", noun=word))
        rows = []
        for item in evaluation.classes[:MOST_LABELS]:
            figures = (
                "–" if one is None else class_number_text(one, item.support)
                for one in (item.precision, item.recall, item.f1)
            )
            rows.append((clipped(item.label), *figures, number(item.support)))
        head = (
            Sentence("reporting.report.label"),
            Sentence("reporting.report.precision"),
            Sentence("reporting.report.recall"),
            Sentence("reporting.report.f1"),
            Sentence("reporting.report.rows"),
        )
        yield table(head, rows, numbers=(1, 2, 3, 4))
        yield from _more(len(evaluation.classes))
    if confusion:
        yield from _figures((confusion_chart(evaluation), Sentence("reporting.report.confused")))
    if wrong_rows and evaluation.wrong_rows:
        yield element("h2", Sentence("reporting.report.most_wrong"))
        shown = [
            (number(row.row), clipped(row.text), clipped(row.truth), clipped(row.predicted), number(row.loss, ".2f"))
            for row in evaluation.wrong_rows[:MOST_ROWS]
        ]
        head = (
            Sentence("reporting.report.row"),
            Sentence("reporting.report.text"),
            Sentence("reporting.report.true"),
            Sentence("reporting.report.predicted"),
            Sentence("reporting.report.loss_column"),
        )
        yield table(head, shown, numbers=(0, 4))


def _chosen_by(run: TrainingRun) -> str:
    return Sentence("reporting.report.chosen_by", key=run.metric, step=run.best_step)


def _training(run: TrainingRun) -> Markup:
    steps = (
        Sentence("reporting.report.steps_early", steps=run.steps, planned=run.steps_planned)
        if run.stopped_early
        else Sentence("reporting.report.steps_of", steps=run.steps, planned=run.steps_planned)
    )
    facts: list[tuple[str, str]] = [
        (Sentence("reporting.report.steps"), steps),
        (Sentence("reporting.report.device"), f"{device_text(run.device)}, {run.precision}"),
        *_needed(run),
    ]
    if run.best_score is not None:
        best = number_text(run.best_score, score=run.metric)
        reached = Sentence("reporting.report.best_at", score=best, step=run.best_step)
        facts.append((Sentence("reporting.report.best"), f"{reached} {selection_sentence(run)}".rstrip()))
    facts += [(Sentence("reporting.report.note"), clipped(note)) for note in run.notes]
    return table(("", ""), facts)


def _needed(run: TrainingRun) -> Iterator[tuple[str, str]]:
    """Time, memory and disk, each with what was forecast."""
    expected: RunForecast | None = run.forecast
    needed: tuple[tuple[str, str, str], ...] = (
        (Sentence("reporting.report.time"), duration(run.seconds), duration(expected.seconds) if expected else ""),
        (
            Sentence("reporting.report.memory"),
            size(run.memory_bytes) if run.memory_bytes else "",
            size(expected.memory_bytes) if expected else "",
        ),
        (
            Sentence("reporting.report.disk"),
            size(run.disk_bytes) if run.disk_bytes else "",
            size(expected.disk_bytes) if expected else "",
        ),
    )
    for name, fact, forecast in needed:
        if fact:
            yield name, Sentence("reporting.report.forecast", fact=fact, forecast=forecast) if forecast else fact


def _data(dataset: PreparedDataset) -> Iterator[Markup]:
    model = dataset.model
    yield element("h2", Sentence("reporting.report.data_and_encoder"))
    used = Sentence(
        "reporting.report.rows_used", name=clipped(dataset.name), rows=dataset.rows_in, used=dataset.rows_used
    )
    lengths = Sentence("reporting.report.lengths", mean=dataset.mean_tokens, longest=dataset.longest_tokens)
    read = Sentence("reporting.report.read", tokens=dataset.max_length, rows=dataset.cut_rows)
    encoder = Sentence("reporting.report.encoder_is", name=clipped(model.name), parameters=model.parameters)
    licence = model.license or Sentence("reporting.report.not_stated")
    facts: list[tuple[str, str]] = [
        (Sentence("reporting.report.data"), used),
        *(
            (
                Sentence("reporting.report.excluded", reason=clipped(one.reason)),
                Sentence("reporting.report.rows_counted", rows=one.count),
            )
            for one in dataset.excluded
        ),
        *(
            (
                Sentence("reporting.report.before_split", rule=rule_name(one.rule)),
                Sentence("reporting.report.rows_counted", rows=one.rows),
            )
            for one in dataset.applied
        ),
        *(
            ((Sentence("reporting.report.groups"), clipped(dataset.settings.roles.group)),)
            if dataset.settings.roles.group
            else ()
        ),
        (Sentence("reporting.report.tokens_of_row"), lengths),
        (Sentence("reporting.report.read_up_to"), read),
        (Sentence("reporting.report.encoder"), encoder),
        (Sentence("reporting.report.licence"), licence),
        (Sentence("reporting.report.fingerprint"), dataset.fingerprint),
    ]
    yield table(("", ""), facts)
    labels = list(dict.fromkeys(label for part in dataset.splits.values() for label in part.labels))
    rows: Iterable[tuple[str, ...]] = [
        (clipped(label), *(number(part.labels.get(label, 0)) for part in dataset.splits.values()))
        for label in labels[:MOST_LABELS]
    ]
    all_rows = (Sentence("reporting.report.rows"), *(number(part.rows) for part in dataset.splits.values()))
    rows = [all_rows, *rows]
    yield table(("", *map(split_name, dataset.splits)), rows, numbers=range(1, 1 + len(dataset.splits)))
    yield from _more(len(labels))
    findings = [(severity_name(one.severity), clipped(one.sentence)) for one in dataset.findings]
    if findings:
        yield element("h3", Sentence("reporting.report.findings"))
        yield table(("", ""), findings)


def severity_name(severity: str) -> str:
    """How grave a finding is, in a word."""
    match severity:
        case "problem":
            return Sentence("reporting.report.problem")
        case "caution":
            return Sentence("reporting.report.caution")
        case _:
            return Sentence("reporting.report.note")


def _more(labels: int) -> Iterator[Markup]:
    if labels > MOST_LABELS:
        yield paragraph(Sentence("reporting.report.more_labels", labels=labels - MOST_LABELS), class_="quiet")


def _settings(settings: FineTuneSettings) -> Iterator[Markup]:
    """Every setting; those that are not as usual are marked."""
    usual = FineTuneSettings()
    rows = []
    for field in msgspec.structs.fields(FineTuneSettings):
        value = getattr(settings, field.name)
        shown = number(value, "g") if isinstance(value, float) else clipped(_plain(value))
        title = field_title(FineTuneSettings, field.name)
        rows.append((title, element("strong", shown) if value != getattr(usual, field.name) else shown))
    yield element("h2", Sentence("reporting.report.settings"))
    yield paragraph(Sentence("reporting.report.bold"), class_="quiet")
    yield table(("", ""), rows)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return Sentence("reporting.report.yes" if value else "reporting.report.no")
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "–"
    return str(value) if value != "" else "–"


def _figures(*drawn: tuple[Markup, str]) -> list[Markup]:
    return [element("figure", svg, element("figcaption", caption)) for svg, caption in drawn if svg]
