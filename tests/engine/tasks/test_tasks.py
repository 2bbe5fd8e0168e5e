"""Both tasks from readable rows to encoded ones and from logits to answers, with a tokenizer of a few tokens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

from engine.tasks.losses import IGNORED
from engine.tasks.registry import task_named
from engine.tasks.rows import Outputs
from engine.tasks.task import Task
from tests.engine.small_runs import tiny_bert

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "anna", "ben", "lives", "in", "par", "##is", "a", "good", "film", "."]


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerBase:
    made = Tokenizer(models.WordPiece({piece: index for index, piece in enumerate(PIECES)}, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=made, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]"
    )


@pytest.fixture
def texts() -> Task:
    return task_named("text_classification")


@pytest.fixture
def tokens() -> Task:
    return task_named("token_classification")


NAMES = ("O", "B-LOC", "I-LOC", "B-PER", "I-PER")


def test_texts_are_encoded_and_cut_before_the_last_special_token(
    texts: Task, tokenizer: PreTrainedTokenizerBase
) -> None:
    rows = {"text": ["a good film.", "Anna"], "label": ["yes", "no"]}
    encoded = texts.encode(tokenizer, rows, label_names=("no", "yes"), max_length=5)
    assert encoded == {"input_ids": [[2, 10, 11, 12, 3], [2, 4, 3]], "labels": [1, 0], "length": [6, 3]}


def test_the_first_token_of_a_word_has_its_tag_and_one_that_continues_it_none(
    tokens: Task, tokenizer: PreTrainedTokenizerBase
) -> None:
    rows = {"tokens": [["Anna", "lives", "in", "Paris"]], "tags": [["PER", "O", "O", "LOC"]]}
    encoded = tokens.encode(tokenizer, rows, label_names=NAMES, max_length=20)
    assert encoded["input_ids"] == [[2, 4, 6, 7, 8, 9, 3]]
    assert encoded["labels"] == [[IGNORED, 3, 0, 0, 1, IGNORED, IGNORED]]
    assert encoded["word_tokens"] == [[1, 2, 3, 4]]
    assert encoded["read_tokens"] == [[1, 2, 3, 4]]


def test_a_word_that_the_tokenizer_drops_keeps_its_place(tokens: Task, tokenizer: PreTrainedTokenizerBase) -> None:
    rows = {"tokens": [["Anna", "\u200b", "in"]], "tags": [["B-PER", "O", "O"]]}
    encoded = tokens.encode(tokenizer, rows, label_names=NAMES, max_length=20)
    assert encoded["input_ids"] == [[2, 4, 7, 3]]
    assert encoded["labels"] == [[IGNORED, 3, 0, IGNORED]]
    assert encoded["word_tokens"] == [[1, 1, 2]]  # it has the prediction of the word before


def test_pieces_show_what_is_learned_from_a_row(tokens: Task, tokenizer: PreTrainedTokenizerBase) -> None:
    row = {"tokens": ["Ben", "in", "Paris"], "tags": ["B-PER", "O", "B-LOC"], "row": 7}
    shown = tokens.tokenized(tokenizer, row, label_names=NAMES, max_length=5)
    assert shown.tokens == ("[CLS]", "ben", "in", "par", "[SEP]")
    assert shown.labels == ("", "B-PER", "O", "B-LOC", "")
    assert (shown.word_ids, shown.cut_tokens, shown.row) == ((None, 0, 1, 2, None), 1, 7)


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ({"text": "fine", "label": "x"}, ""),
        ({"text": " \n", "label": "x"}, "has no text"),
        ({"text": None, "label": "x"}, "has no text"),
        ({"text": "fine", "label": " "}, "has no label"),
        ({"text": "fine", "label": None}, "has no label"),
    ],
)
def test_a_text_that_cannot_be_used_shows_why(texts: Task, row: dict[str, Any], complaint: str) -> None:
    assert texts.complaint(row) == complaint


@pytest.mark.parametrize(
    ("words", "tags", "complaint"),
    [
        (["a"], ["O"], ""),
        ([], [], "has no words"),
        (["a"], None, "has no tags"),
        (["a", "b"], ["O"], "has 2 words but 1 tag"),
        (["a", " "], ["O", "O"], "has an empty word"),
        (["a", "b"], ["O", None], "has a word without a tag"),
    ],
)
def test_words_that_cannot_be_used_show_why(tokens: Task, words: Any, tags: Any, complaint: str) -> None:
    assert tokens.complaint({"tokens": words, "tags": tags}) == complaint


def test_batches_are_padded_and_cut_back(tokens: Task, texts: Task) -> None:
    features = [{"input_ids": [2, 4, 3], "labels": [-100, 3, -100]}, {"input_ids": [2, 3], "labels": [-100, -100]}]
    batch = tokens.collate(features, padding_id=9, multiple=4)
    assert batch["input_ids"].tolist() == [[2, 4, 3, 9], [2, 3, 9, 9]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1, 0], [1, 1, 0, 0]]
    assert batch["labels"].tolist() == [[-100, 3, -100, -100], [-100, -100, -100, -100]]
    logits, labels = tokens.split_outputs(torch.zeros(2, 4, 5), batch)
    assert [row.shape for row in logits] == [(3, 5), (2, 5)]
    assert [row.tolist() for row in labels] == [[-100, 3, -100], [-100, -100]]
    batch = texts.collate([{"input_ids": [2, 3], "labels": np.int64(1)}], padding_id=0)
    logits, labels = texts.split_outputs(torch.zeros(1, 2, dtype=torch.bfloat16), batch)
    assert (logits[0].dtype, logits[0].shape, int(labels[0]), labels[0].shape) == (np.float32, (2,), 1, ())


def test_the_answer_layer_is_drawn_from_the_seed_and_named(tmp_path: Path, texts: Task, capfd: Any) -> None:
    folder = tiny_bert(tmp_path / "model")
    capfd.readouterr()
    networks = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        networks.append(texts.build_network(folder, ("no", "yes", "maybe")))
    assert capfd.readouterr().err == ""
    first, same, other = (network.classifier.weight for network in networks)
    assert torch.equal(first, same)
    assert not torch.equal(first, other)
    assert networks[0].config.id2label == {0: "no", 1: "yes", 2: "maybe"}
    assert networks[0].config.problem_type == "single_label_classification"
    assert all(parameter.dtype == torch.float32 for parameter in networks[0].parameters())


def outputs(logits: list[list[float]], labels: list[int]) -> Outputs:
    rows = [np.asarray(row, dtype=np.float32) for row in logits]
    return Outputs(rows, [np.asarray(label) for label in labels], list(range(11, 11 + len(labels))))


def test_the_most_wrong_texts_come_first(texts: Task) -> None:
    rows = [{"text": name} for name in ("right", "sure and wrong", "hardly wrong")]
    given = outputs([[2, 0], [9, 0], [1, 0]], [0, 1, 1])
    first, second = texts.wrong_rows(given, rows, ("no", "yes"), limit=5)
    assert (first.row, first.text, first.truth, first.predicted) == (12, "sure and wrong", "yes", "no")
    assert first.probability == pytest.approx(1 / (1 + np.exp(-9)))
    assert first.loss == pytest.approx(np.log1p(np.exp(9.0)))
    assert second.text == "hardly wrong"
    assert texts.wrong_rows(given, rows, ("no", "yes"), limit=1) == (first,)


def test_wrong_entities_are_reported_in_words(tokens: Task) -> None:
    logits = np.full((4, 5), -5.0, dtype=np.float32)
    logits[[1, 2], [3, 0]] = 5.0  # answers: B-PER O
    given = Outputs([logits], [np.asarray([IGNORED, 3, 1, IGNORED])], [4])
    (wrong,) = tokens.wrong_rows(given, [{"tokens": ["Anna", "Paris"]}], NAMES, limit=3)
    assert (wrong.text, wrong.truth, wrong.predicted) == ("Anna Paris", "PER: Anna; LOC: Paris", "PER: Anna")
    shown, matrix = tokens.confusion(given, NAMES)
    assert shown == ("O", "LOC", "PER")
    assert matrix.tolist() == [[0, 0, 0], [1, 0, 0], [0, 0, 1]]
    assert tokens.score(given, NAMES)["entity_recall"] == 0.5


def test_predictions_know_their_place_in_the_text(
    tmp_path: Path, tokens: Task, tokenizer: PreTrainedTokenizerBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = tokens.build_network(tiny_bert(tmp_path / "model"), NAMES)
    weights = torch.full((5, 16), 0.0)
    with torch.no_grad():
        network.classifier.weight.copy_(weights)
        network.classifier.bias.copy_(torch.tensor([0.0, 0.0, 3.0, 0.0, 0.0]))  # everything is I-LOC
    found = tokens.predict(network, tokenizer, "  Anna's film, 3.5 in Paris", max_length=30)
    (entity,) = found.entities
    assert (entity.start, entity.end, entity.label) == (2, 27, "LOC")
    assert entity.probability == pytest.approx(np.exp(3) / (np.exp(3) + 4), rel=1e-5)
    assert tokens.predict(network, tokenizer, " ", max_length=30).entities == ()


def test_a_prediction_names_every_class(tmp_path: Path, texts: Task, tokenizer: PreTrainedTokenizerBase) -> None:
    network = texts.build_network(tiny_bert(tmp_path / "model"), ("no", "yes"))
    with torch.no_grad():
        network.classifier.weight.zero_()
        network.classifier.bias.copy_(torch.tensor([0.0, 2.0]))
    found = texts.predict(network, tokenizer, "a good film.", max_length=5)
    assert [answer.label for answer in found.labels] == ["yes", "no"]
    assert sum(answer.probability for answer in found.labels) == pytest.approx(1.0)
    assert found.cut_tokens == 1


def test_simple_methods_are_measured_on_the_same_rows(texts: Task, tokens: Task) -> None:
    train = {"text": ["good film", "bad film"] * 4, "labels": [1, 0] * 4}
    found = texts.baselines(train, {"text": ["good", "bad"], "label": ["yes", "no"]}, ("no", "yes"))
    assert found["majority"].scores["accuracy"] == 0.5
    assert found["tfidf_svm"].scores["macro_f1"] == 1.0
    learned = {"tokens": [["Anna", "sings"]], "tags": [["B-PER", "O"]]}
    asked = {"tokens": [["Anna", "Ben"]], "tags": [["B-PER", "B-PER"]]}
    found = tokens.baselines(learned, asked, NAMES)
    assert found["majority"].scores["entity_f1"] == 0.0
    assert found["most_frequent_tag"].scores["entity_f1"] == pytest.approx(2 / 3)
