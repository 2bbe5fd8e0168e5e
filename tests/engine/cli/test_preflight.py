"""What is wrong with a recipe is reported before anything heavy is loaded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine import stages
from engine.__main__ import main
from engine.cli.preflight import heavy_problems, light_problems
from engine.contract.queries import AskDevices, AskRowCounts, Device, DevicesFound, Question, RowCounts
from engine.contract.settings import (
    EvaluateSettings,
    ExampleRows,
    ExportSettings,
    FileRows,
    FineTuneSettings,
    FolderModel,
    Recipe,
)
from engine.workspace.layout import Workspace
from tests.paths import ROOT


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


def told(recipe: Recipe, workspace: Workspace) -> list[str]:
    return [str(problem.message) for problem in light_problems(recipe, workspace)]


def test_a_recipe_that_can_be_run_has_no_problem_and_makes_nothing(tmp_path: Path, workspace: Workspace) -> None:
    (tmp_path / "rows.csv").write_text("text,label\n")
    assert told(Recipe(), workspace) == []
    assert told(Recipe(data=FileRows(str(tmp_path / "rows.csv"))), workspace) == []
    assert not workspace.root.exists()


def test_every_problem_is_reported_at_once_with_the_path_that_was_tried(tmp_path: Path, workspace: Workspace) -> None:
    (tmp_path / "file").write_text("")
    recipe = Recipe(
        model=FolderModel(str(tmp_path / "bert")),
        data=FileRows(str(tmp_path / "train.csv"), test_path=str(tmp_path / "test.csv")),
        fine_tune=FineTuneSettings(epochs=-1.0),
        export=ExportSettings(folder=str(tmp_path / "file")),
    )
    found = told(recipe, workspace)
    assert [text for text in found if "Epochs" in text]
    for name, place in (("model.folder", "bert"), ("data.path", "train.csv"), ("data.test_path", "test.csv")):
        assert f"{name}: there is nothing at {tmp_path / place}." in found
    assert len(found) == 5  # with the export's folder, which is a file


@pytest.mark.parametrize(
    ("recipe", "sentence"),
    [
        (Recipe(data=ExampleRows("none")), "There is no example called none."),
        (Recipe(data=FileRows("")), "data.path names no file."),
        (Recipe(model=FolderModel(__file__)), f"model.folder: {__file__} is not a folder."),
    ],
)
def test_a_problem_has_its_sentence(recipe: Recipe, sentence: str, workspace: Workspace) -> None:
    assert told(recipe, workspace) == [sentence]


def test_a_gpu_of_another_system_is_no_choice_here(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    apple = Recipe(fine_tune=FineTuneSettings(device="mps"))
    nvidia = Recipe(evaluate=EvaluateSettings(device="cuda:0"))
    assert told(apple, workspace) == ["There is no device mps here."]
    monkeypatch.setattr("engine.cli.preflight.sys.platform", "darwin")
    monkeypatch.setattr("engine.cli.preflight.platform.machine", lambda: "arm64")
    assert told(apple, workspace) == []
    assert told(nvidia, workspace) == ["There is no device cuda:0 here."]


def test_a_gpu_that_is_not_there_is_reported_with_the_devices_that_are(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(question: Question, emit: object, **named: object) -> object:
        if isinstance(question, AskDevices):
            return DevicesFound((Device("cpu", "CPU", 1, 1, bf16=False), Device("cuda:0", "GPU", 1, 1, bf16=True)), "")
        assert isinstance(question, AskRowCounts)
        return RowCounts(())

    monkeypatch.setattr(stages, "answer", answer)

    def problems(device: str) -> list[str]:
        recipe = Recipe(fine_tune=FineTuneSettings(device=device))
        found = heavy_problems(recipe, lambda event: None, workspace)
        return [f"{problem.message} {problem.hint}" for problem in found]

    assert problems("cuda:3") == ["There is no device cuda:3 here. There are: cpu, cuda:0."]
    assert problems("cuda:0") == problems("cuda") == problems("auto") == []


def test_check_reads_the_rows_by_the_columns_of_the_recipe(
    tmp_path: Path, workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"{word} {number},{word}" for number in range(20) for word in ("good", "bad")]
    (tmp_path / "rows.csv").write_text("\n".join(["review,verdict", *rows]) + "\n")
    path = tmp_path / "my.toml"
    path.write_text("[data]\ntype = 'file'\npath = 'rows.csv'\n[prepare.roles]\ntext = 'review'\nlabel = 'verdict'\n")
    options = ["--check", "--workspace", str(workspace.root)]
    assert main(["run", str(path), *options]) == 0
    assert capsys.readouterr().out == "my.toml can be run.\n"
    assert main(["run", str(path), "--set", "prepare.roles.label=stars", *options]) == 1
    assert "rows.csv has no column “stars”. (D16)" in capsys.readouterr().err


def test_what_can_be_seen_at_once_is_seen_without_torch(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_text("[data]\ntype = 'file'\npath = 'none.csv'\n")
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from engine.__main__ import main\n"
        "code = main(['run', sys.argv[2], '--check', '--workspace', sys.argv[3]])\n"
        "print(code, [name for name in ('torch', 'transformers', 'datasets', 'pyarrow') if name in sys.modules])"
    )
    words = [sys.executable, "-I", "-c", code, str(ROOT), str(path), str(tmp_path / "workspace")]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1 []"
