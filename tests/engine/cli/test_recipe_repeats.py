"""A run that is saved as a recipe and run again has the same weights to the last bit, on a CPU."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import stages
from engine.cli.recipe import parse_recipe, recipe_of, write_recipe
from engine.contract.settings import FileRows, FineTuneSettings, FolderModel, PrepareSettings, Recipe, Roles
from engine.contract.states import TrainingRun
from engine.workspace.atomic_files import sha256_of
from engine.workspace.layout import Workspace
from tests.engine.trained_run import a_model_folder, review_rows


def trained(recipe: Recipe, root: Path) -> TrainingRun:
    def quietly(event: object) -> None:
        """Ignores events."""

    workspace = Workspace(root).create()
    model = stages.load_model(recipe.model, quietly, workspace=workspace)
    dataset = stages.prepare_dataset(model, recipe.data, recipe.prepare, quietly, workspace=workspace)
    return stages.fine_tune(dataset, recipe.fine_tune, quietly, workspace=workspace)


@pytest.mark.nightly
def test_a_run_from_its_saved_recipe_is_bit_equal(tmp_path: Path) -> None:
    model = a_model_folder(tmp_path / "tiny-bert")
    rows = [f'"{row["text"]} {number % 7}",{row["label"]}' for number, row in enumerate(review_rows(120))]
    (tmp_path / "rows.csv").write_text("\n".join(["review,verdict", *rows]) + "\n")
    chosen = Recipe(
        model=FolderModel(str(model)),
        data=FileRows(str(tmp_path / "rows.csv")),
        prepare=PrepareSettings(roles=Roles(text="review", label="verdict"), seed=3),
        fine_tune=FineTuneSettings(
            epochs=2, batch_size=8, learning_rate=1e-3, seed=5, threads=1, device="cpu", precision="fp32"
        ),
    )
    first = trained(chosen, tmp_path / "one")
    saved = parse_recipe(write_recipe(recipe_of(first)))
    again = trained(saved, tmp_path / "two")
    weights = [sha256_of(Path(run.checkpoint) / "model.safetensors") for run in (first, again)]
    assert weights[0] == weights[1]
    assert first.history == again.history
    other = trained(parse_recipe(write_recipe(recipe_of(first)).replace("seed = 5", "seed = 6")), tmp_path / "three")
    assert sha256_of(Path(other.checkpoint) / "model.safetensors") != weights[0]
