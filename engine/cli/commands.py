"""What each sub-command does, on the same five stages that the window calls.

Each command takes the parsed command line, the workspace and the interrupts, and returns the exit code. Whatever is
heavy is behind `stages`, so that --help is instant.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import get_args

import msgspec

from engine import stages
from engine.bootstrap.commands import command, end_of_input, quoted
from engine.cli.completion import completion
from engine.cli.preflight import heavy_problems, light_problems
from engine.cli.recipe import (
    RecipeText,
    in_ascii,
    named_in_recipe,
    names_scored_rows,
    recipe_of,
    text_of_file,
    text_of_input,
    with_changes,
    with_choice,
    write_recipe,
)
from engine.cli.terminal import Interrupts, print_error
from engine.contract import messages as wire
from engine.contract.artefact_sentences import figures_text, title_of
from engine.contract.artefacts import ARTEFACTS, ArtefactName
from engine.contract.calibration import DO_NOT_KNOW
from engine.contract.defaults import better_run, completed, first_scored_rows
from engine.contract.errors import EngineError, InvalidSetting
from engine.contract.events import Emit, Noted, StageSucceeded
from engine.contract.formatting import needs, size
from engine.contract.formatting import number as number_of
from engine.contract.inspection import InspectedFinding, Inspection
from engine.contract.metrics import score_name
from engine.contract.passport import Status, Verification
from engine.contract.presets import CONTRASTIVE_BATCH, CONTRASTIVE_UPDATES, SIMILARITY_UPDATES, similarity_possible
from engine.contract.queries import Answer, AskForecast, AskPrediction, Forecast, Prediction
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.score_sentences import (
    best_on_validation,
    file_score_lines,
    file_sentence,
    interval_text,
    number_text,
    rows_text,
    score_on_split,
    selection_sentence,
    shows_no_gain,
    verdict,
)
from engine.contract.sentences import Sentence
from engine.contract.settings import (
    EvaluateSettings,
    ExportSettings,
    FileRows,
    FineTuneSettings,
    Recipe,
    SearchSettings,
    check,
)
from engine.contract.states import AnyState, EvaluationReport, ExportedModel, PreparedDataset, TrainingRun
from engine.reporting.documents import write_document
from engine.reporting.run_report import run_report
from engine.runtime.keep_awake import kept_awake
from engine.tasks.registry import task_facts
from engine.workspace.layout import Workspace
from engine.workspace.references import reference_to_dataset, reference_to_run
from engine.workspace.run_index import list_rows
from engine.workspace.runs import RunRecord, RunStatus, read_run, status_name

RECIPES = Path(__file__).parents[2] / "resources" / "recipes"


@kept_awake()
def run(options: argparse.Namespace, workspace: Workspace, interrupts: Interrupts) -> int:
    """The five steps of a recipe."""
    started = time.monotonic()
    written = _written_recipe(options.recipe)
    recipe = with_changes(written.parsed(), options.set)
    if options.check:
        return _checked(written.name, recipe, workspace, interrupts)
    for problem in light_problems(recipe, workspace):
        raise problem
    if _has_followed(recipe.fine_tune.device):
        return 0
    emit = interrupts.emit
    model = _reached(interrupts, stages.load_model(recipe.model, emit, workspace=workspace))
    dataset = _reached(
        interrupts, stages.prepare_dataset(model, recipe.data, recipe.prepare, emit, workspace=workspace)
    )
    settings = _completed(options, recipe, written, dataset, emit)
    forecast = stages.answer(AskForecast(reference_to_dataset(dataset), settings), emit, workspace=workspace)
    assert isinstance(forecast, Forecast)
    emit(Noted(forecast_text(forecast)))
    trained = _reached(
        interrupts,
        stages.fine_tune(dataset, settings, emit, forecast=forecast.expected, workspace=workspace),
    )
    if not names_scored_rows(written.text, options.set):
        recipe = _first_scored(recipe, trained)
    return _finish(options, workspace, interrupts, trained, recipe, started)


def _completed(
    options: argparse.Namespace,
    recipe: Recipe,
    written: RecipeText,
    dataset: PreparedDataset,
    emit: Emit,
    *also: str,
) -> FineTuneSettings:
    """The settings of the recipe with what it does not name, which is noted; `also` counts as named."""
    named = named_in_recipe(written.text, options.set) | set(also)
    settings, sentence = completed(recipe.fine_tune, named, dataset, task_facts(dataset.task).refused_settings)
    if sentence:
        emit(Noted(sentence))
    return settings


@kept_awake()
def continue_run(options: argparse.Namespace, workspace: Workspace, interrupts: Interrupts) -> int:
    """An interrupted run from its last whole checkpoint, and the steps after it."""
    started = time.monotonic()
    record = _run_named(workspace, options.run)
    if _has_followed(record.settings.device):
        return 0
    trained = _reached(
        interrupts,
        stages.fine_tune(
            record.dataset,
            record.settings,
            interrupts.emit,
            continue_run=record.id,
            action=_action(options),
            workspace=workspace,
        ),
    )
    return _finish(options, workspace, interrupts, trained, _first_scored(Recipe(), trained), started)


def _action(options: argparse.Namespace) -> RecoveryAction:
    """What is changed in a run that is continued."""
    if options.half_rate:
        return RecoveryAction.LOWER_LEARNING_RATE
    return RecoveryAction.USE_FP32 if options.fp32 else RecoveryAction.NONE


def _first_scored(recipe: Recipe, trained: TrainingRun) -> Recipe:
    """The recipe with the rows that are scored first where none are named."""
    evaluate = msgspec.structs.replace(recipe.evaluate, split=first_scored_rows(trained))
    return msgspec.structs.replace(recipe, evaluate=evaluate)


def _has_followed(device: str) -> bool:
    """Whether torch's launcher has started this process beside another that runs the stages; then it has helped it."""
    return any(name in os.environ for name in ("RANK", "WORLD_SIZE")) and stages.follow_rank_0(device)


@kept_awake()
def search(options: argparse.Namespace, workspace: Workspace, interrupts: Interrupts) -> int:
    """Trials around the settings of a recipe; the best run is named at the end."""
    written = _written_recipe(options.recipe)
    recipe = with_changes(written.parsed(), options.set)
    for problem in light_problems(recipe, workspace):
        raise problem
    chosen = check(SearchSettings(trials=options.trials, batch_sizes=options.batch_sizes))
    emit = interrupts.emit
    model = _reached(interrupts, stages.load_model(recipe.model, emit, workspace=workspace))
    dataset = _reached(
        interrupts, stages.prepare_dataset(model, recipe.data, recipe.prepare, emit, workspace=workspace)
    )
    settings = _completed(options, recipe, written, dataset, emit, "epochs")  # trials differ in it
    best = _reached(interrupts, stages.search(dataset, settings, chosen, emit, workspace=workspace))
    interrupts.close()
    best_run = Sentence(
        "cli.say.best_run",
        run=best.id,
        metric=best.metric,
        score=best.best_score,
        rate=best.settings.learning_rate,
        epochs=best.settings.epochs,
        batch=best.settings.batch_size,
    )
    _print(options, f"{best_run} {selection_sentence(best)}".rstrip())
    _print(options, Sentence("cli.say.evaluate_or_export", command=command(), run=best.id))
    return interrupts.exit_code if interrupts.asked else 0


def _finish(
    options: argparse.Namespace,
    workspace: Workspace,
    interrupts: Interrupts,
    trained: TrainingRun,
    recipe: Recipe,
    started: float,
) -> int:
    if interrupts.asked:
        kept = Sentence(
            "cli.say.stopped_keeps_last" if trained.best_score is None else "cli.say.stopped_keeps_best",
            step=trained.steps,
            run=trained.id,
        )
        _print(options, kept)
        _print(options, Sentence("cli.say.continue_or_evaluate", command=command(), run=trained.id))
        return interrupts.exit_code
    emit = interrupts.emit
    evaluation = _reached(interrupts, stages.evaluate(trained, recipe.evaluate, emit, workspace=workspace))
    exported = _reached(interrupts, stages.export(evaluation, recipe.export, emit, workspace=workspace))
    interrupts.close()
    _print(options, evaluation_text(evaluation))
    _print(options, export_text(exported))
    seconds = time.monotonic() - started
    _print(options, Sentence("cli.say.took", training=trained.seconds, everything=seconds, run=trained.id))
    return 0


def evaluate(options: argparse.Namespace, workspace: Workspace, interrupts: Interrupts) -> int:
    """A run scored on held-out rows."""
    trained = _trained(_run_named(workspace, options.run))
    settings = EvaluateSettings(split=options.split or first_scored_rows(trained))
    settings = with_changes(Recipe(evaluate=settings), options.set).evaluate
    evaluation = _reached(interrupts, stages.evaluate(trained, settings, interrupts.emit, workspace=workspace))
    interrupts.close()
    _print(options, evaluation_text(evaluation))
    return 0


def export(options: argparse.Namespace, workspace: Workspace, interrupts: Interrupts) -> int:
    """A run as a `transformers` folder; scored first where it was not."""
    record = _run_named(workspace, options.run)
    evaluation = record.evaluation
    if evaluation is None:
        trained = _trained(record)
        evaluation = _reached(
            interrupts, stages.evaluate(trained, EvaluateSettings(), interrupts.emit, workspace=workspace)
        )
    if options.smaller:
        with kept_awake():
            smaller = stages.smaller_model(evaluation, options.smaller, interrupts.emit, workspace=workspace)
        evaluation = _reached(interrupts, smaller)
        _print(options, evaluation_text(evaluation))
    folder = str(Path(options.folder).expanduser().absolute()) if options.folder else ""
    settings = ExportSettings(folder=folder, name=options.name, artefacts=_chosen_artefacts(options))
    if options.push and not options.yes and (sys.stdin is None or not sys.stdin.isatty()):
        raise InvalidSetting("T16", Sentence("cli.t16.push_must_be_confirmed"), hint=Sentence("cli.t16.add_yes"))
    exported = _reached(interrupts, stages.export(evaluation, settings, interrupts.emit, workspace=workspace))
    if not options.push:
        interrupts.close()
    _print(options, export_text(exported))
    if options.push:
        _push(options, exported.folder, interrupts)
    return 0 if all(proof.passed for proof in exported.artefacts) else 1


def _push(options: argparse.Namespace, folder: str, interrupts: Interrupts) -> None:
    """Shows what would be sent and asks, then sends it."""
    repository, files = stages.sent_to_hub(folder, options.push)
    values = {"files": len(files), "bytes": sum(number for _, number in files), "repository": repository}
    print(Sentence("cli.push.public" if options.public else "cli.push.private", **values), file=sys.stderr)
    for name, number in files:
        print(f"  {name}  {size(number)}", file=sys.stderr)
    if not options.yes:
        print(Sentence("cli.push.question"), end=" ", file=sys.stderr, flush=True)
        yes = ("y", "yes", *str(Sentence("cli.push.yes")).split())
        if sys.stdin.readline().strip().lower() not in yes:
            interrupts.close()
            print(Sentence("cli.push.nothing_sent"), file=sys.stderr)
            return
    sent = stages.push_folder(folder, repository, interrupts.emit, private=not options.public)
    interrupts.close()
    _print(options, Sentence("cli.push.sent", files=sent.files, url=sent.url))


def _chosen_artefacts(options: argparse.Namespace) -> tuple[ArtefactName, ...]:
    return tuple(name for name, facts in ARTEFACTS.items() if facts.option and getattr(options, name))


def serve(options: argparse.Namespace, workspace: Workspace, interrupts: Interrupts) -> int:
    """An exported folder over HTTP, until Ctrl-C; with the file that an export can hold itself."""
    stages.serve_folder(str(Path(options.folder).expanduser().absolute()), options.host, options.port)
    return 0


def predict(options: argparse.Namespace, workspace: Workspace, interrupts: Interrupts) -> int:
    """What an exported folder or a run answers to texts, from the command line or line by line from standard input.

    With a file, to every row of it, into another file.
    """
    if options.file:
        return _predict_file(options, workspace, interrupts)
    if not options.text and sys.stdin is not None and sys.stdin.isatty():
        print(Sentence("cli.say.type_texts", keys=end_of_input()), file=sys.stderr)
    texts = options.text or (line.rstrip("\r\n") for line in sys.stdin)
    folder = Path(options.model).expanduser()
    trained = None if _is_exported(folder) else _trained(_run_named(workspace, options.model))
    for text in texts:
        if not text.strip():
            continue
        if interrupts.asked:
            return interrupts.exit_code
        text, _, second = text.partition("\t") if _reads_pairs(options, trained) else (text, "", "")
        if trained is None:
            prediction = stages.predict_with_folder(str(folder.absolute()), text, second)
        else:
            question = AskPrediction(reference_to_run(trained), text, second)
            prediction = _predicted(stages.answer(question, interrupts.emit, workspace=workspace))
        if options.json:
            print(wire.encode(prediction).decode().rstrip(), flush=True)
        else:
            print(prediction_text(prediction), flush=True)
        if prediction.cut_tokens:
            print(Sentence("cli.say.text_cut", tokens=prediction.cut_tokens), file=sys.stderr, flush=True)
    return 0


def _predict_file(options: argparse.Namespace, workspace: Workspace, interrupts: Interrupts) -> int:
    """Writes the predictions beside the rows of a file; a stop leaves nothing behind."""
    source = Path(options.file).expanduser().absolute()
    target = Path(options.to).expanduser() if options.to else source.with_name(f"{source.stem} predicted.csv")
    folder = Path(options.model).expanduser()
    model = str(folder.absolute()) if _is_exported(folder) else _trained(_run_named(workspace, options.model))
    done = stages.predict_file(
        model,
        str(source),
        str(target.absolute()),
        interrupts.emit,
        text=options.column,
        second_text=options.second_column,
        labels=options.labels,
        other=options.compare,
        group=options.group,
        pairs=options.pairs,
        workspace=workspace,
    )
    interrupts.close()
    print(f"{file_sentence(done)}: {target}")
    if done.scores is not None:
        print("\n".join(file_score_lines(done.scores)))
    return 0


def _is_exported(place: Path) -> bool:
    """Whether this is an exported folder, or an ONNX model of one."""
    return (place / "config.json").is_file() or (place.suffix == ".onnx" and place.is_file())


def _reads_pairs(options: argparse.Namespace, trained: TrainingRun | None) -> bool:
    """Whether texts come in pairs: a run has it recorded, for a folder the user chooses."""
    return bool(options.pairs if trained is None else trained.dataset.settings.roles.second_text)


def inspect(options: argparse.Namespace, workspace: Workspace, interrupts: Interrupts) -> int:
    """What is found in a training file, a validation file and a test file; 1 where it cannot be used."""
    if len(options.file) > 3:
        raise InvalidSetting(
            "T16",
            Sentence("cli.t16.at_most_three_files", files=len(options.file)),
            hint=Sentence("cli.t16.training_validation_test"),
        )
    paths = [str(Path(file).expanduser().absolute()) for file in options.file]
    seen = stages.inspect(FileRows(*paths), interrupts.emit, workspace=workspace)
    print(msgspec.json.format(msgspec.json.encode(seen), indent=2).decode() if options.json else inspection_text(seen))
    return 1 if seen.error else 0


def runs(options: argparse.Namespace, workspace: Workspace, interrupts: Interrupts) -> int:
    """All runs of the workspace, the newest first."""
    found = list_rows(workspace)
    for folder, reason in found.unreadable:
        print(Sentence("cli.say.run_unreadable", run=folder, reason=reason), file=sys.stderr)
    for folder in found.newer:
        print(Sentence("cli.say.run_newer", run=folder), file=sys.stderr)
    if options.json:
        for row in found.rows:
            with contextlib.suppress(EngineError):  # deleted in the meantime
                print(wire.encode(read_run(workspace, row.id)).decode().rstrip())
        return 0
    if not found.rows:
        print(Sentence("cli.say.no_runs", command=command()))
    widest = max(len(status_name(status)) for status in get_args(RunStatus))
    for row in found.rows:
        summary, score = row.summary, ""
        if summary.headline:
            score = score_on_split(summary.headline, summary.test_score, summary.scored_split, summary.interval)
        elif summary.best_score is not None:
            score = best_on_validation(summary.metric, summary.best_score, summary.evaluations)
        steps = Sentence("cli.say.steps", step=row.step, total=row.total_steps)
        print(f"{row.id}  {status_name(row.status):<{widest}}  {steps:<20}  {score:<40}  {row.name}")
    return 0


def recipe(options: argparse.Namespace, workspace: Workspace, interrupts: Interrupts) -> int:
    """The recipe of a run, or one with every default, to standard output."""
    if options.run:
        record = _run_named(workspace, options.run)
        chosen = recipe_of(record.furthest or record.dataset)
        chosen = msgspec.structs.replace(chosen, fine_tune=record.settings)
        title = f"Run {record.id}: {record.name}"
        text = write_recipe(chosen, title=with_choice(title, record.furthest or record.dataset))
    else:
        text = write_recipe(Recipe(), title=f"Every setting with its default. Start with: {command()} run RECIPE.toml")
    if sys.platform == "win32" and not sys.stdout.isatty():
        text = in_ascii(text)  # PowerShell reads a program's output in the console's code page, also for a file
    print(text, end="")
    return 0


def doctor(options: argparse.Namespace, workspace: Workspace, interrupts: Interrupts) -> int:
    """What this machine can do, and what it lacks; 1 where something is to be mended."""
    from engine.cli.doctor import findings, report_json, report_text

    report = findings(workspace)
    print(report_json(report) if options.json else report_text(report))
    return 0 if all(finding.fine for finding in report) else 1


def complete(options: argparse.Namespace, workspace: Workspace, interrupts: Interrupts) -> int:
    """The script that lets a shell complete commands and options."""
    print(completion(options.parser, options.shell, "tunewright"), end="")
    return 0


def report(options: argparse.Namespace, workspace: Workspace, interrupts: Interrupts) -> int:
    """One offline HTML page about a run."""
    record = _run_named(workspace, options.run)
    target = Path(options.file).expanduser().absolute() if options.file else Path.cwd() / f"report {record.id}.html"
    print(write_document(target, run_report(record), chosen=bool(options.file)))
    return 0


def verify(options: argparse.Namespace, workspace: Workspace, interrupts: Interrupts) -> int:
    """What an exported folder claims, checked without the workspace, and a page about it; 3 where something differs."""
    folder = Path(options.folder).expanduser().absolute()
    found = stages.verify(str(folder), options.data, interrupts.emit, digest=options.digest)
    interrupts.close()
    target = (
        Path(options.to).expanduser().absolute() if options.to else folder.with_name(f"{folder.name} verified.html")
    )
    if options.json:
        print(msgspec.json.format(msgspec.json.encode(found, enc_hook=str), indent=2).decode())
    else:
        print(verification_text(found))
    page = stages.write_verification(found, str(target), chosen=bool(options.to))
    if not options.json:
        print(Sentence("cli.say.page", page=page))
    return EXIT_DIFFERS if found.differing else 0


def desktop(options: argparse.Namespace, workspace: Workspace, interrupts: Interrupts) -> int:
    """Launcher, icon and file association of a Linux desktop, put there or taken away."""
    from engine.cli import desktop_entry

    if options.action == "install":
        paths = desktop_entry.install()
        print(Sentence("cli.say.desktop_installed"))
    else:
        paths = desktop_entry.remove()
        print(Sentence("cli.say.removed" if paths else "cli.say.nothing_removed"))
    print("\n".join(map(str, paths)))
    return 0


COMMANDS: dict[str, Callable[[argparse.Namespace, Workspace, Interrupts], int]] = {
    "run": run,
    "continue": continue_run,
    "search": search,
    "evaluate": evaluate,
    "export": export,
    "predict": predict,
    "serve": serve,
    "inspect": inspect,
    "runs": runs,
    "recipe": recipe,
    "report": report,
    "completion": complete,
    "verify": verify,
    "doctor": doctor,
    "desktop": desktop,
}
QUIET = (
    "predict",
    "serve",
    "inspect",
    "runs",
    "recipe",
    "report",
    "completion",
    "doctor",
    "desktop",
)  # their answer is all that is printed


WITHOUT_WORKSPACE = ("verify", "completion", "desktop")  # it is neither read nor made
ONE_RECORD = ("verify",)  # all that --json prints, instead of events
EXIT_DIFFERS = 3  # of verify


# ── Results as text ─────────────────────────────────────────────────────────────────────────────────────────────


def inspection_text(seen: Inspection) -> str:
    """The files, the task with its roles, the rows and what was found."""
    lines: list[str] = []
    for file in seen.files:
        header = Sentence("cli.inspect.header", header=file.header) if file.header else ""
        read = [part for part in (file.format, file.encoding, header, file.part) if part]
        lines.append(Sentence("cli.inspect.file", split=file.split, name=file.name, read=read))
    roles = msgspec.to_builtins(seen.roles)
    named = [f"{role} = {', '.join([at] if isinstance(at, str) else at)}" for role, at in roles.items() if at]
    if seen.task:
        lines.append(Sentence("cli.inspect.task", task=seen.task, roles="; ".join(named)))
    if seen.rows_in:
        lines.append(Sentence("cli.inspect.rows", rows=seen.rows_in, used=seen.rows_used))
        lines += [
            f"  {Sentence('cli.inspect.excluded', rows=rows, reason=reason)}"
            for reason, rows in seen.rows_excluded.items()
        ]
    if seen.labels:
        lines.append(Sentence("cli.inspect.labels", counts=_counted(seen.labels)))
    if seen.entities:
        lines.append(Sentence("cli.inspect.entities", counts=_counted(seen.entities)))
    lines += [_finding_text(finding) for finding in seen.findings]
    if seen.error:
        lines.append(f"{seen.error.sentence} {seen.error.hint}".rstrip() + f" ({seen.error.id})")
    return "\n".join(lines)


def _finding_text(finding: InspectedFinding) -> Sentence:
    match finding.severity:
        case "problem":
            return Sentence("cli.inspect.problem", sentence=finding.sentence)
        case "caution":
            return Sentence("cli.inspect.caution", sentence=finding.sentence)
        case "note":
            return Sentence("cli.inspect.note", sentence=finding.sentence)
        case "question":
            return Sentence("cli.inspect.question", sentence=finding.sentence)


def _counted(counts: Mapping[str, int]) -> list[str]:
    return [f"{name} {number_of(count)}" for name, count in counts.items()]


def forecast_text(forecast: Forecast) -> Sentence:
    """Time, memory and disk of the run, and what does not fit."""
    expected = forecast.expected
    about = needs(expected.seconds, expected.memory_bytes, expected.disk_bytes, forecast=True)
    warnings = [warning.sentence for warning in forecast.warnings]
    if not warnings:
        return Sentence("cli.note.forecast", about=about)
    return Sentence("cli.note.forecast_with_warnings", about=about, warnings=warnings)


def evaluation_text(evaluation: EvaluationReport) -> str:
    """Scores with their intervals beside those of the baselines, and what follows from them."""
    names = list(evaluation.baselines)
    dataset = evaluation.run.dataset

    def title(key: str) -> str:
        return task_facts(dataset.task).baseline_title(key, dataset.label_names)

    head: list[str] = ["", Sentence("cli.scores.this_model"), Sentence("cli.scores.interval"), *map(title, names)]
    table = [head]
    for key, score in evaluation.scores.items():
        interval = evaluation.intervals.get(key)
        number = partial(number_text, interval=interval, score=key)
        between = interval_text(score, interval, score=key)
        baselines = [evaluation.baselines[name] for name in names]
        others = [number(scores[key]) if key in scores else "" for scores in baselines]
        table.append([score_name(key), number(score), between, *others])
    widths = [max(len(row[column]) for row in table) for column in range(len(head))]
    lines = ["  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in table]
    way_out = ""
    if shows_no_gain(evaluation):
        way_out = _better_run_typed(better_run(evaluation.run, task_facts(dataset.task).refused_settings), dataset)
    notes = [verdict(evaluation, title).sentence, way_out, *evaluation.withheld.values(), *evaluation.notes]
    scored = Sentence("cli.scores.on", rows=rows_text(evaluation))
    return "\n".join([scored, *(line.rstrip() for line in lines), *filter(None, notes)])


def _better_run_typed(action: RecoveryAction | None, dataset: PreparedDataset) -> str:
    """What can be typed where the window has a button."""
    match action:
        case RecoveryAction.TRAIN_WITH_AUTO:
            return Sentence("cli.better_run.auto")
        case RecoveryAction.KEEP_SIMPLE_MODEL if similarity_possible(dataset):
            return Sentence("cli.better_run.similarity_start", updates=SIMILARITY_UPDATES)
        case RecoveryAction.KEEP_SIMPLE_MODEL:
            return Sentence(
                "cli.better_run.contrastive_start",
                updates=CONTRASTIVE_UPDATES,
                batch=CONTRASTIVE_BATCH,
            )
        case RecoveryAction.TRAIN_LONGER:
            return Sentence("cli.better_run.more_updates")
        case _:
            return ""


def export_text(exported: ExportedModel) -> str:
    """Where the model is, and the proof."""
    proof = exported.proof
    total = sum(file.size_bytes for file in exported.files)
    lines = [f"{title_of(one)}: {figures_text(one)}" for one in exported.artefacts if one.name != "transformers"]
    return "\n".join(
        [
            Sentence("cli.export.folder", folder=exported.folder, files=len(exported.files), bytes=total),
            Sentence(
                "cli.export.proof",
                agreement=proof.agreement,
                rows=proof.rows,
                difference=proof.largest_difference,
                milliseconds=proof.milliseconds_per_row,
            ),
            *lines,
            Sentence("cli.export.digest", digest=exported.passport_digest),
            f"  {command()} verify {quoted([exported.folder])} --digest {exported.passport_digest}",
        ]
    )


def verification_text(found: Verification) -> str:
    """A line for each check, what differs first, and the digest of the passport."""
    order = ("differs", "not recomputed", "noted", "holds")
    checks = sorted(found.checks, key=lambda check: order.index(check.status))
    lines = [f"{_status_text(check.status):<15} {check.sentence}" for check in checks]
    differing = len(found.differing)
    end = Sentence("cli.verify.nothing_differs")
    if differing:
        end = Sentence("cli.verify.checks_differ", differing=differing, checks=len(checks))
    return "\n".join([*lines, Sentence("cli.verify.digest", digest=found.digest), end])


def _status_text(status: Status) -> Sentence:
    match status:
        case "holds":
            return Sentence("cli.verify.holds")
        case "differs":
            return Sentence("cli.verify.differs")
        case "not recomputed":
            return Sentence("cli.verify.not_recomputed")
        case "noted":
            return Sentence("cli.verify.noted")


def prediction_text(prediction: Prediction) -> str:
    """A prediction as one line: the likeliest labels, those that are given, the number, or the entities."""
    texts = "\t".join(text for text in (prediction.text, prediction.second_text) if text)
    if prediction.value is not None:
        return f"{prediction.value:.4g}\t{texts}"
    if prediction.threshold:
        given = ", ".join(f"{item.label} {item.probability:.3f}" for item in prediction.given)
        return f"{given or 'no label'}\t{texts}"
    if prediction.unsure:
        possible = f" (possible: {', '.join(prediction.possible)})" if prediction.possible else ""
        return f"{DO_NOT_KNOW}{possible}\t{texts}"
    if prediction.answer:
        one = prediction.given[0]
        return f"{one.label} {one.probability:.3f}, from its threshold on or below another's\t{texts}"
    if prediction.labels:
        labels = ", ".join(f"{item.label} {item.probability:.3f}" for item in prediction.labels[:5])
        return f"{labels}\t{texts}"
    entities = ", ".join(
        f"{prediction.text[item.start : item.end]} ({item.label} {item.probability:.3f})"
        for item in prediction.entities
    )
    return f"{entities or 'no entities'}\t{prediction.text}"


def _reached(interrupts: Interrupts, state: AnyState) -> AnyState:
    interrupts.report(StageSucceeded(state))
    return state


def _print(options: argparse.Namespace, text: str) -> None:
    if not options.json:
        print(text, flush=True)


def _predicted(answer: Answer) -> Prediction:
    if not isinstance(answer, Prediction):
        raise TypeError(f"a prediction was asked for, {type(answer).__name__} came")
    return answer


def _written_recipe(name: str) -> RecipeText:
    """The file of this name, the recipe that comes with the program under it, or for “-” standard input."""
    if name == "-":
        return text_of_input(sys.stdin.buffer)
    path = Path(name).expanduser()
    own = RECIPES / f"{path.name.removesuffix('.toml')}.toml"
    found = own if not path.exists() and path.name == name and own.is_file() else path
    return text_of_file(found, others=sorted(one.stem for one in RECIPES.glob("*.toml")))


def _checked(name: str, recipe: Recipe, workspace: Workspace, interrupts: Interrupts) -> int:
    """Everything that is wrong with the recipe, on standard error; 1 where something is."""
    problems = list(light_problems(recipe, workspace)) or list(heavy_problems(recipe, interrupts.emit, workspace))
    interrupts.close()
    for problem in problems:
        print_error(problem.report())
    if not problems:
        print(Sentence("cli.say.can_be_run", name=name))
    return 1 if problems else 0


def _run_named(workspace: Workspace, identity: str) -> RunRecord:
    if Path(identity).name != identity or not (workspace.runs / identity / "run.json").is_file():
        raise InvalidSetting(
            "C9",
            Sentence("cli.c9.there_no_run_workspace_no", identity=identity),
            hint=Sentence("cli.c9.list_runs_runs", command=command()),
        )
    return read_run(workspace, identity)


def _trained(record: RunRecord) -> TrainingRun:
    if record.run is None:
        raise EngineError(
            "C9",
            Sentence("cli.c9.run_not_trained_yet", id_=record.id),
            hint=Sentence("cli.c9.go_continue", command=command(), id_=record.id),
        )
    return record.run
