"""A head that the model brings: which labels match, what is copied, and that it is replaced unless it is kept."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import torch
from transformers import BertForSequenceClassification

from engine.contract.errors import InvalidSetting
from engine.contract.kept_head import matching_labels
from engine.contract.setting_conflicts import check_together
from engine.contract.settings import FineTuneSettings, Roles
from engine.contract.states import ModelHead, PreparedDataset
from engine.devices.detection import Compute
from engine.loading.configuration import read_configuration
from engine.tasks.registry import task_facts
from engine.training.batching.rows import read_splits
from engine.training.loop.assembly import assemble
from engine.training.methods.head import output_layer
from tests.builders import a_dataset, a_model
from tests.builders_data import prepared_tiny_dataset
from tests.builders_models import tiny_bert_config

LABELS = ("Positive", "mixed", "negative")


@pytest.fixture
def dataset(tmp_path: Path) -> PreparedDataset:
    """Reviews, negative and positive, whose model was fine-tuned before for three labels."""
    prepared = prepared_tiny_dataset(tmp_path)
    config = tiny_bert_config(num_labels=3, id2label=dict(enumerate(LABELS)))
    torch.manual_seed(3)
    BertForSequenceClassification(config).save_pretrained(prepared.model.folder)
    head = read_configuration(Path(prepared.model.folder)).head()
    return msgspec.structs.replace(prepared, model=msgspec.structs.replace(prepared.model, head=head))


def rows_of_head(dataset: PreparedDataset, start: str) -> tuple[torch.Tensor, torch.Tensor]:
    settings = FineTuneSettings(device="cpu", precision="fp32", head_start=start)  # type: ignore[arg-type]
    compute = Compute(torch.device("cpu"), "fp32", 1, "cpu")
    output = output_layer(assemble(dataset, settings, compute, read_splits(dataset)).network)
    return output.weight.detach(), output.bias.detach()


def test_the_head_of_a_configuration_is_its_labels_in_order(dataset: PreparedDataset) -> None:
    assert dataset.model.head == ModelHead(LABELS)


def test_a_kept_head_starts_with_the_rows_of_its_labels_by_name(dataset: PreparedDataset) -> None:
    own = BertForSequenceClassification.from_pretrained(dataset.model.folder).classifier
    weight, bias = rows_of_head(dataset, "kept")
    assert dataset.label_names == ("negative", "positive")
    assert torch.equal(weight, own.weight[[2, 0]])
    assert torch.equal(bias, own.bias[[2, 0]])


def test_a_label_that_the_head_does_not_know_keeps_the_row_that_was_drawn(dataset: PreparedDataset) -> None:
    drawn, _ = rows_of_head(dataset, "random")
    head = ModelHead(("a", "b", "negative"))
    other = msgspec.structs.replace(dataset, model=msgspec.structs.replace(dataset.model, head=head))
    weight, _ = rows_of_head(other, "kept")
    assert torch.equal(weight[1], drawn[1])
    assert not torch.equal(weight[0], drawn[0])


def test_unless_it_is_kept_even_a_head_of_the_right_size_is_replaced(dataset: PreparedDataset) -> None:
    config = tiny_bert_config(num_labels=2, id2label={0: "negative", 1: "positive"})
    own = BertForSequenceClassification(config)
    own.save_pretrained(dataset.model.folder)
    weight, _ = rows_of_head(dataset, "random")
    assert not torch.equal(weight, own.classifier.weight)


def test_names_are_compared_without_case_and_a_head_of_words_does_not_match_texts() -> None:
    names = {"label_names": ("good", "bad", "so so")}
    head = ModelHead(("Bad", "GOOD "))
    assert matching_labels(a_dataset(model=a_model(head=head), **names)) == {0: 1, 1: 0}
    assert matching_labels(a_dataset(model=a_model(), **names)) == {}
    assert matching_labels(a_dataset(model=a_model(head=ModelHead(head.labels, of_words=True)), **names)) == {}
    words = msgspec.structs.replace(a_dataset().settings, roles=Roles(tokens="words", tags="tags"))
    of_words = a_model(head=ModelHead(head.labels, of_words=True))
    assert matching_labels(a_dataset(model=of_words, settings=words, **names)) == {0: 1, 1: 0}


def test_only_a_head_that_knows_a_label_is_kept_and_it_is_fine_tuned(dataset: PreparedDataset) -> None:
    refused = task_facts(dataset.task).refused_settings
    check_together(dataset, FineTuneSettings(head_start="kept"), refused)
    with pytest.raises(InvalidSetting, match="the other methods fit a new one"):
        check_together(dataset, FineTuneSettings(head_start="kept", method="contrastive"), refused)
    without = msgspec.structs.replace(dataset, model=msgspec.structs.replace(dataset.model, head=None))
    with pytest.raises(InvalidSetting, match="has no classification head"):
        check_together(without, FineTuneSettings(head_start="kept"), refused)
