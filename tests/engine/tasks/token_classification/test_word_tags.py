"""Tags that each word has for itself, such as parts of speech: nothing is joined, every word is counted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from transformers import PreTrainedTokenizerBase

from engine.contract.script_builder import Places, Script
from engine.contract.settings import FileRows, PrepareSettings, ReadingOptions, Roles
from engine.contract.states import PreparedDataset
from engine.contract.tag_schemes import are_one_per_word, as_learned, strict_spans
from engine.loading.tokenizer import load_tokenizer
from engine.preparing.prepare import prepare
from engine.preparing.preview import preview
from engine.preparing.rows.conversions import ConversionBook
from engine.script.data import encode_code, read_code
from engine.tasks.rows import Outputs
from engine.tasks.token_classification.task import TokenClassification
from engine.workspace.layout import Workspace
from tests.builders_data import tiny_model

TASK = TokenClassification()
NAMES = ("DET", "NOUN", "VERB")

# Universal Dependencies: comments, a range of words ("don't"), and an empty word.
CONLLU = """\
# sent_id = {number}
# text = the old {thing} don't {verb}
1\tthe\tthe\tDET\tDT\tDefinite=Def\t3\tdet\t_\t_
2\told\told\tNOUN\tNN\t_\t3\tcompound\t_\t_
3\t{thing}\t{thing}\tNOUN\tNNS\tNumber=Plur\t6\tnsubj\t_\t_
4-5\tdon't\t_\t_\t_\t_\t_\t_\t_\t_
4\tdo\tdo\tAUX\tVB\t_\t6\taux\t_\t_
5\tn't\tnot\tPART\tRB\t_\t6\tadvmod\t_\t_
5.1\tever\tever\tADV\t_\t_\t_\t_\t_\t_
6\t{verb}\t{verb}\tVERB\tVB\t_\t0\troot\t_\t_
"""


def outputs(answers: list[list[str]], truth: list[list[str]]) -> Outputs:
    logits = [np.eye(3, dtype=np.float32)[[NAMES.index(tag) for tag in row]] for row in answers]
    labels = [np.asarray([NAMES.index(tag) for tag in row]) for row in truth]
    return Outputs(logits, labels, list(range(1, len(truth) + 1)))


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> PreparedDataset:
    folder = tmp_path_factory.mktemp("words")
    sentences = [
        CONLLU.format(number=f"{thing}{verb}", thing=thing, verb=verb)
        for thing in ("dogs", "cats", "birds", "boats", "roads", "songs", "lamps", "trees")
        for verb in ("sing", "move", "wait", "shine", "sleep")
    ]
    path = folder / "english.conllu"
    path.write_text("\n".join(sentences), "utf-8")
    settings = PrepareSettings(task="token_classification", roles=Roles(tokens="form", tags="upos"))
    workspace = Workspace(folder / "workspace").create()
    return prepare(tiny_model(folder), FileRows(str(path)), settings, lambda event: None, workspace=workspace)


def test_tags_without_prefix_and_without_o_are_one_per_word() -> None:
    assert are_one_per_word(NAMES)
    assert not are_one_per_word(["O", "PER"])
    assert not are_one_per_word(["B-PER", "PER"])
    assert as_learned(["NOUN", "NOUN"], NAMES) == ["NOUN", "NOUN"]
    assert as_learned(["PER", "PER"], ["O", "B-PER", "I-PER"]) == ["B-PER", "I-PER"]
    assert [span.type for span in strict_spans(["NOUN", "NOUN", "VERB"])] == ["NOUN", "NOUN", "VERB"]


def test_neighbours_with_the_same_tag_count_as_two() -> None:
    row = {"tokens": ["the", "old", "dogs"], "tags": ["DET", "NOUN", "NOUN"]}
    assert TASK.label_names({"tags": [row["tags"]]}) == ("DET", "NOUN")
    assert TASK.count_labels(row) == ("DET", "NOUN", "NOUN")


def test_whether_tags_mark_entities_is_seen_over_all_rows() -> None:
    first, second = {"tags": ["PER", "PER"]}, {"tags": ["PER", "O"]}
    assert set(TASK.sample_keys(first)) | set(TASK.sample_keys(second)) == {"PER", "O"}
    assert TASK.label_names({"tags": [first["tags"], second["tags"]]}) == ("O", "B-PER", "I-PER")


def test_every_word_is_scored_alone() -> None:
    given = outputs([["DET", "NOUN", "VERB"], ["NOUN", "NOUN"]], [["DET", "NOUN", "NOUN"], ["NOUN", "NOUN"]])
    scores = TASK.score(given, NAMES)
    assert scores == {"word_accuracy": pytest.approx(4 / 5), "macro_f1": pytest.approx((1 + 6 / 7) / 2)}
    assert TokenClassification(NAMES).metric == "word_accuracy"
    assert TokenClassification(("O", "B-x", "I-x")).metric == "entity_f1"
    assert {row.label: row.support for row in TASK.class_scores(given, NAMES)} == {"DET": 1, "NOUN": 4, "VERB": 0}
    names, matrix = TASK.confusion(given, NAMES)
    assert names == NAMES
    assert matrix.tolist() == [[1, 0, 0], [0, 3, 1], [0, 0, 0]]
    (wrong,) = TASK.wrong_rows(given, [{"tokens": ["a", "b", "c"]}, {"tokens": ["d", "e"]}], NAMES, limit=9)
    assert (wrong.truth, wrong.predicted) == ("DET: a; NOUN: b; NOUN: c", "DET: a; NOUN: b; VERB: c")


def test_the_simple_methods_know_no_outside() -> None:
    train = {"tokens": [["the", "dog"], ["cat"]], "tags": [["DET", "NOUN"], ["NOUN"]]}
    held_out = {"tokens": [["the", "cat", "waits"]], "tags": [["DET", "NOUN", "VERB"]]}
    scores = TASK.baselines(train, held_out, NAMES)
    assert scores["majority"].scores["word_accuracy"] == pytest.approx(1 / 3)
    assert scores["most_frequent_tag"].scores["word_accuracy"] == pytest.approx(2 / 3)


def test_the_loss_report_has_no_entities_and_reports_it() -> None:
    book = ConversionBook()
    book.add("train", 1, ["old", "dogs"], ["NOUN", "NOUN"], None)
    assert (book.scheme, book.report().entities, book.report().changed) == ("words", 0, 0)
    assert "neighbours are not joined" in book.notes()[0]


def test_conllu_is_known_by_its_columns_and_guessed(dataset: PreparedDataset) -> None:
    assert isinstance(dataset.source, FileRows)
    found = preview(dataset.source, ReadingOptions(), 20, lambda event: None)
    assert (found.task, found.roles.tokens, found.roles.tags) == ("token_classification", "form", "upos")


def test_conllu_goes_the_road_without_its_ranges_and_empty_words(dataset: PreparedDataset) -> None:
    assert dataset.rows_in == dataset.rows_used == 40
    assert dataset.label_names == ("AUX", "DET", "NOUN", "PART", "VERB")
    counted: dict[str, int] = {}
    for split in dataset.splits.values():
        for name, count in split.labels.items():
            counted[name] = counted.get(name, 0) + count
    assert counted == {"NOUN": 80, "DET": 40, "AUX": 40, "PART": 40, "VERB": 40}


def test_the_plain_script_reads_and_encodes_the_same(dataset: PreparedDataset) -> None:
    script = Script()
    read_code(script, dataset, Places())
    made: dict[str, object] = {}
    exec(script.text(), made)
    row = made["splits"]["train"][0]  # type: ignore[index]
    assert row["tokens"][:2] == ["the", "old"]
    assert row["tags"] == ["DET", "NOUN", "NOUN", "AUX", "PART", "VERB"]
    script = Script()
    encode_code(script, dataset)
    assert "iob2" not in script.text()


def test_a_line_without_a_number_leaves_its_sentence_out(tmp_path: Path, dataset: PreparedDataset) -> None:
    blocks = [CONLLU.format(number=number, thing=f"dog{number}", verb="wait") for number in range(30)]
    blocks[4] = blocks[4].replace("3\tdog4", "x\tdog4")
    path = tmp_path / "rows.conllu"
    path.write_text("\n".join(blocks), "utf-8")
    workspace = Workspace(tmp_path / "workspace").create()
    settings = PrepareSettings(task="token_classification", roles=Roles(tokens="form", tags="upos"))
    prepared = prepare(dataset.model, FileRows(str(path)), settings, lambda event: None, workspace=workspace)
    assert (prepared.rows_in, prepared.rows_used) == (30, 29)
    assert any("tag of its own" in note for note in prepared.notes)


def test_the_tags_of_words_are_learned_at_all_their_tokens(dataset: PreparedDataset) -> None:
    tokenizer: PreTrainedTokenizerBase = load_tokenizer(Path(dataset.model.folder))
    rows = {"tokens": [["the", "old", "dogs"]], "tags": [["DET", "NOUN", "NOUN"]]}
    encoded = TASK.encode(tokenizer, rows, label_names=NAMES, max_length=32)
    firsts = encoded["word_tokens"][0]
    assert [encoded["labels"][0][token] for token in firsts] == [0, 1, 1]
    assert encoded["labels"][0][firsts[1] : -1] == [1] * (len(encoded["labels"][0]) - firsts[1] - 1)
