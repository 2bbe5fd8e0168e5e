"""A network that finds every entity finds them through its exported folder's plain pipeline too, on plain texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
import transformers

from engine import stages
from engine.contract.queries import AskPrediction, Prediction
from engine.contract.settings import EvaluateSettings, ExportSettings, FileRows, FolderModel, PrepareSettings, Roles
from engine.contract.states import EvaluationReport, ExportedModel
from engine.evaluating.predict import predict_with_folder
from engine.workspace.layout import Workspace
from engine.workspace.references import reference_to_run
from tests.builders_data import ignore
from tests.engine.family_folders import family_folder
from tests.engine.small_runs import small_settings
from tests.engine.tagged_rows import chinese_rows, english_rows


class Learned(NamedTuple):
    workspace: Workspace
    evaluation: EvaluationReport
    exported: ExportedModel

    def found(self, text: str) -> list[tuple[int, int, str]]:
        reference = reference_to_run(self.evaluation.run)
        answer = stages.answer(AskPrediction(reference, text), ignore, workspace=self.workspace)
        assert isinstance(answer, Prediction)
        return [(one.start, one.end, one.label) for one in answer.entities]

    def through_pipeline(self, text: str) -> list[tuple[int, int, str]]:
        options: dict[str, Any] = dict(self.exported.proof.pipeline_options)
        ask = transformers.pipeline("token-classification", model=self.exported.folder, **options)
        found = []
        for one in ask(text):
            start, end = one["start"], one["end"]
            shift = len(text[start:end]) - len(text[start:end].lstrip())
            found.append((start + shift, end, one["entity_group"]))
        return found


ROADS = {
    "roberta": ("roberta", english_rows),
    "bert, Chinese": ("bert", chinese_rows),
    "bert": ("bert", english_rows),
    "modernbert": ("modernbert", english_rows),
    "xlm-roberta": ("xlm-roberta", english_rows),
}
ORDINARY = ("roberta", "bert, Chinese")


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=() if name in ORDINARY else pytest.mark.nightly) for name in ROADS],
)
def learned(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, warm_proof: None) -> Learned:
    family, rows_of = ROADS[request.param]
    rows, folder = rows_of(), tmp_path_factory.mktemp("road")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    path = folder / "names.conll"
    path.write_text("\n\n".join("\n".join(f"{word}\t{tag}" for word, tag in row) for row in rows) + "\n", "utf-8")
    between = "" if rows_of is chinese_rows else " "
    source = family_folder(folder / "model", family, texts=[between.join(word for word, _ in row) for row in rows])
    workspace = Workspace(folder / "workspace").create()
    model = stages.load_model(FolderModel(str(source)), ignore, workspace=workspace)
    settings = PrepareSettings(task="token_classification", roles=Roles(tokens="tokens", tags="tags"))
    dataset = stages.prepare_dataset(model, FileRows(str(path)), settings, ignore, workspace=workspace)
    run = stages.fine_tune(dataset, small_settings(epochs=30, seed=1, batch_size=4), ignore, workspace=workspace)
    evaluation = stages.evaluate(run, EvaluateSettings(device="cpu"), ignore, workspace=workspace)
    exported = stages.export(evaluation, ExportSettings(proof_rows=6), ignore, workspace=workspace)
    torch.set_num_threads(before)
    return Learned(workspace, evaluation, exported)


def test_entities_of_held_out_rows_are_found_here_and_there(learned: Learned) -> None:
    assert learned.evaluation.scores["entity_f1"] == 1.0
    assert learned.exported.proof.passed
    assert learned.exported.proof.agreement == 1.0


def test_plain_sentences_get_the_same_entities_from_the_window_and_from_a_pipeline(learned: Learned) -> None:
    sentences = {
        "Mara Reed moved to Graz last year .": [(0, 9, "PER"), (19, 23, "LOC")],
        "Anna Weber moved to New York .": [(0, 10, "PER"), (20, 28, "LOC")],
        "李娜在北京工作。": [(0, 2, "PER"), (3, 5, "LOC")],
        "张敏去年搬到了上海。": [(0, 2, "PER"), (7, 9, "LOC")],
    }
    is_chinese = "李" in Path(learned.evaluation.run.dataset.source.path).read_text("utf-8")  # type: ignore[union-attr]
    asked = {text: names for text, names in sentences.items() if ("李" in text or "张" in text) == is_chinese}
    for text, expected in asked.items():
        assert learned.found(text) == expected
        assert learned.through_pipeline(text) == expected
        again = predict_with_folder(learned.exported.folder, text)
        assert [(one.start, one.end, one.label) for one in again.entities] == expected


def test_entities_far_behind_the_longest_text_are_found_in_windows(learned: Learned) -> None:
    is_chinese = "李" in Path(learned.evaluation.run.dataset.source.path).read_text("utf-8")  # type: ignore[union-attr]
    sentence = "李娜在北京工作。" if is_chinese else "Anna Weber moved to Graz . "
    text = 12 * sentence
    found = learned.found(text)
    assert len(found) > 18  # two in each sentence, of which a window's edge may hide some
    assert found[-1][0] > 11 * len(sentence)
    assert learned.through_pipeline(text) == found
    again = predict_with_folder(learned.exported.folder, text)
    assert [(one.start, one.end, one.label) for one in again.entities] == found
    assert again.cut_tokens == 0
    card = (Path(learned.exported.folder) / "README.md").read_text("utf-8")
    assert "stride=16)" in card
    assert "longer ones in windows that overlap" in card
