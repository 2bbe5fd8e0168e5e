"""The public face of the engine: five stages in their order, and the questions beside them.

    model = load_model(source, emit)
    dataset = prepare_dataset(model, rows, settings, emit)
    run = fine_tune(dataset, settings, emit)
    evaluation = evaluate(run, settings, emit)
    exported = export(evaluation, settings, emit)

Each takes the state before it, its settings and `emit`, and returns the next state. The heavy rooms are imported
inside the functions, so that importing this file costs nothing. All raise `EngineError` with a sentence for the user,
and `StopRequested` where the user asked to stop and nothing is worth keeping.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.contract.defaults import without_choosing
from engine.contract.diagnoses import (
    AskColumnScores,
    AskExplanation,
    AskLabelErrors,
    AskLearningCurve,
    AskLinearPrediction,
    AskNearRows,
    AskWeakSlices,
)
from engine.contract.errors import DatasetInvalid, EngineError, InvalidSetting
from engine.contract.events import Emit, Noted, Progressed, StageStarted
from engine.contract.inspection import Inspection
from engine.contract.passport import Verification
from engine.contract.queries import (
    Answer,
    AskDevices,
    AskEncoderRace,
    AskFilePrediction,
    AskForecast,
    AskHubDataset,
    AskHubModel,
    AskHubRows,
    AskHubSearch,
    AskLearningRates,
    AskMaskedWords,
    AskPrediction,
    AskPreview,
    AskPush,
    AskRow,
    AskRowCounts,
    AskRunDifferences,
    AskSmaller,
    AskTokens,
    FilePredicted,
    HubRowsFetched,
    Prediction,
    Pushed,
    Question,
)
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.contract.setting_conflicts import check_together
from engine.contract.settings import (
    EvaluateSettings,
    ExportSettings,
    FineTuneSettings,
    ModelSource,
    PrepareSettings,
    RowSource,
    SearchSettings,
    check,
)
from engine.contract.states import (
    EvaluationReport,
    ExportedModel,
    ModelHandle,
    PreparedDataset,
    RunForecast,
    TrainingRun,
)
from engine.contract.time_budget import most_training_seconds, within_budget
from engine.tasks.registry import task_facts
from engine.workspace.layout import Workspace, default_workspace
from engine.workspace.references import find_dataset, find_run


def load_model(source: ModelSource, emit: Emit, *, workspace: Workspace | None = None) -> ModelHandle:
    """Finds or downloads an encoder, loads it once, checks its numbers and describes it."""
    emit(StageStarted(Sentence("stages.stage.loading_model")))
    from engine.loading import load

    return load.load(source, emit, workspace=_ready(workspace))


def prepare_dataset(
    model: ModelHandle,
    rows: RowSource,
    settings: PrepareSettings,
    emit: Emit,
    *,
    device: str = "auto",
    workspace: Workspace | None = None,
) -> PreparedDataset:
    """Reads rows, accounts for each of them, splits them and encodes them for this model."""
    check(settings)
    emit(StageStarted(Sentence("stages.stage.preparing_data")))
    from engine.preparing import prepare

    return prepare.prepare(model, rows, settings, emit, device=device, workspace=_ready(workspace))


def fine_tune(
    dataset: PreparedDataset,
    settings: FineTuneSettings,
    emit: Emit,
    *,
    continue_run: str = "",
    action: RecoveryAction = RecoveryAction.NONE,
    forecast: RunForecast | None = None,
    workspace: Workspace | None = None,
) -> TrainingRun:
    """Trains the network; stopped after its first step it still returns what it has reached.

    `continue_run` is the id of an interrupted run, which continues from its last whole checkpoint, with its settings
    changed by `action`. `forecast` is kept beside what the run has really needed.
    """
    check(settings)
    check_together(dataset, settings, task_facts(dataset.task).refused_settings)
    emit(StageStarted(Sentence("stages.stage.fine_tuning")))
    from engine.training import fine_tune as training

    choice = None
    if settings.time_budget != "none" and not continue_run:
        place = _ready(workspace)
        forecast = forecast or measured_before(dataset, settings, emit, workspace=place)
        if settings.chosen_by == "settings" and forecast is not None:
            most = most_training_seconds(settings)
            shorter = within_budget(dataset, settings, forecast.seconds, most=most)
            forecast = forecast if shorter == settings else None  # it was made for the longer schedule
            settings = shorter
    if settings.chosen_by == "cross_validation" and not continue_run:
        from engine.training.choosing.choose import choose

        taken, choice = choose(dataset, settings, emit, forecast=forecast)
        forecast = forecast if taken == without_choosing(settings) else None  # it was made for the other
        settings = taken
    return training.fine_tune(
        dataset,
        settings,
        emit,
        continue_run=continue_run,
        action=action,
        forecast=forecast,
        choice=choice,
        workspace=_ready(workspace),
    )


def measured_before(
    dataset: PreparedDataset, settings: FineTuneSettings, emit: Emit, *, workspace: Workspace | None = None
) -> RunForecast | None:
    """The forecast of a run that is about to start without one, from a few real steps; what does not fit is noted.

    None where it cannot be known: the run itself fails for the same reason, and its error names what to do.
    """
    emit(StageStarted(Sentence("stages.stage.fine_tuning")))
    emit(Progressed(0, 0, Sentence("stages.progress.measuring_few_steps_first")))
    from engine.training.planning import forecast

    try:
        found = forecast.forecast(dataset, settings, emit, workspace=_ready(workspace))
    except EngineError:
        return None
    for warning in found.warnings:
        emit(Noted(warning.sentence))
    return found.expected


def follow_rank_0(device: str) -> bool:
    """Helps to train the run that another process of the same launch fine-tunes; returns when it has ended.

    False, at once, where this process is rank 0 or was not launched; `InvalidSetting` (T12) where the launch is broken.
    """
    from engine.training.loop import follower

    return follower.follow_launched(device)


def search(
    dataset: PreparedDataset,
    settings: FineTuneSettings,
    chosen: SearchSettings,
    emit: Emit,
    *,
    workspace: Workspace | None = None,
) -> TrainingRun:
    """Fine-tunes several times around these settings and returns the best run; stopped, the best so far."""
    check(settings)
    check(chosen)
    if not dataset.splits["validation"].rows:
        raise DatasetInvalid(
            "T5",
            Sentence("stages.t5.search_needs_validation_rows"),
            hint=Sentence("stages.t5.auto_compares_by_cross_validation"),
            actions=(RecoveryAction.CHANGE_SPLITS,),
            field="test_share",
        )
    emit(StageStarted(Sentence("stages.stage.searching")))
    from engine.training.planning import search as searching

    return searching.search(dataset, settings, chosen, emit, workspace=_ready(workspace))


def evaluate(
    run: TrainingRun, settings: EvaluateSettings, emit: Emit, *, workspace: Workspace | None = None
) -> EvaluationReport:
    """Scores the run on held-out rows, beside baselines trained on the same rows."""
    check(settings)
    emit(StageStarted(Sentence("stages.stage.evaluating")))
    from engine.evaluating import evaluate as evaluating

    return evaluating.evaluate(run, settings, emit, workspace=_ready(workspace))


def export(
    evaluation: EvaluationReport, settings: ExportSettings, emit: Emit, *, workspace: Workspace | None = None
) -> ExportedModel:
    """Writes a `transformers` folder, loads it in a clean process and compares its answers."""
    check(settings)
    emit(StageStarted(Sentence("stages.stage.exporting")))
    from engine.exporting import export as exporting

    return exporting.export(evaluation, settings, emit, workspace=_ready(workspace))


def smaller_model(
    evaluation: EvaluationReport, layers: int, emit: Emit, *, workspace: Workspace | None = None
) -> EvaluationReport:
    """A model with fewer layers that learns from the run's answers: made, or found where it was made before.

    It is a run of its own, scored on the same rows; it is exported and evaluated like every run.
    """
    emit(StageStarted(Sentence("stages.stage.making_smaller")))
    from engine.distilling import smaller

    return smaller.student(evaluation, layers, emit, workspace=_ready(workspace))


def predict_with_folder(folder: str, text: str, second_text: str = "") -> Prediction:
    """What an exported model in a folder predicts for a text or a pair; needs `transformers` and the folder alone."""
    from engine.evaluating import predict as predicting

    return predicting.predict_with_folder(folder, text, second_text)


def sent_to_hub(folder: str, repository: str) -> tuple[str, list[tuple[str, int]]]:
    """What `push_folder` would send: the repository's name, and each file with its bytes. Asks nobody.

    Raises `ExportFailed` (X8) where it cannot be sent: no token, the offline switch, a folder that is not whole.
    """
    from pathlib import Path

    from engine.hub import push

    place = Path(folder)
    return push.check_before(place, repository), push.sent_files(place)


def push_folder(folder: str, repository: str, emit: Emit, *, private: bool = True) -> Pushed:
    """Sends an exported folder to the Hub as a new repository; raises `ExportFailed` (X8) with nothing left there."""
    from pathlib import Path

    from engine.hub import push

    return push.push(Path(folder), repository, emit, private=private)


def serve_folder(folder: str, host: str, port: int) -> None:
    """Answers texts over HTTP with an exported model until Ctrl-C, as the serve.py of an export does.

    Raises `ModelNotSupported` (M9) or `ModelDamaged` (M5) for another folder, `InvalidSetting` (T16) where nothing can
    listen at this address.
    """
    from pathlib import Path

    from engine.evaluating.predict import answers_of_folder
    from engine.exporting.standalone import serve

    answers = answers_of_folder(folder)
    try:
        service = serve.Service(host, port, answers, Path(folder).name)
    except (OSError, OverflowError) as error:
        raise InvalidSetting(
            "T16",
            Sentence("stages.t16.cannot_listen", host=host, port=port),
            hint=Sentence("stages.t16.other_port"),
            details=str(error),
        ) from error
    serve.serve(service)


def predict_file(
    model: TrainingRun | str,
    source: str,
    target: str,
    emit: Emit,
    *,
    text: str = "",
    second_text: str = "",
    labels: str = "",
    other: str = "",
    group: str = "",
    pairs: bool = False,
    replaces: bool = False,
    workspace: Workspace | None = None,
) -> FilePredicted:
    """Predicts every row of a file into another with a run, or with an exported model in a folder.

    `labels` names the column to score by, `other` one with the answers of another model, `group` the one by
    which rows belong together; without it that of the run's own rows, where the file has it.
    """
    from pathlib import Path

    from engine.evaluating import predict as predicting
    from engine.evaluating import predict_file as files
    from engine.evaluating.trained_network import trained_network
    from engine.tasks.registry import task_named

    place = _ready(workspace)
    place.datasets.mkdir(parents=True, exist_ok=True)
    if isinstance(model, str):
        answering = files.Model(*predicting.model_of_folder(model), pairs)
    else:
        trained, roles = trained_network(model), model.dataset.settings.roles
        task = task_named(model.dataset.task, model.dataset.label_names).calibrated(model.calibration)
        reads_pairs = bool(roles.second_text)
        columns = roles.text or roles.tokens, roles.second_text
        answering = files.Model(*trained, task, model.dataset.model.max_length, reads_pairs, columns, roles.group)
    return files.predict_file(
        answering,
        Path(source),
        Path(target),
        emit,
        wanted=files.Columns(text, second_text, labels, other, group),
        replaces=replaces,
        scratch=place.datasets,
    )


def inspect(rows: RowSource, emit: Emit, *, workspace: Workspace | None = None) -> Inspection:
    """What is found in these files: how they are read, roles, rows, labels, findings. Needs no model."""
    from engine.preparing import inspection

    place = _ready(workspace)
    place.datasets.mkdir(parents=True, exist_ok=True)
    return inspection.inspect(rows, emit, scratch=place.datasets)


def check_export_folder(settings: ExportSettings, *, workspace: Workspace | None = None) -> None:
    """Raises `ExportFailed` (X2) where nothing can be written to the folder of an export; makes nothing."""
    from engine.exporting.target import target_folder

    place = workspace or default_workspace()
    target_folder(settings.folder, settings.name or "model", run_folder=place.runs / "new", workspace=place)


def verify(folder: str, data: Sequence[str], emit: Emit, *, digest: str = "") -> Verification:
    """Whether an exported folder is what its passport claims; with the data of its run, scores are recomputed.

    `digest` is that of a passport that was kept elsewhere. The workspace is not used.
    """
    from pathlib import Path

    from engine.verifying import verify as verifying

    return verifying.verify(Path(folder), data, emit, digest=digest)


def write_verification(found: Verification, target: str, *, chosen: bool) -> str:
    """Writes the page about a verification and returns where; a name that was not `chosen` gives way to other files."""
    from pathlib import Path

    from engine.reporting.documents import write_document
    from engine.verifying.page import verification_page

    return str(write_document(Path(target), verification_page(found), chosen=chosen))


def answer(question: Question, emit: Emit, *, workspace: Workspace | None = None) -> Answer:
    """Answers a question; makes no new state."""
    match question:
        case AskDevices():
            from engine.devices import detection as devices

            return devices.found()
        case AskHubModel():
            from engine.loading import hub

            return hub.describe(question.id, question.revision, workspace=_ready(workspace))
        case AskHubSearch():
            from engine.loading import hub

            return hub.search(question.text)
        case AskTokens():
            from engine.loading import tokenizer

            return tokenizer.tokenized_sentence(question.model_folder, question.text, question.max_length)
        case AskMaskedWords():
            from engine.loading import masked_words

            return masked_words.guess(question.model_folder, question.text, question.max_length)
        case AskPreview():
            from engine.preparing import preview

            place = _ready(workspace)
            return preview.preview(
                question.rows,
                question.reading,
                question.limit,
                emit,
                scratch=place.datasets,
                hub=place.hub,
                file=question.file,
                own=question.own,
            )
        case AskRowCounts():
            from engine.preparing import row_counts

            place = _ready(workspace)
            return row_counts.count_rows(question.rows, question.settings, emit, scratch=place.datasets, hub=place.hub)
        case AskHubDataset():
            from engine.reading.sources import hub_rows

            return hub_rows.describe(
                question.id, question.revision, hub=_ready(workspace).hub, without_asking=question.offline
            )
        case AskHubRows():
            from engine.reading.sources import hub_rows

            return HubRowsFetched(hub_rows.fetch(question.rows, emit, hub=_ready(workspace).hub).rows)
        case AskRow():
            from engine.preparing import row_inspection

            dataset = find_dataset(question.dataset)
            if question.number:
                return row_inspection.show_numbered_row(dataset, question.number, question.split, question.file)
            return row_inspection.show_row(dataset, question.split, question.index)
        case AskForecast():
            from engine.training.planning import forecast

            dataset = find_dataset(question.dataset)
            return forecast.forecast(dataset, question.settings, emit, workspace=_ready(workspace))
        case AskPrediction():
            from engine.evaluating import predict

            run = find_run(str(_ready(workspace).root), question.run)
            return predict.predict(run, question.text, question.second_text, beside=question.beside)
        case AskFilePrediction():
            return predict_file(
                find_run(str(_ready(workspace).root), question.run),
                question.source,
                question.target,
                emit,
                text=question.text,
                second_text=question.second_text,
                labels=question.labels,
                other=question.other,
                replaces=True,
                workspace=workspace,
            )
        case AskRunDifferences():
            from engine.evaluating import run_differences

            place = _ready(workspace)
            return run_differences.run_differences(question.reference, question.others, emit, workspace=place)
        case AskLabelErrors():
            from engine.diagnosing import diagnose

            return diagnose.find_label_errors(find_run(str(_ready(workspace).root), question.run), emit)
        case AskLearningCurve():
            from engine.diagnosing import diagnose

            return diagnose.find_learning_curve(find_run(str(_ready(workspace).root), question.run), emit)
        case AskWeakSlices():
            from engine.diagnosing import diagnose

            return diagnose.find_weak_slices(find_run(str(_ready(workspace).root), question.run), emit)
        case AskColumnScores():
            from engine.diagnosing import diagnose

            return diagnose.find_column_scores(find_run(str(_ready(workspace).root), question.run), question, emit)
        case AskExplanation():
            from engine.diagnosing import explain

            return explain.explain(find_run(str(_ready(workspace).root), question.run), question, emit)
        case AskLinearPrediction():
            from engine.diagnosing import linear_prediction

            run = find_run(str(_ready(workspace).root), question.run)
            return linear_prediction.linear_prediction(run, question, emit)
        case AskNearRows():
            from engine.diagnosing import explain

            return explain.near_rows(find_run(str(_ready(workspace).root), question.run), question, emit)
        case AskEncoderRace():
            from engine.racing import race

            return race.race(question, emit, workspace=_ready(workspace))
        case AskSmaller():
            from engine.distilling import smaller

            place = _ready(workspace)
            run = find_run(str(place.root), question.run)
            return smaller.smaller_models(run, question.layers, emit, workspace=place)
        case AskPush():
            return push_folder(question.folder, question.repository, emit, private=question.private)
        case AskLearningRates():
            check(question.settings)
            from engine.training.planning import lr_finder as rate_finder

            return rate_finder.find_learning_rates(find_dataset(question.dataset), question.settings, emit)


def _ready(workspace: Workspace | None) -> Workspace:
    return (workspace or default_workspace()).create()
