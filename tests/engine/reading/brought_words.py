"""Kinds of files with a tag for each word that people bring: CoNLL of every shared task, tables and lines of words."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Sequence

from tests.engine.preparing.inspected import Expected
from tests.engine.reading.brought_files import (
    FIRST_NAMES,
    PLACES,
    Tagged,
    any_table,
    as_json,
    counted,
    entities,
    how_many,
    in_scheme,
    kind,
    labelled,
    sentence,
    sentences,
    spans,
    table,
    texts,
    words,
)
from tests.engine.reading.sources_on_disk import workbook_bytes

TOKENS = "token_classification"
_POS = {"O": "NN", ".": "."}


def conll(rows: Sequence[Tagged], form: str = "{word}\t{tag}", *, blank: str = "", scheme: str = "iob2") -> str:
    blocks = []
    for number, row in enumerate(rows):
        tags = in_scheme([tag for _, tag in row], scheme)
        blocks.append(
            "".join(
                form.format(at=at, word=word, tag=tag, doc="nw/doc_0001", part=0, s=number, pos=_pos(word, tag)) + "\n"
                for at, (word, tag) in enumerate(zip((word for word, _ in row), tags, strict=True), start=1)
            )
        )
    return f"{blank}\n".join(blocks)


def _pos(word: str, tag: str) -> str:
    return "NNP" if tag != "O" else "." if not word[0].isalnum() else "CD" if word.isdigit() else "NN"


def read(rows: Sequence[Tagged], files: dict[str, bytes], **further: object) -> Expected:
    """Words and entities of the rows are to be seen in the files."""
    arguments: dict[str, object] = {
        "task": TOKENS,
        "used": len(rows),
        "entities": entities(rows),
        "words": words(rows),
        **further,
    }
    return Expected(files, **arguments)  # type: ignore[arg-type]


# ── CoNLL ───────────────────────────────────────────────────────────────────────────────────────────────────────


@kind("words with tags")
def two_columns(chance: random.Random) -> Expected:
    rows = sentences(chance, how_many(chance))
    sign = chance.choice((" ", "\t"))
    ending = chance.choice(("\n", "\r\n"))
    body = conll(rows, f"{{word}}{sign}{{tag}}", scheme=chance.choice(("iob1", "iob2", "bioes", "bilou")))
    body = chance.choice(("", "\n", "-DOCSTART- -X- O\n\n" if sign == "x" else "")) + body
    encoding = chance.choice(("utf-8", "utf-8-sig"))
    return read(
        rows,
        {
            chance.choice(("a.conll", "a.txt", "a.bio", "train.iob", "a.tsv")): body.replace("\n", ending).encode(
                encoding
            )
        },
        roles={"tokens": "tokens", "tags": "tags"},
    )


@kind("words with tags")
def conll_2003(chance: random.Random) -> Expected:
    rows = sentences(chance, how_many(chance))
    chunk = {"O": "O"}
    form = "{word} {pos} I-NP {tag}"
    body = "-DOCSTART- -X- -X- O\n\n" + conll(rows, form, scheme=chance.choice(("iob1", "iob2")))
    body = body.replace("\n\n", "\n\n", 1).replace("I-NP", chunk.get("", "B-NP") if chance.random() < 0.5 else "I-NP")
    half = body.count("\n\n") // 2
    parts = body.split("\n\n")
    parts.insert(half, "-DOCSTART- -X- -X- O")
    return read(rows, {"eng.train": "\n\n".join(parts).encode()}, roles={"tokens": "tokens", "tags": "tags"})


@kind("words with tags")
def conll_2003_folder(chance: random.Random) -> Expected:
    parts = [sentences(random.Random(seed), 30) for seed in (1, 2, 3)]
    for seed, rows in enumerate(parts):
        rows[:] = [[(f"S{seed}n{n}", "O"), *row] for n, row in enumerate(rows)]
    names = chance.choice(
        (
            ("eng.train", "eng.testa", "eng.testb"),
            ("train.txt", "valid.txt", "test.txt"),
            ("deu.train", "deu.testa", "deu.testb"),
            ("esp.train", "esp.testa", "esp.testb"),
        )
    )
    head = "-DOCSTART- -X- O O\n\n" if chance.random() < 0.5 else ""
    files = {
        name: (head + conll(rows, "{word} {pos} B-NP {tag}")).encode() for name, rows in zip(names, parts, strict=True)
    }
    everything = [row for rows in parts for row in rows]
    return read(everything, files, is_folder=True, splits={"train": 30, "validation": 30, "test": 30})


@kind("words with tags")
def conll_2002(chance: random.Random) -> Expected:
    rows = [[(word.replace("ü", "u"), tag) for word, tag in row] for row in sentences(chance, how_many(chance))]
    body = conll(rows, "{word} {pos} {tag}")
    return read(rows, {"ned.train": body.encode("latin-1", "replace")}, words=0)


@kind("words with tags")
def conll_2000_chunks(chance: random.Random) -> Expected:
    rows = [
        [
            (word, "B-NP" if n == 0 else "I-NP" if n == 1 else "B-VP" if n == 2 else "O")
            for n, (word, _) in enumerate(row)
        ]
        for row in sentences(chance, how_many(chance))
    ]
    return read(
        rows, {"train.txt": conll(rows, "{word} {pos} {tag}").encode()}, roles={"tokens": "tokens", "tags": "tags"}
    )


@kind("words with tags")
def conll_2012(chance: random.Random) -> Expected:
    rows = sentences(chance, how_many(chance))
    body = "#begin document (nw/doc_0001); part 000\n"
    for row in rows:
        for at, (word, tag) in enumerate(row):
            begins, inside = tag.startswith("B-"), tag.startswith("I-")
            ends = (begins or inside) and not (at + 1 < len(row) and row[at + 1][1].startswith("I-"))
            named = (
                f"({tag[2:]})" if begins and ends else f"({tag[2:]}*" if begins else "*)" if inside and ends else "*"
            )
            cells = (
                "nw/doc_0001",
                0,
                at,
                word,
                _pos(word, tag),
                "(TOP*",
                "-",
                "-",
                "-",
                "Speaker",
                named,
                "(ARG0*)",
                "-",
            )
            body += "   ".join(map(str, cells)) + "\n"
        body += "\n"
    body += "#end document\n"
    return read(rows, {"a.gold_conll": body.encode()}, roles={"tokens": "tokens", "tags": "tags"})


@kind("words with tags")
def germeval(chance: random.Random) -> Expected:
    rows = sentences(chance, how_many(chance))
    blocks = []
    for number, row in enumerate(rows):
        block = f"#\thttp://example.org/{number} [2009-10-17]\n" if chance.random() < 0.9 else "#\n"
        for at, (word, tag) in enumerate(row, start=1):
            nested = "B-LOCpart" if tag == "B-ORG" and number % 7 == 0 else "O"
            block += f"{at}\t{word}\t{tag}\t{nested}\n"
        blocks.append(block)
    return read(rows, {"NER-de-train.tsv": "\n".join(blocks).encode()}, roles={"tokens": "tokens 2", "tags": "tags 3"})


@kind("words with tags")
def wnut17(chance: random.Random) -> Expected:
    rows = sentences(chance, how_many(chance))
    renamed = [
        [
            (word, tag.replace("PER", "person").replace("LOC", "location").replace("ORG", "corporation"))
            for word, tag in row
        ]
        for row in rows
    ]
    return read(
        renamed, {"wnut17train.conll": conll(renamed, "{word}\t{tag}", blank=chance.choice(("", "\t"))).encode()}
    )


@kind("words with tags")
def multinerd(chance: random.Random) -> Expected:
    rows = sentences(chance, how_many(chance))
    return read(
        rows,
        {"train_en.tsv": conll(rows, "{at}\t{word}\t{tag}").encode()},
        roles={"tokens": "tokens 2", "tags": "tags"},
    )


@kind("words with tags")
def conllu(chance: random.Random) -> Expected:
    rows = sentences(chance, how_many(chance))
    blocks = []
    for n, row in enumerate(rows):
        block = f"# sent_id = s-{n}\n# text = {' '.join(word for word, _ in row)}\n"
        for at, (word, tag) in enumerate(row, start=1):
            upos = {"NNP": "PROPN", ".": "PUNCT", "CD": "NUM"}.get(_pos(word, tag), "NOUN")
            head, relation = (0, "root") if at == 1 else (1, "dep")
            block += f"{at}\t{word}\t{word.casefold()}\t{upos}\t_\t_\t{head}\t{relation}\t_\t_\n"
        blocks.append(block)
    tags = Counter(
        {"NNP": "PROPN", ".": "PUNCT", "CD": "NUM"}.get(_pos(word, tag), "NOUN") for row in rows for word, tag in row
    )
    return Expected(
        {"en-ud-train.conllu": ("\n".join(blocks) + "\n").encode()},
        task=TOKENS,
        roles={"tokens": "form", "tags": "upos"},
        used=len(rows),
        labels=dict(tags),
        words=words(rows),
    )


@kind("words with tags")
def other_separators_of_prefixes(chance: random.Random) -> Expected:
    rows = sentences(chance, how_many(chance))
    sign = chance.choice(("_", " "))
    body = "\n".join("".join(f"{word}\t{tag.replace('-', sign, 1)}\n" for word, tag in row) for row in rows)
    return read(rows, {"a.conll": body.encode()})


@kind("words with tags")
def prefixes_in_small_letters(chance: random.Random) -> Expected:
    rows = sentences(chance, how_many(chance))
    body = conll(rows, chance.choice(("{word}\t{tag}", "{word} {tag}")))
    made = []
    for line in body.split("\n"):
        cut = max(line.rfind("\t"), line.rfind(" "))
        made.append(line[: cut + 1] + line[cut + 1 :].casefold() if line else line)
    found = {name.casefold(): count for name, count in entities(rows).items()}
    return read(rows, {"a.conll": "\n".join(made).encode()}, entities=found)


@kind("words with tags")
def plain_types(chance: random.Random) -> Expected:
    rows = sentences(chance, how_many(chance))
    return read(rows, {"a.conll": conll(rows, "{word}\t{tag}", scheme="plain").encode()})


@kind("words with tags")
def types_with_hyphens(chance: random.Random) -> Expected:
    rows = [
        [
            (word, tag.replace("PER", "given-name").replace("LOC", "place.city").replace("ORG", "org/firm"))
            for word, tag in row
        ]
        for row in sentences(chance, how_many(chance))
    ]
    return read(rows, {"a.conll": conll(rows, "{word} {tag}", scheme=chance.choice(("iob2", "bioes"))).encode()})


@kind("words with tags")
def parts_of_speech(chance: random.Random) -> Expected:
    rows = sentences(chance, how_many(chance))
    tags = Counter(_pos(word, tag) for row in rows for word, tag in row)
    return Expected(
        {"pos.txt": conll(rows, "{word}\t{pos}").encode()},
        task=TOKENS,
        used=len(rows),
        labels=dict(tags),
        words=words(rows),
    )


@kind("words with tags")
def broken_sentences(chance: random.Random) -> Expected:
    rows = sentences(chance, how_many(chance, least=40))
    blocks = conll(rows, "{word}\t{tag}").split("\n\n")
    blocks[3] = blocks[3].replace("\t", "", 1)
    blocks[8] += "\nloose"
    kept = [row for n, row in enumerate(rows) if n not in (3, 8)]
    return read(
        kept, {"a.conll": ("\n\n".join(blocks)).encode()}, excluded={"has a line with 1 column instead of 2": 2}
    )


@kind("words with tags")
def stray_tags(chance: random.Random) -> Expected:
    rows = sentences(chance, how_many(chance, least=100))
    body = conll(rows, "{word} {tag}", scheme="iob2")
    made = body.split("\n\n")
    made[5] = "Stray I-PER\nhere O"
    rows[5] = [("Stray", "B-PER"), ("here", "O")]
    return read(rows, {"a.conll": "\n\n".join(made).encode()})


@kind("words with tags")
def chinese_characters(chance: random.Random) -> Expected:
    rows: list[Tagged] = []
    for n in range(how_many(chance)):
        name, place = ("王伟", "李明华", "张丽")[n % 3], ("北京", "上海", "广州市")[n % 3]
        row: Tagged = [(name[0], "B-PER"), *((sign, "I-PER") for sign in name[1:])]
        row += [(sign, "O") for sign in f"第{n}次去"] + [
            (place[0], "B-LOC"),
            *((sign, "I-LOC") for sign in place[1:]),
            ("。", "O"),
        ]
        rows.append(row)
    return read(
        rows,
        {
            "example.train": conll(rows, "{word} {tag}", scheme=chance.choice(("iob2", "bioes")))
            .replace(" M-", " M-")
            .encode()
        },
    )


# ── Tables and lines of words ───────────────────────────────────────────────────────────────────────────────────


@kind("words in tables and lines")
def kaggle_ner(chance: random.Random) -> Expected:
    rows = sentences(chance, how_many(chance))
    names = chance.choice(
        (
            ("Sentence #", "Word", "POS", "Tag"),
            ("sentence_id", "words", "pos", "labels"),
            ("sent_id", "token", "pos", "ner_tag"),
            ("Sentence", "Token", "POS", "Label"),
        )
    )
    first_only = names[0] == "Sentence #"
    cells = [
        (f"Sentence: {n}" if first_only and at == 0 else "" if first_only else n, word, _pos(word, tag), tag)
        for n, row in enumerate(rows, start=1)
        for at, (word, tag) in enumerate(row)
    ]
    content = (
        table(names, cells, encoding=chance.choice(("utf-8", "cp1252")))
        if first_only
        else any_table(chance, names, cells)
    )
    return read(rows, {"ner_dataset.csv": content})


@kind("words in tables and lines")
def one_word_per_row_in_a_workbook(chance: random.Random) -> Expected:
    rows = sentences(chance, 24)
    cells = [[n, word, tag] for n, row in enumerate(rows, start=1) for word, tag in row]
    return read(rows, {"ner.xlsx": workbook_bytes({"Sheet1": [["sentence_id", "word", "tag"], *cells]})})


@kind("words in tables and lines")
def lists_of_words(chance: random.Random) -> Expected:
    rows = sentences(chance, how_many(chance))
    names = chance.choice((("tokens", "ner_tags"), ("words", "labels"), ("tokens", "tags"), ("sentence", "tags")))
    records = [
        {"id": str(n), names[0]: [word for word, _ in row], names[1]: [tag for _, tag in row]}
        for n, row in enumerate(rows)
    ]
    name, content = as_json(chance, records)
    return read(rows, {name: content}, roles={"tokens": names[0], "tags": names[1]})


@kind("words in tables and lines")
def lists_of_words_in_cells(chance: random.Random) -> Expected:
    rows = sentences(chance, how_many(chance))
    write = chance.choice((str, json.dumps, " ".join))
    cells = [(n, write([word for word, _ in row]), write([tag for _, tag in row])) for n, row in enumerate(rows)]
    names = chance.choice(
        (
            ("id", "tokens", "ner_tags"),
            ("id", "words", "tags"),
            ("id", "sentence", "labels"),
            ("index", "text", "bio_tags"),
        )
    )
    return read(rows, {"a.csv": table(names, cells)}, roles={"tokens": names[1], "tags": names[2]})


@kind("words in tables and lines")
def kaggle_ner_by_sentence(chance: random.Random) -> Expected:
    rows = sentences(chance, how_many(chance))
    cells = [
        (
            f"Sentence: {n}",
            " ".join(word for word, _ in row),
            str([_pos(*pair) for pair in row]),
            str([tag for _, tag in row]),
        )
        for n, row in enumerate(rows, start=1)
    ]
    return read(
        rows,
        {"ner.csv": table(("Sentence #", "Sentence", "POS", "Tag"), cells)},
        roles={"tokens": "Sentence", "tags": "Tag"},
    )


@kind("words in tables and lines")
def numbers_for_tags(chance: random.Random) -> Expected:
    rows = sentences(chance, how_many(chance))
    number = {"O": 0, "B-PER": 1, "I-PER": 2, "B-ORG": 3, "I-ORG": 4, "B-LOC": 5, "I-LOC": 6}
    records = [
        {"id": str(n), "tokens": [word for word, _ in row], "ner_tags": [number[tag] for _, tag in row]}
        for n, row in enumerate(rows)
    ]
    tags = Counter(str(number[tag]) for row in rows for _, tag in row)
    name, content = as_json(chance, records)
    return Expected(
        {name: content},
        task=TOKENS,
        roles={"tokens": "tokens", "tags": "ner_tags"},
        used=len(rows),
        words=words(rows),
        labels=dict(tags),
    )


@kind("words in tables and lines")
def seq_in_and_seq_out(chance: random.Random) -> Expected:
    rows = [sentence(chance, n) for n in range(60)]
    files = {}
    splits = {"train": 36, "validation": 12, "test": 12}
    has_intents = chance.random() < 0.5
    names = chance.choice((("seq.in", "seq.out"), ("sentences.txt", "tags.txt"), ("words.txt", "labels.txt")))
    for split, part in (("train", rows[:36]), ("valid", rows[36:48]), ("test", rows[48:])):
        files[f"{split}/{names[0]}"] = "".join(" ".join(word for word, _ in row) + "\n" for row in part).encode()
        files[f"{split}/{names[1]}"] = "".join(" ".join(tag for _, tag in row) + "\n" for row in part).encode()
        if has_intents and names[0] == "seq.in":
            files[f"{split}/label"] = "".join(f"intent_{n % 3}\n" for n, _ in enumerate(part)).encode()
    if has_intents and names[0] == "seq.in":
        arguments = ("preparing.data_note.other_labels",)
        return Expected(
            files, roles={"text": "text", "label": "label"}, splits=splits, findings=arguments, is_folder=True
        )
    return read(rows, files, is_folder=True, splits=splits)


@kind("words in tables and lines")
def tweet_eval(chance: random.Random) -> Expected:
    files = {"mapping.txt": b"0\tnegative\n1\tpositive\n"}
    for split, number in (("train", 60), ("val", 24), ("test", 24)):
        rows = labelled(random.Random(split), number, ("1", "0"))
        files[f"{split}_text.txt"] = "".join(f"{text} @user\n" for text, _ in rows).encode()
        files[f"{split}_labels.txt"] = "".join(f"{label}\n" for _, label in rows).encode()
    splits = {"train": 60, "validation": 24, "test": 24}
    return Expected(files, roles={"text": "text", "label": "label"}, splits=splits, is_folder=True)


@kind("words in tables and lines")
def tags_at_words(chance: random.Random) -> Expected:
    rows = sentences(chance, how_many(chance))
    sign = chance.choice("/|_")
    return read(
        rows, {"a.txt": "".join(" ".join(f"{word}{sign}{tag}" for word, tag in row) + "\n" for row in rows).encode()}
    )


@kind("words in tables and lines")
def marks_in_text(chance: random.Random) -> Expected:
    rows = sentences(chance, how_many(chance))
    form = chance.choice(("<{1}>{0}</{1}>", '<ENAMEX TYPE="{1}">{0}</ENAMEX>', "<START:{1}> {0} <END>", "[{0}]({1})"))
    made = []
    for row in rows:
        text, marks = spans(row)
        for start, end, name in reversed(marks):
            text = text[:start] + form.format(text[start:end], name) + text[end:]
        made.append(text)
    return read(rows, {"a.txt": ("\n".join(made) + "\n").encode()})


@kind("words in tables and lines")
def fasttext(chance: random.Random) -> Expected:
    rows = labelled(chance, how_many(chance), ("pos", "neg", "mixed"))
    form = chance.choice(("__label__{1} {0}", "{0} __label__{1}", "__label__{1} , {0}", "__label__{1}\t{0}"))
    return Expected(
        {
            chance.choice(("cooking.train", "a.txt", "a.ft.txt")): "".join(
                form.format(*row) + "\n" for row in rows
            ).encode()
        },
        roles={"text": "text", "label": "label"},
        labels=counted(rows),
        used=len(rows),
    )


@kind("words in tables and lines")
def fasttext_with_several(chance: random.Random) -> Expected:
    names = ("sauce", "bread", "oven")
    number = how_many(chance)
    sets = [chance.sample(names, chance.choice((1, 2, 3))) for _ in range(number)]
    body = "".join(
        " ".join(f"__label__{name}" for name in found) + f" {text}\n"
        for text, found in zip(texts(chance, number), sets, strict=True)
    )
    return Expected(
        {"cooking.stackexchange.txt": body.encode()},
        task="multi_label_classification",
        roles={"text": "text", "labels": "labels"},
        labels={name: sum(name in found for found in sets) for name in names},
        used=number,
    )


@kind("words in tables and lines")
def trec_lines(chance: random.Random) -> Expected:
    names = ("DESC:manner", "ENTY:animal", "NUM:count", "LOC:city")
    body, number = "", how_many(chance, least=60)
    for n in range(number):
        asked = ("How", "What", "Which", "Where")[n % 4]
        body += f"{names[n % 4]} {asked} is the {n}th thing that {FIRST_NAMES[n % 10]} saw in {PLACES[n % 8]} ?\n"
    return Expected(
        {"train_5500.label": body.encode("latin-1")},
        roles={"text": "text", "label": "label"},
        used=number,
        labels={name: sum(n % 4 == place for n in range(number)) for place, name in enumerate(names)},
    )


@kind("words in tables and lines")
def texts_by_line_and_labels_beside(chance: random.Random) -> Expected:
    found = texts(chance, how_many(chance))
    body = "".join(f"{text}, or so we were arguments, by {n} people\n" for n, text in enumerate(found))
    return Expected({"texts.txt": body.encode()}, error="D16", sentence="label")


@kind("words in tables and lines")
def multiconer(chance: random.Random) -> Expected:
    rows = sentences(chance, how_many(chance))
    blocks = [
        f"# id {n:08x}-0000\tdomain=en\n" + "".join(f"{word} _ _ {tag}\n" for word, tag in row)
        for n, row in enumerate(rows)
    ]
    return read(rows, {"en_train.conll": "\n\n".join(blocks).encode()}, roles={"tokens": "tokens", "tags": "tags"})


@kind("words in tables and lines")
def tags_with_a_score(chance: random.Random) -> Expected:
    rows = sentences(chance, how_many(chance))
    return read(
        rows, {"a.tsv": conll(rows, "{s}\t{word}\t{pos}\t{tag}").encode()}, roles={"tokens": "tokens 2", "tags": "tags"}
    )


@kind("words with tags")
def types_of_few_nerd(chance: random.Random) -> Expected:
    renamed = [
        [
            (
                word,
                tag.replace("PER", "person-actor")
                .replace("LOC", "location-GPE")
                .replace("ORG", "organization-company"),
            )
            for word, tag in row
        ]
        for row in sentences(chance, how_many(chance))
    ]
    return read(renamed, {"train.txt": conll(renamed, "{word}\t{tag}", scheme="plain").encode()})


@kind("words with tags")
def tags_without_types(chance: random.Random) -> Expected:
    rows = [
        [(word, tag.replace("PER", "x").replace("LOC", "x").replace("ORG", "x")) for word, tag in row]
        for row in sentences(chance, how_many(chance))
    ]
    sign = chance.choice("\t ")
    body = "\n".join("".join(f"{word}{sign}{tag[0]}\n" for word, tag in row) for row in rows)
    return read(rows, {"train.tsv": body.encode()}, entities={"entity": sum(entities(rows).values())})


@kind("words with tags")
def words_of_other_scripts(chance: random.Random) -> Expected:
    names = chance.choice(
        (
            ("अनीता", "शर्मा", "दिल्ली"),
            ("محمد", "علي", "القاهرة"),
            ("Иван", "Петров", "Москва"),
            ("アンナ", "田中", "東京"),
        )
    )
    rows: list[Tagged] = [
        [(names[0], "B-PER"), (names[1], "I-PER"), (f"{n}", "O"), (names[2], "B-LOC"), (".", "O")]
        for n in range(how_many(chance))
    ]
    encoding = chance.choice(("utf-8", "utf-8-sig", "utf-16"))
    return read(rows, {"a.conll": conll(rows, "{word} {tag}").encode(encoding)})


@kind("words in tables and lines")
def atis_lines(chance: random.Random) -> Expected:
    rows = sentences(chance, how_many(chance))
    intents = [f"atis_{('flight', 'fare')[n % 2]}" for n in range(len(rows))]
    body = "".join(
        f"BOS {' '.join(word for word, _ in row)} EOS\tO {' '.join(tag for _, tag in row)} {intent}\n"
        for row, intent in zip(rows, intents, strict=True)
    )
    return Expected(
        {"atis.train.w-intent.iob": body.encode()},
        roles={"text": "text", "label": "intent"},
        used=len(rows),
        labels=dict(Counter(intents)),
        findings=("preparing.data_note.other_labels",),
    )


@kind("words in tables and lines")
def words_with_another_delimiter(chance: random.Random) -> Expected:
    rows = [[(word.replace(",", "und"), tag) for word, tag in row] for row in sentences(chance, how_many(chance))]
    sign = chance.choice(",;|")
    header = chance.choice(("", f"token{sign}label\n", f"word{sign}tag\n"))
    blank = chance.choice(("\n", f"{sign}\n"))
    body = header + blank.join("".join(f"{word}{sign}{tag}\n" for word, tag in row) for row in rows)
    return read(rows, {"a.csv": body.encode()}, roles={"tokens": "tokens", "tags": "tags"})


@kind("words in tables and lines")
def words_without_sentences(chance: random.Random) -> Expected:
    rows = [pair for row in sentences(chance, 100) for pair in row]
    return Expected(
        {"a.csv": any_table(chance, ("token", "label"), rows, ",;\t")},
        used=len(rows),
        findings=("preparing.question.words_in_rows",),
    )
