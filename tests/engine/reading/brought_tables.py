"""Kinds of tables that people bring: published data sets as they are downloaded, and exports of spreadsheets."""

from __future__ import annotations

import csv
import itertools
import random

from tests.engine.preparing.inspected import Expected
from tests.engine.reading.brought_files import (
    any_table,
    counted,
    how_many,
    kind,
    labelled,
    lines,
    shuffled_columns,
    table,
    text_of,
    texts,
)
from tests.engine.reading.sources_on_disk import jsonl_bytes, parquet_bytes, workbook_bytes, zip_bytes

ASKED = ("preparing.question.label_column",)
MULTI = "multi_label_classification"
_HARD = "one, two", 'a "quoted" word', "semi; colon", "a | bar", "it's", "two\nlines", "ü, ß — “x”"


# ── Text and label ──────────────────────────────────────────────────────────────────────────────────────────────


@kind("text and label")
def any_dialect(chance: random.Random) -> Expected:
    rows = labelled(chance, how_many(chance))
    names = chance.choice((("text", "label"), ("sentence", "class"), ("tweet", "sentiment"), ("Review", "Category")))
    made, cells = shuffled_columns(chance, names, rows)
    return Expected(
        {chance.choice(("a.csv", "a.txt", "a.tsv", "data")): any_table(chance, made, cells)},
        roles={"text": names[0], "label": names[1]},
        labels=counted(rows),
        used=len(rows),
        header="yes",
    )


@kind("text and label")
def cells_with_every_sign(chance: random.Random) -> Expected:
    rows = [(f"{text} ({chance.choice(_HARD)})", label) for text, label in labelled(chance, how_many(chance))]
    delimiter = chance.choice(",;\t|")
    return Expected(
        {"a.csv": table(("id", "text", "label"), [(n, *row) for n, row in enumerate(rows)], delimiter=delimiter)},
        roles={"text": "text", "label": "label"},
        labels=counted(rows),
        used=len(rows),
        delimiters=(delimiter,),
    )


@kind("text and label")
def no_header(chance: random.Random) -> Expected:
    rows = labelled(chance, how_many(chance), chance.choice((("pos", "neg"), ("1", "2"), ("ham", "spam"), ("0", "4"))))
    swap = chance.random() < 0.5
    return Expected(
        {"a.csv": any_table(chance, None, [row[::-1] for row in rows] if swap else rows, ",;\t")},
        roles={"text": "column 2" if swap else "column 1", "label": "column 1" if swap else "column 2"},
        labels=counted(rows),
        used=len(rows),
        header="no",
    )


@kind("text and label")
def tiny_files(chance: random.Random) -> Expected:
    number = chance.randrange(6, 12)
    rows = labelled(chance, number)
    return Expected(
        {"a.csv": any_table(chance, ("text", "label"), rows, ",;\t")},
        roles={"text": "text", "label": "label"},
        labels=counted(rows),
        used=number,
        header="yes",
    )


@kind("text and label")
def three_rows(chance: random.Random) -> Expected:
    rows = labelled(chance, 3, ("good", "bad"))
    return Expected(
        {"a.csv": any_table(chance, ("text", "label"), rows, ",;\t")},
        roles={"text": "text", "label": "label"},
        used=3,
        findings=("one_label_in_training",),
    )


@kind("text and label")
def german_spreadsheet(chance: random.Random) -> Expected:
    rows = labelled(chance, how_many(chance), ("Lob", "Kritik", "Frage"))
    names = chance.choice(
        (("Datum", "Nachricht", "Kategorie"), ("Datum", "Text", "Thema"), ("Datum", "Kommentar", "Klasse"))
    )
    cells = [
        (f"{1 + n % 28:02}.03.2024", f"Für Sie geprüft: {text}".replace("“", '"').replace("”", '"'), label)
        for n, (text, label) in enumerate(rows)
    ]
    encoding = chance.choice(("utf-8", "utf-8-sig", "utf-16"))
    return Expected(
        {"Export.csv": table(names, cells, delimiter=";", ending="\r\n", encoding=encoding)},
        roles={"text": names[1], "label": names[2]},
        labels=counted(rows),
        used=len(rows),
    )


@kind("text and label")
def german_spreadsheet_in_cp1252(chance: random.Random) -> Expected:
    rows = [
        (f"Für größere Geräte völlig überzeugend: {text}", label)
        for text, label in labelled(chance, 40, ("Lob", "Ärger"))
    ]
    return Expected(
        {"Export.csv": table(("Nachricht", "Art"), rows, delimiter=";", ending="\r\n", encoding="cp1252")},
        roles={"text": "Nachricht", "label": "Art"},
        labels=counted(rows),
        used=len(rows),
    )


@kind("text and label")
def ag_news(chance: random.Random) -> Expected:
    number = how_many(chance)
    rows = [(1 + n % 4, f"Note {n} on things", text) for n, text in enumerate(texts(chance, number))]
    return Expected(
        {"train.csv": table(None, rows, quoting=csv.QUOTE_ALL)},
        roles={"text": "column 3", "label": "column 1", "second_text": ""},
        header="no",
        used=number,
        findings=("preparing.data_note.text_not_read",),
    )


@kind("text and label")
def ag_news_with_kaggles_header(chance: random.Random) -> Expected:
    number = how_many(chance)
    rows = [(1 + n % 4, f"Note {n} on things", text) for n, text in enumerate(texts(chance, number))]
    return Expected(
        {"train.csv": table(("Class Index", "Title", "Description"), rows)},
        roles={"text": "Description", "label": "Class Index", "second_text": ""},
        used=number,
        findings=("preparing.data_note.text_not_read",),
    )


@kind("text and label")
def amazon_stars(chance: random.Random) -> Expected:
    number = how_many(chance, least=40)
    rows = [
        {
            "reviewerID": f"A{n:09}X",
            "asin": f"B00{n % 7:07}",
            "reviewerName": f"user {n}",
            "helpful": [n % 3, n % 5],
            "reviewText": text,
            "overall": float(1 + n % 5),
            "summary": ("Fine", "Not so good", "As described")[n % 3],
            "unixReviewTime": 1_300_000_000 + n,
            "reviewTime": f"0{1 + n % 9} 13, 2014",
        }
        for n, text in enumerate(texts(chance, number))
    ]
    return Expected(
        {"reviews.json": lines(rows)},
        roles={"text": "reviewText", "label": "overall"},
        used=number,
    )


@kind("text and label")
def amazon_stars_of_the_hub(chance: random.Random) -> Expected:
    number = how_many(chance, least=40)
    rows = [
        {
            "review_id": f"de_{n:07}",
            "product_id": f"product_de_{n:07}",
            "reviewer_id": f"reviewer_de_{n:07}",
            "stars": str(1 + n % 5),
            "review_body": text,
            "review_title": f"Titel {n} dazu",
            "language": "de",
            "product_category": ("home", "toy", "wireless")[n % 3],
        }
        for n, text in enumerate(texts(chance, number))
    ]
    return Expected({"train.json": lines(rows)}, roles={"text": "review_body", "label": "stars"}, used=number)


@kind("text and label")
def banking77(chance: random.Random) -> Expected:
    names = [f"intent_{n}" for n in range(12)]
    rows = labelled(chance, how_many(chance, least=60), names)
    return Expected(
        {
            "train.csv": table(("text", "category"), rows),
            "test.csv": table(("text", "category"), labelled(chance, 36, names)),
        },
        roles={"text": "text", "label": "category"},
        is_folder=True,
    )


@kind("text and label")
def sst2_of_glue(chance: random.Random) -> Expected:
    rows = [(text.casefold() + " ", label) for text, label in labelled(chance, how_many(chance), ("1", "0"))]
    dev = [(text.casefold() + " n", label) for text, label in labelled(chance, 24, ("1", "0"))]
    return Expected(
        {
            "train.tsv": table(("sentence", "label"), rows, delimiter="\t"),
            "dev.tsv": table(("sentence", "label"), dev, delimiter="\t"),
        },
        roles={"text": "sentence", "label": "label"},
        labels=counted([*rows, *dev]),
        used=len(rows) + len(dev),
        is_folder=True,
    )


@kind("text and label")
def cola_of_glue(chance: random.Random) -> Expected:
    number = how_many(chance)
    rows = [
        (("gj04", "ks08")[n % 2], n % 3 and 1, ("*", "")[bool(n % 3)], text)
        for n, text in enumerate(texts(chance, number))
    ]
    return Expected(
        {"in_domain_train.tsv": table(None, rows, delimiter="\t")},
        roles={"text": "column 4", "label": "column 2"},
        header="no",
        used=number,
    )


@kind("text and label")
def sms_spam(chance: random.Random) -> Expected:
    rows = [
        (label, text.replace(",", "").replace('"', ""))
        for text, label in labelled(chance, how_many(chance), ("ham", "spam"))
    ]
    return Expected(
        {"SMSSpamCollection": "".join(f"{label}\t{text}\n" for label, text in rows).encode()},
        roles={"text": "column 2", "label": "column 1"},
        labels=counted(rows, 0),
        used=len(rows),
        header="no",
    )


@kind("text and label")
def kaggle_spam(chance: random.Random) -> Expected:
    rows = labelled(chance, how_many(chance), ("ham", "spam"))
    cells = [(label, f"{text} €" if n % 9 else text, "", "", "") for n, (text, label) in enumerate(rows)]
    return Expected(
        {"spam.csv": table(("v1", "v2", "", "", ""), cells, encoding=chance.choice(("cp1252", "utf-8")))},
        roles={"text": "v2", "label": "v1"},
        labels=counted(rows),
        used=len(rows),
        header="yes",
    )


@kind("text and label")
def sentences_of_uci(chance: random.Random) -> Expected:
    rows = [
        (text.replace("“", "").replace("”", ""), label)
        for text, label in labelled(chance, how_many(chance), ("1", "0"))
    ]
    return Expected(
        {"yelp_labelled.txt": "".join(f"{text}\t{label}\n" for text, label in rows).encode()},
        roles={"text": "column 1", "label": "column 2"},
        labels=counted(rows),
        used=len(rows),
        header="no",
    )


@kind("text and label")
def twenty_newsgroups(chance: random.Random) -> Expected:
    names = ("alt.lamps", "comp.kettles", "sci.drills")
    split = chance.random() < 0.5
    files = {}
    for part in ("20news-bydate-train/", "20news-bydate-test/") if split else ("",):
        for n in range(30):
            text = text_of(chance, n + 100 * ("test" in part), good=n % 2 > 0)
            body = f"From: someone{n}@example.org\nSubject: no. {n}\n\n{text}\n"
            files[f"{part}{names[n % 3]}/{50_000 + n}"] = body.encode("latin-1", "replace")
    return Expected(
        files,
        roles={"text": "text", "label": "label"},
        labels=dict.fromkeys(names, 20 if split else 10),
        used=len(files),
        is_folder=True,
    )


@kind("text and label")
def imdb_folders(chance: random.Random) -> Expected:
    files = {"aclImdb/README": b"A data set of reviews.\n", "aclImdb/imdb.vocab": b"the\nand\n"}
    for split in ("train", "test"):
        for n in range(24):
            label = ("pos", "neg")[n % 2]
            body = text_of(chance, n + 50 * (split == "test"), good=n % 2 == 0) + "<br /><br />" + "It stayed so. " * 3
            files[f"aclImdb/{split}/{label}/{n}_{7 if n % 2 == 0 else 2}.txt"] = body.encode()
        files[f"aclImdb/{split}/urls_pos.txt"] = b"http://example.org/1\n"
        files[f"aclImdb/{split}/labeledBow.feat"] = b"9 0:9 1:1\n"
    for n in range(6):
        files[f"aclImdb/train/unsup/{n}_0.txt"] = b"A text of which nothing is known."
    return Expected(
        files, roles={"text": "text", "label": "label"}, labels={"pos": 24, "neg": 24}, used=48, is_folder=True
    )


@kind("text and label")
def a_workbook_with_notes(chance: random.Random) -> Expected:
    rows = labelled(chance, how_many(chance), ("good", "bad"))
    titles: list[list[object]] = chance.choice(
        ([], [["Comments of 2024"]], [["Comments of 2024"], [], ["as of", "March"][:1]])
    )
    data = [*titles, ["No.", "Comment", "Category"], *([n, *row] for n, row in enumerate(rows, start=1))]
    sheets = {"Notes": [["How to fill in this file"], ["Choose a category in column C"]], "Data": data}
    if chance.random() < 0.5:
        sheets = {"Data": data, "Key": [["good", "the customer is content"], ["bad", "the customer is not"]]}
    return Expected(
        {"comments.xlsx": workbook_bytes(sheets)},
        roles={"text": "Comment", "label": "Category"},
        labels=counted(rows),
        used=len(rows),
    )


@kind("text and label")
def sheets_for_splits(chance: random.Random) -> Expected:
    parts = {
        name: [["text", "label"], *labelled(chance, 24)]
        for name in chance.choice((("train", "dev", "test"), ("Train", "Test")))
    }
    return Expected({"all.xlsx": workbook_bytes(parts)}, roles={"text": "text", "label": "label"}, used=24 * len(parts))


@kind("text and label")
def a_column_with_the_split(chance: random.Random) -> Expected:
    rows = labelled(chance, how_many(chance, least=60))
    named = chance.choice(
        (
            ("split", "train", "val", "test"),
            ("Usage", "Training", "PublicTest", "PrivateTest"),
            ("set", "TRAIN", "DEV", "TEST"),
            ("partition", "training", "validation", "test"),
        )
    )
    cells = [(*row, named[1] if n % 5 < 3 else named[2] if n % 5 == 3 else named[3]) for n, row in enumerate(rows)]
    return Expected(
        {"a.csv": any_table(chance, ("text", "label", named[0]), cells)},
        roles={"text": "text", "label": "label"},
        used=len(rows),
        splits={
            "train": sum(n % 5 < 3 for n in range(len(rows))),
            "validation": sum(n % 5 == 3 for n in range(len(rows))),
            "test": sum(n % 5 == 4 for n in range(len(rows))),
        },
    )


@kind("text and label")
def folders_with_odd_names_of_splits(chance: random.Random) -> Expected:
    names = chance.choice(
        (
            ("train.csv", "valid.csv", "test.csv"),
            ("my_data-train.csv", "my_data-dev.csv", "my_data-test.csv"),
            ("tweets.train.csv", "tweets.val.csv", "tweets.test.csv"),
            ("train/data.csv", "dev/data.csv", "test/data.csv"),
            ("data/train-00000-of-00001.csv", "data/validation-00000-of-00001.csv", "data/test-00000-of-00001.csv"),
            ("training.csv", "validation.csv", "testing.csv"),
            ("x_TRAIN.txt", "x_DEV.txt", "x_TEST.txt"),
        )
    )
    sizes = (60, 24, 24)
    files = {
        name: any_table(chance, ("text", "label"), labelled(random.Random(size + n), size))
        for n, (name, size) in enumerate(zip(names, sizes, strict=True))
    }
    if chance.random() < 0.5:
        files["README.md"] = b"# What this is\n"
    packed = chance.random() < 0.3
    return Expected(
        {"all.zip": zip_bytes(files)} if packed else files,
        roles={"text": "text", "label": "label"},
        splits={"train": 60, "validation": 24, "test": 24},
        is_folder=not packed,
    )


@kind("text and label")
def each_file_in_its_own_way(chance: random.Random) -> Expected:
    ways = [chance.choice(",;\t|") for _ in range(3)]
    headers = [True, chance.random() < 0.7, chance.random() < 0.7]
    files = {}
    for n, (name, delimiter, header) in enumerate(
        zip(("train.csv", "val.csv", "test.csv"), ways, headers, strict=True)
    ):
        rows = labelled(random.Random(f"{n} {delimiter}"), (60, 24, 24)[n])
        files[name] = table(
            ("text", "label") if header else None,
            rows,
            delimiter=delimiter,
            encoding=chance.choice(("utf-8", "utf-16", "utf-8-sig")),
        )
    return Expected(
        files,
        roles={"text": "text", "label": "label"},
        delimiters=tuple(ways),
        splits={"train": 60, "validation": 24, "test": 24},
    )


@kind("text and label")
def missing_labels(chance: random.Random) -> Expected:
    sign = chance.choice(("", "  "))
    rows = labelled(chance, how_many(chance, least=40))
    cells = [(text, sign if n % 10 == 9 else label) for n, (text, label) in enumerate(rows)]
    left = len([row for row in cells if not row[1].strip()])
    return Expected(
        {"a.csv": table(("text", "label"), cells)},
        roles={"text": "text", "label": "label"},
        used=len(rows) - left,
        excluded={"has no label": left},
    )


@kind("text and label")
def signs_for_no_label(chance: random.Random) -> Expected:
    sign = chance.choice(("nan", "NaN", "None", "NULL", "N/A", "null", "-", "#N/A", "n/a"))
    rows = [
        (text, sign if n % 6 == 5 else label)
        for n, (text, label) in enumerate(labelled(chance, how_many(chance, least=40)))
    ]
    named = [{"text": text, "label": label} for text, label in rows]
    as_lines = chance.random() < 0.5
    return Expected(
        {"a.jsonl": lines(named)} if as_lines else {"a.csv": table(("text", "label"), rows)},
        roles={"text": "text", "label": "label"},
        used=len(rows),
        findings=("no_label",),
    )


@kind("text and label")
def broken_rows(chance: random.Random) -> Expected:
    rows = labelled(chance, how_many(chance, least=40))
    written = table(("id", "text", "label"), [(n, *row) for n, row in enumerate(rows)]).decode().split("\n")
    written.insert(10, "77,only two cells")
    written.insert(20, "78,one,too,many")
    return Expected(
        {"a.csv": "\n".join(written).encode()},
        roles={"text": "text", "label": "label"},
        used=len(rows),
        excluded={"has 2 columns instead of 3": 1, "has 4 columns instead of 3": 1},
    )


@kind("text and label")
def misread_utf8(chance: random.Random) -> Expected:
    rows = [(f"{text} – it’s für “us”", label) for text, label in labelled(chance, how_many(chance))]
    body = table(("text", "label"), rows).decode()
    # Readers leave the codes without a character in Windows-1252 as they are; some programs drop them.
    is_whole = chance.random() < 0.5
    broken = "".join(
        bytes([code]).decode("cp1252", "ignore") or (chr(code) if is_whole else "") for code in body.encode()
    )
    return Expected(
        {"a.csv": broken.encode()},
        roles={"text": "text", "label": "label"},
        used=len(rows),
        findings=("misread_text" if is_whole else "damaged_text",),
    )


@kind("text and label")
def names_beside_numbers(chance: random.Random) -> Expected:
    rows = labelled(chance, how_many(chance), ("negative", "positive", "neutral"))
    numbers = {"negative": 0, "positive": 1, "neutral": 2}
    names = chance.choice((("label", "label_text"), ("label", "label_name"), ("sentiment", "sentiment_label")))
    made, cells = shuffled_columns(chance, ("text", *names), [(text, numbers[label], label) for text, label in rows])
    return Expected(
        {"a.csv": any_table(chance, made, cells)}, roles={"text": "text", "label": names[1]}, labels=counted(rows)
    )


@kind("text and label")
def an_index_of_pandas(chance: random.Random) -> Expected:
    rows = labelled(chance, how_many(chance), chance.choice((("pos", "neg"), ("0", "1"))))
    return Expected(
        {"a.csv": table(("", "text", "label"), [(n, *row) for n, row in enumerate(rows)])},
        roles={"text": "text", "label": "label"},
        labels=counted(rows),
        used=len(rows),
        header="yes",
    )


@kind("text and label")
def a_survey_with_many_columns(chance: random.Random) -> Expected:
    rows = labelled(chance, how_many(chance, least=60), ("Billing", "Delivery", "Defect"))
    cells = [
        (
            n,
            f"2024-03-{1 + n % 28:02} 10:{n % 60:02}",
            f"user{n}@example.org",
            f"https://example.org/t/{n}",
            ("mail", "phone")[n % 2],
            1 + n % 5,
            text,
            label,
        )
        for n, (text, label) in enumerate(rows)
    ]
    names = ("Ticket ID", "Created", "E-mail", "Link", "Channel", "Priority", "Message", "Category")
    made, cells2 = shuffled_columns(chance, names, cells)
    return Expected(
        {"tickets.csv": any_table(chance, made, cells2)},
        roles={"text": "Message", "label": "Category"},
        labels=counted(rows),
        used=len(rows),
    )


@kind("text and label")
def classes_as_long_as_sentences(chance: random.Random) -> Expected:
    asks = "The customer asks when the parcel will arrive, and wants a date"
    names = (asks, "The customer reports a defect of the device, shortly after it came", f"{asks} for its return, too")
    rows = labelled(chance, how_many(chance), names)
    called = chance.choice(("label", "labels", "class", "Category", "categories"))
    made, cells = shuffled_columns(chance, ("text", called), [(text[:40], label) for text, label in rows])
    return Expected(
        {"a.csv": any_table(chance, made, cells)},
        roles={"text": "text", "label": called, "second_text": ""},
        labels=counted(rows),
        used=len(rows),
    )


@kind("text and label")
def a_text_written_twice(chance: random.Random) -> Expected:
    rows = labelled(chance, how_many(chance))
    first, second = chance.choice((("text", "text_copy"), ("sentence1", "sentence2"), ("tweet", "clean tweet")))
    # A copy may be a cleaned one, which nobody calls a second sentence.
    is_cleaned = second != "sentence2" and chance.random() < 0.5
    cells = [
        (text, "".join(sign for sign in text.lower() if sign.isalpha() or sign == " ") if is_cleaned else text, label)
        for text, label in rows
    ]
    return Expected(
        {"a.csv": any_table(chance, (first, second, "label"), cells)},
        roles={"text": first, "second_text": "", "label": "label"},
        labels=counted(rows),
        used=len(rows),
    )


@kind("text and label")
def label_columns_without_a_known_name(chance: random.Random) -> Expected:
    rows = labelled(chance, how_many(chance, least=60), ("Rechnung", "Versand", "Technik"))
    cells = [(("Mail", "Telefon")[n % 2], text, label) for n, (text, label) in enumerate(rows)]
    return Expected(
        {"a.csv": any_table(chance, ("Kanal", "Anliegen", "Sachgebiet"), cells, ";\t")},
        roles={"text": "Anliegen", "label": "Sachgebiet"},
        findings=ASKED,
    )


# ── Several labels ──────────────────────────────────────────────────────────────────────────────────────────────


@kind("several labels")
def pairs_of_numbers_that_rise(chance: random.Random) -> Expected:
    pairs = [pair for _ in range(4) for pair in itertools.combinations(range(chance.randint(5, 9)), 2)]
    cells = [(text, f"{one},{other}") for text, (one, other) in zip(texts(chance, len(pairs)), pairs, strict=True)]
    return Expected(
        {"a.csv": any_table(chance, ("text", "label"), cells, ";\t")},
        task=MULTI,
        roles={"text": "text", "labels": "label"},
        used=len(cells),
    )


@kind("several labels")
def pairs_of_numbers_in_no_order(chance: random.Random) -> Expected:
    pairs = [chance.sample(range(chance.randint(5, 7)), 2) for _ in range(how_many(chance, least=60))]
    cells = [(text, f"{one},{other}") for text, (one, other) in zip(texts(chance, len(pairs)), pairs, strict=True)]
    return Expected(
        {"a.csv": any_table(chance, ("text", "label"), cells, ";\t")},
        task="regression",
        used=len(cells),
        findings=("preparing.question.decimals_or_labels",),
    )


@kind("several labels")
def marks_or_nothing(chance: random.Random) -> Expected:
    names = chance.sample(("Billing", "Delivery", "Defect", "Praise", "Return"), chance.randint(2, 5))
    sign = chance.choice(("x", "X", "1", "✓", "yes"))
    number = how_many(chance, least=60)
    marks = [[chance.random() < 0.4 for _ in names] for _ in range(number)]
    for place in range(len(names)):
        marks[place] = [place == other for other in range(len(names))]
    rows = [[n, text, *(sign * mark for mark in marks[n])] for n, text in enumerate(texts(chance, number))]
    head = ["No.", "Message", *names]
    as_sheet = chance.random() < 0.3
    return Expected(
        {"a.xlsx": workbook_bytes({"Sheet1": [head, *rows]})} if as_sheet else {"a.csv": any_table(chance, head, rows)},
        task=MULTI,
        roles={"text": "Message", "label_columns": names},
        labels={name: sum(row[place] for row in marks) for place, name in enumerate(names)},
        used=number,
    )


@kind("several labels")
def toxic_comments(chance: random.Random) -> Expected:
    names = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")
    number = how_many(chance, least=60)
    marks = [[int(chance.random() < 0.3) for _ in names] for _ in range(number)]
    for place in range(len(names)):
        marks[place][place] = marks[place + 6][place] = 1
    cells = [(f"{n:016x}", text, *marks[n]) for n, text in enumerate(texts(chance, number))]
    return Expected(
        {"train.csv": table(("id", "comment_text", *names), cells)},
        task=MULTI,
        roles={"text": "comment_text", "label_columns": list(names)},
        labels={name: sum(row[place] for row in marks) for place, name in enumerate(names)},
        used=number,
    )


@kind("several labels")
def goemotions_columns(chance: random.Random) -> Expected:
    names = ("admiration", "amusement", "anger", "neutral")
    number = how_many(chance, least=60)
    cells = [
        (
            text,
            f"e{n:06}",
            f"user{n % 9}",
            "games",
            f"t3_{n}",
            f"t1_{n}",
            1_546_000_000.0 + n,
            n % 80,
            n % 10 == 9,
            *(int(n % 4 == place or n % 7 == place) for place in range(4)),
        )
        for n, text in enumerate(texts(chance, number))
    ]
    head = (
        "text",
        "id",
        "author",
        "subreddit",
        "link_id",
        "parent_id",
        "created_utc",
        "rater_id",
        "example_very_unclear",
    )
    return Expected(
        {"goemotions_1.csv": table((*head, *names), cells)},
        task=MULTI,
        roles={"text": "text", "label_columns": list(names)},
        used=number,
    )


@kind("several labels")
def goemotions_numbers(chance: random.Random) -> Expected:
    number = how_many(chance, least=100)
    sets = [sorted(chance.sample(range(12), chance.choice((1, 1, 1, 2, 3)))) for _ in range(number)]
    cells = [
        (text, ",".join(map(str, found)), f"ed{n:05}")
        for n, (text, found) in enumerate(zip(texts(chance, number), sets, strict=True))
    ]
    return Expected(
        {"train.tsv": table(None, cells, delimiter="\t")},
        task=MULTI,
        roles={"text": "column 1", "labels": "column 2"},
        used=number,
        labels={str(label): count for label in range(12) if (count := sum(label in found for found in sets))},
        header="no",
    )


@kind("several labels")
def lists_as_text(chance: random.Random) -> Expected:
    names = ("billing", "broken", "praise", "delivery")
    number = how_many(chance, least=40)
    sets = [chance.sample(names, chance.choice((1, 1, 2, 3))) for _ in range(number)]
    write = chance.choice(
        (
            str,
            ", ".join,
            "; ".join,
            "|".join,
            lambda found: str(found).replace("'", '"'),
            lambda found: " ".join(map(repr, found)).join("[]"),
        )
    )
    column = chance.choice(("labels", "tags", "topics", "categories"))
    return Expected(
        {
            "a.csv": table(
                ("text", column),
                [(text, write(found)) for text, found in zip(texts(chance, number), sets, strict=True)],
            )
        },
        task=MULTI,
        roles={"text": "text", "labels": column},
        labels={name: sum(name in found for found in sets) for name in names},
        used=number,
    )


@kind("several labels")
def lists_in_json(chance: random.Random) -> Expected:
    names = ("billing", "broken", "praise", "delivery")
    number = how_many(chance, least=40)
    sets = [chance.sample(names, chance.choice((0, 1, 1, 2, 3))) for _ in range(number)]
    column = chance.choice(("labels", "tags", "topics", "categories", "label"))
    rows = [
        {"id": n, "text": text, column: found}
        for n, (text, found) in enumerate(zip(texts(chance, number), sets, strict=True))
    ]
    return Expected(
        {"a.jsonl": lines(rows)},
        task=MULTI,
        roles={"text": "text", "labels": column},
        labels={name: sum(name in found for found in sets) for name in names},
        used=number,
    )


@kind("several labels")
def multi_hot_lists(chance: random.Random) -> Expected:
    width = chance.randrange(3, 8)
    number = how_many(chance, least=40)
    marks = [[int(chance.random() < 0.4) for _ in range(width)] for _ in range(number)]
    for place in range(width):
        marks[place][place] = marks[place + 10][place] = 1
    column = chance.choice(("labels", "label", "targets"))
    if chance.random() < 0.5:
        content = {
            "a.jsonl": lines(
                {"text": text, column: row} for text, row in zip(texts(chance, number), marks, strict=True)
            )
        }
    else:
        content = {
            "a.csv": table(
                ("text", column), [(text, str(row)) for text, row in zip(texts(chance, number), marks, strict=True)]
            )
        }
    return Expected(
        content,
        task=MULTI,
        roles={"text": "text", "labels": column},
        labels={f"{column} {place + 1}": sum(row[place] for row in marks) for place in range(width)},
        used=number,
    )


# ── Pairs and scores ────────────────────────────────────────────────────────────────────────────────────────────


def _pairs(chance: random.Random, number: int) -> list[tuple[str, str, int]]:
    found = []
    for n in range(number):
        one = text_of(chance, n, good=n % 2 == 0)
        same = chance.random() < 0.5
        other = f"{one}, as they say" if same else one.replace("The ", "No ").replace("My ", "Her ") + ", or not"
        found.append((one, other, int(same)))
    return found


@kind("pairs and scores")
def mrpc_of_glue(chance: random.Random) -> Expected:
    pairs = _pairs(chance, how_many(chance))
    cells = [(same, 1_000 + n, 5_000 + n, one, other) for n, (one, other, same) in enumerate(pairs)]
    body = "\n".join(
        "\t".join(map(str, row)) for row in (("Quality", "#1 ID", "#2 ID", "#1 String", "#2 String"), *cells)
    )
    return Expected(
        {"msr_paraphrase_train.txt": ("\ufeff" * chance.randrange(2) + body).encode()},
        roles={"text": "#1 String", "second_text": "#2 String", "label": "Quality"},
        used=len(pairs),
    )


@kind("pairs and scores")
def paws(chance: random.Random) -> Expected:
    pairs = _pairs(chance, how_many(chance))
    header = chance.random() < 0.7
    cells = [(1 + n, *pair) for n, pair in enumerate(pairs)]
    roles: dict[str, str | list[str]] = {"text": "sentence1", "second_text": "sentence2", "label": "label"}
    if not header:
        roles = {"text": "column 2", "second_text": "column 3", "label": "column 4"}
    return Expected(
        {"train.tsv": table(("id", "sentence1", "sentence2", "label") if header else None, cells, delimiter="\t")},
        roles=roles,
        used=len(pairs),
    )


@kind("pairs and scores")
def qqp_of_glue(chance: random.Random) -> Expected:
    pairs = _pairs(chance, how_many(chance))
    cells = [(n, 2 * n, 2 * n + 1, *pair) for n, pair in enumerate(pairs)]
    return Expected(
        {
            "train.tsv": table(
                ("id", "qid1", "qid2", "question1", "question2", "is_duplicate"), cells, delimiter=chance.choice("\t,")
            )
        },
        roles={"text": "question1", "second_text": "question2", "label": "is_duplicate"},
        used=len(pairs),
    )


@kind("pairs and scores")
def snli_lines(chance: random.Random) -> Expected:
    rows = []
    for n, (one, other, _) in enumerate(_pairs(chance, how_many(chance, least=40))):
        label = ("entailment", "neutral", "contradiction", "-")[3 if n % 13 == 12 else n % 3]
        rows.append(
            {
                "annotator_labels": [label] * (1 + n % 2),
                "captionID": f"{n}.jpg#1",
                "gold_label": label,
                "pairID": f"{n}.jpg#1r1n",
                "sentence1": one,
                "sentence1_binary_parse": f"( {one} )",
                "sentence1_parse": f"(ROOT (S {one}))",
                "sentence2": other,
                "sentence2_binary_parse": f"( {other} )",
                "sentence2_parse": f"(ROOT (S {other}))",
            }
        )
    return Expected(
        {"snli_1.0_train.jsonl": lines(rows)},
        roles={"text": "sentence1", "second_text": "sentence2", "label": "gold_label"},
        used=len(rows),
        findings=("no_label",),
    )


@kind("pairs and scores")
def mnli_table(chance: random.Random) -> Expected:
    pairs = _pairs(chance, how_many(chance, least=40))
    names = (
        *(
            "index",
            "promptID",
            "pairID",
            "genre",
            "sentence1_binary_parse",
            "sentence2_binary_parse",
            "sentence1_parse",
        ),
        *("sentence2_parse", "sentence1", "sentence2", "label1", "gold_label"),
    )
    cells = []
    for n, (one, other, _) in enumerate(pairs):
        label = ("entailment", "neutral", "contradiction")[n % 3]
        cells.append(
            (
                n,
                30_000 + n,
                f"{n}n",
                ("fiction", "travel")[n % 2],
                f"( {one} )",
                f"( {other} )",
                f"(ROOT {one})",
                f"(ROOT {other})",
                one,
                other,
                label,
                label,
            )
        )
    body = "\n".join("\t".join(map(str, row)) for row in (names, *cells)) + "\n"
    return Expected(
        {"train.tsv": body.encode()},
        roles={"text": "sentence1", "second_text": "sentence2", "label": "gold_label"},
        used=len(pairs),
    )


@kind("pairs and scores")
def rte_and_qnli(chance: random.Random) -> Expected:
    pairs = _pairs(chance, how_many(chance))
    names = chance.choice((("sentence1", "sentence2"), ("question", "sentence"), ("premise", "hypothesis")))
    cells = [(n, one, other, ("not_entailment", "entailment")[same]) for n, (one, other, same) in enumerate(pairs)]
    return Expected(
        {"train.tsv": table(("index", *names, "label"), cells, delimiter="\t")},
        roles={"text": names[0], "second_text": names[1], "label": "label"},
        used=len(pairs),
    )


@kind("pairs and scores")
def stsb_raw(chance: random.Random) -> Expected:
    pairs = _pairs(chance, how_many(chance, least=40))
    rows = [
        ("main-captions", "MSRvid", "2012test", f"{n:04}", f"{chance.randrange(26) / 5:.3f}", one, other)
        for n, (one, other, _) in enumerate(pairs)
    ]
    body = "".join(
        "\t".join(row) + ("\tlicensed text\tsee README" if n % 11 == 10 else "") + "\n" for n, row in enumerate(rows)
    )
    return Expected(
        {"sts-train.csv": body.encode()},
        task="regression",
        roles={"text": "column 6", "second_text": "column 7", "score": "column 5"},
        header="no",
        used=len(pairs) - len(pairs) // 11,
        excluded={"has 9 columns instead of 7": len(pairs) // 11},
    )


@kind("pairs and scores")
def stsb_of_glue(chance: random.Random) -> Expected:
    pairs = _pairs(chance, how_many(chance, least=40))
    names = ("index", "genre", "filename", "year", "old_index", "source1", "source2", "sentence1", "sentence2", "score")
    cells = [
        (
            n,
            "main-captions",
            "MSRvid",
            "2012test",
            f"{n:04}",
            "none",
            "none",
            one,
            other,
            f"{chance.randrange(26) / 5:.3f}",
        )
        for n, (one, other, _) in enumerate(pairs)
    ]
    return Expected(
        {"train.tsv": table(names, cells, delimiter="\t")},
        task="regression",
        roles={"text": "sentence1", "second_text": "sentence2", "score": "score"},
        used=len(pairs),
    )


@kind("pairs and scores")
def sick(chance: random.Random) -> Expected:
    pairs = _pairs(chance, how_many(chance, least=40))
    cells = [
        (n, one, other, f"{1 + chance.randrange(40) / 10:.1f}", ("NEUTRAL", "ENTAILMENT")[same])
        for n, (one, other, same) in enumerate(pairs)
    ]
    names = ("pair_ID", "sentence_A", "sentence_B", "relatedness_score", "entailment_judgment")
    # Both may be learned: the page has to show that, whichever it proposes.
    return Expected(
        {"SICK_train.txt": table(names, cells, delimiter="\t")},
        task="regression",
        roles={"text": "sentence_A", "second_text": "sentence_B", "score": "relatedness_score"},
        used=len(pairs),
    )


@kind("pairs and scores")
def scores_with_a_comma(chance: random.Random) -> Expected:
    number = how_many(chance, least=40)
    cells = [
        (text, f"{chance.randrange(500) / 100:.2f}".replace(".", ",") + chance.choice(("", " %")))
        for text in texts(chance, number)
    ]
    name = chance.choice(("score", "Bewertung", "value"))
    return Expected(
        {"a.csv": table(("text", name), cells, delimiter=";")},
        task="regression",
        roles={"text": "text", "score": name},
        used=number,
    )


@kind("pairs and scores")
def readability(chance: random.Random) -> Expected:
    number = how_many(chance, least=40)
    cells = [
        (f"c{n:08x}", "", "", text * 3, f"{chance.uniform(-3, 1):.9f}", f"{chance.uniform(0.4, 0.6):.9f}")
        for n, text in enumerate(texts(chance, number))
    ]
    return Expected(
        {"train.csv": table(("id", "url_legal", "license", "excerpt", "target", "standard_error"), cells)},
        task="regression",
        roles={"text": "excerpt", "score": "target"},
        used=number,
    )


# ── Further published sets ──────────────────────────────────────────────────────────────────────────────────────


@kind("text and label")
def hate_speech(chance: random.Random) -> Expected:
    number = how_many(chance, least=60)
    cells = [
        (n, 3 + n % 4, n % 3, (n + 1) % 4, n % 2, n % 3, f"!!! RT @user{n}: {text}")
        for n, text in enumerate(texts(chance, number))
    ]
    names = ("", "count", "hate_speech", "offensive_language", "neither", "class", "tweet")
    return Expected({"labeled_data.csv": table(names, cells)}, roles={"text": "tweet", "label": "class"}, used=number)


@kind("text and label")
def disaster_tweets(chance: random.Random) -> Expected:
    number = how_many(chance, least=60)
    cells = [
        (n, ("", "fire", "flood")[n % 3], ("", "Graz", "Lima")[n % 3], text, n % 2)
        for n, text in enumerate(texts(chance, number))
    ]
    names = ("id", "keyword", "location", "text", "target")
    return Expected({"train.csv": table(names, cells)}, roles={"text": "text", "label": "target"}, used=number)


@kind("text and label")
def yelp_lines(chance: random.Random) -> Expected:
    number = how_many(chance, least=60)
    rows = [
        {
            "review_id": f"r{n:021}",
            "user_id": f"u{n:021}",
            "business_id": f"b{n % 9:021}",
            "stars": 1.0 + n % 5,
            "useful": n % 4,
            "funny": 0,
            "cool": n % 2,
            "text": text,
            "date": "2014-02-05 20:30:30",
        }
        for n, text in enumerate(texts(chance, number))
    ]
    return Expected({"review.json": lines(rows)}, roles={"text": "text", "label": "stars"}, used=number)


@kind("text and label")
def food_reviews(chance: random.Random) -> Expected:
    number = how_many(chance, least=60)
    names = (
        "Id",
        "ProductId",
        "UserId",
        "ProfileName",
        "HelpfulnessNumerator",
        "HelpfulnessDenominator",
        "Score",
        "Time",
        "Summary",
        "Text",
    )
    cells = [
        (
            n,
            f"B{n:08}",
            f"A{n:012}",
            f"Mr {n} Smith",
            n % 3,
            n % 4,
            1 + n % 5,
            1_300_000_000 + n,
            f"Note {n} on it",
            text,
        )
        for n, text in enumerate(texts(chance, number))
    ]
    made = Expected({"Reviews.csv": table(names, cells)}, roles={"text": "Text"}, used=number)
    return made


@kind("text and label")
def news_lines(chance: random.Random) -> Expected:
    number = how_many(chance, least=60)
    rows = [
        {
            "link": f"https://www.example.org/entry/{n}",
            "headline": text,
            "category": ("POLITICS", "SPORTS", "COMEDY")[n % 3],
            "short_description": f"{text}, which is told here at more length than above.",
            "authors": f"Anna Weber{n}",
            "date": "2022-09-23",
        }
        for n, text in enumerate(texts(chance, number))
    ]
    return Expected({"News.json": lines(rows)}, roles={"label": "category"}, used=number)


@kind("text and label")
def emotions_with_semicolons(chance: random.Random) -> Expected:
    files = {}
    for n, (name, size) in enumerate((("train.txt", 60), ("val.txt", 24), ("test.txt", 24))):
        rows = labelled(random.Random(n), size, ("joy", "sadness", "anger"))
        files[name] = "".join(f"{text.lower().replace(';', '')};{label}\n" for text, label in rows).encode()
    return Expected(
        files,
        roles={"text": "column 1", "label": "column 2"},
        splits={"train": 60, "validation": 24, "test": 24},
        is_folder=True,
    )


@kind("text and label")
def stance(chance: random.Random) -> Expected:
    number = how_many(chance, least=60)
    cells = [
        (n, ("Atheism", "Climate")[n % 2], text, ("FAVOR", "AGAINST", "NONE")[n % 3])
        for n, text in enumerate(texts(chance, number))
    ]
    return Expected(
        {"train.txt": table(("ID", "Target", "Tweet", "Stance"), cells, delimiter="\t")},
        roles={"text": "Tweet", "label": "Stance"},
        used=number,
    )


@kind("text and label")
def label_and_text_by_a_space(chance: random.Random) -> Expected:
    rows = labelled(chance, how_many(chance, least=60), ("0", "1"))
    body = "".join(f"{label} {text.lower().replace(',', ' ,')}\n" for text, label in rows)
    return Expected(
        {"stsa.binary.train": body.encode()},
        roles={"text": "text", "label": "label"},
        used=len(rows),
        labels=counted(rows),
    )


@kind("text and label")
def separators_of_several_signs(chance: random.Random) -> Expected:
    sign = chance.choice((" ::: ", "::", " ||| ", " @@@ "))
    number = how_many(chance, least=40)
    rows = labelled(chance, number, ("drama", "comedy"))
    body = "".join(
        sign.join((str(n), f"Title {n} (2009)", label, text.replace(":", ""))) + "\n"
        for n, (text, label) in enumerate(rows)
    )
    return Expected(
        {"train_data.txt": body.encode()},
        roles={"text": "column 4", "label": "column 3"},
        used=number,
        labels=counted(rows),
    )


@kind("text and label")
def intents_in_sections(chance: random.Random) -> Expected:
    form = chance.randrange(3)
    names = ("greet", "bye", "order_status")
    phrases = {name: [f"{name.replace('_', ' ')} number {n}, please" for n in range(10)] for name in names}
    body = ""
    if form == 0:
        body = "".join(
            f"## intent:{name}\n" + "".join(f"- {one}\n" for one in found) + "\n" for name, found in phrases.items()
        )
    elif form == 1:
        body = "".join(f"# {name}\n" + "".join(f"- {one}\n" for one in found) + "\n" for name, found in phrases.items())
    else:
        body = 'version: "3.1"\nnlu:\n' + "".join(
            f"- intent: {name}\n  examples: |\n" + "".join(f"    - {one}\n" for one in found)
            for name, found in phrases.items()
        )
    return Expected(
        {("nlu.md", "app.lu", "nlu.yml")[form]: body.encode()},
        roles={"text": "text", "label": "intent"},
        used=30,
        labels=dict.fromkeys(names, 10),
    )


@kind("pairs and scores")
def boolq_and_anli(chance: random.Random) -> Expected:
    pairs = _pairs(chance, how_many(chance, least=40))
    names = chance.choice(
        (("question", "passage", "answer"), ("context", "hypothesis", "label"), ("claim", "evidence", "label"))
    )
    rows = [
        {
            "uid": f"x{n:06}",
            names[0]: one,
            names[1]: f"{other}. " * 4,
            names[2]: bool(same) if names[2] == "answer" else ("e", "c", "n")[n % 3],
        }
        for n, (one, other, same) in enumerate(pairs)
    ]
    return Expected(
        {"train.jsonl": lines(rows)},
        roles={"text": names[0], "second_text": names[1], "label": names[2]},
        used=len(pairs),
    )


@kind("pairs and scores")
def translated_pairs_with_scores(chance: random.Random) -> Expected:
    pairs = _pairs(chance, how_many(chance, least=40))
    cells = [(one, other, f"{chance.randrange(26) / 5:.1f}") for one, other, _ in pairs]
    names = chance.choice(
        (
            None,
            ("Satz 1", "Satz 2", "Ähnlichkeit"),
            ("phrase_1", "phrase_2", "similitude"),
            ("text_a", "text_b", "score"),
        )
    )
    first, second, score = names or ("column 1", "column 2", "column 3")
    return Expected(
        {"stsb-de.csv": any_table(chance, names, cells, ",;\t")},
        task="regression",
        roles={"text": first, "second_text": second, "score": score},
        used=len(pairs),
    )


@kind("pairs and scores")
def scitail(chance: random.Random) -> Expected:
    pairs = _pairs(chance, how_many(chance, least=40))
    body = "".join(f"{one}\t{other}\t{('neutral', 'entails')[same]}\n" for one, other, same in pairs)
    return Expected(
        {"scitail_train.tsv": body.encode()},
        roles={"text": "column 1", "second_text": "column 2", "label": "column 3"},
        used=len(pairs),
        header="no",
    )


@kind("several labels")
def a_column_never_set_and_one_unknown(chance: random.Random) -> Expected:
    number = how_many(chance, least=60)
    cells = [
        (text, n % 2, (n + 1) % 3 // 2, 0, -1 if n % 12 == 11 else n % 3 // 2)
        for n, text in enumerate(texts(chance, number))
    ]
    left = len([n for n in range(number) if n % 12 == 11])
    return Expected(
        {"a.csv": table(("text", "a", "b", "never", "d"), cells)},
        task=MULTI,
        used=number - left,
        excluded={"has “-1” in d, where 1 or 0 is expected": left},
    )


@kind("text and label")
def a_folder_of_shards(chance: random.Random) -> Expected:
    suffix = chance.choice((".csv", ".jsonl", ".parquet"))
    test = chance.random() < 0.5
    form = chance.choice(("data/train-{:05}-of-00003{}", "part-{:05}{}", "train_{}{}"))
    rows = [labelled(random.Random(f"shard {n}"), 30) for n in range(3)]
    moved = [[(f"{text}, in part {n}", label) for text, label in part] for n, part in enumerate(rows)]
    write = {".csv": lambda part: table(("text", "label"), part), ".parquet": parquet_bytes, ".jsonl": jsonl_bytes}[
        suffix
    ]
    files = {form.format(n, suffix): write(part) for n, part in enumerate(moved)}
    if test and not form.startswith("part"):
        files[f"data/test-00000-of-00001{suffix}" if "data" in form else f"test{suffix}"] = write(labelled(chance, 24))
    number = 90 + 24 * (len(files) - 3)
    return Expected(
        files,
        roles={"text": "text", "label": "label"},
        used=number,
        is_folder=True,
        findings=("reading.note.files_joined",),
    )


@kind("text and label")
def a_table_of_markdown(chance: random.Random) -> Expected:
    rows = labelled(chance, how_many(chance))
    body = "| text | label |\n|:-----|:---:|\n" + "".join(f"| {text} | {label} |\n" for text, label in rows)
    return Expected(
        {"rows.md": body.encode()}, roles={"text": "text", "label": "label"}, labels=counted(rows), used=len(rows)
    )


@kind("text and label")
def a_table_of_fixed_width(chance: random.Random) -> Expected:
    rows = labelled(chance, how_many(chance))
    columns = [("text", max(len(text) for text, _ in rows)), ("label", 5), ("date", 10)]
    chance.shuffle(columns)
    side, gap = chance.choice("<>"), " " * chance.randrange(2, 4)
    cells = [{"text": text, "label": label, "date": f"2026-11-{1 + n % 28:02}"} for n, (text, label) in enumerate(rows)]
    every = [{name: name for name, _ in columns}, *cells]
    body = "".join(gap.join(f"{row[name]:{side}{width}}" for name, width in columns).rstrip() + "\n" for row in every)
    roles: dict[str, str | list[str]] = {"text": "text", "label": "label"}
    return Expected({"rows.txt": body.encode()}, roles=roles, labels=counted(rows), used=len(rows))


@kind("text and label")
def lists_of_python(chance: random.Random) -> Expected:
    rows = labelled(chance, how_many(chance))
    body = chance.choice(("", "DATA = ")) + str(rows)
    roles: dict[str, str | list[str]] = {"text": "column 1", "label": "column 2"}
    return Expected({"rows.txt": body.encode()}, roles=roles, labels=counted(rows), used=len(rows))


@kind("text and label")
def a_file_of_weka(chance: random.Random) -> Expected:
    rows = labelled(chance, how_many(chance))
    body = (
        chance.choice(("@relation x\n", "% made by us\n\n@RELATION 'x y'\n"))
        + "@attribute text string\n@attribute class {pos,neg}\n@data\n"
    )
    body += "".join(f"'{text}',{label}\n" for text, label in rows)
    return Expected({"rows.arff": body.encode()}, task="", error="D11", sentence="Weka")


@kind("pairs and scores")
def grades_with_thirds(chance: random.Random) -> Expected:
    number = how_many(chance, least=60)
    grades = [f"{1 + n % 4},{(0, 3, 7)[n % 3]}" for n in range(number)]
    cells = list(zip(texts(chance, number), grades, strict=True))
    name = chance.choice(("Note", "Bewertung", "rating"))
    roles: dict[str, str | list[str]] = {"text": "Text", "score": name}
    return Expected({"a.csv": table(("Text", name), cells, delimiter=";")}, task="regression", roles=roles, used=number)


@kind("pairs and scores")
def two_columns_of_numbers(chance: random.Random) -> Expected:
    number = how_many(chance, least=40)
    cells = [(text, f"{n % 10 / 10:.2f}", f"{1 - n % 10 / 10:.2f}") for n, text in enumerate(texts(chance, number))]
    names = ("text", "p_pos", "p_neg")
    return Expected({"a.csv": table(names, cells)}, task="regression", used=number, findings=ASKED)
