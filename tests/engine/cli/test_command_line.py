"""The headless front end: what each command prints, and the exit code it leaves with. Stages are replaced."""

from __future__ import annotations

import fcntl
import io
import json
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from engine import stages
from engine.__main__ import command_parser, main
from engine.cli import terminal
from engine.cli.commands import evaluation_text
from engine.cli.recipe import with_changes
from engine.cli.terminal import TYPED, Interrupts, Silent, print_error
from engine.contract.defaults import auto_settings
from engine.contract.errors import DatasetInvalid, ErrorReport, StopRequested
from engine.contract.events import Emit, Evaluated, Noted, Progressed, StageStarted, StepsTrained, TrainingStarted
from engine.contract.queries import AskDevices, Device, DevicesFound, LabelProbability, Prediction
from engine.contract.recovery_actions import RecoveryAction
from engine.contract.sentences import Sentence
from engine.contract.settings import EvaluateSettings, FineTuneSettings, Recipe, SearchSettings
from engine.contract.states import ScoreDifference, SplitCounts
from engine.workspace.layout import Workspace
from engine.workspace.runs import create_run, save_run
from tests.builders import a_dataset, a_forecast, a_model, a_run, an_evaluation, an_export
from tests.paths import ROOT


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, object]]:
    """Stages that report and answer at once; the list holds their names and settings."""
    received: list[tuple[str, object]] = []

    def fine_tune(dataset: object, settings: object, emit: Emit, **named: object) -> object:
        received.append(("fine_tune", named.get("continue_run") or settings))
        emit(StageStarted("Fine-tuning"))
        emit(TrainingStarted("20261123-120000", "runs/x", 300, 100.0, 0, "cpu (2 cores)", "fp32", "macro_f1"))
        emit(StepsTrained(100, 300, 1.0, 0.5, 1e-5, 1.0, 900.0, 12.0))
        emit(Evaluated(100, 1.0, 0.5, {"macro_f1": 0.8}, "macro_f1", True))
        return a_run()

    def stage(name: str, state: object) -> Callable[..., object]:
        def call(before: object, *arguments: object, **named: object) -> object:
            *settings, emit = arguments
            received.append((name, settings[-1] if settings else before))
            assert callable(emit)
            emit(StageStarted(name))
            emit(Progressed(3, 9, "Working", "rows"))
            return state

        return call

    monkeypatch.setattr(stages, "load_model", stage("load_model", a_model()))
    monkeypatch.setattr(stages, "prepare_dataset", stage("prepare_dataset", a_dataset()))
    monkeypatch.setattr(stages, "answer", lambda *_arguments, **_named: a_forecast())
    monkeypatch.setattr(stages, "fine_tune", fine_tune)
    monkeypatch.setattr(stages, "search", stage("search", a_run()))
    monkeypatch.setattr(stages, "evaluate", stage("evaluate", an_evaluation()))
    monkeypatch.setattr(stages, "export", stage("export", an_export()))
    return received


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "my.toml"
    path.write_text("[fine_tune]\nepochs = 2\n")
    return path


@pytest.mark.parametrize(
    ("arguments", "rows"),
    [([], "cross_validation"), (["--set", "evaluate.split=test"], "test")],
)
def test_few_test_rows_are_cross_validated_where_the_recipe_names_no_rows(
    calls: list[tuple[str, object]],
    recipe: Path,
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    rows: str,
) -> None:
    splits = {"train": SplitCounts(86, {}), "test": SplitCounts(10, {})}
    few = a_run(dataset=a_dataset(splits=splits), seconds=60.0, steps=300, steps_planned=300)
    monkeypatch.setattr(stages, "fine_tune", lambda *_arguments, **_named: few)
    assert main(["run", str(recipe), "--workspace", str(workspace.root), *arguments]) == 0
    assert dict(calls)["evaluate"] == EvaluateSettings(split=rows)  # type: ignore[arg-type]


def test_run_does_all_five_steps_and_shows_what_came_out(
    calls: list[tuple[str, object]], recipe: Path, workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(recipe), "--workspace", str(workspace.root), "--set", "fine_tune.batch_size=8"]) == 0
    assert [name for name, _ in calls] == ["load_model", "prepare_dataset", "fine_tune", "evaluate", "export"]
    assert calls[2][1] == FineTuneSettings(epochs=2, batch_size=8, learning_rate=1e-4)  # the recipe names no rate
    printed = capsys.readouterr()
    assert "macro F1 0.83 0.78 to 0.88 0.34 0.76" in " ".join(printed.out.split())
    assert "100% of 200 answers agree" in printed.out
    assert "Training took 2:12 min" in printed.out
    assert "Validation after step 100: loss 0.500, macro F1 0.800, the best so far" in printed.err
    assert "No learning rate is named: 0.0001 is taken, which suits the 22.7 million parameters" in printed.err
    assert "\r" not in printed.err  # nobody watches: no bars


def test_a_recipe_can_come_from_standard_input(
    calls: list[tuple[str, object]],
    workspace: Workspace,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def sent(text: str) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.csv").write_text("text,label\na,b\n")
    sent("[data]\ntype = 'file'\npath = 'rows.csv'\n[fine_tune]\nepochs = 2\n")
    assert main(["run", "-", "--workspace", str(workspace.root)]) == 0
    settings = dict(calls)["fine_tune"]
    assert isinstance(settings, FineTuneSettings)
    assert settings.epochs == 2
    sent("[fine_tune]\nepochs = 'x'\n")
    assert main(["run", "-", "--workspace", str(workspace.root)]) == 1
    assert "the recipe on standard input, line 2: fine_tune.epochs: it must be a number" in capsys.readouterr().err


def test_a_missing_file_is_reported_with_its_place_before_anything_is_loaded(
    calls: list[tuple[str, object]], workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "my.toml"
    path.write_text("[data]\ntype = 'file'\npath = 'none.csv'\n")
    for command in ("run", "search"):
        assert main([command, str(path), "--workspace", str(workspace.root)]) == 1
        assert f"data.path: there is nothing at {tmp_path / 'none.csv'}." in capsys.readouterr().err
    assert calls == []


def test_quiet_prints_results_and_errors_alone(
    calls: list[tuple[str, object]], recipe: Path, workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(recipe), "--quiet", "--workspace", str(workspace.root)]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert "Training took" in printed.out
    assert main(["run", "none.toml", "--quiet", "--workspace", str(workspace.root)]) == 1
    assert "none.toml is not there" in capsys.readouterr().err


def test_without_a_terminal_each_state_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    lines = terminal.PlainLines()
    for stage in ("Preparing", "Fine-tuning"):
        lines.on_event(StageStarted(stage))
        for number in range(500):
            lines.on_event(Progressed(number, 500, "Reading", "rows"))
            lines.on_event(Progressed(number, 500, "Looking", "rows"))
    for step in range(1, 500):
        lines.on_event(StepsTrained(step, 500, 1.0, 0.5, 1e-5, 1.0, 900.0, 12.0))
    told = capsys.readouterr().err.splitlines()
    assert told[:3] == ["Preparing", "  Reading: 0 of 500 rows", "  Looking: 0 of 500 rows"]
    assert told[3:6] == ["Fine-tuning", *told[1:3]]
    assert [line.strip()[:11] for line in told[6:]] == ["step 1 of 5"]


def test_a_column_to_choose_is_typed_by_its_role(capsys: pytest.CaptureFixture[str]) -> None:
    chosen = (RecoveryAction.CHOOSE_COLUMNS,)
    for field, typed in (
        ("tokens", "--set prepare.roles.tokens=COLUMN"),
        ("encoding", "--set prepare.reading.encoding=ENCODING"),
        ("", "--set prepare.roles.ROLE=COLUMN"),
    ):
        print_error(ErrorReport("DatasetInvalid", "D16", "No.", "", chosen, field=field))
        assert capsys.readouterr().err.splitlines()[-1].strip() == typed


def test_json_prints_each_event_as_a_line(
    calls: list[tuple[str, object]], recipe: Path, workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--json", "run", str(recipe), "--workspace", str(workspace.root)]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    types = [event["type"] for event in events]
    assert types.count("stage_succeeded") == 5
    assert types[-1] == "stage_succeeded"
    assert events[-1]["state"]["type"] == "exported"
    assert "steps_trained" in types


def test_an_error_is_one_sentence_with_its_id_and_code_1(
    recipe: Path, workspace: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **named: object) -> object:
        raise DatasetInvalid("D17", "train.csv has one label only.", hint="Add rows with another label.")

    monkeypatch.setattr(stages, "load_model", fail)
    assert main(["run", str(recipe), "--workspace", str(workspace.root)]) == 1
    printed = capsys.readouterr()
    assert printed.err == "train.csv has one label only. (D17)\nAdd rows with another label.\n"
    assert printed.out == ""
    assert main(["run", str(recipe), "--workspace", str(workspace.root), "--json"]) == 1
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (last["type"], last["error"]["id"]) == ("stage_failed", "D17")


def test_a_bug_of_ours_shows_no_traceback(
    recipe: Path, workspace: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stages, "load_model", lambda *args, **named: 1 / 0)
    assert main(["run", str(recipe), "--workspace", str(workspace.root)]) == 1
    printed = capsys.readouterr().err
    assert "ZeroDivisionError" in printed
    assert "Traceback" not in printed


@pytest.mark.parametrize(
    "arguments", [[], ["bla"], ["run"], ["evaluate", "x", "--split", "all"], ["run", "x", "--nope"]]
)
def test_a_command_line_that_cannot_be_understood_is_code_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert "usage: python3 main.py" in printed.err + printed.out


def test_help_names_every_command_and_imports_nothing_heavy() -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from engine.__main__ import main\n"
        "code = main(['--help'])\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & "
        "{'torch', 'transformers', 'datasets', 'numpy', 'msgspec', 'PySide6'}), code)"
    )
    answer = subprocess.run([sys.executable, "-I", "-c", code, str(ROOT)], capture_output=True, text=True, check=True)
    for command in ("run", "continue", "evaluate", "export", "predict", "runs", "recipe", "doctor", "--version"):
        assert f" {command} " in answer.stdout
    assert answer.stdout.splitlines()[-1] == "[] 0"


def test_the_commands_that_need_no_network_import_none(workspace: Workspace) -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from engine.__main__ import main\n"
        "code = main(['runs', '--workspace', sys.argv[2]])\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'torch', 'transformers', 'datasets'}), code)"
    )
    command = [sys.executable, "-I", "-c", code, str(ROOT), str(workspace.root)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    assert answer.stdout.splitlines() == [
        "There are no runs yet. Start one with: python3 main.py run RECIPE.toml",
        "[] 0",
    ]


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("tunewright 0.")


def test_runs_are_listed_with_status_and_score(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    record = create_run(workspace, a_dataset(), FineTuneSettings(run_name="First"))
    save_run(workspace, msgspec.structs.replace(record, status="finished", run=a_run(), step=300, total_steps=300))
    assert main(["runs", "--workspace", str(workspace.root)]) == 0
    line = capsys.readouterr().out
    assert line.startswith(record.id)
    assert "finished   300 of 300 steps      validation 0.830, best of 3 · macro F1" in line
    assert line.rstrip().endswith("First")


@pytest.mark.parametrize("command", ["continue", "evaluate", "export", "predict", "recipe"])
@pytest.mark.parametrize("identity", ["20200101-000000", "../../etc"])
def test_a_run_that_is_not_there_gets_a_sentence(
    command: str, identity: str, workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    text = ["hello"] if command == "predict" else []
    assert main([command, identity, *text, "--workspace", str(workspace.root)]) == 1
    assert "(C9)" in capsys.readouterr().err


def test_a_run_that_is_not_trained_cannot_be_evaluated(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    record = create_run(workspace, a_dataset(), FineTuneSettings())
    assert main(["evaluate", record.id, "--workspace", str(workspace.root)]) == 1
    assert f"python3 main.py continue {record.id}" in capsys.readouterr().err


def test_continue_goes_on_with_the_run_and_finishes_it(
    calls: list[tuple[str, object]], workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    record = create_run(workspace, a_dataset(), FineTuneSettings())
    assert main(["continue", record.id, "--workspace", str(workspace.root)]) == 0
    assert calls[0] == ("fine_tune", record.id)
    assert [name for name, _ in calls] == ["fine_tune", "evaluate", "export"]


@pytest.mark.parametrize(
    ("option", "action"), [("--half-rate", RecoveryAction.LOWER_LEARNING_RATE), ("--fp32", RecoveryAction.USE_FP32)]
)
def test_continue_can_change_what_made_a_run_diverge(
    calls: list[tuple[str, object]],
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    option: str,
    action: RecoveryAction,
) -> None:
    record = create_run(workspace, a_dataset(), FineTuneSettings())
    asked: list[object] = []

    def fine_tune(*_arguments: object, **named: object) -> object:
        asked.append(named["action"])
        return a_run()

    monkeypatch.setattr(stages, "fine_tune", fine_tune)
    assert main(["continue", record.id, option, "--workspace", str(workspace.root)]) == 0
    assert asked == [action]


def test_search_names_the_best_run(
    calls: list[tuple[str, object]], recipe: Path, workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["search", str(recipe), "--trials", "3", "--workspace", str(workspace.root)]) == 0
    assert [name for name, _ in calls] == ["load_model", "prepare_dataset", "search"]
    assert calls[2][1] == SearchSettings(trials=3)
    printed = capsys.readouterr().out
    assert "Best: run 20261123-120000, macro F1 0.830" in printed
    assert "python3 main.py evaluate 20261123-120000" in printed
    assert main(["search", str(recipe), "--trials", "1", "--workspace", str(workspace.root)]) == 1


def test_export_scores_a_run_first_where_nobody_has(
    calls: list[tuple[str, object]], workspace: Workspace, tmp_path: Path
) -> None:
    record = create_run(workspace, a_dataset(), FineTuneSettings())
    save_run(workspace, msgspec.structs.replace(record, run=a_run()))
    target = tmp_path / "model"
    assert main(["export", record.id, str(target), "--name", "Mine", "--workspace", str(workspace.root)]) == 0
    assert [name for name, _ in calls] == ["evaluate", "export"]
    assert getattr(calls[1][1], "folder", "") == str(target)
    assert getattr(calls[1][1], "name", "") == "Mine"


def test_predict_answers_each_line_of_standard_input(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    record = create_run(workspace, a_dataset(), FineTuneSettings())
    save_run(workspace, msgspec.structs.replace(record, run=a_run()))

    def answer(question: object, emit: Emit, **named: object) -> Prediction:
        text = getattr(question, "text", "")
        likely = (LabelProbability("positive", 0.9), LabelProbability("negative", 0.1))
        return Prediction(text, likely, cut_tokens=7 if text == "fine" else 0)

    monkeypatch.setattr(stages, "answer", answer)
    monkeypatch.setattr(sys, "stdin", io.StringIO("good film\n\nfine\r\n"))
    assert main(["predict", record.id, "--workspace", str(workspace.root)]) == 0
    printed = capsys.readouterr()
    assert printed.out == "positive 0.900, negative 0.100\tgood film\npositive 0.900, negative 0.100\tfine\n"
    assert printed.err == "The end of this text was cut: 7 tokens beyond what the encoder reads.\n"
    assert main(["predict", record.id, "a\ud800", "--json", "--workspace", str(workspace.root)]) == 0
    assert json.loads(capsys.readouterr().out)["labels"][0]["label"] == "positive"


def test_recipe_prints_what_run_can_read(
    workspace: Workspace, tmp_path: Path, calls: list[tuple[str, object]], capsys: pytest.CaptureFixture[str]
) -> None:
    record = create_run(workspace, a_dataset(), FineTuneSettings(epochs=7))
    assert main(["recipe", record.id, "--workspace", str(workspace.root)]) == 0
    path = tmp_path / "again.toml"
    path.write_text(capsys.readouterr().out, "utf-8")
    assert main(["run", str(path), "--workspace", str(workspace.root)]) == 0
    assert calls[2] == ("fine_tune", FineTuneSettings(epochs=7))


def test_a_recipe_that_comes_along_is_found_by_its_name(
    calls: list[tuple[str, object]], workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["run", "movie_reviews", "--workspace", str(workspace.root)]) == 0
    assert getattr(calls[2][1], "run_name", "") == "Movie reviews"


@pytest.mark.parametrize(("score", "kept"), [(0.8, "the best so far"), (None, "what it has learned")])
def test_the_first_interrupt_keeps_the_best_and_leaves_with_130(
    score: float | None,
    kept: str,
    recipe: Path,
    workspace: Workspace,
    calls: list[tuple[str, object]],
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fine_tune(dataset: object, settings: object, emit: Emit, **named: object) -> object:
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(StopRequested):
            emit(Noted("a step"))
        emit(Noted("the checkpoint is saved"))  # a stage may still report while it finishes
        return a_run(stopped_early=True, best_score=score)

    monkeypatch.setattr(stages, "fine_tune", fine_tune)
    before = signal.getsignal(signal.SIGINT)
    assert main(["run", str(recipe), "--workspace", str(workspace.root)]) == 130
    printed = capfd.readouterr()
    assert "Finishing this step" in printed.err
    assert f"{kept} is kept in run 20261123-120000" in printed.out
    assert [name for name, _ in calls] == ["load_model", "prepare_dataset"]
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_break_of_windows_is_a_request_to_stop_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal, "SIGBREAK", signal.SIGUSR2, raising=False)  # stands for it on Linux
    before = signal.signal(signal.SIGUSR2, signal.SIG_IGN)
    try:
        with Interrupts(Silent()) as interrupts:
            signal.raise_signal(signal.SIGUSR2)
            with pytest.raises(StopRequested):
                interrupts.emit(Noted("a step"))
        assert signal.getsignal(signal.SIGUSR2) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGUSR2, before)


def test_an_interrupt_of_another_stage_stops_it(
    recipe: Path, workspace: Workspace, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def load_model(source: object, emit: Emit, **named: object) -> object:
        os.kill(os.getpid(), signal.SIGINT)
        emit(Noted("half-way"))
        raise AssertionError("emit stops")

    monkeypatch.setattr(stages, "load_model", load_model)
    assert main(["run", str(recipe), "--workspace", str(workspace.root), "--json"]) == 130
    assert json.loads(capfd.readouterr().out.splitlines()[-1])["type"] == "stage_stopped"


LISTING = """
import os, signal, sys, time
sys.path.insert(0, sys.argv[1])
from engine.cli import commands
from engine.__main__ import main
def waiting(*given):
    print("listing", flush=True)
    time.sleep(600)
if sys.argv[2] != "real":
    commands.COMMANDS[sys.argv[2]] = waiting
sys.exit(main(sys.argv[3:]))
"""


def started(tmp_path: Path, how: str, *arguments: str, output: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-I", "-c", LISTING, str(ROOT), how, *arguments, "--workspace", str(tmp_path / "workspace")],
        stdout=output,
        stderr=subprocess.PIPE,
        env={**os.environ, "HOME": str(tmp_path)},
        preexec_fn=lambda: (
            signal.signal(signal.SIGHUP, signal.SIG_DFL) and None
        ),  # ignored where nohup started the tests
    )


@pytest.mark.skipif(os.name == "nt", reason="Windows has none of these signals")
@pytest.mark.parametrize("name", ["SIGHUP", "SIGTERM", "SIGINT"])
def test_a_request_to_end_ends_a_list_at_once(name: str, tmp_path: Path) -> None:
    number = getattr(signal, name)
    with started(tmp_path, "runs", "runs") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"listing\n"
        process.send_signal(number)
        _, error = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert b"Traceback" not in error


@pytest.mark.skipif(os.name == "nt", reason="Windows has none of these signals")
@pytest.mark.parametrize("name", ["SIGHUP", "SIGTERM"])
def test_a_stage_that_ignores_a_request_to_end_is_left_in_the_middle(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = threading.Event()
    codes: list[int] = []
    monkeypatch.setattr(terminal, "LEAVING_PATIENCE", 0.05)
    monkeypatch.setattr(terminal.os, "_exit", lambda code: (codes.append(code), left.set()))
    before = signal.signal(getattr(signal, name), signal.SIG_DFL)  # SIGHUP is ignored where nohup started the tests
    try:
        with Interrupts(Silent()):
            signal.raise_signal(getattr(signal, name))
            assert left.wait(30)
    finally:
        signal.signal(getattr(signal, name), before)
    assert codes == [128 + getattr(signal, name)]


@pytest.mark.skipif(os.name == "nt", reason="Windows has none of these signals")
def test_a_stage_that_ends_in_time_is_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    codes: list[int] = []
    monkeypatch.setattr(terminal, "LEAVING_PATIENCE", 0.2)
    monkeypatch.setattr(terminal.os, "_exit", codes.append)
    with Interrupts(Silent()) as interrupts:
        signal.raise_signal(signal.SIGTERM)
        last = interrupts._last
    assert last is not None
    last.join()
    assert codes == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGHUP")
def test_what_nohup_has_started_stays_when_the_terminal_goes() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interrupts(Silent()) as interrupts:
            signal.raise_signal(signal.SIGHUP)
            assert not interrupts.asked
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_under_what_is_printed_is_a_sentence(tmp_path: Path) -> None:
    with Path("/dev/full").open("wb") as full, started(tmp_path, "real", "runs", output=full.fileno()) as process:
        _, error = process.communicate(timeout=120)
    assert process.returncode == 1
    assert error.decode() == "What this command prints cannot be written: No space left on device.\n"


def test_the_second_interrupt_ends_at_once(recipe: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def load_model(source: object, emit: Emit, **named: object) -> object:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        raise AssertionError("the second ends")

    monkeypatch.setattr(stages, "load_model", load_model)
    assert main(["run", str(recipe), "--workspace", str(workspace.root)]) == 130


def test_where_somebody_watches_there_are_bars(recipe: Path, workspace: Workspace) -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from engine.cli.terminal import Interrupts, listener_for\n"
        "from engine.contract.events import Noted, Progressed, StageStarted, StepsTrained\n"
        "with Interrupts(listener_for(json_lines=False)) as interrupts:\n"
        "    interrupts.emit(StageStarted('Fine-tuning'))\n"
        "    interrupts.emit(Progressed(5, 10, 'Reading', 'rows'))\n"
        "    interrupts.emit(StepsTrained(30, 60, 1.0, None, 1e-5, 1.0, 900.0, 12.0))\n"
        "    interrupts.emit(Noted('One sentence.'))\n"
    )
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    process = subprocess.Popen([sys.executable, "-I", "-c", code, str(ROOT)], stderr=follower)
    os.close(follower)
    shown = b""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            piece = os.read(leader, 4096)
        except OSError:  # the other end is closed
            break
        shown += piece
    os.close(leader)
    assert process.wait() == 0
    text = shown.decode()
    assert "50%" in text
    assert "Reading" in text
    assert "One sentence." in text
    assert "\r" in text


def test_doctor_shows_what_is_there_and_what_is_missing(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.cli import doctor

    device = Device("cpu", "A processor (2 cores)", 8_000_000_000, 4_000_000_000, False)

    def answer(question: object, emit: Emit, **named: object) -> DevicesFound:
        assert isinstance(question, AskDevices)
        return DevicesFound((device,), Sentence("devices.gpu.none"))

    monkeypatch.setattr(stages, "answer", answer)
    assert main(["doctor", "--workspace", str(workspace.root)]) == 0
    printed = capsys.readouterr().out
    assert "A processor (2 cores), 4.0 of 8.0 GB free" in printed
    assert "No GPU was found; the CPU computes." in printed
    assert printed.rstrip().endswith("Everything is there.")
    assert main(["doctor", "--json", "--workspace", str(workspace.root)]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"subject": "GPU", "text": "No GPU was found; the CPU computes.", "fine": True} in lines

    versions = {**dict.fromkeys(doctor.FLOORS, "9999.0"), "torch": "2.9.1+cpu", "scipy": ""}
    monkeypatch.setattr(doctor, "installed", lambda package: versions[package])
    assert main(["doctor", "--workspace", str(workspace.root)]) == 1
    printed = capsys.readouterr().out
    assert "! torch" in printed
    assert "2.9.1+cpu is too old; 2.13 or newer is needed" in printed
    assert "! scipy" in printed
    assert "2 things to mend" in printed


def test_a_workspace_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("mine")
    from engine.cli.doctor import workspace_findings

    (finding,) = workspace_findings(Workspace(tmp_path / "file" / "workspace"))
    assert not finding.fine
    assert "--workspace" in finding.text


def test_what_an_error_says_can_be_typed_is_a_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    print_error(
        ErrorReport("NumbersDiverged", "T5", "It diverged.", "Lower it.", (RecoveryAction.LOWER_LEARNING_RATE,))
    )
    assert capsys.readouterr().err == "It diverged. (T5)\nLower it.\n  tunewright continue RUN_ID --half-rate\n"
    for typed in TYPED.values():
        command = typed.split()
        words = command[1:] if command[0] == "tunewright" else ["run", "reviews.toml", *command]
        command_parser().parse_args(words)
        changes = [word for word in command if "=" in word]
        values = {"NUMBER": "2", "RATE": "1e-5", "SHARE": "0.2", "ROLE": "label"}
        for word, value in values.items():
            changes = [change.replace(word, value) for change in changes]
        with_changes(Recipe(), changes)


def test_a_model_that_is_no_better_is_followed_by_what_can_be_typed() -> None:
    worse = {"tfidf_svm": ScoreDifference(-0.1, -0.2, -0.05)}
    baselines = {"tfidf_svm": {"macro_f1": 0.9}}
    assert "Try Auto" in evaluation_text(an_evaluation(differences=worse, baselines=baselines))
    assert "Try " not in evaluation_text(an_evaluation())
    auto = a_run(settings=auto_settings(a_dataset(), {}))
    found = evaluation_text(an_evaluation(run=auto, differences=worse, baselines=baselines))
    assert "--set fine_tune.method=contrastive --set fine_tune.updates=300" in found
