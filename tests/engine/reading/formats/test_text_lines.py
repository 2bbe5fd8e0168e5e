"""Lines without columns: texts alone, behind labels, with a tag at each word, with marks; and tables are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.contract.inspection import Inspection
from engine.contract.settings import FileRows, ReadingOptions, Roles
from engine.preparing.inspection import inspect
from engine.reading.formats.text_lines import form_of_marks, rows_of
from tests.builders_data import ignore

TEXTS = [
    f"lamp {n}{', and its box,' * (n % 3)} came {('whole', 'broken')[n % 2]}{' ; so Zoë said' * (n % 2)}"
    for n in range(40)
]
NAMES = [("Anna Weber", "PER"), ("Graz", "LOC"), ("Bluefin", "ORG"), ("Li", "PER")]
SENTENCES = [(f"{NAMES[n % 4][0]} was seen on day {n} .", NAMES[n % 4]) for n in range(40)]
WORDS = Roles(tokens="tokens", tags="tags")


def seen(folder: Path, lines: list[str], name: str = "rows.txt") -> Inspection:
    (folder / "scratch").mkdir(exist_ok=True)
    (folder / name).write_text("\n".join(lines) + "\n", "utf-8")
    return inspect(FileRows(str(folder / name)), ignore, scratch=folder / "scratch")


LABELLED = {
    "fastText": lambda n, text: f"__label__{('pos', 'neg')[n % 2]} {text}",
    "fastText behind the text": lambda n, text: f"{text} __label__{('pos', 'neg')[n % 2]}",
    "fastText with commas": lambda n, text: f'__label__{("pos", "neg")[n % 2]} , "{text}"',
    "label before the text": lambda n, text: f"{('pos', 'neg')[n % 2]} {text}",
}


@pytest.mark.parametrize("form", LABELLED)
def test_labels_on_the_line_are_labels(tmp_path: Path, form: str) -> None:
    found = seen(tmp_path, [LABELLED[form](n, text) for n, text in enumerate(TEXTS)])
    assert found.error is None
    assert (found.format, found.task, found.roles) == (
        "lines",
        "text_classification",
        Roles(text="text", label="label"),
    )
    assert (found.rows_in, found.rows_used, found.labels) == (40, 40, {"pos": 20, "neg": 20})
    assert [example["text"] for example in found.examples] == TEXTS[:3]


def test_classes_of_questions_are_labels_and_question_words_are_none(tmp_path: Path) -> None:
    questions = [
        f"{('What is', 'Who saw', 'How far is')[n % 3]} the city of number {n}{', Zoë' * (n % 2)} ?" for n in range(60)
    ]
    found = seen(
        tmp_path, [f"{('DESC:manner', 'HUM:ind', 'NUM:dist')[n % 3]} {text}" for n, text in enumerate(questions)]
    )
    assert found.labels == {"DESC:manner": 20, "HUM:ind": 20, "NUM:dist": 20}
    assert "DESC:manner" in next(one.sentence for one in found.findings if one.id == "reading.note.label_before_text")
    found = seen(tmp_path, questions)
    assert found.error is not None  # there is no label
    assert found.files[0].columns == ("text",)


def test_several_labels_on_a_line_are_several(tmp_path: Path) -> None:
    lines = [f"{'__label__a ' * (n % 2)}__label__{'bc'[n % 3 == 0]} {text}" for n, text in enumerate(TEXTS)]
    found = seen(tmp_path, [*lines, "a line without one"])
    assert (found.task, found.roles.labels) == ("multi_label_classification", "labels")
    assert (found.rows_used, found.labels["a"]) == (40, 20)
    assert found.rows_excluded == {"has no label": 1}


def test_texts_alone_are_all_kept(tmp_path: Path) -> None:
    lines = [*TEXTS, "One without any sign", "a, b, c, and d ; e", 'and "this, one" too']
    (tmp_path / "rows.txt").write_text("\n".join(lines), "utf-8")
    found = rows_of(tmp_path / "rows.txt", ReadingOptions())
    assert found is not None
    assert found.format == "lines"
    assert [row["text"] for row in found.tables[""]()] == lines


TAGGED = {
    "/": lambda words, tags: " ".join(f"{word}/{tag}" for word, tag in zip(words, tags, strict=True)),
    "|": lambda words, tags: " ".join(f"{word}|{tag}" for word, tag in zip(words, tags, strict=True)),
    "_": lambda words, tags: " ".join(f"{word}_{tag}" for word, tag in zip(words, tags, strict=True)),
}


def tags_of(text: str, kind: str, count: int) -> list[str]:
    return [f"B-{kind}", f"I-{kind}"][:count] + ["O"] * (len(text.split()) - count)


@pytest.mark.parametrize("sign", TAGGED)
def test_tags_at_the_words_are_tags(tmp_path: Path, sign: str) -> None:
    lines = [TAGGED[sign](text.split(), tags_of(text, kind, len(name.split()))) for text, (name, kind) in SENTENCES]
    found = seen(tmp_path, lines)
    assert (found.format, found.task, found.roles) == ("lines", "token_classification", WORDS)
    assert (found.rows_used, found.entities) == (40, {"PER": 20, "LOC": 10, "ORG": 10})
    assert found.examples[0]["tokens"] == SENTENCES[0][0].split()


def test_parts_of_speech_at_the_words_are_tags_of_words(tmp_path: Path) -> None:
    lines = [f"The/at jury/nn {word}/vbd on/in day{n}/nn ./." for n, word in enumerate(["said", "met", "ate"] * 10)]
    found = seen(tmp_path, lines)
    assert (found.task, found.words, found.labels["nn"]) == ("token_classification", 180, 60)


MARKED = {
    "elements": "<{kind}>{name}</{kind}>",
    "elements with a type": '<ENAMEX TYPE="{kind}">{name}</ENAMEX>',
    "OpenNLP": "<START:{kind}> {name} <END>",
    "brackets": "[{name}]({kind})",
}


@pytest.mark.parametrize("form", MARKED)
def test_marks_in_the_text_are_entities(tmp_path: Path, form: str) -> None:
    lines = [text.replace(name, MARKED[form].format(kind=kind, name=name)) for text, (name, kind) in SENTENCES]
    found = seen(tmp_path, lines)
    assert (found.format, found.task, found.roles) == ("spans", "token_classification", WORDS)
    assert (found.rows_used, found.entities) == (40, {"PER": 20, "LOC": 10, "ORG": 10})
    assert found.examples[0]["tokens"] == SENTENCES[0][0].split()
    assert found.examples[0]["tags"][:3] == ["B-PER", "I-PER", "O"]


def test_nested_marks_and_html_are_what_they_are(tmp_path: Path) -> None:
    lines = [f"<b>The</b> <ORG>Bank of <LOC>Graz</LOC></ORG> is {n} < 40" for n in range(12)]
    found = seen(tmp_path, lines)
    assert found.entities == {"ORG": 12}  # the longer one; the other is reported
    assert found.examples[0]["tokens"][:4] == ["<", "b", ">", "The"]
    assert any("could not be read as marked" in one.sentence for one in found.findings)


@pytest.mark.parametrize(
    "lines",
    [
        ["text,label", *(f'"{text}",{"ab"[n % 2]}' for n, text in enumerate(TEXTS))],
        [f'"{text}",{"ab"[n % 2]}' for n, text in enumerate(TEXTS)],
        [f"{'ab'[n % 2]}\t{text}" for n, text in enumerate(TEXTS)],
        ["text", *(f'"{text}"' for text in TEXTS)],
        ["id;text", *(f"{n};{text.replace(';', '.')}" for n, text in enumerate(TEXTS))],
        [f"Anna B-PER\nsings{n} O\n" for n in range(20)],
        [f'{{"text": "{text}", "label": "a b"}}' for text in TEXTS],
        ["label,text", *(f"__label__{'ab'[n % 2]},{n}" for n in range(40))],
    ],
)
def test_tables_and_other_formats_are_no_lines(tmp_path: Path, lines: list[str]) -> None:
    (tmp_path / "rows.txt").write_text("\n".join(lines), "utf-8")
    assert rows_of(tmp_path / "rows.txt", ReadingOptions()) is None


def test_any_text_is_read_by_lines_where_that_is_chosen(tmp_path: Path) -> None:
    (tmp_path / "rows.txt").write_text("one line\nand another\n", "utf-8")
    assert rows_of(tmp_path / "rows.txt", ReadingOptions()) is None
    found = rows_of(tmp_path / "rows.txt", ReadingOptions(format="lines"))
    assert found is not None
    assert [row["text"] for row in found.tables[""]()] == ["one line", "and another"]


@pytest.mark.parametrize("header", ["text,labels", "sentence,label", "words,ner"])
def test_tags_joined_in_a_cell_are_tags(tmp_path: Path, header: str) -> None:
    lines = [f"{text},{' '.join(tags_of(text, kind, len(name.split())))}" for text, (name, kind) in SENTENCES]
    found = seen(tmp_path, [header, *lines], "rows.csv")
    text, tags = header.split(",")
    assert (found.task, found.roles) == ("token_classification", Roles(tokens=text, tags=tags))
    assert (found.rows_used, found.entities) == (40, {"PER": 20, "LOC": 10, "ORG": 10})


def test_tags_that_do_not_fit_the_words_are_excluded_by_number(tmp_path: Path) -> None:
    lines = [f"{text},{' '.join(tags_of(text, kind, len(name.split())))}" for text, (name, kind) in SENTENCES]
    found = seen(tmp_path, ["text,labels", *lines, "One more,O O O"], "rows.csv")
    assert (found.rows_used, found.rows_excluded) == (40, {"has 2 words but 3 tags": 1})


# ── Trees and documents ─────────────────────────────────────────────────────────────────────────────────────────


def tree(words: list[str], label: int) -> str:
    """The words as the Stanford Sentiment Treebank writes them: each node in brackets, with a label of its own."""
    inner = f"(2 {words[-1]})"
    for word in reversed(words[1:-1]):
        inner = f"(2 (2 {word}) {inner})"
    return f"({label} (2 {words[0]}) {inner})"


def test_the_label_of_a_tree_is_that_of_its_root_and_its_leaves_are_the_text(tmp_path: Path) -> None:
    texts = [
        ["The", "film", "number", str(n), "is", "-LRB-", ("good", "dull", "odd")[n % 3], "-RRB-", "."]
        for n in range(40)
    ]
    found = seen(tmp_path, [tree(text, (4, 0, 2)[n % 3]) for n, text in enumerate(texts)], "train.txt")
    assert found.error is None
    assert (found.task, found.roles) == ("text_classification", Roles(text="text", label="label"))
    assert (found.rows_used, found.labels) == (40, {"4": 14, "0": 13, "2": 13})
    assert found.examples[0]["text"] == "The film number 0 is ( good ) ."
    assert "reading.note.trees_with_labels" in [one.id for one in found.findings]


WITH_NAMES = [
    (f"{person} lives in {place} since {1_900 + n}", person, place)
    for n in range(40)
    for person, place in [(("Anna", "Tom Reed", "Zoë")[n % 3], ("Graz", "Bad Ischl")[n % 2])]
]
TWO_PARTS = ["{%s:%s}", "{%s|%s}", "{{%s|%s}}", "[%s|%s]", "[[%s||%s]]", "[%s]{%s}", "[%s] {%s}", "[%s][%s]"]
TYPE_FIRST = ["{%s:%s}", "[%s|%s]", "[%s %s]", "[%s: %s]"]


def marked_lines(form: str, person: str, place: str, *, type_first: bool = False) -> str:
    def mark(word: str, label: str) -> str:
        return form % ((label, word) if type_first else (word, label))

    return "".join(
        text.replace(who, mark(who, person)).replace(where, mark(where, place)) + "\n"
        for text, who, where in WITH_NAMES
    )


@pytest.mark.parametrize(
    ("form", "type_first"), [*((form, False) for form in TWO_PARTS), *((form, True) for form in TYPE_FIRST)]
)
def test_marks_of_a_text_and_its_type_are_read(tmp_path: Path, form: str, type_first: bool) -> None:
    # Of the part that is the type there are fewer different ones.
    content = marked_lines(form, "PER", "LOC", type_first=type_first)
    content += (form % (("ORG", "Bluefin") if type_first else ("Bluefin", "ORG"))) + " moved .\n"
    (tmp_path / "rows.txt").write_text(content, "utf-8")
    found = rows_of(tmp_path / "rows.txt", ReadingOptions())
    assert found is not None
    assert found.format == "spans"
    rows = list(found.tables[""]())
    assert [row["text"] for row in rows] == [*(text for text, _, _ in WITH_NAMES), "Bluefin moved ."]
    marks = [(row["text"][mark["start"] : mark["end"]], mark["label"]) for row in rows for mark in row["spans"]]
    expected = [mark for _, who, where in WITH_NAMES for mark in ((who, "PER"), (where, "LOC"))]
    assert marks == [*expected, ("Bluefin", "ORG")]


@pytest.mark.parametrize(
    ("person", "place"),
    [("PER", "PER"), ("a name", "a place")],
    ids=["one type alone", "types of several words"],
)
def test_brackets_that_are_no_marks_stay_in_the_text(person: str, place: str) -> None:
    for form in TWO_PARTS:
        assert form_of_marks(marked_lines(form, person, place).splitlines()) == ""


def test_where_each_part_may_be_the_type_nothing_is_read() -> None:
    texts = [f"{{{('Anna', 'Tom')[n % 2]}:{('PER', 'LOC')[n % 2]}}} came on day {n}" for n in range(40)]
    assert form_of_marks(texts) == ""
    assert form_of_marks([*texts, "{Zoë:PER} came"]) == "{…:…}"


def test_marks_in_a_column_of_a_table_are_named(tmp_path: Path) -> None:
    rows = "".join(f'{n},"{line}"\n' for n, line in enumerate(marked_lines("{%s:%s}", "PER", "LOC").splitlines()))
    (tmp_path / "rows.csv").write_text(f"id,text\n{rows}", "utf-8")
    found = inspect(FileRows(str(tmp_path / "rows.csv")), ignore, scratch=tmp_path)
    ids = [finding.id for finding in found.findings]
    assert "preparing.data_note.marks_in_a_column" in ids
    assert "preparing.data_note.counts_rows" in ids


def test_trees_of_grammar_have_no_labels(tmp_path: Path) -> None:
    found = seen(tmp_path, [f"(S (NP (N film)) (VP (V {word}) (X x{n})))" for n, word in enumerate(["is", "was"] * 20)])
    assert "reading.note.trees_with_labels" not in [one.id for one in found.findings]


@pytest.mark.parametrize("apart", ["", "\n"])
def test_documents_of_pubtator_are_marked_texts(tmp_path: Path, apart: str) -> None:
    lines = []
    for n in range(30):
        title, abstract = f"Naloxone and Zoë{n}", f"In rats {n} naloxone raised the pressure; hypertension followed."
        whole = f"{title} {abstract}"
        lines += [f"{100 + n}|t|{title}", f"{100 + n}|a|{abstract}"]
        for name, kind in (("Naloxone", "Chemical"), ("hypertension", "Disease")):
            start = whole.index(name)
            lines.append(f"{100 + n}\t{start}\t{start + len(name)}\t{name}\t{kind}\tD00{n}")
        lines.append(f"{100 + n}\tCID\tD00{n}\tD0{n}")
        lines += ["", *([""] if apart else [])]
    found = seen(tmp_path, lines, "CDR_Train.PubTator.txt")
    assert found.error is None
    assert (found.task, found.rows_in, found.rows_used) == ("token_classification", 30, 30)
    assert found.entities == {"Chemical": 30, "Disease": 30}
    assert [example["line"] for example in found.examples] == [1, 7 + len(apart), 13 + 2 * len(apart)]
    assert "reading.note.documents_of_pubtator" in [one.id for one in found.findings]


@pytest.mark.parametrize("form", ["[{:02}.03.24, 10:05:07] {}: {}", "{}/3/24, 9:05 PM - {}: {}"])
def test_a_chat_has_times_senders_and_texts(tmp_path: Path, form: str) -> None:
    lines = [form.format(1 + n % 28, ("Anna", "Ben B.")[n % 2], text) for n, text in enumerate(TEXTS)]
    found = seen(tmp_path, [*lines[:5], "and a second line of it", *lines[5:]], "_chat.txt")
    assert (found.format, found.roles.text, found.labels) == ("lines", "text", {"Anna": 20, "Ben B.": 20})
    assert (found.rows_in, found.rows_used) == (41, 40)


FOREIGN = {
    "dump.sql": "-- MySQL dump\nCREATE TABLE `t` (\n `text` text\n);\nINSERT INTO `t` VALUES ('a','b'),('c','d');\n",
    "mail.eml": "From: a@b.c\nTo: d@e.f\nSubject: Offer\nDate: today\n\nDear all,\nsee this.\nBye\nThe sender\n",
    "all.mbox": "From x@y Mon Jan 1 2024\nFrom: x\nSubject: s\n\nDear all, so it is\nsee this.\n\nFrom x@y Mon\n",
    "film.srt": "1\n00:00:01,000 --> 00:00:02,000\nHello there\n\n2\n00:00:03,000 --> 00:00:04,000\nWho is it?\n",
    "film.vtt": "WEBVTT\n\n00:01.000 --> 00:02.000\nHello there\n\n00:03.000 --> 00:04.000\nWho is it, then?\n",
}


@pytest.mark.parametrize("name", FOREIGN)
def test_texts_of_other_programs_are_named_for_what_they_are(tmp_path: Path, name: str) -> None:
    found = seen(tmp_path, FOREIGN[name].splitlines(), name)
    assert found.error is not None
    assert found.error.id == "D11"
    kind = {"sql": "SQL dump", "eml": "an e-mail", "mbox": "an e-mail"}.get(name.split(".")[1], "subtitles")
    assert kind in found.error.sentence


@pytest.mark.parametrize("sign", [",", "\t", ";"])
def test_row_names_of_r_have_a_column_without_a_name(tmp_path: Path, sign: str) -> None:
    rows = [f'"{n + 1}"{sign}"{text}"{sign}"{("good", "bad")[n % 2]}"' for n, text in enumerate(TEXTS)]
    found = seen(tmp_path, [f'"text"{sign}"label"', *rows], "r.csv")
    assert (found.error, found.roles, found.rows_used) == (None, Roles(text="text", label="label"), 40)
    assert found.labels == {"good": 20, "bad": 20}
