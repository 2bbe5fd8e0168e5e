"""Tables of the kinds that people bring, rebuilt with texts of ours: each is read right, asked about or refused.

Each kind is a generator of one or several files and an expectation of what `inspect` reports.
"""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from engine.contract.inspection import Inspection
from engine.contract.settings import FileRows
from engine.preparing.inspection import inspect
from tests.builders_data import ignore
from tests.engine.preparing.inspected import Expected as Kind
from tests.engine.preparing.inspected import differences
from tests.engine.reading.sources_on_disk import workbook_bytes

THINGS = ("kettle", "lamp", "router", "chair", "phone", "camera", "blender", "printer", "heater", "radio")
GOOD = ("works very well in the {} room", "was a pleasure to use on day {}", "is worth every cent, order {}")
BAD = ("broke after {} days of use", "never worked, as case {} shows", "is loud and slow, ticket {}")
ANSWERS = ("We are sorry to hear it.", "Thank you for the kind words.", "A colleague will call you back.")
PLACES = ("Lima", "Graz", "Oslo", "Porto")
PEOPLE = (("Anna", "Weber"), ("Tom", "Reed"), ("Mara", "Stone"))


def reviews(number: int = 60, seed: int = 0) -> list[tuple[str, str]]:
    """Different texts, each with pos or neg."""
    chance = random.Random(seed)
    rows = []
    for index in range(number):
        is_good = index % 2 == 0
        text = chance.choice(GOOD if is_good else BAD).format(chance.randrange(10, 99_999))
        rows.append((f"The {THINGS[index % 10]} {text}", "pos" if is_good else "neg"))
    return rows


def table(names: Sequence[str], rows: Sequence[Sequence[object]], *, delimiter: str = ",") -> bytes:
    """Delimited text; without names a file without a header."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=delimiter, lineterminator="\n")
    writer.writerows([names, *rows] if names else rows)
    return written.getvalue().encode()


COUNTS = {"pos": 30, "neg": 30}
TEXT_LABEL: dict[str, str | list[str]] = {"text": "text", "label": "label"}
KINDS: dict[str, Callable[[], Kind]] = {}


def kind(make: Callable[[], Kind]) -> Callable[[], Kind]:
    KINDS[make.__name__] = make
    return make


# ── Which column is the text ────────────────────────────────────────────────────────────────────────────────────


def beside(name: str, cell: Callable[[int], object], *, column: str = "text", findings: tuple[str, ...] = ()) -> Kind:
    rows = [(text, cell(index), label) for index, (text, label) in enumerate(reviews())]
    return Kind(
        {"a.csv": table((column, name, "label"), rows)},
        roles=TEXT_LABEL | {"text": column},
        labels=COUNTS,
        findings=findings,
    )


@kind
def a_longer_address() -> Kind:
    return beside("url", lambda n: f"https://shop.example.org/items/{n}/" + "long/" * 20)


@kind
def a_longer_disclaimer() -> Kind:
    return beside("disclaimer", lambda n: "This message is confidential and for the one it is addressed to. " * 3)


@kind
def a_longer_explanation() -> Kind:
    return beside("explanation", lambda n: f"The annotator chose this as sentence {n} tells of it at length. " * 4)


@kind
def html_of_the_same() -> Kind:
    return beside("raw_html", lambda n: f"<div class='a'><p>{'Some text. ' * 20}</p><span>{n}</span></div>")


@kind
def an_object_in_a_cell() -> Kind:
    return beside("options", lambda n: json.dumps([{"id": n, "text": "A long name of an option"}] * 4))


@kind
def a_longer_column_beside_a_known_one_in_capitals() -> Kind:
    note = "Called back {} times about this and wrote it all down. "
    return beside("Notes", lambda n: note.format(n) * 3, column="Tweet Text")


@kind
def a_longer_address_beside_no_known_name() -> Kind:
    return beside("homepage", lambda n: f"http://example.org/{n}/" + "x" * 200, column="Beschreibung")


@kind
def a_constant_instruction() -> Kind:
    rows = [
        {
            "instruction": "Say whether the comment is good or bad, in one word and nothing more than that.",
            "input": text,
            "output": label,
        }
        for text, label in reviews()
    ]
    data = json.dumps(rows).encode()
    return Kind({"a.json": data}, roles={"text": "input", "label": "output"}, labels=COUNTS)


@kind
def a_second_column_of_texts() -> Kind:
    return beside(
        "reply",
        lambda n: f"{ANSWERS[n % 3]} Number {n} is yours.",
        column="comment",
        findings=("preparing.data_note.text_not_read",),
    )


# ── Which column is the label ───────────────────────────────────────────────────────────────────────────────────


@kind
def a_channel_before_the_topic() -> Kind:
    topics = ("Rechnung", "Versand", "Technik", "Lob", "Sonstiges")
    rows = [(("Mail", "Telefon", "Chat")[n % 3], text, topics[n % 5]) for n, (text, _) in enumerate(reviews())]
    return Kind(
        {"a.csv": table(("Kanal", "Nachricht", "Thema"), rows)},
        roles={"text": "Nachricht", "label": "Thema"},
        labels=dict.fromkeys(topics, 12),
        findings=("preparing.question.label_column",),
    )


@kind
def a_known_name_before_fewer_values() -> Kind:
    topics = ("bill", "parcel", "fault", "praise")
    rows = [(("mail", "chat")[n % 2], text, topics[n % 4]) for n, (text, _) in enumerate(reviews())]
    return Kind(
        {"a.csv": table(("channel", "text", "topic"), rows)},
        roles={"text": "text", "label": "topic"},
        absent=("preparing.question.label_column",),
    )


@kind
def names_beside_the_numbers_of_labels() -> Kind:
    rows = [(text, int(label == "pos"), label) for text, label in reviews(61)]
    return Kind(
        {"a.csv": table(("text", "label", "label_text"), rows)},
        roles={"text": "text", "label": "label_text"},
        labels={"pos": 31, "neg": 30},
        absent=("preparing.data_note.other_labels",),
    )


@kind
def a_date_and_a_label() -> Kind:
    rows = [(f"2024-01-{n % 4 + 1:02}", text, label) for n, (text, label) in enumerate(reviews())]
    return Kind({"a.csv": table(("when", "what", "verdict"), rows)}, roles={"text": "what", "label": "verdict"})


@kind
def one_row_for_each_label() -> Kind:
    rows = [(text, f"c{n}") for n, (text, _) in enumerate(reviews(30))]
    return Kind(
        {"a.csv": table(("text", "label"), rows)}, roles=TEXT_LABEL, error="D16", sentence="Each of the 30 rows has a"
    )


@kind
def a_column_of_splits() -> Kind:
    rows = [(text, label, ("train", "train", "val", "test")[n // 2 % 4]) for n, (text, label) in enumerate(reviews(80))]
    return Kind(
        {"a.csv": table(("text", "label", "split"), rows)},
        roles=TEXT_LABEL,
        used=80,
        splits={"train": 40, "validation": 20, "test": 20},
        findings=("reading.note.column_gives_splits",),
    )


@kind
def a_column_of_splits_as_a_contest_calls_them() -> Kind:
    usage = ("Training", "Training", "PublicTest", "PrivateTest")
    rows = [{"text": text, "label": label, "Usage": usage[n // 2 % 4]} for n, (text, label) in enumerate(reviews(80))]
    return Kind(
        {"a.jsonl": "\n".join(map(json.dumps, rows)).encode()},
        roles=TEXT_LABEL,
        splits={"train": 40, "validation": 20, "test": 20},
    )


@kind
def gold_labels_of_inference() -> Kind:
    names = ("genre", "sentence1_parse", "sentence2_parse", "sentence1", "sentence2", "label1", "gold_label")
    rows = [
        (
            ("fiction", "phone")[n % 2],
            f"(ROOT (S {one}))",
            f"(ROOT {other})",
            one,
            other,
            "x",
            ("yes", "no", "may")[n % 3],
        )
        for n, (one, other, _) in enumerate(paraphrases())
    ]
    roles: dict[str, str | list[str]] = {"text": "sentence1", "second_text": "sentence2", "label": "gold_label"}
    return Kind({"a.tsv": table(names, rows, delimiter="\t")}, roles=roles)


@kind
def stars_beside_counts_that_are_all_0() -> Kind:
    rows = [
        {"review_id": f"r{n:06}", "stars": float(n % 5 + 1), "useful": n % 3, "funny": 0, "cool": 0, "text": text}
        for n, (text, _) in enumerate(reviews())
    ]
    data = "\n".join(map(json.dumps, rows)).encode()
    return Kind({"a.json": data}, roles={"text": "text", "label": "stars"}, used=60)


# ── Pairs ───────────────────────────────────────────────────────────────────────────────────────────────────────


def paraphrases(number: int = 60) -> list[tuple[str, str, int]]:
    rows = []
    for index, (text, _) in enumerate(reviews(number)):
        other = f"As they say, {text[0].lower()}{text[1:]}" if index % 2 else text.replace("The", "This old")
        rows.append((text, other, index % 2))
    return rows


def pairs(first: str, second: str, label: str = "label") -> Kind:
    rows = [(answer, one, other) for one, other, answer in paraphrases()]
    return Kind(
        {"a.tsv": table((label, first, second), rows, delimiter="\t")},
        roles={"text": first, "second_text": second, "label": label},
        absent=("preparing.data_note.text_not_read",),
    )


@kind
def pairs_as_mrpc_names_them() -> Kind:
    rows = [(answer, n, n + 1, one, other) for n, (one, other, answer) in enumerate(paraphrases())]
    names = ("Quality", "#1 ID", "#2 ID", "#1 String", "#2 String")
    return Kind(
        {"msr.txt": table(names, rows, delimiter="\t")},
        roles={"text": "#1 String", "second_text": "#2 String", "label": "Quality"},
    )


@kind
def pairs_without_a_header() -> Kind:
    rows = [(n, one, other, answer) for n, (one, other, answer) in enumerate(paraphrases())]
    return Kind(
        {"paws.tsv": table((), rows, delimiter="\t")},
        roles={"text": "column 2", "second_text": "column 3", "label": "column 4"},
        findings=("preparing.data_note.pair_by_content",),
    )


@kind
def pairs_in_another_language() -> Kind:
    return pairs("oracion_1", "oracion_2", "etiqueta")


@kind
def pairs_with_numbers_at_the_names() -> Kind:
    return pairs("question1", "question2")


@kind
def pairs_with_letters_at_the_names() -> Kind:
    return pairs("sentence_A", "sentence_B")


@kind
def pairs_of_premise_and_hypothesis() -> Kind:
    return pairs("Premise", "Hypothesis", "gold_label")


@kind
def pairs_with_a_score_and_decimal_commas() -> Kind:
    rows = [(one, other, f"{n % 50 / 10:.1f}".replace(".", ",")) for n, (one, other, _) in enumerate(paraphrases())]
    return Kind(
        {"sts.csv": table(("sent_1", "sent_2", "score"), rows, delimiter=";")},
        task="regression",
        roles={"text": "sent_1", "second_text": "sent_2", "score": "score"},
        scores={"least": 0.0, "most": 4.9},
    )


@kind
def pairs_some_of_whose_rows_have_further_cells() -> Kind:
    lines = []
    for n, (one, other, _) in enumerate(paraphrases()):
        cells = [
            "captions",
            "MSRvid",
            f"{n:04}",
            f"{n % 50 / 10:.3f}",
            one,
            other,
            *(["license", "x"] if n % 5 == 0 else []),
        ]
        lines.append("\t".join(cells))
    return Kind(
        {"sts.csv": ("\n".join(lines) + "\n").encode()},
        task="regression",
        roles={"text": "column 5", "second_text": "column 6", "score": "column 4"},
        used=48,
        excluded={"has 8 columns instead of 6": 12},
    )


@kind
def a_title_and_a_body_are_no_pair() -> Kind:
    rows = [
        (n % 3 + 1, f"About {THINGS[n % 10]} {n}", f"{text}. {text} again.") for n, (text, _) in enumerate(reviews())
    ]
    return Kind(
        {"news.csv": table((), rows)},
        roles={"text": "column 3", "second_text": "", "label": "column 1"},
        findings=("preparing.data_note.text_not_read",),
    )


@kind
def contradictions_that_a_second_text_explains() -> Kind:
    rows = []
    for n, (text, _) in enumerate(reviews(40)):
        rows += [
            (text, f"{ANSWERS[0]} Ticket {n} is open.", "fits"),
            (text, f"{ANSWERS[1]} Nothing to do on {n}.", "no"),
        ]
    return Kind(
        {"a.csv": table(("text", "reply", "label"), rows)},
        roles=TEXT_LABEL,
        findings=("contradictions", "preparing.data_note.text_not_read"),
        finding_sentence="if the rows are pairs",
    )


@kind
def pairs_that_share_one_text_are_no_leak() -> Kind:
    first = "The court heard the case of the two farms on the hill above the old mill by the river"
    rows = [(f"{first} in {1900 + n}", f"{text} and so on", n % 2) for n, (text, _) in enumerate(reviews(90))]
    long = f"{first} " * 4
    rows = [(f"{long}in {n % 3 + 1900}", text, answer) for n, (_, text, answer) in enumerate(rows)]
    return Kind(
        {"a.csv": table(("sentence1", "sentence2", "label"), rows)},
        roles={"text": "sentence1", "second_text": "sentence2"},
        absent=("near_leaks_test_train", "near_leaks_validation_train", "near_leaks_test_validation"),
    )


# ── Numbers and lists of labels ─────────────────────────────────────────────────────────────────────────────────


@kind
def numbers_of_several_labels_with_commas() -> Kind:
    chance = random.Random(1)
    rows = []
    for n, (text, _) in enumerate(reviews(120)):
        many = (1, 1, 1, 2, 3)[n % 5]
        rows.append((text, ",".join(map(str, sorted(chance.sample(range(12), many)))), f"ed{n:05}x"))
    return Kind(
        {"emotions.tsv": table((), rows, delimiter="\t")},
        task="multi_label_classification",
        roles={"text": "column 1", "labels": "column 2"},
        used=120,
    )


@kind
def at_most_two_numbers_of_labels() -> Kind:
    rows = [(text, f"{n % 9}" if n % 4 else f"{n % 6},{n % 6 + 3}") for n, (text, _) in enumerate(reviews(120))]
    return Kind(
        {"a.tsv": table(("text", "label"), rows, delimiter="\t")},
        task="multi_label_classification",
        roles={"text": "text", "labels": "label"},
    )


@kind
def decimal_commas_are_numbers() -> Kind:
    rows = [(text, f"{n % 6},{n * 37 % 100:02}") for n, (text, _) in enumerate(reviews())]
    return Kind(
        {"a.csv": table(("text", "price"), rows, delimiter=";")},
        task="regression",
        roles={"text": "text", "score": "price"},
        scores={"least": 0.0, "most": 5.95},
    )


@kind
def half_steps_with_decimal_commas_are_numbers() -> Kind:
    rows = [(text, ("1", "1,5", "2,5", "3,5", "4,5", "4")[n % 6]) for n, (text, _) in enumerate(reviews())]
    return Kind(
        {"a.csv": table(("text", "score"), rows, delimiter=";")},
        task="regression",
        roles={"text": "text", "score": "score"},
        scores={"least": 1.0, "most": 4.5},
    )


@kind
def percent_signs() -> Kind:
    rows = [(text, f"{n % 50 + n / 100:.1f} %") for n, (text, _) in enumerate(reviews())]
    return Kind(
        {"a.csv": table(("text", "score"), rows)},
        task="regression",
        roles={"text": "text", "score": "score"},
        used=60,
    )


@kind
def lists_of_0_and_1() -> Kind:
    rows = [(text, f"[{n % 2}, {int(n % 3 == 0)}, 1, 0]") for n, (text, _) in enumerate(reviews())]
    return Kind(
        {"a.csv": table(("text", "labels"), rows)},
        task="multi_label_classification",
        roles={"text": "text", "labels": "labels"},
        labels={"labels 1": 30, "labels 2": 20, "labels 3": 60},
    )


@kind
def columns_of_0_and_1_with_unknown_ones() -> Kind:
    rows = [(text, n % 2, -1 if n % 10 == 0 else 1, int(n % 3 == 0)) for n, (text, _) in enumerate(reviews())]
    return Kind(
        {"a.csv": table(("text", "rude", "spam", "off_topic"), rows)},
        task="multi_label_classification",
        roles={"text": "text", "label_columns": ["rude", "spam", "off_topic"]},
        used=54,
        excluded={"has “-1” in spam, where 1 or 0 is expected": 6},
    )


@kind
def a_column_of_0_alone() -> Kind:
    rows = [(text, n % 2, int(n % 3 == 0), 0) for n, (text, _) in enumerate(reviews())]
    return Kind(
        {"a.csv": table(("text", "rude", "spam", "threat"), rows)},
        task="multi_label_classification",
        roles={"text": "text", "label_columns": ["rude", "spam", "threat"]},
        findings=("preparing.data_note.labels_without_rows",),
    )


@kind
def minus_one_as_a_class() -> Kind:
    rows = [(text, n % 3 - 1) for n, (text, _) in enumerate(reviews())]
    return Kind({"a.csv": table(("text", "sentiment"), rows)}, roles={"text": "text", "label": "sentiment"}, used=60)


@kind
def names_of_classes_with_a_bar_stay_whole() -> Kind:
    names = ("animal|dog", "animal|cat", "plant|tree")
    rows = [(text, names[n % 3]) for n, (text, _) in enumerate(reviews())]
    return Kind(
        {"a.csv": table(("text", "category"), rows)},
        roles={"text": "text", "label": "category"},
        labels=dict.fromkeys(names, 20),
    )


# ── Headers ─────────────────────────────────────────────────────────────────────────────────────────────────────


@kind
def empty_names() -> Kind:
    rows = [("ham" if label == "pos" else "spam", text, "", "", "") for text, label in reviews()]
    return Kind(
        {"spam.csv": table(("v1", "v2", "", "", ""), rows)},
        roles={"text": "v2", "label": "v1"},
        labels={"ham": 30, "spam": 30},
        header="yes",
    )


@kind
def repeated_names() -> Kind:
    rows = [(text, label, n) for n, (text, label) in enumerate(reviews())]
    return Kind({"a.csv": table(("text", "label", "label"), rows)}, roles=TEXT_LABEL, labels=COUNTS, header="yes")


@kind
def a_title_above_the_header() -> Kind:
    rows = b"Complaints of 2024\nexported by the shop\n\n" + table(("Comment", "Kind"), reviews())
    return Kind(
        {"a.csv": rows},
        roles={"text": "Comment", "label": "Kind"},
        labels=COUNTS,
        used=60,
        excluded={},
        findings=("reading.note.lines_above_header",),
    )


@kind
def a_title_above_the_header_as_spreadsheets_write_it() -> Kind:
    rows = [("Complaints", "", ""), ("", "", ""), ("No", "Comment", "Kind")]
    rows += [(str(n), text, label) for n, (text, label) in enumerate(reviews())]
    return Kind({"a.csv": table((), rows, delimiter=";")}, roles={"text": "Comment", "label": "Kind"}, labels=COUNTS)


@kind
def a_title_above_the_header_of_a_sheet() -> Kind:
    book = workbook_bytes({"Rows": [("Complaints of 2024",), (), ("Comment", "Kind"), *reviews()]})
    return Kind({"a.xlsx": book}, roles={"text": "Comment", "label": "Kind"}, labels=COUNTS, used=60, excluded={})


@kind
def a_short_first_row_is_no_title() -> Kind:
    rows = [("A text without its label", ""), *reviews()]
    return Kind({"a.csv": table((), rows)}, header="no", used=60, excluded={"has no label": 1})


def sentences() -> list[tuple[list[str], list[str]]]:
    found = []
    for n in range(30):
        first, last = PEOPLE[n % 3]
        found.append(
            ([first, last, "moved", "to", PLACES[n % 4], "in", str(1990 + n), "."],
             ["B-PER", "I-PER", "O", "O", "B-LOC", "O", "O", "O"])
        )  # fmt: skip
    return found


@kind
def one_word_in_each_row() -> Kind:
    rows = []
    for n, (words, tags) in enumerate(sentences(), start=1):
        for place, (word, tag) in enumerate(zip(words, tags, strict=True)):
            rows.append(("" if place else f"Sentence: {n}", word, "NN", tag))
    return Kind(
        {"ner.csv": table(("Sentence #", "Word", "POS", "Tag"), rows)},
        task="token_classification",
        roles={"tokens": "Word", "tags": "Tag"},
        used=30,
        entities={"PER": 30, "LOC": 30},
        words=240,
    )


@kind
def one_word_in_each_row_with_a_number_in_each() -> Kind:
    rows = [(n, *pair) for n, (words, tags) in enumerate(sentences()) for pair in zip(words, tags, strict=True)]
    return Kind(
        {"ner.tsv": table(("sentence_id", "words", "labels"), rows, delimiter="\t")},
        task="token_classification",
        roles={"tokens": "words", "tags": "labels"},
        used=30,
        entities={"PER": 30, "LOC": 30},
        words=240,
    )


# ── Each file by its own content ────────────────────────────────────────────────────────────────────────────────


@kind
def a_test_file_with_another_delimiter() -> Kind:
    return Kind(
        {
            "train.csv": table(("text", "label"), reviews(), delimiter=";"),
            "dev.csv": table(("text", "label"), reviews(20, 1)),
            "test.tsv": table(("Label", "Text"), [(label, text) for text, label in reviews(20, 2)], delimiter="\t"),
        },
        roles=TEXT_LABEL,
        used=100,
        excluded={},
    )


@kind
def a_test_file_without_a_header() -> Kind:
    return Kind(
        {
            "train.csv": table(("text", "label"), reviews()),
            "val.csv": table(("text", "label"), reviews(20, 1)),
            "test.csv": table((), reviews(20, 2)),
        },
        roles=TEXT_LABEL,
        used=100,
    )


def conll(number: int, shift: int = 0) -> bytes:
    lines = ["\n".join(f"{word} {tag}" for word, tag in zip(*one, strict=True)) for one in sentences()[shift:][:number]]
    return ("\n\n".join(lines) + "\n").encode()


@kind
def a_folder_with_files_named_as_conll_2003() -> Kind:
    files = {"eng.train": conll(20), "eng.testa": conll(5, 20), "eng.testb": conll(5, 25), "README": b"Read me.\n"}
    return Kind(files, task="token_classification", splits={"train": 20, "validation": 5, "test": 5}, is_folder=True)


@kind
def a_folder_with_dev_and_an_extra_file() -> Kind:
    files = {
        "shop.train.tsv": table(("text", "label"), reviews(), delimiter="\t"),
        "shop.dev.tsv": table(("text", "label"), reviews(20, 1), delimiter="\t"),
        "shop.test.tsv": table(("text", "label"), reviews(20, 2), delimiter="\t"),
        "classes.txt": b"pos\nneg\n",
    }
    splits = {"train": 60, "validation": 20, "test": 20}
    return Kind(files, roles=TEXT_LABEL, splits=splits, is_folder=True)


@kind
def a_folder_with_two_test_files() -> Kind:
    files = {
        "train.csv": table(("text", "label"), reviews()),
        "test.csv": table(("text", "label"), reviews(20, 2)),
        "test_labels.csv": table(("id", "label"), [(n, "pos") for n in range(20)]),
    }
    return Kind(files, roles=TEXT_LABEL, splits={"train": 54, "validation": 6, "test": 20}, is_folder=True)


@kind
def a_folder_of_a_contest_whose_test_rows_have_no_label() -> Kind:
    files = {
        "train.csv": table(("id", "text", "target"), [(n, *row) for n, row in enumerate(reviews())]),
        "test.csv": table(("id", "text"), [(n, text) for n, (text, _) in enumerate(reviews(20, 2))]),
        "sample_submission.csv": table(("id", "target"), [(n, "pos") for n in range(20)]),
    }
    roles: dict[str, str | list[str]] = {"text": "text", "label": "target"}
    return Kind(files, roles=roles, used=60, findings=("preparing.data_note.split_not_read",), is_folder=True)


# ── Errors name the file and the cause ──────────────────────────────────────────────────────────────────────────


@kind
def a_validation_file_with_a_header_alone() -> Kind:
    files = {"train.csv": table(("text", "label"), reviews()), "val.csv": b"text,label\n"}
    return Kind(files, error="D10", sentence="val.csv holds the names of columns (text, label) and no row.")


@kind
def a_test_file_without_any_label() -> Kind:
    test = table(("text", "label"), [(text, "") for text, _ in reviews(20, 2)])
    rows = table(("text", "label"), reviews())
    files = {"train.csv": rows, "val.csv": table(("text", "label"), reviews(20, 1)), "test.csv": test}
    return Kind(files, error="D10", sentence="None of the 20 rows of test.csv can be used: row 2 has no label.")


@kind
def the_same_text_in_every_row() -> Kind:
    rows = [("The same text", label) for _, label in reviews()]
    return Kind(
        {"a.csv": table(("text", "label"), rows)}, error="D16", sentence="“text” holds the same in every row of a.csv"
    )


# ── The test ────────────────────────────────────────────────────────────────────────────────────────────────────


def seen(folder: Path, expected: Kind) -> Inspection:
    place = folder / "rows"
    place.mkdir()
    (folder / "scratch").mkdir()
    for name, content in expected.files.items():
        (place / name).write_bytes(content)
    paths = [str(place)] if expected.is_folder else [str(place / name) for name in expected.files]
    return inspect(FileRows(*paths), ignore, scratch=folder / "scratch")


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_of_table_is_read_as_it_is_meant(tmp_path: Path, name: str) -> None:
    expected = KINDS[name]()
    assert differences(seen(tmp_path, expected), expected) == {}
