"""The model card: front matter the Hub can read, scores beside baselines, nothing invented, no foreign markup."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from huggingface_hub import ModelCard
from huggingface_hub.repocard_data import model_index_to_eval_results

from engine.contract.cleaning_rules import MergeLabels
from engine.contract.findings import AppliedRule, Finding
from engine.contract.settings import (
    FileRows,
    FineTuneSettings,
    FolderModel,
    HubModel,
    PrepareSettings,
    ReadingOptions,
    Roles,
)
from engine.contract.states import EvaluationReport, Proof, SplitCounts
from engine.exporting.model_card import model_card, pictures, plain
from engine.exporting.record import training_record
from tests.builders import a_dataset, a_model, a_run, an_evaluation

PROOF = Proof(200, 1.0, 2e-7, 6.5, ("negative", "positive"), True)


def from_csv(**changes: object) -> EvaluationReport:
    dataset = a_dataset(
        source=FileRows("/home/anna/reviews.csv"),
        name="reviews.csv",
        settings=PrepareSettings(reading=ReadingOptions(format="csv")),
        **changes,
    )
    return an_evaluation(run=a_run(dataset=dataset))


def card_of(evaluation: EvaluationReport, name: str = "Reviews", pipeline: str = "text-classification") -> str:
    return model_card(evaluation, PROOF, name=name, pipeline=pipeline, files={"reviews.csv": "ab" * 32})


def front_matter(card: str) -> dict[str, Any]:
    front: dict[str, Any] = yaml.safe_load(card.split("---\n")[1])
    return front


def test_the_front_matter_shows_what_the_hub_asks_for() -> None:
    front = front_matter(card_of(from_csv()))
    assert front["library_name"] == "transformers"
    assert front["pipeline_tag"] == "text-classification"
    assert front["language"] == ["en"]
    assert front["license"] == "apache-2.0"
    assert front["base_model"] == "sentence-transformers/all-MiniLM-L6-v2"
    assert front["metrics"] == ["accuracy", "f1", "matthews_correlation"]


def test_remedies_and_what_still_spoils_the_score_are_reported() -> None:
    evaluation = from_csv(
        applied=(AppliedRule(MergeLabels(("Spam!",), "spam"), 32, ("Spam!",)),),
        findings=(
            Finding("leaks_test_train", "problem", "27 test rows also stand in train."),
            Finding("x", "note", "N"),
        ),
    )
    card = card_of(evaluation)
    assert "- Before the split: Merge “Spam!” into “spam” (32 rows)." in card.replace("\\", "")
    assert "- 27 test rows also stand in train." in card
    assert "- N\n" not in card
    record = json.loads(training_record(evaluation, PROOF, files={}))
    assert record["data"]["remedies"] == [{"remedy": "Merge “Spam!” into “spam”", "rows": 32, "labels": ["Spam!"]}]


def test_how_evenly_the_labels_are_split_is_computed() -> None:
    splits = {
        "train": SplitCounts(80, {"a": 60, "b": 16, "c": 4}),
        "validation": SplitCounts(13, {"a": 10, "b": 3}),
        "test": SplitCounts(12, {"a": 9, "b": 2, "c": 1}),
    }
    card = card_of(from_csv(splits=splits))
    assert "Of each label that occurs 20 times or more, validation holds 12.7 % to 14.3 %." in card
    assert "Labels that do not occur in validation: 1 of 3." in card
    assert "Of each label that occurs 20 times or more, test holds 9.5 % to 11.4 %." in card
    assert "do not occur in test" not in card
    assert "equal shares" not in card


def test_rows_that_were_kept_together_are_named() -> None:
    assert "one observation where scores are compared" not in card_of(from_csv())
    roles = Roles(text="text", label="label", group="writer")
    dataset = a_dataset(source=FileRows("reviews.csv"), settings=PrepareSettings(roles=roles))
    card = card_of(an_evaluation(run=a_run(dataset=dataset)))
    assert "Rows with the same “writer” are in one split" in card


def test_the_model_index_is_complete() -> None:
    (entry,) = front_matter(card_of(from_csv()))["model-index"]
    (result,) = entry["results"]
    assert entry["name"] == "Reviews"
    assert result["task"] == {"type": "text-classification", "name": "Text Classification"}
    assert result["dataset"] == {"type": "csv", "name": "reviews.csv", "split": "test"}
    assert {"type": "accuracy", "value": 0.83, "name": "Accuracy"} in result["metrics"]
    assert ModelCard(card_of(from_csv())).data.eval_results


def test_the_model_index_is_absent_where_the_data_have_no_type_on_the_hub() -> None:
    assert "model-index" not in front_matter(card_of(an_evaluation()))


def test_what_is_not_known_is_not_claimed() -> None:
    model = a_model(source=FolderModel("/home/anna/bert"), name="bert", license="", languages=())
    card = card_of(from_csv(model=model))
    assert not {"license", "language", "base_model"} & set(front_matter(card))
    assert "anna" not in card
    assert "<!-- Who should use this model" in card


def test_a_model_from_the_hub_is_named() -> None:
    card = card_of(from_csv(model=a_model(source=HubModel("google-bert/bert-base-uncased"))))
    assert front_matter(card)["base_model"] == "google-bert/bert-base-uncased"


def test_scores_are_beside_their_intervals_and_the_baselines() -> None:
    card = card_of(from_csv())
    assert "| Score | this model | 95 % interval | majority class | TF-IDF + linear SVM |" in card
    assert "| Macro F1 | 0.83 | 0.78 to 0.88 | 0.34 | 0.76 |" in card
    assert "Better than TF-IDF + linear SVM by 0.069 (0.021–0.117)." in card
    assert "Chosen among 3 evaluations on 200 validation rows: expect up to 0.02 less on new rows." in card
    assert "| Weighted F1 | 0.830 | – | – | – |" in card
    assert "| negative | 0.84 | 0.81 | 0.82 | 98 |" in card
    assert "Excluded: 12 rows (has no text)" in card
    assert "100% of the answers agree" in card


def test_a_score_that_is_not_measurable_reports_it() -> None:
    evaluation = an_evaluation(scores={"entity_f1": None}, headline="entity_f1", intervals={}, baselines={})
    card = card_of(evaluation, pipeline="token-classification")
    assert "| Entity F1 | not measurable | – |" in card
    assert "model-index" not in front_matter(card)


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "a|b", "![x](file:///x)", "# x\n\n# y", "[a](b)", "---\nx: y\n---"]
)
def test_foreign_text_is_no_markup(text: str) -> None:
    card = card_of(from_csv(label_names=(text, "b")), name=text)
    for line in card.split("---\n", 2)[2].splitlines():
        if line.startswith(("# ", "Labels:")):
            for sign in "<|[":
                assert sign not in line.replace("\\" + sign, "")
    assert front_matter(card)["library_name"] == "transformers"
    assert "\n" not in plain(text)


def test_the_training_record_has_no_places_and_is_json() -> None:
    record = training_record(from_csv(), PROOF, files={"reviews.csv": "ab" * 32})
    assert "/home/anna" not in record
    assert "/workspace" not in record
    assert "not half as bad" not in record
    values = json.loads(record)
    assert values["settings"]["fine_tune"]["seed"] == 42
    assert values["training"]["history"][0]["step"] == 100
    assert values["data"]["files"] == {"reviews.csv": "ab" * 32}
    assert values["proof"]["passed"] is True


def test_choices_that_differ_from_most_runs_are_named() -> None:
    settings = FineTuneSettings(layers_to_train="lora", lora_rank=4, class_weights="balanced", schedule="cosine")
    card = card_of(an_evaluation(run=a_run(settings=settings)))
    assert "| Layers to train | the head and adapters of rank 4 with alpha 16 |" in card
    assert "| Class weights | balanced |" in card
    assert "then cosine" in card
    assert "Label smoothing" not in card
    assert "Layers to train" not in card_of(from_csv())


def test_the_card_shows_curves_and_what_is_confused() -> None:
    evaluation = from_csv()
    card = card_of(evaluation)
    for name, svg in pictures(evaluation).items():
        assert f"]({name})" in card
        assert svg.startswith("<svg")
    assert set(pictures(evaluation)) == {"curve_loss.svg", "curve_score.svg", "confusion.svg"}
    numbers = an_evaluation(confusion_labels=(), confusion=(), run=a_run(history=()))
    assert pictures(numbers) == {}
    assert ".svg" not in card_of(numbers)


def test_labels_are_counted_in_each_split_with_their_thresholds() -> None:
    splits = {"train": SplitCounts(60, {"refund": 40, "late|x": 30}), "test": SplitCounts(20, {"refund": 9})}
    splits["validation"] = SplitCounts(0, {})
    dataset = a_dataset(task="multi_label_classification", label_names=("refund", "late|x"), splits=splits)
    card = card_of(an_evaluation(run=a_run(dataset=dataset, thresholds={"refund": 0.35})))
    assert "| Label | train | test | validation | threshold |" in card
    assert "| refund | 40 | 9 | 0 | 0.35 |" in card
    assert "| late\\|x | 30 | 0 | 0 | – |" in card
    assert 'thresholds = calibration["thresholds"]' in card  # the snippet gives labels by them


def test_entities_of_a_conll_file_have_a_model_index() -> None:
    dataset = a_dataset(
        task="token_classification",
        label_names=("O", "B-PER"),
        source=FileRows("/home/anna/names.conll"),
        name="names.conll",
        settings=PrepareSettings(task="token_classification", reading=ReadingOptions(format="conll")),
    )
    scores = {"entity_f1": 0.71, "entity_precision": 0.7, "entity_recall": 0.72}
    evaluation = an_evaluation(run=a_run(dataset=dataset, metric="entity_f1"), scores=scores, headline="entity_f1")
    card = ModelCard(card_of(evaluation, pipeline="token-classification"))
    found = {(one.metric_type, one.metric_value, one.dataset_type) for one in card.data.eval_results or ()}
    assert ("f1", 0.71, "conll") in found
    assert ("recall", 0.72, "conll") in found


def test_the_hub_reads_the_whole_front_matter() -> None:
    evaluation = from_csv()
    card = ModelCard(card_of(evaluation))
    values = card.data.to_dict()
    assert values["base_model_relation"] == "finetune"
    assert values["widget"] == [{"text": "One sentence to try it with."}]
    assert model_index_to_eval_results(values["model-index"])[0] == "Reviews"
    for key in ("language", "tags", "metrics"):
        assert all(isinstance(one, str) for one in values[key])


def test_a_row_is_shown_to_try_where_the_data_are_public_and_nowhere_else() -> None:
    def widget(evaluation: EvaluationReport) -> Any:
        text = model_card(
            evaluation, PROOF, name="R", pipeline="text-classification", files={}, example=("a row of theirs", "")
        )
        return front_matter(text).get("widget")

    assert widget(an_evaluation()) == [{"text": "a row of theirs"}]  # of an example
    assert widget(from_csv()) == [{"text": "One sentence to try it with."}]
    pairs = a_dataset(settings=PrepareSettings(roles=Roles(text="a", second_text="b", label="c")))
    assert widget(an_evaluation(run=a_run(dataset=pairs))) is None


def test_the_licence_of_the_data_is_not_that_of_the_model() -> None:
    card = card_of(from_csv())
    assert "- Base model sentence-transformers/all-MiniLM-L6-v2: apache-2.0." in card
    assert "- Data: not stated here, and not that of the model." in card
    assert "<!-- Under which licence are the training data" in card
